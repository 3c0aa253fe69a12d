/* SPDX-License-Identifier: GPL-2.0 */
/* A transport, for the files of this room: transport.c has the table of them, and asks each. */
#ifndef RTPL_TRANSPORT_KINDS_H
#define RTPL_TRANSPORT_KINDS_H

#include "transport/transport.h"

/* What a transport does. But for owns(), payload() and xmit() in process context, or BH. */
struct rtpl_transport {
	const char *name;
	/* Open its sockets on @port (0: any), in the place of those that are open. rn->lock. */
	int (*open)(struct rtpl_net *rn, u16 port);
	/* Nothing is received any more when it returns. rn->lock. */
	void (*close)(struct rtpl_net *rn);
	/* Bind those that are open to a device; on error they stay at rn->bind_if. rn->lock. */
	int (*bind)(struct rtpl_net *rn, int ifindex);
	/* Does @skb, whose sk is not NULL, belong to one of them? RCU read side. */
	bool (*owns)(const struct rtpl_net *rn, const struct sk_buff *skb);
	/*
	 * Where a cell begins in a packet that looks as this transport sends it, from skb->data
	 * on, and how many bytes there are from there; negative: it does not. BH.
	 */
	int (*payload)(const struct sk_buff *skb, int nhoff, __be16 proto, u32 *len);
	/*
	 * The way to @ep, whose family is set: @r's dst (with a reference), sk, addresses, mtu and
	 * overhead. BH, RCU read side. Return: 0, -ENOTCONN (no socket), or the routing's error.
	 */
	int (*route)(struct rtpl_net *rn, struct rtpl_endpoint *ep, struct dst_cache *cache,
		     struct rtpl_route *r);
	/* As rtpl_transport_reaches(). */
	bool (*reaches)(const struct rtpl_route *r);
	/* As rtpl_transport_probe(). */
	int (*probe)(struct rtpl_net *rn, const struct rtpl_endpoint *ep, u32 *cell_max);
	/* As rtpl_transport_xmit(). */
	int (*xmit)(struct rtpl_net *rn, struct rtpl_route *r, struct sk_buff *skb, u64 at);
};

extern const struct rtpl_transport rtpl_plain;

/* Called directly where an indirect call costs. */
bool rtpl_plain_owns(const struct rtpl_net *rn, const struct sk_buff *skb);
int rtpl_plain_payload(const struct sk_buff *skb, int nhoff, __be16 proto, u32 *len);
int rtpl_plain_xmit(struct rtpl_net *rn, struct rtpl_route *r, struct sk_buff *skb, u64 at);

#endif /* RTPL_TRANSPORT_KINDS_H */
