// SPDX-License-Identifier: GPL-2.0
/*
 * From the plaintext of cells to packets: blocks are joined (core/reasm.c), checked, and go up
 * through the device on which the cell came in. Every byte of a packet is copied once, to where it
 * belongs.
 */
#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <linux/indirect_call_wrapper.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/dst_metadata.h>
#include <net/if_inet6.h>
#include <net/inet_ecn.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "core/ecn.h"
#include "core/scope.h"
#include "event.h"
#include "link/join.h"
#include "link/link.h"
#include "link/own.h"
#include "rtpl.h"
#include "session/session.h"

/* An incomplete packet is given up when nothing was added to it for this time. */
#define RTPL_REASM_TIMEOUT_NS	(1000ULL * NSEC_PER_MSEC)
/* Linear part of a packet that spans cells: it holds the headers. */
#define RTPL_JOIN_LINEAR		320

static void rtpl_join_drop(struct rtpl_rx *rx, enum rtpl_drop why, unsigned int n)
{
	rtpl_count_drop(rx->rn, rx->link ? rx->link->owner : NULL, why, n);
}

/* ---- packets up ---- */

/* Is @owner the link's, or the same host under another key while one replaces the other? */
static bool rtpl_join_is_peer(const struct rtpl_rx *rx, const struct rtpl_owner *owner)
{
	const struct rtpl_owner *ours = rx->link->owner;

	if (likely(owner == ours))
		return true;
	return owner && (READ_ONCE(owner->twin) == ours->id || READ_ONCE(ours->twin) == owner->id);
}

static bool rtpl_join_is_peers(const struct rtpl_rx *rx, bool v6, const u8 *addr)
{
	u8 bits;

	return rtpl_join_is_peer(rx, rtpl_lpm_lookup_bits(&rx->rn->prefixes, v6, addr, &bits));
}

/*
 * If the packet is an ICMP error, may the peer send it? It may if the error is about a packet to an
 * address of the peer's, whoever reports it: a packet to any other address never went by that peer.
 * Where a prefix of the peer's is so large that it holds the endpoint of another link, cells to
 * that endpoint do not go by the peer either.
 */
static enum rtpl_drop rtpl_join_judge_error(struct rtpl_rx *rx, const struct sk_buff *skb, bool v6)
{
	struct rtpl_scope_quote quote;

	if (likely(!rtpl_scope_may_quote(skb->data, v6)))
		return RTPL_DROP_COUNT;
	switch (rtpl_scope_quote(skb->data, skb_headlen(skb), v6, &quote)) {
	case RTPL_QUOTE_CUT:
		return RTPL_DROP_BAD_INNER;
	case RTPL_QUOTE_NONE:
		return RTPL_DROP_COUNT;
	case RTPL_QUOTE_ABOUT:
		break;
	}
	if (!rtpl_join_is_peers(rx, v6, skb->data + quote.dst) ||
	    (quote.last && !rtpl_join_is_peers(rx, v6, skb->data + quote.last)))
		return RTPL_DROP_BAD_SOURCE;
	if (!rtpl_path_leads_to(&rx->link->path, v6, skb->data + quote.dst, true) &&
	    rtpl_own_is_endpoint(rx->rn, NULL, v6, skb->data + quote.dst, false))
		return RTPL_DROP_BAD_SOURCE;
	return RTPL_DROP_COUNT;
}

/*
 * May the peer send this packet? It must come from one of the peer's prefixes, and must not pass
 * for a message of a neighbour on the local link. The headers that matter are in the linear part:
 * RTPL_JOIN_LINEAR is at least RTPL_SCOPE_INNER_BYTES. Return: RTPL_DROP_COUNT if it may.
 */
static enum rtpl_drop rtpl_join_judge(struct rtpl_rx *rx, const struct sk_buff *skb, bool v6)
{
	const u8 *src = skb->data + (v6 ? offsetof(struct ipv6hdr, saddr) :
					  offsetof(struct iphdr, saddr));
	const u8 *dst = skb->data + (v6 ? offsetof(struct ipv6hdr, daddr) :
					  offsetof(struct iphdr, daddr));
	const struct rtpl_lpm *prefixes = &rx->rn->prefixes;
	struct rtpl_inner_scope scope;
	u8 bits;

