// SPDX-License-Identifier: GPL-2.0
/*
 * The shape engine: who leaves first, what chaff costs, what holds and what does not, and
 * that nothing is lost or late whatever is put together.
 */
#include "machine_maker.h"
#include "../core/engine.h"

#define MS	1000000ULL
#define SEC	1000000000ULL
#define CELL	1472
#define PER	(CELL - RTPL_CELL_OVERHEAD)	/* block bytes of a cell */
#define LEAD	250000ULL
#define LOG	4096

/* One link, and what left. */
struct bench {
	struct rtpl_engine e;
	struct rtpl_profile p;
	struct rtpl_shape s;
	struct maker k[2];
	u64 now;
	u32 queued;		/* bytes */
	u64 oldest;
	u64 data, chaff;	/* cells */
	struct { u64 at; bool data; } log[LOG];
	u32 n;
	const char *fault;
};

static const u8 seed[RTPL_RNG_SEED] = { 42 };

static const u64 one_p[] = { U64_MAX };
static const s64 zero_x[] = { 0 }, hold_x[] = { 3 * MS }, hold35_x[] = { 35 * MS };

static struct bench *bench_of(struct kunit *test)
{
	struct bench *b = kunit_kzalloc(test, sizeof(*b), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, b);
	b->now = 7 * SEC;
	rtpl_shape_default(&b->s);
	b->s.latency_ns = 0;
	b->p.shape = b->s;
	rtpl_limits_default(&b->p.limits);
	return b;
}

/* Both ends alike. */
static void begin(struct bench *b)
{
	b->p.end[RTPL_END_SERVER] = b->p.end[RTPL_END_CLIENT];
	rtpl_engine_start(&b->e, &b->s, &b->p, RTPL_END_CLIENT, CELL, b->now, seed);
}

static void queue(struct bench *b, u32 bytes)
{
	if (!b->queued)
		b->oldest = b->now;
	b->queued += bytes;
	if (b->e.listens)
		rtpl_engine_traffic(&b->e, RTPL_QUEUED, b->now, bytes);
}

/* Build @d as the link does. */
static void build(struct bench *b, const struct rtpl_departure *d)
{
	u64 at = max(d->at, b->now);
	bool data;
	u32 i;

	rtpl_engine_take(&b->e, d, b->now);
	for (i = 0; i < d->cells; i++) {
		data = b->queued && !d->alone;
		if (!data && !d->chaff)
			break;
		if (data)
			b->queued -= min_t(u32, b->queued, PER);
		data ? b->data++ : b->chaff++;
		if (b->n < LOG) {
			b->log[b->n].at = at;
			b->log[b->n++].data = data;
		}
		rtpl_engine_traffic(&b->e, data ? RTPL_SENT_DATA : RTPL_SENT_CHAFF, at, CELL);
	}
	if (!d->cells)
		b->fault = "a departure of nothing";
}

/* Until @end, as the kernel would: ask, wake, send. */
static void run(struct bench *b, u64 end)
{
	struct rtpl_departure d;
	u32 idle = 0;

	while (b->now < end && !b->fault) {
		switch (rtpl_engine_next(&b->e, b->now, LEAD, b->queued, b->oldest, 32, &d)) {
		case RTPL_ENGINE_SEND:
			build(b, &d);
			idle = 0;
			break;
		case RTPL_ENGINE_WAKE:
			if (d.at <= b->now && ++idle > 100)
				b->fault = "wakes without doing anything";
			if (d.at > b->now)
				idle = 0;
			b->now = min(max(d.at, b->now), end);
			break;
		default:
			b->now = end;
			break;
		}
	}
}

#define EXPECT_SOUND(test, b) do {					\
	if ((b)->fault)							\
		KUNIT_FAIL(test, "%s", (b)->fault);			\
} while (0)

/* Without a profile it is pace.c, to the nanosecond. */
static void plain(struct kunit *test)
{
	struct bench *b = bench_of(test);
	struct rtpl_departure d, want;
	struct rtpl_pace pace = {};
	u32 i;

	rtpl_engine_start(&b->e, &b->s, NULL, RTPL_END_CLIENT, CELL, b->now, seed);
	KUNIT_EXPECT_FALSE(test, b->e.listens);
	KUNIT_EXPECT_FALSE(test, b->e.listens_got);
	KUNIT_EXPECT_EQ(test, RTPL_ENGINE_IDLE,
			rtpl_engine_next(&b->e, b->now, LEAD, 0, 0, 32, &d));
	KUNIT_EXPECT_EQ(test, RTPL_ENGINE_SEND,
			rtpl_engine_next(&b->e, b->now, LEAD, 3 * PER, 0, 32, &d));
	KUNIT_EXPECT_EQ(test, d.cells, 4);
	KUNIT_EXPECT_FALSE(test, d.timed || d.chaff);
	KUNIT_EXPECT_FALSE(test, rtpl_engine_fills(&b->e));

	b->s.sched = RTPL_SCHEDULE_CONST;
	b->s.rate = 1777;
	rtpl_pace_start(&pace, b->s.rate, b->now);
	rtpl_engine_start(&b->e, &b->s, NULL, RTPL_END_CLIENT, CELL, b->now, seed);
	KUNIT_EXPECT_TRUE(test, rtpl_engine_fills(&b->e));
	for (i = 0; i < 1000; i++) {
		rtpl_pace_next(&pace, b->s.rate, b->now, 0, 32, &want);
		if (want.at > b->now + LEAD) {
			KUNIT_ASSERT_EQ(test, RTPL_ENGINE_WAKE,
					rtpl_engine_next(&b->e, b->now, LEAD, 0, 0, 32, &d));
			KUNIT_ASSERT_EQ(test, d.at, want.at - LEAD);
			b->now = d.at;
		}
		KUNIT_ASSERT_EQ(test, RTPL_ENGINE_SEND,
				rtpl_engine_next(&b->e, b->now, LEAD, 0, 0, 32, &d));
		KUNIT_ASSERT_EQ(test, d.at, want.at);
		KUNIT_ASSERT_EQ(test, d.cells, want.cells);
		rtpl_engine_take(&b->e, &d, b->now);
		rtpl_pace_take(&pace, &want);
	}
}

