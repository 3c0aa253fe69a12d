// SPDX-License-Identifier: GPL-2.0
/*
 * A link as a whole: its beginning, its end, and whether both ends have matching settings. What it
 * sends is laid into cells in lay.c and leaves in tx.c; what comes is opened in rx.c and joined
 * into packets in join.c.
 */
#include "event.h"
#include "link/link.h"
#include "link/pmtu.h"
#include "rtpl.h"
#include "session/session.h"
#include "transport/transport.h"

/**
 * rtpl_link_init() - prepare a link, with its path and its session
 * @link: link, zeroed
 * @owner: whose it is; the link takes no reference, because it lies in the owner's memory
 * @public_key: the other end's static key, copied
 *
 * Nothing is sent before rtpl_tx_reshape() and rtpl_timers_start().
 *
 * Context: process, rn->lock held. Sleeps.
 * Return: 0, or -ENOMEM with nothing left to free.
 */
int rtpl_link_init(struct rtpl_link *link, struct rtpl_owner *owner,
		   const u8 public_key[RTPL_KEY_LEN])
{
	int err;

	link->owner = owner;
	err = rtpl_path_init(&link->path, owner);
	if (err)
		return err;
	err = rtpl_tx_init(link);
	if (err) {
		rtpl_path_free(&link->path);
		return err;
	}
	rtpl_shape_default(&link->shape);
	rtpl_hist_init(&link->tx_stats.delay);
	/* Until a route tells more, use what every IPv6 path carries. */
	link->cell_path = 1280 - sizeof(struct ipv6hdr) - sizeof(struct udphdr);
	rtpl_rx_init(link);
	rtpl_handshake_init(&link->session, &link->path, public_key);
	rtpl_timers_init(&link->session);
	return 0;
}

/**
 * rtpl_link_stop() - stop sending and receiving
 * @link: link that is out of all tables, a grace period after rtpl_tx_end(), its session stopped
 *
 * Empties the queues and counts what waited in them. A second call does nothing.
 *
 * Context: process, rn->lock held. Takes tx_lock and rx_lock. Sleeps.
 */
void rtpl_link_stop(struct rtpl_link *link)
{
	rtpl_tx_stop(link);
	rtpl_rx_stop(link);
}

/**
 * rtpl_link_free() - free what a link holds; its own memory is its owner's
 * @link: link after rtpl_link_stop(), with no reference left
 *
 * Context: softirq (the RCU callback that frees a peer) or process.
 */
void rtpl_link_free(struct rtpl_link *link)
{
	rtpl_path_free(&link->path);
	kfree(link->rx_ring);
	kfree(link->worker);
}

/**
 * rtpl_link_memory() - bytes that the link holds now besides its own
 * @link: link
 *
 * Counts sessions and packets in queues, these with their truesize.
 *
 * Context: process, the link is alive (rn->lock). Takes tx_lock, then rx_lock.
 * Return: bytes, for RTPL_STAT_A_MEMORY.
 */
size_t rtpl_link_memory(struct rtpl_link *link)
{
	size_t bytes = ksize(link->worker);
	struct rtpl_keypairs *keys = &link->session.keys;
	struct rtpl_keypair __rcu **slot[] = {
		&keys->current_pair, &keys->previous, &keys->next, &keys->doubtful,
	};
	struct sk_buff *skb;
	int i, j;

	bytes += num_possible_cpus() * 64;	/* dst_cache, one line a CPU */
	spin_lock_bh(&link->tx_lock);
	spin_lock(&link->txq.lock);
	skb_queue_walk(&link->txq, skb)
		bytes += skb->truesize;
	spin_unlock(&link->txq.lock);
	if (link->cur)
		bytes += link->cur->truesize;
	if (link->hs_buf)
		bytes += ksize(link->hs_buf);
	if (link->pad)
		bytes += ksize(link->pad);
	if (link->rx_ring)
		bytes += ksize(link->rx_ring);
	spin_unlock_bh(&link->tx_lock);

	rcu_read_lock();
	spin_lock_bh(&link->rx_lock);
	for (i = 0; i < ARRAY_SIZE(slot); i++) {
		struct rtpl_keypair *kp = rcu_dereference(*slot[i]);

		if (!kp)
			continue;
		bytes += sizeof(*kp);
		for (j = 0; j < RTPL_REASM_SLOTS; j++)
			if (kp->reasm.part[j].len)
				bytes += ((struct sk_buff *)kp->reasm.part[j].buf)->truesize;
	}
	spin_unlock_bh(&link->rx_lock);
	rcu_read_unlock();
	return bytes;
}

