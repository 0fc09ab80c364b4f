#include <math.h>
#include <string.h>

#include "plan/limit.h"
#include "tests/unit/rows.h"

TestSuite(limit, .timeout = 20);

/* Reads an expression that must be one; judges a value with it. */
static enum judgement judge(int *marginal, const char *expr, enum value_type type, const char *unit,
			    const struct value *v, enum err_code *cost)
{
	enum finding_code code = FINDING_END_;
	struct arena a = { 0 };
	struct err err = { 0 };
	struct limit l = { 0 };
	enum judgement j;
	size_t at = 0;

	cr_assert_eq(limit_scan(&l, expr, type, unit, &a, &at, &code, &err), 0, "'%s': %s", expr,
		     err.text);
	j = limit_judge(marginal, &l, v, cost);
	limit_release(&l);
	arena_free(&a);
	return j;
}

static const struct number_row {
	const char *expr, *unit;
	double x;
	int pass, marginal;
} numbers[] = {
	/* each operator at, below and above its bound */
	{ ">= 18 Mbit/s", "Mbit/s", 18, 1, 0 },
	{ ">= 18 Mbit/s", "Mbit/s", 17.999999999999996, 0, 0 },
	{ ">= 18 Mbit/s", "Mbit/s", 18.000000000000004, 1, 0 },
	{ "<= 200", NULL, 200, 1, 0 },
	{ "<= 200", NULL, 200.00000000000003, 0, 0 },
	{ "<= 200", NULL, -1e300, 1, 0 },
	{ "> 0 V", "V", 0, 0, 0 },
	{ "> 0 V", "V", -0.0, 0, 0 },
	{ "> 0 V", "V", 5e-324, 1, 0 },
	{ "< 0 V", "V", 0, 0, 0 },
	{ "< 0 V", "V", -5e-324, 1, 0 },
	{ "== 3", NULL, 3, 1, 0 },
	{ "== 3", NULL, 3.0000000000000004, 0, 0 },
	{ "!= 3", NULL, 3, 0, 0 },
	{ "!= 3", NULL, 4, 1, 0 },
	{ "3.2 .. 3.4 V", "V", 3.2, 1, 0 },
	{ "3.2 .. 3.4 V", "V", 3.4, 1, 0 },
	{ "3.2 .. 3.4 V", "V", 3.1999999999999997, 0, 0 },
	{ "3.2 .. 3.4 V", "V", 3.4000000000000004, 0, 0 },
	{ "3.2..3.4 V", "V", 3.3, 1, 0 },
	{ "-1 .. 1", NULL, 0, 1, 0 },
	{ ">=18 Mbit/s", "Mbit/s", 18, 1, 0 },
	{ "  >=   18   Mbit/s  ", "Mbit/s", 18, 1, 0 },
	{ ">= 0x10", NULL, 16, 1, 0 },
	{ ">= 0x10", NULL, 15, 0, 0 },
	/* bands */
	{ ">= 18 Mbit/s, warn >= 22 Mbit/s", "Mbit/s", 17, 0, 0 },
	{ ">= 18 Mbit/s, warn >= 22 Mbit/s", "Mbit/s", 18, 1, 1 },
	{ ">= 18 Mbit/s, warn >= 22 Mbit/s", "Mbit/s", 22, 1, 0 },
	{ ">= 18 Mbit/s,warn > 18 Mbit/s", "Mbit/s", 18, 1, 1 },
	{ "3 .. 4 V, warn 3.2 .. 3.8 V", "V", 3.9, 1, 1 },
	{ "3 .. 4 V, warn 3.2 .. 3.8 V", "V", 4.1, 0, 0 },
	/* units: the limit's number is that of the measurement's unit, exactly */
	{ "== 18000 kbit/s", "Mbit/s", 18, 1, 0 },
	{ "== 0.018 Gbit/s", "Mbit/s", 18, 1, 0 },
	{ "== 18 Mbit/s", "bit/s", 18000000, 1, 0 },
	{ "== 3300 mV", "V", 3.3, 1, 0 },
	{ "== 3.3 V", "mV", 3300, 1, 0 },
	{ "== 0.3 V", "mV", 300, 1, 0 },
	{ "== 1.1e3 mV", "V", 1.1, 1, 0 },
	{ "== 700 uA", "mA", 0.7, 1, 0 },
	{ "== 2 %", "%", 2, 1, 0 },
	{ "== 500 ppm", "%", 0.05, 1, 0 },
	{ "== 0e99999999999999999999 V", "mV", 0, 1, 0 },
	{ "== 1 min", "s", 60, 1, 0 },
	{ "== 1 min", "ms", 60000, 1, 0 },
	{ "== 2 KiB", "B", 2048, 1, 0 },
	{ "== 0x10 mV", "mV", 16, 1, 0 },
	{ "3200 mV .. 3.4 V", "V", 3.2, 1, 0 },
	{ "3200 mV .. 3.4 V", "V", 3.4, 1, 0 },
	{ "32.768 .. 32.769 kHz", "Hz", 32768, 1, 0 },
};

