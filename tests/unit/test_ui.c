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
	sbuf_reset(&r.sent);
	ui_rig_press(&r, PRESS_DOWN);
	ui_rig_press(&r, PRESS_RIGHT);
	cr_expect_str_eq(sbuf_str(&r.sent), "show slot=- text=r1 serial=- reason=- question=0\n");
	ui_rig_press(&r, PRESS_UP);
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

static const char *row(int y)
{
	static char text[1000];

	mvinnstr(y, 0, text, sizeof(text) - 1);
	return text;
}

static int on_screen(struct ui_rig *r, const char *text)
{
	ui_draw(&r->ui);
	for (int y = 0; y < LINES; y++)
		if (strstr(row(y), text))
			return 1;
	return 0;
}

/* In the view that searches, a scan is a search; what has a meaning of its own keeps it. */
Test(ui, a_badge_or_code_is_no_search)
{
	static const char *const codes[] = { "BADGE.7.123",    "]C0BADGE.7.123", "STATION.REWORK",
					     "STATION.SLOT.2", "SL-0003",        "]d1SL-0003" };
	struct ui_rig r;
	struct sbuf want = { 0 };

	ui_rig_open(&r, "xterm-256color", 24, 80, 4);
	r.slot[2].barcode = "SL-0003";
	ui_rig_press(&r, PRESS_F6);
	sbuf_reset(&r.sent);
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		ui_rig_scan(&r, codes[i]);
		sbuf_printf(&want, "scan slot=- text=%s serial=- reason=- question=0\n", codes[i]);
		cr_expect_not(on_screen(&r, "123"), "%s", codes[i]);
	}
	cr_expect_str_eq(sbuf_str(&r.sent), sbuf_str(&want));
	sbuf_reset(&r.sent);
	ui_rig_scan(&r, "SL-00031");
	cr_expect_str_eq(sbuf_str(&r.sent),
			 "find slot=- text=SL-00031 serial=- reason=- question=0\n");
	cr_expect(on_screen(&r, "SL-00031"));
	sbuf_release(&want);
	ui_rig_close(&r);
}

/* All findings of a plan are there, and what has changed on disk is seen without a key: the
 * view asks again, whoever reads on keeps the place, and no word is said of it. */
