// SPDX-License-Identifier: GPL-2.0
/*
 * What comes from outside in clear and may yet be right: cells for this node, ICMP about cells that
 * it sent, and what IPsec took out of a tunnel to a peer. All else about a required peer is a lie,
 * for its packets never were outside in clear (leakguard.c).
 */
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/inetdevice.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netdevice.h>
#include <linux/udp.h>
#include <net/addrconf.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/l3mdev.h>
#include <net/xfrm.h>

#include "core/scope.h"
#include "leakguard/outer.h"
#include "link/own.h"
#include "route/route.h"
#include "rtpl.h"

#if IS_ENABLED(CONFIG_IPV6)

struct rtpl_outer_local {
	struct net *net;
	const struct in6_addr *addr;
};

static int rtpl_outer_is_local6(struct net_device *dev, struct netdev_nested_priv *priv)
{
	const struct rtpl_outer_local *l = priv->data;

	return ipv6_chk_addr_and_flags(l->net, l->addr, dev, true, 0, IFA_F_TENTATIVE);
}

#endif

/**
 * rtpl_outer_is_local() - is it an address of this host?
 * @rn: node
 * @dev: device at which the packet was seen
 * @v6: family of the address
 * @addr: 4 or 16 bytes, at any alignment for IPv4
 *
 * An IPv6 address may be of the VRF that @dev is in, of no VRF, or of a VRF above: packets of a
 * VLAN, a bridge or a bond are first seen at the device below.
 *
 * Context: process or BH, RCU read side.
 * Return: true if it is.
 */
bool rtpl_outer_is_local(struct rtpl_net *rn, struct net_device *dev, bool v6, const void *addr)
{
#if IS_ENABLED(CONFIG_IPV6)
	struct rtpl_outer_local l = { .net = rn->net, .addr = addr };
	struct netdev_nested_priv priv = { .data = &l };

	if (v6)
		return rtpl_outer_is_local6(dev, &priv) ||
		       netdev_walk_all_upper_dev_rcu(dev, rtpl_outer_is_local6, &priv);
#endif
	return !v6 && __ip_dev_find(rn->net, get_unaligned((const __be32 *)addr), false);
}

static int rtpl_outer_is_index(struct net_device *dev, struct netdev_nested_priv *priv)
{
	return dev->ifindex == *(const int *)priv->data;
}

/* Is @dev below the device by which IP is to see the packet? */
static bool rtpl_outer_hands_on(const struct sk_buff *skb, const struct net_device *dev)
{
#if IS_ENABLED(CONFIG_BRIDGE_NETFILTER)
	if (skb_ext_exist(skb, SKB_EXT_BRIDGE_NF))
		return true;
#endif
	return netif_has_l3_rx_handler(dev);
}

/* Does the node's socket get what IP gets from @dev? It may be bound to a device or a VRF. */
static bool rtpl_outer_receives(struct rtpl_net *rn, const struct sk_buff *skb,
				struct net_device *dev)
{
	int bound = READ_ONCE(rn->bind_if);
	struct netdev_nested_priv priv = { .data = &bound };
	struct net_device *slave;

	if (likely(!bound) || dev->ifindex == bound || l3mdev_master_ifindex_rcu(dev) == bound)
		return true;
	/* Packets pass by a VRF a second time. */
	slave = netif_is_l3_master(dev) ? dev_get_by_index_rcu(rn->net, bound) : NULL;
	return (slave && l3mdev_master_ifindex_rcu(slave) == dev->ifindex) ||
	       (rtpl_outer_hands_on(skb, dev) &&
		netdev_walk_all_upper_dev_rcu(dev, rtpl_outer_is_index, &priv));
}

/* Is the UDP header at @off that of a cell to our port, or (@quoted) from it? */
static bool rtpl_outer_is_port(const struct sk_buff *skb, int off, __be16 port, bool quoted)
{
	const struct udphdr *uh;
	struct udphdr _uh;

	uh = skb_header_pointer(skb, off, sizeof(_uh), &_uh);
	return uh && (quoted ? uh->source : uh->dest) == port;
}

