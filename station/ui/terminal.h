#ifndef STATION_UI_TERMINAL_H
#define STATION_UI_TERMINAL_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <termios.h>

#include "base/err.h"
#include "base/sbuf.h"
#include "ui/input.h"
#include "ui/picture.h"

/*
 * terminal -- the terminal of the screen: /dev/tty by curses, which only draws; keys are
 * read as raw bytes, so that their times are known (input.h). From terminal_open() on fd 1
 * and 2 are a log file: no library can write into the picture.
 */
struct terminal {   /* ready with in, fd and sheet -1 */
	FILE *out;  /* of curses: a sheet in memory, since curses waits where it writes */
	int in, fd; /* to read; to write; neither blocks */
	int sheet;  /* what out writes to */
	struct sbuf queue;
	size_t taken;     /* of the queue, by the terminal */
	int64_t since_ms; /* the queue is not empty */
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

void terminal_sequences(struct input *in); /* of the keys of the open terminal */
void terminal_resize(struct terminal *t);  /* after SIGWINCH */
void terminal_suspend(struct terminal *t);
void terminal_resume(struct terminal *t);

/* A terminal may take nothing for ever, or a little at a time: what was drawn waits in a
 * queue, and nothing is drawn before the queue is empty. So what is shown late is the
 * newest, and reading keys waits for nothing. */
int terminal_waits(const struct terminal *t);       /* for the terminal: poll for POLLOUT */
int64_t terminal_late_ms(const struct terminal *t); /* what waits has waited so long */
void terminal_push(struct terminal *t);             /* what it takes now */
/* May be drawn. at_once: even if that breaks off a picture. */
int terminal_ready(const struct terminal *t, int at_once);
void terminal_draw(struct terminal *t); /* what curses' stdscr holds */
/* A piece of the picture, if it is due. 1: the screen must be drawn again. */
int terminal_illustrate(struct terminal *t);
void terminal_ring(struct terminal *t);

#endif /* STATION_UI_TERMINAL_H */
