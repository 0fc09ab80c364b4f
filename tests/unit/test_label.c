#include <string.h>

#include "floor/label.h"
#include "tests/unit/rows.h"

TestSuite(label, .timeout = 20);

#define GS   "\x1d"
#define GTIN "04006381333931" /* an EAN-13 that is printed on pens, with its leading 0 */

static const struct good_row {
	enum plan_label form;
	const char *scan, *serial, *product, *lot, *revision, *aim;
	size_t fields;
} good[] = {
	{ PLAN_LABEL_PLAIN, "AS2601004711", "AS2601004711", "", "", "", "", 0 },
	{ PLAN_LABEL_PLAIN, "]d1AS26", "AS26", "", "", "", "]d1", 0 },
	{ PLAN_LABEL_PLAIN, "]C0AS26", "AS26", "", "", "", "]C0", 0 },
	{ PLAN_LABEL_PLAIN, "(21)A", "(21)A", "", "", "", "", 0 },
	{ PLAN_LABEL_PLAIN, " a b ", " a b ", "", "", "", "", 0 },
	{ PLAN_LABEL_PLAIN, "]", "]", "", "", "", "", 0 },
	{ PLAN_LABEL_GS1, "]d201" GTIN "21AS26", "AS26", GTIN, "", "", "]d2", 2 },
	{ PLAN_LABEL_GS1, "]C101" GTIN "21AS26", "AS26", GTIN, "", "", "]C1", 2 },
	{ PLAN_LABEL_GS1, "]Q301" GTIN "21AS26", "AS26", GTIN, "", "", "]Q3", 2 },
	{ PLAN_LABEL_GS1, "]e001" GTIN "21AS26", "AS26", GTIN, "", "", "]e0", 2 },
	{ PLAN_LABEL_GS1, GS "01" GTIN "21AS26", "AS26", GTIN, "", "", "", 2 },
	{ PLAN_LABEL_GS1, "]d2" GS "01" GTIN "21AS26", "AS26", GTIN, "", "", "]d2", 2 },
	{ PLAN_LABEL_GS1, "01" GTIN "21AS26", "AS26", GTIN, "", "", "", 2 },
	{ PLAN_LABEL_GS1,
	  "21AS26" GS "10L1" GS "01" GTIN GS "20"
	  "07",
	  "AS26", GTIN, "L1", "07", "", 4 },
	{ PLAN_LABEL_GS1, "21AS26" GS, "AS26", "", "", "", "", 1 },
	{ PLAN_LABEL_GS1, "240MT3620-RDB" GS "21A", "A", "MT3620-RDB", "", "", "", 2 },
	{ PLAN_LABEL_GS1, "241C-9" GS "21A", "A", "C-9", "", "", "", 2 },
	{ PLAN_LABEL_GS1, "241C-9" GS "240M" GS "21A", "A", "M", "", "", "", 3 },
	{ PLAN_LABEL_GS1, "(01)" GTIN "(21)AS26", "AS26", GTIN, "", "", "", 2 },
	{ PLAN_LABEL_GS1, "]C0(01)" GTIN "(21)A(b)c", "A(b)c", GTIN, "", "", "]C0", 2 },
	{ PLAN_LABEL_GS1, "(21)AS26(11)261129(17)270200", "AS26", "", "", "", "", 3 },
	{ PLAN_LABEL_GS1,
	  "11240229"
	  "21A",
	  "A", "", "", "", "", 2 },
	{ PLAN_LABEL_GS1,
	  "8003"
	  "04006381333931X7" GS "21A",
	  "A", "", "", "", "", 2 },
	{ PLAN_LABEL_GS1,
	  "4144006381333931"
	  "21A",
	  "A", "", "", "", "", 2 },
	{ PLAN_LABEL_GS1, "99free text?" GS "21A", NULL, NULL, NULL, NULL, NULL, 0 },
	{ PLAN_LABEL_GS1, "99free-text?" GS "21A", "A", "", "", "", "", 2 },
	{ PLAN_LABEL_GS1,
	  "3103001250"
	  "21A",
	  "A", "", "", "", "", 2 },
};

