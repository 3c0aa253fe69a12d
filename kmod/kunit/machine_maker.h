/* SPDX-License-Identifier: GPL-2.0 */
/* Blobs of padding machines, put together state by state, for tests. */
#ifndef RTPL_KUNIT_MACHINE_MAKER_H
#define RTPL_KUNIT_MACHINE_MAKER_H

#include "lib.h"
#include "../core/machine.h"

#define ROOM	8192

/* A blob while it grows; build() puts the parts together. */
struct maker {
	struct rtpl_machine_head head;
	struct rtpl_machine_state state[8];
	struct rtpl_machine_trans trans[64];
	struct rtpl_machine_table table[16];
	u64 pool[64];
	u8 n_states, n_trans, n_tables, n_pool;
	size_t len;
	u8 *blob;
};

static inline u16 constant(struct maker *k, u64 v)
{
	struct rtpl_machine_table *t = &k->table[k->n_tables];

	t->kind = RTPL_DIST_STEPS;
	t->n = cpu_to_le16(1);
	t->at = cpu_to_le32(k->n_pool * 8);	/* in the pool; the image is laid out later */
	t->max = cpu_to_le64(RTPL_MACHINE_TIME_MAX);
	k->pool[k->n_pool++] = U64_MAX;
	k->pool[k->n_pool++] = v;
	return k->n_tables++;
}

static inline struct rtpl_machine_state *state(struct maker *k, u8 kind, u8 flags)
{
	struct rtpl_machine_state *s = &k->state[k->n_states++];
	u8 e;

	s->kind = kind;
	s->flags = flags;
	s->timeout = cpu_to_le16(RTPL_MACHINE_NONE);
	s->duration = cpu_to_le16(RTPL_MACHINE_NONE);
	s->limit = cpu_to_le16(RTPL_MACHINE_NONE);
	s->by[0] = cpu_to_le16(RTPL_MACHINE_NONE);
	s->by[1] = cpu_to_le16(RTPL_MACHINE_NONE);
	s->first = cpu_to_le32(k->n_trans);
	for (e = 0; e < RTPL_MACHINE_EVENTS; e++)
		s->end[e] = 0;
	return s;
}

static inline struct rtpl_machine_state *pads(struct maker *k, u8 flags, u64 timeout)
{
	struct rtpl_machine_state *s = state(k, RTPL_MACHINE_PAD, flags);

	s->timeout = cpu_to_le16(constant(k, timeout));
	return s;
}

static inline struct rtpl_machine_state *blocks(struct maker *k, u8 flags, u64 timeout,
						u64 duration)
{
	struct rtpl_machine_state *s = state(k, RTPL_MACHINE_BLOCK, flags);

	s->timeout = cpu_to_le16(constant(k, timeout));
	s->duration = cpu_to_le16(constant(k, duration));
	return s;
}

static inline struct rtpl_machine_state *times(struct maker *k, u8 flags, u64 duration)
{
	struct rtpl_machine_state *s = state(k, RTPL_MACHINE_TIMER, flags);

	s->duration = cpu_to_le16(constant(k, duration));
	return s;
}

static inline void counts(struct rtpl_machine_state *s, u8 c, u8 op, u16 by)
{
	s->op[c] = op;
	s->by[c] = cpu_to_le16(by);
}

/* Of the last state; events in rising order, @upto as in the blob. */
static inline void to_upto(struct maker *k, u8 event, u16 to, u32 upto)
{
	struct rtpl_machine_state *s = &k->state[k->n_states - 1];
	struct rtpl_machine_trans *t = &k->trans[k->n_trans++];
	u16 n = k->n_trans - le32_to_cpu(s->first);

	t->to = cpu_to_le16(to);
	t->upto = cpu_to_le32(upto);
	for (; event < RTPL_MACHINE_EVENTS; event++)
		s->end[event] = cpu_to_le16(n);
}

static inline void to(struct maker *k, u8 event, u16 state)
{
	to_upto(k, event, state, U32_MAX);
}

static inline void put(struct maker *k, const void *p, size_t len)
{
	memcpy(k->blob + k->len, p, len);
	k->len += len;
}

/* Without the check */
static inline void join(struct kunit *test, struct maker *k)
{
	struct rtpl_machine_head *h = &k->head;
	size_t pool;
	u8 i;

	if (!k->blob)
		k->blob = kunit_kzalloc(test, ROOM, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, k->blob);
	pool = sizeof(*h) + k->n_states * sizeof(k->state[0]) + k->n_trans * sizeof(k->trans[0]) +
	       k->n_tables * sizeof(k->table[0]);
	h->magic = cpu_to_le32(RTPL_MACHINE_MAGIC);
	h->version = cpu_to_le16(RTPL_MACHINE_VERSION);
	h->n_states = cpu_to_le16(k->n_states);
	h->n_trans = cpu_to_le32(k->n_trans);
	h->n_dists = cpu_to_le16(k->n_tables);
	h->size = cpu_to_le32(pool + k->n_pool * 8);
	k->len = 0;
	put(k, h, sizeof(*h));
	put(k, k->state, k->n_states * sizeof(k->state[0]));
	put(k, k->trans, k->n_trans * sizeof(k->trans[0]));
	for (i = 0; i < k->n_tables; i++) {
		struct rtpl_machine_table t = k->table[i];

		t.at = cpu_to_le32(le32_to_cpu(t.at) + pool);
		put(k, &t, sizeof(t));
	}
	for (i = 0; i < k->n_pool; i++) {
		__le64 v = cpu_to_le64(k->pool[i]);

		put(k, &v, sizeof(v));
	}
}

#endif /* RTPL_KUNIT_MACHINE_MAKER_H */
