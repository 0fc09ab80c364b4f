#ifndef STATION_UI_TERMINAL_H
#define STATION_UI_TERMINAL_H

#include <stddef.h>
#include <stdio.h>
#include <termios.h>

#include "base/err.h"
#include "ui/input.h"
#include "ui/picture.h"

/*
 * terminal -- the terminal of the screen: /dev/tty by curses, which only draws; keys are
 * read as raw bytes, so that their times are known (input.h). From terminal_open() on fd 1
 * and 2 are a log file: no library can write into the picture.
 */
struct terminal { /* ready with in and fd -1 */
	FILE *out;
	int in, fd; /* to read, not blocking; to write */
	struct termios before;
	void *screen;
	int utf8, colours, pastes;
	enum picture_how how;
	int cell_w, cell_h;
	size_t early; /* bytes that were typed or scanned until it was open; they are dropped */
};

int terminal_there(struct err *err); /* ERR_USAGE: there is none */
/* ERR_USAGE: there is no terminal, or none that can draw. log: path for fd 1 and 2.
 * ascii: no other characters, whatever the terminal can. */
int terminal_open(struct terminal *t, const char *log, int ascii, struct err *err);
void terminal_close(struct terminal *t); /* as it was before; safe when not open */

void terminal_sequences(const struct terminal *t, struct input *in); /* of this terminal's keys */
void terminal_resize(struct terminal *t);                            /* after SIGWINCH */
void terminal_suspend(struct terminal *t);
void terminal_resume(struct terminal *t);

/* Bring what was drawn to the terminal. A terminal may take nothing for ever, so
 * SIGTERM and SIGHUP that come meanwhile restore it and end the process at once. */
void terminal_flush(struct terminal *t);
void terminal_ring(struct terminal *t);

#endif /* STATION_UI_TERMINAL_H */
