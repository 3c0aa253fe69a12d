// SPDX-License-Identifier: GPL-2.0
/*
 * The generic netlink family "rtpl": requests become typed values for
 * config.c, nodes and peers become messages. Events are event.c's.
 * Documentation/netlink/specs/rtpl.yaml describes it.
 *
 * Every namespace sees its own node only. CAP_NET_ADMIN means that of the
 * user namespace which owns the network namespace, so that root in a
 * container may configure the container's node.
 *
 * Private and pre-shared keys are returned on request only (SHOW_KEYS, and
 * CAP_NET_ADMIN). Those that come in are wiped from the request's own message and
 * from the stack. Keys in a reply are the receiver's: its socket buffer is
 * freed by the core, unwiped.
 */
#include <linux/module.h>
#include <net/genetlink.h>
#include <net/sock.h>

#include "config.h"
#include "library.h"
#include "netlink.h"
#include "stats.h"

/* An answer to a do must fit the smallest buffer that netlink libraries read with. */
#define RTPL_DO_SIZE		16384

#define RTPL_READ_ONLY(what)	{ .type = NLA_REJECT, .reject_message = what " is read only" }

static const struct nla_policy rtpl_node_policy[RTPL_NODE_A_MAX + 1] = {
	[RTPL_NODE_A_PRIVATE_KEY]	= { .type = NLA_BINARY },
	[RTPL_NODE_A_PUBLIC_KEY]	= RTPL_READ_ONLY("the node's public key"),
	[RTPL_NODE_A_PORT]		= { .type = NLA_U16 },
	[RTPL_NODE_A_PEERS]		= RTPL_READ_ONLY("the number of peers"),
	[RTPL_NODE_A_VERSION]		= RTPL_READ_ONLY("the version"),
	[RTPL_NODE_A_FWMARK]		= { .type = NLA_U32 },
};

static const struct nla_policy rtpl_peer_policy[RTPL_PEER_A_MAX + 1] = {
	[RTPL_PEER_A_PUBLIC_KEY]	= { .type = NLA_BINARY },
	[RTPL_PEER_A_PSK]		= { .type = NLA_BINARY },
	[RTPL_PEER_A_ENDPOINT]		= { .type = NLA_BINARY },
	[RTPL_PEER_A_PREFIXES]		= { .type = NLA_NESTED },
	[RTPL_PEER_A_REQUIRE]		= { .type = NLA_U8 },
	[RTPL_PEER_A_KEEPALIVE]		= { .type = NLA_U16 },
	[RTPL_PEER_A_SHAPE]		= { .type = NLA_NESTED },
	[RTPL_PEER_A_ID]		= RTPL_READ_ONLY("a peer's id"),
	[RTPL_PEER_A_STATE]		= RTPL_READ_ONLY("a peer's state"),
	[RTPL_PEER_A_LAST_HANDSHAKE]	= RTPL_READ_ONLY("a peer's last handshake"),
	[RTPL_PEER_A_CELL_NOW]		= RTPL_READ_ONLY("a peer's present cell"),
	[RTPL_PEER_A_STATS]		= { .type = NLA_REJECT,
					    .reject_message = "a peer's counters are read only" },
	[RTPL_PEER_A_SHAPE_NOW]		= RTPL_READ_ONLY("a peer's present shape"),
};

/* To name a peer. */
static const struct nla_policy rtpl_peer_key_policy[RTPL_PEER_A_MAX + 1] = {
	[RTPL_PEER_A_PUBLIC_KEY]	= { .type = NLA_BINARY },
};

static const struct nla_policy rtpl_prefix_policy[RTPL_PREFIX_A_MAX + 1] = {
	[RTPL_PREFIX_A_ADDR]		= { .type = NLA_BINARY },
	[RTPL_PREFIX_A_LEN]		= { .type = NLA_U8 },
};

static const struct nla_policy rtpl_shape_policy[RTPL_SHAPE_A_MAX + 1] = {
	[RTPL_SHAPE_A_SIZES]		= { .type = NLA_U32 },
	[RTPL_SHAPE_A_CELL]		= { .type = NLA_U32 },
	[RTPL_SHAPE_A_BUCKETS]		= { .type = NLA_BINARY },
	[RTPL_SHAPE_A_SCHED]		= { .type = NLA_U32 },
	[RTPL_SHAPE_A_RATE]		= { .type = NLA_U32 },
	[RTPL_SHAPE_A_LATENCY]		= { .type = NLA_U64 },
	[RTPL_SHAPE_A_LIMIT]		= { .type = NLA_U32 },
	[RTPL_SHAPE_A_OVERFLOW]		= { .type = NLA_U32 },
	[RTPL_SHAPE_A_PROFILE]		= { .type = NLA_NUL_STRING,
					    .len = RTPL_PROFILE_NAME_MAX - 1 },
	[RTPL_SHAPE_A_ROLE]		= { .type = NLA_U32 },
};

/* Top level, for each request what it takes. */
static const struct nla_policy rtpl_get_policy[RTPL_A_MAX + 1] = {
	[RTPL_A_SHOW_KEYS]		= { .type = NLA_FLAG },
};

static const struct nla_policy rtpl_get_peer_policy[RTPL_A_MAX + 1] = {
	[RTPL_A_PEER]			= { .type = NLA_NESTED },
	[RTPL_A_SHOW_KEYS]		= { .type = NLA_FLAG },
};

static const struct nla_policy rtpl_set_node_policy[RTPL_A_MAX + 1] = {
	[RTPL_A_NODE]			= { .type = NLA_NESTED },
};

static const struct nla_policy rtpl_profile_policy[RTPL_A_MAX + 1] = {
	[RTPL_A_PROFILE]		= { .type = NLA_NESTED },
};

static const struct nla_policy rtpl_set_peer_policy[RTPL_A_MAX + 1] = {
	[RTPL_A_PEER]			= { .type = NLA_NESTED },
};

