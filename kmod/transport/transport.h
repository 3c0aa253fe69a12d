/* SPDX-License-Identifier: GPL-2.0 */
/**
 * DOC: the room transport
 *
 * The way out: transports, paths to endpoints, recognising own datagrams. A transport defines what
 * a cell looks like outside; kinds.h is its interface. Other rooms use this header and
 * transport/own.h.
 *
 * Locks: path->lock (BH) protects a path's endpoints and what routers reported about it. It is a
 * leaf but for the routing's own locks. Sockets change under rn->lock and are read under RCU.
 *
 * Contexts: sockets are opened, closed and bound in process context. Datagrams are sent in BH,
 * under RCU, mostly with the link's tx_lock held. Received datagrams, and ICMP errors about sent
 * ones, are passed up in BH, under RCU.
 */
#ifndef RTPL_TRANSPORT_H
#define RTPL_TRANSPORT_H

#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <net/dst.h>
#include <net/dst_cache.h>

#include "rtpl.h"

/* Each transport, with the name of its struct rtpl_transport; plain: cells as payload of UDP. */
#define RTPL_TRANSPORTS(X)	\
	X(PLAIN, plain)
#define RTPL_TRANSPORT_KIND(kind, ops)	RTPL_TRANSPORT_##kind,
enum rtpl_transport_kind { RTPL_TRANSPORTS(RTPL_TRANSPORT_KIND) RTPL_TRANSPORT_KINDS };

/* Room in front of a datagram for link layer, IPv6 and UDP headers. */
#define RTPL_SKB_HEADROOM \
	ALIGN(LL_MAX_HEADER + sizeof(struct ipv6hdr) + sizeof(struct udphdr), 8)

struct rtpl_endpoint {
	union {
		struct sockaddr sa;
		struct sockaddr_in in4;
		struct sockaddr_in6 in6;
	};
	union {				/* our address that the peer spoke to; any: the route's */
		struct in_addr src4;
		struct in6_addr src6;
	};
	int src_if;			/* device by which cells left when learned; 0: none */
	u8 kind;			/* enum rtpl_transport_kind */
};

/* Where a link's datagrams go. */
struct rtpl_path {
	struct rtpl_owner *owner;
	rwlock_t lock;			/* BH */
	struct rtpl_endpoint endpoint;	/* where datagrams are sent; family 0: none */
	struct rtpl_endpoint configured;	/* as the admin set it; family 0: never */
	struct dst_cache dst_cache;
	u32 number;			/* its cells' flow hash: link/own.c */
	u32 told;			/* jiffies, plus a second for each event that it moved */
	u16 ident;			/* IPv4 ID of the next cell; the link's tx_lock */
	u8 dscp;			/* of its cells, or RTPL_DSCP_COPY */
	u8 copied;			/* DSCP of the last cell, if copied from packets */
	u8 ecn;				/* enum rtpl_ecn_kind, of its cells */
	u16 mtu;			/* that a router reported for one of its cells; 0: none */
	u32 mtu_since;			/* jiffies, of the last report */
};

/* How a datagram gets there. Lives while one is sent: tens of bytes of stack. */
struct rtpl_route {
	struct dst_entry *dst;
	struct sock *sk;
	union {
		__be32 s4;
		struct in6_addr s6;
	} saddr, daddr;
	__be16 dport;
	u32 number;		/* of the link: link/own.c; 0: no link's datagram */
	u16 *ident;		/* the link's counter of IPv4 IDs; NULL: no link's datagram */
	u8 kind;		/* enum rtpl_transport_kind */
	bool v6;
	bool mtu_locked;	/* the admin set mtu, and no router changes it */
	u8 tos;			/* DSCP and ECN of what is sent */
	u32 mtu;
	u32 batch_mtu;		/* larger cells are sent one by one */
	u32 overhead;		/* bytes of headers in front of a cell */
	u32 cell_max;		/* bytes of a cell that fit mtu */
};

/**
 * rtpl_route_put() - release a route that was not used for sending
 * @r: from rtpl_path_route(), and not used up by rtpl_transport_xmit()
 *
 * Context: any.
 */
