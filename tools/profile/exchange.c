// SPDX-License-Identifier: GPL-2.0
/* Exchanges: the schedule's settings, and its tables, which are sections of their own. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "read.h"

#define CELL_MIN	64	/* as in the core */
#define MS	1000000ULL
#define SEC	1000000000ULL

int read_exchange(struct text *t, struct section *s, struct profile *p)
{
	struct profile_exchange *x;
	uint64_t v[PROFILE_EDGES], small = 0, cover = 0, start = 1, grow = 0, every = 4, spread = 1;
	uint64_t linger = 2, most = 0, least;
	int n;

	if (p->exchange)
		return text_fail(t, s->line,
				 "Kind: an exchange has two ends: one [Schedule] for both says it");
	x = p->exchange = calloc(1, sizeof(*x));
	if (!x)
		return text_fail(t, 0, "no memory");
	x->line = s->line;
	x->slot_ns = 50 * MS;
	if (get_count(t, s, "Small", "bytes", NEED, CELL_MIN, 8999, &small) ||
	    get_count(t, s, "Cover", "bytes", NEED, small + 1, 9000, &cover) ||
	    get_time(t, s, "Pace", NEED, 50000, SEC, &x->pace_ns) ||
	    get_count(t, s, "Start", "cells", MAY, 1, 64, &start) < 0 ||
	    get_count(t, s, "Grow", "cells", NEED, 1, UINT16_MAX, &grow) ||
	    get_time(t, s, "Slot", MAY, MS, 10 * SEC, &x->slot_ns) < 0)
		return -1;
	x->reply_ns = x->slot_ns < 10 * MS ? x->slot_ns : 10 * MS;
	if (get_time(t, s, "Reply", MAY, 1, x->slot_ns, &x->reply_ns) < 0 ||
	    get_count(t, s, "Every", "cells", MAY, 1, 255, &every) < 0 ||
	    get_count(t, s, "Spread", "slots", MAY, 1, 255, &spread) < 0 ||
	    get_count(t, s, "Linger", "slots", MAY, 1, 255, &linger) < 0 ||
	    get_count(t, s, "Most", "slots", NEED, 1, UINT16_MAX, &most))
		return -1;
	least = (most + linger) * x->slot_ns;
	x->idle_ns = least > 5 * SEC ? least : 5 * SEC;
	if (get_time(t, s, "Idle", MAY, x->slot_ns, 1ULL << 55, &x->idle_ns) < 0)
		return -1;
	if (x->idle_ns < least)
		return text_fail(t, text_find(s, "Idle")->line,
				 "Idle: it is shorter than Most and Linger slots, %.6g ms: an answer in cover would be another exchange",
				 least / 1e6);
	x->small = small;
	x->cover = cover;
	x->start = start;
	x->grow = grow;
	x->every = every;
	x->spread = spread;
	x->linger = linger;
	x->most = most;
	x->line_up = text_find(s, "Up") ? text_find(s, "Up")->line : s->line;
	x->line_down = text_find(s, "Down") ? text_find(s, "Down")->line : s->line;
	if (get_list(t, s, "Up", "bytes", NEED, 1, 1 << 30, PROFILE_EDGES, v, &n))
		return -1;
	for (x->n_up = 0; x->n_up < n; x->n_up++)
		x->up[x->n_up] = v[x->n_up];
	if (get_list(t, s, "Down", "bytes", NEED, 1, 1 << 30, PROFILE_EDGES, v, &n))
		return -1;
	for (x->n_down = 0; x->n_down < n; x->n_down++)
		x->down[x->n_down] = v[x->n_down];
	if (get_list(t, s, "Slots", "", NEED, 1, most, PROFILE_EDGES, v, &n))
		return -1;
	for (x->n_slots = 0; x->n_slots < n; x->n_slots++)
		x->slots[x->n_slots] = v[x->n_slots];
	return 0;
}

/* ---- rows ---- */

