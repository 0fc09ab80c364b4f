#include "tests/unit/dialogue_rig.h"

#include <criterion/criterion.h>

struct ui_rig r;

void start(size_t slots)
{
	ui_rig_open(&r, "xterm-256color", 24, 80, slots);
}

void sent(const char *what)
{
	cr_expect_str_eq(sbuf_str(&r.sent), what);
	sbuf_reset(&r.sent);
}

void ask(size_t i, const char *kind, const char **choice, size_t choices)
{
	ui_rig_run(&r, i);
	r.slot[i].question = (struct floor_question){ .number = 7 + (int64_t)i,
						      .kind = kind,
						      .text = "Is the green lamp on?",
						      .choice = choice,
						      .choices = choices };
	ui_changed(&r.ui);
}

void press(int n, const enum input_key *keys)
{
	for (int i = 0; i < n; i++)
		ui_rig_press(&r, keys[i]);
}
