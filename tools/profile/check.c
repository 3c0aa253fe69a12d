// SPDX-License-Identifier: GPL-2.0
/* What contradicts: as kmod/core/profile_check.c, with the line where it stands. */
#include "read.h"

#define SEC	1000000000ULL
#define CELL_MIN	64	/* this and the next as in the core */
#define HANDSHAKE_MIN	256
#define CELL_OVERHEAD	29

bool profile_fills(const struct profile *p, enum profile_end end)
{
	const struct profile_schedule *s = &p->end[end].sched;

	switch (s->kind) {
	case SCHED_CONST:
	case SCHED_LADDER:
	case SCHED_TAMARAW:
	case SCHED_DP:
		return true;
	case SCHED_INTERVAL:
		return s->chaff;
	default:
		return false;
	}
}

/* Cells that leave in one slot, for these to be 50 us apart; then a slot, rounded up. */
static uint64_t tick(uint32_t rate)
{
	uint64_t batch = (rate * 50000ULL + SEC - 1) / SEC;

	if (batch > 32)
		batch = 32;
	return (batch * SEC + rate - 1) / rate;
}

/* As in the core: while a request comes, slots of an answer in cells of cover, and a step. */
static uint64_t exchange_delay(const struct profile_exchange *x)
{
	uint32_t room = x->cover - CELL_OVERHEAD, all = x->spread * x->cover - CELL_OVERHEAD;

	return (x->spread + (all + room - 1) / room) * x->slot_ns + x->pace_ns;
}

uint64_t profile_delay(const struct profile *p, enum profile_end end)
{
	const struct profile_schedule *s = &p->end[end].sched;
	uint64_t most = 0, warm;

	switch (s->kind) {
	case SCHED_CONST:
		return tick(s->rate);
	case SCHED_JITTER:
		return s->longest_ns;
	case SCHED_INTERVAL:
		if (s->cdf.t && s->cdf.t->max > 0)
			most = (uint64_t)s->cdf.t->max < s->period_ns ? (uint64_t)s->cdf.t->max :
									 s->period_ns - 1;
		return s->period_ns + most;
	case SCHED_LADDER:
		return tick(s->rates[0]);
	case SCHED_REGULATOR:
		if (end == PROFILE_CLIENT)
			return s->cap_ns;
		warm = s->warm_cells ? tick(s->warm_rate) : 0;
		return tick(s->floor) > warm ? tick(s->floor) : warm;
	case SCHED_TAMARAW:
		return s->period_ns;
	case SCHED_DP:
		return 2 * p->dp_window_ns;
	case SCHED_EXCHANGE:
		return exchange_delay(p->exchange);
	default:
		return 0;
	}
}

/* The smallest cell; where only the device knows, what any carries. */
static uint64_t smallest(const struct profile *p)
{
	switch (p->sizes) {
	case SIZES_FIXED:
		return p->cell;
	case SIZES_BUCKETS:
		return p->bucket[0];
	case SIZES_POW2:
		return CELL_MIN;
	default:
		return HANDSHAKE_MIN;
	}
}

/* Bytes a second of a schedule that fills its slots, rounded down. */
static uint64_t bytes_of(const struct profile *p, const struct profile_schedule *s)
{
	uint64_t cell = smallest(p);

	switch (s->kind) {
	case SCHED_CONST:
		return s->rate * cell;
	case SCHED_LADDER:
		return s->rates[s->n_rates - 1] * cell;
	case SCHED_DP:
		return (uint64_t)p->dp_max * p->want.grain * 1000000 / (p->dp_window_ns / 1000);
	default:
		return SEC * s->cells * cell / s->period_ns;
	}
}

/* Is it a size of cells, whatever the device carries? */
static bool has_size(const struct profile *p, uint32_t size)
{
	if (p->sizes == SIZES_POW2 && size < CELL_MIN)
		return false;
	if (p->sizes == SIZES_POW2)
		return size == p->cell || ((!p->cell || size < p->cell) && !(size & (size - 1)));
	for (int i = 0; p->sizes == SIZES_BUCKETS && i < p->n_buckets; i++)
		if (p->bucket[i] == size)
			return true;
	return false;
}

