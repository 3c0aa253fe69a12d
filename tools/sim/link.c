// SPDX-License-Identifier: GPL-2.0
/*
 * Two ends and the wire between them, in virtual time.
 *
 * What kmod/link/tx.c does around the core is done here in the same order: packets wait in
 * a queue with the shape's limit, blocks are laid into cells by core/frag.c (its copying
 * is left out), a packet that would be late is dropped before it is begun. The wire may
 * have a bottleneck: cells wait there first in, first out. What has no time of its own
 * is held back while RELEASE_FULL bytes wait there, until RELEASE_LOW do, as the release
 * queue does it; chaff, as long as anything does.
 */
#include <stdlib.h>

#include "sim.h"

/* as in kmod/sch/qdisc.h and kmod/link/batch.h */
#define RELEASE_FULL	(128 * 1024)
#define RELEASE_LOW	(64 * 1024)
#define BATCH_CELLS	64
#define BATCH_BYTES	(65535 - 40 - 8)

/* What a lost cell carried comes so much later, and a round trip: TCP's least timeout. */
#define RESEND		(200 * RTPL_NSEC / 1000)

#define FOLLOW		600		/* s after the last packet, whatever waits */
#define ROUNDS		(1 << 22)	/* of the engine, at one moment */
#define CELLS_MOST	50000000.0	/* of slots that are filled anyway, in one stretch */

struct flying {
	u64 at;			/* when it comes to the other end */
	u16 size;
	bool data;
};

struct end {
	struct rtpl_engine engine;
	const struct rtpl_shape *shape;
	enum rtpl_end who;
	u16 cell;
	u16 room;		/* blocks' bytes in a cell of the largest size */
	u16 most;		/* cells of a batch */
	bool fly;		/* the other end is to be told what comes */

	const struct sim_packet *first, *next, *behind;	/* of the trace */
	u64 shift;		/* virtual time of the trace's zero */

	struct sim_waiting *queue;	/* a ring; unused where there is fair order */
	struct sim_fair *fair;	/* NULL: first come, first served */
	u32 mask, head, n;
	u32 queue_bytes;
	struct rtpl_pack pack;
	struct sim_waiting cur;	/* laid into cells, if pack.len */

	u64 ask;		/* when the engine wants to be asked */
	bool held;		/* by the bottleneck */
	u64 busy;		/* the wire, until then */
	u64 last_data;		/* left the wire */
	struct flying *air;	/* a ring: what this end sent */
	u32 air_mask, air_head, air_n;

	struct sim_log *log;
	struct sim_sum sum;
	struct rtpl_engine_count counted;	/* before this trace */
	struct rtpl_leak told;
	struct sim_cells seen;
	u8 *plain;		/* of the cell being filled */
};

struct sim_link {
	const struct sim_run *run;
	struct rtpl_profile *own;	/* where the run changes something */
	const struct rtpl_profile *profile;
	struct end end[RTPL_END_COUNT];
	struct sim_flows *flows;	/* of the trace; NULL before the first */
	bool react;
	u64 origin;		/* virtual time that the trace's link begins at */
	u64 began, stop, late;
	struct rtpl_rng chance;	/* the attacker's */
	bool observe, running;
};

static void note(struct end *e, u64 now, unsigned int what, u64 at, u32 bytes)
{
	if (e->log)
		sim_log(e->log, now, what, at, bytes);
}

/* ---- the queue ---- */

static bool queue_pop(struct end *e, struct sim_waiting *w)
{
	if (!e->n)
		return false;
	if (!e->fair)
		*w = e->queue[e->head++ & e->mask];
	else if (!sim_fair_pop(e->fair, w))
		return false;
	e->n--;
	e->queue_bytes -= w->bytes;
	return true;
}

/* One packet too many: make room by dropping another. Fair order drops of the longest flow. */
static bool make_room(struct end *e, struct sim_waiting *old)
{
	if (!e->fair)
		return e->shape->overflow != RTPL_OVERFLOW_DROP_NEWEST && queue_pop(e, old);
	if (!sim_fair_drop(e->fair, old))
		return false;
	e->n--;
	e->queue_bytes -= old->bytes;
	return true;
}

