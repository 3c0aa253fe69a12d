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
	u32 starved;	/* times that it asked and found nothing, without need */
	u64 sent;	/* bytes */
	u64 build;	/* ns that a cell takes which is built when the device asks */
	u64 lost;	/* ns that the device waited for such cells */
	bool shared;	/* something else waits for the device, too */
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
	rtpl_room_asked(&l->room, l->waiting, !l->shared, l->now);
	if (!l->waiting && !rtpl_room_full(l->room.limit, l->room.hungry, 0) && l->room.hungry) {
		l->now += l->build;
		l->lost += l->build;
		l->waiting = CELL;
		rtpl_room_filled(&l->room, l->now);
		rtpl_room_asked(&l->room, l->waiting, !l->shared, l->now);
	}
	if (!l->waiting) {
		l->starved++;
		return false;
	}
	l->waiting -= CELL;
	rtpl_room_given(&l->room, l->now);
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

/* A slow line, cells that are built quickly: none waits, and hardly any time is lost. */
static void none_waits(struct kunit *test)
{
	struct line l = { .build = 10000 };

	rtpl_room_start(&l.room);
	slow(&l, 200, 1200000);
	KUNIT_EXPECT_EQ(test, l.room.limit, RTPL_ROOM_NONE);
	l.worst = 0;
	l.lost = 0;
	slow(&l, 1000, 1200000);
	KUNIT_EXPECT_EQ(test, l.room.limit, RTPL_ROOM_NONE);
	KUNIT_EXPECT_EQ(test, l.worst, 0);
	KUNIT_EXPECT_EQ(test, l.starved, 0);
	KUNIT_EXPECT_EQ(test, l.sent, 1200ULL * CELL);
	KUNIT_EXPECT_LE(test, l.lost, 1000ULL * 1200000 / RTPL_ROOM_LOSS);
	/* The line gets fast: one waits again at once, and it grows from there. */
	ask(&l);
	l.now += 1000;
	ask(&l);
	KUNIT_EXPECT_EQ(test, l.room.limit, RTPL_ROOM_MIN);
}

/* Building takes too long for that, or the line is not slow, or there is a backlog in clear. */
static void one_waits(struct kunit *test)
{
	struct line l = { .build = 100000 }, fast = { .build = 10 }, shared = { .shared = true };

	rtpl_room_start(&l.room);
	slow(&l, 100000, 1200000);
	/* It is tried again every second or so. */
	KUNIT_EXPECT_LE(test, l.starved, 120);
	KUNIT_EXPECT_LE(test, l.lost, 100000ULL * 1200000 / (10 * RTPL_ROOM_LOSS));
	rtpl_room_start(&fast.room);
	slow(&fast, 100000, 120000);
	KUNIT_EXPECT_EQ(test, fast.room.limit, RTPL_ROOM_MIN);
	rtpl_room_start(&shared.room);
	slow(&shared, 1000, 1200000);
	KUNIT_EXPECT_EQ(test, shared.room.limit, RTPL_ROOM_MIN);
	shared.shared = false;
	slow(&shared, 1000, 1200000);
	KUNIT_EXPECT_EQ(test, shared.room.limit, RTPL_ROOM_NONE);
	shared.shared = true;
	ask(&shared);
	KUNIT_EXPECT_EQ(test, shared.room.limit, RTPL_ROOM_MIN);
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

/* A fast line that gets slow: what waits shrinks to one cell or none within a second. */
static void gets_slow(struct kunit *test)
{
	struct line l = {};

	rtpl_room_start(&l.room);
	l.room.limit = RTPL_ROOM_MAX;
	slow(&l, 1000, 1200000);
	l.worst = 0;
	slow(&l, 100, 1200000);
	KUNIT_EXPECT_LE(test, l.worst, CELL);
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
	KUNIT_CASE(none_waits),
	KUNIT_CASE(one_waits),
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
