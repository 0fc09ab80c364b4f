/* What people decide, who may, and what is recorded of it. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "tests/unit/desk_rig.h"

TestSuite(desk_decide, .timeout = 30);

/* Who tested the unit of this slot, as the run is recorded. */
static const char *tester(size_t slot)
{
	static char text[80];
	struct unit_run r;
	struct err err = { 0 };

	cr_assert_eq(store_load(&r, st->store, desk_slot(desk, slot)->run, &err), 0, "%s",
		     err.text);
	snprintf(text, sizeof(text), "%s (%s)", r.operator, r.operator_how);
	run_release(&r);
	return text;
}

/* The last entry of a decision. */
static void noted(enum store_note_kind kind, const char *what, const char *by, const char *reason,
		  const char *is)
{
	struct store_note *n;
	struct arena a = { 0 };
	struct err err = { 0 };
	size_t count;

	cr_assert_eq(store_notes(&n, &count, &a, st->store, NULL, NULL, NULL, 1, &err), 0);
	cr_assert_eq(count, 1, "%s was not recorded", what);
	cr_expect_eq(n->kind, kind);
	cr_expect_str_eq(n->what, what);
	cr_expect_str_eq(n->by, by);
	cr_expect(strstr(n->reason ? n->reason : "", reason), "%s", n->reason ? n->reason : "-");
	cr_expect(!is || (n->is && !strcmp(n->is, is)), "%s", n->is ? n->is : "-");
	arena_free(&a);
}

/* Whoever does something is there. */
Test(desk_decide, who_is_not_idle_stays)
{
	int64_t from = clock_ms();

	begin("[operators]\nlogin = badge\nidle = 600 ms\n");
	cr_expect_str_eq(scan(badge_of("7", PEOPLE_OPERATOR)), "logged_in");
	while (clock_ms() < from + 400)
		loop_turn(st->loop, clock_ns() + 50000000);
	give(FLOOR_DO_FORGET, NULL, NULL, NULL);
	while (*desk_status(desk)->person && clock_ms() < from + 5000) {
		loop_turn(st->loop, clock_ns() + 50000000);
		give(FLOOR_DO_PLANS, NULL, NULL, NULL); /* as a view that stays open asks */
		arena_free(&o.reply->arena);
		free(o.reply);
	}
	cr_expect_str_eq(desk_status(desk)->person, "");
	cr_expect(clock_ms() - from >= 1000, "after %d ms", (int)(clock_ms() - from));
	end();
}

