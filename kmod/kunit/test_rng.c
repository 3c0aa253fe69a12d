// SPDX-License-Identifier: GPL-2.0
/* Random numbers from a seed (core/rng.c). */
#include "lib.h"
#include "../core/rng.h"

/* The key stream of RFC 8439, A.1, test vector 1: zero key, zero nonce, block 0. */
static void stream(struct kunit *test)
{
	static const u8 first[] = { 0x76, 0xb8, 0xe0, 0xad, 0xa0, 0xf1, 0x3d, 0x90 };
	static const u8 seed[RTPL_RNG_SEED];
	struct rtpl_rng r;

	rtpl_rng_seed(&r, seed);
	KUNIT_EXPECT_EQ(test, rtpl_rng_u64(&r), get_unaligned_le64(first));
}

/* The same seed gives the same numbers, another one others; no stock comes twice. */
static void seeds(struct kunit *test)
{
	u8 seed[RTPL_RNG_SEED] = { 1 };
	struct rtpl_rng a, b, c;
	u64 start = 0, again = 0;
	int i, same = 0;

	rtpl_rng_seed(&a, seed);
	rtpl_rng_seed(&b, seed);
	seed[31] = 1;
	rtpl_rng_seed(&c, seed);
	for (i = 0; i < 1000; i++) {
		u64 x = rtpl_rng_u64(&a);

		if (!i)
			start = x;
		else if (x == start)
			again++;
		KUNIT_ASSERT_EQ(test, x, rtpl_rng_u64(&b));
		same += x == rtpl_rng_u64(&c);
	}
	KUNIT_EXPECT_EQ(test, same, 0);
	KUNIT_EXPECT_EQ(test, again, 0);
}

/* What is in memory after a draw tells none of the numbers drawn before, nor their key. */
static void erased(struct kunit *test)
{
	static const u8 seed[RTPL_RNG_SEED] = { 9, 8, 7 };
	struct rtpl_rng r, again;
	u64 drawn[34];
	u8 *mem = (u8 *)&r;
	size_t at;
	int i;

	rtpl_rng_seed(&r, seed);
	for (i = 0; i < ARRAY_SIZE(drawn); i++)
		drawn[i] = rtpl_rng_u64(&r);
	for (at = 0; at + sizeof(u64) <= sizeof(r); at++)
		for (i = 0; i < ARRAY_SIZE(drawn); i++)
			KUNIT_ASSERT_NE(test, get_unaligned_le64(mem + at), drawn[i]);
	for (at = 0; at + sizeof(seed) <= sizeof(r); at++)
		KUNIT_ASSERT_NE(test, memcmp(mem + at, seed, sizeof(seed)), 0);
	/* Whoever has the memory has what comes, ... */
	again = r;
	KUNIT_EXPECT_EQ(test, rtpl_rng_u64(&again), rtpl_rng_u64(&r));
	/* ... until it is forgotten. */
	rtpl_rng_forget(&r);
	for (at = 0; at < sizeof(r); at++)
		KUNIT_ASSERT_EQ(test, mem[at], 0);
}

static void below(struct kunit *test)
{
	static const u8 seed[RTPL_RNG_SEED] = { 7 };
	u32 count[7] = {}, big = 0;
	struct rtpl_rng r;
	int i;

	rtpl_rng_seed(&r, seed);
	for (i = 0; i < 70000; i++) {
		u32 x = rtpl_rng_below(&r, 7);

		KUNIT_ASSERT_LT(test, x, 7);
		count[x]++;
	}
	/* five standard deviations of a binomial with n = 70000, p = 1/7 */
	for (i = 0; i < 7; i++) {
		KUNIT_EXPECT_GT(test, count[i], 10000 - 463);
		KUNIT_EXPECT_LT(test, count[i], 10000 + 463);
	}
	KUNIT_EXPECT_EQ(test, rtpl_rng_below(&r, 1), 0);
	for (i = 0; i < 64; i++)
		big |= rtpl_rng_below(&r, U32_MAX);
	KUNIT_EXPECT_EQ(test, big, U32_MAX);
}

static struct kunit_case rng_cases[] = {
	KUNIT_CASE(stream),
	KUNIT_CASE(seeds),
	KUNIT_CASE(erased),
	KUNIT_CASE(below),
	{}
};

static struct kunit_suite rng_suite = {
	.name = "rtpl_rng",
	.test_cases = rng_cases,
};

kunit_test_suite(rng_suite);
