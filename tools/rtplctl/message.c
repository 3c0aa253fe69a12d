// SPDX-License-Identifier: GPL-2.0
/* The family's messages: nodes, peers, counters and events, there and back. */
#include "rtplctl.h"
#include "../input/input.h"
#include "../lib/policy_gen.h"

#include <stdlib.h>
#include <string.h>

#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>

/* Bytes of one prefix in a message, and of all else that a peer has. */
#define PREFIX_ROOM	36
#define PEER_ROOM	2048

/* ---- there ---- */

static int nest_end(struct nl_msg *msg, struct nlattr *nest)
{
	/* An empty list means something: keep it. */
	return nla_nest_end_keep_empty(msg, nest) ? -1 : 0;
}

static struct nlattr *nest_begin(struct nl_msg *msg, int type)
{
	return nla_nest_start(msg, type | NLA_F_NESTED);
}

int put_node(struct nl_msg *msg, const struct node *n)
{
	struct nlattr *nest = nest_begin(msg, RTPL_A_NODE);

	if (!nest ||
	    ((n->has & NODE_BIT(PRIVATE_KEY)) &&
	     nla_put(msg, RTPL_NODE_A_PRIVATE_KEY, RTPL_KEY_LEN, n->private_key)) ||
	    ((n->has & NODE_BIT(ROTATE)) && nla_put_flag(msg, RTPL_NODE_A_ROTATE)) ||
	    ((n->has & NODE_BIT(PORT)) && nla_put_u16(msg, RTPL_NODE_A_PORT, n->port)) ||
	    ((n->has & NODE_BIT(FWMARK)) && nla_put_u32(msg, RTPL_NODE_A_FWMARK, n->fwmark)) ||
	    ((n->has & NODE_BIT(BIND_DEVICE)) &&
	     nla_put_string(msg, RTPL_NODE_A_BIND_DEVICE, n->bind_device)))
		return -1;
	return nest_end(msg, nest);
}

