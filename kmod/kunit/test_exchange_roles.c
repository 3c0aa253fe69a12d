// SPDX-License-Identifier: GPL-2.0
/*
 * Exchanges (core/sched_exchange.c): who asks and who answers, how an exchange ends, and what two
 * ends do whose clocks, paths or profiles change.
 */
#include "exchange_ends.h"

/* Where every request of one cell has cover. A request of it now: does the other end cover? */
static bool covered(struct x_pair *x, int who)
{
	u32 n = x_count(x, !who, X_COVER);

	x_queue(x, who, 900);
	x_run(x, x->now + X_PACE + X_DELAY + 2 * X_SLOT + L_MS);
	return x_count(x, !who, X_COVER) > n;
}

static struct x_tables *covering(struct kunit *test)
{
	struct x_tables *t = x_tables(test);
	u8 i;

	for (i = 0; i < 3; i++) {
		x_row(t, X_KEY(PLAN, i, i, 0, 0, 0));
		x_choice(t, 100, RTPL_EXCHANGE_COVER, 0);
	}
	return t;
}

/* As long as cover may last, and more than the path. */
#define QUIET(t)	(((t)->x.most + (t)->x.linger) * X_SLOT + X_DELAY)

/* A large answer to a small request waits for its slot's end, is padded, and keeps the roles. */
static void small_request(struct kunit *test)
{
	struct x_tables *t = covering(test);
	struct x_pair *x = x_pair(test, t);
	u64 slot = X_START + X_DELAY + X_SLOT;

	x_queue(x, X_A, 60);
	x_run(x, X_START + 30 * L_MS);
	x_queue(x, X_B, 3000);
	x_run(x, X_START + L_SEC / 2);
	EXPECT_CELLS(test, x, X_B, { slot, X_CELL }, { slot + X_PACE, X_CELL },
		     { slot + 2 * X_PACE, X_CELL }, { slot + 3 * X_PACE, X_CELL },
		     { slot + 4 * X_PACE, X_CELL }, { slot + X_SLOT, X_SMALL },
		     { slot + 2 * X_SLOT, X_SMALL });
	KUNIT_EXPECT_TRUE(test, covered(x, X_A));
	EXPECT_SOUND(test, x);

	/* Behind an answer it is another: of two cells, not more of one beyond the tables. */
	x = x_pair(test, t);
	x_queue(x, X_A, 60);
	x_run(x, X_START + 30 * L_MS);
	x_queue(x, X_B, 11000);
	x_run(x, X_START + 3 * X_SLOT);		/* it lingers still, */
	x_run(x, x->now + 6 * X_SLOT);		/* and roles last for two more */
	KUNIT_EXPECT_EQ(test, x->end[X_B].st.exchange.exchanges, 1);
	x_queue(x, X_A, 60);
	x_run(x, x->now + 30 * L_MS);
	x->n_log = 0;
	x_queue(x, X_B, 900);
	x_run(x, x->now + X_SLOT);
	KUNIT_EXPECT_EQ(test, x->bytes[X_B], 12000 + 2 * X_COVER + 2 * X_SMALL);
	KUNIT_EXPECT_EQ(test, x_count(x, X_B, X_CELL), 1);
	KUNIT_EXPECT_EQ(test, x_count(x, X_B, 2 * X_COVER - X_CELL), 1);
	EXPECT_SOUND(test, x);
}

