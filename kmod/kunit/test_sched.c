// SPDX-License-Identifier: GPL-2.0
/*
 * Schedules (core/sched*.c): what they have in common, jitter, fixed interval. The ladder is in
 * test_sched_ladder.c, RegulaTor and Tamaraw in test_sched_web.c.
 */
#include "sched_link.h"

/* 0, 1, 2 or 3 ms, evenly */
static const u64 ms4_p[] = { 1ULL << 62, 1ULL << 63, 3ULL << 62, U64_MAX };
static const s64 ms4_x[] = { 0, L_MS, 2 * L_MS, 3 * L_MS };
/* always 700 us; always 4 ms */
static const u64 one_p[] = { U64_MAX };
static const s64 us700_x[] = { 700000 };
static const s64 ms4_only_x[] = { 4 * L_MS };

static const struct rtpl_dist ms4 = {
	.kind = RTPL_DIST_STEPS, .n = 4, .max = 3 * L_MS, .p = ms4_p, .x = ms4_x,
};

static const struct rtpl_dist us700 = {
	.kind = RTPL_DIST_STEPS, .n = 1, .max = L_SEC, .p = one_p, .x = us700_x,
};

static struct rtpl_sched_params jitter_params(void)
{
	return (struct rtpl_sched_params){
		.kind = RTPL_SCHEDULE_JITTER,
		.jitter = { .max_ns = 3 * L_MS, .hold = ms4 },
	};
}

/* Each sample is 4 ms, above the bound of 3 ms. */
static struct rtpl_sched_params jitter_longest(void)
{
	struct rtpl_sched_params p = jitter_params();

	p.jitter.hold.x = ms4_only_x;
	p.jitter.hold.n = 1;
	p.jitter.hold.max = L_SEC;
	return p;
}

static struct rtpl_sched_params interval_params(bool chaff)
{
	return (struct rtpl_sched_params){
		.kind = RTPL_SCHEDULE_INTERVAL,
		.interval = { .period_ns = 5 * L_MS, .cells = 1, .chaff = chaff, .jitter = us700 },
	};
}

/* ---- in common ---- */

/* As it comes and constant rate are rtpl_pace's, to the nanosecond. */
static void is_pace(struct kunit *test)
{
	static const u32 rates[] = { 0, 1, 7, 1000, 19999, 123457, 500000 };
	struct rtpl_sched_state *st = m_kunit_alloc(test, sizeof(*st));
	struct rtpl_sched_params p = {};
	struct rtpl_departure d, e;
	struct m_rng rng = { 3 };
	struct rtpl_pace pace = {};
	u64 now = 12345;
	u32 i, queued;
	bool any;

	KUNIT_ASSERT_NOT_NULL(test, st);
	rtpl_pace_start(&pace, p.rate, now);
	rtpl_sched_start(st, &p, 1400, now);
	for (i = 0; i < 100000; i++) {
		if (m_chance(&rng, 10)) {
			p.rate = rates[m_below(&rng, ARRAY_SIZE(rates))];
			p.kind = p.rate ? RTPL_SCHEDULE_CONST : RTPL_SCHEDULE_ASAP;
			rtpl_pace_change(&pace, p.rate, now);
			rtpl_sched_change(st, &p, now);
		}
		now += m_rand(&rng) >> (34 + m_below(&rng, 30));
		queued = m_below(&rng, 3);
		any = rtpl_pace_next(&pace, p.rate, now, queued, 10, &d);
		KUNIT_ASSERT_EQ(test, any, rtpl_sched_next(st, &p, NULL, now, queued, 10, &e));
		if (!any)
			continue;
		KUNIT_ASSERT_EQ(test, d.at, e.at);
		KUNIT_ASSERT_EQ(test, d.timed, e.timed);
		KUNIT_ASSERT_EQ(test, d.slot, e.slot);
		KUNIT_ASSERT_EQ(test, d.cells, e.cells);
		KUNIT_ASSERT_EQ(test, d.chaff, e.chaff);
		now = max(now, d.at);
		rtpl_pace_take(&pace, &d);
		rtpl_sched_take(st, &p, &e);
	}
	KUNIT_EXPECT_EQ(test, st->missed, pace.missed);
	KUNIT_EXPECT_GT(test, st->missed, 0);
}

