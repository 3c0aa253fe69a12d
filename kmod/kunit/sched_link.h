/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A link that a schedule drives, for the tests of schedules: what waits, with when it
 * came; what left, and when. Cells are all that there is: a packet is some cells.
 */
#ifndef RTPL_KUNIT_SCHED_LINK_H
#define RTPL_KUNIT_SCHED_LINK_H

#include "lib.h"
#include "../core/sched.h"

#define L_ROOM		1000	/* bytes of a cell */
#define L_MS		1000000ULL
#define L_SEC		1000000000ULL
#define L_QUEUE		1024	/* cells */

struct l_link {
	struct rtpl_sched_state st;
	struct rtpl_sched_params p;
	struct rtpl_rng rng;
	u64 now;
	u64 came[L_QUEUE];	/* of each cell that waits */
	u32 head, queued;
	u64 lead;		/* departures are built so long before */
	u64 left;		/* when the last cell did */
	u64 data, chaff;	/* cells so far */
	u64 delay;		/* longest so far */
	u64 at;			/* of the last departure */
	const char *fault;
};

static inline void l_start(struct l_link *l, const struct rtpl_sched_params *p, u64 now)
{
	static const u8 seed[RTPL_RNG_SEED] = { 5 };

	memset(l, 0, sizeof(*l));
	l->p = *p;
	l->now = now;
	rtpl_rng_seed(&l->rng, seed);
	rtpl_sched_start(&l->st, &l->p, L_ROOM, now);
}

static inline void l_traffic(struct l_link *l, enum rtpl_traffic_event what, u32 bytes)
{
	rtpl_sched_traffic(&l->st, &l->p, &l->rng, what, l->now, bytes);
}

static inline bool l_next(struct l_link *l, struct rtpl_departure *d)
{
	return rtpl_sched_next(&l->st, &l->p, &l->rng, l->now, l->queued, 8, d);
}

/* A packet of @cells cells comes to be sent. */
static inline void l_queue(struct l_link *l, u32 cells)
{
	u32 i;

	if (l->queued + cells > L_QUEUE)
		return;
	for (i = 0; i < cells; i++)
		l->came[(l->head + l->queued++) % L_QUEUE] = l->now;
	l_traffic(l, RTPL_QUEUED, cells * L_ROOM);
}

/* A packet of @bytes comes, and fills no more than a part of its cell. */
static inline void l_queue_part(struct l_link *l, u32 bytes)
{
	if (l->queued == L_QUEUE)
		return;
	l->came[(l->head + l->queued++) % L_QUEUE] = l->now;
	l_traffic(l, RTPL_QUEUED, bytes);
}

/* Send @d, taken just now. */
static inline void l_send(struct l_link *l, const struct rtpl_departure *d)
{
	u64 at = d->timed ? max(d->at, l->now) : l->now;
	u16 i;

	if (at < l->left)
		l->fault = "left before the one before";
	l->left = at;
	l->at = d->at;
	rtpl_sched_take(&l->st, &l->p, d);
	for (i = 0; i < d->cells; i++) {
		if (l->queued) {
			if (at > l->came[l->head])
				l->delay = max(l->delay, at - l->came[l->head]);
			l->head = (l->head + 1) % L_QUEUE;
			l->queued--;
			l->data++;
			l_traffic(l, RTPL_SENT_DATA, 0);
		} else if (d->chaff) {
			l->chaff++;
			l_traffic(l, RTPL_SENT_CHAFF, 0);
		} else {
			l->fault = "more cells than data";
		}
	}
}

/*
 * Build and send what is due by @t, then stand there. Return: departures, at most
 * @most of them.
 */
static inline u32 l_run(struct l_link *l, u64 t, u32 most)
{
	struct rtpl_departure d;
	u32 n = 0;

	while (n < most && l_next(l, &d)) {
		if (!d.cells || d.cells > max_t(u32, 8, RTPL_PACE_BATCH_MAX))
			l->fault = "no cells, or too many";
		if (d.timed && d.at > t + l->lead)
			break;
		if (d.timed && d.at > l->now + l->lead)
			l->now = d.at - l->lead;
		l_send(l, &d);
		n++;
	}
	l->now = max(l->now, t);
	return n;
}

/* A link with schedule @p, which is a sound one, from @now on. */
static inline struct l_link *l_of(struct kunit *test, const struct rtpl_sched_params *p, u64 now)
{
	struct l_link *l = m_kunit_alloc(test, sizeof(*l));
	const char *why = NULL;

	KUNIT_ASSERT_NOT_NULL(test, l);
	KUNIT_ASSERT_EQ(test, rtpl_sched_check(p, 0, &why), 0);
	l_start(l, p, now);
	return l;
}

#define EXPECT_NO_FAULT(test, l) do {					\
	if ((l)->fault)							\
		KUNIT_FAIL(test, "%s", (l)->fault);			\
} while (0)

/* One setting wrong at a time, all else as it should be. */
#define EXPECT_REFUSED(params, field, value, err) do {				\
	struct rtpl_sched_params p_ = params;				\
	const char *why_ = NULL;					\
	p_.field = value;						\
	KUNIT_EXPECT_EQ_MSG(test, rtpl_sched_check(&p_, 0, &why_), err, #field);	\
	KUNIT_EXPECT_TRUE(test, why_ && *why_);				\
} while (0)

#endif /* RTPL_KUNIT_SCHED_LINK_H */
