// SPDX-License-Identifier: GPL-2.0
/*
 * Cutting (core/frag.c): what stands in the cells, byte by byte, and what is
 * refused.
 */
#include "lib.h"

static void copy_bytes(void *priv, u16 off, u8 *dst, u16 len)
{
	memcpy(dst, (const u8 *)priv + off, len);
}

/* 0 1 2 ... behind an IPv4 header of 20 bytes */
static void make_ip(u8 *p, u16 len)
{
	u32 i;

	for (i = 0; i < len; i++)
		p[i] = i;
	p[0] = 0x45;
	put_unaligned_be16(len, p + 2);
}

static void empty_cell(struct kunit *test)
{
	struct rtpl_pack pk = {};
	struct rtpl_fill f;
	u8 buf[100];
	u32 i;

	memset(buf, 0xff, sizeof(buf));
	KUNIT_EXPECT_TRUE(test, rtpl_fill_begin(&pk, &f, buf, 100));
	KUNIT_EXPECT_EQ(test, rtpl_fill_room(&f), 95);
	KUNIT_EXPECT_EQ(test, rtpl_fill_end(&f), 95);
	KUNIT_EXPECT_FALSE(test, f.data);
	for (i = 0; i < 100; i++)
		KUNIT_EXPECT_EQ(test, buf[i], 0);
}

static void one_packet(struct kunit *test)
{
	struct rtpl_pack pk = {};
	struct rtpl_fill f;
	u8 buf[100], ip[60];

	make_ip(ip, sizeof(ip));
	memset(buf, 0xff, sizeof(buf));
	rtpl_fill_begin(&pk, &f, buf, sizeof(buf));
	KUNIT_EXPECT_EQ(test, rtpl_pack_ip(&pk, &f, 95, ip, 60), 0);
	KUNIT_EXPECT_TRUE(test, rtpl_pack_put(&pk, &f, copy_bytes, ip));
	KUNIT_EXPECT_TRUE(test, f.data);
	KUNIT_EXPECT_EQ(test, pk.len, 0);
	KUNIT_EXPECT_EQ(test, rtpl_fill_room(&f), 35);
	KUNIT_EXPECT_EQ(test, rtpl_fill_end(&f), 35);
	KUNIT_EXPECT_MEMEQ(test, buf, "\0\0\0\0\0", 5);
	KUNIT_EXPECT_MEMEQ(test, buf + 5, ip, 60);
	KUNIT_EXPECT_EQ(test, buf[65], 0);
	KUNIT_EXPECT_EQ(test, buf[99], 0);
}

/* 60 bytes over cells of 27: 22 + 22 + 16, then room for six of another block. */
static void cut_over_three(struct kunit *test)
{
	struct rtpl_pack pk = {};
	struct rtpl_fill f;
	u8 buf[27], ip[60];

	make_ip(ip, sizeof(ip));
	rtpl_fill_begin(&pk, &f, buf, sizeof(buf));
	KUNIT_EXPECT_EQ(test, rtpl_pack_ip(&pk, &f, 22, ip, 60), 0);
	KUNIT_EXPECT_FALSE(test, rtpl_pack_put(&pk, &f, copy_bytes, ip));
	KUNIT_EXPECT_EQ(test, rtpl_fill_end(&f), 0);
	KUNIT_EXPECT_MEMEQ(test, buf, "\0\0\0\0\0", 5);
	KUNIT_EXPECT_MEMEQ(test, buf + 5, ip, 22);

	KUNIT_EXPECT_TRUE(test, rtpl_fill_begin(&pk, &f, buf, sizeof(buf)));
	KUNIT_EXPECT_MEMEQ(test, buf, "\x16\0\x26\0\1", 5);
	KUNIT_EXPECT_EQ(test, rtpl_fill_room(&f), 22);
	KUNIT_EXPECT_FALSE(test, rtpl_pack_put(&pk, &f, copy_bytes, ip));
	KUNIT_EXPECT_FALSE(test, rtpl_pack_put(&pk, &f, copy_bytes, ip));
	KUNIT_EXPECT_MEMEQ(test, buf + 5, ip + 22, 22);

	KUNIT_EXPECT_TRUE(test, rtpl_fill_begin(&pk, &f, buf, sizeof(buf)));
	KUNIT_EXPECT_MEMEQ(test, buf, "\x2c\0\x10\0\2", 5);
	KUNIT_EXPECT_TRUE(test, rtpl_pack_put(&pk, &f, copy_bytes, ip));
	KUNIT_EXPECT_EQ(test, rtpl_fill_room(&f), 6);
	KUNIT_EXPECT_EQ(test, rtpl_fill_end(&f), 6);
	KUNIT_EXPECT_MEMEQ(test, buf + 5, ip + 44, 16);
	KUNIT_EXPECT_MEMEQ(test, buf + 21, "\0\0\0\0\0\0", 6);

	/* and the cell after it continues nothing */
	rtpl_fill_begin(&pk, &f, buf, sizeof(buf));
	KUNIT_EXPECT_MEMEQ(test, buf, "\0\0\0\0\0", 5);
}

