// SPDX-License-Identifier: GPL-2.0
/* Adaptive policies from words to values, and back; see parse.h. */
#include "parse.h"

#include <stdio.h>
#include <string.h>

#include "../input/input.h"

#define POLICY_NAME "abcdefghijklmnopqrstuvwxyz0123456789-"
#define GAPS	" \t,"

static const struct input_unit byte_units[] = {
	{ "B", 1 }, { "kB", 1000 }, { "MB", 1000000 }, { "GB", 1000000000 },
	{ "TB", 1000000000000 }, { }
};

static const struct input_unit period_units[] = {	/* s */
	{ "s", 1 }, { "min", 60 }, { "h", 3600 }, { "day", 86400 }, { "week", 604800 },
	{ "d", 86400 }, { "hour", 3600 }, { }
};

static const struct input_unit epoch_units[] = {	/* ms */
	{ "ms", 1 }, { "s", 1000 }, { "min", 60000 }, { "h", 3600000 }, { }
};

/* The largest unit that @v is a whole number of; of two alike the first. */
static const struct input_unit *unit_for(const struct input_unit *units, uint64_t v)
{
	const struct input_unit *best = units;

	for (; units->name; units++)
		if (units->scale > best->scale && !(v % units->scale))
			best = units;
	return best;
}

/* What is said of a unit that is none. */
static const char *no_unit(enum input_why why)
{
	return why == INPUT_NO_UNIT ? "no" : "an unknown";
}

/* ---- there ---- */

int parse_policy(const char *word, struct shape *s, struct err *e)
{
	char names[RTPL_POLICY_NAMES_MAX] = "", list[RTPL_POLICY_NAMES_MAX + 2] = " ";
	const char *at = word + strspn(word, GAPS);
	unsigned int n;
	size_t len;

	if (!strcmp(word, "none")) {
		memset(s->policy, 0, sizeof(s->policy));
		s->has |= SHAPE_BIT(POLICY);
		return 0;
	}
	for (n = 0; *at; n++) {
		char name[RTPL_PROFILE_NAME_MAX], spaced[RTPL_PROFILE_NAME_MAX + 2];

		len = strcspn(at, GAPS);
		if (len >= sizeof(name) || strspn(at, POLICY_NAME) < len)
			return err_set(e, "policy %s has a name that is none: 1 to %zu letters a to z, digits and \"-\"",
				       quoted(word), sizeof(name) - 1);
		if (n == RTPL_POLICY_MAX)
			return err_set(e, "policy %s has more than %u profiles", quoted(word),
				       RTPL_POLICY_MAX);
		memcpy(name, at, len);
		name[len] = '\0';
		if (!strcmp(name, "none"))
			return err_set(e, "policy %s: none is no profile", quoted(word));
		snprintf(spaced, sizeof(spaced), " %s ", name);
		if (strstr(list, spaced))
			return err_set(e, "policy %s names %s twice", quoted(word), name);
		strcat(list, spaced + 1);
		strcat(names, n ? " " : "");
		strcat(names, name);
		at += len;
		at += strspn(at, GAPS);
	}
	if (n < 2)
		return err_set(e, "policy %s has %u profile%s: it takes 2 to %u, weakest first, in one word (\"off standard\" in quotes, or off,standard), or is none",
			       quoted(word), n, n == 1 ? "" : "s", RTPL_POLICY_MAX);
	memset(s->policy, 0, sizeof(s->policy));
	strcpy(s->policy, names);
	s->has |= SHAPE_BIT(POLICY);
	return 0;
}

int parse_threat(const char *word, struct shape *s, struct err *e)
{
	uint64_t v;

	if (parse_number(word, 0, RTPL_POLICY_MAX - 1, "threat", &v, e))
		return -1;
	s->threat = v;
	s->has |= SHAPE_BIT(THREAT);
	return 0;
}

