#ifndef STATION_FLOOR_MODEL_H
#define STATION_FLOOR_MODEL_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "engine/run.h"

/*
 * model -- what people at the line see of the station: its slots, its state, and
 * what they may tell it to do. The process that holds the record (`station serve`)
 * fills it and sends it; screens draw it and send commands. A screen decides
 * nothing: whatever may start, stop or be refused is decided where the record is.
 *
 * Both ends are on one computer, so *_at_ms are points on clock_ms() of both.
 * Text is UTF-8, control characters escaped, never a format or an escape sequence.
 */

/* clang-format off */
/* What a slot is at. Its word, what it means. */
#define FLOOR_STATE_LIST(X)                                                                  \
	X(UNKNOWN,    "unknown",    "not told yet")                                          \
	X(OUT,        "out",        "nothing is plugged in")                                 \
	X(IN,         "in",         "a board is there; it waits for a scan")                 \
	X(SCANNED,    "scanned",    "a unit is scanned; it starts when its board is there")  \
	X(STARTING,   "starting",   "allowed and about to start (hooks are asked)")          \
	X(RUNNING,    "running",    "a run goes on")                                         \
	X(PAUSED,     "paused",     "a run waits for an engineer before its next step")      \
	X(SAVING,     "saving",     "the run is over and not recorded yet: no verdict")      \
	X(ENDED,      "ended",      "recorded; the verdict stays until the next unit")       \
	X(UNRECORDED, "unrecorded", "the record could not be written: do not pass on")       \
	X(TROUBLE,    "trouble",    "the slot cannot be used; message says why")
enum floor_state {
#define FLOOR_STATE_ENUM(name, word, help) FLOOR_##name,
	FLOOR_STATE_LIST(FLOOR_STATE_ENUM)
#undef FLOOR_STATE_ENUM
	FLOOR_STATE_END_
};

/* What a front-end may ask for: name, word on the wire, least role, needs a
 * reason that is recorded, what it does. Roles: see people.h; OPERATOR means that
 * somebody must be logged in where [operators] login says so. */
#define FLOOR_DO_LIST(X)                                                                      \
	X(SCAN,      "scan",      ANYONE,   0, "text: bytes as the scanner gave them")        \
	X(TYPED,     "typed",     OPERATOR, 0, "text: a label that was typed by hand")        \
	X(CHOOSE,    "choose",    OPERATOR, 0, "slot: the scan that waits is for this slot; serial: only if that is it") \
	X(FORGET,    "forget",    ANYONE,   0, "the scan or command that waits is dropped")   \
	X(ANSWER,    "answer",    OPERATOR, 0, "slot, text, question: answers that question") \
	X(STOP,      "stop",      OPERATOR, 0, "slot (or none: all): stops the run; serial: only of this unit") \
	X(LOGOUT,    "logout",    ANYONE,   0, "the one who is logged in leaves")             \
	X(LANGUAGE,  "language",  ANYONE,   0, "text: its code, kept with the person")        \
	X(MODE,      "mode",      ENGINEER, 1, "text: production, engineering, golden: mode of the next runs of the slot, or of all") \
	X(PAUSE,     "pause",     ENGINEER, 0, "slot: pause before its next step (engineering runs); serial: only of this unit, as for the next four") \
	X(STEP,      "step",      ENGINEER, 0, "slot: run one step, then pause again; text: only if it is this one")   \
	X(GO,        "go",        ENGINEER, 0, "slot: go on without pauses")                  \
	X(REPEAT,    "repeat",    ENGINEER, 0, "slot: the last step once more; text: only before this one")   \
	X(SKIP,      "skip",      ENGINEER, 1, "slot: leave the next step out; text: only if it is this one")   \
	X(GRANT,     "grant",     ENGINEER, 1, "text: serial: one more attempt")              \
	X(DISPOSE,   "dispose",   OPERATOR, 0, "text: rework, scrap or ntf; serial: of that unit") \
	X(MAP,       "map",       ENGINEER, 1, "slot, text: USB path that is this slot from now on") \
	X(WATCH,     "watch",     ANYONE,   0, "slot: send its console and measurements; none: stop sending") \
	X(FIND,      "find",      ANYONE,   0, "text: units whose serial contains it, or is that of the label")        \
	X(RUNS,      "runs",      ANYONE,   0, "text: serial: its runs, newest first; product, process: of that unit only") \
	X(SHOW,      "show",      ANYONE,   0, "text: run id: its report as text")            \
	X(PLANS,     "plans",     ANYONE,   0, "the plans of the station with their findings") \
	X(SHIFT,     "shift",     ANYONE,   0, "yield of the shift and its failing steps") \
	X(CONFIRM,   "confirm",   OPERATOR, 0, "the unit that passed already is tested again: yes; serial: only if it is this one")
enum floor_do {
	FLOOR_DO_NONE,
#define FLOOR_DO_ENUM(name, word, role, reason, help) FLOOR_DO_##name,
	FLOOR_DO_LIST(FLOOR_DO_ENUM)
#undef FLOOR_DO_ENUM
	FLOOR_DO_END_
};

/* How a notice is meant. */
#define FLOOR_NOTICE_LIST(X)                                                                  \
	X(INFO, "info") /* it is done, or so it is */                                         \
	X(ASK,  "ask")  /* something waits for a person: which slot? whose badge? */          \
	X(NO,   "no")   /* refused: nothing was done */                                       \
	X(BAD,  "bad")  /* the station itself is ill */
