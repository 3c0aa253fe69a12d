// SPDX-License-Identifier: GPL-2.0
/*
 * Joining (core/reasm.c): cells late, lost, twice, and from a peer that lies.
 */
#include "lib.h"

#define NONE	RTPL_DROP_COUNT

/* One strict receiver, and cells made by hand. */
struct bench {
	struct rtpl_reasm r;
	struct m_strict *strict;
	u8 cell[2048];
};

static struct bench *bench_of(struct kunit *test)
{
	struct bench *b = kunit_kzalloc(test, sizeof(*b), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, b);
	b->strict = m_strict_new(m_kunit_alloc, test);
	KUNIT_ASSERT_NOT_NULL(test, b->strict);
	rtpl_reasm_init(&b->r, rtpl_block_types);
	return b;
}

static void inner(u8 *p, u16 pos, u16 rest, u8 back)
{
	put_unaligned_le16(pos, p);
	put_unaligned_le16(rest, p + 2);
	p[4] = back;
}

static u8 last_why;

static void lost_why(void *priv, void *buf, const struct rtpl_part *part)
{
	last_why = part->why;
	m_strict_ops.lost(priv, buf, part);
}

static u8 take(struct bench *b, u32 counter, u16 len, u64 now)
{
	struct rtpl_reasm_ops ops = m_strict_ops;
	struct rtpl_reasm_result res;

	ops.lost = lost_why;
	res = rtpl_reasm_cell(&b->r, counter, b->cell, len, now, &ops, b->strict);
	m_strict_check(b->strict, &b->r);
	return res.drop;
}

/* A cell that begins an IPv4 block of @len bytes with @n of them. */
static u8 begins(struct bench *b, u32 counter, u16 len, u16 n, u64 now)
{
	memset(b->cell, 0, sizeof(b->cell));
	b->cell[5] = 0x45;
	put_unaligned_be16(len, b->cell + 7);
	return take(b, counter, 5 + n, now);
}

/* A cell that continues one. */
static u8 goes_on(struct bench *b, u32 counter, u8 back, u16 len, u16 pos, u16 n, u64 now)
{
	const u8 head[4] = { 0x45, 0, len >> 8, len };

	memset(b->cell, 0, sizeof(b->cell));
	inner(b->cell, pos, len - pos, back);
	if (pos < sizeof(head))
		memcpy(b->cell + 5, head + pos, sizeof(head) - pos);
	return take(b, counter, 5 + n, now);
}

#define EXPECT_STRICT(test, b) KUNIT_EXPECT_TRUE_MSG(test, !(b)->strict->fault, "%s", \
	(b)->strict->fault ? (b)->strict->fault : "")

static void chaff(struct kunit *test)
{
	struct bench *b = bench_of(test);
	struct rtpl_reasm_result res;

	res = rtpl_reasm_cell(&b->r, 0, b->cell, 1000, 1, &m_strict_ops, b->strict);
	KUNIT_EXPECT_FALSE(test, res.data);
	KUNIT_EXPECT_EQ(test, res.drop, NONE);
	KUNIT_EXPECT_EQ(test, res.drop2, NONE);
	/* a cell of nothing but its inner header */
	res = rtpl_reasm_cell(&b->r, 1, b->cell, 5, 1, &m_strict_ops, b->strict);
	KUNIT_EXPECT_FALSE(test, res.data);
	KUNIT_EXPECT_EQ(test, res.drop, NONE);
	EXPECT_STRICT(test, b);
}

static unsigned int ordered, wholes;

static void order(void *priv, u32 start) { ordered++; }
static void whole(void *priv, const u8 *data, u16 len) { wholes++; }

/* A peer fills a cell with the smallest packets: what is done for a cell is done once. */
static void tiny(struct kunit *test)
{
	const struct rtpl_reasm_ops ops = { .order = order, .whole = whole };
	struct bench *b = bench_of(test);
	u16 at;

	for (at = 5; at + 20 <= sizeof(b->cell); at += 20) {
		b->cell[at] = 0x45;
		b->cell[at + 3] = 20;
	}
	ordered = 0;
	wholes = 0;
	rtpl_reasm_cell(&b->r, 0, b->cell, at, 1, &ops, NULL);
	KUNIT_EXPECT_EQ(test, wholes, (sizeof(b->cell) - 5) / 20);
	KUNIT_EXPECT_EQ(test, ordered, 1);
}

