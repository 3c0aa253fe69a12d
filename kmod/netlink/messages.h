/* SPDX-License-Identifier: GPL-2.0 */
/* The netlink family: what its files give each other and event.c. */
#ifndef RTPL_MESSAGES_H
#define RTPL_MESSAGES_H

#include <net/genetlink.h>

#include "netlink/nl_gen.h"
#include "node/node.h"

struct rtpl_peer_config;
struct rtpl_request;

/* The request's peer, by @policy. The key must be there. */
int rtpl_nl_peer(struct rtpl_request *req, struct nlattr *nest, const struct nla_policy *policy,
		 struct rtpl_peer_config *cfg);

/* Run @fn as a do; its sentence, if it refused, is the answer's. */
int rtpl_netlink_do(struct sk_buff *skb, struct genl_info *info,
		    int (*fn)(struct rtpl_net *rn, struct sk_buff *skb,
			      struct genl_info *info, struct rtpl_request *req));

/* ---- nl_show.c ---- */

int rtpl_nl_put_endpoint(struct sk_buff *msg, int type, struct rtpl_peer *peer);
/* The peer's name, if it has one. Context: any. Return: 0 or -EMSGSIZE. */
int rtpl_nl_put_name(struct sk_buff *msg, int type, struct rtpl_peer *peer);
/* An entry of a list of prefixes. Return: 0, or -EMSGSIZE and the message is as it was. */
int rtpl_nl_put_prefix(struct sk_buff *msg, const struct rtpl_prefix *p);
/* The settings of @cfg that its has names. Return: 0 or -EMSGSIZE. */
int rtpl_nl_put_shape(struct sk_buff *msg, int type, const struct rtpl_shape_config *cfg);

/* For rtpl_netlink_do(). */
int rtpl_nl_node_get(struct rtpl_net *rn, struct sk_buff *skb, struct genl_info *info,
		     struct rtpl_request *req);
int rtpl_nl_peer_get(struct rtpl_net *rn, struct sk_buff *skb, struct genl_info *info,
		     struct rtpl_request *req);
int rtpl_nl_stats_get(struct rtpl_net *rn, struct sk_buff *skb, struct genl_info *info,
		      struct rtpl_request *req);

#endif /* RTPL_MESSAGES_H */
