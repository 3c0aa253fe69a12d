// SPDX-License-Identifier: GPL-2.0
/*
 * Chaff (core/chaff.c): cover and decoys step by step, and what holds for every
 * kind, under random events.
 */
#include "lib.h"
#include "../core/chaff.h"
#include "../core/limits.h"

#define MS	1000000ULL

static const u8 seed[RTPL_RNG_SEED] = { 0x33 };

/* 5 to 15 ms */
static const u64 dist_p[] = { 0, U64_MAX };
static const s64 dist_x[] = { 5 * MS, 15 * MS };
static const struct rtpl_dist dist = {
	.kind = RTPL_DIST_KNOTS, .n = 2, .p = dist_p, .x = dist_x,
	.min = 5 * MS, .max = 15 * MS,
};

static const struct rtpl_wtfpad_hist hist = {
	.n = 6,
	.infinity = 30,
	.tokens = { 40, 0, 90, 20, 10, 5 },
	.edge = { 1000, MS / 2, MS, 2 * MS, 40 * MS, 1000 * MS },
};

struct run {
	struct rtpl_chaff c;
	struct rtpl_chaff_state st;
	struct rtpl_rng rng;
};

static struct run *run_new(struct kunit *test, const struct rtpl_chaff *c)
{
	struct run *r = kunit_kzalloc(test, sizeof(*r), GFP_KERNEL);
	const char *why;

	KUNIT_ASSERT_NOT_NULL(test, r);
	r->c = *c;
	KUNIT_ASSERT_EQ(test, rtpl_chaff_check(&r->c, &why), 0);
	rtpl_rng_seed(&r->rng, seed);
	rtpl_chaff_start(&r->st, &r->c, 0, &r->rng);
	return r;
}

#define happens(r, what, at)	rtpl_chaff_traffic(&(r)->st, &(r)->c, what, at, 1000)
#define next(r)			rtpl_chaff_next(&(r)->st, &(r)->c, 0)
#define take(r, at)		rtpl_chaff_take(&(r)->st, &(r)->c, at, true)

static void cover(struct kunit *test)
{
	struct rtpl_chaff c = {
		.kind = RTPL_CHAFF_COVER,
		.cover.every = { .mode = RTPL_CHAFF_FIXED, .ns = 10 * MS },
	};
	struct run *r = run_new(test, &c);
	u64 t, last;
	u32 i;

	KUNIT_EXPECT_EQ(test, next(r), 10 * MS);
	happens(r, RTPL_GOT_DATA, 5 * MS);
	happens(r, RTPL_QUEUED, 6 * MS);
	happens(r, RTPL_SENT_CHAFF, 6 * MS);
	KUNIT_EXPECT_EQ(test, next(r), 10 * MS);
	happens(r, RTPL_SENT_DATA, 7 * MS);
	KUNIT_EXPECT_EQ(test, next(r), 17 * MS);
	take(r, 17 * MS - 250000);			/* ahead: the grid is kept */
	KUNIT_EXPECT_EQ(test, next(r), 27 * MS);
	take(r, 29 * MS);				/* late: kept too */
	KUNIT_EXPECT_EQ(test, next(r), 37 * MS);
	take(r, 58 * MS);				/* 47 and 57 are gone */
	KUNIT_EXPECT_EQ(test, next(r), 67 * MS);
	KUNIT_EXPECT_EQ(test, r->st.count.missed, 2);
	take(r, 87 * MS);				/* 77 is; 87 is now */
	KUNIT_EXPECT_EQ(test, next(r), 87 * MS);
	KUNIT_EXPECT_EQ(test, r->st.count.missed, 3);
	KUNIT_EXPECT_TRUE(test, happens(r, RTPL_SENT_DATA, 88 * MS));	/* in its place */
	KUNIT_EXPECT_EQ(test, r->st.count.replaced, 1);
	KUNIT_EXPECT_EQ(test, next(r), 98 * MS);

	/* a cell of data each 9 ms: as often as cover would have been, data stood in for it */
	for (i = 0, t = 88 * MS, last = 0; i < 100; i++) {
		t += 9 * MS;
		last += happens(r, RTPL_SENT_DATA, t);
	}
	KUNIT_EXPECT_EQ(test, last, 50);
	KUNIT_EXPECT_EQ(test, next(r), t + 10 * MS);

	/* a first wait of its own */
	r->c.cover.idle = 500 * MS;
	rtpl_chaff_start(&r->st, &r->c, 100 * MS, &r->rng);
	KUNIT_EXPECT_EQ(test, next(r), 600 * MS);
	happens(r, RTPL_SENT_DATA, 300 * MS);
	KUNIT_EXPECT_EQ(test, next(r), 800 * MS);
	take(r, 800 * MS);
	KUNIT_EXPECT_EQ(test, next(r), 810 * MS);
	KUNIT_EXPECT_EQ(test, r->st.count.sent, 5);	/* counted on over a start */

	/* random: within the table's bounds, half of them in its lower half */
	c.cover.every = (struct rtpl_chaff_gap){ .mode = RTPL_CHAFF_RANDOM, .dist = &dist };
	r = run_new(test, &c);
	for (i = 0, last = 0; i < 1000; i++) {
		t = next(r);
		KUNIT_ASSERT_GE(test, t - last, 5 * MS);
		KUNIT_ASSERT_LE(test, t - last, 15 * MS);
		last = t;
		take(r, t);
	}
	/* mean 10 ms, variance 100 / 12: of 1000, five standard deviations are 456 ms */
	KUNIT_EXPECT_GT(test, last, 9544 * MS);
	KUNIT_EXPECT_LT(test, last, 10456 * MS);
	take(r, next(r) + 60 * MS);			/* late: no burst */
	KUNIT_EXPECT_GT(test, next(r), last + 65 * MS);
	KUNIT_EXPECT_EQ(test, r->st.count.missed, 1);
}

