#include "base/lazy.h"

#include <dlfcn.h>
#include <string.h>

#include "lazy_sonames.h"

const struct lazy_library lazy_libraries[LAZY_COUNT_] = {
#define LIBRARY(name, package, purpose) { SONAME_##name, package, purpose },
#include "base/lazy.def"
#undef LIBRARY
};

static int missing(const struct lazy_library *library, struct err *err)
{
	const char *why = dlerror();

	return err_set(err, ERR_LIBRARY,
		       "%s is for %s, and cannot be loaded: %s; Debian has it in package %s",
		       library->soname, library->purpose, why ? why : "no reason is told",
		       library->package);
}

int lazy_need(void **calls, size_t n, const char *const names[], const struct lazy_library *library,
	      struct err *err)
{
	void *handle;

	if (calls[0])
		return 0;
	handle = dlopen(library->soname, RTLD_NOW | RTLD_LOCAL);
	if (!handle)
		return missing(library, err);
	/* The first is what tells that all are there: it is set last. */
	for (size_t i = n; i-- > 0;) {
		calls[i] = dlsym(handle, names[i]);
		if (!calls[i]) {
			missing(library, err);
			memset(calls, 0, n * sizeof(*calls));
			return err->code;
		}
	}
	return 0;
}
