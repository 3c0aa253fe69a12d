/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a link asks of the device that its cells leave by. The room sch registers in main.c
 * how; a device without that qdisc is never busy, full or late.
 */
#ifndef RTPL_OUTLET_H
#define RTPL_OUTLET_H

#include "link/link.h"

/* All but refill() within one RCU read side section. @ifindex 0: no device yet. */
struct rtpl_outlet_ops {
	/* Does the device's release queue hold enough? */
	bool (*full)(struct rtpl_net *rn, int ifindex);
	/*
	 * The same; and if so, @link is woken when there is room. @more: it has packets, so that
	 * the device may want more room. BH.
	 */
	bool (*wait)(struct rtpl_net *rn, int ifindex, struct rtpl_link *link, bool more);
	/*
	 * How far is the device behind with cells that have a time of their own, ns? @skip is
	 * set to whether it does not carry them: the first one's time is 1 ms past, and another
	 * waits behind it. Chaff and data count alike.
	 */
	u64 (*behind)(struct rtpl_net *rn, int ifindex, bool *skip);
	/* Bytes that a batch may have now; one cell may leave whatever this says. */
	u32 (*room)(struct rtpl_net *rn, int ifindex);
	/* Has the link that just sent by this device @more to send than was let in? */
	void (*more)(struct rtpl_net *rn, int ifindex, bool more);
	/* Links have room: move packets to them that wait for it. Any context. */
	void (*refill)(struct rtpl_net *rn);
};

extern const struct rtpl_outlet_ops *rtpl_outlet;

#endif /* RTPL_OUTLET_H */
