// SPDX-License-Identifier: GPL-2.0
/*
 * Exchanges: a request's burst and its answer's, each padded to a target by its volume, with cover
 * in the answer's place (exchange.h).
 *
 *	        data of this end                           data of the other
 *	asks  <------------------------  nobody  ------------------------>  answers
 *
 * A role begins with the first data while nobody has one, large or small, and lasts for all that
 * follows, however often it goes to and fro: what who answers sends is an answer or more of one,
 * never a request. It ends when there was neither data nor cover, either way, for as long as cover
 * may last (most and linger slots), or for the idle time where a large request got no large cell
 * and no cover yet: its answer is still to come. After that either end may ask, whoever asked
 * before.
 *
 *	large, both at once	both ask: each takes the other's for its answer, and none has cover
 *				until the roles end
 *	a push			is a request, or within the roles more of the last answer
 *	a small request		settles the roles; a large answer to it is silent, its slots begin
 *				with the request's cell
 *	an endless request	what is large and waits for spread slots is answered meanwhile
 *	one behind the other	the answer is planned anew by the last one
 *
 * While only small cells went either way what is small waits for a step: for what comes with it.
 *
 * Who asks sends at once, in steps of a pace that grows with what was sent, as a connection's
 * window does; a step that data does not fill takes chaff, up to the target. Its acknowledgements,
 * and those of who answers while the burst lasts, wait for replies: small cells, one for so many
 * large ones that came, and one a while after the last. So they show what was seen anyway.
 *
 * Who answers counts slots from the last cell of the request. What it sends leaves at their ends.
 */
#include "sched.h"

enum role { NOBODY, ASKS, ANSWERS };
enum what { OPENING, STEP, FREELY, REPLY, SLOT };

#define OWED_MOST	64			/* replies */
#define LATE		3			/* slots that what acknowledges may be late */
#define STEP_MOST	RTPL_PACE_BATCH_MAX	/* cells of a step */

static u32 room_of(u32 cell)
{
	return cell - RTPL_CELL_OVERHEAD;
}

/* Bytes of the cells that blocks of so many bytes take. */
static u32 volume_of(const struct rtpl_sched_state *st, u32 bytes)
{
	u64 cells = bytes / st->room + 1, all = bytes + cells * RTPL_CELL_OVERHEAD;

	return bytes ? min_t(u64, all, RTPL_EXCHANGE_BYTES) : 0;
}

static int exchange_check(const struct rtpl_sched_params *p, const char **why)
{
	return rtpl_exchange_check(p->exchange, why);
}

/* Slots of cover that so many bytes of blocks take. */
static u64 slots_of(const struct rtpl_exchange *x, u32 bytes)
{
	return DIV_ROUND_UP(bytes, room_of(x->cover));
}

/*
 * An answer that is ready before all of its request came, chaff with it, waits for the end of that:
 * it is planned by the target. No longer than an answer may take, or both ends ask, as for a
 * transfer either way.
 */
static u64 hold_of(const struct rtpl_exchange *x)
{
	return x->spread * x->slot_ns;
}

/* While a request comes, then a slot for each cell of cover, a step behind what left. */
static u64 exchange_delay(const struct rtpl_sched_params *p)
{
	const struct rtpl_exchange *x = p->exchange;

	return hold_of(x) + slots_of(x, room_of(x->spread * x->cover)) * x->slot_ns + x->pace_ns;
}

static void exchange_start(struct rtpl_sched_state *st, const struct rtpl_sched_params *p, u64 now)
{
}

/* ---- what is drawn ---- */

/* The target of a burst of who asks, for a volume; no less than that. */
static u32 ask(const struct rtpl_exchange *x, const struct rtpl_exchanging *e, u32 volume)
{
	u8 class = rtpl_exchange_class(x->up, x->n_up, volume);
	const struct rtpl_exchange_choice *c;

	if (class == x->n_up)
		return volume;
	c = rtpl_exchange_draw(x, rtpl_exchange_key(RTPL_EXCHANGE_ASK, class, 0, 0, 0, 0),
			       e->u_burst);
	return x->up[c ? c->to : class];
}

/*
 * Cells that were not full make a request's volume look larger than who sent it knew: where there
 * is no row, that of the next smaller volume counts.
 */
