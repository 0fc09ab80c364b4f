#ifndef STATION_BASE_PROC_H
#define STATION_BASE_PROC_H

#include <signal.h>
#include <sys/types.h>

#include "base/loop.h"

/*
 * proc -- the end of a child process: heard in the loop, or made.
 *
 * By a descriptor of the process where there are such; on a kernel before 5.3, under
 * valgrind, or when no descriptor is left, by looking every PROC_LOOK_MS. SIGCHLD is
 * not used: the program's other children are other modules' affair.
 *
 * A child that was killed may stay: a driver of the kernel can hold it where no signal
 * reaches. Nobody waits longer than PROC_REAP_MS for such a one (our choice: who is
 * killed ends within milliseconds). It is left behind, and reaped once it ends.
 */
enum { PROC_LOOK_MS = 20, PROC_REAP_MS = 1000 };

struct proc;

/* ended() is called until proc_reap(); it is the place for that. */
struct proc *proc_watch(struct loop *l, pid_t pid, void (*ended)(void *payload), void *payload);

void proc_kill(struct proc *p); /* the child alone, by SIGKILL */

/* The child has ended, or was killed. Frees p. 0, with how it ended; -1: it does not
 * end, and is left behind. */
int proc_reap(struct proc *p, siginfo_t *how);

/* Kills and reaps a child that is not watched, whatever it was about to say. One that does
 * not end within PROC_REAP_MS is left behind. */
void proc_end(pid_t pid);

#endif /* STATION_BASE_PROC_H */
