/* SPDX-License-Identifier: GPL-2.0 */
/* Profiles' blobs (core/profile.h) written record by record, for tests. */
#ifndef RTPL_KUNIT_PROFILE_MAKE_H
#define RTPL_KUNIT_PROFILE_MAKE_H

#include "lib.h"
#include "../core/profile.h"

#define MS	1000000ULL
#define ROOM	32768
#define BOTH	RTPL_PROFILE_BOTH
#define CLIENT	BIT(RTPL_END_CLIENT)
#define SERVER	BIT(RTPL_END_SERVER)

/* A blob being written; @rec is the record that is. */
struct mk {
	struct rtpl_profile p;
	struct rtpl_profile_where where;
	const char *why;
	u32 len, rec;
	u8 blob[ROOM] __aligned(8);
	u8 copy[ROOM] __aligned(8);
};

static inline void *add(struct mk *m, u32 bytes)
{
	void *at = m->blob + m->len;

	memset(at, 0, bytes);
	m->len += bytes;
	return at;
}

static inline void finish(struct mk *m)
{
	struct rtpl_profile_head *h = (struct rtpl_profile_head *)m->blob;
	struct rtpl_profile_record *r = (struct rtpl_profile_record *)(m->blob + m->rec);

	if (m->rec)
		r->len = cpu_to_le32(m->len - m->rec);
	h->size = cpu_to_le32(m->len);
}

static inline void record(struct mk *m, u16 type, u8 ends)
{
	struct rtpl_profile_record *r;

	finish(m);
	m->rec = m->len;
	r = add(m, sizeof(*r));
	r->type = cpu_to_le16(type);
	r->ends = ends;
}

static inline void begin(struct mk *m)
{
	struct rtpl_profile_head *h;

	m->len = 0;
	m->rec = 0;
	h = add(m, sizeof(*h));
	h->magic = cpu_to_le32(RTPL_PROFILE_MAGIC);
	h->version = cpu_to_le16(RTPL_PROFILE_VERSION);
	strcpy(h->name, "test-1");
}

static inline void table(struct mk *m, s64 low, s64 high)
{
	struct rtpl_profile_table *t = add(m, sizeof(*t));
	__le64 *pool = add(m, 32);

	t->kind = RTPL_DIST_KNOTS;
	t->n = cpu_to_le16(2);
	t->min = cpu_to_le64(low);
	t->max = cpu_to_le64(high);
	pool[1] = cpu_to_le64(U64_MAX);
	pool[2] = cpu_to_le64(low);
	pool[3] = cpu_to_le64(high);
}

static inline void sizes(struct mk *m, u8 kind, u16 cell)
{
	struct rtpl_profile_sizes *r;

	record(m, RTPL_PROFILE_SIZES, BOTH);
	r = add(m, sizeof(*r));
	r->sizes = kind;
	r->cell = cpu_to_le16(cell);
}

static inline void link(struct mk *m, u64 latency)
{
	struct rtpl_profile_link *r;

	record(m, RTPL_PROFILE_LINK, BOTH);
	r = add(m, sizeof(*r));
	r->latency_ns = cpu_to_le64(latency);
	r->limit = cpu_to_le32(777);
	r->overflow = RTPL_OVERFLOW_DROP_OLDEST;
}

static inline void limits(struct mk *m, u32 overhead, u32 free, u64 rate)
{
	struct rtpl_profile_limits *r;

	record(m, RTPL_PROFILE_LIMITS, BOTH);
	r = add(m, sizeof(*r));
	r->overhead = cpu_to_le32(overhead);
	r->free = cpu_to_le32(free);
	r->rate = cpu_to_le64(rate);
	r->window = cpu_to_le64(1000 * MS);
}

static inline void kind(struct mk *m, u16 type, u8 ends, u8 which)
{
	struct rtpl_profile_kind *r;

	record(m, type, ends);
	r = add(m, sizeof(*r));
	r->kind = which;
}

static inline void jitter(struct mk *m, u8 ends, u64 most)
{
	struct rtpl_profile_jitter *r;

	kind(m, RTPL_PROFILE_SCHED, ends, RTPL_SCHEDULE_JITTER);
	r = add(m, sizeof(*r));
	r->max_ns = cpu_to_le64(most);
	table(m, 0, most);
}

static inline void constant(struct mk *m, u8 ends, u32 rate)
{
	struct rtpl_profile_const *r;

	kind(m, RTPL_PROFILE_SCHED, ends, RTPL_SCHEDULE_CONST);
	r = add(m, sizeof(*r));
	r->rate = cpu_to_le32(rate);
}

