/* Programs that the desk tells and asks. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "floor/desk_in.h"
#include "tests/unit/desk_rig.h"

TestSuite(desk_hooks, .timeout = 30);

Test(desk_hooks, the_line_may_refuse_a_unit)
{
	begin("[hooks]\nbefore_unit = ./line\n");
	put("line", "#!/bin/sh\ngrep -q '\"A1\"' && exit 0\necho not released\nexit 1\n");
	chmod(at("line"), 0755);
	give(FLOOR_DO_CHOOSE, "1", NULL, NULL);
	scan("A1");
	cr_expect_eq(desk_slot(desk, 0)->state, FLOOR_STARTING);
	turn_until_idle();
	cr_expect_eq(desk_slot(desk, 0)->verdict, VERDICT_PASS, "%s", told);
	give(FLOOR_DO_CHOOSE, "1", NULL, NULL);
	scan("A2");
	turn_until_idle();
	cr_expect(strstr(told, "hook_refused"), "%s", told);
	cr_expect_eq(desk_slot(desk, 0)->state, FLOOR_OUT);
	cr_expect_eq(desk_slot(desk, 0)->verdict, VERDICT_NONE);
	chmod(at("line"), 0644);
	give(FLOOR_DO_CHOOSE, "1", NULL, NULL);
	scan("A3");
	turn_until_idle();
	cr_expect(strstr(told, "hook_failed"), "no answer is no permission: %s", told);
	end();
}

/* Each program is told its event, and what it says of it is recorded. */
Test(desk_hooks, what_programs_are_told_and_say_is_recorded)
{
	char by[300], want[1400];

	begin("[hooks]\nbefore_unit = ./hook\nafter_unit = ./hook\nstation_error = ./hook\n"
	      "[scanner]\nprefix = <\n");
	program("hook", "#!/bin/sh\nread -r e\necho \"$e\" >>\"${0%/*}/events\"\ncase $e in\n"
			"*before_unit*A2*) echo 'lot on hold'; exit 1;;\n"
			"*after_unit*) echo 'noted'; exit 0;;\n"
			"*station_error*) echo 'no such queue'; exit 9;;\nesac\n");
	snprintf(by, sizeof(by), "%s", at("hook"));
	give(FLOOR_DO_CHOOSE, "1", NULL, NULL);
	scan("<A1");
	turn_until_idle();
	cr_expect_eq(desk_slot(desk, 0)->verdict, VERDICT_PASS, "%s", told);
	give(FLOOR_DO_CHOOSE, "1", NULL, NULL);
	scan("A2");
	turn_until_idle();
	cr_expect_str_eq(told_last, "unit A2 is refused by the line: lot on hold");
	desk_came(desk, "1-1.2", "X", "no permission", 0);
	turn_until_idle();
	cr_expect_str_eq(told_last, "slot 2: the interface cannot be used: no permission");
	snprintf(want, sizeof(want), "%s", written("events"));
	*strchr(want, '\n') = '\0'; /* the first of them */
	cr_expect(strstr(want, "{\"event\":\"before_unit\"") == want, "%s", want);
	cr_expect(strstr(want, "\"serial\":\"A1\",\"label\":\"<A1\""), "%s", want);
	cr_expect(strstr(written("events"), "\"event\":\"after_unit\""));
	cr_expect(strstr(written("events"), "\"verdict\":\"PASS\""));
	cr_expect(strstr(written("events"), "\"code\":\"interface\",\"message\":\"slot 2: the "
					    "interface cannot be used: no permission\""),
		  "%s", written("events"));
	snprintf(want, sizeof(want),
		 "before_unit A1 1 fine - by %s; after_unit A1 1 fine noted by %s; "
		 "before_unit A2 1 refused lot on hold by %s; "
		 "station_error - 2 failed no such queue by %s; ",
		 by, by, by, by);
	cr_expect_str_eq(decided(), want);
	end();
}

/* A run that the station spoiled is told; a failing program is told to the people, once. */
Test(desk_hooks, an_error_of_the_station_is_told_to_its_program)
{
	begin("[hooks]\nafter_unit = ./none\nstation_error = ./hook\n");
	program("hook", "#!/bin/sh\nread -r e\necho \"$e\" >>\"${0%/*}/events\"\n");
	give(FLOOR_DO_CHOOSE, "1", NULL, NULL);
	scan("L1");
	kill_worker();
	turn_until_idle();
	cr_expect_eq(desk_slot(desk, 0)->verdict, VERDICT_ERROR, "%s", told);
	cr_expect(strstr(written("events"), "\"slot\":\"1\",\"code\":\"ERR_WORKER\""), "%s",
		  written("events"));
	cr_expect(strstr(told, "hook_failed"), "%s", told);
	cr_expect(strstr(told_texts, "after_unit for unit L1: no answer '"), "%s", told_texts);
	cr_expect(strstr(decided(), "after_unit L1 1 no answer '"), "%s", decided());
	cr_expect(strstr(decided(), "station_error - 1 fine - by"), "%s", decided());
	end();
}

