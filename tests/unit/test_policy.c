#include <criterion/criterion.h>
#include <string.h>

#include "base/clock.h"
#include "floor/policy.h"
#include "store_make.h"

TestSuite(policy, .timeout = 60);

static struct place_to_test t;
static struct store *s;
static struct err err;
static struct plan plan;
static struct policy_case c;
static struct policy_answer out;

static void start(void)
{
	setenv("TZ", "UTC", 1);
	tzset();
	place_make(&t);
	cr_assert_eq(store_open(&s, t.path, STORE_WRITE, "ST-01", &err), 0, "%s", err.text);
	plan = *t.plan;
	c = (struct policy_case){ .plan = &plan, .serial = "A", .store = s, .data = t.folder };
}

static void finish(void)
{
	store_close(s);
	place_drop(&t);
}

static enum policy_word ask(void)
{
	int r = policy_ask(&out, &c, &err);

	cr_expect_eq(r == 0, out.word == POLICY_FINE, "%s", err.text);
	if (r < 0) {
		cr_expect_str_eq(out.text, err.text);
		cr_expect_neq(*out.text, '\0');
	}
	return out.word;
}

static void run(enum verdict last)
{
	cr_assert_eq(make_recorded(NULL, s, t.plan, "A", last, &err), 0, "%s", err.text);
}

static void note(enum store_note_kind kind, const char *what, const char *process)
{
	struct store_note n = { .kind = kind,
				.what = what,
				.product = plan.product,
				.serial = "A",
				.process = process,
				.by = "7",
				.by_how = "badge qa",
				.reason = "needle bent" };

	cr_assert_eq(store_note(s, &n, &err), 0, "%s", err.text);
}

/* Each row of the list: a word of its own, and only FINE is no error. */
Test(policy, words)
{
	for (int i = 0; i < POLICY_END_; i++) {
		const char *w = policy_code((enum policy_word)i);

		cr_expect_gt(strlen(w), 3);
		cr_expect_eq(strspn(w, "abcdefghijklmnopqrstuvwxyz_"), strlen(w), "%s", w);
		for (int k = 0; k < i; k++)
			cr_expect_str_neq(w, policy_code((enum policy_word)k));
		cr_expect_eq(policy_refuse(&out, (enum policy_word)i, &err, "x") == 0, i == 0);
	}
	cr_expect_str_empty(policy_code(POLICY_END_));
}

Test(policy, attempts)
{
	start();
	plan.attempts = 2;
	cr_expect_eq(ask(), POLICY_FINE);
	cr_expect_eq(out.attempt, 1);
	cr_expect_eq(out.attempts_max, 2);
	cr_expect_str_empty(out.retest);
	run(VERDICT_FAIL);
	cr_expect_eq(ask(), POLICY_FINE);
	cr_expect_eq(out.attempt, 2);
	cr_expect(strstr(out.retest, "(FAIL), attempt 2 of 2"), "%s", out.retest);
	run(VERDICT_FAIL);
	cr_expect_eq(ask(), POLICY_ATTEMPTS);
	c.mode = MODE_ENGINEERING;
	cr_expect_eq(ask(), POLICY_FINE);
	c.mode = MODE_PRODUCTION;
	c.partial = 1;
	cr_expect_eq(ask(), POLICY_FINE);
	c.partial = 0;
	note(STORE_GRANT, "attempt", plan.process);
	cr_expect_eq(ask(), POLICY_FINE);
	cr_expect_eq(out.attempt, 3);
	cr_expect_eq(out.attempts_max, 3);
	cr_expect(
		strstr(out.retest, "attempt 3 of 3, 1 of them granted, the last by 7: needle bent"),
		"%s", out.retest);
	run(VERDICT_FAIL);
	cr_expect_eq(ask(), POLICY_ATTEMPTS);
	note(STORE_DISPOSITION, "ntf", plan.process);
	cr_expect_eq(ask(), POLICY_FINE);
	cr_expect_eq(out.attempt, 1);
	cr_expect_eq(out.attempts_max, 2);
	cr_expect(strstr(out.retest, "ntf"), "%s", out.retest);
	plan.attempts = 0;
	cr_expect_eq(ask(), POLICY_FINE);
	cr_expect_eq(out.attempts_max, 0);
	finish();
}

