/* SPDX-License-Identifier: GPL-2.0 */
/* Where and when a link's cells are built, see builder.c. */
#ifndef RTPL_BUILDER_H
#define RTPL_BUILDER_H

#include <linux/interrupt.h>

#include "compat/call.h"

struct rtpl_builder {
	bool (*build)(struct rtpl_builder *b);	/* true: there is more to do; softirq */
	struct tasklet_struct run;
	struct rtpl_compat_call call;	/* to the processor home */
	atomic_t state;			/* enum in builder.c */
	bool urgent;			/* whoever asked last: before other softirqs */
	int cpu;			/* counts it as pending or running */
	int home;			/* where it goes when others run here */
};

void rtpl_builder_init(struct rtpl_builder *b, bool (*build)(struct rtpl_builder *b));
void rtpl_builder_kick(struct rtpl_builder *b, bool urgent);
void rtpl_builder_stop(struct rtpl_builder *b);

#endif /* RTPL_BUILDER_H */
