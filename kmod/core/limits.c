// SPDX-License-Identifier: GPL-2.0
/*
 * Limits of chaff. The window slides in sixteenths: the sixteen buckets before the one being
 * filled, and that one, are always at least a window long, so no stretch of that length has more
 * than one sum allowed.
 */
#include "limits.h"

#define NSEC_PER_S	1000000000ULL
#define BYTES_MAX	BIT_ULL(46)	/* of a sum; times OVERHEAD_MAX fits */

/**
 * rtpl_limits_default() - set no limits, in a window of 1 s
 * @l: limits to set
 *
 * Context: Any.
 */
void rtpl_limits_default(struct rtpl_limits *l)
{
	*l = (struct rtpl_limits){
		.overhead = RTPL_LIMITS_NONE,
		.window = NSEC_PER_S,
	};
}

/* Bytes in @window at @rate bytes per second (at most BYTES_MAX), rounded down. */
static u64 of_rate(u64 rate, u64 window)
{
	u32 ns, rest;
	u64 secs = div_u64_rem(window, NSEC_PER_S, &ns);
	u64 whole = div_u64_rem(rate, NSEC_PER_S, &rest);

	return rate * secs + whole * ns + div_u64((u64)rest * ns, NSEC_PER_S);
}

static int refuse(const char **why, const char *text, int err)
{
	*why = text;
	return err;
}

static int check_const(const struct rtpl_limits *l, const struct rtpl_shape *s, u32 cell,
		       const char **why)
{
	if (s->sched != RTPL_SCHEDULE_CONST)
		return 0;
	if (l->overhead != RTPL_LIMITS_NONE)
		return refuse(why,
			      "A constant rate sends chaff when there is no data: it cannot keep an overhead limit.",
			      -EINVAL);
	if (l->rate && l->rate < (u64)s->rate * cell)
		return refuse(why, "The limit of chaff per second is below the constant rate.",
			      -EINVAL);
	return 0;
}

static int check_chaff(const struct rtpl_limits *l, const struct rtpl_chaff *c, u32 cell,
		       const char **why)
{
	u64 bytes;

	if (c->kind == RTPL_CHAFF_NONE)
		return 0;
	if (l->rate && of_rate(l->rate, l->window) < cell)
		return refuse(why, "The limit of chaff per second is less than one cell a window.",
			      -EINVAL);
	if (!l->overhead && l->free < cell)
		return refuse(why, "The overhead limit allows no chaff, but the shape has some.",
			      -EINVAL);
	/* The last bucket is part of the sum. */
	bytes = rtpl_chaff_rate(c, l->window) * cell;
	if (l->overhead != RTPL_LIMITS_NONE &&
	    (bytes > l->free || (rtpl_chaff_timed(c) && l->free < cell)))
		return refuse(why,
			      "Cover or background decoys on an idle link are above the overhead limit's free bytes.",
			      -EINVAL);
	if (l->rate && bytes > of_rate(l->rate, l->window))
		return refuse(why,
			      "Cover or background decoys on an idle link are above the limit of chaff per second.",
			      -EINVAL);
	return 0;
}

int rtpl_limits_check(const struct rtpl_limits *l, const struct rtpl_shape *s,
		      const struct rtpl_chaff *c, u32 max_cell, const char **why)
{
	u32 cell;
	int err;

	if (l->window < RTPL_LIMITS_WINDOW_MIN || l->window > RTPL_LIMITS_WINDOW_MAX)
		return refuse(why, "The limits' window is not between 16 ms and 1 h.", -ERANGE);
	if (l->overhead != RTPL_LIMITS_NONE && l->overhead > RTPL_LIMITS_OVERHEAD_MAX)
		return refuse(why, "The overhead limit is above 100000 thousandths.", -ERANGE);
	if (l->overhead == RTPL_LIMITS_NONE && l->free)
		return refuse(why,
			      "Free bytes are given, but no overhead limit that they are free of.",
			      -EINVAL);
	if (l->rate > BYTES_MAX)
		return refuse(why, "The limit of chaff per second is above 2^46 bytes.", -ERANGE);
	cell = rtpl_pad_min(s, max_cell);
	err = check_const(l, s, cell, why);
	if (err)
		return err;
	return check_chaff(l, c, cell, why);
}

