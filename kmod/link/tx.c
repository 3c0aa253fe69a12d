// SPDX-License-Identifier: GPL-2.0
/*
 * From packets to cells: what a link's builder (builder.c) does.
 *
 * The qdisc hands packets over (stage.c, under its root lock), the
 * builder lays them into cells, seals these and sends them through the UDP
 * socket. It runs in a softirq, woken by arrival, by fresh keys, by
 * a release queue that drained, or by the link's hrtimer, a lead time ahead of
 * the next slot of a fixed schedule.
 *
 * Cells leave in batches (batch.c); a packet's bytes are copied once, into the cell,
 * and sealed in place.
 *
 * What leaves when is core/engine.c's to say, how large core/pad.c's, and the
 * framing core/frag.c's.
 */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/memcontrol.h>
#include <linux/sched/mm.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <linux/user_namespace.h>
#include <net/tcp.h>

#include "event.h"
#include "link/batch.h"
#include "link/builder.h"
#include "link/crypt.h"
#include "link/link.h"
#include "link/outlet.h"
#include "link/seal.h"
#include "link/stage.h"
#include "rtpl.h"
#include "session/session.h"
#include "session/snapshot.h"
#include "trace.h"
#include "transport/own.h"
#include "transport/socket.h"
#include "transport/transport.h"

/* Without memory for a cell, or a route, the builder tries again after this time. */
#define RTPL_TX_RETRY_NS	(2 * NSEC_PER_MSEC)
/*
 * Chaff that finds cells waiting for the device tries again after this time, then after
 * twice that, up to so many doublings.
 */
#define RTPL_TX_BUSY_NS		(100 * NSEC_PER_USEC)
#define RTPL_TX_BUSY_SHIFT	7
/* Packets that waited before a profile came, and that its engine is told of. */
#define RTPL_TX_TELL		128
/* Batches in one run of the builder, before others get the CPU. */
#define RTPL_TX_ROUNDS		16
/*
 * Cells of the one batch in a run, where another link's slot is to be built on the same processor
 * within so much time; longer than any run that does not stop for it.
 */
#define RTPL_TX_SHARE_CELLS	16
#define RTPL_TX_SHARE_NS	(2 * RTPL_PACE_LEAD_MAX)

/* Random bytes that a link draws ahead, and from how many on they are worth it. */
#define RTPL_PAD_STOCK		4096
#define RTPL_PAD_WORTH		128

/* ---- packets into blocks ---- */

/*
 * The kind as which a super-packet travels, or 0 if it has to be cut in software. Looks at
 * the type alone: until that is known nothing else of a super-packet may be believed or moved.
 * Segments of SCTP stand one by one in the packet's fragment list, and so do those of
 * SKB_GSO_FRAGLIST; gso_size is no size there, and bytes pulled into the head break the list.
 */
static u8 rtpl_gso_kind(const struct sk_buff *skb)
{
	unsigned int type = skb_shinfo(skb)->gso_type & ~SKB_GSO_DODGY;
	bool v6 = skb->protocol == htons(ETH_P_IPV6);

	if (skb->encapsulation || skb_is_gso_sctp(skb) || skb_shinfo(skb)->gso_size == GSO_BY_FRAGS)
		return 0;
	if (type == SKB_GSO_UDP_L4)
		return v6 ? RTPL_GSO_UDP6 : RTPL_GSO_UDP4;
	type &= ~(SKB_GSO_TCP_ECN | SKB_GSO_TCP_FIXEDID | RTPL_COMPAT_GSO_ACCECN);
	if (type == (v6 ? SKB_GSO_TCPV6 : SKB_GSO_TCPV4))
		return v6 ? RTPL_GSO_TCP6 : RTPL_GSO_TCP4;
	return 0;
}

/*
 * Can the super-packet travel whole? Fills in @g from what the stack says of it; whether its
 * headers say the same is rtpl_pack_gso()'s to check. One from outside (SKB_GSO_DODGY: a tap,
 * a packet socket) is taken by the same rules.
 */
static bool rtpl_gso_facts(struct sk_buff *skb, struct rtpl_gso *g)
{
	int l4_off = skb_transport_offset(skb);
	struct skb_shared_info *si = skb_shinfo(skb);
	unsigned int thlen, csum;

	memset(g, 0, sizeof(*g));
	g->kind = rtpl_gso_kind(skb);
	if (!g->kind || skb->ip_summed != CHECKSUM_PARTIAL || skb->len > U16_MAX ||
	    !skb_transport_header_was_set(skb) || l4_off < (int)sizeof(struct iphdr))
		return false;
	if (g->kind == RTPL_GSO_UDP4 || g->kind == RTPL_GSO_UDP6) {
		thlen = sizeof(struct udphdr);
		csum = offsetof(struct udphdr, check);
	} else {
		if (!rtpl_skb_need(skb, l4_off + sizeof(struct tcphdr)))
			return false;
		thlen = tcp_hdrlen(skb);
		csum = offsetof(struct tcphdr, check);
		/*
		 * CWR is the first segment's alone, whether a tap said so or not; but with
		 * AccECN it is part of a number that each segment has, and there is no word
		 * for that on the wire.
		 */
		if (tcp_hdr(skb)->cwr && si->gso_type & RTPL_COMPAT_GSO_ACCECN)
			return false;
		if (tcp_hdr(skb)->cwr || si->gso_type & SKB_GSO_TCP_ECN)
			g->flags |= RTPL_GSO_F_ECN;
		if (si->gso_type & SKB_GSO_TCP_FIXEDID)
			g->flags |= RTPL_GSO_F_FIXEDID;
	}
	/* The other end puts the checksum where the transport header has it. */
	if (skb_checksum_start_offset(skb) != l4_off || skb->csum_offset != csum)
		return false;
	if (l4_off + thlen > U8_MAX || l4_off + thlen >= skb->len ||
	    !rtpl_skb_need(skb, l4_off + thlen))
		return false;
	g->l4_off = l4_off;
	g->hdr_len = l4_off + thlen;
	g->gso_size = si->gso_size;
	g->pkt_len = skb->len;
	g->segs = DIV_ROUND_UP(g->pkt_len - g->hdr_len, g->gso_size);
	if (g->segs > RTPL_GSO_SEGS_MAX)
		return false;
	/* A packet from outside does not say how many. */
	si->gso_segs = g->segs;
	return true;
}

