/*
 * codes_print -- sheets of codes for the line: each text as Data Matrix and as
 * Code 128, drawn by libzint into rectangles, which an SVG or a PDF takes.
 *
 * All lengths are whole micrometres, so that no locale can spoil a number.
 */
#include <cairo-pdf.h>
#include <fontconfig/fontconfig.h>
#include <string.h>
#include <zint.h>

#include "base/lazy.h"
#include "base/text.h"
#include "floor/codes.h"
#include "reports/html.h"

enum {
	PAGE_W = 210000,
	PAGE_H = 297000, /* A4 */
	MARGIN = 15000,
	HEAD = 16000,
	ROW = 34000,
	MATRIX_MODULE = 600,
	BAR_MODULE = 330, /* what every scanner reads */
	BAR_MODULE_MIN =
		190, /* what a good one reads from near; below it only the matrix is drawn */
	BAR_HEIGHT = 13000,
	BAR_X = 50000,
	BAR_W_MAX = 140000,
	TEXT_MAX = 120, /* characters of a code */
};

/* clang-format off */
#define ZINT_CALLS(F) \
	F(ZBarcode_, Create) F(ZBarcode_, Encode_and_Buffer_Vector) F(ZBarcode_, Delete)
LAZY(zint, ZINT_CALLS);

#define CAIRO_CALLS(F) \
	F(cairo_, rectangle) F(cairo_, fill) F(cairo_, set_font_size) F(cairo_, move_to) \
	F(cairo_, show_text) F(cairo_, pdf_surface_create_for_stream) F(cairo_, create) \
	F(cairo_, scale) F(cairo_, select_font_face) F(cairo_, show_page) F(cairo_, status) \
	F(cairo_, status_to_string) F(cairo_, destroy) F(cairo_, surface_finish) \
	F(cairo_, surface_status) F(cairo_, surface_destroy) \
	F(cairo_, debug_reset_static_data)
LAZY(cairo, CAIRO_CALLS);
/* clang-format on */

#define FONTCONFIG_CALLS(F) F(Fc, Fini)
LAZY(fontconfig, FONTCONFIG_CALLS);

struct canvas {
	struct sbuf *svg; /* NULL: */
	cairo_t *pdf;
};

static void rect(struct canvas *c, double x, double y, double w, double h)
{
	if (c->svg) {
		/* Edges are rounded, not sizes, so that neighbours meet. */
		long long x0 = (long long)(x + 0.5), y0 = (long long)(y + 0.5);

		sbuf_printf(c->svg, "M%lld %lldH%lldV%lldH%lldz", x0, y0, (long long)(x + w + 0.5),
			    (long long)(y + h + 0.5), x0);
	} else {
		cairo.rectangle(c->pdf, x, y, w, h);
	}
}

static void rects_begin(struct canvas *c)
{
	if (c->svg)
		sbuf_puts(c->svg, "<path d=\"");
}

static void rects_end(struct canvas *c)
{
	if (c->svg)
		sbuf_puts(c->svg, "\"/>\n");
	else
		cairo.fill(c->pdf);
}

static void text(struct canvas *c, int x, int y, int size, const char *s)
{
	struct arena a = { 0 };

	if (c->svg) {
		sbuf_printf(c->svg, "<text x=\"%d\" y=\"%d\" font-size=\"%d\">%s</text>\n", x, y,
			    size, html_safe(&a, s));
	} else {
		cairo.set_font_size(c->pdf, size);
		cairo.move_to(c->pdf, x, y);
		cairo.show_text(c->pdf, text_escaped(&a, s, strlen(s)));
	}
	arena_free(&a);
}

/* The code's rectangles, its upper left corner at x, y; modules of `module`; bars of `height`,
 * 0: square modules. max: of the width. Returns the width; 0: too wide. */
static int code(struct canvas *c, int symbology, const char *s, int x, int y, int module,
		int height, int max, struct err *err)
{
	struct zint_symbol *z;
	int r, width = 0;

	if (LAZY_NEED(zint, err) < 0)
		return err->code;
	z = zint.Create();
	if (!z)
		return err_set(err, ERR_INTERNAL, "no memory to draw a code");
	z->symbology = symbology;
	z->input_mode = DATA_MODE;
	z->show_hrt = 0;
	if (symbology == BARCODE_DATAMATRIX)
		z->option_3 = DM_SQUARE;
	r = zint.Encode_and_Buffer_Vector(z, (unsigned char *)(uintptr_t)s, (int)strlen(s), 0);
	if (r == ZINT_ERROR_TOO_LONG && symbology == BARCODE_CODE128) {
		zint.Delete(z);
		return 0; /* bars hold 60 symbols at most */
	}
	/* A warning is that something else was encoded than was asked for. */
	if (r != 0 || !z->vector || z->vector->width <= 0) {
		r = err_set(err, ERR_USAGE, "'%.60s' cannot be a code: %s", s, z->errtxt);
		zint.Delete(z);
		return r;
	}
	while (module * z->width > max && module > BAR_MODULE_MIN)
		module -= 10;
	if (module * z->width <= max) {
		double sx = (double)module * z->width / (double)z->vector->width;
		double sy = height ? height / (double)z->vector->height : sx;

		width = module * z->width;
		rects_begin(c);
		for (const struct zint_vector_rect *q = z->vector->rectangles; q; q = q->next)
			rect(c, x + (double)q->x * sx, y + (double)q->y * sy, (double)q->width * sx,
			     (double)q->height * sy);
		rects_end(c);
	}
	zint.Delete(z);
	return width;
}

