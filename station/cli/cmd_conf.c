/* station conf: the settings in force. */
#include "cli/cmd.h"

#include <stdio.h>
#include <unistd.h>

#include "base/conf.h"

static int run(struct cmd_args *a)
{
	const char *path = a->conf ? a->conf : access("station.conf", F_OK) ? NULL : "station.conf";
	struct findings f = { 0 };
	struct sbuf out = { 0 };
	struct conf *conf;
	struct err err = { 0 };
	int r;

	if (a->rests || !cmd_opt(a, "all"))
		return cmd_usage(a, "only --all is there");
	if (conf_load(&conf, &a->arena, path, &f, &err) < 0) {
		finding_print(&f, stderr);
		r = cmd_fail(&err);
	} else {
		conf_print(&out, conf);
		r = cmd_out(&out);
	}
	sbuf_release(&out);
	finding_release(&f);
	return r;
}

static const struct cmd_option options[] = {
	{ .name = "all", .help = "every option with its value, its range and what it is for" },
	{ .name = NULL },
};

const struct cmd cmd_conf = {
	.name = "conf",
	.summary = "print the settings in force as a station.conf",
	.usage = "--all",
	.options = options,
	.run = run,
};
