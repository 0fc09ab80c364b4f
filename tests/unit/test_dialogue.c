/* What it takes until a command is sent, and what does not suffice. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/rng.h"
#include "tests/unit/dialogue_rig.h"
#include "ui/draw.h"

TestSuite(dialogue, .timeout = 60);

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