/* ---- what comes in ---- */

static int rtpl_nl_key(struct rtpl_request *req, const struct nlattr *attr, const char *what,
		       u8 out[RTPL_KEY_LEN])
{
	if (nla_len(attr) != RTPL_KEY_LEN)
		return rtpl_refuse(req, attr, -EINVAL, "the %s key has %d bytes, not %d", what,
				   nla_len(attr), RTPL_KEY_LEN);
	memcpy(out, nla_data(attr), RTPL_KEY_LEN);
	return 0;
}

/* A secret: no copy is left in the message, which an error's answer quotes. */
static int rtpl_nl_secret(struct rtpl_request *req, struct nlattr *attr, const char *what,
			  u8 out[RTPL_KEY_LEN])
{
	int err = rtpl_nl_key(req, attr, what, out);

	memzero_explicit(nla_data(attr), nla_len(attr));
	return err;
}

static int rtpl_nl_endpoint(struct rtpl_request *req, const struct nlattr *attr,
			    struct rtpl_endpoint *ep)
{
	const struct sockaddr *sa = nla_data(attr);
	size_t len = nla_len(attr), want;
	void *to;

	if (len < sizeof(sa->sa_family))
		return rtpl_refuse(req, attr, -EINVAL, "the endpoint has only %zu bytes", len);
	switch (sa->sa_family) {
	case AF_INET:
		to = &ep->in4;
		want = sizeof(ep->in4);
		break;
	case AF_INET6:
		to = &ep->in6;
		want = sizeof(ep->in6);
		break;
	default:
		return rtpl_refuse(req, attr, -EAFNOSUPPORT,
				   "the endpoint's address family %u is neither IPv4 nor IPv6",
				   sa->sa_family);
	}
	if (len != want)
		return rtpl_refuse(req, attr, -EINVAL, "the endpoint has %zu bytes, not %zu", len,
				   want);
	memcpy(to, sa, want);
	return 0;
}

static int rtpl_nl_prefix(struct rtpl_request *req, const struct nlattr *entry,
			  struct rtpl_prefix *p)
{
	struct nlattr *tb[RTPL_PREFIX_A_MAX + 1];
	int err;

	if (nla_type(entry) != RTPL_PREFIX_A_ENTRY)
		return rtpl_refuse(req, entry, -EINVAL, "attribute %d among prefixes is unknown",
				   nla_type(entry));
	err = nla_parse_nested(tb, RTPL_PREFIX_A_MAX, entry, rtpl_prefix_policy, req->extack);
	if (err)
		return err;
	if (!tb[RTPL_PREFIX_A_ADDR] || !tb[RTPL_PREFIX_A_LEN])
		return rtpl_refuse(req, entry, -EINVAL, "a prefix lacks its address or its length");
	switch (nla_len(tb[RTPL_PREFIX_A_ADDR])) {
	case sizeof(struct in_addr):
		p->family = AF_INET;
		break;
	case sizeof(struct in6_addr):
		p->family = AF_INET6;
		break;
	default:
		return rtpl_refuse(req, tb[RTPL_PREFIX_A_ADDR], -EINVAL,
				   "a prefix's address has %d bytes, not 4 or 16",
				   nla_len(tb[RTPL_PREFIX_A_ADDR]));
	}
	memcpy(p->addr, nla_data(tb[RTPL_PREFIX_A_ADDR]), nla_len(tb[RTPL_PREFIX_A_ADDR]));
	p->len = nla_get_u8(tb[RTPL_PREFIX_A_LEN]);
	return 0;
}

static int rtpl_nl_prefixes(struct rtpl_request *req, const struct nlattr *nest,
			    struct rtpl_peer_config *cfg)
{
	const struct nlattr *entry;
	u32 n = 0;
	int rem, err;

	err = nla_validate_nested(nest, RTPL_PREFIX_A_MAX, NULL, req->extack);
	if (err)
		return err;
	nla_for_each_nested(entry, nest, rem)
		n++;
	if (n > RTPL_PREFIXES_MAX)
		return rtpl_refuse(req, nest, -E2BIG, "%u prefixes are more than %u", n,
				   RTPL_PREFIXES_MAX);
	if (!n)
		return 0;
	cfg->prefixes = kvcalloc(n, sizeof(*cfg->prefixes), GFP_KERNEL_ACCOUNT);
	if (!cfg->prefixes)
		return rtpl_refuse(req, nest, -ENOMEM, "no memory for the prefixes");
	nla_for_each_nested(entry, nest, rem) {
		err = rtpl_nl_prefix(req, entry, &cfg->prefixes[cfg->n_prefixes]);
		if (err)
			return err;
		cfg->n_prefixes++;
	}
	return 0;
}

/* A number out of an enum. */
static int rtpl_nl_kind(struct rtpl_request *req, const struct nlattr *attr, u32 max,
			const char *what, u8 *out)
{
	u32 kind = nla_get_u32(attr);

	if (kind >= max)
		return rtpl_refuse(req, attr, -EOPNOTSUPP, "kind %u of %s is unknown", kind, what);
	*out = kind;
	return 0;
}

static int rtpl_nl_cell(struct rtpl_request *req, const struct nlattr *attr, u16 *out)
{
	u32 cell = nla_get_u32(attr);

	if (cell && (cell < RTPL_CELL_MIN || cell > RTPL_CELL_MAX))
		return rtpl_refuse(req, attr, -ERANGE,
				   "a cell of %u bytes is not between %u and %u", cell,
				   RTPL_CELL_MIN, RTPL_CELL_MAX);
	*out = cell;
	return 0;
}

static int rtpl_nl_buckets(struct rtpl_request *req, const struct nlattr *attr,
			   struct rtpl_shape *shape)
{
	unsigned int len = nla_len(attr);

