// SPDX-License-Identifier: GPL-2.0
/*
 * rtpl_kunit.ko: loading it runs the suites and logs KTAP.
 */
#include <linux/module.h>

MODULE_DESCRIPTION("RTPL: unit tests of the core");
MODULE_LICENSE("GPL");
