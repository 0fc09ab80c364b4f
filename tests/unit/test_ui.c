#include <criterion/criterion.h>
#include <curses.h>
#include <stdio.h>

#include "ui/lang.h"
#include "base/clock.h"
#include "tests/unit/ui_rig.h"

TestSuite(ui, .timeout = 30);

/* Every state at every size: text, then styles. */
static const struct shot {
	const char *name, *term;
	int rows, cols;
	size_t slots;
} shots[] = {
	{ "80x24-1", "xterm-256color", 24, 80, 1 },
	{ "80x24-4", "xterm-256color", 24, 80, 4 },
	{ "80x24-8", "xterm-256color", 24, 80, 8 },
	{ "80x24-32", "xterm-256color", 24, 80, 32 },
	{ "132x43-4", "xterm-256color", 43, 132, 4 },
	{ "132x43-8", "xterm-256color", 43, 132, 8 },
	{ "132x43-16", "xterm-256color", 43, 132, 16 },
	{ "300x90-32", "xterm-256color", 90, 300, 32 },
	{ "vt220-4", "vt220", 24, 80, 4 },
	{ "vt220-8", "vt220", 24, 80, 8 },
	{ "linux-4", "linux", 25, 80, 4 },
};

Test(ui, every_state_at_every_size)
{
	for (size_t i = 0; i < sizeof(shots) / sizeof(shots[0]); i++) {
		const struct shot *s = &shots[i];
		struct ui_rig r;

		ui_rig_open(&r, s->term, s->rows, s->cols, s->slots);
		ui_rig_fill(&r);
		cr_expect(ui_rig_golden(&r, s->name), "%s", s->name);
		ui_rig_close(&r);
	}
}

Test(ui, views)
{
	const char *plan[] = { "plans/rdb.ini",
			       "RDB functional test",
			       "7",
			       "0",
			       "1",
			       "plans/rdb.ini:9:1: warning: no limit",
			       NULL };
	const char *wrong[] = { "plans/new.ini",
				"New board",
				"1",
				"2",
				"0",
				"plans/new.ini:4:8: error: unknown key 'wiat'",
				NULL };
	const char **plans[] = { plan, wrong };
	const char *step1[] = { "gpio", "4", NULL }, *step2[] = { "wifi", "3", NULL };
	const char **steps[] = { step1, step2 };
	const char *unit1[] = { "AS00000001",       "RDB", "FCT", "2", "PASS",
				"2026-11-27 10:01", "r1",  NULL };
	const char *unit2[] = { "AS00000002",       "RDB", "FCT", "1", "FAIL",
				"2026-11-27 10:04", "r2",  NULL };
	const char **units[] = { unit1, unit2 };
	const char *run1[] = {
		"r2",  "2", "2026-11-27 10:04:11 UTC", "FAIL", "gpio#1.shorts", "2", "ST-1", "RDB",
		"FCT", NULL
	};
	const char *run2[] = {
		"r1", "0", "2026-11-27 09:55:00 UTC", "PASS", "", "1", "ST-1", "RDB", "FCT", NULL
	};
	const char **runs[] = { run1, run2 };
	const char *line[] = { "unit AS00000002: FAIL", NULL }, **report[] = { line };
	static const char said[] = "U-Boot 2024.01\\r\\nlogin: root\\n# id \\\\n\\x1b[2J";
	struct ui_rig r;

	ui_rig_open(&r, "xterm-256color", 24, 80, 4);
	ui_rig_fill(&r);
	ui_rig_press(&r, PRESS_F1);
	cr_expect(ui_rig_golden(&r, "help"));
	ui_rig_press(&r, PRESS_F8);
	ui_reply(&r.ui,
		 &(struct floor_reply){ .id = r.id, .ok = 1, .text = "", .row = plans, .rows = 2 });
	cr_expect(ui_rig_golden(&r, "plans"));
	ui_rig_press(&r, PRESS_F7);
	ui_reply(&r.ui,
		 &(struct floor_reply){ .id = r.id, .ok = 1, .text = "", .row = steps, .rows = 2 });
	cr_expect(ui_rig_golden(&r, "shift"));
	ui_rig_press(&r, PRESS_F6);
	ui_reply(&r.ui,
		 &(struct floor_reply){ .id = r.id, .ok = 1, .text = "", .row = units, .rows = 2 });
	ui_rig_press(&r, PRESS_DOWN);
	cr_expect(ui_rig_golden(&r, "units"));
	sbuf_reset(&r.sent);
	ui_rig_press(&r, PRESS_RIGHT);
	cr_expect_str_eq(sbuf_str(&r.sent),
			 "runs slot=- text=AS00000002 serial=- reason=- question=0 "
			 "product=RDB process=FCT\n");
	ui_reply(&r.ui,
		 &(struct floor_reply){ .id = r.id, .ok = 1, .text = "", .row = runs, .rows = 2 });
	cr_expect(ui_rig_golden(&r, "runs"));
	sbuf_reset(&r.sent);
	ui_rig_press(&r, PRESS_ENTER);
	cr_expect_str_eq(sbuf_str(&r.sent), "show slot=- text=r2 serial=- reason=- question=0\n");
	ui_reply(&r.ui, &(struct floor_reply){
				.id = r.id, .ok = 1, .text = "", .row = report, .rows = 1 });
	cr_expect(ui_rig_golden(&r, "report"));
	ui_rig_press(&r, PRESS_LEFT);
	cr_expect(ui_rig_golden(&r, "runs"), "back to the runs");
	ui_rig_press(&r, PRESS_LEFT);
	cr_expect(ui_rig_golden(&r, "units"), "back to the units");
	ui_rig_press(&r, PRESS_RIGHT);
	sbuf_reset(&r.sent);
	ui_rig_scan(&r, "AS0042\r");
	cr_expect_str_eq(sbuf_str(&r.sent),
			 "find slot=- text=AS0042\r serial=- reason=- question=0\n");
	ui_reply(&r.ui, &(struct floor_reply){
				.id = r.id - 1, .ok = 1, .text = "", .row = runs, .rows = 2 });
	cr_expect(ui_rig_golden(&r, "units-found"), "what was asked before opens nothing");
	ui_rig_press(&r, PRESS_F6);
	r.ui.selected = 3;
	ui_rig_press(&r, PRESS_F4);
	ui_console(&r.ui, 3, said, sizeof(said) - 1);
	ui_console(&r.ui, 2, "of another slot\n", 16);
	ui_measure(&r.ui, 3, "os.version = 24.06");
	cr_expect(ui_rig_golden(&r, "slot"));
	ui_rig_close(&r);
}

