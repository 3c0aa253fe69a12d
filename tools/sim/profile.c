// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>

#include "sim.h"

struct rtpl_profile *sim_profile(const char *word, u32 max_cell)
{
	struct rtpl_profile *p = calloc(1, sizeof(*p));
	int i;

	snprintf(p->name, sizeof(p->name), "%s", word);
	rtpl_shape_default(&p->shape);
	rtpl_limits_default(&p->limits);
	if (!strncmp(word, "const-", 6)) {
		p->shape.sched = RTPL_SCHEDULE_CONST;
		p->shape.rate = atoi(word + 6);
		p->shape.latency_ns = RTPL_SHAPE_LATENCY_DEFAULT;
	} else if (!strcmp(word, "pow2")) {
		p->shape.sizes = RTPL_SIZES_POW2;
	} else if (strcmp(word, "off") && strcmp(word, "cover")) {
		sim_fail("no profile");
	}
	for (i = 0; i < 2; i++) {
		p->end[i].sched.kind = p->shape.sched;
		if (p->shape.sched)
			p->end[i].sched.rate = p->shape.rate;
		if (!strcmp(word, "cover")) {
			p->end[i].chaff.kind = RTPL_CHAFF_COVER;
			p->end[i].chaff.cover.every = (struct rtpl_chaff_gap){
				.mode = RTPL_CHAFF_FIXED, .ns = 20000000 };
		}
	}
	return p;
}
