// SPDX-License-Identifier: GPL-2.0
/*
 * Sessions: the table from the index in a cell to its keys, and the four slots of a session.
 *
 *	next		we answered a handshake; the other end has not used it yet
 *	current_pair	used for sending
 *	previous	the one before; cells under it may still be on their way
 *	doubtful	we answered an initiation whose time is old: a recording, or a clock that
 *			went back. A cell under it decides, because only the maker of the
 *			initiation can send one. Until then nothing else of the peer changes.
 *
 * A session that we began is current as soon as its answer came. One that the other end began waits
 * in next until the first cell under it proves that our answer arrived.
 *
 * If both begin at once, struct rtpl_simultaneous (core/rekey.h) decides which of the two sessions
 * counts.
 *
 * Teardown: see handshake.h.
 */
#include <linux/memcontrol.h>
#include <linux/sched/mm.h>

#include "session/handshake.h"
#include "session/session.h"
#include "session/snapshot.h"

static const struct rhashtable_params rtpl_index_params = {
	.key_len = sizeof_field(struct rtpl_keypair, local_index),
	.key_offset = offsetof(struct rtpl_keypair, local_index),
	.head_offset = offsetof(struct rtpl_keypair, node),
	.automatic_shrinking = true,
};

/**
 * rtpl_keypair_net_init() - prepare a node's tables of sessions
 * @rn: node, zeroed
 *
 * Context: process. May sleep.
 * Return: 0 or -errno (-ENOMEM).
 */
int rtpl_keypair_net_init(struct rtpl_net *rn)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(rn->by_remote); i++)
		INIT_HLIST_HEAD(&rn->by_remote[i]);
	spin_lock_init(&rn->by_remote_lock);
	return rhashtable_init(&rn->index, &rtpl_index_params);
}

/**
 * rtpl_keypair_net_exit() - free the table of session indices
 * @rn: node without peers, so that the table is empty
 *
 * Context: process. Sleeps.
 */
void rtpl_keypair_net_exit(struct rtpl_net *rn)
{
	rhashtable_destroy(&rn->index);
}

/* A cache of its own: kmalloc()'s next size would be nearly twice that of a keypair. */
static struct kmem_cache *rtpl_keypair_cache;

/**
 * rtpl_keypair_module_init() - make the cache for keypairs
 *
 * Context: process, module init.
 * Return: 0 or -ENOMEM.
 */
int __init rtpl_keypair_module_init(void)
{
	rtpl_keypair_cache = KMEM_CACHE(rtpl_keypair, SLAB_HWCACHE_ALIGN);
	return rtpl_keypair_cache ? 0 : -ENOMEM;
}

/**
 * rtpl_keypair_module_exit() - free the cache of keypairs
 *
 * Context: process, module exit, after an RCU barrier: the last keypair is freed by RCU.
 */
void rtpl_keypair_module_exit(void)
{
	kmem_cache_destroy(rtpl_keypair_cache);
}

/**
 * rtpl_keypair_create() - make a keypair that has an index, is in the table, and is not ready
 * @s: its session
 *
 * Indices are random, so that they reveal nothing about the number of sessions, now or before.
 *
 * Context: process.
 * Return: the keypair, owned by the caller, or NULL.
 */
struct rtpl_keypair *rtpl_keypair_create(struct rtpl_session *s)
{
	struct mem_cgroup *old = set_active_memcg(s->owner->memcg);
	struct rtpl_keypair *kp;
	int err;

	kp = kmem_cache_zalloc(rtpl_keypair_cache, GFP_KERNEL_ACCOUNT);
	set_active_memcg(old);
	if (!kp)
		return NULL;
	kp->rn = s->owner->rn;
	kp->session = s;
	rtpl_replay_init(&kp->replay);
	rtpl_reasm_init(&kp->reasm, rtpl_block_types);
	do {
		do {
			kp->local_index = get_random_u32();
		} while (!kp->local_index);
		err = rhashtable_lookup_insert_fast(&s->owner->rn->index, &kp->node,
						    rtpl_index_params);
	} while (err == -EEXIST);
	if (err) {
		kmem_cache_free(rtpl_keypair_cache, kp);
		return NULL;
	}
	return kp;
}

/**
 * rtpl_keypair_fill() - give a keypair its keys
 * @kp: from rtpl_keypair_create()
 * @keys: result of the handshake; copied, the caller wipes them
 * @initiator: this end began the handshake
 *
 * From here on cells are opened with the keypair.
 *
 * Context: process, hs.lock held. Takes by_remote_lock.
 */
