// SPDX-License-Identifier: GPL-2.0
/*
 * What the shape engine costs, by profile and end of the link:
 *
 *	engine-cost [-j] [-n ROUNDS] [PROFILE...]	ns for each event; memory
 *	engine-cost -r REPEATS PROFILE END		events REPEATS times, for valgrind to count
 *	engine-cost [-j] [-n ROUNDS] -l LINKS [PROFILE...]	many links on one processor
 *
 * PROFILE is the name of one that comes with the module, or a file (a "/" or "." in it).
 *
 * Packets (traffic()) go through both ends of tools/sim's link, and each call of the engine
 * is written down. The calls are then made anew, of an engine that begins from the same
 * seed, and timed, the least of ROUNDS: nothing but the engine is in it. That it came to
 * the very same state is checked each time. An event is a call of rtpl_engine_traffic(),
 * _next() or _take(). selftests/perf/engine-cost.sh adds instructions.
 *
 * Many links: each has its own engine, seed and place in time; all their calls are
 * made in the order of time, so that what one link has in the cache another takes.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "../../kmod/node/profiles.h"
#include "../sim/sim.h"
/* The compiler sees none of the core's headers; their numbers are the same. */
#include "../profile/profile.h"

#define MS		1000000ULL
#define MTU		1472		/* of UDP payload: cells of 1500 bytes outside */
#define DELAY		(10 * MS)	/* one way */
#define SPAN		60		/* s of traffic */
#define LINKS_SPAN	120		/* s, of many links */
#define LINKS_EACH	60		/* s from one page to the next */

enum op { OP_HAPPENED, OP_NEXT, OP_TAKE, OP_DEPARTS, OPS };
static const char * const op_name[] = { "happened", "next", "take", "departs" };
static const char * const end_name[] = { "client", "server" };

struct call {
	u64 now;
	u64 other;		/* next: oldest */
	u32 bytes;
	u16 a, b, c;		/* next: batch; departs: index, room, per_cell */
	u8 op, what;
	u32 link, nr;		/* of many links: whose, its how manieth, and when */
	u64 order;
};

struct calls {
	struct call *p;
	size_t n, room;
};

/* One end's engine, as it was begun and as it was in the end. */
struct run {
	const struct rtpl_engine *e;	/* of the link that is being recorded */
	struct rtpl_shape shape;
	const struct rtpl_profile *p;
	enum rtpl_end end;
	u16 cell;
	u64 began;
	u8 seed[RTPL_RNG_SEED];
	struct rtpl_engine final;
};

struct sum {
	u64 ops[OPS], data, chaff, got, packets;
	double ns;		/* of all of them */
};

static struct calls rec[RTPL_END_COUNT];
static struct run runs[RTPL_END_COUNT];
static volatile u64 sink;

/* ---- what the simulator's link wants ---- */

void sim_fail(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	fprintf(stderr, "engine-cost: ");
	vfprintf(stderr, fmt, args);
	fprintf(stderr, "\n");
	va_end(args);
	exit(1);
}

void *sim_grow(void *p, size_t n, size_t *room, size_t size)
{
	if (n < *room)
		return p;
	*room = *room ? *room * 2 : 1024;
	p = realloc(p, *room * size);
	if (!p)
		sim_fail("no memory");
	return p;
}

void sim_log(struct sim_log *log, u64 now, unsigned int what, u64 at, u32 bytes)
{
}

/* ---- calls are written down: the linker leads the link's here (--wrap) ---- */

void __real_rtpl_engine_start(struct rtpl_engine *e, const struct rtpl_shape *s,
			      const struct rtpl_profile *p, enum rtpl_end end, u16 cell, u64 now,
			      const u8 *seed);
void __real_rtpl_engine_traffic(struct rtpl_engine *e, enum rtpl_traffic_event what, u64 now,
				 u32 bytes);
