#include "ui/said.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/sbuf.h"
#include "ui/lang.h"

enum {
	KEPT = 256,     /* sentences that were asked for last */
	VALUES = 12,    /* conversions of a row */
	DEEP = 6,       /* a value that is a sentence with a value ... */
	LONG = 1000,    /* bytes; what is longer is no sentence */
	TRIES = 400000, /* looks at a row for one sentence; then the rest stays as it is */
	WHOLE = 50,     /* that going through all rows costs of them */
};

static int tries; /* that are left */
static const char *const rows[] = {
#include "said.def"
	NULL,
};

/* --- formats --- */

struct conv { /* "%.60s", "%2$s", "%lld" */
	const char *from, *to;
	int place; /* of "%2$s": 1; -1: the next one */
	int empty; /* "%.0s": nothing is wanted */
	char type;
};

/* The first conversion at or behind *at; text in front of it ends at from. */
static int next_conv(struct conv *c, const char *at)
{
	while ((at = strchr(at, '%')) && at[1] == '%')
		at += 2;
	if (!at)
		return 0;
	*c = (struct conv){ .from = at, .place = -1 };
	at++;
	if (isdigit((unsigned char)*at) && at[strspn(at, "0123456789")] == '$') {
		c->place = (int)strtol(at, NULL, 10) - 1;
		at += strspn(at, "0123456789") + 1;
	}
	at += strspn(at, "-+ #0123456789*");
	if (*at == '.') {
		c->empty = at[1] == '0' && at[2] == 's';
		at += 1 + strspn(at + 1, "0123456789*");
	}
	at += strspn(at, "hlzjt");
	c->type = *at;
	c->to = *at ? at + 1 : at;
	return 1;
}

struct value {
	const char *text;
	size_t len;
};

struct fit {
	struct value value[VALUES];
	size_t values, words; /* words: bytes of the row that are not conversions */
};

static int may_be(char type, const char *text, size_t len)
{
	static const char *const of[] = {
		['d'] = "-0123456789",       ['i'] = "-0123456789", ['u'] = "0123456789",
		['x'] = "0123456789abcdef",  ['o'] = "01234567",    ['f'] = "+-0123456789.einfa",
		['g'] = "+-0123456789.einfa"
	};
	const char *set = (size_t)(unsigned char)type < sizeof(of) / sizeof(of[0])
				  ? of[(unsigned char)type]
				  : NULL;

	if (type == 'c')
		return len == 1;
	for (size_t i = 0; set && i < len; i++)
		if (!strchr(set, text[i]))
			return 0;
	return !set || len > 0;
}

/* Does text from here on fit the format from here on? A value is as short as can be; of
 * several texts in a row the first has it all. */
static int fits(struct fit *f, const char *format, const char *text, const char *end)
{
	struct conv c, more;
	size_t values = 1;
	const char *to;

	if (--tries < 0)
		return 0;
	while (*format && (*format != '%' || format[1] == '%')) {
		format += *format == '%';
		if (text == end || *text != *format)
			return 0;
		text++;
		format++;
		f->words++;
	}
	if (!*format)
		return text == end;
	if (!next_conv(&c, format))
		return 0;
	while (c.type == 's' && next_conv(&more, c.to) && more.from == c.to && more.type == 's') {
		c.to = more.to;
		values++;
	}
	if (f->values + values > VALUES)
		return 0;
	for (to = *c.to ? text : end; to <= end; to++) {
		struct fit kept = *f;

		if (!may_be(c.type, text, (size_t)(to - text)))
			continue;
		for (size_t i = 0; i < values; i++)
			f->value[f->values++] =
				(struct value){ i ? to : text, i ? 0 : (size_t)(to - text) };
		if (fits(f, c.to, to, end))
			return 1;
		*f = kept;
	}
	return 0;
}

/* --- sentences --- */

static void part(struct sbuf *out, const char *text, const char *end, int deep);

static void put(struct sbuf *out, const char *format, const struct fit *f, int deep)
{
	struct conv c;
	size_t next = 0;

	while (*format) {
		size_t i;

		if (*format != '%' || format[1] == '%') {
			format += *format == '%';
			sbuf_putc(out, *format++);
			continue;
		}
		if (!next_conv(&c, format))
			return;
		format = c.to;
		i = c.place >= 0 ? (size_t)c.place : next++;
		if (c.empty || i >= f->values || !f->value[i].len)
			continue;
		if (deep < DEEP && memchr(f->value[i].text, ' ', f->value[i].len))
			part(out, f->value[i].text, f->value[i].text + f->value[i].len, deep + 1);
		else
			sbuf_add(out, f->value[i].text, f->value[i].len);
	}
}

