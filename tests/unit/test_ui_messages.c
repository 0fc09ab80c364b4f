/* What the screen says, for how long, and what it never shows. */
#include <criterion/criterion.h>
#include <curses.h>
#include <stdio.h>

#include "tests/unit/ui_rig.h"

TestSuite(ui_messages, .timeout = 30);

Test(ui_messages, notices_stay_until_the_next_scan)
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

Test(ui_messages, what_was_asked_stays_a_question_when_its_reply_says_the_same)
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

Test(ui_messages, news_take_the_place_of_a_refusal_only_when_it_can_have_been_read)
{
	static const struct floor_notice no = { FLOOR_NOTICE_NO, NULL, "wrong label", "x" },
					 news = { FLOOR_NOTICE_INFO, "2", "news", "starts" },
					 ill = { FLOOR_NOTICE_BAD, NULL, "disk is full", "y" };
	struct ui_rig r;

	ui_rig_open(&r, "xterm-256color", 24, 80, 4);
	ui_notice(&r.ui, &no);
	ui_rig_after(&r, UI_READ_MS - 1);
	ui_notice(&r.ui, &news);
	cr_expect(ui_rig_tells(&r, "wrong label"));
	ui_notice(&r.ui, &ill);
	cr_expect(ui_rig_tells(&r, "disk is full"), "what is worse takes its place");
	ui_rig_after(&r, UI_READ_MS);
	ui_notice(&r.ui, &news);
	cr_expect(ui_rig_tells(&r, "news"));
	ui_notice(&r.ui, &no);
	ui_rig_scan(&r, "AS01");
	ui_notice(&r.ui, &news);
	cr_expect(ui_rig_tells(&r, "news"), "whoever scans has read it");
	ui_notice(&r.ui, &no);
	ui_reply(&r.ui, &(struct floor_reply){ .ok = 1, .text = "slot 2: answered", .code = "z" });
	cr_expect(ui_rig_tells(&r, "answered"), "the answer to what was done here");
	ui_rig_close(&r);
}

/* The fonts of a Linux console have blocks and lines, and no check marks. */
Test(ui_messages, a_console_gets_what_its_font_has)
{
	struct ui_rig r;

	ui_rig_open(&r, "linux", 25, 80, 4);
	ui_rig_end(&r, 0, VERDICT_PASS);
	ui_rig_end(&r, 1, VERDICT_FAIL);
	ui_rig_end(&r, 2, VERDICT_ERROR);
	cr_expect(ui_rig_tells(&r, ">1  + PASS"));
	cr_expect(ui_rig_tells(&r, " X FAIL"));
	cr_expect(ui_rig_tells(&r, " ! ERROR"));
	cr_expect(ui_rig_tells(&r, "\u2588"), "block letters");
	cr_expect_not(ui_rig_tells(&r, "#"));
	ui_rig_press(&r, PRESS_F9);
	cr_expect(ui_rig_tells(&r, "\u2500"), "frames");
	ui_rig_close(&r);
}

/* What a tile has no room for is told below it, and old news do not hide it. */
Test(ui_messages, old_news_give_way_to_the_whole_text_of_a_tile)
{
	static const struct floor_notice news = { FLOOR_NOTICE_INFO, "2", "news", "starts" };
	struct ui_rig r;

	ui_rig_open(&r, "xterm-256color", 24, 80, 4);
	ui_rig_end(&r, 1, VERDICT_FAIL);
	r.slot[1].fail_note = "pins 2-3 and 4-5 are shorted together behind the plug J3";
	ui_notice(&r.ui, &news);
	cr_expect(ui_rig_tells(&r, "news"));
	cr_expect_not(ui_rig_tells(&r, "behind the plug J3"));
	cr_expect(ui_due(&r.ui) <= r.ui.now_ms + UI_NEWS_MS, "it is drawn again by then");
	ui_rig_after(&r, UI_NEWS_MS);
	cr_expect_not(ui_rig_tells(&r, "news"));
	cr_expect(ui_rig_tells(&r, "behind the plug J3"));
	r.slot[1].fail_note = "";
	cr_expect(ui_rig_tells(&r, "news"), "when there is nothing else to tell");
	ui_rig_close(&r);
}

