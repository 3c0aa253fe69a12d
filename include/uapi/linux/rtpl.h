/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR MIT */
/*
 * RTPL generic netlink family: nodes, peers, counters, events.
 *
 * Made by tools/netlink/generate: change Documentation/netlink/specs/rtpl.yaml.
 *
 * Append only: numbers never change their meaning.
 *
 * Units: times in nanoseconds (u64) unless said otherwise, rates in cells per
 * second, sizes in bytes of UDP payload.
 */
#ifndef _UAPI_LINUX_RTPL_H
#define _UAPI_LINUX_RTPL_H

#define RTPL_GENL_NAME		"rtpl"
#define RTPL_GENL_VERSION	1
#define RTPL_MCGRP_EVENTS	"events"

/* Limits the kernel enforces, and user space checks; lengths; bits. */
#define RTPL_KEY_LEN		32		/* X25519 public, private, pre-shared */
#define RTPL_CELL_MIN		64		/* bytes of UDP payload */
#define RTPL_HANDSHAKE_MIN	256		/* no shape's largest size is less */
#define RTPL_CELL_MAX		9000
#define RTPL_BUCKETS_MAX	16		/* entries of a list of sizes */
#define RTPL_PREFIXES_MAX	2000		/* prefixes of one peer, what one request holds */
#define RTPL_MISMATCH_PROFILE	1		/* bit of mismatch; the profiles differ */
#define RTPL_MISMATCH_ROLE	2		/* both are the same end of the profile */
#define RTPL_MISMATCH_CELL	4		/* without a profile, sizes of cells differ */
#define RTPL_MISMATCH_SCHED	8		/* without a profile, one end has a constant rate */
#define RTPL_PEERS_MAX		65536		/* peers of one namespace */
#define RTPL_RATE_MAX		500000		/* cells per second; one processor seals no more */
#define RTPL_LATENCY_MAX_NS	10000000000ULL	/* 10 s */
#define RTPL_LIMIT_MAX		65536		/* packets waiting for one link */
#define RTPL_PROFILES_MAX	64		/* loaded profiles of one namespace */
#define RTPL_PROFILE_NAME_MAX	32		/* bytes of a name, with the 0 at its end */
#define RTPL_NAME_MAX		64		/* bytes of a peer's name, with the 0 at its end */
#define RTPL_POLICY_MAX		8		/* profiles of a policy; it has at least 2 */
#define RTPL_POLICY_NAMES_MAX	256		/* bytes of their names, with the 0 at the end */
#define RTPL_DSCP_COPY		64		/* in the place of a DSCP, that of the packets */

enum rtpl_cmd {
	RTPL_CMD_UNSPEC,
	RTPL_CMD_NODE_GET,	/* do: the node of the caller's namespace */
	RTPL_CMD_NODE_SET,	/* do, CAP_NET_ADMIN: only what is given changes */
	RTPL_CMD_PEER_ADD,	/* do, CAP_NET_ADMIN: EEXIST if the key is known */
	/* do, CAP_NET_ADMIN: only what is given changes; ENOENT if the key is unknown */
	RTPL_CMD_PEER_SET,
	RTPL_CMD_PEER_DEL,	/* do, CAP_NET_ADMIN: names the peer by its public key */
	/* do, dump, CAP_NET_ADMIN: names a peer by its public key; a dump may do so or give all */
	RTPL_CMD_PEER_GET,
	/*
	 * do, dump, CAP_NET_ADMIN: a do gives the node's drops and what each processor did, a dump
	 * the counters of each peer
	 */
	RTPL_CMD_STATS_GET,
	/* event: what happened, to the group events; joining needs CAP_NET_ADMIN */
	RTPL_CMD_EVENT,
	/* do, CAP_NET_ADMIN: a profile of this name, new or in place of the one before */
	RTPL_CMD_PROFILE_SET,
	/* do, CAP_NET_ADMIN: names a loaded profile; EBUSY while a peer or the qdisc has it */
	RTPL_CMD_PROFILE_DEL,
	RTPL_CMD_PROFILE_GET,	/* dump, CAP_NET_ADMIN: the profiles that the node knows */
	/*
	 * do, CAP_NET_ADMIN: from now on packets of this peer's link go to the socket that asks,
	 * until it closes; EBUSY while another has them
	 */
	RTPL_CMD_TAP,
	/* event: inner packets of a link, to the socket that asked by tap */
	RTPL_CMD_PACKETS,
	__RTPL_CMD_MAX
};
#define RTPL_CMD_MAX (__RTPL_CMD_MAX - 1)

