#include "base/text.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

static int tail(const char *s, size_t i)
{
	return ((unsigned char)s[i] & 0xc0) == 0x80;
}

int text_utf8_len(const char *s, size_t n)
{
	unsigned char c, d;

	if (!n)
		return 0;
	c = (unsigned char)s[0];
	if (c < 0x80)
		return 1;
	if (c < 0xc2 || c > 0xf4 || n < 2 || !tail(s, 1))
		return 0;
	if (c < 0xe0)
		return 2;
	d = (unsigned char)s[1];
	if (n < 3 || !tail(s, 2))
		return 0;
	if (c < 0xf0)
		return (c == 0xe0 && d < 0xa0) || (c == 0xed && d > 0x9f) ? 0 : 3;
	if (n < 4 || !tail(s, 3))
		return 0;
	return (c == 0xf0 && d < 0x90) || (c == 0xf4 && d > 0x8f) ? 0 : 4;
}

void text_to_ascii(char out[3], const char *s, size_t n)
{
	/* U+00C0 to U+00FF without what is above and below the letter */
	static const char latin[] = "AAAAAAACEEEEIIIIDNOOOOOxOUUUUYTs"
				    "aaaaaaaceeeeiiiidnooooo/ouuuuyty";
	static const char *const german[] = { "\xc3\x84", "\xc3\x96", "\xc3\x9c", "\xc3\xa4",
					      "\xc3\xb6", "\xc3\xbc", "\xc3\x9f" };
	int is_upper;

	snprintf(out, 3, "%c", n == 1 && *s >= ' ' && *s <= '~' ? *s : '?');
	if (n != 2 || (unsigned char)*s != 0xc3) {
		if (n == 2 && !memcmp(s, "\xc2\xb5", 2)) /* micro */
			*out = 'u';
		return;
	}
	*out = latin[(unsigned char)s[1] - 0x80];
	for (size_t i = 0; i < sizeof(german) / sizeof(german[0]); i++)
		if (!memcmp(s, german[i], 2)) {
			is_upper = *out <= 'Z' && s[n] >= 'A' && s[n] <= 'Z';
			is_upper |= *out <= 'Z' && (unsigned char)s[n] == 0xc3 &&
				    (unsigned char)s[n + 1] < 0x9f;
			snprintf(out + 1, 2, "%c", *out == 's' ? 's' : is_upper ? 'E' : 'e');
		}
}

int text_is_gs1(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (c && strchr("!\"#%&'()*+,-./:;<=>?_", c));
}

size_t text_utf8_bad(const char *s, size_t n)
{
	size_t i = 0;

	while (i < n) {
		int len = text_utf8_len(s + i, n - i);

		if (!len)
			break;
		i += (size_t)len;
	}
	return i;
}

int text_column(const char *s, size_t offset)
{
	size_t i = 0;
	int chars = 0;

	while (i < offset) {
		int len = text_utf8_len(s + i, offset - i);

		i += len ? (size_t)len : 1;
		chars++;
	}
	return chars;
}

/* Characters that are not seen, or that change how their neighbours are seen:
 * general categories Cc, Cf, Zl and Zp, fillers, variation selectors and
 * noncharacters of Unicode 15. */
static const struct {
	uint32_t from, to;
} unseen[] = {
	{ 0x0000, 0x001f },   { 0x007f, 0x009f },   { 0x00ad, 0x00ad },   { 0x034f, 0x034f },
	{ 0x0600, 0x0605 },   { 0x061c, 0x061c },   { 0x06dd, 0x06dd },   { 0x070f, 0x070f },
	{ 0x0890, 0x0891 },   { 0x08e2, 0x08e2 },   { 0x115f, 0x1160 },   { 0x17b4, 0x17b5 },
	{ 0x180b, 0x180f },   { 0x200b, 0x200f },   { 0x2028, 0x202e },   { 0x2060, 0x206f },
	{ 0x3164, 0x3164 },   { 0xfdd0, 0xfdef },   { 0xfe00, 0xfe0f },   { 0xfeff, 0xfeff },
	{ 0xffa0, 0xffa0 },   { 0xfff0, 0xfffb },   { 0xfffe, 0xffff },   { 0x110bd, 0x110bd },
	{ 0x110cd, 0x110cd }, { 0x13430, 0x1343f }, { 0x1bca0, 0x1bca3 }, { 0x1d173, 0x1d17a },
	{ 0xe0000, 0xe0fff },
};

