// SPDX-License-Identifier: GPL-2.0
/*
 * Exchanges (core/exchange.c): what tables are refused, what they draw, how long
 * packets wait, and two ends with random tables and traffic. What ends do step by step is in
 * test_exchange_ends.c and test_exchange_roles.c.
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
	REFUSED(idle_ns, 8 * X_SLOT - 1, -ERANGE, "The idle time is shorter than the most");
	REFUSED(idle_ns, RTPL_SCHED_SPAN_MAX + 1, -ERANGE, "The idle time is above");
	t->x.idle_ns = 8 * X_SLOT;
	KUNIT_EXPECT_EQ(test, rtpl_exchange_check(&t->x, &why), 0);
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

/* Rows 0: ask 1; 1: plan 1, 2; 2: answer 1, 2, cover, slot class 1, volume class 1. */
static void rows_refused(struct kunit *test)
{
	struct x_tables *t = x_tables(test);
	const char *why;

	x_row(t, X_KEY(ASK, 1, 0, 0, 0, 0));
	x_choice(t, 40, 1, 0);
	x_choice(t, 60, 2, 0);
	x_row(t, X_KEY(PLAN, 1, 2, 0, 0, 0));
	x_choice(t, 30, RTPL_EXCHANGE_SILENT, 0);
	x_choice(t, 70, RTPL_EXCHANGE_BURST + 2, 0);
	x_row(t, X_KEY(ANSWER, 1, 2, 1, 1, 1));
	x_choice(t, 50, 1, 1);
	x_choice(t, 50, 2, 2);
	KUNIT_ASSERT_EQ(test, rtpl_exchange_check(&t->x, &why), 0);

	REFUSED_ROW(row[0].zero, 1, -EINVAL, "that there are not");
	REFUSED_ROW(row[0].key, X_KEY(ASK, 3, 0, 0, 0, 0), -EINVAL, "that there are not");
	REFUSED_ROW(row[0].key, X_KEY(ASK, 1, 1, 0, 0, 0), -EINVAL, "that there are not");
	REFUSED_ROW(row[1].key, X_KEY(PLAN, 1, 3, 0, 0, 0), -EINVAL, "that there are not");
	REFUSED_ROW(row[1].key, X_KEY(PLAN, 1, 2, 0, 0, 1), -EINVAL, "that there are not");
	REFUSED_ROW(row[2].key, X_KEY(ANSWER, 1, 3, 1, 1, 1), -EINVAL, "that there are not");
	REFUSED_ROW(row[2].key, X_KEY(ANSWER, 1, 2, 5, 1, 1), -EINVAL, "that there are not");
	REFUSED_ROW(row[2].key, X_KEY(ANSWER, 1, 2, 1, 3, 1), -EINVAL, "that there are not");
	REFUSED_ROW(row[2].key, X_KEY(ANSWER, 1, 2, 1, 1, 3), -EINVAL, "that there are not");
	REFUSED_ROW(row[2].key, 3ULL << 40, -EINVAL, "that there are not");
	REFUSED_ROW(row[2].key, 1ULL << 48, -EINVAL, "that there are not");
	REFUSED_ROW(row[1].key, X_KEY(ASK, 1, 0, 0, 0, 0), -EINVAL, "do not ascend");
	REFUSED_ROW(row[1].key, X_KEY(ASK, 0, 0, 0, 0, 0), -EINVAL, "do not ascend");
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

/* An answer unlike those that tables were made from: the nearest row, of its side of cover. */
static void nearest(struct kunit *test)
{
	struct x_tables *t = x_tables(test);
	static const struct {
		u8 slot, down, row;
	} want[] = {
		{ 1, 0, 0 }, { 0, 0, 0 }, { 2, 0, 1 }, { 4, 0, 1 }, { 5, 0, 1 }, { 1, 1, 1 },
		{ 0, 2, 2 }, { 3, 2, 2 }, { 31, 31, 2 },
	};
	const struct rtpl_exchange_choice *c;
	unsigned int i;

	x_row(t, X_KEY(ANSWER, 0, 1, 1, 4, 1));
	x_choice(t, 100, 30, 30);
	x_row(t, X_KEY(ANSWER, 0, 2, 1, 1, 0));
	x_choice(t, 100, 10, 0);
	x_row(t, X_KEY(ANSWER, 0, 2, 1, 4, 1));
	x_choice(t, 100, 11, 0);
	x_row(t, X_KEY(ANSWER, 0, 2, 1, 4, 2));
	x_choice(t, 100, 12, 0);
	x_row(t, X_KEY(ANSWER, 0, 2, 2, 0, 0));
	x_choice(t, 100, 30, 30);
	for (i = 0; i < ARRAY_SIZE(want); i++) {
		c = rtpl_exchange_near(&t->x, X_KEY(ANSWER, 0, 2, 1, want[i].slot, want[i].down),
				       2, 7);
		KUNIT_ASSERT_TRUE(test, c);
		KUNIT_EXPECT_EQ_MSG(test, (int)c->to, 10 + want[i].row, "%u %u", want[i].slot,
				    want[i].down);
	}
	KUNIT_EXPECT_TRUE(test, !rtpl_exchange_near(&t->x, X_KEY(ANSWER, 0, 3, 1, 1, 0), 2, 7));
	KUNIT_EXPECT_TRUE(test, !rtpl_exchange_near(&t->x, X_KEY(ANSWER, 0, 1, 1, 4, 2), 2, 7));
}

/* Each choice's share of all numbers, exactly; rows that there are not, before, between, behind. */
static void draws(struct kunit *test)
{
	static const u8 percent[] = { 10, 25, 5, 40, 20 }, before[] = { 0, 10, 35, 40, 80 };
	struct x_tables *t = x_tables(test);
	u32 n, i, chance, first, count[3] = {};
	const struct rtpl_exchange_choice *c;
	const char *why;

	KUNIT_EXPECT_TRUE(test, !rtpl_exchange_draw(&t->x, X_KEY(ASK, 0, 0, 0, 0, 0), 0));
	/* Rows of 1 to 5 choices, so that each depth of the search is there. */
	for (n = 1; n <= 5; n++) {
		x_row(t, X_KEY(PLAN, n / 3, n % 3, 0, 0, 0));
		for (i = 0; i < n; i++)
			x_choice(t, i < n - 1 ? percent[i] : 100 - before[i], i, 0);
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
		count[rtpl_exchange_draw(&t->x, X_KEY(PLAN, 1, 0, 0, 0, 0), i * 429496U)->to]++;
	/* A percent is not a whole number of 2^-32. */
	KUNIT_EXPECT_LE(test, abs((int)count[0] - 1000), 1);
	KUNIT_EXPECT_LE(test, abs((int)count[1] - 2500), 1);
	KUNIT_EXPECT_LE(test, abs((int)count[2] - 6500), 1);
	KUNIT_EXPECT_TRUE(test, !rtpl_exchange_draw(&t->x, X_KEY(ASK, 1, 0, 0, 0, 0), 0));
	KUNIT_EXPECT_TRUE(test, !rtpl_exchange_draw(&t->x, X_KEY(PLAN, 0, 0, 0, 0, 0), 0));
	KUNIT_EXPECT_TRUE(test, !rtpl_exchange_draw(&t->x, X_KEY(PLAN, 2, 0, 0, 0, 0), 0));
	KUNIT_EXPECT_TRUE(test, !rtpl_exchange_draw(&t->x, X_KEY(ANSWER, 0, 0, 0, 0, 0), 0));
}

/* ---- what waits, and for how long ---- */

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
		KUNIT_ASSERT_GE(test, said, X_ASKED + 8 * X_PACE);
		if (x->end[X_A].queued <= X_ROOM)
			break;
	}

	t->x.spread = 4;
	t->x.down[0] = 4 * X_COVER;
	x = x_asked(test, t, RTPL_EXCHANGE_COVER);
	x_run(x, X_END(1) - 1);
	x_queue(x, X_B, 3500);
	KUNIT_ASSERT_TRUE(test, x_ask(x, X_B, &d));
	x_run(x, X_END(1) - 1);
	x->now = X_END(1);
	KUNIT_ASSERT_TRUE(test, x_ask(x, X_B, &d));
	KUNIT_ASSERT_EQ(test, d.size, X_COVER);
	said = rtpl_sched_departs(&x->end[X_B].st, &x->p[X_B], &d, 0, 3500,
				  X_COVER - RTPL_CELL_OVERHEAD, X_ROOM);
	x_run(x, X_END(10));
	KUNIT_EXPECT_EQ(test, x->end[X_B].last_data, X_END(4));
	KUNIT_EXPECT_GE(test, said, X_END(4));
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
	x_row(t, X_KEY(PLAN, 0, 0, 0, 0, 0));
	x_choice(t, 50, RTPL_EXCHANGE_COVER, 0);
	x_choice(t, 50, RTPL_EXCHANGE_SILENT, 0);
	for (i = 0; i < 300; i++) {
		x = x_pair_again(test, x, t);
		said = rtpl_sched_delay(&x->p[X_B]);
		for (j = 0; j < i % 16; j++)
			rtpl_rng_u32(&x->end[X_B].rng);
		x_queue(x, X_A, 900);
		x_run(x, X_HEARD + m_below(&rng, 8 * X_SLOT));
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
		x = x_asked(test, x_tables(test), RTPL_EXCHANGE_COVER);
		x_run(x, X_END(1) - 1);
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
		KUNIT_EXPECT_LE(test, done, X_END(1) + 20 * 22 * L_MS + 50 * L_MS);
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
	x->idle_ns = (x->most + x->linger) * x->slot_ns + m_below(rng, L_SEC);
	any_edges(rng, x->up, &x->n_up, RTPL_EXCHANGE_BYTES, 9000);
	any_edges(rng, x->down, &x->n_down, RTPL_EXCHANGE_BYTES, 9000);
	any_edges(rng, x->slots, &x->n_slots, x->most, 3);
	for (a = 0; a < x->n_up; a++)
		any_row(rng, t, X_KEY(ASK, a, 0, 0, 0, 0), a, x->n_up, 0, 1);
	for (a = 0; a < x->n_up; a++)
		for (b = 0; b < x->n_up; b++)
			any_row(rng, t, X_KEY(PLAN, a, b, 0, 0, 0), 0, 2 + x->n_down, 0, 1);
	for (a = 0; a < x->n_up; a++)
		for (b = a; b < x->n_up; b++)
			for (p = 0; p < 2 + x->n_down; p++)
				for (s = 0; s < x->n_slots; s++)
					for (d = 0; d < x->n_down; d++)
						any_row(rng, t, X_KEY(ANSWER, a, b, p, s, d), s,
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
			most = m_chance(&rng, 700) ? 1500 : 60000;
			if (m_chance(&rng, 500))
				x_queue(x, e, between(&rng, 21, most));
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
	KUNIT_CASE(nearest),
	KUNIT_CASE(draws),
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
