/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The profiles that a node knows: those that come with the module (profiles.c), parsed on first
 * use, and those that were loaded. Looked up by name under rn->lock; a link holds a reference to
 * the one that it runs.
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

struct rtpl_profile_entry *rtpl_profile_store_get(struct rtpl_net *rn, const char *name);

/**
 * rtpl_profile_store_entry() - find the entry of a profile
 * @profile: from an entry; NULL is allowed
 *
 * Context: any.
 * Return: the entry; NULL for NULL.
 */
static inline struct rtpl_profile_entry *
rtpl_profile_store_entry(const struct rtpl_profile *profile)
{
	return profile ? container_of(profile, struct rtpl_profile_entry, profile) : NULL;
}

void rtpl_profile_store_put(struct rtpl_profile_entry *entry);
int rtpl_profile_store_load(struct rtpl_net *rn, void *blob, u32 size, struct rtpl_request *req);
int rtpl_profile_store_del(struct rtpl_net *rn, const char *name, struct rtpl_request *req);

struct rtpl_profile_store_item {
	const char *name;
	u32 size, users;
	bool builtin;
};

bool rtpl_profile_store_item(struct rtpl_net *rn, u32 i, struct rtpl_profile_store_item *item);

void rtpl_profile_store_init(struct rtpl_net *rn);
void rtpl_profile_store_exit(struct rtpl_net *rn);

#endif /* RTPL_PROFILE_STORE_H */
