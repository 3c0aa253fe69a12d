// SPDX-License-Identifier: GPL-2.0
/*
 * Joining: makes blocks from cells that come in any order. A block that was cut is identified by
 * the counter of the cell in which it began (only the last block of a cell can be cut), and its
 * pieces carry their position, so that a piece is useful whatever was lost or late before it.
 * Nothing waits: the cell that completes a block delivers it.
 *
 * An incomplete block (a part) is given up when RTPL_REASM_WINDOW newer cells
 * have come, when its time is up, or when its slot is needed.
 */
#include "block.h"
#include "frag.h"

#define NONE	U32_MAX		/* no cell has this counter, wire.h */

static struct rtpl_part *find(struct rtpl_reasm *r, u32 start)
{
	struct rtpl_part *part = &r->part[r->last];
	u8 i;

	if (likely(part->len && part->start == start))
		return part;
	if (!r->n_parts)
		return NULL;
	for (i = 0; i < RTPL_REASM_SLOTS; i++) {
		part = &r->part[i];
		if (part->len && part->start == start) {
			r->last = i;
			return part;
		}
	}
	return NULL;
}

static void note_gone(struct rtpl_reasm *r, u32 start)
{
	r->gone[r->gone_at++ % RTPL_REASM_GONE] = start;
}

static bool is_gone(const struct rtpl_reasm *r, u32 start)
{
	u8 i;

	for (i = 0; i < RTPL_REASM_GONE; i++)
		if (r->gone[i] == start)
			return true;
	return false;
}

static void slot_free(struct rtpl_reasm *r, struct rtpl_part *part)
{
	part->len = 0;
	if (!--r->n_parts && !r->n_stubs)
		r->oldest = NONE;
}

/* part->len is still set during ops->lost and ops->done: the callbacks read it. */
static void give_up(struct rtpl_reasm *r, struct rtpl_part *part, u8 why,
		    const struct rtpl_reasm_ops *ops, void *priv)
{
	void *buf = part->buf;

	note_gone(r, part->start);
	part->why = why;
	part->buf = NULL;
	ops->lost(priv, buf, part);
	slot_free(r, part);
}

/* The first bytes of block @start, if they are kept. */
static struct rtpl_stub *stub_find(struct rtpl_reasm *r, u32 start)
{
	u8 i;

	for (i = 0; r->n_stubs && i < RTPL_REASM_STUBS; i++)
		if (r->stub[i].n && r->stub[i].start == start)
			return &r->stub[i];
	return NULL;
}

static void stub_free(struct rtpl_reasm *r, struct rtpl_stub *stub)
{
	stub->n = 0;
	r->n_stubs--;
}

/* Give up a block of which only the first bytes are known. */
static void stub_give_up(struct rtpl_reasm *r, struct rtpl_stub *stub,
			 const struct rtpl_reasm_ops *ops, void *priv)
{
	const struct rtpl_part part = { .start = stub->start, .why = RTPL_DROP_REASM_LOST };

	note_gone(r, stub->start);
	stub_free(r, stub);
	ops->lost(priv, NULL, &part);
}

/* Move the window up to @counter and give up what falls behind it. */
static void advance(struct rtpl_reasm *r, u32 counter,
		    const struct rtpl_reasm_ops *ops, void *priv)
{
	struct rtpl_stub *stub;
	struct rtpl_part *part;
	u32 oldest = NONE;
	u8 i;

	r->newest = counter;
	if (likely(r->oldest == NONE || counter - r->oldest <= RTPL_REASM_WINDOW))
		return;
	for (i = 0; i < RTPL_REASM_SLOTS; i++) {
		part = &r->part[i];
		if (!part->len)
			continue;
		if (counter - part->start > RTPL_REASM_WINDOW)
			give_up(r, part, part->why, ops, priv);
		else
			oldest = min_t(u32, oldest, part->start);
	}
	for (i = 0; i < RTPL_REASM_STUBS; i++) {
		stub = &r->stub[i];
		if (!stub->n)
			continue;
		if (counter - stub->start > RTPL_REASM_WINDOW)
			stub_give_up(r, stub, ops, priv);
		else
			oldest = min_t(u32, oldest, stub->start);
	}
	r->oldest = oldest;
}

