// SPDX-License-Identifier: GPL-2.0
/*
 * Profiles as tools/profile/ reads them, beside what the core makes of their blobs:
 *
 *	profile-compare NAME|FILE...
 *	profile-compare -b NAME [FILE]
 *
 * With -b, the text (NAME's own, or FILE) beside the blob of NAME that comes with the module.
 *
 * One line each: what differs, or "NAME: same". Status 1 if anything differs.
 */
#include <stdio.h>

#include "../../kmod/core/profile.h"
#include "../../kmod/node/profiles.h"
#include "../profile/profile.h"

static const char *name;
static int wrong;
static bool builtin;

static void same(u64 a, u64 b, const char *what, int end)
{
	if (a == b)
		return;
	wrong++;
	printf("%s: %s%s: the text says %llu, the core %llu\n", name,
	       end < 0 ? "" : end ? "server, " : "client, ", what, (unsigned long long)a,
	       (unsigned long long)b);
}

#define SAME(a, b)	same(a, b, #b, end)

static void same_table(const struct dist_table *t, const struct rtpl_dist *d, int end)
{
	int i;

	SAME(t ? t->n : 0, d->n);
	if (!t || t->n != d->n)
		return;
	SAME(t->kind, d->kind);
	SAME(t->start, d->start);
	SAME(t->min, d->min);
	SAME(t->max, d->max);
	for (i = 0; i < t->n; i++) {
		SAME(t->p[i], d->p[i]);
		SAME(t->x[i], d->x[i]);
	}
}

static void same_link(const struct profile *t, const struct rtpl_profile *p)
{
	int i, end = -1;

	SAME(0, (u64)strcmp(t->name, p->name));
	SAME(t->sizes, p->shape.sizes);
	SAME(t->cell, p->shape.cell);
	SAME(t->n_buckets, p->shape.n_buckets);
	for (i = 0; i < t->n_buckets; i++)
		SAME(t->bucket[i], p->shape.bucket[i]);
	SAME(t->latency_ns, p->shape.latency_ns);
	SAME(t->limit, p->shape.limit);
	SAME(t->oldest, p->shape.overflow);
	SAME(t->n_messages != 0, p->messages);
	SAME(t->n_messages, p->noise.n_buckets);
	for (i = 0; i < t->n_messages; i++)
		SAME(t->message[i], p->noise.bucket[i]);
	same_table(t->noise.t, &p->noise.noise, end);
	SAME(t->overhead, p->limits.overhead);
	SAME(t->free, p->limits.free);
	SAME(t->rate, p->limits.rate);
	SAME(t->window_ns, p->limits.window);
}

static void same_plan(const struct profile *t, const struct rtpl_dp_plan *d)
{
	int i, end = -1;

	if (!t->private) {
		SAME(0, d->windows);
		return;
	}
	SAME(t->plan->mechanism, d->mechanism);
	SAME(t->plan->parts, d->parts);
	SAME(t->plan->draws, d->draws);
	SAME(t->plan->n_lines, d->n_lines);
	SAME(t->plan->step, d->step);
	SAME(t->plan->windows, d->windows);
	SAME(t->plan->delta, d->delta);
	SAME(t->want.grain, d->grain);
	SAME(t->want.burst, d->burst);
	SAME(t->dp_window_ns, d->window_ns);
	SAME(t->dp_min, d->min);
	SAME(t->dp_max, d->max);
	SAME(t->hold, d->hold);
	for (i = 0; i < d->n_lines; i++) {
		SAME(t->plan->line[i].each, d->line[i].each);
		SAME(t->plan->line[i].once, d->line[i].once);
	}
	for (i = 0; i < d->parts; i++)
		same_table(&t->plan->part[i], &d->part[i], end);
}

static void same_edges(const uint32_t *t, int n_t, const u32 *x, int n, int end)
{
	int i;

	SAME(n_t, n);
	for (i = 0; i < n && n_t == n; i++)
		SAME(t[i], x[i]);
}

/* The record of both is the client's. */
static void same_exchange(const struct profile_exchange *t, const struct rtpl_exchange *x, int end)
{
	u32 i;

	SAME(t->small, x->small);
	SAME(t->cover, x->cover);
	SAME(t->start, x->start);
	SAME(t->grow, x->grow);
	SAME(t->most, x->most);
	SAME(t->every, x->every);
	SAME(t->spread, x->spread);
	SAME(t->linger, x->linger);
	SAME(t->pace_ns, x->pace_ns);
	SAME(t->slot_ns, x->slot_ns);
	SAME(t->reply_ns, x->reply_ns);
	SAME(t->idle_ns, x->idle_ns);
	same_edges(t->up, t->n_up, x->up, x->n_up, end);
	same_edges(t->down, t->n_down, x->down, x->n_down, end);
	same_edges(t->slots, t->n_slots, x->slots, x->n_slots, end);
	SAME(t->n_rows, x->n_rows);
	SAME(t->n_choices, x->n_choices);
	for (i = 0; i < x->n_rows && t->n_rows == x->n_rows; i++) {
		const u8 *k = t->row[i].key;

		SAME(rtpl_exchange_key(t->row[i].table, k[0], k[1], k[2], k[3], k[4]), x->row[i].key);
		SAME(t->row[i].first, x->row[i].first);
		SAME(t->row[i].n, x->row[i].n);
	}
	for (i = 0; i < x->n_choices && t->n_choices == x->n_choices; i++) {
		SAME(t->choice[i].upto, x->choice[i].upto);
		SAME(t->choice[i].to, x->choice[i].to);
		SAME(t->choice[i].volume, x->choice[i].volume);
	}
}

