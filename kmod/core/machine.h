/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Padding machines: the semantics of the Maybenot framework, version 2 (Pulls and
 * Witwer, "Maybenot: A Framework for Traffic Analysis Defenses", WPES 2023; its
 * library 2.2.2), in integers. A machine consists of states; an event moves it by chance to another
 * state, which asks for an action: padding, blocking, a timer.
 *
 *	machine_check.c	checks whether a blob is a machine
 *	machine.c	the framework: events in, at most one action per machine out
 *	machine_link.c	the framework's user: timers, blocking, what the link owes
 *
 * tools/machine/ makes blobs from the framework's own strings.
 *
 * Where integers differ from the framework's floating point:
 *
 *   - Chances are drawn as 32 bits against thresholds. The framework draws 23 bits
 *     and adds up 32-bit floats; thresholds are those sums, so both pick the same
 *     state for the same draw.
 *   - max_padding and max_blocking are fractions of 2^64. Reached means the same as
 *     in the framework while counts are below 2^53 and the fraction above 2^-10;
 *     below that a fraction is 2^-64 too small at most.
 *   - Samples come of tables (dist.h), times in ns, not rounded to µs; counts stop at
 *     2^63 - 1.
 *   - Time counts up to 2^64 ns; durations saturate there.
 *   - At most RTPL_MACHINES machines, RTPL_MACHINE_STATES states.
 */
#ifndef RTPL_CORE_MACHINE_H
#define RTPL_CORE_MACHINE_H

#include "dist.h"
#include "traffic.h"

#define RTPL_MACHINES		8		/* on one link */
#define RTPL_MACHINE_STATES	4096
#define RTPL_MACHINE_SIZE	(256 * 1024)	/* bytes of a blob, at most */
#define RTPL_MACHINE_TIME_MAX	86400000000000ULL	/* ns, one day: longest sampled time */

/* In the framework's order, which its strings use. */
enum rtpl_machine_event {
	RTPL_MACHINE_NORMAL_RECV,
	RTPL_MACHINE_PADDING_RECV,
	RTPL_MACHINE_TUNNEL_RECV,
	RTPL_MACHINE_NORMAL_SENT,
	RTPL_MACHINE_PADDING_SENT,	/* of one machine */
	RTPL_MACHINE_TUNNEL_SENT,
	RTPL_MACHINE_BLOCKING_BEGIN,	/* by one machine, told to all */
	RTPL_MACHINE_BLOCKING_END,
	RTPL_MACHINE_LIMIT_REACHED,	/* the framework's own */
	RTPL_MACHINE_COUNTER_ZERO,	/* the framework's own */
	RTPL_MACHINE_TIMER_BEGIN,	/* of one machine */
	RTPL_MACHINE_TIMER_END,		/* of one machine */
	RTPL_MACHINE_SIGNAL,		/* the framework's own */
	RTPL_MACHINE_EVENTS
};

/**
 * enum rtpl_machine_kind - action that a state asks for
 * @RTPL_MACHINE_NOTHING: nothing
 * @RTPL_MACHINE_CANCEL: stop the action's timer, the internal one, or both
 * @RTPL_MACHINE_PAD: send a cell of padding after a time
 * @RTPL_MACHINE_BLOCK: after a time, let nothing leave for a time
 * @RTPL_MACHINE_TIMER: let the internal timer run for a time
 * @RTPL_MACHINE_KINDS: number of kinds
 */
enum rtpl_machine_kind {
	RTPL_MACHINE_NOTHING,
	RTPL_MACHINE_CANCEL,
	RTPL_MACHINE_PAD,
	RTPL_MACHINE_BLOCK,
	RTPL_MACHINE_TIMER,
	RTPL_MACHINE_KINDS
};

/* Flags of an action. */
#define RTPL_MACHINE_BYPASS	0x01	/* pad: may pass blocking; block: may be passed */
#define RTPL_MACHINE_REPLACE	0x02	/* pad: data may replace it; others: new time wins */
#define RTPL_MACHINE_ACTION	0x04	/* cancel: the action's timer */
#define RTPL_MACHINE_INTERNAL	0x08	/* cancel: the internal timer */

/**
 * enum rtpl_machine_op - what a state does to a counter
 * @RTPL_MACHINE_KEEP: leave it as it is
 * @RTPL_MACHINE_ADD: add, up to the largest number
 * @RTPL_MACHINE_SUB: subtract, down to 0
 * @RTPL_MACHINE_SET: set it
 * @RTPL_MACHINE_OPS: number of operations
 */
enum rtpl_machine_op {
	RTPL_MACHINE_KEEP,
	RTPL_MACHINE_ADD,
	RTPL_MACHINE_SUB,
	RTPL_MACHINE_SET,
	RTPL_MACHINE_OPS
};

/* ---- the blob: little endian, parts in this order, each at a multiple of 8 ---- */

