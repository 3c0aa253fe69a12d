/* SPDX-License-Identifier: GPL-2.0 */
/*
 * RTPL's own structures: the node (one a network namespace), the peer and its
 * link. Every other file works on these.
 *
 * Lock order (outer to inner); Documentation/locking.rst has the whole story:
 *
 *	rtnl  >  rn->lock  >  rn->identity_lock  >  peer->hs.lock  >  peer->keys.lock
 *	link->tx_lock (BH)  >  what sending takes: qdisc root lock  >  link->stage.lock
 *	link->rx_lock (BH): a leaf
 *	peer->timers.lock (BH): below all of these; nothing is taken under it
 *
 * Nothing below rn->lock sleeps with a spinlock held; sealing and opening
 * happen under no lock but the link's own.
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
#include "core/policy.h"
#include "compat/compat.h"

struct mem_cgroup;
struct metadata_dst;
struct rtpl_builder;
struct rtpl_net;
struct rtpl_peer;

/* ---- keys of a session ---- */

/*
 * One handshake's two directions. Reached by RCU through the peer's three
 * slots and through rn->index; freed (and wiped) after a grace period.
 * An initiation under way has one in rn->index that is not ready yet.
 */
struct rtpl_keypair {
	struct rhash_head node;		/* rn->index, by local_index */
	struct hlist_node by_remote;	/* rn->by_remote, RCU */
	bool ready;			/* what follows is set; release/acquire */
	u8 send_key[32];
	u8 recv_key[32];
	__le32 remote_index;		/* what we write into cells */
	u32 local_index;		/* rn->index entry that leads here */
	u64 birth;			/* ktime_get_coarse_boottime_ns() */
	u32 send_counter;		/* link->tx_lock */
	bool initiator;
	bool confirmed;			/* the other end has shown that it holds the keys */
	bool worn;			/* enough cells sent: a renewal was asked for */
	u8 said;			/* link->say of what it told; tx_lock */
	struct rtpl_crossing crossing;	/* responder; keys.lock */
	u16 size;			/* of the handshake's datagrams */
	struct rtpl_replay replay;	/* link->rx_lock */
	struct rtpl_reasm reasm;	/* link->rx_lock */
	struct rtpl_peer *peer;		/* alive as long as this is reachable */
	struct rtpl_net *rn;
	struct rcu_head rcu;
};

struct rtpl_keypairs {
	spinlock_t lock;		/* writers; BH */
	struct rtpl_keypair __rcu *current_pair;	/* to send, once confirmed */
	struct rtpl_keypair __rcu *previous;		/* still received */
	struct rtpl_keypair __rcu *next;		/* responder's, until confirmed */
	struct rtpl_keypair __rcu *doubtful;	/* the same, of an initiation with an old time */
};

/* ---- link ---- */

struct rtpl_endpoint {
	union {
		struct sockaddr sa;
		struct sockaddr_in in4;
		struct sockaddr_in6 in6;
	};
	union {				/* our address that the peer spoke to; any: the route's */
		struct in_addr src4;
		struct in6_addr src6;
	};
	int src_if;			/* device that cells left by when it was learned; 0: none */
};

struct rtpl_link_stats {
	/* tx_lock */
	u64 tx_cells, tx_chaff, tx_handshake, tx_wire_bytes;
	u64 tx_packets, tx_bytes, tx_pad_bytes, tx_chaff_bytes;
	struct rtpl_hist delay;
	/* rx_lock */
	u64 rx_cells, rx_chaff, rx_handshake, rx_wire_bytes;
	u64 rx_packets, rx_bytes;
	/* handshake work */
	u64 rekeys;
	atomic64_t *drops;		/* RTPL_DROP_COUNT; apart, so that a peer fits into 8 KB */
};

/*
 * Bytes a link without slots holds at most before the rest has to wait in the class's child
 * qdisc. How many it takes follows from how often the device makes it wait.
 */
#define RTPL_STAGE_BYTES	(2 * 65536)

#define RTPL_LINK_WAITS		0	/* on rn->waiting, which holds a reference */

/* Runs of like cells that came and the engine was not told of yet; more are not told. */
#define RTPL_HEARD		128

