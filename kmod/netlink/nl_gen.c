// SPDX-License-Identifier: GPL-2.0
/*
 * The family's policies and operations.
 *
 * Made by tools/netlink/generate: change Documentation/netlink/specs/rtpl.yaml.
 */
#include <linux/if.h>
#include <linux/module.h>
#include <net/genetlink.h>

#include "netlink/nl_gen.h"

#define RTPL_REFUSED(text)	{ .type = NLA_REJECT, .reject_message = text }

const struct nla_policy rtpl_profile_key_nl_policy[RTPL_PROFILE_A_MAX + 1] = {
	[RTPL_PROFILE_A_NAME]	= { .type = NLA_NUL_STRING, .len = RTPL_PROFILE_NAME_MAX - 1 },
};

const struct nla_policy rtpl_node_nl_policy[RTPL_NODE_A_MAX + 1] = {
	[RTPL_NODE_A_PRIVATE_KEY]	= { .type = NLA_BINARY },
	[RTPL_NODE_A_PUBLIC_KEY]	= RTPL_REFUSED("the node's public key is read only"),
	[RTPL_NODE_A_PORT]		= { .type = NLA_U16 },
	[RTPL_NODE_A_PEERS]		= RTPL_REFUSED("the number of peers is read only"),
	[RTPL_NODE_A_VERSION]		= RTPL_REFUSED("the version is read only"),
	[RTPL_NODE_A_FWMARK]		= { .type = NLA_U32 },
	[RTPL_NODE_A_ROTATE]		= { .type = NLA_FLAG },
	[RTPL_NODE_A_BIND_DEVICE]	= { .type = NLA_NUL_STRING, .len = IFNAMSIZ - 1 },
};

const struct nla_policy rtpl_shape_nl_policy[RTPL_SHAPE_A_MAX + 1] = {
	[RTPL_SHAPE_A_SIZES]	= { .type = NLA_U32 },
	[RTPL_SHAPE_A_CELL]	= { .type = NLA_U32 },
	[RTPL_SHAPE_A_BUCKETS]	= { .type = NLA_BINARY },
	[RTPL_SHAPE_A_SCHED]	= { .type = NLA_U32 },
	[RTPL_SHAPE_A_RATE]	= { .type = NLA_U32 },
	[RTPL_SHAPE_A_LATENCY]	= { .type = NLA_U64 },
	[RTPL_SHAPE_A_LIMIT]	= { .type = NLA_U32 },
	[RTPL_SHAPE_A_OVERFLOW]	= { .type = NLA_U32 },
	[RTPL_SHAPE_A_PROFILE]	= { .type = NLA_NUL_STRING, .len = RTPL_PROFILE_NAME_MAX - 1 },
	[RTPL_SHAPE_A_ROLE]	= { .type = NLA_U32 },
	[RTPL_SHAPE_A_POLICY]	= { .type = NLA_NUL_STRING, .len = RTPL_POLICY_NAMES_MAX - 1 },
	[RTPL_SHAPE_A_THREAT]	= { .type = NLA_U8 },
	[RTPL_SHAPE_A_LOAD]	= { .type = NLA_U64 },
	[RTPL_SHAPE_A_BUDGET]	= { .type = NLA_U64 },
	[RTPL_SHAPE_A_PERIOD]	= { .type = NLA_U32 },
	[RTPL_SHAPE_A_EPOCH]	= { .type = NLA_U32 },
	[RTPL_SHAPE_A_CALM]	= { .type = NLA_U8 },
};

