// SPDX-License-Identifier: GPL-2.0
/* The adaptive policy; see adapt.h for its guarantees. */
#include "adapt.h"

#define NSEC_PER_MS	1000000ULL
#define MSEC_PER_S	1000

/* 1000 * log2(n), rounded up. */
static const u16 log2_milli[RTPL_ADAPT_LEVELS + 1] = {
	0, 0, 1000, 1585, 2000, 2322, 2585, 2808, 3000
};

static int refuse(const char **why, const char *text, int err)
{
	*why = text;
	return err;
}

/**
 * rtpl_adapt_default() - give a policy the default settings
 * @p: policy to set
 * @n: number of its levels
 *
 * It has no load, no budget and no threat, so it decides nothing yet.
 *
 * Context: Any.
 */
void rtpl_adapt_default(struct rtpl_adapt *p, u8 n)
{
	*p = (struct rtpl_adapt){
		.n = n,
		.calm = RTPL_ADAPT_CALM,
		.epoch_ms = RTPL_ADAPT_EPOCH,
		.period = RTPL_ADAPT_PERIOD,
	};
}

/* Number of epochs in a period, and the rest. */
static u32 epochs_of(const struct rtpl_adapt *p, u32 *rest)
{
	return div_u64_rem((u64)p->period * MSEC_PER_S, p->epoch_ms, rest);
}

int rtpl_adapt_check(const struct rtpl_adapt *p, const char **why)
{
	u32 rest;

	if (p->n < 2 || p->n > RTPL_ADAPT_LEVELS)
		return refuse(why, "A policy has 2 to 8 profiles.", -EINVAL);
	if (p->threat >= p->n)
		return refuse(why,
			      "The threat level is not one of the policy's, from 0 to the number of its profiles less one.",
			      -ERANGE);
	if (p->load > RTPL_ADAPT_LOAD_MAX)
		return refuse(why, "The policy's load is above 2^40 bytes per second.", -ERANGE);
	if (p->budget > RTPL_ADAPT_BUDGET_MAX)
		return refuse(why, "The policy's budget is above 2^60 bytes.", -ERANGE);
	if (p->epoch_ms < RTPL_ADAPT_EPOCH_MIN || p->epoch_ms > RTPL_ADAPT_EPOCH_MAX)
		return refuse(why, "The policy's epoch is not between 1 s and 1 h.", -ERANGE);
	if (!p->calm)
		return refuse(why, "The policy's calm is not between 1 and 255 epochs.", -ERANGE);
	if (!p->period || p->period > RTPL_ADAPT_PERIOD_MAX)
		return refuse(why, "The budget's period is not between 1 s and 366 days.", -ERANGE);
	if (p->budget && (!epochs_of(p, &rest) || rest))
		return refuse(why, "The budget's period is not a whole number of epochs.", -EINVAL);
	return 0;
}

/* ---- thresholds ---- */

/* Bytes of data in an epoch at the load. Fits: 2^40 * 2^22. */
static u64 load_of(const struct rtpl_adapt *p)
{
	return div_u64(p->load * p->epoch_ms, MSEC_PER_S);
}

/* The share of the budget for the first @ended epochs of a period, rounded down. */
static u64 share_of(const struct rtpl_adapt *p, u32 ended)
{
	u32 rest, n = epochs_of(p, &rest);
	u64 whole = div_u64_rem(p->budget, n, &rest);

	return whole * ended + div_u64((u64)rest * ended, n);
}

static bool below_half(u64 x, u64 of)
{
	return x <= of && x < of - x;
}

/* ---- steps ---- */

static void settle(struct rtpl_adapt_state *st, u8 level)
{
	st->fell = level < st->level;
	st->level = level;
	st->since = 0;		/* calm epochs before the step no longer count */
}

/* @outcomes: number of levels that were possible. */
static void step(struct rtpl_adapt_state *st, u8 level, u8 outcomes)
{
	st->mbits += log2_milli[outcomes];
	if (level == st->level)
		return;
	if (level > st->level)
		st->steps_up++;
	else
		st->steps_down++;
	settle(st, level);
}

static u64 epoch_ns(const struct rtpl_adapt *p)
{
	return p->epoch_ms * NSEC_PER_MS;
}

static void begin_epochs(const struct rtpl_adapt *p, struct rtpl_adapt_state *st, u64 now,
			 u64 data, u64 extra)
{
	st->next = now + epoch_ns(p);
	st->data = data;
	st->extra = extra;
	st->in_period = 0;
	st->spent = 0;
	st->calm = 0;
}