#define RTPL_MACHINE_MAGIC	0x4d4c5052	/* "RPLM" */
#define RTPL_MACHINE_VERSION	1
#define RTPL_MACHINE_NONE	0xffff		/* no distribution; as a state: the end */
#define RTPL_MACHINE_END	0xffff
#define RTPL_MACHINE_SIGNALS	0xfffe		/* as a state: stay, signal the others */
#define RTPL_MACHINE_OTHER	0xfffe		/* as a distribution: the other counter */

struct rtpl_machine_head {
	__le32 magic;
	__le16 version;
	__le16 n_states;
	__le32 size;		/* of the blob, a multiple of 8 */
	__le32 n_trans;
	__le16 n_dists;
	__le16 zero;
	__le32 zero2;
	__le64 allowed_padding;	/* packets, before other limits apply */
	__le64 allowed_blocked;	/* ns, likewise */
	__le64 max_padding;	/* fraction of 2^64; 0: none */
	__le64 max_blocking;	/* likewise */
};

/* Distributions by number: times in ns, counts in ones. */
struct rtpl_machine_state {
	u8 kind;		/* enum rtpl_machine_kind */
	u8 flags;
	u8 op[2];		/* enum rtpl_machine_op, counters A and B */
	__le16 timeout;		/* pad, block */
	__le16 duration;	/* block, timer */
	__le16 limit;		/* pad, block, timer; or none */
	__le16 by[2];		/* counters: none is 1 */
	__le16 zero;
	__le32 first;		/* its first transition */
	__le16 end[RTPL_MACHINE_EVENTS];	/* event e's: end[e - 1] to end[e] - 1 */
	__le16 zero2;
};

/* Taken by draws of 32 bits that are at most @upto, and above the previous transition's. */
struct rtpl_machine_trans {
	__le32 upto;
	__le16 to;
	__le16 zero;
};

/* Like struct rtpl_dist; @at is the offset of @n u64 of p, followed by @n s64 of x. */
struct rtpl_machine_table {
	u8 kind;
	u8 zero;
	__le16 n;
	__le32 at;
	__le64 start, min, max;
};

static_assert(sizeof(struct rtpl_machine_head) == 56, "blob");
static_assert(sizeof(struct rtpl_machine_state) == 48, "blob");
static_assert(sizeof(struct rtpl_machine_trans) == 8, "blob");
static_assert(sizeof(struct rtpl_machine_table) == 32, "blob");

/* A checked blob in usable form; shared read-only. */
struct rtpl_machine {
	const struct rtpl_machine_state *state;
	const struct rtpl_machine_trans *trans;
	const struct rtpl_machine_table *table;
	const u8 *blob;
	u64 allowed_padding, allowed_blocked, max_padding, max_blocking;
	u16 n_states;
};

/* The part of a blob that is wrong. */
struct rtpl_machine_where {
	const char *field;	/* static string: of struct rtpl_machine_head or _state */
	u32 state;		/* U32_MAX: not in a state */
};

/**
 * rtpl_machine_check() - check whether a blob is a machine
 * @m: set on success; points into @blob
 * @blob: aligned to 8 bytes, must live as long as @m; on big endian machines its tables are
 *	converted in place, so a blob is checked only once
 * @len: bytes
 * @why: set to a sentence (static string) on error
 * @where: set on error
 *
 * Work is bounded by RTPL_MACHINE_SIZE. A machine that passes can be run by all functions below,
 * whatever the events; it may still ask for action after action without time passing, which
 * rtpl_machines_run() ends.
 *
 * Return: 0, -EINVAL, -E2BIG (a size or number too large), -ERANGE (samples out of
 * range), -EPROTONOSUPPORT (another version).
 */
int rtpl_machine_check(struct rtpl_machine *m, void *blob, size_t len, const char **why,
		       struct rtpl_machine_where *where);

/* ---- the framework ---- */

/* The action that a machine asks for. */
struct rtpl_machine_action {
	u8 kind;		/* enum rtpl_machine_kind */
	u8 flags;
	u64 timeout, duration;	/* ns */
};

/* The running state of one machine of a link. */
struct rtpl_machine_run {
	u64 limit;		/* remaining count of the state's action */
	u64 padding, normal;	/* packets sent */
	u64 blocked;		/* ns, only ended blocking */
	u64 counter[2];
	u16 state;
	/* machine_link.c */
	bool begun;		/* TIMER_BEGIN is due */
	u8 due_kind, due_flags;	/* the waiting action, RTPL_MACHINE_NOTHING: none */
	bool timed;		/* the internal timer runs */
	u16 firings;		/* since window */
	u64 due_at, due_duration, timer_at, window;
};

/* Limits for all machines of a link together. */
struct rtpl_machines_limits {
	u64 max_padding;	/* fraction of 2^64; 0: none */
	u64 max_blocking;
};

