/* From a scan to its unit, or to the question that it answers. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/file.h"
#include "tests/unit/desk_rig.h"

TestSuite(desk_scan, .timeout = 30);

/* From the scan to the record, a grant and the next run: the serial of a label of elements. */
Test(desk_scan, a_gs1_label_starts_its_unit_with_its_plan_and_variant)
{
	static const char scanned[] = "]d2010400638133393121794\x1d"
				      "10L7\x1d"
				      "11261130"
				      "240X-1";
	const struct floor_slot *s;
	struct store_row *row;
	struct store_filter filter = { .serial = "794" };
	struct arena a = { 0 };
	struct err err = { 0 };
	char *event;
	size_t n;

	begin("[hooks]\nbefore_unit = ./line\n");
	put("line", "#!/bin/sh\ncat >\"${0%/*}/event\"\n");
	chmod(at("line"), 0755);
	put("plans/g.ini", "[plan]\ntitle = g\nboard = none\nproduct = G\nlabel = gs1\n"
			   "code = 4006381333931\ncheck = luhn\nattempts = 1\n"
			   "instruction = close the lid\n"
			   "[variant BIG]\nserial = /^79/\n"
			   "[variant SMALL]\nserial = /^1/\n"
			   "[step w]\nkind = wait\nfor = 1 ms\nlimit waited = >= 10 s\n");
	s = desk_slot(desk, 0);
	give(FLOOR_DO_CHOOSE, "1", NULL, NULL);
	cr_assert_str_eq(scan(scanned), "starts", "%s", o.text);
	cr_expect_eq(s->state, FLOOR_STARTING);
	cr_expect_str_eq(s->instruction, "close the lid", "before the test");
	turn_until_step(0, FLOOR_RUNNING, 0);
	cr_expect_str_eq(s->instruction, "close the lid");
	turn_until_idle();
	cr_expect_eq(s->verdict, VERDICT_FAIL);
	cr_expect_str_eq(s->instruction, "", "of the step that failed, which has none");
	cr_expect_str_eq(s->serial, "794");
	cr_expect_str_eq(s->variant, "BIG");
	cr_expect_str_eq(s->plan, "g");
	cr_assert_eq(store_rows(&row, &n, &a, st->store, &filter, &err), 0);
	cr_assert_eq(n, 1);
	cr_expect_str_eq(row[0].product, "G");
	cr_assert_eq(file_read(&event, &n, &a, at("event"), 10000, &err), 0);
	cr_expect(strstr(event, "\"serial\":\"794\"") && strstr(event, "12179"), "%s", event);
	arena_free(&a);
	cr_expect_str_eq(scan("(01)04006381333931(21)794"), "attempts_used_up");
	cr_expect_str_eq(give(FLOOR_DO_GRANT, NULL, NULL, "needle bent"), "granted", "%s", o.text);
	test_on("1", "(01)04006381333931(21)794");
	cr_expect_eq(s->attempt, 2);
	cr_expect_str_eq(give(FLOOR_DO_GRANT, NULL, "794", "dust"), "granted", "%s", o.text);
	cr_expect_str_eq(scan("(01)04006381333931(21)795"), "wrong_check_digit");
	cr_expect_str_eq(scan("(01)00000073513537(21)794"), "no_plan");
	cr_expect_str_eq(scan("]d1010400638133393121794"), "no_plan", "it has no FNC1");
	end();
}

/* What the scanner puts around it is no part of a code of ours, of an answer or of a label. */
Test(desk_scan, codes_are_read_whatever_the_scanner_adds)
{
	begin("[scanner]\nprefix = <<\nsuffix = >>\n");
	cr_expect_str_eq(scan("<<]C0SLOT-B>>"), "slot_chosen");
	cr_expect_str_eq(scan("<<]d1STATION.FORGET>>"), "forgotten");
	cr_expect_str_eq(scan("]C0STATION.SLOT.1"), "slot_chosen");
	cr_expect_str_eq(scan("<<STATION.SLOT.1>>"), "slot_chosen");
	cr_expect_str_eq(scan("<<]d1A7>>"), "starts");
	cr_expect_str_eq(desk_slot(desk, 0)->serial, "A7");
	cr_expect_str_eq(scan("<<]d1>>"), "wrong_format");
	turn_until_idle();
	end();
}