/* What rtpl_sched_departs() promises is what happens when the cells are filled. */
static void const_prediction(struct kunit *test)
{
	static const u32 rates[] = { 1, 333, 20000, 123457, 500000 };
	struct rtpl_sched_params p = { .kind = RTPL_SCHEDULE_CONST };
	struct rtpl_sched_state *st, *sim;
	u32 i, j, bytes, room, per_cell, left;
	struct rtpl_departure d, later;
	struct m_rng rng = { 6 };
	u16 index, cell;
	u64 said;

	st = m_kunit_alloc(test, sizeof(*st));
	sim = m_kunit_alloc(test, sizeof(*sim));
	KUNIT_ASSERT_TRUE(test, st && sim);
	for (i = 0; i < ARRAY_SIZE(rates); i++) {
		p.rate = rates[i];
		rtpl_sched_start(st, &p, 1400, 99);
		for (j = 0; j < 2000; j++) {
			KUNIT_ASSERT_TRUE(test, rtpl_sched_next(st, &p, NULL, 99, 0, 1, &d));
			index = m_below(&rng, d.cells);
			bytes = 1 + m_below(&rng, m_chance(&rng, 500) ? 3000 : 65535);
			per_cell = 200 + m_below(&rng, 1300);
			room = m_below(&rng, per_cell + 1);
			if (m_chance(&rng, 100))
				bytes = room + per_cell * m_below(&rng, 40);
			if (m_chance(&rng, 500))
				rtpl_sched_take(st, &p, &d);
			said = rtpl_sched_departs(st, &p, &d, index, bytes, room, per_cell);

			*sim = *st;
			later = d;
			cell = index;
			left = bytes > room ? bytes - room : 0;
			rtpl_sched_take(sim, &p, &d);
			while (left) {
				if (++cell == later.cells) {
					cell = 0;
					KUNIT_ASSERT_TRUE(test, rtpl_sched_next(sim, &p, NULL, 99,
										0, 1, &later));
					rtpl_sched_take(sim, &p, &later);
				}
				left -= min_t(u32, left, per_cell);
			}
			KUNIT_ASSERT_EQ(test, said, later.at);
			rtpl_sched_take(st, &p, &d);
		}
	}
	KUNIT_EXPECT_EQ(test, rtpl_sched_departs(st, &p, &d, 0, 10, 9, 0), U64_MAX);
	KUNIT_EXPECT_EQ(test, rtpl_sched_departs(st, &p, &d, 0, 9, 9, 0), d.at);
}

static void refusals(struct kunit *test)
{
	struct rtpl_sched_params c = { .kind = RTPL_SCHEDULE_CONST, .rate = 20 }, p;
	const char *why = NULL;

	KUNIT_EXPECT_EQ(test, rtpl_sched_check(&c, 50 * L_MS, &why), 0);
	KUNIT_EXPECT_EQ(test, rtpl_sched_check(&c, 50 * L_MS - 1, &why), -ERANGE);
	EXPECT_REFUSED(c, kind, RTPL_SCHEDULE_KINDS, -EINVAL);
	EXPECT_REFUSED(c, rate, 0, -EINVAL);
	EXPECT_REFUSED(c, rate, RTPL_RATE_MAX + 1, -ERANGE);

	p = jitter_params();
	KUNIT_EXPECT_EQ(test, rtpl_sched_check(&p, 3 * L_MS, &why), 0);
	KUNIT_EXPECT_EQ(test, rtpl_sched_check(&p, 3 * L_MS - 1, &why), -ERANGE);
	EXPECT_REFUSED(p, jitter.max_ns, 0, -ERANGE);
	EXPECT_REFUSED(p, jitter.max_ns, RTPL_LATENCY_MAX_NS + 1, -ERANGE);
	EXPECT_REFUSED(p, jitter.hold.n, 0, -EINVAL);

	p = interval_params(true);
	KUNIT_EXPECT_EQ(test, rtpl_sched_check(&p, 10 * L_MS, &why), 0);
	KUNIT_EXPECT_EQ(test, rtpl_sched_check(&p, 9 * L_MS, &why), -ERANGE);
	EXPECT_REFUSED(p, interval.period_ns, RTPL_PACE_TICK_MIN - 1, -ERANGE);
	EXPECT_REFUSED(p, interval.period_ns, RTPL_LATENCY_MAX_NS + 1, -ERANGE);
	EXPECT_REFUSED(p, interval.cells, 0, -ERANGE);
	EXPECT_REFUSED(p, interval.cells, RTPL_PACE_BATCH_MAX + 1, -ERANGE);
	EXPECT_REFUSED(p, interval.jitter.kind, RTPL_DIST_KINDS, -EINVAL);
}

