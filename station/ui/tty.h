#ifndef STATION_UI_TTY_H
#define STATION_UI_TTY_H

#include <stddef.h>
#include <stdio.h>
#include <termios.h>

#include "base/err.h"
#include "ui/input.h"
#include "ui/picture.h"

/*
 * tty -- the terminal of the screen: /dev/tty by curses, which only draws; keys are
 * read as raw bytes, so that their times are known (input.h). From tty_open() on fd 1
 * and 2 are a log file: no library can write into the picture.
 */
struct tty { /* ready with in and fd -1 */
	FILE *out;
	int in, fd; /* to read, not blocking; to write */
	struct termios before;
	void *screen;
	int utf8, colours, pastes;
	enum picture_how how;
	int cell_w, cell_h;
	char early[256]; /* bytes that came while the terminal was asked what it can */
	size_t early_len;
};

int tty_there(struct err *err); /* ERR_USAGE: there is none */
/* ERR_USAGE: there is no terminal, or none that can draw. log: path for fd 1 and 2.
 * ascii: no other characters, whatever the terminal can. */
int tty_open(struct tty *t, const char *log, int ascii, struct err *err);
void tty_close(struct tty *t); /* as it was before; safe when not open */

void tty_sequences(const struct tty *t, struct input *in); /* of this terminal's keys */
void tty_resize(struct tty *t);                            /* after SIGWINCH */
void tty_suspend(struct tty *t);
void tty_resume(struct tty *t);

/* Bring what was drawn to the terminal. A terminal may take nothing for ever, so
 * SIGTERM and SIGHUP that come meanwhile restore it and end the process at once. */
void tty_flush(struct tty *t);
void tty_ring(struct tty *t);

#endif /* STATION_UI_TTY_H */
