/* lane: the way of a run from step to step: stops, retries, groups, steps that cannot be
 * undone, a pulled cable, and no verdict without a record. */
#include <string.h>

#include "base/clock.h"
#include "engine_rig.h"
#include "rows.h"

TestSuite(lane, .timeout = 20);

Test(lane, passes_when_every_step_passes)
{
	BUILD(1, DO_PASS, DO_PASS, DO_FLOOD);
	engine_run();
	cr_expect_str_eq(engine_told(), "PASS - PPP: ok ok ok");
	cr_expect_eq(engine.attempts, 3);
	cr_expect_eq(engine.committed, 1);
	cr_expect_eq(engine.shown, 1);
}

Test(lane, stops_at_a_failure_and_still_runs_always_steps)
{
	BUILD(1, DO_PASS, DO_BAD_VALUE, DO_PASS, DO_PASS);
	engine.step[3].always = 1;
	engine_run();
	cr_expect_str_eq(engine_told(), "FAIL unit PFSP: ok ERR_LIMIT ok");
	cr_expect_str_eq(engine.last->first_fail, "s1#1.x");
	cr_expect_str_eq(engine.skips, "stopped:s1 ");
}

Test(lane, goes_on_where_the_plan_says_so)
{
	BUILD(1, DO_BAD_VALUE, DO_PASS);
	engine.step[0].on_fail = PLAN_CONTINUE;
	engine_run();
	cr_expect_str_eq(engine_told(), "FAIL unit FP: ERR_LIMIT ok");
}

Test(lane, retries_and_keeps_every_attempt)
{
	BUILD(1, DO_SECOND_PASSES, DO_PASS);
	engine.step[0].retry = 2;
	engine.step[0].retry_delay_ms = 50;
	engine_run();
	cr_expect_str_eq(engine_told(), "PASS - PP: ERR_PROTO ok ok");
	cr_expect_eq(engine.attempts, 3);
	cr_expect_geq(engine.last->duration_ms, 50);
}

/* --- a step that cannot be undone: after all others passed, and once --- */

Test(lane, a_final_step_runs_after_all_others_passed)
{
	BUILD(1, DO_PASS, DO_SECOND_PASSES, DO_PASS, DO_PASS);
	engine.step[1].retry = 1; /* what counts is how it ended */
	engine_final(2);
	engine_run();
	cr_expect_str_eq(engine_told(), "PASS - PPPP: ok ERR_PROTO ok ok ok");
	cr_expect_eq(engine.shared->runs[2], 1);
}

static const struct before {
	const char *what, *told;
	int does, skipped, runs;
} befores[] = {
	{ "failed, and the plan goes on", "FAIL unit PFEP: ok ERR_LIMIT ERR_PLAN ok", DO_BAD_VALUE,
	  0, 0 },
	{ "died, and the plan goes on", "ERROR station PEEP: ok ERR_WORKER ERR_PLAN ok", DO_CRASH,
	  0, 0 },
	{ "left out by the variant", "PASS - PSPP: ok ok ok", DO_PASS, 1, 1 },
};

TEST_ROWS(lane, a_final_step_is_refused_unless_all_before_it_passed, befores)
{
	const struct before *b = &befores[*i];

	BUILD(1, DO_PASS, b->does, DO_PASS, DO_PASS);
	for (int k = 0; k < 4; k++)
		engine.step[k].on_fail = engine.step[k].on_error = PLAN_CONTINUE;
	engine.step[1].skipped = b->skipped;
	engine_final(2);
	engine_run();
	cr_expect_eq(engine.shared->runs[2], b->runs, "%s", b->what);
	cr_expect_str_eq(engine_told(), b->told, "%s: %s", b->what, engine_told());
}

/* An attempt is journalled while the next one is at work, but not where that cannot be
 * undone, and before the run is committed. */
Test(lane, the_journal_is_behind_by_one_attempt_and_never_at_a_final_step)
{
	BUILD(1, DO_PASS, DO_PASS, DO_PASS);
	engine_final(2);
	engine.slow_journal = 1;
	engine_run();
	cr_expect_str_eq(engine_told(), "PASS - PPP: ok ok ok");
	cr_expect_eq(engine.attempts, 3);
	cr_expect_eq(engine.committed, 1);
}

Test(lane, a_final_step_alone_is_refused)
{
	struct supervisor_job job = {
		.plan = &engine.plan, .serial = "U1", .mode = MODE_PARTIAL, .only = "s1"
	};

	BUILD(1, DO_PASS, DO_PASS);
	engine_final(1);
	engine_start_job(0, &job);
	engine_finish();
	cr_expect_eq(engine.shared->runs[1], 0);
	cr_expect_str_eq(engine_told(), "ERROR plan SE: ERR_PLAN");
	cr_expect(strstr(engine.last_message, "s0"), "%s", engine.last_message);
}

