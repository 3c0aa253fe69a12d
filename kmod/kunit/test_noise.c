// SPDX-License-Identifier: GPL-2.0
/*
 * The handshake (core/noise.c): against vectors that another implementation
 * made, and against everything that could go wrong with a datagram.
 */
#include "lib.h"
#include "../core/cookie.h"
#include "../core/noise.h"
#include "vectors_noise.h"

#define SIZE	256

/* Two nodes that know each other, and a datagram of each kind. */
struct pair {
	struct rtpl_noise_local li, lr;
	struct rtpl_noise_peer r_at_i;		/* the responder, as the initiator has it */
	struct rtpl_noise_peer i_at_r;
	struct rtpl_noise_initiation m;
	struct rtpl_noise_source from;
	struct rtpl_noise_keys ki, kr;
	u32 clock;				/* of timestamps */
	u64 now;
	u8 seed;
	u8 init[RTPL_CELL_MAX], resp[RTPL_CELL_MAX], was[RTPL_CELL_MAX];
};

/* Bytes that differ from call to call. */
static void fresh(struct pair *p, u8 *out, size_t len)
{
	u8 block[32] = { 0 };
	size_t i;

	p->seed++;
	for (i = 0; i < len; i++) {
		if (i % 32 == 0) {
			put_unaligned_le32(i, block);
			block[31] = p->seed;
			rtpl_blake2s(block, 32, NULL, 0, block, 32, NULL, 0);
		}
		out[i] = block[i % 32];
	}
}

static void filler(u8 *out, u16 len, u8 seed)
{
	u16 i;

	for (i = 0; i < len; i++)
		out[i] = 31 * i + seed;
}

static struct pair *pair_of(struct kunit *test)
{
	struct pair *p = kunit_kzalloc(test, sizeof(*p), GFP_KERNEL);
	u8 key[32];

	KUNIT_ASSERT_NOT_NULL(test, p);
	p->now = 1000 * RTPL_NOISE_FLOOD_NS;
	p->clock = 1000;
	fresh(p, key, 32);
	KUNIT_ASSERT_TRUE(test, rtpl_noise_local_set(&p->li, key));
	fresh(p, key, 32);
	KUNIT_ASSERT_TRUE(test, rtpl_noise_local_set(&p->lr, key));
	rtpl_noise_peer_init(&p->r_at_i, p->lr.public);
	rtpl_noise_peer_init(&p->i_at_r, p->li.public);
	return p;
}

static int initiate(struct pair *p, u32 index, u16 len)
{
	u8 secret[32], time[RTPL_NOISE_TIME];

	fresh(p, secret, 32);
	fresh(p, p->init, len);
	rtpl_noise_time(time, p->clock++, 0);
	p->now += RTPL_NOISE_FLOOD_NS;
	return rtpl_noise_create_initiation(&p->r_at_i, &p->li, secret, time, index,
					    p->init, len);
}

static int take(struct pair *p, u16 len)
{
	int err = rtpl_noise_open_initiation(&p->lr, p->init, len, &p->m);

	return err ?: rtpl_noise_consume_initiation(&p->i_at_r, &p->lr, &p->m, p->init, &p->from,
						    p->now);
}

static int answer(struct pair *p, u32 index)
{
	u8 secret[32];

	fresh(p, secret, 32);
	fresh(p, p->resp, p->m.size);
	return rtpl_noise_create_response(&p->i_at_r, &p->m, secret, index, p->resp, &p->kr);
}

static int finish(struct pair *p, u16 len)
{
	return rtpl_noise_consume_response(&p->r_at_i, &p->li, p->resp, len, &p->ki);
}

static void expect_same_keys(struct kunit *test, const struct pair *p)
{
	KUNIT_EXPECT_MEMEQ(test, p->ki.send, p->kr.recv, 32);
	KUNIT_EXPECT_MEMEQ(test, p->ki.recv, p->kr.send, 32);
	KUNIT_EXPECT_NE(test, memcmp(p->ki.send, p->ki.recv, 32), 0);
}

/* ---- vectors ---- */