	BUILD_BUG_ON(RTPL_JOIN_LINEAR < RTPL_SCOPE_INNER_BYTES);
	switch (rtpl_scope_inner(skb->data, skb_headlen(skb), v6, &scope)) {
	case RTPL_INNER_BAD:
		return RTPL_DROP_BAD_INNER;
	case RTPL_INNER_SOURCE:
		return RTPL_DROP_BAD_SOURCE;
	case RTPL_INNER_LINK:
		return RTPL_DROP_INNER_LINK;
	case RTPL_INNER_OK:
		break;
	}
	if (!rtpl_join_is_peer(rx, rtpl_lpm_lookup_bits(prefixes, v6, src, &bits)))
		return RTPL_DROP_BAD_SOURCE;
	if (unlikely(scope.src_bits) && bits < scope.src_bits)
		return RTPL_DROP_INNER_LINK;
	if (unlikely(scope.dst_bits) &&
	    (!rtpl_join_is_peer(rx, rtpl_lpm_lookup_bits(prefixes, v6, dst, &bits)) ||
	     bits < scope.dst_bits))
		return RTPL_DROP_INNER_LINK;
	return rtpl_join_judge_error(rx, skb, v6);
}

/*
 * To some protocols a hop limit of 255 proves that a packet comes from the local link (RFC 5082).
 * It must not for a packet out of a cell.
 */
static void rtpl_join_lower_hops(struct sk_buff *skb, bool v6)
{
	if (v6 && ipv6_hdr(skb)->hop_limit == 255)
		ipv6_hdr(skb)->hop_limit--;
	else if (!v6 && ip_hdr(skb)->ttl == 255)
		ip_decrease_ttl(ip_hdr(skb));
}

/*
 * Mark an inner packet that came out of a cell, so that the leakguard lets it in. Any dst that it
 * has is dropped. Without required peers nothing is marked, and TCP and UDP may use their early
 * demultiplexing.
 */
static void rtpl_join_mark_inner(struct rtpl_net *rn, struct sk_buff *skb)
{
	struct dst_entry *dst = &rn->rx_mark->dst;

	skb_dst_drop(skb);
	if (!READ_ONCE(rn->n_require))
		return;
	/* Take a reference: the packet may outlive the namespace's node in a backlog. */
	dst_hold(dst);
	skb_dst_set(skb, dst);
}

/* Part of the packet came with CE. Return: false if it cannot be marked. */
static bool rtpl_join_set_ce(struct sk_buff *skb, bool v6)
{
	u8 field = v6 ? ipv6_get_dsfield(ipv6_hdr(skb)) : ip_hdr(skb)->tos;

	BUILD_BUG_ON((int)RTPL_ECN_CE != (int)INET_ECN_CE ||
		     (int)RTPL_ECN_ECT_0 != (int)INET_ECN_ECT_0 ||
		     (int)RTPL_ECN_ECT_1 != (int)INET_ECN_ECT_1);
	if (rtpl_ecn_inner(field, true) == RTPL_ECN_DROP)
		return false;
	if (v6)
		IP6_ECN_set_ce(skb, ipv6_hdr(skb));
	else
		IP_ECN_set_ce(ip_hdr(skb));
	return true;
}

/* Put the link layer header in front that taps and generic XDP expect of such a device. */
static void rtpl_join_put_eth(struct rtpl_rx *rx, struct sk_buff *skb)
{
	const u8 *to = rx->eth ?: rx->dev->dev_addr;
	const u8 *from = rx->eth ? rx->eth + ETH_ALEN : rx->dev->dev_addr;
	struct ethhdr *eth = __skb_push(skb, ETH_HLEN);

	if (likely(skb->pkt_type == PACKET_HOST))
		ether_addr_copy(eth->h_dest, to);
	else if (skb->pkt_type == PACKET_BROADCAST)
		eth_broadcast_addr(eth->h_dest);
	else if (skb->protocol == htons(ETH_P_IP))
		ip_eth_mc_map(ip_hdr(skb)->daddr, eth->h_dest);
	else
		ipv6_eth_mc_map(&ipv6_hdr(skb)->daddr, eth->h_dest);
	ether_addr_copy(eth->h_source, from);
	eth->h_proto = skb->protocol;
	skb_reset_mac_header(skb);
	__skb_pull(skb, ETH_HLEN);
}

