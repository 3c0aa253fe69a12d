// SPDX-License-Identifier: GPL-2.0
/*
 * Sender, receiver and reference segmentation for tests, see model.h.
 */
#include "model.h"

u64 m_rand(struct m_rng *rng)
{
	u64 z = rng->state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

u32 m_below(struct m_rng *rng, u32 n)
{
	return (m_rand(rng) >> 32) * n >> 32;
}

bool m_chance(struct m_rng *rng, u32 per_mille)
{
	return m_below(rng, 1000) < per_mille;
}

static void fault(struct m_net *net, const char *what, u32 at)
{
	if (net->fault)
		return;
	net->fault = what;
	net->fault_at = at;
}

struct m_net *m_net_new(m_alloc_fn alloc, void *ctx)
{
	struct m_net *net = alloc(ctx, sizeof(*net));
	u32 i;

	if (!net)
		return NULL;
	net->pkt = alloc(ctx, M_PKTS_MAX * sizeof(*net->pkt));
	net->pkt_bytes = alloc(ctx, M_PKT_BYTES);
	net->cell = alloc(ctx, M_CELLS_MAX * sizeof(*net->cell));
	net->cell_bytes = alloc(ctx, M_CELL_BYTES);
	if (!net->pkt || !net->pkt_bytes || !net->cell || !net->cell_bytes)
		return NULL;
	for (i = 0; i < ARRAY_SIZE(net->slot); i++) {
		net->slot[i] = alloc(ctx, RTPL_BLOCK_MAX);
		if (!net->slot[i])
			return NULL;
	}
	for (i = 0; i < ARRAY_SIZE(net->scratch); i++) {
		net->scratch[i] = alloc(ctx, RTPL_BLOCK_MAX);
		if (!net->scratch[i])
			return NULL;
	}
	return net;
}

void m_net_reset(struct m_net *net, u64 seed)
{
	net->rng.state = seed;
	memset(net->pkt, 0, net->n_pkts * sizeof(*net->pkt));
	memset(net->slot_used, 0, sizeof(net->slot_used));
	memset(net->drops, 0, sizeof(net->drops));
	net->n_pkts = 0;
	net->pkt_used = 0;
	net->n_cells = 0;
	net->cell_used = 0;
	net->first_counter = 0;
	net->ctrl_sent = 0;
	net->begun = 0;
	net->done = 0;
	net->lost = 0;
	net->whole = 0;
	net->ctrl = 0;
	net->refuse_begin = 0;
	net->fault = NULL;
	rtpl_reasm_init(&net->reasm, rtpl_block_types);
}

/* ---- checksums and segmentation, the plain way ---- */

static u32 add_bytes(u32 sum, const u8 *p, u32 len)
{
	u32 i;

	for (i = 0; i < len; i++) {
		sum += i & 1 ? p[i] : (u32)p[i] << 8;
		sum = (sum & 0xffff) + (sum >> 16);
	}
	return sum;
}

static u32 pseudo(const u8 *pkt, u8 proto, u32 l4_len)
{
	u8 tail[8] = { l4_len >> 24, l4_len >> 16, l4_len >> 8, l4_len, 0, 0, 0, proto };
	u32 sum;

	if (pkt[0] >> 4 == 4)
		sum = add_bytes(0, pkt + 12, 8);
	else
		sum = add_bytes(0, pkt + 8, 32);
	return add_bytes(sum, tail, sizeof(tail));
}

static bool tcp_kind(u8 kind)
{
	return kind == RTPL_GSO_TCP4 || kind == RTPL_GSO_TCP6;
}

static u32 check_off(const struct rtpl_gso *g)
{
	return g->l4_off + (tcp_kind(g->kind) ? 16 : 6);
}

static void ipv4_check(u8 *pkt)
{
	u32 sum;

	pkt[10] = 0;
	pkt[11] = 0;
	sum = ~add_bytes(0, pkt, (pkt[0] & 15) * 4);
	pkt[10] = sum >> 8;
	pkt[11] = sum;
}

static void l4_check(const struct rtpl_gso *g, u8 *pkt, u32 len)
{
	u8 *at = pkt + check_off(g);
	u32 sum;

	at[0] = 0;
	at[1] = 0;
	sum = pseudo(pkt, tcp_kind(g->kind) ? 6 : 17, len - g->l4_off);
	sum = ~add_bytes(sum, pkt + g->l4_off, len - g->l4_off);
	at[0] = sum >> 8;
	at[1] = sum;
}

void m_complete(const struct rtpl_gso *g, u8 *pkt, u32 len)
{
	u8 *at = pkt + check_off(g);
	u32 sum = ~add_bytes(0, pkt + g->l4_off, len - g->l4_off);

	at[0] = sum >> 8;
	at[1] = sum;
}

static bool partial_right(const struct rtpl_gso *g, const u8 *pkt, u32 len)
{
	u32 sum = pseudo(pkt, tcp_kind(g->kind) ? 6 : 17, len - g->l4_off);

	return get_unaligned_be16(pkt + check_off(g)) == sum;
}

u32 m_segment(const struct rtpl_gso *g, const u8 *pkt, u16 i, u8 *out)
{
	u32 off = (u32)i * g->gso_size;
	u32 n = min_t(u32, g->gso_size, g->pkt_len - g->hdr_len - off);
	u32 len = g->hdr_len + n;
	u8 *l4 = out + g->l4_off;

	memcpy(out, pkt, g->hdr_len);
	memcpy(out + g->hdr_len, pkt + g->hdr_len + off, n);
	if (out[0] >> 4 == 4) {
		put_unaligned_be16(len, out + 2);
		if (!(g->flags & RTPL_GSO_F_FIXEDID))
			put_unaligned_be16(get_unaligned_be16(pkt + 4) + i, out + 4);
		ipv4_check(out);
	} else {
		put_unaligned_be16(len - 40, out + 4);
	}
	if (tcp_kind(g->kind)) {
		put_unaligned_be32(get_unaligned_be32(l4 + 4) + off, l4 + 4);
		if (i != g->segs - 1)
			l4[13] &= 0xf6;		/* neither FIN nor PSH */
		if (i)
			l4[13] &= 0x7f;		/* no CWR */
	} else {
		put_unaligned_be16(8 + n, l4 + 4);
	}
	l4_check(g, out, len);
	return len;
}

/* ---- packets ---- */

static void make_ipv4(u8 *p, u32 len, u8 proto, u8 hdr_len, u32 nr, struct m_rng *rng)
{
	p[0] = 0x40 | hdr_len / 4;
	put_unaligned_be16(len, p + 2);
	put_unaligned_be16(m_chance(rng, 500) ? 0x4000 : 0, p + 6);
	p[9] = proto;
	p[12] = 10;
	p[13] = nr >> 16;
	p[14] = nr >> 8;
	p[15] = nr;
	ipv4_check(p);
}

static void make_ipv6(u8 *p, u32 len, u8 proto, u32 nr)
{
	p[0] = 0x60 | (p[0] & 15);
	put_unaligned_be16(len - 40, p + 4);
	p[6] = proto;
	put_unaligned_be32(nr, p + 20);
}

static u32 number_of(const u8 *p)
{
	return p[0] >> 4 == 4 ? get_unaligned_be32(p + 12) & 0xffffff
			      : get_unaligned_be32(p + 20);
}

struct m_pkt *m_add(struct m_net *net, u8 kind, u32 len, u16 gso_size)
{
	struct m_pkt *pkt = &net->pkt[net->n_pkts];
	u32 i, nr = net->n_pkts, hdr_len, max;
	u8 gso = kind >> 4 ? kind & 15 : 0;
	struct rtpl_gso *g = &pkt->g;
	u8 l4_off, l4_len, *p, *l4;
	u64 word;

	/* IPv4 options of every length, one packet in four */
	l4_off = 20 + (m_chance(&net->rng, 250) ? 4 * m_below(&net->rng, 11) : 0);
	if (kind == 6 || gso == RTPL_GSO_TCP6 || gso == RTPL_GSO_UDP6)
		l4_off = 40;
	l4_len = !gso ? 0 : tcp_kind(gso) ? 20 + 4 * m_below(&net->rng, 11) : 8;
	hdr_len = l4_off + l4_len;

	max = gso ? RTPL_BLOCK_MAX - 16 - hdr_len : RTPL_BLOCK_MAX;
	if (gso) {
		gso_size = clamp_t(u32, gso_size, RTPL_GSO_SIZE_MIN, max - hdr_len - 1);
		if (len > hdr_len + (u32)gso_size * (M_SEGS_MAX - 1))
			len = hdr_len + (u32)gso_size * (M_SEGS_MAX - 1);
		if (len <= hdr_len + gso_size)
			len = hdr_len + gso_size + 1;
	}
	len = clamp_t(u32, len, hdr_len, max);
	if (net->n_pkts == M_PKTS_MAX || net->pkt_used + len > M_PKT_BYTES)
		return NULL;

	memset(pkt, 0, sizeof(*pkt));
	pkt->off = net->pkt_used;
	pkt->len = len;
	p = net->pkt_bytes + pkt->off;
	for (i = 0; i < len; i += sizeof(word)) {
		word = m_rand(&net->rng);
		memcpy(p + i, &word, min_t(u32, sizeof(word), len - i));
	}
	if (l4_off == 40 && (kind == 6 || gso))
		make_ipv6(p, len, tcp_kind(gso) ? 6 : 17, nr);
	if (kind == 4 || gso == RTPL_GSO_TCP4 || gso == RTPL_GSO_UDP4)
		make_ipv4(p, len, tcp_kind(gso) ? 6 : 17, l4_off, nr, &net->rng);
	net->n_pkts++;
	net->pkt_used += len;
	if (!gso)
		return pkt;

	*g = (struct rtpl_gso){
		.kind = gso,
		.hdr_len = hdr_len,
		.l4_off = l4_off,
		.gso_size = gso_size,
		.pkt_len = len,
		.segs = DIV_ROUND_UP(len - hdr_len, gso_size),
	};
	l4 = p + l4_off;
	if (tcp_kind(gso)) {
		l4[12] = l4_len / 4 << 4;
		g->flags = m_chance(&net->rng, 500) ? RTPL_GSO_F_ECN : 0;
		if (gso == RTPL_GSO_TCP4 && m_chance(&net->rng, 300)) {
			g->flags |= RTPL_GSO_F_FIXEDID;
			put_unaligned_be16(0x4000, p + 6);
			ipv4_check(p);
		}
	} else {
		put_unaligned_be16(len - l4_off, l4 + 4);
	}
	put_unaligned_be16(pseudo(p, tcp_kind(gso) ? 6 : 17, len - l4_off),
			   p + check_off(g));
	return pkt;
}

struct m_pkt *m_add_any(struct m_net *net, u32 max_len)
{
	struct m_rng *rng = &net->rng;
	u32 len = 20;

	switch (m_below(rng, 8)) {
	case 0:
		len += m_below(rng, 8);
		break;
	case 1:
	case 2:
		len += m_below(rng, 200);
		break;
	case 3:
	case 4:
	case 5:
		len += m_below(rng, 1481);
		break;
	case 6:
		len += m_below(rng, 9000);
		break;
	default:
		len = m_chance(rng, 100) ? max_len : m_below(rng, max_len);
	}
	len = min_t(u32, len, max_len);
	switch (m_below(rng, 4)) {
	case 0:
		return m_add(net, 6, len, 0);
	case 1:
		if (len > 200)
			return m_add(net, 0x10 | (1 + m_below(rng, 4)), len,
				     64 + m_below(rng, len < 3000 ? len / 2 : 1500));
		fallthrough;
	default:
		return m_add(net, 4, len, 0);
	}
}

/* ---- the sender ---- */

static const u8 *pkt_data(const struct m_net *net, const struct m_pkt *pkt)
{
	return net->pkt_bytes + pkt->off;
}

static void copy_pkt(void *priv, u16 off, u8 *dst, u16 len)
{
	memcpy(dst, (const u8 *)priv + off, len);
}

/* The next packet that can be packed, or NULL. */
static struct m_pkt *pack_next(struct m_net *net, struct rtpl_pack *pk,
			       const struct rtpl_fill *f, u16 cell_room, u32 *next)
{
	struct m_pkt *pkt;
	const u8 *data;
	int err;

	while (*next < net->n_pkts) {
		pkt = &net->pkt[(*next)++];
		data = pkt_data(net, pkt);
		if (pkt->g.segs)
			err = rtpl_pack_gso(pk, f, cell_room, &pkt->g, data);
		else
			err = rtpl_pack_ip(pk, f, cell_room, data, pkt->len);
		if (!err)
			return pkt;
		if (err != -EMSGSIZE)
			fault(net, "a good packet was refused", *next - 1);
	}
	return NULL;
}

bool m_cut(struct m_net *net, u16 min, u16 max, u32 idle_per_mille)
{
	static const u8 body[40] = { 1, 2, 3 };
	struct rtpl_pack pk = {};
	struct m_pkt *pkt = NULL;
	struct rtpl_fill f;
	struct m_cell *cell;
	u32 next = 0, used;
	u8 len;

	while (next < net->n_pkts || pk.len) {
		if (net->n_cells == M_CELLS_MAX ||
		    net->cell_used + max > M_CELL_BYTES)
			return false;
		cell = &net->cell[net->n_cells];
		cell->off = net->cell_used;
		cell->len = min + m_below(&net->rng, max - min + 1);
		cell->arrived = false;
		net->cell_used += cell->len;
		if (!rtpl_fill_begin(&pk, &f, net->cell_bytes + cell->off, cell->len))
			fault(net, "a block ran over too many cells", next);
		for (;;) {
			if (!pk.len && m_chance(&net->rng, idle_per_mille))
				break;
			if (!pk.len && m_chance(&net->rng, 30)) {
				len = m_below(&net->rng, sizeof(body));
				net->ctrl_sent += rtpl_pack_ctrl(&pk, &f, 1, body, len);
			}
			if (!rtpl_fill_room(&f))
				break;
			if (!pk.len) {
				pkt = pack_next(net, &pk, &f, min - RTPL_INNER_HEAD, &next);
				if (!pkt)
					break;
				pkt->cut = true;
				pkt->start = net->n_cells;
				pkt->block_len = pk.len;
				used = f.used;
				if (rtpl_pack_put(&pk, &f, copy_pkt,
						  net->pkt_bytes + pkt->off)) {
					pkt->end = net->n_cells;
					pkt->first_n = pkt->block_len;
					continue;
				}
				pkt->first_n = f.used - used;
				break;
			}
			if (!rtpl_pack_put(&pk, &f, copy_pkt, net->pkt_bytes + pkt->off))
				break;
			pkt->end = net->n_cells;
		}
		cell->data = f.data;
		rtpl_fill_end(&f);
		net->n_cells++;
	}
	return true;
}

/* ---- the receiver ---- */

static struct m_pkt *pkt_of(struct m_net *net, const u8 *ip)
{
	u32 nr = number_of(ip);

	return nr < net->n_pkts ? &net->pkt[nr] : NULL;
}

static void check_block(struct m_net *net, const u8 *data, u32 len)
{
	const u8 *ip = data;
	struct m_pkt *pkt;
	struct rtpl_gso g;
	u32 tail;

	if (data[0] >> 4 == RTPL_BLOCK_GSO)
		ip = data + sizeof(struct rtpl_gso_head);
	if (ip + (ip[0] >> 4 == 6 ? 40 : 20) > data + len) {
		fault(net, "a block is too short", len);
		return;
	}
	pkt = pkt_of(net, ip);
	if (!pkt) {
		fault(net, "a packet that was never sent", number_of(ip));
		return;
	}
	if (pkt->copies++)
		fault(net, "a packet was delivered twice", pkt - net->pkt);
	if (len != pkt->block_len)
		fault(net, "a block has a wrong length", pkt - net->pkt);
	if (ip == data) {
		if (pkt->g.segs || memcmp(ip, pkt_data(net, pkt), pkt->len))
			fault(net, "a packet differs", pkt - net->pkt);
		return;
	}

	if (rtpl_gso_parse(data, ip, len - sizeof(struct rtpl_gso_head), len, &g)) {
		fault(net, "a good GSO block does not parse", pkt - net->pkt);
		return;
	}
	tail = g.flags & RTPL_GSO_F_TRAILER ? g.hdr_len + sizeof(struct rtpl_gso_head) : 0;
	g.flags &= ~RTPL_GSO_F_TRAILER;
	if (memcmp(&g, &pkt->g, sizeof(g)) || memcmp(ip, pkt_data(net, pkt), pkt->len))
		fault(net, "a GSO packet differs", pkt - net->pkt);
	if (tail && (memcmp(data + len - tail, ip, g.hdr_len) ||
		     memcmp(data + len - sizeof(struct rtpl_gso_head), data,
			    sizeof(struct rtpl_gso_head))))
		fault(net, "a trailer differs", pkt - net->pkt);
}

static void sink_whole(void *priv, const u8 *data, u16 len)
{
	struct m_net *net = priv;

	net->whole++;
	check_block(net, data, len);
}

static void *sink_begin(void *priv, u16 len)
{
	struct m_net *net = priv;
	u32 i;

	if (net->refuse_begin) {
		net->refuse_begin--;
		return NULL;
	}
	for (i = 0; i < ARRAY_SIZE(net->slot); i++) {
		if (net->slot_used[i])
			continue;
		net->slot_used[i] = 1;
		net->slot_len[i] = len;
		net->begun++;
		return net->slot[i];
	}
	fault(net, "more parts than slots", len);
	return NULL;
}

static u32 slot_nr(struct m_net *net, void *buf)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(net->slot); i++)
		if (net->slot[i] == buf && net->slot_used[i])
			return i;
	fault(net, "a buffer that is not in use", 0);
	return 0;
}

