// SPDX-License-Identifier: GPL-2.0
/*
 * Limits of chaff (core/limits.c): answers against sums over the list of all cells,
 * the promise by brute force, and every contradiction once.
 */
#include "lib.h"
#include "../core/limits.h"

#define MS	1000000ULL
#define EVENTS	3000

struct cell {
	u64 at;
	u32 bytes;
	bool chaff;
};

struct run {
	struct rtpl_limits l;
	struct rtpl_limits_state st;
	u32 n;
	struct cell cell[EVENTS];
};

static struct run *run_new(struct kunit *test, u32 overhead, u32 free, u64 rate, u64 window)
{
	struct run *r = kunit_kzalloc(test, sizeof(*r), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, r);
	r->l = (struct rtpl_limits){ .overhead = overhead, .free = free, .rate = rate,
				     .window = window };
	return r;
}

/* Bytes that left at @from or later. */
static u64 since(const struct run *r, u64 from, bool chaff)
{
	u64 all = 0;
	u32 i;

	for (i = r->n; i-- && r->cell[i].at >= from;)
		all += r->cell[i].chaff == chaff ? r->cell[i].bytes : 0;
	return all;
}

/* What the header says, from the list. */
static enum rtpl_limits_why by_list(const struct run *r, u64 now, u32 bytes)
{
	u64 bucket = div_u64(r->l.window + 15, 16), slot = div64_u64(now, bucket), from, chaff;
	/* bytes in thousandths, or times ns */
	unsigned __int128 may;

	from = slot < 16 ? 0 : (slot - 16) * bucket;
	chaff = since(r, from, true) + bytes;
	may = (unsigned __int128)r->l.overhead * since(r, from, false) + r->l.free * 1000ULL;
	if (r->l.overhead != RTPL_LIMITS_NONE && chaff * 1000 > may)
		return RTPL_LIMITS_OVERHEAD;
	may = (unsigned __int128)r->l.rate * r->l.window;
	if (r->l.rate && (unsigned __int128)chaff * 1000000000 > may)
		return RTPL_LIMITS_RATE;
	return RTPL_LIMITS_OK;
}

static void sent(struct run *r, u64 now, u32 bytes, bool chaff)
{
	rtpl_limits_traffic(&r->st, &r->l, chaff ? RTPL_SENT_CHAFF : RTPL_SENT_DATA, now, bytes,
			    RTPL_LIMITS_BY_TRAFFIC);
	r->cell[r->n++] = (struct cell){ now, bytes, chaff };
}

static enum rtpl_limits_why may(struct run *r, u64 now, u32 bytes)
{
	return rtpl_limits_may(&r->st, &r->l, now, bytes, RTPL_LIMITS_BY_TRAFFIC);
}

/* Random cells; returns how often each answer was right. */
static void compare(struct kunit *test, struct run *r, u32 seed, u32 *count)
{
	enum rtpl_limits_why why;
	struct m_rng rng = { seed };
	u64 now = m_rand(&rng) >> 8;
	u32 bytes;

	while (r->n < EVENTS) {
		now += m_below(&rng, 10) ? m_below(&rng, div_u64(r->l.window, 50)) :
			m_rand(&rng) % (r->l.window * 2);
		bytes = 200 + m_below(&rng, 1300);
		if (m_chance(&rng, 400)) {
			sent(r, now, bytes, false);
			continue;
		}
		why = may(r, now, bytes);
		KUNIT_ASSERT_EQ(test, why, by_list(r, now, bytes));
		count[why]++;
		if (why == RTPL_LIMITS_OK)
			sent(r, now, bytes, true);
		else if (m_chance(&rng, 30))
			sent(r, now, 0, false);	/* the list must not stand still */
		else if (m_chance(&rng, 30))
			r->cell[r->n++] = (struct cell){ now, 0, false };
	}
}

static void answers(struct kunit *test)
{
	u32 i;

	for (i = 0; i < 12; i++) {
		u32 count[RTPL_LIMITS_WHYS] = {}, why;
		struct run *r = run_new(test, i & 1 ? 100 + 300 * i : RTPL_LIMITS_NONE,
					i & 1 ? 700 * i : 0, i & 2 ? 10000 + 7777 * i : 0,
					(20 + 13 * (u64)i * i) * MS + i * 12345);

		compare(test, r, i + 1, count);
		for (why = 0; why < RTPL_LIMITS_WHYS; why++)
			KUNIT_EXPECT_EQ(test, r->st.count[why], count[why]);
		KUNIT_EXPECT_NE(test, count[RTPL_LIMITS_OK], 0);
		KUNIT_EXPECT_EQ(test, count[RTPL_LIMITS_OVERHEAD] != 0, (i & 1) != 0);
		if (!(i & 2))
			KUNIT_EXPECT_EQ(test, count[RTPL_LIMITS_RATE], 0);
	}
}

