/* SPDX-License-Identifier: GPL-2.0 */
/* A batch's cells on several processors at the same time, see spread.c. */
#ifndef RTPL_SPREAD_H
#define RTPL_SPREAD_H

#include <linux/atomic.h>
#include <linux/cpumask.h>
#include <linux/types.h>

/* Bytes of cells that one processor takes at a time: some microseconds of cipher. */
#define RTPL_SPREAD_PIECE	6144
/* Processors that are asked to help with one batch. */
#define RTPL_SPREAD_HELPERS	3

/* Work in pieces that may be done in any order, on any processor. Lies on its owner's stack. */
struct rtpl_spread {
	/* Do piece @i. BH, RCU read side; takes no lock that the owner holds. */
	void (*piece)(struct rtpl_spread *s, u16 i);
	atomic_t next;		/* the first piece that nobody took */
	atomic_t users;		/* other processors that look at this */
	u16 ready;		/* pieces that may be taken; release */
	bool closed;		/* there will be no more */
	u8 n_asked;
	u16 asked[RTPL_SPREAD_HELPERS];
};

/**
 * rtpl_spread_step() - cells in a piece
 * @cell: bytes of each
 *
 * Context: any.
 * Return: at least 1.
 */
static inline u16 rtpl_spread_step(u16 cell)
{
	return max(RTPL_SPREAD_PIECE / cell, 1);
}

/**
 * rtpl_spread_may() - are there other processors that could help?
 *
 * Context: any.
 * Return: false if rtpl_spread_begin() need not be called.
 */
static inline bool rtpl_spread_may(void)
{
	return !IS_ENABLED(CONFIG_PREEMPT_RT) && num_online_cpus() > 1;
}

bool rtpl_spread_begin(struct rtpl_spread *s, void (*piece)(struct rtpl_spread *s, u16 i),
		       u16 expected);
void rtpl_spread_ready(struct rtpl_spread *s, u16 ready);
void rtpl_spread_end(struct rtpl_spread *s);

#endif /* RTPL_SPREAD_H */
