// SPDX-License-Identifier: GPL-2.0
/*
 * What kind of packet is it, and whose: the questions that both the qdisc and
 * the guard ask, answered from the packet alone.
 */
#include <linux/icmpv6.h>
#include <linux/if_ether.h>
#include <linux/igmp.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/ndisc.h>

#include "rtpl.h"

#define RTPL_PORT_DHCP4_SERVER	67
#define RTPL_PORT_DHCP4_CLIENT	68
#define RTPL_PORT_DHCP6_CLIENT	546
#define RTPL_PORT_DHCP6_SERVER	547

static bool rtpl_udp_is_dhcp(__be16 source, __be16 dest, u16 client, u16 server)
{
	return (source == htons(client) && dest == htons(server)) ||
	       (source == htons(server) && dest == htons(client)) ||
	       (source == htons(server) && dest == htons(server));
}

static bool rtpl_ip4_is_control(const struct sk_buff *skb, int nhoff)
{
	const struct udphdr *uh;
	const struct iphdr *iph;
	struct udphdr _uh;
	struct iphdr _iph;

	iph = skb_header_pointer(skb, nhoff, sizeof(_iph), &_iph);
	if (!iph)
		return false;
	if (iph->protocol == IPPROTO_IGMP)
		return ipv4_is_multicast(iph->daddr);
	if (iph->protocol != IPPROTO_UDP || ip_is_fragment(iph) || iph->ihl < 5)
		return false;
	uh = skb_header_pointer(skb, nhoff + iph->ihl * 4, sizeof(_uh), &_uh);
	return uh && rtpl_udp_is_dhcp(uh->source, uh->dest,
				      RTPL_PORT_DHCP4_CLIENT,
				      RTPL_PORT_DHCP4_SERVER);
}

/* Neighbour discovery counts only with hop limit 255 (RFC 4861, 11.2). */
static bool rtpl_ip6_is_control(const struct sk_buff *skb, int nhoff)
{
	const struct ipv6hdr *ip6h;
	const struct udphdr *uh;
	struct ipv6hdr _ip6h;
	struct udphdr _uh;
	const u8 *type;
	int off, hop;
	u8 nexthdr;
	u8 _type;

	ip6h = skb_header_pointer(skb, nhoff, sizeof(_ip6h), &_ip6h);
	if (!ip6h)
		return false;
	nexthdr = ip6h->nexthdr;
	hop = ip6h->hop_limit;
	off = nhoff + sizeof(*ip6h);

	if (nexthdr == NEXTHDR_HOP) {
		/* MLD comes behind a router alert: two bytes tell. */
		const u8 *opt;
		u8 _opt[2];

		opt = skb_header_pointer(skb, off, sizeof(_opt), _opt);
		if (!opt || opt[0] != NEXTHDR_ICMP)
			return false;
		nexthdr = opt[0];
		off += (opt[1] + 1) * 8;
	}
	if (nexthdr == NEXTHDR_ICMP) {
		type = skb_header_pointer(skb, off, sizeof(_type), &_type);
		if (!type)
			return false;
		switch (*type) {
		case NDISC_ROUTER_SOLICITATION:
		case NDISC_ROUTER_ADVERTISEMENT:
		case NDISC_NEIGHBOUR_SOLICITATION:
		case NDISC_NEIGHBOUR_ADVERTISEMENT:
		case NDISC_REDIRECT:
			return hop == 255;
		case ICMPV6_MGM_QUERY:
		case ICMPV6_MGM_REPORT:
		case ICMPV6_MGM_REDUCTION:
		case ICMPV6_MLD2_REPORT:
			return hop == 1;
		}
		return false;
	}
	if (nexthdr != NEXTHDR_UDP)
		return false;
	uh = skb_header_pointer(skb, off, sizeof(_uh), &_uh);
	return uh && rtpl_udp_is_dhcp(uh->source, uh->dest,
				      RTPL_PORT_DHCP6_CLIENT,
				      RTPL_PORT_DHCP6_SERVER);
}

/**
 * rtpl_skb_is_control() - must the packet always pass, for the link to work at all?
 * @skb: the packet
 * @nhoff: offset of its network header from skb->data
 *
 * Whatever is not IP (ARP, LLDP, EAPOL ...) stays on the local link and is
 * control; of IP: DHCP, neighbour and router discovery, group reports.
 *
 * Context: any.
 */
bool rtpl_skb_is_control(const struct sk_buff *skb, int nhoff)
{
	switch (skb_protocol(skb, true)) {
	case htons(ETH_P_IP):
		return rtpl_ip4_is_control(skb, nhoff);
	case htons(ETH_P_IPV6):
		return rtpl_ip6_is_control(skb, nhoff);
	default:
		return true;
	}
}

/**
 * rtpl_peer_by_packet() - the peer whose prefixes hold one of the packet's addresses
 * @rn: node
 * @skb: packet
 * @nhoff: offset of its network header from skb->data
 * @src: look at the source, not the destination
 *
 * Context: RCU read side.
 * Return: the peer, without a reference, or NULL.
 */
struct rtpl_peer *rtpl_peer_by_packet(struct rtpl_net *rn, const struct sk_buff *skb,
				      int nhoff, bool src)
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
