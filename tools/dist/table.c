// SPDX-License-Identifier: GPL-2.0
/*
 * From a distribution function to a table. Every entry's p is the function at the
 * entry's integer, not at the quantile that was looked for: so entries are exact
 * whatever the unit, and only what lies between two knots is approximated.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cdf.h"

#define X_MAX	(INT64_C(1) << 61)
#define GOALS	(DIST_MAX - 8)	/* probabilities between 0 and 1 at which knots are put */
#define CUT	0x1p-62L	/* of steps, at each end */

/* At integer @y of the table, or, if the distribution is discrete, of its own. */
static struct tails at(const struct cdf *l, int64_t y)
{
	return cdf_at(l, l->discrete ? (real)y : (y - l->shift) / l->unit);
}

/* A fraction of 2^64; 1 is U64_MAX. */
static uint64_t fraction(struct tails t)
{
	real v;

	if (t.below < 0.5L)
		return roundl(ldexpl(t.below, 64));
	v = roundl(ldexpl(t.above, 64));
	return v < 1 ? UINT64_MAX : -(uint64_t)v;
}

/* P(X < y) has come as far as @goal, measured on its own side. */
static bool reached(struct tails t, struct tails goal)
{
	return goal.below < 0.5L ? t.below >= goal.below : t.above <= goal.above;
}

/* Smallest y above @from that has reached @goal; X_MAX if none. */
static int64_t search(const struct cdf *l, int64_t from, struct tails goal)
{
	int64_t low = from, high, mid, step = 1;

	for (high = from < X_MAX ? from + 1 : X_MAX; high < X_MAX; step *= 2) {
		if (reached(at(l, high), goal))
			break;
		low = high;
		high = X_MAX - high > step ? high + step : X_MAX;
	}
	while (high - low > 1) {
		mid = low + (high - low) / 2;
		if (reached(at(l, mid), goal))
			high = mid;
		else
			low = mid;
	}
	return high;
}

/*
 * The @i-th of the probabilities at which knots are wanted, i = 1 ... GOALS. Their
 * log odds go from -44 to 44 (2^-64 and 1 - 2^-64) as a hyperbolic sine: neighbours
 * in the middle are a fortieth apart, in the far tails by a third.
 */
static bool goal_of(int i, struct tails *t)
{
	real v = 2.0L * (i - 1) / (GOALS - 1) - 1;
	real odds = expl(-64 * M_LN2l * sinhl(3 * fabsl(v)) / sinhl(3));
	struct tails low = { odds / (1 + odds), 1 / (1 + odds) };

	if (i > GOALS)
		return false;
	*t = v <= 0 ? low : (struct tails){ low.above, low.below };
	return true;
}

static int64_t in_range(real v)
{
	return v > X_MAX ? X_MAX : v < -X_MAX ? -X_MAX : (int64_t)v;
}

/* What the table has for @y. */
static int64_t scaled(const struct cdf *l, int64_t y)
{
	return l->discrete ? in_range(floorl(y * l->unit + l->shift)) : y;
}

/* Where the support begins: the last y with nothing below it. */
static int64_t beginning(const struct cdf *l)
{
	static const struct tails least = { 0x1p-64L, 1 };
	real low = l->discrete ? l->low : floorl(l->low * l->unit + l->shift);
	int64_t from = in_range(low);

	return low > -X_MAX ? from : search(l, from, least) - 1;
}

static bool is_integer(real v)
{
	return v == floorl(v);
}

static int build_knots(const struct cdf *l, struct dist_table *t, char err[DIST_ERR])
{
	int64_t y = beginning(l);
	struct tails goal, now;
	int first = 1;
	uint64_t p;

	t->kind = 1;
	t->n = 1;
	t->p[0] = 0;
	t->x[0] = scaled(l, y);
	t->lost = 0;
	now = at(l, y);
	/* A uniform one between integers is one piece. */
	if (l->spec->name == DIST_UNIFORM && is_integer(l->low * l->unit + l->shift) &&
	    is_integer(l->high * l->unit + l->shift))
		first = GOALS;
	for (int i = first; goal_of(i, &goal) && y < X_MAX; i++) {
		if (reached(now, goal))
			continue;
		y = search(l, y, goal);
		now = at(l, y);
		p = fraction(now);
		if (p == t->p[t->n - 1])
			continue;
		t->p[t->n] = p;
		t->x[t->n++] = scaled(l, y);
		if (p == UINT64_MAX)
			break;
	}
	if (y == X_MAX && now.above > 0x1p-40L && !l->spec->has_max) {
		snprintf(err, DIST_ERR, "%s: %.2Lg of all samples do not fit 62 bits: set max, "
			 "or a smaller unit", dist_name(l->spec->name), now.above);
		return -1;
	}
	if (at(l, -X_MAX).below > 0x1p-40L && !l->spec->has_min) {
		snprintf(err, DIST_ERR, "%s: %.2Lg of all samples do not fit 62 bits: set min, "
			 "or a smaller unit", dist_name(l->spec->name), at(l, -X_MAX).below);
		return -1;
	}
	if (t->n == 1) {
		t->p[t->n] = UINT64_MAX;
		t->x[t->n] = t->x[0];
		t->n++;
	}
	t->p[t->n - 1] = UINT64_MAX;
	for (int i = 1; i < t->n; i++)
		t->lost = fmax(t->lost, ldexp(t->p[i] - t->p[i - 1], -64));
	return 0;
}

