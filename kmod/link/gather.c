// SPDX-License-Identifier: GPL-2.0
/*
 * Small packets that share cells, where cells leave as packets come.
 *
 * A link rests behind what it sent for so many times what a lone cell takes, and sends less than a
 * full one only then: what comes faster than it could be sent one by one shares cells. Who waits
 * for an answer before he sends again takes longer than that: the other end opens a cell and makes
 * one, too. The mean says less of what is in a cell than its own time.
 */
#include <linux/hrtimer.h>

#include "link/gather.h"
#include "link/lay.h"
#include "link/link.h"
#include "link/tx_worker.h"

#define RTPL_GATHER_TIMES	2
#define RTPL_GATHER_MAX		(200 * NSEC_PER_USEC)
#define RTPL_GATHER_MEAN	8	/* lone cells */

/*
 * May packets gather? Not by a profile, nor where cells have several sizes (small ones cost less),
 * where the first packet's DSCP counts, or where a timer is as coarse as a tick. tx_lock.
 */
static bool rtpl_gather_may(const struct rtpl_link *link)
{
	return !link->profile && link->shape.sched == RTPL_SCHEDULE_ASAP &&
	       link->shape.sizes != RTPL_SIZES_POW2 && link->shape.sizes != RTPL_SIZES_BUCKETS &&
	       READ_ONCE(link->path.dscp) != RTPL_DSCP_COPY && hrtimer_resolution == 1;
}

/**
 * rtpl_gather_until() - does so little wait that it is to share a cell with what comes?
 * @link: link
 * @waiting: bytes that wait
 *
 * If so packets gather, and rtpl_tx_kick_more() wakes nobody until they fill a cell.
 *
 * Context: BH, tx_lock.
 * Return: CLOCK_MONOTONIC ns at which the tx worker is to look again; 0: it may send now.
 */
u64 rtpl_gather_until(struct rtpl_link *link, u32 waiting)
{
	u16 room = rtpl_pad_max(&link->shape, link->cell_path) - RTPL_CELL_OVERHEAD;
	u64 now;
	u32 left;

	if (link->hs_buf || waiting >= room || !rtpl_gather_may(link))
		return 0;
	now = ktime_get_ns();
	/* Low bits do: what is long past looks near for a moment in four seconds. */
	left = link->worker->gather_until - (u32)now;
	if (!left || left > RTPL_GATHER_MAX)
		return 0;
	WRITE_ONCE(link->worker->gather_room, room);
	return now + left;
}

/**
 * rtpl_gather_end() - the tx worker looks at what waits
 * @link: link
 *
 * Context: BH, tx_lock.
 */
void rtpl_gather_end(struct rtpl_link *link)
{
	if (!link->worker->gather_room)
		return;
	WRITE_ONCE(link->worker->gather_room, 0);
	smp_mb();	/* pairs with rtpl_tx_kick_more() */
}

/**
 * rtpl_gather_lone() - note that a lone cell was made
 * @link: link
 * @began: CLOCK_MONOTONIC ns
 *
 * Context: BH, tx_lock.
 */
void rtpl_gather_lone(struct rtpl_link *link, u64 began)
{
	u32 took = min_t(u64, ktime_get_ns() - began, RTPL_GATHER_MAX);
	u32 mean = link->worker->lone_cost;

	link->worker->lone_cost = mean ? mean - mean / RTPL_GATHER_MEAN + took / RTPL_GATHER_MEAN :
					 took;
}

/**
 * rtpl_gather_rest() - rest behind cells that left
 * @link: link
 *
 * Context: BH, tx_lock.
 */
void rtpl_gather_rest(struct rtpl_link *link)
{
	u32 rest = RTPL_GATHER_TIMES * link->worker->lone_cost;

	if (!rest || rtpl_lay_waiting(link) || !rtpl_gather_may(link))
		return;
	rest = min_t(u64, rest, RTPL_GATHER_MAX);
	/* What waits must not be late for that. */
	if (link->shape.latency_ns)
		rest = min_t(u64, rest, link->shape.latency_ns / 4);
	link->worker->gather_until = ktime_get_ns() + rest;
}

/**
 * rtpl_tx_kick_more() - have a link's tx worker look at packets that were handed over
 * @link: link that the caller found under RCU, or holds
 *
 * Does nothing while they gather: until there are enough for a cell the timer sees to them.
 *
 * Context: any.
 */
void rtpl_tx_kick_more(struct rtpl_link *link)
{
	u32 room;

	/* Either the tx worker sees the packets, or we see what it waits for. */
	smp_mb();
	room = READ_ONCE(link->worker->gather_room);
	if (room && READ_ONCE(link->txq_bytes) + READ_ONCE(link->pack_left) < room)
		return;
	rtpl_tx_kick(link);
}
