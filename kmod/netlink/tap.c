// SPDX-License-Identifier: GPL-2.0
/*
 * Records of a link's inner packets, for `rtplctl fit record` and `rtplctl profile advise`: when a
 * packet came to the link or left it, its bytes, its direction, and numbers that say what belongs
 * together. No content and no address leaves the kernel: numbers are keyed hashes, with a key that
 * each capture draws.
 *
 * One capture a node, of one peer. It ends when its socket closes. While none runs, a static branch
 * is all that it costs a packet. Records are gathered for RTPL_TAP_TIME or until a message is full;
 * a work sends the messages, so that no socket is touched under a link's locks. What a listener is
 * too slow for is counted, and the count told.
 */
#include <linux/jump_label.h>
#include <linux/netlink.h>
#include <net/flow_dissector.h>
#include <net/genetlink.h>
#include <net/sock.h>

#include "event.h"
#include "netlink/messages.h"
#include "netlink/netlink.h"
#include "node/config.h"
#include "node/node.h"

#define RTPL_TAP_TIME		(HZ / 50)	/* for which a record waits */
/* Messages that wait, of a page and some 40 records each: nobody's account pays for them. */
#define RTPL_TAP_MESSAGES	64

struct rtpl_tap {
	struct rtpl_net *rn;
	u32 portid;			/* of the socket */
	u32 peer;			/* id of its owner */
	siphash_key_t key;
	struct delayed_work work;
	u64 told;			/* lost, as the listener knows it; the work's own */

	spinlock_t lock;		/* BH; a leaf below a link's tx_lock and rx_lock: */
	struct sk_buff *msg;		/* being filled, or NULL */
	void *hdr;
	struct nlattr *nest;
	u32 n;				/* packets in it */
	struct sk_buff_head full;
	u64 lost;
};

/* Packets that a message which waits tells of. */
static u32 *rtpl_tap_cb(struct sk_buff *msg)
{
	return (u32 *)msg->cb;
}

/* ---- messages ---- */

/* Return: a message with the count of what was lost, and an open nest; NULL without memory. */
static struct sk_buff *rtpl_tap_begin(u64 lost, gfp_t gfp, void **hdr, struct nlattr **nest)
{
	struct sk_buff *msg = genlmsg_new(GENLMSG_DEFAULT_SIZE, gfp);

