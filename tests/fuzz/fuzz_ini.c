/* Any bytes as an INI file: every place is within the file, findings are bounded,
 * what was read is whole, and printed it reads back as the same. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ini.h"
#include "base/sbuf.h"
#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define must(what)                                                                                 \
	do {                                                                                       \
		if (!(what)) {                                                                     \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #what);         \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

/* Lines of the text, and where each begins. */
struct lines {
	size_t *from;
	int count;
};

static struct lines lines_of(const char *text, size_t n)
{
	struct lines l = { calloc(n + 2, sizeof(*l.from)), 1 };

	must(l.from);
	if (n >= 3 && !memcmp(text, "\xef\xbb\xbf", 3))
		l.from[0] = 3;
	for (size_t i = 0; i < n; i++)
		if (text[i] == '\n')
			l.from[l.count++] = i + 1;
	l.from[l.count] = n + 1;
	return l;
}

static void check_place(struct place p, const struct lines *l, const char *text)
{
	size_t from, n;

	must(!strcmp(p.file, "fuzz.ini"));
	if (p.line == 0) {
		must(p.column == 0);
		return;
	}
	must(p.line >= 1 && p.line <= l->count && p.column >= 1);
	from = l->from[p.line - 1];
	n = l->from[p.line] - 1 - from; /* the line's bytes, the place behind them included */
	must(p.column <= text_column(text + from, n) + 1);
}

static void check_findings(const struct findings *f, const struct lines *l, const char *text)
{
	must(f->count <= 200 && f->count <= f->errors + f->warnings);
	must(!f->errors || f->count);
	for (size_t i = 0; i < f->count; i++) {
		const char *m = f->list[i].message;

		check_place(f->list[i].at, l, text);
		must(f->list[i].code < FINDING_END_);
		must(*m && text_utf8_bad(m, strlen(m)) == strlen(m) && !strpbrk(m, "\n\r\t\x1b"));
	}
}

static void check_key(const struct ini_key *k, const struct lines *l, const char *text)
{
	must(*k->name && strlen(k->value) == k->len);
	must(!k->broken || !k->len);
	check_place(k->at, l, text);
	check_place(k->value_at, l, text);
	for (size_t i = 0; i <= k->len; i += 1 + k->len / 64)
		check_place(ini_place(k, i), l, text);
}

static void print(struct sbuf *out, const struct ini *ini)
{
	for (size_t s = 0; s < ini->sections; s++) {
		const struct ini_section *sec = &ini->section[s];

		sbuf_printf(out, "[%s%s%s]\n", sec->kind, *sec->name ? " " : "", sec->name);
		for (size_t k = 0; k < sec->keys; k++) {
			sbuf_printf(out, "%s = ", sec->key[k].name);
			ini_print_value(out, sec->key[k].value, sec->key[k].len);
			sbuf_putc(out, '\n');
		}
	}
}

static void check_print(struct arena *a, const struct ini *ini)
{
	struct sbuf once = { 0 }, twice = { 0 };
	struct findings f = { 0 };
	struct ini *again;

	print(&once, ini);
	if (once.len < INI_LINE_MAX) { /* escapes may make a line too long */
		again = ini_parse(a, "again.ini", sbuf_str(&once), once.len, &f);
		print(&twice, again);
		must(!strcmp(sbuf_str(&once), sbuf_str(&twice)));
		for (size_t i = 0; i < f.count; i++)
			must(f.list[i].code == FINDING_DUPLICATE_SECTION);
	}
	finding_release(&f);
	sbuf_release(&once);
	sbuf_release(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct lines lines = lines_of(text, size);
	struct findings f = { 0 };
	struct arena a = { 0 };
	struct ini *ini = ini_parse(&a, "fuzz.ini", text, size, &f);

	must(ini->len == size);
	check_findings(&f, &lines, text);
	for (size_t s = 0; s < ini->sections; s++) {
		const struct ini_section *sec = &ini->section[s];

		must(ini_name_ok(sec->kind) && (!*sec->name || ini_name_ok(sec->name)));
		check_place(sec->at, &lines, text);
		check_place(sec->name_at, &lines, text);
		for (size_t k = 0; k < sec->keys; k++)
			check_key(&sec->key[k], &lines, text);
	}
	check_print(&a, ini);
	finding_release(&f);
	arena_free(&a);
	free(lines.from);
	return 0;
}