static void sink_put(void *priv, void *buf, u16 pos, const u8 *data, u16 len)
{
	struct m_net *net = priv;

	if (pos + len > net->slot_len[slot_nr(net, buf)])
		fault(net, "bytes put behind the end", pos);
	else
		memcpy(buf + pos, data, len);
}

static void sink_done(void *priv, void *buf, const struct rtpl_part *part)
{
	struct m_net *net = priv;
	u16 len = part->len;
	u32 slot = slot_nr(net, buf);

	net->done++;
	net->slot_used[slot] = 0;
	if (len != net->slot_len[slot])
		fault(net, "done with another length", len);
	check_block(net, buf, len);
}

static void check_run(struct m_net *net, struct m_pkt *pkt, const struct rtpl_gso *g,
		      const u8 *hdr, const u8 *payload, u16 first, u16 n)
{
	u8 *run = net->scratch[0], *got = net->scratch[1], *want = net->scratch[2];
	u8 head[sizeof(struct rtpl_gso_head)];
	u32 len, want_len, got_len, bytes, i;
	struct rtpl_gso rg = *g;

	bytes = rtpl_gso_run(g, hdr, first, n, run);
	len = g->hdr_len + bytes;
	memcpy(run + g->hdr_len, payload + (u32)first * g->gso_size, bytes);
	rg.pkt_len = len;
	rg.segs = n;
	rg.flags &= ~RTPL_GSO_F_TRAILER;
	if (!partial_right(g, run, len))
		fault(net, "a run's partial checksum is wrong", first);
	if (n > 1) {
		rtpl_gso_build(&rg, head);
		if (rtpl_gso_parse(head, run, g->hdr_len, len + sizeof(head), &rg))
			fault(net, "a run does not parse", first);
	}

	for (i = 0; i < n; i++) {
		want_len = m_segment(&pkt->g, pkt_data(net, pkt), first + i, want);
		if (n > 1) {
			got_len = m_segment(&rg, run, i, got);
		} else {
			memcpy(got, run, len);
			m_complete(g, got, len);
			got_len = len;
		}
		if (got_len != want_len || memcmp(got, want, want_len))
			fault(net, "a segment differs", first + i);
		if (pkt->seg_seen[first + i]++)
			fault(net, "a segment came twice", first + i);
	}
}

