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

enum {
	RESTART_MS = 1000,
	STUCK_MS = 60000, /* while the kernel does not let go of the last one; our choice */
	FD = 3,
	FIELDS = 6
};

struct device {
	struct device *next;
	char *path, *address;
	int told; /* by the child at work */
};

struct plugged {
	struct loop *loop;
	struct plugged_ops ops;
	void *payload;
	int64_t silent_ms;
	pid_t pid;
	struct proc *child;
	int fd;
	struct loop_watch *watch;
	struct loop_timer *timer; /* of the next child, or of the silence of this one */
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

static void device_free(struct device *d)
{
	free(d->path);
	free(d->address);
	free(d);
}

static void forget(struct plugged *p, struct device **at)
{
	struct device *d = *at;

	*at = d->next;
	p->ops.went(p->payload, d->path);
	device_free(d);
}

static struct device **find(struct plugged *p, const char *path)
{
	struct device **at = &p->device;

	while (*at && strcmp((*at)->path, path))
		at = &(*at)->next;
	return at;
}

static void here(struct plugged *p, const char *address, const struct plugged_device *told)
{
	struct device **at = find(p, told->path), *d = *at;

	if (d && strcmp(d->address, address)) { /* went and came while nobody looked */
		forget(p, at);
		d = NULL;
	}
	if (!d) {
		d = calloc(1, sizeof(*d));
		if (!d || !(d->path = strdup(told->path)) || !(d->address = strdup(address)))
			abort();
		d->next = p->device;
		p->device = d;
	}
	d->told = 1;
	p->ops.came(p->payload, told);
}

static void gone(struct plugged *p, const char *path)
{
	struct device **at = find(p, path);

	if (*at)
		forget(p, at);
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
	char *field[FIELDS + 1];
	int n = 0;

	while (n <= FIELDS && (field[n] = strsep(&text, "\t")))
		n++;
	if (n == 6 && !strcmp(field[0], "here"))
		here(p, field[2],
		     &(struct plugged_device){ field[1], field[3], field[4],
					       *field[5] ? field[5] : NULL, !p->looks });
	else if (n == 2 && !strcmp(field[0], "gone"))
		gone(p, field[1]);
	else if (n == 1 && !strcmp(field[0], "ready"))
		ready(p);
	else if (n == 1 && !strcmp(field[0], "alive"))
		;
	else if (n == 2 && !strcmp(field[0], "error"))
		trouble(p, field[1]);
	else
		return -1;
	return 0;
}

static void wake_after(struct plugged *p, int64_t ms)
{
	loop_timer_set(p->timer, (clock_ms() + ms) * 1000000);
}

/* -1: it cannot be killed yet. */
static int end_child(struct plugged *p)
{
	siginfo_t how;
	int r;

	if (!p->pid)
		return 0;
	loop_unwatch(p->watch);
	close(p->fd);
	proc_kill(p->child);
	r = proc_reap(p->child, &how);
	p->child = NULL;
	p->watch = NULL;
	p->fd = -1;
	p->pid = 0;
	return r;
}

static void lost(struct plugged *p, const char *why)
{
	int stuck = end_child(p) < 0;

	if (!p->ill)
		trouble(p, why);
	wake_after(p, stuck ? STUCK_MS : RESTART_MS);
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
			lost(p, SAID("it ended by itself"));
			return;
		}
		text[n] = '\0';
		if (take(p, text) < 0) {
			lost(p, SAID("it said what cannot be understood"));
			return;
		}
		wake_after(p, p->silent_ms);
	}
}

/* Its last words are read before its end. */
static void on_end(void *payload)
{
	struct plugged *p = payload;
	struct proc *child = p->child;

	on_packet(p, POLLIN);
	if (p->child == child)
		lost(p, SAID("it ended by itself"));
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

static void start(struct plugged *p)
{
	int fd[2];

	for (struct device *d = p->device; d; d = d->next)
		d->told = 0;
	p->looks = 0;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fd)) {
		trouble(p, strerror(errno));
		wake_after(p, RESTART_MS);
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
		wake_after(p, RESTART_MS);
		return;
	}
	p->child = proc_watch(p->loop, p->pid, on_end, p);
	p->watch = loop_watch(p->loop, p->fd, POLLIN, on_packet, p);
	wake_after(p, p->silent_ms);
}

static void on_timer(void *payload)
{
	struct plugged *p = payload;
	const struct proc *child = p->child;
	char byte;

	if (!child) {
		start(p);
	} else if (recv(p->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0) {
		on_packet(p, POLLIN); /* it was this process that stood still */
	} else {
		lost(p, SAID("it does not answer"));
	}
}

struct plugged *plugged_new(struct loop *l, const struct plugged_ops *ops, void *payload,
			    int64_t silent_ms)
{
	struct plugged *p = calloc(1, sizeof(*p));

	if (!p)
		abort();
	p->loop = l;
	p->ops = *ops;
	p->payload = payload;
	p->silent_ms = silent_ms;
	p->fd = -1;
	p->timer = loop_timer(l, on_timer, p);
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
		device_free(d);
	}
	loop_timer_free(p->timer);
	free(p);
}

int plugged_pid(const struct plugged *p)
{
	return p->pid;
}