Test(desk_scan, a_question_is_answered_by_whom_it_is_put_to_and_holds_nobody_up)
{
	struct floor_command c = { .what = FLOOR_DO_ANSWER, .slot = "1", .text = "red", .len = 3 };
	const struct floor_slot *s, *other;
	const char *seven;

	begin("[operators]\nlogin = badge\n");
	put("plans/q.ini", "[plan]\ntitle = q\nboard = none\nproduct = Q\nserial = /^Q/\n"
			   "[step led]\nkind = prompt\nanswer = choice\n"
			   "text = Which colour?\nchoices = red, green, blue\n"
			   "accept = green\nwithin = 60 s\npicture = led.png\n"
			   "[step cable]\nkind = prompt\nanswer = scan\n"
			   "text = Scan the cable\naccept = ]-CABLE\n");
	put("plans/led.png", "none");
	seven = badge_of("7", PEOPLE_OPERATOR);
	cr_expect_str_eq(scan(seven), "logged_in");
	s = desk_slot(desk, 0);
	other = desk_slot(desk, 1);
	give(FLOOR_DO_CHOOSE, "1", NULL, NULL);
	cr_assert_str_eq(scan("Q1"), "starts", "%s", o.text);
	while (!s->question.number)
		loop_turn(st->loop, clock_ns() + 1000000);
	cr_expect_eq(s->question.choices, 3);
	cr_expect(s->question.picture && strstr(s->question.picture, "led.png"));
	cr_expect(s->question.until_at_ms > clock_ms() + 30000 &&
			  s->question.until_at_ms <= clock_ms() + 60000,
		  "%d ms left", (int)(s->question.until_at_ms - clock_ms()));
	/* Another slot has its unit meanwhile, which is no answer. */
	cr_expect_str_eq(scan("A1"), "starts", "%s", o.text);
	while (other->state != FLOOR_ENDED)
		loop_turn(st->loop, clock_ns() + 1000000);
	cr_expect_eq(other->verdict, VERDICT_PASS);
	cr_expect_eq(s->question.choices, 3);
	/* Two ask: the code alone says not which. */
	cr_assert_str_eq(scan("Q2"), "starts", "%s", o.text);
	while (!other->question.number)
		loop_turn(st->loop, clock_ns() + 1000000);
	cr_expect_neq(s->question.number, other->question.number);
	c.question = other->question.number;
	desk_do(desk, &c, &o);
	cr_expect_str_eq(o.code, "no_question", "that is the other slot's");
	cr_expect_str_eq(scan("STATION.CHOICE.2"), "which_slot");
	cr_expect_str_eq(scan("STATION.LOGOUT"), "logged_out");
	cr_expect_str_eq(scan("SLOT-B"), "slot_chosen");
	cr_expect_str_eq(scan("STATION.CHOICE.2"), "no_operator", "nobody answers");
	cr_expect_str_eq(scan(seven), "logged_in");
	cr_expect_str_eq(scan("SLOT-B"), "slot_chosen");
	cr_expect_str_eq(scan("STATION.CHOICE.2"), "answered");
	while (strcmp(other->question.kind, "scan") != 0)
		loop_turn(st->loop, clock_ns() + 1000000);
	cr_expect_str_eq(s->question.kind, "choice", "the other one still asks");
	cr_expect_str_eq(scan("STATION.LOGOUT"), "logged_out");
	cr_expect_str_eq(scan("]-CABLE"), "no_operator");
	cr_expect_str_eq(scan(seven), "logged_in");
	cr_expect_str_eq(scan("]-CABLE"), "answered");
	while (other->state != FLOOR_ENDED)
		loop_turn(st->loop, clock_ns() + 1000000);
	cr_expect_eq(other->verdict, VERDICT_PASS, "%s is %s", other->fail_name, other->fail_value);
	give(FLOOR_DO_STOP, NULL, NULL, NULL);
	turn_until_idle();
	end();
}

