// SPDX-License-Identifier: GPL-2.0
/* Sizes of whole messages (core/noise_size.c). */
#include "lib.h"
#include "../core/noise_size.h"

static const u64 flat_p[] = { 0, U64_MAX }, sides_p[] = { BIT_ULL(62), BIT_ULL(63), U64_MAX };
static const s64 flat_x[] = { 0, 1000 }, sides_x[] = { -300, 0, 300 };

static struct rtpl_noise_size sizes(void)
{
	struct rtpl_noise_size s = {
		.n_buckets = 5,
		.bucket = { 512, 2048, 8192, 32768, 131072 },
		.noise = { .kind = RTPL_DIST_KNOTS, .n = 2, .max = 999, .p = flat_p, .x = flat_x },
	};

	return s;
}

static void seeded(struct rtpl_rng *r, u8 with)
{
	u8 seed[RTPL_RNG_SEED] = { with };

	rtpl_rng_seed(r, seed);
}

/* By adding up, from the largest bucket's multiples and the buckets downwards. */
static u64 holds(const struct rtpl_noise_size *s, u32 want)
{
	u64 size = s->bucket[s->n_buckets - 1];
	int i;

	for (i = s->n_buckets - 2; i >= 0 && s->bucket[i] >= want; i--)
		size = s->bucket[i];
	while (size < want)
		size += s->bucket[s->n_buckets - 1];
	return size;
}

static void picked(struct kunit *test)
{
	static const u32 edges[] = { 0, 1, 511, 512, 513, 2048, 2049, 8192, 32768, 32769, 131072,
				     131073, 262144, 262145, U32_MAX };
	struct rtpl_noise_size s = sizes();
	struct m_rng rng = { 5 };
	const char *why = NULL;
	struct rtpl_rng r;
	u64 total, bucket;
	u32 i, want;

	KUNIT_ASSERT_EQ(test, rtpl_noise_size_check(&s, &why), 0);
	seeded(&r, 1);
	for (i = 0; i < 20000; i++) {
		want = m_below(&rng, 1 << (1 + m_below(&rng, 24)));
		if (i < ARRAY_SIZE(edges))
			want = edges[i];
		bucket = holds(&s, want);
		total = rtpl_noise_size_pick(&s, want, &r);
		KUNIT_ASSERT_GE(test, total, want);
		KUNIT_ASSERT_GE(test, total, bucket);
		KUNIT_ASSERT_LE(test, total, bucket + 999);
	}
}

/* Two messages of one bucket, with the same luck, look alike; and one draw each. */
static void alike(struct kunit *test)
{
	struct rtpl_noise_size s = sizes();
	struct rtpl_rng a, b, count;
	struct m_rng rng = { 6 };
	u32 i, want, other, differ = 0;
	u64 first, last = 0;

	seeded(&a, 2);
	seeded(&b, 2);
	seeded(&count, 2);
	for (i = 0; i < 5000; i++) {
		want = 1 + m_below(&rng, 400000);
		other = m_below(&rng, 2) ? holds(&s, want) : want;
		first = rtpl_noise_size_pick(&s, want, &a);
		KUNIT_ASSERT_EQ(test, first, rtpl_noise_size_pick(&s, other, &b));
		differ += first - holds(&s, want) != last;
		last = first - holds(&s, want);
		rtpl_rng_u64(&count);
	}
	KUNIT_EXPECT_GT(test, differ, 4900);
	KUNIT_EXPECT_EQ(test, rtpl_rng_u64(&a), rtpl_rng_u64(&count));
}

/* A noise of two sides around 300: its lower side never goes below the bucket. */
static void two_sides(struct kunit *test)
{
	u32 i, count[3] = {}, other = 0;
	struct rtpl_noise_size s = sizes();
	const char *why = NULL;
	struct rtpl_rng r;
	u64 more;

	s.noise = (struct rtpl_dist){ .kind = RTPL_DIST_STEPS, .n = 3, .start = 300, .max = 500,
				      .p = sides_p, .x = sides_x };
	KUNIT_ASSERT_EQ(test, rtpl_noise_size_check(&s, &why), 0);
	seeded(&r, 3);
	for (i = 0; i < 40000; i++) {
		more = rtpl_noise_size_pick(&s, 600, &r) - 2048;
		if (more == 0)
			count[0]++;
		else if (more == 300)
			count[1]++;
		else if (more == 500)	/* 600, kept within max */
			count[2]++;
		else
			other++;
	}
	KUNIT_EXPECT_EQ(test, other, 0);
	/* a quarter, a quarter and a half: five standard deviations */
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_GT(test, count[i], i == 2 ? 19500 : 9567);
		KUNIT_EXPECT_LT(test, count[i], i == 2 ? 20500 : 10433);
	}
}

static void grown(struct kunit *test)
{
	struct rtpl_noise_size s = sizes();
	struct rtpl_rng r, untouched;
	u64 total, next;

	seeded(&r, 4);
	total = rtpl_noise_size_pick(&s, 400, &r);
	untouched = r;
	KUNIT_EXPECT_EQ(test, rtpl_noise_size_grown(&s, total, total, &r), total);
	KUNIT_EXPECT_MEMEQ(test, &r, &untouched, sizeof(r));
	next = rtpl_noise_size_grown(&s, total, total + 1, &r);
	KUNIT_EXPECT_GE(test, next, 2048);
	KUNIT_EXPECT_LE(test, next, 2048 + 999);
}

#define REFUSED(err, text) do {							\
	why = NULL;								\
	KUNIT_EXPECT_EQ(test, rtpl_noise_size_check(&s, &why), err);		\
	KUNIT_ASSERT_NOT_NULL(test, why);					\
	KUNIT_EXPECT_NOT_NULL(test, strstr(why, text));				\
	s = sizes();								\
} while (0)

static void refused(struct kunit *test)
{
	struct rtpl_noise_size s = sizes();
	const char *why = NULL;

	s.n_buckets = 0;
	REFUSED(-EINVAL, "1 to 16");
	s.n_buckets = 17;
	REFUSED(-EINVAL, "1 to 16");
	s.bucket[0] = 0;
	REFUSED(-ERANGE, "131072");
	s.bucket[4] = 131073;
	REFUSED(-ERANGE, "131072");
	s.bucket[2] = 2048;
	REFUSED(-EINVAL, "ascending");
	s.noise.min = -1;
	REFUSED(-ERANGE, "min");
	s.noise.max = 131073;
	REFUSED(-ERANGE, "max");
	s.noise.p = NULL;
	REFUSED(-EINVAL, "table");
}

static struct kunit_case noise_size_cases[] = {
	KUNIT_CASE(picked),
	KUNIT_CASE(alike),
	KUNIT_CASE(two_sides),
	KUNIT_CASE(grown),
	KUNIT_CASE(refused),
	{}
};

static struct kunit_suite noise_size_suite = {
	.name = "rtpl_noise_size",
	.test_cases = noise_size_cases,
};

kunit_test_suite(noise_size_suite);
