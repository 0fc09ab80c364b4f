#include <criterion/criterion.h>
#include <math.h>

#include "base/value.h"
#include "tests/unit/rows.h"

TestSuite(value, .timeout = 20);

static const struct {
	double x;
	const char *unit, *text;
} numbers[] = {
	{ 18.25, "Mbit/s", "18.25 Mbit/s" },
	{ 0, NULL, "0" },
	{ -0.0, "V", "0 V" },
	{ 3, "", "3" },
	{ 1.0 / 3, "s", "0.333333 s" },
	{ 999999, NULL, "999999" },
	{ 999999.7, NULL, "1000000" },
	{ 1234567, NULL, "1234567" },
	{ 1234567.8, NULL, "1234568" },
	{ 123456.4, NULL, "123456" },
	{ -1234567, "bit/s", "-1234567 bit/s" },
	{ 9007199254740992.0, NULL, "9.0072e+15" },
	{ 123456789012345.0, NULL, "123456789012345" },
	{ 0.00001, "A", "1e-05 A" },
	{ NAN, "V", "- V" },
	{ INFINITY, NULL, "-" },
};

TEST_ROWS(value, number, numbers)
{
	struct sbuf b = { 0 };

	value_print(&b, value_num(numbers[*i].x, numbers[*i].unit));
	cr_expect_str_eq(sbuf_str(&b), numbers[*i].text, "row %zu: %s", *i, sbuf_str(&b));
	sbuf_release(&b);
}

Test(value, other_types)
{
	struct sbuf b = { 0 };

	value_print(&b, value_bool(2));
	value_print(&b, value_bool(0));
	value_print(&b, value_version("24.06"));
	value_print(&b, value_text("a\x1b[2J\\"));
	value_print(&b, value_text(NULL));
	value_print(&b, (struct value){ 0 });
	cr_expect_str_eq(sbuf_str(&b), "yesno24.06a\\x1b[2J\\--");
	sbuf_release(&b);
}

Test(value, words_there_and_back)
{
	for (int t = VALUE_NONE; t <= VALUE_BOOL; t++)
		cr_expect_eq(value_type_find(value_type_word((enum value_type)t)),
			     (enum value_type)t);
	cr_expect_str_eq(value_type_word(VALUE_BOOL), "yes/no");
	cr_expect_eq(value_type_find("Number"), VALUE_NONE);
	cr_expect_eq((int)VALUE_NONE, 0);
}
