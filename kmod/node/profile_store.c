// SPDX-License-Identifier: GPL-2.0
/*
 * The profiles that a node knows. A name stands for the loaded profile, if there is one, otherwise
 * for the one that comes with the module.
 */
#include "link/link.h"
#include "node/change.h"
#include "node/profile_store.h"
#include "node/node.h"
#include "node/profiles.h"

static void rtpl_profile_store_release(struct kref *kref)
{
	struct rtpl_profile_entry *entry = container_of(kref, struct rtpl_profile_entry, kref);

	kvfree(entry->blob);
	kvfree(entry);
}

/**
 * rtpl_profile_store_put() - drop a reference to a profile
 * @entry: profile; NULL is allowed
 *
 * Context: process or BH; the last put frees.
 */
void rtpl_profile_store_put(struct rtpl_profile_entry *entry)
{
	if (entry)
		kref_put(&entry->kref, rtpl_profile_store_release);
}

static struct rtpl_profile_entry *rtpl_profile_store_find(struct rtpl_net *rn, const char *name)
{
	struct rtpl_profile_entry *entry;

	list_for_each_entry(entry, &rn->profiles, node)
		if (!strcmp(entry->profile.name, name))
			return entry;
	return NULL;
}

static const struct rtpl_profile_builtin *rtpl_profile_store_builtin(const char *name)
{
	const struct rtpl_profile_builtin *b;

	for (b = rtpl_profiles; b < rtpl_profiles + rtpl_profiles_n; b++)
		if (!strcmp(b->name, name))
			return b;
	return NULL;
}

/* Takes over @blob in any case. */
static struct rtpl_profile_entry *
rtpl_profile_store_parse(void *blob, u32 size, const char **why, struct rtpl_profile_where *where)
{
	struct rtpl_profile_entry *entry = kvzalloc(sizeof(*entry), GFP_KERNEL_ACCOUNT);
	int err = -ENOMEM;

	*why = "there is no memory for the profile";
	where->field = NULL;
	if (!entry)
		goto err;
	kref_init(&entry->kref);
	entry->blob = blob;
	entry->size = size;
	err = rtpl_profile_parse(&entry->profile, blob, size, why, where);
	if (err)
		goto err;
	return entry;
err:
	kvfree(blob);
	kvfree(entry);
	return ERR_PTR(err);
}

/**
 * rtpl_profile_store_get() - find the profile of a name
 * @rn: node
 * @name: name
 *
 * A loaded profile takes precedence over one that comes with the module. The latter is parsed on
 * first use.
 *
 * Context: process, rn->lock held. May sleep.
 * Return: a reference, or ERR_PTR (-ENOENT, -ENOMEM).
 */
struct rtpl_profile_entry *rtpl_profile_store_get(struct rtpl_net *rn, const char *name)
{
	struct rtpl_profile_entry *entry = rtpl_profile_store_find(rn, name);
	const struct rtpl_profile_builtin *b;
	struct rtpl_profile_where where;
	const char *why;
	void *blob;

	if (!entry) {
		b = rtpl_profile_store_builtin(name);
		if (!b)
			return ERR_PTR(-ENOENT);
		/* Parse a copy: rtpl_profile_parse() changes tables in place. */
		blob = kvmalloc(b->len, GFP_KERNEL_ACCOUNT);
		if (!blob)
			return ERR_PTR(-ENOMEM);
		memcpy(blob, b->blob, b->len);
		entry = rtpl_profile_store_parse(blob, b->len, &why, &where);
		if (IS_ERR(entry)) {
			WARN_ONCE(PTR_ERR(entry) != -ENOMEM, "profile %s: %s\n", name, why);
			return entry;
		}
		entry->builtin = true;
		list_add_tail(&entry->node, &rn->profiles);
	}
	kref_get(&entry->kref);
	return entry;
}

static u32 rtpl_profile_store_loaded(struct rtpl_net *rn)
{
	struct rtpl_profile_entry *entry;
	u32 n = 0;

	list_for_each_entry(entry, &rn->profiles, node)
		n += !entry->builtin;
	return n;
}