/* Get a slot for a block that began in @start, of which no slot exists yet. */
static struct rtpl_part *
slot_get(struct rtpl_reasm *r, u32 start, u16 len, u16 pos, u8 *drop,
	 const struct rtpl_reasm_ops *ops, void *priv)
{
	struct rtpl_part *part, *oldest = NULL, *unused = NULL;
	struct rtpl_stub *stub;
	void *buf;
	u8 i;

	if (is_gone(r, start))
		return NULL;
	if (r->newest - start > RTPL_REASM_WINDOW) {
		*drop = RTPL_DROP_REASM_LOST;
		goto gone;
	}
	stub = stub_find(r, start);

	for (i = 0; i < RTPL_REASM_SLOTS && !unused; i++) {
		part = &r->part[i];
		if (!part->len)
			unused = part;
		else if (!oldest || part->start < oldest->start)
			oldest = part;
	}
	if (!unused && start < oldest->start) {
		*drop = RTPL_DROP_REASM_FULL;
		goto gone;
	}

	buf = ops->begin(priv, len);
	if (!buf) {
		*drop = RTPL_DROP_NO_MEMORY;
		goto gone;
	}

	if (!unused) {
		give_up(r, oldest, RTPL_DROP_REASM_FULL, ops, priv);
		unused = oldest;
	}
	unused->buf = buf;
	unused->start = start;
	unused->len = len;
	unused->have = 0;
	unused->n_ranges = 0;
	unused->why = RTPL_DROP_REASM_LOST;
	r->n_parts++;
	r->last = unused - r->part;
	r->oldest = min_t(u32, r->oldest, start);

	if (unlikely(stub)) {
		/* A piece that claims bytes which the stub has is not part of the same block. */
		if (stub->n <= pos) {
			unused->range[0].from = 0;
			unused->range[0].to = stub->n;
			unused->n_ranges = 1;
			unused->have = stub->n;
			memcpy(unused->head, stub->byte, stub->n);
			ops->put(priv, buf, 0, stub->byte, stub->n);
		}
		stub_free(r, stub);
	}
	return unused;

gone:
	note_gone(r, start);
	stub = stub_find(r, start);
	if (stub)
		stub_free(r, stub);
	return NULL;
}

/*
 * Note that [from, to) came. Return: false if part of it had come before (sets *@drop), or if it
 * would be one range too many (sets part->why).
 */
static bool range_add(struct rtpl_part *part, u16 from, u16 to, u8 *drop)
{
	struct rtpl_range *range = part->range;
	u8 n = part->n_ranges, i = 0, next;
	bool left, right;

	while (i < n && range[i].to < from)
		i++;
	left = i < n && range[i].to == from;
	next = i + left;
	if (next < n && range[next].from < to) {
		*drop = RTPL_DROP_BAD_CELL;
		return false;
	}
	right = next < n && range[next].from == to;

	if (left && right) {
		range[i].to = range[next].to;
		memmove(&range[next], &range[next + 1], (n - next - 1) * sizeof(*range));
		part->n_ranges--;
	} else if (left) {
		range[i].to = to;
	} else if (right) {
		range[next].from = from;
	} else {
		/* The piece is as good as lost, and so will be its packet. */
		if (n == RTPL_REASM_RANGES) {
			part->why = RTPL_DROP_REASM_FULL;
			return false;
		}
		memmove(&range[i + 1], &range[i], (n - i) * sizeof(*range));
		range[i].from = from;
		range[i].to = to;
		part->n_ranges++;
	}
	part->have += to - from;
	return true;
}

