// SPDX-License-Identifier: GPL-2.0
/*
 * The leakguard: traffic of a peer that must be protected never passes in clear, whatever happens
 * to the qdisc, to the handshake or to the routes. It knows the prefixes of the namespace even
 * where no qdisc is attached.
 *
 * Out: a netfilter egress hook on every device of the namespace but loopback.
 * It sees a packet in __dev_queue_xmit(), after the neighbour's queue and
 * before a qdisc is picked, and stops it if its destination belongs to a
 * required peer, unless
 *
 *  - the device's root qdisc is ours, which then seals it or drops it (and the
 *    frame is what skb->protocol says, because the qdisc relies on it);
 *  - it is a cell of this node, or a copy of one (link/own.c);
 *  - it is control of the local link (rtpl_skb_is_control());
 *  - the device only passes it on to devices of this namespace that are
 *    hooked as well, unchanged: bridge, bond, team, VLAN, VRF, failover.
 *    Tunnels are not among them: below a tunnel nobody sees the address.
 *
 * A POST_ROUTING hook gives the same verdict earlier to what this host sends itself,
 * so that the sender sees a proper error (rtpl_leakguard_postrouting()).
 *
 * In: a netfilter ingress hook on the same devices, before flow tables, bridges
 * and all else that takes a packet away before IP sees it; and PRE_ROUTING hooks,
 * before all others, for packets that reach IP in another way (an ifb skips ingress
 * hooks). A packet whose source belongs to a required peer is stopped, unless
 *
 *  - it carries the mark of packets that came out of a cell;
 *  - it came over loopback, or is looped back, or its source is ours;
 *  - it is a cell: UDP to our port and to an address of ours, which the
 *    socket authenticates; or an ICMP error that quotes a cell of ours;
 *  - it is control of the local link;
 *  - IPsec passes it in for the second time, already routed.
 *
 * An ICMP error or a redirect about a packet to a required peer is stopped, too, wherever it comes
 * from and goes to, unless that packet is a cell of ours: it cannot be true
 * (rtpl_outer_about()).
 *
 * The mark is a metadata dst, one for each namespace, compared by its address: nobody else can set
 * it, it uses up no admin's mark or connection mark, routing replaces it, and GRO never joins
 * packets with and without it. From the ingress hook to routing it holds no reference
 * (rtpl_leakguard_ingress()).
 *
 * Documentation/threat-model.rst lists what passes beside the hooks, place by place.
 *
 * Locks: leakguard->lock (users; adding and removing hooks) > RTNL > xarray of devices.
 * rn->lock is never held here. The hooks run under RCU.
 */
#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <linux/if_pppox.h>
#include <linux/if_vlan.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <linux/netfilter_netdev.h>
#include <linux/ppp_defs.h>
#include <linux/ratelimit.h>
#include <net/addrconf.h>
#include <net/dst.h>
#include <net/dst_metadata.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/xfrm.h>

#include "core/scope.h"
#include "event.h"
#include "leakguard/leakguard.h"
#include "leakguard/outer.h"
#include "link/own.h"
#include "route/route.h"
#include "rtpl.h"
#include "trace.h"

/* Tells our metadata dst from a driver's, should GRO ever compare the two. */
#define RTPL_LEAKGUARD_PORT_ID	0x5254504c
/* Most VLAN tags to look behind. */
#define RTPL_LEAKGUARD_TAGS		4
/* Limit events to user space to this many in ... */
#define RTPL_LEAKGUARD_EVENTS	10
#define RTPL_LEAKGUARD_INTERVAL	(5 * HZ)

struct rtpl_leakguard {
	struct rtpl_net *rn;
	struct mutex lock;		/* users */
	u32 users;
	struct notifier_block nb;	/* on the namespace's devices */
	struct xarray devs;		/* ifindex -> struct rtpl_leakguard_dev; RTNL */
	struct nf_hook_ops ip[4];	/* PRE_ROUTING, POST_ROUTING; IPv4, IPv6 */
	unsigned int n_ip;
	struct ratelimit_state events;
};

struct rtpl_leakguard_dev {
	struct nf_hook_ops ops[2];	/* out, in */
};

