// SPDX-License-Identifier: GPL-2.0
/*
 * Plays traces through two ends with a schedule each, in virtual time, by the core's own
 * code (kmod/core/sched.h), and says what it costs.
 *
 *	sim [-d MS] [-c BYTES] [-s SEED] [-o] SCHEME [NAME=VALUE...] <traces
 *
 * A trace is lines "seconds,direction,bytes", ordered by time, direction 1 from the
 * client and -1 to it; an empty line ends it. A packet is queued at its end at its time
 * (nothing is held back because an earlier one was: open loop), as so many cells of
 * BYTES as it needs. Cells arrive MS later.
 *
 * Without -o one line, "name value" pairs; with it the defended trace, in the same form,
 * data as direction 1 and -1, chaff as 2 and -2.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "../../kmod/core/sched.h"

#define CELLS		(1 << 18)	/* of a trace: waiting, or on their way */
#define SECOND		1000000000ULL
#define NEVER		U64_MAX
#define IDLE		600		/* s after the last packet that a trace is followed for */

struct packet {
	u64 at;
	u32 bytes;
	bool up;
};

struct end {
	struct rtpl_sched_state st;
	struct rtpl_sched_params p;
	struct rtpl_rng rng;
	u64 came[CELLS];	/* when a waiting cell was queued */
	u64 arrives[CELLS];	/* a sent cell at the other end, times 2, odd if data */
	u32 head, queued, first, flying;
	u64 data, chaff;	/* cells */
	u64 arrived;		/* cells with data, at the other end */
	u64 chaff_cut;		/* by the trace's last data, both directions */
	u64 waited, worst, last_wait;	/* ns: sum, most, of the last cell */
	u64 left;		/* when the last data did */
};

static struct end ends[2];		/* client, server */
static struct packet *packets;
static u32 n_packets, max_packets;
static u64 delay;
static u32 cell = 514;
static bool show;

static struct {
	u64 visits, up, down, up_sent, down_sent, up_cut, down_cut, span, late, waited;
	double time_mean, regulator_mean, bytes_mean;
	u64 worst;
} sum;

static void fail(const char *what)
{
	fprintf(stderr, "sim: %s\n", what);
	exit(1);
}

/* ---- schemes ---- */

struct scheme {
	const char *name;
	void (*set)(struct rtpl_sched_params *p, enum rtpl_end end);
};

static const struct scheme *scheme;

struct value {
	const char *name;
	double is;
};

/* Published ones; NAME=VALUE changes them. */
static struct value values[] = {
	{ "rate", 277 }, { "decay", 0.94 }, { "threshold", 3.55 }, { "budget", 3550 },
	{ "ratio", 3.95 }, { "cap", 1.77 }, { "warm", 10 }, { "idle", 10 },
	{ "out", 0.04 }, { "in", 0.012 }, { "multiple", 100 }, { "quiet", -1 },
	{ "period", 0.01 }, { "up", 800 }, { "down", 300 }, { "epoch", 1 }, { "growth", 1 },
	{ "chaff", 1 },
};

static double value(const char *name)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(values); i++)
		if (!strcmp(values[i].name, name))
			return values[i].is;
	fail("no such value");
	return 0;
}

static void set_value(const char *arg)
{
	const char *eq = strchr(arg, '=');
	u32 i;

	for (i = 0; eq && i < ARRAY_SIZE(values); i++)
		if (strlen(values[i].name) == eq - arg && !strncmp(values[i].name, arg, eq - arg)) {
			values[i].is = atof(eq + 1);
			return;
		}
	fprintf(stderr, "sim: what is %s?\n", arg);
	exit(1);
}

static void set_asap(struct rtpl_sched_params *p, enum rtpl_end end)
{
	p->kind = RTPL_SCHEDULE_ASAP;
}

static void set_const(struct rtpl_sched_params *p, enum rtpl_end end)
{
	p->kind = RTPL_SCHEDULE_CONST;
	p->rate = value("rate");
}