Test(ui, plans_and_failing_steps_are_asked_again_while_they_are_looked_at)
{
	const char *plan[24] = { "plans/new.ini", "New board", "1", "18", "0" };
	const char **plans[] = { plan };
	char text[18][48];
	struct ui_rig r;

	ui_rig_open(&r, "xterm-256color", 24, 80, 4);
	for (int i = 0; i < 18; i++) {
		snprintf(text[i], sizeof(text[i]), "plans/new.ini:%d: error", i + 1);
		plan[5 + i] = text[i];
	}
	ui_rig_press(&r, PRESS_F8);
	ui_reply(&r.ui,
		 &(struct floor_reply){ .id = r.id, .ok = 1, .text = "", .row = plans, .rows = 1 });
	ui_rig_press(&r, PRESS_PAGE_DOWN);
	cr_expect(ui_rig_golden(&r, "plans-findings"));
	sbuf_reset(&r.sent);
	ui_heard(&r.ui, clock_ms());
	cr_expect_str_eq(sbuf_str(&r.sent), "", "not yet");
	ui_rig_after(&r, UI_AGAIN_MS);
	ui_heard(&r.ui, clock_ms());
	cr_expect_str_eq(sbuf_str(&r.sent), "plans slot=- text= serial=- reason=- question=0\n");
	ui_reply(&r.ui,
		 &(struct floor_reply){ .id = r.id, .ok = 1, .text = "", .row = plans, .rows = 1 });
	cr_expect(ui_rig_golden(&r, "plans-findings"), "the place is kept");
	ui_notice(&r.ui, &(struct floor_notice){ FLOOR_NOTICE_NO, NULL, "no", "no_plan" });
	ui_rig_after(&r, UI_AGAIN_MS);
	ui_heard(&r.ui, clock_ms());
	ui_reply(&r.ui, &(struct floor_reply){ .id = r.id, .ok = 1, .text = "0 plans in plans" });
	cr_expect_str_eq(sbuf_str(&r.ui.message.text), "no", "nobody asked");
	ui_rig_press(&r, PRESS_F7);
	sbuf_reset(&r.sent);
	ui_rig_after(&r, UI_AGAIN_MS);
	ui_heard(&r.ui, clock_ms());
	cr_expect_str_eq(sbuf_str(&r.sent), "shift slot=- text= serial=- reason=- question=0\n");
	ui_rig_press(&r, PRESS_F1); /* a view that shows nothing of the station */
	sbuf_reset(&r.sent);
	ui_rig_after(&r, UI_AGAIN_MS);
	ui_heard(&r.ui, clock_ms());
	cr_expect_str_eq(sbuf_str(&r.sent), "");
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
	ui_notice(&r.ui,
		  &(struct floor_notice){ FLOOR_NOTICE_INFO, "1", "unit A1 on slot 1", "starts" });
	ui_gone(&r.ui, 1, NULL);
	ui_gone(&r.ui, 1, "it died");
	cr_expect_eq(r.ui.message.there, 0, "that run is over");
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

/* --- numbers --- */

static int has(struct ui_rig *r, const char *text)
{
	ui_draw(&r->ui);
	return strstr(row(0), text) || strstr(row(1), text);
}

Test(ui, the_status_says_no_better_than_it_is)
{
	struct ui_rig r;

	ui_rig_open(&r, "xterm-256color", 24, 80, 4);
	r.status.shift_first = 3000;
	r.status.shift_first_passed = 2999;
	cr_expect(has(&r, "first pass 99.9 % n=3000"), "%s", row(1));
	ui_rig_press(&r, PRESS_F7);
	cr_expect(ui_rig_golden(&r, "shift-all-but-one"));
	ui_rig_press(&r, PRESS_F7);
	r.status.shift_first_passed = 3000;
	cr_expect(has(&r, "first pass 100.0 % n=3000"), "%s", row(1));
	r.status.shift_first_passed = 1;
	cr_expect(has(&r, "first pass 0.1 % n=3000"), "%s", row(1));
	r.status.shift_first_passed = 0;
	cr_expect(has(&r, "first pass 0.0 % n=3000"), "%s", row(1));
	r.status.shift_first = 0; /* retests only */
	cr_expect_not(has(&r, "first pass"), "%s", row(1));
	r.status.units_per_hour = -1;
	cr_expect_not(has(&r, "/h"), "unknown is no number: %s", row(1));
	r.status.units_per_hour = 0;
	cr_expect(has(&r, " 0/h"), "%s", row(1));
	r.status.calibration_days = 1;
	cr_expect(has(&r, "cal. 1 d"), "%s", row(1));
	r.status.calibration_days = 0; /* the day from which on nothing starts */
	cr_expect(has(&r, "cal. overdue"), "%s", row(1));
	r.status.queued = 3;
	cr_expect(has(&r, "recorded, 3 queued"), "%s", row(1));
	r.status.record_ok = 0;
	r.status.record_text = "disk full";
	cr_expect(has(&r, "RECORD: disk full") && !has(&r, "recorded"), "%s", row(1));
	r.status.plan = "A board with a name that is longer than any line has room for";
	cr_expect(has(&r, "A. Meier (operator)") && has(&r, " A board with") && has(&r, " rev. 7 "),
		  "%s", row(0));
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
	cr_expect(on_screen(&r, "plug the board in") && on_screen(&r, "close the lid"));
	resize_term(43, 132);
	ui_rig_run(&r, 0);
	r.slot[0].instruction = "close the lid";
	cr_expect(on_screen(&r, "image 3 of 9") && on_screen(&r, "close the lid"));
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
		for (const char *p = row(y); *p; p++) {
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

Test(ui, the_console_of_one_run_is_not_taken_for_that_of_the_next)
{
	struct ui_rig r;

	ui_rig_open(&r, "xterm-256color", 24, 80, 4);
	ui_rig_end(&r, 0, VERDICT_FAIL);
	r.slot[0].instruction = "check the antenna cable at J7";
	ui_rig_press(&r, PRESS_F4);
	ui_console(&r.ui, 0, "first unit\\n", 12);
	ui_measure(&r.ui, 0, "w.waited = 1 s");
	cr_expect(on_screen(&r, "check the antenna cable at J7"));
	cr_expect_not(on_screen(&r, "run before"), "it is of the run that is shown");
	r.slot[0].state = FLOOR_IN; /* another board */
	r.slot[0].instruction = "close the lid";
	cr_expect(on_screen(&r, "console of the run before"));
	cr_expect(on_screen(&r, "measured in the run before"));
	cr_expect_not(on_screen(&r, "close the lid"), "of no FAIL");
	ui_console(&r.ui, 2, "", 0);
	cr_expect(on_screen(&r, "first unit"), "a run began elsewhere");
	ui_rig_run(&r, 0);
	ui_console(&r.ui, 0, "", 0);
	ui_console(&r.ui, 0, "second unit\\n", 13);
	cr_expect(on_screen(&r, "second unit"));
	cr_expect_not(on_screen(&r, "first unit"));
	cr_expect_not(on_screen(&r, "w.waited"));
	cr_expect_not(on_screen(&r, "run before"));
	ui_rig_close(&r);
}

/* The lines are as wide as the screen is now. */
Test(ui, a_product_has_the_room_that_there_is)
{
	const char *short_one[] = { "AS1",  "MT3620-RDB-LONG-NAME", "FCT", "2",
				    "PASS", "2026-11-27 10:01",     "r1",  NULL };
	const char *long_one[] = { "01040123456789011721AS2601004711X",
				   "MT3620-RDB-LONG-NAME",
				   "FCT",
				   "2",
				   "PASS",
				   "2026-11-27 10:01",
				   "r1",
				   NULL };
	const char *hostile[] = { "AS2",
				  "PRODUCT-THAT-IS-LONGER-THAN-ANY-SCREEN-IS-WIDE-"
				  "PRODUCT-THAT-IS-LONGER-THAN-ANY-SCREEN-IS-WIDE-AND-MORE",
				  "FCT",
				  "2",
				  "PASS",
				  "2026-11-27 10:01",
				  "r1",
				  NULL };
	const char **rows[] = { short_one };
	struct floor_reply reply = { .ok = 1, .text = "", .row = rows, .rows = 1 };
	struct ui_rig r;

	ui_rig_open(&r, "xterm-256color", 24, 80, 4);
	ui_rig_press(&r, PRESS_F6);
	reply.id = r.id;
	ui_reply(&r.ui, &reply);
	cr_expect(on_screen(&r, "AS1          MT3620-RDB-LONG-NAME FCT "), "%s", row(4));
	cr_expect(on_screen(&r, "2026-11-27 10:01"));
	rows[0] = long_one;
	ui_reply(&r.ui, &reply);
	cr_expect(on_screen(&r, "AS2601004711X MT3620-RDB-"));
	cr_expect_not(on_screen(&r, "MT3620-RDB-LONG-NAME"), "there is no room");
	cr_expect(on_screen(&r, "2026-11-27 10:01"));
	resize_term(24, 132);
	cr_expect(on_screen(&r, "01040123456789011721AS2601004711X MT3620-RDB-LONG-NAME FCT "));
	cr_expect(on_screen(&r, "2026-11-27 10:01"));
	rows[0] = hostile;
	ui_reply(&r.ui, &reply);
	cr_expect(on_screen(&r, "AS2 "));
	cr_expect(on_screen(&r, "2026-11-27 10:01"));
	ui_rig_close(&r);
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