static void rtpl_leakguard_hit(struct rtpl_net *rn, struct rtpl_owner *owner, enum rtpl_drop why,
			       const struct sk_buff *skb, int ifindex, const void *addr,
			       int addr_len, bool event)
{
	rtpl_count_drop(rn, owner, why, max_t(u16, skb_shinfo(skb)->gso_segs, 1));
	trace_rtpl_leakguard(owner->id, ifindex, why == RTPL_DROP_LEAKGUARD_OUT);
	if (event && __ratelimit(&rn->leakguard->events))
		rtpl_event_leakguard(owner, why, ifindex, addr, addr_len);
}

/* ---- out ---- */

/* Devices with bare IP packets: receivers tell them apart by their version field. */
static bool rtpl_leakguard_bare(const struct net_device *dev)
{
	return dev->type == ARPHRD_NONE || dev->type == ARPHRD_RAWIP;
}

/*
 * Offset of the IP header from skb->data, or a negative number if it is not an IP packet. On
 * Ethernet this trusts the frame, not skb->protocol, because the receiver goes by the frame.
 */
static int rtpl_leakguard_find_ip(const struct sk_buff *skb, const struct net_device *dev,
				  __be16 *proto)
{
	unsigned int tags, off;
	const __be16 *type;
	__be16 _type;

	if (rtpl_leakguard_bare(dev)) {
		const u8 *first;
		u8 _first;

		first = skb_header_pointer(skb, skb_network_offset(skb), 1, &_first);
		*proto = !first ? 0 : *first >> 4 == 4 ? htons(ETH_P_IP) :
			 *first >> 4 == 6 ? htons(ETH_P_IPV6) : 0;
		return skb_network_offset(skb);
	}
	if (dev->type != ARPHRD_ETHER) {
		*proto = skb_protocol(skb, true);
		return skb_network_offset(skb);
	}
	off = 2 * ETH_ALEN;
	for (tags = 0; tags <= RTPL_LEAKGUARD_TAGS; tags++) {
		type = skb_header_pointer(skb, off, sizeof(_type), &_type);
		if (!type)
			return -1;
		off += sizeof(*type);
		if (!eth_type_vlan(*type)) {
			*proto = *type;
			return off;
		}
		off += sizeof(__be16);
	}
	return -1;
}

/*
 * Does a qdisc, which goes by skb->protocol and the network header, see the same packet as the
 * receiver? When a frame with two VLAN tags comes in, the stack removes one and sets the network
 * header to the other; a bridge sends the frame on like that.
 */
static bool rtpl_leakguard_protocol_holds(const struct sk_buff *skb, const struct net_device *dev)
{
	__be16 proto;
	int nhoff;

	if (rtpl_leakguard_bare(dev)) {
		rtpl_leakguard_find_ip(skb, dev, &proto);
		return proto == skb_protocol(skb, true);
	}
	if (dev->type != ARPHRD_ETHER)
		return true;
	if (skb_headlen(skb) < ETH_HLEN ||
	    ((const struct ethhdr *)skb->data)->h_proto != skb->protocol)
		return false;
	if (likely(!eth_type_vlan(skb->protocol)))
		return true;
	nhoff = rtpl_leakguard_find_ip(skb, dev, &proto);
	return nhoff == skb_network_offset(skb) && proto == skb_protocol(skb, true);
}

/*
 * The destination address and its required peer; NULL if the packet does not concern the leakguard.
 * If a source route leads on to such a peer, the address is the one there.
 */
static struct rtpl_owner *rtpl_leakguard_dest(struct rtpl_net *rn, const struct sk_buff *skb,
					      int nhoff, __be16 proto, void *addr, int *addr_len)
{
	struct rtpl_owner *owner;

	switch (proto) {
	case htons(ETH_P_IP):
		*addr_len = sizeof(struct in_addr);
		if (skb_copy_bits(skb, nhoff + offsetof(struct iphdr, daddr), addr, *addr_len))
			return NULL;
		owner = rtpl_lpm_lookup4(&rn->prefixes, addr);
		break;
	case htons(ETH_P_IPV6):
		*addr_len = sizeof(struct in6_addr);
		if (skb_copy_bits(skb, nhoff + offsetof(struct ipv6hdr, daddr), addr, *addr_len))
			return NULL;
		owner = rtpl_lpm_lookup6(&rn->prefixes, addr);
		break;
	default:
		return NULL;
	}
	if (owner && READ_ONCE(owner->require))
		return owner;
	return rtpl_route_onward(rn, skb, nhoff, proto, addr);
}

