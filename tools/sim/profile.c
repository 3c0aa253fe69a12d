// SPDX-License-Identifier: GPL-2.0
/* Profiles by name and from files: text to blob by tools/profile, then as the kernel takes it. */
#include <stdlib.h>

#include "sim.h"
/* The compiler sees none of the core's headers; their numbers are the same. */
#include "../profile/profile.h"

struct rtpl_profile *sim_profile(const char *word, u32 max_cell)
{
	struct rtpl_profile *p = calloc(1, sizeof(*p));
	const char *why = "", *field = "";
	struct rtpl_profile_where where = {};
	struct profile_err err = {};
	char name[PROFILE_NAME];
	static uint8_t *blob;	/* stays: the profile's tables are in it */
	size_t len;

	if (!p)
		sim_fail("no memory");
	if (profile_compile(word, name, &blob, &len, &err))
		sim_fail("%s", err.text);
	if (rtpl_profile_parse(p, blob, len, &why, &where))
		sim_fail("%s: %s: %s", word, where.field, why);
	if (rtpl_profile_check(p, max_cell, &why, &field))
		sim_fail("%s: %s: %s", word, field, why);
	return p;
}
