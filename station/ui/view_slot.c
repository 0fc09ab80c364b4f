/* slot -- one slot for an engineer: its console as it comes, measurements, steps. */
#include "ui/view.h"

#include <stdio.h>
#include <string.h>

#include "ui/lang.h"
#include "ui/said.h"

enum { CONSOLE_KEEP = 64 * 1024, MEASURES_KEEP = 500 };

struct state {
	size_t slot;
	struct sbuf console; /* the last CONSOLE_KEEP bytes */
	struct lines measure;
};

static void watch(struct ui *u, const char *slot)
{
	ui_send(u, &(struct floor_command){ .what = FLOOR_DO_WATCH, .slot = slot, .text = "" });
}

static void open(struct ui *u)
{
	struct state *v = ui_state(u);
	const struct floor_slot *s = ui_selected(u);

	sbuf_reset(&v->console); /* the station tells the last of both again */
	lines_reset(&v->measure);
	v->slot = u->selected;
	if (s)
		watch(u, s->name);
}

static void close(struct ui *u)
{
	watch(u, NULL);
}

/* The station escapes what a unit says (text_escape()); line ends are lines again here, all
 * else stays escaped. */
static void add_lines(struct sbuf *out, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char next = i + 1 < n ? s[i + 1] : '\0';

		if (s[i] != '\\' || !next) {
			sbuf_putc(out, s[i]);
			continue;
		}
		i++;
		if (next == 'n' || next == 't')
			sbuf_putc(out, next == 'n' ? '\n' : ' ');
		else if (next != 'r')
			sbuf_add(out, s + i - 1, 2);
	}
}

static void console(struct ui *u, size_t slot, const char *text, size_t len)
{
	struct state *v = ui_state(u);

	if (slot != v->slot)
		return;
	add_lines(&v->console, text, len);
	sbuf_keep_tail(&v->console, CONSOLE_KEEP, "\n");
}

static void measure(struct ui *u, size_t slot, const char *text)
{
	struct state *v = ui_state(u);

	if (slot != v->slot)
		return;
	if (v->measure.count >= MEASURES_KEEP)
		lines_reset(&v->measure);
	lines_add(&v->measure, text);
}

/* The last lines of the console that fit. */
static void draw_console(const struct state *v, struct area a)
{
	const char *text = sbuf_str(&v->console), *from = text + v->console.len;
	int lines = 0;

	while (from > text && lines <= a.h) {
		from--;
		if (*from == '\n' && ++lines > a.h)
			break;
	}
	if (from > text && *from == '\n')
		from++;
	for (int y = 0; y < a.h && *from; y++) {
		const char *end = strchrnul(from, '\n');
		char line[512];

		snprintf(line, sizeof(line), "%.*s", (int)(end - from), from);
		draw_text(a.y + y, a.x, a.w, STYLE_NORMAL, line);
		from = *end ? end + 1 : end;
	}
}

static void draw(struct ui *u, struct area a)
{
	struct state *v = ui_state(u);
	const struct floor_slot *s = ui_selected(u);
	int half = a.w * 3 / 5;
	int from = a.y + 4, h = a.h - 4;

	if (!s)
		return;
	draw_printf(a.y, a.x + 1, a.w - 2, STYLE_BOLD, T("Slot %s  %s  %s  %s  USB %s"), s->name,
		    s->state == FLOOR_ENDED     ? ui_verdict(s->verdict)
		    : s->state == FLOOR_PAUSED  ? T("PAUSED")
		    : s->state == FLOOR_RUNNING ? T("RUNS")
						: "-",
		    s->serial ? s->serial : "", run_mode_word(s->mode), s->usb ? s->usb : "-");
	draw_printf(a.y + 1, a.x + 1, a.w - 2, STYLE_NORMAL, T("step %zu of %zu: %s  %s"),
		    s->steps ? s->step + 1 : 0, s->steps, s->step_title ? s->step_title : "",
		    s->doing ? s->doing : "");
	if (s->state == FLOOR_ENDED && s->verdict == VERDICT_FAIL && s->fail_name && *s->fail_name)
		draw_printf(a.y + 2, a.x + 1, a.w - 2, STYLE_NORMAL, T("%s is %s, must be %s  %s"),
			    s->fail_name, s->fail_value, s->fail_limit,
			    s->fail_note ? said(s->fail_note) : "");
	else if (s->message && *s->message)
		draw_text(a.y + 2, a.x + 1, a.w - 2, STYLE_NORMAL, said(s->message));
	draw_fill((struct area){ a.y + 3, a.x, 1, a.w }, STYLE_KEY);
	draw_text(a.y + 3, a.x + 1, half - 2, STYLE_KEY, T("console"));
	draw_text(a.y + 3, a.x + half + 1, a.w - half - 2, STYLE_KEY, T("measurements"));
	draw_console(v, (struct area){ from, a.x + 1, h, half - 2 });
	v->measure.top = v->measure.count > (size_t)h ? v->measure.count - (size_t)h : 0;
	lines_draw(&v->measure, (struct area){ from, a.x + half + 1, h, a.w - half - 2 }, 0);
}

static void release(struct ui *u)
{
	struct state *v = ui_state(u);

	sbuf_release(&v->console);
	lines_reset(&v->measure);
}

const struct view_ops view_slot = {
	.name = "slot",
	.title = N("slot"),
	.state_size = sizeof(struct state),
	.open = open,
	.close = close,
	.release = release,
	.draw = draw,
	.console = console,
	.measure = measure,
};
