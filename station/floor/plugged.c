#include "floor/plugged.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/proc.h"
#include "link/usb_watch.h"

enum { RESTART_MS = 1000, FD = 3 };

struct device {
	struct device *next;
	char *path;
	int told; /* by the child at work */
};

struct plugged {
	struct loop *loop;
	struct plugged_ops ops;
	void *payload;
	pid_t pid;
	int fd;
	struct loop_watch *watch;
	struct loop_timer *timer;
	struct device *device;
	int ill;   /* trouble was told */
	int looks; /* the child has told all that was there */
};

void (*plugged_child)(int fd) = usb_watch;

static void trouble(struct plugged *p, const char *why)
{
	if (!why && !p->ill)
		return;
	p->ill = why != NULL;
	if (why)
		log_warning("the USB watcher: %s", why);
	if (p->ops.trouble)
		p->ops.trouble(p->payload, why);
}

static void forget(struct plugged *p, struct device **at)
{
	struct device *d = *at;

	*at = d->next;
	p->ops.went(p->payload, d->path);
	free(d->path);
	free(d);
}

static void here(struct plugged *p, const struct plugged_device *told)
{
	struct device *d = p->device;

	while (d && strcmp(d->path, told->path))
		d = d->next;
	if (!d) {
		d = calloc(1, sizeof(*d));
		if (!d || !(d->path = strdup(told->path)))
			abort();
		d->next = p->device;
		p->device = d;
	}
	d->told = 1;
	p->ops.came(p->payload, told);
}

static void gone(struct plugged *p, const char *path)
{
	for (struct device **at = &p->device; *at; at = &(*at)->next)
		if (!strcmp((*at)->path, path)) {
			forget(p, at);
			return;
		}
}

/* A new child has told all that is there: the rest went while nobody looked. */
static void ready(struct plugged *p)
{
	struct device **at = &p->device;

	while (*at)
		if (!(*at)->told)
			forget(p, at);
		else
			at = &(*at)->next;
	p->looks = 1;
	trouble(p, NULL);
}

static int take(struct plugged *p, char *text)
{
	char *field[6];
	int n = 0;

	while (n < 6 && (field[n] = strsep(&text, "\t")))
		n++;
	if (n == 5 && !strcmp(field[0], "here"))
		here(p, &(struct plugged_device){ field[1], field[2], field[3],
						  *field[4] ? field[4] : NULL, !p->looks });
	else if (n == 2 && !strcmp(field[0], "gone"))
		gone(p, field[1]);
	else if (n == 1 && !strcmp(field[0], "ready"))
		ready(p);
	else if (n == 2 && !strcmp(field[0], "error"))
		trouble(p, field[1]);
	else
		return -1;
	return 0;
}

static void end_child(struct plugged *p)
{
	if (!p->pid)
		return;
	loop_unwatch(p->watch);
	close(p->fd);
	proc_end(p->pid);
	p->watch = NULL;
	p->fd = -1;
	p->pid = 0;
}

static void lost(struct plugged *p, const char *why)
{
	end_child(p);
	if (!p->ill)
		trouble(p, why);
	loop_timer_set(p->timer, (clock_ms() + RESTART_MS) * 1000000);
}

static void on_packet(void *payload, short revents)
{
	struct plugged *p = payload;
	char text[USB_WATCH_PACKET + 1];

	(void)revents;
	for (;;) {
		ssize_t n = recv(p->fd, text, sizeof(text) - 1, MSG_DONTWAIT);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n <= 0) {
			lost(p, "it ended by itself");
			return;
		}
		text[n] = '\0';
		if (take(p, text) < 0) {
			lost(p, "it said what cannot be understood");
			return;
		}
	}
}

static _Noreturn void in_child(int fd)
{
	pid_t parent = getppid();

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(0);
	loop_signals_reset();
	signal(SIGPIPE, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	if (fd != FD && dup2(fd, FD) < 0)
		_exit(1);
	close_range(FD + 1, ~0U, 0);
	plugged_child(FD);
	_exit(0);
}

static void start(void *payload)
{
	struct plugged *p = payload;
	int fd[2];

	for (struct device *d = p->device; d; d = d->next)
		d->told = 0;
	p->looks = 0;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fd)) {
		trouble(p, strerror(errno));
		loop_timer_set(p->timer, (clock_ms() + RESTART_MS) * 1000000);
		return;
	}
	fflush(NULL);
	p->pid = fork();
	if (p->pid == 0)
		in_child(fd[1]);
	close(fd[1]);
	p->fd = fd[0];
	if (p->pid < 0) {
		p->pid = 0;
		close(p->fd);
		p->fd = -1;
		trouble(p, strerror(errno));
		loop_timer_set(p->timer, (clock_ms() + RESTART_MS) * 1000000);
		return;
	}
	p->watch = loop_watch(p->loop, p->fd, POLLIN, on_packet, p);
}

struct plugged *plugged_new(struct loop *l, const struct plugged_ops *ops, void *payload)
{
	struct plugged *p = calloc(1, sizeof(*p));

	if (!p)
		abort();
	p->loop = l;
	p->ops = *ops;
	p->payload = payload;
	p->fd = -1;
	p->timer = loop_timer(l, start, p);
	start(p);
	return p;
}

void plugged_free(struct plugged *p)
{
	if (!p)
		return;
	end_child(p);
	for (struct device *d; (d = p->device);) {
		p->device = d->next;
		free(d->path);
		free(d);
	}
	loop_timer_free(p->timer);
	free(p);
}

int plugged_pid(const struct plugged *p)
{
	return p->pid;
}
