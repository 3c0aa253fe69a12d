// SPDX-License-Identifier: GPL-2.0
/*
 * Flows of a trace: fair order among them, what reacts to what, how long requests took.
 *
 * Fair order is what the class's fq_codel does in the kernel, but for CoDel, whose marks and drops a
 * trace could not answer: deficit round robin with a quantum of one packet, flows that had nothing
 * waiting first. A flow is what the trace says, not a hash.
 *
 * With reactions a packet waits for what its flow's other end had got before it was sent in the
 * trace, and is as much later as the last of that: a request that takes longer delays its answer, and
 * acknowledgements that come later delay what they let go.
 */
#include <stdlib.h>

#include "sim.h"

#define QUANTUM		1514		/* bytes, as fq_codel on Ethernet */

/* ---- fair order ---- */

struct node {
	struct sim_waiting w;
	u32 next;			/* 0: none */
};

struct list {				/* of flows: index + 1, 0: none */
	u32 head, tail;
};

struct queue {
	u32 head, tail;			/* nodes */
	u32 bytes;
	u32 next;			/* in its list */
	s32 deficit;
	bool listed;
};

struct sim_fair {
	struct node *node;		/* [0] unused */
	u32 spare;			/* nodes that are free */
	struct queue *queue;
	size_t room;
	u32 flows;
	struct list fresh, old;
};

struct sim_fair *sim_fair_new(u32 most)
{
	struct sim_fair *f = calloc(1, sizeof(*f));
	u32 i;

	if (!f)
		sim_fail("no memory");
	f->node = calloc(most + 1, sizeof(*f->node));
	if (!f->node)
		sim_fail("no memory");
	for (i = most; i; i--) {
		f->node[i].next = f->spare;
		f->spare = i;
	}
	return f;
}

void sim_fair_free(struct sim_fair *f)
{
	if (!f)
		return;
	free(f->node);
	free(f->queue);
	free(f);
}

void sim_fair_begin(struct sim_fair *f, u32 flows)
{
	struct sim_waiting w;

	while (sim_fair_pop(f, &w))
		;
	if (f->room < flows) {
		free(f->queue);
		f->queue = malloc(flows * sizeof(*f->queue));
		if (!f->queue)
			sim_fail("no memory");
		f->room = flows;
	}
	memset(f->queue, 0, flows * sizeof(*f->queue));
	f->flows = flows;
	f->fresh = f->old = (struct list){ };
}

static void append(struct sim_fair *f, struct list *l, u32 flow)
{
	f->queue[flow].next = 0;
	if (l->tail)
		f->queue[l->tail - 1].next = flow + 1;
	else
		l->head = flow + 1;
	l->tail = flow + 1;
}

static u32 first(struct sim_fair *f, struct list *l)
{
	u32 flow = l->head - 1;

	l->head = f->queue[flow].next;
	if (!l->head)
		l->tail = 0;
	return flow;
}

void sim_fair_put(struct sim_fair *f, const struct sim_waiting *w)
{
	struct queue *q = &f->queue[w->flow];
	u32 i = f->spare;

	f->spare = f->node[i].next;
	f->node[i] = (struct node){ .w = *w };
	if (q->head)
		f->node[q->tail].next = i;
	else
		q->head = i;
	q->tail = i;
	q->bytes += w->bytes;
	if (q->listed)
		return;
	q->listed = true;
	q->deficit = QUANTUM;
	append(f, &f->fresh, w->flow);
}

static void take(struct sim_fair *f, struct queue *q, struct sim_waiting *w)
{
	u32 i = q->head;

	*w = f->node[i].w;
	q->head = f->node[i].next;
	q->bytes -= w->bytes;
	f->node[i].next = f->spare;
	f->spare = i;
}

bool sim_fair_pop(struct sim_fair *f, struct sim_waiting *w)
{
	struct queue *q;
	struct list *l;
	u32 flow;

	for (;;) {
		l = f->fresh.head ? &f->fresh : &f->old;
		if (!l->head)
			return false;
		q = &f->queue[l->head - 1];
		if (q->deficit <= 0) {
			q->deficit += QUANTUM;
			append(f, &f->old, first(f, l));
			continue;
		}
		if (q->head)
			break;
		/* One that is empty is not new again before the old ones had their turn. */
		flow = first(f, l);
		if (l == &f->fresh && f->old.head)
			append(f, &f->old, flow);
		else
			q->listed = false;
	}
	take(f, q, w);
	q->deficit -= w->bytes;
	return true;
}

bool sim_fair_drop(struct sim_fair *f, struct sim_waiting *w)
{
	struct queue *most = NULL;
	u32 i;

	for (i = 0; i < f->flows; i++)
		if (f->queue[i].head && (!most || f->queue[i].bytes > most->bytes))
			most = &f->queue[i];
	if (most)
		take(f, most, w);
	return most;
}

