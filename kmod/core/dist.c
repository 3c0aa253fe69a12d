// SPDX-License-Identifier: GPL-2.0
/* Distributions as tables: inverse transform sampling by binary search. */
#include "dist.h"

int rtpl_dist_check(const struct rtpl_dist *d, const char **why)
{
	u16 i;

	*why = "The table of a distribution cannot be sampled.";
	if (d->kind >= RTPL_DIST_KINDS || !d->n || !d->p || !d->x)
		return -EINVAL;
	if (d->n > RTPL_DIST_MAX)
		return -E2BIG;
	for (i = 1; i < d->n; i++)
		if (d->p[i] <= d->p[i - 1] || d->x[i] < d->x[i - 1])
			return -EINVAL;
	if (d->min > d->max)
		return -ERANGE;
	*why = NULL;
	return 0;
}

s64 rtpl_dist_sample(const struct rtpl_dist *d, struct rtpl_rng *r)
{
	u64 part, u = rtpl_rng_u64(r);
	u16 lo = 0, hi = d->n - 1, mid;
	s64 x;

	while (lo < hi) {
		mid = (lo + hi) / 2;
		if (u < d->p[mid])
			hi = mid;
		else
			lo = mid + 1;
	}
	x = d->x[lo];
	if (d->kind == RTPL_DIST_KNOTS && lo) {
		part = div64_u64(u - d->p[lo - 1], ((d->p[lo] - d->p[lo - 1]) >> 32) + 1);
		x = d->x[lo - 1] + (s64)mul_u64_u64_shr(d->x[lo] - d->x[lo - 1], part, 32);
	}
	return clamp_t(s64, x + d->start, d->min, d->max);
}
