/* SPDX-License-Identifier: GPL-2.0 */
/* The netlink family: netlink.c for event.c. */
#ifndef RTPL_NETLINK_H
#define RTPL_NETLINK_H

#include <net/genetlink.h>

#include "rtpl.h"

/* The only group, RTPL_MCGRP_EVENTS. */
#define RTPL_GROUP_EVENTS	0

extern struct genl_family rtpl_genl_family;

int rtpl_nl_put_endpoint(struct sk_buff *msg, int type, struct rtpl_peer *peer);

#endif /* RTPL_NETLINK_H */
