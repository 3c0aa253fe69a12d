/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What every tool does with words from outside in the same way. Pure: libc only, no input or
 * output.
 */
#ifndef RTPL_TOOLS_INPUT_H
#define RTPL_TOOLS_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* ---- text ---- */

/* What some editors put in front of UTF-8. Return: bytes of it at the beginning of @text. */
static inline size_t input_mark(const char *text, size_t len)
{
	return len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3) ? 3 : 0;
}

/* ---- lines (line.c) ---- */

enum input_kind { INPUT_BLANK, INPUT_SECTION, INPUT_SETTING, INPUT_NEITHER };

struct input_line {
	char *name;		/* of a setting; else the line without comment and blanks around */
	char *value;		/* of a setting, empty if there is none */
};

/**
 * input_line() - a line of a file of "[Section]" and "Name = value"
 * @text: without its end; written to
 * @verbatim: is this one whose value keeps what looks like a comment? or NULL
 *
 * A comment begins the line or follows a blank. What follows the name of a section, and whether
 * there is such a name, is the caller's to look at: @line->name is "[Section]".
 */
enum input_kind input_line(char *text, bool (*verbatim)(const char *name, size_t len),
			   struct input_line *line);

/* ---- numbers (number.c) ---- */

/* Units by name, an empty one at the end; one named "" is that of a number alone. */
struct input_unit {
	const char *name;
	uint64_t scale;		/* in the unit of the result */
};

extern const struct input_unit input_times[];	/* ns, us, ms, s, min, h: in ns */
extern const struct input_unit input_bits[];	/* bit, kbit, mbit, gbit: in bits */

/* Of @units that named @word, in capitals or not; NULL: none. */
const struct input_unit *input_unit(const struct input_unit *units, const char *word);

/*
 * Digits from @word on: no sign, no blank, no 0x. *end is behind them.
 * Return: false, and nothing written, if there are none or more than 64 bits' worth.
 */
bool input_digits(const char *word, const char **end, uint64_t *out);

/* A decimal that may have a sign and an exponent: not hexadecimal, finite. Return: likewise. */
bool input_real(const char *word, const char **end, double *out);

enum input_why {
	INPUT_OK,
	INPUT_NO_NUMBER,	/* it does not begin with one */
	INPUT_NO_UNIT,		/* nothing follows the number, which is not 0 */
	INPUT_NO_SUCH_UNIT,
	INPUT_TOO_LARGE,	/* for 64 bits */
	INPUT_NOT_WHOLE,	/* in the unit of the result; *out is rounded down */
};

/*
 * Digits, or digits, a point and digits, times @scale: "1.5" at scale 1000 is 1500. *end is behind
 * them. Nothing is written but with INPUT_OK and INPUT_NOT_WHOLE.
 */
enum input_why input_decimal(const char *word, const char **end, uint64_t scale, uint64_t *out);

/**
 * input_amount() - a decimal with its unit
 * @word: "20ms", "1.5 Mbit": blanks between are skipped, capitals are as small letters
 * @units: which there are
 * @out: in the unit of their scales
 *
 * A unit is needed but for 0, unless @units has one that is empty.
 */
enum input_why input_amount(const char *word, const struct input_unit *units, uint64_t *out);

/* ---- secrets (secret.c) ---- */

/**
 * input_secret() - does a run of characters that may be a key begin here?
 * @word: where a run begins, that is not in the middle of one
 *
 * A key, or a piece of one, is a run of base64 or hexadecimal digits in which capitals,
 * small letters and digits alternate as they do not in names, paths and numbers.
 *
 * Return: bytes of the run, or 0 where it is no key.
 */
size_t input_secret(const char *word);

/* How many characters from @word on may be of one key, or are of none (".EkMd2CwRkI/"). */
size_t input_run(const char *word);
/* Is there one anywhere in @text? */
bool input_has_secret(const char *text);

/**
 * input_mask() - write "(hidden)" over each run of @text that may be a key
 *
 * For whatever quotes input: messages end in logs and on screens, and a key stands in the
 * wrong place by mistake.
 */
void input_mask(char *text);

/* ---- names (nearest.c) ---- */

/* Begun with the word alone. */
struct input_nearest {
	const char *word;
	const char *name;	/* the nearest so far, or NULL: none is near enough to be meant */
	int distance;
};

/* Look at one more of the names that there are; it has to last as long as @n. */
void input_nearest(struct input_nearest *n, const char *name);

#endif /* RTPL_TOOLS_INPUT_H */
