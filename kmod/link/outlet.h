/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a link asks of the device that its cells leave by. The room sch registers in main.c
 * how; a device without that qdisc is never busy, full or late.
 */
#ifndef RTPL_OUTLET_H
#define RTPL_OUTLET_H

#include "link/link.h"

/**
 * struct rtpl_outlet_ops - what a link asks of its device's qdisc
 * @full: does the device's release queue hold enough? Asked by rtpl_tx_wants(), under a qdisc's
 *	root lock: BH
 * @wait: the same; and if so, link is woken when there is room. more: it has packets, so that the
 *	device may want more room. Asked by the tx worker, tx_lock held; the qdisc's
 *	refill does the same for its packets: BH
 * @behind: how far is the device behind with cells that have a time of their own, ns? skip is set
 *	to whether it does not carry them: the first one's time is 1 ms past, and another waits
 *	behind it. Chaff and data count alike. As @wait
 * @room: bytes that a batch may have now; one cell may leave whatever this says. As @wait
 * @more: has the link that just sent by this device more to send than was let in? As @wait
 * @refill: links have room: move packets to them that wait for it. Called by the tx worker, without
 *	tx_lock, and when peers are removed: any context
 *
 * All but @refill are called within one RCU read side section, with an ifindex of 0 where no device
 * is known yet.
 */
struct rtpl_outlet_ops {
	bool (*full)(struct rtpl_net *rn, int ifindex);
	bool (*wait)(struct rtpl_net *rn, int ifindex, struct rtpl_link *link, bool more);
	u64 (*behind)(struct rtpl_net *rn, int ifindex, bool *skip);
	u32 (*room)(struct rtpl_net *rn, int ifindex);
	void (*more)(struct rtpl_net *rn, int ifindex, bool more);
	void (*refill)(struct rtpl_net *rn);
};

extern const struct rtpl_outlet_ops *rtpl_outlet;

#endif /* RTPL_OUTLET_H */