/* No stretch of a window has more chaff than is promised. */
static void promise(struct kunit *test)
{
	u32 count[RTPL_LIMITS_WHYS] = {}, i, j, k;
	u64 chaff, data, most = 0;
	struct run *r;

	for (k = 0; k < 2; k++) {
		r = run_new(test, k ? 500 : RTPL_LIMITS_NONE, k ? 3000 : 0, k ? 0 : 50000,
			    100 * MS);
		compare(test, r, 77 + k, count);
		/* stretches that end with a chaff cell */
		for (i = 0; i < EVENTS; i++) {
			if (!r->cell[i].chaff)
				continue;
			chaff = 0;
			data = 0;
			for (j = i + 1; j-- && r->cell[j].at + 107 * MS > r->cell[i].at;) {
				if (!r->cell[j].chaff)
					data += r->cell[j].bytes;
				else if (r->cell[j].at + 100 * MS >= r->cell[i].at)
					chaff += r->cell[j].bytes;
			}
			KUNIT_ASSERT_LE(test, chaff, k ? 3000 + data / 2 : 5000);
			most = max_t(u64, most, chaff);
		}
		/* and it is used */
		KUNIT_EXPECT_GT(test, most, 4000);
	}
	KUNIT_EXPECT_NE(test, count[RTPL_LIMITS_RATE], 0);
	KUNIT_EXPECT_NE(test, count[RTPL_LIMITS_OVERHEAD], 0);
}

static void edges(struct kunit *test)
{
	static const u8 free[] = { RTPL_QUEUED, RTPL_GOT_DATA, RTPL_GOT_CHAFF };
	struct run *r = run_new(test, 1000, 1000, 0, 16 * MS);
	struct m_rng rng = { 8 };
	u32 i;

	/* to the byte */
	KUNIT_EXPECT_EQ(test, may(r, 0, 1000), RTPL_LIMITS_OK);
	KUNIT_EXPECT_EQ(test, may(r, 0, 1001), RTPL_LIMITS_OVERHEAD);
	sent(r, 0, 500, false);
	KUNIT_EXPECT_EQ(test, may(r, 0, 1500), RTPL_LIMITS_OK);
	KUNIT_EXPECT_EQ(test, may(r, 0, 1501), RTPL_LIMITS_OVERHEAD);
	/* what is queued or comes does not count */
	for (i = 0; i < ARRAY_SIZE(free); i++)
		rtpl_limits_traffic(&r->st, &r->l, free[i], 0, 5000, RTPL_LIMITS_BY_TRAFFIC);
	KUNIT_EXPECT_EQ(test, may(r, 0, 1501), RTPL_LIMITS_OVERHEAD);
	/* data is forgotten after 17 buckets of 1 ms */
	KUNIT_EXPECT_EQ(test, may(r, 17 * MS - 1, 1500), RTPL_LIMITS_OK);
	KUNIT_EXPECT_EQ(test, may(r, 17 * MS, 1500), RTPL_LIMITS_OVERHEAD);
	/* time that goes back is none */
	sent(r, 17 * MS, 500, false);
	KUNIT_EXPECT_EQ(test, may(r, 3, 1500), RTPL_LIMITS_OK);
	/* another window begins anew, however far its numbers are */
	r->l.window = RTPL_LIMITS_WINDOW_MAX;
	KUNIT_EXPECT_EQ(test, may(r, 18 * MS, 1001), RTPL_LIMITS_OVERHEAD);
	sent(r, 18 * MS, 500, false);
	KUNIT_EXPECT_EQ(test, may(r, 3000000 * MS, 1500), RTPL_LIMITS_OK);
	/* no limits */
	rtpl_limits_default(&r->l);
	KUNIT_EXPECT_EQ(test, may(r, 0, U32_MAX), RTPL_LIMITS_OK);
	/* nothing overflows into a limit that lets everything through */
	r->l = (struct rtpl_limits){ 1, 0, 1, 1000 * MS };
	for (i = 0; i < 200000; i++)
		rtpl_limits_traffic(&r->st, &r->l, i & 1 ? RTPL_SENT_CHAFF : RTPL_SENT_DATA,
				    m_chance(&rng, 1) ? m_rand(&rng) : 5, U32_MAX,
				    RTPL_LIMITS_BY_TRAFFIC);
	KUNIT_EXPECT_NE(test, may(r, 5, 1000), RTPL_LIMITS_OK);
}

