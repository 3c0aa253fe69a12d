/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The two MACs at the end of handshake datagrams, and cookies: how a node under load makes
 * strangers prove their address, before it spends a Diffie-Hellman on them.
 *
 * With the notation of noise.h, MAC(k, x) being keyed BLAKE2s of 16 bytes,
 * D a datagram of N bytes and S the static public key of D's receiver:
 *
 *	mac1 = MAC(HASH("RTPL v1 mac1" | S), D[0 .. N-32))
 *	mac2 = MAC(cookie, D[0 .. N-16))			with a cookie, or
 *	mac2 = MAC(HASH("RTPL v1 open" | S), D[0 .. N-16))	without one
 *
 * A node always checks mac1. It checks mac2 only under load; it then answers a datagram without the
 * right cookie with a fresh one. Anyone who knows S can forge a cookie reply to a datagram that
 * they saw: so a node without load must not refuse a wrong mac2.
 *
 *	cookie = MAC(secret, address[16] | port[2])
 *
 * of the sender of D (IPv4 as ::ffff:a.b.c.d; network order). The secret is random and changes
 * every 120 s; the previous one counts as well. A receiver of a cookie uses it for 115 s. A cookie
 * reply of N bytes to D is
 *
 *	sealed = XSEAL(HASH("RTPL v1 cook" | S), nonce,
 *		       ad = first 12 bytes of the reply | mac1 of D,
 *		       cookie | zero[N - 68])
 *
 * with S the static public key of the reply's sender and XSEAL XChaCha20-Poly1305. Only someone who
 * saw D can have the reply accepted, and only the last datagram sent waits for one.
 */
#ifndef RTPL_CORE_COOKIE_H
#define RTPL_CORE_COOKIE_H

#include "noise.h"

#define RTPL_COOKIE_LEN		16
#define RTPL_COOKIE_SECRET_NS	120000000000ULL
#define RTPL_COOKIE_USE_NS	115000000000ULL

/*
 * Limit for one source address under load: this many at once, then one each interval, which grows
 * with the number of sources: all together get no more than RTPL_COOKIE_RATE a second.
 */
#define RTPL_COOKIE_BURST		5
#define RTPL_COOKIE_INTERVAL_NS		50000000ULL
#define RTPL_COOKIE_INTERVAL_MAX_NS	2000000000ULL
#define RTPL_COOKIE_RATE		4000
/* Remembered sources: sets selected by a keyed hash, and entries in each. */
#define RTPL_COOKIE_SETS		1024
#define RTPL_COOKIE_WAYS		8
#define RTPL_COOKIE_TICK_NS		10000000U
#define RTPL_COOKIE_AHEAD_MAX \
	((s32)(RTPL_COOKIE_BURST * (RTPL_COOKIE_INTERVAL_MAX_NS / RTPL_COOKIE_TICK_NS)))

/* Where a datagram came from. */
struct rtpl_cookie_src {
	u8 addr[16];		/* network order; IPv4 mapped */
	u8 port[2];		/* network order */
};

/* Keys derived from a static public key. */
struct rtpl_cookie_keys {
	u8 mac1[RTPL_CRYPTO_KEY];
	u8 open[RTPL_CRYPTO_KEY];	/* mac2 without a cookie */
	u8 reply[RTPL_CRYPTO_KEY];
};

/* A node as receiver. The owner serialises. */
struct rtpl_cookie_local {
	struct rtpl_cookie_keys keys;
	u8 secret[2][RTPL_CRYPTO_HASH];		/* current, previous */
	u64 secret_since;			/* 0: there is none yet */
	u64 interval;				/* ns, of each source; 0: not known yet */
	u64 pace_since;				/* time of the last adjustment */
	u32 passed;				/* since then */
	struct rtpl_cookie_source {
		u16 tag;
		u16 clock;			/* ticks; the source's virtual clock */
	} source[RTPL_COOKIE_SETS][RTPL_COOKIE_WAYS];
};

/* A peer as receiver of our datagrams. The owner serialises. */
struct rtpl_cookie_peer {
	struct rtpl_cookie_keys keys;
	bool have;				/* cookie is valid */
	bool waiting;				/* last_mac1 may be answered */
	u8 cookie[RTPL_COOKIE_LEN];
	u8 last_mac1[RTPL_COOKIE_LEN];
	u64 since;
};

/* Result of checking a datagram's MACs. */
enum rtpl_cookie_verdict {
	RTPL_COOKIE_BAD,	/* mac1 is wrong: drop */
	RTPL_COOKIE_WRONG,	/* under load, and mac2 is wrong: answer with a cookie, drop */
	RTPL_COOKIE_NONE,	/* no cookie: go on, but under load as RTPL_COOKIE_WRONG */
	RTPL_COOKIE_GOOD,	/* the sender proved its address */
	RTPL_COOKIE_LIMITED,	/* it did, but it sends too often: drop */
};

void rtpl_cookie_local_init(struct rtpl_cookie_local *c);
void rtpl_cookie_local_set(struct rtpl_cookie_local *c, const u8 *public);
void rtpl_cookie_peer_init(struct rtpl_cookie_peer *c, const u8 public[RTPL_CRYPTO_KEY]);

void rtpl_cookie_local_forget(struct rtpl_cookie_local *c);
void rtpl_cookie_peer_forget(struct rtpl_cookie_peer *c);

bool rtpl_cookie_stale(const struct rtpl_cookie_local *c, u64 now);
void rtpl_cookie_rotate(struct rtpl_cookie_local *c, const u8 fresh[RTPL_CRYPTO_HASH], u64 now);

/**
 * rtpl_cookie_seal() - write both MACs of a datagram that is otherwise complete
 * @c: its receiver
 * @buf: datagram
 * @len: its bytes, RTPL_HANDSHAKE_MIN at least
 * @now: ns, never going back, greater than 0
 */
void rtpl_cookie_seal(struct rtpl_cookie_peer *c, u8 *buf, u16 len, u64 now);

/**
 * rtpl_cookie_check() - check both MACs
 * @c: this node
 * @buf: datagram of type 1 or 2
 * @len: its bytes
 * @src: where it came from
 * @now: ns
 * @loaded: check mac2, too, and charge the source for a good cookie (RTPL_COOKIE_LIMITED)
 *
 * Return: enum rtpl_cookie_verdict.
 */
enum rtpl_cookie_verdict
rtpl_cookie_check(struct rtpl_cookie_local *c, const u8 *buf, u16 len,
		  const struct rtpl_cookie_src *src, u64 now, bool loaded);

bool rtpl_cookie_allow(struct rtpl_cookie_local *c, const struct rtpl_cookie_src *src, u64 now);

/**
 * rtpl_cookie_reply() - answer a datagram with a cookie
 * @c: this node; it has a secret
 * @in: datagram of type 1 or 2 with a good mac1
 * @len: its bytes
 * @src: where it came from
 * @nonce: 24 random bytes
 * @out: @len bytes
 */
void rtpl_cookie_reply(const struct rtpl_cookie_local *c, const u8 *in, u16 len,
		       const struct rtpl_cookie_src *src,
		       const u8 nonce[RTPL_CRYPTO_XNONCE], u8 *out);

/**
 * rtpl_cookie_consume() - accept a cookie reply
 * @c: its sender
 * @buf: datagram of type 3; destroyed
 * @len: its bytes
 * @now: ns
 *
 * Return: 0, -ESTALE (nothing was waiting), -EBADMSG.
 */
int rtpl_cookie_consume(struct rtpl_cookie_peer *c, u8 *buf, u16 len, u64 now);

#endif /* RTPL_CORE_COOKIE_H */
