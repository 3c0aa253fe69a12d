// SPDX-License-Identifier: GPL-2.0
/*
 * The node's UDP sockets: opening them, finding the way to a peer, and
 * sending a datagram or a batch of equal datagrams through the stack, so that
 * routing, neighbours and netfilter treat cells like anyone's UDP.
 *
 * Cells own a reference of their socket (skb->sk), which is how the qdisc and
 * the guard know them again without a mark that an admin might use; link/own.c has what
 * becomes of copies.
 */
#include <linux/inetdevice.h>
#include <linux/udp.h>
#include <net/addrconf.h>
#include <net/ip6_checksum.h>
#include <net/ip6_route.h>
#include <net/ip6_tunnel.h>
#include <net/ip_tunnels.h>
#include <net/ipv6.h>
#include <net/route.h>
#include <net/udp.h>
#include <net/udp_tunnel.h>

#include "event.h"
#include "rtpl.h"
#include "transport/own.h"
#include "transport/socket.h"
#include "transport/transport.h"

/* Moves of a link that are told at once, before they are one a second. */
#define RTPL_PATH_MOVES		8

static void rtpl_sock_setup(struct net *net, struct socket *sock, struct rtpl_net *rn)
{
	struct udp_tunnel_sock_cfg cfg = {
		.sk_user_data = rn,
		.encap_type = 1,
		.encap_rcv = rtpl_transport_ops->receive,
	};

	sock->sk->sk_allocation = GFP_ATOMIC;
	/* What may wait is bounded by the release queue, not by the socket. */
	sock->sk->sk_sndbuf = INT_MAX;
	/* ICMP "fragmentation needed" lowers the route's MTU, cells never fragment. */
	WRITE_ONCE(inet_sk(sock->sk)->pmtudisc, IP_PMTUDISC_DO);
	rtpl_compat_tunnel_setup(net, sock->sk, &cfg);
	/* Batches arrive whole: rx.c cuts them itself. */
	udp_set_bit(ACCEPT_L4, sock->sk);
	udp_set_bit(GRO_ENABLED, sock->sk);
}

static void rtpl_sock_free(struct sock *sk)
{
	if (sk)
		rtpl_compat_tunnel_release(sk);
}

/* Return: whether there were others before. */
static bool rtpl_socket_swap(struct rtpl_net *rn, struct sock *new4, struct sock *new6)
{
	struct sock *old4, *old6;

	old4 = rcu_replace_pointer(rn->sock4, new4, lockdep_is_held(&rn->lock));
	old6 = rcu_replace_pointer(rn->sock6, new6, lockdep_is_held(&rn->lock));
	if (!old4 && !old6)
		return false;
	/* Senders look the socket up under RCU and own a reference in the skb. */
	synchronize_net();
	rtpl_sock_free(old4);
	rtpl_sock_free(old6);
	return true;
}

/**
 * rtpl_socket_open() - open the node's sockets on a port, closing those of another
 * @rn: node
 * @port: host order, 0 for any free one
 *
 * Both families share the port. On error the old sockets stay.
 *
 * Context: process, rn->lock held. Sleeps.
 * Return: 0 or -errno (-EADDRINUSE: the port is taken).
 */
int rtpl_socket_open(struct rtpl_net *rn, u16 port)
{
	struct udp_port_cfg cfg4 = {
		.family = AF_INET,
		.local_ip.s_addr = htonl(INADDR_ANY),
		.local_udp_port = htons(port),
		.use_udp_checksums = true,
		.bind_ifindex = rn->bind_if,
	};
	struct socket *new4 = NULL, *new6 = NULL;
	int tries = port ? 1 : 100;
	int err;

	do {
		err = udp_sock_create(rn->net, &cfg4, &new4);
		if (err)
			return err;
#if IS_ENABLED(CONFIG_IPV6)
		if (ipv6_mod_enabled()) {
			struct udp_port_cfg cfg6 = {
				.family = AF_INET6,
				.local_ip6 = IN6ADDR_ANY_INIT,
				.local_udp_port = inet_sk(new4->sk)->inet_sport,
				.use_udp6_tx_checksums = true,
				.use_udp6_rx_checksums = true,
				.ipv6_v6only = true,
				.bind_ifindex = rn->bind_if,
			};

			err = udp_sock_create(rn->net, &cfg6, &new6);
			if (err)
				rtpl_compat_tunnel_release(new4->sk);
		}
#endif
	} while (err == -EADDRINUSE && --tries > 0);
	if (err)
		return err;

	rtpl_sock_setup(rn->net, new4, rn);
	if (new6)
		rtpl_sock_setup(rn->net, new6, rn);
	WRITE_ONCE(rn->port, ntohs(inet_sk(new4->sk)->inet_sport));
	rtpl_socket_swap(rn, new4->sk, new6 ? new6->sk : NULL);
	return 0;
}

