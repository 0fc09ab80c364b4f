#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "reports/facts.h"
#include "tests/unit/sample_run.h"

TestSuite(report_text, .timeout = 20);

Test(report_text, golden)
{
	for (int i = 0; i < SAMPLE_COUNT; i++) {
		struct sbuf out = { 0 };

		sample_report(&out, "text", (enum sample)i);
		cr_expect(sample_golden(report_find("text"), (enum sample)i, &out));
		sbuf_release(&out);
	}
}

static size_t widest(const struct sbuf *out)
{
	size_t widest = 0;

	for (const char *p = sbuf_str(out); *p;) {
		struct sbuf line = { 0 };
		size_t n = strcspn(p, "\n");

		sbuf_add(&line, p, n);
		if (facts_width(sbuf_str(&line)) > widest)
			widest = facts_width(sbuf_str(&line));
		sbuf_release(&line);
		p += n + (p[n] != '\0');
	}
	return widest;
}

Test(report_text, fits_into_80_columns)
{
	for (int i = 0; i < SAMPLE_COUNT; i++) {
		struct sbuf out = { 0 };

		sample_report(&out, "text", (enum sample)i);
		cr_expect_leq(widest(&out), 80, "%s: %zu columns", sample_names[i], widest(&out));
		sbuf_release(&out);
	}
}

Test(report_text, hostile_texts)
{
	for (size_t i = 0; i < sample_hostile_texts; i++)
		for (int k = 0; k < SAMPLE_COUNT; k++) {
			struct sbuf out = { 0 };

			sample_report_hostile(&out, "text", (enum sample)k, sample_hostile_text[i]);
			cr_expect_leq(widest(&out), 80, "%zu: %zu columns", i, widest(&out));
			cr_expect_eq(text_utf8_bad(out.data, out.len), out.len);
			for (size_t n = 0; n < out.len; n++)
				cr_assert(out.data[n] == '\n' ||
					  (unsigned char)out.data[n] >= 0x20);
			sbuf_release(&out);
		}
}

Test(report_text, says_why_and_what_to_do)
{
	struct sbuf out = { 0 };

	sample_report(&out, "text", SAMPLE_ERROR);
	cr_expect(strstr(sbuf_str(&out), "Step wifi, attempt 2: throughput:"));
	cr_expect(strstr(sbuf_str(&out), "To blame: station"));
	cr_expect(strstr(sbuf_str(&out), err_todo(ERR_PEER)));
	cr_expect(strstr(sbuf_str(&out), "| iperf3: error - the server is busy"));
	cr_expect(strstr(sbuf_str(&out), "skipped: wifi did not pass"));
	sbuf_release(&out);
}

Test(report_text, interrupted_shows_what_was_done)
{
	struct sbuf out = { 0 };

	sample_report(&out, "text", SAMPLE_INTERRUPTED);
	cr_expect(strstr(sbuf_str(&out), "NOT RUN"));
	cr_expect(strstr(sbuf_str(&out), "Ended         unknown"));
	cr_expect_null(strstr(sbuf_str(&out), "1970"));
	sbuf_release(&out);
}

/* A value that broke its limit must not be printed as the limit. */
Test(report_text, value_next_to_its_limit)
{
	struct measure m = { .name = "rate",
			     .type = VALUE_NUM,
			     .has = 1,
			     .num = 17.99999999,
			     .op = LIMIT_GE,
			     .has_lo = 1,
			     .lo = 18,
			     .expected = ">= 18 Mbit/s",
			     .result = JUDGED_FAIL };
	struct arena a = { 0 };

	cr_expect_str_eq(facts_value(&a, &m), "17.99999999");
	m.lo = 17.999999995; /* nor as a good value */
	cr_expect_str_eq(facts_value(&a, &m), "17.99999999");
	m.has_lo = 0;
	m.has_hi = 1;
	m.hi = 999999.4; /* six digits show less than that */
	m.num = 999999.45;
	cr_expect_str_eq(facts_value(&a, &m), "999999.45");
	m.has_lo = 1;
	m.has_hi = 0;
	m.lo = 18;
	m.result = JUDGED_PASS;
	m.num = 18.00000001;
	cr_expect_str_eq(facts_value(&a, &m), "18");
	m.has = 0;
	m.reason = "timed out";
	cr_expect_str_eq(facts_value(&a, &m), "no value: timed out");
	arena_free(&a);
}

Test(report_text, spans)
{
	static const struct {
		int64_t ms;
		const char *text;
	} row[] = {
		{ -1, "unknown" },        { 0, "0 ms" },
		{ 999, "999 ms" },        { 1000, "1 s" },
		{ 1250, "1.2 s" },        { 60000, "1 min" },
		{ 125290, "2 min 05 s" }, { 3600000, "1 h 00 min" },
	};
	struct arena a = { 0 };

	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++)
		cr_expect_str_eq(facts_span(&a, row[i].ms), row[i].text);
	arena_free(&a);
}

/* Escaped and real line ends, at most so many lines, and the last ones. */
Test(report_text, console_lines)
{
	struct unit_run r = { .console = "one\\r\\ntwo\nC:\\\\new\\r\\nfour" };
	struct attempt at = { .console_to = 1000 };
	struct arena a = { 0 };
	const char *line[3];

	r.console_len = strlen(r.console);
	cr_assert_eq(facts_console(line, 3, &a, &r, &at), 3);
	cr_expect_str_eq(line[0], "two");
	cr_expect_str_eq(line[1], "C:\\\\new");
	cr_expect_str_eq(line[2], "four");
	at.console_from = 1000;
	cr_expect_eq(facts_console(line, 3, &a, &r, &at), 0);
	arena_free(&a);
}