static inline void interval(struct mk *m, u8 ends, u64 period, bool chaff)
{
	struct rtpl_profile_interval *r;

	kind(m, RTPL_PROFILE_SCHED, ends, RTPL_SCHEDULE_INTERVAL);
	r = add(m, sizeof(*r));
	r->period_ns = cpu_to_le64(period);
	r->cells = cpu_to_le16(3);
	r->chaff = chaff;
	add(m, sizeof(struct rtpl_profile_table));
}

static inline void ladder(struct mk *m, u8 ends)
{
	struct rtpl_profile_ladder *r;

	kind(m, RTPL_PROFILE_SCHED, ends, RTPL_SCHEDULE_LADDER);
	r = add(m, sizeof(*r));
	*r = (struct rtpl_profile_ladder){
		.epoch_ns = cpu_to_le64(1000 * MS),
		.epoch_max_ns = cpu_to_le64(60000 * MS),
		.n = 2,
		.first = 1,
		.growth = 2,
		.up = cpu_to_le16(900),
		.down = cpu_to_le16(300),
		.rate = { cpu_to_le32(100), cpu_to_le32(200) },
	};
}

/* As above, slow. */
static inline struct rtpl_profile_ladder *slow_ladder(struct mk *m, u8 ends)
{
	struct rtpl_profile_ladder *r;

	ladder(m, ends);
	r = (struct rtpl_profile_ladder *)(m->blob + m->len - sizeof(*r));
	r->average_us = cpu_to_le32(4000000);
	r->steps_up = 2;
	r->steps_down = 1;
	return r;
}

static inline void regulator(struct mk *m, u8 ends, u8 end)
{
	struct rtpl_profile_regulator *r;

	kind(m, RTPL_PROFILE_SCHED, ends, RTPL_SCHEDULE_REGULATOR);
	r = add(m, sizeof(*r));
	*r = (struct rtpl_profile_regulator){
		.end = end,
		.warm_cells = cpu_to_le16(10),
		.warm_rate = cpu_to_le32(11),
		.rate = cpu_to_le32(277),
		.floor = cpu_to_le32(21),
		.threshold = cpu_to_le32(3550),
		.budget = cpu_to_le32(3551),
		.ratio = cpu_to_le32(3950),
		.half_ns = cpu_to_le64(11202305584),
		.cap_ns = cpu_to_le64(1770 * MS),
		.idle_ns = cpu_to_le64(2000 * MS),
	};
}

static inline void tamaraw(struct mk *m, u8 ends)
{
	struct rtpl_profile_tamaraw *r;

	kind(m, RTPL_PROFILE_SCHED, ends, RTPL_SCHEDULE_TAMARAW);
	r = add(m, sizeof(*r));
	r->period_ns = cpu_to_le64(12 * MS);
	r->quiet_ns = cpu_to_le64(5000 * MS);
	r->multiple = cpu_to_le32(100);
	r->cells = cpu_to_le16(2);
}

/* Sizes that an exchange may have: small 256, cover 800, whole 1200. */
static inline void three_sizes(struct mk *m)
{
	struct rtpl_profile_sizes *r;

	record(m, RTPL_PROFILE_SIZES, BOTH);
	r = add(m, sizeof(*r));
	r->sizes = RTPL_SIZES_BUCKETS;
	r->n_buckets = 3;
	r->bucket[0] = cpu_to_le16(256);
	r->bucket[1] = cpu_to_le16(800);
	r->bucket[2] = cpu_to_le16(1200);
}

static inline void exchange_row(struct mk *m, u64 key, u32 first, u16 n)
{
	struct rtpl_profile_row *row = add(m, sizeof(*row));

	row->key = cpu_to_le64(key);
	row->first = cpu_to_le32(first);
	row->n = cpu_to_le16(n);
}

static inline void exchange_choice(struct mk *m, u32 upto, u8 to, u8 volume)
{
	struct rtpl_profile_choice *c = add(m, sizeof(*c));

	c->upto = cpu_to_le32(upto);
	c->to = to;
	c->volume = volume;
}

static inline void exchange_edges(struct mk *m, u32 a, u32 b)
{
	__le32 *edge = add(m, RTPL_EXCHANGE_EDGES * sizeof(*edge));

	edge[0] = cpu_to_le32(a);
	edge[1] = cpu_to_le32(b);
}

/* A row of each table; where they begin in the record, behind its head and the kind. */
#define EXCHANGE_AT	(sizeof(struct rtpl_profile_record) + sizeof(struct rtpl_profile_kind))
#define EXCHANGE_ROWS_AT	(EXCHANGE_AT + sizeof(struct rtpl_profile_exchange) + 3 * 4 * \
				 RTPL_EXCHANGE_EDGES)

