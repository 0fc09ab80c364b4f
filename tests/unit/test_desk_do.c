/* Commands of the desk: what an engineer may do, and to what. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "floor/proto.h"
#include "tests/unit/desk_rig.h"

TestSuite(desk_do, .timeout = 30);

Test(desk_do, what_is_recorded_with_a_reason_needs_one)
{
	begin("");
	cr_expect_str_eq(give(FLOOR_DO_MODE, NULL, "engineering", NULL), "reason_missing");
	cr_expect_str_eq(give(FLOOR_DO_MODE, NULL, "engineering", ""), "reason_missing");
	cr_expect_str_eq(give(FLOOR_DO_MODE, NULL, "gage", "x"), "no_such_mode");
	cr_expect_str_eq(give(FLOOR_DO_MODE, "9", "golden", "x"), "no_such_slot");
	cr_expect_eq(desk_slot(desk, 0)->mode, MODE_PRODUCTION);
	cr_expect_str_eq(give(FLOOR_DO_MODE, "2", "engineering", "limits"), "mode");
	cr_expect_eq(desk_slot(desk, 0)->mode, MODE_PRODUCTION);
	cr_expect_eq(desk_slot(desk, 1)->mode, MODE_ENGINEERING);
	end();
}

/* What an operator may not do alone, and what is recorded with a reason. */
Test(desk_do, an_engineers_orders_need_an_engineers_badge)
{
	static const struct {
		enum floor_do what;
		int reason;
	} order[] = {
		{ FLOOR_DO_MODE, 1 },  { FLOOR_DO_PAUSE, 0 },  { FLOOR_DO_STEP, 0 },
		{ FLOOR_DO_GO, 0 },    { FLOOR_DO_REPEAT, 0 }, { FLOOR_DO_SKIP, 1 },
		{ FLOOR_DO_GRANT, 1 }, { FLOOR_DO_MAP, 1 },
	};
	char engineer[PEOPLE_BADGE];
	const char *badge;
	struct err err = { 0 };

	begin("[operators]\nlogin = badge\n");
	badge = badge_of("7", PEOPLE_OPERATOR);
	cr_assert_eq(people_add(engineer, st->conf->people, st->conf->badge, "9", "Nine",
				PEOPLE_ENGINEER, "de", &err),
		     0, "%s", err.text);
	cr_expect_str_eq(scan(badge), "logged_in");
	cr_expect_str_eq(desk_status(desk)->language, "en");
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		const char *word = floor_do_word(order[i].what);

		cr_expect_str_eq(give(order[i].what, "1", "golden", NULL),
				 order[i].reason ? "reason_missing" : "badge_needed", "%s", word);
		cr_expect_str_eq(give(order[i].what, "1", "golden", "why"), "badge_needed", "%s",
				 word);
		cr_expect_str_eq(scan(badge), "not_allowed", "%s", word);
	}
	give(FLOOR_DO_MODE, "1", "golden", "weekly");
	cr_expect_str_eq(scan(engineer), "mode");
	cr_expect_str_eq(decided(), "mode - 1 golden weekly by 9; ");
	cr_expect_str_eq(desk_status(desk)->person, "7", "that was one order, no login");
	cr_expect_str_eq(scan(engineer), "logged_in");
	cr_expect_str_eq(desk_status(desk)->language, "de");
	cr_expect_str_eq(give(FLOOR_DO_LANGUAGE, NULL, "en", NULL), "language");
	scan(badge);
	scan(engineer);
	cr_expect_str_eq(desk_status(desk)->language, "en", "kept with the person");
	end();
}

/* An engineer's hand: what is left out is recorded with its reason before it is; nothing
 * meets another step or unit than the one that was looked at; who is late does nothing. */