static void cover_every(struct bench *b, u64 ns)
{
	b->p.end[0].chaff = (struct rtpl_chaff){
		.kind = RTPL_CHAFF_COVER,
		.cover.every = { .mode = RTPL_CHAFF_FIXED, .ns = ns },
	};
}

/* Chaff comes when it is due, never while data waits, and makes it wait for nothing. */
static void chaff(struct kunit *test)
{
	struct bench *b = bench_of(test);
	u64 t0 = b->now;

	cover_every(b, 10 * MS);
	begin(b);
	run(b, t0 + 55 * MS);
	KUNIT_EXPECT_EQ(test, b->chaff, 5);
	KUNIT_EXPECT_EQ(test, b->log[4].at, t0 + 50 * MS);
	queue(b, 40 * PER);
	run(b, b->now + 1);
	KUNIT_EXPECT_EQ(test, b->queued, 0);
	KUNIT_EXPECT_EQ(test, b->data, 40);
	KUNIT_EXPECT_EQ(test, b->chaff, 5);
	/* the next one an interval after the data */
	run(b, t0 + 66 * MS);
	KUNIT_EXPECT_EQ(test, b->chaff, 6);
	KUNIT_EXPECT_EQ(test, b->log[b->n - 1].at, t0 + 65 * MS);
	KUNIT_EXPECT_EQ(test, b->e.count.chaff_wanted, 6);
	EXPECT_SOUND(test, b);
}

/* Where data has a grid without chaff, chaff leaves on it, too; data takes the slot first. */
static void chaff_in_slots(struct kunit *test)
{
	struct bench *b = bench_of(test);
	u64 t0 = b->now;
	u32 i;

	cover_every(b, 7 * MS);
	b->p.end[RTPL_END_CLIENT].sched = (struct rtpl_sched_params){
		.kind = RTPL_SCHEDULE_INTERVAL,
		.interval = { .period_ns = 10 * MS, .cells = 1 },
	};
	begin(b);
	for (i = 0; i < 50; i++) {
		run(b, b->now + 20 * MS);
		queue(b, 3 * PER - 1);
		run(b, b->now + 43 * MS);
	}
	KUNIT_EXPECT_EQ(test, b->data, 150);
	KUNIT_EXPECT_GE(test, b->chaff, 100);
	for (i = 0; i < b->n; i++) {
		KUNIT_ASSERT_EQ(test, (b->log[i].at - t0) % (10 * MS), 0);
		KUNIT_ASSERT_TRUE(test, !i || b->log[i].at > b->log[i - 1].at);
	}
	EXPECT_SOUND(test, b);
}

/* Each packet is held for 35 ms. */
static void hold_35ms(struct bench *b)
{
	b->p.end[RTPL_END_CLIENT].sched = (struct rtpl_sched_params){
		.kind = RTPL_SCHEDULE_JITTER,
		.jitter = { .max_ns = 35 * MS, .hold = { .n = 1, .p = one_p, .x = hold35_x,
							 .min = 35 * MS, .max = 35 * MS } },
	};
}

/* Chaff goes on while a packet is held: it leaves alone, and the packet when it is due. */
static void chaff_while_held(struct kunit *test)
{
	struct bench *b = bench_of(test);
	u32 i;

	cover_every(b, 10 * MS);
	hold_35ms(b);
	begin(b);
	queue(b, PER / 2);
	run(b, b->now + 34 * MS);
	KUNIT_EXPECT_EQ(test, b->data, 0);
	KUNIT_EXPECT_EQ(test, b->chaff, 3);
	run(b, b->now + 2 * MS);
	KUNIT_EXPECT_EQ(test, b->data, 1);
	for (i = 0; i < b->n; i++)
		KUNIT_EXPECT_EQ(test, b->log[i].at, 7 * SEC + (i < 3 ? (i + 1) * 10 : 35) * MS);
	EXPECT_SOUND(test, b);
}

/* Unless that would leave the packet too few cells: then it goes on behind the packet. */
static void chaff_waits_if_full(struct kunit *test)
{
	struct bench *b = bench_of(test);

	cover_every(b, 10 * MS);
	hold_35ms(b);
	begin(b);
	queue(b, PER / 2);
	rtpl_engine_full(&b->e, true);
	run(b, b->now + 35 * MS + 1);
	KUNIT_ASSERT_EQ(test, b->data, 1);
	KUNIT_EXPECT_EQ(test, b->log[0].at, 7 * SEC + 35 * MS);
	KUNIT_EXPECT_EQ(test, b->chaff, 0);
	run(b, 7 * SEC + 60 * MS);
	KUNIT_EXPECT_EQ(test, b->chaff, 2);
	EXPECT_SOUND(test, b);
}

