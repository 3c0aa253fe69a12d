// SPDX-License-Identifier: GPL-2.0
/*
 * A fuzzer without libFuzzer: gives it the files named as arguments, one
 * after the other. For kept crashes in `make check`, and for debuggers.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int main(int argc, char **argv)
{
	uint8_t *data;
	size_t size;
	long end;
	FILE *f;
	int i;

	for (i = 1; i < argc; i++) {
		f = fopen(argv[i], "rb");
		if (!f || fseek(f, 0, SEEK_END) || (end = ftell(f)) < 0) {
			perror(argv[i]);
			return 2;
		}
		rewind(f);
		data = malloc(end ? end : 1);
		size = fread(data, 1, end, f);
		fclose(f);
		fprintf(stderr, "%s\r", argv[i]);
		LLVMFuzzerTestOneInput(data, size);
		free(data);
	}
	return 0;
}