/* ---- jitter ---- */

/* Each packet leaves at max(the one before, arrival + its own sample), exactly. */
static void jitter_exact(struct kunit *test)
{
	struct rtpl_sched_params p = jitter_params();
	struct l_link *l = l_of(test, &p, 1000);
	struct m_rng rng = { 8 };
	struct rtpl_rng same = l->rng;
	u64 due, last = 0, sooner = 0;
	u32 i;

	for (i = 0; i < 20000; i++) {
		l_run(l, l->now + m_below(&rng, 8 * L_MS), 1000);
		if (!l->queued)
			last = 0;
		last = max(last, l->left);
		due = l->now + rtpl_dist_sample(&ms4, &same);
		sooner += due < last;
		last = max(last, due);
		l_queue(l, 1 + m_below(&rng, 3));
		KUNIT_ASSERT_EQ(test, l->st.dues.last, last);
		/* the whole queue is gone at that moment, and no sooner */
		if (m_chance(&rng, 300)) {
			if (last > l->now + 1)
				l_run(l, last - 1, 1000);
			KUNIT_ASSERT_TRUE(test, l->queued || last <= l->now);
			l_run(l, last, 1000);
			KUNIT_ASSERT_EQ(test, l->queued, 0);
			KUNIT_ASSERT_EQ(test, l->left, max(last, l->left));
		}
	}
	KUNIT_EXPECT_GT(test, sooner, 100);
	KUNIT_EXPECT_EQ(test, l->st.dues.merged, 0);
	KUNIT_EXPECT_EQ(test, l->chaff, 0);
	KUNIT_EXPECT_EQ(test, l->delay, 3 * L_MS);
	EXPECT_NO_FAULT(test, l);
}

/* A packet of several cells leaves when they do, whatever is held behind it. */
static void jitter_departs(struct kunit *test)
{
	struct rtpl_sched_params p = jitter_longest();
	struct rtpl_departure d;
	struct l_link *l;
	int taken;

	l = l_of(test, &p, 0);
	l_queue(l, 2);
	l->now = 1 * L_MS;
	l_queue(l, 3);
	l->now = 2 * L_MS;
	l_queue(l, 1);
	KUNIT_ASSERT_TRUE(test, l_next(l, &d));
	KUNIT_EXPECT_EQ(test, d.at, 3 * L_MS);
	KUNIT_EXPECT_EQ(test, d.cells, 2);
	for (taken = 0; taken < 2; taken++) {
		KUNIT_EXPECT_EQ(test, rtpl_sched_departs(&l->st, &l->p, &d, 0, 2 * L_ROOM, L_ROOM,
							 L_ROOM), 3 * L_MS);
		KUNIT_EXPECT_EQ(test, rtpl_sched_departs(&l->st, &l->p, &d, 0, 5 * L_ROOM, L_ROOM,
							 L_ROOM), 4 * L_MS);
		KUNIT_EXPECT_EQ(test, rtpl_sched_departs(&l->st, &l->p, &d, 0, 6 * L_ROOM, L_ROOM,
							 L_ROOM), 5 * L_MS);
		rtpl_sched_take(&l->st, &l->p, &d);
	}
}

