/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sizes of whole messages: a bucket plus noise. A message, or a burst of them, may be larger than a
 * cell; an observer sees the sum of its cells. So the sum is padded: up to a bucket, then by a
 * number of bytes drawn from any distribution.
 *
 * Noise only adds. If it could subtract, a message that no longer fits would show its own size. A
 * noise with two sides (Laplace, Skellam) gets a start that puts its middle above 0, and a min of
 * 0.
 */
#ifndef RTPL_CORE_NOISE_SIZE_H
#define RTPL_CORE_NOISE_SIZE_H

#include "dist.h"

#define RTPL_NOISE_SIZE_BUCKETS	16
#define RTPL_NOISE_SIZE_MAX	131072	/* bytes: largest bucket, and most of noise */

/* Parameters: immutable once checked, shared read-only. */
struct rtpl_noise_size {
	u8 n_buckets;
	u32 bucket[RTPL_NOISE_SIZE_BUCKETS];	/* bytes, ascending */
	struct rtpl_dist noise;			/* bytes; its min is 0 or more */
};

/**
 * rtpl_noise_size_check() - check message sizes
 * @s: the sizes
 * @why: set to a sentence that names the setting (static string) on error
 *
 * Return: 0, -EINVAL, -ERANGE, -E2BIG (as rtpl_dist_check()).
 */
int rtpl_noise_size_check(const struct rtpl_noise_size *s, const char **why);

/**
 * rtpl_noise_size_pick() - bytes to send in total
 * @s: the sizes, checked
 * @want: bytes of the message or burst that waits
 * @r: generator; one draw, whatever @want is
 *
 * Beyond the largest bucket: a multiple of it. The result depends on @want only through its bucket.
 *
 * Return: at least @want; at most its bucket plus s->noise.max.
 */
u64 rtpl_noise_size_pick(const struct rtpl_noise_size *s, u32 want, struct rtpl_rng *r);

/**
 * rtpl_noise_size_grown() - the total, after the burst grew while it was sent
 * @s: the sizes, checked
 * @total: the total that was picked for it
 * @want: bytes of the burst, with those sent already
 * @r: generator
 *
 * Return: @total if it still holds @want (no draw), otherwise a new one.
 */
u64 rtpl_noise_size_grown(const struct rtpl_noise_size *s, u64 total, u32 want,
			  struct rtpl_rng *r);

#endif /* RTPL_CORE_NOISE_SIZE_H */
