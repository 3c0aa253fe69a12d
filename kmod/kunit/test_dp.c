// SPDX-License-Identifier: GPL-2.0
/* The differentially private window (core/dp.c). */
#include "lib.h"
#include "../core/dp.h"

#define MS	1000000ULL

static const u64 none_p[] = { U64_MAX };
static const s64 none_x[] = { 0 };
/* 0 ... 3, a quarter each */
static const u64 four_p[] = { BIT_ULL(62), BIT_ULL(63), BIT_ULL(63) + BIT_ULL(62), U64_MAX };
static const s64 four_x[] = { 0, 1, 2, 3 };

static struct rtpl_dist table(u16 n, const u64 *p, const s64 *x)
{
	struct rtpl_dist d = { .kind = RTPL_DIST_STEPS, .n = n, .p = p, .x = x,
			       .min = -(s64)RTPL_DP_GRAINS_MAX, .max = RTPL_DP_GRAINS_MAX };

	return d;
}

/* No noise yet. */
static void set_quiet(struct rtpl_dp_plan *s)
{
	memset(s, 0, sizeof(*s));
	s->mechanism = RTPL_DP_SKELLAM;
	s->parts = 1;
	s->draws = 1;
	s->n_lines = 1;
	s->line[0].each = 1;
	s->step = 1;
	s->grain = 1000;
	s->min = 2;
	s->max = 500;
	s->burst = 10;
	s->window_ns = 10 * MS;
	s->windows = 1000;
	s->delta = 1;
	s->part[0] = table(1, none_p, none_x);
	s->part[1] = s->part[0];
}

static void set_laplace(struct rtpl_dp_plan *s)
{
	set_quiet(s);
	s->mechanism = RTPL_DP_LAPLACE;
	s->parts = 2;
	s->draws = 2;
	s->step = 4;
	s->part[0] = table(4, four_p, four_x);
	s->part[1] = s->part[0];
}

static struct rtpl_dp_plan *quiet(struct kunit *test)
{
	struct rtpl_dp_plan *s = kunit_kzalloc(test, sizeof(*s), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, s);
	set_quiet(s);
	return s;
}

static struct rtpl_dp_plan *laplace(struct kunit *test)
{
	struct rtpl_dp_plan *s = quiet(test);

	set_laplace(s);
	return s;
}

static void seeded(struct rtpl_rng *r, u8 with)
{
	u8 seed[RTPL_RNG_SEED] = { with };

	rtpl_rng_seed(r, seed);
}

static void times(struct kunit *test)
{
	struct rtpl_dp_plan *s = quiet(test);
	struct rtpl_dp p = {};
	struct rtpl_rng r;
	u64 k, at;

	seeded(&r, 1);
	rtpl_dp_start(&p, s, 77);
	for (k = 1; k < 2000; k++) {
		at = 77 + k * 10 * MS;
		KUNIT_ASSERT_EQ(test, rtpl_dp_next(&p, s, at - 10 * MS), at);
		KUNIT_ASSERT_EQ(test, rtpl_dp_next(&p, s, at), at);
		/* late by no more than a window: still this one */
		KUNIT_ASSERT_EQ(test, rtpl_dp_next(&p, s, at + 10 * MS), at);
		rtpl_dp_volume(&p, s, k, &r);
	}
	KUNIT_EXPECT_EQ(test, p.missed, 0);
	KUNIT_EXPECT_EQ(test, p.taken, 1999);

	/* decision 2000 was due at 20 s; the one in force at 21.005 s is number 2100 */
	KUNIT_EXPECT_EQ(test, rtpl_dp_next(&p, s, 77 + 21005 * MS), 77 + 21000 * MS);
	KUNIT_EXPECT_EQ(test, p.missed, 100);
	KUNIT_EXPECT_EQ(test, p.taken, 1999);
	rtpl_dp_volume(&p, s, 0, &r);
	KUNIT_EXPECT_EQ(test, rtpl_dp_next(&p, s, 77 + 21005 * MS), 77 + 21010 * MS);

	/* what was spent stays spent */
	rtpl_dp_start(&p, s, 5);
	KUNIT_EXPECT_EQ(test, rtpl_dp_next(&p, s, 5), 5 + 10 * MS);
	KUNIT_EXPECT_EQ(test, p.taken, 2000);
	KUNIT_EXPECT_EQ(test, p.missed, 100);
}

