#include "tests/unit/rows.h"
#include "tests/unit/step_board.h"

TestSuite(step_device_id, .timeout = 20);

static const struct row {
	const char *keys, *id, *serial, *other, *outcome, *measures;
	enum err_code code;
} rows[] = {
	{ "", "0123ABCD", "S1", "", "PASS - -", "device_id=0123abcd unique=yes", 0 },
	{ "", "0123abcd", "S1", "S9", "FAIL unit ERR_LIMIT", "device_id=0123abcd unique=no", 0 },
	{ "unique = no\n", "0123abcd", "S1", "S9", "PASS - -", "device_id=0123abcd", 0 },
	{ "", "x", "S1", "", "FAIL unit ERR_TIMEOUT", "", ERR_TIMEOUT },
	{ "", "x", "S1", "", "ERROR station ERR_EXCHANGED", "", ERR_EXCHANGED },
	{ "label = equal\nunique = no\n", "0123abcd", "0123ABCD", "", "PASS - -",
	  "device_id=0123abcd label_fits=yes", 0 },
	{ "label = equal\nunique = no\n", "0123abcd", "0123abc", "", "FAIL unit ERR_LIMIT",
	  "device_id=0123abcd label_fits=no", 0 },
	{ "label = begins\nunique = no\n", "0123abcd", "0123", "", "PASS - -",
	  "device_id=0123abcd label_fits=yes", 0 },
	{ "label = begins\nunique = no\n", "0123abcd", "abcd", "", "FAIL unit ERR_LIMIT",
	  "device_id=0123abcd label_fits=no", 0 },
	{ "label = ends\nunique = no\n", "0123abcd", "ABCD", "", "PASS - -",
	  "device_id=0123abcd label_fits=yes", 0 },
	{ "label = ends\nunique = no\n", "0123abcd", "0123abcd0123abcd", "", "FAIL unit ERR_LIMIT",
	  "device_id=0123abcd label_fits=no", 0 },
	{ "label = ends\nunique = no\n", "0123abcd", NULL, "", "FAIL unit ERR_LIMIT",
	  "device_id=0123abcd label_fits=no", 0 },
	{ "label = ends\nunique = no\n", "0123abcd", "", "", "FAIL unit ERR_LIMIT",
	  "device_id=0123abcd label_fits=no", 0 },
};

TEST_ROWS(step_device_id, run, rows)
{
	const struct row *t = &rows[*i];
	struct sbuf step = { 0 };
	struct rig r;

	sb = (struct step_board){ .id = t->id, .id_code = t->code };
	sbuf_printf(&step, "kind = device_id\nlimit device_id = matches /./\n%s", t->keys);
	rig_open_as(&r, sb_profile, sbuf_str(&step), &sb_driver);
	r.serial = t->serial;
	r.other = t->other;
	rig_run(&r);
	cr_expect_str_eq(rig_outcome(&r), t->outcome, "%s", r.attempt->message);
	cr_expect_str_eq(rig_measures(&r), t->measures);
	rig_close(&r);
	sbuf_release(&step);
}

Test(step_device_id, records_that_cannot_be_asked_pass_nothing)
{
	struct rig r;

	sb = (struct step_board){ .id = "01" };
	rig_open_as(&r, sb_profile, "kind = device_id\n", &sb_driver);
	rig_run(&r);
	cr_expect_str_eq(rig_outcome(&r), "ERROR station ERR_STORE");
	rig_close(&r);
}
