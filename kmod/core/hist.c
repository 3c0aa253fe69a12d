// SPDX-License-Identifier: GPL-2.0
/*
 * Log-linear histogram. Bucket 0 holds values below 1024 ns; bucket 1 + 16 k + j holds those whose
 * highest bit is 10 + k and whose next four bits are j; the last bucket holds everything above.
 */
#include "hist.h"

#define FIRST_BIT	10	/* 1024 ns */
#define STEP_BITS	4

static u32 bucket_of(u64 ns)
{
	u32 bit, index;

	BUILD_BUG_ON(RTPL_HIST_STEPS != 1 << STEP_BITS);

	if (ns < 1ULL << FIRST_BIT)
		return 0;
	bit = fls64(ns) - 1;
	index = 1 + (bit - FIRST_BIT) * RTPL_HIST_STEPS +
		((ns >> (bit - STEP_BITS)) & (RTPL_HIST_STEPS - 1));
	return min_t(u32, index, RTPL_HIST_BUCKETS - 1);
}

/* Largest value that bucket @index holds. */
static u64 edge_of(u32 index)
{
	u32 bit, step;

	if (!index)
		return (1ULL << FIRST_BIT) - 1;
	if (index == RTPL_HIST_BUCKETS - 1)
		return U64_MAX;
	bit = FIRST_BIT + (index - 1) / RTPL_HIST_STEPS;
	step = (index - 1) % RTPL_HIST_STEPS;
	return (1ULL << bit) + ((u64)(step + 1) << (bit - STEP_BITS)) - 1;
}

/**
 * rtpl_hist_init() - empty a histogram
 * @h: histogram
 *
 * Context: Any; the caller serialises calls on @h.
 */
void rtpl_hist_init(struct rtpl_hist *h)
{
	memset(h, 0, sizeof(*h));
}

/**
 * rtpl_hist_add() - add a value
 * @h: histogram
 * @ns: the value
 * @times: how often it occurred; 0: nothing is added
 *
 * Context: Any; the caller serialises calls on @h.
 */
void rtpl_hist_add(struct rtpl_hist *h, u64 ns, u32 times)
{
	u32 *b = &h->bucket[bucket_of(ns)];
	u32 i;

	if (!times)
		return;
	h->count += times;
	if (ns > h->max)
		h->max = ns;
	/* If a bucket would overflow, halve all of them: this keeps the shape. */
	if (U32_MAX - *b < times) {
		for (i = 0; i < RTPL_HIST_BUCKETS; i++)
			h->bucket[i] /= 2;
		times = min_t(u32, times, U32_MAX - *b);
	}
	*b += times;
}

/**
 * rtpl_hist_at() - a percentile
 * @h: histogram
 * @permille: which one, in thousandths; more than 1000 counts as 1000
 *
 * Context: Any; the caller serialises calls on @h.
 * Return: upper edge of the bucket that holds it, ns, never above h->max; 0 if empty.
 */
u64 rtpl_hist_at(const struct rtpl_hist *h, u32 permille)
{
	u64 sum = 0, rank;
	u32 i;

	for (i = 0; i < RTPL_HIST_BUCKETS; i++)
		sum += h->bucket[i];
	if (!sum)
		return 0;

	/* The rank-th smallest, 1 <= rank <= sum. */
	rank = div_u64(sum * min_t(u32, permille, 1000) + 999, 1000);
	if (!rank)
		rank = 1;
	for (i = 0; i < RTPL_HIST_BUCKETS - 1; i++) {
		if (h->bucket[i] >= rank)
			break;
		rank -= h->bucket[i];
	}
	return min_t(u64, edge_of(i), h->max);
}
