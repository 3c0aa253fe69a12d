// SPDX-License-Identifier: GPL-2.0
/*
 * The life of peers: entering the tables, leaving them, and the order of teardown.
 *
 * A peer is found by key, by id, by address (rn->prefixes) and by session index. It ends in these
 * steps:
 *
 *	1. It is removed from all tables by which new work would find it, and is
 *	   marked dead; its link sends nothing any more.
 *	2. A grace period: whoever found it before has finished.
 *	3. The policy's timer stops, then the other timers (they start handshakes
 *	   and send), then handshakes and keys (they kick the link), then the link
 *	   (tx worker, hrtimer, queues).
 *	4. The tables' reference is dropped. Works that still hold one see the
 *	   marks and drop theirs; the last one frees after another grace period.
 */
#include <linux/memcontrol.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/siphash.h>

#include "link/link.h"
#include "link/outlet.h"
#include "link/own.h"
#include "node/profile_store.h"
#include "node/node.h"
#include "rtpl.h"
#include "session/session.h"

/* If it were any larger, kmalloc() would take 16 KB. Debugging makes locks larger. */
#if !IS_ENABLED(CONFIG_DEBUG_SPINLOCK) && !IS_ENABLED(CONFIG_PREEMPT_RT)
static_assert(sizeof(struct rtpl_peer) <= 8192);
#endif

static struct hlist_head *rtpl_peer_bucket(struct rtpl_net *rn, const u8 key[32])
{
	u64 hash = siphash(key, RTPL_KEY_LEN, &rn->key_hash_key);

	return &rn->by_key[hash & ((1 << RTPL_HASH_BITS) - 1)];
}

/**
 * rtpl_peer_by_key() - the peer of a public key
 * @rn: node
 * @public_key: RTPL_KEY_LEN bytes
 *
 * Context: RCU read side, or rn->lock held, for as long as the peer is used.
 * Return: the peer, without a reference, or NULL.
 */
struct rtpl_peer *rtpl_peer_by_key(struct rtpl_net *rn, const u8 public_key[32])
{
	struct rtpl_peer *peer;

	hlist_for_each_entry_rcu(peer, rtpl_peer_bucket(rn, public_key), key_hash,
				 lockdep_is_held(&rn->lock))
		if (!memcmp(peer->public_key, public_key, RTPL_KEY_LEN))
			return peer;
	return NULL;
}

/**
 * rtpl_peer_by_id() - the peer of an id
 * @rn: node
 * @id: id
 *
 * Context: RCU read side, or rn->lock held, for as long as the peer is used.
 * Return: the peer, without a reference, or NULL.
 */
struct rtpl_peer *rtpl_peer_by_id(struct rtpl_net *rn, u32 id)
{
	struct rtpl_owner *owner = xa_load(&rn->peers, id);

	return owner ? rtpl_peer_of(owner) : NULL;
}

static struct rtpl_session *rtpl_peer_session_by_key(struct rtpl_net *rn, const u8 public_key[32])
{
	struct rtpl_peer *peer = rtpl_peer_by_key(rn, public_key);

	return peer ? &peer->link.session : NULL;
}

static struct rtpl_session *rtpl_peer_session_next(struct rtpl_net *rn, unsigned long *id)
{
	struct rtpl_owner *owner = xa_find_after(&rn->peers, id, ULONG_MAX, XA_PRESENT);

	return owner ? &owner->link->session : NULL;
}

const struct rtpl_session_table rtpl_peer_table = {
	.by_key = rtpl_peer_session_by_key,
	.next = rtpl_peer_session_next,
};

/**
 * rtpl_peer_memory() - bytes that a peer holds now, for RTPL_STAT_A_MEMORY
 * @peer: peer
 *
 * Context: process, rn->lock held. Takes locks of the link.
 * Return: bytes, including its link's.
 */
size_t rtpl_peer_memory(struct rtpl_peer *peer)
{
	/* A prefix has a node in the table, and most often a joint above it. */
	const size_t node = sizeof(struct rtpl_lpm_node) + sizeof(struct rcu_head);

	return ksize(peer) + peer->n_prefixes * (sizeof(*peer->prefixes) + 2 * node) +
	       ksize(peer->owner.drops) + rtpl_link_memory(&peer->link);
}

/**
 * rtpl_peer_create() - make a peer that is in no table yet
 * @rn: node
 * @public_key: the peer's, copied
 *
 * Memory that works allocate for it later is charged to the caller.
 *
 * Context: process, rn->lock held. May sleep.
 * Return: peer with one reference, meant for the tables, or ERR_PTR(-ENOMEM).
 */
struct rtpl_peer *rtpl_peer_create(struct rtpl_net *rn, const u8 public_key[32])
{
	struct rtpl_peer *peer;
	int err;

	peer = kzalloc(sizeof(*peer), GFP_KERNEL_ACCOUNT);
	if (!peer)
		return ERR_PTR(-ENOMEM);
	peer->owner.rn = rn;
	/* Memory that works allocate for it later is charged to the caller. */
	peer->owner.memcg = get_mem_cgroup_from_mm(current->mm);
	memcpy(peer->public_key, public_key, RTPL_KEY_LEN);
	kref_init(&peer->kref);
	peer->owner.ref = &peer->kref;
	peer->owner.require = true;
	peer->owner.link = &peer->link;
	peer->owner.drops = kcalloc(RTPL_DROP_COUNT, sizeof(*peer->owner.drops),
				    GFP_KERNEL_ACCOUNT);
	err = peer->owner.drops ? rtpl_link_init(&peer->link, &peer->owner, public_key) : -ENOMEM;
	if (err) {
		kfree(peer->owner.drops);
		mem_cgroup_put(peer->owner.memcg);
		kfree(peer);
		return ERR_PTR(err);
	}
	rtpl_adapt_init(peer);
	return peer;
}

