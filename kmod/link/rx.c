// SPDX-License-Identifier: GPL-2.0
/*
 * Receiving cells: a datagram, or a batch of datagrams that the stack kept together, comes to the
 * UDP socket; each cell is opened into a buffer of this CPU and checked against the replay window.
 * join.c takes its contents.
 *
 * Cells are never deciphered where they came: a tap may share the memory.
 *
 * The cells of a large batch are opened by several processors (spread.c), in pieces with a buffer
 * each. Then they are looked at one by one all the same, in order, replay window included.
 */
#include <linux/etherdevice.h>
#include <linux/udp.h>
#include <net/inet_ecn.h>

#include "compat/cpu_lock.h"
#include "link/join.h"
#include "link/link.h"
#include "link/seal.h"
#include "link/spread.h"
#include "rtpl.h"
#include "session/session.h"
#include "session/snapshot.h"
#include "trace.h"
#include "transport/transport.h"

/* How often to look for segments that wait too long. */
#define RTPL_EARLY_JIFFIES	max_t(unsigned long, 1, nsecs_to_jiffies(RTPL_EARLY_NS))

static u8 __percpu *rtpl_rx_scratch;	/* RTPL_CELL_MAX each: one cell */
static DEFINE_PER_CPU(struct rtpl_compat_cpu_lock, rtpl_rx_scratch_lock) =
	RTPL_COMPAT_CPU_LOCK(rtpl_rx_scratch_lock);

/* ---- cells ---- */

/*
 * The cell's bytes in one piece: in place if they are linear, otherwise copied to @to. Pages may be
 * others', who write to them when they like (a file's that somebody sends, a packet socket's ring),
 * and not all are marked as such: what a tag was checked for must not change behind it.
 */
static const u8 *rtpl_rx_bytes(const struct sk_buff *skb, u32 off, u32 len, u8 *to)
{
	if (off + len <= skb_headlen(skb))
		return skb->data + off;
	return skb_copy_bits(skb, off, to, len) ? NULL : to;
}

static void rtpl_rx_arm(struct rtpl_rx *rx, struct rtpl_link *link)
{
	if (rx->eth)
		memcpy(link->in_eth, rx->eth, sizeof(link->in_eth));
	else
		eth_zero_addr(link->in_eth);
	if (!timer_pending(&link->reasm_timer))
		mod_timer(&link->reasm_timer, jiffies + RTPL_EARLY_JIFFIES);
}

/*
 * Decipher only as far as there are blocks: the first bytes of a cell of chaff are enough. Return:
 * number of bytes to look at.
 */
static u16 rtpl_rx_decipher(struct rtpl_open *open, u8 *text, u16 plain)
{
	u16 need = RTPL_SEAL_STEP;

	do {
		/* A full cell should take no more than three steps. */
		rtpl_open_more(open, text, max_t(u32, need, 4 * open->have));
		need = rtpl_cell_extent(rtpl_block_types, text, open->have, plain);
	} while (need > open->have);
	rtpl_open_end(open);
	return need;
}

/*
 * Open a cell to @scratch, which it may be copied to before. Sets @used: bytes to look at, 0 if the
 * tag is wrong. Return: false without its bytes. BH, RCU read side.
 */
static bool rtpl_rx_open(struct rtpl_rx *rx, u32 off, u32 len, u8 *scratch,
			 const struct rtpl_keypair *kp, u32 counter, u16 *used)
{
	const u8 *cell = rtpl_rx_bytes(rx->skb, off, len, scratch);
	u16 plain = len - RTPL_CELL_HEAD - RTPL_TAG_LEN;
	struct rtpl_open open;

	*used = 0;
	if (!cell)
		return false;
	this_cpu_inc(rx->rn->cells->opened);
	/* This is in place if the cell had to be copied. */
	if (rtpl_open_cell(&open, cell + RTPL_CELL_HEAD, plain, counter, kp->recv_key))
		*used = rtpl_rx_decipher(&open, scratch + RTPL_CELL_HEAD, plain);
	return true;
}

/* A cell that was opened ahead. */
struct rtpl_rx_opened {
	struct rtpl_keypair *kp;	/* with its keys; NULL: it was not */
	u32 counter;
	u16 used;			/* bytes to look at; 0: the tag is wrong */
};

/* Pages of at most this order have a piece's cells, opened, behind what is known of these. */
#define RTPL_RX_ORDER		2
#define RTPL_RX_PIECES		16

