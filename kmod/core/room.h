/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How many bytes of cells may wait in front of a device: as few as keep it busy, so that
 * packets wait where queue management sees them. The bound adapts as byte queue limits do
 * (lib/dynamic_queue_limits), but counts what waits and not what the device has taken: a
 * device that asks and finds nothing, though somebody was kept from sending, doubles it; one
 * that never found nothing for RTPL_ROOM_HOLD_NS halves it. At the least bound one cell
 * waits behind the one that the device sends.
 */
#ifndef RTPL_CORE_ROOM_H
#define RTPL_CORE_ROOM_H

#include "env.h"

#define RTPL_ROOM_MIN		1		/* bytes: whatever waits is enough */
#define RTPL_ROOM_MAX		(128 * 1024)	/* bytes */
#define RTPL_ROOM_HOLD_NS	100000000ULL	/* 100 ms */

struct rtpl_room {
	u32 limit;	/* bytes: with so many waiting nobody may add more */
	bool more;	/* somebody has more to send than was let in */
	bool busy;	/* the device has found something each time since @since */
	u64 since;	/* ns */
};

void rtpl_room_start(struct rtpl_room *r);

/**
 * rtpl_room_asked() - the device asks for a packet
 * @r: room
 * @waiting: bytes that wait for it
 * @now: ns
 */
void rtpl_room_asked(struct rtpl_room *r, u32 waiting, u64 now);

/* How many bytes may be added? 0: none. What is larger may be added as one cell. */
static inline u32 rtpl_room_left(u32 limit, u32 waiting)
{
	return waiting < limit ? limit - waiting : 0;
}

#endif /* RTPL_CORE_ROOM_H */
