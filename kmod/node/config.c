// SPDX-License-Identifier: GPL-2.0
/*
 * Changes of configuration, each whole or not at all: everything is checked
 * and allocated first, then, with rn->lock held all along, swapped in by
 * steps that cannot fail. What is refused leaves no trace but a sentence.
 *
 * A required peer holds two things as long as it is configured: one
 * rtpl_guard_hold(), and a reference of the module, so that the module cannot
 * be unloaded and the peer's traffic leave in clear. The guard takes RTNL,
 * which is outside rn->lock; so it is held before the lock is taken, and
 * released after it is given up, by the difference that the change made.
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <net/addrconf.h>
#include <net/dst_cache.h>
#include <net/ipv6.h>
#include <net/netlink.h>
#include <net/route.h>

#include "leakguard/leakguard.h"
#include "link/link.h"
#include "node/change.h"
#include "node/config.h"
#include "node/node.h"
#include "session/session.h"
#include "transport/socket.h"
#include "transport/transport.h"

/* A node of rn->prefixes, and how it is freed. */
struct rtpl_config_node {
	struct rtpl_lpm_node node;
	struct rcu_head rcu;
};

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
 * @attr: what is wrong in it, or NULL
 * @err: negative error
 * @fmt: a sentence; what it quotes must not be secret
 *
 * Context: process. Return: @err.
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

static void rtpl_config_changed(struct rtpl_net *rn)
{
	lockdep_assert_held(&rn->lock);
	/* 0 would read as "no sequence" in nl_dump_check_consistent(). */
	if (!++rn->generation)
		rn->generation = 1;
}

/* ---- prefixes ---- */

static void rtpl_config_free_pool(struct rtpl_lpm_pool *pool)
{
	struct rtpl_config_node *n;

	while (pool->spare) {
		n = container_of(pool->spare, struct rtpl_config_node, node);
		pool->spare = n->node.next;
		kfree(n);
	}
	while (pool->retired) {
		n = container_of(pool->retired, struct rtpl_config_node, node);
		pool->retired = n->node.next;
		kfree_rcu(n, rcu);
	}
}

static int rtpl_config_fill_pool(struct rtpl_lpm_pool *pool, int need)
{
	struct rtpl_config_node *n;

	while (need--) {
		n = kmalloc(sizeof(*n), GFP_KERNEL_ACCOUNT);
		if (!n)
			return -ENOMEM;
		rtpl_lpm_pool_add(pool, &n->node);
	}
	return 0;
}

/* A prefix as text, in one of two buffers of a sentence. */
#define RTPL_PREFIX_TEXT	48

static const char *rtpl_prefix_name(char text[RTPL_PREFIX_TEXT], const struct rtpl_prefix *p)
{
	if (p->family == AF_INET)
		snprintf(text, RTPL_PREFIX_TEXT, "%pI4/%u", p->addr, p->len);
	else
		snprintf(text, RTPL_PREFIX_TEXT, "%pI6c/%u", p->addr, p->len);
	return text;
}

int rtpl_prefix_cmp(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct rtpl_prefix));
}

/* What can be said about a list by itself. Sorts it. */
static int rtpl_config_check_prefixes(struct rtpl_peer_config *cfg, struct rtpl_request *req)
{
	struct nlattr *attr = cfg->attr[RTPL_PEER_A_PREFIXES];
	char text[RTPL_PREFIX_TEXT];
	const struct rtpl_prefix *p;
	u32 i;

	/* They are compared by all of their bytes. */
	BUILD_BUG_ON(sizeof(struct rtpl_prefix) != 18);

	for (i = 0; i < cfg->n_prefixes; i++) {
		p = &cfg->prefixes[i];
		switch (rtpl_lpm_prefix_ok(p)) {
		case 0:
			break;
		case -EINVAL:
			return rtpl_refuse(req, attr, -EINVAL,
					   "prefix %s has bits set behind its length",
					   rtpl_prefix_name(text, p));
		case -ERANGE:
			return rtpl_refuse(req, attr, -ERANGE,
					   "prefix %s is longer than its address",
					   rtpl_prefix_name(text, p));
		default:
			return rtpl_refuse(req, attr, -EAFNOSUPPORT,
					   "a prefix is neither IPv4 nor IPv6");
		}
	}
	sort(cfg->prefixes, cfg->n_prefixes, sizeof(*cfg->prefixes), rtpl_prefix_cmp, NULL);
	for (i = 1; i < cfg->n_prefixes; i++)
		if (!rtpl_prefix_cmp(&cfg->prefixes[i - 1], &cfg->prefixes[i]))
			return rtpl_refuse(req, attr, -EINVAL, "prefix %s is given twice",
					   rtpl_prefix_name(text, &cfg->prefixes[i]));
	return 0;
}