static void rtpl_tx_trace(const struct rtpl_link *link, u8 what, u64 now, u64 at, u32 bytes,
			  u16 most)
{
	trace_rtpl_engine(link->owner->rn->net, link->owner->id, what, now, at, bytes, most);
}

static void rtpl_tx_traffic(struct rtpl_link *link, enum rtpl_traffic_event what, u64 now, u64 at,
			    u32 bytes)
{
	rtpl_tx_trace(link, what, now, at, bytes, 0);
	rtpl_engine_traffic(&link->engine, what, at, bytes);
}

/*
 * Tell the engine of each cell that came from the peer and of each packet that came to be
 * sent since the last time, oldest first. tx_lock.
 */
static void rtpl_tx_tell(struct rtpl_link *link, u64 now)
{
	const struct rtpl_rx_run *run;
	struct sk_buff *skb;
	u32 in, n, i;

	in = smp_load_acquire(&link->rx_ring_in);	/* pairs with rtpl_tx_note_rx() */

	for (i = link->rx_ring_out; i != in; i++) {
		run = &link->rx_ring[i % RTPL_RX_RING];
		for (n = 0; link->engine.listens_got && n < run->n; n++)
			rtpl_tx_traffic(link, run->data ? RTPL_GOT_DATA : RTPL_GOT_CHAFF, now,
					run->at, run->size);
		smp_store_release(&link->rx_ring_out, i + 1);	/* the place may be used again */
	}
	if (!link->engine.listens)
		return;
	spin_lock_bh(&link->stage.lock);
	n = skb_queue_len(&link->stage) - link->reported;
	skb = (struct sk_buff *)&link->stage;
	for (i = 0; i < n; i++)
		skb = skb->prev;
	for (i = 0; i < n; i++, skb = skb->next)
		rtpl_tx_traffic(link, RTPL_QUEUED, now, rtpl_skb_since(skb, now), skb->len);
	link->reported += n;
	spin_unlock_bh(&link->stage.lock);
}

static void rtpl_tx_wake_at(struct rtpl_link *link, u64 at)
{
	hrtimer_start(&link->timer, ns_to_ktime(at), HRTIMER_MODE_ABS_SOFT);
}

/* Building one departure. */
struct rtpl_build {
	struct rtpl_link *link;
	struct rtpl_keypair *kp;
	const struct rtpl_departure *d;
	struct net_device *dev;	/* that the cells leave by; RCU */
	u64 now;
	u64 behind;		/* ns that the device sends slots too late */
	u16 cell_room;		/* blocks' bytes in a cell of the largest size */
	u16 index;		/* cell of the departure being filled */
	bool wants;		/* any cell but keepalives */
	bool keepalive;		/* of no schedule: nothing need answer it */
	bool failed;		/* no memory: try again later, the timer is set */
};

/*
 * The next packet that waits, as it leaves the host: what would be encrypted behind the
 * qdisc is encrypted first. Return: NULL when there is none, or none now.
 */
static struct sk_buff *rtpl_tx_pop(struct rtpl_build *b)
{
	struct rtpl_link *link = b->link;
	struct sk_buff *skb;

	while ((skb = rtpl_stage_pop(link))) {
		/* The device that it was queued at may be gone since. */
		skb->dev = b->dev;
		if (!rtpl_crypt_pending(skb))
			return skb;
		if (skb_is_gso(skb)) {
			/* Cut for a device that can do nothing. */
			skb->dev = link->owner->rn->crypt_dev;
			if (rtpl_stage_segment(link, skb))
				rtpl_drop_skb(link->owner->rn, link->owner, RTPL_DROP_CRYPT, skb);
			continue;
		}
		switch (rtpl_crypt_packet(link, &skb)) {
		case RTPL_CRYPT_DONE:
			skb->dev = b->dev;
			return skb;
		case RTPL_CRYPT_AGAIN:
			rtpl_stage_unpop(link, skb);
			rtpl_tx_wake_at(link, b->now + RTPL_TX_RETRY_NS);
			b->failed = true;
			return NULL;
		case RTPL_CRYPT_GONE:
			break;
		}
	}
	return NULL;
}

/* Begin the next packet's block in @f. Return: false when nothing waits. */
static bool rtpl_tx_next(struct rtpl_build *b, struct rtpl_fill *f)
{
	struct rtpl_link *link = b->link;
	enum rtpl_drop why;
	struct sk_buff *skb;
	struct rtpl_gso g;
	u64 since, at;
	int err;

	while ((skb = rtpl_tx_pop(b))) {
		since = rtpl_skb_since(skb, b->now);
		at = rtpl_engine_departs(&link->engine, b->d, b->index, skb->len,
					 rtpl_fill_room(f), b->cell_room);
		at = max(at, b->now) + b->behind;
		why = RTPL_DROP_LATENCY;
		if (link->shape.latency_ns && at - since > link->shape.latency_ns) {
			/* The first segments of a super-packet may still be in time. */
			if (skb_is_gso(skb) && !rtpl_stage_segment(link, skb))
				continue;
			goto drop;
		}

		why = RTPL_DROP_MALFORMED_OUT;
		if (skb_is_gso(skb)) {
			err = -EMSGSIZE;
			if (rtpl_gso_facts(skb, &g))
				err = rtpl_pack_gso(&link->pack, f, b->cell_room, &g, skb->data);
			if (err) {
				if (rtpl_stage_segment(link, skb))
					goto drop;
				continue;
			}
		} else {
			if (!pskb_may_pull(skb, RTPL_BLOCK_HEAD))
				goto drop;
			/* All of them in software, SCTP's CRC too. */
			if (skb->ip_summed == CHECKSUM_PARTIAL && skb_csum_hwoffload_help(skb, 0))
				goto drop;
			err = rtpl_pack_ip(&link->pack, f, b->cell_room, skb->data, skb->len);
			why = err == -EMSGSIZE ? RTPL_DROP_TOO_BIG : RTPL_DROP_MALFORMED_OUT;
			if (err)
				goto drop;
		}
		link->cur = skb;
		return true;
drop:
		rtpl_drop_skb(link->owner->rn, link->owner, why, skb);
	}
	return false;
}

