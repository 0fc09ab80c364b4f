/* units -- find a unit by scan or text, then its runs, then the report of one of them. */
#include "ui/view.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "floor/label.h"
#include "ui/lang.h"

/* What is told of a unit; see struct floor_reply. */
enum cell { SERIAL, PRODUCT, PROCESS, RUN_COUNT, LAST, WHEN, LAST_RUN, CELLS };

/* Columns: the least of two, and what all others take with the blanks between them. */
enum { SERIAL_W = 20, PRODUCT_W = 12, OTHERS_W = 1 + 1 + 5 + 1 + 8 + 1 + 12 + 1 + 16 };

struct unit {
	const char *cell[CELLS];
};

struct state {
	char what[128];
	char serial[128]; /* of the unit whose runs are asked for */
	enum { UNITS, RUNS, REPORT } at;
	struct lines list, runs, report;
	struct arena of_list, of_runs;
	struct unit *unit; /* of each line of the list */
	size_t units;
	int list_w;
	const char **run; /* of each line of the runs */
	char shown[40];   /* run whose report is asked for, or is shown */
};

static void find(struct ui *u, const char *bytes, size_t len)
{
	ui_send(u, &(struct floor_command){ .what = FLOOR_DO_FIND, .text = bytes, .len = len });
}

/* A search, by a scan or typed in the dialogue: what is shown is of it from now on. */
static void sent(struct ui *u, const struct floor_command *c)
{
	struct state *v = ui_state(u);

	if (c->what != FLOOR_DO_FIND)
		return;
	snprintf(v->what, sizeof(v->what), "%.*s",
		 (int)(c->len < sizeof(v->what) ? c->len : sizeof(v->what) - 1), c->text);
	v->at = UNITS;
	u->asked[FLOOR_DO_RUNS] = u->asked[FLOOR_DO_SHOW] = -1; /* what still comes opens nothing */
}

static void open(struct ui *u)
{
	find(u, "", 0);
}

/* What chooses a slot does so wherever it is scanned; badges and the station's codes do not come
 * here. */
static int is_slot(const struct ui *u, const char *bytes, size_t len)
{
	static const struct label_rules scanner; /* its identifier may still be there */

	label_strip(&scanner, &bytes, &len);
	for (size_t i = 0; i < u->source.slots(u->source.payload); i++) {
		const struct floor_slot *s = ui_slot(u, i);

		if (s && s->barcode && strlen(s->barcode) == len && !memcmp(s->barcode, bytes, len))
			return 1;
	}
	return 0;
}

static int scan(struct ui *u, const char *bytes, size_t len)
{
	if (is_slot(u, bytes, len))
		return 0;
	find(u, bytes, len);
	return 1;
}

static size_t cells(const char **row)
{
	size_t n = 0;

	while (row[n])
		n++;
	return n;
}

/* So many columns; what is longer loses its beginning (a serial) or its end. */
static void column(struct sbuf *out, const char *text, int w, int tail)
{
	int over = draw_width(text) - w, n = (int)strlen(text);

	if (over > 0 && over + 1 < n && tail)
		sbuf_printf(out, "%s%s", draw_glyph(GLYPH_MORE), text + over + 1);
	else if (over > 0 && over + 1 < n)
		sbuf_printf(out, "%.*s%s", n - over - 1, text, draw_glyph(GLYPH_MORE));
	else
		sbuf_printf(out, "%s%*s", text, over < 0 ? -over : 0, "");
	sbuf_putc(out, ' ');
}

static int widest(const struct state *v, enum cell c, int most)
{
	int widest = 0;

	for (size_t i = 0; i < v->units; i++) {
		int w = draw_width(v->unit[i].cell[c]);

		widest = w > widest ? w : widest;
	}
	return widest < most ? widest : most;
}

/* Lines so wide. Serial and product share what the other columns leave; a longer product has
 * what no serial needs, and a longer serial what is left then. */
