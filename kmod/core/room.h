/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How many bytes of cells may wait in front of a device: as few as keep it busy, so that packets
 * wait where queue management sees them. The bound adapts like byte queue limits
 * (lib/dynamic_queue_limits), but counts what waits, not what the device has taken. It doubles if a
 * device asks and finds nothing although more waited to be sent; it is halved if the device always
 * found something for RTPL_ROOM_HOLD_NS. At the bound RTPL_ROOM_MIN one cell waits behind the one
 * that the device sends.
 *
 * Below that is RTPL_ROOM_NONE: a cell is built when the device asks for it. The device loses the
 * time that building takes, and that time is measured. So RTPL_ROOM_NONE is used only if the device
 * takes RTPL_ROOM_SLOW_NS for a cell and RTPL_ROOM_LOSS times as long as building, and if no
 * packets in clear go before cells that are not built yet.
 */
#ifndef RTPL_CORE_ROOM_H
#define RTPL_CORE_ROOM_H

#include "env.h"

#define RTPL_ROOM_NONE		0
#define RTPL_ROOM_MIN		1		/* bytes: one cell that waits is enough */
#define RTPL_ROOM_MAX		(128 * 1024)	/* bytes */
#define RTPL_ROOM_HOLD_NS	100000000ULL	/* 100 ms */
#define RTPL_ROOM_SLOW_NS	500000ULL	/* 500 us: 24 Mbit/s */
#define RTPL_ROOM_LOSS		64		/* at most one part in this many of the line */

/* The room in front of one device. The owner serialises. */
struct rtpl_room {
	u32 limit;	/* bytes: with this many waiting nobody may add more */
	bool more;	/* more waits to be sent than was let in */
	bool busy;	/* the device found something each time since @since */
	bool hungry;	/* RTPL_ROOM_NONE: it asked, found nothing and got nothing since */
	bool owed;	/* when it asked, more waited to be sent */
	u64 since;	/* ns */
	u64 given;	/* ns: when it got the last cell; 0: it has asked since */
	u64 asked;	/* ns: when it became hungry */
	u64 least;	/* ns: the shortest time that it took for a cell since @since */
	u64 gap;	/* ns: time that it lost on cells built when it asked */
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
 * rtpl_room_measures() - is a precise clock needed?
 * @r: room
 *
 * Context: Any; the caller serialises calls on @r.
 * Return: true if the bound is RTPL_ROOM_MIN or below; otherwise a coarse clock will do.
 */
static inline bool rtpl_room_measures(const struct rtpl_room *r)
{
	return r->limit <= RTPL_ROOM_MIN;
}

/**
 * rtpl_room_full() - is adding more forbidden?
 * @limit: of the room
 * @hungry: likewise
 * @waiting: bytes that wait for the device
 *
 * Context: Any; the two may be read without the lock that serialises calls on the room.
 * Return: true if nothing may be added.
 */
static inline bool rtpl_room_full(u32 limit, bool hungry, u32 waiting)
{
	return waiting >= limit && (waiting || !hungry);
}

/**
 * rtpl_room_left() - bytes that may be added
 * @limit: of the room
 * @waiting: bytes that wait for the device
 *
 * Context: Any; @limit may be read without the lock that serialises calls on the room.
 * Return: bytes; 0: none. One cell may be larger than that.
 */
static inline u32 rtpl_room_left(u32 limit, u32 waiting)
{
	return waiting < limit ? limit - waiting : 0;
}

#endif /* RTPL_CORE_ROOM_H */
