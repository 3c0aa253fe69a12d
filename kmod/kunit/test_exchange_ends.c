// SPDX-License-Identifier: GPL-2.0
/*
 * Exchanges (core/sched_exchange.c): two ends with a path between them, whose cells and their times
 * are counted by hand.
 */
#include "exchange_ends.h"

/* ---- requests ---- */

/* Each volume to its target, in steps that grow, data first. */
static void request_padded(struct kunit *test)
{
	/* of blocks; the class that their cells make */
	static const u32 bytes[][2] = {
		{ 300, 0 }, { X_ROOM - 1, 0 }, { X_ROOM, 1 }, { 4000, 1 }, { 4 * X_ROOM - 1, 1 },
		{ 4 * X_ROOM, 2 },
		{ 11000, 2 },
	};
	struct x_tables *t = x_tables(test);
	struct x_pair *x;
	u32 i, n;

	for (i = 0; i < ARRAY_SIZE(bytes); i++) {
		x = x_pair(test, t);
		x_queue(x, X_A, bytes[i][0]);
		x_run(x, X_ASKED + 16 * L_MS);
		n = t->x.up[bytes[i][1]] / X_CELL;
		KUNIT_ASSERT_EQ(test, x_count(x, X_A, X_CELL), n);
		KUNIT_ASSERT_EQ(test, x->end[X_A].queued, 0);
		for (n = 0; n < x->n_log; n++) {
			if (x->log[n].from != X_A || x->log[n].size != X_CELL)
				continue;
			/* Eight cells one by one, then two by two. */
			KUNIT_ASSERT_EQ(test, x->log[n].at,
					X_ASKED + min(x->log[n].nr, 8U) * X_PACE);
			KUNIT_ASSERT_EQ(test, x->log[n].data,
					x->log[n].nr * X_ROOM < bytes[i][0]);
		}
		EXPECT_SOUND(test, x);
	}
}

/* Two targets, by their chance; what the other end hears is the target. */
static void request_drawn(struct kunit *test)
{
	struct x_tables *t = x_tables(test);
	u32 i, count = 0, cells, before = 0;
	struct x_pair *x;

	x_row(t, X_KEY(ASK, 0, 0, 0, 0, 0));
	x_choice(t, 70, 0, 0);
	x_choice(t, 30, 1, 0);
	x = x_pair(test, t);
	for (i = 0; i < 1000; i++) {
		x->n_log = 0;
		x_queue(x, X_A, 900);
		x_run(x, x->now + 100 * L_MS);
		cells = x_count(x, X_A, X_CELL);
		KUNIT_ASSERT_TRUE(test, cells == 1 || cells == 4);
		KUNIT_ASSERT_EQ(test, x->end[X_B].st.exchange.up, 0);
		KUNIT_ASSERT_EQ(test, x->end[X_B].st.exchange.target, cells == 4);
		count += cells == 4;
		x_queue(x, X_B, 900);		/* what is small leaves the request open */
		x_run(x, x->now + 500 * L_MS);
		before = x->end[X_A].st.exchange.exchanges;
	}
	/* 300, and 4.5 standard deviations of 14.5 */
	KUNIT_EXPECT_GT(test, count, 235);
	KUNIT_EXPECT_LT(test, count, 365);
	KUNIT_EXPECT_EQ(test, before, 1000);
	EXPECT_SOUND(test, x);
}

/* What comes while a burst lasts takes chaff's place; more than that makes the target anew. */
static void request_grows(struct kunit *test)
{
	struct x_tables *t = x_tables(test);
	struct x_pair *x = x_pair(test, t);

	x_queue(x, X_A, 1500);			/* two cells of four */
	x_run(x, X_ASKED + 3 * L_MS);
	x_queue(x, X_A, 1000);
	x_run(x, X_ASKED + 38 * L_MS);
	KUNIT_EXPECT_EQ(test, x_count(x, X_A, X_CELL), 4);
	KUNIT_EXPECT_EQ(test, x->data[X_A], 3);

	x = x_pair(test, t);
	x_queue(x, X_A, 4000);
	x_run(x, X_ASKED + 3 * L_MS);
	x_queue(x, X_A, 4000);
	x_run(x, X_ASKED + 38 * L_MS);
	KUNIT_EXPECT_EQ(test, x_count(x, X_A, X_CELL), 10);
	EXPECT_SOUND(test, x);
}

