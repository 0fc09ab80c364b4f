#include "tests/unit/rows.h"
#include "tests/unit/step_board.h"

TestSuite(step_ready, .timeout = 20);

#define A "aaaaaaaa-0000-4000-8000-000000000001"
#define B "bbbbbbbb-0000-4000-8000-000000000002"
#define LIST(...)                                                                                  \
	{                                                                                          \
		.item = (const char *[]){ __VA_ARGS__ },                                           \
		.count = sizeof((const char *[]){ __VA_ARGS__ }) / sizeof(char *)                  \
	}
#define HIDDEN                                                                                     \
	{                                                                                          \
		.hidden = 1                                                                        \
	}
#define GOOD                                                                                       \
	"state=Blank capabilities=0 os=24.06 applications_extra=0 applications_missing=0 "         \
	"networks=0 test_server=no hidden=0"

static const struct row {
	const char *keys, *state;
	struct board_inventory holds;
	const char *outcome, *measures, *message;
} rows[] = {
	{ "", "Blank", { .os = "24.06", .test_server = "rf" }, "PASS - -", GOOD, NULL },
	{ "",
	  "DeviceComplete",
	  { .os = "24.06", .test_server = "rf" },
	  "FAIL unit ERR_LIMIT",
	  NULL,
	  "state is DeviceComplete" },
	{ "",
	  "Blank",
	  { .os = "24.03", .test_server = "rf" },
	  "FAIL unit ERR_LIMIT",
	  NULL,
	  "os is 24.03" },
	{ "",
	  "Blank",
	  { .os_why = "no release", .test_server = "rf" },
	  "FAIL unit ERR_LIMIT",
	  NULL,
	  "os is unknown" },
	{ "",
	  "Blank",
	  { .os = "24.06", .test_server = "rf", .capabilities = LIST("11 appDevelopment") },
	  "FAIL unit ERR_LIMIT",
	  NULL,
	  "capabilities is 1" },
	{ "",
	  "Blank",
	  { .os = "24.06", .test_server = "rf", .networks = LIST("lab") },
	  "FAIL unit ERR_LIMIT",
	  NULL,
	  "networks is 1" },
	{ "",
	  "Blank",
	  { .os = "24.06", .test_server = "rf", .system = LIST("x", "RF") },
	  "FAIL unit ERR_LIMIT",
	  NULL,
	  "test_server is yes" },
	{ "",
	  "Blank",
	  { .os = "24.06", .test_server = "rf", .applications = LIST(A) },
	  "FAIL unit ERR_LIMIT",
	  NULL,
	  "applications_extra is 1" },
	{ "applications = " A "\n",
	  "Blank",
	  { .os = "24.06", .test_server = "rf" },
	  "FAIL unit ERR_LIMIT",
	  NULL,
	  "applications_missing is 1" },
	{ "applications = " B ", " A "\n",
	  "Blank",
	  { .os = "24.06", .test_server = "rf", .applications = LIST(A, B) },
	  "PASS - -",
	  GOOD,
	  NULL },
	/* No pass of what is hidden, however well the rest looks. */
	{ "",
	  "DeviceComplete",
	  { .applications = HIDDEN, .networks = HIDDEN, .test_server = "rf" },
	  "ERROR plan ERR_FINAL",
	  "state=DeviceComplete capabilities=0 hidden=4",
	  "does not show os, applications, networks, test_server" },
	{ "checks = state, capabilities\n",
	  "Blank",
	  { .applications = HIDDEN, .networks = HIDDEN },
	  "PASS - -",
	  "state=Blank capabilities=0 hidden=0",
	  NULL },
	{ "checks = networks\n",
	  "Blank",
	  { .networks = HIDDEN },
	  "ERROR plan ERR_FINAL",
	  "hidden=1",
	  NULL },
	/* A family that knows no test server says nothing of it: that is no pass. */
	{ "", "Blank", { .os = "24.06" }, "ERROR station ERR_UNSET", NULL, "test_server" },
};

TEST_ROWS(step_ready, run, rows)
{
	const struct row *t = &rows[*i];
	struct sbuf step = { 0 };
	struct rig r;

	sb = (struct step_board){ .state = t->state, .holds = t->holds };
	sbuf_printf(&step, "kind = ready\nstate = Blank\naccept = 24.06\n%s", t->keys);
	sb_run(&r, sbuf_str(&step));
	cr_expect_str_eq(rig_outcome(&r), t->outcome, "%s", r.attempt->message);
	if (t->measures)
		cr_expect_str_eq(rig_measures(&r), t->measures);
	if (t->message)
		cr_expect(strstr(r.attempt->message, t->message), "%s", r.attempt->message);
	rig_close(&r);
	sbuf_release(&step);
}

Test(step_ready, names_what_is_left)
{
	struct rig r;

	sb = (struct step_board){
		.state = "Blank",
		.holds = { .os = "24.06", .test_server = "rf", .networks = LIST("lab", "e\x1b[m") },
	};
	sb_run(&r, "kind = ready\nstate = Blank\naccept = 24.06\n");
	cr_expect_str_eq(rig_measure(&r, "networks")->note, "lab, e\\x1b[m");
	rig_close(&r);
}

Test(step_ready, a_board_that_fails)
{
	struct rig r;

	sb = (struct step_board){ .state = "Blank", .state_code = ERR_SILENT };
	sb_run(&r, "kind = ready\naccept = 24.06\n");
	cr_expect_str_eq(rig_outcome(&r), "ERROR open ERR_SILENT");
	rig_close(&r);
}

static const struct check {
	const char *step, *finds;
} checks[] = {
	{ "kind = ready\naccept = 24.06\n", "" },
	{ "kind = ready\nchecks = state\n", "" },
	{ "kind = ready\n", "needs 'accept'" },
	{ "kind = ready\nchecks = stat\n", "there is no check 'stat'; did you mean 'state'?" },
};

TEST_ROWS(step_ready, lint, checks)
{
	const char *found = rig_check(sb_profile, NULL, checks[*i].step);

	if (*checks[*i].finds)
		cr_expect(strstr(found, checks[*i].finds), "%s", found);
	else
		cr_expect_str_eq(found, "");
}
