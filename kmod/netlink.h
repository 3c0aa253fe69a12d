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

struct rtpl_request;

/* Run @fn as a do; its sentence, if it refused, is the answer's. */
int rtpl_netlink_do(struct sk_buff *skb, struct genl_info *info,
		    int (*fn)(struct rtpl_net *rn, struct sk_buff *skb,
			      struct genl_info *info, struct rtpl_request *req));

/* ---- nl_profile.c ---- */

int rtpl_nl_profile_set_do(struct sk_buff *skb, struct genl_info *info);
int rtpl_nl_profile_del_do(struct sk_buff *skb, struct genl_info *info);
int rtpl_nl_profile_dump(struct sk_buff *msg, struct netlink_callback *cb);

#endif /* RTPL_NETLINK_H */