/* A burst begins a step behind its data: what is written in two pieces shares cells. */
static void request_in_two(struct kunit *test)
{
	struct x_pair *x = x_pair(test, x_tables(test));

	x_queue(x, X_A, 300);
	x_run(x, X_START + L_MS);
	x_queue(x, X_A, 700);
	x_run(x, X_START + 40 * L_MS);
	KUNIT_EXPECT_EQ(test, x_count(x, X_A, X_CELL), 1);
	KUNIT_EXPECT_EQ(test, x->end[X_A].last_data, X_ASKED);
	KUNIT_EXPECT_EQ(test, x->end[X_A].queued, 0);
	EXPECT_SOUND(test, x);
}

/*
 * What follows before anything large came, as a connection's next window, goes on at once with what
 * was sent and with the number that was drawn: one cell becomes four, or four become ten.
 */
static void request_goes_on(struct kunit *test)
{
	struct x_tables *t = x_tables(test);
	u32 i, first, count[2] = {};
	struct x_pair *x;

	for (i = 0; i < 2; i++) {
		x_row(t, X_KEY(ASK, i, 0, 0, 0, 0));
		x_choice(t, 50, i, 0);
		x_choice(t, 50, i + 1, 0);
	}
	x = x_pair(test, t);
	for (i = 0; i < 100; i++) {
		x->n_log = 0;
		x_queue(x, X_A, 900);
		x_run(x, x->now + 40 * L_MS);	/* B's reply came */
		first = x_count(x, X_A, X_CELL);
		KUNIT_ASSERT_TRUE(test, first == 1 || first == 4);
		count[first == 4]++;
		x_queue(x, X_A, 900);
		x_run(x, x->now);
		KUNIT_ASSERT_EQ(test, x->end[X_A].last_data, x->now);
		x_run(x, x->now + 40 * L_MS);
		KUNIT_ASSERT_EQ(test, x_count(x, X_A, X_CELL), first == 1 ? 4 : 10);
		KUNIT_ASSERT_EQ(test, x->end[X_A].st.exchange.exchanges, i + 1);
		x_queue(x, X_B, 900);		/* with that it is over */
		x_run(x, x->now + 500 * L_MS);
	}
	KUNIT_EXPECT_GT(test, count[0], 25);
	KUNIT_EXPECT_GT(test, count[1], 25);
	EXPECT_SOUND(test, x);
}

/* Steps grow to what a slot may have, and no further. */
static void request_steps(struct kunit *test)
{
	struct x_tables *t = x_tables(test);
	struct x_pair *x;

	t->x.start = 20;
	t->x.grow = 1;
	t->x.up[2] = 100 * X_CELL;
	x = x_pair(test, t);
	x_queue(x, X_A, 90 * X_ROOM);
	x_run(x, X_ASKED);
	KUNIT_EXPECT_EQ(test, x->data[X_A], 20);
	x_run(x, X_ASKED + X_PACE);
	KUNIT_EXPECT_EQ(test, x->data[X_A], 20 + RTPL_PACE_BATCH_MAX);
	x_run(x, X_ASKED + 10 * X_PACE);
	KUNIT_EXPECT_EQ(test, x_count(x, X_A, X_CELL), 100);
	EXPECT_SOUND(test, x);
}

/* Beyond the tables nothing is padded, nor held. */
static void bulk(struct kunit *test)
{
	struct x_pair *x = x_pair(test, x_tables(test));
	u32 i, n;

	for (i = 0; i < 20; i++)
		x_queue(x, X_A, 50000);
	n = x->end[X_A].queued / X_ROOM + 1;
	x_run(x, X_START);
	KUNIT_EXPECT_EQ(test, x->end[X_A].queued, 0);
	KUNIT_EXPECT_EQ(test, x->end[X_A].last_at, X_START);
	x_run(x, X_START + 100 * L_MS);
	KUNIT_EXPECT_EQ(test, x->data[X_A], n);
	KUNIT_EXPECT_EQ(test, x->chaff[X_A], 0);

	/* The same of an answer, at its slot's end. */
	x_queue(x, X_A, 500);
	x_run(x, x->now + 40 * L_MS);
	for (i = 0; i < 20; i++)
		x_queue(x, X_B, 50000);
	n = x_count(x, X_B, X_CELL);
	x_run(x, x->now + X_SLOT);
	KUNIT_EXPECT_EQ(test, x->end[X_B].queued, 0);
	KUNIT_EXPECT_EQ(test, x_count(x, X_B, X_CELL) - n, 1000000 / X_ROOM + 1);
	EXPECT_SOUND(test, x);

	/* What follows later is a request like any, though nobody asked when the slot was over. */
	x_run(x, x->now + 4 * L_SEC);
	for (i = 0; i < 20; i++)
		x_queue(x, X_A, 50000);
	x_run(x, x->now + X_SLOT - L_MS);
	KUNIT_EXPECT_EQ(test, x->end[X_A].queued, 0);
	x_run(x, x->now + 4 * L_SEC);
	n = x_count(x, X_A, X_CELL);
	x_queue(x, X_A, 1500);
	x_run(x, x->now);
	KUNIT_EXPECT_EQ(test, x_count(x, X_A, X_CELL), n);
	x_run(x, x->now + X_SLOT);
	KUNIT_EXPECT_EQ(test, x_count(x, X_A, X_CELL), n + 4);
	EXPECT_SOUND(test, x);
}