/*
 * Once slots or ranges ran out, pieces may have been left out, and blocks given
 * up may have come back with their later cells: what arrived is then more
 * than what a part has.
 */
static bool short_of_slots(const struct m_net *net)
{
	return net->drops[RTPL_DROP_REASM_FULL];
}

/* Save what can be saved of a GSO block, and see that it is all that can. */
static void check_saved(struct m_net *net, const u8 *buf, const struct rtpl_part *part)
{
	const u32 hl = sizeof(struct rtpl_gso_head);
	struct m_pkt *pkt = NULL;
	u16 first = 0, n;
	struct rtpl_gso g;
	u8 hdr[255];
	u32 i, at;
	bool have;

	for (i = 0; i < net->n_pkts && !pkt; i++)
		if (net->pkt[i].cut && net->pkt[i].start + net->first_counter == part->start &&
		    net->pkt[i].start != net->pkt[i].end)
			pkt = &net->pkt[i];
	if (!pkt) {
		fault(net, "a block was lost that was never sent", part->start);
		return;
	}
	have = pkt->g.segs &&
	       (m_arrived(net, pkt, 0, hl + pkt->g.hdr_len) ||
		m_arrived(net, pkt, part->len - hl - pkt->g.hdr_len, part->len));
	if (rtpl_part_gso(part, copy_pkt, (void *)buf, &g, hdr) != have) {
		if (!short_of_slots(net))
			fault(net, "headers not found, or out of nothing", pkt - net->pkt);
		return;
	}
	if (!have)
		return;
	if (pkt_of(net, hdr) != pkt) {
		fault(net, "headers of another packet", pkt - net->pkt);
		return;
	}

	while ((n = rtpl_part_run(part, &g, &first))) {
		if (first + n > g.segs) {
			fault(net, "a run behind the end", first);
			return;
		}
		check_run(net, pkt, &g, hdr, buf + hl + g.hdr_len, first, n);
		first += n;
	}
	for (i = 0; i < g.segs; i++) {
		at = hl + g.hdr_len + i * g.gso_size;
		have = m_arrived(net, pkt, at, min_t(u32, at + g.gso_size, hl + g.pkt_len));
		if (have != !!pkt->seg_seen[i] && !short_of_slots(net))
			fault(net, "a segment was not saved, or out of nothing", i);
	}
}

