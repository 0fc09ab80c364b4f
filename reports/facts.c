#include "reports/facts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/text.h"

const char *facts_safe(struct arena *a, const char *text)
{
	struct sbuf b = { 0 };
	char *out;

	if (!text || !*text)
		return "-";
	text_clean(&b, text, strlen(text));
	out = arena_strdup(a, sbuf_str(&b));
	sbuf_release(&b);
	return out;
}

static size_t char_len(const char *s)
{
	int n = text_utf8_len(s, strlen(s));

	return n > 0 ? (size_t)n : 1;
}

size_t facts_width(const char *text)
{
	size_t n = 0;

	for (const char *p = text; *p; p += char_len(p))
		n++;
	return n;
}

const char *facts_cut(struct arena *a, const char *text, size_t max)
{
	const char *safe = facts_safe(a, text), *p = safe;

	if (facts_width(safe) <= max)
		return safe;
	for (size_t n = 3; n < max; n++)
		p += char_len(p);
	return arena_printf(a, "%.*s...", (int)(p - safe), safe);
}

const char *facts_time(struct arena *a, int64_t wall_ms)
{
	char t[CLOCK_TEXT];

	if (!wall_ms)
		return "unknown";
	clock_print(t, wall_ms);
	if (t[4] != '-')
		return arena_strdup(a, t);
	return arena_printf(a, "%.10s %.8s UTC", t, t + 11);
}

const char *facts_span(struct arena *a, int64_t ms)
{
	int64_t s = ms / 1000;

	if (ms < 0)
		return "unknown";
	if (ms < 1000)
		return arena_printf(a, "%" PRId64 " ms", ms);
	if (s < 100 && ms % 1000)
		return arena_printf(a, "%" PRId64 ".%" PRId64 " s", s, ms % 1000 / 100);
	if (s < 60)
		return arena_printf(a, "%" PRId64 " s", s);
	if (s < 3600)
		return s % 60 ? arena_printf(a, "%" PRId64 " min %02" PRId64 " s", s / 60, s % 60)
			      : arena_printf(a, "%" PRId64 " min", s / 60);
	return arena_printf(a, "%" PRId64 " h %02" PRId64 " min", s / 3600, s / 60 % 60);
}

static const char *printed(struct arena *a, struct value v)
{
	struct sbuf b = { 0 };
	char *out;

	value_print(&b, v);
	out = arena_strdup(a, sbuf_str(&b));
	sbuf_release(&b);
	return out;
}

static const char *bare(struct arena *a, double x)
{
	return printed(a, value_num(x, NULL));
}

/* A value that broke its limit must not round to the limit, or to its good side. */
static const char *number(struct arena *a, const struct measure *m)
{
	const char *text = bare(a, m->num);
	double shown = strtod(text, NULL);

	if (m->result != JUDGED_FAIL || shown == m->num || (!m->has_lo && !m->has_hi) ||
	    (m->has_lo && shown < m->lo) || (m->has_hi && shown > m->hi))
		return text;
	return json_num_print(arena_alloc(a, JSON_NUM), m->num);
}

const char *facts_value(struct arena *a, const struct measure *m)
{
	if (!m->has)
		return m->reason ? arena_printf(a, "no value: %s", facts_safe(a, m->reason))
				 : "no value";
	if (m->type == VALUE_TEXT || m->type == VALUE_VERSION)
		return facts_safe(a, m->text);
	return m->type == VALUE_BOOL ? printed(a, value_bool(m->num != 0)) : number(a, m);
}

const char *facts_limit(struct arena *a, const struct measure *m)
{
	const char *limit;

	if (!m->expected && m->op == LIMIT_NONE)
		return "-";
	limit = facts_safe(a, m->expected);
	if (m->has_warn_lo && m->has_warn_hi)
		return arena_printf(a, "%s, warn %s .. %s", limit, bare(a, m->warn_lo),
				    bare(a, m->warn_hi));
	if (m->has_warn_lo)
		return arena_printf(a, "%s, warn %s %s", limit,
				    m->op == LIMIT_GT ? ">" : ">=", bare(a, m->warn_lo));
	if (m->has_warn_hi)
		return arena_printf(a, "%s, warn %s %s", limit,
				    m->op == LIMIT_LT ? "<" : "<=", bare(a, m->warn_hi));
	return limit;
}

