#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <libxml/HTMLparser.h>
#include <libxml/xpath.h>

#include "base/text.h"
#include "reports/facts.h"
#include "reports/margin.h"
#include "tests/unit/sample_run.h"
#include "tests/unit/xpath.h"

TestSuite(report_html, .timeout = 20);

Test(report_html, golden)
{
	for (int i = 0; i < SAMPLE_COUNT; i++) {
		struct sbuf out = { 0 };

		sample_report(&out, "html", (enum sample)i);
		cr_expect(sample_golden(report_find("html"), (enum sample)i, &out));
		sbuf_release(&out);
	}
}

static int has(const struct sbuf *out, const char *what)
{
	return strstr(sbuf_str(out), what) != NULL;
}

Test(report_html, self_contained)
{
	for (int i = 0; i < SAMPLE_COUNT; i++) {
		struct sbuf out = { 0 };

		sample_report(&out, "html", (enum sample)i);
		cr_expect_not(has(&out, "<script"));
		cr_expect_not(has(&out, "<link"));
		cr_expect_not(has(&out, "http"));
		cr_expect_not(has(&out, "@import"));
		cr_expect_not(has(&out, " src="));
		sbuf_release(&out);
	}
}

Test(report_html, what_failed_stands_before_everything_else)
{
	struct sbuf out = { 0 };
	const char *cause, *steps;

	sample_report(&out, "html", SAMPLE_FAIL);
	cause = strstr(sbuf_str(&out), "Step gpio: shorts is 1, must be &lt;= 0");
	steps = strstr(sbuf_str(&out), "Steps and measurements");
	cr_assert(cause && steps);
	cr_expect_lt(cause, steps);
	cr_expect(has(&out, "pins 4 and 5 are shorted"));
	cr_expect(has(&out, "plans/rdb.ini:37"));
	cr_expect(has(&out, "chain 3f9a22c19bf29fcd"));
	cr_expect(has(&out, "3f9a22c1-7d15-4b86-9a51-0c6de2f4b810"));
	cr_expect(has(&out, "due 2026-05-31"));
	cr_expect(has(&out, "b8bea7ef44f00200"));
	sbuf_release(&out);
}

/* Every attempt stays, with its message, though the step passed in the end. */
Test(report_html, earlier_attempts)
{
	struct sbuf out = { 0 };

	sample_report(&out, "html", SAMPLE_PASS);
	cr_expect(has(&out, "attempt 1 of 2"));
	cr_expect(has(&out, "ERR_PEER"));
	cr_expect(has(&out, "marginal: wifi.rate; repeated: wifi"));
	cr_expect(has(&out, ">MARGINAL<"));
	sbuf_release(&out);
}

/* A parser of its own finds the same elements and attributes whatever the texts
 * are: they were taken as text. */
Test(report_html, hostile_texts_make_no_elements)
{
	const int flags = HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_NONET;
	int elements = -1;

	for (size_t i = 0; i < sample_hostile_texts; i++) {
		struct sbuf out = { 0 };
		xmlDocPtr doc;
		int n;

		if (!*sample_hostile_text[i] || sample_hostile_text[i][0] == '\x01')
			continue; /* no console lines, or more of them */
		sample_report_hostile(&out, "html", SAMPLE_FAIL, sample_hostile_text[i]);
		cr_expect_eq(text_utf8_bad(out.data, out.len), out.len);
		doc = htmlReadMemory(out.data, (int)out.len, NULL, "UTF-8", flags);
		cr_assert(doc);
		cr_expect_eq(xpath_count(doc, "//script|//img|//link|//iframe"), 0);
		cr_expect_eq(xpath_count(doc, "//@onload|//@onerror|//@src|//@href"), 0);
		n = xpath_count(doc, "//*");
		if (elements < 0)
			elements = n;
		cr_expect_eq(n, elements, "%s: %d elements, must be %d", sample_hostile_text[i], n,
			     elements);
		xmlFreeDoc(doc);
		sbuf_release(&out);
	}
	cr_expect_gt(elements, 100);
}

Test(report_html, hostile_texts_leave_no_control_bytes)
{
	for (size_t i = 0; i < sample_hostile_texts; i++) {
		struct sbuf out = { 0 };
		char name[32];

		sample_report_hostile(&out, "html", SAMPLE_ERROR, sample_hostile_text[i]);
		for (size_t k = 0; k < out.len; k++)
			cr_assert(out.data[k] == '\n' || (unsigned char)out.data[k] >= 0x20,
				  "byte %zu of %zu", k, i);
		snprintf(name, sizeof(name), "hostile-%zu", i);
		sample_emit(name, "html", &out);
		sbuf_release(&out);
	}
}

/* --- margin bars --- */

