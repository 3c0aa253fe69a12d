// SPDX-License-Identifier: GPL-2.0
/*
 * Adaptive padding (core/chaff_wtfpad.c): tokens against a model of the rules in
 * words, the machine step by step with delays of one value.
 */
#include "lib.h"
#include "../core/chaff.h"

#define MS	1000000ULL

static const u8 seed[RTPL_RNG_SEED] = { 0x11 };

/* As the authors' exponential bins: halves of 10 s. */
static void exponential(struct rtpl_wtfpad_hist *h, u8 n)
{
	u8 i;

	memset(h, 0, sizeof(*h));
	h->n = n;
	for (i = 0; i < n; i++)
		h->edge[i] = (10000 * MS) >> (n - 1 - i);
}

/* Always @ns, but for one in 65536: infinity. */
static void always(struct rtpl_wtfpad_hist *h, u64 ns)
{
	memset(h, 0, sizeof(*h));
	h->n = 2;
	h->edge[0] = ns - 1;
	h->edge[1] = ns;
	h->tokens[1] = U16_MAX;
	h->infinity = 1;
}

/* Infinity, but for one in 65536: @ns. */
static void never(struct rtpl_wtfpad_hist *h, u64 ns)
{
	always(h, ns);
	h->tokens[1] = 1;
	h->infinity = U16_MAX;
}

static void sampling(struct kunit *test)
{
	static struct rtpl_wtfpad_tokens t;
	static struct rtpl_wtfpad_hist h;
	u32 count[11] = {}, high[10] = {}, i, bin;
	const u32 draws = 200000;
	struct rtpl_rng rng;
	u64 ns, low;

	exponential(&h, 10);
	for (i = 0; i < 10; i++)
		h.tokens[i] = i == 3 ? 0 : 100 * (i + 1);
	h.infinity = 700;
	/* 100 + 200 + 300 + 500 + ... + 1000 + 700 = 5800 */
	rtpl_rng_seed(&rng, seed);
	rtpl_wtfpad_fill(&h, &t);
	KUNIT_ASSERT_EQ(test, t.sum, 5800);
	for (i = 0; i < draws; i++) {
		ns = rtpl_wtfpad_sample(&h, &t, &rng);
		if (ns == RTPL_CHAFF_NEVER) {
			count[10]++;
			continue;
		}
		for (bin = 0; ns > h.edge[bin]; bin++)
			KUNIT_ASSERT_LT(test, bin, 9);
		low = bin ? h.edge[bin - 1] : 0;
		count[bin]++;
		high[bin] += ns > low + (h.edge[bin] - low) / 2;
	}
	KUNIT_EXPECT_EQ(test, count[3], 0);
	for (i = 0; i < 11; i++) {
		u32 tokens = i == 10 ? 700 : h.tokens[i];
		u32 want = draws * (u64)tokens / 5800;

		/* variance below the mean; 5.5^2 is about 30 */
		KUNIT_EXPECT_LT(test, ((s64)count[i] - want) * ((s64)count[i] - want),
				30 * (s64)want + 1);
		/* half of them in the bin's upper half: variance n / 4 */
		if (i < 10)
			KUNIT_EXPECT_LE(test, (2 * (s64)high[i] - count[i]) *
					(2 * (s64)high[i] - count[i]), 30 * (s64)count[i]);
	}
	/* not below the least delay */
	h.edge[0] = 10;
	for (i = 1; i < 10; i++)
		h.tokens[i] = 0;
	rtpl_wtfpad_fill(&h, &t);
	for (i = 0; i < 100; i++)
		KUNIT_EXPECT_GE(test, rtpl_wtfpad_sample(&h, &t, &rng), RTPL_WTFPAD_DELAY_MIN);
}

