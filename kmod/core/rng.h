/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Random numbers from a seed: the seed determines all of them, in the kernel and in the simulator;
 * without it nobody can tell them from chance. A reader of the generator learns only future
 * numbers, not those drawn before. The link seeds its generator from the kernel's, the simulator
 * from the command line.
 */
#ifndef RTPL_CORE_RNG_H
#define RTPL_CORE_RNG_H

#include "env.h"

#define RTPL_RNG_SEED	32
#define RTPL_RNG_STOCK	256	/* bytes drawn at a time */

/* A generator. The owner serialises. */
struct rtpl_rng {
	/* A stock: zeros, then unused numbers; behind it the key of the next stock. */
	u8 bytes[RTPL_RNG_STOCK + RTPL_RNG_SEED];
	u16 left;		/* bytes of the stock that are unused */
};

void rtpl_rng_seed(struct rtpl_rng *r, const u8 seed[RTPL_RNG_SEED]);

void rtpl_rng_forget(struct rtpl_rng *r);

u64 rtpl_rng_u64(struct rtpl_rng *r);

/**
 * rtpl_rng_u32() - the next number, uniform over 32 bits
 * @r: generator; one draw, also of eight bytes
 *
 * Context: Any; the caller serialises calls on @r.
 * Return: the number.
 */
static inline u32 rtpl_rng_u32(struct rtpl_rng *r)
{
	return rtpl_rng_u64(r) >> 32;
}

/**
 * rtpl_rng_below() - uniform over 0 ... @n - 1
 * @r: generator
 * @n: at least 1; at most 2^32 - 1
 *
 * One draw, so that the sequence does not depend on @n; no value is more likely than another by
 * more than @n / 2^64.
 *
 * Context: Any; the caller serialises calls on @r.
 * Return: the number.
 */
u32 rtpl_rng_below(struct rtpl_rng *r, u32 n);

#endif /* RTPL_CORE_RNG_H */
