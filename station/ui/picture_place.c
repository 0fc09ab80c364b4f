#include "ui/picture_place.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "ui/lang.h"
#include "ui/picture_child.h"

static enum picture_how how, instead;
static int cell_w = 10, cell_h = 20;

static struct place {
	int there;
	char path[512];
	struct area area;
} placed, shown;

/* Of what is shown. */
static const struct picture_form *form; /* lent by the child's module as long as it is shown */
static size_t sent, total;
static int over;    /* all of it stands there */
static int known;   /* to kitty, by its number: some of it was sent */
static int uncover; /* what is below a sixel that was given up is to be drawn again */
static int64_t due_ms, began_ms;

void picture_place_set(enum picture_how h, enum picture_how other, int w, int high)
{
	how = h;
	instead = other;
	cell_w = w > 0 && w < 200 ? w : 10;
	cell_h = high > 0 && high < 200 ? high : 20;
}

void picture_place_release(void)
{
	picture_child_release();
	placed.there = shown.there = 0;
	form = NULL;
	sent = total = 0;
	over = known = uncover = 0;
}

void picture_place_begin(void)
{
	placed.there = 0;
}

static void draw_halves_of(struct area a, const struct picture_form *f)
{
	const unsigned char *rgb = (const unsigned char *)f->bytes.data;

	for (int y = 0; y < f->h / 2; y++)
		for (int x = 0; x < f->w; x++)
			draw_halves(a.y + y, a.x + x,
				    16 + picture_cube(rgb + ((long)2 * y * f->w + x) * 3),
				    16 + picture_cube(rgb + (((long)2 * y + 1) * f->w + x) * 3));
}

/* There is room for the name of its file only, or the terminal can show no more. */
static int is_name_only(struct area a)
{
	return how == PICTURE_TEXT || a.h < 3 || a.w < 8;
}

static const struct picture_form *form_of(struct area a, const char *path)
{
	struct picture_wish w = { .how = how };
	int name_only = is_name_only(a);

	snprintf(w.path, sizeof(w.path), "%s", path);
	snprintf(w.language, sizeof(w.language), "%s", lang_now());
	if (name_only) /* whether there is one is said all the same */
		w.how = PICTURE_HALVES;
	w.w = name_only ? 8 : how == PICTURE_HALVES ? a.w : a.w * cell_w;
	w.h = name_only ? 6 : how == PICTURE_HALVES ? 2 * a.h : a.h * cell_h;
	return picture_child_form(&w);
}

void picture_place_draw(struct area a, const char *path)
{
	const struct picture_form *f = form_of(a, path);
	const char *name = strrchr(path, '/');

	if (f && *f->why.text) {
		draw_wrap(a, STYLE_BARE, f->why.text);
		return;
	}
	if (!f || is_name_only(a)) {
		draw_printf(a.y, a.x, a.w, STYLE_BARE, T("picture: %s"), name ? name + 1 : path);
		return;
	}
	if (how == PICTURE_HALVES) {
		draw_halves_of(a, f);
		return;
	}
	placed.there = 1;
	placed.area = a;
	snprintf(placed.path, sizeof(placed.path), "%s", path);
	form = f;
}

/* --- to the terminal --- */

static int same(const struct place *a, const struct place *b)
{
	return a->there == b->there &&
	       (!a->there ||
		(!memcmp(&a->area, &b->area, sizeof(a->area)) && !strcmp(a->path, b->path)));
}

int picture_place_is_open(void)
{
	return shown.there && how == PICTURE_SIXEL && sent && !over;
}

static void end_sixel(struct sbuf *out)
{
	sbuf_puts(out, "\x1b\\\x1b"
		       "8");
	sent = 0;
}

void picture_place_break(struct sbuf *out)
{
	if (!picture_place_is_open())
		return;
	end_sixel(out);
	due_ms = clock_ms() + PICTURE_AGAIN_MS;
}

static void begin(void)
{
	sent = 0;
	total = shown.there ? form->bytes.len : 0;
	over = 0;
	due_ms = clock_ms();
}

void picture_place_lost(void)
{
	if (shown.there && !picture_place_is_open() && (how == PICTURE_SIXEL || over || !sent))
		begin();
}

int picture_place_change(struct sbuf *out)
{
	int was = shown.there || uncover;

	if (same(&placed, &shown) && !uncover)
		return 0;
	uncover = 0;
	if (picture_place_is_open())
		end_sixel(out);
	if (known) {
		if (sent && sent < total)
			sbuf_puts(out, "\x1b_Gm=0,q=2;\x1b\\");
		sbuf_printf(out, "\x1b_Ga=d,d=I,i=%d,q=2\x1b\\", PICTURE_ID);
	}
	known = 0;
	shown = placed;
	begin();
	return was;
}

int64_t picture_place_due_ms(void)
{
	return shown.there && !over ? due_ms : CLOCK_NEVER;
}

static void at_its_place(struct sbuf *out)
{
	sbuf_printf(out,
		    "\x1b"
		    "7\x1b[%d;%dH",
		    shown.area.y + 1, shown.area.x + 1);
}

/* Whole sequences, at least one. */
static size_t kitty_len(const char *s, size_t n, size_t most)
{
	size_t len = 0;

	while (len < n) {
		const char *end = memmem(s + len, n - len, "\x1b\\", 2);
		size_t to = end ? (size_t)(end - s) + 2 : n;

		if (len && to > most)
			break;
		len = to;
	}
	return len;
}

static void show_kitty(struct sbuf *out)
{
	at_its_place(out);
	sbuf_printf(out, "\x1b_Ga=p,i=%d,q=2,C=1", PICTURE_ID);
	if (form->full_w > form->w)
		sbuf_printf(out, ",c=%d", (form->full_w + cell_w - 1) / cell_w);
	sbuf_puts(out, "\x1b\\\x1b"
		       "8");
}

int picture_place_piece(struct sbuf *out)
{
	size_t n = total - sent;
	const char *from;

	if (clock_ms() < picture_place_due_ms())
		return 0;
	if (!sent)
		began_ms = clock_ms();
	if (!sent && how == PICTURE_SIXEL)
		at_its_place(out);
	from = form->bytes.data + sent;
	n = how == PICTURE_KITTY ? kitty_len(from, n, PICTURE_PIECE + 64)
	    : n < PICTURE_PIECE  ? n
				 : PICTURE_PIECE;
	sbuf_add(out, from, n);
	sent += n;
	over = sent == total;
	known = how == PICTURE_KITTY;
	due_ms = clock_ms() + PICTURE_PIECE_MS;
	if (over && how == PICTURE_KITTY) {
		show_kitty(out);
	} else if (over) {
		sbuf_puts(out, "\x1b"
			       "8");
	} else if (how == PICTURE_SIXEL && clock_ms() - began_ms >= PICTURE_GIVE_UP_MS) {
		end_sixel(out);
		how = instead;
		shown.there = 0;
		uncover = 1;
		return 1;
	}
	return 0;
}
