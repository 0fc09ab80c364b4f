#include "base/proc.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

struct proc {
	struct loop *loop;
	pid_t pid;
	int fd; /* -1: there is none, look from time to time */
	struct loop_watch *watch;
	struct loop_timer *look;
	void (*ended)(void *payload);
	void *payload;
};

/* Has it ended? It stays to be reaped, or is, by these flags. */
static int has_ended(const struct proc *p, siginfo_t *how, int flags)
{
	*how = (siginfo_t){ 0 };
	while (waitid(P_PID, (id_t)p->pid, how, WEXITED | WNOHANG | flags))
		if (errno != EINTR)
			return 1; /* somebody else reaped it: how it ended is lost */
	return how->si_pid != 0;
}

static void on_fd(void *payload, short revents)
{
	struct proc *p = payload;

	(void)revents;
	p->ended(p->payload);
}

static void on_look(void *payload)
{
	struct proc *p = payload;
	siginfo_t how;

	loop_timer_set(p->look, clock_ns() + PROC_LOOK_MS * INT64_C(1000000));
	if (has_ended(p, &how, WNOWAIT))
		p->ended(p->payload);
}

struct proc *proc_watch(struct loop *l, pid_t pid, void (*ended)(void *payload), void *payload)
{
	struct proc *p = calloc(1, sizeof(*p));

	if (!p)
		abort();
	*p = (struct proc){ .loop = l, .pid = pid, .ended = ended, .payload = payload };
	p->fd = pidfd_open(pid, 0);
	if (p->fd >= 0) {
		p->watch = loop_watch(l, p->fd, POLLIN, on_fd, p);
	} else {
		p->look = loop_timer(l, on_look, p);
		loop_timer_set(p->look, clock_ns());
	}
	return p;
}

void proc_kill(struct proc *p)
{
	kill(p->pid, SIGKILL); /* not reaped, so the number is its own */
}

static void proc_free(struct proc *p)
{
	loop_unwatch(p->watch);
	loop_timer_free(p->look);
	if (p->fd >= 0)
		close(p->fd);
	free(p);
}

static void left_behind_ended(void *payload)
{
	siginfo_t how;

	if (has_ended(payload, &how, 0))
		proc_free(payload);
}

/* Without a descriptor poll() only waits. The rounds are counted as well, since our
 * clock may stand still. */
static void wait_for_end(const struct proc *p)
{
	struct pollfd fd = { .fd = p->fd, .events = POLLIN };
	int step_ms = p->fd >= 0 ? PROC_REAP_MS : 1;
	int64_t until_ms = clock_ms() + PROC_REAP_MS;
	siginfo_t how;

	for (int ms = 0; ms < PROC_REAP_MS && clock_ms() < until_ms; ms += step_ms) {
		if (has_ended(p, &how, WNOWAIT))
			return;
		poll(&fd, 1, step_ms);
	}
}

void proc_end(pid_t pid)
{
	struct proc p = { .pid = pid, .fd = pidfd_open(pid, 0) };
	siginfo_t how;

	proc_kill(&p);
	wait_for_end(&p);
	has_ended(&p, &how, 0);
	if (p.fd >= 0)
		close(p.fd);
}

int proc_reap(struct proc *p, siginfo_t *how)
{
	if (!has_ended(p, how, 0)) {
		wait_for_end(p);
		if (!has_ended(p, how, 0)) {
			p->ended = left_behind_ended;
			p->payload = p;
			return -1;
		}
	}
	proc_free(p);
	return 0;
}