/* A cell of chaff between: the block goes on behind it, and says how far back it began. */
static void chaff_between(struct kunit *test)
{
	struct rtpl_pack pk = {};
	struct rtpl_fill f;
	u8 buf[27], ip[60];

	make_ip(ip, sizeof(ip));
	KUNIT_EXPECT_TRUE(test, rtpl_fill_chaff(&pk, &f, buf, sizeof(buf)));
	KUNIT_EXPECT_EQ(test, pk.back, 0);
	rtpl_fill_begin(&pk, &f, buf, sizeof(buf));
	rtpl_pack_ip(&pk, &f, 22, ip, 60);
	rtpl_pack_put(&pk, &f, copy_bytes, ip);
	KUNIT_EXPECT_TRUE(test, rtpl_fill_chaff(&pk, &f, buf, sizeof(buf)));
	KUNIT_EXPECT_MEMEQ(test, buf, "\0\0\0\0\0", 5);
	KUNIT_EXPECT_EQ(test, rtpl_fill_end(&f), 22);
	KUNIT_EXPECT_TRUE(test, rtpl_fill_begin(&pk, &f, buf, sizeof(buf)));
	KUNIT_EXPECT_MEMEQ(test, buf, "\x16\0\x26\0\2", 5);

	pk.back = RTPL_BACK_MAX;
	KUNIT_EXPECT_FALSE(test, rtpl_fill_chaff(&pk, &f, buf, sizeof(buf)));
	KUNIT_EXPECT_EQ(test, pk.len, 0);
}

/* A continuation may be shorter than what a block needs to begin. */
static void short_rest(struct kunit *test)
{
	struct rtpl_pack pk = {};
	struct rtpl_fill f;
	u8 buf[64], ip[60];

	make_ip(ip, sizeof(ip));
	rtpl_fill_begin(&pk, &f, buf, 64);
	KUNIT_EXPECT_EQ(test, rtpl_pack_ip(&pk, &f, 22, ip, 60), 0);
	KUNIT_EXPECT_FALSE(test, rtpl_pack_put(&pk, &f, copy_bytes, ip));
	rtpl_fill_begin(&pk, &f, buf, 12);
	KUNIT_EXPECT_MEMEQ(test, buf, "\x3b\0\1\0\1", 5);
	KUNIT_EXPECT_EQ(test, rtpl_fill_room(&f), 7);
	KUNIT_EXPECT_TRUE(test, rtpl_pack_put(&pk, &f, copy_bytes, ip));
	KUNIT_EXPECT_EQ(test, buf[5], 59);
	KUNIT_EXPECT_EQ(test, rtpl_fill_room(&f), 6);
}

/* A block may begin in a cell's last byte. */
static void last_byte(struct kunit *test)
{
	struct rtpl_pack pk = {};
	struct rtpl_fill f;
	u8 buf[64], ip[60];

	make_ip(ip, sizeof(ip));
	rtpl_fill_begin(&pk, &f, buf, 6);
	KUNIT_EXPECT_EQ(test, rtpl_fill_room(&f), 1);
	KUNIT_EXPECT_EQ(test, rtpl_pack_ip(&pk, &f, 59, ip, 60), 0);
	KUNIT_EXPECT_FALSE(test, rtpl_pack_put(&pk, &f, copy_bytes, ip));
	KUNIT_EXPECT_EQ(test, pk.pos, 1);
	KUNIT_EXPECT_EQ(test, rtpl_fill_room(&f), 0);
	KUNIT_EXPECT_MEMEQ(test, buf, "\0\0\0\0\0\x45", 6);
	rtpl_fill_begin(&pk, &f, buf, 64);
	KUNIT_EXPECT_MEMEQ(test, buf, "\1\0\x3b\0\1", 5);
	KUNIT_EXPECT_TRUE(test, rtpl_pack_put(&pk, &f, copy_bytes, ip));
	KUNIT_EXPECT_MEMEQ(test, buf + 5, ip + 1, 59);
}

