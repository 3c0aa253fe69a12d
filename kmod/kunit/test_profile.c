// SPDX-License-Identifier: GPL-2.0
/*
 * Profiles (core/profile.c): a blob with every kind of record read back field by field,
 * every way in which its form can be wrong, and every contradiction once.
 */
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

static void *add(struct mk *m, u32 bytes)
{
	void *at = m->blob + m->len;

	memset(at, 0, bytes);
	m->len += bytes;
	return at;
}

static void finish(struct mk *m)
{
	struct rtpl_profile_head *h = (struct rtpl_profile_head *)m->blob;
	struct rtpl_profile_record *r = (struct rtpl_profile_record *)(m->blob + m->rec);

	if (m->rec)
		r->len = cpu_to_le32(m->len - m->rec);
	h->size = cpu_to_le32(m->len);
}

static void record(struct mk *m, u16 type, u8 ends)
{
	struct rtpl_profile_record *r;

	finish(m);
	m->rec = m->len;
	r = add(m, sizeof(*r));
	r->type = cpu_to_le16(type);
	r->ends = ends;
}

static void begin(struct mk *m)
{
	struct rtpl_profile_head *h;

	m->len = 0;
	m->rec = 0;
	h = add(m, sizeof(*h));
	h->magic = cpu_to_le32(RTPL_PROFILE_MAGIC);
	h->version = cpu_to_le16(RTPL_PROFILE_VERSION);
	strcpy(h->name, "test-1");
}

static void table(struct mk *m, s64 low, s64 high)
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

static void sizes(struct mk *m, u8 kind, u16 cell)
{
	struct rtpl_profile_sizes *r;

	record(m, RTPL_PROFILE_SIZES, BOTH);
	r = add(m, sizeof(*r));
	r->sizes = kind;
	r->cell = cpu_to_le16(cell);
}

static void link(struct mk *m, u64 latency)
{
	struct rtpl_profile_link *r;

	record(m, RTPL_PROFILE_LINK, BOTH);
	r = add(m, sizeof(*r));
	r->latency_ns = cpu_to_le64(latency);
	r->limit = cpu_to_le32(777);
	r->overflow = RTPL_OVERFLOW_DROP_OLDEST;
}

static void limits(struct mk *m, u32 overhead, u32 free, u64 rate)
{
	struct rtpl_profile_limits *r;

	record(m, RTPL_PROFILE_LIMITS, BOTH);
	r = add(m, sizeof(*r));
	r->overhead = cpu_to_le32(overhead);
	r->free = cpu_to_le32(free);
	r->rate = cpu_to_le64(rate);
	r->window = cpu_to_le64(1000 * MS);
}

static void kind(struct mk *m, u16 type, u8 ends, u8 which)
{
	struct rtpl_profile_kind *r;

	record(m, type, ends);
	r = add(m, sizeof(*r));
	r->kind = which;
}

static void jitter(struct mk *m, u8 ends, u64 most)
{
	struct rtpl_profile_jitter *r;

	kind(m, RTPL_PROFILE_SCHED, ends, RTPL_SCHEDULE_JITTER);
	r = add(m, sizeof(*r));
	r->max_ns = cpu_to_le64(most);
	table(m, 0, most);
}

static void constant(struct mk *m, u8 ends, u32 rate)
{
	struct rtpl_profile_const *r;

	kind(m, RTPL_PROFILE_SCHED, ends, RTPL_SCHEDULE_CONST);
	r = add(m, sizeof(*r));
	r->rate = cpu_to_le32(rate);
}

static void interval(struct mk *m, u8 ends, u64 period, bool chaff)
{
	struct rtpl_profile_interval *r;

	kind(m, RTPL_PROFILE_SCHED, ends, RTPL_SCHEDULE_INTERVAL);
	r = add(m, sizeof(*r));
	r->period_ns = cpu_to_le64(period);
	r->cells = cpu_to_le16(3);
	r->chaff = chaff;
	add(m, sizeof(struct rtpl_profile_table));
}

static void ladder(struct mk *m, u8 ends)
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

static void regulator(struct mk *m, u8 ends, u8 end)
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

static void tamaraw(struct mk *m, u8 ends)
{
	struct rtpl_profile_tamaraw *r;

	kind(m, RTPL_PROFILE_SCHED, ends, RTPL_SCHEDULE_TAMARAW);
	r = add(m, sizeof(*r));
	r->period_ns = cpu_to_le64(12 * MS);
	r->quiet_ns = cpu_to_le64(5000 * MS);
	r->multiple = cpu_to_le32(100);
	r->cells = cpu_to_le16(2);
}

static void plan(struct mk *m)
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

static struct rtpl_profile_gap *gap(struct mk *m, u8 mode, u64 ns, s64 low, s64 high)
{
	struct rtpl_profile_gap *r = add(m, sizeof(*r));

	r->mode = mode;
	r->ns = cpu_to_le64(ns);
	if (mode == RTPL_CHAFF_RANDOM)
		table(m, low, high);
	return r;
}