static void lost(struct sim_link *l, struct end *e, const struct sim_waiting *w)
{
	if (l->flows)
		sim_flows_gone(l->flows, e->who, w, 0);
}

static void stage(struct sim_link *l, struct end *e, u64 now, const struct sim_waiting *w)
{
	struct sim_waiting old = *w;

	e->sum.packets++;
	e->sum.bytes += w->bytes;
	if (e->n >= e->shape->limit) {
		make_room(e, &old);
		e->sum.full++;
		e->sum.full_bytes += old.bytes;
		lost(l, e, &old);
		if (e->n >= e->shape->limit)
			return;
	}
	if (e->fair)
		sim_fair_put(e->fair, w);
	else
		e->queue[(e->head + e->n) & e->mask] = *w;
	e->n++;
	e->queue_bytes += w->bytes;
	note(e, now, RTPL_QUEUED, now, w->bytes);
	if (e->engine.listens)
		rtpl_engine_traffic(&e->engine, RTPL_QUEUED, now, w->bytes);
}

/* A packet of the trace is sent now. */
static void stage_packet(struct sim_link *l, struct end *e, u64 now, const struct sim_packet *p)
{
	struct sim_waiting w = {
		.came = now, .due = e->shift + p->at, .bytes = p->bytes, .flow = p->flow,
	};

	stage(l, e, now, &w);
}

static u32 waits(const struct end *e)
{
	return e->queue_bytes + (e->pack.len ? e->pack.len - e->pack.pos : 0);
}

static u64 oldest(const struct end *e)
{
	if (e->pack.len)
		return e->cur.came;
	if (e->fair)	/* only machines ask */
		return e->engine.end && e->engine.end->n_machines ? sim_fair_oldest(e->fair) : 0;
	return e->n ? e->queue[e->head & e->mask].came : 0;
}

/* ---- the wire ---- */

/* When a cell that may go at @at has left. */
static u64 leaves(const struct sim_run *run, const struct end *e, u64 at, u32 bytes)
{
	if (!run->rate)
		return at;
	return max(at, e->busy) + (bytes * 8 * RTPL_NSEC + run->rate - 1) / run->rate;
}

/* Until when is the bottleneck to be left alone, with so many bytes before it? */
static u64 drained(const struct sim_run *run, const struct end *e, u32 bytes)
{
	u64 ns = run->rate ? bytes * 8 * RTPL_NSEC / run->rate : 0;

	return e->busy > ns ? e->busy - ns : 0;
}

/*
 * A slot that is filled anyway does not wait for the bottleneck to be free, but neither does
 * it add to a queue of more than half the latency budget (the rest is for data to get through
 * in time), or than the device's: its cells are not sent.
 */
static bool too_late(const struct sim_run *run, const struct end *e, const struct rtpl_departure *d)
{
	u64 most = e->shape->latency_ns / 2;

	if (!run->rate || !d->timed || !d->chaff)
		return false;
	if (!most)
		most = RELEASE_FULL * 8 * RTPL_NSEC / run->rate;
	return e->busy > d->at + most;
}

static void air_grow(struct end *e)
{
	u32 i, size = e->air ? (e->air_mask + 1) * 2 : 1024;
	struct flying *air = calloc(size, sizeof(*air));

	if (!air)
		sim_fail("no memory");
	for (i = 0; i < e->air_n; i++)
		air[i] = e->air[(e->air_head + i) & e->air_mask];
	free(e->air);
	e->air = air;
	e->air_mask = size - 1;
	e->air_head = 0;
}

/*
 * By how much an attacker on the path delays a cell that leaves at @gone; SIM_NEVER: it never comes. All
 * that is held comes when the attack is over, in its order.
 */
static u64 attacked(struct sim_link *l, const struct end *e, u64 gone)
{
	const struct sim_attack *a = &l->run->attack;
	u64 from = l->end[RTPL_END_CLIENT].shift + a->at, there = gone + l->run->delay;

	if (!a->len || e->who != a->end || there < from || there >= from + a->len)
		return 0;
	if (!a->lose)
		return from + a->len - there;
	return rtpl_rng_below(&l->chance, 100) < a->lose ? SIM_NEVER : 0;
}

/*
 * What has no time leaves at once, before cells of a schedule that were built ahead: by the
 * lead, at most. @late: attacked().
 */
