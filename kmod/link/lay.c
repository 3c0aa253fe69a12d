// SPDX-License-Identifier: GPL-2.0
/*
 * From packets to the plaintext of cells: what a link's tx worker does under tx_lock.
 *
 * Packets come from the link's queue (txq.c). A packet's bytes are copied once, into the cell, and
 * are sealed there. core/frag.c does the framing, core/gso.c the headers of super-packets; tx.c
 * decides how large a cell is and when it leaves.
 */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/memcontrol.h>
#include <linux/sched/mm.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/tcp.h>

#include "event.h"
#include "link/crypt.h"
#include "link/lay.h"
#include "link/link.h"
#include "link/txq.h"
#include "rtpl.h"
#include "session/session.h"
#include "session/snapshot.h"
#include "trace.h"
#include "transport/transport.h"

/* Random bytes that a link draws ahead, and the least padding for which they are used. */
#define RTPL_PAD_STOCK		4096
#define RTPL_PAD_WORTH		128

/* ---- packets into blocks ---- */

/*
 * The kind as which a super-packet travels, or 0 if it has to be cut in software. Looks at the type
 * alone: until that is known, nothing else of a super-packet may be trusted or moved. Segments of
 * SCTP, and those of SKB_GSO_FRAGLIST, are separate packets in the packet's fragment list; gso_size
 * is not a size there, and pulling bytes into the head breaks the list.
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
 * Can the super-packet travel whole? Fills in @g from what the stack says about it; rtpl_pack_gso()
 * checks whether its headers say the same. The same rules apply to a super-packet from outside
 * (SKB_GSO_DODGY: a tap, a packet socket).
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
		 * CWR belongs to the first segment alone, whether a tap said so or not. With
		 * AccECN, however, it is part of a number that each segment carries, and the wire
		 * format cannot express that.
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
	if (g->segs > RTPL_GSO_SEGS_MAX || g->gso_size < RTPL_GSO_SIZE_MIN)
		return false;
	/* A packet from outside does not say how many segments it has. */
	si->gso_segs = g->segs;
	return true;
}

/*
 * The next packet that waits, as it leaves the host: a packet that the stack would encrypt behind
 * the qdisc is encrypted first. Return: NULL if there is none, or none yet.
 */
static struct sk_buff *rtpl_lay_pop(struct rtpl_build *b)
{
	struct rtpl_link *link = b->link;
	struct sk_buff *skb;

	while ((skb = rtpl_txq_pop(link))) {
		/* The device at which it was queued may be gone by now. */
		skb->dev = b->dev;
		if (!rtpl_crypt_pending(skb))
			return skb;
		if (skb_is_gso(skb)) {
			/* Cut it for a device without any offload. */
			skb->dev = link->owner->rn->crypt_dev;
			if (rtpl_txq_segment(link, skb))
				rtpl_drop_skb(link->owner->rn, link->owner, RTPL_DROP_CRYPT, skb);
			continue;
		}
		switch (rtpl_crypt_packet(link, &skb)) {
		case RTPL_CRYPT_DONE:
			skb->dev = b->dev;
			return skb;
		case RTPL_CRYPT_AGAIN:
			rtpl_txq_unpop(link, skb);
			b->later = true;
			return NULL;
		case RTPL_CRYPT_GONE:
			break;
		}
	}
	return NULL;
}

