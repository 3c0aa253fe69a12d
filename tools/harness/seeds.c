// SPDX-License-Identifier: GPL-2.0
/*
 * Writes the first inputs of fuzzers: seeds DIR.
 */
#include <stdio.h>
#include <sys/stat.h>

#include "../../kmod/kunit/model.h"
#include "../../kmod/node/profiles.h"

static const char *top;

static void *alloc(void *ctx, size_t size)
{
	(void)ctx;
	return calloc(1, size);
}

static void write_seed(const char *fuzzer, u32 nr, const u8 *p, size_t len)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", top, fuzzer);
	mkdir(path, 0777);
	snprintf(path, sizeof(path), "%s/%s/seed-%02u", top, fuzzer, nr);
	f = fopen(path, "w");
	if (!f || fwrite(p, 1, len, f) != len || fclose(f)) {
		perror(path);
		exit(1);
	}
}

/* Real cells, some lost, some in another order. */
static void cells(struct m_net *net, u32 nr)
{
	static u8 out[1 << 20];
	u32 i, n = 2, size;
	struct m_cell *c;

	m_net_reset(net, nr);
	for (i = 0; i < 4 + nr; i++)
		m_add_any(net, nr < 8 ? 400 : 3000);
	size = 60 + nr * 40;
	m_cut(net, size, size, 30);
	out[0] = nr;
	out[1] = 0;
	for (i = 0; i < net->n_cells && n + size + 3 < sizeof(out) && n < 8000; i++) {
		if (nr & 1 && i % 5 == 4)
			continue;
		c = &net->cell[i];
		out[n++] = nr & 1 && i % 5 == 0 && i ? 8 : 0;
		out[n++] = c->len;
		out[n++] = c->len >> 8;
		memcpy(out + n, net->cell_bytes + c->off, c->len);
		n += c->len;
	}
	write_seed("fuzz_cells", nr, out, n);
}

static void blocks(struct m_net *net, u32 nr)
{
	u8 out[600];
	struct m_pkt *pkt;
	u32 i, n = 0;

	m_net_reset(net, nr);
	out[n++] = nr;
	if (nr % 4 < 2) {
		for (i = 0; i < 300; i++)
			out[n++] = m_rand(&net->rng);
	} else if (nr % 4 == 2) {
		pkt = m_add(net, nr & 4 ? 4 : 6, 60 + nr * 20, 0);
		out[n++] = nr * 8;
		out[n++] = 0;
		out[n++] = 9;
		memcpy(out + n, net->pkt_bytes + pkt->off, pkt->len);
		n += pkt->len;
	} else {
		pkt = m_add(net, 0x10 | (1 + nr / 4 % 4), 3000, 500);
		put_unaligned_le16(8 + pkt->len, out + n);
		rtpl_gso_build(&pkt->g, out + n + 2);
		n += 10;
		out[n++] = 1;
		memcpy(out + n, net->pkt_bytes + pkt->off, pkt->g.hdr_len);
		n += pkt->g.hdr_len;
	}
	write_seed("fuzz_blocks", nr, out, n);
}

/* Two bytes that fuzz_sched.c reads as @v, or a little less. */
static u32 put_num(u8 *out, u64 v)
{
	u32 e = v > 255 ? fls64(v) - 8 : 0;

	out[0] = e;
	out[1] = v >> e;
	return 2;
}

/* One of each kind of schedule with its usual numbers, then any events. */
static void schedules(u32 nr)
{
	static const u64 usual[][96] = {
		{},
		{ 1000 },
		{ 3000000, 1 << 20, 1 << 30, 1 << 30, 0, 1ULL << 40 },
		{ 5000000, 1, 1, 1, 1 << 28, 1 << 29, 1 << 30, 0, 1ULL << 40 },
		{ 8, 1, 1, 800, 200, 1 << 30, 1ULL << 36, 100, 50, 60, 70, 80, 90, 100, 110 },
		{ 1, 10, 10, 277, 1, 3550, 3550, 3950, 11202305584, 1770000000, 10000000000 },
		{ 12000000, 1, 100, 3000000000 },
		{ 0, 10, 10, 277, 1, 3550, 3550, 3950, 11202305584, 1770000000, 10000000000 },
		{ 6, 3, 0, 833, 660, 1 << 30, 0, 100, 25, 31, 39, 48, 61, [23] = 1 << 22, 2, 1 },
		/* settings, edges, two rows that ask, one of a plan and one of an answer */
		{ 256, 1000, 1, 24, 20, 4, 4, 2, 3000000, 50000000, 6000000, 5000000000,
		  3, 1200, 3600, 7200, 2, 4000, 8000, 3, 1, 1, 4, 4,
		  0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0,
		  0, 1, 0, 0, 0, 0, 0, 2, 0,
		  1, 0, 0, 0, 0, 0, 2, 0, 0, 1, 0, 3, 0,
		  2, 0, 0, 1, 1, 0, 1, 1, 0, 2, 1 },
	};
	static const u8 kinds[] = { 0, 1, 2, 3, 4, 5, 6, 5, 4, 8 };
	static const u8 counts[] = { 0, 1, 6, 9, 26, 11, 4, 11, 26, 68 };
	struct m_rng rng = { nr };
	u8 out[600];
	u32 i, n = 0;

	out[n++] = kinds[nr % ARRAY_SIZE(kinds)];
	out[n++] = nr;
	for (i = 0; i < counts[nr % ARRAY_SIZE(kinds)]; i++)
		n += put_num(out + n, usual[nr % ARRAY_SIZE(kinds)][i]);
	n += put_num(out + n, 1 << 30);
	n += put_num(out + n, 1000);
	for (i = 0; i < 80; i++) {
		out[n++] = m_chance(&rng, 400) ? 3 : m_below(&rng, 7);
		n += put_num(out + n, m_rand(&rng) >> (30 + m_below(&rng, 30)));
	}
	write_seed("fuzz_sched", nr, out, n);
}

/* Each profile that comes with the module, at either end, and what happens to it. */
static void profiles(u32 nr)
{
	const struct rtpl_profile_builtin *b = &rtpl_profiles[nr / 2];
	u8 out[3 + 2 * 64], *whole;
	u32 i;

	if (nr / 2 >= rtpl_profiles_n)
		return;
	out[0] = nr;
	out[1] = 0x80 | (nr & 1);
	out[2] = 64;
	for (i = 0; i < 64; i++) {
		out[3 + 2 * i] = i * 7;
		out[4 + 2 * i] = i % 5 ? 20 + i % 6 : 24 + i % 8;
	}
	whole = malloc(sizeof(out) + b->len);
	memcpy(whole, out, sizeof(out));
	memcpy(whole + sizeof(out), b->blob, b->len);
	write_seed("fuzz_profile", nr, whole, sizeof(out) + b->len);
	free(whole);
}

int main(int argc, char **argv)
{
	struct m_net *net = m_net_new(alloc, NULL);
	u32 i;

	if (argc != 2 || !net)
		return 2;
	top = argv[1];
	mkdir(top, 0777);
	for (i = 0; i < 18; i++) {
		cells(net, i);
		blocks(net, i);
	}
	for (i = 0; i < 30; i++)
		schedules(i);
	for (i = 0; i < 2 * rtpl_profiles_n; i++)
		profiles(i);
	return 0;
}
