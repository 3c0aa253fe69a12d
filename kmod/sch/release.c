// SPDX-License-Identifier: GPL-2.0
/*
 * The release queue: own cells on their way to the device, at once or at the time that they
 * carry, and what links ask of it (link/outlet.h). How many cells wait is bounded by what keeps
 * the device busy (core/room.h).
 */
#include "link/link.h"
#include "link/outlet.h"
#include "sch/qdisc.h"
#include "sch/sch.h"

/**
 * rtpl_release_init() - prepare a qdisc's release queue
 * @q: qdisc
 *
 * Context: process, RTNL held.
 */
void rtpl_release_init(struct rtpl_qdisc *q)
{
	__skb_queue_head_init(&q->cells);
	q->slots = RB_ROOT_CACHED;
	q->due = U64_MAX;
	rtpl_room_start(&q->room);
}

/**
 * rtpl_release_add() - put a cell, or a batch of cells, into the release queue
 * @q: qdisc
 * @skb: the cells; they leave at once, or at skb->tstamp if that is set
 *
 * Context: BH, root lock.
 */
void rtpl_release_add(struct rtpl_qdisc *q, struct sk_buff *skb)
{
	struct rb_node **p = &q->slots.rb_root.rb_node, *parent = NULL;
	bool first = true;

	q->release_bytes += qdisc_pkt_len(skb);
	q->release_packets++;
	if (!rtpl_slot_time(skb)) {
		WRITE_ONCE(q->cells_bytes, q->cells_bytes + qdisc_pkt_len(skb));
		if (q->room.hungry)
			rtpl_room_filled(&q->room, ktime_get_ns());
		__skb_queue_tail(&q->cells, skb);
		return;
	}
	/* Insert in order of time, behind others of the same time. */
	while (*p) {
		parent = *p;
		if (rtpl_slot_time(skb) >= rtpl_slot_time(rb_to_skb(parent))) {
			p = &parent->rb_right;
			first = false;
		} else {
			p = &parent->rb_left;
		}
	}
	rb_link_node(&skb->rbnode, parent, p);
	rb_insert_color_cached(&skb->rbnode, &q->slots, first);
	WRITE_ONCE(q->slots_n, q->slots_n + 1);
	if (first)
		WRITE_ONCE(q->due, rtpl_slot_time(skb));
}

/**
 * rtpl_release_first_slot() - the cells whose slot comes first
 * @q: qdisc
 *
 * Context: BH, root lock.
 * Return: the cells, which stay in the queue, or NULL: none has a slot.
 */
struct sk_buff *rtpl_release_first_slot(struct rtpl_qdisc *q)
{
	struct rb_node *node = rb_first_cached(&q->slots);

	return node ? rb_to_skb(node) : NULL;
}

/**
 * rtpl_release_erase() - take cells that have a slot out of the queue
 * @q: qdisc
 * @skb: cells from rtpl_release_first_slot(); they are the caller's afterwards
 *
 * If the device gets them, the caller also calls rtpl_release_gone().
 *
 * Context: BH, root lock.
 */
void rtpl_release_erase(struct rtpl_qdisc *q, struct sk_buff *skb)
{
	struct sk_buff *next;

	rb_erase_cached(&skb->rbnode, &q->slots);
	WRITE_ONCE(q->slots_n, q->slots_n - 1);
	next = rtpl_release_first_slot(q);
	WRITE_ONCE(q->due, next ? rtpl_slot_time(next) : U64_MAX);
	skb->next = NULL;
	skb->prev = NULL;
	skb->dev = qdisc_dev(q->sch);	/* in a union with rbnode */
}

/**
 * rtpl_release_purge() - free all of the release queue
 * @q: qdisc
 *
 * Context: process, RTNL held; root lock (BH), unless nobody can see the qdisc any more.
 * Return: how many cells there were.
 */