/* Nothing is received any more when it returns. Context: process, rn->lock held. */
void rtpl_socket_close(struct rtpl_net *rn)
{
	WRITE_ONCE(rn->port, 0);
	/* A datagram may have found its socket before that was closed. */
	if (rtpl_socket_swap(rn, NULL, NULL))
		synchronize_net();
}

/* The name's device may be another one now, or none. rn->lock. */
static int rtpl_socket_bind_to(struct rtpl_net *rn, int ifindex)
{
	struct sock *sk4 = rcu_dereference_protected(rn->sock4, lockdep_is_held(&rn->lock));
	struct sock *sk6 = rcu_dereference_protected(rn->sock6, lockdep_is_held(&rn->lock));
	int err = 0;

	if (rn->bind_if == ifindex)
		return 0;
	if (sk4)
		err = sock_bindtoindex(sk4, ifindex, true);
	if (!err && sk6)
		err = sock_bindtoindex(sk6, ifindex, true);
	if (err) {
		if (sk4)
			sock_bindtoindex(sk4, rn->bind_if, true);
		return err;
	}
	WRITE_ONCE(rn->bind_if, ifindex);
	return 0;
}

static int rtpl_socket_bind_index(struct rtpl_net *rn, const char *name)
{
	struct net_device *dev;
	int ifindex = RTPL_BIND_GONE;

	if (!*name)
		return 0;
	rcu_read_lock();
	dev = dev_get_by_name_rcu(rn->net, name);
	if (dev)
		ifindex = dev->ifindex;
	rcu_read_unlock();
	return ifindex;
}

int rtpl_socket_bind(struct rtpl_net *rn, const char *name)
{
	int err = rtpl_socket_bind_to(rn, rtpl_socket_bind_index(rn, name));

	if (!err)
		strscpy(rn->bind_name, name, sizeof(rn->bind_name));
	return err;
}

/*
 * May cells leave by @out from the address that the peer spoke to? When it was learned,
 * they left by the device that ep->src_if holds. When they leave by another one, as after
 * the default route moved to a second uplink, the address may lead nowhere from there,
 * though it is still ours: the route chooses then. A server that answers by another device
 * than it is called by, from the beginning, keeps its address.
 */
static bool rtpl_route_keeps_source(struct rtpl_endpoint *ep, const struct net_device *out)
{
	int first = READ_ONCE(ep->src_if);

	if (!first)
		WRITE_ONCE(ep->src_if, out->ifindex);
	return !first || first == out->ifindex;
}

static int rtpl_route4(struct rtpl_net *rn, struct rtpl_endpoint *ep,
		       struct dst_cache *cache, struct sock *sk, struct rtpl_route *r)
{
	struct flowi4 fl = {
		.saddr = ep->src4.s_addr,
		.daddr = ep->in4.sin_addr.s_addr,
		.fl4_sport = inet_sk(sk)->inet_sport,
		.fl4_dport = ep->in4.sin_port,
		.flowi4_oif = READ_ONCE(rn->bind_if),
		.flowi4_mark = READ_ONCE(rn->fwmark),
		.flowi4_proto = IPPROTO_UDP,
	};
	struct rtable *rt = NULL;
	bool learned;

