// SPDX-License-Identifier: GPL-2.0
/*
 * Noise IKpsk2 over datagrams of any size: noise.h defines the protocol, and this file names its
 * tokens where they happen.
 *
 * The contents of a datagram are processed in struct rtpl_noise_symmetric and other values on the
 * stack. The peer changes only after the last seal of the datagram has opened, and every secret is
 * wiped on every path out.
 */
#include "noise.h"

static const char rtpl_noise_name[] = "Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s";
static const char rtpl_noise_prologue[] = "RTPL v1 link handshake";

/* The running values of a handshake: c, h and k of the notation. */
struct rtpl_noise_symmetric {
	u8 chain[RTPL_NOISE_HASH];
	u8 hash[RTPL_NOISE_HASH];
	u8 key[RTPL_NOISE_KEY];
};

static bool rtpl_noise_is_zero(const u8 key[RTPL_NOISE_KEY])
{
	static const u8 zero[RTPL_NOISE_KEY];

	return rtpl_equal(key, zero, sizeof(zero));
}

/* HMAC (RFC 2104) with BLAKE2s; @key is one hash long. @out may be @data. */
static void rtpl_noise_hmac(u8 out[RTPL_NOISE_HASH], const u8 key[RTPL_NOISE_HASH],
			    const u8 *data, size_t len)
{
	u8 pad[64];		/* a block of BLAKE2s */
	u8 inner[RTPL_NOISE_HASH];
	unsigned int i;

	memset(pad, 0x36, sizeof(pad));
	for (i = 0; i < RTPL_NOISE_HASH; i++)
		pad[i] ^= key[i];
	rtpl_blake2s(inner, sizeof(inner), NULL, 0, pad, sizeof(pad), data, len);

	for (i = 0; i < sizeof(pad); i++)
		pad[i] ^= 0x36 ^ 0x5c;
	rtpl_blake2s(out, RTPL_NOISE_HASH, NULL, 0, pad, sizeof(pad), inner, sizeof(inner));

	rtpl_wipe(pad, sizeof(pad));
	rtpl_wipe(inner, sizeof(inner));
}

/* KDFn: as many blocks as there are places for. @out1 may be @salt. */
static void rtpl_noise_kdf(u8 *out1, u8 *out2, u8 *out3, const u8 salt[RTPL_NOISE_HASH],
			   const u8 *data, size_t len)
{
	u8 *const out[] = { out1, out2, out3 };
	u8 block[RTPL_NOISE_HASH + 1];
	u8 secret[RTPL_NOISE_HASH];
	unsigned int i;

	rtpl_noise_hmac(secret, salt, data, len);
	for (i = 0; i < ARRAY_SIZE(out) && out[i]; i++) {
		block[i ? RTPL_NOISE_HASH : 0] = i + 1;
		rtpl_noise_hmac(block, secret, block, i ? sizeof(block) : 1);
		memcpy(out[i], block, RTPL_NOISE_HASH);
	}
	rtpl_wipe(block, sizeof(block));
	rtpl_wipe(secret, sizeof(secret));
}

static void rtpl_noise_mix_hash(struct rtpl_noise_symmetric *s, const void *data, size_t len)
{
	rtpl_blake2s(s->hash, sizeof(s->hash), NULL, 0, s->hash, sizeof(s->hash), data, len);
}

/*
 * Hash in the frame around the Noise fields: @text, the length, @head bytes before the ephemeral
 * key, and the padding from @fields on.
 */
static void rtpl_noise_mix_frame(struct rtpl_noise_symmetric *s, const char *text,
				 const u8 *buf, u16 len, size_t head, size_t fields)
{
	u8 start[RTPL_NOISE_HASH + sizeof(rtpl_noise_prologue) + sizeof(__le16) +
		 offsetof(struct rtpl_noise_resp_msg, ephemeral)];
	size_t n = RTPL_NOISE_HASH;

	memcpy(start, s->hash, n);
	memcpy(start + n, text, strlen(text));
	n += strlen(text);
	put_unaligned_le16(len, start + n);
	n += sizeof(__le16);
	memcpy(start + n, buf, head);
	n += head;
	rtpl_blake2s(s->hash, sizeof(s->hash), NULL, 0, start, n,
		     buf + fields, len - RTPL_NOISE_MACS - fields);
}

