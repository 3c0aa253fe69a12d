// SPDX-License-Identifier: GPL-2.0
/*
 * The transports, and what they share: where a link's cells go, and where a datagram came from.
 * Each endpoint names the transport by which it is reached.
 */
#include <linux/indirect_call_wrapper.h>
#include <linux/udp.h>
#include <net/dst_cache.h>
#include <net/ipv6.h>

#include "event.h"
#include "rtpl.h"
#include "transport/kinds.h"
#include "transport/own.h"
#include "transport/transport.h"

/* Moves of a link that are reported at once, before the limit of one a second applies. */
#define RTPL_PATH_MOVES		8

#define RTPL_TRANSPORT_ENTRY(kind, ops) \
	[RTPL_TRANSPORT_##kind] = &rtpl_##ops,

static const struct rtpl_transport *const rtpl_transports[RTPL_TRANSPORT_KINDS] = {
	RTPL_TRANSPORTS(RTPL_TRANSPORT_ENTRY)
};

/* ---- of a node ---- */

/**
 * rtpl_transport_open() - open a transport's sockets on a port, closing the old ones
 * @rn: node
 * @kind: which transport
 * @port: host order, 0 for any free one
 *
 * Both families share the port. On error the old sockets stay.
 *
 * Context: process, rn->lock held. Sleeps.
 * Return: 0 or -errno (-EADDRINUSE: the port is taken).
 */
int rtpl_transport_open(struct rtpl_net *rn, enum rtpl_transport_kind kind, u16 port)
{
	return rtpl_transports[kind]->open(rn, port);
}

/**
 * rtpl_transport_close() - close the sockets of all transports
 * @rn: node
 *
 * Nothing is received any more when it returns.
 *
 * Context: process, rn->lock held. Sleeps.
 */
void rtpl_transport_close(struct rtpl_net *rn)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(rtpl_transports); i++)
		rtpl_transports[i]->close(rn);
}

/* The device of that name may be another one now, or none. rn->lock. */
static int rtpl_transport_bind_to(struct rtpl_net *rn, int ifindex)
{
	int i, err = 0;

	if (rn->bind_if == ifindex)
		return 0;
	for (i = 0; i < ARRAY_SIZE(rtpl_transports) && !err; i++)
		err = rtpl_transports[i]->bind(rn, ifindex);
	if (err) {
		/* The one that failed has restored its own state. */
		for (i -= 2; i >= 0; i--)
			rtpl_transports[i]->bind(rn, rn->bind_if);
		return err;
	}
	WRITE_ONCE(rn->bind_if, ifindex);
	return 0;
}

static int rtpl_transport_bind_index(struct rtpl_net *rn, const char *name)
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

/**
 * rtpl_transport_bind() - bind the sockets to a device
 * @rn: node
 * @name: the device's name; it need not exist; "": to none
 *
 * Context: process, rn->lock held.
 * Return: 0, or -errno with nothing changed.
 */
int rtpl_transport_bind(struct rtpl_net *rn, const char *name)
{
	char was[IFNAMSIZ];
	int err;

	/* Set it first: rtpl_config_netdev() hears of a device that gets the name from here on. */
	strscpy(was, rn->bind_name, sizeof(was));
	if (name != rn->bind_name)
		strscpy(rn->bind_name, name, sizeof(rn->bind_name));
	smp_mb();	/* pairs with rtpl_config_netdev() */
	err = rtpl_transport_bind_to(rn, rtpl_transport_bind_index(rn, name));
	if (err)
		strscpy(rn->bind_name, was, sizeof(rn->bind_name));
	return err;
}

/* ---- of a packet ---- */

/**
 * rtpl_transport_owns_sk() - does a packet's socket belong to one of the transports?
 * @rn: node
 * @skb: packet; skb->sk is not NULL
 *
 * Called by rtpl_transport_owns().
 *
 * Context: any, RCU read side.
 * Return: true if it does.
 */
bool rtpl_transport_owns_sk(const struct rtpl_net *rn, const struct sk_buff *skb)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(rtpl_transports); i++)
		if (INDIRECT_CALL_1(rtpl_transports[i]->owns, rtpl_plain_owns, rn, skb))
			return true;
	return false;
}

