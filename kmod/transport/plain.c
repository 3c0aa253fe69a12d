// SPDX-License-Identifier: GPL-2.0
/*
 * Transport plain: a cell is the payload of a UDP datagram. This file opens the node's UDP sockets,
 * finds the route to a peer, and sends a datagram or a batch of equal datagrams through the stack,
 * so that routing, neighbours and netfilter treat cells like any other UDP.
 *
 * Cells hold a reference to their socket (skb->sk), by which the qdisc and the leakguard recognise
 * them, without a mark that an admin might use; link/own.c deals with copies.
 */
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/inetdevice.h>
#include <linux/udp.h>
#include <net/addrconf.h>
#include <net/bareudp.h>
#include <net/geneve.h>
#include <net/gre.h>
#include <net/ip6_checksum.h>
#include <net/ip6_route.h>
#include <net/ip6_tunnel.h>
#include <net/ip_tunnels.h>
#include <net/ipv6.h>
#include <net/lwtunnel.h>
#include <net/route.h>
#include <net/udp.h>
#include <net/udp_tunnel.h>
#include <net/vxlan.h>

#include "rtpl.h"
#include "transport/kinds.h"
#include "transport/transport.h"

/* IP and UDP headers of a datagram. */
static u32 rtpl_plain_overhead(bool v6)
{
	return (v6 ? sizeof(struct ipv6hdr) : sizeof(struct iphdr)) + sizeof(struct udphdr);
}

/* Receive a datagram, or a batch that the stack kept together: encap_rcv. BH, RCU. */
static int rtpl_plain_receive(struct sock *sk, struct sk_buff *skb)
{
	struct rtpl_net *rn = rcu_dereference_sk_user_data(sk);
	u32 step = skb->len;

	if (unlikely(!rn)) {
		kfree_skb(skb);
		return 0;
	}
	/* For a super-packet other than a batch, gso_size tells nothing about datagrams. */
	if (skb_is_gso(skb) && skb_shinfo(skb)->gso_type & SKB_GSO_UDP_L4)
		step = skb_shinfo(skb)->gso_size;
	rtpl_transport_ops->receive(rn, RTPL_TRANSPORT_PLAIN, skb, sizeof(struct udphdr), step);
	return 0;
}

/*
 * The MTU that an ICMP "packet too big" reports, or 0 for another error. As in the stack, a value
 * below IPv6's minimum is ignored, and one below IPv4's is raised to it.
 */
static u32 rtpl_plain_too_big(const struct sk_buff *skb, const struct net *net, bool v6)
{
	/* Both ICMP headers have the same length, right in front of what they quote. */
	const void *head = skb_network_header(skb) - sizeof(struct icmphdr);
	const struct icmphdr *icmp4 = head;
	u32 mtu = 0;

	if (v6) {
#if IS_ENABLED(CONFIG_IPV6)
		const struct icmp6hdr *icmp6 = head;

		if (icmp6->icmp6_type == ICMPV6_PKT_TOOBIG)
			mtu = ntohl(icmp6->icmp6_mtu);
#endif
		return mtu < IPV6_MIN_MTU ? 0 : mtu;
	}
	if (icmp4->type != ICMP_DEST_UNREACH || icmp4->code != ICMP_FRAG_NEEDED)
		return 0;
	return max_t(u32, ntohs(icmp4->un.frag.mtu), READ_ONCE(net->ipv4.ip_rt_min_pmtu));
}

/*
 * An ICMP error quotes a datagram from our port, or one to our port that is not ours: udp_tunnel's
 * encap_err_lookup, with the quoted headers set as the packet's. A "packet too big" is believed if
 * it quotes a datagram that we sent, which nobody off the path can do. BH, RCU. Return: 0 to have
 * the stack handle the error; otherwise it is dropped.
 */
static int rtpl_plain_error(struct sock *sk, struct sk_buff *skb)
{
	struct rtpl_net *rn = rcu_dereference_sk_user_data(sk);
	const struct udphdr *uh = udp_hdr(skb);
	bool v6 = sk->sk_family == AF_INET6;
	struct rtpl_endpoint to = { };
	struct rtpl_path *path;
	u32 mtu;

	if (!rn || uh->source != inet_sk(sk)->inet_sport)
		return -ENOENT;
	mtu = rtpl_plain_too_big(skb, rn->net, v6);
	if (!mtu)
		return 0;
	path = rtpl_transport_ops->sent_by(rn, skb, skb_transport_offset(skb) + sizeof(*uh));
	if (!path)
		return -ENOENT;
	if (v6) {
		to.in6.sin6_family = AF_INET6;
		to.in6.sin6_port = uh->dest;
		to.in6.sin6_addr = ipv6_hdr(skb)->daddr;
	} else {
		to.in4.sin_family = AF_INET;
		to.in4.sin_port = uh->dest;
		to.in4.sin_addr.s_addr = ip_hdr(skb)->daddr;
	}
	return rtpl_path_told_mtu(path, &to, mtu) ? 0 : -ENOENT;
}

