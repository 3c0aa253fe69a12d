/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The shape engine of one end of one link: sizes x schedule x chaff x machines x limits turn events
 * into departures. Pure: the kernel's link (kmod/link/tx.c) and the simulator (tools/sim) drive it
 * by the same calls:
 *
 *	rtpl_engine_start()	the link may send
 *	rtpl_engine_traffic()	each event of traffic.h, once, in order
 *	rtpl_engine_next()	what to do now? Ask again after each event, and when told to
 *	rtpl_engine_take()	the departure it gave is being built; then each of
 *				its cells is reported as sent
 *
 * Priorities: a machine's blocking holds everything except what may pass it; data goes by the
 * schedule; chaff (chaff.h, machines, the rest of a padded message) is only asked for when no data
 * may leave, so that data goes first. While a jitter buffer holds all that waits, chaff goes on,
 * alone; where data leaves on a grid, so does chaff. Limits apply to what chaff.h and machines ask
 * for; a schedule's own chaff and the rest of messages are never limited.
 */
#ifndef RTPL_CORE_ENGINE_H
#define RTPL_CORE_ENGINE_H

#include "hist.h"
#include "profile.h"

/* A schedule's own chaff is never limited or refused. */
struct rtpl_engine_count {
	u64 chaff_sched;	/* cells that filled slots of the schedule */
	u64 chaff_wanted;	/* cells sent because chaff.h asked */
	u64 chaff_machine;	/* because a machine asked */
	u64 chaff_message;	/* cells sent because a message had to be that long */
	u64 refused[RTPL_LIMITS_WHYS];	/* by reason; [0] unused */
	u64 overruled;		/* times the latency budget ended a machine's hold */
	u64 switches;		/* of profile, while running */
};

/* One link's. Only one caller writes at a time. */
struct rtpl_engine {
	const struct rtpl_profile *of;	/* NULL: the shape alone */
	const struct rtpl_profile_end *end;
	bool started;
	bool listens;		/* must be told RTPL_QUEUED of each packet */
	bool listens_got;	/* must be told of received cells */
	bool fills;		/* its schedule fills every slot */
	bool counts;		/* its schedule counts bytes: blocks must be plain packets */
	bool grid;		/* its slots are for all cells, and it sends no chaff of its own */
	bool demand;		/* its schedule asks how much waits: rtpl_engine_behind() */
	bool full;		/* the block under way has no room for chaff between its cells */
	bool blocked;		/* by a machine, as of the last rtpl_engine_next() */
	bool by_time;		/* the last departure is chaff at a time of its own */
	u8 owner;		/* enum in engine.c: source of the last departure */
	u8 past_kind;		/* enum rtpl_leak_kind, the loosest: see past */
	u16 cell;		/* bytes of the largest cell */
	u16 chaff_cell;		/* of the next one without data */
	struct rtpl_shape shape;
	u64 skips;		/* bits: which of the last 64 filled slots were skipped */
	u64 message, message_sent;	/* bytes of the message under way; 0: none */
	struct rtpl_sched_params plain;	/* if there is no profile */
	struct rtpl_engine_count count;
	struct rtpl_engine_past {	/* sum of what earlier starts and profiles revealed */
		u64 mbits, choices, changes, epsilon, delta, windows;
	} past;
	struct rtpl_rng rng;
	struct rtpl_sched_state sched;
	struct rtpl_limits_state limits;
	struct rtpl_chaff_state chaff;
	struct rtpl_machines machines;
};

/**
 * rtpl_engine_start() - begin, or begin anew
 * @e: all zero before the first time; counters go on
 * @s: the link's shape, checked; gives the schedule if @p is NULL
 * @p: checked profile, or NULL; stays valid until the next start or change
 * @end: which end this is
 * @cell: bytes of the largest cell (UDP payload)
 * @now: ns
 * @seed: RTPL_RNG_SEED bytes that seed the random numbers, or NULL: they continue
 */
void rtpl_engine_start(struct rtpl_engine *e, const struct rtpl_shape *s,
		       const struct rtpl_profile *p, enum rtpl_end end, u16 cell, u64 now,
		       const u8 *seed);

void rtpl_engine_change(struct rtpl_engine *e, const struct rtpl_shape *s,
			const struct rtpl_profile *p, enum rtpl_end end, u64 now);

