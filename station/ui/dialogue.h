#ifndef STATION_UI_DIALOGUE_H
#define STATION_UI_DIALOGUE_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/sbuf.h"
#include "floor/model.h"
#include "ui/draw.h"
#include "ui/input.h"

/*
 * dialogue -- the second look before anything happens. An order (a command to the
 * station that is not complete yet) is filled field by field: a choice, a text, a
 * reason. Function keys F1 to F9 and the arrows only mark a choice; characters only
 * fill the field; nothing but F12 goes on, and only after a pause of DIALOGUE_PAUSE_MS
 * since whatever was pressed before, and when something was pressed before: opening
 * the dialogue takes another key than F12. So no single scan can give an order, not
 * even one that a terminal cannot tell from a key (input.h). A scan goes to the station
 * and not to a dialogue, but where the serial of a unit is asked for: there the station
 * says which unit has that label, its serial stands in the field, and F12 still goes on.
 * On a slow terminal F12 counts only once what it confirms has been shown
 * (dialogue_shown()).
 *
 * Questions of a plan open by themselves, the others follow one by one; the screen
 * behind goes on. Esc puts a question aside and drops an order.
 */
struct ui;

enum { DIALOGUE_PAUSE_MS = 250, DIALOGUE_PATIENCE_MS = 60000, DIALOGUE_ENTRY_MAX = 200 };

enum dialogue_kind {
	DIALOGUE_NONE,
	DIALOGUE_CONFIRM,
	DIALOGUE_CHOICE,
	DIALOGUE_TEXT,
	DIALOGUE_LOOK
};

enum order_field {
	ORDER_SLOT = 1 << 0,   /* the marked slot */
	ORDER_TEXT = 1 << 1,   /* typed */
	ORDER_SERIAL = 1 << 2, /* scanned or typed; a marked unit without PASS is there */
	ORDER_REASON = 1 << 3, /* typed */
	ORDER_TEXT_IS_SERIAL = 1 << 4,
	ORDER_UNIT = 1 << 5, /* of the unit that is in the slot now, not of the next one */
	ORDER_STEP = 1 << 6, /* before the step that the run is paused before now */
};

struct order {
	enum floor_do what;
	const char *title; /* of the dialogue, N() */
	const char *slot, *text, *serial, *reason;
	int64_t question;
	int fields; /* bits enum order_field that are still open */
	int quit;   /* ends the screen instead of a command */
};

struct dialogue {
	enum dialogue_kind kind;
	struct arena arena; /* of the texts */
	struct order order;
	const char *title, *body, *picture;
	const char **choice, **value; /* a value NULL: cannot be chosen now */
	const struct order *orders;   /* of a menu: what each choice stands for */
	size_t choices, picked;       /* picked == choices: none yet */
	struct sbuf entry;
	enum order_field fills;
	int64_t changed_ns; /* the last press */
	int64_t shown_ns;   /* since when the terminal has it, as it is since the last press */
	int64_t until_ms;   /* closes by itself */
	size_t of_slot;     /* of a question or a waiting scan */
	int64_t seeks;      /* id of the FIND that looks for the unit of this label; or 0 */
	const char *label;
	size_t label_len;
	int64_t question;
	const char *waits; /* what the station waits for a person with, "scan:AS01"; or NULL */
};

void dialogue_close(struct dialogue *d);
/* The language of who is logged in now: what is open in another one closes. 1: it is another. */
int dialogue_speak(struct ui *u, const char *language);

/* Ask for the fields of the order, then for F12. */
void dialogue_order(struct ui *u, const struct order *o, int64_t at_ns);
void dialogue_menu(struct ui *u, int engineer, int64_t at_ns);
void dialogue_question(struct ui *u, size_t slot, int64_t at_ns);

/* 1: the key was for the dialogue. */
int dialogue_press(struct ui *u, const struct input_event *e);
/* What the key does in the open dialogue, "": nothing. NULL: none is open. */
const char *dialogue_key(const struct ui *u, enum input_key key);
void dialogue_char(struct ui *u, const struct input_event *e);
/* 1: the scan was for the dialogue, which asks for a unit. */
int dialogue_scan(struct ui *u, const struct input_event *e);
void dialogue_reply(struct ui *u, const struct floor_reply *r);
/* The model changed or time went on: opens what asks, closes what is over. */
void dialogue_update(struct ui *u, int64_t at_ns);
struct area dialogue_draw(struct ui *u, struct area a); /* what it covers; h 0: nothing */
void dialogue_shown(struct ui *u, int64_t drawn_ns);    /* what was drawn then is shown now */

/* What the menus offer; the words of what the station may wait for a person with, ended by
 * NULL. For tests that go through all of them. */
const struct order *dialogue_orders(int engineer, size_t *n);
const char *dialogue_waits(size_t i);

#endif /* STATION_UI_DIALOGUE_H */