/* The values with which both ends begin; @init is the initiation, @to its receiver's key. */
static void rtpl_noise_begin(struct rtpl_noise_symmetric *s, const u8 *init, u16 len,
			     const u8 to[RTPL_NOISE_KEY])
{
	rtpl_blake2s(s->chain, sizeof(s->chain), NULL, 0,
		     (const u8 *)rtpl_noise_name, strlen(rtpl_noise_name), NULL, 0);
	memcpy(s->hash, s->chain, sizeof(s->hash));
	rtpl_noise_mix_frame(s, rtpl_noise_prologue, init, len,
			     offsetof(struct rtpl_noise_init_msg, ephemeral),
			     sizeof(struct rtpl_noise_init_msg));
	rtpl_noise_mix_hash(s, to, RTPL_NOISE_KEY);
}

/* e: in a handshake with a pre-shared key the point is mixed into the key, too. */
static void rtpl_noise_mix_ephemeral(struct rtpl_noise_symmetric *s,
				     const u8 point[RTPL_NOISE_KEY])
{
	rtpl_noise_mix_hash(s, point, RTPL_NOISE_KEY);
	rtpl_noise_kdf(s->chain, NULL, NULL, s->chain, point, RTPL_NOISE_KEY);
}

static void rtpl_noise_mix_secret(struct rtpl_noise_symmetric *s,
				  const u8 secret[RTPL_NOISE_KEY])
{
	rtpl_noise_kdf(s->chain, s->key, NULL, s->chain, secret, RTPL_NOISE_KEY);
}

static bool __must_check
rtpl_noise_mix_dh(struct rtpl_noise_symmetric *s, const u8 secret[RTPL_NOISE_KEY],
		  const u8 point[RTPL_NOISE_KEY])
{
	u8 dh[RTPL_NOISE_KEY];
	bool ok = rtpl_x25519(dh, secret, point);

	if (ok)
		rtpl_noise_mix_secret(s, dh);
	rtpl_wipe(dh, sizeof(dh));
	return ok;
}

static void rtpl_noise_mix_psk(struct rtpl_noise_symmetric *s, const u8 psk[RTPL_NOISE_KEY])
{
	u8 mixed[RTPL_NOISE_HASH];

	rtpl_noise_kdf(s->chain, mixed, s->key, s->chain, psk, RTPL_NOISE_KEY);
	rtpl_noise_mix_hash(s, mixed, sizeof(mixed));
	rtpl_wipe(mixed, sizeof(mixed));
}

/* Each key seals once, so the nonce is always 0. */
static void rtpl_noise_seal(struct rtpl_noise_symmetric *s, u8 *dst, const u8 *src, size_t len)
{
	rtpl_aead_seal(dst, src, len, s->hash, sizeof(s->hash), 0, s->key);
	rtpl_noise_mix_hash(s, dst, len + RTPL_TAG_LEN);
}

static bool __must_check
rtpl_noise_open(struct rtpl_noise_symmetric *s, u8 *dst, const u8 *src, size_t len)
{
	if (!rtpl_aead_open(dst, src, len, s->hash, sizeof(s->hash), 0, s->key))
		return false;
	rtpl_noise_mix_hash(s, src, len);
	return true;
}

static void rtpl_noise_split(struct rtpl_noise_symmetric *s, u8 *initiator, u8 *responder)
{
	rtpl_noise_kdf(initiator, responder, NULL, s->chain, NULL, 0);
}

static void rtpl_noise_head_set(struct rtpl_noise_head *h, enum rtpl_noise_type type)
{
	h->zero = 0;
	h->type = type;
	memset(h->reserved, 0, sizeof(h->reserved));
}

/* ---- identities ---- */

bool rtpl_noise_local_set(struct rtpl_noise_local *l, const u8 *private)
{
	rtpl_wipe(l, sizeof(*l));
	if (!private || rtpl_noise_is_zero(private))
		return false;
	memcpy(l->private, private, sizeof(l->private));
	rtpl_x25519_clamp(l->private);
	l->has_key = rtpl_x25519_public(l->public, l->private);
	return l->has_key;
}

