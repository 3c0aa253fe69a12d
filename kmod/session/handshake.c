// SPDX-License-Identifier: GPL-2.0
/*
 * Handshake datagrams: core/noise.c and core/cookie.c with locks, queues, the random source and the
 * clock.
 *
 * A Diffie-Hellman takes far too long for a softirq. Received datagrams are checked for their
 * frame, queued (at most RTPL_HS_QUEUE_MAX) and handled by up to RTPL_HS_WORKERS works of the node
 * at once. The peer's hs.work, which the timers start, sends our own initiations.
 *
 * A queue that is an eighth full means load: during load, and for a second after, only senders that
 * return a cookie get a Diffie-Hellman; the others get a cookie.
 *
 * Teardown: see handshake.h.
 */
#include <linux/random.h>
#include <linux/siphash.h>
#include <linux/udp.h>
#include <net/dst.h>

#include "session/handshake.h"
#include "session/session.h"
#include "session/snapshot.h"
#include "transport/transport.h"

#define RTPL_HS_LOADED_AT	(RTPL_HS_QUEUE_MAX / 8)
#define RTPL_HS_LOADED_NS	NSEC_PER_SEC
/* Use one more worker for each RTPL_HS_EACH datagrams that wait. */
#define RTPL_HS_EACH		8

/* One datagram that is being handled. */
struct rtpl_hs_in {
	struct rtpl_net *rn;
	struct sk_buff *skb;
	struct rtpl_session *session;	/* with a reference, once known */
	struct rtpl_endpoint from;
	struct rtpl_noise_source source;	/* of an initiation */
	u64 now;
};

/* ---- sending ---- */

/* Allocate a datagram of @len bytes, all random: most of it stays padding. */
static u8 *rtpl_handshake_alloc(u16 len)
{
	u8 *buf = kmalloc(len, GFP_KERNEL);

	if (buf)
		rtpl_random_bytes(buf, len);
	return buf;
}

static void rtpl_handshake_time(u8 time[RTPL_NOISE_TIME])
{
	struct timespec64 ts;

	ktime_get_real_ts64(&ts);
	rtpl_noise_time(time, ts.tv_sec, ts.tv_nsec);
}

/* Forget the initiation under way. hs.lock. */
static void rtpl_handshake_clear(struct rtpl_session *s)
{
	rtpl_noise_peer_clear(&s->hs.noise);
	rtpl_keypair_drop(s->hs.pending);
	s->hs.pending = NULL;
}

/* Write an initiation into @buf. identity_lock, hs.lock. */
static int rtpl_handshake_initiation(struct rtpl_session *s,
				     const u8 secret[RTPL_NOISE_KEY], u8 *buf, u16 len)
{
	u8 time[RTPL_NOISE_TIME];
	struct rtpl_keypair *kp;
	int err;

	if (s->hs.dead || rtpl_snapshot_stale())
		return -ESHUTDOWN;
	kp = rtpl_keypair_create(s);
	if (!kp)
		return -ENOMEM;
	rtpl_handshake_time(time);
	err = rtpl_noise_create_initiation(&s->hs.noise, &s->owner->rn->identity, secret, time,
					   kp->local_index, buf, len);
	if (err) {
		rtpl_keypair_drop(kp);
		return err;
	}
	rtpl_cookie_seal(&s->hs.cookie, buf, len, ktime_get_coarse_boottime_ns());
	/* From now on an answer to the previous one comes too late. */
	rtpl_keypair_drop(s->hs.pending);
	s->hs.pending = kp;
	return 0;
}

/*
 * Does this attempt go to where the peer was configured to be, instead of where it was last heard?
 * If both ends moved before either heard the other from its new place, each would otherwise call
 * where the other was for ever: a peer that is only followed cannot be found again. Every fourth
 * attempt goes there, and nothing else does: the link's cells, its path and its schedule are not
 * affected. If that route does not take @len bytes, they become the largest of the shape's sizes
 * that it takes. Nobody keeps what routers report about it, so every other one of these attempts
 * tries what a narrow path takes.
 */
static bool rtpl_handshake_elsewhere(struct rtpl_session *s, unsigned int attempt,
				     struct rtpl_endpoint *ep, u16 *len)
{
	/* IPv6's minimum and IPv4's, minus the headers of IPv6. */
	static const u16 narrow[] = { U16_MAX, 1280 - 48, U16_MAX, 576 - 48 };
	u32 cell_max;