/* Is it a sum of whole cells and one of another size, as a burst leaves? */
static bool is_made(const struct profile *p, uint32_t volume)
{
	uint32_t whole = p->sizes == SIZES_POW2 ? p->cell : p->bucket[p->n_buckets - 1];

	/* Only the device knows. */
	return !whole || !(volume % whole) || has_size(p, volume % whole);
}

/* Volumes that no cells make would be of another class when they left. */
static int check_volumes(struct text *t, const struct profile *p)
{
	const struct profile_exchange *x = p->exchange;
	uint32_t v;

	for (int i = 0; i < x->n_up; i++)
		if (!is_made(p, x->up[i]))
			return text_fail(t, x->line_up,
					 "Up: %u bytes are no sum of cells: whole ones and one of another size",
					 x->up[i]);
	for (int i = 0; i < x->n_down; i++) {
		v = x->down[i];
		if (!is_made(p, v) && (v % x->cover || v / x->cover > x->spread))
			return text_fail(t, x->line_down,
					 "Down: %u bytes are no sum of cells: whole ones and one of another size, or up to Spread of Cover",
					 v);
	}
	return 0;
}

static int check_fills(struct text *t, const struct profile *p, int e)
{
	const struct profile_side *end = &p->end[e];
	const struct profile_schedule *s = &end->sched;
	bool fills = profile_fills(p, e), surges = s->kind == SCHED_REGULATOR;
	bool exchanges = s->kind == SCHED_EXCHANGE;

	if (!fills && !surges && !exchanges)
		return 0;
	if (!exchanges && p->sizes != SIZES_DEVICE && p->sizes != SIZES_FIXED)
		return text_fail(t, p->line_sizes,
				 "Cell: a schedule that sends chaff of its own needs one size: device or a number");
	if (exchanges && !(has_size(p, p->exchange->small) && has_size(p, p->exchange->cover)))
		return text_fail(t, p->line_sizes ?: p->exchange->line,
				 "Cell: Small and Cover of the exchange (line %u) have to be among the sizes",
				 s->line);
	if (exchanges && check_volumes(t, p))
		return -1;
	if (p->overhead != PROFILE_NONE)
		return text_fail(t, p->line_limits,
				 "Overhead: the schedule (line %u) sends chaff of its own when there is no data: it cannot keep an overhead limit",
				 s->line);
	if (p->rate && surges)
		return text_fail(t, p->line_limits,
				 "Rate: RegulaTor's chaff follows its surges: it keeps no limit a second");
	if (p->rate && exchanges)
		return text_fail(t, p->line_limits,
				 "Rate: an exchange's chaff follows its tables: it keeps no limit a second");
	if (p->rate && p->rate < bytes_of(p, s))
		return text_fail(t, p->line_limits,
				 "Rate: it is below what the schedule (line %u) sends, %llu bytes/s",
				 s->line, (unsigned long long)bytes_of(p, s));
	if (!fills && !exchanges)
		return 0;
	if (end->chaff.kind != CHAFF_NONE)
		return text_fail(t, end->chaff.line,
				 "Kind: the schedule (line %u) has chaff of its own: there is no room for other chaff",
				 s->line);
	if (end->n_machines)
		return text_fail(t, end->machine[0].line,
				 "String: the schedule (line %u) has chaff of its own: machines have nothing to do",
				 s->line);
	if (p->n_messages)
		return text_fail(t, p->line_messages,
				 "Messages: the schedule (line %u) has chaff of its own: sizes of messages do not show",
				 s->line);
	return 0;
}

/* Cells that an idle end is sure to ask for in a window. */
static uint64_t idle_cells(const struct profile *p, const struct profile_padding *c)
{
	switch (c->gap.mode) {
	case MODE_FIXED:
		return p->window_ns / c->gap.ns;
	case MODE_RANDOM:
		return p->window_ns / (uint64_t)c->gap.cdf.t->max;
	default:
		return 0;
	}
}

