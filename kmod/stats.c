// SPDX-License-Identifier: GPL-2.0
/*
 * Counters: of drops, for the node on each CPU and for each link; and both, with a link's own
 * counters, as netlink attributes.
 *
 * All drops are counted here, so that none is silent: counters, tracepoint and freeing the packet
 * belong together.
 */
#include <net/netlink.h>

#include "node/node.h"
#include "rtpl.h"
#include "stats.h"
#include "trace.h"

/* Processors of which a node's counters tell, so that they fit one message. */
#define RTPL_STATS_PROCESSORS	128

/* In the order of enum rtpl_drop, because both come from the same list. */
#define X(id, name, text)	name,
const char * const rtpl_drop_names[RTPL_DROP_COUNT] = { RTPL_DROPS(X) };
#undef X

#define X(id, name, text)	text,
const char * const rtpl_drop_texts[RTPL_DROP_COUNT] = { RTPL_DROPS(X) };
#undef X

/**
 * rtpl_count_drop() - count dropped packets or datagrams
 * @rn: node
 * @owner: owner of the link, or NULL if that is not known
 * @why: reason
 * @n: how many
 *
 * Context: any.
 */
void rtpl_count_drop(struct rtpl_net *rn, struct rtpl_owner *owner, enum rtpl_drop why,
		     unsigned int n)
{
	if (WARN_ON_ONCE(why >= RTPL_DROP_COUNT))
		return;
	this_cpu_add(rn->drops[why], n);
	if (owner)
		atomic64_add(n, &owner->drops[why]);
	trace_rtpl_drop(owner ? owner->id : 0, why, n);
}

/**
 * rtpl_drop_skb() - count a packet as dropped, and free it
 * @rn: node
 * @owner: owner of the link, or NULL
 * @why: reason
 * @skb: packet, consumed; a super-packet or a batch counts its segments
 *
 * Context: any but hard interrupts.
 */
void rtpl_drop_skb(struct rtpl_net *rn, struct rtpl_owner *owner, enum rtpl_drop why,
		   struct sk_buff *skb)
{
	rtpl_count_drop(rn, owner, why, max_t(u16, skb_shinfo(skb)->gso_segs, 1));
	kfree_skb(skb);
}

/**
 * rtpl_stats_node_drops() - a node's drops for a reason, summed over all CPUs
 * @rn: node
 * @why: reason
 *
 * Context: any.
 * Return: count; on 32 bit it may be torn while it changes.
 */
u64 rtpl_stats_node_drops(struct rtpl_net *rn, enum rtpl_drop why)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += per_cpu_ptr(rn->drops, cpu)[why];
	return sum;
}

static int rtpl_stats_put_drop(struct sk_buff *msg, enum rtpl_drop why, u64 count, bool text)
{
	struct nlattr *entry = nla_nest_start(msg, RTPL_DROP_A_ENTRY);

	if (!entry)
		return -EMSGSIZE;
	if (nla_put_string(msg, RTPL_DROP_A_NAME, rtpl_drop_names[why]) ||
	    nla_put_u64_64bit(msg, RTPL_DROP_A_COUNT, count, RTPL_DROP_A_PAD) ||
	    (text && nla_put_string(msg, RTPL_DROP_A_TEXT, rtpl_drop_texts[why])))
		return -EMSGSIZE;
	nla_nest_end(msg, entry);
	return 0;
}

/* Put RTPL_A_PROCESSORS: what each did for this node. Return: 0 or -EMSGSIZE. */
static int rtpl_stats_put_processors(struct sk_buff *msg, struct rtpl_net *rn)
{
	struct nlattr *nest = nla_nest_start(msg, RTPL_A_PROCESSORS), *entry;
	int cpu, left = RTPL_STATS_PROCESSORS;
	u64 sealed, opened;

	if (!nest)
		return -EMSGSIZE;
	for_each_possible_cpu(cpu) {
		sealed = READ_ONCE(per_cpu_ptr(rn->cells, cpu)->sealed);
		opened = READ_ONCE(per_cpu_ptr(rn->cells, cpu)->opened);
		if (!sealed && !opened)
			continue;
		if (!left--)
			break;
		entry = nla_nest_start(msg, RTPL_PROCESSOR_A_ENTRY);
		if (!entry || nla_put_u32(msg, RTPL_PROCESSOR_A_ID, cpu) ||
		    nla_put_u64_64bit(msg, RTPL_PROCESSOR_A_SEALED, sealed, RTPL_PROCESSOR_A_PAD) ||
		    nla_put_u64_64bit(msg, RTPL_PROCESSOR_A_OPENED, opened, RTPL_PROCESSOR_A_PAD))
			return -EMSGSIZE;
		nla_nest_end(msg, entry);
	}
	nla_nest_end(msg, nest);
	return 0;
}

