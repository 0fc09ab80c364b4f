/* operator -- all slots at once: as large as they can be, for someone who stands far off. */
#include "ui/view.h"

#include <stdio.h>

#include "ui/block.h"
#include "ui/lang.h"
#include "ui/said.h"

enum { WORD_IN_HEAD = 30, BLOCK_LEAST = 5 /* rows of a word in block letters */, BAR_LEAST = 4 };

struct look {
	enum style style;
	enum glyph glyph;
	const char *word; /* translated */
};

static struct look look_of(const struct ui *u, const struct floor_slot *s)
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
	} else if (s->state == FLOOR_IN && ui_nobody(u)) {
		l.word = T("LOGIN");
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

static void time_of(char *out, size_t size, const struct ui *u, const struct floor_slot *s,
		    int narrow)
{
	char a[24], b[24];

	draw_time(a, u->now_ms - s->run_at_ms);
	if (s->expected_ms > 0)
		snprintf(out, size, narrow ? "%s/%s" : T("%s of %s"), a,
			 draw_time(b, s->expected_ms));
	else
		snprintf(out, size, "%s", a);
}

/* The bar, behind it the time that has gone and that is expected. */
static void draw_progress(const struct ui *u, const struct floor_slot *s, struct area a,
			  enum style style)
{
	char time[64];
	int w;

	time_of(time, sizeof(time), u, s, a.w < WORD_IN_HEAD);
	w = draw_width(time) + 1;
	if (a.w - w >= BAR_LEAST)
		a.w -= w;
	else
		w = 0;
	draw_bar(a.y, a.x, a.w, style, done_of(u, s));
	draw_text(a.y, a.x + a.w + 1, w - 1, style, time);
}

/* What a tile says below its word: lines in the order of their weight, of which the first
 * `must` leave each other room. */
struct says {
	struct arena arena;
	const char *line[8];
	size_t count, must, matter; /* the first `matter` are told elsewhere if not here */
	int w;
};

static void say(struct says *t, const char *text)
{
	if (text && *text && t->count < sizeof(t->line) / sizeof(t->line[0]))
		t->line[t->count++] = arena_strdup(&t->arena, text);
}

static const char *who_is_to_blame(const struct floor_slot *s)
{
	return s->blame == BLAME_STATION ? T("the station, not the unit")
	       : s->blame == BLAME_PLAN  ? T("the plan, not the unit")
	       : s->blame == BLAME_OPEN  ? T("station or unit: hold the unit")
					 : NULL;
}

static const char *what_failed(struct says *t, const struct floor_slot *s)
{
	if (!s->fail_name || !*s->fail_name)
		return said(s->message);
	return arena_printf(&t->arena, T("%s is %s, must be %s"), s->fail_name, s->fail_value,
			    s->fail_limit);
}

/* How long it took only where that takes no second row. */
static const char *take_out(struct says *t, const struct floor_slot *s)
{
	const char *out = s->pulled ? T("taken out") : T("take the unit out"), *more;
	char took[24];

	more = arena_printf(&t->arena, T("%s (took %s)"), out, draw_time(took, s->took_ms));
	return draw_width(more) <= t->w ? more : out;
}

static void say_end(struct says *t, const struct floor_slot *s)
{
	const char *todo = said(s->todo);

	if (s->verdict == VERDICT_FAIL) {
		say(t, what_failed(t, s));
		say(t, s->instruction && *s->instruction ? s->instruction : todo);
		t->must = t->count;
		if (s->fail_name && *s->fail_name)
			say(t, said(s->fail_note));
	} else if (s->verdict != VERDICT_PASS) {
		say(t, who_is_to_blame(s));
		say(t, todo);
		t->must = t->count;
		say(t, said(s->message));
	} else if (s->marginal) {
		say(t, T("close to a limit"));
	}
	t->matter = t->count;
	say(t, take_out(t, s));
	if (s->verdict == VERDICT_FAIL && s->attempts_max > 0 && s->attempt >= s->attempts_max)
		say(t, ui_disposition());
}

static void say_all(struct says *t, const struct ui *u, const struct floor_slot *s)
{
	if (s->question.number) {
		say(t, s->question.text);
		say(t, T("F10 opens the question"));
		t->must = t->count;
	}
	switch (s->state) {
	case FLOOR_RUNNING:
	case FLOOR_PAUSED:
		if (s->step >= s->steps && s->steps)
			say(t, T("all steps have run"));
		else
			say(t, arena_printf(&t->arena, "%zu/%zu %s%s", s->step + 1, s->steps,
					    s->step_title ? s->step_title : "",
					    s->step_try > 1 ? T(" (again)") : ""));
		if (s->waits_for)
			say(t, arena_printf(&t->arena, T("waits for %s"), s->waits_for));
		else
			say(t, said_word(s->doing));
		say(t, s->instruction);
		break;
	case FLOOR_ENDED:
		say_end(t, s);
		break;
	case FLOOR_OUT:
		say(t, ui_nobody(u) ? ui_login(u) : T("put a unit in"));
		if (!ui_nobody(u))
			say(t, s->instruction);
		break;
	case FLOOR_IN:
		say(t, ui_nobody(u) ? ui_login(u) : T("scan the unit"));
		if (!ui_nobody(u))
			say(t, s->instruction);
		t->must = t->count;
		break;
	case FLOOR_SCANNED:
		say(t, s->message && *s->message ? said(s->message) : T("plug the board in"));
		say(t, said(s->todo));
		say(t, s->instruction);
		t->must = t->count;
		break;
	case FLOOR_UNRECORDED:
		say(t, T("do not pass this unit on"));
		say(t, said(s->todo));
		t->must = t->count;
		say(t, said(s->message));
		break;
	case FLOOR_TROUBLE:
		say(t, said(s->message));
		say(t, said(s->todo));
		t->must = t->count;
		break;
	default:
		break;
	}
	t->matter = t->matter > t->must ? t->matter : t->must;
}

static int rows_of(const struct says *t, int w)
{
	int rows = 0;

	for (size_t i = 0; i < t->count; i++)
		rows += draw_rows(w, t->line[i]);
	return rows;
}

/* Each line takes the rows that it needs, but leaves one to each that must be seen.
 * 1: what matters is seen whole. */
static int draw_says(const struct says *t, struct area in, enum style style)
{
	int whole = 1;

	for (size_t i = 0; i < t->count; i++) {
		int keep = i + 1 < t->must ? (int)(t->must - i) - 1 : 0;
		int most = in.h - keep > 1 ? in.h - keep : 1;

		if (i < t->matter)
			whole &= in.h > 0 && draw_rows(in.w, t->line[i]) <= most;
		if (in.h <= 0)
			continue;
		most = draw_wrap((struct area){ in.y, in.x, most, in.w }, style, t->line[i]);
		in.y += most;
		in.h -= most;
	}
	return whole;
}

static const char *mode_of(const struct floor_slot *s)
{
	return s->mode == MODE_PRODUCTION ? "" : lang_word_or_same(run_mode_word(s->mode));
}

/* Name, glyph and word, unit; 2 or 3 lines are all that there is. */
static int draw_small(const struct ui *u, const struct floor_slot *s, const struct says *t,
		      struct area a, struct look l, int marked)
{
	int used;

	used = draw_printf(a.y, a.x, a.w, l.style, "%s%s %s %s ",
			   marked ? draw_glyph(GLYPH_PICK) : " ", s->name, draw_glyph(l.glyph),
			   l.word);
	draw_tail(a.y, a.x + used, a.w - used, l.style, s->serial ? s->serial : "");
	a = (struct area){ a.y + 1, a.x + 1, a.h - 1, a.w - 1 };
	if (runs(s) && !s->question.number && a.h > 0) {
		if (*mode_of(s))
			used = draw_printf(a.y, a.x, a.w, l.style, "%s ", mode_of(s));
		else
			used = draw_printf(a.y, a.x, a.w, l.style, "%zu/%zu ", s->step + 1,
					   s->steps);
		draw_progress(u, s, (struct area){ a.y, a.x + used, 1, a.w - used - 1 }, l.style);
		return 1;
	}
	return draw_says(t, a, l.style);
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
	w = a.w >= WORD_IN_HEAD && *mode_of(s) ? draw_width(mode_of(s)) + 2 : 0;
	used += draw_tail(a.y, a.x + used, a.w - used - 1 - w, l.style,
			  s->serial ? s->serial : "") +
		2;
	w = draw_width(attempt);
	if (w && used + w < a.w)
		draw_text(a.y, a.x + a.w - w - 1, w, l.style, attempt);
	else if (a.w >= WORD_IN_HEAD)
		draw_text(a.y, a.x + used, a.w - used, l.style, mode_of(s));
}

static int draw_large(const struct ui *u, const struct floor_slot *s, const struct says *t,
		      struct area a, struct look l, int marked)
{
	struct area in = { a.y + 1, a.x + 1, a.h - 1, a.w - 2 }, word_in;
	char percent[16];
	const char *word = l.word;
	int need = rows_of(t, in.w) + runs(s), high;

	draw_head(s, a, l, marked);
	if (need > in.h - BLOCK_LEAST && in.h - BLOCK_LEAST >= 2)
		need = in.h - BLOCK_LEAST; /* the word is seen from afar, so it comes first */
	if (s->state == FLOOR_RUNNING && !s->question.number) {
		snprintf(percent, sizeof(percent), "%d%%", (int)(100 * done_of(u, s)));
		word = percent;
	}
	word_in = (struct area){ in.y, a.x, in.h - need, a.w }; /* up to the edges */
	high = block_height(word_in, word);
	if (high && s->state != FLOOR_OUT && s->state != FLOOR_UNKNOWN) {
		in.y += in.h - need - high > 1;
		block_draw((struct area){ in.y, word_in.x, high, word_in.w }, l.style, word);
		in.y += high + (a.y + a.h - in.y - high > need);
	} else if (a.w < WORD_IN_HEAD) {
		draw_printf(in.y++, in.x, in.w, l.style, "%s %s", draw_glyph(l.glyph), l.word);
	}
	in.h = a.y + a.h - in.y;
	if (runs(s) && in.h > 0) {
		draw_progress(u, s, in, l.style);
		in.y++;
		in.h--;
	}
	return draw_says(t, in, l.style);
}

/* What the tile of a slot had no room for stands where messages do: of the marked slot,
 * else of the one that ended last. */
static void tell_detail(struct ui *u, const struct floor_slot *s, const struct says *t,
			struct look l, int64_t *ended_ms)
{
	int64_t at = s == ui_selected(u) ? INT64_MAX : s->ended_wall_ms;

	if (u->detail.len && at <= *ended_ms)
		return;
	*ended_ms = at;
	sbuf_reset(&u->detail);
	sbuf_printf(&u->detail, T("slot %s: "), s->name);
	sbuf_printf(&u->detail, "%s%s%s: ", l.word, s->serial && *s->serial ? " " : "",
		    s->serial ? s->serial : "");
	for (size_t i = 0; i < t->matter; i++)
		sbuf_printf(&u->detail, "%s%s", i ? "; " : "", t->line[i]);
}

static void draw_tile(struct ui *u, size_t i, struct area tile, int last_row, int64_t *ended_ms)
{
	const struct floor_slot *s = ui_slot(u, i);
	struct look l = look_of(u, s);
	struct says t = { .w = tile.w - 2 };
	int is_small = tile.h <= 3, whole;

	if (is_small || tile.w < WORD_IN_HEAD) /* first: such a PASS is none to be passed on */
		say(&t, mode_of(s));
	say_all(&t, u, s);
	/* A gap between colours, where the text can do without. */
	if (!last_row && tile.h > 3 &&
	    2 + rows_of(&t, tile.w - 2) + runs(s) + (tile.h > 7 ? BLOCK_LEAST : 1) <= tile.h)
		tile.h--;
	draw_fill(tile, l.style);
	if (is_small)
		whole = draw_small(u, s, &t, tile, l, i == u->selected);
	else
		whole = draw_large(u, s, &t, tile, l, i == u->selected);
	if (!whole)
		tell_detail(u, s, &t, l, ended_ms);
	if (s->state == FLOOR_ENDED && s->run) {
		/* The word of a narrow tile stands below its first row. */
		tile.h = is_small || tile.w >= WORD_IN_HEAD ? 1 : tile.h;
		u->verdict[i].area = tile;
		snprintf(u->verdict[i].drawn, sizeof(u->verdict[i].drawn), "%s", s->run);
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
	int64_t ended_ms = 0;
	struct grid g;

	n = n < UI_SLOTS_MAX ? n : UI_SLOTS_MAX;
	if (!n) {
		draw_text(a.y + 1, a.x + 1, a.w - 2, STYLE_BOLD,
			  T("the station has no slots; 'fixture' in station.conf names them"));
		return;
	}
	/* An alarm takes rows, and no slot its place. */
	g = grid_of(n, (struct area){ a.y, a.x, u->calm_rows, a.w });
	for (size_t i = 0; i < n; i++) {
		int row = (int)i / g.columns, col = (int)i % g.columns;
		int h = a.h / g.rows, x = a.w * col / g.columns;
		struct area tile = { a.y + h * row, a.x + x, h, a.w * (col + 1) / g.columns - x };

		if (col + 1 < g.columns)
			tile.w--; /* a gap between colours */
		if (ui_slot(u, i) && h > 0)
			draw_tile(u, i, tile, row + 1 == g.rows, &ended_ms);
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
	return 1;
}

const struct view_ops view_operator = {
	.draw = draw,
	.press = press,
};
