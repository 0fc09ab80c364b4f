#ifndef STATION_CLI_WHO_H
#define STATION_CLI_WHO_H

#include "cli/cmd.h"
#include "floor/people.h"
#include "station.h"

/*
 * who -- who gives a command. Where [operators] login is badge, the text of a badge
 * must come from a file or from standard input, never from the command line, which
 * everybody on the computer can read. Elsewhere an id is taken at its word.
 */
struct who {
	const char *by, *how; /* "1184", "badge engineer"; "-" and "none": nobody */
	enum people_role role;
};

/* badge: FILE or "-" of the option, or NULL; id: of --by or --operator, or NULL.
 * Text lives in the arena of a. Returns CMD_PASS or an exit status, told. */
int who_is(struct who *out, struct cmd_args *a, const struct station *st, const char *badge,
	   const char *id);

#endif /* STATION_CLI_WHO_H */