/* A sample above the bound is the bound; no place left: with the one before. */
static void jitter_bounds(struct kunit *test)
{
	struct rtpl_sched_params p = jitter_longest();
	struct rtpl_departure d;
	struct l_link *l;
	u32 i;

	l = l_of(test, &p, 0);
	for (i = 0; i < RTPL_SCHED_DUES + 10; i++) {
		l->now = i;
		l_queue(l, 1);
	}
	KUNIT_EXPECT_EQ(test, l->st.dues.merged, 10);
	for (i = 0; i < RTPL_SCHED_DUES; i++) {
		KUNIT_ASSERT_TRUE(test, l_next(l, &d));
		KUNIT_ASSERT_EQ(test, d.at, 3 * L_MS + i);
		KUNIT_ASSERT_EQ(test, d.cells, i < RTPL_SCHED_DUES - 1 ? 1 : 8);
		KUNIT_ASSERT_TRUE(test, d.timed && !d.chaff);
		l_send(l, &d);
	}
	/* the rest of eleven, of which eight went at once */
	KUNIT_EXPECT_TRUE(test, l_next(l, &d));
	KUNIT_EXPECT_EQ(test, d.at, 3 * L_MS + RTPL_SCHED_DUES - 1);
	KUNIT_EXPECT_EQ(test, d.cells, 3);
	l_send(l, &d);
	KUNIT_EXPECT_FALSE(test, l_next(l, &d));

	/* What was not told leaves at once, but not before the one before. */
	l->queued = 2;
	KUNIT_EXPECT_TRUE(test, l_next(l, &d));
	KUNIT_EXPECT_EQ(test, d.at, l->left);
	KUNIT_EXPECT_EQ(test, d.cells, 2);
	l_send(l, &d);

	/* Packets that were dropped hold up nobody. */
	l->now = 10 * L_MS;
	l_queue(l, 3);
	l->queued = 0;
	KUNIT_EXPECT_FALSE(test, l_next(l, &d));
	l->now = 20 * L_MS;
	l_queue(l, 1);
	KUNIT_EXPECT_TRUE(test, l_next(l, &d));
	KUNIT_EXPECT_EQ(test, d.at, 23 * L_MS);
	KUNIT_EXPECT_EQ(test, d.cells, 1);
	EXPECT_NO_FAULT(test, l);
}

/* ---- interval ---- */

static void interval_chaff(struct kunit *test)
{
	struct rtpl_sched_params p = interval_params(true);
	struct l_link *l = l_of(test, &p, 77);
	struct rtpl_sched_leak leak;
	struct rtpl_departure d;
	u32 i;

	for (i = 0; i < 10000; i++) {
		if (i % 3 == 0)
			l_queue(l, 2);
		KUNIT_ASSERT_TRUE(test, l_next(l, &d));
		KUNIT_ASSERT_EQ(test, d.at, 77 + (i + 1) * 5 * L_MS + 700000);
		KUNIT_ASSERT_TRUE(test, d.chaff && d.timed && d.cells == 1);
		l->now = d.at;
		l_send(l, &d);
	}
	KUNIT_EXPECT_EQ(test, l->st.missed, 0);
	KUNIT_EXPECT_EQ(test, l->data + l->chaff, 10000);
	rtpl_sched_leak(&l->st, &l->p, &leak);
	KUNIT_EXPECT_TRUE(test, leak.bounded);
	KUNIT_EXPECT_EQ(test, leak.mbits, 0);

	/* One period late is sent, one ns more is not: three slots and that one are gone. */
	l->now = 77 + 10004 * 5 * L_MS + 700000;
	KUNIT_EXPECT_TRUE(test, l_next(l, &d));
	KUNIT_EXPECT_EQ(test, d.slot, 10003);
	KUNIT_EXPECT_EQ(test, l->st.missed, 3);
	l->now = 77 + 10005 * 5 * L_MS + 700001;
	KUNIT_EXPECT_TRUE(test, l_next(l, &d));
	KUNIT_EXPECT_EQ(test, d.slot, 10004);
	KUNIT_EXPECT_EQ(test, d.at, 77 + 10005 * 5 * L_MS + 700000);
	KUNIT_EXPECT_EQ(test, l->st.missed, 4);
	EXPECT_NO_FAULT(test, l);
}

