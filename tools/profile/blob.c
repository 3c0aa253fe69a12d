// SPDX-License-Identifier: GPL-2.0
/*
 * A profile as the kernel takes it: little endian, laid out as kmod/core/profile.h says.
 * selftests/shape/test_profiles.sh holds the two against each other.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../machine/load.h"
#include "read.h"

#define MAGIC	0x50505452
#define VERSION	1

enum {
	REC_SIZES = 1, REC_MESSAGES, REC_LINK, REC_LIMITS, REC_DP, REC_SCHED, REC_CHAFF,
	REC_MACHINE, REC_MACHINES
};

/* What did not fit is counted, and refused in the end. */
struct out {
	uint8_t *p;
	size_t n, record;
};

static void put(struct out *o, uint64_t v, int bytes)
{
	for (; bytes; bytes--, o->n++, v >>= 8)
		if (o->n < PROFILE_SIZE)
			o->p[o->n] = v;
}

static void put8(struct out *o, uint8_t v) { put(o, v, 1); }
static void put16(struct out *o, uint16_t v) { put(o, v, 2); }
static void put32(struct out *o, uint32_t v) { put(o, v, 4); }
static void put64(struct out *o, uint64_t v) { put(o, v, 8); }
static void zeros(struct out *o, int n) { put(o, 0, n); }

static void set32(struct out *o, size_t at, uint32_t v)
{
	size_t n = o->n;

	o->n = at;
	put32(o, v);
	o->n = n;
}

static void begin(struct out *o, uint16_t type, uint8_t ends)
{
	o->record = o->n;
	put16(o, type);
	put8(o, ends);
	zeros(o, 1);
	put32(o, 0);
}

static void end(struct out *o)
{
	set32(o, o->record + 4, o->n - o->record);
}

static void put_table(struct out *o, const struct dist_table *t)
{
	int i;

	put8(o, t ? t->kind : 0);
	zeros(o, 1);
	put16(o, t ? t->n : 0);
	zeros(o, 4);
	put64(o, t ? t->start : 0);
	put64(o, t ? t->min : 0);
	put64(o, t ? t->max : 0);
	for (i = 0; t && i < t->n; i++)
		put64(o, t->p[i]);
	for (i = 0; t && i < t->n; i++)
		put64(o, t->x[i]);
}

static void put_link(struct out *o, const struct profile *p)
{
	int i;

	begin(o, REC_SIZES, PROFILE_BOTH);
	put8(o, p->sizes);
	put8(o, p->n_buckets);
	put16(o, p->cell);
	zeros(o, 4);
	for (i = 0; i < PROFILE_BUCKETS; i++)
		put16(o, i < p->n_buckets ? p->bucket[i] : 0);
	end(o);
	if (p->n_messages) {
		begin(o, REC_MESSAGES, PROFILE_BOTH);
		put8(o, p->n_messages);
		zeros(o, 7);
		for (i = 0; i < PROFILE_BUCKETS; i++)
			put32(o, i < p->n_messages ? p->message[i] : 0);
		put_table(o, p->noise.t);
		end(o);
	}
	begin(o, REC_LINK, PROFILE_BOTH);
	put64(o, p->latency_ns);
	put32(o, p->limit);
	put8(o, p->oldest);
	zeros(o, 3);
	end(o);
	begin(o, REC_LIMITS, PROFILE_BOTH);
	put32(o, p->overhead);
	put32(o, p->free);
	put64(o, p->rate);
	put64(o, p->window_ns);
	end(o);
}

static void put_plan(struct out *o, const struct profile *p)
{
	const struct dp_plan *d = p->plan;
	int i;

	begin(o, REC_DP, PROFILE_BOTH);
	put8(o, d->mechanism);
	put8(o, d->parts);
	put8(o, d->draws);
	put8(o, d->n_lines);
	put8(o, p->hold);
	zeros(o, 3);
	put32(o, d->step);
	put32(o, p->want.grain);
	put32(o, p->dp_min);
	put32(o, p->dp_max);
	put32(o, p->want.burst);
	zeros(o, 4);
	put64(o, p->dp_window_ns);
	put64(o, d->windows);
	put64(o, d->delta);
	for (i = 0; i < d->n_lines; i++) {
		put64(o, d->line[i].each);
		put64(o, d->line[i].once);
	}
	for (i = 0; i < d->parts; i++)
		put_table(o, &d->part[i]);
	end(o);
}