/* Which sizes cells have */
enum rtpl_size_kind {
	RTPL_SIZE_DEVICE,	/* one size, what the device's MTU and the path carry */
	RTPL_SIZE_FIXED,	/* one size, that of cell */
	RTPL_SIZE_POW2,		/* the next power of two, up to cell or the MTU */
	RTPL_SIZE_BUCKETS,	/* the next of a list */
	__RTPL_SIZE_MAX
};

/* When cells leave */
enum rtpl_sched_kind {
	RTPL_SCHED_ASAP,	/* as it comes */
	RTPL_SCHED_CONST,	/* at a constant rate */
	__RTPL_SCHED_MAX
};

/* Which end of a profile whose ends differ */
enum rtpl_role_kind {
	RTPL_ROLE_CLIENT,
	RTPL_ROLE_SERVER,
	__RTPL_ROLE_MAX
};

/* What bounds the information in a link's times and sizes */
enum rtpl_leak_bound {
	RTPL_LEAK_BOUND_NONE,	/* nothing, judged by attack */
	RTPL_LEAK_BOUND_ZERO,	/* they depend on nothing that is sent */
	RTPL_LEAK_BOUND_BITS,	/* leak-mbits */
	RTPL_LEAK_BOUND_DP,	/* differential privacy, leak-epsilon and leak-delta */
	__RTPL_LEAK_BOUND_MAX
};

/* ECN field of each cell to a peer, data or not */
enum rtpl_ecn_kind {
	RTPL_ECN_KIND_OFF,	/* Not-ECT; routers drop */
	RTPL_ECN_KIND_ECT_1,	/* ECT(1); routers mark, as for L4S */
	RTPL_ECN_KIND_ECT_0,	/* ECT(0); routers mark */
	__RTPL_ECN_KIND_MAX
};

/* Who gives way when a link's queue is full */
enum rtpl_overflow_kind {
	RTPL_OVERFLOW_NEWEST,	/* the packet that finds it full */
	RTPL_OVERFLOW_OLDEST,	/* the packet that waited longest */
	__RTPL_OVERFLOW_MAX
};

enum rtpl_link_state {
	RTPL_LINK_DOWN,		/* no session and none wanted */
	RTPL_LINK_CONNECTING,	/* a handshake is under way */
	RTPL_LINK_UP,		/* there are keys that may be used now */
	__RTPL_LINK_MAX
};

enum rtpl_event_kind {
	RTPL_EVENT_UNSPEC,
	RTPL_EVENT_LINK_UP,		/* first keys after none */
	RTPL_EVENT_REKEYED,
	RTPL_EVENT_LINK_LOST,		/* no answer for the whole attempt time, or keys ran out */
	/* a clear packet of a required peer was stopped; rate limited */
	RTPL_EVENT_LEAKGUARD_HIT,
	RTPL_EVENT_ROAMED,		/* the peer's endpoint changed */
	RTPL_EVENT_PATH_MTU,		/* the largest cell of the link changed */
	RTPL_EVENT_PEER_ADDED,
	RTPL_EVENT_PEER_REMOVED,
	RTPL_EVENT_POLICY_STEP,		/* a policy chose another profile */
	RTPL_EVENT_NODE_CHANGED,	/* by a request; who and what is in the event */
	RTPL_EVENT_PEER_CHANGED,	/* likewise; also a peer whose prefixes became another's */
	RTPL_EVENT_PROFILE_LOADED,	/* by a request; also in the place of another of its name */
	RTPL_EVENT_PROFILE_REMOVED,
	RTPL_EVENT_QDISC_CHANGED,	/* a device got the qdisc, or other options of it */
	RTPL_EVENT_QDISC_REMOVED,
	RTPL_EVENT_MISMATCH,		/* the two ends of a link are not set to fit */
	__RTPL_EVENT_MAX
};