static void same_sched(const struct profile *whole, const struct profile_schedule *t,
		       const struct rtpl_sched_params *s, const struct rtpl_dp_plan *plan, int end)
{
	int i;

	SAME(t->kind, s->kind);
	if (t->kind != s->kind)
		return;
	switch (s->kind) {
	case RTPL_SCHEDULE_CONST:
		SAME(t->rate, s->rate);
		break;
	case RTPL_SCHEDULE_JITTER:
		SAME(t->longest_ns, s->jitter.max_ns);
		same_table(t->cdf.t, &s->jitter.hold, end);
		break;
	case RTPL_SCHEDULE_INTERVAL:
		SAME(t->period_ns, s->interval.period_ns);
		SAME(t->cells, s->interval.cells);
		SAME(t->chaff, s->interval.chaff);
		same_table(t->cdf.t, &s->interval.jitter, end);
		break;
	case RTPL_SCHEDULE_LADDER:
		SAME(t->n_rates, s->ladder.n);
		for (i = 0; i < t->n_rates; i++)
			SAME(t->rates[i], s->ladder.rate[i]);
		SAME(t->first, s->ladder.first);
		SAME(t->growth, s->ladder.growth);
		SAME(t->up, s->ladder.up);
		SAME(t->down, s->ladder.down);
		SAME(t->epoch_ns, s->ladder.epoch_ns);
		SAME(t->epoch_max_ns, s->ladder.epoch_max_ns);
		SAME(t->average_us, s->ladder.average_us);
		SAME(t->steps_up, s->ladder.steps_up);
		SAME(t->steps_down, s->ladder.steps_down);
		SAME(!!t->cdf.t, !!s->ladder.noise);
		if (t->cdf.t)
			same_table(t->cdf.t, s->ladder.noise, end);
		break;
	case RTPL_SCHEDULE_REGULATOR:
		SAME(end, s->regulator.end);
		SAME(t->warm_cells, s->regulator.warm_cells);
		SAME(t->warm_rate, s->regulator.warm_rate);
		SAME(t->rate, s->regulator.rate);
		SAME(t->floor, s->regulator.floor);
		SAME(t->threshold, s->regulator.threshold);
		SAME(t->budget, s->regulator.budget);
		SAME(t->ratio, s->regulator.ratio);
		SAME(t->half_ns, s->regulator.half_ns);
		SAME(t->cap_ns, s->regulator.cap_ns);
		SAME(t->idle_ns, s->regulator.idle_ns);
		break;
	case RTPL_SCHEDULE_TAMARAW:
		SAME(t->period_ns, s->tamaraw.period_ns);
		SAME(t->cells, s->tamaraw.cells);
		SAME(t->multiple, s->tamaraw.multiple);
		SAME(t->idle_ns, s->tamaraw.quiet_ns);
		break;
	case RTPL_SCHEDULE_DP:
		SAME((uintptr_t)plan, (uintptr_t)s->dp);
		break;
	case RTPL_SCHEDULE_EXCHANGE:
		same_exchange(whole->exchange, s->exchange, end);
		break;
	}
}

static void same_gap(const struct profile_gap *t, const struct rtpl_chaff_gap *g, int end)
{
	SAME(t->mode, g->mode);
	SAME(t->ns, g->ns);
	if (g->mode == RTPL_CHAFF_RANDOM)
		same_table(t->cdf.t, g->dist, end);
}

static void same_hist(const struct profile_hist *t, const struct rtpl_wtfpad_hist *h, int end)
{
	int i;

	SAME(t->n, h ? h->n : 0);
	if (!h || t->n != h->n)
		return;
	SAME(t->infinity, h->infinity);
	for (i = 0; i < t->n; i++) {
		SAME(t->tokens[i], h->tokens[i]);
		SAME(t->edge[i], h->edge[i]);
	}
}

