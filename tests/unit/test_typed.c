/* Which unit a command line means, and that none gets what another was meant to get. */
#include <criterion/criterion.h>
#include <string.h>

#include "cli/typed.h"
#include "store_make.h"

TestSuite(typed, .timeout = 60);

static struct place_to_test t;
static struct store *s;
static struct err err;
static struct plan_card card;
static struct label_rules rules;
static struct arena a;

static void known(const char *serial)
{
	cr_assert_eq(make_recorded(NULL, s, t.plan, serial, VERDICT_FAIL, &err), 0, "%s", err.text);
}

static void start(void)
{
	place_make(&t);
	cr_assert_eq(store_open(&s, t.path, STORE_WRITE, "ST-01", &err), 0, "%s", err.text);
	rules = (struct label_rules){ 0 };
	card = (struct plan_card){ .product = t.plan->product, .label = PLAN_LABEL_GS1 };
}

static void finish(void)
{
	arena_free(&a);
	store_close(s);
	place_drop(&t);
}

static const char *unit(const char *text)
{
	const struct typed in = { .text = text, .card = &card, .rules = &rules, .store = s };
	const char *serial;
	int r;

	err = (struct err){ 0 };
	r = typed_unit(&serial, &a, &in, &err);
	cr_expect_eq(r < 0, serial == NULL, "%s", err.text);
	return r < 0 ? "refused" : serial;
}

static void names_both(const char *text, const char *other)
{
	cr_expect_str_eq(unit(text), "refused");
	cr_expect(strstr(err.text, text) && strstr(err.text, other), "%s", err.text);
}

Test(typed, a_serial_that_may_be_a_label_is_never_taken_apart, .init = start, .fini = finish)
{
	known("12");
	names_both("2112", "'12'");
	cr_expect(strstr(err.text, "'2112' is no serial"), "%s", err.text);
	names_both("219", "'9'"); /* neither is known: a decision would be lost */
	known("219");
	cr_expect_str_eq(unit("219"), "219", "%s", err.text);
	known("2112");
	names_both("2112", "'12'");
	cr_expect(strstr(err.text, "'2112' is a serial"), "%s", err.text);
	cr_expect_str_eq(unit("12"), "12");
	cr_expect_str_eq(unit("(21)2112"), "2112", "%s", err.text);
	cr_expect_str_eq(unit("(21)12"), "12", "%s", err.text);
}

Test(typed, a_unit_of_another_product_is_another_unit, .init = start, .fini = finish)
{
	known("2112");
	card.product = "another";
	names_both("2112", "'12'");
	cr_expect(strstr(err.text, "is no serial"), "%s", err.text);
}

Test(typed, what_a_scanner_marked_is_a_label, .init = start, .fini = finish)
{
	rules.fnc1 = "^";
	cr_expect_str_eq(unit("]d22112"), "12", "%s", err.text);
	cr_expect_str_eq(unit("\x1d"
			      "2112"),
			 "12");
	cr_expect_str_eq(unit("2112\x1d"
			      "10L7"),
			 "12");
	cr_expect_str_eq(unit("2112^10L7"), "12");
	cr_expect_str_eq(unit("]d210L7"), "refused", "it has no serial");
	cr_expect(strstr(err.text, "no serial, (21)"), "%s", err.text);
	rules.prefix = "<<";
	cr_expect_str_eq(unit("<<2112"), "12", "%s", err.text);
	known("]d22112");
	names_both("]d22112", "'12'");
}

Test(typed, a_serial_that_is_no_label_is_a_serial, .init = start, .fini = finish)
{
	const char *codes[] = { "4006381333931" };

	cr_expect_str_eq(unit("AS7"), "AS7", "%s", err.text);
	cr_expect_str_eq(unit("794"), "794", "%s", err.text);
	cr_expect_str_eq(unit(""), "refused");
	cr_expect_str_eq(unit("A\x01"), "refused");
	card.check = PLAN_CHECK_LUHN;
	cr_expect_str_eq(unit("795"), "refused", "a misprint");
	cr_expect_str_eq(unit("794"), "794", "%s", err.text);
	/* A label tells its product, a serial none. */
	card.code = (struct param_list){ .item = codes, .count = 1 };
	cr_expect_str_eq(unit("794"), "794", "%s", err.text);
	cr_expect_str_eq(unit("(01)04006381333931(21)794"), "794", "%s", err.text);
	cr_expect_str_eq(unit("(01)00000073513537(21)794"), "refused");
	/* Where every label has an identifier, a text without one is none. */
	card.check = PLAN_CHECK_NONE;
	rules.aim = LABEL_AIM_YES;
	cr_expect_str_eq(unit("2112"), "2112", "%s", err.text);
}

Test(typed, what_a_scanner_adds_to_a_plain_label, .init = start, .fini = finish)
{
	card.label = PLAN_LABEL_PLAIN;
	rules.prefix = "A";
	known("7");
	cr_expect_str_eq(unit("2112"), "2112");
	cr_expect_str_eq(unit("A7"), "7");
	cr_expect_str_eq(unit("]C0A"), "A", "%s", err.text);
	known("A7");
	names_both("A7", "'7'");
	cr_expect_str_eq(unit("7"), "7");
	cr_expect_str_eq(unit("(21)12"), "(21)12");
}
