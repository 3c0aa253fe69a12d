/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Words for the numbers of the netlink family, as its description has them: the same for the
 * command line, files and JSON. Pure: libc only, no input or output.
 */
#ifndef RTPL_TOOLS_WORDS_H
#define RTPL_TOOLS_WORDS_H

#include <stdint.h>

#include "words_gen.h"

/* The word of number i is word[i]; NULL where there is none. */
struct rtpl_words {
	unsigned int n;
	const char * const *word;
};

/* Return: the word of @value, "unknown" if it has none (a later kernel's number). */
const char *rtpl_word(const struct rtpl_words *words, uint64_t value);

/* Return: the number of @word, in whatever case its letters are, or -1. */
int rtpl_word_value(const struct rtpl_words *words, const char *word);

#endif /* RTPL_TOOLS_WORDS_H */
