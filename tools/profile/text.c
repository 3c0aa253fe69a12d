// SPDX-License-Identifier: GPL-2.0
/* A text's lines as sections and settings: INI as rtplctl's configuration files are. */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "../input/input.h"
#include "read.h"

#define ONE	1	/* at most once */
#define LINK	2	/* of the link: never for one end */
#define ROWS	4	/* its settings are rows of a table */

static const struct kind {
	const char *name;
	int flags;
} kinds[SECTION_KINDS] = {
	[IN_PROFILE] = { "Profile", ONE | LINK },
	[IN_SIZES] = { "Sizes", ONE | LINK },
	[IN_LINK] = { "Link", ONE | LINK },
	[IN_LIMITS] = { "Limits", ONE | LINK },
	[IN_SCHEDULE] = { "Schedule", ONE },
	[IN_CHAFF] = { "Chaff", ONE },
	[IN_MACHINE] = { "Machine", 0 },
	[IN_MACHINES] = { "Machines", ONE },
	[IN_ASK] = { "Ask", ONE | LINK | ROWS },
	[IN_PLAN] = { "Plan", ONE | LINK | ROWS },
	[IN_ANSWER] = { "Answer", ONE | LINK | ROWS },
};

int text_fail(struct text *t, unsigned int line, const char *fmt, ...)
{
	char what[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	/* No byte of the text that a terminal would act on. */
	for (char *c = what; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 127)
			*c = '?';
	/* Nor a key: any file may be taken for a profile. */
	input_mask(what);
	if (line)
		snprintf(t->err->text, sizeof(t->err->text), "%.100s:%u: %s", t->file, line, what);
	else
		snprintf(t->err->text, sizeof(t->err->text), "%.100s: %s", t->file, what);
	return -1;
}

const char *shown(const char *word)
{
	static char ring[4][256];
	static unsigned int next;
	char *buf = ring[next++ % 4];

	snprintf(buf, sizeof(ring[0]), "%s", word);
	input_mask(buf);
	buf[40] = 0;
	return buf;
}

const char *section_title(const struct section *s)
{
	static const char *const ends[] = { "", " client", " server", "" };
	static char text[32];

	snprintf(text, sizeof(text), "[%s%s]", kinds[s->kind].name, ends[s->ends]);
	return text;
}

static int begin(struct text *t, char *line, unsigned int nr)
{
	char *end = strchr(line, ']'), *save = NULL, *word, *which;
	struct section *s = &t->sec[t->n];
	int k;

	if (!end || end[1])
		return text_fail(t, nr, "\"%s\" is no section: it lacks the \"]\"", shown(line));
	*end = 0;
	word = strtok_r(line + 1, " \t", &save);
	which = strtok_r(NULL, " \t", &save);
	for (k = 0; word && k < SECTION_KINDS; k++)
		if (!strcasecmp(word, kinds[k].name))
			break;
	if (!word || k == SECTION_KINDS) {
		struct input_nearest near = { .word = word ?: "" };

		for (k = 0; k < SECTION_KINDS; k++)
			input_nearest(&near, kinds[k].name);
		if (near.name)
			return text_fail(t, nr, "there is no section [%s] (is [%s] meant?)",
					 shown(near.word), near.name);
		return text_fail(t, nr, "there is no section [%s]", shown(near.word));
	}
	if (t->n == SECTIONS_MAX)
		return text_fail(t, nr, "there are more than %d sections", SECTIONS_MAX);
	*s = (struct section){ .kind = k, .line = nr, .ends = PROFILE_BOTH };
	if (which && !strcasecmp(which, "client"))
		s->ends = 1 << PROFILE_CLIENT;
	else if (which && !strcasecmp(which, "server"))
		s->ends = 1 << PROFILE_SERVER;
	else if (which)
		return text_fail(t, nr, "\"%s\" is no end: client or server", shown(which));
	if (strtok_r(NULL, " \t", &save))
		return text_fail(t, nr, "%s has more words than an end", section_title(s));
	if (which && kinds[k].flags & LINK)
		return text_fail(t, nr, "[%s] is the link's: it is the same for both ends",
				 kinds[k].name);
	for (int i = 0; kinds[k].flags & ONE && i < t->n; i++)
		if (t->sec[i].kind == s->kind && t->sec[i].ends & s->ends)
			return text_fail(t, nr, "%s is there already, in line %u", section_title(s),
					 t->sec[i].line);
	t->n++;
	return 0;
}

/* The slot of a name: its own, or the free one where it would be. Slots are never full. */
static uint16_t *slot_of(const struct section *s, const char *name)
{
	uint32_t hash = 2166136261u, mask = s->room * 4 - 1;

	for (const char *c = name; *c; c++)
		hash = (hash ^ (uint32_t)tolower((unsigned char)*c)) * 16777619;
	for (hash ^= hash >> 15;; hash++) {
		uint16_t *slot = &s->slot[hash & mask];

		if (!*slot || !strcasecmp(s->s[*slot - 1].name, name))
			return slot;
	}
}

/* Twice the room, a power of two. */
static bool more_room(struct section *s)
{
	int room = s->room ? s->room * 2 : 16;
	void *more = realloc(s->s, room * sizeof(*s->s));

	if (!more)
		return false;
	s->s = more;
	more = calloc(room * 4, sizeof(*s->slot));
	if (!more)
		return false;
	free(s->slot);
	s->slot = more;
	s->room = room;
	for (int i = 0; i < s->n; i++)
		*slot_of(s, s->s[i].name) = i + 1;
	return true;
}

static int add(struct text *t, const char *name, char *value, unsigned int nr)
{
	struct section *s = t->n ? &t->sec[t->n - 1] : NULL;
	struct setting *old;
	int most;

	if (!s)
		return text_fail(t, nr, "%s stands before the first section", shown(name));
	if (!*name)
		return text_fail(t, nr, "a setting has no name");
	if (!*value)
		return text_fail(t, nr, "%s has no value", shown(name));
	old = text_find(s, name);
	if (old)
		return text_fail(t, nr, "%s is given twice, first in line %u", shown(name), old->line);
	most = kinds[s->kind].flags & ROWS ? PROFILE_ROWS : SETTINGS_MAX;
	if (s->n == most)
		return text_fail(t, nr, "%s has more than %d settings", section_title(s), most);
	if (s->n == s->room && !more_room(s))
		return text_fail(t, 0, "no memory");
	s->s[s->n++] = (struct setting){ .name = name, .value = value, .line = nr };
	*slot_of(s, name) = s->n;
	return 0;
}

struct setting *text_find(struct section *s, const char *name)
{
	const uint16_t *slot = s->n ? slot_of(s, name) : NULL;

	return slot && *slot ? &s->s[*slot - 1] : NULL;
}

int text_split(struct text *t, const char *text, size_t len)
{
	char *line, *next;
	unsigned int nr = 0;
	int rc = 0;

	if (len > PROFILE_TEXT)
		return text_fail(t, 0, "it has more than %d bytes", PROFILE_TEXT);
	if (memchr(text, 0, len))
		return text_fail(t, 0, "it is no text: it has a byte that is 0");
	t->copy = strndup(text, len);
	t->sec = calloc(SECTIONS_MAX, sizeof(*t->sec));
	if (!t->copy || !t->sec)
		return text_fail(t, 0, "no memory");
	for (line = t->copy + input_mark(text, len); line && !rc; line = next) {
		struct input_line is;

		nr++;
		next = strchr(line, '\n');
		if (next)
			*next++ = 0;
		switch (input_line(line, NULL, &is)) {
		case INPUT_SECTION:
			rc = begin(t, is.name, nr);
			break;
		case INPUT_SETTING:
			rc = add(t, is.name, is.value, nr);
			break;
		case INPUT_NEITHER:
			rc = text_fail(t, nr, "\"%s\" is neither a section nor a setting%s", shown(is.name),
				       *is.name == ';' || !strncmp(is.name, "//", 2) ?
				       " (a comment begins with #)" : "");
			break;
		default:
			break;
		}
	}
	return rc;
}

void text_free(struct text *t)
{
	for (int i = 0; t->sec && i < t->n; i++) {
		free(t->sec[i].s);
		free(t->sec[i].slot);
	}
	free(t->copy);
	free(t->scratch);
	free(t->sec);
}

void text_known(struct section *s, const char *name)
{
	if (s->n_asked < SETTINGS_MAX)
		s->asked[s->n_asked++] = name;
}

int text_rest(struct text *t, struct section *s, const char *of)
{
	for (int i = 0; i < s->n; i++) {
		struct input_nearest near = { .word = s->s[i].name };

		if (s->s[i].used)
			continue;
		for (int k = 0; k < s->n_asked; k++)
			input_nearest(&near, s->asked[k]);
		if (near.name)
			return text_fail(t, s->s[i].line, "%s is no setting of %s (is %s meant?)",
					 shown(s->s[i].name), of, near.name);
		return text_fail(t, s->s[i].line, "%s is no setting of %s", shown(s->s[i].name), of);
	}
	return 0;
}
