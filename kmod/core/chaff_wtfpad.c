// SPDX-License-Identifier: GPL-2.0
/*
 * WTF-PAD: adaptive padding with histograms for what is sent and what comes.
 *
 *	      data           chaff sent
 *	idle ------> burst -----------------> gap, again with each chaff sent
 *	  ^          |   ^  again with data    |
 *	  +----------+   +---------------------+
 *	   infinity        data, or infinity
 *
 * The receive machine's "data" is a cell that came; a cell with data that leaves is
 * the reply that it would have faked, and sends it to idle. A delay that was
 * infinity still has its token taken for the time until data left, as in the
 * authors' simulator.
 */
#include "chaff.h"

#define NONE	-1

static int refuse(const char **why, const char *text, int err)
{
	*why = text;
	return err;
}

static int check_hist(const struct rtpl_wtfpad_hist *h, const char **why)
{
	u64 edge = 0;
	u32 sum = 0, i;

	if (!h->n || h->n > RTPL_WTFPAD_BINS)
		return refuse(why, "A WTF-PAD histogram has 1 to 64 bins.", -ERANGE);
	if (!h->infinity)
		return refuse(why,
			      "A WTF-PAD histogram has no token for infinity: padding would never end.",
			      -EINVAL);
	for (i = 0; i < h->n; i++) {
		if (h->edge[i] <= edge)
			return refuse(why,
				      "The edges of a WTF-PAD histogram do not rise from above 0.",
				      -EINVAL);
		edge = h->edge[i];
		sum += h->tokens[i];
	}
	if (edge > RTPL_CHAFF_GAP_MAX)
		return refuse(why, "A delay of a WTF-PAD histogram is above 1 h.", -ERANGE);
	if (!sum) {
		return refuse(why,
			      "A WTF-PAD histogram has no tokens but infinity's; leave it out instead.",
			      -EINVAL);
	}
	return 0;
}

int rtpl_wtfpad_check(const struct rtpl_wtfpad *c, const char **why)
{
	int err, on, mode;

	if (c->removal >= RTPL_WTFPAD_REMOVALS)
		return refuse(why, "The kind of token removal is unknown.", -EINVAL);
	if (c->flags & ~RTPL_WTFPAD_FLAGS)
		return refuse(why, "A WTF-PAD flag is unknown.", -EINVAL);
	if (!c->hist[RTPL_WTFPAD_SND][RTPL_WTFPAD_BURST] &&
	    !c->hist[RTPL_WTFPAD_RCV][RTPL_WTFPAD_BURST])
		return refuse(why, "WTF-PAD needs a burst histogram, for sending or receiving.",
			      -EINVAL);
	for (on = 0; on < RTPL_WTFPAD_ONS; on++) {
		if (!c->hist[on][RTPL_WTFPAD_BURST] && c->hist[on][RTPL_WTFPAD_GAP])
			return refuse(why,
				      "A WTF-PAD gap histogram without its burst histogram is never used.",
				      -EINVAL);
		for (mode = 0; mode < RTPL_WTFPAD_MODES; mode++) {
			if (!c->hist[on][mode])
				continue;
			err = check_hist(c->hist[on][mode], why);
			if (err)
				return err;
		}
	}
	return 0;
}

void rtpl_wtfpad_fill(const struct rtpl_wtfpad_hist *h, struct rtpl_wtfpad_tokens *t)
{
	u32 i;

	t->sum = h->infinity;
	t->left[h->n] = h->infinity;
	for (i = 0; i < h->n; i++) {
		t->left[i] = h->tokens[i];
		t->sum += h->tokens[i];
	}
}

u64 rtpl_wtfpad_sample(const struct rtpl_wtfpad_hist *h, const struct rtpl_wtfpad_tokens *t,
		       struct rtpl_rng *rng)
{
	u32 at = rtpl_rng_below(rng, t->sum), i;
	u64 low, ns;

	for (i = 0; i < h->n && at >= t->left[i]; i++)
		at -= t->left[i];
	if (i == h->n)
		return RTPL_CHAFF_NEVER;
	low = i ? h->edge[i - 1] : 0;
	ns = low + 1 + mul_u64_u64_shr(rtpl_rng_u64(rng), h->edge[i] - low, 64);
	return max_t(u64, ns, RTPL_WTFPAD_DELAY_MIN);
}

/* The bin that gives a token for one of @bin; one of them has some. */
static u32 giving(const struct rtpl_wtfpad_hist *h, const struct rtpl_wtfpad_tokens *t, u32 bin,
		  u8 removal)
{
	s32 i;

	if (t->left[bin])
		return bin;
	if (removal == RTPL_WTFPAD_HIGHER)
		for (i = bin + 1; i < h->n; i++)
			if (t->left[i])
				return i;
	for (i = (s32)bin - 1; i >= 0; i--)
		if (t->left[i])
			return i;
	for (i = bin + 1; i < h->n; i++)
		if (t->left[i])
			return i;
	return h->n;
}

