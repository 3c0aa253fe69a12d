// SPDX-License-Identifier: GPL-2.0
/*
 * Sealing and opening on several processors.
 *
 * Whoever has a batch to seal or to open does it in pieces, and asks other processors for help.
 * They take pieces as long as there are any; the owner takes pieces, too, and waits at the end for
 * those that others took. So when the owner goes on the batch is done: order, counters, locks,
 * routes and keys are as if there were one processor, and nothing is under way when a link ends.
 * While the owner still lays cells into the batch, others seal those that are laid.
 *
 * Nobody waits for a processor that is busy: what it was asked it finds withdrawn. If that happens
 * it is asked less often. A piece is done with softirqs off, and is short.
 *
 * Not under PREEMPT_RT: a task that waits for one of less priority is what it is there to avoid.
 */
#include <linux/cpumask.h>
#include <linux/percpu.h>
#include <linux/rcupdate.h>
#include <linux/sched/isolation.h>
#include <linux/workqueue.h>

#include "link/due.h"
#include "link/link.h"
#include "link/spread.h"

/* A processor that comes too late n times in a row is left alone for the next 2^n batches. */
#define RTPL_SPREAD_MISSED	7
/* How long a helper looks for a piece that the owner is still laying. */
#define RTPL_SPREAD_LOOKS	(20 * NSEC_PER_USEC)
/* A helper that the owner waited for longer than this is left alone for long, too. */
#define RTPL_SPREAD_LONG	NSEC_PER_MSEC

/* What a processor is asked. */
struct rtpl_spread_cpu {
	spinlock_t lock;		/* a leaf: what follows, but not work */
	struct rtpl_spread *offer;	/* to help with it, or NULL */
	struct work_struct work;
	u16 skip;			/* batches for which it is not asked */
	u8 missed;			/* times in a row that it came too late */
};

static DEFINE_PER_CPU(struct rtpl_spread_cpu, rtpl_spread_cpu);
static struct workqueue_struct *rtpl_spread_wq;

/* Take pieces and do them. BH, RCU read side. Return: was there one? */
static bool rtpl_spread_take(struct rtpl_spread *s)
{
	int i = atomic_read(&s->next);

	do {
		/* Pairs with rtpl_spread_ready(): what the piece consists of. */
		if (i >= smp_load_acquire(&s->ready))
			return false;
	} while (!atomic_try_cmpxchg(&s->next, &i, i + 1));
	s->piece(s, i);
	return true;
}

static void rtpl_spread_work(struct work_struct *work)
{
	struct rtpl_spread_cpu *c = container_of(work, struct rtpl_spread_cpu, work);
	struct rtpl_spread *s;
	u64 until = 0;

	local_bh_disable();
	rcu_read_lock();
	spin_lock(&c->lock);
	s = c->offer;
	c->offer = NULL;
	if (s) {
		atomic_inc(&s->users);
		c->missed = 0;
	}
	spin_unlock(&c->lock);
	if (s) {
		for (;;) {
			if (rtpl_spread_take(s))
				until = 0;
			else if (READ_ONCE(s->closed))
				break;
			else if (!until)
				until = ktime_get_ns() + RTPL_SPREAD_LOOKS;
			else if (ktime_get_ns() > until)
				break;
			cpu_relax();
		}
		/* Pairs with rtpl_spread_end(). From now on s may be gone. */
		atomic_dec_return_release(&s->users);
	}
	rcu_read_unlock();
	local_bh_enable();
}

/* Ask a processor. BH. Return: was it? */
static bool rtpl_spread_ask(struct rtpl_spread *s, int cpu)
{
	struct rtpl_spread_cpu *c = per_cpu_ptr(&rtpl_spread_cpu, cpu);
	bool ask = false;

	if (READ_ONCE(c->offer) || !spin_trylock(&c->lock))
		return false;
	if (c->skip) {
		c->skip--;
	} else if (!c->offer) {
		c->offer = s;
		ask = true;
	}
	spin_unlock(&c->lock);
	if (ask)
		queue_work_on(cpu, rtpl_spread_wq, &c->work);
	return ask;
}

/*
 * Ask up to @n processors for help: the next ones that isolation leaves for such work, but none
 * that is about to look at a link with a profile. BH.
 */
static noinline void rtpl_spread_ask_all(struct rtpl_spread *s, u16 n)
{
	const struct cpumask *domain, *work;
	int here = smp_processor_id(), cpu = here, tries;
	u64 now = ktime_get_ns();

	rcu_read_lock();
	domain = housekeeping_cpumask(HK_TYPE_DOMAIN);
	work = housekeeping_cpumask(HK_TYPE_WQ);
	for (tries = 2 * RTPL_SPREAD_HELPERS; tries && s->n_asked < n; tries--) {
		cpu = cpumask_next_and(cpu, domain, cpu_online_mask);
		if (cpu >= nr_cpu_ids)
			cpu = cpumask_first_and(domain, cpu_online_mask);
		if (cpu >= nr_cpu_ids || cpu == here)
			break;
		if (cpumask_test_cpu(cpu, work) && !rtpl_due_near(cpu, now) &&
		    rtpl_spread_ask(s, cpu))
			s->asked[s->n_asked++] = cpu;
	}
	rcu_read_unlock();
}