static void put_regulator(struct out *o, const struct profile_schedule *s, uint8_t which)
{
	put8(o, which);
	zeros(o, 1);
	put16(o, s->warm_cells);
	put32(o, s->warm_rate);
	put32(o, s->rate);
	put32(o, s->floor);
	put32(o, s->threshold);
	put32(o, s->budget);
	put32(o, s->ratio);
	zeros(o, 4);
	put64(o, s->half_ns);
	put64(o, s->cap_ns);
	put64(o, s->idle_ns);
}

static void put_edges(struct out *o, const uint32_t *edge, int n)
{
	for (int i = 0; i < PROFILE_EDGES; i++)
		put32(o, i < n ? edge[i] : 0);
}

static void put_exchange(struct out *o, const struct profile_exchange *x)
{
	uint32_t i;
	int k;

	put16(o, x->small);
	put16(o, x->cover);
	put16(o, x->start);
	put16(o, x->grow);
	put16(o, x->most);
	put8(o, x->every);
	put8(o, x->spread);
	put8(o, x->linger);
	put8(o, x->n_up);
	put8(o, x->n_down);
	put8(o, x->n_slots);
	put64(o, x->pace_ns);
	put64(o, x->slot_ns);
	put64(o, x->reply_ns);
	put64(o, x->idle_ns);
	put32(o, x->n_rows);
	put32(o, x->n_choices);
	put_edges(o, x->up, x->n_up);
	put_edges(o, x->down, x->n_down);
	put_edges(o, x->slots, x->n_slots);
	for (i = 0; i < x->n_rows; i++) {
		uint64_t key = x->row[i].table;

		for (k = 0; k < 5; k++)
			key = key << 8 | x->row[i].key[k];
		put64(o, key);
		put32(o, x->row[i].first);
		put16(o, x->row[i].n);
		zeros(o, 2);
	}
	for (i = 0; i < x->n_choices; i++) {
		put32(o, x->choice[i].upto);
		put8(o, x->choice[i].to);
		put8(o, x->choice[i].volume);
		zeros(o, 2);
	}
}

/* @which: the end, or the first of both. */
static void put_schedule(struct out *o, const struct profile *p, const struct profile_schedule *s,
			 uint8_t ends, int which)
{
	int i;

	begin(o, REC_SCHED, ends);
	put8(o, s->kind);
	zeros(o, 7);
	switch (s->kind) {
	case SCHED_CONST:
		put32(o, s->rate);
		zeros(o, 4);
		break;
	case SCHED_JITTER:
		put64(o, s->longest_ns);
		put_table(o, s->cdf.t);
		break;
	case SCHED_INTERVAL:
		put64(o, s->period_ns);
		put16(o, s->cells);
		put8(o, s->chaff);
		zeros(o, 5);
		put_table(o, s->cdf.t);
		break;
	case SCHED_LADDER:
		put64(o, s->epoch_ns);
		put64(o, s->epoch_max_ns);
		put8(o, s->n_rates);
		put8(o, s->first);
		put8(o, s->growth);
		zeros(o, 1);
		put16(o, s->up);
		put16(o, s->down);
		for (i = 0; i < PROFILE_RATES; i++)
			put32(o, i < s->n_rates ? s->rates[i] : 0);
		put32(o, s->average_us);
		put8(o, s->steps_up);
		put8(o, s->steps_down);
		zeros(o, 2);
		if (s->cdf.t)
			put_table(o, s->cdf.t);
		break;
	case SCHED_REGULATOR:
		put_regulator(o, s, which);
		break;
	case SCHED_TAMARAW:
		put64(o, s->period_ns);
		put64(o, s->idle_ns);
		put32(o, s->multiple);
		put16(o, s->cells);
		zeros(o, 2);
		break;
	case SCHED_EXCHANGE:
		put_exchange(o, p->exchange);
		break;
	default:
		break;
	}
	end(o);
}

static void put_gap(struct out *o, const struct profile_gap *g)
{
	put8(o, g->mode);
	zeros(o, 7);
	put64(o, g->mode == MODE_FIXED ? g->ns : 0);
	if (g->mode == MODE_RANDOM)
		put_table(o, g->cdf.t);
}

