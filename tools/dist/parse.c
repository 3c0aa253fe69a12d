// SPDX-License-Identifier: GPL-2.0
/*
 * Distributions in words, and whether their parameters are any.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../input/input.h"
#include "table.h"

#define SHAPE_MAX	1e6
#define COUNT_MAX	1e10

enum rule { NONE, ANY, NOT_NEGATIVE, POSITIVE, SHAPE, SHAPE_SIGNED, COUNT, CHANCE, CHANCE_POSITIVE,
	    MEAN };

static const struct name {
	const char *name;
	int least;		/* arguments that must be given */
	struct {
		const char *field;
		enum rule rule;
		double given;	/* unless told */
	} arg[DIST_ARGS];
} names[DIST_NAMES] = {
	[DIST_UNIFORM] = { "uniform", 2, { { "LO", ANY }, { "HI", ANY } } },
	[DIST_NORMAL] = { "normal", 2, { { "MEAN", ANY }, { "SD", NOT_NEGATIVE } } },
	[DIST_SKEW_NORMAL] = { "skew-normal", 3, { { "LOCATION", ANY }, { "SCALE", POSITIVE },
						   { "SHAPE", SHAPE_SIGNED } } },
	[DIST_LOGNORMAL] = { "lognormal", 2, { { "MU", ANY }, { "SIGMA", NOT_NEGATIVE } } },
	[DIST_PARETO] = { "pareto", 2, { { "SCALE", POSITIVE }, { "SHAPE", SHAPE } } },
	[DIST_WEIBULL] = { "weibull", 2, { { "SCALE", POSITIVE }, { "SHAPE", SHAPE } } },
	[DIST_GAMMA] = { "gamma", 2, { { "SCALE", POSITIVE }, { "SHAPE", SHAPE } } },
	[DIST_BETA] = { "beta", 2, { { "A", SHAPE }, { "B", SHAPE } } },
	[DIST_EXPONENTIAL] = { "exponential", 1, { { "MEAN", POSITIVE } } },
	[DIST_LAPLACE] = { "laplace", 1, { { "B", POSITIVE } } },
	[DIST_BINOMIAL] = { "binomial", 2, { { "N", COUNT }, { "P", CHANCE } } },
	[DIST_GEOMETRIC] = { "geometric", 1, { { "P", CHANCE_POSITIVE } } },
	[DIST_POISSON] = { "poisson", 1, { { "LAMBDA", MEAN } } },
	[DIST_SKELLAM] = { "skellam", 2, { { "MU1", MEAN }, { "MU2", MEAN } } },
	[DIST_DISCRETE_LAPLACE] = { "discrete-laplace", 1, { { "EPSILON", POSITIVE },
							     { "SENSITIVITY", POSITIVE, 1 } } },
	[DIST_CONST] = { "const", 1, { { "VALUE", ANY } } },
};

const char *dist_name(enum dist_name name)
{
	return names[name].name;
}

/* What is wrong with @v, or NULL. */
static const char *wrong(enum rule rule, double v)
{
	if (!isfinite(v))
		return "is not finite";
	switch (rule) {
	case NOT_NEGATIVE:
		return v < 0 ? "is negative" : NULL;
	case POSITIVE:
		return v < 1e-300 ? "is not positive" : NULL;
	case SHAPE:
		return v < 1e-6 ? "is not positive" : v > SHAPE_MAX ? "is above 1e6" : NULL;
	case SHAPE_SIGNED:
		return fabs(v) > SHAPE_MAX ? "is above 1e6" : NULL;
	case COUNT:
		if (v < 0 || v != floor(v))
			return "is no count";
		return v > COUNT_MAX ? "is above 1e10" : NULL;
	case MEAN:
		return v <= 0 ? "is not positive" : v > COUNT_MAX ? "is above 1e10" : NULL;
	case CHANCE:
		return v < 0 || v > 1 ? "is not between 0 and 1" : NULL;
	case CHANCE_POSITIVE:
		return v < 1e-12 || v > 1 ? "is not between 1e-12 and 1" : NULL;
	default:
		return NULL;
	}
}

