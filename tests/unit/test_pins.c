/* What pins refuse before any chip is touched; the rest is in tests/run/link.sh. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/clock.h"
#include "link/pins.h"

TestSuite(pins, .timeout = 20);

static struct fixture_signal signals[] = {
	{ .name = "reset", .port = 3, .bit = 6, .active_low = 1 },
	{ .name = "odd", .port = 2, .bit = 0, .mpsse = 1 },
};
static struct fixture_slot slot = { .name = "1", .number = 1, .usb = "not a path" };
static struct fixture fixture = { .slot = &slot, .slots = 1, .signal = signals, .signals = 2 };

static struct pins *opened(void)
{
	struct err err = { 0 };
	struct pins *p;

	cr_assert_eq(pins_open(&p, &fixture, &slot, &err), 0, "%s", err.text);
	return p;
}

Test(pins, the_first_error_is_told_and_the_queue_is_empty_then)
{
	struct err err = { 0 };
	struct pins *p = opened();

	pins_assert(p, "nowhere");
	pins_wait(p, 100000);
	pins_assert(p, "odd");
	cr_expect_eq(pins_flush(p, clock_ms() + 10, &err), ERR_LACKS);
	cr_expect_str_eq(err.text, "the fixture has no signal 'nowhere'");
	cr_expect_eq(pins_flush(p, clock_ms() + 10, &err), 0);
	pins_close(p);
}

Test(pins, mpsse_is_refused_on_c_and_d)
{
	struct err err = { 0 };
	struct pins *p = opened();

	pins_assert(p, "odd");
	cr_expect_eq(pins_flush(p, clock_ms() + 10, &err), ERR_LACKS);
	cr_expect_str_eq(err.text, "signal 'odd': port C has no MPSSE; A and B have");
	pins_close(p);
}

Test(pins, a_wait_that_the_deadline_does_not_allow_is_not_begun)
{
	struct err err = { 0 };
	struct pins *p = opened();
	int64_t begun = clock_ms();

	pins_wait(p, 10);
	pins_wait(p, 60000);
	cr_expect_eq(pins_flush(p, begun + 1000, &err), ERR_TIMEOUT);
	cr_expect_geq(clock_ms() - begun, 10);
	cr_expect_lt(clock_ms() - begun, 5000);
	pins_close(p);
}

Test(pins, too_many_commands_are_an_error)
{
	struct err err = { 0 };
	struct pins *p = opened();

	for (int i = 0; i < 1000; i++)
		pins_wait(p, 0);
	cr_expect_eq(pins_flush(p, clock_ms() + 1000, &err), ERR_INTERNAL);
	pins_close(p);
}

Test(pins, the_chip_is_taken_by_the_first_pin)
{
	struct err err = { 0 };
	struct pins *p = opened();

	pins_assert(p, "reset");
	cr_expect_eq(pins_flush(p, clock_ms() + 1000, &err), ERR_FIXTURE);
	cr_expect(strstr(err.text, "signal 'reset': 'not a path' is no USB path"), "%s", err.text);
	pins_close(p);
	pins_close(NULL);
}
