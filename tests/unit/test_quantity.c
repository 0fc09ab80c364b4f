#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "base/quantity.h"
#include "base/rng.h"
#include "tests/unit/rows.h"

TestSuite(quantity, .timeout = 20);

static const struct {
	const char *text;
	enum dimension dim;
	double x;
} good[] = {
	{ "3", DIM_NONE, 3 },
	{ "0x3F", DIM_NONE, 63 },
	{ "0x20000000000000", DIM_NONE, 9007199254740992.0 },
	{ "-4.95", DIM_NONE, -4.95 },
	{ "+1e3", DIM_NONE, 1000 },
	{ "1E-3", DIM_NONE, 0.001 },
	{ "0", DIM_NONE, 0 },
	{ "0.0e99", DIM_NONE, 0 },
	{ "  7\t", DIM_NONE, 7 },
	{ "250 ms", DIM_TIME, 0.25 },
	{ "5 s", DIM_TIME, 5 },
	{ "10 min", DIM_TIME, 600 },
	{ "2 h", DIM_TIME, 7200 },
	{ "1 d", DIM_TIME, 86400 },
	{ "3 us", DIM_TIME, 0.000003 },
	{ "9 ms", DIM_TIME, 0.009 },
	{ "18 Mbit/s", DIM_RATE, 18e6 },
	{ "18Mbit/s", DIM_RATE, 18e6 },
	{ "921600 bit/s", DIM_RATE, 921600 },
	{ "16 KiB", DIM_SIZE, 16384 },
	{ "5 MB", DIM_SIZE, 5e6 },
	{ "0x10B", DIM_SIZE, NAN }, /* B is a hex digit here */
	{ "0x10 B", DIM_SIZE, 16 },
	{ "3.3 V", DIM_VOLTAGE, 3.3 },
	{ "-12 mV", DIM_VOLTAGE, -0.012 },
	{ "85 mA", DIM_CURRENT, 0.085 },
	{ "32.768 kHz", DIM_FREQ, 32768 },
	{ "2 %", DIM_RATIO, 0.02 },
	{ "2%", DIM_RATIO, 0.02 },
	{ "50 ppm", DIM_RATIO, 0.00005 },
	{ "-5 C", DIM_TEMP, -5 },
};

TEST_ROWS(quantity, good, good)
{
	struct err err = { 0 };
	double x = NAN;
	size_t at;
	int r = quantity_scan(&x, good[*i].text, good[*i].dim, &at, &err);

	if (isnan(good[*i].x)) {
		cr_expect_eq(r, ERR_PLAN, "%s", good[*i].text);
		return;
	}
	cr_expect_eq(r, 0, "%s: %s", good[*i].text, err.text);
	cr_expect_eq(x, good[*i].x, "%s: %.17g", good[*i].text, x);
	cr_expect_eq(err.code, ERR_OK);
}

static const struct {
	const char *text;
	enum dimension dim;
	size_t at;
	const char *message;
} bad[] = {
	{ "18 Mbit", DIM_RATE, 3,
	  "'Mbit' is no unit of a data rate; use bit/s, kbit/s, Mbit/s, Gbit/s" },
	{ "5", DIM_TIME, 1, "'5' has no unit; a duration is in us, ms, s, min, h, d" },
	{ "0", DIM_VOLTAGE, 1, "'0' has no unit; a voltage is in uV, mV, V, kV" },
	{ "5 V", DIM_CURRENT, 2, "'V' is no unit of a current; use uA, mA, A" },
	{ "5 S", DIM_TIME, 2, "'S' is no unit of a duration; use us, ms, s, min, h, d" },
	{ "5 s", DIM_NONE, 2, "'s' follows the number, must be a bare number" },
	{ "", DIM_NONE, 0, "'' is no number" },
	{ "  x", DIM_NONE, 2, "'x' is no number" },
	{ "inf", DIM_NONE, 0, "'inf' is no number" },
	{ "nan", DIM_NONE, 0, "'nan' is no number" },
	{ ".5 s", DIM_TIME, 0, "'.5 s' is no number" },
	{ "5. s", DIM_TIME, 1, "'. s' is no unit of a duration; use us, ms, s, min, h, d" },
	{ "1,5 s", DIM_TIME, 1, "',5 s' is no unit of a duration; use us, ms, s, min, h, d" },
	{ "--1", DIM_NONE, 0, "'--1' is no number" },
	{ "0x", DIM_NONE, 0, "'0x' is no number" },
	{ "0x1p3", DIM_NONE, 3, "'p3' follows the number, must be a bare number" },
	{ "1e999", DIM_NONE, 0, "'1e999' is too large" },
	{ "1e-999", DIM_NONE, 0, "'1e-999' is too small" },
	{ "1e308 Gbit/s", DIM_RATE, 0, "'1e308 Gbit/s' is too large" },
	{ "0x20000000000001", DIM_NONE, 0, "'0x20000000000001' is too large to be held exactly" },
	{ "0x10000000000000000", DIM_NONE, 0, "'0x10000000000000000' is too large" },
	{ "1 2", DIM_NONE, 2, "'2' follows the number, must be a bare number" },
};

TEST_ROWS(quantity, bad, bad)
{
	struct err err = { 0 };
	double x = 77;
	size_t at = 999;

	cr_expect_eq(quantity_scan(&x, bad[*i].text, bad[*i].dim, &at, &err), ERR_PLAN, "%s",
		     bad[*i].text);
	cr_expect_str_eq(err.text, bad[*i].message, "%s", err.text);
	cr_expect_eq(at, bad[*i].at, "%s: at %zu", bad[*i].text, at);
	cr_expect_eq(x, 77, "written on failure: %s", bad[*i].text);
}

