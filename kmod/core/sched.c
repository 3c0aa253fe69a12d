// SPDX-License-Identifier: GPL-2.0
/*
 * What all schedules have in common; also "as it comes" and constant rate, which pace.c implements.
 */
#include "sched.h"

/* ---- as it comes, constant rate ---- */

static u32 rate_of(const struct rtpl_sched_params *p)
{
	return p->kind == RTPL_SCHEDULE_CONST ? p->rate : 0;
}

static int pace_check(const struct rtpl_sched_params *p, const char **why)
{
	if (p->kind == RTPL_SCHEDULE_ASAP)
		return 0;
	if (!p->rate)
		return sched_wrong(why, "A constant rate needs the cells per second.", -EINVAL);
	if (p->rate > RTPL_RATE_MAX)
		return sched_wrong(why,
				   "The rate is above 500000 cells per second, more than one processor seals.",
				   -ERANGE);
	return 0;
}

/**
 * rtpl_pace_tick() - the interval between slots of a constant rate
 * @rate: cells per second, not 0
 *
 * Context: Any.
 * Return: ns, rounded up.
 */
u64 rtpl_pace_tick(u32 rate)
{
	return div_u64(rtpl_pace_batch(rate) * RTPL_NSEC + rate - 1, rate);
}

static u64 pace_delay(const struct rtpl_sched_params *p)
{
	return rate_of(p) ? rtpl_pace_tick(p->rate) : 0;
}

static void pace_start(struct rtpl_sched_state *st, const struct rtpl_sched_params *p, u64 now)
{
	rtpl_pace_start(&st->pace, rate_of(p), now);
}

static bool pace_next(struct rtpl_sched_state *st, const struct rtpl_sched_params *p,
		      struct rtpl_rng *rng, u64 now, u32 queued, u16 batch,
		      struct rtpl_departure *d)
{
	u64 missed = st->pace.missed;
	bool any;

	any = rtpl_pace_next(&st->pace, rate_of(p), now, queued, batch, d);
	st->missed += st->pace.missed - missed;
	return any;
}

static void pace_take(struct rtpl_sched_state *st, const struct rtpl_sched_params *p,
		      const struct rtpl_departure *d)
{
	rtpl_pace_take(&st->pace, d);
}

static u64 pace_departs(const struct rtpl_sched_state *st, const struct rtpl_sched_params *p,
			const struct rtpl_departure *d, u32 cells)
{
	/* Timed without a rate: it waits for cells that an earlier schedule has built. */
	if (!d->timed || !st->pace.rate)
		return d->at;
	return rtpl_pace_at(&st->pace, d->slot + cells / st->pace.batch);
}

static void pace_leak(const struct rtpl_sched_state *st, const struct rtpl_sched_params *p,
		      struct rtpl_sched_leak *leak)
{
	leak->bounded = p->kind == RTPL_SCHEDULE_CONST;
	leak->changes = st->pace.rate_changes;
}

const struct rtpl_sched_ops rtpl_sched_pace_ops = {
	.check = pace_check,
	.delay = pace_delay,
	.start = pace_start,
	.next = pace_next,
	.take = pace_take,
	.departs = pace_departs,
	.leak = pace_leak,
};

/* ---- all ---- */

