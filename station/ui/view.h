#ifndef STATION_UI_VIEW_H
#define STATION_UI_VIEW_H

#include "ui/draw.h"
#include "ui/lines.h"
#include "ui/ui.h"

/*
 * view -- one screen of the program: a row that draws the model and says what a key
 * means in it. A view changes nothing at the line: what should happen is an order
 * (enum floor_do) that the dialogue asks about and the station decides on.
 *
 * Adding a view `foo`:
 *   1. station/ui/view_foo.c       const struct view_ops view_foo
 *   2. station/ui/view.def         one line
 *   3. station/ui/actions.def      the key that opens it; opens[] in ui.c: that it does
 *   4. tests/unit/test_ui_views.c  its golden screens; make golden
 *
 * NULL functions are passed over. All are called in the process of the screen and
 * must not wait.
 */
struct view_ops {
	size_t state_size; /* of ui_state(), zeroed; lives as long as the ui */
	void (*open)(struct ui *u);
	enum floor_do again; /* asked again now and then while the view is open, or 0 */
	void (*close)(struct ui *u);
	void (*release)(struct ui *u);
	void (*draw)(struct ui *u, struct area a);
	/* 1: it was for this view; 0: then the ui's own meaning counts. */
	int (*act)(struct ui *u, enum action a);
	int (*press)(struct ui *u, enum input_key key, int times);
	int (*scan)(struct ui *u, const char *bytes, size_t len);
	void (*sent)(struct ui *u, const struct floor_command *c); /* while it is open */
	void (*reply)(struct ui *u, const struct floor_reply *r);
	void (*console)(struct ui *u, size_t slot, const char *text, size_t len);
	void (*measure)(struct ui *u, size_t slot, const char *text);
};

#define VIEW(name) extern const struct view_ops view_##name;
#include "ui/view.def"
#undef VIEW

void *ui_state(struct ui *u); /* of the view at hand */

#endif /* STATION_UI_VIEW_H */
