// SPDX-License-Identifier: GPL-2.0
/*
 * An end's settings as the body of a control block:
 *
 *	+0	u8   flags	1: of a policy; the others are 0
 *	+1	u8   role
 *	+2	u8   sizes
 *	+3	u8   schedule
 *	+4	le16 cell
 *	+6	the profile's name, no 0 at its end
 */
#include "about.h"

#define ABOUT_POLICY	1

/**
 * rtpl_about_put() - write an end's settings as the body of a control block
 * @a: the settings; @a->known is not looked at
 * @body: room for RTPL_ABOUT_MAX bytes
 *
 * Context: Any.
 * Return: bytes written, at most RTPL_ABOUT_MAX.
 */
u8 rtpl_about_put(const struct rtpl_about *a, u8 body[RTPL_ABOUT_MAX])
{
	u8 len = strnlen(a->profile, RTPL_PROFILE_NAME - 1);

	body[0] = a->policy ? ABOUT_POLICY : 0;
	body[1] = a->role;
	body[2] = a->sizes;
	body[3] = a->sched;
	put_unaligned_le16(a->cell, body + 4);
	memcpy(body + RTPL_ABOUT_HEAD, a->profile, len);
	return RTPL_ABOUT_HEAD + len;
}

/* What a profile's name has; it is shown to people. */
static bool name_ok(const u8 *name, u8 len)
{
	u8 i;

	for (i = 0; i < len; i++)
		if (!(name[i] >= 'a' && name[i] <= 'z') && !(name[i] >= '0' && name[i] <= '9') &&
		    name[i] != '-')
			return false;
	return true;
}

/**
 * rtpl_about_get() - read what rtpl_about_put() wrote
 * @a: set on success, @a->known with it
 * @body: the block's body, whatever the other end put there
 * @len: bytes of it
 *
 * The name comes from the other end and is shown to people, so only the letters of a profile's
 * name are taken. Flags that are not known are ignored.
 *
 * Context: Any.
 * Return: true; false if the body is none, and then @a is not written.
 */
bool rtpl_about_get(struct rtpl_about *a, const u8 *body, u8 len)
{
	if (len < RTPL_ABOUT_HEAD || len > RTPL_ABOUT_MAX || body[1] >= RTPL_END_COUNT ||
	    body[2] > RTPL_SIZES_BUCKETS || body[3] > RTPL_SCHEDULE_CONST ||
	    !name_ok(body + RTPL_ABOUT_HEAD, len - RTPL_ABOUT_HEAD))
		return false;
	memset(a, 0, sizeof(*a));
	a->known = true;
	a->policy = body[0] & ABOUT_POLICY;
	a->role = body[1];
	a->sizes = body[2];
	a->sched = body[3];
	a->cell = get_unaligned_le16(body + 4);
	memcpy(a->profile, body + RTPL_ABOUT_HEAD, len - RTPL_ABOUT_HEAD);
	return true;
}

u8 rtpl_about_compare(const struct rtpl_about *ours, const struct rtpl_about *theirs,
		      bool ends_differ)
{
	u8 differs = 0;

	if (!ours->known || !theirs->known)
		return 0;
	/* A policy steps at each end by itself. */
	if (ours->policy || theirs->policy)
		return 0;
	if (strcmp(ours->profile, theirs->profile))
		return RTPL_ABOUT_PROFILE;
	if (ours->profile[0])
		return ends_differ && ours->role == theirs->role ? RTPL_ABOUT_ROLE : 0;
	if (ours->sizes != theirs->sizes || ours->cell != theirs->cell)
		differs |= RTPL_ABOUT_CELL;
	if (ours->sched != theirs->sched)
		differs |= RTPL_ABOUT_SCHED;
	return differs;
}
