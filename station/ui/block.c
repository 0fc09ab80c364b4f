#include "ui/block.h"

#include <stdint.h>
#include <string.h>

#include "base/text.h"

/* Rows from the top, the leftmost pixel is the highest bit. */
struct letter {
	const char *text;
	uint8_t big[7];  /* 5 wide */
	uint8_t tiny[5]; /* 3 wide */
};

/* clang-format off */
static const struct letter letters[] = {
	{ "A", { 14, 17, 17, 31, 17, 17, 17 }, { 2, 5, 7, 5, 5 } },
	{ "B", { 30, 17, 17, 30, 17, 17, 30 }, { 6, 5, 6, 5, 6 } },
	{ "C", { 14, 17, 16, 16, 16, 17, 14 }, { 3, 4, 4, 4, 3 } },
	{ "D", { 30, 17, 17, 17, 17, 17, 30 }, { 6, 5, 5, 5, 6 } },
	{ "E", { 31, 16, 16, 30, 16, 16, 31 }, { 7, 4, 6, 4, 7 } },
	{ "F", { 31, 16, 16, 30, 16, 16, 16 }, { 7, 4, 6, 4, 4 } },
	{ "G", { 14, 17, 16, 23, 17, 17, 15 }, { 3, 4, 5, 5, 3 } },
	{ "H", { 17, 17, 17, 31, 17, 17, 17 }, { 5, 5, 7, 5, 5 } },
	{ "I", { 14,  4,  4,  4,  4,  4, 14 }, { 7, 2, 2, 2, 7 } },
	{ "J", {  7,  2,  2,  2,  2, 18, 12 }, { 1, 1, 1, 5, 2 } },
	{ "K", { 17, 18, 20, 24, 20, 18, 17 }, { 5, 5, 6, 5, 5 } },
	{ "L", { 16, 16, 16, 16, 16, 16, 31 }, { 4, 4, 4, 4, 7 } },
	{ "M", { 17, 27, 21, 21, 17, 17, 17 }, { 5, 7, 7, 5, 5 } },
	{ "N", { 17, 25, 21, 19, 17, 17, 17 }, { 6, 5, 5, 5, 5 } },
	{ "O", { 14, 17, 17, 17, 17, 17, 14 }, { 7, 5, 5, 5, 7 } },
	{ "P", { 30, 17, 17, 30, 16, 16, 16 }, { 7, 5, 7, 4, 4 } },
	{ "Q", { 14, 17, 17, 17, 21, 18, 13 }, { 7, 5, 5, 7, 1 } },
	{ "R", { 30, 17, 17, 30, 20, 18, 17 }, { 6, 5, 6, 5, 5 } },
	{ "S", { 15, 16, 16, 14,  1,  1, 30 }, { 3, 4, 2, 1, 6 } },
	{ "T", { 31,  4,  4,  4,  4,  4,  4 }, { 7, 2, 2, 2, 2 } },
	{ "U", { 17, 17, 17, 17, 17, 17, 14 }, { 5, 5, 5, 5, 7 } },
	{ "V", { 17, 17, 17, 17, 17, 10,  4 }, { 5, 5, 5, 5, 2 } },
	{ "W", { 17, 17, 17, 21, 21, 27, 17 }, { 5, 5, 7, 7, 5 } },
	{ "X", { 17, 17, 10,  4, 10, 17, 17 }, { 5, 5, 2, 5, 5 } },
	{ "Y", { 17, 17, 10,  4,  4,  4,  4 }, { 5, 5, 2, 2, 2 } },
	{ "Z", { 31,  1,  2,  4,  8, 16, 31 }, { 7, 1, 2, 4, 7 } },
	{ "0", { 14, 17, 19, 21, 25, 17, 14 }, { 7, 5, 5, 5, 7 } },
	{ "1", {  4, 12,  4,  4,  4,  4, 14 }, { 2, 6, 2, 2, 7 } },
	{ "2", { 14, 17,  1,  2,  4,  8, 31 }, { 7, 1, 7, 4, 7 } },
	{ "3", { 30,  1,  1, 14,  1,  1, 30 }, { 7, 1, 7, 1, 7 } },
	{ "4", {  2,  6, 10, 18, 31,  2,  2 }, { 5, 5, 7, 1, 1 } },
	{ "5", { 31, 16, 30,  1,  1, 17, 14 }, { 7, 4, 7, 1, 7 } },
	{ "6", { 14, 16, 16, 30, 17, 17, 14 }, { 7, 4, 7, 5, 7 } },
	{ "7", { 31,  1,  2,  4,  8,  8,  8 }, { 7, 1, 1, 2, 2 } },
	{ "8", { 14, 17, 17, 14, 17, 17, 14 }, { 7, 5, 7, 5, 7 } },
	{ "9", { 14, 17, 17, 15,  1,  1, 14 }, { 7, 5, 7, 1, 7 } },
	{ "%", { 25, 25,  2,  4,  8, 19, 19 }, { 5, 1, 2, 4, 5 } },
	{ "?", { 14, 17,  1,  2,  4,  0,  4 }, { 7, 1, 2, 0, 2 } },
	{ "!", {  4,  4,  4,  4,  4,  0,  4 }, { 2, 2, 2, 0, 2 } },
	{ "-", {  0,  0,  0, 31,  0,  0,  0 }, { 0, 0, 7, 0, 0 } },
	{ " ", {  0,  0,  0,  0,  0,  0,  0 }, { 0, 0, 0, 0, 0 } },
	{ "\xc3\x84", { 17,  0, 14, 17, 31, 17, 17 }, { 5, 0, 7, 7, 5 } },
	{ "\xc3\x96", { 17,  0, 14, 17, 17, 17, 14 }, { 5, 0, 7, 5, 7 } },
	{ "\xc3\x9c", { 17,  0, 17, 17, 17, 17, 14 }, { 5, 0, 5, 5, 7 } },
};
/* clang-format on */

