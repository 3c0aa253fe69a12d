// SPDX-License-Identifier: GPL-2.0
/*
 * Digests of handshake datagrams that the node sent last: these have no seal by which to recognise
 * them. link/own.c explains the rest.
 */
#include <linux/siphash.h>

#include "transport/own.h"

/**
 * rtpl_own_note_handshake() - remember a handshake datagram that is about to be sent
 * @rn: node
 * @data: datagram
 * @len: its bytes
 *
 * Context: any.
 */
void rtpl_own_note_handshake(struct rtpl_net *rn, const u8 *data, u16 len)
{
	u32 i = (u32)atomic_inc_return(&rn->hs_sent_n) % RTPL_OWN_HANDSHAKES;

	WRITE_ONCE(rn->hs_sent[i], siphash(data, len, &rn->key_hash_key));
}

/**
 * rtpl_own_is_handshake() - is it a handshake datagram that this node sent lately?
 * @rn: node
 * @data: datagram
 * @len: its bytes
 *
 * Context: any.
 * Return: true if it is one of the last RTPL_OWN_HANDSHAKES that were sent.
 */
bool rtpl_own_is_handshake(const struct rtpl_net *rn, const u8 *data, u16 len)
{
	u64 digest = siphash(data, len, &rn->key_hash_key);
	int i;

	for (i = 0; i < RTPL_OWN_HANDSHAKES; i++)
		if (READ_ONCE(rn->hs_sent[i]) == digest)
			return true;
	return false;
}
