/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR MIT */
/*
 * RTPL generic netlink family: nodes, peers, counters, events.
 *
 * Documentation/netlink/specs/rtpl.yaml describes the same family; a test
 * compares the two. Append only: numbers never change their meaning.
 *
 * Units: times in nanoseconds (u64) unless the name says otherwise, rates in
 * cells per second, sizes in bytes of UDP payload.
 */
#ifndef _UAPI_LINUX_RTPL_H
#define _UAPI_LINUX_RTPL_H

#define RTPL_GENL_NAME		"rtpl"
#define RTPL_GENL_VERSION	1
#define RTPL_MCGRP_EVENTS	"events"

#define RTPL_KEY_LEN		32	/* X25519 public, private, pre-shared */

/* Limits the kernel enforces; user space checks the same. */
#define RTPL_CELL_MIN		256	/* bytes of UDP payload */
#define RTPL_CELL_MAX		9000
#define RTPL_BUCKETS_MAX	16	/* entries of a bucket list */
#define RTPL_PREFIXES_MAX	2000	/* prefixes of one peer: what one request holds */
/* What of two ends does not fit: bits. */
#define RTPL_MISMATCH_PROFILE	1
#define RTPL_MISMATCH_ROLE	2	/* both are the same end of a profile whose ends differ */
#define RTPL_MISMATCH_CELL	4
#define RTPL_MISMATCH_SCHED	8

#define RTPL_PEERS_MAX		65536	/* peers of one namespace */
#define RTPL_RATE_MAX		500000	/* cells per second: more than one CPU seals */
#define RTPL_LATENCY_MAX_NS	10000000000ULL	/* 10 s */
#define RTPL_LIMIT_MAX		65536	/* packets waiting for one link */
#define RTPL_PROFILES_MAX	64	/* loaded profiles of one namespace */
#define RTPL_PROFILE_NAME_MAX	32	/* bytes of a name, with the 0 at its end */
#define RTPL_NAME_MAX		64	/* bytes of a peer's name, with the 0 at its end */
#define RTPL_POLICY_MAX		8	/* profiles of a policy; it has at least 2 */
#define RTPL_POLICY_NAMES_MAX	256	/* bytes of their names, with the 0 at the end */
#define RTPL_DSCP_COPY		64	/* in the place of a DSCP: that of the packets */

enum rtpl_cmd {
	RTPL_CMD_UNSPEC,
	RTPL_CMD_NODE_GET,	/* do: one node of the caller's namespace */
	RTPL_CMD_NODE_SET,	/* do, CAP_NET_ADMIN: only what is given changes */
	RTPL_CMD_PEER_ADD,	/* do, CAP_NET_ADMIN: -EEXIST if known */
	RTPL_CMD_PEER_SET,	/* do, CAP_NET_ADMIN: -ENOENT if unknown */
	RTPL_CMD_PEER_DEL,	/* do, CAP_NET_ADMIN */
	RTPL_CMD_PEER_GET,	/* do (by key), dump (all, or by key); CAP_NET_ADMIN */
	RTPL_CMD_STATS_GET,	/* do (node's drop counters), dump (one a peer); CAP_NET_ADMIN */
	RTPL_CMD_EVENT,		/* multicast only, group "events" */
	RTPL_CMD_PROFILE_SET,	/* do, CAP_NET_ADMIN: a profile of this name, new or replaced */
	RTPL_CMD_PROFILE_DEL,	/* do, CAP_NET_ADMIN: -EBUSY while a peer or the qdisc has it */
	RTPL_CMD_PROFILE_GET,	/* dump: names; built in and loaded */
	__RTPL_CMD_MAX
};
#define RTPL_CMD_MAX (__RTPL_CMD_MAX - 1)

/* Top level attributes of every message. */
enum rtpl_attr {
	RTPL_A_UNSPEC,
	RTPL_A_NODE,		/* nest, enum rtpl_node_attr */
	RTPL_A_PEER,		/* nest, enum rtpl_peer_attr */
	RTPL_A_DROPS,		/* nest of RTPL_DROP_A_*, one nest a reason */
	RTPL_A_EVENT,		/* nest, enum rtpl_event_attr */
	RTPL_A_GENERATION,	/* u32, changes when configuration changes */
	RTPL_A_SHOW_KEYS,	/* flag, in a GET: include private and pre-shared keys */
	RTPL_A_PAD,
	RTPL_A_PROFILE,		/* nest, enum rtpl_profile_attr; SET: one for each part */
	__RTPL_A_MAX
};
#define RTPL_A_MAX (__RTPL_A_MAX - 1)

