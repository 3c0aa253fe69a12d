/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Two ends of a link with a schedule of kind exchange, and a path between them that takes X_DELAY,
 * for test_exchange.c, test_exchange_ends.c and test_exchange_roles.c: what waits, what left when
 * and how large, and what came.
 */
#ifndef RTPL_KUNIT_EXCHANGE_ENDS_H
#define RTPL_KUNIT_EXCHANGE_ENDS_H

#include "lib.h"
#include "sched_link.h"
#include "../core/wire.h"

#define X_SMALL		256
#define X_COVER		1000
#define X_CELL		1200
#define X_ROOM		(X_CELL - RTPL_CELL_OVERHEAD)
#define X_PACE		(2 * L_MS)
#define X_SLOT		(50 * L_MS)
#define X_REPLY		(10 * L_MS)
#define X_DELAY		(10 * L_MS)
#define X_START		(5 * L_MS)
#define X_ASKED		(X_START + X_PACE)	/* of a request that came at X_START */
#define X_HEARD		(X_ASKED + X_DELAY)	/* when one of one cell is there */
#define X_END(n)	(X_HEARD + (n) * X_SLOT)
#define X_ROWS		2048
#define X_CHOICES	(3 * X_ROWS)
#define X_PACKETS	2048	/* that wait */
#define X_AIR		4096	/* cells on the path */
#define X_LOG		8192
#define X_BATCH		8
#define X_SPIN		2000	/* departures of one moment */

#define X_KEY(table, ...)	rtpl_exchange_key(RTPL_EXCHANGE_##table, __VA_ARGS__)

enum { X_A, X_B };

/* Tables with room for rows. */
struct x_tables {
	struct rtpl_exchange x;
	struct rtpl_exchange_row row[X_ROWS];
	struct rtpl_exchange_choice choice[X_CHOICES];
};

struct x_end {
	struct rtpl_sched_state st;
	struct rtpl_rng rng;
	u16 cell;
	u32 head, n, queued;	/* packets; their bytes */
	u64 came[X_PACKETS];
	u32 len[X_PACKETS];
	u64 last_at, last_data;
	u32 nr;			/* large cells so far */
	u32 at_once;
};

struct x_air {
	u64 at;
	u16 size;
	u8 to;
	bool data;
};

struct x_log {
	u64 at;
	u32 nr;			/* of the end's large cells */
	u16 size;
	u8 from;
	bool data;
};

struct x_pair {
	struct rtpl_sched_params p[2];
	struct x_end end[2];
	u64 now, lead;
	bool loses;		/* one cell of four */
	struct m_rng rng_air;
	struct x_air air[X_AIR];	/* by time */
	u32 n_air, n_log;
	struct x_log log[X_LOG];
	u32 data[2], chaff[2];
	u64 bytes[2], chaff_bytes, replies, delay;
	const char *fault;
};

#define EXPECT_SOUND(test, x) do {						\
	if ((x)->fault)								\
		KUNIT_FAIL(test, "%s", (x)->fault);				\
} while (0)

static inline struct x_tables *x_tables(struct kunit *test)
{
	struct x_tables *t = m_kunit_alloc(test, sizeof(*t));

	KUNIT_ASSERT_NOT_NULL(test, t);
	t->x = (struct rtpl_exchange){
		.small = X_SMALL, .cover = X_COVER, .start = 1, .grow = 8, .most = 6, .every = 4,
		.spread = 2, .linger = 2, .n_up = 3, .n_down = 3, .n_slots = 3,
		.pace_ns = X_PACE, .slot_ns = X_SLOT, .reply_ns = X_REPLY, .idle_ns = 5 * L_SEC,
		.up = { X_CELL, 4 * X_CELL, 10 * X_CELL },
		.down = { 2 * X_COVER, 5 * X_CELL, 10 * X_CELL },
		.slots = { 1, 2, 4 },
		.row = t->row, .choice = t->choice,
	};
	return t;
}

static inline void x_row(struct x_tables *t, u64 key)
{
	t->row[t->x.n_rows++] = (struct rtpl_exchange_row){ .key = key, .first = t->x.n_choices };
}

/* The next choice of the row written last, for so many percent. */
static inline void x_choice(struct x_tables *t, u32 percent, u8 to, u8 volume)
{
	struct rtpl_exchange_row *r = &t->row[t->x.n_rows - 1];
	u64 upto = (r->n ? t->choice[t->x.n_choices - 1].upto : 0) + percent * 42949673ULL;

	t->choice[t->x.n_choices++] = (struct rtpl_exchange_choice){
		.upto = min_t(u64, upto, U32_MAX), .to = to, .volume = volume,
	};
	r->n++;
}