/* What the limits refuse is counted, and is not asked for again. */
static void limits(struct kunit *test)
{
	struct bench *b = bench_of(test);

	cover_every(b, 10 * MS);
	b->p.limits = (struct rtpl_limits){
		.overhead = RTPL_LIMITS_NONE, .rate = 10 * CELL, .window = SEC,
	};
	begin(b);
	run(b, b->now + 5 * SEC);
	KUNIT_EXPECT_GE(test, b->chaff, 45);
	KUNIT_EXPECT_LE(test, b->chaff, 60);
	KUNIT_EXPECT_EQ(test, b->e.count.refused[RTPL_LIMITS_RATE] + b->chaff, 499);
	EXPECT_SOUND(test, b);
}

/* Limits that allow only the smaller of two sizes do not end chaff where the larger was drawn. */
static void limits_of_sizes(struct kunit *test)
{
	struct bench *b = bench_of(test);
	u32 small = 0, large = 0, i;
	struct rtpl_departure d;

	b->p.end[RTPL_END_CLIENT].chaff = (struct rtpl_chaff){
		.kind = RTPL_CHAFF_BIP324,
		.bip324 = { .padding = RTPL_CHAFF_FIXED, .count = 1 },
	};
	b->p.end[RTPL_END_CLIENT].sched = (struct rtpl_sched_params){
		.kind = RTPL_SCHEDULE_INTERVAL,
		.interval = { .period_ns = 10 * MS, .cells = 1 },
	};
	b->p.limits = (struct rtpl_limits){ .overhead = 100, .window = SEC };
	b->s.sizes = RTPL_SIZES_BUCKETS;
	b->s.n_buckets = 2;
	b->s.bucket[0] = 256;
	b->s.bucket[1] = CELL;
	begin(b);
	for (i = 0; i < 2000; i++, b->now += 10 * MS) {
		/* 6000 bytes of data a second. */
		rtpl_engine_traffic(&b->e, RTPL_SENT_DATA, b->now, 60);
		if (rtpl_engine_next(&b->e, b->now, LEAD, 0, 0, 1, &d) != RTPL_ENGINE_SEND)
			continue;
		d.size == 256 ? small++ : large++;
		rtpl_engine_take(&b->e, &d, b->now);
		rtpl_engine_traffic(&b->e, RTPL_SENT_CHAFF, max(d.at, b->now), d.size);
	}
	KUNIT_EXPECT_GE(test, small, 20);
	KUNIT_EXPECT_EQ(test, large, 0);
}

/* How much cover leaves in a silence does not tell when it began: data spends what cover would. */
static void silence(struct kunit *test)
{
	struct bench *b = bench_of(test);
	u64 soon = 0, all = 0, then, t;
	struct m_rng r = { 6 };
	u32 i;

	cover_every(b, 100 * MS);
	b->p.limits = (struct rtpl_limits){ .overhead = 1000, .free = 5 * CELL, .window = SEC };
	begin(b);
	for (i = 0; i < 100; i++) {
		for (t = b->now + 2 * SEC + m_below(&r, 2 * SEC); b->now < t;) {
			queue(b, PER / 2);
			run(b, b->now + 10 * MS);
		}
		then = b->chaff;
		run(b, t + 550 * MS);
		soon += b->chaff - then;
		run(b, t + 4400 * MS);
		all += b->chaff - then;
	}
	/* 5 in 1.1 s: a quarter more or less */
	KUNIT_EXPECT_GE(test, all, 2000 * 3 / 4);
	KUNIT_EXPECT_LE(test, all, 2000 * 5 / 4);
	KUNIT_EXPECT_GE(test, soon, 250 * 3 / 4);
	KUNIT_EXPECT_LE(test, soon, 250 * 5 / 4);
	EXPECT_SOUND(test, b);
}

/* A message leaves as its bucket, whatever it is, and a longer one as the next. */
static void messages(struct kunit *test)
{
	static const u32 sizes[] = { 1, 3, 4, 5, 8, 9 };
	struct bench *b = bench_of(test);
	u64 cells;
	u32 i;

	b->p.messages = true;
	b->p.noise.n_buckets = 2;
	b->p.noise.bucket[0] = 4 * CELL;
	b->p.noise.bucket[1] = 8 * CELL;
	b->p.noise.noise = (struct rtpl_dist){ .n = 1, .p = one_p, .x = zero_x };
	begin(b);
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		cells = b->data + b->chaff;
		/* one byte less: cells_of() rounds up */
		queue(b, sizes[i] * PER - 1);
		run(b, b->now + MS);
		KUNIT_EXPECT_EQ(test, b->data + b->chaff - cells, sizes[i] <= 4 ? 4 :
				sizes[i] <= 8 ? 8 : 16);
		KUNIT_EXPECT_EQ(test, b->queued, 0);
	}
	KUNIT_EXPECT_EQ(test, b->e.count.chaff_message, b->chaff);
	EXPECT_SOUND(test, b);
}

/* A machine of two states: when a packet is queued, block for @ns; pad after @pad_ns. */
static void add_machine(struct kunit *test, struct bench *b, struct maker *k, u64 ns, u64 pad_ns,
			u8 pad_flags)
{
	struct rtpl_profile_end *end = &b->p.end[RTPL_END_CLIENT];
	struct rtpl_machine_where where;
	const char *why = "";

	state(k, RTPL_MACHINE_NOTHING, 0);
	to(k, RTPL_MACHINE_NORMAL_SENT, 1);
	if (ns)
		blocks(k, RTPL_MACHINE_BYPASS, 0, ns);
	else
		pads(k, pad_flags, pad_ns);
	join(test, k);
	if (rtpl_machine_check(&end->machine[end->n_machines++], k->blob, k->len, &why, &where))
		KUNIT_FAIL(test, "%s: %s", where.field, why);
}