/*
 * May @peer (NULL: a new one) own them? Then @pool is filled with what the
 * swap needs. rn->lock.
 */
static int rtpl_config_plan_prefixes(struct rtpl_net *rn, const struct rtpl_peer *peer,
				     const struct rtpl_peer_config *cfg,
				     struct rtpl_lpm_pool *pool, struct rtpl_request *req)
{
	struct nlattr *attr = cfg->attr[RTPL_PEER_A_PREFIXES];
	char text[RTPL_PREFIX_TEXT], name[RTPL_KEY_NAME];
	struct rtpl_peer *owner;
	void *other = NULL;
	int need, err;
	u32 bad = 0;

	if (cfg->move)
		need = rtpl_lpm_need(&rn->prefixes, cfg->prefixes, cfg->n_prefixes);
	else
		need = rtpl_lpm_check(&rn->prefixes, peer ? &peer->owner : NULL, cfg->prefixes,
				      cfg->n_prefixes, &bad, &other);
	if (need < 0) {
		owner = rtpl_peer_of(other);
		return rtpl_refuse(req, attr, need, "prefix %s belongs to peer %s already",
				   rtpl_prefix_name(text, &cfg->prefixes[bad]),
				   rtpl_key_name(name, owner->public_key));
	}
	err = rtpl_config_fill_pool(pool, need);
	return err ? rtpl_refuse(req, attr, err, "no memory for the prefixes") : 0;
}

/*
 * Prefixes of other peers that become @peer's: off those peers' lists. The table follows in one
 * step each, so that a packet finds the old owner or the new one. rn->lock.
 */
static void rtpl_config_move_prefixes(struct rtpl_peer *peer, const struct rtpl_peer_config *cfg,
				      const struct rtpl_request *req)
{
	struct rtpl_change change = {};
	struct rtpl_peer *told = NULL;
	const struct rtpl_prefix *p;
	struct rtpl_owner *found;
	struct rtpl_peer *owner;
	u32 i, k;

	for (i = 0; i < cfg->n_prefixes; i++) {
		p = &cfg->prefixes[i];
		found = rtpl_lpm_find(&peer->owner.rn->prefixes, p);
		if (!found || found == &peer->owner)
			continue;
		owner = rtpl_peer_of(found);
		for (k = 0; k < owner->n_prefixes; k++)
			if (!rtpl_prefix_cmp(&owner->prefixes[k], p))
				break;
		if (WARN_ON_ONCE(k == owner->n_prefixes))
			continue;
		memmove(&owner->prefixes[k], &owner->prefixes[k + 1],
			(owner->n_prefixes - k - 1) * sizeof(*p));
		WRITE_ONCE(owner->n_prefixes, owner->n_prefixes - 1);
		/* One event for neighbours of one owner; all of them, mostly. */
		if (owner != told) {
			rtpl_change_end(&change);
			rtpl_change_begin(&change, req, owner, RTPL_EVENT_PEER_CHANGED);
			told = owner;
		}
		rtpl_change_lost(&change, p);
	}
	rtpl_change_end(&change);
}

/* Takes cfg->prefixes and leaves the old ones there. Cannot fail. */
static void rtpl_config_swap_prefixes(struct rtpl_peer *peer, struct rtpl_peer_config *cfg,
				      struct rtpl_lpm_pool *pool, const struct rtpl_request *req)
{
	u32 n_old = peer->n_prefixes;

