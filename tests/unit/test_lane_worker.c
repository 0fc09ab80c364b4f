/* lane_worker: workers that die, hang, flood or talk nonsense, and what they ask. */
#include <stdio.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "engine_rig.h"

TestSuite(lane_worker, .timeout = 20);

Test(lane_worker, a_worker_that_dies_costs_one_error)
{
	static const struct {
		int what;
		const char *told;
	} row[] = { { DO_CRASH, "ERROR station ES: ERR_WORKER" },
		    { DO_EXIT, "ERROR station ES: ERR_WORKER" },
		    { DO_UNKNOWN_MEASURE, "ERROR station ES: ERR_INTERNAL" },
		    { DO_TWICE, "ERROR station ES: ERR_INTERNAL" },
		    { DO_FAIL_CODE, "FAIL unit FS: ERR_TIMEOUT" },
		    { DO_NO_MEASURE, "ERROR station ES: ERR_UNSET" },
		    { DO_NAN, "ERROR station ES: ERR_UNSET" } };

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		BUILD(1, row[i].what, DO_PASS);
		engine_run();
		cr_expect_str_eq(engine_told(), row[i].told, "row %zu: %s", i, engine_told());
	}
}

Test(lane_worker, what_comes_after_the_end_of_a_step_counts_for_no_other)
{
	BUILD(1, DO_LATE, DO_NO_MEASURE);
	engine_run();
	cr_expect_str_eq(engine_told(), "ERROR station PE: ok ERR_INTERNAL");
}

Test(lane_worker, a_text_too_long_to_be_kept_is_not_judged_by_its_beginning)
{
	static const char *b[] = { "b" };
	static struct limit not_b = { .measure = "text",
				      .type = VALUE_TEXT,
				      .test = { .op = LIMIT_NE, .text = b, .texts = 1 },
				      .text = "!= b",
				      .expected = "!= b" };

	BUILD(1, DO_LONG_TEXT);
	engine.step[0].limit = &not_b;
	engine_run();
	cr_expect_str_eq(engine_told(), "ERROR station E: ERR_UNSET");
}

Test(lane_worker, without_processes_every_attempt_fails_and_the_stack_holds)
{
	struct rlimit few = { 4, 4 }, stack = { 256 << 10, 256 << 10 };

	BUILD(1, DO_PASS, DO_PASS, DO_PASS, DO_PASS, DO_PASS, DO_PASS, DO_PASS, DO_PASS);
	for (int i = 0; i < 8; i++) {
		engine.step[i].retry = 100;
		engine.step[i].on_error = PLAN_CONTINUE;
	}
	engine_start(0, "U1");
	setrlimit(RLIMIT_STACK, &stack);
	setrlimit(RLIMIT_NOFILE, &few); /* no socket pair for a worker */
	engine_finish();
	cr_expect_eq(engine.last->verdict, VERDICT_ERROR);
	cr_expect_eq(engine.last->blame, BLAME_STATION);
	cr_expect_eq(engine.attempts, 8 * 101);
}

/* A dead process that nobody has reaped yet is dead. */
static int alive(pid_t pid)
{
	char path[64], state = 'Z';
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	f = fopen(path, "re");
	if (f && fscanf(f, "%*d %*s %c", &state) != 1)
		state = 'Z';
	if (f)
		fclose(f);
	return state != 'Z' && state != 'X';
}

Test(lane_worker, ends_a_hanging_worker_with_its_children)
{
	BUILD(1, DO_HANG_WITH_CHILD, DO_PASS);
	engine.step[0].timeout_ms = 200;
	engine.step[1].always = 1;
	engine_run();
	cr_expect_str_eq(engine_told(), "ERROR station EP: ERR_DEADLINE ok",
			 "a fresh worker runs the rest");
	cr_expect_lt(engine.last->duration_ms, 3000);
	for (int i = 0; i < 100 && alive(engine.shared->child); i++)
		engine_nap(10);
	cr_expect_not(alive(engine.shared->child), "the grandchild lives");
}

