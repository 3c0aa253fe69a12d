// SPDX-License-Identifier: GPL-2.0
/* Random numbers from a seed: ChaCha20 (RFC 8439), one nonce for each stock. */
#include "crypto.h"
#include "rng.h"

void rtpl_rng_seed(struct rtpl_rng *r, const u8 seed[RTPL_RNG_SEED])
{
	memcpy(r->seed, seed, sizeof(r->seed));
	r->stream = 0;
	r->left = 0;
}

u64 rtpl_rng_u64(struct rtpl_rng *r)
{
	u8 *at;

	if (!r->left) {
		rtpl_stream(r->stock, sizeof(r->stock), r->stream++, r->seed);
		r->left = sizeof(r->stock);
	}
	at = r->stock + sizeof(r->stock) - r->left;
	r->left -= sizeof(u64);
	return get_unaligned_le64(at);
}

u32 rtpl_rng_below(struct rtpl_rng *r, u32 n)
{
	return mul_u64_u32_shr(rtpl_rng_u64(r), n, 32) >> 32;
}
