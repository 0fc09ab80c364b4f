#ifndef STATION_CLI_DECIDE_H
#define STATION_CLI_DECIDE_H

#include "cli/who.h"

/* decide -- records a decision about a unit, for `station grant` and `station dispose`. */
struct decision {
	enum store_note_kind kind;
	const char *what;
	int (*may)(const struct plan *p, const char *what, enum people_role role, struct err *err);
};

/* Unit, plan and person from the options that both commands have. Exit status. */
int decide(struct cmd_args *a, const struct decision *d);

extern const struct cmd_option decide_options[];

#endif /* STATION_CLI_DECIDE_H */
