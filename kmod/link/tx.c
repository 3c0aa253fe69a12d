// SPDX-License-Identifier: GPL-2.0
/*
 * Departures: what a link's tx worker (tx_worker.c) does.
 *
 * The qdisc hands packets over (txq.c, under its root lock). The tx worker has them laid into cells
 * (lay.c), seals these in place and sends them through the UDP socket, in batches (batch.c). It
 * runs in a softirq, woken by new packets, by fresh keys, by a release queue that drained, or by
 * the link's hrtimer, a lead time ahead of the next slot of a fixed schedule.
 *
 * core/engine.c decides what leaves when, core/pad.c how large cells are, and pmtu.c what the path
 * carries.
 */
#include <linux/hrtimer.h>
#include <linux/user_namespace.h>

#include "compat/cpu_lock.h"
#include "event.h"
#include "link/batch.h"
#include "link/due.h"
#include "link/gather.h"
#include "link/tx_worker.h"
#include "link/lay.h"
#include "link/link.h"
#include "link/outlet.h"
#include "link/pmtu.h"
#include "link/seal.h"
#include "link/txq.h"
#include "rtpl.h"
#include "session/session.h"
#include "session/snapshot.h"
#include "trace.h"
#include "transport/own.h"
#include "transport/transport.h"

/* Without memory for a cell, or without a route, the tx worker tries again after this time. */
#define RTPL_TX_RETRY_NS	(2 * NSEC_PER_MSEC)

/* Most packets that waited before a profile came, and of which its engine is told. */
#define RTPL_TX_TELL		128
/* Batches in one run of the tx worker, before others get the CPU. */
#define RTPL_TX_ROUNDS		16
/* Cells of the only batch in a run that stops for another link's slot (due.c). */
#define RTPL_TX_SHARE_CELLS	16

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
 * Tell the engine of each cell that came from the peer, and of each packet queued for it, since the
 * last time, oldest first. tx_lock.
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
		smp_store_release(&link->rx_ring_out, i + 1);	/* the entry may be used again */
	}
	if (!link->engine.listens)
		return;
	spin_lock_bh(&link->txq.lock);
	n = skb_queue_len(&link->txq) - link->reported;
	skb = (struct sk_buff *)&link->txq;
	for (i = 0; i < n; i++)
		skb = skb->prev;
	for (i = 0; i < n; i++, skb = skb->next)
		rtpl_tx_traffic(link, RTPL_QUEUED, now, rtpl_skb_since(skb, now), skb->len);
	link->reported += n;
	spin_unlock_bh(&link->txq.lock);
}

/* Tell an engine that decides by how much waits what the class keeps. tx_lock, RCU read side. */
static void rtpl_tx_behind(struct rtpl_link *link, u64 now)
{
	u32 behind = rtpl_outlet->backlog(link->owner->rn);

	if (behind == link->engine.sched.behind)
		return;
	rtpl_tx_trace(link, RTPL_TRACE_BEHIND, now, 0, behind, 0);
	rtpl_engine_behind(&link->engine, behind);
}

/* Tell the engine whether chaff may leave between the cells of the block under way. tx_lock. */
static void rtpl_tx_full(struct rtpl_link *link, u16 cell_room, u64 now)
{
	bool full = rtpl_lay_full(link, cell_room);

	if (likely(full == link->engine.full))
		return;
	rtpl_tx_trace(link, RTPL_TRACE_FULL, now, 0, full, 0);
	rtpl_engine_full(&link->engine, full);
}

static void rtpl_tx_wake_at(struct rtpl_link *link, u64 at)
{
	hrtimer_start(&link->timer, ns_to_ktime(at), HRTIMER_MODE_ABS_SOFT);
}

/* ---- the path that cells take ---- */

/*
 * The link whose cells this processor is handing to the stack, and the task that does so (in a
 * softirq: the one that it interrupted), or NULL. Under PREEMPT_RT another task may pass a qdisc on
 * this processor meanwhile, and cannot take the lock there, which is outside the qdisc's.
 */
static DEFINE_PER_CPU(struct rtpl_link *, rtpl_tx_sending);
static DEFINE_PER_CPU(struct task_struct *, rtpl_tx_sender);
static DEFINE_PER_CPU(struct rtpl_compat_cpu_lock, rtpl_tx_sending_lock) =
	RTPL_COMPAT_CPU_LOCK(rtpl_tx_sending_lock);

