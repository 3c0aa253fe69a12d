// SPDX-License-Identifier: GPL-2.0
/*
 * When cells leave. Under a fixed schedule, slot k is at
 *
 *	t0 + floor(k * batch * 10^9 / rate)
 *
 * computed from k each time, in whole seconds and a rest, so that it is exact
 * for as long as a u64 of nanoseconds lasts and errors never add up.
 */
#include "sched.h"

#define NSEC_PER_S	1000000000ULL

/* ns from t0 to @cells cells at @rate, rounded down. rest * 10^9 fits: rate <= 10^7. */
static u64 span_of(u64 cells, u32 rate)
{
	u32 rest;
	u64 secs = div_u64_rem(cells, rate, &rest);

	return secs * NSEC_PER_S + div_u64(rest * NSEC_PER_S, rate);
}

/**
 * rtpl_pace_at() - when is a slot?
 * @p: the pace, at a fixed rate
 * @slot: number of the slot
 *
 * Context: Any; the caller serialises calls on @p.
 * Return: ns: t0 + floor(@slot * batch * 10^9 / rate).
 */
u64 rtpl_pace_at(const struct rtpl_pace *p, u64 slot)
{
	return p->t0 + span_of(slot * p->batch, p->rate);
}

/**
 * rtpl_pace_cells() - cells that a rate has in a stretch of time
 * @rate: cells per second
 * @ns: length of the stretch
 *
 * Context: Any.
 * Return: cells, rounded down.
 */
u64 rtpl_pace_cells(u32 rate, u64 ns)
{
	u32 rest;
	u64 secs = div_u64_rem(ns, NSEC_PER_S, &rest);

	return secs * rate + div_u64((u64)rest * rate, NSEC_PER_S);
}

/* Smallest number of the slot that is not before @t. */
static u64 slot_from(const struct rtpl_pace *p, u64 t)
{
	u64 secs, cells;
	u32 rest;

	if (t <= p->t0)
		return 0;
	secs = div_u64_rem(t - p->t0, NSEC_PER_S, &rest);
	cells = secs * p->rate +
		div_u64((u64)rest * p->rate + NSEC_PER_S - 1, NSEC_PER_S);
	return div_u64(cells + p->batch - 1, p->batch);
}

/**
 * rtpl_pace_batch() - fewest cells a slot that keep slots RTPL_PACE_TICK_MIN apart
 * @rate: cells per second, at most RTPL_RATE_MAX
 *
 * Context: Any.
 * Return: cells, 1 to RTPL_PACE_BATCH_MAX.
 */
u16 rtpl_pace_batch(u32 rate)
{
	u64 batch = div_u64(rate * RTPL_PACE_TICK_MIN + NSEC_PER_S - 1, NSEC_PER_S);

	return clamp_t(u64, batch, 1, RTPL_PACE_BATCH_MAX);
}

static void set_rate(struct rtpl_pace *p, u32 rate, u64 t0)
{
	p->rate = rate;
	p->batch = rate ? rtpl_pace_batch(rate) : 1;
	p->t0 = t0;
	p->slot = 0;
}

/**
 * rtpl_pace_start() - begin, or begin anew
 * @p: the pace; all zero before the first time
 * @rate: cells per second; 0: as they come
 * @now: ns
 *
 * A fixed schedule's slot 0 is one interval after @now. p->missed goes on counting.
 *
 * Context: Any; the caller serialises calls on @p.
 */
void rtpl_pace_start(struct rtpl_pace *p, u32 rate, u64 now)
{
	set_rate(p, rate, now);
	if (rate)
		p->t0 += span_of(p->batch, rate);
	p->rate_changes = 0;
	p->started = true;
}

/**
 * rtpl_pace_change() - another rate while running
 * @p: the pace
 * @rate: cells per second; 0: as they come
 * @now: ns
 *
 * From one fixed rate to another the schedule goes on without a gap: the next slot keeps its time,
 * the new interval counts from it, and the change is counted. Else slot 0 is one interval after
 * @now.
 *
 * Context: Any; the caller serialises calls on @p.
 */
void rtpl_pace_change(struct rtpl_pace *p, u32 rate, u64 now)
{
	if (rate == p->rate)
		return;
	if (!p->started || !rate || !p->rate) {
		set_rate(p, rate, now);
		if (rate)
			p->t0 += span_of(p->batch, rate);
		return;
	}
	set_rate(p, rate, rtpl_pace_at(p, p->slot));
	p->rate_changes++;
}

bool rtpl_pace_next(struct rtpl_pace *p, u32 rate, u64 now, u32 queued, u16 batch,
		    struct rtpl_departure *d)
{
	u64 tick, slot;

	if (!p->started)
		return false;
	if (unlikely(rate != p->rate))
		rtpl_pace_change(p, rate, now);

	if (!p->rate) {
		if (!queued || !batch)
			return false;
		*d = (struct rtpl_departure){
			.cells = min_t(u32, queued, batch),
		};
		return true;
	}

	*d = (struct rtpl_departure){
		.at = rtpl_pace_at(p, p->slot),
		.cells = p->batch,
		.chaff = true,
		.timed = true,
	};
	tick = span_of(p->batch, p->rate);
	if (unlikely(now > d->at && now - d->at > tick)) {
		slot = slot_from(p, now - tick);
		p->missed += slot - p->slot;
		p->slot = slot;
		d->at = rtpl_pace_at(p, slot);
	}
	d->slot = p->slot;
	return true;
}

/**
 * rtpl_pace_take() - a departure is built: move on
 * @p: the pace
 * @d: from rtpl_pace_next(); one that is not timed changes nothing
 *
 * Context: Any; the caller serialises calls on @p.
 */
void rtpl_pace_take(struct rtpl_pace *p, const struct rtpl_departure *d)
{
	if (d->timed)
		p->slot = d->slot + 1;
}

/**
 * rtpl_pace_lead() - how long before its slot is the next departure to be built?
 * @lead: ns, of the departure that was just built
 * @took: ns from the time to begin until its cells were built
 *
 * The lead grows at once to twice what building took. It falls by one RTPL_PACE_LEAD_DECAY-th of
 * the difference, at least 1 ns, each time.
 *
 * Context: Any.
 * Return: ns, RTPL_PACE_LEAD_MIN to RTPL_PACE_LEAD_MAX if @lead was.
 */
u32 rtpl_pace_lead(u32 lead, u64 took)
{
	u32 want = clamp_t(u64, took, RTPL_PACE_LEAD_MIN / 2, RTPL_PACE_LEAD_MAX / 2) * 2;

	return want >= lead ? want : lead - ((lead - want) / RTPL_PACE_LEAD_DECAY ?: 1);
}
