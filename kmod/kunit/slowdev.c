// SPDX-License-Identifier: GPL-2.0
/*
 * A bottleneck for tests: two network devices, slow0 and slow1, wired to each other. Each
 * sends one packet at a time, as long as its bytes take at @rate, and stops its queue
 * meanwhile, as a driver does whose ring is full; so queues form in the qdisc, where the
 * module sees them. Exact in virtual time. Module rtpl_slowdev, built with the unit tests.
 */
#include <linux/etherdevice.h>
#include <linux/hrtimer.h>
#include <linux/module.h>
#include <linux/netdevice.h>

#include "../compat/compat.h"

static unsigned long rate = 10000000;
module_param(rate, ulong, 0444);
MODULE_PARM_DESC(rate, "bits a second, each way");

/* Preamble, checksum and gap of Ethernet. */
#define SLOWDEV_FRAME	24

struct slowdev {
	struct net_device *peer;
	struct sk_buff *skb;		/* on its way; the queue is stopped while it is */
	struct net_device *dev;
	struct hrtimer timer;
};

static struct net_device *slowdevs[2];

static netdev_tx_t slowdev_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct slowdev *s = netdev_priv(dev);
	u64 ns = div64_ul((u64)(skb->len + SLOWDEV_FRAME) * 8 * NSEC_PER_SEC, rate);

	netif_stop_queue(dev);
	skb_orphan(skb);
	skb_tx_timestamp(skb);
	s->skb = skb;
	hrtimer_start(&s->timer, ns_to_ktime(ns), HRTIMER_MODE_REL_SOFT);
	return NETDEV_TX_OK;
}

static enum hrtimer_restart slowdev_sent(struct hrtimer *t)
{
	struct slowdev *s = container_of(t, struct slowdev, timer);
	struct sk_buff *skb = s->skb;

	s->skb = NULL;
	dev_sw_netstats_tx_add(s->dev, 1, skb->len);
	dev_forward_skb(s->peer, skb);
	netif_wake_queue(s->dev);
	return HRTIMER_NORESTART;
}

static int slowdev_open(struct net_device *dev)
{
	netif_carrier_on(dev);
	netif_start_queue(dev);
	return 0;
}

static int slowdev_stop(struct net_device *dev)
{
	struct slowdev *s = netdev_priv(dev);

	netif_stop_queue(dev);
	hrtimer_cancel(&s->timer);
	kfree_skb(s->skb);
	s->skb = NULL;
	return 0;
}

static int slowdev_init(struct net_device *dev)
{
	dev->tstats = netdev_alloc_pcpu_stats(struct pcpu_sw_netstats);
	return dev->tstats ? 0 : -ENOMEM;
}

static void slowdev_uninit(struct net_device *dev)
{
	free_percpu(dev->tstats);
}

static const struct net_device_ops slowdev_ops = {
	.ndo_init = slowdev_init,
	.ndo_uninit = slowdev_uninit,
	.ndo_open = slowdev_open,
	.ndo_stop = slowdev_stop,
	.ndo_start_xmit = slowdev_xmit,
	.ndo_get_stats64 = dev_get_tstats64,
	.ndo_validate_addr = eth_validate_addr,
	.ndo_set_mac_address = eth_mac_addr,
};

static void slowdev_setup(struct net_device *dev)
{
	struct slowdev *s = netdev_priv(dev);

	ether_setup(dev);
	dev->netdev_ops = &slowdev_ops;
	eth_hw_addr_random(dev);
	s->dev = dev;
	rtpl_compat_hrtimer_setup(&s->timer, slowdev_sent, CLOCK_MONOTONIC, HRTIMER_MODE_REL_SOFT);
}

static void slowdev_end(void)
{
	int i;

	for (i = 0; i < 2; i++)
		if (slowdevs[i] && slowdevs[i]->reg_state == NETREG_REGISTERED)
			unregister_netdev(slowdevs[i]);
	for (i = 0; i < 2; i++)
		if (slowdevs[i])
			free_netdev(slowdevs[i]);
}

/* In the namespace of who loads the module. */
static int __init slowdev_start(void)
{
	int i, err = -ENOMEM;

	if (!rate)
		return -EINVAL;
	for (i = 0; i < 2; i++) {
		slowdevs[i] = alloc_netdev(sizeof(struct slowdev), "slow%d", NET_NAME_ENUM,
					   slowdev_setup);
		if (!slowdevs[i])
			goto fail;
		dev_net_set(slowdevs[i], current->nsproxy->net_ns);
	}
	for (i = 0; i < 2; i++)
		((struct slowdev *)netdev_priv(slowdevs[i]))->peer = slowdevs[!i];
	for (i = 0; i < 2; i++) {
		err = register_netdev(slowdevs[i]);
		if (err)
			goto fail;
	}
	return 0;
fail:
	slowdev_end();
	return err;
}

static void __exit slowdev_exit(void)
{
	slowdev_end();
}

module_init(slowdev_start);
module_exit(slowdev_exit);
MODULE_DESCRIPTION("two slow network devices, for RTPL's tests");
MODULE_LICENSE("GPL");
