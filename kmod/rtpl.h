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
#include "builder.h"
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
	struct rtpl_profile_entry *profile;	/* that shape and engine are of, or NULL */
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
	struct rtpl_builder builder;
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

	struct rtpl_hs {		/* kmod/handshake.c */
		struct mutex lock;	/* what follows, but for work and todo */
		struct rtpl_noise_peer noise;
		struct rtpl_cookie_peer cookie;	/* the peer's last cookie for us */
		struct rtpl_keypair *pending;	/* of our initiation under way */
		bool dead;		/* no more sessions: teardown has begun */
		struct work_struct work;
		unsigned long todo;	/* RTPL_HS_TODO_*, atomic bits */
	} hs;
	struct rtpl_keypairs keys;

	struct rtpl_timers {		/* kmod/timers.c around core/rekey.c */
		spinlock_t lock;	/* BH */
		struct rtpl_rekey rekey;
		struct timer_list timer;
		bool enabled;
	} timers;
	u64 last_handshake;		/* boottime ns, 0: never */

	struct rtpl_peer_policy {	/* kmod/policy.c; rn->lock, but for timer and work */
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
	struct list_head profiles;	/* kmod/library.c */
	struct list_head snapshot_list;	/* all nodes; kmod/snapshot.c */
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
	u64 hs_sent[RTPL_OWN_HANDSHAKES];	/* digests of handshake datagrams: own.c */
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

	struct net_device *crypt_dev;	/* kmod/crypt.c */
	atomic_t crypt_under_way;	/* packets with a cipher that crypt.c waits for */

	u64 __percpu *drops;		/* RTPL_DROP_COUNT of them */
	struct rtpl_guard *guard;	/* kmod/guard.c */
};

extern unsigned int rtpl_net_id;
extern struct workqueue_struct *rtpl_wq;

static inline struct rtpl_net *rtpl_net(const struct net *net)
{
	return net_generic(net, rtpl_net_id);
}

/* ---- peer.c: life of peers ---- */

/**
 * rtpl_peer_create() - a peer that is in no table yet
 * Context: process, rn->lock held. Return: peer with one reference, or ERR_PTR.
 */
struct rtpl_peer *rtpl_peer_create(struct rtpl_net *rn, const u8 public_key[32]);
/* Enter the tables (by key, id). rn->lock. Return 0, -EEXIST, -ENOSPC, -ENOMEM. */
int rtpl_peer_link(struct rtpl_peer *peer);
/*
 * Take out of all tables, stop timers, works and the link, drop keys and the
 * reference of the tables. rn->lock held; sleeps; waits for a grace period
 * unless @batch (then the caller calls rtpl_peer_remove_finish() for all).
 */
void rtpl_peer_remove(struct rtpl_peer *peer);
void rtpl_peer_remove_all(struct rtpl_net *rn);
void rtpl_peer_free(struct kref *kref);

static inline bool rtpl_peer_get(struct rtpl_peer *peer)
{
	return peer && kref_get_unless_zero(&peer->kref);
}

static inline void rtpl_peer_put(struct rtpl_peer *peer)
{
	if (peer)
		kref_put(&peer->kref, rtpl_peer_free);
}

/* By key; RCU read side (or rn->lock). No reference is taken. */
struct rtpl_peer *rtpl_peer_by_key(struct rtpl_net *rn, const u8 public_key[32]);
/* By id; RCU read side. */
struct rtpl_peer *rtpl_peer_by_id(struct rtpl_net *rn, u32 id);
/* By the destination (or, with @src, the source) address of an IP packet at
 * @nhoff of @skb; NULL if none or not IP. RCU read side.
 */
struct rtpl_peer *rtpl_peer_by_packet(struct rtpl_net *rn, const struct sk_buff *skb,
				      int nhoff, bool src);
/* By a source route, behind the destination; required peers only. RCU read side. */
struct rtpl_peer *rtpl_peer_by_route(struct rtpl_net *rn, const struct sk_buff *skb, int nhoff,
				     __be16 proto, void *addr);

/* ---- link.c: the two halves' common ground ---- */

