// SPDX-License-Identifier: GPL-2.0
/*
 * rtpl-machine: Maybenot's machines for RTPL.
 *
 *	rtpl-machine show STRING|FILE ...	in words
 *	rtpl-machine check STRING|FILE ...	would it run? the blob's size, or the reason
 *	rtpl-machine blob STRING|FILE [OUT]	what the kernel takes
 *
 * A file has one machine on each line; "-" is standard input. Status 1: refused.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "load.h"
#include "../../kmod/core/machine.h"

static const char *command;
static FILE *out;

static int one(const char *name, const char *text, size_t len)
{
	struct rtpl_machine_where where;
	struct rtpl_machine kernel;
	struct load_machine m;
	struct load_err err;
	const char *why;
	uint8_t *blob = NULL;
	size_t size;
	int rc;

	rc = load_string(text, len, &m, &err);
	if (!rc)
		rc = load_check(&m, &err);
	if (!rc && !strcmp(command, "show")) {
		load_print(&m, out);
	} else if (!rc) {
		rc = load_blob(&m, &blob, &size, &err);
		if (!rc && !strcmp(command, "blob") && fwrite(blob, 1, size, out) != size)
			rc = load_fail(&err, -1, "cannot be written: %s", strerror(errno));
		/* last, as it may turn the tables */
		if (!rc && rtpl_machine_check(&kernel, blob, size, &why, &where))
			rc = load_fail(&err, where.state == U32_MAX ? -1 : (long)where.state,
				       "the kernel would refuse it: %s: %s", where.field, why);
		if (!rc && !strcmp(command, "check"))
			printf("%s: %u states, %zu bytes\n", name, m.n_states, size);
	}
	if (rc)
		fprintf(stderr, "rtpl-machine: %s: %s\n", name, err.text);
	free(blob);
	load_free(&m);
	return rc;
}

static int file(const char *path)
{
	FILE *f = strcmp(path, "-") ? fopen(path, "r") : stdin;
	size_t room = 0, nr = 0;
	char *line = NULL, name[300];
	ssize_t len;
	int rc = 0;

	if (!f) {
		fprintf(stderr, "rtpl-machine: %s: %s\n", path, strerror(errno));
		return -1;
	}
	while ((len = getline(&line, &room, f)) >= 0) {
		while (len && strchr(" \t\r\n", line[len - 1]))
			len--;
		nr++;
		if (!len || *line == '#')
			continue;
		snprintf(name, sizeof(name), "%s:%zu", path, nr);
		if (one(name, line, len))
			rc = -1;
	}
	free(line);
	if (f != stdin)
		fclose(f);
	return rc;
}

static int argument(const char *arg)
{
	/* a path may begin with 02, but then it is a file that is there */
	FILE *f = strncmp(arg, "02", 2) ? NULL : fopen(arg, "r");

	if (f)
		fclose(f);
	return f || strncmp(arg, "02", 2) ? file(arg) : one("machine", arg, strlen(arg));
}

static int usage(void)
{
	fprintf(stderr, "usage: rtpl-machine show|check STRING|FILE ...\n"
			"       rtpl-machine blob STRING|FILE [OUT]\n");
	return 2;
}

int main(int argc, char **argv)
{
	int i, last = argc, rc = 0;

	if (argc < 3 || (strcmp(argv[1], "show") && strcmp(argv[1], "check") &&
			 strcmp(argv[1], "blob")))
		return usage();
	command = argv[1];
	out = stdout;
	if (!strcmp(command, "blob")) {
		if (argc > 4)
			return usage();
		last = 3;
		out = argc == 4 ? fopen(argv[3], "w") : stdout;
		if (!out) {
			fprintf(stderr, "rtpl-machine: %s: %s\n", argv[3], strerror(errno));
			return 2;
		}
	}
	for (i = 2; i < last; i++)
		if (argument(argv[i]))
			rc = 1;
	if (fclose(out)) {
		perror("rtpl-machine");
		rc = 1;
	}
	/* Half a blob is none. */
	if (rc && argc == 4 && !strcmp(command, "blob"))
		remove(argv[3]);
	return rc;
}