/* A word that must be one of the edges, as its number; -1. */
static int edge_of(const uint32_t *edge, int n, const char *word)
{
	char *end;
	unsigned long v = strtoul(word, &end, 10);

	for (int i = 0; *word >= '0' && *word <= '9' && !*end && i < n; i++)
		if (edge[i] == v)
			return i;
	return -1;
}

static int plan_of(const struct profile_exchange *x, const char *word)
{
	int down;

	if (!strcasecmp(word, "silent"))
		return 0;
	if (!strcasecmp(word, "cover"))
		return 1;
	down = edge_of(x->down, x->n_down, word);
	return down < 0 ? -1 : 2 + down;
}

/* What the words of a key, or of a choice, are. */
enum word { UP, PLAN, SLOTS, DOWN };

static const struct form {
	enum word key[6], to[2];
	int n_key, n_to;
	const char *says;
} forms[] = {
	{ { UP }, { UP }, 1, 1, "volume = target chance, ..." },
	{ { UP, UP }, { PLAN }, 2, 1, "volume target = plan chance, ..." },
	{ { UP, UP, PLAN, SLOTS, DOWN }, { SLOTS, DOWN }, 5, 2,
	  "volume target plan slots volume = slots volume chance, ..." },
};

static int word_of(struct text *t, const struct setting *set, const struct profile_exchange *x,
		   enum word what, const char *word)
{
	static const char *const none[] = { "one of Up", "silent, cover or one of Down",
					    "one of Slots", "one of Down" };
	int i = -1;

	switch (what) {
	case UP:
		i = edge_of(x->up, x->n_up, word);
		break;
	case PLAN:
		i = plan_of(x, word);
		break;
	case SLOTS:
		i = edge_of(x->slots, x->n_slots, word);
		break;
	case DOWN:
		i = edge_of(x->down, x->n_down, word);
		break;
	}
	return i < 0 ? text_fail(t, set->line, "%s: \"%s\" is not %s", shown(set->name), shown(word),
				 none[what]) : i;
}

/* Words of a form in @words. Return: 0 or -1. */
static int words_of(struct text *t, const struct setting *set, const struct profile_exchange *x,
		    const enum word *what, int n, char *words, uint8_t *v, char **rest)
{
	char *save = NULL, *word = strtok_r(words, " \t", &save);
	int got;

	for (int i = 0; i < n; i++, word = strtok_r(NULL, " \t", &save)) {
		if (!word)
			return text_fail(t, set->line, "%s: there are fewer than %d words",
					 shown(set->name), n);
		got = word_of(t, set, x, what[i], word);
		if (got < 0)
			return -1;
		v[i] = got;
	}
	*rest = word;
	if (word && strtok_r(NULL, " \t", &save))
		return text_fail(t, set->line, "%s: there is more behind \"%s\"", shown(set->name),
				 shown(word));
	return 0;
}

static int chance_of(struct text *t, const struct setting *set, const char *word, double *v)
{
	char *end = NULL;

	*v = word && *word >= '0' && *word <= '9' ? strtod(word, &end) : -1;
	if (!end || strcmp(end, "%") || !(*v > 0 && *v <= 100))
		return text_fail(t, set->line, "%s: \"%s\" is no chance above 0 %% (\"12.5%%\")",
				 shown(set->name), shown(word ?: ""));
	return 0;
}

/* No target is below its volume, no cover ends before the answer. */
static int below(struct text *t, const struct setting *set, const struct profile_row *r,
		 const struct profile_choice *c)
{
	if (r->table == 0 && c->to < r->key[0])
		return text_fail(t, set->line, "%s: a target is below its volume", shown(set->name));
	if (r->table == 2 && c->to < r->key[3])
		return text_fail(t, set->line, "%s: cover ends before its answer", shown(set->name));
	if (r->table == 2 && c->volume < r->key[4])
		return text_fail(t, set->line, "%s: a target down is below its volume",
				 shown(set->name));
	return 0;
}

static struct profile_choice *more_choices(struct profile_exchange *x)
{
	if (x->n_choices == x->choice_room) {
		uint32_t room = x->choice_room ? x->choice_room * 2 : 256;
		void *more = realloc(x->choice, room * sizeof(*x->choice));

		if (!more)
			return NULL;
		x->choice = more;
		x->choice_room = room;
	}
	return &x->choice[x->n_choices++];
}

