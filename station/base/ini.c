#include "base/ini.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/names.h"
#include "base/sbuf.h"
#include "base/text.h"

/* A run of value bytes that stand side by side in the file, one line at most. */
struct ini_segment {
	size_t from; /* offset in value */
	int line, column;
};

enum after {
	AFTER_NOTHING, /* an indented line continues nothing: an error */
	AFTER_KEY,     /* ... continues p->key */
	AFTER_ERROR,   /* ... belongs to what is reported already */
};

struct key_in_section {
	struct ini_key key;
	size_t section;
};

struct parser {
	struct arena *a;
	struct findings *f;
	const char *path;
	const char *s; /* the line, without its end */
	size_t n;
	int line;
	int bad; /* the line holds bytes that are reported already */
	enum after after;
	int outside, skip;          /* before the first section; in a broken one */
	struct ini_key key;         /* being read */
	int doubled;                /* it stands there already: read and dropped */
	int parts;                  /* of its value, read so far */
	struct sbuf value;          /* of key */
	struct sbuf segments;       /* array of struct ini_segment */
	struct sbuf keys, sections; /* arrays of struct key_in_section, struct ini_section */
	struct names names;
};

#define NO_SECTION SIZE_MAX

static int is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static int is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '_' || c == '.';
}

static int name_ok(const char *s, size_t n)
{
	if (n < 1 || n > INI_NAME_MAX)
		return 0;
	while (n && is_name_char(s[n - 1]))
		n--;
	return n == 0;
}

int ini_name_ok(const char *name)
{
	return name_ok(name, strlen(name));
}

static struct place place(const struct parser *p, size_t offset)
{
	return (struct place){ p->path, p->line, 1 + text_column(p->s, offset) };
}

static char *copy(struct arena *a, const char *s, size_t n)
{
	char *c = arena_alloc(a, n + 1);

	if (n)
		memcpy(c, s, n);
	return c;
}

/* -- values ----------------------------------------------------------------- */

static void segment(struct parser *p, int column)
{
	struct ini_segment s = { p->value.len, p->line, column };

	sbuf_add(&p->segments, &s, sizeof(s));
}

static void key_error(struct parser *p, size_t offset, const char *what)
{
	struct place at = place(p, offset);

	finding_add(p->f, &at, FINDING_BAD_QUOTE, "%s", what);
	p->key.broken = 1;
}

/* One escape at s[i] == '\\'; returns the bytes it takes, 0 when it is none. */
static size_t escape(char *out, const char *s, size_t n, size_t i)
{
	static const char from[] = "\"\\nrt", to[] = "\"\\\n\r\t";
	const char *c;
	int hi, lo;

	if (n - i < 2)
		return 0;
	if (s[i + 1] != 'x') {
		c = s[i + 1] ? strchr(from, s[i + 1]) : NULL;
		if (c)
			*out = to[c - from];
		return c ? 2 : 0;
	}
	hi = n - i < 4 ? -1 : text_hex_digit(s[i + 2]);
	lo = n - i < 4 ? -1 : text_hex_digit(s[i + 3]);
	if (hi < 0 || lo < 0 || (hi == 0 && lo == 0))
		return 0;
	*out = (char)(hi << 4 | lo);
	return 4;
}

static void quoted_part(struct parser *p, size_t from)
{
	size_t i = from + 1;
	int column = place(p, i).column;
	int fresh = 1; /* the next byte begins a segment */
	char c;

	if (p->value.len)
		sbuf_putc(&p->value, ' ');
	while (i < p->n && p->s[i] != '"') {
		size_t len = (size_t)text_utf8_len(p->s + i, p->n - i), columns = 1;

		if (fresh || p->s[i] == '\\')
			segment(p, column);
		fresh = p->s[i] == '\\';
		if (p->s[i] == '\\') {
			len = columns = escape(&c, p->s, p->n, i);
			if (!len) {
				key_error(p, i,
					  "no such escape; in double quotes stand "
					  "\\\" \\\\ \\n \\r \\t and \\x01 to \\xff");
				return;
			}
			sbuf_putc(&p->value, c);
		} else {
			len = len ? len : 1;
			sbuf_add(&p->value, p->s + i, len);
		}
		i += len;
		column += (int)columns;
	}
	if (i >= p->n) {
		key_error(p, from, "the double quote is not closed on its line");
		return;
	}
	segment(p, column); /* what follows the value: the closing quote */
	for (i++; i < p->n && is_blank(p->s[i]); i++)
		;
	if (i < p->n && ((p->s[i] != '#' && p->s[i] != ';') || !is_blank(p->s[i - 1])))
		key_error(p, i, "text follows the closing double quote");
}

