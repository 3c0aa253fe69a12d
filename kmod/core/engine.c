// SPDX-License-Identifier: GPL-2.0
/*
 * The shape engine: asks schedule, chaff and machines. Priority, highest first:
 *
 *	what may pass a machine's blocking > data by the schedule > the rest of a padded
 *	message > padding that machines ask for > chaff
 */
#include "engine.h"

#define NEVER		U64_MAX
#define MACHINE_ROUNDS	4		/* of RTPL_MACHINES_WORK timers, in one call ... */
#define SPIN_NS		1000000ULL	/* ... then it pauses */
#define CHAFF_REFUSED	16		/* cells that limits refuse in one call */
/* Events for one packet: 64 KB in the smallest cells that may be a shape's largest; 288. */
#define QUEUED_MAX	(RTPL_BLOCK_MAX / (RTPL_HANDSHAKE_MIN - RTPL_CELL_OVERHEAD))
#define MESSAGE_MAX	BIT_ULL(30)	/* bytes: a longer message is split */

enum owner { BY_SCHED, BY_MESSAGE, BY_CHAFF, BY_MACHINE, BY_THROUGH, BY_THROUGH_DATA };

static const struct rtpl_chaff no_chaff = { .kind = RTPL_CHAFF_NONE };

static const struct rtpl_sched_params *sched_of(const struct rtpl_engine *e)
{
	/* The shape has the rate, which may be set separately from the profile. */
	if (!e->end || e->end->sched.kind <= RTPL_SCHEDULE_CONST)
		return &e->plain;
	return &e->end->sched;
}

static const struct rtpl_chaff *chaff_of(const struct rtpl_engine *e)
{
	return e->end ? &e->end->chaff : &no_chaff;
}

static u16 room_of(const struct rtpl_engine *e)
{
	return e->cell - RTPL_CELL_OVERHEAD;
}

/* Bytes of blocks, in cells. */
static u32 cells_of(const struct rtpl_engine *e, u32 queued)
{
	return queued ? queued / room_of(e) + 1 : 0;
}

/* ---- the leakage meter ---- */

/* The bound that allows more leakage. */
static u8 loosest(u8 a, u8 b)
{
	static const u8 rank[] = {
		[RTPL_LEAK_NONE] = 0, [RTPL_LEAK_BITS] = 1, [RTPL_LEAK_DP] = 2,
		[RTPL_LEAK_UNBOUNDED] = 3,
	};

	return rank[a] > rank[b] ? a : b;
}

static u64 add_up(u64 a, u64 b)
{
	return a > U64_MAX - b ? U64_MAX : a + b;
}

/* What the schedule has revealed since it began. */
static void told(const struct rtpl_engine *e, struct rtpl_leak *leak)
{
	const struct rtpl_sched_params *p = sched_of(e);
	struct rtpl_sched_leak sched;

	memset(leak, 0, sizeof(*leak));
	rtpl_sched_leak(&e->sched, p, &sched);
	leak->choices = sched.choices;
	leak->changes = sched.changes;
	leak->mbits = sched.mbits;
	if (p->kind == RTPL_SCHEDULE_DP) {
		leak->kind = RTPL_LEAK_DP;
		leak->windows = e->sched.dp.taken;
		leak->epsilon = rtpl_dp_spent(&e->sched.dp, p->dp);
		leak->delta = leak->windows ? p->dp->delta : 0;
	} else if (sched.bounded) {
		leak->kind = sched.mbits ? RTPL_LEAK_BITS : RTPL_LEAK_NONE;
	}
}

/**
 * rtpl_engine_leak() - what the link has revealed: the leakage meter
 * @e: the engine
 * @leak: set; all zero if the link was never started
 *
 * All numbers are since the link's first start, over all its profiles: bits add up, and so do
 * epsilon and delta of accounts that are over (basic composition).
 *
 * Context: Any; the caller serialises calls on @e.
 */