static void cover(struct mk *m, u8 ends, u64 every)
{
	struct rtpl_profile_cover *r;

	kind(m, RTPL_PROFILE_CHAFF, ends, RTPL_CHAFF_COVER);
	r = add(m, sizeof(*r));
	r->idle = cpu_to_le64(55 * MS);
	gap(m, RTPL_CHAFF_FIXED, every, 0, 0);
}

static void wtfpad(struct mk *m, u8 ends)
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
static void machine(struct mk *m, u8 ends, bool block)
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

static void messages(struct mk *m, u32 largest)
{
	struct rtpl_profile_messages *r;

	record(m, RTPL_PROFILE_MESSAGES, BOTH);
	r = add(m, sizeof(*r));
	r->n_buckets = 2;
	r->bucket[0] = cpu_to_le32(512);
	r->bucket[1] = cpu_to_le32(largest);
	table(m, 0, 100);
}

static void plain(struct mk *m, u8 sched_ends)
{
	begin(m);
	sizes(m, RTPL_SIZES_FIXED, 1200);
	link(m, 0);
	kind(m, RTPL_PROFILE_SCHED, sched_ends, RTPL_SCHEDULE_ASAP);
}

/* What the blob says; a copy of it is parsed, as tables may be turned in place. */
static int parse(struct mk *m)
{
	finish(m);
	m->why = NULL;
	m->where = (struct rtpl_profile_where){ .at = 12345 };
	memcpy(m->copy, m->blob, m->len);
	return rtpl_profile_parse(&m->p, m->copy, m->len, &m->why, &m->where);
}

static struct mk *mk_new(struct kunit *test)
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

static void expect_bad(struct kunit *test, struct mk *m, int err, const char *field,
		       const char *why)
{
	int is = parse(m);

	if (is != err || !m->why || !strstr(m->why, why) || strcmp(m->where.field, field))
		KUNIT_FAIL(test, "%d %s: %s, not %d %s: %s", is, m->where.field ?: "-",
			   m->why ?: "-", err, field, why);
}

/* ---- read back ---- */

static void web(struct mk *m)
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

static void link_and_sizes(struct kunit *test)
{
	struct mk *m = mk_new(test);
	const struct rtpl_profile *p = &m->p;

	web(m);
	EXPECT_GOOD(test, m);
	KUNIT_EXPECT_STREQ(test, p->name, "test-1");
	KUNIT_EXPECT_EQ(test, p->shape.sizes, RTPL_SIZES_FIXED);
	KUNIT_EXPECT_EQ(test, p->shape.cell, 1200);
	KUNIT_EXPECT_EQ(test, p->shape.latency_ns, 50 * MS);
	KUNIT_EXPECT_EQ(test, p->shape.limit, 777);
	KUNIT_EXPECT_EQ(test, p->shape.overflow, RTPL_OVERFLOW_DROP_OLDEST);
	KUNIT_EXPECT_EQ(test, p->shape.sched, RTPL_SCHEDULE_ASAP);
	KUNIT_EXPECT_TRUE(test, p->messages);
	KUNIT_EXPECT_EQ(test, p->noise.n_buckets, 2);
	KUNIT_EXPECT_EQ(test, p->noise.bucket[0], 512);
	KUNIT_EXPECT_EQ(test, p->noise.bucket[1], 8192);
	KUNIT_EXPECT_EQ(test, rtpl_dist_at(&p->noise.noise, BIT_ULL(63)), 50);
	KUNIT_EXPECT_EQ(test, p->limits.overhead, 250);
	KUNIT_EXPECT_EQ(test, p->limits.free, 9000);
	KUNIT_EXPECT_EQ(test, p->limits.rate, 123456);
	KUNIT_EXPECT_EQ(test, p->limits.window, 1000 * MS);
}