	if (attempt % 4 != 3 || !rtpl_path_configured_elsewhere(s->path, ep) ||
	    rtpl_transport_probe(s->owner->rn, ep, &cell_max))
		return false;
	cell_max = min_t(u32, cell_max, narrow[attempt / 4 % ARRAY_SIZE(narrow)]);
	if (cell_max < *len)
		*len = rtpl_session_ops->handshake_fits(s, cell_max);
	return true;
}

static void rtpl_handshake_send_elsewhere(struct rtpl_session *s, struct rtpl_endpoint *ep,
					  const u8 *buf, u16 len)
{
	int bytes = rtpl_transport_send_to(s->owner->rn, ep, rtpl_path_tos(s->path), buf, len);

	if (bytes < 0) {
		rtpl_count_drop(s->owner->rn, s->owner,
				bytes == -ENOMEM ? RTPL_DROP_NO_MEMORY : RTPL_DROP_XMIT, 1);
		return;
	}
	rtpl_session_ops->sent_beside(s, bytes);
}

static void rtpl_handshake_initiate(struct rtpl_session *s)
{
	unsigned int attempt = rtpl_timers_attempt(s);
	struct rtpl_endpoint configured;
	u8 secret[RTPL_NOISE_KEY];
	bool elsewhere;
	u8 *buf;
	u16 len;
	int err;

	if (rtpl_path_nowhere(s->path))
		return;
	if (attempt)
		rtpl_path_forget_source(s->path);
	len = clamp_t(u16, rtpl_session_ops->handshake_size(s, attempt),
		      RTPL_HANDSHAKE_MIN, RTPL_CELL_MAX);
	elsewhere = rtpl_handshake_elsewhere(s, attempt, &configured, &len);
	/* Keys need a seeded random source. Wait before taking any lock, as it may take long. */
	wait_for_random_bytes();
	buf = rtpl_handshake_alloc(len);
	if (!buf)
		return;		/* the timer tries again */
	rtpl_random_bytes(secret, sizeof(secret));

	down_read(&s->owner->rn->identity_lock);
	mutex_lock(&s->hs.lock);
	err = rtpl_handshake_initiation(s, secret, buf, len);
	mutex_unlock(&s->hs.lock);
	up_read(&s->owner->rn->identity_lock);

	if (!err && elsewhere)
		rtpl_handshake_send_elsewhere(s, &configured, buf, len);
	else if (!err)
		rtpl_session_ops->send_handshake(s, buf, len);
	memzero_explicit(secret, sizeof(secret));
	kfree(buf);
}

/*
 * Wipe the keys of which no session has come for long, and a handshake that nobody waits for. Keys
 * and handshakes of just now stay: whoever begins then counts on them. They have their turn later.
 */
static void rtpl_handshake_wipe(struct rtpl_session *s)
{
	bool left, trying;

	mutex_lock(&s->hs.lock);
	left = rtpl_keypair_drop_old(s);
	trying = READ_ONCE(s->timers.rekey.trying);
	if (!trying)
		rtpl_handshake_clear(s);
	mutex_unlock(&s->hs.lock);
	if (left || trying)
		rtpl_timers_act(s, rtpl_timers_event(s, RTPL_REKEY_EV_LEFT));
}

/* session->hs.work: do what the timers ask for. */
static void rtpl_handshake_work(struct work_struct *work)
{
	struct rtpl_session *s = container_of(work, struct rtpl_session, hs.work);

	if (rtpl_net_bounded(s->owner->rn))
		atomic_dec(&s->owner->rn->hs_pending);
	if (test_and_clear_bit(RTPL_HS_TODO_ZERO, &s->hs.todo))
		rtpl_handshake_wipe(s);
	if (test_and_clear_bit(RTPL_HS_TODO_INITIATE, &s->hs.todo))
		rtpl_handshake_initiate(s);
}

/**
 * rtpl_handshake_want() - ask for keys
 * @s: session
 *
 * Starts a handshake, unless one is under way or was started within the retry time, or the path has
 * no endpoint.
 *
 * Context: process or BH, also under tx_lock. Takes timers.lock.
 */
void rtpl_handshake_want(struct rtpl_session *s)
{
	if (READ_ONCE(s->timers.rekey.trying) ||
	    rtpl_path_nowhere(s->path))
		return;
	rtpl_timers_event(s, RTPL_REKEY_EV_WANT);
}

/* ---- receiving ---- */

