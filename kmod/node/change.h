/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Events of changed configuration: who asked for it, what it was and what it is. The room
 * netlink writes the messages, and registers in main.c how.
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

/* What the room netlink does with them. */
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

/* Order of prefixes by their bytes; for qsort, and lists are in this order. */
int rtpl_prefix_cmp(const void *a, const void *b);

/*
 * In the order in which they are called, all under rn->lock, in process context.
 * rtpl_change_begin() takes a message if anybody listens; @req NULL: nobody asked.
 */
static inline void rtpl_change_begin(struct rtpl_change *c, const struct rtpl_request *req,
				     struct rtpl_peer *peer, enum rtpl_event_kind kind)
{
	rtpl_change_ops->begin(c, req, peer, kind);
}

static inline void rtpl_change_begin_node(struct rtpl_change *c, const struct rtpl_request *req,
					  struct rtpl_net *rn, enum rtpl_event_kind kind)
{
	rtpl_change_ops->begin_node(c, req, rn, kind);
}

/* Of the peer what @has names (RTPL_PEER_HAS()); prefixes only those that @cfg's list lacks. */
static inline void rtpl_change_peer(struct rtpl_change *c, enum rtpl_event_attr type,
				    const struct rtpl_peer_config *cfg, u32 has)
{
	rtpl_change_ops->peer(c, type, cfg, has);
}

static inline void rtpl_change_psk(struct rtpl_change *c, const struct rtpl_peer_config *cfg)
{
	rtpl_change_ops->psk(c, cfg);
}

/* Another peer took a prefix away. */
static inline void rtpl_change_lost(struct rtpl_change *c, const struct rtpl_prefix *p)
{
	rtpl_change_ops->lost(c, p);
}

static inline void rtpl_change_node(struct rtpl_change *c, enum rtpl_event_attr type)
{
	rtpl_change_ops->node(c, type);
}

/* Send it if there is a difference. */
static inline void rtpl_change_end(struct rtpl_change *c)
{
	rtpl_change_ops->end(c);
}

static inline void rtpl_change_cancel(struct rtpl_change *c)
{
	rtpl_change_ops->cancel(c);
}

/* The whole event. */
static inline void rtpl_change_profile(const struct rtpl_request *req, struct rtpl_net *rn,
				       enum rtpl_event_kind kind, const char *name)
{
	rtpl_change_ops->profile(req, rn, kind, name);
}

/* @was, @now: its shape, or NULL; the user is the caller's. RTNL. */
static inline void rtpl_change_qdisc(struct rtpl_net *rn, int ifindex, u32 unprotected,
				     const struct rtpl_shape_config *was,
				     const struct rtpl_shape_config *now)
{
	rtpl_change_ops->qdisc(rn, ifindex, unprotected, was, now);
}

#endif /* RTPL_CHANGE_H */