static void two_ends(struct kunit *test)
{
	struct mk *m = mk_new(test);
	const struct rtpl_profile_end *c = &m->p.end[RTPL_END_CLIENT];
	const struct rtpl_profile_end *s = &m->p.end[RTPL_END_SERVER];
	const struct rtpl_wtfpad_hist *h;

	web(m);
	EXPECT_GOOD(test, m);
	KUNIT_EXPECT_EQ(test, c->sched.kind, RTPL_SCHEDULE_JITTER);
	KUNIT_EXPECT_EQ(test, c->sched.jitter.max_ns, 5 * MS);
	KUNIT_EXPECT_EQ(test, rtpl_dist_at(&c->sched.jitter.hold, U64_MAX), 5 * MS - 1);
	KUNIT_EXPECT_EQ(test, s->sched.kind, RTPL_SCHEDULE_INTERVAL);
	KUNIT_EXPECT_EQ(test, s->sched.interval.period_ns, 20 * MS);
	KUNIT_EXPECT_EQ(test, s->sched.interval.cells, 3);
	KUNIT_EXPECT_FALSE(test, s->sched.interval.chaff);
	KUNIT_EXPECT_EQ(test, s->sched.interval.jitter.n, 0);
	KUNIT_EXPECT_EQ(test, c->chaff.kind, RTPL_CHAFF_WTFPAD);
	KUNIT_EXPECT_EQ(test, s->chaff.wtfpad.removal, RTPL_WTFPAD_HIGHER);
	KUNIT_EXPECT_EQ(test, s->chaff.wtfpad.flags, RTPL_WTFPAD_ON_CHAFF);
	KUNIT_EXPECT_TRUE(test, !c->chaff.wtfpad.hist[RTPL_WTFPAD_SND][RTPL_WTFPAD_GAP]);
	KUNIT_EXPECT_TRUE(test, !c->chaff.wtfpad.hist[RTPL_WTFPAD_RCV][RTPL_WTFPAD_BURST]);
	h = c->chaff.wtfpad.hist[RTPL_WTFPAD_RCV][RTPL_WTFPAD_GAP];
	KUNIT_ASSERT_NOT_NULL(test, h);
	KUNIT_EXPECT_PTR_EQ(test, h, s->chaff.wtfpad.hist[RTPL_WTFPAD_RCV][RTPL_WTFPAD_GAP]);
	KUNIT_EXPECT_EQ(test, h->n, 2);
	KUNIT_EXPECT_EQ(test, h->infinity, 301);
	KUNIT_EXPECT_EQ(test, h->tokens[0], 1001);
	KUNIT_EXPECT_EQ(test, h->tokens[1], 2001);
	KUNIT_EXPECT_EQ(test, h->edge[0], 5 * MS + 1);
	KUNIT_EXPECT_EQ(test, h->edge[1], 6 * MS + 1);
	KUNIT_EXPECT_EQ(test, c->n_machines, 2);
	KUNIT_EXPECT_EQ(test, c->machine[0].state[0].kind, RTPL_MACHINE_BLOCK);
	KUNIT_EXPECT_EQ(test, s->n_machines, 1);
	KUNIT_EXPECT_EQ(test, s->machine[0].state[0].kind, RTPL_MACHINE_PAD);
	KUNIT_EXPECT_EQ(test, s->machine[0].allowed_padding, 9);
	KUNIT_EXPECT_EQ(test, c->machines.max_padding, 1ULL << 62);
	KUNIT_EXPECT_EQ(test, c->machines.max_blocking, 1ULL << 61);
	KUNIT_EXPECT_EQ(test, s->machines.max_padding, 0);
}

static void each_schedule(struct kunit *test)
{
	struct mk *m = mk_new(test);
	const struct rtpl_sched_params *c = &m->p.end[RTPL_END_CLIENT].sched;
	const struct rtpl_sched_params *s = &m->p.end[RTPL_END_SERVER].sched;
	const struct rtpl_sched_regulator *r = &c->regulator;

	plain(m, CLIENT);
	ladder(m, SERVER);
	EXPECT_GOOD(test, m);
	KUNIT_EXPECT_EQ(test, c->kind, RTPL_SCHEDULE_ASAP);
	KUNIT_EXPECT_EQ(test, s->ladder.n, 2);
	KUNIT_EXPECT_EQ(test, s->ladder.first, 1);
	KUNIT_EXPECT_EQ(test, s->ladder.growth, 2);
	KUNIT_EXPECT_EQ(test, s->ladder.up, 900);
	KUNIT_EXPECT_EQ(test, s->ladder.down, 300);
	KUNIT_EXPECT_EQ(test, s->ladder.rate[1], 200);
	KUNIT_EXPECT_EQ(test, s->ladder.epoch_ns, 1000 * MS);
	KUNIT_EXPECT_EQ(test, s->ladder.epoch_max_ns, 60000 * MS);

	plain(m, SERVER);
	regulator(m, CLIENT, RTPL_END_CLIENT);
	EXPECT_GOOD(test, m);
	KUNIT_EXPECT_EQ(test, r->end, RTPL_END_CLIENT);
	KUNIT_EXPECT_EQ(test, r->warm_cells, 10);
	KUNIT_EXPECT_EQ(test, r->warm_rate, 11);
	KUNIT_EXPECT_EQ(test, r->rate, 277);
	KUNIT_EXPECT_EQ(test, r->floor, 21);
	KUNIT_EXPECT_EQ(test, r->threshold, 3550);
	KUNIT_EXPECT_EQ(test, r->budget, 3551);
	KUNIT_EXPECT_EQ(test, r->ratio, 3950);
	KUNIT_EXPECT_EQ(test, r->half_ns, 11202305584);
	KUNIT_EXPECT_EQ(test, r->cap_ns, 1770 * MS);
	KUNIT_EXPECT_EQ(test, r->idle_ns, 2000 * MS);

	plain(m, SERVER);
	tamaraw(m, CLIENT);
	EXPECT_GOOD(test, m);
	KUNIT_EXPECT_EQ(test, c->tamaraw.period_ns, 12 * MS);
	KUNIT_EXPECT_EQ(test, c->tamaraw.quiet_ns, 5000 * MS);
	KUNIT_EXPECT_EQ(test, c->tamaraw.multiple, 100);
	KUNIT_EXPECT_EQ(test, c->tamaraw.cells, 2);

	begin(m);
	sizes(m, RTPL_SIZES_FIXED, 1200);
	link(m, 0);
	constant(m, BOTH, 1000);
	EXPECT_GOOD(test, m);
	KUNIT_EXPECT_EQ(test, c->rate, 1000);
	KUNIT_EXPECT_EQ(test, s->rate, 1000);
	KUNIT_EXPECT_EQ(test, m->p.shape.sched, RTPL_SCHEDULE_CONST);
	KUNIT_EXPECT_EQ(test, m->p.shape.rate, 1000);
}