static int put_policy(struct nl_msg *msg, const struct shape *s)
{
#define PUT(attr, type, field) \
	((s->has & SHAPE_BIT(attr)) && nla_put_##type(msg, RTPL_SHAPE_A_##attr, s->field))
	return PUT(POLICY, string, policy) || PUT(THREAT, u8, threat) || PUT(LOAD, u64, load) ||
	       PUT(BUDGET, u64, budget) || PUT(PERIOD, u32, period) || PUT(EPOCH, u32, epoch) ||
	       PUT(CALM, u8, calm);
#undef PUT
}

static int put_shape(struct nl_msg *msg, const struct shape *s)
{
	struct nlattr *nest = nest_begin(msg, RTPL_PEER_A_SHAPE);

	if (!nest)
		return -1;
#define PUT(attr, field) \
	((s->has & SHAPE_BIT(attr)) && nla_put_u32(msg, RTPL_SHAPE_A_##attr, s->field))
	if (PUT(SIZES, sizes) || PUT(CELL, cell) || PUT(SCHED, sched) || PUT(RATE, rate) ||
	    PUT(LIMIT, limit) || PUT(OVERFLOW, overflow) || PUT(ROLE, role))
		return -1;
#undef PUT
	if (((s->has & SHAPE_BIT(BUCKETS)) &&
	     nla_put(msg, RTPL_SHAPE_A_BUCKETS, s->n_buckets * sizeof(s->bucket[0]), s->bucket)) ||
	    ((s->has & SHAPE_BIT(LATENCY)) &&
	     nla_put_u64(msg, RTPL_SHAPE_A_LATENCY, s->latency)) ||
	    ((s->has & SHAPE_BIT(PROFILE)) &&
	     nla_put_string(msg, RTPL_SHAPE_A_PROFILE, s->profile)) || put_policy(msg, s))
		return -1;
	return nest_end(msg, nest);
}

static int put_prefixes(struct nl_msg *msg, const struct prefixes *p)
{
	struct nlattr *nest = nest_begin(msg, RTPL_PEER_A_PREFIXES), *entry;

	if (!nest)
		return -1;
	for (uint32_t i = 0; i < p->n; i++) {
		entry = nest_begin(msg, RTPL_PREFIX_A_ENTRY);
		if (!entry ||
		    nla_put(msg, RTPL_PREFIX_A_ADDR, p->p[i].family == AF_INET ? 4 : 16,
			    p->p[i].addr) ||
		    nla_put_u8(msg, RTPL_PREFIX_A_LEN, p->p[i].len) || nest_end(msg, entry))
			return -1;
	}
	return nest_end(msg, nest);
}

int put_peer(struct nl_msg *msg, const struct peer *p)
{
	struct nlattr *nest = nest_begin(msg, RTPL_A_PEER);

	if (!nest || nla_put(msg, RTPL_PEER_A_PUBLIC_KEY, RTPL_KEY_LEN, p->public_key) ||
	    ((p->has & PEER_BIT(PSK)) && nla_put(msg, RTPL_PEER_A_PSK, RTPL_KEY_LEN, p->psk)) ||
	    ((p->has & PEER_BIT(ENDPOINT)) && p->endpoint.sa.sa_family &&
	     nla_put(msg, RTPL_PEER_A_ENDPOINT,
		     p->endpoint.sa.sa_family == AF_INET ? sizeof(p->endpoint.in4) :
							   sizeof(p->endpoint.in6),
		     &p->endpoint.sa)) ||
	    ((p->has & PEER_BIT(NAME)) && nla_put_string(msg, RTPL_PEER_A_NAME, p->name)) ||
	    ((p->has & PEER_BIT(TWIN)) &&
	     nla_put(msg, RTPL_PEER_A_TWIN, RTPL_KEY_LEN, p->twin)) ||
	    ((p->has & PEER_BIT(REQUIRE)) && nla_put_u8(msg, RTPL_PEER_A_REQUIRE, p->require)) ||
	    ((p->has & PEER_BIT(KEEPALIVE)) &&
	     nla_put_u16(msg, RTPL_PEER_A_KEEPALIVE, p->keepalive)) ||
	    ((p->has & PEER_BIT(DSCP)) && nla_put_u8(msg, RTPL_PEER_A_DSCP, p->dscp)) ||
	    ((p->has & PEER_BIT(ECN)) && nla_put_u8(msg, RTPL_PEER_A_ECN, p->ecn)) ||
	    ((p->shape.has || (p->has & PEER_BIT(SHAPE))) && put_shape(msg, &p->shape)) ||
	    ((p->has & PEER_BIT(PREFIXES)) &&
	     (put_prefixes(msg, &p->prefixes) ||
	      (!p->keep && nla_put_flag(msg, RTPL_PEER_A_MOVE)))))
		return -1;
	return nest_end(msg, nest);
}

/* ---- back ---- */

static uint64_t get_number(const struct nlattr *a)
{
	uint64_t v = 0;

	switch (nla_len(a)) {
	case 1:
		return nla_get_u8(a);
	case 2:
		return nla_get_u16(a);
	case 4:
		return nla_get_u32(a);
	case 8:
		memcpy(&v, nla_data(a), sizeof(v));
	}
	return v;
}

static void get_string(char *to, size_t size, const struct nlattr *a)
{
	snprintf(to, size, "%.*s", nla_len(a), (const char *)nla_data(a));
}

static bool get_key(uint8_t key[RTPL_KEY_LEN], const struct nlattr *a)
{
	if (nla_len(a) != RTPL_KEY_LEN)
		return false;
	memcpy(key, nla_data(a), RTPL_KEY_LEN);
	return true;
}

/* What is there is as the description says; a future kernel may write more. */
static int parse_nest(struct nlattr **tb, int max, const struct nla_policy *policy,
		      const struct nlattr *nest, struct err *e)
{
	if (nla_parse(tb, max, nla_data(nest), nla_len(nest), policy) < 0)
		return err_set(e, "the kernel's answer makes no sense");
	return 0;
}

static int parse_top(struct nlattr **tb, const struct nlmsghdr *nlh, struct err *e)
{
	const struct genlmsghdr *g = nlmsg_data(nlh);

	if (!genlmsg_valid_hdr((struct nlmsghdr *)nlh, 0) ||
	    nla_parse(tb, RTPL_A_MAX, genlmsg_attrdata(g, 0), genlmsg_attrlen(g, 0),
		      rtpl_top_policy) < 0)
		return err_set(e, "the kernel's answer makes no sense");
	return 0;
}

static void get_endpoint(struct endpoint *ep, const struct nlattr *a)
{
	const struct sockaddr *sa = nla_data(a);

	memset(ep, 0, sizeof(*ep));
	if ((size_t)nla_len(a) >= sizeof(ep->in4) && sa->sa_family == AF_INET)
		memcpy(&ep->in4, sa, sizeof(ep->in4));
	else if ((size_t)nla_len(a) >= sizeof(ep->in6) && sa->sa_family == AF_INET6)
		memcpy(&ep->in6, sa, sizeof(ep->in6));
	ep->port = ntohs(ep->in4.sin_port);	/* in the same place in both */
}

static int get_shape(struct shape *s, const struct nlattr *nest, struct err *e)
{
	struct nlattr *tb[RTPL_SHAPE_A_MAX + 1];
	size_t n;

	if (parse_nest(tb, RTPL_SHAPE_A_MAX, rtpl_shape_policy, nest, e))
		return -1;
#define GET(attr, field) do {						\
		if (tb[RTPL_SHAPE_A_##attr]) {				\
			s->field = get_number(tb[RTPL_SHAPE_A_##attr]);	\
			s->has |= SHAPE_BIT(attr);			\
		}							\
	} while (0)
	GET(SIZES, sizes);
	GET(CELL, cell);
	GET(SCHED, sched);
	GET(RATE, rate);
	GET(LATENCY, latency);
	GET(LIMIT, limit);
	GET(OVERFLOW, overflow);
	GET(ROLE, role);
	GET(THREAT, threat);
	GET(LOAD, load);
	GET(BUDGET, budget);
	GET(PERIOD, period);
	GET(EPOCH, epoch);
	GET(CALM, calm);
#undef GET
	if (tb[RTPL_SHAPE_A_POLICY]) {
		nla_strlcpy(s->policy, tb[RTPL_SHAPE_A_POLICY], sizeof(s->policy));
		s->has |= SHAPE_BIT(POLICY);
	}
	if (tb[RTPL_SHAPE_A_PROFILE]) {
		nla_strlcpy(s->profile, tb[RTPL_SHAPE_A_PROFILE], sizeof(s->profile));
		s->has |= SHAPE_BIT(PROFILE);
	}
	if (tb[RTPL_SHAPE_A_BUCKETS]) {
		n = nla_len(tb[RTPL_SHAPE_A_BUCKETS]) / sizeof(s->bucket[0]);
		s->n_buckets = n < RTPL_BUCKETS_MAX ? n : RTPL_BUCKETS_MAX;
		memcpy(s->bucket, nla_data(tb[RTPL_SHAPE_A_BUCKETS]),
		       s->n_buckets * sizeof(s->bucket[0]));
		s->has |= SHAPE_BIT(BUCKETS);
	}
	/* What the kernel keeps beside the setting in force says nothing. */
	if ((s->has & SHAPE_BIT(SCHED)) && s->sched != RTPL_SCHED_CONST)
		s->has &= ~SHAPE_BIT(RATE);
	if ((s->has & SHAPE_BIT(SIZES)) && s->sizes != RTPL_SIZE_BUCKETS)
		s->has &= ~SHAPE_BIT(BUCKETS);
	if ((s->has & SHAPE_BIT(SIZES)) && s->sizes != RTPL_SIZE_FIXED &&
	    s->sizes != RTPL_SIZE_POW2)
		s->has &= ~SHAPE_BIT(CELL);
	return 0;
}

/* Behind those that came with an earlier message about the peer. */
static int get_prefixes(struct prefixes *p, const struct nlattr *nest, struct err *e)
{
	struct nlattr *tb[RTPL_PREFIX_A_MAX + 1], *a;
	struct prefix *more;
	uint32_t n = 0;
	int rem;

	nla_for_each_nested(a, nest, rem)
		n++;
	if (!n)
		return 0;
	more = reallocarray(p->p, p->n + n, sizeof(*more));
	if (!more)
		return err_set(e, "out of memory");
	p->p = more;
	p->room = p->n + n;
	nla_for_each_nested(a, nest, rem) {
		const struct nlattr *addr;
		struct prefix *to = memset(&p->p[p->n], 0, sizeof(*to));

		if (nla_type(a) != RTPL_PREFIX_A_ENTRY)
			continue;
		if (parse_nest(tb, RTPL_PREFIX_A_MAX, rtpl_prefix_policy, a, e))
			return -1;
		addr = tb[RTPL_PREFIX_A_ADDR];
		if (!addr || !tb[RTPL_PREFIX_A_LEN] || (nla_len(addr) != 4 && nla_len(addr) != 16))
			continue;
		to->family = nla_len(addr) == 4 ? AF_INET : AF_INET6;
		memcpy(to->addr, nla_data(addr), nla_len(addr));
		to->len = get_number(tb[RTPL_PREFIX_A_LEN]);
		p->n++;
	}
	qsort(p->p, p->n, sizeof(*p->p), prefix_compare);
	return 0;
}

static int get_drops(struct drops *d, const struct nlattr *nest, struct err *e)
{
	struct nlattr *tb[RTPL_DROP_A_MAX + 1], *a;
	uint32_t n = 0;
	int rem;

	nla_for_each_nested(a, nest, rem)
		n++;
	free(d->d);
	d->n = 0;
	d->d = n ? calloc(n, sizeof(*d->d)) : NULL;
	if (n && !d->d)
		return err_set(e, "out of memory");
	nla_for_each_nested(a, nest, rem) {
		struct drop *drop = &d->d[d->n];

		if (nla_type(a) != RTPL_DROP_A_ENTRY)
			continue;
		if (parse_nest(tb, RTPL_DROP_A_MAX, rtpl_drop_policy, a, e))
			return -1;
		if (!tb[RTPL_DROP_A_NAME] || !tb[RTPL_DROP_A_COUNT])
			continue;
		get_string(drop->name, sizeof(drop->name), tb[RTPL_DROP_A_NAME]);
		drop->count = get_number(tb[RTPL_DROP_A_COUNT]);
		if (tb[RTPL_DROP_A_TEXT])
			get_string(drop->text, sizeof(drop->text), tb[RTPL_DROP_A_TEXT]);
		d->n++;
	}
	return 0;
}

static int get_stats(struct stats *s, const struct nlattr *nest, struct err *e)
{
	struct nlattr *tb[RTPL_STAT_A_MAX + 1];

	if (parse_nest(tb, RTPL_STAT_A_MAX, rtpl_stat_policy, nest, e))
		return -1;
	for (int i = 1; i <= RTPL_STAT_A_MAX; i++) {
		if (!tb[i] || i == RTPL_STAT_A_PAD || i == RTPL_STAT_A_DROPS)
			continue;
		s->v[i] = get_number(tb[i]);
		s->has |= 1ULL << i;
	}
	return tb[RTPL_STAT_A_DROPS] ? get_drops(&s->drops, tb[RTPL_STAT_A_DROPS], e) : 0;
}

/* Those that @nest has; not its public key. */
static int get_settings(struct peer *p, const struct nlattr *nest, struct err *e)
{
	struct nlattr *tb[RTPL_PEER_A_MAX + 1];

	if (parse_nest(tb, RTPL_PEER_A_MAX, rtpl_peer_policy, nest, e))
		return -1;
	if (tb[RTPL_PEER_A_PSK] && get_key(p->psk, tb[RTPL_PEER_A_PSK]) && !key_is_zero(p->psk))
		p->has |= PEER_BIT(PSK);
	if (tb[RTPL_PEER_A_PSK_SET])
		p->has |= PEER_BIT(PSK_SET);
	if (tb[RTPL_PEER_A_NAME]) {
		get_string(p->name, sizeof(p->name), tb[RTPL_PEER_A_NAME]);
		p->has |= PEER_BIT(NAME);
	}
	if (tb[RTPL_PEER_A_TWIN] && get_key(p->twin, tb[RTPL_PEER_A_TWIN]))
		p->has |= PEER_BIT(TWIN);
	if (tb[RTPL_PEER_A_ENDPOINT]) {
		get_endpoint(&p->endpoint, tb[RTPL_PEER_A_ENDPOINT]);
		if (p->endpoint.sa.sa_family)
			p->has |= PEER_BIT(ENDPOINT);
	}
	if (tb[RTPL_PEER_A_PREFIXES]) {
		p->has |= PEER_BIT(PREFIXES);
		if (get_prefixes(&p->prefixes, tb[RTPL_PEER_A_PREFIXES], e))
			return -1;
	}
#define GET(attr, field) do {						\
		if (tb[RTPL_PEER_A_##attr]) {				\
			p->field = get_number(tb[RTPL_PEER_A_##attr]);	\
			p->has |= PEER_BIT(attr);			\
		}							\
	} while (0)
	GET(REQUIRE, require);
	GET(KEEPALIVE, keepalive);
	GET(DSCP, dscp);
	GET(ECN, ecn);
	GET(ID, id);
	GET(STATE, state);
	GET(LAST_HANDSHAKE, last_handshake);
	GET(CELL_NOW, cell_now);
	GET(MISMATCH, mismatch);
#undef GET
	if ((tb[RTPL_PEER_A_SHAPE] && get_shape(&p->shape, tb[RTPL_PEER_A_SHAPE], e)) ||
	    (tb[RTPL_PEER_A_SHAPE_NOW] && get_shape(&p->shape_now, tb[RTPL_PEER_A_SHAPE_NOW], e)))
		return -1;
	if (tb[RTPL_PEER_A_SHAPE_THEIRS] && get_shape(&p->theirs, tb[RTPL_PEER_A_SHAPE_THEIRS], e))
		return -1;
	if (tb[RTPL_PEER_A_STATS]) {
		p->has |= PEER_BIT(STATS);
		return get_stats(&p->stats, tb[RTPL_PEER_A_STATS], e);
	}
	return 0;
}

static int get_peer(struct peer *p, const struct nlattr *nest, struct err *e)
{
	const struct nlattr *key = nla_find(nla_data(nest), nla_len(nest), RTPL_PEER_A_PUBLIC_KEY);

	if (!key || !get_key(p->public_key, key))
		return err_set(e, "the kernel's answer names no peer");
	p->has |= PEER_BIT(PUBLIC_KEY) | PEER_BIT(PREFIXES);
	return get_settings(p, nest, e);
}

static int get_node(struct node *n, const struct nlattr *nest, struct err *e)
{
	struct nlattr *tb[RTPL_NODE_A_MAX + 1];

	if (parse_nest(tb, RTPL_NODE_A_MAX, rtpl_node_policy, nest, e))
		return -1;
	if (tb[RTPL_NODE_A_PRIVATE_KEY] && get_key(n->private_key, tb[RTPL_NODE_A_PRIVATE_KEY]) &&
	    !key_is_zero(n->private_key))
		n->has |= NODE_BIT(PRIVATE_KEY);
	if (tb[RTPL_NODE_A_PUBLIC_KEY] && get_key(n->public_key, tb[RTPL_NODE_A_PUBLIC_KEY]) &&
	    !key_is_zero(n->public_key))
		n->has |= NODE_BIT(PUBLIC_KEY);
	if (tb[RTPL_NODE_A_PORT]) {
		n->port = get_number(tb[RTPL_NODE_A_PORT]);
		n->has |= NODE_BIT(PORT);
	}
	if (tb[RTPL_NODE_A_FWMARK]) {
		n->fwmark = get_number(tb[RTPL_NODE_A_FWMARK]);
		n->has |= NODE_BIT(FWMARK);
	}
	if (tb[RTPL_NODE_A_BIND_DEVICE]) {
		nla_strlcpy(n->bind_device, tb[RTPL_NODE_A_BIND_DEVICE], sizeof(n->bind_device));
		n->has |= NODE_BIT(BIND_DEVICE);
	}
	if (tb[RTPL_NODE_A_PEERS])
		n->n_peers = get_number(tb[RTPL_NODE_A_PEERS]);
	if (tb[RTPL_NODE_A_VERSION])
		get_string(n->version, sizeof(n->version), tb[RTPL_NODE_A_VERSION]);
	return 0;
}

/* Before and after. */
static int get_event_change(struct nlattr **tb, struct event *ev, struct err *e)
{
	for (int i = 0; i < 2; i++) {
		const struct nlattr *peer = tb[RTPL_EVENT_A_PEER_BEFORE + i];
		const struct nlattr *node = tb[RTPL_EVENT_A_NODE_BEFORE + i];
		const struct nlattr *shape = tb[RTPL_EVENT_A_SHAPE_BEFORE + i];

		if ((peer && get_settings(&ev->peer[i], peer, e)) ||
		    (node && get_node(&ev->node[i], node, e)) ||
		    (shape && get_shape(&ev->shape[i], shape, e)))
			return -1;
	}
	return 0;
}

void event_free(struct event *ev)
{
	for (int i = 0; i < 2; i++)
		peer_free(&ev->peer[i]);
}

int get_event(const struct nlmsghdr *nlh, struct event *ev, struct err *e)
{
	struct nlattr *top[RTPL_A_MAX + 1], *tb[RTPL_EVENT_A_MAX + 1], *a;

	memset(ev, 0, sizeof(*ev));
	if (parse_top(top, nlh, e))
		return -1;
	if (!top[RTPL_A_EVENT])
		return 0;
	if (parse_nest(tb, RTPL_EVENT_A_MAX, rtpl_event_policy, top[RTPL_A_EVENT], e))
		return -1;
	for (int i = 1; i <= RTPL_EVENT_A_MAX; i++)
		if (tb[i])
			ev->has |= 1U << i;
	if (tb[RTPL_EVENT_A_KIND])
		ev->kind = get_number(tb[RTPL_EVENT_A_KIND]);
	if (tb[RTPL_EVENT_A_PUBLIC_KEY] && !get_key(ev->public_key, tb[RTPL_EVENT_A_PUBLIC_KEY]))
		ev->has &= ~(1U << RTPL_EVENT_A_PUBLIC_KEY);
	if (tb[RTPL_EVENT_A_ID])
		ev->id = get_number(tb[RTPL_EVENT_A_ID]);
	if (tb[RTPL_EVENT_A_ENDPOINT])
		get_endpoint(&ev->endpoint, tb[RTPL_EVENT_A_ENDPOINT]);
	if (tb[RTPL_EVENT_A_CELL])
		ev->cell = get_number(tb[RTPL_EVENT_A_CELL]);
	if (tb[RTPL_EVENT_A_IFINDEX])
		ev->ifindex = get_number(tb[RTPL_EVENT_A_IFINDEX]);
	if (tb[RTPL_EVENT_A_REASON])
		get_string(ev->reason, sizeof(ev->reason), tb[RTPL_EVENT_A_REASON]);
	if (tb[RTPL_EVENT_A_LEVEL])
		ev->level = get_number(tb[RTPL_EVENT_A_LEVEL]);
	if (tb[RTPL_EVENT_A_PROFILE])
		get_string(ev->profile, sizeof(ev->profile), tb[RTPL_EVENT_A_PROFILE]);
	if (tb[RTPL_EVENT_A_MISMATCH])
		ev->mismatch = get_number(tb[RTPL_EVENT_A_MISMATCH]);
	if (tb[RTPL_EVENT_A_NAME])
		get_string(ev->name, sizeof(ev->name), tb[RTPL_EVENT_A_NAME]);
	if (tb[RTPL_EVENT_A_PORTID])
		ev->portid = get_number(tb[RTPL_EVENT_A_PORTID]);
	if (tb[RTPL_EVENT_A_UID])
		ev->uid = get_number(tb[RTPL_EVENT_A_UID]);
	if (tb[RTPL_EVENT_A_LEFT_OUT])
		ev->left_out = get_number(tb[RTPL_EVENT_A_LEFT_OUT]);
	if (tb[RTPL_EVENT_A_UNPROTECTED])
		ev->unprotected = get_number(tb[RTPL_EVENT_A_UNPROTECTED]);
	if (get_event_change(tb, ev, e))
		return -1;
	a = tb[RTPL_EVENT_A_ADDR];
	if (a && (nla_len(a) == 4 || nla_len(a) == 16)) {
		ev->addr.family = nla_len(a) == 4 ? AF_INET : AF_INET6;
		ev->addr.len = nla_len(a) * 8;
		memcpy(ev->addr.addr, nla_data(a), nla_len(a));
	} else {
		ev->has &= ~(1U << RTPL_EVENT_A_ADDR);
	}
	return 0;
}

/* ---- requests ---- */

static int take_node(const struct nlmsghdr *nlh, void *arg, struct err *e)
{
	struct nlattr *tb[RTPL_A_MAX + 1];

	if (parse_top(tb, nlh, e))
		return -1;
	return tb[RTPL_A_NODE] ? get_node(arg, tb[RTPL_A_NODE], e) : 0;
}

/* The peer that a message goes on with, or a new one. */
static struct peer *peer_of(struct config *c, const struct nlattr *nest)
{
	struct peer *last = c->n_peers ? &c->peers[c->n_peers - 1] : NULL;
	struct nlattr *key = nla_find(nla_data(nest), nla_len(nest), RTPL_PEER_A_PUBLIC_KEY);

	if (last && key && nla_len(key) == RTPL_KEY_LEN &&
	    !memcmp(last->public_key, nla_data(key), RTPL_KEY_LEN))
		return last;
	return config_add_peer(c);
}

static int take_peers(const struct nlmsghdr *nlh, void *arg, struct err *e)
{
	struct nlattr *tb[RTPL_A_MAX + 1];
	struct config *c = arg;
	struct peer *p;

	if (parse_top(tb, nlh, e))
		return -1;
	if (tb[RTPL_A_GENERATION])
		c->generation = get_number(tb[RTPL_A_GENERATION]);
	if (!tb[RTPL_A_PEER])
		return 0;
	p = peer_of(c, tb[RTPL_A_PEER]);
	if (!p)
		return err_set(e, "out of memory");
	return get_peer(p, tb[RTPL_A_PEER], e);
}

static int get_processors(struct processors *all, const struct nlattr *nest, struct err *e)
{
	struct nlattr *tb[RTPL_PROCESSOR_A_MAX + 1], *a;
	uint32_t n = 0;
	int rem;

	nla_for_each_nested(a, nest, rem)
		n++;
	free(all->p);
	all->n = 0;
	all->p = n ? calloc(n, sizeof(*all->p)) : NULL;
	if (n && !all->p)
		return err_set(e, "out of memory");
	nla_for_each_nested(a, nest, rem) {
		struct processor *p = &all->p[all->n];

		if (nla_type(a) != RTPL_PROCESSOR_A_ENTRY)
			continue;
		if (parse_nest(tb, RTPL_PROCESSOR_A_MAX, rtpl_processor_policy, a, e))
			return -1;
		if (!tb[RTPL_PROCESSOR_A_ID] || !tb[RTPL_PROCESSOR_A_SEALED] ||
		    !tb[RTPL_PROCESSOR_A_OPENED])
			continue;
		p->id = get_number(tb[RTPL_PROCESSOR_A_ID]);
		p->sealed = get_number(tb[RTPL_PROCESSOR_A_SEALED]);
		p->opened = get_number(tb[RTPL_PROCESSOR_A_OPENED]);
		all->n++;
	}
	return 0;
}

static int take_node_stats(const struct nlmsghdr *nlh, void *arg, struct err *e)
{
	struct nlattr *tb[RTPL_A_MAX + 1];
	struct node_stats *s = arg;

	if (parse_top(tb, nlh, e) ||
	    (tb[RTPL_A_DROPS] && get_drops(&s->drops, tb[RTPL_A_DROPS], e)))
		return -1;
	return tb[RTPL_A_PROCESSORS] ?
	       get_processors(&s->processors, tb[RTPL_A_PROCESSORS], e) : 0;
}

static void forget_peers(void *arg)
{
	struct config *c = arg;

	for (uint32_t i = 0; i < c->n_peers; i++)
		peer_free(&c->peers[i]);
	c->n_peers = 0;
}

/* The request is NULL, or could not be filled. */
static int no_room(struct nl_msg *msg, struct err *e)
{
	nlmsg_free(msg);
	return err_set(e, "out of memory");
}

static struct nl_msg *get_request(struct conn *c, int cmd, bool keys)
{
	struct nl_msg *msg = conn_request(c, cmd, 0, PEER_ROOM);

	if (msg && keys && nla_put_flag(msg, RTPL_A_SHOW_KEYS)) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

int kernel_node(struct conn *c, bool keys, struct node *n, struct err *e)
{
	struct nl_msg *msg = get_request(c, RTPL_CMD_NODE_GET, keys);

	memset(n, 0, sizeof(*n));
	return msg ? conn_do(c, msg, take_node, n, e) : no_room(msg, e);
}

int kernel_peers(struct conn *c, bool keys, struct config *conf, struct err *e)
{
	struct nl_msg *msg = get_request(c, RTPL_CMD_PEER_GET, keys);

	return msg ? conn_dump(c, msg, take_peers, forget_peers, conf, e) : no_room(msg, e);
}

int kernel_stats(struct conn *c, struct config *conf, struct err *e)
{
	struct nl_msg *msg = get_request(c, RTPL_CMD_STATS_GET, false);

	return msg ? conn_dump(c, msg, take_peers, forget_peers, conf, e) : no_room(msg, e);
}

int kernel_node_stats(struct conn *c, struct node_stats *s, struct err *e)
{
	struct nl_msg *msg = get_request(c, RTPL_CMD_STATS_GET, false);

	memset(s, 0, sizeof(*s));
	return msg ? conn_do(c, msg, take_node_stats, s, e) : no_room(msg, e);
}

void node_stats_free(struct node_stats *s)
{
	free(s->drops.d);
	free(s->processors.p);
}

void drops_name(struct drops *d, const struct drops *all)
{
	for (uint32_t i = 0; i < d->n; i++)
		for (uint32_t k = 0; k < all->n && !*d->d[i].text; k++)
			if (!strcmp(d->d[i].name, all->d[k].name))
				strcpy(d->d[i].text, all->d[k].text);
}

int no_peer(const uint8_t key[RTPL_KEY_LEN], struct err *e)
{
	char text[KEY_TEXT_LEN + 1];

	/* As the kernel says it: its beginning, which no mask takes for a secret. */
	key_text(key, text);
	return err_set(e, "there is no peer %.8s (rtplctl peer show lists them)", text);
}

int peer_key(const char *word, uint8_t key[RTPL_KEY_LEN], struct err *e)
{
	struct config conf = { 0 };
	struct conn *c = NULL;
	struct err ignored;
	int rc = RC_USAGE;
	uint32_t n = 0;

	if (!parse_key(word, key, quoted(word), e))
		return RC_OK;
	if (strlen(word) < RTPL_NAME_MAX)
		c = conn_open(&ignored);
	/* Nobody to ask: then it is what is wrong with it as a key. */
	if (!c || kernel_peers(c, false, &conf, &ignored))
		goto out;
	for (uint32_t i = 0; i < conf.n_peers; i++)
		if (*word && !strcmp(conf.peers[i].name, word)) {
			memcpy(key, conf.peers[i].public_key, RTPL_KEY_LEN);
			n++;
		}
	if (n == 1)
		rc = RC_OK;
	else if (n > 1 || strlen(word) < KEY_TEXT_LEN - 4)
		rc = RC_ERROR;
	if (n > 1)
		err_set(e, "%u peers have the name %s: give the public key (rtplctl show --brief has them)", n,
			quoted(word));
	else if (rc == RC_ERROR)
		err_set(e, "%s is neither a public key nor the name of a peer (rtplctl show --brief has both)",
			quoted(word));
out:
	config_free(&conf);
	conn_close(c);
	return rc;
}

/* By a dump, which holds any number of prefixes. */
int kernel_peer(struct conn *c, bool keys, const uint8_t key[RTPL_KEY_LEN], struct config *conf,
		struct err *e)
{
	struct nl_msg *msg = get_request(c, RTPL_CMD_PEER_GET, keys);
	struct peer which = { 0 };

	memcpy(which.public_key, key, RTPL_KEY_LEN);
	if (!msg || put_peer(msg, &which))
		return no_room(msg, e);
	if (conn_dump(c, msg, take_peers, forget_peers, conf, e))
		return -1;
	if (conf->n_peers)
		return 0;
	return no_peer(key, e);
}

int kernel_config(struct conn *c, struct config *conf, struct err *e)
{
	memset(conf, 0, sizeof(*conf));
	if (kernel_node(c, true, &conf->node, e) || kernel_peers(c, true, conf, e)) {
		config_free(conf);
		return -1;
	}
	return 0;
}

struct meaning {
	struct input_nearest near;
	char nearest[RTPL_PROFILE_NAME_MAX];
	bool there;
};

static int look_at_profile(const struct kernel_profile *p, void *arg)
{
	struct meaning *m = arg;
	int before = m->near.distance;
	bool any = m->near.name;

	m->there |= !strcmp(p->name, m->near.word);
	input_nearest(&m->near, p->name);
	/* The name is gone when this returns. */
	if (m->near.name && (!any || m->near.distance != before)) {
		strcpy(m->nearest, p->name);
		m->near.name = m->nearest;
	}
	return 0;
}

void profiles_meant(struct conn *c, const struct shape *s, struct err *e)
{
	char names[RTPL_POLICY_NAMES_MAX + RTPL_PROFILE_NAME_MAX], *save = NULL;
	struct err ignored;

	/* Whatever else is wrong is said by itself. */
	if (!strstr(e->text, "no profile of that name") && !strstr(e->text, "a profile that is not there"))
		return;
	snprintf(names, sizeof(names), "%s %s", s->has & SHAPE_BIT(PROFILE) ? s->profile : "",
		 s->has & SHAPE_BIT(POLICY) ? s->policy : "");
	for (char *name = strtok_r(names, " ", &save); name; name = strtok_r(NULL, " ", &save)) {
		struct meaning m = { .near = { .word = name } };
		size_t at = strlen(e->text);

		if (kernel_profiles(c, look_at_profile, &m, &ignored) || m.there)
			continue;
		if (m.near.name)
			snprintf(e->text + at, sizeof(e->text) - at, ": %s (is %s meant?)", quoted(name),
				 m.nearest);
		else
			snprintf(e->text + at, sizeof(e->text) - at,
				 ": %s (rtplctl profile list has them)", quoted(name));
		return;
	}
}

void config_meant(struct conn *c, const struct config *want, struct err *e)
{
	size_t len = strlen(e->text);

	if (is_misfit(e) && !profiles_fit(want, e) && strstr(e->text, "a rate beside it contradict"))
		snprintf(e->text + len, sizeof(e->text) - len,
			 " (take the Rate line out: Rate = off is one, too)");

	for (uint32_t i = 0; i < want->n_peers && strlen(e->text) == len; i++)
		profiles_meant(c, &want->peers[i].shape, e);
}

int kernel_node_set(struct conn *c, const struct node *n, struct err *e)
{
	struct nl_msg *msg = conn_request(c, RTPL_CMD_NODE_SET, 0, PEER_ROOM);

	if (!msg || put_node(msg, n))
		return no_room(msg, e);
	return conn_do(c, msg, NULL, NULL, e);
}

struct nl_msg *peer_request(struct conn *c, int cmd, const struct peer *p, struct err *e)
{
	struct nl_msg *msg = conn_request(c, cmd, 0, PEER_ROOM + (size_t)p->prefixes.n * PREFIX_ROOM);

	if (!msg) {
		err_set(e, "out of memory");
		return NULL;
	}
	if (put_peer(msg, p)) {
		err_set(e, "%u prefixes are more than one message to the kernel holds", p->prefixes.n);
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

int kernel_peer_cmd(struct conn *c, int cmd, const struct peer *p, struct err *e)
{
	struct nl_msg *msg = peer_request(c, cmd, p, e);

	return msg ? conn_do(c, msg, NULL, NULL, e) : -1;
}

/* ---- profiles ---- */

#define PART	32768	/* of a blob in one attribute */

int kernel_profile_set(struct conn *c, const uint8_t *blob, size_t len, struct err *e)
{
	struct nl_msg *msg = conn_request(c, RTPL_CMD_PROFILE_SET, 0, len + (len / PART + 2) * 64);
	struct nlattr *nest;
	size_t at, n;

	for (at = 0; msg && at < len; at += n) {
		n = len - at < PART ? len - at : PART;
		nest = nest_begin(msg, RTPL_A_PROFILE);
		if (!nest || nla_put(msg, RTPL_PROFILE_A_PART, n, blob + at) || nest_end(msg, nest))
			return no_room(msg, e);
	}
	if (!msg)
		return no_room(msg, e);
	conn_room(c, len);
	return conn_do(c, msg, NULL, NULL, e);
}

int kernel_profile_del(struct conn *c, const char *name, struct err *e)
{
	struct nl_msg *msg = conn_request(c, RTPL_CMD_PROFILE_DEL, 0, 256);
	struct nlattr *nest;

	if (!msg)
		return no_room(msg, e);
	nest = nest_begin(msg, RTPL_A_PROFILE);
	if (!nest || nla_put_string(msg, RTPL_PROFILE_A_NAME, name) || nest_end(msg, nest))
		return no_room(msg, e);
	return conn_do(c, msg, NULL, NULL, e);
}

struct profiles_reader {
	int (*fn)(const struct kernel_profile *p, void *arg);
	void *arg;
};

static int take_profile(const struct nlmsghdr *nlh, void *arg, struct err *e)
{
	struct nlattr *top[RTPL_A_MAX + 1], *tb[RTPL_PROFILE_A_MAX + 1];
	struct profiles_reader *r = arg;
	struct kernel_profile p = { 0 };

	if (parse_top(top, nlh, e))
		return -1;
	if (!top[RTPL_A_PROFILE] || parse_nest(tb, RTPL_PROFILE_A_MAX, rtpl_profile_policy, top[RTPL_A_PROFILE], e))
		return err_set(e, "the kernel's answer has no profile");
	if (tb[RTPL_PROFILE_A_NAME])
		get_string(p.name, sizeof(p.name), tb[RTPL_PROFILE_A_NAME]);
	if (tb[RTPL_PROFILE_A_SIZE])
		p.size = get_number(tb[RTPL_PROFILE_A_SIZE]);
	if (tb[RTPL_PROFILE_A_USERS])
		p.users = get_number(tb[RTPL_PROFILE_A_USERS]);
	p.builtin = tb[RTPL_PROFILE_A_BUILTIN];
	return r->fn(&p, r->arg);
}

/* Few, in one message: nothing comes in between that would make it begin again. */
static void no_restart(void *arg)
{
	(void)arg;
}

int kernel_profiles(struct conn *c, int (*fn)(const struct kernel_profile *p, void *arg),
		    void *arg, struct err *e)
{
	struct profiles_reader r = { fn, arg };
	struct nl_msg *msg = conn_request(c, RTPL_CMD_PROFILE_GET, NLM_F_DUMP, 256);

	return msg ? conn_dump(c, msg, take_profile, no_restart, &r, e) : no_room(msg, e);
}
