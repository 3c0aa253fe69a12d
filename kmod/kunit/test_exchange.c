// SPDX-License-Identifier: GPL-2.0
/*
 * Exchanges (core/exchange.c, core/sched_exchange.c): what tables are refused, what they draw, and
 * two ends with a path between them, whose cells and their times are counted by hand.
 */
#include "exchange_ends.h"

/* ---- tables ---- */

/* One setting wrong at a time, all else as it should be. */
#define REFUSED(setting, value, err, says) do {					\
	typeof(t->x.setting) was_ = t->x.setting;				\
	const char *why_ = NULL;						\
	t->x.setting = value;							\
	KUNIT_EXPECT_EQ_MSG(test, rtpl_exchange_check(&t->x, &why_), err, #setting);	\
	KUNIT_EXPECT_TRUE_MSG(test, why_ && strstr(why_, says), "%s: %s", #setting,	\
			      why_ ?: "-");					\
	t->x.setting = was_;							\
} while (0)

static void refusals(struct kunit *test)
{
	struct x_tables *t = x_tables(test);
	const char *why;

	KUNIT_ASSERT_EQ(test, rtpl_exchange_check(&t->x, &why), 0);
	REFUSED(small, RTPL_CELL_MIN - 1, -ERANGE, "small < cover");
	REFUSED(small, X_COVER, -ERANGE, "small < cover");
	REFUSED(cover, RTPL_CELL_MAX + 1, -ERANGE, "small < cover");
	REFUSED(start, 0, -ERANGE, "A number of cells or slots");
	REFUSED(grow, 0, -ERANGE, "A number of cells or slots");
	REFUSED(every, 0, -ERANGE, "A number of cells or slots");
	REFUSED(spread, 0, -ERANGE, "A number of cells or slots");
	REFUSED(linger, 0, -ERANGE, "A number of cells or slots");
	REFUSED(most, 0, -ERANGE, "A number of cells or slots");
	REFUSED(pace_ns, RTPL_PACE_TICK_MIN - 1, -ERANGE, "The pace");
	REFUSED(pace_ns, RTPL_NSEC + 1, -ERANGE, "The pace");
	REFUSED(slot_ns, L_MS - 1, -ERANGE, "The slot");
	REFUSED(slot_ns, RTPL_LATENCY_MAX_NS + 1, -ERANGE, "The slot");
	REFUSED(reply_ns, 0, -ERANGE, "The time to a reply");
	REFUSED(reply_ns, X_SLOT + 1, -ERANGE, "The time to a reply");
	REFUSED(idle_ns, X_SLOT - 1, -ERANGE, "The idle time");
	REFUSED(idle_ns, RTPL_SCHED_SPAN_MAX + 1, -ERANGE, "The idle time");
	REFUSED(n_up, 0, -EINVAL, "1 to 32 volumes up");
	REFUSED(n_up, RTPL_EXCHANGE_EDGES + 1, -EINVAL, "1 to 32 volumes up");
	REFUSED(up[0], 0, -EINVAL, "The volumes up");
	REFUSED(up[1], t->x.up[0], -EINVAL, "The volumes up");
	REFUSED(up[2], RTPL_EXCHANGE_BYTES + 1, -EINVAL, "The volumes up");
	REFUSED(n_down, 0, -EINVAL, "1 to 32 volumes down");
	REFUSED(down[2], t->x.down[1] - 1, -EINVAL, "The volumes down");
	REFUSED(n_slots, 0, -EINVAL, "1 to 32 numbers of slots");
	REFUSED(slots[0], 0, -EINVAL, "The numbers of slots");
	REFUSED(slots[2], t->x.most + 1, -EINVAL, "up to the most");
	REFUSED(n_rows, RTPL_EXCHANGE_ROWS + 1, -E2BIG, "too large");
	REFUSED(n_choices, RTPL_EXCHANGE_CHOICES + 1, -E2BIG, "too large");
}

