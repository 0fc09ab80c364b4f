#ifndef STATION_ENGINE_RUN_H
#define STATION_ENGINE_RUN_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/value.h"
#include "plan/limit.h"
#include "plan/plan.h"

struct json;

/*
 * run -- struct unit_run: what one run of a plan on one unit leaves behind. The
 * engine fills it, the store keeps it, reports and screens read it.
 *
 * Everything lives in run->arena. Text is UTF-8 with control characters
 * escaped, whatever a unit or an operator sent. Times: *_ms on the wall clock
 * are UTC since 1970; at_ms is the monotonic offset from the run's start.
 */
enum run_mode {
	MODE_PRODUCTION,
	MODE_GOLDEN,
	MODE_ENGINEERING,
	MODE_GAGE,
	MODE_PARTIAL,
	MODE_END_
};

struct measure {
	const char *name;
	enum value_type type;
	const char *unit;   /* or NULL */
	int has;            /* 0: no value, see reason */
	double num;         /* VALUE_NUM, finite; VALUE_BOOL 0 or 1 */
	const char *text;   /* VALUE_TEXT, VALUE_VERSION */
	const char *reason; /* why there is no value, or NULL */
	const char *raw;    /* the unit's own bytes, escaped, or NULL */
	const char *note;   /* what a person should know, or NULL */
	enum limit_op op;   /* LIMIT_NONE: no limit */
	int has_lo, has_hi, has_warn_lo, has_warn_hi;
	double lo, hi, warn_lo, warn_hi;
	const char *expected; /* the limit as text: ">= 18 Mbit/s"; NULL: no limit */
	enum judgement result;
	int marginal;
	int64_t at_ms;
	const char *from; /* "plans/rdb.ini:17" of the limit, or NULL */
};

struct attempt {
	int number;       /* 1, 2, ... of the step */
	int group_number; /* 1, 2, ... of its group; 1 without */
	enum verdict verdict;
	enum err_blame blame;
	const char *code;    /* "ERR_TIMEOUT", or NULL */
	const char *message; /* or NULL */
	int64_t at_ms, duration_ms, limit_ms;
	int not_judged; /* measures were kept although the step broke off */
	int marginal;
	struct measure *measure;
	size_t measures, measure_room;
	size_t console_from, console_to; /* byte range of the run's console text */
};

struct step_run {
	const char *id, *kind, *title, *group; /* group or NULL */
	const char *params;                    /* JSON object */
	int always;
	const char *skip_rule; /* "variant", "stopped:STEP", "aborted", "only", "engineer";
				* NULL: not skipped */
	struct attempt *attempt;
	size_t attempts, attempt_room;
	int64_t waited_ms; /* for resources, before the first attempt */
};

/* Last attempt's verdict; SKIP with a skip_rule; NONE when neither is there. */
enum verdict step_run_verdict(const struct step_run *s);

struct unit_run {
	struct arena arena;
	int schema;  /* RUN_SCHEMA */
	char id[37]; /* random UUID */
	const char *station, *installation, *line;
	const char *product, *process, *serial, *label_raw, *variant;
	const char *plan_path, *plan_title, *plan_revision, *plan_sha256, *limits_sha256;
	const char *plan_text, *limits_json; /* contents; stored once per hash, not in the body */
	const char *board;
	const char *slot, *usb_path, *ftdi_serial; /* ftdi_serial: what the fixture asks, or NULL */
	/* What the interface showed when it was opened last, escaped; "" where it has none.
	 * Both NULL: none was opened. note: what a person should know of it, or NULL. */
	const char *seen_product, *seen_serial, *seen_note;
	const char *fixture, *fixture_sha256, *calibration_due; /* calibration_due or NULL */
	int64_t fixture_cycles;
	const char *operator, * operator_how; /* "-" and "none" without a login */
	enum run_mode mode;
	int counts;             /* for yield */
	const char *counts_why; /* why not, or NULL */
	const char *sw_version, *sw_sha256, *host, *os_release, *kernel, *boot_id;
	const char *clock_state;      /* "synced", "unsynced", "stepped" */
	int64_t started_ms, ended_ms; /* ended 0: unknown (INTERRUPTED) */
	int64_t duration_ms;
	struct step_run *step;
	size_t steps;
	enum verdict verdict;
	enum err_blame blame;
	const char *verdict_rule; /* "step:gpio", "all passed", ... */
	const char *first_fail;   /* "gpio#1.shorts" or "wifi#2:ERR_PEER"; NULL on PASS */
	int marginal, retried;
	int64_t attempt_seen;    /* attempt number of the unit as the station knew it */
	const char *retest;      /* previous run and rule, or NULL */
	const char *stop_reason; /* who or what stopped it, or NULL */
	const char *console;     /* all console text, escaped, bounded */
	size_t console_len;
	int console_cut;