/* Drop the datagram that is being handled. */
static void rtpl_handshake_drop(struct rtpl_hs_in *in, enum rtpl_drop why)
{
	rtpl_drop_skb(in->rn, in->session ? in->session->owner : NULL, why, in->skb);
	in->skb = NULL;
}

static enum rtpl_drop rtpl_handshake_why(int err)
{
	switch (err) {
	case -ENOMEM:
		return RTPL_DROP_NO_MEMORY;
	case -ESHUTDOWN:
		return RTPL_DROP_HS_PEER;
	case -ESTALE:
		return RTPL_DROP_HS_STATE;
	case -EALREADY:
		return RTPL_DROP_HS_REPLAY;
	case -EBUSY:
		return RTPL_DROP_HS_FLOOD;
	default:
		return RTPL_DROP_HS_AUTH;
	}
}

static void rtpl_handshake_src(struct rtpl_cookie_src *src, const struct rtpl_endpoint *ep)
{
	struct in6_addr addr;

	if (ep->sa.sa_family == AF_INET6) {
		addr = ep->in6.sin6_addr;
		memcpy(src->port, &ep->in6.sin6_port, sizeof(src->port));
	} else {
		ipv6_addr_set_v4mapped(ep->in4.sin_addr.s_addr, &addr);
		memcpy(src->port, &ep->in4.sin_port, sizeof(src->port));
	}
	memcpy(src->addr, &addr, sizeof(src->addr));
}

static void rtpl_handshake_send_cookie(struct rtpl_hs_in *in, const struct rtpl_cookie_src *src)
{
	u8 nonce[RTPL_CRYPTO_XNONCE];
	u16 len = in->skb->len;
	u8 *buf = kmalloc(len, GFP_KERNEL);

	if (!buf)
		return;		/* a sender that wants an answer asks again */
	rtpl_random_bytes(nonce, sizeof(nonce));
	mutex_lock(&in->rn->hs_cookie_lock);
	rtpl_cookie_reply(in->rn->cookie, in->skb->data, len, src, nonce, buf);
	mutex_unlock(&in->rn->hs_cookie_lock);
	rtpl_transport_send_to(in->rn, &in->from, 0, buf, len);
	kfree(buf);
}

/* hs_cookie_lock. */
static bool rtpl_handshake_loaded(struct rtpl_hs_in *in)
{
	struct rtpl_net *rn = in->rn;

	if (skb_queue_len_lockless(&rn->hs_queue) >= RTPL_HS_LOADED_AT)
		rn->hs_loaded_until = in->now + RTPL_HS_LOADED_NS;
	return in->now < rn->hs_loaded_until;
}

/* hs_cookie_lock. */
static enum rtpl_cookie_verdict rtpl_handshake_judge(struct rtpl_hs_in *in,
						     const struct rtpl_cookie_src *src, bool loaded)
{
	struct rtpl_net *rn = in->rn;
	u8 fresh[RTPL_CRYPTO_HASH];

	if (rtpl_cookie_stale(rn->cookie, in->now)) {
		rtpl_random_bytes(fresh, sizeof(fresh));
		rtpl_cookie_rotate(rn->cookie, fresh, in->now);
		memzero_explicit(fresh, sizeof(fresh));
	}
	return rtpl_cookie_check(rn->cookie, in->skb->data, in->skb->len, src, in->now, loaded);
}

/*
 * Return: is the datagram worth work? If not, it was dropped, with a cookie as the answer in some
 * cases.
 */
static bool rtpl_handshake_obeys(struct rtpl_hs_in *in, const struct rtpl_cookie_src *src,
				 enum rtpl_cookie_verdict verdict, bool loaded)
{
	switch (verdict) {
	case RTPL_COOKIE_GOOD:
		return true;
	case RTPL_COOKIE_NONE:
		if (!loaded)
			return true;
		fallthrough;
	case RTPL_COOKIE_WRONG:
		rtpl_handshake_send_cookie(in, src);
		rtpl_handshake_drop(in, RTPL_DROP_HS_COOKIE);
		return false;
	case RTPL_COOKIE_LIMITED:
		rtpl_handshake_drop(in, RTPL_DROP_HS_FLOOD);
		return false;
	case RTPL_COOKIE_BAD:
		break;
	}
	rtpl_handshake_drop(in, RTPL_DROP_HS_MAC);
	return false;
}