/* Slide to @now's bucket; if the window's length changes, begin anew. */
static void slide(struct rtpl_limits_state *st, const struct rtpl_limits *l, u64 now)
{
	u64 bucket = div_u64(l->window + RTPL_LIMITS_BUCKETS - 1, RTPL_LIMITS_BUCKETS);
	u64 slot = div64_u64(now, bucket), n;

	if (st->bucket != bucket) {
		memset(st->data, 0, sizeof(st->data));
		memset(st->chaff, 0, sizeof(st->chaff));
		memset(st->timed, 0, sizeof(st->timed));
		st->bucket = bucket;
		st->slot = slot;
	}
	if (slot <= st->slot)
		return;
	for (n = min_t(u64, slot - st->slot, RTPL_LIMITS_BUCKETS + 1); n; n--) {
		if (++st->at > RTPL_LIMITS_BUCKETS)
			st->at = 0;
		st->data[st->at] = 0;
		st->chaff[st->at] = 0;
		st->timed[st->at] = 0;
	}
	st->slot = slot;
}

static u64 sum(const u32 *bytes)
{
	u64 all = 0;
	int i;

	for (i = 0; i <= RTPL_LIMITS_BUCKETS; i++)
		all += bytes[i];
	return all;
}

static u64 sum_data(const struct rtpl_limits_state *st)
{
	u64 all = 0;
	int i;

	for (i = 0; i <= RTPL_LIMITS_BUCKETS; i++)
		all += st->data[i];
	return min_t(u64, all, BYTES_MAX);
}

enum rtpl_limits_why rtpl_limits_may(struct rtpl_limits_state *st, const struct rtpl_limits *l,
				     u64 now, u32 bytes, enum rtpl_limits_cause cause)
{
	bool by_time = cause == RTPL_LIMITS_BY_TIME, full;
	enum rtpl_limits_why why = RTPL_LIMITS_OK;
	u64 chaff, timed, allowed;

	slide(st, l, now);
	full = (by_time ? st->timed : st->chaff)[st->at] > U32_MAX - bytes;
	chaff = sum(st->chaff);
	timed = sum(st->timed);
	if (l->rate && (full || chaff + timed + bytes > of_rate(l->rate, l->window)))
		why = RTPL_LIMITS_RATE;
	if (l->overhead != RTPL_LIMITS_NONE) {
		allowed = cause == RTPL_LIMITS_BESIDE ? 0 : l->free * 1000ULL;
		if (!by_time)
			allowed += l->overhead * sum_data(st);
		if (full || ((by_time ? timed : chaff) + bytes) * 1000 > allowed)
			why = RTPL_LIMITS_OVERHEAD;
	}
	st->count[why]++;
	return why;
}

/**
 * rtpl_limits_fit() - may a cell of that size ever leave on an idle link?
 * @l: the limits, checked
 * @bytes: of the cell
 *
 * Context: Any.
 * Return: false if it is more than a window allows without data.
 */
bool rtpl_limits_fit(const struct rtpl_limits *l, u32 bytes)
{
	/* Without free bytes an idle link sends no chaff at all, of whatever size. */
	return (!l->rate || bytes <= of_rate(l->rate, l->window)) &&
	       (l->overhead == RTPL_LIMITS_NONE || bytes <= l->free || (l->overhead && !l->free));
}

/**
 * rtpl_limits_traffic() - account for a sent cell, data or chaff
 * @st: the link's state
 * @l: the limits, checked
 * @what: the event; all except RTPL_SENT_DATA and RTPL_SENT_CHAFF cost nothing
 * @now: ns; a time before the last one counts as that
 * @bytes: of the cell
 * @cause: of chaff, what made it wanted
 *
 * At most 17 steps of work.
 *
 * Context: Any; the caller serialises calls on @st.
 */
void rtpl_limits_traffic(struct rtpl_limits_state *st, const struct rtpl_limits *l,
			 enum rtpl_traffic_event what, u64 now, u32 bytes,
			 enum rtpl_limits_cause cause)
{
	u32 *to;

	if (what != RTPL_SENT_DATA && what != RTPL_SENT_CHAFF)
		return;
	slide(st, l, now);
	if (what == RTPL_SENT_DATA) {
		st->data[st->at] = min_t(u64, st->data[st->at] + bytes, BYTES_MAX);
		return;
	}
	to = cause == RTPL_LIMITS_BY_TIME ? &st->timed[st->at] : &st->chaff[st->at];
	*to = min_t(u64, (u64)*to + bytes, U32_MAX);
}
