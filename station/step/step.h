#ifndef STATION_STEP_STEP_H
#define STATION_STEP_STEP_H

#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/finding.h"
#include "base/param.h"
#include "base/value.h"
#include "board/board.h"

/*
 * step -- the driver side of the station: everything a step author needs.
 *
 * Adding a step kind `foo` takes three things, and `make lint` says which one
 * is missing:
 *   1. station/step/step_foo.c  a const struct step_driver step_foo
 *   2. station/step/step.def    one line
 *   3. tests/unit/test_step_foo.c, run against a board on memory links
 *
 * A driver measures; limits judge. Limits come from the plan, and from the
 * driver's imply() where a parameter is a limit in other words (accept = ...).
 * run() blocks as it likes: each unit run has a process of its own, and the
 * supervisor ends it at the step's timeout.
 */

/* What the supervisor must have before run(): a person who can answer. */
enum step_need { STEP_NEEDS_OPERATOR = 1 << 0 };

struct step_measure_row { /* ended by a row with no name */
	const char *name;
	enum value_type type;
	const char *unit; /* as reported, of quantity.def; NULL: bare */
	int indexed;      /* reported several times, as NAME.1, NAME.2 ... */
	int optional;     /* not reported by every run(): when a limit on it stays UNSET, a broken
			   * limit is told first, and no attempt passes */
	const char *help; /* one sentence */
};

struct step_ctx; /* owned by the engine, valid during run() */

/* What the linter knows when it looks at one step; any may be NULL. */
struct step_lint {
	const struct ini_section *section; /* for places: ini_key(section, "pairs") */
	const struct board_profile *board;
	const struct fixture *fixture;
	int64_t timeout_ms;
	struct findings *findings;
	/* The least that a limit of the step lets pass of a measure: 0 and *out, or -1. */
	int (*floor)(double *out, const struct step_lint *l, const char *measure);
	const void *limits; /* for floor() */
	/* The median of what earlier runs of this step measured, and of how many: 0, or -1 when
	 * none did or nobody knows. */
	int (*median)(double *out, int64_t *runs, const struct step_lint *l, const char *measure);
	const void *history; /* for median() */
};

struct step_driver {
	const char *name;    /* [a-z0-9_]+, as in `kind = NAME` */
	const char *summary; /* one line, no final stop */
	const char *help;    /* some lines: how it works, what it blames; for `station help step` */
	const struct param *params; /* ended by a row with no name */
	const struct step_measure_row *measures;
	uint32_t asks; /* of the board: enum board_op bits, whatever the args */
	uint32_t (*asks_more)(const void *args); /* further bits that these args need; or NULL */
	uint32_t needs;                          /* enum step_need bits */
	int64_t timeout_ms;                      /* preset; a plan may change it */
	size_t args_size;
	/* Limits that the args imply: call add(sink, key, measure, expression) for
	 * each, expression as in `limit measure = expression`, key the parameter
	 * that implies it (for the place), or NULL: built in. NULL: none. */
	void (*imply)(const void *args,
		      void (*add)(void *sink, const char *key, const char *measure,
				  const char *expr),
		      void *sink);
	/* Mistakes that the parameter rows cannot see. NULL: none. */
	void (*lint)(const void *args, const struct step_lint *l);
	/* Least time that run() takes with these args, so that a shorter timeout is
	 * a finding; NULL: 0. */
	int64_t (*least_ms)(const void *args);
	/* Called in the worker, once per attempt. 0: it ran and its measures
	 * stand. Negative: it could not be carried through, and err_verdict()
	 * of the code is the verdict. What `asks` names is there. */
	int (*run)(struct step_ctx *ctx, const void *args, struct err *err);
	/* 1: it is there for what it does to the unit (wait, switch off), so that a
	 * plan without a limit on it is no finding. */
	int acts;
	/* 1: what it does cannot be undone. The engine begins it only when every step
	 * before it passed, and once; the linter allows no retry, group or always. */
	int final;
};

/* --- what a driver may ask of the engine --- */

struct board *
step_board(struct step_ctx *ctx);            /* lent; NULL when the step asks nothing of a board */
int64_t step_until_ms(struct step_ctx *ctx); /* deadline of the attempt, less a reserve so that a
					      * driver can still report what it saw */

/* So long from now, but not beyond the attempt: the deadline of an answer. */
static inline int64_t step_within(struct step_ctx *ctx, int64_t ms)
{
	int64_t end = clock_ms() + ms, until = step_until_ms(ctx);

	return end < until ? end : until;
}

struct arena *step_arena(struct step_ctx *ctx);             /* lives for the attempt */
const struct fixture_slot *step_slot(struct step_ctx *ctx); /* or NULL */
const char *step_serial(struct step_ctx *ctx);              /* of the unit, as scanned; or NULL */

/* Report a measure that the row names. raw: the unit's own bytes it was taken
 * from, or NULL; note: what a person should know ("pins 4 and 5 are shorted"),
 * or NULL. All are copied; a text value and raw are escaped by the engine, a
 * note is the driver's own words, foreign text in it escaped already. A number that is not finite
 * is kept as "no value" and the attempt cannot pass. */
void step_measure(struct step_ctx *ctx, const char *name, struct value v, const char *raw,
		  const char *note);
void step_measure_at(struct step_ctx *ctx, const char *name, int index, struct value v,
		     const char *raw, const char *note); /* NAME.index, index from 1 */

void step_progress(struct step_ctx *ctx, double done,
		   const char *what); /* 0..1; below 0: unknown */

/* Put a question before the operator. kind: "text", "choice" (choices
 * NULL-ended), "scan", "pass" (answers "pass" or "fail"). ERR_NOBODY at once
 * when nobody can answer, ERR_UNANSWERED at until_ms, ERR_STOPPED. */
struct step_question {
	const char *kind, *text, *picture;
	const char *const *choices;
};
int step_ask(char *out, size_t size, struct step_ctx *ctx, const struct step_question *q,
	     int64_t until_ms, struct err *err);

/* Claim an identity for this unit in the fleet: kind "mac", value in canonical
 * form. *other is "" when no other unit has it in the records or on another
 * slot now, else that unit's serial. ERR_STORE: records cannot be asked. */
int step_claim(char *other, size_t size, struct step_ctx *ctx, const char *kind, const char *value,
	       struct err *err);
/* Claim these values, and report the measure "unique" with the first that another unit has in
 * its note. Of equal neighbours one is claimed. A kind that does so has the two rows below. */
int step_claim_all(struct step_ctx *ctx, const char *kind, const char *const *value, size_t n,
		   struct err *err);
#define STEP_UNIQUE_PARAM(args)                                                                    \
	{                                                                                          \
		.name = "unique", .type = PARAM_BOOL, .offset = offsetof(args, unique),            \
		.preset = "yes",                                                                   \
		.help = "No other unit in the records, nor on another slot now, may have it."      \
	}
#define STEP_UNIQUE_MEASURE                                                                        \
	{                                                                                          \
		.name = "unique", .type = VALUE_BOOL, .optional = 1,                               \
		.help = "No other unit has it, in the records or on another slot."                 \
	}

extern const struct step_driver *const step_table[];
extern const size_t step_table_size;
const struct step_driver *step_find(const char *name); /* NULL: no such kind */
const struct step_measure_row *step_measure_find(const struct step_driver *d, const char *name);
/* "mac_restart.2" finds the indexed row */

#endif /* STATION_STEP_STEP_H */
