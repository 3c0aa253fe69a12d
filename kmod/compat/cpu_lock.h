/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A lock on what each processor has for itself, for code that runs with BH off. That alone keeps
 * others away, except under PREEMPT_RT from 6.18 on: there it only keeps the task on its processor,
 * and another one may run when this one waits for a lock.
 */
#ifndef RTPL_COMPAT_CPU_LOCK_H
#define RTPL_COMPAT_CPU_LOCK_H

#include <linux/spinlock.h>

#ifdef CONFIG_PREEMPT_RT

struct rtpl_compat_cpu_lock {
	spinlock_t lock;	/* what this processor has for itself */
};

#define RTPL_COMPAT_CPU_LOCK(name)	{ .lock = __SPIN_LOCK_UNLOCKED(name.lock) }

/**
 * rtpl_compat_cpu_lock() - begin to use what belongs to this processor
 * @l: its lock
 *
 * Context: BH off. A task does not take it twice.
 */
static inline void rtpl_compat_cpu_lock(struct rtpl_compat_cpu_lock *l)
{
	spin_lock(&l->lock);
}

/**
 * rtpl_compat_cpu_unlock() - end it
 * @l: its lock
 *
 * Context: BH off, on the same processor.
 */
static inline void rtpl_compat_cpu_unlock(struct rtpl_compat_cpu_lock *l)
{
	spin_unlock(&l->lock);
}

#else

struct rtpl_compat_cpu_lock {
};

#define RTPL_COMPAT_CPU_LOCK(name)	{ }

static inline void rtpl_compat_cpu_lock(struct rtpl_compat_cpu_lock *l)
{
}

static inline void rtpl_compat_cpu_unlock(struct rtpl_compat_cpu_lock *l)
{
}

#endif

#endif /* RTPL_COMPAT_CPU_LOCK_H */
