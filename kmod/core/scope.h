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
#define RTPL_SCOPE_INNER_BYTES	320	/* rtpl_scope_inner(); longer chains are refused */

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
 *
 * Neighbour and router discovery with hop limit 255 (RFC 4861, 11.2), group reports and queries
 * with hop limit 1, DHCP. A host sends these without extension headers, but for
 * a router alert: with others they are no control.
 * Context: any. Return: what it is.
 */
enum rtpl_control rtpl_scope_control(const u8 *pkt, u32 have, bool v6);

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
 * Context: any. Return: RTPL_INNER_OK, or why not.
 */
enum rtpl_inner rtpl_scope_inner(const u8 *pkt, u32 have, bool v6,
				 struct rtpl_inner_scope *scope);

/* Where a source route leads behind the packet's destination: addresses, one after the other. */
struct rtpl_scope_route {
	u32 off;	/* of the first, from the IP header on */
	u32 n;		/* 0: it leads nowhere */
};

/**
 * rtpl_scope_route() - does a source route lead on from the packet's destination?
 * @pkt: the packet, from its IP header on
 * @have: bytes at @pkt, RTPL_SCOPE_INNER_BYTES unless the packet is shorter
 * @v6: is it IPv6?
 * @route: filled in; its addresses may lie behind @have, or behind the packet's end
 *
 * IPv4: loose and strict source routes. IPv6: the first routing header that has segments left;
 * of all types but 4 (RFC 8754) as if it were type 0, so that compressed ones (RFC 6554) are
 * not understood.
 * Context: any.
 */
void rtpl_scope_route(const u8 *pkt, u32 have, bool v6, struct rtpl_scope_route *route);

#endif /* RTPL_CORE_SCOPE_H */
