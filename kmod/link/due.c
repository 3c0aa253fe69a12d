// SPDX-License-Identifier: GPL-2.0
/*
 * When a processor is to build a slot, or to look at a link with a profile: so that others' work
 * there does not make it late. Links' timers fire where they were set. Of several links the first
 * counts, and a time in the past tells nothing.
 */
#include <linux/percpu.h>

#include "link/due.h"
#include "link/link.h"

/*
 * A link that sends as packets come builds little at a time if another link's slot is to be built
 * on its processor within this time, which is longer than any run that does not stop for it.
 */
#define RTPL_DUE_SHARE_NS	(2 * RTPL_PACE_LEAD_MAX)
/* A processor that is to look at a link with a profile within this time is not asked for help. */
#define RTPL_DUE_NEAR_NS	(500 * NSEC_PER_USEC)

static DEFINE_PER_CPU(u64, rtpl_due_slot);
static DEFINE_PER_CPU(u64, rtpl_due_any);

/**
 * rtpl_due_slot_here() - note that a slot is to be built on this processor
 * @at: when to begin, CLOCK_MONOTONIC ns
 * @now: ns
 *
 * Context: BH.
 */
void rtpl_due_slot_here(u64 at, u64 now)
{
	u64 known = this_cpu_read(rtpl_due_slot);

	if (at < known || known < now)
		this_cpu_write(rtpl_due_slot, at);
}

/**
 * rtpl_due_here() - note that a link with a profile is to be looked at on this processor
 * @at: when, CLOCK_MONOTONIC ns
 * @now: ns
 *
 * Context: BH.
 */
void rtpl_due_here(u64 at, u64 now)
{
	u64 known = this_cpu_read(rtpl_due_any);

	if (at < known || known < now)
		WRITE_ONCE(*this_cpu_ptr(&rtpl_due_any), at);
}

/**
 * rtpl_due_near() - is a processor about to look at a link with a profile?
 * @cpu: processor
 * @now: CLOCK_MONOTONIC ns
 *
 * Context: BH.
 * Return: true if so, or if it was to do so just now.
 */
bool rtpl_due_near(int cpu, u64 now)
{
	u64 at = READ_ONCE(*per_cpu_ptr(&rtpl_due_any, cpu));

	return at && at < now + RTPL_DUE_NEAR_NS && at + RTPL_DUE_NEAR_NS > now;
}

/**
 * rtpl_due_shares() - could building this link's cells hold up another's slot?
 * @link: link whose tx worker runs here
 *
 * Context: BH.
 * Return: true if so: build few at a time.
 */
bool rtpl_due_shares(const struct rtpl_link *link)
{
	u64 at = this_cpu_read(rtpl_due_slot), now;

	if (link->slotted || !at)
		return false;
	now = ktime_get_ns();
	return at < now + RTPL_DUE_SHARE_NS && at + RTPL_DUE_SHARE_NS > now;
}
