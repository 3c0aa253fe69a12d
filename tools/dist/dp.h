/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Differentially private windows: from a wanted (epsilon, delta) to noise and
 * account, as kmod/core/dp.h has them.
 */
#ifndef RTPL_TOOLS_DIST_DP_H
#define RTPL_TOOLS_DIST_DP_H

#include "table.h"

#define DP_LINES	64	/* as in kmod/core/dp.h */
#define DP_DRAWS	64

enum dp_mechanism { DP_LAPLACE, DP_SKELLAM };

struct dp_want {
	enum dp_mechanism mechanism;
	double epsilon, delta;		/* of one burst */
	uint32_t sensitivity;		/* bytes by which two streams may differ */
	uint32_t grain;			/* bytes that the noise counts in */
	uint32_t burst;			/* windows in which a burst is felt; 1 or more */
};

struct dp_plan {
	enum dp_mechanism mechanism;
	uint8_t parts, draws, n_lines;
	uint32_t step;
	uint64_t windows;		/* the account goes so far */
	uint64_t delta;			/* 2^-64 */
	struct { uint64_t each, once; } line[DP_LINES];	/* epsilon, 2^-32 */
	struct dist_table part[2];
	/* for people */
	uint32_t grains;		/* the sensitivity in grains, rounded up */
	double noise;			/* Laplace: epsilon of a window; Skellam: variance */
	double sd;			/* of the noise, in grains */
	double lost;			/* what tables cannot hold, a window */
};

/**
 * dp_plan_make() - least noise that keeps the promise
 * @w: what is wanted
 * @p: set on success
 * @err: set to a sentence that names the field on error
 *
 * The least noise by 1 in 10^9 for which epsilon(burst) <= epsilon. Half of delta is
 * for the account, half for what the tables lack: windows ends where it would be more.
 *
 * Return: 0 or -1.
 */
int dp_plan_make(const struct dp_want *w, struct dp_plan *p, char err[DIST_ERR]);

#endif /* RTPL_TOOLS_DIST_DP_H */