static void rtpl_tx_copy(void *priv, u16 off, u8 *dst, u16 len)
{
	struct sk_buff *skb = priv;

	if (off + len <= skb_headlen(skb))
		memcpy(dst, skb->data + off, len);
	else if (skb_copy_bits(skb, off, dst, len))
		memset(dst, 0, len);	/* cannot be: the block has the packet's length */
}

/* The packet's last byte is in the cell being filled. */
static void rtpl_tx_packet_done(struct rtpl_build *b)
{
	struct rtpl_link *link = b->link;
	struct sk_buff *skb = link->cur;
	u32 segs = rtpl_skb_segs(skb);
	u64 at = max(b->d->at, b->now);
	bool udp = skb_shinfo(skb)->gso_type & SKB_GSO_UDP_L4;

	link->stats.tx_packets += segs;
	link->stats.tx_bytes += skb->len;
	if (segs > 1)
		link->stats.tx_bytes += (u64)(segs - 1) * (skb_transport_offset(skb) +
				(udp ? sizeof(struct udphdr) : tcp_hdrlen(skb)));
	rtpl_hist_add(&link->stats.delay, at - rtpl_skb_since(skb, b->now), segs);
	/* No driver sees the packet: to its socket this is when it leaves. */
	if (unlikely(skb_shinfo(skb)->tx_flags & SKBTX_SW_TSTAMP))
		skb_tstamp_tx(skb, NULL);
	link->cur = NULL;
	consume_skb(skb);
}

/* The packet under way begins anew: its earlier cells belong to other keys. */
static void rtpl_tx_restart_packet(struct rtpl_link *link)
{
	if (!link->cur)
		return;
	rtpl_stage_unpop(link, link->cur);
	link->cur = NULL;
	link->pack.len = 0;
}

static void rtpl_tx_use_keys(struct rtpl_link *link, const struct rtpl_keypair *kp)
{
	if (likely(link->pack_index == kp->local_index))
		return;
	rtpl_tx_restart_packet(link);
	link->pack_index = kp->local_index;
}

/* Give up all that waits. */
static void rtpl_tx_purge(struct rtpl_link *link, enum rtpl_drop why)
{
	struct sk_buff *skb;

	rtpl_tx_restart_packet(link);
	while ((skb = rtpl_stage_pop(link)))
		rtpl_drop_skb(link->owner->rn, link->owner, why, skb);
}

/* Bytes that wait to be laid into cells. */
static u32 rtpl_tx_waiting(const struct rtpl_link *link)
{
	return READ_ONCE(link->stage_bytes) +
	       (link->pack.len ? link->pack.len - link->pack.pos : 0);
}

/* ---- padding drawn ahead ---- */

static void rtpl_tx_draw_padding(struct work_struct *work)
{
	struct rtpl_link *link = container_of(to_delayed_work(work), struct rtpl_link, pad_work);
	struct mem_cgroup *old = set_active_memcg(link->owner->memcg);
	u8 *fresh = kmalloc(RTPL_PAD_STOCK, GFP_KERNEL_ACCOUNT);
	unsigned int epoch = rtpl_snapshot_epoch();

	set_active_memcg(old);
	if (!fresh)
		return;
	rtpl_random_bytes(fresh, RTPL_PAD_STOCK);
	spin_lock_bh(&link->tx_lock);
	if (epoch == rtpl_snapshot_epoch()) {
		swap(link->pad, fresh);
		link->pad_have = RTPL_PAD_STOCK;
	}
	spin_unlock_bh(&link->tx_lock);
	kfree_sensitive(fresh);
}

/*
 * Pad the cell: with zeros to be enciphered, or, behind the block of the cipher in
 * which its blocks end, from the stock. That only where somebody waits for
 * the cell: under a fixed schedule all is enciphered, ahead of time anyway.
 * Return: bytes to encipher.
 */
static u16 rtpl_tx_pad(struct rtpl_link *link, struct rtpl_fill *f, bool timed)
{
	u16 sealed = rtpl_fill_sealed(f, RTPL_SEAL_STEP);
	u16 rest = f->size - sealed;

	rtpl_fill_end(f);
	if (timed || rest < RTPL_PAD_WORTH)
		return f->size;
	if (link->pad_have < RTPL_PAD_STOCK / 2)
		queue_delayed_work(rtpl_wq, &link->pad_work, 1);
	if (rest > link->pad_have)
		return f->size;
	link->pad_have -= rest;
	memcpy(f->buf + sealed, link->pad + link->pad_have, rest);
	return sealed;
}

static u8 rtpl_skb_dscp(const struct sk_buff *skb)
{
	const u8 *p = skb->data;

	if (skb_headlen(skb) < sizeof(struct iphdr))
		return 0;
	return p[0] >> 4 == 6 ? (p[0] & 15) << 2 | p[1] >> 6 : p[1] >> 2;
}

/*
 * DSCP and ECN of the cell that is built next. Where the DSCP is copied, it is that of the first
 * packet in the cell; chaff goes on with what the cell before had. tx_lock.
 */
static u8 rtpl_tx_tos(const struct rtpl_build *b)
{
	struct rtpl_link *link = b->link;
	struct sk_buff *skb;

	if (unlikely(READ_ONCE(b->link->path.dscp) == RTPL_DSCP_COPY) && !b->d->alone) {
		spin_lock_bh(&link->stage.lock);
		skb = link->cur ?: skb_peek(&link->stage);
		if (skb)
			WRITE_ONCE(link->path.copied, rtpl_skb_dscp(skb));
		spin_unlock_bh(&link->stage.lock);
	}
	return rtpl_path_tos(&b->link->path);
}

/* Once a session, where a cell with data has the room: what this end is set to. */
static void rtpl_tx_about(struct rtpl_build *b, struct rtpl_fill *f)
{
	struct rtpl_link *link = b->link;
	u8 body[RTPL_ABOUT_MAX];
	struct rtpl_about about;

	rtpl_link_about(link, &about);
	if (rtpl_pack_ctrl(&link->pack, f, RTPL_CTRL_ABOUT, body, rtpl_about_put(&about, body)))
		b->kp->said = link->say;
}

