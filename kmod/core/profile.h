/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A profile: everything that shapes a link, as data. User space (tools/profile)
 * compiles it from text into a blob, distributions into tables; the kernel
 * checks the blob again (profile.c) and runs it (engine.c), the simulator likewise.
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
	u8 n_machines;
	struct rtpl_machine machine[RTPL_MACHINES];
	struct rtpl_machines_limits machines;	/* of all of them together */
};

/* Immutable once checked, shared by all links that have it. */
struct rtpl_profile {
	char name[RTPL_PROFILE_NAME];
	/* sizes, overflow, limit, latency; sched and rate say no more than end[].sched. */
	struct rtpl_shape shape;
	bool messages;			/* noise is used: whole messages are padded */
	struct rtpl_noise_size noise;
	struct rtpl_limits limits;	/* of chaff that is not a schedule's */
	struct rtpl_dp_plan dp;		/* of schedules of that kind; else all zero */
	struct rtpl_profile_end end[RTPL_END_COUNT];	/* pointers lead into the blob */
};

struct rtpl_profile_where {
	const char *field;	/* static string, as the text calls it */
	u32 at;			/* offset in the blob of the record that is wrong */
};

/**
 * rtpl_profile_parse() - a blob as a profile, checked
 * @p: set on success; pointers lead into @blob
 * @blob: aligned to 8 bytes, @len of them; stays as long as @p. Tables are turned in
 *	place on machines that are big endian, so that a blob is parsed once.
 * @len: bytes
 * @why: set to a sentence (static string) on error
 * @where: set on error
 *
 * Everything that the parts check is checked, each alone and against each other
 * (rtpl_profile_check()). Work is bounded by RTPL_PROFILE_SIZE.
 *
 * Return: 0, -EINVAL, -ERANGE, -E2BIG, -EPROTONOSUPPORT (another version).
 */
int rtpl_profile_parse(struct rtpl_profile *p, void *blob, size_t len, const char **why,
		       struct rtpl_profile_where *where);

/**
 * rtpl_profile_check() - do the parts go together?
 * @p: each part set
 * @max_cell: largest cell the device carries, or 0 if unknown
 * @why: set to a sentence that names the setting (static string) on error
 * @field: set to the setting's name on error
 *
 * Checks each part and what contradicts: chaff or machines or message sizes beside a
 * schedule that fills every slot (const, interval with chaff, ladder, tamaraw, dp),
 * limits below what is asked for, machines that block beside a schedule of slots,
 * a latency budget below the schedule's own delay, message sizes with several cell
 * sizes.
 *
 * Return: 0, -EINVAL, -ERANGE, -E2BIG, -EMSGSIZE.
 */
int rtpl_profile_check(const struct rtpl_profile *p, u32 max_cell, const char **why,
		       const char **field);

#endif /* RTPL_CORE_PROFILE_H */
