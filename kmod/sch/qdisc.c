// SPDX-License-Identifier: GPL-2.0
/*
 * The qdisc `rtpl`: root of a device, it tells packets apart and releases cells.
 *
 * enqueue	Own cells (link/own.c) go to the release queue, to leave at once or at the
 *		time that they carry. Link-local control goes to the class clear. For all
 *		other packets the skb priority, tc filters or the peers' prefixes choose the
 *		class, in this order. Packets of the class fast wait in its child qdisc.
 * refill	A softirq. It moves packets from the fast child to the links while these
 *		want more and the device has room. Packets that cannot be sent yet stay
 *		under the child's queue management: behind the child only as much waits as
 *		keeps the device busy (core/room.h).
 * dequeue	Cells whose slot has come go first; then cells that may leave at any time
 *		and clear packets share the device by bytes. If the device is so slow that
 *		slots queue up, clear packets share it with these, too.
 *
 * Nothing is sealed or sent under the root lock.
 */
#include <linux/inetdevice.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <net/addrconf.h>
#include <net/pkt_cls.h>

#include "link/link.h"
#include "link/outlet.h"
#include "link/own.h"
#include "link/txq.h"
#include "node/change.h"
#include "node/node.h"
#include "route/route.h"
#include "sch/qdisc.h"
#include "sch/sch.h"
#include "trace.h"
#include "transport/transport.h"

/* Packets that one run of the refill moves. */
#define RTPL_REFILL_BUDGET	128
/*
 * So many slots were late since packets in clear had a turn by themselves, and the device cannot
 * carry them. A packet in clear that has to end first makes slots late, too; where the device
 * carries a 33rd more than the slots, that is over by then.
 */
#define RTPL_LATE_RUN		32

/* ---- enqueue ---- */

enum rtpl_verdict { RTPL_V_CLEAR, RTPL_V_FAST, RTPL_V_DROP, RTPL_V_STOLEN };

/**
 * rtpl_qdisc_class() - the class that an id names
 * @sch: the qdisc
 * @id: class id, or a priority that names a class
 *
 * Context: any.
 * Return: enum rtpl_class of it; 0 if none was chosen, RTPL_CLASS_NONE if there is no such class.
 */
u32 rtpl_qdisc_class(const struct Qdisc *sch, u32 id)
{
	if (!TC_H_MIN(id))
		return 0;
	if ((TC_H_MAJ(id) && TC_H_MAJ(id) != sch->handle) || TC_H_MIN(id) > RTPL_CLASS_MAX)
		return RTPL_CLASS_NONE;
	return TC_H_MIN(id);
}

static bool rtpl_qdisc_prefers_clear(const struct Qdisc *sch, const struct sk_buff *skb)
{
	return sch->handle && skb->priority == TC_H_MAKE(sch->handle, RTPL_CLASS_CLEAR);
}

/* Class by priority, filters, or prefix; on RTPL_V_FAST @to is set, on RTPL_V_DROP @why. */
static enum rtpl_verdict rtpl_qdisc_choose(struct sk_buff *skb, struct Qdisc *sch,
					   struct rtpl_owner **to, enum rtpl_drop *why)
{
	struct rtpl_qdisc *q = qdisc_priv(sch);
	struct rtpl_owner *owner;
	struct tcf_result res;
	struct tcf_proto *fl;
	u32 class = 0;

	if (TC_H_MAJ(skb->priority) == sch->handle && sch->handle) {
		class = rtpl_qdisc_class(sch, skb->priority);
	} else {
		fl = rcu_dereference_bh(q->filter_list);
		if (fl) {
			int result = rtpl_compat_classify(skb, fl, &res);

			switch (result) {
			case TC_ACT_STOLEN:
			case TC_ACT_QUEUED:
			case TC_ACT_TRAP:
				return RTPL_V_STOLEN;
			case TC_ACT_SHOT:
				*why = RTPL_DROP_CLASS_DROP;
				return RTPL_V_DROP;
			}
			if (result >= 0)
				class = rtpl_qdisc_class(sch, res.classid);
		}
	}

