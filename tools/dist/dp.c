// SPDX-License-Identifier: GPL-2.0
/*
 * Plans of private windows. Formulas:
 *
 *	Skellam of variance mu, sensitivity S, integer order a (Agarwal, Kairouz, Liu
 *	2021, Corollary 3.6):
 *		a S^2 / (2 mu) + min(((2a - 1) S^2 + 6 S) / (4 mu^2), 3 S / (2 mu))
 *	pure epsilon, any order a > 1: no mechanism does worse than randomized response
 *	    (Kairouz, Oh, Viswanath 2015):
 *		ln(p^a (1 - p)^(1 - a) + (1 - p)^a p^(1 - a)) / (a - 1), p = e^eps / (1 + e^eps)
 *	from order a to (epsilon, delta) (Canonne, Kamath, Steinke 2020, Prop. 12):
 *		+ ln(1 - 1 / a) - (ln delta + ln a) / (a - 1)
 *	advanced composition of k windows (Dwork, Rothblum, Vadhan 2010):
 *		eps sqrt(2 k ln(1 / delta)) + k eps (e^eps - 1)
 *	a table that is off by t in total variation, k times (t on either side):
 *		delta + k t (1 + e^eps(k))
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "dp.h"
#include "cdf.h"

#define GRAINS_MAX	(1 << 20)
#define VARIANCE	3000	/* of one draw of a Skellam table */
#define REACH		43	/* -ln of the tail that geometric tables leave out */
#define WINDOWS_MAX	(UINT64_C(1) << 40)
#define ROUNDING	1e-17	/* of a table, besides what its 64 bits lose */

struct line {
	double each, once;
};

struct account {
	int n;
	struct line line[DP_LINES];
};

static double once_of(double order, double delta)
{
	return fmax(log1p(-1 / order) - (log(delta) + log(order)) / (order - 1), 0);
}

static double pure_divergence(double epsilon, double order)
{
	double yes = -log1p(exp(-epsilon)), no = yes - epsilon;
	double a = order * yes + (1 - order) * no, b = order * no + (1 - order) * yes;

	return (a + log1p(exp(b - a))) / (order - 1);
}

static double skellam_divergence(double mu, double s, double order)
{
	return order * s * s / (2 * mu) +
	       fmin(((2 * order - 1) * s * s + 6 * s) / (4 * mu * mu), 3 * s / (2 * mu));
}

/* As the kernel will have it: in 2^-32, rounded up. What is above 2^30 is of no use. */
static void add(struct account *a, double each, double once)
{
	if (a->n < DP_LINES && each <= 0x1p30 && once <= 0x1p30)
		a->line[a->n++] = (struct line){ ldexp(ceil(ldexp(each, 32)), -32),
						 ldexp(ceil(ldexp(once, 32)), -32) };
}

/* @noise: as in struct dp_plan. @delta: for the account alone. */
static void make_account(struct account *a, enum dp_mechanism mechanism, double noise, double s,
			 double delta)
{
	double order, k, root;

	a->n = 0;
	if (mechanism == DP_SKELLAM) {
		for (int i = 0; i < DP_LINES; i++) {
			order = i < 31 ? i + 2 : round(32 * pow(2, (i - 30) / 4.0));
			add(a, skellam_divergence(noise, s, order), once_of(order, delta));
		}
		return;
	}
	add(a, noise, 0);
	for (int i = 0; i < 52; i++) {
		order = 1 + pow(2, (i - 8) / 4.0);
		add(a, pure_divergence(noise, order), once_of(order, delta));
	}
	/* Advanced composition rises ever slower: each tangent is above it. */
	for (k = 4; k < 1e11; k *= 8) {
		root = noise * sqrt(log(1 / delta) / 2);
		add(a, root / sqrt(k) + noise * expm1(noise), root * sqrt(k));
	}
}

static double epsilon_of(const struct account *a, double k)
{
	double least = INFINITY;

	for (int i = 0; i < a->n; i++)
		least = fmin(least, k * a->line[i].each + a->line[i].once);
	return least;
}

/* Noise in its logarithm, by bisection: Skellam needs more variance for less epsilon. */
static double find_noise(const struct dp_want *w, double s)
{
	double low = log(1e-9), high = log(w->mechanism == DP_SKELLAM ? 1e18 : w->epsilon), mid;
	bool more = w->mechanism == DP_SKELLAM;
	struct account a;

	for (int i = 0; i < 100; i++) {
		mid = (low + high) / 2;
		make_account(&a, w->mechanism, exp(mid), s, w->delta / 2);
		if ((epsilon_of(&a, w->burst) <= w->epsilon) == more)
			high = mid;
		else
			low = mid;
	}
	return exp(more ? high : low);
}