	if (cache)
		rt = dst_cache_get_ip4(cache, &fl.saddr);
	if (!rt) {
		security_sk_classify_flow(sk, flowi4_to_flowi_common(&fl));
		/* The address that the peer spoke to may be gone meanwhile. */
		if (fl.saddr && !inet_confirm_addr(rn->net, NULL, 0, fl.saddr, RT_SCOPE_HOST))
			fl.saddr = 0;
		learned = fl.saddr;
		rt = ip_route_output_flow(rn->net, &fl, sk);
		if (learned && (IS_ERR(rt) || !rtpl_route_keeps_source(ep, rt->dst.dev))) {
			if (!IS_ERR(rt))
				ip_rt_put(rt);
			fl.saddr = 0;
			rt = ip_route_output_flow(rn->net, &fl, sk);
		}
		if (IS_ERR(rt))
			return PTR_ERR(rt);
		if (cache)
			dst_cache_set_ip4(cache, &rt->dst, fl.saddr);
	}
	r->dst = &rt->dst;
	r->saddr.s4 = fl.saddr;
	r->daddr.s4 = fl.daddr;
	r->dport = fl.fl4_dport;
	r->mtu = dst_mtu(r->dst);
	return 0;
}

static int rtpl_route6(struct rtpl_net *rn, struct rtpl_endpoint *ep,
		       struct dst_cache *cache, struct sock *sk, struct rtpl_route *r)
{
#if IS_ENABLED(CONFIG_IPV6)
	struct flowi6 fl = {
		.saddr = ep->src6,
		.daddr = ep->in6.sin6_addr,
		.fl6_sport = inet_sk(sk)->inet_sport,
		.fl6_dport = ep->in6.sin6_port,
		.flowi6_mark = READ_ONCE(rn->fwmark),
		.flowi6_oif = ep->in6.sin6_scope_id ?: READ_ONCE(rn->bind_if),
		.flowi6_proto = IPPROTO_UDP,
	};
	struct dst_entry *dst = NULL;
	bool learned;

	if (cache)
		dst = dst_cache_get_ip6(cache, &fl.saddr);
	if (!dst) {
		security_sk_classify_flow(sk, flowi6_to_flowi_common(&fl));
		if (!ipv6_addr_any(&fl.saddr) &&
		    !ipv6_chk_addr_and_flags(rn->net, &fl.saddr,
					     dev_get_by_index_rcu(rn->net, READ_ONCE(rn->bind_if)),
					     true, 0, IFA_F_TENTATIVE))
			fl.saddr = in6addr_any;
		learned = !ipv6_addr_any(&fl.saddr);
		dst = ip6_dst_lookup_flow(rn->net, sk, &fl, NULL);
		if (learned && (IS_ERR(dst) || !rtpl_route_keeps_source(ep, dst->dev))) {
			if (!IS_ERR(dst))
				dst_release(dst);
			fl.saddr = in6addr_any;
			dst = ip6_dst_lookup_flow(rn->net, sk, &fl, NULL);
		}
		if (IS_ERR(dst))
			return PTR_ERR(dst);
		if (cache)
			dst_cache_set_ip6(cache, dst, &fl.saddr);
	}
	r->dst = dst;
	r->saddr.s6 = fl.saddr;
	r->daddr.s6 = fl.daddr;
	r->dport = fl.fl6_dport;
	r->mtu = dst_mtu(dst);
	return 0;
#else
	return -EAFNOSUPPORT;
#endif
}

static int rtpl_route_to(struct rtpl_net *rn, struct rtpl_endpoint *ep,
			 struct dst_cache *cache, struct rtpl_route *r)
{
	int err;

