/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The profiles that a node knows: those that come with the module (profiles.c), parsed
 * when first asked for, and those that were loaded. Looked up by name under rn->lock;
 * a link holds a reference of the one that it runs.
 */
#ifndef RTPL_PROFILE_STORE_H
#define RTPL_PROFILE_STORE_H

#include "node/config.h"
#include "core/profile.h"

struct rtpl_profile_entry {
	struct rtpl_profile profile;
	struct list_head node;		/* rn->profiles; rn->lock */
	struct kref kref;
	bool builtin;
	u32 size;			/* bytes of the blob */
	void *blob;
};

/**
 * rtpl_profile_store_get() - the profile of this name
 * @rn: node; its lock is held
 * @name: name
 *
 * Context: process. Return: a reference; ERR_PTR(-ENOENT, -ENOMEM).
 */
struct rtpl_profile_entry *rtpl_profile_store_get(struct rtpl_net *rn, const char *name);
/* The entry that @profile is of; NULL of NULL. */
static inline struct rtpl_profile_entry *
rtpl_profile_store_entry(const struct rtpl_profile *profile)
{
	return profile ? container_of(profile, struct rtpl_profile_entry, profile) : NULL;
}

/* Give a reference back; NULL is allowed. Context: process. */
void rtpl_profile_store_put(struct rtpl_profile_entry *entry);

/**
 * rtpl_profile_store_load() - a profile out of a request
 * @rn: node
 * @blob: kvmalloc'ed, aligned to 8; taken over in any case
 * @size: its bytes
 * @req: for the sentence when it is refused
 *
 * One of the same name is replaced, in running links too. Context: process, takes
 * rn->lock. Return: 0 or -errno, and nothing has changed.
 */
int rtpl_profile_store_load(struct rtpl_net *rn, void *blob, u32 size, struct rtpl_request *req);
/* Forget a loaded profile. Return: 0, -ENOENT, -EPERM (built in), -EBUSY. */
int rtpl_profile_store_del(struct rtpl_net *rn, const char *name, struct rtpl_request *req);

struct rtpl_profile_store_item {
	const char *name;
	u32 size, users;
	bool builtin;
};

/* The profile at place @i, built in ones first. rn->lock. Return: is there one? */
bool rtpl_profile_store_item(struct rtpl_net *rn, u32 i, struct rtpl_profile_store_item *item);

void rtpl_profile_store_init(struct rtpl_net *rn);
/* All links are gone. */
void rtpl_profile_store_exit(struct rtpl_net *rn);

#endif /* RTPL_PROFILE_STORE_H */
