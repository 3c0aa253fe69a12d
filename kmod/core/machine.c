// SPDX-License-Identifier: GPL-2.0
/*
 * The Maybenot framework, version 2, as described in machine.h. Each function corresponds to one of
 * the framework's framework.rs, and draws random numbers in the same order.
 */
#include "machine.h"

enum { SIGNAL_NONE, SIGNAL_OTHERS, SIGNAL_ALL };

static const struct rtpl_machine_state *state_of(const struct rtpl_machines *ms, u8 mi)
{
	return &ms->m[mi]->state[ms->run[mi].state];
}

static u64 add(u64 a, u64 b)
{
	u64 sum;

	return check_add_overflow(a, b, &sum) ? U64_MAX : sum;
}

static u64 sub(u64 a, u64 b)
{
	return a > b ? a - b : 0;
}

/* A constant takes no draw, as in the framework. */
static u64 sample(const struct rtpl_machine *m, u16 dist, struct rtpl_rng *rng)
{
	const struct rtpl_machine_table *t = &m->table[dist];
	const u8 *at = m->blob + le32_to_cpu(t->at);
	struct rtpl_dist d = {
		.kind = t->kind,
		.n = le16_to_cpu(t->n),
		.start = le64_to_cpu(t->start),
		.min = le64_to_cpu(t->min),
		.max = le64_to_cpu(t->max),
		.p = (const u64 *)at,
	};

	d.x = (const s64 *)(d.p + d.n);
	if (d.n == 1)
		return clamp_t(s64, d.start + d.x[0], d.min, d.max);
	return rtpl_dist_sample(&d, rng);
}

static u64 sample_limit(const struct rtpl_machine *m, const struct rtpl_machine_state *s,
			struct rtpl_rng *rng)
{
	u16 dist = le16_to_cpu(s->limit);

	return dist == RTPL_MACHINE_NONE ? U64_MAX : sample(m, dist, rng);
}

/* Is @part of @total at least @frac? Zero of zero is not. */
static bool reached(u64 part, u64 total, u64 frac)
{
	if (!total)
		return part;
	return part >= mul_u64_u64_shr(frac, total, 64) + (frac * total != 0);
}

/* ---- limits ---- */

static bool below_blocking(const struct rtpl_machines *ms, u8 mi)
{
	const struct rtpl_machine_run *r = &ms->run[mi];
	const struct rtpl_machine *m = ms->m[mi];
	u64 mine, all, elapsed, now;

	/* Replacing an existing blocking is always allowed. */
	if (state_of(ms, mi)->flags & RTPL_MACHINE_REPLACE && ms->blocking)
		return r->limit;

	now = ms->blocking ? sub(ms->now, ms->block_start) : 0;
	mine = add(r->blocked, now);
	all = add(ms->blocked, now);
	if (mine < m->allowed_blocked)
		return r->limit;

	elapsed = sub(ms->now, ms->start);
	if (m->max_blocking && reached(mine, elapsed, m->max_blocking))
		return false;
	if (ms->limits.max_blocking && reached(all, elapsed, ms->limits.max_blocking))
		return false;
	return r->limit;
}

/* As in the framework, a state's own limit is not checked before the first packet. */
static bool below_padding(const struct rtpl_machines *ms, u8 mi)
{
	const struct rtpl_machine_run *r = &ms->run[mi];
	const struct rtpl_machine *m = ms->m[mi];
	u64 total;

	if (r->padding < m->allowed_padding)
		return r->limit;
	if (m->max_padding) {
		total = add(r->normal, r->padding);
		if (!total)
			return true;
		if (reached(r->padding, total, m->max_padding))
			return false;
	}
	if (ms->limits.max_padding) {
		total = add(ms->normal, ms->padding);
		if (!total)
			return true;
		if (reached(ms->padding, total, ms->limits.max_padding))
			return false;
	}
	return r->limit;
}

static bool below_limits(const struct rtpl_machines *ms, u8 mi)
{
	switch (state_of(ms, mi)->kind) {
	case RTPL_MACHINE_NOTHING:
		return false;
	case RTPL_MACHINE_PAD:
		return below_padding(ms, mi);
	case RTPL_MACHINE_BLOCK:
		return below_blocking(ms, mi);
	case RTPL_MACHINE_TIMER:
		return ms->run[mi].limit;
	default:
		return true;
	}
}

/* ---- transitions ---- */

/* At most 13 steps: a state's transitions are not more than 2^13. */
static bool next_state(const struct rtpl_machines *ms, u8 mi, u8 event, struct rtpl_rng *rng,
		       u16 *to)
{
	const struct rtpl_machine_state *s = state_of(ms, mi);
	const struct rtpl_machine_trans *t = &ms->m[mi]->trans[le32_to_cpu(s->first)];
	u32 low = event ? le16_to_cpu(s->end[event - 1]) : 0;
	u32 end = le16_to_cpu(s->end[event]);
	u32 high = end, mid, u;

	if (low == end)
		return false;
	u = rtpl_rng_u32(rng);
	while (low < high) {
		mid = (low + high) / 2;
		if (u <= le32_to_cpu(t[mid].upto))
			high = mid;
		else
			low = mid + 1;
	}
	if (low == end)
		return false;
	*to = le16_to_cpu(t[low].to);
	return true;
}