/* Return: is the datagram worth a Diffie-Hellman? If not, it was dropped. */
static bool rtpl_handshake_passes(struct rtpl_hs_in *in)
{
	enum rtpl_cookie_verdict verdict;
	struct rtpl_cookie_src src;
	bool loaded;

	rtpl_handshake_src(&src, &in->from);
	mutex_lock(&in->rn->hs_cookie_lock);
	loaded = rtpl_handshake_loaded(in);
	verdict = rtpl_handshake_judge(in, &src, loaded);
	mutex_unlock(&in->rn->hs_cookie_lock);
	in->source.proven = verdict == RTPL_COOKIE_GOOD;
	return rtpl_handshake_obeys(in, &src, verdict, loaded);
}

/* Return: did the sender get a cookie at its address? If not, it was dropped, and gets one. */
static bool rtpl_handshake_proves(struct rtpl_hs_in *in)
{
	enum rtpl_cookie_verdict verdict;
	struct rtpl_cookie_src src;

	rtpl_handshake_src(&src, &in->from);
	mutex_lock(&in->rn->hs_cookie_lock);
	verdict = rtpl_handshake_judge(in, &src, true);
	mutex_unlock(&in->rn->hs_cookie_lock);
	in->source.proven = rtpl_handshake_obeys(in, &src, verdict, true);
	return in->source.proven;
}

/* One source is one IPv4 address, or an IPv6 /48, because many have a /48 of their own. */
static void rtpl_handshake_source(struct rtpl_hs_in *in)
{
	static siphash_key_t key;
	const struct in6_addr *v6 = &in->from.in6.sin6_addr;

	get_random_once(&key, sizeof(key));
	in->source.id = in->from.sa.sa_family == AF_INET6 ?
			siphash(v6, 6, &key) :
			siphash(&in->from.in4.sin_addr, sizeof(in->from.in4.sin_addr), &key);
}

/* The datagram was authentic: count it, and follow its sender. */
static void rtpl_handshake_authentic(struct rtpl_hs_in *in)
{
	u32 headers = in->skb->data - skb_network_header(in->skb);

	rtpl_session_ops->got_handshake(in->session, headers + in->skb->len);
	local_bh_disable();
	rtpl_path_set_endpoint(in->session->path, &in->from);
	local_bh_enable();
}

/*
 * Answer an opened initiation in @buf, which has its size. identity_lock, hs.lock. Return: 0 or
 * -errno.
 */
static int rtpl_handshake_respond(struct rtpl_hs_in *in, struct rtpl_noise_initiation *m,
				  const u8 secret[RTPL_NOISE_KEY], u8 *buf)
{
	struct rtpl_session *s = in->session;
	struct rtpl_cookie_peer once;
	struct rtpl_noise_keys keys;
	struct rtpl_keypair *kp;
	int err;

	if (s->hs.dead)
		return -ESHUTDOWN;
	/* An old initiation that is sent again costs no session. */
	err = rtpl_noise_consume_initiation(&s->hs.noise, &in->rn->identity, m, in->skb->data,
					    &in->source, in->now);
	if (err)
		return err;
	kp = rtpl_keypair_create(s);
	if (!kp)
		return -ENOMEM;
	err = rtpl_noise_create_response(&s->hs.noise, m, secret, kp->local_index, buf, &keys);
	if (err) {
		rtpl_keypair_drop(kp);
		return err;
	}
	rtpl_keypair_fill(kp, &keys, false);
	memzero_explicit(&keys, sizeof(keys));
	rtpl_simultaneous_begin(&kp->simultaneous, s->hs.noise.pending ? s->hs.noise.index : 0,
				rtpl_noise_prevails(&s->hs.noise, &in->rn->identity));
	/*
	 * A recording must not move the peer: answer it, but do not follow it. Nor may a cookie
	 * reply to that answer, which the recording's sender can make, count as the peer's.
	 */
	if (m->doubtful) {
		once = s->hs.cookie;
		rtpl_cookie_seal(&once, buf, m->size, in->now);
		memzero_explicit(&once, sizeof(once));
		rtpl_keypair_begin_doubtful(s, kp);
		return 0;
	}
	rtpl_cookie_seal(&s->hs.cookie, buf, m->size, in->now);
	/* The answer goes to where the initiation came from: set it before anything can be sent. */
	rtpl_handshake_authentic(in);
	rtpl_keypair_begin_theirs(s, kp);
	return 0;
}

