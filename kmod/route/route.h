/* SPDX-License-Identifier: GPL-2.0 */
/* The room of the one question that the qdisc and the guard ask: whose packet is it? */
#ifndef RTPL_ROUTE_H
#define RTPL_ROUTE_H

#include "rtpl.h"

/* ---- classify.c ---- */

/* By the destination (or, with @src, the source) address of an IP packet at
 * @nhoff of @skb; NULL if none or not IP. RCU read side.
 */
struct rtpl_owner *rtpl_route_packet(struct rtpl_net *rn, const struct sk_buff *skb, int nhoff,
				     bool src);
/* By a source route, behind the destination; required peers only. RCU read side. */
struct rtpl_owner *rtpl_route_onward(struct rtpl_net *rn, const struct sk_buff *skb, int nhoff,
				     __be16 proto, void *addr);

/* Any of the required peers. RCU read side. */
struct rtpl_owner *rtpl_route_required(struct rtpl_net *rn);

/* Packets of the local link that must always pass: ARP, neighbour and router
 * discovery, DHCP, multicast listener and group reports. @nhoff: of the network header.
 */
bool rtpl_skb_is_control(struct rtpl_net *rn, const struct sk_buff *skb, int nhoff,
			 __be16 proto, struct net_device *dev, bool out);

#endif /* RTPL_ROUTE_H */
