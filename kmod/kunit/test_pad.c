// SPDX-License-Identifier: GPL-2.0
/*
 * Sizes of cells (core/pad.c) against a search of all sizes, and which
 * shapes are refused (core/shape.c).
 */
#include "lib.h"
#include "../core/rng.h"
#include "../core/shape.h"

static const struct rtpl_shape shapes[] = {
	{ .sizes = RTPL_SIZES_DEVICE },
	{ .sizes = RTPL_SIZES_FIXED, .cell = 256 },
	{ .sizes = RTPL_SIZES_FIXED, .cell = 1000 },
	{ .sizes = RTPL_SIZES_FIXED, .cell = 9000 },
	{ .sizes = RTPL_SIZES_POW2 },
	{ .sizes = RTPL_SIZES_POW2, .cell = 256 },
	{ .sizes = RTPL_SIZES_POW2, .cell = 300 },
	{ .sizes = RTPL_SIZES_POW2, .cell = 1024 },
	{ .sizes = RTPL_SIZES_POW2, .cell = 9000 },
	{ .sizes = RTPL_SIZES_BUCKETS, .n_buckets = 1, .bucket = { 700 } },
	{ .sizes = RTPL_SIZES_BUCKETS, .n_buckets = 3, .bucket = { 256, 512, 1400 } },
	{ .sizes = RTPL_SIZES_BUCKETS, .n_buckets = 4, .bucket = { 512, 2048, 4096, 9000 } },
	{ .sizes = RTPL_SIZES_BUCKETS, .n_buckets = 3, .bucket = { 64, 128, 256 } },
	{ .sizes = RTPL_SIZES_BUCKETS, .n_buckets = 4, .bucket = { 64, 100, 255, 1400 } },
};

/* All sizes of the shape on this path, ascending. */
static u32 sizes_of(const struct rtpl_shape *s, u32 path, u32 *size)
{
	u32 n = 0, i, top;

	switch (s->sizes) {
	case RTPL_SIZES_DEVICE:
		size[n++] = path;
		break;
	case RTPL_SIZES_FIXED:
		if (s->cell <= path)
			size[n++] = s->cell;
		break;
	case RTPL_SIZES_POW2:
		top = s->cell && s->cell < path ? s->cell : path;
		for (i = 64; i < top; i *= 2)
			size[n++] = i;
		size[n++] = top;
		break;
	default:
		for (i = 0; i < s->n_buckets; i++)
			if (s->bucket[i] <= path)
				size[n++] = s->bucket[i];
	}
	/* Any path carries a handshake, which has the largest size. */
	if (!n || size[n - 1] < 256)
		size[n++] = path;
	return n;
}

static void picks(struct kunit *test)
{
	u32 k, path, want, n, i, size[32];
	struct m_rng rng = { 5 };

	for (k = 0; k < ARRAY_SIZE(shapes); k++) {
		for (path = 256; path <= 9000; path += 1 + m_below(&rng, 200)) {
			n = sizes_of(&shapes[k], path, size);
			KUNIT_EXPECT_EQ(test, rtpl_pad_max(&shapes[k], path), size[n - 1]);
			for (want = 0; want < 10000; want += 1 + m_below(&rng, 150)) {
				for (i = 0; i < n - 1; i++)
					if (size[i] - RTPL_CELL_OVERHEAD >= want)
						break;
				KUNIT_ASSERT_EQ(test, rtpl_pad_pick(&shapes[k], want, path),
						size[i]);
			}
		}
	}
}

/* Each size of each shape comes, and no other. */
static void any_size(struct kunit *test)
{
	struct rtpl_rng rng = {};
	u32 k, i, n, at, size[32];
	u64 seen;
	u16 one;

	for (k = 0; k < ARRAY_SIZE(shapes); k++) {
		n = sizes_of(&shapes[k], 1472, size);
		seen = 0;
		for (i = 0; i < 200; i++) {
			one = rtpl_pad_any(&shapes[k], 1472, &rng);
			for (at = 0; at < n && size[at] != one; at++)
				;
			KUNIT_ASSERT_LT(test, at, n);
			seen |= BIT_ULL(at);
		}
		KUNIT_EXPECT_EQ(test, hweight64(seen), n);
	}
}

