/* The screen as a whole: at every size, what it says of runs and when a verdict counts as seen. */
#include <criterion/criterion.h>
#include <curses.h>
#include <string.h>

#include "base/clock.h"
#include "tests/unit/ui_rig.h"
#include "ui/draw.h"
#include "ui/lang.h"

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

/* In one of the two lines of the status. */
static int has(struct ui_rig *r, const char *text)
{
	ui_draw(&r->ui);
	return strstr(ui_rig_row(0), text) || strstr(ui_rig_row(1), text);
}

Test(ui, the_status_says_no_better_than_it_is)
{
	struct ui_rig r;

	ui_rig_open(&r, "xterm-256color", 24, 80, 4);
	r.status.shift_first = 3000;
	r.status.shift_first_passed = 2999;
	cr_expect(has(&r, "first pass 99.9 % n=3000"), "%s", ui_rig_row(1));
	ui_rig_press(&r, PRESS_F7);
	cr_expect(ui_rig_golden(&r, "shift-all-but-one"));
	ui_rig_press(&r, PRESS_F7);
	r.status.shift_first_passed = 3000;
	cr_expect(has(&r, "first pass 100.0 % n=3000"), "%s", ui_rig_row(1));
	r.status.shift_first_passed = 1;
	cr_expect(has(&r, "first pass 0.1 % n=3000"), "%s", ui_rig_row(1));
	r.status.shift_first_passed = 0;
	cr_expect(has(&r, "first pass 0.0 % n=3000"), "%s", ui_rig_row(1));
	r.status.shift_first = 0; /* retests only */
	cr_expect_not(has(&r, "first pass"), "%s", ui_rig_row(1));
	r.status.units_per_hour = -1;
	cr_expect_not(has(&r, "/h"), "unknown is no number: %s", ui_rig_row(1));
	r.status.units_per_hour = 0;
	cr_expect(has(&r, " 0/h"), "%s", ui_rig_row(1));
	r.status.calibration_days = 1;
	cr_expect(has(&r, "cal. 1 d"), "%s", ui_rig_row(1));
	r.status.calibration_days = 0; /* the day from which on nothing starts */
	cr_expect(has(&r, "cal. overdue"), "%s", ui_rig_row(1));
	r.status.queued = 3;
	cr_expect(has(&r, "recorded, 3 queued"), "%s", ui_rig_row(1));
	r.status.record_ok = 0;
	r.status.record_text = "disk full";
	cr_expect(has(&r, "RECORD: disk full") && !has(&r, "recorded"), "%s", ui_rig_row(1));
	r.status.plan = "A board with a name that is longer than any line has room for";
	cr_expect(has(&r, "A. Meier (operator)") && has(&r, " A board with") && has(&r, " rev. 7 "),
		  "%s", ui_rig_row(0));
	cr_expect_float_eq(draw_percent(995, 1000, 1), 99, 1e-9);
	cr_expect_float_eq(draw_percent(2, 3, 0.1), 100.0 * 2 / 3, 1e-9);
	ui_rig_close(&r);
}

Test(ui, what_the_plan_says_is_read_before_the_test)
{
	struct ui_rig r;

	ui_rig_open(&r, "xterm-256color", 24, 80, 4);
	r.slot[0].state = FLOOR_SCANNED;
	r.slot[0].serial = "AS00000001";
	r.slot[0].instruction = "close the lid";
	cr_expect(ui_rig_tells(&r, "plug the board in") && ui_rig_tells(&r, "close the lid"));
	resize_term(43, 132);
	ui_rig_run(&r, 0);
	r.slot[0].instruction = "close the lid";
	cr_expect(ui_rig_tells(&r, "image 3 of 9") && ui_rig_tells(&r, "close the lid"));
	ui_rig_close(&r);
}

/* Share of the bar that is full, in percent. */
static int bar(struct ui_rig *r)
{
	const char *full = draw_glyph(GLYPH_BAR), *off = draw_glyph(GLYPH_BAR_OFF);
	int n[2] = { 0, 0 };

	ui_draw(&r->ui);
	for (int y = 0; y < LINES && !n[1]; y++) {
		n[0] = n[1] = 0;
		for (const char *p = ui_rig_row(y); *p; p++) {
			n[0] += !strncmp(p, full, strlen(full));
			n[1] += !strncmp(p, off, strlen(off));
		}
	}
	cr_assert(n[1], "no bar");
	return 100 * n[0] / (n[0] + n[1]);
}