/* Fill and seal one cell of @size bytes at @buf. Return: was there data? */
static bool rtpl_tx_cell(struct rtpl_build *b, u8 *buf, u16 size)
{
	struct rtpl_link *link = b->link;
	u16 plain = size - RTPL_CELL_HEAD - RTPL_TAG_LEN;
	struct rtpl_cell_head *head = (void *)buf;
	u8 *text = buf + RTPL_CELL_HEAD;
	struct rtpl_fill f;
	u16 sealed, pad;
	u32 counter;

	if (!(b->d->alone ? rtpl_fill_chaff(&link->pack, &f, text, plain) :
			    rtpl_fill_begin(&link->pack, &f, text, plain)) && link->cur) {
		/* The cells got so small that the block would follow too many. */
		rtpl_drop_skb(b->link->owner->rn, b->link->owner, RTPL_DROP_TOO_BIG, link->cur);
		link->cur = NULL;
	}
	while (!b->d->alone && rtpl_fill_room(&f)) {
		if (!link->pack.len && !rtpl_tx_next(b, &f))
			break;
		if (!rtpl_pack_put(&link->pack, &f, rtpl_tx_copy, link->cur))
			break;
		rtpl_tx_packet_done(b);
	}
	if (!f.data && !b->d->chaff)
		return false;
	if (unlikely(b->kp->said != link->say) && f.data)
		rtpl_tx_about(b, &f);
	/*
	 * In a copy of this machine other packets may have come meanwhile. What was looked at
	 * before them is looked at again, now that the plaintext stands.
	 */
	if (unlikely(rtpl_snapshot_stale())) {
		rtpl_count_drop(b->link->owner->rn, b->link->owner, RTPL_DROP_NO_KEYS, 1);
		b->failed = true;
		return false;
	}
	pad = f.size - f.used;
	if (!f.data && !b->keepalive)
		rtpl_fill_mark(&f);
	b->wants |= f.data || !b->keepalive;
	sealed = rtpl_tx_pad(link, &f, b->d->timed);

	counter = b->kp->send_counter++;
	head->index = b->kp->remote_index;
	head->counter = cpu_to_le32(counter);
	rtpl_seal_cell(text, plain, sealed, counter, b->kp->send_key);

	if (f.data) {
		link->stats.tx_cells++;
		link->stats.tx_pad_bytes += pad;
	} else {
		link->stats.tx_chaff++;
	}
	rtpl_tx_traffic(b->link, f.data ? RTPL_SENT_DATA : RTPL_SENT_CHAFF, b->now,
			max(b->d->at, b->now), size);
	trace_rtpl_cell_sent(b->link->owner->id, size, counter, f.data);
	return f.data;
}

/* ---- the way that cells take ---- */

/* The peer whose cells this processor is handing to the stack. */
static DEFINE_PER_CPU(struct rtpl_link *, rtpl_tx_sending);

/*
 * Between the route's device and the one whose qdisc holds cells there may be a VLAN, a bridge,
 * a bond: what a cell passes is seen when it does.
 */
void rtpl_tx_passes(struct rtpl_net *rn, int ifindex)
{
	struct rtpl_link *link = this_cpu_read(rtpl_tx_sending);

	if (!link || link->owner->rn != rn)
		return;
	link->passed = true;
	if (link->out_ifindex != ifindex)
		WRITE_ONCE(link->out_ifindex, ifindex);
}

/* As rtpl_socket_xmit(). tx_lock. */
static int rtpl_tx_xmit(struct rtpl_link *link, struct rtpl_route *r, struct sk_buff *skb, u64 at)
{
	struct rtpl_link *outer = this_cpu_read(rtpl_tx_sending);
	int ifindex = r->dst->dev->ifindex;
	int err;

	link->passed = false;
	this_cpu_write(rtpl_tx_sending, link);
	err = rtpl_socket_xmit(link->owner->rn, r, skb, at);
	this_cpu_write(rtpl_tx_sending, outer);
	/* What waits for a neighbour's address passes later: the last known qdisc stays. */
	if (unlikely(link->route_ifindex != ifindex)) {
		if (!link->passed)
			WRITE_ONCE(link->out_ifindex, 0);
		link->route_ifindex = ifindex;
	}
	return err;
}

static void rtpl_tx_free_handshake(struct rtpl_link *link)
{
	kfree(link->hs_buf);
	link->hs_buf = NULL;
}

/* A waiting handshake datagram goes out by itself. tx_lock. */
static void rtpl_tx_handshake_now(struct rtpl_link *link, struct rtpl_route *r, u64 at)
{
	struct sk_buff *skb;

	skb = alloc_skb(RTPL_SKB_HEADROOM + link->hs_len, GFP_ATOMIC);
	if (!skb) {
		rtpl_route_put(r);
		rtpl_count_drop(link->owner->rn, link->owner, RTPL_DROP_NO_MEMORY, 1);
	} else {
		skb_reserve(skb, RTPL_SKB_HEADROOM);
		skb_put_data(skb, link->hs_buf, link->hs_len);
		rtpl_own_note_handshake(link->owner->rn, link->hs_buf, link->hs_len);
		link->stats.tx_handshake++;
		link->stats.tx_wire_bytes += link->hs_len + rtpl_route_overhead(r);
		if (rtpl_tx_xmit(link, r, skb, at))
			rtpl_count_drop(link->owner->rn, link->owner, RTPL_DROP_XMIT, 1);
	}
	rtpl_tx_free_handshake(link);
}

/*
 * Build and send of one departure's cells as many as a batch holds, b->index the
 * first of them. tx_lock, RCU read side. Uses up the route. Return: how many.
 */