/* Find a peer whose settings no longer work after a change of profiles. rn->lock. */
static struct rtpl_peer *rtpl_profile_store_broken(struct rtpl_net *rn, const char **why)
{
	struct rtpl_peer *peer;
	unsigned long id;

	xa_for_each(&rn->peers, id, peer) {
		if (rtpl_peer_try_shape(peer, why))
			return peer;
		cond_resched();
	}
	return NULL;
}

/* Apply changed profiles to all links. rn->lock. */
static void rtpl_profile_store_changed(struct rtpl_net *rn)
{
	struct rtpl_peer *peer;
	unsigned long id;

	xa_for_each(&rn->peers, id, peer) {
		rtpl_peer_reshape(peer);
		cond_resched();
	}
}

/**
 * rtpl_profile_store_load() - load a profile from a request
 * @rn: node
 * @blob: kvmalloc'ed, aligned to 8; taken over in any case
 * @size: its bytes
 * @req: gets the sentence if it is refused
 *
 * Replaces a loaded profile of the same name, in running links, too.
 *
 * Context: process. Takes rn->lock. Sleeps.
 * Return: 0, or -errno with a sentence and nothing changed.
 */
int rtpl_profile_store_load(struct rtpl_net *rn, void *blob, u32 size, struct rtpl_request *req)
{
	struct rtpl_profile_entry *entry, *old;
	struct rtpl_profile_where where;
	struct list_head *at = NULL;
	struct rtpl_peer *peer;
	const char *why;
	int err = 0, len;

	entry = rtpl_profile_store_parse(blob, size, &why, &where);
	if (IS_ERR(entry)) {
		err = PTR_ERR(entry);
		if (!where.field)
			return rtpl_refuse(req, NULL, err, "%s", why);
		len = strlen(why);
		len -= len && why[len - 1] == '.';
		return rtpl_refuse(req, NULL, err, "profile: %s, at byte %u: %.*s", where.field,
				   where.at, len, why);
	}

	mutex_lock(&rn->lock);
	old = rtpl_profile_store_find(rn, entry->profile.name);
	if ((!old || old->builtin) && rtpl_profile_store_loaded(rn) >= RTPL_PROFILES_MAX) {
		err = rtpl_refuse(req, NULL, -ENOSPC, "there are %u loaded profiles already",
				  RTPL_PROFILES_MAX);
		rtpl_profile_store_put(entry);
		goto out;
	}
	if (old) {
		at = old->node.prev;
		list_del(&old->node);
	}
	list_add_tail(&entry->node, &rn->profiles);
	peer = rtpl_profile_store_broken(rn, &why);
	if (peer) {
		list_del(&entry->node);
		if (old)
			list_add(&old->node, at);
		err = rtpl_refuse(req, NULL, -EBUSY, "profile %s does not go with peer %u: %s",
				  entry->profile.name, peer->owner.id, why);
		rtpl_profile_store_put(entry);
		goto out;
	}
	rtpl_profile_store_changed(rn);
	rtpl_change_profile(req, rn, RTPL_EVENT_PROFILE_LOADED, entry->profile.name);
	rtpl_profile_store_put(old);
out:
	mutex_unlock(&rn->lock);
	return err;
}

static u32 rtpl_profile_store_users(const struct rtpl_profile_entry *entry)
{
	return kref_read(&entry->kref) - 1;
}

/* Do the qdisc's or a peer's settings name it, running or not? rn->lock. */
static bool rtpl_profile_store_named(struct rtpl_net *rn, const char *name)
{
	struct rtpl_peer *peer;
	unsigned long id;

	if (rn->qdisc_shape.has & RTPL_SHAPE_HAS(PROFILE) &&
	    !strcmp(rn->qdisc_shape.profile, name))
		return true;
	xa_for_each(&rn->peers, id, peer)
		if ((peer->shape.has & RTPL_SHAPE_HAS(PROFILE) &&
		     !strcmp(peer->shape.profile, name)) ||
		    rtpl_adapt_has(&peer->shape, name))
			return true;
	return false;
}

