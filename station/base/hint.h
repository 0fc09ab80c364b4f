#ifndef STATION_BASE_HINT_H
#define STATION_BASE_HINT_H

#include <stddef.h>

#include "base/arena.h"

/* hint -- the end of a message about a name that does not exist. */

/* "; did you mean 'timeout'?", or with no near name "; it has a, b, c" when that
 * is short enough, or "". what: "it has", "there is"; NULL: never list them. */
const char *hint(struct arena *a, const char *word, const char *const *names, size_t n,
		 const char *what);

#endif /* STATION_BASE_HINT_H */
