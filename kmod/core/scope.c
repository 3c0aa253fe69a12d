// SPDX-License-Identifier: GPL-2.0
/*
 * What belongs to the local link; see scope.h.
 *
 * Numbers are IANA's: protocol numbers, ICMP types, ports, special addresses.
 */
#include "scope.h"

enum {
	SCOPE_HOP = 0, SCOPE_ICMP = 1, SCOPE_IGMP = 2, SCOPE_UDP = 17, SCOPE_ROUTING = 43,
	SCOPE_FRAGMENT = 44, SCOPE_AH = 51, SCOPE_ICMP6 = 58, SCOPE_OPTIONS = 60,
};

#define SCOPE_IP4_HEAD		20
#define SCOPE_IP6_HEAD		40
#define SCOPE_EXT_MAX		8	/* extension headers of one packet */

#define SCOPE_DHCP4_SERVER	67
#define SCOPE_DHCP4_CLIENT	68
#define SCOPE_DHCP6_CLIENT	546
#define SCOPE_DHCP6_SERVER	547

/* ---- addresses ---- */

static bool scope_limited_broadcast(const u8 *a)
{
	return get_unaligned_be32(a) == 0xffffffff;
}

static bool scope_multicast4(const u8 *a)
{
	return (a[0] & 0xf0) == 0xe0;
}

static bool scope_link_unicast6(const u8 *a)
{
	return a[0] == 0xfe && (a[1] & 0xc0) == 0x80;
}

/* A group whose scope is this link, or not even that. */
static bool scope_link_group6(const u8 *a)
{
	return a[0] == 0xff && (a[1] & 0x0f) <= 2;
}

/* Least length of a prefix that names this link-local address; 0: it is not link-local. */
static u8 scope_bits4(const u8 *a)
{
	if (scope_limited_broadcast(a))
		return 32;
	if (a[0] == 169 && a[1] == 254)
		return 16;
	if (a[0] == 224 && !a[1] && !a[2])
		return 24;
	return 0;
}

static u8 scope_bits6(const u8 *a)
{
	if (scope_link_group6(a))
		return 16;
	return scope_link_unicast6(a) ? 10 : 0;
}

/* Zero in all but the last 32 bits: unspecified, loopback; or an IPv4 address in disguise. */
static bool scope_reserved6(const u8 *a)
{
	u32 third = get_unaligned_be32(a + 8);

	return !get_unaligned_be64(a) &&
	       ((!third && get_unaligned_be32(a + 12) <= 1) || third == 0xffff);
}

/* ---- protocols ---- */

static bool scope_is_dhcp(const u8 *udp, u16 client, u16 server)
{
	u16 source = get_unaligned_be16(udp), dest = get_unaligned_be16(udp + 2);

	return (source == client && dest == server) || (source == server && dest == client) ||
	       (source == server && dest == server);
}

#define SCOPE_REDIRECT6		137

static bool scope_is_discovery(u8 type)
{
	return type >= 133 && type <= SCOPE_REDIRECT6;	/* solicitations, advertisements */
}

static bool scope_is_group_report(u8 type)
{
	return (type >= 130 && type <= 132) || type == 143;
}

/* ICMPv6 that is only sent to the same link. */
static bool scope_is_link_icmp6(u8 type)
{
	switch (type) {
	case 141:	/* inverse discovery, RFC 3122 */
	case 142:
	case 148:	/* certification paths, RFC 3971 */
	case 149:
	case 151:	/* multicast routers, RFC 4286 */
	case 152:
	case 153:
	case 155:	/* RPL, RFC 6550 */
		return true;
	}
	return scope_is_discovery(type) || scope_is_group_report(type);
}

/* ICMP that only hosts or routers of the same link may send. */
static bool scope_is_link_icmp(u8 type)
{
	return type == 5 || type == 9 || type == 10;	/* redirect, router discovery */
}

/* ---- in clear ---- */

static enum rtpl_control scope_control4(const u8 *pkt, u32 have)
{
	u32 hlen;

