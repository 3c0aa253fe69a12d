// SPDX-License-Identifier: GPL-2.0
/*
 * Distribution functions. Sums where there is no closed form: a discrete
 * distribution's probabilities by their ratios, from the mode outwards; the skew
 * normal's density by Gauss-Legendre over panels. All terms are positive, so that
 * tails keep their relative precision.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cdf.h"

#define VALUES_MAX	(1 << 23)	/* of a summed distribution */
#define SKELLAM_MAX	4000		/* MU1 + MU2; more never fit a table's steps */
#define CUT		0x1p-90L	/* of the mode's probability: not summed */
#define NODES		16
#define Z_MAX		40		/* standard deviations; beyond is less than 2^-1000 */

static real node[NODES], weight[NODES];

/* Zeros of the Legendre polynomial by Newton's method. */
static void make_nodes(void)
{
	real x, p0, p1, p2, slope = 1, step;

	if (weight[0])
		return;
	for (int i = 0; i < NODES; i++) {
		x = cosl(M_PIl * (i + 0.75L) / (NODES + 0.5L));
		for (int round = 0; round < 100; round++) {
			p0 = 1;
			p1 = x;
			for (int k = 2; k <= NODES; k++) {
				p2 = ((2 * k - 1) * x * p1 - (k - 1) * p0) / k;
				p0 = p1;
				p1 = p2;
			}
			slope = NODES * (x * p1 - p0) / (x * x - 1);
			step = p1 / slope;
			x -= step;
			if (fabsl(step) < 1e-18L)
				break;
		}
		node[i] = x;
		weight[i] = 2 / ((1 - x * x) * slope * slope);
	}
}

static struct tails normal(real z)
{
	return (struct tails){ erfcl(-z / M_SQRT2l) / 2, erfcl(z / M_SQRT2l) / 2 };
}

/* ---- skew normal: density 2 phi(z) Phi(shape z) ---- */

static real skew_mass(real shape, real from, real to)
{
	real half = (to - from) / 2, mid = (from + to) / 2, sum = 0, z;

	for (int i = 0; i < NODES; i++) {
		z = mid + half * node[i];
		sum += weight[i] * expl(-z * z / 2) * erfcl(-shape * z / M_SQRT2l);
	}
	return sum * half / sqrtl(2 * M_PIl);
}

static int by_value(const void *a, const void *b)
{
	real x = *(const real *)a, y = *(const real *)b;

	return (x > y) - (x < y);
}

/* Panels of an eighth, and ever smaller ones towards 0, where the density may bend. */
static int skew_make(struct cdf *l)
{
	real shape = fabs(l->spec->arg[2]), fine = 0.125L;
	int halves = shape > 1 ? 2 + ilogbl(shape) : 0, n = 0;
	int count = 16 * Z_MAX + 1 + 2 * halves;

	make_nodes();
	l->edge = calloc(3 * count, sizeof(*l->edge));
	if (!l->edge)
		return -1;
	for (int i = -8 * Z_MAX; i <= 8 * Z_MAX; i++)
		l->edge[n++] = i / 8.0L;
	for (int i = 0; i < halves; i++) {
		fine /= 2;
		l->edge[n++] = fine;
		l->edge[n++] = -fine;
	}
	qsort(l->edge, n, sizeof(*l->edge), by_value);
	l->panels = n - 1;
	l->below = l->edge + count;
	l->above = l->below + count;
	for (int i = 0; i < n - 1; i++)
		l->below[i + 1] = l->below[i] + skew_mass(l->spec->arg[2], l->edge[i],
							  l->edge[i + 1]);
	for (int i = n - 1; i > 0; i--)
		l->above[i - 1] = l->above[i] + skew_mass(l->spec->arg[2], l->edge[i - 1],
							  l->edge[i]);
	return 0;
}

static struct tails skew_at(const struct cdf *l, real z)
{
	int low = 0, high = l->panels, mid;