/**
 * rtpl_stats_put_node() - put RTPL_A_DROPS, every reason with name, count and text, and
 *	RTPL_A_PROCESSORS
 * @msg: message under way
 * @rn: node
 *
 * Context: process.
 * Return: 0 or -EMSGSIZE (the caller cancels the message).
 */
int rtpl_stats_put_node(struct sk_buff *msg, struct rtpl_net *rn)
{
	struct nlattr *nest = nla_nest_start(msg, RTPL_A_DROPS);
	unsigned int why;

	if (!nest)
		return -EMSGSIZE;
	for (why = 0; why < RTPL_DROP_COUNT; why++)
		if (rtpl_stats_put_drop(msg, why, rtpl_stats_node_drops(rn, why), true))
			return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return rtpl_stats_put_processors(msg, rn);
}

static int rtpl_stats_put(struct sk_buff *msg, int attr, u64 value)
{
	return nla_put_u64_64bit(msg, attr, value, RTPL_STAT_A_PAD);
}

/* Put what the engine did, and what it revealed. */
static int rtpl_stats_put_engine(struct sk_buff *msg, const struct rtpl_engine_count *c,
				 const struct rtpl_leak *leak)
{
	return rtpl_stats_put(msg, RTPL_STAT_A_CHAFF_SCHED, c->chaff_sched) ?:
	       rtpl_stats_put(msg, RTPL_STAT_A_CHAFF_COVER, c->chaff_wanted) ?:
	       rtpl_stats_put(msg, RTPL_STAT_A_CHAFF_MACHINE, c->chaff_machine) ?:
	       rtpl_stats_put(msg, RTPL_STAT_A_CHAFF_MESSAGE, c->chaff_message) ?:
	       rtpl_stats_put(msg, RTPL_STAT_A_REFUSED_OVERHEAD,
			      c->refused[RTPL_LIMITS_OVERHEAD]) ?:
	       rtpl_stats_put(msg, RTPL_STAT_A_REFUSED_RATE, c->refused[RTPL_LIMITS_RATE]) ?:
	       rtpl_stats_put(msg, RTPL_STAT_A_OVERRULED, c->overruled) ?:
	       rtpl_stats_put(msg, RTPL_STAT_A_SWITCHES, c->switches) ?:
	       rtpl_stats_put(msg, RTPL_STAT_A_LEAK_KIND, leak->kind) ?:
	       rtpl_stats_put(msg, RTPL_STAT_A_LEAK_EVER, leak->ever) ?:
	       rtpl_stats_put(msg, RTPL_STAT_A_LEAK_MBITS, leak->mbits) ?:
	       rtpl_stats_put(msg, RTPL_STAT_A_LEAK_CHOICES, leak->choices) ?:
	       rtpl_stats_put(msg, RTPL_STAT_A_LEAK_EPSILON, leak->epsilon) ?:
	       rtpl_stats_put(msg, RTPL_STAT_A_LEAK_DELTA, leak->delta);
}

/* Times and sizes also reveal what a policy's steps reveal. */
static void rtpl_stats_add_policy(struct rtpl_leak *leak, u64 mbits)
{
	if (!mbits)
		return;
	leak->mbits += mbits;
	if (leak->kind == RTPL_LEAK_NONE)
		leak->kind = RTPL_LEAK_BITS;
	if (leak->ever == RTPL_LEAK_NONE)
		leak->ever = RTPL_LEAK_BITS;
}

/* rn->lock. */
static int rtpl_stats_put_tx(struct sk_buff *msg, struct rtpl_peer *peer)
{
	struct rtpl_link *link = &peer->link;
	const struct rtpl_tx_stats *s = &link->tx_stats;
	struct rtpl_leak leak;
	u32 packets, bytes;
	int err;

	/* Nothing here sleeps: the message already has its room. */
	spin_lock_bh(&link->tx_lock);
	rtpl_engine_leak(&link->engine, &leak);
	rtpl_stats_add_policy(&leak, peer->adapt.state.mbits);
	packets = skb_queue_len(&link->txq) + !!link->cur;
	bytes = link->txq_bytes;
	err = rtpl_stats_put(msg, RTPL_STAT_A_TX_CELLS, s->cells) ?:
	      rtpl_stats_put(msg, RTPL_STAT_A_TX_CHAFF, s->chaff) ?:
	      rtpl_stats_put(msg, RTPL_STAT_A_TX_HANDSHAKE, s->handshake) ?:
	      rtpl_stats_put(msg, RTPL_STAT_A_TX_WIRE_BYTES, s->wire_bytes) ?:
	      rtpl_stats_put(msg, RTPL_STAT_A_TX_PACKETS, s->packets) ?:
	      rtpl_stats_put(msg, RTPL_STAT_A_TX_BYTES, s->bytes) ?:
	      rtpl_stats_put(msg, RTPL_STAT_A_TX_PAD_BYTES, s->pad_bytes) ?:
	      rtpl_stats_put(msg, RTPL_STAT_A_TX_CHAFF_BYTES, s->chaff_bytes) ?:
	      rtpl_stats_put(msg, RTPL_STAT_A_DELAY_P50, rtpl_hist_at(&s->delay, 500)) ?:
	      rtpl_stats_put(msg, RTPL_STAT_A_DELAY_P99, rtpl_hist_at(&s->delay, 990)) ?:
	      rtpl_stats_put(msg, RTPL_STAT_A_DELAY_MAX, s->delay.max) ?:
	      rtpl_stats_put(msg, RTPL_STAT_A_DELAY_COUNT, s->delay.count) ?:
	      rtpl_stats_put(msg, RTPL_STAT_A_SLOTS_MISSED, leak.missed) ?:
	      rtpl_stats_put(msg, RTPL_STAT_A_RATE_CHANGES, leak.changes) ?:
	      rtpl_stats_put(msg, RTPL_STAT_A_QUEUE_PACKETS, packets) ?:
	      rtpl_stats_put(msg, RTPL_STAT_A_QUEUE_BYTES, bytes) ?:
	      rtpl_stats_put_engine(msg, &link->engine.count, &leak);
	spin_unlock_bh(&link->tx_lock);
	return err;
}