static void refused_packets(struct kunit *test)
{
	struct rtpl_pack pk = {};
	struct rtpl_fill f;
	u8 buf[300], ip[60];

	rtpl_fill_begin(&pk, &f, buf, sizeof(buf));
	make_ip(ip, sizeof(ip));
	KUNIT_EXPECT_EQ(test, rtpl_pack_ip(&pk, &f, 2000, ip, 60), 0);
	pk.len = 0;
	KUNIT_EXPECT_EQ(test, rtpl_pack_ip(&pk, &f, 2000, ip, 59), -EINVAL);
	KUNIT_EXPECT_EQ(test, rtpl_pack_ip(&pk, &f, 2000, ip, 61), -EINVAL);
	KUNIT_EXPECT_EQ(test, rtpl_pack_ip(&pk, &f, 2000, ip, 60 + 65536), -EMSGSIZE);
	ip[0] = 0x44;
	KUNIT_EXPECT_EQ(test, rtpl_pack_ip(&pk, &f, 2000, ip, 60), -EINVAL);
	make_ip(ip, 20);
	ip[0] = 0x46;	/* header of 24 bytes in 20 */
	KUNIT_EXPECT_EQ(test, rtpl_pack_ip(&pk, &f, 2000, ip, 20), -EINVAL);
	make_ip(ip, 60);
	ip[0] = 0x55;
	KUNIT_EXPECT_EQ(test, rtpl_pack_ip(&pk, &f, 2000, ip, 60), -EINVAL);
	ip[0] = 0x15;
	KUNIT_EXPECT_EQ(test, rtpl_pack_ip(&pk, &f, 2000, ip, 60), -EINVAL);
	ip[0] = 0x60;
	put_unaligned_be16(20, ip + 4);
	KUNIT_EXPECT_EQ(test, rtpl_pack_ip(&pk, &f, 2000, ip, 60), 0);
	put_unaligned_be16(65535, ip + 4);
	KUNIT_EXPECT_EQ(test, rtpl_pack_ip(&pk, &f, 2000, ip, 65575), -EMSGSIZE);
	put_unaligned_be16(65495, ip + 4);
	KUNIT_EXPECT_EQ(test, rtpl_pack_ip(&pk, &f, 2000, ip, 65535), 0);
	pk.len = 0;
}

/* 95 bytes in the first cell and 255 cells of 100: the last byte that back can name. */
static void back_limit(struct kunit *test)
{
	struct rtpl_pack pk = {};
	struct rtpl_fill f;
	u32 len = 95 + 255 * 100;
	u8 buf[105], ip[8] = {};
	u8 *data;
	u32 i;

	data = kunit_kzalloc(test, len, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, data);
	rtpl_fill_begin(&pk, &f, buf, 100);
	ip[0] = 0x45;
	put_unaligned_be16(len + 1, ip + 2);
	KUNIT_EXPECT_EQ(test, rtpl_pack_ip(&pk, &f, 100, ip, len + 1), -EMSGSIZE);
	put_unaligned_be16(len, ip + 2);
	KUNIT_EXPECT_EQ(test, rtpl_pack_ip(&pk, &f, 100, ip, len), 0);
	KUNIT_EXPECT_FALSE(test, rtpl_pack_put(&pk, &f, copy_bytes, data));
	for (i = 1; i <= 255; i++) {
		KUNIT_ASSERT_TRUE(test, rtpl_fill_begin(&pk, &f, buf, 105));
		KUNIT_ASSERT_EQ(test, buf[4], i);
		KUNIT_ASSERT_EQ(test, rtpl_pack_put(&pk, &f, copy_bytes, data), i == 255);
	}
}

