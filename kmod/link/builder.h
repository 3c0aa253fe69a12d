/* SPDX-License-Identifier: GPL-2.0 */
/* Where and when a link's cells are built, see builder.c. */
#ifndef RTPL_BUILDER_H
#define RTPL_BUILDER_H

#include <linux/interrupt.h>
#include <linux/workqueue.h>

#include "compat/call.h"

/* Who asks. */
enum rtpl_kick {
	RTPL_KICK_PACKET,	/* there is something to send */
	RTPL_KICK_TIMER,	/* it is time */
	RTPL_KICK_SLOT,		/* so it is, and before other softirqs */
};

/* What a run left. */
enum rtpl_left {
	RTPL_LEFT_NOTHING,
	RTPL_LEFT_PACKETS,
	RTPL_LEFT_SLOTS,	/* it is time for more */
};

struct rtpl_builder {
	enum rtpl_left (*build)(struct rtpl_builder *b);	/* BH */
	struct tasklet_struct run;
	struct delayed_work work;	/* in its place where a processor is overloaded */
	struct rtpl_compat_call call;	/* to the processor home */
	atomic_t state;			/* enum in builder.c */
	u8 how;				/* enum rtpl_kick, the highest of those not heard yet */
	int cpu;			/* counts it as pending or running */
	int home;			/* where it goes when others run here */
};

void rtpl_builder_init(struct rtpl_builder *b, enum rtpl_left (*build)(struct rtpl_builder *b));
void rtpl_builder_kick(struct rtpl_builder *b, enum rtpl_kick how);
void rtpl_builder_stop(struct rtpl_builder *b);

int rtpl_builder_module_init(void);
void rtpl_builder_module_exit(void);

#endif /* RTPL_BUILDER_H */
