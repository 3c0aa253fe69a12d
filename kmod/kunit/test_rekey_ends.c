// SPDX-License-Identifier: GPL-2.0
/*
 * Two ends with core/rekey.c and the slots of kmod/session/keypair.c talk for hours of
 * virtual time over a path that delays, loses and breaks.
 */
#include "lib.h"
#include "../core/rekey.h"

#define S	RTPL_REKEY_S
#define MS	(S / 1000)
#define T0	(100 * S)

struct session {
	u32 id;			/* the same at both ends; 0: empty slot */
	u32 index;		/* this end's number for it */
	u64 born;
	bool ours;
	bool confirmed;
	struct rtpl_simultaneous simultaneous;
};

struct end {
	struct rtpl_rekey r;
	u32 pending;		/* number of the initiation under way */
	struct session now, before, next;
	u64 data_every;		/* ns; 0: sends none */
	u64 data_at;
	/* what was seen */
	unsigned int inits, sessions, up, down, lost, zero, keepalives, tried, unknown;
	u64 without;		/* ns that data had no session */
};

enum { M_INIT, M_RESP, M_CELL };

struct msg {
	u64 at;
	u32 a, b;
	u8 kind, to;
	bool data;
};

#define MSGS	4096

struct world {
	struct kunit *test;
	struct m_rng rng;
	struct end end[2];	/* end 1 prevails, unless */
	bool swapped;
	u64 now;
	u64 delay_min, delay_max;
	u32 loss;		/* per mille */
	u32 lose_cells;		/* so many more of end 0's */
	u32 ids;
	unsigned int n;
	struct msg msg[MSGS];
};

static struct world *world_of(struct kunit *test, u64 seed)
{
	struct world *w = kunit_kzalloc(test, sizeof(*w), GFP_KERNEL);
	int i;

	KUNIT_ASSERT_NOT_NULL(test, w);
	w->test = test;
	w->rng.state = seed;
	w->now = T0;
	w->delay_min = 10 * MS;
	w->delay_max = 12 * MS;
	for (i = 0; i < 2; i++)
		rtpl_rekey_init(&w->end[i].r);
	return w;
}

static void post(struct world *w, int to, u8 kind, u32 a, u32 b, bool data)
{
	if (m_chance(&w->rng, w->loss))
		return;
	if (to == 1 && kind == M_CELL && w->lose_cells) {
		w->lose_cells--;
		return;
	}
	KUNIT_ASSERT_LT(w->test, w->n, MSGS);
	w->msg[w->n++] = (struct msg) {
		.at = w->now + w->delay_min +
		      m_below(&w->rng, w->delay_max - w->delay_min + 1),
		.kind = kind, .to = to, .a = a, .b = b, .data = data,
	};
}

static void happens(struct world *w, int i, enum rtpl_rekey_event e);

static bool usable(const struct world *w, const struct session *s)
{
	return s->id && w->now < s->born + RTPL_REKEY_REJECT_NS;
}

static void send_cell(struct world *w, int i, bool data)
{
	struct end *e = &w->end[i];

	if (!usable(w, &e->now)) {
		if (data)
			happens(w, i, RTPL_REKEY_EV_WANT);
		return;
	}
	post(w, !i, M_CELL, e->now.id, 0, data);
	happens(w, i, data ? RTPL_REKEY_EV_SENT_DATA : RTPL_REKEY_EV_SENT_ALIVE);
}

/* Return: is it there still? */
static bool wipe_old(const struct world *w, struct session *s)
{
	if (usable(w, s))
		return true;
	memset(s, 0, sizeof(*s));
	return false;
}

