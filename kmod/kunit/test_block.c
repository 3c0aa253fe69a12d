// SPDX-License-Identifier: GPL-2.0
/*
 * Types of blocks (core/block.c), and one more, as a circuit may have it one day: a fake of
 * such a circuit on a fake link, whose blocks go among packets over the same cells.
 */
#include "lib.h"

#define CELL		400	/* plaintext bytes of a cell */
#define ROOM		(CELL - RTPL_INNER_HEAD)
#define CELLS		256
#define FAKE		3	/* the type: u8 type and hop, u8 id, le16 length of all, bytes */
#define FAKE_HEAD	4
#define BLOCKS		60
#define BYTES_MAX	3000

static u16 fake_len(const u8 *p)
{
	u16 len = get_unaligned_le16(p + 2);

	return len >= RTPL_BLOCK_HEAD ? len : 0;
}

static rtpl_block_len_fn types[RTPL_BLOCK_TYPES];

struct fake_link {
	u8 cell[CELLS][CELL];
	u32 cells;
	struct rtpl_pack pack;
	struct rtpl_reasm reasm;
	/* what the receiver got, by the block's number */
	u8 got[BLOCKS];
	u32 circuits, packets, bad, lost;
	u8 buf[RTPL_REASM_SLOTS + 1][BYTES_MAX];
	u8 used[RTPL_REASM_SLOTS + 1];
	u8 block[BYTES_MAX], want[BYTES_MAX];
};

static u16 length_of(u32 nr)
{
	return 40 + nr * 977 % (BYTES_MAX - 40);
}

static bool is_circuit(u32 nr)
{
	return nr % 3 == 1;
}

/* Block @nr's bytes, each known. */
static u16 make(u8 *p, u32 nr)
{
	u16 len = length_of(nr), i;

	for (i = 0; i < len; i++)
		p[i] = nr * 31 + i;
	if (is_circuit(nr)) {
		p[0] = FAKE << 4 | 2;
		put_unaligned_le16(len, p + 2);
	} else {
		p[0] = 0x45;
		put_unaligned_be16(len, p + 2);
	}
	p[1] = nr;
	return len;
}

static void circuit(struct fake_link *link, const u8 *p, u16 len)
{
	link->circuits++;
}

static void packet(struct fake_link *link, const u8 *p, u16 len)
{
	link->packets++;
}

/* What becomes of a whole block, by its type: a table as the link's own (join.c). */
static void (*const joins[RTPL_BLOCK_TYPES])(struct fake_link *, const u8 *, u16) = {
	[FAKE] = circuit,
	[RTPL_BLOCK_IPV4] = packet,
};

static void whole(void *priv, const u8 *p, u16 len)
{
	struct fake_link *link = priv;
	u8 nr = p[1];

	if (nr >= BLOCKS || link->got[nr]++ || len != make(link->want, nr) ||
	    memcmp(p, link->want, len) || !joins[p[0] >> 4]) {
		link->bad++;
		return;
	}
	joins[p[0] >> 4](link, p, len);
}

static void *begin(void *priv, u16 len)
{
	struct fake_link *link = priv;
	int i;

	for (i = 0; i < ARRAY_SIZE(link->used); i++) {
		if (link->used[i] || len > BYTES_MAX)
			continue;
		link->used[i] = 1;
		return link->buf[i];
	}
	return NULL;
}

static void give_back(struct fake_link *link, void *buf)
{
	if (buf)
		link->used[((u8 (*)[BYTES_MAX])buf) - link->buf] = 0;
}

static void put(void *priv, void *buf, u16 pos, const u8 *data, u16 len)
{
	memcpy((u8 *)buf + pos, data, len);
}

static void done(void *priv, void *buf, const struct rtpl_part *part)
{
	whole(priv, buf, part->len);
	give_back(priv, buf);
}

static void lost(void *priv, void *buf, const struct rtpl_part *part)
{
	struct fake_link *link = priv;

	link->lost++;
	give_back(link, buf);
}

static void ctrl(void *priv, u8 type, const u8 *body, u8 len) { }

static const struct rtpl_reasm_ops ops = {
	.whole = whole, .begin = begin, .put = put, .done = done, .lost = lost, .ctrl = ctrl,
};

static void copy(void *priv, u16 off, u8 *dst, u16 len)
{
	memcpy(dst, (u8 *)priv + off, len);
}

/* All blocks over as many cells as they take. */
static struct fake_link *link_of(struct kunit *test)
{
	struct fake_link *link = kunit_kzalloc(test, sizeof(*link), GFP_KERNEL);
	struct rtpl_fill f;
	u32 nr = 0;
	u16 len;

	KUNIT_ASSERT_NOT_NULL(test, link);
	memcpy(types, rtpl_block_types, sizeof(types));
	types[FAKE] = fake_len;
	rtpl_reasm_init(&link->reasm, types);
	while (nr < BLOCKS || link->pack.len) {
		KUNIT_ASSERT_LT(test, link->cells, CELLS);
		rtpl_fill_begin(&link->pack, &f, link->cell[link->cells++], CELL);
		while (rtpl_fill_room(&f)) {
			if (!link->pack.len && nr < BLOCKS) {
				len = make(link->block, nr++);
				KUNIT_ASSERT_EQ(test, 0,
						rtpl_pack_block(&link->pack, &f, ROOM, types,
								link->block, len));
			}
			if (!link->pack.len ||
			    !rtpl_pack_put(&link->pack, &f, copy, link->block))
				break;
		}
		rtpl_fill_end(&f);
	}
	return link;
}