const char *facts_must(struct arena *a, const struct measure *m)
{
	static const struct {
		const char *sign, *words;
	} said[] = { { "== ", "" },
		     { "!= ", "other than " },
		     { "matches ", "text that matches " } };
	const char *limit = m->expected ? facts_safe(a, m->expected) : "-";

	for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++)
		if (!strncmp(limit, said[i].sign, strlen(said[i].sign)))
			return arena_printf(a, "%s%s", said[i].words, limit + strlen(said[i].sign));
	return limit;
}

const char *facts_result(const struct measure *m, const struct attempt *at)
{
	if (at->not_judged && m->result == JUDGED_NONE)
		return "not judged";
	switch (m->result) {
	case JUDGED_PASS:
		return m->marginal ? "MARGINAL" : "PASS";
	case JUDGED_FAIL:
		return "FAIL";
	case JUDGED_UNSET:
		return "UNSET";
	case JUDGED_NONE:
		break;
	}
	return "-";
}

/* Length of NAME in "NAME.7" with that index, else 0. */
static size_t indexed(const char *name, long index)
{
	const char *dot = strrchr(name, '.');
	char *end;

	if (!dot || dot == name || dot[1] < '1' || dot[1] > '9' ||
	    strtol(dot + 1, &end, 10) != index || *end)
		return 0;
	return (size_t)(dot - name);
}

size_t facts_series(const char **base, struct arena *a, const struct attempt *at, size_t i)
{
	size_t len = indexed(at->measure[i].name, 1), n = 0;

	for (; len && i + n < at->measures; n++) {
		const struct measure *m = &at->measure[i + n];

		if (m->op != LIMIT_NONE || m->result != JUDGED_NONE || !m->has ||
		    indexed(m->name, (long)n + 1) != len ||
		    strncmp(m->name, at->measure[i].name, len))
			break;
	}
	if (n <= FACTS_SERIES)
		return 0;
	*base = arena_printf(a, "%.*s", (int)len, at->measure[i].name);
	return n;
}

const char *facts_step_result(const struct step_run *s)
{
	enum verdict v = step_run_verdict(s);

	return v == VERDICT_NONE ? "NOT RUN" : verdict_word(v);
}

/* first_fail is "STEP#ATTEMPT.MEASURE" or "STEP#ATTEMPT:CODE"; a step's id has no '#'. */
void facts_cause(struct facts_cause *out, const struct unit_run *r)
{
	const char *ff = r->first_fail, *hash = ff ? strchr(ff, '#') : NULL;
	char *end;
	long number;

	*out = (struct facts_cause){ 0 };
	if (!hash)
		return;
	number = strtol(hash + 1, &end, 10);
	for (size_t i = 0; i < r->steps; i++) {
		const struct step_run *s = &r->step[i];

		if (strlen(s->id) == (size_t)(hash - ff) && !strncmp(s->id, ff, strlen(s->id)))
			out->step = s;
	}
	for (size_t i = 0; out->step && i < out->step->attempts; i++)
		if (out->step->attempt[i].number == number)
			out->attempt = &out->step->attempt[i];
	for (size_t i = 0; out->attempt && *end == '.' && i < out->attempt->measures; i++)
		if (!strcmp(out->attempt->measure[i].name, end + 1))
			out->measure = &out->attempt->measure[i];
}

static const char *measure_sentence(struct arena *a, const struct measure *m)
{
	const char *unit = m->unit && m->has ? arena_printf(a, " %s", facts_safe(a, m->unit)) : "";

	return arena_printf(a, "%s is %s%s, must be %s", facts_safe(a, m->name), facts_value(a, m),
			    unit, m->expected ? facts_safe(a, m->expected) : "measured");
}

/* "; marginal: wifi.rate" and "; repeated: wifi" of a run that passed. */
static const char *passed(struct arena *a, const struct unit_run *r)
{
	const char *marginal = "", *repeated = "";

	for (size_t i = 0; i < r->steps; i++) {
		const struct step_run *s = &r->step[i];
		const struct attempt *at = s->attempts ? &s->attempt[s->attempts - 1] : NULL;

		if (s->attempts > 1)
			repeated = arena_printf(a, "%s%s %s", repeated,
						*repeated ? "," : "; repeated:", s->id);
		for (size_t k = 0; at && k < at->measures; k++)
			if (at->measure[k].marginal)
				marginal = arena_printf(a, "%s%s %s.%s", marginal,
							*marginal ? "," : "; marginal:", s->id,
							facts_safe(a, at->measure[k].name));
	}
	return arena_printf(a, "Every planned step passed%s%s", marginal, repeated);
}

