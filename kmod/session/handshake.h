/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Between handshake.c, keypair.c and timers.c.
 *
 * Who keeps what alive:
 *
 * A struct rtpl_keypair is reached through rn->index and through its peer's
 * slots, both by RCU; whoever takes it out of its last place frees it after
 * a grace period. It holds no reference of its peer. It need not:
 * rtpl_handshake_peer_stop() takes the last keypair out before the
 * tables' reference of the peer is given back, and the peer's memory lasts a
 * grace period longer than its last reference.
 *
 * A peer's timer and work hold no reference either. Both are only ever started
 * under timers.lock with timers.enabled set, so that rtpl_timers_stop() (clear
 * enabled under the lock, then delete the timer) and cancel_work_sync() after it
 * leave nothing behind. rn->hs_work holds a reference of the peer that it
 * works for: it may finish a datagram for a peer that is being removed, finds
 * hs.dead set under hs.lock, and can install nothing any more.
 */
#ifndef RTPL_HANDSHAKE_H
#define RTPL_HANDSHAKE_H

#include "rtpl.h"

/* Bits of peer->hs.todo. */
enum { RTPL_HS_TODO_INITIATE, RTPL_HS_TODO_ZERO };

/* ---- keypair.c ---- */

int rtpl_keypair_net_init(struct rtpl_net *rn);
void rtpl_keypair_net_exit(struct rtpl_net *rn);
struct rtpl_keypair *rtpl_keypair_create(struct rtpl_peer *peer);
void rtpl_keypair_fill(struct rtpl_keypair *kp, const struct rtpl_noise_keys *keys,
		       bool initiator);
void rtpl_keypair_drop(struct rtpl_keypair *kp);
void rtpl_keypair_drop_all(struct rtpl_peer *peer);
struct rtpl_peer *rtpl_keypair_get_peer(struct rtpl_net *rn, u32 index);
bool rtpl_keypair_begin_ours(struct rtpl_peer *peer, struct rtpl_keypair *kp);
void rtpl_keypair_begin_theirs(struct rtpl_peer *peer, struct rtpl_keypair *kp);
void rtpl_keypair_begin_doubtful(struct rtpl_peer *peer, struct rtpl_keypair *kp);

/* ---- timers.c ---- */

unsigned int rtpl_timers_event(struct rtpl_peer *peer, enum rtpl_rekey_event event);
bool rtpl_timers_session(struct rtpl_peer *peer, unsigned int *actions);
void rtpl_timers_act(struct rtpl_peer *peer, unsigned int actions);
bool rtpl_timers_zero_due(struct rtpl_peer *peer);
unsigned int rtpl_timers_attempt(struct rtpl_peer *peer);

#endif /* RTPL_HANDSHAKE_H */
