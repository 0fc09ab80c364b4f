#ifndef STATION_ENGINE_SUPERVISOR_H
#define STATION_ENGINE_SUPERVISOR_H

#include "base/loop.h"
#include "engine/event.h"
#include "engine/run.h"
#include "plan/plan.h"

/*
 * supervisor -- runs plans on units, one worker process for each run, all in
 * one poll() loop. It keeps every deadline, hands out resources, judges what
 * is measured by the plan's limits, has each attempt journalled and each run
 * recorded, and tells its readers what happens. Nothing in it waits for a
 * worker, a terminal or a network.
 *
 * A run whose record is committed tells EVENT_RUN_RECORDED; before that its
 * verdict is told to nobody.
 */
struct supervisor;

/* How runs are kept; handed in, because engine/ stands left of store/. Calls
 * return 0 or a negative code. */
struct supervisor_record {
	int (*begin)(void *payload, struct unit_run *r, struct err *err);
	int (*attempt)(void *payload, const struct unit_run *r, size_t step, size_t attempt,
		       struct err *err);
	int (*unsynced)(void *payload);
	int (*sync)(void *payload, struct err *err);
	int (*commit)(void *payload, struct unit_run *r, struct err *err);
	/* Serial of another unit in the records with this identity, else "". */
	int (*identity)(void *payload, char *other, size_t size, const char *kind,
			const char *value, const struct unit_run *r, struct err *err);
	void *payload;
};

struct supervisor_resource {
	const char *name;
	int64_t count;
};

struct supervisor_setup { /* borrowed for the supervisor's life */
	struct loop *loop;
	const struct fixture *fixture; /* NULL: runs without boards only */
	const struct supervisor_resource *resource;
	size_t resources;
	struct supervisor_record record;
	const struct event_reader *reader;
	size_t readers;
	int64_t journal_sync_ms; /* longest time a journalled attempt waits for the disk */
	int64_t always_ms;       /* longest time for `always` steps after a stop */
	int64_t console_max;
	int can_answer;
	/* A run that cannot be recorded is kept and tried again until it is, after
	 * EVENT_NOT_RECORDED was told; 0: it is given up then. */
	int keeps_trying;
	/* So many slots that fail alike at once make it ERR_ALIKE, see engine/lane_alike.c; all
	 * of them where there are fewer; 0: never. */
	int64_t second_look;
	int lanes; /* runs at a time; with a fixture: its slots */
	const char *station, *line;
};

struct supervisor *supervisor_new(const struct supervisor_setup *s);
void supervisor_free(struct supervisor *s); /* ends workers at once; NULL is fine */

struct supervisor_job { /* borrowed until EVENT_RUN_RECORDED or EVENT_NOT_RECORDED */
	const struct plan *plan;
	const char *serial;    /* escaped */
	const char *label_raw; /* the scan, escaped; NULL: as serial */
	const char *operator, * operator_how;
	enum run_mode mode;
	const char *only; /* id of the one step to run, mode partial; or NULL */
	const char *link_spec, *link_wrap;
	const char *retest; /* or NULL */
	int second_look;    /* the unit failed like others before: now its own failure stands */
	int64_t fixture_cycles;
};

/* Begin a run on a lane: records "open", forks the worker. ERR_BUSY: the lane
 * has a run; ERR_STORE: it cannot be recorded, so it does not start. */
int supervisor_start(struct supervisor *s, int lane, const struct supervisor_job *job,
		     struct err *err);

/* Answer the lane's question. ERR_USAGE: none is open. */
int supervisor_answer(struct supervisor *s, int lane, const char *text, struct err *err);

/* End runs: the attempt in progress becomes ABORT, outputs are released,
 * `always` steps still run within always_ms. lane -1: all. A second call ends
 * `always` steps too. NULL is fine: a signal while the station is closed. */
void supervisor_stop(struct supervisor *s, int lane, const char *reason);

/* The interface of the lane was pulled out: the attempt in progress, or the next one,
 * ends as ERR_GONE and is not repeated. Nothing for a board that has no interface. */
void supervisor_gone(struct supervisor *s, int lane);

/*
 * An engineer's hand on a run in mode engineering or partial; ERR_USAGE for any
 * other: a production run is never converted, so that nobody improves yield by
 * it (our choice). Every attempt is kept, and such runs never count.
 *
 * pause: before its next step, or before its end. It may wait SUPERVISOR_PAUSE_MS,
 * then the run is stopped. The others need a run that is paused (EVENT_PAUSED):
 * step runs the next step with its retries and pauses again, go runs on, repeat
 * runs the last step that ran once more and pauses again (ERR_USAGE where it cannot
 * be undone), skip leaves the next one
 * out (skip rule "engineer") and pauses again.
 */
enum { SUPERVISOR_PAUSE_MS = 3600 * 1000 }; /* our choice */
int supervisor_pause(struct supervisor *s, int lane, struct err *err);
int supervisor_step(struct supervisor *s, int lane, struct err *err);
int supervisor_go(struct supervisor *s, int lane, struct err *err);
int supervisor_repeat(struct supervisor *s, int lane, struct err *err);
int supervisor_skip(struct supervisor *s, int lane, struct err *err);
int supervisor_paused(const struct supervisor *s, int lane); /* waits for one of them */

int supervisor_busy(const struct supervisor *s); /* lanes with a run or a worker left */
int supervisor_uses(const struct supervisor *s, const struct plan *p);       /* has a run of it */
const struct unit_run *supervisor_run(const struct supervisor *s, int lane); /* or NULL */
/* 1: the lane's run is over and recorded, and its worker gives the devices back. */
int supervisor_recorded(const struct supervisor *s, int lane);

#endif /* STATION_ENGINE_SUPERVISOR_H */