TEST_ROWS(label, good, good)
{
	const struct good_row *row = &good[*i];
	struct label l;
	struct err err = { 0 };
	int r = label_read(&l, NULL, row->form, row->scan, strlen(row->scan), &err);

	if (!row->serial) {
		cr_expect_eq(r, ERR_USAGE, "%s", row->scan);
		return;
	}
	cr_assert_eq(r, 0, "%s: %s", row->scan, err.text);
	cr_expect_str_eq(l.serial, row->serial);
	cr_expect_str_eq(l.product, row->product);
	cr_expect_str_eq(l.lot, row->lot);
	cr_expect_str_eq(l.revision, row->revision);
	cr_expect_str_eq(l.aim, row->aim);
	cr_expect_eq(l.fields, row->fields);
	label_release(&l);
	label_release(&l);
}

static const struct bad_row {
	enum plan_label form;
	const char *scan, *says;
} bad[] = {
	{ PLAN_LABEL_PLAIN, "", "label, character 1: it is empty" },
	{ PLAN_LABEL_PLAIN, "]d1", "label, character 4: it is empty" },
	{ PLAN_LABEL_PLAIN, "A\tB", "label, character 2: holds a control character (0x09)" },
	{ PLAN_LABEL_PLAIN, "]C0AB\x1b[A", "label, character 6: holds a control character (0x1B)" },
	{ PLAN_LABEL_PLAIN, "A\x7f", "label, character 2: holds a control character (0x7F)" },
	{ PLAN_LABEL_PLAIN, "]d221A", "this is a GS1 label (]d2); the plan wants a plain one" },
	{ PLAN_LABEL_PLAIN, " ", "label, character 1: holds only blanks, must be a serial" },
	{ PLAN_LABEL_PLAIN, "]C0   ", "label, character 4: holds only blanks" },
	{ PLAN_LABEL_PLAIN, "\xc2\xa0\xe3\x80\x80 ", "label, character 1: holds only blanks" },
	{ PLAN_LABEL_PLAIN, "\xe2\x80\x8b", "label, character 1: holds only blanks" },
	{ PLAN_LABEL_PLAIN, " \t ", "label, character 2: holds a control character (0x09)" },
	{ PLAN_LABEL_GS1, "", "label, character 1: it is empty" },
	{ PLAN_LABEL_GS1, "]d2", "label, character 4: it is empty" },
	{ PLAN_LABEL_GS1, "]d121A", "the scanner read a code without FNC1 (]d1)" },
	{ PLAN_LABEL_GS1, "01" GTIN, "label, character 17: the label holds no serial, (21)" },
	{ PLAN_LABEL_GS1, "]d201" GTIN, "label, character 20: the label holds no serial, (21)" },
	{ PLAN_LABEL_GS1,
	  "0104006381333930"
	  "21A",
	  "label, character 16: (01) GTIN: the check digit is '0', must be '1'" },
	{ PLAN_LABEL_GS1, "01040063813339",
	  "label, character 3: (01) GTIN: has 12 characters, must have 14" },
	{ PLAN_LABEL_GS1, "0104006381333931" GS GS "21A",
	  "label, character 18: an application identifier" },
	{ PLAN_LABEL_GS1, "010400638133393A21A",
	  "label, character 16: (01) GTIN: must be a digit" },
	{ PLAN_LABEL_GS1, "21A21B" GS "21C", "label, character 10: (21) stands twice" },
	{ PLAN_LABEL_GS1, "21123456789012345678901",
	  "(21) SERIAL: has 21 characters, must have 1 to 20" },
	{ PLAN_LABEL_GS1, "21" GS "10A", "label, character 3: (21) SERIAL: has 0 characters" },
	{ PLAN_LABEL_GS1, "21A B",
	  "label, character 4: (21) SERIAL: not a character of GS1's set" },
	{ PLAN_LABEL_GS1, "21 ", "label, character 3: (21) SERIAL: not a character" },
	{ PLAN_LABEL_GS1, "21A\xc3\xa9", "label, character 4: (21) SERIAL: not a character" },
	{ PLAN_LABEL_GS1, "21A\x01", "label, character 4: (21) SERIAL: not a character" },
	{ PLAN_LABEL_GS1,
	  "11261329"
	  "21A",
	  "label, character 5: (11) PROD DATE: '13' is no month" },
	{ PLAN_LABEL_GS1,
	  "11260029"
	  "21A",
	  "label, character 5: (11) PROD DATE: '00' is no month" },
	{ PLAN_LABEL_GS1,
	  "17260230"
	  "21A",
	  "label, character 7: (17) USE BY: '260230' has no day '30'" },
	{ PLAN_LABEL_GS1,
	  "17260229"
	  "21A",
	  "label, character 7: (17) USE BY: '260229' has no day '29'" },
	{ PLAN_LABEL_GS1,
	  "17260431"
	  "21A",
	  "label, character 7: (17) USE BY: '260431' has no day '31'" },
	{ PLAN_LABEL_GS1,
	  "3106001250"
	  "21A",
	  "label, character 1: an application identifier" },
	{ PLAN_LABEL_GS1,
	  "3190001250"
	  "21A",
	  "label, character 1: an application identifier" },
	{ PLAN_LABEL_GS1, "30123456789" GS "21A",
	  "(30) VAR. COUNT: has 9 characters, must have 1 to 8" },
	{ PLAN_LABEL_GS1,
	  "8003"
	  "14006381333931X" GS "21A",
	  "label, character 5: (8003) GRAI: begins with '1'" },
	{ PLAN_LABEL_GS1,
	  "8003"
	  "04006381333930X" GS "21A",
	  "label, character 18: (8003) GRAI: the check digit" },
	{ PLAN_LABEL_GS1,
	  "4144006381333930"
	  "21A",
	  "label, character 16: (414) LOC NO.: the check digit" },
	{ PLAN_LABEL_GS1, "AS26",
	  "label, character 1: an application identifier must stand here; 'A'" },
	{ PLAN_LABEL_GS1, "(21)", "label, character 5: (21) SERIAL: has 0 characters" },
	{ PLAN_LABEL_GS1, "(21)A(77)B", "label, character 6: (77) is no application identifier" },
	{ PLAN_LABEL_GS1, "(211)A", "label, character 1: (211) is no application identifier" },
	{ PLAN_LABEL_GS1, "(3103)001", "(310n) NET WEIGHT (kg): has 3 characters, must have 6" },
};

