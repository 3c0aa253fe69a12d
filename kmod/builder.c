// SPDX-License-Identifier: GPL-2.0
/*
 * The softirq in which a link's cells are built, and the processor that it runs on.
 *
 * A builder runs where somebody asks for it, for there the packets are in the cache. Where
 * another link's is to run or runs already, because one program or one receive queue feeds
 * several links, it goes to a processor of its own (home), so that links are sealed side by side.
 * Homes are handed out in turn to the processors that isolation leaves for such work. While it
 * runs, whoever asks only leaves word: it goes on where it is, and nobody spins for its end.
 */
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/percpu.h>
#include <linux/sched/isolation.h>

#include "builder.h"

enum {
	RTPL_BUILDER_IDLE,
	RTPL_BUILDER_PENDING,
	RTPL_BUILDER_RUNS,
	RTPL_BUILDER_RUNS_ASKED,	/* and was asked for meanwhile */
};

/* Builders pending or running on a processor. */
static DEFINE_PER_CPU(atomic_t, rtpl_builders_here);

/* Hands out a home. Any context. */
static int rtpl_builder_home(void)
{
	static atomic_t turn;
	const struct cpumask *may;
	int cpu, n = 0, home = -1;

	rcu_read_lock();
	may = housekeeping_cpumask(HK_TYPE_DOMAIN);
	for_each_cpu_and(cpu, may, cpu_online_mask)
		n++;
	if (n) {
		n = (unsigned int)atomic_fetch_inc(&turn) % n;
		for_each_cpu_and(cpu, may, cpu_online_mask) {
			home = cpu;
			if (!n--)
				break;
		}
	}
	rcu_read_unlock();
	return home;
}

/* It is pending, and nobody else's to place. Preemption is off. */
static void rtpl_builder_here(struct rtpl_builder *b)
{
	b->cpu = smp_processor_id();
	atomic_inc(this_cpu_ptr(&rtpl_builders_here));
	if (READ_ONCE(b->urgent))
		tasklet_hi_schedule(&b->run);
	else
		tasklet_schedule(&b->run);
}

static void rtpl_builder_called(void *data)
{
	rtpl_builder_here(data);
}

static void rtpl_builder_run(struct tasklet_struct *t)
{
	struct rtpl_builder *b = from_tasklet(b, t, run);
	atomic_t *here = per_cpu_ptr(&rtpl_builders_here, b->cpu);

	WRITE_ONCE(b->urgent, false);
	atomic_set(&b->state, RTPL_BUILDER_RUNS);
	smp_mb();	/* pairs with rtpl_builder_kick(): who is not heard any more is seen */
	if (b->build(b) ||
	    atomic_cmpxchg(&b->state, RTPL_BUILDER_RUNS, RTPL_BUILDER_IDLE) != RTPL_BUILDER_RUNS) {
		atomic_set(&b->state, RTPL_BUILDER_PENDING);
		rtpl_builder_here(b);
	}
	atomic_dec(here);
}

/**
 * rtpl_builder_kick() - has the builder run
 * @b: builder
 * @urgent: before other softirqs: a slot has come
 *
 * What the caller wrote before is seen by a run that ends after. Any context.
 */
void rtpl_builder_kick(struct rtpl_builder *b, bool urgent)
{
	int was, now;

	if (urgent)
		WRITE_ONCE(b->urgent, true);
	smp_mb();	/* pairs with rtpl_builder_run() */
	was = atomic_read(&b->state);
	do {
		if (was == RTPL_BUILDER_PENDING || was == RTPL_BUILDER_RUNS_ASKED)
			return;
		now = was == RTPL_BUILDER_IDLE ? RTPL_BUILDER_PENDING : RTPL_BUILDER_RUNS_ASKED;
	} while (!atomic_try_cmpxchg(&b->state, &was, now));
	if (now != RTPL_BUILDER_PENDING)
		return;
	preempt_disable();
	if (b->home < 0 || b->home == smp_processor_id() ||
	    !atomic_read(this_cpu_ptr(&rtpl_builders_here)) ||
	    !rtpl_compat_call_on(&b->call, b->home))
		rtpl_builder_here(b);
	preempt_enable();
}

void rtpl_builder_init(struct rtpl_builder *b, bool (*build)(struct rtpl_builder *b))
{
	b->build = build;
	b->home = rtpl_builder_home();
	tasklet_setup(&b->run, rtpl_builder_run);
	rtpl_compat_call_init(&b->call, rtpl_builder_called, b);
}

/**
 * rtpl_builder_stop() - waits until it runs no more
 * @b: builder, which nobody kicks any more and whose build() says that there is nothing to do
 *
 * Context: process. A call may still be on its way to another processor, where tasklet_kill()
 * would not know of it.
 */
void rtpl_builder_stop(struct rtpl_builder *b)
{
	while (atomic_read(&b->state) != RTPL_BUILDER_IDLE)
		usleep_range(10, 100);
	rtpl_compat_call_end(&b->call);
	tasklet_kill(&b->run);
}
