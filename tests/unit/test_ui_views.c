/* Views: what they show, what they ask the station, and what a scan means in them. */
#include <criterion/criterion.h>
#include <curses.h>
#include <stdio.h>

#include "base/clock.h"
#include "tests/unit/ui_rig.h"

TestSuite(ui_views, .timeout = 30);

/* To what was asked last. */
static void answer(struct ui_rig *r, const char ***row, size_t rows)
{
	ui_reply(&r->ui, &(struct floor_reply){
				 .id = r->id, .ok = 1, .text = "", .row = row, .rows = rows });
}

Test(ui_views, views)
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
	answer(&r, plans, 2);
	cr_expect(ui_rig_golden(&r, "plans"));
	ui_rig_press(&r, PRESS_F7);
	answer(&r, steps, 2);
	cr_expect(ui_rig_golden(&r, "shift"));
	ui_rig_press(&r, PRESS_F6);
	answer(&r, units, 2);
	ui_rig_press(&r, PRESS_DOWN);
	cr_expect(ui_rig_golden(&r, "units"));
	sbuf_reset(&r.sent);
	ui_rig_press(&r, PRESS_RIGHT);
	cr_expect_str_eq(sbuf_str(&r.sent),
			 "runs slot=- text=AS00000002 serial=- reason=- question=0 "
			 "product=RDB process=FCT\n");
	answer(&r, runs, 2);
	cr_expect(ui_rig_golden(&r, "runs"));
	sbuf_reset(&r.sent);
	ui_rig_press(&r, PRESS_ENTER);
	cr_expect_str_eq(sbuf_str(&r.sent), "show slot=- text=r2 serial=- reason=- question=0\n");
	answer(&r, report, 1);
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

/* In the view that searches, a scan is a search; what has a meaning of its own keeps it. */
Test(ui_views, a_badge_or_code_is_no_search)
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
		cr_expect_not(ui_rig_tells(&r, "123"), "%s", codes[i]);
	}
	cr_expect_str_eq(sbuf_str(&r.sent), sbuf_str(&want));
	sbuf_reset(&r.sent);
	ui_rig_scan(&r, "SL-00031");
	cr_expect_str_eq(sbuf_str(&r.sent),
			 "find slot=- text=SL-00031 serial=- reason=- question=0\n");
	cr_expect(ui_rig_tells(&r, "SL-00031"));
	sbuf_release(&want);
	ui_rig_close(&r);
}

/* All findings of a plan are there, and what has changed on disk is seen without a key: the
 * view asks again, whoever reads on keeps the place, and no word is said of it. */
Test(ui_views, plans_and_failing_steps_are_asked_again_while_they_are_looked_at)
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
	answer(&r, plans, 1);
	ui_rig_press(&r, PRESS_PAGE_DOWN);
	cr_expect(ui_rig_golden(&r, "plans-findings"));
	sbuf_reset(&r.sent);
	ui_heard(&r.ui, clock_ms());
	cr_expect_str_eq(sbuf_str(&r.sent), "", "not yet");
	ui_rig_after(&r, UI_AGAIN_MS);
	ui_heard(&r.ui, clock_ms());
	cr_expect_str_eq(sbuf_str(&r.sent), "plans slot=- text= serial=- reason=- question=0\n");
	answer(&r, plans, 1);
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

Test(ui_views, a_slot_is_watched_again_when_the_station_is_back)
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

Test(ui_views, the_console_of_one_run_is_not_taken_for_that_of_the_next)
{
	struct ui_rig r;

	ui_rig_open(&r, "xterm-256color", 24, 80, 4);
	ui_rig_end(&r, 0, VERDICT_FAIL);
	r.slot[0].instruction = "check the antenna cable at J7";
	ui_rig_press(&r, PRESS_F4);
	ui_console(&r.ui, 0, "first unit\\n", 12);
	ui_measure(&r.ui, 0, "w.waited = 1 s");
	cr_expect(ui_rig_tells(&r, "check the antenna cable at J7"));
	cr_expect_not(ui_rig_tells(&r, "run before"), "it is of the run that is shown");
	r.slot[0].state = FLOOR_IN; /* another board */
	r.slot[0].instruction = "close the lid";
	cr_expect(ui_rig_tells(&r, "console of the run before"));
	cr_expect(ui_rig_tells(&r, "measured in the run before"));
	cr_expect_not(ui_rig_tells(&r, "close the lid"), "of no FAIL");
	ui_console(&r.ui, 2, "", 0);
	cr_expect(ui_rig_tells(&r, "first unit"), "a run began elsewhere");
	ui_rig_run(&r, 0);
	ui_console(&r.ui, 0, "", 0);
	ui_console(&r.ui, 0, "second unit\\n", 13);
	cr_expect(ui_rig_tells(&r, "second unit"));
	cr_expect_not(ui_rig_tells(&r, "first unit"));
	cr_expect_not(ui_rig_tells(&r, "w.waited"));
	cr_expect_not(ui_rig_tells(&r, "run before"));
	ui_rig_close(&r);
}

/* The lines are as wide as the screen is now. */
Test(ui_views, a_product_has_the_room_that_there_is)
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
	cr_expect(ui_rig_tells(&r, "AS1          MT3620-RDB-LONG-NAME FCT "), "%s", ui_rig_row(4));
	cr_expect(ui_rig_tells(&r, "2026-11-27 10:01"));
	rows[0] = long_one;
	ui_reply(&r.ui, &reply);
	cr_expect(ui_rig_tells(&r, "AS2601004711X MT3620-RDB-"));
	cr_expect_not(ui_rig_tells(&r, "MT3620-RDB-LONG-NAME"), "there is no room");
	cr_expect(ui_rig_tells(&r, "2026-11-27 10:01"));
	resize_term(24, 132);
	cr_expect(ui_rig_tells(&r, "01040123456789011721AS2601004711X MT3620-RDB-LONG-NAME FCT "));
	cr_expect(ui_rig_tells(&r, "2026-11-27 10:01"));
	rows[0] = hostile;
	ui_reply(&r.ui, &reply);
	cr_expect(ui_rig_tells(&r, "AS2 "));
	cr_expect(ui_rig_tells(&r, "2026-11-27 10:01"));
	ui_rig_close(&r);
}
