/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The handshake: Noise IKpsk2 with 25519, ChaChaPoly and BLAKE2s, as pure
 * functions over datagrams. Time, randomness and memory are passed in; the
 * MACs at the end of each datagram and cookies are in cookie.h.
 *
 * Notation, for datagrams and for what is computed:
 *
 *	a | b		bytes put together
 *	leN x		x as an N-bit little endian number
 *	HASH(x)		BLAKE2s, 32 bytes
 *	DH(s, P)	X25519; the handshake fails if the result is all zero
 *	SEAL(k, ad, x)	ChaCha20-Poly1305, nonce 0: len(x) + 16 bytes
 *	KDFn(k, x)	n blocks of 32 bytes out of HKDF (RFC 5869) with
 *			HMAC-BLAKE2s, salt k, input x, no info: with
 *			t0 = HMAC(k, x), t1 = HMAC(t0, 0x01),
 *			t2 = HMAC(t0, t1 | 0x02), t3 = HMAC(t0, t2 | 0x03)
 *	i, r		initiator, responder; Si, Sr their static and Ei, Er
 *			their ephemeral public keys; small letters: private
 *	psk		pre-shared key, 32 bytes; all zero if there is none
 *	N		bytes of the datagram, 256 .. 9000
 *
 * Every handshake datagram begins with le32 0 (where a cell has its session
 * index), a type and three zero bytes, has N bytes, and ends (1, 2) with two
 * MACs. All between the last field and the MACs is random padding.
 *
 *	1 initiation		2 response		3 cookie reply
 *	+0  le32 0		+0  le32 0		+0  le32 0
 *	+4  u8 1, zero[3]	+4  u8 2, zero[3]	+4  u8 3, zero[3]
 *	+8  le32 sender		+8  le32 sender		+8  le32 receiver
 *	+12 Ei		 [32]	+12 le32 receiver	+12 nonce	   [24]
 *	+44 static	 [48]	+16 Er		 [32]	+36 sealed	 [N-36]
 *	+92 timestamp	 [28]	+48 nothing	 [16]
 *	+120 padding  [N-152]	+64 padding   [N-96]
 *	N-32 mac1	 [16]	N-32 mac1	 [16]
 *	N-16 mac2	 [16]	N-16 mac2	 [16]
 *
 * sender is the number that the sender wants in the cells that it receives (random, never 0);
 * receiver is the sender number of the datagram that is answered. A response and a cookie reply
 * have the N of what they answer.
 *
 * FRAME is le16 N | all bytes before the ephemeral key | the padding. It is hashed in, so that the
 * handshake authenticates numbers, size and padding also against those who could compute the MACs.
 *
 * Both ends begin with (this is Noise with a prologue that holds FRAME):
 *
 *	c = HASH("Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s")
 *	h = HASH(c | "RTPL v1 link handshake" | FRAME)
 *	h = HASH(h | Sr)
 *
 * Initiation, -> e, es, s, ss, {timestamp}:
 *
 *	h = HASH(h | Ei);  c = KDF1(c, Ei)
 *	c, k = KDF2(c, DH(ei, Sr))
 *	static = SEAL(k, h, Si);  h = HASH(h | static)
 *	c, k = KDF2(c, DH(si, Sr))
 *	timestamp = SEAL(k, h, t);  h = HASH(h | timestamp)
 *
 * t is a TAI64N label: be64 2^62 + 10 + seconds since 1970 | be32 nanoseconds, the latter cut to
 * multiples of 2^24. A responder accepts a peer's initiation if t is greater than every t that it
 * has accepted from that peer, and at most one in 20 ms. An initiation with a smaller t is
 * doubtful, see rtpl_noise_consume_initiation().
 *
 * Response, <- e, ee, se, psk, {}:
 *
 *	h = HASH(h | FRAME)
 *	h = HASH(h | Er);  c = KDF1(c, Er)
 *	c = KDF1(c, DH(er, Ei))
 *	c = KDF1(c, DH(er, Si))
 *	c, x, k = KDF3(c, psk);  h = HASH(h | x)
 *	nothing = SEAL(k, h, "");  h = HASH(h | nothing)
 *
 * Session: k1, k2 = KDF2(c, ""). The initiator seals its cells with k1 and opens with k2, the
 * responder the other way round; counters begin at 0. The responder sends nothing under the session
 * before it has opened a cell under it; so the initiator sends one at once, empty if necessary.
 */
