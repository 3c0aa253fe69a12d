// SPDX-License-Identifier: GPL-2.0
/*
 * Events of the netlink family, for listeners in the namespace: what happened to a link, or at the
 * leakguard. Documentation/netlink/specs/rtpl.yaml describes them.
 */
#include "event.h"
#include "netlink/messages.h"
#include "netlink/netlink.h"
#include "node/node.h"
#include "trace.h"

#define RTPL_EVENT_SIZE		384

/* Begin a message with kind and peer. Return: NULL without a listener, or without memory. */
static struct sk_buff *rtpl_event_begin(struct rtpl_peer *peer, enum rtpl_event_kind kind,
					void **hdr, struct nlattr **nest)
{
	struct rtpl_net *rn = peer->owner.rn;
	struct sk_buff *msg;

	if (!genl_has_listeners(&rtpl_genl_family, rn->net, RTPL_GROUP_EVENTS))
		return NULL;
	msg = genlmsg_new(RTPL_EVENT_SIZE, GFP_ATOMIC);
	if (!msg)
		return NULL;
	*hdr = genlmsg_put(msg, 0, 0, &rtpl_genl_family, 0, RTPL_CMD_EVENT);
	if (!*hdr || nla_put_u32(msg, RTPL_A_GENERATION, READ_ONCE(rn->generation)))
		goto err_free;
	*nest = nla_nest_start(msg, RTPL_A_EVENT);
	if (!*nest || nla_put_u32(msg, RTPL_EVENT_A_KIND, kind))
		goto err_free;
	if (nla_put(msg, RTPL_EVENT_A_PUBLIC_KEY, RTPL_KEY_LEN, peer->public_key) ||
	    nla_put_u32(msg, RTPL_EVENT_A_ID, peer->owner.id) ||
	    rtpl_nl_put_name(msg, RTPL_EVENT_A_NAME, peer))
		goto err_free;
	return msg;

err_free:
	WARN_ON_ONCE(1);	/* RTPL_EVENT_SIZE is too small */
	nlmsg_free(msg);
	return NULL;
}

static void rtpl_event_end(struct rtpl_net *rn, struct sk_buff *msg, void *hdr,
			   struct nlattr *nest)
{
	nla_nest_end(msg, nest);
	genlmsg_end(msg, hdr);
	genlmsg_multicast_netns(&rtpl_genl_family, rn->net, msg, 0, RTPL_GROUP_EVENTS,
				GFP_ATOMIC);
}

static void rtpl_netlink_event(struct rtpl_owner *owner, enum rtpl_event_kind kind)
{
	struct rtpl_peer *peer = rtpl_peer_of(owner);
	struct nlattr *nest;
	struct sk_buff *msg;
	void *hdr;
	int err;

	if (kind == RTPL_EVENT_LINK_UP)
		trace_rtpl_link(peer->owner.id, RTPL_LINK_UP);
	else if (kind == RTPL_EVENT_LINK_LOST)
		trace_rtpl_link(peer->owner.id, RTPL_LINK_DOWN);

	msg = rtpl_event_begin(peer, kind, &hdr, &nest);
	if (!msg)
		return;
	err = 0;
	if (kind == RTPL_EVENT_ROAMED)
		err = rtpl_nl_put_endpoint(msg, RTPL_EVENT_A_ENDPOINT, peer);
	else if (kind == RTPL_EVENT_PATH_MTU)
		err = nla_put_u32(msg, RTPL_EVENT_A_CELL, READ_ONCE(peer->link.cell_path));
	else if (kind == RTPL_EVENT_MISMATCH)
		err = nla_put_u32(msg, RTPL_EVENT_A_MISMATCH, READ_ONCE(peer->link.differs));
	if (WARN_ON_ONCE(err)) {
		nlmsg_free(msg);
		return;
	}
	rtpl_event_end(owner->rn, msg, hdr, nest);
}

static void rtpl_netlink_event_leakguard(struct rtpl_owner *owner, enum rtpl_drop why, int ifindex,
					 const void *addr, int addr_len)
{
	struct nlattr *nest;
	struct sk_buff *msg;
	void *hdr;

	msg = rtpl_event_begin(rtpl_peer_of(owner), RTPL_EVENT_LEAKGUARD_HIT, &hdr, &nest);
	if (!msg)
		return;
	if (WARN_ON_ONCE(nla_put_u32(msg, RTPL_EVENT_A_IFINDEX, ifindex) ||
			 nla_put_string(msg, RTPL_EVENT_A_REASON, rtpl_drop_names[why]) ||
			 nla_put(msg, RTPL_EVENT_A_ADDR, addr_len, addr))) {
		nlmsg_free(msg);
		return;
	}
	rtpl_event_end(owner->rn, msg, hdr, nest);
}

static void rtpl_netlink_event_policy(struct rtpl_owner *owner, u8 level, const char *profile)
{
	struct nlattr *nest;
	struct sk_buff *msg;
	void *hdr;

	trace_rtpl_adapt(owner->id, level, profile);
	msg = rtpl_event_begin(rtpl_peer_of(owner), RTPL_EVENT_POLICY_STEP, &hdr, &nest);
	if (!msg)
		return;
	if (WARN_ON_ONCE(nla_put_u32(msg, RTPL_EVENT_A_LEVEL, level) ||
			 nla_put_string(msg, RTPL_EVENT_A_PROFILE, profile))) {
		nlmsg_free(msg);
		return;
	}
	rtpl_event_end(owner->rn, msg, hdr, nest);
}

/* event.h describes them. */
const struct rtpl_event_ops rtpl_netlink_event_ops = {
	.link = rtpl_netlink_event,
	.policy = rtpl_netlink_event_policy,
	.leak = rtpl_netlink_event_leakguard,
	.packet = rtpl_tap_packet,
};