	if (len % sizeof(u16) || !len || len > RTPL_BUCKETS_MAX * sizeof(u16))
		return rtpl_refuse(req, attr, -EINVAL,
				   "a bucket list of %u bytes is not 1 to %u numbers of 2 bytes",
				   len, RTPL_BUCKETS_MAX);
	shape->n_buckets = len / sizeof(u16);
	memcpy(shape->bucket, nla_data(attr), len);
	return 0;
}

static int rtpl_nl_rate(struct rtpl_request *req, const struct nlattr *attr, u32 *out)
{
	u32 rate = nla_get_u32(attr);

	if (rate > RTPL_RATE_MAX)
		return rtpl_refuse(req, attr, -ERANGE,
				   "a rate of %u cells per second is above %u", rate,
				   RTPL_RATE_MAX);
	*out = rate;
	return 0;
}

static int rtpl_nl_shape(struct rtpl_request *req, const struct nlattr *nest,
			 struct rtpl_shape_config *cfg)
{
	struct nlattr *tb[RTPL_SHAPE_A_MAX + 1];
	struct rtpl_shape *shape = &cfg->shape;
	unsigned int type;
	int err;

	/* The core has its own names for the same numbers. */
	BUILD_BUG_ON((int)RTPL_SIZE_DEVICE != (int)RTPL_SIZES_DEVICE ||
		     (int)RTPL_SIZE_FIXED != (int)RTPL_SIZES_FIXED ||
		     (int)RTPL_SIZE_POW2 != (int)RTPL_SIZES_POW2 ||
		     (int)RTPL_SIZE_BUCKETS != (int)RTPL_SIZES_BUCKETS);
	BUILD_BUG_ON((int)RTPL_SCHED_ASAP != (int)RTPL_SCHEDULE_ASAP ||
		     (int)RTPL_SCHED_CONST != (int)RTPL_SCHEDULE_CONST);
	BUILD_BUG_ON((int)RTPL_ROLE_CLIENT != (int)RTPL_END_CLIENT ||
		     (int)RTPL_ROLE_SERVER != (int)RTPL_END_SERVER);
	BUILD_BUG_ON(RTPL_PROFILE_NAME_MAX != RTPL_PROFILE_NAME);
	BUILD_BUG_ON((int)RTPL_LEAK_BOUND_NONE != (int)RTPL_LEAK_UNBOUNDED ||
		     (int)RTPL_LEAK_BOUND_ZERO != (int)RTPL_LEAK_NONE ||
		     (int)RTPL_LEAK_BOUND_BITS != (int)RTPL_LEAK_BITS ||
		     (int)RTPL_LEAK_BOUND_DP != (int)RTPL_LEAK_DP);
	BUILD_BUG_ON((int)RTPL_OVERFLOW_NEWEST != (int)RTPL_OVERFLOW_DROP_NEWEST ||
		     (int)RTPL_OVERFLOW_OLDEST != (int)RTPL_OVERFLOW_DROP_OLDEST);
	BUILD_BUG_ON(RTPL_BUCKETS_MAX != RTPL_SHAPE_BUCKETS);

	err = nla_parse_nested(tb, RTPL_SHAPE_A_MAX, nest, rtpl_shape_policy, req->extack);
	if (!err && tb[RTPL_SHAPE_A_SIZES])
		err = rtpl_nl_kind(req, tb[RTPL_SHAPE_A_SIZES], __RTPL_SIZE_MAX, "sizes",
				   &shape->sizes);
	if (!err && tb[RTPL_SHAPE_A_CELL])
		err = rtpl_nl_cell(req, tb[RTPL_SHAPE_A_CELL], &shape->cell);
	if (!err && tb[RTPL_SHAPE_A_BUCKETS])
		err = rtpl_nl_buckets(req, tb[RTPL_SHAPE_A_BUCKETS], shape);
	if (!err && tb[RTPL_SHAPE_A_SCHED])
		err = rtpl_nl_kind(req, tb[RTPL_SHAPE_A_SCHED], __RTPL_SCHED_MAX, "schedule",
				   &shape->sched);
	if (!err && tb[RTPL_SHAPE_A_RATE])
		err = rtpl_nl_rate(req, tb[RTPL_SHAPE_A_RATE], &shape->rate);
	if (!err && tb[RTPL_SHAPE_A_OVERFLOW])
		err = rtpl_nl_kind(req, tb[RTPL_SHAPE_A_OVERFLOW], __RTPL_OVERFLOW_MAX,
				   "overflow", &shape->overflow);
	if (!err && tb[RTPL_SHAPE_A_ROLE])
		err = rtpl_nl_kind(req, tb[RTPL_SHAPE_A_ROLE], __RTPL_ROLE_MAX, "role",
				   &cfg->role);
	if (err)
		return err;
	if (tb[RTPL_SHAPE_A_LATENCY])
		shape->latency_ns = nla_get_u64(tb[RTPL_SHAPE_A_LATENCY]);
	if (tb[RTPL_SHAPE_A_PROFILE])
		nla_strscpy(cfg->profile, tb[RTPL_SHAPE_A_PROFILE], sizeof(cfg->profile));
	if (tb[RTPL_SHAPE_A_LIMIT])
		shape->limit = nla_get_u32(tb[RTPL_SHAPE_A_LIMIT]);
	for (type = 1; type <= RTPL_SHAPE_A_MAX; type++)
		if (tb[type])
			cfg->has |= BIT(type);
	return 0;
}

