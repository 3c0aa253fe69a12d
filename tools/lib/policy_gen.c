// SPDX-License-Identifier: GPL-2.0
/*
 * What the family's attributes are, for nla_parse() of libnl-3.
 *
 * Made by tools/netlink/generate: change Documentation/netlink/specs/rtpl.yaml.
 */
#include "policy_gen.h"

const struct nla_policy rtpl_top_policy[RTPL_A_MAX + 1] = {
	[RTPL_A_NODE]		= { .type = NLA_NESTED },
	[RTPL_A_PEER]		= { .type = NLA_NESTED },
	[RTPL_A_DROPS]		= { .type = NLA_NESTED },
	[RTPL_A_EVENT]		= { .type = NLA_NESTED },
	[RTPL_A_GENERATION]	= { .type = NLA_U32 },
	[RTPL_A_SHOW_KEYS]	= { .type = NLA_FLAG },
	[RTPL_A_PROFILE]	= { .type = NLA_NESTED },
	[RTPL_A_PACKETS]	= { .type = NLA_NESTED },
	[RTPL_A_PROCESSORS]	= { .type = NLA_NESTED },
};

const struct nla_policy rtpl_profile_policy[RTPL_PROFILE_A_MAX + 1] = {
	[RTPL_PROFILE_A_NAME]		= { .type = NLA_STRING },
	[RTPL_PROFILE_A_PART]		= { .type = NLA_BINARY },
	[RTPL_PROFILE_A_SIZE]		= { .type = NLA_U32 },
	[RTPL_PROFILE_A_BUILTIN]	= { .type = NLA_FLAG },
	[RTPL_PROFILE_A_USERS]		= { .type = NLA_U32 },
};

const struct nla_policy rtpl_node_policy[RTPL_NODE_A_MAX + 1] = {
	[RTPL_NODE_A_PRIVATE_KEY]	= { .type = NLA_BINARY,
					    .minlen = RTPL_KEY_LEN, .maxlen = RTPL_KEY_LEN },
	[RTPL_NODE_A_PUBLIC_KEY]	= { .type = NLA_BINARY,
					    .minlen = RTPL_KEY_LEN, .maxlen = RTPL_KEY_LEN },
	[RTPL_NODE_A_PORT]		= { .type = NLA_U16 },
	[RTPL_NODE_A_PEERS]		= { .type = NLA_U32 },
	[RTPL_NODE_A_VERSION]		= { .type = NLA_STRING },
	[RTPL_NODE_A_FWMARK]		= { .type = NLA_U32 },
	[RTPL_NODE_A_ROTATE]		= { .type = NLA_FLAG },
	[RTPL_NODE_A_BIND_DEVICE]	= { .type = NLA_STRING },
};

const struct nla_policy rtpl_shape_policy[RTPL_SHAPE_A_MAX + 1] = {
	[RTPL_SHAPE_A_SIZES]	= { .type = NLA_U32 },
	[RTPL_SHAPE_A_CELL]	= { .type = NLA_U32 },
	[RTPL_SHAPE_A_BUCKETS]	= { .type = NLA_BINARY },
	[RTPL_SHAPE_A_SCHED]	= { .type = NLA_U32 },
	[RTPL_SHAPE_A_RATE]	= { .type = NLA_U32 },
	[RTPL_SHAPE_A_LATENCY]	= { .type = NLA_U64 },
	[RTPL_SHAPE_A_LIMIT]	= { .type = NLA_U32 },
	[RTPL_SHAPE_A_OVERFLOW]	= { .type = NLA_U32 },
	[RTPL_SHAPE_A_PROFILE]	= { .type = NLA_STRING },
	[RTPL_SHAPE_A_ROLE]	= { .type = NLA_U32 },
	[RTPL_SHAPE_A_POLICY]	= { .type = NLA_STRING },
	[RTPL_SHAPE_A_THREAT]	= { .type = NLA_U8 },
	[RTPL_SHAPE_A_LOAD]	= { .type = NLA_U64 },
	[RTPL_SHAPE_A_BUDGET]	= { .type = NLA_U64 },
	[RTPL_SHAPE_A_PERIOD]	= { .type = NLA_U32 },
	[RTPL_SHAPE_A_EPOCH]	= { .type = NLA_U32 },
	[RTPL_SHAPE_A_CALM]	= { .type = NLA_U8 },
};