static int read_row(struct text *t, struct profile_exchange *x, struct setting *set, int table)
{
	struct profile_row *r = &x->row[x->n_rows];
	const struct form *f = &forms[table];
	char *save = NULL, *part, *rest;
	double sum = 0, chance;
	uint8_t to[2] = { 0 };

	*r = (struct profile_row){ .table = table, .first = x->n_choices, .line = set->line };
	if (words_of(t, set, x, f->key, f->n_key, strcpy(t->scratch, set->name), r->key, &rest))
		return -1;
	if (rest)
		return text_fail(t, set->line, "%s: a row is \"%s\"", shown(set->name), f->says);
	for (part = strtok_r(set->value, ",", &save); part; part = strtok_r(NULL, ",", &save)) {
		struct profile_choice *c;

		if (words_of(t, set, x, f->to, f->n_to, part, to, &rest) ||
		    chance_of(t, set, rest, &chance))
			return -1;
		if (x->n_choices == PROFILE_CHOICES)
			return text_fail(t, set->line, "%s: there are more than %d choices in all",
					 shown(set->name), PROFILE_CHOICES);
		c = more_choices(x);
		if (!c)
			return text_fail(t, 0, "no memory");
		sum += chance;
		*c = (struct profile_choice){ .to = to[0], .volume = to[1] };
		c->upto = sum >= 100 ? UINT32_MAX : (uint32_t)llround(sum / 100 * UINT32_MAX);
		if (below(t, set, r, c))
			return -1;
		if (c->upto <= (c > &x->choice[r->first] ? c[-1].upto : 0))
			return text_fail(t, set->line, "%s: the chances sum to more than 100 %%, or one is too small to count",
					 shown(set->name));
	}
	if (fabs(sum - 100) > 0.01)
		return text_fail(t, set->line, "%s: the chances sum to %g %%, not to 100 %%",
				 shown(set->name), sum);
	x->choice[x->n_choices - 1].upto = UINT32_MAX;
	r->n = x->n_choices - r->first;
	x->n_rows++;
	set->used = true;
	return 0;
}

int read_rows(struct text *t, struct section *s, struct profile *p)
{
	struct profile_exchange *x = p->exchange;
	void *more;
	int table = s->kind == IN_ASK ? 0 : s->kind == IN_PLAN ? 1 : 2;

	if (!x)
		return text_fail(t, s->line, "%s: it stands before a [Schedule] of kind exchange",
				 section_title(s));
	if (x->n_rows + s->n > PROFILE_ROWS)
		return text_fail(t, s->line, "%s: there are more than %d rows in all",
				 section_title(s), PROFILE_ROWS);
	more = realloc(x->row, (x->n_rows + s->n + 1) * sizeof(*x->row));
	if (!t->scratch)
		t->scratch = malloc(PROFILE_TEXT + 1);
	if (more)
		x->row = more;
	if (!more || !t->scratch)
		return text_fail(t, 0, "no memory");
	for (int i = 0; i < s->n; i++)
		if (read_row(t, x, &s->s[i], table))
			return -1;
	return 0;
}

static int by_key(const void *a, const void *b)
{
	const struct profile_row *x = a, *y = b;

	if (x->table != y->table)
		return x->table - y->table;
	return memcmp(x->key, y->key, sizeof(x->key));
}

/* In the order of the blob. Two names of a row may differ by a blank, or by zeros. */
int sort_rows(struct text *t, struct profile_exchange *x)
{
	if (!x->n_rows)
		return 0;
	qsort(x->row, x->n_rows, sizeof(*x->row), by_key);
	for (uint32_t i = 1; i < x->n_rows; i++) {
		const struct profile_row *a = &x->row[i - 1], *b = &x->row[i];
		unsigned int first = a->line < b->line ? a->line : b->line;

		if (!by_key(a, b))
			return text_fail(t, a->line + b->line - first,
					 "the row is there already, in line %u", first);
	}
	return 0;
}
