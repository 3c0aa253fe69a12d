// SPDX-License-Identifier: GPL-2.0
/*
 * Does the kernel's shape engine do what the core does in user space?
 *
 *	engine-replay SEED BLOB client|server <trace
 *
 * SEED is the module's parameter, BLOB a profile (rtpl-profile blob). The trace is that of one peer's rtpl:rtpl_engine events, as the kernel prints
 * them, from "what=start" on. The same events go through the core; each answer
 * must be what the kernel then did: cell for cell, when, chaff or data. Prints counts as
 * "name value" pairs; status 1 and the line where they part if they do.
 */
#include <inttypes.h>
#include <stdio.h>

#include "../../kmod/core/engine.h"

static u32 lead = RTPL_PACE_LEAD_MIN;
static struct rtpl_engine e;
static struct rtpl_profile profile;
static struct rtpl_departure d;
static u64 pending_now;
static bool pending, taken;
static u32 cells;		/* of the departure, sent so far */
static u64 line_nr, n_asked, n_queued, n_got, n_data, n_chaff, n_events;

static int part(const char *what, const char *line)
{
	fprintf(stderr, "engine-replay: event %" PRIu64 ": %s: %s", line_nr, what, line);
	fprintf(stderr, "engine-replay: the core: cells %u chaff %d timed %d alone %d at %" PRIu64 "\n",
		d.cells, d.chaff, d.timed, d.alone, (uint64_t)d.at);
	return 1;
}

static void *load(const char *path, size_t *len)
{
	static u64 buf[RTPL_PROFILE_SIZE / 8];
	FILE *f = fopen(path, "rb");

	if (!f)
		return NULL;
	*len = fread(buf, 1, sizeof(buf), f);
	fclose(f);
	return buf;
}

/* Return: 0, or 1 where the kernel did something else. */
static int asked(u64 now, u64 oldest, u32 bytes, u16 most, const char *line)
{
	if (pending && taken && d.chaff && cells != d.cells)
		return part("the departure before has another number of cells", line);
	pending = rtpl_engine_next(&e, now, lead, bytes, oldest, most, &d) == RTPL_ENGINE_SEND;
	pending_now = now;
	taken = false;
	cells = 0;
	n_asked++;
	return 0;
}

static int sent(bool data, u64 now, u64 at, u32 bytes, const char *line)
{
	if (!pending)
		return part("a cell that the core would not send", line);
	if (!taken) {
		rtpl_engine_take(&e, &d, pending_now);
		taken = true;
	}
	if (++cells > d.cells)
		return part("one cell more", line);
	if (at != max(d.at, now))
		return part("another time", line);
	if (!data && !d.chaff)
		return part("chaff", line);
	if (!data && d.size && bytes != d.size)
		return part("chaff of another size", line);
	if (data && d.alone)
		return part("data in place of chaff", line);
	data ? n_data++ : n_chaff++;
	rtpl_engine_traffic(&e, data ? RTPL_SENT_DATA : RTPL_SENT_CHAFF, at, bytes);
	return 0;
}

static int skipped(const char *line)
{
	if (!pending || taken)
		return part("the core has no slot to leave out", line);
	if (!rtpl_engine_skip(&e, &d))
		return part("what was left out is no slot", line);
	pending = false;
	return 0;
}

int main(int argc, char **argv)
{
	u8 seed[RTPL_RNG_SEED] = { 0 };
	struct rtpl_profile_where where;
	char line[512], what[16], *p;
	const char *why = "";
	uint64_t now, at;
	bool begun = false;
	enum rtpl_end end;
	unsigned int bytes;
	u32 most = 1;
	size_t len = 0;
	void *blob;
	int err = 0;

	if (argc != 4)
		return 2;
	memcpy(seed, argv[1], strlen(argv[1]) < sizeof(seed) ? strlen(argv[1]) : sizeof(seed));
	blob = load(argv[2], &len);
	if (!blob || rtpl_profile_parse(&profile, blob, len, &why, &where)) {
		fprintf(stderr, "engine-replay: %s: %s\n", argv[2], why);
		return 2;
	}
	end = strcmp(argv[3], "server") ? RTPL_END_CLIENT : RTPL_END_SERVER;

	while (!err && fgets(line, sizeof(line), stdin)) {
		line_nr++;
		p = strstr(line, "what=");
		if (!p || sscanf(p, "what=%15s now=%" SCNu64 " at=%" SCNu64 " bytes=%u most=%u",
				 what, &now, &at, &bytes, &most) != 5)
			continue;
		if (!strcmp(what, "start")) {
			rtpl_engine_start(&e, &profile.shape, &profile, end, bytes, now, seed);
			begun = true;
			pending = false;
			lead = RTPL_PACE_LEAD_MIN;
			continue;
		}
		if (!begun)
			continue;
		n_events++;
		if (!strcmp(what, "asked")) {
			err = asked(now, at, bytes, most, line);
		} else if (!strcmp(what, "queued")) {
			n_queued++;
			rtpl_engine_traffic(&e, RTPL_QUEUED, at, bytes);
		} else if (!strcmp(what, "got-data") || !strcmp(what, "got-chaff")) {
			n_got++;
			rtpl_engine_traffic(&e, what[4] == 'd' ? RTPL_GOT_DATA : RTPL_GOT_CHAFF,
					     at, bytes);
		} else if (!strcmp(what, "lead")) {
			lead = bytes;
		} else if (!strcmp(what, "behind")) {
			rtpl_engine_behind(&e, bytes);
		} else if (!strcmp(what, "full")) {
			rtpl_engine_full(&e, bytes);
		} else if (!strcmp(what, "skipped")) {
			err = skipped(line);
		} else {
			err = sent(!strcmp(what, "sent-data"), now, at, bytes, line);
		}
	}
	printf("events %" PRIu64 " asked %" PRIu64 " queued %" PRIu64 " got %" PRIu64
	       " data %" PRIu64 " chaff %" PRIu64 "\n", (uint64_t)n_events, (uint64_t)n_asked,
	       (uint64_t)n_queued, (uint64_t)n_got, (uint64_t)n_data, (uint64_t)n_chaff);
	return err || !begun;
}
