/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A profile: everything that shapes a link, as data. User space (tools/profile) compiles it from
 * text into a blob, and distributions into tables; the kernel checks the blob again (profile.c) and
 * runs it (engine.c), as does the simulator.
 */
#ifndef RTPL_CORE_PROFILE_H
#define RTPL_CORE_PROFILE_H

#include "chaff.h"
#include "dp.h"
#include "limits.h"
#include "machine.h"
#include "noise_size.h"
#include "sched.h"

#define RTPL_PROFILE_NAME	32		/* with the 0 at the end: a-z, 0-9, "-" */
#define RTPL_PROFILE_SIZE	(1024 * 1024)	/* bytes of a blob, at most */

/* What one end does. */
struct rtpl_profile_end {
	struct rtpl_sched_params sched;
	struct rtpl_chaff chaff;
	struct rtpl_dist gap;		/* random intervals of chaff */
	struct rtpl_dist noise;		/* of a slow ladder's decisions */
	struct rtpl_exchange exchange;	/* of a schedule of that kind; else all zero */
	u8 n_machines;
	struct rtpl_machine machine[RTPL_MACHINES];
	struct rtpl_machines_limits machines;	/* for all of them together */
};

/*
 * Immutable once checked, shared by all links that use it. Must not be copied: it has pointers to
 * parts of itself.
 */
struct rtpl_profile {
	char name[RTPL_PROFILE_NAME];
	/*
	 * sizes, overflow, limit, latency; sched and rate mirror end[].sched if an end has a
	 * constant rate, and are "as it comes" otherwise.
	 */
	struct rtpl_shape shape;
	bool messages;			/* noise is used: whole messages are padded */
	struct rtpl_noise_size noise;
	struct rtpl_limits limits;	/* of chaff other than a schedule's */
	struct rtpl_dp_plan dp;		/* for schedules of that kind; otherwise all zero */
	struct rtpl_profile_end end[RTPL_END_COUNT];	/* pointers lead into the blob */
};

/*
 * ---- the blob: little endian ----
 *
 * A head, then records up to the end, in any order. A record is its head and a body, together a
 * multiple of 8 bytes, of exactly the length that its type and its numbers require. There is at
 * most one of each type for an end (machines: RTPL_MACHINES); those of the link as a whole are for
 * both. Unused fields are zero.
 */
#define RTPL_PROFILE_MAGIC	0x50505452	/* "RTPP" */
#define RTPL_PROFILE_VERSION	1
#define RTPL_PROFILE_BOTH	(BIT(RTPL_END_CLIENT) | BIT(RTPL_END_SERVER))

/* Types of records. */
enum rtpl_profile_type {
	RTPL_PROFILE_HEAD,	/* no record has it */
	RTPL_PROFILE_SIZES,	/* mandatory */
	RTPL_PROFILE_MESSAGES,
	RTPL_PROFILE_LINK,	/* mandatory */
	RTPL_PROFILE_LIMITS,
	RTPL_PROFILE_DP,	/* if, and only if, a schedule is of that kind */
	RTPL_PROFILE_SCHED,	/* mandatory for each end; it and the following are for an end */
	RTPL_PROFILE_CHAFF,
	RTPL_PROFILE_MACHINE,
	RTPL_PROFILE_MACHINES,
	RTPL_PROFILE_TYPES
};

struct rtpl_profile_head {
	__le32 magic;
	__le16 version;
	__le16 zero;
	__le32 size;		/* of the blob */
	__le32 zero2;
	char name[RTPL_PROFILE_NAME];	/* zero behind its end */
};

struct rtpl_profile_record {
	__le16 type;		/* enum rtpl_profile_type */
	u8 ends;		/* 1 << enum rtpl_end, one or both */
	u8 zero;
	__le32 len;		/* with this head */
};

/* A distribution, followed by n u64 of p and n s64 of x. n is 0 if there is none. */
struct rtpl_profile_table {
	u8 kind;
	u8 zero;
	__le16 n;
	__le32 zero2;
	__le64 start, min, max;
};

/* Bodies, by type. Numbers have the same meaning as in the structs that they fill. */
struct rtpl_profile_sizes {
	u8 sizes, n_buckets;
	__le16 cell;
	__le32 zero;
	__le16 bucket[RTPL_SHAPE_BUCKETS];
};

struct rtpl_profile_messages {	/* then a table */
	u8 n_buckets;
	u8 zero[7];
	__le32 bucket[RTPL_NOISE_SIZE_BUCKETS];
};

