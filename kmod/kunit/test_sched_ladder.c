// SPDX-License-Identifier: GPL-2.0
/*
 * The ladder (core/sched_ladder.c): rates by what waits, and by an average.
 */
#include "sched_link.h"

/* Always 40 cells a second more, or less; either by turns of chance. */
static const u64 sure_p[] = { U64_MAX };
static const u64 half_p[] = { 1ULL << 63, U64_MAX };
static const s64 forty_x[] = { -40, 40 };

static struct rtpl_dist forty(u8 from, u8 n)
{
	return (struct rtpl_dist){
		.kind = RTPL_DIST_STEPS, .n = n, .min = -500000, .max = 500000,
		.p = n == 1 ? sure_p : half_p, .x = forty_x + from,
	};
}

static struct rtpl_sched_params ladder_params(void)
{
	return (struct rtpl_sched_params){
		.kind = RTPL_SCHEDULE_LADDER,
		.ladder = {
			.rate = { 100, 200, 400, 800 },
			.n = 4, .first = 1, .up = 800, .down = 300, .epoch_ns = L_SEC,
		},
	};
}

/* Six rates of 1.25 from 100 on; 1.2 times the average of 4 s; two up, one down a border. */
static struct rtpl_sched_params slow_params(void)
{
	return (struct rtpl_sched_params){
		.kind = RTPL_SCHEDULE_LADDER,
		.ladder = {
			.rate = { 100, 125, 156, 195, 243, 303 },
			.n = 6, .first = 2, .up = 833, .down = 660, .epoch_ns = L_SEC,
			.average_us = 4000000, .steps_up = 2, .steps_down = 1,
		},
	};
}

/* Whatever waits, the next departure of two links is the same, and they stand at the same rate. */
static void send_alike(struct kunit *test, struct l_link *a, struct l_link *b)
{
	struct rtpl_departure d, e;

	KUNIT_ASSERT_TRUE(test, l_next(a, &d) && l_next(b, &e));
	KUNIT_ASSERT_EQ(test, a->st.steps.index, b->st.steps.index);
	KUNIT_ASSERT_EQ(test, d.at, e.at);
	KUNIT_ASSERT_EQ(test, d.cells, e.cells);
	a->now = d.at;
	b->now = d.at;
	l_send(a, &d);
	l_send(b, &e);
}

static void refusals(struct kunit *test)
{
	struct rtpl_sched_params p;
	struct rtpl_dist noise;
	const char *why = NULL;

	p = ladder_params();
	KUNIT_EXPECT_EQ(test, rtpl_sched_check(&p, 10 * L_MS, &why), 0);
	KUNIT_EXPECT_EQ(test, rtpl_sched_check(&p, 10 * L_MS - 1, &why), -ERANGE);
	EXPECT_REFUSED(p, ladder.n, 1, -EINVAL);
	EXPECT_REFUSED(p, ladder.n, RTPL_SCHED_RATES + 1, -EINVAL);
	EXPECT_REFUSED(p, ladder.first, 4, -EINVAL);
	EXPECT_REFUSED(p, ladder.down, 0, -EINVAL);
	EXPECT_REFUSED(p, ladder.down, 800, -EINVAL);
	EXPECT_REFUSED(p, ladder.up, 1001, -EINVAL);
	EXPECT_REFUSED(p, ladder.rate[0], 0, -ERANGE);
	EXPECT_REFUSED(p, ladder.rate[3], RTPL_RATE_MAX + 1, -ERANGE);
	EXPECT_REFUSED(p, ladder.rate[1], 100, -EINVAL);
	EXPECT_REFUSED(p, ladder.down, 401, -EINVAL);	/* 401 * 800 > 800 * 400 */
	EXPECT_REFUSED(p, ladder.epoch_ns, 10 * L_MS - 1, -ERANGE);
	EXPECT_REFUSED(p, ladder.epoch_ns, RTPL_SCHED_SPAN_MAX + 1, -ERANGE);
	EXPECT_REFUSED(p, ladder.growth, 9, -ERANGE);
	EXPECT_REFUSED(p, ladder.growth, 1, -ERANGE);	/* without a longest epoch */
	EXPECT_REFUSED(p, ladder.steps_up, 1, -EINVAL);	/* without an average */
	EXPECT_REFUSED(p, ladder.steps_down, 1, -EINVAL);

	p = slow_params();
	KUNIT_EXPECT_EQ(test, rtpl_sched_check(&p, 10 * L_MS, &why), 0);
	EXPECT_REFUSED(p, ladder.average_us, 999999, -ERANGE);
	EXPECT_REFUSED(p, ladder.average_us, RTPL_SCHED_AVERAGE_MAX + 1, -ERANGE);
	EXPECT_REFUSED(p, ladder.steps_up, 0, -ERANGE);
	EXPECT_REFUSED(p, ladder.steps_up, RTPL_SCHED_RATES, -ERANGE);
	EXPECT_REFUSED(p, ladder.steps_down, 0, -ERANGE);
	EXPECT_REFUSED(p, ladder.steps_down, RTPL_SCHED_RATES, -ERANGE);

	noise = forty(0, 2);
	p.ladder.noise = &noise;
	KUNIT_EXPECT_EQ(test, rtpl_sched_check(&p, 10 * L_MS, &why), 0);
	noise.max++;
	EXPECT_REFUSED(p, ladder.first, 2, -ERANGE);
	noise.max = 0;
	noise.min = -500001;
	EXPECT_REFUSED(p, ladder.first, 2, -ERANGE);
	noise.min = 1;
	EXPECT_REFUSED(p, ladder.first, 2, -ERANGE);
	noise = forty(0, 2);
	noise.n = 0;
	EXPECT_REFUSED(p, ladder.first, 2, -EINVAL);
	noise = forty(0, 2);
	p = ladder_params();
	EXPECT_REFUSED(p, ladder.noise, &noise, -EINVAL);	/* without an average */
}

