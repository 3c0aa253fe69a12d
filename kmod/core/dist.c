// SPDX-License-Identifier: GPL-2.0
/*
 * Samples of tables: see dist.h for what they mean.
 */
#include "dist.h"

static int refuse(const char **why, const char *text, int err)
{
	*why = text;
	return err;
}

int rtpl_dist_check(const struct rtpl_dist *d, const char **why)
{
	s64 sum;
	u16 i;

	if (d->kind >= RTPL_DIST_KINDS)
		return refuse(why, "The distribution's kind is unknown.", -EINVAL);
	if (!d->n)
		return refuse(why, "The distribution has no entries.", -EINVAL);
	if (d->n > RTPL_DIST_MAX)
		return refuse(why, "The distribution has more than 1024 entries.", -E2BIG);
	if (!d->p || !d->x)
		return refuse(why, "The distribution has no table.", -EINVAL);
	if (d->min > d->max)
		return refuse(why, "The distribution's min is above its max.", -ERANGE);

	for (i = 1; i < d->n; i++) {
		if (d->p[i] <= d->p[i - 1])
			return refuse(why, "The distribution's probabilities do not rise.",
				      -EINVAL);
		if (d->x[i] < d->x[i - 1])
			return refuse(why, "The distribution's values fall.", -EINVAL);
	}
	if (d->kind == RTPL_DIST_KNOTS && d->n > 1 && (d->p[0] || d->p[d->n - 1] != U64_MAX))
		return refuse(why, "The distribution's knots do not go from 0 to 1.", -EINVAL);
	/* x[] never falls, so all values in between are in range, too. */
	if (check_add_overflow(d->x[0], d->start, &sum) ||
	    check_add_overflow(d->x[d->n - 1], d->start, &sum))
		return refuse(why, "The distribution's start puts its values out of range.",
			      -ERANGE);
	return 0;
}

/* First i with u < p[i], or the last one. At most 10 rounds. */
static u16 find(const struct rtpl_dist *d, u64 u)
{
	u16 low = 0, high = d->n - 1, mid;

	while (low < high) {
		mid = (low + high) / 2;
		if (u < d->p[mid])
			high = mid;
		else
			low = mid + 1;
	}
	return low;
}

/*
 * x[i - 1] + (x[i] - x[i - 1]) * (u - p[i - 1]) / (p[i] - p[i - 1]), rounded down. The
 * fraction has 32 bits, and is below 1: wide pieces lose their lowest bits first.
 */
static s64 between(const struct rtpl_dist *d, u16 i, u64 u)
{
	u64 width = (u64)d->x[i] - (u64)d->x[i - 1];
	u64 part = u - d->p[i - 1], whole = d->p[i] - d->p[i - 1];
	int shift = fls64(whole) - 32;

	if (shift > 0) {
		part >>= shift;
		whole >>= shift;
	}
	part = min_t(u64, div64_u64(part << 32, whole), U32_MAX);
	return (s64)((u64)d->x[i - 1] + mul_u64_u32_shr(width, part, 32));
}

/**
 * rtpl_dist_at() - the sample for a given draw
 * @d: the table, checked
 * @u: the draw: a fraction of 2^64
 *
 * At most 11 steps of work, as for rtpl_dist_sample().
 *
 * Context: Any.
 * Return: in d->min ... d->max.
 */
s64 rtpl_dist_at(const struct rtpl_dist *d, u64 u)
{
	u16 i = find(d, u);
	s64 x = d->x[i];

	/* u is at or above p[0], which is 0; so i is above 0. */
	if (d->kind == RTPL_DIST_KNOTS && d->n > 1)
		x = between(d, i, u);
	return clamp_t(s64, x + d->start, d->min, d->max);
}

s64 rtpl_dist_sample(const struct rtpl_dist *d, struct rtpl_rng *r)
{
	return rtpl_dist_at(d, rtpl_rng_u64(r));
}