static void arrive(struct kunit *test, struct fake_link *link, u32 cell)
{
	struct rtpl_reasm_result res;
	u16 have = 0, need;

	while ((need = rtpl_cell_extent(types, link->cell[cell], have, CELL)) > have)
		have = need;
	res = rtpl_reasm_cell(&link->reasm, cell, link->cell[cell], need, 1, &ops, link);
	KUNIT_EXPECT_EQ(test, res.drop, RTPL_DROP_COUNT);
}

static void circuit_in_order(struct kunit *test)
{
	struct fake_link *link = link_of(test);
	u32 i;

	for (i = 0; i < link->cells; i++)
		arrive(test, link, i);
	KUNIT_EXPECT_EQ(test, link->bad, 0);
	KUNIT_EXPECT_EQ(test, link->lost, 0);
	KUNIT_EXPECT_EQ(test, link->circuits, BLOCKS / 3);
	KUNIT_EXPECT_EQ(test, link->packets, BLOCKS - BLOCKS / 3);
}

/* Cells late by up to five, and one of them lost: its blocks are, and no others. */
static void circuit_late_and_lost(struct kunit *test)
{
	struct fake_link *link = link_of(test);
	u32 i, j, n;

	for (i = 0; i < link->cells; i += 5) {
		n = min_t(u32, 5, link->cells - i);
		for (j = n; j--;)
			if (i + j != 21)
				arrive(test, link, i + j);
	}
	rtpl_reasm_flush(&link->reasm, &ops, link);
	KUNIT_EXPECT_EQ(test, link->bad, 0);
	KUNIT_EXPECT_GT(test, link->lost, 0);
	KUNIT_EXPECT_EQ(test, link->circuits + link->packets + link->lost, BLOCKS);
}

/* Who does not know the type gives up that cell's rest, and says so. */
static void unknown(struct kunit *test)
{
	static const u8 block[64] = { FAKE << 4, 0, sizeof(block) };
	struct fake_link *link = link_of(test);
	struct rtpl_fill f = { .size = CELL };
	struct rtpl_reasm_result res;

	memset(link->cell[0], 0, CELL);
	memcpy(link->cell[0] + RTPL_INNER_HEAD, block, sizeof(block));
	rtpl_reasm_init(&link->reasm, rtpl_block_types);
	res = rtpl_reasm_cell(&link->reasm, 0, link->cell[0], CELL, 1, &ops, link);
	KUNIT_EXPECT_EQ(test, res.drop, RTPL_DROP_BAD_BLOCK);
	KUNIT_EXPECT_EQ(test, link->circuits, 0);
	/* Nor can it be sent, nor as an IP packet, nor with another length than it says. */
	KUNIT_EXPECT_EQ(test, -EINVAL, rtpl_pack_block(&link->pack, &f, ROOM, rtpl_block_types,
						       block, sizeof(block)));
	KUNIT_EXPECT_EQ(test, -EINVAL, rtpl_pack_ip(&link->pack, &f, ROOM, block, sizeof(block)));
	KUNIT_EXPECT_EQ(test, -EINVAL, rtpl_pack_block(&link->pack, &f, ROOM, types, block,
						       sizeof(block) - 1));
	KUNIT_EXPECT_EQ(test, 0, rtpl_pack_block(&link->pack, &f, ROOM, types, block,
						 sizeof(block)));
}

/* Every type's length is a packet's, or none. */
static void lengths(struct kunit *test)
{
	static const u8 v4[8] = { 0x45, 0, 0x01, 0x00 }, v4_short[8] = { 0x45, 0, 0, 19 };
	static const u8 v6[8] = { 0x60, 0, 0, 0, 0x01, 0x00 };
	static const u8 v6_long[8] = { 0x60, 0, 0, 0, 0xff, 0xff };
	u8 other[8] = { 0 };
	u32 i;

	KUNIT_EXPECT_EQ(test, rtpl_block_len(rtpl_block_types, v4), 256);
	KUNIT_EXPECT_EQ(test, rtpl_block_len(rtpl_block_types, v4_short), 0);
	KUNIT_EXPECT_EQ(test, rtpl_block_len(rtpl_block_types, v6), 296);
	KUNIT_EXPECT_EQ(test, rtpl_block_len(rtpl_block_types, v6_long), 0);
	for (i = 0; i < RTPL_BLOCK_TYPES; i++) {
		other[0] = i << 4;
		if (!rtpl_block_types[i])
			KUNIT_EXPECT_EQ(test, rtpl_block_len(rtpl_block_types, other), 0);
	}
}

static struct kunit_case block_cases[] = {
	KUNIT_CASE(lengths),
	KUNIT_CASE(circuit_in_order),
	KUNIT_CASE(circuit_late_and_lost),
	KUNIT_CASE(unknown),
	{}
};

static struct kunit_suite block_suite = {
	.name = "rtpl_block",
	.test_cases = block_cases,
};

kunit_test_suite(block_suite);
