// SPDX-License-Identifier: GPL-2.0
/*
 * What belongs to the local link (core/scope.c): each kind of control in
 * clear, where it may go and where not, and the same out of a cell, behind
 * options and extension headers as well.
 */
#include "lib.h"
#include "../core/scope.h"

struct pkt {
	u8 b[RTPL_SCOPE_INNER_BYTES];
	u32 len;
};

/* The packets at hand, in turn: too large for the stack. */
static struct pkt *fresh(u32 len)
{
	static struct pkt pool[8];
	static u32 n;
	struct pkt *p = &pool[n++ % ARRAY_SIZE(pool)];

	memset(p, 0, sizeof(*p));
	p->len = len;
	return p;
}

static void put(struct pkt *p, const void *data, u32 len)
{
	memcpy(p->b + p->len, data, len);
	p->len += len;
}

static void put16(struct pkt *p, u16 v)
{
	u8 b[2] = { v >> 8, v };

	put(p, b, 2);
}

static struct pkt *ip4(u8 proto, u8 ttl, u32 src, u32 dst, u8 words)
{
	struct pkt *p = fresh(words * 4);

	p->b[0] = 0x40 | words;
	p->b[8] = ttl;
	p->b[9] = proto;
	put_unaligned_be32(src, p->b + 12);
	put_unaligned_be32(dst, p->b + 16);
	return p;
}

static const u8 global_a[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 };
static const u8 global_b[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 2 };
static const u8 link_a[16] = { 0xfe, 0x80, [15] = 1 };
static const u8 link_b[16] = { 0xfe, 0xbf, [15] = 2 };
static const u8 all_nodes[16] = { 0xff, 0x02, [15] = 1 };
static const u8 site_group[16] = { 0xff, 0x05, [15] = 1 };

static struct pkt *ip6(u8 next, u8 hops, const u8 *src, const u8 *dst)
{
	struct pkt *p = fresh(40);

	p->b[0] = 0x60;
	p->b[6] = next;
	p->b[7] = hops;
	memcpy(p->b + 8, src, 16);
	memcpy(p->b + 24, dst, 16);
	return p;
}

static struct pkt *udp4(u32 src, u32 dst, u16 sport, u16 dport)
{
	struct pkt *p = ip4(17, 64, src, dst, 5);

	put16(p, sport);
	put16(p, dport);
	put(p, "\0\x08\0\0", 4);
	return p;
}

static struct pkt *udp6(const u8 *src, const u8 *dst, u16 sport, u16 dport)
{
	struct pkt *p = ip6(17, 64, src, dst);

	put16(p, sport);
	put16(p, dport);
	put(p, "\0\x08\0\0", 4);
	return p;
}

static struct pkt *icmp6(u8 type, u8 hops, const u8 *src, const u8 *dst)
{
	struct pkt *p = ip6(58, hops, src, dst);

	put(p, &type, 1);
	put(p, "\0\0\0\0\0\0\0", 7);
	return p;
}

/* An extension header of eight bytes, or longer, before what @p carries. */
static struct pkt *behind(const struct pkt *from, u8 ext, u8 more, u16 third)
{
	u32 len = 8 * (more + 1);
	struct pkt *p = fresh(from->len);

	memcpy(p->b, from->b, 40);
	memcpy(p->b + 40 + len, from->b + 40, from->len - 40);
	p->b[40] = p->b[6];
	p->b[41] = ext == 44 ? 0 : ext == 51 ? 2 * more : more;
	put_unaligned_be16(third, p->b + 42);
	p->b[6] = ext;
	p->len += len;
	return p;
}

static enum rtpl_control control_way(const struct pkt *p, bool out)
{
	return rtpl_scope_control(p->b, min_t(u32, p->len, RTPL_SCOPE_CLEAR_BYTES),
				  p->b[0] >> 4 == 6, out);
}

static enum rtpl_control control(const struct pkt *p)
{
	return control_way(p, false);
}

static enum rtpl_inner inner(const struct pkt *p)
{
	struct rtpl_inner_scope scope;

	return rtpl_scope_inner(p->b, p->len, p->b[0] >> 4 == 6, &scope);
}

#define A4	0xc0000201
#define B4	0xc0000202
#define ALL	0xffffffff

