// SPDX-License-Identifier: GPL-2.0
/*
 * The generic netlink family "rtpl": it turns requests into typed values for config.c. nl_show.c
 * has the answers, event.c the events. The policies and the table of operations are in nl_gen.c,
 * which is generated from Documentation/netlink/specs/rtpl.yaml.
 *
 * Every namespace sees only its own node. CAP_NET_ADMIN is required in the user namespace which
 * owns the network namespace, so that root in a container may configure the container's node.
 *
 * Private and pre-shared keys are returned only on request (SHOW_KEYS, and CAP_NET_ADMIN). Keys
 * that come in are wiped from the request's own message and from the stack. Keys in a reply belong
 * to the receiver: the core frees its socket buffer without wiping it.
 */
#include <net/genetlink.h>
#include <net/sock.h>

#include "netlink/messages.h"
#include "netlink/netlink.h"
#include "node/config.h"

/* ---- parsing requests ---- */

static int rtpl_nl_key(struct rtpl_request *req, const struct nlattr *attr, const char *what,
		       u8 out[RTPL_KEY_LEN])
{
	if (nla_len(attr) != RTPL_KEY_LEN)
		return rtpl_refuse(req, attr, -EINVAL, "the %s key has %d bytes, not %d", what,
				   nla_len(attr), RTPL_KEY_LEN);
	memcpy(out, nla_data(attr), RTPL_KEY_LEN);
	return 0;
}

/* Read a secret, and wipe it from the message, which an error's answer quotes. */
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
	err = nla_parse_nested(tb, RTPL_PREFIX_A_MAX, entry, rtpl_prefix_entry_nl_policy,
			       req->extack);
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

/* Read a number of an enum. */
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

	if (cell && (cell < RTPL_HANDSHAKE_MIN || cell > RTPL_CELL_MAX))
		return rtpl_refuse(req, attr, -ERANGE,
				   "a cell of %u bytes is not between %u and %u", cell,
				   RTPL_HANDSHAKE_MIN, RTPL_CELL_MAX);
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
				   "a rate of %u cells per second is above %u, more than one processor seals",
				   rate, RTPL_RATE_MAX);
	*out = rate;
	return 0;
}

/* Read a policy; rtpl_adapt_check() checks the numbers. */
static int rtpl_nl_adapt(struct rtpl_request *req, struct nlattr **tb,
			 struct rtpl_shape_config *cfg)
{
	struct rtpl_adapt *p = &cfg->adapt;

	if (tb[RTPL_SHAPE_A_POLICY])
		nla_strscpy(cfg->policy, tb[RTPL_SHAPE_A_POLICY], sizeof(cfg->policy));
	if (cfg->policy[0] && cfg->profile[0])
		return rtpl_refuse(req, tb[RTPL_SHAPE_A_POLICY], -EINVAL,
				   "a policy stands in the place of a profile: there is one of the two");
	if (tb[RTPL_SHAPE_A_THREAT])
		p->threat = nla_get_u8(tb[RTPL_SHAPE_A_THREAT]);
	if (tb[RTPL_SHAPE_A_LOAD])
		p->load = nla_get_u64(tb[RTPL_SHAPE_A_LOAD]);
	if (tb[RTPL_SHAPE_A_BUDGET])
		p->budget = nla_get_u64(tb[RTPL_SHAPE_A_BUDGET]);
	if (tb[RTPL_SHAPE_A_PERIOD])
		p->period = nla_get_u32(tb[RTPL_SHAPE_A_PERIOD]);
	if (tb[RTPL_SHAPE_A_EPOCH])
		p->epoch_ms = nla_get_u32(tb[RTPL_SHAPE_A_EPOCH]);
	if (tb[RTPL_SHAPE_A_CALM])
		p->calm = nla_get_u8(tb[RTPL_SHAPE_A_CALM]);
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

	err = nla_parse_nested(tb, RTPL_SHAPE_A_MAX, nest, rtpl_shape_nl_policy, req->extack);
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
	err = rtpl_nl_adapt(req, tb, cfg);
	if (err)
		return err;
	for (type = 1; type <= RTPL_SHAPE_A_MAX; type++)
		if (tb[type])
			cfg->has |= BIT(type);
	return 0;
}

/* Read settings of the IP headers of a peer's cells. */
static int rtpl_nl_header(struct rtpl_request *req, struct nlattr **tb,
			  struct rtpl_peer_config *cfg)
{
	if (tb[RTPL_PEER_A_DSCP])
		cfg->dscp = nla_get_u8(tb[RTPL_PEER_A_DSCP]);
	if (cfg->dscp > RTPL_DSCP_COPY)
		return rtpl_refuse(req, tb[RTPL_PEER_A_DSCP], -ERANGE,
				   "a DSCP of %u is not between 0 and 63, nor %u, to copy it",
				   cfg->dscp, RTPL_DSCP_COPY);
	if (tb[RTPL_PEER_A_ECN])
		cfg->ecn = nla_get_u8(tb[RTPL_PEER_A_ECN]);
	if (cfg->ecn >= __RTPL_ECN_KIND_MAX)
		return rtpl_refuse(req, tb[RTPL_PEER_A_ECN], -EOPNOTSUPP,
				   "kind %u of ecn is unknown", cfg->ecn);
	return 0;
}

/**
 * rtpl_nl_peer() - read a request's settings for a peer
 * @req: the request
 * @nest: RTPL_A_PEER, or NULL: there is none, which is refused. A pre-shared key in it is wiped
 * @policy: which attributes are allowed; the public key is mandatory
 * @cfg: zeroed; filled in. Its name and its attributes point into the message. The caller frees its
 *	prefixes and wipes it, also on an error
 *
 * Context: process, no lock needed. May sleep.
 * Return: 0 or -errno with a sentence.
 */
