/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Packets as blocks over cells, and back (wire.h has the format; the idea is
 * that of RFC 9347, section 2). The caller owns buffers and copies packet
 * bytes; these functions own every byte of framing.
 */
#ifndef RTPL_CORE_FRAG_H
#define RTPL_CORE_FRAG_H

#include "block.h"
#include "drop.h"
#include "gso.h"
#include "wire.h"

/* ---- cutting: packets into cells ---- */

/*
 * One block that is being laid over cells. Bytes [0, head_len) come from head, the next pkt_len
 * from the packet, the rest from trailer.
 */
struct rtpl_pack {
	u16 len;		/* of the whole block; 0: no block under way */
	u16 pos;		/* laid so far */
	u16 pkt_len;
	u8 head_len;		/* 0, or sizeof(struct rtpl_gso_head) */
	u8 back;		/* cells begun after the block's first one */
	u16 trailer_len;
	u8 head[sizeof(struct rtpl_gso_head)];
	u8 trailer[255 + sizeof(struct rtpl_gso_head)];
};

/* The plaintext of a cell that is being filled. */
struct rtpl_fill {
	u8 *buf;		/* inner header first */
	u16 size;		/* of the plaintext: cell - CELL_HEAD - TAG_LEN */
	u16 used;
	bool data;		/* carries more than padding */
};

/* Copies len packet bytes from offset off to dst. */
typedef void (*rtpl_copy_fn)(void *priv, u16 off, u8 *dst, u16 len);

/**
 * rtpl_fill_begin() - begin a cell: write the inner header for what @pk continues
 * @pk: the block under way, if any
 * @f: filled in
 * @buf: the cell's plaintext
 * @size: its bytes, more than RTPL_INNER_HEAD
 *
 * This or rtpl_fill_chaff() must be called for every cell, in counter order. The cell continues
 * the block under way, whose bytes rtpl_pack_put() must lay into it. A block under way belongs to
 * one key's counters: with a new key, start it again (pk->len = 0).
 *
 * Return: true; false if the block under way had to be given up because it would span more than
 * RTPL_BACK_MAX further cells (cells that shrank after it was begun). The cell is begun
 * nevertheless, and continues nothing.
 */
bool rtpl_fill_begin(struct rtpl_pack *pk, struct rtpl_fill *f, u8 *buf, u16 size);
bool rtpl_fill_chaff(struct rtpl_pack *pk, struct rtpl_fill *f, u8 *buf, u16 size);

u16 rtpl_fill_room(const struct rtpl_fill *f);

int rtpl_pack_block(struct rtpl_pack *pk, const struct rtpl_fill *f, u16 cell_room,
		    const rtpl_block_len_fn *types, const u8 *first8, u32 len);
int rtpl_pack_ip(struct rtpl_pack *pk, const struct rtpl_fill *f, u16 cell_room,
		 const u8 *first8, u32 len);
int rtpl_pack_gso(struct rtpl_pack *pk, const struct rtpl_fill *f, u16 cell_room,
		  const struct rtpl_gso *g, const u8 *hdr);

/**
 * rtpl_pack_put() - lay as much of the block under way into the cell as fits
 * @pk: the block
 * @f: the cell
 * @copy: gives the packet's bytes
 * @priv: for @copy
 *
 * Return: true when the block is complete (pk->len is 0 again).
 */
bool rtpl_pack_put(struct rtpl_pack *pk, struct rtpl_fill *f,
		   rtpl_copy_fn copy, void *priv);

bool rtpl_pack_ctrl(struct rtpl_pack *pk, struct rtpl_fill *f, u8 type,
		    const u8 *body, u8 len);

u16 rtpl_fill_end(struct rtpl_fill *f);

void rtpl_fill_mark(struct rtpl_fill *f);
u16 rtpl_fill_sealed(const struct rtpl_fill *f, u16 step);

/* ---- joining: cells into packets ---- */

/**
 * rtpl_cell_extent() - find how far into a cell's plaintext blocks go
 * @types: types that exist
 * @plain: plaintext, inner header first
 * @have: bytes of it that are known
 * @len: bytes that exist
 *
 * Call it again with more bytes if the answer is above @have. Malformed blocks are left to
 * rtpl_reasm_cell(), which sees them within the returned bytes. Bounded work: at most @have / 2
 * blocks are passed over.
 *
 * Return: bytes needed to know more (> @have), or bytes up to the end of the blocks (<= @have),
 * which rtpl_reasm_cell() must get.
 */
u16 rtpl_cell_extent(const rtpl_block_len_fn *types, const u8 *plain, u16 have, u16 len);

#define RTPL_REASM_SLOTS	16	/* incomplete blocks at a time: bounds cells' lateness */
#define RTPL_REASM_RANGES	16	/* one more than the holes that a block may have */
#define RTPL_REASM_STUBS	4	/* blocks with only their first few bytes known */
#define RTPL_REASM_WINDOW	512	/* cells after which an incomplete block is given up */

#define RTPL_REASM_GONE		8	/* lost blocks whose late cells are recognised */

struct rtpl_range { u16 from, to; };	/* bytes [from, to) */

/* A block of which some bytes have come. */
struct rtpl_part {
	void *buf;		/* the caller's, from ops->begin */
	u64 since;		/* ns, when a piece came last */
	u32 start;		/* counter of the cell in which it began */
	u16 len;		/* of the whole block; 0: slot is free */
	u16 have;		/* bytes, sum of ranges */
	u8 n_ranges;
	u8 why;			/* for ops->lost: RTPL_DROP_REASM_LOST, _FULL or BAD_BLOCK */
	u8 head[RTPL_BLOCK_HEAD];	/* the block's first bytes, as far as they have come */
	struct rtpl_range range[RTPL_REASM_RANGES];	/* ascending, never touching */
};

