#ifndef TESTS_UNIT_ENGINE_RIG_H
#define TESTS_UNIT_ENGINE_RIG_H

#include <criterion/criterion.h>

#include "engine/supervisor.h"

/*
 * engine_rig -- the engine with a step kind of the test's own, which knows every way in
 * which a step can end, and with a record that can be told to fail. Each test is a process
 * of its own, so there is one of everything:
 *
 *	BUILD(1, DO_PASS, DO_BAD_VALUE);	one lane; a plan of two steps, s0 and s1
 *	engine.step[1].retry = 2;
 *	engine_run();
 *	cr_expect_str_eq(engine_told(), "FAIL unit PF: ok ERR_LIMIT ERR_LIMIT ERR_LIMIT");
 */
enum engine_does {
	DO_PASS,
	DO_FAIL_CODE,
	DO_FIND_NOTHING,
	DO_CRASH,
	DO_EXIT,
	DO_HANG,
	DO_HANG_WITH_CHILD,
	DO_NAN,
	DO_UNKNOWN_MEASURE,
	DO_TWICE,
	DO_NO_MEASURE,
	DO_BAD_VALUE,
	DO_SECOND_PASSES,
	DO_ASK,
	DO_CLAIM,
	DO_FLOOD,
	DO_LATE,
	DO_LONG_TEXT,
	DO_SEEN,
	DO_SEEN_NOTHING,
	DO_AS_SERIAL, /* its first letter: Bad value, fail Code, Open (finds nothing), Hang, else
			 pass */
};

struct engine_args {
	int who, what, ms; /* index of the step, enum engine_does, how long it takes */
};

struct engine_shared { /* with the workers: how often and in which order the steps ran */
	int runs[16], order[64], orders;
	pid_t child;
};

struct engine_ended { /* a run that was recorded and told */
	enum verdict verdict;
	enum err_blame blame;
	char steps[9]; /* the letter of each step's verdict: Pass, Fail, Error, Skip, Abort */
	char first_fail[80], seen[200];
	int64_t duration_ms, waited_ms;
};

extern struct engine_rig {
	struct engine_shared *shared;
	/* What a test may alter between BUILD() and the start. */
	struct plan plan;
	struct plan_step step[8];
	struct engine_args args[8];
	struct supervisor_setup set;
	int fail_commits, fail_begin, slow_journal; /* of the record */
	const char *answer;                         /* to a question, or NULL */
	struct supervisor_resource resource;
	struct supervisor *sup;
	struct loop *loop;
	struct event_reader reader;
	/* What happened. */
	struct engine_ended lane[8], *last; /* the last run of each lane, and of all; or NULL */
	int committed, shown, not_recorded, attempts, unsynced, syncs, questions, waitings;
	int open, left_open;         /* questions now, and when a step had ended */
	int progress, progress_most; /* events since a test's timer was due last */
	char codes[200], skips[200]; /* of the attempts that ended, of the steps left out */
	char last_message[200];
} engine;

extern const char engine_letters[];            /* by enum verdict */
extern const struct board_driver engine_wired; /* for engine_board.driver: has an interface */
extern struct board_profile engine_board;

#define BUILD(lanes, ...)                                                                          \
	engine_build((const int[]){ __VA_ARGS__ },                                                 \
		     (int)(sizeof((int[]){ __VA_ARGS__ }) / sizeof(int)), lanes)
void engine_build(const int *what, int steps, int lanes); /* anew: forgets what happened */
void engine_final(int step);                              /* it cannot be undone */

void engine_start(int lane, const char *serial); /* in production */
void engine_start_job(int lane, const struct supervisor_job *job);
void engine_turn_for(int64_t ms); /* or until no lane is busy */
void engine_finish(void);         /* every run ends, and the engine with them */
void engine_run(void);            /* one unit on lane 0, from start to finish */

/* The run that ended last in a line: its verdict and whom it blames, the letters of its
 * steps, and the codes of all attempts so far. */
const char *engine_told(void);

void engine_nap(int ms);

#endif /* TESTS_UNIT_ENGINE_RIG_H */