	if (!msg)
		return NULL;
	*hdr = genlmsg_put(msg, 0, 0, &rtpl_genl_family, 0, RTPL_CMD_PACKETS);
	*nest = *hdr ? nla_nest_start(msg, RTPL_A_PACKETS) : NULL;
	if (WARN_ON_ONCE(!*nest || nla_put_u64_64bit(msg, RTPL_PACKET_A_LOST, lost,
						     RTPL_PACKET_A_PAD))) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

static void rtpl_tap_end(struct sk_buff *msg, void *hdr, struct nlattr *nest)
{
	nla_nest_end(msg, nest);
	genlmsg_end(msg, hdr);
}

/* The message is full, or waited long enough. tap->lock. */
static void rtpl_tap_close(struct rtpl_tap *tap)
{
	if (!tap->msg)
		return;
	rtpl_tap_end(tap->msg, tap->hdr, tap->nest);
	*rtpl_tap_cb(tap->msg) = tap->n;
	if (skb_queue_len(&tap->full) < RTPL_TAP_MESSAGES) {
		__skb_queue_tail(&tap->full, tap->msg);
	} else {
		tap->lost += tap->n;
		nlmsg_free(tap->msg);
	}
	tap->msg = NULL;
	tap->n = 0;
}

static void rtpl_tap_send(struct work_struct *work)
{
	struct rtpl_tap *tap = container_of(to_delayed_work(work), struct rtpl_tap, work);
	struct sk_buff_head list;
	struct sk_buff *msg;
	struct nlattr *nest;
	u64 lost, behind = 0;
	void *hdr;
	u32 n;

	__skb_queue_head_init(&list);
	spin_lock_bh(&tap->lock);
	rtpl_tap_close(tap);
	skb_queue_splice_init(&tap->full, &list);
	spin_unlock_bh(&tap->lock);

	while ((msg = __skb_dequeue(&list))) {
		n = *rtpl_tap_cb(msg);
		memset(msg->cb, 0, sizeof(msg->cb));
		if (genlmsg_unicast(tap->rn->net, msg, tap->portid))
			behind += n;
	}
	spin_lock_bh(&tap->lock);
	tap->lost += behind;
	lost = tap->lost;
	spin_unlock_bh(&tap->lock);
	if (lost == tap->told)
		return;
	/* The count comes even if no packet does any more. */
	msg = rtpl_tap_begin(lost, GFP_KERNEL, &hdr, &nest);
	if (msg) {
		rtpl_tap_end(msg, hdr, nest);
		if (!genlmsg_unicast(tap->rn->net, msg, tap->portid)) {
			tap->told = lost;
			return;
		}
	}
	queue_delayed_work(rtpl_wq, &tap->work, RTPL_TAP_TIME);
}

/* ---- packets ---- */

static u32 rtpl_tap_number(const struct rtpl_tap *tap, const void *addr, size_t len)
{
	return (u32)siphash(addr, len, &tap->key) ?: 1;
}

struct rtpl_tap_record {
	u64 at;
	u32 bytes, segs, full;
	u32 flow, near, far;
	u16 near_port, far_port;
	u8 proto;
	bool out;
};

static bool rtpl_tap_ports(u8 proto)
{
	return proto == IPPROTO_TCP || proto == IPPROTO_UDP || proto == IPPROTO_UDPLITE ||
	       proto == IPPROTO_SCTP || proto == IPPROTO_DCCP;
}

/* Who it is between, by its own headers. */
static void rtpl_tap_look(struct rtpl_tap *tap, struct sk_buff *skb, struct rtpl_tap_record *r)
{
	u32 src = 0, dst = 0;
	struct flow_keys keys;
	u16 sport, dport;

	memset(&keys, 0, sizeof(keys));
	__skb_flow_dissect(tap->rn->net, skb, &flow_keys_dissector, &keys, NULL, 0, 0, 0,
			   FLOW_DISSECTOR_F_STOP_AT_ENCAP);
	if (keys.control.addr_type == FLOW_DISSECTOR_KEY_IPV4_ADDRS) {
		src = rtpl_tap_number(tap, &keys.addrs.v4addrs.src, sizeof(struct in_addr));
		dst = rtpl_tap_number(tap, &keys.addrs.v4addrs.dst, sizeof(struct in_addr));
	} else if (keys.control.addr_type == FLOW_DISSECTOR_KEY_IPV6_ADDRS) {
		src = rtpl_tap_number(tap, &keys.addrs.v6addrs.src, sizeof(struct in6_addr));
		dst = rtpl_tap_number(tap, &keys.addrs.v6addrs.dst, sizeof(struct in6_addr));
	}
	/* Of ESP and AH the dissector has a part of their index there. */
	if (!rtpl_tap_ports(keys.basic.ip_proto))
		keys.ports.ports = 0;
	sport = ntohs(keys.ports.src);
	dport = ntohs(keys.ports.dst);
	r->proto = keys.basic.ip_proto;
	r->near = r->out ? src : dst;
	r->far = r->out ? dst : src;
	r->near_port = r->out ? sport : dport;
	r->far_port = r->out ? dport : sport;
	r->flow = siphash_4u32(r->near, r->far, (u32)r->near_port << 16 | r->far_port, r->proto,
			       &tap->key);
}

static int rtpl_tap_put(struct sk_buff *msg, const struct rtpl_tap_record *r)
{
	struct nlattr *nest = nla_nest_start(msg, RTPL_PACKET_A_ENTRY);

	if (!nest)
		return -EMSGSIZE;
	if (nla_put_u64_64bit(msg, RTPL_PACKET_A_TIME, r->at, RTPL_PACKET_A_PAD) ||
	    nla_put_u32(msg, RTPL_PACKET_A_BYTES, r->bytes) ||
	    (r->segs > 1 && (nla_put_u32(msg, RTPL_PACKET_A_SEGS, r->segs) ||
			     nla_put_u32(msg, RTPL_PACKET_A_FULL, r->full))) ||
	    (r->out && nla_put_flag(msg, RTPL_PACKET_A_OUT)) ||
	    nla_put_u32(msg, RTPL_PACKET_A_FLOW, r->flow) ||
	    nla_put_u32(msg, RTPL_PACKET_A_NEAR, r->near) ||
	    nla_put_u32(msg, RTPL_PACKET_A_FAR, r->far) ||
	    nla_put_u16(msg, RTPL_PACKET_A_NEAR_PORT, r->near_port) ||
	    nla_put_u16(msg, RTPL_PACKET_A_FAR_PORT, r->far_port) ||
	    nla_put_u8(msg, RTPL_PACKET_A_PROTO, r->proto)) {
		nla_nest_cancel(msg, nest);
		return -EMSGSIZE;
	}
	nla_nest_end(msg, nest);
	return 0;
}

static void rtpl_tap_add(struct rtpl_tap *tap, const struct rtpl_tap_record *r)
{
	unsigned long wait = RTPL_TAP_TIME;
	bool send = false;

	spin_lock_bh(&tap->lock);
	if (tap->msg && rtpl_tap_put(tap->msg, r)) {
		rtpl_tap_close(tap);
		send = true;
		wait = 0;
	} else if (tap->msg) {
		tap->n += r->segs;
		goto out;
	}
	tap->msg = rtpl_tap_begin(tap->lost, GFP_ATOMIC, &tap->hdr, &tap->nest);
	if (tap->msg && !rtpl_tap_put(tap->msg, r))
		tap->n = r->segs;
	else
		tap->lost += r->segs;
	send = true;
out:
	spin_unlock_bh(&tap->lock);
	if (!send)
		return;
	if (wait)
		queue_delayed_work(rtpl_wq, &tap->work, wait);
	else
		mod_delayed_work(rtpl_wq, &tap->work, 0);
}

/**
 * rtpl_tap_packet() - record an inner packet, if its link is captured
 * @owner: owner of the link
 * @skb: the packet, IP from skb->data on, its network header set
 * @at: CLOCK_MONOTONIC ns; 0: now
 * @bytes: of IP, of all its packets
 * @segs: number of these
 * @out: it goes to the peer
 *
 * Context: BH, RCU read side, the link's tx_lock or rx_lock. Takes tap->lock.
 */
void rtpl_tap_packet(struct rtpl_owner *owner, struct sk_buff *skb, u64 at, u32 bytes, u32 segs,
		     bool out)
{
	struct rtpl_tap_record r = { .at = at, .bytes = bytes, .segs = segs, .out = out };
	struct rtpl_tap *tap;

	rcu_read_lock();
	tap = rcu_dereference(owner->rn->tap);
	if (tap && tap->peer == owner->id) {
		if (!at)
			r.at = ktime_get_ns();
		if (segs > 1)
			r.full = (bytes - skb->len) / (segs - 1) + skb_shinfo(skb)->gso_size;
		rtpl_tap_look(tap, skb, &r);
		rtpl_tap_add(tap, &r);
	}
	rcu_read_unlock();
}

/* ---- begin and end ---- */

/* With a @tap it begins; without one only what would refuse it is looked for. */
static int rtpl_tap_set(struct rtpl_net *rn, struct rtpl_request *req,
			const struct rtpl_peer_config *cfg, struct rtpl_tap *tap)
{
	struct rtpl_tap *other;
	char name[RTPL_KEY_NAME];
	struct rtpl_peer *peer;
	int err = 0;

	mutex_lock(&rn->lock);
	peer = rtpl_peer_by_key(rn, cfg->public_key);
	other = rcu_dereference_protected(rn->tap, lockdep_is_held(&rn->lock));
	if (!peer) {
		err = rtpl_refuse(req, cfg->attr[RTPL_PEER_A_PUBLIC_KEY], -ENOENT,
				  "there is no peer %s", rtpl_key_name(name, cfg->public_key));
	} else if (other) {
		err = rtpl_refuse(req, NULL, -EBUSY,
				  "another program captures packets already (netlink port %u)",
				  other->portid);
	} else if (tap) {
		tap->peer = peer->owner.id;
		rcu_assign_pointer(rn->tap, tap);
	}
	mutex_unlock(&rn->lock);
	return err;
}

static int rtpl_nl_tap(struct rtpl_net *rn, struct sk_buff *skb, struct genl_info *info,
		       struct rtpl_request *req)
{
	struct rtpl_peer_config cfg = {};
	struct rtpl_tap *tap;
	int err;

