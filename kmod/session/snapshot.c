// SPDX-License-Identifier: GPL-2.0
/*
 * Snapshots and sleep.
 *
 * A virtual machine that is restored from a snapshot, or cloned, continues with the memory of the
 * original: with its session keys and counters, so that both would seal different cells under the
 * same nonces, and with the random bytes that were drawn ahead. So in this case all sessions,
 * handshakes, cookies, padding stocks and seeds are dropped, and links begin anew. There are three
 * ways to find out:
 *
 *	the generation ID itself	looked at before each cell is filled, again when its
 *					plaintext is fixed, before each cell is opened, and at
 *					each handshake: no cell leaves or is taken between the
 *					restoring and the news of it. Wherever ACPI has one, on
 *					any kernel.
 *	the kernel's notifier		register_random_vmfork_notifier(), where the kernel has
 *					VMGENID. Looked up at run time.
 *	nothing				Neither exists. A log line at load says so.
 *
 * The memory of a machine that sleeps, or is written to disk, may be read: so the same secrets are
 * dropped and wiped before, and none is made until the machine is awake. The node's private key and
 * pre-shared keys stay: only the admin could restore them.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/random.h>
#include <linux/suspend.h>

#include "core/crypto.h"
#include "rtpl.h"
#include "session/session.h"
#include "session/snapshot.h"

static const u64 *rtpl_vmgenid;		/* NULL: none, or not found yet */
static u64 rtpl_vmgenid_known[RTPL_VMGENID / sizeof(u64)];
static bool rtpl_asleep;
static bool rtpl_forgetting;		/* sessions of the original may still exist */
static atomic_t rtpl_epoch;

/* Nodes, from their init to their exit. */
static LIST_HEAD(rtpl_snapshot_nets);
static DEFINE_MUTEX(rtpl_snapshot_lock);	/* outside rn->lock */

/* Do the sessions belong to this machine, rather than to its original? */
static bool rtpl_vmgenid_same(void)
{
	const u64 *id = READ_ONCE(rtpl_vmgenid);

	return !id || (READ_ONCE(id[0]) == READ_ONCE(rtpl_vmgenid_known[0]) &&
		       READ_ONCE(id[1]) == READ_ONCE(rtpl_vmgenid_known[1]));
}

static void rtpl_snapshot_forget_all(void)
{
	struct rtpl_net *rn;

	lockdep_assert_held(&rtpl_snapshot_lock);
	atomic_inc(&rtpl_epoch);
	list_for_each_entry(rn, &rtpl_snapshot_nets, snapshot_list) {
		mutex_lock(&rn->lock);
		rtpl_handshake_forget(rn);
		mutex_unlock(&rn->lock);
	}
	/* RCU callbacks wipe the sessions: wait for them. */
	rcu_barrier();
}

static void rtpl_snapshot_start_all(void)
{
	struct rtpl_net *rn;

	lockdep_assert_held(&rtpl_snapshot_lock);
	list_for_each_entry(rn, &rtpl_snapshot_nets, snapshot_list) {
		mutex_lock(&rn->lock);
		rtpl_handshake_restart(rn);
		mutex_unlock(&rn->lock);
	}
}

/**
 * rtpl_snapshot_forked() - drop all sessions of all nodes, because this machine is a copy
 *
 * If it is copied again meanwhile, rtpl_snapshot_stale() has all of this done once more. Links
 * begin anew unless the machine is asleep.
 *
 * Context: process: a work, the kernel's vmfork notifier, or a test build's trigger. Takes the
 *	snapshot lock and each rn->lock; waits for an RCU barrier. Sleeps.
 */
