/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What happens on a link, as the parts of the shape engine are told: schedules
 * (sched.h), chaff (chaff.h) and machines (machine.h) each hear every event once,
 * in order, with the time in ns; none of them acts by itself, each is asked when it
 * next wants something.
 */
#ifndef RTPL_CORE_HAPPEN_H
#define RTPL_CORE_HAPPEN_H

enum rtpl_happened {
	RTPL_QUEUED,		/* a packet came to be sent */
	RTPL_SENT_DATA,		/* a cell with data left */
	RTPL_SENT_CHAFF,	/* a cell without */
	RTPL_GOT_DATA,		/* a cell with data came */
	RTPL_GOT_CHAFF,		/* one without */
	RTPL_HAPPENED_COUNT
};

#endif /* RTPL_CORE_HAPPEN_H */
