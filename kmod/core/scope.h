/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What belongs to the local link, judged by a packet's bytes alone: control without which a link
 * does not work, and addresses that never cross a router.
 *
 * There are two questions. On the way out, and for packets in clear, control of the local link must
 * pass as it is. Out of a cell it must never come: the other end of a link is not on the local
 * link, whatever its prefixes.
 */
#ifndef RTPL_CORE_SCOPE_H
#define RTPL_CORE_SCOPE_H

#include "env.h"

/* Bytes at the beginning of a packet in which headers are searched. */
#define RTPL_SCOPE_CLEAR_BYTES	96	/* enough for rtpl_scope_control() */
/* rtpl_scope_inner(), rtpl_scope_quote(); longer chains are refused */
#define RTPL_SCOPE_INNER_BYTES	320

/* Classes of packets in clear. */
enum rtpl_control {
	RTPL_CONTROL_NONE,
	RTPL_CONTROL_LINK,	/* passes in clear */
	/*
	 * DHCP between two IPv4 addresses, neither of them limited broadcast: passes in clear
	 * within the device's own subnet, unless it is forwarded.
	 */
	RTPL_CONTROL_DHCP,
};

/**
 * rtpl_scope_control() - is a clear IP packet control of the local link?
 * @pkt: the packet, from its IP header on
 * @have: bytes at @pkt, RTPL_SCOPE_CLEAR_BYTES unless the packet is shorter
 * @v6: is it IPv6?
 * @out: does this host send it?
 *
 * Control is: neighbour and router discovery with hop limit 255 (RFC 4861, 11.2), group reports and
 * queries with hop limit 1, and DHCP; but not a redirect that this host sends: it quotes the packet
 * that it is about, which may have come out of a cell. Hosts send these without extension headers
 * except a router alert; with others they are not control.
 *
 * Context: Any.
 * Return: what it is.
 */
enum rtpl_control rtpl_scope_control(const u8 *pkt, u32 have, bool v6, bool out);

/* Classes of packets out of a cell. */
enum rtpl_inner {
	RTPL_INNER_OK,
	RTPL_INNER_BAD,		/* headers cut short, or too many of them */
	RTPL_INNER_SOURCE,	/* not a host's address: unspecified, loopback, a group */
	RTPL_INNER_LINK,	/* control of a local link, or sent to this very host */
};

/* Addresses that never cross a router, unless a prefix names them. */
struct rtpl_inner_scope {
	u8 src_bits, dst_bits;	/* 0: not such an address; else least prefix length to name it */
};

/**
 * rtpl_scope_inner() - may this packet come out of a cell?
 * @pkt: the packet, from its IP header on
 * @have: bytes at @pkt, RTPL_SCOPE_INNER_BYTES unless the packet is shorter
 * @v6: is it IPv6?
 * @scope: filled in on RTPL_INNER_OK
 *
 * Searches for control behind IPv4 options and IPv6 extension headers. A message in fragments is
 * recognised by its first one.
 *
 * Context: Any.
 * Return: RTPL_INNER_OK, or why it may not.
 */
enum rtpl_inner rtpl_scope_inner(const u8 *pkt, u32 have, bool v6,
				 struct rtpl_inner_scope *scope);

/* What an ICMP message with a quoted packet is about: offsets from the IP header on. */
struct rtpl_scope_quote {
	u16 dst;	/* the destination */
	u16 last;	/* IPv6: the last segment, which Linux takes for it; 0: none */
	u16 pkt;	/* the quoted packet; 0: an IPv6 redirect, which names the address itself */
};

/* Whether a packet is an ICMP message about a destination. */
enum rtpl_quote {
	RTPL_QUOTE_NONE,	/* no such message, as far as this fragment shows */
	RTPL_QUOTE_ABOUT,	/* it is one, and @quote tells what it is about */
	RTPL_QUOTE_CUT,		/* it is or may be one; these bytes do not show about what */
};

/* Bytes that rtpl_scope_may_quote() reads; IPv4's tenth is the protocol. */
#define RTPL_SCOPE_QUOTE_FIRST	10
bool rtpl_scope_may_quote(const u8 *pkt, bool v6);

/**
 * rtpl_scope_quote() - is it an ICMP error or a redirect, and about what?
 * @pkt: the packet, from its IP header on
 * @have: bytes at @pkt, RTPL_SCOPE_INNER_BYTES unless the packet is shorter
 * @v6: is it IPv6?
 * @quote: filled in on RTPL_QUOTE_ABOUT
 *
 * Searches for ICMPv6 behind extension headers. Like Linux, ignores the version in the quoted
 * packet.
 *
 * Context: Any.
 * Return: what it is.
 */
enum rtpl_quote rtpl_scope_quote(const u8 *pkt, u32 have, bool v6, struct rtpl_scope_quote *quote);

#define RTPL_SCOPE_ROUTE_BYTES	64	/* bytes that rtpl_scope_route() reads at a time */
#define RTPL_SCOPE_ROUTES_MAX	4	/* most routing headers in one packet that lead on */

/* Where a source route leads behind the packet's destination: a list of addresses. */
struct rtpl_scope_route {
	u32 at;		/* where to look next, from the IP header on; 0 at first */
	u32 off;	/* of the first address, from the IP header on */
	u32 n;		/* addresses; 0: it leads nowhere */
	u8 same;	/* first bytes that an address shares with the destination, left out */
	u8 same_last;	/* the same for the last one */
	u8 next;	/* the header type at @at */
	u8 seen;	/* routing headers that lead on */
};

/* What remains to be read of a packet. */
enum rtpl_route_rest {
	RTPL_REST_END,		/* nothing */
	RTPL_REST_ON,		/* perhaps more: call again, with the part from @at on */
	RTPL_REST_CUT,		/* the rest is not in this packet, or is too much: unknown */
};

/* Bytes that rtpl_scope_may_route() reads; IPv6's seventh is the next header. */
#define RTPL_SCOPE_ROUTE_FIRST	7
bool rtpl_scope_may_route(const u8 *pkt, bool v6);

/**
 * rtpl_scope_route() - does a source route lead on from the packet's destination?
 * @part: the packet from @route->at on
 * @have: bytes at @part, RTPL_SCOPE_ROUTE_BYTES unless the packet is shorter; may be 0
 * @v6: is it IPv6?
 * @route: zeros at first, then as the last call left it
 *
 * IPv4: loose and strict source routes. IPv6: routing headers with segments left, behind any number
 * of extension headers: segments in their order (RFC 8200), last first (type 4, RFC 8754), or
 * compressed (type 3, RFC 6554). A first fragment that does not hold all of its extension headers,
 * as it must (RFC 7112), may lead anywhere.
 *
 * Context: Any.
 * Return: what to do next; with each call @route->at grows. In any case the caller must look at
 * @route->n addresses, which may lie behind the packet's end.
 */
enum rtpl_route_rest rtpl_scope_route(const u8 *part, u32 have, bool v6,
				      struct rtpl_scope_route *route);

#endif /* RTPL_CORE_SCOPE_H */