static size_t quotes(const char *s, size_t from, size_t to)
{
	size_t n = 0;

	for (size_t i = from; i < to; i++)
		n += s[i] == '"';
	return n;
}

static void bare_part(struct parser *p, size_t from)
{
	size_t to = from;

	while (to < p->n && !((p->s[to] == '#' || p->s[to] == ';') && is_blank(p->s[to - 1])))
		to++;
	if (to < p->n && p->s[from] != '/' && quotes(p->s, from, to) % 2 &&
	    quotes(p->s, to, p->n)) {
		struct place at = place(p, to);

		finding_add(p->f, &at, FINDING_CUT_QUOTE,
			    "'%c' begins a comment here; a value that holds it must be in double "
			    "quotes as a whole",
			    p->s[to]);
	}
	while (to > from && is_blank(p->s[to - 1]))
		to--;
	if (p->value.len)
		sbuf_putc(&p->value, ' ');
	segment(p, place(p, from).column);
	sbuf_add(&p->value, p->s + from, to - from);
}

/* The part of a value that begins at `from`, behind blanks, on the line of its
 * key or on one that continues it. The first part says whether it is quoted. */
static void value_part(struct parser *p, size_t from)
{
	struct ini_key *k = &p->key;
	int comment;

	if (k->broken || from >= p->n)
		return;
	comment = (p->s[from] == '#' || p->s[from] == ';') && is_blank(p->s[from - 1]);
	if (comment)
		return;
	if (!p->parts++) {
		k->quoted = p->s[from] == '"';
		k->value_at = place(p, from);
	}
	if (!k->quoted)
		bare_part(p, from);
	else if (p->s[from] != '"')
		key_error(p, from,
			  "a line that continues a value in double quotes must be in "
			  "double quotes, too");
	else
		quoted_part(p, from);
}

static struct ini_section *sections_of(const struct parser *p)
{
	return (struct ini_section *)(void *)p->sections.data;
}

static void finish_key(struct parser *p)
{
	struct ini_key *k = &p->key;
	enum after after = p->after;
	struct key_in_section new;

	p->after = AFTER_NOTHING;
	if (after != AFTER_KEY || p->doubled)
		return;
	if (k->broken)
		sbuf_reset(&p->value);
	k->len = p->value.len;
	k->value = copy(p->a, sbuf_str(&p->value), k->len);
	k->nsegments = k->broken ? 0 : p->segments.len / sizeof(struct ini_segment);
	k->segments = (const struct ini_segment *)(const void *)copy(
		p->a, sbuf_str(&p->segments), k->nsegments * sizeof(struct ini_segment));
	new = (struct key_in_section){ *k, p->sections.len / sizeof(struct ini_section) - 1 };
	sbuf_add(&p->keys, &new, sizeof(new));
}

/* -- lines ------------------------------------------------------------------ */

static void check_bytes(struct parser *p)
{
	struct place at = { p->path, p->line, 1 };
	size_t i = 0;
	int running = 0; /* neighbours make one finding */

	p->bad = 0;
	while (i < p->n) {
		unsigned char c = (unsigned char)p->s[i];
		int len = text_utf8_len(p->s + i, p->n - i);
		int control = (c < 0x20 && c != '\t') || c == 0x7f ||
			      (c == 0xc2 && len && (unsigned char)p->s[i + 1] < 0xa0);

		if ((!len || control) && !running) {
			if (!len)
				finding_add(p->f, &at, FINDING_ENCODING, "byte 0x%02x is not UTF-8",
					    c);
			else if (c)
				finding_add(p->f, &at, FINDING_ENCODING,
					    "control character 0x%02x; in double quotes write "
					    "\\x%02x",
					    len > 1 ? (unsigned char)p->s[i + 1] : c,
					    len > 1 ? (unsigned char)p->s[i + 1] : c);
			else
				finding_add(p->f, &at, FINDING_ENCODING, "NUL byte");
		}
		running = !len || control;
		p->bad |= running;
		i += len ? (size_t)len : 1;
		at.column++;
	}
}

static void bad_section(struct parser *p, enum finding_code code, size_t offset, const char *what)
{
	struct place at = place(p, offset);

	if (!p->bad)
		finding_add(p->f, &at, code, "%s", what);
	p->skip = 1;
}

