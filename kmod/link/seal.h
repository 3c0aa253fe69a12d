/* SPDX-License-Identifier: GPL-2.0 */
/* ChaCha20-Poly1305 for cells, where padding need not be encrypted or decrypted. */
#ifndef RTPL_SEAL_H
#define RTPL_SEAL_H

#include <crypto/chacha.h>
#include <linux/types.h>

#include "core/crypto.h"

/* The cipher works in blocks of this size, so encipher whole blocks. */
#define RTPL_SEAL_STEP	CHACHA_BLOCK_SIZE

/*
 * A cell's plaintext that is ready to be sealed where it lies. Its counter and its place in the
 * order are fixed; sealing it needs its session's key, but no lock.
 */
struct rtpl_cell {
	u32 counter;
	u16 plain;		/* bytes of it, without the tag */
	u16 sealed;		/* bytes of these to encipher; the rest is random already */
};

void rtpl_seal_cell(u8 *text, const struct rtpl_cell *c, const u8 key[32]);

/* An authentic cell that is being deciphered from its front. */
struct rtpl_open {
	struct chacha_state state;
	const u8 *from;
	u16 plain;
	u16 have;
};

bool rtpl_open_cell(struct rtpl_open *o, const u8 *sealed, u16 plain, u32 counter,
		    const u8 key[32]);
void rtpl_open_more(struct rtpl_open *o, u8 *text, u16 need);
void rtpl_open_end(struct rtpl_open *o);

#endif /* RTPL_SEAL_H */
