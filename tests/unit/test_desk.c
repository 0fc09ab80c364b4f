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
static const char *fixture_more = ""; /* lines of [fixture] */
static char recorded_by[80];          /* of the last run: who, and how */

static void hear(void *payload, const struct event *e)
{
	const char *label = again;

	(void)payload; /* a test may close the desk and open another */
	desk_reader(desk).hear(desk, e);
	if (e->type == EVENT_RUN_RECORDED)
		snprintf(recorded_by, sizeof(recorded_by), "%s (%s)", e->run->operator,
			 e->run->operator_how);
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
	char conf[1200], fixture[600];

	cr_assert_not_null(mkdtemp(dir));
	mkdir(at("plans"), 0755);
	snprintf(conf, sizeof(conf),
		 "[station]\nid = S\nfixture = fx.ini\ndata = var\nplans = plans\n"
		 "[reports]\nformats =\n%s",
		 more);
	put("station.conf", conf);
	snprintf(fixture, sizeof(fixture),
		 "[fixture]\nid = FX\nboard = none\n%s[slot 1]\nusb = 1-1.1\n"
		 "[slot 2]\nusb = 1-1.2\nbarcode = SLOT-B\n",
		 fixture_more);
	put("fx.ini", fixture);
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
	while (clock_ms() < from + 400)
		loop_turn(st->loop, clock_ns() + 50000000);
	give(FLOOR_DO_FORGET, NULL, NULL, NULL); /* somebody is there */
	while (*desk_status(desk)->person && clock_ms() < until)
		loop_turn(st->loop, clock_ns() + 50000000);
	cr_expect_str_eq(desk_status(desk)->person, "");
	cr_expect(clock_ms() - from >= 1000, "after %d ms", (int)(clock_ms() - from));
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

/* --- what is shown is what is recorded --- */

static void turn_until_state(size_t slot, enum floor_state state, size_t step)
{
	const struct floor_slot *s = desk_slot(desk, slot);
	int64_t until = clock_ms() + 10000;

	while ((s->state != state || s->step != step) && clock_ms() < until)
		loop_turn(st->loop, clock_ns() + 1000000);
	cr_assert(s->state == state && s->step == step, "slot %s: %d, step %zu", s->name,
		  (int)s->state, s->step);
}

static void test_on(const char *slot, const char *serial)
{
	give(FLOOR_DO_CHOOSE, slot, NULL, NULL);
	cr_assert_str_eq(scan(serial), "starts", "%s: %s", serial, o.text);
	turn_until_idle();
}

Test(desk, the_figures_of_the_shift_are_those_of_the_record)
{
	const struct floor_status *f;
	const struct floor_slot *s;

	setenv("TZ", "UTC", 1);
	tzset();
	clock_freeze_wall_ms(INT64_C(1796126400000)); /* 2026-12-01 12:00 */
	fixture_more = "calibration_due = 2026-12-04\ncycles_max = 10\n";
	begin("[run]\nsecond_look = 0\n");
	put("plans/f.ini", "[plan]\ntitle = f\nrevision = 4b\nboard = none\nproduct = F\n"
			   "serial = /^F/\n"
			   "[step w]\nkind = wait\nfor = 1 ms\nlimit waited = >= 10 s\n"
			   "instruction = check connector J3\n");
	f = desk_status(desk);
	cr_expect_eq(f->shift_units, 0);
	cr_expect_eq(f->units_per_hour, 0);
	cr_expect_eq(f->calibration_days, 3);
	cr_expect_eq(f->cycles_left, 10);
	cr_expect_str_eq(f->plan, "");
	test_on("1", "A1");
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

Test(desk, the_time_that_a_run_will_take_is_told_by_its_plan_and_then_by_its_history)
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
		turn_until_state(0, FLOOR_RUNNING, 2);
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

Test(desk, a_run_that_is_not_recorded_stops_the_line_until_it_is)
{
	const struct floor_status *f;
	struct event e = { .type = EVENT_NOT_RECORDED, .text = "the disk is full" };

	begin("");
	f = desk_status(desk);
	cr_expect_eq(f->record_ok, 1);
	give(FLOOR_DO_CHOOSE, "1", NULL, NULL);
	cr_assert_str_eq(scan("L1"), "starts");
	turn_until_state(0, FLOOR_RUNNING, 0);
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

/* From the scan to the record, a grant and the next run: the serial of a label of elements. */
Test(desk, a_gs1_label_starts_its_unit_with_its_plan_and_variant)
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
	turn_until_state(0, FLOOR_RUNNING, 0);
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
Test(desk, codes_are_read_whatever_the_scanner_adds)
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

/* --- decisions are recorded --- */

static const char *badge_of(const char *id, enum people_role role)
{
	static char badge[4][PEOPLE_BADGE];
	static int n;
	struct err err = { 0 };

	n = (n + 1) % 4;
	cr_assert_eq(
		people_add(badge[n], st->conf->people, st->conf->badge, id, id, role, "en", &err),
		0, "%s", err.text);
	return badge[n];
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

Test(desk, an_engineers_command_needs_a_reason_a_badge_and_is_recorded_with_both)
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
	cr_expect_str_eq(recorded_by, "7 (badge operator)");
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
	turn_until_state(1, FLOOR_PAUSED, 0);
	cr_expect_str_eq(give(FLOOR_DO_SKIP, "2", NULL, "no network here"), "skips");
	noted(STORE_CONFIG, "skip", "9", "no network here", "a");
	turn_until_state(1, FLOOR_PAUSED, 1);
	cr_expect_str_eq(give(FLOOR_DO_GO, "2", NULL, NULL), "goes", "%s", o.text);
	turn_until_idle();
	cr_expect_eq(desk_slot(desk, 1)->state, FLOOR_ENDED);
	end();
}

/* Who scanned the unit tested it, and what was true at the scan is asked again at the start. */
Test(desk, a_unit_starts_as_it_was_scanned_and_only_if_it_still_may)
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
	cr_expect_str_eq(recorded_by, "7 (badge operator)");
	*recorded_by = '\0';
	give(FLOOR_DO_CHOOSE, "1", NULL, NULL);
	cr_expect_str_eq(scan("A2"), "starts");
	cr_expect_str_eq(scan("STATION.SCRAP"), "disposed");
	turn_until_idle();
	cr_expect(strstr(told, "scrapped"), "%s", told);
	cr_expect_str_eq(recorded_by, "", "it is not tested");
	end();
}

/* A disposition by a code is of the unit that was scanned last, and not long ago. */
Test(desk, a_disposition_is_of_the_unit_that_was_just_scanned)
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

/* --- questions --- */

Test(desk, a_question_is_answered_by_whom_it_is_put_to_and_holds_nobody_up)
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
