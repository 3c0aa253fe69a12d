// SPDX-License-Identifier: GPL-2.0
/* Keys in words that messages quote; see input.h. */
#include <ctype.h>
#include <string.h>

#include "input.h"

/*
 * Of 15 steps from one character to the next, in random base64 nine or ten are between kinds,
 * and less than 6 are in one of fifty windows; a key has 29 windows. "PresharedKeyFile" has 5.
 * Names of many words have more, but hardly two capitals side by side; a window without a digit,
 * of which there is one in fifteen, has to have these.
 */
#define WINDOW		16
#define STEPS_LEAST	6
#define STEPS_PATH	8	/* of a short run with a "/": a temporary file's path */
#define PATH_SHORT	32
#define STEPS_LETTERS	5
#define CAPITALS_LEAST	2
#define PAIRS_LEAST	9	/* with colons; an address of a device has 8 at most */
#define TEMPORARY_MOST	12	/* characters of a temporary file's name behind its dot */

enum kind { NO_DIGIT, BETWEEN, UPPER, LOWER, DIGIT };

static enum kind kind_of(unsigned char c)
{
	if (c >= 'A' && c <= 'Z')
		return UPPER;
	if (c >= 'a' && c <= 'z')
		return LOWER;
	if (c >= '0' && c <= '9')
		return DIGIT;
	/* Of either base64 alphabet; a path has them between words, too. */
	return c && strchr("+/=-_", c) ? BETWEEN : NO_DIGIT;
}

/* Is a window of @s like one of a key's? */
static bool looks_random(const char *s, size_t run)
{
	enum kind last = BETWEEN, now;
	bool digit = false;
	int n = 0, capitals = 0;
	bool slash = false;

	for (int i = 0; i < WINDOW; i++, last = now) {
		now = kind_of(s[i]);
		n += now != BETWEEN && last != BETWEEN && now != last;
		digit |= now == DIGIT;
		slash |= s[i] == '/';
		capitals += now == UPPER && last == UPPER;
	}
	if (slash && run < PATH_SHORT)
		return n >= STEPS_PATH;
	return digit ? n >= STEPS_LEAST : n >= STEPS_LETTERS && capitals >= CAPITALS_LEAST;
}

/* Of ".EkMd2CwRkI/", as mktemp names files, unless what follows is random as well: a key. */
static size_t temporary(const char *word)
{
	size_t n = 1, run;

	while (n <= TEMPORARY_MOST && kind_of(word[n]) > BETWEEN)
		n++;
	if (word[n++] != '/')
		return 0;
	for (run = 0; kind_of(word[n + run]) != NO_DIGIT; run++)
		if (run + 1 >= WINDOW && looks_random(word + n + run + 1 - WINDOW, PATH_SHORT))
			return 0;
	/* Both together may be all of a key. */
	return n + run < 43 ? n : 0;
}

/* Pairs of hexadecimal digits with colons between, as openssl prints keys: bytes of them. */
static size_t pairs(const char *word)
{
	size_t n = 0;

	while (isxdigit((unsigned char)word[n]) && isxdigit((unsigned char)word[n + 1]) &&
	       !isxdigit((unsigned char)word[n + 2])) {
		n += 2;
		if (word[n] != ':')
			break;
		n++;
	}
	return n >= PAIRS_LEAST * 3 - 1 ? n : 0;
}

size_t input_run(const char *word)
{
	size_t n = pairs(word);

	if (n)
		return n;
	if (*word == '.')
		return temporary(word);
	while (kind_of(word[n]) != NO_DIGIT)
		n++;
	return n;
}

size_t input_secret(const char *word)
{
	size_t n = input_run(word);
	bool secret = pairs(word);

	/* A whole one, as rtplctl genkey writes it or in hexadecimal, has its form. */
	secret |= (n >= 43 && word[n - 1] == '=') ||
		 (n == 64 && strspn(word, "0123456789abcdefABCDEF") == n);
	for (size_t i = 0; i + WINDOW <= n && !secret; i++)
		secret = looks_random(word + i, n);
	return secret ? n : 0;
}

bool input_has_secret(const char *text)
{
	while (*text) {
		if (input_secret(text))
			return true;
		text += input_run(text) ?: 1;
	}
	return false;
}

void input_mask(char *text)
{
	static const char hidden[] = "(hidden)";
	char *to = text;

	/* What is hidden is longer than what is written for it. */
	while (*text) {
		size_t n = input_secret(text);

		if (n) {
			memcpy(to, hidden, sizeof(hidden) - 1);
			to += sizeof(hidden) - 1;
			text += n;
		}
		/* Not on from the middle of a run. */
		for (n = *text ? input_run(text) ?: 1 : 0; n; n--)
			*to++ = *text++;
	}
	*to = '\0';
}
