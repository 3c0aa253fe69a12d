// SPDX-License-Identifier: GPL-2.0
/*
 * MACs and cookies of handshake datagrams; cookie.h defines them.
 */
#include "cookie.h"

static void rtpl_cookie_key(u8 key[RTPL_CRYPTO_KEY], const char *label,
			    const u8 public[RTPL_CRYPTO_KEY])
{
	rtpl_blake2s(key, RTPL_CRYPTO_KEY, NULL, 0, (const u8 *)label, strlen(label),
		     public, RTPL_CRYPTO_KEY);
}

static void rtpl_cookie_keys_set(struct rtpl_cookie_keys *k, const u8 public[RTPL_CRYPTO_KEY])
{
	rtpl_cookie_key(k->mac1, "RTPL v1 mac1", public);
	rtpl_cookie_key(k->open, "RTPL v1 open", public);
	rtpl_cookie_key(k->reply, "RTPL v1 cook", public);
}

static void rtpl_cookie_mac(u8 mac[RTPL_COOKIE_LEN], const u8 *key, size_t key_len,
			    const u8 *buf, size_t len)
{
	rtpl_blake2s(mac, RTPL_COOKIE_LEN, key, key_len, buf, len, NULL, 0);
}

static bool rtpl_cookie_mac_is(const u8 *mac, const u8 *key, size_t key_len,
			       const u8 *buf, size_t len)
{
	u8 good[RTPL_COOKIE_LEN];
	bool is;

	rtpl_cookie_mac(good, key, key_len, buf, len);
	is = rtpl_equal(mac, good, sizeof(good));
	rtpl_wipe(good, sizeof(good));
	return is;
}

/**
 * rtpl_cookie_local_init() - initialise a node: no key, no secret, no source remembered
 * @c: this node
 *
 * Context: Any.
 */
void rtpl_cookie_local_init(struct rtpl_cookie_local *c)
{
	memset(c, 0, sizeof(*c));
}

/**
 * rtpl_cookie_local_set() - set the node's public key
 * @c: this node
 * @public: its public key, or NULL: it has none
 *
 * Context: Any; the caller serialises calls on @c.
 */
void rtpl_cookie_local_set(struct rtpl_cookie_local *c, const u8 *public)
{
	if (public)
		rtpl_cookie_keys_set(&c->keys, public);
	else
		rtpl_wipe(&c->keys, sizeof(c->keys));
}

/**
 * rtpl_cookie_peer_init() - initialise a peer: no cookie, no datagram that waits for one
 * @c: the peer
 * @public: its public key
 *
 * Context: Any.
 */
void rtpl_cookie_peer_init(struct rtpl_cookie_peer *c, const u8 public[RTPL_CRYPTO_KEY])
{
	memset(c, 0, sizeof(*c));
	rtpl_cookie_keys_set(&c->keys, public);
}

/**
 * rtpl_cookie_local_forget() - wipe a node's secrets
 * @c: this node
 *
 * Called when somebody may have a copy of the memory. The keys stay, because they are derived from
 * the public key. rtpl_cookie_stale() asks for a new secret afterwards.
 *
 * Context: Any; the caller serialises calls on @c.
 */
void rtpl_cookie_local_forget(struct rtpl_cookie_local *c)
{
	rtpl_wipe(c->secret, sizeof(c->secret));
	c->secret_since = 0;
}

/**
 * rtpl_cookie_peer_forget() - wipe a peer's cookie
 * @c: the peer
 *
 * Called when somebody may have a copy of the memory. The keys stay, because they are derived from
 * the public key. No datagram waits for a cookie any more.
 *
 * Context: Any; the caller serialises calls on @c.
 */
void rtpl_cookie_peer_forget(struct rtpl_cookie_peer *c)
{
	rtpl_wipe(c->cookie, sizeof(c->cookie));
	c->have = false;
	c->waiting = false;
}

/**
 * rtpl_cookie_stale() - is it time for rtpl_cookie_rotate()?
 * @c: this node
 * @now: ns
 *
 * To be called before rtpl_cookie_check() and rtpl_cookie_reply().
 *
 * Context: Any; the caller serialises calls on @c.
 * Return: true if there is no secret, or if it is RTPL_COOKIE_SECRET_NS old.
 */
bool rtpl_cookie_stale(const struct rtpl_cookie_local *c, u64 now)
{
	return !c->secret_since || now >= c->secret_since + RTPL_COOKIE_SECRET_NS;
}

/**
 * rtpl_cookie_rotate() - give a node a new secret
 * @c: this node
 * @fresh: random bytes
 * @now: ns, greater than 0
 *
 * The current secret becomes the previous one, whose cookies count as well, unless it is older than
 * twice RTPL_COOKIE_SECRET_NS.
 *
 * Context: Any; the caller serialises calls on @c.
 */