/* A block whose first piece is too short to tell its length. */
static void stubs(struct kunit *test)
{
	struct bench *b = bench_of(test);
	struct rtpl_reasm_result res;
	u32 i;

	/* one to seven bytes, then the rest: in order, and the other way round */
	for (i = 1; i < RTPL_BLOCK_HEAD; i++) {
		KUNIT_EXPECT_EQ(test, begins(b, 10 * i, 60, i, 1), NONE);
		KUNIT_EXPECT_EQ(test, b->r.n_stubs, 1);
		KUNIT_EXPECT_EQ(test, goes_on(b, 10 * i + 1, 1, 60, i, 60 - i, 2), NONE);
		KUNIT_EXPECT_EQ(test, goes_on(b, 10 * i + 3, 1, 60, i, 60 - i, 2), NONE);
		KUNIT_EXPECT_EQ(test, begins(b, 10 * i + 2, 60, i, 3), NONE);
		KUNIT_EXPECT_EQ(test, b->r.n_stubs, 0);
		KUNIT_EXPECT_EQ(test, b->strict->done, 2 * i);
	}
	/* the rest may not claim bytes of the stub, nor be shorter than it */
	begins(b, 100, 60, 7, 1);
	KUNIT_EXPECT_EQ(test, goes_on(b, 101, 1, 60, 6, 54, 2), NONE);
	KUNIT_EXPECT_EQ(test, b->r.n_parts, 1);
	goes_on(b, 111, 1, 3, 1, 2, 2);
	KUNIT_EXPECT_EQ(test, begins(b, 110, 60, 7, 3), RTPL_DROP_BAD_CELL);
	rtpl_reasm_flush(&b->r, &m_strict_ops, b->strict);
	KUNIT_EXPECT_EQ(test, b->strict->lost, 2);

	/* one too many: the oldest is lost, and known as such */
	for (i = 0; i <= RTPL_REASM_STUBS; i++)
		begins(b, 200 + 2 * i, 60, 3, i);
	KUNIT_EXPECT_EQ(test, b->r.n_stubs, RTPL_REASM_STUBS);
	KUNIT_EXPECT_EQ(test, b->strict->lost, 3);
	KUNIT_EXPECT_EQ(test, goes_on(b, 201, 1, 60, 3, 57, 2), NONE);
	KUNIT_EXPECT_EQ(test, b->r.n_parts, 0);
	/* and they are given up in time */
	KUNIT_EXPECT_EQ(test, rtpl_reasm_expire(&b->r, 2, &m_strict_ops, b->strict), 3);
	KUNIT_EXPECT_EQ(test, b->strict->lost, 5);
	rtpl_reasm_flush(&b->r, &m_strict_ops, b->strict);
	KUNIT_EXPECT_EQ(test, b->r.n_stubs, 0);

	/* a control block is never cut */
	memset(b->cell, 0, sizeof(b->cell));
	b->cell[5] = 0x21;
	res = rtpl_reasm_cell(&b->r, 300, b->cell, 6, 1, &m_strict_ops, b->strict);
	KUNIT_EXPECT_EQ(test, res.drop, RTPL_DROP_BAD_BLOCK);
	EXPECT_STRICT(test, b);
}

/* A length that the header denies shows when the block is complete, at the latest. */
static void stubs_that_lie(struct kunit *test)
{
	struct bench *b = bench_of(test);
	u32 i, k;

	for (i = 1; i < RTPL_BLOCK_HEAD; i++) {
		for (k = 0; k < 2; k++) {
			/* the header says 60, what goes on says 61; either first */
			if (k)
				begins(b, 10 * i, 60, i, 1);
			memset(b->cell, 0, sizeof(b->cell));
			inner(b->cell, i, 61 - i, 1);
			if (i < 4)
				b->cell[5 + 3 - i] = 60;
			KUNIT_EXPECT_EQ(test, take(b, 10 * i + 1, 5 + 61 - i, 1), NONE);
			if (!k)
				begins(b, 10 * i, 60, i, 1);
			KUNIT_EXPECT_EQ(test, last_why, RTPL_DROP_BAD_BLOCK);
			last_why = NONE;
			KUNIT_EXPECT_EQ(test, b->r.n_parts + b->r.n_stubs, 0);
			rtpl_reasm_init(&b->r, rtpl_block_types);
		}
	}
	KUNIT_EXPECT_EQ(test, b->strict->done, 0);
	EXPECT_STRICT(test, b);
}

/* Stubs live by the same window as parts, and are lost once. */
static void stubs_window(struct kunit *test)
{
	struct bench *b = bench_of(test);
	u32 w = RTPL_REASM_WINDOW;

	begins(b, 1000, 60, 3, 1);
	begins(b, 1001, 60, 3, 1);
	KUNIT_EXPECT_EQ(test, begins(b, 1000 + w, 20, 20, 1), NONE);
	KUNIT_EXPECT_EQ(test, b->strict->lost, 0);
	KUNIT_EXPECT_EQ(test, begins(b, 1001 + w, 20, 20, 1), NONE);
	KUNIT_EXPECT_EQ(test, b->strict->lost, 1);
	KUNIT_EXPECT_EQ(test, b->r.n_stubs, 1);
	KUNIT_EXPECT_EQ(test, goes_on(b, 1002, 1, 60, 3, 57, 1), NONE);
	KUNIT_EXPECT_EQ(test, b->strict->done, 1);
	/* a block that is completed beside it does not make it immortal */
	begins(b, 1010, 60, 3, 1);
	begins(b, 1012, 60, 30, 1);
	KUNIT_EXPECT_EQ(test, goes_on(b, 1013, 1, 60, 30, 30, 1), NONE);
	KUNIT_EXPECT_EQ(test, b->strict->done, 2);
	begins(b, 1200 + w, 20, 20, 1);
	KUNIT_EXPECT_EQ(test, b->r.n_stubs, 0);
	KUNIT_EXPECT_EQ(test, b->strict->lost, 2);
	/* too late, and counted when it is seen */
	KUNIT_EXPECT_EQ(test, begins(b, 900, 60, 3, 1), RTPL_DROP_REASM_LOST);
	KUNIT_EXPECT_EQ(test, goes_on(b, 901, 1, 60, 3, 57, 1), NONE);
	/* no memory for the rest: the stub goes with it */
	begins(b, 1800, 60, 3, 1);
	b->strict->refuse = ~0;
	KUNIT_EXPECT_EQ(test, goes_on(b, 1801, 1, 60, 3, 57, 1), RTPL_DROP_NO_MEMORY);
	KUNIT_EXPECT_EQ(test, b->r.n_stubs, 0);
	rtpl_reasm_flush(&b->r, &m_strict_ops, b->strict);
	KUNIT_EXPECT_EQ(test, b->strict->lost, 2);
	EXPECT_STRICT(test, b);
}

