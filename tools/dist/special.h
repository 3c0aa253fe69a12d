/* SPDX-License-Identifier: GPL-2.0 */
/* Special functions, for tools/dist and tools/machine. */
#ifndef RTPL_TOOLS_DIST_SPECIAL_H
#define RTPL_TOOLS_DIST_SPECIAL_H

typedef long double real;

/*
 * Regularised incomplete gamma and beta functions; the complement in *@rest. Both have
 * full relative precision where they are small.
 */
real inc_gamma(real a, real x, real *rest);
real inc_beta(real a, real b, real x, real *rest);

#endif /* RTPL_TOOLS_DIST_SPECIAL_H */
