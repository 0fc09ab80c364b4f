#ifndef STATION_UI_VIEW_H
#define STATION_UI_VIEW_H

#include "ui/draw.h"
#include "ui/ui.h"

/*
 * view -- one screen of the program: a row that draws the model and says what a key
 * means in it. A view changes nothing at the line: what should happen is an order
 * (enum floor_do) that the dialogue asks about and the station decides on.
 *
 * Adding a view `foo`:
 *   1. station/ui/view_foo.c       const struct view_ops view_foo
 *   2. station/ui/view.def         one line
 *   3. station/ui/actions.def      the key that opens it
 *   4. tests/unit/test_ui_views.c  its golden screens; make golden
 *
 * NULL functions are passed over. All are called in the process of the screen and
 * must not wait.
 */
struct view_ops {
	const char *name, *title;
	size_t state_size; /* of ui_state(), zeroed; lives as long as the ui */
	void (*open)(struct ui *u);
	enum floor_do again; /* asked again now and then while the view is open, or 0 */
	void (*close)(struct ui *u);
	void (*release)(struct ui *u);
	void (*draw)(struct ui *u, struct area a);
	/* Bits UI_*; 0: not for this view, then the ui's own meaning counts. */
	int (*act)(struct ui *u, enum action a);
	int (*press)(struct ui *u, enum input_key key, int times);
	int (*scan)(struct ui *u, const char *bytes, size_t len);
	void (*sent)(struct ui *u, const struct floor_command *c); /* while it is open */
	void (*reply)(struct ui *u, const struct floor_reply *r);
	void (*console)(struct ui *u, size_t slot, const char *text, size_t len);
	void (*measure)(struct ui *u, size_t slot, const char *text);
};

enum { UI_DONE = 1 << 0, UI_REDRAW = 1 << 1 };

#define VIEW(name) extern const struct view_ops view_##name;
#include "ui/view.def"
#undef VIEW

void *ui_state(struct ui *u); /* of the view at hand */

/* Lines of text with a position, for views that scroll. */
struct lines {
	struct arena arena;
	const char **line;
	size_t count, room, top, at; /* at: the marked line */
};
void lines_reset(struct lines *l);
void lines_add(struct lines *l, const char *text);
/* Movement keys: 1 when one was used. page: lines that are seen. mark: a line is marked. */
int lines_press(struct lines *l, enum input_key key, int times, int page, int mark);
void lines_draw(struct lines *l, struct area a, int mark);
/* press() and release() of a view whose state begins with its only lines. */
int lines_view_press(struct ui *u, enum input_key key, int times);
void lines_view_release(struct ui *u);

#endif /* STATION_UI_VIEW_H */
