// SPDX-License-Identifier: GPL-2.0
/*
 * Trouble for the engine of each profile, both ends of a link in virtual time: clocks that step,
 * ends with different profiles, profiles that change in the middle of a burst.
 *
 *	trouble [-v] jump|pair|change PROFILE...
 *
 *	jump	an end's clock steps on by an hour, as of a machine that slept, under load and
 *		without; and back by an hour, which no clock of the kernel does
 *	pair	each profile at one end with each at the other: a burst, then silence
 *	change	from each profile to each other in the middle of a burst, at both ends, at one
 *		end, and to and fro
 *
 * What must hold always: all bytes leave, no cell leaves before the one before it, and the engine
 * comes to rest at each moment. A line for each case that does not hold, or with -v for each; then
 * "PASS|FAIL MODE CASES: the most that was seen". Status 1 if any FAIL.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "../sim/sim.h"

#define MS	((u64)1000000)
#define SEC	((u64)1000000000)
#define HOUR	(3600 * SEC)
#define LEAD	250000ULL
#define DELAY	(10 * MS)	/* of the wire, each way */
#define PATH	1472
#define QUEUE	(1 << 17)
#define AIR	(1 << 17)
#define LEFT	(1 << 22)
#define ROUNDS	5000		/* of the engine, at one moment: a burst of 1 MB is a thousand */
#define BATCH	32

/* ---- two ends ---- */

struct packet {
	u64 came;
	u32 bytes;
};

struct flying {
	u64 at;
	u16 size;
	bool data;
};

struct end {
	struct rtpl_engine engine;
	const struct rtpl_profile *profile;
	u64 off;			/* its clock is so much ahead */
	u64 ask;			/* by the common clock */
	struct packet queue[QUEUE];
	u32 head, n;
	u64 waits;			/* bytes */
	struct flying air[AIR];		/* what it sent */
	u32 air_head, air_n;
	u64 left[LEFT];			/* when its cells did */
	u32 n_left;
	u64 last;			/* of them, by its own clock */
	u64 chaff, came, gone;		/* cells, bytes, bytes */
	u64 longest;			/* wait of a packet, ns */
	u64 from;			/* packets that came before do not count for that */
	u32 rounds;			/* the most at one moment */
};

static struct end ends[2];
static u64 now;
static char fault[200];
static bool verbose;
static unsigned int failed, cases;

void sim_fail(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(1);
}

static void __attribute__((format(printf, 1, 2))) wrong(const char *fmt, ...)
{
	va_list ap;

	if (fault[0])
		return;
	va_start(ap, fmt);
	vsnprintf(fault, sizeof(fault), fmt, ap);
	va_end(ap);
}

static u64 clock_of(const struct end *e)
{
	return now + e->off;
}

static u16 cell_of(const struct end *e)
{
	return rtpl_pad_max(&e->profile->shape, PATH);
}

static void start(int i, const struct rtpl_profile *p, u64 off)
{
	static const u8 seeds[2][RTPL_RNG_SEED] = { { 1 }, { 2 } };
	struct end *e = &ends[i];

	memset(&e->engine, 0, sizeof(e->engine));
	e->profile = p;
	e->off = off;
	e->ask = now;
	e->head = e->n = e->air_head = e->air_n = e->n_left = e->rounds = 0;
	e->last = 0;
	e->waits = e->chaff = e->came = e->gone = e->longest = e->from = 0;
	rtpl_engine_start(&e->engine, &p->shape, p, i, cell_of(e), clock_of(e), seeds[i]);
}

static void both(const struct rtpl_profile *client, const struct rtpl_profile *server)
{
	now = 7 * SEC;
	fault[0] = 0;
	start(RTPL_END_CLIENT, client, 0);
	start(RTPL_END_SERVER, server, 0);
}