	if (have < SCOPE_IP4_HEAD)
		return RTPL_CONTROL_NONE;
	hlen = (pkt[0] & 0x0f) * 4;
	if (pkt[9] == SCOPE_IGMP)
		return scope_multicast4(pkt + 16) && pkt[8] == 1 ? RTPL_CONTROL_LINK :
								   RTPL_CONTROL_NONE;
	if (pkt[9] != SCOPE_UDP || hlen < SCOPE_IP4_HEAD || have < hlen + 4 ||
	    (get_unaligned_be16(pkt + 6) & 0x3fff))	/* a fragment */
		return RTPL_CONTROL_NONE;
	/* With options (a source route) it may go anywhere. */
	if (hlen > SCOPE_IP4_HEAD ||
	    !scope_is_dhcp(pkt + hlen, SCOPE_DHCP4_CLIENT, SCOPE_DHCP4_SERVER))
		return RTPL_CONTROL_NONE;
	return scope_limited_broadcast(pkt + 16) ? RTPL_CONTROL_LINK : RTPL_CONTROL_DHCP;
}

static enum rtpl_control scope_control6(const u8 *pkt, u32 have, bool out)
{
	u32 off = SCOPE_IP6_HEAD;
	bool link = false;
	const u8 *dst;
	u8 next, type;

	if (have < off + 4)
		return RTPL_CONTROL_NONE;
	dst = pkt + 24;
	next = pkt[6];
	if (next == SCOPE_HOP) {
		/* Group reports come behind a router alert. */
		next = pkt[off];
		off += (pkt[off + 1] + 1) * 8;
		if (next != SCOPE_ICMP6 || have < off + 4)
			return RTPL_CONTROL_NONE;
	}
	switch (next) {
	case SCOPE_ICMP6:
		type = pkt[off];
		if (scope_is_discovery(type))
			link = pkt[7] == 255 && !(out && type == SCOPE_REDIRECT6);
		else if (scope_is_group_report(type))
			link = pkt[7] == 1 && dst[0] == 0xff;
		break;
	case SCOPE_UDP:
		/* Clients and servers speak by link-local addresses, RFC 8415, 13. */
		link = scope_is_dhcp(pkt + off, SCOPE_DHCP6_CLIENT, SCOPE_DHCP6_SERVER) &&
		       (scope_link_unicast6(dst) || scope_link_group6(dst));
		break;
	}
	return link ? RTPL_CONTROL_LINK : RTPL_CONTROL_NONE;
}

enum rtpl_control rtpl_scope_control(const u8 *pkt, u32 have, bool v6, bool out)
{
	return v6 ? scope_control6(pkt, have, out) : scope_control4(pkt, have);
}

/* ---- out of a cell ---- */

/* Is the payload at @off, behind all IP headers, the local link's, or cut short? */
static enum rtpl_inner scope_payload(const u8 *pkt, u32 have, u32 off, u8 proto, bool v6)
{
	const u16 client = v6 ? SCOPE_DHCP6_CLIENT : SCOPE_DHCP4_CLIENT;

	if (proto == (v6 ? SCOPE_ICMP6 : SCOPE_ICMP)) {
		if (have < off + 1)
			return RTPL_INNER_BAD;
		if (v6 ? scope_is_link_icmp6(pkt[off]) : scope_is_link_icmp(pkt[off]))
			return RTPL_INNER_LINK;
	} else if (proto == SCOPE_UDP) {
		if (have < off + 4)
			return RTPL_INNER_BAD;
		/*
		 * Only a server of the local link configures a client, from any port (RFC 8415
		 * names none); a message to a server may have been routed to it.
		 */
		if (get_unaligned_be16(pkt + off + 2) == client)
			return RTPL_INNER_LINK;
	}
	return RTPL_INNER_OK;
}

static enum rtpl_inner scope_inner4(const u8 *pkt, u32 have, struct rtpl_inner_scope *scope)
{
	const u8 *src = pkt + 12, *dst = pkt + 16;
	enum rtpl_inner what;
	bool later;
	u32 hlen;

	if (have < SCOPE_IP4_HEAD)
		return RTPL_INNER_BAD;
	hlen = (pkt[0] & 0x0f) * 4;
	if (hlen < SCOPE_IP4_HEAD || have < hlen)
		return RTPL_INNER_BAD;
	if (!src[0] || src[0] == 127 || scope_multicast4(src) || scope_limited_broadcast(src))
		return RTPL_INNER_SOURCE;
	if (dst[0] == 127)
		return RTPL_INNER_LINK;
	later = get_unaligned_be16(pkt + 6) & 0x1fff;

