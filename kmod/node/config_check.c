// SPDX-License-Identifier: GPL-2.0
/*
 * Checks of a request for a peer before anything changes: by itself, against the routes, and
 * against the node.
 */
#include <linux/slab.h>
#include <net/addrconf.h>
#include <net/ipv6.h>
#include <net/netlink.h>
#include <net/route.h>

#include "node/config_parts.h"
#include "node/node.h"
#include "transport/transport.h"

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

/* Check that a terminal can show the name, and allocate what the swap needs. */
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

/**
 * rtpl_config_check_peer() - check what does not depend on the node
 * @cfg: settings that are given; its prefixes are sorted, and its new_name is allocated, for the
 *	caller to free
 * @req: gets the sentence if it is refused
 *
 * Context: process, no lock needed. May sleep.
 * Return: 0 or -errno with a sentence.
 */
int rtpl_config_check_peer(struct rtpl_peer_config *cfg, struct rtpl_request *req)
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

/**
 * rtpl_config_check_route() - is there a route to the endpoint now?
 * @rn: node
 * @cfg: settings that are given, with an endpoint
 * @req: gets the sentence if it is refused
 *
 * Context: process, rn->lock held.
 * Return: 0 or -errno with a sentence: -EMSGSIZE (the route carries no handshake), -EINVAL (a
 * broadcast address), or the routing's error.
 */
int rtpl_config_check_route(struct rtpl_net *rn, const struct rtpl_peer_config *cfg,
			    struct rtpl_request *req)
{
	struct nlattr *attr = cfg->attr[RTPL_PEER_A_ENDPOINT];
	const struct rtpl_endpoint *ep = &cfg->endpoint;
	u32 cell_max;
	int err;

	err = rtpl_transport_probe(rn, ep, &cell_max);
	if (err == -EMSGSIZE)
		return rtpl_refuse(req, attr, err,
				   "the MTU to endpoint %pISpc carries no handshake of %u bytes",
				   &ep->sa, RTPL_HANDSHAKE_MIN);
	if (err)
		return rtpl_refuse(req, attr, err, "no route to endpoint %pISpc", &ep->sa);
	if (ep->sa.sa_family == AF_INET &&
	    inet_addr_type(rn->net, ep->in4.sin_addr.s_addr) == RTN_BROADCAST)
		return rtpl_refuse(req, attr, -EINVAL,
				   "endpoint %pISpc is a multicast or broadcast address",
				   &ep->sa);
	return 0;
}

/**
 * rtpl_config_merge_shape() - apply a request's shape to existing settings
 * @now: settings, changed
 * @cfg: settings that are given; if there are none, @now is cleared
 *
 * Context: any; of a peer's settings, rn->lock held.
 */
void rtpl_config_merge_shape(struct rtpl_shape_config *now,
			     const struct rtpl_shape_config *cfg)
{
	if (!cfg->has)
		memset(now, 0, sizeof(*now));
	rtpl_shape_overlay(&now->shape, cfg);
	if (cfg->has & RTPL_SHAPE_HAS(ROLE))
		now->role = cfg->role;
	now->has |= cfg->has & ~(RTPL_SHAPE_HAS(PROFILE) | RTPL_SHAPE_HAS(POLICY));
	rtpl_adapt_merge(now, cfg);
}

/* Refuse settings in one request that contradict each other. rn->lock. */
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
	 * With a profile, or the profiles of a policy, only the whole shape counts:
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

/* The largest of the sizes that are set, 0 if there are none: for a sentence. */
static u32 rtpl_config_largest(const struct rtpl_shape_config *s)
{
	if (!(s->has & RTPL_SHAPE_HAS(SIZES)))
		return 0;
	if (s->shape.sizes == RTPL_SIZES_BUCKETS && s->shape.n_buckets)
		return s->shape.bucket[s->shape.n_buckets - 1];
	return s->shape.cell;
}