static void decoys(struct kunit *test)
{
	struct rtpl_chaff c = {
		.kind = RTPL_CHAFF_BIP324,
		.bip324 = { .padding = RTPL_CHAFF_FIXED, .count = 3 },
	};
	struct run *r = run_new(test, &c);
	u32 count[5] = {}, i, j;

	KUNIT_EXPECT_EQ(test, next(r), RTPL_CHAFF_NEVER);
	happens(r, RTPL_GOT_DATA, MS);
	happens(r, RTPL_QUEUED, MS);
	happens(r, RTPL_SENT_CHAFF, MS);
	KUNIT_EXPECT_EQ(test, next(r), RTPL_CHAFF_NEVER);
	/* right behind the packet; more data at once takes the place of what is left */
	happens(r, RTPL_SENT_DATA, 2 * MS);
	KUNIT_EXPECT_EQ(test, next(r), 2 * MS);
	KUNIT_EXPECT_EQ(test, rtpl_chaff_next(&r->st, &r->c, 1), RTPL_CHAFF_NEVER);
	take(r, 2 * MS);
	happens(r, RTPL_SENT_DATA, 3 * MS);
	KUNIT_EXPECT_EQ(test, r->st.count.replaced, 2);
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_EQ(test, next(r), 3 * MS);
		take(r, 3 * MS);
	}
	KUNIT_EXPECT_EQ(test, next(r), RTPL_CHAFF_NEVER);

	/* with a chance of 3 in 8, then 1 to 4 of them */
	r->c.bip324 = (struct rtpl_bip324){ .padding = RTPL_CHAFF_RANDOM, .count = 4,
					    .chance = 3U << 29 };
	for (i = 0; i < 8000; i++) {
		happens(r, RTPL_SENT_DATA, (4 + i) * MS);
		for (j = 0; next(r) != RTPL_CHAFF_NEVER; j++) {
			KUNIT_ASSERT_LT(test, j, 4);
			KUNIT_ASSERT_EQ(test, next(r), (4 + i) * MS);
			take(r, (4 + i) * MS);
		}
		count[j]++;
	}
	/* five standard deviations of n = 8000, p = 5 / 8 and 3 / 32 */
	KUNIT_EXPECT_GT(test, count[0], 5000 - 217);
	KUNIT_EXPECT_LT(test, count[0], 5000 + 217);
	for (i = 1; i < 5; i++) {
		KUNIT_EXPECT_GT(test, count[i], 750 - 131);
		KUNIT_EXPECT_LT(test, count[i], 750 + 131);
	}

	/* in the background, whatever the data does */
	c.bip324 = (struct rtpl_bip324){
		.background = { .mode = RTPL_CHAFF_FIXED, .ns = 20 * MS },
	};
	r = run_new(test, &c);
	KUNIT_EXPECT_EQ(test, next(r), 20 * MS);
	happens(r, RTPL_SENT_DATA, 19 * MS);
	KUNIT_EXPECT_EQ(test, next(r), 20 * MS);
	take(r, 21 * MS);
	KUNIT_EXPECT_EQ(test, next(r), 41 * MS);
	take(r, 40 * MS);				/* ahead */
	KUNIT_EXPECT_EQ(test, next(r), 61 * MS);
	happens(r, RTPL_SENT_DATA, 61 * MS);		/* in its place */
	KUNIT_EXPECT_EQ(test, r->st.count.replaced, 1);
	KUNIT_EXPECT_EQ(test, next(r), 81 * MS);

	/* both: the earlier first */
	c.bip324.padding = RTPL_CHAFF_FIXED;
	c.bip324.count = 1;
	r = run_new(test, &c);
	happens(r, RTPL_SENT_DATA, 19 * MS);
	KUNIT_EXPECT_EQ(test, next(r), 19 * MS);
	take(r, 20 * MS);
	KUNIT_EXPECT_EQ(test, next(r), 20 * MS);
	take(r, 20 * MS);
	KUNIT_EXPECT_EQ(test, next(r), 40 * MS);
}