static void draw_action(struct rtpl_machines *ms, u8 mi, u16 state, struct rtpl_rng *rng)
{
	const struct rtpl_machine *m = ms->m[mi];
	const struct rtpl_machine_state *s = &m->state[state];
	struct rtpl_machine_action *a = &ms->action[mi];

	*a = (struct rtpl_machine_action){ .kind = s->kind, .flags = s->flags };
	if (s->kind == RTPL_MACHINE_PAD || s->kind == RTPL_MACHINE_BLOCK)
		a->timeout = sample(m, le16_to_cpu(s->timeout), rng);
	if (s->kind == RTPL_MACHINE_BLOCK || s->kind == RTPL_MACHINE_TIMER)
		a->duration = sample(m, le16_to_cpu(s->duration), rng);
}

static bool transition(struct rtpl_machines *ms, u8 mi, u8 event, struct rtpl_rng *rng);

/* Return: true if that counter reached zero, for the first time since the trigger. */
static bool count(struct rtpl_machines *ms, u8 mi, const struct rtpl_machine_state *s, u8 c,
		  const u64 old[2], struct rtpl_rng *rng)
{
	u64 *counter = &ms->run[mi].counter[c];
	u16 dist = le16_to_cpu(s->by[c]);
	u64 by;

	if (s->op[c] == RTPL_MACHINE_KEEP)
		return false;
	if (dist == RTPL_MACHINE_NONE)
		by = 1;
	else if (dist == RTPL_MACHINE_OTHER)
		by = old[!c];
	else
		by = sample(ms->m[mi], dist, rng);

	if (s->op[c] == RTPL_MACHINE_ADD)
		*counter = add(*counter, by);
	else if (s->op[c] == RTPL_MACHINE_SUB)
		*counter = sub(*counter, by);
	else
		*counter = by;

	if (!old[c] || *counter || ms->zeroed[c])
		return false;
	ms->zeroed[c] = true;
	return true;
}

/*
 * Return: whether COUNTER_ZERO moved the machine on. This recurses at most twice in a trigger, once
 * for each counter.
 */
static bool update_counters(struct rtpl_machines *ms, u8 mi, bool *may_schedule,
			    struct rtpl_rng *rng)
{
	const struct rtpl_machine_state *s = state_of(ms, mi);
	u64 old[2] = { ms->run[mi].counter[0], ms->run[mi].counter[1] };
	bool zeroed, changed;

	*may_schedule = true;
	zeroed = count(ms, mi, s, 0, old, rng);
	zeroed |= count(ms, mi, s, 1, old, rng);
	if (!zeroed)
		return false;
	changed = transition(ms, mi, RTPL_MACHINE_COUNTER_ZERO, rng);
	*may_schedule = ms->action[mi].kind == RTPL_MACHINE_NOTHING;
	return changed;
}

/* Return: whether the state changed. */
static bool transition(struct rtpl_machines *ms, u8 mi, u8 event, struct rtpl_rng *rng)
{
	struct rtpl_machine_run *r = &ms->run[mi];
	const struct rtpl_machine *m = ms->m[mi];
	bool below, may_schedule, changed;
	u16 from = r->state, to;

	if (from == RTPL_MACHINE_END || !next_state(ms, mi, event, rng, &to))
		return false;
	if (to == RTPL_MACHINE_END) {
		r->state = to;
		return true;
	}
	if (to == RTPL_MACHINE_SIGNALS) {
		ms->signal = ms->signal == SIGNAL_NONE ? SIGNAL_OTHERS : SIGNAL_ALL;
		ms->signaller = mi;
		return false;
	}
	if (to != from) {
		r->state = to;
		r->limit = sample_limit(m, &m->state[to], rng);
	}
	/* Counters go before the action: an action that they lead to goes first, and stays. */
	below = below_limits(ms, mi);
	changed = update_counters(ms, mi, &may_schedule, rng);
	if (may_schedule && below)
		draw_action(ms, mi, to, rng);
	return changed || r->state != from;
}

/* An event counts against a state's limit, and the state stayed. */
static void decrement_limit(struct rtpl_machines *ms, u8 mi, struct rtpl_rng *rng)
{
	struct rtpl_machine_run *r = &ms->run[mi];

	if (r->state == RTPL_MACHINE_END)
		return;
	if (r->limit)
		r->limit--;
	if (r->limit || le16_to_cpu(state_of(ms, mi)->limit) == RTPL_MACHINE_NONE)
		return;
	ms->action[mi].kind = RTPL_MACHINE_NOTHING;
	transition(ms, mi, RTPL_MACHINE_LIMIT_REACHED, rng);
}