	if (z <= -Z_MAX)
		return (struct tails){ 0, 1 };
	if (z >= Z_MAX)
		return (struct tails){ 1, 0 };
	while (high - low > 1) {
		mid = (low + high) / 2;
		if (l->edge[mid] <= z)
			low = mid;
		else
			high = mid;
	}
	return (struct tails){
		l->below[low] + skew_mass(l->spec->arg[2], l->edge[low], z),
		l->above[high] + skew_mass(l->spec->arg[2], z, l->edge[high]),
	};
}

/* ---- sums of probabilities ---- */

/* Probability of @k + 1 over that of @k. */
static real ratio(const struct dist_spec *s, real k, double mu)
{
	if (s->name == DIST_BINOMIAL)
		return (s->arg[0] - k) / (k + 1) * s->arg[1] / (1 - (real)s->arg[1]);
	return mu / (k + 1);
}

/*
 * Probabilities of Binomial (spec) or Poisson (@mu) from *@first on, which add up
 * to 1. Return: how many, or -1.
 */
static int64_t masses(const struct dist_spec *s, double mu, int64_t *first, real **out)
{
	int64_t mode = s->name == DIST_BINOMIAL ? (s->arg[0] + 1) * s->arg[1] : mu;
	int64_t top = s->name == DIST_BINOMIAL ? (int64_t)s->arg[0] : INT64_MAX - 1;
	int64_t low, high, i, n;
	real p, sum = 0;

	if (mode > top)
		mode = top;
	low = mode;
	high = mode;
	for (p = 1; low > 0 && p > CUT && mode - low < VALUES_MAX; low--)
		p /= ratio(s, low - 1, mu);
	for (p = 1; high < top && p > CUT && high - mode < VALUES_MAX; high++)
		p *= ratio(s, high, mu);
	n = high - low + 1;
	*out = n > VALUES_MAX ? NULL : malloc(n * sizeof(**out));
	if (!*out)
		return -1;
	(*out)[mode - low] = 1;
	for (i = mode - low; i > 0; i--)
		(*out)[i - 1] = (*out)[i] / ratio(s, low + i - 1, mu);
	for (i = mode - low; i < n - 1; i++)
		(*out)[i + 1] = (*out)[i] * ratio(s, low + i, mu);
	for (i = 0; i < n; i++)
		sum += (*out)[i];
	for (i = 0; i < n; i++)
		(*out)[i] /= sum;
	*first = low;
	return n;
}

/* The difference of two. Takes a and b's memory. */
static real *differences(real *a, int64_t na, real *b, int64_t nb)
{
	real *out = calloc(na + nb, sizeof(*out));

	for (int64_t i = 0; out && i < na; i++)
		for (int64_t k = 0; k < nb; k++)
			out[i + nb - 1 - k] += a[i] * b[k];
	free(a);
	free(b);
	return out;
}

static int sums(struct cdf *l, real *mass)
{
	if (!mass)
		return -1;
	l->below = calloc(2 * (l->n + 1), sizeof(*l->below));
	if (l->below) {
		l->above = l->below + l->n + 1;
		for (int64_t i = 0; i < l->n; i++)
			l->below[i + 1] = l->below[i] + mass[i];
		for (int64_t i = l->n; i > 0; i--)
			l->above[i - 1] = l->above[i] + mass[i - 1];
	}
	free(mass);
	return l->below ? 0 : -1;
}

static int make_sums(struct cdf *l)
{
	const struct dist_spec *s = l->spec;
	real *a = NULL, *b = NULL;
	int64_t na, nb, first;

	if (s->name != DIST_SKELLAM) {
		l->n = masses(s, s->arg[0], &l->first, &a);
		return sums(l, a);
	}
	na = masses(s, s->arg[0], &l->first, &a);
	nb = masses(s, s->arg[1], &first, &b);
	if (na < 0 || nb < 0) {
		free(a);
		free(b);
		return -1;
	}
	l->first -= first + nb - 1;
	l->n = na + nb - 1;
	return sums(l, differences(a, na, b, nb));
}

static struct tails sums_at(const struct cdf *l, real y)
{
	int64_t i = y <= l->first ? 0 : y >= l->first + l->n ? l->n : (int64_t)y - l->first;

