#ifndef STATION_BASE_LOOP_H
#define STATION_BASE_LOOP_H

#include <poll.h>
#include <signal.h>
#include <stdint.h>

/*
 * loop -- poll(), timers and signals: the only event loop in the tree, used by
 * the supervisor and by the program that serves virtual boards.
 *
 * Single-threaded. Callbacks may add and drop watches and timers, their own
 * included. Due timers fire in order of their due time, ties in order of setting.
 */
struct loop;
struct loop_watch;
struct loop_timer;

struct loop *loop_new(void);
void loop_free(struct loop *l); /* NULL is fine; drops what is left, closes no fd of others */

/* Watch an fd for POLLIN | POLLOUT; HUP and ERR are always told. Borrowed fd. */
struct loop_watch *loop_watch(struct loop *l, int fd, short events,
			      void (*ready)(void *payload, short revents), void *payload);
void loop_watch_events(struct loop_watch *w, short events);
void loop_unwatch(struct loop_watch *w); /* NULL is fine */

/* A timer on the monotonic clock, not set. */
struct loop_timer *loop_timer(struct loop *l, void (*due)(void *payload), void *payload);
void loop_timer_set(struct loop_timer *t, int64_t due_ns); /* CLOCK_NEVER: not set */
void loop_timer_free(struct loop_timer *t);                /* NULL is fine */

/* Block these signals in the process and hear of them in the loop. Children
 * must call loop_signals_reset(). Returns 0, or -1 with errno. */
int loop_signals(struct loop *l, const sigset_t *set, void (*hear)(void *payload, int signo),
		 void *payload);
void loop_signals_reset(void); /* in a forked child: nothing blocked, default actions */

/* Wait for one round of events and serve it; until_ns bounds the wait. */
void loop_turn(struct loop *l, int64_t until_ns);
void loop_run(struct loop *l); /* until loop_stop() */
void loop_stop(struct loop *l);

#endif /* STATION_BASE_LOOP_H */
