// SPDX-License-Identifier: GPL-2.0
/*
 * Distributions as tables (core/dist.c): against a plain search and 128-bit
 * arithmetic, and what is refused.
 */
#include "lib.h"
#include "../core/dist.h"

#define HALF	BIT_ULL(63)

static struct rtpl_dist table(u8 kind, u16 n, const u64 *p, const s64 *x)
{
	struct rtpl_dist d = { .kind = kind, .n = n, .p = p, .x = x,
			       .min = -S64_MAX - 1, .max = S64_MAX };

	return d;
}

static void seeded(struct rtpl_rng *r, u8 with)
{
	u8 seed[RTPL_RNG_SEED] = { with };

	rtpl_rng_seed(r, seed);
}

static void steps(struct kunit *test)
{
	static const u64 p[] = { 1, HALF, U64_MAX - 1 };
	static const s64 x[] = { -5, 0, 7 };
	struct rtpl_dist d = table(RTPL_DIST_STEPS, 3, p, x);
	const char *why = NULL;

	KUNIT_ASSERT_EQ(test, rtpl_dist_check(&d, &why), 0);
	KUNIT_EXPECT_EQ(test, rtpl_dist_at(&d, 0), -5);
	KUNIT_EXPECT_EQ(test, rtpl_dist_at(&d, 1), 0);
	KUNIT_EXPECT_EQ(test, rtpl_dist_at(&d, HALF - 1), 0);
	KUNIT_EXPECT_EQ(test, rtpl_dist_at(&d, HALF), 7);
	KUNIT_EXPECT_EQ(test, rtpl_dist_at(&d, U64_MAX - 1), 7);	/* the last stands for 1 */
	KUNIT_EXPECT_EQ(test, rtpl_dist_at(&d, U64_MAX), 7);

	d.start = 10;
	d.min = 8;
	d.max = 12;
	KUNIT_ASSERT_EQ(test, rtpl_dist_check(&d, &why), 0);
	KUNIT_EXPECT_EQ(test, rtpl_dist_at(&d, 0), 8);
	KUNIT_EXPECT_EQ(test, rtpl_dist_at(&d, 1), 10);
	KUNIT_EXPECT_EQ(test, rtpl_dist_at(&d, HALF), 12);
}

static void knots(struct kunit *test)
{
	static const u64 p[] = { 0, HALF, HALF + 1, U64_MAX };
	static const s64 x[] = { -100, 100, 200, 1000200 };
	struct rtpl_dist d = table(RTPL_DIST_KNOTS, 4, p, x);
	const char *why = NULL;

	KUNIT_ASSERT_EQ(test, rtpl_dist_check(&d, &why), 0);
	KUNIT_EXPECT_EQ(test, rtpl_dist_at(&d, 0), -100);
	KUNIT_EXPECT_EQ(test, rtpl_dist_at(&d, HALF / 2), 0);
	KUNIT_EXPECT_EQ(test, rtpl_dist_at(&d, HALF / 4 * 3), 50);
	KUNIT_EXPECT_EQ(test, rtpl_dist_at(&d, HALF - 1), 99);
	KUNIT_EXPECT_EQ(test, rtpl_dist_at(&d, HALF), 100);
	KUNIT_EXPECT_EQ(test, rtpl_dist_at(&d, HALF + 1), 200);
	KUNIT_EXPECT_EQ(test, rtpl_dist_at(&d, HALF + HALF / 2 + 1), 500200);
	KUNIT_EXPECT_EQ(test, rtpl_dist_at(&d, U64_MAX), 1000199);
}

/* One entry, of either kind: always that one, and still one draw. */
static void one_entry(struct kunit *test)
{
	static const u64 p[] = { 12345 };
	static const s64 x[] = { 42 };
	struct rtpl_dist d;
	struct rtpl_rng r, other;
	const char *why = NULL;
	u8 kind;
	int i;

	for (kind = 0; kind < RTPL_DIST_KINDS; kind++) {
		d = table(kind, 1, p, x);
		KUNIT_ASSERT_EQ(test, rtpl_dist_check(&d, &why), 0);
		seeded(&r, 1);
		seeded(&other, 1);
		for (i = 0; i < 100; i++) {
			KUNIT_ASSERT_EQ(test, rtpl_dist_sample(&d, &r), 42);
			rtpl_rng_u64(&other);
		}
		KUNIT_EXPECT_EQ(test, rtpl_rng_u64(&r), rtpl_rng_u64(&other));
	}
}