void rtpl_noise_peer_init(struct rtpl_noise_peer *p, const u8 remote_static[RTPL_NOISE_KEY])
{
	memset(p, 0, sizeof(*p));
	memcpy(p->remote_static, remote_static, sizeof(p->remote_static));
}

/**
 * rtpl_noise_peer_local_changed() - update a peer after the node's key changed
 * @p: peer; its pending initiation is dropped
 *
 * The DH with the new key waits for the next handshake: a node may have many peers.
 *
 * Context: Any; the caller serialises calls on @p.
 */
void rtpl_noise_peer_local_changed(struct rtpl_noise_peer *p)
{
	rtpl_noise_peer_clear(p);
	rtpl_wipe(p->static_static, sizeof(p->static_static));
	p->agreed = false;
}

/* One DH after each change of the node's key. Return: are both keys usable? */
static bool rtpl_noise_agree(struct rtpl_noise_peer *p, const struct rtpl_noise_local *l)
{
	/* Zero stands for "none"; a public key of small order is treated like that, too. */
	if (!p->agreed &&
	    (!l->has_key || !rtpl_x25519(p->static_static, l->private, p->remote_static)))
		rtpl_wipe(p->static_static, sizeof(p->static_static));
	p->agreed = true;
	return l->has_key && !rtpl_noise_is_zero(p->static_static);
}

/**
 * rtpl_noise_peer_set_psk() - set or remove a peer's pre-shared key
 * @p: peer; its pending initiation is dropped
 * @psk: 32 bytes; NULL or all zero: none
 *
 * Context: Any; the caller serialises calls on @p.
 */
void rtpl_noise_peer_set_psk(struct rtpl_noise_peer *p, const u8 *psk)
{
	rtpl_noise_peer_clear(p);
	if (psk)
		memcpy(p->psk, psk, sizeof(p->psk));
	else
		rtpl_wipe(p->psk, sizeof(p->psk));
}

/**
 * rtpl_noise_peer_clear() - forget and wipe the pending initiation
 * @p: peer
 *
 * Context: Any; the caller serialises calls on @p.
 */
void rtpl_noise_peer_clear(struct rtpl_noise_peer *p)
{
	p->pending = false;
	p->size = 0;
	p->index = 0;
	rtpl_wipe(p->ephemeral, sizeof(p->ephemeral));
	rtpl_wipe(p->chain, sizeof(p->chain));
	rtpl_wipe(p->hash, sizeof(p->hash));
}

/**
 * rtpl_noise_peer_wipe() - wipe a peer's state
 * @p: peer; needs rtpl_noise_peer_init() before its next use
 *
 * Context: Any; the caller serialises calls on @p.
 */
void rtpl_noise_peer_wipe(struct rtpl_noise_peer *p)
{
	rtpl_wipe(p, sizeof(*p));
}

bool rtpl_noise_prevails(const struct rtpl_noise_peer *p, const struct rtpl_noise_local *l)
{
	/* These are public keys: timing reveals nothing secret. */
	return memcmp(l->public, p->remote_static, RTPL_NOISE_KEY) > 0;
}

/* ---- datagrams ---- */

void rtpl_noise_time(u8 out[RTPL_NOISE_TIME], u64 sec, u32 nsec)
{
	put_unaligned_be64(0x400000000000000aULL + sec, out);
	/*
	 * 2^24 ns: a finer step than one initiation in RTPL_NOISE_FLOOD_NS needs would only tell
	 * others about this host's clock.
	 */
	put_unaligned_be32(nsec & ~0xffffffU, out + 8);
}

int rtpl_noise_check(const u8 *buf, size_t len)
{
	static const u8 reserved[3];
	const struct rtpl_noise_head *h = (const void *)buf;

	if (len < RTPL_HANDSHAKE_MIN || len > RTPL_CELL_MAX)
		return 0;
	if (h->zero || memcmp(h->reserved, reserved, sizeof(reserved)))
		return 0;
	if (h->type < RTPL_NOISE_INITIATION || h->type > RTPL_NOISE_COOKIE)
		return 0;
	return h->type;
}

