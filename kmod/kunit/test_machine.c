// SPDX-License-Identifier: GPL-2.0
/*
 * Padding machines: blobs that are refused, and the framework's rules one by one. That
 * whole runs are the library's, selftests/shape/machines shows.
 */
#include "machine_maker.h"

#define MS	1000000ULL

struct world {
	struct maker k[2];
	struct rtpl_machine m[2];
	const struct rtpl_machine *list[2];
	struct rtpl_machines_limits limits;
	struct rtpl_machines ms;
	struct rtpl_rng rng;
};

static struct world *world_of(struct kunit *test)
{
	struct world *w = kunit_kzalloc(test, sizeof(*w), GFP_KERNEL);
	u8 seed[RTPL_RNG_SEED] = { 7 };

	KUNIT_ASSERT_NOT_NULL(test, w);
	rtpl_rng_seed(&w->rng, seed);
	return w;
}

static void start(struct kunit *test, struct world *w, u8 n)
{
	struct rtpl_machine_where where;
	const char *why = "";
	u8 i;

	for (i = 0; i < n; i++) {
		join(test, &w->k[i]);
		if (rtpl_machine_check(&w->m[i], w->k[i].blob, w->k[i].len, &why, &where))
			KUNIT_FAIL(test, "%s: %s", where.field, why);
		w->list[i] = &w->m[i];
	}
	rtpl_machines_start(&w->ms, w->list, n, &w->limits, 1000, &w->rng);
}

static void tell(struct world *w, u8 event, u8 machine, u64 now)
{
	struct rtpl_machine_traffic e = { .event = event, .machine = machine };

	rtpl_machines_trigger(&w->ms, &e, 1, now, &w->rng);
}

