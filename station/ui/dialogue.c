#include "ui/dialogue.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "ui/lang.h"
#include "ui/picture_place.h"
#include "ui/ui.h"

#define MS INT64_C(1000000)

enum { PAGE = 9 /* lines that F1 to F9 mark */ };

void dialogue_close(struct dialogue *d)
{
	sbuf_release(&d->entry);
	arena_free(&d->arena);
	*d = (struct dialogue){ 0 };
}

int dialogue_speak(struct ui *u, const char *language)
{
	int is_other = lang_set(language);

	if (is_other)
		dialogue_close(&u->dialogue);
	return is_other;
}

static const char *keep(struct dialogue *d, const char *s)
{
	return s ? arena_strdup(&d->arena, s) : NULL;
}

static void opened(struct ui *u, enum dialogue_kind kind, int64_t at_ns)
{
	struct dialogue *d = &u->dialogue;

	d->kind = kind;
	d->changed_ns = at_ns;
	d->until_ms = u->now_ms + DIALOGUE_PATIENCE_MS;
	d->picked = d->choices;
	u->dirty = 1;
}

/* Something was pressed or scanned: the pause and the patience begin anew. */
static void used(struct ui *u, int64_t at_ns)
{
	struct dialogue *d = &u->dialogue;

	d->changed_ns = at_ns;
	if (d->until_ms != CLOCK_NEVER)
		d->until_ms = u->now_ms + DIALOGUE_PATIENCE_MS;
}

/* Of a unit that may need it; one that passed is seldom meant. */
static const char *serial_of_selected(const struct ui *u)
{
	const struct floor_slot *s = ui_selected(u);
	int passed = s && s->state == FLOOR_ENDED && s->verdict == VERDICT_PASS;

	return s && s->serial && !passed ? s->serial : "";
}

static void send(struct ui *u)
{
	struct dialogue *d = &u->dialogue;
	struct floor_command c = { .what = d->order.what,
				   .slot = d->order.slot,
				   .text = d->order.text ? d->order.text : "",
				   .serial = d->order.serial,
				   .reason = d->order.reason,
				   .question = d->order.question };

	c.len = strlen(c.text);
	if (d->order.quit)
		u->quit = 1;
	else
		ui_send(u, &c);
	if (d->question && d->of_slot < UI_SLOTS_MAX)
		u->aside[d->of_slot] = d->question; /* answered; the model will say so too */
	dialogue_close(d);
	u->dirty = 1;
}

/* The field is the serial of a unit. */
static int wants_unit(const struct dialogue *d)
{
	return d->kind == DIALOGUE_TEXT &&
	       (d->fills == ORDER_SERIAL ||
		(d->fills == ORDER_TEXT && (d->order.fields & ORDER_TEXT_IS_SERIAL)));
}

/* Open the next field of the order, or its confirmation; done: send it. */
static void next_field(struct ui *u, int64_t at_ns, int confirmed)
{
	struct dialogue *d = &u->dialogue;
	int typed = d->fills == ORDER_TEXT && d->order.text != NULL;
	static const enum order_field fields[] = { ORDER_TEXT, ORDER_SERIAL, ORDER_REASON };

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (!(d->order.fields & (int)fields[i]))
			continue;
		d->order.fields &= ~(int)fields[i];
		d->fills = fields[i];
		sbuf_reset(&d->entry);
		d->choices = 0;
		opened(u, DIALOGUE_TEXT, at_ns);
		d->body = wants_unit(d) ? T("Serial number of the unit; scan it or type it:")
			  : d->fills == ORDER_TEXT ? T("Type it:")
						   : T("Reason, it is recorded:");
		if (wants_unit(d))
			sbuf_puts(&d->entry, serial_of_selected(u));
		if (d->fills == ORDER_REASON && (d->order.serial || typed))
			d->body = arena_printf(&d->arena, "%s: %s",
					       d->order.serial ? d->order.serial : d->order.text,
					       d->body);
		return;
	}
	if (confirmed) {
		send(u);
		return;
	}
	d->choices = 0;
	d->body = NULL;
	opened(u, DIALOGUE_CONFIRM, at_ns);
}