#define RTPL_SCHEDULE_ENTRY(kind, ops) \
	[RTPL_SCHEDULE_##kind] = &rtpl_sched_##ops##_ops,

static const struct rtpl_sched_ops * const kinds[RTPL_SCHEDULE_KINDS] = {
	RTPL_SCHEDULES(RTPL_SCHEDULE_ENTRY)
};

u64 rtpl_sched_delay(const struct rtpl_sched_params *p)
{
	return kinds[p->kind]->delay(p);
}

int rtpl_sched_check(const struct rtpl_sched_params *p, u64 latency_ns, const char **why)
{
	int err;

	if (p->kind >= RTPL_SCHEDULE_KINDS)
		return sched_wrong(why, "The kind of schedule is unknown.", -EINVAL);
	err = kinds[p->kind]->check(p, why);
	if (err)
		return err;
	if (latency_ns && rtpl_sched_delay(p) > latency_ns)
		return sched_wrong(why,
				   "The schedule holds cells for longer than the latency budget.",
				   -ERANGE);
	return 0;
}

/**
 * rtpl_sched_start() - begin, or begin anew
 * @st: state; all zero before the first time
 * @p: the parameters, checked
 * @room: block bytes that a cell carries, at least 1
 * @now: ns
 *
 * Missed slots and the private windows' account continue to count.
 *
 * Context: Any; the caller serialises calls on @st.
 */
void rtpl_sched_start(struct rtpl_sched_state *st, const struct rtpl_sched_params *p,
		      u16 room, u64 now)
{
	u64 missed = st->missed, lead = st->lead;
	struct rtpl_dp dp = st->dp;

	memset(st, 0, sizeof(*st));
	st->lead = lead;
	st->dp = dp;
	st->kind = p->kind;
	st->room = max_t(u16, room, 1);
	st->missed = missed;
	kinds[p->kind]->start(st, p, now);
}

/**
 * rtpl_sched_change() - change parameters while running
 * @st: state, started
 * @p: the new parameters, checked
 * @now: ns
 *
 * From constant rate to constant rate the schedule continues without a gap (rtpl_pace_change()).
 * Otherwise it begins anew, but never before what has already left, and held packets leave as if
 * they had not been reported.
 *
 * Context: Any; the caller serialises calls on @st.
 */
void rtpl_sched_change(struct rtpl_sched_state *st, const struct rtpl_sched_params *p, u64 now)
{
	u64 left = st->left;

	if (kinds[st->kind] == &rtpl_sched_pace_ops && kinds[p->kind] == &rtpl_sched_pace_ops) {
		st->kind = p->kind;
		rtpl_pace_change(&st->pace, rate_of(p), now);
		return;
	}
	rtpl_sched_start(st, p, st->room, now);
	st->left = left;
}

/**
 * rtpl_sched_room() - set the size of cells that the path carries
 * @st: state, started
 * @room: block bytes that a cell carries from now on; 0 counts as 1
 *
 * Context: Any; the caller serialises calls on @st.
 */
void rtpl_sched_room(struct rtpl_sched_state *st, u16 room)
{
	st->room = max_t(u16, room, 1);
}

void rtpl_sched_traffic(struct rtpl_sched_state *st, const struct rtpl_sched_params *p,
			struct rtpl_rng *rng, enum rtpl_traffic_event what, u64 now, u32 bytes)
{
	const struct rtpl_sched_ops *ops = kinds[st->kind];

	if (ops->traffic)
		ops->traffic(st, p, rng, what, now, bytes);
}

bool rtpl_sched_next(struct rtpl_sched_state *st, const struct rtpl_sched_params *p,
		     struct rtpl_rng *rng, u64 now, u32 queued, u16 batch,
		     struct rtpl_departure *d)
{
	if (!kinds[st->kind]->next(st, p, rng, now, queued, batch, d))
		return false;

	/* An earlier departure may still wait for its time: do not overtake it. */
	if (d->timed) {
		d->at = max(d->at, st->left);
	} else if (unlikely(st->left > now)) {
		d->timed = true;
		d->at = st->left;
	}
	return true;
}

/**
 * rtpl_sched_take() - account for a departure that is built, and move on
 * @st: state
 * @p: parameters
 * @d: from the last rtpl_sched_next()
 *
 * Context: Any; the caller serialises calls on @st.
 */
void rtpl_sched_take(struct rtpl_sched_state *st, const struct rtpl_sched_params *p,
		     const struct rtpl_departure *d)
{
	kinds[st->kind]->take(st, p, d);
	if (d->timed)
		st->left = d->at;
}

/**
 * rtpl_sched_skip() - let a departure pass unused
 * @st: state
 * @p: parameters
 * @d: from the last rtpl_sched_next(); it has chaff
 *
 * Call it instead of rtpl_sched_take(); it counts the slot as missed.
 *
 * Context: Any; the caller serialises calls on @st.
 */
void rtpl_sched_skip(struct rtpl_sched_state *st, const struct rtpl_sched_params *p,
		     const struct rtpl_departure *d)
{
	const struct rtpl_sched_ops *ops = kinds[st->kind];

	(ops->skip ?: ops->take)(st, p, d);
	if (d->timed)
		st->left = d->at;
	st->missed++;
}

u64 rtpl_sched_departs(const struct rtpl_sched_state *st, const struct rtpl_sched_params *p,
		       const struct rtpl_departure *d, u16 index, u32 bytes, u16 room,
		       u16 per_cell)
{
	u32 cells;

	if (bytes <= room)
		return d->at;
	if (!per_cell)
		return U64_MAX;

	/* The last byte is in the cell that is @cells after @d's first. */
	cells = index + 1 + (bytes - room - 1) / per_cell;
	if (cells < d->cells)
		return d->at;
	return max(d->at, kinds[st->kind]->departs(st, p, d, cells));
}

/**
 * rtpl_sched_listens() - does the schedule depend on any event?
 * @p: the parameters, checked
 *
 * Context: Any.
 * Return: false if rtpl_sched_traffic() does nothing for this kind.
 */
bool rtpl_sched_listens(const struct rtpl_sched_params *p)
{
	return kinds[p->kind]->traffic;
}

/**
 * rtpl_sched_demand() - does the schedule depend on how much waits?
 * @p: the parameters, checked
 *
 * Context: Any.
 * Return: false if whether data waits is all that counts.
 */
bool rtpl_sched_demand(const struct rtpl_sched_params *p)
{
	if (p->kind == RTPL_SCHEDULE_LADDER && p->ladder.average_us)
		return false;
	return kinds[p->kind]->demand;
}

/**
 * rtpl_sched_fills() - does every slot leave, so that the link never falls silent?
 * @p: the parameters, checked
 *
 * Tamaraw does not count: it fills every slot of a session, but sessions end.
 *
 * Context: Any.
 * Return: true if the schedule sends chaff in each slot that data does not fill.
 */
bool rtpl_sched_fills(const struct rtpl_sched_params *p)
{
	switch (p->kind) {
	case RTPL_SCHEDULE_CONST:
	case RTPL_SCHEDULE_LADDER:
	case RTPL_SCHEDULE_DP:
		return true;
	case RTPL_SCHEDULE_INTERVAL:
		return p->interval.chaff;
	default:
		return false;
	}
}

/**
 * rtpl_sched_leak() - what the schedule has revealed so far
 * @st: state, started
 * @p: parameters
 * @leak: set
 *
 * Context: Any; the caller serialises calls on @st.
 */
void rtpl_sched_leak(const struct rtpl_sched_state *st, const struct rtpl_sched_params *p,
		     struct rtpl_sched_leak *leak)
{
	memset(leak, 0, sizeof(*leak));
	kinds[st->kind]->leak(st, p, leak);
}

static_assert(sizeof(struct rtpl_sched_state) <= 576);
