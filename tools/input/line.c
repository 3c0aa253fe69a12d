// SPDX-License-Identifier: GPL-2.0
/* Lines of files of sections and settings; see input.h. */
#include "input.h"

#define BLANKS		" \t\r"

/* Without the blanks at both ends. */
static char *strip(char *s)
{
	char *end;

	s += strspn(s, BLANKS);
	end = s + strlen(s);
	while (end > s && strchr(BLANKS, end[-1]))
		*--end = '\0';
	return s;
}

static void cut_comment(char *s)
{
	for (char *p = s; *p; p++) {
		if (*p == '#' && (p == s || p[-1] == ' ' || p[-1] == '\t')) {
			*p = '\0';
			return;
		}
	}
}

enum input_kind input_line(char *text, bool (*verbatim)(const char *name, size_t len),
			   struct input_line *line)
{
	const char *name = text + strspn(text, BLANKS);
	char *equals;

	if (!verbatim || !verbatim(name, strcspn(name, BLANKS "=")))
		cut_comment(text);
	text = strip(text);
	*line = (struct input_line){ .name = text };
	if (!*text)
		return INPUT_BLANK;
	if (*text == '[')
		return INPUT_SECTION;
	equals = strchr(text, '=');
	if (!equals)
		return INPUT_NEITHER;
	*equals = '\0';
	line->name = strip(text);
	line->value = strip(equals + 1);
	return INPUT_SETTING;
}