static void put_on_wire(struct sim_link *l, struct end *e, u64 gone, u64 late, u16 size, bool data)
{
	const struct sim_run *run = l->run;
	u64 there = gone + run->delay;
	struct sim_seen *s;
	struct flying *f;
	u32 i;

	e->busy = max(e->busy, gone);
	/* Who watches sees the client's cells before the attacker does, the server's behind. */
	if (late != SIM_NEVER)
		there += late;
	if (e->fly && late != SIM_NEVER) {
		/* At least 1 ns, so that all of a moment is known when it is come to. */
		if (!e->air || e->air_n > e->air_mask)
			air_grow(e);
		for (i = e->air_head + e->air_n++; i != e->air_head; i--) {
			f = &e->air[(i - 1) & e->air_mask];
			if (f->at <= max(there, gone + 1))
				break;
			e->air[i & e->air_mask] = *f;
		}
		e->air[i & e->air_mask] = (struct flying){ max(there, gone + 1), size, data };
	}
	if (l->observe && (late != SIM_NEVER || e->who == RTPL_END_CLIENT)) {
		e->seen.p = sim_grow(e->seen.p, e->seen.n, &e->seen.room, sizeof(*e->seen.p));
		if (e->who == RTPL_END_CLIENT)
			there = gone;
		for (s = &e->seen.p[e->seen.n++]; s != e->seen.p && s[-1].at > there; s--)
			*s = s[-1];
		*s = (struct sim_seen){ .at = there, .bytes = size + run->outer, .chaff = !data };
	}
}

/* ---- cells ---- */

static void no_copy(void *priv, u16 off, u8 *dst, u16 len)
{
}

/* When the last of a packet's cells has left the wire, the first of which may go at @at. */
static u64 crossed(const struct sim_run *run, const struct end *e, u64 at, u32 bytes, u32 room)
{
	u32 cells = 1 + (bytes > room ? DIV_ROUND_UP(bytes - room, e->room) : 0);

	return max(at, e->busy) + cells * (leaves(run, e, e->busy, e->cell + run->outer) - e->busy);
}

/* Begin the next packet's block in @f. Return: false when nothing waits. */
static bool begin_packet(struct sim_link *l, struct end *e, struct rtpl_fill *f,
			 const struct rtpl_departure *d, u16 index, u64 now)
{
	const struct sim_run *run = l->run;
	struct sim_waiting w;
	u8 first[8] = {};
	u64 at;

	while (queue_pop(e, &w)) {
		at = rtpl_engine_departs(&e->engine, d, index, w.bytes, rtpl_fill_room(f), e->room);
		at = max(at, now);
		/* Before the bottleneck a slot's cells wait beyond their slots. */
		if (run->rate && d->timed && d->chaff)
			at = max(at, crossed(run, e, d->at, w.bytes, rtpl_fill_room(f)));
		if (e->shape->latency_ns && at - w.came > e->shape->latency_ns) {
			e->sum.late++;
			e->sum.late_bytes += w.bytes;
			note(e, now, SIM_LATE, w.came, w.bytes);
			lost(l, e, &w);
			continue;
		}
		first[0] = 0x45;
		put_unaligned_be16(w.bytes, first + 2);
		if (rtpl_pack_ip(&e->pack, f, e->room, first, w.bytes)) {
			e->sum.big++;
			e->sum.big_bytes += w.bytes;
			lost(l, e, &w);
			continue;
		}
		e->cur = w;
		return true;
	}
	return false;
}

/* @late: by which it comes later than the path takes. */
static void packet_left(struct sim_link *l, struct end *e, u64 gone, u64 late)
{
	if (l->flows)
		sim_flows_gone(l->flows, e->who, &e->cur, gone + late);
	e->sum.sent_packets++;
	e->sum.sent_bytes += e->cur.bytes;
	e->sum.waited += gone - e->cur.came;
	rtpl_hist_add(&e->sum.delay, gone - e->cur.came, 1);
	e->last_data = gone;
}