/* Bytes [pos, pos + n) of the block of @total bytes that began in @start. */
static u8 piece(struct rtpl_reasm *r, u32 start, u16 total, u16 pos,
		const u8 *data, u16 n, u64 now,
		const struct rtpl_reasm_ops *ops, void *priv)
{
	struct rtpl_part *part = find(r, start);
	u8 drop = RTPL_DROP_COUNT;
	void *buf;

	if (!part) {
		part = slot_get(r, start, total, pos, &drop, ops, priv);
		if (!part)
			return drop;
	}
	if (part->len != total || pos + n > total)
		return RTPL_DROP_BAD_CELL;

	/* In order: the first range grows. */
	if (likely(part->n_ranges == 1 && part->range[0].to == pos)) {
		part->range[0].to += n;
		part->have += n;
	} else if (!range_add(part, pos, pos + n, &drop)) {
		return drop;
	}
	ops->put(priv, part->buf, pos, data, n);
	part->since = now;
	if (pos < RTPL_BLOCK_HEAD)
		memcpy(part->head + pos, data, min_t(u16, n, RTPL_BLOCK_HEAD - pos));

	if (part->have == total) {
		/* If the first piece was too short to tell, a wrong length shows only now. */
		if (unlikely(rtpl_block_len(r->types, part->head) != total)) {
			give_up(r, part, RTPL_DROP_BAD_BLOCK, ops, priv);
			return drop;
		}
		if (ops->order)
			ops->order(priv, part->start);
		buf = part->buf;
		part->buf = NULL;
		ops->done(priv, buf, part);
		slot_free(r, part);
	}
	return drop;
}

/* A block begins with @n bytes at the end of cell @counter, too few to tell its length. */
static u8 begins(struct rtpl_reasm *r, u32 counter, const u8 *p, u8 n, u64 now,
		 const struct rtpl_reasm_ops *ops, void *priv)
{
	struct rtpl_part *part = find(r, counter);
	struct rtpl_stub *stub, *oldest = NULL;
	u8 i;

	/* The rest came first, and told the length. */
	if (part)
		return piece(r, counter, part->len, 0, p, n, now, ops, priv);
	if (is_gone(r, counter))
		return RTPL_DROP_COUNT;
	if (r->newest - counter > RTPL_REASM_WINDOW) {
		note_gone(r, counter);
		return RTPL_DROP_REASM_LOST;
	}
	for (i = 0; i < RTPL_REASM_STUBS; i++) {
		stub = &r->stub[i];
		if (!stub->n)
			break;
		if (!oldest || stub->start < oldest->start)
			oldest = stub;
	}
	if (i == RTPL_REASM_STUBS) {
		stub_give_up(r, oldest, ops, priv);
		stub = oldest;
	}
	stub->since = now;
	stub->start = counter;
	stub->n = n;
	memcpy(stub->byte, p, n);
	r->n_stubs++;
	r->oldest = min_t(u32, r->oldest, counter);
	return RTPL_DROP_COUNT;
}

/* Process the blocks that begin in the cell: @left bytes at @p. */
static u8 blocks(struct rtpl_reasm *r, u32 counter, const u8 *p, u16 left,
		 u64 now, struct rtpl_reasm_result *res, const struct rtpl_reasm_ops *ops,
		 void *priv)
{
	bool ordered = !ops->order;
	u16 len;

	while (left) {
		len = left < RTPL_BLOCK_HEAD ? 0 : rtpl_block_len(r->types, p);
		if (likely(len)) {
			res->data = true;
			if (len > left)
				return piece(r, counter, len, 0, p, left, now, ops, priv);
			/* Once per cell: a peer may put hundreds of packets into one. */
			if (!ordered)
				ops->order(priv, counter);
			ordered = true;
			ops->whole(priv, p, len);
			p += len;
			left -= len;
			continue;
		}

		switch (p[0] >> 4) {
		case RTPL_BLOCK_PAD:
			return RTPL_DROP_COUNT;
		case RTPL_BLOCK_CTRL:
			if (left < 2 || 2 + p[1] > left)
				return RTPL_DROP_BAD_BLOCK;
			if ((p[0] & 0x0f) == RTPL_CTRL_CHAFF)
				res->chaff = true;
			else
				res->data = true;
			ops->ctrl(priv, p[0] & 0x0f, p + 2, p[1]);
			len = 2 + p[1];
			p += len;
			left -= len;
			break;
		default:
			if (!r->types[p[0] >> 4] || left >= RTPL_BLOCK_HEAD)
				return RTPL_DROP_BAD_BLOCK;
			res->data = true;
			return begins(r, counter, p, left, now, ops, priv);
		}
	}
	return RTPL_DROP_COUNT;
}

