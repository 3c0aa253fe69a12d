/* SPDX-License-Identifier: GPL-2.0 */
/* Events of changed configuration: who asked for it, what it was and what it is. */
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

/* Bytes of prefixes; for qsort, lists are in this order. */
int rtpl_prefix_cmp(const void *a, const void *b);

/*
 * In the order in which they are called, all under rn->lock, in process context.
 * rtpl_change_begin() takes a message if anybody listens; @req NULL: nobody asked.
 */
void rtpl_change_begin(struct rtpl_change *c, const struct rtpl_request *req,
		       struct rtpl_peer *peer, enum rtpl_event_kind kind);
void rtpl_change_begin_node(struct rtpl_change *c, const struct rtpl_request *req,
			    struct rtpl_net *rn, enum rtpl_event_kind kind);
/* Of the peer what @has names (RTPL_PEER_HAS()); prefixes only those that @cfg's list lacks. */
void rtpl_change_peer(struct rtpl_change *c, enum rtpl_event_attr type,
		      const struct rtpl_peer_config *cfg, u32 has);
void rtpl_change_psk(struct rtpl_change *c, const struct rtpl_peer_config *cfg);
/* Another peer took a prefix away. */
void rtpl_change_lost(struct rtpl_change *c, const struct rtpl_prefix *p);
void rtpl_change_node(struct rtpl_change *c, enum rtpl_event_attr type);
/* Send it if there is a difference. */
void rtpl_change_end(struct rtpl_change *c);
void rtpl_change_cancel(struct rtpl_change *c);

/* The whole event. */
void rtpl_change_profile(const struct rtpl_request *req, struct rtpl_net *rn,
			 enum rtpl_event_kind kind, const char *name);
/* @was, @now: its shape, or NULL; the user is the caller's. RTNL. */
void rtpl_change_qdisc(struct rtpl_net *rn, int ifindex, u32 unprotected,
		       const struct rtpl_shape_config *was, const struct rtpl_shape_config *now);

#endif /* RTPL_CHANGE_H */
