// SPDX-License-Identifier: GPL-2.0
/* Inner packets: a list of them, and the round trip time that they tell. */
#include "traffic.h"

#include <stdlib.h>
#include <string.h>

#define TCP		6
#define SYN_MOST	80	/* bytes of the first packet of a connection */

int packets_add(struct packets *list, const struct packet *p)
{
	if (list->n >= TRAFFIC_MOST)
		return -1;
	if (list->n == list->room) {
		size_t room = list->room ? list->room * 2 : 1024;
		struct packet *more = realloc(list->p, room * sizeof(*more));

		if (!more)
			return -1;
		list->p = more;
		list->room = room;
	}
	list->p[list->n++] = *p;
	return 0;
}

void packets_free(struct packets *list)
{
	free(list->p);
	memset(list, 0, sizeof(*list));
}

static int by_time(const void *a, const void *b)
{
	const struct packet *x = a, *y = b;

	return x->at < y->at ? -1 : x->at > y->at;
}

/* In a merge sort equal ones keep their order, which glibc's qsort() does not promise. */
void packets_sort(struct packet *p, size_t n)
{
	struct packet *from = p, *to, *other;

	other = n > 1 ? malloc(n * sizeof(*other)) : NULL;
	if (!other) {
		if (n > 1)
			qsort(p, n, sizeof(*p), by_time);
		return;
	}
	to = other;
	for (size_t width = 1; width < n; width *= 2) {
		for (size_t i = 0; i < n; i += 2 * width) {
			size_t a = i, mid = i + width < n ? i + width : n, b = mid;
			size_t end = i + 2 * width < n ? i + 2 * width : n;

			for (size_t k = i; k < end; k++)
				to[k] = a < mid && (b >= end || from[a].at <= from[b].at) ?
					from[a++] : from[b++];
		}
		struct packet *swap = from;

		from = to;
		to = swap;
	}
	if (from != p)
		memcpy(p, from, n * sizeof(*p));
	free(other);
}

struct conversation {
	uint32_t flow;
	bool used, out, done;
	uint64_t at;
};

static int by_number(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

uint64_t packets_rtt(const struct packet *p, size_t n, uint64_t from, uint32_t *flows, uint64_t *least)
{
	size_t size = 1024, n_trips = 0;
	struct conversation *table;
	uint64_t *trips, rtt = 0;

	*flows = 0;
	while (size < 2 * n)
		size *= 2;
	table = calloc(size, sizeof(*table));
	trips = malloc((n ? n : 1) * sizeof(*trips));
	for (size_t i = 0; table && trips && i < n; i++) {
		struct conversation *c;
		size_t at = p[i].flow * 2654435761U % size;

		while (table[at].used && table[at].flow != p[i].flow)
			at = (at + 1) % size;
		c = &table[at];
		if (!c->used) {
			c->used = true;
			c->flow = p[i].flow;
			c->done = p[i].at < from || p[i].proto != TCP || p[i].bytes > SYN_MOST;
		}
		if (c->done)
			continue;
		if (p[i].out && !c->out) {
			c->out = true;
			c->at = p[i].at;
		} else if (!p[i].out && c->out) {
			trips[n_trips++] = p[i].at - c->at;
			c->done = true;
		}
	}
	if (n_trips) {
		qsort(trips, n_trips, sizeof(*trips), by_number);
		rtt = trips[(n_trips - 1) / 2];
		*least = trips[0];
		*flows = (uint32_t)n_trips;
	}
	free(table);
	free(trips);
	return rtt;
}
