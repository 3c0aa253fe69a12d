// SPDX-License-Identifier: GPL-2.0
/*
 * The softirq in which a link's cells are built, and the processor that it runs on.
 *
 * A builder runs where somebody asks for it, for there the packets are in the cache. Where
 * another link's is to run or runs already, because one program or one receive queue feeds
 * several links, it goes to a processor of its own (home), so that links are sealed side by side.
 * Homes are handed out in turn to the processors that isolation leaves for such work. While it
 * runs, whoever asks only leaves word: it goes on where it is, and nobody spins for its end.
 *
 * Packets are paid for by those who send them, timers by nobody: softirqs on return from interrupts
 * go before every thread, so a rate near what a processor can seal would leave others nothing, and
 * in a user namespace everybody may set one. A processor that spends nearly all its time in
 * softirqs, a good part of it in what timers began, is overloaded: for a while it builds that in a
 * thread, and a quarter of the time only, for what a cell costs after it was built is softirqs'
 * again. Slots that pass meanwhile count as missed.
 */
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/kernel_stat.h>
#include <linux/percpu.h>
#include <linux/sched/isolation.h>

#include "link/builder.h"
#include "compat/compat.h"

enum {
	RTPL_BUILDER_IDLE,
	RTPL_BUILDER_PENDING,
	RTPL_BUILDER_RUNS,
	RTPL_BUILDER_RUNS_ASKED,	/* and was asked for meanwhile */
};

/* How long a processor is watched, and how long it is overloaded then. */
#define RTPL_BUILDER_WATCH	BIT_ULL(26)	/* ns, 67 ms */
#define RTPL_BUILDER_OVERLOADED	(16 * RTPL_BUILDER_WATCH)
/* What of that time softirqs may take in all if timers' part of them is so much; in 16ths. */
#define RTPL_BUILDER_SOFTIRQS	13
#define RTPL_BUILDER_TIMERS	3

/* What builders do on a processor. */
struct rtpl_builder_cpu {
	atomic_t here;		/* pending or running */
	/* BH */
	u64 since;		/* ns: being watched */
	u64 softirqs;		/* ns that the kernel had counted by then */
	u64 spent;		/* ns since then in runs that timers began */
	u64 overloaded;		/* ns: until when */
};

static DEFINE_PER_CPU(struct rtpl_builder_cpu, rtpl_builder_cpu);
static struct workqueue_struct *rtpl_builder_wq;

/* A run that a timer began took from @from to @now. BH. */
static void rtpl_builder_spent(struct rtpl_builder_cpu *c, u64 from, u64 now)
{
	u64 softirqs, took = now - c->since;

	c->spent += now - from;
	if (took < RTPL_BUILDER_WATCH)
		return;
	softirqs = kcpustat_this_cpu->cpustat[CPUTIME_SOFTIRQ];
	/* Of a watch that went on with nothing to see nothing is known. */
	if (took < 2 * RTPL_BUILDER_WATCH &&
	    (softirqs - c->softirqs) * 16 > took * RTPL_BUILDER_SOFTIRQS &&
	    c->spent * 16 > took * RTPL_BUILDER_TIMERS)
		c->overloaded = now + RTPL_BUILDER_OVERLOADED;
	c->since = now;
	c->softirqs = softirqs;
	c->spent = 0;
}

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

/* How long an overloaded processor builds nothing, jiffies. */
static unsigned long rtpl_builder_pause(u64 now)
{
	u64 at = now & (RTPL_BUILDER_WATCH - 1);

	return at < RTPL_BUILDER_WATCH / 4 ? 0 : nsecs_to_jiffies(RTPL_BUILDER_WATCH - at) + 1;
}