static const struct rtpl_chaff kinds[] = {
	{ .kind = RTPL_CHAFF_NONE },
	{ .kind = RTPL_CHAFF_COVER,
	  .cover = { .idle = 3 * MS, .every = { .mode = RTPL_CHAFF_FIXED, .ns = MS } } },
	{ .kind = RTPL_CHAFF_COVER,
	  .cover = { .every = { .mode = RTPL_CHAFF_RANDOM, .dist = &dist } } },
	{ .kind = RTPL_CHAFF_BIP324,
	  .bip324 = { .padding = RTPL_CHAFF_RANDOM, .count = 16, .chance = 1U << 31,
		      .background = { .mode = RTPL_CHAFF_RANDOM, .dist = &dist } } },
	{ .kind = RTPL_CHAFF_BIP324,
	  .bip324 = { .padding = RTPL_CHAFF_FIXED, .count = 2 } },
	{ .kind = RTPL_CHAFF_WTFPAD,
	  .wtfpad = { .removal = RTPL_WTFPAD_LOWER,
		      .hist = { { &hist, &hist }, { &hist, &hist } } } },
	{ .kind = RTPL_CHAFF_WTFPAD,
	  .wtfpad = { .removal = RTPL_WTFPAD_HIGHER, .flags = RTPL_WTFPAD_FLAGS,
		      .hist = { { NULL, NULL }, { &hist, NULL } } } },
	{ .kind = RTPL_CHAFF_FRONT,
	  .front = { .min = 1, .max = 60, .window_min = MS, .window_max = 30 * MS,
		     .silence = 20 * MS } },
};

/*
 * An engine of one queue, under random arrivals at both ends and random stalls.
 * Chaff is asked for as the link would. What must hold: no chaff is wanted while data
 * waits, each departure of data is at the time that it has without chaff, asking
 * changes nothing, chaff at one moment ends.
 */
static void engine(struct kunit *test, const struct rtpl_chaff *c, u32 s, bool jumps)
{
	struct run *r = run_new(test, c);
	u64 now = 0, at, busy = 0, due, data = 0, before;
	struct m_rng rng = { s };
	u32 i, spins, queued = 0;

	for (i = 0; i < 4000; i++) {
		/* until the next arrival or stall */
		at = now + (m_chance(&rng, 700) ? m_below(&rng, 2 * MS) :
			    m_below(&rng, 120 * MS));
		if (jumps && m_chance(&rng, 5))
			at += m_rand(&rng) >> m_below(&rng, 40);
		at = max_t(u64, at, now);
		for (spins = 0; spins < 20000; spins++) {
			due = rtpl_chaff_next(&r->st, &r->c, queued);
			KUNIT_ASSERT_EQ(test, due, rtpl_chaff_next(&r->st, &r->c, queued));
			if (queued)
				KUNIT_ASSERT_EQ(test, due, RTPL_CHAFF_NEVER);
			if (queued && busy <= at) {
				/* data goes as soon as the link is free */
				now = max_t(u64, now, busy);
				queued--;
				data++;
				happens(r, RTPL_SENT_DATA, now);
				continue;
			}
			due = max_t(u64, due, now);
			if (due > at || due == RTPL_CHAFF_NEVER)
				break;
			now = due;
			before = r->st.count.sent + r->st.count.refused;
			rtpl_chaff_take(&r->st, &r->c, now, m_chance(&rng, 900));
			happens(r, RTPL_SENT_CHAFF, now);
			KUNIT_ASSERT_EQ(test, before + 1, r->st.count.sent + r->st.count.refused);
		}
		/* 120 ms at 1 us are far more than any kind here comes to */
		if (at - now < 200 * MS)
			KUNIT_ASSERT_LT(test, spins, 20000);
		now = at;
		if (m_chance(&rng, 100))
			busy = now + m_below(&rng, 100 * MS);
		if (m_chance(&rng, 500)) {
			queued += 1 + m_below(&rng, 20);
			happens(r, RTPL_QUEUED, now);
		} else {
			happens(r, m_chance(&rng, 500) ? RTPL_GOT_DATA : RTPL_GOT_CHAFF, now);
		}
	}
	if (c->kind == RTPL_CHAFF_NONE)
		KUNIT_EXPECT_EQ(test, r->st.count.sent, 0);
	else
		KUNIT_EXPECT_GT(test, r->st.count.sent, 200);
	if (c->kind != RTPL_CHAFF_NONE && c->kind != RTPL_CHAFF_FRONT)
		KUNIT_EXPECT_GT(test, r->st.count.replaced, 10);
	KUNIT_EXPECT_GT(test, data, 1000);
	/* bounded: decoys by the packets */
	if (c->kind == RTPL_CHAFF_BIP324 && c->bip324.background.mode == RTPL_CHAFF_OFF)
		KUNIT_EXPECT_LE(test, r->st.count.sent + r->st.count.refused,
				data * c->bip324.count);
}