TEST_ROWS(limit, number, numbers)
{
	const struct number_row *r = &numbers[*i];
	struct value v = value_num(r->x, r->unit);
	enum err_code cost = ERR_INTERNAL;
	int marginal = -1;

	cr_expect_eq(judge(&marginal, r->expr, VALUE_NUM, r->unit, &v, &cost),
		     r->pass ? JUDGED_PASS : JUDGED_FAIL, "%s of %.17g", r->expr, r->x);
	cr_expect_eq(marginal, r->marginal, "%s of %.17g", r->expr, r->x);
	cr_expect_eq(cost, ERR_OK);
}

static const char *const open_ended[] = { ">= 1", "<= 1", "> 1",    "< 1",
					  "== 1", "!= 1", "1 .. 2", ">= 1, warn >= 2" };

TEST_ROWS(limit, not_finite, open_ended)
{
	const double odd[] = { (double)NAN, (double)-NAN, (double)INFINITY, -(double)INFINITY };
	enum err_code cost;
	int marginal;

	for (size_t k = 0; k < 4; k++) {
		struct value v = value_num(odd[k], NULL);

		cr_expect_eq(judge(&marginal, open_ended[*i], VALUE_NUM, NULL, &v, &cost),
			     JUDGED_FAIL, "%s of %g", open_ended[*i], odd[k]);
		cr_expect_eq(marginal, 0);
	}
}

Test(limit, nothing_measured)
{
	struct value none = { .type = VALUE_NONE };
	enum err_code cost;
	int marginal;

	cr_expect_eq(judge(&marginal, "!= 1", VALUE_NUM, NULL, NULL, &cost), JUDGED_UNSET);
	cr_expect_eq(judge(&marginal, "!= 1", VALUE_NUM, NULL, &none, &cost), JUDGED_UNSET);
}

Test(limit, other_type_or_unit)
{
	struct value text = value_text("5"), volt = value_num(5, "V"), bare = value_num(5, NULL);
	struct value lost = value_text(NULL), version = value_version("5");
	enum err_code cost;
	int m;

	cr_expect_eq(judge(&m, ">= 1 V", VALUE_NUM, "V", &text, &cost), JUDGED_FAIL);
	cr_expect_eq(judge(&m, ">= 1 V", VALUE_NUM, "V", &bare, &cost), JUDGED_FAIL);
	cr_expect_eq(judge(&m, ">= 1 V", VALUE_NUM, "V", &volt, &cost), JUDGED_PASS);
	cr_expect_eq(judge(&m, ">= 1 mV", VALUE_NUM, "mV", &volt, &cost), JUDGED_FAIL);
	cr_expect_eq(judge(&m, "== 5", VALUE_TEXT, NULL, &version, &cost), JUDGED_FAIL);
	cr_expect_eq(judge(&m, "!= 5", VALUE_TEXT, NULL, &lost, &cost), JUDGED_FAIL);
}

