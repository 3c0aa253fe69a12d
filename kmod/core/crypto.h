/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Names for the primitives that the core uses, so that the same source runs
 * on the kernel's library crypto and, in user space, on OpenSSL
 * (tools/harness/crypto_user.c). Nothing here allocates or sleeps.
 *
 *	X25519			RFC 7748
 *	ChaCha20-Poly1305	RFC 8439
 *	XChaCha20-Poly1305	draft-irtf-cfrg-xchacha-03
 *	BLAKE2s			RFC 7693
 *	ChaCha20		RFC 8439
 */
#ifndef RTPL_CORE_CRYPTO_H
#define RTPL_CORE_CRYPTO_H

#include "env.h"

#define RTPL_CRYPTO_KEY		32	/* X25519 scalars and points, AEAD keys */
#define RTPL_CRYPTO_HASH	32
#define RTPL_CRYPTO_TAG		16
#define RTPL_CRYPTO_XNONCE	24

#ifdef __KERNEL__

#include <crypto/chacha20poly1305.h>
#include <crypto/curve25519.h>

#include "../compat/crypto.h"

/**
 * rtpl_x25519() - Diffie-Hellman
 * @out: shared secret; may not overlap the inputs
 * @secret: own scalar
 * @point: the other end's public key
 * Context: may be slow (tens of microseconds); uses the FPU where it can.
 * Return: false if the result is all zero (a point of small order).
 */
static inline bool __must_check
rtpl_x25519(u8 out[RTPL_CRYPTO_KEY], const u8 secret[RTPL_CRYPTO_KEY],
	    const u8 point[RTPL_CRYPTO_KEY])
{
	return curve25519(out, secret, point);
}

/**
 * rtpl_x25519_public() - the public key of a scalar
 * @out: public key
 * @secret: own scalar
 *
 * Context: Any, but slow as rtpl_x25519().
 * Return: false for the all-zero scalar.
 */
static inline bool __must_check
rtpl_x25519_public(u8 out[RTPL_CRYPTO_KEY], const u8 secret[RTPL_CRYPTO_KEY])
{
	return curve25519_generate_public(out, secret);
}

/**
 * rtpl_aead_seal() - ChaCha20-Poly1305 with nonce le32 0 | le64 @nonce
 * @dst: @len + RTPL_CRYPTO_TAG bytes; may be @src
 * @src: the text
 * @len: its bytes
 * @ad: additional data that the tag covers
 * @ad_len: its bytes
 * @nonce: never used before with this key
 * @key: 32 bytes
 */
static inline void
rtpl_aead_seal(u8 *dst, const u8 *src, size_t len, const u8 *ad, size_t ad_len,
	       u64 nonce, const u8 key[RTPL_CRYPTO_KEY])
{
	chacha20poly1305_encrypt(dst, src, len, ad, ad_len, nonce, key);
}

/**
 * rtpl_aead_open() - the reverse of rtpl_aead_seal()
 * @dst: @len - RTPL_CRYPTO_TAG bytes; may be @src; undefined on failure
 * @src: what was sealed, with the tag
 * @len: its bytes
 * @ad: additional data that the tag covers
 * @ad_len: its bytes
 * @nonce: as it was sealed
 * @key: likewise
 *
 * Return: true if authentic.
 */
static inline bool __must_check
rtpl_aead_open(u8 *dst, const u8 *src, size_t len, const u8 *ad, size_t ad_len,
	       u64 nonce, const u8 key[RTPL_CRYPTO_KEY])
{
	return chacha20poly1305_decrypt(dst, src, len, ad, ad_len, nonce, key);
}

/**
 * rtpl_xaead_seal() - rtpl_aead_seal() with XChaCha20-Poly1305
 * @dst: @len + RTPL_CRYPTO_TAG bytes; may be @src
 * @src: the text
 * @len: its bytes
 * @ad: additional data that the tag covers
 * @ad_len: its bytes
 * @nonce: RTPL_CRYPTO_XNONCE bytes, enough to be random
 * @key: 32 bytes
 *
 * Context: Any.
 */
static inline void
rtpl_xaead_seal(u8 *dst, const u8 *src, size_t len, const u8 *ad, size_t ad_len,
		const u8 nonce[RTPL_CRYPTO_XNONCE], const u8 key[RTPL_CRYPTO_KEY])
{
	xchacha20poly1305_encrypt(dst, src, len, ad, ad_len, nonce, key);
}

/**
 * rtpl_xaead_open() - the reverse of rtpl_xaead_seal()
 * @dst: @len - RTPL_CRYPTO_TAG bytes; may be @src; undefined on failure
 * @src: what was sealed, with the tag
 * @len: its bytes
 * @ad: additional data that the tag covers
 * @ad_len: its bytes
 * @nonce: as it was sealed
 * @key: likewise
 *
 * Context: Any.
 * Return: true if authentic.
 */
static inline bool __must_check
rtpl_xaead_open(u8 *dst, const u8 *src, size_t len, const u8 *ad, size_t ad_len,
		const u8 nonce[RTPL_CRYPTO_XNONCE], const u8 key[RTPL_CRYPTO_KEY])
{
	return xchacha20poly1305_decrypt(dst, src, len, ad, ad_len, nonce, key);
}