/* Each slot's sample is drawn once, in order, and stays in its slot. */
static void interval_samples(struct kunit *test)
{
	struct rtpl_sched_params p = interval_params(true);
	struct rtpl_departure d, again;
	struct rtpl_rng same;
	struct l_link *l;
	u32 i, seen = 0;
	u64 want;

	p.interval.jitter = ms4;
	p.interval.period_ns = 3 * L_MS;
	l = l_of(test, &p, 0);
	same = l->rng;
	for (i = 0; i < 10000; i++) {
		/* a sample of 3 ms would be in the next slot */
		want = min_t(u64, rtpl_dist_sample(&ms4, &same), 3 * L_MS - 1);
		seen |= 1 << (want >> 20);
		KUNIT_ASSERT_TRUE(test, l_next(l, &d));
		KUNIT_ASSERT_EQ(test, d.at, (i + 1) * 3 * L_MS + want);
		KUNIT_ASSERT_TRUE(test, l_next(l, &again));
		KUNIT_ASSERT_EQ(test, d.at, again.at);
		l->now = d.at;
		l_send(l, &d);
	}
	KUNIT_EXPECT_EQ(test, seen, 7);
	EXPECT_NO_FAULT(test, l);
}

static void interval_data(struct kunit *test)
{
	struct rtpl_sched_params p = interval_params(false);
	struct l_link *l = l_of(test, &p, 0);
	struct m_rng rng = { 6 };
	struct rtpl_departure d;
	struct rtpl_sched_leak leak;
	u64 want;
	u32 i;

	KUNIT_EXPECT_FALSE(test, l_next(l, &d));
	for (i = 0; i < 20000; i++) {
		l->now += m_below(&rng, 30 * L_MS);
		KUNIT_ASSERT_FALSE(test, l_next(l, &d));
		/* the first moment k * 5 ms + 0.7 ms, k >= 1, that is not past */
		want = 5 * L_MS + 700000;
		if (l->now > want)
			want += div_u64(l->now - want + 5 * L_MS - 1, 5 * L_MS) * 5 * L_MS;
		if (want <= l->at && i)
			want = l->at + 5 * L_MS;
		l_queue(l, 1);
		KUNIT_ASSERT_TRUE(test, l_next(l, &d));
		KUNIT_ASSERT_EQ(test, d.at, want);
		KUNIT_ASSERT_TRUE(test, !d.chaff && d.cells == 1);
		/* A timer that is late, but not by a period, still finds its slot. */
		l->now = d.at + m_below(&rng, 5 * L_MS);
		KUNIT_ASSERT_TRUE(test, l_next(l, &d));
		KUNIT_ASSERT_EQ(test, d.at, want);
		l_send(l, &d);
		KUNIT_ASSERT_EQ(test, l->queued, 0);
	}
	KUNIT_EXPECT_EQ(test, l->chaff, 0);
	KUNIT_EXPECT_EQ(test, l->st.missed, 0);
	rtpl_sched_leak(&l->st, &l->p, &leak);
	KUNIT_EXPECT_FALSE(test, leak.bounded);
	EXPECT_NO_FAULT(test, l);
}

/* ---- any ---- */

static u32 between(struct m_rng *rng, u32 lo, u32 hi)
{
	return lo + m_below(rng, hi - lo + 1);
}

static const u64 any_p[] = { 1ULL << 63, U64_MAX };
static const s64 any_x[] = { -40, 40 };
static const struct rtpl_dist any_noise = {
	.kind = RTPL_DIST_STEPS, .n = 2, .min = -RTPL_RATE_MAX, .max = RTPL_RATE_MAX,
	.p = any_p, .x = any_x,
};