/**
 * rtpl_noise_sender() - get the number with which to answer a handshake datagram
 * @buf: initiation or response that passed rtpl_noise_check()
 *
 * Context: Any.
 * Return: the sender's number for the session.
 */
u32 rtpl_noise_sender(const u8 *buf)
{
	BUILD_BUG_ON(offsetof(struct rtpl_noise_init_msg, sender) !=
		     offsetof(struct rtpl_noise_resp_msg, sender));
	return get_unaligned_le32(buf + offsetof(struct rtpl_noise_init_msg, sender));
}

/**
 * rtpl_noise_receiver() - get our number that a handshake datagram answers
 * @buf: response or cookie reply that passed rtpl_noise_check()
 *
 * Context: Any.
 * Return: the sender number of the answered datagram.
 */
u32 rtpl_noise_receiver(const u8 *buf)
{
	const struct rtpl_noise_head *h = (const void *)buf;

	if (h->type == RTPL_NOISE_COOKIE)
		return get_unaligned_le32(buf + offsetof(struct rtpl_noise_cookie_msg, receiver));
	return get_unaligned_le32(buf + offsetof(struct rtpl_noise_resp_msg, receiver));
}

int rtpl_noise_create_initiation(struct rtpl_noise_peer *p, const struct rtpl_noise_local *l,
				 const u8 secret[RTPL_NOISE_KEY],
				 const u8 time[RTPL_NOISE_TIME], u32 index,
				 u8 *buf, u16 len)
{
	struct rtpl_noise_init_msg *msg = (void *)buf;
	struct rtpl_noise_symmetric s;
	u8 e[RTPL_NOISE_KEY];
	int err = -ENOKEY;

	BUILD_BUG_ON(sizeof(*msg) != 120);
	BUILD_BUG_ON(sizeof(*msg) + RTPL_NOISE_MACS > RTPL_HANDSHAKE_MIN);
	if (len < RTPL_HANDSHAKE_MIN || len > RTPL_CELL_MAX)
		return -EINVAL;
	if (!rtpl_noise_agree(p, l))
		return -ENOKEY;

	memcpy(e, secret, sizeof(e));
	rtpl_x25519_clamp(e);
	rtpl_noise_head_set(&msg->head, RTPL_NOISE_INITIATION);
	put_unaligned_le32(index, &msg->sender);
	rtpl_noise_begin(&s, buf, len, p->remote_static);

	/* e */
	if (!rtpl_x25519_public(msg->ephemeral, e))
		goto out;
	rtpl_noise_mix_ephemeral(&s, msg->ephemeral);
	/* es */
	if (!rtpl_noise_mix_dh(&s, e, p->remote_static))
		goto out;
	/* s */
	rtpl_noise_seal(&s, msg->sealed_static, l->public, RTPL_NOISE_KEY);
	/* ss */
	rtpl_noise_mix_secret(&s, p->static_static);
	/* {timestamp} */
	rtpl_noise_seal(&s, msg->sealed_time, time, RTPL_NOISE_TIME);

	p->pending = true;
	p->size = len;
	p->index = index;
	memcpy(p->ephemeral, e, sizeof(e));
	memcpy(p->chain, s.chain, sizeof(s.chain));
	memcpy(p->hash, s.hash, sizeof(s.hash));
	err = 0;
out:
	rtpl_wipe(e, sizeof(e));
	rtpl_wipe(&s, sizeof(s));
	return err;
}

int rtpl_noise_open_initiation(const struct rtpl_noise_local *l, const u8 *buf, u16 len,
			       struct rtpl_noise_initiation *m)
{
	const struct rtpl_noise_init_msg *msg = (const void *)buf;
	struct rtpl_noise_symmetric s;
	int err = -EBADMSG;

	if (!l->has_key)
		return -ENOKEY;
	if (len < RTPL_HANDSHAKE_MIN || len > RTPL_CELL_MAX)
		return -EBADMSG;
	m->sender = rtpl_noise_sender(buf);
	m->size = len;
	memcpy(m->ephemeral, msg->ephemeral, sizeof(m->ephemeral));
	if (!m->sender)
		return -EBADMSG;
	rtpl_noise_begin(&s, buf, len, l->public);