struct rtpl_link {
	/* --- sending; tx_lock, BH --- */
	spinlock_t tx_lock;
	struct rtpl_shape shape;	/* in force: the peer's over the qdisc's over the default */
	struct rtpl_engine engine;
	const struct rtpl_profile *profile;	/* that shape and engine are of, or NULL */
	u8 role;			/* enum rtpl_end */
	bool by_policy;			/* the profile is a policy's */
	u8 say;				/* changes, never to 0, with what the other end is told */
	struct rtpl_pack pack;		/* the block under way, of the packet cur */
	struct sk_buff *cur;
	struct sk_buff_head stage;	/* packets handed over by the qdisc */
	u32 told;			/* of these, how many the engine knows of; stage.lock */
	u32 stage_bytes;		/* in stage; stage.lock */
	struct timer_list stage_timer;	/* while anything is in stage: what waits too long */
	u16 cell_path;			/* largest cell the path carries, as known now */
	u16 cell_ceiling;		/* largest the route's MTU allows */
	bool path_probed;		/* cell_path is less than the ceiling: handshakes said so */
	u64 path_since;			/* ns, when that was found out */
	u8 *hs_buf;			/* a handshake datagram that waits for its slot, or NULL */
	u16 hs_len;
	bool dead;			/* no more sending: teardown has begun */
	bool up;			/* there were keys when last looked */
	u8 busy;			/* times in a row that the device was busy for chaff */
	u8 dscp;			/* of the last cell, where they are copied from packets */
	u32 number;			/* its cells' flow hash: own.c */
	u32 pack_index;			/* session (local index) whose cells pack is laid over */
	u32 stage_want;			/* bytes waiting below which the qdisc hands over more */
	u32 pack_left;			/* bytes of the block under way that no cell has yet */
	bool slotted;			/* slots of its own: stage_want is two slots' worth */
	u32 lead;			/* ns that slots are built ahead */
	u64 slot_wake;			/* when to begin the next slot; 0: begun, or none */
	bool want_hit;			/* the qdisc kept packets because of stage_want */
	bool passed;			/* the cells being sent passed a qdisc of ours */
	int out_ifindex;		/* device whose qdisc the cells passed last; 0: none */
	int route_ifindex;		/* device of the route by which they left */

	u8 *pad;			/* random bytes drawn ahead, for padding */
	u16 pad_have;			/* unused ones, at its front */
	struct delayed_work pad_work;

	unsigned long flags;		/* RTPL_LINK_*, atomic bits */
	struct list_head wait;		/* rn->waiting: a device's release queue is full */
	struct rtpl_builder *builder;	/* link/builder.c */
	struct hrtimer timer;		/* next slot of a fixed schedule */
	struct dst_cache dst_cache;

	/* --- receiving; rx_lock, BH --- */
	spinlock_t rx_lock;
	struct timer_list reasm_timer;	/* incomplete packets of this link's sessions */
	int in_ifindex;			/* device that cells last came in on */
	u8 in_eth[2 * ETH_ALEN];	/* its frame's addresses, for packets that end later */
	/* Cells that came, for the engine: written under rx_lock, read under tx_lock. */
	struct rtpl_heard {
		u64 at;			/* ns */
		u16 size;
		u16 n;			/* so many alike */
		bool data;
	} *heard;			/* RTPL_HEARD, from the first profile on to the end */
	u32 heard_in, heard_out;
	u64 heard_lost;

	struct rtpl_about theirs;	/* what the other end said of its settings */
	unsigned long differs_at;	/* jiffies, of the last event about that */
	u8 differs;			/* enum rtpl_about_differs; rx_lock to write */

	struct rtpl_link_stats stats;
};

/* ---- peer ---- */

/* What a peer's configuration may set of the shape; absent bits fall to the qdisc's. */
#define RTPL_SHAPE_HAS(attr)	BIT(RTPL_SHAPE_A_##attr)

struct rtpl_shape_config {
	u32 has;			/* RTPL_SHAPE_HAS() bits */
	struct rtpl_shape shape;
	char profile[RTPL_PROFILE_NAME_MAX];	/* "": none, whatever stands below */
	u8 role;			/* enum rtpl_end */
	char policy[RTPL_POLICY_NAMES_MAX];	/* profiles' names; in the profile's place */
	struct rtpl_policy adapt;	/* the policy's settings, but for n; by has */
};

/* What people call a peer. */
struct rtpl_peer_name {
	struct rcu_head rcu;
	char text[RTPL_NAME_MAX];
};

struct rtpl_peer {
	struct rtpl_net *rn;
	struct mem_cgroup *memcg;	/* that pays for it, with a reference; NULL: none */
	u32 id;				/* index in rn->peers, 1 .. 2^20 - 1 */
	u8 public_key[32];		/* never changes */
	struct hlist_node key_hash;	/* rn->by_key, RCU */
	struct hlist_node removed;	/* on the way out, rtpl_peer_remove_all() */

	rwlock_t endpoint_lock;		/* BH */
	struct rtpl_endpoint endpoint;	/* where it is sent to; family 0: none */
	struct rtpl_endpoint configured;	/* as the admin set it; family 0: never */

	/* configuration, rn->lock; read elsewhere by READ_ONCE */
	struct rtpl_prefix *prefixes;
	u32 n_prefixes;
	bool require;
	u32 twin;			/* id of a peer that is the same host, or was; 0: none */
	u16 keepalive;			/* seconds, 0 off */
	u8 dscp;			/* of its cells, or RTPL_DSCP_COPY */
	u8 ecn;				/* enum rtpl_ecn_kind, of its cells */
	struct rtpl_peer_name __rcu *name;	/* or NULL */
	struct rtpl_shape_config shape;

	struct rtpl_hs {		/* kmod/session/handshake.c */
		struct mutex lock;	/* what follows, but for work and todo */
		struct rtpl_noise_peer noise;
		struct rtpl_cookie_peer cookie;	/* the peer's last cookie for us */
		struct rtpl_keypair *pending;	/* of our initiation under way */
		bool dead;		/* no more sessions: teardown has begun */
		struct work_struct work;
		unsigned long todo;	/* RTPL_HS_TODO_*, atomic bits */
	} hs;
	struct rtpl_keypairs keys;