static struct rtpl_sched_params any_params(struct m_rng *rng, u8 kind)
{
	struct rtpl_sched_params p = { .kind = kind };
	u8 i;

	switch (kind) {
	case RTPL_SCHEDULE_CONST:
		p.rate = between(rng, 1, 200000);
		break;
	case RTPL_SCHEDULE_JITTER:
		p.jitter.max_ns = between(rng, 1, 5 * L_MS);
		p.jitter.hold = ms4;
		break;
	case RTPL_SCHEDULE_INTERVAL:
		p.interval.period_ns = between(rng, RTPL_PACE_TICK_MIN, 20 * L_MS);
		p.interval.cells = between(rng, 1, RTPL_PACE_BATCH_MAX);
		p.interval.chaff = m_chance(rng, 500);
		if (m_chance(rng, 800))
			p.interval.jitter = ms4;
		break;
	case RTPL_SCHEDULE_LADDER:
		p.ladder.n = between(rng, 2, RTPL_SCHED_RATES);
		p.ladder.first = m_below(rng, p.ladder.n);
		p.ladder.rate[0] = between(rng, 1, 1000);
		for (i = 1; i < p.ladder.n; i++)
			p.ladder.rate[i] = p.ladder.rate[i - 1] +
					   between(rng, 1, p.ladder.rate[i - 1] / 2 + 1);
		p.ladder.up = between(rng, 500, 1000);
		p.ladder.down = between(rng, 1, p.ladder.up / 2);
		p.ladder.epoch_ns = L_SEC + m_below(rng, L_SEC);
		p.ladder.growth = m_below(rng, 9);
		p.ladder.epoch_max_ns = 100 * L_SEC;
		if (!m_chance(rng, 500))
			break;
		p.ladder.average_us = between(rng, 2000, 4000) * 1000;
		p.ladder.steps_up = between(rng, 1, RTPL_SCHED_RATES - 1);
		p.ladder.steps_down = between(rng, 1, RTPL_SCHED_RATES - 1);
		if (m_chance(rng, 500))
			p.ladder.noise = &any_noise;
		break;
	case RTPL_SCHEDULE_REGULATOR:
		p.regulator.end = m_below(rng, RTPL_END_COUNT);
		p.regulator.warm_cells = m_below(rng, 20);
		p.regulator.warm_rate = between(rng, 1, 1000);
		p.regulator.rate = between(rng, 1, m_chance(rng, 500) ? 300 : 100000);
		p.regulator.floor = between(rng, 1, p.regulator.rate);
		p.regulator.threshold = between(rng, 1, 5000);
		p.regulator.budget = m_below(rng, 3000);
		p.regulator.ratio = between(rng, 1000, 6000);
		p.regulator.half_ns = m_chance(rng, 800) ? between(rng, L_MS, 4 * L_SEC) : 0;
		p.regulator.cap_ns = between(rng, 1, L_SEC);
		p.regulator.idle_ns = between(rng, L_MS, 2 * L_SEC);
		break;
	case RTPL_SCHEDULE_TAMARAW:
		p.tamaraw.period_ns = between(rng, RTPL_PACE_TICK_MIN, 50 * L_MS);
		p.tamaraw.cells = between(rng, 1, 4);
		p.tamaraw.multiple = p.tamaraw.cells * between(rng, 1, 100);
		p.tamaraw.quiet_ns = m_below(rng, L_SEC);
		break;
	}
	return p;
}