	if (cfg->move)
		rtpl_config_move_prefixes(peer, cfg, req);
	rtpl_lpm_replace(&peer->owner.rn->prefixes, &peer->owner, peer->prefixes, n_old,
			 cfg->prefixes, cfg->n_prefixes, pool);
	WRITE_ONCE(peer->n_prefixes, cfg->n_prefixes);
	swap(peer->prefixes, cfg->prefixes);
	cfg->n_prefixes = n_old;
}

/* ---- require ---- */

/* Needs a module reference and a hold of the guard, both the peer's from now on. */
static void rtpl_config_require(struct rtpl_peer *peer)
{
	struct rtpl_net *rn = peer->owner.rn;

	WRITE_ONCE(peer->owner.require, true);
	WRITE_ONCE(rn->n_require, rn->n_require + 1);
}

/* The hold of the guard is the caller's to release, without rn->lock. */
static void rtpl_config_unrequire(struct rtpl_peer *peer)
{
	struct rtpl_net *rn = peer->owner.rn;

	WRITE_ONCE(peer->owner.require, false);
	WRITE_ONCE(rn->n_require, rn->n_require - 1);
	module_put(THIS_MODULE);
}

static int rtpl_config_hold_guard(struct rtpl_net *rn, const struct rtpl_peer_config *cfg,
				  struct rtpl_request *req)
{
	struct nlattr *attr = cfg->attr[RTPL_PEER_A_REQUIRE];
	int err = rtpl_guard_hold(rn);

