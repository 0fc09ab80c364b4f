#ifndef STATION_UI_LINES_H
#define STATION_UI_LINES_H

#include "base/arena.h"
#include "ui/draw.h"
#include "ui/input.h"

/* lines -- lines of text with a position, for views that scroll. */
struct ui;

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

#endif /* STATION_UI_LINES_H */
