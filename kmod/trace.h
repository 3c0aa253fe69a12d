/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints (/sys/kernel/tracing/events/rtpl): events on links, for people who debug or measure.
 * They contain no address, key or content; but sizes and chaff are what RTPL hides on the wire, so
 * traces are just as private. Peers are named by their id.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM rtpl

#if !defined(RTPL_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define RTPL_TRACE_H

#include <linux/tracepoint.h>
#include <net/net_namespace.h>

#include <uapi/linux/rtpl.h>
#include "core/drop.h"
#include "core/traffic.h"

#define RTPL_TRACE_ENUM(id, name, text)		TRACE_DEFINE_ENUM(RTPL_DROP_##id);
#define RTPL_TRACE_NAME(id, name, text)		{ RTPL_DROP_##id, name },
RTPL_DROPS(RTPL_TRACE_ENUM)
TRACE_DEFINE_ENUM(RTPL_DROP_COUNT);

TRACE_EVENT(rtpl_drop,
	TP_PROTO(u32 peer, unsigned int reason, unsigned int count),
	TP_ARGS(peer, reason, count),
	TP_STRUCT__entry(
		__field(u32, peer)
		__field(unsigned int, reason)
		__field(unsigned int, count)
	),
	TP_fast_assign(
		__entry->peer = peer;
		__entry->reason = reason;
		__entry->count = count;
	),
	TP_printk("peer=%u reason=%s count=%u", __entry->peer,
		  __print_symbolic(__entry->reason,
				   RTPL_DROPS(RTPL_TRACE_NAME) { RTPL_DROP_COUNT, "?" }),
		  __entry->count)
);

DECLARE_EVENT_CLASS(rtpl_cell,
	TP_PROTO(u32 peer, u16 size, u32 counter, bool data),
	TP_ARGS(peer, size, counter, data),
	TP_STRUCT__entry(
		__field(u32, peer)
		__field(u32, counter)
		__field(u16, size)
		__field(bool, data)
	),
	TP_fast_assign(
		__entry->peer = peer;
		__entry->counter = counter;
		__entry->size = size;
		__entry->data = data;
	),
	TP_printk("peer=%u counter=%u size=%u %s", __entry->peer, __entry->counter,
		  __entry->size, __entry->data ? "data" : "chaff")
);

/* A cell was sealed and is on its way to the stack. */
DEFINE_EVENT(rtpl_cell, rtpl_cell_sent,
	TP_PROTO(u32 peer, u16 size, u32 counter, bool data),
	TP_ARGS(peer, size, counter, data)
);

/* A cell was opened and was not seen before. */
DEFINE_EVENT(rtpl_cell, rtpl_cell_received,
	TP_PROTO(u32 peer, u16 size, u32 counter, bool data),
	TP_ARGS(peer, size, counter, data)
);

#define RTPL_TRACE_START	RTPL_TRAFFIC_EVENTS
#define RTPL_TRACE_ASKED	(RTPL_TRAFFIC_EVENTS + 1)
#define RTPL_TRACE_SKIPPED	(RTPL_TRAFFIC_EVENTS + 2)
#define RTPL_TRACE_LEAD		(RTPL_TRAFFIC_EVENTS + 3)
#define RTPL_TRACE_BEHIND	(RTPL_TRAFFIC_EVENTS + 4)
#define RTPL_TRACE_FULL		(RTPL_TRAFFIC_EVENTS + 5)
TRACE_DEFINE_ENUM(RTPL_QUEUED);
TRACE_DEFINE_ENUM(RTPL_SENT_DATA);
TRACE_DEFINE_ENUM(RTPL_SENT_CHAFF);
TRACE_DEFINE_ENUM(RTPL_GOT_DATA);
TRACE_DEFINE_ENUM(RTPL_GOT_CHAFF);
TRACE_DEFINE_ENUM(RTPL_TRAFFIC_EVENTS);

/*
 * What the shape engine was told and asked, and when (now): with the seed, this is all that decides
 * what it does. at: time of the event; asked: at is when the oldest packet came, bytes is what
 * waits, and most is the number of cells that a departure may have; start: bytes of the largest
 * cell; skipped: the requested departure passes unused, because the device is behind; lead: from
 * now on slots are built bytes ns ahead (at the start RTPL_PACE_LEAD_MIN); full: from now on there
 * is no room for chaff between a block's cells (bytes 1), or there is again (0, as at the start).
 */
