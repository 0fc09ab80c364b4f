/* units -- find a unit by scan or text, its runs, and the report of one on the screen. */
#include "ui/view.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "ui/lang.h"

struct state {
	char what[128];
	struct lines list, report;
	struct arena arena;
	const char **run; /* of each line of the list */
	int showing;
	char shown[40]; /* run whose report is asked for, until it is told that it was seen */
};

static void find(struct ui *u, const char *bytes, size_t len)
{
	struct state *v = ui_state(u);

	snprintf(v->what, sizeof(v->what), "%.*s",
		 (int)(len < sizeof(v->what) ? len : sizeof(v->what) - 1), bytes);
	v->showing = 0;
	ui_send(u, &(struct floor_command){ .what = FLOOR_DO_FIND, .text = bytes, .len = len });
}

static void open(struct ui *u)
{
	find(u, "", 0);
}

static int scan(struct ui *u, const char *bytes, size_t len)
{
	find(u, bytes, len);
	return UI_DONE;
}

static void keep_list(struct state *v, const struct floor_reply *r)
{
	size_t n = 0;

	lines_reset(&v->list);
	arena_free(&v->arena);
	v->run = arena_alloc(&v->arena, (r->rows + 1) * sizeof(*v->run));
	for (size_t i = 0; i < r->rows; i++) {
		const char **c = r->row[i]; /* serial, product, process, runs, verdict, when, run */
		struct sbuf line = { 0 };
		size_t cells = 0;

		while (c[cells])
			cells++;
		if (cells < 7)
			continue;
		sbuf_printf(&line, T("%-18s %-14s %-5s runs %-2s %-11s %.16s"), c[0], c[1], c[2],
			    c[3], ui_verdict(verdict_find(c[4])), c[5]);
		lines_add(&v->list, sbuf_str(&line));
		v->run[n++] = arena_strdup(&v->arena, c[6]);
		sbuf_release(&line);
	}
}

static void reply(struct ui *u, const struct floor_reply *r)
{
	struct state *v = ui_state(u);

	if (r->id == u->asked[FLOOR_DO_FIND]) {
		keep_list(v, r);
	} else if (r->id == u->asked[FLOOR_DO_SHOW]) {
		lines_reset(&v->report);
		for (size_t i = 0; i < r->rows; i++)
			lines_add(&v->report, r->row[i][0] ? r->row[i][0] : "");
		v->showing = r->ok;
	}
}

static void draw(struct ui *u, struct area a)
{
	struct state *v = ui_state(u);
	struct area in = { a.y + 2, a.x + 1, a.h - 2, a.w - 2 };

	if (v->showing) {
		if (*v->shown && u->source.shown) /* a verdict that nobody saw has been seen now */
			u->source.shown(u->source.payload, v->shown);
		*v->shown = '\0';
		draw_text(a.y, a.x + 1, a.w - 2, STYLE_BOLD,
			  T("Report of the run; Left: back to the units"));
		lines_draw(&v->report, in, 0);
		return;
	}
	if (*v->what)
		draw_printf(a.y, a.x + 1, a.w - 2, STYLE_BOLD,
			    T("Units with '%s': scan one, or F2 and type; Right: its report"),
			    v->what);
	else
		draw_text(a.y, a.x + 1, a.w - 2, STYLE_BOLD,
			  T("The last units: scan one, or F2 and type; Right: its report"));
	if (!v->list.count)
		draw_text(in.y, in.x, in.w, STYLE_NORMAL, T("no such unit"));
	lines_draw(&v->list, in, 1);
}

static int press(struct ui *u, enum input_key key, int times)
{
	struct state *v = ui_state(u);

	if (v->showing && key == PRESS_LEFT) {
		v->showing = 0;
		return UI_REDRAW;
	}
	if (v->showing)
		return lines_press(&v->report, key, times, 10, 0) ? UI_REDRAW : 0;
	if ((key == PRESS_RIGHT || key == PRESS_ENTER) && v->list.at < v->list.count) {
		const char *run = v->run[v->list.at];

		snprintf(v->shown, sizeof(v->shown), "%s", run);
		ui_send(u, &(struct floor_command){
				   .what = FLOOR_DO_SHOW, .text = run, .len = strlen(run) });
		return UI_REDRAW;
	}
	return lines_press(&v->list, key, times, 10, 1) ? UI_REDRAW : 0;
}

static int act(struct ui *u, enum action a)
{
	if (a != ACTION_TYPE)
		return 0;
	dialogue_order(u,
		       &(struct order){ .what = FLOOR_DO_FIND,
					.title = N("find units"),
					.fields = ORDER_TEXT },
		       clock_ns());
	return UI_DONE;
}

static void release(struct ui *u)
{
	struct state *v = ui_state(u);

	lines_reset(&v->list);
	lines_reset(&v->report);
	arena_free(&v->arena);
}

const struct view_ops view_units = {
	.name = "units",
	.title = N("units"),
	.state_size = sizeof(struct state),
	.open = open,
	.release = release,
	.draw = draw,
	.act = act,
	.press = press,
	.scan = scan,
	.reply = reply,
};