const struct nla_policy rtpl_peer_policy[RTPL_PEER_A_MAX + 1] = {
	[RTPL_PEER_A_PUBLIC_KEY]	= { .type = NLA_BINARY,
					    .minlen = RTPL_KEY_LEN, .maxlen = RTPL_KEY_LEN },
	[RTPL_PEER_A_PSK]		= { .type = NLA_BINARY,
					    .minlen = RTPL_KEY_LEN, .maxlen = RTPL_KEY_LEN },
	[RTPL_PEER_A_ENDPOINT]		= { .type = NLA_BINARY },
	[RTPL_PEER_A_PREFIXES]		= { .type = NLA_NESTED },
	[RTPL_PEER_A_REQUIRE]		= { .type = NLA_U8 },
	[RTPL_PEER_A_KEEPALIVE]		= { .type = NLA_U16 },
	[RTPL_PEER_A_SHAPE]		= { .type = NLA_NESTED },
	[RTPL_PEER_A_ID]		= { .type = NLA_U32 },
	[RTPL_PEER_A_STATE]		= { .type = NLA_U32 },
	[RTPL_PEER_A_LAST_HANDSHAKE]	= { .type = NLA_U64 },
	[RTPL_PEER_A_CELL_NOW]		= { .type = NLA_U32 },
	[RTPL_PEER_A_STATS]		= { .type = NLA_NESTED },
	[RTPL_PEER_A_SHAPE_NOW]		= { .type = NLA_NESTED },
	[RTPL_PEER_A_TWIN]		= { .type = NLA_BINARY,
					    .minlen = RTPL_KEY_LEN, .maxlen = RTPL_KEY_LEN },
	[RTPL_PEER_A_MOVE]		= { .type = NLA_FLAG },
	[RTPL_PEER_A_DSCP]		= { .type = NLA_U8 },
	[RTPL_PEER_A_ECN]		= { .type = NLA_U8 },
	[RTPL_PEER_A_NAME]		= { .type = NLA_STRING },
	[RTPL_PEER_A_PSK_SET]		= { .type = NLA_FLAG },
	[RTPL_PEER_A_SHAPE_THEIRS]	= { .type = NLA_NESTED },
	[RTPL_PEER_A_MISMATCH]		= { .type = NLA_U32 },
};

const struct nla_policy rtpl_prefix_policy[RTPL_PREFIX_A_MAX + 1] = {
	[RTPL_PREFIX_A_ENTRY]	= { .type = NLA_NESTED },
	[RTPL_PREFIX_A_ADDR]	= { .type = NLA_BINARY },
	[RTPL_PREFIX_A_LEN]	= { .type = NLA_U8 },
};