const char *facts_why(struct arena *a, const struct unit_run *r)
{
	struct facts_cause c;
	const char *what, *stop;

	if (r->verdict == VERDICT_PASS)
		return passed(a, r);
	facts_cause(&c, r);
	stop = r->stop_reason ? arena_printf(a, " (%s)", facts_safe(a, r->stop_reason)) : "";
	if (r->verdict == VERDICT_INTERRUPTED)
		return arena_printf(
			a,
			SAID("The program or the power ended before the run was closed; "
			     "what was finished by then is below%s"),
			stop);
	if (r->verdict == VERDICT_ABORTED && !c.step)
		return arena_printf(a, SAID("The operator stopped the run%s"), stop);
	if (!c.step)
		return arena_printf(a, SAID("Decided by: %s%s"), facts_safe(a, r->verdict_rule),
				    stop);
	if (c.measure)
		what = measure_sentence(a, c.measure);
	else if (c.attempt && c.attempt->message)
		what = facts_safe(a, c.attempt->message);
	else if (c.attempt && c.attempt->code)
		what = err_what(err_find(c.attempt->code));
	else
		what = SAID("it has no result");
	return arena_printf(a, SAID("Step %s%s: %s%s"), c.step->id,
			    c.attempt && c.attempt->number > 1
				    ? arena_printf(a, ", attempt %d", c.attempt->number)
				    : "",
			    what, stop);
}

const char *facts_todo(const struct unit_run *r)
{
	struct facts_cause c;
	enum err_code code;

	facts_cause(&c, r);
	if (c.measure || !c.attempt || !c.attempt->code)
		return NULL;
	code = err_find(c.attempt->code);
	return !strcmp(err_name(code), c.attempt->code) ? err_todo(code) : NULL;
}

const char *facts_skip(struct arena *a, const struct step_run *s)
{
	static const char stopped[] = "stopped:";
	static const struct {
		const char *rule, *words;
	} rules[] = {
		{ "variant", "not asked for on this variant" },
		{ "aborted", "the run was stopped before" },
		{ "only", "not among the steps that were asked for" },
		{ "engineer", "left out by an engineer" },
	};

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (!strcmp(s->skip_rule, rules[i].rule))
			return rules[i].words;
	if (!strncmp(s->skip_rule, stopped, sizeof(stopped) - 1))
		return arena_printf(a, "%s did not pass", s->skip_rule + sizeof(stopped) - 1);
	return s->skip_rule;
}

const char *facts_step_title(const struct step_run *s)
{
	return s->title && strcmp(s->title, s->id) ? s->title : "";
}

static void add(struct facts *f, const char *label, const char *value)
{
	if (f->count < FACTS_MAX)
		f->row[f->count++] = (struct fact){ label, value };
}

static void add_text(struct facts *f, struct arena *a, const char *label, const char *text)
{
	add(f, label, facts_safe(a, text));
}

void facts_unit(struct facts *out, struct arena *a, const struct unit_run *r)
{
	*out = (struct facts){ 0 };
	add_text(out, a, "Serial", r->serial);
	if (r->label_raw && r->serial && strcmp(r->label_raw, r->serial))
		add_text(out, a, "Label as read", r->label_raw);
	add_text(out, a, "Product", r->product);
	add_text(out, a, "Process", r->process);
	if (r->variant && *r->variant)
		add_text(out, a, "Variant", r->variant);
	add(out, "Run of unit",
	    r->attempt_seen > 0 ? arena_printf(a, "%" PRId64, r->attempt_seen) : "-");
	if (r->retest)
		add_text(out, a, "Retest", r->retest);
	add(out, "Mode",
	    arena_printf(a, "%s, %s%s", run_mode_word(r->mode),
			 r->counts ? "counts for yield" : "not for yield: ",
			 r->counts ? "" : facts_safe(a, r->counts_why)));
}

/* What it showed; what the fixture asks for where none was opened, or where the record does
 * not tell. */
static const char *interface(struct arena *a, const struct unit_run *r)
{
	const char *serial = r->seen_serial ? r->seen_serial : "", *note = r->seen_note;

	if (!r->seen_product)
		return r->ftdi_serial ? arena_printf(a, "FTDI %s", facts_safe(a, r->ftdi_serial))
				      : "-";
	return arena_printf(a, "%s, %s%s%s%s", facts_safe(a, r->seen_product),
			    *serial ? "serial " : "no serial", *serial ? facts_safe(a, serial) : "",
			    note ? "; " : "", note ? facts_safe(a, note) : "");
}

