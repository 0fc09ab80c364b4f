/* doc [--write] FILE -- the tables of FILE as the program has them: compared, or
 * written there. */
#include <stdio.h>
#include <string.h>

#include "../unit/step_fake.h"
#include "base/file.h"
#include "plan/doc.h"

/* The first line that differs. */
static int compare(const char *path, const char *is, const char *should)
{
	int line = 1;

	if (!strcmp(is, should))
		return 0;
	for (; *is == *should; is++, should++)
		line += *is == '\n';
	printf("%s:%d: is not what the program's tables say; run make golden\n", path, line);
	return 1;
}

int main(int argc, char **argv)
{
	int write = argc == 3 && !strcmp(argv[1], "--write"), r;
	const char *path = argc > 1 ? argv[argc - 1] : "";
	struct sbuf should = { 0 };
	struct arena a = { 0 };
	struct err err = { 0 };
	size_t len;
	char *is;

	if (argc != 2 + write) {
		fputs("doc [--write] FILE\n", stderr);
		return 2;
	}
	r = file_read(&is, &len, &a, path, 1 << 20, &err);
	if (!r)
		r = plan_doc_update(&should, is, &err);
	if (!r && write && strcmp(is, sbuf_str(&should)))
		r = file_write(path, sbuf_str(&should), should.len, &err);
	else if (!r && !write)
		r = compare(path, is, sbuf_str(&should));
	if (r < 0)
		fprintf(stderr, "%s: %s\n", path, err.text);
	sbuf_release(&should);
	arena_free(&a);
	return r != 0;
}
