/* Any text as an operators file: it is read or refused, a change of it keeps the others,
 * and no scan logs anybody in without a hash that fits. */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "floor/people.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char path[64];

static void must(int holds)
{
	if (!holds)
		abort();
}

static void forget(void)
{
	char folder[64];

	unlink(path);
	snprintf(folder, sizeof(folder), "%s", path);
	*strrchr(folder, '/') = '\0';
	rmdir(folder);
}

static void make_path(void)
{
	char folder[] = "/tmp/fuzz_people.XXXXXX";

	must(mkdtemp(folder) != NULL);
	snprintf(path, sizeof(path), "%s/operators.ini", folder);
	atexit(forget);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct people before, after;
	const struct people_person *who;
	struct findings f = { 0 };
	struct err err = { 0 };
	const char *id;
	int r;

	if (!*path)
		make_path();
	must(file_write_private(path, data, size, &err) == 0);
	r = people_load(&before, path, &f, &err);
	must(r == 0 || (r == ERR_CONF && !before.count && f.errors));
	if (size < 512) {
		r = people_badge(&who, &before, "BADGE.", (const char *)data, size, &err);
		must((r == 0) == (who != NULL));
	}
	if (before.count) {
		id = before.person[before.count - 1].id;
		must(people_language(path, id, "de", &err) == 0);
		must(people_load(&after, path, &f, &err) == 0);
		must(after.count == before.count);
		for (size_t i = 0; i < after.count; i++) {
			const struct people_person *a = &after.person[i], *b = &before.person[i];

			must(!strcmp(a->id, b->id) && !strcmp(a->name, b->name));
			must(a->role == b->role && !strcmp(a->hash, b->hash));
			must(!strcmp(a->language,
				     a->id == id || !strcmp(a->id, id) ? "de" : b->language));
		}
		people_release(&after);
	}
	people_release(&before);
	finding_release(&f);
	return 0;
}
