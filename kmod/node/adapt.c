// SPDX-License-Identifier: GPL-2.0
/*
 * Adaptive policies: which profile of a list a link runs. core/adapt.c decides; this file has the
 * list's names, the clock, and the work that asks core/adapt.c.
 *
 * A link with a policy has an hrtimer for the end of its epoch, so that steps happen at the times
 * of the grid, not of the timer wheel. It queues a work, which holds a reference to the peer, on a
 * queue of its own, because works that wait for rn->lock must not delay others. Peers are removed
 * under that lock, so removal cannot wait for the work; instead the work checks peer->dead first.
 * rtpl_net_exit() flushes the queue, without the lock, before the node goes.
 */
#include <linux/jhash.h>

#include "event.h"
#include "link/link.h"
#include "node/profile_store.h"
#include "node/node.h"
#include "rtpl.h"

/* The second is for user namespaces, which so keep nobody else's waiting. */
static struct workqueue_struct *rtpl_adapt_wq[2] __read_mostly;

static struct workqueue_struct *rtpl_adapt_wq_of(const struct rtpl_net *rn)
{
	return rtpl_adapt_wq[rtpl_net_bounded(rn)];
}

#define HAS(cfg, attr)	((cfg)->has & RTPL_SHAPE_HAS(attr))

/* All settings that only a policy has. */
#define RTPL_ADAPT_SETTINGS (RTPL_SHAPE_HAS(THREAT) | RTPL_SHAPE_HAS(LOAD) |		\
			     RTPL_SHAPE_HAS(BUDGET) | RTPL_SHAPE_HAS(PERIOD) |		\
			     RTPL_SHAPE_HAS(EPOCH) | RTPL_SHAPE_HAS(CALM))

/* ---- names ---- */

/* Find the word at or behind *@at, and move *@at behind it. Return: its length, 0 at the end. */
static size_t rtpl_adapt_word(const char **at, const char **word)
{
	*at += strspn(*at, " ");
	*word = *at;
	*at += strcspn(*at, " ");
	return *at - *word;
}

/**
 * rtpl_adapt_name() - get the name at a position of a policy's list
 * @names: the list: names with spaces between them
 * @level: position, from 0
 * @name: set to the name; "" if the list has none there
 *
 * Context: any.
 */
void rtpl_adapt_name(const char *names, u8 level, char name[RTPL_PROFILE_NAME_MAX])
{
	const char *word;
	size_t len;

	do {
		len = rtpl_adapt_word(&names, &word);
	} while (len && level--);
	len = min_t(size_t, len, RTPL_PROFILE_NAME_MAX - 1);
	memcpy(name, word, len);
	name[len] = 0;
}

/* Count the names that equal the @len bytes at @name. */
static unsigned int rtpl_adapt_count(const char *names, const char *name, size_t len)
{
	unsigned int n = 0;
	const char *word;
	size_t l;

	while ((l = rtpl_adapt_word(&names, &word)))
		n += l == len && !memcmp(word, name, len);
	return n;
}

/**
 * rtpl_adapt_has() - does a policy contain a profile?
 * @cfg: settings
 * @name: the profile's
 *
 * Context: any.
 * Return: true if @cfg has a policy, and it names the profile.
 */
bool rtpl_adapt_has(const struct rtpl_shape_config *cfg, const char *name)
{
	return HAS(cfg, POLICY) && rtpl_adapt_count(cfg->policy, name, strlen(name));
}

static int rtpl_adapt_check_names(const char *names, u8 *n, const char **why)
{
	const char *word, *at = names;
	size_t len;

	for (*n = 0; (len = rtpl_adapt_word(&at, &word)); (*n)++) {
		if (*n == RTPL_ADAPT_LEVELS) {
			*why = "A policy has 2 to 8 profiles.";
			return -EINVAL;
		}
		if (len >= RTPL_PROFILE_NAME_MAX) {
			*why = "The policy has a name that is too long for a profile.";
			return -EINVAL;
		}
		if (rtpl_adapt_count(names, word, len) > 1) {
			*why = "The policy names a profile twice.";
			return -EINVAL;
		}
	}
	if (*n)
		return 0;
	*why = "The policy names no profile.";
	return -EINVAL;
}

