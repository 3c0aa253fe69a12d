/* SPDX-License-Identifier: GPL-2.0 */
/* The room of the qdisc: classes, release queue, tc's options. */
#ifndef RTPL_SCH_H
#define RTPL_SCH_H

#include "leakguard/leakguard.h"
#include "link/outlet.h"
#include "rtpl.h"

/* ---- qdisc.c ---- */

extern struct Qdisc_ops rtpl_qdisc_ops;

/* What main.c registers with the room leakguard: which packets the qdisc keeps. */
extern const struct rtpl_leakguard_ops rtpl_qdisc_leakguard;

/* ---- release.c ---- */

/* What main.c registers with the room link. */
extern const struct rtpl_outlet_ops rtpl_qdisc_outlet;

#endif /* RTPL_SCH_H */
