#include <criterion/criterion.h>
#include <string.h>

#include "base/version.h"
#include "tests/unit/rows.h"

TestSuite(version, .timeout = 20);

/* From the lowest to the highest; each row is lower than all that follow. */
static const char *const ordered[] = {
	"TP4.1.0.0",
	"TP4.2.1",
	"TP24.06",
	"0",
	"9.12",
	"18.11",
	"20",
	"20.1",
	"20.04",
	"20.04 Update 1",
	"20.04 Update 2",
	"20.05",
	"20.09",
	"20.10",
	"21.07",
	"21.07 Update 1",
	"22.11",
	"22.11.1",
	"24.6",
	"24.06",
	"24.6.1",
	"24.9",
	"24.10",
	"24.10.0",
	"26.09",
	"999999999",
	"999999999.0.0.0.0 Update 1",
};

enum { ORDERED = sizeof(ordered) / sizeof(ordered[0]) };

TEST_ROWS(version, order, ordered)
{
	struct version a, b;

	cr_assert_eq(version_scan(&a, ordered[*i]), 0, "%s", ordered[*i]);
	for (size_t k = 0; k < ORDERED; k++) {
		int want = (*i > k) - (*i < k), got;

		cr_assert_eq(version_scan(&b, ordered[k]), 0);
		got = version_compare(&a, &b);
		cr_expect_eq((got > 0) - (got < 0), want, "%s, %s: %d", ordered[*i], ordered[k],
			     got);
	}
}

Test(version, update_is_one_more_part)
{
	struct version a, b;

	cr_assert_eq(version_scan(&a, "22.11.1"), 0);
	cr_assert_eq(version_scan(&b, "22.11 Update 1"), 0);
	cr_expect_eq(version_compare(&a, &b), 0);
	cr_expect_eq(a.parts, 3);
	cr_expect_eq(a.part[2], 1);
}

static const char *const outside[] = {
	"",
	" ",
	"unknown",
	"20.04 update 2",
	"20.04  Update 2",
	"20.04 Update",
	"20.04 Update ",
	" 22.09",
	"22.09 ",
	"22.09\n",
	"20.01.eval",
	"22.11-hotfix1",
	"020.04",
	"20.004",
	"20.04 Update 001",
	"1.2.3.4.5.6",
	"1.2.3.4.5.6 Update 1",
	"1.2.3.4.5 Update 6 Update 7",
	".1",
	"1.",
	"1..2",
	"TP",
	"TP ",
	"tp4.2",
	"1234567890",
	"-1",
	"+1",
	"0x10",
	"1e3",
	"\xef\xbc\x92\xef\xbc\x92.09",
	"22,09",
	"v22.09",
};

TEST_ROWS(version, outside_the_grammar, outside)
{
	struct version v = { .parts = 77 };

	cr_expect_eq(version_scan(&v, outside[*i]), -1, "'%s'", outside[*i]);
	cr_expect_eq(v.parts, 77, "written on failure: '%s'", outside[*i]);
}
