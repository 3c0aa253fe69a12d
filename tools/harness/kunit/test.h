/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The part of the kernel's KUnit that kmod/kunit/ uses, for user space: the
 * same test files build here, under sanitizers, and into rtpl_kunit.ko.
 * runner.c has the other half.
 */
#ifndef RTPL_HARNESS_KUNIT_TEST_H
#define RTPL_HARNESS_KUNIT_TEST_H

#include <setjmp.h>
#include <stdio.h>

#include "../env_user.h"

#define GFP_KERNEL	0
typedef unsigned int gfp_t;

struct kunit_block {
	struct kunit_block *next;
	u8 bytes[] __aligned(16);
};

struct kunit {
	const char *name;
	void *priv;
	unsigned long failures;
	bool skipped;
	char status_comment[256];
	struct kunit_block *blocks;
	jmp_buf out;
};

struct kunit_case {
	void (*run_case)(struct kunit *test);
	const char *name;
};

struct kunit_suite {
	const char name[256];
	int (*suite_init)(struct kunit_suite *suite);
	void (*suite_exit)(struct kunit_suite *suite);
	int (*init)(struct kunit *test);
	void (*exit)(struct kunit *test);
	struct kunit_case *test_cases;
	struct kunit_suite *next;	/* runner.c */
};

void kunit_register(struct kunit_suite *suite);
void *kunit_kzalloc(struct kunit *test, size_t size, gfp_t gfp);
#define kunit_kmalloc(test, size, gfp)		kunit_kzalloc(test, size, gfp)
#define kunit_kcalloc(test, n, size, gfp)	kunit_kzalloc(test, (n) * (size), gfp)
__attribute__((__format__(__printf__, 4, 5)))
void kunit_fail(struct kunit *test, const char *file, int line, const char *fmt, ...);
__attribute__((__noreturn__)) void kunit_abort(struct kunit *test);

#define KUNIT_CASE(fn)	{ .run_case = fn, .name = #fn }

#define RTPL_CAT_(a, b)	a##b
#define RTPL_CAT(a, b)	RTPL_CAT_(a, b)
#define kunit_test_suite(suite)						\
static __attribute__((__constructor__)) void RTPL_CAT(suite, _register)(void)	\
{									\
	kunit_register(&(suite));					\
}

#define kunit_info(test, ...)	({ (void)(test); printf("# " __VA_ARGS__); printf("\n"); })
#define kunit_err	kunit_info
#define kunit_warn	kunit_info
#define kunit_skip(test, ...) ({						\
	(test)->skipped = true;							\
	snprintf((test)->status_comment, sizeof((test)->status_comment), __VA_ARGS__);	\
	kunit_abort(test); })

#define RTPL_CHECK(test, fatal, ok, ...) ({				\
	if (!(ok)) {							\
		kunit_fail(test, __FILE__, __LINE__, __VA_ARGS__);	\
		if (fatal)						\
			kunit_abort(test);				\
	} })

