// SPDX-License-Identifier: GPL-2.0
/*
 * The node's own settings: its private key, its port, its firewall mark and the device to which its
 * sockets are bound.
 */
#include <linux/netdevice.h>
#include <net/dst_cache.h>
#include <net/netlink.h>

#include "node/change.h"
#include "node/config_parts.h"
#include "node/node.h"
#include "session/session.h"
#include "transport/transport.h"

/* Would this key make one of the peers the node itself? rn->lock. */
static int rtpl_config_check_private(struct rtpl_net *rn, const struct rtpl_node_config *cfg,
				     struct rtpl_request *req)
{
	struct nlattr *attr = cfg->attr[RTPL_NODE_A_PRIVATE_KEY];
	struct rtpl_noise_local local = {};
	char name[RTPL_KEY_NAME];
	struct rtpl_peer *peer;
	unsigned long id;
	int err = 0;

	if (rtpl_noise_local_set(&local, cfg->private_key)) {
		if (rtpl_peer_by_key(rn, local.public))
			err = rtpl_refuse(req, attr, -EINVAL,
					  "peer %s has the public key of this private key",
					  rtpl_key_name(name, local.public));
		xa_for_each(&rn->peers, id, peer)
			if (!err && rtpl_config_is_private(&local, peer->public_key))
				err = rtpl_refuse(req, attr, -EINVAL,
						  "a peer's public key is this private key");
	}
	memzero_explicit(&local, sizeof(local));
	return err;
}

static bool rtpl_config_same_private(struct rtpl_net *rn, const u8 *key)
{
	struct rtpl_noise_local local = {};
	bool same;

	/* Compare it as it is stored: clamped. */
	rtpl_noise_local_set(&local, key);
	down_read(&rn->identity_lock);
	same = local.has_key == rn->identity.has_key &&
	       (!local.has_key ||
		!memcmp(local.public, rn->identity.public, RTPL_KEY_LEN));
	up_read(&rn->identity_lock);
	memzero_explicit(&local, sizeof(local));
	return same;
}

/* Route cells of all peers again. rn->lock. */
static void rtpl_config_reroute(struct rtpl_net *rn)
{
	struct rtpl_peer *peer;
	unsigned long id;

	xa_for_each(&rn->peers, id, peer) {
		write_lock_bh(&peer->link.path.lock);
		dst_cache_reset(&peer->link.path.dst_cache);
		write_unlock_bh(&peer->link.path.lock);
	}
}

static void rtpl_config_set_fwmark(struct rtpl_net *rn, u32 fwmark)
{
	if (rn->fwmark == fwmark)
		return;
	WRITE_ONCE(rn->fwmark, fwmark);
	rtpl_config_reroute(rn);
}

/* rn->lock. */
static int rtpl_config_bind(struct rtpl_net *rn, const struct rtpl_node_config *cfg,
			    struct rtpl_request *req)
{
	int err;

	if (!(cfg->has & RTPL_NODE_HAS(BIND_DEVICE)))
		return 0;
	if (*cfg->bind_name && !dev_valid_name(cfg->bind_name))
		return rtpl_refuse(req, cfg->attr[RTPL_NODE_A_BIND_DEVICE], -EINVAL,
				   "the device to bind to has no name that a device can have");
	err = rtpl_transport_bind(rn, cfg->bind_name);
	if (err)
		return rtpl_refuse(req, cfg->attr[RTPL_NODE_A_BIND_DEVICE], err,
				   "the sockets could not be bound to %s (error %d)",
				   *cfg->bind_name ? cfg->bind_name : "no device", -err);
	rtpl_config_reroute(rn);
	return 0;
}

/*
 * The name may now belong to another device, or to none: then cells go nowhere until one comes.
 * Called under RTNL, which is outside rn->lock.
 */
static int rtpl_config_netdev(struct notifier_block *nb, unsigned long event, void *ptr)
{
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);
	struct rtpl_net *rn = rtpl_net(dev_net(dev));

	if (event != NETDEV_REGISTER && event != NETDEV_UNREGISTER && event != NETDEV_CHANGENAME)
		return NOTIFY_DONE;
	/*
	 * RTNL is the whole host's, and whoever holds rn->lock may be root of a user namespace with
	 * many peers: take it only where a name is set. Pairs with rtpl_transport_bind(): it sees
	 * the device, which is in the list by now, or its name is seen here.
	 */
	smp_mb();
	if (likely(!READ_ONCE(rn->bind_name[0])))
		return NOTIFY_DONE;
	mutex_lock(&rn->lock);
	if (rn->bind_name[0] && !rtpl_transport_bind(rn, rn->bind_name))
		rtpl_config_reroute(rn);
	mutex_unlock(&rn->lock);
	return NOTIFY_DONE;
}