static void vectors(struct kunit *test)
{
	struct pair *p = pair_of(test);
	struct rtpl_cookie_peer *c = kunit_kzalloc(test, sizeof(*c), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, c);
	for (i = 0; i < ARRAY_SIZE(rtpl_vector_handshakes); i++) {
		const struct rtpl_vector_handshake *v = &rtpl_vector_handshakes[i];
		u8 time[RTPL_NOISE_TIME];

		KUNIT_ASSERT_TRUE(test, rtpl_noise_local_set(&p->li, v->si));
		KUNIT_ASSERT_TRUE(test, rtpl_noise_local_set(&p->lr, v->sr));
		KUNIT_EXPECT_MEMEQ(test, p->li.public, v->pi, 32);
		KUNIT_EXPECT_MEMEQ(test, p->lr.public, v->pr, 32);
		rtpl_noise_peer_init(&p->r_at_i, v->pr);
		rtpl_noise_peer_init(&p->i_at_r, v->pi);
		rtpl_noise_peer_set_psk(&p->r_at_i, v->psk);
		rtpl_noise_peer_set_psk(&p->i_at_r, v->psk);

		filler(p->init, v->size, v->fill_i);
		rtpl_noise_time(time, v->sec, v->nsec);
		KUNIT_ASSERT_EQ(test, 0,
				rtpl_noise_create_initiation(&p->r_at_i, &p->li, v->ei, time,
							     v->index_i, p->init, v->size));
		rtpl_cookie_peer_init(c, v->pr);
		rtpl_cookie_seal(c, p->init, v->size, 1);
		KUNIT_EXPECT_MEMEQ(test, p->init, v->init, v->size);

		KUNIT_ASSERT_EQ(test, 0, take(p, v->size));
		KUNIT_EXPECT_MEMEQ(test, p->m.remote_static, v->pi, 32);
		filler(p->resp, v->size, v->fill_r);
		KUNIT_ASSERT_EQ(test, 0,
				rtpl_noise_create_response(&p->i_at_r, &p->m, v->er,
							   v->index_r, p->resp, &p->kr));
		rtpl_cookie_peer_init(c, v->pi);
		rtpl_cookie_seal(c, p->resp, v->size, 1);
		KUNIT_EXPECT_MEMEQ(test, p->resp, v->resp, v->size);

		KUNIT_ASSERT_EQ(test, 0, finish(p, v->size));
		expect_same_keys(test, p);
		KUNIT_EXPECT_MEMEQ(test, p->ki.send, v->k1, 32);
		KUNIT_EXPECT_MEMEQ(test, p->ki.recv, v->k2, 32);
		KUNIT_EXPECT_EQ(test, p->ki.remote_index, v->index_r);
		KUNIT_EXPECT_EQ(test, p->kr.remote_index, v->index_i);
		KUNIT_EXPECT_EQ(test, p->ki.size, v->size);
	}
}

static void vectors_of_cells(struct kunit *test)
{
	struct pair *p = pair_of(test);
	u16 least = U16_MAX;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rtpl_vector_cells); i++) {
		const struct rtpl_vector_cell *v = &rtpl_vector_cells[i];
		u16 plain = v->size - RTPL_CELL_HEAD - RTPL_TAG_LEN;

		least = min(least, v->size);
		put_unaligned_le32(v->index, p->init);
		put_unaligned_le32(v->counter, p->init + 4);
		rtpl_aead_seal(p->init + RTPL_CELL_HEAD, v->plain, plain, NULL, 0,
			       v->counter, v->key);
		KUNIT_EXPECT_MEMEQ(test, p->init, v->cell, v->size);
		KUNIT_EXPECT_TRUE(test, rtpl_aead_open(p->resp, v->cell + RTPL_CELL_HEAD,
						       plain + RTPL_TAG_LEN, NULL, 0,
						       v->counter, v->key));
		KUNIT_EXPECT_MEMEQ(test, p->resp, v->plain, plain);
		KUNIT_EXPECT_FALSE(test, rtpl_aead_open(p->resp, v->cell + RTPL_CELL_HEAD,
							plain + RTPL_TAG_LEN, NULL, 0,
							v->counter ^ 1, v->key));
	}
	KUNIT_EXPECT_EQ(test, least, RTPL_CELL_MIN);
}

/* ---- what works ---- */