/* Both ends anew, by these tables. */
static inline struct x_pair *x_pair_again(struct kunit *test, struct x_pair *x, struct x_tables *t)
{
	static const u8 seed[RTPL_RNG_SEED] = { 8 };
	int e;

	if (!x)
		x = m_kunit_alloc(test, sizeof(*x));
	KUNIT_ASSERT_NOT_NULL(test, x);
	memset(x, 0, sizeof(*x));
	x->now = X_START;
	x->rng_air.state = 77;
	for (e = 0; e < 2; e++) {
		x->p[e] = (struct rtpl_sched_params){ .kind = RTPL_SCHEDULE_EXCHANGE,
						      .exchange = &t->x };
		x->end[e].cell = X_CELL;
		rtpl_rng_seed(&x->end[e].rng, seed);
		rtpl_sched_start(&x->end[e].st, &x->p[e], X_ROOM, x->now);
		/* Counters of bytes wrap, in all tests. */
		x->end[e].st.exchange.told = U32_MAX - 1000;
	}
	return x;
}

static inline struct x_pair *x_pair(struct kunit *test, struct x_tables *t)
{
	return x_pair_again(test, NULL, t);
}

static inline void x_room(struct x_pair *x, int e, u16 room)
{
	x->end[e].cell = room + RTPL_CELL_OVERHEAD;
	rtpl_sched_room(&x->end[e].st, room);
}

/* A packet waits whose block has so many bytes. */
static inline void x_queue(struct x_pair *x, int e, u32 bytes)
{
	struct x_end *n = &x->end[e];

	if (n->n == X_PACKETS)
		return;
	n->came[(n->head + n->n) % X_PACKETS] = x->now;
	n->len[(n->head + n->n++) % X_PACKETS] = bytes;
	n->queued += bytes;
	rtpl_sched_traffic(&n->st, &x->p[e], &n->rng, RTPL_QUEUED, x->now, bytes);
}

/* Lay what waits into a cell that leaves at @at. Return: was there any? */
static inline bool x_lay(struct x_pair *x, struct x_end *n, u32 room, u64 at)
{
	bool any = n->queued;
	u32 part;

	while (room && n->n) {
		part = min(room, n->len[n->head]);
		room -= part;
		n->len[n->head] -= part;
		n->queued -= part;
		if (n->len[n->head])
			break;
		if (at > n->came[n->head])
			x->delay = max(x->delay, at - n->came[n->head]);
		n->head = (n->head + 1) % X_PACKETS;
		n->n--;
	}
	return any;
}

static inline void x_fly(struct x_pair *x, int from, u64 at, u16 size, bool data)
{
	u32 i;

	if (x->loses && m_chance(&x->rng_air, 250))
		return;
	if (x->n_air == X_AIR) {
		x->fault = "too many cells on the path";
		return;
	}
	for (i = x->n_air++; i && x->air[i - 1].at > at + X_DELAY; i--)
		x->air[i] = x->air[i - 1];
	x->air[i] = (struct x_air){ at + X_DELAY, size, !from, data };
}

static inline void x_cell(struct x_pair *x, int e, const struct rtpl_departure *d)
{
	struct x_end *n = &x->end[e];
	u64 at = d->timed ? max(d->at, x->now) : x->now;
	u16 size = d->exact ? min(max_t(u16, d->size, X_SMALL), n->cell) : n->cell;
	bool data = x_lay(x, n, size - RTPL_CELL_OVERHEAD, at);

	if (!data && !d->chaff)
		x->fault = "more cells than data";
	if (at < n->last_at)
		x->fault = "left before the one before";
	n->last_at = at;
	if (data)
		n->last_data = at;
	if (x->n_log < X_LOG)
		x->log[x->n_log++] = (struct x_log){ at, n->nr, size, e, data };
	n->nr += size > X_SMALL;
	x->data[e] += data;
	x->chaff[e] += !data;
	x->bytes[e] += size;
	x->chaff_bytes += data ? 0 : size;
	x->replies += !data && size == X_SMALL;
	rtpl_sched_traffic(&n->st, &x->p[e], &n->rng, data ? RTPL_SENT_DATA : RTPL_SENT_CHAFF, at,
			   size);
	x_fly(x, e, at, size, data);
}