/*
 * Behind an answer a packet waits in its class for longer than roles last, and the link is told
 * when it came there. What follows is of the answer still.
 */
static void bulk_waited(struct kunit *test)
{
	struct x_tables *t = x_tables(test);
	struct x_pair *x = x_pair(test, t);
	u64 now;
	u32 i;

	x_run(x, 2 * L_SEC);
	x_queue(x, X_A, 500);
	x_run(x, x->now + 40 * L_MS);
	for (i = 0; i < 20; i++)
		x_queue(x, X_B, 50000);
	x_run(x, x->now + 4 * X_SLOT);
	now = x->now;
	x->now -= 2 * (t->x.most + t->x.linger) * X_SLOT;
	x_queue(x, X_B, 60);
	x->now = now;
	x_run(x, x->now + 2 * X_SLOT);
	KUNIT_EXPECT_EQ(test, x->end[X_B].queued, 0);
	x_queue(x, X_B, 60);
	x_queue(x, X_A, 60);
	/* One asks, one answers: enum role. */
	KUNIT_EXPECT_EQ(test, x->end[X_A].st.exchange.role, 1);
	KUNIT_EXPECT_EQ(test, x->end[X_B].st.exchange.role, 2);
	EXPECT_SOUND(test, x);

	/* Or an answer beyond the tables waits in the link, for a device that takes none. */
	x_run(x, x->now + 3 * X_SLOT);
	for (i = 0; i < 20; i++)
		x_queue(x, X_B, 50000);
	x->now += 4 * X_SLOT;
	x_run(x, x->now + 6 * X_SLOT);
	KUNIT_EXPECT_EQ(test, x->end[X_B].queued, 0);
	x_queue(x, X_B, 60);
	x_queue(x, X_A, 60);
	KUNIT_EXPECT_EQ(test, x->end[X_A].st.exchange.role, 1);
	KUNIT_EXPECT_EQ(test, x->end[X_B].st.exchange.role, 2);
	EXPECT_SOUND(test, x);
}

/* A request that comes within a slot of an answer beyond the tables is planned all the same. */
static void bulk_then_asked(struct kunit *test)
{
	struct x_tables *t = x_tables(test);
	struct x_pair *x = x_asked(test, t, RTPL_EXCHANGE_COVER);
	u32 i;

	x_run(x, X_END(1) - 1);
	for (i = 0; i < 20; i++)
		x_queue(x, X_B, 50000);
	x_run(x, X_END(1) + X_DELAY + X_REPLY);
	KUNIT_EXPECT_EQ(test, x->end[X_B].queued, 0);
	x_queue(x, X_A, 900);
	x_run(x, x->now + X_PACE + X_DELAY + X_REPLY);
	x->n_air = 0;				/* or what comes of that brings the next question */
	x_run(x, x->now + 10 * X_SLOT);
	KUNIT_EXPECT_EQ(test, x_count(x, X_B, X_COVER), t->x.most);
	KUNIT_EXPECT_EQ(test, x->end[X_B].st.missed, 0);
	EXPECT_SOUND(test, x);
}

/* ---- answers; a request of one cell comes at X_HEARD, and slots end at X_END(1) ... ---- */

#define REPLIED		{ X_HEARD + X_REPLY, X_SMALL }