static void section_line(struct parser *p)
{
	const char *end = memchr(p->s, ']', p->n);
	struct ini_section new = { 0 };
	const struct place *first;
	size_t word[2][2], words = 0, i = 1, close;

	p->outside = p->skip = 0;
	if (!end) {
		bad_section(p, FINDING_BAD_SECTION, 0, "'[' is not closed; ']' is missing");
		return;
	}
	close = (size_t)(end - p->s);
	for (;;) {
		while (i < close && is_blank(p->s[i]))
			i++;
		if (i == close)
			break;
		if (words == 2) {
			bad_section(p, FINDING_BAD_SECTION, i,
				    "a section is [name] or [kind name], without further words");
			return;
		}
		word[words][0] = i;
		while (i < close && !is_blank(p->s[i]))
			i++;
		word[words][1] = i - word[words][0];
		if (!name_ok(p->s + word[words][0], word[words][1])) {
			bad_section(p, FINDING_BAD_NAME, word[words][0],
				    "a name holds letters, digits, '-', '_' and '.', at most 64");
			return;
		}
		words++;
	}
	for (i = close + 1; i < p->n && is_blank(p->s[i]); i++)
		;
	if (!words || p->bad || (i < p->n && p->s[i] != '#' && p->s[i] != ';')) {
		bad_section(p, FINDING_BAD_SECTION, words ? i : 0,
			    words ? "text follows the section's ']'"
				  : "a section is [name] or [kind name]");
		return;
	}
	new.kind = copy(p->a, p->s + word[0][0], word[0][1]);
	new.name = words == 2 ? copy(p->a, p->s + word[1][0], word[1][1]) : "";
	new.at = place(p, 0);
	new.name_at = place(p, word[words - 1][0]);
	first = names_add(&p->names, (struct name_seen){ NO_SECTION, new.kind, new.name, new.at });
	if (first)
		finding_add(p->f, &new.at, FINDING_DUPLICATE_SECTION,
			    "[%s%s%s] stands twice; the first is at %s:%d:%d", new.kind,
			    *new.name ? " " : "", new.name, p->path, first->line, first->column);
	sbuf_add(&p->sections, &new, sizeof(new));
}

/* The words of s[0..n) with one blank between; NULL when one of them is no name. */
static char *fold(struct arena *a, const char *s, size_t n)
{
	char *out = arena_alloc(a, n + 1), *to = out;
	size_t i = 0, from;

	while (i < n) {
		for (from = i; i < n && !is_blank(s[i]); i++)
			;
		if (!name_ok(s + from, i - from))
			return NULL;
		if (to != out)
			*to++ = ' ';
		memcpy(to, s + from, i - from);
		to += i - from;
		while (i < n && is_blank(s[i]))
			i++;
	}
	return out;
}

/* Take p->key into its section, or see that it stands there already. */
static void begin_key(struct parser *p)
{
	size_t section = p->sections.len / sizeof(struct ini_section);
	const struct ini_section *in = sections_of(p) + section - 1;
	const struct place *first;

	first = names_add(&p->names, (struct name_seen){ section, p->key.name, "", p->key.at });
	if (first)
		finding_add(p->f, &p->key.at, FINDING_DUPLICATE_KEY,
			    "key '%s' stands twice in [%s%s%s]; the first is at %s:%d:%d",
			    p->key.name, in->kind, *in->name ? " " : "", in->name, p->path,
			    first->line, first->column);
	p->doubled = first != NULL;
	p->after = AFTER_KEY;
	p->parts = 0;
	sbuf_reset(&p->value);
	sbuf_reset(&p->segments);
}

static void key_line(struct parser *p)
{
	const char *sign = memchr(p->s, '=', p->n);
	size_t n = sign ? (size_t)(sign - p->s) : p->n, from = n + 1;
	struct place at = place(p, 0);
	char *name;

	p->after = AFTER_ERROR;
	if (p->skip)
		return;
	while (n > 0 && is_blank(p->s[n - 1]))
		n--;
	if (!sign && p->bad && memchr(p->s, '[', p->n)) {
		p->outside = 0; /* a section header, but for the bad bytes */
		p->skip = 1;
		return;
	}
	if (!sign || !n) {
		if (!p->bad)
			finding_add(p->f, &at, FINDING_SYNTAX,
				    "no %s in '%.*s'; a line is a comment, a [section] or "
				    "key = value",
				    n ? "'='" : "key", text_brief(p->s, p->n), p->s);
		return;
	}
	if (!(name = fold(p->a, p->s, n))) {
		if (!p->bad)
			finding_add(p->f, &at, FINDING_BAD_NAME,
				    "key '%.*s': a name holds letters, digits, '-', '_' and '.', "
				    "at most 64",
				    text_brief(p->s, n), p->s);
		return;
	}
	if (p->outside) {
		finding_add(p->f, &at, FINDING_KEY_OUTSIDE,
			    "key '%.*s' stands before the first [section]", text_brief(p->s, n),
			    p->s);
		return;
	}
	while (from < p->n && is_blank(p->s[from]))
		from++;
	p->key = (struct ini_key){ .name = name,
				   .at = at,
				   .value_at = place(p, from < p->n ? from : p->n),
				   .broken = p->bad };
	begin_key(p);
	value_part(p, from);
}