/* The packet type that the link layer would have given for the destination. */
static u8 rtpl_join_pkt_type(const struct sk_buff *skb, bool v6)
{
	if (v6)
		return ipv6_addr_is_multicast(&ipv6_hdr(skb)->daddr) ? PACKET_MULTICAST :
								       PACKET_HOST;
	if (ipv4_is_multicast(ip_hdr(skb)->daddr))
		return PACKET_MULTICAST;
	return ipv4_is_lbcast(ip_hdr(skb)->daddr) ? PACKET_BROADCAST : PACKET_HOST;
}

/*
 * @skb holds an IP packet from skb->data on, with at least ETH_HLEN bytes of headroom. Make it look
 * as if it came in on the outer packet's device. @ce: part of it came in a cell with CE.
 */
static void rtpl_join_up(struct rtpl_rx *rx, struct sk_buff *skb, u32 segs, u32 bytes, bool ce)
{
	enum rtpl_drop why = RTPL_DROP_BAD_INNER;
	struct net_device *dev = rx->dev;
	bool v6;

	if (!pskb_may_pull(skb, sizeof(struct iphdr)))
		goto drop;
	v6 = skb->data[0] >> 4 == 6;
	if (v6 ? !pskb_may_pull(skb, sizeof(struct ipv6hdr)) : skb->data[0] >> 4 != 4)
		goto drop;
	skb->protocol = v6 ? htons(ETH_P_IPV6) : htons(ETH_P_IP);
	skb_reset_network_header(skb);
	why = rtpl_join_judge(rx, skb, v6);
	if (unlikely(why != RTPL_DROP_COUNT))
		goto drop;
	why = RTPL_DROP_DEVICE_GONE;
	if (unlikely(!dev))
		goto drop;
	why = RTPL_DROP_NOT_ECT;
	if (unlikely(ce) && !rtpl_join_set_ce(skb, v6))
		goto drop;
	rtpl_join_lower_hops(skb, v6);
	skb->dev = dev;
	skb->pkt_type = rtpl_join_pkt_type(skb, v6);
	if (dev->type == ARPHRD_ETHER || dev->type == ARPHRD_LOOPBACK)
		rtpl_join_put_eth(rx, skb);
	else
		skb_reset_mac_header(skb);
	skb_reset_mac_len(skb);
	rtpl_join_mark_inner(rx->rn, skb);
	rx->link->rx_stats.packets += segs;
	rx->link->rx_stats.bytes += bytes;
	rtpl_event_packet(rx->link->owner, skb, 0, bytes, segs, false);
	__skb_queue_tail(&rx->up, skb);
	return;
drop:
	rtpl_join_drop(rx, why, segs);
	kfree_skb(skb);
}

static struct sk_buff *rtpl_join_alloc(u32 len)
{
	u32 linear = min_t(u32, len, len <= 2048 ? 2048 : RTPL_JOIN_LINEAR);
	struct sk_buff *skb;
	int err;

	/* Headroom for a link layer header; the IP header behind it is aligned. */
	skb = alloc_skb_with_frags(NET_SKB_PAD + NET_IP_ALIGN + ETH_HLEN + linear, len - linear,
				   PAGE_ALLOC_COSTLY_ORDER, &err, GFP_ATOMIC | __GFP_NOWARN);
	if (!skb)
		return NULL;
	skb_reserve(skb, NET_SKB_PAD + NET_IP_ALIGN + ETH_HLEN);
	skb_put(skb, linear);
	skb->data_len = len - linear;
	skb->len = len;
	return skb;
}

/* Set segmentation facts and partial checksum as the stack had them at the other end. */
static void rtpl_join_set_gso(struct sk_buff *skb, const struct rtpl_gso *g, u32 segs)
{
	struct skb_shared_info *si = skb_shinfo(skb);
	bool tcp = g->kind == RTPL_GSO_TCP4 || g->kind == RTPL_GSO_TCP6;

	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = skb_headroom(skb) + g->l4_off;
	skb->csum_offset = tcp ? offsetof(struct tcphdr, check) : offsetof(struct udphdr, check);
	skb_set_transport_header(skb, g->l4_off);
	if (segs < 2)
		return;
	si->gso_size = g->gso_size;
	si->gso_segs = segs;
	switch (g->kind) {
	case RTPL_GSO_TCP4:
		si->gso_type = SKB_GSO_TCPV4;
		break;
	case RTPL_GSO_TCP6:
		si->gso_type = SKB_GSO_TCPV6;
		break;
	default:
		si->gso_type = SKB_GSO_UDP_L4;
		return;
	}
	if (g->flags & RTPL_GSO_F_ECN)
		si->gso_type |= SKB_GSO_TCP_ECN;
	if (g->flags & RTPL_GSO_F_FIXEDID)
		si->gso_type |= SKB_GSO_TCP_FIXEDID;
}

