// SPDX-License-Identifier: GPL-2.0
/*
 * The core's samples for whoever wants to judge them (selftests/shape/):
 *
 *	sample dist SPEC UNIT COUNT SEED	COUNT samples, s64 each, to stdout
 *	sample table SPEC UNIT			the table, as text
 *	sample plan laplace|skellam EPSILON DELTA SENSITIVITY GRAIN BURST
 *						a private window's plan, as text, and
 *						what the core says that windows cost
 *	sample noise (the same) COUNT SEED	COUNT numbers of its noise, s64 each
 */
#include <inttypes.h>
#include <stdio.h>

#include "../../kmod/core/dp.h"
#include "../dist/dp.h"

static struct dist_table table;
static struct dp_plan plan;

static int fail(const char *text)
{
	fprintf(stderr, "%s\n", text);
	return 1;
}

static struct rtpl_dist of_table(const struct dist_table *t)
{
	return (struct rtpl_dist){ .kind = t->kind, .n = t->n, .start = t->start, .min = t->min,
				   .max = t->max, .p = t->p, .x = t->x };
}

static void seeded(struct rtpl_rng *r, const char *text)
{
	u8 seed[RTPL_RNG_SEED] = {};

	put_unaligned_le64(strtoull(text, NULL, 0), seed);
	rtpl_rng_seed(r, seed);
}

static int write_samples(const struct rtpl_dist *d, u64 count, struct rtpl_rng *r)
{
	s64 x;

	while (count--) {
		x = rtpl_dist_sample(d, r);
		if (fwrite(&x, sizeof(x), 1, stdout) != 1)
			return fail("cannot write");
	}
	return fflush(stdout) ? fail("cannot write") : 0;
}

static void print_table(const struct dist_table *t)
{
	printf("kind %s n %u start %" PRId64 " min %" PRId64 " max %" PRId64 " lost %.3g\n",
	       t->kind ? "knots" : "steps", t->n, t->start, t->min, t->max, t->lost);
	for (u32 i = 0; i < t->n; i++)
		printf("%" PRIu64 " %" PRId64 "\n", t->p[i], t->x[i]);
}

/* Plan as the kernel would have it. */
static struct rtpl_dp_plan core_plan(const struct dp_want *w)
{
	struct rtpl_dp_plan s = {
		.mechanism = plan.mechanism == DP_SKELLAM ? RTPL_DP_SKELLAM : RTPL_DP_LAPLACE,
		.parts = plan.parts, .draws = plan.draws, .n_lines = plan.n_lines,
		.step = plan.step, .grain = w->grain, .max = min_t(u32, RTPL_DP_GRAINS_MAX, U32_MAX / w->grain),
		.burst = w->burst, .window_ns = 10000000, .windows = plan.windows,
		.delta = plan.delta,
		.part = { of_table(&plan.part[0]), of_table(&plan.part[1]) },
	};

	for (u32 i = 0; i < plan.n_lines; i++) {
		s.line[i].each = plan.line[i].each;
		s.line[i].once = plan.line[i].once;
	}
	return s;
}

static void print_plan(const struct rtpl_dp_plan *s)
{
	u64 k, last = 0;

	printf("grains %u noise %.17g sd %.9g lost %.9g parts %u draws %u step %u windows %" PRIu64
	       " delta %.9g\n", plan.grains, plan.noise, plan.sd, plan.lost, s->parts, s->draws,
	       s->step, s->windows, s->delta * 0x1p-64);
	printf("burst %u epsilon %.12g\n", s->burst, rtpl_dp_epsilon(s, s->burst) * 0x1p-32);
	for (k = 1; k <= s->windows; k = k == s->windows ? k + 1 : min(k * 10, s->windows))
		printf("after %" PRIu64 " epsilon %.12g\n", k, rtpl_dp_epsilon(s, k) * 0x1p-32);
	for (k = 1; k <= s->windows; k += 1 + k / 7) {
		if (rtpl_dp_epsilon(s, k) < last)
			printf("epsilon falls at %" PRIu64 "\n", k);
		last = rtpl_dp_epsilon(s, k);
	}
	for (u32 i = 0; i < s->parts; i++)
		print_table(&plan.part[i]);
}

static int private_window(int argc, char **argv)
{
	struct rtpl_dp_plan s;
	struct dp_want w = {};
	char err[DIST_ERR];
	struct rtpl_rng r;
	const char *why;
	s64 x;

	w.mechanism = strcmp(argv[2], "skellam") ? DP_LAPLACE : DP_SKELLAM;
	w.epsilon = atof(argv[3]);
	w.delta = atof(argv[4]);
	w.sensitivity = atoi(argv[5]);
	w.grain = atoi(argv[6]);
	w.burst = atoi(argv[7]);
	if (dp_plan_make(&w, &plan, err))
		return fail(err);
	s = core_plan(&w);
	if (rtpl_dp_check(&s, &why))
		return fail(why);
	if (argc < 10) {
		print_plan(&s);
		return 0;
	}
	seeded(&r, argv[9]);
	for (u64 count = strtoull(argv[8], NULL, 0); count; count--) {
		x = rtpl_dp_noise(&s, &r);
		if (fwrite(&x, sizeof(x), 1, stdout) != 1)
			return fail("cannot write");
	}
	return fflush(stdout) ? fail("cannot write") : 0;
}

int main(int argc, char **argv)
{
	char err[DIST_ERR];
	struct dist_spec spec;
	struct rtpl_dist d;
	struct rtpl_rng r;
	const char *why;

	if (argc >= 8 && (!strcmp(argv[1], "plan") || !strcmp(argv[1], "noise")))
		return private_window(argc, argv);
	if (argc < 4)
		return fail("sample dist SPEC UNIT COUNT SEED | table SPEC UNIT | plan ... | noise ...");
	if (dist_parse(argv[2], &spec, err) || dist_build(&spec, atof(argv[3]), &table, err))
		return fail(err);
	d = of_table(&table);
	if (rtpl_dist_check(&d, &why))
		return fail(why);
	if (!strcmp(argv[1], "dist") && argc == 6) {
		seeded(&r, argv[5]);
		return write_samples(&d, strtoull(argv[4], NULL, 0), &r);
	}
	print_table(&table);
	return 0;
}