static void clear4(struct kunit *test)
{
	struct pkt *p;

	KUNIT_EXPECT_EQ(test, control(udp4(0, ALL, 68, 67)), RTPL_CONTROL_LINK);
	KUNIT_EXPECT_EQ(test, control(udp4(B4, ALL, 67, 68)), RTPL_CONTROL_LINK);
	KUNIT_EXPECT_EQ(test, control(udp4(A4, B4, 68, 67)), RTPL_CONTROL_DHCP);
	KUNIT_EXPECT_EQ(test, control(udp4(A4, B4, 67, 67)), RTPL_CONTROL_DHCP);
	KUNIT_EXPECT_EQ(test, control(udp4(A4, B4, 68, 68)), RTPL_CONTROL_NONE);
	/* With options. */
	p = ip4(17, 64, A4, B4, 6);
	put(p, "\0\x44\0\x43\0\x08\0\0", 8);
	KUNIT_EXPECT_EQ(test, control(p), RTPL_CONTROL_NONE);
	p->b[0] = 0x45;
	memcpy(p->b + 20, "\0\x44\0\x43\0\x08\0\0", 8);
	KUNIT_EXPECT_EQ(test, control(p), RTPL_CONTROL_DHCP);
	KUNIT_EXPECT_EQ(test, control(udp4(A4, B4, 68, 53)), RTPL_CONTROL_NONE);
	KUNIT_EXPECT_EQ(test, control(udp4(A4, ALL, 7, 67)), RTPL_CONTROL_NONE);
	p = udp4(0, ALL, 68, 67);
	p->b[6] = 0x20;		/* more fragments */
	KUNIT_EXPECT_EQ(test, control(p), RTPL_CONTROL_NONE);
	p = udp4(0, ALL, 68, 67);
	p->len = 23;
	KUNIT_EXPECT_EQ(test, control(p), RTPL_CONTROL_NONE);
	KUNIT_EXPECT_EQ(test, control(ip4(2, 1, A4, 0xe0000016, 6)), RTPL_CONTROL_LINK);
	KUNIT_EXPECT_EQ(test, control(ip4(2, 64, A4, 0xe0000016, 6)), RTPL_CONTROL_NONE);
	KUNIT_EXPECT_EQ(test, control(ip4(2, 1, A4, B4, 6)), RTPL_CONTROL_NONE);
	KUNIT_EXPECT_EQ(test, control(ip4(6, 255, A4, B4, 5)), RTPL_CONTROL_NONE);
}

static void clear6(struct kunit *test)
{
	u8 type;

	for (type = 133; type <= 137; type++) {
		KUNIT_EXPECT_EQ(test, control(icmp6(type, 255, global_a, global_b)),
				RTPL_CONTROL_LINK);
		/* A redirect of ours quotes what may have come sealed. */
		KUNIT_EXPECT_EQ(test, control_way(icmp6(type, 255, global_a, global_b), true),
				type == 137 ? RTPL_CONTROL_NONE : RTPL_CONTROL_LINK);
		KUNIT_EXPECT_EQ(test, control(icmp6(type, 254, global_a, global_b)),
				RTPL_CONTROL_NONE);
	}
	for (type = 130; type <= 132; type++) {
		KUNIT_EXPECT_EQ(test, control(icmp6(type, 1, link_a, all_nodes)),
				RTPL_CONTROL_LINK);
		KUNIT_EXPECT_EQ(test, control(icmp6(type, 1, link_a, global_b)),
				RTPL_CONTROL_NONE);
	}
	KUNIT_EXPECT_EQ(test, control(behind(icmp6(143, 1, link_a, all_nodes), 0, 0, 0x0502)),
			RTPL_CONTROL_LINK);
	KUNIT_EXPECT_EQ(test, control(behind(icmp6(143, 64, link_a, all_nodes), 0, 0, 0x0502)),
			RTPL_CONTROL_NONE);
	KUNIT_EXPECT_EQ(test, control(behind(icmp6(134, 255, link_a, all_nodes), 60, 0, 0)),
			RTPL_CONTROL_NONE);
	KUNIT_EXPECT_EQ(test, control(icmp6(128, 255, global_a, global_b)), RTPL_CONTROL_NONE);
	KUNIT_EXPECT_EQ(test, control(udp6(link_a, all_nodes, 546, 547)), RTPL_CONTROL_LINK);
	KUNIT_EXPECT_EQ(test, control(udp6(link_a, link_b, 547, 546)), RTPL_CONTROL_LINK);
	KUNIT_EXPECT_EQ(test, control(udp6(global_a, global_b, 546, 547)), RTPL_CONTROL_NONE);
	KUNIT_EXPECT_EQ(test, control(udp6(global_a, site_group, 547, 547)), RTPL_CONTROL_NONE);
	KUNIT_EXPECT_EQ(test, control(udp6(link_a, link_b, 7, 546)), RTPL_CONTROL_NONE);
}

