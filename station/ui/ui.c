#include "ui/ui.h"

#include <curses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "ui/bars.h"
#include "ui/draw.h"
#include "ui/lang.h"
#include "ui/message.h"
#include "ui/picture_place.h"
#include "ui/view.h"

enum { MIN_ROWS = 24, MIN_COLS = 80, TICK_MS = 500, TOUCH_MS = 400 };
enum { MOVED_MS = 250 /* our choice: a bar that moves four times a second seems to flow */ };

static const struct view_ops *const views[] = {
#define VIEW(name) &view_##name,
#include "ui/view.def"
#undef VIEW
};

const struct ui_action ui_actions[] = {
#define ACTION(name, key, title, help) { ACTION_##name, key, title, help },
#include "ui/actions.def"
#undef ACTION
	{ ACTION_NONE, PRESS_NONE, NULL, NULL },
};

/* Where an action opens a view. */
static const struct {
	enum action action;
	enum view_id view;
} opens[] = {
	{ ACTION_HELP, VIEW_help },   { ACTION_SLOT, VIEW_slot },   { ACTION_UNITS, VIEW_units },
	{ ACTION_YIELD, VIEW_yield }, { ACTION_PLANS, VIEW_plans },
};

void ui_init(struct ui *u, const struct ui_source *source)
{
	*u = (struct ui){ .source = *source, .dirty = 1, .now_ms = clock_ms() };
	for (size_t i = 0; i < VIEW_END_; i++) {
		u->state[i] = calloc(1, views[i]->state_size + 1);
		if (!u->state[i])
			abort();
	}
}

void ui_release(struct ui *u)
{
	for (u->view = 0; u->view < VIEW_END_; u->view++) {
		if (views[u->view]->release)
			views[u->view]->release(u);
		free(u->state[u->view]);
	}
	dialogue_close(&u->dialogue);
	sbuf_release(&u->message.text);
	sbuf_release(&u->detail);
	*u = (struct ui){ 0 };
}

void *ui_state(struct ui *u)
{
	return u->state[u->view];
}

const struct floor_slot *ui_slot(const struct ui *u, size_t index)
{
	if (index >= u->source.slots(u->source.payload) || index >= UI_SLOTS_MAX)
		return NULL;
	return u->source.slot(u->source.payload, index);
}

const struct floor_slot *ui_selected(const struct ui *u)
{
	return ui_slot(u, u->selected);
}

int ui_nobody(const struct ui *u)
{
	const struct floor_status *s = u->source.status(u->source.payload);

	return s && s->login && !(s->person && *s->person);
}

const char *ui_disposition(void)
{
	return T("disposition: scan its code from the sheet of station codes, or F9");
}

const char *ui_login(const struct ui *u)
{
	const struct floor_status *s = u->source.status(u->source.payload);

	return s && s->no_badges ? T("nobody has a badge yet: an engineer runs station people add")
				 : T("scan your badge");
}

const char *ui_verdict(enum verdict v)
{
	static const char *const words[] = {
		[VERDICT_NONE] = "-",
		[VERDICT_PASS] = N("PASS"),
		[VERDICT_FAIL] = N("FAIL"),
		[VERDICT_ERROR] = N("ERROR"),
		[VERDICT_SKIP] = N("SKIP"),
		[VERDICT_ABORT] = N("ABORT"),
		[VERDICT_ABORTED] = N("ABORTED"),
		[VERDICT_INTERRUPTED] = N("INTERRUPTED"),
	};

	return v < sizeof(words) / sizeof(words[0]) && words[v] ? T(words[v]) : "?";
}

/* What is said. */

void ui_say(struct ui *u, enum floor_notice_kind kind, const char *slot, const char *text)
{
	u->message.there = 1;
	u->message.kind = kind;
	u->message.at_ms = clock_ms();
	*u->message.code = '\0';
	snprintf(u->message.slot, sizeof(u->message.slot), "%s", slot ? slot : "");
	sbuf_reset(&u->message.text);
	sbuf_puts(&u->message.text, text);
	u->dirty = 1;
}