enum rtpl_engine_answer
__real_rtpl_engine_next(struct rtpl_engine *e, u64 now, u64 lead, u32 queued, u64 oldest,
			u16 batch, struct rtpl_departure *d);
void __real_rtpl_engine_take(struct rtpl_engine *e, const struct rtpl_departure *d, u64 now);
u64 __real_rtpl_engine_departs(const struct rtpl_engine *e, const struct rtpl_departure *d,
			       u16 index, u32 bytes, u16 room, u16 per_cell);

static struct call *note(const struct rtpl_engine *e, enum op op, u64 now)
{
	struct calls *c = &rec[e == runs[RTPL_END_SERVER].e];

	c->p = sim_grow(c->p, c->n, &c->room, sizeof(*c->p));
	c->p[c->n] = (struct call){ .now = now, .op = op };
	return &c->p[c->n++];
}

void __wrap_rtpl_engine_start(struct rtpl_engine *e, const struct rtpl_shape *s,
			      const struct rtpl_profile *p, enum rtpl_end end, u16 cell, u64 now,
			      const u8 *seed)
{
	struct run *r = &runs[end];

	*r = (struct run){ .e = e, .shape = *s, .p = p, .end = end, .cell = cell, .began = now };
	memcpy(r->seed, seed, sizeof(r->seed));
	rec[end].n = 0;
	__real_rtpl_engine_start(e, s, p, end, cell, now, seed);
}

void __wrap_rtpl_engine_traffic(struct rtpl_engine *e, enum rtpl_traffic_event what, u64 now,
				 u32 bytes)
{
	struct call *c = note(e, OP_HAPPENED, now);

	c->what = what;
	c->bytes = bytes;
	__real_rtpl_engine_traffic(e, what, now, bytes);
}

enum rtpl_engine_answer
__wrap_rtpl_engine_next(struct rtpl_engine *e, u64 now, u64 lead, u32 queued, u64 oldest,
			u16 batch, struct rtpl_departure *d)
{
	struct call *c = note(e, OP_NEXT, now);

	c->other = oldest;
	c->bytes = queued;
	c->a = batch;
	return __real_rtpl_engine_next(e, now, lead, queued, oldest, batch, d);
}

void __wrap_rtpl_engine_take(struct rtpl_engine *e, const struct rtpl_departure *d, u64 now)
{
	note(e, OP_TAKE, now);
	__real_rtpl_engine_take(e, d, now);
}

u64 __wrap_rtpl_engine_departs(const struct rtpl_engine *e, const struct rtpl_departure *d,
			       u16 index, u32 bytes, u16 room, u16 per_cell)
{
	struct call *c = note(e, OP_DEPARTS, 0);

	c->bytes = bytes;
	c->a = index;
	c->b = room;
	c->c = per_cell;
	return __real_rtpl_engine_departs(e, d, index, bytes, room, per_cell);
}

/* ---- and made again ---- */

static const struct sim_run settings = {
	.seed = 1, .delay = DELAY, .lead = 250000, .outer = 28, .path = MTU, .tail = RTPL_NSEC,
};

static void make(struct rtpl_engine *e, struct rtpl_departure *d, const struct call *c)
{
	switch (c->op) {
	case OP_HAPPENED:
		__real_rtpl_engine_traffic(e, c->what, c->now, c->bytes);
		break;
	case OP_NEXT:
		sink += __real_rtpl_engine_next(e, c->now, settings.lead, c->bytes, c->other, c->a, d);
		break;
	case OP_TAKE:
		__real_rtpl_engine_take(e, d, c->now);
		break;
	case OP_DEPARTS:
		sink += __real_rtpl_engine_departs(e, d, c->a, c->bytes, c->b, c->c);
		break;
	}
}

static void begin(struct rtpl_engine *e, const struct run *r)
{
	memset(e, 0, sizeof(*e));
	__real_rtpl_engine_start(e, &r->shape, r->p, r->end, r->cell, r->began, r->seed);
}