void rtpl_cookie_rotate(struct rtpl_cookie_local *c, const u8 fresh[RTPL_CRYPTO_HASH], u64 now)
{
	/* A secret that was not changed in time must not live on as the previous one. */
	bool keep = c->secret_since && now < c->secret_since + 2 * RTPL_COOKIE_SECRET_NS;

	memcpy(c->secret[1], keep ? c->secret[0] : fresh, RTPL_CRYPTO_HASH);
	memcpy(c->secret[0], fresh, RTPL_CRYPTO_HASH);
	c->secret_since = now;
}

void rtpl_cookie_seal(struct rtpl_cookie_peer *c, u8 *buf, u16 len, u64 now)
{
	u8 *mac1 = buf + len - RTPL_NOISE_MACS;
	u8 *mac2 = mac1 + RTPL_COOKIE_LEN;

	rtpl_cookie_mac(mac1, c->keys.mac1, sizeof(c->keys.mac1), buf, mac1 - buf);
	memcpy(c->last_mac1, mac1, sizeof(c->last_mac1));
	c->waiting = true;

	if (c->have && now >= c->since + RTPL_COOKIE_USE_NS) {
		c->have = false;
		rtpl_wipe(c->cookie, sizeof(c->cookie));
	}
	if (c->have)
		rtpl_cookie_mac(mac2, c->cookie, sizeof(c->cookie), buf, mac2 - buf);
	else
		rtpl_cookie_mac(mac2, c->keys.open, sizeof(c->keys.open), buf, mac2 - buf);
}

static void rtpl_cookie_make(u8 cookie[RTPL_COOKIE_LEN], const u8 secret[RTPL_CRYPTO_HASH],
			     const struct rtpl_cookie_src *src)
{
	BUILD_BUG_ON(sizeof(*src) != 18);
	rtpl_cookie_mac(cookie, secret, RTPL_CRYPTO_HASH, (const u8 *)src, sizeof(*src));
}

/*
 * Adjust how long a source waits for its next datagram, so that all of them together get no more
 * than RTPL_COOKIE_RATE a second. Checked after each tenth of a second: the interval doubles if
 * more passed than that, and halves if less than half of that passed.
 */
static void rtpl_cookie_pace(struct rtpl_cookie_local *c, u64 now)
{
	const u32 most = RTPL_COOKIE_RATE / 10;

	if (now < c->pace_since + 100000000ULL)
		return;
	/* A measurement that began long ago tells nothing. */
	if (now >= c->pace_since + 1000000000ULL || !c->interval)
		c->interval = RTPL_COOKIE_INTERVAL_NS;
	else if (c->passed > most)
		c->interval = min_t(u64, 2 * c->interval, RTPL_COOKIE_INTERVAL_MAX_NS);
	else if (c->passed < most / 2)
		c->interval = max_t(u64, c->interval / 2, RTPL_COOKIE_INTERVAL_NS);
	c->pace_since = now;
	c->passed = 0;
}

/**
 * rtpl_cookie_allow() - may a source with a good cookie send another datagram under load?
 * @c: this node; it has a secret
 * @src: the source
 * @now: ns
 *
 * Part of rtpl_cookie_check(). Each source has a virtual clock, which every datagram advances by an
 * interval, and which may run ahead of the real clock by a burst (GCRA). A source that is not ahead
 * need not be remembered, so a set has room for newcomers; if it is full, the source that is least
 * ahead is forgotten. So some thousand sources that ask without pause do not keep out one that asks
 * seldom. Sources are told apart by network: a host with IPv6 can send from a whole /64. Hashing
 * with a secret prevents a source from choosing its set for longer than the secret lives.
 *
 * Context: Any; the caller serialises calls on @c.
 * Return: true if it may; the source is charged then.
 */
bool rtpl_cookie_allow(struct rtpl_cookie_local *c, const struct rtpl_cookie_src *src,
		       u64 now)
{
	static const u8 mapped[12] = { [10] = 0xff, [11] = 0xff };
	size_t len = memcmp(src->addr, mapped, sizeof(mapped)) ? 8 : 16;
	struct rtpl_cookie_source *set, *at = NULL;
	u16 hash[2], clock = div_u64(now, RTPL_COOKIE_TICK_NS);
	s32 ahead, least = 0, step;
	unsigned int i;

	BUILD_BUG_ON(RTPL_COOKIE_SETS & (RTPL_COOKIE_SETS - 1));
	rtpl_cookie_pace(c, now);
	/* Limit all sources together to twice the rate, until the interval has adapted. */
	if (c->passed >= RTPL_COOKIE_RATE / 5)
		return false;
	rtpl_blake2s((u8 *)hash, sizeof(hash), c->secret[0], sizeof(c->secret[0]),
		     src->addr, len, NULL, 0);
	set = c->source[hash[0] & (RTPL_COOKIE_SETS - 1)];
	for (i = 0; i < RTPL_COOKIE_WAYS; i++) {
		ahead = (s16)(set[i].clock - clock);
		/*
		 * Further ahead than any interval allows: the entry is from before the counter
		 * wrapped.
		 */
		if (ahead < 0 || ahead > RTPL_COOKIE_AHEAD_MAX)
			ahead = 0;
		if (ahead && set[i].tag == hash[1]) {
			at = &set[i];
			least = ahead;
			break;
		}
		if (!at || ahead < least) {
			at = &set[i];
			least = ahead;
		}
	}
	if (i == RTPL_COOKIE_WAYS) {
		/* There are more sources than can be told apart: limit them only together. */
		if (least && c->passed >= RTPL_COOKIE_RATE / 10)
			return false;
		least = 0;
	}
	step = div_u64(c->interval, RTPL_COOKIE_TICK_NS);
	if (least > (RTPL_COOKIE_BURST - 1) * step)
		return false;
	at->tag = hash[1];
	at->clock = clock + least + step;
	c->passed++;
	return true;
}