static int check_limits(struct text *t, const struct profile *p, int e)
{
	const struct profile_side *end = &p->end[e];
	uint64_t window = (uint64_t)((__uint128_t)p->rate * p->window_ns / SEC);
	uint64_t cell = smallest(p), idle;

	if (end->chaff.kind == CHAFF_NONE) {
		if ((end->n_machines || p->n_messages) && !p->overhead && p->free < cell)
			return text_fail(t, p->line_limits,
					 "Overhead: it allows no chaff, but machines or messages want some");
		return 0;
	}
	if (p->rate && window < cell)
		return text_fail(t, p->line_limits, "Rate: it is less than one cell a window");
	if (!p->overhead && p->free < cell)
		return text_fail(t, p->line_limits, "Overhead: it allows no chaff, but [Chaff] has some");
	idle = idle_cells(p, &end->chaff) * cell;
	if (p->overhead != PROFILE_NONE && idle > p->free)
		return text_fail(t, p->line_limits,
				 "Free: [Chaff] on an idle link asks for %llu bytes a window, more than that",
				 (unsigned long long)idle);
	if (p->overhead != PROFILE_NONE && p->free < cell && end->chaff.gap.mode)
		return text_fail(t, p->line_limits,
				 "Free: it is less than one cell, and [Chaff] at times of its own has nothing else");
	if (p->rate && idle > window)
		return text_fail(t, p->line_limits,
				 "Rate: [Chaff] on an idle link asks for %llu bytes a window, more than that",
				 (unsigned long long)idle);
	return 0;
}

static int check_end(struct text *t, const struct profile *p, int e)
{
	const struct profile_side *end = &p->end[e];
	const struct profile_schedule *s = &end->sched;

	if (p->latency_ns && profile_delay(p, e) > p->latency_ns)
		return text_fail(t, s->line,
				 "Kind: the schedule holds a cell for up to %.6g ms, longer than the latency budget of %.6g ms",
				 (double)profile_delay(p, e) / 1e6, (double)p->latency_ns / 1e6);
	for (int i = 0; s->kind != SCHED_ASAP && s->kind != SCHED_JITTER && i < end->n_machines; i++)
		if (end->machine[i].blocks && !profile_fills(p, e))
			return text_fail(t, end->machine[i].line,
					 "String: the machine blocks, but the schedule (line %u) says when cells leave",
					 s->line);
	if ((end->max_padding > 0 || end->max_blocking > 0) && !end->n_machines)
		return text_fail(t, end->machines_line, "[Machines]: there are limits, but no machine");
	if (check_fills(t, p, e))
		return -1;
	return check_limits(t, p, e);
}

int profile_check(struct text *t, const struct profile *p)
{
	const struct profile_schedule *a = &p->end[0].sched, *b = &p->end[1].sched;

	if (p->n_messages && p->sizes != SIZES_DEVICE && p->sizes != SIZES_FIXED)
		return text_fail(t, p->line_messages,
				 "Messages: they need cells of one size: device or a number");
	if ((a->kind == SCHED_EXCHANGE) != (b->kind == SCHED_EXCHANGE))
		return text_fail(t, p->exchange->line,
				 "Kind: an exchange has two ends, but the client's schedule is %s and the server's %s: one [Schedule] for both says it",
				 profile_sched_kinds[a->kind], profile_sched_kinds[b->kind]);
	for (int e = 0; e < PROFILE_ENDS; e++)
		if (check_end(t, p, e))
			return -1;
	if (a->kind <= SCHED_CONST && b->kind <= SCHED_CONST &&
	    (a->kind != b->kind || a->rate != b->rate))
		return text_fail(t, a->line > b->line ? a->line : b->line,
				 "Rate: a constant rate is the same at both ends");
	return 0;
}
