#ifndef STATION_UI_PICTURE_H
#define STATION_UI_PICTURE_H

#include "base/err.h"
#include "base/sbuf.h"
#include "ui/draw.h"

/*
 * picture -- the picture of a question, as well as the terminal can: kitty's graphics
 * protocol, sixel, half blocks in 256 colours, or a text with the file's name. PNG only.
 * A file that is too large, missing or broken is a text that says so.
 */
enum picture_how { PICTURE_TEXT, PICTURE_HALVES, PICTURE_SIXEL, PICTURE_KITTY };

enum { PICTURE_FILE_MAX = 8 << 20, PICTURE_SIDE_MAX = 4096 };

/* From now on; cells of that many pixels (0: unknown, 10 x 20 is taken). */
void picture_set(enum picture_how how, int cell_w, int cell_h);

void picture_begin(void); /* of a new screen: nothing is placed yet */
void picture_draw(struct area a, const char *path);
/* After doupdate(): bytes for the terminal behind curses' back, if any are due. 1: what
 * curses drew there must be drawn again. */
int picture_flush(struct sbuf *out);
void picture_release(void);

/* What a terminal answered to CSI c (primary device attributes) and the query of kitty's
 * protocol: the best that it can. bytes: all that came. */
enum picture_how picture_how_of(const char *bytes, size_t n, int colours, int utf8);

struct picture { /* ready when zeroed */
	int w, h;
	unsigned char *rgb; /* w * h * 3 */
};
/* ERR_FILE, ERR_USAGE: why it is no picture. */
int picture_load(struct picture *out, const char *path, struct err *err);
void picture_scale(struct picture *out, const struct picture *in, int w, int h);
void picture_free(struct picture *p);
void picture_sixel(struct sbuf *out, const struct picture *p);
void picture_kitty(struct sbuf *out, const struct picture *p);

#endif /* STATION_UI_PICTURE_H */