/* The rule in words: from the list of bins that have tokens. -1: none is taken. */
static int by_words(const struct rtpl_wtfpad_hist *h, const u16 *left, u64 ns, u8 removal)
{
	int bin = 0, some[RTPL_WTFPAD_BINS + 1], n = 0, i, at = -1;

	if (!ns || removal == RTPL_WTFPAD_KEEP)
		return -1;
	/* (edge[i - 1], edge[i]] */
	for (i = 0; i < h->n; i++)
		if (h->edge[i] < ns)
			bin = i + 1;
	for (i = 0; i <= h->n; i++)
		if (left[i])
			some[n++] = i;
	for (i = 0; i < n; i++)
		if (some[i] == bin)
			return bin;
	if (removal == RTPL_WTFPAD_LOWER) {
		for (i = 0; i < n; i++)
			if (some[i] < bin)
				at = some[i];
		return at >= 0 ? at : some[0];
	}
	for (i = n - 1; i >= 0; i--)
		if (some[i] > bin && some[i] < h->n)
			at = some[i];
	if (at >= 0)
		return at;
	for (i = 0; i < n; i++)
		if (some[i] < h->n)
			at = some[i];
	return at >= 0 ? at : h->n;
}

static void removal(struct kunit *test)
{
	static struct rtpl_wtfpad_tokens t;
	static struct rtpl_wtfpad_hist h;
	u16 left[RTPL_WTFPAD_BINS + 1];
	u32 i, j, sum, fills = 0;
	struct m_rng rng = { 3 };
	u8 how;
	int bin;
	u64 ns;

	for (how = 0; how < RTPL_WTFPAD_REMOVALS; how++) {
		for (j = 0; j < 60; j++) {
			exponential(&h, j ? 1 + m_below(&rng, 30) : RTPL_WTFPAD_BINS / 2);
			h.infinity = 1 + m_below(&rng, 20);
			for (i = 0; i < h.n; i++)
				h.tokens[i] = m_chance(&rng, 300) ? 0 : m_below(&rng, 40);
			rtpl_wtfpad_fill(&h, &t);
			memcpy(left, t.left, sizeof(left));
			sum = t.sum;
			for (i = 0; i < 2000; i++) {
				ns = (20000 * MS) >> m_below(&rng, 33);
				ns = m_chance(&rng, 500) ? m_below(&rng, U32_MAX) % (ns + 1) : ns;
				if (m_chance(&rng, 100))
					ns = h.edge[m_below(&rng, h.n)];
				bin = by_words(&h, left, ns, how);
				if (bin >= 0) {
					left[bin]--;
					sum--;
				}
				if (!sum) {
					fills++;
					memcpy(left, h.tokens, sizeof(h.tokens));
					left[h.n] = h.infinity;
					for (bin = 0; bin <= h.n; bin++)
						sum += left[bin];
				}
				rtpl_wtfpad_remove(&h, &t, ns, how);
				KUNIT_ASSERT_EQ(test, t.sum, sum);
				KUNIT_ASSERT_EQ(test, 0, memcmp(left, t.left,
								(h.n + 1) * sizeof(*left)));
			}
		}
		KUNIT_EXPECT_EQ(test, fills != 0, how != RTPL_WTFPAD_KEEP);
		fills = 0;
	}
}

struct run {
	struct rtpl_chaff c;
	struct rtpl_chaff_state st;
	struct rtpl_wtfpad_hist h[RTPL_WTFPAD_ONS][RTPL_WTFPAD_MODES];
	struct rtpl_rng rng;
};

static struct run *run_new(struct kunit *test, u8 flags)
{
	struct run *r = kunit_kzalloc(test, sizeof(*r), GFP_KERNEL);
	const char *why;
	int on, mode;

	KUNIT_ASSERT_NOT_NULL(test, r);
	r->c.kind = RTPL_CHAFF_WTFPAD;
	r->c.wtfpad.flags = flags;
	r->c.wtfpad.removal = RTPL_WTFPAD_LOWER;
	for (on = 0; on < RTPL_WTFPAD_ONS; on++)
		for (mode = 0; mode < RTPL_WTFPAD_MODES; mode++) {
			/* send 20 and 3 ms, receive 7 and 2 ms */
			always(&r->h[on][mode], (on ? mode ? 2 : 7 : mode ? 3 : 20) * MS);
			r->c.wtfpad.hist[on][mode] = &r->h[on][mode];
		}
	KUNIT_ASSERT_EQ(test, rtpl_chaff_check(&r->c, &why), 0);
	rtpl_rng_seed(&r->rng, seed);
	rtpl_chaff_start(&r->st, &r->c, 0, &r->rng);
	return r;
}

