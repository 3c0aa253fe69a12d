// SPDX-License-Identifier: GPL-2.0
/*
 * The bound on what waits in front of a device.
 */
#include "room.h"

/* The least bound from which doubling helps: a full frame. */
#define ROOM_STEP	1514

/**
 * rtpl_room_start() - begin, or begin anew, with the bound RTPL_ROOM_MIN
 * @r: room
 *
 * Context: Any; the caller serialises calls on @r.
 */
void rtpl_room_start(struct rtpl_room *r)
{
	*r = (struct rtpl_room){ .limit = RTPL_ROOM_MIN };
}

static void set_limit(struct rtpl_room *r, u32 limit)
{
	r->limit = limit;
	r->busy = false;
	r->hungry = false;
	r->owed = false;
}

/* Is the device slow enough, compared with building a cell, that none need wait? */
static bool keeps_none(const struct rtpl_room *r, u64 took)
{
	return took >= max(RTPL_ROOM_SLOW_NS, r->gap * RTPL_ROOM_LOSS);
}

static void asked_none(struct rtpl_room *r, u32 waiting, bool alone, u64 took, u64 now)
{
	if (!alone || !keeps_none(r, took)) {
		set_limit(r, RTPL_ROOM_MIN);
		return;
	}
	if (waiting || r->hungry)
		return;
	r->owed = r->more;
	r->asked = now;
	r->hungry = true;
	r->more = false;
}

void rtpl_room_asked(struct rtpl_room *r, u32 waiting, bool alone, u64 now)
{
	u64 took = r->given && alone ? now - r->given : U64_MAX;

	r->given = 0;
	if (r->limit == RTPL_ROOM_NONE) {
		asked_none(r, waiting, alone, took, now);
		return;
	}
	r->least = min(r->least, alone ? took : 0);
	if (!waiting) {
		if (r->more)
			r->limit = min_t(u32, 2 * max_t(u32, r->limit, ROOM_STEP), RTPL_ROOM_MAX);
		r->more = false;
		r->busy = false;
	} else if (!r->busy) {
		r->busy = true;
		r->since = now;
		r->least = U64_MAX;
	} else if (now - r->since >= RTPL_ROOM_HOLD_NS) {
		r->since = now;
		if (r->limit > 2 * ROOM_STEP)
			r->limit /= 2;
		else if (r->limit > RTPL_ROOM_MIN)
			r->limit = RTPL_ROOM_MIN;
		else if (r->least != U64_MAX && keeps_none(r, r->least))
			set_limit(r, RTPL_ROOM_NONE);
		r->least = U64_MAX;
		/* Let an old measurement fade, so that it is tried again. */
		r->gap -= r->gap / 8;
	}
}

/**
 * rtpl_room_filled() - note that a cell waits for the device
 * @r: room
 * @now: ns, of the clock of rtpl_room_asked()
 *
 * Measures the time that the device lost if it had asked in vain before.
 *
 * Context: Any; the caller serialises calls on @r.
 */
void rtpl_room_filled(struct rtpl_room *r, u64 now)
{
	if (r->limit != RTPL_ROOM_NONE || !r->hungry)
		return;
	r->hungry = false;
	if (r->owed)
		r->gap = max(now - r->asked, r->gap - r->gap / 8);
}