	struct rtpl_timers {		/* kmod/session/timers.c around core/rekey.c */
		spinlock_t lock;	/* BH */
		struct rtpl_rekey rekey;
		struct timer_list timer;
		bool enabled;
	} timers;
	u64 last_handshake;		/* boottime ns, 0: never */

	struct rtpl_peer_policy {	/* kmod/node/policy.c; rn->lock, but for timer and work */
		struct rtpl_policy in_force;	/* n 0: none */
		u32 list;		/* hash of the names that state is of; 0: never any */
		bool news;		/* a step that nobody was told of */
		bool stale;		/* the last step's profile could not be put in force */
		struct rtpl_policy_state state;
		struct hrtimer timer;		/* end of the epoch; queues the work */
		struct work_struct work;	/* holds a reference while queued */
	} policy;

	struct rtpl_link link;

	struct kref kref;		/* memory; the last put frees by RCU */
	bool dead;			/* removed from all tables (rn->lock to set) */
	struct rcu_head rcu;
};

/* What the last put calls: the room node's, set by main.c. */
extern void (*rtpl_peer_release)(struct kref *kref);

/* A reference, unless the last one is gone. */
static inline bool rtpl_peer_get(struct rtpl_peer *peer)
{
	return peer && kref_get_unless_zero(&peer->kref);
}

static inline void rtpl_peer_put(struct rtpl_peer *peer)
{
	if (peer)
		kref_put(&peer->kref, rtpl_peer_release);
}

/* ---- node ---- */

#define RTPL_HASH_BITS		10
#define RTPL_HS_QUEUE_MAX	1024	/* handshake datagrams waiting, node-wide */
#define RTPL_HS_WORKERS		4	/* of them worked on at once, as far as there are CPUs */
#define RTPL_OWN_HANDSHAKES	64	/* that are known again: power of two */

struct rtpl_net {
	struct net *net;
	struct mutex lock;		/* configuration: all below up to the blank line */
	struct rtpl_noise_local identity;	/* static key; readers take identity_lock */
	struct rw_semaphore identity_lock;
	u16 port;			/* 0: no socket yet */
	u16 port_wanted;
	u32 fwmark;
	char bind_name[IFNAMSIZ];	/* device that the sockets are bound to; "": none */
	int bind_if;			/* its index, RTPL_BIND_GONE, or 0 */
	u32 generation;
	struct rtpl_shape_config qdisc_shape;	/* defaults, of the qdisc configured last */
	struct list_head profiles;	/* kmod/node/library.c */
	struct list_head snapshot_list;	/* all nodes; kmod/session/snapshot.c */
	bool dead;

	/* tables: written under lock, read under RCU */
	struct hlist_head by_key[1 << RTPL_HASH_BITS];
	siphash_key_t key_hash_key;
	struct xarray peers;		/* id -> struct rtpl_peer */
	u32 next_id;
	u32 n_peers;
	u32 n_require;
	struct rtpl_lpm prefixes;	/* address -> struct rtpl_peer */
	struct rhashtable index;	/* session index -> struct rtpl_keypair, see keypair.c */
	struct hlist_head by_remote[1 << RTPL_HASH_BITS];	/* sessions by the index sent */
	spinlock_t by_remote_lock;	/* BH */
	u64 hs_sent[RTPL_OWN_HANDSHAKES];	/* digests of handshake datagrams: transport/own.c */
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
	u64 hs_loaded_until;		/* under load up to then; hs_cookie_lock */

	struct list_head qdiscs;	/* struct rtpl_qdisc, RCU; written under qdiscs_lock */
	spinlock_t qdiscs_lock;		/* BH */
	struct list_head waiting;	/* links that a full release queue stopped, in turn */
	spinlock_t waiting_lock;	/* BH; below all others */
	atomic_t n_slotted;		/* links with slots of their own */

	struct net_device *crypt_dev;	/* kmod/link/crypt.c */
	atomic_t crypt_under_way;	/* packets with a cipher that crypt.c waits for */

	u64 __percpu *drops;		/* RTPL_DROP_COUNT of them */
	struct rtpl_guard *guard;	/* kmod/leakguard/guard.c */
};

extern unsigned int rtpl_net_id;
extern struct workqueue_struct *rtpl_wq;

static inline struct rtpl_net *rtpl_net(const struct net *net)
{
	return net_generic(net, rtpl_net_id);
}

/* ---- stats.c ---- */

/* Count @n drops, node-wide and for @peer if given, and trace. Any context. */
void rtpl_count_drop(struct rtpl_net *rn, struct rtpl_peer *peer, enum rtpl_drop why,
		     unsigned int n);
/* The same, and free @skb. */
void rtpl_drop_skb(struct rtpl_net *rn, struct rtpl_peer *peer, enum rtpl_drop why,
		   struct sk_buff *skb);
extern const char * const rtpl_drop_names[RTPL_DROP_COUNT];
extern const char * const rtpl_drop_texts[RTPL_DROP_COUNT];

#endif /* RTPL_H */