/**
 * rtpl_spread_begin() - begin what may be done on several processors
 * @s: on the stack
 * @piece: does one piece
 * @expected: how many there will be; of few none is given away. 0 if others must not help
 *
 * Context: BH.
 * Return: was anybody asked? If not, the caller may as well do without pieces.
 */
bool rtpl_spread_begin(struct rtpl_spread *s, void (*piece)(struct rtpl_spread *s, u16 i),
		       u16 expected)
{
	s->piece = piece;
	atomic_set(&s->next, 0);
	atomic_set(&s->users, 0);
	s->ready = 0;
	s->closed = false;
	s->n_asked = 0;
	if (expected < 2 || !rtpl_spread_may())
		return false;
	rtpl_spread_ask_all(s, min(expected / 2, RTPL_SPREAD_HELPERS));
	return s->n_asked;
}

/**
 * rtpl_spread_ready() - pieces may be taken
 * @s: spread
 * @ready: how many, from the first on; never fewer than before
 *
 * Context: BH.
 */
void rtpl_spread_ready(struct rtpl_spread *s, u16 ready)
{
	smp_store_release(&s->ready, ready);	/* pairs with rtpl_spread_take() */
}

/* A processor came too late so many times in a row. Its lock. */
static void rtpl_spread_missed(struct rtpl_spread_cpu *c, u8 missed)
{
	c->missed = min_t(u8, missed, RTPL_SPREAD_MISSED);
	c->skip = 1 << c->missed;
}

/* Take back what a processor was asked and did not look at. BH. */
static void rtpl_spread_withdraw(struct rtpl_spread *s, int cpu)
{
	struct rtpl_spread_cpu *c = per_cpu_ptr(&rtpl_spread_cpu, cpu);

	spin_lock(&c->lock);
	if (c->offer == s) {
		c->offer = NULL;
		rtpl_spread_missed(c, c->missed + 1);
	}
	spin_unlock(&c->lock);
}

/* Wait for those that took a piece. Whose processor is taken away meanwhile is no help. BH. */
static void rtpl_spread_wait(struct rtpl_spread *s)
{
	u64 began = ktime_get_ns();
	struct rtpl_spread_cpu *c;
	u8 i;

	while (atomic_read_acquire(&s->users))
		cpu_relax();
	if (likely(ktime_get_ns() - began < RTPL_SPREAD_LONG))
		return;
	for (i = 0; i < s->n_asked; i++) {
		c = per_cpu_ptr(&rtpl_spread_cpu, s->asked[i]);
		spin_lock(&c->lock);
		rtpl_spread_missed(c, RTPL_SPREAD_MISSED);
		spin_unlock(&c->lock);
	}
}

/**
 * rtpl_spread_end() - have all pieces done
 * @s: spread; nobody looks at it any more
 *
 * Context: BH, RCU read side.
 */
void rtpl_spread_end(struct rtpl_spread *s)
{
	u8 i;

	WRITE_ONCE(s->closed, true);
	while (rtpl_spread_take(s))
		;
	for (i = 0; i < s->n_asked; i++)
		rtpl_spread_withdraw(s, s->asked[i]);
	/* Nobody begins to look now. A helper has softirqs off and at most one piece to do. */
	if (atomic_read_acquire(&s->users))
		rtpl_spread_wait(s);
}

/**
 * rtpl_spread_module_init() - prepare all processors
 *
 * Context: process, module init.
 * Return: 0 or -ENOMEM.
 */
int __init rtpl_spread_module_init(void)
{
	struct rtpl_spread_cpu *c;
	int cpu;

	for_each_possible_cpu(cpu) {
		c = per_cpu_ptr(&rtpl_spread_cpu, cpu);
		spin_lock_init(&c->lock);
		INIT_WORK(&c->work, rtpl_spread_work);
	}
	rtpl_spread_wq = alloc_workqueue("rtpl-spread", RTPL_COMPAT_WQ_PERCPU, 0);
	return rtpl_spread_wq ? 0 : -ENOMEM;
}

/**
 * rtpl_spread_module_exit() - wait for works that found nothing to do, and free the workqueue
 *
 * Context: process, module exit; no link and no socket is left.
 */
void rtpl_spread_module_exit(void)
{
	destroy_workqueue(rtpl_spread_wq);
}
