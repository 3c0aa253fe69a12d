// SPDX-License-Identifier: GPL-2.0
/*
 * The softirq that builds a link's cells, and the processor on which it runs.
 *
 * A tx worker runs where it is kicked, because the packets are in the cache there. If another
 * link's tx worker is pending or running there already, because one program or one receive queue
 * feeds several links, it goes to a processor of its own (home), so that links are sealed side by
 * side. Homes are handed out in turn from the processors that isolation leaves for such work. While
 * a tx worker runs, a kick only leaves a mark: the tx worker goes on where it is, and nobody spins
 * for its end.
 *
 * Softirqs on return from interrupts go before every thread, so a rate near what a processor can
 * seal leaves others nothing. The machine's administrator may want that; root of a user namespace,
 * who can be anybody, may not. A processor is overloaded if it spends nearly all its time in
 * softirqs, and a good part of it in tx workers of user namespaces. For a while it then runs these
 * in a thread, and only a quarter of the time, because what a cell costs after it was built is
 * softirqs' again. Slots that pass meanwhile count as missed. Other links are not affected.
 */
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/kernel_stat.h>
#include <linux/percpu.h>
#include <linux/random.h>
#include <linux/sched/isolation.h>
#include <linux/slab.h>

#include "link/tx_worker.h"
#include "link/link.h"

enum {
	RTPL_TX_WORKER_IDLE,
	RTPL_TX_WORKER_PENDING,
	RTPL_TX_WORKER_RUNS,
	RTPL_TX_WORKER_RUNS_ASKED,	/* and was asked to run again meanwhile */
};

/* How long a processor is watched, and how long it then counts as overloaded. */
#define RTPL_TX_WORKER_WATCH	BIT_ULL(26)	/* ns, 67 ms */
#define RTPL_TX_WORKER_OVERLOADED	(16 * RTPL_TX_WORKER_WATCH)
/* Shares of that time, in 16ths, of all softirqs and bounded tx workers; overloaded above both. */
#define RTPL_TX_WORKER_SOFTIRQS	13
#define RTPL_TX_WORKER_BOUNDED	3

/* What tx workers do on a processor. */
struct rtpl_tx_worker_cpu {
	atomic_t here;		/* pending or running */
	u32 phase;		/* ns: random, so that pauses reveal nothing of other processors */
	/* BH */
	u64 since;		/* ns: watched since then */
	u64 softirqs, steal;	/* ns that the kernel had counted at that time */
	u64 spent;		/* ns since then in bounded tx workers */
	u64 overloaded;		/* ns: overloaded until then */
};

static DEFINE_PER_CPU(struct rtpl_tx_worker_cpu, rtpl_tx_worker_cpu);
static struct workqueue_struct *rtpl_tx_worker_wq;

/* A bounded tx worker ran from @from to @now. BH. */
static void rtpl_tx_worker_spent(struct rtpl_tx_worker_cpu *c, u64 from, u64 now)
{
	u64 softirqs, steal, took = now - c->since, ours;

	c->spent += now - from;
	if (took < RTPL_TX_WORKER_WATCH)
		return;
	softirqs = kcpustat_this_cpu->cpustat[CPUTIME_SOFTIRQ];
	steal = kcpustat_this_cpu->cpustat[CPUTIME_STEAL];
	ours = took - min(took, steal - c->steal);
	/* A watch that went on with nothing to see tells nothing. */
	if (took < 2 * RTPL_TX_WORKER_WATCH &&
	    (softirqs - c->softirqs) * 16 > ours * RTPL_TX_WORKER_SOFTIRQS &&
	    c->spent * 16 > ours * RTPL_TX_WORKER_BOUNDED)
		c->overloaded = now + RTPL_TX_WORKER_OVERLOADED;
	c->since = now;
	c->softirqs = softirqs;
	c->steal = steal;
	c->spent = 0;
}

/* Hand out a home. Any context. */
static int rtpl_tx_worker_home(void)
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

/* Is this processor overloaded, and if so, for how many jiffies is its pause? */
static bool rtpl_tx_worker_overloaded(const struct rtpl_tx_worker_cpu *c, unsigned long *pause)
{
	u64 now, at;

	if (likely(!c->overloaded))
		return false;
	now = ktime_get_ns();
	at = (now + c->phase) & (RTPL_TX_WORKER_WATCH - 1);
	*pause = at < RTPL_TX_WORKER_WATCH / 4 ? 0 : nsecs_to_jiffies(RTPL_TX_WORKER_WATCH - at);
	return c->overloaded > now;
}

/* Schedule it here. It is pending, and only the caller places it. Preemption is off. */
static void rtpl_tx_worker_here(struct rtpl_tx_worker *b)
{
	struct rtpl_tx_worker_cpu *c = this_cpu_ptr(&rtpl_tx_worker_cpu);
	unsigned long pause;

	b->cpu = smp_processor_id();
	atomic_inc(&c->here);
	/* Work that is being cancelled is not queued: the end is near, and nothing is left. */
	if (unlikely(b->bounded) && rtpl_tx_worker_overloaded(c, &pause) &&
	    queue_delayed_work_on(b->cpu, rtpl_tx_worker_wq, &b->work, pause))
		return;
	rtpl_compat_bh_schedule(&b->bh, READ_ONCE(b->urgent));
}

static void rtpl_tx_worker_called(void *data)
{
	rtpl_tx_worker_here(data);
}

