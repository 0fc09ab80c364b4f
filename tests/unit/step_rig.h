#ifndef TESTS_UNIT_STEP_RIG_H
#define TESTS_UNIT_STEP_RIG_H

#include <criterion/criterion.h>

#include "engine/run.h"
#include "engine/step_ctx.h"
#include "link/link_memory.h"
#include "plan/plan.h"

/*
 * step_rig -- one step of a real plan on a board whose console is a script in
 * memory: the plan is read and linted, run() is called, the run's own judge
 * decides. So a test sees measures, verdict and blame as a record will hold
 * them.
 *
 * The clock is frozen and moved by the link, so that silence takes no time;
 * set `live` where the step has a process to wait for.
 */
#define HEARS(what, said, ...)                                                                     \
	{                                                                                          \
		.hear = what, .say = said, __VA_ARGS__                                             \
	}
#define HEARS_NO_MORE                                                                              \
	{                                                                                          \
		.hear = NULL                                                                       \
	}

/* How a step ends when the unit answers one line in a certain way; for tables. */
struct rig_answer {
	const char *say; /* NULL: nothing */
	/* As rig_outcome() and rig_measures() give them; message: part of it, or NULL. */
	const char *outcome, *measures, *message;
	enum err_code then, fail;
};
#define ANSWER(said, ends, measured, ...)                                                          \
	{                                                                                          \
		.say = said, .outcome = ends, .measures = measured, __VA_ARGS__                    \
	}

struct rig_claim {
	char kind[16], value[64];
};

struct rig {
	struct arena arena, attempt_arena;
	struct plan *plan;
	struct link_memory link;
	struct board board;
	struct fixture_slot slot;
	struct unit_run run;
	struct attempt *attempt; /* of the last rig_run() */
	struct sbuf progress;    /* "0.50 restart 1 of 2\n" for each one */
	struct sbuf asked;       /* "pass: Is it on? [pass fail]\n" for each question */
	/* What the operator answers, one after the other; NULL: nobody answers any more,
	 * and the next question ends with answer_code. */
	const char *const *answers;
	enum err_code answer_code;
	const char *other; /* who has an identity already; NULL: records cannot be asked */
	struct rig_claim claim[4];
	size_t claims;
	const char *serial; /* of the unit, or NULL */
	int64_t until_ms;   /* 0: the step's own timeout */
	int live;           /* the clock runs */
};

/* step: the lines of [step s], such as "kind = wait\nfor = 1 s\n". board: the text
 * of its profile, NULL: family none. The plan must be without errors. */
void rig_open(struct rig *r, const char *board, const char *step, const struct memory_turn *turns);

/* Likewise on a board of another driver, which has no profile and is not opened. */
void rig_open_as(struct rig *r, const char *board, const char *step,
		 const struct board_driver *driver);

/* One attempt. Its verdict; everything else is in r->attempt. */
enum verdict rig_run(struct rig *r);

/* What the attempt measured, NULL: it did not. */
const struct measure *rig_measure(const struct rig *r, const char *name);

/* "version=24.06 stable=yes": every measure in order, for comparison as a whole. */
const char *rig_measures(struct rig *r);

/* Run the step on a board of rig_board that hears `line` and answers by the row, and
 * compare. */
void rig_expect(const struct rig_answer *row, const char *step, const char *line);

/* Verdict, blame and code at once: "FAIL unit ERR_PROTO"; "PASS - -". */
const char *rig_outcome(struct rig *r);

/* The limits that the plan has for the step, "version >= 24.03 (at_least)\n"; the key in
 * brackets implied it. */
const char *rig_limits(struct rig *r);

/* The whole script was heard and read. */
int rig_done(const struct rig *r);

void rig_close(struct rig *r);

/* What `station check` finds in such a step: "8:12: error: ...\n" each, in order; the
 * step's first line is line 7. fixture: text of a fixture file, or NULL. Lent until
 * the next call. */
const char *rig_check(const char *board, const char *fixture, const char *step);

/* A profile file's findings, likewise. */
const char *rig_check_board(const char *board);

/* A board with a shell, as most tests need it. */
extern const char rig_board[];

#endif /* TESTS_UNIT_STEP_RIG_H */
