// SPDX-License-Identifier: GPL-2.0
/* What a profile's parts say beside each other (core/profile_check.c): each contradiction once. */
#include "profile_make.h"

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
	case 5:
		slow_ladder(m, BOTH);
		return true;
	default:
		return false;
	}
}

static void fills(struct kunit *test)
{
	/* bytes a second of cells of 1000 bytes; dp: 50 grains of 1000 each 10 ms */
	static const u32 bytes[] = { 1000000, 1000000, 200000, 166666, 5000000, 200000 };
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

/* Volumes of whole cells (1200) and one other; down also of up to three of cover (800). */
static void volumes(struct kunit *test)
{
	static const struct {
		u32 bytes;
		bool up, down;
	} try[] = {
		{ 63, false, false }, { 255, false, false }, { 256, true, true },
		{ 257, false, false }, { 800, true, true }, { 1199, false, false },
		{ 1200, true, true }, { 1455, false, false }, { 1456, true, true },
		{ 1600, false, true }, { 2000, true, true }, { 2399, false, false },
		{ 4000, false, false }, { 4799, false, false },
	};
	struct mk *m = mk_new(test);
	__le32 *edge;
	u32 i;

	for (i = 0; i < 2 * ARRAY_SIZE(try); i++) {
		exchanging(m);
		edge = (__le32 *)(m->blob + m->rec + EXCHANGE_AT +
				  sizeof(struct rtpl_profile_exchange));
		edge[1] = cpu_to_le32(4800);
		edge[i % 2 ? RTPL_EXCHANGE_EDGES : 0] = cpu_to_le32(try[i / 2].bytes);
		if (i % 2 ? try[i / 2].down : try[i / 2].up)
			EXPECT_GOOD(test, m);
		else
			expect_bad(test, m, -EINVAL, "Schedule",
				   i % 2 ? "A volume down" : "A volume up");
	}
}

/* An exchange at one end and another schedule at the other: both are named. */
static void one_end(struct kunit *test)
{
	static const char * const named[] = { "exchange and as-it-comes", "exchange and jitter",
					      "exchange and constant" };
	struct mk *m = mk_new(test);
	u32 i, e;

	for (i = 0; i < ARRAY_SIZE(named); i++) {
		for (e = 0; e < RTPL_END_COUNT; e++) {
			begin(m);
			three_sizes(m);
			link(m, 0);
			if (i == 0)
				kind(m, RTPL_PROFILE_SCHED, e ? CLIENT : SERVER,
				     RTPL_SCHEDULE_ASAP);
			if (i == 1)
				jitter(m, e ? CLIENT : SERVER, 5 * MS);
			if (i == 2)
				constant(m, e ? CLIENT : SERVER, 100);
			exchange(m, e ? SERVER : CLIENT);
			expect_bad(test, m, -EINVAL, "Schedule", named[i]);
		}
	}
}

static void contradictions(struct kunit *test)
{
	struct mk *m = mk_new(test);
	struct rtpl_profile_machines *r;
	struct rtpl_shape shape;

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

	/* exchanges */
	exchanging(m);
	cover(m, SERVER, 40 * MS);
	expect_bad(test, m, -EINVAL, "Chaff", "no room for other chaff");
	exchanging(m);
	machine(m, SERVER, false);
	expect_bad(test, m, -EINVAL, "Machine", "nothing to do");
	exchanging(m);
	limits(m, 1000, 90000, 0);
	expect_bad(test, m, -EINVAL, "Limits", "overhead limit");
	exchanging(m);
	limits(m, RTPL_LIMITS_NONE, 0, 1 << 30);
	expect_bad(test, m, -EINVAL, "Limits", "follows its tables");
	shaped(m, RTPL_SIZES_FIXED, 1200, 0);
	exchange(m, BOTH);
	expect_bad(test, m, -EINVAL, "Sizes", "have to be sizes of cells");
	shaped(m, RTPL_SIZES_DEVICE, 0, 0);
	exchange(m, BOTH);
	expect_bad(test, m, -EINVAL, "Sizes", "have to be sizes of cells");
	shaped(m, RTPL_SIZES_POW2, 0, 0);
	exchange(m, BOTH);			/* 256 is one, 800 is none */
	expect_bad(test, m, -EINVAL, "Sizes", "have to be sizes of cells");
	exchanging(m);
	EXPECT_GOOD(test, m);
	shape = m->p.shape;
	KUNIT_EXPECT_EQ(test, 0, rtpl_profile_check_shape(&m->p, RTPL_END_CLIENT, &shape, 0,
							  &m->why));
	shape.bucket[1] = 801;
	KUNIT_EXPECT_EQ(test, -EINVAL, rtpl_profile_check_shape(&m->p, RTPL_END_CLIENT, &shape, 0,
								&m->why));
	KUNIT_EXPECT_TRUE(test, m->why && strstr(m->why, "have to be sizes of cells"));

	shape.bucket[1] = 800;
	shape.bucket[2] = 1100;
	KUNIT_EXPECT_EQ(test, -EINVAL, rtpl_profile_check_shape(&m->p, RTPL_END_CLIENT, &shape, 0,
								&m->why));
	KUNIT_EXPECT_TRUE(test, m->why && strstr(m->why, "A volume up"));

	begin(m);
	three_sizes(m);
	link(m, 352 * MS - 1);		/* three slots held, four of cover, a step */
	exchange(m, BOTH);
	expect_bad(test, m, -ERANGE, "Schedule", "latency budget");
	begin(m);
	three_sizes(m);
	link(m, 352 * MS);
	exchange(m, BOTH);
	EXPECT_GOOD(test, m);

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
	limits(m, 0, 1199, 0);
	expect_bad(test, m, -EINVAL, "Limits", "allows no chaff");
	plain(m, BOTH);
	machine(m, BOTH, false);
	limits(m, 0, 1200, 0);
	EXPECT_GOOD(test, m);
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
	KUNIT_CASE(fills),
	KUNIT_CASE(volumes),
	KUNIT_CASE(one_end),
	KUNIT_CASE(contradictions),
	KUNIT_CASE(device),
	{}
};

static struct kunit_suite suite = {
	.name = "rtpl_profile_check",
	.test_cases = cases,
};

kunit_test_suite(suite);
