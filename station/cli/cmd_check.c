/* station check: lint INI files. */
#include "cli/cmd.h"

#include <stdio.h>
#include <unistd.h>

#include "link/fixture.h"
#include "plan/check.h"
#include "store/store.h"

/* The record, opened when a plan's step first asks what was measured. */
struct past {
	const struct conf *conf;
	struct store *store;
	int asked;
};

static int median(void *payload, double *out, int64_t *runs, const struct plan *p,
		  const struct plan_step *s, const char *measure)
{
	struct past *past = payload;
	struct store_measured m = { p->product, p->process, s->id, s->driver->name, measure };
	struct err err = { 0 };
	int r = 0;

	if (!past->asked && access(past->conf->database, F_OK) == 0)
		r = store_open(&past->store, past->conf->database, STORE_READ, past->conf->id,
			       &err);
	past->asked = 1;
	if (r == 0 && past->store)
		r = store_measured(out, runs, past->store, &m, &err);
	if (r < 0)
		fprintf(stderr, "station check: without what was measured before: %s\n", err.text);
	return r == 0 && past->store && *runs > 0 ? 0 : -1;
}

static int run(struct cmd_args *a)
{
	const char *path = a->conf ? a->conf : access("station.conf", F_OK) ? NULL : "station.conf";
	struct findings own = { 0 }, f = { 0 };
	struct past past = { 0 };
	struct plan_history history = { median, &past };
	struct conf *conf;
	struct err err = { 0 };
	int r = CMD_PASS;

	if (!a->rests)
		return cmd_usage(a, "which file?");
	if (conf_load(&conf, &a->arena, path, &own, &err) < 0) {
		/* Files can still be checked against presets, but say so. */
		finding_print(&own, stderr);
		fprintf(stderr, "station check: %s; checking against presets\n", err.text);
		r = CMD_USAGE;
		conf_load(&conf, &a->arena, NULL, &own, &err);
	}
	past.conf = conf;
	for (size_t i = 0; i < a->rests; i++)
		check_file(a->rest[i], conf, &history, &f);
	store_close(past.store);
	if (cmd_opt(a, "json"))
		finding_print_json(&f, stdout);
	else
		finding_print(&f, stdout);
	if (f.errors)
		r = CMD_USAGE;
	finding_release(&own);
	finding_release(&f);
	return r;
}

static const struct cmd_option options[] = {
	{ .name = "json", .help = "findings as JSON lines" },
	{ .name = NULL },
};

const struct cmd cmd_check = {
	.name = "check",
	.summary = "look for mistakes in plans, fixtures, board profiles and station.conf",
	.usage = "[--json] FILE ...",
	.help = "Prints every finding as FILE:LINE:COLUMN: error: TEXT. Exit status 2 when there "
		"is\n"
		"an error, 0 when there are none or only warnings.",
	.options = options,
	.run = run,
};