static const struct word_row {
	enum value_type type;
	const char *expr, *text;
	int pass, marginal;
} words[] = {
	{ VALUE_VERSION, ">= 24.06", "24.06", 1, 0 },
	{ VALUE_VERSION, ">= 24.06", "24.10", 1, 0 },
	{ VALUE_VERSION, ">= 24.06", "24.03", 0, 0 },
	{ VALUE_VERSION, ">= 24.9", "24.10", 1, 0 }, /* by parts, not as text */
	{ VALUE_VERSION, "> 24.06", "24.06", 0, 0 },
	{ VALUE_VERSION, "> 24.06", "24.06 Update 1", 1, 0 },
	{ VALUE_VERSION, "< 24.06", "24.06", 0, 0 },
	{ VALUE_VERSION, "<= 24.06", "24.06", 1, 0 },
	{ VALUE_VERSION, "== 24.06", "24.06", 1, 0 },
	{ VALUE_VERSION, "== 24.06", "24.6", 0, 0 },
	{ VALUE_VERSION, "!= 24.06", "24.07", 1, 0 },
	{ VALUE_VERSION, "!= 24.06", "24.06", 0, 0 },
	{ VALUE_VERSION, "24.03 .. 24.06", "24.03", 1, 0 },
	{ VALUE_VERSION, "24.03 .. 24.06", "24.06", 1, 0 },
	{ VALUE_VERSION, "24.03 .. 24.06", "24.07", 0, 0 },
	{ VALUE_VERSION, "one of 24.03, 24.06", "24.06", 1, 0 },
	{ VALUE_VERSION, "one of 24.03, 24.06", "24.05", 0, 0 },
	{ VALUE_VERSION, "matches /^24/", "24.05", 1, 0 },
	{ VALUE_VERSION, ">= 20.08 Update 1", "20.08", 0, 0 },
	{ VALUE_VERSION, ">= 24.03, warn >= 24.06", "24.03", 1, 1 },
	{ VALUE_VERSION, ">= 24.03, warn >= 24.06", "24.06", 1, 0 },
	/* outside the grammar: outside every limit but that very text */
	{ VALUE_VERSION, ">= 1", "24.06-rc1", 0, 0 },
	{ VALUE_VERSION, "<= 99", "", 0, 0 },
	{ VALUE_VERSION, "!= 24.06", "junk", 0, 0 },
	{ VALUE_VERSION, "1 .. 99", " 24.06", 0, 0 },
	{ VALUE_VERSION, "== 24.06-rc1", "24.06-rc1", 1, 0 },
	{ VALUE_VERSION, "one of 24.06, custom", "custom", 1, 0 },
	{ VALUE_TEXT, "== MT3620 RDB", "MT3620 RDB", 1, 0 },
	{ VALUE_TEXT, "== MT3620", "MT3620 ", 0, 0 },
	{ VALUE_TEXT, "== mt3620", "MT3620", 0, 0 },
	{ VALUE_TEXT, "!= up", "down", 1, 0 },
	{ VALUE_TEXT, "!= up", "up", 0, 0 },
	{ VALUE_TEXT, "one  of  up, down", "down", 1, 0 },
	{ VALUE_TEXT, "one of up", "u", 0, 0 },
	{ VALUE_TEXT, "matches /^OK/", "OK then", 1, 0 },
	{ VALUE_TEXT, "matches /^OK/", "not OK", 0, 0 },
	{ VALUE_TEXT, "matches /^ok/i", "OK", 1, 0 },
	{ VALUE_TEXT, "matches OK", "is OK", 1, 0 },
	{ VALUE_TEXT, "matches /a, warn b/", "a, warn b", 1, 0 },
	{ VALUE_TEXT, "matches /^a[/]b/, warn matches /c$/", "a/bc", 1, 0 },
	{ VALUE_TEXT, "matches /^a/, warn matches /b$/", "ac", 1, 1 },
	{ VALUE_TEXT, "matches /^a\\/b/, warn == a/b", "a/b", 1, 0 },
	{ VALUE_TEXT, "one of a, b, warn == a", "b", 1, 1 },
	{ VALUE_BOOL, "== yes", "yes", 1, 0 },
	{ VALUE_BOOL, "== yes", "no", 0, 0 },
	{ VALUE_BOOL, "== no", "no", 1, 0 },
	{ VALUE_BOOL, "!= no", "yes", 1, 0 },
	{ VALUE_BOOL, "!= no", "no", 0, 0 },
};

TEST_ROWS(limit, word, words)
{
	const struct word_row *r = &words[*i];
	struct value v = r->type == VALUE_BOOL   ? value_bool(!strcmp(r->text, "yes"))
			 : r->type == VALUE_TEXT ? value_text(r->text)
						 : value_version(r->text);
	enum err_code cost;
	int marginal;

	cr_expect_eq(judge(&marginal, r->expr, r->type, NULL, &v, &cost),
		     r->pass ? JUDGED_PASS : JUDGED_FAIL, "'%s' of '%s'", r->expr, r->text);
	cr_expect_eq(marginal, r->marginal, "'%s' of '%s'", r->expr, r->text);
}

/* A pattern that passes the probes when it is read may still cost too much on
 * what a unit says. */
Test(limit, costly_pattern)
{
	static char text[60001];
	struct value v = value_text(text);
	enum err_code cost = ERR_OK;
	int marginal = -1;

	memset(text, 'z', sizeof(text) - 2);
	text[sizeof(text) - 2] = 'x';
	text[sizeof(text) - 1] = '\0';
	cr_expect_eq(judge(&marginal, "matches /z*z*[qr]x/", VALUE_TEXT, NULL, &v, &cost),
		     JUDGED_FAIL);
	cr_expect_eq(cost, ERR_COSTLY);
	cr_expect_eq(marginal, 0);
	cr_expect_eq(
		judge(&marginal, "!= q, warn matches /z*z*[qr]x/", VALUE_TEXT, NULL, &v, &cost),
		JUDGED_FAIL, "a band that cannot be judged is no pass");
	cr_expect_eq(cost, ERR_COSTLY);
}

