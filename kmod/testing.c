// SPDX-License-Identifier: GPL-2.0
/*
 * For test builds only (RTPL_KUNIT=1): events that tests must cause and nothing in a machine can,
 * as parameters of the module. No other build contains this.
 */
#include <linux/module.h>
#include <linux/string.h>

#include "core/rng.h"
#include "session/snapshot.h"

/* Set by tests that follow an engine step by step. */
static char seed[RTPL_RNG_SEED];
module_param_string(seed, seed, sizeof(seed), 0600);
MODULE_PARM_DESC(seed, "what all links' random schedules and chaff begin with, in place of chance");

/**
 * rtpl_testing_seed() - get the seed that a test gave to all engines
 * @out: set to it, if there is one
 *
 * Only in test builds; in others an inline function always returns false.
 *
 * Context: any.
 * Return: true if a test gave one.
 */
bool rtpl_testing_seed(u8 out[RTPL_RNG_SEED])
{
	if (!seed[0])
		return false;
	memcpy(out, seed, RTPL_RNG_SEED);
	return true;
}

static int rtpl_testing_machine(const char *val, const struct kernel_param *kp)
{
	if (sysfs_streq(val, "restored"))
		rtpl_snapshot_forked();
	else if (sysfs_streq(val, "sleep"))
		rtpl_snapshot_sleep();
	else if (sysfs_streq(val, "wake"))
		rtpl_snapshot_wake();
	else
		return -EINVAL;
	return 0;
}

static const struct kernel_param_ops rtpl_testing_machine_ops = { .set = rtpl_testing_machine };
module_param_cb(machine, &rtpl_testing_machine_ops, NULL, 0200);
MODULE_PARM_DESC(machine, "restored, sleep or wake: what the machine is said to have done");
