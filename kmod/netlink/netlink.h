/* SPDX-License-Identifier: GPL-2.0 */
/**
 * DOC: the room netlink
 *
 * The generic netlink family: requests, answers, events. main.c registers the family, and registers
 * the tables of this header with the rooms that report events (event.h, node/change.h); nothing
 * else calls this room. netlink/nl_gen.h is generated from Documentation/netlink/specs/rtpl.yaml.
 *
 * Locks: none of its own. A request takes rn->lock while it reads or changes the node. Events of
 * links and of the leakguard take no lock except path->lock; events of changed configuration are
 * written under the rn->lock that the change holds, or under RTNL.
 *
 * Contexts: requests come in process context, several at a time. Events of links, policies and the
 * leakguard are sent in process context or BH, those of changes in process context.
 */
#ifndef RTPL_NETLINK_H
#define RTPL_NETLINK_H

#include "event.h"
#include "node/change.h"
#include "rtpl.h"

/* ---- netlink.c ---- */

int rtpl_netlink_init(void);
void rtpl_netlink_exit(void);

/* ---- tap.c ---- */

void rtpl_tap_stop(struct rtpl_net *rn, u32 portid);

/* Registered by main.c with the rooms that report events. */
extern const struct rtpl_event_ops rtpl_netlink_event_ops;	/* event.c */
extern const struct rtpl_change_ops rtpl_netlink_change_ops;	/* nl_change.c */

#endif /* RTPL_NETLINK_H */
