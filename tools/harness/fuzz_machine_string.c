// SPDX-License-Identifier: GPL-2.0
/*
 * Maybenot's strings. Whatever the text, rtpl-machine's reader ends with a machine or
 * with one sentence, and what it makes of a machine, the kernel's check takes.
 *
 * Input: a string; or, if it begins with '!', the bytes that a string would hold.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../machine/load.h"
#include "../../kmod/core/machine.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "%s\n", what);
	abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rtpl_machine_where where;
	struct load_err err = { "" };
	struct rtpl_machine kernel;
	struct load_machine m;
	static FILE *nowhere;
	const char *why;
	uint8_t *blob;
	size_t len;
	int rc;

	if (!nowhere)
		nowhere = fopen("/dev/null", "w");
	if (size && *data == '!')
		rc = load_bytes(data + 1, size - 1, &m, &err);
	else
		rc = load_string((const char *)data, size, &m, &err);
	if (rc) {
		need(*err.text, "refused without a word");
		return 0;
	}
	load_print(&m, nowhere);
	if (load_check(&m, &err)) {
		need(*err.text, "refused without a word");
	} else if (load_blob(&m, &blob, &len, &err)) {
		need(*err.text, "refused without a word");
	} else {
		rc = rtpl_machine_check(&kernel, blob, len, &why, &where);
		if (rc)
			fprintf(stderr, "state %u: %s: %s\n", where.state, where.field, why);
		need(!rc, "the kernel would refuse it");
		free(blob);
	}
	load_free(&m);
	return 0;
}