Test(ui, the_bar_goes_by_the_history_or_else_by_the_steps)
{
	struct ui_rig r;
	struct floor_slot *s;
	int n;

	ui_rig_open(&r, "xterm-256color", 24, 80, 1);
	ui_rig_run(&r, 0);
	s = &r.slot[0];
	/* 30 s are over of 90, and 12 of the 30 of this step. */
	n = bar(&r);
	cr_expect(n >= 43 && n <= 47, "%d", n);
	s->step_at_ms = 0; /* it waits to begin */
	n = bar(&r);
	cr_expect(n >= 30 && n <= 34, "%d", n);
	s->step_at_ms = 1; /* it takes longer than ever */
	n = bar(&r);
	cr_expect(n >= 63 && n <= 67, "%d", n);
	s->before_ms = 90000;
	n = bar(&r);
	cr_expect(n >= 96, "never full: %d", n);
	s->expected_ms = s->step_expected_ms = -1; /* step 3 of 7, and 0.4 of it */
	n = bar(&r);
	cr_expect(n >= 31 && n <= 35, "%d", n);
	s->step = 6;
	s->done = 1;
	n = bar(&r);
	cr_expect(n >= 96, "never full: %d", n);
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

static void draw(struct ui_rig *r)
{
	ui_draw(&r->ui);
	ui_flushed(&r->ui);
}

Test(ui, a_verdict_that_a_dialogue_covers_is_not_shown)
{
	struct ui_rig r;

	ui_rig_open(&r, "xterm-256color", 24, 80, 4);
	ui_rig_press(&r, PRESS_F9); /* it covers the lower two of the four tiles */
	cr_assert_eq(r.ui.dialogue.kind, DIALOGUE_CHOICE);
	ui_rig_end(&r, 0, VERDICT_FAIL);
	ui_rig_end(&r, 3, VERDICT_FAIL);
	draw(&r);
	cr_expect_str_eq(sbuf_str(&r.shown), "run-1\n");
	cr_expect(r.ui.ring, "the bell is for both");
	r.ui.ring = 0;
	ui_rig_press(&r, PRESS_ESC);
	draw(&r);
	cr_expect_str_eq(sbuf_str(&r.shown), "run-1\nrun-4\n");
	ui_rig_press(&r, PRESS_F1);
	draw(&r);
	ui_rig_press(&r, PRESS_F1);
	draw(&r);
	cr_expect_not(r.ui.ring, "once");
	ui_rig_close(&r);
}

static void reply_row(struct ui_rig *r, enum floor_do to, const char **row)
{
	ui_reply(&r->ui, &(struct floor_reply){ .id = r->ui.asked[to],
						.ok = 1,
						.text = "",
						.code = "",
						.row = &row,
						.rows = 1 });
}

Test(ui, a_report_is_shown_when_the_terminal_has_it)
{
	const char *unit[] = { "A1", "P", "FCT", "1", "FAIL", "2026-11-29 10:00", "run-9", NULL };
	const char *run[] = { "run-9", "1", "2026-11-29 10:00", "FAIL", "w", "1", "S", NULL };
	const char *report[] = { "FAIL", NULL };
	struct ui_rig r;

	ui_rig_open(&r, "xterm-256color", 24, 80, 4);
	ui_rig_press(&r, PRESS_F6);
	reply_row(&r, FLOOR_DO_FIND, unit);
	ui_rig_press(&r, PRESS_RIGHT);
	reply_row(&r, FLOOR_DO_RUNS, run);
	ui_rig_press(&r, PRESS_RIGHT);
	ui_rig_press(&r, PRESS_F9);
	reply_row(&r, FLOOR_DO_SHOW, report);
	draw(&r);
	cr_expect_str_eq(sbuf_str(&r.shown), "", "below a dialogue");
	ui_rig_press(&r, PRESS_ESC);
	ui_draw(&r.ui);
	cr_expect_str_eq(sbuf_str(&r.shown), "", "on its way");
	ui_flushed(&r.ui);
	draw(&r);
	cr_expect_str_eq(sbuf_str(&r.shown), "run-9\n", "once");
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

	for (int narrow = 0; narrow < 2; narrow++) { /* one row or one column */
		ui_rig_open(&r, "xterm-256color", 24 - !narrow, 80 - narrow, 4);
		ui_rig_run(&r, 0);
		ui_rig_press(&r, PRESS_F5);
		ui_rig_press(&r, PRESS_F12);
		cr_expect_eq(r.commands, 0, "%d x %d", COLS, LINES);
		ui_rig_close(&r);
	}

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
