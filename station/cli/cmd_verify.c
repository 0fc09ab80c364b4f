/* station verify: prove that the record is whole. */
#include "cli/cmd.h"

#include <inttypes.h>
#include <stdio.h>

#include "cli/with.h"

static int verify(struct cmd_args *a, struct station *st)
{
	struct store_verify v = { 0 };
	struct sbuf out = { 0 };
	struct err err = { 0 };
	int r = store_verify(&v, st->store, &err);

	(void)a;
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
	return r;
}

static int run(struct cmd_args *a)
{
	if (a->rests > 1)
		return cmd_usage(a, "one record file at a time");
	return cmd_with_station(a, STATION_READ, a->rests ? a->rest[0] : NULL, verify);
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
