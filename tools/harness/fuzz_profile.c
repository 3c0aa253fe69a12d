// SPDX-License-Identifier: GPL-2.0
/*
 * Profiles of any bytes. A blob is refused with a section and a sentence, or the engine
 * can run it: each call ends, what leaves is bounded, time does not stand still.
 *
 * Input: u8 seed, u8 flags (end, how the head is made), u8 events, the events (u8 what,
 * u8 time that passes), then the blob.
 */
#include <stdio.h>

#include "../../kmod/core/engine.h"

#define RAW	0x80		/* the head is the input's, too */
#define CELL	1280
#define BATCH	32
#define LEAD	200000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "%s\n", what);
	abort();
}

/* What wants to leave now; @queued: bytes that wait. */
static void leave(struct rtpl_engine *e, u64 now, u32 *queued, u64 oldest)
{
	struct rtpl_departure d;
	int rounds = 64;
	u16 i;

	while (rounds--) {
		switch (rtpl_engine_next(e, now, LEAD, *queued, oldest, BATCH, &d)) {
		case RTPL_ENGINE_IDLE:
			return;
		case RTPL_ENGINE_WAKE:
			need(d.at >= now, "a time to ask again that has passed");
			return;
		case RTPL_ENGINE_SEND:
			break;
		}
		need(d.cells && d.cells <= max_t(u16, BATCH, RTPL_PACE_BATCH_MAX), "no batch");
		need(!d.timed || d.at <= now + LEAD, "not yet");
		need(d.chaff || *queued, "nothing to leave");
		rtpl_engine_departs(e, &d, 0, 3000, 0, CELL - RTPL_CELL_OVERHEAD);
		rtpl_engine_take(e, &d, now);
		for (i = 0; i < d.cells; i++) {
			bool data = *queued && !d.alone;

			if (!data && !d.chaff)
				break;
			rtpl_engine_traffic(e, data ? RTPL_SENT_DATA : RTPL_SENT_CHAFF,
					     d.timed ? d.at : now, CELL);
			if (data)
				*queued -= min_t(u32, *queued, CELL - RTPL_CELL_OVERHEAD);
		}
	}
}

static void run(const struct rtpl_profile *p, const u8 *events, u8 n, const u8 *seed, u8 end)
{
	static struct rtpl_engine e;
	u64 now = 1000000, oldest = 0;
	struct rtpl_leak leak;
	u32 queued = 0;

	memset(&e, 0, sizeof(e));
	rtpl_engine_start(&e, &p->shape, p, end, CELL, now, seed);
	for (; n; n--, events += 2) {
		now += events[1] & 0x7f ? 1ULL << ((events[1] & 0x7f) % 38) : 0;
		switch (events[0] % 4) {
		case 0:
			if (!queued)
				oldest = now;
			queued += 1 + events[0] * 40;
			rtpl_engine_traffic(&e, RTPL_QUEUED, now, 1 + events[0] * 40);
			break;
		case 1:
			rtpl_engine_traffic(&e, RTPL_GOT_DATA, now, CELL);
			break;
		case 2:
			rtpl_engine_traffic(&e, RTPL_GOT_CHAFF, now, CELL);
			break;
		case 3:
			if (events[1] & 0x80)
				rtpl_engine_change(&e, &p->shape, p, !end, now);
			break;
		}
		leave(&e, now, &queued, oldest);
		rtpl_engine_leak(&e, &leak);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rtpl_profile_where where = {};
	u8 seed[RTPL_RNG_SEED] = {}, *blob;
	static struct rtpl_profile p;
	const char *why = NULL;
	const u8 *events;
	u8 flags, n;
	int err;

	if (size < 3 || size < 3 + 2 * (size_t)data[2])
		return 0;
	seed[0] = data[0];
	flags = data[1];
	n = data[2];
	events = data + 3;
	data = events + 2 * n;
	size -= 3 + 2 * n;

	/* of its own, so that a byte beyond is seen */
	blob = malloc(size ? size : 1);
	memcpy(blob, data, size);
	if (!(flags & RAW) && size >= sizeof(struct rtpl_profile_head)) {
		struct rtpl_profile_head *h = (struct rtpl_profile_head *)blob;

		*h = (struct rtpl_profile_head){
			.magic = cpu_to_le32(RTPL_PROFILE_MAGIC),
			.version = cpu_to_le16(RTPL_PROFILE_VERSION),
			.size = cpu_to_le32(size),
			.name = "fuzz",
		};
	}
	err = rtpl_profile_parse(&p, blob, size, &why, &where);
	need(!err == !why && !err == !where.field, "refused without a word, or the contrary");
	need(!err || where.at <= size, "a place that there is not");
	if (!err)
		run(&p, events, n, seed, flags & 1);
	free(blob);
	return 0;
}