static void inner4(struct kunit *test)
{
	struct pkt *p;

	KUNIT_EXPECT_EQ(test, inner(udp4(A4, B4, 7, 7)), RTPL_INNER_OK);
	KUNIT_EXPECT_EQ(test, inner(ip4(6, 255, A4, B4, 5)), RTPL_INNER_OK);
	KUNIT_EXPECT_EQ(test, inner(ip4(2, 64, A4, 0xef010101, 6)), RTPL_INNER_LINK);
	KUNIT_EXPECT_EQ(test, inner(udp4(A4, B4, 67, 68)), RTPL_INNER_LINK);
	KUNIT_EXPECT_EQ(test, inner(udp4(A4, B4, 68, 67)), RTPL_INNER_OK);
	KUNIT_EXPECT_EQ(test, inner(udp4(A4, B4, 67, 67)), RTPL_INNER_OK);
	p = ip4(1, 64, A4, B4, 15);
	put(p, "\5\0\0\0", 4);
	KUNIT_EXPECT_EQ(test, inner(p), RTPL_INNER_LINK);
	p->b[60] = 9;
	KUNIT_EXPECT_EQ(test, inner(p), RTPL_INNER_LINK);
	p->b[60] = 3;
	KUNIT_EXPECT_EQ(test, inner(p), RTPL_INNER_OK);
	p->b[60] = 5;
	p->b[6] = 0x20;		/* the first fragment */
	KUNIT_EXPECT_EQ(test, inner(p), RTPL_INNER_LINK);
	p->b[7] = 1;		/* a later one */
	KUNIT_EXPECT_EQ(test, inner(p), RTPL_INNER_OK);
	p->len = 60;
	p->b[6] = 0;
	p->b[7] = 0;
	KUNIT_EXPECT_EQ(test, inner(p), RTPL_INNER_BAD);
	p = udp4(A4, B4, 7, 7);
	p->b[0] = 0x44;
	KUNIT_EXPECT_EQ(test, inner(p), RTPL_INNER_BAD);
	KUNIT_EXPECT_EQ(test, inner(udp4(0, B4, 7, 7)), RTPL_INNER_SOURCE);
	KUNIT_EXPECT_EQ(test, inner(udp4(0x7f000001, B4, 7, 7)), RTPL_INNER_SOURCE);
	KUNIT_EXPECT_EQ(test, inner(udp4(0xe0000001, B4, 7, 7)), RTPL_INNER_SOURCE);
	KUNIT_EXPECT_EQ(test, inner(udp4(ALL, B4, 7, 7)), RTPL_INNER_SOURCE);
	KUNIT_EXPECT_EQ(test, inner(udp4(A4, 0x7f000001, 7, 7)), RTPL_INNER_LINK);
}

static const struct pkt *router(void)
{
	return icmp6(134, 255, global_a, global_b);
}

