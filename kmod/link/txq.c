// SPDX-License-Identifier: GPL-2.0
/*
 * A link's queue: it holds packets that the qdisc handed over, until the tx worker (tx.c) lays them
 * into cells. txq.lock is the only lock of a link that is taken under a root lock.
 */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <net/tcp.h>

#include "link/crypt.h"
#include "link/link.h"
#include "link/outlet.h"
#include "link/txq.h"
#include "rtpl.h"

/* Most packets that a link without keys holds, and their bytes. */
#define RTPL_TXQ_NO_KEYS	128
#define RTPL_TXQ_NO_KEYS_BYTES	(256 * 1024)
/* Memory of all packets of a node that wait like that. No socket's limits count them any more. */
#define RTPL_TXQ_NO_KEYS_NODE	(16 << 20)
/* No packet waits longer than this for keys or for an endpoint. */
#define RTPL_TXQ_AGE		(30 * HZ)
#define RTPL_TXQ_LOOK		(5 * HZ)
/* Bytes of a hop-by-hop header with only a jumbo packet's length (RFC 2675). */
#define RTPL_JUMBO		8

/* A packet in the queue belongs to the link alone, and so does its cb in front of the stamp. */
struct rtpl_txq_cb {
	unsigned long came;	/* jiffies, when it entered the queue */
	u32 orphan;		/* bytes of rn->orphans; 0: it still belongs to its socket */
};

static struct rtpl_txq_cb *rtpl_txq_cb(struct sk_buff *skb)
{
	BUILD_BUG_ON(sizeof(struct rtpl_txq_cb) > RTPL_CB_OFF);
	return (struct rtpl_txq_cb *)skb->cb;
}

/* @skb has left the queue. txq.lock. */
static void rtpl_txq_left(struct rtpl_link *link, struct sk_buff *skb)
{
	link->txq_bytes -= skb->len;
	link->reported -= !!link->reported;
	if (unlikely(rtpl_txq_cb(skb)->orphan))
		atomic_sub(rtpl_txq_cb(skb)->orphan, &link->owner->rn->orphans);
}

static bool rtpl_txq_pop_oldest(struct rtpl_link *link)
{
	struct sk_buff *old = __skb_dequeue(&link->txq);

	if (!old)
		return false;
	rtpl_txq_left(link, old);
	rtpl_drop_skb(link->owner->rn, link->owner, RTPL_DROP_QUEUE_FULL, old);
	return true;
}

/* Packet length by the packet's own header, or all bytes if the header does not say. */
static u32 rtpl_txq_said(struct sk_buff *skb)
{
	u32 said = skb->len;

	if (skb->protocol == htons(ETH_P_IP) && pskb_may_pull(skb, sizeof(struct iphdr)))
		said = ntohs(ip_hdr(skb)->tot_len);
	else if (skb->protocol == htons(ETH_P_IPV6) && pskb_may_pull(skb, sizeof(struct ipv6hdr)) &&
		 ipv6_hdr(skb)->payload_len)
		said = sizeof(struct ipv6hdr) + ntohs(ipv6_hdr(skb)->payload_len);
	return said;
}

/*
 * An IPv6 super-packet of more than 64 KB (BIG TCP) has its length in a hop-by-hop header, which
 * its segments do not have. The stack removes it when it cuts the packet, but Linux 6.1 also moves
 * an Ethernet header then; there is none here any more, so it would move the first bytes of TCP's
 * header. Return: false without memory.
 */
static bool rtpl_txq_take_jumbo(struct sk_buff *skb)
{
	struct ipv6hdr *ip6h;
	const u8 *hop;

	if (skb->protocol != htons(ETH_P_IPV6) || !rtpl_skb_need(skb, sizeof(*ip6h) + RTPL_JUMBO))
		return true;
	ip6h = (struct ipv6hdr *)skb->data;
	hop = skb->data + sizeof(*ip6h);
	if (ip6h->payload_len || ip6h->nexthdr != NEXTHDR_HOP || hop[1] ||
	    hop[2] != IPV6_TLV_JUMBO)
		return true;
	if (skb_cow_head(skb, 0))
		return false;
	ip6h = (struct ipv6hdr *)skb->data;
	ip6h->nexthdr = skb->data[sizeof(*ip6h)];
	memmove(skb->data + RTPL_JUMBO, skb->data, sizeof(*ip6h));
	__skb_pull(skb, RTPL_JUMBO);
	skb_reset_network_header(skb);
	return true;
}

