// SPDX-License-Identifier: GPL-2.0
/*
 * The delay histogram (core/hist.c): percentiles against sorted values.
 */
#include "lib.h"
#include "../core/hist.h"

#define N	3989	/* no multiple of anything */

static void sort(u64 *v, u32 n)
{
	u32 gap, i, j;
	u64 x;

	for (gap = n / 2; gap; gap /= 2) {
		for (i = gap; i < n; i++) {
			x = v[i];
			for (j = i; j >= gap && v[j - gap] > x; j -= gap)
				v[j] = v[j - gap];
			v[j] = x;
		}
	}
}

static void against_sort(struct kunit *test)
{
	static const u32 at[] = { 0, 1, 10, 250, 500, 900, 990, 999, 1000, 2000 };
	struct m_rng rng = { 11 };
	u64 *v, want, got, sum = 0;
	struct rtpl_hist *h;
	u32 round, i, rank;

	h = kunit_kzalloc(test, sizeof(*h), GFP_KERNEL);
	v = kunit_kzalloc(test, N * sizeof(*v), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, h);
	KUNIT_ASSERT_NOT_NULL(test, v);
	for (round = 0; round < 20; round++) {
		rtpl_hist_init(h);
		for (i = 0; i < N; i++) {
			/* every magnitude that the histogram keeps apart */
			v[i] = m_rand(&rng) >> (27 + m_below(&rng, round + 1) + m_below(&rng, 18));
			v[i] = min_t(u64, v[i], (15ULL << 34) - 1);
			rtpl_hist_add(h, v[i], 1);
		}
		sort(v, N);
		KUNIT_EXPECT_EQ(test, h->count, N);
		KUNIT_EXPECT_EQ(test, h->max, v[N - 1]);
		for (i = 0; i < ARRAY_SIZE(at); i++) {
			rank = DIV_ROUND_UP(min_t(u32, at[i], 1000) * N, 1000);
			want = v[rank ? rank - 1 : 0];
			got = rtpl_hist_at(h, at[i]);
			KUNIT_EXPECT_GE(test, got, want);
			KUNIT_EXPECT_LE(test, got, max_t(u64, 1023, want + want / 16));
			sum += got;
		}
	}
	KUNIT_EXPECT_GT(test, sum, 0);
}

static void edges(struct kunit *test)
{
	struct rtpl_hist *h = kunit_kzalloc(test, sizeof(*h), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, h);
	rtpl_hist_init(h);
	KUNIT_EXPECT_EQ(test, rtpl_hist_at(h, 500), 0);
	rtpl_hist_add(h, 5, 0);
	KUNIT_EXPECT_EQ(test, h->count, 0);
	KUNIT_EXPECT_EQ(test, h->max, 0);
	rtpl_hist_add(h, 0, 1);
	KUNIT_EXPECT_EQ(test, rtpl_hist_at(h, 500), 0);
	rtpl_hist_add(h, 1023, 1);
	rtpl_hist_add(h, 1024, 1);
	KUNIT_EXPECT_EQ(test, h->bucket[0], 2);
	KUNIT_EXPECT_EQ(test, h->bucket[1], 1);
	rtpl_hist_add(h, 1024 + 63, 1);
	rtpl_hist_add(h, 1024 + 64, 1);
	KUNIT_EXPECT_EQ(test, h->bucket[1], 2);
	KUNIT_EXPECT_EQ(test, h->bucket[2], 1);
	rtpl_hist_add(h, 2047, 1);
	rtpl_hist_add(h, 2048, 1);
	KUNIT_EXPECT_EQ(test, h->bucket[16], 1);
	KUNIT_EXPECT_EQ(test, h->bucket[17], 1);
	/* the last bucket takes all that is too large; the maximum is exact */
	rtpl_hist_add(h, (1ULL << 38) - 1, 1);
	rtpl_hist_add(h, 1ULL << 38, 1);
	rtpl_hist_add(h, U64_MAX - 7, 1);
	KUNIT_EXPECT_EQ(test, h->bucket[RTPL_HIST_BUCKETS - 1], 3);
	KUNIT_EXPECT_EQ(test, rtpl_hist_at(h, 1000), U64_MAX - 7);
	KUNIT_EXPECT_EQ(test, h->count, 10);
}

/* Counters that would overflow halve the histogram; percentiles stay, count goes on. */
static void overflow(struct kunit *test)
{
	struct rtpl_hist *h = kunit_kzalloc(test, sizeof(*h), GFP_KERNEL);
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, h);
	rtpl_hist_init(h);
	for (i = 0; i < 8; i++) {
		rtpl_hist_add(h, 5000, 3000000000U);
		rtpl_hist_add(h, 5000000, 1000000000U);
	}
	KUNIT_EXPECT_EQ(test, h->count, 32000000000ULL);
	KUNIT_EXPECT_LE(test, rtpl_hist_at(h, 500), 5000 + 5000 / 16);
	KUNIT_EXPECT_GE(test, rtpl_hist_at(h, 500), 5000);
	KUNIT_EXPECT_EQ(test, rtpl_hist_at(h, 990), 5000000);
	/* three to one, whatever was halved */
	rtpl_hist_init(h);
	for (i = 0; i < 400; i++) {
		rtpl_hist_add(h, 5000, 75000000);
		rtpl_hist_add(h, 5000000, 25000000);
	}
	KUNIT_EXPECT_EQ(test, h->count, 40000000000ULL);
	KUNIT_EXPECT_LE(test, rtpl_hist_at(h, 740), 5000 + 5000 / 16);
	KUNIT_EXPECT_EQ(test, rtpl_hist_at(h, 760), 5000000);
	rtpl_hist_add(h, 5000, U32_MAX);
	rtpl_hist_add(h, 5000, U32_MAX);
	KUNIT_EXPECT_LE(test, rtpl_hist_at(h, 500), 5000 + 5000 / 16);
	KUNIT_EXPECT_EQ(test, rtpl_hist_at(h, 1000), 5000000);
}

static struct kunit_case hist_cases[] = {
	KUNIT_CASE(against_sort),
	KUNIT_CASE(edges),
	KUNIT_CASE(overflow),
	{}
};

static struct kunit_suite hist_suite = {
	.name = "rtpl_hist",
	.test_cases = hist_cases,
};

kunit_test_suite(hist_suite);
