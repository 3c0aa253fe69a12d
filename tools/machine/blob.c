// SPDX-License-Identifier: GPL-2.0
/* A machine as the blob of kmod/core/machine.h. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "load.h"
#include "../../kmod/core/machine.h"

static_assert(TABLE_MAX == RTPL_DIST_MAX && MACHINE_STATES_MAX == RTPL_MACHINE_STATES &&
	      MACHINE_EVENTS == RTPL_MACHINE_EVENTS, "the kernel's");

struct maker {
	struct rtpl_machine_state *state;
	struct rtpl_machine_trans *trans;
	uint32_t n_trans;
	struct rtpl_machine_table *table;	/* at: into pool, until the blob is laid out */
	uint32_t n_tables, max_tables;
	uint64_t *pool;				/* little endian */
	uint32_t n_pool, max_pool;
	struct load_err *err;
};

uint64_t load_fraction(double f)
{
	uint64_t whole, bound;
	int e, shift;

	/*
	 * The quotient as a double is at least f from the middle between f and the double
	 * before it: f - 1/2 of its last place, or 1/4 if f is a power of two. Counts below
	 * 2^53 cannot have that very quotient.
	 */
	if (!(f > 0))
		return 0;
	whole = ldexp(frexp(f, &e), 53);
	bound = 4 * whole - (whole == 1ULL << 52 ? 1 : 2);
	shift = 64 + e - 55;
	if (shift >= 0)
		return bound << shift;
	bound = shift > -64 ? bound >> -shift : 0;
	return bound ? bound : 1;
}

/* In tables' order of numbers; the same table only once. */
static int add_table(struct maker *k, const struct load_dist *d, enum table_use use, long state,
		     const char *field, __le16 *number)
{
	struct rtpl_machine_table r = { 0 };
	static struct table t;
	const char *why;
	uint64_t *p;
	uint32_t i;

	if (dist_table(d, use, &t, &why))
		return load_fail(k->err, state, "%s: the %s distribution has %s", field,
				 dist_kind_name(d->kind), why);
	if ((k->n_pool + 2 * t.n) * 8ULL > RTPL_MACHINE_SIZE || k->n_tables >= k->max_tables)
		return load_fail(k->err, state, "%s: the distributions need more than %d bytes",
				 field, RTPL_MACHINE_SIZE);
	p = k->pool + k->n_pool;
	for (i = 0; i < t.n; i++) {
		p[i] = cpu_to_le64(t.p[i]);
		p[t.n + i] = cpu_to_le64(t.x[i]);
	}
	r.kind = t.kind;
	r.n = cpu_to_le16(t.n);
	r.at = cpu_to_le32(k->n_pool * 8);
	r.min = cpu_to_le64(t.min);
	r.max = cpu_to_le64(t.max);

	for (i = 0; i < k->n_tables; i++) {
		struct rtpl_machine_table *old = &k->table[i];

		if (old->kind == r.kind && old->n == r.n &&
		    !memcmp(k->pool + le32_to_cpu(old->at) / 8, p, t.n * 16)) {
			r.at = old->at;
			if (!memcmp(old, &r, sizeof(r)))
				break;
		}
	}
	*number = cpu_to_le16(i);
	if (i < k->n_tables)
		return 0;
	if (le32_to_cpu(r.at) == k->n_pool * 8)
		k->n_pool += 2 * t.n;
	k->table[k->n_tables++] = r;
	return 0;
}

static int make_action(struct maker *k, const struct load_state *s, long i,
		       struct rtpl_machine_state *o)
{
	static const uint8_t kinds[] = { RTPL_MACHINE_CANCEL, RTPL_MACHINE_PAD,
					 RTPL_MACHINE_BLOCK, RTPL_MACHINE_TIMER };
	static const uint8_t timers[] = { RTPL_MACHINE_ACTION, RTPL_MACHINE_INTERNAL,
					  RTPL_MACHINE_ACTION | RTPL_MACHINE_INTERNAL };

	o->timeout = cpu_to_le16(RTPL_MACHINE_NONE);
	o->duration = cpu_to_le16(RTPL_MACHINE_NONE);
	o->limit = cpu_to_le16(RTPL_MACHINE_NONE);
	if (s->kind == LOAD_NOTHING)
		return 0;
	o->kind = kinds[s->kind];
	if (s->kind == LOAD_CANCEL)
		o->flags = timers[s->timer];
	else
		o->flags = (s->bypass ? RTPL_MACHINE_BYPASS : 0) |
			   (s->replace ? RTPL_MACHINE_REPLACE : 0);
	if ((s->timeout.there &&
	     add_table(k, &s->timeout, TABLE_NS, i, "timeout", &o->timeout)) ||
	    (s->duration.there &&
	     add_table(k, &s->duration, TABLE_NS, i, "duration", &o->duration)) ||
	    (s->limit.there && add_table(k, &s->limit, TABLE_LIMIT, i, "limit", &o->limit)))
		return -1;
	return 0;
}

static int make_counter(struct maker *k, const struct load_counter *c, long i, int nr,
			struct rtpl_machine_state *o)
{
	static const uint8_t ops[] = { RTPL_MACHINE_ADD, RTPL_MACHINE_SUB, RTPL_MACHINE_SET };

