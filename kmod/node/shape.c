// SPDX-License-Identifier: GPL-2.0
/*
 * Which shape is in force on a peer's link: the default, overridden by the qdisc's settings,
 * overridden by the peer's own, with a profile or a policy in either of these.
 */
#include "link/link.h"
#include "node/profile_store.h"
#include "node/node.h"
#include "session/session.h"
#include "transport/transport.h"

/**
 * rtpl_shape_overlay() - apply the shape's own settings to a shape
 * @shape: shape, changed
 * @over: settings; profile, policy and role are ignored
 *
 * Context: any.
 */
void rtpl_shape_overlay(struct rtpl_shape *shape, const struct rtpl_shape_config *over)
{
	const struct rtpl_shape *from = &over->shape;
	u32 has = over->has;

	if (has & RTPL_SHAPE_HAS(SIZES))
		shape->sizes = from->sizes;
	if (has & RTPL_SHAPE_HAS(CELL))
		shape->cell = from->cell;
	if (has & RTPL_SHAPE_HAS(BUCKETS)) {
		shape->n_buckets = from->n_buckets;
		memcpy(shape->bucket, from->bucket, sizeof(shape->bucket));
	}
	if (has & RTPL_SHAPE_HAS(SCHED))
		shape->sched = from->sched;
	if (has & RTPL_SHAPE_HAS(RATE))
		shape->rate = from->rate;
	if (has & RTPL_SHAPE_HAS(LATENCY))
		shape->latency_ns = from->latency_ns;
	if (has & RTPL_SHAPE_HAS(LIMIT))
		shape->limit = from->limit;
	if (has & RTPL_SHAPE_HAS(OVERFLOW))
		shape->overflow = from->overflow;
}

/* What is in force on a link, as all settings together have it. */
struct rtpl_in_force {
	struct rtpl_shape shape;
	struct rtpl_profile_entry *profile;	/* a reference, or NULL */
	u8 role;				/* enum rtpl_end */
	u32 has;				/* settings above the profile */
};

static void rtpl_in_force_end(struct rtpl_in_force *now)
{
	rtpl_profile_store_put(now->profile);
	now->profile = NULL;
}

/*
 * Apply @over to @now: its profile, or its policy's profile at @level, and then its other settings.
 * Return: 0 or -errno.
 */
static int rtpl_in_force_add(struct rtpl_net *rn, struct rtpl_in_force *now,
			     const struct rtpl_shape_config *over, u8 level, const char **why)
{
	bool policy = over->has & RTPL_SHAPE_HAS(POLICY) && over->policy[0];
	struct rtpl_shape *shape = &now->shape;
	char name[RTPL_PROFILE_NAME_MAX];
	u32 has = over->has;

	if (has & RTPL_SHAPE_HAS(PROFILE) || policy) {
		rtpl_in_force_end(now);
		now->has = 0;
		rtpl_shape_default(shape);
		if (policy)
			rtpl_adapt_name(over->policy, level, name);
		else
			strscpy(name, over->profile, sizeof(name));
		if (name[0]) {
			struct rtpl_profile_entry *entry = rtpl_profile_store_get(rn, name);

			if (IS_ERR(entry)) {
				*why = PTR_ERR(entry) != -ENOENT ?
					"There is no memory for the profile." :
				       policy ? "The policy names a profile that is not there." :
						"There is no profile of that name.";
				return PTR_ERR(entry);
			}
			now->profile = entry;
			*shape = entry->profile.shape;
			now->has |= RTPL_SHAPE_HAS(LATENCY);
		}
	}
	now->has |= has;
	if (has & RTPL_SHAPE_HAS(ROLE))
		now->role = over->role;
	rtpl_shape_overlay(shape, over);
	return 0;
}

/*
 * Start with the default, and apply @low, then @high, which may have a policy at @level. Then check
 * whether the result can be kept. rn->lock. Return: 0 and a reference in @now; or -errno and none.
 */
static int rtpl_in_force_get(struct rtpl_net *rn, struct rtpl_in_force *now,
			     const struct rtpl_shape_config *low,
			     const struct rtpl_shape_config *high, u8 level, u32 cell_max,
			     const char **why)
{
	int err = 0;

	*now = (struct rtpl_in_force){ .role = RTPL_END_CLIENT };
	rtpl_shape_default(&now->shape);
	if (low)
		err = rtpl_in_force_add(rn, now, low, 0, why);
	if (!err && high)
		err = rtpl_in_force_add(rn, now, high, level, why);
	/* A fixed schedule without a given latency budget gets the usual one. */
	if (now->shape.sched == RTPL_SCHEDULE_CONST && !now->shape.latency_ns &&
	    !(now->has & RTPL_SHAPE_HAS(LATENCY)))
		now->shape.latency_ns = RTPL_SHAPE_LATENCY_DEFAULT;
	if (!err)
		err = rtpl_shape_check(&now->shape, cell_max, why);
	if (!err && now->profile)
		err = rtpl_profile_check_shape(&now->profile->profile, now->role, &now->shape,
					       cell_max, why);
	if (err)
		rtpl_in_force_end(now);
	return err;
}