#define EXPECT_ACTION(test, w, mi, want) \
	KUNIT_EXPECT_EQ(test, (w)->ms.action[mi].kind, RTPL_MACHINE_##want)
#define EXPECT_STATE(test, w, mi, want) \
	KUNIT_EXPECT_EQ(test, (w)->ms.run[mi].state, want)

/* ---- blobs ---- */

static void sound(struct maker *k)
{
	struct rtpl_machine_state *s;

	s = pads(k, RTPL_MACHINE_BYPASS, MS);
	s->limit = cpu_to_le16(constant(k, 3));
	to(k, RTPL_MACHINE_NORMAL_SENT, 1);
	to_upto(k, RTPL_MACHINE_PADDING_SENT, 2, 1000);
	to_upto(k, RTPL_MACHINE_PADDING_SENT, 1, 5000);
	s = times(k, RTPL_MACHINE_REPLACE, MS);
	counts(s, 0, RTPL_MACHINE_SET, RTPL_MACHINE_OTHER);
	to(k, RTPL_MACHINE_TIMER_END, RTPL_MACHINE_SIGNALS);
	state(k, RTPL_MACHINE_CANCEL, RTPL_MACHINE_INTERNAL);
	to(k, RTPL_MACHINE_SIGNAL, RTPL_MACHINE_END);
}

#define HEAD(f)		offsetof(struct rtpl_machine_head, f), \
			sizeof_field(struct rtpl_machine_head, f)
#define STATE(i, f)	sizeof(struct rtpl_machine_head) + \
			(i) * sizeof(struct rtpl_machine_state) + \
			offsetof(struct rtpl_machine_state, f), \
			sizeof_field(struct rtpl_machine_state, f)
#define TRANS(i, f)	sizeof(struct rtpl_machine_head) + \
			3 * sizeof(struct rtpl_machine_state) + \
			(i) * sizeof(struct rtpl_machine_trans) + \
			offsetof(struct rtpl_machine_trans, f), \
			sizeof_field(struct rtpl_machine_trans, f)
#define TABLE(i, f)	sizeof(struct rtpl_machine_head) + \
			3 * sizeof(struct rtpl_machine_state) + \
			5 * sizeof(struct rtpl_machine_trans) + \
			(i) * sizeof(struct rtpl_machine_table) + \
			offsetof(struct rtpl_machine_table, f), \
			sizeof_field(struct rtpl_machine_table, f)

static const struct {
	size_t at, width;
	u64 v;
	int err;
	u32 state;
	const char *field;
} mutants[] = {
	{ HEAD(magic), 0x12345678, -EINVAL, U32_MAX, "magic" },
	{ HEAD(version), 2, -EPROTONOSUPPORT, U32_MAX, "version" },
	{ HEAD(size), 8, -EINVAL, U32_MAX, "size" },
	{ HEAD(n_states), 0, -EINVAL, U32_MAX, "n_states" },
	{ HEAD(n_states), 4097, -E2BIG, U32_MAX, "n_states" },
	{ HEAD(n_states), 60, -EINVAL, U32_MAX, "n_trans" },
	{ HEAD(n_trans), U32_MAX, -EINVAL, U32_MAX, "n_trans" },
	{ HEAD(n_dists), 0xfffe, -E2BIG, U32_MAX, "n_dists" },
	{ HEAD(n_dists), 2000, -EINVAL, U32_MAX, "n_dists" },
	{ HEAD(zero), 1, -EINVAL, U32_MAX, "zero" },
	{ HEAD(zero2), 1, -EINVAL, U32_MAX, "zero" },
	{ TABLE(0, kind), 2, -EINVAL, U32_MAX, "distributions" },
	{ TABLE(0, zero), 1, -EINVAL, U32_MAX, "distributions" },
	{ TABLE(0, n), 0, -E2BIG, U32_MAX, "distributions" },
	{ TABLE(0, n), 1025, -E2BIG, U32_MAX, "distributions" },
	{ TABLE(0, n), 500, -EINVAL, U32_MAX, "distributions" },
	{ TABLE(0, at), 0, -EINVAL, U32_MAX, "distributions" },
	{ TABLE(0, at), U32_MAX - 7, -EINVAL, U32_MAX, "distributions" },
	{ TABLE(2, min), U64_MAX, -ERANGE, U32_MAX, "distributions" },
	{ TABLE(2, min), RTPL_MACHINE_TIME_MAX + 1, -ERANGE, U32_MAX, "distributions" },
	{ TABLE(2, start), S64_MAX, -ERANGE, U32_MAX, "distributions" },
	{ TABLE(0, max), RTPL_MACHINE_TIME_MAX + 1, -ERANGE, 0, "timeout" },
	{ TABLE(2, max), RTPL_MACHINE_TIME_MAX + 1, -ERANGE, 1, "duration" },
	{ STATE(0, kind), RTPL_MACHINE_KINDS, -EINVAL, 0, "kind" },
	{ STATE(0, flags), RTPL_MACHINE_ACTION, -EINVAL, 0, "flags" },
	{ STATE(1, flags), RTPL_MACHINE_BYPASS, -EINVAL, 1, "flags" },
	{ STATE(2, flags), 0, -EINVAL, 2, "flags" },
	{ STATE(0, timeout), RTPL_MACHINE_NONE, -EINVAL, 0, "timeout" },
	{ STATE(0, timeout), 3, -EINVAL, 0, "timeout" },
	{ STATE(1, timeout), 0, -EINVAL, 1, "timeout" },
	{ STATE(0, duration), 0, -EINVAL, 0, "duration" },
	{ STATE(1, duration), RTPL_MACHINE_OTHER, -EINVAL, 1, "duration" },
	{ STATE(0, limit), 9, -EINVAL, 0, "limit" },
	{ STATE(2, limit), 0, -EINVAL, 2, "limit" },
	{ STATE(0, op[0]), RTPL_MACHINE_OPS, -EINVAL, 0, "counter A" },
	{ STATE(0, op[1]), RTPL_MACHINE_OPS, -EINVAL, 0, "counter B" },
	{ STATE(0, by[0]), 0, -EINVAL, 0, "counter A" },
	{ STATE(1, by[0]), 77, -EINVAL, 1, "counter A" },
	{ STATE(1, by[1]), 0, -EINVAL, 1, "counter B" },
	{ STATE(0, zero), 1, -EINVAL, 0, "zero" },
	{ STATE(2, zero2), 1, -EINVAL, 2, "zero" },
	{ STATE(0, first), 1, -EINVAL, 0, "first" },
	{ STATE(1, first), 2, -EINVAL, 1, "first" },
	{ STATE(0, end[3]), 6, -EINVAL, 0, "end" },
	{ STATE(0, end[12]), 2, -EINVAL, 0, "end" },
	{ STATE(2, end[12]), 0, -EINVAL, U32_MAX, "n_trans" },
	{ TRANS(0, to), 3, -EINVAL, 0, "transitions" },
	{ TRANS(3, to), 0xfff0, -EINVAL, 1, "transitions" },
	{ TRANS(2, upto), 999, -EINVAL, 0, "transitions" },
	{ TRANS(4, zero), 1, -EINVAL, 2, "zero" },
};

static void refused(struct kunit *test)
{
	struct rtpl_machine_where where;
	struct world *w = world_of(test);
	struct maker *k = &w->k[0];
	const char *why;
	__le64 v;
	u32 i;

	sound(k);
	for (i = 0; i < ARRAY_SIZE(mutants); i++) {
		join(test, k);
		v = cpu_to_le64(mutants[i].v);
		memcpy(k->blob + mutants[i].at, &v, mutants[i].width);
		why = NULL;
		where = (struct rtpl_machine_where){ .state = 12345 };
		KUNIT_EXPECT_EQ_MSG(test, mutants[i].err,
				    rtpl_machine_check(&w->m[0], k->blob, k->len, &why, &where),
				    "mutant %u", i);
		KUNIT_ASSERT_TRUE(test, why && where.field);
		KUNIT_EXPECT_EQ_MSG(test, mutants[i].state, where.state, "mutant %u", i);
		KUNIT_EXPECT_STREQ(test, mutants[i].field, where.field);
	}

	join(test, k);
	KUNIT_EXPECT_EQ(test, 0, rtpl_machine_check(&w->m[0], k->blob, k->len, &why, &where));
	KUNIT_EXPECT_EQ(test, 3, w->m[0].n_states);
}

static void cut(struct kunit *test)
{
	struct rtpl_machine_where where;
	struct world *w = world_of(test);
	struct maker *k = &w->k[0];
	const char *why;
	size_t len;

	sound(k);
	join(test, k);
	for (len = 0; len < k->len; len++)
		KUNIT_EXPECT_NE(test, 0,
				rtpl_machine_check(&w->m[0], k->blob, len, &why, &where));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			rtpl_machine_check(&w->m[0], k->blob + 4, k->len, &why, &where));
	KUNIT_EXPECT_EQ(test, -E2BIG, rtpl_machine_check(&w->m[0], k->blob, RTPL_MACHINE_SIZE + 8,
							 &why, &where));
}