static void inner6(struct kunit *test)
{
	static const u8 link[] = { 130, 131, 132, 133, 134, 135, 136, 137, 141, 142, 143, 148,
				   149, 151, 152, 153, 155 };
	static const u8 ext[] = { 0, 43, 60, 51 };
	static const u8 none[16], self[16] = { [15] = 1 };
	static const u8 mapped[16] = { [10] = 0xff, [11] = 0xff, [12] = 192, [15] = 1 };
	struct pkt *p;
	u32 i, j, n = 0;

	for (i = 0; i < 256; i++) {
		for (j = 0; j < ARRAY_SIZE(link); j++)
			n += i == link[j];
		KUNIT_EXPECT_EQ_MSG(test, inner(icmp6(i, 64, global_a, global_b)),
				    memchr(link, i, sizeof(link)) ? RTPL_INNER_LINK : RTPL_INNER_OK,
				    "type %u", i);
	}
	KUNIT_EXPECT_EQ(test, n, ARRAY_SIZE(link));
	for (i = 0; i < ARRAY_SIZE(ext); i++) {
		KUNIT_EXPECT_EQ(test, inner(behind(router(), ext[i], 0, 0)), RTPL_INNER_LINK);
		KUNIT_EXPECT_EQ(test, inner(behind(router(), ext[i], 2, 0)), RTPL_INNER_LINK);
		KUNIT_EXPECT_EQ(test, inner(behind(behind(router(), ext[i], 1, 0), 60, 3, 0)),
				RTPL_INNER_LINK);
		p = behind(udp6(global_a, global_b, 7, 7), ext[i], 1, 0);
		KUNIT_EXPECT_EQ(test, inner(p), RTPL_INNER_OK);
	}
	/* Fragments: alone, the first of several, a later one. */
	KUNIT_EXPECT_EQ(test, inner(behind(router(), 44, 0, 0)), RTPL_INNER_LINK);
	KUNIT_EXPECT_EQ(test, inner(behind(router(), 44, 0, 1)), RTPL_INNER_LINK);
	KUNIT_EXPECT_EQ(test, inner(behind(router(), 44, 0, 8)), RTPL_INNER_OK);
	/* Chains without an end in sight. */
	for (i = 0, p = udp6(global_a, global_b, 7, 7); i < 8; i++)
		p = behind(p, 60, 0, 0);
	KUNIT_EXPECT_EQ(test, inner(p), RTPL_INNER_OK);
	KUNIT_EXPECT_EQ(test, inner(behind(p, 60, 0, 0)), RTPL_INNER_BAD);
	p = behind(router(), 60, 0, 0);
	p->b[41] = 255;
	KUNIT_EXPECT_EQ(test, inner(p), RTPL_INNER_BAD);
	for (p = behind(router(), 60, 1, 0); p->len > 56; p->len--)
		KUNIT_EXPECT_EQ(test, inner(p), RTPL_INNER_LINK);
	for (; p->len; p->len--)
		KUNIT_EXPECT_EQ_MSG(test, inner(p), RTPL_INNER_BAD, "%u bytes", p->len);

	KUNIT_EXPECT_EQ(test, inner(udp6(global_a, global_b, 547, 546)), RTPL_INNER_LINK);
	KUNIT_EXPECT_EQ(test, inner(udp6(global_a, global_b, 546, 547)), RTPL_INNER_OK);
	KUNIT_EXPECT_EQ(test, inner(udp6(none, global_b, 7, 7)), RTPL_INNER_SOURCE);
	KUNIT_EXPECT_EQ(test, inner(udp6(self, global_b, 7, 7)), RTPL_INNER_SOURCE);
	KUNIT_EXPECT_EQ(test, inner(udp6(mapped, global_b, 7, 7)), RTPL_INNER_SOURCE);
	KUNIT_EXPECT_EQ(test, inner(udp6(all_nodes, global_b, 7, 7)), RTPL_INNER_SOURCE);
	KUNIT_EXPECT_EQ(test, inner(udp6(global_a, self, 7, 7)), RTPL_INNER_LINK);
}

