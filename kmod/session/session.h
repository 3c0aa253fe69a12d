/* SPDX-License-Identifier: GPL-2.0 */
/**
 * DOC: the room session
 *
 * Keys: handshakes, key pairs, the timers that renew them, and what ends all of these. A link has
 * one struct rtpl_session, which does not know about the link. Other rooms use this header and
 * session/snapshot.h; session/handshake.h is private to the room.
 *
 * Locks, outer before inner: the snapshot lock (the list of all nodes), rn->identity_lock (the
 * private key, read by handshakes), rn->hs_cookie_lock (cookie secrets; a leaf), session->hs.lock
 * (the handshake under way), session->keys.lock (BH; writers of the four slots), and below that
 * session->timers.lock (BH) and rn->by_remote_lock (BH), both leaves. Key pairs are looked up under
 * RCU. rn->lock comes between the first two, see Documentation/locking.rst.
 *
 * Contexts: handshakes run in works, because X25519 takes too long for a softirq; the timers are
 * timers; what a cell needs runs in BH, under RCU.
 */
#ifndef RTPL_SESSION_H
#define RTPL_SESSION_H

#include "transport/transport.h"

/* ---- keys of a session ---- */

/* Devices on which copies of a session's cells keep to their slots. */
#define RTPL_COPY_DEVICES	4

/*
 * The keys of both directions from one handshake. Reached by RCU through the session's four slots
 * and through rn->index; wiped and freed after a grace period. An initiation under way has one in
 * rn->index that is not ready yet.
 */
struct rtpl_keypair {
	struct rhash_head node;		/* rn->index, by local_index */
	struct hlist_node by_remote;	/* rn->by_remote, RCU */
	bool ready;			/* the fields below are set; release/acquire */
	u8 send_key[32];
	u8 recv_key[32];
	__le32 remote_index;		/* what we write into cells */
	u32 local_index;		/* rn->index entry that leads here */
	u64 birth;			/* ktime_get_coarse_boottime_ns() */
	u32 send_counter;		/* link->tx_lock */
	bool initiator;
	bool confirmed;			/* the other end has shown that it holds the keys */
	bool needs_rekey;			/* enough cells sent: a renewal was asked for */
	u8 said;			/* link->say of what was told under it; tx_lock */
	struct rtpl_simultaneous simultaneous;	/* responder; keys.lock */
	u16 size;			/* of the handshake's datagrams */
	struct {			/* last cell copied to a device: link/own.c */
		int ifindex;		/* 0: none yet */
		u32 counter;
	} copied[RTPL_COPY_DEVICES];
	struct rtpl_replay replay;	/* link->rx_lock */
	struct rtpl_reasm reasm;	/* link->rx_lock */
	struct rtpl_session *session;	/* alive as long as this is reachable */
	struct rtpl_net *rn;
	struct rcu_head rcu;
};

struct rtpl_keypairs {
	spinlock_t lock;		/* writers; BH */
	struct rtpl_keypair __rcu *current_pair;	/* to send, once confirmed */
	struct rtpl_keypair __rcu *previous;		/* still received */
	struct rtpl_keypair __rcu *next;		/* responder's, until confirmed */
	struct rtpl_keypair __rcu *doubtful;	/* like next, for an initiation with an old time */
};

/* What two ends have agreed on, or are about to agree on. */
struct rtpl_session {
	struct rtpl_owner *owner;
	struct rtpl_path *path;		/* handshakes outside a link's schedule go there */

	struct rtpl_hs {		/* handshake.c */
		struct mutex lock;	/* protects what follows, except work and todo */
		struct rtpl_noise_peer noise;
		struct rtpl_cookie_peer cookie;	/* the other end's last cookie for us */
		struct rtpl_keypair *pending;	/* of our initiation under way */
		bool dead;		/* no more sessions: teardown has begun */
		struct work_struct work;
		unsigned long todo;	/* RTPL_HS_TODO_*, atomic bits */
	} hs;
	struct rtpl_keypairs keys;

	struct rtpl_timers {		/* timers.c around core/rekey.c */
		spinlock_t lock;	/* BH */
		bool enabled;
		struct rtpl_rekey rekey;
		struct timer_list timer;
	} timers;
	u64 last_handshake;		/* boottime ns, 0: never */
	u32 rekeys;			/* number of renewals; timers.lock to write */
	u16 keepalive;			/* seconds, 0 off; of the room node, READ_ONCE */
};

/**
 * struct rtpl_session_table - what sessions ask of the node's table of peers
 * @by_key: find the session with the owner of that static key, without a reference; NULL: none.
 *	Called by the works that handle initiations: process, RCU read side, identity_lock held
 * @next: iterate over all sessions of the node: *id is 0 before the first, and NULL is returned
 *	behind the last. Called when all of them are dropped or begun: process, rn->lock held
 *
 * Implemented by the room node, registered by main.c.
 */
struct rtpl_session_table {
	struct rtpl_session *(*by_key)(struct rtpl_net *rn, const u8 public_key[32]);
	struct rtpl_session *(*next)(struct rtpl_net *rn, unsigned long *id);
};

extern const struct rtpl_session_table *rtpl_session_table;

