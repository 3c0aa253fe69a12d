// SPDX-License-Identifier: GPL-2.0
/*
 * Names of numbers: see names.h.
 *
 * Made by tools/netlink/generate: change Documentation/netlink/specs/rtpl.yaml.
 */
#include <linux/rtpl.h>

#include "names.h"

#define NAMES(table) { sizeof(table) / sizeof((table)[0]), table }

static const char * const rtpl_size_kind[] = {
	[RTPL_SIZE_DEVICE] = "device",
	[RTPL_SIZE_FIXED] = "fixed",
	[RTPL_SIZE_POW2] = "pow2",
	[RTPL_SIZE_BUCKETS] = "buckets",
};

const struct rtpl_names rtpl_size_kind_names = NAMES(rtpl_size_kind);

static const char * const rtpl_role_kind[] = {
	[RTPL_ROLE_CLIENT] = "client",
	[RTPL_ROLE_SERVER] = "server",
};

const struct rtpl_names rtpl_role_kind_names = NAMES(rtpl_role_kind);

static const char * const rtpl_leak_bound[] = {
	[RTPL_LEAK_BOUND_NONE] = "none",
	[RTPL_LEAK_BOUND_ZERO] = "zero",
	[RTPL_LEAK_BOUND_BITS] = "bits",
	[RTPL_LEAK_BOUND_DP] = "dp",
};

const struct rtpl_names rtpl_leak_bound_names = NAMES(rtpl_leak_bound);

static const char * const rtpl_overflow_kind[] = {
	[RTPL_OVERFLOW_NEWEST] = "newest",
	[RTPL_OVERFLOW_OLDEST] = "oldest",
};

const struct rtpl_names rtpl_overflow_kind_names = NAMES(rtpl_overflow_kind);

static const char * const rtpl_link_state[] = {
	[RTPL_LINK_DOWN] = "down",
	[RTPL_LINK_CONNECTING] = "connecting",
	[RTPL_LINK_UP] = "up",
};

const struct rtpl_names rtpl_link_state_names = NAMES(rtpl_link_state);

static const char * const rtpl_event_kind[] = {
	[RTPL_EVENT_LINK_UP] = "link-up",
	[RTPL_EVENT_REKEYED] = "rekeyed",
	[RTPL_EVENT_LINK_LOST] = "link-lost",
	[RTPL_EVENT_LEAKGUARD_HIT] = "leakguard-hit",
	[RTPL_EVENT_ROAMED] = "roamed",
	[RTPL_EVENT_PATH_MTU] = "path-mtu",
	[RTPL_EVENT_PEER_ADDED] = "peer-added",
	[RTPL_EVENT_PEER_REMOVED] = "peer-removed",
	[RTPL_EVENT_POLICY_STEP] = "policy-step",
	[RTPL_EVENT_NODE_CHANGED] = "node-changed",
	[RTPL_EVENT_PEER_CHANGED] = "peer-changed",
	[RTPL_EVENT_PROFILE_LOADED] = "profile-loaded",
	[RTPL_EVENT_PROFILE_REMOVED] = "profile-removed",
	[RTPL_EVENT_QDISC_CHANGED] = "qdisc-changed",
	[RTPL_EVENT_QDISC_REMOVED] = "qdisc-removed",
	[RTPL_EVENT_MISMATCH] = "mismatch",
};

const struct rtpl_names rtpl_event_kind_names = NAMES(rtpl_event_kind);

static const char * const rtpl_stat_attr[] = {
	[RTPL_STAT_A_TX_CELLS] = "tx-cells",
	[RTPL_STAT_A_TX_CHAFF] = "tx-chaff",
	[RTPL_STAT_A_TX_HANDSHAKE] = "tx-handshake",
	[RTPL_STAT_A_TX_WIRE_BYTES] = "tx-wire-bytes",
	[RTPL_STAT_A_TX_PACKETS] = "tx-packets",
	[RTPL_STAT_A_TX_BYTES] = "tx-bytes",
	[RTPL_STAT_A_TX_PAD_BYTES] = "tx-pad-bytes",
	[RTPL_STAT_A_TX_CHAFF_BYTES] = "tx-chaff-bytes",
	[RTPL_STAT_A_RX_CELLS] = "rx-cells",
	[RTPL_STAT_A_RX_CHAFF] = "rx-chaff",
	[RTPL_STAT_A_RX_HANDSHAKE] = "rx-handshake",
	[RTPL_STAT_A_RX_WIRE_BYTES] = "rx-wire-bytes",
	[RTPL_STAT_A_RX_PACKETS] = "rx-packets",
	[RTPL_STAT_A_RX_BYTES] = "rx-bytes",
	[RTPL_STAT_A_DELAY_P50] = "delay-p50",
	[RTPL_STAT_A_DELAY_P99] = "delay-p99",
	[RTPL_STAT_A_DELAY_MAX] = "delay-max",
	[RTPL_STAT_A_DELAY_COUNT] = "delay-count",
	[RTPL_STAT_A_SLOTS_MISSED] = "slots-missed",
	[RTPL_STAT_A_REKEYS] = "rekeys",
	[RTPL_STAT_A_QUEUE_PACKETS] = "queue-packets",
	[RTPL_STAT_A_QUEUE_BYTES] = "queue-bytes",
	[RTPL_STAT_A_DROPS] = "drops",
	[RTPL_STAT_A_MEMORY] = "memory",
	[RTPL_STAT_A_RATE_CHANGES] = "rate-changes",
	[RTPL_STAT_A_CHAFF_SCHED] = "chaff-sched",
	[RTPL_STAT_A_CHAFF_COVER] = "chaff-cover",
	[RTPL_STAT_A_CHAFF_MACHINE] = "chaff-machine",
	[RTPL_STAT_A_CHAFF_MESSAGE] = "chaff-message",
	[RTPL_STAT_A_REFUSED_OVERHEAD] = "refused-overhead",
	[RTPL_STAT_A_REFUSED_RATE] = "refused-rate",
	[RTPL_STAT_A_OVERRULED] = "overruled",
	[RTPL_STAT_A_SWITCHES] = "switches",
	[RTPL_STAT_A_LEAK_KIND] = "leak-kind",
	[RTPL_STAT_A_LEAK_MBITS] = "leak-mbits",
	[RTPL_STAT_A_LEAK_CHOICES] = "leak-choices",
	[RTPL_STAT_A_LEAK_EPSILON] = "leak-epsilon",
	[RTPL_STAT_A_LEAK_DELTA] = "leak-delta",
	[RTPL_STAT_A_UNHEARD] = "unheard",
	[RTPL_STAT_A_LEAK_EVER] = "leak-ever",
	[RTPL_STAT_A_POLICY_LEVEL] = "policy-level",
	[RTPL_STAT_A_POLICY_STEPS_UP] = "policy-steps-up",
	[RTPL_STAT_A_POLICY_STEPS_DOWN] = "policy-steps-down",
	[RTPL_STAT_A_POLICY_DECISIONS] = "policy-decisions",
	[RTPL_STAT_A_POLICY_MBITS] = "policy-mbits",
};

const struct rtpl_names rtpl_stat_attr_names = NAMES(rtpl_stat_attr);