	owner = rtpl_route_packet(q->rn, skb, skb_network_offset(skb), false);
	*to = owner;
	switch (class) {
	case RTPL_CLASS_DROP:
		*why = RTPL_DROP_CLASS_DROP;
		return RTPL_V_DROP;
	case RTPL_CLASS_PRIVATE:
		*why = RTPL_DROP_NO_CIRCUIT;
		return RTPL_V_DROP;
	case RTPL_CLASS_NONE:
		*why = RTPL_DROP_NO_CLASS;
		return RTPL_V_DROP;
	case RTPL_CLASS_FAST:
		*why = RTPL_DROP_NO_PEER;
		return owner ? RTPL_V_FAST : RTPL_V_DROP;
	case RTPL_CLASS_CLEAR:
		/* A filter cannot take the protection from a peer that requires it. */
		*why = RTPL_DROP_LEAKGUARD_OUT;
		return owner && READ_ONCE(owner->require) ? RTPL_V_DROP : RTPL_V_CLEAR;
	}
	if (owner)
		return RTPL_V_FAST;
	*why = RTPL_DROP_UNPROTECTED;
	return q->opt.unprotected == RTPL_UNPROTECTED_DROP ? RTPL_V_DROP : RTPL_V_CLEAR;
}

static int rtpl_qdisc_refuse(struct sk_buff *skb, struct Qdisc *sch, enum rtpl_drop why,
			     struct sk_buff **to_free)
{
	struct rtpl_qdisc *q = qdisc_priv(sch);

	switch (why) {
	case RTPL_DROP_CLASS_DROP:
		q->xstats.class_drops++;
		break;
	case RTPL_DROP_UNPROTECTED:
		q->xstats.unprotected_drops++;
		break;
	default:
		break;
	}
	rtpl_count_drop(q->rn, NULL, why, 1);
	return qdisc_drop(skb, sch, to_free);
}

static int rtpl_qdisc_enqueue_child(struct sk_buff *skb, struct Qdisc *sch, struct Qdisc *child,
				    struct sk_buff **to_free)
{
	struct rtpl_qdisc *q = qdisc_priv(sch);
	unsigned int len = qdisc_pkt_len(skb);
	int ret;

	ret = qdisc_enqueue(skb, child, to_free);
	if (ret == NET_XMIT_SUCCESS) {
		sch->qstats.backlog += len;
		sch->q.qlen++;
	} else if (net_xmit_drop_count(ret)) {
		qdisc_qstats_drop(sch);
		q->xstats.queue_drops++;
		rtpl_count_drop(q->rn, NULL, RTPL_DROP_CHILD_FULL, 1);
	}
	return ret;
}

static int rtpl_qdisc_enqueue_cell(struct sk_buff *skb, struct Qdisc *sch,
				   struct sk_buff **to_free)
{
	struct rtpl_qdisc *q = qdisc_priv(sch);

	if (unlikely(q->release_packets >= RTPL_RELEASE_MAX)) {
		rtpl_count_drop(q->rn, NULL, RTPL_DROP_RELEASE_FULL, rtpl_cells_in(skb));
		qdisc_drop(skb, sch, to_free);
		/* NET_XMIT_DROP would make the link count the drop again. */
		return NET_XMIT_CN;
	}
	rtpl_release_add(q, skb);
	qdisc_qstats_backlog_inc(sch, skb);
	sch->q.qlen++;
	return NET_XMIT_SUCCESS;
}

/* Anything but an own cell. RCU read side. */
static int rtpl_qdisc_enqueue_packet(struct sk_buff *skb, struct Qdisc *sch,
				     struct sk_buff **to_free)
{
	struct rtpl_qdisc *q = qdisc_priv(sch);
	__be16 proto = skb_protocol(skb, true);
	int nhoff = skb_network_offset(skb);
	struct rtpl_owner *owner;
	struct in6_addr addr;
	enum rtpl_drop why;
	int ret;

	if (rtpl_skb_is_control(q->rn, skb, nhoff, proto, qdisc_dev(sch), true)) {
		q->xstats.control_packets++;
		return rtpl_qdisc_enqueue_child(skb, sch, q->clear, to_free);
	}