/**
 * rtpl_transport_payload() - find the cell in a packet that has the form of our own
 * @skb: packet
 * @nhoff: offset of its network header from skb->data
 * @proto: its network protocol
 * @len: set to the bytes from there on
 *
 * Context: process or BH, RCU read side.
 * Return: an offset from skb->data, or a negative number: it has another form.
 */
int rtpl_transport_payload(const struct sk_buff *skb, int nhoff, __be16 proto, u32 *len)
{
	int i, off = -1;

	for (i = 0; i < ARRAY_SIZE(rtpl_transports) && off < 0; i++)
		off = INDIRECT_CALL_1(rtpl_transports[i]->payload, rtpl_plain_payload, skb, nhoff,
				      proto, len);
	return off;
}

/* ---- of a path ---- */

/* @mtu: the smallest MTU that routers on the path reported. */
static int rtpl_transport_route(struct rtpl_net *rn, struct rtpl_endpoint *ep,
				struct dst_cache *cache, u32 mtu, struct rtpl_route *r)
{
	int err;

	r->number = 0;
	r->ident = NULL;
	r->tos = 0;
	if (!ep->sa.sa_family)
		return -EDESTADDRREQ;
	r->kind = ep->kind;
	err = rtpl_transports[r->kind]->route(rn, ep, cache, r);
	if (err)
		return err;
	if (!r->mtu_locked)
		r->mtu = min(r->mtu, mtu);
	r->cell_max = clamp_t(u32, r->mtu, RTPL_HANDSHAKE_MIN + r->overhead,
			      RTPL_CELL_MAX + r->overhead) - r->overhead;
	return 0;
}

/**
 * rtpl_path_init() - prepare a path
 * @path: path, zeroed
 * @owner: whose it is; the path takes no reference
 *
 * Context: process. May sleep.
 * Return: 0 or -ENOMEM; rtpl_path_free() undoes it.
 */
int rtpl_path_init(struct rtpl_path *path, struct rtpl_owner *owner)
{
	path->owner = owner;
	path->ident = get_random_u16();
	rwlock_init(&path->lock);
	return dst_cache_init(&path->dst_cache, GFP_KERNEL_ACCOUNT);
}

/**
 * rtpl_path_free() - free what a path holds
 * @path: path that nobody uses any more
 *
 * Context: process, or the RCU callback that frees a peer.
 */
void rtpl_path_free(struct rtpl_path *path)
{
	dst_cache_destroy(&path->dst_cache);
}

/**
 * rtpl_path_tos() - DSCP and ECN of datagrams sent on a path
 * @path: path
 *
 * Context: any.
 * Return: the byte as it stands in IP headers.
 */
u8 rtpl_path_tos(const struct rtpl_path *path)
{
	u8 dscp = READ_ONCE(path->dscp);

	if (dscp == RTPL_DSCP_COPY)
		dscp = READ_ONCE(path->copied);
	return dscp << 2 | READ_ONCE(path->ecn);
}

/* How long a router's report counts: as long as for the stack. */
static u32 rtpl_path_mtu_expires(const struct rtpl_path *path)
{
	const struct net *net = path->owner->rn->net;

#if IS_ENABLED(CONFIG_IPV6)
	if (path->endpoint.sa.sa_family == AF_INET6)
		return READ_ONCE(net->ipv6.sysctl.ip6_rt_mtu_expires);
#endif
	return READ_ONCE(net->ipv4.ip_rt_mtu_expires);
}

/* What a router reported lately, or U32_MAX. path->lock. */
static u32 rtpl_path_mtu(struct rtpl_path *path)
{
	u32 mtu = READ_ONCE(path->mtu);

	if (likely(!mtu))
		return U32_MAX;
	if ((u32)jiffies - path->mtu_since < rtpl_path_mtu_expires(path))
		return mtu;
	/* Another reader may do the same. */
	WRITE_ONCE(path->mtu, 0);
	return U32_MAX;
}

/**
 * rtpl_path_route() - find the route to an endpoint, and how large a cell it takes
 * @path: path
 * @r: filled in; on success r->dst holds a reference, given up by
 *	rtpl_transport_xmit() or rtpl_route_put()
 *
 * Context: BH and RCU read side, both until the route is used.
 * Return: 0, -EDESTADDRREQ (no endpoint), -ENOTCONN (no socket), or the routing's error.
 */
