/* What it takes until a command is sent, and what does not suffice. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/clock.h"
#include "base/rng.h"
#include "tests/unit/ui_rig.h"
#include "ui/lang.h"
#include "ui/view.h"

TestSuite(dialogue, .timeout = 60);

static struct ui_rig r;

static void start(size_t slots)
{
	ui_rig_open(&r, "xterm-256color", 24, 80, slots);
}

static void sent(const char *what)
{
	cr_expect_str_eq(sbuf_str(&r.sent), what);
	sbuf_reset(&r.sent);
}

static void press(int n, const enum input_key *keys)
{
	for (int i = 0; i < n; i++)
		ui_rig_press(&r, keys[i]);
}
#define PRESS(...)                                                                                 \
	press((int)(sizeof((enum input_key[]){ __VA_ARGS__ }) / sizeof(enum input_key)),           \
	      (enum input_key[]){ __VA_ARGS__ })

Test(dialogue, stop_needs_a_second_key)
{
	start(4);
	ui_rig_run(&r, 0);
	PRESS(PRESS_F5);
	sent("");
	PRESS(PRESS_F5, PRESS_ENTER, PRESS_F1, PRESS_DOWN);
	sent("");
	PRESS(PRESS_F12);
	sent("stop slot=1 text= serial=AS00000001 reason=- question=0\n");
	PRESS(PRESS_F12, PRESS_F12);
	sent("");
	ui_rig_close(&r);
}

Test(dialogue, esc_and_time_drop_an_order)
{
	start(4);
	ui_rig_run(&r, 0);
	PRESS(PRESS_F5, PRESS_ESC, PRESS_F12);
	sent("");
	PRESS(PRESS_F5);
	ui_rig_after(&r, DIALOGUE_PATIENCE_MS + 1000);
	ui_changed(&r.ui);
	PRESS(PRESS_F12);
	sent("");
	ui_rig_close(&r);
}

Test(dialogue, the_confirming_key_needs_its_pause)
{
	start(4);
	ui_rig_run(&r, 0);
	PRESS(PRESS_F5);
	dialogue_shown(&r.ui, r.ns);
	ui_rig_after(&r, DIALOGUE_PAUSE_MS - 1);
	ui_event(&r.ui, &(struct input_event){
				.type = INPUT_KEY, .key = PRESS_F12, .times = 1, .at_ns = r.ns });
	sent("");
	ui_rig_after(&r, 1);
	ui_event(&r.ui, &(struct input_event){
				.type = INPUT_KEY, .key = PRESS_F12, .times = 1, .at_ns = r.ns });
	sent("stop slot=1 text= serial=AS00000001 reason=- question=0\n");
	ui_rig_close(&r);
}

/* On a slow terminal nobody knows yet what F12 would confirm. */
Test(dialogue, what_is_not_shown_yet_is_not_confirmed)
{
	struct input_event f12 = { .type = INPUT_KEY, .key = PRESS_F12, .times = 1 };
	int64_t before;

	start(4);
	ui_rig_run(&r, 0);
	ui_draw(&r.ui);
	PRESS(PRESS_F5);
	ui_rig_after(&r, 1000);
	ui_flushed(&r.ui); /* the picture of before */
	f12.at_ns = r.ns;
	ui_event(&r.ui, &f12);
	sent("");
	ui_draw(&r.ui);
	ui_rig_after(&r, 1000);
	f12.at_ns = before = r.ns;
	ui_event(&r.ui, &f12); /* it is drawn, and on its way */
	sent("");
	ui_rig_after(&r, 100);
	ui_flushed(&r.ui);
	f12.at_ns = before; /* pressed before, known to be a key only now */
	ui_event(&r.ui, &f12);
	sent("");
	ui_rig_after(&r, 100);
	f12.at_ns = r.ns;
	ui_event(&r.ui, &f12);
	sent("stop slot=1 text= serial=AS00000001 reason=- question=0\n");
	ui_rig_close(&r);
}

