#ifndef STATION_BOARD_CONSOLE_TALK_H
#define STATION_BOARD_CONSOLE_TALK_H

#include "base/sbuf.h"
#include "board/board.h"
#include "board/board_console.h"

/*
 * console_talk -- types a line on a console and collects what comes back until
 * a pattern or the prompt; knows nothing of operations.
 */
enum { CONSOLE_WINDOW = 64 << 10 }; /* bytes of one answer at most */

struct console_talk {     /* the driver's state of an opened board */
	struct sbuf said; /* since the last line that was typed, without its echo */
	int foreground;   /* maybe not at its prompt: a command still runs, or an answer
			   * was not understood; the next line is typed behind a prompt */
	int nuls;         /* NUL bytes since then; they are no part of said */
};

struct console_wait {
	const struct match *match;    /* success; NULL: the prompt is success */
	int and_prompt;               /* after the match, wait for the prompt too */
	const struct match *refused;  /* failure that the board tells */
	const struct match *progress; /* group 1 is percent, heard as it comes */
	int restarts;                 /* the board may start anew here */
	int unfinished;               /* a match in the last line counts before its end has
				       * come, once nothing follows: no value is taken */
	void (*tell)(void *payload, double done, const char *what);
	void *payload;
};

/* Clear what came before, then type text and a line end. */
int console_type(struct board *b, const char *text, int64_t until_ms, struct err *err);

/* Collect until w is satisfied. *from, *to: group 1 (or the match) in
 * talk->said. ERR_TIMEOUT: silence; ERR_PROTO: something else came, the answer
 * is ambiguous, endless, or the board started anew; ERR_REFUSED; ERR_GONE. */
int console_await(size_t *from, size_t *to, struct board *b, const struct console_wait *w,
		  int64_t until_ms, struct err *err);

/* To the prompt, whatever was before: newline, ^C, log in. */
int console_ready(struct board *b, int64_t until_ms, struct err *err);

#endif /* STATION_BOARD_CONSOLE_TALK_H */
