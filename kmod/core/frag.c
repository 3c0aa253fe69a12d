// SPDX-License-Identifier: GPL-2.0
/*
 * Cutting: blocks are laid over cells one after the other. A block begins where the previous one
 * ended, in the same cell if a byte is left, and continues behind the inner header of the cells
 * that follow.
 */
#include "frag.h"

static void put_inner(u8 *buf, u16 pos, u16 rest, u8 back)
{
	put_unaligned_le16(pos, buf);
	put_unaligned_le16(rest, buf + 2);
	buf[4] = back;
}

/* Begin another cell for the block under way. Return: false if that is too many for it. */
static bool fill_empty(struct rtpl_pack *pk, struct rtpl_fill *f, u8 *buf, u16 size)
{
	f->buf = buf;
	f->size = size;
	f->used = RTPL_INNER_HEAD;
	f->data = false;

	/* A block with nothing laid yet begins in this cell. */
	if (pk->len && pk->pos && pk->back == RTPL_BACK_MAX) {
		pk->len = 0;
		return false;
	}
	return true;
}

/**
 * rtpl_fill_chaff() - begin a cell without data
 * @pk: the block under way, if any; it continues in the next cell
 * @f: filled in
 * @buf: the cell's plaintext
 * @size: its bytes, more than RTPL_INNER_HEAD
 *
 * Context: Any; the caller serialises calls on @pk.
 * Return: true; false if the block under way had to be given up, as in rtpl_fill_begin().
 */
bool rtpl_fill_chaff(struct rtpl_pack *pk, struct rtpl_fill *f, u8 *buf, u16 size)
{
	bool kept = fill_empty(pk, f, buf, size);

	if (pk->len && pk->pos)
		pk->back++;
	put_inner(buf, 0, 0, 0);
	return kept;
}

bool rtpl_fill_begin(struct rtpl_pack *pk, struct rtpl_fill *f, u8 *buf, u16 size)
{
	bool kept = fill_empty(pk, f, buf, size);

	if (pk->len && pk->pos) {
		pk->back++;
		put_inner(buf, pk->pos, pk->len - pk->pos, pk->back);
	} else {
		put_inner(buf, 0, 0, 0);
	}
	return kept;
}

/**
 * rtpl_fill_room() - bytes that can still be laid into the cell
 * @f: the cell
 *
 * Context: Any; the caller serialises calls on @f.
 * Return: bytes of plaintext.
 */
u16 rtpl_fill_room(const struct rtpl_fill *f)
{
	return f->size - f->used;
}

/* Would a block of @len bytes span at most RTPL_BACK_MAX further cells? */
static bool fits_back(const struct rtpl_fill *f, u16 cell_room, u32 len)
{
	u16 room = rtpl_fill_room(f);

	return len <= (room ? room : cell_room) + (u32)RTPL_BACK_MAX * cell_room;
}

static void pack_start(struct rtpl_pack *pk, u16 pkt_len, u8 head_len, u16 trailer_len)
{
	pk->len = head_len + pkt_len + trailer_len;
	pk->pos = 0;
	pk->pkt_len = pkt_len;
	pk->head_len = head_len;
	pk->back = 0;
	pk->trailer_len = trailer_len;
}

/**
 * rtpl_pack_block() - begin a block
 * @pk: no block may be under way in it
 * @f: the cell in which the block will begin
 * @cell_room: plaintext bytes behind the inner header in the cells to come, for the check against
 *	RTPL_BACK_MAX
 * @types: types that the block may have (block.h)
 * @first8: its first RTPL_BLOCK_HEAD bytes
 * @len: its bytes; the block's own header must give the same
 *
 * Context: Any; the caller serialises calls on @pk and @f.
 * Return: 0, -EMSGSIZE (larger than a block can be, or over too many cells), -EINVAL (empty, of an
 * unknown type, or of another length).
 */
int rtpl_pack_block(struct rtpl_pack *pk, const struct rtpl_fill *f, u16 cell_room,
		    const rtpl_block_len_fn *types, const u8 *first8, u32 len)
{
	if (len > RTPL_BLOCK_MAX)
		return -EMSGSIZE;
	if (!len || rtpl_block_len(types, first8) != len)
		return -EINVAL;
	if (!fits_back(f, cell_room, len))
		return -EMSGSIZE;

	pack_start(pk, len, 0, 0);
	return 0;
}

/**
 * rtpl_pack_ip() - begin a block of a plain IP packet
 * @pk: as in rtpl_pack_block()
 * @f: likewise
 * @cell_room: likewise
 * @first8: the packet's first RTPL_BLOCK_HEAD bytes
 * @len: its bytes; its header must give the same
 *
 * Context: Any; the caller serialises calls on @pk and @f.
 * Return: 0, -EMSGSIZE, -EINVAL, as rtpl_pack_block(); the latter also if it is not an IP packet.
 */
int rtpl_pack_ip(struct rtpl_pack *pk, const struct rtpl_fill *f, u16 cell_room,
		 const u8 *first8, u32 len)
{
	u8 type = first8[0] >> 4;

	if (type != RTPL_BLOCK_IPV4 && type != RTPL_BLOCK_IPV6)
		return -EINVAL;
	return rtpl_pack_block(pk, f, cell_room, rtpl_block_types, first8, len);
}