/* Cells that shrink under a block: it is given up, not continued with a wrong back. */
static void back_overflow(struct kunit *test)
{
	struct rtpl_pack pk = {};
	struct rtpl_fill f;
	u32 len = 95 + 255 * 100;
	u8 buf[100], ip[8] = {};
	u8 *data;
	u32 i;

	data = kunit_kzalloc(test, len, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, data);
	rtpl_fill_begin(&pk, &f, buf, 100);
	ip[0] = 0x45;
	put_unaligned_be16(len, ip + 2);
	KUNIT_EXPECT_EQ(test, rtpl_pack_ip(&pk, &f, 100, ip, len), 0);
	rtpl_pack_put(&pk, &f, copy_bytes, data);
	for (i = 1; i <= 255; i++) {
		KUNIT_ASSERT_TRUE(test, rtpl_fill_begin(&pk, &f, buf, 100));
		KUNIT_ASSERT_FALSE(test, rtpl_pack_put(&pk, &f, copy_bytes, data));
	}
	KUNIT_EXPECT_FALSE(test, rtpl_fill_begin(&pk, &f, buf, 100));
	KUNIT_EXPECT_EQ(test, pk.len, 0);
	KUNIT_EXPECT_MEMEQ(test, buf, "\0\0\0\0\0", 5);
	KUNIT_EXPECT_EQ(test, rtpl_fill_room(&f), 95);
}

static void ctrl(struct kunit *test)
{
	struct rtpl_pack pk = {};
	struct rtpl_fill f;
	u8 buf[27], ip[60];

	memset(buf, 0xff, sizeof(buf));
	make_ip(ip, 60);
	rtpl_fill_begin(&pk, &f, buf, sizeof(buf));
	KUNIT_EXPECT_FALSE(test, rtpl_pack_ctrl(&pk, &f, 1, ip, 21));
	KUNIT_EXPECT_FALSE(test, f.data);
	KUNIT_EXPECT_TRUE(test, rtpl_pack_ctrl(&pk, &f, 1, NULL, 0));
	KUNIT_EXPECT_TRUE(test, f.data);
	KUNIT_EXPECT_TRUE(test, rtpl_pack_ctrl(&pk, &f, 7, "GHIJKLMNOPQ", 11));
	KUNIT_EXPECT_MEMEQ(test, buf + 5, "\x21\0\x27\x0bGHIJKLMNOPQ", 15);
	/* seven bytes are left */
	KUNIT_EXPECT_FALSE(test, rtpl_pack_ctrl(&pk, &f, 1, ip, 6));
	KUNIT_EXPECT_EQ(test, rtpl_fill_end(&f), 7);

	/* not into a block that is under way */
	rtpl_fill_begin(&pk, &f, buf, sizeof(buf));
	KUNIT_EXPECT_EQ(test, rtpl_pack_ip(&pk, &f, 22, ip, 60), 0);
	rtpl_pack_put(&pk, &f, copy_bytes, ip);
	rtpl_fill_begin(&pk, &f, buf, sizeof(buf));
	KUNIT_EXPECT_FALSE(test, rtpl_pack_ctrl(&pk, &f, 1, NULL, 0));
}

