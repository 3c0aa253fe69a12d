// SPDX-License-Identifier: GPL-2.0
/*
 * What kind of packet it is, and whose: the questions that both the qdisc and the leakguard ask,
 * answered from the packet alone.
 */
#include <linux/if_ether.h>
#include <linux/inetdevice.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netdevice.h>
#include <linux/udp.h>

#include "core/scope.h"
#include "route/route.h"
#include "rtpl.h"

/* ---- control of the local link ---- */

#define RTPL_DHCP_SERVER	67
#define RTPL_DHCP_CLIENT	68

struct rtpl_subnet {
	__be32 addr;
	u8 bits;	/* of the peer's prefix that holds the address */
};

/* Does a subnet of the device hold the address, and is it no wider than the peer's prefix? */
static int rtpl_subnet_of(struct net_device *dev, struct netdev_nested_priv *priv)
{
	const struct rtpl_subnet *s = priv->data;
	const struct in_ifaddr *ifa;
	struct in_device *in_dev;

	in_dev = __in_dev_get_rcu(dev);
	if (!in_dev)
		return 0;
	in_dev_for_each_ifa_rcu(ifa, in_dev)
		if (ifa->ifa_prefixlen >= s->bits && inet_ifa_match(s->addr, ifa))
			return 1;
	return 0;
}

/* Do the device, and the devices that it is a port of, have no IPv4 address yet? */
static bool rtpl_dev_awaits_address(struct net_device *dev)
{
	struct in_device *in_dev;

	for (; dev; dev = netdev_master_upper_dev_get_rcu(dev)) {
		in_dev = __in_dev_get_rcu(dev);
		if (in_dev && rcu_access_pointer(in_dev->ifa_list))
			return false;
	}
	return true;
}

/*
 * DHCP between two addresses concerns only the local link if it is between a host and a server in
 * its subnet. If a required peer's prefix holds that address more closely than the subnet does, the
 * packet is the peer's, and is sealed. Forwarded DHCP never concerns the local link. Nor does DHCP
 * that comes in for somebody else, unless the device waits for an address: then a server's message
 * to an address that nobody here has yet.
 */
static bool rtpl_dhcp_is_local(struct rtpl_net *rn, const struct sk_buff *skb,
			       const struct iphdr *iph, struct net_device *dev, bool out)
{
	const struct udphdr *udp = (const void *)(iph + 1);	/* there are no options */
	struct rtpl_subnet s = { .addr = out ? iph->daddr : iph->saddr };
	struct netdev_nested_priv priv = { .data = &s };

	if (out && skb->skb_iif)
		return false;
	if (!out && rtpl_dev_awaits_address(dev) && udp->source == htons(RTPL_DHCP_SERVER) &&
	    udp->dest == htons(RTPL_DHCP_CLIENT) && !__ip_dev_find(rn->net, iph->daddr, false))
		return true;
	if (!out && iph->daddr && !__ip_dev_find(rn->net, iph->daddr, false))
		return false;
	rtpl_lpm_lookup_bits(&rn->prefixes, false, &s.addr, &s.bits);
	return rtpl_subnet_of(dev, &priv) ||
	       netdev_walk_all_upper_dev_rcu(dev, rtpl_subnet_of, &priv);
}

/**
 * rtpl_skb_is_control() - must a packet always pass, because the link needs it to work?
 * @rn: node
 * @skb: the packet
 * @nhoff: offset of its network header from skb->data
 * @proto: the Ethernet type before that header
 * @dev: device by which it came in or leaves
 * @out: true if it leaves
 *
 * Packets other than IP (ARP, LLDP, EAPOL ...) stay on the local link and are control. Of IP, DHCP,
 * neighbour and router discovery and group reports are control (core/scope.c).
 *
 * Context: process or BH, RCU read side.
 * Return: true if it must.
 */
bool rtpl_skb_is_control(struct rtpl_net *rn, const struct sk_buff *skb, int nhoff,
			 __be16 proto, struct net_device *dev, bool out)
{
	bool v6 = proto == htons(ETH_P_IPV6);
	u8 buf[RTPL_SCOPE_CLEAR_BYTES];
	const u8 *pkt;
	int have;

	if (!v6 && proto != htons(ETH_P_IP))
		return true;
	have = min_t(int, skb->len - nhoff, sizeof(buf));
	if (have <= 0)
		return false;
	pkt = skb_header_pointer(skb, nhoff, have, buf);
	if (!pkt)
		return false;
	switch (rtpl_scope_control(pkt, have, v6, out)) {
	case RTPL_CONTROL_LINK:
		return true;
	case RTPL_CONTROL_DHCP:
		return rtpl_dhcp_is_local(rn, skb, (const struct iphdr *)pkt, dev, out);
	case RTPL_CONTROL_NONE:
		break;
	}
	return false;
}