/* One byte more than a size holds takes the next. */
static void pick_edges(struct kunit *test)
{
	const struct rtpl_shape *pow2 = &shapes[4], *list = &shapes[10], *small = &shapes[13];

	KUNIT_EXPECT_EQ(test, RTPL_CELL_OVERHEAD, 29);
	KUNIT_EXPECT_EQ(test, rtpl_pad_pick(pow2, 0, 1472), 64);
	KUNIT_EXPECT_EQ(test, rtpl_pad_pick(pow2, 35, 1472), 64);
	KUNIT_EXPECT_EQ(test, rtpl_pad_pick(pow2, 36, 1472), 128);
	KUNIT_EXPECT_EQ(test, rtpl_pad_pick(pow2, 100, 1472), 256);
	KUNIT_EXPECT_EQ(test, rtpl_pad_pick(pow2, 227, 1472), 256);
	KUNIT_EXPECT_EQ(test, rtpl_pad_pick(pow2, 228, 1472), 512);
	KUNIT_EXPECT_EQ(test, rtpl_pad_pick(pow2, 995, 1472), 1024);
	KUNIT_EXPECT_EQ(test, rtpl_pad_pick(pow2, 996, 1472), 1472);
	KUNIT_EXPECT_EQ(test, rtpl_pad_pick(pow2, U32_MAX, 1472), 1472);
	KUNIT_EXPECT_EQ(test, rtpl_pad_pick(pow2, U32_MAX - 10, 256), 256);
	KUNIT_EXPECT_EQ(test, rtpl_pad_pick(list, 483, 1472), 512);
	KUNIT_EXPECT_EQ(test, rtpl_pad_pick(list, 484, 1472), 1400);
	KUNIT_EXPECT_EQ(test, rtpl_pad_pick(list, 484, 1400), 1400);
	KUNIT_EXPECT_EQ(test, rtpl_pad_pick(list, 484, 1399), 512);
	KUNIT_EXPECT_EQ(test, rtpl_pad_max(&shapes[2], 1000), 1000);
	KUNIT_EXPECT_EQ(test, rtpl_pad_max(&shapes[2], 999), 999);
	KUNIT_EXPECT_EQ(test, rtpl_pad_max(&shapes[9], 700), 700);
	KUNIT_EXPECT_EQ(test, rtpl_pad_max(&shapes[9], 699), 699);
	KUNIT_EXPECT_EQ(test, rtpl_pad_pick(list, 5000, 1472), 1400);
	/* Of sizes that a handshake may have none fits this path: it takes the place of 1400. */
	KUNIT_EXPECT_EQ(test, rtpl_pad_pick(small, 35, 1399), 64);
	KUNIT_EXPECT_EQ(test, rtpl_pad_pick(small, 226, 1399), 255);
	KUNIT_EXPECT_EQ(test, rtpl_pad_pick(small, 227, 1399), 1399);
	KUNIT_EXPECT_EQ(test, rtpl_pad_max(small, 1399), 1399);
	KUNIT_EXPECT_EQ(test, rtpl_pad_max(small, 256), 256);
}

/* The smallest size, also where only the device knows it. */
static void smallest(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, rtpl_pad_min(&shapes[0], 0), RTPL_HANDSHAKE_MIN);
	KUNIT_EXPECT_EQ(test, rtpl_pad_min(&shapes[0], 1472), 1472);
	KUNIT_EXPECT_EQ(test, rtpl_pad_min(&shapes[0], 70000), U16_MAX);
	KUNIT_EXPECT_EQ(test, rtpl_pad_min(&shapes[2], 0), 1000);
	KUNIT_EXPECT_EQ(test, rtpl_pad_min(&shapes[4], 0), RTPL_CELL_MIN);
	KUNIT_EXPECT_EQ(test, rtpl_pad_min(&shapes[11], 0), 512);
	KUNIT_EXPECT_EQ(test, rtpl_pad_min(&shapes[13], 1472), 64);
}

static void defaults(struct kunit *test)
{
	struct rtpl_shape s;
	const char *why = NULL;

	memset(&s, 0xff, sizeof(s));
	rtpl_shape_default(&s);
	KUNIT_EXPECT_EQ(test, s.sizes, RTPL_SIZES_DEVICE);
	KUNIT_EXPECT_EQ(test, s.sched, RTPL_SCHEDULE_ASAP);
	KUNIT_EXPECT_EQ(test, s.limit, RTPL_SHAPE_LIMIT_DEFAULT);
	KUNIT_EXPECT_EQ(test, s.latency_ns, 50000000);
	KUNIT_EXPECT_EQ(test, rtpl_shape_check(&s, 0, &why), 0);
	KUNIT_EXPECT_NULL(test, why);
	s.sched = RTPL_SCHEDULE_CONST;
	s.rate = 100;
	KUNIT_EXPECT_EQ(test, rtpl_shape_check(&s, 1472, &why), 0);
}

static void refuses(struct kunit *test, const struct rtpl_shape *s, u32 max, int err,
		    const char *text)
{
	const char *why = "";

	KUNIT_EXPECT_EQ(test, rtpl_shape_check(s, max, &why), err);
	KUNIT_EXPECT_TRUE_MSG(test, strstr(why, text), "\"%s\" has no \"%s\"", why, text);
}

static void takes(struct kunit *test, const struct rtpl_shape *s, u32 max)
{
	const char *why = "";

	KUNIT_EXPECT_EQ(test, rtpl_shape_check(s, max, &why), 0);
}