/* One cell. Return: was there any? */
static bool cell(struct sim_link *l, struct end *e, const struct rtpl_departure *d, u16 index,
		 u64 now, u16 size)
{
	u64 at = d->timed ? max(d->at, now) : now;
	u64 gone = leaves(l->run, e, at, size + l->run->outer);
	u64 late = attacked(l, e, gone);
	u16 plain = size - RTPL_CELL_HEAD - RTPL_TAG_LEN;
	struct rtpl_fill f;

	if (!(d->alone ? rtpl_fill_chaff(&e->pack, &f, e->plain, plain) :
			 rtpl_fill_begin(&e->pack, &f, e->plain, plain))) {
		e->sum.big++;
		e->sum.big_bytes += e->cur.bytes;
		lost(l, e, &e->cur);
	}
	while (!d->alone && rtpl_fill_room(&f)) {
		if (!e->pack.len && !begin_packet(l, e, &f, d, index, now))
			break;
		if (!rtpl_pack_put(&e->pack, &f, no_copy, NULL))
			break;
		packet_left(l, e, gone, late == SIM_NEVER ? RESEND + 2 * l->run->delay : late);
	}
	if (!f.data && !d->chaff)
		return false;

	e->sum.wire += size + l->run->outer;
	if (f.data) {
		e->sum.cells++;
		e->sum.padding += rtpl_fill_room(&f);
		e->sum.header += RTPL_CELL_OVERHEAD + l->run->outer;
	} else {
		e->sum.chaff++;
		e->sum.chaff_bytes += size + l->run->outer;
	}
	note(e, now, f.data ? RTPL_SENT_DATA : RTPL_SENT_CHAFF, at, size);
	rtpl_engine_traffic(&e->engine, f.data ? RTPL_SENT_DATA : RTPL_SENT_CHAFF, at, size);
	put_on_wire(l, e, gone, late, size, f.data);
	return true;
}

static u16 cell_size(const struct end *e, const struct rtpl_departure *d, u32 waits)
{
	if (d->size && (!waits || d->alone || d->exact))
		return min(d->size, e->cell);
	return rtpl_pad_pick(e->shape, d->alone ? 0 : waits, e->cell);
}

static void depart(struct sim_link *l, struct end *e, const struct rtpl_departure *d, u64 now)
{
	u16 i, size;

	if (too_late(l->run, e, d) && rtpl_engine_skip(&e->engine, d)) {
		note(e, now, SIM_SKIPPED, d->at, 0);
		return;
	}
	rtpl_engine_take(&e->engine, d, now);
	for (i = 0; i < d->cells; i++) {
		size = cell_size(e, d, waits(e));
		if (!cell(l, e, d, i, now, size))
			break;
		/* A smaller cell ends a batch, and with it what has no slot. */
		if (size < e->cell && !d->timed)
			break;
	}
}

/* Must what the engine wants wait for the bottleneck? Until e->ask, then. */
static bool hold(const struct sim_run *run, struct end *e, const struct rtpl_departure *d, u64 now)
{
	u64 until;

	if (!run->rate || rtpl_engine_always(&e->engine, d))
		return false;
	if (d->chaff && (d->alone || !waits(e))) {
		until = drained(run, e, 0);
	} else {
		if (!e->held && drained(run, e, RELEASE_FULL) <= now)
			return false;
		until = drained(run, e, RELEASE_LOW);
		e->held = until > now;
	}
	if (until <= now)
		return false;
	note(e, now, SIM_HELD, until, waits(e));
	e->ask = until;
	return true;
}

/* Ask the engine until it rests. */
static void ask(struct sim_link *l, struct end *e, u64 now)
{
	struct rtpl_departure d;
	int rounds;

	for (rounds = 0; rounds < ROUNDS; rounds++) {
		note(e, now, SIM_ASKED, oldest(e), waits(e));
		switch (rtpl_engine_next(&e->engine, now, l->run->lead, waits(e), oldest(e),
					 e->most, &d)) {
		case RTPL_ENGINE_IDLE:
			e->ask = SIM_NEVER;
			return;
		case RTPL_ENGINE_WAKE:
			if (d.at <= now)
				continue;
			e->ask = d.at;
			return;
		case RTPL_ENGINE_SEND:
			if (hold(l->run, e, &d, now))
				return;
			depart(l, e, &d, now);
		}
	}
	sim_fail("profile %s: the engine does not come to rest", l->profile->name);
}