static int rtpl_leakguard_below(struct net_device *lower, struct netdev_nested_priv *priv)
{
	struct net *net = ((void **)priv->data)[0];
	bool *any = ((void **)priv->data)[1];

	*any = true;
	return !net_eq(dev_net(lower), net);
}

static bool rtpl_leakguard_is_ipvlan(const struct net_device *dev)
{
	return dev->rtnl_link_ops && !strcmp(dev->rtnl_link_ops->kind, "ipvlan");
}

/*
 * Does the device only pass the packet on to hooked devices? What macvlan and ipvlan hand to a
 * sibling on the same host stays on the host, as in a bridge.
 */
static bool rtpl_leakguard_passes_below(struct net_device *dev)
{
	bool any = false;
	void *data[] = { dev_net(dev), &any };
	struct netdev_nested_priv priv = { .data = data };

	if (!netif_is_bridge_master(dev) && !netif_is_lag_master(dev) && !is_vlan_dev(dev) &&
	    !netif_is_l3_master(dev) && !netif_is_failover(dev) && !netif_is_macvlan(dev) &&
	    !rtpl_leakguard_is_ipvlan(dev))
		return false;
	/* The lower device may be in another namespace, where we have no hooks. */
	return !netdev_walk_all_lower_dev_rcu(dev, rtpl_leakguard_below, &priv) && any;
}

static unsigned int rtpl_leakguard_out(void *hook_priv, struct sk_buff *skb,
				       const struct nf_hook_state *state)
{
	struct net_device *dev = state->out;
	struct rtpl_net *rn = hook_priv;
	struct rtpl_owner *owner;
	struct in6_addr addr;
	struct Qdisc *q;
	__be16 proto;
	int addr_len;
	int nhoff;

	/*
	 * Will it pass our qdisc? rtpl is always a root, so all of the device's queues lead to the
	 * same one, and the first stands for the one that will be picked. The answer holds: the
	 * core reads txq->qdisc again in this same RCU read side section. Whoever removes our qdisc
	 * first puts noop_qdisc there, waits for a grace period (dev_deactivate_many() does), and
	 * only then attaches another one. So if we see rtpl, the core sees rtpl or noop_qdisc,
	 * which drops. The reverse does not hold: noop_qdisc has no such wait when it is replaced,
	 * and any qdisc may follow it.
	 */
	q = rcu_dereference(netdev_get_tx_queue(dev, 0)->qdisc);
	if (q->ops == rtpl_leakguard_ops->qdisc && rtpl_leakguard_protocol_holds(skb, dev))
		return NF_ACCEPT;
	if (rtpl_transport_owns(rn, skb))
		return NF_ACCEPT;

	nhoff = rtpl_leakguard_find_ip(skb, dev, &proto);
	if (nhoff < 0)
		return NF_ACCEPT;
	owner = rtpl_leakguard_dest(rn, skb, nhoff, proto, &addr, &addr_len);
	if (!owner || rtpl_own_copy(rn, skb, nhoff, proto))
		return NF_ACCEPT;
	/* A sender whose frame differs from what it claims is not sending control. */
	if (skb_protocol(skb, true) == proto &&
	    rtpl_skb_is_control(rn, skb, nhoff, proto, dev, true))
		return NF_ACCEPT;
	if (q->ops != rtpl_leakguard_ops->qdisc && rtpl_leakguard_passes_below(dev))
		return NF_ACCEPT;

	/* A device without carrier would have dropped it anyway: do not report it. */
	rtpl_leakguard_hit(rn, owner, RTPL_DROP_LEAKGUARD_OUT, skb, dev->ifindex, &addr, addr_len,
			   q != &noop_qdisc);
	return NF_DROP;
}

/*
 * Give packets that this host sends itself the same verdict while IP can still report it to its
 * caller: EPERM, as usual for netfilter. A drop by the egress hook or a qdisc reaches a program as
 * ENOBUFS, as if a queue had been full.
 */
