/* SPDX-License-Identifier: GPL-2.0 */
/* Where and when a link's cells are built, see tx_worker.c. */
#ifndef RTPL_TX_WORKER_H
#define RTPL_TX_WORKER_H

#include <linux/workqueue.h>

#include "compat/bh.h"
#include "compat/call.h"

/* A link's tx worker; a separate allocation, so that a peer fits into 8 KB. */
struct rtpl_tx_worker {
	/* One run, in the softirq or the work, BH off. Returns whether there is more to do. */
	bool (*build)(void *of);
	void *of;
	struct rtpl_compat_bh bh;
	struct delayed_work work;	/* in place of the softirq on an overloaded processor */
	struct rtpl_compat_call call;	/* to the processor home */
	atomic_t state;			/* enum in tx_worker.c */
	bool bounded;			/* its owner may not take all of a processor */
	bool urgent;			/* the last kick asked to run before other softirqs */
	int cpu;			/* processor that counts it as pending or running */
	int home;			/* processor to move to if others run here */
	/* gather.c */
	u16 gather_room;		/* packets gather up to so many bytes; 0: they do not */
	u32 gather_until;		/* ns, low bits: or until then; tx_lock */
	u32 lone_cost;			/* ns that lone cells took lately, a mean; tx_lock */
};

struct rtpl_tx_worker *rtpl_tx_worker_create(bool (*build)(void *of), void *of, bool bounded);
void rtpl_tx_worker_kick(struct rtpl_tx_worker *b, bool urgent);
void rtpl_tx_worker_stop(struct rtpl_tx_worker *b);

#endif /* RTPL_TX_WORKER_H */
