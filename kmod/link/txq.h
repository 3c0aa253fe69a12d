/* SPDX-License-Identifier: GPL-2.0 */
/* The link's queue (txq.c), for its tx worker (tx.c). */
#ifndef RTPL_TXQ_H
#define RTPL_TXQ_H

#include <net/pkt_sched.h>

#include "link/link.h"

/*
 * Eight bytes are left behind what tc and a child qdisc keep in skb->cb (struct tc_skb_cb). They
 * hold the time at which the packet came, CLOCK_MONOTONIC ns. A child that cuts super-packets in
 * software overwrites them (struct skb_gso_cb), so a stamp that cannot be right counts as "just
 * now".
 */
#define RTPL_CB_OFF		40
#define RTPL_CB_BELIEVE_NS	(10ULL * NSEC_PER_SEC)

/**
 * rtpl_skb_cb() - place of a packet's time stamp
 * @skb: packet on its way to a link
 *
 * Context: any.
 * Return: the place of the time at which it came, CLOCK_MONOTONIC ns.
 */
static inline u64 *rtpl_skb_cb(struct sk_buff *skb)
{
	BUILD_BUG_ON(sizeof(struct tc_skb_cb) > RTPL_CB_OFF);
	BUILD_BUG_ON(RTPL_CB_OFF + sizeof(u64) > sizeof_field(struct sk_buff, cb));
	return (u64 *)(skb->cb + RTPL_CB_OFF);
}

/**
 * rtpl_skb_since() - time since which a packet waits
 * @skb: packet on its way to a link
 * @now: CLOCK_MONOTONIC ns
 *
 * Context: any.
 * Return: its stamp, or @now if that cannot be right.
 */
static inline u64 rtpl_skb_since(struct sk_buff *skb, u64 now)
{
	u64 since = *rtpl_skb_cb(skb);

	return since <= now && now - since <= RTPL_CB_BELIEVE_NS ? since : now;
}

/**
 * rtpl_skb_segs() - number of packets that it makes on the wire
 * @skb: packet, or super-packet
 *
 * Context: any.
 * Return: 1 or more.
 */
static inline u32 rtpl_skb_segs(const struct sk_buff *skb)
{
	return skb_is_gso(skb) ? max_t(u32, skb_shinfo(skb)->gso_segs, 1) : 1;
}

/**
 * rtpl_skb_need() - make the first bytes of a packet linear
 * @skb: packet, whose head may move
 * @len: bytes from skb->data on
 *
 * Does not pull from a super-packet's fragment list: each packet there is a segment, and has to
 * stay whole.
 *
 * Context: any but hard interrupts.
 * Return: false if they are not linear, for want of bytes or of memory.
 */
static inline bool rtpl_skb_need(struct sk_buff *skb, unsigned int len)
{
	if (likely(len <= skb_headlen(skb)))
		return true;
	return !(skb_is_gso(skb) && skb_has_frag_list(skb)) && pskb_may_pull(skb, len);
}

struct sk_buff *rtpl_txq_pop(struct rtpl_link *link);
void rtpl_txq_unpop(struct rtpl_link *link, struct sk_buff *skb);
int rtpl_txq_segment(struct rtpl_link *link, struct sk_buff *skb);
u64 rtpl_txq_oldest(struct rtpl_link *link, u64 now);
void rtpl_txq_init(struct rtpl_link *link);
void rtpl_txq_stop(struct rtpl_link *link);

#endif /* RTPL_TXQ_H */