/* Without noise: the queue in grains, rounded up, within min and max. */
static void volumes(struct kunit *test)
{
	static const struct {
		u64 queue, volume;
	} want[] = {
		{ 0, 2000 }, { 1, 2000 }, { 2000, 2000 }, { 2001, 3000 }, { 3000, 3000 },
		{ 499001, 500000 }, { 500000, 500000 }, { 500001, 500000 }, { U64_MAX, 500000 },
	};
	struct rtpl_dp_plan *s = quiet(test);
	struct rtpl_dp p = {};
	const char *why = NULL;
	struct rtpl_rng r;
	u32 i;

	KUNIT_ASSERT_EQ(test, rtpl_dp_check(s, &why), 0);
	seeded(&r, 1);
	rtpl_dp_start(&p, s, 0);
	for (i = 0; i < ARRAY_SIZE(want); i++)
		KUNIT_EXPECT_EQ(test, rtpl_dp_volume(&p, s, want[i].queue, &r), want[i].volume);
}

/*
 * Two parts of a quarter each make 0 ... 15, all alike; the difference of two such
 * has 16 - |x| of 256 chances for each x.
 */
static void noise_laplace(struct kunit *test)
{
	struct rtpl_dp_plan *s = laplace(test);
	const char *why = NULL;
	struct rtpl_rng r;
	u32 count[31] = {};
	s64 x, want, off;
	u32 i;

	KUNIT_ASSERT_EQ(test, rtpl_dp_check(s, &why), 0);
	seeded(&r, 2);
	for (i = 0; i < 256000; i++) {
		x = rtpl_dp_noise(s, &r);
		KUNIT_ASSERT_TRUE(test, x >= -15 && x <= 15);
		count[x + 15]++;
	}
	for (x = -15; x <= 15; x++) {
		want = 1000 * (16 - (x < 0 ? -x : x));
		off = count[x + 15] - want;
		/* five standard deviations */
		KUNIT_EXPECT_LT(test, off * off, 25 * want);
	}
}

/* Skellam's draws are all added, and each comes from the sequence in turn. */
static void noise_skellam(struct kunit *test)
{
	struct rtpl_dp_plan *s = quiet(test);
	const char *why = NULL;
	struct rtpl_rng r, same;
	u32 i, k;
	s64 sum;

	s->part[0] = table(4, four_p, four_x);
	s->draws = RTPL_DP_DRAWS;
	KUNIT_ASSERT_EQ(test, rtpl_dp_check(s, &why), 0);
	seeded(&r, 3);
	seeded(&same, 3);
	for (i = 0; i < 1000; i++) {
		for (sum = 0, k = 0; k < RTPL_DP_DRAWS; k++)
			sum += rtpl_rng_u64(&same) >> 62;
		KUNIT_ASSERT_EQ(test, rtpl_dp_noise(s, &r), sum);
	}
}

/* The largest that a checked plan can hold. */
static void noise_widest(struct kunit *test)
{
	static const s64 most[] = { RTPL_DP_GRAINS_MAX };
	struct rtpl_dp_plan *s = quiet(test);
	const char *why = NULL;
	struct rtpl_dp p = {};
	struct rtpl_rng r;

	s->draws = RTPL_DP_DRAWS;
	s->parts = 2;
	s->step = RTPL_DP_GRAINS_MAX;
	s->max = RTPL_DP_GRAINS_MAX;
	s->grain = RTPL_DP_GRAINS_MAX;
	KUNIT_EXPECT_EQ(test, rtpl_dp_check(s, &why), -ERANGE);
	s->grain = div_u64(RTPL_DP_BYTES_MAX, RTPL_DP_GRAINS_MAX);
	s->part[0] = table(1, none_p, most);
	s->part[1] = s->part[0];
	KUNIT_ASSERT_EQ(test, rtpl_dp_check(s, &why), 0);
	seeded(&r, 4);
	KUNIT_EXPECT_EQ(test, rtpl_dp_noise(s, &r), 64LL * (BIT_ULL(40) + BIT_ULL(20)));
	KUNIT_EXPECT_EQ(test, rtpl_dp_volume(&p, s, U64_MAX, &r), RTPL_DP_BYTES_MAX);
}