static const struct rtpl_exchange_choice *
plan_choice(const struct rtpl_exchange *x, const struct rtpl_exchanging *e, u32 chance)
{
	const struct rtpl_exchange_choice *c;
	u8 up = e->up;
	u64 key;

	do {
		key = rtpl_exchange_key(RTPL_EXCHANGE_PLAN, up, e->target, 0, 0, 0);
		c = rtpl_exchange_draw(x, key, chance);
	} while (!c && up--);
	return c;
}

/* Nor need an answer be like one that the tables were made from. Looks at each row once at most. */
static const struct rtpl_exchange_choice *
answer_choice(const struct rtpl_exchange *x, const struct rtpl_exchanging *e, u8 slot, u8 down)
{
	u8 fits = rtpl_exchange_class(x->down, x->n_down, x->spread * x->cover + 1);
	const struct rtpl_exchange_choice *c;
	u8 up = e->up;
	u64 key;

	do {
		key = rtpl_exchange_key(RTPL_EXCHANGE_ANSWER, up, e->target, e->plan, slot, down);
		c = rtpl_exchange_near(x, key, fits, e->u_answer);
	} while (!c && up--);
	return c;
}

static u8 class_up(const struct rtpl_exchange *x, u32 volume)
{
	return min_t(u8, rtpl_exchange_class(x->up, x->n_up, volume), x->n_up - 1);
}

/* Nothing was sent yet, and slots begin at @anchor. */
static void plan_from(struct rtpl_exchanging *e, u64 anchor)
{
	e->planned = true;
	e->answered = false;
	e->lingers = 0;
	e->slot = 1;
	e->last_slot = 0;
	e->anchor = anchor;
	e->sent = 0;
	e->base = 0;
	e->data = 0;
	e->exchanges++;
}

/* Cover or none, by what came of the request. */
static void plan(struct rtpl_exchanging *e, const struct rtpl_exchange *x, struct rtpl_rng *rng)
{
	const struct rtpl_exchange_choice *c;
	u64 drawn = rtpl_rng_u64(rng);

	e->u_answer = drawn;
	e->up = class_up(x, e->heard_data);
	e->target = class_up(x, e->heard);
	c = plan_choice(x, e, drawn >> 32);
	e->plan = c ? c->to : RTPL_EXCHANGE_SILENT;
	plan_from(e, e->heard_at);
	e->covers = e->plan != RTPL_EXCHANGE_SILENT;
}

/* The answer has this volume so far. Return: its target; sets until which slot cover lasts. */
static u32 answer(struct rtpl_exchanging *e, const struct rtpl_exchange *x, u32 volume)
{
	u8 slot = rtpl_exchange_class(x->slots, x->n_slots, e->answer_slot);
	u8 down = rtpl_exchange_class(x->down, x->n_down, volume);
	const struct rtpl_exchange_choice *c = NULL;

	if (slot < x->n_slots && down < x->n_down)
		c = answer_choice(x, e, slot, down);
	if (c)
		slot = max(slot, c->to);
	if (slot < x->n_slots)
		e->last_slot = max(e->last_slot, x->slots[slot]);
	if (down == x->n_down)
		return volume;
	return x->down[c ? max(down, c->volume) : down];
}

/* ---- the end of a burst ---- */

static void end_burst(struct rtpl_exchanging *e, const struct rtpl_exchange *x)
{
	e->burst = false;
	/* What the replies were for went with it. */
	e->owed = 0;
	e->credit = 0;
	if (!e->planned)
		return;
	if (!e->answered) {
		e->sent = 0;
		e->base = 0;
	} else if (!e->covers) {
		e->lingers = x->linger;
	}
}

/* The volumes that are padded end here. */
static u32 top(const struct rtpl_exchanging *e, const struct rtpl_exchange *x)
{
	return e->answers ? x->down[x->n_down - 1] : x->up[x->n_up - 1];
}

static bool beyond(const struct rtpl_exchanging *e, const struct rtpl_exchange *x)
{
	return e->burst && e->goal - e->base > top(e, x);
}

/*
 * Nothing waits of what is beyond the tables. For a slot more of it may come, and is not held: a
 * connection has no more on its way than its window, and a sender no more in a queue than it must.
 */
static bool goes_on(const struct rtpl_exchanging *e, const struct rtpl_exchange *x, u64 ahead)
{
	return beyond(e, x) && rtpl_since(ahead, e->at) < x->slot_ns;
}