static void rtpl_handshake_got_initiation(struct rtpl_hs_in *in)
{
	struct rtpl_noise_initiation m;
	u8 secret[RTPL_NOISE_KEY];
	u8 *buf = NULL;
	int err;

	err = rtpl_noise_open_initiation(&in->rn->identity, in->skb->data, in->skb->len, &m);
	if (err) {
		rtpl_handshake_drop(in, RTPL_DROP_HS_AUTH);
		goto out;
	}
	rcu_read_lock();
	in->session = rtpl_session_table->by_key(in->rn, m.remote_static);
	if (in->session && !rtpl_owner_get(in->session->owner))
		in->session = NULL;
	rcu_read_unlock();
	if (!in->session) {
		rtpl_handshake_drop(in, RTPL_DROP_HS_PEER);
		goto out;
	}
	buf = rtpl_handshake_alloc(m.size);
	if (!buf) {
		rtpl_handshake_drop(in, RTPL_DROP_NO_MEMORY);
		goto out;
	}
	rtpl_random_bytes(secret, sizeof(secret));
	rtpl_handshake_source(in);
	do {
		mutex_lock(&in->session->hs.lock);
		err = rtpl_handshake_respond(in, &m, secret, buf);
		mutex_unlock(&in->session->hs.lock);
	} while (err == -EAGAIN && !in->source.proven && rtpl_handshake_proves(in));
	memzero_explicit(secret, sizeof(secret));
	if (!in->skb)
		goto out;
	if (err)
		rtpl_handshake_drop(in, rtpl_handshake_why(err));
	else if (m.doubtful)
		rtpl_handshake_send_elsewhere(in->session, &in->from, buf, m.size);
	else
		rtpl_session_ops->send_handshake(in->session, buf, m.size);
out:
	rtpl_noise_initiation_wipe(&m);
	kfree(buf);
}

/* Begin our session if all is well. identity_lock, hs.lock. Return: 0 or -errno. */
static int rtpl_handshake_complete(struct rtpl_hs_in *in)
{
	struct rtpl_session *s = in->session;
	struct rtpl_noise_keys keys;
	struct rtpl_keypair *kp;
	int err;

	err = rtpl_noise_consume_response(&s->hs.noise, &in->rn->identity, in->skb->data,
					  in->skb->len, &keys);
	if (err)
		return err;
	kp = s->hs.pending;
	s->hs.pending = NULL;
	rtpl_keypair_fill(kp, &keys, true);
	memzero_explicit(&keys, sizeof(keys));
	rtpl_handshake_authentic(in);
	if (!rtpl_keypair_begin_ours(s, kp)) {
		rtpl_keypair_drop(kp);
		return -ESTALE;
	}
	return 0;
}

static void rtpl_handshake_got_response(struct rtpl_hs_in *in)
{
	struct rtpl_session *s;
	int err;

	in->session = rtpl_keypair_get_session(in->rn, rtpl_noise_receiver(in->skb->data));
	s = in->session;
	if (!s) {
		rtpl_handshake_drop(in, RTPL_DROP_HS_STATE);
		return;
	}
	mutex_lock(&s->hs.lock);
	err = rtpl_handshake_complete(in);
	mutex_unlock(&s->hs.lock);
	if (err) {
		rtpl_handshake_drop(in, rtpl_handshake_why(err));
		return;
	}
	if (rtpl_session_ops->path_confirmed(s, in->skb->len))
		rtpl_timers_act(s, rtpl_timers_event(s, RTPL_REKEY_EV_CELLS));
	/*
	 * The other end may send only after a cell of ours: send an empty one if no other cell
	 * would be sent. A profile may hold or drop what waits, so with one it is always sent.
	 */
	if (rtpl_session_ops->silent(s))
		rtpl_session_ops->keepalive(s);
	rtpl_session_ops->kick(s);
}

static void rtpl_handshake_got_cookie(struct rtpl_hs_in *in)
{
	struct rtpl_session *s;
	int err;

	in->session = rtpl_keypair_get_session(in->rn, rtpl_noise_receiver(in->skb->data));
	s = in->session;
	if (!s) {
		rtpl_handshake_drop(in, RTPL_DROP_HS_STATE);
		return;
	}
	/* The cookie is opened in place: rx.c made a copy for us. */
	mutex_lock(&s->hs.lock);
	err = rtpl_cookie_consume(&s->hs.cookie, in->skb->data, in->skb->len, in->now);
	mutex_unlock(&s->hs.lock);
	if (err)
		rtpl_handshake_drop(in, rtpl_handshake_why(err));
	else
		rtpl_timers_act(s, rtpl_timers_event(s, RTPL_REKEY_EV_COOKIE));
}