/* Which prefix names an address of a link. */
static void scopes(struct kunit *test)
{
	static const struct {
		u32 src, dst;
		u8 src_bits, dst_bits;
	} v4[] = {
		{ A4, B4, 0, 0 },
		{ 0xa9fe0101, B4, 16, 0 },
		{ A4, 0xa9fe0101, 0, 16 },
		{ 0xa9fe0101, 0xa9fe0102, 16, 0 },
		{ 0xa9fe0101, ALL, 16, 32 },
		{ A4, ALL, 0, 32 },
		{ A4, 0xe00000fb, 0, 24 },
		{ A4, 0xe0000101, 0, 0 },
		{ A4, 0xef010101, 0, 0 },
	};
	const struct {
		const u8 *src, *dst;
		u8 src_bits, dst_bits;
	} v6[] = {
		{ global_a, global_b, 0, 0 },
		{ link_a, global_b, 10, 0 },
		{ global_a, link_b, 0, 10 },
		{ link_a, link_b, 10, 0 },
		{ link_a, all_nodes, 10, 16 },
		{ global_a, all_nodes, 0, 16 },
		{ global_a, site_group, 0, 0 },
	};
	struct rtpl_inner_scope s;
	struct pkt *p;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(v4); i++) {
		p = udp4(v4[i].src, v4[i].dst, 7, 7);
		KUNIT_EXPECT_EQ(test, rtpl_scope_inner(p->b, p->len, false, &s), RTPL_INNER_OK);
		KUNIT_EXPECT_EQ_MSG(test, s.src_bits, v4[i].src_bits, "IPv4, %u", i);
		KUNIT_EXPECT_EQ_MSG(test, s.dst_bits, v4[i].dst_bits, "IPv4, %u", i);
	}
	for (i = 0; i < ARRAY_SIZE(v6); i++) {
		p = udp6(v6[i].src, v6[i].dst, 7, 7);
		KUNIT_EXPECT_EQ(test, rtpl_scope_inner(p->b, p->len, true, &s), RTPL_INNER_OK);
		KUNIT_EXPECT_EQ_MSG(test, s.src_bits, v6[i].src_bits, "IPv6, %u", i);
		KUNIT_EXPECT_EQ_MSG(test, s.dst_bits, v6[i].dst_bits, "IPv6, %u", i);
	}
}

/* Whom the message is about: offsets; 0 and 0: what it is instead. */
static void about(struct kunit *test, const struct pkt *p, enum rtpl_quote what, u32 dst, u32 last)
{
	struct rtpl_scope_quote quote = { .dst = 1, .last = 1, .pkt = 1 };
	bool v6 = p->b[0] >> 4 == 6;
	u32 have = min_t(u32, p->len, RTPL_SCOPE_INNER_BYTES);

	KUNIT_EXPECT_EQ(test, rtpl_scope_quote(p->b, have, v6, &quote), what);
	if (what != RTPL_QUOTE_NONE)
		KUNIT_EXPECT_TRUE(test, rtpl_scope_may_quote(p->b, v6));
	if (what != RTPL_QUOTE_ABOUT)
		return;
	KUNIT_EXPECT_EQ(test, quote.dst, dst);
	KUNIT_EXPECT_EQ(test, quote.last, last);
}

static void quotes4(struct kunit *test)
{
	static const u8 quote[] = { 3, 4, 5, 11, 12 };
	struct pkt *p = ip4(1, 64, A4, B4, 5);
	u32 i;

	put(p, "\3\3\0\0\0\0\0\0\x45\0\0\x1c", 12);
	p->len = 20 + 8 + 20;
	for (i = 0; i < 256; i++) {
		p->b[20] = i;
		about(test, p, memchr(quote, i, sizeof(quote)) ? RTPL_QUOTE_ABOUT :
								 RTPL_QUOTE_NONE, 44, 0);
	}
	/* Whatever version it says. */
	p->b[20] = 3;
	p->b[28] = 0;
	about(test, p, RTPL_QUOTE_ABOUT, 44, 0);
	/* A first fragment shows it; a later one is nothing. */
	p->b[6] = 0x20;
	about(test, p, RTPL_QUOTE_ABOUT, 44, 0);
	p->b[7] = 1;
	about(test, p, RTPL_QUOTE_NONE, 0, 0);
	p->b[6] = 0;
	p->b[7] = 0;
	for (; p->len; p->len--)
		about(test, p, p->len < 48 ? RTPL_QUOTE_CUT : RTPL_QUOTE_ABOUT, 44, 0);
	/* Behind options; a header that cannot be; another protocol. */
	p = ip4(1, 64, A4, B4, 15);
	put(p, "\x0b\0\0\0\0\0\0\0", 8);
	p->len += 20;
	about(test, p, RTPL_QUOTE_ABOUT, 84, 0);
	p->b[0] = 0x44;
	about(test, p, RTPL_QUOTE_CUT, 0, 0);
	KUNIT_EXPECT_FALSE(test, rtpl_scope_may_quote(udp4(A4, B4, 7, 7)->b, false));
	about(test, udp4(A4, B4, 7, 7), RTPL_QUOTE_NONE, 0, 0);
}

