/* plans -- the plans of the station with what the check says of them. */
#include "ui/view.h"

#include <curses.h>
#include <stdlib.h>
#include <string.h>

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

/* A finding stands below its plan, so without the plan's path, in as many lines as it needs. */
static void add_finding(struct lines *l, const char *path, const char *text)
{
	struct sbuf line = { 0 }, word = { 0 };
	size_t n = strlen(path);

	if (!strncmp(text, path, n) && text[n] == ':')
		text += n + 1;
	sbuf_puts(&line, "    ");
	for (; *text; text += n + (text[n] == ' ')) {
		n = strcspn(text, " ");
		sbuf_reset(&word);
		sbuf_printf(&word, "%.*s ", (int)n, text);
		if (draw_width(sbuf_str(&line)) + draw_width(sbuf_str(&word)) > COLS - 2) {
			lines_add(l, sbuf_str(&line));
			sbuf_reset(&line);
			sbuf_puts(&line, "      ");
		}
		sbuf_puts(&line, sbuf_str(&word));
	}
	lines_add(l, sbuf_str(&line));
	sbuf_release(&line);
	sbuf_release(&word);
}

static void reply(struct ui *u, const struct floor_reply *r)
{
	struct state *v = ui_state(u);
	size_t top;

	if (r->id != u->asked[FLOOR_DO_PLANS])
		return;
	top = v->list.top; /* whoever reads on does not lose the place */
	lines_reset(&v->list);
	v->plans = v->wrong = 0;
	for (size_t i = 0; i < r->rows; i++) {
		const char **c = r->row[i]; /* path, title, revision, errors, warnings, findings */
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
		for (size_t k = 5; k < n && *c[k]; k++)
			add_finding(&v->list, c[0], c[k]);
		sbuf_release(&line);
	}
	v->list.top = top < v->list.count ? top : 0;
}

static void draw(struct ui *u, struct area a)
{
	struct state *v = ui_state(u);

	draw_printf(a.y, a.x + 1, a.w - 2, STYLE_BOLD, T("Plans: %d, with errors: %d"), v->plans,
		    v->wrong);
	lines_draw(&v->list, (struct area){ a.y + 2, a.x + 1, a.h - 2, a.w - 2 }, 0);
}

const struct view_ops view_plans = {
	.state_size = sizeof(struct state),
	.open = open,
	.again = FLOOR_DO_PLANS, /* a file may have changed */
	.release = lines_view_release,
	.draw = draw,
	.press = lines_view_press,
	.reply = reply,
};
