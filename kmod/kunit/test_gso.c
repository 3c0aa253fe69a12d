// SPDX-License-Identifier: GPL-2.0
/*
 * Super-packets (core/gso.c): every check of rtpl_gso_parse() by one packet
 * that breaks it alone, and runs against the reference segmentation.
 */
#include "lib.h"

static const u8 kinds[] = { RTPL_GSO_TCP4, RTPL_GSO_TCP6, RTPL_GSO_UDP4, RTPL_GSO_UDP6 };

/* A packet without IP or TCP options of four segments, the last one short. */
static struct m_pkt *four_segments(struct m_net *net, u8 kind)
{
	struct m_pkt *pkt;
	u32 want = (kind == RTPL_GSO_TCP4 || kind == RTPL_GSO_UDP4 ? 20 : 40) +
		   (kind == RTPL_GSO_TCP4 || kind == RTPL_GSO_TCP6 ? 20 : 8);

	do {
		m_net_reset(net, net->rng.state);
		pkt = m_add(net, 0x10 | kind, want + 350, 100);
	} while (pkt->g.hdr_len != want);
	return pkt;
}

static int parse(struct m_net *net, const struct m_pkt *pkt, const struct rtpl_gso *g)
{
	struct rtpl_gso out;
	u8 head[8];

	rtpl_gso_build(g, head);
	return rtpl_gso_parse(head, net->pkt_bytes + pkt->off, g->hdr_len,
			      8 + g->pkt_len + (g->flags & 1 ? 8 + g->hdr_len : 0), &out);
}

static void good(struct kunit *test)
{
	struct m_net *net = m_net_of(test);
	struct rtpl_gso out;
	struct m_pkt *pkt;
	u8 head[8];
	u32 i;

	for (i = 0; i < 400; i++) {
		m_net_reset(net, i);
		pkt = m_add(net, 0x10 | kinds[i % 4], m_below(&net->rng, 65536),
			    1 + m_below(&net->rng, i % 3 ? 1500 : 60000));
		KUNIT_ASSERT_NOT_NULL(test, pkt);
		rtpl_gso_build(&pkt->g, head);
		KUNIT_EXPECT_EQ(test, rtpl_gso_block_len(head), 8 + pkt->len);
		KUNIT_EXPECT_EQ(test, rtpl_gso_parse(head, net->pkt_bytes + pkt->off,
						     pkt->g.hdr_len, 8 + pkt->len, &out), 0);
		KUNIT_EXPECT_MEMEQ(test, &out, &pkt->g, sizeof(out));
		/* with a trailer it is longer by the headers and the head */
		head[1] |= RTPL_GSO_F_TRAILER;
		KUNIT_EXPECT_EQ(test, rtpl_gso_block_len(head),
				16 + pkt->len + pkt->g.hdr_len);
	}
}

