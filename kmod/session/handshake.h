/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shared by handshake.c, keypair.c and timers.c.
 *
 * Lifetimes:
 *
 * A struct rtpl_keypair is reached through rn->index and through its session's slots, both by RCU;
 * whoever removes it from its last place frees it after a grace period. It holds no reference to
 * the session's owner, and needs none: rtpl_handshake_stop() removes the last keypair before the
 * tables' reference to the owner is dropped, and the owner's memory, which contains the session,
 * lasts a grace period longer than its last reference.
 *
 * A session's timer and work hold no reference either. Both are only ever started under timers.lock
 * with timers.enabled set, so that rtpl_timers_stop() (clear enabled under the lock, then delete
 * the timer) and cancel_work_sync() after it leave nothing running. rn->hs_work holds a reference
 * to the owner for which it works: it may finish a datagram for a session that is being ended, but
 * then finds hs.dead set under hs.lock, and installs nothing.
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
bool rtpl_keypair_drop_old(struct rtpl_session *s);
struct rtpl_session *rtpl_keypair_get_session(struct rtpl_net *rn, u32 index);
bool rtpl_keypair_begin_ours(struct rtpl_session *s, struct rtpl_keypair *kp);
void rtpl_keypair_begin_theirs(struct rtpl_session *s, struct rtpl_keypair *kp);
void rtpl_keypair_begin_doubtful(struct rtpl_session *s, struct rtpl_keypair *kp);

/* ---- timers.c ---- */

unsigned int rtpl_timers_event(struct rtpl_session *s, enum rtpl_rekey_event event);
bool rtpl_timers_session(struct rtpl_session *s, unsigned int *actions);
void rtpl_timers_act(struct rtpl_session *s, unsigned int actions);
unsigned int rtpl_timers_attempt(struct rtpl_session *s);

#endif /* RTPL_HANDSHAKE_H */