#ifndef RTPL_CORE_NOISE_H
#define RTPL_CORE_NOISE_H

#include "crypto.h"
#include "wire.h"

#define RTPL_NOISE_KEY		RTPL_CRYPTO_KEY
#define RTPL_NOISE_HASH		RTPL_CRYPTO_HASH
#define RTPL_NOISE_TIME		12	/* TAI64N */
#define RTPL_NOISE_TIME_SAME	4	/* its first bytes, which change in 2106 */
#define RTPL_NOISE_MACS		32	/* mac1, mac2 at the end */

#define RTPL_NOISE_FLOOD_NS	20000000ULL	/* least time between a peer's initiations */
#define RTPL_NOISE_DOUBT_NS	1000000000ULL	/* least time between old ones from one source */
#define RTPL_NOISE_DOUBTS	8		/* old times that are remembered */
#define RTPL_NOISE_DOUBT_SOURCES 4		/* most sources of old ones in that time */

/* Types of datagrams, and their fields, as the head of this file has them. */
enum rtpl_noise_type {
	RTPL_NOISE_INITIATION = 1,
	RTPL_NOISE_RESPONSE = 2,
	RTPL_NOISE_COOKIE = 3,
};

struct rtpl_noise_head {
	__le32 zero;
	u8 type;
	u8 reserved[3];
} __packed;

struct rtpl_noise_init_msg {
	struct rtpl_noise_head head;
	__le32 sender;
	u8 ephemeral[RTPL_NOISE_KEY];
	u8 sealed_static[RTPL_NOISE_KEY + RTPL_TAG_LEN];
	u8 sealed_time[RTPL_NOISE_TIME + RTPL_TAG_LEN];
} __packed;

struct rtpl_noise_resp_msg {
	struct rtpl_noise_head head;
	__le32 sender;
	__le32 receiver;
	u8 ephemeral[RTPL_NOISE_KEY];
	u8 sealed_nothing[RTPL_TAG_LEN];
} __packed;

struct rtpl_noise_cookie_msg {
	struct rtpl_noise_head head;
	__le32 receiver;
	u8 nonce[RTPL_CRYPTO_XNONCE];
	u8 sealed[];		/* cookie, zeroes, tag: see cookie.h */
} __packed;

/* A node's static key. */
struct rtpl_noise_local {
	bool has_key;
	u8 private[RTPL_NOISE_KEY];
	u8 public[RTPL_NOISE_KEY];
};

/* What a node keeps for each peer. The owner serialises all calls for a peer. */
struct rtpl_noise_peer {
	u8 remote_static[RTPL_NOISE_KEY];
	u8 psk[RTPL_NOISE_KEY];
	u8 static_static[RTPL_NOISE_KEY];	/* DH of both static keys, if agreed; zero: none */
	u8 newest_time[RTPL_NOISE_TIME];	/* greatest timestamp accepted */
	u64 last_initiation;			/* when; 0: never */
	/* initiations with an old time that were accepted */
	u8 doubt_at;				/* where the next old time goes */
	u8 source_at;				/* and where its source goes */
	u8 proven;				/* bits: sources that were proven */
	bool agreed;				/* static_static is of the node's present key */
	struct {
		u32 id;
		u32 at;				/* 2^20 ns, time of the source; 0: never */
	} source[RTPL_NOISE_DOUBT_SOURCES];
	u8 doubt_time[RTPL_NOISE_DOUBTS][RTPL_NOISE_TIME - RTPL_NOISE_TIME_SAME];

	/* our initiation that waits for its answer */
	bool pending;
	u16 size;				/* its N */
	u32 index;				/* its sender */
	u8 ephemeral[RTPL_NOISE_KEY];		/* private */
	u8 chain[RTPL_NOISE_HASH];		/* c */
	u8 hash[RTPL_NOISE_HASH];		/* h */
};

