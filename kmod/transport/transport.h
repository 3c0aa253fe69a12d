/* SPDX-License-Identifier: GPL-2.0 */
/* The room of the way out: UDP sockets, paths to endpoints, datagrams known again as own. */
#ifndef RTPL_TRANSPORT_H
#define RTPL_TRANSPORT_H

#include <net/dst_cache.h>

#include "rtpl.h"

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
	int src_if;			/* device that cells left by when it was learned; 0: none */
};

/* Where a link's datagrams go. */
struct rtpl_path {
	struct rtpl_owner *owner;
	rwlock_t lock;			/* BH */
	struct rtpl_endpoint endpoint;	/* where it is sent to; family 0: none */
	struct rtpl_endpoint configured;	/* as the admin set it; family 0: never */
	struct dst_cache dst_cache;
	u32 number;			/* its cells' flow hash: link/own.c */
	u32 told;			/* jiffies, a second for each event that it moved */
	u16 ident;			/* IPv4 ID of the next cell; the link's tx_lock */
	u8 dscp;			/* of its cells, or RTPL_DSCP_COPY */
	u8 copied;			/* DSCP of the last cell, where packets give it */
	u8 ecn;				/* enum rtpl_ecn_kind, of its cells */
};

/* What the room link registers in main.c. */
struct rtpl_transport_ops {
	/* A datagram came in: udp_tunnel's encap_rcv. */
	int (*receive)(struct sock *sk, struct sk_buff *skb);
};

extern const struct rtpl_transport_ops *rtpl_transport_ops;

/* ---- socket.c ---- */

/* (Re)open the UDP sockets on @port (0: any). rn->lock. Return 0, -EADDRINUSE ... */
int rtpl_socket_open(struct rtpl_net *rn, u16 port);
void rtpl_socket_close(struct rtpl_net *rn);
/* A device that is not there: no device has this index. */
#define RTPL_BIND_GONE		INT_MAX
/* Bind the sockets to @name from now on, "": to none. rn->lock. Return: 0 or -errno. */
int rtpl_socket_bind(struct rtpl_net *rn, const char *name);
/* DSCP and ECN of the datagrams that are sent there. Any context. */
u8 rtpl_path_tos(const struct rtpl_path *path);
/* Send a datagram off any link's schedule. Process or BH. Return: 0 or -errno. */
int rtpl_socket_send_to(struct rtpl_net *rn, struct rtpl_endpoint *ep, u8 tos, const u8 *data,
			u16 len);
/* Answer to where @in came from (cookie replies): no peer is involved. */
int rtpl_socket_reply(struct rtpl_net *rn, struct sk_buff *in, const u8 *data, u16 len);
/* Where an encapsulated datagram came from. */
int rtpl_endpoint_from_skb(struct rtpl_endpoint *ep, const struct sk_buff *skb);
/* Process. Return: 0 or -ENOMEM; rtpl_path_free() undoes it. */
int rtpl_path_init(struct rtpl_path *path, struct rtpl_owner *owner);
void rtpl_path_free(struct rtpl_path *path);
/* Is there no endpoint yet? Any context. */
static inline bool rtpl_path_nowhere(const struct rtpl_path *path)
{
	return READ_ONCE(path->endpoint.sa.sa_family) == AF_UNSPEC;
}

/* Authenticated data came from there: roam. BH. */
void rtpl_path_set_endpoint(struct rtpl_path *path, const struct rtpl_endpoint *ep);
/* Is it configured to be elsewhere than where it was heard last? @ep: there. Process. */
bool rtpl_path_configured_elsewhere(struct rtpl_path *path, struct rtpl_endpoint *ep);
/* Nobody answers: perhaps for want of the address that was learned as ours. Process or BH. */
void rtpl_path_forget_source(struct rtpl_path *path);

#endif /* RTPL_TRANSPORT_H */