Test(quantity, any_dimension)
{
	enum dimension dim;
	struct err err = { 0 };
	const char *unit;
	double x;
	size_t at;

	cr_expect_eq(quantity_scan_any(&x, &dim, &unit, "3.4 V", &at, &err), 0);
	cr_expect(x == 3.4 && dim == DIM_VOLTAGE);
	cr_expect_str_eq(unit, "V");
	cr_expect_eq(quantity_scan_any(&x, &dim, &unit, "200", &at, &err), 0);
	cr_expect(x == 200 && dim == DIM_NONE);
	cr_expect_str_eq(unit, "");
	cr_expect_eq(quantity_scan_any(&x, &dim, &unit, "200 furlong", &at, &err), ERR_PLAN);
	cr_expect_str_eq(err.text, "'furlong' is no unit");
	cr_expect_eq(at, 4);
}

static const char *const units[] = {
#define UNIT(name, dim, mul, div) name,
#include "base/quantity.def"
#undef UNIT
};

static const struct {
	const char *name;
	enum dimension dim;
	double mul, div;
} table[] = {
#define UNIT(name, dim, mul, div) { name, DIM_##dim, mul, div },
#include "base/quantity.def"
#undef UNIT
};

/* Each row of the table by itself: one dimension, a sane factor, its own name. */
TEST_ROWS(quantity, unit, units)
{
	enum dimension dim = DIM_END_;
	struct err err = { 0 };
	char text[40];
	double x = 0;
	size_t at;

	cr_expect(table[*i].mul == 1 || table[*i].div == 1, "%s", units[*i]);
	cr_assert_eq(quantity_dimension(&dim, units[*i]), 0);
	cr_expect_eq(dim, table[*i].dim, "%s is there twice", units[*i]);
	cr_expect_eq(quantity_factor(units[*i]), table[*i].mul / table[*i].div);
	cr_expect_not_null(strstr(quantity_units(dim), units[*i]));
	cr_expect_lt(strlen(quantity_units(dim)), 60, "the list was cut");
	snprintf(text, sizeof(text), "1 %s", units[*i]);
	cr_expect_eq(quantity_scan(&x, text, dim, &at, &err), 0);
	cr_expect_eq(x, quantity_factor(units[*i]));
}

Test(quantity, names)
{
	enum dimension dim;

	for (int d = DIM_NONE; d < DIM_END_; d++)
		cr_expect_gt(strlen(quantity_name((enum dimension)d)), 3);
	cr_expect_str_eq(quantity_name(DIM_RATE), "data rate");
	cr_expect_str_eq(quantity_units(DIM_RATE), "bit/s, kbit/s, Mbit/s, Gbit/s");
	cr_expect_str_eq(quantity_units(DIM_NONE), "");
	cr_expect_eq(quantity_dimension(&dim, "mbit/s"), -1);
	cr_expect(isnan(quantity_factor("mbit/s")));
	cr_expect_eq(quantity_factor(""), 1);
}

static const struct {
	double x;
	enum dimension dim;
	const char *text;
} prints[] = {
	{ 0.25, DIM_TIME, "250 ms" },
	{ 0, DIM_TIME, "0 s" },
	{ 600, DIM_TIME, "10 min" },
	{ 90, DIM_TIME, "90 s" },
	{ 1.5, DIM_TIME, "1.5 s" },
	{ 18e6, DIM_RATE, "18 Mbit/s" },
	{ 16384, DIM_SIZE, "16 KiB" },
	{ 5e6, DIM_SIZE, "5 MB" },
	{ 3.3, DIM_VOLTAGE, "3.3 V" },
	{ 0.085, DIM_CURRENT, "85 mA" },
	{ 0.02, DIM_RATIO, "2 %" },
	{ 0, DIM_RATIO, "0 %" },
	{ -40, DIM_TEMP, "-40 C" },
	{ 0.07, DIM_RATIO, "7 %" },
	{ 7, DIM_NONE, "7" },
	{ 0.5, DIM_TIME, "500 ms" },
	{ 32768, DIM_FREQ, "32768 Hz" },
};

TEST_ROWS(quantity, print, prints)
{
	struct sbuf b = { 0 };

	quantity_print(&b, prints[*i].x, prints[*i].dim);
	cr_expect_str_eq(sbuf_str(&b), prints[*i].text, "%s", sbuf_str(&b));
	sbuf_release(&b);
}

Test(quantity, what_is_printed_reads_back_the_same)
{
	struct rng r = { 6 };

	for (int round = 0; round < 20000; round++) {
		enum dimension dim = (enum dimension)(rng_next(&r) % DIM_END_);
		double x = ldexp(rng_unit(&r) - 0.5, (int)(rng_next(&r) % 80) - 40), back;
		struct sbuf b = { 0 };
		struct err err = { 0 };
		size_t at;

		quantity_print(&b, x, dim);
		cr_assert_eq(quantity_scan(&back, sbuf_str(&b), dim, &at, &err), 0, "%s: %s",
			     sbuf_str(&b), err.text);
		cr_assert(back == x || (dim == DIM_RATIO && fabs(back - x) <= fabs(x) * 0x1p-52),
			  "%.17g: %s", x, sbuf_str(&b));
		sbuf_release(&b);
	}
}
