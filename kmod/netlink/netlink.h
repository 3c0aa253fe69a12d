/* SPDX-License-Identifier: GPL-2.0 */
/* The room of the netlink family: requests, answers, events. */
#ifndef RTPL_NETLINK_H
#define RTPL_NETLINK_H

#include "event.h"
#include "node/change.h"
#include "rtpl.h"

/* ---- netlink.c ---- */

int rtpl_netlink_init(void);
void rtpl_netlink_exit(void);

/* What main.c registers with the rooms that tell of something. */
extern const struct rtpl_event_ops rtpl_netlink_event_ops;	/* event.c */
extern const struct rtpl_change_ops rtpl_netlink_change_ops;	/* nl_change.c */

#endif /* RTPL_NETLINK_H */