/* As the link does it: shape and profile, then the size of cells. */
static void change(struct end *e, const struct rtpl_profile *p)
{
	e->profile = p;
	rtpl_engine_change(&e->engine, &p->shape, p, e - ends, clock_of(e));
	rtpl_engine_cell(&e->engine, cell_of(e));
	e->ask = now;
}

static void queue(struct end *e, u32 bytes)
{
	if (e->n == QUEUE) {
		wrong("%u packets wait", QUEUE);
		return;
	}
	e->queue[(e->head + e->n++) % QUEUE] = (struct packet){ now, bytes };
	e->waits += bytes;
	e->came += bytes;
	if (e->engine.listens)
		rtpl_engine_traffic(&e->engine, RTPL_QUEUED, clock_of(e), bytes);
	e->ask = now;
}

/* A cell takes @room bytes of what waits, and leaves at @at (common clock). */
static void take(struct end *e, u32 room, u64 at)
{
	struct packet *p;
	u32 part;

	while (room && e->n) {
		p = &e->queue[e->head];
		part = min(room, p->bytes);
		p->bytes -= part;
		room -= part;
		e->waits -= part;
		e->gone += part;
		if (p->bytes)
			break;
		if (p->came >= e->from)
			e->longest = max(e->longest, at - min(at, p->came));
		e->head = (e->head + 1) % QUEUE;
		e->n--;
	}
}

static void depart(struct end *e, const struct rtpl_departure *d)
{
	u64 mine = d->timed ? max(d->at, clock_of(e)) : clock_of(e), at = mine - e->off;
	u16 i, size;
	bool data;

	if (!d->cells)
		wrong("a departure of no cells");
	rtpl_engine_take(&e->engine, d, clock_of(e));
	for (i = 0; i < d->cells; i++) {
		data = e->waits && !d->alone;
		if (!data && !d->chaff)
			break;
		size = !data && d->size ? min(d->size, e->engine.cell) :
			rtpl_pad_pick(&e->profile->shape, data ? min_t(u64, e->waits, 1 << 20) : 0,
				      e->engine.cell);
		if (data)
			take(e, size - RTPL_CELL_OVERHEAD, at);
		else
			e->chaff++;
		if (e->n_left == LEFT || e->air_n == AIR)
			return wrong("more than %u cells", e->n_left);
		if (mine < e->last)
			wrong("a cell at %" PRIu64 " ns, the one before at %" PRIu64, mine, e->last);
		e->last = mine;
		e->left[e->n_left++] = at;
		e->air[(e->air_head + e->air_n++) % AIR] =
			(struct flying){ max(at, now) + DELAY, size, data };
		rtpl_engine_traffic(&e->engine, data ? RTPL_SENT_DATA : RTPL_SENT_CHAFF, mine, size);
	}
}

static void ask(struct end *e)
{
	struct rtpl_departure d;
	u32 rounds;

	for (rounds = 0; rounds < ROUNDS; rounds++) {
		e->rounds = max(e->rounds, rounds);
		switch (rtpl_engine_next(&e->engine, clock_of(e), LEAD,
					 min_t(u64, e->waits, U32_MAX),
					 e->n ? e->queue[e->head].came + e->off : 0, BATCH, &d)) {
		case RTPL_ENGINE_IDLE:
			e->ask = U64_MAX;
			return;
		case RTPL_ENGINE_WAKE:
			if (d.at <= clock_of(e))
				continue;
			e->ask = d.at - min(d.at, e->off);
			/* a clock that went back */
			e->ask = max(e->ask, now + 1);
			return;
		case RTPL_ENGINE_SEND:
			depart(e, &d);
		}
	}
	wrong("end %d does not come to rest", (int)(e - ends));
	e->ask = U64_MAX;
}

