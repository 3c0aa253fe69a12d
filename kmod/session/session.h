/* SPDX-License-Identifier: GPL-2.0 */
/* The room of keys: handshakes, key pairs, their timers, and what ends them all. */
#ifndef RTPL_SESSION_H
#define RTPL_SESSION_H

#include "transport/transport.h"

/* ---- keys of a session ---- */

/*
 * One handshake's two directions. Reached by RCU through the session's four
 * slots and through rn->index; freed (and wiped) after a grace period.
 * An initiation under way has one in rn->index that is not ready yet.
 */
/* Devices on which copies of a session's cells keep to their slots. */
#define RTPL_COPY_DEVICES	4

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
	bool needs_rekey;			/* enough cells sent: a renewal was asked for */
	u8 said;			/* link->say of what it told; tx_lock */
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
	struct rtpl_keypair __rcu *doubtful;	/* the same, of an initiation with an old time */
};

/* What two ends have agreed on, or are about to. */
struct rtpl_session {
	struct rtpl_owner *owner;
	struct rtpl_path *path;		/* handshakes of no link's schedule go there */

	struct rtpl_hs {		/* handshake.c */
		struct mutex lock;	/* what follows, but for work and todo */
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
	u32 rekeys;			/* how often; timers.lock to write */
	u16 keepalive;			/* seconds, 0 off; of the room node, READ_ONCE */
};

/* What sessions ask of the node's table of peers; the room node registers it in main.c. */
struct rtpl_session_table {
	/* The session with the owner of that static key, or NULL; RCU read side. */
	struct rtpl_session *(*by_key)(struct rtpl_net *rn, const u8 public_key[32]);
	/* All of the node's, one after the other: *@id is 0 before the first. rn->lock. */
	struct rtpl_session *(*next)(struct rtpl_net *rn, unsigned long *id);
};

extern const struct rtpl_session_table *rtpl_session_table;

/* What they ask of the link that carries their handshakes; the room link registers it in main.c. */
struct rtpl_session_ops {
	/* A datagram of this attempt may have so many bytes; send it; one of @size was answered. */
	u16 (*handshake_size)(struct rtpl_session *s, unsigned int attempt);
	/* The same, on a way that carries no more than @cell_max. */
	u16 (*handshake_fits)(struct rtpl_session *s, u32 cell_max);
	int (*send_handshake)(struct rtpl_session *s, const u8 *data, u16 len);
	/* One of @bytes on the wire was sent beside the link, or came. */
	void (*sent_beside)(struct rtpl_session *s, u32 bytes);
	void (*got_handshake)(struct rtpl_session *s, u32 bytes);
	void (*path_confirmed)(struct rtpl_session *s, u16 size);
	/* Does the link send whether there is data or not? */
	bool (*streams)(struct rtpl_session *s);
	/* Would nothing leave by itself now that there are keys? */
	bool (*silent)(struct rtpl_session *s);
	/* There are keys, or a cell is to be sent to keep them; nobody answers any more. */
	void (*kick)(struct rtpl_session *s);
	void (*keepalive)(struct rtpl_session *s);
	void (*lost)(struct rtpl_session *s);
	/* What was drawn ahead or sealed is to be forgotten; what came under @kp, too. */
	void (*forget)(struct rtpl_session *s);
	void (*keypair_free)(struct rtpl_keypair *kp);
};

extern const struct rtpl_session_ops *rtpl_session_ops;

/* ---- handshake.c ---- */

int rtpl_handshake_net_init(struct rtpl_net *rn);
/* Sockets are closed and all peers removed before. Sleeps. */
void rtpl_handshake_net_exit(struct rtpl_net *rn);
/* With the owner of @public_key, over @path. rn->lock; sleeps. */
void rtpl_handshake_init(struct rtpl_session *s, struct rtpl_path *path,
			 const u8 public_key[RTPL_KEY_LEN]);
/* No handshake or key of it is reachable afterwards, for ever. After
 * rtpl_timers_stop(). May sleep. rn->lock.
 */
void rtpl_handshake_stop(struct rtpl_session *s);
/* Would a datagram of @len bytes that begins with @head be taken? Else it is counted. */
bool rtpl_handshake_wants(struct rtpl_net *rn, const u8 *head, u32 len);
/* A datagram that is wanted came; skb->data at the datagram. Consumes @skb. BH. */
void rtpl_handshake_receive(struct rtpl_net *rn, enum rtpl_transport_kind kind,
			    struct sk_buff *skb);
/* Want keys: start a handshake unless one was started within the retry time.
 * Any context, also under the link's locks.
 */
void rtpl_handshake_want(struct rtpl_session *s);
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
/* The pre-shared key; NULL or zero: none. The session in use stays. rn->lock; sleeps. */
void rtpl_handshake_set_psk(struct rtpl_session *s, const u8 *psk);
void rtpl_handshake_get_psk(struct rtpl_session *s, u8 psk[32]);

/* ---- keypair.c ---- */

int rtpl_keypair_module_init(void);
void rtpl_keypair_module_exit(void);
/* Session of an index in a cell; RCU read side. NULL: unknown. */
struct rtpl_keypair *rtpl_keypair_by_index(struct rtpl_net *rn, u32 index);
/* The same of an initiation of ours that nobody has answered yet. */
struct rtpl_keypair *rtpl_keypair_begun(struct rtpl_net *rn, u32 index);
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
struct rtpl_keypair *rtpl_keypair_to_send(struct rtpl_session *s);
/* May cells under it still be received (age)? */
bool rtpl_keypair_may_receive(const struct rtpl_keypair *kp);
/* First authenticated cell under @kp: responder's next becomes current. BH, RCU
 * read side, none of the link's locks held.
 * Return: true if it became current just now (the caller kicks the link).
 */
bool rtpl_keypair_received(struct rtpl_session *s, struct rtpl_keypair *kp);
enum rtpl_link_state rtpl_session_state(struct rtpl_session *s);

/* ---- timers.c ---- */

void rtpl_timers_init(struct rtpl_session *s);
/* The link may begin. rn->lock, process context. */
void rtpl_timers_start(struct rtpl_session *s);
void rtpl_timers_stop(struct rtpl_session *s);	/* sleeps; idempotent */
/* endpoint, keepalive, require or the shape's schedule changed. Process or BH. */
void rtpl_timers_config(struct rtpl_session *s);
/* BH, also under the link's locks. @wants: a packet or chaff, which count alike; no keepalive.
 * Once for a batch is enough.
 */
void rtpl_timers_cell_sent(struct rtpl_session *s, bool wants);
void rtpl_timers_cell_received(struct rtpl_session *s, bool wants);

#endif /* RTPL_SESSION_H */
