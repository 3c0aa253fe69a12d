// SPDX-License-Identifier: GPL-2.0
/*
 * Schedules with arbitrary parameters, as far as they are accepted, under arbitrary
 * events at arbitrary times. Departures must not go back in time, asking twice must give
 * the same answer, no slot may come without its interval, and data must get away.
 *
 * Input: u8 kind, its parameters in the order below, each a number of two bytes (m << e);
 * then operations, each u8 what (low three bits), and a number.
 */
#include <stdio.h>

#include "../../kmod/core/sched.h"

#define BATCH	8
#define TAKES	4096	/* of one operation, and of a whole input */

static const u8 *data;
static size_t size;
static struct rtpl_sched_state st;
static struct rtpl_sched_params p;
static struct rtpl_rng rng;
static u64 now, left;
static u32 queued, taken;

static struct rtpl_exchange tables;
static struct rtpl_exchange_row row[8];
static struct rtpl_exchange_choice choice[4 * ARRAY_SIZE(row)];

static const u64 steps_p[] = { 1ULL << 62, 1ULL << 63, U64_MAX };
static s64 steps_x[3];

static void need(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "fuzz_sched: %s\n", what);
	abort();
}

static u64 num(void)
{
	u64 v = 0;

	if (size >= 2)
		v = (u64)data[1] << (data[0] & 63) | data[0] >> 6;
	data += min_t(size_t, size, 2);
	size -= min_t(size_t, size, 2);
	return v;
}

static struct rtpl_dist dist(void)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(steps_x); i++)
		steps_x[i] = (i ? steps_x[i - 1] : 0) + (num() >> 10);
	return (struct rtpl_dist){
		.kind = RTPL_DIST_STEPS, .n = ARRAY_SIZE(steps_x),
		.min = num(), .max = num(), .p = steps_p, .x = steps_x,
	};
}

static void edges(u32 *edge, u8 *n)
{
	u32 i;

	*n = num();
	for (i = 0; i < min_t(u32, *n, RTPL_EXCHANGE_EDGES); i++)
		edge[i] = (i ? edge[i - 1] : 0) + num();
}

/* Rows' keys and choices are of any classes, in order, so that some are taken. */
static void exchange(void)
{
	u32 i, k, n;

	memset(&tables, 0, sizeof(tables));
	tables.small = num();
	tables.cover = num();
	tables.start = num();
	tables.grow = num();
	tables.most = num();
	tables.every = num();
	tables.spread = num();
	tables.linger = num();
	tables.pace_ns = num();
	tables.slot_ns = num();
	tables.reply_ns = num();
	tables.idle_ns = num();
	edges(tables.up, &tables.n_up);
	edges(tables.down, &tables.n_down);
	edges(tables.slots, &tables.n_slots);
	tables.row = row;
	tables.choice = choice;
	n = num() % (ARRAY_SIZE(row) + 1);
	for (i = 0; i < n; i++) {
		u64 parts[6] = {};

		for (k = 0; k < ARRAY_SIZE(parts); k++)
			parts[k] = num();
		row[i] = (struct rtpl_exchange_row){
			.key = rtpl_exchange_key(parts[0] % 4, parts[1], parts[2], parts[3],
						 parts[4], parts[5]),
			.first = tables.n_choices, .n = 1 + num() % 4,
		};
		for (k = 0; k < row[i].n; k++)
			choice[tables.n_choices++] = (struct rtpl_exchange_choice){
				.upto = k == row[i].n - 1 ? U32_MAX : (k + 1) << 30,
				.to = num(), .volume = num(),
			};
	}
	tables.n_rows = n;
	p.exchange = &tables;
}

static struct rtpl_dist noise;

static void params(u8 kind)
{
	u32 i;

	memset(&p, 0, sizeof(p));
	p.kind = kind;
	switch (kind) {
	case RTPL_SCHEDULE_CONST:
		p.rate = num();
		break;
	case RTPL_SCHEDULE_JITTER:
		p.jitter.max_ns = num();
		p.jitter.hold = dist();
		break;
	case RTPL_SCHEDULE_INTERVAL:
		p.interval.period_ns = num();
		p.interval.cells = num();
		p.interval.chaff = num();
		if (num())
			p.interval.jitter = dist();
		break;
	case RTPL_SCHEDULE_LADDER:
		p.ladder.n = num();
		p.ladder.first = num();
		p.ladder.growth = num();
		p.ladder.up = num();
		p.ladder.down = num();
		p.ladder.epoch_ns = num();
		p.ladder.epoch_max_ns = num();
		for (i = 0; i < RTPL_SCHED_RATES; i++)
			p.ladder.rate[i] = (i ? p.ladder.rate[i - 1] : 0) + num();
		p.ladder.average_us = num();
		p.ladder.steps_up = num();
		p.ladder.steps_down = num();
		if (num()) {
			noise = dist();
			p.ladder.noise = &noise;
		}
		break;
	case RTPL_SCHEDULE_REGULATOR:
		p.regulator.end = num();
		p.regulator.warm_cells = num();
		p.regulator.warm_rate = num();
		p.regulator.rate = num();
		p.regulator.floor = num();
		p.regulator.threshold = num();
		p.regulator.budget = num();
		p.regulator.ratio = num();
		p.regulator.half_ns = num();
		p.regulator.cap_ns = num();
		p.regulator.idle_ns = num();
		break;
	case RTPL_SCHEDULE_TAMARAW:
		p.tamaraw.period_ns = num();
		p.tamaraw.cells = num();
		p.tamaraw.multiple = num();
		p.tamaraw.quiet_ns = num();
		break;
	case RTPL_SCHEDULE_EXCHANGE:
		exchange();
		break;
	}
}