	/* Beside the hashed body; set by the store. */
	int64_t open_seq, seq;
	char prev_hash[65], hash[65];
	int shown;
};

enum { RUN_SCHEMA = 1 };

/* A new run with one step_run for each step of the plan, the skipped ones
 * marked; an id of its own, mode production, counts. What the plan says is
 * copied; the rest is the caller's to fill. */
void run_init(struct unit_run *r, const struct plan *p);
void run_release(struct unit_run *r); /* safe when zeroed */

/* One more attempt, one more measure. Lent until the next call of the same
 * function for the same step or attempt. */
struct attempt *run_attempt_add(struct unit_run *r, size_t step);
struct measure *run_measure_add(struct unit_run *r, struct attempt *a);

void run_uuid(char out[37]); /* a new random UUID (RFC 9562, version 4) */

/* Text as records hold it: s itself when it is clean UTF-8 without control and
 * invisible characters, else escaped by text_escape(). NULL stays NULL. */
const char *run_clean(struct arena *a, const char *s);

/* The verdict of an attempt that ended with code (0: it ran), from its measures
 * and the step's limits; adds UNSET measures for limits that nothing set; fills
 * verdict, blame, code, message, results. The first line that fits, in this
 * order: stopped, worker lost or killed, code of run(), a limit's measurement
 * unset or not finite, a limit broken, PASS. */
void run_judge(struct unit_run *r, struct attempt *a, const struct plan_step *s, int code,
	       const char *message);

/* An attempt that failed like others on other slots at the same time: ERR_ALIKE, with its own
 * message behind ours. Its measures keep their results. */
void run_judge_alike(struct unit_run *r, struct attempt *a, const char *slots, int n);

/* The verdict of the run: a pure function of its steps (and of interrupted).
 * First cause decides; see ARCHITECTURE.md, verdicts. Fills verdict, blame,
 * verdict_rule, first_fail, marginal, retried. */
void run_conclude(struct unit_run *r, int interrupted);

/* The first failing measure of a run, or NULL (then see the attempt's code). */
const struct measure *run_first_fail(const struct unit_run *r, const struct step_run **step,
				     const struct attempt **attempt);

/* The hashed body, one JSON object in fixed key order, written by us. Text goes
 * through run_clean(), but for the console, whose byte ranges must stay. */
void run_to_json(struct sbuf *out, const struct unit_run *r);
/* Parts of it for the journal: the run with its planned steps and without any
 * attempt; one attempt with its piece of the console, or with attempt ==
 * SIZE_MAX the step's skip. */
void run_head_to_json(struct sbuf *out, const struct unit_run *r);
void run_attempt_to_json(struct sbuf *out, const struct unit_run *r, size_t step, size_t attempt);
/* For readers: the member "value", as a number, a boolean, a text, or null. */
void measure_value_to_json(struct json *j, const struct measure *m);

/* Back from JSON. r is initialised by the call, and zeroed when it fails.
 * ERR_CORRUPT: not such a body (wrong type, unknown or missing key, unknown
 * word); ERR_NEWER: of a newer schema. */
int run_from_json(struct unit_run *r, const char *json, size_t len, struct err *err);
/* Put a journalled attempt into a run read by run_from_json() of its head. */
int run_add_attempt_json(struct unit_run *r, const char *json, size_t len, struct err *err);

const char *run_mode_word(enum run_mode m);              /* "production" */
int run_mode_find(enum run_mode *out, const char *word); /* 0, or -1 */
const char *judgement_word(enum judgement j);            /* "PASS", "FAIL", "UNSET", "NONE" */

/* "18.2 Mbit/s", "yes", "24.06", "no value: timed out". */
void measure_print(struct sbuf *out, const struct measure *m);

#endif /* STATION_ENGINE_RUN_H */