	switch (rtpl_qdisc_choose(skb, sch, &owner, &why)) {
	case RTPL_V_CLEAR:
		if (unlikely(rtpl_route_onward(q->rn, skb, nhoff, proto, &addr)))
			return rtpl_qdisc_refuse(skb, sch, RTPL_DROP_LEAKGUARD_OUT, to_free);
		q->xstats.clear_packets++;
		return rtpl_qdisc_enqueue_child(skb, sch, q->clear, to_free);
	case RTPL_V_FAST:
		/* It is a tunnel's, to an address among the peer's prefixes: it would come back. */
		if (unlikely(rtpl_own_loops(q->rn, owner->link, skb))) {
			rtpl_count_drop(q->rn, owner, RTPL_DROP_LOOP, rtpl_cells_in(skb));
			return qdisc_drop(skb, sch, to_free);
		}
		*rtpl_skb_cb(skb) = ktime_get_ns();
		q->xstats.fast_packets++;
		/* Bypass an empty TCQ_F_CAN_BYPASS child: it would only return this packet. */
		if ((q->fast->flags & TCQ_F_CAN_BYPASS) && !q->fast->q.qlen && !q->held &&
		    rtpl_tx_wants(owner->link) == RTPL_TX_WANTS) {
			qdisc_bstats_update(q->fast, skb);
			rtpl_txq_add(owner->link, skb);
			rtpl_tx_kick_more(owner->link);
			return NET_XMIT_SUCCESS;
		}
		ret = rtpl_qdisc_enqueue_child(skb, sch, q->fast, to_free);
		/* A held packet waits for a link or the device; each of them wakes the refill. */
		if (!q->held && !q->full)
			rtpl_compat_bh_schedule(&q->refill, false);
		return ret;
	case RTPL_V_STOLEN:
		__qdisc_drop(skb, to_free);
		return NET_XMIT_SUCCESS | __NET_XMIT_STOLEN;
	default:
		return rtpl_qdisc_refuse(skb, sch, why, to_free);
	}
}

/*
 * Is it a cell of this node, or a tunnel's packet that carries one and goes to no peer? The release
 * queue keeps both to their slot. RCU read side.
 */
static bool rtpl_qdisc_is_own(struct rtpl_qdisc *q, struct sk_buff *skb)
{
	int nhoff = skb_network_offset(skb);

	return rtpl_transport_owns(q->rn, skb) &&
	       (rtpl_own_plain(q->rn, skb, nhoff, skb_protocol(skb, true)) ||
		!rtpl_route_packet(q->rn, skb, nhoff, false));
}

static int rtpl_qdisc_enqueue(struct sk_buff *skb, struct Qdisc *sch, struct sk_buff **to_free)
{
	struct rtpl_qdisc *q = qdisc_priv(sch);
	bool timely;
	int ret;

	rcu_read_lock();
	if (rtpl_qdisc_is_own(q, skb)) {
		/* A copy says nothing of the way that the cells take. */
		rtpl_tx_passes(q->rn, q->ifindex);
		ret = rtpl_qdisc_enqueue_cell(skb, sch, to_free);
	} else if (rtpl_own_copy_leaves(q->rn, skb, skb_network_offset(skb),
					skb_protocol(skb, true), q->ifindex, &timely)) {
		q->xstats.cell_copies += rtpl_cells_in(skb);
		ret = timely ? rtpl_qdisc_enqueue_cell(skb, sch, to_free) :
			       rtpl_qdisc_enqueue_child(skb, sch, q->clear, to_free);
	} else {
		ret = rtpl_qdisc_enqueue_packet(skb, sch, to_free);
	}
	rcu_read_unlock();
	return ret;
}

/* ---- refill: fast class to links ---- */

/*
 * Does @link's packet have to wait here? It does if @link leaves by this device, or is the only
 * link, and the device cannot take more yet. It also does if @link itself does not want more and
 * either is the only link or was made to wait by its device lately. In all other cases the link's
 * own queue takes the packet, so that it does not hold up packets for other links. Root lock.
 */
static bool rtpl_qdisc_must_wait(struct rtpl_qdisc *q, struct rtpl_link *link)
{
	bool alone = READ_ONCE(q->rn->n_peers) == 1;
	int out = READ_ONCE(link->out_ifindex);

	switch (rtpl_tx_wants(link)) {
	case RTPL_TX_DEVICE_FULL:
		if (out != q->ifindex && !alone)
			return false;
		return rtpl_qdisc_outlet.wait(q->rn, out, link, true);
	case RTPL_TX_LINK_FULL:
		if (!alone && !rtpl_tx_waits_for_device(link))
			return false;
		/* The tx worker may have drained the link since. Pairs with rtpl_qdisc_refill(). */
		smp_mb();
		return rtpl_tx_wants(link) != RTPL_TX_WANTS;
	default:
		return false;
	}
}

/*
 * Would any packet have to wait for the only link, which has slots and enough for the next? Then
 * none is asked for: one that waits outside the child goes before whatever the child would prefer
 * by the time of the slot. Root lock, RCU read side.
 */
static bool rtpl_qdisc_only_full(struct rtpl_qdisc *q)
{
	struct rtpl_owner *owner;
	unsigned long id = 0;

	if (READ_ONCE(q->rn->n_peers) != 1)
		return false;
	owner = xa_find(&q->rn->peers, &id, ULONG_MAX, XA_PRESENT);
	return owner && READ_ONCE(owner->link->slotted) && rtpl_qdisc_must_wait(q, owner->link);
}