static void tell(struct ui *u, const struct floor_notice *n)
{
	ui_say(u, n->kind, n->slot, n->text ? n->text : "");
	snprintf(u->message.code, sizeof(u->message.code), "%s", n->code ? n->code : "");
	u->ring |= n->kind == FLOOR_NOTICE_NO || n->kind == FLOOR_NOTICE_BAD;
}

/* News of another slot do not wipe away what nobody can have read yet. */
void ui_notice(struct ui *u, const struct floor_notice *n)
{
	int bad = u->message.kind == FLOOR_NOTICE_NO || u->message.kind == FLOOR_NOTICE_BAD;

	if (n->kind != FLOOR_NOTICE_INFO || !u->message.there || !bad ||
	    clock_ms() - u->message.at_ms >= UI_READ_MS)
		tell(u, n);
}

int64_t ui_send(struct ui *u, const struct floor_command *c)
{
	struct err err = { 0 };
	int64_t id;

	if (u->gone) {
		ui_say(u, FLOOR_NOTICE_BAD, NULL,
		       T("no connection to the station; nothing was done"));
		return -1;
	}
	/* Done some time later it would meet another unit. */
	if (message_silent_ms(u) && c->what != FLOOR_DO_WATCH) {
		ui_say(u, FLOOR_NOTICE_BAD, NULL,
		       T("the station does not answer; nothing was done"));
		return -1;
	}
	id = u->source.send(u->source.payload, c, &err);
	if (id < 0)
		ui_say(u, FLOOR_NOTICE_BAD, NULL, err.text);
	u->asked[c->what] = id;
	if (id >= 0 && views[u->view]->sent)
		views[u->view]->sent(u, c);
	return id;
}

void ui_reply(struct ui *u, const struct floor_reply *r)
{
	/* What was said to everybody stays as it was meant. */
	int is_said = (u->message.there && r->text &&
		       (!*r->text || !strcmp(sbuf_str(&u->message.text), r->text))) ||
		      (u->by_itself && r->id == u->by_itself); /* nobody waits for a word */

	if (!is_said && (!r->ok || (r->text && *r->text && !r->rows)))
		tell(u, &(struct floor_notice){ r->ok ? FLOOR_NOTICE_INFO : FLOOR_NOTICE_NO, NULL,
						r->text ? r->text : "", r->code });
	for (enum view_id at = u->view, v = 0; v < VIEW_END_; v++) {
		u->view = v;
		if (views[v]->reply)
			views[v]->reply(u, r);
		u->view = at;
	}
	dialogue_reply(u, r);
	u->dirty = 1;
}

void ui_console(struct ui *u, size_t slot, const char *text, size_t len)
{
	if (views[u->view]->console)
		views[u->view]->console(u, slot, text, len);
	u->dirty = 1;
}

void ui_measure(struct ui *u, size_t slot, const char *text)
{
	if (views[u->view]->measure)
		views[u->view]->measure(u, slot, text);
	u->dirty = 1;
}

void ui_changed(struct ui *u)
{
	const struct floor_status *st = u->source.status(u->source.payload);

	u->now_ms = clock_ms();
	if (dialogue_speak(u, st ? st->language : NULL) && views[u->view]->open)
		views[u->view]->open(u); /* what it lists is in the language of the one before */
	dialogue_update(u, clock_ns());
	u->dirty = 1;
}

void ui_slot_changed(struct ui *u, size_t index)
{
	const struct floor_slot *s = ui_slot(u, index);
	int same;

	if (!s) {
		ui_changed(u);
		return;
	}
	same = s->state == FLOOR_RUNNING && u->known[index].state == s->state &&
	       u->known[index].run_at_ms == s->run_at_ms &&
	       u->known[index].question == s->question.number;
	u->known[index].state = s->state;
	u->known[index].run_at_ms = s->run_at_ms;
	u->known[index].question = s->question.number;
	if (!same)
		ui_changed(u);
	else if (!u->moved_ms)
		u->moved_ms = clock_ms();
}