/* Run to just before @t, then queue @cells; the queue is empty but for them. */
static void feed(struct l_link *l, u64 t, u32 cells)
{
	l_run(l, t - 1, 100000);
	l_queue(l, cells);
}

/*
 * Epochs of 1 s, 200 cells/s first. Slot times by hand: a change keeps the time of
 * the first slot of its epoch, from which the new interval counts.
 */
static void ladder_steps(struct kunit *test)
{
	struct rtpl_sched_params p = ladder_params();
	struct l_link *l = l_of(test, &p, 0);
	struct rtpl_sched_leak leak;
	struct rtpl_departure d;

	/* 60 of 200 used: 30 %, not below down */
	l_queue(l, 60);
	l_run(l, L_SEC, 100000);
	KUNIT_EXPECT_EQ(test, l->st.steps.choices, 1);
	KUNIT_EXPECT_EQ(test, l->st.steps.changes, 0);
	KUNIT_EXPECT_EQ(test, l->data + l->chaff, 200);	/* slots at 5 ms ... 1 s */

	/* 59: below; 100 cells/s hold 80 */
	l_queue(l, 59);
	l_run(l, 2 * L_SEC - 1, 100000);
	KUNIT_EXPECT_EQ(test, l->st.steps.index, 0);	/* chosen as the slot was asked for */
	KUNIT_EXPECT_EQ(test, l->data + l->chaff, 399);
	KUNIT_ASSERT_TRUE(test, l_next(l, &d));
	KUNIT_EXPECT_EQ(test, d.at, 2 * L_SEC);
	l_run(l, 2 * L_SEC + 10 * L_MS - 1, 100000);
	KUNIT_EXPECT_EQ(test, l->data + l->chaff, 400);
	l_run(l, 2 * L_SEC + 10 * L_MS, 100000);
	KUNIT_EXPECT_EQ(test, l->data + l->chaff, 401);

	/* 81 cells: above 80 % of 100, 200 hold 160 */
	l_queue(l, 81);
	l_run(l, 3 * L_SEC, 100000);
	KUNIT_EXPECT_EQ(test, l->st.steps.index, 1);
	KUNIT_EXPECT_EQ(test, l->st.steps.changes, 2);

	/* What waits at the end counts: 321 need 800 cells/s */
	feed(l, 4 * L_SEC - 5 * L_MS, 321);
	l_run(l, 4 * L_SEC, 100000);
	KUNIT_EXPECT_EQ(test, l->st.steps.index, 3);
	KUNIT_ASSERT_TRUE(test, l_next(l, &d));
	KUNIT_EXPECT_EQ(test, d.at, 4 * L_SEC + 1250000);

	/* More than the highest can carry is the highest; nothing at all the lowest. */
	l_queue(l, 1000);
	l_run(l, 5 * L_SEC, 100000);
	KUNIT_EXPECT_EQ(test, l->st.steps.index, 3);
	l->queued = 0;
	l_run(l, 7 * L_SEC, 100000);
	KUNIT_EXPECT_EQ(test, l->st.steps.index, 0);

	KUNIT_EXPECT_EQ(test, l->st.steps.choices, 7);
	KUNIT_EXPECT_EQ(test, l->st.missed, 0);
	rtpl_sched_leak(&l->st, &l->p, &leak);
	KUNIT_EXPECT_TRUE(test, leak.bounded);
	KUNIT_EXPECT_EQ(test, leak.options, 4);
	KUNIT_EXPECT_EQ(test, leak.choices, 7);
	KUNIT_EXPECT_EQ(test, leak.changes, 4);
	KUNIT_EXPECT_EQ(test, leak.mbits, 14000);
	EXPECT_NO_FAULT(test, l);
}