static void random_events(struct kunit *test)
{
	u32 i, s;

	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		for (s = 1; s <= 8; s++)
			engine(test, &kinds[i], s, s > 6 && kinds[i].kind != RTPL_CHAFF_COVER);
}

/* What comes makes a difference to the kinds that say so, and to no others. */
static void listens(struct kunit *test)
{
	struct m_rng rng = { 7 };
	u32 i, j, k;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct run *r[] = { run_new(test, &kinds[i]), run_new(test, &kinds[i]) };
		bool differ = false;
		u64 now = 0;

		for (j = 0; j < 2000; j++) {
			now += m_below(&rng, m_chance(&rng, 900) ? 3 * MS : 60 * MS);
			if (m_chance(&rng, 300)) {
				happens(r[0], RTPL_SENT_DATA, now);
				happens(r[1], RTPL_SENT_DATA, now);
			} else {
				happens(r[0], m_chance(&rng, 500) ? RTPL_GOT_DATA : RTPL_GOT_CHAFF,
					now);
			}
			differ |= next(r[0]) != next(r[1]);
			for (k = 0; k < 2; k++)
				if (next(r[k]) <= now)
					take(r[k], now);
		}
		KUNIT_EXPECT_EQ(test, differ, rtpl_chaff_listens_got(&kinds[i]));
	}
}

/* At any order of calls and times, the end of time included: bounds hold, nothing breaks. */
static void any_order(struct kunit *test)
{
	struct m_rng rng = { 5 };
	u32 i, j;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct run *r = run_new(test, &kinds[i]);

		for (j = 0; j < 30000; j++) {
			u64 now = m_rand(&rng) >> m_below(&rng, 64);

			if (m_chance(&rng, 10))
				now = U64_MAX - m_below(&rng, 3);
			switch (m_below(&rng, 3)) {
			case 0:
				happens(r, m_below(&rng, RTPL_TRAFFIC_EVENTS + 1), now);
				break;
			case 1:
				take(r, now);
				break;
			default:
				next(r);
				if (m_chance(&rng, 3))
					rtpl_chaff_start(&r->st, &r->c, now, &r->rng);
			}
			if (r->c.kind == RTPL_CHAFF_BIP324)
				KUNIT_ASSERT_LE(test, r->st.bip324.pad, r->c.bip324.count);
			if (r->c.kind == RTPL_CHAFF_WTFPAD)
				KUNIT_ASSERT_LE(test, r->st.wtfpad.n, RTPL_WTFPAD_DELAYS);
			if (r->c.kind == RTPL_CHAFF_FRONT)
				KUNIT_ASSERT_LE(test, r->st.front.left, r->c.front.max);
		}
	}
}

