/* SPDX-License-Identifier: GPL-2.0 */
/* Interface of a transport, for the files of this room. RTPL_TRANSPORTS() lists them. */
#ifndef RTPL_TRANSPORT_KINDS_H
#define RTPL_TRANSPORT_KINDS_H

#include "transport/transport.h"

/**
 * struct rtpl_transport - what a transport does; transport.c calls all of it
 * @name: for people
 * @open: open its sockets on a port (0: any) in place of the open ones. On an error those stay.
 *	Called by rtpl_transport_open(): process, rn->lock held, may sleep
 * @close: close its sockets; nothing is received any more when it returns. Called by
 *	rtpl_transport_close(): process, rn->lock held, sleeps
 * @bind: bind its open sockets to a device; on an error they stay at rn->bind_if. Called by
 *	rtpl_transport_bind(): process, rn->lock held, may sleep
 * @owns: does a packet, whose sk is not NULL, belong to one of its sockets? Called by the qdisc and
 *	the leakguard: any context, RCU read side
 * @payload: offset from skb->data of the cell in a packet of this transport's form, and the number
 *	of bytes from there on; negative: it has another form. Called by the qdisc and the
 *	leakguard, through link/own.c: process or BH, RCU read side
 * @route: find the route to an endpoint, whose family is set: fills in dst (with a reference), sk,
 *	addresses, mtu and overhead. Returns 0, -ENOTCONN (no socket), or the routing's error.
 *	Called by rtpl_path_route(), with path->lock held for reading, and rtpl_transport_send_to():
 *	BH, RCU read side
 * @reaches: as rtpl_transport_reaches()
 * @probe: as rtpl_transport_probe()
 * @xmit: as rtpl_transport_xmit()
 */
struct rtpl_transport {
	const char *name;
	int (*open)(struct rtpl_net *rn, u16 port);
	void (*close)(struct rtpl_net *rn);
	int (*bind)(struct rtpl_net *rn, int ifindex);
	bool (*owns)(const struct rtpl_net *rn, const struct sk_buff *skb);
	int (*payload)(const struct sk_buff *skb, int nhoff, __be16 proto, u32 *len);
	int (*route)(struct rtpl_net *rn, struct rtpl_endpoint *ep, struct dst_cache *cache,
		     struct rtpl_route *r);
	bool (*reaches)(const struct rtpl_route *r);
	int (*probe)(struct rtpl_net *rn, const struct rtpl_endpoint *ep, u32 *cell_max);
	int (*xmit)(struct rtpl_net *rn, struct rtpl_route *r, struct sk_buff *skb, u64 at);
};

#define RTPL_TRANSPORT_OPS(kind, ops)	rtpl_##ops,
extern const struct rtpl_transport RTPL_TRANSPORTS(RTPL_TRANSPORT_OPS) rtpl_plain;

/* Called directly where an indirect call is expensive. */
bool rtpl_plain_owns(const struct rtpl_net *rn, const struct sk_buff *skb);
int rtpl_plain_payload(const struct sk_buff *skb, int nhoff, __be16 proto, u32 *len);
int rtpl_plain_xmit(struct rtpl_net *rn, struct rtpl_route *r, struct sk_buff *skb, u64 at);

#endif /* RTPL_TRANSPORT_KINDS_H */