Test(dialogue, a_scan_goes_to_the_station_and_confirms_nothing)
{
	start(4);
	ui_rig_run(&r, 0);
	PRESS(PRESS_F5);
	ui_rig_scan(&r, "\x1b[24~");
	ui_rig_scan(&r, "F12\r");
	sent("scan slot=- text=\x1b[24~ serial=- reason=- question=0\n"
	     "scan slot=- text=F12\r serial=- reason=- question=0\n");
	PRESS(PRESS_F2);
	ui_rig_scan(&r, "AS01");
	sent("scan slot=- text=AS01 serial=- reason=- question=0\n");
	ui_rig_close(&r);
}

Test(dialogue, a_label_is_typed)
{
	start(4);
	PRESS(PRESS_F2);
	ui_rig_type(&r, "AS0199");
	PRESS(PRESS_BACKSPACE, PRESS_ENTER);
	sent("");
	PRESS(PRESS_F12);
	sent("typed slot=- text=AS019 serial=- reason=- question=0\n");
	PRESS(PRESS_F2, PRESS_F12);
	sent(""); /* nothing was typed */
	ui_rig_close(&r);
}

static void ask(size_t i, const char *kind, const char **choice, size_t choices)
{
	ui_rig_run(&r, i);
	r.slot[i].question = (struct floor_question){ .number = 7 + (int64_t)i,
						      .kind = kind,
						      .text = "Is the green lamp on?",
						      .choice = choice,
						      .choices = choices };
	ui_changed(&r.ui);
}

Test(dialogue, questions_one_after_the_other)
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
Test(dialogue, who_has_scanned_is_asked_before_a_question_that_waits)
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

Test(dialogue, the_time_that_is_left_to_answer_is_told)
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

Test(dialogue, a_question_put_aside_comes_back_by_a_key)
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

Test(dialogue, a_question_that_is_over_closes)
{
	start(4);
	ask(1, "text", NULL, 0);
	ui_rig_type(&r, "ok");
	r.slot[1].question.number = 9; /* the next one already */
	ui_changed(&r.ui);
	PRESS(PRESS_F12);
	sent(""); /* what was typed was for the other */
	ui_rig_close(&r);
}

Test(dialogue, a_question_for_a_scan_takes_no_key)
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

Test(dialogue, which_slot)
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
Test(dialogue, which_slot_has_asked)
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

Test(dialogue, what_was_put_aside_stays_so_however_long_its_text_is)
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

Test(dialogue, a_unit_that_passed_is_tested_again_by_two_keys)
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

Test(dialogue, a_command_that_waits_for_a_badge_says_so)
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

Test(dialogue, an_engineers_order_has_its_reason)
{
	start(4);
	ui_rig_run(&r, 1);
	PRESS(PRESS_F3, PRESS_F4); /* slot 2, its view */
	sent("watch slot=2 text= serial=- reason=- question=0\n");
	PRESS(PRESS_F9);
	cr_expect(ui_rig_golden(&r, "menu-engineer"));
	PRESS(PRESS_F5, PRESS_F12); /* skip */
	sent("");
	PRESS(PRESS_F12);
	sent(""); /* without a reason nothing goes */
	ui_rig_type(&r, "lamp");
	cr_expect(ui_rig_golden(&r, "reason"));
	PRESS(PRESS_F12);
	sent("skip slot=2 text= serial=AS00000002 reason=lamp question=0\n");
	ui_rig_close(&r);
}