static void private_window(struct kunit *test)
{
	struct mk *m = mk_new(test);
	const struct rtpl_dp_plan *d = &m->p.dp;

	plain(m, CLIENT);
	kind(m, RTPL_PROFILE_SCHED, SERVER, RTPL_SCHEDULE_DP);
	plan(m);
	EXPECT_GOOD(test, m);
	KUNIT_EXPECT_PTR_EQ(test, m->p.end[RTPL_END_SERVER].sched.dp, d);
	KUNIT_EXPECT_EQ(test, d->mechanism, RTPL_DP_SKELLAM);
	KUNIT_EXPECT_EQ(test, d->parts, 2);
	KUNIT_EXPECT_EQ(test, d->draws, 3);
	KUNIT_EXPECT_EQ(test, d->n_lines, 2);
	KUNIT_EXPECT_TRUE(test, d->hold);
	KUNIT_EXPECT_EQ(test, d->step, 64);
	KUNIT_EXPECT_EQ(test, d->grain, 1000);
	KUNIT_EXPECT_EQ(test, d->min, 1);
	KUNIT_EXPECT_EQ(test, d->max, 50);
	KUNIT_EXPECT_EQ(test, d->burst, 4);
	KUNIT_EXPECT_EQ(test, d->window_ns, 10 * MS);
	KUNIT_EXPECT_EQ(test, d->windows, 99);
	KUNIT_EXPECT_EQ(test, d->delta, 123456789);
	KUNIT_EXPECT_EQ(test, d->line[1].each, 8);
	KUNIT_EXPECT_EQ(test, d->line[1].once, 71);
	KUNIT_EXPECT_EQ(test, d->part[0].start, -3);
	KUNIT_EXPECT_EQ(test, d->part[0].min, -5);
	KUNIT_EXPECT_EQ(test, rtpl_dist_at(&d->part[0], 0), -1);
	KUNIT_EXPECT_EQ(test, rtpl_dist_at(&d->part[1], 0), 0);
}

static void each_chaff(struct kunit *test)
{
	struct mk *m = mk_new(test);
	const struct rtpl_profile_end *c = &m->p.end[RTPL_END_CLIENT];
	const struct rtpl_profile_end *s = &m->p.end[RTPL_END_SERVER];
	struct rtpl_profile_bip324 *b;
	struct rtpl_profile_front *f;

	plain(m, BOTH);
	cover(m, CLIENT, 40 * MS);
	EXPECT_GOOD(test, m);
	KUNIT_EXPECT_EQ(test, c->chaff.cover.idle, 55 * MS);
	KUNIT_EXPECT_EQ(test, c->chaff.cover.every.mode, RTPL_CHAFF_FIXED);
	KUNIT_EXPECT_EQ(test, c->chaff.cover.every.ns, 40 * MS);
	KUNIT_EXPECT_EQ(test, s->chaff.kind, RTPL_CHAFF_NONE);

	plain(m, BOTH);
	kind(m, RTPL_PROFILE_CHAFF, BOTH, RTPL_CHAFF_BIP324);
	b = add(m, sizeof(*b));
	b->padding = RTPL_CHAFF_RANDOM;
	b->count = 4;
	b->chance = cpu_to_le32(1U << 30);
	gap(m, RTPL_CHAFF_RANDOM, 0, 10 * MS, 30 * MS);
	EXPECT_GOOD(test, m);
	KUNIT_EXPECT_EQ(test, c->chaff.bip324.padding, RTPL_CHAFF_RANDOM);
	KUNIT_EXPECT_EQ(test, c->chaff.bip324.count, 4);
	KUNIT_EXPECT_EQ(test, c->chaff.bip324.chance, 1U << 30);
	KUNIT_EXPECT_PTR_EQ(test, c->chaff.bip324.background.dist, &c->gap);
	KUNIT_EXPECT_PTR_EQ(test, s->chaff.bip324.background.dist, &s->gap);
	KUNIT_EXPECT_EQ(test, rtpl_dist_at(&s->gap, BIT_ULL(63)), 20 * MS);

	plain(m, BOTH);
	kind(m, RTPL_PROFILE_CHAFF, SERVER, RTPL_CHAFF_FRONT);
	f = add(m, sizeof(*f));
	f->min = cpu_to_le16(1);
	f->max = cpu_to_le16(1700);
	f->window_min = cpu_to_le64(1000 * MS);
	f->window_max = cpu_to_le64(14000 * MS);
	f->silence = cpu_to_le64(2000 * MS);
	EXPECT_GOOD(test, m);
	KUNIT_EXPECT_EQ(test, c->chaff.kind, RTPL_CHAFF_NONE);
	KUNIT_EXPECT_EQ(test, s->chaff.front.min, 1);
	KUNIT_EXPECT_EQ(test, s->chaff.front.max, 1700);
	KUNIT_EXPECT_EQ(test, s->chaff.front.window_min, 1000 * MS);
	KUNIT_EXPECT_EQ(test, s->chaff.front.window_max, 14000 * MS);
	KUNIT_EXPECT_EQ(test, s->chaff.front.silence, 2000 * MS);
}

