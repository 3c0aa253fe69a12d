/* SPDX-License-Identifier: GPL-2.0 */
/* The room of configuration: peers, their settings and names, profiles, adaptive policies. */
#ifndef RTPL_NODE_H
#define RTPL_NODE_H

#include "link/link.h"

/* What people call a peer. */
struct rtpl_peer_name {
	struct rcu_head rcu;
	char text[RTPL_NAME_MAX];
};

/* What is configured of another node, and the link to it. */
struct rtpl_peer {
	struct rtpl_owner owner;	/* the first: what the tables have */
	u8 public_key[32];		/* never changes */
	struct hlist_node key_hash;	/* rn->by_key, RCU */
	struct hlist_node removed;	/* on the way out, rtpl_peer_remove_all() */

	/* configuration, rn->lock; read elsewhere by READ_ONCE */
	struct rtpl_prefix *prefixes;
	u32 n_prefixes;
	struct rtpl_peer_name __rcu *name;	/* or NULL */
	struct rtpl_shape_config shape;

	struct rtpl_peer_adapt {	/* adapt.c; rn->lock, but for timer and work */
		struct rtpl_adapt in_force;	/* n 0: none */
		u32 list;		/* hash of the names that state is of; 0: never any */
		bool news;		/* a step that nobody was told of */
		bool stale;		/* the last step's profile could not be put in force */
		struct rtpl_adapt_state state;
		struct hrtimer timer;		/* end of the epoch; queues the work */
		struct work_struct work;	/* holds a reference while queued */
	} adapt;

	struct rtpl_link link;

	bool dead;			/* removed from all tables (rn->lock to set) */
	struct kref kref;		/* memory; the last put frees by RCU */
	struct rcu_head rcu;
};

/* Tables that have owners have peers. */
static_assert(!offsetof(struct rtpl_peer, owner));

/* The peer that an owner is. */
static inline struct rtpl_peer *rtpl_peer_of(struct rtpl_owner *owner)
{
	return container_of(owner, struct rtpl_peer, owner);
}

static inline bool rtpl_peer_get(struct rtpl_peer *peer)
{
	return rtpl_owner_get(&peer->owner);
}

static inline void rtpl_peer_put(struct rtpl_peer *peer)
{
	rtpl_owner_put(&peer->owner);
}

/* What main.c registers with the room session. */
extern const struct rtpl_session_table rtpl_peer_table;

/* ---- peer.c ---- */

/**
 * rtpl_peer_create() - a peer that is in no table yet
 * Context: process, rn->lock held. Return: peer with one reference, or ERR_PTR.
 */
struct rtpl_peer *rtpl_peer_create(struct rtpl_net *rn, const u8 public_key[32]);
/* Enter the tables (by key, id). rn->lock. Return 0, -EEXIST, -ENOSPC, -ENOMEM. */
int rtpl_peer_insert(struct rtpl_peer *peer);
/*
 * Take out of all tables, stop timers, works and the link, drop keys and the
 * reference of the tables. rn->lock held; sleeps; waits for a grace period
 * unless @batch (then the caller calls rtpl_peer_remove_finish() for all).
 */
void rtpl_peer_remove(struct rtpl_peer *peer);
void rtpl_peer_remove_all(struct rtpl_net *rn);

/* Bytes that it holds now, for RTPL_STAT_A_MEMORY. Process. */
size_t rtpl_peer_memory(struct rtpl_peer *peer);
/* The last reference is given back. Any context. */
void rtpl_peer_free(struct kref *kref);

/* By key; RCU read side (or rn->lock). No reference is taken. */
struct rtpl_peer *rtpl_peer_by_key(struct rtpl_net *rn, const u8 public_key[32]);
/* By id; RCU read side. */
struct rtpl_peer *rtpl_peer_by_id(struct rtpl_net *rn, u32 id);

/* ---- shape.c ---- */

/* What @over sets of the shape alone, over @shape. */
void rtpl_shape_overlay(struct rtpl_shape *shape, const struct rtpl_shape_config *over);
/*
 * Would these settings be kept? @why names the one that would not. The namespace's largest cell
 * is known from the route to @ep; NULL: not looked at. rn->lock.
 */
int rtpl_shape_would_hold(struct rtpl_net *rn, const struct rtpl_shape_config *cfg,
			  const struct rtpl_endpoint *ep, const char **why);
/* Could rtpl_peer_reshape() work a shape out, at each level of a policy? rn->lock. */
int rtpl_peer_try_shape(struct rtpl_peer *peer, const char **why);
/* Settings or MTU changed: work out what is in force, and use it. Process context, rn->lock. */
void rtpl_peer_reshape(struct rtpl_peer *peer);
/* Start (configured and a node key is there); fixed schedules begin. rn->lock. */
void rtpl_peer_start(struct rtpl_peer *peer);

/* ---- adapt.c ---- */

/* The policy that @cfg has, n 0 for none. Return: 0, or -errno and @why names the setting. */
int rtpl_adapt_of(const struct rtpl_shape_config *cfg, struct rtpl_adapt *p, const char **why);
/* The name at place @level of a policy's list; "" if there is none. */
void rtpl_adapt_name(const char *names, u8 level, char name[RTPL_PROFILE_NAME_MAX]);
/* Is @name in @cfg's policy? */
bool rtpl_adapt_has(const struct rtpl_shape_config *cfg, const char *name);
/* @now, with what @cfg gives of profile and policy: one takes the other's place. */
void rtpl_adapt_merge(struct rtpl_shape_config *now, const struct rtpl_shape_config *cfg);
void rtpl_adapt_init(struct rtpl_peer *peer);
/* The peer's settings may have changed: begin, go on or end. rn->lock. Return: the level. */
u8 rtpl_adapt_follow(struct rtpl_peer *peer);
/*
 * That level's profile is in force (@ok), and listeners are told if it is news; or the link
 * goes on as it was, until the next epoch tries again. rn->lock.
 */
void rtpl_adapt_done(struct rtpl_peer *peer, bool ok);
int rtpl_adapt_module_init(void);
void rtpl_adapt_module_exit(void);
/* Works that were queued are done. Sleeps; takes each rn->lock. */
void rtpl_adapt_flush(void);
/* The peer is dead: no step any more. rn->lock. */
void rtpl_adapt_stop(struct rtpl_peer *peer);

/* ---- config.c, config_node.c ---- */

/* A device that sockets are bound to came, went or has another name. */
extern struct notifier_block rtpl_bind_nb;

/* A sentence that is only known at run time; must be a static string. */
static inline void rtpl_extack_text(struct netlink_ext_ack *extack, const char *text)
{
	if (extack && text)
		extack->_msg = text;
}

/*
 * Take the peer's prefixes out of rn->prefixes, free its list, give the module
 * reference of a required peer back. For rtpl_peer_remove(), before the grace
 * period that it waits for: afterwards nobody finds the peer by an address.
 * Idempotent. rn->lock.
 */
void rtpl_config_peer_forget(struct rtpl_peer *peer);

#endif /* RTPL_NODE_H */