/* The child has a packet again, or would have given one if asked. */
static void rtpl_qdisc_wet(struct rtpl_qdisc *q, u64 now)
{
	q->dry = false;
	q->since = now;
}

/*
 * A packet that the child held back on purpose, to pace or to delay it, has waited for us only
 * since it could leave: since the child gave packets again, or since the time that its sender set.
 */
static void rtpl_qdisc_available(struct rtpl_qdisc *q, struct sk_buff *skb)
{
	u64 *since = rtpl_skb_cb(skb), at = ktime_to_ns(skb->tstamp), now = ktime_get_ns();

	if (q->dry)
		rtpl_qdisc_wet(q, now);
	*since = max(rtpl_skb_since(skb, now), q->since);
	/* A receive timestamp comes from another clock and is far ahead. */
	if (at > *since && at <= now)
		*since = at;
}

/* The next packet that may go to its link, or NULL. Root lock. */
static struct sk_buff *rtpl_qdisc_pull(struct rtpl_qdisc *q, struct rtpl_owner **to)
{
	struct sk_buff *skb = q->held;

	if (!skb) {
		skb = q->fast->dequeue(q->fast);
		if (!skb) {
			/*
			 * The child's watchdog wakes the root qdisc, and rtpl_qdisc_dequeue() looks
			 * again.
			 */
			q->throttled = q->fast->q.qlen;
			q->dry = q->throttled;
			return NULL;
		}
		rtpl_qdisc_available(q, skb);
	}
	*to = rtpl_route_packet(q->rn, skb, skb_network_offset(skb), false);
	rtpl_qdisc_hold(q, skb);
	if (*to && rtpl_qdisc_must_wait(q, (*to)->link))
		return NULL;
	rtpl_qdisc_hold(q, NULL);
	return skb;
}

/*
 * Links that wait for the device, with the rest of a packet, use its room first. The child is asked
 * for the next packet as late as possible, and only for as much as fills the cells that there is
 * room for. Links with slots of their own get packets whatever room the device has; where there are
 * such links and others, one packet may have to wait outside the child.
 */
static void rtpl_qdisc_refill_run(struct rtpl_compat_bh *bh)
{
	struct rtpl_qdisc *q = container_of(bh, struct rtpl_qdisc, refill);
	struct rtpl_owner *owner;
	struct rtpl_link *last = NULL;
	struct Qdisc *sch = q->sch;
	int budget = RTPL_REFILL_BUDGET;
	struct sk_buff *skb;
	bool slotted;
	s64 room;
	u32 has;

	rcu_read_lock();
	spin_lock(qdisc_lock(sch));
	q->throttled = false;
	q->kept = false;
	slotted = atomic_read(&q->rn->n_slotted);
	q->full = slotted && !q->held && q->fast->q.qlen && rtpl_qdisc_only_full(q);
	if (!rtpl_release_full(q)) {
		room = max_t(u32, rtpl_room_left(q->room.limit, q->cells_bytes),
			     qdisc_dev(sch)->mtu);
		/* The link's tx worker has the refill run again when it is done. */
		if (rtpl_release_wake(q, &has))
			room -= has;
	} else {
		WRITE_ONCE(q->blocked, true);
		q->kept = true;
		room = 0;
	}
	while (budget-- > 0 && !q->full) {
		if (room <= 0 && !slotted) {
			q->kept = true;
			if (q->dry)
				rtpl_qdisc_wet(q, ktime_get_ns());
			break;
		}
		skb = rtpl_qdisc_pull(q, &owner);
		if (!skb)
			break;
		sch->q.qlen--;
		qdisc_qstats_backlog_dec(sch, skb);
		if (unlikely(!owner)) {
			/* The peer was removed while the packet waited. */
			rtpl_drop_skb(q->rn, NULL, RTPL_DROP_NO_PEER, skb);
			continue;
		}
		room -= skb->len;
		rtpl_txq_add(owner->link, skb);
		/* Kick after the link's last packet: its tx worker may have run dry meanwhile. */
		if (last && owner->link != last)
			rtpl_tx_kick_more(last);
		last = owner->link;
		q->full = slotted && q->fast->q.qlen && rtpl_qdisc_only_full(q);
	}
	spin_unlock(qdisc_lock(sch));
	if (last)
		rtpl_tx_kick_more(last);
	rcu_read_unlock();
	if (budget < 0)
		rtpl_compat_bh_schedule(&q->refill, false);
}