static u16 rtpl_tx_batch(struct rtpl_build *b, struct rtpl_route *r, u16 cell)
{
	u32 overhead = rtpl_route_overhead(r);
	struct rtpl_link *link = b->link;
	struct rtpl_batch batch;
	struct sk_buff *skb;
	u16 n, end;

	b->dev = r->dst->dev;
	if (!rtpl_batch_init(&batch, cell, b->d->cells - b->index)) {
		rtpl_route_put(r);
		rtpl_count_drop(link->owner->rn, link->owner, RTPL_DROP_NO_MEMORY,
				b->d->timed ? b->d->cells - b->index : 1);
		/* The packets still wait; a full link is not kicked by more of them. */
		rtpl_tx_wake_at(link, b->now + RTPL_TX_RETRY_NS);
		b->failed = true;
		return 0;
	}
	for (end = b->index + batch.max; b->index < end; b->index++) {
		u8 *buf = rtpl_batch_cell(&batch);
		u8 tos = rtpl_tx_tos(b);
		u16 size = cell;
		bool data;

		/* A batch has one IP header. */
		if (batch.n && tos != r->tos)
			break;
		r->tos = tos;
		if (link->hs_buf && link->hs_len == cell) {
			memcpy(buf, link->hs_buf, cell);
			rtpl_own_note_handshake(link->owner->rn, buf, cell);
			rtpl_tx_free_handshake(link);
			rtpl_batch_commit(&batch, cell);
			link->stats.tx_handshake++;
			link->stats.tx_wire_bytes += cell + overhead;
			continue;
		}
		size = rtpl_pad_pick(&link->shape, rtpl_tx_waiting(link), cell);
		data = rtpl_tx_cell(b, buf, size);
		if (b->failed || (!data && !b->d->chaff))
			break;
		rtpl_batch_commit(&batch, size);
		link->stats.tx_wire_bytes += size + overhead;
		if (!data)
			link->stats.tx_chaff_bytes += size + overhead;
		if (size < cell) {
			b->index++;
			break;
		}
	}
	n = batch.n;
	skb = rtpl_batch_finish(&batch);
	if (!skb) {
		rtpl_route_put(r);
		return 0;
	}
	rtpl_outlet->more(link->owner->rn, link->out_ifindex, rtpl_tx_waiting(link));
	if (rtpl_tx_xmit(link, r, skb, b->d->timed ? b->d->at : 0))
		rtpl_count_drop(link->owner->rn, link->owner, RTPL_DROP_XMIT, n);
	rtpl_timers_cell_sent(&link->session, b->wants);
	return n;
}

/*
 * Build and send one departure, in more than one batch where a slot asks for more
 * than one holds. tx_lock, RCU read side. Uses up the route. Return: was anything sent?
 */
static bool rtpl_tx_depart(struct rtpl_build *b, struct rtpl_route *r, u16 cell)
{
	u16 n = rtpl_tx_batch(b, r, cell);
	bool sent = n;

	while (n && !b->failed && b->d->timed && b->index < b->d->cells) {
		if (rtpl_path_route(&b->link->path, r)) {
			rtpl_count_drop(b->link->owner->rn, b->link->owner, RTPL_DROP_NO_ROUTE,
					b->d->cells - b->index);
			break;
		}
		n = rtpl_tx_batch(b, r, cell);
	}
	return sent;
}

/* The path's MTU may have changed: what does not fit any more is told. tx_lock. */
static void rtpl_tx_follow_path(struct rtpl_link *link, const struct rtpl_route *r)
{
	u16 cell;

	if (likely(link->cell_ceiling == r->cell_max))
		return;
	cell = rtpl_pad_max(&link->shape, link->cell_path);
	link->cell_ceiling = r->cell_max;
	if (link->cell_path > r->cell_max || !link->path_probed)
		link->cell_path = r->cell_max;
	if (rtpl_pad_max(&link->shape, link->cell_path) != cell)
		rtpl_event(link->owner, RTPL_EVENT_PATH_MTU);
}

/*
 * When this processor is to build the next slot: links' timers go off where they were set. Of
 * several links the first counts, and what is past says nothing.
 */
static DEFINE_PER_CPU(u64, rtpl_tx_slot_at);

/* A slot is to be built here. BH. */
static void rtpl_tx_slot_here(u64 at, u64 now)
{
	u64 known = this_cpu_read(rtpl_tx_slot_at);

	if (at < known || known < now)
		this_cpu_write(rtpl_tx_slot_at, at);
}

/* May building this link's cells hold up another's slot? Then little of it at a time. BH. */
static bool rtpl_tx_shares(const struct rtpl_link *link)
{
	u64 at = this_cpu_read(rtpl_tx_slot_at), now;

	if (link->slotted || !at)
		return false;
	now = ktime_get_ns();
	return at < now + RTPL_TX_SHARE_NS && at + RTPL_TX_SHARE_NS > now;
}

static void rtpl_tx_set_slotted(struct rtpl_link *link, bool slotted)
{
	if (link->slotted == slotted)
		return;
	WRITE_ONCE(link->slotted, slotted);
	atomic_add(slotted ? 1 : -1, &link->owner->rn->n_slotted);
}

/* How much to stage: what two slots take, as the engine has them now. tx_lock. */
static void rtpl_tx_set_want(struct rtpl_link *link)
{
	u32 cells = rtpl_engine_slot(&link->engine);
	u32 want = RTPL_STAGE_BYTES;

	if (cells)
		want = 2 * cells * rtpl_pad_max(&link->shape, link->cell_path);
	WRITE_ONCE(link->stage_want, want);
	rtpl_tx_set_slotted(link, cells && !link->dead);
}

/* The device makes the link wait: with packets at hand, so take fewer ahead. tx_lock. */
static void rtpl_tx_want_less(struct rtpl_link *link, u16 cell)
{
	WRITE_ONCE(link->want_hit, false);
	if (!link->slotted)
		WRITE_ONCE(link->stage_want, max_t(u32, link->stage_want / 2, cell));
}

/* Nothing but stage_want kept packets from the link. tx_lock. */
static void rtpl_tx_want_more(struct rtpl_link *link)
{
	if (likely(!READ_ONCE(link->want_hit)))
		return;
	WRITE_ONCE(link->want_hit, false);
	if (!link->slotted)
		WRITE_ONCE(link->stage_want,
			   min_t(u32, link->stage_want * 2, RTPL_STAGE_BYTES));
}