#define RTPL_BINARY(test, fatal, left, op, right) ({			\
	__auto_type l_ = (left);					\
	__auto_type r_ = (right);					\
	RTPL_CHECK(test, fatal, l_ op r_, "%s %s %s: %lld, %lld",	\
		   #left, #op, #right, (long long)l_, (long long)r_); })

#define RTPL_POINTER(test, fatal, left, op, right) ({			\
	const void *l_ = (left);					\
	const void *r_ = (right);					\
	RTPL_CHECK(test, fatal, l_ op r_, "%s %s %s: %p, %p",		\
		   #left, #op, #right, l_, r_); })

#define RTPL_MEMORY(test, fatal, left, op, right, n)			\
	RTPL_CHECK(test, fatal, memcmp(left, right, n) op 0,		\
		   "%zu bytes: %s %s %s", (size_t)(n), #left, #op, #right)

#define RTPL_STRING(test, fatal, left, op, right) ({			\
	const char *l_ = (left);					\
	const char *r_ = (right);					\
	RTPL_CHECK(test, fatal, strcmp(l_, r_) op 0, "%s %s %s: \"%s\", \"%s\"",	\
		   #left, #op, #right, l_, r_); })

#define KUNIT_FAIL(test, ...)		RTPL_CHECK(test, 0, 0, __VA_ARGS__)
#define KUNIT_EXPECT_TRUE(test, c)	RTPL_CHECK(test, 0, (c), "not so: %s", #c)
#define KUNIT_EXPECT_FALSE(test, c)	RTPL_CHECK(test, 0, !(c), "so, but should not: %s", #c)
#define KUNIT_EXPECT_EQ(test, l, r)	RTPL_BINARY(test, 0, l, ==, r)
#define KUNIT_EXPECT_NE(test, l, r)	RTPL_BINARY(test, 0, l, !=, r)
#define KUNIT_EXPECT_LT(test, l, r)	RTPL_BINARY(test, 0, l, <, r)
#define KUNIT_EXPECT_LE(test, l, r)	RTPL_BINARY(test, 0, l, <=, r)
#define KUNIT_EXPECT_GT(test, l, r)	RTPL_BINARY(test, 0, l, >, r)
#define KUNIT_EXPECT_GE(test, l, r)	RTPL_BINARY(test, 0, l, >=, r)
#define KUNIT_EXPECT_PTR_EQ(test, l, r)	RTPL_POINTER(test, 0, l, ==, r)
#define KUNIT_EXPECT_PTR_NE(test, l, r)	RTPL_POINTER(test, 0, l, !=, r)
#define KUNIT_EXPECT_NULL(test, p)	RTPL_POINTER(test, 0, p, ==, NULL)
#define KUNIT_EXPECT_NOT_NULL(test, p)	RTPL_POINTER(test, 0, p, !=, NULL)
#define KUNIT_EXPECT_STREQ(test, l, r)	RTPL_STRING(test, 0, l, ==, r)
#define KUNIT_EXPECT_MEMEQ(test, l, r, n)	RTPL_MEMORY(test, 0, l, ==, r, n)
#define KUNIT_EXPECT_MEMNEQ(test, l, r, n)	RTPL_MEMORY(test, 0, l, !=, r, n)

#define KUNIT_EXPECT_TRUE_MSG(test, c, ...)	RTPL_CHECK(test, 0, (c), __VA_ARGS__)
#define KUNIT_EXPECT_EQ_MSG(test, l, r, fmt, ...) ({			\
	__auto_type l_ = (l);						\
	__auto_type r_ = (r);						\
	RTPL_CHECK(test, 0, l_ == r_, "%s == %s: %lld, %lld; " fmt,	\
		   #l, #r, (long long)l_, (long long)r_, ##__VA_ARGS__); })

#define KUNIT_ASSERT_TRUE(test, c)	RTPL_CHECK(test, 1, (c), "not so: %s", #c)
#define KUNIT_ASSERT_FALSE(test, c)	RTPL_CHECK(test, 1, !(c), "so, but should not: %s", #c)
#define KUNIT_ASSERT_EQ(test, l, r)	RTPL_BINARY(test, 1, l, ==, r)
#define KUNIT_ASSERT_NE(test, l, r)	RTPL_BINARY(test, 1, l, !=, r)
#define KUNIT_ASSERT_LT(test, l, r)	RTPL_BINARY(test, 1, l, <, r)
#define KUNIT_ASSERT_LE(test, l, r)	RTPL_BINARY(test, 1, l, <=, r)
#define KUNIT_ASSERT_GT(test, l, r)	RTPL_BINARY(test, 1, l, >, r)
#define KUNIT_ASSERT_GE(test, l, r)	RTPL_BINARY(test, 1, l, >=, r)
#define KUNIT_ASSERT_PTR_EQ(test, l, r)	RTPL_POINTER(test, 1, l, ==, r)
#define KUNIT_ASSERT_PTR_NE(test, l, r)	RTPL_POINTER(test, 1, l, !=, r)
#define KUNIT_ASSERT_NULL(test, p)	RTPL_POINTER(test, 1, p, ==, NULL)
#define KUNIT_ASSERT_NOT_NULL(test, p)	RTPL_POINTER(test, 1, p, !=, NULL)
#define KUNIT_ASSERT_STREQ(test, l, r)	RTPL_STRING(test, 1, l, ==, r)
#define KUNIT_ASSERT_MEMEQ(test, l, r, n)	RTPL_MEMORY(test, 1, l, ==, r, n)

#define MODULE_LICENSE(x)	struct rtpl_unused
#define MODULE_DESCRIPTION(x)	struct rtpl_unused
#define KERN_ERR	""

#endif /* RTPL_HARNESS_KUNIT_TEST_H */
