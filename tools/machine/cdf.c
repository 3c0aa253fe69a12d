// SPDX-License-Identifier: GPL-2.0
/*
 * Distribution functions and their inverses, as plainly as they can be had: the
 * incomplete gamma and beta functions of tools/dist, all else by halving. Where shapes
 * are large, the normal distribution with a correction for skewness (Cornish and Fisher).
 */
#include <math.h>

#include "cdf.h"
#include "../dist/special.h"

#define LARGE	1e4	/* from here the correction is within 1e-4 deviations */

static const struct {
	const char *name;
	int args;
	bool discrete;
} cdfs[LAW_KINDS] = {
	[LAW_UNIFORM] = { "uniform", 2, false },
	[LAW_NORMAL] = { "normal", 2, false },
	[LAW_SKEW_NORMAL] = { "skew-normal", 3, false },
	[LAW_LOGNORMAL] = { "lognormal", 2, false },
	[LAW_BINOMIAL] = { "binomial", 2, true },
	[LAW_GEOMETRIC] = { "geometric", 1, true },
	[LAW_PARETO] = { "pareto", 2, false },
	[LAW_POISSON] = { "poisson", 1, true },
	[LAW_WEIBULL] = { "weibull", 2, false },
	[LAW_GAMMA] = { "gamma", 2, false },
	[LAW_BETA] = { "beta", 2, false },
};

const char *dist_kind_name(enum cdf_kind kind)
{
	return cdfs[kind].name;
}

int dist_kind_args(enum cdf_kind kind)
{
	return cdfs[kind].args;
}

bool cdf_discrete(const struct load_dist *d)
{
	return cdfs[d->kind].discrete;
}

static double clamp01(double p)
{
	return p > 0 ? (p < 1 ? p : 1) : 0;
}

static double phi(double z)
{
	return 0.5 * erfc(-z * M_SQRT1_2);
}

/* Owen's T by Simpson's rule over the angle. */
static double owen(double h, double a)
{
	const int panels = 256;
	double top = atan(a), step = top / panels, sum = 0, c;
	int i;

	for (i = 0; i <= panels; i++) {
		c = cos(step * i);
		sum += exp(-h * h / (2 * c * c)) * (i == 0 || i == panels ? 1 : i % 2 ? 4 : 2);
	}
	return sum * step / 3 / (2 * M_PI);
}

/* Mean, deviation, skewness of those that may be as good as normal. */
static bool nearly_normal(const struct load_dist *d, double m[3])
{
	double a = d->arg[0], b = d->arg[1], n;

	switch (d->kind) {
	case LAW_BINOMIAL:
		m[0] = a * b;
		m[1] = sqrt(a * b * (1 - b));
		m[2] = (1 - 2 * b) / m[1];
		return m[1] * m[1] > LARGE;
	case LAW_POISSON:
		m[0] = a;
		m[1] = sqrt(a);
		m[2] = 1 / m[1];
		return a > LARGE;
	case LAW_GAMMA:
		m[0] = a * b;
		m[1] = a * sqrt(b);
		m[2] = 2 / sqrt(b);
		return b > LARGE;
	case LAW_BETA:
		n = a + b;
		m[0] = a / n;
		m[1] = sqrt(a / n * (b / n) / (n + 1));
		m[2] = 2 * (b - a) / (n + 2) * sqrt((n + 1) / a / b);
		return a > LARGE && b > LARGE;
	default:
		return false;
	}
}

