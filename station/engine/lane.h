#ifndef STATION_ENGINE_LANE_H
#define STATION_ENGINE_LANE_H

#include "engine/supervisor.h"
#include "engine/wire.h"

/*
 * lane -- private to the engine: one place of the supervisor in which one run
 * at a time goes on. supervisor.c has the public face and the resources,
 * lane.c the way from step to step, lane_alike.c the second look, lane_hold.c an
 * engineer's pauses, lane_worker.c the process.
 *
 *   IDLE -> go() -> WAIT | DELAY | STEP (-> ALIKE) | SAFE | PAUSED -> go() ... -> SAVE -> CLOSING
 * -> IDLE
 */
enum lane_state {
	LANE_IDLE,
	LANE_WAIT,    /* for resources */
	LANE_DELAY,   /* before a retry */
	LANE_STEP,    /* an attempt runs in the worker */
	LANE_ALIKE,   /* an attempt failed; the same step on other slots is waited for */
	LANE_PAUSED,  /* an engineer says what comes next */
	LANE_SAFE,    /* a fresh worker releases the outputs */
	LANE_SAVE,    /* a commit failed and will be tried again */
	LANE_CLOSING, /* recorded; the worker gives its devices back */
};

struct lane_claim {
	struct lane_claim *next;
	const char *kind, *value;
};

/* What a slot has to say to others that fail; outlives the run. */
struct lane_past {
	char plan[65], limits[65];
	int64_t at_ms;     /* 0: nothing */
	uint64_t run;      /* number of the run on this lane */
	size_t step;       /* that failed */
	char symptom[240]; /* how */
};

struct lane {
	struct supervisor *sup;
	int index;
	enum lane_state state;
	struct supervisor_job job;
	struct unit_run run;
	int64_t start_ms, clock_offset_ms;
	struct loop_timer *timer, *question_timer;

	size_t step;             /* the one at hand */
	size_t pass_attempts;    /* attempts of it in this pass of its group */
	int64_t group_pass;      /* 1, 2, ... */
	struct attempt *attempt; /* in progress, in state STEP */
	int64_t attempt_due_ms;
	int broken;            /* worker sent something wrong during the attempt */
	int cut;               /* a stop took time from the attempt */
	int64_t not_before_ms; /* retry delay */
	int64_t waiting_since_ms;
	uint64_t ticket;       /* order of asking for resources; 0: does not ask */
	int holds;             /* has its step's resources */
	const char *skip_rule; /* rule for the steps that will not run any more */
	int aborted;
	int64_t always_until_ms; /* CLOCK_NEVER unless aborted */
	int unsafe;              /* a worker was lost: outputs may be driven */
	int question;            /* a question of the worker is open */
	int saves;               /* failed commits */
	int gone;                /* the interface was pulled out; no attempt has met it yet */
	int hold;                /* pause before the next step */
	int let;                 /* the step at hand runs although hold is set */
	size_t last_step;        /* the one whose attempt ended last; SIZE_MAX: none */
	int owes;                /* this attempt has ended and is yet to be journalled and told */
	size_t owed_step, owed_attempt;
	uint64_t runs;          /* that began on this lane */
	int64_t alike_since_ms; /* in state ALIKE */
	struct lane_past failed, passed;
	struct lane_claim *claims;
	struct sbuf console;

	struct guard *guard; /* releases the outputs when supervisor and worker are killed */
	pid_t pid;           /* 0: no worker */
	uint32_t turn;       /* of the last task given to a worker */
	int fd;
	struct proc *proc;
	struct loop_watch *fd_watch;
};

struct supervisor {
	const struct supervisor_setup *set;
	struct lane *lane;
	int lanes;
	int64_t *in_use; /* one for each resource */
	uint64_t tickets;
	struct loop_timer *sync_timer;
	int sync_due; /* sync_timer is set */
	char *buf;    /* WIRE_MAX */
};

/* Fills at_ms, slot, run. What is owed of the last attempt is journalled and told before. */
void lane_say(struct lane *l, struct event *e);
void lane_go(struct lane *l); /* take the next thing to do */
void lane_attempt_over(struct lane *l, int code, const char *message);
void lane_abort(struct lane *l, const char *reason);
void lane_gone(struct lane *l);
void lane_due(void *lane);
void lane_safe_done(struct lane *l, int code, const char *message);
void lane_closed(struct lane *l);
void lane_skip(struct lane *l, size_t step, const char *rule);
int lane_holds(struct lane *l); /* 1: it pauses before its step, and says so */

/* Has the step at hand, which did not pass, attempts or its group passes left? */
int lane_again(const struct lane *l);
/* The attempt that ended has its verdict: decide what comes next. It is journalled and told by
 * the lane_go() that must follow. */
void lane_attempt_settle(struct lane *l);
/* 1: the attempt that ended is held back, in state ALIKE. */
int lane_alike_holds(struct lane *l);
void lane_alike_due(struct lane *l);
void lane_alike_wake(struct supervisor *s); /* something became known that held lanes wait for */
void lane_alike_passed(struct lane *l);     /* its run did */

/* What was journalled is on the disk journal_sync_ms after the first of it, not
 * after the last: a plan of quick steps never pauses. */
void supervisor_sync_soon(struct supervisor *s);

/* Resources of the lane's step: all or none. */
int lane_acquire(struct lane *l);
void lane_wake(struct supervisor *s); /* who waits for some tries again */
void lane_give_back(struct lane *l);

/* The worker. lane_worker_need() forks one when there is none. */
int lane_worker_need(struct lane *l, struct err *err);
int lane_worker_tell(struct lane *l, const struct wire *w); /* 0, or -1: worker is lost */
void lane_worker_kill(struct lane *l);                      /* the whole group, reaped */
void lane_question_close(struct lane *l);

#endif /* STATION_ENGINE_LANE_H */
