// SPDX-License-Identifier: GPL-2.0
/*
 * Slots at a fixed interval, each with its own offset: slot k is at t0 + k * period + sample. Times
 * are absolute, so that errors never add up.
 */
#include "sched.h"

static u64 slot_at(const struct rtpl_slots *s, const struct rtpl_sched_interval *i)
{
	return s->t0 + s->slot * i->period_ns + s->offset;
}

/* Each slot has one sample, however often it is asked for. */
static u64 draw(struct rtpl_slots *s, const struct rtpl_sched_interval *i, struct rtpl_rng *rng)
{
	if (!s->drawn) {
		s->offset = rtpl_sched_sample(&i->jitter, rng, i->period_ns - 1);
		s->drawn = true;
	}
	return slot_at(s, i);
}

static void move_to(struct rtpl_slots *s, u64 slot)
{
	s->slot = slot;
	s->drawn = false;
	s->armed = false;
}

/* Largest offset a slot can have. */
static u64 offset_max(const struct rtpl_sched_interval *i)
{
	if (!i->jitter.n || i->jitter.max <= 0)
		return 0;
	return min_t(u64, i->jitter.max, i->period_ns - 1);
}

static int interval_check(const struct rtpl_sched_params *p, const char **why)
{
	const struct rtpl_sched_interval *i = &p->interval;

	if (i->period_ns < RTPL_PACE_TICK_MIN || i->period_ns > RTPL_LATENCY_MAX_NS)
		return sched_wrong(why, "The interval is not between 50 us and 10 s.", -ERANGE);
	if (!i->cells || i->cells > RTPL_PACE_BATCH_MAX)
		return sched_wrong(why, "A slot has 1 to 32 cells.", -ERANGE);
	return i->jitter.n ? rtpl_dist_check(&i->jitter, why) : 0;
}

static u64 interval_delay(const struct rtpl_sched_params *p)
{
	return p->interval.period_ns + offset_max(&p->interval);
}

static void interval_start(struct rtpl_sched_state *st, const struct rtpl_sched_params *p, u64 now)
{
	st->slots.t0 = now + p->interval.period_ns;
}

static bool interval_next(struct rtpl_sched_state *st, const struct rtpl_sched_params *p,
			  struct rtpl_rng *rng, u64 now, u32 queued, u16 batch,
			  struct rtpl_departure *d)
{
	const struct rtpl_sched_interval *i = &p->interval;
	struct rtpl_slots *s = &st->slots;
	u64 at, slot;

	if (!i->chaff && !queued) {
		s->armed = false;
		return false;
	}

	/* The number of the current slot. */
	slot = div64_u64(rtpl_since(now, s->t0), i->period_ns);
	if (i->chaff || s->armed) {
		at = draw(s, i, rng);
		if (unlikely(rtpl_since(now, at) > i->period_ns)) {
			if (i->chaff)
				st->missed += slot - s->slot;
			move_to(s, slot);
		}
	} else if (s->slot < slot) {
		move_to(s, slot);
	}

	/* If the time of this slot is past, data waits for the next. */
	at = draw(s, i, rng);
	if (!i->chaff && !s->armed && at < now) {
		move_to(s, s->slot + 1);
		at = draw(s, i, rng);
	}
	s->armed = true;
	*d = (struct rtpl_departure){
		.at = at,
		.slot = s->slot,
		.cells = i->chaff ? i->cells : min_t(u32, queued, i->cells),
		.chaff = i->chaff,
		.timed = true,
	};
	return true;
}

static void interval_take(struct rtpl_sched_state *st, const struct rtpl_sched_params *p,
			  const struct rtpl_departure *d)
{
	move_to(&st->slots, d->slot + 1);
}

static u64 interval_departs(const struct rtpl_sched_state *st, const struct rtpl_sched_params *p,
			    const struct rtpl_departure *d, u32 cells)
{
	const struct rtpl_sched_interval *i = &p->interval;
	u64 later = 1 + (cells - d->cells) / i->cells;

	return st->slots.t0 + (d->slot + later) * i->period_ns + offset_max(i);
}

static void interval_leak(const struct rtpl_sched_state *st, const struct rtpl_sched_params *p,
			  struct rtpl_sched_leak *leak)
{
	leak->bounded = p->interval.chaff;
}

const struct rtpl_sched_ops rtpl_sched_interval_ops = {
	.check = interval_check,
	.delay = interval_delay,
	.start = interval_start,
	.next = interval_next,
	.take = interval_take,
	.departs = interval_departs,
	.leak = interval_leak,
};