	if (err == -EOPNOTSUPP)
		return rtpl_refuse(req, attr, err,
				   "this kernel cannot require protection: it lacks NETFILTER_EGRESS");
	if (err)
		return rtpl_refuse(req, attr, err, "the guard could not be set up (error %d)",
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

/* ---- checks of a peer ---- */

static int rtpl_config_check_key(const struct rtpl_peer_config *cfg, struct rtpl_request *req)
{
	struct nlattr *attr = cfg->attr[RTPL_PEER_A_PUBLIC_KEY];
	u8 secret[RTPL_KEY_LEN], shared[RTPL_KEY_LEN];
	bool usable;

	if (!memchr_inv(cfg->public_key, 0, RTPL_KEY_LEN))
		return rtpl_refuse(req, attr, -EINVAL, "the public key is all zero");
	get_random_bytes(secret, sizeof(secret));
	usable = rtpl_x25519(shared, secret, cfg->public_key);
	memzero_explicit(secret, sizeof(secret));
	memzero_explicit(shared, sizeof(shared));
	if (!usable)
		return rtpl_refuse(req, attr, -EINVAL,
				   "the public key is a point of small order: it gives no secret");
	return 0;
}

static int rtpl_config_check_endpoint(const struct rtpl_peer_config *cfg,
				      struct rtpl_request *req)
{
	struct nlattr *attr = cfg->attr[RTPL_PEER_A_ENDPOINT];
	const struct rtpl_endpoint *ep = &cfg->endpoint;
	const struct in6_addr *a6 = &ep->in6.sin6_addr;
	__be32 a4 = ep->in4.sin_addr.s_addr;
	bool any, many;

	switch (ep->sa.sa_family) {
	case AF_INET:
		any = ipv4_is_zeronet(a4);
		many = ipv4_is_multicast(a4) || ipv4_is_lbcast(a4);
		break;
	case AF_INET6:
		if (!IS_ENABLED(CONFIG_IPV6) || !ipv6_mod_enabled())
			return rtpl_refuse(req, attr, -EAFNOSUPPORT,
					   "endpoint %pISpc needs IPv6, which is off", &ep->sa);
		if (ipv6_addr_v4mapped(a6))
			return rtpl_refuse(req, attr, -EINVAL,
					   "endpoint %pISpc is an IPv4 address in IPv6 clothes",
					   &ep->sa);
		if ((ipv6_addr_type(a6) & IPV6_ADDR_LINKLOCAL) && !ep->in6.sin6_scope_id)
			return rtpl_refuse(req, attr, -EINVAL,
					   "endpoint %pISpc is link-local and names no interface",
					   &ep->sa);
		any = ipv6_addr_any(a6);
		many = ipv6_addr_is_multicast(a6);
		break;
	default:
		return rtpl_refuse(req, attr, -EAFNOSUPPORT,
				   "the endpoint's address family %u is neither IPv4 nor IPv6",
				   ep->sa.sa_family);
	}
	/* Both families have the port in the same place. */
	if (!ep->in4.sin_port)
		return rtpl_refuse(req, attr, -EINVAL, "endpoint %pISpc has port 0", &ep->sa);
	if (any)
		return rtpl_refuse(req, attr, -EINVAL, "endpoint %pISpc is no host's address",
				   &ep->sa);
	if (many)
		return rtpl_refuse(req, attr, -EINVAL,
				   "endpoint %pISpc is a multicast or broadcast address",
				   &ep->sa);
	return 0;
}

/* A name that a terminal can show. Makes what the swap needs. */
static int rtpl_config_check_name(struct rtpl_peer_config *cfg, struct rtpl_request *req)
{
	struct nlattr *attr = cfg->attr[RTPL_PEER_A_NAME];
	const char *p;

	for (p = cfg->name; *p; p++)
		if ((u8)*p < 0x20 || *p == 0x7f)
			return rtpl_refuse(req, attr, -EINVAL,
					   "a peer's name has a control character in it");
	if (!*cfg->name)
		return 0;
	cfg->new_name = kzalloc(sizeof(*cfg->new_name), GFP_KERNEL_ACCOUNT);
	if (!cfg->new_name)
		return rtpl_refuse(req, attr, -ENOMEM, "no memory for the peer's name");
	strscpy(cfg->new_name->text, cfg->name, sizeof(cfg->new_name->text));
	return 0;
}

/* What needs no look at the node. */
static int rtpl_config_check_peer(struct rtpl_peer_config *cfg, struct rtpl_request *req)
{
	int err;

	err = rtpl_config_check_key(cfg, req);
	if (!err && cfg->has & RTPL_PEER_HAS(ENDPOINT))
		err = rtpl_config_check_endpoint(cfg, req);
	if (!err && cfg->has & RTPL_PEER_HAS(PREFIXES))
		err = rtpl_config_check_prefixes(cfg, req);
	if (!err && cfg->has & RTPL_PEER_HAS(NAME))
		err = rtpl_config_check_name(cfg, req);
	return err;
}

/* Is there a way to the endpoint now? rn->lock. */
static int rtpl_config_check_route(struct rtpl_net *rn, const struct rtpl_peer_config *cfg,
				   struct rtpl_request *req)
{
	struct nlattr *attr = cfg->attr[RTPL_PEER_A_ENDPOINT];
	const struct rtpl_endpoint *ep = &cfg->endpoint;
	u32 cell_max;
	int err;

	err = rtpl_socket_route_probe(rn, ep, &cell_max);
	if (err == -EMSGSIZE)
		return rtpl_refuse(req, attr, err,
				   "the MTU to endpoint %pISpc carries no cell of %u bytes",
				   &ep->sa, RTPL_CELL_MIN);
	if (err)
		return rtpl_refuse(req, attr, err, "no route to endpoint %pISpc", &ep->sa);
	if (ep->sa.sa_family == AF_INET &&
	    inet_addr_type(rn->net, ep->in4.sin_addr.s_addr) == RTN_BROADCAST)
		return rtpl_refuse(req, attr, -EINVAL,
				   "endpoint %pISpc is a multicast or broadcast address",
				   &ep->sa);
	return 0;
}

/* @now, with what @cfg gives; nothing given: nothing left. */
static void rtpl_config_merge_shape(struct rtpl_shape_config *now,
				    const struct rtpl_shape_config *cfg)
{
	if (!cfg->has)
		memset(now, 0, sizeof(*now));
	rtpl_shape_overlay(&now->shape, cfg);
	if (cfg->has & RTPL_SHAPE_HAS(ROLE))
		now->role = cfg->role;
	now->has |= cfg->has & ~(RTPL_SHAPE_HAS(PROFILE) | RTPL_SHAPE_HAS(POLICY));
	rtpl_policy_merge(now, cfg);
}

/* Settings in one request that cannot be meant together. rn->lock. */
static int rtpl_config_check_contradiction(struct rtpl_net *rn,
					   const struct rtpl_shape_config *merged,
					   const struct rtpl_peer_config *cfg,
					   struct rtpl_request *req)
{
	struct nlattr *attr = cfg->attr[RTPL_PEER_A_SHAPE];
	const struct rtpl_shape *asked = &cfg->shape.shape;
	u8 sizes = rn->qdisc_shape.has & RTPL_SHAPE_HAS(SIZES) ?
		   rn->qdisc_shape.shape.sizes : RTPL_SIZES_DEVICE;
	u8 sched = rn->qdisc_shape.has & RTPL_SHAPE_HAS(SCHED) ?
		   rn->qdisc_shape.shape.sched : RTPL_SCHEDULE_ASAP;

	/*
	 * Beside a profile, or those of a policy, it is the whole that counts:
	 * rtpl_profile_check_shape().
	 */
	if ((merged->has | rn->qdisc_shape.has) & RTPL_SHAPE_HAS(PROFILE) ||
	    (merged->has & RTPL_SHAPE_HAS(POLICY) && merged->policy[0]))
		return 0;
	if (merged->has & RTPL_SHAPE_HAS(SIZES))
		sizes = merged->shape.sizes;
	if (merged->has & RTPL_SHAPE_HAS(SCHED))
		sched = merged->shape.sched;

	if (cfg->shape.has & RTPL_SHAPE_HAS(RATE) && asked->rate &&
	    sched != RTPL_SCHEDULE_CONST)
		return rtpl_refuse(req, attr, -EINVAL,
				   "a rate (%u) and a schedule that is not constant contradict each other",
				   asked->rate);
	if (cfg->shape.has & RTPL_SHAPE_HAS(CELL) && asked->cell &&
	    sizes != RTPL_SIZES_FIXED && sizes != RTPL_SIZES_POW2)
		return rtpl_refuse(req, attr, -EINVAL,
				   "a cell (%u) and sizes that are neither fixed nor pow2 contradict each other",
				   asked->cell);
	if (cfg->shape.has & RTPL_SHAPE_HAS(BUCKETS) && sizes != RTPL_SIZES_BUCKETS)
		return rtpl_refuse(req, attr, -EINVAL,
				   "a bucket list and sizes that are not buckets contradict each other");
	return 0;
}

/* Would @shape be kept on the way to @ep? rn->lock. */
static int rtpl_config_check_shape(struct rtpl_net *rn, const struct rtpl_shape_config *shape,
				   const struct rtpl_endpoint *ep,
				   const struct rtpl_peer_config *cfg,
				   struct rtpl_request *req)
{
	struct nlattr *attr = cfg->attr[RTPL_PEER_A_SHAPE];
	const char *why = "The shape cannot be kept.";
	u32 cell_max = 0;
	int err;

	if (cfg->has & RTPL_PEER_HAS(SHAPE)) {
		err = rtpl_config_check_contradiction(rn, shape, cfg, req);
		if (err)
			return err;
	}
	err = rtpl_shape_would_hold(rn, shape, ep, &why);
	if (!err)
		return 0;
	/* The same sentence, with figures where they help; its full stop goes. */
	if (err == -EMSGSIZE && ep && !rtpl_socket_route_probe(rn, ep, &cell_max))
		return rtpl_refuse(req, attr, err, "%.*s: %u bytes to endpoint %pISpc",
				   (int)strlen(why) - 1, why, cell_max, &ep->sa);
	/* Who asks for a profile may not know of it. */
	if (cfg->shape.has & RTPL_SHAPE_HAS(PROFILE) && shape->has & RTPL_SHAPE_HAS(SCHED) &&
	    shape->shape.sched == RTPL_SCHEDULE_CONST && !(cfg->shape.has & RTPL_SHAPE_HAS(SCHED)))
		return rtpl_refuse(req, attr, err,
				   "%.*s, and a rate of %u was set before (shape none gives it up)",
				   (int)strlen(why) - 1, why, shape->shape.rate);
	return rtpl_refuse(req, attr, err, "%.*s", (int)strlen(why) - 1, why);
}

static bool rtpl_config_is_own_key(struct rtpl_net *rn, const u8 *key)
{
	bool own;

	down_read(&rn->identity_lock);
	own = rn->identity.has_key && !memcmp(rn->identity.public, key, RTPL_KEY_LEN);
	up_read(&rn->identity_lock);
	return own;
}

static void rtpl_config_set_endpoint(struct rtpl_peer *peer, const struct rtpl_endpoint *ep)
{
	write_lock_bh(&peer->link.path.lock);
	peer->link.path.endpoint = *ep;
	peer->link.path.configured = *ep;
	dst_cache_reset(&peer->link.path.dst_cache);
	write_unlock_bh(&peer->link.path.lock);
}

static void rtpl_config_get_endpoint(struct rtpl_peer *peer, struct rtpl_endpoint *ep)
{
	read_lock_bh(&peer->link.path.lock);
	*ep = peer->link.path.endpoint;
	read_unlock_bh(&peer->link.path.lock);
}

/* The id of the peer whose twin @cfg's is to be, 0: none. rn->lock. */
static int rtpl_config_find_twin(struct rtpl_net *rn, const struct rtpl_peer_config *cfg, u32 *id,
				 struct rtpl_request *req)
{
	struct nlattr *attr = cfg->attr[RTPL_PEER_A_TWIN];
	char name[RTPL_KEY_NAME];
	struct rtpl_peer *twin;

	*id = 0;
	if (!(cfg->has & RTPL_PEER_HAS(TWIN)) || !memchr_inv(cfg->twin, 0, RTPL_KEY_LEN))
		return 0;
	if (!memcmp(cfg->twin, cfg->public_key, RTPL_KEY_LEN))
		return rtpl_refuse(req, attr, -EINVAL, "a peer is not its own twin");
	twin = rtpl_peer_by_key(rn, cfg->twin);
	if (!twin)
		return rtpl_refuse(req, attr, -ENOENT, "there is no peer %s to be the twin of",
				   rtpl_key_name(name, cfg->twin));
	*id = twin->owner.id;
	return 0;
}

/* ---- peers come, change and go ---- */

/* What no table shows yet, or what is read one value at a time. */
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

	/* Nothing fails from here on. Required first, then found by address. */
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
 * rtpl_config_peer_add() - a new peer
 * @rn: node
 * @cfg: its settings; its prefixes are taken on success
 * @req: for the sentence when it is refused
 *
 * Context: process; takes RTNL and rn->lock. Sleeps.
 * Return: 0; -EEXIST (the key, or a prefix, is someone's), or another error
 * with a sentence, and nothing has changed.
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
		err = rtpl_config_hold_guard(rn, cfg, req);
		if (err)
			return err;
	}
	mutex_lock(&rn->lock);
	err = rtpl_config_add_locked(rn, cfg, require, req);
	mutex_unlock(&rn->lock);
	if (err && require)
		rtpl_guard_release(rn);
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

/* @holds: holds of the guard that the peer has, in and out. */
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
	 * Nothing fails from here on. Required before the new prefixes count,
	 * and no longer required only after the old ones are gone.
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
	/* What waited for an endpoint need not wait any more. */
	if (cfg->has & RTPL_PEER_HAS(ENDPOINT))
		rtpl_tx_kick(&peer->link);
	err = 0;
out:
	*holds -= peer->owner.require;
	rtpl_config_free_pool(&pool);
	return err;
}

/**
 * rtpl_config_peer_set() - change a peer; what is not given stays
 * @rn: node
 * @cfg: what is given; its prefixes are taken on success and replace all
 * @req: for the sentence when it is refused
 *
 * Context: process; takes RTNL and rn->lock. Sleeps.
 * Return: 0; -ENOENT (no such peer), or another error with a sentence, and
 * nothing has changed.
 */
int rtpl_config_peer_set(struct rtpl_net *rn, struct rtpl_peer_config *cfg,
			 struct rtpl_request *req)
{
	/* Counts the guard's holds: ours and the peer's, less what it needs after. */
	int holds = 0;
	int err;