/**
 * rtpl_route_packet() - find the peer whose prefixes hold one of the packet's addresses
 * @rn: node
 * @skb: packet
 * @nhoff: offset of its network header from skb->data
 * @src: look at the source, not the destination
 *
 * Context: process or BH, RCU read side.
 * Return: the peer as an owner, without a reference, or NULL.
 */
struct rtpl_owner *rtpl_route_packet(struct rtpl_net *rn, const struct sk_buff *skb, int nhoff,
				     bool src)
{
	switch (skb_protocol(skb, true)) {
	case htons(ETH_P_IP): {
		const struct iphdr *iph;
		struct iphdr _iph;

		iph = skb_header_pointer(skb, nhoff, sizeof(_iph), &_iph);
		if (!iph)
			return NULL;
		return rtpl_lpm_lookup4(&rn->prefixes,
					(const u8 *)(src ? &iph->saddr : &iph->daddr));
	}
	case htons(ETH_P_IPV6): {
		const struct ipv6hdr *ip6h;
		struct ipv6hdr _ip6h;

		ip6h = skb_header_pointer(skb, nhoff, sizeof(_ip6h), &_ip6h);
		if (!ip6h)
			return NULL;
		return rtpl_lpm_lookup6(&rn->prefixes,
					(const u8 *)(src ? &ip6h->saddr : &ip6h->daddr));
	}
	default:
		return NULL;
	}
}

/**
 * rtpl_route_required() - get one required peer, for a packet that may be any one's
 * @rn: node
 *
 * Searches all peers only if the one found last is not required any more.
 *
 * Context: process or BH, RCU read side.
 * Return: the peer as an owner, without a reference, or NULL.
 */
struct rtpl_owner *rtpl_route_required(struct rtpl_net *rn)
{
	struct rtpl_owner *owner = xa_load(&rn->peers, READ_ONCE(rn->a_require));
	unsigned long id;

	if (likely(owner && READ_ONCE(owner->require)))
		return owner;
	xa_for_each(&rn->peers, id, owner) {
		if (READ_ONCE(owner->require)) {
			WRITE_ONCE(rn->a_require, id);
			return owner;
		}
	}
	return NULL;
}

/**
 * rtpl_route_onward() - find the required peer to which a source route leads
 * @rn: node
 * @skb: packet
 * @nhoff: offset of its network header from skb->data
 * @proto: its network protocol
 * @addr: room for an IPv6 address; set to the peer's address, if there is one
 *
 * A router that forwards the packet sends it on to the peer, and everybody may ask for that
 * (IP_OPTIONS, IPV6_RTHDR). If this packet does not show where the route leads, it may be any
 * required peer's.
 *
 * Context: process or BH, RCU read side.
 * Return: the peer as an owner, without a reference, or NULL.
 */
struct rtpl_owner *rtpl_route_onward(struct rtpl_net *rn, const struct sk_buff *skb, int nhoff,
				     __be16 proto, void *addr)
{
	bool v6 = proto == htons(ETH_P_IPV6);
	u32 len = v6 ? sizeof(struct in6_addr) : sizeof(struct in_addr), i, same, off;
	u8 buf[RTPL_SCOPE_ROUTE_BYTES];
	struct rtpl_scope_route route = {};
	enum rtpl_route_rest what;
	struct rtpl_owner *owner;
	const u8 *part;
	int have;

	if ((!v6 && proto != htons(ETH_P_IP)) || !READ_ONCE(rn->n_require))
		return NULL;
	part = skb_header_pointer(skb, nhoff, RTPL_SCOPE_ROUTE_FIRST, buf);
	if (!part || likely(!rtpl_scope_may_route(part, v6)))
		return NULL;
	do {
		have = clamp_t(int, skb->len - nhoff - route.at, 0, sizeof(buf));
		part = have ? skb_header_pointer(skb, nhoff + route.at, have, buf) : buf;
		if (!part) {
			what = RTPL_REST_CUT;
			break;
		}
		what = rtpl_scope_route(part, have, v6, &route);
		for (i = 0; unlikely(i < route.n); i++) {
			same = i + 1 == route.n ? route.same_last : route.same;
			off = nhoff + route.off + i * (len - route.same);
			if (same && skb_copy_bits(skb, nhoff + offsetof(struct ipv6hdr, daddr),
						  addr, same))
				return NULL;
			if (skb_copy_bits(skb, off, addr + same, len - same)) {
				what = RTPL_REST_CUT;
				break;
			}
			owner = v6 ? rtpl_lpm_lookup6(&rn->prefixes, addr) :
				    rtpl_lpm_lookup4(&rn->prefixes, addr);
			if (owner && READ_ONCE(owner->require))
				return owner;
		}
	} while (what == RTPL_REST_ON);

	if (what == RTPL_REST_END || !rcu_access_pointer(rn->prefixes.root[v6]))
		return NULL;
	/* Report the destination, which is the address that shows. */
	if (skb_copy_bits(skb, nhoff + (v6 ? offsetof(struct ipv6hdr, daddr) :
					     offsetof(struct iphdr, daddr)), addr, len))
		return NULL;
	return rtpl_route_required(rn);
}
