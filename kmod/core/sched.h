/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Schedules: when cells leave, beyond "as it comes" and a constant rate (these two are rtpl_pace's,
 * behind the same calls). Pure: time, events and random numbers come in, departures come out.
 *
 *	rtpl_sched_check()	once, for parameters from outside
 *	rtpl_sched_start()	when the link may send
 *	rtpl_sched_traffic()	each event of traffic.h, once, in order
 *	rtpl_sched_next()	when could the next departure be? Ask again after each
 *				event: it may have become earlier, later or none
 *	rtpl_sched_take()	it is built: account for it, move on. Its cells are reported as
 *				sent before the next one is taken
 *
 * A struct rtpl_departure means: timed, hold until at (if that is past, it is late: at once); not
 * timed, at once. With chaff, exactly that many cells, data first; without, at most that many, data
 * only. Departures of a link never go back in time.
 *
 *	jitter		each packet is held for a sample of any distribution
 *	interval	slot k at t0 + k * T + a sample, data only or always
 *	ladder		constant rate, chosen anew at the borders of epochs (Fletcher et
 *			al., Suppressing the Oblivious RAM Timing Channel While Making
 *			Information Leakage and Program Efficiency Trade-offs, HPCA 2014)
 *	regulator	surges that decay (Holland, Hopper: RegulaTor, PoPETs 2022)
 *	dp		each window's cells by a differentially private number (dp.h)
 *	exchange	bursts padded by tables, cover in the answer's place (exchange.h)
 *	tamaraw		constant rate until a multiple of L (Cai et al., A Systematic
 *			Approach to Developing and Evaluating Website Fingerprinting
 *			Defenses, CCS 2014)
 */
#ifndef RTPL_CORE_SCHED_H
#define RTPL_CORE_SCHED_H

#include "dist.h"
#include "dp.h"
#include "exchange.h"
#include "traffic.h"
#include "shape.h"

#define RTPL_SCHED_RATES	16		/* most rates of a ladder */
#define RTPL_SCHED_DUES		32		/* most times at which held packets leave */
#define RTPL_SCHED_SPAN_MAX	BIT_ULL(55)	/* ns, about 417 days: longest epoch, quiet */
#define RTPL_SCHED_AVERAGE_MAX	3600000000U	/* us: an hour, a ladder's longest average */
#define RTPL_SCHED_HALF_MIN	1000000ULL	/* ns: fastest decay, a half each ms */
#define RTPL_SCHED_HALF_MAX	BIT_ULL(40)	/* ns, 1100 s */

/* Which of the two ends this is; defences for the web treat them differently. */
enum rtpl_end { RTPL_END_CLIENT, RTPL_END_SERVER, RTPL_END_COUNT };

/*
 * Packet i leaves at max(when i - 1 leaves, its arrival + sample), the sample bounded by 0 and
 * max_ns: no packet overtakes another or is held longer than max_ns.
 */
struct rtpl_sched_jitter {
	u64 max_ns;		/* <= RTPL_LATENCY_MAX_NS */
	struct rtpl_dist hold;	/* ns */
};

/* Slot k at t0 + k * period + sample, the sample bounded by 0 and period - 1. */
struct rtpl_sched_interval {
	u64 period_ns;		/* RTPL_PACE_TICK_MIN to RTPL_LATENCY_MAX_NS */
	u16 cells;		/* per slot, 1 to RTPL_PACE_BATCH_MAX */
	bool chaff;		/* every slot leaves, with chaff if there is no data */
	struct rtpl_dist jitter;	/* ns; n 0: none */
};