static const struct letter *letter_of(const char *s, size_t n)
{
	for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++)
		if (*letters[i].text == *s && strlen(letters[i].text) == n &&
		    !memcmp(letters[i].text, s, n))
			return &letters[i];
	return NULL;
}

struct size {
	int wide, high;       /* of a letter, in pixels */
	int scale_x, scale_y; /* cells of a pixel */
	int count;
};

/* The largest size of the word that fits, or high 0. */
static struct size fit(struct area a, const char *word)
{
	/* Cells are twice as high as wide: pixels are square where scale_x is 2 scale_y. */
	static const struct size try[] = {
		{ 5, 7, 6, 3, 0 }, { 5, 7, 4, 2, 0 }, { 5, 7, 3, 2, 0 },
		{ 3, 5, 4, 2, 0 }, { 5, 7, 2, 1, 0 }, { 3, 5, 3, 2, 0 },
		{ 3, 5, 2, 1, 0 }, { 5, 7, 1, 1, 0 }, { 3, 5, 1, 1, 0 }
	};
	int n = 0, len;

	for (const char *s = word; *s; s += len, n++) {
		len = text_utf8_len(s, strlen(s));
		if (len <= 0 || !letter_of(s, (size_t)len))
			return (struct size){ 0 };
	}
	for (size_t i = 0; n && i < sizeof(try) / sizeof(try[0]); i++) {
		struct size z = try[i];

		z.count = n;
		if ((n * (z.wide + 1) - 1) * z.scale_x <= a.w && z.high * z.scale_y <= a.h)
			return z;
	}
	return (struct size){ 0 };
}

int block_height(struct area a, const char *word)
{
	struct size z = fit(a, word);

	return z.high * z.scale_y;
}

static void letter_draw(const struct letter *l, const struct size *z, int y, int x, enum style s)
{
	for (int row = 0; row < z->high * z->scale_y; row++) {
		int line = row / z->scale_y;
		int bits = z->wide == 5 ? l->big[line] : l->tiny[line];

		for (int col = 0, n; col < z->wide; col += n + 1) {
			for (n = 0; col + n < z->wide && bits >> (z->wide - 1 - col - n) & 1;)
				n++;
			draw_repeat(y + row, x + col * z->scale_x, n * z->scale_x, s, GLYPH_BLOCK);
		}
	}
}

int block_draw(struct area a, enum style s, const char *word)
{
	struct size z = fit(a, word);
	int x, len;

	if (!z.high)
		return 0;
	x = a.x + (a.w - (z.count * (z.wide + 1) - 1) * z.scale_x) / 2;
	for (const char *c = word; *c; c += len) {
		len = text_utf8_len(c, strlen(c));
		letter_draw(letter_of(c, (size_t)len), &z, a.y, x, s);
		x += (z.wide + 1) * z.scale_x;
	}
	return z.high * z.scale_y;
}
