#include "ui/picture.h"

#include <openssl/evp.h>
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/file.h"
#include "ui/lang.h"

void picture_free(struct picture *p)
{
	free(p->rgb);
	*p = (struct picture){ 0 };
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

int picture_cube(const unsigned char *rgb)
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
			band[i] = (unsigned char)picture_cube(p->rgb + ((long)y * p->w + i) * 3);
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

/* As a PNG, which is a fraction of the pixels; whole sequences of at most CHUNK characters. */
void picture_kitty(struct sbuf *out, const struct picture *p)
{
	enum { CHUNK = 3072 }; /* 4096 of base64 */
	png_image image = { .version = PNG_IMAGE_VERSION,
			    .width = (png_uint_32)p->w,
			    .height = (png_uint_32)p->h,
			    .format = PNG_FORMAT_RGB };
	png_alloc_size_t n = PNG_IMAGE_PNG_SIZE_MAX(image);
	unsigned char text[CHUNK / 3 * 4 + 1], *png = malloc(n);

	if (!png || !png_image_write_to_memory(&image, png, &n, 0, p->rgb, 0, NULL))
		abort();
	for (size_t at = 0; at < n; at += CHUNK) {
		size_t part = n - at < CHUNK ? n - at : CHUNK;

		if (at)
			sbuf_printf(out, "\x1b_Gm=%d;", at + part < n);
		else
			sbuf_printf(out, "\x1b_Ga=t,f=100,q=2,i=%d,m=%d;", PICTURE_ID, part < n);
		EVP_EncodeBlock(text, png + at, (int)part);
		sbuf_puts(out, (const char *)text);
		sbuf_puts(out, "\x1b\\");
	}
	free(png);
}

void picture_fit(int *w, int *h, const struct picture *p, int most_w, int most_h)
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

void picture_bounded(struct sbuf *out, struct picture *sized, const struct picture *p,
		     enum picture_how how, int w, int h)
{
	for (;;) {
		size_t most = how == PICTURE_SIXEL ? PICTURE_SIXEL_MAX : PICTURE_KITTY_MAX;

		sbuf_reset(out);
		picture_scale(sized, p, w, h);
		if (how == PICTURE_KITTY)
			picture_kitty(out, sized);
		else
			picture_sixel(out, sized);
		if (out->len <= most || w < 16 || h < 16)
			return;
		picture_free(sized);
		w = w * 4 / 5;
		h = h * 4 / 5;
	}
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
