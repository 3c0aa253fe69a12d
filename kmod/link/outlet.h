/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a link asks of the device by which its cells leave. In main.c the room sch registers how
 * that is answered; a device without its qdisc is never busy, full or late.
 */
#ifndef RTPL_OUTLET_H
#define RTPL_OUTLET_H

#include "link/link.h"

/**
 * struct rtpl_outlet_ops - what a link asks of its device's qdisc
 * @full: does the device's release queue hold enough? Called by rtpl_tx_wants(), under a qdisc's
 *	root lock: BH
 * @wait: like @full, but if it is full, link is woken when there is room. more: link has packets,
 *	so the device may want more room. Called by the tx worker, with tx_lock held, and by the
 *	qdisc's refill for its packets: BH
 * @behind: how far is the device behind with cells that have a time of their own, ns? skip is set
 *	to whether it cannot carry them: the first one's time is 1 ms past, and another waits behind
 *	it. Chaff and data count alike. Called like @wait
 * @room: bytes that a batch may have now; one cell may always leave. Called like @wait
 * @more: tells whether the link that just sent by this device still has data to send. Called like
 *	@wait
 * @backlog: bytes that wait in the node's classes, if it has one link only; else 0: nobody knows
 *	whose they are. A packet that is being moved may be missing. Called by the tx worker, with
 *	tx_lock held: BH
 * @refill: links have room: move packets that wait for it to them. Called by the tx worker, without
 *	tx_lock, and when peers are removed: any context
 *
 * All but @refill are called within one RCU read side section, with an ifindex of 0 if no device is
 * known yet.
 */
struct rtpl_outlet_ops {
	bool (*full)(struct rtpl_net *rn, int ifindex);
	bool (*wait)(struct rtpl_net *rn, int ifindex, struct rtpl_link *link, bool more);
	u64 (*behind)(struct rtpl_net *rn, int ifindex, bool *skip);
	u32 (*room)(struct rtpl_net *rn, int ifindex);
	void (*more)(struct rtpl_net *rn, int ifindex, bool more);
	u32 (*backlog)(struct rtpl_net *rn);
	void (*refill)(struct rtpl_net *rn);
};

extern const struct rtpl_outlet_ops *rtpl_outlet;

#endif /* RTPL_OUTLET_H */
