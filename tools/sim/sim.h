/* SPDX-License-Identifier: GPL-2.0 */
/*
 * rtpl-sim (`rtplctl sim`): traces through the two ends of a link, in virtual time, by
 * the very code of the kernel (kmod/core/engine.h, frag.h, pad.c).
 *
 *	trace.c		traces out of files and folders
 *	link.c		the two ends and the wire between them
 *	flow.c		flows in fair order, what reacts to what, how long requests took
 *	out.c		what an observer sees; logs of events, and their way back in
 *	sum.c		what it costs, as text and JSON
 *	profile.c	profiles by name and from files
 *	main.c		options, progress
 */
#ifndef RTPL_SIM_H
#define RTPL_SIM_H

#include <inttypes.h>
#include <stdio.h>

#include "../../kmod/core/engine.h"
#include "../../kmod/core/frag.h"

#define SIM_NEVER	U64_MAX
#define SIM_ORIGIN	RTPL_NSEC		/* ns: where virtual time begins */
#define SIM_SECONDS_MAX	4000000000ULL		/* of a time in a file */
#define SIM_LENGTH_MAX	30000000ULL		/* s, of a trace */
#define SIM_NAME	256			/* bytes of a class, group, visit */
#define SIM_PACKET_MIN	20			/* bytes: an IPv4 header */
#define SIM_FLOWS	1000000			/* of a trace */
#define SIM_SMALL	15000			/* bytes both ways of a small request: ten packets */

/* Prints a sentence and ends with status 1 (refused) or 2 (the command line). */
void sim_fail(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));
void sim_usage(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));
/* @p with room for more than @n elements, *@room of them now; never NULL. */
void *sim_grow(void *p, size_t n, size_t *room, size_t size);

/* ---- trace.c ---- */

struct sim_packet {
	u64 at;			/* ns since the trace's first packet */
	u32 bytes;		/* of IP */
	u32 row;		/* of the file: order within a moment */
	u32 flow;		/* 0 where the file has none */
};

struct sim_packets {
	struct sim_packet *p;	/* by time */
	size_t n, room;
};

struct sim_trace {
	char class[SIM_NAME];	/* "" if there is none */
	char group[SIM_NAME];	/* collections only */
	char name[SIM_NAME];	/* visit, or the file's name without .csv, .xz */
	bool collection;
	bool has_flows;		/* the file says which packet is of which */
	u32 flows;		/* the largest number of one, and 1 */
	struct sim_packets from[RTPL_END_COUNT];	/* sent by that end */
	u64 length;		/* ns, first packet to last */
};

struct sim_form {
	u32 cell_bytes;		/* sizes are numbers of cells with so many bytes; 0: bytes */
	u32 header_bytes;	/* added to each size */
};

typedef void (*sim_trace_fn)(struct sim_trace *t, void *priv);

/*
 * Calls @fn for each trace of @path: a file, "-" or a folder; the trace is only valid
 * during the call. Files are read one line at a time, .xz or not. What is wrong
 * in one ends the program with a sentence that names file and line.
 * *@done: bytes of files that were read so far, of *@all.
 */
void sim_traces(const char *path, const struct sim_form *form, sim_trace_fn fn, void *priv,
		u64 *done);
u64 sim_traces_size(const char *path);

/* ---- flow.c ---- */

struct sim_waiting {		/* a packet */
	u64 came;
	u64 due;		/* when the trace sends it */
	u32 bytes, flow;
};

/* What waits, in fair order; see there. */
struct sim_fair;

struct sim_fair *sim_fair_new(u32 most);	/* packets */
void sim_fair_free(struct sim_fair *f);
void sim_fair_begin(struct sim_fair *f, u32 flows);	/* a trace; what waits is forgotten */
void sim_fair_put(struct sim_fair *f, const struct sim_waiting *w);
bool sim_fair_pop(struct sim_fair *f, struct sim_waiting *w);
/* The oldest of the flow that has most bytes waiting. */
bool sim_fair_drop(struct sim_fair *f, struct sim_waiting *w);
u64 sim_fair_oldest(const struct sim_fair *f);

/* The flows of a trace that is played. Times are virtual. */
struct sim_flows;