#define happens(r, what, ms)	rtpl_chaff_traffic(&(r)->st, &(r)->c, what, (ms) * MS, 1000)
#define next(r)			rtpl_chaff_next(&(r)->st, &(r)->c, 0)
#define take(r, ms)		rtpl_chaff_take(&(r)->st, &(r)->c, (ms) * MS, true)
#define left(r, on, mode, bin)	((r)->st.wtfpad.tokens[on][mode].left[bin])

static void send_machine(struct kunit *test)
{
	struct run *r = run_new(test, 0);

	KUNIT_EXPECT_EQ(test, next(r), RTPL_CHAFF_NEVER);	/* idle */
	happens(r, RTPL_QUEUED, 1);
	KUNIT_EXPECT_EQ(test, next(r), RTPL_CHAFF_NEVER);
	happens(r, RTPL_SENT_DATA, 100);
	KUNIT_EXPECT_EQ(test, next(r), 120 * MS);		/* burst */
	happens(r, RTPL_SENT_DATA, 105);			/* again; 5 ms: bin 0's */
	KUNIT_EXPECT_EQ(test, next(r), 125 * MS);
	KUNIT_EXPECT_EQ(test, left(r, 0, 0, 1), U16_MAX - 1);	/* bin 0 has none: the next */
	/* waits on data: nothing is wanted */
	KUNIT_EXPECT_EQ(test, rtpl_chaff_next(&r->st, &r->c, 1), RTPL_CHAFF_NEVER);
	take(r, 125);
	KUNIT_EXPECT_EQ(test, next(r), 128 * MS);		/* gap */
	KUNIT_EXPECT_EQ(test, left(r, 0, 0, 1), U16_MAX - 2);	/* what was sampled */
	take(r, 129);						/* 1 ms late: from then */
	KUNIT_EXPECT_EQ(test, next(r), 132 * MS);
	rtpl_chaff_take(&r->st, &r->c, 131 * MS, false);	/* ahead, refused */
	KUNIT_EXPECT_EQ(test, next(r), 135 * MS);
	KUNIT_EXPECT_EQ(test, left(r, 0, 1, 1), U16_MAX - 2);
	happens(r, RTPL_SENT_CHAFF, 131);			/* says nothing new */
	KUNIT_EXPECT_EQ(test, next(r), 135 * MS);
	happens(r, RTPL_SENT_DATA, 133);			/* gap: back to burst */
	KUNIT_EXPECT_EQ(test, next(r), 153 * MS);
	KUNIT_EXPECT_EQ(test, left(r, 0, 1, 1), U16_MAX - 3);
	happens(r, RTPL_SENT_DATA, 153);			/* in its place */
	KUNIT_EXPECT_EQ(test, next(r), 173 * MS);
	KUNIT_EXPECT_EQ(test, r->st.count.sent, 2);
	KUNIT_EXPECT_EQ(test, r->st.count.refused, 1);
	KUNIT_EXPECT_EQ(test, r->st.count.replaced, 1);
}

