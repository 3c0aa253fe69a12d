/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a vector is: packets, and the cells' plaintexts that they are laid
 * over, in order and with nothing else waiting. vectors.h holds them,
 * tools/harness/vectors.c writes it.
 */
#ifndef RTPL_KUNIT_VEC_H
#define RTPL_KUNIT_VEC_H

#include "../core/frag.h"

#define VEC_PACKETS_MAX	4
#define VEC_CELLS_MAX	8

struct vec_packet {
	const u8 *bytes;
	u16 len;
	bool ctrl;		/* a control block: type, then its body */
	struct rtpl_gso g;	/* segs == 0: a plain packet */
};

struct vec {
	const char *name;
	u16 size;		/* of each plaintext */
	u8 n_packets, n_cells;
	struct vec_packet packet[VEC_PACKETS_MAX];
	const u8 *cell[VEC_CELLS_MAX];
};

static inline void vec_copy(void *priv, u16 off, u8 *dst, u16 len)
{
	memcpy(dst, (const u8 *)priv + off, len);
}

/*
 * Lay the packets of @v over cells: the next one into @buf.
 * @next: packets begun; @pk: all zero before the first cell
 * Return: false when there was nothing left to lay, and the cell is chaff.
 */
static inline bool vec_cell(const struct vec *v, struct rtpl_pack *pk, u32 *next, u8 *buf)
{
	const struct vec_packet *p = *next ? &v->packet[*next - 1] : NULL;
	struct rtpl_fill f;
	int err = 0;

	rtpl_fill_begin(pk, &f, buf, v->size);
	while (rtpl_fill_room(&f)) {
		if (!pk->len) {
			if (*next == v->n_packets)
				break;
			p = &v->packet[*next];
			if (p->ctrl) {
				if (!rtpl_pack_ctrl(pk, &f, p->bytes[0], p->bytes + 1, p->len - 1))
					break;
				++*next;
				continue;
			}
			if (p->g.segs)
				err = rtpl_pack_gso(pk, &f, v->size - RTPL_INNER_HEAD,
						    &p->g, p->bytes);
			else
				err = rtpl_pack_ip(pk, &f, v->size - RTPL_INNER_HEAD,
						   p->bytes, p->len);
			if (err)
				break;
			++*next;
		}
		if (!rtpl_pack_put(pk, &f, vec_copy, (void *)p->bytes))
			break;
	}
	rtpl_fill_end(&f);
	return f.data;
}

#endif /* RTPL_KUNIT_VEC_H */