/* When an answer is over for long enough the other end may ask, long before the idle time. */
static void roles_turn(struct kunit *test)
{
	struct x_tables *t = covering(test);
	struct x_pair *x = x_pair(test, t);
	u32 i;

	for (i = 0; i < 6; i++) {
		KUNIT_EXPECT_TRUE(test, covered(x, i % 2));
		x_queue(x, !(i % 2), i % 3 ? 900 : 3000);
		x_run(x, x->now + L_SEC / 2);
		x->n_log = 0;
		x_run(x, x->now + QUIET(t));
		KUNIT_EXPECT_LT(test, x->n_log, 5);	/* it was over */
	}
	/* Sooner than that it is more of the answer: at the end of a slot, and no request. */
	KUNIT_EXPECT_TRUE(test, covered(x, X_A));
	x_queue(x, X_B, 3000);
	x_run(x, x->now + 5 * X_SLOT);
	x->n_log = 0;
	x_queue(x, X_B, 900);
	x_run(x, x->now + 5 * X_SLOT);
	KUNIT_EXPECT_EQ(test, x->end[X_B].queued, 0);
	KUNIT_EXPECT_EQ(test, x_count(x, X_A, X_COVER), 0);
	KUNIT_EXPECT_TRUE(test, covered(x, X_A));
	EXPECT_SOUND(test, x);
}

/* Both ask at once: no cover for either, and for whoever asks when that is over. */
static void both_ask(struct kunit *test)
{
	struct x_tables *t = covering(test);
	struct x_pair *x;
	int who;

	for (who = X_A; who <= X_B; who++) {
		x = x_pair(test, t);
		x_queue(x, X_A, 900);
		x_queue(x, X_B, 900);
		x_run(x, X_START + X_SLOT);
		x_queue(x, X_A, 900);		/* answers */
		x_queue(x, X_B, 900);
		x_run(x, X_START + 3 * X_SLOT);
		KUNIT_EXPECT_EQ(test, x->end[X_A].queued + x->end[X_B].queued, 0);
		KUNIT_EXPECT_EQ(test, x_count(x, X_A, X_COVER) + x_count(x, X_B, X_COVER), 0);
		x_run(x, x->now + QUIET(t));
		KUNIT_EXPECT_TRUE(test, covered(x, who));
		EXPECT_SOUND(test, x);
	}
}

/* Nobody asked: what is pushed is a request, and a request within its answer is an answer. */
static void pushed(struct kunit *test)
{
	struct x_tables *t = covering(test);
	struct x_pair *x = x_pair(test, t);

	KUNIT_EXPECT_TRUE(test, covered(x, X_B));
	x_queue(x, X_A, 900);
	x_run(x, x->now + X_SLOT);
	KUNIT_EXPECT_EQ(test, x->end[X_A].queued, 0);
	x_run(x, x->now + L_SEC / 2 + QUIET(t));
	KUNIT_EXPECT_TRUE(test, covered(x, X_A));
	EXPECT_SOUND(test, x);
}

/*
 * A request without end: what answers it that is large waits for so many slots, padded by its own
 * volume, and whoever asks next has cover.
 */
static void endless(struct kunit *test)
{
	struct x_tables *t = covering(test);
	struct x_pair *x = x_pair(test, t);
	u32 i, n;

	for (i = 0; i < 1000; i++) {
		x_queue(x, X_A, 1000);
		if (i % 300 == 150)
			x_queue(x, X_B, 3000);
		x_run(x, x->now + 3 * L_MS);
	}
	/* Replies take most of it. */
	KUNIT_EXPECT_EQ(test, x_count(x, X_B, X_CELL), 3);
	KUNIT_EXPECT_EQ(test, x_count(x, X_B, 2 * X_COVER - X_CELL), 3);
	KUNIT_EXPECT_LE(test, x->delay, t->x.spread * X_SLOT + 5 * X_PACE);
	x_run(x, x->now + L_SEC);
	n = x_count(x, X_B, X_COVER);
	KUNIT_EXPECT_GT(test, n, 0);
	x->n_log = 0;
	KUNIT_EXPECT_TRUE(test, covered(x, X_A));
	EXPECT_SOUND(test, x);
}