/*
 * Functions that the joiner calls, synchronously from rtpl_reasm_cell() and rtpl_reasm_expire();
 * data is only valid during the call.
 */
struct rtpl_reasm_ops {
	/*
	 * A block that began in cell @start comes next; segments of blocks that began earlier can
	 * go first. Called once for all whole blocks of a cell. May be NULL.
	 */
	void (*order)(void *priv, u32 start);
	/* A whole block of a known type, within one cell. */
	void (*whole)(void *priv, const u8 *data, u16 len);
	/* A block over several cells: get a buffer of len bytes. NULL: no memory. */
	void *(*begin)(void *priv, u16 len);
	void (*put)(void *priv, void *buf, u16 pos, const u8 *data, u16 len);
	/* It is complete: part->len bytes; the buffer passes to the caller. */
	void (*done)(void *priv, void *buf, const struct rtpl_part *part);
	/*
	 * It is given up, or complete but different from its own header (BAD_BLOCK): see part->why
	 * and part->range. The buffer passes to the caller; it is NULL, with len 0, if not even the
	 * block's length was known.
	 */
	void (*lost)(void *priv, void *buf, const struct rtpl_part *part);
	void (*ctrl)(void *priv, u8 type, const u8 *body, u8 len);
};

/* The first bytes of a block, too few to tell its length. */
struct rtpl_stub {
	u64 since;		/* ns */
	u32 start;		/* counter of its cell */
	u8 n;			/* bytes; 0: unused */
	u8 byte[RTPL_BLOCK_HEAD - 1];
};

/* The joiner of the cells of one key. */
struct rtpl_reasm {
	const rtpl_block_len_fn *types;
	u32 newest;		/* highest counter seen */
	u32 oldest;		/* no part starts before it; may be lower than necessary */
	bool any;
	u8 last;		/* slot used last, checked first */
	u8 n_parts;
	u8 gone_at;
	u32 gone[RTPL_REASM_GONE];	/* starts of blocks counted as lost, a ring */
	u8 n_stubs;
	struct rtpl_stub stub[RTPL_REASM_STUBS];
	struct rtpl_part part[RTPL_REASM_SLOTS];
};

/* Result for one cell. */
struct rtpl_reasm_result {
	bool data;		/* the cell carried a piece of a packet or control */
	bool chaff;		/* it is marked as chaff; a keepalive is not */
	u8 drop;		/* enum rtpl_drop if something was wrong, or RTPL_DROP_COUNT */
	u8 drop2;		/* likewise, if two things were wrong */
};

void rtpl_reasm_init(struct rtpl_reasm *r, const rtpl_block_len_fn *types);

/**
 * rtpl_reasm_cell() - process an authenticated cell, in any order, but each counter once
 * @r: the joiner, one for each key
 * @counter: the cell's
 * @plain: the cell's plaintext, inner header first
 * @len: its bytes
 * @now: ns, any monotonic clock
 * @ops: functions to call
 * @priv: for @ops
 *
 * Delivers at once all that is complete: nothing waits for a cell of another block. Every block's
 * length is checked against its own header, as its type defines (block.h), but the other facts of a
 * GSO head are not: the caller has rtpl_gso_parse() for them. Bounded work: at most len / 20 + 3
 * packets, len / 2 control blocks, RTPL_REASM_SLOTS slots.
 *
 * A block counts as lost once: by ops->lost if any of its bytes had been kept, otherwise by the
 * result's drop (no memory, no slot, first seen too late). Late cells of the last RTPL_REASM_GONE
 * lost blocks are recognised and skipped; those of earlier ones may look like a new block, which is
 * then lost again.
 *
 * Return: see struct rtpl_reasm_result; it does not include what ops->lost was told. With BAD_CELL
 * or BAD_BLOCK the cell's bytes from there on were not used.
 */
struct rtpl_reasm_result
rtpl_reasm_cell(struct rtpl_reasm *r, u32 counter, const u8 *plain, u16 len,
		u64 now, const struct rtpl_reasm_ops *ops, void *priv);

u64 rtpl_reasm_expire(struct rtpl_reasm *r, u64 before,
		      const struct rtpl_reasm_ops *ops, void *priv);

void rtpl_reasm_flush(struct rtpl_reasm *r, const struct rtpl_reasm_ops *ops, void *priv);

/* ---- saving segments out of a GSO block that was given up ---- */

bool rtpl_part_has(const struct rtpl_part *part, u32 from, u32 to);

/**
 * rtpl_part_gso() - get the facts and headers of a GSO block, if they came
 * @part: the part, in ops->lost
 * @copy: gives the block's bytes (offsets count from the block's first byte)
 * @priv: for @copy
 * @g: facts
 * @hdr: the packet's headers, @g->hdr_len of them, room for 255
 *
 * Takes them from the head, or from the trailer if the head is lost.
 *
 * Return: false if neither came whole, or if it is not a GSO block.
 */
bool rtpl_part_gso(const struct rtpl_part *part, rtpl_copy_fn copy, void *priv,
		   struct rtpl_gso *g, u8 *hdr);

/**
 * rtpl_part_run() - find the next run of whole segments in what came
 * @part: the part, in ops->lost
 * @g: facts
 * @first: in: where to begin; out: the run's first segment
 *
 * Segment i's payload is at block offset 8 + hdr_len + i * gso_size. Pass
 * the run to rtpl_gso_run(), and go on with *@first += n.
 *
 * Return: segments in the run, 0 if there are no more.
 */
u16 rtpl_part_run(const struct rtpl_part *part, const struct rtpl_gso *g, u16 *first);

#endif /* RTPL_CORE_FRAG_H */
