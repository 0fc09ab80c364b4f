/* What the station asks: a question of a step, which slot, whether once more, a badge. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/clock.h"
#include "tests/unit/dialogue_rig.h"
#include "ui/draw.h"

TestSuite(dialogue_questions, .timeout = 60);

Test(dialogue_questions, questions_one_after_the_other)
{
	static const char *pass[] = { "pass", "fail" }, *colour[] = { "red", "green" };

	start(4);
	ask(1, "pass", pass, 2);
	ask(3, "choice", colour, 2);
	cr_expect(ui_rig_golden(&r, "question"));
	PRESS(PRESS_F12);
	sent(""); /* nothing is marked */
	PRESS(PRESS_F1, PRESS_F2);
	sent("");
	PRESS(PRESS_F12);
	sent("answer slot=2 text=fail serial=- reason=- question=8\n");
	r.slot[1].question.number = 0;
	ui_changed(&r.ui);
	PRESS(PRESS_F2, PRESS_F12);
	sent("answer slot=4 text=green serial=- reason=- question=10\n");
	ui_rig_close(&r);
}

/* A question of one slot does not stand in the way of a scan for another. */
Test(dialogue_questions, who_has_scanned_is_asked_before_a_question_that_waits)
{
	static const char *pass[] = { "pass", "fail" };

	start(4);
	ask(1, "pass", pass, 2);
	cr_expect_neq(r.ui.dialogue.question, 0);
	PRESS(PRESS_F1);
	r.status.waits = "scan";
	r.status.waits_text = "AS00000042";
	ui_changed(&r.ui);
	PRESS(PRESS_F12);
	sent(""); /* neither the answer, nor a slot that nobody has marked */
	PRESS(PRESS_F3, PRESS_F12);
	sent("choose slot=3 text= serial=AS00000042 reason=- question=0\n");
	r.status.waits = r.status.waits_text = "";
	ui_changed(&r.ui);
	PRESS(PRESS_F2, PRESS_F12);
	sent("answer slot=2 text=fail serial=- reason=- question=8\n");
	r.slot[1].question.number = 0;
	/* What somebody types is not taken away; put aside, the other one stays so. */
	ask(2, "text", NULL, 0);
	ui_rig_type(&r, "4");
	r.status.waits = "scan";
	r.status.waits_text = "AS00000043";
	ui_changed(&r.ui);
	ui_rig_type(&r, "7");
	PRESS(PRESS_F12);
	sent("answer slot=3 text=47 serial=- reason=- question=9\n");
	r.slot[2].question.number = 0;
	ui_changed(&r.ui);
	PRESS(PRESS_ESC);
	ask(0, "pass", pass, 2);
	PRESS(PRESS_F1, PRESS_F12);
	sent("answer slot=1 text=pass serial=- reason=- question=7\n");
	ui_rig_close(&r);
}

Test(dialogue_questions, the_time_that_is_left_to_answer_is_told)
{
	static const char *pass[] = { "pass", "fail" };
	struct sbuf text = { 0 };

	start(4);
	ask(1, "pass", pass, 2);
	ui_draw(&r.ui);
	draw_dump(&text);
	cr_expect_null(strstr(sbuf_str(&text), " left"));
	r.slot[1].question.until_at_ms = clock_ms() + 83999;
	cr_expect_leq(ui_due(&r.ui), clock_ms() + 1000, "it counts down");
	ui_draw(&r.ui);
	sbuf_reset(&text);
	draw_dump(&text);
	cr_expect(strstr(sbuf_str(&text), "1:23 left"), "%s", sbuf_str(&text));
	ui_rig_after(&r, 80000);
	ui_draw(&r.ui);
	sbuf_reset(&text);
	draw_dump(&text);
	cr_expect(strstr(sbuf_str(&text), "0:03 left"), "%s", sbuf_str(&text));
	sbuf_release(&text);
	ui_rig_close(&r);
}

Test(dialogue_questions, a_question_put_aside_comes_back_by_a_key)
{
	start(4);
	ask(1, "text", NULL, 0);
	PRESS(PRESS_ESC);
	cr_expect_eq(r.ui.dialogue.kind, DIALOGUE_NONE);
	ui_changed(&r.ui);
	cr_expect_eq(r.ui.dialogue.kind, DIALOGUE_NONE);
	PRESS(PRESS_F10);
	ui_rig_type(&r, "ok");
	PRESS(PRESS_F12);
	sent("answer slot=2 text=ok serial=- reason=- question=8\n");
	ui_rig_close(&r);
}

Test(dialogue_questions, a_question_that_is_over_closes)
{
	start(4);
	ask(1, "text", NULL, 0);
	ui_rig_type(&r, "ok");
	r.slot[1].question.number = 9; /* the next one already */
	ui_changed(&r.ui);
	PRESS(PRESS_F12);
	sent(""); /* what was typed was for the other */
	ui_rig_type(&r, "no");
	PRESS(PRESS_F12);
	sent("answer slot=2 text=no serial=- reason=- question=9\n");
	ui_rig_close(&r);
}

Test(dialogue_questions, a_question_for_a_scan_takes_no_key)
{
	start(4);
	ask(1, "scan", NULL, 0);
	cr_expect(ui_rig_golden(&r, "question-scan"));
	PRESS(PRESS_F1, PRESS_F12);
	ui_rig_type(&r, "abc");
	PRESS(PRESS_F12);
	sent("");
	ui_rig_scan(&r, "abc");
	sent("scan slot=- text=abc serial=- reason=- question=0\n");
	ui_rig_close(&r);
}

