#ifndef TESTS_UNIT_UI_RIG_H
#define TESTS_UNIT_UI_RIG_H

#include "ui/ui.h"

/*
 * ui_rig -- a screen over a made-up station: curses on /dev/null, frozen clocks, slots
 * that the test fills, and the commands that were sent, as text.
 */
struct ui_rig {
	struct ui ui;
	struct floor_slot slot[UI_SLOTS_MAX];
	size_t slots;
	struct floor_status status;
	struct sbuf sent, shown; /* one line each */
	size_t commands;
	int64_t id;
	struct arena arena;
	void *screen;
	int64_t ns; /* of events */
};

/* term, LINES, COLUMNS; at 10:30:00 UTC of a day, clock_ms() 1000000. */
void ui_rig_open(struct ui_rig *r, const char *term, int rows, int cols, size_t slots);
void ui_rig_close(struct ui_rig *r);
void ui_rig_press(struct ui_rig *r, enum input_key key); /* half a second after the last */
void ui_rig_type(struct ui_rig *r, const char *ascii);
void ui_rig_scan(struct ui_rig *r, const char *text);
void ui_rig_picture(struct ui_rig *r);           /* draws, with the picture of a question, if any */
void ui_rig_after(struct ui_rig *r, int64_t ms); /* time goes on */

/* Slots in all states, with texts. */
void ui_rig_fill(struct ui_rig *r);
void ui_rig_end(struct ui_rig *r, size_t i, enum verdict v);
void ui_rig_run(struct ui_rig *r, size_t i);

/* Draw, and say whether this stands on one line of it. */
int ui_rig_tells(struct ui_rig *r, const char *text);
const char *ui_rig_row(int y); /* a line as it was drawn last; valid until the next call */

/* Draw, and compare with tests/golden/screens/NAME.txt; with STATION_GOLDEN set it is
 * written. 1: equal. */
int ui_rig_golden(struct ui_rig *r, const char *name);

/* The same for any text. */
int golden_screen(const char *name, const char *text);

#endif /* TESTS_UNIT_UI_RIG_H */
