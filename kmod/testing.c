// SPDX-License-Identifier: GPL-2.0
/*
 * For test builds only (RTPL_KUNIT=1): events that tests must cause and nothing in a machine can,
 * as parameters of the module. No other build contains this.
 */
#include <linux/module.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include "core/replay.h"
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

/* Keys with which cells were sealed lately, and with which counters. */
#define RTPL_TESTING_KEYS	64
static struct rtpl_testing_key {
	u8 key[32];
	struct rtpl_replay sealed;
	u64 last;
} rtpl_testing_keys[RTPL_TESTING_KEYS];
static DEFINE_SPINLOCK(rtpl_testing_lock);
static u64 rtpl_testing_cells, rtpl_testing_new, rtpl_testing_twice;
static bool rtpl_testing_nonces;

/**
 * rtpl_testing_sealed() - note the counter with which a cell is about to be sealed
 * @counter: the cell's
 * @key: 32 bytes
 *
 * If a test asks for it (nonces), no counter may be used twice with one of the last 64 keys, nor
 * one that is some 2000 behind the key's newest. Only in test builds.
 *
 * Context: any but hard interrupts.
 */
void rtpl_testing_sealed(u32 counter, const u8 key[32])
{
	struct rtpl_testing_key *k, *old = rtpl_testing_keys;

	if (!READ_ONCE(rtpl_testing_nonces))
		return;
	spin_lock_bh(&rtpl_testing_lock);
	rtpl_testing_cells++;
	for (k = rtpl_testing_keys; k < rtpl_testing_keys + RTPL_TESTING_KEYS; k++) {
		if (k->last && !memcmp(k->key, key, sizeof(k->key)))
			goto found;
		if (k->last < old->last)
			old = k;
	}
	k = old;
	memcpy(k->key, key, sizeof(k->key));
	rtpl_replay_init(&k->sealed);
	rtpl_testing_new++;
found:
	k->last = rtpl_testing_cells;
	if (!rtpl_replay_accept(&k->sealed, counter)) {
		rtpl_testing_twice++;
		WARN_ONCE(1, "rtpl: counter %u sealed twice\n", counter);
	}
	spin_unlock_bh(&rtpl_testing_lock);
}

static int rtpl_testing_nonces_set(const char *val, const struct kernel_param *kp)
{
	return kstrtobool(val, &rtpl_testing_nonces);
}

static int rtpl_testing_nonces_get(char *buf, const struct kernel_param *kp)
{
	u64 cells, keys, twice;

	spin_lock_bh(&rtpl_testing_lock);
	cells = rtpl_testing_cells;
	keys = rtpl_testing_new;
	twice = rtpl_testing_twice;
	spin_unlock_bh(&rtpl_testing_lock);
	return sysfs_emit(buf, "%llu %llu %llu\n", cells, keys, twice);
}

static const struct kernel_param_ops rtpl_testing_nonces_ops = {
	.set = rtpl_testing_nonces_set,
	.get = rtpl_testing_nonces_get,
};
module_param_cb(nonces, &rtpl_testing_nonces_ops, NULL, 0600);
MODULE_PARM_DESC(nonces, "look for counters sealed twice; says cells, keys, counters used twice");

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