int rtpl_path_route(struct rtpl_path *path, struct rtpl_route *r)
{
	int err;

	read_lock_bh(&path->lock);
	err = rtpl_transport_route(path->owner->rn, &path->endpoint, &path->dst_cache,
				   rtpl_path_mtu(path), r);
	read_unlock_bh(&path->lock);
	r->number = path->number;
	r->ident = &path->ident;
	r->tos = rtpl_path_tos(path);
	return err;
}

/**
 * rtpl_transport_probe() - is an endpoint routable, and with what MTU?
 * @rn: node; sockets need not be open
 * @ep: endpoint
 * @cell_max: set to the largest cell the route's MTU carries
 *
 * Context: process.
 * Return: 0, -EMSGSIZE (it carries none), or the routing's error.
 */
int rtpl_transport_probe(struct rtpl_net *rn, const struct rtpl_endpoint *ep, u32 *cell_max)
{
	return rtpl_transports[ep->kind]->probe(rn, ep, cell_max);
}

/**
 * rtpl_transport_reaches() - would a datagram leave, rather than wait for a neighbour's address?
 * @r: from rtpl_path_route(), in the same RCU read side
 *
 * Datagrams that wait share a queue with packets in clear: someone who holds back the neighbour's
 * answers would see from the cells that are left how many such packets there were. Asks for the
 * address.
 *
 * Context: BH.
 * Return: false if it would wait.
 */
bool rtpl_transport_reaches(const struct rtpl_route *r)
{
	return rtpl_transports[r->kind]->reaches(r);
}

/**
 * rtpl_transport_xmit() - send a datagram, or a GSO batch of them, along a route
 * @rn: node
 * @r: from rtpl_path_route(), in the same RCU read side; its reference is used up
 * @skb: payload only, with RTPL_SKB_HEADROOM; consumed
 * @at: CLOCK_MONOTONIC ns at which it is to leave, 0 for at once
 *
 * Context: BH.
 * Return: 0, or a negative error if the stack refused it at once.
 */
int rtpl_transport_xmit(struct rtpl_net *rn, struct rtpl_route *r, struct sk_buff *skb, u64 at)
{
	return INDIRECT_CALL_1(rtpl_transports[r->kind]->xmit, rtpl_plain_xmit, rn, r, skb, at);
}

/**
 * rtpl_transport_send_to() - send a datagram of no link at once, without caching the route
 * @rn: node
 * @ep: where to
 * @tos: DSCP and ECN
 * @data: the datagram
 * @len: its bytes
 *
 * Context: process or BH.
 * Return: the bytes that left, headers included, or -errno.
 */
int rtpl_transport_send_to(struct rtpl_net *rn, struct rtpl_endpoint *ep, u8 tos, const u8 *data,
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
	err = rtpl_transport_route(rn, ep, NULL, U32_MAX, &r);
	r.tos = tos;
	if (err)
		kfree_skb(skb);
	else
		err = rtpl_transport_xmit(rn, &r, skb, 0);
	rcu_read_unlock();
	local_bh_enable();
	return err ?: r.overhead + len;
}

/**
 * rtpl_endpoint_from_skb() - where a datagram came from
 * @ep: filled in
 * @kind: transport by which it came
 * @skb: with network and transport headers of the outer packet set
 *
 * Context: any.
 * Return: 0, -EAFNOSUPPORT.
 */