/* The widest there is: nothing overflows, and halves are halves. */
static void widest(struct kunit *test)
{
	static const u64 p[] = { 0, U64_MAX };
	static const s64 x[] = { -S64_MAX - 1, S64_MAX };
	struct rtpl_dist d = table(RTPL_DIST_KNOTS, 2, p, x);
	const char *why = NULL;
	s64 last = -S64_MAX - 1, at;
	u32 i;

	KUNIT_ASSERT_EQ(test, rtpl_dist_check(&d, &why), 0);
	KUNIT_EXPECT_EQ(test, rtpl_dist_at(&d, 0), -S64_MAX - 1);
	for (i = 0; i < 1 << 16; i++) {
		at = rtpl_dist_at(&d, (u64)i << 48);
		KUNIT_ASSERT_GE(test, at, last);
		last = at;
	}
	at = rtpl_dist_at(&d, HALF);
	KUNIT_EXPECT_LT(test, at, 1LL << 34);
	KUNIT_EXPECT_GT(test, at, -(1LL << 34));
	KUNIT_EXPECT_GT(test, rtpl_dist_at(&d, U64_MAX), S64_MAX - (1LL << 33));
}

struct any {
	u64 p[RTPL_DIST_MAX];
	s64 x[RTPL_DIST_MAX];
};

static u16 make_any(struct any *a, struct m_rng *rng, u8 kind, u64 step)
{
	u16 n = 2 + m_below(rng, RTPL_DIST_MAX - 1), i;
	u64 room;

	a->x[0] = -(s64)(m_rand(rng) >> 20);
	a->p[0] = kind == RTPL_DIST_KNOTS ? 0 : m_rand(rng) >> 12;
	for (i = 1; i < n; i++) {
		room = (U64_MAX - a->p[i - 1]) / (n - i) - 1;
		if (m_chance(rng, 300))
			room = 5;
		a->p[i] = a->p[i - 1] + 1 + mul_u64_u64_shr(room, m_rand(rng), 64);
		a->x[i] = a->x[i - 1] + m_rand(rng) % step;
	}
	if (kind == RTPL_DIST_KNOTS)
		a->p[n - 1] = U64_MAX;
	return n;
}

/* First i with u < p[i], or the last: in a loop over all. */
static u16 slowly(const struct rtpl_dist *d, u64 u)
{
	u16 i = 0;

	while (i < d->n - 1 && u >= d->p[i])
		i++;
	return i;
}

/*
 * Is @got the value at @u on the line from knot i - 1 to knot i, rounded down? One
 * off, and 2^-30 of the piece, are granted. Multiplied out: nothing is divided.
 */
static bool on_line(const struct rtpl_dist *d, u16 i, u64 u, s64 got)
{
	u64 width = d->x[i] - d->x[i - 1], whole = d->p[i] - d->p[i - 1];
	u64 at = got - d->x[i - 1], part = u - d->p[i - 1], grant = (width >> 30) + 1;

	if (got < d->x[i - 1] || got > d->x[i])
		return false;
	if ((__uint128_t)whole * (at > grant ? at - grant : 0) >
	    (__uint128_t)width * part)
		return false;
	return (__uint128_t)width * part <= (__uint128_t)whole * (at + 1 + grant);
}

static void against_search(struct kunit *test)
{
	struct any *a = kunit_kzalloc(test, sizeof(*a), GFP_KERNEL);
	struct m_rng rng = { 77 };
	struct rtpl_dist d;
	const char *why = NULL;
	u32 round, j;
	u64 u, step;
	s64 got;
	u16 i;
	u8 kind;

	KUNIT_ASSERT_NOT_NULL(test, a);
	for (round = 0; round < 400; round++) {
		kind = round & 1;
		step = 1 + (m_rand(&rng) >> (34 + m_below(&rng, 28)));	/* to 2^30 */
		d = table(kind, make_any(a, &rng, kind, step), a->p, a->x);
		KUNIT_ASSERT_EQ(test, rtpl_dist_check(&d, &why), 0);
		for (j = 0; j < 500; j++) {
			u = m_rand(&rng);
			if (m_chance(&rng, 400))	/* at a border, or beside it */
				u = a->p[m_below(&rng, d.n)] + m_below(&rng, 3) - 1;
			got = rtpl_dist_at(&d, u);
			i = slowly(&d, u);
			if (kind == RTPL_DIST_STEPS)
				KUNIT_ASSERT_EQ(test, got, d.x[i]);
			else
				KUNIT_ASSERT_TRUE(test, on_line(&d, i, u, got));
		}
	}
}