#define REFUSED_ROW(setting, value, err, says) do {				\
	typeof(t->setting) was_ = t->setting;					\
	const char *why_ = NULL;						\
	t->setting = value;							\
	KUNIT_EXPECT_EQ_MSG(test, rtpl_exchange_check(&t->x, &why_), err, "%s = %s",	\
			    #setting, #value);					\
	KUNIT_EXPECT_TRUE_MSG(test, why_ && strstr(why_, says), "%s = %s: %s", #setting,	\
			      #value, why_ ?: "-");				\
	t->setting = was_;							\
} while (0)

#define KEY(table, ...)	rtpl_exchange_key(RTPL_EXCHANGE_##table, __VA_ARGS__)

/* Rows 0: ask 1; 1: plan 1, 2; 2: answer 1, 2, cover, slot class 1, volume class 1. */
static void rows_refused(struct kunit *test)
{
	struct x_tables *t = x_tables(test);
	const char *why;

	x_row(t, KEY(ASK, 1, 0, 0, 0, 0));
	x_choice(t, 40, 1, 0);
	x_choice(t, 60, 2, 0);
	x_row(t, KEY(PLAN, 1, 2, 0, 0, 0));
	x_choice(t, 30, RTPL_EXCHANGE_SILENT, 0);
	x_choice(t, 70, RTPL_EXCHANGE_BURST + 2, 0);
	x_row(t, KEY(ANSWER, 1, 2, 1, 1, 1));
	x_choice(t, 50, 1, 1);
	x_choice(t, 50, 2, 2);
	KUNIT_ASSERT_EQ(test, rtpl_exchange_check(&t->x, &why), 0);

	REFUSED_ROW(row[0].zero, 1, -EINVAL, "classes that there are not");
	REFUSED_ROW(row[0].key, KEY(ASK, 3, 0, 0, 0, 0), -EINVAL, "classes that there are not");
	REFUSED_ROW(row[0].key, KEY(ASK, 1, 1, 0, 0, 0), -EINVAL, "classes that there are not");
	REFUSED_ROW(row[1].key, KEY(PLAN, 1, 3, 0, 0, 0), -EINVAL, "classes that there are not");
	REFUSED_ROW(row[1].key, KEY(PLAN, 1, 2, 0, 0, 1), -EINVAL, "classes that there are not");
	REFUSED_ROW(row[2].key, KEY(ANSWER, 1, 3, 1, 1, 1), -EINVAL, "classes that there are not");
	REFUSED_ROW(row[2].key, KEY(ANSWER, 1, 2, 5, 1, 1), -EINVAL, "classes that there are not");
	REFUSED_ROW(row[2].key, KEY(ANSWER, 1, 2, 1, 3, 1), -EINVAL, "classes that there are not");
	REFUSED_ROW(row[2].key, KEY(ANSWER, 1, 2, 1, 1, 3), -EINVAL, "classes that there are not");
	REFUSED_ROW(row[2].key, 3ULL << 40, -EINVAL, "classes that there are not");
	REFUSED_ROW(row[2].key, 1ULL << 48, -EINVAL, "classes that there are not");
	REFUSED_ROW(row[1].key, KEY(ASK, 1, 0, 0, 0, 0), -EINVAL, "do not ascend");
	REFUSED_ROW(row[1].key, KEY(ASK, 0, 0, 0, 0, 0), -EINVAL, "do not ascend");
	REFUSED_ROW(row[1].n, 0, -EINVAL, "has no choices");
	REFUSED_ROW(row[1].first, 5, -EINVAL, "has no choices");
	REFUSED_ROW(row[1].first, U32_MAX, -EINVAL, "has no choices");
	REFUSED_ROW(row[1].n, 5, -EINVAL, "has no choices");
	REFUSED_ROW(choice[0].zero, 1, -EINVAL, "below its volume or slot");
	REFUSED_ROW(choice[0].to, 0, -EINVAL, "below its volume or slot");
	REFUSED_ROW(choice[0].to, 3, -EINVAL, "below its volume or slot");
	REFUSED_ROW(choice[0].volume, 1, -EINVAL, "below its volume or slot");
	REFUSED_ROW(choice[3].to, RTPL_EXCHANGE_BURST + 3, -EINVAL, "below its volume or slot");
	REFUSED_ROW(choice[4].to, 0, -EINVAL, "below its volume or slot");
	REFUSED_ROW(choice[4].volume, 0, -EINVAL, "below its volume or slot");
	REFUSED_ROW(choice[5].volume, 3, -EINVAL, "below its volume or slot");
	REFUSED_ROW(choice[0].upto, 0, -EINVAL, "do not add up");
	REFUSED_ROW(choice[1].upto, t->choice[0].upto, -EINVAL, "do not add up");
	REFUSED_ROW(choice[1].upto, U32_MAX - 1, -EINVAL, "do not sum to one");
}

static void classes(struct kunit *test)
{
	static const u32 edge[] = { 100, 200, 400 };

	KUNIT_EXPECT_EQ(test, rtpl_exchange_class(edge, 3, 0), 0);
	KUNIT_EXPECT_EQ(test, rtpl_exchange_class(edge, 3, 100), 0);
	KUNIT_EXPECT_EQ(test, rtpl_exchange_class(edge, 3, 101), 1);
	KUNIT_EXPECT_EQ(test, rtpl_exchange_class(edge, 3, 400), 2);
	KUNIT_EXPECT_EQ(test, rtpl_exchange_class(edge, 3, 401), 3);
}

/* Each choice's share of all numbers, exactly; rows that there are not, before, between, behind. */
static void draws(struct kunit *test)
{
	static const u8 percent[] = { 10, 25, 5, 40 }, rest[] = { 100, 90, 65, 60, 20 };
	struct x_tables *t = x_tables(test);
	u32 n, i, chance, first, count[3] = {};
	const struct rtpl_exchange_choice *c;
	const char *why;

	KUNIT_EXPECT_TRUE(test, !rtpl_exchange_draw(&t->x, KEY(ASK, 0, 0, 0, 0, 0), 0));
	/* Rows of 1 to 5 choices, so that each depth of the search is there. */
	for (n = 1; n <= 5; n++) {
		x_row(t, KEY(PLAN, n / 3, n % 3, 0, 0, 0));
		for (i = 0; i < n; i++)
			x_choice(t, i < n - 1 ? percent[i] : rest[i], i, 0);
	}
	KUNIT_ASSERT_EQ(test, rtpl_exchange_check(&t->x, &why), 0);
	for (n = 1; n <= 5; n++) {
		first = t->row[n - 1].first;
		for (i = 0; i < n; i++) {
			chance = i ? t->choice[first + i - 1].upto : 0;
			c = rtpl_exchange_draw(&t->x, t->row[n - 1].key, chance);
			KUNIT_ASSERT_TRUE(test, c && c->to == i);
			chance = t->choice[first + i].upto - 1;
			c = rtpl_exchange_draw(&t->x, t->row[n - 1].key, chance);
			KUNIT_ASSERT_TRUE(test, c && c->to == i);
		}
		c = rtpl_exchange_draw(&t->x, t->row[n - 1].key, U32_MAX);
		KUNIT_ASSERT_TRUE(test, c && c->to == n - 1);
	}
	for (i = 0; i < 10000; i++)
		count[rtpl_exchange_draw(&t->x, KEY(PLAN, 1, 0, 0, 0, 0), i * 429496U)->to]++;
	/* A percent is not a whole number of 2^-32. */
	KUNIT_EXPECT_LE(test, abs((int)count[0] - 1000), 1);
	KUNIT_EXPECT_LE(test, abs((int)count[1] - 2500), 1);
	KUNIT_EXPECT_LE(test, abs((int)count[2] - 6500), 1);
	KUNIT_EXPECT_TRUE(test, !rtpl_exchange_draw(&t->x, KEY(ASK, 1, 0, 0, 0, 0), 0));
	KUNIT_EXPECT_TRUE(test, !rtpl_exchange_draw(&t->x, KEY(PLAN, 0, 0, 0, 0, 0), 0));
	KUNIT_EXPECT_TRUE(test, !rtpl_exchange_draw(&t->x, KEY(PLAN, 2, 0, 0, 0, 0), 0));
	KUNIT_EXPECT_TRUE(test, !rtpl_exchange_draw(&t->x, KEY(ANSWER, 0, 0, 0, 0, 0), 0));
}

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

	x_row(t, KEY(ASK, 0, 0, 0, 0, 0));
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
		x_queue(x, X_B, 900);
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
	x_run(x, X_START + 5 * L_MS);
	x_queue(x, X_A, 1000);
	x_run(x, X_START + 40 * L_MS);
	KUNIT_EXPECT_EQ(test, x_count(x, X_A, X_CELL), 4);
	KUNIT_EXPECT_EQ(test, x->data[X_A], 3);

	x = x_pair(test, t);
	x_queue(x, X_A, 4000);
	x_run(x, X_START + 5 * L_MS);
	x_queue(x, X_A, 4000);
	x_run(x, X_START + 40 * L_MS);
	KUNIT_EXPECT_EQ(test, x_count(x, X_A, X_CELL), 10);
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
	x_run(x, X_START + 10 * X_PACE);
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
}

