/* SPDX-License-Identifier: GPL-2.0 */
/* Which processor is to look at which sort of link soon, see due.c. */
#ifndef RTPL_DUE_H
#define RTPL_DUE_H

#include <linux/types.h>

struct rtpl_link;

void rtpl_due_slot_here(u64 at, u64 now);
void rtpl_due_here(u64 at, u64 now);
bool rtpl_due_near(int cpu, u64 now);
bool rtpl_due_shares(const struct rtpl_link *link);

#endif /* RTPL_DUE_H */
