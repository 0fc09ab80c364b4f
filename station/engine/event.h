#ifndef STATION_ENGINE_EVENT_H
#define STATION_ENGINE_EVENT_H

#include <stdint.h>

#include "engine/run.h"

/*
 * event -- what happens during runs, told once and typed. Screen, CLI, JSON
 * lines and the live log are readers; they format for themselves.
 *
 * Pointers in an event are lent for the call.
 */
/* clang-format off */
#define EVENT_LIST(X)                                                                  \
	X(RUN_STARTED,   "run_started",   "a run has begun, its open entry is recorded") \
	X(STEP_WAITING,  "step_waiting",  "a step waits for a resource or the operator") \
	X(STEP_STARTED,  "step_started",  "an attempt of a step has begun")              \
	X(PROGRESS,      "progress",      "how far the attempt is")                      \
	X(MEASURE,       "measure",       "a measurement arrived, not judged yet")       \
	X(CONSOLE,       "console",       "the unit said something")                     \
	X(QUESTION,      "question",      "the operator is asked")                       \
	X(ANSWERED,      "answered",      "the question is gone")                        \
	X(STEP_ENDED,    "step_ended",    "an attempt has its verdict")                  \
	X(STEP_SKIPPED,  "step_skipped",  "a step will not run")                         \
	X(RUN_RECORDED,  "run_recorded",  "the run is committed: its verdict may be shown") \
	X(NOT_RECORDED,  "not_recorded",  "the run could not be recorded: no verdict")   \
	X(REPORT,        "report",        "a report was written, or could not be")       \
	X(STATION,       "station",       "the state of the station changed")            \
	X(PAUSED,        "paused",        "an engineering run waits before its next step")
enum event_type {
#define EVENT_ENUM(type, name, help) EVENT_##type,
	EVENT_LIST(EVENT_ENUM)
#undef EVENT_ENUM
	EVENT_END_
};
/* clang-format on */

struct event {
	enum event_type type;
	int64_t at_ms;              /* monotonic */
	int slot;                   /* index in the supervisor; -1: the station */
	const struct unit_run *run; /* NULL for the station */
	size_t step;                /* index in run, where it has one */
	const struct attempt *attempt;
	const struct measure *measure;
	double done;      /* PROGRESS: 0..1, below 0 unknown */
	const char *text; /* PROGRESS what, CONSOLE (escaped), QUESTION text, WAITING
			   * for what, NOT_RECORDED and STATION reason, REPORT path */
	const struct step_question *question;
	int64_t until_ms;      /* QUESTION: when nobody's answer counts any more */
	const struct err *err; /* NOT_RECORDED, REPORT: NULL when it went well */
};

struct event_reader {
	uint32_t wants; /* bits 1 << enum event_type */
	/* In the supervisor; must not block, and must not start or stop runs. */
	void (*hear)(void *payload, const struct event *e);
	void *payload;
};

const char *event_name(enum event_type t);

/* One JSON object for `run --json`. */
void event_to_json(struct sbuf *out, const struct event *e);

#endif /* STATION_ENGINE_EVENT_H */
