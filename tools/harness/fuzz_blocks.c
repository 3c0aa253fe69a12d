// SPDX-License-Identifier: GPL-2.0
/*
 * Packets as blocks. What is cut, lost, late and joined must be right to the
 * byte (the model sees to it); what is no packet must be refused the same way
 * by the cutter and the joiner; and runs of a super-packet's segments must be
 * good packets themselves.
 *
 * Input: u8 mode, then what the mode takes.
 */
#include <stdio.h>

#include "../../kmod/kunit/model.h"

struct input {
	const u8 *p;
	size_t left;
};

static u8 next8(struct input *in)
{
	if (!in->left)
		return 0;
	in->left--;
	return *in->p++;
}

static u16 next16(struct input *in)
{
	u16 low = next8(in);

	return low | next8(in) << 8;
}

static void *alloc(void *ctx, size_t size)
{
	(void)ctx;
	return calloc(1, size);
}

static void need(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "%s\n", what);
	abort();
}

/* Packets, cells and losses chosen by the input; the bytes follow from it. */
static void modelled(struct m_net *net, struct input *in)
{
	u32 i, n, min, max, nr, late = 0, budget = 40000;
	u8 kind, lose;
	u16 len;

	m_net_reset(net, next8(in));
	n = 1 + next8(in) % 24;
	min = 13 + next16(in) % 2000;
	max = min + (min & 1 ? next8(in) : 0);
	net->first_counter = next8(in) * 1000;
	net->refuse_begin = 0;
	lose = next8(in);
	for (i = 0; i < n; i++) {
		kind = next8(in);
		len = next16(in);
		if (len >= budget)
			len %= 300;
		budget -= len;
		if (kind % 6 < 2)
			m_add(net, kind & 1 ? 4 : 6, len % 8192, 0);
		else
			m_add(net, 0x10 | (kind % 6 - 1), len, 64 + next8(in) * 8);
	}
	if (!m_cut(net, min, max, next8(in)) && !net->fault)
		return;		/* more cells than the model holds */
	for (i = 0; i < net->n_cells; i++) {
		nr = i;
		kind = i % 64 < 32 ? next8(in) : m_rand(&net->rng);
		/* one cell waits while up to two others pass it */
		if (!late && kind >= 250 && i + 3 < net->n_cells) {
			late = i + 1;
			continue;
		}
		if (kind >= lose)
			m_arrive(net, nr, i);
		if (late && i >= late + 1) {
			m_arrive(net, late - 1, i);
			late = 0;
		}
	}
	m_flush(net);
	for (i = 0; i < net->n_pkts; i++)
		if (net->pkt[i].cut)
			need(net->pkt[i].copies == m_arrived_whole(net, &net->pkt[i]),
			     "a packet was lost, or came out of nothing");
	if (net->fault)
		fprintf(stderr, "%s (%u)\n", net->fault, net->fault_at);
	need(!net->fault, "fault");
}

struct echo {
	const u8 *want;
	u32 len, seen;
	u8 buf[RTPL_BLOCK_MAX];
};

static void echo_whole(void *priv, const u8 *data, u16 len)
{
	struct echo *e = priv;

	need(len == e->len && !memcmp(data, e->want, len), "another packet came out");
	e->seen++;
}

static void *echo_begin(void *priv, u16 len)
{
	struct echo *e = priv;

	need(len == e->len, "a block of another length");
	return e->buf;
}

static void echo_put(void *priv, void *buf, u16 pos, const u8 *data, u16 len)
{
	(void)priv;
	memcpy((u8 *)buf + pos, data, len);
}

static void echo_done(void *priv, void *buf, const struct rtpl_part *part)
{
	echo_whole(priv, buf, part->len);
}

static void echo_lost(void *priv, void *buf, const struct rtpl_part *part)
{
	(void)priv;
	(void)buf;
	(void)part;
	need(false, "a packet was lost without loss");
}