/* "timeout = 5 s", indented as other INI dialects allow, would vanish in the
 * value above without a word. */
static void warn_indented_key(struct parser *p, size_t from)
{
	struct place at = place(p, from);
	size_t to = from, i;

	while (to < p->n && is_name_char(p->s[to]))
		to++;
	for (i = to; i < p->n && is_blank(p->s[i]); i++)
		;
	if (to > from && i > to && i < p->n && p->s[i] == '=')
		finding_add(p->f, &at, FINDING_INDENTED_KEY,
			    "an indented line continues the value of '%s'; if '%.*s' is a key, it "
			    "must begin in column 1",
			    p->key.name, text_brief(p->s + from, to - from), p->s + from);
}

static void indented_line(struct parser *p, size_t from)
{
	struct place at = place(p, from);

	if (p->s[from] == '#' || p->s[from] == ';' || p->after == AFTER_ERROR)
		return;
	if (p->after == AFTER_NOTHING) {
		if (!p->skip && !p->bad)
			finding_add(p->f, &at, FINDING_SYNTAX,
				    "an indented line continues a value, and none stands above "
				    "it; sections and keys begin in column 1");
		p->after = AFTER_ERROR;
		return;
	}
	p->key.broken |= p->bad;
	if (p->key.broken)
		return;
	if (p->parts && !p->key.quoted)
		warn_indented_key(p, from);
	value_part(p, from);
}

static void one_line(struct parser *p)
{
	size_t from = 0;

	if (p->n > INI_LINE_MAX) {
		struct place at = { p->path, p->line, 1 };

		finding_add(p->f, &at, FINDING_LINE_TOO_LONG,
			    "the line has %zu bytes, must be at most %d", p->n, INI_LINE_MAX);
		p->n = INI_LINE_MAX;
		p->bad = 1;
	} else {
		check_bytes(p);
	}
	while (from < p->n && is_blank(p->s[from]))
		from++;
	if (from < p->n && (p->s[0] == '#' || p->s[0] == ';'))
		return;
	if (from > 0 && from < p->n) {
		indented_line(p, from);
		return;
	}
	finish_key(p);
	if (from == p->n)
		return;
	if (p->s[0] == '[')
		section_line(p);
	else
		key_line(p);
}

/* -- files ------------------------------------------------------------------ */

/* Keys come in the order of their sections. */
static void hand_over(struct parser *p, struct ini *out)
{
	const struct key_in_section *k = (const void *)p->keys.data;
	size_t left = p->keys.len / sizeof(*k);

	out->sections = p->sections.len / sizeof(struct ini_section);
	out->section = arena_alloc(p->a, p->sections.len);
	if (out->sections)
		memcpy(out->section, p->sections.data, p->sections.len);
	for (size_t i = 0; i < out->sections; i++) {
		struct ini_section *s = &out->section[i];

		while (s->keys < left && k[s->keys].section == i)
			s->keys++;
		s->key = arena_alloc(p->a, s->keys * sizeof(*s->key));
		for (size_t j = 0; j < s->keys; j++, k++, left--)
			s->key[j] = k->key;
	}
}

/* The text is in the arena already. */
static struct ini *parse(struct arena *a, const char *path, const char *text, size_t len,
			 struct findings *f)
{
	struct ini *out = arena_new(a, struct ini);
	struct parser p = { .a = a, .f = f, .path = out->path, .outside = 1 };
	const char *s = text, *end = text + len;