int rtpl_link_init(struct rtpl_peer *peer);
void rtpl_link_free(struct rtpl_peer *peer);
/* Shape or MTU changed: work out what is in force. Process context, rn->lock. */
void rtpl_link_reshape(struct rtpl_peer *peer);
/* Start (configured and a node key is there); fixed schedules begin. */
void rtpl_link_start(struct rtpl_peer *peer);
/* No more sending or receiving; frees queues. May sleep. Idempotent. */
void rtpl_link_stop(struct rtpl_peer *peer);
/* Would the shape be accepted now? @why names the setting. rn->lock. */
/* The namespace's largest cell is known from a route; NULL @ep: not looked at. */
int rtpl_link_check_shape(struct rtpl_net *rn, const struct rtpl_shape_config *cfg,
			  const struct rtpl_endpoint *ep, const char **why);
/* Could rtpl_link_reshape() work a shape out, at each level of a policy? rn->lock. */
int rtpl_link_try(struct rtpl_peer *peer, const char **why);
/* What @over sets of the shape alone, over @shape. */
void rtpl_shape_overlay(struct rtpl_shape *shape, const struct rtpl_shape_config *over);
/* This end's settings in force, as the other end is told. Under link->tx_lock. */
void rtpl_link_about(const struct rtpl_link *link, struct rtpl_about *about);
/* Settings of one of the ends are others: do they fit? Process or BH, no lock of the link held. */
void rtpl_link_compare(struct rtpl_peer *peer);
/* Bytes that this peer holds now, for RTPL_STAT_A_MEMORY. */
size_t rtpl_link_memory(struct rtpl_peer *peer);

/* ---- policy.c ---- */

/* The policy that @cfg has, n 0 for none. Return: 0, or -errno and @why names the setting. */
int rtpl_policy_of(const struct rtpl_shape_config *cfg, struct rtpl_policy *p, const char **why);
/* The name at place @level of a policy's list; "" if there is none. */
void rtpl_policy_name(const char *names, u8 level, char name[RTPL_PROFILE_NAME_MAX]);
/* Is @name in @cfg's policy? */
bool rtpl_policy_has(const struct rtpl_shape_config *cfg, const char *name);
/* @now, with what @cfg gives of profile and policy: one takes the other's place. */
void rtpl_policy_merge(struct rtpl_shape_config *now, const struct rtpl_shape_config *cfg);
void rtpl_policy_init(struct rtpl_peer *peer);
/* The peer's settings may have changed: begin, go on or end. rn->lock. Return: the level. */
u8 rtpl_policy_follow(struct rtpl_peer *peer);
/*
 * That level's profile is in force (@ok), and listeners are told if it is news; or the link
 * goes on as it was, until the next epoch tries again. rn->lock.
 */
void rtpl_policy_done(struct rtpl_peer *peer, bool ok);
int rtpl_policy_module_init(void);
void rtpl_policy_module_exit(void);
/* Works that were queued are done. Sleeps; takes each rn->lock. */
void rtpl_policy_flush(void);
/* The peer is dead: no step any more. rn->lock. */
void rtpl_policy_stop(struct rtpl_peer *peer);

/* ---- tx.c ---- */

/* Keys are there (again), data is staged, a handshake waits: build. Any context. */
void rtpl_tx_kick(struct rtpl_peer *peer);
/**
 * rtpl_tx_stage() - the qdisc hands a packet to a link
 * Consumes @skb in any case (drops are counted). Context: BH, qdisc root lock.
 */
void rtpl_tx_stage(struct rtpl_peer *peer, struct sk_buff *skb);
/* Has the link room for more without its overflow policy coming in? If not, what has none? */
enum rtpl_tx_want { RTPL_TX_WANTS, RTPL_TX_LINK_FULL, RTPL_TX_DEVICE_FULL };
/* RCU read side. */
enum rtpl_tx_want rtpl_tx_wants(struct rtpl_peer *peer);
/* Did the device make the link wait lately, so that it takes fewer packets ahead? */
static inline bool rtpl_tx_waits_for_device(const struct rtpl_peer *peer)
{
	return !READ_ONCE(peer->link.slotted) &&
	       READ_ONCE(peer->link.stage_want) < RTPL_STAGE_BYTES;
}