/* Top level of every message */
enum rtpl_attr {
	RTPL_A_UNSPEC,
	RTPL_A_NODE,		/* nest, enum rtpl_node_attr */
	RTPL_A_PEER,		/* nest, enum rtpl_peer_attr */
	RTPL_A_DROPS,		/* nest, enum rtpl_drop_attr */
	RTPL_A_EVENT,		/* nest, enum rtpl_event_attr */
	RTPL_A_GENERATION,	/* u32, changes when the configuration changes */
	/* flag, in a GET, include private and pre-shared keys; needs CAP_NET_ADMIN */
	RTPL_A_SHOW_KEYS,
	RTPL_A_PAD,
	RTPL_A_PROFILE,		/* nest, enum rtpl_profile_attr */
	RTPL_A_PACKETS,		/* nest, enum rtpl_packet_attr */
	RTPL_A_PROCESSORS,	/* nest, enum rtpl_processor_attr */
	__RTPL_A_MAX
};
#define RTPL_A_MAX (__RTPL_A_MAX - 1)

enum rtpl_profile_attr {
	RTPL_PROFILE_A_UNSPEC,
	RTPL_PROFILE_A_NAME,	/* string, when it is set, the name is in the blob */
	RTPL_PROFILE_A_PART,	/* binary, of the blob, in order, as many as it takes */
	RTPL_PROFILE_A_SIZE,	/* u32, bytes of the blob; a profile's size is read only */
	/* flag, comes with the module; whether a profile does is read only */
	RTPL_PROFILE_A_BUILTIN,
	/* u32, links that have it; a profile's number of users is read only */
	RTPL_PROFILE_A_USERS,
	__RTPL_PROFILE_A_MAX
};
#define RTPL_PROFILE_A_MAX (__RTPL_PROFILE_A_MAX - 1)

enum rtpl_node_attr {
	RTPL_NODE_A_UNSPEC,
	RTPL_NODE_A_PRIVATE_KEY,	/* binary RTPL_KEY_LEN, all zero removes it */
	/* binary RTPL_KEY_LEN, the node's public key is read only */
	RTPL_NODE_A_PUBLIC_KEY,
	RTPL_NODE_A_PORT,		/* u16, host order, of both families; 0 for any free one */
	RTPL_NODE_A_PEERS,		/* u32, the number of peers is read only */
	RTPL_NODE_A_VERSION,		/* string, the version is read only */
	RTPL_NODE_A_FWMARK,		/* u32, set on cells for policy routing; 0 for none */
	/* flag, SET: a new private key ends no session; new ones are begun beside them */
	RTPL_NODE_A_ROTATE,
	/* string, device or VRF that cells leave by and come in on; empty for any */
	RTPL_NODE_A_BIND_DEVICE,
	__RTPL_NODE_A_MAX
};
#define RTPL_NODE_A_MAX (__RTPL_NODE_A_MAX - 1)

/*
 * What is absent keeps its value, the default first. An empty nest in a SET gives all of the peer's
 * own settings up.
 */
