// SPDX-License-Identifier: GPL-2.0
/*
 * Decoys: behind a cell with data, and in the background. Cells with data that leave directly one
 * after the other count as each other's padding.
 */
#include "chaff.h"

static int refuse(const char **why, const char *text, int err)
{
	*why = text;
	return err;
}

static int bip324_check(const struct rtpl_chaff *chaff, const char **why)
{
	const struct rtpl_bip324 *c = &chaff->bip324;

	if (c->padding >= RTPL_CHAFF_MODES)
		return refuse(why, "The mode of padding decoys is unknown.", -EINVAL);
	if (c->padding == RTPL_CHAFF_OFF && (c->count || c->chance))
		return refuse(why,
			      "A count or chance of padding decoys is given, but padding is off.",
			      -EINVAL);
	if (c->padding != RTPL_CHAFF_OFF && (!c->count || c->count > RTPL_BIP324_COUNT_MAX))
		return refuse(why, "The count of padding decoys is not between 1 and 16.", -ERANGE);
	if (c->padding == RTPL_CHAFF_RANDOM && !c->chance)
		return refuse(why, "Random padding decoys need a chance.", -EINVAL);
	if (c->padding == RTPL_CHAFF_FIXED && c->chance)
		return refuse(why, "A chance of padding decoys is given, but their count is fixed.",
			      -EINVAL);
	if (c->padding == RTPL_CHAFF_OFF && c->background.mode == RTPL_CHAFF_OFF)
		return refuse(why, "Neither padding nor background decoys are on.", -EINVAL);
	return rtpl_chaff_gap_check(&c->background, why);
}

static void bip324_start(struct rtpl_chaff_state *st, const struct rtpl_chaff *chaff, u64 now)
{
	st->bip324.due = rtpl_chaff_gap_after(&chaff->bip324.background, now, st->rng);
}

static u8 padding(struct rtpl_chaff_state *st, const struct rtpl_bip324 *c)
{
	switch (c->padding) {
	case RTPL_CHAFF_FIXED:
		return c->count;
	case RTPL_CHAFF_RANDOM:
		if (rtpl_rng_u32(st->rng) >= c->chance)
			return 0;
		return 1 + rtpl_rng_below(st->rng, c->count);
	default:
		return 0;
	}
}

static bool bip324_traffic(struct rtpl_chaff_state *st, const struct rtpl_chaff *chaff,
			   enum rtpl_traffic_event what, u64 now)
{
	const struct rtpl_bip324 *c = &chaff->bip324;
	bool stood_in = st->bip324.due <= now;

	if (what != RTPL_SENT_DATA)
		return false;
	st->count.replaced += st->bip324.pad;
	st->bip324.pad = padding(st, c);
	st->bip324.pad_at = now;
	if (stood_in) {
		st->count.replaced++;
		st->bip324.due = rtpl_chaff_gap_after(&c->background, now, st->rng);
	}
	return stood_in;
}

static u64 bip324_next(const struct rtpl_chaff_state *st, const struct rtpl_chaff *chaff)
{
	return st->bip324.pad ? min_t(u64, st->bip324.pad_at, st->bip324.due) : st->bip324.due;
}

static bool pads(const struct rtpl_chaff_state *st)
{
	return st->bip324.pad && st->bip324.pad_at <= st->bip324.due;
}

static bool bip324_by_time(const struct rtpl_chaff_state *st, const struct rtpl_chaff *chaff)
{
	return !pads(st);
}

static void bip324_take(struct rtpl_chaff_state *st, const struct rtpl_chaff *chaff, u64 now)
{
	if (pads(st)) {
		st->bip324.pad--;
		return;
	}
	st->bip324.due = rtpl_chaff_gap_after(&chaff->bip324.background,
					      max_t(u64, now, st->bip324.due), st->rng);
}

static const struct rtpl_chaff_gap *bip324_background(const struct rtpl_chaff *chaff)
{
	return &chaff->bip324.background;
}

const struct rtpl_chaff_ops rtpl_chaff_bip324_ops = {
	.check = bip324_check,
	.start = bip324_start,
	.traffic = bip324_traffic,
	.next = bip324_next,
	.take = bip324_take,
	.background = bip324_background,
	.by_time = bip324_by_time,
};
