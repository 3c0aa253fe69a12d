// SPDX-License-Identifier: GPL-2.0
/*
 * A batch: cells that leave together, as one skb which UDP segmentation
 * offload cuts into datagrams of one size (the last may be smaller). A single
 * cell is a linear skb. The pages of a larger batch are laid out so that no cell
 * crosses a border: every cell can be filled and sealed in place.
 */
#include <linux/skbuff.h>

#include "core/wire.h"
#include "link/batch.h"
#include "rtpl.h"
#include "transport/transport.h"

/* Pages of a batch are of this order if there are any. */
#define RTPL_BATCH_ORDER	3

static bool rtpl_batch_add_page(struct sk_buff *skb, unsigned int bytes, u16 cell)
{
	int i = skb_shinfo(skb)->nr_frags;
	int order = min_t(int, get_order(bytes), RTPL_BATCH_ORDER);
	struct page *page = NULL;

	for (; order >= 0 && !page && (PAGE_SIZE << order) >= cell; order--)
		page = alloc_pages(GFP_ATOMIC | __GFP_NOWARN | __GFP_COMP |
				   (order ? __GFP_NORETRY : 0), order);
	if (!page)
		return false;
	__skb_fill_page_desc(skb, i, page, 0, 0);
	skb_shinfo(skb)->nr_frags = i + 1;
	skb->truesize += page_size(page);
	return true;
}

/**
 * rtpl_batch_init() - room for cells of one size
 * @b: batch
 * @cell: bytes of each
 * @n: how many at most; there is room for fewer (@b->max) if memory is short
 *
 * Context: any.
 * Return: false without memory for a single one.
 */
bool rtpl_batch_init(struct rtpl_batch *b, u16 cell, u16 n)
{
	unsigned int have = 0;

	n = min3(n, (u16)RTPL_BATCH_CELLS, (u16)(RTPL_BATCH_BYTES / cell));
	*b = (struct rtpl_batch){ .cell = cell, .max = n };
	b->skb = alloc_skb(RTPL_SKB_HEADROOM + (n == 1 ? cell : 0), GFP_ATOMIC | __GFP_NOWARN);
	if (!b->skb)
		return false;
	skb_reserve(b->skb, RTPL_SKB_HEADROOM);
	if (n == 1)
		return true;

	b->per_frag = (PAGE_SIZE << RTPL_BATCH_ORDER) / cell;
	while (have < n && skb_shinfo(b->skb)->nr_frags < MAX_SKB_FRAGS) {
		unsigned int want = min_t(unsigned int, n - have, b->per_frag);
		struct page *page;

		if (!rtpl_batch_add_page(b->skb, want * cell, cell))
			break;
		page = skb_frag_page(&skb_shinfo(b->skb)->frags[skb_shinfo(b->skb)->nr_frags - 1]);
		want = min_t(unsigned int, want, page_size(page) / cell);
		/* All pages but the last hold as many as the first. */
		if (!have)
			b->per_frag = want;
		else if (want < b->per_frag)
			n = have + want;
		have += want;
	}
	b->max = min_t(u16, n, have);
	if (b->max)
		return true;
	kfree_skb(b->skb);
	return false;
}

/**
 * rtpl_batch_cell() - place of a cell
 * @b: batch
 * @i: its number, less than @b->max; @b->n is the next that is built
 *
 * Context: any.
 * Return: @b->cell bytes in one piece.
 */
u8 *rtpl_batch_cell(const struct rtpl_batch *b, u16 i)
{
	if (!b->per_frag)
		return b->skb->data;
	return (u8 *)skb_frag_address(&skb_shinfo(b->skb)->frags[i / b->per_frag]) +
	       (i % b->per_frag) * b->cell;
}

/**
 * rtpl_batch_commit() - add the cell that was just built
 * @b: batch
 * @size: the cell's bytes; less than @b->cell only for the last one
 *
 * Context: any.
 */
