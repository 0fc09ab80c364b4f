/* operator -- all slots at once: as large as they can be, for someone who stands far off. */
#include "ui/view.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "ui/block.h"
#include "ui/lang.h"
#include "ui/said.h"

enum { WORD_IN_HEAD = 30, BLOCK_LEAST = 5 }; /* rows of a word in block letters */

struct look {
	enum style style;
	enum glyph glyph;
	const char *word; /* translated */
};

static struct look look_of(const struct floor_slot *s)
{
	static const struct {
		enum style style;
		enum glyph glyph;
		const char *word;
	} states[] = {
		[FLOOR_UNKNOWN] = { STYLE_DIM, GLYPH_ASK, N("?") },
		[FLOOR_OUT] = { STYLE_DIM, GLYPH_EMPTY, N("EMPTY") },
		[FLOOR_IN] = { STYLE_ASK, GLYPH_IN, N("SCAN") },
		[FLOOR_SCANNED] = { STYLE_ASK, GLYPH_EMPTY, N("PLUG IN") },
		[FLOOR_STARTING] = { STYLE_RUN, GLYPH_RUN, N("START") },
		[FLOOR_RUNNING] = { STYLE_RUN, GLYPH_RUN, N("RUNS") },
		[FLOOR_PAUSED] = { STYLE_ASK, GLYPH_PAUSE, N("PAUSED") },
		[FLOOR_SAVING] = { STYLE_RUN, GLYPH_RUN, N("SAVING") },
		[FLOOR_ENDED] = { STYLE_ERROR, GLYPH_ERROR, N("?") },
		[FLOOR_UNRECORDED] = { STYLE_ERROR, GLYPH_ERROR, N("NOT SAVED") },
		[FLOOR_TROUBLE] = { STYLE_ERROR, GLYPH_ERROR, N("TROUBLE") },
	};
	size_t state = s->state < FLOOR_STATE_END_ ? s->state : FLOOR_UNKNOWN;
	struct look l = { states[state].style, states[state].glyph, T(states[state].word) };

	if (s->question.number) {
		l = (struct look){ STYLE_ASK, GLYPH_ASK, T("ASKS") };
	} else if (s->state == FLOOR_ENDED) {
		l.word = ui_verdict(s->verdict);
		if (s->verdict == VERDICT_PASS) {
			l.style = STYLE_PASS;
			l.glyph = GLYPH_PASS;
		} else if (s->verdict == VERDICT_FAIL) {
			l.style = STYLE_FAIL;
			l.glyph = GLYPH_FAIL;
		}
	}
	return l;
}

static int runs(const struct floor_slot *s)
{
	return s->state == FLOOR_RUNNING || s->state == FLOOR_PAUSED;
}

/* Share of the run that is over, by the plan's history where there is one. */
static double done_of(const struct ui *u, const struct floor_slot *s)
{
	double part = s->done > 0 ? s->done : 0, all;
	int64_t here = s->step_at_ms > 0 ? u->now_ms - s->step_at_ms : 0;

	if (s->expected_ms > 0 && s->step_expected_ms >= 0) {
		here = here < s->step_expected_ms ? here : s->step_expected_ms;
		all = (double)(s->before_ms + here) / (double)s->expected_ms;
	} else {
		all = s->steps ? ((double)s->step + part) / (double)s->steps : 0;
	}
	return all > 0.99 ? 0.99 : all;
}

static void time_of(char *out, size_t size, const struct ui *u, const struct floor_slot *s)
{
	char a[24], b[24];

	if (s->expected_ms > 0)
		snprintf(out, size, T("%s of %s"), draw_time(a, u->now_ms - s->run_at_ms),
			 draw_time(b, s->expected_ms));
	else
		snprintf(out, size, "%s", draw_time(a, u->now_ms - s->run_at_ms));
}

/* What a tile says below its word: lines in the order of their weight. */
struct says {
	struct arena arena;
	const char *line[8];
	size_t count;
};

static void say(struct says *t, const char *text)
{
	if (text && *text && t->count < sizeof(t->line) / sizeof(t->line[0]))
		t->line[t->count++] = arena_strdup(&t->arena, text);
}

