/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What belongs to the local link, read from a packet's bytes alone: control
 * that a link needs to work at all, and addresses that never cross a router.
 *
 * Two sides ask. On the way out, and of packets in clear, control of the local
 * link has to pass as it is. Out of a cell it must never come: the other end of
 * a link is not on the local link, whatever its prefixes.
 */
#ifndef RTPL_CORE_SCOPE_H
#define RTPL_CORE_SCOPE_H

#include "env.h"

/* Headers are looked for in the first bytes of a packet; so many are enough. */
#define RTPL_SCOPE_CLEAR_BYTES	96	/* rtpl_scope_control() */
/* rtpl_scope_inner(), rtpl_scope_quote(); longer chains are refused */
#define RTPL_SCOPE_INNER_BYTES	320

/* What a packet in clear is. */
enum rtpl_control {
	RTPL_CONTROL_NONE,
	RTPL_CONTROL_LINK,	/* passes in clear */
	/*
	 * DHCP between two IPv4 addresses, none of them limited broadcast: passes
	 * in clear within the device's own subnet, if nobody forwards it.
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
 * Neighbour and router discovery with hop limit 255 (RFC 4861, 11.2), group reports and queries
 * with hop limit 1, DHCP. Not a redirect that this host sends: it quotes the packet that it is
 * about, which may have come out of a cell. A host sends these without extension headers, but for
 * a router alert: with others they are no control.
 *
 * Context: Any.
 * Return: what it is.
 */
enum rtpl_control rtpl_scope_control(const u8 *pkt, u32 have, bool v6, bool out);

/* What a packet out of a cell is. */
enum rtpl_inner {
	RTPL_INNER_OK,
	RTPL_INNER_BAD,		/* headers cut short, or too many of them */
	RTPL_INNER_SOURCE,	/* nobody's address: unspecified, loopback, a group */
	RTPL_INNER_LINK,	/* control of a local link, or to this very host */
};

/* Addresses that never cross a router, unless a prefix names them. */
struct rtpl_inner_scope {
	u8 src_bits, dst_bits;	/* 0: none; else a prefix so long, or longer, names it */
};

/**
 * rtpl_scope_inner() - may this packet come out of a cell?
 * @pkt: the packet, from its IP header on
 * @have: bytes at @pkt, RTPL_SCOPE_INNER_BYTES unless the packet is shorter
 * @v6: is it IPv6?
 * @scope: filled in on RTPL_INNER_OK
 *
 * Control is looked for behind IPv4 options and IPv6 extension headers. A
 * message that comes in fragments is known by its first one.
 *
 * Context: Any.
 * Return: RTPL_INNER_OK, or why not.
 */
enum rtpl_inner rtpl_scope_inner(const u8 *pkt, u32 have, bool v6,
				 struct rtpl_inner_scope *scope);

/* Whom a message of ICMP is about that quotes a packet: offsets from the IP header on. */
struct rtpl_scope_quote {
	u16 dst;	/* the destination */
	u16 last;	/* the last segment, which Linux takes for it in IPv6; 0: there is none */
	u16 pkt;	/* the quoted packet; 0: an IPv6 redirect, which names the address itself */
};

/* Is it a message of ICMP that is about a destination? */
enum rtpl_quote {
	RTPL_QUOTE_NONE,	/* no such message, as far as this fragment tells */
	RTPL_QUOTE_ABOUT,	/* it is one, and @quote tells about what */
	RTPL_QUOTE_CUT,		/* it is one, or may be, and about what is not in these bytes */
};

/* rtpl_scope_may_quote() looks at so many bytes; IPv4's tenth is the protocol. */
#define RTPL_SCOPE_QUOTE_FIRST	10
bool rtpl_scope_may_quote(const u8 *pkt, bool v6);

/**
 * rtpl_scope_quote() - is it an ICMP error or a redirect, and about what?
 * @pkt: the packet, from its IP header on
 * @have: bytes at @pkt, RTPL_SCOPE_INNER_BYTES unless the packet is shorter
 * @v6: is it IPv6?
 * @quote: filled in on RTPL_QUOTE_ABOUT
 *
 * ICMPv6 is looked for behind extension headers. Not looked at: the version that the quoted packet
 * says it has, as Linux does not either.
 *
 * Context: Any.
 * Return: what it is.
 */
enum rtpl_quote rtpl_scope_quote(const u8 *pkt, u32 have, bool v6, struct rtpl_scope_quote *quote);

#define RTPL_SCOPE_ROUTE_BYTES	64	/* rtpl_scope_route() looks at so many at a time */
#define RTPL_SCOPE_ROUTES_MAX	4	/* routing headers of one packet that lead on */

/* Where a source route leads behind the packet's destination: addresses, one after the other. */
struct rtpl_scope_route {
	u32 at;		/* where to look next, from the IP header on; 0 at first */
	u32 off;	/* of the first address, from the IP header on */
	u32 n;		/* addresses; 0: it leads nowhere */
	u8 same;	/* so many first bytes of an address are the destination's, and left out */
	u8 same_last;	/* of the last one's */
	u8 next;	/* what stands at @at */
	u8 seen;	/* routing headers that lead on */
};

/* What of a packet is still to be looked at. */
enum rtpl_route_rest {
	RTPL_REST_END,		/* there is no more */
	RTPL_REST_ON,		/* there may be more: call again, with the part from @at on */
	RTPL_REST_CUT,		/* what follows is not in this packet, or is too much: unknown */
};

/* rtpl_scope_may_route() looks at so many bytes; IPv6's seventh is the next header. */
#define RTPL_SCOPE_ROUTE_FIRST	7
bool rtpl_scope_may_route(const u8 *pkt, bool v6);

/**
 * rtpl_scope_route() - does a source route lead on from the packet's destination?
 * @part: the packet from @route->at on
 * @have: bytes at @part, RTPL_SCOPE_ROUTE_BYTES unless the packet is shorter; may be 0
 * @v6: is it IPv6?
 * @route: zeros at first, then as the last call left it
 *
 * IPv4: loose and strict source routes. IPv6: routing headers that have segments left, behind
 * extension headers of any number: segments in their order (RFC 8200), last first (type 4,
 * RFC 8754), or compressed (type 3, RFC 6554). A first fragment that does not hold all of its
 * extension headers, as it must (RFC 7112), may lead anywhere.
 *
 * Context: Any.
 * Return: what to do next, with each call @route->at is larger; whatever it is, @route->n
 * addresses are to be looked at, which may lie behind the packet's end.
 */
enum rtpl_route_rest rtpl_scope_route(const u8 *part, u32 have, bool v6,
				      struct rtpl_scope_route *route);

#endif /* RTPL_CORE_SCOPE_H */