static unsigned int rtpl_leakguard_postrouting(void *hook_priv, struct sk_buff *skb,
					       const struct nf_hook_state *state)
{
	bool v6 = state->pf == NFPROTO_IPV6;
	__be16 proto = v6 ? htons(ETH_P_IPV6) : htons(ETH_P_IP);
	const struct dst_entry *dst = skb_dst(skb);
	struct net_device *dev = state->out;
	struct rtpl_net *rn = hook_priv;
	struct rtpl_owner *owner;
	struct in6_addr addr;
	struct Qdisc *q;
	int addr_len;

	if ((dev->flags & IFF_LOOPBACK) || (skb->skb_iif && !skb_get_dst_pending_confirm(skb)))
		return NF_ACCEPT;
	owner = rtpl_leakguard_dest(rn, skb, skb_network_offset(skb), proto, &addr, &addr_len);
	if (likely(!owner))
		return NF_ACCEPT;
	/*
	 * A connection that makes progress confirms the neighbour entry: while one inside the link
	 * does, there would be no ARP or neighbour discovery, and some when none does. Cells
	 * confirm nothing. A connection of another namespace of this host (a container's) comes
	 * here forwarded.
	 */
	skb_set_dst_pending_confirm(skb, 0);
	if (skb->skb_iif)
		return NF_ACCEPT;
	/* IPsec or a route's encapsulation is still to come: a different packet will leave. */
	if (!dst || dst_xfrm(dst) || dst->lwtstate)
		return NF_ACCEPT;
	do {
		q = rcu_dereference(netdev_get_tx_queue(dev, 0)->qdisc);
		if (q->ops == rtpl_leakguard_ops->qdisc) {
			if (!rtpl_leakguard_ops->prefers_clear(q, skb))
				return NF_ACCEPT;
			break;
		}
		if (!is_vlan_dev(dev))
			break;
		dev = vlan_dev_real_dev(dev);
	} while (net_eq(dev_net(dev), rn->net));
	/* The egress hook may know better, or its drop is not worth reporting. */
	if (q == &noop_qdisc || rtpl_transport_owns(rn, skb) ||
	    rtpl_own_copy(rn, skb, skb_network_offset(skb), proto) ||
	    rtpl_skb_is_control(rn, skb, skb_network_offset(skb), proto, dev, true) ||
	    rtpl_leakguard_passes_below(dev))
		return NF_ACCEPT;
	rtpl_leakguard_hit(rn, owner, RTPL_DROP_LEAKGUARD_OUT, skb, state->out->ifindex, &addr,
			   addr_len, true);
	return NF_DROP;
}

/* ---- in ---- */

/* Is it sent to a group? Nobody asked the sender to seal it for us. */
static bool rtpl_leakguard_is_group(const struct sk_buff *skb, bool v6, const void *daddr)
{
	if (v6)
		return ipv6_addr_is_multicast(daddr);
	return ipv4_is_multicast(get_unaligned((const __be32 *)daddr)) ||
	       ipv4_is_lbcast(get_unaligned((const __be32 *)daddr)) ||
	       skb->pkt_type == PACKET_BROADCAST;
}

static void rtpl_leakguard_hit_in(struct rtpl_net *rn, struct rtpl_owner *owner,
				  enum rtpl_drop why, const struct sk_buff *skb,
				  const struct net_device *dev, const void *src, bool v6)
{
	/* Packets that a promiscuous device overhears are no attack: no event. */
	rtpl_leakguard_hit(rn, owner, why, skb, dev->ifindex, src,
			   v6 ? sizeof(struct in6_addr) : sizeof(struct in_addr),
			   skb->pkt_type != PACKET_OTHERHOST ||
			   rcu_access_pointer(dev->rx_handler));
}

/*
 * Judge a packet in clear that came in on @dev, with its IP header at @nhoff. With @early it is a
 * frame; if it is for this host, it comes again, by whatever device. Stop it if it is ICMP about a
 * packet to a required peer; also if its source belongs to such a peer, unless it may come in
 * clear. Take nothing about the packet for granted, not even that it is linear.
 */