TEST_ROWS(label, bad, bad)
{
	const struct bad_row *row = &bad[*i];
	struct label l;
	struct err err = { 0 };

	cr_assert_eq(label_read(&l, NULL, row->form, row->scan, strlen(row->scan), &err), ERR_USAGE,
		     "'%s' was read", row->scan);
	cr_expect(strstr(err.text, row->says), "'%s': %s", row->scan, err.text);
	cr_expect_eq(l.fields, 0);
	cr_expect_null(l.serial);
}

Test(label, fields_have_place_and_decimals)
{
	static const char scan[] = "]d2"
				   "3103001250"
				   "3102000005"
				   "3300012345"
				   "21A";
	struct label l;
	struct err err = { 0 };

	cr_assert_eq(label_read(&l, NULL, PLAN_LABEL_GS1, scan, strlen(scan), &err), 0, "%s",
		     err.text);
	cr_assert_eq(l.fields, 4);
	cr_expect_str_eq(l.field[0].ai, "3103");
	cr_expect_str_eq(l.field[0].value, "1.250");
	cr_expect_str_eq(l.field[1].value, "0.05");
	cr_expect_str_eq(l.field[2].value, "012345");
	cr_expect_str_eq(l.field[0].title, "NET WEIGHT (kg)");
	cr_expect_eq(l.field[3].at, 32);
	cr_expect_eq(l.before, 3);
	cr_expect(l.gs1);
	label_release(&l);
}

Test(label, nul_and_length)
{
	struct label l;
	struct err err = { 0 };
	static char big[LABEL_MAX + 1];

	cr_expect_eq(label_read(&l, NULL, PLAN_LABEL_PLAIN, "A\0B", 3, &err), ERR_USAGE);
	cr_expect(strstr(err.text, "character 2: holds a control character (0x00)"), "%s",
		  err.text);
	memset(big, 'A', sizeof(big));
	cr_expect_eq(label_read(&l, NULL, PLAN_LABEL_PLAIN, big, sizeof(big), &err), ERR_USAGE);
	cr_expect(strstr(err.text, "serial of 16385 bytes"), "%s", err.text);
	cr_expect_eq(label_read(&l, NULL, PLAN_LABEL_PLAIN, big, sizeof(big) - 1, &err), 0);
	cr_expect_eq(strlen(l.serial), LABEL_MAX);
	label_release(&l);
}