void rtpl_wtfpad_remove(const struct rtpl_wtfpad_hist *h, struct rtpl_wtfpad_tokens *t, u64 ns,
			u8 removal)
{
	u32 bin;

	if (!ns || removal == RTPL_WTFPAD_KEEP)
		return;
	for (bin = 0; bin < h->n && ns > h->edge[bin]; bin++)
		;
	t->left[giving(h, t, bin, removal)]--;
	if (!--t->sum)
		rtpl_wtfpad_fill(h, t);
}

static void rest(struct rtpl_wtfpad_machine *m)
{
	m->idle = true;
	m->from = NONE;
	m->due = RTPL_CHAFF_NEVER;
}

void rtpl_wtfpad_start(struct rtpl_chaff_state *st, const struct rtpl_wtfpad *c)
{
	int on, mode;

	for (on = 0; on < RTPL_WTFPAD_ONS; on++) {
		rest(&st->wtfpad.on[on]);
		for (mode = 0; mode < RTPL_WTFPAD_MODES; mode++)
			if (c->hist[on][mode])
				rtpl_wtfpad_fill(c->hist[on][mode], &st->wtfpad.tokens[on][mode]);
	}
}

/* Wait in @mode from @now on. False: for ever. */
static bool await(struct rtpl_chaff_state *st, const struct rtpl_wtfpad *c, int on, s8 mode,
		  u64 now)
{
	struct rtpl_wtfpad_machine *m = &st->wtfpad.on[on];
	const struct rtpl_wtfpad_hist *h = c->hist[on][mode];
	u64 ns = RTPL_CHAFF_NEVER;

	if (h)
		ns = rtpl_wtfpad_sample(h, &st->wtfpad.tokens[on][mode], st->rng);
	m->idle = ns == RTPL_CHAFF_NEVER;
	m->from = h ? mode : NONE;
	m->since = now;
	m->due = rtpl_chaff_add(now, ns);
	return !m->idle;
}

/* The delay that ran came to an end at @now. */
static void ended(struct rtpl_chaff_state *st, const struct rtpl_wtfpad *c, int on, u64 now)
{
	struct rtpl_wtfpad_machine *m = &st->wtfpad.on[on];

	now = min_t(u64, now, m->due);
	if (m->from != NONE && now > m->since)
		rtpl_wtfpad_remove(c->hist[on][m->from], &st->wtfpad.tokens[on][m->from],
				   now - m->since, c->removal);
}

static void sent(struct rtpl_chaff_state *st, const struct rtpl_wtfpad *c, u64 now)
{
	struct rtpl_wtfpad_machine *m = st->wtfpad.on;
	bool gap = !m->idle && m->from == RTPL_WTFPAD_GAP;
	int on;

	for (on = 0; on < RTPL_WTFPAD_ONS; on++) {
		if (m[on].due <= now)
			st->count.replaced++;
		ended(st, c, on, now);
		rest(&m[on]);
	}
	if (!gap || !(c->flags & RTPL_WTFPAD_DATA_STOPS))
		await(st, c, RTPL_WTFPAD_SND, RTPL_WTFPAD_BURST, now);
}

void rtpl_wtfpad_happened(struct rtpl_chaff_state *st, const struct rtpl_wtfpad *c,
			  enum rtpl_happened what, u64 now)
{
	switch (what) {
	case RTPL_SENT_DATA:
		sent(st, c, now);
		break;
	case RTPL_GOT_CHAFF:
		if (!(c->flags & RTPL_WTFPAD_ON_CHAFF))
			break;
		fallthrough;
	case RTPL_GOT_DATA:
		/* What ran has come to nothing: its token stays. */
		await(st, c, RTPL_WTFPAD_RCV, RTPL_WTFPAD_BURST, now);
		break;
	default:
		break;
	}
}

static int first(const struct rtpl_chaff_state *st)
{
	return st->wtfpad.on[RTPL_WTFPAD_RCV].due < st->wtfpad.on[RTPL_WTFPAD_SND].due ?
		RTPL_WTFPAD_RCV : RTPL_WTFPAD_SND;
}

u64 rtpl_wtfpad_next(const struct rtpl_chaff_state *st)
{
	return st->wtfpad.on[first(st)].due;
}

void rtpl_wtfpad_take(struct rtpl_chaff_state *st, const struct rtpl_wtfpad *c, u64 now)
{
	int on = first(st);

	now = max_t(u64, now, st->wtfpad.on[on].due);
	ended(st, c, on, now);
	if (await(st, c, on, RTPL_WTFPAD_GAP, now) || c->flags & RTPL_WTFPAD_GAP_STOPS)
		return;
	await(st, c, on, RTPL_WTFPAD_BURST, now);
}