static void begin(struct ui *u, const struct order *o, int64_t at_ns, int confirmed)
{
	struct order order = *o;
	struct dialogue *d = &u->dialogue;
	const struct floor_slot *s = ui_selected(u);

	dialogue_close(d);
	d->order = order;
	d->order.text = keep(d, order.text);
	d->order.serial = keep(d, order.serial);
	if (order.fields & ORDER_SLOT) {
		if (!s)
			return;
		d->order.slot = keep(d, s->name);
		if (order.fields & ORDER_UNIT)
			d->order.serial = keep(d, s->serial);
		if (order.fields & ORDER_STEP && s->state == FLOOR_PAUSED)
			d->order.text = keep(d, s->step_id);
		d->order.fields &= ~(ORDER_SLOT | ORDER_UNIT | ORDER_STEP);
	} else {
		d->order.slot = keep(d, order.slot);
	}
	d->title = d->order.slot ? arena_printf(&d->arena, T("slot %s: %s"), d->order.slot,
						T(order.title))
				 : keep(d, T(order.title));
	next_field(u, at_ns, confirmed);
}

void dialogue_order(struct ui *u, const struct order *o, int64_t at_ns)
{
	begin(u, o, at_ns, 0);
}

void dialogue_menu(struct ui *u, int engineer, int64_t at_ns)
{
	struct dialogue *d = &u->dialogue;
	size_t n;
	const struct order *o = dialogue_orders(engineer, &n);
	const struct floor_slot *s = ui_selected(u);

	dialogue_close(d);
	d->orders = o;
	d->choices = n;
	d->choice = arena_alloc(&d->arena, n * sizeof(*d->choice));
	for (size_t i = 0; i < n; i++)
		d->choice[i] = T(o[i].title);
	d->title = engineer && s
			   ? arena_printf(&d->arena, T("slot %s: what shall be done?"), s->name)
			   : T("What shall be done?");
	opened(u, DIALOGUE_CHOICE, at_ns);
}

static const char *choice_text(const struct floor_question *q, size_t i)
{
	if (strcmp(q->kind, "pass"))
		return q->choice[i];
	return !strcmp(q->choice[i], "pass") ? T("yes, it is good") : T("no, it is not good");
}

void dialogue_question(struct ui *u, size_t index, int64_t at_ns)
{
	struct dialogue *d = &u->dialogue;
	const struct floor_slot *s = ui_slot(u, index);
	const struct floor_question *q = &s->question;

	dialogue_close(d);
	d->of_slot = index;
	d->question = q->number;
	d->order = (struct order){ .what = FLOOR_DO_ANSWER, .question = q->number };
	d->order.slot = keep(d, s->name);
	d->title = arena_printf(&d->arena, T("slot %s asks"), s->name);
	d->body = keep(d, q->text);
	d->picture = keep(d, q->picture);
	d->fills = ORDER_TEXT;
	if (q->choices) {
		d->choices = q->choices;
		d->choice = arena_alloc(&d->arena, q->choices * sizeof(*d->choice));
		d->value = arena_alloc(&d->arena, q->choices * sizeof(*d->value));
		for (size_t i = 0; i < q->choices; i++) {
			d->value[i] = keep(d, q->choice[i]);
			d->choice[i] = keep(d, choice_text(q, i));
		}
	}
	opened(u,
	       q->choices                 ? DIALOGUE_CHOICE
	       : !strcmp(q->kind, "scan") ? DIALOGUE_LOOK
					  : DIALOGUE_TEXT,
	       at_ns);
	d->until_ms = CLOCK_NEVER;
}

/* *takes: the scan that waits can go there. */
static const char *slot_line(struct arena *a, const struct floor_slot *s, int *takes)
{
	*takes = 1;
	if (s->question.number && !strcmp(s->question.kind, "scan"))
		return arena_printf(a, T("slot %s asks"), s->name);
	if (s->state == FLOOR_OUT)
		return arena_printf(a, T("slot %s, empty"), s->name);
	if (s->state == FLOOR_IN)
		return arena_printf(a, T("slot %s, a board waits"), s->name);
	if (s->state == FLOOR_ENDED)
		return arena_printf(a, T("slot %s, still %s %s"), s->name, ui_verdict(s->verdict),
				    s->serial);
	*takes = 0;
	return arena_printf(a, T("slot %s, not free"), s->name);
}

