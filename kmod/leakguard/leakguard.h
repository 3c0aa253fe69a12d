/* SPDX-License-Identifier: GPL-2.0 */
/* The room of the netfilter hooks: a required peer's traffic never passes in clear. */
#ifndef RTPL_LEAKGUARD_H
#define RTPL_LEAKGUARD_H

#include "rtpl.h"

/* What the room sch registers in main.c: which packets its qdisc keeps. */
struct rtpl_leakguard_ops {
	const struct Qdisc_ops *qdisc;
	/* Does the packet's own priority, rather than a filter, choose the class clear? */
	bool (*prefers_clear)(const struct Qdisc *sch, const struct sk_buff *skb);
};

extern const struct rtpl_leakguard_ops *rtpl_leakguard_ops;

/* ---- leakguard.c ---- */

int rtpl_leakguard_net_init(struct rtpl_net *rn);
/* After the last peer is gone. Sleeps, takes RTNL. */
void rtpl_leakguard_net_exit(struct rtpl_net *rn);
/*
 * The guard stands while someone holds it: config.c, once for each required
 * peer. Both sleep and take RTNL, so never under rn->lock.
 * Return of hold: 0, -EOPNOTSUPP (kernel without NETFILTER_EGRESS), -errno.
 */
int rtpl_leakguard_hold(struct rtpl_net *rn);
void rtpl_leakguard_release(struct rtpl_net *rn);

#endif /* RTPL_LEAKGUARD_H */
