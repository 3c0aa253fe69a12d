// SPDX-License-Identifier: GPL-2.0
/*
 * Profiles of any text. It is refused with one line, or the core takes what user space
 * made of it.
 *
 * Input: a text; one that does not begin with [Profile] is given one.
 */
#define _GNU_SOURCE
#include <stdio.h>

#include "../../kmod/core/profile.h"
#include "../profile/profile.h"

#define HEAD	"[Profile]\nName = x\nAbout = y\n"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

const struct profile_text profile_texts[] = { { NULL, NULL } };

static void need(bool ok, const char *what, const char *more)
{
	if (ok)
		return;
	fprintf(stderr, "%s: %s\n", what, more);
	abort();
}

/* Exact sums over large numbers take their time: fuzz_dist has them. */
static bool slow(const char *text)
{
	static const char *const names[] = { "binomial", "poisson", "skellam:", "gamma", "beta" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strcasestr(text, names[i]))
			return true;
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bool whole = size > 9 && !memcmp(data, "[Profile]", 9);
	struct rtpl_profile_where where = {};
	struct profile_err err = { "" };
	static struct rtpl_profile p;
	struct profile t;
	const char *why;
	size_t len;
	char *text;
	u8 *blob;
	int end;

	if (size > 16384)
		return 0;
	text = malloc(sizeof(HEAD) + size);
	len = snprintf(text, sizeof(HEAD), "%s", whole ? "" : HEAD);
	memcpy(text + len, data, size);
	len += size;
	text[len] = 0;
	if (slow(text)) {
		free(text);
		return 0;
	}
	if (profile_read(text, len, "text", &t, &err)) {
		need(!strncmp(err.text, "text:", 5) && !strchr(err.text, '\n'), "no sentence", err.text);
		free(text);
		return 0;
	}
	need(!profile_blob(&t, &blob, &len, &err), "too large", err.text);
	if (rtpl_profile_parse(&p, blob, len, &why, &where))
		need(false, "user space made what the core refuses", why);
	for (end = 0; end < RTPL_END_COUNT; end++)
		need(profile_delay(&t, end) == rtpl_sched_delay(&p.end[end].sched), "delay", "differs");
	free(blob);
	free(text);
	profile_free(&t);
	return 0;
}
