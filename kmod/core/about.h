/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The settings that an end reports to the other, in a control block of a cell with data (wire.h),
 * so that two ends with settings that do not match can report it.
 */
#ifndef RTPL_CORE_ABOUT_H
#define RTPL_CORE_ABOUT_H

#include "profile.h"

#define RTPL_ABOUT_HEAD		6	/* bytes in front of the profile's name */
#define RTPL_ABOUT_MAX		(RTPL_ABOUT_HEAD + RTPL_PROFILE_NAME - 1)

/* The settings of one end. */
struct rtpl_about {
	bool known;			/* false: the other end has not reported any */
	bool policy;			/* the profile is a policy's, and may change at any time */
	u8 role;			/* enum rtpl_end */
	u8 sizes;			/* enum rtpl_sizes */
	u8 sched;			/* enum rtpl_schedule, of the shape */
	u16 cell;			/* bytes, of fixed and pow2; else 0 */
	char profile[RTPL_PROFILE_NAME];	/* "": none */
};

/* Bits for what does not match. */
enum rtpl_about_differs {
	RTPL_ABOUT_PROFILE = 1,
	RTPL_ABOUT_ROLE = 2,		/* both are the same end of a profile whose ends differ */
	RTPL_ABOUT_CELL = 4,
	RTPL_ABOUT_SCHED = 8,
};

u8 rtpl_about_put(const struct rtpl_about *a, u8 body[RTPL_ABOUT_MAX]);
bool rtpl_about_get(struct rtpl_about *a, const u8 *body, u8 len);
/**
 * rtpl_about_compare() - do the settings of two ends match?
 * @ours: this end's settings
 * @theirs: what the other end reported
 * @ends_differ: the profile has two ends that are not alike
 *
 * Sizes and schedule are compared only if neither end has a profile: a profile sets them.
 * Return: bits of enum rtpl_about_differs, 0 if they match or nothing is known.
 */
u8 rtpl_about_compare(const struct rtpl_about *ours, const struct rtpl_about *theirs,
		      bool ends_differ);

#endif /* RTPL_CORE_ABOUT_H */
