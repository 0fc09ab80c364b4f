#ifndef STATION_FLOOR_DESK_H
#define STATION_FLOOR_DESK_H

#include "floor/model.h"
#include "station.h"

/*
 * desk -- where it is decided what happens at the station: it hears the engine, the USB
 * watcher and the front-ends, keeps the picture of each slot, starts units when scan and
 * board are both there, and refuses what may not be, with one sentence.
 *
 * A slot, between runs (a run itself is the engine's):
 *
 *   OUT --plug--> IN --scan--> STARTING --> RUNNING ... ENDED --scan or plug--> ...
 *   OUT --scan--> SCANNED --plug--> STARTING
 *
 * A verdict stays until the next unit is scanned for the slot or the next board is plugged
 * in; pulling the board out only marks it (our choice). A run that could not be recorded
 * makes its slot UNRECORDED and the record red, and no unit starts anywhere before it is
 * written. The verdict is in the picture only after EVENT_RUN_RECORDED.
 */
struct desk;

enum {                         /* our choices */
       DESK_WAIT_MS = 30000,   /* a scan, command or question that waits for a person */
       DESK_CHOSEN_MS = 30000, /* a slot that was chosen waits for its scan */
       DESK_BADGES_MS = 1000,  /* the operators file is looked at again while it gives no badge */
       DESK_LAST_MS = 120000,  /* the unit that a disposition is for when none is named */
};

/* The desk hears the engine from the beginning, so it is there before the station:
 * desk_new(), station_open() with the reader, desk_open(). */
struct desk *desk_new(void);
struct event_reader desk_reader(struct desk *d);

struct desk_setup {
	const char *socket; /* path, or NULL: no front-ends (tests) */
	int watch_usb;      /* 0: interfaces are told by desk_came() and desk_went() */
	/* Each notice, also without a socket; or NULL. */
	void (*notice)(void *payload, const struct floor_notice *n);
	void *payload;
};
int desk_open(struct desk *d, struct station *st, const struct desk_setup *s, struct err *err);
void desk_close(struct desk *d); /* before station_close(); NULL is fine */

/* No unit starts any more, no front-end is let in; what runs goes on, what is paused is stopped. */
void desk_closing(struct desk *d);
void desk_look(struct desk *d); /* now and then: front-ends find their way in */
size_t desk_clients(const struct desk *d);
int desk_idle(const struct desk *d); /* nothing runs, no hook, no question to the record */

/* --- what front-ends and the watcher cause --- */

struct desk_outcome { /* what a command led to */
	enum floor_notice_kind kind;
	const char *code;
	char slot[64];
	char text[512];
	int loud;                  /* concerns everybody: it is a notice too */
	struct floor_reply *reply; /* rows for it, or NULL */
};

void desk_do(struct desk *d, const struct floor_command *c, struct desk_outcome *out);
void desk_shown(struct desk *d, const char *run);
/* was_there: when the station began to look, so it has not just been plugged in. */
void desk_came(struct desk *d, const char *usb, const char *serial, const char *problem,
	       int was_there);
void desk_went(struct desk *d, const char *usb);

const struct floor_slot *desk_slot(const struct desk *d, size_t index);
const struct floor_status *desk_status(const struct desk *d);

#endif /* STATION_FLOOR_DESK_H */