enum rtpl_shape_attr {
	RTPL_SHAPE_A_UNSPEC,
	RTPL_SHAPE_A_SIZES,	/* u32, enum rtpl_size_kind */
	RTPL_SHAPE_A_CELL,	/* u32, 0, or RTPL_HANDSHAKE_MIN to RTPL_CELL_MAX */
	RTPL_SHAPE_A_BUCKETS,	/* binary, u16, 1 to RTPL_BUCKETS_MAX, ascending, host order */
	RTPL_SHAPE_A_SCHED,	/* u32, enum rtpl_sched_kind */
	RTPL_SHAPE_A_RATE,	/* u32, cells per second, up to RTPL_RATE_MAX */
	/* u64, budget of a real packet; 0 for none, up to RTPL_LATENCY_MAX_NS */
	RTPL_SHAPE_A_LATENCY,
	RTPL_SHAPE_A_LIMIT,	/* u32, packets waiting for the link, up to RTPL_LIMIT_MAX */
	RTPL_SHAPE_A_OVERFLOW,	/* u32, enum rtpl_overflow_kind */
	RTPL_SHAPE_A_PAD,
	RTPL_SHAPE_A_PROFILE,	/* string, a profile's name; the other settings change it */
	RTPL_SHAPE_A_ROLE,	/* u32, enum rtpl_role_kind */
	/*
	 * string, 2 to RTPL_POLICY_MAX profiles' names, weakest first, with blanks between; empty
	 * for none. It stands in the place of a profile: in one request there is one of the two.
	 * What follows is the policy's, and goes with it.
	 */
	RTPL_SHAPE_A_POLICY,
	RTPL_SHAPE_A_THREAT,	/* u8, place in the list below which it never goes, from 0 */
	/* u64, bytes of data per second above which it steps down; 0 for none */
	RTPL_SHAPE_A_LOAD,
	RTPL_SHAPE_A_BUDGET,	/* u64, bytes of padding and chaff in a period; 0 for none */
	RTPL_SHAPE_A_PERIOD,	/* u32, of the budget, in s; a whole number of epochs */
	RTPL_SHAPE_A_EPOCH,	/* u32, ms between two decisions */
	RTPL_SHAPE_A_CALM,	/* u8, calm epochs in a row before a step up */
	__RTPL_SHAPE_A_MAX
};
#define RTPL_SHAPE_A_MAX (__RTPL_SHAPE_A_MAX - 1)

/*
 * A peer whose prefixes do not fit one message of a dump goes on in the next ones, which carry
 * public-key, id and prefixes only. A do is refused then (EMSGSIZE).
 */
enum rtpl_peer_attr {
	RTPL_PEER_A_UNSPEC,
	RTPL_PEER_A_PUBLIC_KEY,		/* binary RTPL_KEY_LEN */
	RTPL_PEER_A_PSK,		/* binary RTPL_KEY_LEN, all zero removes it */
	RTPL_PEER_A_ENDPOINT,		/* binary, struct sockaddr_in or sockaddr_in6 */
	/* nest, enum rtpl_prefix_attr, up to RTPL_PREFIXES_MAX entries; replace all */
	RTPL_PEER_A_PREFIXES,
	RTPL_PEER_A_REQUIRE,		/* u8, 1, never in clear (the default), or 0 */
	RTPL_PEER_A_KEEPALIVE,		/* u16, seconds, 0 for off */
	RTPL_PEER_A_SHAPE,		/* nest, enum rtpl_shape_attr */
	/* u32, never used twice while the node is there; a peer's id is read only */
	RTPL_PEER_A_ID,
	RTPL_PEER_A_STATE,		/* u32, enum rtpl_link_state, a peer's state is read only */
	/* u64, its age in ns, absent if there was none; a peer's last handshake is read only */
	RTPL_PEER_A_LAST_HANDSHAKE,
	/* u32, the largest that the path carries now; a peer's present cell is read only */
	RTPL_PEER_A_CELL_NOW,
	/* nest, enum rtpl_stat_attr, of a STATS_GET only; a peer's counters are read only */
	RTPL_PEER_A_STATS,
	RTPL_PEER_A_PAD,
	/*
	 * nest, enum rtpl_shape_attr, what is in force, the qdisc's settings and defaults included;
	 * a peer's present shape is read only
	 */
	RTPL_PEER_A_SHAPE_NOW,
	/*
	 * binary RTPL_KEY_LEN, public key of another peer that is the same host, all zero for none.
	 * While a key is changed each of the two may send from the other's prefixes.
	 */
	RTPL_PEER_A_TWIN,
	/*
	 * flag, ADD, SET: prefixes that other peers have become this one's, each in one step, so
	 * that none of their packets finds no peer. Without it such a prefix is refused.
	 */
	RTPL_PEER_A_MOVE,
	RTPL_PEER_A_DSCP,		/* u8, of its cells, 0 to 63 (0), or RTPL_DSCP_COPY */
	RTPL_PEER_A_ECN,		/* u8, enum rtpl_ecn_kind, of its cells */
	/* string, for people, without control characters; empty for none */
	RTPL_PEER_A_NAME,
	/* flag, there is one; whether a peer has a pre-shared key is read only */
	RTPL_PEER_A_PSK_SET,
	/*
	 * nest, enum rtpl_shape_attr, what it said of its own, absent until it did; the other end's
	 * shape is read only
	 */
	RTPL_PEER_A_SHAPE_THEIRS,
	/* u32, bits RTPL_MISMATCH_PROFILE and so on; what does not fit is read only */
	RTPL_PEER_A_MISMATCH,
	__RTPL_PEER_A_MAX
};
#define RTPL_PEER_A_MAX (__RTPL_PEER_A_MAX - 1)

