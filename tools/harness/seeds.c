// SPDX-License-Identifier: GPL-2.0
/*
 * Writes the first inputs of fuzz_cells and fuzz_blocks: seeds DIR.
 */
#include <stdio.h>
#include <sys/stat.h>

#include "../../kmod/kunit/model.h"

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

int main(int argc, char **argv)
{
	struct m_net *net = m_net_new(alloc, NULL);
	u32 i;

	if (argc != 2 || !net)
		return 2;
	top = argv[1];
	mkdir(top, 0777);
	for (i = 0; i < 16; i++) {
		cells(net, i);
		blocks(net, i);
	}
	return 0;
}