static void bad_inner_heads(struct kunit *test)
{
	static const struct {
		u16 pos, rest;
		u8 back;
		u16 len;
		u8 drop;
	} cases[] = {
		{ 0, 0, 0, 4, RTPL_DROP_BAD_CELL },	/* too short */
		{ 0, 0, 0, 0, RTPL_DROP_BAD_CELL },
		{ 1, 0, 0, 99, RTPL_DROP_BAD_CELL },	/* back == 0, but not pos, rest */
		{ 0, 1, 0, 99, RTPL_DROP_BAD_CELL },
		{ 0, 50, 1, 99, RTPL_DROP_BAD_CELL },	/* continues from nothing */
		{ 50, 0, 1, 99, RTPL_DROP_BAD_CELL },	/* nothing to continue */
		{ 50, 50, 1, 5, RTPL_DROP_BAD_CELL },	/* no room for it */
		{ 50, 50, 11, 99, RTPL_DROP_BAD_CELL },	/* before the first counter */
		{ 65000, 536, 1, 99, RTPL_DROP_BAD_CELL },	/* 65536 bytes */
		{ 65000, 535, 1, 99, NONE },
		{ 8, 1, 2, 6, NONE },
		{ 50, 50, 10, 99, NONE },
	};
	struct bench *b = bench_of(test);
	u32 i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		memset(b->cell, 0, sizeof(b->cell));
		inner(b->cell, cases[i].pos, cases[i].rest, cases[i].back);
		KUNIT_EXPECT_EQ_MSG(test, take(b, 10, cases[i].len, 1), cases[i].drop,
				    "case %u", i);
	}
	KUNIT_EXPECT_EQ(test, b->r.n_parts, 3);
	EXPECT_STRICT(test, b);
}

static void bad_blocks(struct kunit *test)
{
	static const struct {
		u8 bytes[8];
		u8 drop;
	} cases[] = {
		{ { 0x45, 0, 0, 20 }, NONE },
		{ { 0x45, 0, 0, 19 }, RTPL_DROP_BAD_BLOCK },	/* shorter than its header */
		{ { 0x45, 0, 0, 0 }, RTPL_DROP_BAD_BLOCK },
		{ { 0x44, 0, 0, 20 }, RTPL_DROP_BAD_BLOCK },	/* header of 16 bytes */
		{ { 0x46, 0, 0, 23 }, RTPL_DROP_BAD_BLOCK },	/* header of 24, packet of 23 */
		{ { 0x46, 0, 0, 24 }, NONE },
		{ { 0x60, 0, 0, 0, 0, 0 }, NONE },
		{ { 0x60, 0, 0, 0, 0xff, 0xd7 }, NONE },	/* 65535 bytes */
		{ { 0x60, 0, 0, 0, 0xff, 0xd8 }, RTPL_DROP_BAD_BLOCK },
		{ { 0x20, 0 }, NONE },
		{ { 0x20, 93 }, NONE },
		{ { 0x20, 94 }, RTPL_DROP_BAD_BLOCK },		/* longer than the cell */
		{ { 0x30 }, RTPL_DROP_BAD_BLOCK },		/* unknown types */
		{ { 0x50 }, RTPL_DROP_BAD_BLOCK },
		{ { 0xf0 }, RTPL_DROP_BAD_BLOCK },
		{ { 0x11, 0, 10, 0, 70, 0, 40, 20 }, NONE },
		{ { 0x10, 0, 10, 0, 70, 0, 40, 20 }, RTPL_DROP_BAD_BLOCK },	/* kinds */
		{ { 0x15, 0, 10, 0, 70, 0, 40, 20 }, RTPL_DROP_BAD_BLOCK },
		{ { 0x11, 8, 10, 0, 70, 0, 40, 20 }, RTPL_DROP_BAD_BLOCK },	/* flags */
		{ { 0x11, 0, 10, 0, 40, 0, 40, 20 }, RTPL_DROP_BAD_BLOCK },	/* no payload */
		{ { 0x11, 0, 10, 0, 70, 0, 39, 20 }, RTPL_DROP_BAD_BLOCK },	/* headers */
		{ { 0x11, 0, 10, 0, 70, 0, 40, 19 }, RTPL_DROP_BAD_BLOCK },
		{ { 0x12, 0, 10, 0, 70, 0, 40, 20 }, RTPL_DROP_BAD_BLOCK },
		{ { 0x13, 0, 10, 0, 70, 0, 28, 20 }, NONE },
		{ { 0x11, 1, 10, 0, 0xc7, 0xff, 40, 20 }, NONE },	/* 65535 with trailer */
		{ { 0x11, 1, 10, 0, 0xc8, 0xff, 40, 20 }, RTPL_DROP_BAD_BLOCK },
		{ { 0x11, 0, 10, 0, 0xf7, 0xff, 40, 20 }, NONE },	/* and without */
		{ { 0x11, 0, 10, 0, 0xf8, 0xff, 40, 20 }, RTPL_DROP_BAD_BLOCK },
	};
	struct bench *b = bench_of(test);
	u32 i, good = 0;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		rtpl_reasm_flush(&b->r, &m_strict_ops, b->strict);
		memset(b->cell, 0, sizeof(b->cell));
		memcpy(b->cell + 5, cases[i].bytes, 8);
		KUNIT_EXPECT_EQ_MSG(test, take(b, i, 100, 1), cases[i].drop, "case %u", i);
		good += cases[i].drop == NONE;
	}
	KUNIT_EXPECT_EQ(test, b->strict->whole + b->strict->ctrl + b->strict->begun, good);
	EXPECT_STRICT(test, b);
}