/* The longest piece of a row between two conversions: what has none of it cannot fit. */
static struct value piece_of(size_t row)
{
	static struct value pieces[sizeof(rows) / sizeof(rows[0])];
	struct value *best = &pieces[row];
	const char *at = rows[row];
	struct conv c;

	if (best->text)
		return *best;
	for (int more = 1; more; at = c.to) {
		more = next_conv(&c, at);
		if (!more)
			c.from = c.to = at + strlen(at);
		if (!best->text || (size_t)(c.from - at) > best->len)
			*best = (struct value){ at, (size_t)(c.from - at) };
	}
	if (memchr(best->text, '%', best->len)) /* "%%" */
		best->len = 0;
	return *best;
}

/* The row that fits with most of its own words. */
static int whole(struct sbuf *out, const char *text, const char *end, int deep)
{
	const char *best = NULL;
	struct fit with = { .values = 0 };

	tries -= WHOLE;
	for (size_t i = 0; rows[i] && tries > 0; i++) {
		struct fit f = { .values = 0 };
		struct value piece = piece_of(i);

		if (!memmem(text, (size_t)(end - text), piece.text, piece.len))
			continue;
		if ((*rows[i] == '%' || *rows[i] == *text) && fits(&f, rows[i], text, end) &&
		    (!best || f.words > with.words)) {
			best = rows[i];
			with = f;
		}
	}
	if (!best || !lang_station(best))
		return 0;
	put(out, lang_station(best), &with, deep);
	return 1;
}

static int parts_here(const char *at, const char *end)
{
	return end - at > 2 && strchr(":;.", *at) && at[1] == ' ';
}

static void cut_back(struct sbuf *out, size_t len)
{
	out->len = len;
	if (out->data)
		out->data[len] = '\0';
}

/* "this; that", each a sentence: before one row's last value takes the other as its own. */
static int two(struct sbuf *out, const char *text, const char *end, int deep)
{
	size_t before = out->len;

	for (const char *at = end - 2; at > text; at--) {
		if (*at != ';' || !parts_here(at, end))
			continue;
		if (whole(out, at + 2, end, deep)) {
			cut_back(out, before);
			if (whole(out, text, at, deep)) {
				sbuf_puts(out, "; ");
				if (whole(out, at + 2, end, deep))
					return 1;
			}
		}
		cut_back(out, before);
	}
	return 0;
}

static void part(struct sbuf *out, const char *text, const char *end, int deep)
{
	const char *at;

	if (text == end || two(out, text, end, deep) || whole(out, text, end, deep))
		return;
	for (at = end; at > text && !(parts_here(at, end) && whole(out, text, at, deep)); at--)
		;
	if (at == text)
		for (; at < end && !parts_here(at, end); at++)
			sbuf_putc(out, *at);
	if (at == end)
		return;
	sbuf_add(out, at, 2);
	part(out, at + 2, end, deep);
}

const char *said(const char *text)
{
	static struct kept {
		char *text, *is, language[8];
	} kept[KEPT];
	static size_t next;
	const char *language = lang_now();
	struct sbuf out = { 0 };
	struct kept *k;

	if (!text || !*text || !strcmp(language, "en") || strlen(text) > LONG)
		return text;
	for (size_t i = 0; i < KEPT; i++)
		if (kept[i].text && !strcmp(kept[i].text, text) &&
		    !strcmp(kept[i].language, language))
			return kept[i].is;
	tries = TRIES;
	part(&out, text, text + strlen(text), 0);
	k = &kept[next++ % KEPT];
	free(k->text);
	free(k->is);
	k->text = strdup(text);
	k->is = strdup(sbuf_str(&out));
	snprintf(k->language, sizeof(k->language), "%s", language);
	sbuf_release(&out);
	if (!k->text || !k->is)
		abort();
	return k->is;
}

const char *said_row(unsigned i)
{
	return i < sizeof(rows) / sizeof(rows[0]) ? rows[i] : NULL;
}