static void set_list(struct state *v, int w)
{
	int share = w - SERIAL_W - PRODUCT_W > OTHERS_W ? w - OTHERS_W : SERIAL_W + PRODUCT_W;
	int serial = widest(v, SERIAL, SERIAL_W), product = widest(v, PRODUCT, share - serial);

	product = product > PRODUCT_W ? product : PRODUCT_W;
	serial = widest(v, SERIAL, share - product);
	serial = serial > SERIAL_W ? serial : SERIAL_W;
	serial = serial < share - product ? serial : share - product;
	lines_reset(&v->list);
	v->list_w = w;
	for (size_t i = 0; i < v->units; i++) {
		const char *const *c = v->unit[i].cell;
		struct sbuf line = { 0 }, runs = { 0 };

		sbuf_printf(&runs, T("runs %s"), c[RUN_COUNT]);
		column(&line, c[SERIAL], serial, 1);
		column(&line, c[PRODUCT], product, 0);
		column(&line, c[PROCESS], 5, 0);
		column(&line, sbuf_str(&runs), 8, 0);
		column(&line, ui_verdict(verdict_find(c[LAST])), 12, 0);
		sbuf_printf(&line, "%.16s", c[WHEN]);
		lines_add(&v->list, sbuf_str(&line));
		sbuf_release(&runs);
		sbuf_release(&line);
	}
}

static void keep_list(struct state *v, const struct floor_reply *r)
{
	arena_free(&v->of_list);
	v->unit = arena_alloc(&v->of_list, (r->rows + 1) * sizeof(*v->unit));
	v->units = 0;
	for (size_t i = 0; i < r->rows; i++) {
		if (cells(r->row[i]) < CELLS)
			continue;
		for (size_t c = 0; c < CELLS; c++)
			v->unit[v->units].cell[c] = arena_strdup(&v->of_list, r->row[i][c]);
		v->units++;
	}
	set_list(v, v->list_w);
}

static void keep_runs(struct state *v, const struct floor_reply *r)
{
	size_t n = 0;

	lines_reset(&v->runs);
	arena_free(&v->of_runs);
	v->run = arena_alloc(&v->of_runs, (r->rows + 1) * sizeof(*v->run));
	for (size_t i = 0; i < r->rows; i++) {
		/* run, attempt, when, verdict, first_fail, slot, station */
		const char **c = r->row[i];
		struct sbuf line = { 0 }, attempt = { 0 }, place = { 0 };

		if (cells(c) < 7)
			continue;
		if (strcmp(c[1], "0") != 0)
			sbuf_printf(&attempt, T("attempt %s"), c[1]);
		else
			sbuf_puts(&attempt, T("not counted"));
		sbuf_printf(&place, "%s/%s", c[6], c[5]);
		column(&line, sbuf_str(&attempt), 11, 0);
		sbuf_printf(&line, "%-16.16s ", c[2]);
		column(&line, ui_verdict(verdict_find(c[3])), 12, 0);
		column(&line, sbuf_str(&place), 12, 0);
		sbuf_puts(&line, c[4]);
		lines_add(&v->runs, sbuf_str(&line));
		v->run[n++] = arena_strdup(&v->of_runs, c[0]);
		sbuf_release(&attempt);
		sbuf_release(&place);
		sbuf_release(&line);
	}
}

static void reply(struct ui *u, const struct floor_reply *r)
{
	struct state *v = ui_state(u);

	if (r->id == u->asked[FLOOR_DO_FIND]) {
		keep_list(v, r);
	} else if (r->id == u->asked[FLOOR_DO_RUNS]) {
		if (!r->ok)
			return;
		keep_runs(v, r);
		v->at = RUNS;
	} else if (r->id == u->asked[FLOOR_DO_SHOW]) {
		if (!r->ok)
			return;
		lines_reset(&v->report);
		for (size_t i = 0; i < r->rows; i++)
			lines_add(&v->report, r->row[i][0] ? r->row[i][0] : "");
		v->at = REPORT;
	}
}

