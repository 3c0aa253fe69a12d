/* SPDX-License-Identifier: GPL-2.0 */
/* Packets that the stack would encrypt behind the qdisc: crypt.c for txq.c and tx.c. */
#ifndef RTPL_CRYPT_H
#define RTPL_CRYPT_H

#include <net/xfrm.h>

#include "link/link.h"

/**
 * rtpl_crypt_pending() - does the packet's IPsec still have to be done?
 * @skb: packet as it came from the stack, which marks it so
 *
 * Context: any.
 * Return: true if rtpl_crypt_packet() has to see it.
 */
static inline bool rtpl_crypt_pending(struct sk_buff *skb)
{
	return unlikely(xfrm_offload(skb));
}

/* What rtpl_crypt_packet() did. */
enum rtpl_crypted {
	RTPL_CRYPT_DONE,	/* *@skb is encrypted, and may be another */
	RTPL_CRYPT_AGAIN,	/* not now: *@skb is as it was */
	RTPL_CRYPT_GONE,	/* it comes back later, or was dropped and counted */
};

enum rtpl_crypted rtpl_crypt_packet(struct rtpl_link *link, struct sk_buff **skb);
struct sk_buff *rtpl_crypt_records(struct rtpl_link *link, struct sk_buff *skb);

#endif /* RTPL_CRYPT_H */