/* Cover for the most slots, then small cells, then nothing. Each of these is replied to. */
static void cover_alone(struct kunit *test)
{
	struct x_pair *x = x_asked(test, x_tables(test), RTPL_EXCHANGE_COVER);

	x_run(x, X_START + 3 * L_SEC);
	EXPECT_CELLS(test, x, X_B, REPLIED, { X_END(1), X_COVER }, { X_END(2), X_COVER },
		     { X_END(3), X_COVER }, { X_END(4), X_COVER }, { X_END(5), X_COVER },
		     { X_END(6), X_COVER }, { X_END(7), X_SMALL }, { X_END(8), X_SMALL });
	EXPECT_CELLS(test, x, X_A, { X_ASKED, X_CELL }, { X_END(1) + X_DELAY + X_REPLY, X_SMALL },
		     { X_END(2) + X_DELAY + X_REPLY, X_SMALL },
		     { X_END(3) + X_DELAY + X_REPLY, X_SMALL },
		     { X_END(4) + X_DELAY + X_REPLY, X_SMALL },
		     { X_END(5) + X_DELAY + X_REPLY, X_SMALL },
		     { X_END(6) + X_DELAY + X_REPLY, X_SMALL },
		     { X_END(7) + X_DELAY + X_REPLY, X_SMALL },
		     { X_END(8) + X_DELAY + X_REPLY, X_SMALL });
	KUNIT_EXPECT_EQ(test, x->end[X_B].st.missed, 0);
}

/* An answer that fits into cover takes its place; the table says how long cover goes on. */
static void answer_in_cover(struct kunit *test)
{
	struct x_tables *t = x_tables(test);
	struct x_pair *x;

	x_row(t, X_KEY(PLAN, 0, 0, 0, 0, 0));
	x_choice(t, 100, RTPL_EXCHANGE_COVER, 0);
	x_row(t, X_KEY(ANSWER, 0, 0, RTPL_EXCHANGE_COVER, 1, 0));
	x_choice(t, 100, 2, 0);
	x = x_pair(test, t);
	x_queue(x, X_A, 900);
	x_run(x, X_END(1) + 15 * L_MS);
	x_queue(x, X_B, 500);
	x_run(x, X_START + 3 * L_SEC);
	EXPECT_CELLS(test, x, X_B, REPLIED, { X_END(1), X_COVER }, { X_END(2), X_COVER },
		     { X_END(3), X_COVER }, { X_END(4), X_COVER }, { X_END(5), X_SMALL },
		     { X_END(6), X_SMALL });
	KUNIT_EXPECT_EQ(test, x->end[X_B].last_data, X_END(2));
	KUNIT_EXPECT_EQ(test, x->data[X_B], 1);
}

/*
 * What cover has room for is no edge: two cells of 1000 bytes, and volumes of 1200 and 6000. A row
 * of the latter is a burst's, and says nothing of an answer that fits.
 */
static void answer_between(struct kunit *test)
{
	struct x_tables *t = x_tables(test);
	struct x_pair *x;

	t->x.down[0] = X_CELL;
	x_row(t, X_KEY(PLAN, 0, 0, 0, 0, 0));
	x_choice(t, 100, RTPL_EXCHANGE_COVER, 0);
	x_row(t, X_KEY(ANSWER, 0, 0, RTPL_EXCHANGE_COVER, 1, 1));
	x_choice(t, 100, 2, 1);
	x = x_pair(test, t);
	x_queue(x, X_A, 900);
	x_run(x, X_END(1) + 15 * L_MS);
	x_queue(x, X_B, 500);
	x_run(x, X_START + 3 * L_SEC);
	EXPECT_CELLS(test, x, X_B, REPLIED, { X_END(1), X_COVER }, { X_END(2), X_COVER },
		     { X_END(3), X_SMALL }, { X_END(4), X_SMALL });
	KUNIT_EXPECT_EQ(test, x->end[X_B].last_data, X_END(2));
}

/* One that takes two cells of it ends a slot later; without a row cover ends with its class. */
static void answer_in_two(struct kunit *test)
{
	struct x_pair *x = x_asked(test, x_tables(test), RTPL_EXCHANGE_COVER);

	x_run(x, X_END(1) + 15 * L_MS);
	x_queue(x, X_B, 1500);
	x_run(x, X_START + 3 * L_SEC);
	/* Slot 3 is of the class that ends with 4. */
	EXPECT_CELLS(test, x, X_B, REPLIED, { X_END(1), X_COVER }, { X_END(2), X_COVER },
		     { X_END(3), X_COVER }, { X_END(4), X_COVER }, { X_END(5), X_SMALL },
		     { X_END(6), X_SMALL });
	KUNIT_EXPECT_EQ(test, x->end[X_B].last_data, X_END(3));
	KUNIT_EXPECT_EQ(test, x->data[X_B], 2);
}

