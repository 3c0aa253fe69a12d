// SPDX-License-Identifier: GPL-2.0
/*
 * Congestion marks (core/ecn.c): the table, and marks by bytes against a picture of each byte.
 */
#include "lib.h"
#include "../core/ecn.h"

#define BLOCK	4096

static void table(struct kunit *test)
{
	/* RFC 6040, figure 4: inner Not-ECT, ECT(1), ECT(0), CE by outer Not-ECT, CE. */
	static const enum rtpl_ecn want[4][2] = {
		[RTPL_ECN_NOT_ECT] = { RTPL_ECN_NOT_ECT, RTPL_ECN_DROP },
		[RTPL_ECN_ECT_1] = { RTPL_ECN_ECT_1, RTPL_ECN_CE },
		[RTPL_ECN_ECT_0] = { RTPL_ECN_ECT_0, RTPL_ECN_CE },
		[RTPL_ECN_CE] = { RTPL_ECN_CE, RTPL_ECN_CE },
	};
	u32 tos;

	for (tos = 0; tos < 256; tos++) {
		KUNIT_EXPECT_EQ(test, rtpl_ecn_inner(tos, false), want[tos & 3][0]);
		KUNIT_EXPECT_EQ(test, rtpl_ecn_inner(tos, true), want[tos & 3][1]);
	}
}

/* How many runs of bytes that came with CE are there? */
static u32 runs(const bool *ce)
{
	u32 n = 0, i;

	for (i = 0; i < BLOCK; i++)
		n += ce[i] && (!i || !ce[i - 1]);
	return n;
}

/*
 * Cells bring pieces of a block in any order, some with CE. No mark is lost; up to
 * RTPL_MARKS runs none is too much.
 */
static void bytes(struct kunit *test)
{
	bool *ce = kunit_kzalloc(test, BLOCK, GFP_KERNEL);
	struct m_rng rng = { .state = 1 };
	struct rtpl_marks m;
	u32 round, exact = 0, i;

	KUNIT_ASSERT_NOT_NULL(test, ce);
	for (round = 0; round < 400; round++) {
		u32 n = 1 + m_below(&rng, 16), order[16], k, much = 0, most;
		u32 size = BLOCK / n;

		memset(&m, 0, sizeof(m));
		memset(ce, 0, BLOCK);
		for (i = 0; i < n; i++)
			order[i] = i;
		for (i = n - 1; i; i--)
			swap(order[i], order[m_below(&rng, i + 1)]);
		for (i = 0, most = 0; i < n; i++) {
			u32 from = order[i] * size;

			if (m_below(&rng, 2))
				continue;
			rtpl_marks_add(&m, from, from + size);
			memset(ce + from, 1, size);
			most = max_t(u32, most, runs(ce));
			KUNIT_ASSERT_TRUE(test, m.n <= RTPL_MARKS);
		}
		for (k = 1; k < m.n; k++)
			KUNIT_EXPECT_TRUE(test, m.at[k - 1].to < m.at[k].from);
		for (i = 0; i < BLOCK; i++) {
			bool hit = rtpl_marks_hit(&m, i, i + 1);

			if (ce[i] && !hit)
				KUNIT_FAIL(test, "round %u: the mark of byte %u is lost", round, i);
			much += hit && !ce[i];
		}
		if (most <= RTPL_MARKS) {
			KUNIT_EXPECT_EQ(test, much, 0);
			exact++;
		}
		KUNIT_EXPECT_EQ(test, rtpl_marks_hit(&m, 0, BLOCK), runs(ce) > 0);
	}
	KUNIT_EXPECT_TRUE(test, exact > 100 && exact < 400);
}

/* With one run too many, those that are nearest become one. */
static void nearest(struct kunit *test)
{
	struct rtpl_marks m = {};

	rtpl_marks_add(&m, 1000, 1100);
	rtpl_marks_add(&m, 3000, 3100);
	rtpl_marks_add(&m, 0, 100);
	KUNIT_EXPECT_EQ(test, m.n, 3);
	rtpl_marks_add(&m, 1200, 1300);
	KUNIT_EXPECT_EQ(test, m.n, 3);
	KUNIT_EXPECT_TRUE(test, rtpl_marks_hit(&m, 1150, 1151));
	KUNIT_EXPECT_FALSE(test, rtpl_marks_hit(&m, 100, 1000));
	KUNIT_EXPECT_FALSE(test, rtpl_marks_hit(&m, 1300, 3000));
	KUNIT_EXPECT_FALSE(test, rtpl_marks_hit(&m, 3100, 4000));
	rtpl_marks_add(&m, 7, 7);
	KUNIT_EXPECT_EQ(test, m.n, 3);
}

/* Eight segments of 100 bytes behind 40 of headers; the last is short. */
static void segments(struct kunit *test)
{
	const struct rtpl_gso g = { .hdr_len = 40, .gso_size = 100, .segs = 8, .pkt_len = 790 };
	const u32 base = sizeof(struct rtpl_gso_head) + 40;
	struct rtpl_marks m = {};
	bool ce = true;

	KUNIT_EXPECT_EQ(test, rtpl_marks_run(&m, &g, 0, 8, &ce), 8);
	KUNIT_EXPECT_FALSE(test, ce);

	/* A cell that ends one byte into segment 3. */
	rtpl_marks_add(&m, base + 100, base + 301);
	KUNIT_EXPECT_EQ(test, rtpl_marks_run(&m, &g, 0, 8, &ce), 1);
	KUNIT_EXPECT_FALSE(test, ce);
	KUNIT_EXPECT_EQ(test, rtpl_marks_run(&m, &g, 1, 8, &ce), 4);
	KUNIT_EXPECT_TRUE(test, ce);
	KUNIT_EXPECT_EQ(test, rtpl_marks_run(&m, &g, 1, 2, &ce), 2);
	KUNIT_EXPECT_TRUE(test, ce);
	KUNIT_EXPECT_EQ(test, rtpl_marks_run(&m, &g, 4, 8, &ce), 8);
	KUNIT_EXPECT_FALSE(test, ce);

	/* Headers are the first one's, the trailer the last one's. */
	memset(&m, 0, sizeof(m));
	rtpl_marks_add(&m, 0, 5);
	rtpl_marks_add(&m, base + 760, base + 770);
	KUNIT_EXPECT_EQ(test, rtpl_marks_run(&m, &g, 0, 8, &ce), 1);
	KUNIT_EXPECT_TRUE(test, ce);
	KUNIT_EXPECT_EQ(test, rtpl_marks_run(&m, &g, 1, 8, &ce), 7);
	KUNIT_EXPECT_FALSE(test, ce);
	KUNIT_EXPECT_EQ(test, rtpl_marks_run(&m, &g, 7, 8, &ce), 8);
	KUNIT_EXPECT_TRUE(test, ce);
}

static struct kunit_case ecn_cases[] = {
	KUNIT_CASE(table),
	KUNIT_CASE(bytes),
	KUNIT_CASE(nearest),
	KUNIT_CASE(segments),
	{}
};

static struct kunit_suite ecn_suite = {
	.name = "rtpl_ecn",
	.test_cases = ecn_cases,
};

kunit_test_suite(ecn_suite);