/**
 * rtpl_qdisc_refill() - move packets from the fast classes of a node's qdiscs to links
 * @rn: node
 *
 * Schedules the refill of each qdisc that has packets, or that has room again and was waited for.
 *
 * Context: any.
 */
void rtpl_qdisc_refill(struct rtpl_net *rn)
{
	struct rtpl_qdisc *q;

	/* Either the refill sees that there is room, or we see the packet that it holds. */
	smp_mb();
	rcu_read_lock();
	list_for_each_entry_rcu(q, &rn->qdiscs, node)
		if (READ_ONCE(q->held) || READ_ONCE(q->fast->q.qlen) ||
		    (READ_ONCE(q->blocked) && !rtpl_release_full(q)))
			rtpl_compat_bh_schedule(&q->refill, false);
	rcu_read_unlock();
}

/* ---- dequeue ---- */

/* Bound the credit that a clear child saves up while it holds packets back. */
static void rtpl_qdisc_credit(struct rtpl_qdisc *q, const struct sk_buff *skb, s64 most)
{
	q->balance = max(q->balance, min_t(s64, q->balance + qdisc_pkt_len(skb), most));
}

/* Cells whose slot has come, at @at. */
static struct sk_buff *rtpl_qdisc_dequeue_slot(struct rtpl_qdisc *q, u64 now)
{
	struct sk_buff *skb = rtpl_release_first_slot(q);
	u64 at = rtpl_slot_time(skb);

	rtpl_release_erase(q, skb);
	rtpl_release_gone(q, skb);
	if (now - at > RTPL_LATE_NS) {
		q->xstats.late_cells++;
		q->late_run = min(q->late_run + 1, RTPL_LATE_RUN);
		/* Two packets: slots must not pay for what the clear child saved up. */
		if (q->clear->q.qlen)
			rtpl_qdisc_credit(q, skb, 2 * qdisc_dev(q->sch)->mtu);
		else
			q->balance = 0;
	}
	trace_rtpl_departure(q->ifindex, at, now, rtpl_cells_in(skb));
	/* The slot has come: no lower layer needs to hold the packet. */
	rtpl_compat_set_departure(skb, 0);
	return skb;
}

static struct sk_buff *rtpl_qdisc_dequeue_cell(struct rtpl_qdisc *q)
{
	struct sk_buff *skb = __skb_dequeue(&q->cells);

	if (skb) {
		WRITE_ONCE(q->cells_bytes, q->cells_bytes - qdisc_pkt_len(skb));
		rtpl_release_gone(q, skb);
		rtpl_qdisc_credit(q, skb, RTPL_ROOM_MAX);
	}
	return skb;
}

/*
 * May a packet still leave in clear? The child's filters may have turned it into another packet
 * (pedit, nat), or a required peer may have been added while it waited.
 */
static bool rtpl_qdisc_still_clear(struct rtpl_qdisc *q, const struct sk_buff *skb)
{
	int nhoff = skb_network_offset(skb);
	__be16 proto = skb_protocol(skb, true);
	struct rtpl_owner *owner;
	struct in6_addr addr;
	bool clear = true;

	if (likely(!READ_ONCE(q->rn->n_require)))
		return true;
	rcu_read_lock();
	owner = rtpl_route_packet(q->rn, skb, nhoff, false);
	if (owner && !READ_ONCE(owner->require))
		owner = NULL;
	owner = owner ?: rtpl_route_onward(q->rn, skb, nhoff, proto, &addr);
	if (unlikely(owner))
		clear = rtpl_skb_is_control(q->rn, skb, nhoff, proto, qdisc_dev(q->sch), true) ||
			rtpl_own_copy(q->rn, skb, nhoff, proto);
	rcu_read_unlock();
	return clear;
}

static struct sk_buff *rtpl_qdisc_dequeue_clear(struct rtpl_qdisc *q)
{
	struct sk_buff *skb;

	while ((skb = q->clear->dequeue(q->clear)) && unlikely(!rtpl_qdisc_still_clear(q, skb))) {
		qdisc_qstats_backlog_dec(q->sch, skb);
		q->sch->q.qlen--;
		qdisc_qstats_drop(q->sch);
		rtpl_drop_skb(q->rn, NULL, RTPL_DROP_LEAKGUARD_OUT, skb);
	}
	/* Bound the credit of cells, too: more cells follow when the device has taken these. */
	if (skb)
		q->balance = max_t(s64, q->balance - qdisc_pkt_len(skb), -RTPL_ROOM_MAX);
	return skb;
}

