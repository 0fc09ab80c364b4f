/* The inputs of a fuzz target, each once, without a fuzzer: for valgrind. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int run(const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t *bytes = NULL;
	size_t n = 0, got;

	if (!f) {
		perror(path);
		return 1;
	}
	do { /* of the exact size, so that a byte too far is seen */
		bytes = realloc(bytes, n + 4096);
		if (!bytes)
			abort();
		got = fread(bytes + n, 1, 4096, f);
		n += got;
	} while (got == 4096);
	fclose(f);
	bytes = realloc(bytes, n ? n : 1);
	LLVMFuzzerTestOneInput(bytes, n);
	free(bytes);
	return 0;
}

int main(int argc, char **argv)
{
	int bad = argc < 2;

	for (int i = 1; i < argc; i++)
		bad |= run(argv[i]);
	return bad;
}
