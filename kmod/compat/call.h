/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A call to another processor from which a softirq may be raised. PREEMPT_RT forbids that in calls
 * by interrupt (flush_smp_call_function_queue() warns), so there the call is a work.
 */
#ifndef RTPL_COMPAT_CALL_H
#define RTPL_COMPAT_CALL_H

#include <linux/smp.h>
#include <linux/workqueue.h>

/* One call, which may be made again after it is done. */
struct rtpl_compat_call {
	void (*func)(void *data);	/* preemption is off */
	void *data;
#ifdef CONFIG_PREEMPT_RT
	struct work_struct work;
#else
	call_single_data_t csd;
#endif
};

#ifdef CONFIG_PREEMPT_RT

/**
 * rtpl_compat_call_work() - make the call from a work
 * @work: the call's
 *
 * Context: Process.
 */
static inline void rtpl_compat_call_work(struct work_struct *work)
{
	struct rtpl_compat_call *c = container_of(work, struct rtpl_compat_call, work);

	preempt_disable();
	c->func(c->data);
	preempt_enable();
}

#endif

/**
 * rtpl_compat_call_init() - prepare a call
 * @c: the call; not under way
 * @func: called with preemption off, in hard interrupt; on PREEMPT_RT by a work
 * @data: its argument
 *
 * Context: Any.
 */
static inline void rtpl_compat_call_init(struct rtpl_compat_call *c, void (*func)(void *data),
					 void *data)
{
	c->func = func;
	c->data = data;
#ifdef CONFIG_PREEMPT_RT
	INIT_WORK(&c->work, rtpl_compat_call_work);
#else
	INIT_CSD(&c->csd, func, data);
#endif
}

/**
 * rtpl_compat_call_on() - run the function on a processor, without waiting
 * @c: the call, which must not be under way
 * @cpu: the processor
 *
 * Context: Any; preemption is off.
 * Return: true; false if it will not run there: the processor is offline.
 */
static inline bool rtpl_compat_call_on(struct rtpl_compat_call *c, int cpu)
{
#ifdef CONFIG_PREEMPT_RT
	return cpu_online(cpu) && queue_work_on(cpu, system_highpri_wq, &c->work);
#else
	return !smp_call_function_single_async(cpu, &c->csd);
#endif
}

/**
 * rtpl_compat_call_end() - wait until a call is over
 * @c: the call; it is not made any more, and the function has begun
 *
 * Context: Process. Only PREEMPT_RT waits, and sleeps: there the call is a work.
 */
static inline void rtpl_compat_call_end(struct rtpl_compat_call *c)
{
#ifdef CONFIG_PREEMPT_RT
	cancel_work_sync(&c->work);
#endif
}

#endif /* RTPL_COMPAT_CALL_H */
