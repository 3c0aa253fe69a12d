/* SPDX-License-Identifier: GPL-2.0 */
/* How large cells may be (pmtu.c). */
#ifndef RTPL_PMTU_H
#define RTPL_PMTU_H

#include "link/link.h"

struct rtpl_route;

/* The path's MTU may have changed: what does not fit any more is told. tx_lock. */
void rtpl_pmtu_follow(struct rtpl_link *link, const struct rtpl_route *r);
/*
 * Size that handshake datagrams must have now: a size of the shape.
 * @attempt counts from 0 since the last answer; later attempts try what a
 * smaller path would carry (RFC 8899).
 */
u16 rtpl_pmtu_handshake_size(struct rtpl_session *s, unsigned int attempt);
/* The largest of the shape's sizes that a way takes which carries no more than @cell_max. */
u16 rtpl_pmtu_handshake_fits(struct rtpl_session *s, u32 cell_max);
/* A handshake of that size was answered: the path carries it. */
void rtpl_pmtu_confirmed(struct rtpl_session *s, u16 size);

#endif /* RTPL_PMTU_H */