/* ---- its form ---- */

/* Each cut, and each record that is longer or shorter than it says. */
static void cuts(struct kunit *test)
{
	struct mk *m = mk_new(test);
	struct rtpl_profile_head *h = (struct rtpl_profile_head *)m->blob;
	struct rtpl_profile_record *r;
	u32 whole, at, len, which;
	int err;

	for (which = 0; which < 2; which++) {
		web(m);
		if (which) {
			plain(m, CLIENT);
			kind(m, RTPL_PROFILE_SCHED, SERVER, RTPL_SCHEDULE_DP);
			plan(m);
		}
		finish(m);
		whole = m->len;
		for (m->len = 0, at = sizeof(*h); m->len < whole; m->len += 4) {
			bool ends = m->len == at;

			if (ends)
				at += le32_to_cpu(((struct rtpl_profile_record *)
						   (m->blob + at))->len);
			memcpy(m->copy, m->blob, m->len);
			KUNIT_EXPECT_EQ(test, -EINVAL, rtpl_profile_parse(&m->p, m->copy, m->len,
									  &m->why, &m->where));
			/* Some of its records may make a profile, too. */
			h->size = cpu_to_le32(m->len);
			memcpy(m->copy, m->blob, m->len);
			h->size = cpu_to_le32(whole);
			err = rtpl_profile_parse(&m->p, m->copy, m->len, &m->why, &m->where);
			if (!ends)
				KUNIT_EXPECT_EQ(test, err, -EINVAL);
		}
		m->rec = 0;
		for (at = sizeof(*h); at < whole; at += len) {
			r = (struct rtpl_profile_record *)(m->blob + at);
			len = le32_to_cpu(r->len);
			r->len = cpu_to_le32(len - 8);
			KUNIT_EXPECT_LT(test, parse(m), 0);
			r->len = cpu_to_le32(len + 8);
			KUNIT_EXPECT_LT(test, parse(m), 0);
			r->len = cpu_to_le32(len + 4);
			KUNIT_EXPECT_LT(test, parse(m), 0);
			r->len = 0;
			KUNIT_EXPECT_LT(test, parse(m), 0);
			KUNIT_EXPECT_EQ(test, m->where.at, at);
			r->len = cpu_to_le32(len);
		}
		EXPECT_GOOD(test, m);
	}
}

/* Any bit turned: refused, or the form was such that it is still whole. Never worse. */
static void bits(struct kunit *test)
{
	struct mk *m = mk_new(test);
	u32 at, refused = 0;

	web(m);
	finish(m);
	m->rec = 0;
	for (at = 0; at < m->len; at++) {
		m->blob[at] ^= 1 << at % 8;
		if (parse(m)) {
			refused++;
			KUNIT_EXPECT_NOT_NULL(test, m->why);
			KUNIT_EXPECT_NOT_NULL(test, m->where.field);
			KUNIT_EXPECT_LT(test, m->where.at, m->len);
		}
		m->blob[at] ^= 1 << at % 8;
	}
	/* The name, the numbers in tables and the like may change; all zero may not. */
	KUNIT_EXPECT_GT(test, refused, m->len / 2);
	KUNIT_EXPECT_LT(test, refused, m->len);
}