static void rtpl_join_packet(struct rtpl_rx *rx, struct sk_buff *skb, bool ce)
{
	/* The seal covers the packet: a checksum would tell no more. */
	skb->ip_summed = CHECKSUM_UNNECESSARY;
	rtpl_join_up(rx, skb, 1, skb->len, ce);
}

/* Strip everything that is not part of the packet. */
static void rtpl_join_gso(struct rtpl_rx *rx, struct sk_buff *skb, bool ce)
{
	struct rtpl_gso g;

	if (rtpl_gso_parse(skb->data, skb->data + sizeof(struct rtpl_gso_head),
			   skb_headlen(skb) - sizeof(struct rtpl_gso_head), skb->len, &g) ||
	    g.segs > RTPL_GSO_SEGS_MAX) {
		rtpl_join_drop(rx, RTPL_DROP_BAD_BLOCK, 1);
		kfree_skb(skb);
		return;
	}
	__skb_pull(skb, sizeof(struct rtpl_gso_head));
	if (pskb_trim(skb, g.pkt_len)) {
		rtpl_join_drop(rx, RTPL_DROP_NO_MEMORY, 1);
		kfree_skb(skb);
		return;
	}
	rtpl_join_set_gso(skb, &g, g.segs);
	rtpl_join_up(rx, skb, g.segs, g.pkt_len + (g.segs - 1) * g.hdr_len, ce);
}

/*
 * The function that consumes a whole block, by the block's type (core/block.h). A block has at
 * least RTPL_BLOCK_HEAD bytes, and its beginning is linear.
 */
typedef void (*rtpl_join_fn)(struct rtpl_rx *rx, struct sk_buff *skb, bool ce);

static const rtpl_join_fn rtpl_join_types[RTPL_BLOCK_TYPES] = {
	[RTPL_BLOCK_GSO] = rtpl_join_gso,
	[RTPL_BLOCK_IPV4] = rtpl_join_packet,
	[RTPL_BLOCK_IPV6] = rtpl_join_packet,
};

static void rtpl_join_block(struct rtpl_rx *rx, struct sk_buff *skb, bool ce)
{
	rtpl_join_fn join = rtpl_join_types[skb->data[0] >> 4];

	if (WARN_ON_ONCE(!join)) {	/* core has a type that this table lacks */
		rtpl_join_drop(rx, RTPL_DROP_BAD_BLOCK, 1);
		kfree_skb(skb);
		return;
	}
	INDIRECT_CALL_2(join, rtpl_join_packet, rtpl_join_gso, rx, skb, ce);
}

/* ---- segments of an incomplete super-packet ---- */

/*
 * If cells of a super-packet are missing, the segments that came need not wait: they go up early,
 * by themselves, and a bit marks each. A late cell then adds only the segments that it completes.
 * The bits are in the buffer's cb, with the ranges of bytes that came with CE.
 */
struct rtpl_join_cb {
	DECLARE_BITMAP(gone, RTPL_GSO_SEGS_MAX);
	u16 had;	/* bytes of the block that had come the last time */
	struct rtpl_marks marks;
};

static struct rtpl_join_cb *rtpl_join_cb(struct sk_buff *skb)
{
	BUILD_BUG_ON(sizeof(struct rtpl_join_cb) > sizeof_field(struct sk_buff, cb));
	return (struct rtpl_join_cb *)skb->cb;
}