/**
 * rtpl_peer_insert() - add a peer to the tables by key and by id
 * @peer: peer; gets its id
 *
 * Context: process, rn->lock held. May sleep.
 * Return: 0, -EEXIST (another peer has the key), -ENOSPC (there are RTPL_PEERS_MAX peers), -EBUSY
 * (no id is free), -ENOMEM.
 */
int rtpl_peer_insert(struct rtpl_peer *peer)
{
	struct rtpl_net *rn = peer->owner.rn;
	int err;

	lockdep_assert_held(&rn->lock);
	if (rtpl_peer_by_key(rn, peer->public_key))
		return -EEXIST;
	if (rn->n_peers >= RTPL_PEERS_MAX)
		return -ENOSPC;
	err = xa_alloc_cyclic(&rn->peers, &peer->owner.id, &peer->owner, XA_LIMIT(1, U32_MAX),
			      &rn->next_id, GFP_KERNEL_ACCOUNT);
	if (err < 0)
		return err;
	WRITE_ONCE(peer->link.path.number, rtpl_own_number(&peer->owner));
	hlist_add_head_rcu(&peer->key_hash, rtpl_peer_bucket(rn, peer->public_key));
	WRITE_ONCE(rn->n_peers, rn->n_peers + 1);
	return 0;
}

/* Step 1. Return: whether it was in the tables. */
static bool rtpl_peer_unlink(struct rtpl_peer *peer)
{
	struct rtpl_net *rn = peer->owner.rn;

	lockdep_assert_held(&rn->lock);
	if (peer->dead)
		return false;
	WRITE_ONCE(peer->dead, true);
	if (peer->owner.id) {
		xa_erase(&rn->peers, peer->owner.id);
		hlist_del_init_rcu(&peer->key_hash);
		WRITE_ONCE(rn->n_peers, rn->n_peers - 1);
	}
	rtpl_config_peer_forget(peer);
	rtpl_tx_end(&peer->link);
	return true;
}

/* Steps 3 and 4, after the grace period. */
static void rtpl_peer_finish(struct rtpl_peer *peer)
{
	rtpl_adapt_stop(peer);
	rtpl_timers_stop(&peer->link.session);
	rtpl_handshake_stop(&peer->link.session);
	rtpl_link_stop(&peer->link);
	rtpl_peer_put(peer);
}

/**
 * rtpl_peer_remove() - remove a peer
 * @peer: peer
 *
 * Removes it from all tables, waits for a grace period, stops timers, works and the link, and drops
 * its keys and the tables' reference. A second call does nothing. The caller must release a
 * required peer's hold of the leakguard, without rn->lock.
 *
 * Context: process, rn->lock held. Sleeps.
 */
void rtpl_peer_remove(struct rtpl_peer *peer)
{
	if (!rtpl_peer_unlink(peer))
		return;
	/* Expedited, as under rtnl: who removes thousands waits for one for each of them. */
	synchronize_rcu_expedited();
	/* A packet to it that waits for room in its queue must not wait any more. */
	rtpl_outlet->refill(peer->owner.rn);
	rtpl_peer_finish(peer);
}

/**
 * rtpl_peer_remove_all() - remove all peers of a node, with one grace period for all
 * @rn: node
 *
 * Context: process, rn->lock held. Sleeps.
 */
void rtpl_peer_remove_all(struct rtpl_net *rn)
{
	struct rtpl_peer *peer;
	struct hlist_head gone;
	struct hlist_node *next;
	unsigned long id;

	INIT_HLIST_HEAD(&gone);
	xa_for_each(&rn->peers, id, peer) {
		rtpl_peer_unlink(peer);
		hlist_add_head(&peer->removed, &gone);
	}
	if (hlist_empty(&gone))
		return;
	synchronize_net();
	rtpl_outlet->refill(rn);
	hlist_for_each_entry_safe(peer, next, &gone, removed)
		rtpl_peer_finish(peer);
}

static void rtpl_peer_free_rcu(struct rcu_head *rcu)
{
	struct rtpl_peer *peer = container_of(rcu, struct rtpl_peer, rcu);

	rtpl_profile_store_put(rtpl_profile_store_entry(peer->link.profile));
	rtpl_link_free(&peer->link);
	kfree(peer->owner.drops);
	mem_cgroup_put(peer->owner.memcg);
	kfree(rcu_dereference_protected(peer->name, true));
	kfree_sensitive(peer);
}

/**
 * rtpl_peer_free() - free a peer by RCU, after its last reference was dropped
 * @kref: the peer's
 *
 * Called by rtpl_owner_put(), through rtpl_owner_release, which main.c sets.
 *
 * Context: any.
 */
void rtpl_peer_free(struct kref *kref)
{
	struct rtpl_peer *peer = container_of(kref, struct rtpl_peer, kref);

	call_rcu(&peer->rcu, rtpl_peer_free_rcu);
}