/* What is beyond the tables ends a slot after its last cell, though nobody asked since. */
static void end_beyond(struct rtpl_exchanging *e, const struct rtpl_exchange *x, u64 now)
{
	if (!e->since && beyond(e, x) && !goes_on(e, x, now))
		end_burst(e, x);
}

/* ---- what waits ---- */

/* What waits has come since @since; for what comes from @now on that is counted anew. */
static void wait_from(struct rtpl_exchanging *e, u64 since, u64 now)
{
	e->since = since;
	e->mark = e->told;
	e->mark_at = now;
}

/* Since when what waits does, no later than in fact: told of each packet, not of which left. */
static void waits(struct rtpl_sched_state *st, const struct rtpl_exchange *x, u64 now, u32 bytes)
{
	struct rtpl_exchanging *e = &st->exchange;

	if (!bytes) {
		e->since = 0;
		e->large_since = 0;
		return;
	}
	if (!e->since) {
		/* Nobody told: it came as this was asked, or waited behind another schedule. */
		wait_from(e, now, now);
		if (bytes > room_of(x->small))
			e->large_since = now;
	} else if (st->bytes <= e->told - e->mark) {
		/* All that had come by then left. */
		wait_from(e, e->mark_at, now);
	}
	/* So much that is small does not only acknowledge. */
	if (unlikely(bytes > x->cover) && !e->large_since && bytes > room_of(x->spread * x->cover))
		e->large_since = e->since;
}

/* Small cells for all that waits: no packet waits for those before it. */
static u16 smalls(const struct rtpl_sched_state *st, const struct rtpl_exchange *x, u32 queued)
{
	u32 room = room_of(x->small);

	if (!queued || st->bytes <= room)
		return 1;
	return min_t(u32, DIV_ROUND_UP(st->bytes, room), STEP_MOST);
}

/* ---- events ---- */

/* The answer is over, and what waits belongs to nothing that shows. */
static bool done(const struct rtpl_exchanging *e)
{
	return e->answered && !e->covers && !e->lingers && !e->large_since;
}

/* A large cell of a request, which goes on in its @first slot: its answer is planned anew then. */
static void heard(struct rtpl_exchanging *e, bool data, bool first, u64 now, u32 bytes)
{
	if (!e->hearing && !first) {
		e->heard = 0;
		e->heard_data = 0;
		e->early = 0;
	}
	e->hearing = true;
	e->heard_at = now;
	e->heard = min_t(u32, e->heard + bytes, RTPL_EXCHANGE_BYTES);
	if (data)
		e->heard_data = min_t(u32, e->heard_data + bytes, RTPL_EXCHANGE_BYTES);
	if (e->role == ANSWERS)
		e->planned = false;
	e->came = false;
}

/*
 * Small data came: perhaps a request, and what it gets that is large is a silent answer. Close
 * behind an answer it may acknowledge that, and more of it may come.
 */
static void small_request(struct rtpl_exchanging *e, const struct rtpl_exchange *x, u64 now)
{
	if (e->role != ANSWERS || e->hearing || e->burst)
		return;
	if (e->planned &&
	    (!done(e) || rtpl_since(now, e->active) <= (x->linger + LATE) * x->slot_ns))
		return;
	e->planned = false;
	e->heard_at = now;
}

/*
 * Chaff alone is no request: a burst begins with data. Or two ends, one of which takes the other's
 * cover for a request, would answer each other's cover with cover for ever.
 */
static void got(struct rtpl_exchanging *e, const struct rtpl_exchange *x, bool data, u64 now,
		u32 bytes)
{
	bool first;

	e->seen = now;
	if (e->role == NOBODY && data) {
		e->role = ANSWERS;
		e->chats = true;
	}
	if (bytes <= x->small) {
		if (data) {
			small_request(e, x, now);
			e->active = now;
		}
		/* What lingers behind an answer. With no bound two that ask would never end. */
		if (e->role == ASKS && !e->open && e->echoes) {
			e->echoes--;
			e->reply_at = now + x->reply_ns;
		}
		return;
	}
	e->active = now;
	e->open = false;
	e->chats = false;
	e->echoes = x->linger;
	first = e->planned && e->slot == 1 && rtpl_since(now, e->anchor) < x->slot_ns;
	if (data || e->hearing || first)
		heard(e, data, first, now, bytes);
	if (++e->credit >= x->every) {
		e->credit = 0;
		e->owed = min(e->owed + 1, OWED_MOST);
	}
	e->reply_at = now + x->reply_ns;
}

