// SPDX-License-Identifier: GPL-2.0
/*
 * Tamaraw: a constant rate for as long as there is data, continued to a multiple of L cells, so
 * that a session reveals only which multiple. The paper's simulation knows when a page is complete;
 * a link does not, and assumes so after a quiet time.
 */
#include "sched.h"

static int tamaraw_check(const struct rtpl_sched_params *p, const char **why)
{
	const struct rtpl_sched_tamaraw *t = &p->tamaraw;

	if (t->period_ns < RTPL_PACE_TICK_MIN || t->period_ns > RTPL_LATENCY_MAX_NS)
		return sched_wrong(why, "The interval is not between 50 us and 10 s.", -ERANGE);
	if (!t->cells || t->cells > RTPL_PACE_BATCH_MAX)
		return sched_wrong(why, "A slot has 1 to 32 cells.", -ERANGE);
	if (!t->multiple || t->multiple > 1000000)
		return sched_wrong(why, "The multiple is not between 1 and 1000000 cells.",
				   -ERANGE);
	if (t->multiple % t->cells)
		return sched_wrong(why, "The multiple is not one of a slot's cells.", -EINVAL);
	if (t->quiet_ns > RTPL_SCHED_SPAN_MAX)
		return sched_wrong(why, "The quiet time is above 2^55 ns.", -ERANGE);
	return 0;
}

static u64 tamaraw_delay(const struct rtpl_sched_params *p)
{
	return p->tamaraw.period_ns;
}

static void tamaraw_start(struct rtpl_sched_state *st, const struct rtpl_sched_params *p, u64 now)
{
}

static void begin(struct rtpl_slots *s, const struct rtpl_sched_tamaraw *t, u64 now)
{
	s->on = true;
	s->last = now;
	s->t0 = now + t->period_ns;
	s->slot = 0;
	s->sent = 0;
	s->sessions++;
}

/*
 * Count the number m of multiples in bits of its Elias gamma code, 2 * floor(log2 m) + 1: no
 * distribution of m has an entropy above the mean length of its code.
 */
static void end(struct rtpl_slots *s, const struct rtpl_sched_tamaraw *t)
{
	s->on = false;
	s->mbits += 1000 * (2 * fls64(div_u64(s->sent, t->multiple)) - 1);
}

static void tamaraw_traffic(struct rtpl_sched_state *st, const struct rtpl_sched_params *p,
			    struct rtpl_rng *rng, enum rtpl_traffic_event what, u64 now, u32 bytes)
{
	/* The other end's chaff begins no session, or two ends would keep each other awake. */
	if (what != RTPL_QUEUED && what != RTPL_GOT_DATA)
		return;
	if (!st->slots.on)
		begin(&st->slots, &p->tamaraw, now);
	st->slots.last = max(st->slots.last, now);
}

static bool tamaraw_next(struct rtpl_sched_state *st, const struct rtpl_sched_params *p,
			 struct rtpl_rng *rng, u64 now, u32 queued, u16 batch,
			 struct rtpl_departure *d)
{
	const struct rtpl_sched_tamaraw *t = &p->tamaraw;
	struct rtpl_slots *s = &st->slots;
	u64 at, slot, whole;
	u32 rest;

	if (!s->on) {
		if (!queued)
			return false;
		begin(s, t, now);
	}

	at = s->t0 + s->slot * t->period_ns;
	if (unlikely(rtpl_since(now, at) > t->period_ns)) {
		slot = div64_u64(now - s->t0, t->period_ns);
		st->missed += slot - s->slot;
		s->slot = slot;
		at = s->t0 + slot * t->period_ns;
	}
	whole = div_u64_rem(s->sent, t->multiple, &rest);
	if (!queued && whole && !rest && rtpl_since(at, s->last) >= t->quiet_ns) {
		end(s, t);
		return false;
	}
	*d = (struct rtpl_departure){
		.at = at,
		.slot = s->slot,
		.cells = t->cells,
		.chaff = true,
		.timed = true,
	};
	return true;
}

static void tamaraw_take(struct rtpl_sched_state *st, const struct rtpl_sched_params *p,
			 const struct rtpl_departure *d)
{
	st->slots.slot = d->slot + 1;
	st->slots.sent += d->cells;
}

/* Cells that did not leave do not count towards the multiple. */
static void tamaraw_skip(struct rtpl_sched_state *st, const struct rtpl_sched_params *p,
			 const struct rtpl_departure *d)
{
	st->slots.slot = d->slot + 1;
}

static u64 tamaraw_departs(const struct rtpl_sched_state *st, const struct rtpl_sched_params *p,
			   const struct rtpl_departure *d, u32 cells)
{
	const struct rtpl_sched_tamaraw *t = &p->tamaraw;

	return st->slots.t0 + (d->slot + cells / t->cells) * t->period_ns;
}

static void tamaraw_leak(const struct rtpl_sched_state *st, const struct rtpl_sched_params *p,
			 struct rtpl_sched_leak *leak)
{
	leak->choices = st->slots.sessions;
	leak->mbits = st->slots.mbits;
}

const struct rtpl_sched_ops rtpl_sched_tamaraw_ops = {
	.check = tamaraw_check,
	.delay = tamaraw_delay,
	.start = tamaraw_start,
	.traffic = tamaraw_traffic,
	.next = tamaraw_next,
	.take = tamaraw_take,
	.skip = tamaraw_skip,
	.departs = tamaraw_departs,
	.leak = tamaraw_leak,
};