static void set_interval(struct rtpl_sched_params *p, enum rtpl_end end)
{
	p->kind = RTPL_SCHEDULE_INTERVAL;
	p->interval.period_ns = value("period") * SECOND;
	p->interval.cells = 1;
	p->interval.chaff = value("chaff");
}

/* From rate down by halves. */
static void set_ladder(struct rtpl_sched_params *p, enum rtpl_end end)
{
	struct rtpl_sched_ladder *l = &p->ladder;
	u32 rate = value("rate");

	p->kind = RTPL_SCHEDULE_LADDER;
	for (l->n = 1; l->n < 6 && rate >> l->n; l->n++)
		;
	for (l->first = l->n; l->first; l->first--)
		l->rate[l->n - l->first] = rate >> (l->first - 1);
	l->up = value("up");
	l->down = value("down");
	l->growth = value("growth");
	l->epoch_ns = value("epoch") * SECOND;
	l->epoch_max_ns = 1000 * SECOND;
}

static void set_regulator(struct rtpl_sched_params *p, enum rtpl_end end)
{
	double d = value("decay");

	p->kind = RTPL_SCHEDULE_REGULATOR;
	p->regulator = (struct rtpl_sched_regulator){
		.end = end,
		.warm_cells = value("warm"),
		.warm_rate = end == RTPL_END_CLIENT ? 5 : 10,
		.rate = value("rate"),
		.floor = 1,
		.threshold = lround(value("threshold") * 1000),
		.budget = value("budget"),
		.ratio = lround(value("ratio") * 1000),
		.half_ns = d < 1 ? llround(log(2) / -log(d) * 1e9) : 0,
		.cap_ns = value("cap") * SECOND,
		.idle_ns = value("idle") * SECOND,
	};
}

/* Without quiet=SECONDS it is told when a page is complete, as in the paper. */
static void set_tamaraw(struct rtpl_sched_params *p, enum rtpl_end end)
{
	double quiet = value("quiet");

	p->kind = RTPL_SCHEDULE_TAMARAW;
	p->tamaraw = (struct rtpl_sched_tamaraw){
		.period_ns = llround(value(end == RTPL_END_CLIENT ? "out" : "in") * 1e9),
		.cells = 1,
		.multiple = value("multiple"),
		.quiet_ns = quiet < 0 ? RTPL_SCHED_SPAN_MAX : quiet * SECOND,
	};
}

static const struct scheme schemes[] = {
	{ "asap", set_asap },
	{ "const", set_const },
	{ "interval", set_interval },
	{ "ladder", set_ladder },
	{ "regulator", set_regulator },
	{ "tamaraw", set_tamaraw },
};

/* ---- one trace ---- */

static void happened(struct end *e, enum rtpl_happened what, u64 now, u32 bytes)
{
	rtpl_sched_happened(&e->st, &e->p, &e->rng, what, now, bytes);
}

static void queue(struct end *e, u64 now, u32 bytes)
{
	u32 i, cells = bytes ? (bytes - 1) / cell + 1 : 1;

	if (e->queued + cells > CELLS)
		fail("too much waits");
	for (i = 0; i < cells; i++)
		e->came[(e->head + e->queued++) % CELLS] = now;
	happened(e, RTPL_QUEUED, now, bytes);
}

