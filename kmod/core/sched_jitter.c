// SPDX-License-Identifier: GPL-2.0
/*
 * A jitter buffer: each packet is held for a sample. Held packets are not remembered one by one,
 * but as the times at which they leave, with the number of cells that leave then. Few places
 * suffice, because a packet that would overtake leaves with the one before.
 */
#include "sched.h"

/**
 * rtpl_dues_put() - hold a packet
 * @q: times at which held packets leave; all zero before the first call
 * @due: ns, when it may leave; it never leaves before the one in front of it
 * @cells: cells that it takes
 *
 * If all places are taken, the packet leaves with the last one.
 *
 * Context: Any; the caller serialises calls on @q.
 */
void rtpl_dues_put(struct rtpl_dues *q, u64 due, u32 cells)
{
	u32 tail;

	due = max(due, q->last);
	if (q->n) {
		tail = (q->head + q->n - 1) % RTPL_SCHED_DUES;
		if (due == q->at[tail] || q->n == RTPL_SCHED_DUES) {
			q->merged += due != q->at[tail];
			q->cells[tail] += min(cells, U32_MAX - q->cells[tail]);
			return;
		}
	}
	tail = (q->head + q->n++) % RTPL_SCHED_DUES;
	q->at[tail] = due;
	q->cells[tail] = cells;
	q->last = due;
}

/**
 * rtpl_dues_pop() - remove cells of held packets that leave
 * @q: the times
 * @cells: how many leave; more than are held are ignored
 *
 * At most RTPL_SCHED_DUES steps.
 *
 * Context: Any; the caller serialises calls on @q.
 */
void rtpl_dues_pop(struct rtpl_dues *q, u32 cells)
{
	q->taken = true;
	while (q->n && cells >= q->cells[q->head]) {
		cells -= q->cells[q->head];
		q->head = (q->head + 1) % RTPL_SCHED_DUES;
		q->n--;
	}
	if (q->n)
		q->cells[q->head] -= cells;
}

/**
 * rtpl_dues_next() - get the first departure of held packets
 * @q: the times; all of them are forgotten if nothing is @queued
 * @queued: cells worth of data waiting
 * @batch: most cells that the caller can send at once
 * @d: set on success; timed, with data only
 *
 * Context: Any; the caller serialises calls on @q.
 * Return: true and *@d; false if nothing leaves.
 */
bool rtpl_dues_next(struct rtpl_dues *q, u32 queued, u16 batch, struct rtpl_departure *d)
{
	u32 cells = min_t(u32, queued, batch);

	q->taken = false;
	if (!queued)
		q->n = 0;
	if (!cells)
		return false;
	/* Cells that were not reported, or that exceed the estimate of a packet, are not held. */
	*d = (struct rtpl_departure){
		.at = q->n ? q->at[q->head] : q->last,
		.cells = q->n ? min(cells, q->cells[q->head]) : cells,
		.timed = true,
	};
	return true;
}

/**
 * rtpl_dues_departs() - when a cell behind a departure leaves
 * @q: the times
 * @d: the departure given last, popped or not
 * @cells: the cell's number, counted from @d's first; not less than @d->cells
 *
 * At most RTPL_SCHED_DUES steps.
 *
 * Context: Any; the caller serialises calls on @q.
 * Return: ns; when the cell leaves, if nothing more is put in.
 */
u64 rtpl_dues_departs(const struct rtpl_dues *q, const struct rtpl_departure *d, u32 cells)
{
	u8 i, place;

	cells -= q->taken ? d->cells : 0;
	for (i = 0; i < q->n; i++) {
		place = (q->head + i) % RTPL_SCHED_DUES;
		if (cells < q->cells[place])
			return q->at[place];
		cells -= q->cells[place];
	}
	return q->last;
}

/**
 * rtpl_sched_cells() - cells that a packet takes
 * @st: state, started
 * @bytes: of the packet's blocks
 *
 * Context: Any; the caller serialises calls on @st.
 * Return: cells, at least 1.
 */
u32 rtpl_sched_cells(const struct rtpl_sched_state *st, u32 bytes)
{
	return bytes ? (bytes - 1) / st->room + 1 : 1;
}

/**
 * rtpl_sched_sample() - a sample within bounds
 * @dist: the table, checked; or with no entries, which is always 0
 * @rng: generator; one draw unless the table is empty
 * @most: upper bound
 *
 * Context: Any; the caller serialises calls on @rng.
 * Return: in 0 ... @most.
 */
u64 rtpl_sched_sample(const struct rtpl_dist *dist, struct rtpl_rng *rng, u64 most)
{
	s64 x = dist->n ? rtpl_dist_sample(dist, rng) : 0;

	return x > 0 ? min_t(u64, x, most) : 0;
}

static int jitter_check(const struct rtpl_sched_params *p, const char **why)
{
	if (!p->jitter.max_ns || p->jitter.max_ns > RTPL_LATENCY_MAX_NS)
		return sched_wrong(why, "The longest hold is not between 1 ns and 10 s.", -ERANGE);
	return rtpl_dist_check(&p->jitter.hold, why);
}

static u64 jitter_delay(const struct rtpl_sched_params *p)
{
	return p->jitter.max_ns;
}

static void jitter_start(struct rtpl_sched_state *st, const struct rtpl_sched_params *p, u64 now)
{
}

static void jitter_traffic(struct rtpl_sched_state *st, const struct rtpl_sched_params *p,
			   struct rtpl_rng *rng, enum rtpl_traffic_event what, u64 now, u32 bytes)
{
	if (what != RTPL_QUEUED)
		return;
	rtpl_dues_put(&st->dues,
		      now + rtpl_sched_sample(&p->jitter.hold, rng, p->jitter.max_ns),
		      rtpl_sched_cells(st, bytes));
}

static bool jitter_next(struct rtpl_sched_state *st, const struct rtpl_sched_params *p,
			struct rtpl_rng *rng, u64 now, u32 queued, u16 batch,
			struct rtpl_departure *d)
{
	return rtpl_dues_next(&st->dues, queued, batch, d);
}

static void jitter_take(struct rtpl_sched_state *st, const struct rtpl_sched_params *p,
			const struct rtpl_departure *d)
{
	rtpl_dues_pop(&st->dues, d->cells);
}

static u64 jitter_departs(const struct rtpl_sched_state *st, const struct rtpl_sched_params *p,
			  const struct rtpl_departure *d, u32 cells)
{
	return rtpl_dues_departs(&st->dues, d, cells);
}

static void jitter_leak(const struct rtpl_sched_state *st, const struct rtpl_sched_params *p,
			struct rtpl_sched_leak *leak)
{
}

const struct rtpl_sched_ops rtpl_sched_jitter_ops = {
	.check = jitter_check,
	.delay = jitter_delay,
	.start = jitter_start,
	.traffic = jitter_traffic,
	.next = jitter_next,
	.take = jitter_take,
	.departs = jitter_departs,
	.leak = jitter_leak,
};