static void rtpl_plain_setup(struct net *net, struct socket *sock, struct rtpl_net *rn)
{
	struct udp_tunnel_sock_cfg cfg = {
		.sk_user_data = rn,
		.encap_type = 1,
		.encap_rcv = rtpl_plain_receive,
		.encap_err_lookup = rtpl_plain_error,
	};

	sock->sk->sk_allocation = GFP_ATOMIC;
	/* The release queue bounds what may wait, not the socket. */
	sock->sk->sk_sndbuf = INT_MAX;
	/* Cells never fragment; the route's exceptions must not decide how large they may be. */
	WRITE_ONCE(inet_sk(sock->sk)->pmtudisc, IP_PMTUDISC_PROBE);
#if IS_ENABLED(CONFIG_IPV6)
	if (sock->sk->sk_family == AF_INET6)	/* a bit field on 6.1 */
		inet6_sk(sock->sk)->pmtudisc = IPV6_PMTUDISC_PROBE;
#endif
	rtpl_compat_tunnel_setup(net, sock->sk, &cfg);
	/* Batches arrive whole: rx.c cuts them. */
	udp_set_bit(ACCEPT_L4, sock->sk);
	udp_set_bit(GRO_ENABLED, sock->sk);
}

static void rtpl_plain_free(struct sock *sk)
{
	if (sk)
		rtpl_compat_tunnel_release(sk);
}

/* Return: whether there were sockets before. */
static bool rtpl_plain_swap(struct rtpl_net *rn, struct sock *new4, struct sock *new6)
{
	struct sock *old4, *old6;

	old4 = rcu_replace_pointer(rn->sock4, new4, lockdep_is_held(&rn->lock));
	old6 = rcu_replace_pointer(rn->sock6, new6, lockdep_is_held(&rn->lock));
	if (!old4 && !old6)
		return false;
	/* Senders look up the socket under RCU and hold a reference in the skb. */
	synchronize_net();
	rtpl_plain_free(old4);
	rtpl_plain_free(old6);
	return true;
}

/* rtpl_transport.open(). */
static int rtpl_plain_open(struct rtpl_net *rn, u16 port)
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

	rtpl_plain_setup(rn->net, new4, rn);
	if (new6)
		rtpl_plain_setup(rn->net, new6, rn);
	WRITE_ONCE(rn->port, ntohs(inet_sk(new4->sk)->inet_sport));
	rtpl_plain_swap(rn, new4->sk, new6 ? new6->sk : NULL);
	return 0;
}

/* rtpl_transport.close(). */
static void rtpl_plain_close(struct rtpl_net *rn)
{
	WRITE_ONCE(rn->port, 0);
	/* A datagram may have looked up its socket before that was closed. */
	if (rtpl_plain_swap(rn, NULL, NULL))
		synchronize_net();
}

/* rtpl_transport.bind(). */
static int rtpl_plain_bind(struct rtpl_net *rn, int ifindex)
{
	struct sock *sk4 = rcu_dereference_protected(rn->sock4, lockdep_is_held(&rn->lock));
	struct sock *sk6 = rcu_dereference_protected(rn->sock6, lockdep_is_held(&rn->lock));
	int err = 0;

	if (sk4)
		err = sock_bindtoindex(sk4, ifindex, true);
	if (!err && sk6)
		err = sock_bindtoindex(sk6, ifindex, true);
	if (err && sk4)
		sock_bindtoindex(sk4, rn->bind_if, true);
	return err;
}

/*
 * May cells leave by @out from the address to which the peer sent? When that was learned, they left
 * by the device ep->src_if. If they leave by another one, for example after the default route moved
 * to a second uplink, the address may not work from there, though it is still ours: then let the
 * route choose. A server that from the beginning answers by another device than the one it is
 * called by keeps its address.
 */
static bool rtpl_plain_keeps_source(struct rtpl_endpoint *ep, const struct net_device *out)
{
	int first = READ_ONCE(ep->src_if);

	if (!first)
		WRITE_ONCE(ep->src_if, out->ifindex);
	return !first || first == out->ifindex;
}