int parse_load(const char *word, struct shape *s, struct err *e)
{
	enum input_why why;
	uint64_t v;

	if (is_off(word) || !strcmp(word, "0")) {
		s->load = 0;
		s->has |= SHAPE_BIT(LOAD);
		return 0;
	}
	why = input_amount(word, input_bits, &v);
	if (why == INPUT_NO_NUMBER)
		return err_set(e, "load %s is neither a bit rate nor off", quoted(word));
	if (why == INPUT_NO_UNIT || why == INPUT_NO_SUCH_UNIT)
		return err_set(e, "load %s has %s unit (bit, kbit, mbit, gbit)", quoted(word),
			       no_unit(why));
	if ((why && why != INPUT_NOT_WHOLE) || v < 8 || v / 8 > POLICY_LOAD_MAX)
		return err_set(e, "load %s is not between 8bit and %llugbit", quoted(word),
			       POLICY_LOAD_MAX * 8 / 1000000000);
	s->load = v / 8;
	s->has |= SHAPE_BIT(LOAD);
	return 0;
}

/* "day", "12h", "90s" */
static bool parse_period(const char *word, uint32_t *out)
{
	const struct input_unit *u = input_unit(period_units, word);
	uint64_t v;

	if (u)
		v = u->scale;
	else if (input_amount(word, period_units, &v) || !v || v > POLICY_PERIOD_MAX)
		return false;
	*out = v;
	return true;
}

int parse_budget(const char *word, struct shape *s, struct err *e)
{
	const char *slash = strchr(word, '/');
	enum input_why why;
	char size[32];
	uint32_t period;
	uint64_t v;

	if (is_off(word) || !strcmp(word, "0")) {
		s->budget = 0;
		s->has |= SHAPE_BIT(BUDGET);
		return 0;
	}
	if (!slash || slash - word >= (ptrdiff_t)sizeof(size))
		return err_set(e, "budget %s is neither BYTES/TIME (2GB/day) nor off", quoted(word));
	memcpy(size, word, slash - word);
	size[slash - word] = '\0';
	why = input_amount(size, byte_units, &v);
	if (why == INPUT_NO_NUMBER)
		return err_set(e, "budget %s does not begin with a number of bytes", quoted(word));
	if (why == INPUT_NO_UNIT || why == INPUT_NO_SUCH_UNIT)
		return err_set(e, "budget %s has %s unit (B, kB, MB, GB, TB)", quoted(word),
			       no_unit(why));
	if (why == INPUT_NOT_WHOLE)
		return err_set(e, "budget %s is not a whole number of bytes", quoted(word));
	if (why || !v || v > POLICY_BUDGET_MAX)
		return err_set(e, "budget %s is not between 1B and %lluTB", quoted(word),
			       POLICY_BUDGET_MAX / 1000000000000);
	if (!parse_period(slash + 1, &period))
		return err_set(e, "budget %s has a time that is none, not of whole seconds, or above 366 days (s, min, h, day, week; 12h)",
			       quoted(word));
	s->budget = v;
	s->period = period;
	s->has |= SHAPE_BIT(BUDGET) | SHAPE_BIT(PERIOD);
	return 0;
}

int parse_epoch(const char *word, struct shape *s, struct err *e)
{
	enum input_why why;
	uint64_t v;

	why = input_amount(word, epoch_units, &v);
	if (why == INPUT_NO_NUMBER)
		return err_set(e, "epoch %s is not a time", quoted(word));
	if (why == INPUT_NO_UNIT || why == INPUT_NO_SUCH_UNIT)
		return err_set(e, "epoch %s has %s unit (ms, s, min, h)", quoted(word), no_unit(why));
	if (why == INPUT_NOT_WHOLE)
		return err_set(e, "epoch %s is not a whole number of milliseconds", quoted(word));
	if (why || v < POLICY_EPOCH_MIN || v > POLICY_EPOCH_MAX)
		return err_set(e, "epoch %s is not between 1s and 1h", quoted(word));
	s->epoch = v;
	s->has |= SHAPE_BIT(EPOCH);
	return 0;
}

int parse_calm(const char *word, struct shape *s, struct err *e)
{
	uint64_t v;

	if (parse_number(word, 1, UINT8_MAX, "calm", &v, e))
		return -1;
	s->calm = v;
	s->has |= SHAPE_BIT(CALM);
	return 0;
}

/* ---- the whole ---- */