unsigned int rtpl_release_purge(struct rtpl_qdisc *q)
{
	struct sk_buff *skb;
	unsigned int n = 0;

	while ((skb = rtpl_release_first_slot(q))) {
		rtpl_release_erase(q, skb);
		n += rtpl_cells_in(skb);
		rtnl_kfree_skbs(skb, skb);
	}
	while ((skb = __skb_dequeue(&q->cells))) {
		n += rtpl_cells_in(skb);
		rtnl_kfree_skbs(skb, skb);
	}
	WRITE_ONCE(q->cells_bytes, 0);
	q->release_bytes = 0;
	q->release_packets = 0;
	rtpl_room_start(&q->room);
	return n;
}

/* Is the first slot past by more than RTPL_LATE_NS? */
static bool rtpl_release_behind(const struct rtpl_qdisc *q)
{
	u64 due = READ_ONCE(q->due);

	return due != U64_MAX && due + RTPL_LATE_NS < ktime_get_ns();
}

/**
 * rtpl_release_full() - does the release queue hold enough?
 * @q: qdisc
 *
 * Context: any, root lock or RCU read side.
 * Return: true if what leaves at once fills the room (core/room.h), or a slot is RTPL_LATE_NS past.
 */
bool rtpl_release_full(const struct rtpl_qdisc *q)
{
	return rtpl_room_full(READ_ONCE(q->room.limit), READ_ONCE(q->room.hungry),
			      READ_ONCE(q->cells_bytes)) ||
	       rtpl_release_behind(q);
}

/**
 * rtpl_release_gone() - account for cells that the device took
 * @q: qdisc
 * @skb: the cells, out of the queue
 *
 * rtpl_qdisc_dequeue() wakes whoever waits for the room.
 *
 * Context: BH, root lock.
 */
void rtpl_release_gone(struct rtpl_qdisc *q, const struct sk_buff *skb)
{
	q->release_bytes -= qdisc_pkt_len(skb);
	q->release_packets--;
}

static struct rtpl_qdisc *rtpl_release_find(struct rtpl_net *rn, int ifindex)
{
	struct rtpl_qdisc *q;

	if (ifindex)
		list_for_each_entry_rcu(q, &rn->qdiscs, node)
			if (q->ifindex == ifindex)
				return q;
	return NULL;
}

static bool rtpl_outlet_full(struct rtpl_net *rn, int ifindex)
{
	struct rtpl_qdisc *q = rtpl_release_find(rn, ifindex);

	return q && rtpl_release_full(q);
}

static u64 rtpl_outlet_behind(struct rtpl_net *rn, int ifindex, bool *skip)
{
	struct rtpl_qdisc *q = rtpl_release_find(rn, ifindex);
	u64 due = q ? READ_ONCE(q->due) : U64_MAX, now = ktime_get_ns();

	*skip = due != U64_MAX && due + RTPL_LATE_NS < now && READ_ONCE(q->slots_n) > 1;
	return due < now ? now - due : 0;
}

static bool rtpl_outlet_wait(struct rtpl_net *rn, int ifindex, struct rtpl_link *link,
			     bool more)
{
	struct rtpl_qdisc *q = rtpl_release_find(rn, ifindex);

	if (!q || !rtpl_release_full(q))
		return false;
	/*
	 * The link joins the list before q->blocked is set, by a full barrier: whoever clears
	 * q->blocked finds it.
	 */
	if (!test_and_set_bit(RTPL_LINK_WAITS, &link->flags) && rtpl_owner_get(link->owner)) {
		spin_lock_bh(&rn->waiting_lock);
		list_add_tail(&link->wait, &rn->waiting);
		spin_unlock_bh(&rn->waiting_lock);
	}
	WRITE_ONCE(q->blocked, true);
	if (more)
		WRITE_ONCE(q->room.more, true);
	/*
	 * The queue may have drained in between, and nobody would look again. Pairs with
	 * rtpl_qdisc_reset() and the end of rtpl_qdisc_dequeue().
	 */
	smp_mb();
	return rtpl_release_full(q);
}

static u32 rtpl_outlet_room(struct rtpl_net *rn, int ifindex)
{
	struct rtpl_qdisc *q = rtpl_release_find(rn, ifindex);

	return q ? rtpl_room_left(READ_ONCE(q->room.limit), READ_ONCE(q->cells_bytes)) : U32_MAX;
}

