// SPDX-License-Identifier: GPL-2.0
/* Numbers and amounts; see input.h. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <strings.h>

#include "input.h"

#define FINEST		1000000000	/* of a fraction: what is finer makes nothing whole */

const struct input_unit input_times[] = {
	{ "ns", 1 }, { "us", 1000 }, { "ms", 1000000 }, { "s", 1000000000 },
	{ "min", 60000000000 }, { "h", 3600000000000 }, { }
};

const struct input_unit input_bits[] = {
	{ "bit", 1 }, { "kbit", 1000 }, { "mbit", 1000000 }, { "gbit", 1000000000 }, { }
};

/* isdigit() is the locale's. */
static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool input_digits(const char *word, const char **end, uint64_t *out)
{
	uint64_t v = 0;

	if (!is_digit(*word))
		return false;
	for (; is_digit(*word); word++) {
		if (__builtin_mul_overflow(v, 10, &v) ||
		    __builtin_add_overflow(v, (uint64_t)(*word - '0'), &v))
			return false;
	}
	*out = v;
	*end = word;
	return true;
}

/* Behind digits, a point and digits from @word on; NULL: there is no such number. */
static const char *decimal_end(const char *word)
{
	if (!is_digit(*word))
		return NULL;
	while (is_digit(*word))
		word++;
	if (*word != '.')
		return word;
	if (!is_digit(*++word))
		return NULL;
	while (is_digit(*word))
		word++;
	return word;
}

enum input_why input_decimal(const char *word, const char **end, uint64_t scale, uint64_t *out)
{
	const char *behind = decimal_end(word);
	uint64_t whole, part = 0, unit = 1, v;
	bool rest;

	if (!behind)
		return INPUT_NO_NUMBER;
	if (!input_digits(word, &word, &whole))
		return INPUT_TOO_LARGE;
	for (word++; word < behind && unit < FINEST; word++) {
		part = part * 10 + (uint64_t)(*word - '0');
		unit *= 10;
	}
	rest = word < behind && strspn(word, "0") < (size_t)(behind - word);
	rest |= part * (scale % unit) % unit;
	/* part < unit: neither product is too large. */
	part = part * (scale / unit) + part * (scale % unit) / unit;
	if (__builtin_mul_overflow(whole, scale, &v) || __builtin_add_overflow(v, part, &v))
		return INPUT_TOO_LARGE;
	*out = v;
	*end = behind;
	return rest ? INPUT_NOT_WHOLE : INPUT_OK;
}

bool input_real(const char *word, const char **end, double *out)
{
	const char *from = word + (*word == '+' || *word == '-');
	char *behind;
	double v;

	/* strtod() takes hexadecimal ones and names, too, and blanks. */
	if (!is_digit(from[*from == '.']) || (*from == '0' && (from[1] | 0x20) == 'x'))
		return false;
	errno = 0;
	v = strtod(word, &behind);
	if (errno || !isfinite(v))
		return false;
	*out = v;
	*end = behind;
	return true;
}

const struct input_unit *input_unit(const struct input_unit *units, const char *word)
{
	for (; units->name; units++)
		if (!strcasecmp(units->name, word))
			return units;
	return NULL;
}

enum input_why input_amount(const char *word, const struct input_unit *units, uint64_t *out)
{
	const char *end = decimal_end(word), *unit;
	const struct input_unit *u;

	if (!end)
		return INPUT_NO_NUMBER;
	unit = end + strspn(end, " \t");
	u = input_unit(units, unit);
	if (u)
		return input_decimal(word, &end, u->scale, out);
	if (*unit)
		return INPUT_NO_SUCH_UNIT;
	if (strspn(word, "0.") != (size_t)(end - word))
		return INPUT_NO_UNIT;
	*out = 0;
	return INPUT_OK;
}