/* What an engineer's order is about is what stood there when it was begun. */
Test(dialogue, an_engineers_order_names_unit_and_step)
{
	static const struct {
		enum input_key key;
		const char *order;
	} all[] = {
		{ PRESS_F1, "step slot=1 text=wifi serial=AS00000001 reason=- question=0\n" },
		{ PRESS_F2, "pause slot=1 text= serial=AS00000001 reason=- question=0\n" },
		{ PRESS_F3, "go slot=1 text= serial=AS00000001 reason=- question=0\n" },
		{ PRESS_F4, "repeat slot=1 text=wifi serial=AS00000001 reason=- question=0\n" },
		{ PRESS_F5, "skip slot=1 text=wifi serial=AS00000001 reason=dust question=0\n" },
		{ PRESS_F6, "stop slot=1 text= serial=AS00000001 reason=- question=0\n" },
	};

	start(4);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		ui_rig_run(&r, 0);
		r.slot[0].state = FLOOR_PAUSED;
		r.slot[0].step_id = "wifi";
		PRESS(PRESS_F4, PRESS_F9, all[i].key, PRESS_F12);
		r.slot[0].step_id = "gpio"; /* another one was quicker */
		r.slot[0].serial = "AS00000009";
		if (all[i].key == PRESS_F5) {
			ui_rig_type(&r, "dust");
			PRESS(PRESS_F12);
		}
		cr_expect(strstr(sbuf_str(&r.sent), all[i].order), "%s: %s", all[i].order,
			  sbuf_str(&r.sent));
		sbuf_reset(&r.sent);
		PRESS(PRESS_ESC);
	}
	ui_rig_close(&r);
}

Test(dialogue, a_disposition_asks_for_the_unit)
{
	start(4);
	ui_rig_end(&r, 0, VERDICT_FAIL);
	PRESS(PRESS_F9, PRESS_F5, PRESS_F12);
	sent("");
	PRESS(PRESS_F12);
	sent("dispose slot=- text=scrap serial=AS00000001 reason=- question=0\n");
	ui_rig_close(&r);
}

static void found(int64_t id, const char **serial, size_t n)
{
	static const char *cell[3][2];
	const char **row[3];

	for (size_t i = 0; i < n; i++) {
		cell[i][0] = serial[i];
		row[i] = cell[i];
	}
	ui_reply(&r.ui, &(struct floor_reply){
				.id = id, .ok = 1, .text = "", .code = "", .row = row, .rows = n });
}

/* The unit in the hand is scanned: its serial stands there, and F12 still does it. */
Test(dialogue, a_disposition_takes_the_scan_of_its_unit)
{
	static const char *other[] = { "AS00000099", "AS000000991" }, *none[] = { "" };

	start(4);
	ui_rig_end(&r, 0, VERDICT_FAIL);
	PRESS(PRESS_F9, PRESS_F5, PRESS_F12);
	ui_rig_scan(&r, "]d201040123456789012821AS00000099");
	sent("find slot=- text=]d201040123456789012821AS00000099 serial=- reason=- question=0\n");
	PRESS(PRESS_F12);
	sent(""); /* which unit it is has not been told yet, and it is not the marked one */
	found(r.id - 1, other, 1);
	cr_expect_str_eq(sbuf_str(&r.ui.dialogue.entry), "", "the reply to something else");
	found(r.id, other, 2);
	cr_expect_str_eq(sbuf_str(&r.ui.dialogue.entry), "AS00000099", "the one of this label");
	found(r.id, other, 2);
	sent("");
	PRESS(PRESS_F12);
	sent("dispose slot=- text=scrap serial=AS00000099 reason=- question=0\n");

	PRESS(PRESS_F9, PRESS_F4, PRESS_F12);
	ui_rig_scan(&r, "AS7");
	sent("find slot=- text=AS7 serial=- reason=- question=0\n");
	found(r.id, none, 0);
	cr_expect(r.ui.message.there);
	cr_expect_eq(r.ui.message.kind, FLOOR_NOTICE_NO);
	PRESS(PRESS_F12);
	sent("");
	ui_rig_scan(&r, "BADGE.7.1");
	sent("scan slot=- text=BADGE.7.1 serial=- reason=- question=0\n");
	ui_rig_type(&r, "A");
	PRESS(PRESS_F12);
	sent("dispose slot=- text=rework serial=A reason=- question=0\n");
	ui_rig_close(&r);
}

