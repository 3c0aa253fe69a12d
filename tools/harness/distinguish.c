// SPDX-License-Identifier: GPL-2.0
/*
 * What an observer can tell of the load, through the whole engine: two streams of packets,
 * which differ by what a promise says, beside each other, and the times and numbers of cells
 * that leave.
 *
 *	distinguish [-n RUNS] [-s SEED] [-m TIMES] [-c] [TEXT]
 *
 *	-n	runs of each stream (10000)
 *	-m	private windows: streams differ by so many times the sensitivity (1): above 1
 *		the promise is none, and differences must be found
 *	-c	the queue is told in whole cells (what made the promise false once)
 *	TEXT	only what contains it
 *
 * Private windows: for each plan, pairs of streams, numbers of windows and statistics, P(at
 * least t cells) and P(at most t) of one stream against the other's. FAIL where one is
 * above e^epsilon times the other + delta by more than chance explains (5.5 standard
 * deviations, Wilson's intervals). All other schedules, by what the meter says: none, 64
 * loads must all look the same; bits, they look no more different than 2^bits; and no bound
 * must be said of one that a load changes.
 *
 * One line each; status 1 if any is FAIL.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "../../kmod/core/engine.h"
#include "../dist/dp.h"

#define MS	1000000ULL
#define SEC	1000000000ULL
#define LEAD	250000ULL
#define WINDOW	(20 * MS)
#define WINDOWS	12
#define MOST	512		/* cells of a statistic that are told apart */
#define LOADS	64
#define Z	5.5

static struct dp_plan made;
static struct rtpl_profile prof;
static struct rtpl_engine engine;
static struct rtpl_rng chance;
static unsigned int runs = 10000, times = 1, failed;
static bool in_cells;
static const char *only = "";

/* ---- one end, driven as the link drives it ---- */

struct stream {
	u32 bytes[WINDOWS];	/* that come in each window */
};

struct seen {
	u32 cells[WINDOWS + 1];	/* that left in each window */
	u64 hash;		/* of all times */
};

static u32 told(u32 queued, u32 room)
{
	return in_cells && queued ? (queued / room + 1) * room : queued;
}

/* Let all leave that wants to until @end. */
static void run(struct seen *s, u32 *queued, u64 *now, u64 end, u32 room)
{
	struct rtpl_departure d;
	u32 i, window;
	bool data;
	u64 at;

	while (*now < end) {
		switch (rtpl_engine_next(&engine, *now, LEAD, told(*queued, room), *now, 32, &d)) {
		case RTPL_ENGINE_IDLE:
			*now = end;
			break;
		case RTPL_ENGINE_WAKE:
			*now = clamp_t(u64, d.at, *now + 1, end);
			break;
		case RTPL_ENGINE_SEND:
			rtpl_engine_take(&engine, &d, *now);
			at = max(d.at, *now);
			window = min_t(u64, div_u64(at, WINDOW), WINDOWS);
			for (i = 0; i < d.cells; i++) {
				data = *queued && !d.alone;
				if (!data && !d.chaff)
					break;
				*queued -= data ? min(*queued, room) : 0;
				s->cells[window]++;
				s->hash = (s->hash ^ at) * 0x100000001b3ULL;
				rtpl_engine_traffic(&engine, data ? RTPL_SENT_DATA : RTPL_SENT_CHAFF,
						     at, room + RTPL_CELL_OVERHEAD);
			}
			break;
		}
	}
}

static void start(u16 cell)
{
	memset(&engine, 0, sizeof(engine));
	engine.rng = chance;
	rtpl_engine_start(&engine, &prof.shape, &prof, RTPL_END_CLIENT, cell, 0, NULL);
}

/* ---- private windows ---- */

struct plan {
	enum dp_mechanism mechanism;
	double epsilon, delta;
	u32 sensitivity, grain, burst;
	u16 cell;
};