/* What kmod/session/timers.c and handshake.c do with actions. */
static void happens(struct world *w, int i, enum rtpl_rekey_event event)
{
	struct end *e = &w->end[i];
	unsigned int a = rtpl_rekey(&e->r, event, w->now, m_rand(&w->rng));
	bool left;

	e->up += !!(a & RTPL_REKEY_UP);
	e->down += !!(a & RTPL_REKEY_DOWN);
	e->lost += !!(a & RTPL_REKEY_LOST);
	if (a & RTPL_REKEY_ZERO) {
		e->zero++;
		if (!e->r.trying)
			e->pending = 0;
		left = wipe_old(w, &e->now) | wipe_old(w, &e->before) | wipe_old(w, &e->next) |
		       e->r.trying;
		if (left)
			happens(w, i, RTPL_REKEY_EV_LEFT);
	}
	if (a & RTPL_REKEY_KEEPALIVE) {
		e->keepalives++;
		send_cell(w, i, false);
	}
	if (a & RTPL_REKEY_INITIATE) {
		e->inits++;
		e->pending = ++w->ids;
		post(w, !i, M_INIT, e->pending, 0, false);
	}
}

static void got_init(struct world *w, int i, u32 number)
{
	struct end *e = &w->end[i];

	e->next = (struct session) { .id = ++w->ids, .index = w->ids, .born = w->now };
	rtpl_simultaneous_begin(&e->next.simultaneous, e->pending, w->swapped ? !i : i);
	post(w, !i, M_RESP, number, e->next.id, false);
	happens(w, i, RTPL_REKEY_EV_RESPONDED);
}

static void got_resp(struct world *w, int i, u32 number, u32 id)
{
	struct end *e = &w->end[i];

	if (!e->pending || e->pending != number)
		return;
	e->pending = 0;
	if (!e->r.trying)
		return;
	if (e->next.id)
		rtpl_simultaneous_overtaken(&e->next.simultaneous, number);
	e->before = e->now;
	e->now = (struct session) { .id = id, .index = number, .born = w->now,
				    .ours = true, .confirmed = true };
	e->sessions++;
	happens(w, i, RTPL_REKEY_EV_SESSION);
	send_cell(w, i, false);
}

static void got_cell(struct world *w, int i, u32 id, bool data)
{
	struct end *e = &w->end[i];
	struct session *s = e->now.id == id ? &e->now : e->before.id == id ? &e->before :
			    e->next.id == id ? &e->next : NULL;

	if (!s || !usable(w, s)) {
		e->unknown++;
		return;
	}
	if (!s->confirmed) {
		s->confirmed = true;
		if (rtpl_simultaneous_prevails(&s->simultaneous, e->now.index)) {
			e->before = e->now;
			e->now = e->next;
			memset(&e->next, 0, sizeof(e->next));
			e->sessions++;
			happens(w, i, RTPL_REKEY_EV_CONFIRMED);
		}
	}
	happens(w, i, data ? RTPL_REKEY_EV_RECEIVED_DATA : RTPL_REKEY_EV_RECEIVED_ALIVE);
}

static void start(struct world *w, int i)
{
	w->end[i].data_at = w->now;
	happens(w, i, RTPL_REKEY_EV_START);
}

/* Let @ns pass. Timers are up to 8 ms late, as jiffies are. */
static void pass(struct world *w, u64 ns)
{
	u64 until = w->now + ns, at;
	unsigned int i, k;
	struct msg m;

	for (;;) {
		int who = -1, what = -1;

		at = until;
		for (k = 0; k < w->n; k++)
			if (w->msg[k].at < at) {
				at = w->msg[k].at;
				what = k;
			}
		for (i = 0; i < 2; i++) {
			struct end *e = &w->end[i];
			u64 due = rtpl_rekey_deadline(&e->r);

			if (due < until)
				due = max(due, w->now) + m_below(&w->rng, 8 * MS);
			if (due < at) {
				at = due;
				who = i;
				what = -1;
			}
			if (e->data_every && e->data_at < at) {
				at = e->data_at;
				who = 2 + i;
				what = -1;
			}
		}
		w->now = max(w->now, at);
		if (at >= until)
			break;
		if (what >= 0) {
			m = w->msg[what];
			w->msg[what] = w->msg[--w->n];
			if (m.kind == M_INIT)
				got_init(w, m.to, m.a);
			else if (m.kind == M_RESP)
				got_resp(w, m.to, m.a, m.b);
			else
				got_cell(w, m.to, m.a, m.data);
		} else if (who >= 2) {
			struct end *e = &w->end[who - 2];

			e->data_at += e->data_every;
			e->tried++;
			if (!usable(w, &e->now))
				e->without += e->data_every;
			send_cell(w, who - 2, true);
		} else {
			happens(w, who, RTPL_REKEY_EV_TICK);
		}
	}
}