struct sim_flows *sim_flows_new(void);
void sim_flows_free(struct sim_flows *f);
void sim_flows_begin(struct sim_flows *f, const struct sim_trace *t,
		     const u64 shift[RTPL_END_COUNT], u64 delay);
/* The end's packet @k has come to its time. Return: is it sent? Else it is when it may be. */
bool sim_flows_due(struct sim_flows *f, enum rtpl_end e, u32 k, u64 now);
u64 sim_flows_next(const struct sim_flows *f, enum rtpl_end e);	/* when one is; SIM_NEVER */
u32 sim_flows_pop(struct sim_flows *f, enum rtpl_end e);		/* that one's k */
u32 sim_flows_held(const struct sim_flows *f, enum rtpl_end e);
/* Adds what was held to the end. */
void sim_flows_rest(const struct sim_flows *f, enum rtpl_end e, u64 *packets, u64 *bytes);
/* Packet @w left the wire at @gone; 0: it was lost, which holds up nothing. */
void sim_flows_gone(struct sim_flows *f, enum rtpl_end e, const struct sim_waiting *w, u64 gone);

/*
 * How long requests took: from a flow's first packet of the client to the last that came to it, in
 * the trace and by how much longer on this link.
 */
enum { SIM_SMALL_REQUESTS, SIM_LARGE_REQUESTS, SIM_REQUESTS };

struct sim_took {
	u64 plain, added;	/* ns */
};

struct sim_requests {
	struct sim_took *took;
	size_t n, room;
};

/* Adds those of the trace that was played; @unfinished: those that lost packets, or did not end. */
void sim_flows_count(const struct sim_flows *f, struct sim_requests r[SIM_REQUESTS], u64 *unfinished);

/* ---- link.c ---- */

/* What an observer at the client sees of one cell. */
struct sim_seen {
	u64 at;			/* ns of virtual time */
	u32 bytes;		/* of IP */
	bool chaff;
};

struct sim_cells {
	struct sim_seen *p;	/* by time */
	size_t n, room;
};

/* Of one end, or of several traces summed. Bytes are of IP. */
struct sim_sum {
	u64 packets, bytes;		/* that came to be sent */
	u64 sent_packets, sent_bytes;	/* that left */
	u64 late, late_bytes;		/* dropped: latency budget */
	u64 full, full_bytes;		/* dropped: queue limit */
	u64 big, big_bytes;		/* dropped: over too many cells */
	u64 left, left_bytes;		/* waited when the run was ended */
	u64 cells, chaff;		/* with data, without */
	u64 wire;			/* bytes of all cells */
	u64 padding, chaff_bytes, header;	/* parts of them; payload is the rest */
	u64 waited;			/* ns, of all packets that left */
	struct rtpl_hist delay;
	struct rtpl_engine_count count;
	struct rtpl_leak leak;		/* sums; epsilon and delta: the highest of a trace */
	u64 leak_most;			/* mbits of the worst trace */
};

/* An attacker on the path, on what one end sends: cells that would come in this time. */
struct sim_attack {
	enum rtpl_end end;
	u64 at, len;			/* ns since the trace's first packet; no length: none */
	u32 lose;			/* percent that never come; 0: all come when it is over */
};

struct sim_run {			/* settings, the same for all traces */
	const struct rtpl_profile *profile;
	u64 seed;			/* of the first trace; each next one more */
	u64 rate;			/* bits per second of the bottleneck; 0: any */
	u64 delay;			/* ns, one way */
	u64 lead;			/* ns: cells of a schedule are built so much ahead */
	u64 keep;			/* ns from trace to trace on one link; 0: a new link each */
	u64 before, tail;		/* ns that the link is followed for beyond the data */
	u32 outer;			/* bytes of IP and UDP header outside */
	u16 path;			/* largest cell that the path carries */
	bool tell_end;			/* tamaraw is told when a page is complete */
	bool fair;			/* flows in fair order, else first come, first served */
	bool react;			/* packets wait for what they answer */
	struct sim_attack attack;
};

struct sim_log;
struct sim_link;

struct sim_link *sim_link_new(const struct sim_run *run);
void sim_link_free(struct sim_link *l);
/* The end's events and departures go to @log; NULL: nowhere. */
void sim_link_log(struct sim_link *l, enum rtpl_end end, struct sim_log *log);
/* Keep what an observer sees? */
void sim_link_observe(struct sim_link *l, bool on);