static void sizes(struct kunit *test)
{
	static const u16 size[] = { RTPL_HANDSHAKE_MIN, 257, 548, 1280, 1472, 8972, RTPL_CELL_MAX };
	struct pair *p = pair_of(test);
	unsigned int i;
	u8 psk[32];

	for (i = 0; i < ARRAY_SIZE(size); i++) {
		fresh(p, psk, 32);
		rtpl_noise_peer_set_psk(&p->r_at_i, psk);
		rtpl_noise_peer_set_psk(&p->i_at_r, psk);
		KUNIT_ASSERT_EQ(test, 0, initiate(p, i + 1, size[i]));
		KUNIT_EXPECT_EQ(test, rtpl_noise_check(p->init, size[i]), RTPL_NOISE_INITIATION);
		KUNIT_EXPECT_EQ(test, rtpl_noise_sender(p->init), i + 1);
		KUNIT_ASSERT_EQ(test, 0, take(p, size[i]));
		KUNIT_ASSERT_EQ(test, 0, answer(p, 100 + i));
		KUNIT_EXPECT_EQ(test, rtpl_noise_check(p->resp, size[i]), RTPL_NOISE_RESPONSE);
		KUNIT_EXPECT_EQ(test, rtpl_noise_sender(p->resp), 100 + i);
		KUNIT_EXPECT_EQ(test, rtpl_noise_receiver(p->resp), i + 1);
		KUNIT_ASSERT_EQ(test, 0, finish(p, size[i]));
		expect_same_keys(test, p);
	}
	KUNIT_EXPECT_EQ(test, -EINVAL, initiate(p, 1, RTPL_HANDSHAKE_MIN - 1));
	/* u16 carries more than a datagram may have */
	KUNIT_EXPECT_EQ(test, -EINVAL,
			rtpl_noise_create_initiation(&p->r_at_i, &p->li, psk, psk, 1,
						     p->init, RTPL_CELL_MAX + 1));
}

/* What no field takes is left as the caller filled it. */
static void padding_stays(struct kunit *test)
{
	struct pair *p = pair_of(test);
	u16 i;

	KUNIT_ASSERT_EQ(test, 0, initiate(p, 1, 1000));
	memcpy(p->was, p->init, 1000);
	p->seed--;
	fresh(p, p->init, 1000);
	KUNIT_EXPECT_MEMEQ(test, p->init + 120, p->was + 120, 1000 - 120);
	/* and nothing recognisable is left where fields are */
	for (i = 8; i < 120; i++)
		if (p->init[i] != p->was[i])
			break;
	KUNIT_EXPECT_LT(test, i, 120);
}

/* Both ends begin at once: both handshakes complete, and both ends agree whose counts. */
static void crossing(struct kunit *test)
{
	struct pair *p = pair_of(test), *q = pair_of(test);

	/* q is the same two nodes with their parts changed. */
	q->li = p->lr;
	q->lr = p->li;
	q->r_at_i = p->i_at_r;
	KUNIT_ASSERT_EQ(test, 0, initiate(p, 1, SIZE));
	KUNIT_ASSERT_EQ(test, 0, initiate(q, 2, SIZE));
	p->i_at_r = q->r_at_i;
	q->i_at_r = p->r_at_i;

	KUNIT_ASSERT_EQ(test, 0, take(p, SIZE));
	KUNIT_ASSERT_EQ(test, 0, answer(p, 11));
	KUNIT_ASSERT_EQ(test, 0, take(q, SIZE));
	KUNIT_ASSERT_EQ(test, 0, answer(q, 12));
	p->r_at_i = q->i_at_r;
	q->r_at_i = p->i_at_r;
	KUNIT_EXPECT_EQ(test, 0, finish(p, SIZE));
	KUNIT_EXPECT_EQ(test, 0, finish(q, SIZE));
	expect_same_keys(test, p);
	expect_same_keys(test, q);
	KUNIT_EXPECT_NE(test, rtpl_noise_prevails(&p->r_at_i, &p->li),
			rtpl_noise_prevails(&p->i_at_r, &p->lr));
}

/* ---- what must not ---- */

/*
 * Any change of any byte, with MACs made anew by someone who knows the public
 * keys: size, numbers and padding are as safe as the sealed fields.
 */