static bool agree(const struct world *w)
{
	return usable(w, &w->end[0].now) && w->end[0].now.id == w->end[1].now.id;
}

/* Hours of talk: one end renews, every 120 s, and nothing is ever lost. */
static void steady(struct kunit *test)
{
	unsigned int mode, i;
	struct world *w;

	for (mode = 0; mode < 3; mode++) {
		w = world_of(test, mode + 1);
		for (i = 0; i < 2; i++) {
			w->end[i].r.persistent = mode == 1;
			w->end[i].data_every = mode == 1 ? 0 : (i + 1) * 700 * MS;
		}
		if (mode == 2) {
			w->end[1].data_every = 0;
			w->end[0].r.keepalive = 25;
		}
		start(w, 0);
		start(w, 1);
		pass(w, 4 * 3600 * S);
		KUNIT_EXPECT_TRUE(test, agree(w));
		KUNIT_EXPECT_NE(test, w->end[0].now.ours, w->end[1].now.ours);
		for (i = 0; i < 2; i++) {
			struct end *e = &w->end[i];

			KUNIT_EXPECT_EQ(test, e->up, 1U);
			KUNIT_EXPECT_EQ(test, e->down + e->lost + e->zero, 0U);
			KUNIT_EXPECT_EQ(test, e->unknown, 0U);
			KUNIT_EXPECT_GE(test, e->sessions, 4U * 3600 / 122);
			KUNIT_EXPECT_LE(test, e->sessions, 4U * 3600 / 120 + 1);
			KUNIT_EXPECT_LE(test, e->without, 2 * S);
		}
		/* begun by one of them, but for the first */
		KUNIT_EXPECT_LE(test, min(w->end[0].inits, w->end[1].inits), 2U);
	}
}

/* Both begin at the same time, near or far, in order or not: one session in the end. */
static void at_once(struct kunit *test)
{
	unsigned int seed, i, both = 0;
	struct world *w;

	w = world_of(test, 1);
	for (seed = 0; seed < 200; seed++) {
		memset(w->end, 0, sizeof(w->end));
		w->n = 0;
		w->rng.state = seed;
		w->swapped = seed & 1;
		w->delay_min = m_below(&w->rng, 300 * MS);
		w->delay_max = w->delay_min + (seed & 2 ? 0 : m_below(&w->rng, 300 * MS));
		for (i = 0; i < 2; i++) {
			rtpl_rekey_init(&w->end[i].r);
			w->end[i].r.persistent = true;
			w->end[i].data_every = seed & 4 ? 300 * MS : 0;
		}
		start(w, 0);
		pass(w, m_below(&w->rng, 2) * m_below(&w->rng, 200 * MS));
		start(w, 1);
		pass(w, 4 * S);
		/* Reordering may leave each with the other one's session; both work. */
		KUNIT_ASSERT_TRUE(test, usable(w, &w->end[0].now));
		KUNIT_ASSERT_TRUE(test, usable(w, &w->end[1].now));
		if (seed & 2)
			KUNIT_ASSERT_TRUE(test, agree(w));
		both += !agree(w);
		KUNIT_ASSERT_EQ(test, w->end[0].unknown + w->end[1].unknown, 0U);
		/* and for good: the next ones do not multiply */
		w->end[0].inits = 0;
		w->end[1].inits = 0;
		pass(w, 400 * S);
		KUNIT_ASSERT_LE(test, w->end[0].inits + w->end[1].inits, seed & 2 ? 4U : 6U);
		KUNIT_ASSERT_LE(test, w->end[0].unknown + w->end[1].unknown, seed & 2 ? 0U : 3U);
		KUNIT_ASSERT_EQ(test, w->end[0].down + w->end[1].down, 0U);
	}
	KUNIT_EXPECT_LE(test, both, 20U);
}

