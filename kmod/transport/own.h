/* SPDX-License-Identifier: GPL-2.0 */
/* Recognising handshake datagrams of this node: own.c. */
#ifndef RTPL_TRANSPORT_OWN_H
#define RTPL_TRANSPORT_OWN_H

#include "rtpl.h"

void rtpl_own_note_handshake(struct rtpl_net *rn, const u8 *data, u16 len);
bool rtpl_own_is_handshake(const struct rtpl_net *rn, const u8 *data, u16 len);

#endif /* RTPL_TRANSPORT_OWN_H */
