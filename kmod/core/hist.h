/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Log-linear histogram of u64 values (ns): 16 steps an octave, so that a
 * percentile is at most 6.25 % high; exact maximum.
 */
#ifndef RTPL_CORE_HIST_H
#define RTPL_CORE_HIST_H

#include "env.h"

#define RTPL_HIST_STEPS		16
#define RTPL_HIST_OCTAVES	28	/* 1024 ns (below: one bucket) .. 2^38 ns, above: last */
#define RTPL_HIST_BUCKETS	(RTPL_HIST_STEPS * RTPL_HIST_OCTAVES)

/**
 * struct rtpl_hist - a histogram of times
 * @count: values added, total
 * @max: the largest of them, exact
 * @bucket: values by size; all are halved when one would overflow
 */
struct rtpl_hist {
	u64 count;
	u64 max;
	u32 bucket[RTPL_HIST_BUCKETS];
};

void rtpl_hist_init(struct rtpl_hist *h);
void rtpl_hist_add(struct rtpl_hist *h, u64 ns, u32 times);
u64 rtpl_hist_at(const struct rtpl_hist *h, u32 permille);

#endif /* RTPL_CORE_HIST_H */
