// SPDX-License-Identifier: GPL-2.0
/*
 * Departures (core/pace.c) against the formula in exact arithmetic.
 */
#include "lib.h"
#include "../core/sched.h"

#define S	1000000000ULL

/* floor(k * batch * 10^9 / rate), one k after the other, whole parts and rests. */
struct exact {
	u64 at, rest, step, step_rest, rate;
};

static void exact_start(struct exact *e, u64 t0, u32 batch, u32 rate)
{
	u32 rest;

	e->at = t0;
	e->rest = 0;
	e->step = div_u64_rem(batch * S, rate, &rest);
	e->step_rest = rest;
	e->rate = rate;
}

static void exact_next(struct exact *e)
{
	e->at += e->step;
	e->rest += e->step_rest;
	if (e->rest >= e->rate) {
		e->rest -= e->rate;
		e->at++;
	}
}

static void as_it_comes(struct kunit *test)
{
	const u32 rate = 0;
	struct rtpl_departure d;
	struct rtpl_pace p = {};

	KUNIT_EXPECT_FALSE(test, rtpl_pace_next(&p, rate, 5, 1, 10, &d));	/* not started */
	rtpl_pace_start(&p, rate, 5);
	KUNIT_EXPECT_FALSE(test, rtpl_pace_next(&p, rate, 6, 0, 10, &d));
	KUNIT_EXPECT_FALSE(test, rtpl_pace_next(&p, rate, 6, 1, 0, &d));
	KUNIT_EXPECT_TRUE(test, rtpl_pace_next(&p, rate, 6, 3, 10, &d));
	KUNIT_EXPECT_EQ(test, d.at, 0);
	KUNIT_EXPECT_EQ(test, d.cells, 3);
	KUNIT_EXPECT_FALSE(test, d.chaff);
	KUNIT_EXPECT_FALSE(test, d.timed);
	rtpl_pace_take(&p, &d);
	KUNIT_EXPECT_TRUE(test, rtpl_pace_next(&p, rate, 6, 30, 10, &d));
	KUNIT_EXPECT_EQ(test, d.cells, 10);
	KUNIT_EXPECT_EQ(test, p.missed, 0);
}

static void follow(struct kunit *test, u32 rate, u32 slots)
{
	struct rtpl_pace p = {};
	struct rtpl_departure d;
	struct exact e;
	u32 i;

	rtpl_pace_start(&p, rate, 12345);
	KUNIT_ASSERT_TRUE(test, rtpl_pace_next(&p, rate, 12345, 0, 1, &d));
	exact_start(&e, 12345, d.cells, rate);
	exact_next(&e);		/* slot 0 is one interval later */
	exact_start(&e, e.at, d.cells, rate);
	/* slots at least a tick apart, and no more cells in one than that needs */
	if (d.cells < RTPL_PACE_BATCH_MAX)
		KUNIT_EXPECT_GE(test, e.step + 1, RTPL_PACE_TICK_MIN);
	if (d.cells > 1)
		KUNIT_EXPECT_LE(test, (d.cells - 1) * S / rate, RTPL_PACE_TICK_MIN);
	KUNIT_EXPECT_LE(test, d.cells, RTPL_PACE_BATCH_MAX);
	for (i = 0; i < slots; i++) {
		KUNIT_ASSERT_TRUE(test, rtpl_pace_next(&p, rate, e.at, i & 1, 1, &d));
		KUNIT_ASSERT_EQ(test, d.at, e.at);
		KUNIT_ASSERT_EQ(test, d.slot, i);
		KUNIT_ASSERT_TRUE(test, d.chaff && d.timed);
		rtpl_pace_take(&p, &d);
		exact_next(&e);
	}
	KUNIT_EXPECT_EQ(test, p.missed, 0);
}

static void slots_are_exact(struct kunit *test)
{
	static const u32 rates[] = { 1, 3, 7, 19, 333, 1000, 1001, 19999, 20000, 20001,
				     123457, 320000, 320001, 499979, 500000 };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(rates); i++)
		follow(test, rates[i], 20000);
	follow(test, 499979, 1000000);
}

