// SPDX-License-Identifier: GPL-2.0
/*
 * MACs and cookies (core/cookie.c): vectors, every byte of a datagram, and
 * the life of a cookie from the first refusal to the last use.
 */
#include "lib.h"
#include "../core/cookie.h"
#include "model.h"
#include "vectors_noise.h"

#define SIZE	400
#define S	1000000000ULL

/* A node, someone who sends to it, and what goes between them. */
struct cookies {
	struct rtpl_cookie_local node;
	struct rtpl_cookie_peer sender;
	struct rtpl_cookie_src src;
	u64 now;
	u8 secrets;
	u8 msg[SIZE], reply[SIZE], was[SIZE];
};

static void rotate(struct cookies *c)
{
	u8 fresh[32];

	memset(fresh, ++c->secrets, sizeof(fresh));
	rtpl_cookie_rotate(&c->node, fresh, c->now);
}

static struct cookies *cookies_of(struct kunit *test)
{
	struct cookies *c = kunit_kzalloc(test, sizeof(*c), GFP_KERNEL);
	u8 public[32];

	KUNIT_ASSERT_NOT_NULL(test, c);
	memset(public, 9, sizeof(public));
	c->now = 1000 * S;
	rtpl_cookie_local_init(&c->node);
	KUNIT_EXPECT_TRUE(test, rtpl_cookie_stale(&c->node, c->now));
	rtpl_cookie_local_set(&c->node, public);
	rtpl_cookie_peer_init(&c->sender, public);
	rotate(c);
	KUNIT_EXPECT_FALSE(test, rtpl_cookie_stale(&c->node, c->now));
	memset(&c->src, 0x20, sizeof(c->src));
	return c;
}

static void seal(struct cookies *c)
{
	u16 i;

	memset(c->msg, 0, 8);
	c->msg[4] = RTPL_NOISE_INITIATION;
	for (i = 8; i < SIZE; i++)
		c->msg[i] = i * 13 + c->now / S;
	rtpl_cookie_seal(&c->sender, c->msg, SIZE, c->now);
}

static enum rtpl_cookie_verdict check(struct cookies *c, bool loaded)
{
	return rtpl_cookie_check(&c->node, c->msg, SIZE, &c->src, c->now, loaded);
}

static void reply(struct cookies *c)
{
	u8 nonce[RTPL_CRYPTO_XNONCE];

	memset(nonce, 0x11, sizeof(nonce));
	rtpl_cookie_reply(&c->node, c->msg, SIZE, &c->src, nonce, c->reply);
}

static int take(struct cookies *c)
{
	memcpy(c->was, c->reply, SIZE);
	return rtpl_cookie_consume(&c->sender, c->was, SIZE, c->now);
}

/* The sender gets a cookie and has it in hand. */
static void give(struct kunit *test, struct cookies *c)
{
	seal(c);
	reply(c);
	KUNIT_ASSERT_EQ(test, 0, take(c));
}

static void vectors(struct kunit *test)
{
	struct cookies *c = cookies_of(test);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rtpl_vector_handshakes); i++) {
		const struct rtpl_vector_handshake *v = &rtpl_vector_handshakes[i];
		u16 n = v->size;

		rtpl_cookie_local_init(&c->node);
		rtpl_cookie_local_set(&c->node, v->pr);
		rtpl_cookie_rotate(&c->node, v->secret, c->now);
		rtpl_cookie_peer_init(&c->sender, v->pr);
		memcpy(&c->src, v->src, sizeof(c->src));

		KUNIT_EXPECT_EQ(test, (int)RTPL_COOKIE_NONE,
				rtpl_cookie_check(&c->node, v->init, n, &c->src, c->now, true));
		memcpy(c->msg, v->init, n);
		rtpl_cookie_seal(&c->sender, c->msg, n, c->now);
		KUNIT_EXPECT_MEMEQ(test, c->msg, v->init, n);
		rtpl_cookie_reply(&c->node, c->msg, n, &c->src, v->nonce, c->reply);
		KUNIT_EXPECT_MEMEQ(test, c->reply, v->reply, n);
		KUNIT_EXPECT_EQ(test, rtpl_noise_check(c->reply, n), RTPL_NOISE_COOKIE);
		KUNIT_EXPECT_EQ(test, rtpl_noise_receiver(c->reply), v->index_i);
		KUNIT_ASSERT_EQ(test, 0, rtpl_cookie_consume(&c->sender, c->reply, n, c->now));
		KUNIT_EXPECT_MEMEQ(test, c->sender.cookie, v->cookie, 16);
		rtpl_cookie_seal(&c->sender, c->msg, n, c->now);
		KUNIT_EXPECT_MEMEQ(test, c->msg, v->init, n - 16);
		KUNIT_EXPECT_MEMEQ(test, c->msg + n - 16, v->init_mac2, 16);
		KUNIT_EXPECT_EQ(test, (int)RTPL_COOKIE_GOOD,
				rtpl_cookie_check(&c->node, c->msg, n, &c->src, c->now, true));
	}
}