/* The MTU that the route was given; 0: none. RCU read side. */
static u32 rtpl_plain_route_mtu(const struct dst_entry *dst, bool v6)
{
#if IS_ENABLED(CONFIG_IPV6)
	if (v6) {
		const struct fib6_info *from;

		/* An exception has its own MTU in place of the route's. */
		from = rcu_dereference(container_of(dst, struct rt6_info, dst)->from);
		return from ? READ_ONCE(from->fib6_pmtu) : 0;
	}
#endif
	return dst_metric_raw(dst, RTAX_MTU);
}

/* Tunnels that report a packet which is too large only to its route. */
static bool rtpl_plain_tells_route(const struct net_device *dev)
{
	return netif_is_vxlan(dev) || netif_is_geneve(dev) || netif_is_bareudp(dev);
}

/*
 * Largest packet that may leave by a route, in bytes of IP: dst_mtu() without the exceptions that
 * ICMP errors made. Anybody can cause one with an error that quotes any packet to the peer's
 * address. For IPsec and some tunnels only dst_mtu() tells the room. RCU read side.
 */
static u32 rtpl_plain_mtu(const struct dst_entry *dst, bool v6)
{
	u32 mtu = READ_ONCE(dst->dev->mtu), told;
#if IS_ENABLED(CONFIG_IPV6)
	struct inet6_dev *idev;
#endif

	if (dst_xfrm(dst) || rtpl_plain_tells_route(dst->dev))
		return dst_mtu(dst);
#if IS_ENABLED(CONFIG_IPV6)
	if (v6) {
		/* A router advertisement may give less than the device. */
		idev = __in6_dev_get(dst->dev);
		mtu = min_t(u32, mtu, idev ? READ_ONCE(idev->cnf.mtu6) : IPV6_MIN_MTU);
	}
#endif
	told = rtpl_plain_route_mtu(dst, v6);
	if (told)
		mtu = min(mtu, told);
	mtu = min_t(u32, mtu, IP_MAX_MTU);
	return mtu - lwtunnel_headroom(dst->lwtstate, mtu);
}

/*
 * Tunnels that answer a packet which is too large with ICMP, but report a batch only to its route:
 * ip_tunnel, ip6_tunnel and sit.
 */
static bool rtpl_plain_tells_alone(const struct net_device *dev)
{
	switch (dev->type) {
	case ARPHRD_TUNNEL:
	case ARPHRD_TUNNEL6:
	case ARPHRD_SIT:
	case ARPHRD_IPGRE:
	case ARPHRD_IP6GRE:
		return true;
	default:
		return netif_is_gretap(dev) || netif_is_ip6gretap(dev);
	}
}

/* The MTU above which cells are sent one by one. RCU read side. */
static u32 rtpl_plain_batch_mtu(const struct dst_entry *dst)
{
	/* A forged exception only costs speed. */
	return unlikely(rtpl_plain_tells_alone(dst->dev)) ? dst_mtu(dst) : U32_MAX;
}