void rtpl_snapshot_forked(void)
{
	mutex_lock(&rtpl_snapshot_lock);
	WRITE_ONCE(rtpl_forgetting, true);
	/*
	 * If it is copied again meanwhile, this ID is no longer the machine's, and all is done
	 * again.
	 */
	if (rtpl_vmgenid) {
		u64 id[2] = { READ_ONCE(rtpl_vmgenid[0]), READ_ONCE(rtpl_vmgenid[1]) };

		rtpl_snapshot_forget_all();
		add_device_randomness(id, sizeof(id));
		WRITE_ONCE(rtpl_vmgenid_known[0], id[0]);
		WRITE_ONCE(rtpl_vmgenid_known[1], id[1]);
	} else {
		rtpl_snapshot_forget_all();
	}
	WRITE_ONCE(rtpl_forgetting, false);
	if (!rtpl_asleep)
		rtpl_snapshot_start_all();
	mutex_unlock(&rtpl_snapshot_lock);
	pr_notice("restored from a snapshot: all sessions are dropped and begin anew\n");
}

/**
 * rtpl_snapshot_sleep() - drop all sessions before the machine sleeps, and let none begin
 *
 * Context: process: the PM notifier, or a test build's trigger. Takes the snapshot lock and each
 *	rn->lock; waits for an RCU barrier. Sleeps.
 */
void rtpl_snapshot_sleep(void)
{
	mutex_lock(&rtpl_snapshot_lock);
	WRITE_ONCE(rtpl_asleep, true);
	rtpl_snapshot_forget_all();
	mutex_unlock(&rtpl_snapshot_lock);
}

/**
 * rtpl_snapshot_wake() - let links begin anew after the machine woke up
 *
 * Context: process, as rtpl_snapshot_sleep(). Takes the snapshot lock and each rn->lock. Sleeps.
 */
void rtpl_snapshot_wake(void)
{
	mutex_lock(&rtpl_snapshot_lock);
	WRITE_ONCE(rtpl_asleep, false);
	rtpl_snapshot_start_all();
	mutex_unlock(&rtpl_snapshot_lock);
}

static void rtpl_snapshot_work_fn(struct work_struct *work)
{
	rtpl_snapshot_forked();
}

static DECLARE_WORK(rtpl_snapshot_work, rtpl_snapshot_work_fn);

/**
 * rtpl_snapshot_stale() - must nothing be sealed or agreed on now?
 *
 * True while the machine goes to sleep or is asleep, and from the moment at which it runs as a copy
 * until the sessions of the original are dropped. The caller tries again later.
 *
 * Context: any.
 * Return: true if secrets in memory must not be used.
 */
bool rtpl_snapshot_stale(void)
{
	if (unlikely(!rtpl_vmgenid_same())) {
		schedule_work(&rtpl_snapshot_work);
		return true;
	}
	return unlikely(READ_ONCE(rtpl_asleep) || READ_ONCE(rtpl_forgetting));
}

/**
 * rtpl_snapshot_epoch() - count how often secrets were dropped
 *
 * Random bytes that were drawn in an earlier epoch must not be used.
 *
 * Context: any.
 * Return: number of the epoch, which wraps.
 */
unsigned int rtpl_snapshot_epoch(void)
{
	return atomic_read(&rtpl_epoch);
}

/**
 * rtpl_random_bytes() - random bytes that no copy of this machine also draws
 * @buf: where to put them
 * @len: number of bytes
 *
 * The kernel's random bytes, mixed with the machine's generation ID if there is one: a restored
 * machine shares the state of the kernel's generator with its original until that is seeded anew.
 *
 * Context: any.
 */
void rtpl_random_bytes(void *buf, size_t len)
{
	const u64 *id = READ_ONCE(rtpl_vmgenid);
	u8 key[RTPL_CRYPTO_KEY];
	u64 now[2];

	if (!id) {
		get_random_bytes(buf, len);
		return;
	}
	now[0] = READ_ONCE(id[0]);
	now[1] = READ_ONCE(id[1]);
	get_random_bytes(key, sizeof(key));
	rtpl_blake2s(key, sizeof(key), key, sizeof(key), (u8 *)now, sizeof(now), NULL, 0);
	rtpl_stream(buf, len, 0, key);
	memzero_explicit(key, sizeof(key));
}

/* ---- notifiers ---- */

static int rtpl_snapshot_vmfork(struct notifier_block *nb, unsigned long action, void *data)
{
	rtpl_snapshot_forked();
	return NOTIFY_DONE;
}

static struct notifier_block rtpl_snapshot_vmfork_nb = { .notifier_call = rtpl_snapshot_vmfork };