void rtpl_keypair_fill(struct rtpl_keypair *kp, const struct rtpl_noise_keys *keys,
		       bool initiator)
{
	memcpy(kp->send_key, keys->send, sizeof(kp->send_key));
	memcpy(kp->recv_key, keys->recv, sizeof(kp->recv_key));
	kp->remote_index = cpu_to_le32(keys->remote_index);
	kp->size = keys->size;
	kp->birth = ktime_get_coarse_boottime_ns();
	kp->initiator = initiator;
	kp->confirmed = initiator;
	spin_lock_bh(&kp->rn->by_remote_lock);
	hlist_add_head_rcu(&kp->by_remote, rtpl_keypair_bucket(kp->rn, kp->remote_index));
	spin_unlock_bh(&kp->rn->by_remote_lock);
	/* Pairs with rtpl_keypair_by_index(). */
	smp_store_release(&kp->ready, true);
}

static void rtpl_keypair_free_rcu(struct rcu_head *rcu)
{
	struct rtpl_keypair *kp = container_of(rcu, struct rtpl_keypair, rcu);

	rtpl_session_ops->keypair_free(kp);
	memzero_explicit(kp, sizeof(*kp));
	kmem_cache_free(rtpl_keypair_cache, kp);
}

/**
 * rtpl_keypair_drop() - remove a keypair from the tables, and free it after a grace period
 * @kp: keypair that is in no slot; NULL is allowed
 *
 * Context: process or BH, keys.lock may be held. Takes by_remote_lock.
 */
void rtpl_keypair_drop(struct rtpl_keypair *kp)
{
	if (!kp)
		return;
	rhashtable_remove_fast(&kp->rn->index, &kp->node, rtpl_index_params);
	spin_lock_bh(&kp->rn->by_remote_lock);
	if (!hlist_unhashed(&kp->by_remote))
		hlist_del_rcu(&kp->by_remote);
	spin_unlock_bh(&kp->rn->by_remote_lock);
	call_rcu(&kp->rcu, rtpl_keypair_free_rcu);
}

/* The contents of a slot, for writers. */
static struct rtpl_keypair *rtpl_slot(struct rtpl_session *s, struct rtpl_keypair __rcu *slot)
{
	return rcu_dereference_protected(slot, lockdep_is_held(&s->keys.lock));
}

/**
 * rtpl_keypair_drop_all() - empty the four slots of a session
 * @s: session
 *
 * Context: process, hs.lock held, so that no other session begins meanwhile. Takes keys.lock.
 */
void rtpl_keypair_drop_all(struct rtpl_session *s)
{
	struct rtpl_keypairs *keys = &s->keys;

	spin_lock_bh(&keys->lock);
	rtpl_keypair_drop(rcu_replace_pointer(keys->next, NULL, lockdep_is_held(&keys->lock)));
	rtpl_keypair_drop(rcu_replace_pointer(keys->doubtful, NULL, lockdep_is_held(&keys->lock)));
	rtpl_keypair_drop(rcu_replace_pointer(keys->current_pair, NULL,
					      lockdep_is_held(&keys->lock)));
	rtpl_keypair_drop(rcu_replace_pointer(keys->previous, NULL,
					      lockdep_is_held(&keys->lock)));
	spin_unlock_bh(&keys->lock);
}

static bool rtpl_keypair_is_young(const struct rtpl_keypair *kp)
{
	return ktime_get_coarse_boottime_ns() < kp->birth + RTPL_REKEY_REJECT_NS;
}

/**
 * rtpl_keypair_drop_old() - empty those of a session's slots whose keys are of no use any more
 * @s: session
 *
 * A session that began just now stays, and so does one that is being confirmed meanwhile.
 *
 * Context: process, hs.lock held. Takes keys.lock.
 * Return: true if there are keys left.
 */
bool rtpl_keypair_drop_old(struct rtpl_session *s)
{
	struct rtpl_keypair __rcu **slot[] = {
		&s->keys.next, &s->keys.doubtful, &s->keys.current_pair, &s->keys.previous,
	};
	struct rtpl_keypair *kp;
	bool left = false;
	int i;

	spin_lock_bh(&s->keys.lock);
	for (i = 0; i < ARRAY_SIZE(slot); i++) {
		kp = rtpl_slot(s, *slot[i]);
		if (kp && rtpl_keypair_is_young(kp)) {
			left = true;
			continue;
		}
		RCU_INIT_POINTER(*slot[i], NULL);
		rtpl_keypair_drop(kp);
	}
	spin_unlock_bh(&s->keys.lock);
	return left;
}

/* Make @kp current, and the current one previous. keys.lock. */
static void rtpl_keypair_make_current(struct rtpl_session *s, struct rtpl_keypair *kp)
{
	struct rtpl_keypairs *keys = &s->keys;
	struct rtpl_keypair *previous = rtpl_slot(s, s->keys.previous);

	rcu_assign_pointer(keys->previous, rtpl_slot(s, s->keys.current_pair));
	rcu_assign_pointer(keys->current_pair, kp);
	rtpl_keypair_drop(previous);
}