void rtpl_batch_commit(struct rtpl_batch *b, u16 size)
{
	struct sk_buff *skb = b->skb;

	if (!b->per_frag) {
		skb_put(skb, size);
	} else {
		skb_frag_size_add(&skb_shinfo(skb)->frags[b->n / b->per_frag], size);
		skb->len += size;
		skb->data_len += size;
	}
	WRITE_ONCE(b->n, b->n + 1);
}

static void rtpl_batch_seal_piece(struct rtpl_spread *spread, u16 i)
{
	struct rtpl_batch_seal *s = container_of(spread, struct rtpl_batch_seal, spread);
	u16 from = i * s->step, to = min_t(u16, from + s->step, READ_ONCE(s->batch->n)), n;

	for (n = from; n < to; n++)
		if (s->cells[n].plain)
			rtpl_seal_cell(rtpl_batch_cell(s->batch, n) + RTPL_CELL_HEAD, &s->cells[n],
				       s->key);
	this_cpu_add(s->counts->sealed, to - from);
}

/**
 * rtpl_batch_seal_begin() - begin to seal cells that are being laid
 * @s: on the stack
 * @b: batch, without cells
 * @key: 32 bytes, which stay until rtpl_batch_seal_end()
 * @counts: the node's
 * @expected: cells that will be laid; 0 if other processors must not help
 *
 * Who lays a cell says in @s->cells[@b->n] what is to be sealed (plain: 0 for nothing), commits it,
 * and calls rtpl_batch_seal_laid().
 *
 * Context: BH.
 */
void rtpl_batch_seal_begin(struct rtpl_batch_seal *s, const struct rtpl_batch *b, const u8 key[32],
			   struct rtpl_cell_counts __percpu *counts, u16 expected)
{
	s->batch = b;
	s->key = key;
	s->counts = counts;
	s->step = rtpl_spread_step(b->cell);
	rtpl_spread_begin(&s->spread, rtpl_batch_seal_piece, expected / s->step);
}

/**
 * rtpl_batch_seal_laid() - a further cell was laid
 * @s: sealing
 *
 * Context: BH.
 */
void rtpl_batch_seal_laid(struct rtpl_batch_seal *s)
{
	if (s->batch->n % s->step == 0)
		rtpl_spread_ready(&s->spread, s->batch->n / s->step);
}

/**
 * rtpl_batch_seal_end() - have all cells sealed
 * @s: sealing; of no use afterwards
 *
 * Context: BH, RCU read side.
 */
void rtpl_batch_seal_end(struct rtpl_batch_seal *s)
{
	rtpl_spread_ready(&s->spread, DIV_ROUND_UP(s->batch->n, s->step));
	rtpl_spread_end(&s->spread);
}

/**
 * rtpl_batch_finish() - give unused pages back, and set the segmentation facts
 * @b: batch, of no use afterwards
 *
 * Context: any but hard interrupts.
 * Return: the skb, which is the caller's, or NULL: no cell was committed, and everything is freed.
 */
struct sk_buff *rtpl_batch_finish(struct rtpl_batch *b)
{
	struct sk_buff *skb = b->skb;
	int i;

	if (!b->n) {
		kfree_skb(skb);
		return NULL;
	}
	for (i = skb_shinfo(skb)->nr_frags - 1; i >= 0; i--) {
		skb_frag_t *frag = &skb_shinfo(skb)->frags[i];

		if (skb_frag_size(frag))
			break;
		skb->truesize -= page_size(skb_frag_page(frag));
		put_page(skb_frag_page(frag));
		skb_shinfo(skb)->nr_frags = i;
	}
	if (b->n > 1) {
		skb_shinfo(skb)->gso_size = b->cell;
		skb_shinfo(skb)->gso_segs = b->n;
		skb_shinfo(skb)->gso_type = SKB_GSO_UDP_L4;
	}
	return skb;
}