enum rtpl_prefix_attr {
	RTPL_PREFIX_A_UNSPEC,
	RTPL_PREFIX_A_ENTRY,	/* nest, enum rtpl_prefix_attr, holds the two below */
	RTPL_PREFIX_A_ADDR,	/* binary, 4 or 16 bytes; bits behind the length are zero */
	RTPL_PREFIX_A_LEN,	/* u8 */
	__RTPL_PREFIX_A_MAX
};
#define RTPL_PREFIX_A_MAX (__RTPL_PREFIX_A_MAX - 1)

/* Counters of one link */
enum rtpl_stat_attr {
	RTPL_STAT_A_UNSPEC,
	RTPL_STAT_A_TX_CELLS,		/* u64, cells sent that carry data */
	RTPL_STAT_A_TX_CHAFF,		/* u64, cells sent that carry none */
	RTPL_STAT_A_TX_HANDSHAKE,	/* u64, handshake datagrams sent */
	RTPL_STAT_A_TX_WIRE_BYTES,	/* u64, IP bytes of all these datagrams */
	RTPL_STAT_A_TX_PACKETS,		/* u64, inner packets; a super-packet counts its segments */
	RTPL_STAT_A_TX_BYTES,		/* u64, IP bytes of inner packets as segments */
	RTPL_STAT_A_TX_PAD_BYTES,	/* u64, padding inside cells with data */
	RTPL_STAT_A_TX_CHAFF_BYTES,	/* u64, IP bytes of chaff cells */
	RTPL_STAT_A_RX_CELLS,		/* u64 */
	RTPL_STAT_A_RX_CHAFF,		/* u64 */
	RTPL_STAT_A_RX_HANDSHAKE,	/* u64 */
	RTPL_STAT_A_RX_WIRE_BYTES,	/* u64 */
	RTPL_STAT_A_RX_PACKETS,		/* u64 */
	RTPL_STAT_A_RX_BYTES,		/* u64 */
	/* u64, ns a real packet waited, from enqueue to the departure of its last cell */
	RTPL_STAT_A_DELAY_P50,
	RTPL_STAT_A_DELAY_P99,		/* u64 */
	RTPL_STAT_A_DELAY_MAX,		/* u64 */
	RTPL_STAT_A_DELAY_COUNT,	/* u64, packets in the three above */
	RTPL_STAT_A_SLOTS_MISSED,	/* u64, slots of a fixed schedule that passed unused */
	RTPL_STAT_A_REKEYS,		/* u64 */
	RTPL_STAT_A_QUEUE_PACKETS,	/* u64, waiting now, in the link's own queue */
	RTPL_STAT_A_QUEUE_BYTES,	/* u64 */
	/* nest, enum rtpl_drop_attr, of this link; reasons with none are left out */
	RTPL_STAT_A_DROPS,
	RTPL_STAT_A_MEMORY,		/* u64, bytes this peer holds now */
	RTPL_STAT_A_RATE_CHANGES,	/* u64, changes of a fixed rate so far */
	RTPL_STAT_A_PAD,
	RTPL_STAT_A_CHAFF_SCHED,	/* u64, chaff cells that filled slots of the schedule */
	RTPL_STAT_A_CHAFF_COVER,	/* u64, chaff cells that chaff asked for */
	RTPL_STAT_A_CHAFF_MACHINE,	/* u64, chaff cells that machines asked for */
	RTPL_STAT_A_CHAFF_MESSAGE,	/* u64, chaff cells that made messages longer */
	RTPL_STAT_A_REFUSED_OVERHEAD,	/* u64, chaff cells that the limit of overhead refused */
	/* u64, chaff cells that the limit of bytes per second refused */
	RTPL_STAT_A_REFUSED_RATE,
	RTPL_STAT_A_OVERRULED,		/* u64, machines' holds that the latency budget ended */
	RTPL_STAT_A_SWITCHES,		/* u64, changes of profile while the link was up */
	/* u64, enum rtpl_leak_bound, of what is in force; the numbers are over all that was */
	RTPL_STAT_A_LEAK_KIND,
	RTPL_STAT_A_LEAK_MBITS,		/* u64, thousandths of a bit so far, at most */
	RTPL_STAT_A_LEAK_CHOICES,	/* u64, epochs, sessions or windows so far */
	RTPL_STAT_A_LEAK_EPSILON,	/* u64, in 2^-32; all ones when the account is over */
	RTPL_STAT_A_LEAK_DELTA,		/* u64, 2^-64 */
	/* u64, cells that came too fast for the shape engine to be told */
	RTPL_STAT_A_UNHEARD,
	/* u64, enum rtpl_leak_bound, the loosest bound of all that was in force so far */
	RTPL_STAT_A_LEAK_EVER,
	/* u64, place in the policy's list of the profile in force; absent without a policy */
	RTPL_STAT_A_POLICY_LEVEL,
	/* u64, steps of a policy; like the following absent where there never was one */
	RTPL_STAT_A_POLICY_STEPS_UP,
	RTPL_STAT_A_POLICY_STEPS_DOWN,	/* u64 */
	/* u64, decisions taken; a late one is for all epochs that ended */
	RTPL_STAT_A_POLICY_DECISIONS,
	RTPL_STAT_A_POLICY_MBITS,	/* u64, thousandths of a bit that the steps told, at most */
	__RTPL_STAT_A_MAX
};
#define RTPL_STAT_A_MAX (__RTPL_STAT_A_MAX - 1)