/*
 * Cells carry IP packets: remove the link layer's header and padding, and with them a VLAN tag,
 * behind which the protocol may stand. A packet socket may have left the headers in pieces, and may
 * have the checksum begin anywhere. Return: false if it is not a valid packet.
 */
static bool rtpl_txq_strip(struct sk_buff *skb)
{
	int off = skb_network_offset(skb), csum;
	u32 said;

	skb->protocol = skb_protocol(skb, true);
	if (off < 0 || !rtpl_skb_need(skb, off))
		return false;
	__skb_pull(skb, off);
	if (skb_is_gso(skb)) {
		if (!rtpl_txq_take_jumbo(skb))
			return false;
	} else {
		said = rtpl_txq_said(skb);
		if (said < skb->len && pskb_trim(skb, said))
			return false;
	}
	if (skb->ip_summed != CHECKSUM_PARTIAL)
		return true;
	csum = skb_checksum_start_offset(skb);
	return csum >= 0 && rtpl_skb_need(skb, csum + skb->csum_offset + sizeof(__sum16));
}

/* Cut a super-packet in software. Consumes @skb and fills @list on success. */
static int rtpl_txq_cut(struct sk_buff *skb, struct sk_buff_head *list)
{
	unsigned long came = rtpl_txq_cb(skb)->came;
	struct sk_buff *segs, *seg, *next;
	u64 cb = *rtpl_skb_cb(skb);

	__skb_queue_head_init(list);
	skb_reset_mac_header(skb);
	skb_reset_mac_len(skb);
	segs = skb_gso_segment(skb, 0);
	if (IS_ERR_OR_NULL(segs))
		return segs ? PTR_ERR(segs) : -EINVAL;

	skb_list_walk_safe(segs, seg, next) {
		skb_mark_not_on_list(seg);
		*rtpl_skb_cb(seg) = cb;
		rtpl_txq_cb(seg)->came = came;
		rtpl_txq_cb(seg)->orphan = 0;
		__skb_queue_tail(list, seg);
	}
	consume_skb(skb);
	return 0;
}

static void rtpl_txq_put(struct rtpl_link *link, struct sk_buff *skb)
{
	u32 limit, orphan = 0;
	bool full;

	spin_lock_bh(&link->txq.lock);
	limit = READ_ONCE(link->shape.limit);
	if (unlikely(link->dead)) {
		spin_unlock_bh(&link->txq.lock);
		rtpl_drop_skb(link->owner->rn, link->owner, RTPL_DROP_DEVICE_GONE, skb);
		return;
	}
	full = skb_queue_len(&link->txq) >= limit;
	if (unlikely(!READ_ONCE(link->up))) {
		full |= skb_queue_len(&link->txq) >= RTPL_TXQ_NO_KEYS ||
			link->txq_bytes + skb->len > RTPL_TXQ_NO_KEYS_BYTES;
		/* The wait may be long: its socket, and whoever closes that, must not wait, too. */
		skb_orphan(skb);
		orphan = skb->truesize;
		if (atomic_add_return(orphan, &link->owner->rn->orphans) >
		    RTPL_TXQ_NO_KEYS_NODE) {
			/* It asks for keys all the same. */
			set_bit(RTPL_LINK_REFUSED, &link->flags);
			spin_unlock_bh(&link->txq.lock);
			atomic_sub(orphan, &link->owner->rn->orphans);
			rtpl_drop_skb(link->owner->rn, link->owner, RTPL_DROP_QUEUE_FULL, skb);
			return;
		}
	}
	if (unlikely(full)) {
		if (link->shape.overflow == RTPL_OVERFLOW_DROP_NEWEST ||
		    !rtpl_txq_pop_oldest(link)) {
			spin_unlock_bh(&link->txq.lock);
			atomic_sub(orphan, &link->owner->rn->orphans);
			rtpl_drop_skb(link->owner->rn, link->owner, RTPL_DROP_QUEUE_FULL, skb);
			return;
		}
	}
	rtpl_txq_cb(skb)->came = jiffies;
	rtpl_txq_cb(skb)->orphan = orphan;
	__skb_queue_tail(&link->txq, skb);
	link->txq_bytes += skb->len;
	if (!timer_pending(&link->txq_timer))
		mod_timer(&link->txq_timer, jiffies + RTPL_TXQ_LOOK);
	spin_unlock_bh(&link->txq.lock);
}

