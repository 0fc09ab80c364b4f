/* A whole plan check on any bytes: nothing crashes, leaks or goes on for long,
 * and what is refused has a finding. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../unit/step_fake.h"
#include "base/file.h"
#include "plan/plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void load(const char *path, const char *variant, const struct findings *checked)
{
	struct findings f = { 0 };
	struct arena a = { 0 };
	struct err err = { 0 };
	struct plan *p = NULL;
	const char *found;

	if (plan_load(&p, &a, path, variant, NULL, &f, &err) == 0) {
		if (f.errors || (!variant && checked->errors && !p->variants.count))
			abort(); /* a plan with errors was handed out */
		plan_serial_ok(p, "AS0123456789", &err);
		plan_release(p);
	} else if (!f.errors) {
		abort(); /* refused without a reason */
	}
	plan_variant_for(&found, &a, path, "AS0123456789", &err);
	finding_release(&f);
	arena_free(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int fd = -1;
	static char path[40];
	struct findings f = { 0 };

	if (fd < 0) {
		fd = memfd_create("plan", MFD_CLOEXEC);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	}
	if (fd < 0 || ftruncate(fd, 0) < 0 || lseek(fd, 0, SEEK_SET) < 0 ||
	    write_all(fd, data, size) < 0)
		abort();
	plan_check(path, NULL, &f);
	load(path, NULL, &f);
	load(path, "A", &f);
	finding_release(&f);
	return 0;
}