/* The request's peer, by @policy. The key must be there. */
static int rtpl_nl_peer(struct rtpl_request *req, struct nlattr *nest,
			const struct nla_policy *policy, struct rtpl_peer_config *cfg)
{
	struct nlattr **tb = cfg->attr;
	unsigned int type;
	int err;

	if (!nest)
		return rtpl_refuse(req, NULL, -EINVAL, "the request names no peer");
	err = nla_parse_nested(tb, RTPL_PEER_A_MAX, nest, policy, req->extack);
	if (err)
		return err;
	if (!tb[RTPL_PEER_A_PUBLIC_KEY])
		return rtpl_refuse(req, nest, -EINVAL, "the peer has no public key");
	err = rtpl_nl_key(req, tb[RTPL_PEER_A_PUBLIC_KEY], "public", cfg->public_key);
	if (!err && tb[RTPL_PEER_A_PSK])
		err = rtpl_nl_secret(req, tb[RTPL_PEER_A_PSK], "pre-shared", cfg->psk);
	if (!err && tb[RTPL_PEER_A_ENDPOINT])
		err = rtpl_nl_endpoint(req, tb[RTPL_PEER_A_ENDPOINT], &cfg->endpoint);
	if (!err && tb[RTPL_PEER_A_PREFIXES])
		err = rtpl_nl_prefixes(req, tb[RTPL_PEER_A_PREFIXES], cfg);
	if (!err && tb[RTPL_PEER_A_SHAPE])
		err = rtpl_nl_shape(req, tb[RTPL_PEER_A_SHAPE], &cfg->shape);
	if (err)
		return err;
	if (tb[RTPL_PEER_A_REQUIRE]) {
		u8 require = nla_get_u8(tb[RTPL_PEER_A_REQUIRE]);

		if (require > 1)
			return rtpl_refuse(req, tb[RTPL_PEER_A_REQUIRE], -EINVAL,
					   "require is 0 or 1, not %u", require);
		cfg->require = require;
	}
	if (tb[RTPL_PEER_A_KEEPALIVE])
		cfg->keepalive = nla_get_u16(tb[RTPL_PEER_A_KEEPALIVE]);
	for (type = 1; type <= RTPL_PEER_A_MAX; type++)
		if (tb[type])
			cfg->has |= BIT(type);
	return 0;
}

/*
 * Run a request. A sentence of our own lives on this stack, so that the
 * answer with it is sent from here; -EINTR tells netlink_rcv_skb() not to send
 * another one.
 */
int rtpl_netlink_do(struct sk_buff *skb, struct genl_info *info,
		    int (*fn)(struct rtpl_net *rn, struct sk_buff *skb,
			      struct genl_info *info, struct rtpl_request *req))
{
	struct rtpl_request req = { .extack = info->extack };
	int err;

	err = fn(rtpl_net(genl_info_net(info)), skb, info, &req);
	if (!err || info->extack->_msg != req.text)
		return err;
	netlink_ack(skb, nlmsg_hdr(skb), err, info->extack);
	info->extack->_msg = NULL;
	return -EINTR;
}

/* ---- what goes out ---- */

/* The peer's endpoint, if it has one. Context: any. Return: 0 or -EMSGSIZE. */
int rtpl_nl_put_endpoint(struct sk_buff *msg, int type, struct rtpl_peer *peer)
{
	struct rtpl_endpoint ep;

	read_lock_bh(&peer->endpoint_lock);
	ep = peer->endpoint;
	read_unlock_bh(&peer->endpoint_lock);

	switch (ep.sa.sa_family) {
	case AF_INET:
		return nla_put(msg, type, sizeof(ep.in4), &ep.in4);
	case AF_INET6:
		return nla_put(msg, type, sizeof(ep.in6), &ep.in6);
	default:
		return 0;
	}
}

