// SPDX-License-Identifier: GPL-2.0
/*
 * Events of changed configuration. The message is begun before the change, gets the settings that
 * the change may touch, and is completed after it; if both states are alike, nothing is sent.
 *
 * No event contains a private or pre-shared key: a flag reports another pre-shared key, and the
 * public key shows that there is another private key.
 *
 * A listener that counts sees from RTPL_A_GENERATION whether an event was lost because of missing
 * memory or a full socket buffer.
 */
#include <crypto/algapi.h>
#include <net/genetlink.h>
#include <net/sock.h>

#include "netlink/messages.h"
#include "netlink/netlink.h"
#include "node/change.h"
#include "node/node.h"
#include "session/session.h"

/* Bytes of an event, with two lists of so many prefixes, two shapes, and the rest. */
#define RTPL_CHANGE_SIZE	12288
#define RTPL_CHANGE_PREFIXES	100

static void rtpl_nl_change_cancel(struct rtpl_change *c)
{
	nlmsg_free(c->msg);
	*c = (struct rtpl_change){};
}

static void rtpl_change_start(struct rtpl_change *c, struct rtpl_net *rn,
			      enum rtpl_event_kind kind, kuid_t uid)
{
	*c = (struct rtpl_change){ .rn = rn };
	if (!genl_has_listeners(&rtpl_genl_family, rn->net, RTPL_GROUP_EVENTS))
		return;
	c->msg = genlmsg_new(RTPL_CHANGE_SIZE, GFP_KERNEL);
	if (!c->msg)
		return;
	c->hdr = genlmsg_put(c->msg, 0, 0, &rtpl_genl_family, 0, RTPL_CMD_EVENT);
	c->nest = c->hdr ? nla_nest_start(c->msg, RTPL_A_EVENT) : NULL;
	if (WARN_ON_ONCE(!c->nest || nla_put_u32(c->msg, RTPL_EVENT_A_KIND, kind) ||
			 nla_put_u32(c->msg, RTPL_EVENT_A_UID,
				     from_kuid_munged(rn->net->user_ns, uid))))
		rtpl_nl_change_cancel(c);
}

/* If it does not fit, drop the event: the change matters more, and goes on. */
static void rtpl_change_put(struct rtpl_change *c, int err)
{
	if (WARN_ON_ONCE(err))
		rtpl_nl_change_cancel(c);
}

static void rtpl_nl_change_begin_node(struct rtpl_change *c, const struct rtpl_request *req,
				      struct rtpl_net *rn, enum rtpl_event_kind kind)
{
	rtpl_change_start(c, rn, kind, req ? req->uid : INVALID_UID);
	if (c->msg && req)
		rtpl_change_put(c, nla_put_u32(c->msg, RTPL_EVENT_A_PORTID, req->portid));
}

static void rtpl_nl_change_begin(struct rtpl_change *c, const struct rtpl_request *req,
				 struct rtpl_peer *peer, enum rtpl_event_kind kind)
{
	rtpl_nl_change_begin_node(c, req, peer->owner.rn, kind);
	if (!c->msg)
		return;
	c->peer = peer;
	rtpl_change_put(c, nla_put(c->msg, RTPL_EVENT_A_PUBLIC_KEY, RTPL_KEY_LEN,
				   peer->public_key) ?:
			   nla_put_u32(c->msg, RTPL_EVENT_A_ID, peer->owner.id) ?:
			   rtpl_nl_put_name(c->msg, RTPL_EVENT_A_NAME, peer));
}

/* Put the prefixes that only the first of two sorted lists has, as far as there is room. */
static int rtpl_change_prefixes(struct rtpl_change *c, const struct rtpl_prefix *p, u32 n,
				const struct rtpl_prefix *other, u32 n_other)
{
	struct nlattr *nest = nla_nest_start(c->msg, RTPL_PEER_A_PREFIXES);
	u32 i, k = 0, put = 0;
	int cmp;

	if (!nest)
		return -EMSGSIZE;
	for (i = 0; i < n; i++) {
		cmp = 1;
		while (k < n_other) {
			cmp = rtpl_prefix_cmp(&other[k], &p[i]);
			if (cmp >= 0)
				break;
			k++;
		}
		if (k < n_other && !cmp)
			continue;
		if (put == RTPL_CHANGE_PREFIXES || rtpl_nl_put_prefix(c->msg, &p[i]))
			c->left_out++;
		else
			put++;
	}
	nla_nest_end(c->msg, nest);
	return 0;
}

