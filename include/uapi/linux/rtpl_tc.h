/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR MIT */
/*
 * tc qdisc "rtpl": options (TCA_OPTIONS), class numbers, xstats.
 */
#ifndef _UAPI_LINUX_RTPL_TC_H
#define _UAPI_LINUX_RTPL_TC_H

#include <linux/types.h>

/* Minor numbers of the fixed classes; "parent 1:2" is fast. */
enum rtpl_class {
	RTPL_CLASS_CLEAR = 1,
	RTPL_CLASS_FAST,
	RTPL_CLASS_PRIVATE,
	RTPL_CLASS_DROP,
	__RTPL_CLASS_MAX
};
#define RTPL_CLASS_MAX (__RTPL_CLASS_MAX - 1)

enum rtpl_unprotected {
	RTPL_UNPROTECTED_PASS,
	RTPL_UNPROTECTED_DROP,
	__RTPL_UNPROTECTED_MAX
};

/*
 * The shape options are the defaults for links whose peer sets none of its
 * own; absent ones keep their value.
 */
enum {
	TCA_RTPL_UNSPEC,
	TCA_RTPL_UNPROTECTED,	/* u32, enum rtpl_unprotected */
	TCA_RTPL_CELL,		/* u32 bytes of UDP payload, 0: follow the device */
	TCA_RTPL_RATE,		/* u32 cells per second, 0: as it comes */
	TCA_RTPL_LATENCY,	/* u64 ns, 0: none */
	TCA_RTPL_LIMIT,		/* u32 packets */
	TCA_RTPL_PAD,
	TCA_RTPL_PROFILE,	/* string, a profile's name; the others change it */
	__TCA_RTPL_MAX
};
#define TCA_RTPL_MAX (__TCA_RTPL_MAX - 1)

/* Qdisc xstats (TCA_XSTATS / TCA_STATS_APP): append only. */
struct tc_rtpl_xstats {
	__u64	clear_packets;		/* passed in clear by policy or class */
	__u64	control_packets;	/* link-local control, always clear */
	__u64	fast_packets;		/* handed to a link */
	__u64	cells;			/* own datagrams released (segments) */
	__u64	unprotected_drops;
	__u64	class_drops;		/* class drop */
	__u64	queue_drops;		/* child or link queue full */
	__u64	late_cells;		/* released after their slot */
	__u32	release_packets;	/* waiting in the release queue now */
	__u32	release_bytes;
	__u64	cell_copies;		/* own cells that came again, known by their seal */
};

#endif /* _UAPI_LINUX_RTPL_TC_H */