static void blocking(struct kunit *test)
{
	struct bench *b = bench_of(test);
	struct rtpl_departure d;
	u64 t0 = b->now;

	add_machine(test, b, &b->k[0], 100 * MS, 0, 0);
	begin(b);
	KUNIT_EXPECT_TRUE(test, b->e.listens);
	queue(b, PER / 2);
	run(b, t0 + 99 * MS);
	KUNIT_EXPECT_EQ(test, b->data, 0);
	run(b, t0 + 101 * MS);
	KUNIT_EXPECT_EQ(test, b->data, 1);
	KUNIT_EXPECT_EQ(test, b->log[0].at, t0 + 100 * MS);
	KUNIT_EXPECT_EQ(test, b->e.count.overruled, 0);

	/* No longer than the latency budget allows. */
	b = bench_of(test);
	b->s.latency_ns = 32 * MS;
	add_machine(test, b, &b->k[0], 100 * MS, 0, 0);
	begin(b);
	queue(b, PER / 2);
	run(b, t0 + 101 * MS);
	KUNIT_EXPECT_EQ(test, b->data, 1);
	KUNIT_EXPECT_EQ(test, b->log[0].at, t0 + 30 * MS);
	KUNIT_EXPECT_GE(test, b->e.count.overruled, 1);
	EXPECT_SOUND(test, b);

	/* Of several that wait only the one whose budget is used up goes: the caller asks again. */
	b = bench_of(test);
	b->s.latency_ns = 32 * MS;
	add_machine(test, b, &b->k[0], 100 * MS, 0, 0);
	begin(b);
	queue(b, 4 * PER);
	b->now += 30 * MS;
	KUNIT_EXPECT_EQ(test, RTPL_ENGINE_SEND,
			rtpl_engine_next(&b->e, b->now, LEAD, b->queued, b->oldest, 32, &d));
	KUNIT_EXPECT_EQ(test, d.cells, 1);
	build(b, &d);
	/* What is left came 1 ms later. */
	KUNIT_EXPECT_EQ(test, RTPL_ENGINE_WAKE,
			rtpl_engine_next(&b->e, b->now, LEAD, b->queued, b->oldest + MS, 32, &d));
	KUNIT_EXPECT_EQ(test, d.at, b->now + MS);
}

/* Padding that may pass does so, alone; data waits for the end of blocking. */
static void bypass(struct kunit *test)
{
	struct bench *b = bench_of(test);
	u64 t0 = b->now;

	add_machine(test, b, &b->k[0], 100 * MS, 0, 0);
	add_machine(test, b, &b->k[1], 0, 10 * MS, RTPL_MACHINE_BYPASS);
	begin(b);
	queue(b, PER / 2);
	run(b, t0 + 50 * MS);
	KUNIT_EXPECT_EQ(test, b->data, 0);
	KUNIT_EXPECT_EQ(test, b->chaff, 1);
	KUNIT_EXPECT_EQ(test, b->log[0].at, t0 + 10 * MS);
	KUNIT_EXPECT_EQ(test, b->e.count.chaff_machine, 1);

	/* Where data may stand for it, data passes. */
	b = bench_of(test);
	add_machine(test, b, &b->k[0], 100 * MS, 0, 0);
	add_machine(test, b, &b->k[1], 0, 10 * MS, RTPL_MACHINE_BYPASS | RTPL_MACHINE_REPLACE);
	begin(b);
	queue(b, PER / 2);
	run(b, t0 + 50 * MS);
	KUNIT_EXPECT_EQ(test, b->data, 1);
	KUNIT_EXPECT_EQ(test, b->chaff, 0);
	KUNIT_EXPECT_EQ(test, b->log[0].at, t0 + 10 * MS);
	EXPECT_SOUND(test, b);
}

/* Unless that would leave the packet under way too few cells: then it goes first. */
static void bypass_waits_if_full(struct kunit *test)
{
	struct bench *b = bench_of(test);

	add_machine(test, b, &b->k[0], 100 * MS, 0, 0);
	add_machine(test, b, &b->k[1], 0, 10 * MS, RTPL_MACHINE_BYPASS);
	begin(b);
	queue(b, PER / 2);
	rtpl_engine_full(&b->e, true);
	run(b, 7 * SEC + 99 * MS);
	KUNIT_EXPECT_EQ(test, b->data + b->chaff, 0);
	run(b, 7 * SEC + 101 * MS);
	KUNIT_EXPECT_EQ(test, b->data, 1);
	rtpl_engine_full(&b->e, false);
	run(b, 7 * SEC + 102 * MS);
	KUNIT_EXPECT_EQ(test, b->chaff, 1);
	EXPECT_SOUND(test, b);
}

/* Padding that data may stand for is limited like any other where no data does. */
static void bypass_limits(struct kunit *test)
{
	struct bench *b = bench_of(test);

	b->p.limits = (struct rtpl_limits){
		.overhead = RTPL_LIMITS_NONE, .rate = 10 * CELL, .window = SEC,
	};
	add_machine(test, b, &b->k[0], 0, 10 * MS, RTPL_MACHINE_BYPASS | RTPL_MACHINE_REPLACE);
	begin(b);
	b->e.machines.through_data = 200;
	run(b, b->now + 100 * MS);
	KUNIT_EXPECT_EQ(test, b->chaff, 10);
	KUNIT_EXPECT_GT(test, b->e.count.refused[RTPL_LIMITS_RATE], 0);

	/* Data passes, and none of the cells is chaff. */
	b->e.machines.through_data = 200;
	queue(b, 5 * PER / 2);
	run(b, b->now + 1);
	KUNIT_EXPECT_EQ(test, b->data, 3);
	KUNIT_EXPECT_EQ(test, b->chaff, 10);
	EXPECT_SOUND(test, b);
}

