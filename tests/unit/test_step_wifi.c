#include "tests/unit/rows.h"
#include "tests/unit/step_board.h"

TestSuite(step_wifi, .timeout = 20);

#define STEP "kind = wifi\nssid = line\npsk = 12345678\n"

static const struct row {
	const char *step;
	enum err_code code;
	const char *outcome, *measures, *asked;
} rows[] = {
	{ STEP, 0, "PASS - -", "joined=yes duration=", "join line 12345678" },
	{ "kind = wifi\nssid = line\n", 0, "PASS - -", "joined=yes duration=", "join line (open)" },
	{ STEP, ERR_PLAN, "ERROR plan ERR_PLAN", "", "join line 12345678" },
	{ STEP, ERR_REFUSED, "FAIL unit ERR_REFUSED", "", "join line 12345678" },
	{ STEP, ERR_SILENT, "ERROR open ERR_SILENT", "", "join line 12345678" },
};

TEST_ROWS(step_wifi, run, rows)
{
	struct rig r;

	sb = (struct step_board){ .join_code = rows[*i].code };
	sb_run(&r, rows[*i].step);
	cr_expect_str_eq(rig_outcome(&r), rows[*i].outcome, "%s", r.attempt->message);
	cr_expect_eq(strncmp(rig_measures(&r), rows[*i].measures, strlen(rows[*i].measures)), 0,
		     "%s", rig_measures(&r));
	cr_expect_str_eq(sb.asked, rows[*i].asked);
	rig_close(&r);
}

static const struct check {
	const char *step, *finds;
} checks[] = {
	{ STEP, "" },
	{ "kind = wifi\n", "ssid" },
	{ "kind = wifi\nssid = line\npsk = 1234567\n", "'psk' has 7 bytes, must be 8 to 63" },
	{ "kind = wifi\nssid = 123456789012345678901234567890123\n",
	  "'ssid' has 33 bytes, must be 1 to 32" },
};

TEST_ROWS(step_wifi, lint, checks)
{
	const char *found = rig_check(sb_profile, NULL, checks[*i].step);

	if (*checks[*i].finds)
		cr_expect(strstr(found, checks[*i].finds), "%s", found);
	else
		cr_expect_str_eq(found, "");
}