/* No unit is chosen for whoever scans: a serial is typed, and is what it says. */
Test(dialogue, a_scan_that_may_be_of_two_units_is_of_none)
{
	static const char *both[] = { "2112", "12" };

	start(4);
	PRESS(PRESS_F9, PRESS_F5, PRESS_F12);
	ui_rig_scan(&r, "2112");
	sent("find slot=- text=2112 serial=- reason=- question=0\n");
	found(r.id, both, 2);
	cr_expect_str_eq(sbuf_str(&r.ui.dialogue.entry), "");
	cr_expect(strstr(sbuf_str(&r.ui.message.text), "unit 2112 or 12?"), "%s",
		  sbuf_str(&r.ui.message.text));
	PRESS(PRESS_F12);
	sent("");
	ui_rig_type(&r, "2112");
	PRESS(PRESS_F12);
	sent("dispose slot=- text=scrap serial=2112 reason=- question=0\n");
	ui_rig_close(&r);
}

Test(dialogue, a_grant_takes_the_scan_of_its_unit_and_its_reason_takes_none)
{
	static const char *one[] = { "AS00000099" };

	start(4);
	PRESS(PRESS_F4);
	sent("watch slot=1 text= serial=- reason=- question=0\n");
	PRESS(PRESS_F9, PRESS_UP, PRESS_UP, PRESS_F12);
	ui_rig_scan(&r, "AS00000099");
	sent("find slot=- text=AS00000099 serial=- reason=- question=0\n");
	found(r.id, one, 1);
	PRESS(PRESS_F12);
	ui_rig_scan(&r, "AS00000100");
	sent("scan slot=- text=AS00000100 serial=- reason=- question=0\n");
	PRESS(PRESS_F12);
	sent("");
	ui_rig_type(&r, "lamp");
	PRESS(PRESS_F12);
	sent("grant slot=- text=AS00000099 serial=- reason=lamp question=0\n");
	ui_rig_close(&r);
}

Test(dialogue, a_unit_that_passed_is_not_offered_for_a_disposition)
{
	start(4);
	ui_rig_end(&r, 0, VERDICT_PASS);
	PRESS(PRESS_F9, PRESS_F5, PRESS_F12, PRESS_F12);
	sent("");
	cr_expect_str_eq(sbuf_str(&r.ui.dialogue.entry), "");
	ui_rig_close(&r);
}

Test(dialogue, language_and_end)
{
	start(4);
	PRESS(PRESS_F9, PRESS_F2, PRESS_F12);
	sent("language slot=- text=de serial=- reason=- question=0\n");
	PRESS(PRESS_F9, PRESS_F9);
	cr_expect_eq(r.ui.quit, 0);
	PRESS(PRESS_F12);
	cr_expect_eq(r.ui.quit, 1);
	sent("");
	ui_rig_close(&r);
}

Test(dialogue, without_the_station_nothing_is_sent)
{
	start(4);
	ui_rig_run(&r, 0);
	PRESS(PRESS_F5);
	ui_gone(&r.ui, 1, NULL);
	PRESS(PRESS_F12, PRESS_F5, PRESS_F12);
	ui_rig_scan(&r, "AS01");
	sent("");
	cr_expect(ui_rig_golden(&r, "gone"));
	ui_rig_close(&r);
}

/* Whatever keys come in whatever order: a command that acts on a run is always the answer
 * to F12 with another key before it. */
Test(dialogue, random_keys)
{
	static const char *colour[] = { "red", "green" };
	struct rng rng = { 11 };
	size_t orders = 0;

	start(8);
	ui_rig_fill(&r);
	ask(3, "choice", colour, 2);
	for (int i = 0; i < 20000; i++) {
		enum input_key key = (enum input_key)(1 + rng_next(&rng) % (PRESS_UNKNOWN - 1));
		size_t before = r.commands;

		if (rng_chance(&rng, 0.1)) {
			ui_rig_type(&r, "x");
			cr_assert_eq(r.commands, before);
		}
		sbuf_reset(&r.sent);
		ui_rig_press(&r, key);
		if (r.commands != before && !strstr(sbuf_str(&r.sent), "watch") &&
		    strncmp(sbuf_str(&r.sent), "find", 4) &&
		    strncmp(sbuf_str(&r.sent), "plans", 5) &&
		    strncmp(sbuf_str(&r.sent), "shift", 5) &&
		    strncmp(sbuf_str(&r.sent), "show", 4)) {
			cr_assert_eq(key, PRESS_F12, "%s", sbuf_str(&r.sent));
			orders++;
		}
		r.ui.quit = 0;
		if (i % 16 == 0)
			ui_draw(&r.ui);
		r.slot[3].question.number += i % 64 == 0;
	}
	cr_expect_gt(orders, 10, "the test tried something");
	ui_rig_close(&r);
}