/* P(X < y) where that is halved for; @y is a count's + 1 for discrete ones */
double cdf_below(const struct load_dist *d, double y)
{
	double a = d->arg[0], b = d->arg[1], m[3], z;
	real rest;

	if (cdf_discrete(d))
		y = ceil(y);
	if (nearly_normal(d, m)) {
		/* Edgeworth's first term; discrete ones in the middle between two values */
		z = (y - (cdf_discrete(d) ? 0.5 : 0) - m[0]) / m[1];
		return clamp01(phi(z) - m[2] / 6 * (z * z - 1) * exp(-z * z / 2) /
			       sqrt(2 * M_PI));
	}
	switch (d->kind) {
	case LAW_UNIFORM:
		return a < b ? clamp01((y - a) / (b - a)) : y > a;
	case LAW_NORMAL:
		return b != 0 ? phi((y - a) / fabs(b)) : y > a;
	case LAW_SKEW_NORMAL:
		z = (y - a) / b;
		return clamp01(phi(z) - 2 * owen(z, d->arg[2]));
	case LAW_LOGNORMAL:
		if (!(y > 0))
			return 0;
		return b != 0 ? phi((log(y) - a) / fabs(b)) : log(y) > a;
	case LAW_BINOMIAL:
		if (!(y > 0))
			return 0;
		if (y > a)
			return 1;
		return b <= 0 ? 1 : b >= 1 ? 0 : inc_beta(a - y + 1, y, 1 - b, &rest);
	case LAW_GEOMETRIC:
		if (!(y > 0))
			return 0;
		return a > 0 ? (a < 1 ? -expm1(y * log1p(-a)) : 1) : 0;
	case LAW_PARETO:
		return y > a ? -expm1(-b * log(y / a)) : 0;
	case LAW_POISSON:
		if (!(y > 0))
			return 0;
		inc_gamma(y, a, &rest);
		return rest;
	case LAW_WEIBULL:
		return y > 0 ? -expm1(-pow(y / a, b)) : 0;
	case LAW_GAMMA:
		return inc_gamma(b, y / a, &rest);
	case LAW_BETA:
		return inc_beta(a, b, y, &rest);
	default:
		return 0;
	}
}

/* Normal quantile. @p is the lower tail, @q = 1 - p. */
static double z_at(double p, double q)
{
	double low = -40, high = 0, mid;
	bool upper = p > q;
	int i;

	if (upper)
		p = q;
	for (i = 0; i < 64; i++) {
		mid = (low + high) / 2;
		if (phi(mid) < p)
			low = mid;
		else
			high = mid;
	}
	return upper ? -high : high;
}

/* Smallest x, within rounding, with P(X < x) >= p. */
static double halve(const struct load_dist *d, double p, double low, double high)
{
	double mid;
	int i;

	for (i = 0; i < 200; i++) {
		mid = low / 2 + high / 2;
		if (mid <= low || mid >= high)
			break;
		if (cdf_below(d, mid) < p)
			low = mid;
		else
			high = mid;
	}
	return high;
}

/* The same for discrete ones: smallest k with P(X <= k) >= p. */
static double halve_whole(const struct load_dist *d, double p, double high)
{
	double low = -1, mid;

	while (high - low > 1) {
		mid = floor((low + high) / 2);
		if (mid <= low || mid >= high)
			break;
		if (cdf_below(d, mid + 1) < p)
			low = mid;
		else
			high = mid;
	}
	return high;
}

/* An x that is seldom passed. */
static double grow(const struct load_dist *d, double high)
{
	int i;

	for (i = 0; i < 1000 && cdf_below(d, high) < 1 - 1e-16 && high < 1e300; i++)
		high *= 2;
	return high;
}