/* Small data that goes either way without a pause, beside what is large: how long it waits. */
static void small_both_ways(struct kunit *test)
{
	/* who is large, and how often; who has cover */
	static const struct {
		u32 every, slots;
		bool answers, covers;
	} try[] = {
		{ 1, 1, false, false },		/* a request without end */
		{ 1, 1, false, true },
		{ 1, 2, true, false },		/* an answer without end */
		{ 0, 1, false, false },		/* a request that is not answered */
		{ 0, 3, false, true },
	};
	struct x_tables *t;
	struct x_pair *x;
	u32 i, k;

	for (k = 0; k < ARRAY_SIZE(try); k++) {
		t = try[k].covers ? covering(test) : x_tables(test);
		x = x_pair(test, t);
		x_queue(x, X_A, 900);
		x_run(x, X_HEARD + (try[k].every ? 0 : X_REPLY));
		x->delay = 0;
		for (i = 0; i < 1000; i++) {
			if (try[k].every)
				x_queue(x, try[k].answers, 1000);
			x_queue(x, !try[k].answers, 100);
			x_run(x, x->now + 2 * L_MS);
		}
		/* While a request goes beyond the tables the last target's steps. */
		KUNIT_EXPECT_LE(test, x->delay, try[k].slots * X_SLOT + 6 * X_PACE);
		x_run(x, x->now + 2 * X_SLOT);
		KUNIT_EXPECT_EQ(test, x->end[X_A].queued + x->end[X_B].queued, 0);
		EXPECT_SOUND(test, x);
	}
}

/* A transfer is one answer, whatever acknowledges it: none of that is a request. */
static void acknowledged(struct kunit *test)
{
	struct x_pair *x = x_pair(test, covering(test));
	u32 i;

	x_queue(x, X_A, 900);
	x_run(x, X_HEARD + X_REPLY);
	for (i = 0; i < 200; i++) {
		x_queue(x, X_B, 1000);
		x_run(x, x->now + (i < 100 ? 3 * L_MS : 2 * X_SLOT));
		x_queue(x, X_A, 52);
		x_run(x, x->now + (i < 100 ? 3 * L_MS : 2 * X_SLOT));
	}
	KUNIT_EXPECT_EQ(test, x_count(x, X_A, X_CELL), 1);
	KUNIT_EXPECT_EQ(test, x->end[X_B].st.exchange.exchanges, 1);
	x_run(x, x->now + L_SEC);
	KUNIT_EXPECT_EQ(test, x->end[X_A].queued + x->end[X_B].queued, 0);
	EXPECT_SOUND(test, x);
}

/* Requests one behind the other, before their answers: cover goes on, and each is answered. */
static void pipelined(struct kunit *test)
{
	struct x_tables *t = covering(test);
	struct x_pair *x = x_pair(test, t);
	u32 i;

	for (i = 0; i < 4; i++) {
		x_queue(x, X_A, 900);
		x_run(x, x->now + 130 * L_MS);
	}
	KUNIT_EXPECT_GE(test, x_count(x, X_B, X_COVER), 4);
	for (i = 0; i < 4; i++) {
		x_queue(x, X_B, 2500);
		x_run(x, x->now + X_SLOT + 2 * X_PACE);
		KUNIT_EXPECT_EQ(test, x->end[X_B].queued, 0);
	}
	/* Each is padded: two up to 12000 bytes, and two whose data is not beyond that. */
	KUNIT_EXPECT_EQ(test, x_count(x, X_B, X_CELL), 4 * 5);
	x_run(x, x->now + L_SEC / 2);
	KUNIT_EXPECT_TRUE(test, covered(x, X_A));
	EXPECT_SOUND(test, x);
}

/*
 * Chaff does not make an answer one beyond the tables: 7000 bytes behind 2500, which were padded to
 * 6000, are padded to a target of their own. What follows 12000 of data leaves as it is.
 */