/*
 * With a cookie or without: under load no byte of a datagram may change; without, none but
 * those of mac2, which nobody asks for then.
 */
static void flips(struct kunit *test)
{
	struct cookies *c = cookies_of(test);
	unsigned int passed = 0, answered = 0, idle = 0, cookie;
	u16 i;

	for (cookie = 0; cookie < 2; cookie++) {
		if (cookie)
			give(test, c);
		seal(c);
		for (i = 0; i < SIZE; i++) {
			enum rtpl_cookie_verdict v;

			c->msg[i] ^= 1 << i % 8;
			idle += check(c, false) != RTPL_COOKIE_BAD;
			v = check(c, true);
			passed += v != RTPL_COOKIE_BAD && v != RTPL_COOKIE_WRONG;
			/* an answer is due only where mac1 is good */
			answered += v == RTPL_COOKIE_WRONG;
			c->msg[i] ^= 1 << i % 8;
		}
		KUNIT_EXPECT_EQ(test, check(c, true),
				cookie ? RTPL_COOKIE_GOOD : RTPL_COOKIE_NONE);
	}
	KUNIT_EXPECT_EQ(test, passed, 0);
	KUNIT_EXPECT_EQ(test, idle, 2 * RTPL_COOKIE_LEN);
	KUNIT_EXPECT_EQ(test, answered, 2 * RTPL_COOKIE_LEN);
	KUNIT_EXPECT_EQ(test, (int)RTPL_COOKIE_BAD,
			rtpl_cookie_check(&c->node, c->msg, RTPL_HANDSHAKE_MIN - 1, &c->src,
					  c->now, false));
	KUNIT_EXPECT_EQ(test, (int)RTPL_COOKIE_BAD,
			rtpl_cookie_check(&c->node, c->msg, SIZE - 1, &c->src, c->now, false));
}

static void flips_of_reply(struct kunit *test)
{
	struct cookies *c = cookies_of(test);
	unsigned int taken = 0;
	u16 i;

	seal(c);
	reply(c);
	for (i = 0; i < SIZE; i++) {
		c->reply[i] ^= 1 << i % 8;
		taken += !take(c);
		c->reply[i] ^= 1 << i % 8;
	}
	KUNIT_EXPECT_EQ(test, taken, 0);
	KUNIT_EXPECT_FALSE(test, c->sender.have);
	memcpy(c->was, c->reply, SIZE);
	KUNIT_EXPECT_EQ(test, -EBADMSG,
			rtpl_cookie_consume(&c->sender, c->was, SIZE - 1, c->now));
	KUNIT_EXPECT_EQ(test, -EBADMSG,
			rtpl_cookie_consume(&c->sender, c->was, RTPL_HANDSHAKE_MIN - 1, c->now));
	KUNIT_EXPECT_EQ(test, 0, take(c));
	/* A datagram is answered once. */
	KUNIT_EXPECT_EQ(test, -ESTALE, take(c));
}

/* Only the last datagram can be answered, and only by who has the public key in question. */
static void replies_of_others(struct kunit *test)
{
	struct cookies *c = cookies_of(test);
	u8 public[32];

	KUNIT_EXPECT_EQ(test, -ESTALE, take(c));
	seal(c);
	reply(c);
	c->now += S;
	seal(c);
	KUNIT_EXPECT_EQ(test, -EBADMSG, take(c));
	memset(public, 10, sizeof(public));
	rtpl_cookie_local_set(&c->node, public);
	reply(c);
	KUNIT_EXPECT_EQ(test, -EBADMSG, take(c));
}