static void heads(struct kunit *test)
{
	struct mk *m = mk_new(test);
	struct rtpl_profile_head *h = (struct rtpl_profile_head *)m->blob;
	struct rtpl_profile_record *r;

	plain(m, BOTH);
	h->magic++;
	expect_bad(test, m, -EINVAL, "Profile", "no profile");
	plain(m, BOTH);
	h->version++;
	expect_bad(test, m, -EPROTONOSUPPORT, "Profile", "another version");
	plain(m, BOTH);
	h->zero = 1;
	expect_bad(test, m, -EINVAL, "Profile", "not zero");
	plain(m, BOTH);
	h->zero2 = 1;
	expect_bad(test, m, -EINVAL, "Profile", "not zero");
	plain(m, BOTH);
	h->name[0] = 'A';
	expect_bad(test, m, -EINVAL, "Profile", "name");
	plain(m, BOTH);
	h->name[0] = 0;
	expect_bad(test, m, -EINVAL, "Profile", "name");
	plain(m, BOTH);
	h->name[20] = 'a';
	expect_bad(test, m, -EINVAL, "Profile", "not zero");
	plain(m, BOTH);
	memset(h->name, 'a', sizeof(h->name));
	expect_bad(test, m, -EINVAL, "Profile", "letters");

	plain(m, BOTH);
	record(m, RTPL_PROFILE_TYPES, BOTH);
	expect_bad(test, m, -EINVAL, "Profile", "unknown type");
	KUNIT_EXPECT_EQ(test, m->where.at, m->rec);
	plain(m, BOTH);
	record(m, 0, BOTH);
	expect_bad(test, m, -EINVAL, "Profile", "unknown type");
	plain(m, BOTH);
	kind(m, RTPL_PROFILE_CHAFF, 0, RTPL_CHAFF_NONE);
	expect_bad(test, m, -EINVAL, "Chaff", "an end that there is not");
	plain(m, BOTH);
	kind(m, RTPL_PROFILE_CHAFF, 7, RTPL_CHAFF_NONE);
	expect_bad(test, m, -EINVAL, "Chaff", "an end that there is not");
	plain(m, BOTH);
	limits(m, 1, 1, 0);
	r = (struct rtpl_profile_record *)(m->blob + m->rec);
	r->ends = CLIENT;
	expect_bad(test, m, -EINVAL, "Limits", "an end that there is not");
	r->ends = BOTH;
	r->zero = 1;
	expect_bad(test, m, -EINVAL, "Limits", "not zero");

	plain(m, BOTH);
	kind(m, RTPL_PROFILE_SCHED, SERVER, RTPL_SCHEDULE_ASAP);
	expect_bad(test, m, -EINVAL, "Schedule", "twice");
	plain(m, CLIENT);
	expect_bad(test, m, -EINVAL, "Schedule", "lacks");
	plain(m, BOTH);
	kind(m, RTPL_PROFILE_SCHED, BOTH, RTPL_SCHEDULE_ASAP);
	expect_bad(test, m, -EINVAL, "Schedule", "twice");
	begin(m);
	link(m, 0);
	kind(m, RTPL_PROFILE_SCHED, BOTH, RTPL_SCHEDULE_ASAP);
	expect_bad(test, m, -EINVAL, "Sizes", "lacks");

	memset(m->blob, 0, 8);
	plain(m, BOTH);
	finish(m);
	KUNIT_EXPECT_EQ(test, -EINVAL, rtpl_profile_parse(&m->p, m->copy + 4, m->len, &m->why,
							  &m->where));
	KUNIT_EXPECT_EQ(test, -E2BIG, rtpl_profile_parse(&m->p, m->copy, RTPL_PROFILE_SIZE + 8,
							 &m->why, &m->where));
}

/* Records that are wrong by themselves. */
static void records(struct kunit *test)
{
	struct mk *m = mk_new(test);
	struct rtpl_profile_table *t;
	struct rtpl_profile_hist *h;
	u32 i;

	plain(m, CLIENT);
	kind(m, RTPL_PROFILE_SCHED, SERVER, RTPL_SCHEDULE_KINDS);
	expect_bad(test, m, -EINVAL, "Schedule", "unknown");
	plain(m, CLIENT);
	regulator(m, SERVER, RTPL_END_CLIENT);
	expect_bad(test, m, -EINVAL, "Schedule", "not the server");
	begin(m);
	sizes(m, RTPL_SIZES_FIXED, 1200);
	link(m, 0);
	regulator(m, BOTH, RTPL_END_CLIENT);
	expect_bad(test, m, -EINVAL, "Schedule", "not the server");
	plain(m, BOTH);
	kind(m, RTPL_PROFILE_CHAFF, BOTH, RTPL_CHAFF_KINDS);
	expect_bad(test, m, -EINVAL, "Chaff", "unknown");

	/* tables: no entries, too many, more than there are */
	plain(m, CLIENT);
	jitter(m, SERVER, 5 * MS);
	t = (struct rtpl_profile_table *)(m->blob + m->rec + 24);
	t->n = 0;
	expect_bad(test, m, -EINVAL, "Schedule", "no entries");
	t->n = cpu_to_le16(1025);
	expect_bad(test, m, -E2BIG, "Schedule", "1024");
	t->n = cpu_to_le16(3);
	expect_bad(test, m, -EINVAL, "Schedule", "cut off");
	t->n = cpu_to_le16(1);
	expect_bad(test, m, -EINVAL, "Schedule", "longer");
	t->n = cpu_to_le16(2);
	t->kind = 9;
	expect_bad(test, m, -EINVAL, "Schedule", "kind");
	KUNIT_EXPECT_EQ(test, m->where.at, m->rec);
	plain(m, CLIENT);
	interval(m, SERVER, 5 * MS, false);
	t = (struct rtpl_profile_table *)(m->blob + m->len - sizeof(*t));
	t->max = 1;
	expect_bad(test, m, -EINVAL, "Schedule", "not zero");

	plain(m, BOTH);
	wtfpad(m, BOTH);
	h = (struct rtpl_profile_hist *)(m->blob + m->rec + 24);
	h->n = 65;
	expect_bad(test, m, -ERANGE, "Chaff", "64 bins");
	h->n = 1;
	expect_bad(test, m, -EINVAL, "Chaff", "not zero");
	h->n = 2;
	h->zero2 = 1;
	expect_bad(test, m, -EINVAL, "Chaff", "not zero");
	h->zero2 = 0;
	h->tokens[0] = 0;
	h->tokens[1] = 0;
	expect_bad(test, m, -EINVAL, "Chaff", "no tokens");

	plain(m, BOTH);
	for (i = 0; i <= RTPL_MACHINES; i++)
		machine(m, CLIENT, false);
	expect_bad(test, m, -E2BIG, "Machine", "8 machines");
	plain(m, BOTH);
	machine(m, BOTH, false);
	m->blob[m->rec + 8]++;
	expect_bad(test, m, -EINVAL, "Machine", "no machine");
}