static void chaff_counts_not(struct kunit *test)
{
	struct x_tables *t = x_tables(test);
	struct x_pair *x = x_pair(test, t);
	static const struct {
		u32 bytes, cells;
	} sent[] = { { 2500, 5 }, { 7000, 10 }, { 7000, 6 } };
	u32 before, i;

	x_queue(x, X_A, 60);
	x_run(x, X_START + 30 * L_MS);
	for (i = 0; i < ARRAY_SIZE(sent); i++) {
		before = x_count(x, X_B, X_CELL);
		x_queue(x, X_B, sent[i].bytes);
		x_run(x, x->now + 3 * X_SLOT);
		KUNIT_EXPECT_EQ(test, x->end[X_B].queued, 0);
		KUNIT_EXPECT_EQ(test, x_count(x, X_B, X_CELL) - before, sent[i].cells);
	}
	EXPECT_SOUND(test, x);
}

/* Nor does it of a request that goes on within a slot: its pieces show as targets alone. */
static void pieces_of_request(struct kunit *test)
{
	static const u32 sent[] = { 4800, 7200, 4800 };	/* to 4800, 12000; 4800 for what is left */
	struct x_pair *x = x_pair(test, x_tables(test));
	u32 before, i;

	for (i = 0; i < ARRAY_SIZE(sent); i++) {
		before = x->bytes[X_A];
		x_queue(x, X_A, 2500);
		x_run(x, x->now + 40 * L_MS);
		KUNIT_EXPECT_EQ(test, x->end[X_A].queued, 0);
		KUNIT_EXPECT_EQ(test, x->bytes[X_A] - before, sent[i]);
	}
	EXPECT_SOUND(test, x);
}

/* What the device cannot take waits for a slot more, and nobody asked with it. */
static void skipped(struct kunit *test)
{
	struct x_pair *x = x_pair(test, x_tables(test));
	struct x_end *n = &x->end[X_A];
	u64 now = X_START + 20 * L_MS;
	struct rtpl_departure d;
	u32 i;

	x_queue(x, X_A, 60);
	n->st.bytes = n->queued;
	for (i = 0; i < 100; i++) {
		KUNIT_EXPECT_TRUE(test, rtpl_sched_next(&n->st, &x->p[X_A], &n->rng, now, 1, 8,
							&d));
		if (d.at > now)
			break;
		rtpl_sched_skip(&n->st, &x->p[X_A], &d);
	}
	KUNIT_EXPECT_EQ(test, i, 1);
	KUNIT_EXPECT_EQ(test, d.at, X_START + X_SLOT);
	KUNIT_EXPECT_EQ(test, n->st.exchange.role, 0);
}

/*
 * Behind a request beyond the tables, and a minute in which nobody looked, the other end asks: its
 * request has cover.
 */
static void beyond_ends(struct kunit *test)
{
	struct x_tables *t = covering(test);
	static const u32 sizes[] = { 3000, 11000, 40000, 200000 };
	u32 i, k;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct x_pair *x = x_pair(test, t);
		struct rtpl_exchanging *e = &x->end[X_A].st.exchange;

		x_queue(x, X_A, sizes[i]);
		for (k = 0; k < 2000 && (x->end[X_A].queued || x->n_air || k < 60); k++)
			x_run(x, x->now + L_MS / 2);
		x->now += 60 * L_SEC;
		rtpl_sched_traffic(&x->end[X_A].st, &x->p[X_A], &x->end[X_A].rng, RTPL_GOT_DATA,
				   x->now, X_CELL);
		KUNIT_EXPECT_EQ(test, e->role, 2);	/* answers */
		KUNIT_EXPECT_TRUE(test, covered(x, X_B));
	}
}

