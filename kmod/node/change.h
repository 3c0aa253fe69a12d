/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Events of changed configuration: who asked for it, the old settings and the new ones. The room
 * netlink writes the messages; main.c registers its functions.
 */
#ifndef RTPL_CHANGE_H
#define RTPL_CHANGE_H

#include "node/config.h"

/* An event under way; without a message every function below does nothing. */
struct rtpl_change {
	struct rtpl_net *rn;
	struct rtpl_peer *peer;
	struct sk_buff *msg;
	void *hdr;
	struct nlattr *nest;
	struct nlattr *before;		/* the first of the two nests, or NULL */
	u32 left_out;			/* prefixes */
	u32 lost;			/* prefixes in an open PEER_BEFORE */
	struct nlattr *lost_peer, *lost_list;
	bool news;			/* there is a difference */
};

#define RTPL_CHANGE_ALL		(~0U)

/**
 * struct rtpl_change_ops - what the room netlink does with events of changed configuration
 * @begin: as rtpl_change_begin()
 * @begin_node: as rtpl_change_begin_node()
 * @peer: as rtpl_change_peer()
 * @psk: as rtpl_change_psk()
 * @lost: as rtpl_change_lost()
 * @node: as rtpl_change_node()
 * @end: as rtpl_change_end()
 * @cancel: as rtpl_change_cancel()
 * @profile: as rtpl_change_profile()
 * @qdisc: as rtpl_change_qdisc()
 *
 * Called by the functions of these names, and by nothing else. Files that change the configuration
 * call those: process, rn->lock held; except the qdisc's, under RTNL alone.
 */
struct rtpl_change_ops {
	void (*begin)(struct rtpl_change *c, const struct rtpl_request *req,
		      struct rtpl_peer *peer, enum rtpl_event_kind kind);
	void (*begin_node)(struct rtpl_change *c, const struct rtpl_request *req,
			   struct rtpl_net *rn, enum rtpl_event_kind kind);
	void (*peer)(struct rtpl_change *c, enum rtpl_event_attr type,
		     const struct rtpl_peer_config *cfg, u32 has);
	void (*psk)(struct rtpl_change *c, const struct rtpl_peer_config *cfg);
	void (*lost)(struct rtpl_change *c, const struct rtpl_prefix *p);
	void (*node)(struct rtpl_change *c, enum rtpl_event_attr type);
	void (*end)(struct rtpl_change *c);
	void (*cancel)(struct rtpl_change *c);
	void (*profile)(const struct rtpl_request *req, struct rtpl_net *rn,
			enum rtpl_event_kind kind, const char *name);
	void (*qdisc)(struct rtpl_net *rn, int ifindex, u32 unprotected,
		      const struct rtpl_shape_config *was, const struct rtpl_shape_config *now);
};

extern const struct rtpl_change_ops *rtpl_change_ops;

int rtpl_prefix_cmp(const void *a, const void *b);

/**
 * rtpl_change_begin() - begin an event about a peer, before it changes
 * @c: set up; without a listener, or without memory, nothing will be sent
 * @req: who asks; NULL: nobody
 * @peer: peer
 * @kind: PEER_ADDED, PEER_CHANGED or PEER_REMOVED
 *
 * Context: process, rn->lock held until rtpl_change_end(). May sleep.
 */
static inline void rtpl_change_begin(struct rtpl_change *c, const struct rtpl_request *req,
				     struct rtpl_peer *peer, enum rtpl_event_kind kind)
{
	rtpl_change_ops->begin(c, req, peer, kind);
}

/**
 * rtpl_change_begin_node() - begin an event about the node, before it changes
 * @c: set up, as by rtpl_change_begin()
 * @req: who asks; NULL: nobody
 * @rn: node
 * @kind: NODE_CHANGED
 *
 * Context: process, rn->lock held until rtpl_change_end() or rtpl_change_cancel(). May sleep.
 */