struct rtpl_profile_link {
	__le64 latency_ns;
	__le32 limit;
	u8 overflow;
	u8 zero[3];
};

struct rtpl_profile_limits {
	__le32 overhead, free;
	__le64 rate, window;
};

struct rtpl_profile_dp {	/* then n_lines of a line, then a table for each part */
	u8 mechanism, parts, draws, n_lines, hold;
	u8 zero[3];
	__le32 step, grain, min, max, burst, zero2;
	__le64 window_ns, windows, delta;
};

struct rtpl_profile_line {
	__le64 each, once;
};

struct rtpl_profile_kind {	/* of schedule and chaff; then the kind's own fields */
	u8 kind;
	u8 zero[7];
};

struct rtpl_profile_const {
	__le32 rate, zero;
};

struct rtpl_profile_jitter {	/* then a table */
	__le64 max_ns;
};

struct rtpl_profile_interval {	/* then a table, or n 0 */
	__le64 period_ns;
	__le16 cells;
	u8 chaff;
	u8 zero[5];
};

/* Then a table of noise, or nothing. */
struct rtpl_profile_ladder {
	__le64 epoch_ns, epoch_max_ns;
	u8 n, first, growth, zero;
	__le16 up, down;
	__le32 rate[RTPL_SCHED_RATES];
	__le32 average_us;
	u8 steps_up, steps_down;
	u8 zero2[2];
};

struct rtpl_profile_regulator {	/* for the one end that it names */
	u8 end, zero;
	__le16 warm_cells;
	__le32 warm_rate, rate, floor, threshold, budget, ratio, zero2;
	__le64 half_ns, cap_ns, idle_ns;
};

struct rtpl_profile_tamaraw {
	__le64 period_ns, quiet_ns;
	__le32 multiple;
	__le16 cells, zero;
};

/*
 * Then edges of volumes up and down and of slots, each with zeros up to RTPL_EXCHANGE_EDGES, n_rows
 * of a row, and n_choices of a choice.
 */
struct rtpl_profile_exchange {
	__le16 small, cover, start, grow, most;
	u8 every, spread, linger, n_up, n_down, n_slots;
	__le64 pace_ns, slot_ns, reply_ns, idle_ns;
	__le32 n_rows, n_choices;
};

/* Laid out like struct rtpl_exchange_row and _choice in memory, which they become. */
struct rtpl_profile_row {
	__le64 key;
	__le32 first;
	__le16 n, zero;
};

struct rtpl_profile_choice {
	__le32 upto;
	u8 to, volume;
	__le16 zero;
};

struct rtpl_profile_gap {	/* then a table, if random */
	u8 mode;
	u8 zero[7];
	__le64 ns;		/* fixed only */
};

struct rtpl_profile_cover {	/* then a gap */
	__le64 idle;
};

struct rtpl_profile_bip324 {	/* then a gap */
	u8 padding, count;
	u8 zero[2];
	__le32 chance;
};

struct rtpl_profile_wtfpad {	/* then a histogram for each bit of hists */
	u8 removal, flags;
	u8 hists;		/* bit 2 * enum rtpl_wtfpad_on + enum rtpl_wtfpad_mode */
	u8 zero[5];
};

/* Laid out like struct rtpl_wtfpad_hist in memory, which it becomes. */
struct rtpl_profile_hist {
	u8 n, zero;
	__le16 infinity;
	__le16 tokens[RTPL_WTFPAD_BINS];
	__le32 zero2;
	__le64 edge[RTPL_WTFPAD_BINS];
};

struct rtpl_profile_front {
	__le16 min, max;
	__le32 zero;
	__le64 window_min, window_max, silence;
};

/* RTPL_PROFILE_MACHINE: the blob of machine.h */

struct rtpl_profile_machines {
	__le64 max_padding, max_blocking;
};

static_assert(sizeof(struct rtpl_profile_head) == 48, "blob");
static_assert(sizeof(struct rtpl_profile_record) == 8, "blob");
static_assert(sizeof(struct rtpl_profile_table) == 32, "blob");
static_assert(sizeof(struct rtpl_profile_sizes) == 40, "blob");
static_assert(sizeof(struct rtpl_profile_messages) == 72, "blob");
static_assert(sizeof(struct rtpl_profile_link) == 16, "blob");
static_assert(sizeof(struct rtpl_profile_limits) == 24, "blob");
static_assert(sizeof(struct rtpl_profile_dp) == 56, "blob");
static_assert(sizeof(struct rtpl_profile_ladder) == 96, "blob");
static_assert(sizeof(struct rtpl_profile_regulator) == 56, "blob");
static_assert(sizeof(struct rtpl_profile_tamaraw) == 24, "blob");
static_assert(sizeof(struct rtpl_profile_exchange) == 56, "blob");
static_assert(sizeof(struct rtpl_profile_row) == sizeof(struct rtpl_exchange_row) &&
	      offsetof(struct rtpl_profile_row, n) == offsetof(struct rtpl_exchange_row, n),
	      "blob");
