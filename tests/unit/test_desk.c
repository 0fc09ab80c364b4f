/* The desk without front-ends: what a command leads to, and what it never does. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "tests/unit/desk_rig.h"

TestSuite(desk, .timeout = 30);

Test(desk, a_chosen_slot_gets_the_scan_and_shows_its_verdict_when_it_is_recorded)
{
	begin("");
	cr_expect_str_eq(scan("A1"), "which_slot");
	cr_expect_eq(o.kind, FLOOR_NOTICE_ASK);
	cr_expect_str_eq(desk_status(desk)->waits, "scan");
	cr_expect_eq(desk_slot(desk, 0)->state, FLOOR_OUT);
	cr_expect_str_eq(scan("SLOT-B"), "starts");
	cr_expect_str_eq(desk_status(desk)->waits, "");
	cr_expect_eq(desk_slot(desk, 1)->verdict, VERDICT_NONE);
	turn_until_idle();
	cr_expect_eq(desk_slot(desk, 1)->state, FLOOR_ENDED);
	cr_expect_eq(desk_slot(desk, 1)->verdict, VERDICT_PASS);
	cr_expect_eq(desk_slot(desk, 0)->state, FLOOR_OUT);
	cr_expect_eq(desk_status(desk)->not_shown, 1);
	desk_shown(desk, "00000000-0000-0000-0000-000000000000");
	cr_expect_eq(desk_status(desk)->not_shown, 1);
	desk_shown(desk, desk_slot(desk, 1)->run);
	cr_expect_eq(desk_status(desk)->not_shown, 0);
	end();
}

/* The verdict is there, the worker is not gone: whoever scans now is no quicker than the line. */
Test(desk, a_unit_is_scanned_again_while_its_worker_gives_the_devices_back)
{
	int64_t until = clock_ms() + 10000;
	char first[40];

	begin("");
	give(FLOOR_DO_CHOOSE, "1", NULL, NULL);
	cr_expect_str_eq(scan("A1"), "starts");
	snprintf(first, sizeof(first), "%s", supervisor_run(st->supervisor, 0)->id);
	again = "A1";
	while (again && clock_ms() < until)
		loop_turn(st->loop, clock_ns() + 1000000);
	cr_expect_str_eq(again_said, "starts", "%s", o.text);
	while ((desk_slot(desk, 0)->state != FLOOR_ENDED ||
		!strcmp(desk_slot(desk, 0)->run, first)) &&
	       clock_ms() < until)
		loop_turn(st->loop, clock_ns() + 1000000);
	cr_expect_eq(desk_slot(desk, 0)->verdict, VERDICT_PASS);
	cr_expect_str_neq(desk_slot(desk, 0)->run, first);
	turn_until_idle();
	end();
}

Test(desk, a_verdict_that_nobody_saw_is_counted_and_told_at_the_next_scan)
{
	struct desk_setup set = { .notice = on_notice };
	struct err err = { 0 };
	char run[40];

	begin("");
	give(FLOOR_DO_CHOOSE, "1", NULL, NULL);
	scan("A1");
	turn_until_idle();
	snprintf(run, sizeof(run), "%s", desk_slot(desk, 0)->run);
	desk_close(desk);
	desk = desk_new(); /* as the next process finds it */
	cr_assert_eq(desk_open(desk, st, &set, &err), 0, "%s", err.text);
	cr_expect_eq(desk_status(desk)->not_shown, 1);
	give(FLOOR_DO_CHOOSE, "1", NULL, NULL);
	cr_expect_str_eq(scan("A1"), "starts");
	cr_expect(strstr(o.text, "recorded as PASS at ") && strstr(o.text, "not seen"), "%s",
		  o.text);
	give(FLOOR_DO_FORGET, "1", NULL, NULL);
	desk_shown(desk, run);
	cr_expect_eq(desk_status(desk)->not_shown, 0);
	turn_until_idle();
	end();
}