/* It is pending, and nobody else's to place. Preemption is off. */
static void rtpl_builder_here(struct rtpl_builder *b)
{
	struct rtpl_builder_cpu *c = this_cpu_ptr(&rtpl_builder_cpu);
	u8 how = READ_ONCE(b->how);
	u64 now;

	b->cpu = smp_processor_id();
	atomic_inc(&c->here);
	now = unlikely(c->overloaded) && how != RTPL_KICK_PACKET ? ktime_get_ns() : 0;
	if (now && c->overloaded > now)
		queue_delayed_work_on(b->cpu, rtpl_builder_wq, &b->work, rtpl_builder_pause(now));
	else if (how == RTPL_KICK_SLOT)
		tasklet_hi_schedule(&b->run);
	else
		tasklet_schedule(&b->run);
}

static void rtpl_builder_called(void *data)
{
	rtpl_builder_here(data);
}

/* BH. */
static void rtpl_builder_run(struct rtpl_builder *b)
{
	struct rtpl_builder_cpu *counted = per_cpu_ptr(&rtpl_builder_cpu, b->cpu);
	bool timer = READ_ONCE(b->how) != RTPL_KICK_PACKET;
	u64 from = ktime_get_ns();
	enum rtpl_left left;

	WRITE_ONCE(b->how, RTPL_KICK_PACKET);
	atomic_set(&b->state, RTPL_BUILDER_RUNS);
	smp_mb();	/* pairs with rtpl_builder_kick(): who is not heard any more is seen */
	left = b->build(b);
	if (timer || left == RTPL_LEFT_SLOTS)
		rtpl_builder_spent(this_cpu_ptr(&rtpl_builder_cpu), from, ktime_get_ns());
	if (left == RTPL_LEFT_SLOTS && READ_ONCE(b->how) == RTPL_KICK_PACKET)
		WRITE_ONCE(b->how, RTPL_KICK_TIMER);
	if (left != RTPL_LEFT_NOTHING ||
	    atomic_cmpxchg(&b->state, RTPL_BUILDER_RUNS, RTPL_BUILDER_IDLE) != RTPL_BUILDER_RUNS) {
		atomic_set(&b->state, RTPL_BUILDER_PENDING);
		rtpl_builder_here(b);
	}
	atomic_dec(&counted->here);
}

static void rtpl_builder_tasklet(struct tasklet_struct *t)
{
	struct rtpl_builder *b = from_tasklet(b, t, run);

	rtpl_builder_run(b);
}

static void rtpl_builder_work(struct work_struct *work)
{
	local_bh_disable();
	rtpl_builder_run(container_of(work, struct rtpl_builder, work.work));
	local_bh_enable();
}

/**
 * rtpl_builder_kick() - has the builder run
 * @b: builder
 * @how: who asks
 *
 * What the caller wrote before is seen by a run that ends after. Any context.
 */
void rtpl_builder_kick(struct rtpl_builder *b, enum rtpl_kick how)
{
	int was, now;

	if (how > READ_ONCE(b->how))
		WRITE_ONCE(b->how, how);
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
	    !atomic_read(&this_cpu_ptr(&rtpl_builder_cpu)->here) ||
	    !rtpl_compat_call_on(&b->call, b->home))
		rtpl_builder_here(b);
	preempt_enable();
}

void rtpl_builder_init(struct rtpl_builder *b, enum rtpl_left (*build)(struct rtpl_builder *b))
{
	b->build = build;
	b->home = rtpl_builder_home();
	tasklet_setup(&b->run, rtpl_builder_tasklet);
	INIT_DELAYED_WORK(&b->work, rtpl_builder_work);
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
	cancel_delayed_work_sync(&b->work);
	tasklet_kill(&b->run);
}

int __init rtpl_builder_module_init(void)
{
	rtpl_builder_wq = alloc_workqueue("rtpl-build", RTPL_COMPAT_WQ_PERCPU, 1);
	return rtpl_builder_wq ? 0 : -ENOMEM;
}

void rtpl_builder_module_exit(void)
{
	destroy_workqueue(rtpl_builder_wq);
}
