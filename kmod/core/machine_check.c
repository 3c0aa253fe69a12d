// SPDX-License-Identifier: GPL-2.0
/* Check whether a blob is a machine, before machine.c relies on anything in it. */
#include "machine.h"

struct look {
	struct rtpl_machine *m;
	u8 *blob;
	u32 size, pool;		/* where the distributions' tables begin */
	u32 n_trans, n_dists;
	u32 trans;		/* transitions of the states so far */
	const char **why;
	struct rtpl_machine_where *where;
};

static int bad(struct look *l, int err, u32 state, const char *field, const char *why)
{
	l->where->state = state;
	l->where->field = field;
	*l->why = why;
	return err;
}

static int bad_head(struct look *l, int err, const char *field, const char *why)
{
	return bad(l, err, U32_MAX, field, why);
}

static int check_head(struct look *l, size_t len)
{
	const struct rtpl_machine_head *h = (const struct rtpl_machine_head *)l->blob;
	struct rtpl_machine *m = l->m;
	u64 at = sizeof(*h);

	if (len > RTPL_MACHINE_SIZE)
		return bad_head(l, -E2BIG, "size", "the machine is too large");
	if (len < sizeof(*h) || (uintptr_t)l->blob % 8)
		return bad_head(l, -EINVAL, "size", "the machine is cut off or not aligned");
	if (le32_to_cpu(h->magic) != RTPL_MACHINE_MAGIC)
		return bad_head(l, -EINVAL, "magic", "these bytes are no machine");
	if (le16_to_cpu(h->version) != RTPL_MACHINE_VERSION)
		return bad_head(l, -EPROTONOSUPPORT, "version",
				"the machine is of another version");
	if (le32_to_cpu(h->size) != len || len % 8)
		return bad_head(l, -EINVAL, "size", "the machine is not as long as it says");
	if (h->zero || h->zero2)
		return bad_head(l, -EINVAL, "zero", "what is not used is not zero");

	m->n_states = le16_to_cpu(h->n_states);
	if (!m->n_states)
		return bad_head(l, -EINVAL, "n_states", "a machine has at least one state");
	if (m->n_states > RTPL_MACHINE_STATES)
		return bad_head(l, -E2BIG, "n_states", "the machine has too many states");
	l->size = len;
	l->n_trans = le32_to_cpu(h->n_trans);
	l->n_dists = le16_to_cpu(h->n_dists);
	if (l->n_dists >= RTPL_MACHINE_OTHER)
		return bad_head(l, -E2BIG, "n_dists", "the machine has too many distributions");

	m->blob = l->blob;
	m->state = (const struct rtpl_machine_state *)(l->blob + at);
	at += sizeof(*m->state) * m->n_states;
	m->trans = (const struct rtpl_machine_trans *)(l->blob + at);
	at += sizeof(*m->trans) * (u64)l->n_trans;
	if (at > len)
		return bad_head(l, -EINVAL, "n_trans", "the machine is cut off");
	m->table = (const struct rtpl_machine_table *)(l->blob + at);
	at += sizeof(*m->table) * l->n_dists;
	if (at > len)
		return bad_head(l, -EINVAL, "n_dists", "the machine is cut off");
	l->pool = at;

	m->allowed_padding = le64_to_cpu(h->allowed_padding);
	m->allowed_blocked = le64_to_cpu(h->allowed_blocked);
	m->max_padding = le64_to_cpu(h->max_padding);
	m->max_blocking = le64_to_cpu(h->max_blocking);
	return 0;
}

/* Convert the tables to this machine's byte order. */
static void turn_pool(struct look *l)
{
	u32 at;

	for (at = l->pool; at < l->size; at += sizeof(u64))
		*(u64 *)(l->blob + at) = get_unaligned_le64(l->blob + at);
}

static int check_dist(struct look *l, u32 i)
{
	const struct rtpl_machine_table *t = &l->m->table[i];
	u32 at = le32_to_cpu(t->at);
	struct rtpl_dist d = {
		.kind = t->kind,
		.n = le16_to_cpu(t->n),
		.start = le64_to_cpu(t->start),
		.min = le64_to_cpu(t->min),
		.max = le64_to_cpu(t->max),
	};
	const char *why;
	int err;

	if (t->zero)
		return bad_head(l, -EINVAL, "distributions", "what is not used is not zero");
	if (!d.n || d.n > RTPL_DIST_MAX)
		return bad_head(l, -E2BIG, "distributions",
				"a distribution has 1 to 1024 entries");
	if (at % 8 || at < l->pool || at > l->size || l->size - at < d.n * 16U)
		return bad_head(l, -EINVAL, "distributions",
				"a distribution's table is not in the machine");
	d.p = (const u64 *)(l->blob + at);
	d.x = (const s64 *)(d.p + d.n);
	err = rtpl_dist_check(&d, &why);
	if (err)
		return bad_head(l, err, "distributions", why);
	if (d.min < 0)
		return bad_head(l, -ERANGE, "distributions", "a sample can be negative");
	return 0;
}

/* Check a state's distribution; @time: its samples are times. */
static int check_use(struct look *l, u32 state, __le16 dist, bool needed, bool time,
		     const char *field)
{
	u16 i = le16_to_cpu(dist);

	if (i == RTPL_MACHINE_NONE)
		return needed ? bad(l, -EINVAL, state, field, "the action lacks a distribution") :
				0;
	if (i >= l->n_dists)
		return bad(l, -EINVAL, state, field, "there is no such distribution");
	if (time && le64_to_cpu(l->m->table[i].max) > RTPL_MACHINE_TIME_MAX)
		return bad(l, -ERANGE, state, field, "a time is at most one day");
	return 0;
}