static struct sk_buff *rtpl_qdisc_dequeue(struct Qdisc *sch)
{
	struct rtpl_qdisc *q = qdisc_priv(sch);
	struct sk_buff *skb = NULL, *slot = NULL;
	bool late = false;
	bool more = READ_ONCE(q->room.more) || (q->kept && q->fast->q.qlen);
	u64 now = rtpl_room_measures(&q->room) ? ktime_get_ns() : ktime_get_coarse_ns();

	q->room.more = more;
	rtpl_room_asked(&q->room, q->cells_bytes, !q->clear->q.qlen, now);
	if (q->throttled) {
		/* While there are packets to send, the end of this function is not reached. */
		q->throttled = false;
		rtpl_compat_bh_schedule(&q->refill, false);
	}
	slot = rtpl_release_first_slot(q);
	if (slot) {
		u64 exact = ktime_get_ns();

		late = q->late_run == RTPL_LATE_RUN && rtpl_slot_time(slot) + RTPL_LATE_NS < exact;
		if (rtpl_slot_time(slot) <= exact &&
		    !(late && q->balance > 0 && q->clear->q.qlen)) {
			skb = rtpl_qdisc_dequeue_slot(q, exact);
			goto cell;
		}
	}

	if ((skb_queue_empty(&q->cells) && !more && !late) || !q->clear->q.qlen)
		q->balance = 0;
	if (q->balance > 0) {
		skb = rtpl_qdisc_dequeue_clear(q);
		if (skb) {
			q->late_run = late ? q->late_run : 0;
			goto out;
		}
	}
	/* The clear child holds its packets back. */
	if (late) {
		skb = rtpl_qdisc_dequeue_slot(q, ktime_get_ns());
		goto cell;
	}
	skb = rtpl_qdisc_dequeue_cell(q);
	if (skb) {
		rtpl_room_given(&q->room, now);
		goto cell;
	}
	skb = rtpl_qdisc_dequeue_clear(q);
	if (skb) {
		/* They have their turn by themselves. */
		q->late_run = 0;
		goto out;
	}

	slot = rtpl_release_first_slot(q);
	if (slot)
		qdisc_watchdog_schedule_ns(&q->watchdog, rtpl_slot_time(slot));
	/*
	 * The device has nothing left to send: wake whoever waits for it now, not after its next
	 * packet. Either rtpl_outlet_wait() sees that the device is hungry, or we see that it set
	 * blocked.
	 */
	smp_mb();
	if (q->blocked || (q->fast->q.qlen && !q->held && !q->full)) {
		q->blocked = false;
		rtpl_compat_bh_schedule(&q->refill, false);
	}
	return NULL;

cell:
	q->xstats.cells += rtpl_cells_in(skb);
out:
	/*
	 * There may be room now, because a packet leaves or because packets in clear want some of
	 * the line (core/room.h). A waiter that sets blocked at this moment is seen when the device
	 * asks again.
	 */
	if (READ_ONCE(q->blocked) && !rtpl_release_full(q)) {
		q->blocked = false;
		rtpl_compat_bh_schedule(&q->refill, false);
	}
	qdisc_bstats_update(sch, skb);
	qdisc_qstats_backlog_dec(sch, skb);
	sch->q.qlen--;
	return skb;
}

/* ---- life ---- */

static void rtpl_qdisc_reset(struct Qdisc *sch)
{
	struct rtpl_qdisc *q = qdisc_priv(sch);
	unsigned int n;

	if (!q->sch)
		return;
	n = q->clear->q.qlen + q->fast->q.qlen;
	qdisc_reset(q->clear);
	qdisc_reset(q->fast);
	if (q->held) {
		n += rtpl_cells_in(q->held);
		rtnl_kfree_skbs(q->held, q->held);
		rtpl_qdisc_hold(q, NULL);
	}
	n += rtpl_release_purge(q);
	if (n)
		rtpl_count_drop(q->rn, NULL, RTPL_DROP_PURGED, n);
	q->balance = 0;
	q->late_run = 0;
	q->throttled = false;
	q->kept = false;
	q->full = false;
	qdisc_watchdog_cancel(&q->watchdog);
	/* Whoever waited for the queue to drain must look again. */
	smp_mb(); /* pairs with rtpl_outlet_wait() */
	if (q->blocked) {
		q->blocked = false;
		rtpl_compat_bh_schedule(&q->refill, false);
	}
}

