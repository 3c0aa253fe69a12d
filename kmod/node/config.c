// SPDX-License-Identifier: GPL-2.0
/*
 * Changes of configuration, each made completely or not at all: everything is checked and allocated
 * first; then, with rn->lock held throughout, steps that cannot fail swap it in. A refused request
 * leaves no trace but a sentence.
 *
 * While it is configured, a required peer holds two things: one rtpl_leakguard_hold(), and a
 * reference to the module, so that the module cannot be unloaded and let the peer's traffic leave
 * in clear. The leakguard takes RTNL, which is outside rn->lock; so the leakguard is held before
 * the lock is taken, and released after the lock is dropped, by the difference that the change
 * made.
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <net/dst_cache.h>
#include <net/netlink.h>

#include "leakguard/leakguard.h"
#include "link/link.h"
#include "node/change.h"
#include "node/config_parts.h"
#include "node/node.h"
#include "session/session.h"

/**
 * rtpl_key_name() - first characters of a public key in base64, to name a peer
 * @name: set to them
 * @key: public key, RTPL_KEY_LEN bytes
 *
 * Context: any.
 * Return: @name.
 */
const char *rtpl_key_name(char name[RTPL_KEY_NAME], const u8 key[RTPL_KEY_LEN])
{
	static const char digit[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	unsigned int i;

	for (i = 0; i < RTPL_KEY_NAME - 1; i++) {
		unsigned int bit = i * 6;
		u16 pair = key[bit / 8] << 8 | key[bit / 8 + 1];

		name[i] = digit[pair >> (10 - bit % 8) & 63];
	}
	name[i] = 0;
	return name;
}

/**
 * rtpl_refuse() - say why a request is refused
 * @req: the request
 * @attr: the attribute that is wrong, or NULL
 * @err: negative error
 * @fmt: a sentence; it must not quote secrets
 *
 * Context: process.
 * Return: @err.
 */
int rtpl_refuse(struct rtpl_request *req, const struct nlattr *attr, int err,
		const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vscnprintf(req->text, sizeof(req->text), fmt, args);
	va_end(args);
	req->extack->_msg = req->text;
	req->extack->bad_attr = attr;
	return err;
}

/**
 * rtpl_config_changed() - count a change of the configuration
 * @rn: node
 *
 * A dump that is under way then reports that it is inconsistent.
 *
 * Context: process, rn->lock held.
 */
void rtpl_config_changed(struct rtpl_net *rn)
{
	lockdep_assert_held(&rn->lock);
	/* 0 would read as "no sequence" in nl_dump_check_consistent(). */
	if (!++rn->generation)
		rn->generation = 1;
}

/* ---- require ---- */

/* Takes over a module reference and a hold of the leakguard for the peer. */
static void rtpl_config_require(struct rtpl_peer *peer)
{
	struct rtpl_net *rn = peer->owner.rn;

	WRITE_ONCE(peer->owner.require, true);
	WRITE_ONCE(rn->n_require, rn->n_require + 1);
}

/* The caller must release the hold of the leakguard, without rn->lock. */
static void rtpl_config_unrequire(struct rtpl_peer *peer)
{
	struct rtpl_net *rn = peer->owner.rn;

	WRITE_ONCE(peer->owner.require, false);
	WRITE_ONCE(rn->n_require, rn->n_require - 1);
	module_put(THIS_MODULE);
}

static int rtpl_config_hold_leakguard(struct rtpl_net *rn, const struct rtpl_peer_config *cfg,
				      struct rtpl_request *req)
{
	struct nlattr *attr = cfg->attr[RTPL_PEER_A_REQUIRE];
	int err = rtpl_leakguard_hold(rn);

	if (err == -EOPNOTSUPP)
		return rtpl_refuse(req, attr, err,
				   "this kernel cannot require protection: it lacks NETFILTER_EGRESS");
	if (err)
		return rtpl_refuse(req, attr, err, "the leakguard could not be set up (error %d)",
				   -err);
	return 0;
}

static int rtpl_config_hold_module(const struct rtpl_peer_config *cfg,
				   struct rtpl_request *req)
{
	if (try_module_get(THIS_MODULE))
		return 0;
	return rtpl_refuse(req, cfg->attr[RTPL_PEER_A_REQUIRE], -ENODEV,
			   "the module is being unloaded");
}

/**
 * rtpl_config_peer_forget() - make a peer that is removed unreachable by address
 * @peer: peer
 *
 * Removes its prefixes from rn->prefixes, frees its list, and drops a required peer's reference to
 * the module. rtpl_peer_remove() calls this before its grace period. The caller must release the
 * leakguard's hold, without rn->lock. A second call does nothing.
 *
 * Context: process, rn->lock held.
 */
void rtpl_config_peer_forget(struct rtpl_peer *peer)
{
	struct rtpl_peer_config none = {};
	struct rtpl_lpm_pool pool = {};

	lockdep_assert_held(&peer->owner.rn->lock);
	rtpl_config_swap_prefixes(peer, &none, &pool, NULL);
	kvfree(none.prefixes);
	rtpl_config_free_pool(&pool);
	if (peer->owner.require)
		rtpl_config_unrequire(peer);
}

static void rtpl_config_set_endpoint(struct rtpl_peer *peer, const struct rtpl_endpoint *ep)
{
	write_lock_bh(&peer->link.path.lock);
	peer->link.path.endpoint = *ep;
	peer->link.path.configured = *ep;
	peer->link.path.mtu = 0;
	dst_cache_reset(&peer->link.path.dst_cache);
	write_unlock_bh(&peer->link.path.lock);
}

static void rtpl_config_get_endpoint(struct rtpl_peer *peer, struct rtpl_endpoint *ep)
{
	read_lock_bh(&peer->link.path.lock);
	*ep = peer->link.path.endpoint;
	read_unlock_bh(&peer->link.path.lock);
}

/* ---- adding, changing and removing peers ---- */

/* Set what no table shows yet, or what readers read one value at a time. */
static void rtpl_config_fill_peer(struct rtpl_peer *peer, struct rtpl_peer_config *cfg)
{
	struct rtpl_peer_name *old;

	if (cfg->has & RTPL_PEER_HAS(PSK))
		rtpl_handshake_set_psk(&peer->link.session, cfg->psk);
	if (cfg->has & RTPL_PEER_HAS(ENDPOINT))
		rtpl_config_set_endpoint(peer, &cfg->endpoint);
	if (cfg->has & RTPL_PEER_HAS(KEEPALIVE))
		WRITE_ONCE(peer->link.session.keepalive, cfg->keepalive);
	if (cfg->has & RTPL_PEER_HAS(DSCP))
		WRITE_ONCE(peer->link.path.dscp, cfg->dscp);
	if (cfg->has & RTPL_PEER_HAS(ECN))
		WRITE_ONCE(peer->link.path.ecn, cfg->ecn);
	if (cfg->has & RTPL_PEER_HAS(SHAPE))
		rtpl_config_merge_shape(&peer->shape, &cfg->shape);
	if (cfg->has & RTPL_PEER_HAS(NAME)) {
		old = rcu_replace_pointer(peer->name, cfg->new_name,
					  lockdep_is_held(&peer->owner.rn->lock));
		cfg->new_name = NULL;
		if (old)
			kfree_rcu(old, rcu);
	}
}

static int rtpl_config_add_locked(struct rtpl_net *rn, struct rtpl_peer_config *cfg,
				  bool require, struct rtpl_request *req)
{
	const struct rtpl_endpoint *ep = cfg->has & RTPL_PEER_HAS(ENDPOINT) ? &cfg->endpoint : NULL;
	struct nlattr *key_attr = cfg->attr[RTPL_PEER_A_PUBLIC_KEY];
	struct rtpl_change change = {};
	struct rtpl_lpm_pool pool = {};
	char name[RTPL_KEY_NAME];
	struct rtpl_peer *peer;
	u32 twin;
	int err;

	/* Check this first: no other sentence may quote a private key. */
	if (rtpl_config_is_own_private(rn, cfg->public_key))
		return rtpl_refuse(req, key_attr, -EINVAL,
				   "the public key is this node's private key");
	rtpl_key_name(name, cfg->public_key);
	if (rtpl_config_is_own_key(rn, cfg->public_key))
		return rtpl_refuse(req, key_attr, -EINVAL,
				   "key %s is this node's own: it cannot be its peer", name);
	if (rtpl_peer_by_key(rn, cfg->public_key))
		return rtpl_refuse(req, key_attr, -EEXIST, "peer %s is there already", name);
	if (rn->n_peers >= RTPL_PEERS_MAX)
		return rtpl_refuse(req, key_attr, -ENOSPC, "there are %u peers already",
				   RTPL_PEERS_MAX);
	if (ep) {
		err = rtpl_config_check_route(rn, cfg, req);
		if (err)
			return err;
	}
	err = rtpl_config_check_shape(rn, &cfg->shape, ep, cfg, req);
	if (err)
		return err;
	err = rtpl_config_find_twin(rn, cfg, &twin, req);
	if (err)
		return err;
	err = rtpl_config_plan_prefixes(rn, NULL, cfg, &pool, req);
	if (err)
		goto err_pool;
	if (require) {
		err = rtpl_config_hold_module(cfg, req);
		if (err)
			goto err_pool;
	}
	peer = rtpl_peer_create(rn, cfg->public_key);
	if (IS_ERR(peer)) {
		err = rtpl_refuse(req, key_attr, PTR_ERR(peer), "no memory for the peer");
		goto err_module;
	}
	peer->owner.require = false;
	peer->owner.twin = twin;
	rtpl_config_fill_peer(peer, cfg);
	err = rtpl_peer_insert(peer);
	if (err) {
		rtpl_refuse(req, key_attr, err, "no room for peer %s in the tables", name);
		goto err_peer;
	}

	/* Nothing fails from here on. Make it required before it can be found by address. */
	if (require)
		rtpl_config_require(peer);
	rtpl_config_swap_prefixes(peer, cfg, &pool, req);
	rtpl_config_changed(rn);
	rtpl_peer_start(peer);
	rtpl_change_begin(&change, req, peer, RTPL_EVENT_PEER_ADDED);
	rtpl_change_peer(&change, RTPL_EVENT_A_PEER_AFTER, cfg, RTPL_CHANGE_ALL);
	rtpl_change_end(&change);
	rtpl_config_free_pool(&pool);
	return 0;

err_peer:
	rtpl_peer_put(peer);
err_module:
	if (require)
		module_put(THIS_MODULE);
err_pool:
	rtpl_config_free_pool(&pool);
	return err;
}

/**
 * rtpl_config_peer_add() - add a peer
 * @rn: node
 * @cfg: its settings; its prefixes are taken on success
 * @req: gets the sentence if it is refused
 *
 * Context: process; takes RTNL and rn->lock. Sleeps.
 * Return: 0; -EEXIST (the key, or a prefix, belongs to another peer), or another error with a
 * sentence; on an error nothing has changed.
 */
int rtpl_config_peer_add(struct rtpl_net *rn, struct rtpl_peer_config *cfg,
			 struct rtpl_request *req)
{
	bool require = cfg->has & RTPL_PEER_HAS(REQUIRE) ? cfg->require : true;
	int err;

	err = rtpl_config_check_peer(cfg, req);
	if (err)
		return err;
	if (require) {
		err = rtpl_config_hold_leakguard(rn, cfg, req);
		if (err)
			return err;
	}
	mutex_lock(&rn->lock);
	err = rtpl_config_add_locked(rn, cfg, require, req);
	mutex_unlock(&rn->lock);
	if (err && require)
		rtpl_leakguard_release(rn);
	return err;
}

static struct rtpl_peer *rtpl_config_find(struct rtpl_net *rn,
					  const struct rtpl_peer_config *cfg,
					  struct rtpl_request *req)
{
	struct rtpl_peer *peer = rtpl_peer_by_key(rn, cfg->public_key);
	char name[RTPL_KEY_NAME];

	if (!peer)
		rtpl_refuse(req, cfg->attr[RTPL_PEER_A_PUBLIC_KEY], -ENOENT,
			    "there is no peer %s", rtpl_key_name(name, cfg->public_key));
	return peer;
}

/* @holds: number of the leakguard's holds for the peer, in and out. */
static int rtpl_config_set_locked(struct rtpl_net *rn, struct rtpl_peer_config *cfg,
				  int *holds, struct rtpl_request *req)
{
	struct rtpl_change change = {};
	struct rtpl_shape_config shape;
	struct rtpl_lpm_pool pool = {};
	struct rtpl_endpoint ep;
	struct rtpl_peer *peer;
	bool require;
	u32 twin;
	int err;

	peer = rtpl_config_find(rn, cfg, req);
	if (!peer)
		return -ENOENT;
	*holds += peer->owner.require;
	require = cfg->has & RTPL_PEER_HAS(REQUIRE) ? cfg->require : peer->owner.require;

	if (cfg->has & RTPL_PEER_HAS(ENDPOINT)) {
		err = rtpl_config_check_route(rn, cfg, req);
		if (err)
			goto out;
		ep = cfg->endpoint;
	} else {
		rtpl_config_get_endpoint(peer, &ep);
	}
	if (cfg->has & (RTPL_PEER_HAS(SHAPE) | RTPL_PEER_HAS(ENDPOINT))) {
		shape = peer->shape;
		if (cfg->has & RTPL_PEER_HAS(SHAPE))
			rtpl_config_merge_shape(&shape, &cfg->shape);
		err = rtpl_config_check_shape(rn, &shape, ep.sa.sa_family ? &ep : NULL, cfg, req);
		if (err)
			goto out;
	}
	err = rtpl_config_find_twin(rn, cfg, &twin, req);
	if (err)
		goto out;
	if (cfg->has & RTPL_PEER_HAS(PREFIXES)) {
		err = rtpl_config_plan_prefixes(rn, peer, cfg, &pool, req);
		if (err)
			goto out;
	}
	if (require && !peer->owner.require) {
		err = rtpl_config_hold_module(cfg, req);
		if (err)
			goto out;
	}

	rtpl_change_begin(&change, req, peer, RTPL_EVENT_PEER_CHANGED);
	rtpl_change_peer(&change, RTPL_EVENT_A_PEER_BEFORE, cfg, cfg->has);
	rtpl_change_psk(&change, cfg);
	/*
	 * Nothing fails from here on. The peer becomes required before the new prefixes count, and
	 * stops being required only after the old ones are gone.
	 */
	if (require && !peer->owner.require)
		rtpl_config_require(peer);
	if (cfg->has & RTPL_PEER_HAS(PREFIXES))
		rtpl_config_swap_prefixes(peer, cfg, &pool, req);
	if (!require && peer->owner.require)
		rtpl_config_unrequire(peer);
	if (cfg->has & RTPL_PEER_HAS(TWIN))
		WRITE_ONCE(peer->owner.twin, twin);
	rtpl_config_fill_peer(peer, cfg);
	rtpl_config_changed(rn);
	rtpl_change_peer(&change, RTPL_EVENT_A_PEER_AFTER, cfg, cfg->has);
	rtpl_change_end(&change);
	if (cfg->has & RTPL_PEER_HAS(SHAPE))
		rtpl_peer_reshape(peer);
	else
		rtpl_timers_config(&peer->link.session);
	/* Packets that waited for an endpoint need not wait any more. */
	if (cfg->has & RTPL_PEER_HAS(ENDPOINT))
		rtpl_tx_kick(&peer->link);
	err = 0;
out:
	*holds -= peer->owner.require;
	rtpl_config_free_pool(&pool);
	return err;
}

/**
 * rtpl_config_peer_set() - change a peer; settings that are not given stay
 * @rn: node
 * @cfg: settings that are given; its prefixes are taken on success and replace all others
 * @req: gets the sentence if it is refused
 *
 * Context: process; takes RTNL and rn->lock. Sleeps.
 * Return: 0; -ENOENT (no such peer), or another error with a sentence; on an error nothing has
 * changed.
 */
int rtpl_config_peer_set(struct rtpl_net *rn, struct rtpl_peer_config *cfg,
			 struct rtpl_request *req)
{
	/* Holds of the leakguard: ours and the peer's, less those that the peer needs then. */
	int holds = 0;
	int err;

	err = rtpl_config_check_peer(cfg, req);
	if (err)
		return err;
	if (cfg->has & RTPL_PEER_HAS(REQUIRE) && cfg->require) {
		err = rtpl_config_hold_leakguard(rn, cfg, req);
		if (err)
			return err;
		holds = 1;
	}
	mutex_lock(&rn->lock);
	err = rtpl_config_set_locked(rn, cfg, &holds, req);
	mutex_unlock(&rn->lock);
	WARN_ON_ONCE(holds < 0);
	while (holds-- > 0)
		rtpl_leakguard_release(rn);
	return err;
}

/**
 * rtpl_config_peer_del() - remove a peer
 * @rn: node
 * @cfg: its public key
 * @req: gets the sentence if it is refused
 *
 * Context: process; takes RTNL and rn->lock. Sleeps.
 * Return: 0 or -ENOENT.
 */
int rtpl_config_peer_del(struct rtpl_net *rn, const struct rtpl_peer_config *cfg,
			 struct rtpl_request *req)
{
	const struct rtpl_peer_config none = {};
	struct rtpl_change change = {};
	struct rtpl_peer *peer;
	bool required;

	mutex_lock(&rn->lock);
	peer = rtpl_config_find(rn, cfg, req);
	if (!peer) {
		mutex_unlock(&rn->lock);
		return -ENOENT;
	}
	required = peer->owner.require;
	rtpl_change_begin(&change, req, peer, RTPL_EVENT_PEER_REMOVED);
	rtpl_change_peer(&change, RTPL_EVENT_A_PEER_BEFORE, &none, RTPL_CHANGE_ALL);
	rtpl_peer_remove(peer);
	rtpl_config_changed(rn);
	rtpl_change_end(&change);
	mutex_unlock(&rn->lock);
	if (required)
		rtpl_leakguard_release(rn);
	return 0;
}