static void several_in_one(struct kunit *test)
{
	struct bench *b = bench_of(test);
	u8 *p = b->cell + 5;

	p[0] = 0x45;
	p[3] = 40;
	p[40] = 0x21;
	p[41] = 3;
	p[45] = 0x60;
	p[50] = 60;
	p[145] = 0x45;
	p[148] = 20;
	KUNIT_EXPECT_EQ(test, take(b, 0, 5 + 165 + 7, 1), NONE);
	KUNIT_EXPECT_EQ(test, b->strict->whole, 3);
	KUNIT_EXPECT_EQ(test, b->strict->ctrl, 1);
	/* the good ones before a bad one are delivered */
	p[145] = 0xa5;
	KUNIT_EXPECT_EQ(test, take(b, 1, 5 + 165 + 8, 1), RTPL_DROP_BAD_BLOCK);
	KUNIT_EXPECT_EQ(test, b->strict->whole, 5);
	EXPECT_STRICT(test, b);
}

static void pieces_in_any_order(struct kunit *test)
{
	struct bench *b = bench_of(test);

	/* 400 bytes in cells 7 .. 10, the last first */
	KUNIT_EXPECT_EQ(test, goes_on(b, 10, 3, 400, 300, 100, 1), NONE);
	KUNIT_EXPECT_EQ(test, goes_on(b, 8, 1, 400, 100, 100, 1), NONE);
	KUNIT_EXPECT_EQ(test, b->r.part[0].n_ranges, 2);
	KUNIT_EXPECT_EQ(test, begins(b, 7, 400, 100, 1), NONE);
	KUNIT_EXPECT_EQ(test, b->r.part[0].n_ranges, 2);
	KUNIT_EXPECT_EQ(test, b->strict->done, 0);
	KUNIT_EXPECT_EQ(test, goes_on(b, 9, 2, 400, 200, 100, 1), NONE);
	KUNIT_EXPECT_EQ(test, b->strict->done, 1);
	KUNIT_EXPECT_EQ(test, b->strict->begun, 1);
	KUNIT_EXPECT_EQ(test, b->r.n_parts, 0);
	EXPECT_STRICT(test, b);
}

/* Overlapping pieces and other lengths change nothing, whatever they overlap. */
static void overlaps(struct kunit *test)
{
	static const struct {
		u16 pos, n;
		u8 drop;
	} cases[] = {
		{ 100, 100, RTPL_DROP_BAD_CELL },	/* the same */
		{ 120, 10, RTPL_DROP_BAD_CELL },	/* within */
		{ 50, 51, RTPL_DROP_BAD_CELL },		/* its first byte */
		{ 199, 10, RTPL_DROP_BAD_CELL },	/* its last */
		{ 50, 300, RTPL_DROP_BAD_CELL },	/* over both */
		{ 190, 120, RTPL_DROP_BAD_CELL },	/* the gap and both edges */
		{ 399, 1, RTPL_DROP_BAD_CELL },
		{ 299, 2, RTPL_DROP_BAD_CELL },
		{ 99, 1, NONE },			/* touching */
		{ 200, 1, NONE },
		{ 299, 1, NONE },
		{ 400, 1, NONE },
		{ 250, 1, NONE },
	};
	struct bench *b = bench_of(test);
	u32 i;

	/* [100, 200) and [300, 400) of 1000 are there */
	KUNIT_EXPECT_EQ(test, goes_on(b, 11, 1, 1000, 100, 100, 1), NONE);
	KUNIT_EXPECT_EQ(test, goes_on(b, 13, 3, 1000, 300, 100, 1), NONE);
	for (i = 0; i < ARRAY_SIZE(cases); i++)
		KUNIT_EXPECT_EQ_MSG(test, goes_on(b, 12, 2, 1000, cases[i].pos,
						  cases[i].n, 1), cases[i].drop,
				    "case %u", i);
	KUNIT_EXPECT_EQ(test, b->r.part[0].have, 205);
	KUNIT_EXPECT_EQ(test, b->r.part[0].n_ranges, 3);
	/* another length, in a continuation and in the header */
	KUNIT_EXPECT_EQ(test, goes_on(b, 14, 4, 1001, 600, 10, 1), RTPL_DROP_BAD_CELL);
	KUNIT_EXPECT_EQ(test, begins(b, 10, 999, 90, 1), RTPL_DROP_BAD_CELL);
	KUNIT_EXPECT_EQ(test, b->r.part[0].have, 205);
	KUNIT_EXPECT_EQ(test, begins(b, 10, 1000, 99, 1), NONE);
	KUNIT_EXPECT_EQ(test, b->r.part[0].range[0].to, 201);
	EXPECT_STRICT(test, b);
}

