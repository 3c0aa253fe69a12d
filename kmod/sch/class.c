// SPDX-License-Identifier: GPL-2.0
/*
 * The classes of the qdisc: clear and fast have a child qdisc each, private has none until
 * there are circuits, and drop has none.
 */
#include <net/pkt_cls.h>

#include "sch/qdisc.h"

static struct Qdisc **rtpl_class_child(struct Qdisc *sch, unsigned long class)
{
	struct rtpl_qdisc *q = qdisc_priv(sch);

	switch (class) {
	case RTPL_CLASS_CLEAR:
		return &q->clear;
	case RTPL_CLASS_FAST:
		return &q->fast;
	default:
		return NULL;
	}
}

static int rtpl_class_graft(struct Qdisc *sch, unsigned long class, struct Qdisc *new,
			    struct Qdisc **old, struct netlink_ext_ack *extack)
{
	struct Qdisc **child = rtpl_class_child(sch, class);
	struct rtpl_qdisc *q = qdisc_priv(sch);

	if (!child) {
		if (class == RTPL_CLASS_PRIVATE)
			NL_SET_ERR_MSG_MOD(extack,
					   "class private has no queue: there are no circuits");
		else
			NL_SET_ERR_MSG_MOD(extack, "class drop has no queue");
		return -EOPNOTSUPP;
	}
	if (!new) {
		new = rtpl_qdisc_child(sch, class, extack);
		if (new)
			qdisc_hash_add(new, true);
		else
			new = &noop_qdisc;
	}
	if (class == RTPL_CLASS_FAST && q->held) {
		/* The held packet came from the old child, and is dropped with it. */
		sch_tree_lock(sch);
		if (q->held) {
			sch->q.qlen--;
			qdisc_qstats_backlog_dec(sch, q->held);
			rtnl_kfree_skbs(q->held, q->held);
			rtpl_qdisc_hold(q, NULL);
			rtpl_count_drop(q->rn, NULL, RTPL_DROP_PURGED, 1);
		}
		sch_tree_unlock(sch);
	}
	*old = qdisc_replace(sch, new, child);
	return 0;
}

static struct Qdisc *rtpl_class_leaf(struct Qdisc *sch, unsigned long class)
{
	struct Qdisc **child = rtpl_class_child(sch, class);

	return child ? *child : NULL;
}

static unsigned long rtpl_class_find(struct Qdisc *sch, u32 classid)
{
	u32 minor = TC_H_MIN(classid);

	return minor >= 1 && minor <= RTPL_CLASS_MAX ? minor : 0;
}

/*
 * A filter names a class. It cannot be refused here: the core keeps a filter that binds to nothing.
 * What it matches is dropped (RTPL_DROP_NO_CLASS).
 */
static unsigned long rtpl_class_bind(struct Qdisc *sch, unsigned long parent, u32 classid)
{
	if (rtpl_qdisc_class(sch, classid) == RTPL_CLASS_NONE) {
		net_warn_ratelimited("rtpl: %s: a filter names class %x:%x, which does not exist: what it matches is dropped (classes of %x: are 1 clear, 2 fast, 3 private, 4 drop)\n",
				     qdisc_dev(sch)->name, TC_H_MAJ(classid) >> 16,
				     TC_H_MIN(classid), sch->handle >> 16);
		return 0;
	}
	return rtpl_class_find(sch, classid);
}

static void rtpl_class_unbind(struct Qdisc *sch, unsigned long class)
{
}

static int rtpl_class_dump(struct Qdisc *sch, unsigned long class, struct sk_buff *skb,
			   struct tcmsg *tcm)
{
	struct Qdisc *child = rtpl_class_leaf(sch, class);

	tcm->tcm_handle |= TC_H_MIN(class);
	if (child)
		tcm->tcm_info = child->handle;
	return 0;
}

static int rtpl_class_dump_stats(struct Qdisc *sch, unsigned long class, struct gnet_dump *d)
{
	struct Qdisc *child = rtpl_class_leaf(sch, class);

	if (!child)
		return 0;
	if (gnet_stats_copy_basic(d, child->cpu_bstats, &child->bstats, true) < 0 ||
	    qdisc_qstats_copy(d, child) < 0)
		return -1;
	return 0;
}

static void rtpl_class_walk(struct Qdisc *sch, struct qdisc_walker *arg)
{
	unsigned long class;

	if (arg->stop)
		return;
	for (class = 1; class <= RTPL_CLASS_MAX; class++)
		if (!tc_qdisc_stats_dump(sch, class, arg))
			break;
}

static struct tcf_block *rtpl_class_block(struct Qdisc *sch, unsigned long class,
					  struct netlink_ext_ack *extack)
{
	struct rtpl_qdisc *q = qdisc_priv(sch);

	return class ? NULL : q->block;
}

/* The core calls all of them for tc's requests, and when filters come and go: process, RTNL. */
const struct Qdisc_class_ops rtpl_class_ops = {
	.graft		= rtpl_class_graft,
	.leaf		= rtpl_class_leaf,
	.find		= rtpl_class_find,
	.walk		= rtpl_class_walk,
	.tcf_block	= rtpl_class_block,
	.bind_tcf	= rtpl_class_bind,
	.unbind_tcf	= rtpl_class_unbind,
	.dump		= rtpl_class_dump,
	.dump_stats	= rtpl_class_dump_stats,
};
