/* SPDX-License-Identifier: GPL-2.0 */
/* Cells of this node, known again (link/own.c): for the qdisc and the leakguard. */
#ifndef RTPL_LINK_OWN_H
#define RTPL_LINK_OWN_H

#include "link/link.h"
#include "transport/own.h"

/* A link's flow hash; not zero. */
u32 rtpl_own_number(const struct rtpl_owner *owner);
bool rtpl_own_copy(struct rtpl_net *rn, const struct sk_buff *skb, int nhoff, __be16 proto);
bool rtpl_own_plain(struct rtpl_net *rn, const struct sk_buff *skb, int nhoff, __be16 proto);

/* Does the packet carry a cell of that link, in whatever tunnel? */
static inline bool rtpl_own_inside(const struct rtpl_link *link, const struct sk_buff *skb)
{
	return skb->l4_hash && skb->hash == READ_ONCE(link->path.number);
}

#endif /* RTPL_LINK_OWN_H */
