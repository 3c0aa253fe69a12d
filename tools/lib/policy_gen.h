/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the family's attributes are, for nla_parse() of libnl-3.
 *
 * Made by tools/netlink/generate: change Documentation/netlink/specs/rtpl.yaml.
 */
#ifndef RTPL_POLICY_GEN_H
#define RTPL_POLICY_GEN_H

#include <netlink/attr.h>

#include <linux/rtpl.h>

extern const struct nla_policy rtpl_top_policy[RTPL_A_MAX + 1];
extern const struct nla_policy rtpl_profile_policy[RTPL_PROFILE_A_MAX + 1];
extern const struct nla_policy rtpl_node_policy[RTPL_NODE_A_MAX + 1];
extern const struct nla_policy rtpl_shape_policy[RTPL_SHAPE_A_MAX + 1];
extern const struct nla_policy rtpl_peer_policy[RTPL_PEER_A_MAX + 1];
extern const struct nla_policy rtpl_prefix_policy[RTPL_PREFIX_A_MAX + 1];
extern const struct nla_policy rtpl_stat_policy[RTPL_STAT_A_MAX + 1];
extern const struct nla_policy rtpl_drop_policy[RTPL_DROP_A_MAX + 1];
extern const struct nla_policy rtpl_processor_policy[RTPL_PROCESSOR_A_MAX + 1];
extern const struct nla_policy rtpl_event_policy[RTPL_EVENT_A_MAX + 1];
extern const struct nla_policy rtpl_packet_policy[RTPL_PACKET_A_MAX + 1];

#endif /* RTPL_POLICY_GEN_H */