/* ---- the framework ---- */

/* Draws up to and with the threshold go there, those above the last nowhere. */
static void chances(struct kunit *test)
{
	struct world *w = world_of(test);
	struct maker *k = &w->k[0];
	u32 i, n[3] = {};

	state(k, RTPL_MACHINE_NOTHING, 0);
	to_upto(k, RTPL_MACHINE_NORMAL_SENT, 1, U32_MAX / 4);
	to_upto(k, RTPL_MACHINE_NORMAL_SENT, 2, U32_MAX / 8 * 7);
	state(k, RTPL_MACHINE_NOTHING, 0);
	to(k, RTPL_MACHINE_NORMAL_RECV, 0);
	state(k, RTPL_MACHINE_NOTHING, 0);
	to(k, RTPL_MACHINE_NORMAL_RECV, 0);
	start(test, w, 1);
	for (i = 0; i < 80000; i++) {
		tell(w, RTPL_MACHINE_NORMAL_SENT, 0, 1000);
		n[w->ms.run[0].state]++;
		tell(w, RTPL_MACHINE_NORMAL_RECV, 0, 1000);
		KUNIT_ASSERT_EQ(test, 0, w->ms.run[0].state);
	}
	/* five deviations are 700 at most */
	KUNIT_EXPECT_LT(test, n[0] - 9300, 1400);
	KUNIT_EXPECT_LT(test, n[1] - 19300, 1400);
	KUNIT_EXPECT_LT(test, n[2] - 49300, 1400);
}

/* Allowed packets first, then the fractions: reached means at least. */
static void padding_limits(struct kunit *test)
{
	struct world *w = world_of(test);
	struct maker *k = &w->k[0];
	u32 i;

	pads(k, 0, 5);
	to(k, RTPL_MACHINE_NORMAL_SENT, 0);
	k->head.allowed_padding = cpu_to_le64(3);
	k->head.max_padding = cpu_to_le64(1ULL << 63);
	start(test, w, 1);
	for (i = 0; i < 3; i++) {
		tell(w, RTPL_MACHINE_NORMAL_SENT, 0, 2000);
		EXPECT_ACTION(test, w, 0, PAD);
		KUNIT_EXPECT_EQ(test, w->ms.action[0].timeout, 5);
		tell(w, RTPL_MACHINE_PADDING_SENT, 0, 2000);
		EXPECT_ACTION(test, w, 0, NOTHING);
	}
	tell(w, RTPL_MACHINE_PADDING_SENT, 0, 2000);
	/* 4 of 8 is half */
	tell(w, RTPL_MACHINE_NORMAL_SENT, 0, 2000);
	EXPECT_ACTION(test, w, 0, NOTHING);
	tell(w, RTPL_MACHINE_NORMAL_SENT, 0, 2000);
	EXPECT_ACTION(test, w, 0, PAD);

	/* all together */
	w->limits.max_padding = 1ULL << 62;
	start(test, w, 1);
	for (i = 0; i < 5; i++)
		tell(w, RTPL_MACHINE_PADDING_SENT, 1, 2000);	/* another's */
	tell(w, RTPL_MACHINE_PADDING_SENT, 0, 2000);
	tell(w, RTPL_MACHINE_NORMAL_SENT, 0, 2000);
	EXPECT_ACTION(test, w, 0, PAD);			/* allowed */
	tell(w, RTPL_MACHINE_PADDING_SENT, 0, 2000);
	tell(w, RTPL_MACHINE_PADDING_SENT, 0, 2000);
	for (i = 9; i < 32; i++) {
		tell(w, RTPL_MACHINE_NORMAL_SENT, 0, 2000);
		EXPECT_ACTION(test, w, 0, NOTHING);	/* 8 of i */
	}
	tell(w, RTPL_MACHINE_NORMAL_SENT, 0, 2000);
	EXPECT_ACTION(test, w, 0, PAD);
}