/*
 * Chaff by time has what is free, whatever data and other chaff there was; chaff by traffic
 * beside it has the fraction of the data. A limit a second is everybody's.
 */
static void accounts(struct kunit *test)
{
	struct run *r = run_new(test, 1000, 1000, 0, 160 * MS);
	const struct rtpl_limits *l = &r->l;
	struct rtpl_limits_state *st = &r->st;
	enum rtpl_limits_cause i;

	/* before there is any */
	KUNIT_EXPECT_EQ(test, rtpl_limits_may(st, l, 0, 1000, RTPL_LIMITS_BY_TIME), 0);
	KUNIT_EXPECT_EQ(test, rtpl_limits_may(st, l, 0, 1001, RTPL_LIMITS_BY_TIME),
			RTPL_LIMITS_OVERHEAD);
	KUNIT_EXPECT_EQ(test, rtpl_limits_may(st, l, 0, 1000, RTPL_LIMITS_BY_TRAFFIC), 0);
	KUNIT_EXPECT_EQ(test, rtpl_limits_may(st, l, 0, 1, RTPL_LIMITS_BESIDE),
			RTPL_LIMITS_OVERHEAD);
	/* data earns the others something, time nothing */
	rtpl_limits_traffic(st, l, RTPL_SENT_DATA, 0, 5000, RTPL_LIMITS_BY_TIME);
	KUNIT_EXPECT_EQ(test, rtpl_limits_may(st, l, 0, 1001, RTPL_LIMITS_BY_TIME),
			RTPL_LIMITS_OVERHEAD);
	KUNIT_EXPECT_EQ(test, rtpl_limits_may(st, l, 0, 5000, RTPL_LIMITS_BESIDE), 0);
	KUNIT_EXPECT_EQ(test, rtpl_limits_may(st, l, 0, 5001, RTPL_LIMITS_BESIDE),
			RTPL_LIMITS_OVERHEAD);
	KUNIT_EXPECT_EQ(test, rtpl_limits_may(st, l, 0, 6000, RTPL_LIMITS_BY_TRAFFIC), 0);
	/* and none of them takes from another */
	rtpl_limits_traffic(st, l, RTPL_SENT_CHAFF, 0, 5000, RTPL_LIMITS_BESIDE);
	KUNIT_EXPECT_EQ(test, rtpl_limits_may(st, l, 0, 1000, RTPL_LIMITS_BY_TIME), 0);
	rtpl_limits_traffic(st, l, RTPL_SENT_CHAFF, 0, 1000, RTPL_LIMITS_BY_TIME);
	for (i = RTPL_LIMITS_BY_TIME; i <= RTPL_LIMITS_BESIDE; i += RTPL_LIMITS_BESIDE)
		KUNIT_EXPECT_EQ(test, rtpl_limits_may(st, l, 0, 1, i), RTPL_LIMITS_OVERHEAD);
	KUNIT_EXPECT_EQ(test, rtpl_limits_may(st, l, 169 * MS, 1, RTPL_LIMITS_BY_TIME),
			RTPL_LIMITS_OVERHEAD);
	KUNIT_EXPECT_EQ(test, rtpl_limits_may(st, l, 170 * MS, 1000, RTPL_LIMITS_BY_TIME), 0);

	/* a limit a second counts both */
	memset(st, 0, sizeof(*st));
	r->l = (struct rtpl_limits){ RTPL_LIMITS_NONE, 0, 10000, 1000 * MS };
	rtpl_limits_traffic(st, l, RTPL_SENT_CHAFF, 0, 4000, RTPL_LIMITS_BY_TIME);
	rtpl_limits_traffic(st, l, RTPL_SENT_CHAFF, 0, 5000, RTPL_LIMITS_BESIDE);
	for (i = RTPL_LIMITS_BY_TIME; i <= RTPL_LIMITS_BESIDE; i++) {
		KUNIT_EXPECT_EQ(test, rtpl_limits_may(st, l, 0, 1000, i), 0);
		KUNIT_EXPECT_EQ(test, rtpl_limits_may(st, l, 0, 1001, i), RTPL_LIMITS_RATE);
	}
}

struct all {
	struct rtpl_limits l;
	struct rtpl_shape s;
	struct rtpl_chaff c;
};

