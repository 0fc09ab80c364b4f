#ifndef STATION_PLAN_PLAN_PRIV_H
#define STATION_PLAN_PLAN_PRIV_H

#include "base/ini.h"
#include "base/param.h"
#include "plan/plan.h"

/*
 * plan_priv -- between the files of the plan reader; nobody else includes it.
 *
 *   plan_include.c  the files of a plan, as sections in the order of their steps
 *   plan_variant.c  [variant NAME]: which label selects it, what it changes
 *   plan_keys.c     the rows of all keys that are common to all plans
 *   plan_step.c     one [step ID] to a struct plan_step, with its limits
 *   plan_label.c    labels, and what a plan says about itself
 *   plan_read.c     all of it to a struct plan for one variant
 *   plan_lint.c     what only several sections together show
 *   plan_json.c     parameters and limits as JSON
 *   plan.c          the functions of plan.h
 */

/* More than that is no plan that a person wrote; bounds the work of a check. */
enum {
	PLAN_STEPS_MAX = 500,
	PLAN_VARIANTS_MAX = 50,
	PLAN_GROUPS_MAX = 100,
	PLAN_INCLUDE_DEPTH = 8,
	PLAN_FILES_MAX = 50
};

struct plan_keys {
	const char *title, *revision, *board, *product, *process, *instruction;
	const char *on_fail, *on_error;
	const char *label, *check, *passed, *grant;
	struct match *serial;
	int64_t attempts, expected_ms;
	struct param_list include, code, route;
};

struct plan_step_keys {
	const char *kind, *title, *instruction, *on_fail, *on_error, *group, *when;
	int64_t timeout_ms, retry, retry_delay_ms, always;
	struct param_list uses;
};

struct plan_group_keys {
	int64_t retry, retry_delay_ms;
};

struct plan_variant_keys {
	struct match *serial;
};

/* A plan's files. */
struct plan_source {
	struct ini *file;         /* the plan itself */
	struct ini_section *plan; /* its [plan], or NULL */
	struct ini_section **step, **group, **variant;
	size_t steps, groups, variants;
	const char **variant_names;
	const char *text; /* full text after includes, see plans/README.md */
	size_t len;
};

/* ERR_FILE: the plan itself cannot be read; everything else is a finding. */
int plan_source_load(struct plan_source *out, struct arena *a, const char *path, struct findings *f,
		     struct err *err);

/* What reading one variant needs. */
struct plan_reader {
	struct arena *arena;
	const struct plan_source *source;
	const struct plan_env *env;
	struct findings *findings;
	const struct ini_section *variant; /* or NULL */
	int others; /* variants are read, too: without one nothing need run */
	struct plan_keys keys;
	struct plan *plan;
};

/* The section as the variant changes it; keys of the variant keep their own places. */
struct ini_section *plan_variant_apply(struct plan_reader *r, struct ini_section *step);

/* Lint all [variant NAME] sections: keys, steps that do not exist, patterns that
 * are equal. */
void plan_variants_lint(const struct plan_source *s, struct arena *a, struct findings *f);

/* Read one step; NULL: its kind is unknown. errors: *bad is set. */
void plan_step_read(struct plan_step *out, struct plan_reader *r, struct ini_section *s);

/* Read all. out is released by the caller, also when there were errors. */
void plan_read(struct plan *out, struct plan_reader *r);

/* Order, groups, board, fixture, resources. */
void plan_lint(const struct plan *p, const struct plan_reader *r);
/* What one step asks of board and fixture, pins, paths; args are whole. */
void plan_lint_step(const struct plan_step *st, const struct plan_reader *r,
		    const struct ini_section *s, struct findings *f);

const char *plan_params_json(struct arena *a, const struct plan_step *st);
const char *plan_limits_json(struct arena *a, const struct plan *p);

/* Copy findings; those that are known already are kept once. */
void plan_findings_copy(struct findings *to, const struct findings *from);

/* What [plan] says of labels and retests. */
void plan_policy_set(struct plan *p, const struct plan_keys *k);
/* The words of [plan] label and check; NULL: the preset. */
enum plan_label plan_label_of(const char *word);
enum plan_check_digit plan_check_of(const char *word);

/* ERR_PLAN when there are errors: the only one itself, or how many. */
int plan_errors_in(const struct findings *own, const char *path, struct err *err);

/* Place of an item of a list value. */
struct place plan_item_place(const struct ini_key *k, const char *item);

/* Place of a key's value, or of the section when the key is not there. */
struct place plan_value_place(const struct ini_section *s, const char *key);

#endif /* STATION_PLAN_PLAN_PRIV_H */
