#ifndef STATION_PLAN_PLAN_H
#define STATION_PLAN_PLAN_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/finding.h"
#include "base/match.h"
#include "board/board.h"
#include "plan/limit.h"
#include "step/step.h"

/*
 * plan -- plans/NAME.ini as typed steps, for one variant. The language is
 * described in plans/README.md; what a step kind takes stands in its row.
 *
 * A plan is read whole, linted whole, and does not change afterwards: a file
 * that changes on disk changes no run.
 */
enum plan_on { PLAN_STOP, PLAN_CONTINUE };

/* How a scanned label is read, and the check digits that its serial ends in; see
 * floor/label.h, which does it. */
enum plan_label { PLAN_LABEL_PLAIN, PLAN_LABEL_GS1 };
enum plan_check_digit { PLAN_CHECK_NONE, PLAN_CHECK_GS1, PLAN_CHECK_LUHN, PLAN_CHECK_MOD97 };
enum plan_passed { PLAN_PASSED_ALLOW, PLAN_PASSED_ASK, PLAN_PASSED_REFUSE };
enum plan_grant { PLAN_GRANT_ENGINEER, PLAN_GRANT_QA };

struct plan_step {
	const char *id;    /* of [step ID] */
	const char *title; /* preset: the id */
	const struct step_driver *driver;
	const void *args;
	int64_t timeout_ms;
	int64_t retry; /* further attempts after a FAIL or ERROR, 0..100 */
	int64_t retry_delay_ms;
	enum plan_on on_fail, on_error;
	int always;
	const char *group;       /* or NULL */
	struct param_list uses;  /* resources, in the order of their names */
	const char *instruction; /* for the operator when it fails, or NULL */
	int skipped;             /* `when` leaves it out on this variant */
	struct limit *limit;
	size_t limits;
	const char *params; /* effective parameters as one JSON object, fixed order */
	struct place at;
};

struct plan_group {
	const char *name;
	int64_t retry, retry_delay_ms;
	size_t first, count; /* its steps stand together in plan->step */
};

struct plan {
	const char *path, *title, *revision, *product, *process, *instruction;
	struct board_profile *board;
	struct match *serial;    /* what a serial must look like, or NULL: anything */
	const char *serial_text; /* as written, or NULL */
	int64_t attempts;        /* 0: no limit */
	enum plan_label label;
	enum plan_check_digit check;
	struct param_list code;  /* product codes or beginnings of labels that choose the plan */
	struct param_list route; /* processes that must have passed before */
	enum plan_passed passed; /* whether a unit that passed is tested again */
	enum plan_grant grant;   /* who may allow one more attempt */
	int64_t expected_ms;     /* of a run, until the record knows better; 0: not said */
	const char *variant;     /* "" : none */
	struct plan_step *step;
	size_t steps;
	struct plan_group *group;
	size_t groups;
	const char *text; /* full text after includes: what is hashed and stored */
	size_t len;
	const char *sha256;         /* of text */
	const char *limits_json;    /* every limit in force, fixed order; the definition set */
	const char *limits_sha256;  /* of limits_json */
	struct param_list variants; /* names of all variants of the file */
};

/* What earlier runs measured; asked of whoever holds the record, which is not for plan/ to
 * read. The median of the newest runs of this step, and of how many: 0, or -1: none. */
struct plan_history {
	int (*median)(void *payload, double *out, int64_t *runs, const struct plan *p,
		      const struct plan_step *s, const char *measure);
	void *payload;
};

/* What plans are read against. */
struct plan_env {
	const char *boards;            /* folder of board profiles */
	const struct fixture *fixture; /* NULL: not known; then wiring is not checked */
	const struct param_list
		*resources; /* names of station.conf's [resource NAME]; NULL: not known */
	const struct plan_history *history; /* NULL: not known */
};

/* Read and lint with this variant (NULL: none). Findings go to f, also when
 * the plan can be used (warnings). Lives in the arena; release with
 * plan_release(). ERR_PLAN: it has errors; ERR_FILE. */
int plan_load(struct plan **out, struct arena *a, const char *path, const char *variant,
	      const struct plan_env *env, struct findings *f, struct err *err);

/* The variant whose serial pattern the label matches: its name in *out, "" for
 * none. ERR_PLAN: matches several variants; or no variant and not the plan's
 * own pattern (the message says which label was expected). */
int plan_variant_for(const char **out, struct arena *a, const char *path, const char *serial,
		     struct err *err);

/* Lint for every variant of the file, and what only the whole shows (a variant
 * no label can select). For `station check`. */
void plan_check(const char *path, const struct plan_env *env, struct findings *f);

/* What a plan says about itself and the labels that it wants, read whether or not the
 * rest of it has mistakes. */
struct plan_card {
	int is_plan;  /* has a [plan]; else it is a file for others to include */
	int includes; /* reads other files */
	const char *path, *title, *revision, *product, *process, *board,
		*instruction; /* "": not said */
	enum plan_label label;
	enum plan_check_digit check;
	struct param_list code;
	struct plan_card_pattern {
		const char *variant; /* "": the plan's own */
		struct match *serial;
	} * pattern;
	size_t patterns;
};

/* ERR_FILE: the plan itself cannot be read. Lives in the arena; plan_card_release(). */
int plan_card_load(struct plan_card **out, struct arena *a, const char *path, struct err *err);
void plan_card_release(struct plan_card *c); /* frees patterns; NULL is fine */

/* Does a pattern of the plan, or of one of its variants, fit the serial? 1 or 0; a plan
 * without any pattern wants every serial. ERR_COSTLY. */
int plan_card_wants(const struct plan_card *c, const char *serial, struct err *err);

/* 0 when the serial fits the plan's pattern; ERR_USAGE with what was expected. */
int plan_serial_ok(const struct plan *p, const char *serial, struct err *err);

void plan_release(struct plan *p); /* frees patterns; NULL is fine */

/* Keys of [plan], [step ID] common to all kinds, [group NAME], [variant NAME]. */
extern const struct param plan_params[], plan_step_params[], plan_group_params[],
	plan_variant_params[];

#endif /* STATION_PLAN_PLAN_H */