	err = rtpl_nl_peer(req, info->attrs[RTPL_A_PEER], rtpl_peer_key_nl_policy, &cfg);
	if (err)
		return err;
	/* What is refused changes no code on any processor: any namespace's root may ask. */
	err = rtpl_tap_set(rn, req, &cfg, NULL);
	if (err)
		return err;
	tap = kzalloc(sizeof(*tap), GFP_KERNEL_ACCOUNT);
	if (!tap)
		return rtpl_refuse(req, NULL, -ENOMEM, "no memory for a capture");
	tap->rn = rn;
	tap->portid = info->snd_portid;
	get_random_bytes(&tap->key, sizeof(tap->key));
	INIT_DELAYED_WORK(&tap->work, rtpl_tap_send);
	spin_lock_init(&tap->lock);
	__skb_queue_head_init(&tap->full);

	static_branch_deferred_inc(&rtpl_event_taps);
	err = rtpl_tap_set(rn, req, &cfg, tap);
	if (err) {
		static_branch_slow_dec_deferred(&rtpl_event_taps);
		kfree(tap);
	}
	return err;
}

/**
 * rtpl_nl_tap_doit() - handle a request that begins a capture
 * @skb: the message
 * @info: what genetlink parsed from it
 *
 * Context: process. Takes rn->lock. Sleeps.
 * Return: as rtpl_netlink_do().
 */
int rtpl_nl_tap_doit(struct sk_buff *skb, struct genl_info *info)
{
	return rtpl_netlink_do(skb, info, rtpl_nl_tap);
}

/**
 * rtpl_tap_stop() - end a node's capture, if there is one
 * @rn: node
 * @portid: the one of this socket; 0: whosever it is
 *
 * Context: process, no lock held. Takes rn->lock. Sleeps.
 */
void rtpl_tap_stop(struct rtpl_net *rn, u32 portid)
{
	struct rtpl_tap *tap;

	if (!rcu_access_pointer(rn->tap))
		return;
	mutex_lock(&rn->lock);
	tap = rcu_dereference_protected(rn->tap, lockdep_is_held(&rn->lock));
	if (tap && portid && tap->portid != portid)
		tap = NULL;
	if (tap)
		RCU_INIT_POINTER(rn->tap, NULL);
	mutex_unlock(&rn->lock);
	if (!tap)
		return;
	static_branch_slow_dec_deferred(&rtpl_event_taps);
	synchronize_rcu();
	cancel_delayed_work_sync(&tap->work);
	nlmsg_free(tap->msg);
	__skb_queue_purge(&tap->full);
	kfree_sensitive(tap);
}

/* A netlink socket is closed: process context, of the program that has it, no lock of ours. */
static int rtpl_tap_released(struct notifier_block *nb, unsigned long state, void *ptr)
{
	struct netlink_notify *n = ptr;

	if (state == NETLINK_URELEASE && n->protocol == NETLINK_GENERIC)
		rtpl_tap_stop(rtpl_net(n->net), n->portid);
	return NOTIFY_DONE;
}

/* netlink.c registers it. */
struct notifier_block rtpl_tap_nb = { .notifier_call = rtpl_tap_released };
