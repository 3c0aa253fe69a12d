/* SPDX-License-Identifier: GPL-2.0 */
/**
 * DOC: the room route
 *
 * The one question that the qdisc and the leakguard ask: whose packet is it, and must it pass? The
 * answer depends on the packet and on the peers' prefixes (rn->prefixes), which the room node
 * writes. Other rooms use all of this header.
 *
 * Locks: none. All of it runs under RCU, in the leakguard's hooks, under a qdisc's root lock, and
 * for packets whose cipher took longer: process or BH. A peer is returned as an owner without a
 * reference, valid for as long as the read side section lasts.
 */
#ifndef RTPL_ROUTE_H
#define RTPL_ROUTE_H

#include "rtpl.h"

/* ---- classify.c ---- */

struct rtpl_owner *rtpl_route_packet(struct rtpl_net *rn, const struct sk_buff *skb, int nhoff,
				     bool src);
struct rtpl_owner *rtpl_route_onward(struct rtpl_net *rn, const struct sk_buff *skb, int nhoff,
				     __be16 proto, void *addr);
struct rtpl_owner *rtpl_route_required(struct rtpl_net *rn);
bool rtpl_skb_is_control(struct rtpl_net *rn, const struct sk_buff *skb, int nhoff,
			 __be16 proto, struct net_device *dev, bool out);

#endif /* RTPL_ROUTE_H */