/* Roles last until there was no data for the idle time: then the other may ask. */
static void idle_forgets(struct kunit *test)
{
	struct x_pair *x = x_asked(test, x_tables(test), RTPL_EXCHANGE_SILENT);
	u64 at;

	/* 4.9 s later it is still the answer, at the end of a slot. */
	at = X_HEARD + 4900 * L_MS + 7;
	x_run(x, at);
	x_queue(x, X_B, 900);
	x_run(x, at + 20 * L_MS);
	KUNIT_EXPECT_EQ(test, x->data[X_B], 0);
	x_run(x, at + L_SEC);
	KUNIT_EXPECT_EQ(test, x->end[X_B].last_data, X_END(99));

	/* Five seconds after that it is a request. */
	at += 6 * L_SEC;
	x_run(x, at);
	x_queue(x, X_B, 900);
	x_run(x, at + X_PACE);
	KUNIT_EXPECT_EQ(test, x->end[X_B].last_data, at + X_PACE);
	KUNIT_EXPECT_EQ(test, x->end[X_B].st.exchange.exchanges, 2);
	x_run(x, at + X_PACE + X_DELAY + X_REPLY);
	KUNIT_EXPECT_EQ(test, x->end[X_A].st.exchange.exchanges, 2);
	EXPECT_SOUND(test, x);
}

/* What was left of an exchange is over then, too: its request, and what would have lingered. */
static void idle_ends(struct kunit *test)
{
	struct x_pair *x = x_pair(test, x_tables(test));
	u32 i;

	for (i = 0; i < 2; i++) {
		x_queue(x, X_A, 900);
		x_run(x, x->now + X_PACE + X_DELAY + X_REPLY);
		if (i) {
			x_queue(x, X_B, 3000);
			x_run(x, x->now + X_SLOT + X_DELAY);
			KUNIT_EXPECT_EQ(test, x->end[X_A].st.exchange.echoes, 2);
			while (x->end[X_B].st.exchange.lingers) {
				x_run(x, x->now + L_MS);
				x->n_air = 0;
			}
		}
		x_run(x, x->now + 6 * L_SEC);
		x->n_log = 0;
		x_queue(x, X_A, 60);		/* opens */
		x_run(x, x->now + X_DELAY);
		x_queue(x, X_B, 60);
		x_run(x, x->now + X_REPLY + X_DELAY);
		KUNIT_EXPECT_EQ(test, x->end[X_B].queued, 0);
		x_run(x, x->now + 2 * X_REPLY);
		KUNIT_EXPECT_EQ(test, x_count(x, X_A, X_SMALL), 1);
		x_queue(x, X_A, 900);
		x_run(x, x->now + X_SLOT);
		KUNIT_EXPECT_EQ(test, x_count(x, X_A, X_CELL), 1);
		x_run(x, x->now + 6 * L_SEC);
	}
	EXPECT_SOUND(test, x);
}

/* A request that goes on after its reply is planned anew, by all of it. */
static void planned_anew(struct kunit *test)
{
	struct x_tables *t = x_tables(test);
	struct x_pair *x;

	x_row(t, X_KEY(PLAN, 0, 0, 0, 0, 0));
	x_choice(t, 100, RTPL_EXCHANGE_COVER, 0);
	x = x_pair(test, t);
	x_queue(x, X_A, 900);
	x_run(x, X_ASKED + 30 * L_MS);
	KUNIT_EXPECT_TRUE(test, x->end[X_B].st.exchange.covers);
	x_queue(x, X_A, 900);			/* three cells more, to 4800 */
	x_run(x, X_ASKED + 30 * L_MS + 2 * X_PACE + X_DELAY + X_REPLY);
	KUNIT_EXPECT_EQ(test, x->end[X_B].st.exchange.up, 1);	/* 2400 bytes */
	KUNIT_EXPECT_EQ(test, x->end[X_B].st.exchange.target, 1);
	KUNIT_EXPECT_FALSE(test, x->end[X_B].st.exchange.covers);
	x_run(x, X_START + 3 * L_SEC);
	KUNIT_EXPECT_EQ(test, x_count(x, X_B, X_COVER), 0);
	EXPECT_SOUND(test, x);
}

