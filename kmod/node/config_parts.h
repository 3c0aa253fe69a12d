/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the configuration files share: config.c changes peers, after config_prefix.c and
 * config_check.c checked the request; config_node.c changes the node. Each refuses with a sentence
 * and a negative error, and then changes nothing. All are called under rn->lock, except
 * rtpl_config_check_peer(), with rtpl_config_check_prefixes() in it.
 */
#ifndef RTPL_CONFIG_PARTS_H
#define RTPL_CONFIG_PARTS_H

#include "core/lpm.h"
#include "node/config.h"

struct rtpl_peer;

/* config.c */
void rtpl_config_changed(struct rtpl_net *rn);

/* config_prefix.c */
int rtpl_config_check_prefixes(struct rtpl_peer_config *cfg, struct rtpl_request *req);
int rtpl_config_plan_prefixes(struct rtpl_net *rn, const struct rtpl_peer *peer,
			      const struct rtpl_peer_config *cfg,
			      struct rtpl_lpm_pool *pool, struct rtpl_request *req);
void rtpl_config_swap_prefixes(struct rtpl_peer *peer, struct rtpl_peer_config *cfg,
			       struct rtpl_lpm_pool *pool, const struct rtpl_request *req);
void rtpl_config_free_pool(struct rtpl_lpm_pool *pool);

/* config_check.c */
int rtpl_config_check_peer(struct rtpl_peer_config *cfg, struct rtpl_request *req);
int rtpl_config_check_route(struct rtpl_net *rn, const struct rtpl_peer_config *cfg,
			    struct rtpl_request *req);
void rtpl_config_merge_shape(struct rtpl_shape_config *now, const struct rtpl_shape_config *cfg);
int rtpl_config_check_shape(struct rtpl_net *rn, const struct rtpl_shape_config *shape,
			    const struct rtpl_endpoint *ep, const struct rtpl_peer_config *cfg,
			    struct rtpl_request *req);
bool rtpl_config_is_own_key(struct rtpl_net *rn, const u8 *key);
bool rtpl_config_is_private(const struct rtpl_noise_local *local, const u8 *key);
bool rtpl_config_is_own_private(struct rtpl_net *rn, const u8 *key);
int rtpl_config_find_twin(struct rtpl_net *rn, const struct rtpl_peer_config *cfg, u32 *id,
			  struct rtpl_request *req);

#endif /* RTPL_CONFIG_PARTS_H */
