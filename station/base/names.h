#ifndef STATION_BASE_NAMES_H
#define STATION_BASE_NAMES_H

#include <stddef.h>

#include "base/finding.h"

/*
 * names -- finds the second of two equal names in time that does not grow with
 * their number, so that no file can hold a reader up.
 */
struct name_seen {
	size_t scope;      /* equal names of different scopes do not meet */
	const char *a, *b; /* a name of two words; "" where it has one; borrowed */
	struct place at;
};

struct names { /* ready when zeroed */
	struct name_seen *slot;
	size_t used, size;
};

/* The place of the first of that name, lent until the next call; NULL when this
 * one is the first. Out of memory ends the process. */
const struct place *names_add(struct names *t, struct name_seen name);

void names_release(struct names *t); /* safe when zeroed and when called twice */

#endif /* STATION_BASE_NAMES_H */
