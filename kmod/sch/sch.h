/* SPDX-License-Identifier: GPL-2.0 */
/* The room of the qdisc: classes, release queue, tc's options. */
#ifndef RTPL_SCH_H
#define RTPL_SCH_H

#include "rtpl.h"

/* ---- qdisc.c ---- */

extern struct Qdisc_ops rtpl_qdisc_ops;

/* Move packets from the qdiscs' fast classes to links. Any context. */
void rtpl_qdisc_pump_all(struct rtpl_net *rn);

#endif /* RTPL_SCH_H */