enum rtpl_cookie_verdict
rtpl_cookie_check(struct rtpl_cookie_local *c, const u8 *buf, u16 len,
		  const struct rtpl_cookie_src *src, u64 now, bool loaded)
{
	const u8 *mac1 = buf + len - RTPL_NOISE_MACS;
	const u8 *mac2 = mac1 + RTPL_COOKIE_LEN;
	u8 cookie[RTPL_COOKIE_LEN];
	bool good = false;
	unsigned int i;

	if (len < RTPL_HANDSHAKE_MIN)
		return RTPL_COOKIE_BAD;
	if (!rtpl_cookie_mac_is(mac1, c->keys.mac1, sizeof(c->keys.mac1), buf, mac1 - buf))
		return RTPL_COOKIE_BAD;
	/*
	 * Without load a wrong cookie is accepted: a forged reply could have brought it. The
	 * handshake is authentic without it.
	 */
	if (!loaded)
		return RTPL_COOKIE_NONE;
	if (rtpl_cookie_mac_is(mac2, c->keys.open, sizeof(c->keys.open), buf, mac2 - buf))
		return RTPL_COOKIE_NONE;

	for (i = 0; i < ARRAY_SIZE(c->secret) && !good && c->secret_since; i++) {
		rtpl_cookie_make(cookie, c->secret[i], src);
		good = rtpl_cookie_mac_is(mac2, cookie, sizeof(cookie), buf, mac2 - buf);
	}
	rtpl_wipe(cookie, sizeof(cookie));
	if (!good)
		return RTPL_COOKIE_WRONG;
	if (!rtpl_cookie_allow(c, src, now))
		return RTPL_COOKIE_LIMITED;
	return RTPL_COOKIE_GOOD;
}

/* Additional data of a cookie reply's seal. */
struct rtpl_cookie_ad {
	u8 head[offsetof(struct rtpl_noise_cookie_msg, nonce)];
	u8 mac1[RTPL_COOKIE_LEN];
} __packed;

void rtpl_cookie_reply(const struct rtpl_cookie_local *c, const u8 *in, u16 len,
		       const struct rtpl_cookie_src *src,
		       const u8 nonce[RTPL_CRYPTO_XNONCE], u8 *out)
{
	size_t text = len - sizeof(struct rtpl_noise_cookie_msg) - RTPL_TAG_LEN;
	struct rtpl_noise_cookie_msg *msg = (void *)out;
	struct rtpl_cookie_ad ad;

	memset(msg, 0, sizeof(*msg));
	msg->head.type = RTPL_NOISE_COOKIE;
	put_unaligned_le32(rtpl_noise_sender(in), &msg->receiver);
	memcpy(msg->nonce, nonce, sizeof(msg->nonce));

	memset(msg->sealed, 0, text);
	rtpl_cookie_make(msg->sealed, c->secret[0], src);
	memcpy(ad.head, out, sizeof(ad.head));
	memcpy(ad.mac1, in + len - RTPL_NOISE_MACS, sizeof(ad.mac1));
	rtpl_xaead_seal(msg->sealed, msg->sealed, text, (const u8 *)&ad, sizeof(ad),
			nonce, c->keys.reply);
}

int rtpl_cookie_consume(struct rtpl_cookie_peer *c, u8 *buf, u16 len, u64 now)
{
	struct rtpl_noise_cookie_msg *msg = (void *)buf;
	struct rtpl_cookie_ad ad;

	if (!c->waiting)
		return -ESTALE;
	if (len < RTPL_HANDSHAKE_MIN)
		return -EBADMSG;
	memcpy(ad.head, buf, sizeof(ad.head));
	memcpy(ad.mac1, c->last_mac1, sizeof(ad.mac1));
	if (!rtpl_xaead_open(msg->sealed, msg->sealed, len - sizeof(*msg),
			     (const u8 *)&ad, sizeof(ad), msg->nonce, c->keys.reply))
		return -EBADMSG;

	memcpy(c->cookie, msg->sealed, sizeof(c->cookie));
	c->since = now;
	c->have = true;
	c->waiting = false;
	return 0;
}