static void bad_lengths(struct kunit *test)
{
	struct m_net *net = m_net_of(test);
	struct rtpl_gso g, out;
	struct m_pkt *pkt;
	u32 k, len;
	u8 head[8];
	u8 *ip;

	for (k = 0; k < 4; k++) {
		pkt = four_segments(net, kinds[k]);
		ip = net->pkt_bytes + pkt->off;
		KUNIT_EXPECT_EQ(test, parse(net, pkt, &pkt->g), 0);

		rtpl_gso_build(&pkt->g, head);
		for (len = 0; len < 700; len++)
			KUNIT_EXPECT_EQ(test, !rtpl_gso_parse(head, ip, pkt->g.hdr_len, len, &out),
					len == 8 + pkt->len);
		for (len = 0; len < pkt->g.hdr_len; len++)
			KUNIT_EXPECT_EQ(test, rtpl_gso_parse(head, ip, len, 8 + pkt->len, &out),
					-EBADMSG);

		/* two segments at least */
		g = pkt->g;
		g.gso_size = 349;
		KUNIT_EXPECT_EQ(test, parse(net, pkt, &g), 0);
		g.gso_size = 350;
		KUNIT_EXPECT_EQ(test, parse(net, pkt, &g), -EBADMSG);
		g.gso_size = 0xffff;
		KUNIT_EXPECT_EQ(test, parse(net, pkt, &g), -EBADMSG);
		g.gso_size = 0;
		KUNIT_EXPECT_EQ(test, parse(net, pkt, &g), -EBADMSG);

		/* and no crowd of tiny ones */
		g.gso_size = RTPL_GSO_SIZE_MIN;
		KUNIT_EXPECT_EQ(test, parse(net, pkt, &g), 0);
		g.gso_size = RTPL_GSO_SIZE_MIN - 1;
		KUNIT_EXPECT_EQ(test, parse(net, pkt, &g), -EBADMSG);

		/* header lengths that are not the packet's */
		g = pkt->g;
		g.hdr_len += 4;
		KUNIT_EXPECT_EQ(test, parse(net, pkt, &g), -EBADMSG);
		g.hdr_len -= 8;
		KUNIT_EXPECT_EQ(test, parse(net, pkt, &g), -EBADMSG);
		g = pkt->g;
		g.l4_off -= 4;
		KUNIT_EXPECT_EQ(test, parse(net, pkt, &g), -EBADMSG);
		g = pkt->g;
		g.hdr_len += 4;
		g.l4_off += 4;
		KUNIT_EXPECT_EQ(test, parse(net, pkt, &g), -EBADMSG);

		/* another length than the IP header's */
		g = pkt->g;
		g.pkt_len--;
		KUNIT_EXPECT_EQ(test, parse(net, pkt, &g), -EBADMSG);
	}
}

/* Change one byte of the packet, expect that to be refused, change it back. */
static void breaks(struct kunit *test, struct m_net *net, struct m_pkt *pkt, u32 off, u8 value)
{
	u8 *at = net->pkt_bytes + pkt->off + off, was = *at;

	KUNIT_EXPECT_NE(test, was, value);
	*at = value;
	KUNIT_EXPECT_EQ(test, parse(net, pkt, &pkt->g), -EBADMSG);
	*at = was;
	KUNIT_EXPECT_EQ(test, parse(net, pkt, &pkt->g), 0);
}

static void bad_headers(struct kunit *test)
{
	struct m_net *net = m_net_of(test);
	struct m_pkt *pkt;
	bool tcp, ipv4;
	u32 k, off;
	u8 *ip;

	for (k = 0; k < 4; k++) {
		tcp = kinds[k] == RTPL_GSO_TCP4 || kinds[k] == RTPL_GSO_TCP6;
		ipv4 = kinds[k] == RTPL_GSO_TCP4 || kinds[k] == RTPL_GSO_UDP4;
		pkt = four_segments(net, kinds[k]);
		ip = net->pkt_bytes + pkt->off;

		breaks(test, net, pkt, 0, ip[0] ^ 0x20);	/* the other version */
		breaks(test, net, pkt, ipv4 ? 9 : 6, tcp ? 17 : 6);
		breaks(test, net, pkt, ipv4 ? 2 : 4, 0x7f);
		breaks(test, net, pkt, ipv4 ? 3 : 5, (ipv4 ? ip[3] : ip[5]) + 1);
		if (ipv4) {
			breaks(test, net, pkt, 0, 0x46);	/* options that are not there */
			breaks(test, net, pkt, 6, ip[6] | 0x20);	/* more fragments */
			breaks(test, net, pkt, 6, ip[6] | 0x01);	/* an offset */
			breaks(test, net, pkt, 7, 0x01);
		}
		off = pkt->g.l4_off;
		if (tcp) {
			breaks(test, net, pkt, off + 12, 0x60);
			breaks(test, net, pkt, off + 12, 0x40);
		} else {
			breaks(test, net, pkt, off + 5, ip[off + 5] + 1);
			breaks(test, net, pkt, off + 4, 0x7f);
		}
	}
}

