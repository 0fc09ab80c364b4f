#include <string.h>

#include "floor/codes.h"
#include "tests/unit/rows.h"

TestSuite(codes, .timeout = 20);

static struct fixture_slot slots[] = { { .name = "1" }, { .name = "2", .barcode = "SL-0002" } };
static const struct fixture fixture = { .slot = slots, .slots = 2 };
static const struct codes_rules rules = { .codes = "STATION.", .badge = "BADGE." };

static const struct row {
	const char *scan;
	enum code_kind kind;
	const char *arg; /* NULL: not looked at */
} rows[] = {
	{ "AS26", CODE_LABEL, NULL },
	{ "", CODE_LABEL, NULL },
	{ "STATION", CODE_LABEL, NULL },
	{ "station.rework", CODE_LABEL,
	  NULL }, /* the beginning is exact, so that no serial is lost */
	{ " STATION.REWORK", CODE_LABEL, NULL },
	{ "STATION.REWORK", CODE_DISPOSITION, "rework" },
	{ "STATION.rework", CODE_DISPOSITION, "rework" },
	{ "STATION.SCRAP", CODE_DISPOSITION, "scrap" },
	{ "STATION.NTF", CODE_DISPOSITION, "ntf" },
	{ "STATION.FORGET", CODE_COMMAND, "forget" },
	{ "STATION.LOGOUT", CODE_COMMAND, "logout" },
	{ "STATION.CHOICE.1", CODE_CHOICE, "1" },
	{ "STATION.CHOICE.9", CODE_CHOICE, "9" },
	{ "STATION.CHOICE.10", CODE_UNKNOWN, NULL },
	{ "STATION.CHOICE.", CODE_UNKNOWN, NULL },
	{ "STATION.1", CODE_UNKNOWN, NULL },
	{ "STATION.", CODE_UNKNOWN, NULL },
	{ "STATION.REWORK\n", CODE_UNKNOWN, NULL },
	{ "STATION.REWORKS", CODE_UNKNOWN, NULL },
	{ "STATION.START", CODE_UNKNOWN, NULL },
	{ "STATION.STOP", CODE_UNKNOWN, NULL },
	{ "STATION.USE_AS_IS", CODE_UNKNOWN, NULL }, /* QA's, by command */
	{ "STATION.SLOT.1", CODE_SLOT, "1" },
	{ "STATION.SLOT.2", CODE_SLOT, "2" },
	{ "STATION.SLOT.3", CODE_UNKNOWN, NULL },
	{ "STATION.SLOT.", CODE_UNKNOWN, NULL },
	{ "SL-0002", CODE_SLOT, "2" },
	{ "SL-0002 ", CODE_LABEL, NULL },
	{ "BADGE.", CODE_BADGE, "BADGE." },
	{ "BADGE.1184.1", CODE_BADGE, "BADGE.1184.1" },
	{ "BADGE", CODE_LABEL, NULL },
};

TEST_ROWS(codes, read, rows)
{
	const struct row *row = &rows[*i];
	const char *arg = "untouched";

	cr_expect_eq(codes_read(&arg, &rules, &fixture, row->scan, strlen(row->scan)), row->kind,
		     "'%s'", row->scan);
	if (row->arg)
		cr_expect_str_eq(arg, row->arg, "'%s'", row->scan);
	else
		cr_expect_null(arg, "'%s'", row->scan);
}

Test(codes, a_nul_is_no_end)
{
	const char *arg;

	cr_expect_eq(codes_read(&arg, &rules, &fixture, "STATION.REWORK\0", 15), CODE_UNKNOWN);
	cr_expect_eq(codes_read(&arg, &rules, &fixture, "SL-0002\0", 8), CODE_LABEL);
	cr_expect_eq(codes_read(&arg, &rules, NULL, "STATION.SLOT.1", 14), CODE_UNKNOWN);
	cr_expect_eq(codes_read(&arg, &(struct codes_rules){ 0 }, NULL, "STATION.REWORK", 14),
		     CODE_LABEL);
}

/* What is printed is what is read. */
Test(codes, sheet)
{
	struct codes_print p;
	struct arena a = { 0 };
	const char *arg;

	codes_sheet(&p, &a, &rules, &fixture, "ST-01");
	cr_assert_eq(p.items, 16);
	for (size_t i = 0; i < p.items; i++) {
		enum code_kind k =
			codes_read(&arg, &rules, &fixture, p.item[i].text, strlen(p.item[i].text));

		cr_expect(k != CODE_LABEL && k != CODE_UNKNOWN && k != CODE_BADGE, "%s",
			  p.item[i].text);
		cr_expect_neq(*p.item[i].help, '\0');
		for (size_t n = 0; n < i; n++)
			cr_expect_str_neq(p.item[i].text, p.item[n].text);
	}
	arena_free(&a);
}

static const char *const no_codes[] = { "", "\xc3\xa9", "A\tB", "A\x7f" };

Test(codes, what_no_code_can_hold)
{
	char big[200];
	struct codes_item item = { "g", big, "h" };
	struct codes_print p = { .title = "t", .item = &item, .items = 1 };
	struct sbuf b = { 0 };
	struct err err = { 0 };

	memset(big, 'x', sizeof(big));
	big[120] = '\0';
	cr_expect_eq(codes_svg(&b, &p, &err), 0, "%s", err.text);
	sbuf_reset(&b);
	cr_expect_eq(codes_pdf(&b, &p, &err), 0, "%s", err.text);
	cr_expect(b.len > 100 && !memcmp(b.data, "%PDF-", 5));
	big[120] = 'x';
	big[121] = '\0';
	cr_expect_eq(codes_svg(&b, &p, &err), ERR_USAGE);
	for (size_t i = 0; i < sizeof(no_codes) / sizeof(no_codes[0]); i++) {
		item.text = no_codes[i];
		cr_expect_eq(codes_svg(&b, &p, &err), ERR_USAGE, "%zu", i);
		cr_expect_eq(codes_pdf(&b, &p, &err), ERR_USAGE, "%zu", i);
	}
	sbuf_release(&b);
}

/* Text of a fixture or a person is no markup. */
Test(codes, hostile_text)
{
	struct codes_item item = { "<script>", "a<b>&'\"", "</text>]]>" };
	struct codes_print p = { .title = "\"/><x>", .item = &item, .items = 1 };
	struct sbuf b = { 0 };
	struct err err = { 0 };

	cr_assert_eq(codes_svg(&b, &p, &err), 0, "%s", err.text);
	cr_expect_null(strstr(sbuf_str(&b), "<script"));
	cr_expect_null(strstr(sbuf_str(&b), "<x>"));
	cr_expect_null(strstr(sbuf_str(&b), "<b>"));
	sbuf_release(&b);
}
