/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RTPL_PROFILES_H
#define RTPL_PROFILES_H
#include <linux/types.h>
struct rtpl_builtin {
	const char *name;
	const u8 *blob;
	u32 size;
};
extern const struct rtpl_builtin rtpl_builtins[];
#endif
