// SPDX-License-Identifier: GPL-2.0
#include "names.h"

#include <strings.h>

const char *rtpl_name(const struct rtpl_names *names, uint64_t value)
{
	return value < names->n && names->name[value] ? names->name[value] : "unknown";
}

int rtpl_name_value(const struct rtpl_names *names, const char *name)
{
	for (unsigned int i = 0; i < names->n; i++)
		if (names->name[i] && !strcasecmp(names->name[i], name))
			return i;
	return -1;
}
