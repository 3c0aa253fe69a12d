/* SPDX-License-Identifier: GPL-2.0 */
/* The distributions behind the tables; parameters have passed dist_valid(). */
#ifndef RTPL_TOOLS_MACHINE_CDF_H
#define RTPL_TOOLS_MACHINE_CDF_H

#include "load.h"

bool cdf_discrete(const struct load_dist *d);

/* P(X < y), without start and max. */
double cdf_below(const struct load_dist *d, double y);

/* The quantile of @p, with @q = 1 - @p for the upper tail's sake. */
double dist_at(const struct load_dist *d, double p, double q);

#endif /* RTPL_TOOLS_MACHINE_CDF_H */