static void run(u64 end)
{
	u64 next;
	int i;

	while (now < end && !fault[0]) {
		next = end;
		for (i = 0; i < 2; i++) {
			next = min(next, ends[i].ask);
			if (ends[i].air_n)
				next = min(next, ends[i].air[ends[i].air_head].at);
		}
		now = max(now, next);
		for (i = 0; i < 2; i++) {
			struct end *e = &ends[i], *other = &ends[!i];

			while (other->air_n && other->air[other->air_head].at <= now) {
				struct flying *f = &other->air[other->air_head];

				if (e->engine.listens_got)
					rtpl_engine_traffic(&e->engine, f->data ? RTPL_GOT_DATA :
							    RTPL_GOT_CHAFF, clock_of(e), f->size);
				other->air_head = (other->air_head + 1) % AIR;
				other->air_n--;
				e->ask = now;
			}
			if (e->ask <= now)
				ask(e);
		}
	}
}

/* ---- loads ---- */

static u64 lots;

static u32 below(u32 n)
{
	lots = lots * 6364136223846793005ULL + 1442695040888963407ULL;
	return (lots >> 33) % n;
}

/* Fifty packets a second each way, less than what any of the profiles can carry. */
static void load(u64 ns)
{
	u64 end = now + ns;

	while (now < end && !fault[0]) {
		if (!below(2))
			queue(&ends[below(3) > 0], 40 + below(1000));
		run(min(end, now + 4 * MS + below(10 * MS)));
	}
}

static void burst(u32 packets)
{
	while (packets-- && !fault[0]) {
		queue(&ends[!!below(4)], 40 + below(1400));
		run(now + below(MS));
	}
}

/* Cells of @e in the last @ns. */
static u32 since(const struct end *e, u64 ns)
{
	u32 i = e->n_left, n = 0;

	while (i-- && n < LEFT && e->left[i] + ns > now)
		n++;
	return n;
}

/* The most in any stretch of @ns so far. */
static u32 most(const struct end *e, u64 ns)
{
	u32 lo = 0, hi, n = 0;

	for (hi = 0; hi < e->n_left; hi++) {
		while (e->left[lo] + ns <= e->left[hi])
			lo++;
		n = max(n, hi - lo + 1);
	}
	return n;
}

static void all_left(const char *what)
{
	int i;

	for (i = 0; i < 2; i++)
		if (ends[i].waits || ends[i].came != ends[i].gone)
			wrong("%s: end %d: %" PRIu64 " of %" PRIu64 " bytes did not leave", what, i,
			      ends[i].waits, ends[i].came);
}

