#include "base/clock.h"
#include "tests/unit/rows.h"
#include "tests/unit/step_rig.h"

TestSuite(step_os_version, .timeout = 20);

#define OS "kind = os_version\naccept = 24.03, 24.06\n"

static const struct rig_answer answers[] = {
	ANSWER("version\r\nOS version: 24.06\r\nvirt> ", "PASS - -", "version=24.06"),
	ANSWER("OS version: 24.06\r\nvirt> ", "PASS - -", "version=24.06"),
	/* No numbers: 24.6 is not 24.06. */
	ANSWER("OS version: 24.6\r\nvirt> ", "FAIL unit ERR_LIMIT", "version=24.6", "24.6"),
	ANSWER("OS version: 24.07\r\nvirt> ", "FAIL unit ERR_LIMIT", "version=24.07", "24.07"),
	ANSWER("OS version: beta\r\nvirt> ", "FAIL unit ERR_LIMIT", "version=beta", "beta"),
	ANSWER("OS version:   24.06  \r\nvirt> ", "PASS - -", "version=24.06"),
	ANSWER("OS version: \r\nvirt> ", "FAIL unit ERR_PROTO", "", "0 bytes"),
	ANSWER("what?\r\nvirt> ", "FAIL unit ERR_PROTO", "", "what?"),
	ANSWER("OS version: 24.06\r\nOS version: 24.07\r\nvirt> ", "FAIL unit ERR_PROTO", "",
	       "two answers"),
	ANSWER(NULL, "FAIL unit ERR_TIMEOUT", "", "reading the OS version: console 'version'"),
	ANSWER("OS vers", "FAIL unit ERR_PROTO", "", "OS vers"),
	ANSWER(NULL, "ERROR station ERR_GONE", "", "reading the OS version", .then = ERR_GONE),
	ANSWER("OS version: 24.0", "ERROR station ERR_GONE", "", .then = ERR_GONE),
	ANSWER(NULL, "ERROR station ERR_GONE", "", .fail = ERR_GONE),
	ANSWER("OS version: 2", "ERROR station ERR_LINE", "", .then = ERR_LINE),
	ANSWER(NULL, "ERROR station ERR_IO", "", .fail = ERR_IO),
};

TEST_ROWS(step_os_version, answer, answers)
{
	rig_expect(&answers[*i], OS, "version\n");
}

Test(step_os_version, keeps_what_the_unit_said)
{
	static const struct memory_turn turns[] = {
		HEARS("version\n", "OS version: 24.\x1b[1m\r\nvirt> "), HEARS_NO_MORE
	};
	struct rig r;

	rig_open(&r, rig_board, OS, turns);
	cr_expect_eq(rig_run(&r), VERDICT_FAIL);
	cr_expect_str_eq(rig_measure(&r, "version")->raw, "24.\x1b[1m", "escaped by the engine");
	cr_expect_str_eq(rig_measure(&r, "version")->note, "not understood as a version");
	rig_close(&r);
}

/* `within` counts, and never beyond the attempt. */
Test(step_os_version, late)
{
	static const struct memory_turn turns[] = {
		HEARS("version\n", "OS version: 24.06\r\nvirt> ", .delay_ms = 900), HEARS_NO_MORE
	};
	struct rig r;

	rig_open(&r, rig_board, OS "within = 1 s\n", turns);
	cr_expect_eq(rig_run(&r), VERDICT_PASS);
	rig_close(&r);
	rig_open(&r, rig_board, OS "within = 800 ms\n", turns);
	cr_expect_eq(rig_run(&r), VERDICT_FAIL);
	cr_expect_str_eq(rig_outcome(&r), "FAIL unit ERR_TIMEOUT");
	cr_expect_eq(clock_ms(), 1000800);
	rig_close(&r);
	rig_open(&r, rig_board, OS "within = 1 s\n", turns);
	r.until_ms = 1000300;
	cr_expect_eq(rig_run(&r), VERDICT_FAIL);
	cr_expect_eq(clock_ms(), 1000300);
	rig_close(&r);
}

static const struct implied_row {
	const char *keys, *limits;
} implied[] = {
	{ "accept = 24.03, 24.06\n", "version one of 24.03, 24.06 (implied)\n" },
	{ "at_least = 24.03\n", "version >= 24.03 (implied)\n" },
	{ "at_most = 24.10\n", "version <= 24.10 (implied)\n" },
	{ "at_least = 20.08 Update 1\nat_most = 24.10\n",
	  "version >= 20.08 Update 1 (implied)\nversion <= 24.10 (implied)\n" },
	{ "limit version = >= 3\n", "version >= 3\n" },
};

TEST_ROWS(step_os_version, implies, implied)
{
	struct sbuf keys = { 0 };
	struct rig r;

	sbuf_printf(&keys, "kind = os_version\n%s", implied[*i].keys);
	rig_open(&r, rig_board, sbuf_str(&keys), NULL);
	cr_expect_str_eq(rig_limits(&r), implied[*i].limits, "%s", rig_limits(&r));
	rig_close(&r);
	sbuf_release(&keys);
}

static const struct finding_row {
	const char *keys, *told;
} findings[] = {
	{ "accept = 24.03\nat_least = 24.03\nat_most = 24.03\n", "" },
	{ "at_least = new\n",
	  "8:12: bad-value: 'at_least' is 'new', must be a version such as 24.06 or 20.08 Update "
	  "1\n" },
	{ "at_least = 24.10\nat_most = 24.9\n",
	  "9:11: contradiction: 'at_most' 24.9 is below 'at_least' 24.10\n" },
	{ "accept = 24.03, 24.06\nat_least = 24.04\n",
	  "8:10: contradiction: 'accept' lists 24.03, which 'at_least' 24.04 excludes\n" },
	{ "accept = 24.03, 24.06\nat_most = 24.04\n",
	  "8:10: contradiction: 'accept' lists 24.06, which 'at_most' 24.04 excludes\n" },
};

TEST_ROWS(step_os_version, lint, findings)
{
	struct sbuf keys = { 0 };
	const char *told;

	sbuf_printf(&keys, "kind = os_version\n%s", findings[*i].keys);
	told = rig_check(rig_board, NULL, sbuf_str(&keys));
	cr_expect_str_eq(told, findings[*i].told, "row %zu: %s", *i, told);
	sbuf_release(&keys);
}
