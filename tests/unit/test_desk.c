/* The desk without front-ends: what a command leads to, and what it never does. */
#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "floor/desk.h"
#include "floor/people.h"

static char dir[] = "/tmp/test-desk-XXXXXX";
static struct station *st;
static struct desk *desk;
static struct findings findings;
static struct desk_outcome o;
static char told[4000];

static const char *at(const char *name)
{
	static char path[4][200];
	static int n;

	n = (n + 1) % 4;
	snprintf(path[n], sizeof(path[n]), "%s/%s", dir, name);
	return path[n];
}

static void put(const char *name, const char *text)
{
	struct err err = { 0 };

	cr_assert_eq(file_write(at(name), text, strlen(text), &err), 0, "%s", err.text);
}

static void on_notice(void *payload, const struct floor_notice *n)
{
	(void)payload;
	snprintf(told + strlen(told), sizeof(told) - strlen(told), "%s ", n->code);
}

static const char *give(enum floor_do what, const char *slot, const char *text, const char *reason);
static const char *scan(const char *text);
static const char *again; /* scanned for slot 1 in the moment when a run is recorded */
static char again_said[40];

static void hear(void *payload, const struct event *e)
{
	const char *label = again;

	(void)payload; /* a test may close the desk and open another */
	desk_reader(desk).hear(desk, e);
	if (e->type != EVENT_RUN_RECORDED || !label)
		return;
	again = NULL;
	cr_expect(supervisor_recorded(st->supervisor, 0), "its worker is still there");
	give(FLOOR_DO_CHOOSE, "1", NULL, NULL);
	snprintf(again_said, sizeof(again_said), "%s", scan(label));
}

static void begin(const char *more)
{
	struct desk_setup set = { .notice = on_notice };
	struct event_reader reader;
	struct station_setup s = { .needs = STATION_FIXTURE | STATION_RECORD,
				   .can_answer = 1,
				   .reader = &reader,
				   .readers = 1 };
	struct err err = { 0 };
	char conf[1200];

	cr_assert_not_null(mkdtemp(dir));
	mkdir(at("plans"), 0755);
	snprintf(conf, sizeof(conf),
		 "[station]\nid = S\nfixture = fx.ini\ndata = var\nplans = plans\n"
		 "[reports]\nformats =\n%s",
		 more);
	put("station.conf", conf);
	put("fx.ini", "[fixture]\nid = FX\nboard = none\ncycles_max = 99\n[slot 1]\nusb = 1-1.1\n"
		      "[slot 2]\nusb = 1-1.2\nbarcode = SLOT-B\n");
	put("plans/a.ini", "[plan]\ntitle = t\nboard = none\nproduct = P\nserial = /^A/\n"
			   "[step w]\nkind = wait\nfor = 1 ms\nlimit waited = >= 0 s\n");
	put("plans/l.ini", "[plan]\ntitle = l\nboard = none\nproduct = L\nserial = /^L/\n"
			   "passed = ask\n"
			   "[step w]\nkind = wait\nfor = 300 ms\nlimit waited = >= 0 s\n");
	desk = desk_new();
	reader = desk_reader(desk);
	reader.hear = hear;
	s.conf = at("station.conf");
	cr_assert_eq(station_open(&st, &s, &findings, &err), 0, "%s", err.text);
	cr_assert_eq(desk_open(desk, st, &set, &err), 0, "%s", err.text);
}

static const char *give(enum floor_do what, const char *slot, const char *text, const char *reason)
{
	struct floor_command c = { .what = what,
				   .slot = slot,
				   .text = text,
				   .len = text ? strlen(text) : 0,
				   .reason = reason };

	desk_do(desk, &c, &o);
	return o.code;
}

static const char *scan(const char *text)
{
	return give(FLOOR_DO_SCAN, NULL, text, NULL);
}

static void turn_until_idle(void)
{
	int64_t until = clock_ms() + 10000;

	do
		loop_turn(st->loop, clock_ns() + 20000000);
	while (!desk_idle(desk) && clock_ms() < until);
	loop_turn(st->loop, clock_ns() + 1000000);
}

