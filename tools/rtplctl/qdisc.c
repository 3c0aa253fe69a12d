// SPDX-License-Identifier: GPL-2.0
/* The qdisc on a device: put there, taken away, listed; by rtnetlink, as tc would. */
#include "rtplctl.h"

#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/rtpl_tc.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

#define KIND "rtpl"

static struct nl_msg *request(int type, int flags, const struct tcmsg *tcm)
{
	struct nl_msg *msg = nlmsg_alloc_simple(type, flags);

	if (msg && nlmsg_append(msg, (void *)tcm, sizeof(*tcm), NLMSG_ALIGNTO)) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

static int put_options(struct nl_msg *msg, const struct config *c)
{
	const struct shape *s = &c->shape;
	struct nlattr *nest = nla_nest_start(msg, TCA_OPTIONS | NLA_F_NESTED);

	if (!nest ||
	    (c->has_unprotected && nla_put_u32(msg, TCA_RTPL_UNPROTECTED, c->unprotected)) ||
	    ((s->has & SHAPE_BIT(SIZES)) &&
	     nla_put_u32(msg, TCA_RTPL_CELL, s->sizes == RTPL_SIZE_FIXED ? s->cell : 0)) ||
	    ((s->has & SHAPE_BIT(SCHED)) &&
	     nla_put_u32(msg, TCA_RTPL_RATE, s->sched == RTPL_SCHED_CONST ? s->rate : 0)) ||
	    ((s->has & SHAPE_BIT(LATENCY)) && nla_put_u64(msg, TCA_RTPL_LATENCY, s->latency)) ||
	    ((s->has & SHAPE_BIT(LIMIT)) && nla_put_u32(msg, TCA_RTPL_LIMIT, s->limit)) ||
	    ((s->has & SHAPE_BIT(PROFILE)) &&
	     nla_put_string(msg, TCA_RTPL_PROFILE, s->profile)))
		return -1;
	return nla_nest_end_keep_empty(msg, nest) ? -1 : 0;
}

struct found {
	int ifindex;
	bool rtpl;		/* the root of @ifindex is one of ours */
	uint32_t handle;
	char root[IFNAMSIZ];	/* kind of that root, whosever it is */
	struct qdisc_info now;	/* of ours */
	struct qdisc_info *list;
	uint32_t n;
};

static int take(const struct nlmsghdr *nlh, void *arg, struct err *e)
{
	const struct tcmsg *tcm = nlmsg_data(nlh);
	struct nlattr *tb[TCA_MAX + 1], *opt[TCA_RTPL_MAX + 1];
	struct found *f = arg;
	struct qdisc_info *q = &f->now, *more;

	if (nlh->nlmsg_type != RTM_NEWQDISC ||
	    nlmsg_parse((struct nlmsghdr *)nlh, sizeof(*tcm), tb, TCA_MAX, NULL) < 0 || !tb[TCA_KIND])
		return 0;
	if (f->ifindex && tcm->tcm_ifindex == f->ifindex && tcm->tcm_parent == TC_H_ROOT)
		nla_strlcpy(f->root, tb[TCA_KIND], sizeof(f->root));
	if (nla_strcmp(tb[TCA_KIND], KIND) || (f->ifindex && tcm->tcm_ifindex != f->ifindex))
		return 0;
	if (tcm->tcm_parent == TC_H_ROOT) {
		f->rtpl = true;
		f->handle = tcm->tcm_handle;
	}
	if (f->ifindex && tcm->tcm_parent != TC_H_ROOT)
		return 0;
	if (!f->ifindex) {
		more = reallocarray(f->list, f->n + 1, sizeof(*more));
		if (!more)
			return err_set(e, "out of memory");
		f->list = more;
		q = &more[f->n++];
	}
	memset(q, 0, sizeof(*q));
	if (!if_indextoname(tcm->tcm_ifindex, q->device))
		snprintf(q->device, sizeof(q->device), "%d", tcm->tcm_ifindex);
	q->handle = tcm->tcm_handle >> 16;
	if (!tb[TCA_OPTIONS] || nla_parse_nested(opt, TCA_RTPL_MAX, tb[TCA_OPTIONS], NULL) < 0)
		return 0;
	if (opt[TCA_RTPL_UNPROTECTED])
		q->unprotected = nla_get_u32(opt[TCA_RTPL_UNPROTECTED]);
	if (opt[TCA_RTPL_CELL]) {
		q->shape.cell = nla_get_u32(opt[TCA_RTPL_CELL]);
		q->shape.sizes = q->shape.cell ? RTPL_SIZE_FIXED : RTPL_SIZE_DEVICE;
		q->shape.has |= SHAPE_BIT(SIZES) | (q->shape.cell ? SHAPE_BIT(CELL) : 0);
	}
	if (opt[TCA_RTPL_RATE]) {
		q->shape.rate = nla_get_u32(opt[TCA_RTPL_RATE]);
		q->shape.sched = q->shape.rate ? RTPL_SCHED_CONST : RTPL_SCHED_ASAP;
		q->shape.has |= SHAPE_BIT(SCHED) | (q->shape.rate ? SHAPE_BIT(RATE) : 0);
	}
	if (opt[TCA_RTPL_LATENCY]) {
		q->shape.latency = nla_get_u64(opt[TCA_RTPL_LATENCY]);
		q->shape.has |= SHAPE_BIT(LATENCY);
	}
	if (opt[TCA_RTPL_LIMIT]) {
		q->shape.limit = nla_get_u32(opt[TCA_RTPL_LIMIT]);
		q->shape.has |= SHAPE_BIT(LIMIT);
	}
	if (opt[TCA_RTPL_PROFILE]) {
		nla_strlcpy(q->shape.profile, opt[TCA_RTPL_PROFILE], sizeof(q->shape.profile));
		q->shape.has |= SHAPE_BIT(PROFILE);
	}
	return 0;
}

static void restart(void *arg)
{
	struct found *f = arg;

	f->n = 0;
	f->rtpl = false;
}

static int dump(struct conn *route, struct found *f, struct err *e)
{
	struct tcmsg tcm = { .tcm_family = AF_UNSPEC, .tcm_ifindex = f->ifindex };
	struct nl_msg *msg = request(RTM_GETQDISC, 0, &tcm);

	return msg ? conn_dump(route, msg, take, restart, f, e) : err_set(e, "out of memory");
}

int qdisc_list(struct conn *route, struct qdisc_info **list, uint32_t *n, struct err *e)
{
	struct found f = { 0 };
	int rc = dump(route, &f, e);

	if (rc) {
		free(f.list);
		return rc;
	}
	*list = f.list;
	*n = f.n;
	return 0;
}

bool qdisc_any(void)
{
	struct qdisc_info *list = NULL;
	struct conn *route;
	struct err ignored;
	uint32_t n = 1;

	route = conn_open_route(&ignored);
	if (route && qdisc_list(route, &list, &n, &ignored))
		n = 1;
	free(list);
	conn_close(route);
	return n;
}

/* Has the qdisc all that put_options() would give it? */
static bool has_options(const struct qdisc_info *q, const struct config *c)
{
	const struct shape *is = &q->shape, *s = &c->shape;

#define SAME(attr, equal) (!(s->has & SHAPE_BIT(attr)) || ((is->has & SHAPE_BIT(attr)) && (equal)))
	return (!c->has_unprotected || q->unprotected == c->unprotected) &&
	       SAME(SIZES, is->cell == (s->sizes == RTPL_SIZE_FIXED ? s->cell : 0)) &&
	       SAME(SCHED, is->rate == (s->sched == RTPL_SCHED_CONST ? s->rate : 0)) &&
	       SAME(LATENCY, is->latency == s->latency) && SAME(LIMIT, is->limit == s->limit) &&
	       SAME(PROFILE, !strcmp(is->profile, s->profile));
#undef SAME
}

int qdisc_add(struct conn *route, const char *device, const struct config *c, bool *was,
	      struct err *e)
{
	struct tcmsg tcm = {
		.tcm_family = AF_UNSPEC, .tcm_parent = TC_H_ROOT, .tcm_handle = 1 << 16,
	};
	struct found f = { 0 };
	struct nl_msg *msg;
	struct err why;

