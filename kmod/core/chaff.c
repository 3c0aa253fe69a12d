// SPDX-License-Identifier: GPL-2.0
/*
 * Chaff: from one interface to the kinds of it (chaff_*.c), and what several of them
 * share.
 */
#include "chaff.h"

static int refuse(const char **why, const char *text, int err)
{
	*why = text;
	return err;
}

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

int rtpl_chaff_check(const struct rtpl_chaff *c, const char **why)
{
	switch (c->kind) {
	case RTPL_CHAFF_NONE:
		return 0;
	case RTPL_CHAFF_COVER:
		return rtpl_cover_check(&c->cover, why);
	case RTPL_CHAFF_BIP324:
		return rtpl_bip324_check(&c->bip324, why);
	case RTPL_CHAFF_WTFPAD:
		return rtpl_wtfpad_check(&c->wtfpad, why);
	case RTPL_CHAFF_FRONT:
		return rtpl_front_check(&c->front, why);
	default:
		return refuse(why, "The kind of chaff is unknown.", -EINVAL);
	}
}

void rtpl_chaff_start(struct rtpl_chaff_state *st, const struct rtpl_chaff *c, u64 now,
		      struct rtpl_rng *rng)
{
	struct rtpl_chaff_count count = st->count;

	memset(st, 0, sizeof(*st));
	st->count = count;
	st->of = c;
	st->rng = rng;
	switch (c->kind) {
	case RTPL_CHAFF_COVER:
		return rtpl_cover_start(st, &c->cover, now);
	case RTPL_CHAFF_BIP324:
		return rtpl_bip324_start(st, &c->bip324, now);
	case RTPL_CHAFF_WTFPAD:
		return rtpl_wtfpad_start(st, &c->wtfpad);
	case RTPL_CHAFF_FRONT:
		return rtpl_front_start(st);
	}
}

void rtpl_chaff_happened(struct rtpl_chaff_state *st, const struct rtpl_chaff *c,
			 enum rtpl_happened what, u64 now, u32 bytes __maybe_unused)
{
	if (st->of != c)
		return;
	switch (c->kind) {
	case RTPL_CHAFF_COVER:
		return rtpl_cover_happened(st, &c->cover, what, now);
	case RTPL_CHAFF_BIP324:
		return rtpl_bip324_happened(st, &c->bip324, what, now);
	case RTPL_CHAFF_WTFPAD:
		return rtpl_wtfpad_happened(st, &c->wtfpad, what, now);
	case RTPL_CHAFF_FRONT:
		return rtpl_front_happened(st, &c->front, what, now);
	}
}

static u64 due(const struct rtpl_chaff_state *st, const struct rtpl_chaff *c)
{
	if (st->of != c)
		return RTPL_CHAFF_NEVER;
	switch (c->kind) {
	case RTPL_CHAFF_COVER:
		return st->cover.due;
	case RTPL_CHAFF_BIP324:
		return rtpl_bip324_next(st);
	case RTPL_CHAFF_WTFPAD:
		return rtpl_wtfpad_next(st);
	case RTPL_CHAFF_FRONT:
		return rtpl_front_next(st, &c->front);
	default:
		return RTPL_CHAFF_NEVER;
	}
}

u64 rtpl_chaff_next(const struct rtpl_chaff_state *st, const struct rtpl_chaff *c, u32 queued)
{
	return queued ? RTPL_CHAFF_NEVER : due(st, c);
}

void rtpl_chaff_take(struct rtpl_chaff_state *st, const struct rtpl_chaff *c, u64 now, bool sent)
{
	if (due(st, c) == RTPL_CHAFF_NEVER)
		return;
	if (sent)
		st->count.sent++;
	else
		st->count.refused++;
	switch (c->kind) {
	case RTPL_CHAFF_COVER:
		return rtpl_cover_take(st, &c->cover, now);
	case RTPL_CHAFF_BIP324:
		return rtpl_bip324_take(st, &c->bip324, now);
	case RTPL_CHAFF_WTFPAD:
		return rtpl_wtfpad_take(st, &c->wtfpad, now);
	case RTPL_CHAFF_FRONT:
		return rtpl_front_take(st, now);
	}
}

u64 rtpl_chaff_rate(const struct rtpl_chaff *c, u64 ns)
{
	const struct rtpl_chaff_gap *g;

	switch (c->kind) {
	case RTPL_CHAFF_COVER:
		g = &c->cover.every;
		break;
	case RTPL_CHAFF_BIP324:
		g = &c->bip324.background;
		break;
	default:
		return 0;
	}
	switch (g->mode) {
	case RTPL_CHAFF_FIXED:
		return div64_u64(ns, g->ns);
	case RTPL_CHAFF_RANDOM:
		return div64_u64(ns, g->dist->max);
	default:
		return 0;
	}
}
