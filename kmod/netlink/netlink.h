/* SPDX-License-Identifier: GPL-2.0 */
/* The room of the netlink family: requests, answers, events. */
#ifndef RTPL_NETLINK_H
#define RTPL_NETLINK_H

#include "rtpl.h"

/* ---- netlink.c ---- */

int rtpl_netlink_init(void);
void rtpl_netlink_exit(void);

/* ---- event.c ---- */

/* Multicast an event; any context (GFP_ATOMIC). */
void rtpl_event(struct rtpl_net *rn, struct rtpl_peer *peer, enum rtpl_event_kind kind);
/* The policy's level, and the profile there, are others now. */
void rtpl_event_policy(struct rtpl_peer *peer, u8 level, const char *profile);
void rtpl_event_guard(struct rtpl_net *rn, struct rtpl_peer *peer, enum rtpl_drop why,
		      int ifindex, const void *addr, int addr_len);

#endif /* RTPL_NETLINK_H */