Test(desk_decide, an_engineers_command_needs_a_reason_a_badge_and_is_recorded_with_both)
{
	static const enum floor_do with_reason[] = { FLOOR_DO_MODE, FLOOR_DO_SKIP, FLOOR_DO_GRANT,
						     FLOOR_DO_MAP };
	static const enum floor_do without[] = { FLOOR_DO_PAUSE, FLOOR_DO_STEP, FLOOR_DO_GO,
						 FLOOR_DO_REPEAT };
	const char *operator, * engineer, *qa;

	begin("[operators]\nlogin = badge\n[run]\nsecond_look = 0\n");
	put("plans/f.ini", "[plan]\ntitle = f\nboard = none\nproduct = F\nserial = /^F/\n"
			   "attempts = 1\n"
			   "[step w]\nkind = wait\nfor = 1 ms\nlimit waited = >= 10 s\n");
	put("plans/q.ini", "[plan]\ntitle = q\nboard = none\nproduct = Q\nserial = /^Q/\n"
			   "attempts = 1\ngrant = qa\n"
			   "[step w]\nkind = wait\nfor = 1 ms\nlimit waited = >= 10 s\n");
	put("plans/e.ini", "[plan]\ntitle = e\nboard = none\nproduct = E\nserial = /^E/\n"
			   "[step a]\nkind = wait\nfor = 200 ms\nlimit waited = >= 0 s\n"
			   "[step b]\nkind = wait\nfor = 1 ms\nlimit waited = >= 0 s\n");
	operator= badge_of("7", PEOPLE_OPERATOR);
	engineer = badge_of("9", PEOPLE_ENGINEER);
	qa = badge_of("5", PEOPLE_QA);
	cr_expect_str_eq(give(FLOOR_DO_DISPOSE, NULL, "rework", NULL), "no_operator");
	cr_expect_str_eq(give(FLOOR_DO_ANSWER, "1", "yes", NULL), "no_operator");
	cr_expect_str_eq(scan(operator), "logged_in");
	for (size_t i = 0; i < sizeof(with_reason) / sizeof(with_reason[0]); i++) {
		cr_expect_str_eq(give(with_reason[i], "1", "x", NULL), "reason_missing");
		cr_expect_str_eq(give(with_reason[i], "1", "x", "why"), "badge_needed");
	}
	for (size_t i = 0; i < sizeof(without) / sizeof(without[0]); i++)
		cr_expect_str_eq(give(without[i], "1", NULL, NULL), "badge_needed");
	give(FLOOR_DO_FORGET, NULL, NULL, NULL);
	cr_expect_str_eq(give(FLOOR_DO_TYPED, NULL, engineer, NULL), "badge_typed");
	cr_expect_str_eq(desk_status(desk)->person, "7");
	/* An engineering run: once an operator's badge is not enough, then it is recorded. */
	cr_expect_str_eq(give(FLOOR_DO_MODE, "2", "engineering", "new limits"), "badge_needed");
	cr_expect_str_eq(scan(operator), "not_allowed");
	cr_expect_eq(desk_slot(desk, 1)->mode, MODE_PRODUCTION);
	cr_expect_str_eq(scan(engineer), "mode", "%s", o.text);
	cr_expect_eq(desk_slot(desk, 1)->mode, MODE_ENGINEERING);
	cr_expect_str_eq(desk_status(desk)->person, "7", "who is logged in stays");
	noted(STORE_CONFIG, "mode", "9", "new limits", "engineering");
	/* The slot map; what was refused is told behind what was wanted. */
	give(FLOOR_DO_MAP, "1", "1-1.9", "new hub");
	cr_expect_str_eq(scan(engineer), "mapped", "%s", o.text);
	noted(STORE_CONFIG, "map", "9", "new hub", "1-1.9");
	give(FLOOR_DO_MAP, "1", "1-1.2", "a mistake");
	cr_expect_str_eq(scan(engineer), "map_refused");
	noted(STORE_CONFIG, "map", "9", "1-1.2", "1-1.9");
	cr_expect_str_eq(desk_slot(desk, 0)->usb, "1-1.9");
	/* More attempts. */
	test_on("1", "F1");
	cr_expect_str_eq(tester(0), "7 (badge operator)");
	give(FLOOR_DO_CHOOSE, "1", NULL, NULL);
	cr_expect_str_eq(scan("F1"), "attempts_used_up");
	give(FLOOR_DO_GRANT, NULL, "F1", "needle bent");
	cr_expect_str_eq(scan(engineer), "granted");
	noted(STORE_GRANT, "attempt", "9", "needle bent", NULL);
	test_on("1", "F1");
	cr_expect_eq(desk_slot(desk, 0)->attempt, 2);
	test_on("1", "Q1");
	give(FLOOR_DO_GRANT, NULL, "Q1", "dust");
	cr_expect_str_eq(scan(engineer), "needs_qa");
	give(FLOOR_DO_GRANT, NULL, "Q1", "dust");
	cr_expect_str_eq(scan(qa), "granted");
	noted(STORE_GRANT, "attempt", "5", "dust", NULL);
	/* A step is skipped. */
	cr_expect_str_eq(scan(engineer), "logged_in");
	give(FLOOR_DO_CHOOSE, "2", NULL, NULL);
	cr_assert_str_eq(scan("E1"), "starts", "%s", o.text);
	cr_expect_str_eq(give(FLOOR_DO_PAUSE, "2", NULL, NULL), "pauses");
	turn_until_step(1, FLOOR_PAUSED, 0);
	cr_expect_str_eq(give(FLOOR_DO_SKIP, "2", NULL, "no network here"), "skips");
	noted(STORE_CONFIG, "skip", "9", "no network here", "a");
	turn_until_step(1, FLOOR_PAUSED, 1);
	cr_expect_str_eq(give(FLOOR_DO_GO, "2", NULL, NULL), "goes", "%s", o.text);
	turn_until_idle();
	cr_expect_eq(desk_slot(desk, 1)->state, FLOOR_ENDED);
	end();
}