/* Send up segments [first, first + n) of the super-packet in @from as a packet of their own. */
static void rtpl_join_run(struct rtpl_rx *rx, struct sk_buff *from, const struct rtpl_gso *g,
			  const u8 *hdr, u16 first, u16 n, bool ce)
{
	struct rtpl_gso run = *g;
	u32 off = sizeof(struct rtpl_gso_head) + g->hdr_len + (u32)first * g->gso_size;
	u32 pos, step, payload;
	struct sk_buff *skb;
	u8 buf[U8_MAX];

	payload = rtpl_gso_run(g, hdr, first, n, buf);
	skb = rtpl_join_alloc(g->hdr_len + payload);
	if (!skb) {
		rtpl_join_drop(rx, RTPL_DROP_NO_MEMORY, n);
		return;
	}
	skb_store_bits(skb, 0, buf, g->hdr_len);
	for (pos = 0; pos < payload; pos += step) {
		step = min_t(u32, payload - pos, sizeof(buf));
		skb_copy_bits(from, off + pos, buf, step);
		skb_store_bits(skb, g->hdr_len + pos, buf, step);
	}
	/* CWR went with the first segment. */
	if (first)
		run.flags &= ~RTPL_GSO_F_ECN;
	rtpl_join_set_gso(skb, &run, n);
	rtpl_join_up(rx, skb, n, payload + n * g->hdr_len, ce);
}

static void rtpl_join_peek(void *priv, u16 off, u8 *dst, u16 len)
{
	if (skb_copy_bits(priv, off, dst, len))
		memset(dst, 0, len);	/* cannot happen: the buffer has the block's length */
}

/* The super-packet's facts and headers, from its first cell or from its trailer. */
static bool rtpl_join_facts(struct sk_buff *skb, const struct rtpl_part *part,
			    struct rtpl_gso *g, u8 *hdr)
{
	return rtpl_part_gso(part, rtpl_join_peek, skb, g, hdr) && g->segs <= RTPL_GSO_SEGS_MAX;
}

/* Send up all segments that came and were not sent yet. Return: number that never came. */
static u32 rtpl_join_runs(struct rtpl_rx *rx, struct sk_buff *skb, const struct rtpl_part *part,
			  const struct rtpl_gso *g, const u8 *hdr)
{
	struct rtpl_join_cb *cb = rtpl_join_cb(skb);
	u16 first = 0, n;

	while ((n = rtpl_part_run(part, g, &first))) {
		u16 end = first + n;

		while (first < end) {
			u16 from = find_next_zero_bit(cb->gone, end, first);
			u16 to = find_next_bit(cb->gone, end, from);
			bool ce;

			if (from >= end)
				break;
			to = rtpl_marks_run(&cb->marks, g, from, to, &ce);
			rtpl_join_run(rx, skb, g, hdr, from, to - from, ce);
			bitmap_set(cb->gone, from, to - from);
			first = to;
		}
		first = end;
	}
	return g->segs - bitmap_weight(cb->gone, g->segs);
}

static void rtpl_join_early(struct rtpl_rx *rx, struct rtpl_part *part)
{
	struct rtpl_join_cb *cb = rtpl_join_cb(part->buf);
	struct rtpl_gso g;
	u8 hdr[U8_MAX];

	if (cb->had == part->have)
		return;
	cb->had = part->have;
	if (rtpl_join_facts(part->buf, part, &g, hdr))
		rtpl_join_runs(rx, part->buf, part, &g, hdr);
}

/*
 * A packet that began in cell @start is about to go up. Send up first what came of packets that
 * began earlier: a TCP receiver that sees the later packet takes for lost whatever it has not seen
 * of the earlier ones.
 */
static void rtpl_join_in_order(void *priv, u32 start)
{
	struct rtpl_rx *rx = priv;
	struct rtpl_reasm *r = rx->reasm;
	u32 from = 0;
	int i, next;

	if (likely(r->oldest >= start))
		return;
	do {
		next = -1;
		for (i = 0; i < RTPL_REASM_SLOTS; i++) {
			const struct rtpl_part *part = &r->part[i];

			if (part->len && part->start >= from && part->start < start &&
			    (next < 0 || part->start < r->part[next].start))
				next = i;
		}
		if (next < 0)
			return;
		rtpl_join_early(rx, &r->part[next]);
		from = r->part[next].start + 1;
	} while (true);
}

/* ---- what the joiner calls ---- */

