// SPDX-License-Identifier: GPL-2.0
/*
 * Runs the suites of kmod/kunit/ in user space and prints TAP. An argument
 * picks the tests whose name ("suite.case") contains it.
 *
 * Exit status: 0 all passed, 1 something failed, 2 no test ran.
 */
#include <stdarg.h>
#include <time.h>

#include <kunit/test.h>

#define FAILURES_SHOWN	10	/* of one test */

static struct kunit_suite *suites;

void kunit_register(struct kunit_suite *suite)
{
	struct kunit_suite **at = &suites;

	while (*at && strcmp((*at)->name, suite->name) < 0)
		at = &(*at)->next;
	suite->next = *at;
	*at = suite;
}

void *kunit_kzalloc(struct kunit *test, size_t size, gfp_t gfp)
{
	struct kunit_block *block = calloc(1, sizeof(*block) + size);

	(void)gfp;
	if (!block)
		return NULL;
	block->next = test->blocks;
	test->blocks = block;
	return block->bytes;
}

void kunit_fail(struct kunit *test, const char *file, int line, const char *fmt, ...)
{
	va_list args;

	if (++test->failures > FAILURES_SHOWN)
		return;
	printf("# %s:%d: ", file, line);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	printf("\n");
}

void kunit_abort(struct kunit *test)
{
	longjmp(test->out, 1);
}

static void run_body(struct kunit_suite *suite, struct kunit_case *c, struct kunit *test)
{
	if (setjmp(test->out))
		return;
	if (suite->init && suite->init(test)) {
		kunit_fail(test, suite->name, 0, "init failed");
		return;
	}
	c->run_case(test);
}

static bool run_case(struct kunit_suite *suite, struct kunit_case *c, unsigned int nr)
{
	struct kunit test = { .name = c->name };
	struct kunit_block *next;
	struct timespec from, to;

	clock_gettime(CLOCK_MONOTONIC, &from);
	run_body(suite, c, &test);
	if (suite->exit && !setjmp(test.out))
		suite->exit(&test);
	for (; test.blocks; test.blocks = next) {
		next = test.blocks->next;
		free(test.blocks);
	}
	clock_gettime(CLOCK_MONOTONIC, &to);

	printf("%s %u - %s.%s", test.failures ? "not ok" : "ok", nr, suite->name, c->name);
	if (test.skipped)
		printf(" # SKIP %s", test.status_comment);
	else
		printf(" # %.2f s", to.tv_sec - from.tv_sec + (to.tv_nsec - from.tv_nsec) / 1e9);
	printf("\n");
	fflush(stdout);
	return !test.failures;
}

int main(int argc, char **argv)
{
	unsigned int passed = 0, failed = 0;
	const char *want = argc > 1 ? argv[1] : "";
	struct kunit_suite *suite;
	struct kunit_case *c;
	char name[512];

	printf("TAP version 13\n");
	for (suite = suites; suite; suite = suite->next) {
		if (suite->suite_init && suite->suite_init(suite)) {
			printf("not ok - %s: suite_init failed\n", suite->name);
			failed++;
			continue;
		}
		for (c = suite->test_cases; c->run_case; c++) {
			snprintf(name, sizeof(name), "%s.%s", suite->name, c->name);
			if (!strstr(name, want))
				continue;
			if (run_case(suite, c, passed + failed + 1))
				passed++;
			else
				failed++;
		}
		if (suite->suite_exit)
			suite->suite_exit(suite);
	}
	printf("1..%u\n", passed + failed);
	printf("%u passed, %u failed\n", passed, failed);
	if (!passed && !failed)
		return 2;
	return failed ? 1 : 0;
}