static void sink_lost(void *priv, void *buf, const struct rtpl_part *part)
{
	struct m_net *net = priv;
	u32 i, have = 0, last = 0, slot;

	net->lost++;
	net->drops[part->why]++;
	if (!buf) {
		/* No more was known than the block's first bytes. */
		if (part->len || part->n_ranges || part->why != RTPL_DROP_REASM_LOST)
			fault(net, "a lost stub makes no sense", part->start);
		return;
	}
	slot = slot_nr(net, buf);
	net->slot_used[slot] = 0;
	if (part->len != net->slot_len[slot])
		fault(net, "lost with another length", part->len);
	for (i = 0; i < part->n_ranges; i++) {
		if (part->range[i].from >= part->range[i].to ||
		    (i && part->range[i].from <= last))
			fault(net, "ranges touch or are out of order", i);
		last = part->range[i].to;
		have += part->range[i].to - part->range[i].from;
	}
	if (have != part->have || have >= part->len || last > part->len)
		fault(net, "ranges do not add up", have);
	for (i = 0; i < net->n_pkts; i++)
		if (net->pkt[i].cut && net->pkt[i].start != net->pkt[i].end &&
		    net->pkt[i].start + net->first_counter == part->start)
			net->pkt[i].given_up++;
	check_saved(net, buf, part);
}

