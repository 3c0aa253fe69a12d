/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Events: what happened to a link, at the guard or to a policy. Every room may tell one;
 * the room netlink sends them to whoever listens, and registers in main.c how.
 */
#ifndef RTPL_EVENT_H
#define RTPL_EVENT_H

#include "rtpl.h"

/**
 * struct rtpl_event_ops - what the room netlink does with events
 * @link: as rtpl_event()
 * @policy: as rtpl_event_policy()
 * @leak: as rtpl_event_guard()
 *
 * The functions of these names call them, and nobody else.
 */
struct rtpl_event_ops {
	void (*link)(struct rtpl_owner *owner, enum rtpl_event_kind kind);
	void (*policy)(struct rtpl_owner *owner, u8 level, const char *profile);
	void (*leak)(struct rtpl_owner *owner, enum rtpl_drop why, int ifindex, const void *addr,
		     int addr_len);
};

extern const struct rtpl_event_ops *rtpl_event_ops;

/**
 * rtpl_event() - tell whoever listens
 * @owner: whose link it is about
 * @kind: what happened; ROAMED comes with the endpoint, PATH_MTU with the cell,
 *	MISMATCH with what does not fit
 *
 * Context: process or BH; no spinlock may be held but the link's.
 */
static inline void rtpl_event(struct rtpl_owner *owner, enum rtpl_event_kind kind)
{
	rtpl_event_ops->link(owner, kind);
}

/**
 * rtpl_event_policy() - a policy chose another profile
 * @owner: whose
 * @level: its place in the policy's list
 * @profile: its name
 *
 * Context: process, rn->lock held.
 */
static inline void rtpl_event_policy(struct rtpl_owner *owner, u8 level, const char *profile)
{
	rtpl_event_ops->policy(owner, level, profile);
}

/**
 * rtpl_event_guard() - the guard stopped a packet
 * @owner: whose
 * @why: which way
 * @ifindex: device it was going out by, or had come in by
 * @addr: its other end
 * @addr_len: 4 or 16
 *
 * The caller limits the rate.
 *
 * Context: process or BH, RCU read side.
 */
static inline void rtpl_event_guard(struct rtpl_owner *owner, enum rtpl_drop why, int ifindex,
				    const void *addr, int addr_len)
{
	rtpl_event_ops->leak(owner, why, ifindex, addr, addr_len);
}

#endif /* RTPL_EVENT_H */
