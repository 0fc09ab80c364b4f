#ifndef STATION_UI_PICTURE_PLACE_H
#define STATION_UI_PICTURE_PLACE_H

#include <stdint.h>

#include "ui/draw.h"
#include "ui/picture.h"

/*
 * picture_place -- where the picture of a question stands on the screen, and how it gets
 * there beside what curses draws. Half blocks are drawn by curses. The bytes of the others
 * are handed out piece by piece, so slowly that a key's effect does not queue behind them:
 * on the way to a terminal far away stand buffers of megabytes that no poll() sees.
 *
 * kitty's pieces are whole sequences, and anything may stand between them. A sixel is one
 * sequence: what curses draws waits for its end, or ends it (picture_place_break()).
 */
enum {
	/* Our choice. A line of 1 Mbit/s has as much again for the rest of the screen; that
	 * a line is slower cannot be seen, and that it is faster neither. */
	PICTURE_PIECE = 4096,
	PICTURE_PIECE_MS = 60,
	PICTURE_AGAIN_MS = 500,    /* after it was broken off for a key */
	PICTURE_GIVE_UP_MS = 8000, /* a sixel that takes so long: none on this terminal */
};

/* From now on; cells of that many pixels (0: unknown, 10 x 20 is taken). instead: how it is
 * drawn once sixels took too long. */
void picture_place_set(enum picture_how how, enum picture_how instead, int cell_w, int cell_h);

void picture_place_begin(void); /* of a new screen: nothing is placed yet */
void picture_place_draw(struct area a, const char *path);

/* After doupdate(): bytes that take away what is no longer wanted, whole or half sent. 1:
 * what curses drew there must be drawn again. */
int picture_place_change(struct sbuf *out);
void picture_place_lost(void); /* the terminal was cleared: what stood there is sent again */

int picture_place_is_open(void); /* a sequence is: nothing else may be written */
void picture_place_break(struct sbuf *out);
/* The next piece, or nothing when it is not its time. 1: the screen must be drawn again. */
int picture_place_piece(struct sbuf *out);
int64_t picture_place_due_ms(void); /* when there is one; CLOCK_NEVER: all is sent */
void picture_place_release(void);

#endif /* STATION_UI_PICTURE_PLACE_H */