/* ---- events ---- */

static void process(struct rtpl_machines *ms, const struct rtpl_machine_traffic *e,
		    struct rtpl_rng *rng)
{
	u64 blocked = 0;
	u8 mi;

	switch (e->event) {
	case RTPL_MACHINE_PADDING_SENT:
		ms->padding = add(ms->padding, 1);
		if (e->machine >= ms->n)
			return;
		ms->run[e->machine].padding = add(ms->run[e->machine].padding, 1);
		fallthrough;
	case RTPL_MACHINE_TIMER_BEGIN:
		if (e->machine < ms->n && !transition(ms, e->machine, e->event, rng))
			decrement_limit(ms, e->machine, rng);
		return;
	case RTPL_MACHINE_TIMER_END:
		if (e->machine < ms->n)
			transition(ms, e->machine, e->event, rng);
		return;
	case RTPL_MACHINE_NORMAL_SENT:
		ms->normal = add(ms->normal, 1);
		break;
	case RTPL_MACHINE_BLOCKING_BEGIN:
		if (!ms->blocking)
			ms->block_start = ms->now;
		ms->blocking = true;
		break;
	case RTPL_MACHINE_BLOCKING_END:
		if (ms->blocking)
			blocked = sub(ms->now, ms->block_start);
		ms->blocked = add(ms->blocked, blocked);
		ms->blocking = false;
		break;
	case RTPL_MACHINE_NORMAL_RECV:
	case RTPL_MACHINE_PADDING_RECV:
	case RTPL_MACHINE_TUNNEL_RECV:
	case RTPL_MACHINE_TUNNEL_SENT:
		break;
	default:
		return;
	}

	for (mi = 0; mi < ms->n; mi++) {
		if (e->event == RTPL_MACHINE_NORMAL_SENT)
			ms->run[mi].normal = add(ms->run[mi].normal, 1);
		ms->run[mi].blocked = add(ms->run[mi].blocked, blocked);
		if (!transition(ms, mi, e->event, rng) &&
		    e->event == RTPL_MACHINE_BLOCKING_BEGIN && mi == e->machine)
			decrement_limit(ms, mi, rng);
	}
}

/* Only one round for each trigger, so that machines that signal one another come to an end. */
static void signal_machines(struct rtpl_machines *ms, struct rtpl_rng *rng)
{
	u8 except = ms->signal == SIGNAL_OTHERS ? ms->signaller : ms->n;
	u8 mi;

	if (ms->signal == SIGNAL_NONE)
		return;
	ms->signal = SIGNAL_NONE;
	for (mi = 0; mi < ms->n; mi++)
		if (mi != except)
			transition(ms, mi, RTPL_MACHINE_SIGNAL, rng);
	if (ms->signal != SIGNAL_NONE && except < ms->n) {
		ms->signal = SIGNAL_NONE;
		transition(ms, except, RTPL_MACHINE_SIGNAL, rng);
	} else {
		ms->signal = SIGNAL_NONE;
	}
}

void rtpl_machines_trigger(struct rtpl_machines *ms, const struct rtpl_machine_traffic *events,
			   u32 n, u64 now, struct rtpl_rng *rng)
{
	u32 i;

	memset(ms->action, 0, sizeof(ms->action));
	ms->zeroed[0] = false;
	ms->zeroed[1] = false;
	ms->now = now;
	for (i = 0; i < n; i++)
		process(ms, &events[i], rng);
	signal_machines(ms, rng);
}

void rtpl_machines_start(struct rtpl_machines *ms, const struct rtpl_machine *const *m, u8 n,
			 const struct rtpl_machines_limits *limits, u64 now,
			 struct rtpl_rng *rng)
{
	u8 mi;

	memset(ms, 0, sizeof(*ms));
	ms->limits = *limits;
	ms->start = now;
	ms->now = now;
	ms->n = min_t(u8, n, RTPL_MACHINES);
	for (mi = 0; mi < ms->n; mi++) {
		ms->m[mi] = m[mi];
		if (m[mi]->state[0].kind != RTPL_MACHINE_NOTHING)
			ms->run[mi].limit = sample_limit(m[mi], &m[mi]->state[0], rng);
	}
}

/**
 * rtpl_machines_ended() - have all machines reached their end?
 * @ms: the machines
 *
 * Context: Any; the caller serialises calls on @ms.
 * Return: true if they have: nothing more is wanted except what is under way.
 */
bool rtpl_machines_ended(const struct rtpl_machines *ms)
{
	u8 mi;

	for (mi = 0; mi < ms->n; mi++)
		if (ms->run[mi].state != RTPL_MACHINE_END)
			return false;
	return true;
}
