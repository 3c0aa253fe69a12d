// SPDX-License-Identifier: GPL-2.0
/*
 * Sealing and opening cells: RFC 8439, with the kernel's ChaCha20 and Poly1305.
 *
 * A cell with a small packet is mostly padding, and enciphering that would be most of the work. But
 * nobody reads what padding deciphers to, so any bytes that look random serve as its ciphertext:
 * the sender uses fresh random bytes that it drew in idle time, and the receiver deciphers only to
 * the end of the blocks. The tag covers all of it, so that flipping bits cannot tell padding from
 * data. The wire format is plain RFC 8439: a receiver that deciphers everything sees the same
 * blocks, followed by noise.
 */
#include <crypto/poly1305.h>
#include <linux/string.h>

#include "core/crypto.h"
#include "core/wire.h"
#include "link/seal.h"
#include "session/snapshot.h"

/* Start the key stream at block 0, which makes the one-time key of the tag. */
static void rtpl_seal_start(struct chacha_state *state, struct poly1305_desc_ctx *poly,
			    u32 counter, const u8 key[32])
{
	u8 block[CHACHA_BLOCK_SIZE];
	u8 iv[CHACHA_IV_SIZE] = {};
	u32 k[CHACHA_KEY_SIZE / sizeof(u32)];
	int i;

	for (i = 0; i < ARRAY_SIZE(k); i++)
		k[i] = get_unaligned_le32(key + 4 * i);
	put_unaligned_le64(counter, iv + 8);
	chacha_init(rtpl_compat_chacha(state), k, iv);
	chacha20_block(rtpl_compat_chacha(state), block);
	poly1305_init(poly, block);
	memzero_explicit(block, sizeof(block));
	memzero_explicit(k, sizeof(k));
}

static void rtpl_seal_tag(struct poly1305_desc_ctx *poly, const u8 *cipher, u16 len,
			  u8 tag[RTPL_TAG_LEN])
{
	static const u8 zero[POLY1305_BLOCK_SIZE];
	__le64 lens[2] = { 0, cpu_to_le64(len) };

	poly1305_update(poly, cipher, len);
	if (len % POLY1305_BLOCK_SIZE)
		poly1305_update(poly, zero, POLY1305_BLOCK_SIZE - len % POLY1305_BLOCK_SIZE);
	poly1305_update(poly, (u8 *)lens, sizeof(lens));
	poly1305_final(poly, tag);
}

/**
 * rtpl_seal_cell() - seal a cell's plaintext in place and append the tag
 * @text: the plaintext, with room for RTPL_TAG_LEN more behind it
 * @c: what is known of the cell
 * @key: 32 bytes
 *
 * Uses nothing of the link: the cells of one link can be sealed at the same time, in any order.
 *
 * Context: any but hard interrupts.
 */
void rtpl_seal_cell(u8 *text, const struct rtpl_cell *c, const u8 key[32])
{
	struct poly1305_desc_ctx poly;
	struct chacha_state state;

	rtpl_testing_sealed(c->counter, key);
	rtpl_seal_start(&state, &poly, c->counter, key);
	chacha20_crypt(rtpl_compat_chacha(&state), text, text, c->sealed);
	rtpl_seal_tag(&poly, text, c->plain, text + c->plain);
	memzero_explicit(&state, sizeof(state));
}

/**
 * rtpl_open_cell() - check whether a cell is authentic
 * @o: if it is, state for rtpl_open_more() and at last rtpl_open_end()
 * @sealed: @plain bytes and the tag
 * @plain: bytes of plaintext
 * @counter: of the cell
 * @key: 32 bytes
 *
 * Context: any but hard interrupts.
 * Return: true if the tag is right.
 */
bool rtpl_open_cell(struct rtpl_open *o, const u8 *sealed, u16 plain, u32 counter,
		    const u8 key[32])
{
	struct poly1305_desc_ctx poly;
	u8 tag[RTPL_TAG_LEN];
	bool ok;

	rtpl_seal_start(&o->state, &poly, counter, key);
	rtpl_seal_tag(&poly, sealed, plain, tag);
	ok = rtpl_equal(tag, sealed + plain, sizeof(tag));
	o->from = sealed;
	o->plain = plain;
	o->have = 0;
	if (!ok)
		rtpl_open_end(o);
	return ok;
}

/**
 * rtpl_open_more() - decipher up to @need bytes
 * @o: from rtpl_open_cell()
 * @text: where to put the plaintext; the same in every call; may be @sealed
 * @need: bytes, rounded up here to the cipher's step
 *
 * Sets @o->have to the number of bytes deciphered so far.
 *
 * Context: any but hard interrupts.
 */
void rtpl_open_more(struct rtpl_open *o, u8 *text, u16 need)
{
	need = min_t(u32, round_up((u32)need, RTPL_SEAL_STEP), o->plain);
	if (need <= o->have)
		return;
	chacha20_crypt(rtpl_compat_chacha(&o->state), text + o->have, o->from + o->have,
		       need - o->have);
	o->have = need;
}

/**
 * rtpl_open_end() - wipe the cipher's state
 * @o: from rtpl_open_cell(), if it was authentic
 *
 * Context: any.
 */
void rtpl_open_end(struct rtpl_open *o)
{
	memzero_explicit(&o->state, sizeof(o->state));
}
