// SPDX-License-Identifier: GPL-2.0
/*
 * machine-replay: repeats a log of selftests/shape/machines/reference with the kernel's
 * code and writes the log that it makes of it. Equal logs: the two did the same.
 *
 * Where the log has a tape, chances and samples are the reference's, in its order;
 * drawing another thing at another time than it is an error. Else both have the same
 * generator, and samples come of the kernel's tables.
 */
#include <stdlib.h>
#include <string.h>

#include "load.h"
#include "../../kmod/core/machine.h"

s64 real_dist_sample(const struct rtpl_dist *d, struct rtpl_rng *r);

static bool taped;
static u64 state;	/* of SplitMix64 */
static char *tape;	/* " r<k>", " t<us>", " n<count>" ... */
static unsigned long line_nr;

static void die(const char *what)
{
	fprintf(stderr, "machine-replay: line %lu: %s\n", line_nr, what);
	exit(2);
}

static u64 next(char *kind)
{
	u64 v;

	if (!tape || *tape != ' ')
		die("the reference drew nothing more");
	*kind = tape[1];
	v = strtoull(tape + 2, &tape, 10);
	return v;
}

u64 rtpl_rng_u64(struct rtpl_rng *r)
{
	char kind;
	u64 z;

	(void)r;
	if (taped) {
		z = next(&kind);
		if (kind != 'r')
			die("the reference drew no chance here");
		return z << 41;
	}
	state += 0x9e3779b97f4a7c15;
	z = state;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

s64 rtpl_dist_sample(const struct rtpl_dist *d, struct rtpl_rng *r)
{
	char kind;
	u64 v;

	if (!taped)
		return real_dist_sample(d, r);
	v = next(&kind);
	if (kind == 'r')
		die("the reference drew no sample here");
	if (kind == 't')
		return v * 1000;
	return v > S64_MAX ? S64_MAX : (s64)v;
}

static struct rtpl_machine machine[RTPL_MACHINES];
static u8 n_machines;

static void add_machine(const char *text)
{
	struct rtpl_machine_where where;
	struct load_machine m;
	struct load_err err;
	const char *why;
	uint8_t *blob;
	size_t len;

	if (n_machines == RTPL_MACHINES)
		die("too many machines");
	if (load_string(text, strlen(text), &m, &err) || load_check(&m, &err) ||
	    load_blob(&m, &blob, &len, &err))
		die(err.text);
	load_free(&m);
	if (rtpl_machine_check(&machine[n_machines++], blob, len, &why, &where))
		die(why);
}

static unsigned long long us(u64 ns)
{
	return (ns + 500) / 1000;
}

static void print_many(u64 v)
{
	if (v >= 1ULL << 62)
		printf("many");
	else
		printf("%llu", (unsigned long long)v);
}

static void print_result(const struct rtpl_machines *ms)
{
	const struct rtpl_machine_action *a;
	const struct rtpl_machine_run *r;
	bool first = true;
	u8 mi;

	printf("= ");
	for (mi = 0; mi < ms->n; mi++) {
		a = &ms->action[mi];
		if (a->kind == RTPL_MACHINE_NOTHING)
			continue;
		printf("%s%u:", first ? "" : " ", mi);
		first = false;
		if (a->kind == RTPL_MACHINE_CANCEL)
			printf("cancel:%u", a->flags / RTPL_MACHINE_ACTION);
		else if (a->kind == RTPL_MACHINE_TIMER)
			printf("timer:%u:%llu", a->flags / RTPL_MACHINE_REPLACE, us(a->duration));
		else
			printf("%s:%u:%u:%llu", a->kind == RTPL_MACHINE_PAD ? "pad" : "block",
			       a->flags & RTPL_MACHINE_BYPASS, a->flags / RTPL_MACHINE_REPLACE,
			       us(a->timeout));
		if (a->kind == RTPL_MACHINE_BLOCK)
			printf(":%llu", us(a->duration));
	}
	printf(" |");
	for (mi = 0; mi < ms->n; mi++) {
		r = &ms->run[mi];
		printf(" %llu/", r->state == RTPL_MACHINE_END ? MACHINE_STATE_END :
		       (unsigned long long)r->state);
		print_many(r->limit);
		printf("/");
		print_many(r->counter[0]);
		printf("/");
		print_many(r->counter[1]);
	}
	printf("\n");
}

static u32 read_events(char *p, struct rtpl_machine_traffic *e, u32 max)
{
	unsigned int event, mi;
	u32 n = 0;
	int used;

	while (n < max && sscanf(p, " %u:%u%n", &event, &mi, &used) == 2) {
		e[n++] = (struct rtpl_machine_traffic){ .event = event, .machine = mi };
		p += used;
	}
	return n;
}

int main(void)
{
	struct rtpl_machines_limits limits = { 0 };
	const struct rtpl_machine *list[RTPL_MACHINES];
	struct rtpl_machine_traffic e[16];
	unsigned long long now, seed;
	static struct rtpl_machines ms;
	double padding, blocking;
	char *line = NULL;
	size_t room = 0;
	ssize_t len;
	int on, at;
	u32 n = 0;
	u8 i;

	while ((len = getline(&line, &room, stdin)) >= 0) {
		line_nr++;
		if (len && line[len - 1] == '\n')
			line[--len] = '\0';
		if (*line != '=')
			puts(line);
		if (sscanf(line, "start %llu %llu %d %lf %lf", &now, &seed, &on, &padding,
			   &blocking) == 5) {
			taped = on;
			state = seed;
			limits.max_padding = load_fraction(padding);
			limits.max_blocking = load_fraction(blocking);
			n = U32_MAX;
		} else if (!strncmp(line, "machine ", 8)) {
			add_machine(line + 8);
		} else if (sscanf(line, "event %llu%n", &now, &at) == 1) {
			n = read_events(line + at, e, ARRAY_SIZE(e));
		} else if (!strncmp(line, "tape", 4)) {
			tape = line + 4;
			for (i = 0; i < n_machines; i++)
				list[i] = &machine[i];
			if (n == U32_MAX)
				rtpl_machines_start(&ms, list, n_machines, &limits, now, NULL);
			else
				rtpl_machines_trigger(&ms, e, n, now, NULL);
			if (taped && *tape)
				die("the reference drew more");
			if (n != U32_MAX)
				print_result(&ms);
			n = 0;
		}
	}
	free(line);
	return 0;
}
