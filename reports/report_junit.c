#include <stdio.h>
#include <string.h>
#include <libxml/xmlwriter.h>

#include "base/clock.h"
#include "base/lazy.h"
#include "base/text.h"
#include "reports/facts.h"
#include "reports/report.h"

/*
 * report_junit -- JUnit XML as Jenkins' xunit plug-in reads it (junit-10.xsd
 * there; reports/schema/junit.xsd is ours): one suite for the run, one test case
 * for each step with its last verdict. Attempts before the last are rerun* or
 * flaky* elements, as Maven's Surefire writes them. A run that did not pass has
 * a failure or an error in it, whatever its steps say.
 *
 * libxml2 writes what it is given, also what XML 1.0 cannot hold: all text goes
 * through xml() first.
 */
/* clang-format off */
#define XML2_CALLS(F) \
	F(xml, TextWriterStartElement) F(xml, TextWriterEndElement) \
	F(xml, TextWriterWriteAttribute) F(xml, TextWriterWriteString) \
	F(xml, TextWriterSetIndent) F(xml, TextWriterStartDocument) \
	F(xml, TextWriterEndDocument) F(xml, BufferCreate) F(xml, NewTextWriterMemory) \
	F(xml, FreeTextWriter) F(xml, BufferContent) F(xml, BufferLength) \
	F(xml, BufferFree)
LAZY(xml2, XML2_CALLS);
/* clang-format on */

struct out {
	xmlTextWriterPtr w;
	struct arena *arena;
	int bad; /* the library failed once */
};

static int xml_char(unsigned long c)
{
	return c == 9 || c == 10 || c == 13 || (c >= 0x20 && c <= 0xd7ff) ||
	       (c >= 0xe000 && c <= 0xfffd) || (c >= 0x10000 && c <= 0x10ffff);
}