int rtpl_endpoint_from_skb(struct rtpl_endpoint *ep, enum rtpl_transport_kind kind,
			   const struct sk_buff *skb)
{
	memset(ep, 0, sizeof(*ep));
	ep->kind = kind;
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

/* Same place? The local address counts, too: answers must come from there. */
static bool rtpl_endpoint_equal(const struct rtpl_endpoint *a, const struct rtpl_endpoint *b)
{
	if (a->sa.sa_family != b->sa.sa_family || a->kind != b->kind)
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

/* Is it the same address and port of the peer, whichever of ours it sent to? */
static bool rtpl_endpoint_same_place(const struct rtpl_endpoint *a, const struct rtpl_endpoint *b)
{
	struct rtpl_endpoint like = *a;

	memcpy(&like.src6, &b->src6, sizeof(like.src6));
	return rtpl_endpoint_equal(&like, b);
}

/* As above, for an address seen in a packet: without scope or transport. */
static bool rtpl_endpoint_same_address(const struct rtpl_endpoint *a,
				       const struct rtpl_endpoint *b)
{
	struct rtpl_endpoint like = *a;

	like.kind = b->kind;
	if (like.sa.sa_family == AF_INET6)
		like.in6.sin6_scope_id = b->in6.sin6_scope_id;
	return rtpl_endpoint_same_place(&like, b);
}

/* Note the device by which cells leave from the address just learned: see ep->src_if. */
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
 * A peer that moves back and forth causes one event a second, after some that come at once.
 * path->lock, written.
 */
static bool rtpl_path_may_tell(struct rtpl_path *path)
{
	u32 now = jiffies, ahead = path->told - now;

	/* It is in the past, perhaps long ago. */
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
 * rtpl_path_set_endpoint() - send to where authenticated data came from
 * @path: path
 * @ep: where from
 *
 * Context: BH.
 */
void rtpl_path_set_endpoint(struct rtpl_path *path, const struct rtpl_endpoint *ep)
{
	bool tell = false;

	/*
	 * Check without the lock first, because it hardly ever changes; a torn read only costs
	 * taking the lock, or waiting for the next datagram.
	 */
	if (rtpl_endpoint_equal(&path->endpoint, ep))
		return;
	write_lock_bh(&path->lock);
	if (!rtpl_endpoint_equal(&path->endpoint, ep)) {
		/* If only the local address is new, the peer did not move. */
		tell = !rtpl_endpoint_same_place(&path->endpoint, ep);
		path->endpoint = *ep;
		path->mtu = 0;
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
 * Context: process.
 * Return: true if there is one, and it is not where the peer was last heard.
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

static bool rtpl_endpoint_at(const struct rtpl_endpoint *ep, bool v6, const void *addr)
{
	if (ep->sa.sa_family != (v6 ? AF_INET6 : AF_INET))
		return false;
	return v6 ? !memcmp(&ep->in6.sin6_addr, addr, sizeof(struct in6_addr)) :
		    !memcmp(&ep->in4.sin_addr, addr, sizeof(struct in_addr));
}

/**
 * rtpl_path_leads_to() - is an address the path's end?
 * @path: path
 * @v6: is the address IPv6?
 * @addr: address
 * @learned: also count the place where the peer was heard last. That is only the word of the peer,
 *	or of someone who changes its datagrams' source on the way
 *
 * Context: BH.
 * Return: true if cells go there, or at times handshakes, because the admin set that address.
 */
bool rtpl_path_leads_to(struct rtpl_path *path, bool v6, const void *addr, bool learned)
{
	bool there;

	read_lock_bh(&path->lock);
	there = rtpl_endpoint_at(&path->configured, v6, addr) ||
		(learned && rtpl_endpoint_at(&path->endpoint, v6, addr));
	read_unlock_bh(&path->lock);
	return there;
}

/**
 * rtpl_path_forget_source() - let the route choose our source address for cells
 * @path: path from whose end no answer comes
 *
 * The reason may be the address to which the peer sent last: it may still be ours although its
 * network is gone. The next datagram from the peer teaches the address again.
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
		path->mtu = 0;
		dst_cache_reset(&path->dst_cache);
	}
	write_unlock_bh(&path->lock);
}

/**
 * rtpl_path_told_mtu() - note that a router reported a cell of the path as too large
 * @path: path
 * @to: address and port to which the cell went
 * @mtu: what the router's next link carries
 *
 * Context: BH.
 * Return: false if the path leads elsewhere by now.
 */
bool rtpl_path_told_mtu(struct rtpl_path *path, const struct rtpl_endpoint *to, u32 mtu)
{
	bool here;

	write_lock_bh(&path->lock);
	here = rtpl_endpoint_same_address(&path->endpoint, to);
	/* The narrowest link of the path counts; a larger value was about an earlier cell. */
	if (here && mtu <= rtpl_path_mtu(path)) {
		path->mtu = min_t(u32, mtu, U16_MAX);
		path->mtu_since = jiffies;
	}
	write_unlock_bh(&path->lock);
	return here;
}

/**
 * rtpl_path_forget_mtu() - forget routers' reports: another route may be wider
 * @path: path
 *
 * Context: process or BH, also under tx_lock. Takes path->lock.
 */
void rtpl_path_forget_mtu(struct rtpl_path *path)
{
	write_lock_bh(&path->lock);
	path->mtu = 0;
	write_unlock_bh(&path->lock);
}