/* However long the queue, the same numbers are drawn. */
static void draws(struct kunit *test)
{
	struct rtpl_dp_plan *s = laplace(test);
	struct rtpl_rng r, other;
	struct rtpl_dp p = {};
	u32 i;

	seeded(&r, 5);
	seeded(&other, 5);
	for (i = 0; i < 100; i++) {
		rtpl_dp_volume(&p, s, i * 7777ULL, &r);
		rtpl_rng_u64(&other);
		rtpl_rng_u64(&other);
		rtpl_rng_u64(&other);
		rtpl_rng_u64(&other);
	}
	KUNIT_EXPECT_EQ(test, rtpl_rng_u64(&r), rtpl_rng_u64(&other));
}

/*
 * What the promise rests on: streams that differ by @far bytes, and the volumes of
 * one applied to both, leave queues that never differ by more, nor in more grains
 * than @far has.
 */
static void neighbours(struct kunit *test)
{
	struct rtpl_dp_plan *s = laplace(test);
	u64 a = 0, b = 0, volume, in, extra, left, far;
	struct m_rng rng = { 8 };
	struct rtpl_dp p = {};
	struct rtpl_rng r;
	s64 grains;
	u32 i, k;

	seeded(&r, 6);
	for (i = 0; i < 300; i++) {
		far = 1 + m_below(&rng, 60000);
		left = far;
		for (k = 0; k < 300; k++) {
			in = m_chance(&rng, 300) ? m_below(&rng, 30000) : 0;
			extra = m_chance(&rng, 50) ? m_below(&rng, left + 1) : 0;
			left -= extra;
			a += in + extra;
			b += in;
			if (m_chance(&rng, 500))
				swap(a, b);	/* it is the distance that counts */
			volume = rtpl_dp_volume(&p, s, a, &r);
			grains = (s64)DIV_ROUND_UP(a, 1000) - (s64)DIV_ROUND_UP(b, 1000);
			KUNIT_ASSERT_LE(test, a > b ? a - b : b - a, far);
			KUNIT_ASSERT_LE(test, grains < 0 ? -grains : grains,
					(s64)DIV_ROUND_UP(far, 1000));
			a -= min_t(u64, a, volume);
			b -= min_t(u64, b, volume);
		}
		a = 0;
		b = 0;
	}
}

/* The lowest line; nothing before the first window; nothing known after the last. */
static void account(struct kunit *test)
{
	struct rtpl_dp_plan *s = quiet(test);
	const char *why = NULL;
	struct rtpl_dp p = {};
	struct rtpl_rng r;
	u64 k;

	s->n_lines = 4;
	s->line[0] = (struct rtpl_dp_line){ 100, 0 };
	s->line[1] = (struct rtpl_dp_line){ 10, 900 };
	s->line[2] = (struct rtpl_dp_line){ U64_MAX / 2, 0 };	/* overflows */
	s->line[3] = (struct rtpl_dp_line){ 9, 2000 };
	KUNIT_ASSERT_EQ(test, rtpl_dp_check(s, &why), 0);
	KUNIT_EXPECT_EQ(test, rtpl_dp_epsilon(s, 0), 0);
	KUNIT_EXPECT_EQ(test, rtpl_dp_epsilon(s, 9), 900);
	KUNIT_EXPECT_EQ(test, rtpl_dp_epsilon(s, 10), 1000);
	KUNIT_EXPECT_EQ(test, rtpl_dp_epsilon(s, 11), 1010);
	KUNIT_EXPECT_EQ(test, rtpl_dp_epsilon(s, 1000), 10900);
	KUNIT_EXPECT_EQ(test, rtpl_dp_epsilon(s, 1001), U64_MAX);
	s->line[1].once = U64_MAX;
	s->line[3].once = U64_MAX - 9000;
	KUNIT_EXPECT_EQ(test, rtpl_dp_epsilon(s, 1000), 100000);
	s->line[3].once = 0;
	KUNIT_EXPECT_EQ(test, rtpl_dp_epsilon(s, 1000), 9000);

	seeded(&r, 7);
	for (k = 0; k <= 1000; k++) {
		KUNIT_ASSERT_EQ(test, rtpl_dp_spent(&p, s), rtpl_dp_epsilon(s, k));
		rtpl_dp_volume(&p, s, 12345, &r);
	}
	KUNIT_EXPECT_EQ(test, rtpl_dp_spent(&p, s), U64_MAX);
}

