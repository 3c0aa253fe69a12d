// SPDX-License-Identifier: GPL-2.0
/*
 * Start and end of the module and of a node (a network namespace): each step in order, undone in
 * the reverse order.
 */
#include <linux/if_arp.h>
#include <linux/module.h>
#include <linux/random.h>
#include <linux/sched/signal.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>
#include <net/pkt_sched.h>

#include "event.h"
#include "leakguard/leakguard.h"
#include "link/link.h"
#include "link/own.h"
#include "link/outlet.h"
#include "netlink/netlink.h"
#include "node/change.h"
#include "node/profile_store.h"
#include "node/node.h"
#include "route/route.h"
#include "rtpl.h"
#include "sch/sch.h"
#include "session/session.h"
#include "session/snapshot.h"
#include "transport/transport.h"

unsigned int rtpl_net_id __read_mostly;
struct workqueue_struct *rtpl_wq __read_mostly, *rtpl_user_wq __read_mostly;

/* ---- functions that rooms need from rooms above them, which they may not name ---- */

static const struct rtpl_transport_ops rtpl_main_transport_ops = {
	.receive = rtpl_rx_receive,
	.sent_by = rtpl_own_sent_by,
};

static struct rtpl_link *rtpl_main_link_by_packet(struct rtpl_net *rn, const struct sk_buff *skb,
						  int nhoff)
{
	struct rtpl_owner *owner = rtpl_route_packet(rn, skb, nhoff, false);

	return owner ? owner->link : NULL;
}

static const struct rtpl_link_ops rtpl_main_link_ops = {
	.by_packet = rtpl_main_link_by_packet,
};

void (*rtpl_owner_release)(struct kref *kref) __ro_after_init;
const struct rtpl_transport_ops *rtpl_transport_ops __ro_after_init;
const struct rtpl_session_ops *rtpl_session_ops __ro_after_init;
const struct rtpl_session_table *rtpl_session_table __ro_after_init;
const struct rtpl_link_ops *rtpl_link_ops __ro_after_init;
const struct rtpl_outlet_ops *rtpl_outlet __ro_after_init;
const struct rtpl_leakguard_ops *rtpl_leakguard_ops __ro_after_init;
const struct rtpl_change_ops *rtpl_change_ops __ro_after_init;
const struct rtpl_event_ops *rtpl_event_ops __ro_after_init;
DEFINE_STATIC_KEY_DEFERRED_FALSE(rtpl_event_taps, HZ);

/* Register them before anything can call them. */
static void __init rtpl_register_ops(void)
{
	rtpl_owner_release = rtpl_peer_free;
	rtpl_transport_ops = &rtpl_main_transport_ops;
	rtpl_session_ops = &rtpl_link_session_ops;
	rtpl_session_table = &rtpl_peer_table;
	rtpl_link_ops = &rtpl_main_link_ops;
	rtpl_outlet = &rtpl_qdisc_outlet;
	rtpl_leakguard_ops = &rtpl_qdisc_leakguard;
	rtpl_change_ops = &rtpl_netlink_change_ops;
	rtpl_event_ops = &rtpl_netlink_event_ops;
}

/* ---- a node ---- */

static int __net_init rtpl_net_init(struct net *net)
{
	struct rtpl_net *rn = rtpl_net(net);
	int i, err;

	rn->net = net;
	mutex_init(&rn->lock);
	for (i = 0; i < ARRAY_SIZE(rn->by_key); i++)
		INIT_HLIST_HEAD(&rn->by_key[i]);
	get_random_bytes(&rn->key_hash_key, sizeof(rn->key_hash_key));
	rtpl_own_net_init(rn);
	xa_init_flags(&rn->peers, XA_FLAGS_ALLOC1 | XA_FLAGS_ACCOUNT);
	rtpl_lpm_init(&rn->prefixes);
	INIT_LIST_HEAD(&rn->qdiscs);
	spin_lock_init(&rn->qdiscs_lock);
	INIT_LIST_HEAD(&rn->waiting);
	spin_lock_init(&rn->waiting_lock);
	rtpl_profile_store_init(rn);

	rn->drops = __alloc_percpu(RTPL_DROP_COUNT * sizeof(u64), sizeof(u64));
	if (!rn->drops)
		return -ENOMEM;
	rn->cells = alloc_percpu(struct rtpl_cell_counts);
	err = rn->cells ? rtpl_crypt_net_init(rn) : -ENOMEM;
	if (err)
		goto err_drops;
	err = rtpl_leakguard_net_init(rn);
	if (err)
		goto err_crypt;
	err = rtpl_handshake_net_init(rn);
	if (err)
		goto err_leakguard;
	rtpl_snapshot_net_init(rn);
	return 0;

err_leakguard:
	rtpl_leakguard_net_exit(rn);
err_crypt:
	rtpl_crypt_net_free(rn);
err_drops:
	free_percpu(rn->cells);
	free_percpu(rn->drops);
	return err;
}

/* Release the last links that waited for a qdisc: it is gone, and so are they. */
static void rtpl_net_forget_waiting(struct rtpl_net *rn)
{
	struct rtpl_link *link, *next;

	list_for_each_entry_safe(link, next, &rn->waiting, wait) {
		list_del(&link->wait);
		rtpl_owner_put(link->owner);
	}
}