/* Cells that may leave in @ns: what the schedule states, and one slot at each end. */
static u64 most_cells(const struct l_link *l, u64 ns, u64 came, u64 got)
{
	const struct rtpl_sched_params *p = &l->p;
	u64 rate = 0;

	switch (p->kind) {
	case RTPL_SCHEDULE_ASAP:
	case RTPL_SCHEDULE_JITTER:
		return came;
	case RTPL_SCHEDULE_CONST:
		rate = p->rate;
		break;
	case RTPL_SCHEDULE_INTERVAL:
		return (div64_u64(ns, p->interval.period_ns) + 2) * p->interval.cells;
	case RTPL_SCHEDULE_LADDER:
		rate = p->ladder.rate[p->ladder.n - 1];
		break;
	case RTPL_SCHEDULE_REGULATOR:
		if (p->regulator.end == RTPL_END_CLIENT)
			return came + div_u64(got * 1000, p->regulator.ratio) +
			       (rtpl_pace_cells(p->regulator.warm_rate, ns) + 1) *
			       !!p->regulator.warm_cells + l->st.surge.sessions * 2;
		rate = max(p->regulator.rate, p->regulator.warm_rate);
		break;
	case RTPL_SCHEDULE_TAMARAW:
		return (div64_u64(ns, p->tamaraw.period_ns) + 2) * p->tamaraw.cells;
	}
	/* a session's first slot follows no other */
	return rtpl_pace_cells(rate, ns) + RTPL_PACE_BATCH_MAX * 2 +
	       (p->kind == RTPL_SCHEDULE_REGULATOR ? l->st.surge.sessions * 3 +
		l->st.surge.surges : 0) * RTPL_PACE_BATCH_MAX;
}

/*
 * Random schedules under random events: nobody overtakes, no bound on delay is broken, no
 * more cells leave than stated, no chaff where there is to be none, a schedule that
 * was left alone is soon done or takes a time for each cell, and nothing is kept for ever.
 */
static void anything(struct kunit *test)
{
	u64 start, came, got, bound, most, ends;
	struct m_rng rng = { 11 };
	struct rtpl_sched_params p;
	const char *why = "";
	struct l_link *l;
	u32 i, j, n;
	u8 kind;

	l = m_kunit_alloc(test, sizeof(*l));
	KUNIT_ASSERT_NOT_NULL(test, l);
	for (i = 0; i < 700; i++) {
		kind = i % RTPL_SCHEDULE_DP;	/* dp has its own test */
		p = any_params(&rng, kind);
		if (rtpl_sched_check(&p, 0, &why)) {
			KUNIT_FAIL(test, "kind %u: %s", kind, why);
			return;
		}
		start = m_rand(&rng) >> 8;
		l_start(l, &p, start);
		l->lead = m_chance(&rng, 500) ? 500000 : 0;
		came = 0;
		got = 0;
		bound = rtpl_sched_delay(&p);
		for (j = 0; j < 300; j++) {
			if (m_chance(&rng, 400)) {
				n = 1 + m_below(&rng, m_chance(&rng, 900) ? 2 : 50);
				came += l->queued + n <= L_QUEUE ? n : 0;
				l_queue(l, n);
			}
			if (m_chance(&rng, 400)) {
				l_traffic(l, m_chance(&rng, 500) ? RTPL_GOT_DATA : RTPL_GOT_CHAFF,
					  0);
				got++;
			}
			n = m_below(&rng, 4);
			ends = l->now + (m_rand(&rng) & 0xffffff) * n * n;
			most = 1000000;
			KUNIT_ASSERT_LT(test, l_run(l, ends, most), most);
			if (l->fault) {
				KUNIT_FAIL(test, "kind %u, try %u: %s", kind, i, l->fault);
				return;
			}
		}
		KUNIT_ASSERT_EQ(test, l->data + l->queued, came);
		KUNIT_ASSERT_LE(test, l->data + l->chaff,
				most_cells(l, l->now + l->lead - start, came, got));
		/* These keep their bound however much there is. */
		if (kind == RTPL_SCHEDULE_JITTER ||
		    (kind == RTPL_SCHEDULE_REGULATOR && p.regulator.end == RTPL_END_CLIENT))
			KUNIT_ASSERT_LE(test, l->delay, bound);
		if (kind == RTPL_SCHEDULE_JITTER)
			KUNIT_ASSERT_EQ(test, l->chaff, 0);
		if (kind == RTPL_SCHEDULE_REGULATOR && p.regulator.end == RTPL_END_SERVER &&
		    !p.regulator.warm_cells)
			KUNIT_ASSERT_LE(test, l->chaff, l->st.surge.sessions *
					(p.regulator.budget ? p.regulator.budget - 1 : 0));
		/* Let alone, all that waits leaves. */
		for (j = 0; j < 1000 && l->queued; j++)
			l_run(l, l->now + 10 * L_SEC, 1000000);
		KUNIT_ASSERT_EQ(test, l->queued, 0);

		/* A lone cell, nothing before it, and nobody late. */
		l_run(l, l->now + 10 * L_SEC, 10000000);
		for (j = 0; j < 20; j++) {
			l->delay = 0;
			l_queue(l, 1);
			l_run(l, l->now + bound + l->lead + 1, 1000000);
			KUNIT_ASSERT_EQ(test, l->queued, 0);
			if (l->delay > bound + l->lead)
				KUNIT_FAIL(test, "kind %u, try %u: one cell waits %llu > %llu",
					   kind, i, (unsigned long long)l->delay,
					   (unsigned long long)bound);
			l_run(l, l->now + m_below(&rng, 20 * L_MS), 1000000);
		}
	}
}

