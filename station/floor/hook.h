#ifndef STATION_FLOOR_HOOK_H
#define STATION_FLOOR_HOOK_H

#include "base/conf.h"
#include "base/loop.h"
#include "base/sbuf.h"
#include "engine/run.h"
#include "store/store.h"

/*
 * hook -- programs of the customer that hear of what happens ([hooks]), one of which
 * may refuse a unit, and the player of sounds ([sound]).
 *
 * A program gets the event as one JSON object on its standard input. It has `within`
 * to end, on the monotonic clock; then its process group is killed, as is what it leaves
 * behind there. What leaves the group (a daemon, with a session of its own) does so on purpose
 * and is let go; the pipes that it keeps open hold nothing up. Exit status 0 is fine. Of
 * before_unit any other status refuses the unit, the first line of its output being the reason; the
 * others can refuse nothing, and have failed with it. A program that is missing, was killed or ran
 * out of time gave no answer, and the unit is not started either.
 *
 * Nothing here waits. Several hooks may run at the same time, each slot's own.
 */
/* clang-format off */
#define HOOK_LIST(X)                                                            \
	X(BEFORE_UNIT,   "before_unit",   "asked before a unit starts; may refuse it") \
	X(AFTER_UNIT,    "after_unit",    "told when a run is recorded")        \
	X(STATION_ERROR, "station_error", "told when the station, not the unit, is ill")
enum hook_event {
#define HOOK_ENUM(name, word, help) HOOK_##name,
	HOOK_LIST(HOOK_ENUM)
#undef HOOK_ENUM
	HOOK_END_
};

#define HOOK_SOUND_LIST(X) X(PASS, "pass") X(FAIL, "fail") X(ERROR, "error") X(REFUSED, "refused")
enum hook_sound {
#define HOOK_SOUND_ENUM(name, word) SOUND_##name,
	HOOK_SOUND_LIST(HOOK_SOUND_ENUM)
#undef HOOK_SOUND_ENUM
	SOUND_END_
};
/* clang-format on */

enum hook_end {
	HOOK_NO_ANSWER, /* missing, killed, out of time: text says which */
	HOOK_FINE,      /* exit status 0 */
	HOOK_REFUSED, /* another exit status of before_unit: text is the first line of its output */
	HOOK_FAILED,  /* the same of the others, which are told and can refuse nothing */
};

struct hook_result {
	enum hook_event event;
	enum hook_end end;
	int status; /* exit status; -1: none */
	int64_t took_ms;
	const char *text; /* one line, escaped, at most 400 bytes; "" without */
	const char *program;
};

const char *hook_word(enum hook_event e);   /* "before_unit" */
const char *hook_end_word(enum hook_end e); /* "fine", "refused", "failed", "no answer" */
const char *hook_sound_word(enum hook_sound s);

struct hooks;
struct hooks *hooks_new(struct loop *l, const struct conf *c); /* both lent */
/* Kills what runs; nobody is told. NULL is fine. */
void hooks_free(struct hooks *h);

int hooks_wants(const struct hooks *h, enum hook_event e);           /* a program is set for it */
const char *hooks_program(const struct hooks *h, enum hook_event e); /* its name, or NULL */

/* Start the program of the event. Returns 1: done is called later, from the loop, exactly
 * once (also when the program could not be started), or 0: no program is set, and done is
 * not called. done NULL: nobody wants to know. */
int hooks_start(struct hooks *h, enum hook_event e, const char *json, size_t n,
		void (*done)(void *payload, const struct hook_result *r), void *payload);
/* done of this payload is not called any more; before_unit programs of it are killed. */
void hooks_forget(struct hooks *h, const void *payload);
int hooks_busy(const struct hooks *h);

/* What the programs read. */
struct hook_unit {
	const char *station, *line, *slot, *serial, *label, *product, *process;
	const char *plan, *title, *revision, *sha256, *variant;
	const char *operator, * operator_how;
	enum run_mode mode;
	int64_t attempt; /* since the last disposition */
};
void hook_json_before(struct sbuf *out, const struct hook_unit *u);
void hook_json_after(struct sbuf *out, const struct unit_run *r); /* recorded */
void hook_json_error(struct sbuf *out, const char *station, const char *line, const char *slot,
		     const char *code, const char *message);

/* Keep what a program said, as a `hook` entry. u may lack all but what it has; run: UUID or
 * NULL. */
int hook_record(struct store *s, const struct hook_result *r, const struct hook_unit *u,
		const char *run, struct err *err);

/* Play, when a player is set; at most one at a time, 5 s long. */
void hooks_sound(struct hooks *h, enum hook_sound s);

#endif /* STATION_FLOOR_HOOK_H */
