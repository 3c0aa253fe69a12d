/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Traffic events of a link, for the parts of the shape engine: schedules (sched.h), chaff (chaff.h)
 * and machines (machine.h) get each event once, in order, with its time in ns. None of them acts by
 * itself; each is asked when it next wants something.
 */
#ifndef RTPL_CORE_TRAFFIC_H
#define RTPL_CORE_TRAFFIC_H

/* Events on a link. */
enum rtpl_traffic_event {
	RTPL_QUEUED,		/* a packet came to be sent */
	RTPL_SENT_DATA,		/* a cell with data left */
	RTPL_SENT_CHAFF,	/* a cell without */
	RTPL_GOT_DATA,		/* a cell with data came */
	RTPL_GOT_CHAFF,		/* one without */
	RTPL_TRAFFIC_EVENTS
};

#endif /* RTPL_CORE_TRAFFIC_H */