static const struct plan plans[] = {
	{ DP_LAPLACE, 1, 1e-6, 1203, 1203, 1, 1232 },
	{ DP_LAPLACE, 1, 1e-6, 100, 1, 1, 1232 },
	{ DP_LAPLACE, 1, 1e-6, 100, 99, 1, 1232 },
	{ DP_LAPLACE, 1, 1e-6, 500, 1, 1, 1232 },
	{ DP_LAPLACE, 1, 1e-6, 500, 7, 1, 256 },
	{ DP_LAPLACE, 1, 1e-6, 1500, 1, 1, 1232 },
	{ DP_LAPLACE, 0.5, 1e-9, 1500, 100, 2, 1472 },
	{ DP_LAPLACE, 2, 1e-6, 3000, 1203, 4, 1232 },
	{ DP_LAPLACE, 4, 1e-3, 9000, 1443, 3, 1472 },
	{ DP_LAPLACE, 0.25, 1e-6, 40, 33, 1, 512 },
	{ DP_LAPLACE, 3, 1e-4, 65536, 4096, 8, 1472 },
	{ DP_LAPLACE, 1, 1e-6, 1, 1, 1, 1232 },
	{ DP_SKELLAM, 4, 1e-6, 3000, 1203, 5, 1232 },
	{ DP_SKELLAM, 1, 1e-6, 1203, 1203, 1, 1232 },
	{ DP_SKELLAM, 1, 1e-6, 100, 10, 1, 1232 },
	{ DP_SKELLAM, 1, 1e-3, 100, 100, 2, 1232 },
	{ DP_SKELLAM, 2, 1e-6, 500, 50, 1, 256 },
	{ DP_SKELLAM, 2, 1e-4, 1500, 300, 3, 1472 },
	{ DP_SKELLAM, 0.5, 1e-5, 9000, 9000, 10, 1232 },
	{ DP_SKELLAM, 3, 1e-4, 20000, 1443, 6, 1472 },
	{ DP_SKELLAM, 6, 1e-2, 700, 227, 2, 256 },
	{ DP_SKELLAM, 1, 0.1, 60, 60, 1, 256 },
};

static struct rtpl_dist of_table(const struct dist_table *t)
{
	return (struct rtpl_dist){ .kind = t->kind, .n = t->n, .start = t->start, .min = t->min,
				   .max = t->max, .p = t->p, .x = t->x };
}

static void base_profile(u16 cell)
{
	memset(&prof, 0, sizeof(prof));
	rtpl_limits_default(&prof.limits);
	rtpl_shape_default(&prof.shape);
	prof.shape.sizes = RTPL_SIZES_FIXED;
	prof.shape.cell = cell;
	prof.shape.latency_ns = 0;
}

static const char *private_profile(const struct plan *w)
{
	struct dp_want want = { .mechanism = w->mechanism, .epsilon = w->epsilon,
				.delta = w->delta, .sensitivity = w->sensitivity,
				.grain = w->grain, .burst = w->burst };
	static char err[DIST_ERR];
	const char *why = "";
	struct rtpl_dp_plan *p;
	u32 i;

	if (dp_plan_make(&want, &made, err))
		return err;
	base_profile(w->cell);
	p = &prof.dp;
	p->mechanism = w->mechanism == DP_SKELLAM ? RTPL_DP_SKELLAM : RTPL_DP_LAPLACE;
	p->parts = made.parts;
	p->draws = made.draws;
	p->n_lines = made.n_lines;
	p->step = made.step;
	p->grain = w->grain;
	p->max = min_t(u32, 400 * w->cell / w->grain, RTPL_DP_GRAINS_MAX);
	p->burst = w->burst;
	p->window_ns = WINDOW;
	p->windows = made.windows;
	p->delta = made.delta;
	for (i = 0; i < made.parts; i++)
		p->part[i] = of_table(&made.part[i]);
	for (i = 0; i < made.n_lines; i++)
		p->line[i] = (struct rtpl_dp_line){ made.line[i].each, made.line[i].once };
	if (rtpl_dp_check(p, &why))
		return why;
	for (i = 0; i < RTPL_END_COUNT; i++)
		prof.end[i].sched = (struct rtpl_sched_params){ .kind = RTPL_SCHEDULE_DP, .dp = p };
	return NULL;
}

/* Wilson's interval of k of n. */
static double end_of(u64 k, u64 n, int sign)
{
	double p = (double)k / n, z = Z * Z / n;

	return (p + z / 2 + sign * sqrt(p * (1 - p) * z + z * z / 4)) / (1 + z);
}

static u64 tally[2][2][MOST];	/* statistic, stream, cells */

static void look(unsigned int windows, u16 cell, const struct stream *of, int which)
{
	struct seen s;
	u32 queued, first, all, w;
	unsigned int i;
	u64 now;

	for (i = 0; i < runs; i++) {
		memset(&s, 0, sizeof(s));
		start(cell);
		now = 0;
		queued = 0;
		for (w = 0; w <= windows; w++) {
			queued += w < WINDOWS ? of->bytes[w] : 0;
			/* built ahead of the border: what comes later is not looked at */
			run(&s, &queued, &now, (w + 1) * WINDOW - LEAD - 1, cell - RTPL_CELL_OVERHEAD);
		}
		chance = engine.rng;
		first = s.cells[1];
		for (w = 1, all = 0; w <= windows && w <= WINDOWS; w++)
			all += s.cells[w];
		tally[0][which][min_t(u32, first, MOST - 1)]++;
		tally[1][which][min_t(u32, all, MOST - 1)]++;
	}
}