static void lossy(struct kunit *test)
{
	unsigned int i, loss;
	struct world *w;

	for (loss = 100; loss <= 500; loss += 200) {
		w = world_of(test, loss);
		w->loss = loss;
		w->delay_max = 200 * MS;
		for (i = 0; i < 2; i++)
			w->end[i].data_every = 500 * MS;
		start(w, 0);
		start(w, 1);
		pass(w, 2 * 3600 * S);
		for (i = 0; i < 2; i++) {
			struct end *e = &w->end[i];

			/* At half of all lost: less than 1 % of the time without keys. */
			KUNIT_EXPECT_LT(test, e->without, 2 * 36 * S);
			KUNIT_EXPECT_GE(test, e->sessions, 2U * 3600 / 165);
		}
		w->loss = 0;
		pass(w, 200 * S);
		KUNIT_EXPECT_TRUE(test, agree(w));
	}
}

/* Ten minutes of nothing: told once, and soon over when the path is back. */
static void broken(struct kunit *test)
{
	unsigned int i, persistent;
	struct world *w;

	for (persistent = 0; persistent < 2; persistent++) {
		w = world_of(test, 77 + persistent);
		for (i = 0; i < 2; i++) {
			w->end[i].r.persistent = persistent;
			w->end[i].data_every = S;
		}
		start(w, 0);
		start(w, 1);
		pass(w, 300 * S);
		KUNIT_ASSERT_TRUE(test, agree(w));
		w->loss = 1000;
		pass(w, 600 * S);
		w->loss = 0;
		for (i = 0; i < 2; i++) {
			KUNIT_EXPECT_EQ(test, w->end[i].down, 1U);
			KUNIT_EXPECT_GE(test, w->end[i].lost, 4U);
			KUNIT_EXPECT_LE(test, w->end[i].lost, 7U);
			KUNIT_EXPECT_EQ(test, w->end[i].zero, 1U);
		}
		pass(w, 6 * S);
		KUNIT_EXPECT_TRUE(test, agree(w));
		for (i = 0; i < 2; i++)
			KUNIT_EXPECT_EQ(test, w->end[i].up, 2U);
	}
}

static void forget(struct world *w, int i)
{
	struct end *e = &w->end[i];

	rtpl_rekey_init(&e->r);
	memset(&e->now, 0, sizeof(e->now));
	memset(&e->before, 0, sizeof(e->before));
	memset(&e->next, 0, sizeof(e->next));
	e->pending = 0;
}

/* One end forgets everything, at any moment. */
static void reboots(struct kunit *test)
{
	unsigned int seed, i, mode;
	struct world *w = world_of(test, 1);

	for (seed = 0; seed < 100; seed++) {
		memset(w->end, 0, sizeof(w->end));
		w->n = 0;
		w->rng.state = seed;
		/* who talks: both; only who stays; only who stays, and wants keys always */
		mode = seed % 3;
		for (i = 0; i < 2; i++) {
			rtpl_rekey_init(&w->end[i].r);
			w->end[i].data_every = i || !mode ? 400 * MS : 0;
			w->end[i].r.persistent = i && mode == 2;
		}
		start(w, 0);
		start(w, 1);
		pass(w, 200 * S + m_below(&w->rng, 200) * S);
		KUNIT_ASSERT_TRUE(test, agree(w));
		forget(w, 0);
		start(w, 0);
		pass(w, mode ? 21 * S : S);
		KUNIT_ASSERT_TRUE(test, agree(w));
	}
}