	/* e */
	rtpl_noise_mix_ephemeral(&s, msg->ephemeral);
	/* es */
	if (!rtpl_noise_mix_dh(&s, l->private, msg->ephemeral))
		goto out;
	/* s */
	if (!rtpl_noise_open(&s, m->remote_static, msg->sealed_static,
			     sizeof(msg->sealed_static)))
		goto out;

	memcpy(m->chain, s.chain, sizeof(m->chain));
	memcpy(m->hash, s.hash, sizeof(m->hash));
	err = 0;
out:
	rtpl_wipe(&s, sizeof(s));
	return err;
}

#define DOUBT_TICKS	((u32)(RTPL_NOISE_DOUBT_NS >> 20))

/*
 * May an authentic initiation be answered although its time is older than one that was accepted?
 * Each recording may once, as far as that is remembered, and one a second from each source.
 */
static int rtpl_noise_doubt(struct rtpl_noise_peer *p, const u8 time[RTPL_NOISE_TIME],
			    const struct rtpl_noise_source *from, u64 now)
{
	const u8 *label = time + RTPL_NOISE_TIME_SAME;
	u32 tick = max_t(u32, now >> 20, 1);
	int i, n = 0, take = -1;
	u32 age;

	for (i = 0; i < RTPL_NOISE_DOUBTS; i++)
		if (!memcmp(p->doubt_time[i], label, sizeof(p->doubt_time[i])))
			return -EALREADY;
	for (i = 0; i < RTPL_NOISE_DOUBT_SOURCES; i++) {
		/* Of two at once, the one that took its time first may come second. */
		age = tick - p->source[i].at;
		if (!p->source[i].at || (age >= DOUBT_TICKS && age < -DOUBT_TICKS))
			continue;
		n++;
		if (!(p->proven & 1 << i))
			take = i;
		else if (from->proven && p->source[i].id == from->id)
			return -EBUSY;
	}
	if (n && !from->proven)
		return -EAGAIN;
	/*
	 * A proven source, or the first: replace one that is not proven, or else the oldest, which
	 * has expired.
	 */
	if (take < 0) {
		if (n == RTPL_NOISE_DOUBT_SOURCES)
			return -EBUSY;
		take = p->source_at++ % RTPL_NOISE_DOUBT_SOURCES;
	}
	p->source[take].id = from->id;
	p->source[take].at = tick;
	p->proven &= ~(1 << take);
	p->proven |= from->proven << take;
	memcpy(p->doubt_time[p->doubt_at++ % RTPL_NOISE_DOUBTS], label, sizeof(p->doubt_time[0]));
	return 0;
}

int rtpl_noise_consume_initiation(struct rtpl_noise_peer *p, const struct rtpl_noise_local *l,
				  struct rtpl_noise_initiation *m, const u8 *buf,
				  const struct rtpl_noise_source *from, u64 now)
{
	const struct rtpl_noise_init_msg *msg = (const void *)buf;
	struct rtpl_noise_symmetric s;
	u8 time[RTPL_NOISE_TIME];
	int err = -EBADMSG, order;

	if (!rtpl_noise_agree(p, l))
		return -ENOKEY;
	if (!rtpl_equal(m->remote_static, p->remote_static, RTPL_NOISE_KEY))
		return -EBADMSG;
	memcpy(s.chain, m->chain, sizeof(s.chain));
	memcpy(s.hash, m->hash, sizeof(s.hash));

	/* ss */
	rtpl_noise_mix_secret(&s, p->static_static);
	/* {timestamp} */
	if (!rtpl_noise_open(&s, time, msg->sealed_time, sizeof(msg->sealed_time)))
		goto out;

	order = memcmp(time, p->newest_time, sizeof(time));
	m->doubtful = order < 0;
	if (!order)
		err = -EALREADY;
	else if (order < 0)
		err = rtpl_noise_doubt(p, time, from, now);
	else
		err = p->last_initiation && now < p->last_initiation + RTPL_NOISE_FLOOD_NS ?
		      -EBUSY : 0;
	if (err)
		goto out;
	if (order > 0) {
		memcpy(p->newest_time, time, sizeof(time));
		p->last_initiation = now;
	}
	memcpy(m->chain, s.chain, sizeof(m->chain));
	memcpy(m->hash, s.hash, sizeof(m->hash));
	err = 0;
out:
	rtpl_wipe(&s, sizeof(s));
	rtpl_wipe(time, sizeof(time));
	return err;
}