/* The board goes, or the unit is dropped, while the line is asked. */
Test(desk_hooks, a_question_to_the_line_that_is_not_waited_for_is_recorded)
{
	int64_t from = clock_ms();

	begin("[hooks]\nbefore_unit = ./hook\nwithin = 20 s\n");
	program("hook", "#!/bin/sh\necho x >>\"${0%/*}/events\"\nsleep 10\n");
	give(FLOOR_DO_CHOOSE, "1", NULL, NULL);
	cr_expect_str_eq(scan("A1"), "starts");
	turn_until(0, FLOOR_STARTING);
	desk_came(desk, "1-1.1", "X", NULL, 0);
	desk_went(desk, "1-1.1");
	cr_expect(strstr(decided(), "before_unit A1 1 no answer the board was pulled out"), "%s",
		  decided());
	cr_expect_eq(desk_slot(desk, 0)->state, FLOOR_SCANNED);
	desk_came(desk, "1-1.1", "X", NULL, 0);
	cr_expect_eq(desk_slot(desk, 0)->state, FLOOR_STARTING, "it is asked again");
	cr_expect_str_eq(give(FLOOR_DO_STOP, "1", NULL, NULL), "stopped");
	cr_expect(strstr(decided(), "before_unit A1 1 no answer the unit was dropped"), "%s",
		  decided());
	turn_until_idle();
	cr_expect_eq(desk_slot(desk, 0)->state, FLOOR_IN);
	cr_expect_eq(supervisor_busy(st->supervisor), 0, "no run");
	cr_expect_lt(clock_ms() - from, 8000, "nobody waits for the programs");
	end();
}

/* Told anew while the line is asked, without having been pulled out: a socket was given to
 * another slot, and now the interface cannot be used. */
Test(desk_hooks, an_interface_that_goes_wrong_meanwhile_starts_nothing)
{
	begin("[hooks]\nbefore_unit = ./hook\n");
	program("hook", "#!/bin/sh\nsleep 0.2\n");
	give(FLOOR_DO_CHOOSE, "1", NULL, NULL);
	cr_expect_str_eq(scan("A1"), "starts");
	turn_until(0, FLOOR_STARTING);
	desk->slot[0].unit.wired = 1; /* as a unit whose board has interfaces */
	desk_came(desk, "1-1.1", "X", NULL, 0);
	desk_came(desk, "1-1.1", "X", "no permission", 0);
	turn_until(0, FLOOR_SCANNED);
	cr_expect(strstr(desk_slot(desk, 0)->message, "no permission"), "%s",
		  desk_slot(desk, 0)->message);
	cr_expect_eq(supervisor_busy(st->supervisor), 0, "no run");
	desk_came(desk, "1-1.1", "X", "still none", 0);
	cr_expect(strstr(desk_slot(desk, 0)->message, "still none"), "%s",
		  desk_slot(desk, 0)->message);
	desk_came(desk, "1-1.1", "X", NULL, 0);
	cr_expect_eq(desk_slot(desk, 0)->state, FLOOR_STARTING, "it is asked again");
	turn_until_idle();
	cr_expect_eq(desk_slot(desk, 0)->state, FLOOR_ENDED);
	end();
}

Test(desk_hooks, each_end_has_its_sound)
{
	begin("[sound]\nplayer = ./play\n");
	program("play", "#!/bin/sh\necho \"$1\" >>\"${0%/*}/played\"\n");
	put("plans/f.ini", "[plan]\ntitle = f\nboard = none\nproduct = F\nserial = /^F/\n"
			   "[step w]\nkind = wait\nfor = 1 ms\nlimit waited = >= 10 s\n");
	for (const char *const *u = (const char *const[]){ "A1", "F1", "L1", "?", NULL }; *u; u++) {
		give(FLOOR_DO_CHOOSE, "1", NULL, NULL);
		scan(*u);
		if (**u == 'L')
			kill_worker();
		turn_until_idle();
	}
	cr_expect_str_eq(written("played"), "pass\nfail\nerror\nrefused\n");
	end();
}
