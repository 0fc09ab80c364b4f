#include <inttypes.h>
#include <string.h>

#include "reports/facts.h"
#include "reports/html.h"
#include "reports/margin.h"
#include "reports/report.h"

/*
 * report_html -- one file for people, mail and paper: no scripts, nothing from
 * elsewhere, and a normal run prints on one page. What decided the run stands
 * on top, every attempt and value below.
 */
enum { CONSOLE_LINES = 8, BAR = 124, BAR_BIG = 260 };

static void head(struct sbuf *out, struct arena *a, const struct unit_run *r)
{
	sbuf_printf(out,
		    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		    "<title>%s %s %s</title>\n<style>\n%s</style>\n</head>\n"
		    "<body class=\"%s\">\n%s",
		    verdict_word(r->verdict), html_safe(a, facts_cut(a, r->serial, 60)),
		    html_safe(a, facts_cut(a, r->process, 40)), html_style, html_class(r->verdict),
		    html_bar_defs);
}

static void top(struct sbuf *out, struct arena *a, const struct unit_run *r)
{
	sbuf_printf(out,
		    "<header class=\"top\">\n<svg viewBox=\"0 0 24 24\" aria-hidden=\"true\">"
		    "<g fill=\"none\" stroke=\"#fff\" stroke-width=\"2.6\" "
		    "stroke-linecap=\"round\" stroke-linejoin=\"round\">%s</g></svg>\n"
		    "<p class=\"word\">%s</p>\n",
		    html_icon(r->verdict), verdict_word(r->verdict));
	sbuf_printf(
		out,
		"<div class=\"who\"><h1 class=\"mono\">%s</h1><p>%s &nbsp;%s &nbsp;%s</p></div>\n",
		html_safe(a, facts_cut(a, r->serial, 48)),
		html_safe(a, facts_cut(a, r->product, 48)),
		html_safe(a, facts_cut(a, r->process, 24)),
		html_safe(a, facts_cut(a, r->plan_title, 48)));
	sbuf_printf(out, "<p class=\"when\">%s<br>%s, slot %s</p>\n</header>\n",
		    facts_time(a, r->started_ms), html_safe(a, facts_cut(a, r->station, 24)),
		    html_safe(a, facts_cut(a, r->slot, 16)));
}

static void row(struct sbuf *out, const char *label, const char *safe)
{
	sbuf_printf(out, "<dt>%s</dt><dd>%s</dd>\n", label, safe);
}

static void cause_measure(struct sbuf *out, struct arena *a, const struct measure *m)
{
	struct margin g;

	row(out, "Value",
	    arena_printf(a, "<b>%s%s%s</b>", html_safe(a, facts_value(a, m)),
			 m->unit && m->has ? " " : "",
			 m->unit && m->has ? html_safe(a, m->unit) : ""));
	row(out, "Limit",
	    arena_printf(a, "%s%s%s%s", html_safe(a, facts_limit(a, m)), m->from ? " (" : "",
			 m->from ? html_safe(a, m->from) : "", m->from ? ")" : ""));
	if (margin_of(&g, m)) {
		sbuf_puts(out, "<dt>Margin</dt><dd>");
		html_bar(out, a, m, BAR_BIG);
		sbuf_puts(out, "</dd>\n");
	}
	if (m->note)
		row(out, "Note", arena_printf(a, "<b>%s</b>", html_safe(a, m->note)));
	if (m->raw)
		row(out, "Unit said",
		    arena_printf(a, "<span class=\"mono\">%s</span>", html_safe(a, m->raw)));
}

static void console(struct sbuf *out, struct arena *a, const struct unit_run *r,
		    const struct attempt *at)
{
	const char *line[CONSOLE_LINES];
	size_t n = facts_console(line, CONSOLE_LINES, a, r, at);

	if (!n)
		return;
	sbuf_puts(out, "<pre>");
	for (size_t i = 0; i < n; i++)
		sbuf_printf(out, "%s%s", i ? "\n" : "", html_safe(a, line[i]));
	sbuf_puts(out, "</pre>\n");
}

/* The title of a step with what goes around it; "" when it has none of its own. */
static const char *step_title(struct arena *a, const char *before, const struct step_run *s,
			      const char *after)
{
	const char *title = facts_step_title(s);

	return *title ? arena_printf(a, "%s%s%s", before, html_safe(a, title), after) : "";
}

/* Why the run has its verdict, before anything else. */
static void cause(struct sbuf *out, struct arena *a, const struct unit_run *r)
{
	const char *todo = facts_todo(r);
	struct facts_cause c;

	facts_cause(&c, r);
	sbuf_printf(out, "<section class=\"cause\">\n<p class=\"why\">%s</p>\n",
		    html_safe(a, facts_why(a, r)));
	if (r->verdict != VERDICT_PASS) {
		sbuf_puts(out, "<div class=\"two\">\n<dl>\n");
		row(out, "To blame",
		    arena_printf(a, "%s (decided by %s)", err_blame_word(r->blame),
				 html_safe(a, r->verdict_rule)));
		if (c.step)
			row(out, "Step",
			    arena_printf(a, "%s%s", html_safe(a, c.step->id),
					 step_title(a, ", ", c.step, "")));
		if (c.measure)
			cause_measure(out, a, c.measure);
		else if (c.attempt && c.attempt->code)
			row(out, "Code", html_safe(a, c.attempt->code));
		if (todo)
			row(out, "What to do", html_safe(a, todo));
		sbuf_puts(out, "</dl>\n");
		if (c.attempt)
			console(out, a, r, c.attempt);
		sbuf_puts(out, "</div>\n");
	}
	sbuf_puts(out, "</section>\n");
}