u16 rtpl_cell_extent(const rtpl_block_len_fn *types, const u8 *plain, u16 have, u16 len)
{
	u32 at = RTPL_INNER_HEAD;
	const u8 *p;
	u16 n;

	if (have < RTPL_INNER_HEAD)
		return min_t(u16, RTPL_INNER_HEAD, len);
	if (plain[4])
		at += get_unaligned_le16(plain + 2);
	while (at < len) {
		if (at >= have)
			return at + 1;
		p = plain + at;
		if (p[0] >> 4 == RTPL_BLOCK_PAD)
			return at;
		if (at + RTPL_BLOCK_HEAD > len)
			return len;
		if (at + RTPL_BLOCK_HEAD > have)
			return at + RTPL_BLOCK_HEAD;
		n = p[0] >> 4 == RTPL_BLOCK_CTRL ? 2 + p[1] : rtpl_block_len(types, p);
		if (!n)
			return at + RTPL_BLOCK_HEAD;
		at += n;
	}
	return len;
}

static bool inner_fits(u16 pos, u16 rest, u8 back)
{
	if (!back)
		return !pos && !rest;
	return pos && rest && pos + rest <= RTPL_BLOCK_MAX;
}

/**
 * rtpl_reasm_init() - initialise the joiner of a key's cells
 * @r: the joiner; its earlier contents are lost
 * @types: types of blocks that exist, rtpl_block_types except in tests; kept
 *
 * Context: Any.
 */
void rtpl_reasm_init(struct rtpl_reasm *r, const rtpl_block_len_fn *types)
{
	memset(r, 0, sizeof(*r));
	r->types = types;
	memset(r->gone, 0xff, sizeof(r->gone));
	r->oldest = NONE;
}

struct rtpl_reasm_result
rtpl_reasm_cell(struct rtpl_reasm *r, u32 counter, const u8 *plain, u16 len,
		u64 now, const struct rtpl_reasm_ops *ops, void *priv)
{
	struct rtpl_reasm_result res = {
		.drop = RTPL_DROP_BAD_CELL,
		.drop2 = RTPL_DROP_COUNT,
	};
	u8 back, drop = RTPL_DROP_COUNT;
	u16 pos, rest, n;

	if (unlikely(len < RTPL_INNER_HEAD))
		return res;
	pos = get_unaligned_le16(plain);
	rest = get_unaligned_le16(plain + 2);
	back = plain[4];
	plain += RTPL_INNER_HEAD;
	len -= RTPL_INNER_HEAD;

	if (unlikely(!inner_fits(pos, rest, back) || back > counter ||
		     (back && !len)))
		return res;

	if (!r->any || counter > r->newest) {
		r->any = true;
		advance(r, counter, ops, priv);
	}

	if (back) {
		n = min_t(u16, rest, len);
		res.data = true;
		drop = piece(r, counter - back, pos + rest, pos, plain, n,
			     now, ops, priv);
		if (unlikely(drop == RTPL_DROP_BAD_CELL))
			return res;
		plain += n;
		len -= n;
	}
	res.drop = blocks(r, counter, plain, len, now, &res, ops, priv);
	if (unlikely(drop != RTPL_DROP_COUNT)) {
		res.drop2 = res.drop;
		res.drop = drop;
	}
	return res;
}

/**
 * rtpl_reasm_expire() - give up blocks to which nothing was added for long
 * @r: the joiner
 * @before: ns; a block is given up if its last piece came then or earlier
 * @ops: ops->lost is called for each
 * @priv: for @ops
 *
 * Bounded work: RTPL_REASM_SLOTS blocks and RTPL_REASM_STUBS stubs.
 *
 * Context: Any; the caller serialises calls on @r.
 * Return: ns, when a piece last came to the remaining block that has waited longest; U64_MAX: none
 * remains.
 */