/**
 * rtpl_qdisc_child() - a child qdisc for a class
 * @sch: the qdisc
 * @class: RTPL_CLASS_CLEAR or RTPL_CLASS_FAST
 * @extack: for the core's error message
 *
 * The child is the device's default qdisc, as in mq: fq_codel where that is set. A default that
 * makes no sense here is replaced by pfifo.
 *
 * Context: process, RTNL held.
 * Return: the qdisc, with a reference, or NULL.
 */
struct Qdisc *rtpl_qdisc_child(struct Qdisc *sch, u32 class, struct netlink_ext_ack *extack)
{
	const struct Qdisc_ops *ops = get_default_qdisc_ops(qdisc_dev(sch), 0);

	if (ops == &rtpl_qdisc_ops || ops == &pfifo_fast_ops || !strcmp(ops->id, "noqueue"))
		ops = &pfifo_qdisc_ops;
	return qdisc_create_dflt(sch->dev_queue, ops, TC_H_MAKE(sch->handle, class), extack);
}

static int rtpl_qdisc_check_device(struct Qdisc *sch, struct netlink_ext_ack *extack)
{
	struct net_device *dev = qdisc_dev(sch);
	struct in_device *in4;

	if (sch->parent != TC_H_ROOT) {
		NL_SET_ERR_MSG_MOD(extack, "rtpl must be the root of its device");
		return -EOPNOTSUPP;
	}
	if (dev->flags & IFF_LOOPBACK) {
		NL_SET_ERR_MSG_MOD(extack, "the loopback device leads to no peer");
		return -EOPNOTSUPP;
	}
	if (dev->mtu < RTPL_HANDSHAKE_MIN + sizeof(struct ipv6hdr) + sizeof(struct udphdr)) {
		NL_SET_ERR_MSG_MOD(extack,
				   "the device's MTU is below 304 bytes: no handshake fits");
		return -EMSGSIZE;
	}
	in4 = __in_dev_get_rtnl(dev);
	if (!in4 && !__in6_dev_get(dev)) {
		NL_SET_ERR_MSG_MOD(extack, "the device carries no IP");
		return -EOPNOTSUPP;
	}
	return 0;
}

/* Defaults for the namespace's links changed. RTNL. */
static void rtpl_qdisc_apply(struct rtpl_qdisc *q, const struct rtpl_shape_config *shape)
{
	struct rtpl_net *rn = q->rn;
	struct rtpl_peer *peer;
	unsigned long id;

	mutex_lock(&rn->lock);
	rn->qdisc_shape = *shape;
	xa_for_each(&rn->peers, id, peer)
		rtpl_peer_reshape(peer);
	mutex_unlock(&rn->lock);
}

static int rtpl_qdisc_change(struct Qdisc *sch, struct nlattr *nla,
			     struct netlink_ext_ack *extack)
{
	struct rtpl_qdisc *q = qdisc_priv(sch);
	struct rtpl_sched_options opt = q->opt;
	int err;

	err = rtpl_options_parse(sch, nla, &opt, extack);
	if (err)
		return err;
	sch_tree_lock(sch);
	swap(q->opt, opt);
	sch_tree_unlock(sch);
	rtpl_qdisc_apply(q, &q->opt.shape);
	rtpl_change_qdisc(q->rn, q->ifindex, q->opt.unprotected, &opt.shape, &q->opt.shape);
	return 0;
}

static int rtpl_qdisc_init(struct Qdisc *sch, struct nlattr *nla,
			   struct netlink_ext_ack *extack)
{
	struct rtpl_qdisc *q = qdisc_priv(sch);
	int err;

	err = rtpl_qdisc_check_device(sch, extack);
	if (err)
		return err;
	q->rn = rtpl_net(dev_net(qdisc_dev(sch)));
	rtpl_shape_default(&q->opt.shape.shape);
	err = rtpl_options_parse(sch, nla, &q->opt, extack);
	if (err)
		return err;

	/* From here on rtpl_qdisc_destroy() undoes what there is. */
	q->ifindex = qdisc_dev(sch)->ifindex;
	rtpl_release_init(q);
	qdisc_watchdog_init_clockid(&q->watchdog, sch, CLOCK_MONOTONIC);
	rtpl_compat_bh_init(&q->refill, rtpl_qdisc_refill_run);
	q->sch = sch;
	q->clear = &noop_qdisc;
	q->fast = &noop_qdisc;