static void same_chaff(const struct profile_padding *t, const struct rtpl_chaff *c, int end)
{
	int i;

	SAME(t->kind, c->kind);
	if (t->kind != c->kind)
		return;
	switch (c->kind) {
	case RTPL_CHAFF_COVER:
		SAME(t->idle_ns, c->cover.idle);
		same_gap(&t->gap, &c->cover.every, end);
		break;
	case RTPL_CHAFF_BIP324:
		SAME(t->padding, c->bip324.padding);
		SAME(t->count, c->bip324.count);
		SAME(t->chance, c->bip324.chance);
		same_gap(&t->gap, &c->bip324.background, end);
		break;
	case RTPL_CHAFF_WTFPAD:
		SAME(t->removal, c->wtfpad.removal);
		SAME(t->flags, c->wtfpad.flags);
		for (i = 0; i < 4; i++)
			same_hist(&t->hist[i / 2][i % 2], c->wtfpad.hist[i / 2][i % 2], end);
		break;
	case RTPL_CHAFF_FRONT:
		SAME(t->min, c->front.min);
		SAME(t->max, c->front.max);
		SAME(t->window_min_ns, c->front.window_min);
		SAME(t->window_max_ns, c->front.window_max);
		SAME(t->silence_ns, c->front.silence);
		break;
	}
}

/* 2^64 is the fraction's unit; tools/machine's rounding is tested by itself. */
static void same_fraction(double t, u64 p, int end)
{
	SAME((u64)(t * 4294967296.0 + 0.5), (p >> 32) + (p >> 31 & 1));
}

static void same_end(const struct profile *t, const struct rtpl_profile *p, int end)
{
	const struct profile_side *a = &t->end[end];
	const struct rtpl_profile_end *b = &p->end[end];
	const u8 *blob;
	int i;

	same_sched(t, &a->sched, &b->sched, &p->dp, end);
	SAME(profile_fills(t, end), rtpl_sched_fills(&b->sched) ||
	     b->sched.kind == RTPL_SCHEDULE_TAMARAW);
	SAME(profile_delay(t, end), rtpl_sched_delay(&b->sched));
	same_chaff(&a->chaff, &b->chaff, end);
	SAME(a->n_machines, b->n_machines);
	for (i = 0; i < b->n_machines && a->n_machines == b->n_machines; i++) {
		SAME(a->machine[i].states, b->machine[i].n_states);
		/* One for both is written down once, as the client's. */
		blob = a->machine[i].blob;
		if (blob)
			SAME(0, (u64)memcmp(blob, b->machine[i].blob, a->machine[i].len));
	}
	same_fraction(a->max_padding, b->machines.max_padding, end);
	same_fraction(a->max_blocking, b->machines.max_blocking, end);
}

/* Puts the blob that comes with the module in the place of the text's. */
static int take_builtin(const struct profile *t, u8 **blob, size_t *len)
{
	const struct rtpl_profile_builtin *b = NULL;
	unsigned int i;

	for (i = 0; i < rtpl_profiles_n; i++)
		if (!strcmp(rtpl_profiles[i].name, name))
			b = &rtpl_profiles[i];
	if (!b || strcmp(b->about, t->about)) {
		printf("%s: %s\n", name, b ? "the module says another \"About\"" :
					      "no such profile comes with the module");
		return 1;
	}
	free(*blob);
	*len = b->len;
	*blob = aligned_alloc(8, (b->len + 7) & ~7U);
	if (!*blob)
		return 1;
	memcpy(*blob, b->blob, b->len);
	return 0;
}

static void compare(const char *word)
{
	struct rtpl_profile_where where = {};
	static struct rtpl_profile p;
	struct profile_err err;
	char file[256], *text;
	const char *why = "";
	struct profile t;
	u8 *blob;
	size_t len;

	if (profile_get(word, file, &text, &len, &err) ||
	    profile_read(text, len, file, &t, &err) || profile_blob(&t, &blob, &len, &err)) {
		printf("%s\n", err.text);
		wrong++;
		return;
	}
	if (builtin && take_builtin(&t, &blob, &len)) {
		wrong++;
	} else if (rtpl_profile_parse(&p, blob, len, &why, &where)) {
		printf("%s: the core refuses what user space took: %s: %s (at %u)\n", word,
		       where.field, why, where.at);
		wrong++;
	} else {
		same_link(&t, &p);
		same_plan(&t, &p.dp);
		same_end(&t, &p, 0);
		same_end(&t, &p, 1);
	}
	free(blob);
	free(text);
	profile_free(&t);
}

int main(int argc, char **argv)
{
	int i, before;

	if (argc > 2 && !strcmp(argv[1], "-b")) {
		builtin = true;
		name = argv[2];
		compare(argc > 3 ? argv[3] : name);
		if (!wrong)
			printf("%s: same\n", name);
		return wrong != 0;
	}
	for (i = 1; i < argc; i++) {
		before = wrong;
		name = argv[i];
		compare(name);
		if (wrong == before)
			printf("%s: same\n", name);
	}
	return wrong || argc < 2;
}