static void ask_which_slot(struct ui *u, int64_t at_ns)
{
	struct dialogue *d = &u->dialogue;
	const struct floor_status *st = u->source.status(u->source.payload);
	size_t n = u->source.slots(u->source.payload);

	n = n < UI_SLOTS_MAX ? n : UI_SLOTS_MAX;
	dialogue_close(d);
	d->choice = arena_alloc(&d->arena, n * sizeof(*d->choice));
	d->value = arena_alloc(&d->arena, n * sizeof(*d->value));
	for (size_t i = 0; i < n; i++) {
		const struct floor_slot *s = ui_slot(u, i);
		int takes; /* else its line stays, so that Fn is always the same slot */

		d->choice[i] = slot_line(&d->arena, s, &takes);
		d->value[i] = takes ? keep(d, s->name) : NULL;
	}
	d->choices = n;
	d->order = (struct order){ .what = FLOOR_DO_CHOOSE, .serial = keep(d, st->waits_text) };
	d->fills = ORDER_SLOT;
	d->title = T("Which slot?");
	d->body = arena_printf(&d->arena, T("%s: scan the code of the slot, or choose it here"),
			       st->waits_text);
	opened(u, DIALOGUE_CHOICE, at_ns);
	d->until_ms = CLOCK_NEVER;
}

/* "already passed: test it again?" Two keys, as for every question that opens by itself. */
static void ask_retest(struct ui *u, int64_t at_ns)
{
	struct dialogue *d = &u->dialogue;
	const struct floor_status *st = u->source.status(u->source.payload);

	dialogue_close(d);
	d->choices = 2;
	d->choice = arena_alloc(&d->arena, 2 * sizeof(*d->choice));
	d->choice[0] = T("no, leave it as it is");
	d->choice[1] = T("yes, test the unit again");
	d->order = (struct order){ .what = FLOOR_DO_CONFIRM, .serial = keep(d, st->waits_text) };
	d->title = T("Test it again?");
	d->body = arena_printf(&d->arena, T("unit %s has passed already"), st->waits_text);
	opened(u, DIALOGUE_CHOICE, at_ns);
	d->until_ms = CLOCK_NEVER;
}

static void ask_badge(struct ui *u, int64_t at_ns)
{
	struct dialogue *d = &u->dialogue;
	const struct floor_status *st = u->source.status(u->source.payload);

	dialogue_close(d);
	d->title = T("Whose badge?");
	d->body = arena_printf(&d->arena,
			       T("'%s' waits for the badge of somebody who may do that: scan it"),
			       lang_word_or_same(st->waits_text));
	opened(u, DIALOGUE_LOOK, at_ns);
	d->until_ms = CLOCK_NEVER;
}

/* What the station waits for a person with. */
static const struct {
	const char *word;
	void (*open)(struct ui *u, int64_t at_ns);
} waits[] = {
	{ "scan", ask_which_slot },
	{ "confirm", ask_retest },
	{ "command", ask_badge },
};

const char *dialogue_waits(size_t i)
{
	return i < sizeof(waits) / sizeof(waits[0]) ? waits[i].word : NULL;
}

/* The word and text of what waits, "" when nothing does; index is that of the row. */
static const char *waits_key(char out[UI_WAITS_MAX], const struct floor_status *st, size_t *index)
{
	size_t n = sizeof(waits) / sizeof(waits[0]), i = 0;

	while (i < n && (!st || !st->waits || strcmp(st->waits, waits[i].word) != 0))
		i++;
	*index = i;
	snprintf(out, UI_WAITS_MAX, "%s%s%s", i < n ? st->waits : "", i < n ? ":" : "",
		 i < n ? st->waits_text : "");
	return out;
}

static void pick(struct ui *u, size_t i)
{
	if (i < u->dialogue.choices && (!u->dialogue.value || u->dialogue.value[i]))
		u->dialogue.picked = i;
}

static void mark(struct ui *u, int by)
{
	struct dialogue *d = &u->dialogue;

	if (!d->choices)
		return;
	for (size_t tries = 0, at = d->picked; tries < d->choices; tries++) {
		at = at == d->choices
			     ? (by > 0 ? 0 : d->choices - 1)
			     : (at + d->choices + (size_t)(by + (int)d->choices)) % d->choices;
		if (d->value && !d->value[at])
			continue;
		d->picked = at;
		return;
	}
}

static void fill(struct dialogue *d, const char *value)
{
	if (d->fills == ORDER_SLOT)
		d->order.slot = value;
	else if (d->fills == ORDER_TEXT)
		d->order.text = value;
	else if (d->fills == ORDER_SERIAL)
		d->order.serial = value;
	else
		d->order.reason = value;
}