	if (pkt[9] == SCOPE_IGMP)
		return RTPL_INNER_LINK;
	what = later ? RTPL_INNER_OK : scope_payload(pkt, have, hlen, pkt[9], false);
	if (what != RTPL_INNER_OK)
		return what;
	scope->src_bits = scope_bits4(src);
	/* Two neighbours: it is enough that a prefix names the source. */
	scope->dst_bits = scope->src_bits && dst[0] == 169 ? 0 : scope_bits4(dst);
	return RTPL_INNER_OK;
}

#define SCOPE_COMPRESSED	3	/* types of routing headers */
#define SCOPE_SEGMENTS		4

static bool scope_is_extension(u8 next)
{
	return next == SCOPE_HOP || next == SCOPE_ROUTING || next == SCOPE_OPTIONS ||
	       next == SCOPE_AH || next == SCOPE_FRAGMENT;
}

/* Length of an extension header of this kind; four bytes of it are at @head. */
static u32 scope_extension_len(u8 kind, const u8 *head)
{
	if (kind == SCOPE_AH)
		return (head[1] + 2) * 4;
	return kind == SCOPE_FRAGMENT ? 8 : (head[1] + 1) * 8;
}

/* Is it a later fragment? Nothing is known about what follows there. */
static bool scope_is_later(u8 kind, const u8 *head)
{
	return kind == SCOPE_FRAGMENT && (get_unaligned_be16(head + 2) & 0xfff8);
}

/*
 * Offset of the payload behind all extension headers, and its protocol; 0: a later fragment, of
 * which nothing is known; negative: cut short. @more: later fragments have the rest.
 */
static int scope_upper6(const u8 *pkt, u32 have, u8 *next, bool *more)
{
	u32 off = SCOPE_IP6_HEAD;
	unsigned int n;
	u8 kind;

	*more = false;
	*next = pkt[6];
	for (n = 0; n <= SCOPE_EXT_MAX; n++) {
		kind = *next;
		if (!scope_is_extension(kind))
			return off;
		if (have < off + 4)
			return -1;
		if (scope_is_later(kind, pkt + off))
			return 0;
		*more |= kind == SCOPE_FRAGMENT && (pkt[off + 3] & 1);
		*next = pkt[off];
		off += scope_extension_len(kind, pkt + off);
	}
	return -1;
}

static enum rtpl_inner scope_inner6(const u8 *pkt, u32 have, struct rtpl_inner_scope *scope)
{
	const u8 *src = pkt + 8, *dst = pkt + 24;
	enum rtpl_inner what;
	bool more;
	u8 next;
	int off;

	if (have < SCOPE_IP6_HEAD)
		return RTPL_INNER_BAD;
	if (src[0] == 0xff || scope_reserved6(src))
		return RTPL_INNER_SOURCE;
	if (scope_reserved6(dst))
		return RTPL_INNER_LINK;

	off = scope_upper6(pkt, have, &next, &more);
	if (off < 0)
		return RTPL_INNER_BAD;
	what = off ? scope_payload(pkt, have, off, next, true) : RTPL_INNER_OK;
	if (what != RTPL_INNER_OK)
		return what;
	scope->src_bits = scope_bits6(src);
	/* Two neighbours: it is enough that a prefix names the source. */
	scope->dst_bits = scope->src_bits && scope_link_unicast6(dst) ? 0 : scope_bits6(dst);
	return RTPL_INNER_OK;
}

enum rtpl_inner rtpl_scope_inner(const u8 *pkt, u32 have, bool v6,
				 struct rtpl_inner_scope *scope)
{
	return v6 ? scope_inner6(pkt, have, scope) : scope_inner4(pkt, have, scope);
}

/* ---- what ICMP is about ---- */

#define SCOPE_ICMP_HEAD		8
#define SCOPE_REDIRECT6_DEST	24	/* offset of the address that a redirect is about */

/* Unreachable, source quench, redirect, time exceeded, parameter problem. */
static bool scope_quotes4(u8 type)
{
	return (type >= 3 && type <= 5) || type == 11 || type == 12;
}

static enum rtpl_quote scope_quote4(const u8 *pkt, u32 have, struct rtpl_scope_quote *quote)
{
	u32 off;

