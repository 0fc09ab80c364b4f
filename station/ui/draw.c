#define NCURSES_WIDECHAR 1
#include "ui/draw.h"

#include <curses.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <wchar.h>

#include "base/clock.h"
#include "base/text.h"

static int has_utf8, has_few, colours;
static int pairs_used; /* of pictures, behind those of the styles */

enum { PAIR_PICTURE = 32, PAIR_MAX = 30000, PICTURE_PAIRS = 4096 };
enum { UTF8_MAX = 4 /* bytes of a character */, RUN_MAX = 64 };
static struct {
	short upper, lower;
} picture_pair[PICTURE_PAIRS];

static const struct {
	short fg, bg;
	attr_t colour, mono;
	char letter;
} styles[] = {
#define STYLE_ROW(name, fg, bg, colour, mono, letter) { fg, bg, colour, mono, letter },
	STYLE_LIST(STYLE_ROW)
#undef STYLE_ROW
};

static const struct {
	const char *utf8, *ascii;
	int common;
} glyphs[] = {
#define GLYPH_ROW(name, utf8, ascii, common) { utf8, ascii, common },
	GLYPH_LIST(GLYPH_ROW)
#undef GLYPH_ROW
};

void draw_init(int utf8, int number, int few)
{
	has_utf8 = utf8;
	has_few = few;
	colours = number >= 8 ? number : 0;
	pairs_used = 0;
	for (short i = 0; colours && i < STYLE_END_; i++)
		init_pair((short)(i + 1), styles[i].fg, styles[i].bg);
}

const char *draw_glyph(enum glyph g)
{
	return has_utf8 && (glyphs[g].common || !has_few) ? glyphs[g].utf8 : glyphs[g].ascii;
}

static void use(enum style s)
{
	attr_set(colours ? styles[s].colour : styles[s].mono, colours ? (short)(s + 1) : 0, NULL);
}

void draw_fill(struct area a, enum style s)
{
	use(s);
	for (int y = 0; y < a.h; y++)
		mvhline(a.y + y, a.x, ' ', a.w);
}

/* The character at s as the terminal can show it, one or two and a NUL; its bytes. */
static int character(const char *s, wchar_t out[3], int *columns)
{
	mbstate_t state = { 0 };
	wchar_t c = L'?';
	int n;

	out[1] = out[2] = L'\0';
	if (*s >= ' ' && *s <= '~') { /* nearly all of them */
		*columns = 1;
		*out = (wchar_t)*s;
		return 1;
	}
	n = text_utf8_len(s, strnlen(s, UTF8_MAX));
	if (n <= 0)
		n = 1;
	else if (mbrtowc(&c, s, (size_t)n, &state) != (size_t)n)
		c = L'?';
	if (!has_utf8 && c > 126) {
		char ascii[3];

		text_to_ascii(ascii, s, (size_t)n);
		for (*columns = 0; ascii[*columns]; ++*columns)
			out[*columns] = (wchar_t)ascii[*columns];
		return n;
	}
	*columns = wcwidth(c);
	if (*columns <= 0 || c < 32 || c == 127) { /* invisible ones too */
		c = L'?';
		*columns = 1;
	}
	*out = c;
	return n;
}

int draw_width(const char *s)
{
	int w = 0, columns;
	wchar_t c[3];

	while (*s) {
		s += character(s, c, &columns);
		w += columns;
	}
	return w;
}

static int put(int y, int x, int w, const char *s, size_t n, int more)
{
	const char *end = s + n;
	wchar_t run[RUN_MAX + 3];
	int used = 0, at = 0, got = 0; /* at: where the run begins */

	while (s < end && *s) {
		int columns, len = character(s, &run[got], &columns);
		int room = w - used - (more && s + len < end ? 1 : 0);

		if (columns > room)
			break;
		used += columns;
		s += len;
		got += 1 + (run[got + 1] != L'\0');
		if (got >= RUN_MAX) {
			mvaddnwstr(y, x + at, run, got);
			at = used;
			got = 0;
		}
	}
	if (got)
		mvaddnwstr(y, x + at, run, got);
	if (s < end && *s && more && used < w)
		used += put(y, x + used, 1, draw_glyph(GLYPH_MORE), 4, 0);
	return used;
}

int draw_text(int y, int x, int w, enum style s, const char *utf8)
{
	if (y < 0 || y >= LINES || x < 0 || w <= 0)
		return 0;
	if (w > COLS - x)
		w = COLS - x;
	use(s);
	return put(y, x, w, utf8, strlen(utf8), draw_width(utf8) > w);
}

void draw_with_end(int y, int x, int w, enum style s, const char *utf8, const char *end)
{
	int used = draw_text(y, x, w - draw_width(end), s, utf8);

	draw_text(y, x + used, w - used, s, end);
}

int draw_tail(int y, int x, int w, enum style s, const char *utf8)
{
	int over = draw_width(utf8) - w, columns;
	wchar_t c[3];

	if (over <= 0 || w < 2)
		return draw_text(y, x, w, s, utf8);
	for (int cut = 0; cut < over + 1 && *utf8; cut += columns)
		utf8 += character(utf8, c, &columns);
	draw_text(y, x, 1, s, draw_glyph(GLYPH_MORE));
	return 1 + draw_text(y, x + 1, w - 1, s, utf8);
}