	r->number = 0;
	r->ident = NULL;
	r->tos = 0;
	r->v6 = ep->sa.sa_family == AF_INET6;
	r->sk = r->v6 ? rcu_dereference(rn->sock6) : rcu_dereference(rn->sock4);
	if (!ep->sa.sa_family)
		return -EDESTADDRREQ;
	if (!r->sk)
		return -ENOTCONN;
	err = r->v6 ? rtpl_route6(rn, ep, cache, r->sk, r) :
		      rtpl_route4(rn, ep, cache, r->sk, r);
	if (!err)
		r->cell_max = clamp_t(u32, r->mtu, RTPL_CELL_MIN + rtpl_route_overhead(r),
				      RTPL_CELL_MAX + rtpl_route_overhead(r)) -
			      rtpl_route_overhead(r);
	return err;
}

int rtpl_path_init(struct rtpl_path *path, struct rtpl_owner *owner)
{
	path->owner = owner;
	path->ident = get_random_u16();
	rwlock_init(&path->lock);
	return dst_cache_init(&path->dst_cache, GFP_KERNEL_ACCOUNT);
}

void rtpl_path_free(struct rtpl_path *path)
{
	dst_cache_destroy(&path->dst_cache);
}

u8 rtpl_path_tos(const struct rtpl_path *path)
{
	u8 dscp = READ_ONCE(path->dscp);

	if (dscp == RTPL_DSCP_COPY)
		dscp = READ_ONCE(path->copied);
	return dscp << 2 | READ_ONCE(path->ecn);
}

/**
 * rtpl_path_route() - the way to an endpoint, and how large a cell it takes
 * @path: path
 * @r: filled in; on success r->dst holds a reference, given up by
 *	rtpl_socket_xmit() or rtpl_route_put()
 *
 * Context: BH and RCU read side, both until the route is used.
 * Return: 0, -EDESTADDRREQ (no endpoint), -ENOTCONN (no socket), or the routing's error.
 */
int rtpl_path_route(struct rtpl_path *path, struct rtpl_route *r)
{
	int err;

	read_lock_bh(&path->lock);
	err = rtpl_route_to(path->owner->rn, &path->endpoint, &path->dst_cache, r);
	read_unlock_bh(&path->lock);
	r->number = path->number;
	r->ident = &path->ident;
	r->tos = rtpl_path_tos(path);
	return err;
}

/**
 * rtpl_socket_route_probe() - would this endpoint be routable, and with what MTU?
 * @rn: node; sockets need not be open
 * @ep: endpoint
 * @cell_max: set to the largest cell the route's MTU carries
 *
 * Context: process. Return: 0 or the routing's error.
 */
int rtpl_socket_route_probe(struct rtpl_net *rn, const struct rtpl_endpoint *ep, u32 *cell_max)
{
	struct rtpl_route r = { .v6 = ep->sa.sa_family == AF_INET6 };
	int err = 0;

	if (r.v6) {
#if IS_ENABLED(CONFIG_IPV6)
		struct flowi6 fl = {
			.daddr = ep->in6.sin6_addr,
			.flowi6_oif = ep->in6.sin6_scope_id ?: READ_ONCE(rn->bind_if),
			.flowi6_mark = READ_ONCE(rn->fwmark),
			.flowi6_proto = IPPROTO_UDP,
		};

		if (!ipv6_mod_enabled())
			return -EAFNOSUPPORT;
		r.dst = ip6_dst_lookup_flow(rn->net, NULL, &fl, NULL);
		if (IS_ERR(r.dst))
			return PTR_ERR(r.dst);
#else
		return -EAFNOSUPPORT;
#endif
	} else {
		struct flowi4 fl = {
			.daddr = ep->in4.sin_addr.s_addr,
			.flowi4_oif = READ_ONCE(rn->bind_if),
			.flowi4_mark = READ_ONCE(rn->fwmark),
			.flowi4_proto = IPPROTO_UDP,
		};
		struct rtable *rt = ip_route_output_flow(rn->net, &fl, NULL);

		if (IS_ERR(rt))
			return PTR_ERR(rt);
		r.dst = &rt->dst;
	}
	r.mtu = dst_mtu(r.dst);
	if (r.mtu < RTPL_CELL_MIN + rtpl_route_overhead(&r))
		err = -EMSGSIZE;
	else
		*cell_max = min_t(u32, r.mtu - rtpl_route_overhead(&r), RTPL_CELL_MAX);
	dst_release(r.dst);
	return err;
}