Test(policy, passed)
{
	start();
	run(VERDICT_PASS);
	cr_expect_eq(ask(), POLICY_FINE, "allow is the preset");
	plan.passed = PLAN_PASSED_REFUSE;
	cr_expect_eq(ask(), POLICY_PASSED);
	c.confirmed = 1;
	cr_expect_eq(ask(), POLICY_PASSED, "refuse is not asked about");
	plan.passed = PLAN_PASSED_ASK;
	cr_expect_eq(ask(), POLICY_FINE);
	cr_expect(strstr(out.retest, "confirmed"), "%s", out.retest);
	c.confirmed = 0;
	cr_expect_eq(ask(), POLICY_ASK_PASSED);
	plan.attempts = 1;
	cr_expect_eq(ask(), POLICY_ATTEMPTS, "nobody is asked for what may not be");
	c.confirmed = 1;
	cr_expect_eq(ask(), POLICY_ATTEMPTS, "a try that passed is one, too");
	plan.passed = PLAN_PASSED_ALLOW;
	cr_expect_eq(ask(), POLICY_ATTEMPTS);
	plan.passed = PLAN_PASSED_ASK;
	note(STORE_GRANT, "attempt", plan.process);
	cr_expect_eq(ask(), POLICY_FINE);
	c.confirmed = 0;
	plan.attempts = 0;
	note(STORE_DISPOSITION, "rework", plan.process);
	cr_expect_eq(ask(), POLICY_FINE);
	run(VERDICT_FAIL);
	cr_expect_eq(ask(), POLICY_FINE, "the last run counts");
	finish();
}

/* A run whose verdict nobody saw is told of, whether the unit may start or not. */
Test(policy, not_seen)
{
	struct unit_run r;

	start();
	cr_expect_eq(ask(), POLICY_FINE);
	cr_expect_str_empty(out.note);
	make_run(&r, t.plan, "A");
	r.started_ms = 1795953600000; /* 2026-11-29 12:00 */
	cr_assert_eq(make_whole(s, &r, VERDICT_PASS, &err), 0);
	clock_freeze_wall_ms(r.started_ms + 3600000);
	cr_expect_eq(ask(), POLICY_FINE);
	cr_expect_str_eq(out.note, "recorded as PASS at 12:00, not seen");
	plan.passed = PLAN_PASSED_REFUSE;
	cr_expect_eq(ask(), POLICY_PASSED);
	cr_expect_str_eq(out.note, "recorded as PASS at 12:00, not seen");
	clock_freeze_wall_ms(r.started_ms + 86400000);
	cr_expect_eq(ask(), POLICY_PASSED);
	cr_expect_str_eq(out.note, "recorded as PASS at 2026-11-29 12:00, not seen");
	cr_assert_eq(store_shown(s, &r, &err), 0);
	cr_expect_eq(ask(), POLICY_PASSED);
	cr_expect_str_empty(out.note);
	run_release(&r);
	finish();
}

Test(policy, scrapped)
{
	start();
	note(STORE_DISPOSITION, "scrap", "ANOTHER");
	cr_expect_eq(ask(), POLICY_SCRAPPED);
	cr_expect(strstr(out.text, "by 7"), "%s", out.text);
	note(STORE_DISPOSITION, "rework", plan.process);
	note(STORE_GRANT, "attempt", plan.process);
	cr_expect_eq(ask(), POLICY_SCRAPPED);
	for (enum run_mode m = 0; m < MODE_END_; m++) {
		c.mode = m;
		cr_expect_eq(ask(), POLICY_SCRAPPED);
	}
	c.serial = "B";
	cr_expect_eq(ask(), POLICY_FINE);
	finish();
}

Test(policy, route)
{
	static const char *before[] = { "ICT", "AOI" };
	struct plan ict;

	start();
	ict = *t.plan;
	ict.process = "ICT";
	plan.route = (struct param_list){ before, 1 };
	cr_expect_eq(ask(), POLICY_ROUTE_MISSING);
	cr_assert_eq(make_recorded(NULL, s, &ict, "A", VERDICT_FAIL, &err), 0);
	cr_expect_eq(ask(), POLICY_ROUTE_FAILED);
	cr_assert_eq(make_recorded(NULL, s, &ict, "A", VERDICT_PASS, &err), 0);
	cr_expect_eq(ask(), POLICY_FINE);
	plan.route.count = 2;
	cr_expect_eq(ask(), POLICY_ROUTE_MISSING);
	cr_expect(strstr(out.text, "AOI"), "%s", out.text);
	plan.route.count = 1;
	cr_assert_eq(make_recorded(NULL, s, &ict, "A", VERDICT_FAIL, &err), 0);
	cr_expect_eq(ask(), POLICY_ROUTE_FAILED, "not: ever passed");
	note(STORE_DISPOSITION, "rework", "ICT");
	cr_expect_eq(ask(), POLICY_ROUTE_FAILED, "rework is no pass");
	note(STORE_DISPOSITION, "use_as_is", "ICT");
	cr_expect_eq(ask(), POLICY_FINE);
	cr_assert_eq(make_recorded(NULL, s, &ict, "A", VERDICT_FAIL, &err), 0);
	cr_expect_eq(ask(), POLICY_ROUTE_FAILED, "tested again after it");
	finish();
}