enum rtpl_drop_attr {
	RTPL_DROP_A_UNSPEC,
	RTPL_DROP_A_ENTRY,	/* nest, enum rtpl_drop_attr, holds the three below */
	RTPL_DROP_A_NAME,	/* string, one of kmod/core/drop.h */
	RTPL_DROP_A_COUNT,	/* u64, packets or datagrams */
	RTPL_DROP_A_TEXT,	/* string, one sentence */
	RTPL_DROP_A_PAD,
	__RTPL_DROP_A_MAX
};
#define RTPL_DROP_A_MAX (__RTPL_DROP_A_MAX - 1)

enum rtpl_processor_attr {
	RTPL_PROCESSOR_A_UNSPEC,
	/*
	 * nest, enum rtpl_processor_attr, holds the three below; of 128 processors at most, and
	 * none that did nothing
	 */
	RTPL_PROCESSOR_A_ENTRY,
	RTPL_PROCESSOR_A_ID,		/* u32, its number */
	RTPL_PROCESSOR_A_SEALED,	/* u64, cells */
	RTPL_PROCESSOR_A_OPENED,	/* u64, cells, those with a wrong tag too */
	RTPL_PROCESSOR_A_PAD,
	__RTPL_PROCESSOR_A_MAX
};
#define RTPL_PROCESSOR_A_MAX (__RTPL_PROCESSOR_A_MAX - 1)

