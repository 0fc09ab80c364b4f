/* The desk without front-ends: what a command leads to, and what it never does. */
#include <criterion/criterion.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "floor/desk.h"
#include "floor/people.h"
#include "floor/proto.h"

static char dir[] = "/tmp/test-desk-XXXXXX";
static struct station *st;
static struct desk *desk;
static struct findings findings;
static struct desk_outcome o;
static char told[4000], told_last[600], told_texts[8000];

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
	snprintf(told_last, sizeof(told_last), "%s", n->text);
	snprintf(told_texts + strlen(told_texts), sizeof(told_texts) - strlen(told_texts), "%s\n",
		 n->text);
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
	put("fx.ini", "[fixture]\nid = FX\nboard = none\n[slot 1]\nusb = 1-1.1\n"
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

/* Until the slot is in this state. */
static void turn_until(size_t slot, enum floor_state state)
{
	int64_t until = clock_ms() + 10000;

	while (desk_slot(desk, slot)->state != state && clock_ms() < until)
		loop_turn(st->loop, clock_ns() + 20000000);
	cr_assert_eq(desk_slot(desk, slot)->state, state, "%s", told);
}

/* While its first step is at work. */
static void kill_worker(void)
{
	int64_t until = clock_ms() + 10000;
	char path[64];
	FILE *f;
	int pid = 0;

	while (!desk_slot(desk, 0)->step_at_ms && clock_ms() < until)
		loop_turn(st->loop, clock_ns() + 20000000);
	snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
	f = fopen(path, "r");
	cr_assert(f && fscanf(f, "%d", &pid) == 1, "no worker");
	fclose(f);
	cr_assert_eq(kill(pid, SIGKILL), 0);
}

/* What the record says was decided: "KIND WHAT SERIAL IS REASON by BY; ". */
static const char *decided(void)
{
	static char text[2000];
	struct store_note *note;
	struct arena a = { 0 };
	struct err err = { 0 };
	size_t n;

	*text = '\0';
	cr_assert_eq(store_notes(&note, &n, &a, st->store, NULL, NULL, NULL, 0, &err), 0, "%s",
		     err.text);
	for (size_t i = 0; i < n; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
			 "%s %s %s%s%s %s by %s; ", note[i].what,
			 note[i].serial ? note[i].serial : "-", note[i].slot ? note[i].slot : "-",
			 note[i].is ? " " : "", note[i].is ? note[i].is : "",
			 note[i].reason ? note[i].reason : "-", note[i].by);
	arena_free(&a);
	return text;
}

/* Lines that a program wrote beside station.conf. */
static const char *written(const char *name)
{
	static char text[4000];
	FILE *f = fopen(at(name), "r");
	size_t n = f ? fread(text, 1, sizeof(text) - 1, f) : 0;

	text[n] = '\0';
	if (f)
		fclose(f);
	return text;
}

static void program(const char *name, const char *text)
{
	put(name, text);
	cr_assert_eq(chmod(at(name), 0755), 0);
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

/* What an operator may not do alone, and what is recorded with a reason. */
Test(desk, an_engineers_orders_need_an_engineers_badge)
{
	static const struct {
		enum floor_do what;
		int reason;
	} order[] = {
		{ FLOOR_DO_MODE, 1 },  { FLOOR_DO_PAUSE, 0 },  { FLOOR_DO_STEP, 0 },
		{ FLOOR_DO_GO, 0 },    { FLOOR_DO_REPEAT, 0 }, { FLOOR_DO_SKIP, 1 },
		{ FLOOR_DO_GRANT, 1 }, { FLOOR_DO_MAP, 1 },
	};
	char badge[PEOPLE_BADGE], engineer[PEOPLE_BADGE];
	struct err err = { 0 };

	begin("[operators]\nlogin = badge\n");
	cr_assert_eq(people_add(badge, st->conf->people, st->conf->badge, "7", "Seven",
				PEOPLE_OPERATOR, "en", &err),
		     0, "%s", err.text);
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

/* Each program is told its event, and what it says of it is recorded. */
Test(desk, what_programs_are_told_and_say_is_recorded)
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
		 "station_error - 2 refused no such queue by %s; ",
		 by, by, by, by);
	cr_expect_str_eq(decided(), want);
	end();
}

/* A run that the station spoiled is told; a failing program is told to the people, once. */
Test(desk, an_error_of_the_station_is_told_to_its_program)
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
Test(desk, a_question_to_the_line_that_is_not_waited_for_is_recorded)
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

Test(desk, each_end_has_its_sound)
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

/* An engineer's hand: what is left out is recorded with its reason before it is; nothing
 * meets another step or unit than the one that was looked at; who is late does nothing. */
Test(desk, an_engineers_order_meets_only_what_it_was_given_to)
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
Test(desk, a_closing_station_waits_for_no_engineer)
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

/* An answer is what was scanned, whole, and nothing else with it: a slip of the hand is no
 * failure of the unit. */
Test(desk, a_scan_answers_a_question_whole_or_not)
{
	static const char *const wrong[] = { "B1\rB2", "\x1b[17~B1",
					     "\x7f"
					     "B1",
					     "B1\n" };
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

Test(desk, plans_are_listed_with_all_findings_and_anew_when_a_file_changes)
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
