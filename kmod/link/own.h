/* SPDX-License-Identifier: GPL-2.0 */
/* Recognising cells of this node (link/own.c): for the qdisc and the leakguard. */
#ifndef RTPL_LINK_OWN_H
#define RTPL_LINK_OWN_H

#include "link/link.h"
#include "transport/own.h"

void rtpl_own_net_init(struct rtpl_net *rn);
u32 rtpl_own_number(const struct rtpl_owner *owner);
bool rtpl_own_copy(struct rtpl_net *rn, const struct sk_buff *skb, int nhoff, __be16 proto);
bool rtpl_own_copy_leaves(struct rtpl_net *rn, const struct sk_buff *skb, int nhoff, __be16 proto,
			  int ifindex, bool *timely);
bool rtpl_own_plain(struct rtpl_net *rn, const struct sk_buff *skb, int nhoff, __be16 proto);
struct rtpl_path *rtpl_own_sent_by(struct rtpl_net *rn, const struct sk_buff *skb, u32 off);
bool rtpl_own_is_endpoint(struct rtpl_net *rn, struct rtpl_owner *first, bool v6,
			  const void *addr, bool learned);
bool rtpl_own_loops(struct rtpl_net *rn, struct rtpl_link *link, const struct sk_buff *skb);

#endif /* RTPL_LINK_OWN_H */