static_assert(sizeof(struct rtpl_profile_choice) == sizeof(struct rtpl_exchange_choice) &&
	      offsetof(struct rtpl_profile_choice, volume) ==
	      offsetof(struct rtpl_exchange_choice, volume), "blob");
static_assert(sizeof(struct rtpl_profile_gap) == 16, "blob");
static_assert(sizeof(struct rtpl_profile_front) == 32, "blob");
static_assert(sizeof(struct rtpl_profile_hist) == 648, "blob");
static_assert(sizeof(struct rtpl_profile_hist) == sizeof(struct rtpl_wtfpad_hist) &&
	      offsetof(struct rtpl_profile_hist, infinity) ==
	      offsetof(struct rtpl_wtfpad_hist, infinity) &&
	      offsetof(struct rtpl_profile_hist, tokens) ==
	      offsetof(struct rtpl_wtfpad_hist, tokens) &&
	      offsetof(struct rtpl_profile_hist, edge) ==
	      offsetof(struct rtpl_wtfpad_hist, edge), "blob");

/* The record of a blob that is wrong. */
struct rtpl_profile_where {
	const char *field;	/* static string: the section's name in the text */
	u32 at;			/* offset in the blob of the record that is wrong */
};

/**
 * rtpl_profile_parse() - parse and check a blob
 * @p: set on success; pointers lead into @blob
 * @blob: aligned to 8 bytes, @len of them; must live as long as @p. On big endian machines its
 *	tables are converted in place, so a blob is parsed only once.
 * @len: bytes
 * @why: set to a sentence (static string) on error
 * @where: set on error
 *
 * Checks all that the parts check, each alone and against each other (rtpl_profile_check()). Work
 * is bounded by RTPL_PROFILE_SIZE. Uses no memory but *@p.
 *
 * Return: 0, -EINVAL, -ERANGE, -E2BIG, -EPROTONOSUPPORT (another version).
 */
int rtpl_profile_parse(struct rtpl_profile *p, void *blob, size_t len, const char **why,
		       struct rtpl_profile_where *where);

/**
 * rtpl_profile_check() - check whether the parts fit together
 * @p: each part set
 * @max_cell: largest cell the device carries, or 0 if unknown
 * @why: set to a sentence that names the setting (static string) on error
 * @field: set to the setting's name on error
 *
 * Checks each part, and refuses contradictions: two ends with different constant rates (there is
 * only one); chaff, machines, message sizes or cells of several sizes together with a schedule that
 * fills its slots (const, interval with chaff, ladder, tamaraw, dp); limits below what is asked
 * for, or on a schedule's own chaff, to which they do not apply; machines that block together with
 * a schedule of slots; a latency budget below the schedule's own delay; message sizes with several
 * cell sizes.
 *
 * Return: 0, -EINVAL, -ERANGE, -E2BIG, -EMSGSIZE.
 */
int rtpl_profile_check(const struct rtpl_profile *p, u32 max_cell, const char **why,
		       const char **field);

/* ---- the parts, for profile.c ---- */

/* The part of a profile that is wrong. */
struct rtpl_profile_fault {
	u8 type;		/* enum rtpl_profile_type */
	u8 end;			/* the end's: enum rtpl_end */
	const char **why;
};

/* profile_check.c */
int rtpl_profile_look(const struct rtpl_profile *p, u32 max_cell, struct rtpl_profile_fault *f);

/**
 * rtpl_profile_check_shape() - does a profile fit settings made beside it?
 * @p: a profile, checked
 * @end: which of its ends
 * @s: its shape, with the settings in force in its place, checked
 * @max_cell: largest cell the device carries, or 0 if unknown
 * @why: set to a sentence that names the setting (static string) on error
 *
 * Return: 0, -EINVAL, -ERANGE.
 */
int rtpl_profile_check_shape(const struct rtpl_profile *p, enum rtpl_end end,
			     const struct rtpl_shape *s, u32 max_cell, const char **why);

#endif /* RTPL_CORE_PROFILE_H */
