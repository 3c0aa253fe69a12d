// SPDX-License-Identifier: GPL-2.0
/*
 * A link as a whole: its begin, its end, and whether both ends are set alike. Its
 * sending half is in tx.c, its receiving half in rx.c.
 */
#include "event.h"
#include "link/link.h"
#include "rtpl.h"
#include "session/session.h"
#include "transport/socket.h"

/* rn->lock; the peer's memory is zeroed. Return: 0 or -ENOMEM. */
int rtpl_link_init(struct rtpl_peer *peer)
{
	struct rtpl_link *link = &peer->link;
	int err;

	link->stats.drops = kcalloc(RTPL_DROP_COUNT, sizeof(*link->stats.drops),
				    GFP_KERNEL_ACCOUNT);
	if (!link->stats.drops)
		return -ENOMEM;
	err = dst_cache_init(&link->dst_cache, GFP_KERNEL_ACCOUNT);
	if (err)
		goto err_drops;
	err = rtpl_tx_init(peer);
	if (err)
		goto err_dst;
	rtpl_shape_default(&link->shape);
	rtpl_hist_init(&link->stats.delay);
	/* Until a route tells: what every IPv6 path carries. */
	link->cell_path = 1280 - sizeof(struct ipv6hdr) - sizeof(struct udphdr);
	rtpl_rx_init(peer);
	return 0;

err_dst:
	dst_cache_destroy(&link->dst_cache);
err_drops:
	kfree(link->stats.drops);
	return err;
}

/* See rtpl_tx_stop(): out of all tables, a grace period has passed. Sleeps. */
void rtpl_link_stop(struct rtpl_peer *peer)
{
	rtpl_tx_stop(peer);
	rtpl_rx_stop(peer);
}

/* The last reference is gone. */
void rtpl_link_free(struct rtpl_peer *peer)
{
	dst_cache_destroy(&peer->link.dst_cache);
	kfree(peer->link.heard);
	kfree(peer->link.builder);
	kfree(peer->link.stats.drops);
}

/**
 * rtpl_link_memory() - bytes that the peer holds now
 * @peer: peer
 *
 * Structures, sessions, prefixes and what waits in queues, skbs with their
 * data as truesize.
 *
 * Context: process.
 */
size_t rtpl_link_memory(struct rtpl_peer *peer)
{
	struct rtpl_link *link = &peer->link;
	size_t bytes = ksize(peer) + peer->n_prefixes * sizeof(*peer->prefixes);
	struct rtpl_keypair __rcu **slot[] = {
		&peer->keys.current_pair, &peer->keys.previous, &peer->keys.next,
		&peer->keys.doubtful,
	};
	struct sk_buff *skb;
	int i, j;

	bytes += ksize(link->stats.drops) + ksize(link->builder);
	bytes += num_possible_cpus() * 64;	/* dst_cache, one line a CPU */
	spin_lock_bh(&link->tx_lock);
	spin_lock(&link->stage.lock);
	skb_queue_walk(&link->stage, skb)
		bytes += skb->truesize;
	spin_unlock(&link->stage.lock);
	if (link->cur)
		bytes += link->cur->truesize;
	if (link->hs_buf)
		bytes += ksize(link->hs_buf);
	if (link->pad)
		bytes += ksize(link->pad);
	if (link->heard)
		bytes += ksize(link->heard);
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

void rtpl_link_compare(struct rtpl_peer *peer)
{
	struct rtpl_link *link = &peer->link;
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
	/* Whoever says one thing and the other by turns is one event a second. */
	tell = differs && differs != link->differs &&
	       (!link->differs_at || time_after(jiffies, link->differs_at + HZ));
	WRITE_ONCE(link->differs, differs);
	if (tell)
		link->differs_at = jiffies ?: 1;
	spin_unlock_bh(&link->rx_lock);
	if (tell)
		rtpl_event(peer->rn, peer, RTPL_EVENT_MISMATCH);
}