/* There are keys: the engine begins. tx_lock. */
static void rtpl_tx_up(struct rtpl_link *link)
{
	u16 cell = rtpl_pad_max(&link->shape, link->cell_path);
	u8 first[RTPL_RNG_SEED];
	u64 now = ktime_get_ns();

	if (!rtpl_testing_seed(first))
		rtpl_random_bytes(first, sizeof(first));
	rtpl_tx_trace(link, RTPL_TRACE_START, now, now, cell, 0);
	WRITE_ONCE(link->up, true);
	link->lead = RTPL_PACE_LEAD_MIN;
	rtpl_engine_start(&link->engine, &link->shape,
			  link->profile, link->role, cell,
			  now, first);
	memzero_explicit(first, sizeof(first));
	spin_lock(&link->stage.lock);
	link->reported = 0;
	spin_unlock(&link->stage.lock);
	rtpl_tx_set_want(link);
}

/* A slot was built: how early is the next to be begun? tx_lock. */
static void rtpl_tx_set_lead(struct rtpl_link *link, u64 took)
{
	u32 lead = rtpl_pace_lead(link->lead, took);

	if (lead == link->lead)
		return;
	link->lead = lead;
	rtpl_tx_trace(link, RTPL_TRACE_LEAD, ktime_get_ns(), 0, lead, 0);
}

/* One departure if one is due. Return: true to be asked again. tx_lock, RCU read side. */
static bool rtpl_tx_round(struct rtpl_link *link)
{
	struct rtpl_build b = { .link = link };
	enum rtpl_engine_answer answer;
	struct rtpl_departure d;
	struct rtpl_route r;
	u16 cell, most;
	u32 waiting;
	u64 oldest, late = 0;
	bool again, skip;
	int err;

	b.kp = rtpl_keypair_to_send(&link->session);
	waiting = rtpl_tx_waiting(link);
	if (!b.kp) {
		WRITE_ONCE(link->up, false);
		rtpl_tx_restart_packet(link);
		if (waiting)
			rtpl_handshake_want(&link->session);
		if (!link->hs_buf)
			return false;
	} else if (!link->up) {
		rtpl_tx_up(link);
	}
	if (b.kp)
		rtpl_tx_use_keys(link, b.kp);

	if (!waiting && !link->hs_buf && !link->profile &&
	    link->shape.sched == RTPL_SCHEDULE_ASAP)
		return false;
	err = rtpl_path_route(&link->path, &r);
	if (err) {
		enum rtpl_drop why = err == -EDESTADDRREQ ? RTPL_DROP_NO_KEYS : RTPL_DROP_NO_ROUTE;

		if (link->hs_buf)
			rtpl_count_drop(link->owner->rn, link->owner, why, 1);
		rtpl_tx_free_handshake(link);
		rtpl_tx_purge(link, why);
		goto idle;
	}
	rtpl_tx_follow_path(link, &r);
	cell = rtpl_pad_max(&link->shape, link->cell_path);

	/* Before there is a session, or off the shape's size: not in the schedule. */
	if (link->hs_buf && (!b.kp || link->hs_len != cell)) {
		rtpl_tx_handshake_now(link, &r, 0);
		return true;
	}
	if (!b.kp) {
		rtpl_route_put(&r);
		return false;
	}

	b.now = ktime_get_ns();
	if (link->slot_wake && link->slot_wake <= b.now) {
		late = b.now - link->slot_wake;
		link->slot_wake = 0;
	}
	b.cell_room = cell - RTPL_CELL_OVERHEAD;
	most = min_t(u16, RTPL_BATCH_CELLS, RTPL_BATCH_BYTES / cell);
	if (rtpl_tx_shares(link))
		most = min_t(u16, most, RTPL_TX_SHARE_CELLS);
	most = clamp_t(u32, rtpl_outlet->room(link->owner->rn, link->out_ifindex) / cell, 1, most);
	rtpl_engine_cell(&link->engine, cell);
	rtpl_tx_tell(link, b.now);
	/* A handshake datagram takes a cell of its own. */
	waiting += link->hs_buf ? b.cell_room : 0;
	oldest = link->engine.listens ? rtpl_stage_oldest(link, b.now) : 0;
	rtpl_tx_trace(link, RTPL_TRACE_ASKED, b.now, oldest, waiting, most);
	answer = rtpl_engine_next(&link->engine, b.now, link->lead, waiting, oldest, most,
				  &d);
	if (answer != RTPL_ENGINE_SEND) {
		/* No machine holds back the keys. */
		if (link->hs_buf && link->engine.blocked) {
			rtpl_tx_handshake_now(link, &r, 0);
			return true;
		}
		rtpl_route_put(&r);
		if (answer == RTPL_ENGINE_WAKE) {
			link->slot_wake = link->slotted ? d.at : 0;
			if (link->slotted)
				rtpl_tx_slot_here(d.at, b.now);
			rtpl_tx_wake_at(link, d.at);
		}
		return false;
	}
	/* A rate that the device does not carry: what could not leave is not built. */
	if (d.timed && d.chaff) {
		b.behind = rtpl_outlet->behind(link->owner->rn, link->out_ifindex, &skip);
		if (unlikely(skip) && rtpl_engine_skip(&link->engine, &d)) {
			rtpl_tx_trace(link, RTPL_TRACE_SKIPPED, b.now, d.at, 0, 0);
			rtpl_route_put(&r);
			return true;
		}
	}
	/*
	 * While the device is busy chaff looks again later, and does not ask for room as data does:
	 * then the device's bound (core/room.h) would grow, packets would no longer wait for each
	 * other and share cells, and more cells take a slow line longer.
	 */
	if (!d.timed && d.chaff && !d.close && !waiting &&
	    rtpl_outlet->busy(link->owner->rn, link->out_ifindex)) {
		rtpl_route_put(&r);
		rtpl_tx_wake_at(link, b.now + (RTPL_TX_BUSY_NS << link->busy));
		link->busy = min(link->busy + 1, RTPL_TX_BUSY_SHIFT);
		return false;
	}
	/* Slots that are always filled know no load; all else sees what waits for the device. */
	if (!(d.timed && d.chaff) &&
	    rtpl_outlet->wait(link->owner->rn, link->out_ifindex, link)) {
		/* The qdisc wakes us when it has drained. */
		rtpl_route_put(&r);
		rtpl_tx_want_less(link, cell);
		return false;
	}
	link->busy = 0;
	b.d = &d;
	rtpl_engine_take(&link->engine, &d, b.now);
	again = rtpl_tx_depart(&b, &r, cell) || d.timed || link->engine.of;
	if (d.timed && d.chaff)
		rtpl_tx_set_lead(link, late + ktime_get_ns() - b.now);
	return again && !b.failed;

idle:
	/* A schedule goes on, its slots counted as missed: look again. */
	if (b.kp && (link->profile || rtpl_engine_fills(&link->engine)))
		rtpl_tx_wake_at(link, ktime_get_ns() + RTPL_TX_RETRY_NS);
	return false;
}

