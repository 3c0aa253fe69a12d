// SPDX-License-Identifier: GPL-2.0
/*
 * Room in front of a device (core/room.c): devices of several kinds, each simulated packet by
 * packet, and what waits in front of them.
 */
#include "lib.h"
#include "../core/room.h"

#define CELL	1514

/* A device and a sender that always has more. */
struct line {
	struct rtpl_room room;
	u64 now;
	u32 waiting;	/* bytes */
	u32 worst;	/* most that waited, since it was set to 0 */
	u32 starved;	/* times that it asked and found nothing */
	u64 sent;	/* bytes */
};

/* The sender's turn: it adds what it may. */
static void fill(struct line *l)
{
	u32 left;

	while ((left = rtpl_room_left(l->room.limit, l->waiting))) {
		l->waiting += max_t(u32, left / CELL, 1) * CELL;
		l->worst = max(l->worst, l->waiting);
	}
	l->room.more = true;
}

/* The device asks. Return: did it get something? */
static bool ask(struct line *l)
{
	rtpl_room_asked(&l->room, l->waiting, l->now);
	if (!l->waiting) {
		l->starved++;
		return false;
	}
	l->waiting -= CELL;
	l->sent += CELL;
	return true;
}

/* One cell at a time, each @ns: @n of them. */
static void slow(struct line *l, u32 n, u64 ns)
{
	while (n--) {
		fill(l);
		ask(l);
		l->now += ns;
	}
}

static void one_at_a_time(struct kunit *test)
{
	struct line l = {};

	rtpl_room_start(&l.room);
	slow(&l, 1000, 1200000);
	KUNIT_EXPECT_EQ(test, l.worst, CELL);
	KUNIT_EXPECT_EQ(test, l.starved, 0);
	KUNIT_EXPECT_EQ(test, l.sent, 1000ULL * CELL);
}

/* Whatever it takes is gone at once: batches grow to the most. */
static void without_end(struct kunit *test)
{
	struct line l = {};
	u32 turns = 0;

	rtpl_room_start(&l.room);
	while (l.room.limit < RTPL_ROOM_MAX && turns < 100) {
		fill(&l);
		while (ask(&l))
			;
		turns++;
		l.now += 1000;
	}
	KUNIT_EXPECT_LE(test, turns, 8);
	KUNIT_EXPECT_EQ(test, l.room.limit, RTPL_ROOM_MAX);
	/* It goes on so. */
	for (turns = 0; turns < 100000; turns++) {
		fill(&l);
		while (ask(&l))
			;
		l.now += 10000;
	}
	KUNIT_EXPECT_EQ(test, l.room.limit, RTPL_ROOM_MAX);
}

/* A fast line that gets slow: what waits shrinks to one cell within a second. */
static void gets_slow(struct kunit *test)
{
	struct line l = {};

	rtpl_room_start(&l.room);
	l.room.limit = RTPL_ROOM_MAX;
	slow(&l, 1000, 1200000);
	l.worst = 0;
	slow(&l, 100, 1200000);
	KUNIT_EXPECT_EQ(test, l.worst, CELL);
	KUNIT_EXPECT_EQ(test, l.starved, 0);
}

/* A device that takes ten at a time gets them, and is not made to wait for more. */
static void in_clumps(struct kunit *test)
{
	struct line l = {};
	u32 round, i;

	rtpl_room_start(&l.room);
	for (round = 0; round < 10000; round++) {
		fill(&l);
		for (i = 0; i < 10 && ask(&l); i++)
			;
		l.now += 12000000;
	}
	KUNIT_EXPECT_GE(test, l.sent, 9ULL * 10000 * CELL);
	KUNIT_EXPECT_LE(test, l.room.limit, 2 * 10 * 2 * CELL);
}

/* Nobody wants to send more: asking in vain says nothing. */
static void idle(struct kunit *test)
{
	struct line l = {};
	u32 i;

	rtpl_room_start(&l.room);
	for (i = 0; i < 1000; i++) {
		l.waiting = CELL;
		while (ask(&l))
			;
		l.now += 300000000;
	}
	KUNIT_EXPECT_EQ(test, l.room.limit, RTPL_ROOM_MIN);
	/* And a pause takes no room away. */
	l.room.limit = 64 * 1024;
	for (i = 0; i < 1000; i++) {
		l.waiting = CELL;
		while (ask(&l))
			;
		l.now += 300000000;
	}
	KUNIT_EXPECT_EQ(test, l.room.limit, 64 * 1024);
}

static struct kunit_case room_cases[] = {
	KUNIT_CASE(one_at_a_time),
	KUNIT_CASE(without_end),
	KUNIT_CASE(gets_slow),
	KUNIT_CASE(in_clumps),
	KUNIT_CASE(idle),
	{}
};

static struct kunit_suite room_suite = {
	.name = "rtpl_room",
	.test_cases = room_cases,
};

kunit_test_suite(room_suite);
