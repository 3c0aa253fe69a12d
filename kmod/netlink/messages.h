/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of the netlink family share. */
#ifndef RTPL_MESSAGES_H
#define RTPL_MESSAGES_H

#include <net/genetlink.h>

#include "netlink/nl_gen.h"
#include "node/node.h"

struct rtpl_peer_config;
struct rtpl_request;

int rtpl_nl_peer(struct rtpl_request *req, struct nlattr *nest, const struct nla_policy *policy,
		 struct rtpl_peer_config *cfg);

int rtpl_netlink_do(struct sk_buff *skb, struct genl_info *info,
		    int (*fn)(struct rtpl_net *rn, struct sk_buff *skb,
			      struct genl_info *info, struct rtpl_request *req));

/* ---- nl_show.c ---- */

int rtpl_nl_put_endpoint(struct sk_buff *msg, int type, struct rtpl_peer *peer);
int rtpl_nl_put_name(struct sk_buff *msg, int type, struct rtpl_peer *peer);
int rtpl_nl_put_prefix(struct sk_buff *msg, const struct rtpl_prefix *p);
int rtpl_nl_put_shape(struct sk_buff *msg, int type, const struct rtpl_shape_config *cfg);

int rtpl_nl_node_get(struct rtpl_net *rn, struct sk_buff *skb, struct genl_info *info,
		     struct rtpl_request *req);
int rtpl_nl_peer_get(struct rtpl_net *rn, struct sk_buff *skb, struct genl_info *info,
		     struct rtpl_request *req);
int rtpl_nl_stats_get(struct rtpl_net *rn, struct sk_buff *skb, struct genl_info *info,
		      struct rtpl_request *req);

/* ---- tap.c ---- */

void rtpl_tap_packet(struct rtpl_owner *owner, struct sk_buff *skb, u64 at, u32 bytes, u32 segs,
		     bool out);
extern struct notifier_block rtpl_tap_nb;

#endif /* RTPL_MESSAGES_H */