/* BH. */
static void rtpl_tx_worker_run(struct rtpl_tx_worker *b)
{
	struct rtpl_tx_worker_cpu *counted = per_cpu_ptr(&rtpl_tx_worker_cpu, b->cpu);
	u64 from = b->bounded ? ktime_get_ns() : 0;
	bool more;

	WRITE_ONCE(b->urgent, false);
	atomic_set(&b->state, RTPL_TX_WORKER_RUNS);
	smp_mb();	/* pairs with rtpl_tx_worker_kick(), whose caller's writes build() sees */
	more = b->build(b->of);
	if (b->bounded)
		rtpl_tx_worker_spent(this_cpu_ptr(&rtpl_tx_worker_cpu), from, ktime_get_ns());
	if (more || atomic_cmpxchg(&b->state, RTPL_TX_WORKER_RUNS, RTPL_TX_WORKER_IDLE) !=
		    RTPL_TX_WORKER_RUNS) {
		atomic_set(&b->state, RTPL_TX_WORKER_PENDING);
		rtpl_tx_worker_here(b);
	}
	atomic_dec(&counted->here);
}

static void rtpl_tx_worker_bh(struct rtpl_compat_bh *bh)
{
	rtpl_tx_worker_run(container_of(bh, struct rtpl_tx_worker, bh));
}

static void rtpl_tx_worker_work(struct work_struct *work)
{
	struct rtpl_tx_worker *b = container_of(work, struct rtpl_tx_worker, work.work);
	unsigned long pause;

	local_bh_disable();
	/* Work before it in the queue may have taken the rest of the quarter. */
	if (!rtpl_tx_worker_overloaded(this_cpu_ptr(&rtpl_tx_worker_cpu), &pause) || !pause ||
	    !queue_delayed_work_on(smp_processor_id(), rtpl_tx_worker_wq, &b->work, pause))
		rtpl_tx_worker_run(b);
	local_bh_enable();
}

/**
 * rtpl_tx_worker_kick() - have the tx worker run
 * @b: tx worker
 * @urgent: run before other softirqs: a slot has come
 *
 * A run that ends after this call has seen what the caller wrote before.
 *
 * Context: any.
 */
void rtpl_tx_worker_kick(struct rtpl_tx_worker *b, bool urgent)
{
	int was, now;

	if (urgent)
		WRITE_ONCE(b->urgent, true);
	smp_mb();	/* pairs with rtpl_tx_worker_run() */
	was = atomic_read(&b->state);
	do {
		if (was == RTPL_TX_WORKER_PENDING || was == RTPL_TX_WORKER_RUNS_ASKED)
			return;
		now = was == RTPL_TX_WORKER_IDLE ? RTPL_TX_WORKER_PENDING :
						   RTPL_TX_WORKER_RUNS_ASKED;
	} while (!atomic_try_cmpxchg(&b->state, &was, now));
	if (now != RTPL_TX_WORKER_PENDING)
		return;
	preempt_disable();
	if (b->home < 0 || b->home == smp_processor_id() ||
	    !atomic_read(&this_cpu_ptr(&rtpl_tx_worker_cpu)->here) ||
	    !rtpl_compat_call_on(&b->call, b->home))
		rtpl_tx_worker_here(b);
	preempt_enable();
}

/**
 * rtpl_tx_worker_create() - make a tx worker that nobody kicked yet
 * @build: what a run does
 * @of: its argument
 * @bounded: it must leave others a part of each processor
 *
 * Context: process.
 * Return: the tx worker, kfree() it after rtpl_tx_worker_stop(); NULL: no memory.
 */
struct rtpl_tx_worker *rtpl_tx_worker_create(bool (*build)(void *of), void *of, bool bounded)
{
	struct rtpl_tx_worker *b = kzalloc(sizeof(*b), GFP_KERNEL_ACCOUNT);

	if (!b)
		return NULL;
	b->build = build;
	b->of = of;
	b->bounded = bounded;
	b->home = rtpl_tx_worker_home();
	rtpl_compat_bh_init(&b->bh, rtpl_tx_worker_bh);
	INIT_DELAYED_WORK(&b->work, rtpl_tx_worker_work);
	rtpl_compat_call_init(&b->call, rtpl_tx_worker_called, b);
	return b;
}

/**
 * rtpl_tx_worker_stop() - wait until the tx worker no longer runs
 * @b: tx worker that nobody kicks any more, and whose build() has nothing more to do
 *
 * A call may still be on its way to another processor, and rtpl_compat_bh_kill() would not know of
 * it.
 *
 * Context: process. Sleeps.
 */
void rtpl_tx_worker_stop(struct rtpl_tx_worker *b)
{
	while (atomic_read(&b->state) != RTPL_TX_WORKER_IDLE) {
		/* Many peers may go at once, and each could wait for the end of a pause. */
		if (cancel_delayed_work_sync(&b->work)) {
			atomic_dec(&per_cpu_ptr(&rtpl_tx_worker_cpu, b->cpu)->here);
			atomic_set(&b->state, RTPL_TX_WORKER_IDLE);
		} else {
			usleep_range(10, 100);
		}
	}
	rtpl_compat_call_end(&b->call);
	cancel_delayed_work_sync(&b->work);
	rtpl_compat_bh_kill(&b->bh);
}

/**
 * rtpl_tx_worker_module_init() - make the workqueue of tx workers on overloaded processors
 *
 * Context: process, module init.
 * Return: 0 or -ENOMEM.
 */
int __init rtpl_tx_worker_module_init(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		per_cpu(rtpl_tx_worker_cpu, cpu).phase = get_random_u32();
	rtpl_tx_worker_wq = alloc_workqueue("rtpl-tx", RTPL_COMPAT_WQ_PERCPU | WQ_MEM_RECLAIM,
					    1);
	return rtpl_tx_worker_wq ? 0 : -ENOMEM;
}

/**
 * rtpl_tx_worker_module_exit() - free the workqueue
 *
 * Context: process, module exit; no link is left.
 */
void rtpl_tx_worker_module_exit(void)
{
	destroy_workqueue(rtpl_tx_worker_wq);
}