/* ---- what contradicts ---- */

static void shaped(struct mk *m, u8 kind_of_sizes, u16 cell, u64 latency)
{
	begin(m);
	sizes(m, kind_of_sizes, cell);
	link(m, latency);
}

/* One schedule that fills every slot at both ends, number @i; false: no more. */
static bool filling(struct mk *m, u32 i)
{
	switch (i) {
	case 0:
		constant(m, BOTH, 1000);
		return true;
	case 1:
		interval(m, BOTH, 3 * MS, true);
		return true;
	case 2:
		ladder(m, BOTH);
		return true;
	case 3:
		tamaraw(m, BOTH);
		return true;
	case 4:
		kind(m, RTPL_PROFILE_SCHED, BOTH, RTPL_SCHEDULE_DP);
		plan(m);
		return true;
	default:
		return false;
	}
}

static void fills(struct kunit *test)
{
	/* bytes a second of cells of 1000 bytes; dp: 50 grains of 1000 each 10 ms */
	static const u32 bytes[] = { 1000000, 1000000, 200000, 166666, 5000000 };
	struct mk *m = mk_new(test);
	u32 i;

	for (i = 0; shaped(m, RTPL_SIZES_FIXED, 1000, 0), filling(m, i); i++) {
		EXPECT_GOOD(test, m);
		cover(m, SERVER, 40 * MS);
		expect_bad(test, m, -EINVAL, "Chaff", "no room for other chaff");
		shaped(m, RTPL_SIZES_FIXED, 1000, 0);
		filling(m, i);
		machine(m, SERVER, false);
		expect_bad(test, m, -EINVAL, "Machine", "nothing to do");
		shaped(m, RTPL_SIZES_FIXED, 1000, 0);
		filling(m, i);
		messages(m, 8192);
		expect_bad(test, m, -EINVAL, "Sizes", "do not show");
		shaped(m, RTPL_SIZES_POW2, 0, 0);
		filling(m, i);
		expect_bad(test, m, -EINVAL, i ? "Sizes" : "Schedule", "one size");
		shaped(m, RTPL_SIZES_FIXED, 1000, 0);
		filling(m, i);
		limits(m, 90000, 90000, 0);
		expect_bad(test, m, -EINVAL, "Limits", "cannot keep an overhead limit");
		shaped(m, RTPL_SIZES_FIXED, 1000, 0);
		filling(m, i);
		limits(m, RTPL_LIMITS_NONE, 0, bytes[i] - 1);
		expect_bad(test, m, -EINVAL, "Limits", "below");
		shaped(m, RTPL_SIZES_FIXED, 1000, 0);
		filling(m, i);
		limits(m, RTPL_LIMITS_NONE, 0, bytes[i]);
		EXPECT_GOOD(test, m);
	}
	KUNIT_EXPECT_EQ(test, i, ARRAY_SIZE(bytes));
}