static void life(struct kunit *test)
{
	struct cookies *c = cookies_of(test);

	seal(c);
	KUNIT_EXPECT_EQ(test, check(c, true), RTPL_COOKIE_NONE);
	reply(c);
	KUNIT_ASSERT_EQ(test, 0, take(c));
	seal(c);
	KUNIT_EXPECT_EQ(test, check(c, true), RTPL_COOKIE_GOOD);
	KUNIT_EXPECT_EQ(test, check(c, false), RTPL_COOKIE_NONE);

	/* It is for one address and port. */
	c->src.port[1]++;
	KUNIT_EXPECT_EQ(test, check(c, true), RTPL_COOKIE_WRONG);
	c->src.port[1]--;
	c->src.addr[15]++;
	KUNIT_EXPECT_EQ(test, check(c, true), RTPL_COOKIE_WRONG);
	c->src.addr[15]--;

	/* The secret changes just after it was given; it is used to its end. */
	c->now += RTPL_COOKIE_SECRET_NS - 1;
	KUNIT_EXPECT_FALSE(test, rtpl_cookie_stale(&c->node, c->now));
	c->now += 1;
	KUNIT_EXPECT_TRUE(test, rtpl_cookie_stale(&c->node, c->now));
	c->now -= 1;
	give(test, c);
	c->now += 1;
	rotate(c);
	c->now += RTPL_COOKIE_USE_NS - 2;
	seal(c);
	KUNIT_EXPECT_EQ(test, check(c, true), RTPL_COOKIE_GOOD);
	c->now += 1;
	seal(c);
	KUNIT_EXPECT_FALSE(test, c->sender.have);
	KUNIT_EXPECT_EQ(test, check(c, true), RTPL_COOKIE_NONE);

	/* Not beyond the second change. */
	give(test, c);
	seal(c);
	rotate(c);
	KUNIT_EXPECT_EQ(test, check(c, true), RTPL_COOKIE_GOOD);
	rotate(c);
	KUNIT_EXPECT_EQ(test, check(c, true), RTPL_COOKIE_WRONG);
}

/* A secret that was forgotten for long does not count as the one before. */
static void long_pause(struct kunit *test)
{
	struct cookies *c = cookies_of(test);

	give(test, c);
	seal(c);
	c->now += 2 * RTPL_COOKIE_SECRET_NS - 1;
	KUNIT_EXPECT_EQ(test, check(c, true), RTPL_COOKIE_GOOD);
	c->now += 1;
	rotate(c);
	KUNIT_EXPECT_EQ(test, check(c, true), RTPL_COOKIE_WRONG);
}

/* Before there is a secret, nobody has a cookie, whatever he sends. */
static void no_secret(struct kunit *test)
{
	struct cookies *c = cookies_of(test);
	u8 zero[32] = { 0 };
	u8 cookie[16];

	memset(c->node.secret, 0, sizeof(c->node.secret));
	c->node.secret_since = 0;
	rtpl_blake2s(cookie, 16, zero, 32, (u8 *)&c->src, sizeof(c->src), NULL, 0);
	seal(c);
	rtpl_blake2s(c->msg + SIZE - 16, 16, cookie, 16, c->msg, SIZE - 16, NULL, 0);
	KUNIT_EXPECT_EQ(test, check(c, true), RTPL_COOKIE_WRONG);
}