void rtpl_engine_leak(const struct rtpl_engine *e, struct rtpl_leak *leak)
{
	memset(leak, 0, sizeof(*leak));
	if (!e->started)
		return;
	told(e, leak);
	leak->ever = loosest(e->past_kind, leak->kind);
	leak->choices = add_up(leak->choices, e->past.choices);
	leak->changes = add_up(leak->changes, e->past.changes);
	leak->mbits = add_up(leak->mbits, e->past.mbits);
	leak->windows = add_up(leak->windows, e->past.windows);
	leak->epsilon = add_up(leak->epsilon, e->past.epsilon);
	leak->delta = add_up(leak->delta, e->past.delta);
	leak->missed = e->sched.missed;
}

/*
 * A schedule that revealed @was is over: keep that. An account of private windows continues if the
 * profile does (not @other).
 */
static void remember(struct rtpl_engine *e, const struct rtpl_leak *was, bool other)
{
	struct rtpl_engine_past *past = &e->past;

	past->changes = add_up(past->changes, was->changes);
	past->mbits = add_up(past->mbits, was->mbits);
	if (was->kind == RTPL_LEAK_DP) {
		if (!other)
			return;
		past->windows = add_up(past->windows, was->windows);
		past->epsilon = add_up(past->epsilon, was->epsilon);
		past->delta = add_up(past->delta, was->delta);
		e->sched.dp.taken = 0;
	}
	past->choices = add_up(past->choices, was->choices);
}

/* ---- life ---- */

/* A size that an idle link may never send would hold up all chaff. */
static void bound_chaff_cell(struct rtpl_engine *e)
{
	if (e->end && !rtpl_limits_fit(&e->of->limits, e->chaff_cell))
		e->chaff_cell = rtpl_pad_pick(&e->shape, 0, e->cell);
}

/*
 * Size of the next cell without data: any, or chaff could be told by it. But where data leaves as
 * it comes the smallest: data then never waits but behind a cell of chaff that a slow line is
 * sending, and a larger one would make it wait for longer.
 */
static void draw_chaff_cell(struct rtpl_engine *e)
{
	if (sched_of(e)->kind == RTPL_SCHEDULE_ASAP)
		e->chaff_cell = rtpl_pad_pick(&e->shape, 0, e->cell);
	else
		e->chaff_cell = rtpl_pad_any(&e->shape, e->cell, &e->rng);
	bound_chaff_cell(e);
}

/*
 * After a change of sizes or path. Draws nothing: the sequence of random numbers depends on what
 * the engine is told and asked, and settings may be set again as they are.
 */
static void fit_chaff_cell(struct rtpl_engine *e)
{
	u16 had = max_t(u16, e->chaff_cell, RTPL_CELL_MIN);

	if (sched_of(e)->kind == RTPL_SCHEDULE_ASAP)
		had = RTPL_CELL_OVERHEAD;
	e->chaff_cell = rtpl_pad_pick(&e->shape, had - RTPL_CELL_OVERHEAD, e->cell);
	bound_chaff_cell(e);
}

static void set(struct rtpl_engine *e, const struct rtpl_shape *s, const struct rtpl_profile *p,
		enum rtpl_end end)
{
	e->of = p;
	e->end = p ? &p->end[end] : NULL;
	e->shape = *s;
	e->plain = (struct rtpl_sched_params){
		.kind = s->sched == RTPL_SCHEDULE_CONST ? RTPL_SCHEDULE_CONST :
							  RTPL_SCHEDULE_ASAP,
		.rate = s->rate,
	};
	e->listens = rtpl_sched_listens(sched_of(e)) || (e->end && e->end->n_machines);
	e->listens_got = e->listens || rtpl_chaff_listens_got(chaff_of(e));
	fit_chaff_cell(e);
	e->grid = sched_of(e)->kind == RTPL_SCHEDULE_INTERVAL && !sched_of(e)->interval.chaff;
	e->fills = rtpl_sched_fills(sched_of(e));
	e->counts = sched_of(e)->kind == RTPL_SCHEDULE_DP;
	e->demand = rtpl_sched_demand(sched_of(e));
}

static void start_parts(struct rtpl_engine *e, u64 now)
{
	const struct rtpl_machine *m[RTPL_MACHINES];
	u8 i;

	e->blocked = false;
	e->message = 0;
	e->message_sent = 0;
	if (!e->end)
		return;
	rtpl_chaff_start(&e->chaff, &e->end->chaff, now, &e->rng);
	for (i = 0; i < e->end->n_machines; i++)
		m[i] = &e->end->machine[i];
	rtpl_machines_start(&e->machines, m, e->end->n_machines, &e->end->machines, now, &e->rng);
}

