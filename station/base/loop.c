#include "base/loop.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

struct loop_watch {
	struct loop *loop;
	int fd; /* -1: dropped, swept after the round */
	short events;
	void (*ready)(void *payload, short revents);
	void *payload;
};

struct loop_timer {
	struct loop *loop;
	int64_t due_ns;
	uint64_t order; /* of setting */
	int dead;       /* freed inside a callback, swept after the round */
	void (*due)(void *payload);
	void *payload;
};

struct loop {
	struct loop_watch **watch;
	size_t watches, watch_room;
	struct loop_timer **timer;
	size_t timers, timer_room;
	struct pollfd *pfd;
	uint64_t order;
	int busy, stop, dirty;
	int signal_fd;
	struct loop_watch *signal_watch;
	void (*signal_hear)(void *payload, int signo);
	void *signal_payload;
};

static void *grown(void *list, size_t *room, size_t used, size_t item)
{
	if (used < *room)
		return list;
	*room = *room ? *room * 2 : 16;
	list = realloc(list, *room * item);
	if (!list)
		abort();
	return list;
}

struct loop *loop_new(void)
{
	struct loop *l = calloc(1, sizeof(*l));

	if (!l)
		abort();
	l->signal_fd = -1;
	return l;
}

static void sweep(struct loop *l)
{
	size_t n = 0;

	if (!l->dirty)
		return;
	for (size_t i = 0; i < l->watches; i++)
		if (l->watch[i]->fd < 0)
			free(l->watch[i]);
		else
			l->watch[n++] = l->watch[i];
	l->watches = n;
	n = 0;
	for (size_t i = 0; i < l->timers; i++)
		if (l->timer[i]->dead)
			free(l->timer[i]);
		else
			l->timer[n++] = l->timer[i];
	l->timers = n;
	l->dirty = 0;
}

void loop_free(struct loop *l)
{
	if (!l)
		return;
	for (size_t i = 0; i < l->watches; i++)
		free(l->watch[i]);
	for (size_t i = 0; i < l->timers; i++)
		free(l->timer[i]);
	if (l->signal_fd >= 0)
		close(l->signal_fd);
	free(l->watch);
	free(l->timer);
	free(l->pfd);
	free(l);
}

struct loop_watch *loop_watch(struct loop *l, int fd, short events,
			      void (*ready)(void *payload, short revents), void *payload)
{
	struct loop_watch *w = calloc(1, sizeof(*w));

	if (!w)
		abort();
	*w = (struct loop_watch){ l, fd, events, ready, payload };
	l->watch = grown(l->watch, &l->watch_room, l->watches, sizeof(struct loop_watch *));
	l->watch[l->watches++] = w;
	return w;
}

void loop_watch_events(struct loop_watch *w, short events)
{
	w->events = events;
}

void loop_unwatch(struct loop_watch *w)
{
	if (!w)
		return;
	w->fd = -1;
	w->loop->dirty = 1;
	if (!w->loop->busy)
		sweep(w->loop);
}

struct loop_timer *loop_timer(struct loop *l, void (*due)(void *payload), void *payload)
{
	struct loop_timer *t = calloc(1, sizeof(*t));

	if (!t)
		abort();
	*t = (struct loop_timer){ l, CLOCK_NEVER, 0, 0, due, payload };
	l->timer = grown(l->timer, &l->timer_room, l->timers, sizeof(struct loop_timer *));
	l->timer[l->timers++] = t;
	return t;
}

void loop_timer_set(struct loop_timer *t, int64_t due_ns)
{
	t->due_ns = due_ns;
	t->order = ++t->loop->order;
}

void loop_timer_free(struct loop_timer *t)
{
	if (!t)
		return;
	t->dead = 1;
	t->due_ns = CLOCK_NEVER;
	t->loop->dirty = 1;
	if (!t->loop->busy)
		sweep(t->loop);
}

static void on_signal(void *payload, short revents)
{
	struct loop *l = payload;
	struct signalfd_siginfo si;

	(void)revents;
	while (read(l->signal_fd, &si, sizeof(si)) == sizeof(si))
		l->signal_hear(l->signal_payload, (int)si.ssi_signo);
}

int loop_signals(struct loop *l, const sigset_t *set, void (*hear)(void *payload, int signo),
		 void *payload)
{
	if (sigprocmask(SIG_BLOCK, set, NULL))
		return -1;
	l->signal_fd = signalfd(l->signal_fd, set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (l->signal_fd < 0)
		return -1;
	l->signal_hear = hear;
	l->signal_payload = payload;
	if (!l->signal_watch)
		l->signal_watch = loop_watch(l, l->signal_fd, POLLIN, on_signal, l);
	return 0;
}

void loop_signals_reset(void)
{
	static const int ours[] = { SIGINT, SIGTERM, SIGHUP, SIGCHLD, SIGUSR1, SIGUSR2 };
	sigset_t none;

	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		signal(ours[i], SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Of those that were set at or before `last`. */
static struct loop_timer *earliest(struct loop *l, uint64_t last)
{
	struct loop_timer *first = NULL;

	for (size_t i = 0; i < l->timers; i++) {
		struct loop_timer *t = l->timer[i];

		if (t->dead || t->due_ns == CLOCK_NEVER || t->order > last)
			continue;
		if (!first || t->due_ns < first->due_ns ||
		    (t->due_ns == first->due_ns && t->order < first->order))
			first = t;
	}
	return first;
}

/* Timers set by a callback wait for the next round, so that one which always
 * sets itself to "now" starves neither the descriptors nor other timers. */
static void fire(struct loop *l)
{
	uint64_t last = l->order;
	int64_t now = clock_ns();

	for (;;) {
		struct loop_timer *t = earliest(l, last);

		if (!t || t->due_ns > now)
			return;
		t->due_ns = CLOCK_NEVER;
		t->due(t->payload);
	}
}

void loop_turn(struct loop *l, int64_t until_ns)
{
	struct loop_timer *first = earliest(l, l->order);
	struct timespec wait;
	size_t n = l->watches;
	int64_t left;
	int ready;

	if (first && first->due_ns < until_ns)
		until_ns = first->due_ns;
	left = until_ns == CLOCK_NEVER ? 0 : until_ns - clock_ns();
	if (left < 0)
		left = 0;
	wait = (struct timespec){ left / 1000000000, left % 1000000000 };
	l->pfd = realloc(l->pfd, (n + 1) * sizeof(*l->pfd));
	if (!l->pfd)
		abort();
	for (size_t i = 0; i < n; i++)
		l->pfd[i] = (struct pollfd){ l->watch[i]->fd, l->watch[i]->events, 0 };
	ready = ppoll(l->pfd, n, until_ns == CLOCK_NEVER ? NULL : &wait, NULL);
	if (ready < 0 && errno != EINTR)
		abort(); /* a watch outlived its fd */
	l->busy++;
	fire(l);
	for (size_t i = 0; ready > 0 && i < n; i++) {
		struct loop_watch *w = l->watch[i];

		if (l->pfd[i].revents && w->fd >= 0)
			w->ready(w->payload, l->pfd[i].revents);
	}
	l->busy--;
	sweep(l);
}

void loop_run(struct loop *l)
{
	l->stop = 0;
	while (!l->stop)
		loop_turn(l, CLOCK_NEVER);
}

void loop_stop(struct loop *l)
{
	l->stop = 1;
}