/* Far into a link's life: at * rate <= k * batch * 10^9 < (at + 1) * rate. */
static void slots_far_out(struct kunit *test)
{
	static const u32 rates[] = { 1, 7, 249973, 499979 };
	struct rtpl_departure d;
	u32 rate;
	struct rtpl_pace p;
	struct m_rng rng = { 2 };
	u32 i, j;
	/* ns times rate */
	unsigned __int128 cells;

	for (i = 0; i < ARRAY_SIZE(rates); i++) {
		rate = rates[i];
		memset(&p, 0, sizeof(p));
		rtpl_pace_start(&p, rate, 0);
		p.t0 = 0;
		for (j = 0; j < 2000; j++) {
			/* up to twenty years */
			p.slot = (m_rand(&rng) >> 20) % 600000000 * (u64)rates[i] / p.batch;
			KUNIT_ASSERT_TRUE(test, rtpl_pace_next(&p, rate, 0, 0, 1, &d));
			cells = (unsigned __int128)p.slot * p.batch * S;
			KUNIT_ASSERT_TRUE(test, (unsigned __int128)d.at * rates[i] <= cells);
			KUNIT_ASSERT_TRUE(test, (unsigned __int128)(d.at + 1) * rates[i] > cells);
		}
	}
}

/*
 * A rate that changes all the time: departures stay the sum of the intervals
 * in force, no slot is left out and none is nearer than the faster rate's.
 */
static void changes_without_gap(struct kunit *test)
{
	struct rtpl_pace p = {};
	struct rtpl_departure d;
	struct m_rng rng = { 9 };
	u64 changes = 0, last;
	u32 i, new, rate = 1000;
	struct exact e;

	rtpl_pace_start(&p, rate, 777);
	exact_start(&e, 777 + S / 1000, 1, rate);
	for (i = 0; i < 200000; i++) {
		last = e.at;
		KUNIT_ASSERT_TRUE(test, rtpl_pace_next(&p, rate, last, 0, 1, &d));
		KUNIT_ASSERT_EQ(test, d.at, e.at);
		rtpl_pace_take(&p, &d);
		exact_next(&e);
		if (!m_chance(&rng, 100))
			continue;
		new = 1 + m_below(&rng, 20000);
		if (new == rate)
			continue;
		changes++;
		rate = new;
		/* told, or found by the next call */
		if (m_chance(&rng, 500))
			rtpl_pace_change(&p, rate, last + 1);
		exact_start(&e, e.at, 1, rate);
	}
	KUNIT_EXPECT_EQ(test, p.rate_changes, changes);
	KUNIT_EXPECT_EQ(test, p.missed, 0);

	/* no change */
	rtpl_pace_change(&p, rate, last);
	KUNIT_EXPECT_EQ(test, p.rate_changes, changes);
}

static void on_and_off(struct kunit *test)
{
	const u32 slow = 100, asap = 0;
	struct rtpl_pace p = {};
	struct rtpl_departure d;

	rtpl_pace_start(&p, asap, 1000);
	KUNIT_EXPECT_FALSE(test, rtpl_pace_next(&p, asap, 2000, 0, 1, &d));
	rtpl_pace_change(&p, slow, 3000);
	KUNIT_EXPECT_TRUE(test, rtpl_pace_next(&p, slow, 3000, 0, 1, &d));
	KUNIT_EXPECT_EQ(test, d.at, 3000 + S / 100);
	rtpl_pace_take(&p, &d);
	rtpl_pace_change(&p, asap, 4000);
	KUNIT_EXPECT_FALSE(test, rtpl_pace_next(&p, asap, 5000, 0, 1, &d));
	KUNIT_EXPECT_TRUE(test, rtpl_pace_next(&p, asap, 5000, 1, 1, &d));
	KUNIT_EXPECT_FALSE(test, d.timed);
	KUNIT_EXPECT_EQ(test, p.rate_changes, 0);

	/* a restart begins anew; what was missed stays counted */
	p.missed = 5;
	p.rate_changes = 3;
	rtpl_pace_start(&p, slow, 7 * S);
	KUNIT_EXPECT_TRUE(test, rtpl_pace_next(&p, slow, 7 * S, 0, 1, &d));
	KUNIT_EXPECT_EQ(test, d.at, 7 * S + S / 100);
	KUNIT_EXPECT_EQ(test, d.slot, 0);
	KUNIT_EXPECT_EQ(test, p.missed, 5);
	KUNIT_EXPECT_EQ(test, p.rate_changes, 0);
}

/* ns that @cells cells take */
static u64 span(u64 cells, u32 rate)
{
	u32 rest;
	u64 secs = div_u64_rem(cells, rate, &rest);

	return secs * S + div_u64(rest * S, rate);
}

