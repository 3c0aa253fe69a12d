// SPDX-License-Identifier: GPL-2.0
/*
 * kmod/core/crypto.h in user space, over OpenSSL's libcrypto (3.0 or later).
 *
 * Nothing here shares code with the kernel's primitives, so a vector that
 * passes in both places has been computed twice. What OpenSSL cannot do for lack of
 * memory or of an algorithm ends the program: tests have no use for less.
 */
#include <stdio.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "../../kmod/core/crypto.h"

#define RTPL_NEED(x) do {							\
	if (!(x)) {								\
		fprintf(stderr, "%s:%d: libcrypto: %s\n", __FILE__, __LINE__, #x);	\
		abort();							\
	}									\
} while (0)

/* ---- X25519 ---- */

bool rtpl_x25519(u8 out[RTPL_CRYPTO_KEY], const u8 secret[RTPL_CRYPTO_KEY],
		 const u8 point[RTPL_CRYPTO_KEY])
{
	size_t len = RTPL_CRYPTO_KEY;
	EVP_PKEY *own, *peer;
	EVP_PKEY_CTX *ctx;
	bool ok;

	own = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, secret, RTPL_CRYPTO_KEY);
	peer = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, point, RTPL_CRYPTO_KEY);
	RTPL_NEED(own && peer);
	ctx = EVP_PKEY_CTX_new(own, NULL);
	RTPL_NEED(ctx && EVP_PKEY_derive_init(ctx) == 1 &&
		  EVP_PKEY_derive_set_peer(ctx, peer) == 1);
	/* Fails by itself on an all-zero result. */
	ok = EVP_PKEY_derive(ctx, out, &len) == 1;
	if (!ok)
		memset(out, 0, RTPL_CRYPTO_KEY);
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(peer);
	EVP_PKEY_free(own);
	return ok;
}

bool rtpl_x25519_public(u8 out[RTPL_CRYPTO_KEY], const u8 secret[RTPL_CRYPTO_KEY])
{
	static const u8 zero[RTPL_CRYPTO_KEY];
	size_t len = RTPL_CRYPTO_KEY;
	EVP_PKEY *own;

	if (!memcmp(secret, zero, sizeof(zero)))
		return false;
	own = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, secret, RTPL_CRYPTO_KEY);
	RTPL_NEED(own && EVP_PKEY_get_raw_public_key(own, out, &len) == 1);
	EVP_PKEY_free(own);
	return true;
}

/* ---- AEADs ---- */

static void rtpl_seal_iv(u8 *dst, const u8 *src, size_t len, const u8 *ad, size_t ad_len,
			 const u8 iv[12], const u8 key[RTPL_CRYPTO_KEY])
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int n;

	RTPL_NEED(ctx && EVP_EncryptInit_ex(ctx, EVP_chacha20_poly1305(), NULL, key, iv) == 1);
	if (ad_len)
		RTPL_NEED(EVP_EncryptUpdate(ctx, NULL, &n, ad, ad_len) == 1);
	if (len)
		RTPL_NEED(EVP_EncryptUpdate(ctx, dst, &n, src, len) == 1);
	RTPL_NEED(EVP_EncryptFinal_ex(ctx, dst + len, &n) == 1);
	RTPL_NEED(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, RTPL_CRYPTO_TAG,
				      dst + len) == 1);
	EVP_CIPHER_CTX_free(ctx);
}

static bool rtpl_open_iv(u8 *dst, const u8 *src, size_t len, const u8 *ad, size_t ad_len,
			 const u8 iv[12], const u8 key[RTPL_CRYPTO_KEY])
{
	u8 tag[RTPL_CRYPTO_TAG], none[16];
	EVP_CIPHER_CTX *ctx;
	bool ok;
	int n;

	if (len < RTPL_CRYPTO_TAG)
		return false;
	len -= RTPL_CRYPTO_TAG;
	memcpy(tag, src + len, sizeof(tag));
	ctx = EVP_CIPHER_CTX_new();
	RTPL_NEED(ctx && EVP_DecryptInit_ex(ctx, EVP_chacha20_poly1305(), NULL, key, iv) == 1);
	RTPL_NEED(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, sizeof(tag), tag) == 1);
	if (ad_len)
		RTPL_NEED(EVP_DecryptUpdate(ctx, NULL, &n, ad, ad_len) == 1);
	if (len)
		RTPL_NEED(EVP_DecryptUpdate(ctx, dst, &n, src, len) == 1);
	ok = EVP_DecryptFinal_ex(ctx, none, &n) == 1;
	EVP_CIPHER_CTX_free(ctx);
	return ok;
}

static void rtpl_iv(u8 iv[12], u64 nonce)
{
	memset(iv, 0, 4);
	put_unaligned_le64(nonce, iv + 4);
}

void rtpl_aead_seal(u8 *dst, const u8 *src, size_t len, const u8 *ad, size_t ad_len,
		    u64 nonce, const u8 key[RTPL_CRYPTO_KEY])
{
	u8 iv[12];

	rtpl_iv(iv, nonce);
	rtpl_seal_iv(dst, src, len, ad, ad_len, iv, key);
}

bool rtpl_aead_open(u8 *dst, const u8 *src, size_t len, const u8 *ad, size_t ad_len,
		    u64 nonce, const u8 key[RTPL_CRYPTO_KEY])
{
	u8 iv[12];

	rtpl_iv(iv, nonce);
	return rtpl_open_iv(dst, src, len, ad, ad_len, iv, key);
}

/*
 * HChaCha20 out of ChaCha20: the block function adds its input to the result
 * of the rounds, and HChaCha20 is rows 0 and 3 of that result. So take a block
 * of key stream and subtract the input again.
 */
