// SPDX-License-Identifier: GPL-2.0
/*
 * Packets that are encrypted behind the qdisc: with IPsec's or TLS's offload a packet comes down as
 * plain text, and the driver, or the core right before the driver, encrypts it. If such a packet
 * were laid into a cell as it is, it would leave the other end unencrypted. So it is encrypted here
 * first, in software, whatever the device can do.
 *
 * The stack's own functions need a device without any offload: the node has one of its own, which
 * nobody else sees. A cipher that finishes later hands its packet to that device's transmit
 * function (xfrm_dev_resume()), past every qdisc; from there the packet goes back to its link's
 * queue.
 *
 * Packets whose cipher is under way are counted. One that is freed without having come back is a
 * drop.
 */
#include <linux/delay.h>
#include <linux/etherdevice.h>
#include <net/sock.h>

#include "link/crypt.h"
#include "link/link.h"
#include "link/txq.h"

static struct rtpl_net *rtpl_crypt_node(const struct net_device *dev)
{
	return *(struct rtpl_net **)netdev_priv(dev);
}

/* The packet is freed instead of coming back. */
static void rtpl_crypt_lost(struct sk_buff *skb)
{
	struct rtpl_net *rn = rtpl_crypt_node(skb->dev);

	rtpl_count_drop(rn, NULL, RTPL_DROP_CRYPT, 1);
	atomic_dec(&rn->crypt_under_way);
}

static void rtpl_crypt_back(struct rtpl_net *rn, struct sk_buff *skb)
{
	skb->destructor = NULL;
	secpath_reset(skb);
	atomic_dec(&rn->crypt_under_way);
}

/**
 * rtpl_crypt_packet() - do the packet's IPsec now
 * @link: link that it waits for
 * @skb: no super-packet, skb->data at its network header
 *
 * Context: BH, RCU read side, tx_lock.
 * Return: see enum rtpl_crypted.
 */
enum rtpl_crypted rtpl_crypt_packet(struct rtpl_link *link, struct sk_buff **skb)
{
	struct rtpl_net *rn = link->owner->rn;
	struct sk_buff *now = *skb;
	u64 cb = *rtpl_skb_cb(now);
	bool again = false;

	now->dev = rn->crypt_dev;
	/* An upper device that can do it left it to a lower device, and here is none. */
	if (xfrm_offload(now)->flags & XFRM_XMIT) {
		rtpl_drop_skb(rn, link->owner, RTPL_DROP_CRYPT, now);
		return RTPL_CRYPT_GONE;
	}
	if (now->ip_summed == CHECKSUM_PARTIAL && skb_csum_hwoffload_help(now, 0)) {
		rtpl_drop_skb(rn, link->owner, RTPL_DROP_MALFORMED_OUT, now);
		return RTPL_CRYPT_GONE;
	}
	skb_reset_mac_header(now);
	skb_reset_mac_len(now);
	skb_orphan(now);
	now->destructor = rtpl_crypt_lost;
	atomic_inc(&rn->crypt_under_way);
	now = validate_xmit_xfrm(now, 0, &again);
	if (!now)
		return RTPL_CRYPT_GONE;
	if (again) {
		now->destructor = NULL;
		atomic_dec(&rn->crypt_under_way);
	} else {
		rtpl_crypt_back(rn, now);
	}
	*rtpl_skb_cb(now) = cb;
	*skb = now;
	return again ? RTPL_CRYPT_AGAIN : RTPL_CRYPT_DONE;
}

/**
 * rtpl_crypt_records() - encrypt records that a socket left to a device
 * @link: link that it goes to
 * @skb: packet that still belongs to its socket
 *
 * Context: BH.
 * Return: the packet, or NULL: dropped and counted.
 */
struct sk_buff *rtpl_crypt_records(struct rtpl_link *link, struct sk_buff *skb)
{
	if (likely(!rtpl_compat_is_decrypted(skb)))
		return skb;
	skb = rtpl_compat_encrypt_records(skb, link->owner->rn->crypt_dev);
	if (!skb)
		rtpl_count_drop(link->owner->rn, link->owner, RTPL_DROP_CRYPT, 1);
	return skb;
}

/* A cipher that took longer has finished. BH, RCU read side. */
static netdev_tx_t rtpl_crypt_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct rtpl_net *rn = rtpl_crypt_node(dev);
	struct rtpl_link *link;

	skb_pull(skb, skb_network_offset(skb));
	skb_reset_mac_header(skb);
	link = rtpl_link_ops->by_packet(rn, skb, 0);
	skb->destructor = NULL;
	secpath_reset(skb);
	*rtpl_skb_cb(skb) = ktime_get_ns();
	if (link) {
		rtpl_txq_add(link, skb);
		rtpl_tx_kick(link);
	} else {
		rtpl_drop_skb(rn, NULL, RTPL_DROP_NO_PEER, skb);
	}
	/* This must come last: whoever waits for it frees the node. */
	atomic_dec(&rn->crypt_under_way);
	return NETDEV_TX_OK;
}

static const struct net_device_ops rtpl_crypt_ops = {
	.ndo_start_xmit = rtpl_crypt_xmit,
};

static void rtpl_crypt_setup(struct net_device *dev)
{
	ether_setup(dev);
	dev->netdev_ops = &rtpl_crypt_ops;
	dev->features = 0;
	dev->hw_features = 0;
}

/**
 * rtpl_crypt_net_init() - make the device to which ciphers hand the node's packets
 * @rn: node
 *
 * It is never registered, so nobody else sees it.
 *
 * Context: process. May sleep.
 * Return: 0 or -ENOMEM.
 */
int rtpl_crypt_net_init(struct rtpl_net *rn)
{
	struct net_device *dev;

	dev = alloc_netdev(sizeof(rn), "rtpl-crypt", NET_NAME_UNKNOWN, rtpl_crypt_setup);
	if (!dev)
		return -ENOMEM;
	dev_net_set(dev, rn->net);
	*(struct rtpl_net **)netdev_priv(dev) = rn;
	rn->crypt_dev = dev;
	return 0;
}

/**
 * rtpl_crypt_net_exit() - wait for the ciphers that are still under way
 * @rn: node; all its peers are removed, so that none is begun any more
 *
 * Context: process. Sleeps.
 */
void rtpl_crypt_net_exit(struct rtpl_net *rn)
{
	while (atomic_read(&rn->crypt_under_way))
		msleep(20);
}

/**
 * rtpl_crypt_net_free() - free the node's device
 * @rn: node, a grace period after rtpl_crypt_net_exit(): xfrm_dev_resume() held the device's lock
 *
 * Context: process.
 */
void rtpl_crypt_net_free(struct rtpl_net *rn)
{
	free_netdev(rn->crypt_dev);
	rn->crypt_dev = NULL;
}