static void receive_machine(struct kunit *test)
{
	struct run *r = run_new(test, 0);

	happens(r, RTPL_GOT_CHAFF, 5);
	KUNIT_EXPECT_EQ(test, next(r), RTPL_CHAFF_NEVER);
	happens(r, RTPL_GOT_DATA, 10);
	KUNIT_EXPECT_EQ(test, next(r), 17 * MS);
	happens(r, RTPL_GOT_DATA, 14);				/* ends later: its token only */
	KUNIT_EXPECT_EQ(test, next(r), 17 * MS);
	KUNIT_EXPECT_EQ(test, left(r, 1, 0, 1), U16_MAX - 1);
	happens(r, RTPL_SENT_DATA, 16);				/* the reply: its time counts */
	KUNIT_EXPECT_EQ(test, left(r, 1, 0, 1), U16_MAX - 2);
	KUNIT_EXPECT_EQ(test, next(r), 36 * MS);
	happens(r, RTPL_GOT_DATA, 30);
	KUNIT_EXPECT_EQ(test, next(r), 36 * MS);
	KUNIT_EXPECT_EQ(test, left(r, 1, 0, 1), U16_MAX - 3);
	/* one that ends first goes first, and the other still runs */
	happens(r, RTPL_GOT_DATA, 28);
	KUNIT_EXPECT_EQ(test, next(r), 35 * MS);
	take(r, 35);
	KUNIT_EXPECT_EQ(test, next(r), 36 * MS);
	KUNIT_EXPECT_EQ(test, left(r, 0, 1, 1), U16_MAX - 1);	/* 38 would be too late */
	take(r, 36);
	KUNIT_EXPECT_EQ(test, next(r), 39 * MS);		/* gap, 3 ms */
	happens(r, RTPL_GOT_DATA, 36);
	KUNIT_EXPECT_EQ(test, next(r), 38 * MS);		/* gap, 2 ms */
	KUNIT_EXPECT_EQ(test, left(r, 0, 1, 1), U16_MAX - 1);
	/* data ends both */
	happens(r, RTPL_SENT_DATA, 37);
	KUNIT_EXPECT_EQ(test, left(r, 0, 1, 1), U16_MAX - 2);
	KUNIT_EXPECT_EQ(test, left(r, 1, 1, 1), U16_MAX - 1);
	KUNIT_EXPECT_EQ(test, next(r), 57 * MS);
	KUNIT_EXPECT_EQ(test, r->st.count.replaced, 0);

	r = run_new(test, RTPL_WTFPAD_ON_CHAFF);
	happens(r, RTPL_GOT_CHAFF, 5);
	KUNIT_EXPECT_EQ(test, next(r), 12 * MS);

	/* without histograms for one of them */
	r->c.wtfpad.hist[RTPL_WTFPAD_SND][0] = NULL;
	r->c.wtfpad.hist[RTPL_WTFPAD_SND][1] = NULL;
	rtpl_chaff_start(&r->st, &r->c, 0, &r->rng);
	happens(r, RTPL_SENT_DATA, 5);
	KUNIT_EXPECT_EQ(test, next(r), RTPL_CHAFF_NEVER);
	happens(r, RTPL_GOT_DATA, 5);
	KUNIT_EXPECT_EQ(test, next(r), 12 * MS);
	take(r, 12);
	KUNIT_EXPECT_EQ(test, next(r), RTPL_CHAFF_NEVER);
	happens(r, RTPL_GOT_DATA, 13);
	KUNIT_EXPECT_EQ(test, next(r), 15 * MS);		/* gap */
}

/* No more than RTPL_WTFPAD_DELAYS run at a time. */
static void many_delays(struct kunit *test)
{
	struct run *r = run_new(test, 0);
	u32 i;

	for (i = 0; i < 2 * RTPL_WTFPAD_DELAYS; i++) {
		/* each ends before those that run */
		always(&r->h[1][0], (1000 - i) * MS);
		rtpl_wtfpad_fill(&r->h[1][0], &r->st.wtfpad.tokens[1][0]);
		happens(r, RTPL_GOT_DATA, 0);
	}
	for (i = RTPL_WTFPAD_DELAYS; i--;) {
		KUNIT_EXPECT_EQ(test, next(r), (1000 - i) * MS);
		take(r, 1000 - i);
	}
}