static void rtpl_join_whole(void *priv, const u8 *data, u16 len)
{
	struct rtpl_rx *rx = priv;
	struct sk_buff *skb;

	rx->data = true;
	skb = rtpl_join_alloc(len);
	if (!skb) {
		rtpl_join_drop(rx, RTPL_DROP_NO_MEMORY, 1);
		return;
	}
	if (skb->data_len)
		skb_store_bits(skb, 0, data, len);
	else
		memcpy(skb->data, data, len);
	rtpl_join_block(rx, skb, rx->ce);
}

static void *rtpl_join_begin(void *priv, u16 len)
{
	return rtpl_join_alloc(len);
}

static void rtpl_join_put(void *priv, void *buf, u16 pos, const u8 *data, u16 len)
{
	struct rtpl_rx *rx = priv;
	struct sk_buff *skb = buf;

	if (!skb->data_len)
		memcpy(skb->data + pos, data, len);
	else
		skb_store_bits(skb, pos, data, len);
	/* For a stub (seven bytes at most) rx->ce is of the next cell, not of its own. */
	if (unlikely(rx->ce))
		rtpl_marks_add(&rtpl_join_cb(skb)->marks, pos, pos + len);
}

static void rtpl_join_lost(void *priv, void *buf, const struct rtpl_part *part)
{
	struct rtpl_rx *rx = priv;
	struct rtpl_gso g;
	u8 hdr[U8_MAX];
	u32 lost = 1;

	if (rtpl_join_facts(buf, part, &g, hdr))
		lost = rtpl_join_runs(rx, buf, part, &g, hdr);
	if (lost)
		rtpl_join_drop(rx, part->why, lost);
	kfree_skb(buf);
}

static void rtpl_join_done(void *priv, void *buf, const struct rtpl_part *part)
{
	struct rtpl_join_cb *cb = rtpl_join_cb(buf);
	struct rtpl_rx *rx = priv;
	struct sk_buff *skb = buf;
	bool ce = cb->marks.n;
	struct rtpl_gso g;
	u8 hdr[U8_MAX];
	bool all;

	all = bitmap_empty(cb->gone, RTPL_GSO_SEGS_MAX);
	if (likely(all) && (likely(!ce) || skb->data[0] >> 4 != RTPL_BLOCK_GSO)) {
		rtpl_join_block(rx, skb, ce);
		return;
	}
	if (!rtpl_join_facts(skb, part, &g, hdr)) {
		rtpl_join_drop(rx, RTPL_DROP_BAD_BLOCK, 1);
		goto out;
	}
	if (all && rtpl_marks_run(&cb->marks, &g, 0, g.segs, &ce) == g.segs) {
		rtpl_join_block(rx, skb, ce);
		return;
	}
	rtpl_join_runs(rx, skb, part, &g, hdr);
out:
	consume_skb(skb);
}

static void rtpl_join_ctrl(void *priv, u8 type, const u8 *body, u8 len)
{
	struct rtpl_rx *rx = priv;
	struct rtpl_link *link = rx->link;
	struct rtpl_about about;

	/* A type that is not known is skipped. */
	if (type != RTPL_CTRL_ABOUT || !rtpl_about_get(&about, body, len) ||
	    !memcmp(&about, &link->theirs, sizeof(about)))
		return;
	link->theirs = about;
	rx->about = true;
}

/* rtpl_reasm_cell() and rtpl_reasm_expire() call them: BH, RCU read side, rx_lock held. */
static const struct rtpl_reasm_ops rtpl_join_ops = {
	.order = rtpl_join_in_order,
	.whole = rtpl_join_whole,
	.begin = rtpl_join_begin,
	.put = rtpl_join_put,
	.done = rtpl_join_done,
	.lost = rtpl_join_lost,
	.ctrl = rtpl_join_ctrl,
};

/* ---- cells, and packets that wait too long ---- */

/**
 * rtpl_join_cell() - take the contents of an authentic cell
 * @rx: datagram that the cell is from, with its link set; its data, chaff and about are set to what
 *	the cell was, and whole packets are added to its list up
 * @kp: keypair under which the cell came
 * @counter: the cell's
 * @text: plaintext
 * @plain: bytes of @text to look at: to the end of its blocks (rtpl_cell_extent())
 * @now: CLOCK_MONOTONIC ns
 *
 * Context: BH, RCU read side, rx_lock held. May take path->lock.
 */
