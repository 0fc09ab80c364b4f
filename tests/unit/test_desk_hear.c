/* What the desk shows of runs: figures of the shift, times, the record's state. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "tests/unit/desk_rig.h"

TestSuite(desk_hear, .timeout = 30);

Test(desk_hear, the_figures_of_the_shift_are_those_of_the_record)
{
	const struct floor_status *f;
	const struct floor_slot *s;

	setenv("TZ", "UTC", 1);
	tzset();
	clock_freeze_wall_ms(INT64_C(1796126400000)); /* 2026-12-01 12:00 */
	begin("[run]\nsecond_look = 0\n");
	put("plans/f.ini", "[plan]\ntitle = f\nrevision = 4b\nboard = none\nproduct = F\n"
			   "serial = /^F/\n"
			   "[step w]\nkind = wait\nfor = 1 ms\nlimit waited = >= 10 s\n"
			   "instruction = check connector J3\n");
	st->fixture->calibration_due = "2026-12-04";
	st->fixture->cycles_max = 10;
	f = desk_status(desk);
	cr_expect_eq(f->shift_units, 0);
	cr_expect_eq(f->units_per_hour, 0);
	cr_expect_str_eq(f->plan, "");
	test_on("1", "A1");
	cr_expect_eq(f->calibration_days, 3);
	cr_expect_eq(f->cycles_left, 9);
	test_on("1", "F1");
	s = desk_slot(desk, 0);
	cr_expect_eq(s->verdict, VERDICT_FAIL);
	cr_expect_str_eq(s->fail_name, "w.waited");
	cr_expect(strstr(s->fail_limit, "10 s"), "%s", s->fail_limit);
	cr_expect_neq(*s->fail_value, '\0');
	cr_expect_str_eq(s->instruction, "check connector J3");
	cr_expect_str_eq(f->plan, "f");
	cr_expect_str_eq(f->revision, "4b");
	test_on("1", "F1"); /* again: no first run */
	give(FLOOR_DO_MODE, "1", "engineering", "limits");
	test_on("1", "F2");
	cr_expect_eq(f->shift_units, 2);
	cr_expect_eq(f->shift_first, 2);
	cr_expect_eq(f->shift_first_passed, 1);
	cr_expect_float_eq(f->units_per_hour, 2, 1e-9);
	cr_expect_eq(f->cycles_left, 6, "each run wears it");
	clock_freeze_wall_ms(INT64_C(1796126400000) + 3660000);
	give(FLOOR_DO_MODE, "1", "production", "done");
	test_on("1", "A2");
	cr_expect_eq(f->shift_units, 3);
	cr_expect_float_eq(f->units_per_hour, 1, 1e-9, "the others were an hour ago");
	end();
}

Test(desk_hear, the_time_that_a_run_will_take_is_told_by_its_plan_and_then_by_its_history)
{
	const struct floor_slot *s;

	begin("");
	put("plans/t.ini", "[plan]\ntitle = t\nboard = none\nproduct = T\nserial = /^T/\n"
			   "expected = 77 s\n"
			   "[variant V]\n"
			   "[step one]\nkind = wait\nfor = 40 ms\nlimit waited = >= 0 s\n"
			   "[step no]\nkind = wait\nfor = 9 s\nlimit waited = >= 0 s\n"
			   "when = variant V\n"
			   "[step two]\nkind = wait\nfor = 200 ms\nlimit waited = >= 0 s\n");
	s = desk_slot(desk, 0);
	for (int i = 0; i < 2; i++) {
		give(FLOOR_DO_CHOOSE, "1", NULL, NULL);
		cr_assert_str_eq(scan("T1"), "starts", "%s", o.text);
		turn_until_step(0, FLOOR_RUNNING, 2);
		if (i == 0) {
			cr_expect_eq(s->expected_ms, 77000);
			cr_expect_eq(s->step_expected_ms, -1);
			cr_expect_eq(s->before_ms, 0);
		} else {
			cr_expect(s->expected_ms >= 240 && s->expected_ms < 3000, "%d ms",
				  (int)s->expected_ms);
			cr_expect_geq(s->before_ms, 40, "%d", (int)s->before_ms);
			cr_expect_eq(s->before_ms + s->step_expected_ms, s->expected_ms);
		}
		turn_until_idle();
		cr_expect_eq(s->verdict, VERDICT_PASS);
	}
	end();
}

Test(desk_hear, a_run_that_is_not_recorded_stops_the_line_until_it_is)
{
	const struct floor_status *f;
	struct event e = { .type = EVENT_NOT_RECORDED, .text = "the disk is full" };

	begin("");
	f = desk_status(desk);
	cr_expect_eq(f->record_ok, 1);
	give(FLOOR_DO_CHOOSE, "1", NULL, NULL);
	cr_assert_str_eq(scan("L1"), "starts");
	turn_until_step(0, FLOOR_RUNNING, 0);
	desk_reader(desk).hear(desk, &e);
	cr_expect_eq(f->record_ok, 0);
	cr_expect_str_eq(f->record_text, "the disk is full");
	cr_expect_eq(desk_slot(desk, 0)->state, FLOOR_UNRECORDED);
	cr_expect_eq(desk_slot(desk, 0)->verdict, VERDICT_NONE);
	cr_expect(strstr(told, "record_not_written"), "%s", told);
	cr_expect_str_eq(scan("A1"), "record_not_written");
	turn_until_idle(); /* it is written after all */
	cr_expect_eq(desk_slot(desk, 0)->state, FLOOR_ENDED);
	cr_expect_eq(f->record_ok, 1);
	cr_expect_str_eq(f->record_text, "");
	test_on("2", "A1");
	end();
}
