/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What chaff may cost: a fraction of the data's bytes, and bytes a second, both
 * over a sliding window. Pure; the memory is a fixed number of buckets of time.
 *
 * Guarantee: in each stretch of time of a window's length, chaff is at most
 *
 *	free + overhead / 1000 * data		(data since at most window * 17 / 16)
 *	rate * window
 *
 * bytes. In the first, @free allows chaff before data (FRONT) and on an idle link (cover).
 *
 * Chaff at times of its own (cover, background decoys) is there so that silence does not show. If
 * data earned it anything, or had spent what it lives on, how much of it leaves would tell when
 * there last was data. So where there is such chaff, @free is its alone, the fraction of the data
 * is other chaff's alone, and a cell of it that data took the place of counts as sent.
 */
#ifndef RTPL_CORE_LIMITS_H
#define RTPL_CORE_LIMITS_H

#include "chaff.h"
#include "traffic.h"
#include "shape.h"

#define RTPL_LIMITS_BUCKETS	16		/* in a window; one more is being filled */
#define RTPL_LIMITS_NONE	U32_MAX
#define RTPL_LIMITS_OVERHEAD_MAX 100000		/* of 1000: a hundred times the data */
#define RTPL_LIMITS_WINDOW_MIN	16000000ULL	/* ns: 16 ms, 1 ms per bucket */
#define RTPL_LIMITS_WINDOW_MAX	3600000000000ULL

/* Parameters: immutable once checked. */
struct rtpl_limits {
	u32 overhead;		/* chaff bytes per thousand bytes of data; RTPL_LIMITS_NONE: any */
	u32 free;		/* chaff bytes per window beyond that; 0 if overhead is any */
	u64 rate;		/* chaff bytes per second; 0: any */
	u64 window;		/* ns */
};

/* The limit that forbids chaff. */
enum rtpl_limits_why {
	RTPL_LIMITS_OK,
	RTPL_LIMITS_OVERHEAD,
	RTPL_LIMITS_RATE,
	RTPL_LIMITS_WHYS
};

/* Whose account: what makes a cell of chaff wanted. */
enum rtpl_limits_cause {
	RTPL_LIMITS_BY_TIME,	/* nothing but time: may have what is free */
	RTPL_LIMITS_BY_TRAFFIC,	/* traffic, and nothing else in the profile: free, and overhead */
	RTPL_LIMITS_BESIDE,	/* traffic, beside chaff by time: overhead alone */
};

/* One link's; all zero before the first use. 320 bytes. */
struct rtpl_limits_state {
	u64 bucket;				/* ns of one */
	u64 slot;				/* number of the bucket being filled */
	u32 at;					/* its place */
	u64 data[RTPL_LIMITS_BUCKETS + 1];	/* bytes */
	/* In a bucket that is full (4 GB) no more is allowed. */
	u32 chaff[RTPL_LIMITS_BUCKETS + 1];	/* by traffic, and what nobody limits */
	u32 timed[RTPL_LIMITS_BUCKETS + 1];	/* by time, or data in its place */
	u64 count[RTPL_LIMITS_WHYS];		/* answers, by reason */
};

void rtpl_limits_default(struct rtpl_limits *l);

/**
 * rtpl_limits_check() - check whether limits can be kept
 * @l: the limits
 * @s: the shape's schedule and sizes, checked
 * @c: the shape's chaff, checked
 * @max_cell: largest cell the device carries, or 0 if unknown
 * @why: set to a sentence that names the setting (static string) on error
 *
 * Also refuses contradictions: limits below what a constant rate sends on an idle link, below what
 * cover or background decoys alone ask for, or below one cell. Of several sizes the smallest
 * counts, so where chaff has any of them a part of it may be refused later.
 *
 * Return: 0, -EINVAL, -ERANGE.
 */
int rtpl_limits_check(const struct rtpl_limits *l, const struct rtpl_shape *s,
		      const struct rtpl_chaff *c, u32 max_cell, const char **why);

/**
 * rtpl_limits_may() - may chaff be sent now?
 * @st: the link's state
 * @l: the limits, checked; they may change from call to call
 * @now: ns; a time before the last one counts as that
 * @bytes: of the cell
 * @cause: what makes it wanted
 *
 * Counts the answer. Does not account for the cell: rtpl_limits_traffic() does.
 *
 * Return: RTPL_LIMITS_OK or the limit that forbids it.
 */
enum rtpl_limits_why rtpl_limits_may(struct rtpl_limits_state *st, const struct rtpl_limits *l,
				     u64 now, u32 bytes, enum rtpl_limits_cause cause);

bool rtpl_limits_fit(const struct rtpl_limits *l, u32 bytes);
void rtpl_limits_traffic(struct rtpl_limits_state *st, const struct rtpl_limits *l,
			 enum rtpl_traffic_event what, u64 now, u32 bytes,
			 enum rtpl_limits_cause cause);

#endif /* RTPL_CORE_LIMITS_H */