void rtpl_engine_start(struct rtpl_engine *e, const struct rtpl_shape *s,
		       const struct rtpl_profile *p, enum rtpl_end end, u16 cell, u64 now,
		       const u8 *seed)
{
	struct rtpl_leak was;

	if (seed)
		rtpl_rng_seed(&e->rng, seed);
	if (e->started) {
		told(e, &was);
		e->past_kind = loosest(e->past_kind, was.kind);
		remember(e, &was, p != e->of);
	} else {
		e->past_kind = RTPL_LEAK_NONE;
	}
	e->cell = max_t(u16, cell, RTPL_HANDSHAKE_MIN);
	set(e, s, p, end);
	draw_chaff_cell(e);
	rtpl_sched_start(&e->sched, sched_of(e), room_of(e), now);
	start_parts(e, now);
	e->full = false;
	e->started = true;
	e->skips = 0;
}

/**
 * rtpl_engine_change() - change shape or profile while running
 * @e: the engine; before its first start the settings are only kept
 * @s: the link's shape, checked
 * @p: checked profile, or NULL; stays valid until the next start or change
 * @end: which end this is
 * @now: ns
 *
 * From constant rate to constant rate the schedule continues without a gap. Any other schedule that
 * changes begins at @now, but never before what has already left. Chaff and machines begin anew
 * only if the profile or @end changes.
 *
 * Context: Any; the caller serialises calls on @e.
 */
void rtpl_engine_change(struct rtpl_engine *e, const struct rtpl_shape *s,
			const struct rtpl_profile *p, enum rtpl_end end, u64 now)
{
	bool other = p != e->of || (p && e->end != &p->end[end]);
	u8 kind = e->sched.kind;
	struct rtpl_leak was;

	if (!e->started) {
		set(e, s, p, end);
		return;
	}
	told(e, &was);
	e->past_kind = loosest(e->past_kind, was.kind);
	set(e, s, p, end);
	/* With the same profile only a constant rate can change. */
	if (other || sched_of(e)->kind <= RTPL_SCHEDULE_CONST) {
		/* From one rate to another the schedule continues. */
		if (kind > RTPL_SCHEDULE_CONST || sched_of(e)->kind > RTPL_SCHEDULE_CONST)
			remember(e, &was, other);
		rtpl_sched_change(&e->sched, sched_of(e), now);
	}
	if (!other)
		return;
	e->count.switches++;
	start_parts(e, now);
}

/**
 * rtpl_engine_cell() - set the cell size that the path carries
 * @e: the engine, started
 * @cell: bytes of the largest one (UDP payload); less than RTPL_HANDSHAKE_MIN counts as that
 *
 * Context: Any; the caller serialises calls on @e.
 */
void rtpl_engine_cell(struct rtpl_engine *e, u16 cell)
{
	cell = max_t(u16, cell, RTPL_HANDSHAKE_MIN);
	if (cell == e->cell)
		return;
	e->cell = cell;
	fit_chaff_cell(e);
	rtpl_sched_room(&e->sched, room_of(e));
}

/**
 * rtpl_engine_behind() - tell what waits behind the link's queue
 * @e: the engine
 * @bytes: of packets that the link will be given when it has room for them
 *
 * They count where a schedule decides by how much there is to send (@e->demand), but no departure
 * is made for them. The number holds until it is set anew.
 *
 * Context: Any; the caller serialises calls on @e.
 */
void rtpl_engine_behind(struct rtpl_engine *e, u32 bytes)
{
	e->sched.behind = bytes;
}

/**
 * rtpl_engine_full() - tell whether the block under way has a cell to spare for chaff
 * @e: the engine
 * @full: it has none
 *
 * If it has none, chaff that would leave alone waits, and data goes first. Holds until it is set
 * anew, or to the next start.
 *
 * Context: Any; the caller serialises calls on @e.
 */
void rtpl_engine_full(struct rtpl_engine *e, bool full)
{
	e->full = full;
}

/* ---- events ---- */

