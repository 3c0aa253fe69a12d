// SPDX-License-Identifier: GPL-2.0
/*
 * What the hot paths of core/ cost: ns for one cell, the best of several
 * runs. Copies of packet bytes are part of it, sealing is not.
 */
#include <stdio.h>
#include <time.h>

#include "../../kmod/core/hist.h"
#include "../../kmod/core/replay.h"
#include "../../kmod/core/shape.h"
#include "../../kmod/kunit/model.h"

#define RUNS	15
#define CELLS	4000
#define CELL	1448	/* plaintext of a cell of 1472 bytes */

static u8 packet[65536], cells[CELLS][CELL], joined[65536];
static volatile u64 sink;

static u64 now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

static void copy(void *priv, u16 off, u8 *dst, u16 len)
{
	memcpy(dst, (u8 *)priv + off, len);
}

static void make_ip(u32 len)
{
	memset(packet, 0xaa, len);
	packet[0] = 0x45;
	put_unaligned_be16(len, packet + 2);
}

static void cut(u32 len)
{
	struct rtpl_pack pk = {};
	struct rtpl_fill f;
	u32 i;

	for (i = 0; i < CELLS; i++) {
		rtpl_fill_begin(&pk, &f, cells[i], CELL);
		while (rtpl_fill_room(&f)) {
			if (!pk.len)
				rtpl_pack_ip(&pk, &f, CELL - RTPL_INNER_HEAD, packet, len);
			if (!rtpl_pack_put(&pk, &f, copy, packet))
				break;
		}
		rtpl_fill_end(&f);
	}
}

static void whole(void *priv, const u8 *data, u16 len)
{
	(void)priv;
	memcpy(joined, data, len);
	sink += len;
}

static void *begin(void *priv, u16 len)
{
	(void)priv;
	sink += len;
	return joined;
}

static void put(void *priv, void *buf, u16 pos, const u8 *data, u16 len)
{
	(void)priv;
	memcpy((u8 *)buf + pos, data, len);
}

static void done(void *priv, void *buf, const struct rtpl_part *part)
{
	(void)priv;
	(void)buf;
	sink += part->len;
}

static void lost(void *priv, void *buf, const struct rtpl_part *part)
{
	(void)priv;
	(void)buf;
	(void)part;
	sink++;
}

static void ctrl(void *priv, u8 type, const u8 *body, u8 len)
{
	(void)priv;
	(void)type;
	(void)body;
	sink += len;
}

static const struct rtpl_reasm_ops ops = {
	.whole = whole,
	.begin = begin,
	.put = put,
	.done = done,
	.lost = lost,
	.ctrl = ctrl,
};

static void join(u32 arg)
{
	static struct rtpl_reasm r;
	u32 i;

	rtpl_reasm_init(&r, rtpl_block_types);
	for (i = 0; i < CELLS; i++)
		rtpl_reasm_cell(&r, i, cells[i], CELL, i, &ops, NULL);
	sink += arg;
}

static void join_lossy(u32 arg)
{
	static struct rtpl_reasm r;
	u32 i;

	rtpl_reasm_init(&r, rtpl_block_types);
	for (i = 0; i < CELLS; i++)
		if (i * 2654435761U >> 25)	/* about 1 % are lost */
			rtpl_reasm_cell(&r, i, cells[i], CELL, i, &ops, NULL);
	sink += arg;
}

static void pace(u32 rate)
{
	struct rtpl_departure d;
	struct rtpl_pace p = {};
	u64 now = 0;
	u32 i;

	rtpl_pace_start(&p, rate, 0);
	for (i = 0; i < CELLS; i++) {
		rtpl_pace_next(&p, rate, now, 1, 32, &d);
		rtpl_pace_take(&p, &d);
		now = d.at;
		sink += rtpl_pace_at(&p, d.slot);
	}
}

static void replay(u32 arg)
{
	static struct rtpl_replay r;
	u32 i;

	rtpl_replay_init(&r);
	for (i = 0; i < CELLS; i++)
		sink += rtpl_replay_accept(&r, i ^ (arg & 1));
}

static void hist(u32 arg)
{
	static struct rtpl_hist h;
	u32 i;

	for (i = 0; i < CELLS; i++)
		rtpl_hist_add(&h, (i * 2654435761U) >> (arg & 7), 1);
}

static void bench(const char *name, void (*fn)(u32 arg), u32 arg)
{
	u64 best = U64_MAX, t;
	u32 i;

	for (i = 0; i < RUNS; i++) {
		t = now_ns();
		fn(arg);
		t = now_ns() - t;
		best = min_t(u64, best, t);
	}
	printf("%-52s %7.1f ns\n", name, (double)best / CELLS);
}

int main(void)
{
	static const u32 lens[] = { 60, 600, 1500, 65000 };
	char name[64];
	u32 i;

	for (i = 0; i < ARRAY_SIZE(lens); i++) {
		make_ip(lens[i]);
		snprintf(name, sizeof(name), "cut, packets of %u bytes, a cell", lens[i]);
		bench(name, cut, lens[i]);
		snprintf(name, sizeof(name), "join, in order, a cell");
		bench(name, join, 0);
		snprintf(name, sizeof(name), "join, one cell in a hundred lost");
		bench(name, join_lossy, 0);
	}
	bench("pace: next, take and one prediction, a departure", pace, 19999);
	bench("replay window, a cell", replay, 1);
	bench("histogram, a value", hist, 3);
	return 0;
}
