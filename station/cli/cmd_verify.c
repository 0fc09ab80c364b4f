/* station verify: prove that the record is whole. */
#include "cli/cmd.h"

#include <inttypes.h>
#include <stdio.h>

#include "station.h"

static int run(struct cmd_args *a)
{
	struct station_setup set = { .conf = a->conf,
				     .database = a->rests ? a->rest[0] : NULL,
				     .needs = STATION_READ };
	struct store_verify v = { 0 };
	struct findings f = { 0 };
	struct sbuf out = { 0 };
	struct station *st;
	struct err err = { 0 };
	int r;

	if (a->rests > 1)
		return cmd_usage(a, "one record file at a time");
	if (station_open(&st, &set, &f, &err) < 0) {
		finding_print(&f, stderr);
		finding_release(&f);
		return cmd_fail(&err);
	}
	r = store_verify(&v, st->store, &err);
	if (r < 0) {
		r = cmd_fail(&err);
	} else {
		for (size_t i = 0; i < v.problems; i++)
			sbuf_printf(&out, "%s\n", v.problem[i]);
		sbuf_printf(&out,
			    "%s: %" PRId64 " entries, %" PRId64 " runs, %" PRId64
			    " contents, %" PRId64 " open; gaps %" PRId64
			    "; first bad sequence %" PRId64 "; head %s\n",
			    v.problems ? "NOT WHOLE" : "whole", v.entries, v.runs, v.contents,
			    v.open_runs, v.gaps, v.first_bad, v.head);
		r = cmd_out(&out);
		if (!r && v.problems)
			r = CMD_FAIL;
	}
	store_verify_release(&v);
	sbuf_release(&out);
	station_close(st);
	finding_release(&f);
	return r;
}

static const struct cmd_option options[] = { { .name = NULL } };

const struct cmd cmd_verify = {
	.name = "verify",
	.summary = "prove that the record is whole",
	.usage = "[RECORD]",
	.help = "Recomputes every link and digest of the chain, the hash of every content, and\n"
		"derives all tables again from the bodies. Prints what is wrong, then count, "
		"gaps,\n"
		"first bad sequence (0: none) and head. Exit status 1 when anything is wrong.",
	.options = options,
	.run = run,
};
