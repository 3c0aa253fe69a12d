/* SPDX-License-Identifier: GPL-2.0 */
/* Cells of this node, known again: own.c for qdisc.c, guard.c and who sends. */
#ifndef RTPL_OWN_H
#define RTPL_OWN_H

#include "rtpl.h"

/* A link's flow hash; not zero. */
u32 rtpl_own_number(const struct rtpl_peer *peer);
void rtpl_own_note_handshake(struct rtpl_net *rn, const u8 *data, u16 len);
bool rtpl_own_copy(struct rtpl_net *rn, const struct sk_buff *skb, int nhoff, __be16 proto);
bool rtpl_own_plain(struct rtpl_net *rn, const struct sk_buff *skb, int nhoff, __be16 proto);

/* Does it belong to one of the node's sockets? */
static inline bool rtpl_own_by_socket(const struct rtpl_net *rn, const struct sk_buff *skb)
{
	return skb->sk && (skb->sk == rcu_access_pointer(rn->sock4) ||
			   skb->sk == rcu_access_pointer(rn->sock6));
}

/* Does the packet carry a cell of that link, in whatever tunnel? */
static inline bool rtpl_own_inside(const struct rtpl_peer *peer, const struct sk_buff *skb)
{
	return skb->l4_hash && skb->hash == READ_ONCE(peer->link.number);
}

#endif /* RTPL_OWN_H */
