#ifndef STATION_FLOOR_CHOOSE_H
#define STATION_FLOOR_CHOOSE_H

#include "floor/label.h"
#include "floor/policy.h"
#include "plan/plan.h"

/*
 * choose -- which plan a label asks for: the shelf of the station's plans, each with
 * its findings, read again when a file changes.
 *
 * A plan wants a label when the label is in its form, its product code is one of
 * `code` (a plain label begins with one of them), and the serial fits the plan's or a
 * variant's pattern. A plan without any of these wants every label. Plans for another
 * board than the fixture's are passed over. Exactly one plan must want it; one with
 * errors is never chosen, and its errors are told instead.
 */
enum { SHELF_FINDINGS = 20 }; /* our choice */

struct shelf_plan {
	const char *path, *title, *revision, *product, *process;
	size_t errors, warnings;
	/* "plans/a.ini:14:1: error: ...", errors first, as far as they fit. */
	const char *finding[SHELF_FINDINGS];
	size_t findings;
	int elsewhere; /* 1: for another board than the fixture's */
	const struct plan_card *card;
};

struct shelf;

/* folder: of *.ini; env as plan_load() wants it. All is lent and must outlive the shelf. */
struct shelf *shelf_new(const char *folder, const struct plan_env *env);
void shelf_free(struct shelf *s);

/* Read what is new since the last time: 1 something changed, 0 nothing. Looks at the
 * plans' and board profiles' folders only; plans are read whole only when a file there changed. */
int shelf_refresh(struct shelf *s);

size_t shelf_count(const struct shelf *s);
const struct shelf_plan *shelf_plan(const struct shelf *s, size_t i); /* by path; until refresh */

struct choice {
	const struct shelf_plan *plan; /* until the next refresh */
	const char *variant;           /* "": none */
	struct label label;            /* choice_release() */
};

/* Refreshes first. 0, or a code: why stands in answer (may be NULL) and err, with
 * WRONG_FORMAT, WRONG_CHECK, WRONG_CODE, NO_PLAN, SEVERAL_PLANS or PLAN_FINDINGS. */
int choose(struct choice *out, struct shelf *s, const struct label_rules *rules, const char *bytes,
	   size_t n, struct policy_answer *answer, struct err *err);
void choice_release(struct choice *c); /* safe when zeroed */

#endif /* STATION_FLOOR_CHOOSE_H */
