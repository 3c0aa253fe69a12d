// SPDX-License-Identifier: GPL-2.0
/* A bucket plus noise: see noise_size.h. */
#include "noise_size.h"

static int refuse(const char **why, const char *text, int err)
{
	*why = text;
	return err;
}

int rtpl_noise_size_check(const struct rtpl_noise_size *s, const char **why)
{
	u8 i;

	if (!s->n_buckets || s->n_buckets > RTPL_NOISE_SIZE_BUCKETS)
		return refuse(why, "A list of message sizes has 1 to 16 buckets.", -EINVAL);
	for (i = 0; i < s->n_buckets; i++) {
		if (!s->bucket[i] || s->bucket[i] > RTPL_NOISE_SIZE_MAX)
			return refuse(why, "A message's bucket is not between 1 and 131072 bytes.",
				      -ERANGE);
		if (i && s->bucket[i] <= s->bucket[i - 1])
			return refuse(why, "The messages' buckets are not in ascending order.",
				      -EINVAL);
	}
	if (s->noise.min < 0)
		return refuse(why, "The noise on a bucket may be negative: its min is below 0.",
			      -ERANGE);
	if (s->noise.max > RTPL_NOISE_SIZE_MAX)
		return refuse(why, "The noise on a bucket may be above 131072 bytes: set its max.",
			      -ERANGE);
	return rtpl_dist_check(&s->noise, why);
}

/* Smallest bucket that holds @want, or smallest multiple of the largest that does. */
static u64 bucket_of(const struct rtpl_noise_size *s, u32 want)
{
	u32 largest = s->bucket[s->n_buckets - 1];
	u8 i;

	for (i = 0; i < s->n_buckets; i++)
		if (s->bucket[i] >= want)
			return s->bucket[i];
	return (1 + (u64)((want - 1) / largest)) * largest;
}

u64 rtpl_noise_size_pick(const struct rtpl_noise_size *s, u32 want, struct rtpl_rng *r)
{
	return bucket_of(s, want) + (u64)rtpl_dist_sample(&s->noise, r);
}

u64 rtpl_noise_size_grown(const struct rtpl_noise_size *s, u64 total, u32 want,
			  struct rtpl_rng *r)
{
	return want <= total ? total : rtpl_noise_size_pick(s, want, r);
}