/* An hour that nobody was there for: no loop over its slots, no burst of them. */
static void clock_jumps(struct kunit *test)
{
	struct x_tables *t = x_tables(test);
	struct x_pair *x = x_asked(test, t, RTPL_EXCHANGE_COVER);
	u32 n;

	x_run(x, X_END(2));
	n = x->n_log;
	x->now += 3600 * L_SEC;
	x_run(x, x->now + L_SEC);
	KUNIT_EXPECT_LE(test, x->n_log - n, 6);
	KUNIT_EXPECT_EQ(test, x->end[X_B].st.missed, 3600 * 20 - 1);
	x_queue(x, X_A, 900);
	x_run(x, x->now + L_SEC);
	KUNIT_EXPECT_EQ(test, x_count(x, X_B, X_COVER), 2 + 6);
	EXPECT_SOUND(test, x);

	/* While an answer that replies took has yet to be counted: it is behind all slots. */
	x_row(t, X_KEY(PLAN, 2, 2, 0, 0, 0));
	x_choice(t, 100, RTPL_EXCHANGE_COVER, 0);
	x = x_pair(test, t);
	x_queue(x, X_A, 11000);
	x_run(x, X_HEARD + 3 * L_MS);
	x_queue(x, X_B, 400);
	x_run(x, X_HEARD + 40 * L_MS);
	KUNIT_EXPECT_EQ(test, x->end[X_B].queued, 0);
	x->n_log = 0;
	x->now += 3600 * L_SEC;
	x_run(x, x->now + L_SEC);
	KUNIT_EXPECT_EQ(test, x_count(x, X_B, X_COVER), 0);
	KUNIT_EXPECT_EQ(test, x_count(x, X_B, X_SMALL), 2);
	EXPECT_SOUND(test, x);
}

/* Ends of other profiles: what is a reply to one is a large cell to the other. They fall silent. */
static void other_profiles(struct kunit *test)
{
	struct x_tables *t = x_tables(test), *other = x_tables(test);
	struct x_pair *x;
	u32 e;

	other->x.small = 400;
	for (e = 0; e < 2; e++) {
		struct x_tables *of = e ? other : t;

		x_row(of, X_KEY(PLAN, 0, 0, 0, 0, 0));
		x_choice(of, 100, RTPL_EXCHANGE_BURST + 1, 0);
	}
	for (e = 0; e < 2; e++) {
		x = x_pair(test, t);
		x->p[e].exchange = &other->x;
		x_queue(x, X_A, 900);
		x_run(x, X_START + 2 * L_SEC);
		x_queue(x, X_B, 900);
		x_run(x, X_START + 4 * L_SEC);
		KUNIT_EXPECT_EQ(test, x->end[X_A].queued + x->end[X_B].queued, 0);
		x->n_log = 0;
		x_run(x, X_START + 100 * L_SEC);
		KUNIT_EXPECT_EQ(test, x->n_log, 0);
		EXPECT_SOUND(test, x);
	}
}

/* A narrower path in the middle of a burst, and a wider one: the target stays. */
static void path_narrows(struct kunit *test)
{
	struct x_pair *x = x_pair(test, x_tables(test));

	x_queue(x, X_A, 8000);			/* to 12000 */
	x_run(x, X_ASKED + 5 * L_MS);
	KUNIT_EXPECT_EQ(test, x->bytes[X_A], 3600);
	x_room(x, X_A, 700 - RTPL_CELL_OVERHEAD);
	x_run(x, X_ASKED + 9 * L_MS);
	KUNIT_EXPECT_EQ(test, x->bytes[X_A], 3600 + 2 * 700);
	x_room(x, X_A, X_ROOM);
	x_run(x, X_ASKED + 100 * L_MS);
	KUNIT_EXPECT_EQ(test, x->end[X_A].queued, 0);
	/* Five whole cells, and one of what is left. */
	KUNIT_EXPECT_EQ(test, x->bytes[X_A], 12000);
	EXPECT_SOUND(test, x);
}