static struct measure limited(double x, int has_lo, double lo, int has_hi, double hi)
{
	return (struct measure){ .name = "m",
				 .type = VALUE_NUM,
				 .has = 1,
				 .num = x,
				 .op = has_lo && has_hi ? LIMIT_RANGE
				       : has_lo         ? LIMIT_GE
							: LIMIT_LE,
				 .has_lo = has_lo,
				 .lo = lo,
				 .has_hi = has_hi,
				 .hi = hi };
}

Test(report_html, margin_of_a_range)
{
	struct measure m = limited(3.25, 1, 3.2, 1, 3.4);
	struct margin g;

	cr_assert(margin_of(&g, &m));
	cr_expect_float_eq(g.good_from, 0.25, 1e-9);
	cr_expect_float_eq(g.good_to, 0.75, 1e-9);
	cr_expect_float_eq(g.at, 0.375, 1e-9);
	cr_expect_float_eq(g.percent, 25, 1e-9);
	cr_expect_eq(g.off, 0);
	m.num = 9;
	cr_assert(margin_of(&g, &m));
	cr_expect_eq(g.off, 1);
	cr_expect_eq(g.at, 1);
	cr_expect_lt(g.percent, 0);
}

Test(report_html, margin_of_one_limit)
{
	struct measure m = limited(19.4, 1, 18, 0, 0);
	struct margin g;

	cr_assert(margin_of(&g, &m));
	cr_expect_gt(g.at, g.good_from);
	cr_expect_eq(g.good_to, 1);
	cr_expect_float_eq(g.percent, 100 * 1.4 / 18, 1e-9);
	m.num = 12;
	cr_assert(margin_of(&g, &m));
	cr_expect_lt(g.at, g.good_from);
	cr_expect_eq(g.off, 0);
	m.num = -1e6;
	cr_assert(margin_of(&g, &m));
	cr_expect_eq(g.off, -1);
	m = limited(0, 0, 0, 1, 0); /* "<= 0" and the value on it: a bar, no percent */
	cr_assert(margin_of(&g, &m));
	cr_expect_eq(g.has_percent, 0);
	cr_expect_float_eq(g.at, g.good_to, 1e-9);
}

/* The value and its limit never change sides in the picture. */
Test(report_html, margin_agrees_with_the_limit)
{
	static const double number[] = { -1e300, -1e9, -3.5, -1e-300, 0, 1e-300, 2, 1e9, 1e300 };
	const size_t n = sizeof(number) / sizeof(*number);

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < n; k++) {
			struct measure m = limited(number[i], 1, number[k], 0, 0);
			struct margin g;

			if (!margin_of(&g, &m))
				continue;
			cr_expect(g.at >= 0 && g.at <= 1);
			if (number[i] > number[k])
				cr_expect_geq(g.at, g.good_from);
			if (number[i] < number[k])
				cr_expect_leq(g.at, g.good_from);
		}
}

Test(report_html, no_margin_without_numbers)
{
	struct measure m = limited(1, 1, 0, 1, 2);
	struct margin g;

	m.has = 0;
	cr_expect_not(margin_of(&g, &m));
	m = limited(__builtin_nan(""), 1, 0, 1, 2);
	cr_expect_not(margin_of(&g, &m));
	m = limited(1, 1, -__builtin_inf(), 1, 2);
	cr_expect_not(margin_of(&g, &m));
	m = limited(1, 0, 0, 0, 0);
	cr_expect_not(margin_of(&g, &m));
	m = limited(1, 1, 0, 1, 2);
	m.type = VALUE_TEXT;
	cr_expect_not(margin_of(&g, &m));
}

/* A cause without a bar has no line for it, and a title is not said twice. */
Test(report_html, nothing_is_said_without_need)
{
	struct sbuf out = { 0 };
	struct err err = { 0 };
	struct facts_cause c;
	struct unit_run r;

	sample_run(&r, SAMPLE_FAIL);
	facts_cause(&c, &r);
	cr_assert(c.measure && c.step && margin_of(&(struct margin){ 0 }, c.measure));
	cr_assert_eq(report_find("html")->write(&out, &r, NULL, &err), 0, "%s", err.text);
	cr_expect(strstr(sbuf_str(&out), "<dt>Margin</dt>"));
	cr_expect(strstr(sbuf_str(&out), "<dd>gpio, Pins"));
	sbuf_release(&out);

	((struct measure *)c.measure)->type = VALUE_TEXT;
	((struct step_run *)c.step)->title = c.step->id;
	cr_assert_eq(report_find("html")->write(&out, &r, NULL, &err), 0, "%s", err.text);
	cr_expect_not(strstr(sbuf_str(&out), "<dt>Margin</dt>"));
	cr_expect(strstr(sbuf_str(&out), "<dd>gpio</dd>"));
	cr_expect(strstr(sbuf_str(&out), "gpio</span> <span class=\"dim\">gpio_loopback"));
	sbuf_release(&out);
	run_release(&r);
}