enum rtpl_event_attr {
	RTPL_EVENT_A_UNSPEC,
	RTPL_EVENT_A_KIND,		/* u32, enum rtpl_event_kind */
	RTPL_EVENT_A_PUBLIC_KEY,	/* binary RTPL_KEY_LEN */
	RTPL_EVENT_A_ID,		/* u32 */
	RTPL_EVENT_A_ENDPOINT,		/* binary, struct sockaddr_in or sockaddr_in6 */
	RTPL_EVENT_A_CELL,		/* u32 */
	RTPL_EVENT_A_IFINDEX,		/* u32, of leakguard hits */
	RTPL_EVENT_A_REASON,		/* string, a drop reason's name */
	/* binary, 4 or 16 bytes, the packet's other end, of leakguard hits */
	RTPL_EVENT_A_ADDR,
	RTPL_EVENT_A_LEVEL,		/* u32, of policy steps, place in the policy's list */
	/* string, of policy steps, the profile there; of profiles, its name */
	RTPL_EVENT_A_PROFILE,
	/* u32, of changes by a request, the netlink port of who asked for it */
	RTPL_EVENT_A_PORTID,
	RTPL_EVENT_A_UID,		/* u32, whose it is, as the node's user namespace sees it */
	/*
	 * nest, enum rtpl_peer_attr, what is different now, as it was; prefixes are those that
	 * went. A private or pre-shared key never stands here.
	 */
	RTPL_EVENT_A_PEER_BEFORE,
	/* nest, enum rtpl_peer_attr, the same as it is; prefixes are those that came */
	RTPL_EVENT_A_PEER_AFTER,
	RTPL_EVENT_A_NODE_BEFORE,	/* nest, enum rtpl_node_attr */
	RTPL_EVENT_A_NODE_AFTER,	/* nest, enum rtpl_node_attr */
	RTPL_EVENT_A_PSK_CHANGED,	/* flag, the pre-shared key is another, or none, now */
	RTPL_EVENT_A_LEFT_OUT,		/* u32, prefixes that were too many for the event */
	/* nest, enum rtpl_shape_attr, of the qdisc; absent where the device had none */
	RTPL_EVENT_A_SHAPE_BEFORE,
	RTPL_EVENT_A_SHAPE_AFTER,	/* nest, enum rtpl_shape_attr */
	/* u32, of the qdisc, what it does with packets to nobody's prefix, enum rtpl_unprotected */
	RTPL_EVENT_A_UNPROTECTED,
	RTPL_EVENT_A_NAME,		/* string, the peer's, before a change */
	RTPL_EVENT_A_MISMATCH,		/* u32, bits, what does not fit */
	__RTPL_EVENT_A_MAX
};
#define RTPL_EVENT_A_MAX (__RTPL_EVENT_A_MAX - 1)

/* Inner packets of a link; addresses are numbers that a capture draws anew */
enum rtpl_packet_attr {
	RTPL_PACKET_A_UNSPEC,
	/* nest, enum rtpl_packet_attr, holds what follows but lost */
	RTPL_PACKET_A_ENTRY,
	/* u64, packets so far that were not told, since the listener is behind */
	RTPL_PACKET_A_LOST,
	/* u64, CLOCK_MONOTONIC ns at which it came to the qdisc, or left the link */
	RTPL_PACKET_A_TIME,
	RTPL_PACKET_A_BYTES,		/* u32, of IP; of a super-packet those of its packets */
	RTPL_PACKET_A_SEGS,		/* u32, packets of a super-packet; absent of one */
	RTPL_PACKET_A_FULL,		/* u32, bytes of each of these but the last */
	RTPL_PACKET_A_OUT,		/* flag, sent to the peer */
	/* u32, number of the two addresses, ports and the protocol, both ways the same */
	RTPL_PACKET_A_FLOW,
	/* u32, number of the address on this side; 0 if there is none */
	RTPL_PACKET_A_NEAR,
	RTPL_PACKET_A_FAR,		/* u32, number of the address on the peer's side */
	RTPL_PACKET_A_NEAR_PORT,	/* u16, 0 if there is none, as in fragments */
	RTPL_PACKET_A_FAR_PORT,		/* u16 */
	RTPL_PACKET_A_PROTO,		/* u8, IP protocol */
	RTPL_PACKET_A_PAD,
	__RTPL_PACKET_A_MAX
};
#define RTPL_PACKET_A_MAX (__RTPL_PACKET_A_MAX - 1)

#endif /* _UAPI_LINUX_RTPL_H */