static const struct wrong_row {
	enum value_type type;
	const char *unit, *expr;
	enum finding_code code;
	size_t at;
	const char *said; /* part of the message */
} wrongs[] = {
	{ VALUE_NUM, NULL, "", FINDING_BAD_LIMIT, 0, "missing" },
	{ VALUE_NUM, NULL, "5", FINDING_BAD_LIMIT, 0, "is no limit" },
	{ VALUE_NUM, NULL, "=> 5", FINDING_BAD_LIMIT, 0, "is no limit" },
	{ VALUE_NUM, NULL, "= 5", FINDING_BAD_LIMIT, 0, "is no limit" },
	{ VALUE_NUM, NULL, ">=", FINDING_BAD_LIMIT, 2, "missing" },
	{ VALUE_NUM, NULL, ">= nan", FINDING_BAD_LIMIT, 3, "is no number" },
	{ VALUE_NUM, NULL, "<= inf", FINDING_BAD_LIMIT, 3, "is no number" },
	{ VALUE_NUM, NULL, "<= 1e999", FINDING_BAD_LIMIT, 3, "too large" },
	{ VALUE_NUM, "bit/s", "<= 1e308 Gbit/s", FINDING_BAD_LIMIT, 3, "too large" },
	{ VALUE_NUM, NULL, ">= 5 V", FINDING_BAD_UNIT, 5, "follows the number" },
	{ VALUE_NUM, "V", ">= 5", FINDING_BAD_UNIT, 4, "no unit" },
	{ VALUE_NUM, "V", ">= 5 A", FINDING_BAD_UNIT, 5, "no unit of a voltage" },
	{ VALUE_NUM, "Mbit/s", ">= 18 Mbit", FINDING_BAD_UNIT, 6,
	  "'Mbit' is no unit of a data rate; use bit/s, kbit/s, Mbit/s, Gbit/s" },
	{ VALUE_NUM, "V", "3.2 V .. 3.4", FINDING_BAD_UNIT, 12, "no unit" },
	{ VALUE_NUM, "V", "3.4 .. 3.2 V", FINDING_BAD_LIMIT, 0, "above the upper" },
	{ VALUE_NUM, NULL, "1 ..", FINDING_BAD_LIMIT, 4, "missing" },
	{ VALUE_NUM, NULL, ".. 1", FINDING_BAD_LIMIT, 0, "missing" },
	{ VALUE_NUM, NULL, ">= 1 .. 2", FINDING_BAD_UNIT, 5, "follows" },
	{ VALUE_NUM, NULL, "one of 1, 2", FINDING_BAD_LIMIT, 0, "does not judge a number" },
	{ VALUE_NUM, NULL, "matches 1", FINDING_BAD_LIMIT, 0, "does not judge a number" },
	{ VALUE_NUM, NULL, ">= 1, warn", FINDING_BAD_LIMIT, 10, "missing" },
	{ VALUE_NUM, NULL, ">= 1, 2", FINDING_BAD_UNIT, 4, "follows" },
	{ VALUE_NUM, NULL, ">= 1, warn >= 1", FINDING_BAD_LIMIT, 6, "marks nothing" },
	{ VALUE_NUM, NULL, "> 1, warn >= 1", FINDING_BAD_LIMIT, 5, "marks nothing" },
	{ VALUE_NUM, NULL, "<= 1, warn <= 2", FINDING_BAD_LIMIT, 6, "marks nothing" },
	{ VALUE_NUM, NULL, "1 .. 2, warn 0 .. 3", FINDING_BAD_LIMIT, 8, "marks nothing" },
	{ VALUE_NUM, NULL, "<= 1, warn >= 2", FINDING_BAD_LIMIT, 6, "marks every" },
	{ VALUE_NUM, NULL, ">= 1, warn >= 2, warn >= 3", FINDING_BAD_LIMIT, 17, "'warn' stands" },
	{ VALUE_TEXT, NULL, "== a, warn, warn == b", FINDING_BAD_LIMIT, 6, "'warn' stands" },
	{ VALUE_TEXT, NULL, "matches a, warn, warn == b", FINDING_BAD_LIMIT, 11, "'warn' stands" },
	{ VALUE_TEXT, NULL, ">= a", FINDING_BAD_LIMIT, 0, "does not judge a text" },
	{ VALUE_TEXT, NULL, "==", FINDING_BAD_LIMIT, 2, "missing" },
	{ VALUE_TEXT, NULL, "one of a,, b", FINDING_BAD_LIMIT, 9, "missing" },
	{ VALUE_TEXT, NULL, "one of a, a", FINDING_BAD_LIMIT, 10, "twice" },
	{ VALUE_TEXT, NULL, "one of", FINDING_BAD_LIMIT, 6, "missing" },
	{ VALUE_TEXT, NULL, "one off a", FINDING_BAD_LIMIT, 0, "is no limit" },
	{ VALUE_TEXT, NULL, "matches", FINDING_BAD_LIMIT, 7, "missing" },
	{ VALUE_TEXT, NULL, "matches /(/", FINDING_BAD_PATTERN, 10, "does not compile" },
	{ VALUE_TEXT, NULL, "matches /^(a+)+$/", FINDING_BAD_PATTERN, 9, "backtracks" },
	{ VALUE_BOOL, NULL, "== true", FINDING_BAD_LIMIT, 3, "yes or no" },
	{ VALUE_BOOL, NULL, "one of yes, no", FINDING_BAD_LIMIT, 0, "does not judge a yes/no" },
	{ VALUE_VERSION, NULL, ">= 24.06-rc1", FINDING_BAD_LIMIT, 3, "no version" },
	{ VALUE_VERSION, NULL, "24.06 .. 24.03", FINDING_BAD_LIMIT, 0, "above the upper" },
	{ VALUE_NONE, NULL, ">= 1", FINDING_BAD_LIMIT, 0, "no type" },
};

