// SPDX-License-Identifier: GPL-2.0
/*
 * Super-packets as blocks. A GSO head tells how the stack would cut the packet; this file checks it
 * against the packet's own headers, and makes the headers of any run of its segments as the stack's
 * segmentation would have (RFC 791, 8200, 9293, 768), but with the transport checksum still
 * partial.
 */
#include "gso.h"

#define IPV4_MIN	20
#define IPV6_LEN	40
#define TCP_MIN		20
#define UDP_LEN		8

#define IPPROTO_NR_TCP	6
#define IPPROTO_NR_UDP	17

#define IPV4_DF		0x4000
#define IPV4_MF_OFFSET	0x3fff	/* more fragments, fragment offset */

#define TCP_FIN		0x01
#define TCP_PSH		0x08
#define TCP_CWR		0x80

static bool is_tcp(u8 kind)
{
	return kind == RTPL_GSO_TCP4 || kind == RTPL_GSO_TCP6;
}

static bool is_ipv4(u8 kind)
{
	return kind == RTPL_GSO_TCP4 || kind == RTPL_GSO_UDP4;
}

u16 rtpl_gso_block_len(const u8 *head)
{
	const struct rtpl_gso_head *h = (const void *)head;
	u8 kind = h->type_kind & 0x0f;
	u32 pkt_len = get_unaligned_le16(&h->pkt_len);
	u32 len = sizeof(*h) + pkt_len;

	BUILD_BUG_ON(sizeof(*h) != RTPL_BLOCK_HEAD);

	if (h->type_kind >> 4 != RTPL_BLOCK_GSO || !kind ||
	    kind >= __RTPL_GSO_KIND_MAX)
		return 0;
	if (h->flags & ~RTPL_GSO_FLAGS)
		return 0;
	if (h->l4_off < (is_ipv4(kind) ? IPV4_MIN : IPV6_LEN) ||
	    h->hdr_len < h->l4_off + (is_tcp(kind) ? TCP_MIN : UDP_LEN) ||
	    pkt_len <= h->hdr_len)
		return 0;
	if (h->flags & RTPL_GSO_F_TRAILER)
		len += h->hdr_len + sizeof(*h);
	return len <= RTPL_BLOCK_MAX ? len : 0;
}

/* Do the IP header's version, protocol and lengths agree with the head? */
static bool ip_fits(const struct rtpl_gso *g, const u8 *hdr)
{
	u8 proto = is_tcp(g->kind) ? IPPROTO_NR_TCP : IPPROTO_NR_UDP;
	u16 frag;

	if (!is_ipv4(g->kind))
		return hdr[0] >> 4 == 6 && g->l4_off == IPV6_LEN &&
		       hdr[6] == proto &&
		       get_unaligned_be16(hdr + 4) == g->pkt_len - IPV6_LEN;

	if (hdr[0] >> 4 != 4 || (hdr[0] & 0x0f) * 4 != g->l4_off ||
	    hdr[9] != proto || get_unaligned_be16(hdr + 2) != g->pkt_len)
		return false;
	frag = get_unaligned_be16(hdr + 6);
	if (frag & IPV4_MF_OFFSET)
		return false;
	/* The stack refuses a fixed ID where fragmentation is allowed. */
	return !(g->flags & RTPL_GSO_F_FIXEDID) || (frag & IPV4_DF);
}

