// SPDX-License-Identifier: GPL-2.0
/* Values of settings: numbers with units, switches, lists, distributions, histograms. */
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "../input/input.h"
#include "read.h"

#define US	1000ULL
#define MS	1000000ULL
#define SEC	1000000000ULL
#define GAP_MIN	(10 * US)		/* of chaff, as in kmod/core/chaff.h */
#define GAP_MAX	(3600 * SEC)

#define fail(t, s, ...) text_fail(t, (s)->line, __VA_ARGS__)

/* @name is missing. Is one that nobody asked for nearly called so? Then that is what is wrong. */
static int missing(struct text *t, struct section *s, const char *name)
{
	for (int i = 0; i < s->n; i++) {
		struct input_nearest near = { .word = s->s[i].name };

		if (s->s[i].used)
			continue;
		input_nearest(&near, name);
		if (near.name)
			return text_fail(t, s->s[i].line, "%s is no setting of %s (is %s meant?)",
					 shown(s->s[i].name), section_title(s), name);
	}
	return text_fail(t, s->line, "%s: %s is missing", section_title(s), name);
}

/* The setting, or what to return for none. */
static struct setting *ask(struct text *t, struct section *s, const char *name, bool need, int *rc)
{
	struct setting *set = text_find(s, name);

	*rc = 1;
	text_known(s, name);
	if (set)
		set->used = true;
	else if (need)
		*rc = missing(t, s, name);
	return set;
}

/* A number at *at, without a sign. Moves *at behind it and its blanks. */
static int number(const char **at, double *v)
{
	if (**at == '+' || **at == '-' || !input_real(*at, at, v))
		return -1;
	*at += strspn(*at, " \t");
	return 0;
}

/* All of the text is a time; 0 or a sentence's end. */
static const char *time_of(const char *text, uint64_t *ns)
{
	switch (input_amount(text, input_times, ns)) {
	case INPUT_OK:
		return NULL;
	case INPUT_NO_NUMBER:
		return "is no time";
	case INPUT_NO_UNIT:
		return "lacks its unit (ns, us, ms, s, min, h)";
	case INPUT_TOO_LARGE:
		return "is too long";
	case INPUT_NOT_WHOLE:
		return "is not a whole number of ns";
	default:
		return "has an unknown unit (ns, us, ms, s, min, h)";
	}
}

static const char *time_text(uint64_t ns, char buf[32])
{
	const struct input_unit *u = &input_times[ns ? 5 : 3];

	while (ns % u->scale)
		u--;
	snprintf(buf, 32, "%llu %s", (unsigned long long)(ns / u->scale), u->name);
	return buf;
}

int get_text(struct text *t, struct section *s, const char *name, bool need, const char **v)
{
	int rc;
	struct setting *set = ask(t, s, name, need, &rc);

	if (!set)
		return rc;
	*v = set->value;
	return 0;
}

int get_number(struct text *t, struct section *s, const char *name, bool need, uint64_t low,
	       uint64_t high, uint64_t *v)
{
	return get_count(t, s, name, "", need, low, high, v);
}

/* A whole number with k or M and, if it pleases, @units: 0, -1 (no such), -2 (not whole). */
static int count_of(const char *text, const char *units_name, uint64_t *v)
{
	const char *at = text;
	double x;

	if (number(&at, &x))
		return -1;
	/* Not "m", which is a thousandth elsewhere. */
	if (*at == 'k' || *at == 'K' || *at == 'M')
		x *= *at++ == 'M' ? 1e6 : 1e3;
	at += strspn(at, " \t");
	if (*at && strcasecmp(at, units_name))
		return -1;
	if (x != floor(x) || x > 9e15)
		return -2;
	*v = (uint64_t)x;
	return 0;
}

int get_count(struct text *t, struct section *s, const char *name, const char *units_name, bool need,
	      uint64_t low, uint64_t high, uint64_t *v)
{
	int rc;
	struct setting *set = ask(t, s, name, need, &rc);
	uint64_t x = 0;

	if (!set)
		return rc;
	rc = count_of(set->value, units_name, &x);
	if (rc == -1)
		return fail(t, set, "%s: \"%s\" is no number%s%s", name, shown(set->value),
			    *units_name ? " of " : "", units_name);
	if (rc || x < low || x > high)
		return fail(t, set, "%s: %s is no whole number between %llu and %llu", name,
			    shown(set->value), (unsigned long long)low, (unsigned long long)high);
	*v = x;
	return 0;
}