/* A plan whose first step asks for the label Q1; its run waits in slot 1, a board in slot 2. */
static void ask_for_label(void)
{
	put("plans/q.ini", "[plan]\ntitle = q\nboard = none\nproduct = Q\nserial = /^Q/\n"
			   "[step q]\nkind = prompt\ntext = the label?\nanswer = scan\n"
			   "accept = Q1\n");
	give(FLOOR_DO_CHOOSE, "1", NULL, NULL);
	cr_assert_str_eq(scan("Q1"), "starts", "%s", o.text);
	while (!desk_slot(desk, 0)->question.number)
		loop_turn(st->loop, clock_ns() + 1000000);
	desk_came(desk, "1-1.2", "X", NULL, 0);
}

Test(desk_scan, a_label_that_may_not_start_may_be_an_answer)
{
	begin("");
	ask_for_label();
	cr_expect_eq(desk_status(desk)->cycles_left, 98, "the run that goes on is a cycle");
	cr_expect_str_eq(scan("Q1"), "which_slot", "the board's unit, or the answer?");
	cr_expect_str_eq(give(FLOOR_DO_CHOOSE, "2", NULL, NULL), "already_running");
	scan("Q1");
	cr_expect_str_eq(give(FLOOR_DO_CHOOSE, "1", NULL, NULL), "answered");
	turn_until_idle();
	cr_expect_eq(desk_slot(desk, 0)->verdict, VERDICT_PASS);
	end();
}

Test(desk_scan, what_was_chosen_goes_with_who_leaves)
{
	const char *seven;

	begin("[operators]\nlogin = badge\n");
	seven = badge_of("7", PEOPLE_OPERATOR);
	scan(seven);
	cr_expect_str_eq(give(FLOOR_DO_CHOOSE, "2", NULL, NULL), "slot_chosen");
	cr_expect_str_eq(scan("STATION.LOGOUT"), "logged_out");
	scan(seven);
	cr_expect_str_eq(scan("A1"), "which_slot", "who chose slot 2 has left");
	scan("STATION.LOGOUT");
	cr_expect_str_eq(desk_status(desk)->waits, "");
	end();
}

Test(desk_scan, an_answer_has_nothing_that_the_scanner_adds)
{
	begin("[scanner]\nprefix = <<\nsuffix = >>\n");
	ask_for_label();
	cr_expect_str_eq(scan("<<Q1>>"), "which_slot");
	cr_expect_str_eq(give(FLOOR_DO_CHOOSE, "1", NULL, NULL), "answered", "%s", o.text);
	turn_until_idle();
	cr_expect_eq(desk_slot(desk, 0)->verdict, VERDICT_PASS, "%s is %s",
		     desk_slot(desk, 0)->fail_name, desk_slot(desk, 0)->fail_value);
	end();
}

Test(desk_scan, a_scan_that_may_not_answer_still_waits_for_its_slot)
{
	const char *seven;

	begin("[operators]\nlogin = badge\n");
	seven = badge_of("7", PEOPLE_OPERATOR);
	scan(seven);
	ask_for_label();
	scan("STATION.LOGOUT");
	cr_expect_str_eq(scan("Q2"), "which_slot", "%s", o.text);
	cr_expect_str_eq(scan("STATION.SLOT.1"), "no_operator", "%s", o.text);
	cr_expect_str_eq(desk_status(desk)->waits, "scan");
	cr_expect_str_eq(desk_status(desk)->waits_text, "Q2");
	cr_expect_str_eq(scan("SLOT-B"), "no_operator", "%s", o.text);
	cr_expect_str_eq(desk_slot(desk, 1)->serial, "");
	scan(seven);
	give(FLOOR_DO_STOP, NULL, NULL, NULL);
	turn_until_idle();
	end();
}