/* Is the ICMP header at @off that of an error? */
static bool rtpl_outer_is_error(const struct sk_buff *skb, int off, bool v6)
{
	const u8 *type;
	u8 _type;

	type = skb_header_pointer(skb, off, sizeof(_type), &_type);
	if (!type)
		return false;
	if (v6)
		return !(*type & ICMPV6_INFOMSG_MASK);
	return *type == ICMP_DEST_UNREACH || *type == ICMP_TIME_EXCEEDED ||
	       *type == ICMP_PARAMETERPROB;
}

/* Offset of UDP in the packet at @off, which an ICMP error quotes; 0 if there is none. */
static int rtpl_outer_quoted_udp(const struct sk_buff *skb, int off, bool v6)
{
	union {
		struct iphdr v4;
		struct ipv6hdr v6;
	} _hdr;
	const struct ipv6hdr *ip6h;
	const struct iphdr *iph;

	if (v6) {
		ip6h = skb_header_pointer(skb, off, sizeof(_hdr.v6), &_hdr.v6);
		return ip6h && ip6h->version == 6 && ip6h->nexthdr == NEXTHDR_UDP ?
		       off + sizeof(*ip6h) : 0;
	}
	iph = skb_header_pointer(skb, off, sizeof(_hdr.v4), &_hdr.v4);
	return iph && iph->version == 4 && iph->ihl >= 5 && iph->protocol == IPPROTO_UDP &&
	       !(iph->frag_off & htons(IP_OFFSET)) ? off + iph->ihl * 4 : 0;
}

/* Is it a cell to our port, or an ICMP error about one of ours? @hdr may lack IPv4's options. */
static bool rtpl_outer_is_ours(const struct sk_buff *skb, int off, const void *hdr, bool v6,
			       __be16 port)
{
	const struct iphdr *iph = hdr;
	u8 proto;

	if (v6) {
		proto = ((const struct ipv6hdr *)hdr)->nexthdr;
		off += sizeof(struct ipv6hdr);
	} else {
		if (ip_is_fragment(iph))
			return false;
		proto = iph->protocol;
		off += iph->ihl * 4;
	}
	if (proto == IPPROTO_UDP)
		return rtpl_outer_is_port(skb, off, port, false);
	if (proto != (v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP) || !rtpl_outer_is_error(skb, off, v6))
		return false;
	/* ICMP and ICMPv6 headers have the same length. */
	off = rtpl_outer_quoted_udp(skb, off + sizeof(struct icmphdr), v6);
	return off && rtpl_outer_is_port(skb, off, port, true);
}

/**
 * rtpl_outer_is_cell() - is it a cell for this node, or an ICMP error about a cell of this node?
 * @rn: node
 * @skb: packet that came in
 * @nhoff: offset of its IP header from skb->data
 * @hdr: that header; IPv4's options may be missing
 * @v6: its family
 * @dev: device at which it was seen
 * @early: it is a frame; if it is for this host, it is asked again where IP sees it
 *
 * The socket authenticates a cell, and the transport checks what an error quotes.
 *
 * Context: process or BH, RCU read side.
 * Return: true if it is, and its destination is an address of this host.
 */
bool rtpl_outer_is_cell(struct rtpl_net *rn, const struct sk_buff *skb, int nhoff, const void *hdr,
			bool v6, struct net_device *dev, bool early)
{
	const void *dst = hdr + (v6 ? offsetof(struct ipv6hdr, daddr) :
				      offsetof(struct iphdr, daddr));
	__be16 port = htons(READ_ONCE(rn->port));

	return port && rtpl_outer_is_ours(skb, nhoff, hdr, v6, port) &&
	       (early || rtpl_outer_receives(rn, skb, dev)) &&
	       rtpl_outer_is_local(rn, dev, v6, dst);
}

/* The required peer that holds the address at @off, or NULL. */
static struct rtpl_owner *rtpl_outer_holder(struct rtpl_net *rn, const u8 *pkt, u16 off,
					    bool v6)
{
	struct rtpl_owner *owner = off ? v6 ? rtpl_lpm_lookup6(&rn->prefixes, pkt + off) :
					      rtpl_lpm_lookup4(&rn->prefixes, pkt + off) : NULL;

	return owner && READ_ONCE(owner->require) ? owner : NULL;
}

/*
 * Is the message about a datagram that this node sent, to a place to which it does send? An IPv6
 * redirect is about an address alone, and affects everything that goes there.
 */
