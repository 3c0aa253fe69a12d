/* SPDX-License-Identifier: GPL-2.0 */
/* Blocks into packets, and up (join.c), for the receiving half (rx.c). */
#ifndef RTPL_JOIN_H
#define RTPL_JOIN_H

#include "link/link.h"

/*
 * Whole segments of an incomplete super-packet go up before a packet that began later, or when
 * nothing was added to it for this time.
 */
#define RTPL_EARLY_NS		(5 * NSEC_PER_MSEC)

/* What one received datagram or batch is about. */
struct rtpl_rx {
	struct rtpl_net *rn;
	enum rtpl_transport_kind kind;	/* by which it came */
	struct sk_buff *skb;		/* the outer one, NULL from the timer */
	struct net_device *dev;		/* on which it came in */
	const u8 *eth;			/* addresses of the frame: 2 * ETH_ALEN, or NULL */
	struct rtpl_link *link;		/* of the last authentic cell */
	struct rtpl_link *fresh;	/* of the last that was not a replay either */
	struct rtpl_reasm *reasm;	/* of the session of the cell at hand */
	bool data;			/* the last cell carried data */
	bool chaff;			/* it is marked as chaff */
	bool ce;			/* cells at hand met congestion on the way */
	bool about;			/* it told new settings of the other end */
	struct rtpl_link *run_of;	/* whose engine is told of the run, or NULL */
	struct rtpl_rx_run run;		/* of like cells */
	struct sk_buff_head up;		/* packets for the stack, once the lock is released */
};

void rtpl_join_cell(struct rtpl_rx *rx, struct rtpl_keypair *kp, u32 counter,
		    const u8 *text, u16 plain, u64 now);
void rtpl_join_expire(struct rtpl_rx *rx, struct rtpl_keypair *kp, u64 now, bool *left);
void rtpl_join_deliver(struct rtpl_rx *rx);

#endif /* RTPL_JOIN_H */