/**
 * rtpl_pack_gso() - begin a block of a super-packet
 * @pk: as in rtpl_pack_block()
 * @f: likewise; the block gets a trailer if it does not fit into this cell
 * @cell_room: likewise
 * @g: the packet's facts; RTPL_GSO_F_TRAILER in them is ignored
 * @hdr: the packet's headers, @g->hdr_len bytes
 *
 * The trailer repeats the headers and the facts, so that losing the first cell costs only the bytes
 * that it carried.
 *
 * Context: Any; the caller serialises calls on @pk and @f.
 * Return: 0, -EMSGSIZE as rtpl_pack_block(), -EINVAL (facts and headers contradict each other).
 */
int rtpl_pack_gso(struct rtpl_pack *pk, const struct rtpl_fill *f, u16 cell_room,
		  const struct rtpl_gso *g, const u8 *hdr)
{
	u32 len = sizeof(pk->head) + g->pkt_len;
	struct rtpl_gso out = *g, check;
	u16 trailer_len = 0;

	out.flags &= ~RTPL_GSO_F_TRAILER;
	if (len > (u32)(f->size - f->used)) {
		trailer_len = g->hdr_len + sizeof(pk->head);
		out.flags |= RTPL_GSO_F_TRAILER;
		len += trailer_len;
	}
	if (len > RTPL_BLOCK_MAX || !fits_back(f, cell_room, len))
		return -EMSGSIZE;

	rtpl_gso_build(&out, pk->head);
	if (rtpl_gso_parse(pk->head, hdr, g->hdr_len, len, &check))
		return -EINVAL;

	pack_start(pk, g->pkt_len, sizeof(pk->head), trailer_len);
	if (trailer_len) {
		memcpy(pk->trailer, hdr, g->hdr_len);
		memcpy(pk->trailer + g->hdr_len, pk->head, sizeof(pk->head));
	}
	return 0;
}

bool rtpl_pack_put(struct rtpl_pack *pk, struct rtpl_fill *f,
		   rtpl_copy_fn copy, void *priv)
{
	u32 pkt_end = pk->head_len + pk->pkt_len;
	u16 room = rtpl_fill_room(f);
	u8 *dst = f->buf + f->used;
	u16 n, left;

	if (!pk->len)
		return true;
	left = min_t(u16, room, pk->len - pk->pos);
	if (!left)
		return false;
	f->used += left;
	f->data = true;

	if (pk->pos < pk->head_len) {
		n = min_t(u16, left, pk->head_len - pk->pos);
		memcpy(dst, pk->head + pk->pos, n);
		pk->pos += n;
		dst += n;
		left -= n;
	}
	if (left && pk->pos < pkt_end) {
		n = min_t(u16, left, pkt_end - pk->pos);
		copy(priv, pk->pos - pk->head_len, dst, n);
		pk->pos += n;
		dst += n;
		left -= n;
	}
	if (left) {
		memcpy(dst, &pk->trailer[pk->pos - pkt_end], left);
		pk->pos += left;
	}

	if (pk->pos < pk->len)
		return false;
	pk->len = 0;
	return true;
}

/**
 * rtpl_pack_ctrl() - put a control block into the cell
 * @pk: the block under way, if any
 * @f: the cell
 * @type: enum rtpl_ctrl_type
 * @body: the block's body; may be NULL if @len is 0
 * @len: its bytes
 *
 * A control block is never cut.
 *
 * Context: Any; the caller serialises calls on @pk and @f.
 * Return: true; false if it does not fit or another block is under way; then nothing is put.
 */
bool rtpl_pack_ctrl(struct rtpl_pack *pk, struct rtpl_fill *f, u8 type,
		    const u8 *body, u8 len)
{
	u8 *dst = f->buf + f->used;

	if (pk->len || rtpl_fill_room(f) < 2 + len)
		return false;
	dst[0] = RTPL_BLOCK_CTRL << 4 | (type & 0x0f);
	dst[1] = len;
	if (len)
		memcpy(dst + 2, body, len);
	f->used += 2 + len;
	f->data = true;
	return true;
}

/**
 * rtpl_fill_mark() - mark a cell without data as chaff
 * @f: the cell
 *
 * In the timers of both ends such a cell counts like one with data; a keepalive does not (rekey.h).
 * Nothing is put if fewer than two bytes are left.
 *
 * Context: Any; the caller serialises calls on @f.
 */
void rtpl_fill_mark(struct rtpl_fill *f)
{
	if (rtpl_fill_room(f) < 2)
		return;
	f->buf[f->used++] = RTPL_BLOCK_CTRL << 4 | RTPL_CTRL_CHAFF;
	f->buf[f->used++] = 0;
}

/**
 * rtpl_fill_sealed() - plaintext bytes that must be enciphered
 * @f: the cell, before rtpl_fill_end()
 * @step: the result is a multiple of this, or all of the cell; not 0
 *
 * These are the blocks and the first byte of padding, which marks that no block follows. The other
 * end never looks at the bytes behind them.
 *
 * Context: Any; the caller serialises calls on @f.
 * Return: bytes, inner header included.
 */
u16 rtpl_fill_sealed(const struct rtpl_fill *f, u16 step)
{
	u32 n = f->used + 1;

	return min_t(u32, n + step - 1 - (n + step - 1) % step, f->size);
}

/**
 * rtpl_fill_end() - zero the rest of the cell
 * @f: the cell
 *
 * Context: Any; the caller serialises calls on @f.
 * Return: bytes of padding.
 */
u16 rtpl_fill_end(struct rtpl_fill *f)
{
	u16 pad = f->size - f->used;

	memset(f->buf + f->used, 0, pad);
	f->used = f->size;
	return pad;
}
