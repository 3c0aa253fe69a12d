// SPDX-License-Identifier: GPL-2.0
/*
 * Which prefixes a peer has: lists are checked by themselves, planned (so that nothing can fail
 * later), then swapped in; each prefix goes from its old owner to its new one in one step.
 */
#include <linux/slab.h>
#include <linux/sort.h>

#include "node/change.h"
#include "node/config_parts.h"
#include "node/node.h"

/* A node of rn->prefixes, with what is needed to free it. */
struct rtpl_config_node {
	struct rtpl_lpm_node node;
	struct rcu_head rcu;
};

/**
 * rtpl_config_free_pool() - free the nodes that a swap of prefixes did not need
 * @pool: pool, empty afterwards
 *
 * Nodes that were in the table are freed by RCU.
 *
 * Context: process.
 */
void rtpl_config_free_pool(struct rtpl_lpm_pool *pool)
{
	struct rtpl_config_node *n;

	while (pool->spare) {
		n = container_of(pool->spare, struct rtpl_config_node, node);
		pool->spare = n->node.next;
		kfree(n);
	}
	while (pool->retired) {
		n = container_of(pool->retired, struct rtpl_config_node, node);
		pool->retired = n->node.next;
		kfree_rcu(n, rcu);
	}
}

static int rtpl_config_fill_pool(struct rtpl_lpm_pool *pool, int need)
{
	struct rtpl_config_node *n;

	while (need--) {
		n = kmalloc(sizeof(*n), GFP_KERNEL_ACCOUNT);
		if (!n)
			return -ENOMEM;
		rtpl_lpm_pool_add(pool, &n->node);
	}
	return 0;
}

/* A prefix as text, for a sentence. */
#define RTPL_PREFIX_TEXT	48

static const char *rtpl_prefix_name(char text[RTPL_PREFIX_TEXT], const struct rtpl_prefix *p)
{
	if (p->family == AF_INET)
		snprintf(text, RTPL_PREFIX_TEXT, "%pI4/%u", p->addr, p->len);
	else
		snprintf(text, RTPL_PREFIX_TEXT, "%pI6c/%u", p->addr, p->len);
	return text;
}

/**
 * rtpl_prefix_cmp() - order of prefixes by their bytes, for sort(); lists are in this order
 * @a: a struct rtpl_prefix
 * @b: another
 *
 * Context: any.
 * Return: as memcmp().
 */
int rtpl_prefix_cmp(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct rtpl_prefix));
}

/**
 * rtpl_config_check_prefixes() - check a list by itself, and sort it
 * @cfg: settings that are given, with a list
 * @req: gets the sentence if it is refused
 *
 * Context: process, no lock needed.
 * Return: 0 or -errno with a sentence.
 */
int rtpl_config_check_prefixes(struct rtpl_peer_config *cfg, struct rtpl_request *req)
{
	struct nlattr *attr = cfg->attr[RTPL_PEER_A_PREFIXES];
	char text[RTPL_PREFIX_TEXT];
	const struct rtpl_prefix *p;
	u32 i;

	/* Prefixes are compared by all of their bytes. */
	BUILD_BUG_ON(sizeof(struct rtpl_prefix) != 18);

	for (i = 0; i < cfg->n_prefixes; i++) {
		p = &cfg->prefixes[i];
		switch (rtpl_lpm_prefix_ok(p)) {
		case 0:
			break;
		case -EINVAL:
			return rtpl_refuse(req, attr, -EINVAL,
					   "prefix %s has bits set behind its length",
					   rtpl_prefix_name(text, p));
		case -ERANGE:
			return rtpl_refuse(req, attr, -ERANGE,
					   "prefix %s is longer than its address",
					   rtpl_prefix_name(text, p));
		default:
			return rtpl_refuse(req, attr, -EAFNOSUPPORT,
					   "a prefix is neither IPv4 nor IPv6");
		}
	}
	sort(cfg->prefixes, cfg->n_prefixes, sizeof(*cfg->prefixes), rtpl_prefix_cmp, NULL);
	for (i = 1; i < cfg->n_prefixes; i++)
		if (!rtpl_prefix_cmp(&cfg->prefixes[i - 1], &cfg->prefixes[i]))
			return rtpl_refuse(req, attr, -EINVAL, "prefix %s is given twice",
					   rtpl_prefix_name(text, &cfg->prefixes[i]));
	return 0;
}