/*
 * A constant rate out of rate[]. It is only chosen anew for the first slot at or after the border
 * of an epoch; epoch i (from 0) is epoch_ns * 2^(i * growth) long, at most epoch_max_ns. need =
 * (cells with data in the epoch + cells waiting at its end) / epoch. If need is above up per mille
 * of the rate, or below down per mille, the rate becomes the lowest of which need is at most up per
 * mille (the highest if there is none). down * rate[i] <= up * rate[i - 1], so that no constant
 * need makes it change at every border.
 *
 * With average_us the ladder is slow, for the sum of many flows: need is an average of the bytes
 * that left, in full cells, in which an epoch that ended average_us ago counts about 1 / e as much
 * as the last, and at a border the rate moves by at most steps_up or steps_down places in rate[].
 * What waits does not count, here or behind: rising for a backlog tells of single requests. The
 * average begins with up per mille of the first rate.
 *
 * With noise the decision at a border is by need plus a sample, not below 0; the average has none
 * of it. By Laplace noise of scale b a decision is differentially private (Dwork et al., TCC 2006):
 * a request of s cells moves the averages of all borders together by at most s / epoch (in
 * seconds), as long as it changes nothing that others send and epochs do not grow, so all decisions
 * together have epsilon = s / (epoch * b), and delta for where the noise is bounded.
 *
 * Leak: one of n rates at each border, log2(n) bits at most, whatever is sent; if slow, one of
 * steps_up + steps_down + 1, if these are fewer.
 */
struct rtpl_sched_ladder {
	u32 rate[RTPL_SCHED_RATES];	/* cells per second, ascending */
	u8 n;			/* 2 to RTPL_SCHED_RATES */
	u8 first;		/* index of the first epoch's rate */
	u8 growth;		/* log2 of each epoch's length to the one before; 0 to 8 */
	u8 steps_up, steps_down;	/* at a border, 1 to 15; no average: 0 */
	u16 up, down;		/* per mille */
	u32 average_us;		/* 0: none; epoch_ns to RTPL_SCHED_AVERAGE_MAX */
	const struct rtpl_dist *noise;	/* cells/s, -+ RTPL_RATE_MAX; NULL: none; its owner's */
	u64 epoch_ns;		/* of epoch 0: at least one slot of the lowest rate */
	u64 epoch_max_ns;	/* <= RTPL_SCHED_SPAN_MAX; growth 0: unused */
};

/*
 * The server sends at max(floor, rate * 2^(-t / half_ns)) cells per second, t since the surge began
 * (the paper's D per second is a half-life of ln 2 / -ln D seconds). If more than threshold / 1000
 * * that rate wait, a new surge begins. A slot without data takes a cell of chaff until the budget
 * is used up, which is drawn once for each session uniformly from 0 ... budget - 1; after that such
 * slots stay empty.
 *
 * The client sends one cell, data first, for each ratio / 1000 received cells; no packet waits
 * longer than cap_ns.
 *
 * Until warm_cells packets were queued at the server, or as many cells came to the client, each
 * sends at the constant warm_rate, always (the paper's sending while the circuit is built). A
 * session begins with data (either way for the client) and ends when there was none for idle_ns.
 *
 * As published, heavy: 277, D 0.94 (half_ns 11202305584), threshold 3550, budget 3550,
 * ratio 3950, cap 1.77 s, warm 10 at 10/s down and 5/s up; light: 260, D 0.860
 * (4595769129), 3750, 2080, 4020, 2.08 s.
 */
struct rtpl_sched_regulator {
	u8 end;			/* enum rtpl_end */
	u16 warm_cells;		/* 0: begin with the surge */
	u32 warm_rate;		/* cells per second, 1 to 20000 (one each TICK_MIN) */
	u32 rate;		/* server: cells per second at the start of a surge */
	u32 floor;		/* server: lowest rate, 1 as published */
	u32 threshold;		/* server: thousandths of a second of sending, to 10^6 */
	u32 budget;		/* server: cells of chaff per session, less than this; 0: none */
	u32 ratio;		/* client: thousandths, 1000 to 10^6 */
	u64 half_ns;		/* server: RTPL_SCHED_HALF_MIN to _MAX; 0: no decay */
	u64 cap_ns;		/* client: <= RTPL_LATENCY_MAX_NS */
	u64 idle_ns;		/* 1 ms to RTPL_SCHED_SPAN_MAX */
};