static void flags(struct kunit *test)
{
	struct run *r = run_new(test, RTPL_WTFPAD_DATA_STOPS);

	happens(r, RTPL_SENT_DATA, 0);
	happens(r, RTPL_SENT_DATA, 1);				/* burst goes on */
	KUNIT_EXPECT_EQ(test, next(r), 21 * MS);
	take(r, 21);
	happens(r, RTPL_SENT_DATA, 22);				/* gap: idle */
	happens(r, RTPL_GOT_DATA, 22);
	KUNIT_EXPECT_EQ(test, next(r), RTPL_CHAFF_NEVER);
	happens(r, RTPL_SENT_DATA, 23);
	KUNIT_EXPECT_EQ(test, next(r), 43 * MS);

	/* infinity in gap mode: burst again, or nothing */
	r = run_new(test, 0);
	never(&r->h[0][1], 3 * MS);
	rtpl_chaff_start(&r->st, &r->c, 0, &r->rng);
	happens(r, RTPL_SENT_DATA, 0);
	take(r, 20);
	KUNIT_EXPECT_EQ(test, next(r), 40 * MS);
	KUNIT_EXPECT_EQ(test, left(r, 0, 1, 2), U16_MAX);
	take(r, 40);
	KUNIT_EXPECT_EQ(test, next(r), 60 * MS);
	/* the time until the next cell has its token: infinity's is the only bin that long */
	KUNIT_EXPECT_EQ(test, left(r, 0, 1, 2), U16_MAX - 1);
	r->c.wtfpad.flags = RTPL_WTFPAD_GAP_STOPS;
	take(r, 60);
	KUNIT_EXPECT_EQ(test, next(r), RTPL_CHAFF_NEVER);
	take(r, 61);						/* nothing to take */
	KUNIT_EXPECT_EQ(test, r->st.count.sent, 3);
	KUNIT_EXPECT_EQ(test, left(r, 0, 1, 2), U16_MAX - 2);
	happens(r, RTPL_SENT_DATA, 99);
	KUNIT_EXPECT_EQ(test, left(r, 0, 1, 2), U16_MAX - 3);
	KUNIT_EXPECT_EQ(test, next(r), 119 * MS);

	/* infinity in burst mode */
	r = run_new(test, 0);
	never(&r->h[0][0], 20 * MS);
	rtpl_chaff_start(&r->st, &r->c, 0, &r->rng);
	happens(r, RTPL_SENT_DATA, 0);
	KUNIT_EXPECT_EQ(test, next(r), RTPL_CHAFF_NEVER);
	/* no tokens are taken where they are kept */
	r = run_new(test, 0);
	r->c.wtfpad.removal = RTPL_WTFPAD_KEEP;
	happens(r, RTPL_SENT_DATA, 0);
	take(r, 20);
	happens(r, RTPL_SENT_DATA, 21);
	KUNIT_EXPECT_EQ(test, left(r, 0, 0, 1), U16_MAX);
	KUNIT_EXPECT_EQ(test, left(r, 0, 1, 1), U16_MAX);
}

#define refused(r, err, setting, value) do {					\
	static struct run keep_;						\
										\
	keep_ = *(r);								\
	(setting) = (value);							\
	why = NULL;								\
	KUNIT_EXPECT_EQ(test, rtpl_chaff_check(&(r)->c, &why), err);		\
	KUNIT_EXPECT_TRUE(test, why);						\
	*(r) = keep_;								\
	KUNIT_EXPECT_EQ(test, rtpl_chaff_check(&(r)->c, &why), 0);		\
} while (0)

static void checks(struct kunit *test)
{
	struct run *r = run_new(test, 0);
	struct rtpl_wtfpad *w = &r->c.wtfpad;
	const char *why;

	refused(r, -EINVAL, w->removal, RTPL_WTFPAD_REMOVALS);
	refused(r, -EINVAL, w->flags, 0x8);
	refused(r, -ERANGE, r->h[0][0].n, 0);
	refused(r, -ERANGE, r->h[1][1].n, RTPL_WTFPAD_BINS + 1);
	refused(r, -EINVAL, r->h[0][1].infinity, 0);
	refused(r, -EINVAL, r->h[1][0].edge[1], r->h[1][0].edge[0]);
	refused(r, -EINVAL, r->h[0][0].edge[0], 0);
	refused(r, -ERANGE, r->h[0][1].edge[1], RTPL_CHAFF_GAP_MAX + 1);
	refused(r, -EINVAL, r->h[1][1].tokens[1], 0);
	memset(w->hist, 0, sizeof(w->hist));
	KUNIT_EXPECT_EQ(test, rtpl_chaff_check(&r->c, &why), -EINVAL);
	w->hist[1][0] = &r->h[1][0];
	KUNIT_EXPECT_EQ(test, rtpl_chaff_check(&r->c, &why), 0);
}

static struct kunit_case wtfpad_cases[] = {
	KUNIT_CASE(sampling),
	KUNIT_CASE(removal),
	KUNIT_CASE(send_machine),
	KUNIT_CASE(receive_machine),
	KUNIT_CASE(many_delays),
	KUNIT_CASE(flags),
	KUNIT_CASE(checks),
	{}
};

static struct kunit_suite wtfpad_suite = {
	.name = "rtpl_wtfpad",
	.test_cases = wtfpad_cases,
};

kunit_test_suite(wtfpad_suite);