const struct nla_policy rtpl_stat_policy[RTPL_STAT_A_MAX + 1] = {
	[RTPL_STAT_A_TX_CELLS]		= { .type = NLA_U64 },
	[RTPL_STAT_A_TX_CHAFF]		= { .type = NLA_U64 },
	[RTPL_STAT_A_TX_HANDSHAKE]	= { .type = NLA_U64 },
	[RTPL_STAT_A_TX_WIRE_BYTES]	= { .type = NLA_U64 },
	[RTPL_STAT_A_TX_PACKETS]	= { .type = NLA_U64 },
	[RTPL_STAT_A_TX_BYTES]		= { .type = NLA_U64 },
	[RTPL_STAT_A_TX_PAD_BYTES]	= { .type = NLA_U64 },
	[RTPL_STAT_A_TX_CHAFF_BYTES]	= { .type = NLA_U64 },
	[RTPL_STAT_A_RX_CELLS]		= { .type = NLA_U64 },
	[RTPL_STAT_A_RX_CHAFF]		= { .type = NLA_U64 },
	[RTPL_STAT_A_RX_HANDSHAKE]	= { .type = NLA_U64 },
	[RTPL_STAT_A_RX_WIRE_BYTES]	= { .type = NLA_U64 },
	[RTPL_STAT_A_RX_PACKETS]	= { .type = NLA_U64 },
	[RTPL_STAT_A_RX_BYTES]		= { .type = NLA_U64 },
	[RTPL_STAT_A_DELAY_P50]		= { .type = NLA_U64 },
	[RTPL_STAT_A_DELAY_P99]		= { .type = NLA_U64 },
	[RTPL_STAT_A_DELAY_MAX]		= { .type = NLA_U64 },
	[RTPL_STAT_A_DELAY_COUNT]	= { .type = NLA_U64 },
	[RTPL_STAT_A_SLOTS_MISSED]	= { .type = NLA_U64 },
	[RTPL_STAT_A_REKEYS]		= { .type = NLA_U64 },
	[RTPL_STAT_A_QUEUE_PACKETS]	= { .type = NLA_U64 },
	[RTPL_STAT_A_QUEUE_BYTES]	= { .type = NLA_U64 },
	[RTPL_STAT_A_DROPS]		= { .type = NLA_NESTED },
	[RTPL_STAT_A_MEMORY]		= { .type = NLA_U64 },
	[RTPL_STAT_A_RATE_CHANGES]	= { .type = NLA_U64 },
	[RTPL_STAT_A_CHAFF_SCHED]	= { .type = NLA_U64 },
	[RTPL_STAT_A_CHAFF_COVER]	= { .type = NLA_U64 },
	[RTPL_STAT_A_CHAFF_MACHINE]	= { .type = NLA_U64 },
	[RTPL_STAT_A_CHAFF_MESSAGE]	= { .type = NLA_U64 },
	[RTPL_STAT_A_REFUSED_OVERHEAD]	= { .type = NLA_U64 },
	[RTPL_STAT_A_REFUSED_RATE]	= { .type = NLA_U64 },
	[RTPL_STAT_A_OVERRULED]		= { .type = NLA_U64 },
	[RTPL_STAT_A_SWITCHES]		= { .type = NLA_U64 },
	[RTPL_STAT_A_LEAK_KIND]		= { .type = NLA_U64 },
	[RTPL_STAT_A_LEAK_MBITS]	= { .type = NLA_U64 },
	[RTPL_STAT_A_LEAK_CHOICES]	= { .type = NLA_U64 },
	[RTPL_STAT_A_LEAK_EPSILON]	= { .type = NLA_U64 },
	[RTPL_STAT_A_LEAK_DELTA]	= { .type = NLA_U64 },
	[RTPL_STAT_A_UNHEARD]		= { .type = NLA_U64 },
	[RTPL_STAT_A_LEAK_EVER]		= { .type = NLA_U64 },
	[RTPL_STAT_A_POLICY_LEVEL]	= { .type = NLA_U64 },
	[RTPL_STAT_A_POLICY_STEPS_UP]	= { .type = NLA_U64 },
	[RTPL_STAT_A_POLICY_STEPS_DOWN]	= { .type = NLA_U64 },
	[RTPL_STAT_A_POLICY_DECISIONS]	= { .type = NLA_U64 },
	[RTPL_STAT_A_POLICY_MBITS]	= { .type = NLA_U64 },
};

const struct nla_policy rtpl_drop_policy[RTPL_DROP_A_MAX + 1] = {
	[RTPL_DROP_A_ENTRY]	= { .type = NLA_NESTED },
	[RTPL_DROP_A_NAME]	= { .type = NLA_STRING },
	[RTPL_DROP_A_COUNT]	= { .type = NLA_U64 },
	[RTPL_DROP_A_TEXT]	= { .type = NLA_STRING },
};

