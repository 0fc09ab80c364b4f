#include "cli/with.h"

#include <stdio.h>

int cmd_with_station(struct cmd_args *a, int needs, const char *database,
		     int (*work)(struct cmd_args *a, struct station *st))
{
	struct station_setup set = { .conf = a->conf, .database = database, .needs = needs };
	struct findings f = { 0 };
	struct station *st;
	struct err err = { 0 };
	int r;

	if (station_open(&st, &set, &f, &err) < 0) {
		finding_print(&f, stderr);
		r = cmd_fail(&err);
	} else {
		r = work(a, st);
		station_close(st);
	}
	finding_release(&f);
	return r;
}