/* A machine hears of a super-packet what it would of its packets; it pads for each fourth. */
static void super_packets(struct kunit *test)
{
	struct bench *b = bench_of(test);
	struct rtpl_profile_end *end = &b->p.end[RTPL_END_CLIENT];
	struct rtpl_machine_where where;
	struct maker *k = &b->k[0];
	const char *why = "";
	u32 i;

	for (i = 0; i < 3; i++) {
		state(k, RTPL_MACHINE_NOTHING, 0);
		to(k, RTPL_MACHINE_NORMAL_SENT, i + 1);
	}
	pads(k, 0, 0);
	to(k, RTPL_MACHINE_NORMAL_SENT, 0);
	join(test, k);
	KUNIT_ASSERT_EQ(test, 0, rtpl_machine_check(&end->machine[end->n_machines++], k->blob,
						    k->len, &why, &where));
	begin(b);
	queue(b, 11 * PER);
	run(b, b->now + MS);
	KUNIT_EXPECT_EQ(test, b->e.machines.run[0].state, 3);
	EXPECT_SOUND(test, b);

	/* The largest cell carries a handshake, whatever is said: so 64 KB are 288 packets. */
	rtpl_engine_cell(&b->e, RTPL_CELL_MIN);
	queue(b, 2 * (RTPL_HANDSHAKE_MIN - RTPL_CELL_OVERHEAD));
	run(b, b->now + MS);
	KUNIT_EXPECT_EQ(test, b->e.machines.run[0].state, 1);
	queue(b, RTPL_BLOCK_MAX);
	run(b, b->now + MS);
	KUNIT_EXPECT_EQ(test, b->e.machines.run[0].state, 1);
	EXPECT_SOUND(test, b);
}

static void no_noise(struct rtpl_dp_plan *s, u32 min, u32 max)
{
	s->mechanism = RTPL_DP_SKELLAM;
	s->parts = 1;
	s->draws = 1;
	s->n_lines = 1;
	s->line[0].each = BIT_ULL(32);
	s->step = 1;
	s->grain = PER;
	s->min = min;
	s->max = max;
	s->burst = 10;
	s->window_ns = 10 * MS;
	s->windows = 100;
	s->delta = 1;
	s->part[0] = (struct rtpl_dist){ .n = 1, .p = one_p, .x = zero_x };
	s->part[1] = s->part[0];
}

/* Each window's cells leave in it, evenly in batches, and the account adds up. */
static void windows(struct kunit *test)
{
	struct bench *b = bench_of(test);
	const char *why = "";
	struct rtpl_leak leak;
	u64 t0 = b->now;

	no_noise(&b->p.dp, 2, 80);
	KUNIT_ASSERT_EQ(test, 0, rtpl_dp_check(&b->p.dp, &why));
	b->p.end[RTPL_END_CLIENT].sched = (struct rtpl_sched_params){
		.kind = RTPL_SCHEDULE_DP, .dp = &b->p.dp,
	};
	KUNIT_ASSERT_EQ(test, 0, rtpl_sched_check(&b->p.end[0].sched, 0, &why));
	begin(b);
	KUNIT_EXPECT_TRUE(test, rtpl_engine_fills(&b->e));
	run(b, t0 + 15 * MS);
	KUNIT_EXPECT_EQ(test, b->chaff, 2);
	KUNIT_EXPECT_EQ(test, b->log[0].at, t0 + 10 * MS);
	queue(b, 70 * PER - 1);
	run(b, t0 + 35 * MS);
	/* 70 cells: 32, 32, 6 at thirds of the window; then the least again */
	KUNIT_EXPECT_EQ(test, b->data, 70);
	KUNIT_EXPECT_EQ(test, b->log[2].at, t0 + 20 * MS);
	KUNIT_EXPECT_EQ(test, b->log[2 + 32].at, t0 + 20 * MS + 10 * MS / 3);
	KUNIT_EXPECT_EQ(test, b->log[2 + 69].at, t0 + 20 * MS + 20 * MS / 3);
	KUNIT_EXPECT_EQ(test, b->n, 2 + 70 + 2);
	rtpl_engine_leak(&b->e, &leak);
	KUNIT_EXPECT_EQ(test, leak.kind, RTPL_LEAK_DP);
	KUNIT_EXPECT_EQ(test, leak.windows, 3);
	KUNIT_EXPECT_EQ(test, leak.epsilon, 3 * BIT_ULL(32));

	/* The account goes on over a restart. */
	rtpl_engine_start(&b->e, &b->s, &b->p, RTPL_END_CLIENT, CELL, b->now, NULL);
	rtpl_engine_leak(&b->e, &leak);
	KUNIT_EXPECT_EQ(test, leak.windows, 3);
	EXPECT_SOUND(test, b);
}

