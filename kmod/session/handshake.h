/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Between handshake.c, keypair.c and timers.c.
 *
 * Who keeps what alive:
 *
 * A struct rtpl_keypair is reached through rn->index and through its session's
 * slots, both by RCU; whoever takes it out of its last place frees it after
 * a grace period. It holds no reference of the session's owner. It need not:
 * rtpl_handshake_stop() takes the last keypair out before the tables'
 * reference of the owner is given back, and the owner's memory, in which the session
 * stands, lasts a grace period longer than its last reference.
 *
 * A session's timer and work hold no reference either. Both are only ever started
 * under timers.lock with timers.enabled set, so that rtpl_timers_stop() (clear
 * enabled under the lock, then delete the timer) and cancel_work_sync() after it
 * leave nothing behind. rn->hs_work holds a reference of the owner that it
 * works for: it may finish a datagram for a session that is being ended, finds
 * hs.dead set under hs.lock, and can install nothing any more.
 */
#ifndef RTPL_HANDSHAKE_H
#define RTPL_HANDSHAKE_H

#include "session/session.h"

/* Bits of session->hs.todo. */
enum { RTPL_HS_TODO_INITIATE, RTPL_HS_TODO_ZERO };

/* ---- keypair.c ---- */

int rtpl_keypair_net_init(struct rtpl_net *rn);
void rtpl_keypair_net_exit(struct rtpl_net *rn);
struct rtpl_keypair *rtpl_keypair_create(struct rtpl_session *s);
void rtpl_keypair_fill(struct rtpl_keypair *kp, const struct rtpl_noise_keys *keys,
		       bool initiator);
void rtpl_keypair_drop(struct rtpl_keypair *kp);
void rtpl_keypair_drop_all(struct rtpl_session *s);
struct rtpl_session *rtpl_keypair_get_session(struct rtpl_net *rn, u32 index);
bool rtpl_keypair_begin_ours(struct rtpl_session *s, struct rtpl_keypair *kp);
void rtpl_keypair_begin_theirs(struct rtpl_session *s, struct rtpl_keypair *kp);
void rtpl_keypair_begin_doubtful(struct rtpl_session *s, struct rtpl_keypair *kp);

/* ---- timers.c ---- */

unsigned int rtpl_timers_event(struct rtpl_session *s, enum rtpl_rekey_event event);
bool rtpl_timers_session(struct rtpl_session *s, unsigned int *actions);
void rtpl_timers_act(struct rtpl_session *s, unsigned int actions);
bool rtpl_timers_zero_due(struct rtpl_session *s);
unsigned int rtpl_timers_attempt(struct rtpl_session *s);

#endif /* RTPL_HANDSHAKE_H */
