#ifndef STATION_CLI_WITH_H
#define STATION_CLI_WITH_H

#include "cli/cmd.h"
#include "station.h"

/* with -- opens the station for a command that only asks, runs it, and closes:
 * what is wrong with files or record is said in one place. database: instead of
 * the one in station.conf, or NULL. Returns the exit status. */
int cmd_with_station(struct cmd_args *a, int needs, const char *database,
		     int (*work)(struct cmd_args *a, struct station *st));

#endif /* STATION_CLI_WITH_H */
