/* SPDX-License-Identifier: GPL-2.0 */
/* Cells that leave together, see batch.c. */
#ifndef RTPL_BATCH_H
#define RTPL_BATCH_H

#include <linux/ipv6.h>
#include <linux/skbuff.h>
#include <linux/udp.h>

#include "link/seal.h"
#include "link/spread.h"

struct rtpl_cell_counts;

/* Datagrams in one batch (UDP_MAX_SEGMENTS of the oldest kernel), and its bytes. */
#define RTPL_BATCH_CELLS	64
#define RTPL_BATCH_BYTES	(65535 - sizeof(struct ipv6hdr) - sizeof(struct udphdr))

struct rtpl_batch {
	struct sk_buff *skb;
	u16 cell;		/* bytes of each cell but the last */
	u16 max;		/* cells there is room for */
	u16 n;			/* cells committed */
	u16 per_frag;		/* 0: the skb is linear */
};

/* The sealing of a batch's cells, while they are laid. */
struct rtpl_batch_seal {
	struct rtpl_spread spread;
	const struct rtpl_batch *batch;
	const u8 *key;
	struct rtpl_cell_counts __percpu *counts;
	u16 step;		/* cells in a piece */
	struct rtpl_cell cells[RTPL_BATCH_CELLS];
};

bool rtpl_batch_init(struct rtpl_batch *b, u16 cell, u16 n);
u8 *rtpl_batch_cell(const struct rtpl_batch *b, u16 i);
void rtpl_batch_commit(struct rtpl_batch *b, u16 size);
void rtpl_batch_seal_begin(struct rtpl_batch_seal *s, const struct rtpl_batch *b, const u8 key[32],
			   struct rtpl_cell_counts __percpu *counts, u16 expected);
void rtpl_batch_seal_laid(struct rtpl_batch_seal *s);
void rtpl_batch_seal_end(struct rtpl_batch_seal *s);
struct sk_buff *rtpl_batch_finish(struct rtpl_batch *b);

#endif /* RTPL_BATCH_H */
