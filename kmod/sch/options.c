// SPDX-License-Identifier: GPL-2.0
/*
 * tc's options of the qdisc: from attributes to a checked struct, and back.
 */
#include <linux/inetdevice.h>
#include <net/netlink.h>

#include "link/link.h"
#include "node/node.h"
#include "sch/qdisc.h"

static const struct nla_policy rtpl_tc_policy[TCA_RTPL_MAX + 1] = {
	[TCA_RTPL_UNPROTECTED]	= NLA_POLICY_MAX(NLA_U32, __RTPL_UNPROTECTED_MAX - 1),
	[TCA_RTPL_CELL]		= { .type = NLA_U32 },
	[TCA_RTPL_RATE]		= { .type = NLA_U32 },
	[TCA_RTPL_LATENCY]	= { .type = NLA_U64 },
	[TCA_RTPL_LIMIT]	= { .type = NLA_U32 },
	[TCA_RTPL_PROFILE]	= { .type = NLA_NUL_STRING, .len = RTPL_PROFILE_NAME_MAX - 1 },
};

/**
 * rtpl_options_parse() - check tc's options
 * @sch: the qdisc
 * @nla: TCA_OPTIONS, or NULL
 * @opt: in: what is in force; out: with what @nla changes
 * @extack: a sentence on error
 *
 * Context: process, RTNL.
 * Return: 0 or -errno, and then @opt is not to be used.
 */
int rtpl_options_parse(struct Qdisc *sch, struct nlattr *nla, struct rtpl_sched_options *opt,
		       struct netlink_ext_ack *extack)
{
	const int overhead = sizeof(struct iphdr) + sizeof(struct udphdr);
	struct rtpl_shape *shape = &opt->shape.shape;
	struct net_device *dev = qdisc_dev(sch);
	struct rtpl_net *rn = rtpl_net(dev_net(dev));
	struct nlattr *tb[TCA_RTPL_MAX + 1];
	const char *why = NULL;
	int err;

	if (!nla)
		return 0;
	err = nla_parse_nested(tb, TCA_RTPL_MAX, nla, rtpl_tc_policy, extack);
	if (err)
		return err;

	if (tb[TCA_RTPL_UNPROTECTED])
		opt->unprotected = nla_get_u32(tb[TCA_RTPL_UNPROTECTED]);
	if (tb[TCA_RTPL_CELL]) {
		u32 cell = nla_get_u32(tb[TCA_RTPL_CELL]);

		if (cell && (cell < RTPL_HANDSHAKE_MIN || cell > RTPL_CELL_MAX)) {
			NL_SET_ERR_MSG_ATTR(extack, tb[TCA_RTPL_CELL],
					    "cell must be 256 to 9000 bytes of UDP payload, or 0 to follow the device");
			return -ERANGE;
		}
		if (cell + overhead > dev->mtu) {
			NL_SET_ERR_MSG_ATTR(extack, tb[TCA_RTPL_CELL],
					    "cell is larger than the device's MTU carries");
			return -EMSGSIZE;
		}
		shape->sizes = cell ? RTPL_SIZES_FIXED : RTPL_SIZES_DEVICE;
		shape->cell = cell;
		opt->shape.has |= RTPL_SHAPE_HAS(SIZES) | RTPL_SHAPE_HAS(CELL);
	}
	if (tb[TCA_RTPL_RATE]) {
		shape->rate = nla_get_u32(tb[TCA_RTPL_RATE]);
		shape->sched = shape->rate ? RTPL_SCHEDULE_CONST : RTPL_SCHEDULE_ASAP;
		opt->shape.has |= RTPL_SHAPE_HAS(SCHED) | RTPL_SHAPE_HAS(RATE);
	}
	if (tb[TCA_RTPL_LATENCY]) {
		shape->latency_ns = nla_get_u64(tb[TCA_RTPL_LATENCY]);
		opt->shape.has |= RTPL_SHAPE_HAS(LATENCY);
	}
	if (tb[TCA_RTPL_LIMIT]) {
		shape->limit = nla_get_u32(tb[TCA_RTPL_LIMIT]);
		opt->shape.has |= RTPL_SHAPE_HAS(LIMIT);
	}
	if (tb[TCA_RTPL_PROFILE]) {
		nla_strscpy(opt->shape.profile, tb[TCA_RTPL_PROFILE], sizeof(opt->shape.profile));
		opt->shape.has |= RTPL_SHAPE_HAS(PROFILE);
	}
	mutex_lock(&rn->lock);
	err = rtpl_shape_would_hold(rn, &opt->shape, NULL, &why);
	mutex_unlock(&rn->lock);
	if (err)
		rtpl_extack_text(extack, why);
	return err;
}

/**
 * rtpl_options_dump() - put the options into a message
 * @opt: options in force
 * @skb: message under way, in TCA_OPTIONS
 *
 * Context: process, RTNL held.
 * Return: 0 or -EMSGSIZE (the caller cancels the nest).
 */
int rtpl_options_dump(const struct rtpl_sched_options *opt, struct sk_buff *skb)
{
	const struct rtpl_shape *shape = &opt->shape.shape;
	u32 has = opt->shape.has;

	if (nla_put_u32(skb, TCA_RTPL_UNPROTECTED, opt->unprotected))
		return -EMSGSIZE;
	if (has & RTPL_SHAPE_HAS(CELL) && nla_put_u32(skb, TCA_RTPL_CELL, shape->cell))
		return -EMSGSIZE;
	if (has & RTPL_SHAPE_HAS(RATE) && nla_put_u32(skb, TCA_RTPL_RATE, shape->rate))
		return -EMSGSIZE;
	if (has & RTPL_SHAPE_HAS(LATENCY) &&
	    nla_put_u64_64bit(skb, TCA_RTPL_LATENCY, shape->latency_ns, TCA_RTPL_PAD))
		return -EMSGSIZE;
	if (has & RTPL_SHAPE_HAS(LIMIT) && nla_put_u32(skb, TCA_RTPL_LIMIT, shape->limit))
		return -EMSGSIZE;
	if (has & RTPL_SHAPE_HAS(PROFILE) &&
	    nla_put_string(skb, TCA_RTPL_PROFILE, opt->shape.profile))
		return -EMSGSIZE;
	return 0;
}