static inline void exchange(struct mk *m, u8 ends)
{
	struct rtpl_profile_exchange *r;

	kind(m, RTPL_PROFILE_SCHED, ends, RTPL_SCHEDULE_EXCHANGE);
	r = add(m, sizeof(*r));
	*r = (struct rtpl_profile_exchange){
		.small = cpu_to_le16(256),
		.cover = cpu_to_le16(800),
		.start = cpu_to_le16(1),
		.grow = cpu_to_le16(24),
		.most = cpu_to_le16(9),
		.every = 4,
		.spread = 3,
		.linger = 2,
		.n_up = 2,
		.n_down = 2,
		.n_slots = 2,
		.pace_ns = cpu_to_le64(2 * MS),
		.slot_ns = cpu_to_le64(50 * MS),
		.reply_ns = cpu_to_le64(6 * MS),
		.idle_ns = cpu_to_le64(5000 * MS),
		.n_rows = cpu_to_le32(3),
		.n_choices = cpu_to_le32(5),
	};
	exchange_edges(m, 1200, 2400);
	exchange_edges(m, 2400, 4800);
	exchange_edges(m, 1, 5);
	exchange_row(m, rtpl_exchange_key(RTPL_EXCHANGE_ASK, 0, 0, 0, 0, 0), 0, 2);
	exchange_row(m, rtpl_exchange_key(RTPL_EXCHANGE_PLAN, 0, 1, 0, 0, 0), 2, 1);
	exchange_row(m, rtpl_exchange_key(RTPL_EXCHANGE_ANSWER, 0, 1, 1, 0, 1), 3, 2);
	exchange_choice(m, 1U << 31, 0, 0);
	exchange_choice(m, U32_MAX, 1, 0);
	exchange_choice(m, U32_MAX, RTPL_EXCHANGE_BURST + 1, 0);
	exchange_choice(m, 1U << 30, 0, 1);
	exchange_choice(m, U32_MAX, 1, 1);
}

/* The whole of a profile of that kind. */
static inline void exchanging(struct mk *m)
{
	begin(m);
	three_sizes(m);
	link(m, 0);
	exchange(m, BOTH);
}

static inline void plan(struct mk *m)
{
	struct rtpl_profile_dp *r;
	struct rtpl_profile_line *line;
	int i;

	record(m, RTPL_PROFILE_DP, BOTH);
	r = add(m, sizeof(*r));
	*r = (struct rtpl_profile_dp){
		.mechanism = RTPL_DP_SKELLAM,
		.parts = 2,
		.draws = 3,
		.n_lines = 2,
		.hold = 1,
		.step = cpu_to_le32(64),
		.grain = cpu_to_le32(1000),
		.min = cpu_to_le32(1),
		.max = cpu_to_le32(50),
		.burst = cpu_to_le32(4),
		.window_ns = cpu_to_le64(10 * MS),
		.windows = cpu_to_le64(99),
		.delta = cpu_to_le64(123456789),
	};
	for (i = 0; i < 2; i++) {
		line = add(m, sizeof(*line));
		line->each = cpu_to_le64(7 + i);
		line->once = cpu_to_le64(70 + i);
	}
	for (i = 0; i < 2; i++) {
		struct rtpl_profile_table *t = add(m, sizeof(*t));
		__le64 *pool = add(m, 16);

		t->kind = RTPL_DIST_STEPS;
		t->n = cpu_to_le16(1);
		t->start = cpu_to_le64(-3);
		t->min = cpu_to_le64(-5);
		t->max = cpu_to_le64(5);
		pool[0] = cpu_to_le64(U64_MAX);
		pool[1] = cpu_to_le64(2 + i);
	}
}

static inline struct rtpl_profile_gap *gap(struct mk *m, u8 mode, u64 ns, s64 low, s64 high)
{
	struct rtpl_profile_gap *r = add(m, sizeof(*r));

	r->mode = mode;
	r->ns = cpu_to_le64(ns);
	if (mode == RTPL_CHAFF_RANDOM)
		table(m, low, high);
	return r;
}

static inline void cover(struct mk *m, u8 ends, u64 every)
{
	struct rtpl_profile_cover *r;

	kind(m, RTPL_PROFILE_CHAFF, ends, RTPL_CHAFF_COVER);
	r = add(m, sizeof(*r));
	r->idle = cpu_to_le64(55 * MS);
	gap(m, RTPL_CHAFF_FIXED, every, 0, 0);
}

static inline void wtfpad(struct mk *m, u8 ends)
{
	struct rtpl_profile_wtfpad *r;
	struct rtpl_profile_hist *h;
	int i;

	kind(m, RTPL_PROFILE_CHAFF, ends, RTPL_CHAFF_WTFPAD);
	r = add(m, sizeof(*r));
	r->removal = RTPL_WTFPAD_HIGHER;
	r->flags = RTPL_WTFPAD_ON_CHAFF;
	r->hists = BIT(0) | BIT(3);
	for (i = 0; i < 2; i++) {
		h = add(m, sizeof(*h));
		h->n = 2;
		h->infinity = cpu_to_le16(300 + i);
		h->tokens[0] = cpu_to_le16(1000 + i);
		h->tokens[1] = cpu_to_le16(2000 + i);
		h->edge[0] = cpu_to_le64(5 * MS + i);
		h->edge[1] = cpu_to_le64(6 * MS + i);
	}
}