static void state_limit(struct kunit *test)
{
	struct world *w = world_of(test);
	struct rtpl_machine_state *s;
	struct maker *k = &w->k[0];
	u32 i;

	s = pads(k, 0, 5);
	s->limit = cpu_to_le16(constant(k, 3));
	to(k, RTPL_MACHINE_PADDING_SENT, 0);
	to(k, RTPL_MACHINE_LIMIT_REACHED, 1);
	state(k, RTPL_MACHINE_CANCEL, RTPL_MACHINE_ACTION);
	to(k, RTPL_MACHINE_NORMAL_SENT, 0);
	start(test, w, 1);
	for (i = 0; i < 2; i++) {
		tell(w, RTPL_MACHINE_PADDING_SENT, 0, 2000);
		EXPECT_ACTION(test, w, 0, PAD);
		KUNIT_EXPECT_EQ(test, w->ms.run[0].limit, 2 - i);
	}
	tell(w, RTPL_MACHINE_PADDING_SENT, 0, 2000);
	EXPECT_ACTION(test, w, 0, CANCEL);
	EXPECT_STATE(test, w, 0, 1);
	KUNIT_EXPECT_EQ(test, w->ms.run[0].limit, U64_MAX);
	/* drawn anew on the way in */
	tell(w, RTPL_MACHINE_NORMAL_SENT, 0, 2000);
	KUNIT_EXPECT_EQ(test, w->ms.run[0].limit, 3);
	/* another's packet is not counted */
	tell(w, RTPL_MACHINE_PADDING_SENT, 1, 2000);
	KUNIT_EXPECT_EQ(test, w->ms.run[0].limit, 3);
}

static void counters(struct kunit *test)
{
	struct world *w = world_of(test);
	struct rtpl_machine_state *s;
	struct maker *k = &w->k[0];
	u64 *c = w->ms.run[0].counter;

	s = times(k, 0, 100);
	counts(s, 0, RTPL_MACHINE_ADD, constant(k, 5));
	counts(s, 1, RTPL_MACHINE_SET, RTPL_MACHINE_OTHER);	/* A as it was before */
	to(k, RTPL_MACHINE_NORMAL_RECV, 0);
	to(k, RTPL_MACHINE_PADDING_RECV, 1);
	s = pads(k, 0, 7);
	counts(s, 0, RTPL_MACHINE_SUB, RTPL_MACHINE_NONE);
	to(k, RTPL_MACHINE_PADDING_RECV, 1);
	to(k, RTPL_MACHINE_COUNTER_ZERO, 2);
	s = blocks(k, 0, 8, 9);
	counts(s, 1, RTPL_MACHINE_SUB, constant(k, 1000));
	to(k, RTPL_MACHINE_COUNTER_ZERO, 0);
	start(test, w, 1);

	tell(w, RTPL_MACHINE_NORMAL_RECV, 0, 2000);
	EXPECT_ACTION(test, w, 0, TIMER);
	KUNIT_EXPECT_EQ(test, c[0], 5);
	KUNIT_EXPECT_EQ(test, c[1], 0);
	tell(w, RTPL_MACHINE_NORMAL_RECV, 0, 2000);
	KUNIT_EXPECT_EQ(test, c[0], 10);
	KUNIT_EXPECT_EQ(test, c[1], 5);
	while (c[0] > 1) {
		tell(w, RTPL_MACHINE_PADDING_RECV, 0, 2000);
		EXPECT_ACTION(test, w, 0, PAD);
	}
	/* A to zero, on to 2; B to zero, on to 0, whose action is the one that stays */
	tell(w, RTPL_MACHINE_PADDING_RECV, 0, 2000);
	EXPECT_STATE(test, w, 0, 0);
	EXPECT_ACTION(test, w, 0, TIMER);
	KUNIT_EXPECT_EQ(test, c[0], 5);
	KUNIT_EXPECT_EQ(test, c[1], 0);
	KUNIT_EXPECT_TRUE(test, w->ms.zeroed[0] && w->ms.zeroed[1]);
}