void rtpl_engine_cell(struct rtpl_engine *e, u16 cell);
void rtpl_engine_behind(struct rtpl_engine *e, u32 bytes);
void rtpl_engine_full(struct rtpl_engine *e, bool full);

/**
 * rtpl_engine_traffic() - report an event
 * @e: the engine
 * @what: the event
 * @now: ns; for RTPL_QUEUED, when the packet came
 * @bytes: QUEUED: of the packet's block; SENT_, GOT_: of the cell (UDP payload)
 *
 * SENT_ events follow the rtpl_engine_take() of their departure; their @now is when the cell
 * leaves. Bounded work, see the parts.
 */
void rtpl_engine_traffic(struct rtpl_engine *e, enum rtpl_traffic_event what, u64 now, u32 bytes);

/* Answers of rtpl_engine_next(). */
enum rtpl_engine_answer {
	RTPL_ENGINE_IDLE,	/* nothing until the next event */
	RTPL_ENGINE_WAKE,	/* ask again at d->at */
	RTPL_ENGINE_SEND,	/* the departure *d */
};

/**
 * rtpl_engine_next() - what to do now?
 * @e: the engine
 * @now: ns
 * @lead: ns; departures of the schedule may be built this long before they leave
 * @queued: bytes of blocks that wait to leave (data or control), 0 if none
 * @oldest: ns, when the packet that waits longest came; 0: unknown
 * @batch: most cells that the caller can send at once, at least 1
 * @d: set unless IDLE
 *
 * A machine may hold data for no longer than the shape's latency budget allows.
 *
 * SEND: @d as from rtpl_sched_next(). With @d->chaff, exactly @d->cells cells, data first or, with
 * @d->alone, no data even if some waits; otherwise at most that many, with data only. A departure
 * that is not @d->timed leaves at once.
 *
 * Return: enum rtpl_engine_answer.
 */
enum rtpl_engine_answer
rtpl_engine_next(struct rtpl_engine *e, u64 now, u64 lead, u32 queued, u64 oldest,
		 u16 batch, struct rtpl_departure *d);

void rtpl_engine_take(struct rtpl_engine *e, const struct rtpl_departure *d, u64 now);

/**
 * rtpl_engine_always() - is it a slot that always leaves, with data or chaff?
 * @e: the engine
 * @d: from the last rtpl_engine_next()
 *
 * Return: true if so: what the device is busy with has no part in it.
 */
bool rtpl_engine_always(const struct rtpl_engine *e, const struct rtpl_departure *d);

/**
 * rtpl_engine_skip() - do not build a slot, because the device has not sent earlier ones yet
 * @e: the engine
 * @d: from the last rtpl_engine_next()
 *
 * A slot of the schedule that would be filled anyway passes unused, and is counted as missed. Data
 * that waits leaves in later ones.
 *
 * Return: false if @d is not such a slot. Then it must be built.
 */
bool rtpl_engine_skip(struct rtpl_engine *e, const struct rtpl_departure *d);

u64 rtpl_engine_departs(const struct rtpl_engine *e, const struct rtpl_departure *d, u16 index,
			u32 bytes, u16 room, u16 per_cell);

u32 rtpl_engine_ahead(const struct rtpl_engine *e);
bool rtpl_engine_fills(const struct rtpl_engine *e);

/* ---- the leakage meter ---- */

/* How the leakage of a schedule is bounded. */
enum rtpl_leak_kind {
	RTPL_LEAK_UNBOUNDED,	/* can only be measured by attacks */
	RTPL_LEAK_NONE,		/* times and sizes depend on nothing */
	RTPL_LEAK_BITS,		/* at most mbits so far */
	RTPL_LEAK_DP,		/* (epsilon, delta) so far */
};

/* What a link has revealed. */
struct rtpl_leak {
	u8 kind;		/* enum rtpl_leak_kind: of what is in force */
	u8 ever;		/* the loosest so far */
	u64 mbits;		/* thousandths of a bit, at most */
	u64 choices, changes;
	u64 epsilon;		/* 2^-32; U64_MAX: the account is over */
	u64 delta;		/* 2^-64 */
	u64 windows;
	u64 missed;		/* slots that passed unused, which may reveal load */
};

void rtpl_engine_leak(const struct rtpl_engine *e, struct rtpl_leak *leak);

#endif /* RTPL_CORE_ENGINE_H */