/* The answer to a large request is still to come, and nothing says when. */
static bool unanswered(const struct rtpl_exchanging *e)
{
	return e->role == ASKS ? e->open :
	       e->planned && !e->answered && e->plan == RTPL_EXCHANGE_SILENT;
}

/* The roles end, if nothing came or left for long enough. */
static void forget(struct rtpl_exchanging *e, const struct rtpl_exchange *x, u64 now)
{
	u64 quiet = rtpl_since(now, e->active);

	if (quiet < x->slot_ns || e->role == NOBODY || e->burst || e->hearing ||
	    (e->planned && e->covers))
		return;
	if (quiet < x->idle_ns &&
	    (unanswered(e) || quiet < (x->most + x->linger) * x->slot_ns))
		return;
	e->role = NOBODY;
	e->chats = false;
	e->planned = false;
	e->open = false;
	e->echoes = 0;
}

static void sent(struct rtpl_exchanging *e, bool data, u32 bytes)
{
	e->sent = min_t(u32, e->sent + bytes, RTPL_EXCHANGE_BYTES);
	if (data)
		e->data = min_t(u32, e->data + bytes, RTPL_EXCHANGE_BYTES);
}

static void exchange_traffic(struct rtpl_sched_state *st, const struct rtpl_sched_params *p,
			     struct rtpl_rng *rng, enum rtpl_traffic_event what, u64 now, u32 bytes)
{
	struct rtpl_exchanging *e = &st->exchange;
	const struct rtpl_exchange *x = p->exchange;

	switch (what) {
	case RTPL_QUEUED:
		end_beyond(e, x, now);
		forget(e, x, now);
		/* It may have waited in its class for long. */
		e->active = max(e->active, now);
		e->told += bytes;
		if (!e->since)
			wait_from(e, now, now);
		if (!e->large_since && bytes > room_of(x->small))
			e->large_since = now;
		break;
	case RTPL_SENT_DATA:
	case RTPL_SENT_CHAFF:
		if (e->what == STEP)
			e->seen = now;
		if (e->what == STEP || e->what == FREELY ||
		    (e->what == SLOT && e->answered && what == RTPL_SENT_DATA))
			sent(e, what == RTPL_SENT_DATA, bytes);
		else if (e->what == REPLY && e->large_since && what == RTPL_SENT_DATA)
			e->early = min_t(u32, e->early + bytes, x->down[x->n_down - 1]);
		if (e->what == FREELY) {
			e->at = now;
			e->active = max(e->active, now);
		}
		break;
	default:
		end_beyond(e, x, now);
		forget(e, x, now);
		got(e, x, what == RTPL_GOT_DATA, now, bytes);
		break;
	}
}

/* ---- bursts ---- */

static void burst(struct rtpl_exchanging *e, u64 at, u32 goal)
{
	e->burst = true;
	e->at = at;
	e->goal = goal;
}

static u32 target(struct rtpl_exchanging *e, const struct rtpl_exchange *x, u32 volume)
{
	return e->answers ? answer(e, x, volume) : ask(x, e, volume);
}

/*
 * The goal if so much waits: of all that was sent, chaff and earlier answers with it. Where that is
 * beyond the tables and the data is not, a target is drawn for what is left.
 */
static u32 goal_of(struct rtpl_exchanging *e, const struct rtpl_exchange *x, u32 more)
{
	if (e->sent - e->base + more > top(e, x) && e->data + more <= top(e, x))
		e->base = e->sent;
	return e->base + target(e, x, e->sent - e->base + more);
}

/* What waits is a request, or more of one: a connection's next window, say. */
static void begin_asking(struct rtpl_sched_state *st, const struct rtpl_exchange *x,
			 struct rtpl_rng *rng, u64 now, u32 bytes)
{
	struct rtpl_exchanging *e = &st->exchange;