	if (have < SCOPE_IP4_HEAD)
		return RTPL_QUOTE_CUT;
	off = (pkt[0] & 0x0f) * 4;
	if (pkt[9] != SCOPE_ICMP || (get_unaligned_be16(pkt + 6) & 0x1fff))
		return RTPL_QUOTE_NONE;
	if (off < SCOPE_IP4_HEAD || have < off + 1)
		return RTPL_QUOTE_CUT;
	if (!scope_quotes4(pkt[off]))
		return RTPL_QUOTE_NONE;
	off += SCOPE_ICMP_HEAD;
	if (have < off + SCOPE_IP4_HEAD)
		return RTPL_QUOTE_CUT;
	quote->pkt = off;
	quote->dst = off + 16;
	return RTPL_QUOTE_ABOUT;
}

/*
 * Find the first routing header of the quoted packet, if it is of type segments (RFC 8754): Linux
 * looks up the socket by its last segment, visited or not. @all: there are no more bytes, and Linux
 * ignores a header that they cut, too. Return: false if the bytes do not tell.
 */
static bool scope_last_segment(const u8 *pkt, u32 have, bool all, struct rtpl_scope_quote *quote)
{
	u32 off = quote->pkt + SCOPE_IP6_HEAD;
	u8 next = pkt[quote->pkt + 6], kind;
	unsigned int n;

	for (n = 0; n <= SCOPE_EXT_MAX; n++) {
		if (!scope_is_extension(next))
			return true;
		if (have < off + 8)
			return all;
		if (scope_is_later(next, pkt + off))
			return true;
		if (next == SCOPE_ROUTING) {
			if (pkt[off + 2] != SCOPE_SEGMENTS)
				return true;
			if (have < off + 8 + 16)
				return all;
			quote->last = off + 8;
			return true;
		}
		kind = next;
		next = pkt[off];
		off += scope_extension_len(kind, pkt + off);
	}
	return false;
}

static enum rtpl_quote scope_quote6(const u8 *pkt, u32 have, struct rtpl_scope_quote *quote)
{
	bool more;
	u32 off;
	u8 next;
	int at;

	if (have < SCOPE_IP6_HEAD)
		return RTPL_QUOTE_CUT;
	at = scope_upper6(pkt, have, &next, &more);
	if (at < 0)
		return RTPL_QUOTE_CUT;
	if (!at || next != SCOPE_ICMP6)
		return RTPL_QUOTE_NONE;
	off = at;
	if (have < off + 1)
		return RTPL_QUOTE_CUT;
	if (pkt[off] == SCOPE_REDIRECT6) {
		quote->dst = off + SCOPE_REDIRECT6_DEST;
		return have < off + SCOPE_REDIRECT6_DEST + 16 ? RTPL_QUOTE_CUT : RTPL_QUOTE_ABOUT;
	}
	if (pkt[off] & 0x80)	/* not an error */
		return RTPL_QUOTE_NONE;
	off += SCOPE_ICMP_HEAD;
	if (have < off + SCOPE_IP6_HEAD)
		return RTPL_QUOTE_CUT;
	quote->pkt = off;
	quote->dst = off + 24;
	more |= have >= RTPL_SCOPE_INNER_BYTES;
	return scope_last_segment(pkt, have, !more, quote) ? RTPL_QUOTE_ABOUT : RTPL_QUOTE_CUT;
}

/**
 * rtpl_scope_may_quote() - could rtpl_scope_quote() find something in this packet?
 * @pkt: its first RTPL_SCOPE_QUOTE_FIRST bytes, from its IP header on
 * @v6: is it IPv6?
 *
 * Saves copying the headers of most packets.
 *
 * Context: Any.
 * Return: false if it is neither ICMP nor hidden behind extension headers.
 */
bool rtpl_scope_may_quote(const u8 *pkt, bool v6)
{
	if (v6)
		return pkt[6] == SCOPE_ICMP6 || scope_is_extension(pkt[6]);
	return pkt[9] == SCOPE_ICMP;
}

enum rtpl_quote rtpl_scope_quote(const u8 *pkt, u32 have, bool v6, struct rtpl_scope_quote *quote)
{
	*quote = (struct rtpl_scope_quote){};
	return v6 ? scope_quote6(pkt, have, quote) : scope_quote4(pkt, have, quote);
}

