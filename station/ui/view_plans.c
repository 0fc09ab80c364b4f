/* plans -- the plans of the station with what the check says of them. */
#include "ui/view.h"

#include <stdlib.h>

#include "ui/lang.h"

struct state {
	struct lines list; /* first, for lines_view_press() */
	int plans, wrong;
};

static void open(struct ui *u)
{
	ui_send(u, &(struct floor_command){ .what = FLOOR_DO_PLANS, .text = "" });
}

static void put_count(struct sbuf *out, const char *before, const char *digits, int errors)
{
	long long n = strtoll(digits, NULL, 10);

	sbuf_puts(out, before);
	sbuf_printf(out,
		    errors ? TN("%lld error", "%lld errors", n)
			   : TN("%lld warning", "%lld warnings", n),
		    n);
}

static void reply(struct ui *u, const struct floor_reply *r)
{
	struct state *v = ui_state(u);

	if (r->id != u->asked[FLOOR_DO_PLANS])
		return;
	lines_reset(&v->list);
	v->plans = v->wrong = 0;
	for (size_t i = 0; i < r->rows; i++) {
		const char **c =
			r->row[i]; /* path, title, revision, errors, warnings, first finding */
		struct sbuf line = { 0 };
		size_t n = 0;

		while (c[n])
			n++;
		if (n < 5)
			continue;
		v->plans++;
		v->wrong += strtol(c[3], NULL, 10) > 0;
		sbuf_printf(&line, "%s %s  %s %s %s",
			    draw_glyph(strtol(c[3], NULL, 10) > 0 ? GLYPH_FAIL : GLYPH_PASS), c[0],
			    c[1], T("rev."), c[2]);
		lines_add(&v->list, sbuf_str(&line));
		sbuf_reset(&line);
		put_count(&line, "    ", c[3], 1);
		put_count(&line, ", ", c[4], 0);
		lines_add(&v->list, sbuf_str(&line));
		if (n > 5 && *c[5]) { /* as wide as can be */
			sbuf_reset(&line);
			sbuf_printf(&line, "    %s", c[5]);
			lines_add(&v->list, sbuf_str(&line));
		}
		sbuf_release(&line);
	}
}

static void draw(struct ui *u, struct area a)
{
	struct state *v = ui_state(u);

	draw_printf(a.y, a.x + 1, a.w - 2, STYLE_BOLD, T("Plans: %d, with errors: %d"), v->plans,
		    v->wrong);
	lines_draw(&v->list, (struct area){ a.y + 2, a.x + 1, a.h - 2, a.w - 2 }, 0);
}

const struct view_ops view_plans = {
	.name = "plans",
	.title = N("plans"),
	.state_size = sizeof(struct state),
	.open = open,
	.release = lines_view_release,
	.draw = draw,
	.press = lines_view_press,
	.reply = reply,
};
