/* SPDX-License-Identifier: GPL-2.0 */
/* Counters as netlink attributes: stats.c for netlink.c. */
#ifndef RTPL_STATS_H
#define RTPL_STATS_H

#include "rtpl.h"

u64 rtpl_stats_node_drops(struct rtpl_net *rn, enum rtpl_drop why);
int rtpl_stats_put_node(struct sk_buff *msg, struct rtpl_net *rn);
int rtpl_stats_put_peer(struct sk_buff *msg, struct rtpl_peer *peer);

#endif /* RTPL_STATS_H */