/* Check at each of @levels. Return: 0 or -errno. */
static int rtpl_in_force_check(struct rtpl_net *rn, const struct rtpl_shape_config *low,
			       const struct rtpl_shape_config *high, u8 levels, u32 cell_max,
			       const char **why)
{
	struct rtpl_in_force now;
	int err = 0;
	u8 level;

	for (level = 0; !err && level < levels; level++) {
		err = rtpl_in_force_get(rn, &now, low, high, level, cell_max, why);
		if (!err)
			rtpl_in_force_end(&now);
	}
	return err;
}

/**
 * rtpl_shape_would_hold() - can these settings be kept?
 * @rn: node
 * @cfg: a peer's (or a qdisc's) settings
 * @ep: the endpoint, whose route bounds the cell; NULL: not known
 * @why: set to a sentence that names the setting
 *
 * Context: process, rn->lock held. With @ep a route is looked up.
 * Return: 0, or an error of rtpl_adapt_check(), rtpl_shape_check(), rtpl_sched_check() or
 * rtpl_profile_store_get().
 */
int rtpl_shape_would_hold(struct rtpl_net *rn, const struct rtpl_shape_config *cfg,
			  const struct rtpl_endpoint *ep, const char **why)
{
	struct rtpl_adapt policy = {};
	u32 cell_max = 0;
	int err = 0;

	if (cfg)
		err = rtpl_adapt_of(cfg, &policy, why);
	if (err)
		return err;
	/* The caller refuses an endpoint that cannot be routed. */
	if (ep && ep->sa.sa_family && rtpl_transport_probe(rn, ep, &cell_max))
		cell_max = 0;
	err = rtpl_in_force_check(rn, &rn->qdisc_shape, cfg, policy.n ?: 1, cell_max, why);
	if (err || !cfg)
		return err;
	/* The qdisc may change or go: the settings must also work without its settings. */
	return rtpl_in_force_check(rn, NULL, cfg, policy.n ?: 1, cell_max, why);
}

/*
 * Work out what is in force for @peer, with its policy, if it has one, at @level. If the qdisc's
 * defaults and the peer's settings are valid by themselves but contradict each other, only the
 * peer's count. If either are invalid (a profile was replaced by one that does not fit them), fail.
 * rn->lock.
 */
static int rtpl_peer_in_force(struct rtpl_peer *peer, struct rtpl_in_force *now, u8 level,
			      const char **why)
{
	struct rtpl_net *rn = peer->owner.rn;
	const char *other;

	if (!rtpl_in_force_get(rn, now, &rn->qdisc_shape, &peer->shape, level, 0, why))
		return 0;
	if (rtpl_in_force_get(rn, now, &rn->qdisc_shape, NULL, 0, 0, &other))
		return -EINVAL;
	rtpl_in_force_end(now);
	return rtpl_in_force_get(rn, now, NULL, &peer->shape, level, 0, why);
}

/**
 * rtpl_peer_try_shape() - would rtpl_peer_reshape() succeed, at each level of a policy?
 * @peer: peer
 * @why: on an error, set to a sentence that names the setting
 *
 * Context: process, rn->lock held. May sleep.
 * Return: 0 or -errno.
 */
int rtpl_peer_try_shape(struct rtpl_peer *peer, const char **why)
{
	struct rtpl_in_force now;
	struct rtpl_adapt p;
	u8 level = 0;
	int err;

	err = rtpl_adapt_of(&peer->shape, &p, why);
	while (!err && level < (p.n ?: 1)) {
		err = rtpl_peer_in_force(peer, &now, level++, why);
		if (!err)
			rtpl_in_force_end(&now);
	}
	return err;
}

/**
 * rtpl_peer_reshape() - work out the shape in force, and apply it
 * @peer: peer
 *
 * Follows the peer's policy, and reports a step of it. If no shape can be worked out, the link
 * keeps its shape.
 *
 * Context: process, rn->lock held.
 */
void rtpl_peer_reshape(struct rtpl_peer *peer)
{
	const struct rtpl_profile *old;
	struct rtpl_in_force now;
	const char *why;
	u8 level;

	level = rtpl_adapt_follow(peer);
	if (rtpl_peer_in_force(peer, &now, level, &why)) {
		pr_warn_ratelimited("peer %u keeps its shape: %s\n", peer->owner.id, why);
		rtpl_adapt_done(peer, false);
		return;
	}
	old = rtpl_tx_reshape(&peer->link, &now.shape, now.profile ? &now.profile->profile : NULL,
			      now.role, peer->adapt.in_force.n);
	rtpl_profile_store_put(rtpl_profile_store_entry(old));
	rtpl_timers_config(&peer->link.session);
	rtpl_adapt_done(peer, true);
}

/**
 * rtpl_peer_start() - start the link of a peer that was configured
 * @peer: peer, in the tables
 *
 * Fixed schedules ask for keys by themselves.
 *
 * Context: process, rn->lock held. May sleep.
 */
void rtpl_peer_start(struct rtpl_peer *peer)
{
	rtpl_peer_reshape(peer);
	rtpl_timers_start(&peer->link.session);
}