/* A large one is a burst at its slot's end, padded; A replies to each fourth cell and the end. */
static void answer_in_burst(struct kunit *test)
{
	struct x_pair *x = x_asked(test, x_tables(test), RTPL_EXCHANGE_COVER);
	u64 burst = X_END(2);

	x_run(x, X_END(1) + 15 * L_MS);
	x_queue(x, X_B, 3000);			/* to 6000: five cells */
	x_run(x, X_START + 3 * L_SEC);
	EXPECT_CELLS(test, x, X_B, REPLIED, { X_END(1), X_COVER }, { burst, X_CELL },
		     { burst + X_PACE, X_CELL }, { burst + 2 * X_PACE, X_CELL },
		     { burst + 3 * X_PACE, X_CELL }, { burst + 4 * X_PACE, X_CELL },
		     { X_END(3), X_SMALL }, { X_END(4), X_SMALL });
	EXPECT_CELLS(test, x, X_A, { X_ASKED, X_CELL }, { X_END(1) + X_DELAY + X_REPLY, X_SMALL },
		     { burst + 3 * X_PACE + X_DELAY, X_SMALL },
		     { burst + 4 * X_PACE + X_DELAY + X_REPLY, X_SMALL },
		     { X_END(3) + X_DELAY + X_REPLY, X_SMALL },
		     { X_END(4) + X_DELAY + X_REPLY, X_SMALL });
	KUNIT_EXPECT_EQ(test, x->data[X_B], 3);
}

/* What both ends sent, but for what was in it. */
static void expect_alike(struct kunit *test, const struct x_pair *x, const struct x_pair *y)
{
	u32 i;

	KUNIT_ASSERT_EQ(test, x->n_log, y->n_log);
	for (i = 0; i < x->n_log; i++) {
		KUNIT_ASSERT_EQ(test, x->log[i].at, y->log[i].at);
		KUNIT_ASSERT_EQ(test, x->log[i].size, y->log[i].size);
		KUNIT_ASSERT_EQ(test, x->log[i].from, y->log[i].from);
	}
	EXPECT_SOUND(test, x);
	EXPECT_SOUND(test, y);
}

/*
 * An answer that ends in cover and one that ends in a slot that lingers look alike, with A's
 * acknowledgements: A replies to what lingers, too, but to no more small cells than that.
 */
static void lingers(struct kunit *test)
{
	struct x_pair *x = x_asked(test, x_tables(test), RTPL_EXCHANGE_COVER), *y;
	u32 n;

	y = x_asked(test, x_tables(test), RTPL_EXCHANGE_COVER);
	x_run(x, X_END(1) + 15 * L_MS);
	x_run(y, X_END(1) + 15 * L_MS);
	x_queue(x, X_B, 500);
	x_queue(y, X_B, 500);
	/* Cover ends with slot 2. */
	x_run(y, X_END(4) - L_MS);
	x_queue(y, X_B, 60);
	x_run(y, X_END(4) + X_DELAY);
	x_queue(y, X_A, 60);
	x_run(x, X_START + L_SEC);
	x_run(y, X_START + L_SEC);
	KUNIT_EXPECT_EQ(test, x->data[X_A], 1);
	KUNIT_EXPECT_EQ(test, y->data[X_A], 2);
	KUNIT_EXPECT_EQ(test, y->end[X_A].last_data, X_END(4) + X_DELAY + X_REPLY);
	expect_alike(test, x, y);

	n = x_count(x, X_A, X_SMALL);
	x_queue(x, X_B, 60);
	x_run(x, X_START + 2 * L_SEC);
	KUNIT_EXPECT_EQ(test, x->end[X_B].queued, 0);
	KUNIT_EXPECT_EQ(test, x_count(x, X_A, X_SMALL), n);
}

/*
 * An answer that left with replies while the request still came: of two small cells, and none
 * waits any more. It looks like one that waited for the first slot.
 */
static void answer_early(struct kunit *test)
{
	static const u8 plans[] = {
		RTPL_EXCHANGE_SILENT, RTPL_EXCHANGE_COVER, RTPL_EXCHANGE_BURST + 1,
	};
	struct x_tables *t;
	struct x_pair *x[2];
	u32 i, e;

	for (i = 0; i < ARRAY_SIZE(plans); i++) {
		for (e = 0; e < 2; e++) {
			t = x_tables(test);
			x_row(t, X_KEY(PLAN, 2, 2, 0, 0, 0));
			x_choice(t, 100, plans[i], 0);
			x_row(t, X_KEY(ANSWER, 2, 2, plans[i], 0, 0));
			x_choice(t, 100, 1, 0);
			x[e] = x_pair(test, t);
			x_queue(x[e], X_A, 11000);
			x_run(x[e], X_HEARD + 3 * L_MS);
			if (!e)
				x_queue(x[e], X_B, 400);
			x_run(x[e], X_HEARD + 40 * L_MS);
			KUNIT_EXPECT_EQ(test, x[e]->end[X_B].queued, 0);
			KUNIT_EXPECT_EQ(test, x[e]->data[X_B], e ? 0 : 2);
			if (e)
				x_queue(x[e], X_B, 400);
			x_run(x[e], X_START + 3 * L_SEC);
		}
		KUNIT_EXPECT_EQ(test, x_count(x[0], X_B, X_COVER),
				plans[i] == RTPL_EXCHANGE_SILENT ? 0 : 2);
		KUNIT_EXPECT_EQ(test, x_count(x[0], X_B, X_CELL),
				plans[i] == RTPL_EXCHANGE_SILENT ? 1 : 0);
		expect_alike(test, x[0], x[1]);
	}
}

