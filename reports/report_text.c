#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "reports/facts.h"
#include "reports/report.h"

/*
 * report_text -- for a terminal or a line printer: at most 80 columns, nothing
 * but the characters of the record, every attempt and every value.
 */
enum { WIDTH = 80, NAME = 18, VALUE = 19, LIMIT = 28, CONSOLE_LINES = 12 };

static void rule(struct sbuf *out, char c)
{
	for (int i = 0; i < WIDTH; i++)
		sbuf_putc(out, c);
	sbuf_putc(out, '\n');
}

static void spaces(struct sbuf *out, size_t n)
{
	while (n--)
		sbuf_putc(out, ' ');
}

/* Bytes of text that fit into width characters, broken at a blank if there is one. */
static size_t fit(const char *text, size_t width)
{
	size_t n = 0, blank = 0;

	for (size_t chars = 0; text[n] && chars < width; chars++) {
		int len = text_utf8_len(text + n, strlen(text + n));

		n += len > 0 ? (size_t)len : 1;
		if (text[n] == ' ')
			blank = n;
	}
	return text[n] && blank ? blank : n;
}

/* Text from the column `at` on, where the cursor is; later lines are indented
 * to it. Ends the line. */
static void wrap(struct sbuf *out, size_t at, const char *text)
{
	for (;;) {
		size_t n = fit(text, WIDTH - at);

		sbuf_add(out, text, n);
		sbuf_putc(out, '\n');
		text += n;
		while (*text == ' ')
			text++;
		if (!*text)
			return;
		spaces(out, at);
	}
}

/* Text in a column of this width; when it is longer, the next column begins on
 * a line of its own. */
static void column(struct sbuf *out, size_t at, size_t width, const char *text)
{
	size_t n = facts_width(text);

	if (n <= width) {
		sbuf_puts(out, text);
		spaces(out, width - n + 1);
		return;
	}
	wrap(out, at, text);
	spaces(out, at + width + 1);
}

static void facts(struct sbuf *out, const struct facts *f)
{
	for (size_t i = 0; i < f->count; i++) {
		sbuf_printf(out, " %-13s ", f->row[i].label);
		wrap(out, 15, f->row[i].value);
	}
}

static void banner(struct sbuf *out, struct arena *a, const struct unit_run *r)
{
	const char *todo = facts_todo(r);

	rule(out, '=');
	sbuf_printf(out, " %-12s ", verdict_word(r->verdict));
	wrap(out, 14, facts_safe(a, r->serial));
	spaces(out, 14);
	wrap(out, 14,
	     arena_printf(a, "%s  %s  %s", facts_safe(a, r->product), facts_safe(a, r->process),
			  facts_time(a, r->started_ms)));
	rule(out, '=');
	sbuf_putc(out, ' ');
	wrap(out, 1, facts_why(a, r));
	if (r->verdict != VERDICT_PASS)
		sbuf_printf(out, " To blame: %s (rule: %s)\n", err_blame_word(r->blame),
			    facts_cut(a, r->verdict_rule, 50));
	if (todo) {
		sbuf_puts(out, " What to do: ");
		wrap(out, 13, todo);
	}
}

static void note(struct sbuf *out, const char *label, const char *text)
{
	sbuf_printf(out, "      %s ", label);
	wrap(out, 7 + strlen(label), text);
}

static void measure(struct sbuf *out, struct arena *a, const struct measure *m,
		    const struct attempt *at)
{
	const char *value = facts_value(a, m);

	if (m->unit && m->has)
		value = arena_printf(a, "%s %s", value, facts_safe(a, m->unit));
	sbuf_puts(out, "    ");
	column(out, 4, NAME, facts_safe(a, m->name));
	column(out, 4 + NAME + 1, VALUE, value);
	column(out, 4 + NAME + VALUE + 2, LIMIT, facts_limit(a, m));
	sbuf_printf(out, "%s\n", facts_result(m, at));
	if (m->note)
		note(out, "note:", facts_safe(a, m->note));
	if (m->result == JUDGED_FAIL && m->from)
		note(out, "limit from:", facts_safe(a, m->from));
	if (m->raw && m->result != JUDGED_PASS && (!m->text || strcmp(m->raw, m->text)))
		note(out, "unit said:", facts_safe(a, m->raw));
}