	if (e->role == ASKS && e->open && rtpl_since(now, e->at) < x->slot_ns) {
		burst(e, now, goal_of(e, x, volume_of(st, bytes)));
		return;
	}
	e->role = ASKS;
	e->open = true;
	e->chats = false;
	e->answers = false;
	e->planned = false;
	e->sent = 0;
	e->base = 0;
	e->data = 0;
	e->u_burst = rtpl_rng_u32(rng);
	/* A step later: what a program writes in two pieces shares cells. */
	burst(e, now + x->pace_ns, ask(x, e, volume_of(st, bytes)));
	e->exchanges++;
}

/*
 * An answer without cover, of a request that is small or does not end. @at: when the burst begins,
 * or 0 at the end of a slot.
 */
static void begin_answer(struct rtpl_sched_state *st, const struct rtpl_exchange *x,
			 struct rtpl_rng *rng, u64 at, u32 bytes)
{
	struct rtpl_exchanging *e = &st->exchange;

	e->chats = false;
	e->early = 0;
	e->u_answer = rtpl_rng_u32(rng);
	e->up = at ? class_up(x, e->heard_data) : 0;
	e->target = at ? class_up(x, e->heard) : 0;
	e->plan = RTPL_EXCHANGE_SILENT;
	plan_from(e, e->heard_at);
	e->covers = false;
	if (!at)
		return;
	e->planned = false;
	e->answered = true;
	e->answers = true;
	e->answer_slot = 1;
	burst(e, at, answer(e, x, volume_of(st, bytes)));
}

/* Most cells of the next step. */
static u32 step_cells(const struct rtpl_sched_state *st, const struct rtpl_exchange *x)
{
	u32 sent = st->exchange.sent / (st->room + RTPL_CELL_OVERHEAD);

	return min_t(u32, x->start + sent / x->grow, STEP_MOST);
}

/* A burst of chaff that an answer joined goes on to its own target at least. */
static u32 joined(const struct rtpl_exchanging *e, const struct rtpl_exchange *x)
{
	return e->answers && e->answer_slot == e->slot && e->plan > RTPL_EXCHANGE_BURST ?
	       x->down[e->plan - RTPL_EXCHANGE_BURST] : 0;
}

/* The next step of a burst. Return: false if it is over. */
static bool step(struct rtpl_sched_state *st, const struct rtpl_exchange *x, u64 now, u32 queued,
		 u32 bytes, u16 batch, struct rtpl_departure *d)
{
	struct rtpl_exchanging *e = &st->exchange;
	u16 cell = st->room + RTPL_CELL_OVERHEAD;
	u32 more = volume_of(st, bytes), left, n;

	/* The answer came while chaff had its place. */
	if (e->answers && !e->answered && e->large_since) {
		e->answered = true;
		e->answer_slot = e->slot;
	}
	/* By the volume so far: what is behind the data does not show before that ends. */
	if (bytes && !e->base && (e->answered || !e->answers))
		e->goal = max(target(e, x, e->data + more), joined(e, x));
	if (bytes && e->sent + more > e->goal)
		e->goal = goal_of(e, x, more);
	if (e->sent >= min_t(u32, e->goal, RTPL_EXCHANGE_BYTES) || (!bytes && beyond(e, x))) {
		end_burst(e, x);
		return false;
	}
	left = e->goal - e->sent;
	/* Beyond the tables nothing is padded, nor held. */
	if (bytes && beyond(e, x)) {
		e->what = FREELY;
		*d = (struct rtpl_departure){ .cells = min_t(u32, queued, batch) };
		return true;
	}
	e->what = STEP;
	n = left / cell;
	/* What cover carried of an answer must not show in its last cell. */
	if (!n && e->answers && (e->sent - e->base) % cell)
		left = cell;
	*d = (struct rtpl_departure){
		.at = rtpl_since(now, e->at) > x->pace_ns ? now : e->at,
		.cells = clamp_t(u32, n, 1, step_cells(st, x)),
		.size = n ? cell : left,
		.exact = true,
		.chaff = true,
		.timed = true,
	};
	return true;
}

/* ---- slots ---- */

/* When the current slot ends. Past ones are left out, and without cover those before data. */
static u64 slot_end(struct rtpl_sched_state *st, const struct rtpl_exchange *x, u64 now)
{
	struct rtpl_exchanging *e = &st->exchange;
	u64 over = div64_u64(rtpl_since(now, e->anchor), x->slot_ns);
	u64 came;

	if (!e->covers && !e->lingers) {
		came = div64_u64(rtpl_since(e->since, e->anchor) + x->slot_ns - 1, x->slot_ns);
		over = max(over, came);
	}
	if (over > e->slot) {
		if (e->covers)
			st->missed += over - e->slot;
		e->slot = min_t(u64, over, U32_MAX / 2);
	}
	return e->anchor + e->slot * x->slot_ns;
}