/* One that replies took, and that is larger than the tables have, is the largest of theirs. */
static void early_beyond(struct kunit *test)
{
	struct x_tables *t = x_tables(test);
	struct x_pair *x;

	t->x.n_down = 1;
	t->x.down[0] = 2 * X_SMALL - 100;
	x = x_pair(test, t);
	x_queue(x, X_A, 11000);
	x_run(x, X_HEARD + 3 * L_MS);
	x_queue(x, X_B, 400);
	x_run(x, X_HEARD + 40 * L_MS);
	KUNIT_EXPECT_EQ(test, x->data[X_B], 2);
	x->n_log = 0;
	x_run(x, X_START + 3 * L_SEC);
	/* Of the request's nine steps the last is of two cells. */
	EXPECT_CELLS(test, x, X_B, { X_END(1) + 8 * X_PACE, 2 * X_SMALL - 100 },
		     { X_END(2) + 8 * X_PACE, X_SMALL }, { X_END(3) + 8 * X_PACE, X_SMALL });
}

/*
 * Cells that are not full make a request's volume look larger. Where there is no row of it, that of
 * the next smaller one counts; but not that of a larger one, nor one of another target.
 */
static void smaller_rows(struct kunit *test)
{
	/* rows of plans: two volumes and their targets; is there cover? */
	static const struct {
		u8 up[2], target[2];
		bool covers;
	} try[] = {
		{ { 0, 0 }, { 1, 1 }, true },		/* none of its own */
		{ { 0, 2 }, { 2, 2 }, false },		/* nor of its target */
		{ { 2, 2 }, { 2, 2 }, false },
	};
	struct x_tables *t;
	struct x_pair *x;
	u32 i, k;

	for (i = 0; i <= ARRAY_SIZE(try); i++) {
		t = x_tables(test);
		k = min_t(u32, i, ARRAY_SIZE(try) - 1);
		if (i < ARRAY_SIZE(try)) {
			x_row(t, X_KEY(PLAN, try[k].up[0], try[k].target[0], 0, 0, 0));
			x_choice(t, 100, RTPL_EXCHANGE_COVER, 0);
			if (try[k].up[1] != try[k].up[0]) {
				x_row(t, X_KEY(PLAN, try[k].up[1], try[k].target[1], 0, 0, 0));
				x_choice(t, 100, RTPL_EXCHANGE_COVER, 0);
			}
		} else {
			/* Its own comes first. */
			x_row(t, X_KEY(PLAN, 0, 1, 0, 0, 0));
			x_choice(t, 100, RTPL_EXCHANGE_COVER, 0);
			x_row(t, X_KEY(PLAN, 1, 1, 0, 0, 0));
			x_choice(t, 100, RTPL_EXCHANGE_SILENT, 0);
		}
		x_row(t, X_KEY(ANSWER, 0, 1, RTPL_EXCHANGE_COVER, 1, 0));
		x_choice(t, 100, 2, 1);
		x = x_pair(test, t);
		x_queue(x, X_A, 2000);		/* of class 1, to its target */
		x_run(x, X_HEARD + 3 * X_PACE + X_REPLY);
		KUNIT_ASSERT_EQ(test, x->end[X_B].st.exchange.up, 1);
		KUNIT_ASSERT_EQ(test, x->end[X_B].st.exchange.target, 1);
		KUNIT_EXPECT_EQ(test, x->end[X_B].st.exchange.covers, i == 0);
		if (i)
			continue;
		/* In slot 2, to class 1: a burst, and nothing behind slot 4. */
		x_run(x, X_END(1) + 3 * X_PACE + L_MS);
		x_queue(x, X_B, 900);
		x_run(x, x->now + L_SEC);
		KUNIT_EXPECT_EQ(test, x_count(x, X_B, X_CELL), 5);
		KUNIT_EXPECT_EQ(test, x_count(x, X_B, X_COVER), 1 + 2);
		EXPECT_SOUND(test, x);
	}
}

