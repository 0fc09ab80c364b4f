#ifndef STATION_STATION_H
#define STATION_STATION_H

#include "base/conf.h"
#include "base/loop.h"
#include "engine/event.h"
#include "engine/supervisor.h"
#include "floor/codes.h"
#include "floor/label.h"
#include "floor/policy.h"
#include "reports/report.h"
#include "store/store.h"

/*
 * station -- the face for front-ends: reads the settings, the fixture and
 * plans, joins engine, store and reports, and refuses what may not start.
 *
 * A front-end opens a station, hears its events, starts units on slots, turns
 * the loop until nothing is busy, and closes it.
 */
struct station {
	struct arena arena;
	struct conf *conf;
	struct fixture *fixture; /* NULL: opened without */
	struct store *store;
	struct loop *loop;
	struct supervisor *supervisor;
	struct findings *findings; /* where plans report; the caller's */
	struct station_priv *priv;
};

enum station_needs { STATION_FIXTURE = 1 << 0, STATION_RECORD = 1 << 1, STATION_READ = 1 << 2 };

struct station_setup {
	const char *conf;    /* path; NULL: ./station.conf if it is there, else presets */
	const char *fixture; /* instead of the conf's, or NULL */
	const char *database;
	int needs; /* bits enum station_needs */
	int can_answer;
	int keeps_trying;                  /* a run that cannot be recorded is kept until it can */
	const struct event_reader *reader; /* at most 8 */
	size_t readers;
};

/* ERR_CONF, ERR_STORE, ... Findings of the files go to f, which must live as
 * long as the station. On failure *out is NULL. Runs that an earlier process
 * left open are closed as INTERRUPTED here (with STATION_RECORD), each told as
 * EVENT_RUN_RECORDED. */
int station_open(struct station **out, const struct station_setup *s, struct findings *f,
		 struct err *err);
void station_close(struct station *st); /* NULL is fine */

/* The plan for this unit, by its label as it was scanned: its variant by the label when variant
 * is NULL. Read again each time, so that an edited file counts from the next run on. It lives
 * while a run of it goes on, else until 64 other plans were asked for. */
int station_plan(const struct plan **out, struct station *st, const char *path, const char *variant,
		 const char *scan, struct err *err);
/* The same by the serial, which has been read from the label already, or stands in a record. */
int station_plan_of(const struct plan **out, struct station *st, const char *path,
		    const char *variant, const char *serial, struct err *err);

struct station_unit {
	const struct plan *plan;
	const char *serial; /* as scanned, any bytes; read as the plan's `label` says */
	enum run_mode mode;
	const char *only, *operator, * operator_how; /* how: "badge engineer" */
	enum people_role role;                       /* of the one who is logged in */
	int confirmed; /* the question whether a unit that passed is tested again was answered: yes
			*/
	const char *link_spec, *link_wrap;
};

/* May it start now? floor/policy.h has the reasons; answer may be NULL. Changes nothing. */
int station_may_start(struct station *st, const struct station_unit *u,
		      struct policy_answer *answer, struct err *err);

/* Asks the same, and starts the unit. Hooks are the caller's to ask before. */
int station_start(struct station *st, int lane, const struct station_unit *u, struct err *err);

/* The serial that the unit's plan reads from its label, as records hold it; lives as long as
 * the station. A label that is none stays as it is, escaped. */
const char *station_serial(struct station *st, const struct station_unit *u);

/* As station.conf has them. */
struct label_rules station_label_rules(const struct station *st);
struct codes_rules station_codes_rules(const struct station *st);

/* Turn the loop until no run, worker or report writer is left. */
void station_wait(struct station *st);
int station_busy(const struct station *st);

int station_lane(const struct station *st, const char *slot); /* index, or -1 */

/* History of a unit for its report. */
int station_history(struct report_history *out, struct arena *a, struct store *s,
		    const struct unit_run *r, struct err *err);

#endif /* STATION_STATION_H */