enum rtpl_node_attr {
	RTPL_NODE_A_UNSPEC,
	RTPL_NODE_A_PRIVATE_KEY,	/* binary 32; all zero removes it */
	RTPL_NODE_A_PUBLIC_KEY,		/* binary 32, read only */
	RTPL_NODE_A_PORT,		/* u16, host order; 0: any free port */
	RTPL_NODE_A_PEERS,		/* u32, read only */
	RTPL_NODE_A_VERSION,		/* string, read only */
	RTPL_NODE_A_FWMARK,		/* u32, set on cells for policy routing; 0 none */
	RTPL_NODE_A_ROTATE,		/* flag, SET: a new private key ends no session */
	RTPL_NODE_A_BIND_DEVICE,	/* string, device or VRF that cells take; "" any */
	__RTPL_NODE_A_MAX
};
#define RTPL_NODE_A_MAX (__RTPL_NODE_A_MAX - 1)

enum rtpl_size_kind {
	RTPL_SIZE_DEVICE,	/* one size, what the device's MTU and the path carry */
	RTPL_SIZE_FIXED,	/* one size, RTPL_SHAPE_A_CELL */
	RTPL_SIZE_POW2,		/* next power of two, up to RTPL_SHAPE_A_CELL or the MTU */
	RTPL_SIZE_BUCKETS,	/* next of a list, RTPL_SHAPE_A_BUCKETS */
	__RTPL_SIZE_MAX
};

enum rtpl_sched_kind {
	RTPL_SCHED_ASAP,	/* as it comes */
	RTPL_SCHED_CONST,	/* constant rate, RTPL_SHAPE_A_RATE cells per second */
	__RTPL_SCHED_MAX
};

/* Which end of a profile whose ends differ. */
enum rtpl_role_kind {
	RTPL_ROLE_CLIENT,
	RTPL_ROLE_SERVER,
	__RTPL_ROLE_MAX
};

/* ECN field of each cell to a peer, data or not: what a router may do in the place of dropping. */
enum rtpl_ecn_kind {
	RTPL_ECN_KIND_OFF,	/* Not-ECT: drop */
	RTPL_ECN_KIND_ECT_1,	/* ECT(1): mark, as for L4S */
	RTPL_ECN_KIND_ECT_0,	/* ECT(0): mark */
	__RTPL_ECN_KIND_MAX
};

enum rtpl_overflow_kind {
	RTPL_OVERFLOW_NEWEST,	/* a packet that finds the queue full is dropped */
	RTPL_OVERFLOW_OLDEST,	/* the packet that waited longest makes room */
	__RTPL_OVERFLOW_MAX
};

/*
 * A shape, nested in a peer. What is absent keeps its value (default first); an
 * empty nest gives all of the peer's own settings up. A GET has only what was set.
 */
enum rtpl_shape_attr {
	RTPL_SHAPE_A_UNSPEC,
	RTPL_SHAPE_A_SIZES,	/* u32, enum rtpl_size_kind */
	RTPL_SHAPE_A_CELL,	/* u32, bytes of UDP payload */
	RTPL_SHAPE_A_BUCKETS,	/* binary, u16[1..RTPL_BUCKETS_MAX] ascending, host order */
	RTPL_SHAPE_A_SCHED,	/* u32, enum rtpl_sched_kind */
	RTPL_SHAPE_A_RATE,	/* u32, cells per second */
	RTPL_SHAPE_A_LATENCY,	/* u64 ns, budget of a real packet; 0: none */
	RTPL_SHAPE_A_LIMIT,	/* u32, packets waiting for the link */
	RTPL_SHAPE_A_OVERFLOW,	/* u32, enum rtpl_overflow_kind */
	RTPL_SHAPE_A_PAD,
	RTPL_SHAPE_A_PROFILE,	/* string, a profile's name; the other settings change it */
	RTPL_SHAPE_A_ROLE,	/* u32, enum rtpl_role_kind */
	/*
	 * A policy stands in the place of a profile: each of the two takes the other's
	 * place, and in one request there is one of them. What follows is the policy's,
	 * and goes with it.
	 */
	RTPL_SHAPE_A_POLICY,	/* string, names of profiles, weakest first; "": none */
	RTPL_SHAPE_A_THREAT,	/* u8, place in the list below which it never goes, from 0 */
	RTPL_SHAPE_A_LOAD,	/* u64, data in bytes/s above which it steps down; 0 none */
	RTPL_SHAPE_A_BUDGET,	/* u64, bytes of padding and chaff in a period; 0 none */
	RTPL_SHAPE_A_PERIOD,	/* u32 s, of the budget */
	RTPL_SHAPE_A_EPOCH,	/* u32 ms, between two decisions */
	RTPL_SHAPE_A_CALM,	/* u8, calm epochs in a row before a step up */
	__RTPL_SHAPE_A_MAX
};
#define RTPL_SHAPE_A_MAX (__RTPL_SHAPE_A_MAX - 1)

