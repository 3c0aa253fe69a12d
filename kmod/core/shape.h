/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A shape as data: sizes x schedule x chaff x limits, and the pacing that
 * follows from it. Pure: time comes in, departures come out.
 *
 * pad.c answers how large a cell is, pace.c when how many leave. The link
 * (kmod/link/tx.c), the simulator and the tests drive the same three calls:
 *
 *	rtpl_pace_start()  once, when the link may send
 *	rtpl_pace_next()   when could the next departure be?
 *	rtpl_pace_take()   it is built: account for it, move on
 */
#ifndef RTPL_CORE_SHAPE_H
#define RTPL_CORE_SHAPE_H

#include "wire.h"

#define RTPL_SHAPE_BUCKETS	16

#ifndef RTPL_RATE_MAX			/* same numbers as uapi/linux/rtpl.h */
#define RTPL_RATE_MAX		500000	/* cells per second */
#define RTPL_LATENCY_MAX_NS	10000000000ULL	/* 10 s */
#define RTPL_LIMIT_MAX		65536	/* packets waiting for one link */
#endif

/*
 * Sizes of cells: what the device carries, one fixed, powers of two, a list. Schedules other than
 * the first two come only from profiles. Numbers as in uapi.
 */
enum rtpl_sizes { RTPL_SIZES_DEVICE, RTPL_SIZES_FIXED, RTPL_SIZES_POW2, RTPL_SIZES_BUCKETS };
/* Each kind of schedule, and the table of operations that it has (sched.h). */
#define RTPL_SCHEDULES(X)	\
	X(ASAP, pace)		\
	X(CONST, pace)		\
	X(JITTER, jitter)	\
	X(INTERVAL, interval)	\
	X(LADDER, ladder)	\
	X(REGULATOR, regulator)	\
	X(TAMARAW, tamaraw)	\
	X(DP, dp)		\
	X(EXCHANGE, exchange)
#define RTPL_SCHEDULE_KIND(kind, ops)	RTPL_SCHEDULE_##kind,
enum rtpl_sched { RTPL_SCHEDULES(RTPL_SCHEDULE_KIND) RTPL_SCHEDULE_KINDS };
struct rtpl_rng;

/* Which packet is dropped when the link's queue is full: the new one, or the oldest. */
enum rtpl_overflow { RTPL_OVERFLOW_DROP_NEWEST, RTPL_OVERFLOW_DROP_OLDEST };

/* Parameters: immutable once validated, shared read-only. Numbers as in uapi. */
struct rtpl_shape {
	u8 sizes;		/* enum rtpl_sizes */
	u8 sched;		/* enum rtpl_sched */
	u8 overflow;		/* enum rtpl_overflow */
	u8 n_buckets;
	u16 cell;		/* bytes of UDP payload; 0: what the device carries */
	u16 bucket[RTPL_SHAPE_BUCKETS];	/* ascending */
	u32 rate;		/* cells per second, const only */
	u32 limit;		/* packets waiting */
	u64 latency_ns;		/* budget of a real packet, 0 none */
};

#define RTPL_SHAPE_LIMIT_DEFAULT	1000
#define RTPL_SHAPE_LATENCY_DEFAULT	50000000ULL	/* const rate: 50 ms */

void rtpl_shape_default(struct rtpl_shape *s);

/**
 * rtpl_shape_check() - check whether a shape can be kept
 * @s: the shape
 * @max_cell: largest cell the device carries, or 0 if unknown
 * @why: set to a sentence that names the setting (static string) on error
 *
 * Among others it refuses a rate whose slot is longer than the latency budget, and a constant rate
 * with several sizes (the sizes would reveal what the times hide).
 *
 * Return: 0, -EINVAL, -ERANGE, -EMSGSIZE (larger than @max_cell).
 */
int rtpl_shape_check(const struct rtpl_shape *s, u32 max_cell, const char **why);

/**
 * rtpl_pad_pick() - size of the next cell
 * @s: the shape, checked
 * @want: plaintext bytes waiting (blocks only, without inner header), may be 0
 * @path: largest cell the path carries now (>= RTPL_HANDSHAKE_MIN)
 *
 * The sizes of RTPL_SIZES_POW2 are the powers of two and, as the largest,
 * s->cell (or @path where that is 0 or larger than the path).
 *
 * Return: bytes of UDP payload: smallest of the shape's sizes <= @path that holds @want, otherwise
 * the largest such. If all sizes that a handshake may have exceed @path, @path is the largest.
 */
u16 rtpl_pad_pick(const struct rtpl_shape *s, u32 want, u16 path);
u16 rtpl_pad_any(const struct rtpl_shape *s, u16 path, struct rtpl_rng *rng);
u16 rtpl_pad_min(const struct rtpl_shape *s, u32 max_cell);
u16 rtpl_pad_max(const struct rtpl_shape *s, u16 path);

/* ---- schedule ---- */

#define RTPL_PACE_TICK_MIN	50000ULL  /* ns; faster rates leave several cells in one slot */
#define RTPL_PACE_BATCH_MAX	32	  /* cells of one slot */

/* A constant rate, or as it comes, on one link. The owner serialises. */
struct rtpl_pace {
	u64 t0;			/* ns, slot 0 */
	u64 slot;		/* next slot's number */
	u64 missed;		/* slots that passed unused, total */
	u64 rate_changes;	/* from one fixed rate to another, since the start */
	u32 rate;		/* in force; 0: as it comes */
	u32 batch;		/* cells per slot */
	bool started;
};

/* Cells that leave together: when, and how many. */
struct rtpl_departure {
	u64 at;			/* ns; 0: at once */
	u64 slot;		/* timed: number of its slot */
	u16 cells;		/* at most (as it comes) or exactly (fixed schedule) */
	u16 size;		/* bytes of a cell that has no data to choose by; 0: the smallest */
	bool chaff;		/* fill up with chaff */
	bool timed;		/* hold until @at */
	bool close;		/* chaff that belongs directly behind what left (engine.h) */
	bool alone;		/* chaff only, even if data waits (a machine's, engine.h) */
	bool exact;		/* cells are of @size, whatever waits */
};

void rtpl_pace_start(struct rtpl_pace *p, u32 rate, u64 now);
void rtpl_pace_change(struct rtpl_pace *p, u32 rate, u64 now);

/**
 * rtpl_pace_next() - get the next departure
 * @p: the pace
 * @rate: cells/s, 0: as they come; if it differs from the rate in force, that is changed first
 * @now: ns
 * @queued: cells worth of data (or control) waiting, 0 if none
 * @batch: most cells the caller can send at once, as it comes; a fixed schedule's
 *	slot may ask for RTPL_PACE_BATCH_MAX
 * @d: set on success
 *
 * Slot k is at exactly t0 + k * batch * 10^9 / rate, rounded down, without
 * accumulated error. Slots more than one tick in the past are skipped and counted
 * in missed, never sent late in a burst. A tick is one interval between slots.
 *
 * Return: true and *@d; false if nothing leaves before data comes.
 */
bool rtpl_pace_next(struct rtpl_pace *p, u32 rate, u64 now, u32 queued, u16 batch,
		    struct rtpl_departure *d);
void rtpl_pace_take(struct rtpl_pace *p, const struct rtpl_departure *d);

#endif /* RTPL_CORE_SHAPE_H */