/* Each rejection by a shape that is good but for one thing. */
static void shape_refused(struct kunit *test)
{
	struct rtpl_shape good, s;
	u32 i;

	rtpl_shape_default(&good);

	s = good;
	s.sizes = 4;
	refuses(test, &s, 0, -EINVAL, "sizes");
	s = good;
	s.sched = 2;
	refuses(test, &s, 0, -EINVAL, "schedule");
	s = good;
	s.overflow = 2;
	refuses(test, &s, 0, -EINVAL, "overflow");
	s = good;
	s.limit = 0;
	refuses(test, &s, 0, -ERANGE, "limit");
	s.limit = RTPL_LIMIT_MAX + 1;
	refuses(test, &s, 0, -ERANGE, "limit");
	s.limit = RTPL_LIMIT_MAX;
	takes(test, &s, 0);
	s = good;
	s.latency_ns = RTPL_LATENCY_MAX_NS + 1;
	refuses(test, &s, 0, -ERANGE, "latency");
	s.latency_ns--;
	takes(test, &s, 0);
	s.latency_ns = 0;
	takes(test, &s, 0);

	for (i = RTPL_SIZES_FIXED; i <= RTPL_SIZES_POW2; i++) {
		s = good;
		s.sizes = i;
		s.cell = RTPL_HANDSHAKE_MIN - 1;
		refuses(test, &s, 0, -ERANGE, "cell");
		s.cell = RTPL_CELL_MAX + 1;
		refuses(test, &s, 0, -ERANGE, "cell");
		s.cell = RTPL_CELL_MAX;
		takes(test, &s, 0);
		takes(test, &s, RTPL_CELL_MAX);
		refuses(test, &s, RTPL_CELL_MAX - 1, -EMSGSIZE, "device");
		s.cell = RTPL_HANDSHAKE_MIN;
		takes(test, &s, 0);
	}
	s = good;
	s.sizes = RTPL_SIZES_FIXED;
	refuses(test, &s, 0, -EINVAL, "bytes");
	s.sizes = RTPL_SIZES_POW2;
	takes(test, &s, 0);

	s = good;
	s.sizes = RTPL_SIZES_BUCKETS;
	refuses(test, &s, 0, -EINVAL, "bucket list");
	s.n_buckets = RTPL_SHAPE_BUCKETS + 1;
	refuses(test, &s, 0, -EINVAL, "bucket list");
	for (i = 0; i < RTPL_SHAPE_BUCKETS; i++)
		s.bucket[i] = RTPL_HANDSHAKE_MIN - 15 + i;
	s.n_buckets = RTPL_SHAPE_BUCKETS;
	takes(test, &s, RTPL_HANDSHAKE_MIN);
	refuses(test, &s, RTPL_HANDSHAKE_MIN - 1, -EMSGSIZE, "device");
	s.bucket[15] = s.bucket[14];
	refuses(test, &s, 0, -EINVAL, "ascending");
	s.bucket[15] = RTPL_CELL_MAX + 1;
	refuses(test, &s, 0, -ERANGE, "bucket");
	s.bucket[15] = RTPL_CELL_MAX;
	takes(test, &s, 0);
	s.bucket[0] = RTPL_CELL_MIN;
	takes(test, &s, 0);
	s.bucket[0] = RTPL_CELL_MIN - 1;
	refuses(test, &s, 0, -ERANGE, "64 and 9000");
	s.bucket[0] = RTPL_CELL_MIN;
	s.n_buckets = 15;
	refuses(test, &s, 0, -ERANGE, "handshake");
	s.n_buckets = 1;
	refuses(test, &s, 0, -ERANGE, "handshake");

	good.sched = RTPL_SCHEDULE_CONST;
	good.rate = 1000;
	takes(test, &good, 0);
	s = good;
	s.rate = 0;
	refuses(test, &s, 0, -EINVAL, "cells per second");
	s.rate = RTPL_RATE_MAX + 1;
	refuses(test, &s, 0, -ERANGE, "rate");
	s.rate = RTPL_RATE_MAX;
	takes(test, &s, 0);
	s.rate = 20;		/* a slot in 50 ms, the budget */
	takes(test, &s, 0);
	s.rate = 19;
	refuses(test, &s, 0, -ERANGE, "latency");
	s.latency_ns = 0;
	takes(test, &s, 0);
	s = good;
	s.sizes = RTPL_SIZES_POW2;
	refuses(test, &s, 0, -EINVAL, "one size");
	s = shapes[10];
	s.sched = RTPL_SCHEDULE_CONST;
	s.rate = 1000;
	s.limit = 1;
	refuses(test, &s, 0, -EINVAL, "one size");
}

static struct kunit_case pad_cases[] = {
	KUNIT_CASE(picks),
	KUNIT_CASE(any_size),
	KUNIT_CASE(pick_edges),
	KUNIT_CASE(smallest),
	KUNIT_CASE(defaults),
	KUNIT_CASE(shape_refused),
	{}
};

static struct kunit_suite pad_suite = {
	.name = "rtpl_pad",
	.test_cases = pad_cases,
};

kunit_test_suite(pad_suite);
