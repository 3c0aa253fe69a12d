/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Differences between the kernels' library ciphers; included by core/crypto.h, the
 * core's door to them. One item for each symbol; it goes when its kernel goes.
 */
#ifndef RTPL_COMPAT_CRYPTO_H
#define RTPL_COMPAT_CRYPTO_H

#include <crypto/algapi.h>
#include <crypto/blake2s.h>
#include <crypto/chacha.h>
#include <linux/version.h>

/* The state of ChaCha20 is a struct since 6.16, an array of words before:
 * rtpl_compat_chacha() makes what the library's functions take of the struct.
 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 16, 0)
#define rtpl_compat_chacha(state)	(state)
#else
struct chacha_state {
	u32 x[CHACHA_STATE_WORDS];
};

#define rtpl_compat_chacha(state)	((state)->x)
#endif

/* struct blake2s_state has its new name since 6.19. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 19, 0)
#define blake2s_ctx	blake2s_state
#endif

#endif /* RTPL_COMPAT_CRYPTO_H */
