// SPDX-License-Identifier: GPL-2.0
#include "words.h"

#include <strings.h>

const char *rtpl_word(const struct rtpl_words *words, uint64_t value)
{
	return value < words->n && words->word[value] ? words->word[value] : "unknown";
}

int rtpl_word_value(const struct rtpl_words *words, const char *word)
{
	for (unsigned int i = 0; i < words->n; i++)
		if (words->word[i] && !strcasecmp(words->word[i], word))
			return i;
	return -1;
}