static void contradictions(struct kunit *test)
{
	struct mk *m = mk_new(test);
	struct rtpl_profile_machines *r;

	/* machines that block */
	shaped(m, RTPL_SIZES_FIXED, 1200, 0);
	interval(m, BOTH, 20 * MS, false);
	machine(m, CLIENT, false);
	EXPECT_GOOD(test, m);
	machine(m, CLIENT, true);
	expect_bad(test, m, -EINVAL, "Machine", "blocks");
	plain(m, CLIENT);
	regulator(m, SERVER, RTPL_END_SERVER);
	machine(m, SERVER, true);
	expect_bad(test, m, -EINVAL, "Machine", "blocks");
	plain(m, CLIENT);
	jitter(m, SERVER, 5 * MS);
	machine(m, BOTH, true);
	EXPECT_GOOD(test, m);

	/* surges */
	plain(m, CLIENT);
	regulator(m, SERVER, RTPL_END_SERVER);
	limits(m, 1000, 90000, 0);
	expect_bad(test, m, -EINVAL, "Limits", "overhead limit");
	plain(m, CLIENT);
	regulator(m, SERVER, RTPL_END_SERVER);
	limits(m, RTPL_LIMITS_NONE, 0, 1 << 30);
	expect_bad(test, m, -EINVAL, "Limits", "surges");
	shaped(m, RTPL_SIZES_POW2, 0, 0);
	kind(m, RTPL_PROFILE_SCHED, CLIENT, RTPL_SCHEDULE_ASAP);
	regulator(m, SERVER, RTPL_END_SERVER);
	expect_bad(test, m, -EINVAL, "Sizes", "one size");

	/* the latency budget */
	shaped(m, RTPL_SIZES_FIXED, 1200, 5 * MS - 1);
	kind(m, RTPL_PROFILE_SCHED, CLIENT, RTPL_SCHEDULE_ASAP);
	jitter(m, SERVER, 5 * MS);
	expect_bad(test, m, -ERANGE, "Schedule", "latency budget");
	KUNIT_EXPECT_EQ(test, m->where.at, m->rec);
	shaped(m, RTPL_SIZES_FIXED, 1200, 5 * MS);
	kind(m, RTPL_PROFILE_SCHED, CLIENT, RTPL_SCHEDULE_ASAP);
	jitter(m, SERVER, 5 * MS);
	EXPECT_GOOD(test, m);
	shaped(m, RTPL_SIZES_FIXED, 1200, 20 * MS - 1);
	kind(m, RTPL_PROFILE_SCHED, BOTH, RTPL_SCHEDULE_DP);
	plan(m);
	expect_bad(test, m, -ERANGE, "Schedule", "latency budget");

	/* limits below what is asked for */
	plain(m, BOTH);
	cover(m, BOTH, 40 * MS);
	limits(m, 0, 0, 0);
	expect_bad(test, m, -EINVAL, "Limits", "allows no chaff");
	plain(m, BOTH);
	machine(m, BOTH, false);
	limits(m, 0, 255, 0);
	expect_bad(test, m, -EINVAL, "Limits", "allows no chaff");
	plain(m, BOTH);
	messages(m, 8192);
	limits(m, 0, 0, 0);
	expect_bad(test, m, -EINVAL, "Limits", "allows no chaff");
	plain(m, BOTH);
	cover(m, BOTH, 40 * MS);
	limits(m, RTPL_LIMITS_NONE, 0, 29999);
	expect_bad(test, m, -EINVAL, "Limits", "above the limit of chaff per second");
	plain(m, BOTH);
	cover(m, BOTH, 40 * MS);
	limits(m, RTPL_LIMITS_NONE, 0, 30000);
	EXPECT_GOOD(test, m);

	/* messages */
	shaped(m, RTPL_SIZES_POW2, 0, 0);
	kind(m, RTPL_PROFILE_SCHED, BOTH, RTPL_SCHEDULE_ASAP);
	messages(m, 8192);
	expect_bad(test, m, -EINVAL, "Sizes", "one size");
	plain(m, BOTH);
	messages(m, 512);
	expect_bad(test, m, -EINVAL, "Sizes", "ascending");

	/* the private window */
	plain(m, CLIENT);
	kind(m, RTPL_PROFILE_SCHED, SERVER, RTPL_SCHEDULE_DP);
	expect_bad(test, m, -ERANGE, "Schedule", "private window");
	plain(m, BOTH);
	plan(m);
	expect_bad(test, m, -EINVAL, "Schedule", "no schedule that has it");

	/* one constant rate */
	plain(m, CLIENT);
	constant(m, SERVER, 1000);
	expect_bad(test, m, -EINVAL, "Schedule", "same at both ends");
	shaped(m, RTPL_SIZES_FIXED, 1200, 0);
	constant(m, CLIENT, 1000);
	constant(m, SERVER, 1001);
	expect_bad(test, m, -EINVAL, "Schedule", "same at both ends");
	shaped(m, RTPL_SIZES_FIXED, 1200, 0);
	constant(m, CLIENT, 1000);
	jitter(m, SERVER, MS);
	EXPECT_GOOD(test, m);

	plain(m, BOTH);
	record(m, RTPL_PROFILE_MACHINES, CLIENT);
	r = add(m, sizeof(*r));
	r->max_padding = cpu_to_le64(1);
	expect_bad(test, m, -EINVAL, "Machines", "no machine");
}

/* A device that carries less. */
static void device(struct kunit *test)
{
	struct mk *m = mk_new(test);
	const char *field = NULL;

	web(m);
	EXPECT_GOOD(test, m);
	KUNIT_EXPECT_EQ(test, 0, rtpl_profile_check(&m->p, 1200, &m->why, &field));
	KUNIT_EXPECT_EQ(test, -EMSGSIZE, rtpl_profile_check(&m->p, 1199, &m->why, &field));
	KUNIT_EXPECT_STREQ(test, field, "Sizes");
}

static struct kunit_case cases[] = {
	KUNIT_CASE(link_and_sizes),
	KUNIT_CASE(two_ends),
	KUNIT_CASE(each_schedule),
	KUNIT_CASE(private_window),
	KUNIT_CASE(each_chaff),
	KUNIT_CASE(cuts),
	KUNIT_CASE(bits),
	KUNIT_CASE(heads),
	KUNIT_CASE(records),
	KUNIT_CASE(fills),
	KUNIT_CASE(contradictions),
	KUNIT_CASE(device),
	{}
};

static struct kunit_suite suite = {
	.name = "rtpl_profile",
	.test_cases = cases,
};

kunit_test_suite(suite);