static void bad_flags(struct kunit *test)
{
	struct m_net *net = m_net_of(test);
	struct m_pkt *pkt;
	struct rtpl_gso g;
	bool tcp;
	u32 k;
	u8 *ip;

	for (k = 0; k < 4; k++) {
		tcp = kinds[k] == RTPL_GSO_TCP4 || kinds[k] == RTPL_GSO_TCP6;
		pkt = four_segments(net, kinds[k]);
		ip = net->pkt_bytes + pkt->off;
		g = pkt->g;
		g.flags = RTPL_GSO_F_ECN;
		KUNIT_EXPECT_EQ(test, !parse(net, pkt, &g), tcp);
		g.flags = 8;
		KUNIT_EXPECT_EQ(test, parse(net, pkt, &g), -EBADMSG);
		/* a fixed ID: IPv4 and TCP only, and only if it may not be fragmented */
		g.flags = RTPL_GSO_F_FIXEDID;
		if (kinds[k] == RTPL_GSO_TCP4 || kinds[k] == RTPL_GSO_UDP4)
			ip[6] |= 0x40;
		KUNIT_EXPECT_EQ(test, !parse(net, pkt, &g), kinds[k] == RTPL_GSO_TCP4);
		if (kinds[k] == RTPL_GSO_TCP4)
			ip[6] &= ~0x40;
		KUNIT_EXPECT_EQ(test, parse(net, pkt, &g), -EBADMSG);
		/* another kind than the packet's */
		g = pkt->g;
		for (g.kind = 0; g.kind < 16; g.kind++)
			if (g.kind != kinds[k])
				KUNIT_EXPECT_EQ(test, parse(net, pkt, &g), -EBADMSG);
	}
}

/* IPv6: nothing but the fixed header in front of the transport's. */
static void no_extension_headers(struct kunit *test)
{
	struct m_net *net = m_net_of(test);
	struct m_pkt *pkt;
	struct rtpl_gso g;
	u8 *ip;

	pkt = four_segments(net, RTPL_GSO_TCP6);
	ip = net->pkt_bytes + pkt->off;
	memmove(ip + 48, ip + 40, pkt->len - 40);	/* eight bytes of destination options */
	ip[6] = 60;
	ip[40] = 6;
	ip[41] = 0;
	put_unaligned_be16(pkt->len + 8 - 40, ip + 4);
	g = pkt->g;
	g.pkt_len += 8;
	g.hdr_len += 8;
	g.l4_off += 8;
	KUNIT_EXPECT_EQ(test, parse(net, pkt, &g), -EBADMSG);
	ip[6] = 6;
	KUNIT_EXPECT_EQ(test, parse(net, pkt, &g), -EBADMSG);
}

