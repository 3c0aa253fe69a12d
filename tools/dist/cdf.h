/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The distribution functions behind the tables: both tails, each with full
 * relative precision where it is small.
 */
#ifndef RTPL_TOOLS_DIST_CDF_H
#define RTPL_TOOLS_DIST_CDF_H

#include "special.h"
#include "table.h"

struct cdf {
	const struct dist_spec *spec;
	real unit, shift;	/* a sample v is floor(v * unit + shift) of the table */
	bool discrete;
	bool exact;		/* steps or nothing */
	real low, high;	/* support; may be infinite */
	/* discrete: sums from below and from above, of first, first + 1, ... */
	int64_t first, n;
	real *below, *above;	/* n + 1 each */
	/* skew-normal: sums over panels */
	int panels;
	real *edge;
};

struct tails {
	real below;	/* P(X < y) */
	real above;	/* P(X >= y) */
};

/* @l is all zero but for unit and shift; @spec stays in use. cdf_free() after either result. Return: 0 or -1 and @err. */
int cdf_make(struct cdf *l, const struct dist_spec *spec, char err[DIST_ERR]);
void cdf_free(struct cdf *l);
struct tails cdf_at(const struct cdf *l, real y);

#endif /* RTPL_TOOLS_DIST_CDF_H */
