#include "cli/cmd.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "engine/host.h"

#define CMD(name) extern const struct cmd cmd_##name;
#include "cli/cmd.def"
#undef CMD

const struct cmd *const cmd_table[] = {
#define CMD(name) &cmd_##name,
#include "cli/cmd.def"
#undef CMD
};
const size_t cmd_table_size = sizeof(cmd_table) / sizeof(cmd_table[0]);

const struct cmd *cmd_find(const char *name)
{
	for (size_t i = 0; i < cmd_table_size; i++)
		if (!strcmp(cmd_table[i]->name, name))
			return cmd_table[i];
	return NULL;
}

const char *const *cmd_opts(const struct cmd_args *a, const char *name, size_t *n)
{
	for (size_t i = 0; a->cmd->options[i].name; i++)
		if (!strcmp(a->cmd->options[i].name, name)) {
			*n = a->option[i].count;
			return a->option[i].value;
		}
	abort(); /* a command that asks for an option its row does not have */
}

const char *cmd_opt(const struct cmd_args *a, const char *name)
{
	size_t n;
	const char *const *v = cmd_opts(a, name, &n);

	return n ? v[n - 1] : NULL;
}

int cmd_fail(const struct err *err)
{
	fprintf(stderr, "station: %s\n", err->text);
	return err_blame(err->code) == BLAME_PLAN       ? CMD_USAGE
	       : err_blame(err->code) == BLAME_OPERATOR ? CMD_ABORTED
	       : err_blame(err->code) == BLAME_UNIT     ? CMD_FAIL
							: CMD_STATION;
}

int cmd_usage(const struct cmd_args *a, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "station %s: ", a->cmd->name);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "; see station help %s\n", a->cmd->name);
	return CMD_USAGE;
}

int cmd_findings(struct findings *f)
{
	finding_print(f, stderr);
	return f->errors ? CMD_USAGE : CMD_PASS;
}

/* From harmless to bad: what a person must look at first decides. */
static const int severity[] = { CMD_PASS, CMD_FAIL, CMD_ABORTED, CMD_STATION, CMD_USAGE };

static int rank(int status)
{
	for (int i = 0; i < (int)(sizeof(severity) / sizeof(severity[0])); i++)
		if (severity[i] == status)
			return i;
	return 3; /* unknown: as bad as a station error */
}

int cmd_worse(int a, int b)
{
	return rank(a) >= rank(b) ? a : b;
}

int cmd_exit_of(const struct unit_run *r)
{
	switch (r->verdict) {
	case VERDICT_PASS:
		return CMD_PASS;
	case VERDICT_FAIL:
		return CMD_FAIL;
	case VERDICT_ABORTED:
		return CMD_ABORTED;
	case VERDICT_ERROR:
		return r->blame == BLAME_PLAN ? CMD_USAGE : CMD_STATION;
	default:
		return CMD_STATION;
	}
}

int cmd_out(const struct sbuf *text)
{
	fflush(stdout);
	if (!write_all(STDOUT_FILENO, sbuf_str(text), text->len))
		return CMD_PASS;
	fprintf(stderr, "station: standard output: %s\n", strerror(errno));
	return CMD_STATION;
}

void cmd_describe(struct sbuf *out, const struct cmd *c)
{
	sbuf_printf(out, "usage: station [--conf FILE] %s%s%s\n\n%s.\n", c->name,
		    *c->usage ? " " : "", c->usage, c->summary);
	if (c->help)
		sbuf_printf(out, "\n%s\n", c->help);
	if (c->options[0].name)
		sbuf_puts(out, "\noptions:\n");
	for (const struct cmd_option *o = c->options; o->name; o++) {
		char left[64];

		snprintf(left, sizeof(left), "--%s%s%s", o->name, o->arg ? " " : "",
			 o->arg ? o->arg : "");
		sbuf_printf(out, "  %-22s %s\n", left, o->help);
	}
}

static void add(struct cmd_args *a, size_t i, const char *value)
{
	const char **grown = arena_alloc(&a->arena, (a->option[i].count + 1) * sizeof(*grown));

	if (a->option[i].count)
		memcpy(grown, a->option[i].value, a->option[i].count * sizeof(*grown));
	grown[a->option[i].count++] = value;
	a->option[i].value = grown;
}