static void sink_ctrl(void *priv, u8 type, const u8 *body, u8 len)
{
	struct m_net *net = priv;

	net->ctrl++;
	if (type != 1 || (len > 2 && body[2] != 3))
		fault(net, "a control block differs", len);
}

const struct rtpl_reasm_ops m_ops = {
	.whole = sink_whole,
	.begin = sink_begin,
	.put = sink_put,
	.done = sink_done,
	.lost = sink_lost,
	.ctrl = sink_ctrl,
};

struct rtpl_reasm_result m_arrive(struct m_net *net, u32 nr, u64 now)
{
	struct m_cell *cell = &net->cell[nr];
	struct rtpl_reasm_result res;

	cell->arrived = true;
	res = rtpl_reasm_cell(&net->reasm, net->first_counter + nr,
			      net->cell_bytes + cell->off, cell->len, now, &m_ops, net);
	if (res.drop != RTPL_DROP_COUNT)
		net->drops[res.drop]++;
	if (res.drop2 != RTPL_DROP_COUNT)
		net->drops[res.drop2]++;
	if (res.data != cell->data)
		fault(net, "a cell with data looks like one without, or the reverse", nr);
	return res;
}

void m_flush(struct m_net *net)
{
	u32 i;

	rtpl_reasm_flush(&net->reasm, &m_ops, net);
	for (i = 0; i < ARRAY_SIZE(net->slot); i++)
		if (net->slot_used[i])
			fault(net, "a buffer was never given back", i);
	if (net->reasm.n_parts)
		fault(net, "parts are left after a flush", net->reasm.n_parts);
}