/* Each counter comes to zero once in a batch. */
static void zero_once(struct kunit *test)
{
	static const struct rtpl_machine_traffic e[] = {
		{ RTPL_MACHINE_NORMAL_RECV }, { RTPL_MACHINE_PADDING_RECV },
		{ RTPL_MACHINE_NORMAL_RECV }, { RTPL_MACHINE_PADDING_RECV },
	};
	struct world *w = world_of(test);
	struct rtpl_machine_state *s;
	struct maker *k = &w->k[0];
	u8 i;

	for (i = 0; i < 3; i++) {
		s = state(k, RTPL_MACHINE_NOTHING, 0);
		if (i < 2)
			counts(s, 0, i ? RTPL_MACHINE_SUB : RTPL_MACHINE_ADD, RTPL_MACHINE_NONE);
		else
			counts(s, 1, RTPL_MACHINE_ADD, RTPL_MACHINE_NONE);
		to(k, RTPL_MACHINE_NORMAL_RECV, 0);
		to(k, RTPL_MACHINE_PADDING_RECV, 1);
		to(k, RTPL_MACHINE_COUNTER_ZERO, 2);
	}
	start(test, w, 1);
	rtpl_machines_trigger(&w->ms, e, 4, 2000, &w->rng);
	KUNIT_EXPECT_EQ(test, w->ms.run[0].counter[1], 1);
	EXPECT_STATE(test, w, 0, 1);
	rtpl_machines_trigger(&w->ms, e, 2, 2000, &w->rng);
	KUNIT_EXPECT_EQ(test, w->ms.run[0].counter[1], 2);
	EXPECT_STATE(test, w, 0, 2);
}

static void signals(struct kunit *test)
{
	struct world *w = world_of(test);
	u8 i;

	for (i = 0; i < 2; i++) {
		state(&w->k[i], RTPL_MACHINE_NOTHING, 0);
		if (!i)
			to(&w->k[i], RTPL_MACHINE_NORMAL_RECV, RTPL_MACHINE_SIGNALS);
		to(&w->k[i], RTPL_MACHINE_PADDING_RECV, RTPL_MACHINE_SIGNALS);
		to(&w->k[i], RTPL_MACHINE_TUNNEL_RECV, 0);
		if (!i)
			to(&w->k[i], RTPL_MACHINE_NORMAL_SENT, 2);
		to(&w->k[i], RTPL_MACHINE_SIGNAL, 1);
		pads(&w->k[i], 0, 5);
		to(&w->k[i], RTPL_MACHINE_TUNNEL_RECV, 0);
		to(&w->k[i], RTPL_MACHINE_SIGNAL, RTPL_MACHINE_SIGNALS);
		state(&w->k[i], RTPL_MACHINE_NOTHING, 0);
		to(&w->k[i], RTPL_MACHINE_NORMAL_RECV, RTPL_MACHINE_SIGNALS);
		to(&w->k[i], RTPL_MACHINE_SIGNAL, 1);
	}
	start(test, w, 2);

	/* the other only */
	tell(w, RTPL_MACHINE_NORMAL_RECV, 0, 2000);
	EXPECT_STATE(test, w, 0, 0);
	EXPECT_STATE(test, w, 1, 1);
	EXPECT_ACTION(test, w, 1, PAD);
	/* the one that is signalled signals back: the first hears of it after all */
	tell(w, RTPL_MACHINE_NORMAL_SENT, 0, 2000);
	tell(w, RTPL_MACHINE_NORMAL_RECV, 0, 2000);
	EXPECT_STATE(test, w, 0, 1);
	/* both at once: both hear */
	tell(w, RTPL_MACHINE_TUNNEL_RECV, 0, 2000);
	EXPECT_STATE(test, w, 0, 0);
	EXPECT_STATE(test, w, 1, 0);
	tell(w, RTPL_MACHINE_PADDING_RECV, 0, 2000);
	EXPECT_STATE(test, w, 0, 1);
	EXPECT_STATE(test, w, 1, 1);
	KUNIT_EXPECT_EQ(test, w->ms.signal, 0);
}

