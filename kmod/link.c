// SPDX-License-Identifier: GPL-2.0
/*
 * A link as a whole: which shape is in force, its start and its end. Its
 * sending half is in tx.c, its receiving half in rx.c.
 */
#include "rtpl.h"
#include "socket.h"

/* @over's settings where it has any, on top of @shape. */
static void rtpl_shape_overlay(struct rtpl_shape *shape, const struct rtpl_shape_config *over)
{
	const struct rtpl_shape *from = &over->shape;
	u32 has = over->has;

	if (has & RTPL_SHAPE_HAS(SIZES))
		shape->sizes = from->sizes;
	if (has & RTPL_SHAPE_HAS(CELL))
		shape->cell = from->cell;
	if (has & RTPL_SHAPE_HAS(BUCKETS)) {
		shape->n_buckets = from->n_buckets;
		memcpy(shape->bucket, from->bucket, sizeof(shape->bucket));
	}
	if (has & RTPL_SHAPE_HAS(SCHED))
		shape->sched = from->sched;
	if (has & RTPL_SHAPE_HAS(RATE))
		shape->rate = from->rate;
	if (has & RTPL_SHAPE_HAS(LATENCY))
		shape->latency_ns = from->latency_ns;
	if (has & RTPL_SHAPE_HAS(LIMIT))
		shape->limit = from->limit;
	if (has & RTPL_SHAPE_HAS(OVERFLOW))
		shape->overflow = from->overflow;
}

/* The default, then the qdisc's, then the peer's own settings. rn->lock. */
static void rtpl_link_shape(struct rtpl_net *rn, const struct rtpl_shape_config *cfg,
			    struct rtpl_shape *shape)
{
	rtpl_shape_default(shape);
	rtpl_shape_overlay(shape, &rn->qdisc_shape);
	if (cfg)
		rtpl_shape_overlay(shape, cfg);
	/* A fixed schedule without a stated budget keeps the usual one. */
	if (shape->sched == RTPL_SCHEDULE_CONST && !shape->latency_ns &&
	    !((rn->qdisc_shape.has | (cfg ? cfg->has : 0)) & RTPL_SHAPE_HAS(LATENCY)))
		shape->latency_ns = RTPL_SHAPE_LATENCY_DEFAULT;
}

/* The default, then @cfg's own settings: what is in force where the qdisc's contradict. */
static void rtpl_link_own_shape(const struct rtpl_shape_config *cfg, struct rtpl_shape *shape)
{
	rtpl_shape_default(shape);
	rtpl_shape_overlay(shape, cfg);
	if (shape->sched == RTPL_SCHEDULE_CONST && !shape->latency_ns &&
	    !(cfg->has & RTPL_SHAPE_HAS(LATENCY)))
		shape->latency_ns = RTPL_SHAPE_LATENCY_DEFAULT;
}

/**
 * rtpl_link_check_shape() - would these settings be kept?
 * @rn: node
 * @cfg: a peer's (or a qdisc's) settings
 * @ep: the endpoint, whose route bounds the cell; NULL: none known
 * @why: set to a sentence that names the setting
 *
 * Context: process. With @ep a route is looked up.
 * Return: 0 or what rtpl_shape_check() says.
 */
int rtpl_link_check_shape(struct rtpl_net *rn, const struct rtpl_shape_config *cfg,
			  const struct rtpl_endpoint *ep, const char **why)
{
	struct rtpl_shape shape;
	u32 cell_max = 0;
	int err;

	/* An endpoint that cannot be routed is for the caller to refuse. */
	if (ep && ep->sa.sa_family && rtpl_socket_route_probe(rn, ep, &cell_max))
		cell_max = 0;
	rtpl_link_shape(rn, cfg, &shape);
	err = rtpl_shape_check(&shape, cell_max, why);
	if (err || !cfg)
		return err;
	/* The qdisc may change or go: they must also do without its settings. */
	rtpl_link_own_shape(cfg, &shape);
	return rtpl_shape_check(&shape, cell_max, why);
}

/**
 * rtpl_link_reshape() - work out the shape in force and use it
 * @peer: peer
 *
 * What the qdisc's defaults and the peer's settings contradict in, the
 * peer's settings alone decide.
 *
 * Context: process, rn->lock held.
 */
void rtpl_link_reshape(struct rtpl_peer *peer)
{
	struct rtpl_shape shape;
	const char *why;

	rtpl_link_shape(peer->rn, &peer->shape, &shape);
	if (rtpl_shape_check(&shape, 0, &why)) {
		rtpl_link_own_shape(&peer->shape, &shape);
		/* It was checked when it was set: rtpl_link_check_shape(). */
		if (WARN_ON_ONCE(rtpl_shape_check(&shape, 0, &why)))
			rtpl_shape_default(&shape);
	}
	rtpl_tx_reshape(peer, &shape);
	rtpl_timers_config(peer);
}

/* rn->lock; the peer's memory is zeroed. Return: 0 or -ENOMEM. */
int rtpl_link_init(struct rtpl_peer *peer)
{
	struct rtpl_link *link = &peer->link;
	int err;

	err = dst_cache_init(&link->dst_cache, GFP_KERNEL);
	if (err)
		return err;
	rtpl_shape_default(&link->shape);
	rtpl_hist_init(&link->stats.delay);
	/* Until a route tells: what every IPv6 path carries. */
	link->cell_path = 1280 - sizeof(struct ipv6hdr) - sizeof(struct udphdr);
	rtpl_tx_init(peer);
	rtpl_rx_init(peer);
	return 0;
}

/* The peer is configured: fixed schedules ask for keys by themselves. rn->lock. */
void rtpl_link_start(struct rtpl_peer *peer)
{
	rtpl_link_reshape(peer);
	rtpl_timers_start(peer);
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
	};
	struct sk_buff *skb;
	int i, j;

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
	spin_unlock_bh(&link->tx_lock);

	rcu_read_lock();
	spin_lock_bh(&link->rx_lock);
	for (i = 0; i < ARRAY_SIZE(slot); i++) {
		struct rtpl_keypair *kp = rcu_dereference(*slot[i]);

		if (!kp)
			continue;
		bytes += ksize(kp);
		for (j = 0; j < RTPL_REASM_SLOTS; j++)
			if (kp->reasm.part[j].len)
				bytes += ((struct sk_buff *)kp->reasm.part[j].buf)->truesize;
	}
	spin_unlock_bh(&link->rx_lock);
	rcu_read_unlock();
	return bytes;
}
