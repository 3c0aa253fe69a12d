// SPDX-License-Identifier: GPL-2.0
/*
 * The netlink family's answers to GET requests, as messages. netlink.c has the requests that change
 * something, nl_gen.c the table of all.
 */
#include <net/genetlink.h>
#include <net/sock.h>

#include "netlink/messages.h"
#include "node/config.h"
#include "node/profile_store.h"
#include "node/node.h"
#include "session/session.h"
#include "stats.h"

/* An answer to a do must fit the smallest read buffer that netlink libraries use. */
#define RTPL_DO_SIZE		16384

/**
 * rtpl_nl_put_endpoint() - put the peer's endpoint into a message, if it has one
 * @msg: message under way
 * @type: the attribute's
 * @peer: peer
 *
 * Context: process or BH. Takes path->lock for reading.
 * Return: 0 or -EMSGSIZE.
 */
int rtpl_nl_put_endpoint(struct sk_buff *msg, int type, struct rtpl_peer *peer)
{
	struct rtpl_endpoint ep;

	read_lock_bh(&peer->link.path.lock);
	ep = peer->link.path.endpoint;
	read_unlock_bh(&peer->link.path.lock);

	switch (ep.sa.sa_family) {
	case AF_INET:
		return nla_put(msg, type, sizeof(ep.in4), &ep.in4);
	case AF_INET6:
		return nla_put(msg, type, sizeof(ep.in6), &ep.in6);
	default:
		return 0;
	}
}

/**
 * rtpl_nl_put_name() - put the peer's name into a message, if it has one
 * @msg: message under way
 * @type: the attribute's
 * @peer: peer
 *
 * Context: any.
 * Return: 0 or -EMSGSIZE.
 */
int rtpl_nl_put_name(struct sk_buff *msg, int type, struct rtpl_peer *peer)
{
	const struct rtpl_peer_name *name;
	int err = 0;

	rcu_read_lock();
	name = rcu_dereference(peer->name);
	if (name)
		err = nla_put_string(msg, type, name->text);
	rcu_read_unlock();
	return err;
}

/* Put settings of a policy, likewise. */
static int rtpl_nl_put_adapt(struct sk_buff *msg, const struct rtpl_shape_config *cfg)
{
	const struct rtpl_adapt *p = &cfg->adapt;
	u32 has = cfg->has;

	if ((has & RTPL_SHAPE_HAS(POLICY) &&
	     nla_put_string(msg, RTPL_SHAPE_A_POLICY, cfg->policy)) ||
	    (has & RTPL_SHAPE_HAS(THREAT) && nla_put_u8(msg, RTPL_SHAPE_A_THREAT, p->threat)) ||
	    (has & RTPL_SHAPE_HAS(LOAD) &&
	     nla_put_u64_64bit(msg, RTPL_SHAPE_A_LOAD, p->load, RTPL_SHAPE_A_PAD)) ||
	    (has & RTPL_SHAPE_HAS(BUDGET) &&
	     nla_put_u64_64bit(msg, RTPL_SHAPE_A_BUDGET, p->budget, RTPL_SHAPE_A_PAD)) ||
	    (has & RTPL_SHAPE_HAS(PERIOD) && nla_put_u32(msg, RTPL_SHAPE_A_PERIOD, p->period)) ||
	    (has & RTPL_SHAPE_HAS(EPOCH) && nla_put_u32(msg, RTPL_SHAPE_A_EPOCH, p->epoch_ms)) ||
	    (has & RTPL_SHAPE_HAS(CALM) && nla_put_u8(msg, RTPL_SHAPE_A_CALM, p->calm)))
		return -EMSGSIZE;
	return 0;
}

/**
 * rtpl_nl_put_shape() - put settings of a shape into a message, as a nest
 * @msg: message under way
 * @type: the nest's
 * @cfg: settings; only those in its has are put
 *
 * Context: any; of a peer's settings, rn->lock held.
 * Return: 0 or -EMSGSIZE (the caller cancels the message).
 */
int rtpl_nl_put_shape(struct sk_buff *msg, int type, const struct rtpl_shape_config *cfg)
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
	    (has & RTPL_SHAPE_HAS(ROLE) && nla_put_u32(msg, RTPL_SHAPE_A_ROLE, cfg->role)) ||
	    rtpl_nl_put_adapt(msg, cfg))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