const struct nla_policy rtpl_peer_nl_policy[RTPL_PEER_A_MAX + 1] = {
	[RTPL_PEER_A_PUBLIC_KEY]	= { .type = NLA_BINARY },
	[RTPL_PEER_A_PSK]		= { .type = NLA_BINARY },
	[RTPL_PEER_A_ENDPOINT]		= { .type = NLA_BINARY },
	[RTPL_PEER_A_PREFIXES]		= { .type = NLA_NESTED },
	[RTPL_PEER_A_REQUIRE]		= { .type = NLA_U8 },
	[RTPL_PEER_A_KEEPALIVE]		= { .type = NLA_U16 },
	[RTPL_PEER_A_SHAPE]		= { .type = NLA_NESTED },
	[RTPL_PEER_A_ID]		= RTPL_REFUSED("a peer's id is read only"),
	[RTPL_PEER_A_STATE]		= RTPL_REFUSED("a peer's state is read only"),
	[RTPL_PEER_A_LAST_HANDSHAKE]	= RTPL_REFUSED("a peer's last handshake is read only"),
	[RTPL_PEER_A_CELL_NOW]		= RTPL_REFUSED("a peer's present cell is read only"),
	[RTPL_PEER_A_STATS]		= RTPL_REFUSED("a peer's counters are read only"),
	[RTPL_PEER_A_SHAPE_NOW]		= RTPL_REFUSED("a peer's present shape is read only"),
	[RTPL_PEER_A_TWIN]		= { .type = NLA_BINARY },
	[RTPL_PEER_A_MOVE]		= { .type = NLA_FLAG },
	[RTPL_PEER_A_DSCP]		= { .type = NLA_U8 },
	[RTPL_PEER_A_ECN]		= { .type = NLA_U8 },
	[RTPL_PEER_A_NAME]		= { .type = NLA_NUL_STRING, .len = RTPL_NAME_MAX - 1 },
	[RTPL_PEER_A_PSK_SET] =
		RTPL_REFUSED("whether a peer has a pre-shared key is read only"),
	[RTPL_PEER_A_SHAPE_THEIRS]	= RTPL_REFUSED("the other end's shape is read only"),
	[RTPL_PEER_A_MISMATCH]		= RTPL_REFUSED("what does not fit is read only"),
};

const struct nla_policy rtpl_peer_key_nl_policy[RTPL_PEER_A_MAX + 1] = {
	[RTPL_PEER_A_PUBLIC_KEY]	= { .type = NLA_BINARY },
};

const struct nla_policy rtpl_prefix_entry_nl_policy[RTPL_PREFIX_A_MAX + 1] = {
	[RTPL_PREFIX_A_ADDR]	= { .type = NLA_BINARY },
	[RTPL_PREFIX_A_LEN]	= { .type = NLA_U8 },
};

static const struct nla_policy rtpl_node_get_op_nl_policy[RTPL_A_MAX + 1] = {
	[RTPL_A_SHOW_KEYS]	= { .type = NLA_FLAG },
};

static const struct nla_policy rtpl_node_set_op_nl_policy[RTPL_A_MAX + 1] = {
	[RTPL_A_NODE]	= { .type = NLA_NESTED },
};

static const struct nla_policy rtpl_peer_add_op_nl_policy[RTPL_A_MAX + 1] = {
	[RTPL_A_PEER]	= { .type = NLA_NESTED },
};

static const struct nla_policy rtpl_peer_set_op_nl_policy[RTPL_A_MAX + 1] = {
	[RTPL_A_PEER]	= { .type = NLA_NESTED },
};

static const struct nla_policy rtpl_peer_del_op_nl_policy[RTPL_A_MAX + 1] = {
	[RTPL_A_PEER]	= { .type = NLA_NESTED },
};

static const struct nla_policy rtpl_peer_get_op_nl_policy[RTPL_A_MAX + 1] = {
	[RTPL_A_PEER]		= { .type = NLA_NESTED },
	[RTPL_A_SHOW_KEYS]	= { .type = NLA_FLAG },
};

static const struct nla_policy rtpl_stats_get_op_nl_policy[RTPL_A_MAX + 1] = {
	[RTPL_A_PEER]	= { .type = NLA_NESTED },
};

static const struct nla_policy rtpl_profile_set_op_nl_policy[RTPL_A_MAX + 1] = {
	[RTPL_A_PROFILE]	= { .type = NLA_NESTED },
};

static const struct nla_policy rtpl_profile_del_op_nl_policy[RTPL_A_MAX + 1] = {
	[RTPL_A_PROFILE]	= { .type = NLA_NESTED },
};

static const struct nla_policy rtpl_profile_get_op_nl_policy[RTPL_A_MAX + 1] = {};

static const struct nla_policy rtpl_tap_op_nl_policy[RTPL_A_MAX + 1] = {
	[RTPL_A_PEER]	= { .type = NLA_NESTED },
};

