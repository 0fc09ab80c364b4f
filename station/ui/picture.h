#ifndef STATION_UI_PICTURE_H
#define STATION_UI_PICTURE_H

#include "base/err.h"
#include "base/sbuf.h"

/*
 * picture -- a PNG file as pixels, and pixels as what a terminal takes: kitty's graphics
 * protocol, sixel, or the colours of half blocks. Nothing is written here, and where a
 * picture stands is the affair of picture_place.h.
 */
enum picture_how { PICTURE_TEXT, PICTURE_HALVES, PICTURE_SIXEL, PICTURE_KITTY };

enum {
	PICTURE_FILE_MAX = 8 << 20,
	PICTURE_SIDE_MAX = 4096,
	/* What goes to the terminal, our choice: 2 s and 4 s over a line of 1 Mbit/s that has
	 * to carry the rest of the screen as well. Nothing else may stand within a sixel. */
	PICTURE_SIXEL_MAX = 128 << 10,
	PICTURE_KITTY_MAX = 256 << 10,
	PICTURE_ID = 21364, /* to kitty; our choice */
};

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
/* The largest size of p in so many pixels that keeps its shape. */
void picture_fit(int *w, int *h, const struct picture *p, int most_w, int most_h);
void picture_free(struct picture *p);

void picture_sixel(struct sbuf *out, const struct picture *p);
void picture_kitty(struct sbuf *out, const struct picture *p); /* sent, and not shown yet */
/* p of w x h pixels, or of fewer so that the bytes keep the bound; *sized: what became of it. */
void picture_bounded(struct sbuf *out, struct picture *sized, const struct picture *p,
		     enum picture_how how, int w, int h);
int picture_cube(const unsigned char *rgb); /* number in the 6 x 6 x 6 cube */

#endif /* STATION_UI_PICTURE_H */