/* A profile; what its blob holds: kmod/core/profile.h, rtpl-profile(5). */
enum rtpl_profile_attr {
	RTPL_PROFILE_A_UNSPEC,
	RTPL_PROFILE_A_NAME,	/* string; SET: read only, it is in the blob */
	RTPL_PROFILE_A_PART,	/* binary, SET: of the blob, in order */
	RTPL_PROFILE_A_SIZE,	/* u32, bytes of the blob, read only */
	RTPL_PROFILE_A_BUILTIN,	/* flag, read only: comes with the module */
	RTPL_PROFILE_A_USERS,	/* u32, links that have it, read only */
	__RTPL_PROFILE_A_MAX
};
#define RTPL_PROFILE_A_MAX (__RTPL_PROFILE_A_MAX - 1)

enum rtpl_link_state {
	RTPL_LINK_DOWN,		/* no session and none wanted */
	RTPL_LINK_CONNECTING,	/* handshake under way */
	RTPL_LINK_UP,		/* keys that may be used now */
};

/*
 * A peer whose prefixes do not fit one message of a dump goes on in the next
 * ones, which carry PUBLIC_KEY, ID and PREFIXES only. A do answers -EMSGSIZE then.
 */
enum rtpl_peer_attr {
	RTPL_PEER_A_UNSPEC,
	RTPL_PEER_A_PUBLIC_KEY,		/* binary 32 */
	RTPL_PEER_A_PSK,		/* binary 32; all zero removes it */
	RTPL_PEER_A_ENDPOINT,		/* struct sockaddr_in or sockaddr_in6 */
	RTPL_PEER_A_PREFIXES,		/* nest of RTPL_PREFIX_A_ENTRY nests; replaces all */
	RTPL_PEER_A_REQUIRE,		/* u8, 0 or 1: never in clear (default 1) */
	RTPL_PEER_A_KEEPALIVE,		/* u16 seconds, 0 off */
	RTPL_PEER_A_SHAPE,		/* nest, enum rtpl_shape_attr */
	RTPL_PEER_A_ID,			/* u32, read only, never used twice while up */
	RTPL_PEER_A_STATE,		/* u32, enum rtpl_link_state, read only */
	RTPL_PEER_A_LAST_HANDSHAKE,	/* u64 ns since it was done (age), absent: never */
	RTPL_PEER_A_CELL_NOW,		/* u32, largest cell the path carries now, read only */
	RTPL_PEER_A_STATS,		/* nest, enum rtpl_stat_attr, in STATS_GET only */
	RTPL_PEER_A_PAD,
	RTPL_PEER_A_SHAPE_NOW,		/* nest, enum rtpl_shape_attr: in force, read only */
	/*
	 * binary 32, public key of another peer that is the same host, all zero: none. While a
	 * key is changed each of the two may send from the other's prefixes.
	 */
	RTPL_PEER_A_TWIN,
	RTPL_PEER_A_MOVE,		/* flag, ADD, SET: prefixes may come from other peers */
	RTPL_PEER_A_DSCP,		/* u8, of its cells: 0 to 63, or RTPL_DSCP_COPY */
	RTPL_PEER_A_ECN,		/* u8, enum rtpl_ecn_kind, of its cells */
	RTPL_PEER_A_NAME,	/* string, for people; without control characters; "": none */
	RTPL_PEER_A_PSK_SET,	/* flag, read only: there is a pre-shared key */
	RTPL_PEER_A_SHAPE_THEIRS,	/* nest, enum rtpl_shape_attr: as the other end said */
	RTPL_PEER_A_MISMATCH,	/* u32, bits RTPL_MISMATCH_*, read only */
	__RTPL_PEER_A_MAX
};
#define RTPL_PEER_A_MAX (__RTPL_PEER_A_MAX - 1)

enum rtpl_prefix_attr {
	RTPL_PREFIX_A_UNSPEC,
	RTPL_PREFIX_A_ENTRY,	/* nest holding the two below */
	RTPL_PREFIX_A_ADDR,	/* binary, 4 or 16 bytes */
	RTPL_PREFIX_A_LEN,	/* u8 */
	__RTPL_PREFIX_A_MAX
};
#define RTPL_PREFIX_A_MAX (__RTPL_PREFIX_A_MAX - 1)