/* An own cell passes the qdisc of that device. BH. */
void rtpl_tx_passes(struct rtpl_net *rn, int ifindex);
/**
 * rtpl_tx_handshake() - send a handshake datagram to the peer's endpoint
 * @data: whole datagram, rtpl_tx_handshake_size() bytes, built by handshake.c; copied
 * In a fixed schedule it takes the place of a cell in the next slot.
 * Context: process or BH. Return: 0, -ENOMEM, -EDESTADDRREQ (no endpoint), -ESHUTDOWN.
 */
int rtpl_tx_handshake(struct rtpl_peer *peer, const u8 *data, u16 len);
/* Size that handshake datagrams must have now: a size of the shape.
 * @attempt counts from 0 since the last answer; later attempts try what a
 * smaller path would carry (RFC 8899).
 */
u16 rtpl_tx_handshake_size(struct rtpl_peer *peer, unsigned int attempt);
/* A handshake of that size was answered: the path carries it. */
void rtpl_tx_path_confirmed(struct rtpl_peer *peer, u16 size);
/* Send one cell without data (keepalive), as it comes shapes only. */
void rtpl_tx_keepalive(struct rtpl_peer *peer);
void rtpl_tx_init(struct rtpl_peer *peer);
void rtpl_tx_reshape(struct rtpl_peer *peer, const struct rtpl_shape *shape,
		     struct rtpl_profile_entry *profile, u8 role);
/* Cells that came one after the other; the engine wants to know (engine.listens_got). rx_lock. */
void rtpl_tx_heard(struct rtpl_link *link, const struct rtpl_heard *run);
/* The end in two steps: a grace period has to pass between them. */
void rtpl_tx_end(struct rtpl_peer *peer);
void rtpl_tx_stop(struct rtpl_peer *peer);
/* Nobody answered for so long that handshakes stopped or are reported lost: drop
 * what waits for keys. Context: process or BH, no lock held.
 */
void rtpl_tx_link_lost(struct rtpl_peer *peer);
/* What was drawn ahead or waits to leave sealed: gone; the engine begins anew with the next keys.
 * Packets stay. Process.
 */
void rtpl_tx_forget(struct rtpl_peer *peer);
/* Move packets from the qdiscs' fast classes to links. Any context. */
void rtpl_qdisc_pump_all(struct rtpl_net *rn);

/* ---- rx.c ---- */

/* UDP encap_rcv of both sockets. */
int rtpl_rx_encap(struct sock *sk, struct sk_buff *skb);
void rtpl_rx_init(struct rtpl_peer *peer);
void rtpl_rx_stop(struct rtpl_peer *peer);
/* Frees what incomplete packets of @kp hold; called when @kp is freed. */
void rtpl_rx_keypair_free(struct rtpl_keypair *kp);
int rtpl_rx_module_init(void);
void rtpl_rx_module_exit(void);

/* ---- socket.c ---- */

/* (Re)open the UDP sockets on @port (0: any). rn->lock. Return 0, -EADDRINUSE ... */
int rtpl_socket_open(struct rtpl_net *rn, u16 port);
void rtpl_socket_close(struct rtpl_net *rn);
/* A device that is not there: no device has this index. */
#define RTPL_BIND_GONE		INT_MAX
/* Bind the sockets to @name from now on, "": to none. rn->lock. Return: 0 or -errno. */
int rtpl_socket_bind(struct rtpl_net *rn, const char *name);
/* DSCP and ECN of the datagrams that the peer is sent. Any context. */
u8 rtpl_peer_tos(const struct rtpl_peer *peer);
/* Send a datagram off any link's schedule. Process or BH. Return: 0 or -errno. */
int rtpl_socket_send_to(struct rtpl_net *rn, struct rtpl_endpoint *ep, u8 tos, const u8 *data,
			u16 len);