static int rtpl_stats_put_rx(struct sk_buff *msg, struct rtpl_link *link)
{
	const struct rtpl_rx_stats *s = &link->rx_stats;
	int err;

	spin_lock_bh(&link->rx_lock);
	err = rtpl_stats_put(msg, RTPL_STAT_A_RX_CELLS, s->cells) ?:
	      rtpl_stats_put(msg, RTPL_STAT_A_RX_CHAFF, s->chaff) ?:
	      rtpl_stats_put(msg, RTPL_STAT_A_RX_HANDSHAKE, s->handshake) ?:
	      rtpl_stats_put(msg, RTPL_STAT_A_RX_WIRE_BYTES, s->wire_bytes) ?:
	      rtpl_stats_put(msg, RTPL_STAT_A_RX_PACKETS, s->packets) ?:
	      rtpl_stats_put(msg, RTPL_STAT_A_RX_BYTES, s->bytes) ?:
	      rtpl_stats_put(msg, RTPL_STAT_A_UNHEARD, link->rx_ring_lost);
	spin_unlock_bh(&link->rx_lock);
	return err;
}

/* Put the counters of a policy that exists or existed. rn->lock. */
static int rtpl_stats_put_policy(struct sk_buff *msg, const struct rtpl_peer_adapt *pol)
{
	const struct rtpl_adapt_state *st = &pol->state;

	if (pol->in_force.n && rtpl_stats_put(msg, RTPL_STAT_A_POLICY_LEVEL, st->level))
		return -EMSGSIZE;
	if (!pol->list)
		return 0;
	return rtpl_stats_put(msg, RTPL_STAT_A_POLICY_STEPS_UP, st->steps_up) ?:
	       rtpl_stats_put(msg, RTPL_STAT_A_POLICY_STEPS_DOWN, st->steps_down) ?:
	       rtpl_stats_put(msg, RTPL_STAT_A_POLICY_DECISIONS, st->decisions) ?:
	       rtpl_stats_put(msg, RTPL_STAT_A_POLICY_MBITS, st->mbits);
}

/**
 * rtpl_stats_put_peer() - put RTPL_PEER_A_STATS: a link's counters
 * @msg: message under way
 * @peer: peer; reasons without drops are left out
 *
 * Context: process, the peer is alive (rn->lock).
 * Return: 0 or -EMSGSIZE (the caller cancels the message).
 */
int rtpl_stats_put_peer(struct sk_buff *msg, struct rtpl_peer *peer)
{
	struct nlattr *nest, *drops;
	unsigned int why;
	u64 count;

	nest = nla_nest_start(msg, RTPL_PEER_A_STATS);
	if (!nest)
		return -EMSGSIZE;
	if (rtpl_stats_put_tx(msg, peer) ||
	    rtpl_stats_put_rx(msg, &peer->link) ||
	    rtpl_stats_put_policy(msg, &peer->adapt) ||
	    rtpl_stats_put(msg, RTPL_STAT_A_REKEYS, READ_ONCE(peer->link.session.rekeys)) ||
	    rtpl_stats_put(msg, RTPL_STAT_A_MEMORY, rtpl_peer_memory(peer)))
		return -EMSGSIZE;
	drops = nla_nest_start(msg, RTPL_STAT_A_DROPS);
	if (!drops)
		return -EMSGSIZE;
	for (why = 0; why < RTPL_DROP_COUNT; why++) {
		count = atomic64_read(&peer->owner.drops[why]);
		if (count && rtpl_stats_put_drop(msg, why, count, false))
			return -EMSGSIZE;
	}
	nla_nest_end(msg, drops);
	nla_nest_end(msg, nest);
	return 0;
}
