/* station plain, station --plain: the station as lines of text. */
#include "cli/cmd.h"

#include <unistd.h>

#include "base/conf.h"
#include "base/file.h"
#include "ui/plain.h"

static int run(struct cmd_args *a)
{
	const char *path = a->conf ? a->conf : access("station.conf", F_OK) ? NULL : "station.conf";
	struct findings f = { 0 };
	struct conf *conf;
	struct err err = { 0 };
	int r;

	if (a->rests)
		return cmd_usage(a, "it takes no arguments");
	r = conf_load(&conf, &a->arena, path, &f, &err);
	if (r < 0)
		r = f.errors ? cmd_findings(&f) : cmd_fail(&err);
	else if (file_mkdirs(conf->data, &err) < 0 ||
		 plain_run(STDIN_FILENO, STDOUT_FILENO,
			   arena_printf(&a->arena, "%s/station.sock", conf->data), "/proc/self/exe",
			   path, &err) < 0)
		r = cmd_fail(&err);
	finding_release(&f);
	return r;
}

static const struct cmd_option options[] = { { .name = NULL } };

const struct cmd cmd_plain = {
	.name = "plain",
	.summary = "the operator's screen as lines of text; also: station --plain",
	.usage = "",
	.help = "For screen readers. Prints a line for each change of meaning. A line of input is\n"
		"a scan. What a command begins with is told in the first line and is another\n"
		"number each time, such as /4731; then /4731 help lists them. No key of a label\n"
		"does anything: ^C and ^D leave when they are pressed alone. The runs are those "
		"of\n"
		"`station serve`, which is started when none is there and which goes on when this\n"
		"ends.",
	.options = options,
	.run = run,
};