/**
 * struct rtpl_session_ops - what sessions ask of the link that carries their handshakes
 * @handshake_size: bytes of the initiation of this attempt. Called by the session's work: process,
 *	no lock held
 * @handshake_fits: the same, on a path that carries no more than cell_max. Called like
 *	@handshake_size
 * @send_handshake: send a datagram, which is copied, along the link's path. Called by works:
 *	process, at most identity_lock held. Returns 0 or -errno
 * @sent_beside: a datagram with this many bytes on the wire was sent past the link. Called like
 *	@send_handshake
 * @got_handshake: an authentic datagram with this many bytes on the wire came. Called by works:
 *	process, identity_lock and hs.lock held
 * @path_confirmed: a datagram of that size was answered. Returns true if a larger one should be
 *	tried soon. Called by a work, with identity_lock held, or when the first cell under a
 *	session comes: process or BH
 * @streams: does the link send all the time, with or without data? Called under timers.lock (BH):
 *	takes no lock
 * @silent: would nothing leave by itself now that there are keys? Called by a work: process,
 *	identity_lock held
 * @kick: there are keys: waiting packets can be sent. Called by a work with identity_lock held, or
 *	by rtpl_handshake_restart() with rn->lock held: process
 * @keepalive: send a cell without data. Called by a work or by rtpl_timers_act(): process or BH, no
 *	spinlock held
 * @lost: nobody answers any more. Called by rtpl_timers_act(): process or BH, no spinlock held
 * @forget: forget what was drawn ahead or sealed. Called by rtpl_handshake_forget(): process,
 *	rn->lock held and identity_lock for writing
 * @keypair_free: free incomplete packets that came under a key pair. RCU callback: softirq, no
 *	reader is left
 *
 * Implemented by the room link, registered by main.c.
 */
struct rtpl_session_ops {
	u16 (*handshake_size)(struct rtpl_session *s, unsigned int attempt);
	u16 (*handshake_fits)(struct rtpl_session *s, u32 cell_max);
	int (*send_handshake)(struct rtpl_session *s, const u8 *data, u16 len);
	void (*sent_beside)(struct rtpl_session *s, u32 bytes);
	void (*got_handshake)(struct rtpl_session *s, u32 bytes);
	bool (*path_confirmed)(struct rtpl_session *s, u16 size);
	bool (*streams)(struct rtpl_session *s);
	bool (*silent)(struct rtpl_session *s);
	void (*kick)(struct rtpl_session *s);
	void (*keepalive)(struct rtpl_session *s);
	void (*lost)(struct rtpl_session *s);
	void (*forget)(struct rtpl_session *s);
	void (*keypair_free)(struct rtpl_keypair *kp);
};

extern const struct rtpl_session_ops *rtpl_session_ops;

/* ---- handshake.c ---- */

int rtpl_handshake_net_init(struct rtpl_net *rn);
void rtpl_handshake_net_exit(struct rtpl_net *rn);
void rtpl_handshake_init(struct rtpl_session *s, struct rtpl_path *path,
			 const u8 public_key[RTPL_KEY_LEN]);
void rtpl_handshake_stop(struct rtpl_session *s);
bool rtpl_handshake_wants(struct rtpl_net *rn, const u8 *head, u32 len);
void rtpl_handshake_receive(struct rtpl_net *rn, enum rtpl_transport_kind kind,
			    struct sk_buff *skb);
void rtpl_handshake_want(struct rtpl_session *s);
bool rtpl_handshake_set_identity(struct rtpl_net *rn, const u8 *private_key, bool keep);
void rtpl_handshake_forget(struct rtpl_net *rn);
void rtpl_handshake_restart(struct rtpl_net *rn);
void rtpl_handshake_set_psk(struct rtpl_session *s, const u8 *psk);
void rtpl_handshake_get_psk(struct rtpl_session *s, u8 psk[32]);

/* ---- keypair.c ---- */

int rtpl_keypair_module_init(void);
void rtpl_keypair_module_exit(void);
struct rtpl_keypair *rtpl_keypair_by_index(struct rtpl_net *rn, u32 index);
struct rtpl_keypair *rtpl_keypair_begun(struct rtpl_net *rn, u32 index);

/**
 * rtpl_keypair_bucket() - list that holds the key pairs with which cells of an index are sent
 * @rn: node
 * @index: the other end's session index, as cells carry it
 *
 * The list holds others, too: users of rtpl_keypair_for_each_remote() compare remote_index.
 *
 * Context: RCU read side, or by_remote_lock held.
 * Return: the list.
 */
static inline struct hlist_head *rtpl_keypair_bucket(struct rtpl_net *rn, __le32 index)
{
	return &rn->by_remote[hash_32(le32_to_cpu(index), RTPL_HASH_BITS)];
}

#define rtpl_keypair_for_each_remote(kp, rn, index) \
	hlist_for_each_entry_rcu(kp, rtpl_keypair_bucket(rn, index), by_remote)

struct rtpl_keypair *rtpl_keypair_to_send(struct rtpl_session *s);
bool rtpl_keypair_may_receive(const struct rtpl_keypair *kp);
bool rtpl_keypair_received(struct rtpl_session *s, struct rtpl_keypair *kp);
enum rtpl_link_state rtpl_session_state(struct rtpl_session *s);

/* ---- timers.c ---- */

void rtpl_timers_init(struct rtpl_session *s);
void rtpl_timers_start(struct rtpl_session *s);
void rtpl_timers_stop(struct rtpl_session *s);
void rtpl_timers_config(struct rtpl_session *s);
void rtpl_timers_cell_sent(struct rtpl_session *s, bool wants);
void rtpl_timers_cell_received(struct rtpl_session *s, bool wants);

#endif /* RTPL_SESSION_H */