/* A GSO block has a trailer exactly when it does not fit the cell that it begins in. */
static void gso_trailer(struct kunit *test)
{
	struct m_net *net = m_net_of(test);
	struct rtpl_pack pk = {};
	struct m_pkt *pkt;
	struct rtpl_fill f;
	u32 room, n;
	u8 *buf, *ip;

	pkt = m_add(net, 0x10 | RTPL_GSO_TCP4, 3000, 1000);
	ip = net->pkt_bytes + pkt->off;
	buf = kunit_kzalloc(test, 4000, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, buf);
	room = 8 + 3000;

	rtpl_fill_begin(&pk, &f, buf, 5 + room);
	KUNIT_EXPECT_EQ(test, rtpl_pack_gso(&pk, &f, 1000, &pkt->g, ip), 0);
	KUNIT_EXPECT_EQ(test, pk.len, room);
	KUNIT_EXPECT_TRUE(test, rtpl_pack_put(&pk, &f, copy_bytes, ip));
	KUNIT_EXPECT_EQ(test, buf[5], 0x11);
	KUNIT_EXPECT_EQ(test, buf[6] & RTPL_GSO_F_TRAILER, 0);
	KUNIT_EXPECT_EQ(test, get_unaligned_le16(buf + 7), 1000);
	KUNIT_EXPECT_EQ(test, get_unaligned_le16(buf + 9), 3000);
	KUNIT_EXPECT_EQ(test, buf[11], pkt->g.hdr_len);
	KUNIT_EXPECT_EQ(test, buf[12], pkt->g.l4_off);
	KUNIT_EXPECT_MEMEQ(test, buf + 13, ip, 3000);

	rtpl_fill_begin(&pk, &f, buf, 5 + room - 1);
	KUNIT_EXPECT_EQ(test, rtpl_pack_gso(&pk, &f, 1000, &pkt->g, ip), 0);
	KUNIT_EXPECT_EQ(test, pk.len, room + 8 + pkt->g.hdr_len);
	KUNIT_EXPECT_FALSE(test, rtpl_pack_put(&pk, &f, copy_bytes, ip));
	KUNIT_EXPECT_EQ(test, buf[6] & RTPL_GSO_F_TRAILER, RTPL_GSO_F_TRAILER);
	rtpl_fill_begin(&pk, &f, buf, 4000);
	KUNIT_EXPECT_TRUE(test, rtpl_pack_put(&pk, &f, copy_bytes, ip));
	n = 5 + 1;
	KUNIT_EXPECT_EQ(test, buf[5], ip[2999]);
	KUNIT_EXPECT_MEMEQ(test, buf + n, ip, pkt->g.hdr_len);
	n += pkt->g.hdr_len;
	KUNIT_EXPECT_EQ(test, buf[n], 0x11);
	KUNIT_EXPECT_EQ(test, buf[n + 1] & RTPL_GSO_F_TRAILER, RTPL_GSO_F_TRAILER);
	KUNIT_EXPECT_EQ(test, get_unaligned_le16(buf + n + 4), 3000);
	KUNIT_EXPECT_EQ(test, f.used, n + 8);

	/* facts that the receiver would refuse are refused here */
	pkt->g.gso_size = 0;
	KUNIT_EXPECT_EQ(test, rtpl_pack_gso(&pk, &f, 1000, &pkt->g, ip), -EINVAL);
	pkt->g.gso_size = 3000;
	KUNIT_EXPECT_EQ(test, rtpl_pack_gso(&pk, &f, 1000, &pkt->g, ip), -EINVAL);
	/* too large with a trailer */
	pkt->g.gso_size = 1000;
	pkt->g.pkt_len = RTPL_BLOCK_MAX - 8 - pkt->g.hdr_len;
	KUNIT_EXPECT_EQ(test, rtpl_pack_gso(&pk, &f, 1000, &pkt->g, ip), -EMSGSIZE);
	KUNIT_EXPECT_EQ(test, pk.len, 0);
}

/* Whatever is cut, the same comes out, in order and without loss. */
static void round_trips(struct kunit *test)
{
	struct m_net *net = m_net_of(test);
	u32 round, i, min, max;

	for (round = 0; round < 60; round++) {
		m_net_reset(net, round);
		for (i = 0; i < 40; i++)
			if (!m_add_any(net, round % 4 ? 3000 : RTPL_BLOCK_MAX))
				break;
		min = round % 3 ? RTPL_CELL_MIN - 24 + m_below(&net->rng, 1600) : 60;
		max = round % 2 ? min : min + m_below(&net->rng, 3000);
		KUNIT_ASSERT_TRUE(test, m_cut(net, min, max, round % 5 ? 20 : 300));
		for (i = 0; i < net->n_cells; i++)
			KUNIT_EXPECT_EQ(test, m_arrive(net, i, i).drop, RTPL_DROP_COUNT);
		KUNIT_EXPECT_EQ(test, net->reasm.n_parts, 0);
		for (i = 0; i < net->n_pkts; i++)
			KUNIT_EXPECT_EQ(test, net->pkt[i].copies, net->pkt[i].cut);
		KUNIT_EXPECT_EQ(test, net->lost, 0);
		KUNIT_EXPECT_EQ(test, net->ctrl, net->ctrl_sent);
		m_flush(net);
		EXPECT_CLEAN(test, net);
	}
}

/*
 * Cells of RTPL_CELL_MIN: 35 bytes of blocks each, so that no block of more than 8960 bytes is
 * begun. With the smallest cells that may be a shape's largest, 58112 is the most, and 64 KB take
 * cells of 285.
 */