static int check_action(struct look *l, u32 i)
{
	static const u8 flags[RTPL_MACHINE_KINDS] = {
		[RTPL_MACHINE_CANCEL] = RTPL_MACHINE_ACTION | RTPL_MACHINE_INTERNAL,
		[RTPL_MACHINE_PAD] = RTPL_MACHINE_BYPASS | RTPL_MACHINE_REPLACE,
		[RTPL_MACHINE_BLOCK] = RTPL_MACHINE_BYPASS | RTPL_MACHINE_REPLACE,
		[RTPL_MACHINE_TIMER] = RTPL_MACHINE_REPLACE,
	};
	const struct rtpl_machine_state *s = &l->m->state[i];
	bool pads = s->kind == RTPL_MACHINE_PAD, blocks = s->kind == RTPL_MACHINE_BLOCK;
	bool times = s->kind == RTPL_MACHINE_TIMER;
	int err;

	if (s->kind >= RTPL_MACHINE_KINDS)
		return bad(l, -EINVAL, i, "kind", "there is no such action");
	if (s->flags & ~flags[s->kind])
		return bad(l, -EINVAL, i, "flags", "the action has no such flag");
	if (s->kind == RTPL_MACHINE_CANCEL && !s->flags)
		return bad(l, -EINVAL, i, "flags", "it cancels no timer");

	if (!pads && !blocks && le16_to_cpu(s->timeout) != RTPL_MACHINE_NONE)
		return bad(l, -EINVAL, i, "timeout", "the action has none");
	if (!blocks && !times && le16_to_cpu(s->duration) != RTPL_MACHINE_NONE)
		return bad(l, -EINVAL, i, "duration", "the action has none");
	if (!pads && !blocks && !times && le16_to_cpu(s->limit) != RTPL_MACHINE_NONE)
		return bad(l, -EINVAL, i, "limit", "the action has none");
	err = check_use(l, i, s->timeout, pads || blocks, true, "timeout");
	if (!err)
		err = check_use(l, i, s->duration, blocks || times, true, "duration");
	if (!err)
		err = check_use(l, i, s->limit, false, false, "limit");
	return err;
}

static int check_counter(struct look *l, u32 i, u8 c)
{
	static const char *const field[2] = { "counter A", "counter B" };
	const struct rtpl_machine_state *s = &l->m->state[i];

	if (s->op[c] >= RTPL_MACHINE_OPS)
		return bad(l, -EINVAL, i, field[c], "there is no such operation");
	if (s->op[c] == RTPL_MACHINE_KEEP && le16_to_cpu(s->by[c]) != RTPL_MACHINE_NONE)
		return bad(l, -EINVAL, i, field[c], "it is kept, and has a value");
	if (le16_to_cpu(s->by[c]) == RTPL_MACHINE_OTHER)
		return 0;
	return check_use(l, i, s->by[c], false, false, field[c]);
}

static int check_event(struct look *l, u32 i, u32 from, u32 end)
{
	const struct rtpl_machine_trans *t = l->m->trans + l->trans;
	u32 last = 0, upto;
	u16 to;

	for (; from < end; from++) {
		upto = le32_to_cpu(t[from].upto);
		to = le16_to_cpu(t[from].to);
		if (t[from].zero)
			return bad(l, -EINVAL, i, "zero", "what is not used is not zero");
		if (to >= l->m->n_states && to != RTPL_MACHINE_END && to != RTPL_MACHINE_SIGNALS)
			return bad(l, -EINVAL, i, "transitions", "one leads to no state");
		if (upto < last)
			return bad(l, -EINVAL, i, "transitions", "the chances do not add up");
		last = upto;
	}
	return 0;
}

static int check_transitions(struct look *l, u32 i)
{
	const struct rtpl_machine_state *s = &l->m->state[i];
	u32 event, from = 0, end;
	int err;

	if (le32_to_cpu(s->first) != l->trans)
		return bad(l, -EINVAL, i, "first", "the transitions do not follow one another");
	for (event = 0; event < RTPL_MACHINE_EVENTS; event++) {
		end = le16_to_cpu(s->end[event]);
		if (end < from || end > l->n_trans - l->trans)
			return bad(l, -EINVAL, i, "end", "there are not so many transitions");
		if (end - from > l->m->n_states + 2U)
			return bad(l, -E2BIG, i, "end", "more transitions than states");
		err = check_event(l, i, from, end);
		if (err)
			return err;
		from = end;
	}
	l->trans += from;
	return 0;
}

int rtpl_machine_check(struct rtpl_machine *m, void *blob, size_t len, const char **why,
		       struct rtpl_machine_where *where)
{
	struct look l = { .m = m, .blob = blob, .why = why, .where = where };
	const struct rtpl_machine_state *s;
	u32 i;
	int err;

	memset(m, 0, sizeof(*m));
	err = check_head(&l, len);
	if (err)
		return err;
	turn_pool(&l);
	for (i = 0; !err && i < l.n_dists; i++)
		err = check_dist(&l, i);
	for (i = 0; !err && i < m->n_states; i++) {
		s = &m->state[i];
		if (s->zero || s->zero2)
			return bad(&l, -EINVAL, i, "zero", "what is not used is not zero");
		err = check_action(&l, i);
		if (!err)
			err = check_counter(&l, i, 0);
		if (!err)
			err = check_counter(&l, i, 1);
		if (!err)
			err = check_transitions(&l, i);
	}
	if (!err && l.trans != l.n_trans)
		err = bad_head(&l, -EINVAL, "n_trans", "some transitions are no state's");
	return err;
}