static void same(const struct rtpl_engine *e, struct run *r)
{
	r->final.chaff.rng = e->chaff.rng;	/* of the engine itself: another place */
	if (memcmp(e, &r->final, sizeof(*e)))
		sim_fail("%s: %s: the same calls led to another state: this is a defect",
			 r->p->name, end_name[r->end]);
}

static u64 now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec * RTPL_NSEC + t.tv_nsec;
}

/* ---- the traffic ---- */

static struct rtpl_rng dice;

static u64 between(u64 low, u64 high)
{
	return low + rtpl_rng_u64(&dice) % (high - low + 1);
}

static void add(struct sim_trace *t, enum rtpl_end from, u64 at, u32 bytes)
{
	struct sim_packets *p = &t->from[from];

	t->flows = 1;
	p->p = sim_grow(p->p, p->n, &p->room, sizeof(*p->p));
	p->p[p->n++] = (struct sim_packet){ .at = at, .bytes = bytes };
	t->length = max(t->length, at);
}

static int by_time(const void *a, const void *b)
{
	const struct sim_packet *x = a, *y = b;

	return x->at < y->at ? -1 : x->at > y->at;
}

static void sort(struct sim_trace *t)
{
	int i;

	for (i = 0; i < RTPL_END_COUNT; i++)
		qsort(t->from[i].p, t->from[i].n, sizeof(struct sim_packet), by_time);
}

/* About 100 packets: requests, each answered by a burst that is acknowledged. */
static u64 page(struct sim_trace *t, u64 at)
{
	int requests = 6, i, n;

	while (requests--) {
		add(t, RTPL_END_CLIENT, at, between(80, 600));
		at += between(15, 60) * MS;
		n = between(5, 15);
		for (i = 0; i < n; i++) {
			add(t, RTPL_END_SERVER, at, i == n - 1 ? between(60, 1440) : 1440);
			if (i & 1)
				add(t, RTPL_END_CLIENT, at + MS / 2, 52);
			at += between(50, 400) * 1000;
		}
		at += between(0, 150) * MS;
	}
	return at;
}

/* SPAN seconds: pages with pauses, a download of 5 s, keys that echo, silence. */
static void traffic(struct sim_trace *t)
{
	const u8 seed[RTPL_RNG_SEED] = { 1 };
	u64 at, end;
	int i;

	memset(t, 0, sizeof(*t));
	rtpl_rng_seed(&dice, seed);
	for (at = 0; at < 20 * RTPL_NSEC; at += between(1, 3) * RTPL_NSEC)
		at = page(t, at);
	at += RTPL_NSEC;
	for (end = at + 5 * RTPL_NSEC, i = 0; at < end; at += between(600, 1800) * 1000, i++) {
		add(t, RTPL_END_SERVER, at, 1440);
		if (i & 1)
			add(t, RTPL_END_CLIENT, at + MS / 4, 52);
	}
	for (end = at + 15 * RTPL_NSEC; at < end; at += between(80, 400) * MS) {
		add(t, RTPL_END_CLIENT, at, 76);
		add(t, RTPL_END_SERVER, at + 2 * MS, 92);
	}
	page(t, (SPAN - 2) * RTPL_NSEC);
	sort(t);
}

/* ---- one profile ---- */

/* By name, or from a file. Sets the bytes of its tables. */
static struct rtpl_profile *load(const char *word, size_t *len)
{
	struct rtpl_profile *p = calloc(1, sizeof(*p));
	struct rtpl_profile_where where = {};
	const char *why = "", *field = "";
	struct profile_err err = {};
	char name[PROFILE_NAME];
	uint8_t *blob;		/* stays: the profile's tables are in it */

	if (!p)
		sim_fail("no memory");
	if (profile_compile(word, name, &blob, len, &err))
		sim_fail("%s", err.text);
	if (rtpl_profile_parse(p, blob, *len, &why, &where) ||
	    rtpl_profile_check(p, MTU, &why, &field))
		sim_fail("%s: %s", word, why);
	return p;
}