static void say_end(struct says *t, const struct floor_slot *s)
{
	char took[24];

	if (s->verdict == VERDICT_FAIL) {
		if (s->fail_name && *s->fail_name)
			say(t, arena_printf(&t->arena, T("%s is %s, must be %s"), s->fail_name,
					    s->fail_value, s->fail_limit));
		else
			say(t, said(s->message));
		say(t, s->instruction);
		if (s->fail_name && *s->fail_name)
			say(t, said(s->fail_note));
	} else if (s->verdict != VERDICT_PASS) {
		if (s->blame == BLAME_STATION)
			say(t, T("the station, not the unit"));
		else if (s->blame == BLAME_PLAN)
			say(t, T("the plan, not the unit"));
		else if (s->blame == BLAME_OPEN)
			say(t, T("station or unit: hold the unit"));
		say(t, said(s->message));
		say(t, said(s->todo));
	} else if (s->marginal) {
		say(t, T("close to a limit"));
	}
	say(t,
	    arena_printf(&t->arena, "%s, %s", s->pulled ? T("taken out") : T("take the unit out"),
			 draw_time(took, s->took_ms)));
}

static void say_all(struct says *t, const struct ui *u, const struct floor_slot *s)
{
	char time[64];

	if (s->question.number)
		say(t, s->question.text);
	switch (s->state) {
	case FLOOR_RUNNING:
	case FLOOR_PAUSED:
		say(t, arena_printf(&t->arena, "%zu/%zu %s%s", s->step + 1, s->steps,
				    s->step_title ? s->step_title : "",
				    s->step_try > 1 ? T(" (again)") : ""));
		time_of(time, sizeof(time), u, s);
		say(t, time);
		if (s->waits_for)
			say(t, arena_printf(&t->arena, T("waits for %s"), s->waits_for));
		else
			say(t, said(s->doing));
		break;
	case FLOOR_ENDED:
		say_end(t, s);
		break;
	case FLOOR_IN:
		say(t, T("scan the unit"));
		say(t, s->instruction);
		break;
	case FLOOR_SCANNED:
		say(t, s->message && *s->message ? s->message : T("plug the board in"));
		say(t, s->todo);
		break;
	case FLOOR_UNRECORDED:
		say(t, T("do not pass this unit on"));
		say(t, said(s->message));
		say(t, said(s->todo));
		break;
	case FLOOR_TROUBLE:
		say(t, said(s->message));
		say(t, said(s->todo));
		break;
	default:
		break;
	}
}

static const char *mode_of(const struct floor_slot *s)
{
	return s->mode == MODE_PRODUCTION ? "" : run_mode_word(s->mode);
}

/* Name, glyph and word, unit; 2 lines are all that there is. */
static void draw_small(const struct ui *u, const struct floor_slot *s, struct area a, struct look l,
		       int marked)
{
	struct says t = { 0 };
	int used;

	used = draw_printf(a.y, a.x, a.w, l.style, "%s%s %s %s ",
			   marked ? draw_glyph(GLYPH_PICK) : " ", s->name, draw_glyph(l.glyph),
			   l.word);
	draw_tail(a.y, a.x + used, a.w - used, l.style, s->serial ? s->serial : "");
	say_all(&t, u, s);
	if (a.h > 1 && runs(s) && !s->question.number) {
		used = draw_printf(a.y + 1, a.x + 1, a.w - 1, l.style, "%zu/%zu ", s->step + 1,
				   s->steps);
		draw_bar(a.y + 1, a.x + 1 + used, a.w - used - 2, l.style, done_of(u, s));
	} else if (a.h > 1 && t.count) {
		draw_text(a.y + 1, a.x + 1, a.w - 1, l.style, t.line[0]);
	}
	arena_free(&t.arena);
}

static void draw_head(const struct floor_slot *s, struct area a, struct look l, int marked)
{
	char attempt[40] = "";
	int used, w;

	if (s->attempt > 0 && s->attempts_max > 0)
		snprintf(attempt, sizeof(attempt), T("try %lld of %lld"), (long long)s->attempt,
			 (long long)s->attempts_max);
	else if (s->attempt > 1)
		snprintf(attempt, sizeof(attempt), T("try %lld"), (long long)s->attempt);
	used = draw_printf(a.y, a.x, a.w, marked ? STYLE_PICKED : l.style, "%s%s ",
			   marked ? draw_glyph(GLYPH_PICK) : " ", s->name);
	used += draw_printf(a.y, a.x + used, a.w - used, l.style, " %s ", draw_glyph(l.glyph));
	if (a.w >= WORD_IN_HEAD)
		used += draw_printf(a.y, a.x + used, a.w - used, l.style, "%s  ", l.word);
	used += draw_tail(a.y, a.x + used, a.w - used - 1, l.style, s->serial ? s->serial : "") + 2;
	w = draw_width(attempt);
	if (w && used + w < a.w)
		draw_text(a.y, a.x + a.w - w - 1, w, l.style, attempt);
	else if (*mode_of(s))
		draw_text(a.y, a.x + used, a.w - used, l.style, mode_of(s));
}