int rtpl_nl_peer(struct rtpl_request *req, struct nlattr *nest,
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
	if (!err && tb[RTPL_PEER_A_TWIN])
		err = rtpl_nl_key(req, tb[RTPL_PEER_A_TWIN], "twin's public", cfg->twin);
	if (!err && tb[RTPL_PEER_A_ENDPOINT])
		err = rtpl_nl_endpoint(req, tb[RTPL_PEER_A_ENDPOINT], &cfg->endpoint);
	if (!err && tb[RTPL_PEER_A_PREFIXES])
		err = rtpl_nl_prefixes(req, tb[RTPL_PEER_A_PREFIXES], cfg);
	if (!err && tb[RTPL_PEER_A_SHAPE])
		err = rtpl_nl_shape(req, tb[RTPL_PEER_A_SHAPE], &cfg->shape);
	if (!err)
		err = rtpl_nl_header(req, tb, cfg);
	if (err)
		return err;
	if (tb[RTPL_PEER_A_REQUIRE]) {
		u8 require = nla_get_u8(tb[RTPL_PEER_A_REQUIRE]);

		if (require > 1)
			return rtpl_refuse(req, tb[RTPL_PEER_A_REQUIRE], -EINVAL,
					   "require is 0 or 1, not %u", require);
		cfg->require = require;
	}
	cfg->move = tb[RTPL_PEER_A_MOVE];
	if (tb[RTPL_PEER_A_NAME])
		cfg->name = nla_data(tb[RTPL_PEER_A_NAME]);
	if (tb[RTPL_PEER_A_KEEPALIVE])
		cfg->keepalive = nla_get_u16(tb[RTPL_PEER_A_KEEPALIVE]);
	for (type = 1; type <= RTPL_PEER_A_MAX; type++)
		if (tb[type])
			cfg->has |= BIT(type);
	return 0;
}

/**
 * rtpl_netlink_do() - run a request, and send the sentence if it is refused
 * @skb: the message
 * @info: what genetlink parsed from it
 * @fn: carries out the request; calls rtpl_refuse() for a sentence of its own
 *
 * That sentence is on this function's stack, so the answer with it is sent from here; -EINTR tells
 * netlink_rcv_skb() not to send another one.
 *
 * Context: process, no lock held: the family's operations run in parallel. Sleeps.
 * Return: what @fn returns, or -EINTR: the answer was sent.
 */
int rtpl_netlink_do(struct sk_buff *skb, struct genl_info *info,
		    int (*fn)(struct rtpl_net *rn, struct sk_buff *skb,
			      struct genl_info *info, struct rtpl_request *req))
{
	struct rtpl_request req = {
		.extack = info->extack,
		.portid = info->snd_portid,
		.uid = NETLINK_CREDS(skb)->uid,
	};
	int err;

	err = fn(rtpl_net(genl_info_net(info)), skb, info, &req);
	if (!err || info->extack->_msg != req.text)
		return err;
	netlink_ack(skb, nlmsg_hdr(skb), err, info->extack);
	info->extack->_msg = NULL;
	return -EINTR;
}

/* ---- node ---- */

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
	err = nla_parse_nested(tb, RTPL_NODE_A_MAX, nest, rtpl_node_nl_policy, req->extack);
	if (err)
		return err;
	if (tb[RTPL_NODE_A_PRIVATE_KEY])
		err = rtpl_nl_secret(req, tb[RTPL_NODE_A_PRIVATE_KEY], "private",
				     cfg.private_key);
	if (tb[RTPL_NODE_A_PORT])
		cfg.port = nla_get_u16(tb[RTPL_NODE_A_PORT]);
	if (tb[RTPL_NODE_A_FWMARK])
		cfg.fwmark = nla_get_u32(tb[RTPL_NODE_A_FWMARK]);
	if (tb[RTPL_NODE_A_BIND_DEVICE])
		nla_strscpy(cfg.bind_name, tb[RTPL_NODE_A_BIND_DEVICE], sizeof(cfg.bind_name));
	cfg.rotate = tb[RTPL_NODE_A_ROTATE];
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

	err = rtpl_nl_peer(req, info->attrs[RTPL_A_PEER], rtpl_peer_nl_policy, &cfg);
	if (!err)
		err = change(rn, &cfg, req);
	kvfree(cfg.prefixes);
	kfree(cfg.new_name);
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

	err = rtpl_nl_peer(req, info->attrs[RTPL_A_PEER], rtpl_peer_key_nl_policy, &cfg);
	return err ? err : rtpl_config_peer_del(rn, &cfg, req);
}

/* ---- the family ---- */

/* The family's table of operations (nl_gen.c) calls them: process, no lock held. */
#define RTPL_NL_DO(name)							\
int rtpl_nl_##name##_doit(struct sk_buff *skb, struct genl_info *info)		\
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

/**
 * rtpl_netlink_init() - register the family; requests may come from now on
 *
 * Context: process, module init, the last step.
 * Return: 0 or -errno.
 */
int __init rtpl_netlink_init(void)
{
	int err = netlink_register_notifier(&rtpl_tap_nb);

	if (err)
		return err;
	err = genl_register_family(&rtpl_genl_family);
	if (err)
		netlink_unregister_notifier(&rtpl_tap_nb);
	return err;
}

/**
 * rtpl_netlink_exit() - unregister the family; no request runs afterwards
 *
 * Context: process, module exit, before anything goes that requests use. Sleeps.
 */
void rtpl_netlink_exit(void)
{
	genl_unregister_family(&rtpl_genl_family);
	netlink_unregister_notifier(&rtpl_tap_nb);
}