static void said(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static void said(const char *fmt, ...)
{
	va_list ap;

	cases++;
	failed += fault[0] != 0;
	if (!fault[0] && !verbose)
		return;
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("%s%s\n", fault[0] ? ": " : "", fault);
}

/* ---- clocks ---- */

static void jump(const struct rtpl_profile *p)
{
	u32 busy, was[2], calls, i, k, calm;
	u64 wait;

	for (k = 0; k < 8; k++) {
		int who = k & 1;
		bool idle = k & 2, back = k & 4;
		struct end *e = &ends[who];

		lots = k;
		both(p, p);
		start(who, p, HOUR);
		load(20 * SEC);
		if (idle)
			run(now + 30 * SEC);
		wait = max(ends[0].longest, ends[1].longest);
		busy = most(e, 100 * MS);
		for (i = 0; i < 2; i++)
			was[i] = since(&ends[i], 10 * SEC);
		ends[0].longest = ends[1].longest = 0;
		ends[0].rounds = ends[1].rounds = 0;
		if (!idle)
			burst(20);
		ends[0].from = ends[1].from = now + 1;
		e->off = back ? 0 : 2 * HOUR;
		if (back)
			e->last = 0;
		e->ask = now;
		idle ? run(now + 100 * MS) : load(100 * MS);
		calls = e->rounds;
		calm = since(e, 100 * MS);
		if (calm > 2 * busy + BATCH)
			wrong("%u cells in 100 ms, %u before", calm, busy);
		if (calls > 200)
			wrong("%u questions at one moment", calls);
		/* Backwards: it may wait until the time is again, and then goes on. */
		if (back) {
			for (i = 0; i < 100; i++)
				run(now + 10 * MS);
			if (since(e, SEC) > 20 * busy + BATCH)
				wrong("%u cells in 1 s, at most %u in 100 ms before", since(e, SEC), busy);
			e->off = HOUR;
			e->ask = now;
		}
		ends[0].from = ends[1].from = now;
		ends[0].longest = ends[1].longest = 0;
		load(10 * SEC);
		for (i = 0; i < 2; i++)
			if (rtpl_engine_fills(&ends[i].engine) &&
			    since(&ends[i], 5 * SEC) * 4 < was[i])
				wrong("end %u: %u cells in 5 s, %u in 10 s before", i,
				      since(&ends[i], 5 * SEC), was[i]);
		run(now + 30 * SEC);
		if (max(ends[0].longest, ends[1].longest) > 2 * wait + 200 * MS)
			wrong("a packet waits for %" PRIu64 " ms, %" PRIu64 " before",
			      max(ends[0].longest, ends[1].longest) / MS, wait / MS);
		all_left("jump");
		said("jump %s: %s, %s, %s: %u cells in 100 ms after, %u before, %u questions, waits of "
		     "%" PRIu64 " ms, %" PRIu64 " before", p->name, who ? "server" : "client",
		     idle ? "idle" : "load", back ? "back" : "on", calm, busy, calls,
		     max(ends[0].longest, ends[1].longest) / MS, wait / MS);
	}
}

/* ---- pairs ---- */

struct alone {
	u64 wait;		/* longest, ns */
	u64 chaff[2];		/* in the last 20 s of a silence, by end */
};

static void pair(const struct rtpl_profile *p, const struct rtpl_profile *q, struct alone *was)
{
	u64 chaff[2];
	int i;

	lots = 3;
	both(p, q);
	burst(300);
	load(5 * SEC);
	run(now + 60 * SEC);
	for (i = 0; i < 2; i++)
		chaff[i] = ends[i].chaff;
	run(now + 20 * SEC);
	for (i = 0; i < 2; i++)
		was->chaff[i] = ends[i].chaff - chaff[i];
	was->wait = max(ends[0].longest, ends[1].longest);
	all_left("pair");
}

/*
 * What an end may send in 20 s of silence: what it sends beside one that sends nothing of itself, and
 * answers to chaff, each once or as its limits allow. Two ends that only answer fall silent.
 */
static u64 allowed(const struct end *e, u64 own, u64 other)
{
	const struct rtpl_limits *l = &e->profile->limits;
	u64 answers = other;

	if (other && l->overhead != RTPL_LIMITS_NONE)
		answers = l->free / rtpl_pad_pick(&e->profile->shape, 0, PATH) *
			(20 * SEC / l->window + 2);
	return own + own / 4 + answers + (own ? 40 : 5);
}

static void pairs(struct rtpl_profile **p, int n)
{
	struct alone *alone = calloc(n, sizeof(*alone)), is, beside[2];
	struct rtpl_profile *silent = sim_profile("off", PATH);
	u64 (*own)[2] = calloc(n, sizeof(*own)), wait;
	int i, k, end;

	if (!alone || !own)
		sim_fail("no memory");
	for (i = 0; i < n; i++) {
		pair(p[i], silent, &beside[0]);
		pair(silent, p[i], &beside[1]);
		own[i][0] = beside[0].chaff[0];
		own[i][1] = beside[1].chaff[1];
		pair(p[i], p[i], &alone[i]);
		said("pair %s: alike: chaff %" PRIu64 " and %" PRIu64 " in 20 s, waits of %" PRIu64 " ms",
		     p[i]->name, alone[i].chaff[0], alone[i].chaff[1], alone[i].wait / MS);
	}
	for (i = 0; i < n; i++) {
		for (k = 0; k < n; k++) {
			pair(p[i], p[k], &is);
			wait = max(alone[i].wait, alone[k].wait);
			if (is.wait > 2 * wait + 200 * MS)
				wrong("a packet waits for %" PRIu64 " ms, %" PRIu64 " where ends are alike",
				      is.wait / MS, wait / MS);
			for (end = 0; end < 2; end++)
				if (is.chaff[end] > allowed(&ends[end], own[end ? k : i][end],
							    own[end ? i : k][!end]))
					wrong("end %d: chaff %" PRIu64 " in 20 s of silence, %" PRIu64
					      " beside one that has none", end, is.chaff[end],
					      own[end ? k : i][end]);
			said("pair %s and %s: chaff %" PRIu64 " and %" PRIu64 " in 20 s, waits of %" PRIu64 " ms",
			     p[i]->name, p[k]->name, is.chaff[0], is.chaff[1], is.wait / MS);
		}
	}
	free(alone);
	free(own);
	free(silent);
}

/* ---- changes ---- */

static u64 plain_wait(const struct rtpl_profile *p)
{
	lots = 4;
	both(p, p);
	burst(300);
	run(now + 120 * SEC);
	all_left("burst");
	return max(ends[0].longest, ends[1].longest);
}

static void changes(struct rtpl_profile **p, int n)
{
	u64 *alone = calloc(n, sizeof(*alone)), wait;
	int i, k, how, j;

	if (!alone)
		sim_fail("no memory");
	for (i = 0; i < n; i++) {
		alone[i] = plain_wait(p[i]);
		said("change %s: no change: waits of %" PRIu64 " ms", p[i]->name, alone[i] / MS);
	}
	for (i = 0; i < n; i++) {
		for (k = 0; k < n; k++) {
			if (i == k)
				continue;
			for (how = 0; how < 4; how++) {
				lots = 4;
				both(p[i], p[i]);
				burst(150);
				for (j = 0; j < 2; j++)
					if (how == 0 || how == j + 1 || how == 3)
						change(&ends[j], p[k]);
				for (j = 0; how == 3 && j < 40; j++) {
					burst(4);
					change(&ends[0], p[j & 1 ? k : i]);
					change(&ends[1], p[j & 1 ? k : i]);
				}
				burst(150);
				run(now + 200 * SEC);
				wait = max(ends[0].longest, ends[1].longest);
				if (wait > 2 * (alone[i] + alone[k]) + 200 * MS)
					wrong("a packet waits for %" PRIu64 " ms, %" PRIu64 " and %" PRIu64
					      " without a change", wait / MS, alone[i] / MS, alone[k] / MS);
				all_left("change");
				said("change %s to %s, %s: waits of %" PRIu64 " ms", p[i]->name, p[k]->name,
				     how == 0 ? "both" : how == 1 ? "client" : how == 2 ? "server" : "to and fro",
				     wait / MS);
			}
		}
	}
	free(alone);
}

int main(int argc, char **argv)
{
	struct rtpl_profile **p;
	const char *mode;
	int i, n;

	while ((i = getopt(argc, argv, "v")) == 'v')
		verbose = true;
	if (i != -1 || argc - optind < 2)
		sim_fail("usage: trouble [-v] jump|pair|change PROFILE...");
	mode = argv[optind++];
	n = argc - optind;
	p = calloc(n, sizeof(*p));
	if (!p)
		sim_fail("no memory");
	for (i = 0; i < n; i++)
		p[i] = sim_profile(argv[optind + i], PATH);
	if (!strcmp(mode, "jump"))
		for (i = 0; i < n; i++)
			jump(p[i]);
	else if (!strcmp(mode, "pair"))
		pairs(p, n);
	else if (!strcmp(mode, "change"))
		changes(p, n);
	else
		sim_fail("trouble: no mode %s", mode);
	printf("%s %s: %u cases, %u of them wrong\n", failed ? "FAIL" : "PASS", mode, cases, failed);
	return failed != 0;
}
