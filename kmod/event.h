/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Events about a link, the leakguard or a policy, and packets of a link that is captured. Every
 * room may report one; the room netlink sends them to listeners, and main.c registers its
 * functions.
 */
#ifndef RTPL_EVENT_H
#define RTPL_EVENT_H

#include <linux/jump_label_ratelimit.h>

#include "rtpl.h"

/**
 * struct rtpl_event_ops - what the room netlink does with events
 * @link: as rtpl_event()
 * @policy: as rtpl_event_policy()
 * @leak: as rtpl_event_leakguard()
 * @packet: as rtpl_event_packet(), while there is a capture
 *
 * Called by the functions of these names, and by nothing else.
 */
struct rtpl_event_ops {
	void (*link)(struct rtpl_owner *owner, enum rtpl_event_kind kind);
	void (*policy)(struct rtpl_owner *owner, u8 level, const char *profile);
	void (*leak)(struct rtpl_owner *owner, enum rtpl_drop why, int ifindex, const void *addr,
		     int addr_len);
	void (*packet)(struct rtpl_owner *owner, struct sk_buff *skb, u64 at, u32 bytes, u32 segs,
		       bool out);
};

extern const struct rtpl_event_ops *rtpl_event_ops;
/* Is there a capture in any namespace? */
extern struct static_key_false_deferred rtpl_event_taps;

/**
 * rtpl_event() - report an event to listeners
 * @owner: owner of the link
 * @kind: kind of event; ROAMED includes the endpoint, PATH_MTU the cell, MISMATCH what does not
 *	match
 *
 * Context: process or BH; no spinlock may be held except the link's.
 */
static inline void rtpl_event(struct rtpl_owner *owner, enum rtpl_event_kind kind)
{
	rtpl_event_ops->link(owner, kind);
}

/**
 * rtpl_event_policy() - report that a policy chose another profile
 * @owner: owner of the link
 * @level: its position in the policy's list
 * @profile: its name
 *
 * Context: process, rn->lock held.
 */
static inline void rtpl_event_policy(struct rtpl_owner *owner, u8 level, const char *profile)
{
	rtpl_event_ops->policy(owner, level, profile);
}

/**
 * rtpl_event_leakguard() - report that the leakguard stopped a packet
 * @owner: the required peer
 * @why: in which direction
 * @ifindex: device by which it was to leave, or by which it came
 * @addr: its other end
 * @addr_len: 4 or 16
 *
 * The caller limits the rate.
 *
 * Context: process or BH, RCU read side.
 */
static inline void rtpl_event_leakguard(struct rtpl_owner *owner, enum rtpl_drop why, int ifindex,
					const void *addr, int addr_len)
{
	rtpl_event_ops->leak(owner, why, ifindex, addr, addr_len);
}

/**
 * rtpl_event_packet() - report an inner packet, of a link that may be captured
 * @owner: owner of the link
 * @skb: the packet, IP from skb->data on, its network header set
 * @at: CLOCK_MONOTONIC ns at which it came to the link; 0: it leaves the link now
 * @bytes: of IP, of all its packets
 * @segs: number of these
 * @out: it goes to the peer
 *
 * Context: BH, RCU read side, the link's tx_lock or rx_lock held.
 */
static inline void rtpl_event_packet(struct rtpl_owner *owner, struct sk_buff *skb, u64 at,
				     u32 bytes, u32 segs, bool out)
{
	if (static_branch_unlikely(&rtpl_event_taps.key))
		rtpl_event_ops->packet(owner, skb, at, bytes, segs, out);
}

#endif /* RTPL_EVENT_H */