static uint32_t code_point(const char *s, int len)
{
	static const unsigned char mask[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	uint32_t c = (unsigned char)s[0] & mask[len];

	for (int i = 1; i < len; i++)
		c = c << 6 | ((unsigned char)s[i] & 0x3f);
	return c;
}

static int is_seen(const char *s, int len)
{
	uint32_t c = code_point(s, len);

	if ((c & 0xfffe) == 0xfffe)
		return 0;
	if (c >= 0x20 && c < 0x7f)
		return 1;
	for (size_t i = 0; i < sizeof(unseen) / sizeof(unseen[0]); i++)
		if (c >= unseen[i].from && c <= unseen[i].to)
			return 0;
	return 1;
}

int text_is_blank(const char *s, size_t n)
{
	/* Unicode's White_Space beyond control characters, and the blank of Braille. */
	static const struct {
		uint32_t from, to;
	} blank[] = { { 0x0020, 0x0020 }, { 0x00a0, 0x00a0 }, { 0x1680, 0x1680 },
		      { 0x2000, 0x200a }, { 0x202f, 0x202f }, { 0x205f, 0x205f },
		      { 0x2800, 0x2800 }, { 0x3000, 0x3000 } };

	for (size_t at = 0; at < n;) {
		int len = text_utf8_len(s + at, n - at), is_blank = 0;

		if (!len)
			return 0; /* is shown by its number */
		for (size_t i = 0; i < sizeof(blank) / sizeof(blank[0]); i++)
			is_blank |= code_point(s + at, len) >= blank[i].from &&
				    code_point(s + at, len) <= blank[i].to;
		if (!is_blank && is_seen(s + at, len))
			return 0;
		at += (size_t)len;
	}
	return 1;
}

static void escape(struct sbuf *out, const char *s, size_t n, const char *backslash)
{
	size_t i = 0;

	while (i < n) {
		int len = text_utf8_len(s + i, n - i);

		if (s[i] == '\\')
			sbuf_puts(out, backslash);
		else if (s[i] == '\n')
			sbuf_puts(out, "\\n");
		else if (s[i] == '\r')
			sbuf_puts(out, "\\r");
		else if (s[i] == '\t')
			sbuf_puts(out, "\\t");
		else if (len && is_seen(s + i, len))
			sbuf_add(out, s + i, (size_t)len);
		else
			for (int k = 0; k < (len ? len : 1); k++)
				sbuf_printf(out, "\\x%02x", (unsigned char)s[i + (size_t)k]);
		i += len ? (size_t)len : 1;
	}
}

void text_escape(struct sbuf *out, const void *bytes, size_t n)
{
	escape(out, bytes, n, "\\\\");
}

void text_clean(struct sbuf *out, const void *bytes, size_t n)
{
	escape(out, bytes, n, "\\");
}

char *text_escaped(struct arena *a, const void *bytes, size_t n)
{
	struct sbuf b = { 0 };
	char *s;

	text_escape(&b, bytes, n);
	s = arena_strdup(a, sbuf_str(&b));
	sbuf_release(&b);
	return s;
}

int text_brief(const char *s, size_t n)
{
	enum { MAX = 60 };
	size_t cut = n < MAX ? n : MAX;

	while (cut > 0 && cut < n && tail(s, cut))
		cut--;
	return (int)cut;
}

int text_hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

int text_unescape(struct sbuf *out, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char c = s[i];

		if (c != '\\') {
			sbuf_putc(out, c);
			continue;
		}
		if (++i == n)
			return -1;
		if (s[i] == 'x') {
			int hi = n - i > 2 ? text_hex_digit(s[i + 1]) : -1;
			int lo = n - i > 2 ? text_hex_digit(s[i + 2]) : -1;

			if (hi < 0 || lo < 0)
				return -1;
			sbuf_putc(out, (char)(hi << 4 | lo));
			i += 2;
			continue;
		}
		switch (s[i]) {
		case '\\':
			sbuf_putc(out, '\\');
			break;
		case 'n':
			sbuf_putc(out, '\n');
			break;
		case 'r':
			sbuf_putc(out, '\r');
			break;
		case 't':
			sbuf_putc(out, '\t');
			break;
		default:
			return -1;
		}
	}
	return 0;
}

static int is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '_';
}

char *text_file_name(struct arena *a, const char *text)
{
	enum { MAX = 80, TAG = 9 }; /* TAG: "~" and 8 hex digits */
	char name[MAX + 1], hex[HASH_TEXT];
	uint8_t hash[HASH_SIZE];
	size_t n = strlen(text), keep = n > MAX ? MAX : n;
	int changed = n == 0 || n > MAX;

	for (size_t i = 0; i < keep; i++) {
		char c = text[i];
		int dot = c == '.' && i > 0 && text[i - 1] != '.' && i + 1 < n;

		name[i] = (is_name_char(c) || dot) && !(i == 0 && c == '-') ? c : '_';
		changed |= name[i] != c;
	}
	name[keep] = '\0';
	if (!changed)
		return arena_strdup(a, name);
	if (keep > MAX - TAG)
		keep = MAX - TAG;
	hash_bytes(hash, text, n);
	return arena_printf(a, "%.*s~%.8s", keep ? (int)keep : 1, keep ? name : "_",
			    hash_print(hex, hash));
}

static int least(int a, int b)
{
	return a < b ? a : b;
}

int text_distance(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b), width = m + 1;
	int *rows = calloc(3 * width, sizeof(*rows)); /* the row before the last, last, this */
	int *before = rows, *last, *now, d;

	if (!rows) {
		fputs("station: out of memory\n", stderr);
		abort();
	}
	last = rows + width;
	now = last + width;
	for (size_t j = 0; j <= m; j++)
		now[j] = (int)j;
	for (size_t i = 1; i <= n; i++) {
		int *spare = before;

		before = last;
		last = now;
		now = spare;
		now[0] = (int)i;
		for (size_t j = 1; j <= m; j++) {
			d = last[j - 1] + (a[i - 1] != b[j - 1]);
			d = least(d, least(last[j], now[j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				d = least(d, before[j - 2] + 1);
			now[j] = d;
		}
	}
	d = now[m];
	free(rows);
	return d;
}

const char *text_suggest(const char *word, const char *const *names, size_t n)
{
	size_t len = strlen(word);
	int best = len > 3 ? 3 : 2;
	const char *near = NULL;

	for (size_t i = 0; i < n; i++) {
		size_t other = strlen(names[i]);
		int d;

		if (other > len + 2 || len > other + 2)
			continue;
		d = text_distance(word, names[i]);
		if (d > 0 && d < best) {
			best = d;
			near = names[i];
		}
	}
	return near;
}