static void facts(struct sbuf *out, struct arena *a, const char *title, const struct facts *f)
{
	sbuf_printf(out, "<div><h2>%s</h2><dl>\n", title);
	for (size_t i = 0; i < f->count; i++)
		row(out, f->row[i].label, html_safe(a, f->row[i].value));
	sbuf_puts(out, "</dl></div>\n");
}

static void identity(struct sbuf *out, struct arena *a, const struct unit_run *r)
{
	struct facts f;

	sbuf_puts(out, "<section class=\"facts\">\n");
	facts_unit(&f, a, r);
	facts(out, a, "Unit", &f);
	facts_test(&f, a, r);
	facts(out, a, "Tested", &f);
	facts_used(&f, a, r);
	facts(out, a, "With", &f);
	sbuf_puts(out, "</section>\n");
}

/* --- steps --- */

static const char *result_class(const char *result)
{
	static const char *const word[][2] = {
		{ "PASS", "pass" },     { "MARGINAL", "marginal" }, { "FAIL", "fail" },
		{ "UNSET", "unset" },   { "ERROR", "error" },       { "ABORT", "error" },
		{ "NOT RUN", "error" },
	};

	for (size_t i = 0; i < sizeof(word) / sizeof(*word); i++)
		if (!strcmp(word[i][0], result))
			return word[i][1];
	return "dim";
}

static void sub(struct sbuf *out, const char *label, const char *safe, const char *class)
{
	sbuf_printf(
		out,
		"<tr class=\"sub\"><td colspan=\"5\">%s <span class=\"%s\">%s</span></td></tr>\n",
		label, class, safe);
}

static void measure(struct sbuf *out, struct arena *a, const struct measure *m,
		    const struct attempt *at, int on_top)
{
	const char *result = facts_result(m, at), *class = result_class(result);
	const char *unit = m->unit && m->has ? html_safe(a, m->unit) : "";

	sbuf_printf(out,
		    "<tr class=\"m %s\"><td>%s</td><td class=\"v\">%s%s%s</td><td>%s</td>"
		    "<td class=\"bar\">",
		    class, html_safe(a, m->name), html_safe(a, facts_value(a, m)), *unit ? " " : "",
		    unit, html_safe(a, facts_limit(a, m)));
	html_bar(out, a, m, BAR);
	sbuf_printf(out, "</td><td class=\"r %s\">%s</td></tr>\n", class, result);
	if (on_top)
		return; /* what led there stands there */
	if (m->note)
		sub(out, "note:", html_safe(a, m->note), "");
	if (m->raw && (m->result == JUDGED_FAIL || m->result == JUDGED_UNSET || !m->has))
		sub(out, "unit said:", html_safe(a, m->raw), "mono");
}

/* Nothing to judge, nothing to explain. */
static int is_recorded(const struct measure *m)
{
	return m->result == JUDGED_NONE && m->op == LIMIT_NONE && m->has && !m->note;
}

/* Then its message says what its measures say. */
static int failing(const struct attempt *at)
{
	for (size_t i = 0; i < at->measures; i++)
		if (at->measure[i].result == JUDGED_FAIL)
			return 1;
	return 0;
}

/* Values that nothing judges, in one row. */
static void recorded(struct sbuf *out, struct arena *a, const struct attempt *at)
{
	const char *sep = "<tr class=\"sub\"><td colspan=\"5\">recorded:";
	size_t n = 0;

	for (size_t i = 0, many; i < at->measures; i += many ? many : 1) {
		const struct measure *m = &at->measure[i];
		const char *base;

		many = facts_series(&base, a, at, i);
		if (many)
			sbuf_printf(
				out,
				"%s <span class=\"one\">%s.1 to .%zu (in the JSON report)</span>",
				n++ ? "," : sep, html_safe(a, base), many);
		if (many || !is_recorded(m))
			continue;
		sbuf_printf(out, "%s <span class=\"one\">%s <b>%s%s%s</b></span>", n++ ? "," : sep,
			    html_safe(a, m->name), html_safe(a, facts_value(a, m)),
			    m->unit && m->has ? " " : "",
			    m->unit && m->has ? html_safe(a, m->unit) : "");
	}
	if (n)
		sbuf_puts(out, "</td></tr>\n");
}

