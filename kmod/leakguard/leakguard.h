/* SPDX-License-Identifier: GPL-2.0 */
/**
 * DOC: the room leakguard
 *
 * Netfilter hooks that never let a required peer's traffic pass in clear, whatever happens to the
 * qdisc, to handshakes or to routes. Other rooms hold the leakguard and release it; main.c makes
 * one for each namespace. What the hooks stop depends on rn->prefixes and on which peers are
 * required.
 *
 * Locks: leakguard->lock (mutex) counts the holders of the leakguard; hooks are added and removed
 * under it. It is outside RTNL, which protects the list of hooked devices, and RTNL is outside
 * rn->lock: so nothing here may be called under rn->lock.
 *
 * Contexts: the hooks run in process context or BH, under RCU. They take no lock except, for ICMP
 * errors about cells, path->lock.
 */
#ifndef RTPL_LEAKGUARD_H
#define RTPL_LEAKGUARD_H

#include "rtpl.h"

/**
 * struct rtpl_leakguard_ops - which packets the qdisc keeps: set by the room sch, in main.c
 * @qdisc: identifies a device's root qdisc as ours
 * @prefers_clear: does the packet's own priority, rather than a filter, choose the class clear?
 *	Called by the POST_ROUTING hook: process or BH, RCU read side, no root lock
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