TEST_ROWS(limit, wrong, wrongs)
{
	const struct wrong_row *r = &wrongs[*i];
	enum finding_code code = FINDING_END_;
	struct arena a = { 0 };
	struct err err = { 0 };
	struct limit l = { 0 };
	size_t at = 999;

	cr_assert_eq(limit_scan(&l, r->expr, r->type, r->unit, &a, &at, &code, &err), ERR_PLAN,
		     "'%s' was taken", r->expr);
	cr_expect_eq(at, r->at, "'%s': at %zu, not %zu", r->expr, at, r->at);
	cr_expect_str_eq(finding_name(code), finding_name(r->code), "'%s'", r->expr);
	cr_expect(strstr(err.text, r->said), "'%s': %s", r->expr, err.text);
	arena_free(&a);
}

static const struct printed_row {
	enum value_type type;
	const char *unit, *expr, *expected;
} printed[] = {
	{ VALUE_NUM, "Mbit/s", ">=18000 kbit/s, warn >= 22 Mbit/s", ">= 18 Mbit/s" },
	{ VALUE_NUM, "V", " 3200 mV .. 3.4 V", "3.2 .. 3.4 V" },
	{ VALUE_NUM, NULL, "<=200", "<= 200" },
	{ VALUE_NUM, "%", "< 0.1 %", "< 0.1 %" },
	{ VALUE_TEXT, NULL, "one  of a,b , c", "one of a, b, c" },
	{ VALUE_TEXT, NULL, "matches   /^OK/i", "matches /^OK/i" },
	{ VALUE_VERSION, NULL, "24.03..24.06", "24.03 .. 24.06" },
	{ VALUE_BOOL, NULL, "==yes", "== yes" },
};

TEST_ROWS(limit, printed, printed)
{
	const struct printed_row *r = &printed[*i];
	enum finding_code code;
	struct arena a = { 0 };
	struct err err = { 0 };
	struct limit l = { 0 };
	size_t at;

	cr_assert_eq(limit_scan(&l, r->expr, r->type, r->unit, &a, &at, &code, &err), 0, "%s",
		     err.text);
	cr_expect_str_eq(l.expected, r->expected);
	limit_release(&l);
	cr_assert_eq(limit_scan(&l, r->expected, r->type, r->unit, &a, &at, &code, &err), 0,
		     "what is printed can be read: %s", err.text);
	cr_expect_str_eq(l.expected, r->expected);
	limit_release(&l);
	arena_free(&a);
}

Test(limit, operator_words)
{
	for (int op = LIMIT_NONE + 1; op < LIMIT_END_; op++)
		cr_expect_eq((int)limit_op_find(limit_op_word((enum limit_op)op)), op);
	cr_expect_eq(limit_op_find("=>"), LIMIT_NONE);
	cr_expect_eq(limit_op_find(""), LIMIT_NONE);
	cr_expect_str_eq(limit_op_word(LIMIT_END_), "");
}