void ui_gone(struct ui *u, int gone, const char *why)
{
	int was;

	if (u->gone != gone || strncmp(u->why_gone, why ? why : "", sizeof(u->why_gone) - 1))
		u->dirty = 1;
	snprintf(u->why_gone, sizeof(u->why_gone), "%.*s", why ? text_brief(why, strlen(why)) : 0,
		 why ? why : "");
	if (gone && !u->gone) { /* what was said there may not be so any more: its run is over */
		dialogue_close(&u->dialogue);
		u->message.there = 0;
	}
	was = u->gone;
	u->gone = gone;
	if (was && !gone && u->view == VIEW_slot)
		view_slot.open(u); /* for the station it is somebody new */
}

/* What an open view shows may have changed where nobody tells: it asks again, in silence. */
static void ask_again(struct ui *u)
{
	struct floor_command c = { .what = views[u->view]->again, .text = "" };

	if (!c.what || u->gone || message_silent_ms(u) || u->now_ms - u->again_ms < UI_AGAIN_MS)
		return;
	u->again_ms = u->now_ms;
	u->by_itself = ui_send(u, &c);
}

void ui_heard(struct ui *u, int64_t at_ms)
{
	int was = message_silent_ms(u) != 0;

	u->now_ms = clock_ms();
	u->heard_ms = at_ms;
	if (was != (message_silent_ms(u) != 0))
		u->dirty = 1;
	ask_again(u);
}

/* Keys and scans. */

int ui_text_open(const struct ui *u)
{
	return u->dialogue.kind == DIALOGUE_TEXT;
}

void ui_open(struct ui *u, enum view_id v)
{
	if (views[u->view]->close)
		views[u->view]->close(u);
	u->view = v == u->view ? VIEW_operator : v;
	u->again_ms = u->now_ms;
	if (views[u->view]->open)
		views[u->view]->open(u);
	u->dirty = 1;
}

static void mark_next(struct ui *u)
{
	size_t n = u->source.slots(u->source.payload);

	if (views[u->view]->close)
		views[u->view]->close(u);
	u->selected = n ? (u->selected + 1) % n : 0;
	if (views[u->view]->open)
		views[u->view]->open(u);
}

static void answer(struct ui *u, int64_t at_ns)
{
	memset(u->aside, 0, sizeof(u->aside));
	u->waits_aside = 0;
	if (ui_selected(u) && ui_selected(u)->question.number)
		dialogue_question(u, u->selected, at_ns);
	else
		dialogue_update(u, at_ns);
	if (u->dialogue.kind == DIALOGUE_NONE)
		ui_say(u, FLOOR_NOTICE_INFO, NULL, T("nothing is asked"));
}

static void stop(struct ui *u, int64_t at_ns)
{
	const struct floor_slot *s = ui_selected(u);

	if (s &&
	    (s->state == FLOOR_RUNNING || s->state == FLOOR_PAUSED || s->state == FLOOR_STARTING))
		dialogue_order(u,
			       &(struct order){ .what = FLOOR_DO_STOP,
						.title = N("stop the run"),
						.fields = ORDER_SLOT | ORDER_UNIT },
			       at_ns);
	else if (s)
		ui_say(u, FLOOR_NOTICE_NO, s->name, T("nothing runs here; F3 marks the next slot"));
}

static void act(struct ui *u, enum action a, int64_t at_ns)
{
	int done = views[u->view]->act ? views[u->view]->act(u, a) : 0;

	u->dirty = 1;
	if (done)
		return;
	for (size_t i = 0; i < sizeof(opens) / sizeof(opens[0]); i++)
		if (opens[i].action == a) {
			ui_open(u, opens[i].view);
			return;
		}
	switch (a) {
	case ACTION_TYPE:
		dialogue_order(u,
			       &(struct order){ .what = FLOOR_DO_TYPED,
						.title = N("a label, typed by hand"),
						.fields = ORDER_TEXT },
			       at_ns);
		break;
	case ACTION_NEXT:
		mark_next(u);
		break;
	case ACTION_STOP:
		stop(u, at_ns);
		break;
	case ACTION_MENU:
		dialogue_menu(u, u->view == VIEW_slot, at_ns);
		break;
	case ACTION_ANSWER:
		answer(u, at_ns);
		break;
	default:
		break;
	}
}