/* Sets rec[] and runs[]. */
static void record(const struct rtpl_profile *p, const struct sim_trace *t, u64 number, u64 tail)
{
	struct sim_run run = settings;
	struct sim_link *l;
	int i;

	run.profile = p;
	run.tail = tail;
	l = sim_link_new(&run);
	sim_link_play(l, t, number);
	for (i = 0; i < RTPL_END_COUNT; i++)
		runs[i].final = *runs[i].e;
	sim_link_free(l);
}

static void count(struct sum *s, const struct calls *c)
{
	size_t i;

	for (i = 0; i < c->n; i++) {
		s->ops[c->p[i].op]++;
		if (c->p[i].op != OP_HAPPENED)
			continue;
		s->data += c->p[i].what == RTPL_SENT_DATA;
		s->chaff += c->p[i].what == RTPL_SENT_CHAFF;
		s->got += c->p[i].what == RTPL_GOT_DATA || c->p[i].what == RTPL_GOT_CHAFF;
	}
}

static u64 events(const struct sum *s)
{
	return s->ops[OP_HAPPENED] + s->ops[OP_NEXT] + s->ops[OP_TAKE];
}

static void once(const struct run *r, const struct calls *c, struct rtpl_engine *e)
{
	struct rtpl_departure d = {};
	size_t k;

	begin(e, r);
	for (k = 0; k < c->n; k++)
		make(e, &d, &c->p[k]);
}

static void measure(struct sum *s, struct run *r, const struct calls *c, int rounds)
{
	static struct rtpl_engine e;
	u64 best = U64_MAX, t;

	while (rounds--) {
		t = now_ns();
		once(r, c, &e);
		best = min(best, now_ns() - t);
		same(&e, r);
	}
	s->ns = best;
}

static u64 part_of(const char *text)
{
	char *end;
	u64 n = strtoull(text, &end, 10);

	if (!n || *end || n > 1000000) {
		fprintf(stderr, "engine-cost: '%s' is no number from 1 to 1000000\n", text);
		exit(2);
	}
	return n;
}

/* ---- many links ---- */

static int by_call(const void *a, const void *b)
{
	const struct call *x = a, *y = b;

	if (x->order != y->order)
		return x->order < y->order ? -1 : 1;
	/* a link's own in their order */
	return x->nr < y->nr ? -1 : x->nr > y->nr;
}

/* A page each LINKS_EACH seconds from @at on; or one packet each way, and then nothing. */
static void link_traffic(struct sim_trace *t, u64 at, bool quiet)
{
	memset(t, 0, sizeof(*t));
	if (quiet) {
		add(t, RTPL_END_CLIENT, 0, 100);
		add(t, RTPL_END_SERVER, DELAY, 100);
		return;
	}
	for (; at < LINKS_SPAN * RTPL_NSEC; at += LINKS_EACH * RTPL_NSEC)
		page(t, at);
	sort(t);
}

