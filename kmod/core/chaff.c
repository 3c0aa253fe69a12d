// SPDX-License-Identifier: GPL-2.0
/*
 * Chaff: one interface to its kinds (chaff_*.c), and what several of them share.
 */
#include "chaff.h"

static int refuse(const char **why, const char *text, int err)
{
	*why = text;
	return err;
}

/**
 * rtpl_chaff_gap_check() - check whether intervals can be kept
 * @g: the intervals
 * @why: set to a sentence that names the setting (static string) on error
 *
 * Context: Any.
 * Return: 0, -EINVAL, -ERANGE (not within RTPL_CHAFF_GAP_MIN ... _MAX), or an error of
 * rtpl_dist_check().
 */
int rtpl_chaff_gap_check(const struct rtpl_chaff_gap *g, const char **why)
{
	int err;

	switch (g->mode) {
	case RTPL_CHAFF_OFF:
		return 0;
	case RTPL_CHAFF_FIXED:
		if (g->ns < RTPL_CHAFF_GAP_MIN || g->ns > RTPL_CHAFF_GAP_MAX)
			return refuse(why, "An interval of chaff is not between 10 us and 1 h.",
				      -ERANGE);
		return 0;
	case RTPL_CHAFF_RANDOM:
		if (!g->dist)
			return refuse(why, "Random intervals of chaff need a distribution.",
				      -EINVAL);
		err = rtpl_dist_check(g->dist, why);
		if (err)
			return err;
		if (g->dist->min < (s64)RTPL_CHAFF_GAP_MIN ||
		    g->dist->max > (s64)RTPL_CHAFF_GAP_MAX)
			return refuse(why,
				      "The distribution of chaff intervals is not bounded within 10 us and 1 h.",
				      -ERANGE);
		return 0;
	default:
		return refuse(why, "The mode of a chaff interval is unknown.", -EINVAL);
	}
}

/**
 * rtpl_chaff_gap_after() - add one interval to a time
 * @g: the intervals, checked
 * @t: ns
 * @rng: generator; one draw if the intervals are random
 *
 * Context: Any; the caller serialises calls on @rng.
 * Return: ns; RTPL_CHAFF_NEVER if intervals are off, or if the time overflows.
 */
u64 rtpl_chaff_gap_after(const struct rtpl_chaff_gap *g, u64 t, struct rtpl_rng *rng)
{
	switch (g->mode) {
	case RTPL_CHAFF_FIXED:
		return rtpl_chaff_add(t, g->ns);
	case RTPL_CHAFF_RANDOM:
		return rtpl_chaff_add(t, rtpl_dist_sample(g->dist, rng));
	default:
		return RTPL_CHAFF_NEVER;
	}
}

/* The functions of each kind; RTPL_CHAFF_NONE needs none. */
static const struct rtpl_chaff_ops * const kinds[RTPL_CHAFF_KINDS] = {
	[RTPL_CHAFF_COVER] = &rtpl_chaff_cover_ops,
	[RTPL_CHAFF_BIP324] = &rtpl_chaff_bip324_ops,
	[RTPL_CHAFF_WTFPAD] = &rtpl_chaff_wtfpad_ops,
	[RTPL_CHAFF_FRONT] = &rtpl_chaff_front_ops,
};

/* NULL if there is no chaff, or @st was started with parameters other than @c. */
static const struct rtpl_chaff_ops *started(const struct rtpl_chaff_state *st,
					    const struct rtpl_chaff *c)
{
	return st->of == c ? kinds[c->kind] : NULL;
}

int rtpl_chaff_check(const struct rtpl_chaff *c, const char **why)
{
	if (c->kind >= RTPL_CHAFF_KINDS)
		return refuse(why, "The kind of chaff is unknown.", -EINVAL);
	return kinds[c->kind] ? kinds[c->kind]->check(c, why) : 0;
}

void rtpl_chaff_start(struct rtpl_chaff_state *st, const struct rtpl_chaff *c, u64 now,
		      struct rtpl_rng *rng)
{
	struct rtpl_chaff_count count = st->count;

	memset(st, 0, sizeof(*st));
	st->count = count;
	st->of = c;
	st->rng = rng;
	if (kinds[c->kind])
		kinds[c->kind]->start(st, c, now);
}

bool rtpl_chaff_traffic(struct rtpl_chaff_state *st, const struct rtpl_chaff *c,
			enum rtpl_traffic_event what, u64 now, u32 bytes __maybe_unused)
{
	const struct rtpl_chaff_ops *ops = started(st, c);

	return ops && ops->traffic(st, c, what, now);
}

u64 rtpl_chaff_next(const struct rtpl_chaff_state *st, const struct rtpl_chaff *c, u32 queued)
{
	const struct rtpl_chaff_ops *ops = started(st, c);

	return ops && !queued ? ops->next(st, c) : RTPL_CHAFF_NEVER;
}

void rtpl_chaff_take(struct rtpl_chaff_state *st, const struct rtpl_chaff *c, u64 now, bool sent)
{
	const struct rtpl_chaff_ops *ops = started(st, c);

	if (!ops || ops->next(st, c) == RTPL_CHAFF_NEVER)
		return;
	if (sent)
		st->count.sent++;
	else
		st->count.refused++;
	ops->take(st, c, now);
}

u64 rtpl_chaff_rate(const struct rtpl_chaff *c, u64 ns)
{
	const struct rtpl_chaff_ops *ops = kinds[c->kind];
	const struct rtpl_chaff_gap *g;

	if (!ops || !ops->background)
		return 0;
	g = ops->background(c);
	switch (g->mode) {
	case RTPL_CHAFF_FIXED:
		return div64_u64(ns, g->ns);
	case RTPL_CHAFF_RANDOM:
		return div64_u64(ns, g->dist->max);
	default:
		return 0;
	}
}

/**
 * rtpl_chaff_timed() - is there chaff at times of its own?
 * @c: the parameters, checked
 *
 * Context: Any.
 * Return: true for cover and background decoys, which data neither calls for nor forbids.
 */
bool rtpl_chaff_timed(const struct rtpl_chaff *c)
{
	const struct rtpl_chaff_ops *ops = kinds[c->kind];

	return ops && ops->background && ops->background(c)->mode != RTPL_CHAFF_OFF;
}

/**
 * rtpl_chaff_by_time() - is the cell that rtpl_chaff_next() wants one at a time of its own?
 * @st: the link's state
 * @c: the parameters it was started with
 *
 * Context: Any; the caller serialises calls on @st.
 * Return: false if traffic made it wanted.
 */
bool rtpl_chaff_by_time(const struct rtpl_chaff_state *st, const struct rtpl_chaff *c)
{
	const struct rtpl_chaff_ops *ops = started(st, c);

	if (!ops || !rtpl_chaff_timed(c))
		return false;
	return !ops->by_time || ops->by_time(st, c);
}

/**
 * rtpl_chaff_listens_got() - does chaff depend on received cells?
 * @c: the parameters, checked
 *
 * Context: Any.
 * Return: true if it must be told RTPL_GOT_DATA and RTPL_GOT_CHAFF; false if sent cells are enough.
 */
bool rtpl_chaff_listens_got(const struct rtpl_chaff *c)
{
	return kinds[c->kind] && kinds[c->kind]->listens_got;
}