/* Where an initiation came from. */
struct rtpl_noise_source {
	u32 id;			/* the same for all addresses of a network with a single owner */
	bool proven;		/* its sender got a cookie there */
};

/* A peer's initiation between opening it and answering it; on the stack. */
struct rtpl_noise_initiation {
	u8 remote_static[RTPL_NOISE_KEY];	/* claimed; proven by _consume_initiation() */
	u8 ephemeral[RTPL_NOISE_KEY];		/* public */
	u8 chain[RTPL_NOISE_HASH];
	u8 hash[RTPL_NOISE_HASH];
	u32 sender;
	u16 size;
	bool doubtful;		/* its time is old: a recording, or the clock went back */
};

/* The result of a handshake. */
struct rtpl_noise_keys {
	u8 send[RTPL_NOISE_KEY];
	u8 recv[RTPL_NOISE_KEY];
	u32 remote_index;		/* to write into cells */
	u16 size;			/* of the datagrams that arrived */
};

/**
 * rtpl_noise_local_set() - set or remove a node's static key
 * @l: node
 * @private: any 32 bytes (clamped here), or all zero or NULL: no key
 * Return: true if there is a key now.
 */
bool rtpl_noise_local_set(struct rtpl_noise_local *l, const u8 *private);

/**
 * rtpl_noise_peer_init() - initialise a peer: no pre-shared key, no handshake
 * @p: peer
 * @remote_static: the peer's public key
 */
void rtpl_noise_peer_init(struct rtpl_noise_peer *p, const u8 remote_static[RTPL_NOISE_KEY]);
void rtpl_noise_peer_local_changed(struct rtpl_noise_peer *p);
void rtpl_noise_peer_set_psk(struct rtpl_noise_peer *p, const u8 *psk);
void rtpl_noise_peer_clear(struct rtpl_noise_peer *p);
void rtpl_noise_peer_wipe(struct rtpl_noise_peer *p);

/**
 * rtpl_noise_time() - make a TAI64N label
 * @out: the label; labels compare as bytes like their times
 * @sec: seconds since 1970
 * @nsec: below 10^9; cut so that it reveals no precise clock
 */
void rtpl_noise_time(u8 out[RTPL_NOISE_TIME], u64 sec, u32 nsec);

/**
 * rtpl_noise_check() - check whether a datagram has the frame of a handshake
 * @buf: datagram
 * @len: its bytes; if fewer than RTPL_HANDSHAKE_MIN, nothing is read
 *
 * Checks length, the zero bytes and the type. The functions below need not check them again.
 *
 * Return: enum rtpl_noise_type, or 0.
 */
int rtpl_noise_check(const u8 *buf, size_t len);

u32 rtpl_noise_sender(const u8 *buf);
u32 rtpl_noise_receiver(const u8 *buf);

/**
 * rtpl_noise_create_initiation() - write an initiation, which becomes the pending one
 * @p: peer to begin with
 * @l: this node
 * @secret: 32 fresh random bytes, the ephemeral private key (clamped here)
 * @time: from rtpl_noise_time()
 * @index: our number for the session, not 0
 * @buf: @len bytes, all random: what no field takes is the padding; the MACs are added later
 *	(rtpl_cookie_seal())
 * @len: RTPL_HANDSHAKE_MIN .. RTPL_CELL_MAX
 * Return: 0, -ENOKEY (this node or the peer has no usable key), -EINVAL (@len).
 */
int rtpl_noise_create_initiation(struct rtpl_noise_peer *p, const struct rtpl_noise_local *l,
				 const u8 secret[RTPL_NOISE_KEY],
				 const u8 time[RTPL_NOISE_TIME], u32 index,
				 u8 *buf, u16 len);