/* Sets @s to what LINKS_SPAN seconds of @links links are. */
static void many(const struct rtpl_profile *p, enum rtpl_end end, u32 links, bool quiet,
		 int rounds, struct sum *s)
{
	struct rtpl_departure *d = calloc(links, sizeof(*d));
	struct rtpl_engine *e = calloc(links, sizeof(*e));
	struct run *begun = calloc(links, sizeof(*begun));
	u8 seed[RTPL_RNG_SEED] = { 0 };
	u64 best = U64_MAX, t0;
	struct calls all = {};
	struct sim_trace t;
	size_t k;
	u32 i;

	if (!d || !e || !begun)
		sim_fail("no memory");
	for (i = 0; i < links; i++) {
		memcpy(seed, &i, sizeof(i));
		rtpl_rng_seed(&dice, seed);
		link_traffic(&t, between(0, LINKS_EACH * RTPL_NSEC), quiet);
		record(p, &t, i, LINKS_SPAN * RTPL_NSEC > t.length ?
				 LINKS_SPAN * RTPL_NSEC - t.length : 0);
		begun[i] = runs[end];
		for (k = 0; k < rec[end].n; k++) {
			all.p = sim_grow(all.p, all.n, &all.room, sizeof(*all.p));
			all.p[all.n] = rec[end].p[k];
			all.p[all.n].link = i;
			all.p[all.n].nr = k;
			/* departs has no time of its own, and what is sent ahead has a later one */
			all.p[all.n].order = all.p[all.n].now;
			if (all.p[all.n].op == OP_DEPARTS || all.p[all.n].what == RTPL_SENT_DATA ||
			    all.p[all.n].what == RTPL_SENT_CHAFF)
				all.p[all.n].order = all.p[all.n - 1].order;
			all.n++;
		}
		count(s, &rec[end]);
		s->packets += t.from[end].n;
		free(t.from[0].p);
		free(t.from[1].p);
	}
	qsort(all.p, all.n, sizeof(*all.p), by_call);
	while (rounds--) {
		for (i = 0; i < links; i++)
			begin(&e[i], &begun[i]);
		t0 = now_ns();
		for (k = 0; k < all.n; k++)
			make(&e[all.p[k].link], &d[all.p[k].link], &all.p[k]);
		best = min(best, now_ns() - t0);
		for (i = 0; i < links; i++)
			same(&e[i], &begun[i]);
	}
	free(all.p);
	free(begun);
	free(e);
	free(d);
	s->ns = best;
}

static void links_of(const char *word, u32 links, int rounds, bool json)
{
	int end, quiet;
	size_t len;
	struct rtpl_profile *p = load(word, &len);

	for (end = 0; end < RTPL_END_COUNT; end++) {
		for (quiet = 0; quiet < 2; quiet++) {
			struct sum s = {};
			double share;

			many(p, end, links, quiet, rounds, &s);
			share = s.ns / LINKS_SPAN / RTPL_NSEC;
			printf(json ? "{\"profile\":\"%s\",\"end\":\"%s\",\"links\":%u,\"traffic\":\"%s\","
				      "\"packets_per_s\":%.1f,\"chaff_per_s\":%.1f,\"events_per_s\":%.0f,"
				      "\"ns_per_event\":%.1f,\"cpu\":%.6f}\n" :
				      "%-10s %-7s %6u %-6s %10.1f %9.1f %10.0f %9.1f %11.4f %%\n",
			       p->name, end_name[end], links, quiet ? "none" : "pages",
			       (double)s.packets / LINKS_SPAN, (double)s.chaff / LINKS_SPAN,
			       (double)events(&s) / LINKS_SPAN,
			       events(&s) ? s.ns / events(&s) : 0, json ? share : share * 100);
			fflush(stdout);
		}
	}
}

/* ---- output ---- */

static void memory(size_t len, bool json)
{
	const struct { const char *name; size_t bytes; } parts[] = {
		{ "link", sizeof(struct rtpl_engine) },
		{ "machines", sizeof(struct rtpl_machines) },
		{ "sched", sizeof(struct rtpl_sched_state) },
		{ "chaff", sizeof(struct rtpl_chaff_state) },
		{ "limits", sizeof(struct rtpl_limits_state) },
		{ "rng", sizeof(struct rtpl_rng) },
		{ "profile_struct", sizeof(struct rtpl_profile) },
		{ "profile_tables", len },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(parts); i++)
		printf(json ? "%s\"%s\":%zu" : "%s%s %zu", i ? json ? "," : ", " : "", parts[i].name,
		       parts[i].bytes);
}