/* What departs() says is never before what happens, when nothing else comes. */
static void departs(struct kunit *test)
{
	struct m_rng rng = { 12 };
	struct rtpl_sched_params p;
	struct rtpl_departure d;
	u32 i, cells, least;
	struct l_link *l;
	u64 said;
	u8 kind;

	l = m_kunit_alloc(test, sizeof(*l));
	KUNIT_ASSERT_NOT_NULL(test, l);
	for (i = 0; i < 2000; i++) {
		kind = i % RTPL_SCHEDULE_DP;	/* dp has its own test */
		p = any_params(&rng, kind);
		if (kind == RTPL_SCHEDULE_REGULATOR)
			p.regulator.half_ns = 0;	/* a rate that stays */
		if (kind == RTPL_SCHEDULE_LADDER)
			p.ladder.epoch_ns = 100 * L_SEC;
		if (kind == RTPL_SCHEDULE_LADDER && p.ladder.average_us)
			p.ladder.average_us = 100000000;
		l_start(l, &p, 1000);
		cells = 1 + m_below(&rng, 40);
		l_queue(l, cells);
		if (kind == RTPL_SCHEDULE_REGULATOR && l->st.surge.warm)
			continue;			/* about to change its rate */
		KUNIT_ASSERT_TRUE(test, l_next(l, &d));
		KUNIT_ASSERT_EQ(test, d.at, rtpl_sched_departs(&l->st, &p, &d, 0, 99, 99, 10));
		KUNIT_ASSERT_EQ(test, U64_MAX, rtpl_sched_departs(&l->st, &p, &d, 0, 100, 99, 0));
		said = rtpl_sched_departs(&l->st, &p, &d, 0, cells * L_ROOM, L_ROOM, L_ROOM);
		/* without the cap, the client's packets that wait longest go last */
		least = l_run(l, max(said, l->now), 10000);
		KUNIT_ASSERT_GT(test, least, 0);
		if (kind != RTPL_SCHEDULE_ASAP)
			KUNIT_ASSERT_EQ(test, l->queued, 0);
	}
}

static struct kunit_case sched_cases[] = {
	KUNIT_CASE(is_pace),
	KUNIT_CASE(const_prediction),
	KUNIT_CASE(refusals),
	KUNIT_CASE(jitter_exact),
	KUNIT_CASE(jitter_bounds),
	KUNIT_CASE(jitter_departs),
	KUNIT_CASE(interval_chaff),
	KUNIT_CASE(interval_samples),
	KUNIT_CASE(interval_data),
	KUNIT_CASE(anything),
	KUNIT_CASE(departs),
	{}
};

static struct kunit_suite sched_suite = {
	.name = "rtpl_sched",
	.test_cases = sched_cases,
};

kunit_test_suite(sched_suite);
