// SPDX-License-Identifier: GPL-2.0
/* A distribution as the table that kmod/core/dist.h samples. */
#include <math.h>

#include "cdf.h"

#define DAY_US		86400e6
#define FAR		4e18		/* within 63 bits */
#define RARE		0x1p-53
#define TAIL_BITS	32		/* knots for 2^-32 ... 2^-3, QUARTERS an octave */
#define QUARTERS	4
#define MIDDLE		96		/* and as many pieces from 1/8 to 7/8 */
#define SMALL_COUNTS	0.02		/* more of a wide range: steps */
#define EXACT		640		/* counts of a wide range */

/* What the framework makes of a sample, in the table's unit, not yet a whole number. */
static double value(const struct load_dist *d, enum table_use use, double x)
{
	double v = x + d->start, top = d->max > 0 ? d->max : INFINITY;

	if (use == TABLE_NS)
		top = fmin(top, DAY_US);
	v = fmin(fmax(v, 0), top);
	return fmin(use == TABLE_NS ? v * 1000 : v, FAR);
}

static int64_t whole(enum table_use use, double v)
{
	return use == TABLE_COUNT ? floor(v) : floor(v + 0.5);
}

/* P of a lower tail as a fraction of 2^64. */
static uint64_t fraction(double p)
{
	p = ldexp(p, 64);
	return p >= 0x1p64 ? UINT64_MAX : p > 0 ? (uint64_t)p : 0;
}

static void constant(struct table *t, int64_t x)
{
	t->kind = 0;
	t->n = 1;
	t->p[0] = UINT64_MAX;
	t->x[0] = x;
}

/* Adds the value @x, not exceeded with @p. */
static void step(struct table *t, uint64_t p, int64_t x)
{
	if (!p || (t->n && p <= t->p[t->n - 1]))
		return;
	t->p[t->n] = p;
	t->x[t->n++] = x;
}

static double count_below(const struct load_dist *d, enum table_use use, int64_t k)
{
	return cdf_below(d, k + (use == TABLE_COUNT ? 1 : 0.5) - d->start);
}

/*
 * Whole numbers from @low to @high. If these are too many for a table, the first EXACT
 * of them, then every so many, each for those below it as well.
 */
static void counts(struct table *t, const struct load_dist *d, enum table_use use,
		   int64_t low, int64_t high)
{
	int64_t k = low, at, exact = high - low < TABLE_MAX ? high - low : EXACT;
	double ratio;
	int i;

	for (; k < low + exact; k++)
		step(t, fraction(count_below(d, use, k)), k);
	ratio = pow((double)high / (k > 1 ? k : 1), 1.0 / (TABLE_MAX - EXACT - 1));
	for (i = 1; k < high && i < TABLE_MAX - EXACT - 1; i++) {
		at = (low + exact) * pow(ratio, i);
		k = at > k ? at : k + 1;
		if (k < high)
			step(t, fraction(count_below(d, use, k)), k);
	}
	step(t, UINT64_MAX, high);
}

/* Times of a discrete distribution. */
static void whole_times(struct table *t, const struct load_dist *d, double low, double high)
{
	double k;

	for (k = low; k < high; k++)
		step(t, fraction(cdf_below(d, k + 1)), whole(TABLE_NS, value(d, TABLE_NS, k)));
	step(t, UINT64_MAX, whole(TABLE_NS, value(d, TABLE_NS, high)));
}

static void knot(struct table *t, const struct load_dist *d, enum table_use use, double p,
		 double q, uint64_t at)
{
	double v = value(d, use, dist_at(d, p, q));
	/* lines are rounded down, limits are not */
	int64_t x = floor(v + (use == TABLE_LIMIT ? 1 : 0.5));

	if (t->n && x < t->x[t->n - 1])
		x = t->x[t->n - 1];
	t->p[t->n] = at;
	t->x[t->n++] = x;
}

static void knots(struct table *t, const struct load_dist *d, enum table_use use)
{
	const int tail = (TAIL_BITS - 3) * QUARTERS;
	double p;
	int i;

	t->kind = 1;
	p = ldexp(1, -TAIL_BITS - 1);
	knot(t, d, use, p, 1 - p, 0);
	for (i = 0; i < tail; i++) {
		p = exp2(-TAIL_BITS + (double)i / QUARTERS);
		knot(t, d, use, p, 1 - p, fraction(p));
	}
	for (i = 0; i <= MIDDLE; i++) {
		p = 0.125 + 0.75 * i / MIDDLE;
		knot(t, d, use, p, 1 - p, fraction(p));
	}
	for (i = tail - 1; i >= 0; i--) {
		p = exp2(-TAIL_BITS + (double)i / QUARTERS);
		knot(t, d, use, 1 - p, p, UINT64_MAX - fraction(p));
	}
	p = ldexp(1, -TAIL_BITS - 1);
	knot(t, d, use, 1 - p, p, UINT64_MAX);
}

static void straight(struct table *t, int64_t low, int64_t high)
{
	t->kind = 1;
	t->n = 2;
	t->p[0] = 0;
	t->p[1] = UINT64_MAX;
	t->x[0] = low;
	t->x[1] = high;
}

int dist_table(const struct load_dist *d, enum table_use use, struct table *t, const char **why)
{
	double low, high, scale = use == TABLE_NS ? 1000 : 1;
	int64_t from, to;

	if (dist_valid(d, why))
		return -1;
	t->n = 0;
	t->kind = 0;
	t->min = 0;
	t->max = whole(use, value(d, use, INFINITY));
	low = dist_at(d, RARE, 1 - RARE);
	high = d->kind == LAW_UNIFORM ? d->arg[1] : dist_at(d, 1 - RARE, RARE);

	/* the framework draws nothing for this one, nor do we */
	if (d->kind == LAW_UNIFORM && low == high) {
		constant(t, whole(use, value(d, use, low)));
		return 0;
	}
	from = whole(use, value(d, use, low));
	to = whole(use, value(d, use, high));
	if (from == to)
		straight(t, from, to);
	else if (use != TABLE_NS && (to - from < TABLE_MAX ||
				     count_below(d, use, from + EXACT) > SMALL_COUNTS))
		counts(t, d, use, from, to);
	else if (use == TABLE_NS && cdf_discrete(d) && high - low < TABLE_MAX)
		whole_times(t, d, low, high);
	else if (d->kind == LAW_UNIFORM && fabs(d->arg[0] + d->start) * scale < FAR &&
		 fabs(d->arg[1] + d->start) * scale < FAR)
		straight(t, llround((d->arg[0] + d->start) * scale),
			 llround((d->arg[1] + d->start) * scale));
	else
		knots(t, d, use);
	/* all else is drawn, even if there is but one value */
	if (t->n == 1)
		straight(t, t->x[0], t->x[0]);
	return 0;
}