/* ---- settings ---- */

/* Name the setting that is given without a policy. */
static const char *rtpl_adapt_stray(const struct rtpl_shape_config *cfg)
{
	if (HAS(cfg, THREAT))
		return "There is a threat level, but no policy.";
	if (HAS(cfg, LOAD))
		return "There is a policy's load, but no policy.";
	if (HAS(cfg, BUDGET) || HAS(cfg, PERIOD))
		return "There is a policy's budget, but no policy.";
	if (HAS(cfg, EPOCH))
		return "There is a policy's epoch, but no policy.";
	return "There are a policy's calm epochs, but no policy.";
}

/**
 * rtpl_adapt_of() - get the policy of a peer's settings
 * @cfg: settings
 * @p: set to the policy, n 0 for none
 * @why: on an error, set to a sentence that names the setting
 *
 * Context: any.
 * Return: 0 or -errno, as rtpl_adapt_check().
 */
int rtpl_adapt_of(const struct rtpl_shape_config *cfg, struct rtpl_adapt *p, const char **why)
{
	int err;
	u8 n;

	BUILD_BUG_ON(RTPL_POLICY_MAX != RTPL_ADAPT_LEVELS);
	BUILD_BUG_ON(RTPL_POLICY_NAMES_MAX != RTPL_ADAPT_LEVELS * RTPL_PROFILE_NAME_MAX);

	*p = (struct rtpl_adapt){};
	if (!HAS(cfg, POLICY) || !cfg->policy[0]) {
		if (!(cfg->has & RTPL_ADAPT_SETTINGS))
			return 0;
		*why = rtpl_adapt_stray(cfg);
		return -EINVAL;
	}
	err = rtpl_adapt_check_names(cfg->policy, &n, why);
	if (err)
		return err;
	rtpl_adapt_default(p, n);
	if (HAS(cfg, THREAT))
		p->threat = cfg->adapt.threat;
	if (HAS(cfg, LOAD))
		p->load = cfg->adapt.load;
	if (HAS(cfg, BUDGET))
		p->budget = cfg->adapt.budget;
	if (HAS(cfg, PERIOD))
		p->period = cfg->adapt.period;
	if (HAS(cfg, EPOCH))
		p->epoch_ms = cfg->adapt.epoch_ms;
	if (HAS(cfg, CALM))
		p->calm = cfg->adapt.calm;
	return rtpl_adapt_check(p, why);
}

/**
 * rtpl_adapt_merge() - apply a request's profile or policy to existing settings
 * @now: settings, changed
 * @cfg: settings that were given
 *
 * A profile replaces a policy, and a policy replaces a profile.
 *
 * Context: any; the caller owns both.
 */
void rtpl_adapt_merge(struct rtpl_shape_config *now, const struct rtpl_shape_config *cfg)
{
	if (HAS(cfg, PROFILE)) {
		memcpy(now->profile, cfg->profile, sizeof(now->profile));
		now->has &= ~(RTPL_SHAPE_HAS(POLICY) | RTPL_ADAPT_SETTINGS);
	}
	if (HAS(cfg, POLICY) && cfg->policy[0]) {
		memcpy(now->policy, cfg->policy, sizeof(now->policy));
		now->has &= ~RTPL_SHAPE_HAS(PROFILE);
		now->has |= RTPL_SHAPE_HAS(POLICY);
	} else if (HAS(cfg, POLICY)) {
		now->has &= ~(RTPL_SHAPE_HAS(POLICY) | RTPL_ADAPT_SETTINGS);
	}
	if (HAS(cfg, THREAT))
		now->adapt.threat = cfg->adapt.threat;
	if (HAS(cfg, LOAD))
		now->adapt.load = cfg->adapt.load;
	if (HAS(cfg, BUDGET))
		now->adapt.budget = cfg->adapt.budget;
	if (HAS(cfg, PERIOD))
		now->adapt.period = cfg->adapt.period;
	if (HAS(cfg, EPOCH))
		now->adapt.epoch_ms = cfg->adapt.epoch_ms;
	if (HAS(cfg, CALM))
		now->adapt.calm = cfg->adapt.calm;
	now->has |= cfg->has & (RTPL_SHAPE_HAS(PROFILE) | RTPL_ADAPT_SETTINGS);
	/* Keep only one of the two; a request with both has a profile without a name. */
	if (HAS(now, POLICY))
		now->has &= ~RTPL_SHAPE_HAS(PROFILE);
}