bool m_arrived_whole(const struct m_net *net, const struct m_pkt *pkt)
{
	u32 i;

	for (i = pkt->start; i <= pkt->end; i++)
		if (!net->cell[i].arrived)
			return false;
	return true;
}

bool m_arrived(const struct m_net *net, const struct m_pkt *pkt, u32 from, u32 to)
{
	const struct m_cell *cell;
	u32 i, pos, n;
	const u8 *p;

	for (i = pkt->start; i <= pkt->end; i++) {
		cell = &net->cell[i];
		p = net->cell_bytes + cell->off;
		if (i == pkt->start) {
			pos = 0;
			n = pkt->first_n;
		} else {
			pos = p[0] | p[1] << 8;
			n = min_t(u32, p[2] | p[3] << 8, cell->len - RTPL_INNER_HEAD);
		}
		if (!cell->arrived && pos < to && pos + n > from)
			return false;
	}
	return true;
}

/* ---- the receiver that believes nothing ---- */

struct m_strict *m_strict_new(m_alloc_fn alloc, void *ctx)
{
	struct m_strict *strict = alloc(ctx, sizeof(*strict));
	u32 i;

	if (!strict)
		return NULL;
	for (i = 0; i < ARRAY_SIZE(strict->slot); i++) {
		strict->slot[i].map = alloc(ctx, RTPL_BLOCK_MAX);
		if (!strict->slot[i].map)
			return NULL;
	}
	return strict;
}

