#include "ui/lines.h"

#include <string.h>

#include "ui/view.h"

void lines_reset(struct lines *l)
{
	arena_free(&l->arena);
	*l = (struct lines){ 0 };
}

void lines_add(struct lines *l, const char *text)
{
	if (l->count == l->room) {
		size_t room = l->room ? 2 * l->room : 64;
		const char **grown = arena_alloc(&l->arena, room * sizeof(*grown));

		if (l->count)
			memcpy(grown, l->line, l->count * sizeof(*grown));
		l->line = grown;
		l->room = room;
	}
	l->line[l->count++] = arena_strdup(&l->arena, text);
}

int lines_press(struct lines *l, enum input_key key, int times, int page, int mark)
{
	size_t *at = mark ? &l->at : &l->top;
	long step = key == PRESS_UP          ? -1
		    : key == PRESS_DOWN      ? 1
		    : key == PRESS_PAGE_UP   ? -page
		    : key == PRESS_PAGE_DOWN ? page
					     : 0;
	long to = key == PRESS_HOME  ? 0
		  : key == PRESS_END ? (long)l->count
				     : (long)*at + step * times;
	long last = (long)l->count - (mark ? 1 : page);

	if (!step && key != PRESS_HOME && key != PRESS_END)
		return 0;
	to = to > last ? last : to;
	*at = (size_t)(to < 0 ? 0 : to);
	return 1;
}

void lines_draw(struct lines *l, struct area a, int mark)
{
	if (mark && l->at < l->top)
		l->top = l->at;
	if (mark && l->at >= l->top + (size_t)a.h)
		l->top = l->at - (size_t)a.h + 1;
	for (size_t i = l->top; i < l->count && i < l->top + (size_t)a.h; i++)
		draw_text(a.y + (int)(i - l->top), a.x, a.w,
			  mark && i == l->at ? STYLE_PICKED : STYLE_NORMAL, l->line[i]);
}

int lines_view_press(struct ui *u, enum input_key key, int times)
{
	return lines_press(ui_state(u), key, times, 10, 0);
}

void lines_view_release(struct ui *u)
{
	lines_reset(ui_state(u));
}