static void limits(struct kunit *test)
{
	static const u8 v4[12] = { [10] = 0xff, [11] = 0xff };
	struct cookies *c = cookies_of(test);
	unsigned int i, good;

	give(test, c);
	seal(c);
	for (i = 0, good = 0; i < 100; i++)
		good += check(c, true) == RTPL_COOKIE_GOOD;
	KUNIT_EXPECT_EQ(test, good, RTPL_COOKIE_BURST);
	KUNIT_EXPECT_EQ(test, check(c, true), RTPL_COOKIE_LIMITED);
	/* No charge while there is no load. */
	KUNIT_EXPECT_EQ(test, check(c, false), RTPL_COOKIE_NONE);
	/* One each interval from there on. */
	for (i = 0, good = 0; i < 1000; i++) {
		c->now += RTPL_COOKIE_INTERVAL_NS / 10;
		good += check(c, true) == RTPL_COOKIE_GOOD;
	}
	KUNIT_EXPECT_EQ(test, good, 100);

	/* All of a /64 is one source, ... */
	c->src.addr[15] ^= 1;
	c->src.port[0] ^= 1;
	give(test, c);
	seal(c);
	KUNIT_EXPECT_EQ(test, check(c, true), RTPL_COOKIE_LIMITED);
	/* ... while each IPv4 address is its own. */
	memcpy(c->src.addr, v4, sizeof(v4));
	for (i = 0, good = 0; i < 40; i++) {
		c->src.addr[15] = i;
		give(test, c);
		seal(c);
		good += check(c, true) == RTPL_COOKIE_GOOD;
	}
	KUNIT_EXPECT_EQ(test, good, 40);
}

/*
 * Someone on the path, who knows the node's public key, answers a datagram with a cookie of
 * his own. A node without load takes the handshake all the same.
 */
static void forged_reply(struct kunit *test)
{
	struct cookies *c = cookies_of(test), *evil = cookies_of(test);

	rotate(evil);
	rotate(evil);
	seal(c);
	memcpy(evil->msg, c->msg, SIZE);
	reply(evil);
	memcpy(c->reply, evil->reply, SIZE);
	KUNIT_ASSERT_EQ(test, 0, take(c));
	seal(c);
	KUNIT_EXPECT_EQ(test, check(c, false), RTPL_COOKIE_NONE);
	/* Under load it is told the right one. */
	KUNIT_EXPECT_EQ(test, check(c, true), RTPL_COOKIE_WRONG);
	reply(c);
	KUNIT_ASSERT_EQ(test, 0, take(c));
	seal(c);
	KUNIT_EXPECT_EQ(test, check(c, true), RTPL_COOKIE_GOOD);
}

/* Sources without number, all with cookies, that ask without pause, and one that asks seldom. */
static void crowd(struct kunit *test)
{
	static const struct { unsigned int sources, each; } crowds[] = {
		{ 10, 20 }, { 2000, 10 }, { 20000, 1 },
	};
	struct cookies *c = cookies_of(test);
	struct m_rng rng = { 3 };
	unsigned int k, tries, served, passed;
	u64 end, next, step;

	for (k = 0; k < ARRAY_SIZE(crowds); k++) {
		tries = 0;
		served = 0;
		passed = 0;
		c->now += 100 * S;
		end = c->now + 6 * S;
		next = c->now + 2 * S;
		step = S / (crowds[k].sources * crowds[k].each);
		for (; c->now < end; c->now += step) {
			memset(&c->src, 0, sizeof(c->src));
			put_unaligned_be32(m_below(&rng, crowds[k].sources), c->src.addr);
			passed += rtpl_cookie_allow(&c->node, &c->src, c->now);
			if (c->now < next)
				continue;
			memset(c->src.addr, 0xfe, sizeof(c->src.addr));
			served += rtpl_cookie_allow(&c->node, &c->src, c->now);
			tries++;
			next += S;
		}
		/* More of them than can be remembered: then it is luck. */
		if (crowds[k].sources < RTPL_COOKIE_SETS * RTPL_COOKIE_WAYS / 2)
			KUNIT_EXPECT_EQ(test, served, tries);
		/* Twice that until the interval has followed. */
		KUNIT_EXPECT_LE(test, passed / 6, 2 * RTPL_COOKIE_RATE);
	}
}

static struct kunit_case rtpl_cookie_cases[] = {
	KUNIT_CASE(vectors),
	KUNIT_CASE(flips),
	KUNIT_CASE(flips_of_reply),
	KUNIT_CASE(replies_of_others),
	KUNIT_CASE(life),
	KUNIT_CASE(long_pause),
	KUNIT_CASE(no_secret),
	KUNIT_CASE(limits),
	KUNIT_CASE(forged_reply),
	KUNIT_CASE(crowd),
	{}
};

static struct kunit_suite rtpl_cookie_suite = {
	.name = "rtpl_cookie",
	.test_cases = rtpl_cookie_cases,
};

kunit_test_suite(rtpl_cookie_suite);
