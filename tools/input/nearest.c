// SPDX-License-Identifier: GPL-2.0
/* The nearest of some names to a word that is none of them; see input.h. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "input.h"

#define WORD_MAX	40	/* longer ones have no neighbour */

static int least(int a, int b)
{
	return a < b ? a : b;
}

/*
 * Letters to put in, take out, change, or exchange with the next one, to get from @a to @b:
 * the restricted Damerau-Levenshtein distance, capitals aside.
 */
static int distance(const char *a, const char *b)
{
	int row[3][WORD_MAX + 1], n = strlen(b), i, k;

	for (k = 0; k <= n; k++)
		row[0][k] = k;
	for (i = 1; a[i - 1]; i++) {
		int *now = row[i % 3], *above = row[(i + 2) % 3], *before = row[(i + 1) % 3];

		now[0] = i;
		for (k = 1; k <= n; k++) {
			now[k] = least(above[k] + 1, now[k - 1] + 1);
			now[k] = least(now[k], above[k - 1] + !!strncasecmp(&a[i - 1], &b[k - 1], 1));
			if (i > 1 && k > 1 && !strncasecmp(&a[i - 1], &b[k - 2], 1) &&
			    !strncasecmp(&a[i - 2], &b[k - 1], 1))
				now[k] = least(now[k], before[k - 2] + 1);
		}
	}
	return row[(i + 2) % 3][n];
}

void input_nearest(struct input_nearest *n, const char *name)
{
	size_t len = strlen(n->word), other = strlen(name);
	int d;

	if (!len || len > WORD_MAX || other > WORD_MAX)
		return;
	/* The beginning of a name is as good as a slip. */
	if (len > 2 && len < other && !strncasecmp(n->word, name, len))
		d = 1;
	else
		d = distance(n->word, name);
	/* A third of the letters may be wrong, and one of a short word. */
	if (d > (int)(len < 4 ? 1 : len / 3) || (n->name && d >= n->distance))
		return;
	n->name = name;
	n->distance = d;
}
