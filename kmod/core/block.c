// SPDX-License-Identifier: GPL-2.0
/*
 * The length of a block, by its type: for an IP packet its own header tells.
 */
#include "block.h"
#include "gso.h"

static u16 ipv4_len(const u8 *p)
{
	u16 len = get_unaligned_be16(p + 2);
	u8 hdr_len = (p[0] & 0x0f) * 4;

	return hdr_len >= 20 && len >= hdr_len ? len : 0;
}

static u16 ipv6_len(const u8 *p)
{
	u32 len = 40 + get_unaligned_be16(p + 4);

	return len <= RTPL_BLOCK_MAX ? len : 0;
}

const rtpl_block_len_fn rtpl_block_types[RTPL_BLOCK_TYPES] = {
	[RTPL_BLOCK_GSO] = rtpl_gso_block_len,
	[RTPL_BLOCK_IPV4] = ipv4_len,
	[RTPL_BLOCK_IPV6] = ipv6_len,
};

/**
 * rtpl_block_len() - length of the block that begins here
 * @types: functions that tell it, by type
 * @p: the block's first RTPL_BLOCK_HEAD bytes
 *
 * Context: Any.
 * Return: bytes of the whole block; 0 if its type is not among @types or its head is malformed.
 */
u16 rtpl_block_len(const rtpl_block_len_fn *types, const u8 *p)
{
	rtpl_block_len_fn len = types[p[0] >> 4];

	return len ? INDIRECT_CALL_3(len, ipv4_len, ipv6_len, rtpl_gso_block_len, p) : 0;
}