void rtpl_adapt_start(const struct rtpl_adapt *p, struct rtpl_adapt_state *st, u64 now,
		      u64 data, u64 extra)
{
	begin_epochs(p, st, now, data, extra);
	settle(st, rtpl_adapt_decides(p) ? p->n - 1 : p->threat);
	st->fell = false;
}

static bool same(const struct rtpl_adapt *a, const struct rtpl_adapt *b)
{
	return a->n == b->n && a->threat == b->threat && a->calm == b->calm &&
	       a->epoch_ms == b->epoch_ms && a->period == b->period && a->load == b->load &&
	       a->budget == b->budget;
}

u8 rtpl_adapt_change(const struct rtpl_adapt *p, const struct rtpl_adapt *was,
		     struct rtpl_adapt_state *st, u64 now, u64 data, u64 extra)
{
	u8 level = rtpl_adapt_decides(p) ? max(st->level, p->threat) : p->threat;

	if (same(p, was))
		return st->level;
	if (p->epoch_ms != was->epoch_ms || rtpl_adapt_decides(p) != rtpl_adapt_decides(was)) {
		begin_epochs(p, st, now, data, extra);
	} else if (p->budget != was->budget || p->period != was->period) {
		st->in_period = 0;
		st->spent = 0;
		st->extra = extra;
	}
	st->calm = 0;
	if (level != st->level)
		step(st, level, p->n);
	return st->level;
}

/**
 * rtpl_adapt_next() - end of the current epoch
 * @p: policy, checked
 * @st: its state, started
 *
 * Context: Any; the caller serialises calls on @st.
 * Return: ns of the clock used for rtpl_adapt_start(); U64_MAX if there is nothing to decide.
 */
u64 rtpl_adapt_next(const struct rtpl_adapt *p, const struct rtpl_adapt_state *st)
{
	return rtpl_adapt_decides(p) ? st->next : U64_MAX;
}

/* ---- the end of an epoch ---- */

/* Update whether the epoch was above, calm, or (neither) in between. */
static void judge_load(const struct rtpl_adapt *p, u64 data, bool *above, bool *calm)
{
	u64 most = load_of(p);

	if (!p->load)
		return;
	*above |= data > most;
	*calm &= below_half(data, most);
}

static void judge_budget(const struct rtpl_adapt *p, struct rtpl_adapt_state *st, u64 extra,
			 u64 epochs, bool *above, bool *calm)
{
	u32 rest, n;
	u64 share;

	if (!p->budget)
		return;
	n = epochs_of(p, &rest);
	if (check_add_overflow(st->spent, extra, &st->spent))
		st->spent = U64_MAX;
	epochs = st->in_period + min_t(u64, epochs, U32_MAX);
	share = share_of(p, min_t(u64, epochs, n));
	*above |= st->spent > share;
	*calm &= below_half(st->spent, share);

	div_u64_rem(epochs, n, &st->in_period);
	if (epochs >= n)
		st->spent = 0;
}

u8 rtpl_adapt_epoch(const struct rtpl_adapt *p, struct rtpl_adapt_state *st, u64 now,
		    u64 data, u64 extra)
{
	bool above = false, calm = true, fell = st->fell, up;
	u8 top = p->n - 1, level = st->level;
	u64 epochs, length = epoch_ns(p);

	if (!rtpl_adapt_decides(p) || now < st->next)
		return level;
	epochs = 1 + div64_u64(now - st->next, length);
	st->next += (epochs - 1) * length;
	if (check_add_overflow(st->next, length, &st->next))
		st->next = U64_MAX;

	judge_load(p, div64_u64(data - st->data, epochs), &above, &calm);
	judge_budget(p, st, extra - st->extra, epochs, &above, &calm);
	st->data = data;
	st->extra = extra;
	st->decisions++;
	st->fell = false;
	st->since = min_t(u64, (u64)st->since + 1, U32_MAX);
	st->calm = calm ? min_t(u32, st->calm + 1U, U8_MAX) : 0;

	/* Count the possible outcomes: whoever saw the steps knows when the last one was. */
	up = level < top && st->since >= p->calm && !fell;
	if (above && level > p->threat)
		level--;
	else if (up && st->calm >= p->calm)
		level++;
	step(st, level, 1 + (st->level > p->threat) + up);
	return st->level;
}