	err = rtpl_config_check_peer(cfg, req);
	if (err)
		return err;
	if (cfg->has & RTPL_PEER_HAS(REQUIRE) && cfg->require) {
		err = rtpl_config_hold_guard(rn, cfg, req);
		if (err)
			return err;
		holds = 1;
	}
	mutex_lock(&rn->lock);
	err = rtpl_config_set_locked(rn, cfg, &holds, req);
	mutex_unlock(&rn->lock);
	WARN_ON_ONCE(holds < 0);
	while (holds-- > 0)
		rtpl_guard_release(rn);
	return err;
}

/**
 * rtpl_config_peer_del() - remove a peer
 * @rn: node
 * @cfg: its public key
 * @req: for the sentence when it is refused
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
		rtpl_guard_release(rn);
	return 0;
}

/* ---- node ---- */

/* Would the key make one of the peers ourselves? rn->lock. */
static int rtpl_config_check_private(struct rtpl_net *rn, const struct rtpl_node_config *cfg,
				     struct rtpl_request *req)
{
	struct nlattr *attr = cfg->attr[RTPL_NODE_A_PRIVATE_KEY];
	struct rtpl_noise_local local = {};
	char name[RTPL_KEY_NAME];
	int err = 0;

	if (rtpl_noise_local_set(&local, cfg->private_key)) {
		if (rtpl_peer_by_key(rn, local.public))
			err = rtpl_refuse(req, attr, -EINVAL,
					  "peer %s has the public key of this private key",
					  rtpl_key_name(name, local.public));
	}
	memzero_explicit(&local, sizeof(local));
	return err;
}

static bool rtpl_config_same_private(struct rtpl_net *rn, const u8 *key)
{
	struct rtpl_noise_local local = {};
	bool same;

	/* As it is kept: clamped. */
	rtpl_noise_local_set(&local, key);
	down_read(&rn->identity_lock);
	same = local.has_key == rn->identity.has_key &&
	       (!local.has_key ||
		!memcmp(local.public, rn->identity.public, RTPL_KEY_LEN));
	up_read(&rn->identity_lock);
	memzero_explicit(&local, sizeof(local));
	return same;
}

/* Cells of all peers are routed anew. rn->lock. */
static void rtpl_config_reroute(struct rtpl_net *rn)
{
	struct rtpl_peer *peer;
	unsigned long id;

	xa_for_each(&rn->peers, id, peer) {
		write_lock_bh(&peer->link.path.lock);
		dst_cache_reset(&peer->link.path.dst_cache);
		write_unlock_bh(&peer->link.path.lock);
	}
}

static void rtpl_config_set_fwmark(struct rtpl_net *rn, u32 fwmark)
{
	if (rn->fwmark == fwmark)
		return;
	WRITE_ONCE(rn->fwmark, fwmark);
	rtpl_config_reroute(rn);
}

/* rn->lock. */
static int rtpl_config_bind(struct rtpl_net *rn, const struct rtpl_node_config *cfg,
			    struct rtpl_request *req)
{
	int err;

