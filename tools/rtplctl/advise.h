/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the judge recorded of profiles (advice_gen.c), and what is said of it: profile advise.
 */
#ifndef ADVISE_H
#define ADVISE_H

#include <stdbool.h>

/* Shares and costs in per cent, times in ms. All tables end with zeros. */

struct advice_workload {
	const char *name, *what;
	double chance;		/* of a guess */
	int visits;
	bool rf;		/* was the strongest attack among those that were run? */
};

/* In the kernel, by real programs. */
struct advice_row {
	const char *workload, *profile;
	double named, low, high;	/* by the strongest attack; 95 % of 100 such runs are within */
	double bytes, p99;		/* more than without RTPL; of a packet's wait */
	double later, later_p99;	/* of answers, median */
	bool gains;			/* significantly below sealing alone */
};

/* Made of the visits of lone requests by rtpl-judge fit. */
struct advice_fitted {
	double named, bytes, bound, p99, later, later_p99;
};

/* A slow ladder. */
struct advice_many {
	int clients;
	double undefended, named, error, bytes;
	double later;			/* of requests, mean */
	double small, small_p90;	/* of small ones */
};

extern const struct advice_workload advice_workloads[];
extern const struct advice_row advice_rows[];
extern const struct advice_fitted advice_fitted[];
extern const struct advice_many advice_many[];

struct ctl;

/* rtplctl profile advise: @argv is what stands behind these words. */
int profile_advise(struct ctl *ctl, int argc, char **argv);

#endif /* ADVISE_H */