/* F12, after its pause. */
static void go_on(struct ui *u, int64_t at_ns)
{
	struct dialogue *d = &u->dialogue;

	switch (d->kind) {
	case DIALOGUE_CONFIRM:
		send(u);
		return;
	case DIALOGUE_CHOICE:
		if (d->picked == d->choices)
			return; /* nothing is marked */
		if (d->orders) {
			begin(u, &d->orders[d->picked], at_ns, 1);
			return;
		}
		if (d->waits && d->order.what == FLOOR_DO_CONFIRM)
			d->order.what = d->picked ? FLOOR_DO_CONFIRM : FLOOR_DO_FORGET;
		else
			fill(d, d->value[d->picked]);
		next_field(u, at_ns, 1);
		return;
	case DIALOGUE_TEXT:
		if (!d->entry.len)
			return;
		fill(d, keep(d, sbuf_str(&d->entry)));
		next_field(u, at_ns, 1);
		return;
	default:
		return;
	}
}

static void put_aside(struct ui *u)
{
	struct dialogue *d = &u->dialogue;

	if (d->question && d->of_slot < UI_SLOTS_MAX)
		u->aside[d->of_slot] = d->question;
	if (d->waits)
		u->waits_aside = 1;
	dialogue_close(d);
}

static void rub_out(struct sbuf *b, int times)
{
	while (b->len && times > 0) {
		while (b->len && (b->data[b->len - 1] & 0xc0) == 0x80)
			b->data[--b->len] = '\0';
		if (b->len)
			b->data[--b->len] = '\0';
		times--;
	}
}

/* The first line of those that F1 to F9 mark now. */
static size_t page(const struct dialogue *d)
{
	return d->picked < d->choices ? d->picked / PAGE * PAGE : 0;
}

const char *dialogue_key(const struct ui *u, enum input_key key)
{
	const struct dialogue *d = &u->dialogue;
	size_t i = page(d) + (size_t)(key - PRESS_F1);

	if (d->kind == DIALOGUE_NONE)
		return NULL;
	if (d->kind != DIALOGUE_CHOICE || key < PRESS_F1 || key >= PRESS_F1 + PAGE ||
	    i >= d->choices)
		return "";
	return !d->value || d->value[i] ? T("mark") : "";
}

int dialogue_press(struct ui *u, const struct input_event *e)
{
	struct dialogue *d = &u->dialogue;

	if (d->kind == DIALOGUE_NONE)
		return 0;
	u->dirty = 1;
	if (e->key == PRESS_F12) {
		if (e->at_ns - d->changed_ns >= DIALOGUE_PAUSE_MS * MS &&
		    d->shown_ns >= d->changed_ns && e->at_ns >= d->shown_ns)
			go_on(u, e->at_ns);
		return 1;
	}
	if (e->key == PRESS_ESC) {
		put_aside(u);
		return 1;
	}
	if (d->kind == DIALOGUE_CHOICE && e->key >= PRESS_F1 && e->key < PRESS_F1 + PAGE)
		pick(u, page(d) + (size_t)(e->key - PRESS_F1));
	else if (d->kind == DIALOGUE_CHOICE && (e->key == PRESS_DOWN || e->key == PRESS_RIGHT))
		mark(u, 1);
	else if (d->kind == DIALOGUE_CHOICE && (e->key == PRESS_UP || e->key == PRESS_LEFT))
		mark(u, -1);
	else if (d->kind == DIALOGUE_CHOICE && e->key == PRESS_PAGE_DOWN && d->choices > PAGE)
		pick(u, page(d) + PAGE);
	else if (d->kind == DIALOGUE_CHOICE && e->key == PRESS_PAGE_UP && d->picked >= PAGE)
		pick(u, (d->picked / PAGE - 1) * PAGE);
	else if (d->kind == DIALOGUE_TEXT && e->key == PRESS_BACKSPACE)
		rub_out(&d->entry, e->times);
	used(u, e->at_ns);
	return 1;
}

void dialogue_shown(struct ui *u, int64_t drawn_ns)
{
	struct dialogue *d = &u->dialogue;

	if (d->kind != DIALOGUE_NONE && d->shown_ns < d->changed_ns && drawn_ns >= d->changed_ns)
		d->shown_ns = clock_ns();
}

void dialogue_char(struct ui *u, const struct input_event *e)
{
	struct dialogue *d = &u->dialogue;

	if (d->kind != DIALOGUE_TEXT || d->entry.len + e->len > DIALOGUE_ENTRY_MAX)
		return;
	sbuf_add(&d->entry, e->text, e->len);
	used(u, e->at_ns);
	u->dirty = 1;
}

