// SPDX-License-Identifier: GPL-2.0
/*
 * What two ends tell each other of their settings (core/about.c): there and back, whatever
 * comes, and what does not fit.
 */
#include "lib.h"
#include "../core/about.h"

static struct rtpl_about about(const char *profile, u8 role, u8 sizes, u16 cell, u8 sched)
{
	struct rtpl_about a;

	memset(&a, 0, sizeof(a));
	a.known = true;
	a.role = role;
	a.sizes = sizes;
	a.cell = cell;
	a.sched = sched;
	memcpy(a.profile, profile, strlen(profile));
	return a;
}

static void there_and_back(struct kunit *test)
{
	struct rtpl_about a = about("a-name-of-thirty-one-characters", RTPL_END_SERVER,
				    RTPL_SIZES_FIXED, 1200, RTPL_SCHEDULE_CONST), b;
	u8 body[RTPL_ABOUT_MAX], len;

	a.policy = true;
	len = rtpl_about_put(&a, body);
	KUNIT_EXPECT_EQ(test, len, RTPL_ABOUT_MAX);
	KUNIT_ASSERT_TRUE(test, rtpl_about_get(&b, body, len));
	KUNIT_EXPECT_EQ(test, memcmp(&a, &b, sizeof(a)), 0);

	a = about("", RTPL_END_CLIENT, RTPL_SIZES_DEVICE, 0, RTPL_SCHEDULE_ASAP);
	len = rtpl_about_put(&a, body);
	KUNIT_EXPECT_EQ(test, len, RTPL_ABOUT_HEAD);
	KUNIT_ASSERT_TRUE(test, rtpl_about_get(&b, body, len));
	KUNIT_EXPECT_EQ(test, memcmp(&a, &b, sizeof(a)), 0);
}

static void refused(struct kunit *test)
{
	struct rtpl_about a = about("wtfpad", RTPL_END_CLIENT, RTPL_SIZES_FIXED, 512,
				    RTPL_SCHEDULE_ASAP), b;
	static const struct { u8 at, value; } wrong[] = {
		{ 1, RTPL_END_COUNT }, { 2, RTPL_SIZES_BUCKETS + 1 },
		{ 3, RTPL_SCHEDULE_CONST + 1 }, { 6, 0 },
		{ 7, 'A' }, { 8, 0x1b }, { 9, 0xff }, { 11, ' ' },
	};
	u8 body[RTPL_ABOUT_MAX + 1] = {}, len, was;
	u32 i;

	len = rtpl_about_put(&a, body);
	for (i = 0; i < RTPL_ABOUT_HEAD; i++)
		KUNIT_EXPECT_FALSE(test, rtpl_about_get(&b, body, i));
	KUNIT_EXPECT_FALSE(test, rtpl_about_get(&b, body, RTPL_ABOUT_MAX + 1));
	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		was = body[wrong[i].at];
		body[wrong[i].at] = wrong[i].value;
		KUNIT_EXPECT_FALSE(test, rtpl_about_get(&b, body, len));
		body[wrong[i].at] = was;
	}
	/* A flag of a later version is no reason. */
	body[0] |= 0x80;
	KUNIT_EXPECT_TRUE(test, rtpl_about_get(&b, body, len));
	KUNIT_EXPECT_FALSE(test, b.policy);
}

static void fits(struct kunit *test)
{
	struct rtpl_about c = about("wtfpad", RTPL_END_CLIENT, RTPL_SIZES_FIXED, 512,
				    RTPL_SCHEDULE_ASAP);
	struct rtpl_about s = c, none = about("", RTPL_END_CLIENT, RTPL_SIZES_DEVICE, 0,
					      RTPL_SCHEDULE_ASAP);
	struct rtpl_about other = none, silent;

	memset(&silent, 0, sizeof(silent));
	s.role = RTPL_END_SERVER;
	KUNIT_EXPECT_EQ(test, rtpl_about_compare(&c, &s, true), 0);
	KUNIT_EXPECT_EQ(test, rtpl_about_compare(&c, &c, true), RTPL_ABOUT_ROLE);
	KUNIT_EXPECT_EQ(test, rtpl_about_compare(&c, &c, false), 0);
	KUNIT_EXPECT_EQ(test, rtpl_about_compare(&c, &none, true), RTPL_ABOUT_PROFILE);
	KUNIT_EXPECT_EQ(test, rtpl_about_compare(&c, &silent, true), 0);
	KUNIT_EXPECT_EQ(test, rtpl_about_compare(&none, &none, true), 0);
	other.sizes = RTPL_SIZES_FIXED;
	other.cell = 512;
	KUNIT_EXPECT_EQ(test, rtpl_about_compare(&none, &other, true), RTPL_ABOUT_CELL);
	other = none;
	other.sched = RTPL_SCHEDULE_CONST;
	KUNIT_EXPECT_EQ(test, rtpl_about_compare(&none, &other, true), RTPL_ABOUT_SCHED);
	s.policy = true;
	KUNIT_EXPECT_EQ(test, rtpl_about_compare(&none, &s, true), 0);
}

static struct kunit_case about_cases[] = {
	KUNIT_CASE(there_and_back),
	KUNIT_CASE(refused),
	KUNIT_CASE(fits),
	{}
};

static struct kunit_suite about_suite = {
	.name = "rtpl_about",
	.test_cases = about_cases,
};

kunit_test_suite(about_suite);