static void got(struct end *e, u64 now, u16 size, bool data)
{
	enum rtpl_traffic_event what = data ? RTPL_GOT_DATA : RTPL_GOT_CHAFF;

	note(e, now, what, now, size);
	if (e->engine.listens_got)
		rtpl_engine_traffic(&e->engine, what, now, size);
}

/* ---- a run ---- */

struct sim_link *sim_link_new(const struct sim_run *run)
{
	struct sim_link *l = calloc(1, sizeof(*l));
	u32 size = 1;
	int i;

	if (!l)
		sim_fail("no memory");
	l->run = run;
	l->profile = run->profile;
	l->react = run->react;
	if (run->tell_end) {
		l->own = malloc(sizeof(*l->own));
		if (!l->own)
			sim_fail("no memory");
		*l->own = *run->profile;
		l->profile = l->own;
	}
	while (size < l->profile->shape.limit)
		size *= 2;
	for (i = 0; i < RTPL_END_COUNT; i++) {
		struct end *e = &l->end[i];

		e->who = i;
		e->shape = &l->profile->shape;
		e->cell = rtpl_pad_max(e->shape, run->path);
		e->room = e->cell - RTPL_CELL_OVERHEAD;
		e->most = min_t(u32, BATCH_CELLS, BATCH_BYTES / e->cell);
		e->queue = calloc(size, sizeof(*e->queue));
		e->mask = size - 1;
		e->plain = malloc(RTPL_CELL_MAX);
		if (!e->queue || !e->plain)
			sim_fail("no memory");
		if (run->fair)
			e->fair = sim_fair_new(l->profile->shape.limit);
	}
	return l;
}

void sim_link_free(struct sim_link *l)
{
	int i;

	for (i = 0; i < RTPL_END_COUNT; i++) {
		free(l->end[i].queue);
		sim_fair_free(l->end[i].fair);
		free(l->end[i].plain);
		free(l->end[i].air);
		free(l->end[i].seen.p);
	}
	if (l->flows)
		sim_flows_free(l->flows);
	free(l->own);
	free(l);
}

void sim_link_log(struct sim_link *l, enum rtpl_end end, struct sim_log *log)
{
	l->end[end].log = log;
}

void sim_link_observe(struct sim_link *l, bool on)
{
	l->observe = on;
}

/* The link goes on with another trace. */
static void go_on(struct end *e, u32 flows)
{
	memset(&e->sum, 0, sizeof(e->sum));
	memset(&e->pack, 0, sizeof(e->pack));
	rtpl_hist_init(&e->sum.delay);
	e->head = e->n = e->queue_bytes = 0;
	if (e->fair)
		sim_fair_begin(e->fair, flows);
	e->seen.n = 0;
	e->last_data = 0;
	e->counted = e->engine.count;
	rtpl_engine_leak(&e->engine, &e->told);
}

/* The seed is the number in decimal, as the module takes it; @marked: and who this is. */
static void start(struct sim_link *l, enum rtpl_end i, u64 at, u64 number, bool marked, u32 flows)
{
	u8 seed[RTPL_RNG_SEED] = {};
	struct end *e = &l->end[i];

	snprintf((char *)seed, sizeof(seed), "%" PRIu64, l->run->seed + number);
	seed[RTPL_RNG_SEED - 1] = marked ? i : 0;
	memset(&e->engine, 0, sizeof(e->engine));
	go_on(e, flows);
	e->air_head = e->air_n = 0;
	e->busy = 0;
	e->held = false;
	e->ask = at;
	rtpl_engine_start(&e->engine, e->shape, l->profile, i, e->cell, at, seed);
	note(e, at, SIM_START, at, e->cell);
}

/* The attacker's, which no end's depends on. */
static void chance(struct sim_link *l, u64 number)
{
	u8 seed[RTPL_RNG_SEED] = {};

	snprintf((char *)seed, sizeof(seed), "attack %" PRIu64, l->run->seed + number);
	rtpl_rng_seed(&l->chance, seed);
}