static void count_chaff(struct rtpl_engine *e)
{
	switch (e->owner) {
	case BY_SCHED:
		e->count.chaff_sched++;
		break;
	case BY_MESSAGE:
		e->count.chaff_message++;
		break;
	case BY_CHAFF:
		e->count.chaff_wanted++;
		break;
	default:
		e->count.chaff_machine++;
		break;
	}
}

/* Data took the place of a cell of cover: limits count that as if it had been sent. */
static void stood_in(struct rtpl_engine *e, u64 now)
{
	const struct rtpl_limits *l = &e->of->limits;

	if (rtpl_limits_may(&e->limits, l, now, e->chaff_cell, RTPL_LIMITS_BY_TIME))
		return;
	rtpl_limits_traffic(&e->limits, l, RTPL_SENT_CHAFF, now, e->chaff_cell,
			    RTPL_LIMITS_BY_TIME);
	draw_chaff_cell(e);
}

void rtpl_engine_traffic(struct rtpl_engine *e, enum rtpl_traffic_event what, u64 now, u32 bytes)
{
	u32 n = 1;

	if (!e->started)
		return;
	if (what == RTPL_SENT_CHAFF)
		count_chaff(e);
	rtpl_sched_traffic(&e->sched, sched_of(e), &e->rng, what, now, bytes);
	if (!e->end)
		return;
	if (what == RTPL_SENT_DATA || what == RTPL_SENT_CHAFF) {
		rtpl_limits_traffic(&e->limits, &e->of->limits, what, now, bytes,
				    e->owner == BY_CHAFF && e->by_time ? RTPL_LIMITS_BY_TIME :
									 RTPL_LIMITS_BY_TRAFFIC);
		if (e->of->messages)
			e->message_sent += bytes;
	}
	if (rtpl_chaff_traffic(&e->chaff, &e->end->chaff, what, now, bytes))
		stood_in(e, now);
	if (!e->end->n_machines)
		return;
	/* A super-packet is as many packets to them as it fills cells, in bounds. */
	if (what == RTPL_QUEUED)
		n = clamp_t(u32, (bytes + room_of(e) / 2) / room_of(e), 1, QUEUED_MAX);
	while (n--)
		rtpl_machines_traffic(&e->machines, what, now, &e->rng);
}

/* ---- departures ---- */

/* Leave at once, but not before what was already built. */
static enum rtpl_engine_answer send(struct rtpl_engine *e, enum owner owner, u32 cells, u64 now,
				    u16 batch, struct rtpl_departure *d)
{
	bool later = e->sched.left > now;

	e->owner = owner;
	*d = (struct rtpl_departure){
		.at = later ? e->sched.left : 0,
		.timed = later,
		.cells = min_t(u32, cells, batch),
		.size = e->chaff_cell,
		.chaff = true,
		.close = owner == BY_MESSAGE,
		.alone = owner == BY_THROUGH,
	};
	return RTPL_ENGINE_SEND;
}

/*
 * As send(), but in the schedule's next slot if it has a grid: otherwise all that leaves there
 * would be data. Return: RTPL_ENGINE_WAKE to wait for the slot, until @wake at the latest.
 */
static enum rtpl_engine_answer in_slot(struct rtpl_engine *e, enum owner owner, u32 cells,
				       u64 now, u16 batch, u64 *wake, struct rtpl_departure *d)
{
	if (!e->grid)
		return send(e, owner, cells, now, batch, d);
	rtpl_sched_next(&e->sched, sched_of(e), &e->rng, now, cells, batch, d);
	if (d->at > now + e->sched.lead) {
		*wake = min(*wake, d->at - e->sched.lead);
		return RTPL_ENGINE_WAKE;
	}
	e->owner = owner;
	d->size = e->chaff_cell;
	d->chaff = true;
	return RTPL_ENGINE_SEND;
}

