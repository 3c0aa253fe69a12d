/* SPDX-License-Identifier: GPL-2.0 */
/* What may come in clear from outside (outer.c), for the hooks (leakguard.c). */
#ifndef RTPL_OUTER_H
#define RTPL_OUTER_H

#include <linux/netdevice.h>

#include "rtpl.h"

bool rtpl_outer_is_local(struct rtpl_net *rn, struct net_device *dev, bool v6, const void *addr);
bool rtpl_outer_is_cell(struct rtpl_net *rn, const struct sk_buff *skb, int nhoff, const void *hdr,
			bool v6, struct net_device *dev, bool early);
bool rtpl_outer_is_opened(struct rtpl_net *rn, const struct sk_buff *skb,
			  const struct rtpl_owner *owner);
struct rtpl_owner *rtpl_outer_about(struct rtpl_net *rn, const struct sk_buff *skb, int nhoff,
				    const void *hdr, bool v6, struct net_device *dev);

#endif /* RTPL_OUTER_H */