	o->by[nr] = cpu_to_le16(RTPL_MACHINE_NONE);
	if (!c->there)
		return 0;
	o->op[nr] = ops[c->op];
	if (c->copy)
		o->by[nr] = cpu_to_le16(RTPL_MACHINE_OTHER);
	else if (c->by.there)
		return add_table(k, &c->by, TABLE_COUNT, i, nr ? "counter B" : "counter A",
				 &o->by[nr]);
	return 0;
}

/*
 * The framework draws k / 2^23 and takes the first whose sum of chances, in 32-bit
 * floats, is above; for us k is the upper 23 of 32 bits.
 */
static void make_transitions(struct maker *k, const struct load_state *s,
			     struct rtpl_machine_state *o)
{
	uint32_t first = k->n_trans, i, event, above;
	float sum;

	o->first = cpu_to_le32(first);
	for (event = 0; event < MACHINE_EVENTS; event++) {
		sum = 0;
		for (i = 0; i < s->n[event]; i++) {
			struct rtpl_machine_trans *t = &k->trans[k->n_trans++];

			sum += s->trans[event][i].chance;
			above = ceil(ldexp(sum, 23));
			t->upto = cpu_to_le32((uint32_t)(((uint64_t)above << 9) - 1));
			t->to = cpu_to_le16((uint16_t)s->trans[event][i].to);
		}
		o->end[event] = cpu_to_le16(k->n_trans - first);
	}
}

static int make(struct maker *k, const struct load_machine *m)
{
	uint32_t i;

	for (i = 0; i < m->n_states; i++) {
		if (make_action(k, &m->state[i], i, &k->state[i]) ||
		    make_counter(k, &m->state[i].counter[0], i, 0, &k->state[i]) ||
		    make_counter(k, &m->state[i].counter[1], i, 1, &k->state[i]))
			return -1;
		make_transitions(k, &m->state[i], &k->state[i]);
	}
	return 0;
}

static int join(const struct maker *k, const struct load_machine *m, uint8_t **blob, size_t *len)
{
	struct rtpl_machine_head h = {
		.magic = cpu_to_le32(RTPL_MACHINE_MAGIC),
		.version = cpu_to_le16(RTPL_MACHINE_VERSION),
		.n_states = cpu_to_le16(m->n_states),
		.n_trans = cpu_to_le32(k->n_trans),
		.n_dists = cpu_to_le16(k->n_tables),
		.allowed_padding = cpu_to_le64(m->allowed_padding),
		.allowed_blocked = cpu_to_le64(m->allowed_blocked > UINT64_MAX / 1000 ?
					       UINT64_MAX : m->allowed_blocked * 1000),
		.max_padding = cpu_to_le64(load_fraction(m->max_padding)),
		.max_blocking = cpu_to_le64(load_fraction(m->max_blocking)),
	};
	size_t states = sizeof(*k->state) * m->n_states, trans = sizeof(*k->trans) * k->n_trans;
	size_t tables = sizeof(*k->table) * k->n_tables, at;
	uint32_t i;
	uint8_t *p;

	at = sizeof(h) + states + trans + tables;
	*len = at + k->n_pool * 8ULL;
	if (*len > RTPL_MACHINE_SIZE)
		return load_fail(k->err, -1, "it needs %zu bytes; there may be %d", *len,
				 RTPL_MACHINE_SIZE);
	*blob = p = aligned_alloc(8, *len);
	if (!p)
		return load_fail(k->err, -1, "no memory");
	h.size = cpu_to_le32(*len);
	for (i = 0; i < k->n_tables; i++)
		k->table[i].at = cpu_to_le32(le32_to_cpu(k->table[i].at) + at);
	memcpy(p, &h, sizeof(h));
	memcpy(p + sizeof(h), k->state, states);
	memcpy(p + sizeof(h) + states, k->trans, trans);
	memcpy(p + sizeof(h) + states + trans, k->table, tables);
	memcpy(p + at, k->pool, k->n_pool * 8ULL);
	return 0;
}

int load_blob(const struct load_machine *m, uint8_t **blob, size_t *len, struct load_err *err)
{
	struct maker k = { .err = err, .max_tables = RTPL_MACHINE_SIZE / sizeof(*k.table),
			   .max_pool = RTPL_MACHINE_SIZE / 8 };
	size_t trans = 1;
	uint32_t i;
	int event, rc;

	for (i = 0; i < m->n_states; i++)
		for (event = 0; event < MACHINE_EVENTS; event++)
			trans += m->state[i].n[event];
	k.state = calloc(m->n_states, sizeof(*k.state));
	k.trans = calloc(trans, sizeof(*k.trans));
	k.table = calloc(k.max_tables, sizeof(*k.table));
	k.pool = calloc(k.max_pool, sizeof(*k.pool));
	if (!k.state || !k.trans || !k.table || !k.pool)
		rc = load_fail(err, -1, "no memory");
	else
		rc = make(&k, m);
	if (!rc)
		rc = join(&k, m, blob, len);
	free(k.state);
	free(k.trans);
	free(k.table);
	free(k.pool);
	return rc;
}
