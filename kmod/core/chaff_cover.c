// SPDX-License-Identifier: GPL-2.0
/*
 * Baseline cover: chaff while no data is sent. Each cell with data delays it; chaff of other
 * sources (a machine) does not.
 */
#include "chaff.h"

static int refuse(const char **why, const char *text, int err)
{
	*why = text;
	return err;
}

static int cover_check(const struct rtpl_chaff *chaff, const char **why)
{
	const struct rtpl_cover *c = &chaff->cover;

	if (c->every.mode == RTPL_CHAFF_OFF)
		return refuse(why, "Cover needs an interval.", -EINVAL);
	if (c->idle > RTPL_CHAFF_GAP_MAX || (c->idle && c->idle < RTPL_CHAFF_GAP_MIN))
		return refuse(why, "Cover's idle time is neither 0 nor between 10 us and 1 h.",
			      -ERANGE);
	return rtpl_chaff_gap_check(&c->every, why);
}

static u64 first(struct rtpl_chaff_state *st, const struct rtpl_cover *c, u64 now)
{
	if (c->idle)
		return rtpl_chaff_add(now, c->idle);
	return rtpl_chaff_gap_after(&c->every, now, st->rng);
}

static void cover_start(struct rtpl_chaff_state *st, const struct rtpl_chaff *chaff, u64 now)
{
	st->cover.due = first(st, &chaff->cover, now);
	st->cover.beat = st->cover.due;
}

static bool cover_traffic(struct rtpl_chaff_state *st, const struct rtpl_chaff *chaff,
			  enum rtpl_traffic_event what, u64 now)
{
	bool stood_in = st->cover.beat <= now;

	if (what != RTPL_SENT_DATA)
		return false;
	if (st->cover.due <= now)
		st->count.replaced++;
	if (stood_in)
		st->cover.beat = rtpl_chaff_gap_after(&chaff->cover.every, now, st->rng);
	st->cover.due = first(st, &chaff->cover, now);
	return stood_in;
}

static u64 cover_next(const struct rtpl_chaff_state *st, const struct rtpl_chaff *chaff)
{
	return st->cover.due;
}

static void cover_take(struct rtpl_chaff_state *st, const struct rtpl_chaff *chaff, u64 now)
{
	const struct rtpl_cover *c = &chaff->cover;
	u64 next = rtpl_chaff_gap_after(&c->every, st->cover.due, st->rng);
	u64 rest;

	/* Do not make up for missed times in a burst: continue at the first one not in the past. */
	if (next < now) {
		if (c->every.mode == RTPL_CHAFF_FIXED) {
			st->count.missed += div64_u64_rem(now - next, c->every.ns, &rest);
			next = now;
			if (rest) {
				st->count.missed++;
				next = rtpl_chaff_add(now, c->every.ns - rest);
			}
		} else {
			st->count.missed++;
			next = rtpl_chaff_gap_after(&c->every, now, st->rng);
		}
	}
	st->cover.due = next;
	st->cover.beat = next;
}

static const struct rtpl_chaff_gap *cover_background(const struct rtpl_chaff *chaff)
{
	return &chaff->cover.every;
}

const struct rtpl_chaff_ops rtpl_chaff_cover_ops = {
	.check = cover_check,
	.start = cover_start,
	.traffic = cover_traffic,
	.next = cover_next,
	.take = cover_take,
	.background = cover_background,
};