static void echo_ctrl(void *priv, u8 type, const u8 *body, u8 len)
{
	(void)priv;
	(void)type;
	(void)body;
	(void)len;
	need(false, "a control block out of nothing");
}

static const struct rtpl_reasm_ops echo_ops = {
	.whole = echo_whole,
	.begin = echo_begin,
	.put = echo_put,
	.done = echo_done,
	.lost = echo_lost,
	.ctrl = echo_ctrl,
};

static void copy(void *priv, u16 off, u8 *dst, u16 len)
{
	memcpy(dst, (const u8 *)priv + off, len);
}

/* Any bytes as a packet: what the cutter takes, the joiner gives back. */
static void any_packet(struct input *in)
{
	static struct echo e;
	u32 size = 13 + next16(in) % 600, counter = next8(in), i;
	static struct rtpl_reasm r;
	struct rtpl_pack pk = {};
	struct rtpl_reasm_result res;
	struct rtpl_fill f;
	bool done = false;
	u8 first8[8] = {};
	u8 *cell;

	e.want = in->p;
	e.len = in->left;
	e.seen = 0;
	rtpl_reasm_init(&r, rtpl_block_types);
	memcpy(first8, in->p, min_t(u32, 8, in->left));
	cell = malloc(size);
	rtpl_fill_begin(&pk, &f, cell, size);
	if (!rtpl_pack_ip(&pk, &f, size - RTPL_INNER_HEAD, first8, in->left)) {
		for (i = 0; !done; i++) {
			done = rtpl_pack_put(&pk, &f, copy, (void *)in->p);
			rtpl_fill_end(&f);
			res = rtpl_reasm_cell(&r, counter++, cell, size, i, &echo_ops, &e);
			need(res.drop == RTPL_DROP_COUNT && res.data, "a good cell was refused");
			if (!done)
				need(rtpl_fill_begin(&pk, &f, cell, size), "too many cells");
		}
		need(e.seen == 1, "a packet did not come out");
	}
	free(cell);
}

/* Any bytes as a GSO block: what parses can be cut into runs that parse. */
static void any_gso(struct input *in)
{
	u8 head[8], head2[8], *hdr, *out;
	struct rtpl_gso g, g2;
	u16 block_len = next16(in), first, n, bytes;
	u32 i, have;

	for (i = 0; i < 8; i++)
		head[i] = next8(in);
	if (in->left && next8(in) & 1)
		block_len = rtpl_gso_block_len(head);
	have = min_t(u32, in->left, 255);
	hdr = malloc(have ? have : 1);
	memcpy(hdr, in->p, have);
	if (!rtpl_gso_parse(head, hdr, have, block_len, &g)) {
		need(block_len == rtpl_gso_block_len(head), "lengths differ");
		rtpl_gso_build(&g, head2);
		need(!memcmp(head, head2, 8), "build is not the reverse of parse");
		out = malloc(g.hdr_len);
		for (i = 0; i < 40; i++) {
			first = (u32)g.segs * i / 40;
			n = 1 + i * i % (g.segs - first);
			bytes = rtpl_gso_run(&g, hdr, first, n, out);
			need(bytes > (n - 1) * g.gso_size && bytes <= n * g.gso_size,
			     "a run of a wrong length");
			g2 = g;
			g2.pkt_len = g.hdr_len + bytes;
			g2.flags &= ~RTPL_GSO_F_TRAILER;
			rtpl_gso_build(&g2, head2);
			if (n > 1)
				need(!rtpl_gso_parse(head2, out, g.hdr_len, 8 + g2.pkt_len, &g2) &&
				     g2.segs == n, "a run does not parse");
		}
		free(out);
	}
	free(hdr);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct m_net *net;
	struct input in = { data, size };
	u8 mode;

	if (!net)
		net = m_net_new(alloc, NULL);
	mode = next8(&in);
	if (mode % 4 < 2)
		modelled(net, &in);
	else if (mode % 4 == 2)
		any_packet(&in);
	else
		any_gso(&in);
	return 0;
}
