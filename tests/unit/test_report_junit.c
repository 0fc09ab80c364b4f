#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <libxml/parser.h>
#include <libxml/xmlschemas.h>
#include <libxml/xpath.h>

#include "tests/unit/sample_run.h"
#include "tests/unit/xpath.h"

TestSuite(report_junit, .timeout = 20);

enum { QUIET = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING };

Test(report_junit, golden)
{
	for (int i = 0; i < SAMPLE_COUNT; i++) {
		struct sbuf out = { 0 };

		sample_report(&out, "junit", (enum sample)i);
		cr_expect(sample_golden(report_find("junit"), (enum sample)i, &out));
		sbuf_release(&out);
	}
}

static int number(xmlDocPtr doc, const char *attribute)
{
	xmlChar *text = xmlGetProp(xmlDocGetRootElement(doc), (const xmlChar *)attribute);
	int n = text ? (int)strtol((const char *)text, NULL, 10) : -1;

	xmlFree(text);
	return n;
}

/* Whatever the verdict and the texts: it parses, the schema holds, and only a
 * run that passed has neither failure nor error. */
static void check(const struct sbuf *out, int passed, const char *what)
{
	xmlDocPtr doc = xmlReadMemory(out->data, (int)out->len, NULL, NULL, QUIET);
	xmlSchemaParserCtxtPtr pc = xmlSchemaNewParserCtxt("reports/schema/junit.xsd");
	xmlSchemaPtr schema = xmlSchemaParse(pc);
	xmlSchemaValidCtxtPtr vc = xmlSchemaNewValidCtxt(schema);

	cr_assert(doc && schema, "%s", what);
	cr_expect_eq(xmlSchemaValidateDoc(vc, doc), 0, "%s", what);
	cr_expect_eq(number(doc, "failures"), xpath_count(doc, "//failure"), "%s", what);
	cr_expect_eq(number(doc, "errors"), xpath_count(doc, "//error"), "%s", what);
	cr_expect_eq(number(doc, "tests"), xpath_count(doc, "//testcase"), "%s", what);
	cr_expect_eq(number(doc, "failures") + number(doc, "errors") == 0, passed, "%s", what);
	xmlSchemaFreeValidCtxt(vc);
	xmlSchemaFree(schema);
	xmlSchemaFreeParserCtxt(pc);
	xmlFreeDoc(doc);
}

Test(report_junit, valid_by_the_schema)
{
	for (int i = 0; i < SAMPLE_COUNT; i++) {
		struct sbuf out = { 0 };

		sample_report(&out, "junit", (enum sample)i);
		check(&out, i == SAMPLE_PASS, sample_names[i]);
		sbuf_release(&out);
	}
}

/* The verdict of the run counts even when no step says so. */
Test(report_junit, a_run_that_did_not_pass_has_a_failure_or_an_error)
{
	for (int v = VERDICT_NONE; v < VERDICT_END_; v++) {
		struct sbuf out = { 0 };
		struct err err = { 0 };
		struct unit_run r;

		sample_run(&r, SAMPLE_PASS);
		r.verdict = (enum verdict)v;
		cr_assert_eq(report_find("junit")->write(&out, &r, NULL, &err), 0);
		check(&out, v == VERDICT_PASS, verdict_word(r.verdict));
		run_release(&r);
		sbuf_release(&out);
	}
}

Test(report_junit, earlier_attempts_are_kept)
{
	struct sbuf pass = { 0 }, error = { 0 };

	sample_report(&pass, "junit", SAMPLE_PASS);
	cr_expect(strstr(sbuf_str(&pass), "<flakyError "));
	sample_report(&error, "junit", SAMPLE_ERROR);
	cr_expect(strstr(sbuf_str(&error), "<rerunError "));
	cr_expect(strstr(sbuf_str(&error), "<skipped message=\"stopped:wifi\""));
	sbuf_release(&pass);
	sbuf_release(&error);
}

Test(report_junit, hostile_texts)
{
	for (size_t i = 0; i < sample_hostile_texts; i++) {
		struct sbuf out = { 0 };
		char name[32];

		sample_report_hostile(&out, "junit", SAMPLE_FAIL, sample_hostile_text[i]);
		snprintf(name, sizeof(name), "hostile-%zu", i);
		check(&out, 0, name);
		sample_emit(name, "xml", &out);
		sbuf_release(&out);
	}
}

/* Also names and codes, which no contract keeps clean, of all bytes 1..255. */
Test(report_junit, all_bytes_in_every_text)
{
	struct sbuf out = { 0 };
	struct err err = { 0 };
	struct unit_run r;
	char all[256];

	for (int i = 1; i < 256; i++)
		all[i - 1] = (char)i;
	all[255] = '\0';
	sample_hostile(&r, SAMPLE_ERROR, all);
	for (size_t i = 0; i < r.steps; i++) {
		r.step[i].id = r.step[i].kind = all;
		if (r.step[i].skip_rule)
			r.step[i].skip_rule = all;
		for (size_t k = 0; k < r.step[i].attempts; k++)
			if (r.step[i].attempt[k].code)
				r.step[i].attempt[k].code = all;
	}
	r.first_fail = all;
	cr_assert_eq(report_find("junit")->write(&out, &r, NULL, &err), 0);
	check(&out, 0, "all bytes");
	run_release(&r);
	sbuf_release(&out);
}
