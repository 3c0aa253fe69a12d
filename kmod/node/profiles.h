/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The profiles that come with the module, as blobs (core/profile.h). The build makes profiles.c
 * from the texts in tools/profile/profiles/; see Kbuild.
 */
#ifndef RTPL_PROFILES_H
#define RTPL_PROFILES_H

#include "../core/env.h"

struct rtpl_profile_builtin {
	const char *name;
	const char *about;	/* one line */
	const u8 *blob;		/* aligned to 8; parse a copy of it */
	u32 len;
};

extern const struct rtpl_profile_builtin rtpl_profiles[];
extern const unsigned int rtpl_profiles_n;

#endif /* RTPL_PROFILES_H */