/* The opening of a batch's cells by several processors. */
struct rtpl_rx_spread {
	struct rtpl_spread spread;
	struct rtpl_rx *rx;
	u32 off, step;			/* as for rtpl_rx_receive() */
	u16 each;			/* cells in a piece */
	u16 room;			/* bytes for a cell's plaintext */
	u16 n;				/* pieces */
	u8 order;			/* of their pages */
	struct page *pages[RTPL_RX_PIECES];	/* NULL: there was no memory */
};

static struct rtpl_rx_opened *rtpl_rx_opened(const struct rtpl_rx_spread *s, u16 i, u8 **text)
{
	struct page *page = s->pages[i / s->each];
	u8 *at;

	if (!page)
		return NULL;
	at = page_address(page);
	*text = at + s->each * sizeof(struct rtpl_rx_opened) + i % s->each * s->room;
	return (struct rtpl_rx_opened *)at + i % s->each;
}

/*
 * Open one cell of a batch ahead. Whatever is not as it should be is left to rtpl_rx_datagram(),
 * which counts it. BH, RCU read side.
 */
static void rtpl_rx_open_ahead(struct rtpl_rx *rx, u32 off, u32 len, struct rtpl_rx_opened *o,
			       u8 *text)
{
	struct rtpl_cell_head _head;
	const struct rtpl_cell_head *head;
	struct rtpl_keypair *kp;
	struct rtpl_link *link;
	bool fresh;

	o->kp = NULL;
	head = skb_header_pointer(rx->skb, off, sizeof(_head), &_head);
	if (!head || len < RTPL_CELL_MIN || len > RTPL_CELL_MAX || !head->index)
		return;
	o->counter = le32_to_cpu(READ_ONCE(head->counter));
	kp = rtpl_keypair_by_index(rx->rn, le32_to_cpu(READ_ONCE(head->index)));
	if (!kp || !rtpl_keypair_may_receive(kp))
		return;
	link = rtpl_link_of(kp->session);
	spin_lock(&link->rx_lock);
	fresh = rtpl_replay_check(&kp->replay, o->counter);
	spin_unlock(&link->rx_lock);
	if (!fresh)
		return;
	if (rtpl_rx_open(rx, off, len, text, kp, o->counter, &o->used))
		o->kp = kp;
}

static void rtpl_rx_open_piece(struct rtpl_spread *spread, u16 i)
{
	struct rtpl_rx_spread *s = container_of(spread, struct rtpl_rx_spread, spread);
	u32 len = s->rx->skb->len, off;
	struct rtpl_rx_opened *o;
	u16 n;
	u8 *text;

	s->pages[i] = alloc_pages(GFP_NOWAIT | __GFP_NOWARN | __GFP_COMP | __GFP_NORETRY,
				  s->order);
	if (!s->pages[i])
		return;
	for (n = i * s->each; n < (i + 1) * s->each; n++) {
		off = s->off + n * s->step;
		if (off >= len)
			break;
		o = rtpl_rx_opened(s, n, &text);
		rtpl_rx_open_ahead(s->rx, off, min(s->step, len - off), o, text);
	}
}

/*
 * Have a batch's cells opened by several processors, if it is large enough. Return: were they? If
 * so rtpl_rx_spread_free(). BH, RCU read side.
 */
static bool rtpl_rx_spread(struct rtpl_rx_spread *s, struct rtpl_rx *rx, u32 off, u32 step)
{
	u32 cells = DIV_ROUND_UP(rx->skb->len - off, step);
	struct rtpl_cell_head _head;
	const struct rtpl_cell_head *head;
	struct rtpl_keypair *kp;
	u16 most;

	if (likely(cells < 2) || step > RTPL_CELL_MAX || !rtpl_spread_may())
		return false;
	/* Root of a user namespace gets no other processor's time. */
	if (rtpl_net_bounded(rx->rn))
		return false;
	/* Nor does who knows no session. */
	head = skb_header_pointer(rx->skb, off, sizeof(_head), &_head);
	kp = head ? rtpl_keypair_by_index(rx->rn, le32_to_cpu(READ_ONCE(head->index))) : NULL;
	if (!kp || !rtpl_keypair_may_receive(kp))
		return false;
	s->room = ALIGN(step, sizeof(u64));
	most = (PAGE_SIZE << RTPL_RX_ORDER) / (s->room + sizeof(struct rtpl_rx_opened));
	s->each = min(rtpl_spread_step(step), most);
	s->each = max_t(u16, s->each, DIV_ROUND_UP(cells, RTPL_RX_PIECES));
	if (s->each > most)
		return false;
	s->n = DIV_ROUND_UP(cells, s->each);
	s->order = get_order(s->each * (s->room + sizeof(struct rtpl_rx_opened)));
	s->rx = rx;
	s->off = off;
	s->step = step;
	if (!rtpl_spread_begin(&s->spread, rtpl_rx_open_piece, s->n))
		return false;
	rtpl_spread_ready(&s->spread, s->n);
	rtpl_spread_end(&s->spread);
	return true;
}

