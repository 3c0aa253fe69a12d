/* SPDX-License-Identifier: GPL-2.0 */
/**
 * DOC: the room sch
 *
 * The qdisc rtpl: it tells packets apart, keeps those of the class fast until links want them, and
 * releases cells. The room also has its classes, its release queue and tc's options. main.c
 * registers the qdisc with the kernel and the tables of this header with the rooms below; nothing
 * else calls this room.
 *
 * Locks: the qdisc's root lock (BH) protects all of struct rtpl_qdisc that changes while it is in
 * use; link->txq.lock is taken under it, link->tx_lock never. rn->qdiscs_lock (BH) is for writers
 * of the list of the node's qdiscs, which is read under RCU. rn->waiting_lock (BH), a leaf,
 * protects the list of links that wait for a device. Options change under RTNL; shapes of links
 * change with them, under rn->lock.
 *
 * Contexts: enqueue and dequeue run in BH under the root lock; the refill is a softirq that takes
 * it; tc's requests come in process context, under RTNL.
 */
#ifndef RTPL_SCH_H
#define RTPL_SCH_H

#include "leakguard/leakguard.h"
#include "link/outlet.h"
#include "rtpl.h"

/* ---- qdisc.c ---- */

extern struct Qdisc_ops rtpl_qdisc_ops;

/* What main.c registers with the room leakguard: which packets the qdisc keeps. */
extern const struct rtpl_leakguard_ops rtpl_qdisc_leakguard;

/* ---- release.c ---- */

/* What main.c registers with the room link. */
extern const struct rtpl_outlet_ops rtpl_qdisc_outlet;

#endif /* RTPL_SCH_H */