/* A window is told bytes: what fills a cell is one cell, and a byte more is one byte more. */
static void window_bytes(struct kunit *test)
{
	static const struct { u32 queued, grain; u64 cells; } want[] = {
		{ 0, PER, 0 }, { 1, PER, 1 }, { PER, PER, 1 }, { PER + 1, PER, 2 },
		{ 1, 1, 1 }, { PER, 1, 1 }, { PER + 1, 1, 2 }, { 3 * PER, 1, 3 },
		{ PER, 3, 1 }, { PER, 7, 2 }, { 2 * PER, 2 * PER, 2 }, { 1, 2 * PER, 2 },
	};
	struct bench *b;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(want); i++) {
		b = bench_of(test);
		no_noise(&b->p.dp, 0, 80 * PER / want[i].grain);
		b->p.dp.grain = want[i].grain;
		b->p.end[RTPL_END_CLIENT].sched = (struct rtpl_sched_params){
			.kind = RTPL_SCHEDULE_DP, .dp = &b->p.dp,
		};
		begin(b);
		KUNIT_EXPECT_TRUE(test, b->e.counts);
		if (want[i].queued)
			queue(b, want[i].queued);
		run(b, b->now + 15 * MS);
		KUNIT_EXPECT_EQ(test, b->data + b->chaff, want[i].cells);
	}
}

/* What waits ready for slots: one slot's cells, two slots' where these are nearer than 500 us. */
static void ahead(struct kunit *test)
{
	struct bench *b = bench_of(test);
	static const struct {
		u32 rate, cells;
	} want[] = { { 52, 1 }, { 2000, 1 }, { 2001, 2 }, { 20000, 2 }, { 20001, 4 } };
	u32 i;

	begin(b);
	KUNIT_EXPECT_EQ(test, rtpl_engine_ahead(&b->e), 0);
	for (i = 0; i < ARRAY_SIZE(want); i++) {
		b->p.end[RTPL_END_CLIENT].sched.kind = RTPL_SCHEDULE_CONST;
		b->s.sched = RTPL_SCHEDULE_CONST;
		b->s.rate = want[i].rate;
		begin(b);
		KUNIT_EXPECT_EQ(test, rtpl_engine_ahead(&b->e), want[i].cells);
		b->p.end[RTPL_END_CLIENT].sched = (struct rtpl_sched_params){
			.kind = RTPL_SCHEDULE_LADDER,
			.ladder = { .n = 2, .rate = { 1, want[i].rate } },
		};
		KUNIT_EXPECT_EQ(test, rtpl_engine_ahead(&b->e), want[i].cells);
	}
	b->p.end[RTPL_END_CLIENT].sched = (struct rtpl_sched_params){
		.kind = RTPL_SCHEDULE_TAMARAW,
		.tamaraw = { .cells = 3, .period_ns = MS / 2 },
	};
	KUNIT_EXPECT_EQ(test, rtpl_engine_ahead(&b->e), 3);
	b->p.end[RTPL_END_CLIENT].sched.tamaraw.period_ns--;
	KUNIT_EXPECT_EQ(test, rtpl_engine_ahead(&b->e), 6);
	b->p.end[RTPL_END_CLIENT].sched = (struct rtpl_sched_params){
		.kind = RTPL_SCHEDULE_INTERVAL,
		.interval = { .cells = 5, .period_ns = 5 * MS },
	};
	KUNIT_EXPECT_EQ(test, rtpl_engine_ahead(&b->e), 5);
}

/* What was told stays told, whatever comes after. */
static void meter(struct kunit *test)
{
	struct bench *b = bench_of(test);
	struct rtpl_sched_params ladder = {
		.kind = RTPL_SCHEDULE_LADDER,
		.ladder = { .epoch_ns = 10 * MS, .epoch_max_ns = 10 * MS, .n = 2,
			    .up = 900, .down = 300, .rate = { 1000, 2000 } },
	};
	struct rtpl_leak leak;
	const char *why = "";

	no_noise(&b->p.dp, 2, 80);
	KUNIT_ASSERT_EQ(test, 0, rtpl_dp_check(&b->p.dp, &why));
	b->p.end[RTPL_END_CLIENT].sched = (struct rtpl_sched_params){
		.kind = RTPL_SCHEDULE_DP, .dp = &b->p.dp,
	};
	KUNIT_ASSERT_EQ(test, 0, rtpl_sched_check(&ladder, 0, &why));
	begin(b);
	b->p.end[RTPL_END_SERVER].sched = ladder;
	run(b, b->now + 35 * MS);
	rtpl_engine_change(&b->e, &b->s, &b->p, RTPL_END_SERVER, b->now);
	rtpl_engine_leak(&b->e, &leak);
	KUNIT_EXPECT_EQ(test, leak.kind, RTPL_LEAK_NONE);
	KUNIT_EXPECT_EQ(test, leak.ever, RTPL_LEAK_DP);
	KUNIT_EXPECT_EQ(test, leak.windows, 3);
	KUNIT_EXPECT_EQ(test, leak.epsilon, 3 * BIT_ULL(32));

	run(b, b->now + 35 * MS);
	rtpl_engine_start(&b->e, &b->s, &b->p, RTPL_END_SERVER, CELL, b->now, NULL);
	run(b, b->now + 25 * MS);
	rtpl_engine_leak(&b->e, &leak);
	KUNIT_EXPECT_EQ(test, leak.kind, RTPL_LEAK_BITS);
	KUNIT_EXPECT_EQ(test, leak.mbits, 5000);
	KUNIT_EXPECT_EQ(test, leak.choices, 3 + 5);

	/* A second account: both together. */
	rtpl_engine_change(&b->e, &b->s, &b->p, RTPL_END_CLIENT, b->now);
	run(b, b->now + 25 * MS);
	rtpl_engine_leak(&b->e, &leak);
	KUNIT_EXPECT_EQ(test, leak.kind, RTPL_LEAK_DP);
	KUNIT_EXPECT_EQ(test, leak.windows, 5);
	KUNIT_EXPECT_EQ(test, leak.epsilon, 5 * BIT_ULL(32));
	KUNIT_EXPECT_EQ(test, leak.mbits, 5000);

	/* No bound once is none so far. */
	rtpl_engine_change(&b->e, &b->s, NULL, RTPL_END_CLIENT, b->now);
	rtpl_engine_change(&b->e, &b->s, &b->p, RTPL_END_CLIENT, b->now);
	rtpl_engine_leak(&b->e, &leak);
	KUNIT_EXPECT_EQ(test, leak.kind, RTPL_LEAK_DP);
	KUNIT_EXPECT_EQ(test, leak.ever, RTPL_LEAK_UNBOUNDED);
	KUNIT_EXPECT_EQ(test, leak.windows, 5);
}