Test(policy, station)
{
	struct fixture f = { .path = "fx.ini", .id = "FX-1", .calibration_due = "2020-01-01" };

	start();
	c.fixture = &f;
	cr_expect_eq(ask(), POLICY_CALIBRATION);
	f.calibration_due = "9999-01-01";
	cr_expect_eq(ask(), POLICY_FINE);
	clock_freeze_wall_ms(946684800000); /* a computer without a battery */
	cr_expect_eq(ask(), POLICY_CLOCK);
	cr_expect(strstr(out.text, "says 2000-01-01"), "%s", out.text);
	clock_freeze_wall_ms(INT64_C(1795376880123)); /* 2026-11-22 */
	f.calibration_due = "2026-11-22";
	cr_expect_eq(ask(), POLICY_CALIBRATION, "from this day on");
	f.calibration_due = "2026-11-23";
	cr_expect_eq(ask(), POLICY_FINE);
	run(VERDICT_FAIL);
	run(VERDICT_FAIL);
	f.cycles_max = 3;
	cr_expect_eq(ask(), POLICY_FINE);
	cr_expect_eq(out.cycles, 2);
	f.cycles_max = 2;
	cr_expect_eq(ask(), POLICY_CYCLES);
	f.cycles_max = 0;
	c.running_on = "3";
	cr_expect_eq(ask(), POLICY_RUNNING);
	cr_expect(strstr(out.text, "on slot 3"), "%s", out.text);
	c.running_on = NULL;
	c.login = 1;
	cr_expect_eq(ask(), POLICY_NO_OPERATOR);
	c.role = PEOPLE_OPERATOR;
	cr_expect_eq(ask(), POLICY_FINE);
	c.serial = "A\\x07";
	c.scanned = "A\a";
	cr_expect_eq(ask(), POLICY_WRONG_FORMAT);
	c.serial = c.scanned = "A";
	plan.steps = 0;
	cr_expect_eq(ask(), POLICY_PLAN_FINDINGS);
	finish();
}

/* Whatever cannot be asked refuses. */
Test(policy, a_record_that_cannot_be_read)
{
	start();
	store_close(s);
	cr_assert_eq(store_open(&s, t.path, STORE_READ, "ST-01", &err), 0);
	c.store = s;
	cr_expect_eq(ask(), POLICY_FINE);
	store_close(s);
	sqlite3 *h;
	cr_assert_eq(sqlite3_open(t.path, &h), SQLITE_OK);
	sqlite3_exec(h, "ALTER TABLE note RENAME TO gone", NULL, NULL, NULL);
	sqlite3_close(h);
	cr_assert_eq(store_open(&s, t.path, STORE_READ, "ST-01", &err), 0);
	c.store = s;
	cr_expect_eq(ask(), POLICY_DISK);
	finish();
}

Test(policy, who_may)
{
	start();
	plan.grant = PLAN_GRANT_ENGINEER;
	cr_expect_lt(policy_may_grant(&plan, PEOPLE_ANYONE, &err), 0);
	cr_expect_lt(policy_may_grant(&plan, PEOPLE_OPERATOR, &err), 0);
	cr_expect_eq(policy_may_grant(&plan, PEOPLE_ENGINEER, &err), 0);
	cr_expect_eq(policy_may_grant(&plan, PEOPLE_QA, &err), 0);
	plan.grant = PLAN_GRANT_QA;
	cr_expect_lt(policy_may_grant(&plan, PEOPLE_ENGINEER, &err), 0);
	cr_expect_eq(policy_may_grant(&plan, PEOPLE_QA, &err), 0);
	cr_expect_eq(policy_may_dispose("rework", PEOPLE_OPERATOR, &err), 0);
	cr_expect_lt(policy_may_dispose("rework", PEOPLE_ANYONE, &err), 0);
	cr_expect_lt(policy_may_dispose("use_as_is", PEOPLE_ENGINEER, &err), 0);
	cr_expect_eq(policy_may_dispose("use_as_is", PEOPLE_QA, &err), 0);
	cr_expect_lt(policy_may_dispose("burn", PEOPLE_QA, &err), 0);
	finish();
}