	out->path = p.path = arena_strdup(a, path);
	out->text = text;
	out->len = len;
	if (len > INI_FILE_MAX) {
		finding_add(f, &(struct place){ p.path, 0, 0 }, FINDING_FILE,
			    "the file has %zu bytes, must be at most %d", len, INI_FILE_MAX);
		return out;
	}
	if (len >= 3 && !memcmp(s, "\xef\xbb\xbf", 3))
		s += 3;
	while (s < end) {
		const char *nl = memchr(s, '\n', (size_t)(end - s));

		p.s = s;
		p.n = (size_t)((nl ? nl : end) - s);
		if (p.n && s[p.n - 1] == '\r')
			p.n--;
		p.line++;
		one_line(&p);
		s = nl ? nl + 1 : end;
	}
	finish_key(&p);
	hand_over(&p, out);
	sbuf_release(&p.value);
	sbuf_release(&p.segments);
	sbuf_release(&p.keys);
	sbuf_release(&p.sections);
	names_release(&p.names);
	return out;
}

struct ini *ini_parse(struct arena *a, const char *path, const char *text, size_t len,
		      struct findings *f)
{
	return parse(a, path, copy(a, text, len), len, f);
}

int ini_load(struct ini **out, struct arena *a, const char *path, struct findings *f,
	     struct err *err)
{
	char *text;
	size_t len;
	int r = file_read(&text, &len, a, path, INI_FILE_MAX, err);

	if (r < 0) {
		/* the finding's line begins with the path already */
		size_t n = strlen(path);
		const char *why = err->text;

		if (!strncmp(why, path, n) && !strncmp(why + n, ": ", 2))
			why += n + 2;
		finding_add(f, &(struct place){ path, 0, 0 }, FINDING_FILE, "%s", why);
		return r;
	}
	*out = parse(a, path, text, len, f);
	return 0;
}

struct place ini_place(const struct ini_key *k, size_t offset)
{
	struct place at = k->value_at;
	size_t low = 0, high = k->nsegments; /* the last segment that begins by offset */

	if (!k->nsegments)
		return at;
	if (offset > k->len)
		offset = k->len;
	while (high - low > 1) {
		size_t mid = low + (high - low) / 2;

		if (k->segments[mid].from <= offset)
			low = mid;
		else
			high = mid;
	}
	at.line = k->segments[low].line;
	at.column = k->segments[low].column;
	while (offset > k->segments[low].from && offset < k->len &&
	       ((unsigned char)k->value[offset] & 0xc0) == 0x80)
		offset--; /* to the first byte of a character */
	if (offset > k->segments[low].from)
		at.column += text_column(k->value + k->segments[low].from,
					 offset - k->segments[low].from);
	return at;
}

struct ini_section *ini_section(const struct ini *i, const char *kind, const char *name)
{
	for (size_t k = 0; k < i->sections; k++)
		if (!strcmp(i->section[k].kind, kind) && !strcmp(i->section[k].name, name))
			return &i->section[k];
	return NULL;
}

struct ini_key *ini_key(const struct ini_section *s, const char *name)
{
	for (size_t k = 0; k < s->keys; k++)
		if (!strcmp(s->key[k].name, name))
			return &s->key[k];
	return NULL;
}

static int can_be_bare(const char *s, size_t n)
{
	if (text_utf8_bad(s, n) < n)
		return 0;
	if (n && (is_blank(s[0]) || is_blank(s[n - 1]) || strchr("\"#;", s[0])))
		return 0;
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];

		if ((c < 0x20 && c != '\t') || c == 0x7f ||
		    (c == 0xc2 && (unsigned char)s[i + 1] < 0xa0))
			return 0;
		if ((c == '#' || c == ';') && is_blank(s[i - 1]))
			return 0;
	}
	return 1;
}

void ini_print_value(struct sbuf *out, const char *value, size_t len)
{
	if (can_be_bare(value, len)) {
		sbuf_add(out, value, len);
		return;
	}
	sbuf_putc(out, '"');
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)value[i];
		int n = text_utf8_len(value + i, len - i);

		if (c == '"' || c == '\\')
			sbuf_printf(out, "\\%c", c);
		else if (c == '\n')
			sbuf_puts(out, "\\n");
		else if (c == '\r')
			sbuf_puts(out, "\\r");
		else if (n <= 1 ? c < 0x20 || c >= 0x7f
				: c == 0xc2 && (unsigned char)value[i + 1] < 0xa0)
			for (int k = 0; k < (n ? n : 1); k++)
				sbuf_printf(out, "\\x%02x", (unsigned char)value[i + (size_t)k]);
		else
			sbuf_add(out, value + i, (size_t)n);
		i += n > 1 ? (size_t)n - 1 : 0;
	}
	sbuf_putc(out, '"');
}
