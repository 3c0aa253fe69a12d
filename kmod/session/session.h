/* SPDX-License-Identifier: GPL-2.0 */
/* The room of keys: handshakes, key pairs, their timers, and what ends them all. */
#ifndef RTPL_SESSION_H
#define RTPL_SESSION_H

#include "rtpl.h"

/*
 * What sessions ask of those above them: the link that carries their handshakes, and the node's
 * table of peers. Registered in main.c; what each does is described where it is defined.
 */
struct rtpl_session_ops {
	struct rtpl_peer *(*peer_by_key)(struct rtpl_net *rn, const u8 public_key[32]);
	/* A datagram of this attempt may have so many bytes; send it; one of @size was answered. */
	u16 (*handshake_size)(struct rtpl_peer *peer, unsigned int attempt);
	int (*send_handshake)(struct rtpl_peer *peer, const u8 *data, u16 len);
	void (*path_confirmed)(struct rtpl_peer *peer, u16 size);
	/* There are keys, or a cell is to be sent to keep them; nobody answers any more. */
	void (*kick)(struct rtpl_peer *peer);
	void (*keepalive)(struct rtpl_peer *peer);
	void (*lost)(struct rtpl_peer *peer);
	/* What was drawn ahead or sealed is to be forgotten; what came under @kp, too. */
	void (*forget)(struct rtpl_peer *peer);
	void (*keypair_free)(struct rtpl_keypair *kp);
};

extern const struct rtpl_session_ops *rtpl_session_ops;

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

#endif /* RTPL_SESSION_H */