static void cost_of(const char *word, const struct sim_trace *t, int rounds, bool json)
{
	int end, k;
	size_t len;
	struct rtpl_profile *p = load(word, &len);

	record(p, t, 0, settings.tail);
	for (end = 0; end < RTPL_END_COUNT; end++) {
		struct sum s = {};

		count(&s, &rec[end]);
		measure(&s, &runs[end], &rec[end], rounds);
		if (json) {
			printf("{\"profile\":\"%s\",\"end\":\"%s\",\"packets\":%zu,\"data\":%" PRIu64
			       ",\"chaff\":%" PRIu64 ",\"got\":%" PRIu64 ",\"events\":%" PRIu64,
			       p->name, end_name[end], t->from[end].n, (uint64_t)s.data,
			       (uint64_t)s.chaff, (uint64_t)s.got, (uint64_t)events(&s));
			for (k = 0; k < OPS; k++)
				printf(",\"%s\":%" PRIu64, op_name[k], (uint64_t)s.ops[k]);
			printf(",\"ns_per_event\":%.1f,\"ns_per_cell\":%.1f,\"memory\":{",
			       s.ns / events(&s), s.ns / (s.data + s.chaff));
			memory(len, true);
			printf("}}\n");
		} else {
			printf("%-10s %-7s %9" PRIu64 " %8" PRIu64 " %8" PRIu64 " %9.1f %9.1f %9zu\n",
			       p->name, end_name[end], (uint64_t)events(&s), (uint64_t)s.data,
			       (uint64_t)s.chaff, s.ns / events(&s), s.ns / (s.data + s.chaff), len);
		}
		fflush(stdout);
	}
}

static void repeat(const char *profile, const char *word, const struct sim_trace *t, u64 times)
{
	int end = !strcmp(word, end_name[RTPL_END_SERVER]);
	static struct rtpl_engine e;
	struct sum s = {};
	size_t len;

	if (!end && strcmp(word, end_name[RTPL_END_CLIENT]))
		sim_fail("'%s' is neither client nor server", word);
	record(load(profile, &len), t, 0, settings.tail);
	count(&s, &rec[end]);
	while (times--)
		once(&runs[end], &rec[end], &e);
	same(&e, &runs[end]);
	printf("%" PRIu64 "\n", (uint64_t)events(&s));
}

int main(int argc, char **argv)
{
	u64 rounds = 7, times = 0, links = 0;
	struct sim_trace t;
	bool json = false;
	u32 i, n;
	int c;

	while ((c = getopt(argc, argv, "jn:r:l:")) != -1) {
		switch (c) {
		case 'j':
			json = true;
			break;
		case 'n':
			rounds = part_of(optarg);
			break;
		case 'r':
			times = part_of(optarg);
			break;
		case 'l':
			links = part_of(optarg);
			break;
		default:
			fprintf(stderr, "usage: engine-cost [-j] [-n ROUNDS] [-l LINKS] [PROFILE...]\n"
				"       engine-cost -r REPEATS PROFILE client|server\n");
			return 2;
		}
	}
	traffic(&t);
	if (times) {
		if (argc - optind != 2)
			sim_fail("-r takes a profile and an end");
		repeat(argv[optind], argv[optind + 1], &t, times);
		return 0;
	}
	if (links && !json)
		printf("%-10s %-7s %6s %-6s %10s %9s %10s %9s %13s\n", "profile", "end", "links",
		       "load", "packets/s", "chaff/s", "events/s", "ns/event", "of one CPU");
	else if (!json)
		printf("%-10s %-7s %9s %8s %8s %9s %9s %9s\n", "profile", "end", "events", "data",
		       "chaff", "ns/event", "ns/cell", "tables");
	n = optind < argc ? argc - optind : rtpl_profiles_n;
	for (i = 0; i < n; i++) {
		const char *which = optind < argc ? argv[optind + i] : rtpl_profiles[i].name;

		if (links)
			links_of(which, links, rounds, json);
		else
			cost_of(which, &t, rounds, json);
	}
	if (!json && !links) {
		printf("\nbytes: ");
		memory(0, false);
		printf(" (tables: above; shared by all links)\n");
	}
	return 0;
}
