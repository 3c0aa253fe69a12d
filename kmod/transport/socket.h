/* SPDX-License-Identifier: GPL-2.0 */
/* The way of a cell through the stack: socket.c for tx.c, link.c and the node's config_*.c. */
#ifndef RTPL_SOCKET_H
#define RTPL_SOCKET_H

#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <net/dst.h>

#include "transport/transport.h"

/* Room in front of a datagram for link layer, IPv6 and UDP headers. */
#define RTPL_SKB_HEADROOM \
	ALIGN(LL_MAX_HEADER + sizeof(struct ipv6hdr) + sizeof(struct udphdr), 8)

struct rtpl_route {
	struct dst_entry *dst;
	struct sock *sk;
	union {
		__be32 s4;
		struct in6_addr s6;
	} saddr, daddr;
	__be16 dport;
	u32 number;		/* of the link: link/own.c; 0: no link's */
	u16 *ident;		/* where the link counts IPv4 IDs; NULL: no link's */
	bool v6;
	u8 tos;			/* DSCP and ECN of what is sent */
	u32 mtu;
	u32 cell_max;		/* bytes of UDP payload that mtu carries */
};

/* IP and UDP headers of a datagram. */
static inline u32 rtpl_route_overhead(const struct rtpl_route *r)
{
	return (r->v6 ? sizeof(struct ipv6hdr) : sizeof(struct iphdr)) + sizeof(struct udphdr);
}

static inline void rtpl_route_put(struct rtpl_route *r)
{
	dst_release(r->dst);
}

int rtpl_path_route(struct rtpl_path *path, struct rtpl_route *r);
int rtpl_socket_route_probe(struct rtpl_net *rn, const struct rtpl_endpoint *ep, u32 *cell_max);
int rtpl_socket_xmit(struct rtpl_net *rn, struct rtpl_route *r, struct sk_buff *skb, u64 at);

#endif /* RTPL_SOCKET_H */