/* identity_lock. */
static void rtpl_handshake_process(struct rtpl_hs_in *in)
{
	int type = rtpl_noise_check(in->skb->data, in->skb->len);

	if (rtpl_endpoint_from_skb(&in->from, in->skb->cb[0], in->skb)) {
		rtpl_handshake_drop(in, RTPL_DROP_HS_TYPE);
		return;
	}
	/* Under identity_lock: forgetting takes it for writing, so none begins after that. */
	if (rtpl_snapshot_stale()) {
		rtpl_handshake_drop(in, RTPL_DROP_HS_ASLEEP);
		return;
	}
	if (!in->rn->identity.has_key) {
		rtpl_handshake_drop(in, RTPL_DROP_HS_MAC);
		return;
	}
	if (type == RTPL_NOISE_COOKIE)
		rtpl_handshake_got_cookie(in);
	else if (!rtpl_handshake_passes(in))
		return;
	else if (type == RTPL_NOISE_INITIATION)
		rtpl_handshake_got_initiation(in);
	else
		rtpl_handshake_got_response(in);
}

/* One of rn->hs_work. */
static void rtpl_handshake_queue_work(struct work_struct *work)
{
	struct rtpl_hs_worker *worker = container_of(work, struct rtpl_hs_worker, work);
	struct rtpl_net *rn = worker->rn;
	bool bounded = rtpl_net_bounded(rn);
	struct sk_buff *skb;
	int n = 0;

	wait_for_random_bytes();
	while ((skb = skb_dequeue(&rn->hs_queue))) {
		struct rtpl_hs_in in = {
			.rn = rn,
			.skb = skb,
			.now = ktime_get_coarse_boottime_ns(),
		};

		down_read(&rn->identity_lock);
		rtpl_handshake_process(&in);
		up_read(&rn->identity_lock);
		if (in.session)
			rtpl_owner_put(in.session->owner);
		consume_skb(in.skb);	/* NULL if it was dropped */
		cond_resched();
		/* All user namespaces take turns. */
		if (bounded && ++n == RTPL_HS_EACH) {
			if (!skb_queue_empty_lockless(&rn->hs_queue))
				queue_work(rtpl_user_wq, work);
			break;
		}
	}
}

/**
 * rtpl_handshake_wants() - check whether to take a handshake datagram
 * @rn: node
 * @head: the datagram's first bytes, at least sizeof(struct rtpl_noise_head)
 * @len: bytes of the whole datagram
 *
 * Looks only at the frame, so that the caller copies only datagrams that will be handled. Counts a
 * datagram that is not wanted as a drop.
 *
 * Context: BH.
 * Return: true if type and length are a handshake's and the node's queue has room.
 */
bool rtpl_handshake_wants(struct rtpl_net *rn, const u8 *head, u32 len)
{
	enum rtpl_drop why = RTPL_DROP_HS_TYPE;

	if (rtpl_noise_check(head, len)) {
		/* Several CPUs may each exceed the limit by one. */
		if (skb_queue_len_lockless(&rn->hs_queue) < RTPL_HS_QUEUE_MAX)
			return true;
		why = RTPL_DROP_HS_QUEUE;
	}
	rtpl_count_drop(rn, NULL, why, 1);
	return false;
}

/**
 * rtpl_handshake_receive() - queue a handshake datagram
 * @rn: node
 * @kind: transport by which it came
 * @skb: datagram for which rtpl_handshake_wants() was true, at skb->data, with its outer network
 *	and transport headers set; consumed. Its bytes are not shared, because a cookie is opened in
 *	place
 *
 * The works of rn->hs_work handle it.
 *
 * Context: BH.
 */
void rtpl_handshake_receive(struct rtpl_net *rn, enum rtpl_transport_kind kind,
			    struct sk_buff *skb)
{
	unsigned int i, workers;

	skb->cb[0] = kind;
	/* Do not hold these references while it waits; skb_iif stays. */
	skb_dst_drop(skb);
	skb->dev = NULL;
	skb_queue_tail(&rn->hs_queue, skb);
	if (rtpl_net_bounded(rn)) {
		queue_work(rtpl_user_wq, &rn->hs_work[0].work);
		return;
	}
	/* Use one more worker for each RTPL_HS_EACH datagrams that wait. */
	workers = min3(num_online_cpus(), (unsigned int)RTPL_HS_WORKERS,
		       skb_queue_len_lockless(&rn->hs_queue) / RTPL_HS_EACH + 1);
	for (i = 0; i < workers; i++)
		queue_work(rtpl_wq, &rn->hs_work[i].work);
}