/* Ask an end, twice. Return: a departure, due or not. */
static inline bool x_ask(struct x_pair *x, int e, struct rtpl_departure *d)
{
	struct x_end *n = &x->end[e];
	struct rtpl_departure again = {};
	u32 cells = n->queued ? n->queued / (n->cell - RTPL_CELL_OVERHEAD) + 1 : 0;
	bool any;

	*d = again;
	n->st.lead = x->lead;
	n->st.bytes = n->queued;
	any = rtpl_sched_next(&n->st, &x->p[e], &n->rng, x->now, cells, X_BATCH, d);
	if (any != rtpl_sched_next(&n->st, &x->p[e], &n->rng, x->now, cells, X_BATCH, &again) ||
	    (any && (d->at != again.at || d->cells != again.cells || d->size != again.size ||
		     d->timed != again.timed || d->chaff != again.chaff)))
		x->fault = "asked twice, answered otherwise";
	if (any && (!d->cells || d->cells > max_t(u32, X_BATCH, RTPL_PACE_BATCH_MAX)))
		x->fault = "no cells, or too many";
	return any;
}

/* What an end has to do now. Return: when it is to be asked again. */
static inline u64 x_turn(struct x_pair *x, int e)
{
	struct x_end *n = &x->end[e];
	struct rtpl_departure d;
	u32 i, rounds = 0;

	while (!x->fault && x_ask(x, e, &d)) {
		if (d.timed && d.at > x->now + x->lead)
			return d.at - x->lead;
		if (rounds++ > X_SPIN) {
			x->fault = "does not come to rest";
			break;
		}
		rtpl_sched_take(&n->st, &x->p[e], &d);
		for (i = 0; i < d.cells && (d.chaff || n->queued); i++)
			x_cell(x, e, &d);
	}
	return U64_MAX;
}

/* All that happens until @t, and at it. */
static inline void x_run(struct x_pair *x, u64 t)
{
	struct x_air came;
	u64 next;

	while (!x->fault) {
		while (x->n_air && x->air[0].at <= x->now) {
			came = x->air[0];
			memmove(x->air, x->air + 1, --x->n_air * sizeof(came));
			rtpl_sched_traffic(&x->end[came.to].st, &x->p[came.to],
					   &x->end[came.to].rng,
					   came.data ? RTPL_GOT_DATA : RTPL_GOT_CHAFF, x->now,
					   came.size);
		}
		next = x_turn(x, X_A);
		next = min(next, x_turn(x, X_B));
		if (x->n_air)
			next = min(next, x->air[0].at);
		if (next > t)
			break;
		x->now = max(x->now, next);
	}
	x->now = max(x->now, t);
}

/* Cells of a size that an end sent. */
static inline u32 x_count(const struct x_pair *x, int e, u16 size)
{
	u32 i, n = 0;

	for (i = 0; i < x->n_log; i++)
		n += x->log[i].from == e && x->log[i].size == size;
	return n;
}

/* A request of one cell waits, for which there is this plan. */
static inline struct x_pair *x_asked(struct kunit *test, struct x_tables *t, u8 plan)
{
	struct x_pair *x;

	x_row(t, X_KEY(PLAN, 0, 0, 0, 0, 0));
	x_choice(t, 100, plan, 0);
	x = x_pair(test, t);
	x_queue(x, X_A, 900);
	return x;
}

/* Cells that @from sent, one after the other: { when, bytes } each. */
static inline void expect_cells(struct kunit *test, struct x_pair *x, int from,
				const u64 (*want)[2], u32 n)
{
	u32 i, k = 0;

	for (i = 0; i < x->n_log; i++) {
		if (x->log[i].from != from)
			continue;
		if (k < n && (x->log[i].at != want[k][0] || x->log[i].size != want[k][1]))
			KUNIT_FAIL(test, "cell %u: %llu us, %u bytes, not %llu us, %llu bytes", k,
				   (unsigned long long)(x->log[i].at - X_HEARD) / 1000,
				   x->log[i].size,
				   (unsigned long long)(want[k][0] - X_HEARD) / 1000,
				   (unsigned long long)want[k][1]);
		k++;
	}
	KUNIT_EXPECT_EQ(test, k, n);
	EXPECT_SOUND(test, x);
}

#define EXPECT_CELLS(test, x, from, ...) do {					\
	const u64 want_[][2] = { __VA_ARGS__ };					\
	expect_cells(test, x, from, want_, ARRAY_SIZE(want_));			\
} while (0)

#endif /* RTPL_KUNIT_EXCHANGE_ENDS_H */