static void rtpl_push_udp(struct sk_buff *skb, const struct rtpl_route *r)
{
	unsigned int len = skb->len + sizeof(struct udphdr);
	struct udphdr *uh = __skb_push(skb, sizeof(*uh));

	skb_reset_transport_header(skb);
	uh->source = inet_sk(r->sk)->inet_sport;
	uh->dest = r->dport;
	uh->len = htons(len);
	/* Left to the device, also for each datagram of a batch. */
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = skb_transport_header(skb) - skb->head;
	skb->csum_offset = offsetof(struct udphdr, check);
	if (r->v6)
		uh->check = ~csum_ipv6_magic(&r->saddr.s6, &r->daddr.s6, len, IPPROTO_UDP, 0);
	else
		uh->check = ~csum_tcpudp_magic(r->saddr.s4, r->daddr.s4, len, IPPROTO_UDP, 0);
}

/*
 * The IPv4 ID of a datagram, or of the first of a batch. Not from the stack's counter for these
 * two hosts and UDP (__ip_select_ident()): packets that are sealed take theirs from the same, so
 * that cells would count them.
 */
static __be16 rtpl_route_ident(const struct rtpl_route *r, const struct sk_buff *skb)
{
	u16 id;

	if (!r->ident)
		return htons(get_random_u16());
	id = *r->ident;
	*r->ident += skb_shinfo(skb)->gso_segs ?: 1;
	return htons(id);
}

/**
 * rtpl_socket_xmit() - send a datagram, or a GSO batch of them, along a route
 * @rn: node
 * @r: from rtpl_socket_route(), in the same RCU read side; its reference is used up
 * @skb: payload only, with RTPL_SKB_HEADROOM; consumed
 * @at: CLOCK_MONOTONIC ns at which it is to leave, 0 for at once
 *
 * Context: BH.
 * Return: 0, or a negative error when the stack refused it at once.
 */
int rtpl_socket_xmit(struct rtpl_net *rn, struct rtpl_route *r, struct sk_buff *skb, u64 at)
{
	int err;

	skb_set_owner_w(skb, r->sk);
	skb->dev = r->dst->dev;
	skb->mark = READ_ONCE(rn->fwmark);
	skb->ignore_df = 0;
	/* It goes with the cell into tunnels, segments and copies. */
	if (r->number)
		__skb_set_sw_hash(skb, r->number, true);
	rtpl_push_udp(skb, r);
	rtpl_compat_set_departure(skb, at);

	if (r->v6) {
#if IS_ENABLED(CONFIG_IPV6)
		struct ipv6hdr *ip6h;

		skb_dst_set(skb, r->dst);
		memset(IP6CB(skb), 0, sizeof(*IP6CB(skb)));
		ip6h = __skb_push(skb, sizeof(*ip6h));
		skb_reset_network_header(skb);
		ip6_flow_hdr(ip6h, r->tos, 0);
		ip6h->payload_len = htons(skb->len - sizeof(*ip6h));
		ip6h->nexthdr = IPPROTO_UDP;
		ip6h->hop_limit = ip6_dst_hoplimit(r->dst);
		ip6h->saddr = r->saddr.s6;
		ip6h->daddr = r->daddr.s6;
		skb->protocol = htons(ETH_P_IPV6);
		err = ip6_local_out(rn->net, r->sk, skb);
#else
		kfree_skb(skb);
		err = -EAFNOSUPPORT;
#endif
	} else {
		struct iphdr *iph;

		skb_dst_set(skb, r->dst);
		memset(IPCB(skb), 0, sizeof(*IPCB(skb)));
		iph = __skb_push(skb, sizeof(*iph));
		skb_reset_network_header(skb);
		iph->version = 4;
		iph->ihl = sizeof(*iph) >> 2;
		iph->tos = r->tos;
		iph->frag_off = htons(IP_DF);
		iph->protocol = IPPROTO_UDP;
		iph->ttl = ip4_dst_hoplimit(r->dst);
		iph->saddr = r->saddr.s4;
		iph->daddr = r->daddr.s4;
		iph->id = rtpl_route_ident(r, skb);
		skb->protocol = htons(ETH_P_IP);
		err = ip_local_out(rn->net, r->sk, skb);
	}
	return net_xmit_eval(err);
}