/* An error about a packet that is behind @head, with @n bytes of extension headers in it. */
static struct pkt *error6(u8 next, const void *chain, u32 n)
{
	struct pkt *p = icmp6(1, 64, global_a, global_b);

	p->len = 48;
	put(p, ip6(next, 64, global_b, global_a)->b, 40);
	put(p, chain, n);
	return p;
}

static void quotes6(struct kunit *test)
{
	static const u8 segments[] = { 17, 2, 4, 0, 0, 0, 0, 0, [23] = 7 };
	static const u8 options[] = { 43, 0, 1, 4, 0, 0, 0, 0, 17, 2, 4, 0, 0, 0, 0, 0, [31] = 7 };
	static const u8 two[] = { 43, 2, 2, 0, 0, 0, 0, 0, [24] = 17, 2, 4, [47] = 7 };
	static const u8 endless[] = { 60, 0, 1, 4, 0, 0, 0, 0 };
	struct pkt *p = error6(17, "", 0);
	u32 i;

	for (i = 0; i < 256; i++) {
		p->b[40] = i;
		about(test, p, i < 128 || i == 137 ? RTPL_QUOTE_ABOUT : RTPL_QUOTE_NONE,
		      i == 137 ? 64 : 72, 0);
	}
	p->b[40] = 1;
	for (; p->len; p->len--)
		about(test, p, p->len < 88 ? RTPL_QUOTE_CUT : RTPL_QUOTE_ABOUT, 72, 0);
	/* A redirect's own address. */
	p = error6(17, "", 0);
	p->b[40] = 137;
	p->len = 80;
	about(test, p, RTPL_QUOTE_ABOUT, 64, 0);
	p->len = 79;
	about(test, p, RTPL_QUOTE_CUT, 0, 0);
	/* Behind extension headers, in fragments. */
	p = error6(17, "", 0);
	about(test, behind(behind(p, 60, 1, 0), 0, 0, 0), RTPL_QUOTE_ABOUT, 72 + 24, 0);
	about(test, behind(p, 44, 0, 0), RTPL_QUOTE_ABOUT, 80, 0);
	about(test, behind(p, 44, 0, 1), RTPL_QUOTE_ABOUT, 80, 0);
	about(test, behind(p, 44, 0, 8), RTPL_QUOTE_NONE, 0, 0);
	for (i = 0; i < 9; i++)
		p = behind(p, 60, 0, 0);
	about(test, p, RTPL_QUOTE_CUT, 0, 0);
	p = behind(error6(17, "", 0), 60, 0, 0);
	p->b[41] = 255;
	about(test, p, RTPL_QUOTE_CUT, 0, 0);
	/* The last segment, visited or not; of the first routing header alone. */
	p = error6(43, segments, sizeof(segments));
	about(test, p, RTPL_QUOTE_ABOUT, 72, 96);
	p->b[91] = 1;
	about(test, p, RTPL_QUOTE_ABOUT, 72, 96);
	p->b[90] = 0;
	about(test, p, RTPL_QUOTE_ABOUT, 72, 0);
	about(test, error6(60, options, sizeof(options)), RTPL_QUOTE_ABOUT, 72, 104);
	about(test, error6(43, two, sizeof(two)), RTPL_QUOTE_ABOUT, 72, 0);
	/* Cut: there is none, unless the rest comes in another fragment. */
	p = error6(43, segments, sizeof(segments) - 1);
	about(test, p, RTPL_QUOTE_ABOUT, 72, 0);
	about(test, behind(p, 44, 0, 0), RTPL_QUOTE_ABOUT, 80, 0);
	about(test, behind(p, 44, 0, 1), RTPL_QUOTE_CUT, 0, 0);
	/* More headers in it than are looked at, or than there is room for. */
	p = error6(60, endless, 8);
	for (i = 0; i < 9; i++)
		put(p, endless, 8);
	about(test, p, RTPL_QUOTE_CUT, 0, 0);
	p = error6(60, endless, 8);
	p->b[89] = 30;
	p->len = RTPL_SCOPE_INNER_BYTES;
	about(test, p, RTPL_QUOTE_CUT, 0, 0);
	p->len--;
	about(test, p, RTPL_QUOTE_ABOUT, 72, 0);
	about(test, udp6(global_a, global_b, 7, 7), RTPL_QUOTE_NONE, 0, 0);
}