static void turn_until_asked(void)
{
	int64_t until = clock_ms() + 10000;

	while (!desk_slot(desk, 0)->question.number && clock_ms() < until)
		loop_turn(st->loop, clock_ns() + 20000000);
	cr_assert_neq(desk_slot(desk, 0)->question.number, 0);
}

static void end(void)
{
	char line[300];

	desk_close(desk);
	station_close(st);
	finding_release(&findings);
	snprintf(line, sizeof(line), "rm -rf %s", dir);
	cr_expect_eq(system(line), 0);
}

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

Test(desk, what_is_recorded_with_a_reason_needs_one)
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

Test(desk, without_a_login_nothing_starts_where_one_is_asked_for)
{
	begin("[operators]\nlogin = badge\n");
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
	char badge[PEOPLE_BADGE];
	struct err err = { 0 };

	begin("[operators]\nlogin = badge\n");
	cr_assert_eq(people_add(badge, st->conf->people, st->conf->badge, "7", "Seven",
				PEOPLE_OPERATOR, "en", &err),
		     0, "%s", err.text);
	cr_expect_str_eq(scan(badge), "logged_in");
	cr_expect_str_eq(give(FLOOR_DO_CHOOSE, "1", NULL, NULL), "slot_chosen");
	cr_assert_eq(chmod(st->conf->people, 0644), 0);
	cr_expect_str_eq(scan(badge), "operators_file", "rights that changed are seen");
	cr_assert_eq(chmod(st->conf->people, 0600), 0);
	cr_expect_str_eq(scan(badge), "logged_in");
	give(FLOOR_DO_FORGET, NULL, NULL, NULL);
	cr_expect_str_eq(scan("A1"), "which_slot");
	cr_assert_eq(people_revoke(st->conf->people, "7", &err), 0);
	cr_assert_eq(people_add(badge, st->conf->people, st->conf->badge, "8", "Eight",
				PEOPLE_OPERATOR, "en", &err),
		     0, "%s", err.text);
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

Test(desk, the_line_may_refuse_a_unit)
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

/* The label is what is scanned, the serial what is recorded: never one for the other. */
Test(desk, a_gs1_label_is_tested_under_its_serial)
{
	begin("[hooks]\nbefore_unit = ./line\n");
	put("line", "#!/bin/sh\ngrep '\"serial\":\"S1\"' | grep -q '\"label\":\"(01)'\n");
	chmod(at("line"), 0755);
	put("plans/g.ini", "[plan]\ntitle = g\nboard = none\nproduct = G\nserial = /^S[0-9]$/\n"
			   "label = gs1\ncode = 04006381333931\nattempts = 1\n"
			   "[step w]\nkind = wait\nfor = 1 ms\nlimit waited = >= 9 s\n"
			   "[variant NINE]\nserial = /^S9/\nstep w.limit waited = >= 0 s\n");
	give(FLOOR_DO_CHOOSE, "1", NULL, NULL);
	cr_expect_str_eq(scan("(01)04006381333931(21)S1"), "starts", "%s", o.text);
	turn_until_idle();
	cr_expect_str_eq(desk_slot(desk, 0)->serial, "S1");
	cr_expect_eq(desk_slot(desk, 0)->verdict, VERDICT_FAIL, "%s", told);
	give(FLOOR_DO_CHOOSE, "1", NULL, NULL);
	cr_expect_str_eq(scan("(01)04006381333931(21)S1"), "attempts_used_up");
	cr_expect_str_eq(give(FLOOR_DO_GRANT, NULL, "S1", "dust"), "granted", "%s", o.text);
	cr_expect_str_eq(scan("S9"), "no_plan", "that is no label of it");
	put("line", "#!/bin/sh\ngrep -q '\"variant\":\"NINE\"'\n");
	chmod(at("line"), 0755);
	cr_expect_str_eq(scan("(01)04006381333931(21)S9"), "starts", "%s", o.text);
	turn_until_idle();
	cr_expect_eq(desk_slot(desk, 0)->verdict, VERDICT_PASS, "%s", told);
	cr_expect_str_eq(give(FLOOR_DO_GRANT, NULL, "S1", "dust"), "granted", "%s", o.text);
	end();
}

static const char asks[] = "[plan]\ntitle = q\nboard = none\nproduct = Q\nserial = /^Q/\n"
			   "[step q]\nkind = prompt\ntext = the label?\nanswer = scan\n"
			   "accept = Q1\n";

Test(desk, a_label_that_may_not_start_may_be_an_answer)
{
	begin("");
	put("plans/q.ini", asks);
	give(FLOOR_DO_CHOOSE, "1", NULL, NULL);
	cr_expect_str_eq(scan("Q1"), "starts");
	turn_until_asked();
	cr_expect_eq(desk_status(desk)->cycles_left, 98, "the run that goes on is a cycle");
	desk_came(desk, "1-1.2", "X", NULL, 0);
	cr_expect_str_eq(scan("Q1"), "which_slot", "the board's unit, or the answer?");
	cr_expect_str_eq(give(FLOOR_DO_CHOOSE, "2", NULL, NULL), "already_running");
	scan("Q1");
	cr_expect_str_eq(give(FLOOR_DO_CHOOSE, "1", NULL, NULL), "answered");
	turn_until_idle();
	cr_expect_eq(desk_slot(desk, 0)->verdict, VERDICT_PASS);
	end();
}

Test(desk, an_answer_is_somebodys_and_what_waits_goes_with_who_leaves)
{
	char badge[PEOPLE_BADGE];
	struct err err = { 0 };

	begin("[operators]\nlogin = badge\n");
	put("plans/q.ini", asks);
	cr_assert_eq(people_add(badge, st->conf->people, st->conf->badge, "7", "Seven",
				PEOPLE_OPERATOR, "en", &err),
		     0, "%s", err.text);
	scan(badge);
	give(FLOOR_DO_CHOOSE, "1", NULL, NULL);
	cr_expect_str_eq(scan("Q1"), "starts");
	turn_until_asked();
	cr_expect_str_eq(scan("STATION.LOGOUT"), "logged_out");
	cr_expect_str_eq(scan("Q1"), "no_operator");
	turn_until_asked(); /* still */
	scan(badge);
	cr_expect_str_eq(scan("Q1"), "answered");
	turn_until_idle();
	cr_expect_eq(desk_slot(desk, 0)->verdict, VERDICT_PASS);
	give(FLOOR_DO_CHOOSE, "2", NULL, NULL);
	scan("STATION.LOGOUT");
	scan(badge);
	cr_expect_str_eq(scan("A1"), "which_slot", "who chose slot 2 has left");
	scan("STATION.LOGOUT");
	cr_expect_str_eq(desk_status(desk)->waits, "");
	end();
}

Test(desk, what_does_not_run_is_not_stopped)
{
	begin("");
	cr_expect_str_eq(give(FLOOR_DO_STOP, "1", NULL, NULL), "not_now");
	cr_expect_eq(o.kind, FLOOR_NOTICE_NO);
	cr_expect_str_eq(give(FLOOR_DO_STOP, NULL, NULL, NULL), "stopped", "all that runs: none");
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

Test(desk, who_is_idle_is_logged_out_in_time)
{
	char badge[PEOPLE_BADGE];
	struct err err = { 0 };
	int64_t from = clock_ms(), until = from + 5000;

	begin("[operators]\nlogin = badge\nidle = 600 ms\n");
	cr_assert_eq(people_add(badge, st->conf->people, st->conf->badge, "7", "Seven",
				PEOPLE_OPERATOR, "en", &err),
		     0, "%s", err.text);
	cr_expect_str_eq(scan(badge), "logged_in");
	while (*desk_status(desk)->person && clock_ms() < until)
		loop_turn(st->loop, clock_ns() + 50000000);
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

Test(desk, no_command_is_taken_that_is_none)
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