static void flips(struct kunit *test)
{
	struct pair *p = pair_of(test);
	unsigned int taken = 0;
	u16 i;

	KUNIT_ASSERT_EQ(test, 0, initiate(p, 7, SIZE));
	for (i = 0; i < SIZE - RTPL_NOISE_MACS; i++) {
		p->init[i] ^= 1 << i % 8;
		taken += !take(p, SIZE);
		p->init[i] ^= 1 << i % 8;
	}
	KUNIT_EXPECT_EQ(test, taken, 0);
	/* The most significant bit of a point is ignored by X25519 itself. */
	p->init[43] ^= 0x80;
	KUNIT_EXPECT_EQ(test, -EBADMSG, take(p, SIZE));
	p->init[43] ^= 0x80;
	KUNIT_ASSERT_EQ(test, 0, take(p, SIZE));

	KUNIT_ASSERT_EQ(test, 0, answer(p, 8));
	for (i = 0; i < SIZE - RTPL_NOISE_MACS; i++) {
		p->resp[i] ^= 1 << i % 8;
		taken += !finish(p, SIZE);
		p->resp[i] ^= 1 << i % 8;
	}
	KUNIT_EXPECT_EQ(test, taken, 0);
	KUNIT_EXPECT_TRUE(test, p->r_at_i.pending);
	KUNIT_EXPECT_EQ(test, 0, finish(p, SIZE));
	expect_same_keys(test, p);
}

/* Cut or lengthened on the way: the size that comes out must be true. */
static void resized(struct kunit *test)
{
	struct pair *p = pair_of(test);
	u16 len;

	KUNIT_ASSERT_EQ(test, 0, initiate(p, 7, 1000));
	for (len = RTPL_HANDSHAKE_MIN; len < 1100; len += 97)
		KUNIT_EXPECT_EQ(test, -EBADMSG, take(p, len));
	KUNIT_EXPECT_EQ(test, -EBADMSG, take(p, RTPL_HANDSHAKE_MIN - 1));
	KUNIT_EXPECT_EQ(test, -EBADMSG, take(p, 0));
	KUNIT_ASSERT_EQ(test, 0, take(p, 1000));
	KUNIT_ASSERT_EQ(test, 0, answer(p, 8));
	for (len = RTPL_HANDSHAKE_MIN; len < 1100; len += 97)
		KUNIT_EXPECT_EQ(test, -EBADMSG, finish(p, len));
	KUNIT_EXPECT_EQ(test, 0, finish(p, 1000));
}

static void replays(struct kunit *test)
{
	struct pair *p = pair_of(test);
	u64 before;

	KUNIT_ASSERT_EQ(test, 0, initiate(p, 1, SIZE));
	memcpy(p->was, p->init, SIZE);
	KUNIT_EXPECT_EQ(test, 0, take(p, SIZE));
	p->now += RTPL_NOISE_FLOOD_NS;
	KUNIT_EXPECT_EQ(test, -EALREADY, take(p, SIZE));

	KUNIT_ASSERT_EQ(test, 0, initiate(p, 2, SIZE));
	KUNIT_EXPECT_EQ(test, 0, take(p, SIZE));
	/* An older one may be a clock that went back: answered once, which changes nothing. */
	memcpy(p->init, p->was, SIZE);
	p->now += 3600 * RTPL_NOISE_FLOOD_NS;
	KUNIT_EXPECT_EQ(test, 0, take(p, SIZE));
	KUNIT_EXPECT_TRUE(test, p->m.doubtful);
	p->now += 3600 * RTPL_NOISE_FLOOD_NS;
	KUNIT_EXPECT_EQ(test, -EALREADY, take(p, SIZE));

	/* Newer, but too soon: refused, and not remembered. */
	KUNIT_ASSERT_EQ(test, 0, initiate(p, 3, SIZE));
	KUNIT_EXPECT_EQ(test, 0, take(p, SIZE));
	before = p->now;
	KUNIT_ASSERT_EQ(test, 0, initiate(p, 4, SIZE));
	p->now = before + RTPL_NOISE_FLOOD_NS - 1;
	KUNIT_EXPECT_EQ(test, -EBUSY, take(p, SIZE));
	p->now = before + RTPL_NOISE_FLOOD_NS;
	KUNIT_EXPECT_EQ(test, 0, take(p, SIZE));

	/* A responder that starts anew still takes none but the first it sees. */
	rtpl_noise_peer_init(&p->i_at_r, p->li.public);
	p->now += RTPL_NOISE_FLOOD_NS;
	KUNIT_EXPECT_EQ(test, 0, take(p, SIZE));
	p->now += RTPL_NOISE_FLOOD_NS;
	KUNIT_EXPECT_EQ(test, -EALREADY, take(p, SIZE));
}