/*
 * A session begins with data, either way; slot k is at its begin + (k + 1) * period, and every slot
 * is sent. It ends at the first slot at which nothing waits, no data came or was queued for
 * quiet_ns, and the number of cells that it sent is a multiple of multiple. (The paper: 0.04 s out,
 * 0.012 s in, L = 100.)
 *
 * Leak: the number of multiples, and when sessions begin.
 */
struct rtpl_sched_tamaraw {
	u64 period_ns;		/* RTPL_PACE_TICK_MIN to RTPL_LATENCY_MAX_NS */
	u16 cells;		/* per slot, 1 to RTPL_PACE_BATCH_MAX */
	u32 multiple;		/* cells: the paper's L; a multiple of cells, to 10^6 */
	u64 quiet_ns;		/* to RTPL_SCHED_SPAN_MAX */
};

/* Immutable once checked, may be shared. The tables of distributions are its owner's. */
struct rtpl_sched_params {
	u8 kind;		/* enum rtpl_sched */
	union {
		u32 rate;	/* const */
		struct rtpl_sched_jitter jitter;
		struct rtpl_sched_interval interval;
		struct rtpl_sched_ladder ladder;
		struct rtpl_sched_regulator regulator;
		struct rtpl_sched_tamaraw tamaraw;
		const struct rtpl_dp_plan *dp;	/* its owner's */
		const struct rtpl_exchange *exchange;
	};
};

/*
 * The times at which held packets leave, first to last, never falling. If all places are taken, a
 * packet leaves with the one before it: sooner than it might, never later.
 */
struct rtpl_dues {
	u64 last;		/* time of the last packet that was put in */
	u64 merged;		/* packets without a place of their own, total */
	u64 at[RTPL_SCHED_DUES];
	u32 cells[RTPL_SCHED_DUES];
	u8 head, n;
	bool taken;		/* the departure given last is out of the queue */
};

struct rtpl_slots {		/* interval, tamaraw */
	u64 t0, slot;		/* number of the next slot */
	u64 offset;		/* interval: sample of that slot */
	u64 last;		/* tamaraw: when data was last queued or came */
	u64 sent;		/* tamaraw: cells of this session */
	u64 sessions, mbits;	/* tamaraw: so far */
	bool drawn, armed, on;
};

struct rtpl_steps {		/* ladder */
	struct rtpl_pace pace;
	u64 began, border;	/* of this epoch */
	u64 length;		/* of this epoch */
	u64 data;		/* in this epoch: cells with data; if slow, bytes in them */
	u64 average;		/* 2^-8 cells per second, as of the last border */
	u64 choices, changes;	/* borders with a choice of rate; with another rate */
	u32 waiting;		/* slow: bytes that were queued and have not left */
	u8 index;
};

struct rtpl_window {		/* dp */
	u64 began;
	u32 left;		/* cells of it */
	u32 batches, batch;	/* in which they leave; next one */
};

struct rtpl_surge {		/* regulator */
	u64 at;			/* next slot */
	u64 surge;		/* when the surge began */
	u64 last;		/* when data was last queued, or (client) came */
	u64 surges, sessions;
	u64 known, known_t;	/* a rate, 2^-32, not 0, this long after the surge began */
	u32 budget;		/* chaff left */
	u32 count;		/* towards the end of warming up */
	u32 owed;		/* client: cells to send for received ones */
	u32 credit;		/* client: thousandths, less than ratio */
	u16 reserved;		/* cells of the taken departure that may turn out to be chaff */
	u16 linger;		/* 2^-16 of the idle time: by how much later chaff ends */
	bool on, warm, fresh, armed;
	struct rtpl_dues dues;	/* client */
};