Test(dialogue_questions, which_slot)
{
	start(12);
	for (size_t i = 0; i < 12; i++)
		r.slot[i].state = i == 2 ? FLOOR_RUNNING : i == 4 ? FLOOR_OUT : FLOOR_IN;
	ui_rig_end(&r, 5, VERDICT_FAIL);
	r.status.waits = "scan";
	r.status.waits_text = "AS00000042";
	ui_changed(&r.ui);
	cr_expect(ui_rig_golden(&r, "which-slot"));
	PRESS(PRESS_F3, PRESS_F12);
	sent(""); /* slot 3 runs */
	PRESS(PRESS_F4, PRESS_F12);
	sent("choose slot=4 text= serial=AS00000042 reason=- question=0\n");
	ui_changed(&r.ui);
	PRESS(PRESS_F2, PRESS_DOWN);
	cr_expect_eq(r.ui.dialogue.picked, 3, "the next one that is free");
	r.status.waits_text = "AS00000043";
	ui_changed(&r.ui);
	PRESS(PRESS_F12);
	sent(""); /* what was marked was for the other scan */
	PRESS(PRESS_F1, PRESS_PAGE_DOWN, PRESS_F3, PRESS_F12);
	sent("choose slot=12 text= serial=AS00000043 reason=- question=0\n");
	r.status.waits = "";
	ui_changed(&r.ui);
	cr_expect_eq(r.ui.dialogue.kind, DIALOGUE_NONE);
	ui_rig_close(&r);
}

/* A scan that may answer one of several slots: those that ask can be chosen by hand. */
Test(dialogue_questions, which_slot_has_asked)
{
	start(3);
	for (size_t i = 0; i < 3; i++) {
		r.slot[i].state = i ? FLOOR_RUNNING : FLOOR_IN;
		r.slot[i].question.number = i == 2 ? 7 : 0;
		r.slot[i].question.kind = "scan";
		r.slot[i].question.text = "Scan the cable";
	}
	r.status.waits = "scan";
	r.status.waits_text = "CABLE-7";
	ui_changed(&r.ui);
	cr_expect(ui_rig_golden(&r, "which-slot-asked"));
	PRESS(PRESS_F2, PRESS_F12);
	sent(""); /* slot 2 runs and asks nothing */
	PRESS(PRESS_F3, PRESS_F12);
	sent("choose slot=3 text= serial=CABLE-7 reason=- question=0\n");
	ui_changed(&r.ui);
	r.slot[2].question.kind = "choice"; /* no scan answers that */
	PRESS(PRESS_ESC);
	r.status.waits_text = "CABLE-8";
	ui_changed(&r.ui);
	ui_draw(&r.ui);
	PRESS(PRESS_F3, PRESS_F12);
	sent("");
	ui_rig_close(&r);
}

Test(dialogue_questions, what_was_put_aside_stays_so_however_long_its_text_is)
{
	char label[200];

	memset(label, 'A', sizeof(label) - 1);
	label[sizeof(label) - 1] = '\0';
	ui_rig_open(&r, "xterm", 24, 80, 2);
	r.status.waits = "scan";
	r.status.waits_text = label;
	ui_changed(&r.ui);
	cr_expect_eq(r.ui.dialogue.kind, DIALOGUE_CHOICE);
	ui_rig_press(&r, PRESS_ESC);
	ui_changed(&r.ui);
	cr_expect_eq(r.ui.dialogue.kind, DIALOGUE_NONE);
	ui_rig_close(&r);
}

Test(dialogue_questions, a_unit_that_passed_is_tested_again_by_two_keys)
{
	ui_rig_open(&r, "xterm", 24, 80, 2);
	r.status.waits = "confirm";
	r.status.waits_text = "AS00000042";
	ui_changed(&r.ui);
	cr_assert_eq(r.ui.dialogue.kind, DIALOGUE_CHOICE);
	cr_expect(ui_rig_golden(&r, "dialogue-again"));
	ui_rig_press(&r, PRESS_F12);
	cr_expect_eq(r.commands, 0, "F12 alone, which a scanner might send, confirms nothing");
	ui_rig_press(&r, PRESS_F2);
	ui_rig_press(&r, PRESS_F12);
	cr_expect_str_eq(sbuf_str(&r.sent),
			 "confirm slot=- text= serial=AS00000042 reason=- question=0\n");
	r.status.waits = "";
	ui_changed(&r.ui);
	sbuf_reset(&r.sent);
	r.status.waits = "confirm";
	ui_changed(&r.ui);
	ui_rig_press(&r, PRESS_F1);
	ui_rig_press(&r, PRESS_F12);
	cr_expect_str_eq(sbuf_str(&r.sent),
			 "forget slot=- text= serial=AS00000042 reason=- question=0\n");
	ui_rig_close(&r);
}

Test(dialogue_questions, a_command_that_waits_for_a_badge_says_so)
{
	ui_rig_open(&r, "xterm", 24, 80, 2);
	r.status.waits = "command";
	r.status.waits_text = "skip";
	ui_changed(&r.ui);
	cr_assert_eq(r.ui.dialogue.kind, DIALOGUE_LOOK);
	cr_expect(ui_rig_golden(&r, "dialogue-badge"));
	ui_rig_press(&r, PRESS_F1);
	ui_rig_press(&r, PRESS_F12);
	cr_expect_eq(r.commands, 0);
	ui_rig_scan(&r, "BADGE.x");
	cr_expect_str_eq(sbuf_str(&r.sent),
			 "scan slot=- text=BADGE.x serial=- reason=- question=0\n");
	r.status.waits = "";
	ui_changed(&r.ui);
	cr_expect_eq(r.ui.dialogue.kind, DIALOGUE_NONE);
	ui_rig_close(&r);
}
