#ifndef REPORTS_YIELD_H
#define REPORTS_YIELD_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/sbuf.h"
#include "store/store.h"

/*
 * yield -- first-pass yield and its Pareto, from the rows of the record.
 *
 * A unit is (product, serial, process). It belongs to a window when its first
 * counted run ever starts inside it; all its later counted runs belong to it
 * too. Which runs count is the policy, printed with every number:
 * production runs that passed or failed count; an aborted, error or interrupted
 * run counts, as not passed, only if a step attempt in it ended FAIL ("judged");
 * golden, engineering, gage and partial runs are out, and so is a run that
 * passed or failed but was marked not to count. (Our choice; other
 * stations differ, so numbers of two stations compare only with equal policy.)
 */
enum yield_rule { YIELD_IGNORE, YIELD_JUDGED, YIELD_FAIL };

struct yield_policy {
	enum yield_rule aborted, error, interrupted;
	int retried_fails; /* a PASS with a retried step counts as not passed */
};
extern const struct yield_policy yield_policy_default;

/* Does this run count, and did it pass? Returns 0 or 1; *passed is set with 1. */
int yield_counts(int *passed, const struct store_row *row, const struct yield_policy *p);

/*
 * Wilson's interval for x of n at confidence conf (0 < conf < 1), two-sided.
 * n >= 1, 0 <= x <= n; exactly 0 at x = 0 and 1 at x = n. ERR_USAGE otherwise.
 * source  NIST/SEMATECH e-Handbook of Statistical Methods, 7.2.4.1
 */
int yield_wilson(double *lo, double *hi, int64_t x, int64_t n, double conf, struct err *err);

struct yield_cause {
	const char *name; /* "gpio.shorts", "wifi:ERR_PEER" */
	int64_t units;    /* runs in a list of station errors */
};

struct yield_process {
	const char *product, *process;
	int64_t units, runs, first_pass, last_pass, retested; /* runs: counted ones */
	int64_t waiting;                      /* units whose last counted run is not a pass */
	int64_t aborted, errors, interrupted; /* all such production runs that began in the
					       * window, counted or not */
	int64_t retried;                      /* passed runs with a retried step */
	double fpy, fpy_lo, fpy_hi;           /* 0..1; NAN with 0 units */
	double lpy, lpy_lo, lpy_hi;
	int64_t pass_runs;              /* counted runs that passed */
	int64_t by_2nd, by_3rd;         /* units that passed by this counted run */
	int64_t ever_pass;              /* units with any counted run that passed */
	int64_t first_fail;             /* units whose first counted run did not pass */
	int64_t first_fail_retested;    /* of those, run again */
	int64_t retest_pass;            /* of those, passed the second counted run */
	int64_t fail_after_pass;        /* units with a pass directly followed by a non-pass */
	int64_t often;                  /* units with more than YIELD_OFTEN counted runs: a serial
					 * that was mistyped, or does not change */
	const char *often_serial;       /* one of them, or NULL */
	double fpy_strict, fpy_lenient; /* lowest and highest FPY over all policies; NAN: none has
					 * units */
	struct yield_cause *cause; /* Pareto of first failing measurements of failing first runs */
	size_t causes;
	struct yield_cause *fault; /* station errors, by code and step */
	size_t faults;
};

struct yield {
	struct yield_process *process; /* sorted by product, process */
	size_t processes;
	int64_t since_ms, until_ms; /* 0: open */
	int64_t head_seq;
	const char *head_hash, *station;
	struct yield_policy policy;
};

enum { YIELD_OFTEN = 10 };

/* rows: all rows of the store, oldest first (the first run ever of a unit may
 * lie before the window). Lives in the arena. */
int yield_compute(struct yield *out, struct arena *a, const struct store_row *rows, size_t n,
		  int64_t since_ms, int64_t until_ms, const struct yield_policy *policy,
		  struct err *err);

/* Terminal form, 80 columns, with the policy line; and one JSON object. */
void yield_print(struct sbuf *out, const struct yield *y);
void yield_to_json(struct sbuf *out, const struct yield *y);

#endif /* REPORTS_YIELD_H */