/* With other parameters than it was started with: nothing, until it is started. */
static void other_parameters(struct kunit *test)
{
	struct run *r = run_new(test, &kinds[1]);
	struct rtpl_chaff_state keep;
	struct rtpl_chaff other = kinds[5];
	const char *why;

	keep = r->st;
	KUNIT_EXPECT_EQ(test, rtpl_chaff_next(&r->st, &other, 0), RTPL_CHAFF_NEVER);
	rtpl_chaff_traffic(&r->st, &other, RTPL_SENT_DATA, 9 * MS, 1000);
	rtpl_chaff_take(&r->st, &other, 9 * MS, true);
	KUNIT_EXPECT_EQ(test, 0, memcmp(&keep, &r->st, sizeof(keep)));
	rtpl_chaff_start(&r->st, &other, 9 * MS, &r->rng);
	KUNIT_EXPECT_EQ(test, next(r), RTPL_CHAFF_NEVER);
	rtpl_chaff_traffic(&r->st, &other, RTPL_SENT_DATA, 9 * MS, 1000);
	KUNIT_EXPECT_NE(test, rtpl_chaff_next(&r->st, &other, 0), RTPL_CHAFF_NEVER);
	/* of all zeroes */
	memset(&keep, 0, sizeof(keep));
	KUNIT_EXPECT_EQ(test, rtpl_chaff_next(&keep, &other, 0), RTPL_CHAFF_NEVER);
	KUNIT_EXPECT_EQ(test, rtpl_chaff_check(&other, &why), 0);
	/* as the header says */
	if (sizeof(void *) == 8)
		KUNIT_EXPECT_EQ(test, sizeof(struct rtpl_chaff_state), 1032);
}

#define refused(err, k, setting, value) do {					\
	static struct rtpl_chaff c;						\
										\
	c = kinds[k];								\
	KUNIT_EXPECT_EQ(test, rtpl_chaff_check(&c, &why), 0);			\
	c.setting = (value);							\
	why = NULL;								\
	KUNIT_EXPECT_EQ(test, rtpl_chaff_check(&c, &why), err);			\
	KUNIT_EXPECT_TRUE(test, why);						\
} while (0)

static void checks(struct kunit *test)
{
	struct rtpl_dist low = dist, high = dist, broken = dist;
	const char *why;

	low.min = RTPL_CHAFF_GAP_MIN - 1;
	high.max = RTPL_CHAFF_GAP_MAX + 1;
	broken.n = 0;
	refused(-EINVAL, 0, kind, RTPL_CHAFF_KINDS);
	refused(-EINVAL, 1, cover.every.mode, RTPL_CHAFF_OFF);
	refused(-EINVAL, 1, cover.every.mode, RTPL_CHAFF_MODES);
	refused(-ERANGE, 1, cover.every.ns, RTPL_CHAFF_GAP_MIN - 1);
	refused(-ERANGE, 1, cover.every.ns, RTPL_CHAFF_GAP_MAX + 1);
	refused(-ERANGE, 1, cover.idle, RTPL_CHAFF_GAP_MIN - 1);
	refused(-ERANGE, 1, cover.idle, RTPL_CHAFF_GAP_MAX + 1);
	refused(-EINVAL, 2, cover.every.dist, NULL);
	refused(-ERANGE, 2, cover.every.dist, &low);
	refused(-ERANGE, 2, cover.every.dist, &high);
	refused(-EINVAL, 2, cover.every.dist, &broken);
	refused(-EINVAL, 3, bip324.padding, RTPL_CHAFF_MODES);
	refused(-EINVAL, 3, bip324.padding, RTPL_CHAFF_OFF);	/* count is left */
	refused(-EINVAL, 3, bip324.padding, RTPL_CHAFF_FIXED);	/* chance is */
	refused(-ERANGE, 3, bip324.count, 0);
	refused(-ERANGE, 3, bip324.count, RTPL_BIP324_COUNT_MAX + 1);
	refused(-EINVAL, 3, bip324.chance, 0);
	refused(-EINVAL, 3, bip324.background.mode, RTPL_CHAFF_MODES);
	refused(-EINVAL, 4, bip324, (struct rtpl_bip324){});
}

static struct kunit_case chaff_cases[] = {
	KUNIT_CASE(cover),
	KUNIT_CASE(decoys),
	KUNIT_CASE(random_events),
	KUNIT_CASE(listens),
	KUNIT_CASE(any_order),
	KUNIT_CASE(other_parameters),
	KUNIT_CASE(checks),
	{}
};

static struct kunit_suite chaff_suite = {
	.name = "rtpl_chaff",
	.test_cases = chaff_cases,
};

kunit_test_suite(chaff_suite);