	return (struct tails){ l->below[i], l->above[i] };
}

/* ---- all ---- */

int cdf_make(struct cdf *l, const struct dist_spec *spec, char err[DIST_ERR])
{
	const double *a = spec->arg;

	l->spec = spec;
	l->low = 0;
	l->high = INFINITY;
	switch (spec->name) {
	case DIST_UNIFORM:
		l->low = a[0];
		l->high = a[1];
		break;
	case DIST_NORMAL:
	case DIST_LAPLACE:
		l->low = -INFINITY;
		break;
	case DIST_SKEW_NORMAL:
		l->low = -INFINITY;
		if (skew_make(l))
			goto memory;
		break;
	case DIST_PARETO:
		l->low = a[0];
		break;
	case DIST_BETA:
		l->high = 1;
		break;
	case DIST_DISCRETE_LAPLACE:
		l->discrete = true;
		l->exact = true;
		l->low = -INFINITY;
		break;
	case DIST_GEOMETRIC:
		l->discrete = true;
		break;
	case DIST_SKELLAM:
		l->exact = true;
		if (a[0] + a[1] > SKELLAM_MAX) {
			snprintf(err, DIST_ERR, "skellam: MU1 + MU2: more than %d does not fit "
				 "a table of %d values", SKELLAM_MAX, DIST_MAX);
			return -1;
		}
		/* fall through */
	case DIST_BINOMIAL:
	case DIST_POISSON:
		l->discrete = true;
		if (make_sums(l))
			goto memory;
		l->low = l->first;
		l->high = l->first + l->n;
		break;
	default:
		break;
	}
	return 0;
memory:
	cdf_free(l);
	snprintf(err, DIST_ERR, "%s: its values do not fit into memory", dist_name(spec->name));
	return -1;
}

void cdf_free(struct cdf *l)
{
	free(l->edge ? l->edge : l->below);
	memset(l, 0, sizeof(*l));
}

/* Both tails of a distribution with P(X >= y) = e^-x. */
static struct tails decay(real x)
{
	return (struct tails){ -expm1l(-x), expl(-x) };
}

static struct tails turned(struct tails t)
{
	return (struct tails){ t.above, t.below };
}

struct tails cdf_at(const struct cdf *l, real y)
{
	const double *a = l->spec->arg;
	struct tails t = { 0, 1 };
	real x;

	if (y <= l->low)
		return t;
	if (y >= l->high)
		return turned(t);
	switch (l->spec->name) {
	case DIST_UNIFORM:
		return (struct tails){ (y - l->low) / (l->high - l->low),
				       (l->high - y) / (l->high - l->low) };
	case DIST_NORMAL:
		return normal((y - a[0]) / a[1]);
	case DIST_SKEW_NORMAL:
		return skew_at(l, (y - a[0]) / a[1]);
	case DIST_LOGNORMAL:
		return normal((logl(y) - a[0]) / a[1]);
	case DIST_PARETO:
		return decay(a[1] * logl(y / a[0]));
	case DIST_WEIBULL:
		return decay(powl(y / a[0], a[1]));
	case DIST_GAMMA:
		t.below = inc_gamma(a[1], y / a[0], &t.above);
		return t;
	case DIST_BETA:
		t.below = inc_beta(a[0], a[1], y, &t.above);
		return t;
	case DIST_EXPONENTIAL:
		return decay(y / a[0]);
	case DIST_LAPLACE:
		t.above = expl(-fabsl(y) / a[0]) / 2;
		t.below = 1 - t.above;
		return y < 0 ? turned(t) : t;
	case DIST_GEOMETRIC:
		return decay(-y * log1pl(-(real)a[0]));
	case DIST_DISCRETE_LAPLACE:
		/* P(X >= y) = q^y / (1 + q) for y > 0, with q = e^(-EPSILON / SENSITIVITY) */
		x = (real)a[0] / a[1];
		t.above = expl(-x * (y > 0 ? y : 1 - y)) / (1 + expl(-x));
		t.below = 1 - t.above;
		return y > 0 ? t : turned(t);
	default:
		return sums_at(l, y);
	}
}
