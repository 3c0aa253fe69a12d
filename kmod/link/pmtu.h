/* SPDX-License-Identifier: GPL-2.0 */
/* How large cells may be (pmtu.c). */
#ifndef RTPL_PMTU_H
#define RTPL_PMTU_H

#include "link/link.h"

struct rtpl_route;

void rtpl_pmtu_follow(struct rtpl_link *link, const struct rtpl_route *r);
u16 rtpl_pmtu_handshake_size(struct rtpl_session *s, unsigned int attempt);
u16 rtpl_pmtu_handshake_fits(struct rtpl_session *s, u32 cell_max);
bool rtpl_pmtu_confirmed(struct rtpl_session *s, u16 size);

#endif /* RTPL_PMTU_H */