	if (!(cfg->has & RTPL_NODE_HAS(BIND_DEVICE)))
		return 0;
	if (*cfg->bind_name && !dev_valid_name(cfg->bind_name))
		return rtpl_refuse(req, cfg->attr[RTPL_NODE_A_BIND_DEVICE], -EINVAL,
				   "the device to bind to has no name that a device can have");
	err = rtpl_socket_bind(rn, cfg->bind_name);
	if (err)
		return rtpl_refuse(req, cfg->attr[RTPL_NODE_A_BIND_DEVICE], err,
				   "the sockets could not be bound to %s (error %d)",
				   *cfg->bind_name ? cfg->bind_name : "no device", -err);
	rtpl_config_reroute(rn);
	return 0;
}

/*
 * The name may be another device's now, or no device's: then cells go nowhere until one comes.
 * Under RTNL, which is outside rn->lock.
 */
static int rtpl_config_netdev(struct notifier_block *nb, unsigned long event, void *ptr)
{
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);
	struct rtpl_net *rn = rtpl_net(dev_net(dev));

	if (event != NETDEV_REGISTER && event != NETDEV_UNREGISTER && event != NETDEV_CHANGENAME)
		return NOTIFY_DONE;
	mutex_lock(&rn->lock);
	if (rn->bind_name[0] && !rtpl_socket_bind(rn, rn->bind_name))
		rtpl_config_reroute(rn);
	mutex_unlock(&rn->lock);
	return NOTIFY_DONE;
}

