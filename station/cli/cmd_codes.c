/* station codes: a sheet of codes to scan at the line. */
#include "cli/cmd.h"

#include <stdio.h>
#include <string.h>

#include "cli/sheet.h"
#include "cli/with.h"

static int print(struct cmd_args *a, struct station *st)
{
	struct codes_rules rules = station_codes_rules(st);
	struct codes_print p;

	codes_sheet(&p, &a->arena, &rules, st->fixture, st->conf->id);
	return sheet_out(a, &p, cmd_opt(a, "format"), cmd_opt(a, "output"), 0);
}

static int run(struct cmd_args *a)
{
	if (a->rests)
		return cmd_usage(a, "no such word: %s", a->rest[0]);
	return cmd_with_station(a, STATION_FIXTURE, NULL, print);
}

static const struct cmd_option options[] = {
	{ .name = "format", .arg = "FORMAT", .help = "svg (preset) or pdf" },
	{ .name = "output", .arg = "FILE", .help = "into this file instead of standard output" },
	{ .name = NULL },
};

const struct cmd cmd_codes = {
	.name = "codes",
	.summary = "a sheet of codes to scan: dispositions, commands, slots",
	.usage = "[--format svg|pdf] [--output FILE]",
	.help = "Each code as Data Matrix and as Code 128. No code starts or stops a run.",
	.options = options,
	.run = run,
};
