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