struct notifier_block rtpl_bind_nb = { .notifier_call = rtpl_config_netdev };

/* The one step that can fail, and leaves everything as it was then. rn->lock. */
static int rtpl_config_set_port(struct rtpl_net *rn, const struct rtpl_node_config *cfg,
				struct rtpl_request *req)
{
	u16 port = cfg->has & RTPL_NODE_HAS(PORT) ? cfg->port : rn->port_wanted;
	bool key = cfg->has & RTPL_NODE_HAS(PRIVATE_KEY) &&
		   memchr_inv(cfg->private_key, 0, RTPL_KEY_LEN);
	int err;

	/* Opened when it is asked for, or when there is a key to answer with. */
	if (!(cfg->has & RTPL_NODE_HAS(PORT)) && !key)
		return 0;
	if (rn->port && (rn->port == port || (!port && !rn->port_wanted)))
		goto keep;
	err = rtpl_socket_open(rn, port);
	if (err == -EADDRINUSE)
		return rtpl_refuse(req, cfg->attr[RTPL_NODE_A_PORT], err,
				   port ? "UDP port %u is in use" : "no UDP port is free (%u: any)",
				   port);
	if (err)
		return rtpl_refuse(req, cfg->attr[RTPL_NODE_A_PORT], err,
				   "UDP port %u could not be opened (error %d)", port, -err);
keep:
	rn->port_wanted = port;
	return 0;
}