/*
 * The link holds 60 cells at most, and 341 more wait in the class: 401 in all need 800 cells/s, as
 * if the link held them (ladder_steps).
 */
static void ladder_behind(struct kunit *test)
{
	struct rtpl_sched_params p = ladder_params();
	struct l_link *l = l_of(test, &p, 0);

	feed(l, L_SEC - 5 * L_MS, 60);
	l->st.behind = 341 * l->st.room;
	l_run(l, L_SEC, 100000);
	KUNIT_EXPECT_EQ(test, l->st.steps.index, 3);
	KUNIT_EXPECT_EQ(test, l->st.steps.changes, 1);
	/* No slot is for what only waits behind. */
	l->st.behind = 0;
	l_run(l, L_SEC + 75 * L_MS, 100000);
	KUNIT_EXPECT_EQ(test, l->data, 60);
	EXPECT_NO_FAULT(test, l);
}

/* Borders of epochs that double, up to 8 s: 1, 3, 7, 15, 23, 31 ... */
static void ladder_growth(struct kunit *test)
{
	static const u8 borders[] = { 1, 3, 7, 15, 23, 31, 39 };
	struct rtpl_sched_params p = ladder_params();
	u32 i, sec, n = 0;
	struct l_link *l;

	p.ladder.growth = 1;
	p.ladder.epoch_max_ns = 8 * L_SEC;
	l = l_of(test, &p, 0);
	for (sec = 1; sec < 45; sec++) {
		for (i = 0; i < 2; i++) {
			l_run(l, sec * L_SEC + (i ? 0 : -11 * L_MS), 100000);
			n += i && n < ARRAY_SIZE(borders) && borders[n] == sec;
			KUNIT_ASSERT_EQ(test, l->st.steps.choices, n);
		}
	}
	KUNIT_EXPECT_EQ(test, n, ARRAY_SIZE(borders));

	/* Borders that nobody saw are no choice: asleep until second 104.5, in 103 ... 111. */
	l->now = 104500 * L_MS;
	l_run(l, l->now, 10);
	KUNIT_EXPECT_EQ(test, l->st.steps.choices, n + 1);
	KUNIT_EXPECT_EQ(test, l->st.steps.border, 111 * L_SEC);
	KUNIT_EXPECT_EQ(test, l->st.steps.began, 103 * L_SEC);
	EXPECT_NO_FAULT(test, l);
}

/*
 * When slots are depends on the choices alone: two links with other traffic that
 * chose the same send at the same times.
 */
static void ladder_tells_no_more(struct kunit *test)
{
	struct rtpl_sched_params p = ladder_params();
	struct l_link *a = l_of(test, &p, 9), *b = l_of(test, &p, 9);
	struct m_rng rng = { 4 };
	u32 i;

	for (i = 0; i < 50000; i++) {
		if (m_chance(&rng, 500))
			l_queue(a, 1);		/* about 100 of 200 a second */
		if (i % 5 == 0)
			l_queue(b, 2);		/* 80 */
		send_alike(test, a, b);
		KUNIT_ASSERT_EQ(test, a->st.steps.index, 1);
	}
}