Test(ui_messages, nobody_is_told_to_log_in_before_anything_else)
{
	struct ui_rig r;

	ui_rig_open(&r, "xterm-256color", 24, 80, 4);
	r.status.person = r.status.person_name = "";
	r.slot[0].state = FLOOR_IN;
	r.slot[0].instruction = "close the lid";
	cr_expect(ui_rig_tells(&r, "LOGIN"));
	cr_expect(ui_rig_tells(&r, "PLEASE: scan your badge"));
	cr_expect_not(ui_rig_tells(&r, "scan the unit"));
	cr_expect_not(ui_rig_tells(&r, "close the lid"));
	cr_expect_not(ui_rig_tells(&r, "put a unit in"));
	r.status.person = "7";
	cr_expect(ui_rig_tells(&r, "scan the unit"));
	cr_expect(ui_rig_tells(&r, "close the lid"));
	cr_expect(ui_rig_tells(&r, "put a unit in"), "slot 2");
	cr_expect_not(ui_rig_tells(&r, "scan your badge"));
	r.status.person = "";
	r.status.login = 0;
	cr_expect(ui_rig_tells(&r, "scan the unit"), "no login is asked for");
	ui_rig_close(&r);
}

Test(ui_messages, how_a_unit_gets_a_disposition_is_told_where_there_is_room)
{
	static const char how[] = "or F9";
	static const struct floor_notice used_up = {
		FLOOR_NOTICE_NO, NULL,
		"unit AS1 has used up its 3 attempts; it needs a disposition, or one more attempt "
		"granted by an engineer",
		"attempts_used_up"
	};
	struct floor_notice longer = used_up;
	struct ui_rig r;

	ui_rig_open(&r, "xterm-256color", 24, 80, 2);
	ui_rig_end(&r, 0, VERDICT_FAIL);
	r.slot[0].attempt = 2;
	r.slot[0].attempts_max = 3;
	cr_expect_not(ui_rig_tells(&r, "disposition"), "there is one more try");
	r.slot[0].attempt = 3;
	cr_expect(ui_rig_tells(&r, "disposition: scan its code"));
	r.slot[0].attempt = r.slot[0].attempts_max = 0;
	cr_expect_not(ui_rig_tells(&r, "disposition"), "the run does not count");
	ui_notice(&r.ui, &used_up);
	cr_expect(ui_rig_tells(&r, how));
	longer.text =
		"unit 01040123456789011721AS2601004711 has used up its 3 attempts; it needs a "
		"disposition, or one more attempt granted by an engineer; recorded as FAIL "
		"on 2026-11-27 at 14:03 and not seen by anybody at this station";
	ui_notice(&r.ui, &longer);
	cr_expect_not(ui_rig_tells(&r, how));
	cr_expect(ui_rig_tells(&r, "at this station"), "what is said is not cut for it");
	longer = used_up;
	longer.code = "scrapped";
	ui_notice(&r.ui, &longer);
	cr_expect_not(ui_rig_tells(&r, how));
	ui_rig_close(&r);
}

/* A scan of a badge that nobody has leads nowhere. */
Test(ui_messages, where_nobody_has_a_badge_it_says_who_makes_one)
{
	static const char todo[] = "an engineer runs station people add";
	struct ui_rig r;

	ui_rig_open(&r, "xterm-256color", 43, 132, 1);
	r.status.person = r.status.person_name = "";
	r.status.no_badges = 1;
	r.slot[0].state = FLOOR_IN;
	ui_rig_picture(&r);
	cr_expect(ui_rig_tells(&r, todo));
	cr_expect_not(ui_rig_tells(&r, "scan your badge"));
	r.slot[0].state = FLOOR_OUT;
	cr_expect(ui_rig_tells(&r, todo));
	cr_expect_not(ui_rig_tells(&r, "scan your badge"));
	r.status.no_badges = 0;
	cr_expect(ui_rig_tells(&r, "scan your badge"));
	cr_expect_not(ui_rig_tells(&r, todo));
	ui_rig_close(&r);
}

/* A badge is a secret: no view looks for it, none shows it. */
Test(ui_messages, a_badge_is_a_badge_in_every_view)
{
	static const enum input_key key[] = { PRESS_F1, PRESS_F4, PRESS_F6, PRESS_F7, PRESS_F8 };
	static const char *const ours[] = { "BADGE.1184.0123", "]C1BADGE.1184.0123",
					    "STATION.LOGOUT" };
	char must[100];
	struct ui_rig r;

	ui_rig_open(&r, "xterm-256color", 24, 80, 4);
	for (size_t i = 0; i < sizeof(key) / sizeof(key[0]); i++) {
		ui_rig_press(&r, key[i]);
		for (size_t k = 0; k < sizeof(ours) / sizeof(ours[0]); k++) {
			sbuf_reset(&r.sent);
			ui_rig_scan(&r, ours[k]);
			snprintf(must, sizeof(must),
				 "scan slot=- text=%s serial=- reason=- question=0\n", ours[k]);
			cr_expect_str_eq(sbuf_str(&r.sent), must, "in view %zu", i);
			cr_expect_not(ui_rig_tells(&r, "0123"));
		}
		ui_rig_press(&r, PRESS_ESC);
	}
	ui_rig_close(&r);
}