Test(desk, a_scan_that_waits_is_dropped_after_a_while_and_nothing_starts)
{
	begin("");
	cr_expect_str_eq(scan("A1"), "which_slot");
	clock_freeze_ms(clock_ms() + DESK_WAIT_MS + 10);
	loop_turn(st->loop, clock_ns());
	cr_expect_str_eq(desk_status(desk)->waits, "");
	cr_expect(strstr(told, "wait_over"), "%s", told);
	cr_expect_str_eq(give(FLOOR_DO_CHOOSE, "1", NULL, NULL), "slot_chosen");
	cr_expect_eq(supervisor_busy(st->supervisor), 0);
	clock_freeze_ms(clock_ms() + DESK_CHOSEN_MS + 10);
	loop_turn(st->loop, clock_ns());
	cr_expect_str_eq(scan("A1"), "which_slot", "the choice is forgotten too");
	end();
}

Test(desk, a_newer_scan_takes_the_place_of_one_that_waits)
{
	begin("");
	scan("A1");
	scan("A2");
	cr_expect_str_eq(give(FLOOR_DO_CHOOSE, "1", NULL, NULL), "starts");
	cr_expect_str_eq(desk_slot(desk, 0)->serial, "A2");
	turn_until_idle();
	cr_expect_str_eq(give(FLOOR_DO_FORGET, NULL, NULL, NULL), "forgotten");
	end();
}

Test(desk, a_unit_that_passed_is_tested_again_only_when_a_person_says_so)
{
	begin("");
	give(FLOOR_DO_CHOOSE, "1", NULL, NULL);
	cr_expect_str_eq(scan("L1"), "starts");
	turn_until_idle();
	give(FLOOR_DO_CHOOSE, "1", NULL, NULL);
	cr_expect_str_eq(scan("L1"), "already_passed_ask");
	cr_expect_str_eq(desk_status(desk)->waits, "confirm");
	scan("STATION.CHOICE.1");
	scan("yes");
	cr_expect_eq(supervisor_busy(st->supervisor), 0, "a scan confirms nothing");
	give(FLOOR_DO_CHOOSE, "1", NULL, NULL);
	scan("L1");
	cr_expect_str_eq(give(FLOOR_DO_CONFIRM, NULL, NULL, NULL), "starts");
	turn_until_idle();
	cr_expect_str_eq(give(FLOOR_DO_CONFIRM, NULL, NULL, NULL), "nothing_waits");
	end();
}

Test(desk, where_nobody_has_a_badge_it_is_told_how_to_get_one)
{
	static const char todo[] = "station people add";
	const char *badge;
	int64_t until;
	struct err err = { 0 };

	begin("[operators]\nlogin = badge\n");
	cr_expect_eq(desk_status(desk)->no_badges, 1);
	cr_expect_str_eq(scan("BADGE.1.2"), "no_badges");
	cr_expect_eq(o.kind, FLOOR_NOTICE_NO);
	cr_expect(strstr(o.text, todo), "%s", o.text);
	cr_expect_str_eq(give(FLOOR_DO_STOP, NULL, NULL, NULL), "no_operator");
	cr_expect(strstr(o.text, todo), "%s", o.text);
	cr_expect_str_eq(give(FLOOR_DO_MODE, NULL, "golden", "x"), "no_badges");
	cr_expect_str_eq(desk_status(desk)->waits, "", "for no badge that cannot come");
	desk_came(desk, "1-1.1", "X", NULL, 0);
	cr_expect_str_eq(scan("A1"), "no_operator");
	cr_expect(strstr(o.text, todo), "%s", o.text);
	badge = badge_of("7", PEOPLE_OPERATOR);
	until = clock_ms() + 10000;
	while (desk_status(desk)->no_badges && clock_ms() < until)
		loop_turn(st->loop, clock_ns() + 20000000);
	cr_expect_eq(desk_status(desk)->no_badges, 0, "seen before anybody scans");
	cr_expect_str_eq(scan("A1"), "no_operator");
	cr_expect(strstr(o.text, "scan your badge"), "%s", o.text);
	cr_assert_eq(people_revoke(st->conf->people, "7", &err), 0);
	cr_expect_str_eq(scan(badge), "no_badges", "the only one was revoked");
	cr_assert_eq(chmod(st->conf->people, 0644), 0);
	cr_expect_str_eq(scan(badge), "operators_file", "it may have some");
	cr_expect_eq(desk_status(desk)->no_badges, 0);
	end();
}