/* Where others' answers would be: a burst of chaff in the first slot, which an answer may join. */
static void burst_first(struct kunit *test)
{
	struct x_pair *x = x_asked(test, x_tables(test), RTPL_EXCHANGE_BURST + 1);
	u64 burst = X_END(1);

	x_run(x, burst + 3 * L_MS);
	x_queue(x, X_B, 2000);
	x_run(x, X_END(2) - 1);
	EXPECT_CELLS(test, x, X_B, REPLIED, { burst, X_CELL }, { burst + X_PACE, X_CELL },
		     { burst + 2 * X_PACE, X_CELL }, { burst + 3 * X_PACE, X_CELL },
		     { burst + 4 * X_PACE, X_CELL });
	KUNIT_EXPECT_EQ(test, x->data[X_B], 2);
	KUNIT_EXPECT_EQ(test, x->chaff[X_B], 3 + 1);

	/* A smaller one does not end it before. */
	x = x_asked(test, x_tables(test), RTPL_EXCHANGE_BURST + 1);
	x_run(x, burst + L_MS);
	x_queue(x, X_B, 300);
	x_run(x, X_END(2) - 1);
	EXPECT_CELLS(test, x, X_B, REPLIED, { burst, X_CELL }, { burst + X_PACE, X_CELL },
		     { burst + 2 * X_PACE, X_CELL }, { burst + 3 * X_PACE, X_CELL },
		     { burst + 4 * X_PACE, X_CELL });
	KUNIT_EXPECT_EQ(test, x->data[X_B], 1);

	/* And without one cover goes on as if there had been none. */
	x = x_asked(test, x_tables(test), RTPL_EXCHANGE_BURST + 1);
	x_run(x, X_END(3));
	EXPECT_CELLS(test, x, X_B, REPLIED, { burst, X_CELL }, { burst + X_PACE, X_CELL },
		     { burst + 2 * X_PACE, X_CELL }, { burst + 3 * X_PACE, X_CELL },
		     { burst + 4 * X_PACE, X_CELL }, { X_END(2), X_COVER }, { X_END(3), X_COVER });
}

/* Silent: nothing but the answer, at its slot's end, padded; a small one in a small cell. */
static void silent(struct kunit *test)
{
	struct x_pair *x = x_asked(test, x_tables(test), RTPL_EXCHANGE_SILENT);
	u64 burst = X_END(4);

	x_run(x, X_END(3) + 1);
	x_queue(x, X_B, 3000);
	x_run(x, X_START + 3 * L_SEC);
	EXPECT_CELLS(test, x, X_B, REPLIED, { burst, X_CELL }, { burst + X_PACE, X_CELL },
		     { burst + 2 * X_PACE, X_CELL }, { burst + 3 * X_PACE, X_CELL },
		     { burst + 4 * X_PACE, X_CELL }, { X_END(5), X_SMALL }, { X_END(6), X_SMALL });

	x = x_asked(test, x_tables(test), RTPL_EXCHANGE_SILENT);
	x_run(x, X_END(3) + 1);
	x_queue(x, X_B, 100);
	x_run(x, X_START + 3 * L_SEC);
	EXPECT_CELLS(test, x, X_B, REPLIED, { X_END(4), X_SMALL });

	/* A row that there is not is silent, too. */
	x = x_pair(test, x_tables(test));
	x_queue(x, X_A, 900);
	x_run(x, X_START + 3 * L_SEC);
	EXPECT_CELLS(test, x, X_B, REPLIED);
}

/* Acknowledgements wait for a reply, and show in nothing. */
static void acknowledgements(struct kunit *test)
{
	struct x_pair *x = x_asked(test, x_tables(test), RTPL_EXCHANGE_SILENT), *y;
	u32 i;

	y = x_asked(test, x_tables(test), RTPL_EXCHANGE_SILENT);
	x_run(x, X_END(1) - L_MS);
	x_run(y, X_END(1) - L_MS);
	x_queue(x, X_B, 11000);
	x_queue(y, X_B, 11000);
	/* Cells come each 2 ms from X_END(1) + 10 ms on. */
	for (i = 0; i < 5; i++) {
		x_run(x, X_END(1) + X_DELAY + (4 * i + 3) * L_MS);
		x_queue(x, X_A, 56);
	}
	x_run(x, X_START + 3 * L_SEC);
	x_run(y, X_START + 3 * L_SEC);
	KUNIT_EXPECT_EQ(test, x->end[X_A].queued, 0);
	KUNIT_EXPECT_GT(test, x->data[X_A], y->data[X_A]);
	expect_alike(test, x, y);
}