/* Counters of one link, u64 each. */
enum rtpl_stat_attr {
	RTPL_STAT_A_UNSPEC,
	RTPL_STAT_A_TX_CELLS,		/* cells sent that carry data */
	RTPL_STAT_A_TX_CHAFF,		/* cells sent that carry none */
	RTPL_STAT_A_TX_HANDSHAKE,	/* handshake datagrams sent */
	RTPL_STAT_A_TX_WIRE_BYTES,	/* IP bytes of all these datagrams */
	RTPL_STAT_A_TX_PACKETS,		/* inner packets (a GSO packet counts its segments) */
	RTPL_STAT_A_TX_BYTES,		/* IP bytes of inner packets as segments */
	RTPL_STAT_A_TX_PAD_BYTES,	/* padding inside cells with data */
	RTPL_STAT_A_TX_CHAFF_BYTES,	/* wire bytes of chaff cells */
	RTPL_STAT_A_RX_CELLS,
	RTPL_STAT_A_RX_CHAFF,
	RTPL_STAT_A_RX_HANDSHAKE,
	RTPL_STAT_A_RX_WIRE_BYTES,
	RTPL_STAT_A_RX_PACKETS,
	RTPL_STAT_A_RX_BYTES,
	RTPL_STAT_A_DELAY_P50,		/* ns a real packet waited until its last cell left */
	RTPL_STAT_A_DELAY_P99,
	RTPL_STAT_A_DELAY_MAX,
	RTPL_STAT_A_DELAY_COUNT,	/* packets in the three above */
	RTPL_STAT_A_SLOTS_MISSED,	/* slots of a fixed schedule that passed unused */
	RTPL_STAT_A_REKEYS,
	RTPL_STAT_A_QUEUE_PACKETS,	/* waiting now, in the link's own queue */
	RTPL_STAT_A_QUEUE_BYTES,
	RTPL_STAT_A_DROPS,		/* nest of RTPL_DROP_A_ENTRY, of this link */
	RTPL_STAT_A_MEMORY,		/* bytes this peer holds now */
	RTPL_STAT_A_RATE_CHANGES,	/* changes of a fixed rate so far */
	RTPL_STAT_A_PAD,
	/* chaff cells by who asked for them: the schedule's slots, chaff, machines, messages */
	RTPL_STAT_A_CHAFF_SCHED,
	RTPL_STAT_A_CHAFF_COVER,
	RTPL_STAT_A_CHAFF_MACHINE,
	RTPL_STAT_A_CHAFF_MESSAGE,
	RTPL_STAT_A_REFUSED_OVERHEAD,	/* chaff cells that the limits refused */
	RTPL_STAT_A_REFUSED_RATE,
	RTPL_STAT_A_OVERRULED,		/* machines' holds that the latency budget ended */
	RTPL_STAT_A_SWITCHES,		/* of profile, while the link was up */
	RTPL_STAT_A_LEAK_KIND,		/* enum rtpl_leak_bound, of what is in force */
	RTPL_STAT_A_LEAK_MBITS,		/* thousandths of a bit so far, at most */
	RTPL_STAT_A_LEAK_CHOICES,	/* epochs, sessions or windows so far */
	RTPL_STAT_A_LEAK_EPSILON,	/* 2^-32; all ones: the account is over */
	RTPL_STAT_A_LEAK_DELTA,		/* 2^-64 */
	RTPL_STAT_A_UNHEARD,		/* cells that came too fast for the engine to be told */
	RTPL_STAT_A_LEAK_EVER,		/* enum rtpl_leak_bound, the loosest so far */
	/* of a policy; absent where there never was one */
	RTPL_STAT_A_POLICY_LEVEL,	/* place of the profile in force; absent: no policy now */
	RTPL_STAT_A_POLICY_STEPS_UP,
	RTPL_STAT_A_POLICY_STEPS_DOWN,
	RTPL_STAT_A_POLICY_DECISIONS,	/* taken; a late one is for all epochs that ended */
	RTPL_STAT_A_POLICY_MBITS,	/* thousandths of a bit that the steps told, at most */
	__RTPL_STAT_A_MAX
};
#define RTPL_STAT_A_MAX (__RTPL_STAT_A_MAX - 1)

/* What bounds the information in a link's times and sizes. */
enum rtpl_leak_bound {
	RTPL_LEAK_BOUND_NONE,	/* nothing: judged by attack */
	RTPL_LEAK_BOUND_ZERO,	/* they depend on nothing that is sent */
	RTPL_LEAK_BOUND_BITS,	/* RTPL_STAT_A_LEAK_MBITS */
	RTPL_LEAK_BOUND_DP,	/* (epsilon, delta) differential privacy */
	__RTPL_LEAK_BOUND_MAX
};