/* The initiator's clock goes back, for good. It gets sessions, one each second at most. */
static void clock_back(struct kunit *test)
{
	struct pair *p = pair_of(test);
	u8 newest[RTPL_NOISE_TIME];
	unsigned int i;

	KUNIT_ASSERT_EQ(test, 0, initiate(p, 1, SIZE));
	KUNIT_ASSERT_EQ(test, 0, take(p, SIZE));
	KUNIT_EXPECT_FALSE(test, p->m.doubtful);
	memcpy(newest, p->i_at_r.newest_time, sizeof(newest));
	p->clock = 10;
	p->from.proven = true;
	for (i = 0; i < 3 * RTPL_NOISE_DOUBTS; i++) {
		p->now += RTPL_NOISE_DOUBT_NS;
		KUNIT_ASSERT_EQ(test, 0, initiate(p, 2 + i, SIZE));
		KUNIT_ASSERT_EQ(test, 0, take(p, SIZE));
		KUNIT_EXPECT_TRUE(test, p->m.doubtful);
		KUNIT_ASSERT_EQ(test, 0, answer(p, 100 + i));
		KUNIT_ASSERT_EQ(test, 0, finish(p, SIZE));
		expect_same_keys(test, p);
		/* Whoever records it cannot use it again, ... */
		KUNIT_EXPECT_EQ(test, -EALREADY, take(p, SIZE));
		/* ... nor does one that is doubtful make the next one so that is not. */
		KUNIT_EXPECT_MEMEQ(test, newest, p->i_at_r.newest_time, sizeof(newest));
		KUNIT_ASSERT_EQ(test, 0, initiate(p, 200 + i, SIZE));
		KUNIT_EXPECT_EQ(test, -EBUSY, take(p, SIZE));
	}
}

/* Recordings from elsewhere do not keep out an initiator whose clock went back. */
static void clock_back_beside(struct kunit *test)
{
	struct pair *p = pair_of(test);
	unsigned int i, k;

	KUNIT_ASSERT_EQ(test, 0, initiate(p, 1, SIZE));
	KUNIT_ASSERT_EQ(test, 0, take(p, SIZE));
	p->clock = 10;
	for (i = 0; i < 5; i++) {
		p->now += RTPL_NOISE_DOUBT_NS;
		/* The first is taken as it comes, ... */
		p->from = (struct rtpl_noise_source){ .id = 100 };
		KUNIT_ASSERT_EQ(test, 0, initiate(p, 2 + 20 * i, SIZE));
		KUNIT_EXPECT_EQ(test, 0, take(p, SIZE));
		KUNIT_EXPECT_EQ(test, -EALREADY, take(p, SIZE));
		/* ... others once they have a cookie, and then in its place, ... */
		for (k = 0; k < RTPL_NOISE_DOUBT_SOURCES; k++) {
			p->from = (struct rtpl_noise_source){ .id = 100 + k };
			KUNIT_ASSERT_EQ(test, 0, initiate(p, 3 + 20 * i + k, SIZE));
			KUNIT_EXPECT_EQ(test, -EAGAIN, take(p, SIZE));
			p->from.proven = true;
			KUNIT_EXPECT_EQ(test, 0, take(p, SIZE));
			KUNIT_EXPECT_TRUE(test, p->m.doubtful);
			KUNIT_EXPECT_EQ(test, -EALREADY, take(p, SIZE));
			/* ... each once, ... */
			KUNIT_ASSERT_EQ(test, 0, initiate(p, 200 + 20 * i + k, SIZE));
			KUNIT_EXPECT_EQ(test, -EBUSY, take(p, SIZE));
		}
		/* ... and so many in all. */
		p->from.id = 200;
		KUNIT_EXPECT_EQ(test, -EBUSY, take(p, SIZE));
	}
	/* None of them is remembered for long, whatever the ticks go round to. */
	for (i = 0; i < 8; i++) {
		p->now += 10ULL * 86400 * 1000000000;
		for (k = 0; k < RTPL_NOISE_DOUBT_SOURCES; k++) {
			p->from = (struct rtpl_noise_source){ .id = 100 + k, .proven = true };
			KUNIT_ASSERT_EQ(test, 0, initiate(p, 400 + 20 * i + k, SIZE));
			KUNIT_EXPECT_EQ(test, 0, take(p, SIZE));
		}
		p->now += 30ULL * 86400 * 1000000000;
	}
}