static const struct genl_ops rtpl_genl_ops[] = {
	{
		.cmd = RTPL_CMD_NODE_GET,
		.doit = rtpl_nl_node_get_doit,
		.policy = rtpl_node_get_op_nl_policy,
		.maxattr = RTPL_A_MAX,
	},
	{
		.cmd = RTPL_CMD_NODE_SET,
		.flags = GENL_UNS_ADMIN_PERM,
		.doit = rtpl_nl_node_set_doit,
		.policy = rtpl_node_set_op_nl_policy,
		.maxattr = RTPL_A_MAX,
	},
	{
		.cmd = RTPL_CMD_PEER_ADD,
		.flags = GENL_UNS_ADMIN_PERM,
		.doit = rtpl_nl_peer_add_doit,
		.policy = rtpl_peer_add_op_nl_policy,
		.maxattr = RTPL_A_MAX,
	},
	{
		.cmd = RTPL_CMD_PEER_SET,
		.flags = GENL_UNS_ADMIN_PERM,
		.doit = rtpl_nl_peer_set_doit,
		.policy = rtpl_peer_set_op_nl_policy,
		.maxattr = RTPL_A_MAX,
	},
	{
		.cmd = RTPL_CMD_PEER_DEL,
		.flags = GENL_UNS_ADMIN_PERM,
		.doit = rtpl_nl_peer_del_doit,
		.policy = rtpl_peer_del_op_nl_policy,
		.maxattr = RTPL_A_MAX,
	},
	{
		.cmd = RTPL_CMD_PEER_GET,
		.flags = GENL_UNS_ADMIN_PERM,
		.doit = rtpl_nl_peer_get_doit,
		.start = rtpl_nl_dump_start,
		.dumpit = rtpl_nl_peer_get_dumpit,
		.policy = rtpl_peer_get_op_nl_policy,
		.maxattr = RTPL_A_MAX,
	},
	{
		.cmd = RTPL_CMD_STATS_GET,
		.flags = GENL_UNS_ADMIN_PERM,
		.doit = rtpl_nl_stats_get_doit,
		.start = rtpl_nl_dump_start,
		.dumpit = rtpl_nl_stats_get_dumpit,
		.policy = rtpl_stats_get_op_nl_policy,
		.maxattr = RTPL_A_MAX,
	},
	{
		.cmd = RTPL_CMD_PROFILE_SET,
		.flags = GENL_UNS_ADMIN_PERM,
		.doit = rtpl_nl_profile_set_doit,
		.policy = rtpl_profile_set_op_nl_policy,
		.maxattr = RTPL_A_MAX,
	},
	{
		.cmd = RTPL_CMD_PROFILE_DEL,
		.flags = GENL_UNS_ADMIN_PERM,
		.doit = rtpl_nl_profile_del_doit,
		.policy = rtpl_profile_del_op_nl_policy,
		.maxattr = RTPL_A_MAX,
	},
	{
		.cmd = RTPL_CMD_PROFILE_GET,
		.flags = GENL_UNS_ADMIN_PERM,
		.dumpit = rtpl_nl_profile_get_dumpit,
		.policy = rtpl_profile_get_op_nl_policy,
		.maxattr = RTPL_A_MAX,
	},
	{
		.cmd = RTPL_CMD_TAP,
		.flags = GENL_UNS_ADMIN_PERM,
		.doit = rtpl_nl_tap_doit,
		.policy = rtpl_tap_op_nl_policy,
		.maxattr = RTPL_A_MAX,
	},
};

static const struct genl_multicast_group rtpl_genl_groups[] = {
	[RTPL_GROUP_EVENTS] = { .name = RTPL_MCGRP_EVENTS, .flags = GENL_MCAST_CAP_NET_ADMIN },
};

struct genl_family rtpl_genl_family __ro_after_init = {
	.name = RTPL_GENL_NAME,
	.version = RTPL_GENL_VERSION,
	.maxattr = RTPL_A_MAX,
	.module = THIS_MODULE,
	.netnsok = true,
	.parallel_ops = true,
	.ops = rtpl_genl_ops,
	.n_ops = ARRAY_SIZE(rtpl_genl_ops),
	.resv_start_op = RTPL_CMD_UNSPEC + 1,
	.mcgrps = rtpl_genl_groups,
	.n_mcgrps = ARRAY_SIZE(rtpl_genl_groups),
};