static void rtpl_rx_spread_free(struct rtpl_rx_spread *s)
{
	u16 i;

	for (i = 0; i < s->n; i++)
		if (s->pages[i])
			__free_pages(s->pages[i], s->order);
}

/* Pass a copy of a datagram out of a batch, with its headers, to handshake.c. */
static void rtpl_rx_handshake(struct rtpl_rx *rx, u32 off, u32 len)
{
	struct sk_buff *skb = rx->skb;
	int hlen = skb->data - skb_network_header(skb) + sizeof(struct udphdr);
	struct sk_buff *hs;

	hs = alloc_skb(hlen + len, GFP_ATOMIC | __GFP_NOWARN);
	if (!hs) {
		rtpl_count_drop(rx->rn, NULL, RTPL_DROP_NO_MEMORY, 1);
		return;
	}
	skb_put_data(hs, skb_network_header(skb), hlen);
	skb_reset_network_header(hs);
	skb_set_transport_header(hs, hlen - sizeof(struct udphdr));
	skb_pull(hs, hlen);
	skb_copy_bits(skb, off, skb_put(hs, len), len);
	hs->dev = skb->dev;
	hs->skb_iif = skb->skb_iif;
	hs->protocol = skb->protocol;
	rtpl_handshake_receive(rx->rn, rx->kind, hs);
}

/* The run of like cells has ended: note it for the engine. BH. */
static void rtpl_rx_run_end(struct rtpl_rx *rx)
{
	struct rtpl_link *link;

	if (likely(!rx->run_of))
		return;
	link = rx->run_of;
	spin_lock(&link->rx_lock);
	rtpl_tx_note_rx(link, &rx->run);
	spin_unlock(&link->rx_lock);
	rtpl_tx_kick(rx->run_of);
	rx->run_of = NULL;
}

/* Add a cell to the run, or begin another run with it. BH, RCU read side. */
static void rtpl_rx_run_add(struct rtpl_rx *rx, struct rtpl_link *link, u16 size, u64 now)
{
	if (rx->run_of != link || rx->run.size != size || rx->run.data != rx->data) {
		rtpl_rx_run_end(rx);
		rx->run_of = link;
		rx->run = (struct rtpl_rx_run){ .at = now, .size = size, .data = rx->data };
	}
	rx->run.n++;
}

/*
 * One datagram of @len bytes at @off behind skb->data (the UDP header), which @o is about, if it
 * was opened ahead to @scratch. BH, RCU read side. Sets rx->link, and delivers the packets that the
 * cell completed.
 */
