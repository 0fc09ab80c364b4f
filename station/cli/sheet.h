#ifndef STATION_CLI_SHEET_H
#define STATION_CLI_SHEET_H

#include "cli/cmd.h"
#include "floor/codes.h"

/* sheet -- writes a sheet of codes as SVG or PDF, to a file or to standard output.
 * format: "svg", "pdf" or NULL: by the file's name, else SVG. secret: the file is its
 * owner's alone. Returns the exit status. */
int sheet_out(struct cmd_args *a, const struct codes_print *p, const char *format, const char *path,
	      int secret);

/* 0 when it is a format, else CMD_USAGE, which was told. */
int sheet_format_ok(const struct cmd_args *a, const char *format);

#endif /* STATION_CLI_SHEET_H */