static unsigned int rtpl_leakguard_in(struct rtpl_net *rn, const struct sk_buff *skb, int nhoff,
				      __be16 proto, struct net_device *dev, bool early)
{
	enum rtpl_drop why = RTPL_DROP_LEAKGUARD_IN;
	bool v6 = proto == htons(ETH_P_IPV6);
	const void *hdr, *src, *dst;
	struct rtpl_owner *owner;
	struct ipv6hdr buf;
	u8 bits;

	hdr = skb_header_pointer(skb, nhoff, v6 ? sizeof(struct ipv6hdr) : sizeof(struct iphdr),
				 &buf);
	if (!hdr)
		return NF_ACCEPT;	/* not an IP packet: the stack drops it */
	src = hdr + (v6 ? offsetof(struct ipv6hdr, saddr) : offsetof(struct iphdr, saddr));
	dst = hdr + (v6 ? offsetof(struct ipv6hdr, daddr) : offsetof(struct iphdr, daddr));
	owner = rtpl_outer_about(rn, skb, nhoff, hdr, v6, dev);
	if (unlikely(owner)) {
		rtpl_leakguard_hit_in(rn, owner, why, skb, dev, src, v6);
		return NF_DROP;
	}
	owner = rtpl_lpm_lookup_bits(&rn->prefixes, v6, src, &bits);
	if (likely(!owner) || !READ_ONCE(owner->require))
		return NF_ACCEPT;

	if (rtpl_outer_is_cell(rn, skb, nhoff, hdr, v6, dev, early) ||
	    rtpl_skb_is_control(rn, skb, nhoff, proto, dev, false) ||
	    rtpl_outer_is_local(rn, dev, v6, src) || rtpl_outer_is_opened(rn, skb, owner))
		return NF_ACCEPT;

	if (rtpl_leakguard_is_group(skb, v6, dst))
		why = RTPL_DROP_LEAKGUARD_GROUP;
	rtpl_leakguard_hit_in(rn, owner, why, skb, dev, src, v6);
	return NF_DROP;
}

static unsigned int rtpl_leakguard_prerouting(void *hook_priv, struct sk_buff *skb,
					      const struct nf_hook_state *state)
{
	struct rtpl_net *rn = hook_priv;

	if (skb_dst(skb) == &rn->rx_mark->dst || skb->pkt_type == PACKET_LOOPBACK ||
	    /*
	     * This host sent it to itself. A packet from elsewhere (MPLS popped to loopback, mirred
	     * to it) has no route yet.
	     */
	    ((state->in->flags & IFF_LOOPBACK) && skb_valid_dst(skb)) ||
	    /* In transport mode it passes again after the outer header did. */
	    (secpath_exists(skb) && skb_valid_dst(skb)))
		return NF_ACCEPT;
	return rtpl_leakguard_in(rn, skb, skb_network_offset(skb),
				 state->pf == NFPROTO_IPV6 ? htons(ETH_P_IPV6) : htons(ETH_P_IP),
				 state->in, false);
}

/*
 * Offset of the IP header of a frame that came in, or a negative number if there is none. The
 * network header is whatever follows the first Ethernet type. Bridges and flow tables look behind
 * VLAN tags and PPPoE, so this does, too.
 */
static int rtpl_leakguard_find_ip_in(const struct sk_buff *skb, __be16 *proto)
{
	int off = skb_network_offset(skb);
	unsigned int tags;
	const struct vlan_hdr *vlan;
	struct vlan_hdr _vlan;
	const __be16 *ppp;
	__be16 _ppp;

	*proto = skb->protocol;
	for (tags = 0; tags <= RTPL_LEAKGUARD_TAGS; tags++) {
		switch (*proto) {
		case htons(ETH_P_IP):
		case htons(ETH_P_IPV6):
			return off;
		case htons(ETH_P_8021Q):
		case htons(ETH_P_8021AD):
			vlan = skb_header_pointer(skb, off, sizeof(_vlan), &_vlan);
			if (!vlan)
				return -1;
			*proto = vlan->h_vlan_encapsulated_proto;
			off += sizeof(_vlan);
			break;
		case htons(ETH_P_PPP_SES):
			off += PPPOE_SES_HLEN;
			ppp = skb_header_pointer(skb, off - sizeof(_ppp), sizeof(_ppp), &_ppp);
			if (!ppp)
				return -1;
			if (*ppp == htons(PPP_IP))
				*proto = htons(ETH_P_IP);
			else if (*ppp == htons(PPP_IPV6))
				*proto = htons(ETH_P_IPV6);
			else
				return -1;
			return off;
		default:
			return -1;
		}
	}
	return -1;
}

static unsigned int rtpl_leakguard_ingress(void *hook_priv, struct sk_buff *skb,
					   const struct nf_hook_state *state)
{
	struct rtpl_net *rn = hook_priv;
	struct dst_entry *mark = &rn->rx_mark->dst;
	__be16 proto;
	int nhoff;

	if (unlikely(skb_dst(skb) == mark)) {
		/*
		 * Flow tables replace it with their own dst and do not release the reference that
		 * they find. RCU keeps the mark for as long as it is needed from here on; whoever
		 * queues the packet takes a reference.
		 */
		skb_dst_drop(skb);
		skb_dst_set_noref(skb, mark);
		return NF_ACCEPT;
	}
	if (skb->pkt_type == PACKET_LOOPBACK)
		return NF_ACCEPT;
	nhoff = rtpl_leakguard_find_ip_in(skb, &proto);
	if (nhoff < 0)
		return NF_ACCEPT;
	return rtpl_leakguard_in(rn, skb, nhoff, proto, state->in, true);
}