/* A block ends, and another begins, in the same cell; the bad first stops the cell. */
static void end_and_begin(struct kunit *test)
{
	struct bench *b = bench_of(test);
	u8 *p = b->cell + 5;

	KUNIT_EXPECT_EQ(test, begins(b, 0, 150, 100, 1), NONE);
	memset(b->cell, 0, sizeof(b->cell));
	inner(b->cell, 100, 50, 1);
	p[50] = 0x45;
	p[53] = 30;
	p[80] = 0x45;
	p[83] = 200;
	KUNIT_EXPECT_EQ(test, take(b, 1, 105, 1), NONE);
	KUNIT_EXPECT_EQ(test, b->strict->done, 1);
	KUNIT_EXPECT_EQ(test, b->strict->whole, 1);
	KUNIT_EXPECT_EQ(test, b->r.n_parts, 1);
	KUNIT_EXPECT_EQ(test, goes_on(b, 2, 1, 200, 20, 100, 1), NONE);
	KUNIT_EXPECT_EQ(test, goes_on(b, 3, 2, 200, 120, 100, 1), NONE);
	KUNIT_EXPECT_EQ(test, b->strict->done, 2);

	KUNIT_EXPECT_EQ(test, begins(b, 4, 150, 100, 1), NONE);
	memset(b->cell, 0, sizeof(b->cell));
	inner(b->cell, 100, 51, 1);
	p[51] = 0x45;
	p[54] = 30;
	KUNIT_EXPECT_EQ(test, take(b, 5, 105, 1), RTPL_DROP_BAD_CELL);
	KUNIT_EXPECT_EQ(test, b->strict->whole, 1);
	EXPECT_STRICT(test, b);
}

/* A part lives until a cell comes that is more than RTPL_REASM_WINDOW newer. */
static void window(struct kunit *test)
{
	struct bench *b = bench_of(test);
	u32 w = RTPL_REASM_WINDOW;

	KUNIT_EXPECT_EQ(test, begins(b, 1000, 400, 100, 1), NONE);
	KUNIT_EXPECT_EQ(test, begins(b, 1003, 20, 20, 1), NONE);
	KUNIT_EXPECT_EQ(test, begins(b, 1003 + w - 3, 20, 20, 1), NONE);
	KUNIT_EXPECT_EQ(test, b->strict->lost, 0);
	KUNIT_EXPECT_EQ(test, begins(b, 1003 + w - 2, 20, 20, 1), NONE);
	KUNIT_EXPECT_EQ(test, b->strict->lost, 1);
	/* what comes later of it is known as lost, and not counted again */
	KUNIT_EXPECT_EQ(test, goes_on(b, 1001, 1, 400, 100, 100, 1), NONE);
	KUNIT_EXPECT_EQ(test, goes_on(b, 1002, 2, 400, 200, 100, 1), NONE);
	KUNIT_EXPECT_EQ(test, b->r.n_parts, 0);
	KUNIT_EXPECT_EQ(test, b->strict->lost, 1);
	/* of which nothing was ever seen: lost when first seen, once */
	KUNIT_EXPECT_EQ(test, goes_on(b, 901, 1, 400, 100, 100, 1), RTPL_DROP_REASM_LOST);
	KUNIT_EXPECT_EQ(test, goes_on(b, 902, 2, 400, 200, 100, 1), NONE);
	KUNIT_EXPECT_EQ(test, begins(b, 900, 400, 100, 1), NONE);
	KUNIT_EXPECT_EQ(test, begins(b, 800, 400, 100, 1), RTPL_DROP_REASM_LOST);
	/* whole blocks are good, however late */
	KUNIT_EXPECT_EQ(test, begins(b, 2, 20, 20, 1), NONE);
	KUNIT_EXPECT_EQ(test, b->strict->whole, 4);
	KUNIT_EXPECT_EQ(test, b->strict->lost, 1);
	EXPECT_STRICT(test, b);
}

/* Several parts fall behind at once, those that do not stay. */
static void window_jump(struct kunit *test)
{
	struct bench *b = bench_of(test);
	u32 i;

	for (i = 0; i < 6; i++)
		KUNIT_EXPECT_EQ(test, begins(b, 100 * i, 400, 100, 1), NONE);
	KUNIT_EXPECT_EQ(test, begins(b, 300 + RTPL_REASM_WINDOW, 20, 20, 1), NONE);
	KUNIT_EXPECT_EQ(test, b->strict->lost, 3);
	KUNIT_EXPECT_EQ(test, b->r.n_parts, 3);
	KUNIT_EXPECT_EQ(test, begins(b, 301 + RTPL_REASM_WINDOW, 20, 20, 1), NONE);
	KUNIT_EXPECT_EQ(test, b->strict->lost, 4);
	KUNIT_EXPECT_EQ(test, begins(b, RTPL_REJECT_AFTER_CELLS, 20, 20, 1), NONE);
	KUNIT_EXPECT_EQ(test, b->strict->lost, 6);
	KUNIT_EXPECT_EQ(test, b->r.n_parts, 0);
	EXPECT_STRICT(test, b);
}