static void draw_large(const struct ui *u, const struct floor_slot *s, struct area a, struct look l,
		       int marked)
{
	struct says t = { 0 };
	struct area in = { a.y + 1, a.x + 1, a.h - 1, a.w - 2 };
	char percent[16];
	const char *word = l.word;
	int need, high;

	draw_head(s, a, l, marked);
	say_all(&t, u, s);
	need = (int)t.count + (runs(s) ? 1 : 0);
	if (need > in.h - BLOCK_LEAST && in.h - BLOCK_LEAST >= 2)
		need = in.h - BLOCK_LEAST; /* the word is seen from afar, so it comes first */
	if (s->state == FLOOR_RUNNING && !s->question.number) {
		snprintf(percent, sizeof(percent), "%d%%", (int)(100 * done_of(u, s)));
		word = percent;
	}
	high = block_height((struct area){ in.y, in.x, in.h - need, in.w }, word);
	if (high && s->state != FLOOR_OUT && s->state != FLOOR_UNKNOWN) {
		in.y += in.h - need - high > 1;
		block_draw((struct area){ in.y, in.x, high, in.w }, l.style, word);
		in.y += high + (a.y + a.h - in.y - high > need);
	} else if (a.w < WORD_IN_HEAD) {
		draw_printf(in.y++, in.x, in.w, l.style, "%s %s", draw_glyph(l.glyph), l.word);
	}
	in.h = a.y + a.h - in.y;
	if (runs(s) && in.h > 0) {
		draw_bar(in.y, in.x, in.w, l.style, done_of(u, s));
		in.y++;
		in.h--;
	}
	for (size_t i = 0; i < t.count && in.h > 0; i++) {
		int left = (int)(t.count - i) - 1;
		int lines = draw_wrap(
			(struct area){ in.y, in.x, in.h - left > 1 ? in.h - left : 1, in.w },
			l.style, t.line[i]);

		in.y += lines;
		in.h -= lines;
	}
	arena_free(&t.arena);
}

struct grid {
	int columns, rows;
};

/* The grid whose tiles are the largest; a cell is about twice as high as wide. */
static struct grid grid_of(size_t slots, struct area a)
{
	struct grid best = { 1, (int)slots };
	double best_size = -1;

	for (int c = 1; c <= (int)slots; c++) {
		int rows = ((int)slots + c - 1) / c;
		double w = (double)a.w / c / 2.8, h = (double)a.h / rows, size = w < h ? w : h;

		if (a.w / c < 18 || a.h / rows < 2)
			size /= 100;
		if (size > best_size) {
			best_size = size;
			best = (struct grid){ c, rows };
		}
	}
	return best;
}

static void draw(struct ui *u, struct area a)
{
	size_t n = u->source.slots(u->source.payload);
	struct grid g;

	n = n < UI_SLOTS_MAX ? n : UI_SLOTS_MAX;
	if (!n) {
		draw_text(a.y + 1, a.x + 1, a.w - 2, STYLE_BOLD,
			  T("the station has no slots; 'fixture' in station.conf names them"));
		return;
	}
	g = grid_of(n, a);
	for (size_t i = 0; i < n; i++) {
		const struct floor_slot *s = ui_slot(u, i);
		int row = (int)i / g.columns, col = (int)i % g.columns;
		int h = a.h / g.rows, x = a.w * col / g.columns;
		struct area tile = { a.y + h * row, a.x + x, h, a.w * (col + 1) / g.columns - x };
		struct look l;

		if (!s)
			continue;
		l = look_of(s);
		if (col + 1 < g.columns)
			tile.w--; /* a gap between colours */
		if (tile.h > 3 && row + 1 < g.rows)
			tile.h--;
		draw_fill(tile, l.style);
		if (tile.h <= 3)
			draw_small(u, s, tile, l, i == u->selected);
		else
			draw_large(u, s, tile, l, i == u->selected);
		if (s->state == FLOOR_ENDED && s->run)
			snprintf(u->drawn[i], sizeof(u->drawn[i]), "%s", s->run);
	}
}

static int press(struct ui *u, enum input_key key, int times)
{
	size_t n = u->source.slots(u->source.payload);
	int by = key == PRESS_LEFT || key == PRESS_UP      ? -1
		 : key == PRESS_RIGHT || key == PRESS_DOWN ? 1
							   : 0;

	if (!by || !n)
		return 0;
	u->selected = (u->selected + n * (size_t)times + (size_t)(by * times)) % n;
	return UI_DONE | UI_REDRAW;
}

const struct view_ops view_operator = {
	.name = "operator",
	.title = N("all slots"),
	.draw = draw,
	.press = press,
};
