// SPDX-License-Identifier: GPL-2.0
/*
 * Incomplete gamma and beta functions: a power series or a continued fraction,
 * whichever converges (Abramowitz and Stegun, 6.5.29, 6.5.31, 26.5.8; the
 * fractions by the modified method of Lentz: Thompson and Barnett, 1986).
 */
#include <float.h>
#include <math.h>

#include "special.h"

#define ROUNDS	200000
#define TINY	(LDBL_MIN * 0x1p10L)
#define EPS	LDBL_EPSILON

/* x^a e^-x / Gamma(a + 1), which both expansions share */
static real gamma_front(real a, real x)
{
	return expl(a * logl(x) - x - lgammal(a + 1));
}

static real gamma_series(real a, real x)
{
	real term = 1, sum = 1;

	for (int i = 1; i < ROUNDS && term > sum * EPS; i++) {
		term *= x / (a + i);
		sum += term;
	}
	return sum * gamma_front(a, x);
}

static real gamma_fraction(real a, real x)
{
	real b = x + 1 - a, c = 1 / TINY, d = 1 / b, h = d, an, step = 0;

	for (int i = 1; i < ROUNDS && fabsl(step - 1) > EPS; i++) {
		an = -i * (i - a);
		b += 2;
		d = an * d + b;
		d = 1 / (fabsl(d) < TINY ? TINY : d);
		c = b + an / c;
		c = fabsl(c) < TINY ? TINY : c;
		step = c * d;
		h *= step;
	}
	return h * a * gamma_front(a, x);
}

real inc_gamma(real a, real x, real *rest)
{
	real part;

	if (!(x > 0)) {
		*rest = 1;
		return 0;
	}
	if (isinf(x)) {
		*rest = 0;
		return 1;
	}
	if (x < a + 1) {
		part = fminl(gamma_series(a, x), 1);
		*rest = 1 - part;
		return part;
	}
	*rest = fminl(gamma_fraction(a, x), 1);
	return 1 - *rest;
}

static real beta_fraction(real a, real b, real x)
{
	real c = 1, d = 1 - (a + b) * x / (a + 1), h, num, step;

	d = 1 / (fabsl(d) < TINY ? TINY : d);
	h = d;
	for (int m = 1; m < ROUNDS; m++) {
		num = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
		d = 1 + num * d;
		d = 1 / (fabsl(d) < TINY ? TINY : d);
		c = 1 + num / c;
		c = fabsl(c) < TINY ? TINY : c;
		h *= c * d;
		num = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
		d = 1 + num * d;
		d = 1 / (fabsl(d) < TINY ? TINY : d);
		c = 1 + num / c;
		c = fabsl(c) < TINY ? TINY : c;
		step = c * d;
		h *= step;
		if (fabsl(step - 1) <= 2 * EPS)
			break;
	}
	return h;
}

static real beta_part(real a, real b, real x)
{
	real front = lgammal(a + b) - lgammal(a) - lgammal(b) + a * logl(x) + b * log1pl(-x);

	return fminl(expl(front) * beta_fraction(a, b, x) / a, 1);
}

real inc_beta(real a, real b, real x, real *rest)
{
	real part;

	if (!(x > 0) || x >= 1) {
		*rest = !(x > 0);
		return x > 0;
	}
	if (x < (a + 1) / (a + b + 2)) {
		part = beta_part(a, b, x);
		*rest = 1 - part;
		return part;
	}
	*rest = beta_part(b, a, 1 - x);
	return 1 - *rest;
}