/* With hold, the account never ends: what follows does not depend on the queue. */
static void hold(struct kunit *test)
{
	struct rtpl_dp_plan *s = quiet(test);
	struct rtpl_dp p = {};
	struct rtpl_rng r;
	u32 i;

	s->hold = true;
	s->windows = 20;
	seeded(&r, 8);
	rtpl_dp_start(&p, s, 0);
	for (i = 0; i < 20; i++)
		KUNIT_EXPECT_EQ(test, rtpl_dp_volume(&p, s, 7000, &r), 7000);
	for (; i < 40; i++)
		KUNIT_EXPECT_EQ(test, rtpl_dp_volume(&p, s, 7000 * (i & 1), &r), 500000);
	KUNIT_EXPECT_EQ(test, p.taken, 20);
	KUNIT_EXPECT_EQ(test, rtpl_dp_spent(&p, s), 20);
	KUNIT_EXPECT_EQ(test, rtpl_dp_next(&p, s, 0), 41 * 10 * MS);
}

#define REFUSED(err, text) do {							\
	why = NULL;								\
	KUNIT_EXPECT_EQ(test, rtpl_dp_check(s, &why), err);			\
	KUNIT_ASSERT_NOT_NULL(test, why);					\
	KUNIT_EXPECT_NOT_NULL(test, strstr(why, text));				\
	set_laplace(s);								\
} while (0)

static void refused(struct kunit *test)
{
	struct rtpl_dp_plan *s = laplace(test);
	const char *why = NULL;

	s->window_ns = 99999;
	REFUSED(-ERANGE, "window is");
	s->window_ns = RTPL_DP_WINDOW_MAX_NS + 1;
	REFUSED(-ERANGE, "window is");
	s->grain = 0;
	REFUSED(-ERANGE, "grain");
	s->grain = RTPL_DP_GRAINS_MAX + 1;
	REFUSED(-ERANGE, "grain");
	s->min = s->max + 1;
	REFUSED(-ERANGE, "min");
	s->max = RTPL_DP_GRAINS_MAX + 1;
	REFUSED(-ERANGE, "max");
	s->min = 0;
	s->max = 0;
	REFUSED(-ERANGE, "max");
	s->mechanism = RTPL_DP_MECHANISMS;
	REFUSED(-EINVAL, "mechanism");
	s->draws = 1;
	REFUSED(-EINVAL, "two draws");
	s->mechanism = RTPL_DP_SKELLAM;
	s->draws = 0;
	REFUSED(-ERANGE, "draws");
	s->mechanism = RTPL_DP_SKELLAM;
	s->draws = RTPL_DP_DRAWS + 1;
	REFUSED(-ERANGE, "draws");
	s->parts = 0;
	REFUSED(-EINVAL, "parts");
	s->parts = 3;
	REFUSED(-EINVAL, "parts");
	s->step = 0;
	REFUSED(-ERANGE, "step");
	s->step = RTPL_DP_GRAINS_MAX + 1;
	REFUSED(-ERANGE, "step");
	s->part[1].kind = RTPL_DIST_KNOTS;
	REFUSED(-EINVAL, "steps");
	s->part[0].min--;
	REFUSED(-ERANGE, "beyond");
	s->part[1].max++;
	REFUSED(-ERANGE, "beyond");
	s->part[1].n = 0;
	REFUSED(-EINVAL, "entries");
	s->windows = 0;
	REFUSED(-ERANGE, "of the account");
	s->windows = RTPL_DP_WINDOWS_MAX + 1;
	REFUSED(-ERANGE, "of the account");
	s->burst = 0;
	REFUSED(-ERANGE, "burst");
	s->burst = s->windows + 1;
	REFUSED(-ERANGE, "burst");
	s->n_lines = 0;
	REFUSED(-EINVAL, "lines");
	s->n_lines = RTPL_DP_LINES + 1;
	REFUSED(-EINVAL, "lines");
	KUNIT_EXPECT_EQ(test, rtpl_dp_check(s, &why), 0);
}

static struct kunit_case dp_cases[] = {
	KUNIT_CASE(times),
	KUNIT_CASE(volumes),
	KUNIT_CASE(noise_laplace),
	KUNIT_CASE(noise_skellam),
	KUNIT_CASE(noise_widest),
	KUNIT_CASE(draws),
	KUNIT_CASE(neighbours),
	KUNIT_CASE(account),
	KUNIT_CASE(hold),
	KUNIT_CASE(refused),
	{}
};

static struct kunit_suite dp_suite = {
	.name = "rtpl_dp",
	.test_cases = dp_cases,
};

kunit_test_suite(dp_suite);