int rtpl_gso_parse(const u8 *head, const u8 *hdr,
		   u16 hdr_have, u16 block_len, struct rtpl_gso *out)
{
	const struct rtpl_gso_head *h = (const void *)head;
	struct rtpl_gso g = {
		.kind = h->type_kind & 0x0f,
		.flags = h->flags,
		.hdr_len = h->hdr_len,
		.l4_off = h->l4_off,
		.gso_size = get_unaligned_le16(&h->gso_size),
		.pkt_len = get_unaligned_le16(&h->pkt_len),
	};
	u32 payload;

	if (!block_len || rtpl_gso_block_len(head) != block_len ||
	    hdr_have < g.hdr_len)
		return -EBADMSG;

	payload = g.pkt_len - g.hdr_len;
	if (g.gso_size < RTPL_GSO_SIZE_MIN || payload <= g.gso_size)
		return -EBADMSG;
	g.segs = (payload + g.gso_size - 1) / g.gso_size;

	if ((g.flags & RTPL_GSO_F_ECN) && !is_tcp(g.kind))
		return -EBADMSG;
	if ((g.flags & RTPL_GSO_F_FIXEDID) && g.kind != RTPL_GSO_TCP4)
		return -EBADMSG;
	if (!ip_fits(&g, hdr))
		return -EBADMSG;

	hdr += g.l4_off;
	if (is_tcp(g.kind)) {
		if ((hdr[12] >> 4) * 4 != g.hdr_len - g.l4_off)
			return -EBADMSG;
	} else {
		if (g.hdr_len != g.l4_off + UDP_LEN ||
		    get_unaligned_be16(hdr + 4) != g.pkt_len - g.l4_off)
			return -EBADMSG;
	}

	*out = g;
	return 0;
}

void rtpl_gso_build(const struct rtpl_gso *g, u8 *head)
{
	struct rtpl_gso_head *h = (void *)head;

	h->type_kind = RTPL_BLOCK_GSO << 4 | g->kind;
	h->flags = g->flags;
	put_unaligned_le16(g->gso_size, &h->gso_size);
	put_unaligned_le16(g->pkt_len, &h->pkt_len);
	h->hdr_len = g->hdr_len;
	h->l4_off = g->l4_off;
}

/* One's complement sum of @len bytes (even), not folded. */
static u32 sum16(const u8 *p, u16 len, u32 sum)
{
	u16 i;

	for (i = 0; i < len; i += 2)
		sum += get_unaligned_be16(p + i);
	return sum;
}

static u16 fold16(u32 sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	return (sum & 0xffff) + (sum >> 16);
}

u16 rtpl_gso_run(const struct rtpl_gso *g, const u8 *hdr, u16 first, u16 n, u8 *out)
{
	u32 payload = g->pkt_len - g->hdr_len;
	bool tcp = is_tcp(g->kind);
	u8 *l4 = out + g->l4_off;
	u32 off, bytes, l4_len, sum;
	bool last;

	if (first >= g->segs)
		return 0;
	last = n >= g->segs - first;
	off = (u32)first * g->gso_size;
	bytes = last ? payload - off : (u32)n * g->gso_size;
	l4_len = g->hdr_len - g->l4_off + bytes;

	memmove(out, hdr, g->hdr_len);

	if (is_ipv4(g->kind)) {
		put_unaligned_be16(g->hdr_len + bytes, out + 2);
		if (!(g->flags & RTPL_GSO_F_FIXEDID))
			put_unaligned_be16(get_unaligned_be16(out + 4) + first, out + 4);
		put_unaligned_be16(0, out + 10);
		put_unaligned_be16(~fold16(sum16(out, g->l4_off, 0)), out + 10);
		sum = sum16(out + 12, 8, 0);
	} else {
		put_unaligned_be16(l4_len, out + 4);
		sum = sum16(out + 8, 32, 0);
	}

	sum += l4_len + (tcp ? IPPROTO_NR_TCP : IPPROTO_NR_UDP);
	if (tcp) {
		put_unaligned_be32(get_unaligned_be32(l4 + 4) + off, l4 + 4);
		if (!last)
			l4[13] &= ~(TCP_FIN | TCP_PSH);
		if (first)
			l4[13] &= ~TCP_CWR;
		put_unaligned_be16(fold16(sum), l4 + 16);
	} else {
		put_unaligned_be16(l4_len, l4 + 4);
		put_unaligned_be16(fold16(sum), l4 + 6);
	}
	return bytes;
}