struct rtpl_exchanging {	/* exchange */
	u8 role, what;		/* enums in sched_exchange.c: of this end; of the last departure */
	u8 up, target, plan;	/* of the request that came */
	u8 credit;		/* large cells that came towards a reply */
	u8 owed;		/* replies */
	u8 lingers;		/* slots with a small cell that are left */
	u8 echoes;		/* of these that come and are replied to */
	bool burst;		/* steps are under way ... */
	bool answers;		/* ... of an answer */
	bool hearing;		/* a burst comes ... */
	bool came;		/* ... or came, and nothing was planned yet */
	bool planned, covers, answered;
	bool open;		/* a request of this end that nothing answered yet */
	bool chats;		/* no large cell went either way since the roles began */
	u32 slot;		/* that ends next, from 1 */
	u32 answer_slot, last_slot;
	u32 u_burst, u_answer;	/* uniform numbers that choose */
	u32 sent, goal;		/* bytes of the burst */
	u32 base;		/* sent before what the target is for */
	u32 data;		/* of its cells with data */
	u32 heard, heard_data;	/* bytes of the request that came */
	u32 early;		/* bytes of replies that took of the answer */
	u32 told, mark;		/* bytes of packets that ever came; by mark_at */
	u64 mark_at;
	u64 since;		/* when what waits began to, no later than in fact; 0: none */
	u64 large_since;	/* when a packet came that no small cell takes; 0: none waits */
	u64 active;		/* when data last came or was queued, or a large cell passed */
	u64 seen;		/* when a cell last came, or one of a burst left */
	u64 at;			/* next step */
	u64 heard_at;		/* last large cell */
	u64 reply_at;		/* 0: none */
	u64 anchor;		/* of the slots */
	u64 exchanges;
};

/* One for each link; 552 bytes. One caller writes at a time. Its random numbers are 304 more. */
struct rtpl_sched_state {
	u8 kind;
	u16 room;		/* block bytes that a cell carries */
	u32 behind;		/* bytes in the class behind what waits: set by the caller */
	u64 missed;		/* slots that should have been used but passed, total */
	u64 lead;		/* ns to build the next departure ahead: set by the caller */
	u32 bytes;		/* of waiting blocks, for dp: set by the caller before each call */
	struct rtpl_dp dp;	/* its account continues over a restart */
	u64 left;		/* when the last departure that was taken leaves */
	union {
		struct rtpl_pace pace;
		struct rtpl_dues dues;
		struct rtpl_slots slots;
		struct rtpl_steps steps;
		struct rtpl_surge surge;
		struct rtpl_window window;
		struct rtpl_exchanging exchange;
	};
};

/* What an observer may have learnt from the times, as far as the schedule bounds that. */
struct rtpl_sched_leak {
	bool bounded;		/* mbits bounds what times and amount of the payload reveal */
	u32 options;		/* a choice is one of this many; 0: no such number */
	u64 choices;		/* so far: ladder, epochs; tamaraw, sessions */
	u64 changes;		/* of rate, so far */
	u64 mbits;		/* thousandths of a bit, so far */
};

/**
 * rtpl_sched_check() - check whether a schedule can be kept
 * @p: the parameters
 * @latency_ns: the link's latency budget, 0 if it has none
 * @why: set to a sentence that names the setting (static string) on error
 *
 * Return: 0, -EINVAL, -ERANGE (also if even a lone cell would wait longer than @latency_ns), or an
 * error of rtpl_dist_check().
 */
int rtpl_sched_check(const struct rtpl_sched_params *p, u64 latency_ns, const char **why);

/**
 * rtpl_sched_delay() - bound on the delay that is added
 * @p: checked
 *
 * Return: most ns that a packet of one cell waits if nothing is before it; for jitter, and
 * regulator's client: any packet. For a ladder, at its lowest rate.
 */
u64 rtpl_sched_delay(const struct rtpl_sched_params *p);

void rtpl_sched_start(struct rtpl_sched_state *st, const struct rtpl_sched_params *p,
		      u16 room, u64 now);
void rtpl_sched_change(struct rtpl_sched_state *st, const struct rtpl_sched_params *p, u64 now);
void rtpl_sched_room(struct rtpl_sched_state *st, u16 room);

