// SPDX-License-Identifier: GPL-2.0
/*
 * A constant rate that is chosen anew, out of a few, only at the borders of epochs. Both the
 * borders and the slot with which a new rate begins depend on past choices, not on the payload; so
 * n rates reveal at most log2(n) bits a border.
 *
 * A slow ladder follows an average over several epochs, some steps a border, and never what waits.
 * It counts bytes, in cells: of a cell that is filled in part only that part is needed.
 */
#include "sched.h"

#define PER_MILLE	1000
#define AVERAGE_UNIT	256		/* s: an average is so many cells in this time */
#define USEC		1000U		/* ns */

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
	if (!l->average_us && (l->steps_up || l->steps_down))
		return sched_wrong(why, "Only a ladder with an average has steps.", -EINVAL);
	if (l->average_us && ((u64)l->average_us * USEC < l->epoch_ns ||
			      l->average_us > RTPL_SCHED_AVERAGE_MAX))
		return sched_wrong(why, "The average is not between an epoch and an hour.",
				   -ERANGE);
	if (l->average_us && (!l->steps_up || l->steps_up >= RTPL_SCHED_RATES ||
			      !l->steps_down || l->steps_down >= RTPL_SCHED_RATES))
		return sched_wrong(why, "The steps of a border are not 1 to 15.", -ERANGE);
	if (l->noise && !l->average_us)
		return sched_wrong(why, "Only a ladder with an average has noise.", -EINVAL);
	if (l->noise && (l->noise->min < -(s64)RTPL_RATE_MAX || l->noise->max > RTPL_RATE_MAX))
		return sched_wrong(why,
				   "The ladder's noise is not within 500000 cells per second of 0.",
				   -ERANGE);
	if (l->growth && (l->epoch_max_ns < l->epoch_ns || l->epoch_max_ns > RTPL_SCHED_SPAN_MAX))
		return sched_wrong(why, "The longest epoch is not between the first and 2^55 ns.",
				   -ERANGE);
	return l->noise ? rtpl_dist_check(l->noise, why) : 0;
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
	s->average = div_u64((u64)AVERAGE_UNIT * l->rate[s->index] * l->up, PER_MILLE);
	rtpl_pace_start(&s->pace, l->rate[s->index], now);
}

static void ladder_traffic(struct rtpl_sched_state *st, const struct rtpl_sched_params *p,
			   struct rtpl_rng *rng, enum rtpl_traffic_event what, u64 now, u32 bytes)
{
	struct rtpl_steps *s = &st->steps;
	u32 n;

	if (!p->ladder.average_us) {
		s->data += what == RTPL_SENT_DATA;
		return;
	}
	switch (what) {
	case RTPL_QUEUED:
		s->waiting += min(bytes, U32_MAX - s->waiting);
		break;
	case RTPL_SENT_DATA:
		n = min_t(u32, s->waiting, st->room);
		s->waiting -= n;
		s->data += n;
		break;
	case RTPL_SENT_CHAFF:
		/* What is still counted was dropped. */
		s->waiting = 0;
		break;
	default:
		break;
	}
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

/*
 * The average over @over us after @data more bytes, @room to a cell, in @span ns: (average * over +
 * cells) / (over + span). At most an hour of an epoch counts: the sum stays below 2^61.
 */
static u64 averaged(u64 average, u64 data, u16 room, u64 span, u32 over)
{
	u64 cells;

	span = min_t(u64, div_u64(span, USEC), RTPL_SCHED_AVERAGE_MAX);
	cells = div_u64(min_t(u64, data, span * room) * AVERAGE_UNIT, room);
	return div64_u64(average * over + cells * (RTPL_NSEC / USEC), over + span);
}

/* @need, 2^-8 cells a second, with the ladder's noise. */
static u64 noisy(u64 need, const struct rtpl_sched_ladder *l, struct rtpl_rng *rng)
{
	s64 sum = need;

	if (l->noise)
		sum += rtpl_dist_sample(l->noise, rng) * AVERAGE_UNIT;
	return max_t(s64, sum, 0);
}

static void choose(struct rtpl_steps *s, const struct rtpl_sched_ladder *l, struct rtpl_rng *rng,
		   u16 room, u64 at, u32 queued)
{
	u64 span, cells, need, from = s->began;
	u8 index = s->index;

	enter_epoch(s, l, at);
	span = min_t(u64, s->began - from, RTPL_SCHED_SPAN_MAX);
	need = min_t(u64, s->data + queued, 1ULL << 50);
	if (l->average_us) {
		s->average = averaged(s->average, s->data, room, span, l->average_us);
		need = noisy(s->average, l, rng);
		span = AVERAGE_UNIT * RTPL_NSEC;
	}
	cells = rtpl_pace_cells(l->rate[index], span);
	if (need * PER_MILLE > l->up * cells || need * PER_MILLE < l->down * cells)
		index = lowest(l, need, span);
	if (l->average_us)
		index = clamp_t(u8, index, s->index - min(s->index, l->steps_down),
				s->index + l->steps_up);

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
		choose(s, l, rng, st->room, max(d->at, now),
		       l->average_us ? 0 : queued + rtpl_sched_behind(st));
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
	const struct rtpl_sched_ladder *l = &p->ladder;

	leak->bounded = true;
	leak->options = l->n;
	if (l->average_us)
		leak->options = min_t(u32, l->n, l->steps_up + l->steps_down + 1);
	leak->choices = st->steps.choices;
	leak->changes = st->steps.changes;
	leak->mbits = st->steps.choices * log2_milli[leak->options];
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
