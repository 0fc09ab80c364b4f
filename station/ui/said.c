#include "ui/said.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/lang.h"

enum {
	KEPT = 256,    /* sentences that were asked for last */
	VALUES = 12,   /* conversions of a row */
	DEEP = 6,      /* a value that is a sentence with a value ... */
	LONG = 1000,   /* bytes; what is longer is no sentence */
	TRIES = 10000, /* looks at a row for one sentence; then it stays as it is */
	WHOLE = 50,    /* that going through all rows costs of them */
	SPANS = 64,    /* pieces of a sentence that are read; then it stays as it is */
	WORD = 40,     /* bytes of a word of the station */
};

static int tries; /* that are left; below 0: not decided */
static const char *const rows[] = {
#include "said.def"
	NULL,
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

/* What a value of a row is. */
enum kind {
	KIND_ANY = '.',      /* anything: it stays as it is */
	KIND_ONE = 'o',      /* the same, and it has no blank */
	KIND_SENTENCE = 's', /* of the station, or anything */
	KIND_ITEM = 'i',     /* the same, without "; ": what follows it is a sentence of its own */
	KIND_OURS = 'S',     /* of the station */
	KIND_WORD = 'w',     /* of the station: a verdict, a role; or nothing */
	KIND_PLURAL = 'p',   /* the "s" of "errors", or nothing */
	KIND_NOTHING = 'n',  /* what is there is read as a sentence behind this one */
};
static const struct {
	const char *row, *kinds; /* a letter for each conversion; behind the last: KIND_ANY.
				  * '?' in front: only where nothing else is possible.
				  * A row that is not here and begins with "%s: " has a
				  * name of a file there, KIND_ONE. */
} values[] = {
#define SAID_VALUES(row, kinds) { row, kinds },
#include "ui/said_values.def"
#undef SAID_VALUES
};

static const char *letters_of(size_t row)
{
	static const char *known[ROWS];

	for (size_t i = 0; !known[row] && i < sizeof(values) / sizeof(values[0]); i++)
		if (!strcmp(values[i].row, rows[row]))
			known[row] = values[i].kinds;
	if (!known[row])
		known[row] = "";
	return known[row];
}

static int is_weak(size_t row)
{
	return *letters_of(row) == '?';
}

static enum kind kind_of(size_t row, size_t value)
{
	const char *letters = letters_of(row) + is_weak(row), *at = rows[row];

	if (!value && !*letters && *at == '%') { /* "FILE: is empty" */
		at += 1 + strspn(at + 1, ".0123456789");
		return strncmp(at, "s: ", 3) ? KIND_ANY : KIND_ONE;
	}
	return value < strlen(letters) ? (enum kind)letters[value] : KIND_ANY;
}

static int is_kind(enum kind kind, const char *text, size_t len)
{
	switch (kind) {
	case KIND_ONE:
		return !memchr(text, ' ', len);
	case KIND_PLURAL:
		return !len || (len == 1 && *text == 's');
	case KIND_NOTHING:
		return !len;
	case KIND_ITEM:
		return !memmem(text, len, "; ", 2);
	default:
		return 1;
	}
}

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

/* --- what a text can mean --- */

struct reading {
	size_t ways; /* 0: it is not ours; 2: several, so none is told */
	struct sbuf text;
};

static struct span {
	const char *text, *end;
	struct reading is;
} spans[SPANS];
static size_t spans_read;

struct fit {
	size_t row;
	struct value {
		const char *text;
		size_t len;
		enum kind kind;
		char type;
	} value[VALUES];
	size_t values;
};

static struct reading *read_span(const char *text, const char *end, int deep);

static void add_way(struct reading *r, const char *text)
{
	if (!r->ways)
		sbuf_puts(&r->text, text);
	else if (!strcmp(sbuf_str(&r->text), text))
		return;
	r->ways++;
}

/* A value in the other language. 0, or -1: the row cannot have it. */
static int put_value(struct sbuf *out, struct reading *of, const struct value *v, int deep)
{
	const struct reading *r = NULL;
	char key[WORD];
	const char *word;

	switch (v->kind) {
	case KIND_WORD:
		snprintf(key, sizeof(key), "%.*s", (int)v->len, v->text);
		word = !v->len ? "" : v->len < sizeof(key) ? lang_word(key) : NULL;
		sbuf_puts(out, word ? word : "");
		return word ? 0 : -1;
	case KIND_SENTENCE:
	case KIND_ITEM:
	case KIND_OURS:
		r = read_span(v->text, v->text + v->len, deep + 1);
		of->ways += r->ways > 1 ? 2 : 0;
		if (r->ways) {
			sbuf_puts(out, sbuf_str(&r->text));
			return 0;
		}
		sbuf_add(out, v->text, v->len);
		return v->kind == KIND_OURS ? -1 : 0;
	default:
		sbuf_add(out, v->text, v->len);
		return 0;
	}
}

/* What is counted: "3 attempts". */
static unsigned long number_of(const struct fit *f)
{
	for (size_t i = 0; i < f->values; i++)
		if (strchr("diu", f->value[i].type))
			return strtoul(f->value[i].text, NULL, 10);
	return 0;
}

/* The row in the other language with these values. */
static void put(struct reading *out, const struct fit *f, int deep)
{
	const char *format = lang_station(rows[f->row], number_of(f));
	struct sbuf text = { 0 };
	struct conv c;
	size_t next = 0;
	int fine = format != NULL;

	while (fine && *format) {
		size_t i;

		if (*format != '%' || format[1] == '%') {
			format += *format == '%';
			sbuf_putc(&text, *format++);
			continue;
		}
		if (!next_conv(&c, format))
			break;
		format = c.to;
		i = c.place >= 0 ? (size_t)c.place : next++;
		if (!c.empty && i < f->values)
			fine = !put_value(&text, out, &f->value[i], deep);
	}
	if (fine)
		add_way(out, sbuf_str(&text));
	sbuf_release(&text);
}

/* Each way in which text from here on fits the format from here on. Of several texts in a row
 * the first has it all. */
static void fits(struct reading *out, struct fit *f, const char *format, const char *text,
		 const char *end, int deep)
{
	size_t kept = f->values, many = 1;
	enum kind kind = kind_of(f->row, kept);
	struct conv c, more;

	if (--tries < 0 || out->ways > 1)
		return;
	for (; *format && (*format != '%' || format[1] == '%'); format++, text++) {
		format += *format == '%';
		if (text == end || *text != *format)
			return;
	}
	if (!*format && text == end)
		put(out, f, deep);
	if (!*format || !next_conv(&c, format))
		return;
	while (kind != KIND_PLURAL && c.type == 's' && next_conv(&more, c.to) &&
	       more.from == c.to && more.type == 's') {
		c.to = more.to;
		many++;
	}
	if (kept + many > VALUES)
		return;
	for (const char *to = *c.to ? text : end; to <= end; to++) {
		size_t len = (size_t)(to - text);

		if (!is_kind(kind, text, len))
			break; /* nor is a longer one */
		if ((*c.to && *c.to != '%' && (to == end || *to != *c.to)) ||
		    !may_be(c.type, text, len))
			continue;
		f->value[kept] = (struct value){ text, len, kind, c.type };
		for (f->values = kept + 1; f->values < kept + many; f->values++)
			f->value[f->values] = (struct value){ to, 0, KIND_ANY, 's' };
		fits(out, f, c.to, to, end, deep);
	}
	f->values = kept;
}

struct piece {
	const char *text;
	size_t len;
};

/* The longest piece of a row between two conversions: what has none of it cannot fit. */
static struct piece piece_of(size_t row)
{
	static struct piece pieces[ROWS];
	struct piece *best = &pieces[row];
	const char *at = rows[row];
	struct conv c;

	if (best->text)
		return *best;
	for (int more = 1; more; at = c.to) {
		more = next_conv(&c, at);
		if (!more)
			c.from = c.to = at + strlen(at);
		if (!best->text || (size_t)(c.from - at) > best->len)
			*best = (struct piece){ at, (size_t)(c.from - at) };
	}
	if (memchr(best->text, '%', best->len)) /* "%%" */
		best->len = 0;
	return *best;
}

/* As one sentence. */
static void read_rows(struct reading *out, const char *text, const char *end, int deep, int weak)
{
	tries -= WHOLE;
	for (size_t i = 0; rows[i] && tries > 0 && out->ways < 2; i++) {
		struct fit f = { .row = i };
		struct piece piece = piece_of(i);

		if (is_weak(i) == weak && (*rows[i] == '%' || *rows[i] == *text) &&
		    memmem(text, (size_t)(end - text), piece.text, piece.len))
			fits(out, &f, rows[i], text, end, deep);
	}
}

/* "this: that": a sentence, or one word, and what follows it. */
static void read_two(struct reading *out, const char *text, const char *at, const char *end,
		     int deep, int rest_stays)
{
	struct reading first = { 0 };
	const struct reading *then = NULL;
	struct sbuf both = { 0 };
	int is_word = *at == ':' && !memchr(text, ' ', (size_t)(at - text));

	for (int weak = 0; weak < 2 && !first.ways; weak++)
		read_rows(&first, text, at, deep, weak);
	if (first.ways || (is_word && !rest_stays))
		then = read_span(at + 2, end, deep);
	if (then && (then->ways || (first.ways && rest_stays))) {
		if (first.ways)
			sbuf_puts(&both, sbuf_str(&first.text));
		else
			sbuf_add(&both, text, (size_t)(at - text));
		sbuf_add(&both, at, 2);
		if (then->ways)
			sbuf_puts(&both, sbuf_str(&then->text));
		else
			sbuf_add(&both, at + 2, (size_t)(end - at) - 2);
		add_way(out, sbuf_str(&both));
		out->ways += first.ways > 1 || then->ways > 1 ? 2 : 0;
	}
	sbuf_release(&both);
	sbuf_release(&first.text);
}

static void read_twos(struct reading *out, const char *text, const char *end, int deep,
		      int rest_stays)
{
	for (const char *at = text + 1; at + 2 < end && tries > 0 && out->ways < 2; at++)
		if (strchr(":;.", *at) && at[1] == ' ')
			read_two(out, text, at, end, deep, rest_stays);
}

/* Everything that a piece of a text can mean. */
static struct reading *read_span(const char *text, const char *end, int deep)
{
	struct reading *r;

	for (size_t i = 0; i < spans_read; i++)
		if (spans[i].text == text && spans[i].end == end)
			return &spans[i].is;
	if (spans_read == SPANS || deep > DEEP) {
		tries = -1;
		return &spans[0].is;
	}
	r = &spans[spans_read].is;
	spans[spans_read++] = (struct span){ .text = text, .end = end };
	read_rows(r, text, end, deep, 0);
	read_twos(r, text, end, deep, 0);
	if (!r->ways)
		read_rows(r, text, end, deep, 1);
	if (!r->ways)
		read_twos(r, text, end, deep, 1);
	return r;
}

/* In the other language, where it can mean one thing only; else text itself. */
static void tell(struct sbuf *out, const char *text)
{
	const struct reading *r;

	tries = TRIES;
	r = read_span(text, text + strlen(text), 0);
	sbuf_puts(out, r->ways == 1 && tries >= 0 ? sbuf_str(&r->text) : text);
	for (size_t i = 0; i < spans_read; i++)
		sbuf_release(&spans[i].is.text);
	spans_read = 0;
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
	tell(&out, text);
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

const char *said_word(const char *text)
{
	const char *is = said(text);

	return text && !strcmp(is, text) ? lang_word_or_same(text) : is;
}

void said_of_code(struct sbuf *out, const char *text, const char *code)
{
	const char *is = said(text), *means = NULL;

	if (code && *code && !strcmp(is, text))
		means = lang_code(code);
	sbuf_printf(out, means ? "%s (%s)" : "%s%s", means ? means : "", is);
}

const char *said_row(unsigned i)
{
	return i < ROWS ? rows[i] : NULL;
}

const char *said_kinds(unsigned i)
{
	return letters_of(i);
}

const char *said_values_of(unsigned i)
{
	return i < sizeof(values) / sizeof(values[0]) ? values[i].row : NULL;
}