/**
 * rtpl_tx_passes() - note that an own cell passes a device's qdisc
 * @rn: node
 * @ifindex: the device
 *
 * Between the route's device and the one whose qdisc holds cells there may be a VLAN, a bridge or a
 * bond: only when a cell passes a qdisc is it known which. Does nothing unless the caller hands
 * cells of one of the node's links to the stack.
 *
 * Context: BH, root lock of the device's qdisc. That link's tx_lock is held by this processor.
 */
void rtpl_tx_passes(struct rtpl_net *rn, int ifindex)
{
	struct rtpl_link *link;

	if (this_cpu_read(rtpl_tx_sender) != current)
		return;
	link = this_cpu_read(rtpl_tx_sending);
	if (link->owner->rn != rn)
		return;
	link->passed = true;
	if (link->out_ifindex != ifindex)
		WRITE_ONCE(link->out_ifindex, ifindex);
}

/* As rtpl_transport_xmit(). tx_lock. */
static int rtpl_tx_xmit(struct rtpl_link *link, struct rtpl_route *r, struct sk_buff *skb, u64 at)
{
	int ifindex = r->dst->dev->ifindex;
	int err;

	/* What a router told was about the previous path. */
	if (unlikely(link->route_ifindex != ifindex && link->route_ifindex))
		rtpl_path_forget_mtu(&link->path);
	link->passed = false;
	rtpl_compat_cpu_lock(this_cpu_ptr(&rtpl_tx_sending_lock));
	this_cpu_write(rtpl_tx_sending, link);
	this_cpu_write(rtpl_tx_sender, current);
	err = rtpl_transport_xmit(link->owner->rn, r, skb, at);
	this_cpu_write(rtpl_tx_sender, NULL);
	rtpl_compat_cpu_unlock(this_cpu_ptr(&rtpl_tx_sending_lock));
	/* A cell that waits for a neighbour's address passes later: the last known qdisc stays. */
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

/* Send a waiting handshake datagram by itself. tx_lock. */
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
		link->tx_stats.handshake++;
		link->tx_stats.wire_bytes += link->hs_len + r->overhead;
		if (rtpl_tx_xmit(link, r, skb, at))
			rtpl_count_drop(link->owner->rn, link->owner, RTPL_DROP_XMIT, 1);
	}
	rtpl_tx_free_handshake(link);
}

/*
 * Size of the departure's next cell, of those up to @cell. A block that may take no more cells than
 * those as large as they get has one of these, whatever the engine wants: in the replies of an
 * exchange a super-packet would span too many, and be given up. tx_lock.
 */
static u16 rtpl_tx_size(const struct rtpl_build *b, u16 cell)
{
	u32 waiting = b->d->alone ? 0 : rtpl_lay_waiting(b->link);

	if (!b->d->size || (waiting && !b->d->exact))
		return rtpl_pad_pick(&b->link->shape, waiting, cell);
	if (unlikely(waiting && rtpl_lay_full(b->link, b->cell_room)))
		return cell;
	return min(b->d->size, cell);
}

/*
 * Cells that a batch will have, if other processors may help to seal them, else 0. A slot must not
 * wait for another processor, and root of a user namespace gets no other's time. tx_lock.
 */
static u16 rtpl_tx_expected(const struct rtpl_build *b, const struct rtpl_batch *batch)
{
	if (b->d->timed || b->link->worker->bounded)
		return 0;
	return min_t(u32, rtpl_lay_waiting(b->link) / b->cell_room, batch->max);
}

/*
 * Lay as many cells of the departure as the batch holds, beginning with b->index, and seal them. As
 * soon as one is laid its counter and its place are fixed, and sealing needs no lock. tx_lock.
 */
static noinline_for_stack void rtpl_tx_fill(struct rtpl_build *b, struct rtpl_batch *batch,
					    struct rtpl_route *r)
{
	u32 overhead = r->overhead;
	struct rtpl_link *link = b->link;
	u16 end = b->index + batch->max, cell = batch->cell;
	struct rtpl_batch_seal seal;

