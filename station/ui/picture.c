#include "ui/picture.h"

#include <openssl/evp.h>
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/text.h"
#include "ui/lang.h"

static enum picture_how how;
static int cell_w = 10, cell_h = 20;

static struct {
	char path[512];
	struct picture picture; /* rgb NULL: broken */
	struct err err;
} cache;

static struct place {
	int there;
	char path[512];
	struct area area;
} placed, shown;

void picture_set(enum picture_how h, int w, int high)
{
	how = h;
	cell_w = w > 0 && w < 200 ? w : 10;
	cell_h = high > 0 && high < 200 ? high : 20;
}

void picture_free(struct picture *p)
{
	free(p->rgb);
	*p = (struct picture){ 0 };
}

void picture_release(void)
{
	picture_free(&cache.picture);
	cache.path[0] = '\0';
	placed.there = shown.there = 0;
}

int picture_load(struct picture *out, const char *path, struct err *err)
{
	struct arena a = { 0 };
	png_image image = { .version = PNG_IMAGE_VERSION };
	png_color white = { 255, 255, 255 };
	char *bytes;
	size_t n;
	int r;

	*out = (struct picture){ 0 };
	/* In our words: the system's may not be there in the reader's language. */
	if (access(path, R_OK))
		return err_set(err, ERR_FILE, T("%s: it is not there, or cannot be read"), path);
	r = file_read(&bytes, &n, &a, path, PICTURE_FILE_MAX, err);
	if (r < 0)
		goto out;
	if (!png_image_begin_read_from_memory(&image, bytes, n)) {
		r = err_set(err, ERR_USAGE, "%s: no PNG: %s", path, image.message);
		goto out;
	}
	if (image.width > PICTURE_SIDE_MAX || image.height > PICTURE_SIDE_MAX) {
		r = err_set(err, ERR_USAGE, "%s: %u x %u pixels, at most %d each are shown", path,
			    image.width, image.height, PICTURE_SIDE_MAX);
		goto out;
	}
	image.format = PNG_FORMAT_RGB;
	out->w = (int)image.width;
	out->h = (int)image.height;
	out->rgb = calloc((size_t)out->w * (size_t)out->h, 3);
	if (!out->rgb)
		abort();
	if (!png_image_finish_read(&image, &white, out->rgb, 0, NULL)) {
		r = err_set(err, ERR_USAGE, "%s: broken: %s", path, image.message);
		picture_free(out);
	}
out:
	png_image_free(&image);
	arena_free(&a);
	return r;
}

/* Each pixel is the mean of those that fall on it. */
void picture_scale(struct picture *out, const struct picture *in, int w, int h)
{
	*out = (struct picture){ w, h, calloc((size_t)w * (size_t)h, 3) };
	if (!out->rgb)
		abort();
	for (int y = 0; y < h; y++)
		for (int x = 0; x < w; x++) {
			int y0 = (int)((long)y * in->h / h), y1 = (int)((long)(y + 1) * in->h / h);
			int x0 = (int)((long)x * in->w / w), x1 = (int)((long)(x + 1) * in->w / w);
			long sum[3] = { 0 }, n = 0;

			y1 = y1 > y0 ? y1 : y0 + 1;
			x1 = x1 > x0 ? x1 : x0 + 1;
			for (int j = y0; j < y1; j++)
				for (int i = x0; i < x1; i++, n++)
					for (int c = 0; c < 3; c++)
						sum[c] += in->rgb[((long)j * in->w + i) * 3 + c];
			for (int c = 0; c < 3; c++)
				out->rgb[((long)y * w + x) * 3 + c] = (unsigned char)(sum[c] / n);
		}
}

/* Number in the 6 x 6 x 6 cube. */
static int cube(const unsigned char *rgb)
{
	return (rgb[0] * 5 + 127) / 255 * 36 + (rgb[1] * 5 + 127) / 255 * 6 +
	       (rgb[2] * 5 + 127) / 255;
}

static void sixel_run(struct sbuf *out, int bits, int n)
{
	if (n > 3)
		sbuf_printf(out, "!%d%c", n, 63 + bits);
	else
		for (; n > 0; n--)
			sbuf_putc(out, (char)(63 + bits));
}

/* One pass: the pixels of colour c in a band of h lines of w. */
static void sixel_pass(struct sbuf *out, const unsigned char *band, int w, int h, int c)
{
	int last = 0, run = 0;

	sbuf_printf(out, "#%d", c);
	for (int x = 0; x < w; x++) {
		int bits = 0;

		for (int j = 0; j < h; j++)
			bits |= (band[(long)j * w + x] == c) << j;
		if (run && bits != last) {
			sixel_run(out, last, run);
			run = 0;
		}
		last = bits;
		run++;
	}
	sixel_run(out, last, run);
	sbuf_putc(out, '$');
}

/* DEC STD 070, chapter 9: bands of six lines, one pass for each colour, runs by a count. */
void picture_sixel(struct sbuf *out, const struct picture *p)
{
	unsigned char *band = malloc((size_t)p->w * 6);

	if (!band)
		abort();
	sbuf_printf(out, "\x1bPq\"1;1;%d;%d", p->w, p->h);
	for (int i = 0; i < 216; i++)
		sbuf_printf(out, "#%d;2;%d;%d;%d", i, i / 36 * 20, i / 6 % 6 * 20, i % 6 * 20);
	for (int y = 0; y < p->h; y += 6) {
		int h = p->h - y < 6 ? p->h - y : 6;
		unsigned char used[216] = { 0 };

		for (long i = 0; i < (long)h * p->w; i++) {
			band[i] = (unsigned char)cube(p->rgb + ((long)y * p->w + i) * 3);
			used[band[i]] = 1;
		}
		for (int c = 0; c < 216; c++)
			if (used[c])
				sixel_pass(out, band, p->w, h, c);
		sbuf_putc(out, '-');
	}
	sbuf_puts(out, "\x1b\\");
	free(band);
}

