/* SPDX-License-Identifier: GPL-2.0 */
/* Packets into cells (lay.c), for the link's tx worker (tx.c). All but life under tx_lock, BH. */
#ifndef RTPL_LAY_H
#define RTPL_LAY_H

#include "core/engine.h"
#include "link/link.h"
#include "link/seal.h"

/* Building one departure. */
struct rtpl_build {
	struct rtpl_link *link;
	struct rtpl_keypair *kp;
	const struct rtpl_departure *d;
	struct net_device *dev;	/* by which the cells leave; RCU */
	u64 now;
	u64 behind;		/* ns that the device sends slots too late */
	u16 cell_room;		/* blocks' bytes in a cell of the largest size */
	u16 index;		/* cell of the departure being filled */
	bool wants;		/* any cell but keepalives */
	bool keepalive;		/* sent outside any schedule: nothing need answer it */
	bool failed;		/* no memory or no keys any more: no cell; try again later */
	bool later;		/* the next packet has to wait; the cells laid before it go */
};

bool rtpl_lay_cell(struct rtpl_build *b, u8 *buf, u16 size, struct rtpl_cell *c);
u8 rtpl_lay_tos(const struct rtpl_build *b);
void rtpl_lay_use_keys(struct rtpl_link *link, const struct rtpl_keypair *kp);
void rtpl_lay_restart(struct rtpl_link *link);
void rtpl_lay_purge(struct rtpl_link *link, enum rtpl_drop why);
u32 rtpl_lay_rest(const struct rtpl_link *link);
bool rtpl_lay_full(const struct rtpl_link *link, u16 cell_room);
u32 rtpl_lay_waiting(const struct rtpl_link *link);

void rtpl_lay_init(struct rtpl_link *link);
void rtpl_lay_forget(struct rtpl_link *link);
void rtpl_lay_stop(struct rtpl_link *link);

#endif /* RTPL_LAY_H */