static bool rtpl_outer_quotes_cell(struct rtpl_net *rn, const struct sk_buff *skb, int nhoff,
				   const u8 *pkt, const struct rtpl_scope_quote *quote, bool v6,
				   struct net_device *dev, struct rtpl_owner *owner)
{
	__be16 port = htons(READ_ONCE(rn->port));
	const u8 *quoted = pkt + quote->pkt;
	int off;

	if (!port || quote->last)
		return false;
	if (quote->pkt) {
		off = rtpl_outer_quoted_udp(skb, nhoff + quote->pkt, v6);
		if (!off || !rtpl_outer_is_port(skb, off, port, true) ||
		    !rtpl_outer_is_local(rn, dev, v6, quoted +
					     (v6 ? offsetof(struct ipv6hdr, saddr) :
						   offsetof(struct iphdr, saddr))))
			return false;
	}
	/*
	 * After an error the stack does only what the transport has checked; a redirect changes the
	 * route, so it is only allowed for endpoints that nobody else could choose.
	 */
	return rtpl_own_is_endpoint(rn, owner, v6, pkt + quote->dst,
				    quote->pkt && (v6 || pkt[(pkt[0] & 15) * 4] != ICMP_REDIRECT));
}

/**
 * rtpl_outer_is_opened() - did IPsec take the packet out of a tunnel to this peer?
 * @rn: node
 * @skb: packet that came in
 * @owner: the peer
 *
 * The tunnel's own packets have an address of the peer as their source, and are let in only out of
 * cells.
 *
 * Context: process or BH, RCU read side.
 * Return: true if the tunnel's other end is @owner.
 */
bool rtpl_outer_is_opened(struct rtpl_net *rn, const struct sk_buff *skb,
			  const struct rtpl_owner *owner)
{
	const struct sec_path *sp = skb_sec_path(skb);
	const struct xfrm_state *x;
	u8 bits;
	int i;

	for (i = 0; sp && i < sp->len; i++) {
		x = sp->xvec[i];
		if (x->props.mode == XFRM_MODE_TUNNEL &&
		    rtpl_lpm_lookup_bits(&rn->prefixes, x->props.family == AF_INET6,
					 &x->props.saddr, &bits) == owner)
			return true;
	}
	return false;
}

/**
 * rtpl_outer_about() - the required peer that an ICMP error or redirect is about, or may be about
 * @rn: node
 * @skb: packet that came in
 * @nhoff: offset of its IP header from skb->data
 * @hdr: that header; IPv4's options may be missing
 * @v6: its family
 * @dev: device at which it was seen
 *
 * Packets to such a peer never left in clear, so the sender of such a message in clear did not see
 * one.
 *
 * Context: process or BH, RCU read side. May take path->lock.
 * Return: the peer; NULL if there is none, or if the message is about a cell.
 */
struct rtpl_owner *rtpl_outer_about(struct rtpl_net *rn, const struct sk_buff *skb, int nhoff,
				    const void *hdr, bool v6, struct net_device *dev)
{
	struct rtpl_scope_quote quote;
	u8 buf[RTPL_SCOPE_INNER_BYTES];
	struct rtpl_owner *owner;
	const u8 *pkt;
	u32 have;

	if (likely(!rtpl_scope_may_quote(hdr, v6)))
		return NULL;
	have = min_t(u32, skb->len - nhoff, sizeof(buf));
	pkt = skb_header_pointer(skb, nhoff, have, buf);
	if (!pkt)
		return NULL;	/* cannot happen: the header is there */
	switch (rtpl_scope_quote(pkt, have, v6, &quote)) {
	case RTPL_QUOTE_NONE:
		return NULL;
	case RTPL_QUOTE_CUT:
		return rcu_access_pointer(rn->prefixes.root[v6]) ? rtpl_route_required(rn) : NULL;
	case RTPL_QUOTE_ABOUT:
		break;
	}
	owner = rtpl_outer_holder(rn, pkt, quote.dst, v6) ?:
		rtpl_outer_holder(rn, pkt, quote.last, v6);
	if (!owner || rtpl_outer_is_opened(rn, skb, owner) ||
	    rtpl_outer_quotes_cell(rn, skb, nhoff, pkt, &quote, v6, dev, owner))
		return NULL;
	return owner;
}