static void press(struct ui *u, const struct input_event *e)
{
	if (dialogue_press(u, e))
		return;
	for (const struct ui_action *a = ui_actions; a->action; a++)
		if (a->key == e->key) {
			act(u, a->action, e->at_ns);
			return;
		}
	if (views[u->view]->press && views[u->view]->press(u, e->key, e->times))
		u->dirty = 1;
	else if (e->key == PRESS_ESC && u->view != VIEW_operator)
		ui_open(u, VIEW_operator);
}

static int begins(const char *text, size_t len, const char *with)
{
	size_t n = with ? strlen(with) : 0;

	return n && len >= n && !memcmp(text, with, n);
}

/* A badge or a code of the station: it does in every view what it does in the first, and a
 * badge is a secret, which is looked up and shown nowhere. */
static int is_ours(const struct ui *u, const char *text, size_t len)
{
	const struct floor_status *s = u->source.status(u->source.payload);
	size_t aim = len > 3 && *text == ']' ? 3 : 0; /* AIM's identifier of the symbology */

	return s &&
	       (begins(text + aim, len - aim, s->badge) || begins(text + aim, len - aim, s->codes));
}

static void scan(struct ui *u, const struct input_event *e)
{
	u->message.there = 0;
	u->dirty = 1;
	if (!is_ours(u, e->body, e->body_len)) {
		if (dialogue_scan(u, e))
			return;
		if (u->dialogue.kind == DIALOGUE_NONE && views[u->view]->scan &&
		    views[u->view]->scan(u, e->body, e->body_len))
			return;
	}
	ui_send(u,
		&(struct floor_command){ .what = FLOOR_DO_SCAN, .text = e->text, .len = e->len });
}

static void doubt(struct ui *u, const struct input_event *e)
{
	static const char *const why[] = {
		[DOUBT_NONE] = "",
		[DOUBT_CUT] = N("the scan came in pieces or without its end, and nothing was done: "
				"scan again"),
		[DOUBT_TWO] = N("two scans came as one, and nothing was done: scan one after the "
				"other"),
		[DOUBT_KEY] = N("a key came too close to a scan or to another key, or is held "
				"down, and nothing was done: once more"),
	};

	ui_say(u, FLOOR_NOTICE_NO, NULL, T(why[e->doubt]));
	u->ring = 1;
}

/* What a scan led to stays to be read. */
static void early(struct ui *u)
{
	if (!u->message.there || u->message.kind == FLOOR_NOTICE_INFO)
		ui_say(u, FLOOR_NOTICE_INFO, NULL,
		       T("the key came too soon behind a scan and did not count: press it again"));
}

static void felt(struct ui *u, const struct input_event *e)
{
	u->touched = e->key;
	u->touched_ms = u->now_ms + TOUCH_MS;
	u->dirty = 1;
}

static int is_too_small(void)
{
	return LINES < MIN_ROWS || COLS < MIN_COLS;
}

void ui_event(struct ui *u, const struct input_event *e)
{
	u->now_ms = clock_ms();
	switch (e->type) {
	case INPUT_KEY:
		if (!is_too_small()) /* else nobody sees what it does */
			press(u, e);
		break;
	case INPUT_CHAR:
		if (u->dialogue.kind == DIALOGUE_TEXT)
			dialogue_char(u, e);
		else if (!u->message.there)
			ui_say(u, FLOOR_NOTICE_INFO, NULL, T("F2 opens a field for typing"));
		break;
	case INPUT_SCAN:
		if (e->len)
			scan(u, e);
		break;
	case INPUT_LOST:
		ui_say(u, FLOOR_NOTICE_NO, NULL,
		       T("the scan was longer than any label and was dropped; scan the label "
			 "again"));
		break;
	case INPUT_DOUBT:
		doubt(u, e);
		break;
	case INPUT_EARLY:
		early(u);
		break;
	case INPUT_TOUCH:
		felt(u, e);
		break;
	}
}

/* The picture. */