	rtpl_batch_seal_begin(&seal, batch, b->kp->send_key, link->owner->rn->cells,
			      rtpl_tx_expected(b, batch));
	for (; b->index < end; b->index++) {
		struct rtpl_cell *c = &seal.cells[batch->n];
		u8 *buf = rtpl_batch_cell(batch, batch->n);
		u8 tos = rtpl_lay_tos(b);
		u16 size;
		bool data;

		/* A batch has only one IP header. */
		if (batch->n && tos != r->tos)
			break;
		r->tos = tos;
		if (link->hs_buf && link->hs_len == cell) {
			memcpy(buf, link->hs_buf, cell);
			rtpl_own_note_handshake(link->owner->rn, buf, cell);
			rtpl_tx_free_handshake(link);
			c->plain = 0;	/* sealed by the handshake itself */
			rtpl_batch_commit(batch, cell);
			rtpl_batch_seal_laid(&seal);
			link->tx_stats.handshake++;
			link->tx_stats.wire_bytes += cell + overhead;
			continue;
		}
		size = rtpl_tx_size(b, cell);
		data = rtpl_lay_cell(b, buf, size, c);
		if (b->failed || (!data && !b->d->chaff))
			break;
		rtpl_tx_traffic(link, data ? RTPL_SENT_DATA : RTPL_SENT_CHAFF, b->now,
				max(b->d->at, b->now), size);
		rtpl_batch_commit(batch, size);
		rtpl_batch_seal_laid(&seal);
		link->tx_stats.wire_bytes += size + overhead;
		if (!data)
			link->tx_stats.chaff_bytes += size + overhead;
		if (size < cell || (b->later && !b->d->timed)) {
			b->index++;
			break;
		}
	}
	rtpl_batch_seal_end(&seal);
}

/*
 * Build and send as many cells of one departure as a batch holds, beginning with b->index. tx_lock,
 * RCU read side. Uses up the route. Return: number sent.
 */
static u16 rtpl_tx_batch(struct rtpl_build *b, struct rtpl_route *r, u16 cell)
{
	struct rtpl_link *link = b->link;
	u16 n = b->d->cells - b->index;
	struct rtpl_batch batch;
	struct sk_buff *skb;

	/* The device reports only a lone cell as too large: send larger slots one by one, too. */
	if (unlikely(cell + r->overhead > r->batch_mtu))
		n = 1;
	b->dev = r->dst->dev;
	if (!rtpl_batch_init(&batch, cell, n)) {
		rtpl_route_put(r);
		rtpl_count_drop(link->owner->rn, link->owner, RTPL_DROP_NO_MEMORY,
				b->d->timed ? b->d->cells - b->index : 1);
		b->failed = true;
		return 0;
	}
	rtpl_tx_fill(b, &batch, r);
	n = batch.n;
	if (n == 1 && !b->d->timed && !link->profile)
		rtpl_gather_lone(link, b->now);
	skb = rtpl_batch_finish(&batch);
	if (!skb) {
		rtpl_route_put(r);
		return 0;
	}
	rtpl_outlet->more(link->owner->rn, link->out_ifindex, rtpl_lay_waiting(link));
	if (rtpl_tx_xmit(link, r, skb, b->d->timed ? b->d->at : 0))
		rtpl_count_drop(link->owner->rn, link->owner, RTPL_DROP_XMIT, n);
	rtpl_timers_cell_sent(&link->session, b->wants);
	return n;
}

/*
 * Build and send one departure, in several batches if a slot asks for more than one holds. tx_lock,
 * RCU read side. Uses up the route. Return: was anything sent?
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
	/* The packets still wait; more of them would not kick a full link. */
	if (b->failed || (b->later && !b->d->timed))
		rtpl_tx_wake_at(b->link, b->now + RTPL_TX_RETRY_NS);
	return sent;
}

static void rtpl_tx_set_slotted(struct rtpl_link *link, bool slotted)
{
	if (link->slotted == slotted)
		return;
	WRITE_ONCE(link->slotted, slotted);
	atomic_add(slotted ? 1 : -1, &link->owner->rn->n_slotted);
}

/* Set how much to take: what the engine's next slots take, or all. tx_lock. */
static void rtpl_tx_set_want(struct rtpl_link *link)
{
	u32 cells = rtpl_engine_ahead(&link->engine);
	u32 want = RTPL_TXQ_BYTES;

	if (cells)
		want = cells * rtpl_pad_max(&link->shape, link->cell_path);
	/* What a private window adds noise to is all that waits. */
	if (link->engine.counts)
		want = U32_MAX;
	WRITE_ONCE(link->txq_want, want);
	rtpl_tx_set_slotted(link, cells && !link->dead);
}

