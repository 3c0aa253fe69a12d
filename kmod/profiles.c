// SPDX-License-Identifier: GPL-2.0
#include "profiles.h"
const struct rtpl_builtin rtpl_builtins[] = { {} };
