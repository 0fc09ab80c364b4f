#ifndef STATION_UI_DRAW_H
#define STATION_UI_DRAW_H

#include <stddef.h>
#include <stdint.h>

#include "base/sbuf.h"

/*
 * draw -- what all views draw with: areas of a style, text cut by its width and never
 * outside its area, bars. Text is UTF-8; control characters and what the terminal
 * cannot show become '?'. Colour only ever repeats what a word and a glyph say.
 */
struct area {
	int y, x, h, w;
};

/* clang-format off */
/* Style: foreground, background (-1: the terminal's), with colours, without; its letter in
 * draw_dump(). */
#define STYLE_LIST(X)                                                          \
	X(NORMAL, -1,           -1,           A_NORMAL, A_NORMAL,       '.')   \
	X(BOLD,   -1,           -1,           A_BOLD,   A_BOLD,         'B')   \
	X(DIM,    -1,           -1,           A_DIM,    A_NORMAL,       'd')   \
	X(BARE,   COLOR_WHITE,  COLOR_BLACK,  A_NORMAL, A_NORMAL,       'b')   \
	X(TITLE,  COLOR_WHITE,  COLOR_BLUE,   A_BOLD,   A_REVERSE,      'T')   \
	X(KEY,    COLOR_BLACK,  COLOR_CYAN,   A_NORMAL, A_REVERSE,      'K')   \
	X(TOUCH,  COLOR_BLACK,  COLOR_YELLOW, A_NORMAL, A_BOLD,         't')   \
	X(PASS,   COLOR_BLACK,  COLOR_GREEN,  A_NORMAL, A_BOLD,         'P')   \
	X(FAIL,   COLOR_WHITE,  COLOR_RED,    A_BOLD,   A_REVERSE,      'F')   \
	X(ERROR,  COLOR_BLACK,  COLOR_YELLOW, A_NORMAL, A_REVERSE|A_BOLD, 'E') \
	X(RUN,    COLOR_WHITE,  COLOR_BLUE,   A_NORMAL, A_NORMAL,       'R')   \
	X(ASK,    COLOR_BLACK,  COLOR_CYAN,   A_NORMAL, A_BOLD,         'A')   \
	X(PICKED, COLOR_BLACK,  COLOR_WHITE,  A_NORMAL, A_REVERSE,      'S')
enum style {
#define STYLE_ENUM(name, fg, bg, colour, mono, letter) STYLE_##name,
	STYLE_LIST(STYLE_ENUM)
#undef STYLE_ENUM
	STYLE_END_
};

/* What stands for a thing: in UTF-8, in ASCII; whether each font of the Linux console, which
 * has 256 or 512 characters, has the first. */
#define GLYPH_LIST(X)                       \
	X(PASS,    "\xe2\x9c\x93", "+",  0) \
	X(FAIL,    "\xe2\x9c\x97", "X",  0) \
	X(ERROR,   "\xe2\x9a\xa0", "!",  0) \
	X(RUN,     "\xe2\x96\xb6", ">",  0) \
	X(ASK,     "?",            "?",  0) \
	X(EMPTY,   "\xe2\x97\x8b", "o",  0) \
	X(IN,      "\xe2\x97\x8f", "*",  0) \
	X(PAUSE,   "\xe2\x80\x96", "=",  0) \
	X(BLOCK,   "\xe2\x96\x88", "#",  1) \
	X(BAR,     "\xe2\x96\x88", "#",  1) \
	X(BAR_OFF, "\xe2\x96\x91", ".",  1) \
	X(LINE,    "\xe2\x94\x80", "-",  1) \
	X(UPRIGHT, "\xe2\x94\x82", "|",  1) \
	X(MORE,    "\xe2\x80\xa6", "~",  0) \
	X(PICK,    "\xe2\x96\xba", ">",  0) \
	X(HALF,    "\xe2\x96\x80", "#",  0)
enum glyph {
#define GLYPH_ENUM(name, utf8, ascii, common) GLYPH_##name,
	GLYPH_LIST(GLYPH_ENUM)
#undef GLYPH_ENUM
	GLYPH_END_
};
/* clang-format on */

/* After newterm(): colours and glyphs. utf8 0: ASCII only; few: a Linux console's font. */
void draw_init(int utf8, int colours, int few);

const char *draw_glyph(enum glyph g);
void draw_fill(struct area a, enum style s);
void draw_repeat(int y, int x, int w, enum style s, enum glyph g); /* one row of the glyph */
/* One line, at most w columns; what is cut ends in the MORE glyph. Columns used. */
int draw_text(int y, int x, int w, enum style s, const char *utf8);
/* The same for serials, whose ends differ: what is cut is the beginning. */
int draw_tail(int y, int x, int w, enum style s, const char *utf8);
/* Text that is cut, and an end that is not cut. */
void draw_with_end(int y, int x, int w, enum style s, const char *utf8, const char *end);
int draw_printf(int y, int x, int w, enum style s, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
/* Wrapped at blanks; lines used, at most a.h. */
int draw_wrap(struct area a, enum style s, const char *utf8);
int draw_rows(int w, const char *utf8);                        /* how many lines it takes */
void draw_bar(int y, int x, int w, enum style s, double done); /* 0..1 */
/* One cell of two pixels, upper and lower, by numbers of the 256-colour table. */
void draw_halves(int y, int x, int upper, int lower);

int draw_width(const char *utf8); /* columns */

/* The screen as text, then one letter for each cell's style on lines of their own. */
void draw_dump(struct sbuf *out);

/* "0:07", "12:34", "1:02:03". */
const char *draw_time(char out[24], int64_t ms);
void draw_clock(char *out, size_t size); /* "2026-11-29 14:02 UTC", now */

/* Part of a whole (> 0) as a percentage that is shown in steps of `step`: what is not all is
 * never rounded to 100, nor what is not none to 0. */
double draw_percent(int64_t part, int64_t whole, double step);

#endif /* STATION_UI_DRAW_H */