TRACE_EVENT(rtpl_engine,
	TP_PROTO(const struct net *net, u32 peer, unsigned int what, u64 now, u64 at, u32 bytes,
		 u32 most),
	TP_ARGS(net, peer, what, now, at, bytes, most),
	TP_STRUCT__entry(
		__field(u64, now)
		__field(u64, at)
		__field(u32, net)
		__field(u32, peer)
		__field(u32, bytes)
		__field(u32, most)
		__field(unsigned int, what)
	),
	TP_fast_assign(
		__entry->now = now;
		__entry->at = at;
		__entry->net = net->ns.inum;
		__entry->peer = peer;
		__entry->bytes = bytes;
		__entry->most = most;
		__entry->what = what;
	),
	TP_printk("net=%u peer=%u what=%s now=%llu at=%llu bytes=%u most=%u",
		  __entry->net, __entry->peer,
		  __print_symbolic(__entry->what, { RTPL_QUEUED, "queued" },
				   { RTPL_SENT_DATA, "sent-data" },
				   { RTPL_SENT_CHAFF, "sent-chaff" },
				   { RTPL_GOT_DATA, "got-data" },
				   { RTPL_GOT_CHAFF, "got-chaff" },
				   { RTPL_TRAFFIC_EVENTS, "start" },
				   { RTPL_TRAFFIC_EVENTS + 1, "asked" },
				   { RTPL_TRAFFIC_EVENTS + 2, "skipped" },
				   { RTPL_TRAFFIC_EVENTS + 3, "lead" },
				   { RTPL_TRAFFIC_EVENTS + 4, "behind" },
				   { RTPL_TRAFFIC_EVENTS + 5, "full" }),
		  __entry->now, __entry->at, __entry->bytes, __entry->most)
);

/* A slot of a fixed schedule: when it was due, and when the device's qdisc released it, ns. */
TRACE_EVENT(rtpl_departure,
	TP_PROTO(int ifindex, u64 slot, u64 actual, unsigned int cells),
	TP_ARGS(ifindex, slot, actual, cells),
	TP_STRUCT__entry(
		__field(u64, slot)
		__field(u64, actual)
		__field(int, ifindex)
		__field(unsigned int, cells)
	),
	TP_fast_assign(
		__entry->slot = slot;
		__entry->actual = actual;
		__entry->ifindex = ifindex;
		__entry->cells = cells;
	),
	TP_printk("ifindex=%d slot=%llu actual=%llu cells=%u", __entry->ifindex,
		  __entry->slot, __entry->actual, __entry->cells)
);

/* The link's state, see enum rtpl_link_state. */
TRACE_EVENT(rtpl_link,
	TP_PROTO(u32 peer, unsigned int state),
	TP_ARGS(peer, state),
	TP_STRUCT__entry(
		__field(u32, peer)
		__field(unsigned int, state)
	),
	TP_fast_assign(
		__entry->peer = peer;
		__entry->state = state;
	),
	TP_printk("peer=%u state=%s", __entry->peer,
		  __print_symbolic(__entry->state, { 0, "down" }, { 1, "connecting" },
				   { 2, "up" }))
);

/* A policy chose the profile at this position of its list. */
TRACE_EVENT(rtpl_adapt,
	TP_PROTO(u32 peer, unsigned int level, const char *profile),
	TP_ARGS(peer, level, profile),
	TP_STRUCT__entry(
		__field(u32, peer)
		__field(unsigned int, level)
		__array(char, profile, RTPL_PROFILE_NAME_MAX)
	),
	TP_fast_assign(
		__entry->peer = peer;
		__entry->level = level;
		strscpy(__entry->profile, profile, RTPL_PROFILE_NAME_MAX);
	),
	TP_printk("peer=%u level=%u profile=%s", __entry->peer, __entry->level,
		  __entry->profile)
);

/* The leakguard stopped a clear packet. */
TRACE_EVENT(rtpl_leakguard,
	TP_PROTO(u32 peer, int ifindex, bool out),
	TP_ARGS(peer, ifindex, out),
	TP_STRUCT__entry(
		__field(u32, peer)
		__field(int, ifindex)
		__field(bool, out)
	),
	TP_fast_assign(
		__entry->peer = peer;
		__entry->ifindex = ifindex;
		__entry->out = out;
	),
	TP_printk("peer=%u ifindex=%d %s", __entry->peer, __entry->ifindex,
		  __entry->out ? "out" : "in")
);

#endif /* RTPL_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