/* All printable ASCII: what both codes hold and every scanner types. */
static int check(const char *s, struct err *err)
{
	struct arena a = { 0 };
	size_t n = strlen(s), i = 0;

	while (i < n && s[i] >= ' ' && s[i] <= '~')
		i++;
	if (n >= 1 && n <= TEXT_MAX && i == n)
		return 0;
	err_set(err, ERR_USAGE, "'%.80s' cannot be a code: 1 to %d characters of ASCII can",
		text_escaped(&a, s, n), TEXT_MAX);
	arena_free(&a);
	return err->code;
}

static int draw_item(struct canvas *c, const struct codes_item *item, int y, struct err *err)
{
	int r = check(item->text, err);

	if (r == 0)
		r = code(c, BARCODE_DATAMATRIX, item->text, MARGIN, y, MATRIX_MODULE, 0,
			 BAR_X - MARGIN, err);
	if (r == 0)
		return err_set(err, ERR_USAGE, "'%.60s' is too long for a code", item->text);
	if (r > 0)
		r = code(c, BARCODE_CODE128, item->text, BAR_X, y, BAR_MODULE, BAR_HEIGHT,
			 BAR_W_MAX, err);
	if (r < 0)
		return r;
	text(c, BAR_X, y + BAR_HEIGHT + 5500, 4500, item->group);
	text(c, BAR_X, y + BAR_HEIGHT + 10000, 3400, item->help);
	return 0;
}

static void heading(struct canvas *c, const struct codes_print *p)
{
	text(c, MARGIN, MARGIN + 5000, 6000, p->title);
}

int codes_svg(struct sbuf *out, const struct codes_print *p, struct err *err)
{
	long long height = 2LL * MARGIN + HEAD + (long long)p->items * ROW;
	struct canvas c = { .svg = out };

	sbuf_printf(out,
		    "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%dmm\" height=\"%lldmm\" "
		    "viewBox=\"0 0 %d %lld\" font-family=\"sans-serif\">\n"
		    "<rect width=\"%d\" height=\"%lld\" fill=\"#fff\"/>\n",
		    PAGE_W / 1000, height / 1000, PAGE_W, height, PAGE_W, height);
	heading(&c, p);
	for (size_t i = 0; i < p->items; i++)
		if (draw_item(&c, &p->item[i], (int)(MARGIN + HEAD + (long long)i * ROW), err) < 0)
			return err->code;
	sbuf_puts(out, "</svg>\n");
	return 0;
}

static cairo_status_t take(void *payload, const unsigned char *bytes, unsigned int n)
{
	sbuf_add(payload, bytes, n);
	return CAIRO_STATUS_SUCCESS;
}

int codes_pdf(struct sbuf *out, const struct codes_print *p, struct err *err)
{
	static const double points = 72 / 25400.0; /* in a micrometre */
	const int rows = (PAGE_H - 2 * MARGIN - HEAD) / ROW;
	cairo_surface_t *s;
	struct canvas c = { 0 };
	int r = 0;

	if (LAZY_NEED(cairo, err) < 0 || LAZY_NEED(fontconfig, err) < 0)
		return err->code;
	s = cairo.pdf_surface_create_for_stream(take, out, PAGE_W * points, PAGE_H * points);
	c.pdf = cairo.create(s);
	cairo.scale(c.pdf, points, points);
	cairo.select_font_face(c.pdf, "sans-serif", CAIRO_FONT_SLANT_NORMAL,
			       CAIRO_FONT_WEIGHT_NORMAL);
	for (size_t i = 0; i < p->items && r == 0; i++) {
		int row = (int)(i % (size_t)rows);

		if (row == 0 && i)
			cairo.show_page(c.pdf);
		if (row == 0)
			heading(&c, p);
		r = draw_item(&c, &p->item[i], MARGIN + HEAD + row * ROW, err);
	}
	cairo.show_page(c.pdf);
	if (r == 0 && cairo.status(c.pdf) != CAIRO_STATUS_SUCCESS)
		r = err_set(err, ERR_INTERNAL, "PDF: %s",
			    cairo.status_to_string(cairo.status(c.pdf)));
	cairo.destroy(c.pdf);
	cairo.surface_finish(s);
	if (r == 0 && cairo.surface_status(s) != CAIRO_STATUS_SUCCESS)
		r = err_set(err, ERR_INTERNAL, "PDF: %s",
			    cairo.status_to_string(cairo.surface_status(s)));
	cairo.surface_destroy(s);
	cairo.debug_reset_static_data(); /* fonts, kept for a page that does not come */
	fontconfig.Fini();
	return r;
}
