// SPDX-License-Identifier: GPL-2.0
/* Creates the tracepoints of trace.h, once. Built with -I of this folder. */
#include <linux/module.h>

#define CREATE_TRACE_POINTS
#include "trace.h"