/* Every run of every packet, cut again, gives the segments of the whole. */
static void runs(struct kunit *test)
{
	struct m_net *net = m_net_of(test);
	u8 *out = net->scratch[0], *run = net->scratch[1], *want = net->scratch[2], *got;
	u32 i, first, n, j, bytes, len, got_len;
	struct rtpl_gso g;
	struct m_pkt *pkt;
	u8 *ip;

	got = kunit_kzalloc(test, RTPL_BLOCK_MAX, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, got);
	for (i = 0; i < 40; i++) {
		m_net_reset(net, 900 + i);
		pkt = m_add(net, 0x10 | kinds[i % 4], 2 + m_below(&net->rng, 3000),
			    1 + m_below(&net->rng, 500));
		ip = net->pkt_bytes + pkt->off;
		if (pkt->g.segs > 24)
			continue;
		if (i % 4 < 2)	/* FIN, PSH and CWR all set */
			ip[pkt->g.l4_off + 13] |= 0x89;
		for (first = 0; first < pkt->g.segs; first++) {
			for (n = 1; first + n <= pkt->g.segs; n++) {
				bytes = rtpl_gso_run(&pkt->g, ip, first, n, out);
				len = pkt->g.hdr_len + bytes;
				memcpy(run, out, pkt->g.hdr_len);
				memcpy(run + pkt->g.hdr_len, ip + pkt->g.hdr_len +
				       first * pkt->g.gso_size, bytes);
				g = pkt->g;
				g.pkt_len = len;
				g.segs = n;
				for (j = 0; j < n; j++) {
					bytes = m_segment(&pkt->g, ip, first + j, want);
					if (n == 1) {
						memcpy(got, run, len);
						m_complete(&g, got, len);
						got_len = len;
					} else {
						got_len = m_segment(&g, run, j, got);
					}
					KUNIT_ASSERT_EQ(test, got_len, bytes);
					KUNIT_ASSERT_MEMEQ(test, got, want, bytes);
				}
			}
		}
		/* the whole run is the packet itself */
		bytes = rtpl_gso_run(&pkt->g, ip, 0, pkt->g.segs, out);
		KUNIT_EXPECT_EQ(test, bytes, pkt->len - pkt->g.hdr_len);
		KUNIT_EXPECT_MEMEQ(test, out, ip, pkt->g.hdr_len);
		/* more than there is, is cut; behind the end is nothing */
		KUNIT_EXPECT_EQ(test, rtpl_gso_run(&pkt->g, ip, 0, 65535, out), bytes);
		KUNIT_EXPECT_EQ(test, rtpl_gso_run(&pkt->g, ip, pkt->g.segs, 1, out), 0);
		/* in place */
		memcpy(run, ip, pkt->g.hdr_len);
		rtpl_gso_run(&pkt->g, run, 1, 1, run);
		rtpl_gso_run(&pkt->g, ip, 1, 1, out);
		KUNIT_EXPECT_MEMEQ(test, out, run, pkt->g.hdr_len);
	}
}

/* The flags and the ID of one known packet, spelled out. */
static void run_fields(struct kunit *test)
{
	struct m_net *net = m_net_of(test);
	struct m_pkt *pkt = four_segments(net, RTPL_GSO_TCP4);
	u8 *ip = net->pkt_bytes + pkt->off;
	u8 out[255];

	ip[33] = 0xff;
	pkt->g.flags = 0;
	put_unaligned_be16(0xfffe, ip + 4);
	put_unaligned_be32(0xffffff00, ip + 24);
	KUNIT_EXPECT_EQ(test, rtpl_gso_run(&pkt->g, ip, 0, 1, out), 100);
	KUNIT_EXPECT_EQ(test, out[33], 0xf6);
	KUNIT_EXPECT_EQ(test, get_unaligned_be16(out + 2), 140);
	KUNIT_EXPECT_EQ(test, rtpl_gso_run(&pkt->g, ip, 1, 2, out), 200);
	KUNIT_EXPECT_EQ(test, out[33], 0x76);
	KUNIT_EXPECT_EQ(test, get_unaligned_be16(out + 4), 0xffff);
	KUNIT_EXPECT_EQ(test, get_unaligned_be32(out + 24), 0xffffff64);
	KUNIT_EXPECT_EQ(test, rtpl_gso_run(&pkt->g, ip, 3, 1, out), 50);
	KUNIT_EXPECT_EQ(test, out[33], 0x7f);
	KUNIT_EXPECT_EQ(test, get_unaligned_be16(out + 4), 1);
	KUNIT_EXPECT_EQ(test, get_unaligned_be32(out + 24), 0x2c);
	pkt->g.flags = RTPL_GSO_F_FIXEDID;
	rtpl_gso_run(&pkt->g, ip, 3, 1, out);
	KUNIT_EXPECT_EQ(test, get_unaligned_be16(out + 4), 0xfffe);
}

static struct kunit_case gso_cases[] = {
	KUNIT_CASE(good),
	KUNIT_CASE(bad_lengths),
	KUNIT_CASE(bad_headers),
	KUNIT_CASE(bad_flags),
	KUNIT_CASE(no_extension_headers),
	KUNIT_CASE(runs),
	KUNIT_CASE(run_fields),
	{}
};

static struct kunit_suite gso_suite = {
	.name = "rtpl_gso",
	.test_cases = gso_cases,
};

kunit_test_suite(gso_suite);