static void wrong_keys(struct kunit *test)
{
	struct pair *p = pair_of(test), *q = pair_of(test);
	u8 psk[32];

	/* For another node. */
	fresh(q, psk, 32);
	q->seed = 100;
	fresh(q, psk, 32);
	KUNIT_ASSERT_TRUE(test, rtpl_noise_local_set(&q->lr, psk));
	KUNIT_ASSERT_EQ(test, 0, initiate(p, 1, SIZE));
	KUNIT_EXPECT_EQ(test, -EBADMSG,
			rtpl_noise_open_initiation(&q->lr, p->init, SIZE, &q->m));

	/* Who claims to be a peer but has not its private key: e, es, s are his to
	 * make, ss is not.
	 */
	memcpy(q->li.public, p->li.public, 32);
	rtpl_noise_peer_init(&q->r_at_i, p->lr.public);
	q->clock = p->clock;
	memcpy(q->li.private, q->lr.private, 32);
	KUNIT_ASSERT_EQ(test, 0, initiate(q, 1, SIZE));
	memcpy(p->was, p->init, SIZE);
	memcpy(p->init, q->init, SIZE);
	KUNIT_EXPECT_EQ(test, 0, rtpl_noise_open_initiation(&p->lr, p->init, SIZE, &p->m));
	KUNIT_EXPECT_MEMEQ(test, p->m.remote_static, p->li.public, 32);
	KUNIT_EXPECT_EQ(test, -EBADMSG,
			rtpl_noise_consume_initiation(&p->i_at_r, &p->lr, &p->m, p->init,
						      &p->from, p->now));
	memcpy(p->init, p->was, SIZE);

	/* Opened for one peer, consumed for another. */
	KUNIT_ASSERT_EQ(test, 0, rtpl_noise_open_initiation(&p->lr, p->init, SIZE, &p->m));
	rtpl_noise_peer_init(&q->i_at_r, q->lr.public);
	KUNIT_EXPECT_EQ(test, -EBADMSG,
			rtpl_noise_consume_initiation(&q->i_at_r, &p->lr, &p->m, p->init,
						      &p->from, p->now));

	/* Another pre-shared key shows in the answer; the right one still gets through. */
	memset(psk, 5, 32);
	rtpl_noise_peer_set_psk(&p->i_at_r, psk);
	KUNIT_ASSERT_EQ(test, 0, take(p, SIZE));
	KUNIT_ASSERT_EQ(test, 0, answer(p, 2));
	KUNIT_EXPECT_EQ(test, -EBADMSG, finish(p, SIZE));
	KUNIT_EXPECT_TRUE(test, p->r_at_i.pending);
	rtpl_noise_peer_set_psk(&p->i_at_r, NULL);
	KUNIT_ASSERT_EQ(test, 0, answer(p, 2));
	/* the response of the same initiation, made by someone without the private key */
	KUNIT_EXPECT_EQ(test, -EBADMSG,
			rtpl_noise_consume_response(&p->r_at_i, &q->lr, p->resp, SIZE, &p->ki));
	KUNIT_EXPECT_EQ(test, 0, finish(p, SIZE));
}

/* Only the answer to the last initiation counts, and once. */
static void stale(struct kunit *test)
{
	struct pair *p = pair_of(test);

	KUNIT_ASSERT_EQ(test, 0, initiate(p, 1, SIZE));
	KUNIT_ASSERT_EQ(test, 0, take(p, SIZE));
	KUNIT_ASSERT_EQ(test, 0, answer(p, 9));
	memcpy(p->was, p->resp, SIZE);
	KUNIT_ASSERT_EQ(test, 0, initiate(p, 2, SIZE));
	KUNIT_EXPECT_EQ(test, -ESTALE, finish(p, SIZE));
	/* even if it comes under the new number */
	put_unaligned_le32(2, p->resp + 12);
	KUNIT_EXPECT_EQ(test, -EBADMSG, finish(p, SIZE));

	KUNIT_ASSERT_EQ(test, 0, take(p, SIZE));
	KUNIT_ASSERT_EQ(test, 0, answer(p, 10));
	KUNIT_EXPECT_EQ(test, 0, finish(p, SIZE));
	KUNIT_EXPECT_EQ(test, -ESTALE, finish(p, SIZE));

	KUNIT_ASSERT_EQ(test, 0, initiate(p, 3, SIZE));
	KUNIT_ASSERT_EQ(test, 0, take(p, SIZE));
	KUNIT_ASSERT_EQ(test, 0, answer(p, 11));
	rtpl_noise_peer_clear(&p->r_at_i);
	KUNIT_EXPECT_EQ(test, -ESTALE, finish(p, SIZE));
}