/**
 * rtpl_socket_send_to() - send a datagram that is no link's: at once, and by no route that is kept
 * @rn: node
 * @ep: where to
 * @tos: DSCP and ECN
 * @data: the datagram
 * @len: its bytes
 *
 * Context: process or BH. Return: 0 or -errno.
 */
int rtpl_socket_send_to(struct rtpl_net *rn, struct rtpl_endpoint *ep, u8 tos, const u8 *data,
			u16 len)
{
	struct rtpl_route r;
	struct sk_buff *skb;
	int err;

	skb = alloc_skb(RTPL_SKB_HEADROOM + len, GFP_ATOMIC);
	if (!skb)
		return -ENOMEM;
	skb_reserve(skb, RTPL_SKB_HEADROOM);
	skb_put_data(skb, data, len);
	rtpl_own_note_handshake(rn, data, len);

	local_bh_disable();
	rcu_read_lock();
	err = rtpl_route_to(rn, ep, NULL, &r);
	r.tos = tos;
	if (err)
		kfree_skb(skb);
	else
		err = rtpl_socket_xmit(rn, &r, skb, 0);
	rcu_read_unlock();
	local_bh_enable();
	return err;
}

/**
 * rtpl_socket_reply() - answer a datagram whose sender is no peer yet
 * @rn: node
 * @in: what came, with IP and UDP headers set
 * @data: the answer
 * @len: its bytes
 *
 * Context: process or BH. Return: 0 or -errno.
 */
int rtpl_socket_reply(struct rtpl_net *rn, struct sk_buff *in, const u8 *data, u16 len)
{
	struct rtpl_endpoint ep;
	int err;

	err = rtpl_endpoint_from_skb(&ep, in);
	return err ?: rtpl_socket_send_to(rn, &ep, 0, data, len);
}

/**
 * rtpl_endpoint_from_skb() - where an encapsulated datagram came from
 * @ep: filled in
 * @skb: with network and transport headers of the outer packet set
 *
 * Context: any. Return: 0, -EAFNOSUPPORT.
 */
int rtpl_endpoint_from_skb(struct rtpl_endpoint *ep, const struct sk_buff *skb)
{
	memset(ep, 0, sizeof(*ep));
	switch (skb->protocol) {
	case htons(ETH_P_IP):
		ep->in4.sin_family = AF_INET;
		ep->in4.sin_port = udp_hdr(skb)->source;
		ep->in4.sin_addr.s_addr = ip_hdr(skb)->saddr;
		ep->src4.s_addr = ip_hdr(skb)->daddr;
		return 0;
	case htons(ETH_P_IPV6):
		ep->in6.sin6_family = AF_INET6;
		ep->in6.sin6_port = udp_hdr(skb)->source;
		ep->in6.sin6_addr = ipv6_hdr(skb)->saddr;
		ep->in6.sin6_scope_id =
			ipv6_iface_scope_id(&ipv6_hdr(skb)->saddr, skb->skb_iif);
		ep->src6 = ipv6_hdr(skb)->daddr;
		return 0;
	default:
		return -EAFNOSUPPORT;
	}
}

/* Same place? The local address counts too: answers must come from there. */
static bool rtpl_endpoint_equal(const struct rtpl_endpoint *a, const struct rtpl_endpoint *b)
{
	if (a->sa.sa_family != b->sa.sa_family)
		return false;
	switch (a->sa.sa_family) {
	case AF_INET:
		return a->in4.sin_port == b->in4.sin_port &&
		       a->in4.sin_addr.s_addr == b->in4.sin_addr.s_addr &&
		       a->src4.s_addr == b->src4.s_addr;
	case AF_INET6:
		return a->in6.sin6_port == b->in6.sin6_port &&
		       a->in6.sin6_scope_id == b->in6.sin6_scope_id &&
		       ipv6_addr_equal(&a->in6.sin6_addr, &b->in6.sin6_addr) &&
		       ipv6_addr_equal(&a->src6, &b->src6);
	default:
		return true;
	}
}