static bool next(struct rtpl_departure *d)
{
	struct rtpl_departure again;
	bool any;

	st.bytes = queued * st.room;
	any = rtpl_sched_next(&st, &p, &rng, now, queued, BATCH, d);
	need(any == rtpl_sched_next(&st, &p, &rng, now, queued, BATCH, &again), "asked twice");
	if (!any)
		return false;
	need(d->at == again.at && d->cells == again.cells && d->chaff == again.chaff,
	     "asked twice, answered otherwise");
	need(d->cells, "no cells");
	need(d->chaff || d->cells <= queued, "more cells than data");
	need(!d->timed || d->at >= left, "back in time");
	return true;
}

static void take(const struct rtpl_departure *d)
{
	bool is_data;
	u16 i;

	rtpl_sched_take(&st, &p, d);
	if (d->timed)
		left = d->at;
	for (i = 0; i < d->cells; i++) {
		is_data = queued;
		queued -= is_data;
		rtpl_sched_traffic(&st, &p, &rng, is_data ? RTPL_SENT_DATA : RTPL_SENT_CHAFF, now,
				    d->exact ? max_t(u16, d->size, 1) : st.room);
	}
	taken++;
}

/* All that is due by @t. */
static void run(u64 t)
{
	struct rtpl_departure d;
	u32 n = 0, at_once = 0;

	while (n++ < TAKES && taken < TAKES && next(&d) && (!d.timed || d.at <= t)) {
		if (d.timed && d.at > now) {
			now = d.at;
			at_once = 0;
		}
		/* What was owed, and a slot: more at one moment is a spin. */
		need(at_once++ < TAKES / 2, "spins");
		take(&d);
	}
	now = max(now, t);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	u8 seed[RTPL_RNG_SEED] = {};
	struct rtpl_sched_leak leak;
	struct rtpl_departure d;
	const char *why = NULL;
	u64 v;
	u8 op;

	if (n < 2)
		return 0;
	data = bytes + 2;
	size = n - 2;
	seed[0] = bytes[1];
	rtpl_rng_seed(&rng, seed);
	params(bytes[0]);
	if (rtpl_sched_check(&p, 0, &why)) {
		need(why && *why, "refused without a word");
		return 0;
	}
	memset(&st, 0, sizeof(st));
	now = num() >> 8;
	left = 0;
	queued = 0;
	taken = 0;
	rtpl_sched_start(&st, &p, num(), now);
	while (size && taken < TAKES) {
		op = *data++;
		size--;
		v = num();
		switch (op & 7) {
		case 0:		/* a packet */
			queued = min_t(u64, queued + 1 + v % 64, 100000);
			rtpl_sched_traffic(&st, &p, &rng, RTPL_QUEUED, now, v);
			break;
		case 1:
			rtpl_sched_traffic(&st, &p, &rng, RTPL_GOT_DATA + v % 2, now, v >> 1);
			break;
		case 2:		/* what waited was dropped */
			queued = 0;
			break;
		case 3:		/* time passes, and somebody is there */
			run(now + v % (1ULL << 40));
			break;
		case 4:		/* time passes, and nobody is */
			now += v % (1ULL << 57);
			break;
		case 5:		/* one, ahead of its time */
			if (next(&d))
				take(&d);
			break;
		case 6:
			if (next(&d))
				need(rtpl_sched_departs(&st, &p, &d, v % d.cells, v >> 8, v & 255,
							v >> 40) >= d.at, "departs before");
			rtpl_sched_leak(&st, &p, &leak);
			break;
		case 7:
			rtpl_sched_room(&st, v);
			rtpl_sched_change(&st, &p, now);
			break;
		}
		/* so that time does not end */
		if (now >> 61)
			break;
	}
	return 0;
}
