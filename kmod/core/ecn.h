/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Congestion marks of cells, carried to the packets inside (RFC 6040, as RFC 9347 restricts it).
 *
 * A cell holds parts of many packets, and a packet parts of many cells. So a cell's own ECN field
 * is never copied from a packet: it is the same on every cell of a link, and reveals nothing. Of
 * the changes that routers make only CE counts: a packet has met congestion if any of its bytes
 * came in a cell with CE. A super-packet is many packets: the marks of its cells are kept for the
 * bytes that they brought, and its segments are marked one by one.
 */
#ifndef RTPL_CORE_ECN_H
#define RTPL_CORE_ECN_H

#include "gso.h"

enum rtpl_ecn {		/* as in an IP header */
	RTPL_ECN_NOT_ECT,
	RTPL_ECN_ECT_1,
	RTPL_ECN_ECT_0,
	RTPL_ECN_CE,
	RTPL_ECN_DROP		/* no field expresses it: the packet must be dropped */
};

#define RTPL_ECN_MASK	3

/**
 * rtpl_ecn_inner() - the ECN field with which a packet goes up
 * @inner: field of the packet
 * @ce: did any of its cells come with CE?
 *
 * The table of RFC 6040, section 4.2, in the columns Not-ECT and CE. The other two are left out:
 * there ECT(1) outside is a copy of the packet's field, changed on the path. Here it is the link's,
 * and would select another congestion control for an ECT(0) packet.
 * Return: the field, or RTPL_ECN_DROP.
 */
static inline enum rtpl_ecn rtpl_ecn_inner(u8 inner, bool ce)
{
	inner &= RTPL_ECN_MASK;
	if (!ce)
		return inner;
	return inner == RTPL_ECN_NOT_ECT ? RTPL_ECN_DROP : RTPL_ECN_CE;
}

/*
 * Bytes of a block that came with CE, in order. If there are more runs, the nearest ones are
 * joined: a few segments between them are then marked, too.
 */
#define RTPL_MARKS	3

struct rtpl_marks {
	u16 n;
	struct rtpl_mark {
		u16 from, to;
	} at[RTPL_MARKS];
};

void rtpl_marks_add(struct rtpl_marks *m, u16 from, u16 to);

bool rtpl_marks_hit(const struct rtpl_marks *m, u32 from, u32 to);

/**
 * rtpl_marks_run() - find a run of segments that are alike: all marked or all not
 * @m: marks of the super-packet's block
 * @g: its facts
 * @first: segment to begin with
 * @end: one behind the last to look at
 * @ce: set: are they marked?
 *
 * Headers belong to the first segment, the trailer to the last.
 * Return: one behind the last of the run.
 */
u16 rtpl_marks_run(const struct rtpl_marks *m, const struct rtpl_gso *g, u16 first, u16 end,
		   bool *ce);

#endif /* RTPL_CORE_ECN_H */