/* Steps, if there are few enough values: 0, else 1 and nothing done. */
static int build_steps(const struct cdf *l, struct dist_table *t)
{
	static const struct tails first = { CUT, 1 }, last = { 1, CUT };
	int64_t from = in_range(l->low), low, high;
	real off = 0, before = 0;
	struct tails now;

	/* P(X < y) at y = value + 1 counts the value in. */
	low = search(l, from, first) - 1;
	high = search(l, low, last) - 1;
	if (high - low >= DIST_MAX)
		return 1;
	t->kind = 0;
	t->n = 0;
	for (int64_t k = low; k <= high; k++) {
		uint64_t p;

		now = at(l, k + 1);
		p = k == high ? UINT64_MAX : fraction(now);
		/* what this entry has too much or too little */
		if (!t->n || p > t->p[t->n - 1]) {
			t->p[t->n] = p;
			t->x[t->n++] = scaled(l, k);
		}
		if (k < high) {
			real err = now.below < 0.5L ? ldexpl(p, -64) - now.below :
							     now.above - ldexpl(-p, -64);

			off += fabsl(err - before);
			before = err;
		}
	}
	off += fabsl(before);
	t->lost = off / 2 + at(l, low).below + at(l, high + 1).above;
	return 0;
}

static int64_t bound(double v, const struct cdf *l, bool has, int64_t otherwise)
{
	real x = floorl(v * l->unit + (l->spec->nearest ? 0.5L : 0));

	if (!has)
		return otherwise;
	return x >= INT64_MAX ? INT64_MAX : x <= INT64_MIN ? INT64_MIN : (int64_t)x;
}

static bool is_const(const struct dist_spec *s, double *v)
{
	*v = s->arg[0];
	switch (s->name) {
	case DIST_CONST:
		return true;
	case DIST_UNIFORM:
		return s->arg[0] == s->arg[1];
	case DIST_NORMAL:
		return !s->arg[1];
	case DIST_LOGNORMAL:
		*v = exp(s->arg[0]);
		return !s->arg[1];
	case DIST_BINOMIAL:
		*v = s->arg[1] ? s->arg[0] : 0;
		return !s->arg[0] || !s->arg[1] || s->arg[1] == 1;
	default:
		return false;
	}
}

static int build_const(const struct cdf *l, real v, struct dist_table *t, char err[DIST_ERR])
{
	real x = floorl(v * l->unit + l->shift);

	if (!(x <= X_MAX || l->spec->has_max) || !(x >= -X_MAX || l->spec->has_min)) {
		snprintf(err, DIST_ERR, "%s: its value does not fit 62 bits in this unit",
			 dist_name(l->spec->name));
		return -1;
	}
	t->n = 1;
	t->p[0] = UINT64_MAX;
	t->x[0] = in_range(x);
	return 0;
}

int dist_build(const struct dist_spec *s, double unit, struct dist_table *t, char err[DIST_ERR])
{
	struct cdf l = { .spec = s, .unit = unit, .shift = (real)s->start * unit };
	double v;
	int rc;

	memset(t, 0, sizeof(*t));
	if (dist_check(s, err))
		return -1;
	if (!(unit >= 1e-12 && unit <= 1e12)) {
		snprintf(err, DIST_ERR, "%s: the unit is not between 1e-12 and 1e12",
			 dist_name(s->name));
		return -1;
	}
	l.shift += s->nearest ? 0.5L : 0;
	t->min = bound(s->min, &l, s->has_min, INT64_MIN);
	t->max = bound(s->max, &l, s->has_max, INT64_MAX);
	if (is_const(s, &v))
		return build_const(&l, v, t, err);
	if (cdf_make(&l, s, err))
		return -1;
	rc = l.discrete ? build_steps(&l, t) : 1;
	if (rc && l.exact) {
		snprintf(err, DIST_ERR, "%s: more than %d values are likely: it does not fit a table",
			 dist_name(s->name), DIST_MAX);
		rc = -1;
	} else if (rc) {
		rc = build_knots(&l, t, err);
	}
	cdf_free(&l);
	return rc;
}