/*
 * What leaves at the end of a slot that is at @at: a cell of that size, or 0 for none yet. Begins a
 * burst where there is one.
 */
static u16 slot_cell(struct rtpl_sched_state *st, const struct rtpl_exchange *x, u64 at, u32 bytes)
{
	struct rtpl_exchanging *e = &st->exchange;
	u32 goal, more = volume_of(st, bytes), fits = x->spread * x->cover;

	/* An answer that replies took shows as little as one that is here. */
	if (e->large_since || (e->early && !e->answered)) {
		more = max(more, e->early);
		e->answer_slot = e->slot;
		e->answers = true;
		goal = goal_of(e, x, more);
		if (!e->covers || more > fits || (!e->answered && goal > fits)) {
			e->answered = true;
			burst(e, at, goal);
			e->slot++;
			return 0;
		}
		e->answered = true;
		if (e->large_since)
			return x->cover;
	}
	if (!e->covers)
		return x->small;
	if (e->slot == 1 && !e->answered && e->plan > RTPL_EXCHANGE_BURST &&
	    x->down[e->plan - RTPL_EXCHANGE_BURST] > x->cover) {
		e->answers = true;
		burst(e, at, x->down[e->plan - RTPL_EXCHANGE_BURST]);
		e->slot++;
		return 0;
	}
	if (e->answered ? e->slot <= e->last_slot : e->slot <= x->most)
		return x->cover;
	e->covers = false;
	e->lingers = x->linger;
	return x->small;
}

/* ---- all ---- */

static bool small_at(struct rtpl_exchanging *e, enum what what, u64 at, u16 size,
		     struct rtpl_departure *d)
{
	e->what = what;
	*d = (struct rtpl_departure){
		.at = at, .cells = 1, .size = size, .exact = true, .chaff = true, .timed = true,
	};
	return true;
}

/* When data that waits leaves, if no reply takes it before. */
static u64 data_at(const struct rtpl_exchanging *e, const struct rtpl_exchange *x)
{
	u64 since = e->large_since ?: e->since, at;

	if (e->role == NOBODY)
		return since;
	/* Not before what comes with it: alone, what acknowledges shows of how many packets. */
	if (e->chats && !e->large_since)
		return since + x->pace_ns;
	/* A reply comes in any case. What would not wait for it would tell data from chaff. */
	if (e->hearing && e->role == ANSWERS)
		return since + (e->large_since ? hold_of(x) : x->slot_ns);
	if (e->large_since)
		return since;
	if (e->role == ANSWERS)
		return since + x->reply_ns;
	/* Data and chaff alike: what waits goes with the reply to a lone cell, which is near. */
	if (e->reply_at) {
		at = since + x->slot_ns;
		return e->credit > 1 ? at :
		       clamp_t(u64, e->reply_at, at, at + x->slot_ns + x->reply_ns);
	}
	/* What acknowledges an answer would tell when that came: the next slot has a reply. */
	return rtpl_since(since, e->seen) < 2 * x->slot_ns ? since + 2 * x->slot_ns : since;
}

static bool exchange_next(struct rtpl_sched_state *st, const struct rtpl_sched_params *p,
			  struct rtpl_rng *rng, u64 now, u32 queued, u16 batch,
			  struct rtpl_departure *d)
{
	const struct rtpl_exchange *x = p->exchange;
	struct rtpl_exchanging *e = &st->exchange;
	u32 bytes = queued ? max(st->bytes, 1U) + st->behind : 0;
	bool large, free;
	u64 at = U64_MAX;
	u16 size;

	waits(st, x, now, bytes);
	large = e->large_since;
	free = !queued && goes_on(e, x, now + st->lead);
	if (e->burst && !free && step(st, x, now, queued, bytes, batch, d))
		return true;
	if (e->came && !e->burst) {
		e->came = false;
		if (e->role == ANSWERS)
			plan(e, x, rng);
	}