/* The settings of @cfg that its has names. */
static int rtpl_nl_put_shape(struct sk_buff *msg, int type, const struct rtpl_shape_config *cfg)
{
	struct nlattr *nest = nla_nest_start(msg, type);
	const struct rtpl_shape *shape = &cfg->shape;
	u32 has = cfg->has;

	if (!nest)
		return -EMSGSIZE;
	if ((has & RTPL_SHAPE_HAS(SIZES) &&
	     nla_put_u32(msg, RTPL_SHAPE_A_SIZES, shape->sizes)) ||
	    (has & RTPL_SHAPE_HAS(CELL) &&
	     nla_put_u32(msg, RTPL_SHAPE_A_CELL, shape->cell)) ||
	    (has & RTPL_SHAPE_HAS(BUCKETS) &&
	     nla_put(msg, RTPL_SHAPE_A_BUCKETS, shape->n_buckets * sizeof(u16),
		     shape->bucket)) ||
	    (has & RTPL_SHAPE_HAS(SCHED) &&
	     nla_put_u32(msg, RTPL_SHAPE_A_SCHED, shape->sched)) ||
	    (has & RTPL_SHAPE_HAS(RATE) &&
	     nla_put_u32(msg, RTPL_SHAPE_A_RATE, shape->rate)) ||
	    (has & RTPL_SHAPE_HAS(LATENCY) &&
	     nla_put_u64_64bit(msg, RTPL_SHAPE_A_LATENCY, shape->latency_ns,
			       RTPL_SHAPE_A_PAD)) ||
	    (has & RTPL_SHAPE_HAS(LIMIT) &&
	     nla_put_u32(msg, RTPL_SHAPE_A_LIMIT, shape->limit)) ||
	    (has & RTPL_SHAPE_HAS(OVERFLOW) &&
	     nla_put_u32(msg, RTPL_SHAPE_A_OVERFLOW, shape->overflow)) ||
	    (has & RTPL_SHAPE_HAS(PROFILE) &&
	     nla_put_string(msg, RTPL_SHAPE_A_PROFILE, cfg->profile)) ||
	    (has & RTPL_SHAPE_HAS(ROLE) && nla_put_u32(msg, RTPL_SHAPE_A_ROLE, cfg->role)))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

static int rtpl_nl_put_shape_now(struct sk_buff *msg, struct rtpl_peer *peer)
{
	struct rtpl_shape_config now = {};
	struct rtpl_shape *shape = &now.shape;
	struct rtpl_link *link = &peer->link;

	spin_lock_bh(&link->tx_lock);
	*shape = link->shape;
	now.role = link->role;
	if (link->profile) {
		strscpy(now.profile, link->profile->profile.name, sizeof(now.profile));
		now.has = RTPL_SHAPE_HAS(PROFILE) | RTPL_SHAPE_HAS(ROLE);
	}
	spin_unlock_bh(&link->tx_lock);

	now.has |= RTPL_SHAPE_HAS(SIZES) | RTPL_SHAPE_HAS(SCHED) | RTPL_SHAPE_HAS(LATENCY) |
	      RTPL_SHAPE_HAS(LIMIT) | RTPL_SHAPE_HAS(OVERFLOW);
	if (shape->sizes == RTPL_SIZES_FIXED || shape->sizes == RTPL_SIZES_POW2)
		now.has |= RTPL_SHAPE_HAS(CELL);
	if (shape->sizes == RTPL_SIZES_BUCKETS)
		now.has |= RTPL_SHAPE_HAS(BUCKETS);
	if (shape->sched == RTPL_SCHEDULE_CONST)
		now.has |= RTPL_SHAPE_HAS(RATE);
	return rtpl_nl_put_shape(msg, RTPL_PEER_A_SHAPE_NOW, &now);
}

static int rtpl_nl_put_psk(struct sk_buff *msg, struct rtpl_peer *peer)
{
	u8 psk[RTPL_KEY_LEN];
	int err = 0;

	rtpl_handshake_get_psk(peer, psk);
	if (memchr_inv(psk, 0, sizeof(psk)))
		err = nla_put(msg, RTPL_PEER_A_PSK, sizeof(psk), psk);
	memzero_explicit(psk, sizeof(psk));
	return err;
}

/* All of a peer but its prefixes and counters. rn->lock. */
static int rtpl_nl_put_settings(struct sk_buff *msg, struct rtpl_peer *peer, bool show_keys)
{
	u64 last = READ_ONCE(peer->last_handshake);

	if (rtpl_nl_put_endpoint(msg, RTPL_PEER_A_ENDPOINT, peer) ||
	    nla_put_u8(msg, RTPL_PEER_A_REQUIRE, peer->require) ||
	    nla_put_u16(msg, RTPL_PEER_A_KEEPALIVE, peer->keepalive) ||
	    nla_put_u32(msg, RTPL_PEER_A_STATE, rtpl_link_state(peer)) ||
	    nla_put_u32(msg, RTPL_PEER_A_CELL_NOW, READ_ONCE(peer->link.cell_path)) ||
	    rtpl_nl_put_shape(msg, RTPL_PEER_A_SHAPE, &peer->shape) ||
	    rtpl_nl_put_shape_now(msg, peer))
		return -EMSGSIZE;
	if (last && nla_put_u64_64bit(msg, RTPL_PEER_A_LAST_HANDSHAKE,
				      ktime_get_coarse_boottime_ns() - last, RTPL_PEER_A_PAD))
		return -EMSGSIZE;
	return show_keys ? rtpl_nl_put_psk(msg, peer) : 0;
}

/* Prefixes from @next on, as many as fit; @next says where it stopped. rn->lock. */
static int rtpl_nl_put_prefixes(struct sk_buff *msg, const struct rtpl_peer *peer, u32 *next)
{
	struct nlattr *nest, *entry;
	const struct rtpl_prefix *p;
	u32 first = *next;

	nest = nla_nest_start(msg, RTPL_PEER_A_PREFIXES);
	if (!nest)
		return -EMSGSIZE;
	for (; *next < peer->n_prefixes; (*next)++) {
		p = &peer->prefixes[*next];
		entry = nla_nest_start(msg, RTPL_PREFIX_A_ENTRY);
		if (!entry)
			break;
		if (nla_put(msg, RTPL_PREFIX_A_ADDR, p->family == AF_INET ? 4 : 16, p->addr) ||
		    nla_put_u8(msg, RTPL_PREFIX_A_LEN, p->len)) {
			nla_nest_cancel(msg, entry);
			break;
		}
		nla_nest_end(msg, entry);
	}
	/* A message that gets no further is none. */
	if (*next == first && first < peer->n_prefixes)
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

/*
 * RTPL_A_PEER with the prefixes from @next on; what stands before them comes
 * with the first only. Return: 0 (prefixes may be left, see @next), -EMSGSIZE.
 */
static int rtpl_nl_put_peer(struct sk_buff *msg, struct rtpl_peer *peer, bool show_keys,
			    u32 *next)
{
	struct nlattr *nest = nla_nest_start(msg, RTPL_A_PEER);

	if (!nest ||
	    nla_put(msg, RTPL_PEER_A_PUBLIC_KEY, RTPL_KEY_LEN, peer->public_key) ||
	    nla_put_u32(msg, RTPL_PEER_A_ID, peer->id) ||
	    (!*next && rtpl_nl_put_settings(msg, peer, show_keys)) ||
	    rtpl_nl_put_prefixes(msg, peer, next))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

static int rtpl_nl_put_node(struct sk_buff *msg, struct rtpl_net *rn, bool show_keys)
{
	struct nlattr *nest = nla_nest_start(msg, RTPL_A_NODE);
	int err = 0;

	if (!nest ||
	    nla_put_string(msg, RTPL_NODE_A_VERSION, RTPL_VERSION) ||
	    nla_put_u32(msg, RTPL_NODE_A_PEERS, rn->n_peers) ||
	    nla_put_u16(msg, RTPL_NODE_A_PORT, rn->port ?: rn->port_wanted) ||
	    nla_put_u32(msg, RTPL_NODE_A_FWMARK, rn->fwmark))
		return -EMSGSIZE;
	down_read(&rn->identity_lock);
	if (rn->identity.has_key) {
		err = nla_put(msg, RTPL_NODE_A_PUBLIC_KEY, RTPL_KEY_LEN, rn->identity.public);
		if (!err && show_keys)
			err = nla_put(msg, RTPL_NODE_A_PRIVATE_KEY, RTPL_KEY_LEN,
				      rn->identity.private);
	}
	up_read(&rn->identity_lock);
	if (err)
		return err;
	nla_nest_end(msg, nest);
	return 0;
}

/* A do's answer begun: header and generation. rn->lock. */
static struct sk_buff *rtpl_nl_reply(struct genl_info *info, struct rtpl_net *rn, void **hdr)
{
	struct sk_buff *msg = nlmsg_new(RTPL_DO_SIZE, GFP_KERNEL);

	if (!msg)
		return NULL;
	*hdr = genlmsg_put_reply(msg, info, &rtpl_genl_family, 0, info->genlhdr->cmd);
	if (!*hdr || nla_put_u32(msg, RTPL_A_GENERATION, rn->generation)) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

/* ---- node ---- */

static int rtpl_nl_node_get(struct rtpl_net *rn, struct sk_buff *skb, struct genl_info *info,
			    struct rtpl_request *req)
{
	struct nlattr *show = info->attrs[RTPL_A_SHOW_KEYS];
	struct sk_buff *msg;
	int err = -ENOMEM;
	void *hdr;

	if (show && !netlink_ns_capable(skb, rn->net->user_ns, CAP_NET_ADMIN))
		return rtpl_refuse(req, show, -EPERM, "to see keys needs CAP_NET_ADMIN");

	mutex_lock(&rn->lock);
	msg = rtpl_nl_reply(info, rn, &hdr);
	if (msg)
		err = rtpl_nl_put_node(msg, rn, show);
	mutex_unlock(&rn->lock);
	if (err) {
		nlmsg_free(msg);
		return err;
	}
	genlmsg_end(msg, hdr);
	return genlmsg_reply(msg, info);
}

static int rtpl_nl_node_set(struct rtpl_net *rn, struct sk_buff *skb, struct genl_info *info,
			    struct rtpl_request *req)
{
	struct nlattr *nest = info->attrs[RTPL_A_NODE];
	struct rtpl_node_config cfg = {};
	struct nlattr **tb = cfg.attr;
	unsigned int type;
	int err;

	if (!nest)
		return rtpl_refuse(req, NULL, -EINVAL, "the request sets nothing of the node");
	err = nla_parse_nested(tb, RTPL_NODE_A_MAX, nest, rtpl_node_policy, req->extack);
	if (err)
		return err;
	if (tb[RTPL_NODE_A_PRIVATE_KEY])
		err = rtpl_nl_secret(req, tb[RTPL_NODE_A_PRIVATE_KEY], "private",
				     cfg.private_key);
	if (tb[RTPL_NODE_A_PORT])
		cfg.port = nla_get_u16(tb[RTPL_NODE_A_PORT]);
	if (tb[RTPL_NODE_A_FWMARK])
		cfg.fwmark = nla_get_u32(tb[RTPL_NODE_A_FWMARK]);
	for (type = 1; type <= RTPL_NODE_A_MAX; type++)
		if (tb[type])
			cfg.has |= BIT(type);
	if (!err)
		err = rtpl_config_node_set(rn, &cfg, req);
	memzero_explicit(&cfg, sizeof(cfg));
	return err;
}

/* ---- peers ---- */

static int rtpl_nl_peer_change(struct rtpl_net *rn, struct genl_info *info,
			       struct rtpl_request *req,
			       int (*change)(struct rtpl_net *rn, struct rtpl_peer_config *cfg,
					     struct rtpl_request *req))
{
	struct rtpl_peer_config cfg = {};
	int err;

	err = rtpl_nl_peer(req, info->attrs[RTPL_A_PEER], rtpl_peer_policy, &cfg);
	if (!err)
		err = change(rn, &cfg, req);
	kvfree(cfg.prefixes);
	memzero_explicit(&cfg, sizeof(cfg));
	return err;
}

static int rtpl_nl_peer_add(struct rtpl_net *rn, struct sk_buff *skb, struct genl_info *info,
			    struct rtpl_request *req)
{
	return rtpl_nl_peer_change(rn, info, req, rtpl_config_peer_add);
}

static int rtpl_nl_peer_set(struct rtpl_net *rn, struct sk_buff *skb, struct genl_info *info,
			    struct rtpl_request *req)
{
	return rtpl_nl_peer_change(rn, info, req, rtpl_config_peer_set);
}

static int rtpl_nl_peer_del(struct rtpl_net *rn, struct sk_buff *skb, struct genl_info *info,
			    struct rtpl_request *req)
{
	struct rtpl_peer_config cfg = {};
	int err;

	err = rtpl_nl_peer(req, info->attrs[RTPL_A_PEER], rtpl_peer_key_policy, &cfg);
	return err ? err : rtpl_config_peer_del(rn, &cfg, req);
}

static int rtpl_nl_peer_get(struct rtpl_net *rn, struct sk_buff *skb, struct genl_info *info,
			    struct rtpl_request *req)
{
	bool show_keys = info->attrs[RTPL_A_SHOW_KEYS];
	struct rtpl_peer_config cfg = {};
	char name[RTPL_KEY_NAME];
	struct rtpl_peer *peer;
	struct sk_buff *msg;
	u32 next = 0;
	void *hdr;
	int err;

	err = rtpl_nl_peer(req, info->attrs[RTPL_A_PEER], rtpl_peer_key_policy, &cfg);
	if (err)
		return err;
	rtpl_key_name(name, cfg.public_key);

	mutex_lock(&rn->lock);
	err = -ENOMEM;
	msg = rtpl_nl_reply(info, rn, &hdr);
	if (!msg)
		goto out;
	peer = rtpl_peer_by_key(rn, cfg.public_key);
	if (!peer) {
		err = rtpl_refuse(req, cfg.attr[RTPL_PEER_A_PUBLIC_KEY], -ENOENT,
				  "there is no peer %s", name);
		goto out;
	}
	err = rtpl_nl_put_peer(msg, peer, show_keys, &next);
	if (!err && next < peer->n_prefixes)
		err = rtpl_refuse(req, NULL, -EMSGSIZE,
				  "the %u prefixes of peer %s do not fit one message: use a dump",
				  peer->n_prefixes, name);
out:
	mutex_unlock(&rn->lock);
	if (err) {
		nlmsg_free(msg);
		return err;
	}
	genlmsg_end(msg, hdr);
	return genlmsg_reply(msg, info);
}

/* Where a dump of peers stands. */
struct rtpl_nl_dump {
	u32 next_id;
	u32 next_prefix;
	bool show_keys;
	bool one;		/* only the peer with this key */
	u8 key[RTPL_KEY_LEN];
};

static struct rtpl_nl_dump *rtpl_nl_dump(struct netlink_callback *cb)
{
	BUILD_BUG_ON(sizeof(struct rtpl_nl_dump) > sizeof(cb->ctx));
	return (struct rtpl_nl_dump *)cb->ctx;
}

static int rtpl_nl_dump_start(struct netlink_callback *cb)
{
	struct nlattr **attrs = rtpl_compat_dump_attrs(cb), *tb[RTPL_PEER_A_MAX + 1];
	struct rtpl_nl_dump *dump = rtpl_nl_dump(cb);
	int err;

	memset(dump, 0, sizeof(*dump));
	if (!attrs)
		return 0;
	dump->show_keys = attrs[RTPL_A_SHOW_KEYS];
	if (!attrs[RTPL_A_PEER])
		return 0;
	err = nla_parse_nested(tb, RTPL_PEER_A_MAX, attrs[RTPL_A_PEER], rtpl_peer_key_policy,
			       cb->extack);
	if (err)
		return err;
	if (!tb[RTPL_PEER_A_PUBLIC_KEY] ||
	    nla_len(tb[RTPL_PEER_A_PUBLIC_KEY]) != RTPL_KEY_LEN) {
		NL_SET_ERR_MSG(cb->extack, "the peer has no public key of 32 bytes");
		return -EINVAL;
	}
	dump->one = true;
	memcpy(dump->key, nla_data(tb[RTPL_PEER_A_PUBLIC_KEY]), RTPL_KEY_LEN);
	return 0;
}

/* One message of a dump. Return: 0 (look at dump->next_prefix), -EMSGSIZE. rn->lock. */
static int rtpl_nl_dump_peer(struct sk_buff *msg, struct netlink_callback *cb,
			     struct rtpl_net *rn, struct rtpl_peer *peer)
{
	struct rtpl_nl_dump *dump = rtpl_nl_dump(cb);
	void *hdr;

	hdr = genlmsg_put(msg, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			  &rtpl_genl_family, NLM_F_MULTI, RTPL_CMD_PEER_GET);
	if (!hdr)
		return -EMSGSIZE;
	genl_dump_check_consistent(cb, hdr);
	if (nla_put_u32(msg, RTPL_A_GENERATION, rn->generation) ||
	    rtpl_nl_put_peer(msg, peer, dump->show_keys, &dump->next_prefix)) {
		genlmsg_cancel(msg, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(msg, hdr);
	return 0;
}

static int rtpl_nl_peer_dump(struct sk_buff *msg, struct netlink_callback *cb)
{
	struct rtpl_nl_dump *dump = rtpl_nl_dump(cb);
	struct rtpl_net *rn = rtpl_net(sock_net(cb->skb->sk));
	struct rtpl_peer *peer;
	unsigned long id;
	int err = 0;

	mutex_lock(&rn->lock);
	cb->seq = rn->generation;
	xa_for_each_start(&rn->peers, id, peer, dump->next_id) {
		if (id != dump->next_id)	/* the peer under way has gone */
			dump->next_prefix = 0;
		dump->next_id = id;
		if (dump->one && memcmp(dump->key, peer->public_key, RTPL_KEY_LEN))
			continue;
		do {
			err = rtpl_nl_dump_peer(msg, cb, rn, peer);
		} while (!err && dump->next_prefix < peer->n_prefixes);
		if (err)
			goto out;
		dump->next_prefix = 0;
		dump->next_id = id + 1;
	}
out:
	mutex_unlock(&rn->lock);
	return msg->len ?: err;
}

/* ---- counters ---- */

static int rtpl_nl_stats_get(struct rtpl_net *rn, struct sk_buff *skb, struct genl_info *info,
			     struct rtpl_request *req)
{
	struct sk_buff *msg;
	int err = -ENOMEM;
	void *hdr;

	if (info->attrs[RTPL_A_PEER])
		return rtpl_refuse(req, info->attrs[RTPL_A_PEER], -EINVAL,
				   "counters of peers come by a dump");
	mutex_lock(&rn->lock);
	msg = rtpl_nl_reply(info, rn, &hdr);
	if (msg)
		err = rtpl_stats_put_node(msg, rn);
	mutex_unlock(&rn->lock);
	if (err) {
		nlmsg_free(msg);
		return err;
	}
	genlmsg_end(msg, hdr);
	return genlmsg_reply(msg, info);
}

static int rtpl_nl_dump_stats(struct sk_buff *msg, struct netlink_callback *cb,
			      struct rtpl_net *rn, struct rtpl_peer *peer)
{
	struct nlattr *nest;
	void *hdr;

	hdr = genlmsg_put(msg, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			  &rtpl_genl_family, NLM_F_MULTI, RTPL_CMD_STATS_GET);
	if (!hdr)
		return -EMSGSIZE;
	genl_dump_check_consistent(cb, hdr);
	if (nla_put_u32(msg, RTPL_A_GENERATION, rn->generation))
		goto err_cancel;
	nest = nla_nest_start(msg, RTPL_A_PEER);
	if (!nest ||
	    nla_put(msg, RTPL_PEER_A_PUBLIC_KEY, RTPL_KEY_LEN, peer->public_key) ||
	    nla_put_u32(msg, RTPL_PEER_A_ID, peer->id) ||
	    nla_put_u32(msg, RTPL_PEER_A_STATE, rtpl_link_state(peer)) ||
	    rtpl_stats_put_peer(msg, peer))
		goto err_cancel;
	nla_nest_end(msg, nest);
	genlmsg_end(msg, hdr);
	return 0;

err_cancel:
	genlmsg_cancel(msg, hdr);
	return -EMSGSIZE;
}

static int rtpl_nl_stats_dump(struct sk_buff *msg, struct netlink_callback *cb)
{
	struct rtpl_nl_dump *dump = rtpl_nl_dump(cb);
	struct rtpl_net *rn = rtpl_net(sock_net(cb->skb->sk));
	struct rtpl_peer *peer;
	unsigned long id;
	int err = 0;

	mutex_lock(&rn->lock);
	cb->seq = rn->generation;
	xa_for_each_start(&rn->peers, id, peer, dump->next_id) {
		if (dump->one && memcmp(dump->key, peer->public_key, RTPL_KEY_LEN))
			continue;
		err = rtpl_nl_dump_stats(msg, cb, rn, peer);
		if (err)
			break;
		dump->next_id = id + 1;
	}
	mutex_unlock(&rn->lock);
	return msg->len ?: err;
}

/* ---- the family ---- */

#define RTPL_NL_DO(name)							\
static int rtpl_nl_##name##_do(struct sk_buff *skb, struct genl_info *info)	\
{										\
	return rtpl_netlink_do(skb, info, rtpl_nl_##name);			\
}

RTPL_NL_DO(node_get)
RTPL_NL_DO(node_set)
RTPL_NL_DO(peer_add)
RTPL_NL_DO(peer_set)
RTPL_NL_DO(peer_del)
RTPL_NL_DO(peer_get)
RTPL_NL_DO(stats_get)

static const struct genl_ops rtpl_genl_ops[] = {
	{
		.cmd = RTPL_CMD_NODE_GET,
		.doit = rtpl_nl_node_get_do,
		.policy = rtpl_get_policy,
		.maxattr = RTPL_A_MAX,
	},
	{
		.cmd = RTPL_CMD_NODE_SET,
		.flags = GENL_UNS_ADMIN_PERM,
		.doit = rtpl_nl_node_set_do,
		.policy = rtpl_set_node_policy,
		.maxattr = RTPL_A_MAX,
	},
	{
		.cmd = RTPL_CMD_PEER_ADD,
		.flags = GENL_UNS_ADMIN_PERM,
		.doit = rtpl_nl_peer_add_do,
		.policy = rtpl_set_peer_policy,
		.maxattr = RTPL_A_MAX,
	},
	{
		.cmd = RTPL_CMD_PEER_SET,
		.flags = GENL_UNS_ADMIN_PERM,
		.doit = rtpl_nl_peer_set_do,
		.policy = rtpl_set_peer_policy,
		.maxattr = RTPL_A_MAX,
	},
	{
		.cmd = RTPL_CMD_PEER_DEL,
		.flags = GENL_UNS_ADMIN_PERM,
		.doit = rtpl_nl_peer_del_do,
		.policy = rtpl_set_peer_policy,
		.maxattr = RTPL_A_MAX,
	},
	{
		.cmd = RTPL_CMD_PEER_GET,
		.flags = GENL_UNS_ADMIN_PERM,
		.doit = rtpl_nl_peer_get_do,
		.start = rtpl_nl_dump_start,
		.dumpit = rtpl_nl_peer_dump,
		.policy = rtpl_get_peer_policy,
		.maxattr = RTPL_A_MAX,
	},
	{
		.cmd = RTPL_CMD_STATS_GET,
		.flags = GENL_UNS_ADMIN_PERM,
		.doit = rtpl_nl_stats_get_do,
		.start = rtpl_nl_dump_start,
		.dumpit = rtpl_nl_stats_dump,
		.policy = rtpl_set_peer_policy,
		.maxattr = RTPL_A_MAX,
	},
	{
		.cmd = RTPL_CMD_PROFILE_SET,
		.flags = GENL_UNS_ADMIN_PERM,
		.doit = rtpl_nl_profile_set_do,
		.policy = rtpl_profile_policy,
		.maxattr = RTPL_A_MAX,
	},
	{
		.cmd = RTPL_CMD_PROFILE_DEL,
		.flags = GENL_UNS_ADMIN_PERM,
		.doit = rtpl_nl_profile_del_do,
		.policy = rtpl_profile_policy,
		.maxattr = RTPL_A_MAX,
	},
	{
		.cmd = RTPL_CMD_PROFILE_GET,
		.flags = GENL_UNS_ADMIN_PERM,
		.dumpit = rtpl_nl_profile_dump,
		.policy = rtpl_profile_policy,
		.maxattr = RTPL_A_MAX,
	},
};

static const struct genl_multicast_group rtpl_genl_groups[] = {
	[RTPL_GROUP_EVENTS] = { .name = RTPL_MCGRP_EVENTS, .flags = GENL_MCAST_CAP_NET_ADMIN },
};

struct genl_family rtpl_genl_family __ro_after_init = {
	.name = RTPL_GENL_NAME,
	.version = RTPL_GENL_VERSION,
	.maxattr = RTPL_A_MAX,
	.module = THIS_MODULE,
	.netnsok = true,
	.parallel_ops = true,
	.ops = rtpl_genl_ops,
	.n_ops = ARRAY_SIZE(rtpl_genl_ops),
	.resv_start_op = RTPL_CMD_UNSPEC + 1,
	.mcgrps = rtpl_genl_groups,
	.n_mcgrps = ARRAY_SIZE(rtpl_genl_groups),
};

/* Module init. Return: 0 or -errno. */
int __init rtpl_netlink_init(void)
{
	return genl_register_family(&rtpl_genl_family);
}

/* Module exit: no request runs afterwards. */
void rtpl_netlink_exit(void)
{
	genl_unregister_family(&rtpl_genl_family);
}