/* ---- answers; a request of one cell comes at HEARD, and slots end at SLOT(1) ... ---- */

#define HEARD		(X_ASKED + X_DELAY)
#define SLOT(n)		(HEARD + (n) * X_SLOT)

static struct x_pair *asked(struct kunit *test, struct x_tables *t, u8 plan)
{
	struct x_pair *x;

	x_row(t, KEY(PLAN, 0, 0, 0, 0, 0));
	x_choice(t, 100, plan, 0);
	x = x_pair(test, t);
	x_queue(x, X_A, 900);
	return x;
}

/* Cells that B sent, one after the other. */
static void expect_cells(struct kunit *test, struct x_pair *x, int from, const u64 (*want)[2],
			 u32 n)
{
	u32 i, k = 0;

	for (i = 0; i < x->n_log; i++) {
		if (x->log[i].from != from)
			continue;
		if (k < n && (x->log[i].at != want[k][0] || x->log[i].size != want[k][1]))
			KUNIT_FAIL(test, "cell %u: %llu us, %u bytes, not %llu us, %llu bytes", k,
				   (unsigned long long)(x->log[i].at - HEARD) / 1000,
				   x->log[i].size, (unsigned long long)(want[k][0] - HEARD) / 1000,
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

#define REPLIED		{ HEARD + X_REPLY, X_SMALL }

/* Cover for the most slots, then small cells, then nothing. All of it is replied to. */
static void cover_alone(struct kunit *test)
{
	struct x_pair *x = asked(test, x_tables(test), RTPL_EXCHANGE_COVER);

	x_run(x, X_START + 3 * L_SEC);
	EXPECT_CELLS(test, x, X_B, REPLIED, { SLOT(1), X_COVER }, { SLOT(2), X_COVER },
		     { SLOT(3), X_COVER }, { SLOT(4), X_COVER }, { SLOT(5), X_COVER },
		     { SLOT(6), X_COVER }, { SLOT(7), X_SMALL }, { SLOT(8), X_SMALL });
	EXPECT_CELLS(test, x, X_A, { X_ASKED, X_CELL }, { SLOT(1) + X_DELAY + X_REPLY, X_SMALL },
		     { SLOT(2) + X_DELAY + X_REPLY, X_SMALL },
		     { SLOT(3) + X_DELAY + X_REPLY, X_SMALL },
		     { SLOT(4) + X_DELAY + X_REPLY, X_SMALL },
		     { SLOT(5) + X_DELAY + X_REPLY, X_SMALL },
		     { SLOT(6) + X_DELAY + X_REPLY, X_SMALL },
		     { SLOT(7) + X_DELAY + X_REPLY, X_SMALL },
		     { SLOT(8) + X_DELAY + X_REPLY, X_SMALL });
	KUNIT_EXPECT_EQ(test, x->end[X_B].st.missed, 0);
}

/* An answer that fits into cover takes its place; the table says how long cover goes on. */
static void answer_in_cover(struct kunit *test)
{
	struct x_tables *t = x_tables(test);
	struct x_pair *x;

	x_row(t, KEY(PLAN, 0, 0, 0, 0, 0));
	x_choice(t, 100, RTPL_EXCHANGE_COVER, 0);
	x_row(t, KEY(ANSWER, 0, 0, RTPL_EXCHANGE_COVER, 1, 0));
	x_choice(t, 100, 2, 0);
	x = x_pair(test, t);
	x_queue(x, X_A, 900);
	x_run(x, SLOT(1) + 15 * L_MS);
	x_queue(x, X_B, 500);
	x_run(x, X_START + 3 * L_SEC);
	EXPECT_CELLS(test, x, X_B, REPLIED, { SLOT(1), X_COVER }, { SLOT(2), X_COVER },
		     { SLOT(3), X_COVER }, { SLOT(4), X_COVER }, { SLOT(5), X_SMALL },
		     { SLOT(6), X_SMALL });
	KUNIT_EXPECT_EQ(test, x->end[X_B].last_data, SLOT(2));
	KUNIT_EXPECT_EQ(test, x->data[X_B], 1);
}

/* One that takes two cells of it ends a slot later; without a row cover ends with its class. */
static void answer_in_two(struct kunit *test)
{
	struct x_pair *x = asked(test, x_tables(test), RTPL_EXCHANGE_COVER);

	x_run(x, SLOT(1) + 15 * L_MS);
	x_queue(x, X_B, 1500);
	x_run(x, X_START + 3 * L_SEC);
	/* Slot 3 is of the class that ends with 4. */
	EXPECT_CELLS(test, x, X_B, REPLIED, { SLOT(1), X_COVER }, { SLOT(2), X_COVER },
		     { SLOT(3), X_COVER }, { SLOT(4), X_COVER }, { SLOT(5), X_SMALL },
		     { SLOT(6), X_SMALL });
	KUNIT_EXPECT_EQ(test, x->end[X_B].last_data, SLOT(3));
	KUNIT_EXPECT_EQ(test, x->data[X_B], 2);
}

/* A large one is a burst at its slot's end, padded; A replies to each fourth cell, and behind. */
static void answer_in_burst(struct kunit *test)
{
	struct x_pair *x = asked(test, x_tables(test), RTPL_EXCHANGE_COVER);
	u64 burst = SLOT(2);

	x_run(x, SLOT(1) + 15 * L_MS);
	x_queue(x, X_B, 3000);			/* to 6000: five cells */
	x_run(x, X_START + 3 * L_SEC);
	EXPECT_CELLS(test, x, X_B, REPLIED, { SLOT(1), X_COVER }, { burst, X_CELL },
		     { burst + X_PACE, X_CELL }, { burst + 2 * X_PACE, X_CELL },
		     { burst + 3 * X_PACE, X_CELL }, { burst + 4 * X_PACE, X_CELL },
		     { SLOT(3), X_SMALL }, { SLOT(4), X_SMALL });
	EXPECT_CELLS(test, x, X_A, { X_ASKED, X_CELL }, { SLOT(1) + X_DELAY + X_REPLY, X_SMALL },
		     { burst + 3 * X_PACE + X_DELAY, X_SMALL },
		     { burst + 4 * X_PACE + X_DELAY + X_REPLY, X_SMALL },
		     { SLOT(3) + X_DELAY + X_REPLY, X_SMALL },
		     { SLOT(4) + X_DELAY + X_REPLY, X_SMALL });
	KUNIT_EXPECT_EQ(test, x->data[X_B], 3);
}

/* Where answers of others would be: a burst of chaff in the first slot. An answer may join. */
static void burst_first(struct kunit *test)
{
	struct x_pair *x = asked(test, x_tables(test), RTPL_EXCHANGE_BURST + 1);
	u64 burst = SLOT(1);

	x_run(x, burst + 3 * L_MS);
	x_queue(x, X_B, 2000);
	x_run(x, SLOT(2) - 1);
	EXPECT_CELLS(test, x, X_B, REPLIED, { burst, X_CELL }, { burst + X_PACE, X_CELL },
		     { burst + 2 * X_PACE, X_CELL }, { burst + 3 * X_PACE, X_CELL },
		     { burst + 4 * X_PACE, X_CELL });
	KUNIT_EXPECT_EQ(test, x->data[X_B], 2);
	KUNIT_EXPECT_EQ(test, x->chaff[X_B], 3 + 1);

	/* And without one cover goes on as if there had been none. */
	x = asked(test, x_tables(test), RTPL_EXCHANGE_BURST + 1);
	x_run(x, SLOT(3));
	EXPECT_CELLS(test, x, X_B, REPLIED, { burst, X_CELL }, { burst + X_PACE, X_CELL },
		     { burst + 2 * X_PACE, X_CELL }, { burst + 3 * X_PACE, X_CELL },
		     { burst + 4 * X_PACE, X_CELL }, { SLOT(2), X_COVER }, { SLOT(3), X_COVER });
}

/* Silent: nothing but the answer, at its slot's end, padded; a small one in a small cell. */
static void silent(struct kunit *test)
{
	struct x_pair *x = asked(test, x_tables(test), RTPL_EXCHANGE_SILENT);
	u64 burst = SLOT(4);

	x_run(x, SLOT(3) + 1);
	x_queue(x, X_B, 3000);
	x_run(x, X_START + 3 * L_SEC);
	EXPECT_CELLS(test, x, X_B, REPLIED, { burst, X_CELL }, { burst + X_PACE, X_CELL },
		     { burst + 2 * X_PACE, X_CELL }, { burst + 3 * X_PACE, X_CELL },
		     { burst + 4 * X_PACE, X_CELL }, { SLOT(5), X_SMALL }, { SLOT(6), X_SMALL });

	x = asked(test, x_tables(test), RTPL_EXCHANGE_SILENT);
	x_run(x, SLOT(3) + 1);
	x_queue(x, X_B, 100);
	x_run(x, X_START + 3 * L_SEC);
	EXPECT_CELLS(test, x, X_B, REPLIED, { SLOT(4), X_SMALL });

	/* A row that there is not is silent, too. */
	x = x_pair(test, x_tables(test));
	x_queue(x, X_A, 900);
	x_run(x, X_START + 3 * L_SEC);
	EXPECT_CELLS(test, x, X_B, REPLIED);
}

/* Acknowledgements wait for a reply, and show in nothing. */
static void acknowledgements(struct kunit *test)
{
	struct x_pair *x = asked(test, x_tables(test), RTPL_EXCHANGE_SILENT), *y;
	u32 i;

	y = asked(test, x_tables(test), RTPL_EXCHANGE_SILENT);
	x_run(x, SLOT(1) - L_MS);
	x_run(y, SLOT(1) - L_MS);
	x_queue(x, X_B, 11000);
	x_queue(y, X_B, 11000);
	/* Cells come each 2 ms from SLOT(1) + 10 ms on. */
	for (i = 0; i < 5; i++) {
		x_run(x, SLOT(1) + X_DELAY + (4 * i + 3) * L_MS);
		x_queue(x, X_A, 56);
	}
	x_run(x, X_START + 3 * L_SEC);
	x_run(y, X_START + 3 * L_SEC);
	KUNIT_EXPECT_EQ(test, x->end[X_A].queued, 0);
	KUNIT_EXPECT_GT(test, x->data[X_A], y->data[X_A]);
	KUNIT_ASSERT_EQ(test, x->n_log, y->n_log);
	for (i = 0; i < x->n_log; i++) {
		KUNIT_ASSERT_EQ(test, x->log[i].at, y->log[i].at);
		KUNIT_ASSERT_EQ(test, x->log[i].size, y->log[i].size);
		KUNIT_ASSERT_EQ(test, x->log[i].from, y->log[i].from);
	}
	EXPECT_SOUND(test, x);
}

/* Small data alone opens, with a small cell; then it waits for a reply, or for one to be due. */
static void small_data(struct kunit *test)
{
	struct x_pair *x = x_pair(test, x_tables(test));

	x_queue(x, X_A, 60);
	x_run(x, X_START + 20 * L_MS);
	x_queue(x, X_B, 60);
	x_run(x, X_START + 60 * L_MS);
	x_queue(x, X_A, 60);
	x_run(x, X_START + 3 * L_SEC);
	EXPECT_CELLS(test, x, X_A, { X_START, X_SMALL },
		     { X_START + 60 * L_MS + 2 * X_SLOT, X_SMALL });
	EXPECT_CELLS(test, x, X_B, { X_START + 20 * L_MS + X_REPLY, X_SMALL });
}

/* Roles last until there was no data for the idle time: then the other may ask. */
static void idle_forgets(struct kunit *test)
{
	struct x_pair *x = asked(test, x_tables(test), RTPL_EXCHANGE_SILENT);
	u64 at;

	/* 4.9 s later it is still the answer, at the end of a slot. */
	at = HEARD + 4900 * L_MS + 7;
	x_run(x, at);
	x_queue(x, X_B, 900);
	x_run(x, at + 20 * L_MS);
	KUNIT_EXPECT_EQ(test, x->data[X_B], 0);
	x_run(x, at + L_SEC);
	KUNIT_EXPECT_EQ(test, x->end[X_B].last_data, SLOT(99));

	/* Five seconds after that it is a request. */
	at += 6 * L_SEC;
	x_run(x, at);
	x_queue(x, X_B, 900);
	at += X_PACE;
	x_run(x, at);
	KUNIT_EXPECT_EQ(test, x->end[X_B].last_data, at);
	KUNIT_EXPECT_EQ(test, x->end[X_B].st.exchange.exchanges, 2);
	x_run(x, at + X_DELAY + X_REPLY);
	KUNIT_EXPECT_EQ(test, x->end[X_A].st.exchange.exchanges, 2);
	EXPECT_SOUND(test, x);
}

/* A request that goes on after its reply is planned anew, by all of it. */
static void planned_anew(struct kunit *test)
{
	struct x_tables *t = x_tables(test);
	struct x_pair *x;

	x_row(t, KEY(PLAN, 0, 0, 0, 0, 0));
	x_choice(t, 100, RTPL_EXCHANGE_COVER, 0);
	x = x_pair(test, t);
	x_queue(x, X_A, 900);
	x_run(x, X_ASKED + 30 * L_MS);
	KUNIT_EXPECT_TRUE(test, x->end[X_B].st.exchange.covers);
	x_queue(x, X_A, 900);
	x_run(x, X_ASKED + 30 * L_MS + X_DELAY + 2 * X_PACE + X_REPLY);
	KUNIT_EXPECT_EQ(test, x->end[X_B].st.exchange.up, 1);	/* 2400 bytes, padded to 4800 */
	KUNIT_EXPECT_EQ(test, x->end[X_B].st.exchange.target, 1);
	KUNIT_EXPECT_FALSE(test, x->end[X_B].st.exchange.covers);
	x_run(x, X_START + 3 * L_SEC);
	KUNIT_EXPECT_EQ(test, x_count(x, X_B, X_COVER), 0);
	KUNIT_EXPECT_EQ(test, x_count(x, X_A, X_CELL), 4);
	EXPECT_SOUND(test, x);
}

/* An hour that nobody was there for: no loop over its slots, no burst of them. */
static void clock_jumps(struct kunit *test)
{
	struct x_pair *x = asked(test, x_tables(test), RTPL_EXCHANGE_COVER);
	u32 n;

	x_run(x, SLOT(2));
	n = x->n_log;
	x->now += 3600 * L_SEC;
	x_run(x, x->now + L_SEC);
	KUNIT_EXPECT_LE(test, x->n_log - n, 6);
	KUNIT_EXPECT_EQ(test, x->end[X_B].st.missed, 3600 * 20 - 1);
	x_queue(x, X_A, 900);
	x_run(x, x->now + L_SEC);
	KUNIT_EXPECT_EQ(test, x_count(x, X_B, X_COVER), 2 + 6);
	EXPECT_SOUND(test, x);
}

/* Ends of other profiles: what is a reply to one is a large cell to the other. They fall silent. */
static void other_profiles(struct kunit *test)
{
	struct x_tables *t = x_tables(test), *other = x_tables(test);
	struct x_pair *x;
	u32 e;

	other->x.small = 400;
	for (e = 0; e < 2; e++) {
		struct x_tables *of = e ? other : t;

		x_row(of, KEY(PLAN, 0, 0, 0, 0, 0));
		x_choice(of, 100, RTPL_EXCHANGE_BURST + 1, 0);
	}
	for (e = 0; e < 2; e++) {
		x = x_pair(test, t);
		x->p[e].exchange = &other->x;
		x_queue(x, X_A, 900);
		x_run(x, X_START + 2 * L_SEC);
		x_queue(x, X_B, 900);
		x_run(x, X_START + 4 * L_SEC);
		KUNIT_EXPECT_EQ(test, x->end[X_A].queued + x->end[X_B].queued, 0);
		x->n_log = 0;
		x_run(x, X_START + 100 * L_SEC);
		KUNIT_EXPECT_EQ(test, x->n_log, 0);
		EXPECT_SOUND(test, x);
	}
}

/* A narrower path in the middle of a burst, and a wider one: the target stays. */
static void path_narrows(struct kunit *test)
{
	struct x_pair *x = x_pair(test, x_tables(test));

	x_queue(x, X_A, 8000);			/* to 12000 */
	x_run(x, X_ASKED + 5 * L_MS);
	KUNIT_EXPECT_EQ(test, x->bytes[X_A], 3600);
	x_room(x, X_A, 700 - RTPL_CELL_OVERHEAD);
	x_run(x, X_ASKED + 9 * L_MS);
	KUNIT_EXPECT_EQ(test, x->bytes[X_A], 3600 + 2 * 700);
	x_room(x, X_A, X_ROOM);
	x_run(x, X_ASKED + 100 * L_MS);
	KUNIT_EXPECT_EQ(test, x->end[X_A].queued, 0);
	/* Five whole cells, and one of what is left. */
	KUNIT_EXPECT_EQ(test, x->bytes[X_A], 12000);
	EXPECT_SOUND(test, x);
}

/* Both ask, and both answer: what each has to send leaves within two slots of its last cell. */
static void both_ways(struct kunit *test)
{
	struct x_pair *x = x_pair(test, x_tables(test));
	u32 i;

	for (i = 0; i < 3000; i++) {
		x_queue(x, X_A, 1000);
		x_queue(x, X_B, 1000);
		x_run(x, x->now + L_MS);
	}
	KUNIT_EXPECT_LE(test, x->delay, 2 * X_SLOT + 10 * X_PACE);
	x_run(x, x->now + L_SEC);
	KUNIT_EXPECT_EQ(test, x->end[X_A].queued + x->end[X_B].queued, 0);
	EXPECT_SOUND(test, x);
}

/* Requests that nothing answered are requests each: no slot has passed, but its time has. */
static void unanswered(struct kunit *test)
{
	struct x_pair *x = x_pair(test, x_tables(test));
	u32 i;

	for (i = 0; i < 5; i++) {
		x_queue(x, X_A, 900);
		x_run(x, x->now + X_DELAY + X_SLOT + L_MS);
		KUNIT_EXPECT_EQ(test, x->end[X_B].st.exchange.heard, X_CELL);
		KUNIT_EXPECT_EQ(test, x->end[X_B].st.exchange.target, 0);
	}
	EXPECT_SOUND(test, x);
}

/* What is built ahead of its time is a request, too, not so many small cells. */
static void built_ahead(struct kunit *test)
{
	struct x_tables *t = x_tables(test);
	struct x_pair *x = x_pair(test, t);
	u64 due = X_START + 15 * L_MS + t->x.spread * X_SLOT;
	u32 i, small = 0, large = 0;

	x->lead = 500000;
	x_queue(x, X_A, 11000);
	x_run(x, X_START + 15 * L_MS);
	x_queue(x, X_B, 11000);
	for (i = 0; i < 30; i++) {
		x_queue(x, X_A, 4000);		/* A's goes on for longer than a slot */
		x_run(x, x->now + 4 * L_MS);
	}
	for (i = 0; i < x->n_log; i++) {
		if (x->log[i].from != X_B)
			continue;
		small += x->log[i].size == X_SMALL && x->log[i].at == due;
		large += x->log[i].size == X_CELL && x->log[i].at == due + X_PACE;
	}
	KUNIT_EXPECT_LE(test, small, 1);	/* a reply */
	KUNIT_EXPECT_GE(test, large, 1);
	EXPECT_SOUND(test, x);
}

/*
 * A packet may come between the count of what waits and the report of it, which is then of nothing
 * that waits; and what another schedule held was told to that one. Both are requests all the same.
 */
static void untold(struct kunit *test)
{
	struct x_pair *x = x_pair(test, x_tables(test));
	struct rtpl_departure d;
	u32 queued;

	x_queue(x, X_A, 11000);
	queued = x->end[X_A].queued;
	x->end[X_A].queued = 0;
	KUNIT_EXPECT_FALSE(test, x_ask(x, X_A, &d));
	x->end[X_A].queued = queued;
	x_run(x, X_START + 40 * L_MS);
	KUNIT_EXPECT_EQ(test, x_count(x, X_A, X_CELL), 10);
	KUNIT_EXPECT_EQ(test, x->end[X_A].queued, 0);

	x_run(x, x->now + L_SEC);
	rtpl_sched_change(&x->end[X_A].st, &x->p[X_A], x->now);
	x_queue(x, X_A, 11000);
	rtpl_sched_change(&x->end[X_A].st, &x->p[X_A], x->now);
	x_run(x, x->now + 40 * L_MS);
	KUNIT_EXPECT_EQ(test, x_count(x, X_A, X_CELL), 20);
	EXPECT_SOUND(test, x);
}

/* What departs() says is never before what happens, when nothing else comes. */
static void departs(struct kunit *test)
{
	struct x_tables *t = x_tables(test);
	struct rtpl_departure d;
	struct x_pair *x;
	u64 said;
	u32 i;

	x = x_pair(test, t);
	x_queue(x, X_A, 11000);
	for (i = 0; i < 10; i++) {
		KUNIT_ASSERT_TRUE(test, x_ask(x, X_A, &d));
		said = rtpl_sched_departs(&x->end[X_A].st, &x->p[X_A], &d, 0, x->end[X_A].queued,
					  X_ROOM, X_ROOM);
		x_run(x, d.at);
		KUNIT_ASSERT_GE(test, said, X_START + 8 * X_PACE);
		if (x->end[X_A].queued <= X_ROOM)
			break;
	}

	t->x.spread = 4;
	t->x.down[0] = 4 * X_COVER;
	x = asked(test, t, RTPL_EXCHANGE_COVER);
	x_run(x, SLOT(1) - 1);
	x_queue(x, X_B, 3500);
	KUNIT_ASSERT_TRUE(test, x_ask(x, X_B, &d));
	x_run(x, SLOT(1) - 1);
	x->now = SLOT(1);
	KUNIT_ASSERT_TRUE(test, x_ask(x, X_B, &d));
	KUNIT_ASSERT_EQ(test, d.size, X_COVER);
	said = rtpl_sched_departs(&x->end[X_B].st, &x->p[X_B], &d, 0, 3500,
				  X_COVER - RTPL_CELL_OVERHEAD, X_ROOM);
	x_run(x, SLOT(10));
	KUNIT_EXPECT_EQ(test, x->end[X_B].last_data, SLOT(4));
	KUNIT_EXPECT_GE(test, said, SLOT(4));
	EXPECT_SOUND(test, x);
}

/* A lone packet of one cell, whenever it comes, waits for no longer than is said. */
static void one_packet(struct kunit *test)
{
	struct x_tables *t = x_tables(test);
	struct m_rng rng = { 4 };
	struct x_pair *x = NULL;
	u64 said, most = 0;
	u32 i, j;

	t->x.cover = 400;
	t->x.spread = 4;
	t->x.down[0] = 1600;
	x_row(t, KEY(PLAN, 0, 0, 0, 0, 0));
	x_choice(t, 50, RTPL_EXCHANGE_COVER, 0);
	x_choice(t, 50, RTPL_EXCHANGE_SILENT, 0);
	for (i = 0; i < 300; i++) {
		x = x_pair_again(test, x, t);
		said = rtpl_sched_delay(&x->p[X_B]);
		for (j = 0; j < i % 16; j++)
			rtpl_rng_u32(&x->end[X_B].rng);
		x_queue(x, X_A, 900);
		x_run(x, X_START + X_DELAY + m_below(&rng, 8 * X_SLOT));
		x_queue(x, X_B, 1 + m_below(&rng, X_ROOM - 1));
		x_run(x, x->now + 2 * L_SEC);
		KUNIT_ASSERT_EQ(test, x->end[X_B].queued, 0);
		KUNIT_ASSERT_LE(test, x->delay, said);
		most = max(most, x->delay);
	}
	KUNIT_EXPECT_GT(test, most, 3 * X_SLOT);
	EXPECT_SOUND(test, x);
}

/*
 * A transfer whose window is full each 20 ms, and whose sender keeps no more than two packets in
 * the queue, leaves as it comes once it is beyond the tables, either way; then slots linger.
 */
static void windows(struct kunit *test)
{
	u32 way, i, k, n;
	struct x_pair *x;
	u64 done;

	for (way = X_A; way <= X_B; way++) {
		x = asked(test, x_tables(test), RTPL_EXCHANGE_COVER);
		x_run(x, SLOT(1) - 1);
		for (i = 0; i < 20; i++) {
			for (k = 0; k < 20; k++) {
				x_queue(x, way, 1000);
				if (k % 2)
					for (n = 0; n < 100 && x->end[way].queued; n++)
						x_run(x, x->now + 100000);
			}
			x_run(x, x->now + 20 * L_MS);
		}
		x_run(x, x->now + 2 * X_SLOT);
		done = x->end[way].last_data;
		KUNIT_EXPECT_EQ(test, x->end[way].queued, 0);
		/* Twenty times 20 ms, the slot before, and the steps of the tables' 12000 bytes. */
		KUNIT_EXPECT_LE(test, done, SLOT(1) + 20 * 22 * L_MS + 50 * L_MS);
		KUNIT_EXPECT_LE(test, x->delay, 2 * X_SLOT);
		x->n_log = 0;
		x_run(x, x->now + L_SEC);
		KUNIT_EXPECT_EQ(test, x_count(x, X_B, X_COVER), 0);
		EXPECT_SOUND(test, x);
	}
}

/* ---- any ---- */

static u32 between(struct m_rng *rng, u32 lo, u32 hi)
{
	return lo + m_below(rng, hi - lo + 1);
}

static void any_edges(struct m_rng *rng, u32 *edge, u8 *n, u32 most, u32 step)
{
	u8 i;

	*n = between(rng, 1, 5);
	for (i = 0; i < *n; i++) {
		edge[i] = (i ? edge[i - 1] : 0) + between(rng, 1, step);
		if (edge[i] > most)
			break;
	}
	*n = max_t(u8, i, 1);
	edge[0] = min(edge[0], most);
}

static void any_row(struct m_rng *rng, struct x_tables *t, u64 key, u8 to, u8 n_to, u8 volume,
		    u8 n_volume)
{
	u32 left = 100, percent;

	if (m_chance(rng, 300) || t->x.n_rows == X_ROWS || t->x.n_choices + 3 > X_CHOICES)
		return;
	x_row(t, key);
	while (left) {
		percent = t->x.n_choices - t->row[t->x.n_rows - 1].first == 2 ? left :
			  between(rng, 1, left);
		x_choice(t, percent, between(rng, to, n_to - 1),
			 between(rng, volume, n_volume - 1));
		left -= percent;
	}
}

static void any_tables(struct m_rng *rng, struct x_tables *t)
{
	struct rtpl_exchange *x = &t->x;
	u8 a, b, p, s, d;

	x->n_rows = 0;
	x->n_choices = 0;
	x->start = between(rng, 1, m_chance(rng, 800) ? 3 : 100);
	x->grow = between(rng, 1, 30);
	x->most = between(rng, 1, 10);
	x->every = between(rng, 1, 8);
	x->spread = between(rng, 1, 4);
	x->linger = between(rng, 1, 4);
	x->pace_ns = between(rng, RTPL_PACE_TICK_MIN, 5 * L_MS);
	x->slot_ns = between(rng, L_MS, 60 * L_MS);
	x->reply_ns = between(rng, 1, min_t(u64, x->slot_ns, 20 * L_MS));
	x->idle_ns = x->slot_ns + m_below(rng, L_SEC);
	any_edges(rng, x->up, &x->n_up, RTPL_EXCHANGE_BYTES, 9000);
	any_edges(rng, x->down, &x->n_down, RTPL_EXCHANGE_BYTES, 9000);
	any_edges(rng, x->slots, &x->n_slots, x->most, 3);
	for (a = 0; a < x->n_up; a++)
		any_row(rng, t, KEY(ASK, a, 0, 0, 0, 0), a, x->n_up, 0, 1);
	for (a = 0; a < x->n_up; a++)
		for (b = 0; b < x->n_up; b++)
			any_row(rng, t, KEY(PLAN, a, b, 0, 0, 0), 0, 2 + x->n_down, 0, 1);
	for (a = 0; a < x->n_up; a++)
		for (b = a; b < x->n_up; b++)
			for (p = 0; p < 2 + x->n_down; p++)
				for (s = 0; s < x->n_slots; s++)
					for (d = 0; d < x->n_down; d++)
						any_row(rng, t, KEY(ANSWER, a, b, p, s, d), s,
							x->n_slots, d, x->n_down);
}

/*
 * Random tables and traffic, sometimes by one end only, sometimes without a pause: none overtakes,
 * asked twice it is the same, all that waits leaves, chaff is bounded by what the tables say of so
 * many exchanges, and two ends that are let alone fall silent.
 */
static void anything(struct kunit *test)
{
	struct x_tables *t = x_tables(test);
	struct m_rng rng = { 21 };
	struct x_pair *x = NULL;
	const char *why = "";
	u64 most, exchanges;
	u32 i, j, e;

	for (i = 0; i < 150; i++) {
		any_tables(&rng, t);
		if (rtpl_exchange_check(&t->x, &why)) {
			KUNIT_FAIL(test, "try %u: %s", i, why);
			return;
		}
		x = x_pair_again(test, x, t);
		x->lead = m_chance(&rng, 500) ? 500000 : 0;
		for (j = 0; j < 200; j++) {
			e = m_chance(&rng, 500);
			if (m_chance(&rng, 500))
				x_queue(x, e, between(&rng, 21,
						      m_chance(&rng, 700) ? 1500 : 60000));
			if (m_chance(&rng, 20))
				x_room(x, e, between(&rng, 300, 1476));
			x->loses = m_chance(&rng, 30);
			if (m_chance(&rng, 10))
				x->now += m_rand(&rng) >> 20;
			x_run(x, x->now + m_below(&rng, m_chance(&rng, 700) ? 4 * L_MS : L_SEC));
			if (x->fault) {
				KUNIT_FAIL(test, "try %u, %u: %s", i, j, x->fault);
				return;
			}
		}
		x->loses = false;
		x_run(x, x->now + 20 * L_SEC);
		KUNIT_ASSERT_EQ(test, x->end[X_A].queued + x->end[X_B].queued, 0);
		exchanges = x->end[X_A].st.exchange.exchanges + x->end[X_B].st.exchange.exchanges;
		most = max(t->x.up[t->x.n_up - 1], t->x.down[t->x.n_down - 1]) * 2 +
		       (u64)t->x.most * t->x.cover + t->x.linger * X_SMALL + 2 * X_CELL;
		KUNIT_ASSERT_LE(test, x->chaff_bytes - x->replies * X_SMALL, exchanges * most);
		/* Then nothing is left to do. */
		x->n_log = 0;
		x_run(x, x->now + 100 * L_SEC);
		KUNIT_ASSERT_EQ(test, x->n_log, 0);
		EXPECT_SOUND(test, x);
	}
}

static struct kunit_case cases[] = {
	KUNIT_CASE(refusals),
	KUNIT_CASE(rows_refused),
	KUNIT_CASE(classes),
	KUNIT_CASE(draws),
	KUNIT_CASE(request_padded),
	KUNIT_CASE(request_drawn),
	KUNIT_CASE(request_grows),
	KUNIT_CASE(request_steps),
	KUNIT_CASE(bulk),
	KUNIT_CASE(cover_alone),
	KUNIT_CASE(answer_in_cover),
	KUNIT_CASE(answer_in_two),
	KUNIT_CASE(answer_in_burst),
	KUNIT_CASE(burst_first),
	KUNIT_CASE(silent),
	KUNIT_CASE(acknowledgements),
	KUNIT_CASE(small_data),
	KUNIT_CASE(idle_forgets),
	KUNIT_CASE(planned_anew),
	KUNIT_CASE(clock_jumps),
	KUNIT_CASE(other_profiles),
	KUNIT_CASE(path_narrows),
	KUNIT_CASE(both_ways),
	KUNIT_CASE(unanswered),
	KUNIT_CASE(built_ahead),
	KUNIT_CASE(untold),
	KUNIT_CASE(departs),
	KUNIT_CASE(one_packet),
	KUNIT_CASE(windows),
	KUNIT_CASE(anything),
	{}
};

static struct kunit_suite suite = {
	.name = "rtpl_exchange",
	.test_cases = cases,
};

kunit_test_suite(suite);