/**
 * rtpl_link_about() - this end's settings in force, as told to the other end
 * @link: link
 * @about: set to them
 *
 * Context: tx_lock (BH) held.
 */
void rtpl_link_about(const struct rtpl_link *link, struct rtpl_about *about)
{
	const struct rtpl_shape *shape = &link->shape;

	memset(about, 0, sizeof(*about));
	about->known = true;
	about->policy = link->by_policy;
	about->role = link->role;
	about->sizes = shape->sizes;
	about->sched = shape->sched;
	if (shape->sizes == RTPL_SIZES_FIXED || shape->sizes == RTPL_SIZES_POW2)
		about->cell = shape->cell;
	if (link->profile)
		strscpy(about->profile, link->profile->name, sizeof(about->profile));
}

/**
 * rtpl_link_compare() - compare both ends' settings after one of them changed
 * @link: link
 *
 * Sets @link->differs to what does not match. When that changes, listeners are told, at most once a
 * second.
 *
 * Context: process or BH, no lock of the link held. Takes tx_lock, then rx_lock.
 */
void rtpl_link_compare(struct rtpl_link *link)
{
	const struct rtpl_profile *profile;
	bool ends_differ = false, tell;
	struct rtpl_about ours;
	u8 differs;

	spin_lock_bh(&link->tx_lock);
	rtpl_link_about(link, &ours);
	profile = link->profile;
	if (profile)
		ends_differ = memcmp(&profile->end[RTPL_END_CLIENT], &profile->end[RTPL_END_SERVER],
				     sizeof(profile->end[0]));
	spin_unlock_bh(&link->tx_lock);

	spin_lock_bh(&link->rx_lock);
	differs = rtpl_about_compare(&ours, &link->theirs, ends_differ);
	/* An end that alternates between two settings causes one event a second. */
	tell = differs && differs != link->differs &&
	       (!link->differs_at || time_after(jiffies, link->differs_at + HZ));
	WRITE_ONCE(link->differs, differs);
	if (tell)
		link->differs_at = jiffies ?: 1;
	spin_unlock_bh(&link->rx_lock);
	if (tell)
		rtpl_event(link->owner, RTPL_EVENT_MISMATCH);
}

/* ---- what sessions ask (session.h) ---- */

static void rtpl_link_sent_beside(struct rtpl_session *s, u32 bytes)
{
	struct rtpl_link *link = rtpl_link_of(s);

	spin_lock_bh(&link->tx_lock);
	link->tx_stats.handshake++;
	link->tx_stats.wire_bytes += bytes;
	spin_unlock_bh(&link->tx_lock);
}

static void rtpl_link_got_handshake(struct rtpl_session *s, u32 bytes)
{
	struct rtpl_link *link = rtpl_link_of(s);

	spin_lock_bh(&link->rx_lock);
	link->rx_stats.handshake++;
	link->rx_stats.wire_bytes += bytes;
	spin_unlock_bh(&link->rx_lock);
}

static bool rtpl_link_streams(struct rtpl_session *s)
{
	return READ_ONCE(rtpl_link_of(s)->engine.fills);
}

/* With a profile, waiting packets count as silence: it may hold or drop them. */
static bool rtpl_link_silent(struct rtpl_session *s)
{
	struct rtpl_link *link = rtpl_link_of(s);

	return READ_ONCE(link->profile) ||
	       (skb_queue_empty_lockless(&link->txq) && !READ_ONCE(link->cur));
}

static void rtpl_link_kick(struct rtpl_session *s)
{
	rtpl_tx_kick(rtpl_link_of(s));
}

/* session/session.h says who calls them. */
const struct rtpl_session_ops rtpl_link_session_ops = {
	.handshake_size = rtpl_pmtu_handshake_size,
	.handshake_fits = rtpl_pmtu_handshake_fits,
	.send_handshake = rtpl_tx_handshake,
	.sent_beside = rtpl_link_sent_beside,
	.got_handshake = rtpl_link_got_handshake,
	.path_confirmed = rtpl_pmtu_confirmed,
	.streams = rtpl_link_streams,
	.silent = rtpl_link_silent,
	.kick = rtpl_link_kick,
	.keepalive = rtpl_tx_keepalive,
	.lost = rtpl_tx_lost,
	.forget = rtpl_tx_forget,
	.keypair_free = rtpl_join_keypair_free,
};