/* All machines of a link. The owner serialises. */
struct rtpl_machines {
	struct rtpl_machines_limits limits;
	const struct rtpl_machine *m[RTPL_MACHINES];
	struct rtpl_machine_run run[RTPL_MACHINES];
	struct rtpl_machine_action action[RTPL_MACHINES];	/* of the last trigger */
	u8 n;
	u8 signal;		/* enum in machine.c */
	u8 signaller;
	bool zeroed[2];		/* once per trigger, for A and B */
	bool blocking;		/* as the framework was told */
	u64 start, now;
	u64 normal, padding;
	u64 blocked, block_start;
	/* machine_link.c */
	bool blocks;		/* outgoing traffic is blocked */
	bool passable;		/* by padding with the bypass flag */
	u64 block_until;
	u32 owed, through, through_data;
	u64 stopped;		/* machines stopped because they were spinning */
	u64 refused;		/* cells beyond RTPL_MACHINES_OWED */
	u64 replaced;		/* cells that data replaced */
};

/* One event of a batch; @machine is for events of one machine. */
struct rtpl_machine_traffic {
	u8 event;		/* enum rtpl_machine_event */
	u8 machine;
};

/**
 * rtpl_machines_start() - begin, with all machines in their first state
 * @ms: the machines; their earlier contents are lost
 * @m: machines, checked, @n of them; stay valid as long as @ms
 * @n: at most RTPL_MACHINES
 * @limits: for all together
 * @now: ns
 * @rng: for the first states' limits
 */
void rtpl_machines_start(struct rtpl_machines *ms, const struct rtpl_machine *const *m, u8 n,
			 const struct rtpl_machines_limits *limits, u64 now,
			 struct rtpl_rng *rng);

/**
 * rtpl_machines_trigger() - report events to the framework, as its trigger_events()
 * @ms: the machines
 * @events: events in order; without LIMIT_REACHED, COUNTER_ZERO, SIGNAL
 * @n: events
 * @now: ns, never less than before
 * @rng: draws: one for a transition that is possible, one for each sample
 *
 * Sets ms->action[] of each machine, RTPL_MACHINE_NOTHING if there is none; a later event's action
 * replaces an earlier one's. Each event moves each machine at most twice (the event,
 * LIMIT_REACHED), the whole call two times more (COUNTER_ZERO of A and B) and each machine once
 * more (SIGNAL).
 */
void rtpl_machines_trigger(struct rtpl_machines *ms, const struct rtpl_machine_traffic *events,
			   u32 n, u64 now, struct rtpl_rng *rng);

/* ---- the link's side ---- */

#define RTPL_MACHINES_WORK	64	/* timers that one call lets expire */
#define RTPL_MACHINES_OWED	1024	/* cells */
#define RTPL_MACHINE_SPIN	1024	/* timers of one machine ... */
#define RTPL_MACHINE_WINDOW	1000000	/* ... in this many ns: it spins, and is stopped */

/**
 * rtpl_machines_traffic() - report an event on the link
 * @ms: the machines
 * @what: the event; for chaff that machines asked for, also call rtpl_machines_took()
 * @now: ns
 * @rng: generator
 *
 * A queued packet is the framework's NormalSent, a sent cell TunnelSent, a received cell
 * TunnelRecv, then NormalRecv or PaddingRecv. Call rtpl_machines_next() again afterwards.
 */
void rtpl_machines_traffic(struct rtpl_machines *ms, enum rtpl_traffic_event what, u64 now,
			   struct rtpl_rng *rng);

/**
 * rtpl_machines_next() - time at which rtpl_machines_run() must be called
 * @ms: the machines
 *
 * Return: ns; 0: at once; U64_MAX: not before the next event.
 */
u64 rtpl_machines_next(const struct rtpl_machines *ms);

/**
 * rtpl_machines_run() - let due timers expire
 * @ms: the machines
 * @queued: cells worth of data waiting, for padding that data may replace
 * @now: ns
 * @rng: generator
 *
 * They expire in order of time; at equal times in the order: timers that began, the end of
 * blocking, internal timers, actions; then by machine. At most RTPL_MACHINES_WORK.
 *
 * Return: true if more is due.
 */
bool rtpl_machines_run(struct rtpl_machines *ms, u32 queued, u64 now, struct rtpl_rng *rng);

/* What the link must do now. */
struct rtpl_machines_want {
	u32 chaff;		/* cells of chaff to send; 0 while it is blocked */
	u32 through;		/* cells of chaff that leave although it is blocked */
	u32 through_data;	/* likewise, with waiting data, otherwise chaff */
	bool blocked;		/* nothing else may leave */
};

void rtpl_machines_wants(const struct rtpl_machines *ms, struct rtpl_machines_want *w);

void rtpl_machines_took(struct rtpl_machines *ms, const struct rtpl_machines_want *sent);

bool rtpl_machines_ended(const struct rtpl_machines *ms);

#endif /* RTPL_CORE_MACHINE_H */