/* What waits when cover comes leaves with the reply to it, whether data came in it or chaff. */
static void small_under_cover(struct kunit *test)
{
	struct x_pair *x;
	u32 e;

	for (e = 0; e < 2; e++) {
		x = x_asked(test, x_tables(test), RTPL_EXCHANGE_COVER);
		/* A slot before that reply, and more. */
		x_run(x, X_HEARD + 5 * L_MS);
		x_queue(x, X_A, 56);
		x_run(x, X_HEARD + 20 * L_MS);
		if (e)
			x_queue(x, X_B, 300);
		x_run(x, X_END(1) + X_DELAY + X_REPLY + 5 * L_MS);
		KUNIT_EXPECT_EQ(test, x->data[X_B], e);
		EXPECT_CELLS(test, x, X_A, { X_ASKED, X_CELL },
			     { X_END(1) + X_DELAY + X_REPLY, X_SMALL });
		KUNIT_EXPECT_EQ(test, x->data[X_A], 2);
		EXPECT_SOUND(test, x);
	}
}

/*
 * Small data alone leaves at once, either way, whoever opened. Behind an exchange who answers lets
 * it wait for no longer than a reply would, who asks for two slots behind what is seen, and not at
 * all where nothing was.
 */
static void small_data(struct kunit *test)
{
	struct x_pair *x = x_pair(test, x_tables(test));
	u64 at;

	x_queue(x, X_A, 60);
	x_run(x, X_START + 20 * L_MS);
	x_queue(x, X_B, 60);
	x_run(x, X_START + 60 * L_MS);
	x_queue(x, X_B, 60);
	x_run(x, X_START + 75 * L_MS);
	x_queue(x, X_A, 60);
	x_run(x, X_START + 100 * L_MS);
	EXPECT_CELLS(test, x, X_A, { X_START, X_SMALL },
		     { X_START + 75 * L_MS + X_PACE, X_SMALL });
	EXPECT_CELLS(test, x, X_B, { X_START + 20 * L_MS + X_PACE, X_SMALL },
		     { X_START + 60 * L_MS + X_PACE, X_SMALL });

	x_queue(x, X_A, 900);
	x_run(x, x->now + X_PACE + X_DELAY + X_REPLY);
	x_queue(x, X_B, 3000);
	x_run(x, x->now + 4 * X_SLOT);
	at = x->now;
	x->n_log = 0;
	x_queue(x, X_B, 60);
	x_run(x, at + 40 * L_MS);
	x_queue(x, X_A, 60);
	x_run(x, at + 250 * L_MS);
	x_queue(x, X_A, 60);
	x_run(x, at + L_SEC);
	/* B's came 20 ms before A's. */
	EXPECT_CELLS(test, x, X_A, { at + 40 * L_MS + 2 * X_SLOT, X_SMALL },
		     { at + 250 * L_MS, X_SMALL });
	EXPECT_CELLS(test, x, X_B, { at + X_REPLY, X_SMALL });
}

static struct kunit_case cases[] = {
	KUNIT_CASE(request_padded),
	KUNIT_CASE(request_drawn),
	KUNIT_CASE(request_grows),
	KUNIT_CASE(request_in_two),
	KUNIT_CASE(request_goes_on),
	KUNIT_CASE(request_steps),
	KUNIT_CASE(bulk),
	KUNIT_CASE(bulk_waited),
	KUNIT_CASE(bulk_then_asked),
	KUNIT_CASE(cover_alone),
	KUNIT_CASE(answer_in_cover),
	KUNIT_CASE(answer_between),
	KUNIT_CASE(answer_in_two),
	KUNIT_CASE(answer_in_burst),
	KUNIT_CASE(lingers),
	KUNIT_CASE(answer_early),
	KUNIT_CASE(early_beyond),
	KUNIT_CASE(smaller_rows),
	KUNIT_CASE(burst_first),
	KUNIT_CASE(silent),
	KUNIT_CASE(acknowledgements),
	KUNIT_CASE(small_under_cover),
	KUNIT_CASE(small_data),
	{}
};

static struct kunit_suite suite = {
	.name = "rtpl_exchange_ends",
	.test_cases = cases,
};

kunit_test_suite(suite);