/* Who scanned the unit tested it, and what was true at the scan is asked again at the start. */
Test(desk_decide, a_unit_starts_as_it_was_scanned_and_only_if_it_still_may)
{
	const char *seven, *eight;

	begin("[operators]\nlogin = badge\n[hooks]\nbefore_unit = ./line\n");
	put("line", "#!/bin/sh\nsleep 0.3\n");
	chmod(at("line"), 0755);
	seven = badge_of("7", PEOPLE_OPERATOR);
	eight = badge_of("8", PEOPLE_OPERATOR);
	cr_expect_str_eq(scan(seven), "logged_in");
	give(FLOOR_DO_CHOOSE, "1", NULL, NULL);
	cr_expect_str_eq(scan("A1"), "starts");
	give(FLOOR_DO_CHOOSE, "2", NULL, NULL);
	cr_expect_str_eq(scan("A1"), "waits_already");
	cr_expect_str_eq(scan(eight), "logged_in");
	turn_until_idle();
	cr_expect_eq(desk_slot(desk, 0)->verdict, VERDICT_PASS);
	cr_expect_str_eq(tester(0), "7 (badge operator)");
	give(FLOOR_DO_CHOOSE, "1", NULL, NULL);
	cr_expect_str_eq(scan("A2"), "starts");
	cr_expect_str_eq(scan("STATION.SCRAP"), "disposed");
	turn_until_idle();
	cr_expect(strstr(told, "scrapped"), "%s", told);
	cr_expect_eq(desk_slot(desk, 0)->verdict, VERDICT_NONE, "it is not tested");
	end();
}

/* A disposition by a code is of the unit that was scanned last, and not long ago. */
Test(desk_decide, a_disposition_is_of_the_unit_that_was_just_scanned)
{
	begin("[run]\nsecond_look = 0\n");
	cr_expect_str_eq(scan("STATION.REWORK"), "which_unit");
	test_on("1", "A1");
	cr_expect_str_eq(scan("STATION.REWORK"), "disposed");
	noted(STORE_DISPOSITION, "rework", "-", "", NULL);
	cr_expect(strstr(o.text, "unit A1"), "%s", o.text);
	clock_freeze_ms(clock_ms() + DESK_LAST_MS + 1);
	cr_expect_str_eq(scan("STATION.SCRAP"), "which_unit");
	cr_expect_str_eq(scan("A2"), "which_slot");
	cr_expect_str_eq(scan("STATION.NTF"), "disposed");
	cr_expect(strstr(o.text, "unit A2"), "%s", o.text);
	end();
}

/* The serial that an order names is one, and of one unit. */
Test(desk_decide, a_decision_is_of_the_serial_that_was_named)
{
	begin("[run]\nsecond_look = 0\n");
	put("plans/g.ini", "[plan]\ntitle = g\nboard = none\nproduct = G\nlabel = gs1\n"
			   "code = 4006381333931\nattempts = 1\n"
			   "[step w]\nkind = wait\nfor = 1 ms\nlimit waited = >= 10 s\n");
	put("plans/h.ini", "[plan]\ntitle = h\nboard = none\nproduct = H\nlabel = gs1\n"
			   "code = 96385074\nattempts = 1\n"
			   "[step w]\nkind = wait\nfor = 1 ms\nlimit waited = >= 10 s\n");
	test_on("1", "(01)04006381333931(21)12");
	test_on("1", "(01)04006381333931(21)9");
	test_on("1", "(01)00000096385074(21)9");
	clock_freeze_ms(clock_ms() + DESK_LAST_MS + 1);
	cr_expect_str_eq(give(FLOOR_DO_GRANT, NULL, "2112", "dust"), "which_unit");
	cr_expect(strstr(o.text, "no unit '2112'"), "%s", o.text);
	cr_expect_str_eq(give(FLOOR_DO_GRANT, NULL, "12", "dust"), "granted", "%s", o.text);
	cr_expect_str_eq(give(FLOOR_DO_GRANT, NULL, "9", "dust"), "which_unit", "G or H?");
	cr_expect(strstr(o.text, "products G and H"), "%s", o.text);
	end();
}