const struct nla_policy rtpl_processor_policy[RTPL_PROCESSOR_A_MAX + 1] = {
	[RTPL_PROCESSOR_A_ENTRY]	= { .type = NLA_NESTED },
	[RTPL_PROCESSOR_A_ID]		= { .type = NLA_U32 },
	[RTPL_PROCESSOR_A_SEALED]	= { .type = NLA_U64 },
	[RTPL_PROCESSOR_A_OPENED]	= { .type = NLA_U64 },
};

const struct nla_policy rtpl_event_policy[RTPL_EVENT_A_MAX + 1] = {
	[RTPL_EVENT_A_KIND]		= { .type = NLA_U32 },
	[RTPL_EVENT_A_PUBLIC_KEY]	= { .type = NLA_BINARY,
					    .minlen = RTPL_KEY_LEN, .maxlen = RTPL_KEY_LEN },
	[RTPL_EVENT_A_ID]		= { .type = NLA_U32 },
	[RTPL_EVENT_A_ENDPOINT]		= { .type = NLA_BINARY },
	[RTPL_EVENT_A_CELL]		= { .type = NLA_U32 },
	[RTPL_EVENT_A_IFINDEX]		= { .type = NLA_U32 },
	[RTPL_EVENT_A_REASON]		= { .type = NLA_STRING },
	[RTPL_EVENT_A_ADDR]		= { .type = NLA_BINARY },
	[RTPL_EVENT_A_LEVEL]		= { .type = NLA_U32 },
	[RTPL_EVENT_A_PROFILE]		= { .type = NLA_STRING },
	[RTPL_EVENT_A_PORTID]		= { .type = NLA_U32 },
	[RTPL_EVENT_A_UID]		= { .type = NLA_U32 },
	[RTPL_EVENT_A_PEER_BEFORE]	= { .type = NLA_NESTED },
	[RTPL_EVENT_A_PEER_AFTER]	= { .type = NLA_NESTED },
	[RTPL_EVENT_A_NODE_BEFORE]	= { .type = NLA_NESTED },
	[RTPL_EVENT_A_NODE_AFTER]	= { .type = NLA_NESTED },
	[RTPL_EVENT_A_PSK_CHANGED]	= { .type = NLA_FLAG },
	[RTPL_EVENT_A_LEFT_OUT]		= { .type = NLA_U32 },
	[RTPL_EVENT_A_SHAPE_BEFORE]	= { .type = NLA_NESTED },
	[RTPL_EVENT_A_SHAPE_AFTER]	= { .type = NLA_NESTED },
	[RTPL_EVENT_A_UNPROTECTED]	= { .type = NLA_U32 },
	[RTPL_EVENT_A_NAME]		= { .type = NLA_STRING },
	[RTPL_EVENT_A_MISMATCH]		= { .type = NLA_U32 },
};

const struct nla_policy rtpl_packet_policy[RTPL_PACKET_A_MAX + 1] = {
	[RTPL_PACKET_A_ENTRY]		= { .type = NLA_NESTED },
	[RTPL_PACKET_A_LOST]		= { .type = NLA_U64 },
	[RTPL_PACKET_A_TIME]		= { .type = NLA_U64 },
	[RTPL_PACKET_A_BYTES]		= { .type = NLA_U32 },
	[RTPL_PACKET_A_SEGS]		= { .type = NLA_U32 },
	[RTPL_PACKET_A_FULL]		= { .type = NLA_U32 },
	[RTPL_PACKET_A_OUT]		= { .type = NLA_FLAG },
	[RTPL_PACKET_A_FLOW]		= { .type = NLA_U32 },
	[RTPL_PACKET_A_NEAR]		= { .type = NLA_U32 },
	[RTPL_PACKET_A_FAR]		= { .type = NLA_U32 },
	[RTPL_PACKET_A_NEAR_PORT]	= { .type = NLA_U16 },
	[RTPL_PACKET_A_FAR_PORT]	= { .type = NLA_U16 },
	[RTPL_PACKET_A_PROTO]		= { .type = NLA_U8 },
};