static int meet(struct area a, struct area b)
{
	return a.y < b.y + b.h && b.y < a.y + a.h && a.x < b.x + b.w && b.x < a.x + a.w;
}

void ui_draw(struct ui *u)
{
	int rows;
	struct area all, box;

	u->now_ms = clock_ms();
	rows = message_rows(u);
	all = (struct area){ 2, 0, LINES - 2 - rows - 1, COLS };
	if (u->touched && u->now_ms >= u->touched_ms)
		u->touched = PRESS_NONE;
	dialogue_update(u, clock_ns());
	u->dirty = 0;
	u->moved_ms = 0;
	picture_place_begin();
	for (size_t i = 0; i < UI_SLOTS_MAX; i++)
		*u->verdict[i].drawn = '\0';
	*u->report.drawn = '\0';
	erase();
	if (is_too_small()) {
		draw_wrap((struct area){ 0, 0, LINES, COLS }, STYLE_BOLD,
			  T("too small: this screen needs 80 columns and 24 rows; the runs go on"));
		return;
	}
	bars_status(u);
	sbuf_reset(&u->detail);
	u->calm_rows = LINES - 2 - message_calm_rows() - 1;
	if (views[u->view]->draw)
		views[u->view]->draw(u, all);
	message_draw(u, (struct area){ LINES - 1 - rows, 0, rows, COLS });
	bars_keys(u, LINES - 1);
	u->cursor_y = LINES - 1;
	u->cursor_x = 0;
	box = dialogue_draw(u, all);
	for (size_t i = 0; i < UI_SLOTS_MAX; i++)
		u->verdict[i].covered = meet(u->verdict[i].area, box);
	u->report.covered = meet(u->report.area, box);
	u->drawn_ns = clock_ns();
	move(u->cursor_y, u->cursor_x);
}

static void tell_shown(struct ui *u, struct ui_seen *v)
{
	if (!*v->drawn || v->covered || !strcmp(v->drawn, v->told))
		return;
	memcpy(v->told, v->drawn, sizeof(v->told));
	if (u->source.shown)
		u->source.shown(u->source.payload, v->told);
}

void ui_flushed(struct ui *u)
{
	dialogue_shown(u, u->drawn_ns);
	for (size_t i = 0; i < UI_SLOTS_MAX && !u->gone; i++) {
		struct ui_seen *v = &u->verdict[i];

		if (*v->drawn && strcmp(v->drawn, v->rung) != 0) {
			u->ring |= ui_slot(u, i) && ui_slot(u, i)->verdict != VERDICT_PASS;
			memcpy(v->rung, v->drawn, sizeof(v->rung));
		}
		tell_shown(u, v);
	}
	if (!u->gone)
		tell_shown(u, &u->report);
}

static int moves(const struct ui *u)
{
	for (size_t i = 0; i < u->source.slots(u->source.payload); i++) {
		const struct floor_slot *s = ui_slot(u, i);

		if (s && (s->state == FLOOR_RUNNING || s->state == FLOOR_STARTING ||
			  s->state == FLOOR_SAVING || s->question.number))
			return 1;
	}
	return 0;
}

int64_t ui_due(const struct ui *u)
{
	int64_t due = u->now_ms + (moves(u) ? TICK_MS : 5000);

	if (u->moved_ms && u->moved_ms + MOVED_MS < due)
		due = u->moved_ms + MOVED_MS;
	if (message_silent_ms(u) && u->now_ms + 1000 < due)
		due = u->now_ms + 1000;
	else if (u->heard_ms && !u->gone && u->heard_ms + UI_SILENT_MS < due)
		due = u->heard_ms + UI_SILENT_MS;
	if (u->touched && u->touched_ms < due)
		due = u->touched_ms;
	if (u->message.there && u->message.at_ms + UI_NEWS_MS > u->now_ms &&
	    u->message.at_ms + UI_NEWS_MS < due)
		due = u->message.at_ms + UI_NEWS_MS;
	if (u->dialogue.kind != DIALOGUE_NONE && u->dialogue.until_ms < due)
		due = u->dialogue.until_ms;
	return due;
}
