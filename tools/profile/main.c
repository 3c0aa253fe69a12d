// SPDX-License-Identifier: GPL-2.0
/*
 * rtpl-profile: compiles profiles while RTPL is built. People use rtplctl profile.
 *
 *	rtpl-profile blob NAME|FILE >BLOB	what the kernel takes
 *	rtpl-profile builtin >FILE.c	those that come with it, as C (kmod/node/profiles.h)
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "profile.h"

static void c_string(const char *s)
{
	putchar('"');
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			putchar('\\');
		putchar(*s);
	}
	putchar('"');
}

/* Bytes in decimal: most of them are one digit. */
static void c_bytes(const uint8_t *p, size_t len)
{
	int column = 0;

	for (size_t i = 0; i < len; i++) {
		if (!column)
			column = printf("\t") + 7;
		column += printf("%u,", p[i]);
		if (column > 95 || i + 1 == len) {
			printf("\n");
			column = 0;
		}
	}
}

/* Is all that was to be written? Return: 0, or 1 and it is said. */
static int written(void)
{
	if (!fflush(stdout) && !ferror(stdout))
		return 0;
	fprintf(stderr, "rtpl-profile: cannot write: %s\n", strerror(errno));
	return 1;
}

static int builtin(void)
{
	static char about[32][PROFILE_ABOUT];
	struct profile_err err;
	struct profile p;
	uint8_t *blob;
	size_t len;
	int n;

	printf("// SPDX-License-Identifier: GPL-2.0\n"
	       "/* Made of tools/profile/profiles/ by rtpl-profile: change those. */\n"
	       "#include \"node/profiles.h\"\n");
	for (n = 0; profile_texts[n].name; n++) {
		const struct profile_text *t = &profile_texts[n];

		if (profile_read(t->text, strlen(t->text), t->name, &p, &err) ||
		    profile_blob(&p, &blob, &len, &err)) {
			fprintf(stderr, "%s\n", err.text);
			return 1;
		}
		if (strcmp(p.name, t->name)) {
			fprintf(stderr, "%s.profile has the name %s\n", t->name, p.name);
			return 1;
		}
		strcpy(about[n], p.about);
		printf("\nstatic const u8 blob_%d[%zu] __aligned(8) = {\n", n, len);
		c_bytes(blob, len);
		printf("};\n");
		free(blob);
		profile_free(&p);
	}
	printf("\nconst struct rtpl_profile_builtin rtpl_profiles[] = {\n");
	for (n = 0; profile_texts[n].name; n++) {
		printf("\t{\n\t\t.name = ");
		c_string(profile_texts[n].name);
		printf(",\n\t\t.about = ");
		c_string(about[n]);
		printf(",\n\t\t.blob = blob_%d,\n\t\t.len = sizeof(blob_%d),\n\t},\n", n, n);
	}
	printf("};\n\nconst unsigned int rtpl_profiles_n = ARRAY_SIZE(rtpl_profiles);\n");
	return 0;
}

int main(int argc, char **argv)
{
	char name[PROFILE_NAME];
	struct profile_err err;
	uint8_t *blob;
	size_t len;

	if (argc == 2 && !strcmp(argv[1], "builtin"))
		return builtin() || written();
	if (argc != 3 || strcmp(argv[1], "blob")) {
		fprintf(stderr, "usage: rtpl-profile blob NAME|FILE | builtin\n");
		return 2;
	}
	if (profile_compile(argv[2], name, &blob, &len, &err)) {
		fprintf(stderr, "rtpl-profile: %s\n", err.text);
		return 1;
	}
	fwrite(blob, 1, len, stdout);
	free(blob);
	return written();
}
