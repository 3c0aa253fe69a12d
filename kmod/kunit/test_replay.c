// SPDX-License-Identifier: GPL-2.0
/*
 * The replay window (core/replay.c), at its edges and against a model that
 * remembers every counter.
 */
#include "lib.h"
#include "../core/replay.h"

static void edges(struct kunit *test)
{
	u32 w = RTPL_REPLAY_WINDOW, top = 100000;
	struct rtpl_replay r;

	rtpl_replay_init(&r);
	KUNIT_EXPECT_TRUE(test, rtpl_replay_check(&r, 0));
	KUNIT_EXPECT_TRUE(test, rtpl_replay_accept(&r, 0));
	KUNIT_EXPECT_FALSE(test, rtpl_replay_check(&r, 0));
	KUNIT_EXPECT_FALSE(test, rtpl_replay_accept(&r, 0));
	KUNIT_EXPECT_TRUE(test, rtpl_replay_accept(&r, top));
	KUNIT_EXPECT_FALSE(test, rtpl_replay_accept(&r, top));
	KUNIT_EXPECT_TRUE(test, rtpl_replay_accept(&r, top - w));
	KUNIT_EXPECT_FALSE(test, rtpl_replay_accept(&r, top - w));
	KUNIT_EXPECT_FALSE(test, rtpl_replay_check(&r, top - w - 1));
	KUNIT_EXPECT_FALSE(test, rtpl_replay_accept(&r, top - w - 1));
	KUNIT_EXPECT_FALSE(test, rtpl_replay_accept(&r, 0));
	KUNIT_EXPECT_TRUE(test, rtpl_replay_accept(&r, U32_MAX));
	KUNIT_EXPECT_FALSE(test, rtpl_replay_accept(&r, U32_MAX));
	KUNIT_EXPECT_TRUE(test, rtpl_replay_accept(&r, U32_MAX - w));
	KUNIT_EXPECT_FALSE(test, rtpl_replay_accept(&r, U32_MAX - w - 1));
	/* starting anywhere */
	rtpl_replay_init(&r);
	KUNIT_EXPECT_TRUE(test, rtpl_replay_accept(&r, 5000));
	KUNIT_EXPECT_TRUE(test, rtpl_replay_accept(&r, 5000 - w));
	KUNIT_EXPECT_FALSE(test, rtpl_replay_accept(&r, 5000 - w - 1));
}

/* The whole window in every order is taken once, for every phase of a word. */
static void phases(struct kunit *test)
{
	u32 phase, i, base, taken;
	struct rtpl_replay r;

	for (phase = 0; phase < 64; phase++) {
		rtpl_replay_init(&r);
		base = 4096 + phase;
		KUNIT_ASSERT_TRUE(test, rtpl_replay_accept(&r, base));
		for (i = 1, taken = 0; i < 3000; i++)
			taken += rtpl_replay_accept(&r, base - i);
		KUNIT_EXPECT_EQ(test, taken, RTPL_REPLAY_WINDOW);
		for (i = 1, taken = 0; i < 3000; i++)
			taken += rtpl_replay_accept(&r, base - i);
		KUNIT_EXPECT_EQ(test, taken, 0);
	}
}

#define SPACE	60000

static void naive(struct kunit *test)
{
	struct m_rng rng = { 3 };
	struct rtpl_replay r;
	u32 i, round, counter, newest, step;
	bool want, any;
	u8 *seen;

	seen = kunit_kzalloc(test, SPACE, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, seen);
	for (round = 0; round < 8; round++) {
		memset(seen, 0, SPACE);
		rtpl_replay_init(&r);
		newest = 0;
		any = false;
		counter = m_below(&rng, 500);
		for (i = 0; i < 20000; i++) {
			step = m_below(&rng, 100);
			if (step < 40)
				counter = newest + 1 + m_below(&rng, 3);
			else if (step < 41)
				counter = newest + m_below(&rng, 3000);
			else
				counter = newest - m_below(&rng, min_t(u32, newest, 2200) + 1);
			if (counter >= SPACE)
				break;
			want = !seen[counter] && (!any || counter > newest ||
						  newest - counter <= RTPL_REPLAY_WINDOW);
			KUNIT_ASSERT_EQ(test, rtpl_replay_check(&r, counter), want);
			KUNIT_ASSERT_EQ(test, rtpl_replay_accept(&r, counter), want);
			if (!want)
				continue;
			seen[counter] = 1;
			newest = any ? max_t(u32, newest, counter) : counter;
			any = true;
		}
		KUNIT_EXPECT_GT(test, i, 3000);
	}
}

static struct kunit_case replay_cases[] = {
	KUNIT_CASE(edges),
	KUNIT_CASE(phases),
	KUNIT_CASE(naive),
	{}
};

static struct kunit_suite replay_suite = {
	.name = "rtpl_replay",
	.test_cases = replay_cases,
};

kunit_test_suite(replay_suite);