/**
 * rtpl_sched_traffic() - report an event
 * @st: state
 * @p: those of the last start or change, as below
 * @rng: random numbers; jitter: one draw for each packet queued
 * @what: the event
 * @now: ns
 * @bytes: RTPL_QUEUED: of the packet's blocks, framing included; otherwise unused
 *
 * Control that will be sent is also reported as queued; what is not reported leaves with what is,
 * or at once.
 */
void rtpl_sched_traffic(struct rtpl_sched_state *st, const struct rtpl_sched_params *p,
			struct rtpl_rng *rng, enum rtpl_traffic_event what, u64 now, u32 bytes);

/**
 * rtpl_sched_next() - get the next departure
 * @st: state
 * @p: parameters
 * @rng: random numbers; at most two draws
 * @now: ns
 * @queued: cells worth of data (or control) waiting, 0 if none
 * @batch: most cells that the caller can send at once; slots may ask for RTPL_PACE_BATCH_MAX
 *	nevertheless
 * @d: set on success
 *
 * Asking does not move the schedule on; late slots are skipped and counted in
 * missed, never sent in a burst. Work is bounded by the size of the ladder.
 *
 * Return: true and *@d; false if nothing leaves before the next event.
 */
bool rtpl_sched_next(struct rtpl_sched_state *st, const struct rtpl_sched_params *p,
		     struct rtpl_rng *rng, u64 now, u32 queued, u16 batch,
		     struct rtpl_departure *d);
void rtpl_sched_take(struct rtpl_sched_state *st, const struct rtpl_sched_params *p,
		     const struct rtpl_departure *d);
void rtpl_sched_skip(struct rtpl_sched_state *st, const struct rtpl_sched_params *p,
		     const struct rtpl_departure *d);

/**
 * rtpl_sched_departs() - when the last byte of @bytes leaves, if they begin now
 * @st: state
 * @p: parameters
 * @d: the departure that is being built, taken already or not
 * @index: the cell of @d that is being filled
 * @bytes: of the block, framing included
 * @room: bytes still free in that cell
 * @per_cell: blocks' bytes of each later cell
 *
 * Exact for a constant rate; otherwise the latest possible time by what is known now (if the rate
 * may change: assuming that it stays).
 *
 * Return: ns; @d->at if not timed; U64_MAX: never.
 */
u64 rtpl_sched_departs(const struct rtpl_sched_state *st, const struct rtpl_sched_params *p,
		       const struct rtpl_departure *d, u16 index, u32 bytes, u16 room,
		       u16 per_cell);

bool rtpl_sched_listens(const struct rtpl_sched_params *p);
bool rtpl_sched_fills(const struct rtpl_sched_params *p);
bool rtpl_sched_demand(const struct rtpl_sched_params *p);

void rtpl_sched_leak(const struct rtpl_sched_state *st, const struct rtpl_sched_params *p,
		     struct rtpl_sched_leak *leak);

/* ---- for the schedules' own use ---- */

/**
 * struct rtpl_sched_ops - one kind of schedule
 * @check: as rtpl_sched_check(), except the latency budget
 * @delay: as rtpl_sched_delay()
 * @start: as rtpl_sched_start(); the state is all zero, except what all kinds share
 * @traffic: as rtpl_sched_traffic(); NULL: no event matters
 * @next: as rtpl_sched_next(), which then ensures that no departure overtakes another
 * @take: as rtpl_sched_take()
 * @skip: as @take, if the departure's cells are not sent; NULL: @take itself
 * @departs: time at which the cell leaves that is this many cells after the departure's first; it
 *	is in a later departure, because there are at least as many as this one has
 * @leak: as rtpl_sched_leak(); called with all of it zero
 * @demand: @next asks how much waits, not only whether any does, and so for the state's behind
 *
 * The parameters are of that kind, and checked (except in @check). A schedule is a file
 * sched_NAME.c with such a table, and a line in RTPL_SCHEDULES() of shape.h.
 */