/* ---- adding and removing hooks ---- */

static void rtpl_leakguard_dev_hook(struct nf_hook_ops *ops, struct rtpl_net *rn,
				    struct net_device *dev, nf_hookfn *hook, unsigned int hooknum)
{
	ops->hook = hook;
	ops->pf = NFPROTO_NETDEV;
	ops->hooknum = hooknum;
	/*
	 * Out: after an admin's own rules, because it matters what they made of the packet. In:
	 * before flow tables and all else.
	 */
	ops->priority = hooknum == NF_NETDEV_EGRESS ? INT_MAX : INT_MIN;
	ops->dev = dev;
	ops->priv = rn;
}

/* RTNL. */
static int rtpl_leakguard_dev_add(struct rtpl_leakguard *g, struct net_device *dev)
{
	struct rtpl_leakguard_dev *gd;
	int err;

	if ((dev->flags & IFF_LOOPBACK) || xa_load(&g->devs, dev->ifindex))
		return 0;
	gd = kzalloc(sizeof(*gd), GFP_KERNEL);
	if (!gd)
		return -ENOMEM;
	rtpl_leakguard_dev_hook(&gd->ops[0], g->rn, dev, rtpl_leakguard_out, NF_NETDEV_EGRESS);
	rtpl_leakguard_dev_hook(&gd->ops[1], g->rn, dev, rtpl_leakguard_ingress, NF_NETDEV_INGRESS);

	err = xa_insert(&g->devs, dev->ifindex, gd, GFP_KERNEL);
	if (err)
		goto err_free;
	err = nf_register_net_hooks(g->rn->net, gd->ops, ARRAY_SIZE(gd->ops));
	if (err)
		goto err_erase;
	return 0;

err_erase:
	xa_erase(&g->devs, dev->ifindex);
err_free:
	kfree(gd);
	return err;
}

/* RTNL. */
static void rtpl_leakguard_dev_del(struct rtpl_leakguard *g, struct net_device *dev)
{
	struct rtpl_leakguard_dev *gd = xa_erase(&g->devs, dev->ifindex);

	if (!gd)
		return;
	/* Netfilter keeps only a copy of what the hooks need, and frees it by RCU. */
	nf_unregister_net_hooks(g->rn->net, gd->ops, ARRAY_SIZE(gd->ops));
	kfree(gd);
}

/*
 * A device is hooked when it is registered, before it can send. If that fails, it is not
 * registered. A device that moves in from another namespace cannot be refused then; when it goes
 * up, it is hooked or refused.
 */
static int rtpl_leakguard_netdev(struct notifier_block *nb, unsigned long event, void *ptr)
{
	struct rtpl_leakguard *g = container_of(nb, struct rtpl_leakguard, nb);
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);

	switch (event) {
	case NETDEV_REGISTER:
	case NETDEV_PRE_UP:
		return notifier_from_errno(rtpl_leakguard_dev_add(g, dev));
	case NETDEV_UNREGISTER:
		rtpl_leakguard_dev_del(g, dev);
		break;
	}
	return NOTIFY_DONE;
}

static void rtpl_leakguard_add_ip(struct rtpl_leakguard *g, u8 pf)
{
	struct nf_hook_ops *ops = &g->ip[g->n_ip++];

	ops->hook = rtpl_leakguard_prerouting;
	ops->pf = pf;
	ops->hooknum = NF_INET_PRE_ROUTING;
	ops->priority = INT_MIN;
	ops->priv = g->rn;

	ops = &g->ip[g->n_ip++];
	ops->hook = rtpl_leakguard_postrouting;
	ops->pf = pf;
	ops->hooknum = NF_INET_POST_ROUTING;
	ops->priority = INT_MAX;
	ops->priv = g->rn;
}

static int rtpl_leakguard_up(struct rtpl_leakguard *g)
{
	int err;

	/* This calls us with NETDEV_REGISTER for every existing device. */
	err = register_netdevice_notifier_net(g->rn->net, &g->nb);
	if (err)
		return err;
	err = nf_register_net_hooks(g->rn->net, g->ip, g->n_ip);
	if (err) {
		unregister_netdevice_notifier_net(g->rn->net, &g->nb);
		synchronize_net();
	}
	return err;
}