void m_strict_reset(struct m_strict *strict)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(strict->slot); i++)
		strict->slot[i].used = false;
	strict->begun = 0;
	strict->done = 0;
	strict->lost = 0;
	strict->whole = 0;
	strict->ctrl = 0;
	strict->refuse = 0;
	strict->fault = NULL;
}

static void *strict_begin(void *priv, u16 len)
{
	struct m_strict *strict = priv;
	u32 i;

	if (strict->refuse >> (strict->begun++ % 32) & 1)
		return NULL;
	if (len < 2)
		strict->fault = "a cut block of less than two pieces";
	for (i = 0; i < ARRAY_SIZE(strict->slot); i++) {
		if (strict->slot[i].used)
			continue;
		strict->slot[i].used = true;
		strict->slot[i].len = len;
		strict->slot[i].have = 0;
		memset(strict->slot[i].map, 0, len);
		return strict->slot[i].map;
	}
	strict->fault = "more parts than slots";
	return NULL;
}

static u32 strict_slot(struct m_strict *strict, void *buf)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(strict->slot); i++)
		if (strict->slot[i].map == buf && strict->slot[i].used)
			return i;
	strict->fault = "a buffer that is not in use";
	return 0;
}

static void strict_put(void *priv, void *buf, u16 pos, const u8 *data, u16 len)
{
	struct m_strict *strict = priv;
	u32 i, nr = strict_slot(strict, buf);
	u8 *map = buf, seen = 0;

	if (!len || (u32)pos + len > strict->slot[nr].len) {
		strict->fault = "bytes put behind the end";
		return;
	}
	for (i = 0; i < len; i++) {
		seen |= data[i];	/* a sanitizer sees if it may be read */
		if (map[pos + i]++)
			strict->fault = "a byte put twice";
	}
	strict->slot[nr].have += len;
	strict->begun += seen >> 8;
}

static void strict_done(void *priv, void *buf, const struct rtpl_part *part)
{
	struct m_strict *strict = priv;
	u32 nr = strict_slot(strict, buf);
	u16 len = part->len;

	strict->done++;
	strict->slot[nr].used = false;
	if (strict->slot[nr].len != len || strict->slot[nr].have != len ||
	    memchr_inv(buf, 1, len))
		strict->fault = "done, but not every byte came once";
}