static void depart(struct end *e, const struct rtpl_departure *d, u64 now)
{
	int sign = e == &ends[0] ? 1 : -1;
	u64 wait;
	bool data;
	u16 i;

	rtpl_sched_take(&e->st, &e->p, d);
	for (i = 0; i < d->cells; i++) {
		data = e->queued;
		if (!data && !d->chaff)
			fail("a departure without data");
		if (data) {
			wait = now - e->came[e->head];
			e->head = (e->head + 1) % CELLS;
			e->queued--;
			e->data++;
			e->waited += wait;
			e->worst = max(e->worst, wait);
			e->last_wait = wait;
			e->left = now;
			ends[0].chaff_cut = ends[0].chaff;
			ends[1].chaff_cut = ends[1].chaff;
		} else {
			e->chaff++;
		}
		happened(e, data ? RTPL_SENT_DATA : RTPL_SENT_CHAFF, now, 0);
		if (e->flying == CELLS)
			fail("too much is on its way");
		e->arrives[(e->first + e->flying++) % CELLS] = (now + delay) * 2 + data;
		if (show)
			printf("%.9f,%d,%u\n", now / 1e9, data ? sign : 2 * sign, cell);
	}
}

static bool done(const struct end *e)
{
	return !e->queued && e->arrived == e->data;
}

static void play(void)
{
	u64 now = 0, t, first, last, span, late, real, sent;
	struct rtpl_departure d[2];
	u32 i, which, next = 0;
	bool any[2], told = false;

	if (!n_packets)
		return;
	first = packets[0].at;
	last = packets[n_packets - 1].at;
	for (i = 0; i < 2; i++) {
		memset(&ends[i].head, 0, sizeof(ends[i]) - offsetof(struct end, head));
		scheme->set(&ends[i].p, i);
		ends[i].st.missed = 0;
		rtpl_sched_start(&ends[i].st, &ends[i].p, cell, first);
	}
	for (;;) {
		t = next < n_packets ? packets[next].at : NEVER;
		which = 0;		/* 0: a packet; 1, 2: departure; 3, 4: arrival */
		for (i = 0; i < 2; i++) {
			struct end *e = &ends[i];

			any[i] = rtpl_sched_next(&e->st, &e->p, &e->rng, now, e->queued, 32, &d[i]);
			if (any[i] && (d[i].timed ? max(d[i].at, now) : now) < t) {
				t = d[i].timed ? max(d[i].at, now) : now;
				which = 1 + i;
			}
			if (e->flying && e->arrives[e->first] / 2 < t) {
				t = max(e->arrives[e->first] / 2, now);
				which = 3 + i;
			}
		}
		if (t == NEVER || t > last + IDLE * SECOND)
			break;
		now = t;
		if (which == 0) {
			queue(&ends[packets[next].up ? 0 : 1], now, packets[next].bytes);
			next++;
		} else if (which <= 2) {
			depart(&ends[which - 1], &d[which - 1], now);
		} else {
			struct end *e = &ends[which - 3];
			bool data = e->arrives[e->first] & 1;

			e->first = (e->first + 1) % CELLS;
			e->flying--;
			e->arrived += data;
			happened(&ends[4 - which], data ? RTPL_GOT_DATA : RTPL_GOT_CHAFF, now, 0);
		}
		if (!told && next == n_packets && done(&ends[0]) && done(&ends[1])) {
			told = true;
			for (i = 0; i < 2; i++)
				if (ends[i].p.kind == RTPL_SCHEDULE_TAMARAW && value("quiet") < 0)
					ends[i].p.tamaraw.quiet_ns = 0;
		}
	}
	if (show)
		printf("\n");

	real = ends[0].data + ends[1].data;
	sent = real + ends[0].chaff + ends[1].chaff;
	span = max(last - first, 1);
	late = max(max(ends[0].left, ends[1].left), last) - last;
	sum.visits++;
	sum.up += ends[0].data;
	sum.down += ends[1].data;
	sum.up_sent += ends[0].data + ends[0].chaff;
	sum.down_sent += ends[1].data + ends[1].chaff;
	sum.up_cut += ends[0].data + ends[0].chaff_cut;
	sum.down_cut += ends[1].data + ends[1].chaff_cut;
	sum.span += span;
	sum.late += late;
	sum.waited += ends[0].waited + ends[1].waited;
	sum.worst = max(sum.worst, max(ends[0].worst, ends[1].worst));
	sum.time_mean += (double)late / span;
	sum.bytes_mean += (double)(sent - real) / real;
	/* as RegulaTor's authors count it */
	sum.regulator_mean += (double)(ends[1].last_wait + ends[0].worst) / span;
}

