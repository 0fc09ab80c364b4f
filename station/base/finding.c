#include "base/finding.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/sbuf.h"
#include "base/text.h"

enum { KEEP = 100 }; /* of each severity */

static const struct {
	const char *name, *help;
	enum severity severity;
} table[] = {
#define FINDING(code, name, severity, help) [FINDING_##code] = { name, help, SEVERITY_##severity },
#include "base/finding.def"
#undef FINDING
};

static const char *const words[] = { [SEVERITY_ERROR] = "error", [SEVERITY_WARNING] = "warning" };

const char *finding_name(enum finding_code code)
{
	return code < FINDING_END_ ? table[code].name : "unknown";
}

const char *finding_help(enum finding_code code)
{
	return code < FINDING_END_ ? table[code].help : "";
}

enum severity finding_severity(enum finding_code code)
{
	return code < FINDING_END_ ? table[code].severity : SEVERITY_ERROR;
}

static int is_known(const struct findings *f, const struct place *at, enum finding_code code,
		    const char *message)
{
	for (size_t i = 0; i < f->count; i++) {
		const struct finding *k = &f->list[i];

		if (k->code == code && k->at.line == at->line && k->at.column == at->column &&
		    !strcmp(k->at.file, at->file) && !strcmp(k->message, message))
			return 1;
	}
	return 0;
}

static void keep(struct findings *f, const struct place *at, enum finding_code code,
		 const char *message)
{
	struct finding new = { *at, code, NULL, f->files };

	for (size_t i = 0; i < f->count; i++)
		if (!strcmp(f->list[i].at.file, at->file)) {
			new.at.file = f->list[i].at.file;
			new.file_order = f->list[i].file_order;
			break;
		}
	if (new.file_order == f->files) {
		new.at.file = arena_strdup(&f->arena, at->file);
		f->files++;
	}
	new.message = arena_strdup(&f->arena, message);
	if (f->count == f->room) {
		size_t room = f->room ? 2 * f->room : 16;
		struct finding *list = arena_alloc(&f->arena, room * sizeof(*list));

		if (f->count)
			memcpy(list, f->list, f->count * sizeof(*list));
		f->list = list;
		f->room = room;
	}
	f->list[f->count++] = new;
}

void finding_add(struct findings *f, const struct place *at, enum finding_code code,
		 const char *fmt, ...)
{
	size_t *total = finding_severity(code) == SEVERITY_ERROR ? &f->errors : &f->warnings;
	struct sbuf raw = { 0 }, message = { 0 };
	struct place named = *at;
	va_list ap;

	if (*total >= KEEP || f->errors >= KEEP) {
		++*total;
		return;
	}
	if (!named.file)
		named.file = "-";
	va_start(ap, fmt);
	sbuf_vprintf(&raw, fmt, ap);
	va_end(ap);
	text_clean(&message, sbuf_str(&raw), raw.len);
	if (!is_known(f, &named, code, sbuf_str(&message))) {
		keep(f, &named, code, sbuf_str(&message));
		++*total;
	}
	sbuf_release(&raw);
	sbuf_release(&message);
}

static int is_before(const struct finding *a, const struct finding *b)
{
	if (a->file_order != b->file_order)
		return a->file_order < b->file_order;
	if (a->at.line != b->at.line)
		return a->at.line < b->at.line;
	return a->at.column < b->at.column;
}

/* Insertion: stable, and the list is short. */
void finding_sort(struct findings *f)
{
	for (size_t i = 1; i < f->count; i++) {
		struct finding x = f->list[i];
		size_t k = i;

		for (; k > 0 && is_before(&x, &f->list[k - 1]); k--)
			f->list[k] = f->list[k - 1];
		f->list[k] = x;
	}
}

void finding_print(struct findings *f, FILE *out)
{
	size_t more = f->errors + f->warnings - f->count;
	struct sbuf b = { 0 };

	finding_sort(f);
	for (size_t i = 0; i < f->count; i++) {
		const struct finding *k = &f->list[i];

		sbuf_reset(&b);
		text_clean(&b, k->at.file, strlen(k->at.file));
		if (k->at.line > 0)
			sbuf_printf(&b, ":%d:%d", k->at.line, k->at.column);
		fprintf(out, "%s: %s: %s\n", sbuf_str(&b), words[finding_severity(k->code)],
			k->message);
	}
	if (more)
		fprintf(out, "note: %zu more findings are not shown\n", more);
	sbuf_release(&b);
}

void finding_print_json(struct findings *f, FILE *out)
{
	struct sbuf b = { 0 };

	finding_sort(f);
	for (size_t i = 0; i < f->count; i++) {
		const struct finding *k = &f->list[i];
		struct json j = { .out = &b };

		sbuf_reset(&b);
		json_open(&j, NULL, '{');
		json_text(&j, "file", k->at.file);
		json_int(&j, "line", k->at.line);
		json_int(&j, "column", k->at.column);
		json_text(&j, "severity", words[finding_severity(k->code)]);
		json_text(&j, "code", finding_name(k->code));
		json_text(&j, "message", k->message);
		json_close(&j, '}');
		fprintf(out, "%s\n", sbuf_str(&b));
	}
	sbuf_release(&b);
}

void finding_release(struct findings *f)
{
	arena_free(&f->arena);
	*f = (struct findings){ 0 };
}