static void rtpl_rx_datagram(struct rtpl_rx *rx, u32 off, u32 len, u8 *scratch, u64 now,
			     const struct rtpl_rx_opened *o)
{
	struct rtpl_cell_head _head;
	const struct rtpl_cell_head *head;
	struct rtpl_keypair *kp;
	struct rtpl_link *link;
	bool fresh, listens = false;
	u32 counter;
	u16 used;
	u8 *text;

	head = skb_header_pointer(rx->skb, off, sizeof(_head), &_head);
	if (!head || len < RTPL_CELL_MIN || len > RTPL_CELL_MAX) {
		rtpl_count_drop(rx->rn, NULL, RTPL_DROP_SHORT, 1);
		return;
	}
	if (!head->index) {
		/* Check it before it is copied: index and counter are the whole frame. */
		BUILD_BUG_ON(sizeof(*head) < sizeof(struct rtpl_noise_head));
		if (rtpl_handshake_wants(rx->rn, (const u8 *)head, len))
			rtpl_rx_handshake(rx, off, len);
		return;
	}
	kp = rtpl_keypair_by_index(rx->rn, le32_to_cpu(head->index));
	if (!kp) {
		rtpl_count_drop(rx->rn, NULL, RTPL_DROP_UNKNOWN_INDEX, 1);
		return;
	}
	counter = le32_to_cpu(READ_ONCE(head->counter));
	link = rtpl_link_of(kp->session);
	if (!rtpl_keypair_may_receive(kp)) {
		rtpl_count_drop(rx->rn, link->owner, RTPL_DROP_KEY_EXPIRED, 1);
		return;
	}
	/* The replay window is that of the machine from which this one was copied. */
	if (unlikely(rtpl_snapshot_stale())) {
		rtpl_count_drop(rx->rn, link->owner, RTPL_DROP_NO_KEYS, 1);
		return;
	}
	/* A replay is not worth opening. Check again below: others may come meanwhile. */
	spin_lock(&link->rx_lock);
	fresh = rtpl_replay_check(&kp->replay, counter);
	spin_unlock(&link->rx_lock);
	if (unlikely(!fresh)) {
		rtpl_count_drop(rx->rn, link->owner, RTPL_DROP_REPLAY, 1);
		return;
	}
	if (o && o->kp == kp && o->counter == counter) {
		used = o->used;
	} else if (!rtpl_rx_open(rx, off, len, scratch, kp, counter, &used)) {
		rtpl_count_drop(rx->rn, link->owner, RTPL_DROP_NO_MEMORY, 1);
		return;
	}
	if (!used) {
		rtpl_count_drop(rx->rn, link->owner, RTPL_DROP_AUTH, 1);
		return;
	}
	text = scratch + RTPL_CELL_HEAD;
	rx->link = link;

	spin_lock(&link->rx_lock);
	if (unlikely(link->dead)) {
		spin_unlock(&link->rx_lock);
		rtpl_count_drop(rx->rn, link->owner, RTPL_DROP_DEVICE_GONE, 1);
		return;
	}
	fresh = rtpl_replay_accept(&kp->replay, counter);
	if (likely(fresh)) {
		link->in_ifindex = rx->dev->ifindex;
		link->rx_stats.wire_bytes += len + (rx->skb->data - skb_network_header(rx->skb)) +
					     sizeof(struct udphdr);
		rtpl_join_cell(rx, kp, counter, text, used, now);
		if (kp->reasm.n_parts || kp->reasm.n_stubs)
			rtpl_rx_arm(rx, link);
		listens = READ_ONCE(link->engine.listens_got);
	}
	spin_unlock(&link->rx_lock);
	if (unlikely(!fresh)) {
		rtpl_count_drop(rx->rn, link->owner, RTPL_DROP_REPLAY, 1);
		return;
	}
	rx->fresh = link;
	trace_rtpl_cell_received(link->owner->id, len, counter, rx->data);

	if (unlikely(rx->about)) {
		rx->about = false;
		rtpl_link_compare(link);
	}
	if (unlikely(listens))
		rtpl_rx_run_add(rx, link, len, now);
	if (unlikely(rtpl_keypair_received(&link->session, kp)))
		rtpl_tx_kick(link);
	rtpl_timers_cell_received(&link->session, rx->data || rx->chaff);
	rtpl_join_deliver(rx);
}

/* The stack keeps only datagrams with the same ECN field together. */
static bool rtpl_rx_is_ce(const struct sk_buff *skb)
{
	return skb->protocol == htons(ETH_P_IPV6) ?
	       INET_ECN_is_ce(ipv6_get_dsfield(ipv6_hdr(skb))) :
	       INET_ECN_is_ce(ip_hdr(skb)->tos);
}

/**
 * rtpl_rx_receive() - receive a datagram, or a batch that the stack kept together
 * @rn: node
 * @kind: transport by which it came
 * @skb: with the headers of the outer packet set; consumed
 * @off: where the first cell begins, from skb->data on
 * @step: bytes from one to the next; only the last may be shorter
 *
 * Context: BH, RCU read side.
 */
