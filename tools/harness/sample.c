// SPDX-License-Identifier: GPL-2.0
/*
 * The core's samples for whoever wants to judge them (selftests/shape/):
 *
 *	sample dist SPEC UNIT COUNT SEED	COUNT samples, s64 each, to stdout
 *	sample table SPEC UNIT			the table, as text
 */
#include <inttypes.h>
#include <stdio.h>

#include "../../kmod/core/dist.h"
#include "../dist/table.h"

static struct dist_table table;

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

static void print_table(void)
{
	printf("kind %s n %u start %" PRId64 " min %" PRId64 " max %" PRId64 " lost %.3g\n",
	       table.kind ? "knots" : "steps", table.n, table.start, table.min, table.max,
	       table.lost);
	for (u32 i = 0; i < table.n; i++)
		printf("%" PRIu64 " %" PRId64 "\n", table.p[i], table.x[i]);
}

int main(int argc, char **argv)
{
	char err[DIST_ERR];
	struct dist_spec spec;
	struct rtpl_dist d;
	struct rtpl_rng r;
	const char *why;

	if (argc < 4)
		return fail("sample dist SPEC UNIT COUNT SEED | table SPEC UNIT");
	if (dist_parse(argv[2], &spec, err) || dist_build(&spec, atof(argv[3]), &table, err))
		return fail(err);
	d = of_table(&table);
	if (rtpl_dist_check(&d, &why))
		return fail(why);
	if (!strcmp(argv[1], "dist") && argc == 6) {
		seeded(&r, argv[5]);
		return write_samples(&d, strtoull(argv[4], NULL, 0), &r);
	}
	print_table();
	return 0;
}
