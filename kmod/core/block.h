/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Types of blocks (wire.h) that carry a packet, or something as long as one: each may be split
 * across cells. The joiner itself handles padding and control blocks, which are never split.
 *
 * A type is a number in enum rtpl_block_type, a line in rtpl_block_types, and at the receiving end
 * a line in the link's table of functions for whole blocks.
 */
#ifndef RTPL_CORE_BLOCK_H
#define RTPL_CORE_BLOCK_H

#include "env.h"
#include "wire.h"

/* The first four bits of a block name its type. */
#define RTPL_BLOCK_TYPES	16

/* Returns the bytes of the block at @p, of which RTPL_BLOCK_HEAD are there; 0: malformed. */
typedef u16 (*rtpl_block_len_fn)(const u8 *p);

/* By type, RTPL_BLOCK_TYPES of them; NULL: no such type. */
extern const rtpl_block_len_fn rtpl_block_types[RTPL_BLOCK_TYPES];

u16 rtpl_block_len(const rtpl_block_len_fn *types, const u8 *p);

#endif /* RTPL_CORE_BLOCK_H */
