// SPDX-License-Identifier: GPL-2.0
/* What two hosts say to each other is divided into visits, however many hosts there are. */
#include "unit.h"

#include <string.h>

#include "../../tools/rtplctl/traffic.h"

#define PAIRS	200000	/* one by one they would be looked at 40 billion times */
#define QUIET	100

struct told {
	uint32_t visits, packets, wrong;
	char labels[256];
};

static int tell(void *ctx, const char *label, const struct packet *p, size_t n)
{
	struct told *t = ctx;
	size_t at = strlen(t->labels);

	t->visits++;
	t->packets += n;
	if (at + strlen(label) + 16 < sizeof(t->labels))
		snprintf(t->labels + at, sizeof(t->labels) - at, "%s:%zu ", label, n);
	for (size_t i = 1; i < n; i++)
		t->wrong += p[i].near != p->near || p[i].far != p->far || p[i].at < p[i - 1].at;
	return 0;
}

static void add(struct packets *list, uint64_t at, uint32_t near, uint32_t far, uint16_t port, bool out)
{
	struct packet p = { .at = at, .near = near, .far = far, .far_port = port, .near_port = 999, .out = out };

	check(!packets_add(list, &p), "a packet at %u", (unsigned int)at);
}

static void expect(const struct packets *list, struct talk_rules rules, const char *labels, uint32_t left_out)
{
	struct told told = { 0 };
	uint32_t unfinished = 0;
	struct err e = { 0 };

	rules.visit = tell;
	rules.ctx = &told;
	check(!talk_divide(list, &rules, &unfinished, &e), "divided (%s)", e.text);
	check(!strcmp(told.labels, labels) && !told.wrong &&
	      unfinished == left_out, "visits \"%s\", %u left out: \"%s\", %u, %u wrong", labels, left_out,
	      told.labels, unfinished, told.wrong);
}

void test_talk(void)
{
	struct talk_rules rules = { .begun = 50, .end = 1000, .quiet = QUIET };
	struct packets list = { 0 }, many = { 0 };
	struct told told = { 0 };
	uint32_t unfinished = 0;
	struct err e = { 0 };

	add(&list, 10, 1, 2, 80, true);		/* began before */
	add(&list, 60, 3, 2, 443, true);
	add(&list, 70, 1, 2, 80, false);
	add(&list, 80, 3, 2, 443, false);
	add(&list, 90, 3, 4, 0, true);		/* no port: begins none */
	add(&list, 300, 3, 2, 444, true);	/* silence between: another visit */
	add(&list, 310, 3, 2, 443, true);
	add(&list, 320, 3, 4, 80, false);	/* this side's port 999 is asked */
	add(&list, 950, 1, 2, 80, true);	/* may go on */
	expect(&list, rules, "port-443:2 port-444:2 port-999:1 ", 2);
	rules.by_host = true;
	expect(&list, rules, "host-1:2 host-1:2 host-2:1 ", 2);
	packets_free(&list);

	for (uint32_t i = 0; i < 2 * PAIRS; i++) {
		struct packet p = { .at = 100 + i / 4000, .near = i % PAIRS, .far = i % PAIRS + 7, .far_port = 80,
				    .out = i < PAIRS };

		if (packets_add(&many, &p))
			break;
	}
	rules = (struct talk_rules){ .begun = 50, .end = 1000, .quiet = QUIET, .visit = tell, .ctx = &told };
	check(!talk_divide(&many, &rules, &unfinished, &e), "%u pairs are divided (%s)", PAIRS, e.text);
	check(told.visits == PAIRS && told.packets == 2 * PAIRS &&
	      !told.wrong && !unfinished, "%u pairs: %u visits, %u packets, %u wrong, %u left out", PAIRS,
	      told.visits, told.packets, told.wrong, unfinished);
	packets_free(&many);
}