	err = tcf_block_get(&q->block, &q->filter_list, sch, extack);
	if (err)
		return err;
	q->clear = rtpl_qdisc_child(sch, RTPL_CLASS_CLEAR, extack) ?: &noop_qdisc;
	q->fast = rtpl_qdisc_child(sch, RTPL_CLASS_FAST, extack) ?: &noop_qdisc;
	if (q->clear == &noop_qdisc || q->fast == &noop_qdisc) {
		NL_SET_ERR_MSG_MOD(extack, "no memory for the classes' child qdiscs");
		return -ENOMEM;
	}
	qdisc_hash_add(q->clear, true);
	qdisc_hash_add(q->fast, true);

	spin_lock_bh(&q->rn->qdiscs_lock);
	list_add_tail_rcu(&q->node, &q->rn->qdiscs);
	spin_unlock_bh(&q->rn->qdiscs_lock);
	q->listed = true;
	rtpl_qdisc_apply(q, &q->opt.shape);
	rtpl_change_qdisc(q->rn, q->ifindex, q->opt.unprotected, NULL, &q->opt.shape);
	return 0;
}

/*
 * The device is deactivated: nothing is enqueued or dequeued any more. Tx workers may still find
 * the qdisc in the list and schedule the refill, but not after the grace period. Then the refill
 * can be stopped for good.
 */
static void rtpl_qdisc_destroy(struct Qdisc *sch)
{
	struct rtpl_qdisc *q = qdisc_priv(sch);

	if (!q->sch)
		return;
	if (q->listed) {
		struct rtpl_shape_config none = {};

		spin_lock_bh(&q->rn->qdiscs_lock);
		list_del_rcu(&q->node);
		spin_unlock_bh(&q->rn->qdiscs_lock);
		synchronize_net();
		if (list_empty(&q->rn->qdiscs))
			rtpl_qdisc_apply(q, &none);
		if (check_net(q->rn->net))
			rtpl_change_qdisc(q->rn, q->ifindex, q->opt.unprotected, &q->opt.shape,
					  NULL);
	}
	rtpl_compat_bh_kill(&q->refill);
	rtpl_release_wake_all(q->rn);
	qdisc_watchdog_cancel(&q->watchdog);
	tcf_block_put(q->block);
	qdisc_put(q->clear);
	qdisc_put(q->fast);
}

static int rtpl_qdisc_dump(struct Qdisc *sch, struct sk_buff *skb)
{
	struct rtpl_qdisc *q = qdisc_priv(sch);
	struct nlattr *nest;

	nest = nla_nest_start_noflag(skb, TCA_OPTIONS);
	if (!nest)
		return -EMSGSIZE;
	if (rtpl_options_dump(&q->opt, skb)) {
		nla_nest_cancel(skb, nest);
		return -EMSGSIZE;
	}
	return nla_nest_end(skb, nest);
}

static int rtpl_qdisc_dump_stats(struct Qdisc *sch, struct gnet_dump *d)
{
	struct rtpl_qdisc *q = qdisc_priv(sch);
	struct tc_rtpl_xstats st;

	sch_tree_lock(sch);
	st = q->xstats;
	st.release_packets = q->release_packets;
	st.release_bytes = q->release_bytes;
	sch_tree_unlock(sch);
	return gnet_stats_copy_app(d, &st, sizeof(st));
}

/*
 * The core calls enqueue, dequeue and peek for packets: BH, root lock; reset when the device is
 * deactivated or the qdisc goes: process, RTNL, root lock unless nobody can see the qdisc any more;
 * all others for tc's requests and when the device goes: process, RTNL.
 */
struct Qdisc_ops rtpl_qdisc_ops __read_mostly = {
	.id		= "rtpl",
	.cl_ops		= &rtpl_class_ops,
	.priv_size	= sizeof(struct rtpl_qdisc),
	.enqueue	= rtpl_qdisc_enqueue,
	.dequeue	= rtpl_qdisc_dequeue,
	.peek		= qdisc_peek_dequeued,
	.init		= rtpl_qdisc_init,
	.reset		= rtpl_qdisc_reset,
	.destroy	= rtpl_qdisc_destroy,
	.change		= rtpl_qdisc_change,
	.dump		= rtpl_qdisc_dump,
	.dump_stats	= rtpl_qdisc_dump_stats,
	.owner		= THIS_MODULE,
};

/* leakguard/leakguard.h says who calls it. */
const struct rtpl_leakguard_ops rtpl_qdisc_leakguard = {
	.qdisc = &rtpl_qdisc_ops,
	.prefers_clear = rtpl_qdisc_prefers_clear,
};