struct rtpl_sched_ops {
	int (*check)(const struct rtpl_sched_params *p, const char **why);
	u64 (*delay)(const struct rtpl_sched_params *p);
	void (*start)(struct rtpl_sched_state *st, const struct rtpl_sched_params *p, u64 now);
	void (*traffic)(struct rtpl_sched_state *st, const struct rtpl_sched_params *p,
			struct rtpl_rng *rng, enum rtpl_traffic_event what, u64 now, u32 bytes);
	bool (*next)(struct rtpl_sched_state *st, const struct rtpl_sched_params *p,
		     struct rtpl_rng *rng, u64 now, u32 queued, u16 batch,
		     struct rtpl_departure *d);
	void (*take)(struct rtpl_sched_state *st, const struct rtpl_sched_params *p,
		     const struct rtpl_departure *d);
	void (*skip)(struct rtpl_sched_state *st, const struct rtpl_sched_params *p,
		     const struct rtpl_departure *d);
	u64 (*departs)(const struct rtpl_sched_state *st, const struct rtpl_sched_params *p,
		       const struct rtpl_departure *d, u32 cells);
	void (*leak)(const struct rtpl_sched_state *st, const struct rtpl_sched_params *p,
		     struct rtpl_sched_leak *leak);
	bool demand;
};

#define RTPL_SCHEDULE_OPS(kind, ops)	rtpl_sched_##ops##_ops,
extern const struct rtpl_sched_ops RTPL_SCHEDULES(RTPL_SCHEDULE_OPS) rtpl_sched_pace_ops;

#define RTPL_NSEC		1000000000ULL	/* a second */

/**
 * rtpl_since() - time since an event
 * @now: ns
 * @then: ns
 *
 * Context: Any.
 * Return: ns; 0 if @then is in the future.
 */
static inline u64 rtpl_since(u64 now, u64 then)
{
	return now > then ? now - then : 0;
}

/**
 * sched_wrong() - refuse parameters
 * @why: set to @text
 * @text: a sentence that names the setting (static string)
 * @err: negative error
 *
 * Context: Any.
 * Return: @err.
 */
static inline int sched_wrong(const char **why, const char *text, int err)
{
	*why = text;
	return err;
}

/* sched_jitter.c */
void rtpl_dues_put(struct rtpl_dues *q, u64 due, u32 cells);
void rtpl_dues_pop(struct rtpl_dues *q, u32 cells);
bool rtpl_dues_next(struct rtpl_dues *q, u32 queued, u16 batch, struct rtpl_departure *d);
u64 rtpl_dues_departs(const struct rtpl_dues *q, const struct rtpl_departure *d, u32 cells);
u32 rtpl_sched_cells(const struct rtpl_sched_state *st, u32 bytes);

/**
 * rtpl_sched_behind() - cells that wait behind what is queued
 * @st: state, started
 *
 * Context: Any; the caller serialises calls on @st.
 * Return: cells.
 */
static inline u32 rtpl_sched_behind(const struct rtpl_sched_state *st)
{
	return st->behind ? rtpl_sched_cells(st, st->behind) : 0;
}

u64 rtpl_sched_sample(const struct rtpl_dist *dist, struct rtpl_rng *rng, u64 most);

/* sched.c */
u64 rtpl_pace_tick(u32 rate);

/* pace.c */
u64 rtpl_pace_at(const struct rtpl_pace *p, u64 slot);
u64 rtpl_pace_cells(u32 rate, u64 ns);
u16 rtpl_pace_batch(u32 rate);

/*
 * How long before its slot a departure is built: at least twice the time that building last took,
 * from the time to begin until the cells were built; if that is too much, it falls again slowly.
 */
#define RTPL_PACE_LEAD_MIN	250000U		/* ns */
#define RTPL_PACE_LEAD_MAX	4000000U	/* ns: later packets wait for later slots */
#define RTPL_PACE_LEAD_DECAY	64		/* slots in which it falls to about a third */

u32 rtpl_pace_lead(u32 lead, u64 took);

#endif /* RTPL_CORE_SCHED_H */