static bool may(struct rtpl_engine *e, u64 now, bool by_time)
{
	enum rtpl_limits_cause cause = RTPL_LIMITS_BY_TIME;
	enum rtpl_limits_why why;

	if (!by_time)
		cause = rtpl_chaff_timed(chaff_of(e)) ? RTPL_LIMITS_BESIDE : RTPL_LIMITS_BY_TRAFFIC;
	why = rtpl_limits_may(&e->limits, &e->of->limits, now, e->chaff_cell, cause);
	if (why == RTPL_LIMITS_OK)
		return true;
	e->count.refused[why]++;
	/* A size for which there may never be enough data must not hold up smaller ones. */
	if (why == RTPL_LIMITS_OVERHEAD && !e->of->limits.free)
		draw_chaff_cell(e);
	return false;
}

/* A machine wants its data held: may it still, or is the latency budget nearly used up? */
static bool hold(struct rtpl_engine *e, u64 now, u32 queued, u64 oldest, u64 *wake)
{
	u64 until;

	if (!queued || !e->shape.latency_ns || !oldest)
		return true;
	until = oldest + e->shape.latency_ns - e->shape.latency_ns / 16;
	if (now < until) {
		*wake = min(*wake, until);
		return true;
	}
	e->count.overruled++;
	return false;
}

/*
 * Let the machines' timers expire. Sets @w to what they want now, e->blocked and @wake. Return: do
 * they want data held that may be held no longer?
 */
static bool run_machines(struct rtpl_engine *e, u64 now, u32 queued, u64 oldest,
			 struct rtpl_machines_want *w, u64 *wake)
{
	int rounds = MACHINE_ROUNDS;

	while (rounds-- && rtpl_machines_next(&e->machines) <= now)
		rtpl_machines_run(&e->machines, cells_of(e, queued), now, &e->rng);
	rtpl_machines_wants(&e->machines, w);
	/* Limit the processor time of machines that spin. */
	*wake = min(*wake, max(rtpl_machines_next(&e->machines), rounds < 0 ? now + SPIN_NS : now));
	e->blocked = w->blocked && hold(e, now, queued, oldest, wake);
	return w->blocked && !e->blocked;
}

static void machines_took(struct rtpl_engine *e, enum owner owner, u32 cells)
{
	struct rtpl_machines_want sent = {
		.chaff = owner == BY_MACHINE ? cells : 0,
		.through = owner == BY_THROUGH ? cells : 0,
		.through_data = owner == BY_THROUGH_DATA ? cells : 0,
	};

	rtpl_machines_took(&e->machines, &sent);
}

/* For whole messages: determine the length of the waiting one. */
static void measure(struct rtpl_engine *e, u32 queued)
{
	u64 want = e->message_sent + (u64)cells_of(e, queued) * e->cell;

	if (!e->message || want > MESSAGE_MAX) {
		e->message_sent = 0;
		want = min_t(u64, (u64)cells_of(e, queued) * e->cell, MESSAGE_MAX);
		e->message = rtpl_noise_size_pick(&e->of->noise, want, &e->rng);
		return;
	}
	e->message = rtpl_noise_size_grown(&e->of->noise, e->message, want, &e->rng);
}

/*
 * No data may leave now, though @held some waits: find chaff that is due. Return: as in_slot();
 * IDLE if none is.
 */
static enum rtpl_engine_answer idle(struct rtpl_engine *e, u64 now, u32 machine, u16 batch,
				    bool held, u64 *wake, struct rtpl_departure *d)
{
	const struct rtpl_chaff *c = &e->end->chaff;
	int tries = CHAFF_REFUSED;
	u64 at;

	/* What is held takes the place of the rest of the message before it. */
	if (e->message && !held) {
		if (e->message_sent < e->message)
			return in_slot(e, BY_MESSAGE,
				       div_u64(e->message - e->message_sent + e->cell - 1, e->cell),
				       now, batch, wake, d);
		e->message = 0;
		e->message_sent = 0;
	}
	for (; machine && tries; tries--, machine--) {
		if (may(e, now, false))
			return in_slot(e, BY_MACHINE, 1, now, batch, wake, d);
		machines_took(e, BY_MACHINE, 1);
	}
	for (; tries; tries--) {
		at = rtpl_chaff_next(&e->chaff, c, 0);
		if (at > now) {
			*wake = min(*wake, at);
			return RTPL_ENGINE_IDLE;
		}
		e->by_time = rtpl_chaff_by_time(&e->chaff, c);
		if (may(e, now, e->by_time))
			return in_slot(e, BY_CHAFF, 1, now, batch, wake, d);
		rtpl_chaff_take(&e->chaff, c, now, false);
	}
	*wake = now;
	return RTPL_ENGINE_IDLE;
}