void rtpl_rx_receive(struct rtpl_net *rn, enum rtpl_transport_kind kind, struct sk_buff *skb,
		     u32 off, u32 step)
{
	struct rtpl_rx rx = { .rn = rn, .kind = kind, .skb = skb, .dev = skb->dev };
	struct rtpl_rx_opened *opened = NULL;
	struct rtpl_rx_spread spread;
	struct rtpl_endpoint ep;
	u32 len = skb->len, i = 0;
	u8 *scratch, *text;
	bool ahead;
	u64 now;

	__skb_queue_head_init(&rx.up);
	rx.ce = rtpl_rx_is_ce(skb);
	if (skb_mac_header_was_set(skb) && skb_mac_header_len(skb) >= ETH_HLEN)
		rx.eth = skb_mac_header(skb);
	rtpl_compat_cpu_lock(this_cpu_ptr(&rtpl_rx_scratch_lock));
	scratch = this_cpu_ptr(rtpl_rx_scratch);
	now = ktime_get_ns();
	ahead = rtpl_rx_spread(&spread, &rx, off, step);
	do {	/* also run once for an empty datagram, to count it */
		if (ahead)
			opened = rtpl_rx_opened(&spread, i++, &text);
		rtpl_rx_datagram(&rx, off, min(step, len - off), opened ? text : scratch, now,
				 opened);
		off += step;
	} while (off < len);
	if (ahead)
		rtpl_rx_spread_free(&spread);
	rtpl_compat_cpu_unlock(this_cpu_ptr(&rtpl_rx_scratch_lock));

	rtpl_rx_run_end(&rx);

	/* The last authentic cell tells where the peer is now; a replay tells nothing. */
	if (rx.fresh && !rtpl_endpoint_from_skb(&ep, kind, skb))
		rtpl_path_set_endpoint(&rx.fresh->path, &ep);
	consume_skb(skb);
}

/* ---- incomplete packets that wait too long ---- */

static void rtpl_rx_timer(struct timer_list *t)
{
	struct rtpl_link *link = container_of(t, struct rtpl_link, reasm_timer);
	struct rtpl_rx rx = { .rn = link->owner->rn, .link = link };
	u64 now = ktime_get_ns();
	bool left = false;

	__skb_queue_head_init(&rx.up);
	rcu_read_lock();
	spin_lock(&link->rx_lock);
	if (!link->dead) {
		rx.dev = dev_get_by_index_rcu(link->owner->rn->net, link->in_ifindex);
		if (!is_zero_ether_addr(link->in_eth))
			rx.eth = link->in_eth;
		rtpl_join_expire(&rx, rcu_dereference(link->session.keys.current_pair), now, &left);
		rtpl_join_expire(&rx, rcu_dereference(link->session.keys.previous), now, &left);
		rtpl_join_expire(&rx, rcu_dereference(link->session.keys.next), now, &left);
		rtpl_join_expire(&rx, rcu_dereference(link->session.keys.doubtful), now, &left);
		if (left)
			mod_timer(&link->reasm_timer, jiffies + RTPL_EARLY_JIFFIES);
	}
	spin_unlock(&link->rx_lock);
	rtpl_join_deliver(&rx);
	rcu_read_unlock();
}

/* ---- life ---- */

/**
 * rtpl_rx_init() - prepare a link's receiving half
 * @link: link, zeroed
 *
 * Context: process.
 */
void rtpl_rx_init(struct rtpl_link *link)
{
	spin_lock_init(&link->rx_lock);
	timer_setup(&link->reasm_timer, rtpl_rx_timer, 0);
}

/**
 * rtpl_rx_stop() - end a link's receiving half
 * @link: link with dead set (rtpl_tx_end()), so that the timer does not start again
 *
 * Context: process, rn->lock held. Takes rx_lock. Sleeps.
 */
void rtpl_rx_stop(struct rtpl_link *link)
{
	/* Those that held the lock before saw dead unset; from now on nobody arms the timer. */
	spin_lock_bh(&link->rx_lock);
	spin_unlock_bh(&link->rx_lock);
	rtpl_compat_timer_delete_sync(&link->reasm_timer);
}

/**
 * rtpl_rx_module_init() - make the buffers that cells are opened into, one for each CPU
 *
 * Context: process, module init.
 * Return: 0 or -ENOMEM.
 */
int rtpl_rx_module_init(void)
{
	rtpl_rx_scratch = __alloc_percpu(RTPL_CELL_MAX, 16);
	return rtpl_rx_scratch ? 0 : -ENOMEM;
}

/**
 * rtpl_rx_module_exit() - free the buffers that cells are opened into
 *
 * Context: process, module exit; no socket is left.
 */
void rtpl_rx_module_exit(void)
{
	free_percpu(rtpl_rx_scratch);
}