/* The second nest is complete: does it differ from the first? */
static void rtpl_change_compare(struct rtpl_change *c, struct nlattr *nest)
{
	if (!c->before)
		c->before = nest;
	else if (nla_len(c->before) != nla_len(nest) ||
		 memcmp(nla_data(c->before), nla_data(nest), nla_len(nest)))
		c->news = true;
}

static void rtpl_nl_change_peer(struct rtpl_change *c, enum rtpl_event_attr type,
				const struct rtpl_peer_config *cfg, u32 has)
{
	struct rtpl_peer *peer = c->peer, *twin;
	struct sk_buff *msg = c->msg;
	struct nlattr *nest;
	int err = -EMSGSIZE;

	if (!msg)
		return;
	nest = nla_nest_start(msg, type);
	if (!nest)
		goto out;
	if ((has & RTPL_PEER_HAS(NAME) && rtpl_nl_put_name(msg, RTPL_PEER_A_NAME, peer)) ||
	    (has & RTPL_PEER_HAS(ENDPOINT) &&
	     rtpl_nl_put_endpoint(msg, RTPL_PEER_A_ENDPOINT, peer)) ||
	    (has & RTPL_PEER_HAS(REQUIRE) &&
	     nla_put_u8(msg, RTPL_PEER_A_REQUIRE, peer->owner.require)) ||
	    (has & RTPL_PEER_HAS(KEEPALIVE) &&
	     nla_put_u16(msg, RTPL_PEER_A_KEEPALIVE, peer->link.session.keepalive)) ||
	    (has & RTPL_PEER_HAS(DSCP) &&
	     nla_put_u8(msg, RTPL_PEER_A_DSCP, peer->link.path.dscp)) ||
	    (has & RTPL_PEER_HAS(ECN) && nla_put_u8(msg, RTPL_PEER_A_ECN, peer->link.path.ecn)) ||
	    (has & RTPL_PEER_HAS(SHAPE) &&
	     rtpl_nl_put_shape(msg, RTPL_PEER_A_SHAPE, &peer->shape)) ||
	    (has & RTPL_PEER_HAS(PREFIXES) &&
	     rtpl_change_prefixes(c, peer->prefixes, peer->n_prefixes, cfg->prefixes,
				  cfg->n_prefixes)))
		goto out;
	if (has & RTPL_PEER_HAS(TWIN) && peer->owner.twin) {
		rcu_read_lock();
		twin = rtpl_peer_by_id(peer->owner.rn, peer->owner.twin);
		err = twin ? nla_put(msg, RTPL_PEER_A_TWIN, RTPL_KEY_LEN, twin->public_key) : 0;
		rcu_read_unlock();
		if (err)
			goto out;
	}
	nla_nest_end(msg, nest);
	/* A peer that is added or removed has one nest, and is always reported. */
	if (has == RTPL_CHANGE_ALL)
		c->news = true;
	rtpl_change_compare(c, nest);
	err = 0;
out:
	rtpl_change_put(c, err);
}

static void rtpl_nl_change_psk(struct rtpl_change *c, const struct rtpl_peer_config *cfg)
{
	u8 psk[RTPL_KEY_LEN];

	if (!c->msg || !(cfg->has & RTPL_PEER_HAS(PSK)))
		return;
	rtpl_handshake_get_psk(&c->peer->link.session, psk);
	if (crypto_memneq(psk, cfg->psk, sizeof(psk))) {
		c->news = true;
		rtpl_change_put(c, nla_put_flag(c->msg, RTPL_EVENT_A_PSK_CHANGED));
	}
	memzero_explicit(psk, sizeof(psk));
}

static void rtpl_nl_change_lost(struct rtpl_change *c, const struct rtpl_prefix *p)
{
	if (!c->msg)
		return;
	c->news = true;
	if (!c->lost_list) {
		c->lost_peer = nla_nest_start(c->msg, RTPL_EVENT_A_PEER_BEFORE);
		c->lost_list = c->lost_peer ? nla_nest_start(c->msg, RTPL_PEER_A_PREFIXES) : NULL;
		if (!c->lost_list) {
			rtpl_change_put(c, -EMSGSIZE);
			return;
		}
	}
	if (c->lost == RTPL_CHANGE_PREFIXES || rtpl_nl_put_prefix(c->msg, p))
		c->left_out++;
	else
		c->lost++;
}