static void count_since(struct rtpl_engine_count *c, const struct rtpl_engine_count *then)
{
	int i;

	c->chaff_sched -= then->chaff_sched;
	c->chaff_wanted -= then->chaff_wanted;
	c->chaff_machine -= then->chaff_machine;
	c->chaff_message -= then->chaff_message;
	for (i = 0; i < RTPL_LIMITS_WHYS; i++)
		c->refused[i] -= then->refused[i];
	c->overruled -= then->overruled;
	c->switches -= then->switches;
}

/* What is left, and what the engine says of itself. */
static void finish(const struct sim_link *l, struct end *e)
{
	struct sim_sum *s = &e->sum;

	/* What was held to the end for what its other end never got. */
	if (l->react)
		sim_flows_rest(l->flows, e->who, &s->packets, &s->bytes);
	s->left = e->n + (e->pack.len ? 1 : 0);
	s->left_bytes = e->queue_bytes + (e->pack.len ? e->cur.bytes : 0);
	if (l->react)
		sim_flows_rest(l->flows, e->who, &s->left, &s->left_bytes);
	s->count = e->engine.count;
	count_since(&s->count, &e->counted);
	rtpl_engine_leak(&e->engine, &s->leak);
	s->leak.mbits -= e->told.mbits;
	s->leak.choices -= e->told.choices;
	s->leak.changes -= e->told.changes;
	s->leak.windows -= e->told.windows;
	s->leak.missed -= e->told.missed;
	s->leak_most = s->leak.mbits;
	if (s->bytes != s->sent_bytes + s->late_bytes + s->full_bytes + s->big_bytes +
			s->left_bytes)
		sim_fail("%" PRIu64 " bytes came, %" PRIu64 " left: this is a defect of rtpl-sim",
			 s->bytes, s->sent_bytes);
}

static bool through(const struct sim_link *l, const struct end *e)
{
	return e->next == e->behind && !e->n && !e->pack.len &&
	       !(l->react && sim_flows_held(l->flows, e->who));
}

static u64 next_at(const struct sim_link *l, const struct end *e, const struct end *other)
{
	u64 t = e->ask;

	if (l->react)
		t = min(t, sim_flows_next(l->flows, e->who));
	if (e->next < e->behind)
		t = min(t, e->shift + e->next->at);
	if (other->air_n)
		t = min(t, other->air[other->air_head & other->air_mask].at);
	return t;
}

static void step(struct sim_link *l, struct end *e, struct end *other, u64 now)
{
	bool any = e->ask <= now;

	for (; e->next < e->behind && e->shift + e->next->at <= now; e->next++, any = true)
		if (!l->react || sim_flows_due(l->flows, e->who, e->next - e->first, now))
			stage_packet(l, e, now, e->next);
	for (; l->react && sim_flows_next(l->flows, e->who) <= now; any = true)
		stage_packet(l, e, now, e->first + sim_flows_pop(l->flows, e->who));
	while (other->air_n) {
		const struct flying *f = &other->air[other->air_head & other->air_mask];

		if (f->at > now)
			break;
		got(e, now, f->size, f->data);
		other->air_head++;
		other->air_n--;
		any = true;
	}
	if (any)
		ask(l, e, now);
}

static void tell_end(struct sim_link *l)
{
	int i;

	for (i = 0; l->own && i < RTPL_END_COUNT; i++)
		if (l->own->end[i].sched.kind == RTPL_SCHEDULE_TAMARAW)
			l->own->end[i].sched.tamaraw.quiet_ns = 0;
}

/* Cells a second that an end sends whatever there is. */
static double filled(const struct end *e, const struct rtpl_sched_params *p)
{
	switch (p->kind) {
	case RTPL_SCHEDULE_CONST:
		return p->rate;
	case RTPL_SCHEDULE_LADDER:
		return p->ladder.rate[p->ladder.n - 1];
	case RTPL_SCHEDULE_INTERVAL:
		return p->interval.chaff ? p->interval.cells * 1e9 / p->interval.period_ns : 0;
	case RTPL_SCHEDULE_DP:
		return (double)p->dp->max * p->dp->grain / e->room * 1e9 / p->dp->window_ns;
	default:
		return 0;
	}
}