/* As it comes behind a slot that was built ahead: a long packet is no slot's. */
static void behind(struct kunit *test)
{
	struct bench *b = bench_of(test);
	struct rtpl_departure d;

	b->s.sched = RTPL_SCHEDULE_CONST;
	b->s.rate = 1000;
	b->p.end[0].sched = (struct rtpl_sched_params){ .kind = RTPL_SCHEDULE_CONST, .rate = 1000 };
	begin(b);
	run(b, b->now + 10 * MS);
	b->e.sched.left = b->now + LEAD / 2;
	b->s.sched = RTPL_SCHEDULE_ASAP;
	b->s.rate = 0;
	rtpl_engine_change(&b->e, &b->s, NULL, RTPL_END_CLIENT, b->now);
	queue(b, 3 * PER);
	KUNIT_ASSERT_EQ(test, RTPL_ENGINE_SEND,
			rtpl_engine_next(&b->e, b->now, LEAD, b->queued, b->oldest, 1, &d));
	KUNIT_EXPECT_TRUE(test, d.timed);
	KUNIT_EXPECT_EQ(test, d.at, b->now + LEAD / 2);
	KUNIT_EXPECT_EQ(test, rtpl_engine_departs(&b->e, &d, 0, 3 * PER, PER, PER), d.at);
}

/* Slots that the device has no time for: what waits counts with as many to come. */
static void skip(struct kunit *test)
{
	struct bench *b = bench_of(test);
	struct rtpl_departure d;
	struct rtpl_leak leak;
	u64 t0 = b->now, plain;
	u32 i;

	b->s.sched = RTPL_SCHEDULE_CONST;
	b->s.rate = 1000;
	rtpl_engine_start(&b->e, &b->s, NULL, RTPL_END_CLIENT, CELL, b->now, seed);
	for (i = 1; i <= 64; i++) {
		b->now = t0 + i * MS;
		KUNIT_ASSERT_EQ(test, RTPL_ENGINE_SEND,
				rtpl_engine_next(&b->e, b->now, LEAD, 0, 0, 32, &d));
		KUNIT_ASSERT_EQ(test, d.at, t0 + i * MS);
		plain = d.at + 10 * MS;
		if (i == 64)
			break;
		if (i % 4) {
			KUNIT_ASSERT_TRUE(test, rtpl_engine_skip(&b->e, &d));
		} else {
			rtpl_engine_take(&b->e, &d, b->now);
			rtpl_engine_traffic(&b->e, RTPL_SENT_CHAFF, b->now, CELL);
		}
	}
	rtpl_engine_leak(&b->e, &leak);
	KUNIT_EXPECT_EQ(test, leak.missed, 48);
	KUNIT_EXPECT_EQ(test, leak.kind, RTPL_LEAK_NONE);
	/* 48 of 64: ten slots more are forty. The first cell is this slot's. */
	KUNIT_EXPECT_EQ(test, rtpl_engine_departs(&b->e, &d, 0, 10 * PER + 1, PER, PER),
			d.at + 4 * (plain - d.at));
	KUNIT_EXPECT_EQ(test, rtpl_engine_departs(&b->e, &d, 0, PER, PER, PER), d.at);
	for (i = 0; i < 64; i++)
		KUNIT_ASSERT_TRUE(test, rtpl_engine_skip(&b->e, &d));
	KUNIT_EXPECT_EQ(test, rtpl_engine_departs(&b->e, &d, 0, 2 * PER, PER, PER), U64_MAX);

	/* What comes as data does is no slot. */
	b->s.sched = RTPL_SCHEDULE_ASAP;
	b->s.rate = 0;
	rtpl_engine_start(&b->e, &b->s, NULL, RTPL_END_CLIENT, CELL, b->now, seed);
	KUNIT_ASSERT_EQ(test, RTPL_ENGINE_SEND,
			rtpl_engine_next(&b->e, b->now, LEAD, PER, 0, 32, &d));
	KUNIT_EXPECT_FALSE(test, rtpl_engine_skip(&b->e, &d));
	cover_every(b, 20 * MS);
	begin(b);
	b->now += 20 * MS;
	KUNIT_ASSERT_EQ(test, RTPL_ENGINE_SEND,
			rtpl_engine_next(&b->e, b->now, LEAD, 0, 0, 32, &d));
	KUNIT_EXPECT_FALSE(test, rtpl_engine_skip(&b->e, &d));
}