Test(desk_do, an_engineers_order_meets_only_what_it_was_given_to)
{
	struct floor_command c = { .what = FLOOR_DO_SKIP, .slot = "1", .reason = "why" };
	const struct floor_slot *s;

	begin("");
	put("plans/s.ini", "[plan]\ntitle = s\nboard = none\nproduct = S\nserial = /^S/\n"
			   "[step one]\nkind = wait\nfor = 100 ms\nlimit waited = >= 0 s\n"
			   "[step two]\nkind = wait\nfor = 1 ms\nlimit waited = >= 0 s\n"
			   "[step three]\nkind = wait\nfor = 1 ms\nlimit waited = >= 0 s\n");
	s = desk_slot(desk, 0);
	cr_expect_str_eq(give(FLOOR_DO_MODE, "1", "engineering", "limits"), "mode");
	give(FLOOR_DO_CHOOSE, "1", NULL, NULL);
	scan("S1");
	while (!s->step_at_ms)
		loop_turn(st->loop, clock_ns() + 20000000);
	c.what = FLOOR_DO_PAUSE;
	c.serial = "S2";
	desk_do(desk, &c, &o);
	cr_expect_str_eq(o.code, "not_now", "another unit");
	c.serial = "S1";
	desk_do(desk, &c, &o);
	cr_expect_str_eq(o.code, "pauses");
	turn_until(0, FLOOR_PAUSED);
	cr_expect_str_eq(s->step_id, "two");
	c.what = FLOOR_DO_SKIP;
	c.text = "one";
	c.len = 3;
	desk_do(desk, &c, &o);
	cr_expect_str_eq(o.code, "not_now", "another step");
	c.what = FLOOR_DO_STEP;
	desk_do(desk, &c, &o);
	cr_expect_str_eq(o.code, "not_now", "another step");
	c.what = FLOOR_DO_SKIP;
	c.text = "two";
	desk_do(desk, &c, &o);
	cr_expect_str_eq(o.code, "skips", "%s", o.text);
	while (strcmp(s->step_id, "three") != 0)
		loop_turn(st->loop, clock_ns() + 20000000);
	desk_do(desk, &c, &o);
	cr_expect_str_eq(o.code, "not_now", "the other engineer was quicker");
	give(FLOOR_DO_STEP, "1", NULL, NULL);
	while (s->step != 3)
		loop_turn(st->loop, clock_ns() + 20000000);
	cr_expect_eq(s->state, FLOOR_PAUSED);
	cr_expect_str_eq(s->step_title, "", "no step is at hand");
	cr_expect_str_eq(give(FLOOR_DO_SKIP, "1", NULL, "why"), "not_now", "no step is left");
	cr_expect_str_eq(decided(), "mode - 1 engineering limits by -; skip - 1 two why by -; ");
	give(FLOOR_DO_GO, "1", NULL, NULL);
	turn_until_idle();
	cr_expect_eq(s->verdict, VERDICT_PASS);
	cr_expect_eq(s->mode, MODE_ENGINEERING);
	end();
}

/* Nobody could let it go on: the station would wait for an hour. */
Test(desk_do, a_closing_station_waits_for_no_engineer)
{
	for (int first = 0; first < 2; first++) {
		begin("");
		put("plans/s.ini", "[plan]\ntitle = s\nboard = none\nproduct = S\nserial = /^S/\n"
				   "[step one]\nkind = wait\nfor = 200 ms\nlimit waited = >= 0 s\n"
				   "[step two]\nkind = wait\nfor = 1 ms\nlimit waited = >= 0 s\n");
		give(FLOOR_DO_MODE, "1", "engineering", "limits");
		give(FLOOR_DO_CHOOSE, "1", NULL, NULL);
		scan("S1");
		while (!desk_slot(desk, 0)->step_at_ms)
			loop_turn(st->loop, clock_ns() + 20000000);
		cr_expect_str_eq(give(FLOOR_DO_PAUSE, "1", NULL, NULL), "pauses");
		if (first)
			desk_closing(desk); /* before it pauses, or when it does */
		else
			turn_until(0, FLOOR_PAUSED);
		desk_closing(desk);
		turn_until_idle();
		cr_expect_eq(desk_slot(desk, 0)->state, FLOOR_ENDED);
		cr_expect_eq(desk_slot(desk, 0)->verdict, VERDICT_ABORTED);
		cr_expect(strstr(desk_slot(desk, 0)->message, "while the run was paused"), "%s",
			  desk_slot(desk, 0)->message);
		end();
		snprintf(dir, sizeof(dir), "/tmp/test-desk-XXXXXX");
	}
}