static bool rtpl_tx_build(void *of)
{
	struct rtpl_link *link = of;
	int rounds = rtpl_tx_shares(link) ? 1 : RTPL_TX_ROUNDS;
	bool again = true;

	spin_lock(&link->tx_lock);
	rcu_read_lock();
	while (!link->dead && again && rounds--)
		again = rtpl_tx_round(link);
	rtpl_tx_want_more(link);
	WRITE_ONCE(link->pack_left, link->pack.len ? link->pack.len - link->pack.pos : 0);
	again = again && !link->dead;
	rcu_read_unlock();
	spin_unlock(&link->tx_lock);
	/* Others may wait for the room that this link leaves. */
	rtpl_outlet->refill(link->owner->rn);
	return again;
}

static enum hrtimer_restart rtpl_tx_timer(struct hrtimer *t)
{
	struct rtpl_link *link = container_of(t, struct rtpl_link, timer);

	/* A slot goes before what leaves as it comes. */
	rtpl_builder_kick(link->builder, READ_ONCE(link->slotted));
	return HRTIMER_NORESTART;
}

/* ---- what others call ---- */

void rtpl_tx_kick(struct rtpl_link *link)
{
	/* In one read side section with the look at dead: see rtpl_tx_end(). */
	rcu_read_lock();
	if (!READ_ONCE(link->dead))
		rtpl_builder_kick(link->builder, false);
	rcu_read_unlock();
}

int rtpl_tx_handshake(struct rtpl_link *link, const u8 *data, u16 len)
{
	u8 *buf, *old;

	if (!READ_ONCE(link->path.endpoint.sa.sa_family))
		return -EDESTADDRREQ;
	buf = kmemdup(data, len, GFP_ATOMIC);
	if (!buf)
		return -ENOMEM;

	spin_lock_bh(&link->tx_lock);
	if (link->dead) {
		spin_unlock_bh(&link->tx_lock);
		kfree(buf);
		return -ESHUTDOWN;
	}
	/* A newer datagram replaces one that still waits for its slot. */
	old = link->hs_buf;
	link->hs_buf = buf;
	link->hs_len = len;
	spin_unlock_bh(&link->tx_lock);
	kfree(old);
	rtpl_tx_kick(link);
	return 0;
}

/* PMTU_RAISE_TIMER of RFC 8899. */
#define RTPL_PATH_RAISE_NS	(600ULL * NSEC_PER_SEC)

/* What a path carries that drops larger packets without a word: IPv6's minimum, IPv4's. */
static const u16 rtpl_probe_mtu[] = { 1280, 576 };

u16 rtpl_tx_handshake_size(struct rtpl_link *link, unsigned int attempt)
{
	struct rtpl_route r;
	u16 cell, path;
	u32 probe;
	int err;

	local_bh_disable();
	rcu_read_lock();
	err = rtpl_path_route(&link->path, &r);
	spin_lock(&link->tx_lock);
	if (!err)
		rtpl_tx_follow_path(link, &r);
	path = link->cell_path;
	/*
	 * The first attempts are as large as a cell, for that is what must
	 * get through. Then every other one is what a narrower path takes.
	 * A path found narrow is tried again at full width now and then.
	 */
	if (!attempt && link->path_probed &&
	    ktime_get_ns() - link->path_since > RTPL_PATH_RAISE_NS) {
		link->path_since = ktime_get_ns();
		path = link->cell_ceiling;
	} else if (attempt >= 2 && attempt % 2 == 0) {
		probe = rtpl_probe_mtu[min_t(size_t, attempt / 2 - 1,
					     ARRAY_SIZE(rtpl_probe_mtu) - 1)];
		probe -= READ_ONCE(link->path.endpoint.sa.sa_family) == AF_INET6 ?
			 sizeof(struct ipv6hdr) + sizeof(struct udphdr) :
			 sizeof(struct iphdr) + sizeof(struct udphdr);
		path = min_t(u32, path, probe);
	} else if (attempt % 2 == 1) {
		path = link->cell_ceiling;
	}
	cell = rtpl_pad_max(&link->shape, path);
	spin_unlock(&link->tx_lock);
	if (!err)
		rtpl_route_put(&r);
	rcu_read_unlock();
	local_bh_enable();
	return cell;
}

void rtpl_tx_path_confirmed(struct rtpl_link *link, u16 size)
{
	u16 was, now;

	spin_lock_bh(&link->tx_lock);
	was = rtpl_pad_max(&link->shape, link->cell_path);
	if (size != was) {
		link->cell_path = min(size, link->cell_ceiling);
		link->path_probed = link->cell_path < link->cell_ceiling;
		link->path_since = ktime_get_ns();
	}
	now = rtpl_pad_max(&link->shape, link->cell_path);
	spin_unlock_bh(&link->tx_lock);
	if (was != now)
		rtpl_event(link->owner, RTPL_EVENT_PATH_MTU);
}

void rtpl_tx_link_lost(struct rtpl_link *link)
{
	spin_lock_bh(&link->tx_lock);
	WRITE_ONCE(link->up, false);
	rtpl_tx_purge(link, RTPL_DROP_NO_KEYS);
	spin_unlock_bh(&link->tx_lock);
}

void rtpl_tx_forget(struct rtpl_link *link)
{
	u8 *pad;

	spin_lock_bh(&link->tx_lock);
	WRITE_ONCE(link->up, false);
	pad = link->pad;
	link->pad = NULL;
	link->pad_have = 0;
	rtpl_tx_free_handshake(link);
	rtpl_rng_forget(&link->engine.rng);
	spin_unlock_bh(&link->tx_lock);
	kfree_sensitive(pad);
}