static int rtpl_plain_route4(struct rtpl_net *rn, struct rtpl_endpoint *ep,
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
		/* The address to which the peer sent may be gone by now. */
		if (fl.saddr && !inet_confirm_addr(rn->net, NULL, 0, fl.saddr, RT_SCOPE_HOST))
			fl.saddr = 0;
		learned = fl.saddr;
		rt = ip_route_output_flow(rn->net, &fl, sk);
		if (learned && (IS_ERR(rt) || !rtpl_plain_keeps_source(ep, rt->dst.dev))) {
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
	r->mtu = rtpl_plain_mtu(r->dst, false);
	r->batch_mtu = rtpl_plain_batch_mtu(r->dst);
	r->mtu_locked = dst_metric_locked(r->dst, RTAX_MTU);
	return 0;
}

static int rtpl_plain_route6(struct rtpl_net *rn, struct rtpl_endpoint *ep,
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
		if (learned && (IS_ERR(dst) || !rtpl_plain_keeps_source(ep, dst->dev))) {
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
	r->mtu = rtpl_plain_mtu(dst, true);
	r->batch_mtu = rtpl_plain_batch_mtu(dst);
	r->mtu_locked = false;		/* IPv6 has no locked MTU */
	return 0;
#else
	return -EAFNOSUPPORT;
#endif
}

/* rtpl_transport.route(). */
static int rtpl_plain_route(struct rtpl_net *rn, struct rtpl_endpoint *ep,
			    struct dst_cache *cache, struct rtpl_route *r)
{
	r->v6 = ep->sa.sa_family == AF_INET6;
	r->overhead = rtpl_plain_overhead(r->v6);
	r->sk = r->v6 ? rcu_dereference(rn->sock6) : rcu_dereference(rn->sock4);
	if (!r->sk)
		return -ENOTCONN;
	return r->v6 ? rtpl_plain_route6(rn, ep, cache, r->sk, r) :
		       rtpl_plain_route4(rn, ep, cache, r->sk, r);
}

/* rtpl_transport.reaches(). */
static bool rtpl_plain_reaches(const struct rtpl_route *r)
{
	struct neighbour *n;
	bool valid;

	/* The next hop is that of the encapsulating packet. */
	if (lwtunnel_output_redirect(r->dst->lwtstate) || lwtunnel_xmit_redirect(r->dst->lwtstate))
		return true;
	n = dst_neigh_lookup(r->dst, &r->daddr);
	/* Without memory for a neighbour entry the stack drops the packet. */
	if (IS_ERR_OR_NULL(n))
		return true;
	valid = READ_ONCE(n->nud_state) & NUD_VALID;
	if (!valid)
		neigh_event_send(n, NULL);
	neigh_release(n);
	return valid;
}

/* rtpl_transport.probe(). */
static int rtpl_plain_probe(struct rtpl_net *rn, const struct rtpl_endpoint *ep, u32 *cell_max)
{
	bool v6 = ep->sa.sa_family == AF_INET6;
	u32 overhead = rtpl_plain_overhead(v6), mtu;
	struct dst_entry *dst;

	if (v6) {
#if IS_ENABLED(CONFIG_IPV6)
		struct flowi6 fl = {
			.daddr = ep->in6.sin6_addr,
			.flowi6_oif = ep->in6.sin6_scope_id ?: READ_ONCE(rn->bind_if),
			.flowi6_mark = READ_ONCE(rn->fwmark),
			.flowi6_proto = IPPROTO_UDP,
		};

		if (!ipv6_mod_enabled())
			return -EAFNOSUPPORT;
		dst = ip6_dst_lookup_flow(rn->net, NULL, &fl, NULL);
		if (IS_ERR(dst))
			return PTR_ERR(dst);
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
		dst = &rt->dst;
	}
	rcu_read_lock();
	mtu = rtpl_plain_mtu(dst, v6);
	rcu_read_unlock();
	dst_release(dst);
	if (mtu < RTPL_HANDSHAKE_MIN + overhead)
		return -EMSGSIZE;
	*cell_max = min_t(u32, mtu - overhead, RTPL_CELL_MAX);
	return 0;
}

static void rtpl_plain_push(struct sk_buff *skb, const struct rtpl_route *r)
{
	unsigned int len = skb->len + sizeof(struct udphdr);
	struct udphdr *uh = __skb_push(skb, sizeof(*uh));

	skb_reset_transport_header(skb);
	uh->source = inet_sk(r->sk)->inet_sport;
	uh->dest = r->dport;
	uh->len = htons(len);
	/* Left to the device, for each datagram of a batch, too. */
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = skb_transport_header(skb) - skb->head;
	skb->csum_offset = offsetof(struct udphdr, check);
	if (r->v6)
		uh->check = ~csum_ipv6_magic(&r->saddr.s6, &r->daddr.s6, len, IPPROTO_UDP, 0);
	else
		uh->check = ~csum_tcpudp_magic(r->saddr.s4, r->daddr.s4, len, IPPROTO_UDP, 0);
}

/*
 * The IPv4 ID of a datagram, or of the first one of a batch. It must not come from the stack's
 * counter for these two hosts and UDP (__ip_select_ident()): packets that are sealed take theirs
 * from the same counter, so the IDs of cells would count them.
 */
static __be16 rtpl_plain_ident(const struct rtpl_route *r, const struct sk_buff *skb)
{
	u16 id;

	if (!r->ident)
		return htons(get_random_u16());
	id = *r->ident;
	*r->ident += skb_shinfo(skb)->gso_segs ?: 1;
	return htons(id);
}

/**
 * rtpl_plain_xmit() - send a datagram, or a GSO batch of them: rtpl_transport.xmit()
 * @rn: node
 * @r: route; its reference is used up
 * @skb: payload only, with RTPL_SKB_HEADROOM; consumed
 * @at: CLOCK_MONOTONIC ns at which it is to leave, 0 for at once
 *
 * Context: BH, RCU read side.
 * Return: 0, or a negative error if the stack refused it at once.
 */
int rtpl_plain_xmit(struct rtpl_net *rn, struct rtpl_route *r, struct sk_buff *skb, u64 at)
{
	int err;

	skb_set_owner_w(skb, r->sk);
	skb->dev = r->dst->dev;
	skb->mark = READ_ONCE(rn->fwmark);
	/* For bands, and 802.1p tags, below: as the DSCP says, and no more. */
	skb->priority = rt_tos2priority(r->tos);
	skb->ignore_df = 0;
	/* The hash goes with the cell into tunnels, segments and copies. */
	if (r->number)
		__skb_set_sw_hash(skb, r->number, true);
	rtpl_plain_push(skb, r);
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
		iph->id = rtpl_plain_ident(r, skb);
		skb->protocol = htons(ETH_P_IP);
		err = ip_local_out(rn->net, r->sk, skb);
	}
	err = net_xmit_eval(err);
	return err > 0 ? net_xmit_errno(err) : err;
}

/* IEC 62439-3's trailer of a frame that was sent on two networks: 4 bytes, then 0x88fb. */
#define RTPL_PRP_TRAILER	6

/* Does @skb end where the packet does, at @end, apart from a PRP trailer? */
static bool rtpl_plain_ends(const struct sk_buff *skb, u32 end)
{
	__be16 _suffix;
	const __be16 *suffix;

	if (likely(end == skb->len))
		return true;
	if (end + RTPL_PRP_TRAILER != skb->len)
		return false;
	suffix = skb_header_pointer(skb, skb->len - sizeof(_suffix), sizeof(_suffix), &_suffix);
	return suffix && *suffix == htons(ETH_P_PRP);
}

/**
 * rtpl_plain_payload() - find the cell in a packet: rtpl_transport.payload()
 * @skb: packet
 * @nhoff: offset of its network header from skb->data
 * @proto: its network protocol
 * @len: set to the bytes from there on
 *
 * This node sends no packet with options, in fragments or with bytes behind its end.
 *
 * Context: process or BH, RCU read side.
 * Return: an offset from skb->data, or a negative number: the packet has another form.
 */
int rtpl_plain_payload(const struct sk_buff *skb, int nhoff, __be16 proto, u32 *len)
{
	const struct ipv6hdr *ip6h;
	const struct udphdr *uh;
	const struct iphdr *iph;
	struct ipv6hdr _ip6h;
	struct udphdr _uh;
	struct iphdr _iph;
	u32 said;
	int off;

	switch (proto) {
	case htons(ETH_P_IP):
		iph = skb_header_pointer(skb, nhoff, sizeof(_iph), &_iph);
		if (!iph || iph->ihl != 5 || iph->protocol != IPPROTO_UDP || ip_is_fragment(iph))
			return -1;
		said = ntohs(iph->tot_len);
		off = nhoff + sizeof(*iph);
		break;
	case htons(ETH_P_IPV6):
		ip6h = skb_header_pointer(skb, nhoff, sizeof(_ip6h), &_ip6h);
		if (!ip6h || ip6h->nexthdr != NEXTHDR_UDP)
			return -1;
		said = sizeof(*ip6h) + ntohs(ip6h->payload_len);
		off = nhoff + sizeof(*ip6h);
		break;
	default:
		return -1;
	}
	uh = skb_header_pointer(skb, off, sizeof(_uh), &_uh);
	if (!uh || ntohs(uh->len) < sizeof(*uh) || off + ntohs(uh->len) != nhoff + said ||
	    !rtpl_plain_ends(skb, nhoff + said))
		return -1;
	off += sizeof(*uh);
	*len = nhoff + said - off;
	return off;
}

/**
 * rtpl_plain_owns() - does a packet belong to one of the sockets? rtpl_transport.owns()
 * @rn: node
 * @skb: packet; skb->sk is not NULL
 *
 * Context: any, RCU read side.
 * Return: true if it does.
 */
bool rtpl_plain_owns(const struct rtpl_net *rn, const struct sk_buff *skb)
{
	return skb->sk == rcu_access_pointer(rn->sock4) || skb->sk == rcu_access_pointer(rn->sock6);
}

/* transport/kinds.h says who calls them. */
const struct rtpl_transport rtpl_plain = {
	.name = "plain",
	.open = rtpl_plain_open,
	.close = rtpl_plain_close,
	.bind = rtpl_plain_bind,
	.owns = rtpl_plain_owns,
	.payload = rtpl_plain_payload,
	.route = rtpl_plain_route,
	.reaches = rtpl_plain_reaches,
	.probe = rtpl_plain_probe,
	.xmit = rtpl_plain_xmit,
};