/* A steady load settles: no more than two changes, whatever the load. */
static void ladder_settles(struct kunit *test)
{
	struct rtpl_sched_params p = ladder_params();
	struct l_link *l;
	u32 load, sec, i;

	for (load = 10; load <= 700; load += 30) {
		l = l_of(test, &p, 0);
		for (sec = 0; sec < 30; sec++)
			for (i = 0; i < load; i++) {
				l_run(l, sec * L_SEC + div_u64(i * L_SEC, load), 100000);
				l_queue(l, 1);
			}
		KUNIT_ASSERT_LE(test, l->st.steps.changes, 2);
		KUNIT_ASSERT_TRUE(test, load <= l->p.ladder.rate[l->st.steps.index]);
		EXPECT_NO_FAULT(test, l);
	}
}

/* Queue @load cells in second @sec, evenly. */
static void load_second(struct l_link *l, u32 sec, u32 load)
{
	u32 i;

	for (i = 0; i < load; i++) {
		l_run(l, sec * L_SEC + div_u64(i * L_SEC, load), 100000);
		l_queue(l, 1);
	}
}

/*
 * A backlog that the plain ladder answers with its highest rate at the next border, in the link or
 * behind it in the class: the slow one sees only what left, and is not asked for more.
 */
static void slow_no_backlog(struct kunit *test)
{
	struct rtpl_sched_params p = slow_params(), plain = p;
	struct l_link *a = l_of(test, &p, 0), *b = l_of(test, &p, 0), *c;

	plain.ladder.average_us = 0;
	plain.ladder.steps_up = 0;
	plain.ladder.steps_down = 0;
	KUNIT_EXPECT_FALSE(test, rtpl_sched_demand(&p));
	KUNIT_EXPECT_TRUE(test, rtpl_sched_demand(&plain));
	c = l_of(test, &plain, 0);
	/* So late before the border that next to nothing of it leaves in this epoch. */
	l_run(a, L_SEC - 7 * L_MS, 100000);
	l_run(b, L_SEC - 7 * L_MS, 100000);
	l_run(c, L_SEC - 7 * L_MS, 100000);
	l_queue(a, 1000);
	b->st.behind = 100000 * b->st.room;
	l_queue(c, 1000);
	l_run(a, L_SEC + 2 * L_MS, 100000);
	l_run(b, L_SEC + 2 * L_MS, 100000);
	l_run(c, L_SEC + 2 * L_MS, 100000);
	KUNIT_EXPECT_EQ(test, c->st.steps.index, 5);
	/* The average is of what left, next to nothing. */
	KUNIT_EXPECT_EQ(test, a->st.steps.index, 2);
	KUNIT_EXPECT_EQ(test, b->st.steps.index, 2);
	KUNIT_EXPECT_LT(test, a->st.steps.average, 105 * 256);
	KUNIT_EXPECT_LT(test, b->st.steps.average, 105 * 256);
	EXPECT_NO_FAULT(test, a);
	EXPECT_NO_FAULT(test, b);
}

/*
 * The average by hand, in 2^-8 cells a second: begins with 833 thousandths of 156, then each second
 * (4 * average + cells) / 5.
 */