static int time_in(struct text *t, struct setting *set, const char *word, uint64_t low,
		   uint64_t high, uint64_t *v)
{
	const char *why = time_of(word, v);
	char a[32], b[32];

	if (why)
		return fail(t, set, "%s: \"%s\" %s", set->name, shown(word), why);
	if (*v < low || *v > high)
		return fail(t, set, "%s: %s is not between %s and %s", set->name, shown(word),
			    time_text(low, a), time_text(high, b));
	return 0;
}

int get_time(struct text *t, struct section *s, const char *name, bool need, uint64_t low,
	     uint64_t high, uint64_t *v)
{
	int rc;
	struct setting *set = ask(t, s, name, need, &rc);

	if (!set)
		return rc;
	if (!low && !strcasecmp(set->value, "off")) {
		*v = 0;
		return 0;
	}
	return time_in(t, set, set->value, low, high, v);
}

int get_times(struct text *t, struct section *s, const char *name, bool need, uint64_t low,
	      uint64_t high, uint64_t *a, uint64_t *b)
{
	char first[64];
	int rc;
	struct setting *set = ask(t, s, name, need, &rc);
	const char *to;

	if (!set)
		return rc;
	to = strstr(set->value, " - ");
	snprintf(first, sizeof(first), "%.*s", to ? (int)(to - set->value) : 60, set->value);
	if (time_in(t, set, first, low, high, a) ||
	    time_in(t, set, to ? to + 3 + strspn(to + 3, " \t") : first, low, high, b))
		return -1;
	if (*a > *b)
		return fail(t, set, "%s: the least is above the most", name);
	return 0;
}

int get_real(struct text *t, struct section *s, const char *name, bool need, double *v)
{
	int rc;
	struct setting *set = ask(t, s, name, need, &rc);
	const char *at;

	if (!set)
		return rc;
	at = set->value;
	if (number(&at, v) || *at)
		return fail(t, set, "%s: \"%s\" is no number", name, shown(set->value));
	return 0;
}

int get_percent(struct text *t, struct section *s, const char *name, bool need, double high,
		double *v)
{
	int rc;
	struct setting *set = ask(t, s, name, need, &rc);
	const char *at;

	if (!set)
		return rc;
	at = set->value;
	if (number(&at, v) || strcmp(at, "%"))
		return fail(t, set, "%s: \"%s\" is no number of percent (\"%%\")", name,
			    shown(set->value));
	if (*v > high * 100)
		return fail(t, set, "%s: %s is above %g %%", name, shown(set->value), high * 100);
	*v /= 100;
	return 0;
}

int get_word(struct text *t, struct section *s, const char *name, bool need,
	     const char *const *words, int *v)
{
	char all[256] = "";
	int rc;
	struct setting *set = ask(t, s, name, need, &rc);

	if (!set)
		return rc;
	for (int i = 0; words[i]; i++) {
		if (!strcasecmp(words[i], set->value)) {
			*v = i;
			return 0;
		}
		snprintf(all + strlen(all), sizeof(all) - strlen(all), "%s%s", i ? ", " : "",
			 words[i]);
	}
	return fail(t, set, "%s: \"%s\" is none of %s", name, shown(set->value), all);
}

int get_switch(struct text *t, struct section *s, const char *name, bool need, bool *v)
{
	static const char *const words[] = { "off", "on", NULL };
	int i = *v, rc = get_word(t, s, name, need, words, &i);

	*v = i;
	return rc;
}