static void turn_taken(void *timer)
{
	engine.progress = 0;
	loop_timer_set(*(struct loop_timer **)timer, clock_ns());
}

Test(lane_worker, a_worker_that_floods_takes_no_timers_turn)
{
	struct loop_timer *timer;

	BUILD(1, DO_FLOOD);
	timer = loop_timer(engine.loop, turn_taken, &timer);
	loop_timer_set(timer, clock_ns());
	engine_run();
	cr_expect_str_eq(engine_told(), "PASS - P: ok");
	cr_expect_gt(engine.progress_most, 0);
	cr_expect_leq(engine.progress_most, 64);
}

Test(lane_worker, questions_are_answered_refused_or_run_out)
{
	static const struct {
		int can_answer;
		const char *answer, *told;
	} row[] = {
		{ 1, "fine", "PASS - P: ok" },
		{ 1, NULL, "ABORTED operator A: ERR_UNANSWERED" },
		{ 0, NULL, "ERROR station E: ERR_NOBODY" },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		BUILD(1, DO_ASK);
		engine.set.can_answer = row[i].can_answer;
		engine.answer = row[i].answer;
		engine_run();
		cr_expect_str_eq(engine_told(), row[i].told, "row %zu: %s", i, engine_told());
		cr_expect_eq(engine.questions, row[i].can_answer, "row %zu", i);
	}
	cr_expect_lt(engine.last->duration_ms, 250, "nobody: at once");
}

/* Its worker is ended, by a timeout or a stop: nobody is asked any more. */
Test(lane_worker, a_question_ends_with_its_step)
{
	for (int stopped = 0; stopped < 2; stopped++) {
		BUILD(1, DO_ASK, DO_PASS);
		engine.step[0].timeout_ms = stopped ? 5000 : 150;
		engine.step[1].always = 1;
		engine.set.can_answer = 1;
		engine_start(0, "U1");
		while (!engine.questions)
			engine_turn_for(10);
		cr_expect_eq(engine.open, 1);
		if (stopped)
			supervisor_stop(engine.sup, 0, "enough");
		engine_finish();
		cr_expect_str_eq(engine_told(), stopped ? "ABORTED operator AP: ERR_STOPPED ok"
							: "ERROR station EP: ERR_DEADLINE ok");
		cr_expect_eq(engine.left_open, 0);
		cr_expect_eq(engine.open, 0);
	}
}

Test(lane_worker, two_units_with_one_identity_do_not_both_pass)
{
	BUILD(2, DO_CLAIM);
	engine_start(0, "U1");
	engine_start(1, "U2");
	engine_finish();
	cr_expect_eq((engine.lane[0].verdict == VERDICT_FAIL) +
			     (engine.lane[1].verdict == VERDICT_FAIL),
		     1);
}

Test(lane_worker, what_an_interface_shows_is_a_fact_of_the_run)
{
	BUILD(2, DO_SEEN);
	engine_start(0, "U1");
	engine_start(1, "U2");
	engine_finish();
	for (int i = 0; i < 2; i++) {
		cr_expect_eq(engine.lane[i].verdict, VERDICT_PASS);
		cr_expect_str_eq(engine.lane[i].seen,
				 "a\\x1b[31m\\n,S<1>,slot - shows the same serial");
	}
}

Test(lane_worker, without_an_interface_nothing_was_seen)
{
	BUILD(1, DO_PASS);
	engine_run();
	cr_expect_str_eq(engine.lane[0].seen, "-,-,-");
}

Test(lane_worker, half_of_what_an_interface_shows_is_a_broken_worker)
{
	BUILD(1, DO_SEEN_NOTHING);
	engine_run();
	cr_expect_str_eq(engine_told(), "ERROR station E: ERR_INTERNAL");
	cr_expect_str_eq(engine.lane[0].seen, "-,-,-");
}