/* Put what the other end told, if anything, and what of it does not match. */
static int rtpl_nl_put_theirs(struct sk_buff *msg, struct rtpl_peer *peer)
{
	struct rtpl_shape_config cfg = {};
	struct rtpl_about theirs;
	u32 differs;

	spin_lock_bh(&peer->link.rx_lock);
	theirs = peer->link.theirs;
	differs = peer->link.differs;
	spin_unlock_bh(&peer->link.rx_lock);
	if (!theirs.known)
		return 0;
	cfg.shape.sizes = theirs.sizes;
	cfg.shape.cell = theirs.cell;
	cfg.shape.sched = theirs.sched;
	cfg.role = theirs.role;
	strscpy(cfg.profile, theirs.profile, sizeof(cfg.profile));
	cfg.has = RTPL_SHAPE_HAS(SIZES) | RTPL_SHAPE_HAS(SCHED);
	if (theirs.cell)
		cfg.has |= RTPL_SHAPE_HAS(CELL);
	if (theirs.profile[0])
		cfg.has |= RTPL_SHAPE_HAS(PROFILE) | RTPL_SHAPE_HAS(ROLE);
	return rtpl_nl_put_shape(msg, RTPL_PEER_A_SHAPE_THEIRS, &cfg) ?:
	       nla_put_u32(msg, RTPL_PEER_A_MISMATCH, differs);
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
		strscpy(now.profile, link->profile->name, sizeof(now.profile));
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

/* Put whether there is a key; the key itself only with @show_keys. */
static int rtpl_nl_put_psk(struct sk_buff *msg, struct rtpl_peer *peer, bool show_keys)
{
	u8 psk[RTPL_KEY_LEN];
	int err = 0;

	rtpl_handshake_get_psk(&peer->link.session, psk);
	if (memchr_inv(psk, 0, sizeof(psk))) {
		err = nla_put_flag(msg, RTPL_PEER_A_PSK_SET);
		if (!err && show_keys)
			err = nla_put(msg, RTPL_PEER_A_PSK, sizeof(psk), psk);
	}
	memzero_explicit(psk, sizeof(psk));
	return err;
}

/* Put all of a peer except its prefixes and counters. rn->lock. */
static int rtpl_nl_put_settings(struct sk_buff *msg, struct rtpl_peer *peer, bool show_keys)
{
	u64 last = READ_ONCE(peer->link.session.last_handshake);

	if (rtpl_nl_put_name(msg, RTPL_PEER_A_NAME, peer) ||
	    rtpl_nl_put_endpoint(msg, RTPL_PEER_A_ENDPOINT, peer) ||
	    nla_put_u8(msg, RTPL_PEER_A_REQUIRE, peer->owner.require) ||
	    nla_put_u16(msg, RTPL_PEER_A_KEEPALIVE, peer->link.session.keepalive) ||
	    nla_put_u8(msg, RTPL_PEER_A_DSCP, peer->link.path.dscp) ||
	    nla_put_u8(msg, RTPL_PEER_A_ECN, peer->link.path.ecn) ||
	    nla_put_u32(msg, RTPL_PEER_A_STATE, rtpl_session_state(&peer->link.session)) ||
	    nla_put_u32(msg, RTPL_PEER_A_CELL_NOW, READ_ONCE(peer->link.cell_path)) ||
	    rtpl_nl_put_shape(msg, RTPL_PEER_A_SHAPE, &peer->shape) ||
	    rtpl_nl_put_shape_now(msg, peer) || rtpl_nl_put_theirs(msg, peer))
		return -EMSGSIZE;
	if (last && nla_put_u64_64bit(msg, RTPL_PEER_A_LAST_HANDSHAKE,
				      ktime_get_coarse_boottime_ns() - last, RTPL_PEER_A_PAD))
		return -EMSGSIZE;
	return rtpl_nl_put_psk(msg, peer, show_keys);
}

/**
 * rtpl_nl_put_prefix() - put an entry of a list of prefixes into a message
 * @msg: message under way
 * @p: prefix
 *
 * Context: any; of a peer's list, rn->lock held.
 * Return: 0, or -EMSGSIZE with the message unchanged.
 */
int rtpl_nl_put_prefix(struct sk_buff *msg, const struct rtpl_prefix *p)
{
	struct nlattr *entry = nla_nest_start(msg, RTPL_PREFIX_A_ENTRY);

	if (!entry)
		return -EMSGSIZE;
	if (nla_put(msg, RTPL_PREFIX_A_ADDR, p->family == AF_INET ? 4 : 16, p->addr) ||
	    nla_put_u8(msg, RTPL_PREFIX_A_LEN, p->len)) {
		nla_nest_cancel(msg, entry);
		return -EMSGSIZE;
	}
	nla_nest_end(msg, entry);
	return 0;
}

/* Put as many prefixes as fit, from @next on; sets @next to where it stopped. rn->lock. */
static int rtpl_nl_put_prefixes(struct sk_buff *msg, const struct rtpl_peer *peer, u32 *next)
{
	const struct rtpl_prefix *p;
	struct nlattr *nest;
	u32 first = *next;

	nest = nla_nest_start(msg, RTPL_PEER_A_PREFIXES);
	if (!nest)
		return -EMSGSIZE;
	for (; *next < peer->n_prefixes; (*next)++) {
		p = &peer->prefixes[*next];
		if (rtpl_nl_put_prefix(msg, p))
			break;
	}
	/* Do not send a message that makes no progress. */
	if (*next == first && first < peer->n_prefixes)
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

/*
 * Put RTPL_A_PEER with the prefixes from @next on; only the first message has the settings in front
 * of them. Return: 0 (prefixes may be left, see @next), -EMSGSIZE.
 */
static int rtpl_nl_put_peer(struct sk_buff *msg, struct rtpl_peer *peer, bool show_keys,
			    u32 *next)
{
	struct nlattr *nest = nla_nest_start(msg, RTPL_A_PEER);

	if (!nest ||
	    nla_put(msg, RTPL_PEER_A_PUBLIC_KEY, RTPL_KEY_LEN, peer->public_key) ||
	    nla_put_u32(msg, RTPL_PEER_A_ID, peer->owner.id) ||
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
	    nla_put_u32(msg, RTPL_NODE_A_FWMARK, rn->fwmark) ||
	    nla_put_string(msg, RTPL_NODE_A_BIND_DEVICE, rn->bind_name))
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

/* Begin the answer to a do: header and generation. rn->lock. */
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

/* Free an answer that is not sent: it may contain keys. */
static void rtpl_nl_forget(struct sk_buff *msg)
{
	if (msg)
		memzero_explicit(msg->head, skb_end_offset(msg));
	nlmsg_free(msg);
}

/* ---- node ---- */

/**
 * rtpl_nl_node_get() - answer a request for the node's settings
 * @rn: node
 * @skb: the message
 * @info: what genetlink parsed from it
 * @req: gets the sentence if it is refused
 *
 * For rtpl_netlink_do(). Anybody may ask; keys are shown to CAP_NET_ADMIN only.
 *
 * Context: process. Takes rn->lock. Sleeps.
 * Return: 0 or -errno.
 */
int rtpl_nl_node_get(struct rtpl_net *rn, struct sk_buff *skb, struct genl_info *info,
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
		rtpl_nl_forget(msg);
		return err;
	}
	genlmsg_end(msg, hdr);
	return genlmsg_reply(msg, info);
}

/* ---- peers ---- */

/**
 * rtpl_nl_peer_get() - answer a request for a peer's settings
 * @rn: node
 * @skb: the message
 * @info: what genetlink parsed from it
 * @req: gets the sentence if it is refused
 *
 * For rtpl_netlink_do(). A peer whose prefixes do not fit one message is refused.
 *
 * Context: process. Takes rn->lock. Sleeps.
 * Return: 0 or -errno.
 */
int rtpl_nl_peer_get(struct rtpl_net *rn, struct sk_buff *skb, struct genl_info *info,
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

	err = rtpl_nl_peer(req, info->attrs[RTPL_A_PEER], rtpl_peer_key_nl_policy, &cfg);
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
		rtpl_nl_forget(msg);
		return err;
	}
	genlmsg_end(msg, hdr);
	return genlmsg_reply(msg, info);
}

/* The position of a dump of peers. */
struct rtpl_nl_dump {
	u32 next_id;
	u32 next_prefix;
	bool show_keys;
	bool one;		/* only the peer with this key */
	bool end;		/* there is no next id */
	u8 key[RTPL_KEY_LEN];
};

static struct rtpl_nl_dump *rtpl_nl_dump(struct netlink_callback *cb)
{
	BUILD_BUG_ON(sizeof(struct rtpl_nl_dump) > sizeof(cb->ctx));
	return (struct rtpl_nl_dump *)cb->ctx;
}

/* Continue behind @id, which may be the largest possible one. */
static void rtpl_nl_dump_next(struct rtpl_nl_dump *dump, u32 id)
{
	dump->next_id = id + 1;
	dump->end = id == U32_MAX;
}

/**
 * rtpl_nl_dump_start() - begin a dump of all peers, or of one
 * @cb: the dump; its ctx holds the position
 *
 * Context: process. May sleep.
 * Return: 0 or -errno.
 */
int rtpl_nl_dump_start(struct netlink_callback *cb)
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
	err = nla_parse_nested(tb, RTPL_PEER_A_MAX, attrs[RTPL_A_PEER], rtpl_peer_key_nl_policy,
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

/* Put one message of a dump. Return: 0 (see dump->next_prefix), -EMSGSIZE. rn->lock. */
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

/**
 * rtpl_nl_peer_get_dumpit() - fill the next part of a dump of peers' settings
 * @msg: message to fill
 * @cb: the dump, from rtpl_nl_dump_start()
 *
 * A peer with many prefixes comes in several messages.
 *
 * Context: process, the dump's own lock. Takes rn->lock. Sleeps.
 * Return: bytes in @msg, 0 at the end, or -EMSGSIZE.
 */
int rtpl_nl_peer_get_dumpit(struct sk_buff *msg, struct netlink_callback *cb)
{
	struct rtpl_nl_dump *dump = rtpl_nl_dump(cb);
	struct rtpl_net *rn = rtpl_net(sock_net(cb->skb->sk));
	struct rtpl_peer *peer;
	unsigned long id;
	int err = 0;

	mutex_lock(&rn->lock);
	cb->seq = rn->generation;
	if (dump->end)
		goto out;
	xa_for_each_start(&rn->peers, id, peer, dump->next_id) {
		if (id != dump->next_id)	/* the current peer has gone */
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
		rtpl_nl_dump_next(dump, id);
	}
out:
	mutex_unlock(&rn->lock);
	return msg->len ?: err;
}

/* ---- counters ---- */

/**
 * rtpl_nl_stats_get() - answer a request for the node's counters
 * @rn: node
 * @skb: the message
 * @info: what genetlink parsed from it
 * @req: gets the sentence if it is refused
 *
 * For rtpl_netlink_do(). Counters of peers come by a dump.
 *
 * Context: process. Takes rn->lock. Sleeps.
 * Return: 0 or -errno.
 */
int rtpl_nl_stats_get(struct rtpl_net *rn, struct sk_buff *skb, struct genl_info *info,
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
	    nla_put_u32(msg, RTPL_PEER_A_ID, peer->owner.id) ||
	    rtpl_nl_put_name(msg, RTPL_PEER_A_NAME, peer) ||
	    nla_put_u32(msg, RTPL_PEER_A_STATE, rtpl_session_state(&peer->link.session)) ||
	    rtpl_stats_put_peer(msg, peer))
		goto err_cancel;
	nla_nest_end(msg, nest);
	genlmsg_end(msg, hdr);
	return 0;

err_cancel:
	genlmsg_cancel(msg, hdr);
	return -EMSGSIZE;
}

/**
 * rtpl_nl_stats_get_dumpit() - fill the next part of a dump of peers' counters
 * @msg: message to fill
 * @cb: the dump, from rtpl_nl_dump_start()
 *
 * Context: process, the dump's own lock. Takes rn->lock. Sleeps.
 * Return: bytes in @msg, 0 at the end, or -EMSGSIZE.
 */
int rtpl_nl_stats_get_dumpit(struct sk_buff *msg, struct netlink_callback *cb)
{
	struct rtpl_nl_dump *dump = rtpl_nl_dump(cb);
	struct rtpl_net *rn = rtpl_net(sock_net(cb->skb->sk));
	struct rtpl_peer *peer;
	unsigned long id;
	int err = 0;

	mutex_lock(&rn->lock);
	cb->seq = rn->generation;
	if (dump->end)
		goto out;
	xa_for_each_start(&rn->peers, id, peer, dump->next_id) {
		if (dump->one && memcmp(dump->key, peer->public_key, RTPL_KEY_LEN))
			continue;
		err = rtpl_nl_dump_stats(msg, cb, rn, peer);
		if (err)
			goto out;
		rtpl_nl_dump_next(dump, id);
	}
out:
	mutex_unlock(&rn->lock);
	return msg->len ?: err;
}