	*was = false;
	f.ifindex = if_nametoindex(device);
	if (!f.ifindex)
		return err_set(e, "there is no device %s", quoted(device));
	if (dump(route, &f, e))
		return -1;
	if (f.rtpl)
		tcm.tcm_handle = f.handle;
	*was = f.rtpl;
	if (f.rtpl && has_options(&f.now, c))
		return 0;
	tcm.tcm_ifindex = f.ifindex;
	msg = request(RTM_NEWQDISC, NLM_F_CREATE | (f.rtpl ? NLM_F_REPLACE : NLM_F_EXCL), &tcm);
	if (!msg || nla_put_string(msg, TCA_KIND, KIND) || put_options(msg, c)) {
		nlmsg_free(msg);
		return err_set(e, "out of memory");
	}
	if (!conn_do(route, msg, NULL, NULL, &why))
		return 0;
	if (conn_errno(route) == EEXIST)
		return err_set(e, "device %s has a root qdisc already, %s: \"tc qdisc del dev %s root\" takes it away, \"tc qdisc replace dev %s root rtpl\" puts rtpl in its place",
			       quoted(device), f.root, device, device);
	if (conn_errno(route) == ENOENT && strstr(why.text, "profile"))
		return err_set(e, "device %s: there is no profile %s (rtplctl profile list has those there are)",
			       quoted(device), quoted(c->shape.profile));
	if (conn_errno(route) == ENOENT)
		return err_set(e, "device %s: the kernel knows no qdisc rtpl (load the module with \"modprobe rtpl\")",
			       quoted(device));
	if (is_misfit(&why) && profile_fits(&c->shape, NULL, NULL, &why))
		return err_set(e, "device %s: %.600s", quoted(device), why.text);
	return err_set(e, "device %s: %.600s%s", quoted(device), why.text,
		       strstr(why.text, "a rate beside it contradict") ? " (take the Rate line out: Rate = off is one, too)" : "");
}

int qdisc_add_listed(struct conn *route, const struct config *c, uint32_t i, bool *was, struct err *e)
{
	struct err why;

	if (!qdisc_add(route, c->devices.w[i], c, was, &why))
		return 0;
	return err_set(e, "%.200s:%u: %.520s", c->file, c->device_line[i], why.text);
}

int qdisc_del(struct conn *route, const char *device, bool *was, struct err *e)
{
	struct tcmsg tcm = { .tcm_family = AF_UNSPEC, .tcm_parent = TC_H_ROOT };
	struct found f = { 0 };
	struct nl_msg *msg;
	struct err why;

	*was = false;
	f.ifindex = if_nametoindex(device);
	if (!f.ifindex)
		return 0;
	if (dump(route, &f, e))
		return -1;
	if (!f.rtpl)
		return 0;
	*was = true;
	tcm.tcm_ifindex = f.ifindex;
	msg = request(RTM_DELQDISC, 0, &tcm);
	if (!msg || nla_put_string(msg, TCA_KIND, KIND)) {
		nlmsg_free(msg);
		return err_set(e, "out of memory");
	}
	if (conn_do(route, msg, NULL, NULL, &why))
		return err_set(e, "device %s: %.600s", quoted(device), why.text);
	return 0;
}