/**
 * rtpl_config_node_set() - change the node; what is not given stays
 * @rn: node
 * @cfg: what is given
 * @req: for the sentence when it is refused
 *
 * The same private key again changes nothing; another one ends all sessions, or with
 * @cfg->rotate begins new ones beside them; none closes the port, until a key comes.
 *
 * Context: process, takes rn->lock. Sleeps.
 * Return: 0; -EADDRINUSE (port), or another error with a sentence, and
 * nothing has changed.
 */
int rtpl_config_node_set(struct rtpl_net *rn, const struct rtpl_node_config *cfg,
			 struct rtpl_request *req)
{
	struct rtpl_change change = {};
	char was[IFNAMSIZ];
	bool new_key = false;
	int err = 0;

	mutex_lock(&rn->lock);
	strscpy(was, rn->bind_name, sizeof(was));
	if (cfg->has & RTPL_NODE_HAS(PRIVATE_KEY)) {
		err = rtpl_config_check_private(rn, cfg, req);
		new_key = !rtpl_config_same_private(rn, cfg->private_key);
	}
	if (!err) {
		rtpl_change_begin_node(&change, req, rn, RTPL_EVENT_NODE_CHANGED);
		rtpl_change_node(&change, RTPL_EVENT_A_NODE_BEFORE);
		err = rtpl_config_bind(rn, cfg, req) ?: rtpl_config_set_port(rn, cfg, req);
	}
	if (err) {
		if (cfg->has & RTPL_NODE_HAS(BIND_DEVICE) && !rtpl_socket_bind(rn, was))
			rtpl_config_reroute(rn);
		goto out;
	}

	if (cfg->has & RTPL_NODE_HAS(FWMARK))
		rtpl_config_set_fwmark(rn, cfg->fwmark);
	/* Without a key there is nobody to answer as: the port is given back. */
	if (new_key && !rtpl_handshake_set_identity(rn, cfg->private_key, cfg->rotate))
		rtpl_socket_close(rn);
	rtpl_config_changed(rn);
	rtpl_change_node(&change, RTPL_EVENT_A_NODE_AFTER);
	rtpl_change_end(&change);
out:
	rtpl_change_cancel(&change);
	mutex_unlock(&rn->lock);
	return err;
}