static void attempt(struct sbuf *out, struct arena *a, const struct unit_run *r,
		    const struct step_run *s, const struct attempt *at)
{
	const char *line[CONSOLE_LINES];
	size_t lines;

	if (s->attempts > 1 || at->number > 1)
		sbuf_printf(out, "   attempt %d: %s after %s\n", at->number,
			    verdict_word(at->verdict), facts_span(a, at->duration_ms));
	if (at->message) {
		sbuf_puts(out, "    ");
		wrap(out, 4,
		     at->code ? arena_printf(a, "%s: %s", facts_safe(a, at->code),
					     facts_safe(a, at->message))
			      : facts_safe(a, at->message));
	}
	for (size_t i = 0, n; i < at->measures; i += n ? n : 1) {
		const char *base;

		n = facts_series(&base, a, at, i);
		if (n)
			sbuf_printf(out, "    %s.1 to .%zu: recorded, see the JSON report\n",
				    facts_safe(a, base), n);
		else
			measure(out, a, &at->measure[i], at);
	}
	if (at->verdict == VERDICT_PASS)
		return;
	lines = facts_console(line, CONSOLE_LINES, a, r, at);
	for (size_t i = 0; i < lines; i++) {
		sbuf_puts(out, "    | ");
		wrap(out, 6, line[i]);
	}
}

static void step(struct sbuf *out, struct arena *a, const struct unit_run *r, size_t i)
{
	const struct step_run *s = &r->step[i];
	const char *title = facts_step_title(s);
	const char *head = arena_printf(a, "%zu %s: %s", i + 1, facts_safe(a, s->id),
					facts_safe(a, *title ? title : s->kind));
	int64_t used = 0;

	for (size_t k = 0; k < s->attempts; k++)
		used += s->attempt[k].duration_ms;
	sbuf_putc(out, ' ');
	column(out, 1, 56, facts_cut(a, head, 56));
	sbuf_printf(out, "%-9s %s\n", facts_step_result(s), s->attempts ? facts_span(a, used) : "");
	if (s->skip_rule) {
		sbuf_puts(out, "    skipped: ");
		wrap(out, 13, facts_safe(a, facts_skip(a, s)));
	}
	for (size_t k = 0; k < s->attempts; k++)
		attempt(out, a, r, s, &s->attempt[k]);
}

static void history(struct sbuf *out, struct arena *a, const struct report_history *h)
{
	if (!h || !h->count)
		return;
	rule(out, '-');
	sbuf_puts(out, " Other runs of this unit\n");
	for (size_t i = 0; i < h->count; i++)
		sbuf_printf(out, "  %-24s %-12s %.8s  %s\n", facts_time(a, h->past[i].started_ms),
			    verdict_word(h->past[i].verdict), facts_safe(a, h->past[i].run),
			    facts_cut(a, h->past[i].first_fail, 28));
}

/* Blanks at the ends of lines help nobody. */
static void trim_lines(struct sbuf *out, size_t from)
{
	size_t to = from;

	for (size_t i = from; i < out->len; i++) {
		if (out->data[i] == '\n')
			while (to > from && out->data[to - 1] == ' ')
				to--;
		out->data[to++] = out->data[i];
	}
	out->len = to;
	out->data[to] = '\0';
}

static int write(struct sbuf *out, const struct unit_run *r, const struct report_history *h,
		 struct err *err)
{
	struct arena a = { 0 };
	size_t from = out->len;
	struct facts f;

	(void)err;
	banner(out, &a, r);
	rule(out, '-');
	for (size_t i = 0; i < r->steps; i++)
		step(out, &a, r, i);
	if (!r->steps)
		sbuf_puts(out, " no step was planned\n");
	rule(out, '-');
	facts_unit(&f, &a, r);
	facts(out, &f);
	facts_test(&f, &a, r);
	facts(out, &f);
	facts_used(&f, &a, r);
	facts(out, &f);
	history(out, &a, h);
	rule(out, '-');
	facts_record(&f, &a, r);
	facts(out, &f);
	trim_lines(out, from);
	arena_free(&a);
	return 0;
}

const struct report_writer report_text = {
	.name = "text",
	.extension = "txt",
	.summary = "plain text in 80 columns, for a terminal or a printer",
	.write = write,
};