void rtpl_join_cell(struct rtpl_rx *rx, struct rtpl_keypair *kp, u32 counter,
		    const u8 *text, u16 plain, u64 now)
{
	struct rtpl_link *link = rx->link;
	struct rtpl_reasm_result res;

	rx->data = false;
	rx->reasm = &kp->reasm;
	res = rtpl_reasm_cell(&kp->reasm, counter, text, plain, now, &rtpl_join_ops, rx);
	if (res.data)
		link->rx_stats.cells++;
	else
		link->rx_stats.chaff++;
	if (unlikely(res.drop != RTPL_DROP_COUNT))
		rtpl_join_drop(rx, res.drop, 1);
	if (unlikely(res.drop2 != RTPL_DROP_COUNT))
		rtpl_join_drop(rx, res.drop2, 1);
	rx->data = res.data;
	rx->chaff = res.chaff;
}

/**
 * rtpl_join_deliver() - hand packets out of cells to the stack
 * @rx: its list up is emptied
 *
 * The packets go through the device backlog, not GRO cells: they belong to a device that is not
 * ours, and when it goes away, the core flushes its backlog, but would not flush a queue of ours.
 * GRO would join little anyway, as super-packets travel whole.
 *
 * Context: BH, the RCU read side in which the packets' device was found, no lock held.
 */
void rtpl_join_deliver(struct rtpl_rx *rx)
{
	struct sk_buff *skb;

	while ((skb = __skb_dequeue(&rx->up))) {
		unsigned int segs = max_t(u16, skb_shinfo(skb)->gso_segs, 1);

		memset(skb->cb, 0, sizeof(skb->cb));
		/* The outer packet has passed there: this one would count twice. */
		rtpl_compat_skip_ingress(skb);
		if (netif_rx(skb) == NET_RX_DROP)
			rtpl_join_drop(rx, RTPL_DROP_BACKLOG, segs);
	}
}

/**
 * rtpl_join_expire() - look for incomplete packets that wait too long
 * @rx: the timer's, with its link set
 * @kp: keypair whose incomplete packets are looked at; NULL is allowed
 * @now: CLOCK_MONOTONIC ns
 * @left: set to true if incomplete packets are left, otherwise unchanged
 *
 * Whole segments of a super-packet go up after RTPL_EARLY_NS. A packet is given up and counted when
 * nothing was added to it for RTPL_REASM_TIMEOUT_NS.
 *
 * Context: BH, RCU read side, rx_lock held.
 */
void rtpl_join_expire(struct rtpl_rx *rx, struct rtpl_keypair *kp, u64 now, bool *left)
{
	int i;

	if (!kp || (!kp->reasm.n_parts && !kp->reasm.n_stubs))
		return;
	/* The clock starts at 0 when the machine boots. */
	rtpl_reasm_expire(&kp->reasm, now - min(now, RTPL_REASM_TIMEOUT_NS), &rtpl_join_ops, rx);
	for (i = 0; i < RTPL_REASM_SLOTS; i++) {
		struct rtpl_part *part = &kp->reasm.part[i];

		if (part->len && part->since + RTPL_EARLY_NS <= now)
			rtpl_join_early(rx, part);
	}
	if (kp->reasm.n_parts || kp->reasm.n_stubs)
		*left = true;
}

/**
 * rtpl_join_keypair_free() - forget the incomplete packets of a session
 * @kp: keypair that no reader uses any more
 *
 * Context: any, before the node's counters go (rtpl_net_exit()).
 */
void rtpl_join_keypair_free(struct rtpl_keypair *kp)
{
	u32 lost = kp->reasm.n_stubs;
	struct rtpl_gso g;
	u8 hdr[U8_MAX];
	int i;

	for (i = 0; i < RTPL_REASM_SLOTS; i++) {
		struct rtpl_part *part = &kp->reasm.part[i];

		if (!part->len)
			continue;
		lost += rtpl_join_facts(part->buf, part, &g, hdr) ?
			g.segs - bitmap_weight(rtpl_join_cb(part->buf)->gone, g.segs) : 1;
		kfree_skb(part->buf);
	}
	/* Count it for the node only: the peer may be gone. */
	if (lost)
		rtpl_count_drop(kp->rn, NULL, RTPL_DROP_REASM_LOST, lost);
}