/* Answer to where @in came from (cookie replies): no peer is involved. */
int rtpl_socket_reply(struct rtpl_net *rn, struct sk_buff *in, const u8 *data, u16 len);
/* Where an encapsulated datagram came from. */
int rtpl_endpoint_from_skb(struct rtpl_endpoint *ep, const struct sk_buff *skb);
/* Authenticated data came from there: roam. BH. */
void rtpl_peer_set_endpoint(struct rtpl_peer *peer, const struct rtpl_endpoint *ep);
/* Is the peer configured to be elsewhere than where it was heard last? @ep: there. Process. */
bool rtpl_peer_configured_elsewhere(struct rtpl_peer *peer, struct rtpl_endpoint *ep);
/* Nobody answers: perhaps for want of the address that was learned as ours. Process or BH. */
void rtpl_peer_forget_source(struct rtpl_peer *peer);

/* ---- handshake.c ---- */

int rtpl_handshake_net_init(struct rtpl_net *rn);
/* Sockets are closed and all peers removed before. Sleeps. */
void rtpl_handshake_net_exit(struct rtpl_net *rn);
/* After peer->rn and peer->public_key are set. rn->lock; sleeps. */
void rtpl_handshake_peer_init(struct rtpl_peer *peer);
/* No handshake or key of this peer is reachable afterwards, for ever. After
 * rtpl_timers_stop(). May sleep. rn->lock.
 */
void rtpl_handshake_peer_stop(struct rtpl_peer *peer);
/* Would a datagram of @len bytes that begins with @head be taken? Else it is counted. */
bool rtpl_handshake_wants(struct rtpl_net *rn, const u8 *head, u32 len);
/* A datagram that is wanted came; skb->data at the datagram. Consumes @skb. BH. */
void rtpl_handshake_receive(struct rtpl_net *rn, struct sk_buff *skb);
/* Want keys: start a handshake unless one was started within the retry time.
 * Any context, also under the link's locks.
 */
void rtpl_handshake_want(struct rtpl_peer *peer);
/* The node's static key; NULL or zero: none. Drops all sessions. rn->lock; sleeps.
 * Return: is there a key now?
 */
bool rtpl_handshake_set_identity(struct rtpl_net *rn, const u8 *private_key, bool keep);
/* Sessions, handshakes under way, cookies and what was drawn ahead are gone, and none begins
 * while rtpl_snapshot_stale(). rn->lock; sleeps.
 */
void rtpl_handshake_forget(struct rtpl_net *rn);
/* Then: links begin anew. rn->lock. */
void rtpl_handshake_restart(struct rtpl_net *rn);
/* The peer's pre-shared key; NULL or zero: none. The session in use stays. rn->lock; sleeps. */
void rtpl_handshake_set_psk(struct rtpl_peer *peer, const u8 *psk);
void rtpl_handshake_get_psk(struct rtpl_peer *peer, u8 psk[32]);

/* ---- keypair.c ---- */

int rtpl_keypair_module_init(void);
void rtpl_keypair_module_exit(void);
/* Session of an index in a cell; RCU read side. NULL: unknown. */
struct rtpl_keypair *rtpl_keypair_by_index(struct rtpl_net *rn, u32 index);
/* Sessions whose cells may carry that index, and others; RCU read side. */
static inline struct hlist_head *rtpl_keypair_bucket(struct rtpl_net *rn, __le32 index)
{
	return &rn->by_remote[hash_32(le32_to_cpu(index), RTPL_HASH_BITS)];
}

#define rtpl_keypair_for_each_remote(kp, rn, index) \
	hlist_for_each_entry_rcu(kp, rtpl_keypair_bucket(rn, index), by_remote)
/* Keys to send with: current, confirmed (or we are the initiator), young and
 * with counters left; NULL otherwise. RCU read side; also under tx_lock.
 */
struct rtpl_keypair *rtpl_keypair_to_send(struct rtpl_peer *peer);
/* May cells under it still be received (age)? */
bool rtpl_keypair_may_receive(const struct rtpl_keypair *kp);
/* First authenticated cell under @kp: responder's next becomes current. BH, RCU
 * read side, none of the link's locks held.
 * Return: true if it became current just now (the caller kicks the link).
 */
bool rtpl_keypair_received(struct rtpl_peer *peer, struct rtpl_keypair *kp);
enum rtpl_link_state rtpl_link_state(struct rtpl_peer *peer);

/* ---- timers.c ---- */