void facts_test(struct facts *out, struct arena *a, const struct unit_run *r)
{
	*out = (struct facts){ 0 };
	add(out, "Started", facts_time(a, r->started_ms));
	add(out, "Ended",
	    arena_printf(a, "%s, after %s", facts_time(a, r->ended_ms),
			 facts_span(a, r->duration_ms)));
	add_text(out, a, "Clock", r->clock_state);
	add(out, "Operator",
	    arena_printf(a, "%s (login: %s)", facts_safe(a, r->operator),
			 facts_safe(a, r->operator_how)));
	add(out, "Station",
	    r->line && *r->line ? arena_printf(a, "%s, line %s", facts_safe(a, r->station),
					       facts_safe(a, r->line))
				: facts_safe(a, r->station));
	add(out, "Slot",
	    arena_printf(a, "%s, USB %s", facts_safe(a, r->slot), facts_safe(a, r->usb_path)));
	add(out, "Fixture",
	    arena_printf(a, "%s, cycle %" PRId64, facts_safe(a, r->fixture), r->fixture_cycles));
	add(out, "Interface", interface(a, r));
	add(out, "Calibration",
	    r->calibration_due ? arena_printf(a, "due %s", facts_safe(a, r->calibration_due))
			       : "no due date");
}

void facts_used(struct facts *out, struct arena *a, const struct unit_run *r)
{
	*out = (struct facts){ 0 };
	add(out, "Plan",
	    arena_printf(a, "%s, revision %s", facts_safe(a, r->plan_title),
			 facts_safe(a, r->plan_revision)));
	add_text(out, a, "Plan file", r->plan_path);
	add(out, "Plan hash", arena_printf(a, "%.16s", facts_safe(a, r->plan_sha256)));
	add(out, "Limits hash", arena_printf(a, "%.16s", facts_safe(a, r->limits_sha256)));
	add_text(out, a, "Board profile", r->board);
	add(out, "Software",
	    arena_printf(a, "station %s, %.16s", facts_safe(a, r->sw_version),
			 facts_safe(a, r->sw_sha256)));
	add(out, "Host",
	    arena_printf(a, "%s, %s, %s", facts_safe(a, r->host), facts_safe(a, r->os_release),
			 facts_safe(a, r->kernel)));
}

void facts_record(struct facts *out, struct arena *a, const struct unit_run *r)
{
	*out = (struct facts){ 0 };
	add_text(out, a, "Run", r->id);
	add(out, "Record",
	    r->seq > 0 ? arena_printf(a, "entry %" PRId64 ", chain %.16s", r->seq, r->hash)
		       : "not in the chain");
	add_text(out, a, "Installation", r->installation);
}

/* Where a line ends at p, its length is in *skip: a real line end or an escaped one. */
static int line_end(const char *p, size_t *skip)
{
	*skip = 1;
	if (*p == '\n')
		return 1;
	if (p[0] == '\\' && p[1]) {
		*skip = 2;
		return p[1] == 'n';
	}
	return 0;
}

static const char *console_line(struct arena *a, const char *from, size_t n)
{
	char *line = arena_printf(a, "%.*s", (int)n, from);

	while (n >= 2 && line[n - 2] == '\\' && line[n - 1] == 'r' &&
	       (n < 3 || line[n - 3] != '\\')) {
		n -= 2;
		line[n] = '\0';
	}
	return facts_cut(a, line, 100);
}

size_t facts_console(const char *line[], size_t max_lines, struct arena *a,
		     const struct unit_run *r, const struct attempt *at)
{
	const char *text, *p, *from;
	size_t count = 0, to = at->console_to < r->console_len ? at->console_to : r->console_len;
	size_t skip;

	if (!r->console || at->console_from >= to || !max_lines)
		return 0;
	text = arena_printf(a, "%.*s", (int)(to - at->console_from), r->console + at->console_from);
	for (p = from = text; *p; p += skip) {
		if (!line_end(p, &skip) && p[skip])
			continue;
		if (count == max_lines) {
			memmove(line, line + 1, (max_lines - 1) * sizeof(*line));
			count--;
		}
		line[count++] =
			console_line(a, from, (size_t)(p - from) + (line_end(p, &skip) ? 0 : skip));
		from = p + skip;
	}
	return count;
}