static inline void rtpl_change_begin_node(struct rtpl_change *c, const struct rtpl_request *req,
					  struct rtpl_net *rn, enum rtpl_event_kind kind)
{
	rtpl_change_ops->begin_node(c, req, rn, kind);
}

/**
 * rtpl_change_peer() - put the peer's settings into the event
 * @c: event
 * @type: RTPL_EVENT_A_PEER_BEFORE or _AFTER: called before the change is made, or after
 * @cfg: only prefixes that are missing in its list are included
 * @has: what to include (RTPL_PEER_HAS()), or RTPL_CHANGE_ALL for a peer that is added or removed
 *
 * Context: process, rn->lock held.
 */
static inline void rtpl_change_peer(struct rtpl_change *c, enum rtpl_event_attr type,
				    const struct rtpl_peer_config *cfg, u32 has)
{
	rtpl_change_ops->peer(c, type, cfg, has);
}

/**
 * rtpl_change_psk() - put into the event that the pre-shared key changes, but never the key
 * @c: event
 * @cfg: settings that are given; the peer still has the old key
 *
 * Context: process, rn->lock held. Takes hs.lock.
 */
static inline void rtpl_change_psk(struct rtpl_change *c, const struct rtpl_peer_config *cfg)
{
	rtpl_change_ops->psk(c, cfg);
}

/**
 * rtpl_change_lost() - put into the event that another peer took a prefix
 * @c: event of the peer that had it
 * @p: the prefix
 *
 * Context: process, rn->lock held.
 */
static inline void rtpl_change_lost(struct rtpl_change *c, const struct rtpl_prefix *p)
{
	rtpl_change_ops->lost(c, p);
}

/**
 * rtpl_change_node() - put the node's settings into the event
 * @c: event
 * @type: RTPL_EVENT_A_NODE_BEFORE or _AFTER
 *
 * Context: process, rn->lock held. Takes identity_lock.
 */
static inline void rtpl_change_node(struct rtpl_change *c, enum rtpl_event_attr type)
{
	rtpl_change_ops->node(c, type);
}

/**
 * rtpl_change_end() - end the event, and send it if there is a difference
 * @c: event
 *
 * Context: process, rn->lock held.
 */
static inline void rtpl_change_end(struct rtpl_change *c)
{
	rtpl_change_ops->end(c);
}

/**
 * rtpl_change_cancel() - drop an event; does nothing if it has ended or did not begin
 * @c: event
 *
 * Context: process, rn->lock held.
 */
static inline void rtpl_change_cancel(struct rtpl_change *c)
{
	rtpl_change_ops->cancel(c);
}

/**
 * rtpl_change_profile() - send an event about a profile, all of it
 * @req: who asks
 * @rn: node
 * @kind: PROFILE_LOADED or PROFILE_REMOVED
 * @name: the profile's
 *
 * Context: process, rn->lock held. May sleep.
 */
static inline void rtpl_change_profile(const struct rtpl_request *req, struct rtpl_net *rn,
				       enum rtpl_event_kind kind, const char *name)
{
	rtpl_change_ops->profile(req, rn, kind, name);
}

/**
 * rtpl_change_qdisc() - send an event about a qdisc, all of it
 * @rn: node
 * @ifindex: its device
 * @unprotected: enum rtpl_unprotected
 * @was: its shape before, or NULL: there was no qdisc
 * @now: its shape now, or NULL: there is none any more
 *
 * The event names the calling user.
 *
 * Context: process, RTNL held, rn->lock not. May sleep.
 */
static inline void rtpl_change_qdisc(struct rtpl_net *rn, int ifindex, u32 unprotected,
				     const struct rtpl_shape_config *was,
				     const struct rtpl_shape_config *now)
{
	rtpl_change_ops->qdisc(rn, ifindex, unprotected, was, now);
}

#endif /* RTPL_CHANGE_H */