static const struct wrap_row {
	struct label_rules rules;
	const char *scan, *serial; /* NULL: refused */
	size_t before;
} wraps[] = {
	{ { "<", ">", NULL, LABEL_AIM_STRIP }, "<A1>", "A1", 1 },
	{ { "<", ">", NULL, LABEL_AIM_STRIP }, "A1", "A1", 0 }, /* typed by hand */
	{ { "<", ">", NULL, LABEL_AIM_STRIP }, "<]C0A1>", "A1", 4 },
	{ { "\x02", "\r\n", NULL, LABEL_AIM_STRIP },
	  "\x02"
	  "A1\r\n",
	  "A1",
	  1 },
	{ { "\x02", "\r\n", NULL, LABEL_AIM_STRIP }, "A1\r", NULL, 0 },
	{ { "AB", "BA", NULL, LABEL_AIM_STRIP }, "ABA", "A", 2 }, /* no byte is taken twice */
	{ { NULL, NULL, NULL, LABEL_AIM_NO }, "]C0A1", "]C0A1", 0 },
	{ { NULL, NULL, NULL, LABEL_AIM_YES }, "]C0A1", "A1", 3 },
	{ { NULL, NULL, NULL, LABEL_AIM_YES }, "A1", NULL, 0 },
	{ { "", "", NULL, LABEL_AIM_STRIP }, "A1", "A1", 0 },
};

TEST_ROWS(label, wrapped, wraps)
{
	const struct wrap_row *row = &wraps[*i];
	struct label l;
	struct err err = { 0 };
	int r = label_read(&l, &row->rules, PLAN_LABEL_PLAIN, row->scan, strlen(row->scan), &err);

	cr_assert_eq(r, row->serial ? 0 : ERR_USAGE, "%s: %s", row->scan, err.text);
	if (!row->serial)
		return;
	cr_expect_str_eq(l.serial, row->serial);
	cr_expect_eq(l.before, row->before);
	label_release(&l);
}

static const struct guess_row {
	const char *scan;
	enum plan_label form;
} guesses[] = {
	{ "AS26", PLAN_LABEL_PLAIN },
	{ "]d1AS26", PLAN_LABEL_PLAIN },
	{ "]d221A", PLAN_LABEL_GS1 },
	{ GS "21A", PLAN_LABEL_GS1 },
	{ "(21)A", PLAN_LABEL_GS1 },
	{ "]C0(21)A", PLAN_LABEL_GS1 },
	{ "(2)A", PLAN_LABEL_PLAIN },
	{ "", PLAN_LABEL_PLAIN },
	{ "0104006381333931", PLAN_LABEL_PLAIN },
};

TEST_ROWS(label, guess, guesses)
{
	cr_expect_eq(label_guess(NULL, guesses[*i].scan, strlen(guesses[*i].scan)),
		     guesses[*i].form, "%s", guesses[*i].scan);
}

/* Numbers that others published. */
static const struct check_row {
	enum plan_check_digit check;
	const char *text;
	const char *says; /* NULL: right */
} checks[] = {
	{ PLAN_CHECK_NONE, "anything", NULL },
	{ PLAN_CHECK_GS1, "4006381333931", NULL },
	{ PLAN_CHECK_GS1, "73513537", NULL },           /* the example of EAN-8 */
	{ PLAN_CHECK_GS1, "106141412345678908", NULL }, /* an SSCC */
	{ PLAN_CHECK_GS1, "4006381333932",
	  "ends in '2', its GS1 (mod 10) check digit would be '1'" },
	{ PLAN_CHECK_GS1, "400638133393A", "character 13 cannot stand before" },
	{ PLAN_CHECK_GS1, "1", "is too short" },
	{ PLAN_CHECK_LUHN, "79927398713", NULL },
	{ PLAN_CHECK_LUHN, "4111111111111111", NULL },
	{ PLAN_CHECK_LUHN, "490154203237518", NULL }, /* an IMEI */
	{ PLAN_CHECK_LUHN, "79927398710", "its Luhn check digit would be '3'" },
	{ PLAN_CHECK_LUHN, "7992-7398713", "character 5 cannot stand before" },
	{ PLAN_CHECK_MOD97, "WEST12345698765432GB82", NULL }, /* an IBAN, turned round */
	{ PLAN_CHECK_MOD97, "529900T8BM49AURSDO55", NULL },   /* an LEI */
	{ PLAN_CHECK_MOD97, "529900T8BM49AURSDO54", "its MOD 97-10 check digits would be '55'" },
	{ PLAN_CHECK_MOD97, "as2601", "character 1 cannot stand before" },
	{ PLAN_CHECK_MOD97, "12", "is too short" },
	{ PLAN_CHECK_MOD97, "", "is too short" },
};

