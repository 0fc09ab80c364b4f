#ifndef STATION_FLOOR_DESK_IN_H
#define STATION_FLOOR_DESK_IN_H

#include "base/sbuf.h"
#include "floor/choose.h"
#include "floor/desk.h"
#include "floor/hook.h"
#include "floor/people.h"
#include "floor/plugged.h"
#include "floor/query.h"
#include "floor/server.h"
#include "floor/shift.h"

/*
 * desk_in -- private to the desk. Which file has what:
 *
 *   desk.c         the picture of slots and station, what waits for a person, the clock
 *   desk_people.c  who is logged in, the operators file
 *   desk_scan.c    a scan: badge, slot, code, answer, or a unit and the slot it is for
 *   desk_start.c   from a unit at its slot to its run
 *   desk_hear.c    what the engine tells of a run
 *   desk_do.c      the commands of front-ends, and who may give them
 *   desk_hooks.c   the programs that are told
 *   desk_face.c    what front-ends ask and are shown
 */
enum {
	DESK_UNSEEN = 256,     /* that are known by their id; older ones stay unseen */
	DESK_TAIL = 32 * 1024, /* bytes of a run's console, and of its measurements */
};

struct desk_unit { /* scanned, not started; all in its arena. Zeroed: none */
	struct arena arena;
	const char *path, *variant; /* of the plan */
	const char *bytes;          /* as the scanner gave it */
	size_t len;
	const char *serial;      /* escaped */
	const char *instruction; /* of the plan, or NULL */
	const char *product, *process;
	const char *by, *by_how; /* who scanned it, whoever is logged in when it starts */
	enum people_role role;
	int confirmed; /* "already passed: test again?" was answered with yes */
	int wired;     /* needs an interface */
};

struct desk_slot {
	struct desk *desk;
	size_t index;
	struct floor_slot pic;   /* pic.arena: of the unit, its run and its verdict */
	struct arena ask, place; /* of the question; of the interface */
	struct sbuf doing, waits_for;
	struct sbuf console, measures; /* the last of its run, for who begins to watch */
	struct desk_unit unit;
	int hooking;     /* before_unit was asked for the unit and has not answered */
	int64_t came_ms; /* its board came and has no unit yet; 0: it has not */
	const char *problem;
	enum run_mode mode;      /* of the next run */
	const struct plan *plan; /* of the run that goes on, else NULL */
	int64_t *expected;       /* of its steps */
	int64_t attempt, attempts_max;
	int wired; /* the unit of the run in the picture needs an interface */
};

enum desk_waits { DESK_NOTHING, DESK_SCAN, DESK_COMMAND, DESK_CONFIRM };

struct desk_wait { /* for a person */
	enum desk_waits what;
	int64_t until_ms;
	struct desk_unit unit; /* SCAN, CONFIRM */
	int is_answer;         /* SCAN: bytes answer a question; else they are a unit */
	int slot;              /* CONFIRM: of the unit, -1: not chosen yet */
	struct arena arena;    /* of the rest */
	struct floor_command command;
	char text[200];
};

struct desk_person {
	struct arena arena;
	const char *id, *name, *language, *how; /* "" : nobody */
	enum people_role role;
};

struct desk {
	struct station *st;
	struct desk_setup set;
	struct server *server;
	struct plugged *plugged;
	struct hooks *hooks;
	struct told *told; /* hooks that run */
	struct shelf *shelf;
	struct plan_env env;
	struct queries *queries;
	struct shift_count *shift;
	struct people people;
	int people_bad;           /* the file could not be read */
	struct findings findings; /* of the operators file */
	struct arena arena;       /* as long as the desk */
	const char **names;
	struct desk_slot *slot;
	size_t slots;
	struct floor_status status;
	char record_text[400], plan[300], revision[80]; /* of the status */
	struct desk_person person;
	int64_t active_ms; /* of the last command or scan */
	struct desk_wait wait;
	int chosen; /* slot, or -1 */
	int64_t chosen_until_ms;
	struct desk_last { /* the unit that was scanned last */
		struct arena arena;
		const char *serial, *product, *process, *path;
		int64_t at_ms;
	} last;
	struct loop_timer *timer, *minute;
	int64_t timer_ms, questions;
	char unseen[DESK_UNSEEN][37]; /* runs of which no screen has shown the verdict */
	size_t unseens;
	int closing, stale; /* stale: figures of the shift have to be read again */
};