/* Slots of so long a time would take minutes, with no word: refuse. */
static void bearable(const struct sim_link *l, u64 ns)
{
	double cells = 0;
	int i;

	for (i = 0; i < RTPL_END_COUNT; i++)
		cells += filled(&l->end[i], &l->profile->end[i].sched) * ns / 1e9;
	if (cells > CELLS_MOST)
		sim_fail("profile %s: %.0f s of one link are up to %.0f million cells, data or not: "
			 "more than %.0f million are not played", l->profile->name, ns / 1e9,
			 cells / 1e6, CELLS_MOST / 1e6);
}

/* Until the next trace: what happens now is nobody's. */
static void between(struct sim_link *l)
{
	struct end *c = &l->end[RTPL_END_CLIENT], *s = &l->end[RTPL_END_SERVER];
	struct sim_sum sums[RTPL_END_COUNT] = { c->sum, s->sum };
	bool observe = l->observe;
	u64 at;

	bearable(l, l->run->keep);
	l->observe = false;
	l->origin = l->stop + l->run->keep;
	for (;;) {
		at = min(next_at(l, c, s), next_at(l, s, c));
		if (at >= l->origin)
			break;
		step(l, c, s, at);
		step(l, s, c, at);
	}
	c->sum = sums[0];
	s->sum = sums[1];
	l->observe = observe;
}

void sim_link_play(struct sim_link *l, const struct sim_trace *t, u64 number)
{
	const struct sim_run *run = l->run;
	struct end *c = &l->end[RTPL_END_CLIENT], *s = &l->end[RTPL_END_SERVER];
	bool told = false;
	u64 at, now = 0, shift[RTPL_END_COUNT];
	int i;

	if (l->own)
		*l->own = *run->profile;
	bearable(l, run->before + t->length + min(run->tail, FOLLOW * RTPL_NSEC));
	if (run->keep && l->running)
		between(l);
	if (!run->keep || !l->running)
		l->origin = SIM_ORIGIN;
	l->began = l->origin + run->delay;
	for (i = 0; i < RTPL_END_COUNT; i++) {
		struct end *e = &l->end[i];

		/* A packet to the client was sent a delay before the client saw it. */
		e->shift = l->origin + run->before + (i == RTPL_END_CLIENT ? run->delay : 0);
		if (run->keep && l->running)
			go_on(e, t->flows);
		else
			start(l, i, e->shift - run->before, number, true, t->flows);
		shift[i] = e->shift;
		e->first = e->next = t->from[i].p;
		e->behind = e->next + t->from[i].n;
	}
	chance(l, number);
	if (!l->flows)
		l->flows = sim_flows_new();
	sim_flows_begin(l->flows, t, shift, run->delay);
	for (i = 0; i < RTPL_END_COUNT; i++)
		l->end[i].fly = l->end[!i].engine.listens_got || l->end[!i].log;
	l->stop = c->shift + t->length + FOLLOW * RTPL_NSEC;
	for (;;) {
		at = min(next_at(l, c, s), next_at(l, s, c));
		if (at > l->stop)
			break;
		now = at;
		step(l, c, s, now);
		step(l, s, c, now);
		if (told || !through(l, c) || !through(l, s))
			continue;
		told = true;
		tell_end(l);
		if (run->tail >= FOLLOW * RTPL_NSEC)
			continue;
		at = max(max(c->last_data, s->last_data) + run->delay, now);
		l->stop = min(l->stop, at + run->tail);
	}
	l->late = rtpl_since(max(c->last_data, s->last_data + run->delay), c->shift + t->length);
	for (i = 0; i < RTPL_END_COUNT; i++) {
		finish(l, &l->end[i]);
		note(&l->end[i], l->stop, SIM_STOP, l->stop, 0);
	}
	l->running = true;
}

const struct sim_sum *sim_link_sum(const struct sim_link *l, enum rtpl_end end)
{
	return &l->end[end].sum;
}

const struct sim_cells *sim_link_seen(const struct sim_link *l, enum rtpl_end end)
{
	return &l->end[end].seen;
}

u64 sim_link_began(const struct sim_link *l)
{
	return l->began;
}

u64 sim_link_late(const struct sim_link *l)
{
	return l->late;
}

const struct sim_flows *sim_link_flows(const struct sim_link *l)
{
	return l->flows;
}

/* ---- one end, by a log ---- */

