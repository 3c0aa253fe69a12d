// SPDX-License-Identifier: GPL-2.0
/*
 * WTF-PAD: adaptive padding with histograms for what is sent and what comes.
 *
 *	        data           chaff sent
 *	idle ---------> burst ------------> gap, again with each chaff sent
 *	  ^             again               |  |
 *	  |             with data <---------+  | data, where DATA_STOPS
 *	  |                data, or infinity   |
 *	  +------------------------------------+
 *
 * Each sent cell, data or chaff, begins a delay of the send histogram; each received cell begins
 * one of the receive histogram. Delays run in parallel. A delay that would end after another only
 * has its token taken, for the time until that other's chaff. So running delays are a stack, with
 * the next to end on top. Data ends them all, and takes a token for the time that each had run.
 * Infinity's token is taken when the next cell leaves.
 */
#include "chaff.h"

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

static int wtfpad_check(const struct rtpl_chaff *chaff, const char **why)
{
	const struct rtpl_wtfpad *c = &chaff->wtfpad;
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

/**
 * rtpl_wtfpad_fill() - refill a histogram's bins
 * @h: the histogram, checked
 * @t: its tokens
 *
 * Context: Any; the caller serialises calls on @t.
 */
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

/* The bin that gives a token in place of @bin; some bin has one. */
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

/**
 * rtpl_wtfpad_remove() - take the token of a delay
 * @h: the histogram, checked
 * @t: its tokens
 * @ns: the delay that occurred; RTPL_CHAFF_NEVER: infinity; 0: none, and no token is taken
 * @removal: enum rtpl_wtfpad_removal: which bin gives the token if the delay's own is empty
 *
 * When the last token is gone, the histogram is filled again.
 *
 * Context: Any; the caller serialises calls on @t.
 */
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

static void take_token(struct rtpl_chaff_state *st, const struct rtpl_wtfpad *c,
		       const struct rtpl_wtfpad_delay *d, u64 until)
{
	if (until > d->since)
		rtpl_wtfpad_remove(c->hist[d->on][d->mode], &st->wtfpad.tokens[d->on][d->mode],
				   until - d->since, c->removal);
}

static void wtfpad_start(struct rtpl_chaff_state *st, const struct rtpl_chaff *chaff, u64 now)
{
	const struct rtpl_wtfpad *c = &chaff->wtfpad;
	int on, mode;

	st->wtfpad.mode = RTPL_WTFPAD_BURST;
	for (on = 0; on < RTPL_WTFPAD_ONS; on++) {
		st->wtfpad.never[on].mode = RTPL_WTFPAD_IDLE;
		for (mode = 0; mode < RTPL_WTFPAD_MODES; mode++)
			if (c->hist[on][mode])
				rtpl_wtfpad_fill(c->hist[on][mode], &st->wtfpad.tokens[on][mode]);
	}
}

static u64 due(const struct rtpl_chaff_state *st)
{
	return st->wtfpad.n ? st->wtfpad.delay[st->wtfpad.n - 1].due : RTPL_CHAFF_NEVER;
}

/* Begin a delay of the mode at @now. Return: false if the histogram gave infinity. */
static bool begin(struct rtpl_chaff_state *st, const struct rtpl_wtfpad *c, u8 on, u64 now)
{
	struct rtpl_wtfpad_delay d = { .on = on, .mode = st->wtfpad.mode, .since = now };
	u64 next = due(st), ns;

	if (d.mode == RTPL_WTFPAD_IDLE || !c->hist[on][d.mode])
		return true;
	ns = rtpl_wtfpad_sample(c->hist[on][d.mode], &st->wtfpad.tokens[on][d.mode], st->rng);
	d.due = rtpl_chaff_add(now, ns);
	if (next != RTPL_CHAFF_NEVER && d.due >= next) {
		take_token(st, c, &d, next);
		return true;
	}
	if (d.due == RTPL_CHAFF_NEVER) {
		st->wtfpad.never[on] = d;
		return false;
	}
	if (st->wtfpad.n < RTPL_WTFPAD_DELAYS)
		st->wtfpad.delay[st->wtfpad.n++] = d;
	return true;
}

/* A cell left at @now: take infinity's tokens, for the time until now. */
static void settle(struct rtpl_chaff_state *st, const struct rtpl_wtfpad *c, u64 now)
{
	int on;

	for (on = 0; on < RTPL_WTFPAD_ONS; on++) {
		if (st->wtfpad.never[on].mode != RTPL_WTFPAD_IDLE)
			take_token(st, c, &st->wtfpad.never[on], now);
		st->wtfpad.never[on].mode = RTPL_WTFPAD_IDLE;
	}
}

static void sent(struct rtpl_chaff_state *st, const struct rtpl_wtfpad *c, u64 now)
{
	const struct rtpl_wtfpad_delay *d;

	for (; st->wtfpad.n; st->wtfpad.n--) {
		d = &st->wtfpad.delay[st->wtfpad.n - 1];
		if (d->due <= now)
			st->count.replaced++;
		take_token(st, c, d, min_t(u64, now, d->due));
	}
	settle(st, c, now);
	if (st->wtfpad.mode == RTPL_WTFPAD_GAP && c->flags & RTPL_WTFPAD_DATA_STOPS)
		st->wtfpad.mode = RTPL_WTFPAD_IDLE;
	else
		st->wtfpad.mode = RTPL_WTFPAD_BURST;
	begin(st, c, RTPL_WTFPAD_SND, now);
}

static bool wtfpad_traffic(struct rtpl_chaff_state *st, const struct rtpl_chaff *chaff,
			   enum rtpl_traffic_event what, u64 now)
{
	const struct rtpl_wtfpad *c = &chaff->wtfpad;

	switch (what) {
	case RTPL_SENT_DATA:
		sent(st, c, now);
		break;
	case RTPL_GOT_CHAFF:
		if (!(c->flags & RTPL_WTFPAD_ON_CHAFF))
			break;
		fallthrough;
	case RTPL_GOT_DATA:
		begin(st, c, RTPL_WTFPAD_RCV, now);
		break;
	default:
		break;
	}
	return false;
}

static u64 wtfpad_next(const struct rtpl_chaff_state *st, const struct rtpl_chaff *chaff)
{
	return due(st);
}

static void wtfpad_take(struct rtpl_chaff_state *st, const struct rtpl_chaff *chaff, u64 now)
{
	const struct rtpl_wtfpad_delay *d = &st->wtfpad.delay[--st->wtfpad.n];
	const struct rtpl_wtfpad *c = &chaff->wtfpad;

	now = max_t(u64, now, d->due);
	take_token(st, c, d, d->due);
	settle(st, c, now);
	st->wtfpad.mode = RTPL_WTFPAD_GAP;
	if (begin(st, c, RTPL_WTFPAD_SND, now) || c->flags & RTPL_WTFPAD_GAP_STOPS)
		return;
	st->wtfpad.mode = RTPL_WTFPAD_BURST;
	begin(st, c, RTPL_WTFPAD_SND, now);
}

const struct rtpl_chaff_ops rtpl_chaff_wtfpad_ops = {
	.listens_got = true,
	.check = wtfpad_check,
	.start = wtfpad_start,
	.traffic = wtfpad_traffic,
	.next = wtfpad_next,
	.take = wtfpad_take,
};
