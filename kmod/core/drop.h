/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Every reason for which RTPL drops a packet or a datagram. The counters, the tracepoint, netlink
 * and the text in user space use this one list.
 *
 * X(id, name, text): RTPL_DROP_id is the enum's constant, name is the counter's name, and text is a
 * whole sentence for people.
 */
#ifndef RTPL_CORE_DROP_H
#define RTPL_CORE_DROP_H

#define RTPL_DROPS(X) \
	/* on the way out */ \
	X(CLASS_DROP, "class-drop", \
	  "The class drop was chosen for the packet.") \
	X(UNPROTECTED, "unprotected", \
	  "No peer protects the destination and the qdisc says unprotected drop.") \
	X(NO_PEER, "no-peer", \
	  "A filter chose fast, but no peer protects the destination.") \
	X(NO_CLASS, "no-class", \
	  "A filter, or the packet's priority, chose a class that does not exist.") \
	X(NO_CIRCUIT, "no-circuit", \
	  "A filter chose private, and there is no circuit.") \
	X(NO_KEYS, "no-keys", \
	  "The link had no keys in time, or the peer no endpoint.") \
	X(CHILD_FULL, "child-full", \
	  "The class's child qdisc dropped the packet.") \
	X(QUEUE_FULL, "queue-full", \
	  "The link's queue was full.") \
	X(LATENCY, "latency", \
	  "The packet could not leave within the latency budget.") \
	X(TOO_BIG, "too-big", \
	  "The packet was larger than a block can be.") \
	X(MALFORMED_OUT, "malformed-out", \
	  "The packet was not a valid IP packet.") \
	X(NO_MEMORY, "no-memory", \
	  "There was no memory.") \
	X(NO_ROUTE, "no-route", \
	  "There was no route to the peer's endpoint.") \
	X(XMIT, "xmit", \
	  "The stack or the device refused the cell.") \
	X(RELEASE_FULL, "release-full", \
	  "The device's release queue was full.") \
	X(LEAKGUARD_OUT, "leakguard-out", \
	  "A clear packet to a required peer was stopped.") \
	X(PURGED, "purged", \
	  "The packet waited in a queue that was taken down.") \
	X(CRYPT, "crypt", \
	  "The packet was to be encrypted behind the qdisc, and could not be before.") \
	X(LOOP, "loop", \
	  "A tunnel's packet to the peer carried a cell of the same link.") \
	/* on the way in */ \
	X(LEAKGUARD_IN, "leakguard-in", \
	  "A clear packet from a required peer, or ICMP about one to it, was stopped.") \
	X(LEAKGUARD_GROUP, "leakguard-group", \
	  "A clear multicast or broadcast packet from a required peer was stopped.") \
	X(SHORT, "short", \
	  "The datagram was shorter than any cell.") \
	X(UNKNOWN_INDEX, "unknown-index", \
	  "The datagram named no session of this node.") \
	X(KEY_EXPIRED, "key-expired", \
	  "The session's keys were too old.") \
	X(AUTH, "auth", \
	  "The seal did not open: forged, flipped or foreign.") \
	X(REPLAY, "replay", \
	  "The cell had been seen, or was too old to tell.") \
	X(BAD_CELL, "bad-cell", \
	  "The cell's inner header was not valid.") \
	X(BAD_BLOCK, "bad-block", \
	  "A block in the cell was not valid.") \
	X(REASM_LOST, "reasm-lost", \
	  "Cells of the packet were lost on the path.") \
	X(REASM_FULL, "reasm-full", \
	  "Too many packets were incomplete at once.") \
	X(BAD_SOURCE, "bad-source", \
	  "The inner source, or what an ICMP error is about, is not among the peer's prefixes.") \
	X(BAD_INNER, "bad-inner", \
	  "The inner packet was not a valid IP packet.") \
	X(INNER_LINK, "inner-link", \
	  "A cell held control of a local link, or an address of one that no prefix names.") \
	X(NOT_ECT, "not-ect", \
	  "A cell met congestion, and the packet in it cannot carry the mark.") \
	X(BACKLOG, "backlog", \
	  "The stack did not take the received packet: queue full, or device down.") \
	X(DEVICE_GONE, "device-gone", \
	  "The device or the node went away meanwhile.") \
	/* handshake */ \
	X(HS_TYPE, "handshake-type", \
	  "The handshake datagram had an unknown type or length.") \
	X(HS_MAC, "handshake-mac", \
	  "The handshake datagram's first MAC was wrong: it was meant for another public key.") \
	X(HS_COOKIE, "handshake-cookie", \
	  "Under load, and the datagram had no valid cookie.") \
	X(HS_AUTH, "handshake-auth", \
	  "The handshake did not authenticate.") \
	X(HS_PEER, "handshake-peer", \
	  "The handshake came from an unknown key.") \
	X(HS_REPLAY, "handshake-replay", \
	  "The handshake was an old one sent again, or its sender's clock stands.") \
	X(HS_FLOOD, "handshake-flood", \
	  "The peer started handshakes too often.") \
	X(HS_QUEUE, "handshake-queue", \
	  "The queue of handshakes was full.") \
	X(HS_STATE, "handshake-state", \
	  "The answer fitted no handshake under way.") \
	X(HS_ASLEEP, "handshake-asleep", \
	  "The machine falls asleep, or was just restored from a snapshot.")

/* RTPL_DROP_COUNT, behind the last reason, also stands for no reason at all. */
enum rtpl_drop {
#define X(id, name, text) RTPL_DROP_##id,
	RTPL_DROPS(X)
#undef X
	RTPL_DROP_COUNT
};

#endif /* RTPL_CORE_DROP_H */