static unsigned long code_point(const char *s, int len)
{
	static const unsigned char mask[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	unsigned long c = (unsigned char)s[0] & mask[len];

	for (int i = 1; i < len; i++)
		c = c << 6 | ((unsigned char)s[i] & 0x3f);
	return c;
}

/* Only characters of XML 1.0, the others as U+FFFD. */
static const xmlChar *xml(struct out *o, const char *s)
{
	struct sbuf b = { 0 };
	size_t n = s ? strlen(s) : 0;
	char *text;

	for (size_t i = 0; i < n;) {
		int len = text_utf8_len(s + i, n - i);

		if (len > 0 && xml_char(code_point(s + i, len)))
			sbuf_add(&b, s + i, (size_t)len);
		else
			sbuf_puts(&b, "\xef\xbf\xbd");
		i += len > 0 ? (size_t)len : 1;
	}
	text = arena_strdup(o->arena, sbuf_str(&b));
	sbuf_release(&b);
	return (const xmlChar *)text;
}

static void start(struct out *o, const char *name)
{
	o->bad |= xml2.TextWriterStartElement(o->w, (const xmlChar *)name) < 0;
}

static void end(struct out *o)
{
	o->bad |= xml2.TextWriterEndElement(o->w) < 0;
}

static void attr(struct out *o, const char *name, const char *value)
{
	o->bad |= xml2.TextWriterWriteAttribute(o->w, (const xmlChar *)name, xml(o, value)) < 0;
}

static void attr_count(struct out *o, const char *name, size_t n)
{
	attr(o, name, arena_printf(o->arena, "%zu", n));
}

static void attr_time(struct out *o, int64_t ms)
{
	if (ms < 0)
		ms = 0;
	attr(o, "time",
	     arena_printf(o->arena, "%lld.%03d", (long long)(ms / 1000), (int)(ms % 1000)));
}

static void text(struct out *o, const char *s)
{
	o->bad |= xml2.TextWriterWriteString(o->w, xml(o, s)) < 0;
}

static void property(struct out *o, const char *name, const char *value)
{
	start(o, "property");
	attr(o, "name", name);
	attr(o, "value", value ? value : "");
	end(o);
}

/* --- what counts as what --- */

enum outcome { PASSED, FAILED, BROKEN, SKIPPED };

static enum outcome outcome(enum verdict v)
{
	return v == VERDICT_PASS   ? PASSED
	       : v == VERDICT_FAIL ? FAILED
	       : v == VERDICT_SKIP ? SKIPPED
				   : BROKEN;
}

static void count(size_t n[4], const struct unit_run *r)
{
	memset(n, 0, 4 * sizeof(*n));
	for (size_t i = 0; i < r->steps; i++)
		n[outcome(step_run_verdict(&r->step[i]))]++;
}

/* A run that did not pass although no step says so needs a case of its own. */
static int needs_case(const size_t n[4], const struct unit_run *r)
{
	return r->verdict != VERDICT_PASS && !n[FAILED] && !n[BROKEN];
}

/* --- cases --- */

static const char *measures(struct out *o, const struct attempt *at)
{
	struct sbuf b = { 0 };
	const char *s;

	for (size_t i = 0; i < at->measures; i++) {
		const struct measure *m = &at->measure[i];

		sbuf_printf(&b, "%s = %s%s%s; limit %s; %s\n", facts_safe(o->arena, m->name),
			    facts_value(o->arena, m), m->unit && m->has ? " " : "",
			    m->unit && m->has ? facts_safe(o->arena, m->unit) : "",
			    facts_limit(o->arena, m), facts_result(m, at));
		if (m->note)
			sbuf_printf(&b, "  note: %s\n", facts_safe(o->arena, m->note));
		if (m->raw)
			sbuf_printf(&b, "  unit said: %s\n", facts_safe(o->arena, m->raw));
	}
	s = arena_strdup(o->arena, sbuf_str(&b));
	sbuf_release(&b);
	return s;
}

static const char *message(struct out *o, const struct attempt *at)
{
	int alike =
		at->code && err_find(at->code) == ERR_ALIKE; /* then not the value is the cause */

	for (size_t i = 0; i < at->measures && !alike; i++)
		if (at->measure[i].result == JUDGED_FAIL || at->measure[i].result == JUDGED_UNSET)
			return arena_printf(o->arena, "%s is %s%s%s, must be %s",
					    facts_safe(o->arena, at->measure[i].name),
					    facts_value(o->arena, &at->measure[i]),
					    at->measure[i].unit && at->measure[i].has ? " " : "",
					    at->measure[i].unit && at->measure[i].has
						    ? facts_safe(o->arena, at->measure[i].unit)
						    : "",
					    facts_safe(o->arena, at->measure[i].expected));
	return facts_safe(o->arena, at->message);
}

static const char *type(const struct attempt *at)
{
	return at->code                      ? at->code
	       : at->verdict == VERDICT_FAIL ? "limit"
					     : verdict_word(at->verdict);
}

/* element: of an attempt that did not pass; "rerunFailure" and its like hold
 * the text in an element of its own. */
static void bad_attempt(struct out *o, const char *element, const struct attempt *at, int again)
{
	start(o, element);
	attr(o, "message", message(o, at));
	attr(o, "type", type(at));
	if (again)
		start(o, "stackTrace");
	text(o, arena_printf(o->arena, "attempt %d: %s, blame %s\n%s%s%s", at->number,
			     verdict_word(at->verdict), err_blame_word(at->blame),
			     at->message ? facts_safe(o->arena, at->message) : "",
			     at->message ? "\n" : "", measures(o, at)));
	if (again)
		end(o);
	end(o);
}

static void earlier(struct out *o, const struct step_run *s, enum outcome last)
{
	for (size_t i = 0; i + 1 < s->attempts; i++) {
		const struct attempt *at = &s->attempt[i];
		int failed = outcome(at->verdict) == FAILED;

		if (outcome(at->verdict) == PASSED)
			continue; /* of a group that was repeated */
		if (last == PASSED)
			bad_attempt(o, failed ? "flakyFailure" : "flakyError", at, 1);
		else
			bad_attempt(o, failed ? "rerunFailure" : "rerunError", at, 1);
	}
}

static void result(struct out *o, const struct step_run *s, enum outcome last)
{
	const struct attempt *at = s->attempts ? &s->attempt[s->attempts - 1] : NULL;

	if (last == SKIPPED) {
		start(o, "skipped");
		attr(o, "message", s->skip_rule);
		end(o);
	} else if (last != PASSED && at) {
		bad_attempt(o, last == FAILED ? "failure" : "error", at, 0);
	} else if (last != PASSED) {
		start(o, "error");
		attr(o, "message", "the step has no result");
		attr(o, "type", "NOT RUN");
		end(o);
	}
}

static void step(struct out *o, const struct unit_run *r, const struct step_run *s)
{
	enum outcome last = outcome(step_run_verdict(s));
	int64_t used = 0;

	for (size_t i = 0; i < s->attempts; i++)
		used += s->attempt[i].duration_ms;
	start(o, "testcase");
	attr(o, "classname",
	     arena_printf(o->arena, "%s.%s", facts_safe(o->arena, r->product),
			  facts_safe(o->arena, r->process)));
	attr(o, "name", facts_safe(o->arena, s->id));
	attr_time(o, used);
	result(o, s, last);
	earlier(o, s, last);
	if (s->attempts && s->attempt[s->attempts - 1].measures) {
		start(o, "system-out");
		text(o, measures(o, &s->attempt[s->attempts - 1]));
		end(o);
	}
	end(o);
}

static void run_case(struct out *o, const struct unit_run *r)
{
	int failed = r->verdict == VERDICT_FAIL;

	start(o, "testcase");
	attr(o, "classname",
	     arena_printf(o->arena, "%s.%s", facts_safe(o->arena, r->product),
			  facts_safe(o->arena, r->process)));
	attr(o, "name", "(run)");
	attr_time(o, 0);
	start(o, failed ? "failure" : "error");
	attr(o, "message", facts_why(o->arena, r));
	attr(o, "type", verdict_word(r->verdict));
	end(o);
	end(o);
}

static void properties(struct out *o, const struct unit_run *r)
{
	struct facts f[4];

	start(o, "properties");
	property(o, "verdict", verdict_word(r->verdict));
	property(o, "why", facts_why(o->arena, r));
	facts_unit(&f[0], o->arena, r);
	facts_test(&f[1], o->arena, r);
	facts_used(&f[2], o->arena, r);
	facts_record(&f[3], o->arena, r);
	for (size_t k = 0; k < 4; k++)
		for (size_t i = 0; i < f[k].count; i++)
			property(o, f[k].row[i].label, f[k].row[i].value);
	property(o, "hash", r->hash);
	end(o);
}

static void totals(struct out *o, const size_t n[4], const struct unit_run *r)
{
	int own = needs_case(n, r), failed = r->verdict == VERDICT_FAIL;

	attr(o, "name",
	     arena_printf(o->arena, "%s %s %s", facts_safe(o->arena, r->product),
			  facts_safe(o->arena, r->process), facts_safe(o->arena, r->serial)));
	attr_count(o, "tests", r->steps + (size_t)own);
	attr_count(o, "failures", n[FAILED] + (size_t)(own && failed));
	attr_count(o, "errors", n[BROKEN] + (size_t)(own && !failed));
	attr_time(o, r->duration_ms);
}

static void document(struct out *o, const struct unit_run *r)
{
	char started[CLOCK_TEXT];
	size_t n[4];

	count(n, r);
	o->bad |= xml2.TextWriterSetIndent(o->w, 1) < 0;
	o->bad |= xml2.TextWriterStartDocument(o->w, NULL, "UTF-8", NULL) < 0;
	start(o, "testsuites");
	totals(o, n, r);
	start(o, "testsuite");
	totals(o, n, r);
	attr_count(o, "skipped", n[SKIPPED]);
	attr(o, "timestamp", clock_print(started, r->started_ms));
	attr(o, "hostname", facts_safe(o->arena, r->host));
	attr(o, "id", r->id);
	properties(o, r);
	for (size_t i = 0; i < r->steps; i++)
		step(o, r, &r->step[i]);
	if (needs_case(n, r))
		run_case(o, r);
	end(o);
	end(o);
	o->bad |= xml2.TextWriterEndDocument(o->w) < 0;
}

static int write(struct sbuf *out, const struct unit_run *r, const struct report_history *h,
		 struct err *err)
{
	struct arena a = { 0 };
	struct out o = { .arena = &a };
	xmlBufferPtr buffer;
	int ret = 0;

	(void)h;
	if (LAZY_NEED(xml2, err) < 0)
		return err->code;
	buffer = xml2.BufferCreate();
	o.w = buffer ? xml2.NewTextWriterMemory(buffer, 0) : NULL;
	if (o.w)
		document(&o, r);
	xml2.FreeTextWriter(o.w); /* flushes into the buffer */
	if (!o.w || o.bad)
		ret = err_set(err, ERR_INTERNAL, "libxml2 could not write the report");
	else
		sbuf_add(out, xml2.BufferContent(buffer), (size_t)xml2.BufferLength(buffer));
	xml2.BufferFree(buffer);
	arena_free(&a);
	return ret;
}

const struct report_writer report_junit = {
	.name = "junit",
	.extension = "xml",
	.summary = "JUnit XML for Jenkins, GitLab and other dashboards",
	.write = write,
};
