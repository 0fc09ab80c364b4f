/* station screen: the operator's screen. */
#include "cli/cmd.h"

#include <unistd.h>

#include "base/conf.h"
#include "base/file.h"
#include "ui/screen.h"

static int run(struct cmd_args *a)
{
	struct findings f = { 0 };
	struct err err = { 0 };
	struct screen_setup set = { .self = "/proc/self/exe",
				    .ascii = cmd_opt(a, "ascii") != NULL };
	struct conf *conf;
	int r;

	if (a->rests)
		return cmd_usage(a, "takes no argument");
	set.conf = a->conf ? a->conf : !access("station.conf", F_OK) ? "station.conf" : NULL;
	r = conf_load(&conf, &a->arena, set.conf, &f, &err);
	if (r < 0 || f.errors)
		r = cmd_worse(cmd_findings(&f), r < 0 && !f.errors ? cmd_fail(&err) : CMD_PASS);
	if (!r && file_mkdirs(conf->data, &err) < 0)
		r = cmd_fail(&err);
	if (!r) {
		set.socket = arena_printf(&a->arena, "%s/station.sock", conf->data);
		set.log = arena_printf(&a->arena, "%s/screen.log", conf->data);
		set.prefix = conf->scan_prefix;
		set.suffix = conf->scan_suffix;
		set.bell = (int)conf->bell;
		set.gap_ms = conf->scan_gap_ms;
		r = screen_run(&set, &err);
		r = r < 0 ? cmd_fail(&err) : r > 0 ? 128 + r : CMD_PASS;
	}
	finding_release(&f);
	return r;
}

static const struct cmd_option options[] = {
	{ .name = "ascii", .help = "draw with ASCII characters only" },
	{ .name = NULL },
};

const struct cmd cmd_screen = {
	.name = "screen",
	.summary = "the operator's screen; also without any command",
	.usage = "[--ascii]",
	.help = "Scan a unit, plug its board in: it starts. Function keys are listed by F1. The\n"
		"runs are those of `station serve`, which is started when none is there and\n"
		"which goes on when the screen is closed.",
	.options = options,
	.run = run,
};