u64 rtpl_reasm_expire(struct rtpl_reasm *r, u64 before,
		      const struct rtpl_reasm_ops *ops, void *priv)
{
	struct rtpl_stub *stub;
	struct rtpl_part *part;
	u64 oldest = U64_MAX;
	u8 i;

	for (i = 0; i < RTPL_REASM_SLOTS; i++) {
		part = &r->part[i];
		if (!part->len)
			continue;
		if (part->since <= before)
			give_up(r, part, part->why, ops, priv);
		else
			oldest = min_t(u64, oldest, part->since);
	}
	for (i = 0; i < RTPL_REASM_STUBS; i++) {
		stub = &r->stub[i];
		if (!stub->n)
			continue;
		if (stub->since <= before)
			stub_give_up(r, stub, ops, priv);
		else
			oldest = min_t(u64, oldest, stub->since);
	}
	return oldest;
}

/**
 * rtpl_reasm_flush() - give up all incomplete blocks, at a change of keys or the end
 * @r: the joiner
 * @ops: ops->lost is called for each
 * @priv: for @ops
 *
 * Context: Any; the caller serialises calls on @r.
 */
void rtpl_reasm_flush(struct rtpl_reasm *r, const struct rtpl_reasm_ops *ops, void *priv)
{
	rtpl_reasm_expire(r, U64_MAX, ops, priv);
}

/**
 * rtpl_part_has() - did all of these bytes of the block come?
 * @part: the part
 * @from: the first byte
 * @to: one behind the last
 *
 * Context: Any; the caller serialises calls on the part's joiner.
 * Return: true if none is missing.
 */
bool rtpl_part_has(const struct rtpl_part *part, u32 from, u32 to)
{
	u8 i;

	for (i = 0; i < part->n_ranges; i++)
		if (part->range[i].from <= from && to <= part->range[i].to)
			return true;
	return false;
}

bool rtpl_part_gso(const struct rtpl_part *part, rtpl_copy_fn copy, void *priv,
		   struct rtpl_gso *g, u8 *hdr)
{
	u8 head[sizeof(struct rtpl_gso_head)];
	const struct rtpl_gso_head *h = (const void *)head;
	u16 len = sizeof(head), at;

	if (rtpl_part_has(part, 0, len)) {
		copy(priv, 0, head, len);
		if (rtpl_gso_block_len(head) != part->len)
			return false;
		if (rtpl_part_has(part, 0, len + h->hdr_len)) {
			copy(priv, len, hdr, h->hdr_len);
			return !rtpl_gso_parse(head, hdr, h->hdr_len, part->len, g);
		}
	}

	if (part->len <= len || !rtpl_part_has(part, part->len - len, part->len))
		return false;
	copy(priv, part->len - len, head, len);
	if (rtpl_gso_block_len(head) != part->len || !(h->flags & RTPL_GSO_F_TRAILER))
		return false;
	/* The length fits, so the trailer is within the block. */
	at = part->len - len - h->hdr_len;
	if (!rtpl_part_has(part, at, part->len))
		return false;
	copy(priv, at, hdr, h->hdr_len);
	return !rtpl_gso_parse(head, hdr, h->hdr_len, part->len, g);
}

u16 rtpl_part_run(const struct rtpl_part *part, const struct rtpl_gso *g, u16 *first)
{
	u32 base = sizeof(struct rtpl_gso_head) + g->hdr_len;
	u32 end = sizeof(struct rtpl_gso_head) + g->pkt_len;
	u32 from, to;
	u8 i;

	for (i = 0; i < part->n_ranges; i++) {
		/* Segments whose first byte and whose last byte are in the range. */
		from = max_t(u32, part->range[i].from, base) - base;
		from = (from + g->gso_size - 1) / g->gso_size;
		from = max_t(u32, from, *first);
		if (part->range[i].to >= end)
			to = g->segs;
		else if (part->range[i].to > base)
			to = (part->range[i].to - base) / g->gso_size;
		else
			continue;
		if (from >= to)
			continue;
		*first = from;
		return to - from;
	}
	return 0;
}