/* The worst of all events: ln((P - delta) / Q), from the ends of intervals that favour the plan. */
static double worst_of(const u64 of[2][MOST], double delta, char *event)
{
	double worst = -INFINITY, p, loss;
	u64 at_least[2], at_most[2] = { 0, 0 };
	int t, a;

	at_least[0] = at_least[1] = runs;
	for (t = 0; t < MOST; t++) {
		for (a = 0; a < 2; a++)
			at_most[a] += of[a][t];
		for (a = 0; a < 2; a++) {
			p = end_of(at_least[a], runs, -1) - delta;
			loss = p > 0 ? log(p / end_of(at_least[!a], runs, 1)) : -INFINITY;
			if (loss > worst) {
				worst = loss;
				sprintf(event, "at least %d: %.4f, %.4f", t,
					(double)at_least[0] / runs, (double)at_least[1] / runs);
			}
			p = end_of(at_most[a], runs, -1) - delta;
			loss = p > 0 ? log(p / end_of(at_most[!a], runs, 1)) : -INFINITY;
			if (loss > worst) {
				worst = loss;
				sprintf(event, "at most %d: %.4f, %.4f", t,
					(double)at_most[0] / runs, (double)at_most[1] / runs);
			}
		}
		for (a = 0; a < 2; a++)
			at_least[a] -= of[a][t];
	}
	return worst;
}

static void say(bool good, const char *name, const char *what)
{
	failed += !good;
	printf("%s  %-44s %s\n", good ? "PASS" : "FAIL", name, what);
	fflush(stdout);
}

static void check_plan(const struct plan *w)
{
	u32 room = w->cell - RTPL_CELL_OVERHEAD, more = w->sensitivity * times, base, windows, waits[4];
	char name[80], what[256], event[80], worst_event[112] = "";
	double epsilon, delta, loss, least = INFINITY, found = 0;
	struct stream a, b;
	const char *why;
	int i, k, stat;

	snprintf(name, sizeof(name), "%s %g %g S %u grain %u burst %u cell %u",
		 w->mechanism == DP_SKELLAM ? "skellam" : "laplace", w->epsilon, w->delta,
		 w->sensitivity, w->grain, w->burst, w->cell);
	if (!strstr(name, only))
		return;
	why = private_profile(w);
	if (why) {
		say(false, name, why);
		return;
	}
	delta = prof.dp.delta * 0x1p-64;
	/* nothing or all; at a cell's border; below one; a backlog, and it comes in halves */
	waits[0] = 0;
	waits[1] = room;
	waits[2] = 2 * room - more % room;
	waits[3] = 5 * room + w->grain / 2;
	for (i = 0; i < 4; i++) {
		base = waits[i];
		memset(&a, 0, sizeof(a));
		a.bytes[0] = base;
		b = a;
		b.bytes[0] += i < 3 ? more : more - more / 2;
		if (i == 3 && w->burst > 1)
			b.bytes[1] += more / 2;
		for (k = 0; k < (w->burst > 1 ? 2 : 1); k++) {
			windows = k ? min_t(u32, w->burst, WINDOWS - 1) : 1;
			memset(tally, 0, sizeof(tally));
			look(windows, w->cell, &a, 0);
			look(windows, w->cell, &b, 1);
			for (stat = 0; stat < 2; stat++) {
				epsilon = rtpl_dp_epsilon(&prof.dp, stat ? windows : 1) * 0x1p-32;
				loss = worst_of(tally[stat], delta, event);
				if (epsilon - loss < least) {
					least = epsilon - loss;
					found = loss;
					snprintf(worst_event, sizeof(worst_event), "%u more than %u, %s",
						 more, base, event);
				}
			}
		}
	}
	snprintf(what, sizeof(what), "loss %.3f of %.3f promised (%s)", found, found + least,
		 worst_event);
	say(least >= 0, name, what);
}

/* ---- all other schedules ---- */

static const u64 one_p[] = { U64_MAX };
static const s64 one_x[] = { 3 * MS };
static const struct rtpl_dist hold = { .n = 1, .max = 5 * MS, .p = one_p, .x = one_x };

