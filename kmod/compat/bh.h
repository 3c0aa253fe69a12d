/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A function that runs in softirq on the processor that scheduled it: a tasklet, as long as the
 * kernel has them. What takes their place has to queue behind other softirqs when it schedules
 * itself again, as a BH workqueue does not (Documentation/locking.rst), and to run before them if
 * it is urgent, as NAPI cannot.
 */
#ifndef RTPL_COMPAT_BH_H
#define RTPL_COMPAT_BH_H

#include <linux/interrupt.h>

struct rtpl_compat_bh {
	struct tasklet_struct run;
	void (*func)(struct rtpl_compat_bh *bh);	/* BH; never twice at the same time */
};

/**
 * rtpl_compat_bh_run() - call the function
 * @t: its tasklet
 *
 * Context: Softirq.
 */
static inline void rtpl_compat_bh_run(struct tasklet_struct *t)
{
	struct rtpl_compat_bh *bh = from_tasklet(bh, t, run);

	bh->func(bh);
}

/**
 * rtpl_compat_bh_init() - prepare a function that is not scheduled yet
 * @bh: it
 * @func: called in softirq
 *
 * Context: Any.
 */
static inline void rtpl_compat_bh_init(struct rtpl_compat_bh *bh,
				       void (*func)(struct rtpl_compat_bh *bh))
{
	bh->func = func;
	tasklet_setup(&bh->run, rtpl_compat_bh_run);
}

/**
 * rtpl_compat_bh_schedule() - have it run once more, on this processor
 * @bh: it; does nothing if it is scheduled and has not begun to run
 * @urgent: before other softirqs
 *
 * Context: Any.
 */
static inline void rtpl_compat_bh_schedule(struct rtpl_compat_bh *bh, bool urgent)
{
	if (urgent)
		tasklet_hi_schedule(&bh->run);
	else
		tasklet_schedule(&bh->run);
}

/**
 * rtpl_compat_bh_kill() - wait until it no longer runs
 * @bh: it; nobody schedules it any more, nor does it schedule itself
 *
 * Context: Process. Sleeps.
 */
static inline void rtpl_compat_bh_kill(struct rtpl_compat_bh *bh)
{
	tasklet_kill(&bh->run);
}

#endif /* RTPL_COMPAT_BH_H */