struct notifier_block rtpl_bind_nb = { .notifier_call = rtpl_config_netdev };

/* On failure this leaves everything as it was. rn->lock. */
static int rtpl_config_set_port(struct rtpl_net *rn, const struct rtpl_node_config *cfg,
				struct rtpl_request *req)
{
	u16 port = cfg->has & RTPL_NODE_HAS(PORT) ? cfg->port : rn->port_wanted;
	bool comes = cfg->has & RTPL_NODE_HAS(PRIVATE_KEY) &&
		     memchr_inv(cfg->private_key, 0, RTPL_KEY_LEN);
	bool key = cfg->has & RTPL_NODE_HAS(PRIVATE_KEY) ? comes : rn->identity.has_key;
	int err;

	/* Open the port if it is asked for, or if there is now a key to answer with. */
	if (!(cfg->has & RTPL_NODE_HAS(PORT)) && !comes)
		return 0;
	/* Without a key, do not open a random port: close it until there is a key. */
	if (!port && !key) {
		rtpl_transport_close(rn);
		goto keep;
	}
	if (rn->port && (rn->port == port || (!port && !rn->port_wanted)))
		goto keep;
	err = rtpl_transport_open(rn, RTPL_TRANSPORT_PLAIN, port);
	if (err == -EADDRINUSE)
		return rtpl_refuse(req, cfg->attr[RTPL_NODE_A_PORT], err,
				   port ? "UDP port %u is in use" : "no UDP port is free (%u: any)",
				   port);
	if (err)
		return rtpl_refuse(req, cfg->attr[RTPL_NODE_A_PORT], err,
				   "UDP port %u could not be opened (error %d)", port, -err);
keep:
	rn->port_wanted = port;
	return 0;
}

/**
 * rtpl_config_node_set() - change the node; settings that are not given stay
 * @rn: node
 * @cfg: settings that are given
 * @req: gets the sentence if it is refused
 *
 * Setting the same private key again changes nothing. Another key ends all sessions, or with
 * @cfg->rotate begins new ones beside them. Removing the key closes the port until a key is set.
 *
 * Context: process, takes rn->lock. Sleeps.
 * Return: 0; -EADDRINUSE (port), or another error with a sentence; on an error nothing has changed.
 */
int rtpl_config_node_set(struct rtpl_net *rn, const struct rtpl_node_config *cfg,
			 struct rtpl_request *req)
{
	struct rtpl_change change = {};
	char was[IFNAMSIZ];
	bool new_key = false;
	int err = 0;

	mutex_lock(&rn->lock);
	strscpy(was, rn->bind_name, sizeof(was));
	if (cfg->has & RTPL_NODE_HAS(PRIVATE_KEY)) {
		err = rtpl_config_check_private(rn, cfg, req);
		new_key = !rtpl_config_same_private(rn, cfg->private_key);
	}
	if (!err) {
		rtpl_change_begin_node(&change, req, rn, RTPL_EVENT_NODE_CHANGED);
		rtpl_change_node(&change, RTPL_EVENT_A_NODE_BEFORE);
		err = rtpl_config_bind(rn, cfg, req) ?: rtpl_config_set_port(rn, cfg, req);
	}
	if (err) {
		if (cfg->has & RTPL_NODE_HAS(BIND_DEVICE) && !rtpl_transport_bind(rn, was))
			rtpl_config_reroute(rn);
		goto out;
	}

	if (cfg->has & RTPL_NODE_HAS(FWMARK))
		rtpl_config_set_fwmark(rn, cfg->fwmark);
	/* Without a key the node cannot answer: close the port. */
	if (new_key && !rtpl_handshake_set_identity(rn, cfg->private_key, cfg->rotate))
		rtpl_transport_close(rn);
	rtpl_config_changed(rn);
	rtpl_change_node(&change, RTPL_EVENT_A_NODE_AFTER);
	rtpl_change_end(&change);
out:
	rtpl_change_cancel(&change);
	mutex_unlock(&rn->lock);
	return err;
}