/**
 * rtpl_keypair_begin_ours() - send with @kp, because our initiation was answered
 * @s: session
 * @kp: filled, in no slot; owned by the slots on success
 *
 * Context: process, hs.lock held.
 * Return: false if no handshake is wanted any more, because a session that the other end began was
 * confirmed meanwhile.
 */
bool rtpl_keypair_begin_ours(struct rtpl_session *s, struct rtpl_keypair *kp)
{
	struct rtpl_keypair *next;
	unsigned int actions;

	spin_lock_bh(&s->keys.lock);
	if (!rtpl_timers_session(s, &actions)) {
		spin_unlock_bh(&s->keys.lock);
		return false;
	}
	/* Keep it for cells under it that may be on their way. */
	next = rtpl_slot(s, s->keys.next);
	if (next)
		rtpl_simultaneous_overtaken(&next->simultaneous, kp->local_index);
	rtpl_keypair_make_current(s, kp);
	spin_unlock_bh(&s->keys.lock);
	rtpl_timers_act(s, actions);
	return true;
}

/**
 * rtpl_keypair_begin_theirs() - keep @kp in next, as we answer an initiation
 * @s: session
 * @kp: filled, in no slot; owned by the slots from here on
 *
 * Context: process, hs.lock held.
 */
void rtpl_keypair_begin_theirs(struct rtpl_session *s, struct rtpl_keypair *kp)
{
	unsigned int actions;

	spin_lock_bh(&s->keys.lock);
	rtpl_keypair_drop(rcu_replace_pointer(s->keys.next, kp,
					      lockdep_is_held(&s->keys.lock)));
	actions = rtpl_timers_event(s, RTPL_REKEY_EV_RESPONDED);
	spin_unlock_bh(&s->keys.lock);
	rtpl_timers_act(s, actions);
}

/**
 * rtpl_keypair_begin_doubtful() - keep @kp apart, as we answer what may be a recording
 * @s: session
 * @kp: filled, in no slot; owned by the slots from here on
 *
 * Context: process, hs.lock held.
 */
void rtpl_keypair_begin_doubtful(struct rtpl_session *s, struct rtpl_keypair *kp)
{
	unsigned int actions;

	spin_lock_bh(&s->keys.lock);
	rtpl_keypair_drop(rcu_replace_pointer(s->keys.doubtful, kp,
					      lockdep_is_held(&s->keys.lock)));
	actions = rtpl_timers_event(s, RTPL_REKEY_EV_DOUBTFUL);
	spin_unlock_bh(&s->keys.lock);
	rtpl_timers_act(s, actions);
}

/* Handle the first cell under a session that the other end began. */
static bool rtpl_keypair_confirm(struct rtpl_session *s, struct rtpl_keypair *kp)
{
	struct rtpl_keypair *current_pair;
	unsigned int actions, responded = 0;
	bool clock_back = false;

	spin_lock_bh(&s->keys.lock);
	if (unlikely(kp == rtpl_slot(s, s->keys.doubtful))) {
		/* It is not a recording. From here on treat it like any other. */
		RCU_INIT_POINTER(s->keys.doubtful, NULL);
		rtpl_keypair_drop(rcu_replace_pointer(s->keys.next, kp,
						      lockdep_is_held(&s->keys.lock)));
		responded = rtpl_timers_event(s, RTPL_REKEY_EV_RESPONDED);
		clock_back = true;
	}
	if (kp != rtpl_slot(s, s->keys.next)) {
		/* It was dropped or confirmed while this cell was being opened. */
		spin_unlock_bh(&s->keys.lock);
		return false;
	}
	WRITE_ONCE(kp->confirmed, true);
	current_pair = rtpl_slot(s, s->keys.current_pair);
	if (!rtpl_simultaneous_prevails(&kp->simultaneous,
					current_pair ? current_pair->local_index : 0)) {
		spin_unlock_bh(&s->keys.lock);
		return false;
	}
	RCU_INIT_POINTER(s->keys.next, NULL);
	rtpl_keypair_make_current(s, kp);
	actions = rtpl_timers_event(s, RTPL_REKEY_EV_CONFIRMED);
	spin_unlock_bh(&s->keys.lock);

	rtpl_timers_act(s, responded);
	if (unlikely(clock_back))
		net_info_ratelimited("rtpl: the clock of peer %u is behind what it was: look at the clocks of both hosts\n",
				     s->owner->id);
	rtpl_timers_act(s, actions);
	/* Our response, which has this size, arrived. */
	rtpl_session_ops->path_confirmed(s, kp->size);
	return true;
}

/**
 * rtpl_keypair_received() - note that an authentic cell came under a keypair
 * @s: session
 * @kp: keypair, one of the session's when the cell came
 *
 * The first such cell proves that the other end holds the keys: the keypair in the slot next, or
 * doubtful, becomes current, unless both ends began at once and the other session counts.
 *
 * Context: BH, RCU read side, none of the link's locks held. Takes keys.lock.
 * Return: true if it became current just now; the caller kicks the link.
 */