/* Profile to profile under load: a constant rate has no gap, and nothing is lost. */
static void change(struct kunit *test)
{
	struct bench *b = bench_of(test);
	struct rtpl_profile *q = kunit_kzalloc(test, sizeof(*q), GFP_KERNEL);
	u64 t0 = b->now;
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, q);
	b->s.sched = RTPL_SCHEDULE_CONST;
	b->s.rate = 1000;
	b->p.end[0].sched = (struct rtpl_sched_params){ .kind = RTPL_SCHEDULE_CONST, .rate = 1000 };
	begin(b);
	*q = b->p;
	for (i = 1; i <= 1000; i++) {
		queue(b, PER);
		run(b, t0 + i * MS);
		rtpl_engine_change(&b->e, &b->s, i % 2 ? q : &b->p, RTPL_END_CLIENT, b->now);
	}
	run(b, t0 + 1010 * MS);
	KUNIT_EXPECT_EQ(test, b->e.count.switches, 1000);
	KUNIT_ASSERT_EQ(test, b->n, 1010);
	for (i = 0; i < b->n; i++)
		KUNIT_ASSERT_EQ(test, b->log[i].at, t0 + (i + 1) * MS);
	KUNIT_EXPECT_EQ(test, b->queued, 0);
	EXPECT_SOUND(test, b);
}

/* The same profile once more: nothing begins anew. */
static void no_change(struct kunit *test)
{
	struct bench *b = bench_of(test);
	u64 t0 = b->now;

	no_noise(&b->p.dp, 2, 80);
	b->p.end[0].sched = (struct rtpl_sched_params){ .kind = RTPL_SCHEDULE_DP, .dp = &b->p.dp };
	begin(b);
	run(b, t0 + 12 * MS);
	rtpl_engine_change(&b->e, &b->s, &b->p, RTPL_END_CLIENT, b->now);
	run(b, t0 + 22 * MS);
	KUNIT_EXPECT_EQ(test, b->n, 4);
	KUNIT_EXPECT_EQ(test, b->log[2].at, t0 + 20 * MS);
	KUNIT_EXPECT_EQ(test, b->e.count.switches, 0);
}

static void any_profile(struct bench *b, struct m_rng *r)
{
	struct rtpl_profile_end *end = &b->p.end[RTPL_END_CLIENT];

	memset(end, 0, sizeof(*end));
	switch (m_below(r, 4)) {
	case 0:
		end->sched.kind = RTPL_SCHEDULE_ASAP;
		break;
	case 1:
		end->sched.kind = RTPL_SCHEDULE_JITTER;
		end->sched.jitter.max_ns = 5 * MS;
		end->sched.jitter.hold = (struct rtpl_dist){
			.n = 1, .max = 5 * MS, .p = one_p, .x = hold_x,
		};
		break;
	case 2:
		end->sched.kind = RTPL_SCHEDULE_INTERVAL;
		end->sched.interval.period_ns = 2 * MS;
		end->sched.interval.cells = 2;
		break;
	default:
		no_noise(&b->p.dp, 1, 90);
		end->sched.kind = RTPL_SCHEDULE_DP;
		end->sched.dp = &b->p.dp;
		return;
	}
	if (m_chance(r, 500))
		cover_every(b, (1 + m_below(r, 30)) * MS);
	b->p.messages = m_chance(r, 300);
	b->p.noise.n_buckets = 1;
	b->p.noise.bucket[0] = (1 + m_below(r, 20)) * CELL;
	b->p.noise.noise = (struct rtpl_dist){ .n = 1, .p = one_p, .x = zero_x };
	b->p.limits.overhead = m_chance(r, 500) ? 250 : RTPL_LIMITS_NONE;
	b->p.limits.free = 4 * CELL;
	b->p.limits.window = SEC;
}

/* Anything together, changed under way: all data leaves, in bounded steps. */
static void anything(struct kunit *test)
{
	struct bench *b = bench_of(test);
	struct m_rng rng = { 5 };
	u64 came;
	u32 i, j;

	for (i = 0; i < 60; i++) {
		b->n = 0;
		any_profile(b, &rng);
		begin(b);
		came = 0;
		for (j = 0; j < 100; j++) {
			if (m_chance(&rng, 500)) {
				u32 n = 1 + m_below(&rng, 6 * PER);

				came += n;
				queue(b, n);
			}
			if (m_chance(&rng, 300))
				rtpl_engine_traffic(&b->e, RTPL_GOT_DATA, b->now, CELL);
			run(b, b->now + m_below(&rng, 20 * MS));
			if (b->fault) {
				KUNIT_FAIL(test, "try %u, step %u, schedule %u: %s", i, j,
					   b->p.end[0].sched.kind, b->fault);
				return;
			}
		}
		run(b, b->now + 60 * SEC);
		KUNIT_ASSERT_EQ(test, b->queued, 0);
	}
}

static struct kunit_case engine_cases[] = {
	KUNIT_CASE(plain),
	KUNIT_CASE(chaff),
	KUNIT_CASE(chaff_in_slots),
	KUNIT_CASE(chaff_while_held),
	KUNIT_CASE(chaff_waits_if_full),
	KUNIT_CASE(limits),
	KUNIT_CASE(limits_of_sizes),
	KUNIT_CASE(silence),
	KUNIT_CASE(messages),
	KUNIT_CASE(blocking),
	KUNIT_CASE(bypass),
	KUNIT_CASE(bypass_waits_if_full),
	KUNIT_CASE(bypass_limits),
	KUNIT_CASE(super_packets),
	KUNIT_CASE(windows),
	KUNIT_CASE(window_bytes),
	KUNIT_CASE(ahead),
	KUNIT_CASE(meter),
	KUNIT_CASE(behind),
	KUNIT_CASE(skip),
	KUNIT_CASE(change),
	KUNIT_CASE(no_change),
	KUNIT_CASE(anything),
	{}
};

static struct kunit_suite engine_suite = {
	.name = "rtpl_engine",
	.test_cases = engine_cases,
};

kunit_test_suite(engine_suite);