/* Is it the same address and port of the peer's, whichever of ours it spoke to? */
static bool rtpl_endpoint_same_place(const struct rtpl_endpoint *a, const struct rtpl_endpoint *b)
{
	struct rtpl_endpoint like = *a;

	memcpy(&like.src6, &b->src6, sizeof(like.src6));
	return rtpl_endpoint_equal(&like, b);
}

/* By which device do cells leave now, from the address just learned? See above. */
static void rtpl_path_note_way(struct rtpl_path *path)
{
	struct rtpl_route r;

	local_bh_disable();
	rcu_read_lock();
	if (!rtpl_path_route(path, &r))
		rtpl_route_put(&r);
	rcu_read_unlock();
	local_bh_enable();
}

/*
 * Whoever is here and there by turns is one event a second, after some that come at once.
 * path->lock, written.
 */
static bool rtpl_path_may_tell(struct rtpl_path *path)
{
	u32 now = jiffies, ahead = path->told - now;

	/* In the past, be it long ago. */
	if (ahead > (RTPL_PATH_MOVES + 1) * HZ) {
		path->told = now;
		ahead = 0;
	}
	if (ahead > RTPL_PATH_MOVES * HZ)
		return false;
	path->told += HZ;
	return true;
}

/**
 * rtpl_path_set_endpoint() - authenticated data came from there: send there
 * @path: path
 * @ep: where from
 *
 * Context: BH.
 */
void rtpl_path_set_endpoint(struct rtpl_path *path, const struct rtpl_endpoint *ep)
{
	bool tell = false;

	/*
	 * A glance without the lock, for it hardly ever changes; a torn read
	 * costs no more than taking the lock, or waiting for the next datagram.
	 */
	if (rtpl_endpoint_equal(&path->endpoint, ep))
		return;
	write_lock_bh(&path->lock);
	if (!rtpl_endpoint_equal(&path->endpoint, ep)) {
		/* A new local address alone is no move of the peer's. */
		tell = !rtpl_endpoint_same_place(&path->endpoint, ep);
		path->endpoint = *ep;
		dst_cache_reset(&path->dst_cache);
		tell = tell && rtpl_path_may_tell(path);
	}
	write_unlock_bh(&path->lock);
	rtpl_path_note_way(path);
	if (tell)
		rtpl_event(path->owner, RTPL_EVENT_ROAMED);
}

/**
 * rtpl_path_configured_elsewhere() - is there another place to look for the peer?
 * @path: path
 * @ep: set to where the admin said that it is
 *
 * Context: process. Return: true if there is one, and it is not where the peer was last heard.
 */
bool rtpl_path_configured_elsewhere(struct rtpl_path *path, struct rtpl_endpoint *ep)
{
	bool elsewhere;

	read_lock_bh(&path->lock);
	*ep = path->configured;
	elsewhere = ep->sa.sa_family != AF_UNSPEC &&
		    !rtpl_endpoint_same_place(&path->endpoint, ep);
	read_unlock_bh(&path->lock);
	return elsewhere;
}

/**
 * rtpl_path_forget_source() - let the route choose which of our addresses cells come from
 * @path: from whose end no answer comes
 *
 * The address that the peer spoke to last may be the reason: ours still, and its network
 * gone. What the peer says next teaches the address again.
 *
 * Context: process or BH.
 */
void rtpl_path_forget_source(struct rtpl_path *path)
{
	struct rtpl_endpoint *ep = &path->endpoint;

	write_lock_bh(&path->lock);
	if (!ipv6_addr_any(&ep->src6)) {
		memset(&ep->src6, 0, sizeof(ep->src6));
		ep->src_if = 0;
		dst_cache_reset(&path->dst_cache);
	}
	write_unlock_bh(&path->lock);
}
