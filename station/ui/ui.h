#ifndef STATION_UI_UI_H
#define STATION_UI_UI_H

#include <stddef.h>
#include <stdint.h>

#include "base/sbuf.h"
#include "floor/model.h"
#include "ui/dialogue.h"
#include "ui/input.h"

/*
 * ui -- the operator's screen without its terminal: events of the input and of the
 * station in, commands and a picture out. It knows nothing of sockets and ttys, so
 * tests give it made-up models and read what it draws.
 *
 * It decides nothing: a scan goes to the station as it came, and what a key wants is
 * first asked back (dialogue.h), then sent. Drawing goes to curses' stdscr.
 */

enum action {
	ACTION_NONE,
#define ACTION(name, key, title, help) ACTION_##name,
#include "ui/actions.def"
#undef ACTION
	ACTION_END_
};

enum view_id {
#define VIEW(name) VIEW_##name,
#include "ui/view.def"
#undef VIEW
	VIEW_END_
};

struct ui_source { /* where the model is, and who takes commands */
	size_t (*slots)(void *payload);
	const struct floor_slot *(*slot)(void *payload, size_t index);
	const struct floor_status *(*status)(void *payload);
	/* Returns the id of the command, or a negative code. */
	int64_t (*send)(void *payload, const struct floor_command *c, struct err *err);
	void (*shown)(void *payload, const char *run); /* its verdict is on the screen */
	void *payload;
};

enum { UI_SLOTS_MAX = 64, UI_WAITS_MAX = 256 };
enum { UI_SILENT_MS = 3000 /* three beats of the station did not come */ };
/* Our choice: a refusal can be read before news take its place; news that are as old as that
 * give way to what else there is to tell. */
enum { UI_READ_MS = 5000, UI_NEWS_MS = 10000 };
enum { UI_AGAIN_MS = 2000 /* our choice */ };

struct ui_seen {          /* the verdict of a run, as somebody can see it */
	char drawn[40];   /* the run; "": its verdict is not in the picture */
	struct area area; /* where it is */
	int covered;      /* by a dialogue: nobody sees it */
	char rung[40];    /* the run for which the bell was due */
	char told[40];    /* and that the station knows as shown */
};

struct ui {
	struct ui_source source;
	enum view_id view;
	void *state[VIEW_END_];
	size_t selected; /* the marked slot */
	struct dialogue dialogue;
	struct { /* what is to be read until the next scan */
		int there;
		enum floor_notice_kind kind;
		int64_t at_ms;
		char slot[32], code[48];
		struct sbuf text; /* as the station says it */
	} message;
	struct sbuf detail;     /* of a view, where no message stands */
	int calm_rows;          /* of a view while no alarm takes room */
	enum input_key touched; /* this key was felt, until touched_ms */
	int64_t touched_ms;
	int64_t aside[UI_SLOTS_MAX];                  /* question that was put aside, per slot */
	struct ui_seen verdict[UI_SLOTS_MAX], report; /* in a tile; in a report */
	int64_t waits_aside; /* what the station waits with was put aside */
	char waits[UI_WAITS_MAX];
	int64_t asked[FLOOR_DO_END_]; /* id of the last command of each kind */
	int64_t again_ms;             /* when the view asked last; see view_ops.again */
	int64_t by_itself;            /* that command, which nobody gave; 0: none */
	int64_t heard_ms;             /* when the station said something last; 0: not told */
	int gone, quit, dirty;
	int64_t moved_ms; /* since when a run is further than the picture; 0: none is */
	struct {
		enum floor_state state;
		int64_t run_at_ms, question;
	} known[UI_SLOTS_MAX]; /* of the slots, as they were told last */
	char why_gone[200];
	int ring; /* a FAIL, an ERROR or a refusal came: the bell is due; the caller clears it */
	int cursor_y, cursor_x; /* where text goes in; else in the last line */
	int64_t now_ms;         /* clock_ms() at the last event */
	int64_t drawn_ns;       /* clock_ns() of the last picture */
};

void ui_init(struct ui *u, const struct ui_source *source);
void ui_release(struct ui *u);

void ui_event(struct ui *u, const struct input_event *e); /* from the input */
int ui_text_open(const struct ui *u);                     /* a text field takes characters */

/* From the station. */
void ui_changed(struct ui *u); /* a slot or the status */
/* A slot; where only its run went on, the picture is not so urgent. */
void ui_slot_changed(struct ui *u, size_t index);
void ui_notice(struct ui *u, const struct floor_notice *n);
void ui_reply(struct ui *u, const struct floor_reply *r);
void ui_console(struct ui *u, size_t slot, const char *text, size_t len);
void ui_measure(struct ui *u, size_t slot, const char *text);
void ui_gone(struct ui *u, int gone, const char *why); /* why: or NULL */
/* The station said something then, whatever it was: it is alive. */
void ui_heard(struct ui *u, int64_t at_ms);

/* Draw all into stdscr; ui_flushed() is called when the terminal has all of it, and before
 * anything else is drawn. */
void ui_draw(struct ui *u);
void ui_flushed(struct ui *u);
/* When it must be drawn again at the latest although nothing happened; clock_ms(). */
int64_t ui_due(const struct ui *u);

/* For views. */
void ui_open(struct ui *u, enum view_id v); /* the open one again: back to the first */
void ui_say(struct ui *u, enum floor_notice_kind kind, const char *slot, const char *text);
int64_t ui_send(struct ui *u, const struct floor_command *c);
const struct floor_slot *ui_slot(const struct ui *u, size_t index); /* NULL: no such */
const struct floor_slot *ui_selected(const struct ui *u);
const char *ui_verdict(enum verdict v);   /* its word in the language at hand */
const char *ui_disposition(void);         /* how a unit that has used up its attempts gets one */
int ui_nobody(const struct ui *u);        /* a scan of a unit would be refused: who is it? */
const char *ui_login(const struct ui *u); /* what is to be done then */

struct ui_action {
	enum action action;
	enum input_key key;
	const char *title, *help;
};
extern const struct ui_action ui_actions[]; /* ended by ACTION_NONE */

#endif /* STATION_UI_UI_H */