int policy_settle(const struct shape *s, bool whole, struct err *e)
{
	bool policy = (s->has & SHAPE_BIT(POLICY)) && *s->policy;
	uint64_t period = (s->has & SHAPE_BIT(PERIOD) ? s->period : POLICY_PERIOD) * 1000ULL;
	uint32_t epoch = s->has & SHAPE_BIT(EPOCH) ? s->epoch : POLICY_EPOCH;
	unsigned int n = 1;

	if (policy && (s->has & SHAPE_BIT(PROFILE)) && *s->profile)
		return err_set(e, "profile %s and policy %s: a policy stands in the place of a profile, give one of the two",
			       s->profile, quoted(s->policy));
	if (!policy && (s->has & POLICY_SETTINGS) &&
	    (whole || (s->has & (SHAPE_BIT(POLICY) | SHAPE_BIT(PROFILE)))))
		return err_set(e, "%s is given, but no policy: policy \"NAME NAME ...\" goes beside it",
			       s->has & SHAPE_BIT(THREAT) ? "threat" :
			       s->has & SHAPE_BIT(LOAD) ? "load" :
			       s->has & (SHAPE_BIT(BUDGET) | SHAPE_BIT(PERIOD)) ? "budget" :
			       s->has & SHAPE_BIT(EPOCH) ? "epoch" : "calm");
	for (const char *p = s->policy; policy && *p; p++)
		n += *p == ' ';
	if (policy && (s->has & SHAPE_BIT(THREAT)) && s->threat >= n)
		return err_set(e, "threat %u is not one of the policy's levels, 0 to %u", s->threat,
			       n - 1);
	if (policy && whole && (s->has & SHAPE_BIT(BUDGET)) && s->budget && period % epoch) {
		char buf[POLICY_TEXT_MAX], time[POLICY_TEXT_MAX];

		return err_set(e, "the period of budget %s is not a whole number of epochs of %s",
			       budget_text(s, buf), epoch_text(epoch, time));
	}
	return 0;
}

void policy_defaults(const struct shape *have, struct shape *s)
{
	uint32_t gone = have->has & ~s->has & POLICY_SETTINGS;

	if (!(have->has & s->has & SHAPE_BIT(POLICY)) || !*s->policy)
		return;
	if (gone & SHAPE_BIT(THREAT))
		s->threat = 0;
	if (gone & SHAPE_BIT(LOAD))
		s->load = 0;
	if (gone & SHAPE_BIT(BUDGET))
		s->budget = 0;
	if (gone & SHAPE_BIT(PERIOD))
		s->period = POLICY_PERIOD;
	if (gone & SHAPE_BIT(EPOCH))
		s->epoch = POLICY_EPOCH;
	if (gone & SHAPE_BIT(CALM))
		s->calm = POLICY_CALM;
	s->has |= gone;
}

bool policy_equal(const struct shape *a, const struct shape *b, uint32_t bits)
{
#define SAME(attr, field) (!(bits & SHAPE_BIT(attr)) || a->field == b->field)
	return (!(bits & SHAPE_BIT(POLICY)) || !strcmp(a->policy, b->policy)) &&
	       SAME(THREAT, threat) && SAME(LOAD, load) && SAME(BUDGET, budget) &&
	       SAME(PERIOD, period) && SAME(EPOCH, epoch) && SAME(CALM, calm);
#undef SAME
}

/* ---- back ---- */

static const char *text(uint64_t v, const struct input_unit *units, char *buf)
{
	const struct input_unit *u = unit_for(units, v);

	sprintf(buf, "%llu%s", (unsigned long long)(v / u->scale), u->name);
	return buf;
}

const char *load_text(const struct shape *s, char *buf)
{
	return s->load ? text(s->load * 8, input_bits, buf) : "off";
}

const char *budget_text(const struct shape *s, char *buf)
{
	uint32_t period = s->has & SHAPE_BIT(PERIOD) ? s->period : POLICY_PERIOD;
	const struct input_unit *u = unit_for(period_units, period);
	size_t at;

	if (!s->budget)
		return "off";
	text(s->budget, byte_units, buf);
	at = strlen(buf);
	if (period == u->scale)
		sprintf(buf + at, "/%s", u->name);
	else
		sprintf(buf + at, "/%llu%s", (unsigned long long)(period / u->scale), u->name);
	return buf;
}

const char *epoch_text(uint32_t ms, char *buf)
{
	return text(ms, epoch_units, buf);
}