/* The device makes the link wait although it has packets: take fewer ahead. tx_lock. */
static void rtpl_tx_want_less(struct rtpl_link *link, u16 cell)
{
	WRITE_ONCE(link->want_hit, false);
	if (!link->slotted)
		WRITE_ONCE(link->txq_want, max_t(u32, link->txq_want / 2, cell));
}

/* Only txq_want kept packets from the link: take more ahead. tx_lock. */
static void rtpl_tx_want_more(struct rtpl_link *link)
{
	if (likely(!READ_ONCE(link->want_hit)))
		return;
	WRITE_ONCE(link->want_hit, false);
	if (!link->slotted)
		WRITE_ONCE(link->txq_want,
			   min_t(u32, link->txq_want * 2, RTPL_TXQ_BYTES));
}

/* There are keys now: start the engine. tx_lock. */
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
	spin_lock(&link->txq.lock);
	link->reported = 0;
	/* Whoever sets it looked at up under this lock. */
	clear_bit(RTPL_LINK_REFUSED, &link->flags);
	spin_unlock(&link->txq.lock);
	rtpl_tx_set_want(link);
}

/* A slot was built: set how early to begin the next. tx_lock. */
static void rtpl_tx_set_lead(struct rtpl_link *link, u64 took)
{
	u32 lead = rtpl_pace_lead(link->lead, took);

	if (lead == link->lead)
		return;
	link->lead = lead;
	rtpl_tx_trace(link, RTPL_TRACE_LEAD, ktime_get_ns(), 0, lead, 0);
}