/* One state, that pads after 1 ms (or blocks), and stays. */
static inline void machine(struct mk *m, u8 ends, bool block)
{
	struct rtpl_machine_head *h;
	struct rtpl_machine_state *s;
	struct rtpl_machine_table *t;
	__le64 *pool;
	u32 size = sizeof(*h) + sizeof(*s) + sizeof(*t) + 16;

	record(m, RTPL_PROFILE_MACHINE, ends);
	h = add(m, sizeof(*h));
	h->magic = cpu_to_le32(RTPL_MACHINE_MAGIC);
	h->version = cpu_to_le16(RTPL_MACHINE_VERSION);
	h->n_states = cpu_to_le16(1);
	h->size = cpu_to_le32(size);
	h->n_dists = cpu_to_le16(1);
	h->allowed_padding = cpu_to_le64(9);
	s = add(m, sizeof(*s));
	s->kind = block ? RTPL_MACHINE_BLOCK : RTPL_MACHINE_PAD;
	s->duration = cpu_to_le16(block ? 0 : RTPL_MACHINE_NONE);
	s->limit = cpu_to_le16(RTPL_MACHINE_NONE);
	s->by[0] = cpu_to_le16(RTPL_MACHINE_NONE);
	s->by[1] = cpu_to_le16(RTPL_MACHINE_NONE);
	t = add(m, sizeof(*t));
	t->n = cpu_to_le16(1);
	t->at = cpu_to_le32(size - 16);
	t->min = cpu_to_le64(MS);
	t->max = cpu_to_le64(MS);
	pool = add(m, 16);
	pool[0] = cpu_to_le64(U64_MAX);
	pool[1] = cpu_to_le64(MS);
}

static inline void messages(struct mk *m, u32 largest)
{
	struct rtpl_profile_messages *r;

	record(m, RTPL_PROFILE_MESSAGES, BOTH);
	r = add(m, sizeof(*r));
	r->n_buckets = 2;
	r->bucket[0] = cpu_to_le32(512);
	r->bucket[1] = cpu_to_le32(largest);
	table(m, 0, 100);
}

static inline void plain(struct mk *m, u8 sched_ends)
{
	begin(m);
	sizes(m, RTPL_SIZES_FIXED, 1200);
	link(m, 0);
	kind(m, RTPL_PROFILE_SCHED, sched_ends, RTPL_SCHEDULE_ASAP);
}

/* What the blob says; a copy of it is parsed, as tables may be turned in place. */
static inline int parse(struct mk *m)
{
	finish(m);
	m->why = NULL;
	m->where = (struct rtpl_profile_where){ .at = 12345 };
	memcpy(m->copy, m->blob, m->len);
	return rtpl_profile_parse(&m->p, m->copy, m->len, &m->why, &m->where);
}

static inline struct mk *mk_new(struct kunit *test)
{
	struct mk *m = kunit_kzalloc(test, sizeof(*m), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, m);
	return m;
}

#define EXPECT_GOOD(test, m) do {						\
	int err_ = parse(m);							\
	if (err_)								\
		KUNIT_FAIL(test, "%d: %s (%s)", err_, (m)->why, (m)->where.field);	\
} while (0)

static inline void expect_bad(struct kunit *test, struct mk *m, int err, const char *field,
			      const char *why)
{
	int is = parse(m);

	if (is != err || !m->why || !strstr(m->why, why) || strcmp(m->where.field, field))
		KUNIT_FAIL(test, "%d %s: %s, not %d %s: %s", is, m->where.field ?: "-",
			   m->why ?: "-", err, field, why);
}

/* Two ends that differ, with a record of most types. */
static inline void web(struct mk *m)
{
	struct rtpl_profile_machines *r;

	begin(m);
	sizes(m, RTPL_SIZES_FIXED, 1200);
	messages(m, 8192);
	link(m, 50 * MS);
	limits(m, 250, 9000, 123456);
	jitter(m, CLIENT, 5 * MS);
	interval(m, SERVER, 20 * MS, false);
	wtfpad(m, BOTH);
	machine(m, CLIENT, true);
	machine(m, BOTH, false);
	record(m, RTPL_PROFILE_MACHINES, CLIENT);
	r = add(m, sizeof(*r));
	r->max_padding = cpu_to_le64(1ULL << 62);
	r->max_blocking = cpu_to_le64(1ULL << 61);
}

#endif /* RTPL_KUNIT_PROFILE_MAKE_H */