Test(desk, without_a_login_nothing_starts_where_one_is_asked_for)
{
	begin("[operators]\nlogin = badge\n");
	badge_of("7", PEOPLE_OPERATOR);
	cr_expect_str_eq(give(FLOOR_DO_CHOOSE, "1", NULL, NULL), "no_operator");
	cr_expect_str_eq(scan("A1"), "no_operator");
	cr_expect_str_eq(give(FLOOR_DO_STOP, NULL, NULL, NULL), "no_operator");
	cr_expect_str_eq(give(FLOOR_DO_MODE, NULL, "golden", "x"), "badge_needed");
	cr_expect_str_eq(desk_status(desk)->waits, "command");
	cr_expect_str_eq(give(FLOOR_DO_TYPED, NULL, "BADGE.1.2", NULL), "no_operator");
	cr_expect_str_eq(scan("BADGE.1.2"), "badge_unknown");
	cr_expect_eq(desk_slot(desk, 0)->mode, MODE_PRODUCTION);
	end();
}

Test(desk, a_badge_that_is_revoked_tests_nothing_more)
{
	const char *badge;
	struct err err = { 0 };

	begin("[operators]\nlogin = badge\n");
	badge = badge_of("7", PEOPLE_OPERATOR);
	cr_expect_str_eq(scan(badge), "logged_in");
	cr_expect_str_eq(give(FLOOR_DO_CHOOSE, "1", NULL, NULL), "slot_chosen");
	cr_assert_eq(chmod(st->conf->people, 0644), 0);
	cr_expect_str_eq(scan(badge), "operators_file", "rights that changed are seen");
	cr_assert_eq(chmod(st->conf->people, 0600), 0);
	cr_expect_str_eq(scan(badge), "logged_in");
	give(FLOOR_DO_FORGET, NULL, NULL, NULL);
	cr_expect_str_eq(scan("A1"), "which_slot");
	cr_assert_eq(people_revoke(st->conf->people, "7", &err), 0);
	badge = badge_of("8", PEOPLE_OPERATOR);
	cr_expect_str_eq(scan(badge), "logged_in");
	cr_expect_str_eq(give(FLOOR_DO_CHOOSE, "1", NULL, NULL), "no_operator",
			 "what the other one has scanned");
	give(FLOOR_DO_FORGET, NULL, NULL, NULL);
	give(FLOOR_DO_CHOOSE, "1", NULL, NULL);
	cr_expect_str_eq(scan("A1"), "starts");
	turn_until_idle();
	cr_assert_eq(people_revoke(st->conf->people, "8", &err), 0);
	cr_expect_str_eq(scan("A1"), "no_operator");
	cr_expect_str_eq(desk_status(desk)->person, "");
	end();
}

Test(desk, interfaces_come_and_go)
{
	begin("");
	desk_came(desk, "1-1.7", "X", NULL, 0);
	desk_came(desk, "1-1.1", "X", "no permission", 0);
	cr_expect_eq(desk_slot(desk, 0)->state, FLOOR_TROUBLE);
	cr_expect(strstr(desk_slot(desk, 0)->message, "slot 1"), "%s", desk_slot(desk, 0)->message);
	cr_expect_str_eq(scan("A1"), "starts", "the other one is the only free slot");
	turn_until_idle();
	cr_expect_eq(desk_slot(desk, 1)->state, FLOOR_ENDED);
	desk_went(desk, "1-1.1");
	cr_expect_eq(desk_slot(desk, 0)->state, FLOOR_OUT);
	desk_came(desk, "1-1.2", "X", NULL, 0);
	cr_expect_eq(desk_slot(desk, 1)->state, FLOOR_IN, "the next board: the verdict goes");
	cr_expect_str_eq(scan("A2"), "starts");
	cr_expect_str_eq(o.slot, "2");
	turn_until_idle();
	end();
}

