#ifndef TESTS_UNIT_TTY_H
#define TESTS_UNIT_TTY_H

#include <stddef.h>
#include <sys/types.h>

#include "base/sbuf.h"

/*
 * tty -- a program in a terminal: forkpty() and libvterm. For tools that link libvterm.
 *
 * A dump is the rows as text, then what cells look like in runs, then the colours of
 * cells of a picture, then the cursor:
 *
 *	--- looks          letters of the styles in ui/draw.h, for a terminal without
 *	2-9 P39 .1 F40     colours o bold, r reverse, # both; rows of plain cells are left out
 *	--- cells          where a cell is of no style: row, column, foreground and background
 *	12,4 09c4 09c4     in hexadecimal
 *	--- cursor 23 0    row, column
 */
struct tty {
	int fd, rows, cols, ended;
	pid_t pid;
	struct VTerm *vt;
	struct VTermScreen *screen;
	void *term; /* of terminfo */
	int rang;   /* times that the bell rang */
};

/* term must be one of terminfo's; else -1. */
int tty_open(struct tty *t, const char *term, int rows, int cols, char *const *argv);
void tty_close(struct tty *t); /* the program must have ended */
void tty_read(struct tty *t);  /* what is there, else waits; sets ended */
void tty_write(struct tty *t, const char *bytes, size_t n);
void tty_resize(struct tty *t, int rows, int cols);
void tty_row(const struct tty *t, int y, struct sbuf *out);
int tty_holds(const struct tty *t, const char *text); /* a row does */
void tty_looks(const struct tty *t, int y, struct sbuf *out);
void tty_dump(const struct tty *t, struct sbuf *out);
/* F1 to F12, esc, enter, up, ... as the terminal sends them; NULL: it has no such key. */
const char *tty_key(const struct tty *t, const char *name);

#endif /* TESTS_UNIT_TTY_H */
