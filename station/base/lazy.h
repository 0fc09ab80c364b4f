#ifndef STATION_BASE_LAZY_H
#define STATION_BASE_LAZY_H

#include <stddef.h>

#include "base/err.h"

/*
 * lazy -- libraries that few commands and few runs need, loaded when first needed.
 *
 * What the program is linked with is mapped, relocated and started by each process
 * and each command. libcurl alone brings 30 other libraries; with cairo and ICU they
 * were two thirds of the time to a first step and 40 % of the supervisor's memory.
 *
 * A library has a row in lazy.def. A source file that uses it has, with the library's own
 * header:
 *
 *	#define GSL_CALLS(F) F(gsl_, set_error_handler_off) F(gsl_, cdf_ugaussian_Qinv)
 *	LAZY(gsl, GSL_CALLS);
 *	...
 *	if (LAZY_NEED(gsl, err) < 0)
 *		return err->code;
 *	z = gsl.cdf_ugaussian_Qinv(0.025);
 *
 * Each pointer has the type that the header declares, so the compiler checks calls as
 * it does those of a linked library. What is loaded stays until the process ends.
 * Load in the process that calls: a worker, a report child, a command. The supervisor
 * would carry the library's memory, and hand it on to each worker.
 */
struct lazy_library {
	const char *soname, *package, *purpose;
};

enum lazy_library_index {
#define LIBRARY(name, package, purpose) LAZY_##name,
#include "base/lazy.def"
#undef LIBRARY
	LAZY_COUNT_
};

extern const struct lazy_library lazy_libraries[LAZY_COUNT_];

/* Fill calls[n] with the addresses of these names. Once it has, it returns 0 at once.
 * ERR_LIBRARY: the library or one of the names is not there; the message tells the
 * package. Then no pointer is set. */
int lazy_need(void **calls, size_t n, const char *const names[], const struct lazy_library *library,
	      struct err *err);

/* The names of a list F(prefix, rest): a table of pointers, NAME.rest. */
#define LAZY_POINTER_(prefix, rest) __typeof__(prefix##rest) *rest;
#define LAZY_NAME_(prefix, rest)    #prefix #rest,
#define LAZY(name, CALLS)                                                                          \
	static const char *const name##_names[] = { CALLS(LAZY_NAME_) };                           \
	static union {                                                                             \
		struct {                                                                           \
			CALLS(LAZY_POINTER_)                                                       \
		};                                                                                 \
		void *all[sizeof(name##_names) / sizeof(*name##_names)];                           \
	} name

#define LAZY_NEED(name, err)                                                                       \
	lazy_need((name).all, sizeof(name##_names) / sizeof(*name##_names), name##_names,          \
		  &lazy_libraries[LAZY_##name], err)

#endif /* STATION_BASE_LAZY_H */