static void put_hist(struct out *o, const struct profile_hist *h)
{
	int i;

	put8(o, h->n);
	zeros(o, 1);
	put16(o, h->infinity);
	for (i = 0; i < PROFILE_BINS; i++)
		put16(o, i < h->n ? h->tokens[i] : 0);
	zeros(o, 4);
	for (i = 0; i < PROFILE_BINS; i++)
		put64(o, i < h->n ? h->edge[i] : 0);
}

static void put_chaff(struct out *o, const struct profile_padding *c, uint8_t ends)
{
	int i, hists = 0;

	if (c->kind == CHAFF_NONE)
		return;
	begin(o, REC_CHAFF, ends);
	put8(o, c->kind);
	zeros(o, 7);
	switch (c->kind) {
	case CHAFF_COVER:
		put64(o, c->idle_ns);
		put_gap(o, &c->gap);
		break;
	case CHAFF_BIP324:
		put8(o, c->padding);
		put8(o, c->count);
		zeros(o, 2);
		put32(o, c->chance);
		put_gap(o, &c->gap);
		break;
	case CHAFF_WTFPAD:
		for (i = 0; i < 4; i++)
			hists |= c->hist[i / 2][i % 2].n ? 1 << i : 0;
		put8(o, c->removal);
		put8(o, c->flags);
		put8(o, hists);
		zeros(o, 5);
		for (i = 0; i < 4; i++)
			if (hists & 1 << i)
				put_hist(o, &c->hist[i / 2][i % 2]);
		break;
	default:
		put16(o, c->min);
		put16(o, c->max);
		zeros(o, 4);
		put64(o, c->window_min_ns);
		put64(o, c->window_max_ns);
		put64(o, c->silence_ns);
		break;
	}
	end(o);
}

static void put_machine(struct out *o, const struct profile_machine *m, uint8_t ends)
{
	begin(o, REC_MACHINE, ends);
	for (size_t i = 0; i < m->len; i++)
		put8(o, m->blob[i]);
	end(o);
}

/* Sections for both are one line's: so is the record. */
static void put_ends(struct out *o, const struct profile *p)
{
	const struct profile_side *a = &p->end[PROFILE_CLIENT], *b = &p->end[PROFILE_SERVER];
	bool both = a->sched.line == b->sched.line && a->sched.kind != SCHED_REGULATOR;
	int e, i;

	put_schedule(o, p, &a->sched, both ? PROFILE_BOTH : 1, PROFILE_CLIENT);
	if (!both)
		put_schedule(o, p, &b->sched, 2, PROFILE_SERVER);
	both = a->chaff.line == b->chaff.line;
	put_chaff(o, &a->chaff, both ? PROFILE_BOTH : 1);
	if (!both)
		put_chaff(o, &b->chaff, 2);
	for (e = 0; e < PROFILE_ENDS; e++) {
		const struct profile_side *s = &p->end[e];

		for (i = 0; i < s->n_machines; i++)
			if (s->machine[i].blob)
				put_machine(o, &s->machine[i],
					    s->machine[i].shared ? PROFILE_BOTH : 1 << e);
		if (s->max_padding <= 0 && s->max_blocking <= 0)
			continue;
		begin(o, REC_MACHINES, 1 << e);
		put64(o, load_fraction(s->max_padding));
		put64(o, load_fraction(s->max_blocking));
		end(o);
	}
}

int profile_blob(const struct profile *p, uint8_t **blob, size_t *len, struct profile_err *err)
{
	struct out o = { .p = aligned_alloc(8, PROFILE_SIZE) };
	int i;

	if (!o.p) {
		snprintf(err->text, sizeof(err->text), "%s: no memory", p->name);
		return -1;
	}
	put32(&o, MAGIC);
	put16(&o, VERSION);
	zeros(&o, 2);
	put32(&o, 0);
	zeros(&o, 4);
	for (i = 0; i < PROFILE_NAME; i++)
		put8(&o, p->name[i]);
	put_link(&o, p);
	if (p->private)
		put_plan(&o, p);
	put_ends(&o, p);
	set32(&o, 8, o.n);
	if (o.n > PROFILE_SIZE) {
		snprintf(err->text, sizeof(err->text), "%s: it needs %zu bytes; there may be %d",
			 p->name, o.n, PROFILE_SIZE);
		free(o.p);
		return -1;
	}
	*blob = o.p;
	*len = o.n;
	return 0;
}