Test(ui, a_slot_is_watched_again_when_the_station_is_back)
{
	static const char watch[] = "watch slot=1 text= serial=- reason=- question=0\n";
	struct ui_rig r;

	ui_rig_open(&r, "xterm-256color", 24, 80, 4);
	ui_rig_press(&r, PRESS_F4);
	cr_expect_str_eq(sbuf_str(&r.sent), watch);
	sbuf_reset(&r.sent);
	ui_gone(&r.ui, 1, NULL);
	ui_gone(&r.ui, 1, "it died");
	cr_expect_str_eq(sbuf_str(&r.sent), "");
	ui_gone(&r.ui, 0, NULL);
	cr_expect_str_eq(sbuf_str(&r.sent), watch);
	ui_rig_close(&r);
}

Test(ui, notices_stay_until_the_next_scan)
{
	struct ui_rig r;

	ui_rig_open(&r, "xterm-256color", 24, 80, 4);
	ui_notice(&r.ui,
		  &(struct floor_notice){
			  FLOOR_NOTICE_NO, NULL,
			  "label 'XX' is none of plan rdb.ini: must be 2 letters and 8 digits",
			  "wrong_format" });
	cr_expect(ui_rig_golden(&r, "notice-no"));
	ui_rig_press(&r, PRESS_F3);
	cr_expect(r.ui.message.there);
	ui_rig_scan(&r, "AS01");
	cr_expect_not(r.ui.message.there);
	ui_notice(&r.ui, &(struct floor_notice){ FLOOR_NOTICE_BAD, "3", "the disk is full", "x" });
	cr_expect(ui_rig_golden(&r, "notice-bad"));
	resize_term(43, 132);
	cr_expect(ui_rig_golden(&r, "notice-large"));
	ui_rig_close(&r);
}

Test(ui, a_verdict_is_shown_when_it_is_drawn)
{
	struct ui_rig r;

	ui_rig_open(&r, "xterm-256color", 24, 80, 4);
	ui_rig_press(&r, PRESS_F1);
	ui_rig_end(&r, 1, VERDICT_PASS);
	ui_changed(&r.ui);
	ui_draw(&r.ui);
	ui_flushed(&r.ui);
	cr_expect_str_eq(sbuf_str(&r.shown), "", "another view is open");
	ui_rig_press(&r, PRESS_F1);
	ui_draw(&r.ui);
	ui_flushed(&r.ui);
	ui_draw(&r.ui);
	ui_flushed(&r.ui);
	cr_expect_str_eq(sbuf_str(&r.shown), "run-2\n", "once");
	cr_expect_not(r.ui.ring);
	ui_rig_end(&r, 2, VERDICT_FAIL);
	ui_draw(&r.ui);
	ui_flushed(&r.ui);
	cr_expect(r.ui.ring);
	ui_rig_close(&r);
}