int get_list(struct text *t, struct section *s, const char *name, const char *units_name, bool need,
	     uint64_t low, uint64_t high, int most, uint64_t *v, int *n)
{
	char *copy, *save = NULL, *word;
	int rc;
	struct setting *set = ask(t, s, name, need, &rc);

	if (!set)
		return rc;
	copy = strdup(set->value);
	if (!copy)
		return fail(t, set, "no memory");
	*n = 0;
	rc = 0;
	for (word = strtok_r(copy, ",", &save); word && !rc; word = strtok_r(NULL, ",", &save)) {
		word += strspn(word, " \t");
		if (*n == most)
			rc = fail(t, set, "%s: there are more than %d", name, most);
		else if (count_of(word, strchr(word, *units_name) && *units_name ? units_name : "",
				  &v[*n]) || v[*n] < low || v[*n] > high)
			rc = fail(t, set, "%s: \"%s\" is no whole number between %llu and %llu",
				  name, shown(word), (unsigned long long)low, (unsigned long long)high);
		else if (*n && v[*n] == v[*n - 1])
			rc = fail(t, set, "%s: %s is there twice", name, shown(word));
		else if (*n && v[*n] < v[*n - 1])
			rc = fail(t, set, "%s: they are not in ascending order at %s", name, shown(word));
		else
			++*n;
	}
	if (!rc && !*n)
		rc = fail(t, set, "%s: the list is empty", name);
	free(copy);
	return rc;
}

/* ---- distributions ---- */

/* Cut the unit off the text's end: its length in ns, or 0. */
static uint64_t cut_unit(char *text)
{
	char *blank = strrchr(text, ' ');
	const struct input_unit *u = blank ? input_unit(input_times, blank + 1) : NULL;

	if (!u)
		return 0;
	while (blank > text && blank[-1] == ' ')
		blank--;
	*blank = 0;
	return u->scale;
}

static int cdf_of(struct text *t, struct setting *set, bool bytes, int64_t low, int64_t high,
		  struct profile_cdf *v)
{
	char *copy = strdup(set->value), err[DIST_ERR], a[32], b[32];
	struct dist_table *table = calloc(1, sizeof(*table));
	struct dist_spec spec;
	uint64_t unit = 1;
	int rc = -1;

	if (!copy || !table) {
		fail(t, set, "no memory");
		goto out;
	}
	if (!bytes)
		unit = cut_unit(copy);
	if (!unit) {
		fail(t, set, "%s: the distribution lacks its unit (ns, us, ms, s) at the end",
		     set->name);
		goto out;
	}
	if (dist_parse(copy, &spec, err) || dist_build(&spec, (double)unit, table, err)) {
		fail(t, set, "%s: %s", set->name, err);
		goto out;
	}
	if (table->min < low || table->max > high) {
		if (bytes)
			fail(t, set, "%s: samples are not bounded within %lld and %lld: set min= and max=",
			     set->name, (long long)low, (long long)high);
		else
			fail(t, set, "%s: samples are not bounded within %s and %s: set min= and max=",
			     set->name, time_text(low, a), time_text(high, b));
		goto out;
	}
	v->text = strdup(set->value);
	v->t = table;
	table = NULL;
	rc = v->text ? 0 : fail(t, set, "no memory");
out:
	free(copy);
	free(table);
	return rc;
}

int get_cdf(struct text *t, struct section *s, const char *name, bool need, bool bytes,
	    int64_t low, int64_t high, struct profile_cdf *v)
{
	int rc;
	struct setting *set = ask(t, s, name, need, &rc);

	return set ? cdf_of(t, set, bytes, low, high, v) : rc;
}

int get_gap(struct text *t, struct section *s, const char *name, bool need,
	    struct profile_gap *v)
{
	int rc;
	struct setting *set = ask(t, s, name, need, &rc);

	if (!set)
		return rc;
	if (!strcasecmp(set->value, "off")) {
		v->mode = MODE_OFF;
		return 0;
	}
	if (isdigit((unsigned char)*set->value)) {
		v->mode = MODE_FIXED;
		return time_in(t, set, set->value, GAP_MIN, GAP_MAX, &v->ns);
	}
	v->mode = MODE_RANDOM;
	return cdf_of(t, set, false, GAP_MIN, GAP_MAX, &v->cdf);
}

/* ---- histograms ---- */

static int finish_hist(struct text *t, struct setting *set, struct profile_hist *v)
{
	uint32_t sum = 0;

	for (int i = 0; i < v->n; i++)
		sum += v->tokens[i];
	if (!sum)
		return fail(t, set, "%s: the histogram has no mass: no token but infinity's; leave it out instead",
			    set->name);
	if (!v->infinity)
		return fail(t, set, "%s: infinity has no token: padding would never end", set->name);
	return 0;
}

