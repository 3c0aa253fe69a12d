/* SPDX-License-Identifier: GPL-2.0 */
/* Small packets that share cells, see gather.c. */
#ifndef RTPL_GATHER_H
#define RTPL_GATHER_H

#include <linux/types.h>

struct rtpl_link;

u64 rtpl_gather_until(struct rtpl_link *link, u32 waiting);
void rtpl_gather_end(struct rtpl_link *link);
void rtpl_gather_lone(struct rtpl_link *link, u64 began);
void rtpl_gather_rest(struct rtpl_link *link);

#endif /* RTPL_GATHER_H */
