#ifndef STATION_BOARD_BOARD_CONSOLE_H
#define STATION_BOARD_BOARD_CONSOLE_H

#include "base/match.h"
#include "base/param.h"

/*
 * board_console -- any board with a text console: what to type and what to wait
 * for stand in its profile, fixtures/boards/NAME.ini. A new board needs no C.
 *
 *   [board]            prompt, boot, login ...
 *   [command mac]      send  = cat /sys/class/net/{interface}/address
 *                      match = /([0-9a-f:]{17})/
 *
 * A command that the profile leaves out is an operation that the board does not
 * offer. {name} takes the operation's parameters.
 */
enum console_command_index {
	CONSOLE_OS_VERSION,
	CONSOLE_DEVICE_ID,
	CONSOLE_RESTART,
	CONSOLE_RECOVER,
	CONSOLE_MAC,
	CONSOLE_GPIO,
	CONSOLE_SERVE,
	CONSOLE_MEASURE,
	CONSOLE_COMMANDS,
};

struct console_command {
	const char *send;       /* NULL: the profile has no such command */
	struct match *match;    /* the answer; group 1 is the value. NULL: none is needed */
	struct match *refused;  /* the board says that it failed; group 1 is the reason */
	struct match *progress; /* group 1 is percent */
	int64_t within_ms;      /* for the answer, beyond the operation's own time */
};

struct console_profile {
	const char *title;
	struct match *prompt;    /* of the last, unfinished line */
	struct match *restarted; /* text that shows that the board starts anew */
	struct match *boot;      /* the boot is over */
	int64_t boot_within_ms;
	struct match *login_prompt, *password_prompt;
	const char *login, *password;
	const char *newline; /* "cr", "lf", "crlf" */
	struct param_list pins;
	struct console_command command[CONSOLE_COMMANDS];
};

/* Keys of [command NAME], and the commands with their parameters, for help texts. */
extern const struct param console_command_params[];
struct console_command_row { /* ended by a row with no name */
	const char *name;
	const char *const *parameters; /* NULL-ended */
	const char *help;
};
extern const struct console_command_row console_command_rows[];

#endif /* STATION_BOARD_BOARD_CONSOLE_H */