	if (large && e->role == ANSWERS && !e->planned && !e->hearing && !e->burst)
		begin_answer(st, x, rng, 0, bytes);

	if (free) {
		/* Then slots that linger follow, or those of a request that came meanwhile. */
		if (e->role == ANSWERS && (e->planned || e->came))
			at = e->at + x->slot_ns;
	} else if (e->role == ANSWERS && e->planned && !done(e)) {
		if (e->covers || e->lingers || queued || (e->early && !e->answered)) {
			at = slot_end(st, x, now);
			if (at > now + st->lead)
				return small_at(e, SLOT, at, x->small, d);
			size = slot_cell(st, x, at, bytes);
			if (!size)
				return step(st, x, now, queued, bytes, batch, d);
			small_at(e, SLOT, at, size, d);
			if (size == x->small)
				d->cells = smalls(st, x, queued);
			return true;
		}
	} else if (queued) {
		at = data_at(e, x);
		if (large && at <= now + st->lead) {
			if (e->role == ANSWERS)
				begin_answer(st, x, rng, max(at, now), bytes);
			else
				begin_asking(st, x, rng, max(at, now), bytes);
			return step(st, x, now, queued, bytes, batch, d);
		}
	}
	if (e->owed)
		return small_at(e, REPLY, now, x->small, d);
	if (e->reply_at && e->reply_at <= at)
		return small_at(e, REPLY, e->reply_at, x->small, d);
	if (at == U64_MAX)
		return false;
	small_at(e, OPENING, at, x->small, d);
	d->cells = smalls(st, x, queued);
	return true;
}

static void exchange_take(struct rtpl_sched_state *st, const struct rtpl_sched_params *p,
			  const struct rtpl_departure *d)
{
	struct rtpl_exchanging *e = &st->exchange;

	switch (e->what) {
	case OPENING:
		if (e->role == NOBODY) {
			e->role = ASKS;
			e->chats = true;
		}
		break;
	case STEP:
		e->at = d->at + p->exchange->pace_ns;
		e->active = d->at;
		break;
	case REPLY:
		if (e->owed) {
			e->owed--;
		} else {
			/* With that the other's burst is over. */
			e->credit = 0;
			e->reply_at = 0;
			e->came = e->hearing;
			e->hearing = false;
		}
		break;
	case SLOT:
		e->slot++;
		if (d->size > p->exchange->small)
			e->active = d->at;
		if (e->lingers && !e->covers)
			e->lingers--;
		break;
	default:
		break;
	}
}

/*
 * The device has no room, or the next hop no address. What opens an exchange waits for a slot more:
 * nothing left, so nobody asked, and who looks again at once would go on for ever.
 */
static void exchange_skip(struct rtpl_sched_state *st, const struct rtpl_sched_params *p,
			  const struct rtpl_departure *d)
{
	struct rtpl_exchanging *e = &st->exchange;

	if (e->what != OPENING) {
		exchange_take(st, p, d);
		return;
	}
	wait_from(e, d->at + p->exchange->slot_ns, d->at);
}

static u64 exchange_departs(const struct rtpl_sched_state *st, const struct rtpl_sched_params *p,
			    const struct rtpl_departure *d, u32 cells)
{
	const struct rtpl_exchange *x = p->exchange;
	u32 step;

	if (st->exchange.what == FREELY)
		return d->at;
	/* As if steps grew no more. */
	if (st->exchange.what == STEP) {
		step = step_cells(st, x);
		return d->at + (1 + (cells - d->cells) / step) * x->pace_ns;
	}
	/* Of cover, which is smaller, it takes more cells. */
	if (d->size > x->small)
		return d->at + cells * slots_of(x, st->room) * x->slot_ns;
	return d->at + x->slot_ns + cells * x->pace_ns;
}

static void exchange_leak(const struct rtpl_sched_state *st, const struct rtpl_sched_params *p,
			  struct rtpl_sched_leak *leak)
{
	leak->choices = st->exchange.exchanges;
}

const struct rtpl_sched_ops rtpl_sched_exchange_ops = {
	.check = exchange_check,
	.delay = exchange_delay,
	.start = exchange_start,
	.traffic = exchange_traffic,
	.next = exchange_next,
	.take = exchange_take,
	.skip = exchange_skip,
	.departs = exchange_departs,
	.leak = exchange_leak,
	.demand = true,
};