/* Steps of P(G <= k) for P(G >= k) = e^(-k decay), given that G is below @count. */
static void geometric_table(struct dist_table *t, real decay, real count)
{
	real whole = -expm1l(-decay * count), last = expl(-decay * count);
	real off = 0, before = 0, exact, above, err;
	uint64_t p;

	memset(t, 0, sizeof(*t));
	t->min = -GRAINS_MAX;
	t->max = GRAINS_MAX;
	for (int k = 0; k < DIST_MAX && k < count; k++) {
		exact = -expm1l(-decay * (k + 1)) / whole;
		above = (expl(-decay * (k + 1)) - last) / whole;
		p = exact < 0.5L ? (uint64_t)roundl(ldexpl(exact, 64)) :
				   -(uint64_t)roundl(ldexpl(above, 64));
		if (k == DIST_MAX - 1 || k + 1 >= count || !p)
			p = UINT64_MAX;
		err = p == UINT64_MAX ? 0 : exact < 0.5L ? ldexpl(p, -64) - exact :
							   above - ldexpl(-p, -64);
		off += fabsl(err - before);
		before = err;
		if (t->n && p <= t->p[t->n - 1])
			continue;
		t->p[t->n] = p;
		t->x[t->n++] = k;
		if (p == UINT64_MAX)
			break;
	}
	t->lost = off / 2;
	if (t->x[t->n - 1] + 1 < count)
		t->lost += (expl(-decay * (t->x[t->n - 1] + 1)) - last) / whole;
}

static int make_laplace(struct dp_plan *p, char err[DIST_ERR])
{
	real decay = (real)p->noise / p->grains;
	double wide = REACH / decay;

	p->draws = 2;
	p->sd = sqrt(2 * exp(-decay)) / -expm1(-decay);
	p->parts = wide <= DIST_MAX ? 1 : 2;
	p->step = p->parts == 1 ? 1 : ceil(wide / DIST_MAX);
	if (p->step > DIST_MAX) {
		snprintf(err, DIST_ERR, "laplace: grain: %.0f times as many bytes are needed for "
			 "this much noise", ceil((double)p->step / DIST_MAX));
		return -1;
	}
	geometric_table(&p->part[0], decay * p->step, INFINITY);
	if (p->parts == 2)
		geometric_table(&p->part[1], decay, p->step);
	return 0;
}

static int make_skellam(struct dp_plan *p, char err[DIST_ERR])
{
	struct dist_spec spec = { .name = DIST_SKELLAM };
	double draws = ceil(p->noise / VARIANCE);

	p->sd = sqrt(p->noise);
	p->parts = 1;
	p->step = 1;
	if (draws > DP_DRAWS) {
		snprintf(err, DIST_ERR, "skellam: grain: %.1f times as many bytes are needed for "
			 "this much noise", sqrt(draws / DP_DRAWS));
		return -1;
	}
	p->draws = draws;
	spec.arg[0] = p->noise / draws / 2;
	spec.arg[1] = spec.arg[0];
	if (dist_build(&spec, 1, &p->part[0], err))
		return -1;
	p->part[0].min = -GRAINS_MAX;
	p->part[0].max = GRAINS_MAX;
	return 0;
}

/* Do tables that lack @lost still keep to half of delta after @k windows? */
static bool holds(const struct account *a, double lost, double delta, double k)
{
	double epsilon = epsilon_of(a, k);

	return epsilon < 700 && k * lost * (1 + exp(epsilon)) <= delta / 2;
}

static int refused(char err[DIST_ERR], const char *text)
{
	snprintf(err, DIST_ERR, "%s", text);
	return -1;
}

static int check(const struct dp_want *w, char err[DIST_ERR])
{
	if (w->mechanism != DP_LAPLACE && w->mechanism != DP_SKELLAM)
		return refused(err, "mechanism: neither laplace nor skellam");
	if (!(w->epsilon >= 1e-6 && w->epsilon <= 100))
		return refused(err, "epsilon: not between 0.000001 and 100");
	if (!(w->delta >= 1e-15 && w->delta <= 0.1))
		return refused(err, "delta: not between 1e-15 and 0.1");
	if (!w->grain || w->grain > GRAINS_MAX)
		return refused(err, "grain: not between 1 and 1048576 bytes");
	if (!w->sensitivity || (w->sensitivity - 1) / w->grain >= GRAINS_MAX)
		return refused(err, "sensitivity: not between 1 byte and 1048576 grains");
	if (w->grain > w->sensitivity)
		return refused(err, "grain: above the sensitivity: noise is of whole grains");
	if (!w->burst)
		return refused(err, "burst: not a window or more");
	return 0;
}

int dp_plan_make(const struct dp_want *w, struct dp_plan *p, char err[DIST_ERR])
{
	uint64_t low = 0, high = WINDOWS_MAX, mid;
	struct account a;

	memset(p, 0, sizeof(*p));
	if (check(w, err))
		return -1;
	p->mechanism = w->mechanism;
	p->grains = (w->sensitivity - 1) / w->grain + 1;
	p->noise = find_noise(w, p->grains);
	make_account(&a, w->mechanism, p->noise, p->grains, w->delta / 2);
	if (epsilon_of(&a, w->burst) > w->epsilon)
		return refused(err, "epsilon: too small for so many windows of a burst");
	if (w->mechanism == DP_LAPLACE ? make_laplace(p, err) : make_skellam(p, err))
		return -1;

	p->lost = p->draws * (p->part[0].lost + p->part[1].lost + p->parts * ROUNDING);
	while (low < high) {
		mid = low + (high - low + 1) / 2;
		if (holds(&a, p->lost, w->delta, mid))
			low = mid;
		else
			high = mid - 1;
	}
	if (low < w->burst)
		return refused(err, "delta: too small for what 64 bits of chance can promise");
	p->windows = low;
	p->delta = ceil(ldexp(w->delta, 64));
	p->n_lines = a.n;
	for (int i = 0; i < a.n; i++) {
		p->line[i].each = ldexp(a.line[i].each, 32);
		p->line[i].once = ldexp(a.line[i].once, 32);
	}
	return 0;
}