/*
 * Who forgot everything begins anew, and the cell that would prove it is lost:
 * the other end goes on under what is forgotten, but not for long.
 */
static void proof_lost(struct kunit *test)
{
	struct world *w = world_of(test, 8);
	unsigned int unknown;

	w->end[0].r.persistent = true;
	w->end[1].data_every = 100 * MS;
	start(w, 0);
	start(w, 1);
	pass(w, 60 * S);
	KUNIT_ASSERT_TRUE(test, agree(w));
	forget(w, 0);
	w->end[0].r.persistent = true;
	w->lose_cells = 1;
	unknown = w->end[0].unknown;
	start(w, 0);
	pass(w, 10 * S);
	KUNIT_EXPECT_TRUE(test, agree(w));
	KUNIT_EXPECT_GE(test, w->end[0].unknown - unknown, 9U);
	KUNIT_EXPECT_LE(test, w->end[0].unknown - unknown, 12U);
}

/* When nobody has anything to say, nothing is sent, and keys are forgotten. */
static void quiet(struct kunit *test)
{
	struct world *w = world_of(test, 3);
	unsigned int i;

	w->end[0].data_every = S;
	start(w, 0);
	start(w, 1);
	pass(w, 10 * S);
	w->end[0].data_every = 0;
	pass(w, 3600 * S);
	KUNIT_EXPECT_EQ(test, w->end[0].inits, 1U);
	KUNIT_EXPECT_EQ(test, w->end[1].inits, 0U);
	KUNIT_EXPECT_LE(test, w->end[1].keepalives, 2U);
	KUNIT_EXPECT_EQ(test, w->end[0].keepalives, 0U);
	for (i = 0; i < 2; i++) {
		KUNIT_EXPECT_EQ(test, w->end[i].down, 1U);
		KUNIT_EXPECT_EQ(test, w->end[i].zero, 1U);
		KUNIT_EXPECT_EQ(test, w->end[i].lost, 0U);
		KUNIT_EXPECT_EQ(test, w->end[i].now.id, 0U);
		KUNIT_EXPECT_EQ(test, rtpl_rekey_deadline(&w->end[i].r), RTPL_REKEY_NEVER);
	}
}

/* A link at a constant rate to one as it comes that has nothing to say. */
static void stream_to_quiet(struct kunit *test)
{
	struct world *w = world_of(test, 4);
	unsigned int i;

	w->end[0].r.persistent = true;
	w->end[0].r.stream = true;
	start(w, 0);
	start(w, 1);
	for (i = 0; i < 3600; i++) {
		pass(w, S);
		send_cell(w, 0, false);
	}
	KUNIT_EXPECT_TRUE(test, agree(w));
	KUNIT_EXPECT_LE(test, w->end[0].inits, 31U);
	KUNIT_EXPECT_EQ(test, w->end[1].inits, 0U);
	KUNIT_EXPECT_EQ(test, w->end[0].down, 0U);
	/* and it notices when the other one is gone */
	forget(w, 1);
	for (i = 0; i < 260; i++) {
		pass(w, 100 * MS);
		send_cell(w, 0, false);
	}
	KUNIT_EXPECT_TRUE(test, agree(w));
}

static struct kunit_case rtpl_rekey_ends_cases[] = {
	KUNIT_CASE(steady),
	KUNIT_CASE(at_once),
	KUNIT_CASE(lossy),
	KUNIT_CASE(broken),
	KUNIT_CASE(reboots),
	KUNIT_CASE(proof_lost),
	KUNIT_CASE(quiet),
	KUNIT_CASE(stream_to_quiet),
	{}
};

static struct kunit_suite rtpl_rekey_ends_suite = {
	.name = "rtpl_rekey_ends",
	.test_cases = rtpl_rekey_ends_cases,
};

kunit_test_suite(rtpl_rekey_ends_suite);
