/* yield -- the shift: its units, first-pass yield, and the steps that failed. */
#include "ui/view.h"

#include <stdio.h>

#include "ui/block.h"
#include "ui/lang.h"

struct state {
	struct lines list; /* first, for lines_view_press() */
};

static void open(struct ui *u)
{
	ui_send(u, &(struct floor_command){ .what = FLOOR_DO_SHIFT, .text = "" });
}

static void reply(struct ui *u, const struct floor_reply *r)
{
	struct state *v = ui_state(u);
	size_t top;

	if (r->id != u->asked[FLOOR_DO_SHIFT])
		return;
	top = v->list.top;
	lines_reset(&v->list);
	for (size_t i = 0; i < r->rows; i++) { /* step, fails */
		const char **c = r->row[i];
		struct sbuf line = { 0 };

		if (!c[0] || !c[1])
			continue;
		sbuf_printf(&line, "%6s  %s", c[1], c[0]);
		lines_add(&v->list, sbuf_str(&line));
		sbuf_release(&line);
	}
	v->list.top = top < v->list.count ? top : 0;
}

static void draw(struct ui *u, struct area a)
{
	struct state *v = ui_state(u);
	const struct floor_status *s = u->source.status(u->source.payload);
	int y = a.y;
	struct sbuf text = { 0 };
	char percent[16];

	draw_text(y++, a.x + 1, a.w - 2, STYLE_BOLD, T("First-pass yield of this shift"));
	if (s && s->shift_first > 0) {
		snprintf(percent, sizeof(percent), "%.0f%%",
			 draw_percent(s->shift_first_passed, s->shift_first, 1));
		y += block_draw((struct area){ y + 1, a.x + 1, a.h / 2, a.w - 2 }, STYLE_BOLD,
				percent) +
		     2;
		sbuf_printf(&text,
			    TN("%lld of %lld unit passed at its first try; ",
			       "%lld of %lld units passed at their first try; ", s->shift_first),
			    (long long)s->shift_first_passed, (long long)s->shift_first);
		sbuf_printf(
			&text,
			TN("%lld unit tested in all", "%lld units tested in all", s->shift_units),
			(long long)s->shift_units);
		y += draw_wrap((struct area){ y, a.x + 1, 2, a.w - 2 }, STYLE_NORMAL,
			       sbuf_str(&text));
		sbuf_release(&text);
	} else {
		draw_text(y++, a.x + 1, a.w - 2, STYLE_NORMAL,
			  T("no unit was tested in this shift"));
	}
	y++;
	draw_text(y++, a.x + 1, a.w - 2, STYLE_BOLD,
		  v->list.count ? T("Steps that failed, how often") : T("No step has failed"));
	lines_draw(&v->list, (struct area){ y, a.x + 1, a.y + a.h - y, a.w - 2 }, 0);
}

const struct view_ops view_yield = {
	.state_size = sizeof(struct state),
	.open = open,
	.again = FLOOR_DO_SHIFT, /* the figures above its list go on */
	.release = lines_view_release,
	.draw = draw,
	.press = lines_view_press,
	.reply = reply,
};