/**
 * rtpl_blake2s() - BLAKE2s of up to two pieces, one after the other
 * @out: may be one of the inputs
 * @out_len: bytes of it, at most RTPL_CRYPTO_HASH
 * @key: NULL if there is none
 * @key_len: bytes of it, at most 32, or 0
 * @a: first piece; NULL only with length 0
 * @a_len: bytes of it
 * @b: second piece, likewise
 * @b_len: bytes of it
 */
static inline void
rtpl_blake2s(u8 *out, size_t out_len, const u8 *key, size_t key_len,
	     const u8 *a, size_t a_len, const u8 *b, size_t b_len)
{
	struct blake2s_ctx st;

	if (key_len)
		blake2s_init_key(&st, out_len, key, key_len);
	else
		blake2s_init(&st, out_len);
	blake2s_update(&st, a, a_len);
	if (b_len)
		blake2s_update(&st, b, b_len);
	blake2s_final(&st, out);	/* wipes the state */
}

/**
 * rtpl_stream() - ChaCha20's key stream with nonce le32 0 | le64 @nonce, from block 0 on
 * @out: the stream
 * @len: its bytes
 * @nonce: which of the key's streams
 * @key: 32 bytes
 */
static inline void
rtpl_stream(u8 *out, size_t len, u64 nonce, const u8 key[RTPL_CRYPTO_KEY])
{
	u32 k[CHACHA_KEY_SIZE / sizeof(u32)];
	u8 iv[CHACHA_IV_SIZE] = {};
	struct chacha_state state;
	int i;

	for (i = 0; i < ARRAY_SIZE(k); i++)
		k[i] = get_unaligned_le32(key + 4 * i);
	put_unaligned_le64(nonce, iv + 8);
	chacha_init(rtpl_compat_chacha(&state), k, iv);
	memset(out, 0, len);
	chacha_crypt(rtpl_compat_chacha(&state), out, out, len, 20);
	memzero_explicit(k, sizeof(k));
	memzero_explicit(&state, sizeof(state));
}

/**
 * rtpl_equal() - compare bytes in a time that does not depend on them
 * @a: bytes
 * @b: bytes
 * @n: how many
 *
 * Context: Any.
 * Return: true if all are equal.
 */
static inline bool rtpl_equal(const void *a, const void *b, size_t n)
{
	return !crypto_memneq(a, b, n);
}

/**
 * rtpl_wipe() - zero memory so that the compiler cannot leave it out
 * @p: memory
 * @n: bytes of it
 *
 * Context: Any.
 */
static inline void rtpl_wipe(void *p, size_t n)
{
	memzero_explicit(p, n);
}

#else /* user space: crypto_user.c, same contracts */

bool __must_check rtpl_x25519(u8 out[RTPL_CRYPTO_KEY], const u8 secret[RTPL_CRYPTO_KEY],
			      const u8 point[RTPL_CRYPTO_KEY]);
bool __must_check rtpl_x25519_public(u8 out[RTPL_CRYPTO_KEY],
				     const u8 secret[RTPL_CRYPTO_KEY]);
void rtpl_aead_seal(u8 *dst, const u8 *src, size_t len, const u8 *ad, size_t ad_len,
		    u64 nonce, const u8 key[RTPL_CRYPTO_KEY]);
bool __must_check rtpl_aead_open(u8 *dst, const u8 *src, size_t len, const u8 *ad,
				 size_t ad_len, u64 nonce, const u8 key[RTPL_CRYPTO_KEY]);
void rtpl_xaead_seal(u8 *dst, const u8 *src, size_t len, const u8 *ad, size_t ad_len,
		     const u8 nonce[RTPL_CRYPTO_XNONCE], const u8 key[RTPL_CRYPTO_KEY]);
bool __must_check rtpl_xaead_open(u8 *dst, const u8 *src, size_t len, const u8 *ad,
				  size_t ad_len, const u8 nonce[RTPL_CRYPTO_XNONCE],
				  const u8 key[RTPL_CRYPTO_KEY]);
void rtpl_blake2s(u8 *out, size_t out_len, const u8 *key, size_t key_len,
		  const u8 *a, size_t a_len, const u8 *b, size_t b_len);
void rtpl_stream(u8 *out, size_t len, u64 nonce, const u8 key[RTPL_CRYPTO_KEY]);
bool rtpl_equal(const void *a, const void *b, size_t n);
void rtpl_wipe(void *p, size_t n);

#endif

/**
 * rtpl_x25519_clamp() - clear and set the bits of a scalar that RFC 7748, section 5, fixes
 * @secret: the scalar
 *
 * Context: Any.
 */
static inline void rtpl_x25519_clamp(u8 secret[RTPL_CRYPTO_KEY])
{
	secret[0] &= 248;
	secret[31] = (secret[31] & 127) | 64;
}

#endif /* RTPL_CORE_CRYPTO_H */
