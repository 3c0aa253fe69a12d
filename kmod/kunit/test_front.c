// SPDX-License-Identifier: GPL-2.0
/*
 * FRONT (core/chaff_front.c): logarithm and root against slower ways to them, times
 * against the Rayleigh distribution's quantiles, visits step by step.
 */
#include "lib.h"
#include "../core/chaff.h"

#define MS	1000000ULL

static const u8 seed[RTPL_RNG_SEED] = { 0x22 };

/* -ln(u / 2^64) in 2^-48 through log2, a digit at a time by squaring. */
static u64 minus_ln(u64 u)
{
	u64 m = u, digits = 0;
	int whole = 63, i;

	while (!(m >> 63)) {
		m <<= 1;
		whole--;
	}
	for (i = 0; i < 58; i++) {
		m = mul_u64_u64_shr(m, m, 64);	/* of 2^62: 1 ... 4 */
		digits = digits << 1 | m >> 63;
		if (!(m >> 63))
			m <<= 1;
	}
	/* log2(u) = whole + digits / 2^58; 64 - that, times ln 2 = 0xb17217f7d1cf79ab / 2^64 */
	digits = ((u64)(64 - whole) << 57) - (digits >> 1);
	return mul_u64_u64_shr(digits, 0xb17217f7d1cf79abULL, 64) >> 9;
}

static void exponential(struct kunit *test)
{
	const u64 off = 1ULL << 30;		/* 2^-18 */
	struct rtpl_rng rng, same;
	u64 e, want;
	u32 i;

	/* ln 2 */
	KUNIT_ASSERT_EQ(test, minus_ln(1ULL << 63) >> 38, 0xb17217f7d1cf79abULL >> 54);
	rtpl_rng_seed(&rng, seed);
	for (i = 0; i < 20000; i++) {
		same = rng;
		want = minus_ln(rtpl_rng_u64(&same) | 1);
		e = rtpl_front_exp(&rng);
		KUNIT_ASSERT_LE(test, e, want + off);
		KUNIT_ASSERT_GE(test, e + off, want);
	}
}

static void rayleigh(struct kunit *test)
{
	struct m_rng rng = { 4 };
	u64 e, r, w;
	u32 i;

	for (i = 0; i < 20000; i++) {
		e = (100ULL << 48) >> m_below(&rng, 55);
		e -= e ? m_rand(&rng) % e : 0;
		/* a window of 2^28: the root itself, of 2 e in 2^-56 */
		r = rtpl_front_rayleigh(e, 1 << 28);
		KUNIT_ASSERT_TRUE(test, r * r <= e << 9);
		KUNIT_ASSERT_TRUE(test, (r + 1) * (r + 1) > e << 9);
		w = 1 + (m_rand(&rng) >> 24);
		KUNIT_ASSERT_EQ(test, rtpl_front_rayleigh(e, w),
				mul_u64_u64_shr(w, r, 28));
	}
	KUNIT_EXPECT_EQ(test, rtpl_front_rayleigh(U64_MAX, 5 * MS),
			rtpl_front_rayleigh(100ULL << 48, 5 * MS));
	/* sqrt(2): 1.41421356 */
	KUNIT_EXPECT_EQ(test, rtpl_front_rayleigh(1ULL << 48, 1000000), 1414213);
}

struct run {
	struct rtpl_chaff c;
	struct rtpl_chaff_state st;
	struct rtpl_rng rng;
};

static struct run *run_new(struct kunit *test, u32 cells, u64 window, u64 silence)
{
	struct run *r = kunit_kzalloc(test, sizeof(*r), GFP_KERNEL);
	const char *why;

	KUNIT_ASSERT_NOT_NULL(test, r);
	r->c.kind = RTPL_CHAFF_FRONT;
	r->c.front = (struct rtpl_front){
		.min = cells, .max = cells,
		.window_min = window, .window_max = window,
		.silence = silence,
	};
	KUNIT_ASSERT_EQ(test, rtpl_chaff_check(&r->c, &why), 0);
	rtpl_rng_seed(&r->rng, seed);
	rtpl_chaff_start(&r->st, &r->c, 0, &r->rng);
	return r;
}

#define happens(r, what, at)	rtpl_chaff_traffic(&(r)->st, &(r)->c, what, at, 1000)
#define next(r)			rtpl_chaff_next(&(r)->st, &(r)->c, 0)
#define take(r, at)		rtpl_chaff_take(&(r)->st, &(r)->c, at, true)