void rtpl_tx_keepalive(struct rtpl_link *link)
{
	struct rtpl_departure d = { .cells = 1, .chaff = true };
	bool shaped = false;
	struct rtpl_build b = { .link = link, .d = &d, .now = ktime_get_ns(), .keepalive = true };
	struct rtpl_route r;

	local_bh_disable();
	spin_lock(&link->tx_lock);
	rcu_read_lock();
	b.kp = rtpl_keypair_to_send(&link->session);
	/*
	 * A fixed schedule never falls silent: there is nothing to keep alive. Nor is there where
	 * it is about to begin with the first session: its first slot has the first cell.
	 */
	if (link->dead || !b.kp || link->engine.fills)
		goto out;
	rtpl_tx_use_keys(link, b.kp);
	/* What waits is the engine's to let go. */
	shaped = link->profile;
	d.alone = shaped;
	if (rtpl_path_route(&link->path, &r))
		goto out;
	rtpl_tx_follow_path(link, &r);
	b.cell_room = rtpl_pad_max(&link->shape, link->cell_path) - RTPL_CELL_OVERHEAD;
	rtpl_tx_depart(&b, &r, b.cell_room + RTPL_CELL_OVERHEAD);
out:
	rcu_read_unlock();
	spin_unlock(&link->tx_lock);
	local_bh_enable();
	if (shaped)
		rtpl_tx_kick(link);
}

/* ---- life ---- */

/* Process context. Return: 0 or -ENOMEM. */
int rtpl_tx_init(struct rtpl_link *link)
{
	spin_lock_init(&link->tx_lock);
	rtpl_stage_init(link);
	link->builder = rtpl_builder_create(rtpl_tx_build, link,
					    link->owner->rn->net->user_ns != &init_user_ns);
	if (!link->builder)
		return -ENOMEM;
	INIT_DELAYED_WORK(&link->pad_work, rtpl_tx_draw_padding);
	rtpl_compat_hrtimer_setup(&link->timer, rtpl_tx_timer, CLOCK_MONOTONIC,
				  HRTIMER_MODE_ABS_SOFT);
	return 0;
}

/**
 * rtpl_tx_reshape() - a new shape while the link runs
 * @link: link
 * @shape: checked, @profile's with what was set beside it
 * @profile: NULL, or one that stays until the link has another, or is gone
 * @role: which of @profile's ends this is
 * @by_policy: a policy chose it
 *
 * Context: process, rn->lock. A constant rate goes on without a gap. Without memory for
 * what came, the profile is in force all the same and what it does not hear is counted.
 * Return: the profile before, or NULL; the link uses it no more.
 */
const struct rtpl_profile *rtpl_tx_reshape(struct rtpl_link *link, const struct rtpl_shape *shape,
					   const struct rtpl_profile *profile, u8 role,
					   bool by_policy)
{
	const struct rtpl_profile *old;

	if (profile && !link->rx_ring)
		smp_store_release(&link->rx_ring,	/* pairs with rtpl_tx_note_rx() */
				  kcalloc(RTPL_RX_RING, sizeof(*link->rx_ring),
					  GFP_KERNEL_ACCOUNT));
	spin_lock_bh(&link->tx_lock);
	old = link->profile;
	link->profile = profile;
	link->role = role;
	link->by_policy = by_policy;
	/* Whoever is told knows it by then: 0 is of a session that said nothing yet. */
	link->say = link->say == U8_MAX ? 1 : link->say + 1;
	spin_lock(&link->stage.lock);
	link->shape = *shape;
	/* Of a long queue another engine hears its end only: that there is data. */
	if (profile != old)
		link->reported = max_t(s64, (s64)skb_queue_len(&link->stage) - RTPL_TX_TELL, 0);
	spin_unlock(&link->stage.lock);
	rtpl_engine_change(&link->engine, shape, profile, role,
			   ktime_get_ns());
	rtpl_tx_set_want(link);
	spin_unlock_bh(&link->tx_lock);
	rtpl_link_compare(link);
	rtpl_tx_kick(link);
	return old;
}

void rtpl_tx_note_rx(struct rtpl_link *link, const struct rtpl_rx_run *run)
{
	struct rtpl_rx_run *ring = smp_load_acquire(&link->rx_ring);	/* rtpl_tx_reshape() */
	u32 in = link->rx_ring_in;

	/* Pairs with rtpl_tx_tell(): the place has been read. */
	if (!ring || in - smp_load_acquire(&link->rx_ring_out) >= RTPL_RX_RING) {
		link->rx_ring_lost += run->n;
		return;
	}
	ring[in % RTPL_RX_RING] = *run;
	smp_store_release(&link->rx_ring_in, in + 1);	/* pairs with rtpl_tx_tell() */
}

/*
 * Nothing is sent or staged from here on. Being out of the tables does not
 * keep everybody away: rn->waiting and rn->hs_work hold references, and may
 * kick the builder at any time. They look at dead first, under RCU, so that a
 * grace period from now on the last kick is done, and rtpl_tx_stop() can end
 * the builder for good. Any context.
 */
void rtpl_tx_end(struct rtpl_link *link)
{
	spin_lock_bh(&link->tx_lock);
	spin_lock(&link->stage.lock);
	WRITE_ONCE(link->dead, true);
	spin_unlock(&link->stage.lock);
	rtpl_tx_set_slotted(link, false);
	spin_unlock_bh(&link->tx_lock);
}

/*
 * A grace period after rtpl_tx_end(). The builder arms the timer and the timer
 * schedules the builder, hence twice. Sleeps.
 */
void rtpl_tx_stop(struct rtpl_link *link)
{
	hrtimer_cancel(&link->timer);
	rtpl_builder_stop(link->builder);
	hrtimer_cancel(&link->timer);
	cancel_delayed_work_sync(&link->pad_work);
	rtpl_stage_stop(link);

	spin_lock_bh(&link->tx_lock);
	rtpl_tx_purge(link, RTPL_DROP_PURGED);
	rtpl_tx_free_handshake(link);
	kfree(link->pad);
	link->pad = NULL;
	link->pad_have = 0;
	spin_unlock_bh(&link->tx_lock);
}