/* With all slots taken the oldest makes room, unless the new one is older still. */
static void slots_full(struct kunit *test)
{
	struct bench *b = bench_of(test);
	u32 i;

	/* the oldest is in neither the first slot nor the last */
	for (i = 0; i < RTPL_REASM_SLOTS; i++)
		KUNIT_EXPECT_EQ(test, begins(b, 10 + (i + 5) % RTPL_REASM_SLOTS * 2,
					     400, 100, 1), NONE);
	KUNIT_EXPECT_EQ(test, b->strict->lost, 0);
	KUNIT_EXPECT_EQ(test, begins(b, 8, 400, 100, 1), RTPL_DROP_REASM_FULL);
	KUNIT_EXPECT_EQ(test, b->strict->lost, 0);
	KUNIT_EXPECT_EQ(test, begins(b, 100, 400, 100, 1), NONE);
	KUNIT_EXPECT_EQ(test, b->strict->lost, 1);
	KUNIT_EXPECT_EQ(test, b->r.n_parts, RTPL_REASM_SLOTS);
	/* the one given up does not come back, the next oldest is still there */
	KUNIT_EXPECT_EQ(test, goes_on(b, 11, 1, 400, 100, 300, 1), NONE);
	KUNIT_EXPECT_EQ(test, b->strict->lost, 1);
	KUNIT_EXPECT_EQ(test, b->strict->done, 0);
	KUNIT_EXPECT_EQ(test, goes_on(b, 13, 1, 400, 100, 100, 1), NONE);
	KUNIT_EXPECT_EQ(test, goes_on(b, 14, 2, 400, 200, 200, 1), NONE);
	KUNIT_EXPECT_EQ(test, b->strict->done, 1);
	KUNIT_EXPECT_EQ(test, b->strict->lost, 1);
	EXPECT_STRICT(test, b);
}

/* More holes than ranges: pieces are left out, nothing breaks, and the reason is told. */
static void ranges_full(struct kunit *test)
{
	struct rtpl_reasm_ops ops = m_strict_ops;
	struct bench *b = bench_of(test);
	u32 i;

	ops.lost = lost_why;
	for (i = 0; i < RTPL_REASM_RANGES + 3; i++)
		KUNIT_EXPECT_EQ(test, goes_on(b, 20 + i * 2, 10 + i * 2, 2000,
					      20 + i * 20, 10, 1), NONE);
	KUNIT_EXPECT_EQ(test, b->r.part[0].n_ranges, RTPL_REASM_RANGES);
	KUNIT_EXPECT_EQ(test, b->r.part[0].have, RTPL_REASM_RANGES * 10);
	/* holes can still be closed, at the front, between and at the end */
	KUNIT_EXPECT_EQ(test, goes_on(b, 21, 11, 2000, 30, 10, 1), NONE);
	KUNIT_EXPECT_EQ(test, b->r.part[0].n_ranges, RTPL_REASM_RANGES - 1);
	KUNIT_EXPECT_EQ(test, goes_on(b, 99, 89, 2000, 1990, 10, 1), NONE);
	KUNIT_EXPECT_EQ(test, b->r.part[0].n_ranges, RTPL_REASM_RANGES);
	rtpl_reasm_flush(&b->r, &ops, b->strict);
	KUNIT_EXPECT_EQ(test, last_why, RTPL_DROP_REASM_FULL);

	/* the reason stays, by whatever way the part is given up */
	for (i = 0; i < RTPL_REASM_RANGES + 1; i++)
		goes_on(b, 1020 + i * 2, 10 + i * 2, 2000, 20 + i * 20, 10, 1);
	last_why = RTPL_DROP_COUNT;
	begins(b, 3000, 400, 100, 1);
	KUNIT_EXPECT_EQ(test, b->strict->lost, 2);
	KUNIT_EXPECT_EQ(test, last_why, RTPL_DROP_REASM_FULL);
	rtpl_reasm_flush(&b->r, &ops, b->strict);
	KUNIT_EXPECT_EQ(test, last_why, RTPL_DROP_REASM_LOST);
	EXPECT_STRICT(test, b);
}

static void no_memory(struct kunit *test)
{
	struct bench *b = bench_of(test);

	b->strict->refuse = 1;
	KUNIT_EXPECT_EQ(test, begins(b, 10, 400, 100, 1), RTPL_DROP_NO_MEMORY);
	/* memory is there again, but this block is gone */
	KUNIT_EXPECT_EQ(test, goes_on(b, 11, 1, 400, 100, 100, 1), NONE);
	KUNIT_EXPECT_EQ(test, b->r.n_parts, 0);
	KUNIT_EXPECT_EQ(test, begins(b, 12, 400, 100, 1), NONE);
	KUNIT_EXPECT_EQ(test, b->r.n_parts, 1);
	EXPECT_STRICT(test, b);

	/* with all slots taken, no memory for another takes none away */
	m_strict_reset(b->strict);
	rtpl_reasm_init(&b->r, rtpl_block_types);
	for (b->strict->begun = 0; b->strict->begun < RTPL_REASM_SLOTS;)
		begins(b, b->strict->begun, 400, 100, 1);
	b->strict->refuse = 1U << RTPL_REASM_SLOTS;
	KUNIT_EXPECT_EQ(test, begins(b, 100, 400, 100, 1), RTPL_DROP_NO_MEMORY);
	KUNIT_EXPECT_EQ(test, b->r.n_parts, RTPL_REASM_SLOTS);
	KUNIT_EXPECT_EQ(test, b->strict->lost, 0);
	EXPECT_STRICT(test, b);
}

/* Two things wrong in one cell are both told. */
static void two_drops(struct kunit *test)
{
	struct bench *b = bench_of(test);
	struct rtpl_reasm_result res;

	b->strict->refuse = ~0;
	inner(b->cell, 100, 50, 1);
	b->cell[55] = 0xa0;
	res = rtpl_reasm_cell(&b->r, 9, b->cell, 105, 1, &m_strict_ops, b->strict);
	KUNIT_EXPECT_TRUE(test, res.data);
	KUNIT_EXPECT_EQ(test, res.drop, RTPL_DROP_NO_MEMORY);
	KUNIT_EXPECT_EQ(test, res.drop2, RTPL_DROP_BAD_BLOCK);
}