static void blocking_limits(struct kunit *test)
{
	struct world *w = world_of(test);
	struct maker *k = &w->k[0];

	blocks(k, RTPL_MACHINE_REPLACE, 1, 2);
	to(k, RTPL_MACHINE_NORMAL_RECV, 0);
	to(k, RTPL_MACHINE_PADDING_RECV, 1);
	blocks(k, 0, 3, 4);
	to(k, RTPL_MACHINE_NORMAL_RECV, 1);
	to(k, RTPL_MACHINE_PADDING_RECV, 0);
	k->head.allowed_blocked = cpu_to_le64(100);
	k->head.max_blocking = cpu_to_le64(1ULL << 62);
	start(test, w, 1);	/* at 1000 */

	tell(w, RTPL_MACHINE_PADDING_RECV, 0, 1000);
	EXPECT_ACTION(test, w, 0, BLOCK);
	KUNIT_EXPECT_EQ(test, w->ms.action[0].timeout, 3);
	KUNIT_EXPECT_EQ(test, w->ms.action[0].duration, 4);
	tell(w, RTPL_MACHINE_BLOCKING_BEGIN, 0, 1000);
	tell(w, RTPL_MACHINE_NORMAL_RECV, 0, 1099);	/* 99 so far */
	EXPECT_ACTION(test, w, 0, BLOCK);
	tell(w, RTPL_MACHINE_NORMAL_RECV, 0, 1100);
	EXPECT_ACTION(test, w, 0, NOTHING);
	tell(w, RTPL_MACHINE_PADDING_RECV, 0, 1100);	/* may replace what blocks */
	EXPECT_ACTION(test, w, 0, BLOCK);
	tell(w, RTPL_MACHINE_BLOCKING_END, 0, 1100);
	KUNIT_EXPECT_EQ(test, w->ms.blocked, 100);
	KUNIT_EXPECT_EQ(test, w->ms.run[0].blocked, 100);
	tell(w, RTPL_MACHINE_NORMAL_RECV, 0, 1400);	/* 100 of 400 */
	EXPECT_ACTION(test, w, 0, NOTHING);
	tell(w, RTPL_MACHINE_NORMAL_RECV, 0, 1401);
	EXPECT_ACTION(test, w, 0, BLOCK);
	/* an end without beginning counts nothing */
	tell(w, RTPL_MACHINE_BLOCKING_END, 0, 9000);
	KUNIT_EXPECT_EQ(test, w->ms.blocked, 100);
}

static void the_end(struct kunit *test)
{
	struct world *w = world_of(test);
	struct maker *k = &w->k[0];
	u8 e;

	pads(k, 0, 5);
	to(k, RTPL_MACHINE_NORMAL_RECV, 0);
	to(k, RTPL_MACHINE_NORMAL_SENT, RTPL_MACHINE_END);
	start(test, w, 1);
	rtpl_machines_traffic(&w->ms, RTPL_GOT_DATA, 2000, &w->rng);
	KUNIT_EXPECT_FALSE(test, rtpl_machines_ended(&w->ms));
	rtpl_machines_traffic(&w->ms, RTPL_QUEUED, 2000, &w->rng);
	KUNIT_EXPECT_TRUE(test, rtpl_machines_ended(&w->ms));
	KUNIT_EXPECT_EQ(test, rtpl_machines_next(&w->ms), 2005);	/* is not taken back */
	for (e = 0; e < RTPL_MACHINE_EVENTS; e++) {
		tell(w, e, 0, 3000);
		EXPECT_STATE(test, w, 0, RTPL_MACHINE_END);
		EXPECT_ACTION(test, w, 0, NOTHING);
	}
}

/* ---- the link's side ---- */

static void link_timers(struct kunit *test)
{
	struct world *w = world_of(test);
	struct maker *k = &w->k[0];

	state(k, RTPL_MACHINE_NOTHING, 0);
	to(k, RTPL_MACHINE_NORMAL_RECV, 1);
	to(k, RTPL_MACHINE_PADDING_RECV, 2);
	to(k, RTPL_MACHINE_NORMAL_SENT, 3);
	times(k, 0, 500);
	counts(&k->state[1], 0, RTPL_MACHINE_ADD, RTPL_MACHINE_NONE);
	to(k, RTPL_MACHINE_TIMER_BEGIN, 0);
	times(k, RTPL_MACHINE_REPLACE, 20);
	to(k, RTPL_MACHINE_TIMER_BEGIN, 0);
	state(k, RTPL_MACHINE_CANCEL, RTPL_MACHINE_INTERNAL);
	to(k, RTPL_MACHINE_NORMAL_RECV, 1);
	start(test, w, 1);
	KUNIT_EXPECT_EQ(test, rtpl_machines_next(&w->ms), U64_MAX);

	rtpl_machines_traffic(&w->ms, RTPL_GOT_DATA, 2000, &w->rng);
	KUNIT_EXPECT_EQ(test, rtpl_machines_next(&w->ms), 0);	/* TIMER_BEGIN */
	KUNIT_EXPECT_FALSE(test, rtpl_machines_run(&w->ms, 0, 2000, &w->rng));
	KUNIT_EXPECT_EQ(test, rtpl_machines_next(&w->ms), 2500);
	EXPECT_STATE(test, w, 0, 0);
	/* a shorter one that replaces */
	rtpl_machines_traffic(&w->ms, RTPL_GOT_CHAFF, 2100, &w->rng);
	rtpl_machines_run(&w->ms, 0, 2100, &w->rng);
	KUNIT_EXPECT_EQ(test, rtpl_machines_next(&w->ms), 2120);
	/* a longer one that does not: wins, too */
	rtpl_machines_traffic(&w->ms, RTPL_GOT_DATA, 2110, &w->rng);
	rtpl_machines_run(&w->ms, 0, 2110, &w->rng);
	KUNIT_EXPECT_EQ(test, rtpl_machines_next(&w->ms), 2610);
	/* no longer than that: nothing begins, the state stays */
	rtpl_machines_traffic(&w->ms, RTPL_GOT_DATA, 2110, &w->rng);
	KUNIT_EXPECT_EQ(test, rtpl_machines_next(&w->ms), 2610);
	EXPECT_STATE(test, w, 0, 1);
	KUNIT_EXPECT_FALSE(test, rtpl_machines_run(&w->ms, 0, 2609, &w->rng));
	KUNIT_EXPECT_TRUE(test, w->ms.run[0].timed);
	KUNIT_EXPECT_FALSE(test, rtpl_machines_run(&w->ms, 0, 2610, &w->rng));
	KUNIT_EXPECT_FALSE(test, w->ms.run[0].timed);
}