static void rtpl_hchacha20(u8 out[32], const u8 in[16], const u8 key[RTPL_CRYPTO_KEY])
{
	static const u8 sigma[16] = { 'e', 'x', 'p', 'a', 'n', 'd', ' ', '3',
				      '2', '-', 'b', 'y', 't', 'e', ' ', 'k' };
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	u8 zero[64] = { 0 }, stream[64];
	int i, n;

	/* OpenSSL's IV is counter and nonce, in the places of the 16 bytes. */
	RTPL_NEED(ctx && EVP_EncryptInit_ex(ctx, EVP_chacha20(), NULL, key, in) == 1);
	RTPL_NEED(EVP_EncryptUpdate(ctx, stream, &n, zero, sizeof(zero)) == 1);
	EVP_CIPHER_CTX_free(ctx);
	for (i = 0; i < 16; i += 4) {
		put_unaligned_le32(get_unaligned_le32(stream + i) -
				   get_unaligned_le32(sigma + i), out + i);
		put_unaligned_le32(get_unaligned_le32(stream + 48 + i) -
				   get_unaligned_le32(in + i), out + 16 + i);
	}
}

static void rtpl_xkey(u8 key[RTPL_CRYPTO_KEY], u8 iv[12], const u8 nonce[RTPL_CRYPTO_XNONCE],
		      const u8 from[RTPL_CRYPTO_KEY])
{
	rtpl_hchacha20(key, nonce, from);
	memset(iv, 0, 4);
	memcpy(iv + 4, nonce + 16, 8);
}

void rtpl_xaead_seal(u8 *dst, const u8 *src, size_t len, const u8 *ad, size_t ad_len,
		     const u8 nonce[RTPL_CRYPTO_XNONCE], const u8 key[RTPL_CRYPTO_KEY])
{
	u8 sub[RTPL_CRYPTO_KEY], iv[12];

	rtpl_xkey(sub, iv, nonce, key);
	rtpl_seal_iv(dst, src, len, ad, ad_len, iv, sub);
}

bool rtpl_xaead_open(u8 *dst, const u8 *src, size_t len, const u8 *ad, size_t ad_len,
		     const u8 nonce[RTPL_CRYPTO_XNONCE], const u8 key[RTPL_CRYPTO_KEY])
{
	u8 sub[RTPL_CRYPTO_KEY], iv[12];

	rtpl_xkey(sub, iv, nonce, key);
	return rtpl_open_iv(dst, src, len, ad, ad_len, iv, sub);
}

/* ---- BLAKE2s ---- */

static void rtpl_blake2s_keyed(u8 *out, size_t out_len, const u8 *key, size_t key_len,
			       const u8 *a, size_t a_len, const u8 *b, size_t b_len)
{
	static EVP_MAC_CTX *ctx;
	OSSL_PARAM params[] = {
		OSSL_PARAM_size_t(OSSL_MAC_PARAM_SIZE, &out_len),
		OSSL_PARAM_END,
	};
	size_t n;

	if (!ctx) {
		EVP_MAC *mac = EVP_MAC_fetch(NULL, OSSL_MAC_NAME_BLAKE2SMAC, NULL);

		RTPL_NEED(mac);
		ctx = EVP_MAC_CTX_new(mac);
		EVP_MAC_free(mac);
		RTPL_NEED(ctx);
	}
	RTPL_NEED(EVP_MAC_CTX_set_params(ctx, params) == 1);
	RTPL_NEED(EVP_MAC_init(ctx, key, key_len, NULL) == 1);
	if (a_len)
		RTPL_NEED(EVP_MAC_update(ctx, a, a_len) == 1);
	if (b_len)
		RTPL_NEED(EVP_MAC_update(ctx, b, b_len) == 1);
	RTPL_NEED(EVP_MAC_final(ctx, out, &n, out_len) == 1 && n == out_len);
}

void rtpl_blake2s(u8 *out, size_t out_len, const u8 *key, size_t key_len,
		  const u8 *a, size_t a_len, const u8 *b, size_t b_len)
{
	static EVP_MD_CTX *ctx;
	unsigned int n;

	if (key_len) {
		rtpl_blake2s_keyed(out, out_len, key, key_len, a, a_len, b, b_len);
		return;
	}
	RTPL_NEED(out_len == RTPL_CRYPTO_HASH);
	if (!ctx)
		RTPL_NEED(ctx = EVP_MD_CTX_new());
	RTPL_NEED(EVP_DigestInit_ex(ctx, EVP_blake2s256(), NULL) == 1);
	if (a_len)
		RTPL_NEED(EVP_DigestUpdate(ctx, a, a_len) == 1);
	if (b_len)
		RTPL_NEED(EVP_DigestUpdate(ctx, b, b_len) == 1);
	RTPL_NEED(EVP_DigestFinal_ex(ctx, out, &n) == 1);
}

/* ---- bytes ---- */

/* OpenSSL's IV is le32 block | nonce of 12 bytes. */
void rtpl_stream(u8 *out, size_t len, u64 nonce, const u8 key[RTPL_CRYPTO_KEY])
{
	static EVP_CIPHER_CTX *ctx;
	u8 iv[16] = {};
	int done;

	if (!ctx)
		ctx = EVP_CIPHER_CTX_new();
	put_unaligned_le64(nonce, iv + 8);
	memset(out, 0, len);
	RTPL_NEED(ctx && EVP_EncryptInit_ex(ctx, EVP_chacha20(), NULL, key, iv) == 1 &&
		  EVP_EncryptUpdate(ctx, out, &done, out, len) == 1 && (size_t)done == len);
}

bool rtpl_equal(const void *a, const void *b, size_t n)
{
	return !CRYPTO_memcmp(a, b, n);
}

void rtpl_wipe(void *p, size_t n)
{
	OPENSSL_cleanse(p, n);
}
