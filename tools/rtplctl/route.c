// SPDX-License-Identifier: GPL-2.0
/* By which device packets leave, and what that device carries: by rtnetlink, for show. */
#include "rtplctl.h"

#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

#define UP_TO	8	/* devices one below the other */

/* ---- devices ---- */

static int take_link(const struct nlmsghdr *nlh, void *arg, struct err *e)
{
	const struct ifinfomsg *info = nlmsg_data(nlh);
	struct nlattr *tb[IFLA_MAX + 1];
	struct devices *d = arg;
	struct device *more;

	if (nlh->nlmsg_type != RTM_NEWLINK ||
	    nlmsg_parse((struct nlmsghdr *)nlh, sizeof(*info), tb, IFLA_MAX, NULL) < 0)
		return 0;
	more = reallocarray(d->d, d->n + 1, sizeof(*more));
	if (!more)
		return err_set(e, "out of memory");
	d->d = more;
	more = &more[d->n++];
	*more = (struct device){ .index = info->ifi_index, .loopback = info->ifi_flags & IFF_LOOPBACK };
	if (tb[IFLA_IFNAME])
		nla_strlcpy(more->name, tb[IFLA_IFNAME], sizeof(more->name));
	if (tb[IFLA_MTU])
		more->mtu = nla_get_u32(tb[IFLA_MTU]);
	if (tb[IFLA_MASTER])
		more->master = nla_get_u32(tb[IFLA_MASTER]);
	/* Of a pair across namespaces the number is another namespace's. */
	if (tb[IFLA_LINK] && !tb[IFLA_LINK_NETNSID])
		more->below = nla_get_u32(tb[IFLA_LINK]);
	return 0;
}

static void forget_links(void *arg)
{
	struct devices *d = arg;

	d->n = 0;
}

int devices_read(struct conn *route, struct devices *d, struct err *e)
{
	struct ifinfomsg info = { .ifi_family = AF_UNSPEC };
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_GETLINK, 0);

	*d = (struct devices){ 0 };
	if (!msg || nlmsg_append(msg, &info, sizeof(info), NLMSG_ALIGNTO)) {
		nlmsg_free(msg);
		return err_set(e, "out of memory");
	}
	return conn_dump(route, msg, take_link, forget_links, d, e);
}

const struct device *device_find(const struct devices *d, uint32_t index)
{
	for (uint32_t i = 0; index && i < d->n; i++)
		if (d->d[i].index == index)
			return &d->d[i];
	return NULL;
}

static bool is_covered(const struct devices *d, const struct device *dev, const struct qdisc_info *q,
		       uint32_t n, unsigned int depth)
{
	for (uint32_t i = 0; i < n; i++)
		if (!strcmp(q[i].device, dev->name))
			return true;
	if (depth == UP_TO)
		return true;		/* who knows */
	for (uint32_t i = 0; i < d->n; i++)
		if ((d->d[i].master == dev->index || d->d[i].index == dev->below) && d->d[i].index != dev->index &&
		    is_covered(d, &d->d[i], q, n, depth + 1))
			return true;
	return false;
}

bool device_covered(const struct devices *d, const struct device *dev, const struct qdisc_info *q, uint32_t n)
{
	return is_covered(d, dev, q, n, 0);
}

/* ---- routes ---- */

static int take_route(const struct nlmsghdr *nlh, void *arg, struct err *e)
{
	const struct rtmsg *rtm = nlmsg_data(nlh);
	struct nlattr *tb[RTA_MAX + 1], *metric[RTAX_MAX + 1];
	struct route *r = arg;

	(void)e;
	if (nlh->nlmsg_type != RTM_NEWROUTE || rtm->rtm_type != RTN_UNICAST ||
	    nlmsg_parse((struct nlmsghdr *)nlh, sizeof(*rtm), tb, RTA_MAX, NULL) < 0)
		return 0;
	if (tb[RTA_OIF])
		r->device = nla_get_u32(tb[RTA_OIF]);
	if (tb[RTA_METRICS] && !nla_parse_nested(metric, RTAX_MAX, tb[RTA_METRICS], NULL) && metric[RTAX_MTU])
		r->mtu = nla_get_u32(metric[RTAX_MTU]);
	if (tb[RTA_CACHEINFO] && nla_len(tb[RTA_CACHEINFO]) >= (int)sizeof(struct rta_cacheinfo))
		r->learned = ((struct rta_cacheinfo *)nla_data(tb[RTA_CACHEINFO]))->rta_expires;
	return 0;
}

