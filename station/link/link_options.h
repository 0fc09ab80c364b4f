#ifndef STATION_LINK_LINK_OPTIONS_H
#define STATION_LINK_LINK_OPTIONS_H

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/param.h"

/* link_options -- the text behind a link's name: "FILE,speed=1" or "seed=42,drop=0.01". */

/* Presets, then each key=value that a row of params names. first, when not
 * NULL, takes what stands before the first comma (a file). ERR_PLAN. */
int link_options(void *out, const char **first, const struct param *params, struct arena *a,
		 const char *text, struct err *err);

#endif /* STATION_LINK_LINK_OPTIONS_H */