/* ---- running ---- */

/* What the link has sent so far. */
static void rtpl_adapt_totals(struct rtpl_link *link, u64 *data, u64 *extra)
{
	spin_lock_bh(&link->tx_lock);
	*data = link->tx_stats.bytes;
	*extra = link->tx_stats.pad_bytes + link->tx_stats.chaff_bytes;
	spin_unlock_bh(&link->tx_lock);
}

/* Arm the timer for the end of the current epoch, or stop it. rn->lock. */
static void rtpl_adapt_arm(struct rtpl_peer_adapt *pol)
{
	u64 next = pol->in_force.n ? rtpl_adapt_next(&pol->in_force, &pol->state) : U64_MAX;

	if (next <= KTIME_MAX)
		hrtimer_start(&pol->timer, ns_to_ktime(next), HRTIMER_MODE_ABS_SOFT);
	else
		hrtimer_cancel(&pol->timer);
}

/* Identifies the list in which a level counts, never 0. Equal hashes mean equal lists here. */
static u32 rtpl_adapt_list(const char *names)
{
	return jhash(names, strlen(names), 0) | 1;
}

/**
 * rtpl_adapt_follow() - begin, continue or end a peer's policy by its settings
 * @peer: peer
 *
 * Arms the timer for the end of the epoch, or cancels it.
 *
 * Context: process, rn->lock held. Takes tx_lock.
 * Return: the level at which the link is to be.
 */
u8 rtpl_adapt_follow(struct rtpl_peer *peer)
{
	struct rtpl_peer_adapt *pol = &peer->adapt;
	u32 list = rtpl_adapt_list(peer->shape.policy);
	u64 data, extra, now, steps;
	struct rtpl_adapt p;
	const char *why;

	lockdep_assert_held(&peer->owner.rn->lock);
	/* It was checked when it was set. */
	if (WARN_ON_ONCE(rtpl_adapt_of(&peer->shape, &p, &why)))
		return pol->state.level;

	now = ktime_get_ns();
	rtpl_adapt_totals(&peer->link, &data, &extra);
	if (p.n && p.n == pol->in_force.n && list == pol->list) {
		steps = pol->state.steps_up + pol->state.steps_down;
		rtpl_adapt_change(&p, &pol->in_force, &pol->state, now, data, extra);
		pol->news |= steps != pol->state.steps_up + pol->state.steps_down;
	} else if (p.n) {
		pol->news = false;	/* whoever set the list knows */
		pol->list = list;
		rtpl_adapt_start(&p, &pol->state, now, data, extra);
	}
	pol->in_force = p;
	rtpl_adapt_arm(pol);
	return pol->state.level;
}

/**
 * rtpl_adapt_done() - report whether the level of rtpl_adapt_follow() came into force
 * @peer: peer
 * @ok: that level's profile is in force; otherwise the link goes on as before, and the end of the
 *	next epoch tries again
 *
 * Tells listeners of a step that is in force and was not reported yet.
 *
 * Context: process, rn->lock held.
 */
void rtpl_adapt_done(struct rtpl_peer *peer, bool ok)
{
	struct rtpl_peer_adapt *pol = &peer->adapt;
	char name[RTPL_PROFILE_NAME_MAX];

	pol->stale = !ok;
	if (!ok || !pol->in_force.n || !pol->news)
		return;
	pol->news = false;
	rtpl_adapt_name(peer->shape.policy, pol->state.level, name);
	rtpl_event_policy(&peer->owner, pol->state.level, name);
}