int dist_check(const struct dist_spec *s, char err[DIST_ERR])
{
	const struct name *n = &names[s->name < DIST_NAMES ? s->name : 0];
	const char *what;

	if (s->name >= DIST_NAMES) {
		snprintf(err, DIST_ERR, "the distribution is unknown");
		return -1;
	}
	for (int i = 0; i < DIST_ARGS && n->arg[i].rule; i++) {
		what = wrong(n->arg[i].rule, s->arg[i]);
		if (what) {
			snprintf(err, DIST_ERR, "%s: %s %s", n->name, n->arg[i].field, what);
			return -1;
		}
	}
	if (s->name == DIST_UNIFORM && s->arg[0] > s->arg[1]) {
		snprintf(err, DIST_ERR, "uniform: LO is above HI");
		return -1;
	}
	what = wrong(ANY, s->start);
	if (what) {
		snprintf(err, DIST_ERR, "%s: start %s", n->name, what);
		return -1;
	}
	if ((s->has_min && isnan(s->min)) || (s->has_max && isnan(s->max))) {
		snprintf(err, DIST_ERR, "%s: %s is no number", n->name,
			 s->has_min && isnan(s->min) ? "min" : "max");
		return -1;
	}
	if (s->has_min && s->has_max && s->min > s->max) {
		snprintf(err, DIST_ERR, "%s: min is above max", n->name);
		return -1;
	}
	return 0;
}

/* A number up to one of @ends or the text's end. */
static int number(const char **at, const char *ends, double *v)
{
	const char *end;

	if (!input_real(*at, &end, v) || (*end && !strchr(ends, *end)))
		return -1;
	*at = end;
	return 0;
}

static int parse_args(const struct name *n, const char **at, struct dist_spec *s, char err[DIST_ERR])
{
	int given = 0, most = 0;

	while (most < DIST_ARGS && n->arg[most].rule) {
		s->arg[most] = n->arg[most].given;
		most++;
	}
	while (**at == (given ? ',' : ':')) {
		++*at;
		if (given == most) {
			snprintf(err, DIST_ERR, "%s: more than %d arguments", n->name, most);
			return -1;
		}
		if (number(at, ", ", &s->arg[given])) {
			snprintf(err, DIST_ERR, "%s: %s is no number: \"%.30s\"", n->name,
				 n->arg[given].field, *at);
			return -1;
		}
		given++;
	}
	if (given < n->least) {
		snprintf(err, DIST_ERR, "%s: %s is missing", n->name, n->arg[given].field);
		return -1;
	}
	return 0;
}

static int parse_round(const char *name, const char **at, struct dist_spec *s, char err[DIST_ERR])
{
	static const char *const ways[] = { "round=down", "round=nearest" };

	for (int i = 0; i < 2; i++) {
		size_t len = strlen(ways[i]);

		if (strncmp(*at, ways[i], len) || ((*at)[len] && (*at)[len] != ' '))
			continue;
		*at += len;
		s->nearest = i;
		return 0;
	}
	snprintf(err, DIST_ERR, "%s: round is neither down nor nearest: \"%.30s\"", name, *at);
	return -1;
}

static int parse_option(const char *name, const char **at, struct dist_spec *s, char err[DIST_ERR])
{
	static const char *const options[] = { "start=", "min=", "max=" };
	double *to[] = { &s->start, &s->min, &s->max };
	bool *has[] = { NULL, &s->has_min, &s->has_max };

	if (!strncmp(*at, "round=", 6))
		return parse_round(name, at, s, err);
	for (int i = 0; i < 3; i++) {
		size_t len = strlen(options[i]);

		if (strncmp(*at, options[i], len))
			continue;
		*at += len;
		if (number(at, " ", to[i])) {
			snprintf(err, DIST_ERR, "%s: %.*s is no number: \"%.30s\"", name,
				 (int)len - 1, options[i], *at);
			return -1;
		}
		if (has[i])
			*has[i] = true;
		return 0;
	}
	snprintf(err, DIST_ERR, "%s: neither start=, min=, max= nor round=: \"%.30s\"", name, *at);
	return -1;
}

int dist_parse(const char *text, struct dist_spec *s, char err[DIST_ERR])
{
	size_t len = strcspn(text, ": ");
	int i;

	memset(s, 0, sizeof(*s));
	for (i = 0; i < DIST_NAMES; i++)
		if (strlen(names[i].name) == len && !strncmp(text, names[i].name, len))
			break;
	if (i == DIST_NAMES) {
		snprintf(err, DIST_ERR, "no distribution is named \"%.*s\"",
			 (int)(len > 30 ? 30 : len), text);
		return -1;
	}
	s->name = i;
	text += len;
	if (parse_args(&names[i], &text, s, err))
		return -1;
	while (*text == ' ') {
		text += strspn(text, " ");
		if (*text && parse_option(names[i].name, &text, s, err))
			return -1;
	}
	if (*text) {
		snprintf(err, DIST_ERR, "%s: not understood: \"%.30s\"", names[i].name, text);
		return -1;
	}
	return dist_check(s, err);
}
