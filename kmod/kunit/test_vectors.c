// SPDX-License-Identifier: GPL-2.0
/*
 * Known packets make known cells, and the other way: what pins the wire
 * format to what Documentation/wire-format.rst says.
 */
#include "lib.h"
#include "vectors.h"

/* What the joiner hands over, against the vector's packets in order. */
struct taker {
	struct kunit *test;
	const struct vec *v;
	u32 next;
	u8 buf[2048];
};

static void expect_block(struct taker *t, const u8 *data, u16 len)
{
	const struct vec_packet *p = &t->v->packet[t->next++];
	u32 head = 0;
	struct rtpl_gso g;

	KUNIT_ASSERT_LE(t->test, t->next, t->v->n_packets);
	if (p->g.segs) {
		head = sizeof(struct rtpl_gso_head);
		KUNIT_EXPECT_EQ(t->test, rtpl_gso_parse(data, data + head, len - head, len, &g), 0);
		g.flags &= ~RTPL_GSO_F_TRAILER;
		KUNIT_EXPECT_MEMEQ(t->test, &g, &p->g, sizeof(g));
	} else {
		KUNIT_EXPECT_EQ(t->test, len, p->len);
	}
	KUNIT_EXPECT_MEMEQ(t->test, data + head, p->bytes, p->len);
}

static void take_whole(void *priv, const u8 *data, u16 len)
{
	expect_block(priv, data, len);
}

static void *take_begin(void *priv, u16 len)
{
	struct taker *t = priv;

	return len <= sizeof(t->buf) ? t->buf : NULL;
}

static void take_put(void *priv, void *buf, u16 pos, const u8 *data, u16 len)
{
	memcpy(buf + pos, data, len);
}

static void take_done(void *priv, void *buf, const struct rtpl_part *part)
{
	expect_block(priv, buf, part->len);
}

static void take_lost(void *priv, void *buf, const struct rtpl_part *part)
{
	struct taker *t = priv;

	KUNIT_FAIL(t->test, "%s: a block was lost", t->v->name);
}

static void take_ctrl(void *priv, u8 type, const u8 *body, u8 len)
{
	struct taker *t = priv;
	const struct vec_packet *p = &t->v->packet[t->next++];

	KUNIT_ASSERT_LE(t->test, t->next, t->v->n_packets);
	KUNIT_EXPECT_TRUE(t->test, p->ctrl);
	KUNIT_EXPECT_EQ(t->test, type, p->bytes[0]);
	KUNIT_EXPECT_EQ(t->test, len, p->len - 1);
	KUNIT_EXPECT_MEMEQ(t->test, body, p->bytes + 1, len);
}

static const struct rtpl_reasm_ops take_ops = {
	.whole = take_whole,
	.begin = take_begin,
	.put = take_put,
	.done = take_done,
	.lost = take_lost,
	.ctrl = take_ctrl,
};

static void packets_to_cells(struct kunit *test)
{
	struct rtpl_pack pk;
	const struct vec *v;
	u32 i, k, next;
	u8 *cell;

	cell = kunit_kzalloc(test, 2048, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, cell);
	for (k = 0; k < ARRAY_SIZE(rtpl_vectors); k++) {
		v = &rtpl_vectors[k];
		memset(&pk, 0, sizeof(pk));
		for (i = 0, next = 0; i < v->n_cells; i++) {
			memset(cell, 0xff, v->size);
			KUNIT_EXPECT_EQ(test, vec_cell(v, &pk, &next, cell), !!v->n_packets);
			KUNIT_EXPECT_MEMEQ(test, cell, v->cell[i], v->size);
		}
		KUNIT_EXPECT_EQ(test, next, v->n_packets);
		KUNIT_EXPECT_EQ(test, pk.len, 0);
	}
}

static void cells_to_packets(struct kunit *test)
{
	struct rtpl_reasm_result res;
	struct rtpl_reasm *r;
	struct taker *t;
	u32 i, k;

	t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);
	r = kunit_kzalloc(test, sizeof(*r), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, t);
	KUNIT_ASSERT_NOT_NULL(test, r);
	t->test = test;
	for (k = 0; k < ARRAY_SIZE(rtpl_vectors); k++) {
		t->v = &rtpl_vectors[k];
		t->next = 0;
		rtpl_reasm_init(r, rtpl_block_types);
		for (i = 0; i < t->v->n_cells; i++) {
			res = rtpl_reasm_cell(r, i, t->v->cell[i], t->v->size, i, &take_ops, t);
			KUNIT_EXPECT_EQ(test, res.drop, RTPL_DROP_COUNT);
			KUNIT_EXPECT_EQ(test, res.data, !!t->v->n_packets);
		}
		KUNIT_EXPECT_EQ(test, t->next, t->v->n_packets);
		KUNIT_EXPECT_EQ(test, r->n_parts, 0);
	}
}

static struct kunit_case vector_cases[] = {
	KUNIT_CASE(packets_to_cells),
	KUNIT_CASE(cells_to_packets),
	{}
};

static struct kunit_suite vector_suite = {
	.name = "rtpl_vectors",
	.test_cases = vector_cases,
};

kunit_test_suite(vector_suite);
