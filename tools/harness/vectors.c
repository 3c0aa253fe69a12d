// SPDX-License-Identifier: GPL-2.0
/*
 * Writes kmod/kunit/vectors.h: known packets and the cells they make. The
 * packets are made here, with lengths and checksums right, and payload bytes
 * that count up. Run it (make vectors) only when the wire format changes.
 */
#include <stdio.h>

#include "../../kmod/kunit/vec.h"

static u32 sum(const u8 *p, u32 len, u32 s)
{
	u32 i;

	for (i = 0; i < len; i++)
		s += i & 1 ? p[i] : p[i] << 8;
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return s;
}

/* @partial: the checksum over the pseudo-header alone */
static void l4_sum(u8 *p, u32 hl, u32 len, u8 proto, u32 at, bool partial)
{
	u32 s = hl == 20 ? sum(p + 12, 8, 0) : sum(p + 8, 32, 0);

	s = s + (len - hl) + proto;
	if (!partial)
		s = ~sum(p + hl, len - hl, s);
	else
		s = sum(NULL, 0, s);
	put_unaligned_be16(s, p + hl + at);
}

static void fill(u8 *p, u32 from, u32 len)
{
	u32 i;

	for (i = from; i < len; i++)
		p[i] = i - from;
}

static void ipv4(u8 *p, u32 len, u8 proto, u16 id)
{
	static const u8 addr[8] = { 192, 0, 2, 1, 198, 51, 100, 2 };

	p[0] = 0x45;
	put_unaligned_be16(len, p + 2);
	put_unaligned_be16(id, p + 4);
	put_unaligned_be16(0x4000, p + 6);
	p[8] = 64;
	p[9] = proto;
	memcpy(p + 12, addr, 8);
	put_unaligned_be16(~sum(p, 20, 0), p + 10);
}

static void ipv6(u8 *p, u32 len, u8 proto)
{
	p[0] = 0x60;
	put_unaligned_be16(len - 40, p + 4);
	p[6] = proto;
	p[7] = 64;
	put_unaligned_be32(0x20010db8, p + 8);
	p[23] = 1;
	put_unaligned_be32(0x20010db8, p + 24);
	p[39] = 2;
}

static void udp(u8 *p, u32 hl, u32 len, bool partial)
{
	put_unaligned_be16(4000, p + hl);
	put_unaligned_be16(53, p + hl + 2);
	put_unaligned_be16(len - hl, p + hl + 4);
	fill(p, hl + 8, len);
	l4_sum(p, hl, len, 17, 6, partial);
}

static void tcp(u8 *p, u32 hl, u32 len)
{
	put_unaligned_be16(443, p + hl);
	put_unaligned_be16(50000, p + hl + 2);
	put_unaligned_be32(0x01020304, p + hl + 4);
	put_unaligned_be32(0x0a0b0c0d, p + hl + 8);
	p[hl + 12] = 0x50;
	p[hl + 13] = 0x98;	/* CWR, ACK, PSH */
	put_unaligned_be16(501, p + hl + 14);
	fill(p, hl + 20, len);
	l4_sum(p, hl, len, 6, 16, true);
}

static void print_bytes(const char *name, u32 nr, const char *what, u32 k, const u8 *p, u32 len)
{
	u32 i;

	printf("static const u8 vec%u_%s%u[] = {	/* %s */", nr, what, k, name);
	for (i = 0; i < len; i++)
		printf("%s0x%02x,", i % 12 ? " " : "\n\t", p[i]);
	printf("\n};\n\n");
}

static const char *const kinds[] = {
	"0", "RTPL_GSO_TCP4", "RTPL_GSO_TCP6", "RTPL_GSO_UDP4", "RTPL_GSO_UDP6"
};

static u32 cells_of[16];

static void print_vec(const struct vec *v, u32 nr)
{
	struct rtpl_pack pk = {};
	u32 i, next = 0;
	u8 cell[4096];

	for (i = 0; i < v->n_packets; i++)
		print_bytes(v->name, nr, v->packet[i].ctrl ? "ctrl" : "packet", i,
			    v->packet[i].bytes, v->packet[i].len);
	for (i = 0; vec_cell(v, &pk, &next, cell) || !i; i++)
		print_bytes(v->name, nr, "cell", i, cell, v->size);
	if (next != v->n_packets || i > VEC_CELLS_MAX)
		abort();
	cells_of[nr] = i;
}