static void smallest_cells(struct kunit *test)
{
	static const struct {
		u16 cell, most;
	} size[] = {
		{ RTPL_CELL_MIN, 256 * 35 },
		{ RTPL_HANDSHAKE_MIN, 256 * 227 },
		{ 284, 256 * 255 },
		{ 285, RTPL_BLOCK_MAX },
	};
	struct m_net *net = m_net_of(test);
	u32 k, i, n;

	for (k = 0; k < ARRAY_SIZE(size); k++) {
		u16 plain = size[k].cell - RTPL_CELL_HEAD - RTPL_TAG_LEN;

		for (n = 0; n < 2 && size[k].most + n <= RTPL_BLOCK_MAX; n++) {
			m_net_reset(net, k);
			KUNIT_ASSERT_NOT_NULL(test, m_add(net, 4, size[k].most + n, 0));
			KUNIT_ASSERT_NOT_NULL(test, m_add(net, 4, 20, 0));
			KUNIT_ASSERT_TRUE(test, m_cut(net, plain, plain, 0));
			KUNIT_EXPECT_EQ(test, net->pkt[0].cut, !n);
			for (i = 0; i < net->n_cells; i++)
				KUNIT_EXPECT_EQ(test, m_arrive(net, i, i).drop, RTPL_DROP_COUNT);
			KUNIT_EXPECT_EQ(test, net->pkt[0].copies, !n);
			KUNIT_EXPECT_EQ(test, net->pkt[1].copies, 1);
			KUNIT_EXPECT_EQ(test, net->reasm.n_parts, 0);
			EXPECT_CLEAN(test, net);
		}
	}
}

/* Super-packets of 64 KB in cells of all sizes from the least on, some lost and some late. */
static void small_and_large(struct kunit *test)
{
	struct m_net *net = m_net_of(test);
	u32 round, i, whole = 0;
	u16 min;

	for (round = 0; round < 24; round++) {
		min = (round % 3 ? RTPL_CELL_MIN : 285) - RTPL_CELL_HEAD - RTPL_TAG_LEN;
		m_net_reset(net, 900 + round);
		KUNIT_ASSERT_NOT_NULL(test, m_add(net, 0x10 | (1 + round % 4),
						  round % 3 ? 8000 : RTPL_BLOCK_MAX - 300, 1400));
		KUNIT_ASSERT_NOT_NULL(test, m_add(net, 4, 40, 0));
		KUNIT_ASSERT_TRUE(test, m_cut(net, min, round % 2 ? min : min + 1100, 50));
		KUNIT_EXPECT_TRUE(test, net->pkt[0].cut);
		for (i = 0; i < net->n_cells; i++)
			if (round < 12 || !m_chance(&net->rng, 5))
				m_arrive(net, i ^ (i + 1 < net->n_cells || i & 1), i);
		whole += net->pkt[0].copies;
		if (round < 12)
			KUNIT_EXPECT_EQ(test, net->pkt[0].copies, 1);
		m_flush(net);
		EXPECT_CLEAN(test, net);
	}
	KUNIT_EXPECT_GE(test, whole, 12);
	KUNIT_EXPECT_LT(test, whole, 24);
}

/*
 * A reader that learns a cell bit by bit finds the end of its blocks, and looks at
 * nothing behind what was to be enciphered.
 */
static void extent(struct kunit *test)
{
	static const u16 lens[] = { 20, 40, 59, 60, 64, 127, 200, 500, 1443, 3000 };
	struct rtpl_pack pk = {};
	struct rtpl_fill f;
	u16 have, need, used, i, n = 0;
	u8 *ip = kunit_kzalloc(test, 3000, GFP_KERNEL);
	u8 buf[448];

	for (i = 0; i < 400; i++) {
		memset(buf, 0xff, sizeof(buf));
		KUNIT_ASSERT_TRUE(test, rtpl_fill_begin(&pk, &f, buf, sizeof(buf)));
		while (rtpl_fill_room(&f)) {
			if (!pk.len) {
				/* Now and then nothing waits, also for a whole cell. */
				if (n++ % 7 > 4)
					break;
				make_ip(ip, lens[n % ARRAY_SIZE(lens)]);
				rtpl_pack_ip(&pk, &f, 443, ip, lens[n % ARRAY_SIZE(lens)]);
			}
			if (!rtpl_pack_put(&pk, &f, copy_bytes, ip))
				break;
		}
		used = f.used;
		need = rtpl_fill_sealed(&f, 64);
		KUNIT_EXPECT_TRUE(test, need > used || need == f.size);
		KUNIT_EXPECT_TRUE(test, need % 64 == 0 && need <= used + 64);
		rtpl_fill_end(&f);
		memset(buf + need, 0x45, f.size - need);

		for (have = 0; ; have = need) {
			need = rtpl_cell_extent(rtpl_block_types, buf, have, f.size);
			if (need <= have)
				break;
		}
		KUNIT_EXPECT_EQ(test, need, used);
	}
}

