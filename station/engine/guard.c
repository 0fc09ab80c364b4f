#include "engine/guard.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/loop.h"
#include "base/proc.h"
#include "board/board.h"

enum {
	FD = 3,
	TRY_MS = 10,       /* the dead worker's claim on the interface goes within milliseconds */
	GIVE_UP_MS = 5000, /* a board that was unplugged needs nobody */
	LONGEST_S = 10,    /* of a chip that hangs in the kernel */
	REAP_MS = 1000,
};

struct guard {
	pid_t pid;
	int fd;
};

/* Whatever is sent to the station's processes, this one outlives them. */
static void settle_in(int fd)
{
	int nul = open("/dev/null", O_RDWR | O_CLOEXEC);

	setsid();
	prctl(PR_SET_NAME, "outputs-guard");
	loop_signals_reset();
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	if (nul < 0 || dup2(fd, FD) < 0 || dup2(nul, 0) < 0 || dup2(nul, 1) < 0 || dup2(nul, 2) < 0)
		_exit(1);
	close_range(FD + 1, ~0U, 0); /* locks, records and sockets are not its own */
}

static _Noreturn void guard_main(int fd, const struct fixture *f, const struct fixture_slot *s)
{
	struct err err = { 0 };
	int64_t until;
	ssize_t n;
	char byte;

	settle_in(fd);
	while ((n = read(FD, &byte, 1)) < 0 && errno == EINTR)
		;
	if (n != 0)
		_exit(0); /* told that all is well */
	alarm(LONGEST_S);
	until = clock_ms() + GIVE_UP_MS;
	while (board_make_safe(f, s, &err) < 0 && err.code != ERR_GONE && clock_ms() < until)
		poll(NULL, 0, TRY_MS);
	_exit(0);
}

struct guard *guard_start(const struct fixture *f, const struct fixture_slot *s, struct err *err)
{
	struct guard *g;
	int fd[2];

	if (!f || !s || !f->signals)
		return NULL;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd)) {
		err_set(err, ERR_IO, "no socket for a guard: %s", strerror(errno));
		return NULL;
	}
	g = calloc(1, sizeof(*g));
	if (!g)
		abort();
	g->fd = fd[1];
	g->pid = fork();
	if (g->pid == 0)
		guard_main(fd[0], f, s);
	close(fd[0]);
	if (g->pid > 0)
		return g;
	err_set(err, ERR_IO, "no process for a guard: %s", strerror(errno));
	close(g->fd);
	free(g);
	return NULL;
}

int guard_fd(const struct guard *g)
{
	return g ? g->fd : -1;
}

void guard_end(struct guard *g, int released)
{
	struct pollfd end = { .fd = g ? g->fd : -1, .events = POLLIN };

	if (!g)
		return;
	/* One that was killed reads nothing: there is no signal for that. */
	if (released)
		send(g->fd, "", 1, MSG_NOSIGNAL);
	shutdown(g->fd, SHUT_WR);
	/* It says nothing: its end of the socket closes when it ends. */
	poll(&end, 1, REAP_MS);
	close(g->fd);
	proc_end(g->pid);
	free(g);
}
