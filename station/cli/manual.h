#ifndef STATION_CLI_MANUAL_H
#define STATION_CLI_MANUAL_H

#include "base/sbuf.h"

/* manual -- the manual pages in man(7), printed from the tables: commands and
 * their options, step kinds and their keys, settings. */

/* page: "station.1", "station-plan.5", "station.conf.5". 0, or -1: no such page. */
int manual_print(struct sbuf *out, const char *page);

#endif /* STATION_CLI_MANUAL_H */