enum rtpl_engine_answer
rtpl_engine_next(struct rtpl_engine *e, u64 now, u64 lead, u32 queued, u64 oldest,
		 u16 batch, struct rtpl_departure *d)
{
	struct rtpl_machines_want w = {};
	int tries = CHAFF_REFUSED;
	enum rtpl_engine_answer answer;
	u64 wake = NEVER;
	bool held = false;

	if (!e->started)
		return RTPL_ENGINE_IDLE;
	e->sched.lead = lead;
	e->sched.bytes = queued;
	if (e->end && e->end->n_machines) {
		/* What came later may be held longer: let go a cell, and ask again. */
		if (run_machines(e, now, queued, oldest, &w, &wake))
			batch = 1;
		for (; w.through && tries && !e->full; w.through--, tries--) {
			if (may(e, now, false))
				return send(e, BY_THROUGH, 1, now, batch, d);
			machines_took(e, BY_THROUGH, 1);
		}
		/* Data takes the place of this padding, if there is any. Limits are for padding. */
		if (w.through_data && queued)
			return send(e, BY_THROUGH_DATA,
				    min(w.through_data, max(queued / room_of(e), 1U)), now, batch,
				    d);
		for (; w.through_data && tries; w.through_data--, tries--) {
			if (may(e, now, false))
				return send(e, BY_THROUGH_DATA, 1, now, batch, d);
			machines_took(e, BY_THROUGH_DATA, 1);
		}
		if (!tries)
			wake = now;
	}

	/* On a grid, chaff is asked first whether it wants the slot: see below. */
	if (!e->blocked && (queued || !e->grid) &&
	    rtpl_sched_next(&e->sched, sched_of(e), &e->rng, now, cells_of(e, queued), batch, d)) {
		if (!d->timed || d->at <= now + lead) {
			e->owner = BY_SCHED;
			if (d->exact)
				d->size = rtpl_pad_pick(&e->shape,
							max_t(u16, d->size, RTPL_CELL_OVERHEAD) -
							RTPL_CELL_OVERHEAD, e->cell);
			if (queued && e->end && e->of->messages)
				measure(e, queued);
			return RTPL_ENGINE_SEND;
		}
		wake = min(wake, d->at - lead);
		/* Chaff that stopped whenever a packet is held would tell of it. */
		held = e->sched.kind == RTPL_SCHEDULE_JITTER;
	}
	if (e->end && (!queued || (held && !e->full)) && !e->blocked) {
		answer = idle(e, now, w.chaff, batch, held, &wake, d);
		if (held)
			d->alone = true;
		if (answer == RTPL_ENGINE_SEND)
			return answer;
		/* Nothing wants a slot: the next one that is past is not to be used late. */
		if (answer == RTPL_ENGINE_IDLE && e->grid)
			rtpl_sched_next(&e->sched, sched_of(e), &e->rng, now, 0, batch, d);
	}
	if (wake == NEVER)
		return RTPL_ENGINE_IDLE;
	*d = (struct rtpl_departure){ .at = wake };
	return RTPL_ENGINE_WAKE;
}

bool rtpl_engine_always(const struct rtpl_engine *e, const struct rtpl_departure *d)
{
	return e->owner == BY_SCHED && d->timed && d->chaff;
}

bool rtpl_engine_skip(struct rtpl_engine *e, const struct rtpl_departure *d)
{
	if (!rtpl_engine_always(e, d))
		return false;
	e->skips = e->skips << 1 | 1;
	rtpl_sched_skip(&e->sched, sched_of(e), d);
	return true;
}

/**
 * rtpl_engine_take() - note that a departure is being built
 * @e: the engine
 * @d: from the last rtpl_engine_next()
 * @now: ns
 *
 * Afterwards, report each of its cells to rtpl_engine_traffic() as sent.
 *
 * Context: Any; the caller serialises calls on @e.
 */
