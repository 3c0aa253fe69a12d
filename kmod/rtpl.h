/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shared by all rooms: the node (one for each network namespace), and what links and sessions know
 * about their owner.
 *
 * Lock order (outer to inner); Documentation/locking.rst has the whole story:
 *
 *	rtnl  >  rn->lock  >  rn->identity_lock  >  session->hs.lock  >  session->keys.lock
 *	link->tx_lock (BH)  >  what sending takes: qdisc root lock  >  link->txq.lock
 *	link->rx_lock (BH)  >  path->lock (BH, read)
 *	session->timers.lock (BH): below all of these; nothing is taken under it
 *
 * Nothing below rn->lock sleeps with a spinlock held. Sealing takes no lock but the link's own,
 * opening takes none; but a root lock is held while a packet is checked for being a copy of a cell
 * (link/own.c).
 */
#ifndef RTPL_H
#define RTPL_H

#include <linux/hash.h>
#include <linux/hrtimer.h>
#include <linux/if_ether.h>
#include <linux/interrupt.h>
#include <linux/kref.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/rculist.h>
#include <linux/rhashtable.h>
#include <linux/siphash.h>
#include <linux/skbuff.h>
#include <linux/user_namespace.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include <net/dst_cache.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>
#include <net/sch_generic.h>

#include <uapi/linux/rtpl.h>
#include <uapi/linux/rtpl_tc.h>
#include "core/about.h"
#include "core/drop.h"
#include "core/frag.h"
#include "core/hist.h"
#include "core/lpm.h"
#include "core/noise.h"
#include "core/cookie.h"
#include "core/rekey.h"
#include "core/replay.h"
#include "core/engine.h"
#include "core/adapt.h"
#include "compat/compat.h"

struct mem_cgroup;
struct metadata_dst;
struct rtpl_link;
struct rtpl_net;
struct rtpl_tap;

/* ---- owners of links ---- */

/*
 * What a path, a session and a link need to know about their owner, a peer. It contains them, so a
 * reference to the owner is a reference to each of them.
 */
struct rtpl_owner {
	struct rtpl_net *rn;
	struct mem_cgroup *memcg;	/* that is charged, with a reference; NULL: none */
	atomic64_t *drops;		/* RTPL_DROP_COUNT of them */
	u32 id;				/* its name in rn->peers, traces, events */
	u32 twin;			/* id of a peer that is or was the same host; 0: none */
	struct rtpl_link *link;		/* by which packets to it leave */
	bool require;			/* packets to it leave by that link or not at all */
	struct kref *ref;		/* apart: it is written, the rest read for each packet */
};

/* Called by the last put: the room node's function, set by main.c. */
extern void (*rtpl_owner_release)(struct kref *kref);

/**
 * rtpl_owner_get() - take a reference to an owner
 * @owner: owner that the caller found under RCU, or holds; NULL has none
 *
 * Context: any.
 * Return: false if the last reference is gone, and none was taken.
 */
static inline bool rtpl_owner_get(struct rtpl_owner *owner)
{
	return owner && kref_get_unless_zero(owner->ref);
}

/**
 * rtpl_owner_put() - drop a reference to an owner
 * @owner: owner; NULL is allowed. The last put frees it, by RCU
 *
 * Context: any.
 */
static inline void rtpl_owner_put(struct rtpl_owner *owner)
{
	if (owner)
		kref_put(owner->ref, rtpl_owner_release);
}

/* ---- configuration of a shape ---- */

/* Which shape settings a peer's configuration has; the qdisc's apply for absent bits. */
#define RTPL_SHAPE_HAS(attr)	BIT(RTPL_SHAPE_A_##attr)

struct rtpl_shape_config {
	u32 has;			/* RTPL_SHAPE_HAS() bits */
	struct rtpl_shape shape;
	char profile[RTPL_PROFILE_NAME_MAX];	/* "": none, whatever lower layers say */
	u8 role;			/* enum rtpl_end */
	char policy[RTPL_POLICY_NAMES_MAX];	/* names of profiles; replaces the profile */
	struct rtpl_adapt adapt;	/* the policy's settings, without n; by has */
};

/* ---- node ---- */

#define RTPL_HASH_BITS		10
#define RTPL_HS_QUEUE_MAX	1024	/* handshake datagrams waiting, node-wide */
#define RTPL_HS_WORKERS		4	/* handled at once, if there are enough CPUs */
#define RTPL_OWN_HANDSHAKES	64	/* that are remembered: power of two */

/* Cells that a processor sealed and opened. */
struct rtpl_cell_counts {
	u64 sealed, opened;
};