static void expire(struct kunit *test)
{
	struct bench *b = bench_of(test);

	KUNIT_EXPECT_EQ(test, rtpl_reasm_expire(&b->r, 50, &m_strict_ops, b->strict), U64_MAX);
	begins(b, 0, 400, 100, 30);
	begins(b, 2, 400, 100, 10);
	begins(b, 4, 400, 100, 20);
	goes_on(b, 3, 1, 400, 100, 100, 99);	/* a piece makes it younger */
	KUNIT_EXPECT_EQ(test, rtpl_reasm_expire(&b->r, 19, &m_strict_ops, b->strict), 20);
	KUNIT_EXPECT_EQ(test, b->strict->lost, 0);
	KUNIT_EXPECT_EQ(test, rtpl_reasm_expire(&b->r, 20, &m_strict_ops, b->strict), 30);
	KUNIT_EXPECT_EQ(test, b->strict->lost, 1);
	KUNIT_EXPECT_EQ(test, rtpl_reasm_expire(&b->r, 30, &m_strict_ops, b->strict), 99);
	KUNIT_EXPECT_EQ(test, rtpl_reasm_expire(&b->r, 99, &m_strict_ops, b->strict), U64_MAX);
	KUNIT_EXPECT_EQ(test, b->strict->lost, 3);
	m_strict_check(b->strict, &b->r);
	KUNIT_EXPECT_EQ(test, goes_on(b, 1, 1, 400, 100, 100, 99), NONE);
	KUNIT_EXPECT_EQ(test, b->r.n_parts, 0);
	begins(b, 6, 400, 100, 30);
	rtpl_reasm_flush(&b->r, &m_strict_ops, b->strict);
	KUNIT_EXPECT_EQ(test, b->strict->lost, 4);
	KUNIT_EXPECT_EQ(test, b->r.n_parts, 0);
	EXPECT_STRICT(test, b);
}

/* Cells at random, half plausible: bookkeeping holds whatever comes. */
static void lies(struct kunit *test)
{
	struct bench *b = bench_of(test);
	struct m_rng rng = { 7 };
	static const u8 types[] = { 0x45, 0x60, 0x11, 0x21, 0x45 };
	u32 i, j, counter = 0, len, total;
	u8 *p = b->cell;

	for (i = 0; i < 60000; i++) {
		if (i % 1000 == 0) {
			rtpl_reasm_flush(&b->r, &m_strict_ops, b->strict);
			rtpl_reasm_init(&b->r, rtpl_block_types);
			b->strict->refuse = m_rand(&rng) & m_rand(&rng) & m_rand(&rng);
			counter = m_below(&rng, 3) ? 1000 : m_below(&rng, 20);
		}
		len = m_below(&rng, m_chance(&rng, 100) ? 2041 : 200);
		for (j = 0; j < len; j += 8)
			put_unaligned_le64(m_rand(&rng) & m_rand(&rng) & m_rand(&rng), p + j);
		if (len > 40 && m_chance(&rng, 900)) {
			total = 100 * (1 + m_below(&rng, 4));
			j = 100 * m_below(&rng, 4);
			if (m_chance(&rng, 100)) {
				total = m_below(&rng, 70000);
				j = m_below(&rng, total + 1);
			}
			inner(p, j, total - j, m_chance(&rng, 50) ? m_below(&rng, 6) : j / 100);
			p[5] = types[m_below(&rng, ARRAY_SIZE(types))];
			if (!j && m_chance(&rng, 900)) {
				p[5] = 0x45;
				put_unaligned_be16(total, p + 7);
				inner(p, 0, 0, 0);
			}
			if (m_chance(&rng, 800))
				len = 105;
		}
		counter += m_chance(&rng, 20) ? m_below(&rng, 600) : m_below(&rng, 3);
		take(b, m_chance(&rng, 300) ? counter - min_t(u32, counter, m_below(&rng, 8))
					    : counter, len, i);
		if (m_chance(&rng, 3))
			rtpl_reasm_expire(&b->r, i - 50, &m_strict_ops, b->strict);
		if (b->strict->fault)
			break;
	}
	EXPECT_STRICT(test, b);
	KUNIT_EXPECT_GT(test, b->strict->done, 20);
	KUNIT_EXPECT_GT(test, b->strict->lost, 100);
	KUNIT_EXPECT_GT(test, b->strict->whole, 100);
}