/* ---- source routes ---- */

#define SCOPE_OPT_END		0
#define SCOPE_OPT_NOP		1
#define SCOPE_OPT_LOOSE		0x83
#define SCOPE_OPT_STRICT	0x89

/* The pointer counts from 1, at the option's type. */
static void scope_route4(const u8 *pkt, u32 have, struct rtpl_scope_route *route)
{
	u32 end = min_t(u32, (pkt[0] & 0x0f) * 4, have), at, len;

	for (at = SCOPE_IP4_HEAD; at < end && pkt[at] != SCOPE_OPT_END; at += len) {
		len = 1;
		if (pkt[at] == SCOPE_OPT_NOP)
			continue;
		if (at + 3 > end)
			return;
		len = pkt[at + 1];
		if (len < 2 || at + len > end)
			return;
		if ((pkt[at] == SCOPE_OPT_LOOSE || pkt[at] == SCOPE_OPT_STRICT) &&
		    pkt[at + 2] >= 4 && pkt[at + 2] + 3U <= len) {
			route->off = at + pkt[at + 2] - 1;
			route->n = (len - pkt[at + 2] + 1) / 4;
			return;
		}
	}
}

/* @at: of the routing header, from the IP header on. */
static void scope_segments(const u8 *head, u32 at, struct rtpl_scope_route *route)
{
	u32 bytes = head[1] * 8, all = bytes / 16, last;
	u8 type = head[2], left = head[3];

	if (type == SCOPE_COMPRESSED) {
		route->same = head[4] >> 4;
		route->same_last = head[4] & 0x0f;
		last = (head[5] >> 4) + 16 - route->same_last;
		all = bytes < last ? 0 : (bytes - last) / (16 - route->same) + 1;
	}
	route->n = min_t(u32, left, all);
	route->off = at + 8;
	if (type != SCOPE_SEGMENTS)
		route->off += (all - route->n) * (16 - route->same);
}

/**
 * rtpl_scope_may_route() - could rtpl_scope_route() find something in this packet?
 * @pkt: its first RTPL_SCOPE_ROUTE_FIRST bytes, from its IP header on
 * @v6: is it IPv6?
 *
 * Saves copying the headers of most packets.
 *
 * Context: Any.
 * Return: false if it has neither IPv4 options nor IPv6 extension headers.
 */
bool rtpl_scope_may_route(const u8 *pkt, bool v6)
{
	return v6 ? scope_is_extension(pkt[6]) : (pkt[0] & 0x0f) * 4 > SCOPE_IP4_HEAD;
}

/* @off: offset in @part of the first extension header. Each has at least eight bytes. */
static enum rtpl_route_rest scope_route6(const u8 *part, u32 have, u32 off,
					 struct rtpl_scope_route *route)
{
	const u8 *head;
	u8 kind;

	while (scope_is_extension(route->next) && have >= off + 8 && !route->n) {
		head = part + off;
		kind = route->next;
		if (scope_is_later(kind, head))
			return RTPL_REST_END;
		if (kind == SCOPE_ROUTING && head[3]) {
			scope_segments(head, route->at + off, route);
			if (++route->seen > RTPL_SCOPE_ROUTES_MAX)
				return RTPL_REST_CUT;
		}
		route->next = head[0];
		off += scope_extension_len(kind, head);
	}
	route->at += off;
	if (!scope_is_extension(route->next))
		return RTPL_REST_END;
	/* @part was all of the packet. */
	if (have < RTPL_SCOPE_ROUTE_BYTES && have < off + 8)
		return RTPL_REST_CUT;
	return RTPL_REST_ON;
}

enum rtpl_route_rest rtpl_scope_route(const u8 *part, u32 have, bool v6,
				      struct rtpl_scope_route *route)
{
	route->n = 0;
	route->same = 0;
	route->same_last = 0;
	if (route->at)
		return scope_route6(part, have, 0, route);
	if (have < (v6 ? SCOPE_IP6_HEAD : SCOPE_IP4_HEAD))
		return RTPL_REST_END;
	if (!v6) {
		scope_route4(part, have, route);
		return RTPL_REST_END;
	}
	route->next = part[6];
	return scope_route6(part, have, SCOPE_IP6_HEAD, route);
}