double dist_at(const struct load_dist *d, double p, double q)
{
	double a = d->arg[0], b = d->arg[1], m[3], z, v;

	if (nearly_normal(d, m)) {
		z = z_at(p, q);
		v = m[0] + m[1] * (z + m[2] * (z * z - 1) / 6);
		if (v < 0)
			v = 0;
		return cdf_discrete(d) ? fmin(round(v), d->kind == LAW_BINOMIAL ? a : v + 1) : v;
	}
	switch (d->kind) {
	case LAW_UNIFORM:
		return a < b ? a + (b - a) * p : a;
	case LAW_NORMAL:
		return a + fabs(b) * z_at(p, q);
	case LAW_SKEW_NORMAL:
		return halve(d, p, a - 40 * b, a + 40 * b);
	case LAW_LOGNORMAL:
		return exp(a + fabs(b) * z_at(p, q));
	case LAW_BINOMIAL:
		return halve_whole(d, p, a);
	case LAW_GEOMETRIC:
		if (a <= 0)
			return 18446744073709551615.0;
		return a < 1 ? fmax(0, ceil(log(q) / log1p(-a) - 1)) : 0;
	case LAW_PARETO:
		return a * pow(q, -1 / b);
	case LAW_POISSON:
		return halve_whole(d, p, ceil(a + 40 * sqrt(a) + 100));
	case LAW_WEIBULL:
		return a * pow(-log(q), 1 / b);
	case LAW_GAMMA:
		return halve(d, p, 0, grow(d, a * (b + 1)));
	case LAW_BETA:
		return halve(d, p, 0, 1);
	default:
		return 0;
	}
}

int dist_valid(const struct load_dist *d, const char **why)
{
	double a = d->arg[0], b = d->arg[1], middle, most;
	const char *bad = NULL;
	int i;

	for (i = 0; i < dist_kind_args(d->kind); i++)
		if (!isfinite(d->arg[i]))
			bad = "a parameter that is infinite or no number";
	if (!isfinite(d->start))
		bad = "a start that is infinite or no number";
	if (!isfinite(d->max))
		bad = "a maximum that is infinite or no number";
	if (bad)
		goto out;

	switch (d->kind) {
	case LAW_UNIFORM:
		if (a > b)
			bad = "its low end above its high end";
		else if (!isfinite(b - a))
			bad = "a range that is infinite";
		break;
	case LAW_SKEW_NORMAL:
		if (b <= 0)
			bad = "a scale that is not above 0";
		break;
	case LAW_BINOMIAL:
		if (a > 1e9)
			bad = "more than 10^9 trials";
		else if (b < 0 || b > 1 || (b > 0 && b < 1e-9))
			bad = "a probability that is not 0, nor 10^-9 to 1";
		break;
	case LAW_GEOMETRIC:
		if (a < 0 || a > 1 || (a > 0 && a < 1e-9))
			bad = "a probability that is not 0, nor 10^-9 to 1";
		break;
	case LAW_POISSON:
		if (a <= 0 || a > 1.844e19)
			bad = "a lambda that is not above 0 and below 1.844e19";
		break;
	case LAW_PARETO:
	case LAW_WEIBULL:
	case LAW_GAMMA:
		if (a <= 0)
			bad = "a scale that is not above 0";
		else if (b <= 0)
			bad = "a shape that is not above 0";
		break;
	case LAW_BETA:
		if (a <= 0 || b <= 0)
			bad = "an alpha or beta that is not above 0";
		break;
	default:
		break;
	}
	if (bad)
		goto out;

	middle = dist_at(d, 0.5, 0.5) + d->start;
	most = dist_most(d);
	if (!isfinite(middle) || (d->kind == LAW_UNIFORM && !isfinite(b + d->start)))
		bad = "samples that are infinite";
	else if (most < 0)
		bad = "samples that are all negative";
out:
	*why = bad;
	return bad ? -1 : 0;
}

double dist_most(const struct load_dist *d)
{
	double most = INFINITY;

	if (d->kind == LAW_UNIFORM)
		most = d->arg[1];
	else if (d->kind == LAW_NORMAL && d->arg[1] == 0)
		most = d->arg[0];
	else if (d->kind == LAW_LOGNORMAL && d->arg[1] == 0)
		most = exp(d->arg[0]);
	else if (d->kind == LAW_BINOMIAL)
		most = d->arg[1] > 0 ? d->arg[0] : 0;
	else if (d->kind == LAW_GEOMETRIC && d->arg[0] >= 1)
		most = 0;
	else if (d->kind == LAW_BETA)
		most = 1;
	most += d->start;
	return d->max > 0 && most > d->max ? d->max : most;
}