/* P(T <= x) = 1 - exp(-x^2 / 2 w^2): below w * sqrt(2 k ln 2) are 1 - 2^-k of them. */
static void quantiles(struct kunit *test)
{
	static const u32 at[] = { 1177410, 1665109, 2039334, 2354820, 2632769 };
	const u64 w = 1000000;
	u32 below[5] = {}, i, j, k, first = 0;
	struct run *r = run_new(test, 100, w, 50 * MS);
	u64 begin, t, last;

	for (i = 0; i < 3000; i++) {
		begin = i * 1000 * MS;
		happens(r, RTPL_SENT_DATA, begin);
		last = begin;
		for (j = 0; j < 100; j++) {
			t = next(r);
			KUNIT_ASSERT_GE(test, t, last);
			KUNIT_ASSERT_NE(test, t, RTPL_CHAFF_NEVER);
			for (k = 0; k < 5; k++)
				below[k] += t - begin < at[k];
			/* the least of 100: scaled by 1 / sqrt(100) */
			first += !j && t - begin < at[0] / 10;
			last = t;
			take(r, t);
		}
		KUNIT_ASSERT_EQ(test, next(r), RTPL_CHAFF_NEVER);
	}
	/* five standard deviations: n = 300000, p = 1 - 2^-k; n = 3000, p = 1 / 2 */
	for (k = 0; k < 5; k++) {
		s64 p = 300000 - (300000 >> (k + 1)), diff = below[k] - p;

		KUNIT_EXPECT_LT(test, diff * diff, 25 * p * (300000 - p) / 300000);
	}
	KUNIT_EXPECT_GT(test, first, 1500 - 137);
	KUNIT_EXPECT_LT(test, first, 1500 + 137);
	KUNIT_EXPECT_EQ(test, r->st.count.sent, 300000);
	KUNIT_EXPECT_EQ(test, r->st.count.missed, 0);
}

/* Each visit draws its own number of cells and window, all of them as likely. */
static void budgets(struct kunit *test)
{
	struct run *r = run_new(test, 1, MS, 1000 * MS);
	u32 cells[8] = {}, half = 0, i;

	r->c.front.min = 3;
	r->c.front.max = 10;
	r->c.front.window_max = 3 * MS;
	for (i = 0; i < 8000; i++) {
		happens(r, RTPL_SENT_DATA, (u64)i * 2000 * MS);
		KUNIT_ASSERT_GE(test, r->st.front.left, 3);
		KUNIT_ASSERT_LE(test, r->st.front.left, 10);
		cells[r->st.front.left - 3]++;
		KUNIT_ASSERT_GE(test, r->st.front.window, MS);
		KUNIT_ASSERT_LE(test, r->st.front.window, 3 * MS);
		half += r->st.front.window < 2 * MS;
	}
	/* five standard deviations of n = 8000, p = 1 / 8 and 1 / 2 */
	for (i = 0; i < 8; i++) {
		KUNIT_EXPECT_GT(test, cells[i], 1000 - 148);
		KUNIT_EXPECT_LT(test, cells[i], 1000 + 148);
	}
	KUNIT_EXPECT_GT(test, half, 4000 - 224);
	KUNIT_EXPECT_LT(test, half, 4000 + 224);
}

static void visits(struct kunit *test)
{
	struct run *r = run_new(test, 50, 1000 * MS, 100 * MS);
	u64 t, last;
	u32 n;

	KUNIT_EXPECT_EQ(test, next(r), RTPL_CHAFF_NEVER);
	happens(r, RTPL_GOT_DATA, MS);			/* what comes begins no visit */
	happens(r, RTPL_QUEUED, MS);
	happens(r, RTPL_SENT_CHAFF, MS);
	KUNIT_EXPECT_EQ(test, next(r), RTPL_CHAFF_NEVER);
	happens(r, RTPL_SENT_DATA, 2 * MS);
	KUNIT_EXPECT_EQ(test, r->st.front.left, 50);
	KUNIT_EXPECT_EQ(test, r->st.front.begin, 2 * MS);

	/* ends with the silence, although cells are left */
	for (n = 0, last = 2 * MS; (t = next(r)) != RTPL_CHAFF_NEVER; n++) {
		KUNIT_ASSERT_LE(test, t, 102 * MS);
		take(r, t);
	}
	KUNIT_EXPECT_LT(test, n, 10);
	/* data from either side within the silence goes on with it, no new visit */
	happens(r, RTPL_GOT_DATA, 102 * MS);
	KUNIT_EXPECT_EQ(test, r->st.front.left, 50 - n);
	for (last = 102; last < 9000; last += 90) {
		for (; (t = next(r)) <= (last + 90) * MS; n++)
			take(r, t);
		happens(r, last & 4 ? RTPL_GOT_DATA : RTPL_SENT_DATA, (last + 90) * MS);
	}
	KUNIT_EXPECT_EQ(test, n, 50);
	KUNIT_EXPECT_EQ(test, next(r), RTPL_CHAFF_NEVER);
	KUNIT_EXPECT_EQ(test, r->st.front.begin, 2 * MS);
	/* exactly the silence is not more than it */
	happens(r, RTPL_SENT_DATA, r->st.front.last + 100 * MS);
	KUNIT_EXPECT_EQ(test, r->st.front.begin, 2 * MS);
	happens(r, RTPL_SENT_DATA, r->st.front.last + 100 * MS + 1);
	KUNIT_EXPECT_EQ(test, r->st.front.begin, r->st.front.last);
	KUNIT_EXPECT_EQ(test, r->st.front.left, 50);
	KUNIT_EXPECT_EQ(test, r->st.count.missed, 0);
	/* what a visit leaves is counted */
	happens(r, RTPL_GOT_DATA, r->st.front.last + 200 * MS);
	KUNIT_EXPECT_EQ(test, r->st.count.missed, 50);
	KUNIT_EXPECT_EQ(test, next(r), RTPL_CHAFF_NEVER);
}

