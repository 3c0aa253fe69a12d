// SPDX-License-Identifier: GPL-2.0
/*
 * Random numbers from a seed: ChaCha20 (RFC 8439) with fast key erasure (D. J. Bernstein,
 * "Fast-key-erasure random-number generators"). Each stock is the key stream of a key that is
 * used once; the stream's last 32 bytes are the next key. Numbers are wiped as they are taken.
 */
#include "crypto.h"
#include "rng.h"

/**
 * rtpl_rng_seed() - begin the sequence of a seed
 * @r: generator
 * @seed: RTPL_RNG_SEED bytes
 *
 * Context: Any; the caller serialises calls on @r.
 */
void rtpl_rng_seed(struct rtpl_rng *r, const u8 seed[RTPL_RNG_SEED])
{
	memcpy(r->bytes + RTPL_RNG_STOCK, seed, RTPL_RNG_SEED);
	r->left = 0;
}

/**
 * rtpl_rng_forget() - wipe a generator
 * @r: generator; must be seeded before the next use
 *
 * Context: Any; the caller serialises calls on @r.
 */
void rtpl_rng_forget(struct rtpl_rng *r)
{
	rtpl_wipe(r, sizeof(*r));
}

static void rtpl_rng_draw(struct rtpl_rng *r)
{
	u8 key[RTPL_RNG_SEED];

	memcpy(key, r->bytes + RTPL_RNG_STOCK, sizeof(key));
	rtpl_stream(r->bytes, sizeof(r->bytes), 0, key);
	rtpl_wipe(key, sizeof(key));
	r->left = RTPL_RNG_STOCK;
}

/**
 * rtpl_rng_u64() - the next number, uniform over all values
 * @r: generator
 *
 * Takes eight bytes of the sequence and wipes them. After each RTPL_RNG_STOCK bytes, ChaCha20 makes
 * a new stock.
 *
 * Context: Any; the caller serialises calls on @r.
 * Return: the number.
 */
u64 rtpl_rng_u64(struct rtpl_rng *r)
{
	u64 number;
	u8 *at;

	if (!r->left)
		rtpl_rng_draw(r);
	at = r->bytes + RTPL_RNG_STOCK - r->left;
	r->left -= sizeof(number);
	number = get_unaligned_le64(at);
	memset(at, 0, sizeof(number));
	return number;
}

u32 rtpl_rng_below(struct rtpl_rng *r, u32 n)
{
	return mul_u64_u32_shr(rtpl_rng_u64(r), n, 32) >> 32;
}