void rtpl_engine_take(struct rtpl_engine *e, const struct rtpl_departure *d, u64 now)
{
	if (rtpl_engine_always(e, d))
		e->skips <<= 1;
	if (e->owner == BY_SCHED || (e->grid && d->timed))
		rtpl_sched_take(&e->sched, sched_of(e), d);
	if (d->size && !d->exact)
		draw_chaff_cell(e);
	switch (e->owner) {
	case BY_SCHED:
		break;
	case BY_CHAFF:
		rtpl_chaff_take(&e->chaff, &e->end->chaff, now, true);
		break;
	case BY_MESSAGE:
		break;
	default:
		machines_took(e, e->owner, d->cells);
		break;
	}
}

/**
 * rtpl_engine_departs() - when the last byte of a block leaves, if it begins now
 * @e: the engine
 * @d: from the last rtpl_engine_next()
 * @index: the cell of @d that is being filled
 * @bytes: of the block, framing included
 * @room: bytes still free in that cell
 * @per_cell: blocks' bytes of each later cell
 *
 * This is rtpl_sched_departs() for the latency budget. It assumes that later slots are skipped as
 * often as the last 64 were.
 *
 * Context: Any; the caller serialises calls on @e.
 * Return: ns; @d->at if not timed; U64_MAX: never.
 */
u64 rtpl_engine_departs(const struct rtpl_engine *e, const struct rtpl_departure *d, u16 index,
			u32 bytes, u16 room, u16 per_cell)
{
	u32 skipped = hweight64(e->skips);
	u64 at;

	if (e->owner != BY_SCHED)
		return d->at;
	at = rtpl_sched_departs(&e->sched, sched_of(e), d, index, bytes, room, per_cell);
	if (likely(!skipped) || at == d->at || at - d->at >= BIT_ULL(56))
		return at;
	return skipped == 64 ? U64_MAX : at + div_u64((at - d->at) * skipped, 64 - skipped);
}

/* Slots so far apart leave time to fetch data for the next one after a slot was built. */
#define SLOTS_FAR	500000U		/* ns */

/* Cells of one slot, and the shortest time from one to the next. */
static u32 slot_of(const struct rtpl_sched_params *p, u64 *apart)
{
	u32 rate = p->rate;

	switch (p->kind) {
	case RTPL_SCHEDULE_LADDER:
		rate = p->ladder.rate[p->ladder.n - 1];
		fallthrough;
	case RTPL_SCHEDULE_CONST:
		*apart = rtpl_pace_tick(rate);
		return rtpl_pace_batch(rate);
	case RTPL_SCHEDULE_INTERVAL:
		*apart = p->interval.jitter.n ? 0 : p->interval.period_ns;
		return p->interval.cells;
	case RTPL_SCHEDULE_TAMARAW:
		*apart = p->tamaraw.period_ns;
		return p->tamaraw.cells;
	default:
		*apart = 0;
		return RTPL_PACE_BATCH_MAX;
	}
}

/**
 * rtpl_engine_ahead() - cells of data that should wait ready for the schedule's slots
 * @e: the engine
 *
 * One slot's, or two where slots are near: what waits ready is sent in the order in which it came,
 * and what waits behind it in that of the class's qdisc. For a ladder, at its highest rate.
 *
 * Context: Any; the caller serialises calls on @e.
 * Return: cells; 0 for schedules that follow the data: as it comes, jitter, regulator, exchange.
 */
u32 rtpl_engine_ahead(const struct rtpl_engine *e)
{
	const struct rtpl_sched_params *p = sched_of(e);
	u64 apart;
	u32 cells;

	switch (p->kind) {
	case RTPL_SCHEDULE_ASAP:
	case RTPL_SCHEDULE_JITTER:
	case RTPL_SCHEDULE_REGULATOR:
	case RTPL_SCHEDULE_EXCHANGE:
		return 0;
	default:
		cells = slot_of(p, &apart);
		return apart < SLOTS_FAR ? 2 * cells : cells;
	}
}

/**
 * rtpl_engine_fills() - does the schedule fill every slot, so that the link never falls silent?
 * @e: the engine
 *
 * Context: Any; the caller serialises calls on @e.
 * Return: false also before the first start.
 */
bool rtpl_engine_fills(const struct rtpl_engine *e)
{
	return e->started && e->fills;
}