/* Chaff that data held back goes out later, all of it; never in one burst. */
static void late(struct kunit *test)
{
	struct run *r = run_new(test, 2000, 1000 * MS, 10000 * MS);
	u64 t, i, n = 0, begin, burst = 0, last = 0;

	happens(r, RTPL_SENT_DATA, 0);
	for (i = 0; i < 100; i++)
		take(r, next(r));
	t = next(r);
	/* up to 50 ms: put off, data does not replace it */
	happens(r, RTPL_SENT_DATA, t + 50 * MS);
	KUNIT_EXPECT_EQ(test, next(r), t);
	KUNIT_EXPECT_EQ(test, r->st.front.begin, 0);
	happens(r, RTPL_SENT_DATA, t + 50 * MS + 1);
	KUNIT_EXPECT_EQ(test, next(r), t + 50 * MS + 1);
	KUNIT_EXPECT_EQ(test, r->st.front.begin, 50 * MS + 1);
	/* data without a pause, for longer than the window */
	for (t += 51 * MS; t < 5000 * MS; t += MS)
		happens(r, RTPL_SENT_DATA, t);
	begin = r->st.front.begin;
	KUNIT_EXPECT_GT(test, begin, 4500 * MS);
	/* then what is left, spread as it would have been */
	for (; (t = next(r)) != RTPL_CHAFF_NEVER; n++) {
		t = max_t(u64, t, 5000 * MS);
		KUNIT_ASSERT_GE(test, t, last);
		burst += t < 5050 * MS;
		last = t;
		take(r, t);
	}
	KUNIT_EXPECT_EQ(test, n, 1900);
	KUNIT_EXPECT_LT(test, burst, 100);
	KUNIT_EXPECT_GT(test, last, 7000 * MS);
	KUNIT_EXPECT_EQ(test, r->st.count.replaced, 0);
	KUNIT_EXPECT_EQ(test, r->st.count.missed, 0);
	/* a cell that is late without data, too */
	happens(r, RTPL_SENT_DATA, 30000 * MS);
	begin = r->st.front.begin;
	t = next(r);
	take(r, t + 200 * MS);
	KUNIT_EXPECT_GE(test, r->st.front.begin, begin + 100 * MS);
	KUNIT_EXPECT_EQ(test, next(r), t + 200 * MS);
}

#define refused(r, err, setting, value) do {					\
	const struct rtpl_chaff keep_ = (r)->c;					\
										\
	(setting) = (value);							\
	why = NULL;								\
	KUNIT_EXPECT_EQ(test, rtpl_chaff_check(&(r)->c, &why), err);		\
	KUNIT_EXPECT_TRUE(test, why);						\
	(r)->c = keep_;								\
	KUNIT_EXPECT_EQ(test, rtpl_chaff_check(&(r)->c, &why), 0);		\
} while (0)

static void checks(struct kunit *test)
{
	struct run *r = run_new(test, 10, MS, 100 * MS);
	struct rtpl_front *f = &r->c.front;
	const char *why;

	refused(r, -ERANGE, f->min, 0);
	refused(r, -ERANGE, f->min, 11);
	refused(r, -ERANGE, f->max, 9);
	refused(r, -ERANGE, f->window_min, RTPL_CHAFF_GAP_MIN - 1);
	refused(r, -ERANGE, f->window_min, MS + 1);
	refused(r, -ERANGE, f->window_max, RTPL_CHAFF_GAP_MAX / 4 + 1);
	refused(r, -ERANGE, f->silence, RTPL_CHAFF_GAP_MIN - 1);
	refused(r, -ERANGE, f->silence, RTPL_CHAFF_GAP_MAX + 1);
}

static struct kunit_case front_cases[] = {
	KUNIT_CASE(exponential),
	KUNIT_CASE(rayleigh),
	KUNIT_CASE(quantiles),
	KUNIT_CASE(budgets),
	KUNIT_CASE(visits),
	KUNIT_CASE(late),
	KUNIT_CASE(checks),
	{}
};

static struct kunit_suite front_suite = {
	.name = "rtpl_front",
	.test_cases = front_cases,
};

kunit_test_suite(front_suite);
