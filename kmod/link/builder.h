/* SPDX-License-Identifier: GPL-2.0 */
/* Where and when a link's cells are built, see builder.c. */
#ifndef RTPL_BUILDER_H
#define RTPL_BUILDER_H

#include <linux/interrupt.h>
#include <linux/workqueue.h>

#include "compat/call.h"

/* A link's, apart from it, so that a peer fits into 8 KB. */
struct rtpl_builder {
	bool (*build)(void *of);	/* true: there is more to do; BH */
	void *of;
	struct tasklet_struct run;
	struct delayed_work work;	/* in its place where a processor is overloaded */
	struct rtpl_compat_call call;	/* to the processor home */
	atomic_t state;			/* enum in builder.c */
	bool bounded;			/* its owner may not take all of a processor */
	bool urgent;			/* whoever asked last: before other softirqs */
	int cpu;			/* counts it as pending or running */
	int home;			/* where it goes when others run here */
};

struct rtpl_builder *rtpl_builder_create(bool (*build)(void *of), void *of, bool bounded);
void rtpl_builder_kick(struct rtpl_builder *b, bool urgent);
void rtpl_builder_stop(struct rtpl_builder *b);

#endif /* RTPL_BUILDER_H */