/* "bins 5 ms:1000, 6 ms:2000, infinity:300" */
static int bins(struct text *t, struct setting *set, char *list, struct profile_hist *v)
{
	char *save = NULL, *word, *colon;
	uint64_t tokens, edge = 0;

	for (word = strtok_r(list, ",", &save); word; word = strtok_r(NULL, ",", &save)) {
		word += strspn(word, " \t");
		colon = strchr(word, ':');
		if (!colon || count_of(colon + 1 + strspn(colon + 1, " \t"), "", &tokens) ||
		    tokens > UINT16_MAX)
			return fail(t, set, "%s: \"%s\" is no bin: TIME:TOKENS, at most 65535",
				    set->name, shown(word));
		*colon = 0;
		word[strcspn(word, "\t")] = 0;
		for (colon--; colon > word && *colon == ' '; colon--)
			*colon = 0;
		if (!strcmp(word, "infinity")) {
			if (v->infinity)
				return fail(t, set, "%s: infinity is there twice", set->name);
			v->infinity = tokens;
			continue;
		}
		if (v->n == PROFILE_BINS)
			return fail(t, set, "%s: there are more than %d bins", set->name,
				    PROFILE_BINS);
		if (time_in(t, set, word, 1, GAP_MAX, &v->edge[v->n]))
			return -1;
		if (v->edge[v->n] <= edge)
			return fail(t, set, "%s: the bins do not rise at %s", set->name, shown(word));
		edge = v->edge[v->n];
		v->tokens[v->n++] = tokens;
	}
	return finish_hist(t, set, v);
}

static double below(double x, double mean, double sd)
{
	return 0.5 * erfc((mean - x) / sd / sqrt(2));
}

/*
 * "normal:MEAN,SD UNIT tokens N infinity 1/M": as WTF-PAD's authors make theirs. Bins up
 * to 10 s, each half of the next; N samples of the normal distribution, those below 0
 * left out; of the rest one in M is infinity's besides.
 */
static int normal(struct text *t, struct setting *set, char *rest, struct profile_hist *v)
{
	double mean, sd, last = 0, p, scale, sum = 0;
	const struct input_unit *u;
	char unit[8], tail;
	unsigned int n, m;

	if (sscanf(rest, "%lf,%lf %7s tokens %u infinity 1/%u%c", &mean, &sd, unit, &n, &m,
		   &tail) != 5 || !isfinite(mean) || !(sd > 0) || !isfinite(sd))
		return fail(t, set, "%s: \"%s\" is not normal:MEAN,SD UNIT tokens N infinity 1/M",
			    set->name, shown(set->value));
	u = input_unit(input_times, unit);
	if (!u)
		return fail(t, set, "%s: \"%s\" is no unit (ns, us, ms, s)", set->name, unit);
	scale = (double)u->scale / SEC;
	if (!n || n > 60000 || m < 2 || m > 1000000)
		return fail(t, set, "%s: tokens are 1 to 60000, infinity 1/2 to 1/1000000", set->name);
	mean *= scale;
	sd *= scale;
	v->n = 30;
	for (int i = 0; i < v->n; i++) {
		v->edge[i] = 10 * SEC >> (v->n - 1 - i);
		p = below((double)v->edge[i] / SEC, mean, sd) - below(last, mean, sd);
		v->tokens[i] = (uint16_t)nearbyint(n * p);
		sum += v->tokens[i];
		last = (double)v->edge[i] / SEC;
	}
	v->infinity = (uint16_t)ceil(sum / m);
	return finish_hist(t, set, v);
}

int get_hist(struct text *t, struct section *s, const char *name, struct profile_hist *v)
{
	int rc;
	struct setting *set = ask(t, s, name, MAY, &rc);
	char *copy;

	if (!set)
		return rc;
	copy = strdup(set->value);
	if (!copy)
		return fail(t, set, "no memory");
	memset(v, 0, sizeof(*v));
	if (!strncmp(copy, "bins ", 5))
		rc = bins(t, set, copy + 5, v);
	else if (!strncmp(copy, "normal:", 7))
		rc = normal(t, set, copy + 7, v);
	else
		rc = fail(t, set, "%s: \"%s\" is no histogram: bins TIME:TOKENS, ..., infinity:TOKENS or normal:MEAN,SD UNIT tokens N infinity 1/M",
			  name, shown(set->value));
	free(copy);
	return rc;
}