/* Send one departure if one is due. Return: true to be called again. tx_lock, RCU read side. */
static bool rtpl_tx_round(struct rtpl_link *link)
{
	struct rtpl_build b = { .link = link };
	enum rtpl_engine_answer answer;
	struct rtpl_departure d;
	struct rtpl_route r;
	u16 cell, most;
	u32 waiting;
	u64 oldest, until, late = 0;
	bool again, skip, always;
	int err;

	b.kp = rtpl_keypair_to_send(&link->session);
	rtpl_gather_end(link);
	waiting = rtpl_lay_waiting(link);
	if (!b.kp) {
		WRITE_ONCE(link->up, false);
		rtpl_lay_restart(link);
		if (test_and_clear_bit(RTPL_LINK_REFUSED, &link->flags) || waiting)
			rtpl_handshake_want(&link->session);
		if (!link->hs_buf)
			return false;
	} else if (!link->up) {
		rtpl_tx_up(link);
	}
	if (b.kp)
		rtpl_lay_use_keys(link, b.kp);

	if (!waiting && !link->hs_buf && !link->profile &&
	    link->shape.sched == RTPL_SCHEDULE_ASAP)
		return false;
	until = b.kp ? rtpl_gather_until(link, waiting) : 0;
	if (until) {
		rtpl_tx_wake_at(link, until);
		return false;
	}
	err = rtpl_path_route(&link->path, &r);
	if (err) {
		enum rtpl_drop why = err == -EDESTADDRREQ ? RTPL_DROP_NO_KEYS : RTPL_DROP_NO_ROUTE;

		if (link->hs_buf)
			rtpl_count_drop(link->owner->rn, link->owner, why, 1);
		rtpl_tx_free_handshake(link);
		rtpl_lay_purge(link, why);
		goto idle;
	}
	rtpl_pmtu_follow(link, &r);
	cell = rtpl_pad_max(&link->shape, link->cell_path);

	/*
	 * Without a session, in another size than the shape's, or where not every slot leaves, it
	 * goes outside the schedule: that would take it for data, pad it, and begin with it.
	 */
	if (link->hs_buf && (!b.kp || link->hs_len != cell || !link->engine.fills)) {
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
	if (unlikely(cell + r.overhead > r.batch_mtu))
		most = 1;
	if (rtpl_due_shares(link))
		most = min_t(u16, most, RTPL_TX_SHARE_CELLS);
	most = clamp_t(u32, rtpl_outlet->room(link->owner->rn, link->out_ifindex) / cell, 1, most);
	rtpl_engine_cell(&link->engine, cell);
	rtpl_tx_tell(link, b.now);
	if (link->engine.demand)
		rtpl_tx_behind(link, b.now);
	rtpl_tx_full(link, b.cell_room, b.now);
	/* A handshake datagram takes a slot of its own. */
	waiting += link->hs_buf ? b.cell_room : 0;
	oldest = link->engine.listens ? rtpl_txq_oldest(link, b.now) : 0;
	rtpl_tx_trace(link, RTPL_TRACE_ASKED, b.now, oldest, waiting, most);
	answer = rtpl_engine_next(&link->engine, b.now, link->lead, waiting, oldest, most,
				  &d);
	if (answer != RTPL_ENGINE_SEND) {
		rtpl_route_put(&r);
		if (answer == RTPL_ENGINE_WAKE) {
			link->slot_wake = link->slotted ? d.at : 0;
			if (link->slotted)
				rtpl_due_slot_here(d.at, b.now);
			if (link->profile || link->slotted)
				rtpl_due_here(d.at, b.now);
			rtpl_tx_wake_at(link, d.at);
		}
		return false;
	}
	/* The device may not carry the rate: do not build what could not leave. */
	always = rtpl_engine_always(&link->engine, &d);
	if (always) {
		b.behind = rtpl_outlet->behind(link->owner->rn, link->out_ifindex, &skip);
		/* Nor build what would wait for a neighbour's address, among packets in clear. */
		skip = skip || !rtpl_transport_reaches(&r);
		if (unlikely(skip) && rtpl_engine_skip(&link->engine, &d)) {
			rtpl_tx_trace(link, RTPL_TRACE_SKIPPED, b.now, d.at, 0, 0);
			rtpl_route_put(&r);
			return true;
		}
	}
	/*
	 * Slots that are always filled do not depend on load. Everything else respects what waits
	 * for the device, chaff as well as data, or a busy line would tell which is which. But
	 * chaff is no reason for more room there (core/room.h): packets would no longer wait for
	 * each other and share cells.
	 */
	if (!always &&
	    rtpl_outlet->wait(link->owner->rn, link->out_ifindex, link, waiting)) {
		/* The qdisc wakes us when it has drained. */
		rtpl_route_put(&r);
		if (waiting)
			rtpl_tx_want_less(link, cell);
		return false;
	}
	b.d = &d;
	rtpl_engine_take(&link->engine, &d, b.now);
	again = rtpl_tx_depart(&b, &r, cell) || d.timed || link->engine.of;
	rtpl_gather_rest(link);
	if (always || (d.timed && link->engine.grid))
		rtpl_tx_set_lead(link, late + ktime_get_ns() - b.now);
	return again && !b.failed && !(b.later && !d.timed);

idle:
	/* A schedule goes on, and its slots count as missed: look again later. */
	if (b.kp && (link->profile || rtpl_engine_fills(&link->engine)))
		rtpl_tx_wake_at(link, ktime_get_ns() + RTPL_TX_RETRY_NS);
	return false;
}

static bool rtpl_tx_build(void *of)
{
	struct rtpl_link *link = of;
	int rounds = rtpl_due_shares(link) ? 1 : RTPL_TX_ROUNDS;
	bool again = true;

	spin_lock(&link->tx_lock);
	rcu_read_lock();
	while (!link->dead && again && rounds--)
		again = rtpl_tx_round(link);
	rtpl_tx_want_more(link);
	WRITE_ONCE(link->pack_left, rtpl_lay_rest(link));
	again = again && !link->dead;
	rcu_read_unlock();
	spin_unlock(&link->tx_lock);
	/* Others may wait for the room that this link left. */
	rtpl_outlet->refill(link->owner->rn);
	return again;
}

static enum hrtimer_restart rtpl_tx_timer(struct hrtimer *t)
{
	struct rtpl_link *link = container_of(t, struct rtpl_link, timer);

	/* A slot goes before cells that leave as they come. */
	rtpl_tx_worker_kick(link->worker, READ_ONCE(link->slotted));
	return HRTIMER_NORESTART;
}

/* ---- what others call ---- */

/**
 * rtpl_tx_kick() - have a link's tx worker look again
 * @link: link that the caller found under RCU, or holds
 *
 * Called when there are new keys, data, a handshake, or room at the device.
 *
 * Context: any.
 */
void rtpl_tx_kick(struct rtpl_link *link)
{
	/* In one read side section with the check of dead: see rtpl_tx_end(). */
	rcu_read_lock();
	if (!READ_ONCE(link->dead))
		rtpl_tx_worker_kick(link->worker, false);
	rcu_read_unlock();
}

/**
 * rtpl_tx_handshake() - send a handshake datagram to the path's endpoint
 * @s: session of a link
 * @data: the datagram, copied
 * @len: its bytes, as given by rtpl_pmtu_handshake_size()
 *
 * In a fixed schedule it takes the place of a cell in the next slot. A datagram that still waits
 * for its slot is replaced.
 *
 * Context: process or BH, no spinlock of the link held. Takes tx_lock.
 * Return: 0, -ENOMEM, -EDESTADDRREQ (no endpoint), -ESHUTDOWN (the link is dead).
 */
int rtpl_tx_handshake(struct rtpl_session *s, const u8 *data, u16 len)
{
	struct rtpl_link *link = rtpl_link_of(s);
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

/**
 * rtpl_tx_lost() - drop what waits for keys, because nobody answers
 * @s: session of a link
 *
 * Context: process or BH, no spinlock held. Takes tx_lock.
 */
void rtpl_tx_lost(struct rtpl_session *s)
{
	struct rtpl_link *link = rtpl_link_of(s);

	spin_lock_bh(&link->tx_lock);
	WRITE_ONCE(link->up, false);
	rtpl_lay_purge(link, RTPL_DROP_NO_KEYS);
	spin_unlock_bh(&link->tx_lock);
}

/**
 * rtpl_tx_forget() - forget what was drawn ahead or waits sealed
 * @s: session of a link
 *
 * Drops the padding stock, a waiting handshake and the engine's random numbers. The engine begins
 * anew with the next keys. Packets stay.
 *
 * Context: process. Takes tx_lock.
 */
void rtpl_tx_forget(struct rtpl_session *s)
{
	struct rtpl_link *link = rtpl_link_of(s);

	spin_lock_bh(&link->tx_lock);
	WRITE_ONCE(link->up, false);
	rtpl_tx_free_handshake(link);
	rtpl_rng_forget(&link->engine.rng);
	spin_unlock_bh(&link->tx_lock);
	rtpl_lay_forget(link);
}

/**
 * rtpl_tx_keepalive() - send one cell, so that the other end hears from us
 * @s: session of a link
 *
 * Sends none without keys, or if the engine fills every slot, because there is nothing to keep
 * alive then. With a profile the cell is empty, because only the engine releases what waits;
 * otherwise the cell takes what waits.
 *
 * Context: process or BH, no spinlock held. Takes tx_lock.
 */
void rtpl_tx_keepalive(struct rtpl_session *s)
{
	struct rtpl_link *link = rtpl_link_of(s);
	struct rtpl_departure d = { .cells = 1, .chaff = true };
	bool shaped = false;
	struct rtpl_build b = { .link = link, .d = &d, .now = ktime_get_ns(), .keepalive = true };
	struct rtpl_route r;

	local_bh_disable();
	spin_lock(&link->tx_lock);
	rcu_read_lock();
	b.kp = rtpl_keypair_to_send(&link->session);
	/*
	 * A fixed schedule never falls silent: there is nothing to keep alive. The same holds if it
	 * is about to begin with the first session: its first slot has the first cell.
	 */
	if (link->dead || !b.kp || link->engine.fills)
		goto out;
	rtpl_lay_use_keys(link, b.kp);
	/* Only the engine releases what waits. */
	shaped = link->profile;
	d.alone = shaped;
	if (rtpl_path_route(&link->path, &r))
		goto out;
	rtpl_pmtu_follow(link, &r);
	b.cell_room = rtpl_pad_max(&link->shape, link->cell_path) - RTPL_CELL_OVERHEAD;
	rtpl_tx_depart(&b, &r, b.cell_room + RTPL_CELL_OVERHEAD);
out:
	rcu_read_unlock();
	spin_unlock(&link->tx_lock);
	local_bh_enable();
	/* What gathers has lost its timer if there was no memory for the cell. */
	if (shaped || READ_ONCE(link->worker->gather_room))
		rtpl_tx_kick(link);
}

/* ---- life ---- */

/**
 * rtpl_tx_init() - prepare a link's sending half
 * @link: link, zeroed, with its owner
 *
 * Context: process. May sleep.
 * Return: 0 or -ENOMEM.
 */
int rtpl_tx_init(struct rtpl_link *link)
{
	spin_lock_init(&link->tx_lock);
	rtpl_txq_init(link);
	link->worker = rtpl_tx_worker_create(rtpl_tx_build, link,
					     link->owner->rn->net->user_ns != &init_user_ns);
	if (!link->worker)
		return -ENOMEM;
	rtpl_lay_init(link);
	rtpl_compat_hrtimer_setup(&link->timer, rtpl_tx_timer, CLOCK_MONOTONIC,
				  HRTIMER_MODE_ABS_SOFT);
	return 0;
}

/**
 * rtpl_tx_reshape() - set a new shape while the link runs
 * @link: link
 * @shape: checked: @profile's, with the settings made beside it
 * @profile: NULL, or one that stays until the link has another or is gone
 * @role: which of @profile's ends this is
 * @by_policy: a policy chose it
 *
 * A constant rate goes on without a gap. Without memory for the ring of received cells the profile
 * is in force all the same, and the cells of which it is not told are counted.
 *
 * Context: process, rn->lock held. Takes tx_lock, txq.lock and rx_lock. May sleep.
 * Return: the previous profile, or NULL; the link no longer uses it.
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
	/* Skip 0: a session that told nothing yet. By the time it wraps the other end was told. */
	link->say = link->say == U8_MAX ? 1 : link->say + 1;
	spin_lock(&link->txq.lock);
	link->shape = *shape;
	/* Tell a new engine only of the end of a long queue: that there is data. */
	if (profile != old)
		link->reported = max_t(s64, (s64)skb_queue_len(&link->txq) - RTPL_TX_TELL, 0);
	spin_unlock(&link->txq.lock);
	rtpl_engine_change(&link->engine, shape, profile, role,
			   ktime_get_ns());
	rtpl_tx_set_want(link);
	spin_unlock_bh(&link->tx_lock);
	rtpl_link_compare(link);
	rtpl_tx_kick(link);
	return old;
}

/**
 * rtpl_tx_note_rx() - note a run of like received cells for the engine
 * @link: link whose engine listens (engine.listens_got)
 * @run: what came, copied
 *
 * The tx worker tells the engine, in rtpl_tx_tell(). If the ring is full or missing, the cells are
 * counted as not heard.
 *
 * Context: BH, rx_lock held.
 */
void rtpl_tx_note_rx(struct rtpl_link *link, const struct rtpl_rx_run *run)
{
	struct rtpl_rx_run *ring = smp_load_acquire(&link->rx_ring);	/* rtpl_tx_reshape() */
	u32 in = link->rx_ring_in;

	/* Pairs with rtpl_tx_tell(): the entry has been read. */
	if (!ring || in - smp_load_acquire(&link->rx_ring_out) >= RTPL_RX_RING) {
		link->rx_ring_lost += run->n;
		return;
	}
	ring[in % RTPL_RX_RING] = *run;
	smp_store_release(&link->rx_ring_in, in + 1);	/* pairs with rtpl_tx_tell() */
}

/**
 * rtpl_tx_end() - first step of a link's end: from now on nothing is sent or taken
 * @link: link
 *
 * Although the link is out of the tables, rn->waiting and rn->hs_work hold references, and may kick
 * the tx worker at any time. They check dead first, under RCU: a grace period from now on the last
 * kick is done, and rtpl_tx_stop() can end the tx worker for good.
 *
 * Context: process, rn->lock held. Takes tx_lock and txq.lock.
 */
void rtpl_tx_end(struct rtpl_link *link)
{
	spin_lock_bh(&link->tx_lock);
	spin_lock(&link->txq.lock);
	WRITE_ONCE(link->dead, true);
	spin_unlock(&link->txq.lock);
	rtpl_tx_set_slotted(link, false);
	spin_unlock_bh(&link->tx_lock);
}

/**
 * rtpl_tx_stop() - second step: end the tx worker and the timers, drop what waits
 * @link: link, a grace period after rtpl_tx_end()
 *
 * The tx worker arms the timer and the timer schedules the tx worker, so the timer is cancelled
 * twice.
 *
 * Context: process, rn->lock held. Takes tx_lock. Sleeps.
 */
void rtpl_tx_stop(struct rtpl_link *link)
{
	hrtimer_cancel(&link->timer);
	rtpl_tx_worker_stop(link->worker);
	hrtimer_cancel(&link->timer);
	rtpl_lay_stop(link);
	rtpl_txq_stop(link);

	spin_lock_bh(&link->tx_lock);
	rtpl_lay_purge(link, RTPL_DROP_PURGED);
	rtpl_tx_free_handshake(link);
	spin_unlock_bh(&link->tx_lock);
}
