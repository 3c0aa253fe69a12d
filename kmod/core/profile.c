// SPDX-License-Identifier: GPL-2.0
#include "profile.h"
int rtpl_profile_parse(struct rtpl_profile *p, void *blob, size_t len, const char **why,
		       struct rtpl_profile_where *where)
{
	*why = "Not yet.";
	where->field = "blob";
	return -EINVAL;
}