static inline void rtpl_route_put(struct rtpl_route *r)
{
	dst_release(r->dst);
}

/**
 * struct rtpl_transport_ops - what a transport reports to the room link, registered by main.c
 * @receive: datagrams came: one cell or handshake each, in steps of step bytes of skb from off on;
 *	the last one may be shorter. Consumes skb. Called by a socket's encap_rcv: BH, RCU read side
 * @sent_by: find the path of the link that lately sent a datagram which an ICMP error quotes; NULL:
 *	none. The quoted payload begins off bytes behind skb->data. Called by a socket's
 *	encap_err_lookup: BH, RCU read side
 */
struct rtpl_transport_ops {
	void (*receive)(struct rtpl_net *rn, enum rtpl_transport_kind kind, struct sk_buff *skb,
			u32 off, u32 step);
	struct rtpl_path *(*sent_by)(struct rtpl_net *rn, const struct sk_buff *skb, u32 off);
};

extern const struct rtpl_transport_ops *rtpl_transport_ops;

/* ---- transport.c ---- */

int rtpl_transport_open(struct rtpl_net *rn, enum rtpl_transport_kind kind, u16 port);
void rtpl_transport_close(struct rtpl_net *rn);
/* Stands for a device that does not exist: no device has this index. */
#define RTPL_BIND_GONE		INT_MAX
int rtpl_transport_bind(struct rtpl_net *rn, const char *name);
bool rtpl_transport_owns_sk(const struct rtpl_net *rn, const struct sk_buff *skb);
int rtpl_transport_payload(const struct sk_buff *skb, int nhoff, __be16 proto, u32 *len);
int rtpl_transport_probe(struct rtpl_net *rn, const struct rtpl_endpoint *ep, u32 *cell_max);
bool rtpl_transport_reaches(const struct rtpl_route *r);
int rtpl_transport_xmit(struct rtpl_net *rn, struct rtpl_route *r, struct sk_buff *skb, u64 at);
int rtpl_transport_send_to(struct rtpl_net *rn, struct rtpl_endpoint *ep, u8 tos, const u8 *data,
			   u16 len);
int rtpl_endpoint_from_skb(struct rtpl_endpoint *ep, enum rtpl_transport_kind kind,
			   const struct sk_buff *skb);

/**
 * rtpl_transport_owns() - does a packet belong to one of the node's sockets?
 * @rn: node
 * @skb: packet
 *
 * Context: any, RCU read side.
 * Return: true if it does: a cell, a handshake, or one of these in headers of the stack.
 */
static inline bool rtpl_transport_owns(const struct rtpl_net *rn, const struct sk_buff *skb)
{
	return skb->sk && rtpl_transport_owns_sk(rn, skb);
}

u8 rtpl_path_tos(const struct rtpl_path *path);
int rtpl_path_route(struct rtpl_path *path, struct rtpl_route *r);
bool rtpl_path_told_mtu(struct rtpl_path *path, const struct rtpl_endpoint *to, u32 mtu);
void rtpl_path_forget_mtu(struct rtpl_path *path);
int rtpl_path_init(struct rtpl_path *path, struct rtpl_owner *owner);
void rtpl_path_free(struct rtpl_path *path);

/**
 * rtpl_path_nowhere() - does a path have no endpoint yet?
 * @path: path
 *
 * Context: any.
 * Return: true if it has none.
 */
static inline bool rtpl_path_nowhere(const struct rtpl_path *path)
{
	return READ_ONCE(path->endpoint.sa.sa_family) == AF_UNSPEC;
}

bool rtpl_path_leads_to(struct rtpl_path *path, bool v6, const void *addr, bool learned);
void rtpl_path_set_endpoint(struct rtpl_path *path, const struct rtpl_endpoint *ep);
bool rtpl_path_configured_elsewhere(struct rtpl_path *path, struct rtpl_endpoint *ep);
void rtpl_path_forget_source(struct rtpl_path *path);

#endif /* RTPL_TRANSPORT_H */