static void rtpl_leakguard_down(struct rtpl_leakguard *g)
{
	nf_unregister_net_hooks(g->rn->net, g->ip, g->n_ip);
	/* This calls us with NETDEV_UNREGISTER for every existing device. */
	unregister_netdevice_notifier_net(g->rn->net, &g->nb);
	/* Wait until no hook runs any more: the node and the module may go. */
	synchronize_net();
}

/**
 * rtpl_leakguard_hold() - keep the leakguard up for one more required peer
 * @rn: node
 *
 * config.c holds it once for each required peer. From its return on, every packet that is sent or
 * received meets the hooks; what they stop depends on rn->prefixes.
 *
 * Context: process, sleeps, takes RTNL; not under rn->lock.
 * Return: 0, -EOPNOTSUPP (this kernel was built without NETFILTER_EGRESS or NETFILTER_INGRESS),
 * or another negative error.
 */
int rtpl_leakguard_hold(struct rtpl_net *rn)
{
	struct rtpl_leakguard *g = rn->leakguard;
	int err = 0;

	if (!IS_ENABLED(CONFIG_NETFILTER_EGRESS) || !IS_ENABLED(CONFIG_NETFILTER_INGRESS))
		return -EOPNOTSUPP;
	mutex_lock(&g->lock);
	if (!g->users)
		err = rtpl_leakguard_up(g);
	if (!err)
		g->users++;
	mutex_unlock(&g->lock);
	return err;
}

/**
 * rtpl_leakguard_release() - undo one rtpl_leakguard_hold()
 * @rn: node
 *
 * Context: process, sleeps, takes RTNL; not under rn->lock.
 */
void rtpl_leakguard_release(struct rtpl_net *rn)
{
	struct rtpl_leakguard *g = rn->leakguard;

	mutex_lock(&g->lock);
	if (!WARN_ON_ONCE(!g->users) && !--g->users)
		rtpl_leakguard_down(g);
	mutex_unlock(&g->lock);
}

/**
 * rtpl_leakguard_net_init() - prepare a namespace's leakguard, which is not up yet
 * @rn: node
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int rtpl_leakguard_net_init(struct rtpl_net *rn)
{
	struct rtpl_leakguard *g;

	g = kzalloc(sizeof(*g), GFP_KERNEL);
	if (!g)
		return -ENOMEM;
	rn->rx_mark = metadata_dst_alloc(0, METADATA_HW_PORT_MUX, GFP_KERNEL);
	if (!rn->rx_mark) {
		kfree(g);
		return -ENOMEM;
	}
	rn->rx_mark->u.port_info.port_id = RTPL_LEAKGUARD_PORT_ID;
	g->rn = rn;
	mutex_init(&g->lock);
	xa_init(&g->devs);
	g->nb.notifier_call = rtpl_leakguard_netdev;
	rtpl_leakguard_add_ip(g, NFPROTO_IPV4);
	if (IS_ENABLED(CONFIG_IPV6))
		rtpl_leakguard_add_ip(g, NFPROTO_IPV6);
	ratelimit_state_init(&g->events, RTPL_LEAKGUARD_INTERVAL, RTPL_LEAKGUARD_EVENTS);
	ratelimit_set_flags(&g->events, RATELIMIT_MSG_ON_RELEASE);
	rn->leakguard = g;
	return 0;
}

/**
 * rtpl_leakguard_net_exit() - free a namespace's leakguard
 * @rn: node without peers, which no longer receives anything
 *
 * The mark lives on until the last packet that carries it is gone.
 *
 * Context: process, sleeps, takes RTNL; not under rn->lock.
 */
void rtpl_leakguard_net_exit(struct rtpl_net *rn)
{
	struct rtpl_leakguard *g = rn->leakguard;

	if (!g)
		return;
	/* Peers of a namespace that goes away do not release the leakguard one by one. */
	if (g->users)
		rtpl_leakguard_down(g);
	WARN_ON_ONCE(!xa_empty(&g->devs));
	xa_destroy(&g->devs);
	rn->leakguard = NULL;
	dst_release(&rn->rx_mark->dst);
	rn->rx_mark = NULL;
	kfree(g);
}