/**
 * rtpl_profile_store_del() - unload a profile
 * @rn: node
 * @name: its name
 * @req: gets the sentence if it is refused
 *
 * A profile of that name that comes with the module replaces it, in running links, too.
 *
 * Context: process. Takes rn->lock. Sleeps.
 * Return: 0 or, with a sentence, -ENOENT, -EPERM (it comes with the module), -EBUSY (settings name
 * it, and nothing would replace it, or the replacement does not fit a peer's settings).
 */
int rtpl_profile_store_del(struct rtpl_net *rn, const char *name, struct rtpl_request *req)
{
	struct rtpl_profile_entry *entry, *builtin;
	struct rtpl_peer *peer;
	struct list_head *at;
	const char *why;
	int err = 0;

	mutex_lock(&rn->lock);
	entry = rtpl_profile_store_find(rn, name);
	if ((!entry && rtpl_profile_store_builtin(name)) || (entry && entry->builtin))
		err = rtpl_refuse(req, NULL, -EPERM,
				  "profile %s comes with the module: only what was loaded can be unloaded",
				  name);
	else if (!entry)
		err = rtpl_refuse(req, NULL, -ENOENT, "there is no loaded profile %s", name);
	else if (rtpl_profile_store_named(rn, name) && !rtpl_profile_store_builtin(name))
		err = rtpl_refuse(req, NULL, -EBUSY, "profile %s is in use", name);
	if (err)
		goto out;
	at = entry->node.prev;
	list_del(&entry->node);
	peer = rtpl_profile_store_broken(rn, &why);
	if (peer) {
		/* The trial may have parsed the one of that name that comes with the module. */
		builtin = rtpl_profile_store_find(rn, name);
		if (builtin) {
			list_del(&builtin->node);
			rtpl_profile_store_put(builtin);
		}
		list_add(&entry->node, at);
		err = rtpl_refuse(req, NULL, -EBUSY,
				  "without it profile %s does not go with peer %u: %s", name,
				  peer->owner.id, why);
		goto out;
	}
	rtpl_profile_store_changed(rn);
	rtpl_change_profile(req, rn, RTPL_EVENT_PROFILE_REMOVED, name);
	rtpl_profile_store_put(entry);
out:
	mutex_unlock(&rn->lock);
	return err;
}

/**
 * rtpl_profile_store_item() - get one profile of the list, those of the module first
 * @rn: node
 * @i: position, from 0
 * @item: set to what is shown about it, if it exists
 *
 * Context: process, rn->lock held for as long as @item's name is used.
 * Return: true if there is one at @i.
 */
bool rtpl_profile_store_item(struct rtpl_net *rn, u32 i, struct rtpl_profile_store_item *item)
{
	struct rtpl_profile_entry *entry;
	const struct rtpl_profile_builtin *b;

	for (b = rtpl_profiles; b < rtpl_profiles + rtpl_profiles_n; b++) {
		if (i--)
			continue;
		entry = rtpl_profile_store_find(rn, b->name);
		*item = (struct rtpl_profile_store_item){
			.name = b->name,
			.size = entry ? entry->size : b->len,
			.users = entry ? rtpl_profile_store_users(entry) : 0,
			.builtin = !entry || entry->builtin,
		};
		return true;
	}
	list_for_each_entry(entry, &rn->profiles, node) {
		if (rtpl_profile_store_builtin(entry->profile.name) || i--)
			continue;
		*item = (struct rtpl_profile_store_item){
			.name = entry->profile.name,
			.size = entry->size,
			.users = rtpl_profile_store_users(entry),
		};
		return true;
	}
	return false;
}

/**
 * rtpl_profile_store_init() - prepare a node's list of profiles
 * @rn: node
 *
 * Context: process.
 */
void rtpl_profile_store_init(struct rtpl_net *rn)
{
	INIT_LIST_HEAD(&rn->profiles);
}

/**
 * rtpl_profile_store_exit() - free a node's profiles
 * @rn: node; all its links are freed
 *
 * Context: process.
 */
void rtpl_profile_store_exit(struct rtpl_net *rn)
{
	struct rtpl_profile_entry *entry, *next;

	list_for_each_entry_safe(entry, next, &rn->profiles, node) {
		list_del(&entry->node);
		rtpl_profile_store_put(entry);
	}
}