/* Where there is one plan only, what it wants to be done before a unit is tested is known
 * before the unit is scanned. */
Test(desk, the_instruction_of_the_only_plan_is_told_before_a_scan)
{
	begin("");
	desk_came(desk, "1-1.1", "X", NULL, 0);
	cr_expect_str_eq(desk_slot(desk, 0)->instruction, "", "which plan it will be is open");
	put("plans/a.ini", "[plan]\ntitle = t\nboard = none\nproduct = P\nserial = /^A/\n"
			   "instruction = close the lid\n"
			   "[step w]\nkind = wait\nfor = 1 ms\nlimit waited = >= 0 s\n");
	cr_assert_eq(unlink(at("plans/l.ini")), 0);
	cr_expect_str_eq(scan("Z"), "wrong_format");
	cr_expect(strstr(o.text, "a.ini: scan the unit's own label"), "%s", o.text);
	cr_expect_null(strstr(o.text, dir), "no folder: %s", o.text);
	desk_came(desk, "1-1.2", "X", NULL, 0);
	cr_expect_str_eq(desk_slot(desk, 1)->instruction, "close the lid");
	desk_went(desk, "1-1.1");
	cr_expect_eq(desk_slot(desk, 0)->state, FLOOR_OUT);
	cr_expect_str_eq(desk_slot(desk, 0)->instruction, "close the lid");
	put("plans/bad.ini", "[plan]\ntitle = t\n");
	cr_expect_str_eq(scan("Z"), "no_plan");
	desk_came(desk, "1-1.1", "X", NULL, 0);
	cr_expect_str_eq(desk_slot(desk, 0)->instruction, "close the lid", "a plan of errors");
	end();
}

Test(desk, who_is_idle_is_logged_out_in_time)
{
	const char *badge;
	int64_t from = clock_ms(), until = from + 5000;

	begin("[operators]\nlogin = badge\nidle = 600 ms\n");
	badge = badge_of("7", PEOPLE_OPERATOR);
	cr_expect_str_eq(scan(badge), "logged_in");
	while (*desk_status(desk)->person && clock_ms() < until) {
		loop_turn(st->loop, clock_ns() + 50000000);
		give(FLOOR_DO_SHIFT, NULL, NULL, NULL); /* an open view does, and is no person */
		arena_free(&o.reply->arena);
		free(o.reply);
	}
	cr_expect_str_eq(desk_status(desk)->person, "");
	cr_expect(clock_ms() - from >= 600);
	cr_expect(strstr(told, "logged_out_idle"), "%s", told);
	cr_expect_str_eq(scan("A1"), "no_operator");
	end();
}