/* ---- */

static void add_packet(double at, int direction, u32 bytes)
{
	if (n_packets == max_packets) {
		max_packets = max_packets * 2 + 1024;
		packets = realloc(packets, max_packets * sizeof(*packets));
		if (!packets)
			fail("no memory");
	}
	packets[n_packets].at = SECOND + llround(at * 1e9);
	packets[n_packets].bytes = bytes;
	packets[n_packets].up = direction > 0;
	if (n_packets && packets[n_packets].at < packets[n_packets - 1].at)
		fail("packets are not in order");
	n_packets++;
}

int main(int argc, char **argv)
{
	u8 seed[RTPL_RNG_SEED] = {};
	const char *why = "", *name;
	char line[128];
	double at, real;
	int c, direction, i;
	u32 bytes, s;

	while ((c = getopt(argc, argv, "d:c:s:o")) != -1) {
		switch (c) {
		case 'd':
			delay = atof(optarg) * 1e6;
			break;
		case 'c':
			cell = atoi(optarg);
			break;
		case 's':
			put_unaligned_le64(strtoull(optarg, NULL, 0), seed);
			break;
		case 'o':
			show = true;
			break;
		default:
			return 1;
		}
	}
	if (optind == argc || !cell || cell > U16_MAX)
		fail("usage: sim [-d MS] [-c BYTES] [-s SEED] [-o] SCHEME [NAME=VALUE...] <traces");
	name = argv[optind];
	for (i = optind + 1; i < argc; i++)
		set_value(argv[i]);
	for (s = 0; s < ARRAY_SIZE(schemes); s++)
		if (!strcmp(schemes[s].name, name))
			scheme = &schemes[s];
	if (!scheme)
		fail("no such scheme");
	for (i = 0; i < 2; i++) {
		scheme->set(&ends[i].p, i);
		if (rtpl_sched_check(&ends[i].p, 0, &why))
			fail(why);
		seed[RTPL_RNG_SEED - 1] = i;
		rtpl_rng_seed(&ends[i].rng, seed);
	}

	while (fgets(line, sizeof(line), stdin)) {
		if (line[0] == '\n') {
			play();
			n_packets = 0;
		} else if (sscanf(line, "%lf,%d,%u", &at, &direction, &bytes) == 3) {
			add_packet(at, direction, bytes);
		} else {
			fail("a line is not seconds,direction,bytes");
		}
	}
	play();
	if (show || !sum.visits)
		return 0;

	real = sum.up + sum.down;
	printf("visits %" PRIu64 " up %" PRIu64 " down %" PRIu64, sum.visits, sum.up, sum.down);
	printf(" bytes%% %.1f bytes_to_end%% %.1f bytes_mean%% %.1f up%% %.1f down%% %.1f",
	       100 * ((sum.up_sent + sum.down_sent) / real - 1), 100 * ((sum.up_cut + sum.down_cut) / real - 1),
	       100 * sum.bytes_mean / sum.visits, 100.0 * sum.up_sent / sum.up - 100,
	       100.0 * sum.down_sent / sum.down - 100);
	printf(" up_to_end%% %.1f down_to_end%% %.1f", 100.0 * sum.up_cut / sum.up - 100,
	       100.0 * sum.down_cut / sum.down - 100);
	printf(" time%% %.1f time_mean%% %.1f regulator_time%% %.1f wait_ms %.1f worst_ms %.1f\n",
	       100.0 * sum.late / sum.span, 100 * sum.time_mean / sum.visits,
	       100 * sum.regulator_mean / sum.visits, sum.waited / real / 1e6, sum.worst / 1e6);
	return 0;
}
