#ifndef STATION_CLI_CMD_H
#define STATION_CLI_CMD_H

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/finding.h"
#include "base/sbuf.h"
#include "engine/run.h"

/*
 * cmd -- the subcommands of station. The row is the parser (getopt_long), the
 * usage line, `station help` and the manual page.
 *
 * Adding a command `foo`; `make lint` says which of the first two is missing, and
 * tests/run/cli.sh tries the help and a wrong option of each:
 *   1. station/cli/cmd_foo.c   a const struct cmd cmd_foo
 *   2. station/cli/cmd.def     one line
 *   3. tests/run/cli.sh, or a script for its theme: output and exit status
 */
enum { CMD_OPTIONS_MAX = 24 };

/* Exit status; with several runs the worst, in the order of cmd_worse(). */
enum cmd_exit {
	CMD_PASS = 0,    /* done; every unit passed */
	CMD_FAIL = 1,    /* a unit failed; a check found an error; a record is not whole */
	CMD_USAGE = 2,   /* wrong command, wrong plan */
	CMD_STATION = 3, /* the station could not do it */
	CMD_ABORTED = 4, /* the operator stopped it */
};

struct cmd_option {       /* ended by a row with no name */
	const char *name; /* long name */
	const char *arg;  /* "FILE", or NULL: takes none */
	const char *help; /* one sentence */
	int many;         /* may be given several times */
};

/* Options of several commands. */
#define CMD_DATABASE                                                                               \
	{                                                                                          \
		.name = "database", .arg = "FILE",                                                 \
		.help = "record file instead of the one in station.conf"                           \
	}
#define CMD_FIXTURE                                                                                \
	{                                                                                          \
		.name = "fixture", .arg = "FILE",                                                  \
		.help = "fixture file instead of the one in station.conf"                          \
	}

struct cmd_args {
	const struct cmd *cmd;
	struct arena arena;
	const char *conf; /* --conf, or NULL */
	struct {
		const char **value; /* "" for options without argument */
		size_t count;
	} option[CMD_OPTIONS_MAX]; /* as in cmd->options */
	const char **rest;
	size_t rests;
};

struct cmd {
	const char *name, *summary; /* summary: one line, no final stop */
	const char *usage;          /* what stands behind the name: "PLAN --slot N --unit LABEL" */
	const char *help;           /* some lines for --help and the manual */
	const struct cmd_option *options;
	int (*run)(struct cmd_args *a); /* returns an exit status */
};

extern const struct cmd *const cmd_table[];
extern const size_t cmd_table_size;
const struct cmd *cmd_find(const char *name); /* or NULL */

/* The whole program: argv as main() has it. Returns the exit status. */
int cmd_main(int argc, char **argv);

/* Value of an option, the last one when given more than once; NULL: not given. */
const char *cmd_opt(const struct cmd_args *a, const char *name);
const char *const *cmd_opts(const struct cmd_args *a, const char *name, size_t *n);

/* One line on standard error: "station: text"; returns the exit status that the
 * error's code asks for. */
int cmd_fail(const struct err *err);
int cmd_usage(const struct cmd_args *a, const char *fmt, ...)
	__attribute__((format(printf, 2, 3))); /* ... and where help is; CMD_USAGE */
int cmd_findings(struct findings *f); /* prints them on standard error; CMD_USAGE with errors */

int cmd_exit_of(const struct unit_run *r);
int cmd_worse(int a, int b);

void cmd_describe(struct sbuf *out, const struct cmd *c);
int cmd_out(const struct sbuf *text); /* to standard output; CMD_STATION when that fails */

#endif /* STATION_CLI_CMD_H */