/* ---- life of a node ---- */

/**
 * rtpl_handshake_net_init() - prepare a node's handshakes, and its tables of sessions
 * @rn: node, zeroed
 *
 * Context: process. May sleep.
 * Return: 0 or -errno (-ENOMEM).
 */
int rtpl_handshake_net_init(struct rtpl_net *rn)
{
	int i, err;

	rn->cookie = kvzalloc(sizeof(*rn->cookie), GFP_KERNEL_ACCOUNT);
	if (!rn->cookie)
		return -ENOMEM;
	init_rwsem(&rn->identity_lock);
	mutex_init(&rn->hs_cookie_lock);
	rtpl_cookie_local_init(rn->cookie);
	skb_queue_head_init(&rn->hs_queue);
	for (i = 0; i < RTPL_HS_WORKERS; i++) {
		rn->hs_work[i].rn = rn;
		INIT_WORK(&rn->hs_work[i].work, rtpl_handshake_queue_work);
	}
	err = rtpl_keypair_net_init(rn);
	if (err)
		kvfree(rn->cookie);
	return err;
}

/**
 * rtpl_handshake_net_exit() - end a node's handshakes, and wipe its private key
 * @rn: node; its sockets are closed and all its peers are removed
 *
 * Nothing is queued any more. A work may still be busy with one of the peers; it then drops its
 * reference.
 *
 * Context: process, without rn->lock. Sleeps.
 */
void rtpl_handshake_net_exit(struct rtpl_net *rn)
{
	struct sk_buff *skb;
	int i;

	for (i = 0; i < RTPL_HS_WORKERS; i++)
		cancel_work_sync(&rn->hs_work[i].work);
	while ((skb = skb_dequeue(&rn->hs_queue)))
		rtpl_drop_skb(rn, NULL, RTPL_DROP_PURGED, skb);
	rtpl_keypair_net_exit(rn);
	memzero_explicit(&rn->identity, sizeof(rn->identity));
	kvfree_sensitive(rn->cookie, sizeof(*rn->cookie));
}

#define rtpl_session_for_each(s, rn, id) \
	for ((id) = 0; ((s) = rtpl_session_table->next(rn, &(id)));)

/**
 * rtpl_handshake_set_identity() - set the node's private key
 * @rn: node
 * @private_key: RTPL_KEY_LEN bytes, copied; NULL or all zero for none
 * @keep: keep sessions until sessions under the new key replace them
 *
 * Sessions do not depend on the key with which they began. Without @keep, or if there was no key
 * before or is none now, all of them are dropped. Handshakes under way are always dropped.
 *
 * Context: process, rn->lock held. Takes identity_lock for writing, and each session's hs.lock.
 *	Sleeps.
 * Return: true if the node has a key now.
 */
bool rtpl_handshake_set_identity(struct rtpl_net *rn, const u8 *private_key, bool keep)
{
	unsigned long id;
	struct rtpl_session *s;
	bool has_key;

	lockdep_assert_held(&rn->lock);
	down_write(&rn->identity_lock);
	/* Without a key before there is no session to keep, and none to wait for. */
	keep &= rn->identity.has_key;
	has_key = rtpl_noise_local_set(&rn->identity, private_key);
	rtpl_cookie_local_set(rn->cookie, has_key ? rn->identity.public : NULL);
	keep &= has_key;
	rtpl_session_for_each(s, rn, id) {
		mutex_lock(&s->hs.lock);
		rtpl_handshake_clear(s);
		rtpl_noise_peer_local_changed(&s->hs.noise);
		if (!keep)
			rtpl_keypair_drop_all(s);
		mutex_unlock(&s->hs.lock);
	}
	up_write(&rn->identity_lock);

	rtpl_session_for_each(s, rn, id)
		rtpl_timers_act(s, rtpl_timers_event(s, keep ? RTPL_REKEY_EV_CELLS :
							      RTPL_REKEY_EV_DROPPED));
	return has_key;
}

