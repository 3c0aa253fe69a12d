/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The qdisc's state, what it leaves in a packet, and what links ask of it.
 */
#ifndef RTPL_QDISC_H
#define RTPL_QDISC_H

#include <linux/interrupt.h>
#include <linux/rbtree.h>
#include <net/pkt_sched.h>
#include <net/sch_generic.h>

#include "core/room.h"
#include "rtpl.h"

/*
 * Behind what tc and a child qdisc keep in skb->cb (struct tc_skb_cb) eight
 * bytes are left: when the packet came, CLOCK_MONOTONIC ns. A child that cuts
 * super-packets in software overwrites them (struct skb_gso_cb), so a stamp
 * that cannot be right counts as "just now".
 */
#define RTPL_CB_OFF		40
#define RTPL_CB_BELIEVE_NS	(10ULL * NSEC_PER_SEC)

static inline u64 *rtpl_skb_cb(struct sk_buff *skb)
{
	BUILD_BUG_ON(sizeof(struct tc_skb_cb) > RTPL_CB_OFF);
	BUILD_BUG_ON(RTPL_CB_OFF + sizeof(u64) > sizeof_field(struct sk_buff, cb));
	return (u64 *)(skb->cb + RTPL_CB_OFF);
}

static inline u64 rtpl_skb_since(struct sk_buff *skb, u64 now)
{
	u64 since = *rtpl_skb_cb(skb);

	return since <= now && now - since <= RTPL_CB_BELIEVE_NS ? since : now;
}

/* What it may hold at most, if a device is down or stuck: datagrams or batches. */
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
	struct sk_buff_head cells;		/* own cells that leave at once */
	struct rb_root_cached slots;		/* own cells by skb->tstamp */
	u32 slots_n;				/* datagrams or batches in slots */
	u32 cells_bytes;			/* in cells */
	u32 release_bytes;			/* in cells and slots */
	u32 release_packets;
	struct rtpl_room room;			/* bound of cells_bytes */
	u64 due;				/* the first slot's time; U64_MAX: none */
	s64 balance;				/* bytes that cells are ahead of clear packets */
	struct tc_rtpl_xstats xstats;
	struct qdisc_watchdog watchdog;

	bool blocked;				/* a link or the pump waits for the release queue */
	bool kept;				/* the pump left packets in the fast child */
	bool throttled;				/* the fast child holds packets back by itself */
	bool listed;
	struct tasklet_struct pump;		/* fast -> links */
	struct list_head node;			/* rn->qdiscs, RCU */
};

int rtpl_options_parse(struct Qdisc *sch, struct nlattr *nla, struct rtpl_sched_options *opt,
		       struct netlink_ext_ack *extack);
int rtpl_options_dump(const struct rtpl_sched_options *opt, struct sk_buff *skb);

/*
 * Do cells that may leave wait for the device: here, as the rest of a batch that it did not
 * take, or because it takes no more? RCU read side.
 */
bool rtpl_qdisc_busy(struct rtpl_net *rn, int ifindex);
/* Does the packet's own priority, rather than a filter, choose the class clear? */
bool rtpl_qdisc_prefers_clear(const struct Qdisc *sch, const struct sk_buff *skb);
/* Does the device's release queue hold enough? RCU read side. */
bool rtpl_qdisc_full(struct rtpl_net *rn, int ifindex);
/* The same; and if so, @peer is woken when there is room. BH, RCU read side. */
bool rtpl_qdisc_wait(struct rtpl_net *rn, int ifindex, struct rtpl_peer *peer);
/*
 * How far is the device behind with cells that have a time of their own, ns? @skip is set to
 * whether it does not carry them: the first one's time is 1 ms past, and another waits behind
 * it. Chaff and data count alike. RCU read side.
 */
u64 rtpl_qdisc_behind(struct rtpl_net *rn, int ifindex, bool *skip);
/* Bytes that a batch may have now; one cell may leave whatever this says. RCU read side. */
u32 rtpl_qdisc_room(struct rtpl_net *rn, int ifindex);
/* Has the link that just sent by this device @more to send than was let in? RCU read side. */
void rtpl_qdisc_more(struct rtpl_net *rn, int ifindex, bool more);

#endif /* RTPL_QDISC_H */