enum floor_notice_kind {
#define FLOOR_NOTICE_ENUM(name, word) FLOOR_NOTICE_##name,
	FLOOR_NOTICE_LIST(FLOOR_NOTICE_ENUM)
#undef FLOOR_NOTICE_ENUM
	FLOOR_NOTICE_END_
};
/* clang-format on */

struct floor_question {   /* a prompt of the plan that waits for an answer */
	int64_t number;   /* answers name it, so that none meets the next question */
	const char *kind; /* "text", "choice", "scan", "pass" */
	const char *text;
	const char *picture; /* path of a file, or NULL */
	const char **choice; /* of "choice" and "pass" */
	size_t choices;
	int64_t until_at_ms; /* 0: as long as the step has */
};

struct floor_slot {
	struct arena arena; /* of all text below */
	const char *name;   /* "1", as in the fixture */
	enum floor_state state;
	int interface;       /* 1: an interface is plugged in at its path */
	const char *usb;     /* "1-1.2" */
	const char *barcode; /* or NULL */
	enum run_mode mode;  /* of the run, or of the next one */
	const char *serial, *product, *plan, *revision, *variant; /* of the run, "" without */
	int64_t attempt;         /* of the unit: 1, 2, ...; 0: not counted */
	int64_t attempts_max;    /* 0: no limit */
	const char *instruction; /* before the run: of the plan; after: of the step that failed */

	size_t step, steps; /* index of the step at hand, how many there are */
	const char *step_id, *step_title;
	int64_t step_try;                      /* attempt of the step: 1, 2, ... */
	const char *waits_for;                 /* resource that the step waits for, or NULL */
	const char *doing;                     /* progress text of the step, "" */
	double done;                           /* of the step, 0..1; below 0: unknown */
	int64_t run_at_ms, step_at_ms;         /* when they started; 0: not running */
	int64_t expected_ms, step_expected_ms; /* from this plan's history; -1: unknown */
	int64_t before_ms;                     /* expected time of the steps that are over */

	struct floor_question question; /* number 0: none */

	/* ENDED only, after the commit. */
	enum verdict verdict;
	enum err_blame blame;
	int marginal, pulled; /* pulled: the board was taken out afterwards */
	const char *fail_name, *fail_value, *fail_limit; /* "gpio.shorts", "1", "0"; or "" */
	const char *fail_note; /* what the step says of the value: "pins 2-3 are shorted" */
	const char *code, *message, *todo; /* of an ERROR: what happened, what to do */
	const char *run;                   /* UUID */
	const char *report;                /* path of the HTML report, or NULL */
	int64_t ended_wall_ms, took_ms;
};

struct floor_status {
	struct arena arena;
	const char *station, *line, *fixture;
	const char *person, *person_name, *role, *language; /* "" : nobody is logged in */
	int login;                                          /* 1: runs need a login */
	int no_badges;               /* 1: and nobody can, as nobody has a badge yet */
	const char *plan, *revision; /* of the last run that started, or "" */
	int64_t shift_units;         /* units tested in this shift (runs that count) */
	int64_t shift_first,
		shift_first_passed; /* first attempts of units, and passes among them */
	double units_per_hour;      /* over the last 60 min of the shift; below 0: unknown */
	int record_ok;              /* 0: red; record_text says why */
	const char *record_text;
	int64_t queued;           /* entries that a server has not got yet; -1: no server */
	int64_t calibration_days; /* to the day it is due; INT64_MIN: none is named */
	int64_t cycles_left;      /* of the fixture; -1: no limit */
	int64_t not_shown;        /* runs recorded whose verdict nobody saw */
	const char *waits; /* "scan" (CHOOSE ends it), "command" (an engineer's badge), "confirm"
			    * (CONFIRM), or ""; FORGET ends each */
	const char *waits_text; /* the label or command that waits */
	const char *badge,
		*codes; /* how a badge and the station's own codes begin: no label does */
};

struct floor_notice {
	enum floor_notice_kind kind;
	const char *slot; /* or NULL */
	const char *text; /* one sentence, what is and what to do */
	const char *code; /* stable word for tests and translations, "wrong_format" */
};

struct floor_command {
	enum floor_do what;
	int64_t id;       /* the reply carries it */
	const char *slot; /* or NULL */
	const char *text; /* bytes; len counts, a NUL may be inside */
	size_t len;
	const char *serial, *reason;   /* or NULL */
	const char *product, *process; /* of RUNS, or NULL: any */
	int64_t question;              /* of ANSWER */
};

/* The answer to a command: done or refused in one sentence, and rows of text for
 * FIND (serial, product, process, runs, last verdict, when, run), RUNS (run, attempt or 0
 * when it does not count, when, verdict, first failing measurement or "", slot, station,
 * product, process), PLANS (path, title, revision, errors, warnings, and its findings, errors
 * first: one that may be "", and more), SHIFT (step, fails), SHOW (a line). */
struct floor_reply {
	struct arena arena;
	int64_t id;
	int ok;
	const char *text, *code;
	const char ***row; /* row[i] ends with NULL */
	size_t rows;
};

#endif /* STATION_FLOOR_MODEL_H */