static void print_entry(const struct vec *v, u32 nr)
{
	const struct rtpl_gso *g;
	u32 i;

	printf("\t{\n\t\t.name = \"%s\",\n\t\t.size = %u,\n", v->name, v->size);
	printf("\t\t.n_packets = %u,\n\t\t.n_cells = %u,\n\t\t.packet = {\n",
	       v->n_packets, cells_of[nr]);
	for (i = 0; i < v->n_packets; i++) {
		g = &v->packet[i].g;
		printf("\t\t\t{ vec%u_%s%u, %u", nr, v->packet[i].ctrl ? "ctrl" : "packet", i,
		       v->packet[i].len);
		if (v->packet[i].ctrl)
			printf(", true");
		if (g->segs)
			printf(", false, { %s, %u, %u, %u, %u, %u, %u }", kinds[g->kind],
			       g->flags, g->hdr_len, g->l4_off, g->gso_size, g->pkt_len,
			       g->segs);
		printf(" },\n");
	}
	printf("\t\t},\n\t\t.cell = {");
	for (i = 0; i < cells_of[nr]; i++)
		printf("%svec%u_cell%u,", i % 4 ? " " : "\n\t\t\t", nr, i);
	printf("\n\t\t},\n\t},\n");
}

int main(void)
{
	static u8 a[200], b[100], c[600], d[600], e[700];
	static const u8 ctrl[] = { 1, 0xc0, 0xff, 0xee };
	struct vec vecs[] = {
		{ .name = "chaff", .size = 232 },
		{
			.name = "one packet",
			.size = 232,
			.n_packets = 1,
			.packet = { { a, 48 } },
		}, {
			.name = "two packets and a control block in one cell",
			.size = 232,
			.n_packets = 3,
			.packet = { { a, 48 }, { ctrl, sizeof(ctrl), true }, { b, 90 } },
		}, {
			.name = "a packet over three cells, another behind it",
			.size = 232,
			.n_packets = 2,
			.packet = { { c, 500 }, { a, 48 } },
		}, {
			.name = "too little room to begin",
			.size = 140,
			.n_packets = 3,
			.packet = { { b, 90 }, { d, 40 }, { a, 48 } },
		}, {
			.name = "a super-packet that fits one cell",
			.size = 1448,
			.n_packets = 1,
			.packet = { { e, 640, .g = { RTPL_GSO_TCP4, 0, 40, 20, 200, 640, 3 } } },
		}, {
			.name = "a super-packet over cells, with its trailer",
			.size = 232,
			.n_packets = 1,
			.packet = { { e, 640, .g = { RTPL_GSO_TCP4, 0, 40, 20, 200, 640, 3 } } },
		}, {
			.name = "a UDP super-packet over IPv6",
			.size = 232,
			.n_packets = 2,
			.packet = {
				{ b, 90 },
				{ d + 40, 348, .g = { RTPL_GSO_UDP6, 0, 48, 40, 100, 348, 3 } },
			},
		},
	};
	u32 i;

	ipv4(a, 48, 17, 1);
	udp(a, 20, 48, false);
	ipv6(b, 90, 17);
	udp(b, 40, 90, false);
	ipv6(c, 500, 17);
	udp(c, 40, 500, false);
	ipv4(d, 40, 17, 2);
	udp(d, 20, 40, false);
	ipv6(d + 40, 348, 17);
	udp(d + 40, 40, 348, true);
	ipv4(e, 640, 6, 3);
	tcp(e, 20, 640);

	printf("/* SPDX-License-Identifier: GPL-2.0 */\n");
	printf("/*\n * Known packets and the cells that they make. Written by\n");
	printf(" * `make -C tools/harness vectors`; do not edit.\n */\n");
	printf("#ifndef RTPL_KUNIT_VECTORS_H\n#define RTPL_KUNIT_VECTORS_H\n\n");
	printf("#include \"vec.h\"\n\n");
	for (i = 0; i < ARRAY_SIZE(vecs); i++)
		print_vec(&vecs[i], i);
	printf("static const struct vec rtpl_vectors[] = {\n");
	for (i = 0; i < ARRAY_SIZE(vecs); i++)
		print_entry(&vecs[i], i);
	printf("};\n\n#endif /* RTPL_KUNIT_VECTORS_H */\n");
	return 0;
}