int dialogue_scan(struct ui *u, const struct input_event *e)
{
	struct dialogue *d = &u->dialogue;
	int64_t id;

	if (!wants_unit(d))
		return 0;
	sbuf_reset(&d->entry); /* whatever stood there is not this unit */
	used(u, e->at_ns);
	id = ui_send(u, &(struct floor_command){
				.what = FLOOR_DO_FIND, .text = e->body, .len = e->body_len });
	d->seeks = id > 0 ? id : 0;
	d->label_len = e->body_len;
	d->label = memcpy(arena_alloc(&d->arena, e->body_len + 1), e->body, e->body_len);
	return 1;
}

/* The station finds units whose serial contains what is sought; that of the label stands in
 * the label. NULL: none. There may be *another, which the same bytes may mean. */
static const char *serial_of_label(const char **another, const struct dialogue *d,
				   const struct floor_reply *r)
{
	const char *found = NULL;

	*another = NULL;
	for (size_t i = 0; i < r->rows; i++) {
		const char *serial = r->row[i][0];

		if (!serial || !*serial || (found && !strcmp(found, serial)) ||
		    !memmem(d->label, d->label_len, serial, strlen(serial)))
			continue;
		if (found)
			*another = serial;
		else
			found = serial;
	}
	return found;
}

void dialogue_reply(struct ui *u, const struct floor_reply *r)
{
	struct dialogue *d = &u->dialogue;
	const char *serial, *another;

	if (!wants_unit(d) || !d->seeks || r->id != d->seeks)
		return;
	d->seeks = 0;
	if (!r->ok)
		return; /* and why has been said */
	serial = serial_of_label(&another, d, r);
	sbuf_reset(&d->entry);
	d->changed_ns = clock_ns(); /* F12 is for what has been seen */
	if (another)
		ui_say(u, FLOOR_NOTICE_NO, NULL,
		       arena_printf(&d->arena,
				    T("unit %.60s or %.60s? The label can be read both ways: type "
				      "the serial"),
				    serial, another));
	else if (serial && strlen(serial) <= DIALOGUE_ENTRY_MAX)
		sbuf_puts(&d->entry, serial);
	else
		ui_say(u, FLOOR_NOTICE_NO, NULL, T("the record has no unit of this label"));
}

static int asks(const struct ui *u, size_t i)
{
	const struct floor_slot *s = ui_slot(u, i);

	return s && s->question.number && i < UI_SLOTS_MAX && u->aside[i] != s->question.number;
}

void dialogue_update(struct ui *u, int64_t at_ns)
{
	struct dialogue *d = &u->dialogue;
	const struct floor_status *st = u->source.status(u->source.payload);
	const struct floor_slot *s = d->question ? ui_slot(u, d->of_slot) : NULL;
	char key[UI_WAITS_MAX];
	size_t which;

	waits_key(key, st, &which);
	if (d->question && (!s || s->question.number != d->question))
		dialogue_close(d); /* answered elsewhere, or its time is over */
	if (d->waits && strcmp(d->waits, key) != 0)
		dialogue_close(d); /* it is answered, or something else waits now */
	if (d->kind != DIALOGUE_NONE && u->now_ms >= d->until_ms)
		dialogue_close(d);
	if (strcmp(u->waits, key) != 0) {
		snprintf(u->waits, sizeof(u->waits), "%s", key);
		u->waits_aside = 0;
	}
	/* Who has just scanned is asked first; the question comes back by itself. */
	if (*key && !u->waits_aside && d->question && !d->entry.len)
		dialogue_close(d);
	if (d->kind != DIALOGUE_NONE || u->gone)
		return;
	if (*key && !u->waits_aside) {
		waits[which].open(u, at_ns);
		d->waits = keep(d, key);
		return;
	}
	for (size_t i = 0; i < u->source.slots(u->source.payload); i++)
		if (asks(u, i)) {
			dialogue_question(u, i, at_ns);
			return;
		}
}

static void frame(struct area a, enum style s)
{
	draw_fill(a, s);
	draw_repeat(a.y, a.x, a.w, s, GLYPH_LINE);
	draw_repeat(a.y + a.h - 1, a.x, a.w, s, GLYPH_LINE);
	for (int y = 1; y < a.h - 1; y++) {
		draw_text(a.y + y, a.x, 1, s, draw_glyph(GLYPH_UPRIGHT));
		draw_text(a.y + y, a.x + a.w - 1, 1, s, draw_glyph(GLYPH_UPRIGHT));
	}
}