static void rtpl_adapt_work(struct work_struct *work)
{
	struct rtpl_peer *peer = container_of(work, struct rtpl_peer, adapt.work);
	struct rtpl_peer_adapt *pol = &peer->adapt;
	struct rtpl_net *rn = peer->owner.rn;
	u64 data, extra;
	u8 was;

	mutex_lock(&rn->lock);
	if (!peer->dead && pol->in_force.n) {
		rtpl_adapt_totals(&peer->link, &data, &extra);
		was = pol->state.level;
		pol->news |= rtpl_adapt_epoch(&pol->in_force, &pol->state, ktime_get_ns(), data,
					      extra) != was;
		/* A step that failed (memory) is tried again. */
		if (pol->news || pol->stale)
			rtpl_peer_reshape(peer);
		rtpl_adapt_arm(pol);
	}
	mutex_unlock(&rn->lock);
	rtpl_peer_put(peer);
}

static enum hrtimer_restart rtpl_adapt_tick(struct hrtimer *timer)
{
	struct rtpl_peer *peer = container_of(timer, struct rtpl_peer, adapt.timer);

	if (rtpl_peer_get(peer) &&
	    !queue_work(rtpl_adapt_wq_of(peer->owner.rn), &peer->adapt.work))
		rtpl_peer_put(peer);
	return HRTIMER_NORESTART;
}

/* ---- life ---- */

/**
 * rtpl_adapt_init() - prepare a peer's policy; none runs yet
 * @peer: peer, zeroed
 *
 * Context: process.
 */
void rtpl_adapt_init(struct rtpl_peer *peer)
{
	INIT_WORK(&peer->adapt.work, rtpl_adapt_work);
	rtpl_compat_hrtimer_setup(&peer->adapt.timer, rtpl_adapt_tick, CLOCK_MONOTONIC,
				  HRTIMER_MODE_ABS_SOFT);
}

/**
 * rtpl_adapt_stop() - let no more steps happen
 * @peer: peer that is marked dead
 *
 * Its work may still be queued: it checks dead, arms nothing, and drops its reference.
 *
 * Context: process, rn->lock held, so that no work is between checking dead and arming the timer.
 * Waits for the timer's callback.
 */
void rtpl_adapt_stop(struct rtpl_peer *peer)
{
	lockdep_assert_held(&peer->owner.rn->lock);
	/* Under the lock no work is between checking dead and arming the timer. */
	hrtimer_cancel(&peer->adapt.timer);
}

/**
 * rtpl_adapt_module_init() - make the workqueues of policies
 *
 * Each runs one work at a time: each is short, and they wait for the same locks.
 *
 * Context: process, module init.
 * Return: 0 or -ENOMEM.
 */
int __init rtpl_adapt_module_init(void)
{
	rtpl_adapt_wq[0] = alloc_workqueue("rtpl-adapt", WQ_UNBOUND | WQ_FREEZABLE, 1);
	if (!rtpl_adapt_wq[0])
		return -ENOMEM;
	rtpl_adapt_wq[1] = alloc_workqueue("rtpl-adapt-user", WQ_UNBOUND | WQ_FREEZABLE, 1);
	if (rtpl_adapt_wq[1])
		return 0;
	destroy_workqueue(rtpl_adapt_wq[0]);
	return -ENOMEM;
}

/**
 * rtpl_adapt_module_exit() - free the workqueues of policies
 *
 * Context: process, module exit; no node is left.
 */
void rtpl_adapt_module_exit(void)
{
	destroy_workqueue(rtpl_adapt_wq[1]);
	destroy_workqueue(rtpl_adapt_wq[0]);
}

/**
 * rtpl_adapt_flush() - wait for the works that are queued now
 * @rn: node; those of all nodes of its kind are waited for
 *
 * Context: process. Sleeps. The works take rn->lock, so no rn->lock may be held.
 */
void rtpl_adapt_flush(struct rtpl_net *rn)
{
	flush_workqueue(rtpl_adapt_wq_of(rn));
}