static const struct {
	const char *name;
	enum rtpl_leak_kind kind;
	u32 rate;
	struct rtpl_sched_params sched;
} schedules[] = {
	{ "as it comes", RTPL_LEAK_UNBOUNDED, 0, { .kind = RTPL_SCHEDULE_ASAP } },
	{ "constant, 1000", RTPL_LEAK_NONE, 1000, { .kind = RTPL_SCHEDULE_CONST, .rate = 1000 } },
	{ "constant, 100000", RTPL_LEAK_NONE, 100000,
	  { .kind = RTPL_SCHEDULE_CONST, .rate = 100000 } },
	{ "jitter", RTPL_LEAK_UNBOUNDED, 0,
	  { .kind = RTPL_SCHEDULE_JITTER, .jitter = { 5 * MS, hold } } },
	{ "interval, filled", RTPL_LEAK_NONE, 0,
	  { .kind = RTPL_SCHEDULE_INTERVAL, .interval = { 10 * MS, 3, true, hold } } },
	{ "interval, data alone", RTPL_LEAK_UNBOUNDED, 0,
	  { .kind = RTPL_SCHEDULE_INTERVAL, .interval = { 10 * MS, 3, false, hold } } },
	{ "ladder", RTPL_LEAK_BITS, 0,
	  { .kind = RTPL_SCHEDULE_LADDER,
	    .ladder = { .rate = { 100, 400, 1600 }, .n = 3, .up = 900, .down = 200,
			.epoch_ns = 100 * MS, .epoch_max_ns = 100 * MS } } },
	{ "tamaraw", RTPL_LEAK_UNBOUNDED, 0,
	  { .kind = RTPL_SCHEDULE_TAMARAW, .tamaraw = { 5 * MS, 1, 20, 50 * MS } } },
	{ "regulator", RTPL_LEAK_UNBOUNDED, 0,
	  { .kind = RTPL_SCHEDULE_REGULATOR,
	    .regulator = { .end = RTPL_END_CLIENT, .ratio = 3950, .cap_ns = 200 * MS,
			   .idle_ns = SEC } } },
};

/* Load number @i: none, a trickle, bursts, more than fits, and what chance makes of them. */
static u32 load_at(struct rtpl_rng *r, unsigned int i, unsigned int tick)
{
	u32 x = rtpl_rng_below(r, 1000);

	switch (i % 4) {
	case 0:
		return i && x < 20 + i ? 100 + x : 0;
	case 1:
		return 60 + i;
	case 2:
		return tick % (20 + i) == i % 20 ? 4000 * (1 + i) : 0;
	default:
		return x < 500 ? 3000 * (i % 16) : 0;
	}
}

static void check_schedule(unsigned int n)
{
	u64 hash[LOADS], kinds = 0, now;
	static const char * const meter[] = { "no bound", "none", "bits", "private" };
	struct rtpl_leak leak, most = {};
	const char *why = "";
	struct rtpl_rng load;
	char what[160];
	u32 i, j, queued;
	struct seen s;
	bool good;

	if (!strstr(schedules[n].name, only) || in_cells || times > 1)
		return;
	base_profile(1232);
	if (schedules[n].rate) {
		prof.shape.sched = RTPL_SCHEDULE_CONST;
		prof.shape.rate = schedules[n].rate;
	}
	for (i = 0; i < RTPL_END_COUNT; i++)
		prof.end[i].sched = schedules[n].sched;
	if (rtpl_sched_check(&prof.end[0].sched, 0, &why)) {
		say(false, schedules[n].name, why);
		return;
	}
	load = chance;
	for (i = 0; i < LOADS; i++) {
		memset(&s, 0, sizeof(s));
		start(1232);		/* the same chance for each */
		now = 0;
		queued = 0;
		for (j = 0; j < 1000; j++) {
			u32 more = load_at(&load, i, j);

			if (more && engine.listens)
				rtpl_engine_traffic(&engine, RTPL_QUEUED, now, more);
			queued += more;
			run(&s, &queued, &now, (j + 1) * MS, 1232 - RTPL_CELL_OVERHEAD);
		}
		rtpl_engine_leak(&engine, &leak);
		if (!i || leak.mbits > most.mbits)
			most = leak;
		hash[i] = s.hash;
		for (j = 0; j < i && hash[j] != hash[i]; j++)
			;
		kinds += j == i;
	}
	good = most.kind == schedules[n].kind;
	if (most.kind == RTPL_LEAK_UNBOUNDED)
		good &= kinds > 1;
	else
		good &= log2(kinds) <= most.mbits / 1000.0;
	snprintf(what, sizeof(what), "%" PRIu64 " of %d loads look different; the meter: %s, %.3f bits",
		 kinds, LOADS, meter[most.kind], most.mbits / 1000.0);
	say(good, schedules[n].name, what);
}

int main(int argc, char **argv)
{
	u8 seed[RTPL_RNG_SEED] = { 1 };
	unsigned int i;
	int c;

	while ((c = getopt(argc, argv, "n:s:m:c")) != -1) {
		if (c == 'n')
			runs = max(atoi(optarg), 100);
		else if (c == 's')
			put_unaligned_le64(strtoull(optarg, NULL, 0), seed);
		else if (c == 'm')
			times = max(atoi(optarg), 1);
		else if (c == 'c')
			in_cells = true;
		else
			return 2;
	}
	if (optind < argc)
		only = argv[optind];
	rtpl_rng_seed(&chance, seed);
	for (i = 0; i < ARRAY_SIZE(plans); i++)
		check_plan(&plans[i]);
	for (i = 0; i < ARRAY_SIZE(schedules); i++)
		check_schedule(i);
	return failed != 0;
}