static void rtpl_nl_change_node(struct rtpl_change *c, enum rtpl_event_attr type)
{
	struct rtpl_net *rn = c->rn;
	struct nlattr *nest;
	int err;

	if (!c->msg)
		return;
	nest = nla_nest_start(c->msg, type);
	err = !nest || nla_put_u16(c->msg, RTPL_NODE_A_PORT, rn->port ?: rn->port_wanted) ||
	      nla_put_u32(c->msg, RTPL_NODE_A_FWMARK, rn->fwmark) ||
	      nla_put_string(c->msg, RTPL_NODE_A_BIND_DEVICE, rn->bind_name) ? -EMSGSIZE : 0;
	down_read(&rn->identity_lock);
	if (!err && rn->identity.has_key)
		err = nla_put(c->msg, RTPL_NODE_A_PUBLIC_KEY, RTPL_KEY_LEN, rn->identity.public);
	up_read(&rn->identity_lock);
	if (!err) {
		nla_nest_end(c->msg, nest);
		rtpl_change_compare(c, nest);
	}
	rtpl_change_put(c, err);
}

static void rtpl_nl_change_end(struct rtpl_change *c)
{
	if (!c->msg)
		return;
	if (!c->news) {
		rtpl_nl_change_cancel(c);
		return;
	}
	if (c->lost_list) {
		nla_nest_end(c->msg, c->lost_list);
		nla_nest_end(c->msg, c->lost_peer);
	}
	if (WARN_ON_ONCE((c->left_out &&
			  nla_put_u32(c->msg, RTPL_EVENT_A_LEFT_OUT, c->left_out)))) {
		rtpl_nl_change_cancel(c);
		return;
	}
	nla_nest_end(c->msg, c->nest);
	if (WARN_ON_ONCE(nla_put_u32(c->msg, RTPL_A_GENERATION, c->rn->generation))) {
		rtpl_nl_change_cancel(c);
		return;
	}
	genlmsg_end(c->msg, c->hdr);
	genlmsg_multicast_netns(&rtpl_genl_family, c->rn->net, c->msg, 0, RTPL_GROUP_EVENTS,
				GFP_KERNEL);
	*c = (struct rtpl_change){};
}

static void rtpl_nl_change_profile(const struct rtpl_request *req, struct rtpl_net *rn,
				   enum rtpl_event_kind kind, const char *name)
{
	struct rtpl_change c;

	rtpl_nl_change_begin_node(&c, req, rn, kind);
	if (!c.msg)
		return;
	c.news = true;
	rtpl_change_put(&c, nla_put_string(c.msg, RTPL_EVENT_A_PROFILE, name));
	rtpl_nl_change_end(&c);
}

static void rtpl_nl_change_qdisc(struct rtpl_net *rn, int ifindex, u32 unprotected,
				 const struct rtpl_shape_config *was,
				 const struct rtpl_shape_config *now)
{
	struct rtpl_change c;

	rtpl_change_start(&c, rn, now ? RTPL_EVENT_QDISC_CHANGED : RTPL_EVENT_QDISC_REMOVED,
			  current_uid());
	if (!c.msg)
		return;
	c.news = true;
	rtpl_change_put(&c, nla_put_u32(c.msg, RTPL_EVENT_A_IFINDEX, ifindex) ?:
			    nla_put_u32(c.msg, RTPL_EVENT_A_UNPROTECTED, unprotected) ?:
			    (was ? rtpl_nl_put_shape(c.msg, RTPL_EVENT_A_SHAPE_BEFORE, was) : 0) ?:
			    (now ? rtpl_nl_put_shape(c.msg, RTPL_EVENT_A_SHAPE_AFTER, now) : 0));
	rtpl_nl_change_end(&c);
}

/* node/change.h describes them. */
const struct rtpl_change_ops rtpl_netlink_change_ops = {
	.begin = rtpl_nl_change_begin,
	.begin_node = rtpl_nl_change_begin_node,
	.peer = rtpl_nl_change_peer,
	.psk = rtpl_nl_change_psk,
	.lost = rtpl_nl_change_lost,
	.node = rtpl_nl_change_node,
	.end = rtpl_nl_change_end,
	.cancel = rtpl_nl_change_cancel,
	.profile = rtpl_nl_change_profile,
	.qdisc = rtpl_nl_change_qdisc,
};
