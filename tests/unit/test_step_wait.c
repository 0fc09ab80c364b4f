#include "base/clock.h"
#include "tests/unit/rows.h"
#include "tests/unit/step_rig.h"

TestSuite(step_wait, .timeout = 20);

static enum verdict run(struct rig *r, const char *keys, int64_t left_ms)
{
	struct sbuf step = { 0 };

	sbuf_printf(&step, "kind = wait\n%s", keys);
	rig_open(r, NULL, sbuf_str(&step), NULL);
	r->live = 1;
	clock_freeze_ms(-1);
	r->until_ms = clock_ms() + left_ms;
	sbuf_release(&step);
	return rig_run(r);
}

Test(step_wait, waits)
{
	int64_t start = clock_ms();
	struct rig r;

	cr_assert_eq(run(&r, "for = 30 ms\nlimit waited = 0.03 .. 10 s\n", 5000), VERDICT_PASS,
		     "%s", r.attempt->message);
	cr_expect_geq(clock_ms() - start, 30);
	cr_assert_eq(r.attempt->measures, 1);
	cr_expect_str_eq(rig_measure(&r, "waited")->unit, "s");
	cr_expect_eq(strncmp(sbuf_str(&r.progress), "0.00 waiting\n", 13), 0);
	rig_close(&r);
}

Test(step_wait, never_beyond_its_deadline)
{
	int64_t start = clock_ms();
	struct rig r;

	run(&r, "for = 1 h\n", 30);
	cr_expect_str_eq(rig_outcome(&r), "ERROR station ERR_DEADLINE", "%s", r.attempt->message);
	cr_expect_lt(clock_ms() - start, 10000);
	cr_expect_eq(r.attempt->measures, 0, "what did not pass is not measured");
	rig_close(&r);
}

static const struct finding_row {
	const char *keys, *told;
} findings[] = {
	{ "for = 2 s\n", "" }, /* it acts, so a limit need not be */
	{ "", "6:1: missing-key" },
	{ "for = 0 s\n", "8:7: out-of-range" },
	{ "for = 2 h\n", "8:7: out-of-range" },
	{ "for = 2\n", "8:8: bad-unit" },
	{ "for = 2 s\ntimeout = 1 s\n", "9:11: timeout-too-short" },
	{ "for = 2 s\nlimit waited = < 1 V\n", "9:20: bad-unit" },
};

TEST_ROWS(step_wait, lint, findings)
{
	const struct finding_row *row = &findings[*i];
	struct sbuf keys = { 0 };
	const char *told;

	sbuf_printf(&keys, "kind = wait\n%s", row->keys);
	told = rig_check(NULL, NULL, sbuf_str(&keys));
	cr_expect(*row->told ? !strncmp(told, row->told, strlen(row->told)) : !*told, "row %zu: %s",
		  *i, told);
	sbuf_release(&keys);
}

Test(step_wait, tells_how_long_it_takes_and_implies_nothing)
{
	const struct plan_step *s;
	struct rig r;

	rig_open(&r, NULL, "kind = wait\nfor = 2 s\n", NULL);
	s = &r.plan->step[0];
	cr_expect_eq(s->driver->least_ms(s->args), 2000);
	cr_expect_eq(s->driver->asks, 0u, "it needs no board");
	cr_expect_str_eq(rig_limits(&r), "");
	rig_close(&r);
}