/**
 * rtpl_txq_add() - hand a packet to a link
 * @link: link
 * @skb: packet with its network header set; consumed in any case, drops are counted
 *
 * Removes the packet's link layer header, its route and its connection. Cuts a super-packet if the
 * link's schedule counts bytes.
 *
 * Context: BH, RCU read side; root lock of a qdisc, or none (a cipher that took longer). Takes
 *	txq.lock, and no other lock of the link.
 */
void rtpl_txq_add(struct rtpl_link *link, struct sk_buff *skb)
{
	struct sk_buff_head list;

	/* A sender of many copies of one packet keeps references to it. */
	skb = skb_share_check(skb, GFP_ATOMIC);
	if (unlikely(!skb)) {
		rtpl_count_drop(link->owner->rn, link->owner, RTPL_DROP_NO_MEMORY, 1);
		return;
	}
	skb = rtpl_crypt_records(link, skb);
	if (unlikely(!skb))
		return;
	if (unlikely(!rtpl_txq_strip(skb))) {
		rtpl_drop_skb(link->owner->rn, link->owner, RTPL_DROP_MALFORMED_OUT, skb);
		return;
	}
	/*
	 * The packet may wait for keys longer than its route or its namespace's conntrack exist,
	 * and these wait for references to them when they go.
	 */
	skb_dst_drop(skb);
	nf_reset_ct(skb);

	/*
	 * A private window counts bytes: a super-packet's block would have more bytes than its
	 * packets, and how many depends on the cell in which it begins.
	 */
	if (likely(!READ_ONCE(link->engine.counts) || !skb_is_gso(skb))) {
		rtpl_txq_put(link, skb);
		return;
	}
	if (rtpl_txq_cut(skb, &list)) {
		rtpl_drop_skb(link->owner->rn, link->owner, RTPL_DROP_MALFORMED_OUT, skb);
		return;
	}
	while ((skb = __skb_dequeue(&list)))
		rtpl_txq_put(link, skb);
}

/*
 * Drop packets that wait too long for keys. Packets from a time with keys still belong to sockets,
 * and these to a namespace that would wait for their end.
 */
static void rtpl_txq_look(struct timer_list *t)
{
	struct rtpl_link *link = container_of(t, struct rtpl_link, txq_timer);
	struct sk_buff_head old;
	struct sk_buff *skb;

	__skb_queue_head_init(&old);
	spin_lock(&link->txq.lock);
	while (!READ_ONCE(link->up) && (skb = skb_peek(&link->txq)) &&
	       time_after(jiffies, rtpl_txq_cb(skb)->came + RTPL_TXQ_AGE)) {
		__skb_unlink(skb, &link->txq);
		rtpl_txq_left(link, skb);
		__skb_queue_tail(&old, skb);
	}
	if (!link->dead && !skb_queue_empty(&link->txq))
		mod_timer(&link->txq_timer, jiffies + RTPL_TXQ_LOOK);
	spin_unlock(&link->txq.lock);
	while ((skb = __skb_dequeue(&old)))
		rtpl_drop_skb(link->owner->rn, link->owner, RTPL_DROP_NO_KEYS, skb);
}

/**
 * rtpl_txq_init() - prepare a link's queue
 * @link: link, zeroed
 *
 * Context: process.
 */
void rtpl_txq_init(struct rtpl_link *link)
{
	skb_queue_head_init(&link->txq);
	timer_setup(&link->txq_timer, rtpl_txq_look, 0);
}

/**
 * rtpl_txq_stop() - end the queue's timer
 * @link: link with dead set, so that the timer does not start again
 *
 * Context: process. Sleeps.
 */