/**
 * rtpl_config_plan_prefixes() - check whether a peer may own prefixes, and prepare the swap
 * @rn: node
 * @peer: peer, or NULL: a new one
 * @cfg: settings that are given: the list, and whether prefixes of others move
 * @pool: filled with what the swap needs, so that it cannot fail
 * @req: gets the sentence if it is refused
 *
 * Context: process, rn->lock held until the swap. May sleep.
 * Return: 0 or -errno with a sentence (-EEXIST: one is another peer's). The caller must free @pool
 * in any case.
 */
int rtpl_config_plan_prefixes(struct rtpl_net *rn, const struct rtpl_peer *peer,
			      const struct rtpl_peer_config *cfg,
			      struct rtpl_lpm_pool *pool, struct rtpl_request *req)
{
	struct nlattr *attr = cfg->attr[RTPL_PEER_A_PREFIXES];
	char text[RTPL_PREFIX_TEXT], name[RTPL_KEY_NAME];
	struct rtpl_peer *owner;
	void *other = NULL;
	int need, err;
	u32 bad = 0;

	if (cfg->move)
		need = rtpl_lpm_need(&rn->prefixes, cfg->prefixes, cfg->n_prefixes);
	else
		need = rtpl_lpm_check(&rn->prefixes, peer ? &peer->owner : NULL, cfg->prefixes,
				      cfg->n_prefixes, &bad, &other);
	if (need < 0) {
		owner = rtpl_peer_of(other);
		return rtpl_refuse(req, attr, need, "prefix %s belongs to peer %s already",
				   rtpl_prefix_name(text, &cfg->prefixes[bad]),
				   rtpl_key_name(name, owner->public_key));
	}
	err = rtpl_config_fill_pool(pool, need);
	return err ? rtpl_refuse(req, attr, err, "no memory for the prefixes") : 0;
}

/*
 * Remove prefixes of other peers that become @peer's from those peers' lists. The table follows in
 * one step for each, so that a packet finds the old owner or the new one. rn->lock.
 */
static void rtpl_config_move_prefixes(struct rtpl_peer *peer, const struct rtpl_peer_config *cfg,
				      const struct rtpl_request *req)
{
	struct rtpl_change change = {};
	struct rtpl_peer *told = NULL;
	const struct rtpl_prefix *p;
	struct rtpl_owner *found;
	struct rtpl_peer *owner;
	u32 i, k;

	for (i = 0; i < cfg->n_prefixes; i++) {
		p = &cfg->prefixes[i];
		found = rtpl_lpm_find(&peer->owner.rn->prefixes, p);
		if (!found || found == &peer->owner)
			continue;
		owner = rtpl_peer_of(found);
		for (k = 0; k < owner->n_prefixes; k++)
			if (!rtpl_prefix_cmp(&owner->prefixes[k], p))
				break;
		if (WARN_ON_ONCE(k == owner->n_prefixes))
			continue;
		memmove(&owner->prefixes[k], &owner->prefixes[k + 1],
			(owner->n_prefixes - k - 1) * sizeof(*p));
		WRITE_ONCE(owner->n_prefixes, owner->n_prefixes - 1);
		/* Send one event for adjacent prefixes of one owner; mostly that is all of them. */
		if (owner != told) {
			rtpl_change_end(&change);
			rtpl_change_begin(&change, req, owner, RTPL_EVENT_PEER_CHANGED);
			told = owner;
		}
		rtpl_change_lost(&change, p);
	}
	rtpl_change_end(&change);
}

/**
 * rtpl_config_swap_prefixes() - give a peer another list of prefixes
 * @peer: peer
 * @cfg: settings that are given; its list becomes the peer's, and it gets the peer's old one
 * @pool: from rtpl_config_plan_prefixes(); gets the nodes that the table no longer needs
 * @req: who asks, for events about peers that lose prefixes; NULL: nobody
 *
 * Cannot fail. A prefix goes from its old owner to its new one in one step, so that a packet finds
 * one of the two.
 *
 * Context: process, rn->lock held.
 */
void rtpl_config_swap_prefixes(struct rtpl_peer *peer, struct rtpl_peer_config *cfg,
			       struct rtpl_lpm_pool *pool, const struct rtpl_request *req)
{
	u32 n_old = peer->n_prefixes;

	if (cfg->move)
		rtpl_config_move_prefixes(peer, cfg, req);
	rtpl_lpm_replace(&peer->owner.rn->prefixes, &peer->owner, peer->prefixes, n_old,
			 cfg->prefixes, cfg->n_prefixes, pool);
	WRITE_ONCE(peer->n_prefixes, cfg->n_prefixes);
	swap(peer->prefixes, cfg->prefixes);
	cfg->n_prefixes = n_old;
}