/* Both ask, and both answer: what each has to send leaves within two slots of its last cell. */
static void both_ways(struct kunit *test)
{
	struct x_pair *x = x_pair(test, x_tables(test));
	u32 i, n;

	for (i = 0; i < 3000; i++) {
		x_queue(x, X_A, 1000);
		x_queue(x, X_B, 1000);
		x_run(x, x->now + L_MS);
	}
	KUNIT_EXPECT_LE(test, x->delay, 2 * X_SLOT + 10 * X_PACE);
	x_run(x, x->now + L_SEC);
	KUNIT_EXPECT_EQ(test, x->end[X_A].queued + x->end[X_B].queued, 0);
	/* Neither goes on replying to the other's replies. */
	n = x->n_log;
	x_run(x, x->now + 100 * L_SEC);
	KUNIT_EXPECT_EQ(test, x->n_log, n);
	EXPECT_SOUND(test, x);
}

/* Requests that nothing answered are requests each: no slot has passed, but its time has. */
static void unanswered(struct kunit *test)
{
	struct x_pair *x = x_pair(test, x_tables(test));
	u32 i;

	for (i = 0; i < 5; i++) {
		x_queue(x, X_A, 900);
		x_run(x, x->now + 3 * X_SLOT);
		KUNIT_EXPECT_EQ(test, x->end[X_B].st.exchange.heard, X_CELL);
		KUNIT_EXPECT_EQ(test, x->end[X_B].st.exchange.target, 0);
	}
	KUNIT_EXPECT_EQ(test, x_count(x, X_A, X_CELL), 5);
	EXPECT_SOUND(test, x);
}

/* What is built ahead of its time is a request, too, not so many small cells. */
static void built_ahead(struct kunit *test)
{
	struct x_tables *t = x_tables(test);
	struct x_pair *x = x_pair(test, t);
	u64 due = X_START + 15 * L_MS + t->x.spread * X_SLOT;
	u32 i, small = 0, large = 0;

	x->lead = 500000;
	x_queue(x, X_A, 11000);
	x_run(x, X_START + 15 * L_MS);		/* and was heard at B */
	x_queue(x, X_B, 11000);
	for (i = 0; i < 45; i++) {
		x_queue(x, X_A, 4000);		/* A's goes on for longer than that */
		x_run(x, x->now + 4 * L_MS);
	}
	for (i = 0; i < x->n_log; i++) {
		if (x->log[i].from != X_B)
			continue;
		small += x->log[i].size == X_SMALL && x->log[i].at >= due &&
			 x->log[i].at <= due + X_PACE;
		large += x->log[i].size == X_CELL && x->log[i].at == due + X_PACE;
	}
	KUNIT_EXPECT_LE(test, small, 2);	/* replies */
	KUNIT_EXPECT_GE(test, large, 1);
	EXPECT_SOUND(test, x);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(small_request),
	KUNIT_CASE(roles_turn),
	KUNIT_CASE(both_ask),
	KUNIT_CASE(pushed),
	KUNIT_CASE(endless),
	KUNIT_CASE(small_both_ways),
	KUNIT_CASE(acknowledged),
	KUNIT_CASE(pipelined),
	KUNIT_CASE(chaff_counts_not),
	KUNIT_CASE(pieces_of_request),
	KUNIT_CASE(skipped),
	KUNIT_CASE(beyond_ends),
	KUNIT_CASE(idle_forgets),
	KUNIT_CASE(idle_ends),
	KUNIT_CASE(planned_anew),
	KUNIT_CASE(clock_jumps),
	KUNIT_CASE(other_profiles),
	KUNIT_CASE(path_narrows),
	KUNIT_CASE(both_ways),
	KUNIT_CASE(unanswered),
	KUNIT_CASE(built_ahead),
	{}
};

static struct kunit_suite suite = {
	.name = "rtpl_exchange_roles",
	.test_cases = cases,
};

kunit_test_suite(suite);