Test(ui, what_was_asked_stays_a_question_when_its_reply_says_the_same)
{
	static const struct floor_notice n = { FLOOR_NOTICE_ASK, NULL, "which slot is A1 for?",
					       "which_slot" };
	struct ui_rig r;

	ui_rig_open(&r, "xterm", 24, 80, 4);
	ui_notice(&r.ui, &n);
	ui_reply(&r.ui, &(struct floor_reply){ .ok = 1, .text = n.text, .code = n.code });
	cr_expect_eq(r.ui.message.kind, FLOOR_NOTICE_ASK);
	ui_reply(&r.ui, &(struct floor_reply){ .text = "no such slot", .code = "no_such_slot" });
	cr_expect_eq(r.ui.message.kind, FLOOR_NOTICE_NO);
	ui_rig_close(&r);
}

Test(ui, a_station_that_says_nothing_is_told_and_gets_no_orders)
{
	struct ui_rig r;

	ui_rig_open(&r, "xterm", 24, 80, 4);
	ui_rig_fill(&r);
	ui_heard(&r.ui, clock_ms());
	ui_rig_after(&r, 2000);
	ui_rig_scan(&r, "AS1");
	cr_expect_eq(r.commands, 1);
	cr_expect_leq(ui_due(&r.ui), clock_ms() + 1000, "it looks again in time");
	ui_rig_after(&r, 5500);
	cr_expect(ui_rig_golden(&r, "silent-24x80"));
	ui_rig_scan(&r, "AS2");
	ui_rig_press(&r, PRESS_F5);
	ui_rig_press(&r, PRESS_F12);
	cr_expect_eq(r.commands, 1, "what it would do later is not sent: %s", sbuf_str(&r.sent));
	ui_heard(&r.ui, clock_ms());
	ui_rig_scan(&r, "AS3");
	cr_expect_eq(r.commands, 2);
	ui_rig_close(&r);
}

Test(ui, german)
{
	struct ui_rig r;

	ui_rig_open(&r, "xterm-256color", 24, 80, 4);
	ui_rig_fill(&r);
	r.status.language = "de";
	ui_changed(&r.ui);
	cr_expect(ui_rig_golden(&r, "german"));
	ui_rig_press(&r, PRESS_F1);
	cr_expect(ui_rig_golden(&r, "german-help"));
	ui_rig_close(&r);
	lang_set("en");
}

/* One screen for each kind of sentence that the station makes. */
Test(ui, german_sentences)
{
	static const struct {
		const char *name;
		struct floor_notice n;
	} notices[] = {
		{ "german-no",
		  { FLOOR_NOTICE_NO, NULL, "unit AS00000042 passed at 10:12 already; pass it on",
		    "already_passed" } },
		{ "german-ask",
		  { FLOOR_NOTICE_ASK, NULL, "'skip' needs the badge of an engineer: scan it now",
		    "badge_needed" } },
		{ "german-bad",
		  { FLOOR_NOTICE_BAD, "3",
		    "slot 3: interface 'FX09' is plugged in, must be 'FX03'; see the labels of the "
		    "cables",
		    "interface" } },
		{ "german-info",
		  { FLOOR_NOTICE_INFO, "2",
		    "unit AS00000042: plug its board into slot 2, then it starts; recorded as FAIL "
		    "at "
		    "10:12, not seen",
		    "scanned" } },
		{ "german-without-a-row",
		  { FLOOR_NOTICE_NO, NULL, "the line says: not today", "hook_refused" } },
	};
	struct ui_rig r;

	ui_rig_open(&r, "xterm-256color", 43, 132, 4);
	ui_rig_fill(&r);
	r.status.language = "de";
	r.status.record_ok = 0;
	r.status.record_text = "/d/station.db: another program holds the record";
	ui_rig_end(&r, 0, VERDICT_FAIL);
	r.slot[0].fail_note = "pins 2 and 3 are shorted; pin 7 is stuck low";
	ui_rig_end(&r, 2, VERDICT_ERROR);
	r.slot[2].message = "slot 3: reading the OS version: console 'uname -r': no answer in time";
	r.slot[2].todo = "check the unit and its contact to the fixture";
	ui_rig_run(&r, 3);
	r.slot[3].doing = "walking the pins";
	ui_changed(&r.ui);
	for (size_t i = 0; i < sizeof(notices) / sizeof(notices[0]); i++) {
		ui_notice(&r.ui, &notices[i].n);
		cr_expect(ui_rig_golden(&r, notices[i].name));
	}
	ui_rig_close(&r);
	lang_set("en");
}