int route_find(struct conn *route, int family, const void *addr, uint32_t mark, uint32_t oif, struct route *r,
	       struct err *e)
{
	size_t len = family == AF_INET ? 4 : 16;
	struct rtmsg rtm = { .rtm_family = family, .rtm_dst_len = len * 8 };
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_GETROUTE, 0);

	*r = (struct route){ 0 };
	if (!msg || nlmsg_append(msg, &rtm, sizeof(rtm), NLMSG_ALIGNTO) || nla_put(msg, RTA_DST, len, addr) ||
	    (mark && nla_put_u32(msg, RTA_MARK, mark)) || (oif && nla_put_u32(msg, RTA_OIF, oif))) {
		nlmsg_free(msg);
		return err_set(e, "out of memory");
	}
	return conn_do(route, msg, take_route, r, e);
}

/* ---- a peer ---- */

static void find_way(struct conn *route, const struct devices *d, const struct node *n, struct peer *p)
{
	const struct endpoint *ep = &p->endpoint;
	bool v6 = ep->sa.sa_family == AF_INET6;
	const struct device *dev;
	struct err ignored;
	struct route r;

	if (route_find(route, ep->sa.sa_family, v6 ? (void *)&ep->in6.sin6_addr : (void *)&ep->in4.sin_addr,
		       n->fwmark, *n->bind_device ? if_nametoindex(n->bind_device) :
		       v6 ? ep->in6.sin6_scope_id : 0, &r, &ignored))
		return;
	dev = device_find(d, r.device);
	if (!dev || dev->loopback)
		return;
	strcpy(p->way.device, dev->name);
	/* What a route has by itself somebody set; what was learned of the path passes. */
	p->way.mtu = r.mtu && !r.learned && r.mtu < dev->mtu ? r.mtu : dev->mtu;
}

/* Of the peer's addresses one that leaves by a device where no qdisc takes it. */
static void find_bare(struct conn *route, const struct devices *d, const struct qdisc_info *q, uint32_t n,
		      struct peer *p)
{
	unsigned int tries = 0;
	struct err ignored;
	struct route r;

	for (uint32_t i = 0; i < p->prefixes.n && tries < UP_TO && !*p->way.bare; i++) {
		const struct prefix *x = &p->prefixes.p[i];
		const struct device *dev;

		/* Of many addresses each may have its own route. */
		if (x->len != (x->family == AF_INET ? 32 : 128) ||
		    (x->family == AF_INET6 && IN6_IS_ADDR_LINKLOCAL((struct in6_addr *)x->addr)))
			continue;
		tries++;
		if (route_find(route, x->family, x->addr, 0, 0, &r, &ignored))
			continue;
		dev = device_find(d, r.device);
		if (!dev || dev->loopback || device_covered(d, dev, q, n))
			continue;
		strcpy(p->way.bare, dev->name);
		p->way.bare_addr = *x;
	}
}

void ways_find(struct conn *route, const struct node *n, const struct qdisc_info *q, uint32_t n_qdiscs,
	       struct config *c)
{
	char name[65], word[4096];
	struct devices d;
	struct err ignored;
	bool held = c->n_peers && (!(n->has & NODE_BIT(PUBLIC_KEY)) || state_held(name, word));

	for (uint32_t i = 0; held && i < c->n_peers; i++)
		c->peers[i].way.held = true;
	if (c->n_peers && !devices_read(route, &d, &ignored))
		for (uint32_t i = 0; i < c->n_peers; i++) {
			if (c->peers[i].endpoint.sa.sa_family)
				find_way(route, &d, n, &c->peers[i]);
			/* Where no device has it, that is told of the node. */
			if (n_qdiscs)
				find_bare(route, &d, q, n_qdiscs, &c->peers[i]);
		}
	else
		d = (struct devices){ 0 };
	free(d.d);
}

void ways_look(struct conn *c, struct config *conf)
{
	struct qdisc_info *list = NULL;
	struct node n = { 0 };
	struct err ignored;
	struct conn *route;
	uint32_t n_list = 0;

	route = conn_open_route(&ignored);
	if (route && !kernel_node(c, false, &n, &ignored) && !qdisc_list(route, &list, &n_list, &ignored))
		ways_find(route, &n, list, n_list, conf);
	free(list);
	conn_close(route);
}
