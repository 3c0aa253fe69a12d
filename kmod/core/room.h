/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How many bytes of cells may wait in front of a device: as few as keep it busy, so that
 * packets wait where queue management sees them. The bound adapts as byte queue limits do
 * (lib/dynamic_queue_limits), but counts what waits and not what the device has taken: a
 * device that asks and finds nothing, though somebody was kept from sending, doubles it; one
 * that never found nothing for RTPL_ROOM_HOLD_NS halves it. At the bound RTPL_ROOM_MIN one
 * cell waits behind the one that the device sends.
 *
 * Below that is RTPL_ROOM_NONE: a cell is built when the device asks for it. A device loses the
 * time that this takes, which is measured: only where a cell takes it RTPL_ROOM_SLOW_NS and
 * RTPL_ROOM_LOSS times as long as building, and where nothing in clear goes before cells that
 * are not there yet.
 */
#ifndef RTPL_CORE_ROOM_H
#define RTPL_CORE_ROOM_H

#include "env.h"

#define RTPL_ROOM_NONE		0
#define RTPL_ROOM_MIN		1		/* bytes: whatever waits is enough */
#define RTPL_ROOM_MAX		(128 * 1024)	/* bytes */
#define RTPL_ROOM_HOLD_NS	100000000ULL	/* 100 ms */
#define RTPL_ROOM_SLOW_NS	500000ULL	/* 500 us: 24 Mbit/s */
#define RTPL_ROOM_LOSS		64		/* at most one part in so many of the line */

/* The room in front of one device. The owner serialises. */
struct rtpl_room {
	u32 limit;	/* bytes: with so many waiting nobody may add more */
	bool more;	/* somebody has more to send than was let in */
	bool busy;	/* the device has found something each time since @since */
	bool hungry;	/* RTPL_ROOM_NONE: it asked, found nothing and got nothing since */
	bool owed;	/* while it did, somebody was kept from sending */
	u64 since;	/* ns */
	u64 given;	/* ns: when it got the last cell; 0: it asked since */
	u64 asked;	/* ns: when it got hungry */
	u64 least;	/* ns: the shortest that it took over a cell since @since */
	u64 gap;	/* ns: what it lost on cells that were built when it asked */
};

void rtpl_room_start(struct rtpl_room *r);

/**
 * rtpl_room_asked() - the device asks for a packet
 * @r: room
 * @waiting: bytes that wait for it
 * @alone: nothing else waits for the device
 * @now: ns
 */
void rtpl_room_asked(struct rtpl_room *r, u32 waiting, bool alone, u64 now);

void rtpl_room_filled(struct rtpl_room *r, u64 now);

/**
 * rtpl_room_given() - the device took a cell
 * @r: room
 * @now: ns, of the clock of rtpl_room_asked()
 *
 * Context: Any; the caller serialises calls on @r.
 */
static inline void rtpl_room_given(struct rtpl_room *r, u64 now)
{
	r->given = now;
}

/**
 * rtpl_room_measures() - do times matter to the nanosecond?
 * @r: room
 *
 * Context: Any; the caller serialises calls on @r.
 * Return: true if the bound is RTPL_ROOM_MIN or below; else a coarse clock will do.
 */
static inline bool rtpl_room_measures(const struct rtpl_room *r)
{
	return r->limit <= RTPL_ROOM_MIN;
}

/**
 * rtpl_room_full() - may nothing be added?
 * @limit: of the room
 * @hungry: likewise
 * @waiting: bytes that wait for the device
 *
 * Context: Any; the two may be read without the lock that serialises calls on the room.
 * Return: true if nothing may.
 */
static inline bool rtpl_room_full(u32 limit, bool hungry, u32 waiting)
{
	return waiting >= limit && (waiting || !hungry);
}

/**
 * rtpl_room_left() - how many bytes may be added?
 * @limit: of the room
 * @waiting: bytes that wait for the device
 *
 * Context: Any; @limit may be read without the lock that serialises calls on the room.
 * Return: bytes; 0: none. What is larger may be added as one cell.
 */
static inline u32 rtpl_room_left(u32 limit, u32 waiting)
{
	return waiting < limit ? limit - waiting : 0;
}

#endif /* RTPL_CORE_ROOM_H */