void picture_kitty(struct sbuf *out, const struct picture *p)
{
	enum { CHUNK = 3072 }; /* 4096 of base64 */
	size_t n = (size_t)p->w * (size_t)p->h * 3;
	unsigned char text[CHUNK / 3 * 4 + 1];

	for (size_t at = 0; at < n; at += CHUNK) {
		size_t part = n - at < CHUNK ? n - at : CHUNK;

		if (at)
			sbuf_printf(out, "\x1b_Gm=%d;", at + part < n);
		else
			sbuf_printf(out, "\x1b_Ga=T,f=24,q=2,C=1,s=%d,v=%d,m=%d;", p->w, p->h,
				    at + part < n);
		EVP_EncodeBlock(text, p->rgb + at, (int)part);
		sbuf_puts(out, (const char *)text);
		sbuf_puts(out, "\x1b\\");
	}
}

static const struct picture *cached(const char *path)
{
	if (strcmp(cache.path, path)) {
		picture_free(&cache.picture);
		snprintf(cache.path, sizeof(cache.path), "%s", path);
		if (picture_load(&cache.picture, path, &cache.err) < 0)
			picture_free(&cache.picture);
	}
	return cache.picture.rgb ? &cache.picture : NULL;
}

/* The largest size of p in so many pixels that keeps its shape. */
static void fit(int *w, int *h, const struct picture *p, int most_w, int most_h)
{
	*w = most_w;
	*h = (int)((long)p->h * most_w / p->w);
	if (*h > most_h) {
		*h = most_h;
		*w = (int)((long)p->w * most_h / p->h);
	}
	*w = *w > 0 ? *w : 1;
	*h = *h > 0 ? *h : 1;
}

static void draw_halves_of(struct area a, const struct picture *p)
{
	struct picture small;
	int w, h;

	fit(&w, &h, p, a.w, 2 * a.h);
	h = h > 1 ? h / 2 * 2 : 2;
	picture_scale(&small, p, w, h);
	for (int y = 0; y < h / 2; y++)
		for (int x = 0; x < w; x++)
			draw_halves(a.y + y, a.x + x,
				    16 + cube(small.rgb + ((long)2 * y * w + x) * 3),
				    16 + cube(small.rgb + (((long)2 * y + 1) * w + x) * 3));
	picture_free(&small);
}

void picture_begin(void)
{
	placed.there = 0;
}

void picture_draw(struct area a, const char *path)
{
	const struct picture *p = cached(path);
	const char *name = strrchr(path, '/');

	if (!p) {
		draw_wrap(a, STYLE_BARE, cache.err.text);
		return;
	}
	if (how == PICTURE_TEXT || a.h < 3 || a.w < 8) {
		draw_printf(a.y, a.x, a.w, STYLE_BARE, T("picture: %s"), name ? name + 1 : path);
		return;
	}
	if (how == PICTURE_HALVES) {
		draw_halves_of(a, p);
		return;
	}
	placed.there = 1;
	placed.area = a;
	snprintf(placed.path, sizeof(placed.path), "%s", path);
}

static int same(const struct place *a, const struct place *b)
{
	return a->there == b->there &&
	       (!a->there ||
		(!memcmp(&a->area, &b->area, sizeof(a->area)) && !strcmp(a->path, b->path)));
}

int picture_flush(struct sbuf *out)
{
	const struct picture *p;
	struct picture sized;
	int w, h, again = 0;

	if (same(&placed, &shown))
		return 0;
	if (shown.there) {
		if (how == PICTURE_KITTY)
			sbuf_puts(out, "\x1b_Ga=d,q=2\x1b\\");
		again = 1;
	}
	shown = placed;
	p = placed.there ? cached(placed.path) : NULL;
	if (!p)
		return again;
	fit(&w, &h, p, placed.area.w * cell_w, placed.area.h * cell_h);
	picture_scale(&sized, p, w, h);
	sbuf_printf(out,
		    "\x1b"
		    "7\x1b[%d;%dH",
		    placed.area.y + 1, placed.area.x + 1);
	if (how == PICTURE_KITTY)
		picture_kitty(out, &sized);
	else
		picture_sixel(out, &sized);
	sbuf_puts(out, "\x1b"
		       "8");
	picture_free(&sized);
	return again;
}

/* "\x1b[?62;4;22c": 4 among the numbers is sixel. */
static int has_sixel(const char *s, size_t n)
{
	for (size_t i = 0; i + 3 < n; i++) {
		long number = 0;

		if (memcmp(s + i, "\x1b[?", 3))
			continue;
		for (size_t j = i + 3; j < n; j++) {
			if (s[j] >= '0' && s[j] <= '9') {
				number = number < 1000 ? number * 10 + s[j] - '0' : number;
				continue;
			}
			if (number == 4 && (s[j] == ';' || s[j] == 'c'))
				return 1;
			number = 0;
			if (s[j] != ';')
				break;
		}
	}
	return 0;
}

enum picture_how picture_how_of(const char *bytes, size_t n, int colours, int utf8)
{
	static const char kitty[] = "\x1b_Gi=31;OK";

	for (size_t i = 0; i + sizeof(kitty) - 1 <= n; i++)
		if (!memcmp(bytes + i, kitty, sizeof(kitty) - 1))
			return PICTURE_KITTY;
	if (has_sixel(bytes, n))
		return PICTURE_SIXEL;
	return colours >= 256 && utf8 ? PICTURE_HALVES : PICTURE_TEXT;
}