void rtpl_timers_init(struct rtpl_peer *peer);
/* The link may begin. rn->lock, process context. */
void rtpl_timers_start(struct rtpl_peer *peer);
void rtpl_timers_stop(struct rtpl_peer *peer);	/* sleeps; idempotent */
/* endpoint, keepalive, require or the shape's schedule changed. Process or BH. */
void rtpl_timers_config(struct rtpl_peer *peer);
/* BH, also under the link's locks. @wants: a packet or chaff, which count alike; no keepalive.
 * Once for a batch is enough.
 */
void rtpl_timers_cell_sent(struct rtpl_peer *peer, bool wants);
void rtpl_timers_cell_received(struct rtpl_peer *peer, bool wants);

/* ---- qdisc.c, classify.c ---- */

extern struct Qdisc_ops rtpl_qdisc_ops;

/* Packets of the local link that must always pass: ARP, neighbour and router
 * discovery, DHCP, multicast listener and group reports. @nhoff: of the network header.
 */
bool rtpl_skb_is_control(struct rtpl_net *rn, const struct sk_buff *skb, int nhoff,
			 __be16 proto, struct net_device *dev, bool out);

/* ---- crypt.c ---- */

int rtpl_crypt_net_init(struct rtpl_net *rn);
void rtpl_crypt_net_exit(struct rtpl_net *rn);
void rtpl_crypt_net_free(struct rtpl_net *rn);

/* ---- guard.c ---- */

int rtpl_guard_net_init(struct rtpl_net *rn);
/* After the last peer is gone. Sleeps, takes RTNL. */
void rtpl_guard_net_exit(struct rtpl_net *rn);
/*
 * The guard stands while someone holds it: config.c, once for each required
 * peer. Both sleep and take RTNL, so never under rn->lock.
 * Return of hold: 0, -EOPNOTSUPP (kernel without NETFILTER_EGRESS), -errno.
 */
int rtpl_guard_hold(struct rtpl_net *rn);
void rtpl_guard_release(struct rtpl_net *rn);
/* An inner packet out of a cell: the guard lets it in. Replaces skb's dst. Any context. */
void rtpl_guard_mark(struct rtpl_net *rn, struct sk_buff *skb);

/* ---- stats.c ---- */

/* Count @n drops, node-wide and for @peer if given, and trace. Any context. */
void rtpl_count_drop(struct rtpl_net *rn, struct rtpl_peer *peer, enum rtpl_drop why,
		     unsigned int n);
/* The same, and free @skb. */
void rtpl_drop_skb(struct rtpl_net *rn, struct rtpl_peer *peer, enum rtpl_drop why,
		   struct sk_buff *skb);
extern const char * const rtpl_drop_names[RTPL_DROP_COUNT];
extern const char * const rtpl_drop_texts[RTPL_DROP_COUNT];

/* ---- config.c ---- */

/* A device that sockets are bound to came, went or has another name. */
extern struct notifier_block rtpl_bind_nb;

/* A sentence that is only known at run time; must be a static string. */
static inline void rtpl_extack_text(struct netlink_ext_ack *extack, const char *text)
{
	if (extack && text)
		extack->_msg = text;
}

/*
 * Take the peer's prefixes out of rn->prefixes, free its list, give the module
 * reference of a required peer back. For rtpl_peer_remove(), before the grace
 * period that it waits for: afterwards nobody finds the peer by an address.
 * Idempotent. rn->lock.
 */
void rtpl_config_peer_forget(struct rtpl_peer *peer);

/* ---- netlink.c ---- */

int rtpl_netlink_init(void);
void rtpl_netlink_exit(void);

/* ---- event.c ---- */

/* Multicast an event; any context (GFP_ATOMIC). */
void rtpl_event(struct rtpl_net *rn, struct rtpl_peer *peer, enum rtpl_event_kind kind);
/* The policy's level, and the profile there, are others now. */
void rtpl_event_policy(struct rtpl_peer *peer, u8 level, const char *profile);
void rtpl_event_guard(struct rtpl_net *rn, struct rtpl_peer *peer, enum rtpl_drop why,
		      int ifindex, const void *addr, int addr_len);

#endif /* RTPL_H */