/**
 * rtpl_config_check_shape() - can a shape be kept on the path to an endpoint?
 * @rn: node
 * @shape: the peer's settings, with what @cfg gives
 * @ep: endpoint, or NULL: there is none yet
 * @cfg: settings that are given; contradictions among them are refused
 * @req: gets the sentence if it is refused
 *
 * Context: process, rn->lock held. Looks a route up.
 * Return: 0 or -errno with a sentence.
 */
int rtpl_config_check_shape(struct rtpl_net *rn, const struct rtpl_shape_config *shape,
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
	/* Use the same sentence without its full stop, and add figures where they help. */
	if (err == -EMSGSIZE && ep && !rtpl_transport_probe(rn, ep, &cell_max)) {
		u32 set = rtpl_config_largest(shape);

		if (set > cell_max)
			return rtpl_refuse(req, attr, err,
					   "%.*s, with %u bytes: %u bytes to endpoint %pISpc",
					   (int)strlen(why) - 1, why, set, cell_max, &ep->sa);
		return rtpl_refuse(req, attr, err, "%.*s: %u bytes to endpoint %pISpc",
				   (int)strlen(why) - 1, why, cell_max, &ep->sa);
	}
	/* Whoever asks for a profile may not know of the rate. */
	if (cfg->shape.has & RTPL_SHAPE_HAS(PROFILE) && shape->has & RTPL_SHAPE_HAS(SCHED) &&
	    shape->shape.sched == RTPL_SCHEDULE_CONST && !(cfg->shape.has & RTPL_SHAPE_HAS(SCHED)))
		return rtpl_refuse(req, attr, err,
				   "%.*s, and a rate of %u was set before (shape none gives it up)",
				   (int)strlen(why) - 1, why, shape->shape.rate);
	return rtpl_refuse(req, attr, err, "%.*s", (int)strlen(why) - 1, why);
}

/**
 * rtpl_config_is_own_key() - is a public key this node's?
 * @rn: node
 * @key: RTPL_KEY_LEN bytes
 *
 * Context: process. Takes identity_lock. Sleeps.
 * Return: true if it is.
 */
bool rtpl_config_is_own_key(struct rtpl_net *rn, const u8 *key)
{
	bool own;

	down_read(&rn->identity_lock);
	own = rn->identity.has_key && !memcmp(rn->identity.public, key, RTPL_KEY_LEN);
	up_read(&rn->identity_lock);
	return own;
}

/**
 * rtpl_config_is_private() - is a key that was given as a public one a private key by mistake?
 * @local: its private key is compared with @key, in constant time
 * @key: RTPL_KEY_LEN bytes
 *
 * A public key is shown to everyone who asks. The private key is stored clamped, and may have been
 * given unclamped.
 *
 * Context: any; of the node's identity, identity_lock held.
 * Return: true if it is.
 */
bool rtpl_config_is_private(const struct rtpl_noise_local *local, const u8 *key)
{
	u8 clamped[RTPL_KEY_LEN];
	bool is;

	memcpy(clamped, key, sizeof(clamped));
	rtpl_x25519_clamp(clamped);
	is = local->has_key && rtpl_equal(local->private, clamped, sizeof(clamped));
	memzero_explicit(clamped, sizeof(clamped));
	return is;
}

/**
 * rtpl_config_is_own_private() - is a key, given as a public one, the node's private key?
 * @rn: node
 * @key: RTPL_KEY_LEN bytes
 *
 * Context: process. Takes identity_lock. Sleeps.
 * Return: true if it is.
 */
bool rtpl_config_is_own_private(struct rtpl_net *rn, const u8 *key)
{
	bool own;

	down_read(&rn->identity_lock);
	own = rtpl_config_is_private(&rn->identity, key);
	up_read(&rn->identity_lock);
	return own;
}

/**
 * rtpl_config_find_twin() - find the peer that is to be a peer's twin
 * @rn: node
 * @cfg: settings that are given for the peer
 * @id: set to that peer's id; 0 for none
 * @req: gets the sentence if it is refused
 *
 * Context: process, rn->lock held.
 * Return: 0, -EINVAL (the peer itself), -ENOENT, with a sentence.
 */
int rtpl_config_find_twin(struct rtpl_net *rn, const struct rtpl_peer_config *cfg, u32 *id,
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