/**
 * rtpl_handshake_forget() - drop all sessions of a node, and random bytes drawn ahead for them
 * @rn: node
 *
 * Also drops handshakes under way, cookies, and random bytes that links hold. No session begins
 * while rtpl_snapshot_stale() is true.
 *
 * Context: process, rn->lock held. Takes identity_lock for writing, and each session's hs.lock.
 *	Sleeps.
 */
void rtpl_handshake_forget(struct rtpl_net *rn)
{
	unsigned long id;
	struct rtpl_session *s;

	lockdep_assert_held(&rn->lock);
	down_write(&rn->identity_lock);
	rtpl_cookie_local_forget(rn->cookie);
	rtpl_session_for_each(s, rn, id) {
		mutex_lock(&s->hs.lock);
		rtpl_handshake_clear(s);
		rtpl_cookie_peer_forget(&s->hs.cookie);
		rtpl_keypair_drop_all(s);
		mutex_unlock(&s->hs.lock);
		rtpl_session_ops->forget(s);
	}
	up_write(&rn->identity_lock);
}

/**
 * rtpl_handshake_restart() - let links begin anew after rtpl_handshake_forget()
 * @rn: node
 *
 * Context: process, rn->lock held.
 */
void rtpl_handshake_restart(struct rtpl_net *rn)
{
	unsigned long id;
	struct rtpl_session *s;

	lockdep_assert_held(&rn->lock);
	rtpl_session_for_each(s, rn, id) {
		rtpl_timers_act(s, rtpl_timers_event(s, RTPL_REKEY_EV_DROPPED));
		rtpl_session_ops->kick(s);	/* waiting packets ask for a session */
	}
}

/* ---- life of a session ---- */

/**
 * rtpl_handshake_init() - prepare a session
 * @s: session, zeroed
 * @path: where its datagrams go; its owner becomes the session's, without a reference
 * @public_key: the other end's static key, copied
 *
 * Context: process, rn->lock held.
 */
void rtpl_handshake_init(struct rtpl_session *s, struct rtpl_path *path,
			 const u8 public_key[RTPL_KEY_LEN])
{
	s->owner = path->owner;
	s->path = path;
	mutex_init(&s->hs.lock);
	spin_lock_init(&s->keys.lock);
	INIT_WORK(&s->hs.work, rtpl_handshake_work);
	rtpl_cookie_peer_init(&s->hs.cookie, public_key);
	rtpl_noise_peer_init(&s->hs.noise, public_key);
}

/**
 * rtpl_handshake_stop() - end a session for good
 * @s: session, after rtpl_timers_stop()
 *
 * Afterwards no handshake and no key of it can be found, and none begins: a work of rn->hs_work
 * that still holds the owner checks hs.dead before it installs a session.
 *
 * Context: process, rn->lock held. Takes hs.lock. Sleeps.
 */
void rtpl_handshake_stop(struct rtpl_session *s)
{
	/* The timers are stopped, so it is not queued again. */
	if (cancel_work_sync(&s->hs.work) && rtpl_net_bounded(s->owner->rn))
		atomic_dec(&s->owner->rn->hs_pending);

	mutex_lock(&s->hs.lock);
	/* rn->hs_work may hold this peer; it checks this before it installs a session. */
	s->hs.dead = true;
	rtpl_handshake_clear(s);
	rtpl_noise_peer_wipe(&s->hs.noise);
	rtpl_keypair_drop_all(s);
	mutex_unlock(&s->hs.lock);
}

/**
 * rtpl_handshake_set_psk() - set the pre-shared key
 * @s: session
 * @psk: RTPL_KEY_LEN bytes, copied; NULL or all zero for none
 *
 * Drops the handshake under way. The session in use stays.
 *
 * Context: process, rn->lock held. Takes hs.lock. Sleeps.
 */
void rtpl_handshake_set_psk(struct rtpl_session *s, const u8 *psk)
{
	mutex_lock(&s->hs.lock);
	rtpl_handshake_clear(s);
	rtpl_noise_peer_set_psk(&s->hs.noise, psk);
	mutex_unlock(&s->hs.lock);
}

/**
 * rtpl_handshake_get_psk() - copy the pre-shared key
 * @s: session
 * @psk: set to the key, all zero for none; the caller wipes it
 *
 * Context: process. Takes hs.lock. Sleeps.
 */
void rtpl_handshake_get_psk(struct rtpl_session *s, u8 psk[32])
{
	mutex_lock(&s->hs.lock);
	memcpy(psk, s->hs.noise.psk, RTPL_NOISE_KEY);
	mutex_unlock(&s->hs.lock);
}