/* With two screens, what a person answers may be gone when the answer comes. */
Test(desk, an_answer_meets_only_what_it_was_given_to)
{
	struct floor_command c = { .what = FLOOR_DO_CHOOSE, .slot = "1", .serial = "A1" };

	begin("");
	cr_expect_str_eq(scan("A1"), "which_slot");
	cr_expect_str_eq(scan("A2"), "which_slot", "it takes the place of the other");
	desk_do(desk, &c, &o);
	cr_expect_str_eq(o.code, "nothing_waits");
	cr_expect_str_eq(desk_status(desk)->waits_text, "A2");
	c.serial = "A2";
	desk_do(desk, &c, &o);
	cr_expect_str_eq(o.code, "starts");
	desk_do(desk, &c, &o);
	cr_expect_str_eq(o.code, "nothing_waits", "the next scan is for no slot yet");
	turn_until_idle();
	give(FLOOR_DO_CHOOSE, "1", NULL, NULL);
	cr_expect_str_eq(scan("L1"), "starts");
	c.what = FLOOR_DO_STOP;
	desk_do(desk, &c, &o);
	cr_expect_str_eq(o.code, "not_now", "that was A2");
	turn_until_idle();
	cr_expect_eq(desk_slot(desk, 0)->verdict, VERDICT_PASS);
	cr_expect_str_eq((give(FLOOR_DO_CHOOSE, "1", NULL, NULL), scan("L1")),
			 "already_passed_ask");
	c = (struct floor_command){ .what = FLOOR_DO_CONFIRM, .serial = "L2" };
	desk_do(desk, &c, &o);
	cr_expect_str_eq(o.code, "nothing_waits");
	c.serial = "L1";
	desk_do(desk, &c, &o);
	cr_expect_str_eq(o.code, "starts");
	turn_until_idle();
	end();
}

/* An answer is what was scanned, whole, and nothing else with it: a slip of the hand is no
 * failure of the unit. */
Test(desk, a_scan_answers_a_question_whole_or_not)
{
	static const char *const wrong[] = { "B1\rB2", "\x1b[17~B1", "\177B1", "B1\n" };
	int64_t until;

	begin("");
	put("plans/q.ini", "[plan]\ntitle = q\nboard = none\nproduct = Q\nserial = /^Q/\n"
			   "[step ask]\nkind = prompt\ntext = part?\nanswer = scan\n"
			   "limit answer = matches ^]]3B1$\n");
	give(FLOOR_DO_CHOOSE, "1", NULL, NULL);
	cr_expect_str_eq(scan("Q1"), "starts");
	until = clock_ms() + 10000;
	while (!desk_slot(desk, 0)->question.number && clock_ms() < until)
		loop_turn(st->loop, clock_ns() + 20000000);
	cr_assert_neq(desk_slot(desk, 0)->question.number, 0);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		cr_expect_str_eq(scan(wrong[i]), "wrong_format");
		cr_expect(strstr(o.text, "scan the answer again"), "%s", o.text);
		cr_expect_neq(desk_slot(desk, 0)->question.number, 0, "it is still asked");
	}
	cr_expect_str_eq(scan("]]3B1"), "answered", "no AIM identifier: nothing is taken off");
	turn_until_idle();
	cr_expect_eq(desk_slot(desk, 0)->verdict, VERDICT_PASS, "%s %s",
		     desk_slot(desk, 0)->fail_name, desk_slot(desk, 0)->fail_value);
	end();
}

/* What was wrong with a cable is told as long as it is wrong, also to a unit that waits for
 * its board, and leaves nothing behind. */
Test(desk, a_wrong_cable_is_told_until_the_right_one_is_in)
{
	const struct floor_slot *s;

	begin("");
	s = desk_slot(desk, 0);
	desk_came(desk, "1-1.1", "", "no rights", 0);
	cr_expect(strstr(s->message, "no rights"), "%s", s->message);
	cr_expect_neq(*s->todo, '\0');
	desk_went(desk, "1-1.1");
	cr_expect_eq(s->state, FLOOR_OUT);
	cr_expect_str_eq(s->message, "");
	cr_expect_str_eq(s->todo, "");
	desk_came(desk, "1-1.1", "", "no rights", 0);
	desk_came(desk, "1-1.1", "", NULL, 0); /* the rights have come */
	cr_expect_eq(s->state, FLOOR_IN);
	cr_expect_str_eq(s->message, "");
	cr_expect_str_eq(s->code, "");
	end();
}

Test(desk, a_closing_station_starts_nothing)
{
	begin("");
	scan("A1");
	desk_closing(desk);
	cr_expect_str_eq(desk_status(desk)->waits, "");
	give(FLOOR_DO_CHOOSE, "1", NULL, NULL);
	cr_expect_str_eq(scan("A1"), "closing");
	end();
}