bool rtpl_keypair_received(struct rtpl_session *s, struct rtpl_keypair *kp)
{
	if (likely(READ_ONCE(kp->confirmed)))
		return false;
	return rtpl_keypair_confirm(s, kp);
}

/**
 * rtpl_keypair_get_session() - find the session of an index, and take a reference
 * @rn: node
 * @index: session index of ours, also of a handshake under way
 *
 * Context: process or BH.
 * Return: the session, whose owner needs rtpl_owner_put(), or NULL.
 */
struct rtpl_session *rtpl_keypair_get_session(struct rtpl_net *rn, u32 index)
{
	struct rtpl_session *s = NULL;
	struct rtpl_keypair *kp;

	rcu_read_lock();
	kp = rhashtable_lookup(&rn->index, &index, rtpl_index_params);
	if (kp && rtpl_owner_get(kp->session->owner))
		s = kp->session;
	rcu_read_unlock();
	return s;
}

/**
 * rtpl_keypair_by_index() - find the keypair of the index in a cell
 * @rn: node
 * @index: session index of ours
 *
 * Context: RCU read side, for as long as the keypair is used.
 * Return: a keypair that has its keys, without a reference, or NULL.
 */
struct rtpl_keypair *rtpl_keypair_by_index(struct rtpl_net *rn, u32 index)
{
	struct rtpl_keypair *kp = rhashtable_lookup(&rn->index, &index, rtpl_index_params);

	/* Pairs with rtpl_keypair_fill(). */
	return kp && smp_load_acquire(&kp->ready) ? kp : NULL;
}

/**
 * rtpl_keypair_begun() - find the keypair of our initiation that is not answered yet
 * @rn: node
 * @index: session index of ours
 *
 * Context: RCU read side, for as long as the keypair is used.
 * Return: a keypair that has no keys yet, without a reference, or NULL.
 */
struct rtpl_keypair *rtpl_keypair_begun(struct rtpl_net *rn, u32 index)
{
	struct rtpl_keypair *kp = rhashtable_lookup(&rn->index, &index, rtpl_index_params);

	return kp && !READ_ONCE(kp->ready) ? kp : NULL;
}

/**
 * rtpl_keypair_may_receive() - may cells under a keypair still be received?
 * @kp: keypair
 *
 * Context: any, RCU read side.
 * Return: true if the keypair is younger than RTPL_REKEY_REJECT_NS.
 */
bool rtpl_keypair_may_receive(const struct rtpl_keypair *kp)
{
	return rtpl_keypair_is_young(kp);
}

/**
 * rtpl_keypair_to_send() - the keypair to send with
 * @s: session
 *
 * Asks for new keys once RTPL_REKEY_AFTER_CELLS cells were sent.
 *
 * Context: process or BH, RCU read side for as long as the keypair is used; also under tx_lock.
 * Return: the current keypair, if it is young and has counters left, without a reference; NULL if
 * there is none, or while rtpl_snapshot_stale() is true.
 */
struct rtpl_keypair *rtpl_keypair_to_send(struct rtpl_session *s)
{
	struct rtpl_keypair *kp = rcu_dereference(s->keys.current_pair);
	u32 sent;

	if (!kp || !rtpl_keypair_is_young(kp) || rtpl_snapshot_stale())
		return NULL;
	sent = READ_ONCE(kp->send_counter);
	if (likely(sent < RTPL_REKEY_AFTER_CELLS))
		return kp;
	if (!READ_ONCE(kp->needs_rekey)) {
		WRITE_ONCE(kp->needs_rekey, true);
		rtpl_timers_event(s, RTPL_REKEY_EV_CELLS);
	}
	return sent < RTPL_REJECT_AFTER_CELLS ? kp : NULL;
}

/**
 * rtpl_session_state() - state of the link as its keys have it
 * @s: session
 *
 * Context: process or BH.
 * Return: RTPL_LINK_UP with keys to send with, RTPL_LINK_CONNECTING while handshakes are tried,
 * otherwise RTPL_LINK_DOWN.
 */
enum rtpl_link_state rtpl_session_state(struct rtpl_session *s)
{
	struct rtpl_keypair *kp;
	bool up;

	rcu_read_lock();
	kp = rcu_dereference(s->keys.current_pair);
	up = kp && rtpl_keypair_is_young(kp) &&
	     READ_ONCE(kp->send_counter) < RTPL_REJECT_AFTER_CELLS;
	rcu_read_unlock();
	if (up)
		return RTPL_LINK_UP;
	return READ_ONCE(s->timers.rekey.trying) ? RTPL_LINK_CONNECTING : RTPL_LINK_DOWN;
}
