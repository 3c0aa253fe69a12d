// SPDX-License-Identifier: GPL-2.0
/*
 * What two hosts say to each other until they are silent: visits of whoever uses a link.
 */
#include "rtplctl.h"
#include "traffic.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#define LABEL_MAX	32	/* bytes of "port-65535" or "host-4294967295" */

struct pair {
	uint32_t near, far;
	bool known;
	uint64_t at;		/* its last packet's time */
	size_t first, last;	/* packets of the visit under way */
	char label[LABEL_MAX];
	bool open, whole;	/* did it begin while we looked? */
	struct pair *next;	/* in the order in which they were seen first */
};

struct host {
	uint32_t host, number;
};

struct talk {
	const struct packets *seen;
	const struct talk_rules *rules;
	void *pairs, *hosts;	/* trees, by what they are of */
	struct pair *pair, **end;
	uint32_t n_hosts;
	uint32_t *next;		/* number of the next packet of a visit; 0: none */
	uint32_t unfinished;
};

static int pair_cmp(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;

	if (x->near != y->near)
		return x->near < y->near ? -1 : 1;
	return (x->far > y->far) - (x->far < y->far);
}

static int host_cmp(const void *a, const void *b)
{
	const struct host *x = a, *y = b;

	return (x->host > y->host) - (x->host < y->host);
}

/* Return: what is in the tree @root and equals @key of @size bytes; put there if nothing is. NULL. */
static void *find_or_add(void **root, const void *key, size_t size, int (*cmp)(const void *, const void *))
{
	void **node = tfind(key, root, cmp), *more;

	if (node)
		return *node;
	more = malloc(size);
	if (!more)
		return NULL;
	memcpy(more, key, size);
	if (tsearch(more, root, cmp))
		return more;
	free(more);
	return NULL;
}

static struct pair *pair_of(struct talk *t, const struct packet *p)
{
	const struct pair key = { .near = p->near, .far = p->far };
	struct pair *pair = find_or_add(&t->pairs, &key, sizeof(key), pair_cmp);

	if (pair && !pair->known) {
		pair->known = true;
		*t->end = pair;
		t->end = &pair->next;
	}
	return pair;
}

/* Hosts are numbered as they are asked first. Return: 0 without memory. */
static uint32_t host_number(struct talk *t, uint32_t host)
{
	const struct host key = { .host = host };
	struct host *h = find_or_add(&t->hosts, &key, sizeof(key), host_cmp);

	if (h && !h->number)
		h->number = ++t->n_hosts;
	return h ? h->number : 0;
}

/* Who is asked, by the first packet: where it goes to. Return: false without memory. */
static bool pair_begin(struct talk *t, struct pair *pair, size_t i)
{
	const struct packet *p = &t->seen->p[i];
	uint16_t port = p->out ? p->far_port : p->near_port;
	uint32_t number;

	if (!port)
		return true;		/* ICMP and the like begin none */
	if (t->rules->by_host) {
		number = host_number(t, p->out ? p->far : p->near);
		if (!number)
			return false;
		snprintf(pair->label, sizeof(pair->label), TALK_HOST "%u", number);
	} else {
		snprintf(pair->label, sizeof(pair->label), TALK_PORT "%u", port);
	}
	pair->first = i;
	pair->last = i;
	pair->open = true;
	pair->whole = p->at >= t->rules->begun;
	return true;
}

/* The visit of @pair, if it was seen whole. */
static int pair_end(struct talk *t, struct pair *pair, struct err *e)
{
	struct packets visit = { 0 };
	size_t i = pair->first;
	int rc;

	pair->open = false;
	if (!pair->whole) {
		t->unfinished++;
		return 0;
	}
	do {
		rc = packets_add(&visit, &t->seen->p[i]);
		i = t->next[i];
	} while (i && !rc);
	if (rc)
		err_set(e, "out of memory");
	else
		rc = t->rules->visit(t->rules->ctx, pair->label, visit.p, visit.n);
	packets_free(&visit);
	return rc;
}

static int divide(struct talk *t, struct err *e)
{
	struct pair *pair;

	for (size_t i = 0; i < t->seen->n; i++) {
		const struct packet *p = &t->seen->p[i];

		pair = pair_of(t, p);
		if (!pair)
			return err_set(e, "out of memory");
		if (pair->open && p->at - pair->at > t->rules->quiet && pair_end(t, pair, e))
			return -1;
		if (pair->open) {
			t->next[pair->last] = i;
			pair->last = i;
		} else if (!pair_begin(t, pair, i)) {
			return err_set(e, "out of memory");
		}
		pair->at = p->at;
	}
	for (pair = t->pair; pair; pair = pair->next) {
		if (!pair->open)
			continue;
		pair->whole &= pair->at + t->rules->quiet <= t->rules->end;
		if (pair_end(t, pair, e))
			return -1;
	}
	return 0;
}

int talk_divide(const struct packets *seen, const struct talk_rules *rules, uint32_t *unfinished,
		struct err *e)
{
	struct talk t = { .seen = seen, .rules = rules };
	int rc;

	t.end = &t.pair;
	t.next = calloc(seen->n + 1, sizeof(*t.next));
	rc = t.next ? divide(&t, e) : err_set(e, "out of memory");
	*unfinished += t.unfinished;
	tdestroy(t.pairs, free);
	tdestroy(t.hosts, free);
	free(t.next);
	return rc;
}
