#include "tests/unit/rows.h"
#include "tests/unit/step_board.h"

TestSuite(step_manufacturing_state, .timeout = 20);

#define STEP "kind = manufacturing_state\nconfirm = yes\n"

static const struct row {
	struct step_board board;
	const char *outcome, *measures, *asked;
} rows[] = {
	{ { .state = "Blank", .sets = "DeviceComplete" },
	  "PASS - -",
	  "before=Blank state=DeviceComplete",
	  "state finalise DeviceComplete state" },
	/* It is so already: nothing is set. */
	{ { .state = "DeviceComplete" },
	  "PASS - -",
	  "before=DeviceComplete state=DeviceComplete",
	  "state" },
	/* Answered by 200, and nothing changed. */
	{ { .state = "Blank" },
	  "FAIL unit ERR_LIMIT",
	  "before=Blank state=Blank",
	  "state finalise DeviceComplete state" },
	/* Refused: told as it is, and what the state is now is in the record. */
	{ { .state = "Blank", .finalise_code = ERR_REFUSED },
	  "FAIL unit ERR_REFUSED",
	  "before=Blank state=Blank",
	  "state finalise DeviceComplete state" },
	/* No answer, and yet it was done: the call failed, which is no pass. */
	{ { .state = "Blank", .sets = "DeviceComplete", .finalise_code = ERR_PROTO },
	  "FAIL unit ERR_PROTO",
	  "before=Blank state=DeviceComplete",
	  "state finalise DeviceComplete state" },
	{ { .state = "Blank", .sets = "DeviceComplete", .later_code = ERR_SILENT },
	  "ERROR open ERR_SILENT",
	  "before=Blank",
	  "state finalise DeviceComplete state" },
	{ { .state = "Unknown", .state_code = ERR_TIMEOUT }, "FAIL unit ERR_TIMEOUT", "", "state" },
};

TEST_ROWS(step_manufacturing_state, run, rows)
{
	struct rig r;

	sb = rows[*i].board;
	sb_run(&r, STEP);
	cr_expect_str_eq(rig_outcome(&r), rows[*i].outcome, "%s", r.attempt->message);
	cr_expect_str_eq(rig_measures(&r), rows[*i].measures);
	cr_expect_str_eq(sb.asked, rows[*i].asked);
	rig_close(&r);
}

static const struct check {
	const char *step, *finds;
} checks[] = {
	{ STEP, "" },
	{ "kind = manufacturing_state\n", "missing" },
	{ "kind = manufacturing_state\nconfirm = no\n", "'confirm' must be yes" },
	{ STEP "retry = 1\n", "'retry' is not for step" },
	{ STEP "always = yes\n", "'always' is not for step" },
	{ STEP "group = g\n\n[group g]\nretry = 1\n", "'group' is not for step" },
};

TEST_ROWS(step_manufacturing_state, lint, checks)
{
	const char *found = rig_check(sb_profile, NULL, checks[*i].step);

	if (*checks[*i].finds)
		cr_expect(strstr(found, checks[*i].finds) || strstr(found, "needs"), "%s", found);
	else
		cr_expect_str_eq(found, "");
}