int rtpl_noise_create_response(const struct rtpl_noise_peer *p,
			       const struct rtpl_noise_initiation *m,
			       const u8 secret[RTPL_NOISE_KEY], u32 index, u8 *buf,
			       struct rtpl_noise_keys *keys)
{
	struct rtpl_noise_resp_msg *msg = (void *)buf;
	struct rtpl_noise_symmetric s;
	u8 e[RTPL_NOISE_KEY];
	int err = -EBADMSG;

	BUILD_BUG_ON(sizeof(*msg) != 64);
	memcpy(s.chain, m->chain, sizeof(s.chain));
	memcpy(s.hash, m->hash, sizeof(s.hash));
	memcpy(e, secret, sizeof(e));
	rtpl_x25519_clamp(e);

	rtpl_noise_head_set(&msg->head, RTPL_NOISE_RESPONSE);
	put_unaligned_le32(index, &msg->sender);
	put_unaligned_le32(m->sender, &msg->receiver);
	rtpl_noise_mix_frame(&s, "", buf, m->size,
			     offsetof(struct rtpl_noise_resp_msg, ephemeral), sizeof(*msg));

	/* e */
	if (!rtpl_x25519_public(msg->ephemeral, e))
		goto out;
	rtpl_noise_mix_ephemeral(&s, msg->ephemeral);
	/* ee */
	if (!rtpl_noise_mix_dh(&s, e, m->ephemeral))
		goto out;
	/* se */
	if (!rtpl_noise_mix_dh(&s, e, p->remote_static))
		goto out;
	/* psk */
	rtpl_noise_mix_psk(&s, p->psk);
	/* {} */
	rtpl_noise_seal(&s, msg->sealed_nothing, NULL, 0);

	rtpl_noise_split(&s, keys->recv, keys->send);
	keys->remote_index = m->sender;
	keys->size = m->size;
	err = 0;
out:
	rtpl_wipe(e, sizeof(e));
	rtpl_wipe(&s, sizeof(s));
	return err;
}

int rtpl_noise_consume_response(struct rtpl_noise_peer *p, const struct rtpl_noise_local *l,
				const u8 *buf, u16 len, struct rtpl_noise_keys *keys)
{
	const struct rtpl_noise_resp_msg *msg = (const void *)buf;
	struct rtpl_noise_symmetric s;
	int err = -EBADMSG;

	if (!l->has_key)
		return -ENOKEY;
	if (!p->pending || rtpl_noise_receiver(buf) != p->index)
		return -ESTALE;
	if (len != p->size || !rtpl_noise_sender(buf))
		return -EBADMSG;
	memcpy(s.chain, p->chain, sizeof(s.chain));
	memcpy(s.hash, p->hash, sizeof(s.hash));
	rtpl_noise_mix_frame(&s, "", buf, len,
			     offsetof(struct rtpl_noise_resp_msg, ephemeral), sizeof(*msg));

	/* e */
	rtpl_noise_mix_ephemeral(&s, msg->ephemeral);
	/* ee */
	if (!rtpl_noise_mix_dh(&s, p->ephemeral, msg->ephemeral))
		goto out;
	/* se */
	if (!rtpl_noise_mix_dh(&s, l->private, msg->ephemeral))
		goto out;
	/* psk */
	rtpl_noise_mix_psk(&s, p->psk);
	/* {} */
	if (!rtpl_noise_open(&s, NULL, msg->sealed_nothing, sizeof(msg->sealed_nothing)))
		goto out;

	rtpl_noise_split(&s, keys->send, keys->recv);
	keys->remote_index = rtpl_noise_sender(buf);
	keys->size = len;
	rtpl_noise_peer_clear(p);
	err = 0;
out:
	rtpl_wipe(&s, sizeof(s));
	return err;
}