static int draw_choices(const struct dialogue *d, struct area in)
{
	size_t from = page(d);
	int y = 0;

	for (size_t i = from; i < d->choices && i < from + PAGE && y < in.h; i++, y++) {
		int on = i == d->picked;

		draw_printf(in.y + y, in.x, in.w, on ? STYLE_PICKED : STYLE_BARE, "%s F%d  %s",
			    on ? draw_glyph(GLYPH_PICK) : " ", (int)(i - from) + 1, d->choice[i]);
	}
	if (d->choices > PAGE && y < in.h)
		draw_printf(in.y + y++, in.x, in.w, STYLE_BARE,
			    T("   %d to %d of %d, others with the arrow keys"), (int)from + 1,
			    (int)(from + PAGE < d->choices ? from + PAGE : d->choices),
			    (int)d->choices);
	return y;
}

static const char *lines_text(const struct dialogue *d)
{
	static char text[120];
	size_t n = d->choices - page(d) < PAGE ? d->choices - page(d) : PAGE;

	if (n < 2)
		return T("F1: mark the line    Esc: back");
	snprintf(text, sizeof(text), T("F1 to F%d: mark a line    Esc: back"), (int)n);
	return text;
}

static const char *keys_text(const struct dialogue *d)
{
	if (d->kind == DIALOGUE_LOOK)
		return T("scan the answer    Esc: later");
	if (d->kind == DIALOGUE_CHOICE && d->picked == d->choices)
		return lines_text(d);
	if (d->kind == DIALOGUE_CHOICE)
		return T("F12: take the marked line    Esc: back");
	if (d->kind == DIALOGUE_TEXT)
		return T("F12: it is right, go on    Esc: back");
	return T("F12: yes, do it    Esc: back");
}

/* Until the question of a step is over. */
static void draw_left(const struct ui *u, struct area in)
{
	const struct floor_slot *s = u->dialogue.question ? ui_slot(u, u->dialogue.of_slot) : NULL;
	char time[24], text[64];

	if (!s || s->question.until_at_ms <= 0)
		return;
	snprintf(text, sizeof(text), T("%s left"),
		 draw_time(time, s->question.until_at_ms - u->now_ms));
	draw_text(in.y, in.x + in.w - draw_width(text), draw_width(text), STYLE_ASK, text);
}

struct area dialogue_draw(struct ui *u, struct area a)
{
	struct dialogue *d = &u->dialogue;
	int rows = (int)(d->choices > PAGE ? PAGE + 1 : d->choices), h = rows + (d->body ? 8 : 5),
	    y;
	struct area box = a, in;

	if (d->kind == DIALOGUE_NONE)
		return (struct area){ 0 };
	if (d->picture)
		h += a.h > 30 ? 14 : 4;
	box.h = h > a.h ? a.h : h;
	box.w = a.w > 76 ? (d->picture && a.w > 100 ? 100 : 76) : a.w;
	box.x = a.x + (a.w - box.w) / 2;
	box.y = a.y + a.h - box.h;
	frame(box, STYLE_BARE);
	in = (struct area){ box.y + 1, box.x + 2, box.h - 2, box.w - 4 };
	draw_text(in.y, in.x, in.w, STYLE_ASK, d->title);
	draw_left(u, in);
	y = in.y + 2;
	if (d->body)
		y += draw_wrap((struct area){ y, in.x, in.h - rows - 3 > 3 ? 3 : 1, in.w },
			       STYLE_BARE, d->body) +
		     1;
	if (d->kind == DIALOGUE_TEXT) {
		int w = draw_printf(y, in.x, in.w - 1, STYLE_PICKED, " %s", sbuf_str(&d->entry));

		draw_text(y, in.x + w, 1, STYLE_PICKED, "_");
		u->cursor_y = y;
		u->cursor_x = in.x + w;
		y += 2;
	}
	y += draw_choices(d, (struct area){ y, in.x, in.y + in.h - 1 - y, in.w });
	if (d->picture && in.y + in.h - 1 - y > 1)
		picture_place_draw((struct area){ y, in.x, in.y + in.h - 1 - y, in.w }, d->picture);
	draw_text(in.y + in.h - 1, in.x, in.w,
		  u->touched == PRESS_F12 || u->touched == PRESS_ESC ? STYLE_TOUCH : STYLE_KEY,
		  keys_text(d));
	return box;
}
