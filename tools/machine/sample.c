// SPDX-License-Identifier: GPL-2.0
/*
 * machine-sample STRING: the tables of its distributions, a line each: state, field,
 * kind, min, max, then p:x of each entry. For selftests/shape/machines.
 */
#include <string.h>

#include "load.h"

static void print(unsigned int state, const char *field, const struct load_dist *d,
		  enum table_use use)
{
	static struct table t;
	const char *why;
	unsigned int i;

	if (!d->there || dist_table(d, use, &t, &why))
		return;
	printf("%u %s %s %u %lld %lld", state, field, dist_kind_name(d->kind), t.kind,
	       (long long)t.min, (long long)t.max);
	for (i = 0; i < t.n; i++)
		printf(" %llu:%lld", (unsigned long long)t.p[i], (long long)t.x[i]);
	printf("\n");
}

int main(int argc, char **argv)
{
	struct load_machine m;
	struct load_err err;
	uint32_t i;

	if (argc != 2 || load_string(argv[1], strlen(argv[1]), &m, &err) ||
	    load_check(&m, &err)) {
		fprintf(stderr, "machine-sample: %s\n", argc == 2 ? err.text : "one machine");
		return 1;
	}
	for (i = 0; i < m.n_states; i++) {
		const struct load_state *s = &m.state[i];

		print(i, "timeout", &s->timeout, TABLE_NS);
		print(i, "duration", &s->duration, TABLE_NS);
		print(i, "limit", &s->limit, TABLE_LIMIT);
		if (s->counter[0].there)
			print(i, "A", &s->counter[0].by, TABLE_COUNT);
		if (s->counter[1].there)
			print(i, "B", &s->counter[1].by, TABLE_COUNT);
	}
	load_free(&m);
	return 0;
}