/* Source routes in @p: @n addresses, the first of them at @off; is it cut in its headers? */
static void followed(struct kunit *test, const struct pkt *p, bool v6, u32 off, u32 n, bool cut)
{
	struct rtpl_scope_route r = {};
	enum rtpl_route_rest what;
	u32 first = 0, sum = 0, at;

	do {
		at = min_t(u32, r.at, p->len);
		what = rtpl_scope_route(p->b + at, min_t(u32, p->len - at, RTPL_SCOPE_ROUTE_BYTES),
					v6, &r);
		KUNIT_ASSERT_TRUE(test, what != RTPL_REST_ON || r.at > at);
		first = first ?: r.n ? r.off : 0;
		sum += r.n;
	} while (what == RTPL_REST_ON);
	KUNIT_EXPECT_EQ(test, sum, n);
	KUNIT_EXPECT_EQ(test, first, off);
	KUNIT_EXPECT_EQ(test, what == RTPL_REST_CUT, cut);
}

static void routed(struct kunit *test, const struct pkt *p, bool v6, u32 off, u32 n)
{
	followed(test, p, v6, off, n, false);
}

static struct pkt *options4(const void *opt, u32 len)
{
	struct pkt *p;

	p = ip4(17, 64, A4, B4, 5 + (len + 3) / 4);
	memcpy(p->b + 20, opt, len);
	return p;
}

static void routes4(struct kunit *test)
{
	struct pkt *p = options4("\x83\x07\x04\1\2\3\4", 7);
	u32 cut;

	routed(test, udp4(A4, B4, 7, 7), false, 0, 0);
	routed(test, p, false, 23, 1);
	for (cut = 0; cut < 27; cut++) {
		p->len = cut;
		routed(test, p, false, 0, 0);
	}
	routed(test, options4("\x01\x89\x0b\x04\1\2\3\4\5\6\7\10", 12), false, 24, 2);
	/* The first was visited; both; the pointer is nowhere. */
	routed(test, options4("\x01\x89\x0b\x08\1\2\3\4\5\6\7\10", 12), false, 28, 1);
	routed(test, options4("\x01\x89\x0b\x0c\1\2\3\4\5\6\7\10", 12), false, 0, 0);
	routed(test, options4("\x01\x89\x0b\xff\1\2\3\4\5\6\7\10", 12), false, 0, 0);
	routed(test, options4("\x01\x89\x0b\x03\1\2\3\4\5\6\7\10", 12), false, 0, 0);
	/* Behind another option; behind the end of options; with a length that cannot be. */
	routed(test, options4("\x94\x04\0\0\x83\x07\x04\1\2\3\4", 11), false, 27, 1);
	routed(test, options4("\0\x83\x07\x04\1\2\3\4", 8), false, 0, 0);
	routed(test, options4("\x94\0\x83\x07\x04\1\2\3\4\0\0\0", 12), false, 0, 0);
	routed(test, options4("\x83\x0b\x04\1\2\3\4\0", 8), false, 0, 0);
}