TEST_ROWS(label, check_digits, checks)
{
	const struct check_row *row = &checks[*i];
	struct err err = { 0 };
	int r = label_check(row->check, row->text, &err);

	cr_assert_eq(r, row->says ? ERR_USAGE : 0, "%s: %s", row->text, err.text);
	if (row->says)
		cr_expect(strstr(err.text, row->says), "%s: %s", row->text, err.text);
}

/* Each wrong digit and each swap of neighbours that the method promises to find. */
Test(label, single_errors_are_found)
{
	static const struct {
		enum plan_check_digit check;
		const char *text;
	} row[] = { { PLAN_CHECK_GS1, "4006381333931" },
		    { PLAN_CHECK_LUHN, "79927398713" },
		    { PLAN_CHECK_MOD97, "529900T8BM49AURSDO55" } };
	struct err err = { 0 };

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		for (size_t k = 0; row[i].text[k]; k++)
			for (char c = '0'; c <= '9'; c++) {
				char text[32];

				snprintf(text, sizeof(text), "%s", row[i].text);
				if (text[k] == c || text[k] > '9') /* a letter is two digits */
					continue;
				text[k] = c;
				cr_expect_lt(label_check(row[i].check, text, &err), 0, "%s", text);
			}
}

/* The table: what a reader of rows relies on. */
Test(label, table)
{
	for (const struct label_ai *a = label_ais; a->ai; a++) {
		size_t n = strlen(a->ai);

		cr_expect(n >= 2 && n <= 4, "%s", a->ai);
		cr_expect(a->min >= 1 && a->min <= a->max && a->max <= 90, "%s", a->ai);
		cr_expect(strchr("NXY", a->kind), "%s", a->ai);
		cr_expect(!a->fixed || a->min == a->max, "%s", a->ai);
		/* No identifier begins another: what stands first decides. */
		for (const struct label_ai *b = label_ais; b != a; b++)
			cr_expect(strncmp(a->ai, b->ai, strlen(b->ai)) && strncmp(b->ai, a->ai, n),
				  "%s and %s", a->ai, b->ai);
	}
}

/* What scanners send where GS is no key. */
static const struct fnc1_row {
	const char *fnc1, *scan, *lot; /* lot NULL: refused */
} fnc1s[] = {
	{ "^", "]d210L1^21AS26", "L1" },   { "^", "10L1" GS "21AS26", "L1" },
	{ "^", "^10L1^21AS26^", "L1" },    { "~1", "10L~21AS26", NULL }, /* half of one */
	{ "~1", "~110L1~121AS26", "L1" },  { "{GS}", "]Q3{GS}10L1{GS}21AS26", "L1" },
	{ "{GS}", "10L1{GS21AS26", NULL }, { "^", "10L1^^21AS26", NULL },
	{ NULL, "10L1^21AS26", NULL },
};

TEST_ROWS(label, fnc1_as_the_scanner_sends_it, fnc1s)
{
	const struct fnc1_row *row = &fnc1s[*i];
	const struct label_rules rules = { .fnc1 = row->fnc1 };
	struct label l;
	struct err err = { 0 };
	int r = label_read(&l, &rules, PLAN_LABEL_GS1, row->scan, strlen(row->scan), &err);

	cr_assert_eq(r, row->lot ? 0 : ERR_USAGE, "%s: %s", row->scan, err.text);
	if (!row->lot)
		return;
	cr_expect_str_eq(l.lot, row->lot);
	cr_expect_str_eq(l.serial, "AS26");
	label_release(&l);
	if (row->scan[0] == *row->fnc1)
		cr_expect_eq(label_guess(&rules, row->scan, strlen(row->scan)), PLAN_LABEL_GS1);
}