/* Options of one command; -1 when something was wrong and has been said. */
static int parse(struct cmd_args *a, int argc, char **argv, int *want_help)
{
	struct option row[CMD_OPTIONS_MAX + 3] = { 0 };
	const struct cmd *c = a->cmd;
	int n = 0, o, at;

	for (; c->options[n].name; n++)
		row[n] = (struct option){ c->options[n].name,
					  c->options[n].arg ? required_argument : no_argument, NULL,
					  0 };
	row[n] = (struct option){ "help", no_argument, NULL, 'h' };
	row[n + 1] = (struct option){ "conf", required_argument, NULL, 'c' };
	opterr = 0;
	optind = 1;
	while ((o = getopt_long(argc, argv, ":h", row, &at)) != -1) {
		if (o == 'h')
			*want_help = 1;
		else if (o == 'c')
			a->conf = optarg;
		else if (o == 0 && a->option[at].count && !c->options[at].many)
			return cmd_usage(a, "--%s is given twice", c->options[at].name), -1;
		else if (o == 0)
			add(a, (size_t)at, optarg ? optarg : "");
		else if (o == ':')
			return cmd_usage(a, "%s needs a value", argv[optind - 1]), -1;
		else
			return cmd_usage(a, "no such option: %s", argv[optind - 1]), -1;
	}
	a->rest = (const char **)argv + optind;
	a->rests = (size_t)(argc - optind);
	return 0;
}

static int overview(void)
{
	struct sbuf out = { 0 };
	int r;

	sbuf_puts(&out, "usage: station [--conf FILE] COMMAND ...\n\n");
	for (size_t i = 0; i < cmd_table_size; i++)
		sbuf_printf(&out, "  %-8s %s\n", cmd_table[i]->name, cmd_table[i]->summary);
	sbuf_puts(&out, "\nstation help COMMAND tells more; station help step KIND tells what a "
			"step takes.\n");
	r = cmd_out(&out);
	sbuf_release(&out);
	return r;
}

int cmd_main(int argc, char **argv)
{
	struct cmd_args a = { 0 };
	const char *names[64];
	int help = 0, at = 1, r;

	signal(SIGPIPE, SIG_IGN);
	while (at < argc && argv[at][0] == '-') {
		if (!strcmp(argv[at], "--conf") && at + 1 < argc) {
			a.conf = argv[at + 1];
			at += 2;
		} else if (!strncmp(argv[at], "--conf=", 7)) {
			a.conf = argv[at++] + 7;
		} else if (!strcmp(argv[at], "--plain")) {
			static char plain[] = "plain";
			static char *alone[] = { plain, NULL };

			if (at + 1 < argc) {
				fputs("station: --plain takes no command\n", stderr);
				return CMD_USAGE;
			}
			argv = alone;
			argc = 1;
			at = 0;
		} else if (!strcmp(argv[at], "--version")) {
			return printf("station " STATION_VERSION "\n") < 0;
		} else if (!strcmp(argv[at], "--help") || !strcmp(argv[at], "-h")) {
			return overview();
		} else {
			int conf = !strcmp(argv[at], "--conf");

			fprintf(stderr, "station: %s%s; see station help\n",
				conf ? "" : "no such option: ",
				conf ? "--conf needs a file" : argv[at]);
			return CMD_USAGE;
		}
	}
	if (at >= argc) {
		static char screen[] = "screen";
		static char *alone[] = { screen, NULL };

		argv = alone;
		argc = 1;
		at = 0;
	}
	a.cmd = cmd_find(argv[at]);
	if (!a.cmd) {
		const char *near;

		for (size_t i = 0; i < cmd_table_size; i++)
			names[i] = cmd_table[i]->name;
		near = text_suggest(argv[at], names, cmd_table_size);
		fprintf(stderr, "station: no such command: %s%s%s; see station help\n", argv[at],
			near ? "; did you mean " : "", near ? near : "");
		return CMD_USAGE;
	}
	if (parse(&a, argc - at, argv + at, &help) < 0) {
		r = CMD_USAGE;
	} else if (help) {
		struct sbuf out = { 0 };

		cmd_describe(&out, a.cmd);
		r = cmd_out(&out);
		sbuf_release(&out);
	} else {
		r = a.cmd->run(&a);
	}
	arena_free(&a.arena);
	return r;
}
