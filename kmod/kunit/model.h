/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tests and fuzzers of core/ share: a seeded random source, packets
 * with a known content, a sender that cuts them into cells, a receiver that
 * checks every byte that it is given, and a reference segmentation of
 * super-packets written apart from core/gso.c.
 */
#ifndef RTPL_KUNIT_MODEL_H
#define RTPL_KUNIT_MODEL_H

#include "../core/frag.h"

#define M_PKTS_MAX	192
#define M_CELLS_MAX	4096
#define M_PKT_BYTES	(768 * 1024)
#define M_CELL_BYTES	(1024 * 1024)
#define M_SEGS_MAX	1100

/* splitmix64 */
struct m_rng {
	u64 state;
};

u64 m_rand(struct m_rng *rng);
/* 0 .. n - 1, n > 0 */
u32 m_below(struct m_rng *rng, u32 n);
/* true in per_mille of 1000 cases */
bool m_chance(struct m_rng *rng, u32 per_mille);

struct m_pkt {
	u32 off;		/* into net->pkt_bytes */
	u32 len;		/* IP bytes */
	struct rtpl_gso g;	/* segs == 0: a plain packet */
	bool cut;		/* was packed */
	u32 start, end;		/* cells it is in */
	u16 first_n;		/* block bytes in the first of them */
	u16 block_len;
	/* what the receiver saw */
	u32 copies;
	u32 given_up;
	u8 seg_seen[M_SEGS_MAX];
};

struct m_cell {
	u32 off;		/* into net->cell_bytes */
	u16 len;		/* of the plaintext */
	bool data;
	bool arrived;
};

struct m_net {
	struct m_rng rng;
	struct m_pkt *pkt;
	u32 n_pkts;
	u8 *pkt_bytes;
	u32 pkt_used;
	struct m_cell *cell;
	u32 n_cells;
	u8 *cell_bytes;
	u32 cell_used;
	u32 first_counter;	/* of cell 0 */
	u32 ctrl_sent;
	/* receiver */
	struct rtpl_reasm reasm;
	u8 *slot[RTPL_REASM_SLOTS + 1];
	u8 slot_used[RTPL_REASM_SLOTS + 1];
	u16 slot_len[RTPL_REASM_SLOTS + 1];
	u8 *scratch[3];		/* a whole packet each */
	u32 begun, done, lost, whole, ctrl;
	u32 refuse_begin;	/* so many begins fail */
	u32 drops[RTPL_DROP_COUNT];
	const char *fault;	/* first thing that was wrong */
	u32 fault_at;		/* packet or byte */
};

typedef void *(*m_alloc_fn)(void *ctx, size_t size);

/* All of a net's memory, zeroed; NULL if there is none. */
struct m_net *m_net_new(m_alloc_fn alloc, void *ctx);
/* Back to no packet and no cell. */
void m_net_reset(struct m_net *net, u64 seed);

/*
 * Packet bytes. @kind: 4, 6, or 0x10 | enum rtpl_gso_kind with @gso_size.
 * The length is brought into what the kind can be. The packet's number is in
 * its source address.
 */
struct m_pkt *m_add(struct m_net *net, u8 kind, u32 len, u16 gso_size);
/* Any kind and length, biased to the edges. */
struct m_pkt *m_add_any(struct m_net *net, u32 max_len);

/* Cut all packets into cells of @min .. @max plaintext bytes. */
bool m_cut(struct m_net *net, u16 min, u16 max, u32 idle_per_mille);

/* Hand one cell to the receiver. */
struct rtpl_reasm_result m_arrive(struct m_net *net, u32 cell, u64 now);
void m_flush(struct m_net *net);

/* Did all cells of the packet arrive? */
bool m_arrived_whole(const struct m_net *net, const struct m_pkt *pkt);
/* Did block bytes [from, to) arrive? */
bool m_arrived(const struct m_net *net, const struct m_pkt *pkt, u32 from, u32 to);

extern const struct rtpl_reasm_ops m_ops;	/* priv is the net */

/*
 * A receiver that believes nothing: for cells from a peer that lies. It sees
 * to it that buffers are written within their bounds, no byte twice, that
 * done means every byte, and that what is told as lost is what came.
 */
struct m_strict {
	struct {
		u8 *map;	/* a byte for each of the block: was it put? */
		u32 len;
		u32 have;
		bool used;
	} slot[RTPL_REASM_SLOTS + 1];
	u32 begun, done, lost, whole, ctrl;
	u32 refuse;		/* bits: begin number n mod 32 fails */
	const char *fault;
};

struct m_strict *m_strict_new(m_alloc_fn alloc, void *ctx);
void m_strict_reset(struct m_strict *strict);
/* After a cell: does the joiner's state agree with what it told? */
void m_strict_check(struct m_strict *strict, const struct rtpl_reasm *r);

extern const struct rtpl_reasm_ops m_strict_ops;	/* priv is the m_strict */

/*
 * The reference: segment @i of @pkt with a complete transport checksum.
 * Return: its IP bytes.
 */
u32 m_segment(const struct rtpl_gso *g, const u8 *pkt, u16 i, u8 *out);
/* Complete the partial checksum of a packet that is no longer GSO. */
void m_complete(const struct rtpl_gso *g, u8 *pkt, u32 len);

#endif /* RTPL_KUNIT_MODEL_H */
