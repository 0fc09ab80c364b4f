#include <criterion/criterion.h>
#include <stdint.h>

#include "virtual/gpio_matrix.h"
#include "rows.h"

/* Eight pins with the loopback 0-1, 2-3, 4-5; 6 and 7 are free. */

TestSuite(gpio_matrix, .timeout = 20);

static void board(struct gpio_matrix *m, int pull_up)
{
	struct err err = { 0 };

	cr_assert_eq(gpio_matrix_init(m, 8, pull_up, &err), 0);
	for (int i = 0; i < 6; i += 2)
		cr_assert_eq(gpio_matrix_wire(m, i, i + 1, &err), 0, "%s", err.text);
}

Test(gpio_matrix, undriven_nets_read_the_pull)
{
	struct gpio_matrix m;

	board(&m, 0);
	cr_expect_eq(gpio_matrix_read(&m), 0x00);
	board(&m, 1);
	cr_expect_eq(gpio_matrix_read(&m), 0xff);
}

Test(gpio_matrix, a_driven_pin_is_seen_at_the_other_end_only)
{
	struct gpio_matrix m;

	board(&m, 0);
	for (int i = 0; i < 8; i++) {
		uint64_t net = i < 6 ? UINT64_C(3) << (i & ~1) : UINT64_C(1) << i;

		gpio_matrix_drive(&m, UINT64_C(1) << i, UINT64_C(1) << i);
		cr_expect_eq(gpio_matrix_read(&m), net, "pin %d", i);
	}
	board(&m, 1);
	gpio_matrix_drive(&m, 0x04, 0);
	cr_expect_eq(gpio_matrix_read(&m), 0xf3);
}

Test(gpio_matrix, drive_releases_all_others)
{
	struct gpio_matrix m;

	board(&m, 0);
	gpio_matrix_drive(&m, 0x01, 0x01);
	gpio_matrix_drive(&m, 0x04, 0x04);
	cr_expect_eq(gpio_matrix_read(&m), 0x0c);
	gpio_matrix_drive(&m, 0, 0xff);
	cr_expect_eq(gpio_matrix_read(&m), 0);
}

Test(gpio_matrix, conflicts_resolve_low)
{
	struct gpio_matrix m;

	board(&m, 1);
	gpio_matrix_drive(&m, 0x03, 0x01);
	cr_expect_eq(gpio_matrix_read(&m), 0xfc);
}

/* What each fault makes of the read-back when one pin after the other is
 * driven high over pull-downs. */
struct fault_row {
	const char *name;
	int (*strike)(struct gpio_matrix *m, struct err *err);
	uint64_t expect[6];
};

static int strike_open(struct gpio_matrix *m, struct err *err)
{
	return gpio_matrix_open(m, 3, 2, err); /* the order of the ends is free */
}

static int strike_short(struct gpio_matrix *m, struct err *err)
{
	return gpio_matrix_wire(m, 1, 2, err);
}

static int strike_high(struct gpio_matrix *m, struct err *err)
{
	return gpio_matrix_stick(m, 4, 1, err);
}

static int strike_low(struct gpio_matrix *m, struct err *err)
{
	return gpio_matrix_stick(m, 1, 0, err);
}

static int strike_swap(struct gpio_matrix *m, struct err *err)
{
	return gpio_matrix_swap(m, 0, 1, 2, 3, err);
}

static const struct fault_row fault_table[] = {
	{ "open 2-3", strike_open, { 0x03, 0x03, 0x04, 0x08, 0x30, 0x30 } },
	{ "short 1 2", strike_short, { 0x0f, 0x0f, 0x0f, 0x0f, 0x30, 0x30 } },
	{ "stuck_high 4", strike_high, { 0x33, 0x33, 0x3c, 0x3c, 0x30, 0x30 } },
	{ "stuck_low 1", strike_low, { 0x00, 0x00, 0x0c, 0x0c, 0x30, 0x30 } },
	{ "swapped 0-1 2-3", strike_swap, { 0x09, 0x06, 0x06, 0x09, 0x30, 0x30 } },
};

