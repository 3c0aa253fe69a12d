// SPDX-License-Identifier: GPL-2.0
/*
 * A constant rate that is chosen anew, out of a few, only at the borders of epochs. Both the
 * borders and the slot with which a new rate begins depend on past choices, not on the payload; so
 * n rates reveal at most log2(n) bits a border.
 */
#include "sched.h"

#define PER_MILLE	1000

/* 1000 * log2(n), rounded up. */
static const u16 log2_milli[RTPL_SCHED_RATES + 1] = {
	0, 0, 1000, 1585, 2000, 2322, 2585, 2808, 3000,
	3170, 3322, 3460, 3585, 3701, 3808, 3907, 4000
};

static int ladder_check(const struct rtpl_sched_params *p, const char **why)
{
	const struct rtpl_sched_ladder *l = &p->ladder;
	u8 i;

	if (l->n < 2 || l->n > RTPL_SCHED_RATES)
		return sched_wrong(why, "A ladder has 2 to 16 rates.", -EINVAL);
	if (l->first >= l->n)
		return sched_wrong(why, "The first rate is not one of the ladder's.", -EINVAL);
	if (!l->down || l->down >= l->up || l->up > PER_MILLE)
		return sched_wrong(why, "The thresholds are not 0 < down < up <= 1000.", -EINVAL);
	for (i = 0; i < l->n; i++) {
		if (!l->rate[i] || l->rate[i] > RTPL_RATE_MAX)
			return sched_wrong(why,
					   "A rate is not between 1 and 500000 cells per second.",
					   -ERANGE);
		if (!i)
			continue;
		if (l->rate[i] <= l->rate[i - 1])
			return sched_wrong(why, "The rates are not in ascending order.", -EINVAL);
		if ((u64)l->down * l->rate[i] > (u64)l->up * l->rate[i - 1])
			return sched_wrong(why,
					   "Two rates are too far apart: down * upper > up * lower.",
					   -EINVAL);
	}
	if (l->epoch_ns < rtpl_pace_tick(l->rate[0]) || l->epoch_ns > RTPL_SCHED_SPAN_MAX)
		return sched_wrong(why,
				   "The epoch is not between a slot at the lowest rate and 2^55 ns.",
				   -ERANGE);
	if (l->growth > 8)
		return sched_wrong(why, "Epochs grow by more than 2^8.", -ERANGE);
	if (l->growth && (l->epoch_max_ns < l->epoch_ns || l->epoch_max_ns > RTPL_SCHED_SPAN_MAX))
		return sched_wrong(why, "The longest epoch is not between the first and 2^55 ns.",
				   -ERANGE);
	return 0;
}

static u64 ladder_delay(const struct rtpl_sched_params *p)
{
	return rtpl_pace_tick(p->ladder.rate[0]);
}

static void ladder_start(struct rtpl_sched_state *st, const struct rtpl_sched_params *p, u64 now)
{
	const struct rtpl_sched_ladder *l = &p->ladder;
	struct rtpl_steps *s = &st->steps;

	s->index = l->first;
	s->began = now;
	s->length = l->epoch_ns;
	s->border = now + s->length;
	rtpl_pace_start(&s->pace, l->rate[s->index], now);
}

static void ladder_traffic(struct rtpl_sched_state *st, const struct rtpl_sched_params *p,
			   struct rtpl_rng *rng, enum rtpl_traffic_event what, u64 now, u32 bytes)
{
	if (what == RTPL_SENT_DATA)
		st->steps.data++;
}

/*
 * Go to the epoch of @at. More than one border is passed only if slots were missed. This takes at
 * most 55 steps while epochs grow, and one division after that.
 */
static void enter_epoch(struct rtpl_steps *s, const struct rtpl_sched_ladder *l, u64 at)
{
	u64 n;

	while (at >= s->border && l->growth && s->length < l->epoch_max_ns) {
		s->began = s->border;
		s->length = min(s->length << l->growth, l->epoch_max_ns);
		s->border += s->length;
	}
	if (at < s->border)
		return;
	n = div64_u64(at - s->border, s->length);
	s->began = s->border + n * s->length;
	s->border = s->began + s->length;
}

/* The lowest rate of which @need cells in @span are at most up per mille. */
static u8 lowest(const struct rtpl_sched_ladder *l, u64 need, u64 span)
{
	u8 i;

	for (i = 0; i < l->n - 1; i++)
		if (need * PER_MILLE <= l->up * rtpl_pace_cells(l->rate[i], span))
			break;
	return i;
}

static void choose(struct rtpl_steps *s, const struct rtpl_sched_ladder *l, u64 at, u32 queued)
{
	u64 span, cells, need, from = s->began;
	u8 index = s->index;

	enter_epoch(s, l, at);
	span = min_t(u64, s->began - from, RTPL_SCHED_SPAN_MAX);
	cells = rtpl_pace_cells(l->rate[index], span);
	need = min_t(u64, s->data + queued, 1ULL << 50);
	if (need * PER_MILLE > l->up * cells || need * PER_MILLE < l->down * cells)
		index = lowest(l, need, span);

	s->data = 0;
	s->choices++;
	if (index == s->index)
		return;
	s->index = index;
	s->changes++;
	rtpl_pace_change(&s->pace, l->rate[index], at);
}

static bool ladder_next(struct rtpl_sched_state *st, const struct rtpl_sched_params *p,
			struct rtpl_rng *rng, u64 now, u32 queued, u16 batch,
			struct rtpl_departure *d)
{
	const struct rtpl_sched_ladder *l = &p->ladder;
	struct rtpl_steps *s = &st->steps;
	u64 missed = s->pace.missed;
	bool any;

	any = rtpl_pace_next(&s->pace, l->rate[s->index], now, queued, batch, d);
	if (any && d->at >= s->border) {
		/* A late slot counts as the current one. */
		choose(s, l, max(d->at, now), queued + rtpl_sched_behind(st));
		/* It keeps its time, unless that is later than a faster rate allows. */
		any = rtpl_pace_next(&s->pace, l->rate[s->index], now, queued, batch, d);
	}
	st->missed += s->pace.missed - missed;
	return any;
}

static void ladder_take(struct rtpl_sched_state *st, const struct rtpl_sched_params *p,
			const struct rtpl_departure *d)
{
	rtpl_pace_take(&st->steps.pace, d);
}

static u64 ladder_departs(const struct rtpl_sched_state *st, const struct rtpl_sched_params *p,
			  const struct rtpl_departure *d, u32 cells)
{
	return rtpl_pace_at(&st->steps.pace, d->slot + cells / st->steps.pace.batch);
}

static void ladder_leak(const struct rtpl_sched_state *st, const struct rtpl_sched_params *p,
			struct rtpl_sched_leak *leak)
{
	leak->bounded = true;
	leak->options = p->ladder.n;
	leak->choices = st->steps.choices;
	leak->changes = st->steps.changes;
	leak->mbits = st->steps.choices * log2_milli[p->ladder.n];
}

const struct rtpl_sched_ops rtpl_sched_ladder_ops = {
	.check = ladder_check,
	.delay = ladder_delay,
	.start = ladder_start,
	.traffic = ladder_traffic,
	.next = ladder_next,
	.take = ladder_take,
	.departs = ladder_departs,
	.leak = ladder_leak,
	.demand = true,
};
