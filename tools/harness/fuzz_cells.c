// SPDX-License-Identifier: GPL-2.0
/*
 * Cells of a peer that lies: the joiner must keep its books, read within the
 * cell and write within its buffers, whatever the plaintexts say. A second
 * joiner is given no more of each cell than rtpl_cell_extent() wants, and
 * must see the same.
 *
 * Input: u8 base counter, u8 refuse, then cells: u8 step (which counter comes
 * next), le16 length (11 bits) and so many bytes.
 */
#include <stdio.h>

#include "../../kmod/kunit/model.h"

static void *alloc(void *ctx, size_t size)
{
	(void)ctx;
	return calloc(1, size);
}

static u32 step(u32 counter, u8 how)
{
	switch (how & 15) {
	case 0: case 1: case 2: case 3: case 4: case 5: case 6:
		return counter + 1;
	case 7:
		return counter;
	case 8:
		return counter + 2;
	case 9:
		return counter + RTPL_REASM_WINDOW + (how >> 4) - 8;
	case 10:
		return counter + 100 * (how >> 4);
	default:
		return counter - min_t(u32, counter, (how >> 4) * ((how & 15) - 10));
	}
}

static void need(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "%s\n", what);
	abort();
}

/* Bytes of the cell that tell all, found as rx does: a little more each time. */
static u16 extent(const u8 *cell, u16 len)
{
	u16 have = 0, want;
	u8 *known;

	for (;;) {
		known = malloc(have ? have : 1);
		memcpy(known, cell, have);
		want = rtpl_cell_extent(rtpl_block_types, known, have, len);
		free(known);
		need(want <= len, "more is wanted than there is");
		if (want <= have)
			return want;
		have = want;
	}
}

static void same(const struct m_strict *a, const struct m_strict *b,
		 struct rtpl_reasm_result x, struct rtpl_reasm_result y)
{
	need(x.drop == y.drop && x.drop2 == y.drop2 && x.data == y.data,
	     "the extent changes what a cell is");
	need(a->begun == b->begun && a->done == b->done && a->lost == b->lost &&
	     a->whole == b->whole && a->ctrl == b->ctrl,
	     "the extent changes what is joined");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct m_strict *strict, *strict2;
	struct rtpl_reasm_result res, res2;
	static struct rtpl_reasm r, r2;
	u32 counter, len, cells = 0;
	u64 now = 1000;
	u8 *cell, how;

	if (!strict)
		strict = m_strict_new(alloc, NULL);
	if (!strict2)
		strict2 = m_strict_new(alloc, NULL);
	if (size < 2)
		return 0;
	m_strict_reset(strict);
	m_strict_reset(strict2);
	rtpl_reasm_init(&r, rtpl_block_types);
	rtpl_reasm_init(&r2, rtpl_block_types);
	counter = data[0] == 255 ? RTPL_REJECT_AFTER_CELLS - 300 : data[0] * 7;
	strict->refuse = (data[1] & 15) == 1 ? data[1] * 0x01010101U : 0;
	strict2->refuse = strict->refuse;
	data += 2;
	size -= 2;

	while (size >= 3 && cells++ < 400) {
		how = data[0];
		len = (data[1] | data[2] << 8) & 0x7ff;
		data += 3;
		size -= 3;
		len = min_t(u32, len, size);
		counter = min_t(u32, step(counter, how), RTPL_REJECT_AFTER_CELLS);
		/* a buffer of its own: the sanitizer sees a read behind it */
		cell = malloc(len ? len : 1);
		memcpy(cell, data, len);
		data += len;
		size -= len;
		now += how;
		res = rtpl_reasm_cell(&r, counter, cell, len, now, &m_strict_ops, strict);
		len = extent(cell, len);
		res2 = rtpl_reasm_cell(&r2, counter, cell, len, now, &m_strict_ops, strict2);
		free(cell);
		same(strict, strict2, res, res2);
		m_strict_check(strict, &r);
		if (how == 0x66)
			need(rtpl_reasm_expire(&r, now - 500, &m_strict_ops, strict) ==
			     rtpl_reasm_expire(&r2, now - 500, &m_strict_ops, strict2),
			     "expiry differs");
		if (strict->fault)
			break;
	}
	rtpl_reasm_flush(&r, &m_strict_ops, strict);
	m_strict_check(strict, &r);
	need(!strict->fault, strict->fault);
	return 0;
}