static void link_pads(struct kunit *test)
{
	struct world *w = world_of(test);
	struct rtpl_machines_want want;
	struct maker *k = &w->k[0];

	pads(k, 0, 5);
	to(k, RTPL_MACHINE_NORMAL_SENT, 0);
	to(k, RTPL_MACHINE_TUNNEL_SENT, 1);
	pads(k, RTPL_MACHINE_REPLACE, 5);
	to(k, RTPL_MACHINE_NORMAL_SENT, 1);
	start(test, w, 1);

	rtpl_machines_traffic(&w->ms, RTPL_QUEUED, 2000, &w->rng);
	rtpl_machines_run(&w->ms, 3, 2005, &w->rng);
	rtpl_machines_wants(&w->ms, &want);
	KUNIT_EXPECT_EQ(test, want.chaff, 1);
	KUNIT_EXPECT_EQ(test, w->ms.padding, 1);
	rtpl_machines_took(&w->ms, &want);
	rtpl_machines_traffic(&w->ms, RTPL_SENT_CHAFF, 2006, &w->rng);
	rtpl_machines_wants(&w->ms, &want);
	KUNIT_EXPECT_EQ(test, want.chaff, 0);
	/* data stands for it; it counts as sent all the same */
	rtpl_machines_run(&w->ms, 1, 2011, &w->rng);
	rtpl_machines_wants(&w->ms, &want);
	KUNIT_EXPECT_EQ(test, want.chaff, 0);
	KUNIT_EXPECT_EQ(test, w->ms.replaced, 1);
	KUNIT_EXPECT_EQ(test, w->ms.padding, 2);
	/* none waits */
	rtpl_machines_traffic(&w->ms, RTPL_QUEUED, 3000, &w->rng);
	rtpl_machines_run(&w->ms, 0, 3005, &w->rng);
	rtpl_machines_wants(&w->ms, &want);
	KUNIT_EXPECT_EQ(test, want.chaff, 1);
}

static void link_blocks(struct kunit *test)
{
	struct world *w = world_of(test);
	struct rtpl_machines_want want;

	blocks(&w->k[0], RTPL_MACHINE_BYPASS, 10, 1000);
	to(&w->k[0], RTPL_MACHINE_NORMAL_RECV, 0);
	to(&w->k[0], RTPL_MACHINE_PADDING_RECV, 1);
	blocks(&w->k[0], RTPL_MACHINE_REPLACE, 0, 30);
	to(&w->k[0], RTPL_MACHINE_NORMAL_RECV, 0);

	pads(&w->k[1], RTPL_MACHINE_BYPASS, 0);
	to(&w->k[1], RTPL_MACHINE_NORMAL_SENT, 0);
	to(&w->k[1], RTPL_MACHINE_TUNNEL_SENT, 1);
	pads(&w->k[1], RTPL_MACHINE_BYPASS | RTPL_MACHINE_REPLACE, 0);
	to(&w->k[1], RTPL_MACHINE_NORMAL_SENT, 1);
	to(&w->k[1], RTPL_MACHINE_TUNNEL_SENT, 2);
	pads(&w->k[1], 0, 0);
	to(&w->k[1], RTPL_MACHINE_NORMAL_SENT, 2);
	start(test, w, 2);

	rtpl_machines_traffic(&w->ms, RTPL_GOT_DATA, 2000, &w->rng);
	rtpl_machines_run(&w->ms, 0, 2010, &w->rng);
	rtpl_machines_wants(&w->ms, &want);
	KUNIT_EXPECT_TRUE(test, want.blocked);
	KUNIT_EXPECT_TRUE(test, w->ms.blocking);
	KUNIT_EXPECT_EQ(test, rtpl_machines_next(&w->ms), 3010);
	/* passes; passes with data; waits */
	rtpl_machines_traffic(&w->ms, RTPL_QUEUED, 2020, &w->rng);
	rtpl_machines_run(&w->ms, 1, 2020, &w->rng);
	rtpl_machines_traffic(&w->ms, RTPL_SENT_CHAFF, 2020, &w->rng);
	rtpl_machines_run(&w->ms, 1, 2020, &w->rng);
	rtpl_machines_traffic(&w->ms, RTPL_SENT_CHAFF, 2020, &w->rng);
	rtpl_machines_run(&w->ms, 1, 2020, &w->rng);
	rtpl_machines_wants(&w->ms, &want);
	KUNIT_EXPECT_EQ(test, want.through, 1);
	KUNIT_EXPECT_EQ(test, want.through_data, 1);
	KUNIT_EXPECT_EQ(test, want.chaff, 0);
	KUNIT_EXPECT_EQ(test, w->ms.owed, 1);
	rtpl_machines_took(&w->ms, &want);
	/* a shorter block that replaces, and may not be passed */
	rtpl_machines_traffic(&w->ms, RTPL_GOT_CHAFF, 2100, &w->rng);
	rtpl_machines_run(&w->ms, 1, 2100, &w->rng);
	KUNIT_EXPECT_EQ(test, rtpl_machines_next(&w->ms), 2130);
	KUNIT_EXPECT_FALSE(test, w->ms.passable);
	rtpl_machines_run(&w->ms, 1, 2130, &w->rng);
	rtpl_machines_wants(&w->ms, &want);
	KUNIT_EXPECT_FALSE(test, want.blocked);
	KUNIT_EXPECT_EQ(test, want.chaff, 1);
	KUNIT_EXPECT_EQ(test, w->ms.blocked, 120);
}