/* When what waits longest came; 0: nothing waits. */
u64 sim_fair_oldest(const struct sim_fair *f)
{
	const struct list *lists[] = { &f->fresh, &f->old };
	u64 came = SIM_NEVER;
	u32 i, at;

	for (i = 0; i < ARRAY_SIZE(lists); i++)
		for (at = lists[i]->head; at; at = f->queue[at - 1].next)
			if (f->queue[at - 1].head)
				came = min(came, f->node[f->queue[at - 1].head].w.came);
	return came == SIM_NEVER ? 0 : came;
}

/* ---- reactions ---- */

struct later {
	u64 at;
	u32 k;				/* of the end's packets */
};

struct side {				/* what one end sends */
	const struct sim_packets *p;
	u64 shift;
	u32 *needs;			/* of each packet: so many of the other end's, of its flow */
	u32 *next;			/* of each packet that is held: the flow's next, + 1 */
	size_t room;
	struct later *heap;
	size_t n, heap_room;
	u32 held;
};

struct way {				/* of one flow, from one end */
	u32 gone, all;			/* packets that arrived or were lost; there are */
	bool lost;
	u64 late;			/* ns, of the last that arrived */
	u64 last;			/* when its last packet was sent */
	u32 head, tail;			/* that are held: + 1 */
	u64 begin, end, plain;		/* first sent in the trace; last came, and came in the trace */
	u64 bytes;
};

struct sim_flows {
	struct side side[RTPL_END_COUNT];
	struct way (*way)[RTPL_END_COUNT];
	size_t room;
	u32 flows;
	u64 delay;
};

struct sim_flows *sim_flows_new(void)
{
	struct sim_flows *f = calloc(1, sizeof(*f));

	if (!f)
		sim_fail("no memory");
	return f;
}

void sim_flows_free(struct sim_flows *f)
{
	int i;

	for (i = 0; i < RTPL_END_COUNT; i++) {
		free(f->side[i].needs);
		free(f->side[i].next);
		free(f->side[i].heap);
	}
	free(f->way);
	free(f);
}

/*
 * The client's packet at t needs what came to it until t; the server's, which it saw at t and which
 * was sent a delay before, what came there until then. (Strictly, or two of one moment would wait for
 * each other where there is no delay.)
 */
static void needs(struct sim_flows *f, enum rtpl_end e)
{
	const struct sim_packets *p = f->side[e].p, *o = f->side[!e].p;
	size_t i, k = 0;

	for (i = 0; i < f->flows; i++)
		f->way[i][!e].gone = 0;
	for (i = 0; i < p->n; i++) {
		for (; k < o->n; k++) {
			if (e == RTPL_END_CLIENT ? o->p[k].at > p->p[i].at :
						   o->p[k].at + 2 * f->delay >= p->p[i].at)
				break;
			f->way[o->p[k].flow][!e].gone++;
		}
		f->side[e].needs[i] = f->way[p->p[i].flow][!e].gone;
	}
	for (i = 0; i < f->flows; i++)
		f->way[i][!e].gone = 0;
}

void sim_flows_begin(struct sim_flows *f, const struct sim_trace *t,
		     const u64 shift[RTPL_END_COUNT], u64 delay)
{
	size_t i;
	int e;

	if (f->room < t->flows) {
		free(f->way);
		f->way = malloc(t->flows * sizeof(*f->way));
		if (!f->way)
			sim_fail("no memory");
		f->room = t->flows;
	}
	memset(f->way, 0, t->flows * sizeof(*f->way));
	f->flows = t->flows;
	f->delay = delay;
	for (e = 0; e < RTPL_END_COUNT; e++) {
		struct side *s = &f->side[e];

		s->p = &t->from[e];
		s->shift = shift[e];
		s->n = s->held = 0;
		if (s->room < s->p->n) {
			free(s->needs);
			free(s->next);
			s->needs = malloc(s->p->n * sizeof(*s->needs));
			s->next = malloc(s->p->n * sizeof(*s->next));
			if (!s->needs || !s->next)
				sim_fail("no memory");
			s->room = s->p->n;
		}
		for (i = 0; i < s->p->n; i++) {
			struct way *w = &f->way[s->p->p[i].flow][e];

			if (!w->all++)
				w->begin = s->shift + s->p->p[i].at;
			w->plain = s->shift + s->p->p[i].at + delay;
			w->bytes += s->p->p[i].bytes;
		}
	}
	needs(f, RTPL_END_CLIENT);
	needs(f, RTPL_END_SERVER);
}