/**
 * rtpl_noise_open_initiation() - find out who claims to send an initiation
 * @l: this node
 * @buf: datagram that passed rtpl_noise_check() and its MACs
 * @len: its bytes
 * @m: on success filled in; @m->remote_static finds the peer
 *
 * One DH. The caller wipes @m in any case (rtpl_noise_initiation_wipe()).
 * Return: 0, -ENOKEY, -EBADMSG (does not authenticate).
 */
int rtpl_noise_open_initiation(const struct rtpl_noise_local *l, const u8 *buf, u16 len,
			       struct rtpl_noise_initiation *m);

/**
 * rtpl_noise_consume_initiation() - prove the sender, and recognise old initiations
 * @p: the peer of @m->remote_static
 * @l: this node
 * @m: from rtpl_noise_open_initiation(); on success ready to be answered
 * @buf: the same datagram
 * @from: where it came from
 * @now: ns, any clock that never goes back, greater than 0
 *
 * On success @p remembers the timestamp, and when it came; nothing else in it changes.
 *
 * An initiation with an older timestamp than one that was accepted is a recording, or its sender's
 * clock went back. Then @m->doubtful is set: it may be answered, but the resulting session must
 * change nothing until a cell under it came. Only the maker of the initiation can send such a cell:
 * the session's keys are derived from its ephemeral key and from a fresh one.
 *
 * Sending recordings one after the other must not keep out an initiator whose clock went back. So
 * they are counted by source, one each RTPL_NOISE_DOUBT_NS. A second source in that time has to
 * prove its address; it then takes precedence over one that is not proven.
 *
 * Return: 0, -EBADMSG, -EALREADY (seen before), -EBUSY (too soon after the last one of its kind),
 * -EAGAIN (only allowed if @from is proven; nothing has changed), -ENOKEY.
 */
int rtpl_noise_consume_initiation(struct rtpl_noise_peer *p, const struct rtpl_noise_local *l,
				  struct rtpl_noise_initiation *m, const u8 *buf,
				  const struct rtpl_noise_source *from, u64 now);

/**
 * rtpl_noise_create_response() - answer a consumed initiation
 * @p: the peer
 * @m: from rtpl_noise_consume_initiation()
 * @secret: as in rtpl_noise_create_initiation()
 * @index: likewise
 * @buf: likewise; @m->size bytes
 * @keys: the session; must not be used for sending before a cell under it has come
 *
 * An own pending initiation stays pending. Two DH.
 * Return: 0, -EBADMSG (the initiator's points give no secret).
 */
int rtpl_noise_create_response(const struct rtpl_noise_peer *p,
			       const struct rtpl_noise_initiation *m,
			       const u8 secret[RTPL_NOISE_KEY], u32 index, u8 *buf,
			       struct rtpl_noise_keys *keys);

/**
 * rtpl_noise_consume_response() - process the answer to the pending initiation
 * @p: the peer whose handshake @buf's receiver number names
 * @l: this node
 * @buf: datagram that passed rtpl_noise_check() and its MACs
 * @len: its bytes
 * @keys: on success the session, which may be used for sending at once
 *
 * Nothing is changed on failure; on success nothing is pending any more. Two DH.
 * Return: 0, -ESTALE (nothing pending, or not under this number), -EBADMSG, -ENOKEY.
 */
int rtpl_noise_consume_response(struct rtpl_noise_peer *p, const struct rtpl_noise_local *l,
				const u8 *buf, u16 len, struct rtpl_noise_keys *keys);

/**
 * rtpl_noise_prevails() - if two handshakes crossed, does this node's count?
 * @p: the other node
 * @l: this node
 *
 * Both ends agree: that of the node with the greater public key counts.
 *
 * Context: Any.
 * Return: true if this node's does.
 */
bool rtpl_noise_prevails(const struct rtpl_noise_peer *p, const struct rtpl_noise_local *l);

/**
 * rtpl_noise_initiation_wipe() - wipe an initiation that was opened
 * @m: the initiation
 *
 * Context: Any.
 */
static inline void rtpl_noise_initiation_wipe(struct rtpl_noise_initiation *m)
{
	rtpl_wipe(m, sizeof(*m));
}

#endif /* RTPL_CORE_NOISE_H */
