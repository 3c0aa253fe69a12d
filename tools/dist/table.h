/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Distributions as the tables that the kernel samples: floating point stays here.
 *
 * A distribution in words is NAME:ARG[,ARG...] and, each after a space,
 * start=, min=, max=, round=nearest|down (down unless told): "poisson:3.5",
 * "lognormal:1,0.4 start=2 max=50".
 *
 *	uniform:LO,HI			normal:MEAN,SD
 *	skew-normal:LOCATION,SCALE,SHAPE	lognormal:MU,SIGMA
 *	pareto:SCALE,SHAPE		weibull:SCALE,SHAPE
 *	gamma:SCALE,SHAPE		beta:A,B
 *	exponential:MEAN		laplace:B
 *	binomial:N,P			geometric:P (failures before a success)
 *	poisson:LAMBDA			skellam:MU1,MU2
 *	discrete-laplace:EPSILON[,SENSITIVITY]	const:VALUE
 *
 * Parameters are those of Maybenot v2 (and of SciPy, where it has them); like
 * there, a sample is moved by start and then kept within min and max.
 */
#ifndef RTPL_TOOLS_DIST_TABLE_H
#define RTPL_TOOLS_DIST_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#define DIST_MAX	1024	/* entries of a table, as in kmod/core/dist.h */
#define DIST_ARGS	3
#define DIST_ERR	160	/* bytes of an error's sentence */

enum dist_name {
	DIST_UNIFORM, DIST_NORMAL, DIST_SKEW_NORMAL, DIST_LOGNORMAL, DIST_PARETO,
	DIST_WEIBULL, DIST_GAMMA, DIST_BETA, DIST_EXPONENTIAL, DIST_LAPLACE, DIST_BINOMIAL,
	DIST_GEOMETRIC, DIST_POISSON, DIST_SKELLAM, DIST_DISCRETE_LAPLACE, DIST_CONST,
	DIST_NAMES
};

struct dist_spec {
	enum dist_name name;
	double arg[DIST_ARGS];
	double start, min, max;		/* of the distribution, before the unit */
	bool has_min, has_max;
	bool nearest;			/* samples are rounded, not rounded down */
};

/* What p[], x[] and the rest are: kmod/core/dist.h. */
struct dist_table {
	uint8_t kind;			/* 0 steps, 1 knots */
	uint16_t n;
	int64_t start;			/* 0: it is in x[] already */
	int64_t min, max;
	/*
	 * steps: total variation distance from the distribution (cut tails and
	 * 64 bits); knots: the most that one piece holds.
	 */
	double lost;
	uint64_t p[DIST_MAX];
	int64_t x[DIST_MAX];
};

/**
 * dist_parse() - a distribution in words
 * @text: see above
 * @s: set on success; its parameters are good
 * @err: set to a sentence that names the field on error
 *
 * Return: 0 or -1.
 */
int dist_parse(const char *text, struct dist_spec *s, char err[DIST_ERR]);

/* The check that dist_parse() does, for a spec made otherwise. */
int dist_check(const struct dist_spec *s, char err[DIST_ERR]);

const char *dist_name(enum dist_name name);

/**
 * dist_build() - its table
 * @s: the distribution
 * @unit: integers of the table to one of the distribution's (1000000: the
 *	distribution is in ms, the table in ns); above 0, at most 10^12
 * @t: set on success
 * @err: set to a sentence that names the field on error
 *
 * Continuous distributions become knots: the sample is floor((X + start) * unit), or
 * the nearest integer. Discrete ones become steps; those with more values than a table has entries become knots,
 * except for skellam and discrete-laplace, which are refused: privacy may rest
 * on them.
 *
 * Return: 0 or -1.
 */
int dist_build(const struct dist_spec *s, double unit, struct dist_table *t, char err[DIST_ERR]);

#endif /* RTPL_TOOLS_DIST_TABLE_H */
