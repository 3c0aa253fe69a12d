// SPDX-License-Identifier: GPL-2.0
/*
 * Differentially private windows as a schedule: the volume that dp.h decides at the beginning of a
 * window leaves in it, RTPL_PACE_BATCH_MAX cells at a time, spread evenly. So times and sizes
 * depend only on the decisions. The decision is made on bytes: a queue in cells jumps by up to two
 * if a byte is added, and the noise is for bytes. The volume is rounded to cells after the noise,
 * which reveals nothing more.
 */
#include "sched.h"

#define EMPTY_WINDOWS	16	/* most empty decisions in one call */

static int dp_check(const struct rtpl_sched_params *p, const char **why)
{
	if (!p->dp)
		return sched_wrong(why, "The private window has no plan.", -EINVAL);
	return rtpl_dp_check(p->dp, why);
}

/* The window in which it comes passes, then the one in which it leaves. */
static u64 dp_delay(const struct rtpl_sched_params *p)
{
	return 2 * p->dp->window_ns;
}

static void dp_start(struct rtpl_sched_state *st, const struct rtpl_sched_params *p, u64 now)
{
	rtpl_dp_start(&st->dp, p->dp, now);
}

/* Batch number @i of the window. */
static u64 batch_at(const struct rtpl_window *w, const struct rtpl_dp_plan *plan, u32 i)
{
	return w->began + div_u64(plan->window_ns * i, w->batches);
}

static bool dp_next(struct rtpl_sched_state *st, const struct rtpl_sched_params *p,
		    struct rtpl_rng *rng, u64 now, u32 queued, u16 batch,
		    struct rtpl_departure *d)
{
	struct rtpl_window *w = &st->window;
	u64 missed = st->dp.missed, at;
	int i;

	if (w->left && rtpl_since(now, w->began) > 2 * p->dp->window_ns) {
		st->missed += w->left;
		w->left = 0;
	}
	for (i = 0; !w->left && i < EMPTY_WINDOWS; i++) {
		at = rtpl_dp_next(&st->dp, p->dp, now);
		if (at > now + st->lead)
			break;
		w->began = at;
		w->left = div_u64(rtpl_dp_volume(&st->dp, p->dp, st->bytes, rng) +
				  st->room - 1, st->room);
		w->batches = DIV_ROUND_UP(w->left, RTPL_PACE_BATCH_MAX);
		w->batch = 0;
	}
	st->missed += st->dp.missed - missed;

	*d = (struct rtpl_departure){
		.cells = clamp_t(u32, w->left, 1, RTPL_PACE_BATCH_MAX),
		.chaff = true,
		.timed = true,
	};
	/* Not decided yet: give a time to ask again, past the lead. */
	if (w->left)
		d->at = batch_at(w, p->dp, w->batch);
	else
		d->at = max_t(u64, rtpl_dp_next(&st->dp, p->dp, now), now + st->lead + 1);
	return true;
}

static void dp_take(struct rtpl_sched_state *st, const struct rtpl_sched_params *p,
		    const struct rtpl_departure *d)
{
	st->window.left -= min_t(u32, st->window.left, d->cells);
	st->window.batch++;
}

/* Assumes that later windows are as large as possible. */
static u64 dp_departs(const struct rtpl_sched_state *st, const struct rtpl_sched_params *p,
		      const struct rtpl_departure *d, u32 cells)
{
	u32 full = max_t(u32, div_u64((u64)p->dp->max * p->dp->grain, st->room), 1);

	return d->at + (1 + (cells - d->cells) / full) * p->dp->window_ns;
}

static void dp_leak(const struct rtpl_sched_state *st, const struct rtpl_sched_params *p,
		    struct rtpl_sched_leak *leak)
{
	leak->choices = st->dp.taken;
}

const struct rtpl_sched_ops rtpl_sched_dp_ops = {
	.check = dp_check,
	.delay = dp_delay,
	.start = dp_start,
	.next = dp_next,
	.take = dp_take,
	.departs = dp_departs,
	.leak = dp_leak,
};