/* A departure as cells, when all that is known is how many bytes wait, @ev is behind it. */
static void depart_bytes(struct end *e, const struct rtpl_departure *d, u64 now, u32 bytes,
			 const struct sim_event *ev, const struct sim_event *behind)
{
	u64 at = d->timed ? max(d->at, now) : now;
	u16 i, size;
	bool data;

	rtpl_engine_take(&e->engine, d, now);
	for (i = 0; i < d->cells; i++) {
		size = cell_size(e, d, bytes);
		for (; ev < behind && ev->what == SIM_LATE; ev++)
			bytes -= min(bytes, ev->bytes);
		if (ev < behind && (ev->what == RTPL_SENT_DATA || ev->what == RTPL_SENT_CHAFF))
			ev++;
		data = bytes && !d->alone;
		if (!data && !d->chaff)
			break;
		if (data)
			bytes -= min_t(u32, bytes, size - RTPL_CELL_OVERHEAD);
		note(e, now, data ? RTPL_SENT_DATA : RTPL_SENT_CHAFF, at, size);
		rtpl_engine_traffic(&e->engine, data ? RTPL_SENT_DATA : RTPL_SENT_CHAFF, at, size);
		if (size < e->cell && !d->timed)
			break;
	}
}

static void replay_asked(struct sim_link *l, struct end *e, const struct sim_event *ev, size_t n)
{
	u64 lead = l->run->lead;
	struct rtpl_departure d;
	size_t i;

	for (i = 0; i < n; i++) {
		if (ev[i].what == SIM_LEAD)
			lead = ev[i].bytes;
		if (ev[i].what == SIM_BEHIND)
			rtpl_engine_behind(&e->engine, ev[i].bytes);
		if (ev[i].what == RTPL_QUEUED && e->engine.listens)
			rtpl_engine_traffic(&e->engine, RTPL_QUEUED, ev[i].at, ev[i].bytes);
		else if (ev[i].what == RTPL_GOT_DATA || ev[i].what == RTPL_GOT_CHAFF)
			got(e, ev[i].at, ev[i].bytes, ev[i].what == RTPL_GOT_DATA);
		if (ev[i].what != SIM_ASKED)
			continue;
		if (rtpl_engine_next(&e->engine, ev[i].now, lead, ev[i].bytes, ev[i].at,
				     e->most, &d) != RTPL_ENGINE_SEND)
			continue;
		if (i + 1 < n && (ev[i + 1].what == SIM_HELD ||
				  (ev[i + 1].what == SIM_SKIPPED &&
				   rtpl_engine_skip(&e->engine, &d))))
			continue;
		depart_bytes(e, &d, ev[i].now, ev[i].bytes, ev + i + 1, ev + n);
	}
}

static void replay_free(struct sim_link *l, struct end *e, const struct sim_event *ev, size_t n)
{
	struct sim_waiting w;
	size_t i = 0;
	bool any;
	u64 now;

	while (i < n || e->ask <= ev[n - 1].now) {
		now = i < n ? min(e->ask, ev[i].now) : e->ask;
		for (any = e->ask <= now; i < n && ev[i].now <= now; i++) {
			w = (struct sim_waiting){ .came = now, .due = now, .bytes = ev[i].bytes };
			if (ev[i].what == RTPL_QUEUED)
				stage(l, e, now, &w);
			else if (ev[i].what == RTPL_GOT_DATA || ev[i].what == RTPL_GOT_CHAFF)
				got(e, now, ev[i].bytes, ev[i].what == RTPL_GOT_DATA);
			else
				continue;
			any = true;
		}
		if (any)
			ask(l, e, now);
	}
}

void sim_link_replay(struct sim_link *l, enum rtpl_end end, const struct sim_event *ev, size_t n,
		     bool marked)
{
	struct end *e = &l->end[end];
	size_t i;

	start(l, end, ev[0].at, 0, marked, 1);
	if (ev[0].bytes != e->cell)
		sim_fail("the log is of cells of %u bytes, the profile has %u here (--mtu)",
			 ev[0].bytes, e->cell);
	e->fly = false;
	for (i = 0; i < n; i++)
		if (ev[i].what == SIM_ASKED)
			break;
	if (i < n)
		replay_asked(l, e, ev, n);
	else
		replay_free(l, e, ev, n);
}
