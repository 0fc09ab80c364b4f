#ifndef STATION_BASE_ARGV_H
#define STATION_BASE_ARGV_H

#include "base/arena.h"
#include "base/err.h"

/* argv -- a command line of a settings file as words, without a shell: blanks separate words,
 * single and double quotes keep together what stands between them, nothing is escaped
 * and nothing is expanded. A program named with a '/' is beside `base`; without one it
 * is looked for in PATH. */

enum { ARGV_MAX = 64 };

/* Words, ended by NULL. ERR_CONF: empty, an open quote, too many words. */
int argv_split(const char *const **out, struct arena *a, const char *base, const char *text,
	       struct err *err);

#endif /* STATION_BASE_ARGV_H */