static void draw(struct ui *u, struct area a)
{
	struct state *v = ui_state(u);
	struct area in = { a.y + 2, a.x + 1, a.h - 2, a.w - 2 };

	if (v->at == REPORT) {
		/* A verdict that nobody saw is seen now. */
		snprintf(u->report.drawn, sizeof(u->report.drawn), "%s", v->shown);
		u->report.area = a;
		draw_text(a.y, a.x + 1, a.w - 2, STYLE_BOLD,
			  T("Report of the run; Left: back to the runs"));
		in.x = a.x; /* it is as wide as the smallest screen */
		in.w = a.w;
		lines_draw(&v->report, in, 0);
		return;
	}
	if (v->at == RUNS) {
		draw_printf(a.y, a.x + 1, a.w - 2, STYLE_BOLD,
			    T("Runs of %s, newest first; Right: report; Left: units"), v->serial);
		lines_draw(&v->runs, in, 1);
		return;
	}
	if (*v->what)
		draw_printf(a.y, a.x + 1, a.w - 2, STYLE_BOLD,
			    T("Units with '%s': scan one, or F2 and type; Right: its runs"),
			    v->what);
	else
		draw_text(a.y, a.x + 1, a.w - 2, STYLE_BOLD,
			  T("The last units: scan one, or F2 and type; Right: its runs"));
	if (v->list_w != in.w) {
		size_t top = v->list.top, at = v->list.at;

		set_list(v, in.w);
		v->list.top = top;
		v->list.at = at;
	}
	if (!v->list.count)
		draw_text(in.y, in.x, in.w, STYLE_NORMAL, T("no such unit"));
	lines_draw(&v->list, in, 1);
}

static void open_unit(struct ui *u, const struct unit *unit)
{
	struct state *v = ui_state(u);

	snprintf(v->serial, sizeof(v->serial), "%s", unit->cell[SERIAL]);
	ui_send(u, &(struct floor_command){ .what = FLOOR_DO_RUNS,
					    .text = unit->cell[SERIAL],
					    .len = strlen(unit->cell[SERIAL]),
					    .product = unit->cell[PRODUCT],
					    .process = unit->cell[PROCESS] });
}

static void open_run(struct ui *u, const char *run)
{
	struct state *v = ui_state(u);

	snprintf(v->shown, sizeof(v->shown), "%s", run);
	ui_send(u,
		&(struct floor_command){ .what = FLOOR_DO_SHOW, .text = run, .len = strlen(run) });
}

static int press(struct ui *u, enum input_key key, int times)
{
	struct state *v = ui_state(u);
	struct lines *l = v->at == REPORT ? &v->report : v->at == RUNS ? &v->runs : &v->list;

	if (key == PRESS_LEFT && v->at != UNITS) {
		u->asked[FLOOR_DO_SHOW] = -1;
		v->at = v->at == REPORT ? RUNS : UNITS;
		return 1;
	}
	if ((key == PRESS_RIGHT || key == PRESS_ENTER) && v->at != REPORT && l->at < l->count) {
		if (v->at == UNITS)
			open_unit(u, &v->unit[l->at]);
		else
			open_run(u, v->run[l->at]);
		return 1;
	}
	return lines_press(l, key, times, 10, v->at != REPORT);
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
	return 1;
}

static void release(struct ui *u)
{
	struct state *v = ui_state(u);

	lines_reset(&v->list);
	lines_reset(&v->runs);
	lines_reset(&v->report);
	arena_free(&v->of_list);
	arena_free(&v->of_runs);
}

const struct view_ops view_units = {
	.state_size = sizeof(struct state),
	.open = open,
	.release = release,
	.draw = draw,
	.act = act,
	.press = press,
	.scan = scan,
	.sent = sent,
	.reply = reply,
};