/* desk.c */
void desk_changed(struct desk_slot *s, int soft);
void desk_status_changed(struct desk *d);
/* The slot at which this very unit waits, other than as u itself; or NULL. */
const struct desk_slot *desk_waits_elsewhere(const struct desk *d, const struct desk_unit *u);
void desk_settle(struct desk_slot *s); /* the state of a slot without a run */
void desk_forget_unit(struct desk_slot *s);
void desk_clear(struct desk_slot *s); /* the old verdict goes */
/* It does not start. board_waits: its board, if it is there, waits for another scan. */
void desk_drop_unit(struct desk_slot *s, int board_waits);
void desk_say(struct desk *d, enum floor_notice_kind kind, const char *slot, const char *code,
	      const char *fmt, ...) __attribute__((format(printf, 5, 6)));
void desk_out(struct desk_outcome *o, enum floor_notice_kind kind, const char *code,
	      const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void desk_wait_for(struct desk *d, enum desk_waits what, const char *text);
void desk_wait_end(struct desk *d);
void desk_choose(struct desk *d, int slot);   /* -1: none */
void desk_at(struct desk *d, int64_t due_ms); /* look again then */
int desk_find(const struct desk *d, const char *name);
int desk_has_unit(const struct desk_slot *s); /* scanned, not started */
int desk_runs(const struct desk_slot *s);
struct plugged *desk_watch(struct desk *d); /* a new watcher: tells all that is there */
int desk_note(struct desk *d, struct store_note *n, struct err *err);
void desk_next_minute(struct desk *d); /* or sooner: when the one who is logged in has idled */

/* desk_people.c */
void desk_login(struct desk *d, const struct people_person *p); /* NULL: logout */
void desk_leave(struct desk *d); /* logout; what waited for the one who leaves goes, too */
int desk_people(struct desk *d, struct err *err); /* read the file again when it changed */
/* Whoever is logged in may have been taken out of the file, or may do less now. A file that
 * cannot be read lets nobody in, and nobody out. */
void desk_look_at_person(struct desk *d);
/* Was the badge of this person taken back? A file that cannot be read takes back none. */
int desk_revoked(struct desk *d, const char *id);
const char *desk_by(const struct desk_person *p); /* as runs record it */
/* What is said for "scan your badge" where status.no_badges. */
extern const char desk_no_badges[];

/* desk_hooks.c */
/* Say to everybody, and to the program for it, that the station is ill. */
void desk_ill(struct desk *d, const char *slot, const char *code, const char *message);
void desk_hook_after(struct desk *d, const struct unit_run *r); /* it is recorded */
/* The line was asked for the slot's unit: record what it said. */
int desk_note_answer(struct desk_slot *s, const char *program, enum hook_end end, const char *text,
		     struct err *err);
/* Its answer, if one is due, is not waited for any more. It may have noted the unit, so that it
 * was asked is recorded too. */
void desk_hook_dropped(struct desk_slot *s, const char *why);
void desk_hooks_forget(struct desk *d);

/* desk_face.c */
void desk_unseen(struct desk *d, const char *run); /* its verdict, by any screen */
void desk_tell_before(struct desk_slot *s);        /* the instruction, while no unit is there */
int desk_serve(struct desk *d, const char *path, struct err *err);

/* desk_hear.c */
void desk_hear(void *desk, const struct event *e);

/* desk_start.c */
/* 0, or negative with *word (of a notice) and err. */
int desk_may_start(struct desk *d, const struct desk_unit *u, const struct plan *plan,
		   enum run_mode mode, struct policy_answer *answer, const char **word,
		   struct err *err);
void desk_begin(struct desk_slot *s); /* scan and board are there */

/* desk_scan.c */
void desk_scan(struct desk *d, const char *bytes, size_t len, int typed, struct desk_outcome *o);
void desk_chosen(struct desk *d, int slot, struct desk_outcome *o);
void desk_confirmed(struct desk *d, struct desk_outcome *o);
void desk_plugged_in(struct desk_slot *s);

/* desk_do.c */
/* An answer is somebody's, scanned or not. 0: of nobody, and o says so. */
int desk_may_answer(const struct desk *d, struct desk_outcome *o);
void desk_authorised(struct desk *d, const struct people_person *p, struct desk_outcome *o);

#endif /* STATION_FLOOR_DESK_IN_H */