static void slow_average(struct kunit *test)
{
	static const u16 cells[] = { 150, 0, 155, 10, 77 };
	struct rtpl_sched_params p = slow_params();
	const char *why = "";
	struct l_link *l;
	u64 average;
	u32 i;

	p.ladder.down = 1;		/* the rate stays: so no slot is at a border but its last */
	p.ladder.up = 1000;
	l = l_of(test, &p, 0);
	average = 156 * 256;
	KUNIT_EXPECT_EQ(test, l->st.steps.average, average);
	for (i = 0; i < ARRAY_SIZE(cells); i++) {
		l_queue(l, cells[i]);
		l_run(l, (i + 1) * L_SEC + 6 * L_MS, 100000);
		average = (4 * average + cells[i] * 256) / 5;
		KUNIT_EXPECT_EQ(test, l->st.steps.average, average);
		KUNIT_EXPECT_EQ(test, l->st.steps.index, 2);
	}
	/* An hour asleep, then the largest numbers there are. */
	l->now += 3600 * L_SEC;
	l_run(l, l->now, 10);
	KUNIT_EXPECT_LT(test, l->st.steps.average, 256 / 2);

	p = (struct rtpl_sched_params){
		.kind = RTPL_SCHEDULE_LADDER,
		.ladder = {
			.rate = { 499999, RTPL_RATE_MAX }, .n = 2, .first = 1,
			.up = 1000, .down = 900,
			.epoch_ns = 3600 * L_SEC, .average_us = RTPL_SCHED_AVERAGE_MAX,
			.steps_up = 15, .steps_down = 15,
		},
	};
	KUNIT_ASSERT_EQ(test, rtpl_sched_check(&p, 0, &why), 0);
	l_start(l, &p, 0);
	l->st.steps.data = 3600ULL * RTPL_RATE_MAX * L_ROOM;
	l->now = 3600 * L_SEC + L_MS;
	l_run(l, l->now, 1);
	KUNIT_EXPECT_EQ(test, l->st.steps.choices, 1);
	KUNIT_EXPECT_EQ(test, l->st.steps.average, 256ULL * RTPL_RATE_MAX);
	KUNIT_EXPECT_EQ(test, l->st.steps.index, 1);
}

/*
 * The average counts bytes: 30 packets of a quarter of a cell are 7.5 cells, however many leave
 * with them. What was queued and dropped counts until a slot takes chaff, and no cell as more than
 * it is.
 */
static void slow_bytes(struct kunit *test)
{
	struct rtpl_sched_params p = slow_params();
	struct l_link *l;
	u32 i;

	p.ladder.down = 1;
	p.ladder.up = 1000;
	l = l_of(test, &p, 0);
	for (i = 0; i < 30; i++) {
		l_run(l, i * 30 * L_MS, 100000);
		l_queue_part(l, L_ROOM / 4);
	}
	l_run(l, L_SEC + 6 * L_MS, 100000);
	KUNIT_EXPECT_EQ(test, l->data, 30);
	KUNIT_EXPECT_EQ(test, l->st.steps.average, (4 * 156 * 256 + 30 * 256 / 4) / 5);

	l = l_of(test, &p, 0);
	l_traffic(l, RTPL_QUEUED, 10 * L_ROOM);		/* and dropped */
	l_traffic(l, RTPL_QUEUED, U32_MAX);
	l_queue_part(l, L_ROOM / 4);
	l_queue_part(l, L_ROOM / 4);
	l_run(l, 100 * L_MS, 100000);
	KUNIT_EXPECT_EQ(test, l->st.steps.data, 2 * L_ROOM);
	l_queue_part(l, L_ROOM / 4);
	l_run(l, 200 * L_MS, 100000);
	KUNIT_EXPECT_EQ(test, l->st.steps.data, 2 * L_ROOM + L_ROOM / 4);
	EXPECT_NO_FAULT(test, l);
}

/*
 * A steady load ends at the lowest rate of which it is at most up, and stays; on the way there no
 * border moves the rate by more than its steps, and nothing but a border moves it.
 */
static void slow_settles(struct kunit *test)
{
	static const u32 loads[] = { 0, 40, 90, 110, 140, 180, 250 };
	struct rtpl_sched_params p = slow_params();
	struct rtpl_sched_leak leak;
	u32 i, sec, want;
	u64 choices;
	struct l_link *l;
	u8 had;

	for (i = 0; i < ARRAY_SIZE(loads); i++) {
		l = l_of(test, &p, 0);
		choices = 0;
		had = p.ladder.first;
		for (sec = 0; sec < 60; sec++) {
			load_second(l, sec, loads[i]);
			l_run(l, (sec + 1) * L_SEC - 1, 100000);
			KUNIT_ASSERT_TRUE(test, l->st.steps.choices - choices <= 1);
			KUNIT_ASSERT_TRUE(test, l->st.steps.index <= had + 2);
			KUNIT_ASSERT_TRUE(test, l->st.steps.index + 1 >= had);
			if (l->st.steps.choices == choices)
				KUNIT_ASSERT_EQ(test, l->st.steps.index, had);
			choices = l->st.steps.choices;
			had = l->st.steps.index;
		}
		for (want = 0; want < 5 && loads[i] * 1000 > 833 * p.ladder.rate[want]; want++)
			;
		KUNIT_EXPECT_EQ(test, l->st.steps.index, want);
		KUNIT_EXPECT_LE(test, l->st.steps.changes, 5);
		rtpl_sched_leak(&l->st, &p, &leak);
		KUNIT_EXPECT_TRUE(test, leak.bounded);
		KUNIT_EXPECT_EQ(test, leak.options, 4);		/* two up, none, one down */
		KUNIT_EXPECT_EQ(test, leak.mbits, leak.choices * 2000);
		EXPECT_NO_FAULT(test, l);
	}
}