Test(desk_do, plans_are_listed_with_all_findings_and_anew_when_a_file_changes)
{
	begin("");
	put("plans/b.ini", "[plan]\ntitle = b\nboard = none\nproduct = B\n[step x]\nkind = wat\n"
			   "[step y]\nkind = wait\nfor = ages\n");
	for (int mended = 0; mended < 2; mended++) {
		cr_expect_str_eq(give(FLOOR_DO_PLANS, NULL, NULL, NULL), "plans");
		cr_assert_eq(o.reply->rows, 3);
		cr_expect_str_eq(o.reply->row[0][3], "0");
		cr_expect_str_eq(o.reply->row[0][5], "");
		cr_expect_null(o.reply->row[0][6]);
		cr_expect_str_eq(o.reply->row[1][3], mended ? "1" : "2");
		cr_expect(mended || strstr(o.reply->row[1][5], "b.ini:6:8: error: there is no"));
		cr_expect(strstr(o.reply->row[1][mended ? 5 : 6], ":7: error: 'for'"));
		cr_expect_null(o.reply->row[1][mended ? 6 : 7]);
		arena_free(&o.reply->arena);
		free(o.reply);
		put("plans/b.ini",
		    "[plan]\ntitle = b\nboard = none\nproduct = B\n[step x]\nkind = wait\n"
		    "for = 1 s\n[step y]\nkind = wait\nfor = ages\n");
	}
	end();
}

Test(desk_do, no_command_is_taken_that_is_none)
{
	begin("");
	for (int d = -1; d <= FLOOR_DO_END_ + 1; d++) {
		struct floor_command c = { .what = (enum floor_do)d };

		desk_do(desk, &c, &o);
		cr_expect_eq(supervisor_busy(st->supervisor), 0);
		if (o.reply) {
			arena_free(&o.reply->arena);
			free(o.reply);
		}
	}
	end();
}

/* Who has paused a run leaves: it waits on, and goes on by an engineer's badge alone; of two
 * who let it go on, one does. */
Test(desk_do, a_paused_run_outlives_the_login_of_its_engineer)
{
	const char *badge, *engineer;

	begin("[operators]\nlogin = badge\n");
	badge = badge_of("7", PEOPLE_OPERATOR);
	engineer = badge_of("9", PEOPLE_ENGINEER);
	scan(engineer);
	cr_expect_str_eq(give(FLOOR_DO_MODE, "1", "engineering", "limits"), "mode");
	cr_expect_str_eq(give(FLOOR_DO_CHOOSE, "1", NULL, NULL), "slot_chosen");
	cr_expect_str_eq(scan("L1"), "starts");
	while (!desk_slot(desk, 0)->step_at_ms)
		loop_turn(st->loop, clock_ns() + 20000000);
	cr_expect_str_eq(give(FLOOR_DO_PAUSE, "1", NULL, NULL), "pauses");
	cr_expect_str_eq(give(FLOOR_DO_PAUSE, "1", NULL, NULL), "pauses", "from another screen");
	cr_expect_str_eq(give(FLOOR_DO_LOGOUT, NULL, NULL, NULL), "logged_out");
	turn_until(0, FLOOR_PAUSED);
	cr_expect_str_eq(give(FLOOR_DO_GO, "1", NULL, NULL), "badge_needed");
	scan("STATION.FORGET");
	scan(badge);
	cr_expect_str_eq(give(FLOOR_DO_GO, "1", NULL, NULL), "badge_needed");
	cr_expect_eq(desk_slot(desk, 0)->state, FLOOR_PAUSED);
	cr_expect_str_eq(scan(engineer), "goes");
	scan(engineer);
	cr_expect_str_eq(give(FLOOR_DO_GO, "1", NULL, NULL), "not_now");
	turn_until_idle();
	cr_expect_eq(desk_slot(desk, 0)->verdict, VERDICT_PASS);
	cr_expect_eq(desk_slot(desk, 0)->mode, MODE_ENGINEERING);
	end();
}

Test(desk_do, what_does_not_run_is_not_stopped)
{
	begin("");
	cr_expect_str_eq(give(FLOOR_DO_STOP, "1", NULL, NULL), "not_now");
	cr_expect_eq(o.kind, FLOOR_NOTICE_NO);
	cr_expect_str_eq(give(FLOOR_DO_STOP, NULL, NULL, NULL), "stopped", "all that runs: none");
	end();
}
