// SPDX-License-Identifier: GPL-2.0
/* The set that `rtplctl fit record` adds to: what it finds there, and what it refuses to add to. */
#include "unit.h"

#include "../../tools/rtplctl/cmd_fit.c"

/* No test records. */
#define NONE	__attribute__((unused))
struct tap *tap_open(const uint8_t key[RTPL_KEY_LEN] NONE, struct err *e NONE) { return NULL; }
int tap_read(struct tap *t NONE, int ms NONE, struct packets *list NONE, struct err *e NONE) { return -1; }
uint64_t tap_now(void) { return 0; }
uint64_t tap_lost(const struct tap *t NONE) { return 0; }
void tap_close(struct tap *t NONE) { }
int unknown_option(struct ctl *ctl NONE, const char *word NONE) { return RC_USAGE; }

/* What set_open() says of a file with this in it. */
static int opens(const char *text, struct set *s, struct err *e)
{
	char path[] = "/tmp/rtpl-unit-XXXXXX";
	int fd = mkstemp(path), rc = -1;

	if (fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text))
		rc = set_open(s, path, e);
	close(fd);
	unlink(path);
	return rc;
}

void test_fit(void)
{
	struct err e = { 0 };
	struct set s;

	check(!opens(HEADER "a,g,1,0.0,1,100\na,g,1,0.1,-1,100\na,g,2,0.0,1,100\n", &s, &e) && s.n == 1 &&
	      s.k[0].visits == 2 && s.k[0].highest == 2, "a set with two visits (%s)", e.text);
	set_close(&s);
	check(opens(HEADER "a,g,1,0.0,1,100\na,g,2,0.0,1", &s, &e) && strstr(e.text, "ends within a line"),
	      "a set that ends within a line is left alone (%s)", e.text);
	set_close(&s);
}