/* Slots more than a tick late are left out and counted; the rest keep their times. */
static void late(struct kunit *test)
{
	static const u32 rates[] = { 1, 7, 1000, 19999, 123457, 500000 };
	struct rtpl_departure d;
	struct m_rng rng = { 4 };
	u32 rate;
	struct rtpl_pace p;
	u64 now, tick, slot, missed, t0;
	u32 i, j;

	for (i = 0; i < ARRAY_SIZE(rates); i++) {
		rate = rates[i];
		memset(&p, 0, sizeof(p));
		rtpl_pace_start(&p, rate, 1000);
		tick = div_u64(p.batch * S, rates[i]);
		t0 = 1000 + tick;
		now = t0;
		slot = 0;
		missed = 0;
		for (j = 0; j < 3000; j++) {
			now += m_below(&rng, 6) * tick + m_below(&rng, tick);
			if (j % 100 == 0)
				now += m_rand(&rng) >> 24;	/* minutes */
			/* the first slot not more than a tick past, by search from a guess */
			missed -= slot;
			if (now > tick + t0) {
				slot = max_t(u64, slot, div64_u64(now - tick - t0, tick + 1));
				while (t0 + span(slot * p.batch, rates[i]) + tick < now)
					slot++;
			}
			missed += slot;
			KUNIT_ASSERT_TRUE(test, rtpl_pace_next(&p, rate, now, 0, 1, &d));
			KUNIT_ASSERT_EQ(test, d.slot, slot);
			KUNIT_ASSERT_EQ(test, p.missed, missed);
			KUNIT_ASSERT_TRUE(test, d.at + tick >= now);
			rtpl_pace_take(&p, &d);
			slot++;
		}
	}
}

/* Exactly one tick late is sent, one ns more is not. */
static void late_edge(struct kunit *test)
{
	const u32 rate = 1000;
	struct rtpl_pace p = {};
	struct rtpl_departure d;

	rtpl_pace_start(&p, rate, 0);
	KUNIT_EXPECT_TRUE(test, rtpl_pace_next(&p, rate, 2000000, 0, 1, &d));
	KUNIT_EXPECT_EQ(test, d.at, 1000000);
	KUNIT_EXPECT_EQ(test, p.missed, 0);
	KUNIT_EXPECT_TRUE(test, rtpl_pace_next(&p, rate, 2000001, 0, 1, &d));
	KUNIT_EXPECT_EQ(test, d.at, 2000000);
	KUNIT_EXPECT_EQ(test, d.slot, 1);
	KUNIT_EXPECT_EQ(test, p.missed, 1);
}

/* The lead is twice what building took, at once; back to the least, slowly, and within bounds. */
static void lead(struct kunit *test)
{
	u32 ns = RTPL_PACE_LEAD_MIN, before, n;

	KUNIT_EXPECT_EQ(test, rtpl_pace_lead(ns, 0), RTPL_PACE_LEAD_MIN);
	KUNIT_EXPECT_EQ(test, rtpl_pace_lead(ns, RTPL_PACE_LEAD_MIN / 2), RTPL_PACE_LEAD_MIN);
	ns = rtpl_pace_lead(ns, 600000);
	KUNIT_EXPECT_EQ(test, ns, 1200000);
	KUNIT_EXPECT_EQ(test, rtpl_pace_lead(ns, 600000), 1200000);
	KUNIT_EXPECT_EQ(test, rtpl_pace_lead(ns, S), RTPL_PACE_LEAD_MAX);
	KUNIT_EXPECT_EQ(test, rtpl_pace_lead(ns, U64_MAX), RTPL_PACE_LEAD_MAX);
	for (n = 0; ns > RTPL_PACE_LEAD_MIN; n++) {
		before = ns;
		ns = rtpl_pace_lead(ns, 0);
		KUNIT_ASSERT_LT(test, ns, before);
		KUNIT_ASSERT_LE(test, before - ns, before / RTPL_PACE_LEAD_DECAY + 1);
		KUNIT_ASSERT_LT(test, n, 10000);
	}
	KUNIT_EXPECT_EQ(test, ns, RTPL_PACE_LEAD_MIN);
}

static struct kunit_case pace_cases[] = {
	KUNIT_CASE(as_it_comes),
	KUNIT_CASE(slots_are_exact),
	KUNIT_CASE(slots_far_out),
	KUNIT_CASE(changes_without_gap),
	KUNIT_CASE(on_and_off),
	KUNIT_CASE(late),
	KUNIT_CASE(late_edge),
	KUNIT_CASE(lead),
	{}
};

static struct kunit_suite pace_suite = {
	.name = "rtpl_pace",
	.test_cases = pace_cases,
};

kunit_test_suite(pace_suite);