/* The linter refuses such a plan; the engine does not rely on it. */
Test(lane, a_final_step_is_never_retried)
{
	BUILD(1, DO_PASS, DO_FAIL_CODE);
	engine.step[1].retry = 3;
	engine_final(1);
	engine_run();
	cr_expect_eq(engine.shared->runs[1], 1);
	cr_expect_str_eq(engine_told(), "FAIL unit PF: ok ERR_TIMEOUT");
}

Test(lane, repeats_a_group_as_a_whole)
{
	static struct plan_group group = { .name = "g", .retry = 1, .first = 1, .count = 2 };

	BUILD(1, DO_PASS, DO_PASS, DO_SECOND_PASSES, DO_PASS);
	engine.plan.group = &group;
	engine.plan.groups = 1;
	engine_run();
	cr_expect_str_eq(engine_told(), "PASS - PPPP: ok ok ERR_PROTO ok ok ok");
	cr_expect_eq(engine.shared->runs[0], 1);
	cr_expect_eq(engine.shared->runs[1], 2, "the group's first step runs again");
	cr_expect_eq(engine.shared->runs[2], 2);
	cr_expect_eq(engine.shared->runs[3], 1);
}

static void run_and_stop_after(int ms)
{
	engine_start(0, "U1");
	engine_turn_for(ms);
	supervisor_stop(engine.sup, -1, "SIGINT");
	engine_finish();
}

Test(lane, a_stop_aborts_and_runs_always_steps_under_a_deadline)
{
	BUILD(1, DO_HANG, DO_PASS, DO_PASS, DO_HANG);
	engine.step[2].always = 1;
	engine.step[3].always = 1;
	run_and_stop_after(100);
	cr_expect_str_eq(engine_told(), "ABORTED operator ASPE: ERR_STOPPED ok ERR_DEADLINE");
	cr_expect_lt(engine.last->duration_ms, 2000);
}

Test(lane, an_always_step_cut_short_by_a_stop_is_not_the_stations_fault)
{
	BUILD(1, DO_PASS, DO_HANG);
	engine.step[1].always = 1;
	run_and_stop_after(100);
	cr_expect_str_eq(engine_told(), "ABORTED operator PA: ok ERR_STOPPED");
}

Test(lane, a_stop_after_a_failure_stays_a_failure)
{
	BUILD(1, DO_BAD_VALUE, DO_PASS);
	engine.step[0].retry = 3;
	engine.step[0].retry_delay_ms = 10000;
	run_and_stop_after(200);
	cr_expect_str_eq(engine_told(), "FAIL unit FS: ERR_LIMIT");
}

Test(lane, no_verdict_without_a_record)
{
	struct supervisor_job job = { .plan = &engine.plan, .serial = "U" };
	struct err err = { 0 };

	BUILD(1, DO_PASS);
	engine.fail_commits = 2;
	engine_run();
	cr_expect_str_eq(engine_told(), "PASS - P: ok", "a commit that works later counts");
	cr_expect_eq(engine.shown, 1);

	BUILD(1, DO_PASS);
	engine.fail_commits = 1000;
	engine_run();
	cr_expect_eq(engine.shown, 0);
	cr_expect_eq(engine.not_recorded, 1);

	BUILD(1, DO_PASS);
	engine.fail_begin = 1;
	cr_expect_eq(supervisor_start(engine.sup, 0, &job, &err), ERR_STORE);
	cr_expect_eq(supervisor_busy(engine.sup), 0);
	cr_expect_eq(engine.shared->runs[0], 0, "nothing runs that cannot be recorded");
}

Test(lane, an_unplugged_interface_ends_the_step_and_names_the_slot)
{
	BUILD(1, DO_PASS, DO_HANG, DO_PASS);
	engine_board.driver = &engine_wired;
	engine.step[1].retry = 3;
	engine.step[2].always = 1;
	engine_start(0, "U1");
	while (engine.shared->orders < 2)
		loop_turn(engine.loop, clock_ns() + 10000000);
	supervisor_gone(engine.sup, 0);
	engine_finish();
	cr_expect_str_eq(engine_told(), "ERROR station PEP: ok ERR_GONE ok", "no retry");
	cr_expect_str_eq(engine.last_message, "slot -: the interface was unplugged during the run");
}

Test(lane, what_has_no_interface_is_not_unplugged)
{
	BUILD(1, DO_PASS);
	engine_start(0, "U1");
	supervisor_gone(engine.sup, 0);
	engine_finish();
	cr_expect_str_eq(engine_told(), "PASS - P: ok");
}

Test(lane, a_run_that_cannot_be_recorded_is_kept_until_it_can)
{
	BUILD(1, DO_PASS);
	engine.set.keeps_trying = 1;
	engine.fail_commits = 5;
	engine_start(0, "U1");
	engine_finish();
	cr_expect_eq(engine.not_recorded, 1);
	cr_expect_eq(engine.shown, 1);
	cr_expect_str_eq(engine_told(), "PASS - P: ok");
}
