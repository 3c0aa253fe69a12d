/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Super-packets as blocks: check the facts, and cut a run of whole segments out of one that lost
 * cells. Pure functions over header bytes.
 */
#ifndef RTPL_CORE_GSO_H
#define RTPL_CORE_GSO_H

#include "wire.h"

/* The facts of struct rtpl_gso_head (wire.h), in this machine's byte order. */
struct rtpl_gso {
	u8 kind;		/* enum rtpl_gso_kind */
	u8 flags;
	u8 hdr_len;
	u8 l4_off;
	u16 gso_size;
	u16 pkt_len;
	u16 segs;		/* segments of the whole packet */
};

/**
 * rtpl_gso_parse() - check a GSO head against the packet's headers
 * @head: the eight bytes
 * @hdr: the packet's first @hdr_have bytes (from the head of the block or its trailer)
 * @hdr_have: number of them
 * @block_len: bytes of the whole block
 * @out: filled in on success
 *
 * Checks kind against IP version and protocol, header lengths, lengths
 * inside the IP and UDP headers, gso_size of at least RTPL_GSO_SIZE_MIN, segment count >= 2.
 * IPv6: only packets without extension headers travel as GSO.
 *
 * Context: Any.
 * Return: 0, or -EBADMSG.
 */
int rtpl_gso_parse(const u8 *head, const u8 *hdr,
		   u16 hdr_have, u16 block_len, struct rtpl_gso *out);

/**
 * rtpl_gso_block_len() - bytes of the block that a GSO head announces
 * @head: the eight bytes
 *
 * Looks only at the head; rtpl_gso_parse() checks the rest.
 * Return: the length, trailer included, or 0 if no such block can exist.
 */
u16 rtpl_gso_block_len(const u8 *head);

/**
 * rtpl_gso_build() - write a GSO head; the reverse of rtpl_gso_parse()
 * @g: facts; @g->segs is not sent
 * @head: the eight bytes
 */
void rtpl_gso_build(const struct rtpl_gso *g, u8 *head);

/**
 * rtpl_gso_run() - headers for segments [first, first + n) as a packet of its own
 * @g: facts of the whole packet
 * @hdr: headers of the whole packet, @g->hdr_len bytes
 * @first: first segment, below @g->segs
 * @n: how many, cut to what the packet has (1: a plain packet, no longer GSO)
 * @out: @g->hdr_len bytes, may be @hdr itself
 *
 * Adjusts IP length and ID, header checksum, TCP sequence, FIN/PSH (last
 * segment only) and CWR (first only), UDP length, and the partial transport
 * checksum (pseudo-header with the new length; the caller sets CHECKSUM_PARTIAL).
 * Return: payload bytes of the run.
 */
u16 rtpl_gso_run(const struct rtpl_gso *g, const u8 *hdr, u16 first, u16 n, u8 *out);

#endif /* RTPL_CORE_GSO_H */
