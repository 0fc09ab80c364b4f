/* station report: one run's report in any format. */
#include "cli/cmd.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "reports/report.h"
#include "cli/with.h"

/* A run by the beginning of its id, or the last run of a unit. */
static int find(const char **run, struct cmd_args *a, struct station *st, struct err *err)
{
	const char *what = a->rest[0];
	struct store_filter by_run = { .run = what };
	struct store_filter by_unit = { .serial = text_escaped(&a->arena, what, strlen(what)) };
	struct store_row *row;
	size_t n;

	if (store_rows(&row, &n, &a->arena, st->store, &by_unit, err) < 0)
		return err->code;
	if (n) {
		*run = row[n - 1].run;
		return 0;
	}
	if (strlen(what) >= 4) {
		if (store_rows(&row, &n, &a->arena, st->store, &by_run, err) < 0)
			return err->code;
		if (n == 1) {
			*run = row[0].run;
			return 0;
		}
		if (n > 1)
			return err_set(err, ERR_USAGE, "'%s' begins the id of %zu runs", what, n);
	}
	return err_set(err, ERR_USAGE, "no run and no unit '%s' in %s", by_unit.serial,
		       st->conf->database);
}

static int print(struct cmd_args *a, struct station *st)
{
	const char *format = cmd_opt(a, "format");
	const struct report_writer *w = report_find(format ? format : "text");
	const char *file = cmd_opt(a, "output"), *run = NULL;
	struct report_history history = { 0 };
	struct unit_run r = { 0 };
	struct sbuf out = { 0 };
	struct err err = { 0 };
	int status;

	if (find(&run, a, st, &err) < 0 || store_load(&r, st->store, run, &err) < 0 ||
	    station_history(&history, &a->arena, st->store, &r, &err) < 0 ||
	    w->write(&out, &r, &history, &err) < 0 ||
	    (file && file_write(file, sbuf_str(&out), out.len, &err) < 0))
		status = cmd_fail(&err);
	else
		status = file ? CMD_PASS : cmd_out(&out);
	sbuf_release(&out);
	run_release(&r);
	return status;
}

static int run(struct cmd_args *a)
{
	const char *format = cmd_opt(a, "format");
	struct sbuf names = { 0 };
	int r;

	if (a->rests != 1)
		return cmd_usage(a, "which run or unit?");
	if (!format || report_find(format))
		return cmd_with_station(a, STATION_READ, cmd_opt(a, "database"), print);
	for (size_t i = 0; i < report_table_size; i++)
		sbuf_printf(&names, "%s%s", i ? ", " : "", report_table[i]->name);
	r = cmd_usage(a, "--format is '%s', must be one of %s", format, sbuf_str(&names));
	sbuf_release(&names);
	return r;
}

static const struct cmd_option options[] = {
	{ .name = "format", .arg = "FORMAT", .help = "text, json, html or junit; preset text" },
	{ .name = "output", .arg = "FILE", .help = "into this file instead of standard output" },
	CMD_DATABASE,
	{ .name = NULL },
};

const struct cmd cmd_report = {
	.name = "report",
	.summary = "print the report of a run, or of a unit's last run",
	.usage = "RUN|SERIAL [--format FORMAT]",
	.help = "Made from the committed record and from nothing else: the same record gives the\n"
		"same bytes. RUN is the beginning of a run's id, at least 4 characters.",
	.options = options,
	.run = run,
};