static bool before(const struct later *a, const struct later *b)
{
	return a->at < b->at || (a->at == b->at && a->k < b->k);
}

static void push(struct side *s, struct later x)
{
	size_t i, up;

	s->heap = sim_grow(s->heap, s->n, &s->heap_room, sizeof(*s->heap));
	for (i = s->n++; i; i = up) {
		up = (i - 1) / 2;
		if (!before(&x, &s->heap[up]))
			break;
		s->heap[i] = s->heap[up];
	}
	s->heap[i] = x;
}

static void pop(struct side *s)
{
	struct later x = s->heap[--s->n];
	size_t i = 0, k;

	while ((k = 2 * i + 1) < s->n) {
		if (k + 1 < s->n && before(&s->heap[k + 1], &s->heap[k]))
			k++;
		if (!before(&s->heap[k], &x))
			break;
		s->heap[i] = s->heap[k];
		i = k;
	}
	s->heap[i] = x;
}

/* When a packet that needs nothing more is sent: not before the one before it. */
static u64 sent(struct sim_flows *f, enum rtpl_end e, u32 k)
{
	const struct sim_packet *p = &f->side[e].p->p[k];
	struct way *w = f->way[p->flow];

	w[e].last = max(w[e].last, f->side[e].shift + p->at + w[!e].late);
	return w[e].last;
}

bool sim_flows_due(struct sim_flows *f, enum rtpl_end e, u32 k, u64 now)
{
	struct side *s = &f->side[e];
	struct way *w = f->way[s->p->p[k].flow];
	u64 at;

	if (w[e].head || w[!e].gone < s->needs[k]) {
		s->next[k] = 0;
		if (w[e].head)
			s->next[w[e].tail - 1] = k + 1;
		else
			w[e].head = k + 1;
		w[e].tail = k + 1;
		s->held++;
		return false;
	}
	at = sent(f, e, k);
	if (at <= now)
		return true;
	push(s, (struct later){ at, k });
	return false;
}

u64 sim_flows_next(const struct sim_flows *f, enum rtpl_end e)
{
	return f->side[e].n ? f->side[e].heap[0].at : SIM_NEVER;
}

u32 sim_flows_pop(struct sim_flows *f, enum rtpl_end e)
{
	u32 k = f->side[e].heap[0].k;

	pop(&f->side[e]);
	return k;
}

u32 sim_flows_held(const struct sim_flows *f, enum rtpl_end e)
{
	return f->side[e].held + f->side[e].n;
}

void sim_flows_rest(const struct sim_flows *f, enum rtpl_end e, u64 *packets, u64 *bytes)
{
	const struct side *s = &f->side[e];
	u32 i, k;

	for (i = 0; i < f->flows; i++)
		for (k = f->way[i][e].head; k; k = s->next[k - 1], ++*packets)
			*bytes += s->p->p[k - 1].bytes;
	for (i = 0; i < s->n; i++, ++*packets)
		*bytes += s->p->p[s->heap[i].k].bytes;
}

void sim_flows_gone(struct sim_flows *f, enum rtpl_end e, const struct sim_waiting *w, u64 gone)
{
	struct way *way = f->way[w->flow];
	struct side *o = &f->side[!e];
	u32 k;

	way[e].gone++;
	if (gone) {
		way[e].late = rtpl_since(gone, w->due);
		way[e].end = max(way[e].end, gone + f->delay);
	} else {
		way[e].lost = true;
	}
	while (way[!e].head && o->needs[way[!e].head - 1] <= way[e].gone) {
		k = way[!e].head - 1;
		way[!e].head = o->next[k];
		o->held--;
		push(o, (struct later){ sent(f, !e, k), k });
	}
}

/* ---- how long requests took ---- */

static void add(struct sim_requests *r, u64 plain, u64 added)
{
	r->took = sim_grow(r->took, r->n, &r->room, sizeof(*r->took));
	r->took[r->n++] = (struct sim_took){ plain, added };
}

void sim_flows_count(const struct sim_flows *f, struct sim_requests r[SIM_REQUESTS], u64 *unfinished)
{
	const struct way *c, *s;
	u32 i;

	for (i = 0; i < f->flows; i++) {
		c = &f->way[i][RTPL_END_CLIENT];
		s = &f->way[i][RTPL_END_SERVER];
		if (!c->all || !s->all)
			continue;
		if (c->lost || s->lost || s->gone < s->all) {
			++*unfinished;
			continue;
		}
		add(&r[c->bytes + s->bytes > SIM_SMALL ? SIM_LARGE_REQUESTS : SIM_SMALL_REQUESTS],
		    s->plain - c->begin, rtpl_since(s->end, s->plain));
	}
}