/* Points of small order give no secret; no side may go on with them. */
static void small_points(struct kunit *test)
{
	static const u8 order[][32] = {
		{ 0 },
		{ 1 },
		{ 0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3,
		  0xfa, 0xf1, 0x9f, 0xc4, 0x6a, 0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32,
		  0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00 },
	};
	struct pair *p = pair_of(test);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(order); i++) {
		struct rtpl_noise_peer *q = &p->i_at_r;

		rtpl_noise_peer_init(q, order[i]);
		KUNIT_EXPECT_EQ(test, -ENOKEY,
				rtpl_noise_create_initiation(q, &p->lr, p->li.private,
							     p->li.private, 1, p->was, SIZE));
		KUNIT_EXPECT_FALSE(test, q->pending);
		memcpy(p->m.remote_static, order[i], 32);
		KUNIT_EXPECT_EQ(test, -ENOKEY,
				rtpl_noise_consume_initiation(q, &p->lr, &p->m, p->init, &p->from,
							      p->now));

		KUNIT_ASSERT_EQ(test, 0, initiate(p, 1, SIZE));
		memcpy(p->init + 12, order[i], 32);
		KUNIT_EXPECT_EQ(test, -EBADMSG, take(p, SIZE));

		rtpl_noise_peer_init(q, p->li.public);
		KUNIT_ASSERT_EQ(test, 0, initiate(p, 1, SIZE));
		KUNIT_ASSERT_EQ(test, 0, take(p, SIZE));
		KUNIT_ASSERT_EQ(test, 0, answer(p, 2));
		memcpy(p->resp + 16, order[i], 32);
		KUNIT_EXPECT_EQ(test, -EBADMSG, finish(p, SIZE));
		memcpy(p->m.ephemeral, order[i], 32);
		KUNIT_EXPECT_EQ(test, -EBADMSG, answer(p, 2));
	}
}

static void no_identity(struct kunit *test)
{
	static const u8 zero[32];
	struct pair *p = pair_of(test);

	KUNIT_ASSERT_EQ(test, 0, initiate(p, 1, SIZE));
	KUNIT_ASSERT_EQ(test, 0, take(p, SIZE));
	KUNIT_ASSERT_EQ(test, 0, answer(p, 2));
	KUNIT_EXPECT_FALSE(test, rtpl_noise_local_set(&p->li, zero));
	KUNIT_EXPECT_EQ(test, -ENOKEY, finish(p, SIZE));
	KUNIT_EXPECT_FALSE(test, rtpl_noise_local_set(&p->li, NULL));
	rtpl_noise_peer_local_changed(&p->r_at_i);
	KUNIT_EXPECT_EQ(test, -ENOKEY, initiate(p, 3, SIZE));
	KUNIT_EXPECT_MEMEQ(test, p->r_at_i.static_static, zero, 32);
	KUNIT_EXPECT_EQ(test, -ENOKEY,
			rtpl_noise_open_initiation(&p->li, p->init, SIZE, &p->m));
}

static void zero_numbers(struct kunit *test)
{
	struct pair *p = pair_of(test);

	/* 0 would say "handshake" in a cell. */
	KUNIT_ASSERT_EQ(test, 0, initiate(p, 0, SIZE));
	KUNIT_EXPECT_EQ(test, -EBADMSG, take(p, SIZE));
	KUNIT_ASSERT_EQ(test, 0, initiate(p, 1, SIZE));
	KUNIT_ASSERT_EQ(test, 0, take(p, SIZE));
	KUNIT_ASSERT_EQ(test, 0, answer(p, 0));
	KUNIT_EXPECT_EQ(test, -EBADMSG, finish(p, SIZE));
}

static void frames(struct kunit *test)
{
	struct pair *p = pair_of(test);
	int i;

	KUNIT_ASSERT_EQ(test, 0, initiate(p, 1, SIZE));
	KUNIT_EXPECT_EQ(test, rtpl_noise_check(p->init, SIZE), RTPL_NOISE_INITIATION);
	KUNIT_EXPECT_EQ(test, rtpl_noise_check(p->init, RTPL_HANDSHAKE_MIN - 1), 0);
	KUNIT_EXPECT_EQ(test, rtpl_noise_check(p->init, RTPL_CELL_MAX), RTPL_NOISE_INITIATION);
	KUNIT_EXPECT_EQ(test, rtpl_noise_check(p->init, RTPL_CELL_MAX + 1), 0);
	for (i = 0; i < 8; i++) {
		if (i == 4)
			continue;
		p->init[i] = 1;
		KUNIT_EXPECT_EQ(test, rtpl_noise_check(p->init, SIZE), 0);
		p->init[i] = 0;
	}
	for (i = 0; i < 256; i++) {
		p->init[4] = i;
		KUNIT_EXPECT_EQ(test, rtpl_noise_check(p->init, SIZE), i < 1 || i > 3 ? 0 : i);
	}
}

