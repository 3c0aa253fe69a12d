// SPDX-License-Identifier: GPL-2.0
/*
 * The bound on what waits in front of a device.
 */
#include "room.h"

/* The least bound that doubling leads anywhere from: a full frame. */
#define ROOM_STEP	1514

void rtpl_room_start(struct rtpl_room *r)
{
	*r = (struct rtpl_room){ .limit = RTPL_ROOM_MIN };
}

void rtpl_room_asked(struct rtpl_room *r, u32 waiting, u64 now)
{
	if (!waiting) {
		if (r->more)
			r->limit = min_t(u32, 2 * max_t(u32, r->limit, ROOM_STEP), RTPL_ROOM_MAX);
		r->more = false;
		r->busy = false;
	} else if (!r->busy) {
		r->busy = true;
		r->since = now;
	} else if (now - r->since >= RTPL_ROOM_HOLD_NS) {
		r->limit = r->limit > 2 * ROOM_STEP ? r->limit / 2 : RTPL_ROOM_MIN;
		r->since = now;
	}
}
