/* lane_hold: an engineer's hand on a run. */
#include <string.h>

#include "base/clock.h"
#include "engine_rig.h"

TestSuite(lane_hold, .timeout = 20);

static void until_paused(void)
{
	int64_t until = clock_ns() + 10000 * 1000000LL;

	while (!supervisor_paused(engine.sup, 0) && supervisor_busy(engine.sup) &&
	       clock_ns() < until)
		loop_turn(engine.loop, until);
	cr_assert(supervisor_paused(engine.sup, 0), "is not paused");
}

static void ask(int (*what)(struct supervisor *s, int lane, struct err *err))
{
	struct err err = { 0 };

	cr_assert_eq(what(engine.sup, 0, &err), 0, "%s", err.text);
}

/* One of the engineer's orders, until the run is paused again. */
static void let(int (*what)(struct supervisor *s, int lane, struct err *err))
{
	ask(what);
	until_paused();
}

static void begin_paused(void)
{
	struct supervisor_job job = { .plan = &engine.plan,
				      .serial = "U1",
				      .mode = MODE_ENGINEERING };

	engine_start_job(0, &job);
	let(supervisor_pause);
}

static void go_on(void)
{
	ask(supervisor_go);
	engine_finish();
}

Test(lane_hold, a_production_run_cannot_be_held)
{
	struct err err = { 0 };

	BUILD(1, DO_PASS);
	cr_expect_eq(supervisor_pause(engine.sup, 0, &err), ERR_USAGE, "no run");
	cr_expect_eq(supervisor_pause(engine.sup, 7, &err), ERR_USAGE, "no lane");
	engine_start(0, "U1");
	cr_expect_eq(supervisor_pause(engine.sup, 0, &err), ERR_USAGE);
	cr_expect(strstr(err.text, "mode production"), "%s", err.text);
	cr_expect_eq(supervisor_skip(engine.sup, 0, &err), ERR_USAGE);
	engine_finish();
	cr_expect_str_eq(engine_told(), "PASS - P: ok");
}

Test(lane_hold, an_engineer_goes_step_by_step_and_repeats_one)
{
	struct err err = { 0 };

	BUILD(1, DO_PASS, DO_SECOND_PASSES, DO_PASS);
	begin_paused();
	cr_expect_eq(engine.shared->orders, 0, "nothing runs before the pause");
	cr_expect_eq(supervisor_repeat(engine.sup, 0, &err), ERR_USAGE, "nothing to repeat");
	ask(supervisor_step);
	cr_expect_eq(supervisor_step(engine.sup, 0, &err), ERR_USAGE, "not paused now");
	until_paused();
	cr_expect_eq(engine.shared->orders, 1);
	let(supervisor_step); /* s1 failed and would stop the run */
	let(supervisor_repeat);
	cr_expect_eq(engine.shared->runs[1], 2);
	cr_expect_eq(engine.shared->runs[2], 0);
	let(supervisor_step); /* before the end: the last step can be repeated too */
	cr_expect_eq(engine.shared->runs[2], 1);
	cr_expect_eq(supervisor_skip(engine.sup, 0, &err), ERR_USAGE, "no step is left");
	let(supervisor_repeat);
	cr_expect_eq(engine.committed, 0);
	go_on();
	cr_expect_eq(engine.shared->runs[2], 2);
	cr_expect_str_eq(engine_told(), "PASS - PPP: ok ERR_PROTO ok ok ok",
			 "every attempt is kept");
}

Test(lane_hold, an_engineer_does_not_repeat_a_final_step)
{
	struct err err = { 0 };

	BUILD(1, DO_PASS, DO_FAIL_CODE);
	engine_final(1);
	begin_paused();
	let(supervisor_step);
	let(supervisor_step);
	cr_expect_eq(supervisor_repeat(engine.sup, 0, &err), ERR_USAGE);
	cr_expect(strstr(err.text, "cannot be undone"), "%s", err.text);
	go_on();
	cr_expect_eq(engine.shared->runs[1], 1);
}

Test(lane_hold, an_engineer_leaves_a_step_out_and_the_run_counts_for_nothing)
{
	BUILD(1, DO_PASS, DO_FAIL_CODE, DO_PASS);
	begin_paused();
	let(supervisor_step);
	let(supervisor_skip);
	go_on();
	cr_expect_str_eq(engine_told(), "PASS - PSP: ok ok");
	cr_expect_str_eq(engine.skips, "engineer ");
}

Test(lane_hold, steps_that_a_failure_left_out_run_after_the_repeat)
{
	BUILD(1, DO_SECOND_PASSES, DO_PASS);
	begin_paused();
	let(supervisor_step);
	let(supervisor_step); /* s1 is left out, s0 did not pass */
	cr_expect_str_eq(engine.skips, "stopped:s0 ");
	let(supervisor_repeat);
	let(supervisor_step);
	go_on();
	cr_expect_str_eq(engine_told(), "PASS - PP: ERR_PROTO ok ok");
}

Test(lane_hold, a_stop_ends_a_pause)
{
	BUILD(1, DO_PASS, DO_PASS);
	begin_paused();
	supervisor_stop(engine.sup, 0, "enough");
	engine_finish();
	cr_expect_str_eq(engine_told(), "ABORTED operator AS: ERR_STOPPED");
}

Test(lane_hold, a_pause_has_an_end)
{
	BUILD(1, DO_PASS, DO_PASS);
	begin_paused();
	clock_freeze_ms(clock_ms() + SUPERVISOR_PAUSE_MS + 1000);
	loop_turn(engine.loop, clock_ns());
	engine_finish();
	cr_expect_str_eq(engine_told(), "ABORTED operator AS: ERR_STOPPED");
}

Test(lane_hold, unplugged_between_two_steps_the_next_one_ends_it)
{
	BUILD(1, DO_PASS, DO_PASS);
	engine_board.driver = &engine_wired;
	begin_paused();
	supervisor_gone(engine.sup, 0);
	go_on();
	cr_expect_str_eq(engine_told(), "ERROR station ES: ERR_GONE");
	cr_expect_eq(engine.shared->orders, 0);
}