/* Pieces of any width: on the line at each 1024th part, and never falling. */
static void pieces(struct kunit *test)
{
	static const u64 wide[] = { 1, 2, 3, 100, 1ULL << 31, (1ULL << 32) - 1, 1ULL << 32,
				    (1ULL << 32) + 1, 1ULL << 50, HALF };
	u64 p[4] = { 0, 1000, 0, U64_MAX }, u, k;
	s64 x[4] = { 0, 0, 1 << 20, 1 << 20 }, got, last;
	struct rtpl_dist d = table(RTPL_DIST_KNOTS, 4, p, x);
	const char *why = NULL;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(wide); i++) {
		p[2] = p[1] + wide[i];
		KUNIT_ASSERT_EQ(test, rtpl_dist_check(&d, &why), 0);
		last = 0;
		for (k = 0; k < 1024; k++) {
			u = p[1] + mul_u64_u64_shr(wide[i], k << 54, 64);
			got = rtpl_dist_at(&d, u);
			KUNIT_ASSERT_TRUE(test, on_line(&d, 2, u, got));
			KUNIT_ASSERT_GE(test, got, last);
			last = got;
		}
	}
}

/* Many samples of a fair die and of an even spread: five standard deviations. */
static void many(struct kunit *test)
{
	u64 p[6], flat[2] = { 0, U64_MAX };
	s64 x[6], ends[2] = { 0, 6 };
	u32 count[2][6] = {};
	struct rtpl_dist d[2];
	struct rtpl_rng r;
	s64 got;
	u32 i, k;

	for (i = 0; i < 6; i++) {
		p[i] = U64_MAX / 6 * (i + 1);
		x[i] = i;
	}
	d[0] = table(RTPL_DIST_STEPS, 6, p, x);
	d[1] = table(RTPL_DIST_KNOTS, 2, flat, ends);
	seeded(&r, 3);
	for (k = 0; k < 2; k++) {
		for (i = 0; i < 60000; i++) {
			got = rtpl_dist_sample(&d[k], &r);
			KUNIT_ASSERT_TRUE(test, got >= 0 && got < 6);
			count[k][got]++;
		}
		for (i = 0; i < 6; i++) {
			KUNIT_EXPECT_GT(test, count[k][i], 10000 - 456);
			KUNIT_EXPECT_LT(test, count[k][i], 10000 + 456);
		}
	}
}

#define REFUSED(err, text) do {							\
	why = NULL;								\
	KUNIT_EXPECT_EQ(test, rtpl_dist_check(&d, &why), err);			\
	KUNIT_ASSERT_NOT_NULL(test, why);					\
	KUNIT_EXPECT_NOT_NULL(test, strstr(why, text));				\
	d = good;								\
} while (0)

static void refused(struct kunit *test)
{
	u64 p[] = { 0, 10, U64_MAX }, level[] = { 0, 0, U64_MAX }, low[] = { 1, 2, U64_MAX };
	u64 short_of[] = { 0, 1, U64_MAX - 1 };
	s64 x[] = { -1, 0, 1 }, falls[] = { 0, -1, 1 }, high[] = { 0, 1, S64_MAX - 5 };
	struct rtpl_dist good = table(RTPL_DIST_KNOTS, 3, p, x), d = good;
	const char *why = NULL;

	KUNIT_ASSERT_EQ(test, rtpl_dist_check(&d, &why), 0);
	d.kind = RTPL_DIST_KINDS;
	REFUSED(-EINVAL, "kind");
	d.n = 0;
	REFUSED(-EINVAL, "no entries");
	d.n = RTPL_DIST_MAX + 1;
	REFUSED(-E2BIG, "1024");
	d.p = NULL;
	REFUSED(-EINVAL, "no table");
	d.x = NULL;
	REFUSED(-EINVAL, "no table");
	d.min = 1;
	d.max = 0;
	REFUSED(-ERANGE, "min");
	d.p = level;
	REFUSED(-EINVAL, "probabilities");
	d.p = low;
	REFUSED(-EINVAL, "0 to 1");
	d.p = short_of;
	REFUSED(-EINVAL, "0 to 1");
	d.x = falls;
	REFUSED(-EINVAL, "values fall");
	d.x = high;
	d.start = 6;
	REFUSED(-ERANGE, "start");
	d.start = -S64_MAX - 1;
	REFUSED(-ERANGE, "start");

	/* steps may begin above 0 and end below 1 */
	d.kind = RTPL_DIST_STEPS;
	d.p = low;
	KUNIT_EXPECT_EQ(test, rtpl_dist_check(&d, &why), 0);
	d.p = short_of;
	KUNIT_EXPECT_EQ(test, rtpl_dist_check(&d, &why), 0);
	d.x = high;
	d.start = 5;
	KUNIT_EXPECT_EQ(test, rtpl_dist_check(&d, &why), 0);
}

static struct kunit_case dist_cases[] = {
	KUNIT_CASE(steps),
	KUNIT_CASE(knots),
	KUNIT_CASE(one_entry),
	KUNIT_CASE(widest),
	KUNIT_CASE(against_search),
	KUNIT_CASE(pieces),
	KUNIT_CASE(many),
	KUNIT_CASE(refused),
	{}
};

static struct kunit_suite dist_suite = {
	.name = "rtpl_dist",
	.test_cases = dist_cases,
};

kunit_test_suite(dist_suite);