static void rtpl_outlet_more(struct rtpl_net *rn, int ifindex, bool more)
{
	struct rtpl_qdisc *q = rtpl_release_find(rn, ifindex);

	if (q && READ_ONCE(q->room.more) != more)
		WRITE_ONCE(q->room.more, more);
}

static u32 rtpl_outlet_backlog(struct rtpl_net *rn)
{
	struct rtpl_qdisc *q;
	u32 bytes = 0;

	if (READ_ONCE(rn->n_peers) == 1)
		list_for_each_entry_rcu(q, &rn->qdiscs, node)
			bytes += READ_ONCE(q->fast->qstats.backlog) + READ_ONCE(q->held_bytes);
	return bytes;
}

/**
 * rtpl_release_wake() - wake the link that has waited longest for a device
 * @q: the device's qdisc, which has room
 * @has: set to the bytes that the link has to send, if there is one
 *
 * Also wakes a link that waits for another device, if that device has room. A link that cannot send
 * all it has joins the end of the list again, so that links take turns. If another link waits, sets
 * @q->blocked, so that the woken link's tx worker has us called again when it is done: it may have
 * only a cell of chaff to send, or nothing.
 *
 * Context: BH, RCU read side, root lock. Takes waiting_lock.
 * Return: true if a link was woken.
 */
bool rtpl_release_wake(struct rtpl_qdisc *q, u32 *has)
{
	struct rtpl_net *rn = q->rn;
	struct rtpl_link *link, *found;
	bool dead = false, more;

	do {
		found = NULL;
		more = false;
		spin_lock_bh(&rn->waiting_lock);
		list_for_each_entry(link, &rn->waiting, wait) {
			int out = READ_ONCE(link->out_ifindex);
			bool gone = READ_ONCE(link->dead);

			if (!gone && out != q->ifindex && rtpl_outlet_full(rn, out))
				continue;
			more = found;
			if (found)
				break;
			found = link;
			dead = gone;
		}
		if (found)
			list_del(&found->wait);
		spin_unlock_bh(&rn->waiting_lock);
		if (!found)
			return false;
		*has = READ_ONCE(found->txq_bytes) + READ_ONCE(found->pack_left);
		clear_bit(RTPL_LINK_WAITS, &found->flags);
		/* Set it before the kick: the tx worker may be done before we are. */
		if (more)
			WRITE_ONCE(q->blocked, true);
		rtpl_tx_kick(found);
		rtpl_owner_put(found->owner);
	} while (dead);	/* a dead link sends nothing, so wake the next */
	return true;
}

/**
 * rtpl_release_wake_all() - wake each link that waits now, for whatever device, once
 * @rn: node
 *
 * A link that still has to wait for another device joins the list again as soon as its tx worker
 * has run; by then this function has finished with the list.
 *
 * Context: process or BH. Takes waiting_lock and the RCU read side.
 */
void rtpl_release_wake_all(struct rtpl_net *rn)
{
	struct rtpl_link *link, *next;
	LIST_HEAD(all);

	spin_lock_bh(&rn->waiting_lock);
	list_splice_init(&rn->waiting, &all);
	spin_unlock_bh(&rn->waiting_lock);
	/* RTPL_LINK_WAITS keeps a link off rn->waiting while it is on this list. */
	rcu_read_lock();
	list_for_each_entry_safe(link, next, &all, wait) {
		list_del(&link->wait);
		/*
		 * Clear the bit after list_del(): whoever finds it clear adds the link to
		 * rn->waiting.
		 */
		clear_bit_unlock(RTPL_LINK_WAITS, &link->flags);
		rtpl_tx_kick(link);
		rtpl_owner_put(link->owner);
	}
	rcu_read_unlock();
}

/* link/outlet.h says who calls them. */
const struct rtpl_outlet_ops rtpl_qdisc_outlet = {
	.full = rtpl_outlet_full,
	.wait = rtpl_outlet_wait,
	.behind = rtpl_outlet_behind,
	.room = rtpl_outlet_room,
	.more = rtpl_outlet_more,
	.backlog = rtpl_outlet_backlog,
	.refill = rtpl_qdisc_refill,
};