static void routes6(struct kunit *test)
{
	struct pkt *p = udp6(global_a, global_b, 7, 7);
	u32 cut;

	routed(test, p, true, 0, 0);
	/* Segments: the last is the first to be left. */
	p = ip6(43, 64, global_a, global_b);
	put(p, "\x11\x04\x04\x01\x01\0\0\0", 8);
	put(p, global_a, 16);
	put(p, global_b, 16);
	routed(test, p, true, 48, 1);
	p->b[43] = 9;	/* more than there are */
	routed(test, p, true, 48, 2);
	p->b[43] = 0;
	routed(test, p, true, 0, 0);
	/* Type 2, and 0 with one of two visited. */
	p->b[42] = 0;
	p->b[43] = 1;
	routed(test, p, true, 64, 1);
	for (cut = 0; cut < 48; cut++) {
		p->len = cut;
		followed(test, p, true, 0, 0, cut >= 40);
	}
	/* Behind options. */
	p = ip6(0, 64, global_a, global_b);
	put(p, "\x2b\0\1\4\0\0\0\0", 8);
	put(p, "\x11\x02\x02\x01\0\0\0\0", 8);
	put(p, global_a, 16);
	routed(test, p, true, 56, 1);
	/* Options without end; behind many of them; behind one longer than what is looked at. */
	p = ip6(60, 64, global_a, global_b);
	for (cut = 0; cut < 20; cut++)
		put(p, "\x3c\0\1\4\0\0\0\0", 8);
	followed(test, p, true, 0, 0, true);
	p->b[40 + 19 * 8] = 43;
	put(p, "\x11\x02\x02\x01\0\0\0\0", 8);
	put(p, global_a, 16);
	routed(test, p, true, 40 + 21 * 8, 1);
	p->b[40] = 43;
	p->b[41] = 19;
	p->b[43] = 0;
	routed(test, p, true, 40 + 21 * 8, 1);
	/* One behind another, and more of them than anybody has. */
	for (cut = 2; cut <= 5; cut++) {
		u32 i;

		p = ip6(43, 64, global_a, global_b);
		for (i = 1; i <= cut; i++) {
			put(p, "\x2b\x02\x04\x01\0\0\0\0", 8);
			put(p, global_a, 16);
		}
		p->b[40 + (cut - 1) * 24] = 17;
		followed(test, p, true, 48, cut, cut > RTPL_SCOPE_ROUTES_MAX);
	}
	/* A first fragment with all headers but the last. */
	p = ip6(44, 64, global_a, global_b);
	put(p, "\x3c\0\0\1\0\0\0\1", 8);
	put(p, "\x2b\0\1\4\0\0\0\0", 8);
	followed(test, p, true, 0, 0, true);
	/* In a first fragment, and in a later one; behind an authentication header. */
	p = ip6(44, 64, global_a, global_b);
	put(p, "\x2b\0\0\1\0\0\0\1", 8);
	put(p, "\x11\x02\x02\x01\0\0\0\0", 8);
	put(p, global_a, 16);
	routed(test, p, true, 56, 1);
	p->b[43] = 9;
	routed(test, p, true, 0, 0);
	p = ip6(51, 64, global_a, global_b);
	put(p, "\x2b\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 24);
	put(p, "\x11\x02\x02\x01\0\0\0\0", 8);
	put(p, global_a, 16);
	routed(test, p, true, 72, 1);
	p = ip6(50, 64, global_a, global_b);
	put(p, "\x2b\x04\0\0\0\0\0\0", 8);
	routed(test, p, true, 0, 0);
}

/* RFC 6554: what addresses share with the destination is left out. */
static void routes6_compressed(struct kunit *test)
{
	struct pkt *p = ip6(43, 64, global_a, global_b);
	struct rtpl_scope_route r = {};

	/* Three: 8 bytes each but for the last, of which 4 are there; then 4 of padding. */
	put(p, "\x11\x03\x03\x03\x8c\x40\0\0", 8);
	put(p, global_a, 16);
	put(p, global_b, 8);
	routed(test, p, true, 48, 3);
	rtpl_scope_route(p->b, p->len, true, &r);
	KUNIT_EXPECT_EQ(test, r.same, 8);
	KUNIT_EXPECT_EQ(test, r.same_last, 12);
	p->b[43] = 1;	/* two were visited */
	routed(test, p, true, 64, 1);
	p->b[45] = 0xf0;	/* more padding than there are bytes behind the last one */
	routed(test, p, true, 48, 1);
	p->b[41] = 0;
	routed(test, p, true, 0, 0);
}

static struct kunit_case scope_cases[] = {
	KUNIT_CASE(routes4),
	KUNIT_CASE(routes6),
	KUNIT_CASE(routes6_compressed),
	KUNIT_CASE(clear4),
	KUNIT_CASE(clear6),
	KUNIT_CASE(inner4),
	KUNIT_CASE(inner6),
	KUNIT_CASE(scopes),
	KUNIT_CASE(quotes4),
	KUNIT_CASE(quotes6),
	{}
};

static struct kunit_suite scope_suite = {
	.name = "rtpl_scope",
	.test_cases = scope_cases,
};

kunit_test_suite(scope_suite);
