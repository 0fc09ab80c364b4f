#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "board/mt3620_pins.h"
#include "tests/unit/rows.h"

TestSuite(board_mt3620_pins, .timeout = 20);

static int check(char why[200], const char *pin, int ethernet, const struct param_list *rt)
{
	struct sbuf b = { 0 };
	int r = mt3620_pin_check(&b, pin, ethernet, rt);

	snprintf(why, 200, "%s", sbuf_str(&b));
	sbuf_release(&b);
	return r;
}

Test(board_mt3620_pins, there_are_68)
{
	char name[12], why[200];
	int n = 0;

	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "%d", i);
		n += check(why, name, 0, NULL) >= 0;
	}
	cr_expect_eq(n, 68);
}

static const struct row {
	const char *pin;
	int ethernet, result;
	const char *why;
} rows[] = {
	{ "0", 0, 0, "" },
	{ "59", 1, 0, "" },
	{ "24", 0, -1, "no GPIO 24" },
	{ "25", 0, -1, "no GPIO 25" },
	{ "49", 0, -1, "no GPIO 49" },
	{ "55", 0, -1, "no GPIO" },
	{ "76", 0, -1, "no GPIO" },
	{ "80", 0, 0, "" },
	{ "81", 0, -1, "no GPIO" },
	{ "04", 0, -1, "no GPIO 04" },
	{ "", 0, -1, "no GPIO" },
	{ "-1", 0, -1, "no GPIO" },
	{ "100", 0, -1, "no GPIO" },
	{ "IO0_TXD", 0, -1, "strap" },
	{ "WAKEUP", 0, -1, "strap" },
	{ "26", 0, 0, "" },
	{ "26", 1, -1, "ENC28J60" },
	{ "30", 1, -1, "ENC28J60" },
	{ "5", 1, -1, "ENC28J60" },
	{ "5", 0, 0, "" },
	{ "6", 1, 0, "" },
	{ "31", 1, 0, "" },
	{ "8", 0, 1, "LED 1" },
	{ "12", 0, 1, "button" },
	{ "13", 0, 1, "button" },
	{ "14", 0, 1, "network LED" },
	{ "47", 0, 1, "status LED" },
	{ "44", 0, 0, "" },
};

TEST_ROWS(board_mt3620_pins, check, rows)
{
	char why[200];

	cr_expect_eq(check(why, rows[*i].pin, rows[*i].ethernet, NULL), rows[*i].result, "%s: %s",
		     rows[*i].pin, why);
	cr_expect(strstr(why, rows[*i].why), "%s: '%s'", rows[*i].pin, why);
	cr_expect(rows[*i].result || !*why);
}

/* One core to a bank: 60 is in I2S0 with 56, 61 is not. */
Test(board_mt3620_pins, banks_are_not_shared)
{
	const char *item[] = { "56" };
	const struct param_list rt = { item, 1 };
	char why[200];

	cr_expect_eq(check(why, "60", 0, &rt), -1);
	cr_expect(strstr(why, "I2S0") && strstr(why, "GPIO 56"), "%s", why);
	cr_expect_eq(check(why, "61", 0, &rt), 0);
	cr_expect_eq(check(why, "0", 0, &rt), 0);
}

Test(board_mt3620_pins, titles)
{
	cr_expect_str_eq(mt3620_pin_title("59"), "59 (H1.3)");
	cr_expect_str_eq(mt3620_pin_title("4"), "4 (H1.12)");
	cr_expect_str_eq(mt3620_pin_title("40"), "40 (H4.14)");
	cr_expect_str_eq(mt3620_pin_title("12"), "12");
	cr_expect_str_eq(mt3620_pin_title("nonsense"), "nonsense");
}