static void all_start(struct all *a)
{
	memset(a, 0, sizeof(*a));
	rtpl_limits_default(&a->l);
	rtpl_shape_default(&a->s);
	a->s.sizes = RTPL_SIZES_FIXED;
	a->s.cell = 1000;
}

#define expect(err) do {							\
	why = NULL;								\
	KUNIT_EXPECT_EQ(test, rtpl_limits_check(&a.l, &a.s, &a.c, 1472, &why), err);	\
	KUNIT_EXPECT_EQ(test, !why, !(err));					\
} while (0)

static void checks(struct kunit *test)
{
	static const u64 p[] = { U64_MAX };
	static const s64 x[] = { 20 * MS };
	struct rtpl_dist dist = { .kind = RTPL_DIST_STEPS, .n = 1, .p = p, .x = x,
				  .min = 10 * MS, .max = 20 * MS };
	const char *why;
	struct all a;

	all_start(&a);
	expect(0);
	a.l.window = RTPL_LIMITS_WINDOW_MIN - 1;
	expect(-ERANGE);
	a.l.window = RTPL_LIMITS_WINDOW_MAX + 1;
	expect(-ERANGE);
	all_start(&a);
	a.l.overhead = RTPL_LIMITS_OVERHEAD_MAX + 1;
	expect(-ERANGE);
	a.l.overhead = RTPL_LIMITS_OVERHEAD_MAX;
	expect(0);
	all_start(&a);
	a.l.free = 1;
	expect(-EINVAL);
	all_start(&a);
	a.l.rate = (1ULL << 46) + 1;
	expect(-ERANGE);
	a.l.rate--;
	expect(0);

	/* a constant rate: 100 cells of 1000 bytes */
	all_start(&a);
	a.s.sched = RTPL_SCHEDULE_CONST;
	a.s.rate = 100;
	expect(0);
	a.l.overhead = 99999;
	expect(-EINVAL);
	a.l.overhead = RTPL_LIMITS_NONE;
	a.l.rate = 99999;
	expect(-EINVAL);
	a.l.rate = 100000;
	expect(0);

	/* less than a cell */
	all_start(&a);
	a.c.kind = RTPL_CHAFF_FRONT;
	a.c.front = (struct rtpl_front){ 1, 1, MS, MS, MS };
	a.l.rate = 999;
	expect(-EINVAL);
	a.l.rate = 1000;
	expect(0);
	a.l.overhead = 0;
	expect(-EINVAL);
	a.l.free = 1000;
	expect(0);
	a.c.kind = RTPL_CHAFF_NONE;
	a.l = (struct rtpl_limits){ 0, 0, 1, 1000 * MS };
	expect(0);		/* nothing that they could forbid */

	/* cover: every 20 ms is 50 cells a second, 50000 bytes */
	all_start(&a);
	a.c.kind = RTPL_CHAFF_COVER;
	a.c.cover.every = (struct rtpl_chaff_gap){ .mode = RTPL_CHAFF_FIXED, .ns = 20 * MS };
	a.l.rate = 49999;
	expect(-EINVAL);
	a.l.rate = 50000;
	expect(0);
	a.l.overhead = 500;
	a.l.free = 49999;
	expect(-EINVAL);
	a.l.free = 50000;
	expect(0);
	/* seldom in a window, but a window has to have room for one */
	a.c.cover.every.ns = 5000 * MS;
	a.l.free = 999;
	expect(-EINVAL);
	a.l.free = 1000;
	expect(0);
	a.l.free = 50000;
	/* decoys in the background: at least every 20 ms */
	a.c.kind = RTPL_CHAFF_BIP324;
	memset(&a.c.bip324, 0, sizeof(a.c.bip324));
	a.c.bip324.background = (struct rtpl_chaff_gap){ .mode = RTPL_CHAFF_RANDOM, .dist = &dist };
	expect(0);
	a.l.free = 49999;
	expect(-EINVAL);
	a.c.bip324.background.mode = RTPL_CHAFF_OFF;
	a.c.bip324.padding = RTPL_CHAFF_FIXED;
	a.c.bip324.count = 2;
	expect(0);
}

static struct kunit_case limits_cases[] = {
	KUNIT_CASE(answers),
	KUNIT_CASE(promise),
	KUNIT_CASE(edges),
	KUNIT_CASE(accounts),
	KUNIT_CASE(checks),
	{}
};

static struct kunit_suite limits_suite = {
	.name = "rtpl_limits",
	.test_cases = limits_cases,
};

kunit_test_suite(limits_suite);
