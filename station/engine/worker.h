#ifndef STATION_ENGINE_WORKER_H
#define STATION_ENGINE_WORKER_H

#include "plan/plan.h"

/*
 * worker -- the process in which the steps of one unit run. It blocks as it
 * likes, opens its USB devices after the fork, runs the steps it is told to,
 * tells what happens over the wire, writes no record, prints nothing, and ends
 * in _exit(). A crash, an exit() in a library or a hang costs one verdict.
 *
 * The worker dies with its supervisor, and is the leader of a process group
 * of its own, so that its children can be ended with it.
 */
struct worker_job {
	const struct plan *plan;
	const struct fixture *fixture;
	const struct fixture_slot *slot;
	const char *serial;    /* of the unit */
	const char *link_spec; /* instead of the fixture's, or NULL */
	const char *link_wrap; /* before every link, or NULL */
	int can_answer;        /* somebody can answer questions */
	int64_t console_max;   /* bytes of console output told per worker */
	int guard_fd;          /* held open as long as the worker lives, or -1 */
};

/* In the forked child. fd: the worker's end of the socket. */
_Noreturn void worker_main(int fd, const struct worker_job *job);

#endif /* STATION_ENGINE_WORKER_H */
