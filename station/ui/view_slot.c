/* slot -- one slot for an engineer: its console as it comes, measurements, steps. */
#include "ui/view.h"

#include <stdio.h>
#include <string.h>

#include "ui/lang.h"
#include "ui/said.h"

enum { KEEP = 64 * 1024 };

struct state {
	size_t slot;
	struct sbuf console, measure; /* lines, the last KEEP bytes */
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
	sbuf_reset(&v->measure);
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
	if (!len) { /* a run begins: what comes is of it */
		sbuf_reset(&v->console);
		sbuf_reset(&v->measure);
	}
	add_lines(&v->console, text, len);
	sbuf_keep_tail(&v->console, KEEP, "\n");
}

static void measure(struct ui *u, size_t slot, const char *text)
{
	struct state *v = ui_state(u);

	if (slot != v->slot)
		return;
	sbuf_printf(&v->measure, "%s\n", text);
	sbuf_keep_tail(&v->measure, KEEP, "\n");
}

/* The next line of the text; what follows it. */
static const char *next_line(char *line, size_t size, const char *from)
{
	const char *end = strchrnul(from, '\n');

	snprintf(line, size, "%.*s", (int)(end - from), from);
	return *end ? end + 1 : end;
}

/* The last lines that fit, each wrapped. */
static void draw_last(const struct sbuf *b, struct area a, enum style style)
{
	const char *text = sbuf_str(b), *from = text + b->len, *at;
	char line[1024];
	int lines = 0, rows = 0, n;

	while (from > text && lines <= a.h) {
		from--;
		if (*from == '\n' && ++lines > a.h)
			break;
	}
	if (from > text && *from == '\n')
		from++;
	for (at = from; *at; rows += n ? n : 1) {
		at = next_line(line, sizeof(line), at);
		n = draw_rows(a.w, line);
	}
	while (rows > a.h) {
		at = next_line(line, sizeof(line), from);
		n = draw_rows(a.w, line);
		if (!*at)
			break; /* one line is longer than the area */
		rows -= n ? n : 1;
		from = at;
	}
	while (*from && a.h > 0) {
		from = next_line(line, sizeof(line), from);
		n = draw_wrap(a, style, line);
		a.y += n ? n : 1;
		a.h -= n ? n : 1;
	}
}

/* Else what was said and measured is of the run before: of another unit. */
static int is_of_run(const struct floor_slot *s)
{
	return s->state == FLOOR_RUNNING || s->state == FLOOR_PAUSED || s->state == FLOOR_SAVING ||
	       s->state == FLOOR_ENDED || s->state == FLOOR_UNRECORDED;
}

/* What the operator is told to do with it, in a row or two of its own. */
static int draw_todo(const struct floor_slot *s, struct area a)
{
	const char *text = s->instruction && *s->instruction ? s->instruction : said(s->todo);

	if (s->state != FLOOR_ENDED || s->verdict != VERDICT_FAIL || !text || !*text)
		return 0;
	return draw_wrap(a, STYLE_NORMAL, text);
}

static void draw(struct ui *u, struct area a)
{
	struct state *v = ui_state(u);
	const struct floor_slot *s = ui_selected(u);
	int half = a.w * 3 / 5;
	int mine, top, h;
	enum style style;

	if (!s)
		return;
	draw_printf(a.y, a.x + 1, a.w - 2, STYLE_BOLD, T("Slot %s  %s  %s  %s  USB %s"), s->name,
		    s->state == FLOOR_ENDED     ? ui_verdict(s->verdict)
		    : s->state == FLOOR_PAUSED  ? T("PAUSED")
		    : s->state == FLOOR_RUNNING ? T("RUNS")
						: "-",
		    s->serial ? s->serial : "", lang_word_or_same(run_mode_word(s->mode)),
		    s->usb ? s->usb : "-");
	if (s->state == FLOOR_PAUSED && s->step >= s->steps)
		draw_text(a.y + 1, a.x + 1, a.w - 2, STYLE_NORMAL, T("all steps have run"));
	else if (s->steps)
		draw_printf(a.y + 1, a.x + 1, a.w - 2, STYLE_NORMAL, T("step %zu of %zu: %s  %s"),
			    s->step + 1, s->steps, s->step_title ? s->step_title : "",
			    s->doing ? said_word(s->doing) : "");
	if (s->state == FLOOR_ENDED && s->verdict == VERDICT_FAIL && s->fail_name && *s->fail_name)
		draw_printf(a.y + 2, a.x + 1, a.w - 2, STYLE_NORMAL, T("%s is %s, must be %s  %s"),
			    s->fail_name, s->fail_value, s->fail_limit,
			    s->fail_note ? said(s->fail_note) : "");
	else if (s->message && *s->message)
		draw_text(a.y + 2, a.x + 1, a.w - 2, STYLE_NORMAL, said(s->message));
	top = a.y + 3;
	top += draw_todo(s, (struct area){ top, a.x + 1, 2, a.w - 2 });
	h = a.y + a.h - top - 1;
	mine = is_of_run(s);
	style = mine ? STYLE_NORMAL : STYLE_DIM;
	draw_fill((struct area){ top, a.x, 1, a.w }, STYLE_KEY);
	draw_text(top, a.x + 1, half - 2, STYLE_KEY,
		  mine || !v->console.len ? T("console") : T("console of the run before"));
	draw_text(top, a.x + half + 1, a.w - half - 2, STYLE_KEY,
		  mine || !v->measure.len ? T("measurements") : T("measured in the run before"));
	draw_last(&v->console, (struct area){ top + 1, a.x + 1, h, half - 2 }, style);
	draw_last(&v->measure, (struct area){ top + 1, a.x + half + 1, h, a.w - half - 2 }, style);
}

static void release(struct ui *u)
{
	struct state *v = ui_state(u);

	sbuf_release(&v->console);
	sbuf_release(&v->measure);
}

const struct view_ops view_slot = {
	.state_size = sizeof(struct state),
	.open = open,
	.close = close,
	.release = release,
	.draw = draw,
	.console = console,
	.measure = measure,
};