static void strict_lost(void *priv, void *buf, const struct rtpl_part *part)
{
	struct m_strict *strict = priv;
	bool bad = part->why == RTPL_DROP_BAD_BLOCK;
	u32 have = 0, after = 0, i, j, nr;
	struct rtpl_gso g;
	u16 first = 0, n;
	u8 hdr[255];
	u8 *map = buf;

	strict->lost++;
	if (!buf) {
		if (part->len || part->n_ranges || part->why != RTPL_DROP_REASM_LOST)
			strict->fault = "a lost stub makes no sense";
		return;
	}
	nr = strict_slot(strict, buf);
	strict->slot[nr].used = false;
	if (part->n_ranges > RTPL_REASM_RANGES || part->len != strict->slot[nr].len ||
	    (part->why != RTPL_DROP_REASM_LOST && part->why != RTPL_DROP_REASM_FULL &&
	     part->why != RTPL_DROP_BAD_BLOCK)) {
		strict->fault = "a lost part makes no sense";
		return;
	}
	for (i = 0; i < part->n_ranges; i++) {
		if (part->range[i].from >= part->range[i].to ||
		    part->range[i].to > part->len || (i && part->range[i].from <= after)) {
			strict->fault = "ranges touch or are out of order";
			return;
		}
		after = part->range[i].to;
		have += after - part->range[i].from;
		for (j = part->range[i].from; j < after; j++)
			if (!map[j])
				strict->fault = "a range of bytes that never came";
	}
	/* All came, and only then, of a block that is not what its header says. */
	if (have != part->have || have != strict->slot[nr].have ||
	    have > part->len || (bad ? have < part->len : have == part->len))
		strict->fault = "ranges do not add up";

	/* The map is no packet, but must do no harm. */
	if (!rtpl_part_gso(part, copy_pkt, buf, &g, hdr))
		return;
	while ((n = rtpl_part_run(part, &g, &first))) {
		if (first + n > g.segs) {
			strict->fault = "a run behind the end";
			return;
		}
		first += n;
	}
}

static void strict_whole(void *priv, const u8 *data, u16 len)
{
	struct m_strict *strict = priv;
	u8 seen = 0;
	u32 i;

	strict->whole++;
	if (len < 20)
		strict->fault = "a packet shorter than its header";
	for (i = 0; i < len; i++)
		seen |= data[i];
	strict->whole += seen >> 8;
}

static void strict_ctrl(void *priv, u8 type, const u8 *body, u8 len)
{
	struct m_strict *strict = priv;
	u8 seen = 0;
	u32 i;

	strict->ctrl++;
	if (type > 15)
		strict->fault = "a control type of more than four bits";
	for (i = 0; i < len; i++)
		seen |= body[i];
	strict->ctrl += seen >> 8;
}

const struct rtpl_reasm_ops m_strict_ops = {
	.whole = strict_whole,
	.begin = strict_begin,
	.put = strict_put,
	.done = strict_done,
	.lost = strict_lost,
	.ctrl = strict_ctrl,
};

void m_strict_check(struct m_strict *strict, const struct rtpl_reasm *r)
{
	u32 i, parts = 0, used = 0;

	for (i = 0; i < RTPL_REASM_SLOTS; i++) {
		if (!r->part[i].len)
			continue;
		parts++;
		if (r->part[i].start < r->oldest)
			strict->fault = "a part is older than the oldest";
		if (r->newest - r->part[i].start > RTPL_REASM_WINDOW)
			strict->fault = "a part is left behind the window";
		if (!r->part[i].have || r->part[i].have >= r->part[i].len)
			strict->fault = "a part is empty or complete";
	}
	for (i = 0; i < ARRAY_SIZE(strict->slot); i++)
		used += strict->slot[i].used;
	if (parts != r->n_parts || parts != used)
		strict->fault = "parts are not counted right";
	for (i = 0, parts = 0; i < RTPL_REASM_STUBS; i++) {
		if (!r->stub[i].n)
			continue;
		parts++;
		if (r->stub[i].start < r->oldest ||
		    r->newest - r->stub[i].start > RTPL_REASM_WINDOW)
			strict->fault = "a stub is left behind";
		if (r->stub[i].n >= RTPL_BLOCK_HEAD)
			strict->fault = "a stub is too long";
	}
	if (parts != r->n_stubs)
		strict->fault = "stubs are not counted right";
}