struct rtpl_net {
	struct net *net;
	struct mutex lock;		/* configuration: all below up to the blank line */
	struct rtpl_noise_local identity;	/* static key; readers take identity_lock */
	struct rw_semaphore identity_lock;
	u16 port;			/* 0: no socket yet */
	u16 port_wanted;
	u32 fwmark;
	char bind_name[IFNAMSIZ];	/* device to which the sockets are bound; "": none */
	int bind_if;			/* its index, RTPL_BIND_GONE, or 0 */
	u32 generation;
	struct rtpl_shape_config qdisc_shape;	/* defaults: those of the qdisc configured last */
	struct list_head profiles;	/* kmod/node/profile_store.c */
	struct list_head snapshot_list;	/* all nodes; kmod/session/snapshot.c */
	bool dead;

	/* tables: written under lock, read under RCU */
	struct hlist_head by_key[1 << RTPL_HASH_BITS];
	siphash_key_t key_hash_key;
	u32 number_key, number_odd, number_inv;	/* links' numbers: kmod/link/own.c */
	struct xarray peers;		/* id -> struct rtpl_owner */
	u32 next_id;
	u32 n_peers;
	u32 n_require;
	u32 a_require;			/* id of one of these, or was: kmod/route/classify.c */
	struct rtpl_lpm prefixes;	/* address -> struct rtpl_owner */
	struct rhashtable index;	/* session index -> struct rtpl_keypair, see keypair.c */
	struct hlist_head by_remote[1 << RTPL_HASH_BITS];	/* sessions by the index sent */
	spinlock_t by_remote_lock;	/* BH */
	u64 hs_sent[RTPL_OWN_HANDSHAKES];	/* digests of datagrams: transport/own.c */
	atomic_t hs_sent_n;

	struct sock __rcu *sock4;
	struct sock __rcu *sock6;
	struct metadata_dst *rx_mark;	/* on inner packets that came out of a cell */

	struct rtpl_cookie_local *cookie;	/* hs_cookie_lock; its keys: identity_lock */
	struct mutex hs_cookie_lock;	/* inside identity_lock; a leaf */
	struct sk_buff_head hs_queue;
	struct rtpl_hs_worker {
		struct rtpl_net *rn;
		struct work_struct work;
	} hs_work[RTPL_HS_WORKERS];
	atomic_t orphans;		/* bytes of packets that wait for keys: kmod/link/txq.c */
	atomic_t hs_pending;		/* sessions with hs.work queued; only for user namespaces */
	u64 hs_loaded_until;		/* under load until then; hs_cookie_lock */

	struct list_head qdiscs;	/* struct rtpl_qdisc, RCU; written under qdiscs_lock */
	spinlock_t qdiscs_lock;		/* BH */
	struct list_head waiting;	/* links that a full release queue stopped, in order */
	spinlock_t waiting_lock;	/* BH; below all others */
	atomic_t n_slotted;		/* links with slots of their own */

	struct net_device *crypt_dev;	/* kmod/link/crypt.c */
	atomic_t crypt_under_way;	/* packets with a cipher that crypt.c waits for */

	u64 __percpu *drops;		/* RTPL_DROP_COUNT of them */
	struct rtpl_cell_counts __percpu *cells;	/* of the processor that did it */
	struct rtpl_leakguard *leakguard;	/* kmod/leakguard/leakguard.c */
	struct rtpl_tap __rcu *tap;	/* the capture, or NULL: kmod/netlink/tap.c */
};

extern unsigned int rtpl_net_id;
/* rtpl_user_wq is for handshakes of user namespaces, all of which share one worker. */
extern struct workqueue_struct *rtpl_wq, *rtpl_user_wq;

/**
 * rtpl_net() - the node of a network namespace
 * @net: the namespace
 *
 * Context: any, from the namespace's init to the end of its exit.
 * Return: the node.
 */
static inline struct rtpl_net *rtpl_net(const struct net *net)
{
	return net_generic(net, rtpl_net_id);
}

/**
 * rtpl_net_bounded() - does a node belong to a user namespace?
 * @rn: node
 *
 * The creator of such a node may neither use all of a processor, nor stop the host.
 *
 * Context: any.
 * Return: true if it is.
 */
static inline bool rtpl_net_bounded(const struct rtpl_net *rn)
{
	return rn->net->user_ns != &init_user_ns;
}

/* ---- stats.c ---- */

void rtpl_count_drop(struct rtpl_net *rn, struct rtpl_owner *owner, enum rtpl_drop why,
		     unsigned int n);
void rtpl_drop_skb(struct rtpl_net *rn, struct rtpl_owner *owner, enum rtpl_drop why,
		   struct sk_buff *skb);
extern const char * const rtpl_drop_names[RTPL_DROP_COUNT];
extern const char * const rtpl_drop_texts[RTPL_DROP_COUNT];

#endif /* RTPL_H */
