/* SPDX-License-Identifier: GPL-2.0 */
/**
 * DOC: the room leakguard
 *
 * Netfilter hooks, by which a required peer's traffic never passes in clear, whatever becomes of
 * the qdisc, of handshakes or of routes. Other rooms hold the guard and release it; main.c makes
 * one for each namespace. What the hooks stop follows from rn->prefixes and from who is required.
 *
 * Locks: guard->lock (mutex) counts who holds the guard; hooks come and go under it. It is outside
 * RTNL, which keeps the list of hooked devices, and RTNL is outside rn->lock: so nothing here may
 * be called under rn->lock.
 *
 * Contexts: the hooks run in process context or BH, under RCU. They take no lock but, for ICMP
 * errors about cells, path->lock.
 */
#ifndef RTPL_LEAKGUARD_H
#define RTPL_LEAKGUARD_H

#include "rtpl.h"

/**
 * struct rtpl_leakguard_ops - which packets the qdisc keeps: of the room sch, by main.c
 * @qdisc: by which the guard knows that a device's root qdisc is ours
 * @prefers_clear: does the packet's own priority, rather than a filter, choose the class clear?
 *	Asked by the POST_ROUTING hook: process or BH, RCU read side, no root lock
 */
struct rtpl_leakguard_ops {
	const struct Qdisc_ops *qdisc;
	bool (*prefers_clear)(const struct Qdisc *sch, const struct sk_buff *skb);
};

extern const struct rtpl_leakguard_ops *rtpl_leakguard_ops;

/* ---- leakguard.c ---- */

int rtpl_leakguard_net_init(struct rtpl_net *rn);
void rtpl_leakguard_net_exit(struct rtpl_net *rn);
int rtpl_leakguard_hold(struct rtpl_net *rn);
void rtpl_leakguard_release(struct rtpl_net *rn);

#endif /* RTPL_LEAKGUARD_H */