/* Begin the next packet's block in @f. Return: false if no packet waits. */
static bool rtpl_lay_next(struct rtpl_build *b, struct rtpl_fill *f)
{
	struct rtpl_link *link = b->link;
	enum rtpl_drop why;
	struct sk_buff *skb;
	struct rtpl_gso g;
	u64 since, at;
	int err;

	while ((skb = rtpl_lay_pop(b))) {
		since = rtpl_skb_since(skb, b->now);
		at = rtpl_engine_departs(&link->engine, b->d, b->index, skb->len,
					 rtpl_fill_room(f), b->cell_room);
		at = max(at, b->now) + b->behind;
		why = RTPL_DROP_LATENCY;
		if (link->shape.latency_ns && at - since > link->shape.latency_ns) {
			/* The first segments of a super-packet may still be in time. */
			if (skb_is_gso(skb) && !rtpl_txq_segment(link, skb))
				continue;
			goto drop;
		}

		why = RTPL_DROP_MALFORMED_OUT;
		if (skb_is_gso(skb)) {
			err = -EMSGSIZE;
			if (rtpl_gso_facts(skb, &g))
				err = rtpl_pack_gso(&link->pack, f, b->cell_room, &g, skb->data);
			if (err) {
				if (rtpl_txq_segment(link, skb))
					goto drop;
				continue;
			}
		} else {
			if (!pskb_may_pull(skb, RTPL_BLOCK_HEAD))
				goto drop;
			/* Compute all checksums in software, SCTP's CRC too. */
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

static void rtpl_lay_copy(void *priv, u16 off, u8 *dst, u16 len)
{
	struct sk_buff *skb = priv;

	if (off + len <= skb_headlen(skb))
		memcpy(dst, skb->data + off, len);
	else if (skb_copy_bits(skb, off, dst, len))
		memset(dst, 0, len);	/* cannot happen: the block has the packet's length */
}

/* The packet's last byte is in the cell being filled. */
static void rtpl_lay_packet_done(struct rtpl_build *b)
{
	struct rtpl_link *link = b->link;
	struct sk_buff *skb = link->cur;
	u32 segs = rtpl_skb_segs(skb);
	u64 at = max(b->d->at, b->now);
	bool udp = skb_shinfo(skb)->gso_type & SKB_GSO_UDP_L4;
	u32 bytes = skb->len;

	/* It may have begun slots ago, when another device led there, which may be gone by now. */
	skb->dev = b->dev;
	if (segs > 1)
		bytes += (segs - 1) * (skb_transport_offset(skb) +
				       (udp ? sizeof(struct udphdr) : tcp_hdrlen(skb)));
	link->tx_stats.packets += segs;
	link->tx_stats.bytes += bytes;
	rtpl_event_packet(link->owner, skb, rtpl_skb_since(skb, b->now), bytes, segs, true);
	rtpl_hist_add(&link->tx_stats.delay, at - rtpl_skb_since(skb, b->now), segs);
	/* No driver sees the packet: for its socket this is when it leaves. */
	if (unlikely(skb_shinfo(skb)->tx_flags & SKBTX_SW_TSTAMP))
		skb_tstamp_tx(skb, NULL);
	link->cur = NULL;
	consume_skb(skb);
}

/**
 * rtpl_lay_restart() - have the packet under way begin anew
 * @link: link
 *
 * Its earlier cells belong to other keys, or to none. The packet goes back to the queue's front.
 *
 * Context: BH, tx_lock held. Takes txq.lock.
 */
void rtpl_lay_restart(struct rtpl_link *link)
{
	if (!link->cur)
		return;
	rtpl_txq_unpop(link, link->cur);
	link->cur = NULL;
	link->pack.len = 0;
}

/**
 * rtpl_lay_use_keys() - lay cells for these keys from now on
 * @link: link
 * @kp: keypair to send with
 *
 * Context: BH, RCU read side, tx_lock held. Takes txq.lock if the keys are new.
 */
void rtpl_lay_use_keys(struct rtpl_link *link, const struct rtpl_keypair *kp)
{
	if (likely(link->pack_index == kp->local_index))
		return;
	rtpl_lay_restart(link);
	link->pack_index = kp->local_index;
	/* Draw a new IP ID, too: it must not link sessions, and the next may be elsewhere. */
	link->path.ident = get_random_u16();
}

/**
 * rtpl_lay_purge() - drop all packets that wait, and the one under way
 * @link: link
 * @why: reason to count
 *
 * Context: process or BH, tx_lock (BH) held. Takes txq.lock.
 */
void rtpl_lay_purge(struct rtpl_link *link, enum rtpl_drop why)
{
	struct sk_buff *skb;

	rtpl_lay_restart(link);
	while ((skb = rtpl_txq_pop(link)))
		rtpl_drop_skb(link->owner->rn, link->owner, why, skb);
}

/**
 * rtpl_lay_rest() - bytes of the block under way that are in no cell yet
 * @link: link
 *
 * Context: BH, tx_lock held.
 * Return: bytes; 0 if there is none.
 */
u32 rtpl_lay_rest(const struct rtpl_link *link)
{
	return link->pack.len ? link->pack.len - link->pack.pos : 0;
}

/**
 * rtpl_lay_waiting() - bytes that wait to be laid into cells
 * @link: link
 *
 * Context: BH, tx_lock held.
 * Return: bytes of packets in the queue, and of the rest of the block under way.
 */
u32 rtpl_lay_waiting(const struct rtpl_link *link)
{
	return READ_ONCE(link->txq_bytes) + rtpl_lay_rest(link);
}

/**
 * rtpl_lay_full() - does the block under way need all cells that it may take?
 * @link: link
 * @cell_room: bytes of blocks in each cell to come
 *
 * Context: BH, tx_lock held.
 * Return: true if a cell of chaff between its cells could make it be given up.
 */
bool rtpl_lay_full(const struct rtpl_link *link, u16 cell_room)
{
	return link->pack.len && link->pack.pos &&
	       link->pack.back + rtpl_lay_rest(link) / cell_room + 1 >= RTPL_BACK_MAX;
}

/* ---- padding drawn ahead ---- */

static void rtpl_lay_draw_padding(struct work_struct *work)
{
	struct rtpl_link *link = container_of(to_delayed_work(work), struct rtpl_link, pad_work);
	struct mem_cgroup *old = set_active_memcg(link->owner->memcg);
	u8 *fresh = kmalloc(RTPL_PAD_STOCK, GFP_KERNEL_ACCOUNT | __GFP_NORETRY | __GFP_NOWARN);
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
 * Pad the cell: with zeros that are enciphered, or, behind the cipher block in which its own blocks
 * end, with random bytes from the stock. The stock is used only where someone waits for the cell:
 * under a fixed schedule everything is enciphered, ahead of time anyway. Return: bytes to encipher.
 */
static u16 rtpl_lay_pad(struct rtpl_link *link, struct rtpl_fill *f, bool timed)
{
	u16 sealed = rtpl_fill_sealed(f, RTPL_SEAL_STEP);
	u16 rest = f->size - sealed;

	rtpl_fill_end(f);
	if (timed || rest < RTPL_PAD_WORTH)
		return f->size;
	if (link->pad_have < RTPL_PAD_STOCK / 2)
		/* Delay it: otherwise it would run before whoever waits for the packet. */
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

/**
 * rtpl_lay_tos() - DSCP and ECN of the next cell
 * @b: departure under way
 *
 * If the DSCP is copied, it is that of the first packet in the cell; chaff keeps the DSCP of the
 * cell before.
 *
 * Context: BH, tx_lock held. May take txq.lock.
 * Return: the byte as it stands in IP headers.
 */
u8 rtpl_lay_tos(const struct rtpl_build *b)
{
	struct rtpl_link *link = b->link;
	struct sk_buff *skb;

	if (unlikely(READ_ONCE(b->link->path.dscp) == RTPL_DSCP_COPY) && !b->d->alone) {
		spin_lock_bh(&link->txq.lock);
		skb = link->cur ?: skb_peek(&link->txq);
		if (skb)
			WRITE_ONCE(link->path.copied, rtpl_skb_dscp(skb));
		spin_unlock_bh(&link->txq.lock);
	}
	return rtpl_path_tos(&b->link->path);
}

/* Tell the other end our settings, once a session, where a cell with data has room. */
static void rtpl_lay_about(struct rtpl_build *b, struct rtpl_fill *f)
{
	struct rtpl_link *link = b->link;
	u8 body[RTPL_ABOUT_MAX];
	struct rtpl_about about;

	rtpl_link_about(link, &about);
	if (rtpl_pack_ctrl(&link->pack, f, RTPL_CTRL_ABOUT, body, rtpl_about_put(&about, body)))
		b->kp->said = link->say;
}

/**
 * rtpl_lay_cell() - fill one cell
 * @b: departure under way; failed, later and wants may be set
 * @buf: place for the cell
 * @size: its bytes, the tag's included
 * @c: set to what is to be sealed, if there is a cell
 *
 * The cell's counter is used up. Framing follows core/frag.h, after RFC 9347.
 *
 * Context: BH, RCU read side, tx_lock held. Takes txq.lock.
 * Return: true if there was data. If not, there is a cell only if @b asks for chaff and did not
 * fail.
 */
bool rtpl_lay_cell(struct rtpl_build *b, u8 *buf, u16 size, struct rtpl_cell *c)
{
	struct rtpl_link *link = b->link;
	u16 plain = size - RTPL_CELL_HEAD - RTPL_TAG_LEN;
	struct rtpl_cell_head *head = (void *)buf;
	u8 *text = buf + RTPL_CELL_HEAD;
	struct rtpl_fill f;
	u16 pad;

	/* The engine knows; a keepalive is not worth a packet. */
	if (b->d->alone && rtpl_lay_full(link, b->cell_room)) {
		b->failed = true;
		return false;
	}
	if (!(b->d->alone ? rtpl_fill_chaff(&link->pack, &f, text, plain) :
			    rtpl_fill_begin(&link->pack, &f, text, plain)) && link->cur) {
		/* The cells got so small that the block would span too many of them. */
		rtpl_drop_skb(b->link->owner->rn, b->link->owner, RTPL_DROP_TOO_BIG, link->cur);
		link->cur = NULL;
	}
	while (!b->d->alone && rtpl_fill_room(&f)) {
		if (!link->pack.len && !rtpl_lay_next(b, &f))
			break;
		if (!rtpl_pack_put(&link->pack, &f, rtpl_lay_copy, link->cur))
			break;
		rtpl_lay_packet_done(b);
	}
	if (!f.data && !b->d->chaff)
		return false;
	if (unlikely(b->kp->said != link->say) && f.data)
		rtpl_lay_about(b, &f);
	/*
	 * In a copy of this machine other packets may have come meanwhile. Checks made before they
	 * came are repeated, now that the plaintext is fixed.
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
	c->plain = plain;
	c->sealed = rtpl_lay_pad(link, &f, b->d->timed);
	c->counter = b->kp->send_counter++;
	head->index = b->kp->remote_index;
	head->counter = cpu_to_le32(c->counter);

	if (f.data) {
		link->tx_stats.cells++;
		link->tx_stats.pad_bytes += pad;
	} else {
		link->tx_stats.chaff++;
	}
	trace_rtpl_cell_sent(link->owner->id, size, c->counter, f.data);
	return f.data;
}

/* ---- life ---- */

/**
 * rtpl_lay_init() - prepare a link's padding work
 * @link: link, zeroed
 *
 * Context: process.
 */
void rtpl_lay_init(struct rtpl_link *link)
{
	INIT_DELAYED_WORK(&link->pad_work, rtpl_lay_draw_padding);
}

/**
 * rtpl_lay_forget() - wipe and free the random bytes that were drawn ahead
 * @link: link
 *
 * Context: process. Takes tx_lock.
 */
void rtpl_lay_forget(struct rtpl_link *link)
{
	u8 *pad;

	spin_lock_bh(&link->tx_lock);
	pad = link->pad;
	link->pad = NULL;
	link->pad_have = 0;
	spin_unlock_bh(&link->tx_lock);
	kfree_sensitive(pad);
}

/**
 * rtpl_lay_stop() - end the padding work, and free the random bytes it drew
 * @link: link whose tx worker no longer runs
 *
 * Context: process, without tx_lock. Sleeps.
 */
void rtpl_lay_stop(struct rtpl_link *link)
{
	cancel_delayed_work_sync(&link->pad_work);
	rtpl_lay_forget(link);
}