enum rtpl_drop_attr {
	RTPL_DROP_A_UNSPEC,
	RTPL_DROP_A_ENTRY,	/* nest holding the three below */
	RTPL_DROP_A_NAME,	/* string, as in kmod/core/drop.h */
	RTPL_DROP_A_COUNT,	/* u64 packets or datagrams */
	RTPL_DROP_A_TEXT,	/* string, one sentence */
	RTPL_DROP_A_PAD,
	__RTPL_DROP_A_MAX
};
#define RTPL_DROP_A_MAX (__RTPL_DROP_A_MAX - 1)

enum rtpl_event_kind {
	RTPL_EVENT_UNSPEC,
	RTPL_EVENT_LINK_UP,	/* first keys after none */
	RTPL_EVENT_REKEYED,
	RTPL_EVENT_LINK_LOST,	/* no answer for the whole attempt time, or keys ran out */
	RTPL_EVENT_GUARD_HIT,	/* a clear packet of a required peer was stopped (rate limited) */
	RTPL_EVENT_ROAMED,	/* the peer's endpoint changed */
	RTPL_EVENT_PATH_MTU,	/* the largest cell of the link changed */
	RTPL_EVENT_PEER_ADDED,
	RTPL_EVENT_PEER_REMOVED,
	RTPL_EVENT_POLICY_STEP,	/* a policy chose another profile */
	RTPL_EVENT_NODE_CHANGED,	/* by a request: who and what is in the event */
	RTPL_EVENT_PEER_CHANGED,	/* likewise; also a peer whose prefixes became another's */
	RTPL_EVENT_PROFILE_LOADED,	/* likewise, also in another's place */
	RTPL_EVENT_PROFILE_REMOVED,
	RTPL_EVENT_QDISC_CHANGED,	/* a device got the qdisc, or other options of it */
	RTPL_EVENT_QDISC_REMOVED,
	RTPL_EVENT_MISMATCH,	/* the two ends of a link are not set to fit */
	__RTPL_EVENT_MAX
};

enum rtpl_event_attr {
	RTPL_EVENT_A_UNSPEC,
	RTPL_EVENT_A_KIND,	/* u32, enum rtpl_event_kind */
	RTPL_EVENT_A_PUBLIC_KEY,
	RTPL_EVENT_A_ID,	/* u32 peer id */
	RTPL_EVENT_A_ENDPOINT,	/* sockaddr */
	RTPL_EVENT_A_CELL,	/* u32 */
	RTPL_EVENT_A_IFINDEX,	/* u32, guard hits */
	RTPL_EVENT_A_REASON,	/* string, a drop reason's name */
	RTPL_EVENT_A_ADDR,	/* binary 4 or 16, the packet's other end (guard hits) */
	RTPL_EVENT_A_LEVEL,	/* u32, policy steps: place in the policy's list */
	RTPL_EVENT_A_PROFILE,	/* string, policy steps: the profile there; profiles: its name */
	/*
	 * Of changes by a request. BEFORE and AFTER have what is different, PREFIXES those
	 * that went and those that came, a private or pre-shared key never.
	 */
	RTPL_EVENT_A_PORTID,	/* u32, netlink port of who asked for it */
	RTPL_EVENT_A_UID,	/* u32, whose it is, as the node's user namespace sees it */
	RTPL_EVENT_A_PEER_BEFORE,	/* nest, enum rtpl_peer_attr */
	RTPL_EVENT_A_PEER_AFTER,
	RTPL_EVENT_A_NODE_BEFORE,	/* nest, enum rtpl_node_attr */
	RTPL_EVENT_A_NODE_AFTER,
	RTPL_EVENT_A_PSK_CHANGED,	/* flag: the pre-shared key is another, or none, now */
	RTPL_EVENT_A_LEFT_OUT,	/* u32, prefixes that were too many for the event */
	RTPL_EVENT_A_SHAPE_BEFORE,	/* nest, enum rtpl_shape_attr, of the qdisc */
	RTPL_EVENT_A_SHAPE_AFTER,
	RTPL_EVENT_A_UNPROTECTED,	/* u32, of the qdisc: TCA_RTPL_UNPROTECTED's */
	RTPL_EVENT_A_NAME,	/* string, the peer's, before a change */
	RTPL_EVENT_A_MISMATCH,	/* u32, bits RTPL_MISMATCH_* */
	__RTPL_EVENT_A_MAX
};
#define RTPL_EVENT_A_MAX (__RTPL_EVENT_A_MAX - 1)

#endif /* _UAPI_LINUX_RTPL_H */