/* Another person, another language: what is open is closed, and a question is asked anew. */
Test(dialogue, another_language_while_it_is_open)
{
	start(4);
	ui_rig_run(&r, 0);
	PRESS(PRESS_F5);
	cr_expect_eq(r.ui.dialogue.kind, DIALOGUE_CONFIRM);
	r.status.language = "de";
	ui_changed(&r.ui);
	cr_expect_eq(r.ui.dialogue.kind, DIALOGUE_NONE);
	PRESS(PRESS_F12);
	sent("");
	r.slot[0].question = (struct floor_question){
		.number = 7, .kind = "pass", .text = "Is the lamp on?", .choices = 2
	};
	r.slot[0].question.choice = (const char *[]){ "pass", "fail" };
	ui_changed(&r.ui);
	cr_expect_str_eq(r.ui.dialogue.title, "Platz 1 fragt");
	r.status.language = "en";
	ui_changed(&r.ui);
	cr_expect_str_eq(r.ui.dialogue.title, "slot 1 asks");
	cr_expect_str_eq(r.ui.dialogue.choice[0], "yes, it is good");
	PRESS(PRESS_F1, PRESS_F12);
	sent("answer slot=1 text=pass serial=- reason=- question=7\n");
	ui_rig_close(&r);
}

/* A scan that is in doubt goes nowhere; what is said of it stays over a key that did not count. */
Test(dialogue, a_doubtful_scan_is_told_and_not_sent)
{
	static const struct {
		enum input_doubt doubt;
		const char *says;
	} rows[] = {
		{ DOUBT_CUT, "in pieces" },
		{ DOUBT_TWO, "two scans" },
		{ DOUBT_KEY, "too close to a scan" },
	};

	start(4);
	ask(1, "scan", NULL, 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ui_event(&r.ui, &(struct input_event){ .type = INPUT_EARLY, .key = PRESS_F5 });
		ui_event(&r.ui,
			 &(struct input_event){ .type = INPUT_DOUBT, .doubt = rows[i].doubt });
		ui_event(&r.ui, &(struct input_event){ .type = INPUT_EARLY, .key = PRESS_F5 });
		cr_expect(strstr(sbuf_str(&r.ui.message.text), rows[i].says), "%s",
			  sbuf_str(&r.ui.message.text));
		cr_expect(r.ui.ring);
		r.ui.message.there = r.ui.ring = 0;
	}
	ui_event(&r.ui, &(struct input_event){ .type = INPUT_EARLY, .key = PRESS_F5 });
	cr_expect(strstr(sbuf_str(&r.ui.message.text), "too soon"));
	sent("");
	ui_rig_close(&r);
}

Test(dialogue, the_confirming_key_is_felt_at_once)
{
	struct sbuf before = { 0 }, felt = { 0 };

	start(4);
	ui_rig_run(&r, 0);
	PRESS(PRESS_F5);
	ui_draw(&r.ui);
	draw_dump(&before);
	ui_event(&r.ui, &(struct input_event){ .type = INPUT_TOUCH, .key = PRESS_F12, .times = 1 });
	ui_draw(&r.ui);
	draw_dump(&felt);
	cr_expect_str_neq(sbuf_str(&before), sbuf_str(&felt));
	sent("");
	sbuf_release(&before);
	sbuf_release(&felt);
	ui_rig_close(&r);
}
