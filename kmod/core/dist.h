/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Any distribution as its inverse distribution function, in integers: user
 * space computes the table in floating point (tools/dist/), the kernel checks and
 * samples it (inverse transform sampling; Devroye, Non-Uniform Random Variate
 * Generation, 1986, II.2 and III.2).
 *
 * p[] rises strictly, as fractions of 2^64; x[] never falls. One u of 64 bits is
 * drawn for each sample.
 *
 *	steps: the sample is x[i] of the first i with u < p[i] (the last if there
 *	       is none): p[i] = P(X <= x[i]) * 2^64. The last p stands for 1,
 *	       whatever it is. Discrete distributions, exact to 2^-64.
 *	knots: p[i] = P(X < x[i]) * 2^64, straight lines in between, rounded down;
 *	       p[0] is 0 and the last one U64_MAX, which stands for 1. Continuous
 *	       distributions, exact at the knots; knots closer in the tails.
 *
 * Memory is the caller's, @n entries each; a table is immutable once checked
 * and may be shared. Units are the user's (ns, bytes, cells).
 */
#ifndef RTPL_CORE_DIST_H
#define RTPL_CORE_DIST_H

#include "rng.h"

#define RTPL_DIST_MAX	1024	/* entries of a table */

/* How the table is read: see the head of this file. */
enum rtpl_dist_kind { RTPL_DIST_STEPS, RTPL_DIST_KNOTS, RTPL_DIST_KINDS };

/* A table, and what becomes of its samples. */
struct rtpl_dist {
	u8 kind;		/* enum rtpl_dist_kind */
	u16 n;			/* entries; 1: always x[0] */
	s64 start;		/* added to each sample */
	s64 min, max;		/* then bounded by these */
	const u64 *p;
	const s64 *x;
};

/**
 * rtpl_dist_check() - check whether a table can be sampled
 * @d: the table
 * @why: set to a sentence (static string) on error
 *
 * Return: 0, -EINVAL, -E2BIG (n), -ERANGE (min > max, or x + start overflows).
 */
int rtpl_dist_check(const struct rtpl_dist *d, const char **why);

/**
 * rtpl_dist_sample() - draw one sample
 * @d: the table, checked
 * @r: generator; one draw, whatever the table
 *
 * At most 11 steps of work.
 *
 * Return: in d->min ... d->max.
 */
s64 rtpl_dist_sample(const struct rtpl_dist *d, struct rtpl_rng *r);

s64 rtpl_dist_at(const struct rtpl_dist *d, u64 u);

#endif /* RTPL_CORE_DIST_H */
