/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The family's policies and operations; what they call is the handlers'.
 *
 * Made by tools/netlink/generate: change Documentation/netlink/specs/rtpl.yaml.
 */
#ifndef RTPL_NL_GEN_H
#define RTPL_NL_GEN_H

#include <net/genetlink.h>

#include "rtpl.h"

/* Groups, as genlmsg_multicast_netns() counts them. */
enum {
	RTPL_GROUP_EVENTS,
};

/* Of nests, for nla_parse_nested(). */
extern const struct nla_policy rtpl_profile_key_nl_policy[RTPL_PROFILE_A_MAX + 1];
extern const struct nla_policy rtpl_node_nl_policy[RTPL_NODE_A_MAX + 1];
extern const struct nla_policy rtpl_shape_nl_policy[RTPL_SHAPE_A_MAX + 1];
extern const struct nla_policy rtpl_peer_nl_policy[RTPL_PEER_A_MAX + 1];
extern const struct nla_policy rtpl_peer_key_nl_policy[RTPL_PEER_A_MAX + 1];
extern const struct nla_policy rtpl_prefix_entry_nl_policy[RTPL_PREFIX_A_MAX + 1];

int rtpl_nl_node_get_doit(struct sk_buff *skb, struct genl_info *info);
int rtpl_nl_node_set_doit(struct sk_buff *skb, struct genl_info *info);
int rtpl_nl_peer_add_doit(struct sk_buff *skb, struct genl_info *info);
int rtpl_nl_peer_set_doit(struct sk_buff *skb, struct genl_info *info);
int rtpl_nl_peer_del_doit(struct sk_buff *skb, struct genl_info *info);
int rtpl_nl_peer_get_doit(struct sk_buff *skb, struct genl_info *info);
int rtpl_nl_dump_start(struct netlink_callback *cb);
int rtpl_nl_peer_get_dumpit(struct sk_buff *msg, struct netlink_callback *cb);
int rtpl_nl_stats_get_doit(struct sk_buff *skb, struct genl_info *info);
int rtpl_nl_stats_get_dumpit(struct sk_buff *msg, struct netlink_callback *cb);
int rtpl_nl_profile_set_doit(struct sk_buff *skb, struct genl_info *info);
int rtpl_nl_profile_del_doit(struct sk_buff *skb, struct genl_info *info);
int rtpl_nl_profile_get_dumpit(struct sk_buff *msg, struct netlink_callback *cb);
int rtpl_nl_tap_doit(struct sk_buff *skb, struct genl_info *info);

extern struct genl_family rtpl_genl_family;

#endif /* RTPL_NL_GEN_H */
