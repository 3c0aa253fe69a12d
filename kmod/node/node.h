/* SPDX-License-Identifier: GPL-2.0 */
/**
 * DOC: the room node
 *
 * Configuration: peers, their settings and names, profiles, adaptive policies. Other rooms use this
 * header (peers, shapes), node/config.h (changes as typed values), node/profile_store.h, and
 * node/change.h (events of changes). node/config_parts.h and node/profiles.h are private to the
 * room.
 *
 * Locks: rn->lock (mutex) protects all configuration of a node: key, port, peers, prefixes,
 * profiles, the state of policies. The leakguard's lock and RTNL are outside it, those of sessions
 * and links inside. The tables of peers (by key, by id, by address) are written under it and read
 * under RCU.
 *
 * Contexts: process, for netlink, tc and the works of policies. Peers are looked up for packets and
 * handshakes under RCU. A policy's hrtimer only queues its work.
 */
#ifndef RTPL_NODE_H
#define RTPL_NODE_H

#include "link/link.h"

/* A name for people. */
struct rtpl_peer_name {
	struct rcu_head rcu;
	char text[RTPL_NAME_MAX];
};

/* The configuration of another node, and the link to it. */
struct rtpl_peer {
	struct rtpl_owner owner;	/* must be first: the tables have owners */
	u8 public_key[32];		/* never changes */
	struct hlist_node key_hash;	/* rn->by_key, RCU */
	struct hlist_node removed;	/* list of peers that rtpl_peer_remove_all() removes */

	/* configuration, rn->lock; read elsewhere by READ_ONCE */
	struct rtpl_prefix *prefixes;
	u32 n_prefixes;
	struct rtpl_peer_name __rcu *name;	/* or NULL */
	struct rtpl_shape_config shape;

	struct rtpl_peer_adapt {	/* adapt.c; rn->lock, except timer and work */
		struct rtpl_adapt in_force;	/* n 0: none */
		u32 list;		/* hash of the list to which state belongs; 0: never any */
		bool news;		/* a step that was not reported yet */
		bool stale;		/* the last step's profile could not be put into force */
		struct rtpl_adapt_state state;
		struct hrtimer timer;		/* end of the epoch; queues the work */
		struct work_struct work;	/* holds a reference while queued */
	} adapt;

	struct rtpl_link link;

	bool dead;			/* removed from all tables (rn->lock to set) */
	struct kref kref;		/* memory; the last put frees by RCU */
	struct rcu_head rcu;
};

/* Owners in tables are peers, see rtpl_peer_of(). */
static_assert(!offsetof(struct rtpl_peer, owner));

/**
 * rtpl_peer_of() - the peer that an owner is
 * @owner: owner, not NULL
 *
 * Context: any.
 * Return: the peer.
 */
static inline struct rtpl_peer *rtpl_peer_of(struct rtpl_owner *owner)
{
	return container_of(owner, struct rtpl_peer, owner);
}

/**
 * rtpl_peer_get() - take a reference to a peer
 * @peer: peer that the caller found under RCU, or holds
 *
 * Context: any.
 * Return: false if the last reference is gone, and none was taken.
 */
static inline bool rtpl_peer_get(struct rtpl_peer *peer)
{
	return rtpl_owner_get(&peer->owner);
}

/**
 * rtpl_peer_put() - drop a reference to a peer
 * @peer: peer; the last one frees it, by RCU
 *
 * Context: any.
 */
static inline void rtpl_peer_put(struct rtpl_peer *peer)
{
	rtpl_owner_put(&peer->owner);
}

/* What main.c registers with the room session; session/session.h says who calls it. */
extern const struct rtpl_session_table rtpl_peer_table;

/* ---- peer.c ---- */

struct rtpl_peer *rtpl_peer_create(struct rtpl_net *rn, const u8 public_key[32]);
int rtpl_peer_insert(struct rtpl_peer *peer);
void rtpl_peer_remove(struct rtpl_peer *peer);
void rtpl_peer_remove_all(struct rtpl_net *rn);
size_t rtpl_peer_memory(struct rtpl_peer *peer);
void rtpl_peer_free(struct kref *kref);
struct rtpl_peer *rtpl_peer_by_key(struct rtpl_net *rn, const u8 public_key[32]);
struct rtpl_peer *rtpl_peer_by_id(struct rtpl_net *rn, u32 id);

/* ---- shape.c ---- */

void rtpl_shape_overlay(struct rtpl_shape *shape, const struct rtpl_shape_config *over);
int rtpl_shape_would_hold(struct rtpl_net *rn, const struct rtpl_shape_config *cfg,
			  const struct rtpl_endpoint *ep, const char **why);
int rtpl_peer_try_shape(struct rtpl_peer *peer, const char **why);
void rtpl_peer_reshape(struct rtpl_peer *peer);
void rtpl_peer_start(struct rtpl_peer *peer);

/* ---- adapt.c ---- */

int rtpl_adapt_of(const struct rtpl_shape_config *cfg, struct rtpl_adapt *p, const char **why);
void rtpl_adapt_name(const char *names, u8 level, char name[RTPL_PROFILE_NAME_MAX]);
bool rtpl_adapt_has(const struct rtpl_shape_config *cfg, const char *name);
void rtpl_adapt_merge(struct rtpl_shape_config *now, const struct rtpl_shape_config *cfg);
void rtpl_adapt_init(struct rtpl_peer *peer);
u8 rtpl_adapt_follow(struct rtpl_peer *peer);
void rtpl_adapt_done(struct rtpl_peer *peer, bool ok);
int rtpl_adapt_module_init(void);
void rtpl_adapt_module_exit(void);
void rtpl_adapt_flush(struct rtpl_net *rn);
void rtpl_adapt_stop(struct rtpl_peer *peer);

/* ---- config.c, config_node.c ---- */

/* Follows a device to which sockets are bound: it came, went or was renamed. */
extern struct notifier_block rtpl_bind_nb;

/**
 * rtpl_extack_text() - set a sentence in an answer that is only known at run time
 * @extack: the answer's; NULL is allowed
 * @text: static string; NULL is allowed
 *
 * Context: process.
 */
static inline void rtpl_extack_text(struct netlink_ext_ack *extack, const char *text)
{
	if (extack && text)
		extack->_msg = text;
}

void rtpl_config_peer_forget(struct rtpl_peer *peer);

#endif /* RTPL_NODE_H */