TEST_ROWS(gpio_matrix, fault, fault_table)
{
	const struct fault_row *f = &fault_table[*i];
	struct gpio_matrix m;
	struct err err = { 0 };

	board(&m, 0);
	cr_assert_eq(f->strike(&m, &err), 0, "%s: %s", f->name, err.text);
	for (int pin = 0; pin < 6; pin++) {
		gpio_matrix_drive(&m, UINT64_C(1) << pin, UINT64_C(1) << pin);
		cr_expect_eq(gpio_matrix_read(&m), f->expect[pin], "%s: pin %d reads %#lx", f->name,
			     pin, (unsigned long)gpio_matrix_read(&m));
	}
}

Test(gpio_matrix, a_short_to_a_rail_beats_every_driver)
{
	struct gpio_matrix m;
	struct err err = { 0 };

	board(&m, 0);
	gpio_matrix_stick(&m, 0, 1, &err);
	gpio_matrix_drive(&m, 0x02, 0x00);
	cr_expect_eq(gpio_matrix_read(&m), 0x03);
	gpio_matrix_stick(&m, 1, 0, &err);
	cr_expect_eq(gpio_matrix_read(&m), 0x00);
}

Test(gpio_matrix, all_96_pins)
{
	const gpio_mask one = 1, last = one << (GPIO_PINS_MAX - 1);
	struct gpio_matrix m;
	struct err err = { 0 };

	cr_assert_eq(gpio_matrix_init(&m, GPIO_PINS_MAX, 0, &err), 0);
	cr_assert_eq(gpio_matrix_wire(&m, 0, GPIO_PINS_MAX - 1, &err), 0);
	cr_expect(gpio_matrix_all(&m) == (last | (last - 1)));
	gpio_matrix_drive(&m, last, ~(gpio_mask)0);
	cr_expect(gpio_matrix_read(&m) == (last | 1));
}

/* An open partner follows its own pull; a wired one follows whoever drives. */
Test(gpio_matrix, each_pin_has_a_pull_of_its_own)
{
	struct gpio_matrix m;
	struct err err = { 0 };

	board(&m, 0);
	gpio_matrix_pull(&m, 1, GPIO_PULL_UP);
	cr_expect_eq(gpio_matrix_read(&m), 0x03);
	gpio_matrix_pull(&m, 0, GPIO_PULL_DOWN);
	cr_expect_eq(gpio_matrix_read(&m), 0x00, "low before high");
	gpio_matrix_pull(&m, 0, GPIO_PULL_NONE);
	gpio_matrix_drive(&m, 0x01, 0x00);
	cr_expect_eq(gpio_matrix_read(&m), 0x00, "a driven pin is stronger than a pull");
	cr_assert_eq(gpio_matrix_open(&m, 0, 1, &err), 0);
	cr_expect_eq(gpio_matrix_read(&m), 0x02);
	gpio_matrix_pull(&m, 1, GPIO_PULL_DOWN);
	cr_expect_eq(gpio_matrix_read(&m), 0x00);
}

Test(gpio_matrix, what_does_not_exist_is_refused)
{
	struct gpio_matrix m;
	struct err err = { 0 };

	cr_expect_eq(gpio_matrix_init(&m, 0, 0, &err), ERR_PLAN);
	cr_expect_eq(gpio_matrix_init(&m, GPIO_PINS_MAX + 1, 0, &err), ERR_PLAN);
	board(&m, 0);
	cr_expect_eq(gpio_matrix_wire(&m, 0, 8, &err), ERR_PLAN);
	cr_expect_str_eq(err.text, "pin 8 does not exist; the board has pins 0..7");
	cr_expect_eq(gpio_matrix_wire(&m, -1, 0, &err), ERR_PLAN);
	cr_expect_eq(gpio_matrix_wire(&m, 3, 3, &err), ERR_PLAN);
	cr_expect_eq(gpio_matrix_open(&m, 1, 2, &err), ERR_PLAN);
	cr_expect_str_eq(err.text, "pins 1 and 2 are not wired to each other");
	cr_expect_eq(gpio_matrix_swap(&m, 0, 1, 1, 0, &err), ERR_PLAN);
	cr_expect_eq(gpio_matrix_swap(&m, 0, 1, 5, 6, &err), ERR_PLAN);
	cr_expect_eq(gpio_matrix_stick(&m, 8, 1, &err), ERR_PLAN);
	for (int i = m.wires; i < GPIO_WIRES_MAX; i++)
		cr_assert_eq(gpio_matrix_wire(&m, 6, 7, &err), 0);
	cr_expect_eq(gpio_matrix_wire(&m, 6, 7, &err), ERR_PLAN);
}