static void attempt(struct sbuf *out, struct arena *a, const struct step_run *s,
		    const struct attempt *at, const struct facts_cause *top_cause)
{
	if (s->attempts > 1 || (at->verdict != VERDICT_PASS && !failing(at)))
		sbuf_printf(
			out,
			"<tr class=\"sub\"><td colspan=\"4\">attempt %d of %zu, %s of %s%s%s%s%s"
			"</td><td class=\"r %s\">%s</td></tr>\n",
			at->number, s->attempts, facts_span(a, at->duration_ms),
			facts_span(a, at->limit_ms), at->code ? ": " : "",
			at->code ? html_safe(a, at->code) : "", at->message ? ": " : "",
			at->message ? html_safe(a, at->message) : "",
			result_class(verdict_word(at->verdict)), verdict_word(at->verdict));
	for (size_t i = 0, many; i < at->measures; i += many ? many : 1) {
		const char *base;

		many = facts_series(&base, a, at, i);
		if (!many && !is_recorded(&at->measure[i]))
			measure(out, a, &at->measure[i], at, &at->measure[i] == top_cause->measure);
	}
	recorded(out, a, at);
}

static void step(struct sbuf *out, struct arena *a, const struct step_run *s, size_t number,
		 const struct facts_cause *c)
{
	const char *result = facts_step_result(s), *rest = "";
	int64_t used = 0;

	for (size_t k = 0; k < s->attempts; k++)
		used += s->attempt[k].duration_ms;
	if (s->skip_rule)
		rest = arena_printf(a, ", skipped: %s", html_safe(a, facts_skip(a, s)));
	else if (s->attempts)
		rest = arena_printf(
			a, ", %s%s", facts_span(a, used),
			s->attempts > 1
				? " in all"
				: arena_printf(a, " of %s", facts_span(a, s->attempt[0].limit_ms)));
	sbuf_printf(out,
		    "<tbody>\n<tr class=\"step\"><th colspan=\"4\" scope=\"rowgroup\">"
		    "<span class=\"id\">%zu %s</span> %s<span class=\"dim\">%s%s</span></th>"
		    "<td class=\"r %s\"><b>%s</b></td></tr>\n",
		    number, html_safe(a, s->id), step_title(a, "", s, " "), html_safe(a, s->kind),
		    rest, result_class(result), result);
	for (size_t k = 0; k < s->attempts; k++)
		attempt(out, a, s, &s->attempt[k], c);
	sbuf_puts(out, "</tbody>\n");
}

static void steps(struct sbuf *out, struct arena *a, const struct unit_run *r)
{
	struct facts_cause c;

	facts_cause(&c, r);
	sbuf_puts(out, "<section>\n<h2 class=\"line\">Steps and measurements");
	html_bar_legend(out);
	sbuf_puts(out, "</h2>\n");
	if (!r->steps) {
		sbuf_puts(out, "<p>No step was planned</p>\n</section>\n");
		return;
	}
	sbuf_puts(out, "<table>\n<thead><tr><th scope=\"col\">Measurement</th>"
		       "<th scope=\"col\">Value</th><th scope=\"col\">Limit</th>"
		       "<th scope=\"col\">Margin</th><th scope=\"col\">Result</th></tr></thead>\n");
	for (size_t i = 0; i < r->steps; i++)
		step(out, a, &r->step[i], i + 1, &c);
	sbuf_puts(out, "</table>\n</section>\n");
}

static void history(struct sbuf *out, struct arena *a, const struct report_history *h)
{
	if (!h || !h->count)
		return;
	sbuf_puts(out, "<section>\n<h2>Other runs of this unit</h2>\n<table>\n");
	for (size_t i = 0; i < h->count; i++)
		sbuf_printf(out,
			    "<tr class=\"m\"><td>%s</td><td class=\"r %s\">%s</td>"
			    "<td class=\"mono\">%s</td><td>%s</td></tr>\n",
			    facts_time(a, h->past[i].started_ms),
			    result_class(verdict_word(h->past[i].verdict)),
			    verdict_word(h->past[i].verdict),
			    html_safe(a, facts_cut(a, h->past[i].run, 11)),
			    h->past[i].first_fail ? html_safe(a, h->past[i].first_fail) : "");
	sbuf_puts(out, "</table>\n</section>\n");
}

static void foot(struct sbuf *out, struct arena *a, const struct unit_run *r)
{
	struct facts f;

	facts_record(&f, a, r);
	sbuf_puts(out, "<footer>\n");
	for (size_t i = 0; i < f.count; i++)
		sbuf_printf(out, "<span>%s <b class=\"mono\">%s</b></span>\n", f.row[i].label,
			    html_safe(a, f.row[i].value));
	sbuf_puts(out, "</footer>\n</body>\n</html>\n");
}

static int write(struct sbuf *out, const struct unit_run *r, const struct report_history *h,
		 struct err *err)
{
	struct arena a = { 0 };

	(void)err;
	head(out, &a, r);
	top(out, &a, r);
	cause(out, &a, r);
	identity(out, &a, r);
	steps(out, &a, r);
	history(out, &a, h);
	foot(out, &a, r);
	arena_free(&a);
	return 0;
}

const struct report_writer report_html = {
	.name = "html",
	.extension = "html",
	.summary = "one page for people and paper, with margin bars, no scripts",
	.write = write,
};