/*
 * Noise moves decisions, not the average: 90 cells a second need 125 at 833 per mille; with 40 more
 * 195, with 40 less 100. What is less than nothing is nothing. By turns of chance borders move the
 * rate where without noise none does.
 */
static void slow_noise(struct kunit *test)
{
	static const struct {
		u8 from, n, index;
	} want[] = { { 1, 1, 3 }, { 0, 1, 0 } };
	struct rtpl_sched_params p = slow_params();
	struct rtpl_dist noise;
	struct l_link *l;
	u64 average = 0;
	u32 i, sec;

	for (i = 0; i < 3; i++) {
		if (i < 2) {
			noise = forty(want[i].from, want[i].n);
			p.ladder.noise = &noise;
		} else {
			p.ladder.noise = NULL;
		}
		l = l_of(test, &p, 0);
		for (sec = 0; sec < 30; sec++)
			load_second(l, sec, 90);
		l_run(l, 30 * L_SEC + 20 * L_MS, 100000);
		KUNIT_EXPECT_EQ(test, l->st.steps.index, i < 2 ? want[i].index : 1);
		if (i)
			KUNIT_EXPECT_LE(test, max(average, l->st.steps.average) -
					min(average, l->st.steps.average), 256 * 2);
		average = l->st.steps.average;
		EXPECT_NO_FAULT(test, l);
	}

	noise = forty(0, 1);
	p.ladder.noise = &noise;
	l = l_of(test, &p, 0);
	l_run(l, 20 * L_SEC, 100000);		/* nothing to send */
	KUNIT_EXPECT_EQ(test, l->st.steps.index, 0);

	noise = forty(0, 2);
	l = l_of(test, &p, 0);
	for (sec = 0; sec < 100; sec++)
		load_second(l, sec, 90);
	KUNIT_EXPECT_GT(test, l->st.steps.changes, 20);
	p.ladder.noise = NULL;
	l = l_of(test, &p, 0);
	for (sec = 0; sec < 100; sec++)
		load_second(l, sec, 90);
	KUNIT_EXPECT_LE(test, l->st.steps.changes, 2);
}

/* As ladder_tells_no_more(): other traffic, other waits, the same choices, the same slots. */
static void slow_tells_no_more(struct kunit *test)
{
	struct rtpl_sched_params p = slow_params();
	struct l_link *a = l_of(test, &p, 9), *b = l_of(test, &p, 9);
	u32 i;

	for (i = 0; i < 20000; i++) {
		/* 90 of 100 slots, later 50 */
		if (i % 10 == 0)
			l_queue(a, i < 9000 ? 9 : 5);
		if (i < 9000 ? i % 10 : i % 2)
			l_queue(b, 1);
		b->st.behind = i;
		send_alike(test, a, b);
	}
	KUNIT_EXPECT_GT(test, a->st.steps.choices, 50);
	KUNIT_EXPECT_GT(test, a->st.steps.changes, 5);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(refusals),
	KUNIT_CASE(ladder_steps),
	KUNIT_CASE(ladder_behind),
	KUNIT_CASE(ladder_growth),
	KUNIT_CASE(ladder_tells_no_more),
	KUNIT_CASE(ladder_settles),
	KUNIT_CASE(slow_no_backlog),
	KUNIT_CASE(slow_average),
	KUNIT_CASE(slow_bytes),
	KUNIT_CASE(slow_noise),
	KUNIT_CASE(slow_settles),
	KUNIT_CASE(slow_tells_no_more),
	{}
};

static struct kunit_suite suite = {
	.name = "rtpl_sched_ladder",
	.test_cases = cases,
};

kunit_test_suite(suite);