/**
 * sim_link_play() - one trace
 * @l: the link
 * @t: the trace
 * @number: added to the seed
 *
 * The observer, and who took the trace, are at the client: a packet to it was sent one
 * delay before the trace has it. Ends when all data is through and the tail is over, or
 * when nothing more happens, or 600 s after the last packet whatever waits.
 */
void sim_link_play(struct sim_link *l, const struct sim_trace *t, u64 number);

/* Of the trace that was played last. */
const struct sim_sum *sim_link_sum(const struct sim_link *l, enum rtpl_end end);
const struct sim_cells *sim_link_seen(const struct sim_link *l, enum rtpl_end end);
u64 sim_link_began(const struct sim_link *l);	/* virtual time of the first packet */
const struct sim_flows *sim_link_flows(const struct sim_link *l);	/* or NULL */
/* ns by which the last data came later than in the trace. */
u64 sim_link_late(const struct sim_link *l);

/* What the engine was told or asked, and when. */
enum {
	SIM_START = RTPL_TRAFFIC_EVENTS, SIM_ASKED, SIM_HELD, SIM_LATE, SIM_SKIPPED, SIM_LEAD,
	SIM_BEHIND, SIM_STOP, SIM_WHATS
};

struct sim_event {
	u64 now;
	u64 at;			/* of the event; asked: when the oldest packet came */
	u32 bytes;		/* asked: that wait; start: of the largest cell */
	u8 what;		/* enum rtpl_traffic_event, or the above */
};

/**
 * sim_link_replay() - one end alone, by what a log has
 * @l: the link; the end's departures go to the log that was set
 * @end: which
 * @ev: the events, ascending, the first is SIM_START
 * @n: how many
 * @marked: the seed says which end it is (not in the kernel's)
 *
 * Where the log says when the engine was asked, it is asked then, with as many bytes
 * waiting; else the end runs by itself.
 */
void sim_link_replay(struct sim_link *l, enum rtpl_end end, const struct sim_event *ev, size_t n,
		     bool marked);

/* ---- out.c ---- */

/*
 * @path: a folder, or a file that ends in .csv: a collection, or in .cells: records.
 * @until: ns of a run; what comes later is not written (0: all is).
 */
void sim_out_open(const char *path, bool truth, u64 until);
void sim_out_trace(const struct sim_trace *t, u64 number, const struct sim_link *l);
void sim_out_close(void);

/* "-" is standard output. @departures_only: nothing but cells that leave. */
struct sim_log *sim_log_open(const char *path, bool departures_only);
void sim_log_close(struct sim_log *log);
void sim_log(struct sim_log *log, u64 now, unsigned int what, u64 at, u32 bytes);
/*
 * Reads what sim_log() wrote, or what the kernel's tracepoint rtpl_engine prints of @peer
 * (0: of any); then *@kernel. *@ev is to be freed. Return: how many.
 */
size_t sim_log_read(const char *path, u32 peer, struct sim_event **ev, bool *kernel);

/* ---- sum.c ---- */

struct sim_total {
	u64 traces, length;		/* ns: sum */
	u64 late;			/* ns: sum */
	double late_mean;		/* of each trace's length, sum */
	double cost_mean;		/* bytes over payload of each trace, sum */
	struct sim_sum end[RTPL_END_COUNT];
	struct sim_requests requests[SIM_REQUESTS];
	u64 unfinished;
};

void sim_total_add(struct sim_total *total, const struct sim_trace *t, const struct sim_link *l);
void sim_total_free(struct sim_total *total);
void sim_sum_add(struct sim_sum *to, const struct sim_sum *s);
void sim_total_text(const struct sim_total *total, const struct sim_run *run);
/* One line: the total, or with @t one trace of it. */
void sim_total_json(const struct sim_total *total, const struct sim_run *run,
		    const struct sim_trace *t);

/* ---- profile.c ---- */

/* By name or from a file, as in `rtplctl profile`; what is wrong ends the program. */
struct rtpl_profile *sim_profile(const char *word, u32 max_cell);

#endif /* RTPL_SIM_H */