void rtpl_txq_stop(struct rtpl_link *link)
{
	rtpl_compat_timer_delete_sync(&link->txq_timer);
}

/**
 * rtpl_tx_wants() - does a link have room for more, before its overflow policy applies?
 * @link: link
 *
 * Context: BH, RCU read side; root lock of a qdisc.
 * Return: RTPL_TX_WANTS, or what has no room.
 */
enum rtpl_tx_want rtpl_tx_wants(struct rtpl_link *link)
{
	if (!READ_ONCE(link->up))
		return RTPL_TX_WANTS;	/* rtpl_txq_add() bounds the queue then */
	/* A link with its own slots takes what they carry, whatever others send. */
	if (!READ_ONCE(link->slotted) &&
	    rtpl_outlet->full(link->owner->rn, READ_ONCE(link->out_ifindex)))
		return RTPL_TX_DEVICE_FULL;
	if (READ_ONCE(link->txq_bytes) + READ_ONCE(link->pack_left) <
	    READ_ONCE(link->txq_want))
		return RTPL_TX_WANTS;
	WRITE_ONCE(link->want_hit, true);
	return RTPL_TX_LINK_FULL;
}

/**
 * rtpl_txq_pop() - take the packet that has waited longest out of the queue
 * @link: link
 *
 * Context: tx_lock (BH) held. Takes txq.lock.
 * Return: the packet, which is the caller's, or NULL: none waits.
 */
struct sk_buff *rtpl_txq_pop(struct rtpl_link *link)
{
	struct sk_buff *skb;

	spin_lock_bh(&link->txq.lock);
	skb = __skb_dequeue(&link->txq);
	if (skb)
		rtpl_txq_left(link, skb);
	spin_unlock_bh(&link->txq.lock);
	return skb;
}

/**
 * rtpl_txq_unpop() - put a packet that begins anew back to the queue's front
 * @link: link
 * @skb: from rtpl_txq_pop(); it is the queue's again
 *
 * Context: tx_lock (BH) held. Takes txq.lock.
 */
void rtpl_txq_unpop(struct rtpl_link *link, struct sk_buff *skb)
{
	spin_lock_bh(&link->txq.lock);
	rtpl_txq_cb(skb)->orphan = 0;
	__skb_queue_head(&link->txq, skb);
	link->reported++;
	link->txq_bytes += skb->len;
	spin_unlock_bh(&link->txq.lock);
}

/**
 * rtpl_txq_segment() - cut a super-packet in software, and put its segments in front of the queue
 * @link: link
 * @skb: from rtpl_txq_pop(); consumed on success
 *
 * Context: BH, tx_lock held. Takes txq.lock.
 * Return: 0 or -errno.
 */
int rtpl_txq_segment(struct rtpl_link *link, struct sk_buff *skb)
{
	struct sk_buff_head list;
	struct sk_buff *seg;
	u32 bytes = 0;
	int err;

	err = rtpl_txq_cut(skb, &list);
	if (err)
		return err;
	skb_queue_walk(&list, seg)
		bytes += seg->len;
	spin_lock_bh(&link->txq.lock);
	link->reported += skb_queue_len(&list);
	skb_queue_splice(&list, &link->txq);
	link->txq_bytes += bytes;
	spin_unlock_bh(&link->txq.lock);
	return 0;
}

/**
 * rtpl_txq_oldest() - time since which the oldest packet waits
 * @link: link
 * @now: CLOCK_MONOTONIC ns
 *
 * Context: BH, tx_lock held. Takes txq.lock.
 * Return: CLOCK_MONOTONIC ns at which the packet under way, or else the first in the queue, came;
 * 0: there is none.
 */
u64 rtpl_txq_oldest(struct rtpl_link *link, u64 now)
{
	struct sk_buff *skb;
	u64 since = 0;

	if (link->cur)
		return rtpl_skb_since(link->cur, now);
	spin_lock_bh(&link->txq.lock);
	skb = skb_peek(&link->txq);
	if (skb)
		since = rtpl_skb_since(skb, now);
	spin_unlock_bh(&link->txq.lock);
	return since;
}
