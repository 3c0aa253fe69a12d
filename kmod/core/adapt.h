/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An adaptive policy: a list of profiles, weakest and cheapest first, and the rules that step a
 * link up and down between them. A profile's position in the list is its level. Pure:
 *
 *	rtpl_adapt_start()	once, and if the list changes
 *	rtpl_adapt_change()	other settings while it runs: a threat level acts at once
 *	rtpl_adapt_next()	end of the current epoch
 *	rtpl_adapt_epoch()	it has ended: which level now?
 *
 * Guaranteed hysteresis:
 *
 *	- Decisions are made only at the ends of epochs. Their times depend on the start
 *	  and the epoch's length, and on nothing else.
 *	- At most one level an epoch, up or down; never below the threat level.
 *	- Down after one epoch above: more data than the load, or more padding and chaff in
 *	  this period than its share of the budget so far.
 *	- Up after @calm calm epochs in a row, counted from the last step, and never in the
 *	  epoch after a step down. Calm is less than half of the load, and of the share.
 *	- In between nothing changes, and calm epochs are counted from 0 again.
 *
 * So a load that alternates about the threshold, above half of it, costs one step for each
 * level and no more; a load between above and calm costs at most one step down in
 * @calm + 1 epochs.
 */
#ifndef RTPL_CORE_ADAPT_H
#define RTPL_CORE_ADAPT_H

#include "env.h"

#define RTPL_ADAPT_LEVELS	8		/* most profiles of a policy */
#define RTPL_ADAPT_LOAD_MAX	BIT_ULL(40)	/* bytes per second */
#define RTPL_ADAPT_BUDGET_MAX	BIT_ULL(60)	/* bytes */
#define RTPL_ADAPT_PERIOD_MAX	31622400	/* s: 366 days */
#define RTPL_ADAPT_EPOCH_MIN	1000		/* ms */
#define RTPL_ADAPT_EPOCH_MAX	3600000

#define RTPL_ADAPT_EPOCH	10000		/* defaults */
#define RTPL_ADAPT_CALM	6
#define RTPL_ADAPT_PERIOD	86400

/* Immutable once checked. */
struct rtpl_adapt {
	u8 n;			/* levels; 0: there is no policy */
	u8 threat;		/* the lowest level allowed */
	u8 calm;		/* epochs in a row before a step up */
	u32 epoch_ms;
	u32 period;		/* of the budget, s: a whole number of epochs */
	u64 load;		/* bytes of data per second, 0 none */
	u64 budget;		/* bytes of padding and chaff in a period, 0 none */
};

/* The state of one link. */
struct rtpl_adapt_state {
	u8 level;
	u8 calm;		/* calm epochs in a row */
	bool fell;		/* the last step was down, and no epoch has ended since */
	u32 since;		/* epochs ended since the last step, or the start */
	u32 in_period;		/* epochs of the period that have ended */
	u64 next;		/* ns: the end of the epoch under way */
	u64 data, extra;	/* totals at its beginning */
	u64 spent;		/* padding and chaff in this period */
	/* the meter; goes on over restarts */
	u64 steps_up, steps_down;
	u64 decisions;		/* epochs ended */
	u64 mbits;		/* thousandths of a bit that the decisions revealed, at most */
};

void rtpl_adapt_default(struct rtpl_adapt *p, u8 n);

/**
 * rtpl_adapt_check() - check whether a policy can be kept
 * @p: policy
 * @why: set to a sentence that names the setting (static string) on error
 *
 * Return: 0, -EINVAL or -ERANGE.
 */
int rtpl_adapt_check(const struct rtpl_adapt *p, const char **why);

/**
 * rtpl_adapt_decides() - does the policy have anything to decide by?
 * @p: policy
 *
 * Context: Any.
 * Return: true if it has a load or a budget; otherwise its level is the threat level.
 */
static inline bool rtpl_adapt_decides(const struct rtpl_adapt *p)
{
	return p->load || p->budget;
}

/**
 * rtpl_adapt_start() - begin, or begin anew
 * @p: policy, checked
 * @st: all zero before the first time; its meter goes on
 * @now: ns
 * @data: bytes of data sent, in total
 * @extra: bytes of padding and chaff sent, in total
 *
 * The first level is the highest, until the first epoch ends; it is the threat level if there is
 * nothing to decide.
 */
void rtpl_adapt_start(const struct rtpl_adapt *p, struct rtpl_adapt_state *st, u64 now,
		      u64 data, u64 extra);

/**
 * rtpl_adapt_change() - change settings, but not the list of profiles
 * @p: policy, checked
 * @was: the old settings; with as many levels
 * @st: state
 * @now: ns
 * @data: as for rtpl_adapt_start()
 * @extra: likewise
 *
 * The same settings change nothing. A threat level above the current level takes effect at once,
 * and counts as a step in the meter. Epochs begin anew if their length changes, the period if it or
 * the budget changes.
 *
 * Return: the level.
 */
u8 rtpl_adapt_change(const struct rtpl_adapt *p, const struct rtpl_adapt *was,
		     struct rtpl_adapt_state *st, u64 now, u64 data, u64 extra);

u64 rtpl_adapt_next(const struct rtpl_adapt *p, const struct rtpl_adapt_state *st);

/**
 * rtpl_adapt_epoch() - decide, if an epoch has ended
 * @p: policy, checked
 * @st: state
 * @now: ns
 * @data: bytes of data sent, in total; may wrap
 * @extra: bytes of padding and chaff sent, in total; may wrap
 *
 * If it is called late, after the ends of several epochs, it decides once, by their average, so
 * that the grid does not move.
 *
 * The meter adds log2 of the number of outcomes that seem possible to someone who knows the
 * settings and has seen all earlier steps.
 *
 * Bounded work.
 *
 * Return: the level.
 */
u8 rtpl_adapt_epoch(const struct rtpl_adapt *p, struct rtpl_adapt_state *st, u64 now,
		    u64 data, u64 extra);

#endif /* RTPL_CORE_ADAPT_H */