/* Runs of whole segments in every form of range, against a look at each segment. */
static void part_runs(struct kunit *test)
{
	struct rtpl_gso g = { .kind = RTPL_GSO_UDP4, .hdr_len = 28, .l4_off = 20 };
	struct m_rng rng = { 8 };
	u32 i, k, at, end, payload, edge;
	struct rtpl_part part = {};
	u16 first, n, next;
	bool have;

	for (i = 0; i < 20000; i++) {
		g.gso_size = 1 + m_below(&rng, 9);
		payload = g.gso_size + 1 + m_below(&rng, 60);
		g.pkt_len = 28 + payload;
		g.segs = DIV_ROUND_UP(payload, g.gso_size);
		part.len = 8 + g.pkt_len + 36;
		part.n_ranges = 0;
		for (edge = m_below(&rng, 50); edge < part.len && part.n_ranges < 6;) {
			part.range[part.n_ranges].from = edge;
			edge = min_t(u32, part.len, edge + 1 + m_below(&rng, 30));
			part.range[part.n_ranges++].to = edge;
			edge += 1 + m_below(&rng, 12);
		}
		first = 0;
		next = 0;
		do {
			n = rtpl_part_run(&part, &g, &first);
			for (k = next; k < (n ? first + n : g.segs); k++) {
				at = 36 + k * g.gso_size;
				end = min_t(u32, at + g.gso_size, 8 + g.pkt_len);
				have = rtpl_part_has(&part, at, end);
				KUNIT_ASSERT_EQ(test, have, n && k >= first);
			}
			first += n;
			next = first;
		} while (n);
	}
}

struct at {
	const u8 *bytes;
};

static void copy_at(void *priv, u16 off, u8 *dst, u16 len)
{
	memcpy(dst, ((struct at *)priv)->bytes + off, len);
}

/* Head or trailer: both, either or none; and a packet's end that looks like one. */
static void part_heads(struct kunit *test)
{
	struct m_net *net = m_net_of(test);
	u8 *block = net->scratch[0], hdr[255];
	struct rtpl_part part = {};
	u32 len, hl, trailer;
	struct m_pkt *pkt;
	struct rtpl_gso g;
	struct at at = { block };

	pkt = m_add(net, 0x10 | RTPL_GSO_UDP6, 1000, 300);
	hl = pkt->g.hdr_len;
	len = 8 + 1000 + hl + 8;
	trailer = len - hl - 8;
	pkt->g.flags = RTPL_GSO_F_TRAILER;
	rtpl_gso_build(&pkt->g, block);
	memcpy(block + 8, net->pkt_bytes + pkt->off, 1000);
	memcpy(block + trailer, block + 8, hl);
	memcpy(block + len - 8, block, 8);
	part.len = len;
	part.n_ranges = 1;

#define EXPECT_HEAD(a, b, want) do {						\
	part.range[0].from = a;							\
	part.range[0].to = b;							\
	KUNIT_EXPECT_EQ(test, rtpl_part_gso(&part, copy_at, &at, &g, hdr), want);	\
} while (0)
	EXPECT_HEAD(0, 8 + hl, true);
	KUNIT_EXPECT_MEMEQ(test, &g, &pkt->g, sizeof(g));
	KUNIT_EXPECT_MEMEQ(test, hdr, block + 8, hl);
	EXPECT_HEAD(0, 7 + hl, false);
	EXPECT_HEAD(1, 500, false);
	memset(hdr, 0, sizeof(hdr));
	EXPECT_HEAD(trailer, len, true);
	KUNIT_EXPECT_MEMEQ(test, &g, &pkt->g, sizeof(g));
	KUNIT_EXPECT_MEMEQ(test, hdr, block + 8, hl);
	EXPECT_HEAD(trailer + 1, len, false);
	EXPECT_HEAD(len - 8, len, false);
	EXPECT_HEAD(8, len - 1, false);

	/* the first eight bytes, and the trailer */
	part.range[0].from = 0;
	part.range[0].to = 8;
	part.range[1].from = trailer;
	part.range[1].to = len;
	part.n_ranges = 2;
	KUNIT_EXPECT_TRUE(test, rtpl_part_gso(&part, copy_at, &at, &g, hdr));
	part.n_ranges = 1;

	/* the end says nothing of a trailer: it is payload, whatever it looks like */
	pkt->g.flags = 0;
	pkt->g.pkt_len = len - 8;
	rtpl_gso_build(&pkt->g, block + len - 8);
	put_unaligned_be16(pkt->g.pkt_len - 40, block + trailer + 4);
	put_unaligned_be16(pkt->g.pkt_len - 40, block + trailer + 44);
	EXPECT_HEAD(trailer, len, false);
	/* a head of another length */
	pkt->g.flags = RTPL_GSO_F_TRAILER;
	pkt->g.pkt_len = 1001;
	rtpl_gso_build(&pkt->g, block);
	EXPECT_HEAD(0, 500, false);
	/* no GSO block at all */
	block[0] = 0x45;
	EXPECT_HEAD(0, 500, false);
#undef EXPECT_HEAD
}

static struct kunit_case reasm_cases[] = {
	KUNIT_CASE(part_runs),
	KUNIT_CASE(part_heads),
	KUNIT_CASE(chaff),
	KUNIT_CASE(tiny),
	KUNIT_CASE(stubs),
	KUNIT_CASE(stubs_that_lie),
	KUNIT_CASE(stubs_window),
	KUNIT_CASE(bad_inner_heads),
	KUNIT_CASE(bad_blocks),
	KUNIT_CASE(several_in_one),
	KUNIT_CASE(pieces_in_any_order),
	KUNIT_CASE(overlaps),
	KUNIT_CASE(end_and_begin),
	KUNIT_CASE(window),
	KUNIT_CASE(window_jump),
	KUNIT_CASE(slots_full),
	KUNIT_CASE(ranges_full),
	KUNIT_CASE(no_memory),
	KUNIT_CASE(two_drops),
	KUNIT_CASE(expire),
	KUNIT_CASE(lies),
	{}
};

static struct kunit_suite reasm_suite = {
	.name = "rtpl_reasm",
	.test_cases = reasm_cases,
};

kunit_test_suite(reasm_suite);