/* The namespace's devices, and with them its qdiscs, are already gone. */
static void __net_exit rtpl_net_exit(struct net *net)
{
	struct rtpl_net *rn = rtpl_net(net);

	rtpl_snapshot_net_exit(rn);
	rtpl_tap_stop(rn, 0);
	mutex_lock(&rn->lock);
	rn->dead = true;
	rtpl_transport_close(rn);
	rtpl_peer_remove_all(rn);
	mutex_unlock(&rn->lock);
	/* Works of policies that waited for the lock now see dead peers, and end. */
	rtpl_adapt_flush(rn);
	rtpl_net_forget_waiting(rn);
	rtpl_handshake_net_exit(rn);
	rtpl_leakguard_net_exit(rn);
	rtpl_crypt_net_exit(rn);
	xa_destroy(&rn->peers);
}

/*
 * Peers are freed by RCU, and their packets count as drops until then. Many namespaces may go at a
 * time, and most never used RTPL: wait once for all of them.
 */
static void __net_exit rtpl_net_exit_batch(struct list_head *nets)
{
	struct rtpl_net *rn;
	struct net *net;

	synchronize_net();
	rcu_barrier();
	list_for_each_entry(net, nets, exit_list) {
		rn = rtpl_net(net);
		rtpl_crypt_net_free(rn);
		rtpl_profile_store_exit(rn);
		free_percpu(rn->cells);
		free_percpu(rn->drops);
	}
}

static struct pernet_operations rtpl_net_ops = {
	.init = rtpl_net_init,
	.exit = rtpl_net_exit,
	.exit_batch = rtpl_net_exit_batch,
	.id = &rtpl_net_id,
	.size = sizeof(struct rtpl_net),
};

static int __init rtpl_init(void)
{
	int err;

	rtpl_register_ops();
	err = rtpl_keypair_module_init();
	if (err)
		return err;
	err = rtpl_rx_module_init();
	if (err)
		goto err_keypair;
	rtpl_wq = alloc_workqueue("rtpl", WQ_UNBOUND | WQ_FREEZABLE, 0);
	rtpl_user_wq = alloc_ordered_workqueue("rtpl-user", WQ_FREEZABLE);
	if (!rtpl_wq || !rtpl_user_wq) {
		err = -ENOMEM;
		goto err_wq;
	}
	err = rtpl_tx_worker_module_init();
	if (err)
		goto err_wq;
	err = rtpl_spread_module_init();
	if (err)
		goto err_builder;
	err = rtpl_adapt_module_init();
	if (err)
		goto err_spread;
	err = rtpl_snapshot_module_init();
	if (err)
		goto err_policy;
	err = register_pernet_subsys(&rtpl_net_ops);
	if (err)
		goto err_snapshot;
	err = register_netdevice_notifier(&rtpl_bind_nb);
	if (err)
		goto err_pernet;
	err = register_qdisc(&rtpl_qdisc_ops);
	if (err)
		goto err_bind;
	err = rtpl_netlink_init();
	if (err)
		goto err_qdisc;
	return 0;

err_qdisc:
	unregister_qdisc(&rtpl_qdisc_ops);
err_bind:
	unregister_netdevice_notifier(&rtpl_bind_nb);
err_pernet:
	unregister_pernet_subsys(&rtpl_net_ops);
err_snapshot:
	rtpl_snapshot_module_exit();
err_policy:
	rtpl_adapt_module_exit();
err_spread:
	rtpl_spread_module_exit();
err_builder:
	rtpl_tx_worker_module_exit();
err_wq:
	if (rtpl_user_wq)
		destroy_workqueue(rtpl_user_wq);
	if (rtpl_wq)
		destroy_workqueue(rtpl_wq);
	rtpl_rx_module_exit();
err_keypair:
	rtpl_keypair_module_exit();
	return err;
}

static bool rtpl_in_use(void)
{
	bool used = false;
	struct rtpl_net *rn;
	struct net *net;

	down_read(&net_rwsem);
	for_each_net(net) {
		rn = rtpl_net(net);
		used |= READ_ONCE(rn->n_require) || !list_empty_careful(&rn->qdiscs);
	}
	up_read(&net_rwsem);
	return used;
}

/*
 * A required peer and a qdisc hold a reference each, so without force neither exists here. `rmmod
 * -f` ignores references: then the leakguard must stay up, and the qdisc's code must stay, until
 * their namespaces are gone.
 */
static void rtpl_exit_wait(void)
{
	if (!rtpl_in_use())
		return;
	pr_warn("rtpl: removed by force while it guards peers or has a qdisc: waiting until the last is gone\n");
	while (rtpl_in_use())
		schedule_timeout_idle(HZ / 10);
}

static void __exit rtpl_exit(void)
{
	rtpl_exit_wait();
	rtpl_netlink_exit();
	unregister_qdisc(&rtpl_qdisc_ops);
	unregister_netdevice_notifier(&rtpl_bind_nb);
	unregister_pernet_subsys(&rtpl_net_ops);
	static_key_deferred_flush(&rtpl_event_taps);
	rtpl_snapshot_module_exit();
	rtpl_adapt_module_exit();
	rtpl_spread_module_exit();
	rtpl_tx_worker_module_exit();
	destroy_workqueue(rtpl_user_wq);
	destroy_workqueue(rtpl_wq);
	/* Callbacks of peers, sessions and prefixes are in this module's code. */
	rcu_barrier();
	rtpl_rx_module_exit();
	rtpl_keypair_module_exit();
}

module_init(rtpl_init);
module_exit(rtpl_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("RTPL: hides the shape of a host's traffic");
MODULE_VERSION(RTPL_VERSION);
MODULE_ALIAS("sch_rtpl");
MODULE_ALIAS("net-sch-rtpl");
MODULE_ALIAS_GENL_FAMILY(RTPL_GENL_NAME);