static void timestamps(struct kunit *test)
{
	u8 a[RTPL_NOISE_TIME], b[RTPL_NOISE_TIME];

	rtpl_noise_time(a, 0, 0);
	KUNIT_EXPECT_MEMEQ(test, a, "\x40\0\0\0\0\0\0\x0a\0\0\0\0", 12);
	rtpl_noise_time(b, 0, 0xffffff);
	KUNIT_EXPECT_MEMEQ(test, a, b, 12);
	rtpl_noise_time(b, 0, 0x1000000);
	KUNIT_EXPECT_LT(test, memcmp(a, b, 12), 0);
	rtpl_noise_time(a, 1, 0);
	KUNIT_EXPECT_LT(test, memcmp(b, a, 12), 0);
	rtpl_noise_time(b, 0x100000000ULL, 0);
	KUNIT_EXPECT_LT(test, memcmp(a, b, 12), 0);
	/* Two initiations that may both be taken have different times. */
	BUILD_BUG_ON(0x1000000 > RTPL_NOISE_FLOOD_NS);
}

/* Nothing of a handshake is left when it is over. */
static void wiped(struct kunit *test)
{
	static const u8 zero[32];
	struct pair *p = pair_of(test);
	u8 psk[32];

	KUNIT_ASSERT_EQ(test, 0, initiate(p, 1, SIZE));
	KUNIT_EXPECT_NE(test, memcmp(p->r_at_i.ephemeral, zero, 32), 0);
	KUNIT_ASSERT_EQ(test, 0, take(p, SIZE));
	KUNIT_ASSERT_EQ(test, 0, answer(p, 2));
	KUNIT_ASSERT_EQ(test, 0, finish(p, SIZE));
	KUNIT_EXPECT_MEMEQ(test, p->r_at_i.ephemeral, zero, 32);
	KUNIT_EXPECT_MEMEQ(test, p->r_at_i.chain, zero, 32);
	KUNIT_EXPECT_MEMEQ(test, p->r_at_i.hash, zero, 32);
	KUNIT_EXPECT_EQ(test, p->r_at_i.index, 0);

	KUNIT_ASSERT_EQ(test, 0, initiate(p, 1, SIZE));
	memset(psk, 1, 32);
	rtpl_noise_peer_set_psk(&p->r_at_i, psk);
	KUNIT_EXPECT_FALSE(test, p->r_at_i.pending);
	KUNIT_EXPECT_MEMEQ(test, p->r_at_i.ephemeral, zero, 32);
	rtpl_noise_peer_set_psk(&p->r_at_i, NULL);
	KUNIT_EXPECT_MEMEQ(test, p->r_at_i.psk, zero, 32);
	rtpl_noise_local_set(&p->li, NULL);
	KUNIT_EXPECT_MEMEQ(test, p->li.private, zero, 32);
	rtpl_noise_initiation_wipe(&p->m);
	KUNIT_EXPECT_MEMEQ(test, p->m.chain, zero, 32);
}

static struct kunit_case rtpl_noise_cases[] = {
	KUNIT_CASE(vectors),
	KUNIT_CASE(vectors_of_cells),
	KUNIT_CASE(sizes),
	KUNIT_CASE(padding_stays),
	KUNIT_CASE(crossing),
	KUNIT_CASE(flips),
	KUNIT_CASE(resized),
	KUNIT_CASE(replays),
	KUNIT_CASE(clock_back),
	KUNIT_CASE(clock_back_beside),
	KUNIT_CASE(wrong_keys),
	KUNIT_CASE(stale),
	KUNIT_CASE(small_points),
	KUNIT_CASE(no_identity),
	KUNIT_CASE(zero_numbers),
	KUNIT_CASE(frames),
	KUNIT_CASE(timestamps),
	KUNIT_CASE(wiped),
	{}
};

static struct kunit_suite rtpl_noise_suite = {
	.name = "rtpl_noise",
	.test_cases = rtpl_noise_cases,
};

kunit_test_suite(rtpl_noise_suite);
