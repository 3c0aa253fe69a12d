/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The qdisc's state, what it leaves in a packet, and what links ask of it.
 */
#ifndef RTPL_QDISC_H
#define RTPL_QDISC_H

#include <linux/rbtree.h>
#include <net/pkt_sched.h>
#include <net/sch_generic.h>

#include "compat/bh.h"
#include "core/room.h"
#include "rtpl.h"

/* Most datagrams or batches in the release queue, if a device is down or stuck. */
#define RTPL_RELEASE_MAX	4096

/* Options, whole and checked (options.c). */
struct rtpl_sched_options {
	u32 unprotected;			/* enum rtpl_unprotected */
	struct rtpl_shape_config shape;		/* defaults of the namespace's links */
};

struct rtpl_qdisc {
	/* read mostly */
	struct Qdisc *sch;
	struct rtpl_net *rn;
	struct tcf_proto __rcu *filter_list;
	struct tcf_block *block;
	struct Qdisc *clear;			/* class 1 */
	struct Qdisc *fast;			/* class 2 */
	struct rtpl_sched_options opt;
	int ifindex;

	/* root lock */
	struct sk_buff *held;			/* from fast; its link's queue is full */
	u32 held_bytes;				/* of it, for others to read; 0: none */
	struct sk_buff_head cells;		/* own cells that leave at once */
	struct rb_root_cached slots;		/* own cells by skb->tstamp */
	u32 slots_n;				/* datagrams or batches in slots */
	u32 cells_bytes;			/* in cells */
	u32 release_bytes;			/* in cells and slots */
	u32 release_packets;
	struct rtpl_room room;			/* bound of cells_bytes */
	u64 due;				/* the first slot's time; U64_MAX: none */
	s64 balance;				/* bytes that cells are ahead of clear packets */
	u8 late_run;				/* late slots since clear packets had a turn */
	struct tc_rtpl_xstats xstats;
	struct qdisc_watchdog watchdog;

	bool blocked;				/* a link or refill waits for the release queue */
	bool kept;				/* the refill left packets in the fast child */
	bool full;				/* the only link keeps them there: it has enough */
	bool throttled;				/* the fast child holds packets back by itself */
	bool dry;				/* it held packets back when it was asked last */
	u64 since;				/* ns, when it had a packet again after that */
	bool listed;
	struct rtpl_compat_bh refill;		/* fast -> links */
	struct list_head node;			/* rn->qdiscs, RCU */
};

int rtpl_options_parse(struct Qdisc *sch, struct nlattr *nla, struct rtpl_sched_options *opt,
		       struct netlink_ext_ack *extack);
int rtpl_options_dump(const struct rtpl_sched_options *opt, struct sk_buff *skb);

/* ---- release.c: own cells on their way to the device ---- */

/* A cell that leaves this long after its slot counts as late. */
#define RTPL_LATE_NS		NSEC_PER_MSEC

void rtpl_release_init(struct rtpl_qdisc *q);
unsigned int rtpl_release_purge(struct rtpl_qdisc *q);
void rtpl_release_add(struct rtpl_qdisc *q, struct sk_buff *skb);
struct sk_buff *rtpl_release_first_slot(struct rtpl_qdisc *q);
void rtpl_release_erase(struct rtpl_qdisc *q, struct sk_buff *skb);
void rtpl_release_gone(struct rtpl_qdisc *q, const struct sk_buff *skb);
bool rtpl_release_full(const struct rtpl_qdisc *q);
bool rtpl_release_wake(struct rtpl_qdisc *q, u32 *has);
void rtpl_release_wake_all(struct rtpl_net *rn);

/**
 * rtpl_cells_in() - number of cells in a packet of ours
 * @skb: cell, or batch of cells
 *
 * Context: any.
 * Return: 1 or more.
 */
static inline unsigned int rtpl_cells_in(const struct sk_buff *skb)
{
	return max_t(unsigned int, skb_shinfo(skb)->gso_segs, 1);
}

/**
 * rtpl_slot_time() - the time at which cells are to leave
 * @skb: cell, or batch of cells
 *
 * Context: any.
 * Return: CLOCK_MONOTONIC ns; 0 for at once.
 */
static inline u64 rtpl_slot_time(const struct sk_buff *skb)
{
	return ktime_to_ns(skb->tstamp);
}

/**
 * rtpl_qdisc_hold() - set the packet that waits between the class fast and its link
 * @q: qdisc
 * @skb: packet, or NULL: none
 *
 * Context: BH or process, root lock.
 */
static inline void rtpl_qdisc_hold(struct rtpl_qdisc *q, struct sk_buff *skb)
{
	WRITE_ONCE(q->held, skb);
	WRITE_ONCE(q->held_bytes, skb ? skb->len : 0);
}

/* ---- class.c ---- */

extern const struct Qdisc_class_ops rtpl_class_ops;

/* ---- qdisc.c ---- */

#define RTPL_CLASS_NONE		(RTPL_CLASS_MAX + 1)

u32 rtpl_qdisc_class(const struct Qdisc *sch, u32 id);
struct Qdisc *rtpl_qdisc_child(struct Qdisc *sch, u32 class, struct netlink_ext_ack *extack);
void rtpl_qdisc_refill(struct rtpl_net *rn);

#endif /* RTPL_QDISC_H */
