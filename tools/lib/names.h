/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Names of the numbers of the netlink family, as its description has them: the same for the
 * command line, files and JSON. Pure: libc only, no input or output.
 */
#ifndef RTPL_TOOLS_NAMES_H
#define RTPL_TOOLS_NAMES_H

#include <stdint.h>

#include "names_gen.h"

/* The name of number i is name[i]; NULL where there is none. */
struct rtpl_names {
	unsigned int n;
	const char * const *name;
};

/* Return: the name of @value, "unknown" if it has none (a later kernel's number). */
const char *rtpl_name(const struct rtpl_names *names, uint64_t value);

/* Return: the number of @name, in whatever case its letters are, or -1. */
int rtpl_name_value(const struct rtpl_names *names, const char *name);

#endif /* RTPL_TOOLS_NAMES_H */