/* At the edges: nothing beyond the cell is asked for, nothing needed is left out. */
static void extent_edges(struct kunit *test)
{
	u8 p[32] = {};

	KUNIT_EXPECT_EQ(test, rtpl_cell_extent(rtpl_block_types, p, 0, 4), 4);
	KUNIT_EXPECT_EQ(test, rtpl_cell_extent(rtpl_block_types, p, 0, 32), 5);
	KUNIT_EXPECT_EQ(test, rtpl_cell_extent(rtpl_block_types, p, 5, 5), 5);
	KUNIT_EXPECT_EQ(test, rtpl_cell_extent(rtpl_block_types, p, 5, 6), 6);
	KUNIT_EXPECT_EQ(test, rtpl_cell_extent(rtpl_block_types, p, 5, 32), 6);
	KUNIT_EXPECT_EQ(test, rtpl_cell_extent(rtpl_block_types, p, 6, 32), 5);
	/* a continuation over more than the cell, to its end, and to one byte less */
	p[4] = 1;
	p[2] = 100;
	KUNIT_EXPECT_EQ(test, rtpl_cell_extent(rtpl_block_types, p, 5, 32), 32);
	p[2] = 27;
	KUNIT_EXPECT_EQ(test, rtpl_cell_extent(rtpl_block_types, p, 5, 32), 32);
	p[2] = 26;
	KUNIT_EXPECT_EQ(test, rtpl_cell_extent(rtpl_block_types, p, 31, 32), 32);
	KUNIT_EXPECT_EQ(test, rtpl_cell_extent(rtpl_block_types, p, 32, 32), 31);
	/* a control block of two bytes with exactly eight left, then padding */
	p[2] = 19;
	p[24] = 0x21;
	KUNIT_EXPECT_EQ(test, rtpl_cell_extent(rtpl_block_types, p, 25, 32), 32);
	KUNIT_EXPECT_EQ(test, rtpl_cell_extent(rtpl_block_types, p, 32, 32), 26);
	/* with seven left it could be a packet's first bytes: all of it */
	p[2] = 20;
	p[25] = 0x45;
	KUNIT_EXPECT_EQ(test, rtpl_cell_extent(rtpl_block_types, p, 26, 32), 32);
}

/* Enciphered is all that is told, and the byte that says that no more is. */
static void sealed(struct kunit *test)
{
	struct rtpl_fill f = { .size = 200 };

	for (f.used = 5; f.used <= f.size; f.used++) {
		u16 n = rtpl_fill_sealed(&f, 64);

		KUNIT_EXPECT_TRUE(test, n % 64 == 0 || n == f.size);
		KUNIT_EXPECT_LE(test, n, f.size);
		KUNIT_EXPECT_GE(test, n, min_t(u16, f.used + 1, f.size));
		KUNIT_EXPECT_LE(test, n, f.used + 64);
	}
}

static struct kunit_case frag_cases[] = {
	KUNIT_CASE(extent_edges),
	KUNIT_CASE(sealed),
	KUNIT_CASE(extent),
	KUNIT_CASE(empty_cell),
	KUNIT_CASE(one_packet),
	KUNIT_CASE(cut_over_three),
	KUNIT_CASE(chaff_between),
	KUNIT_CASE(short_rest),
	KUNIT_CASE(last_byte),
	KUNIT_CASE(refused_packets),
	KUNIT_CASE(back_limit),
	KUNIT_CASE(back_overflow),
	KUNIT_CASE(ctrl),
	KUNIT_CASE(gso_trailer),
	KUNIT_CASE(round_trips),
	KUNIT_CASE(smallest_cells),
	KUNIT_CASE(small_and_large),
	{}
};

static struct kunit_suite frag_suite = {
	.name = "rtpl_frag",
	.test_cases = frag_cases,
};

kunit_test_suite(frag_suite);
