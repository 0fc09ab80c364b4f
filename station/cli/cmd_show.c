/* station show: the history of a unit. */
#include "cli/cmd.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "cli/with.h"

static int print(struct cmd_args *a, struct station *st)
{
	const char *serial = text_escaped(&a->arena, a->rest[0], strlen(a->rest[0]));
	struct store_filter filter = { .serial = serial };
	struct store_row *row;
	struct sbuf out = { 0 };
	struct err err = { 0 };
	size_t n;
	int r;

	if (store_rows(&row, &n, &a->arena, st->store, &filter, &err) < 0)
		return cmd_fail(&err);
	if (!n) {
		fprintf(stderr, "station: no unit %s in %s\n", serial, st->conf->database);
		return CMD_USAGE;
	}
	sbuf_printf(&out, "unit %s: %zu run%s\n", serial, n, n == 1 ? "" : "s");
	for (size_t i = 0; i < n; i++) {
		char when[CLOCK_TEXT];

		sbuf_printf(&out, "%s  %-11s %-8s %s %s  slot %s  %.1f s  run %.8s  seq %" PRId64,
			    clock_print(when, row[i].started_ms), verdict_word(row[i].verdict),
			    err_blame_word(row[i].blame), row[i].product, row[i].process,
			    row[i].slot, (double)row[i].duration_ms / 1000, row[i].run, row[i].seq);
		if (row[i].attempt > 0)
			sbuf_printf(&out, "  attempt %" PRId64, row[i].attempt);
		if (!row[i].counts)
			sbuf_printf(&out, "  (%s, does not count)", run_mode_word(row[i].mode));
		if (row[i].first_fail)
			sbuf_printf(&out, "  %s", row[i].first_fail);
		sbuf_putc(&out, '\n');
	}
	r = cmd_out(&out);
	sbuf_release(&out);
	return r;
}

static int run(struct cmd_args *a)
{
	if (a->rests != 1)
		return cmd_usage(a, "which unit?");
	return cmd_with_station(a, STATION_READ, cmd_opt(a, "database"), print);
}

static const struct cmd_option options[] = {
	{ .name = "database",
	  .arg = "FILE",
	  .help = "record file instead of the one in station.conf" },
	{ .name = NULL },
};

const struct cmd cmd_show = {
	.name = "show",
	.summary = "every run of a unit",
	.usage = "SERIAL",
	.options = options,
	.run = run,
};
