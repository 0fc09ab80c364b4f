#include <criterion/criterion.h>
#include <limits.h>
#include <string.h>

#include "base/clock.h"
#include "tests/unit/rows.h"

TestSuite(clock, .timeout = 20);

Test(clock, runs_forward)
{
	int64_t a = clock_ns(), b = clock_ns();

	cr_expect_leq(a, b);
	cr_expect_leq(a / 1000000, clock_ms());
	cr_expect_gt(clock_wall_ms(), INT64_C(1600000000000), "the wall clock is after 2020");
}

Test(clock, frozen)
{
	char text[CLOCK_TEXT];

	clock_freeze_ms(5000);
	clock_freeze_wall_ms(INT64_C(1795376880123));
	cr_expect_eq(clock_ms(), 5000);
	cr_expect_eq(clock_ns(), INT64_C(5000000000));
	cr_expect_eq(clock_wall_ms(), INT64_C(1795376880123));
	cr_expect_str_eq(clock_print(text, clock_wall_ms()), "2026-11-22T19:48:00.123Z");
}

Test(clock, time_left)
{
	clock_freeze_ms(1000);
	cr_expect_eq(clock_left_ms(CLOCK_NEVER), -1);
	cr_expect_eq(clock_left_ms(0), 0);
	cr_expect_eq(clock_left_ms(1000), 0);
	cr_expect_eq(clock_left_ms(1001), 1);
	cr_expect_eq(clock_left_ms(CLOCK_NEVER - 1), 24 * 3600 * 1000);
	cr_expect_eq(clock_left_ms(INT64_MIN), 0);
}

static const struct {
	int64_t ms;
	const char *text;
} times[] = {
	{ 0, "1970-01-01T00:00:00.000Z" },
	{ -1, "1969-12-31T23:59:59.999Z" },
	{ -1000, "1969-12-31T23:59:59.000Z" },
	{ INT64_C(951782400000), "2000-02-29T00:00:00.000Z" },
	{ INT64_C(4107542399999), "2100-02-28T23:59:59.999Z" },
	{ INT64_MAX, "time out of range" },
	{ INT64_MIN, "time out of range" },
};

TEST_ROWS(clock, print, times)
{
	char text[CLOCK_TEXT];

	cr_expect_str_eq(clock_print(text, times[*i].ms), times[*i].text, "row %zu", *i);
}