/* Round and round without time: a bit in each call, then it is stopped. The other goes on. */
static void spinning(struct kunit *test)
{
	struct world *w = world_of(test);
	u32 calls = 0;

	times(&w->k[0], RTPL_MACHINE_REPLACE, 0);
	to(&w->k[0], RTPL_MACHINE_NORMAL_RECV, 0);
	to(&w->k[0], RTPL_MACHINE_TIMER_BEGIN, 0);
	pads(&w->k[1], 0, 700);
	to(&w->k[1], RTPL_MACHINE_NORMAL_RECV, 0);
	start(test, w, 2);
	rtpl_machines_traffic(&w->ms, RTPL_GOT_DATA, 2000, &w->rng);
	while (rtpl_machines_run(&w->ms, 0, 2000, &w->rng)) {
		KUNIT_ASSERT_LT(test, calls, 100);
		calls++;
	}
	KUNIT_EXPECT_EQ(test, calls, RTPL_MACHINE_SPIN / RTPL_MACHINES_WORK);
	KUNIT_EXPECT_EQ(test, w->ms.stopped, 1);
	EXPECT_STATE(test, w, 0, RTPL_MACHINE_END);
	EXPECT_STATE(test, w, 1, 0);
	KUNIT_EXPECT_EQ(test, rtpl_machines_next(&w->ms), 2700);
}

/* What is owed has an end, too. */
static void owed(struct kunit *test)
{
	struct world *w = world_of(test);
	struct rtpl_machines_want want;
	u32 i;

	pads(&w->k[0], 0, 0);
	to(&w->k[0], RTPL_MACHINE_NORMAL_SENT, 0);
	start(test, w, 1);
	for (i = 0; i < RTPL_MACHINES_OWED + 10; i++) {
		rtpl_machines_traffic(&w->ms, RTPL_QUEUED, 2000 + i * MS, &w->rng);
		rtpl_machines_run(&w->ms, 0, 2000 + i * MS, &w->rng);
	}
	rtpl_machines_wants(&w->ms, &want);
	KUNIT_EXPECT_EQ(test, want.chaff, RTPL_MACHINES_OWED);
	KUNIT_EXPECT_EQ(test, w->ms.refused, 10);
	KUNIT_EXPECT_EQ(test, w->ms.stopped, 0);
}

static struct kunit_case machine_cases[] = {
	KUNIT_CASE(refused),
	KUNIT_CASE(cut),
	KUNIT_CASE(chances),
	KUNIT_CASE(padding_limits),
	KUNIT_CASE(state_limit),
	KUNIT_CASE(counters),
	KUNIT_CASE(zero_once),
	KUNIT_CASE(signals),
	KUNIT_CASE(blocking_limits),
	KUNIT_CASE(the_end),
	KUNIT_CASE(link_timers),
	KUNIT_CASE(link_pads),
	KUNIT_CASE(link_blocks),
	KUNIT_CASE(spinning),
	KUNIT_CASE(owed),
	{}
};

static struct kunit_suite machine_suite = {
	.name = "rtpl_machine",
	.test_cases = machine_cases,
};

kunit_test_suite(machine_suite);
