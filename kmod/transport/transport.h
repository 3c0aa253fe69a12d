/* SPDX-License-Identifier: GPL-2.0 */
/* The room of the way out: UDP sockets, routes to a peer, cells known again as own. */
#ifndef RTPL_TRANSPORT_H
#define RTPL_TRANSPORT_H

#include "rtpl.h"

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
/* DSCP and ECN of the datagrams that the peer is sent. Any context. */
u8 rtpl_peer_tos(const struct rtpl_peer *peer);
/* Send a datagram off any link's schedule. Process or BH. Return: 0 or -errno. */
int rtpl_socket_send_to(struct rtpl_net *rn, struct rtpl_endpoint *ep, u8 tos, const u8 *data,
			u16 len);
/* Answer to where @in came from (cookie replies): no peer is involved. */
int rtpl_socket_reply(struct rtpl_net *rn, struct sk_buff *in, const u8 *data, u16 len);
/* Where an encapsulated datagram came from. */
int rtpl_endpoint_from_skb(struct rtpl_endpoint *ep, const struct sk_buff *skb);
/* Authenticated data came from there: roam. BH. */
void rtpl_peer_set_endpoint(struct rtpl_peer *peer, const struct rtpl_endpoint *ep);
/* Is the peer configured to be elsewhere than where it was heard last? @ep: there. Process. */
bool rtpl_peer_configured_elsewhere(struct rtpl_peer *peer, struct rtpl_endpoint *ep);
/* Nobody answers: perhaps for want of the address that was learned as ours. Process or BH. */
void rtpl_peer_forget_source(struct rtpl_peer *peer);

#endif /* RTPL_TRANSPORT_H */