Test(ui, a_run_that_goes_on_is_no_hurry_and_all_else_is)
{
	struct ui_rig r;

	ui_rig_open(&r, "xterm-256color", 24, 80, 4);
	ui_rig_run(&r, 1);
	ui_slot_changed(&r.ui, 1);
	cr_expect(r.ui.dirty, "it has begun");
	ui_draw(&r.ui);
	r.slot[1].done = 0.5;
	ui_slot_changed(&r.ui, 1);
	cr_expect(!r.ui.dirty);
	cr_expect_eq(ui_due(&r.ui), clock_ms() + 250);
	ui_rig_after(&r, 100);
	ui_slot_changed(&r.ui, 1);
	cr_expect_eq(ui_due(&r.ui), clock_ms() + 150, "more news put nothing off");
	r.slot[1].question = (struct floor_question){ .number = 5, .kind = "pass", .text = "Q" };
	ui_slot_changed(&r.ui, 1);
	cr_expect(r.ui.dirty, "it asks");
	ui_draw(&r.ui);
	r.slot[1].question.number = 0;
	ui_rig_end(&r, 1, VERDICT_FAIL);
	ui_slot_changed(&r.ui, 1);
	cr_expect(r.ui.dirty, "it has ended");
	ui_draw(&r.ui);
	ui_slot_changed(&r.ui, 1);
	cr_expect(r.ui.dirty, "what has ended and changes is never stale");
	ui_rig_close(&r);
}

Test(ui, too_small_and_nobody)
{
	struct ui_rig r;

	ui_rig_open(&r, "xterm-256color", 20, 70, 4);
	ui_rig_run(&r, 0);
	cr_expect(ui_rig_golden(&r, "too-small"));
	ui_rig_press(&r, PRESS_F5);
	ui_rig_press(&r, PRESS_F12);
	cr_expect_eq(r.commands, 0, "nobody sees what a key does");
	ui_rig_scan(&r, "AS01");
	cr_expect_eq(r.commands, 1, "a scan counts");
	ui_rig_close(&r);

	ui_rig_open(&r, "xterm-256color", 24, 80, 0);
	r.status.person = r.status.person_name = "";
	r.status.record_ok = 0;
	r.status.record_text = "the disk is full";
	cr_expect(ui_rig_golden(&r, "nobody"));
	ui_rig_close(&r);
}

/* Text of foreign origin is cut, never escapes its place, never breaks the rest. */
Test(ui, hostile_texts)
{
	static const char evil[] = "\x1b[2J\x07%s%n \xff\xc3 \xe2\x80\xae \xf0\x9f\x98\x80 long "
				   "long long long long long long long long text";
	struct ui_rig r;

	ui_rig_open(&r, "xterm-256color", 24, 80, 8);
	ui_rig_fill(&r);
	for (size_t i = 0; i < 8; i++) {
		struct floor_slot *s = &r.slot[i];

		s->name = s->serial = s->step_title = s->doing = s->message = s->todo = evil;
		s->fail_name = s->fail_value = s->fail_limit = s->instruction = evil;
	}
	r.slot[4].question = (struct floor_question){
		.number = 1, .kind = "text", .text = evil, .picture = evil
	};
	ui_notice(&r.ui, &(struct floor_notice){ FLOOR_NOTICE_NO, evil, evil, evil });
	ui_rig_picture(&r);
	cr_expect(ui_rig_golden(&r, "hostile"));
	ui_rig_close(&r);
}

/* Any size at any moment. */
Test(ui, resize_storm)
{
	struct ui_rig r;

	ui_rig_open(&r, "xterm-256color", 24, 80, 32);
	ui_rig_fill(&r);
	for (int i = 0; i < 600; i++) {
		resize_term(1 + i * 37 % 95, 1 + i * 91 % 320);
		if (i % 5 == 0)
			ui_rig_press(&r, (enum input_key)(PRESS_F1 + i / 5 % 12));
		ui_draw(&r.ui);
		refresh();
	}
	ui_rig_close(&r);
}