int draw_printf(int y, int x, int w, enum style s, const char *fmt, ...)
{
	char line[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	return draw_text(y, x, w, s, line);
}

/* Lines that t takes in the area; they are drawn where paint is set. */
static int wrap(struct area a, const char *t, int paint)
{
	int line = 0;

	while (*t && line < a.h && a.w > 0) {
		const char *at = t, *blank = NULL;
		int w = 0, columns;
		wchar_t c[3];

		while (*at && *at != '\n') {
			int len = character(at, c, &columns);

			if (w + columns > a.w)
				break;
			if (*at == ' ')
				blank = at;
			w += columns;
			at += len;
		}
		if (*at && *at != '\n' && *at != ' ' && blank && blank > t)
			at = blank;
		if (at == t && *at != '\n')
			break; /* not even one character fits */
		if (paint && line + 1 == a.h && *at)
			put(a.y + line, a.x, a.w, t, strlen(t), 1);
		else if (paint)
			put(a.y + line, a.x, a.w, t, (size_t)(at - t), 0);
		line++;
		t = at + (*at == ' ' || *at == '\n');
	}
	return line;
}

int draw_wrap(struct area a, enum style s, const char *t)
{
	use(s);
	return wrap(a, t, 1);
}

int draw_rows(int w, const char *t)
{
	return wrap((struct area){ 0, 0, 1000, w }, t, 0);
}

void draw_repeat(int y, int x, int w, enum style s, enum glyph g)
{
	wchar_t c[3];
	cchar_t cell;
	int columns;

	if (w <= 0)
		return;
	character(draw_glyph(g), c, &columns);
	setcchar(&cell, c, colours ? styles[s].colour : styles[s].mono,
		 colours ? (short)(s + 1) : 0, NULL);
	mvhline_set(y, x, &cell, w);
}

void draw_bar(int y, int x, int w, enum style s, double done)
{
	int full = done >= 1 ? w : done > 0 ? (int)(done * w) : 0;

	draw_repeat(y, x, full, s, GLYPH_BAR);
	draw_repeat(y, x + full, w - full, s, GLYPH_BAR_OFF);
}

static short pair_of(int upper, int lower)
{
	for (int i = 0; i < pairs_used; i++)
		if (picture_pair[i].upper == upper && picture_pair[i].lower == lower)
			return (short)(PAIR_PICTURE + i);
	if (pairs_used == PICTURE_PAIRS || PAIR_PICTURE + pairs_used >= COLOR_PAIRS)
		return 0;
	picture_pair[pairs_used].upper = (short)upper;
	picture_pair[pairs_used].lower = (short)lower;
	init_pair((short)(PAIR_PICTURE + pairs_used), (short)upper, (short)lower);
	return (short)(PAIR_PICTURE + pairs_used++);
}

void draw_halves(int y, int x, int upper, int lower)
{
	attr_set(A_NORMAL, pair_of(upper, lower), NULL);
	put(y, x, 1, draw_glyph(GLYPH_HALF), 4, 0);
}

/* A letter for what a cell looks like. */
static char look_of(attr_t attrs, short pair)
{
	if (colours && pair > 0 && pair <= STYLE_END_)
		return styles[pair - 1].letter;
	if (pair >= PAIR_PICTURE)
		return '*';
	return (attrs & A_REVERSE) && (attrs & A_BOLD) ? '#'
	       : attrs & A_REVERSE                     ? 'r'
	       : attrs & A_BOLD                        ? 'o'
						       : '.';
}

static void dump_line(struct sbuf *out, int y, int looks)
{
	size_t from = out->len;

	for (int x = 0; x < COLS; x++) {
		cchar_t cell;
		wchar_t text[CCHARW_MAX + 1] = { 0 };
		attr_t attrs;
		short pair;
		char bytes[8];
		mbstate_t state = { 0 };
		size_t n;

		if (mvin_wch(y, x, &cell) == ERR)
			break;
		getcchar(&cell, text, &attrs, &pair, NULL);
		n = wcrtomb(bytes, text[0] ? text[0] : L' ', &state);
		if (looks)
			sbuf_putc(out, look_of(attrs, pair));
		else
			sbuf_add(out, bytes, n == (size_t)-1 ? 0 : n);
		x += wcwidth(text[0]) == 2;
	}
	while (out->len > from &&
	       (out->data[out->len - 1] == ' ' || (looks && out->data[out->len - 1] == '.')))
		out->data[--out->len] = '\0';
	sbuf_putc(out, '\n');
}

void draw_dump(struct sbuf *out)
{
	int y0, x0;

	getyx(stdscr, y0, x0);
	for (int y = 0; y < LINES; y++)
		dump_line(out, y, 0);
	sbuf_puts(out, "--- looks\n");
	for (int y = 0; y < LINES; y++)
		dump_line(out, y, 1);
	move(y0, x0);
}

const char *draw_time(char out[24], int64_t ms)
{
	int64_t s = ms < 0 ? 0 : ms / 1000;

	if (s >= 3600)
		snprintf(out, 24, "%" PRId64 ":%02d:%02d", s / 3600, (int)(s / 60 % 60),
			 (int)(s % 60));
	else
		snprintf(out, 24, "%d:%02d", (int)(s / 60), (int)(s % 60));
	return out;
}

/* As clocks on the wall show it, and all that the station tells ("passed at 14:03"). */
void draw_clock(char *out, size_t size)
{
	time_t now = (time_t)(clock_wall_ms() / 1000);
	struct tm tm;

	if (!localtime_r(&now, &tm) || !strftime(out, size, "%Y-%m-%d %H:%M %Z", &tm))
		snprintf(out, size, "?");
}

double draw_percent(int64_t part, int64_t whole, double step)
{
	double p = 100.0 * (double)part / (double)whole;

	if (part < whole && p > 100 - step)
		return 100 - step;
	return part > 0 && p < step ? step : p;
}
