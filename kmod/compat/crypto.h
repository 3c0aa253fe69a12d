/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Differences between the kernels' library ciphers; included by core/crypto.h, through which the
 * core uses them. There is one item for each symbol, to be removed with its kernel.
 */
#ifndef RTPL_COMPAT_CRYPTO_H
#define RTPL_COMPAT_CRYPTO_H

#include <crypto/algapi.h>
#include <crypto/blake2s.h>
#include <crypto/chacha.h>
#include <linux/version.h>

/*
 * Since 6.16 the state of ChaCha20 is a struct, before that an array of words: rtpl_compat_chacha()
 * turns the struct into the argument of the library's functions.
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