static int rtpl_snapshot_pm(struct notifier_block *nb, unsigned long action, void *data)
{
	switch (action) {
	case PM_HIBERNATION_PREPARE:
	case PM_SUSPEND_PREPARE:
		rtpl_snapshot_sleep();
		break;
	case PM_POST_HIBERNATION:
	case PM_POST_SUSPEND:
		rtpl_snapshot_wake();
		break;
	}
	return NOTIFY_DONE;
}

static struct notifier_block rtpl_snapshot_pm_nb = { .notifier_call = rtpl_snapshot_pm };

/* ---- life ---- */

/**
 * rtpl_snapshot_net_init() - add a node to the list of all nodes
 * @rn: node, whose handshakes are prepared
 *
 * Context: process, no rn->lock held. Takes the snapshot lock. Sleeps.
 */
void rtpl_snapshot_net_init(struct rtpl_net *rn)
{
	mutex_lock(&rtpl_snapshot_lock);
	list_add_tail(&rn->snapshot_list, &rtpl_snapshot_nets);
	mutex_unlock(&rtpl_snapshot_lock);
}

/**
 * rtpl_snapshot_net_exit() - remove a node from the list of all nodes
 * @rn: node
 *
 * Context: process, no rn->lock held. Takes the snapshot lock. Sleeps.
 */
void rtpl_snapshot_net_exit(struct rtpl_net *rn)
{
	mutex_lock(&rtpl_snapshot_lock);
	list_del(&rn->snapshot_list);
	mutex_unlock(&rtpl_snapshot_lock);
}

typedef int (*rtpl_vmfork_fn)(struct notifier_block *nb);
static rtpl_vmfork_fn rtpl_vmfork_register, rtpl_vmfork_unregister;

/**
 * rtpl_snapshot_module_init() - find what reports sleep and copies, and listen
 *
 * Logs what was found.
 *
 * Context: process, module init, before the first node. Sleeps.
 * Return: 0 or -errno.
 */
int __init rtpl_snapshot_module_init(void)
{
	const u64 *id;
	int err;

	err = register_pm_notifier(&rtpl_snapshot_pm_nb);
	if (err)
		return err;
	/* A kernel without VMGENID has no such symbol, whatever its headers say. */
	rtpl_vmfork_register = (rtpl_vmfork_fn)__symbol_get("register_random_vmfork_notifier");
	rtpl_vmfork_unregister = (rtpl_vmfork_fn)__symbol_get("unregister_random_vmfork_notifier");
	if (rtpl_vmfork_register && rtpl_vmfork_unregister)
		rtpl_vmfork_register(&rtpl_snapshot_vmfork_nb);

	id = rtpl_vmgenid_map();
	if (id) {
		rtpl_vmgenid_known[0] = READ_ONCE(id[0]);
		rtpl_vmgenid_known[1] = READ_ONCE(id[1]);
		WRITE_ONCE(rtpl_vmgenid, id);
	}
	if (id)
		pr_info("snapshots: the machine's generation ID is watched\n");
	else if (rtpl_vmfork_register)
		pr_info("snapshots: the kernel tells of them if the hypervisor does\n");
	else
		pr_info("snapshots: neither kernel nor hypervisor tells of them; unload the module before one is taken of a virtual machine\n");
	return 0;
}

/**
 * rtpl_snapshot_module_exit() - stop listening
 *
 * Context: process, module exit, after the last node. Sleeps.
 */
void rtpl_snapshot_module_exit(void)
{
	unregister_pm_notifier(&rtpl_snapshot_pm_nb);
	if (rtpl_vmfork_register && rtpl_vmfork_unregister)
		rtpl_vmfork_unregister(&rtpl_snapshot_vmfork_nb);
	if (rtpl_vmfork_register)
		__symbol_put("register_random_vmfork_notifier");
	if (rtpl_vmfork_unregister)
		__symbol_put("unregister_random_vmfork_notifier");
	cancel_work_sync(&rtpl_snapshot_work);
	rtpl_vmgenid_unmap(rtpl_vmgenid);
}
