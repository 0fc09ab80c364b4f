#include <criterion/criterion.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/loop.h"

TestSuite(loop, .timeout = 20);

struct seen {
	struct loop *loop;
	char order[32];
	size_t n;
	int fd;
	struct loop_watch *watch, *other;
	struct loop_timer *timer;
	short revents;
	int signo;
};

static void note(struct seen *s, char c)
{
	cr_assert_lt(s->n, sizeof(s->order) - 1);
	s->order[s->n++] = c;
}

struct noted {
	struct seen *seen;
	char c;
};

static void due(void *payload)
{
	struct noted *t = payload;

	note(t->seen, t->c);
}

Test(loop, timers_fire_in_order_ties_in_order_of_setting)
{
	struct seen s = { .loop = loop_new() };
	struct noted t[4] = { { &s, 'a' }, { &s, 'b' }, { &s, 'c' }, { &s, 'd' } };
	struct loop_timer *timer[4];
	int64_t ms = 1000000;

	clock_freeze_ms(1000);
	for (int i = 0; i < 4; i++)
		timer[i] = loop_timer(s.loop, due, &t[i]);
	loop_timer_set(timer[0], 1010 * ms);
	loop_timer_set(timer[1], 1005 * ms);
	loop_timer_set(timer[2], 1005 * ms);
	loop_timer_set(timer[3], 1020 * ms);
	loop_timer_set(timer[1], 1005 * ms); /* set again: behind c */
	clock_freeze_ms(1004);
	loop_turn(s.loop, 0);
	cr_expect_str_eq(s.order, "");
	clock_freeze_ms(1015);
	loop_turn(s.loop, 0);
	cr_expect_str_eq(s.order, "cba");
	loop_timer_set(timer[3], CLOCK_NEVER);
	clock_freeze_ms(5000);
	loop_turn(s.loop, 0);
	cr_expect_str_eq(s.order, "cba", "once each, and not when unset");
	for (int i = 0; i < 4; i++)
		loop_timer_free(timer[i]);
	loop_timer_free(NULL);
	loop_free(s.loop);
}

Test(loop, a_turn_ends_in_time)
{
	struct loop *l = loop_new();
	int64_t from = clock_ms();

	loop_turn(l, clock_ns() + 30 * 1000000);
	cr_expect_geq(clock_ms() - from, 29);
	cr_expect_lt(clock_ms() - from, 5000);
	loop_free(l);
}

static void take(void *payload, short revents)
{
	struct seen *s = payload;
	char c;

	s->revents = revents;
	if (read(s->fd, &c, 1) == 1)
		note(s, c);
	else
		loop_stop(s->loop);
}

Test(loop, reads_until_the_other_end_closes)
{
	struct seen s = { .loop = loop_new() };
	struct loop_watch *w;
	int pair[2];

	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	s.fd = pair[0];
	w = loop_watch(s.loop, pair[0], POLLIN, take, &s);
	cr_assert_eq(write(pair[1], "xyz", 3), 3);
	loop_turn(s.loop, CLOCK_NEVER);
	cr_expect_str_eq(s.order, "x");
	loop_watch_events(w, 0);
	loop_turn(s.loop, 0);
	cr_expect_str_eq(s.order, "x", "nobody asked for more");
	loop_watch_events(w, POLLIN);
	close(pair[1]);
	loop_run(s.loop);
	cr_expect_str_eq(s.order, "xyz");
	cr_expect(s.revents & POLLHUP);
	loop_unwatch(w);
	loop_unwatch(NULL);
	close(pair[0]);
	loop_free(s.loop);
}

static void drop_both(void *payload, short revents)
{
	struct seen *s = payload;

	(void)revents;
	note(s, 'd');
	loop_unwatch(s->watch);
	loop_unwatch(s->other);
	loop_timer_free(s->timer);
	s->timer = NULL;
}

Test(loop, a_callback_may_drop_itself_and_others)
{
	struct seen s = { .loop = loop_new() };
	struct noted t = { &s, 't' };
	int pair[2];

	cr_assert_eq(pipe(pair), 0);
	cr_assert_eq(write(pair[1], "x", 1), 1);
	s.watch = loop_watch(s.loop, pair[0], POLLIN, drop_both, &s);
	s.other = loop_watch(s.loop, pair[0], POLLIN, drop_both, &s);
	s.timer = loop_timer(s.loop, due, &t);
	loop_timer_set(s.timer, clock_ns() + 3600 * INT64_C(1000000000));
	loop_turn(s.loop, 0);
	loop_turn(s.loop, 0);
	cr_expect_str_eq(s.order, "d", "the other one was ready, too, but gone");
	close(pair[0]);
	close(pair[1]);
	loop_free(s.loop);
}

static void again(void *payload)
{
	struct seen *s = payload;

	note(s, 'a');
	loop_timer_set(s->timer, clock_ns());
}

Test(loop, a_timer_that_is_always_due_starves_nobody)
{
	struct seen s = { .loop = loop_new() };
	int pair[2];

	cr_assert_eq(pipe(pair), 0);
	cr_assert_eq(write(pair[1], "x", 1), 1);
	s.fd = pair[0];
	loop_watch(s.loop, pair[0], POLLIN, take, &s);
	s.timer = loop_timer(s.loop, again, &s);
	loop_timer_set(s.timer, clock_ns());
	loop_turn(s.loop, 0);
	cr_expect_str_eq(s.order, "ax");
	close(pair[0]);
	close(pair[1]);
	loop_free(s.loop);
}

static void hear(void *payload, int signo)
{
	struct seen *s = payload;

	s->signo = signo;
	loop_stop(s->loop);
}

struct lagging {
	struct loop_timer *timer;
	int64_t due_ns;
	int times;
};

/* A timer by its own schedule, which is far behind. */
static void lag(void *payload)
{
	struct lagging *t = payload;

	t->times++;
	loop_timer_set(t->timer, t->due_ns += 1000);
}

Test(loop, a_timer_behind_its_schedule_holds_up_no_other_timer)
{
	struct seen s = { .loop = loop_new() };
	struct lagging behind = { .due_ns = 1 };
	struct noted other = { &s, 'x' };

	clock_freeze_ms(1000);
	behind.timer = loop_timer(s.loop, lag, &behind);
	loop_timer_set(behind.timer, behind.due_ns);
	loop_timer_set(loop_timer(s.loop, due, &other), clock_ns() - 1);
	loop_turn(s.loop, 0);
	cr_expect_eq(behind.times, 1, "once a round: %d", behind.times);
	cr_expect_str_eq(s.order, "x");
	loop_free(s.loop);
}

Test(loop, signals_are_heard_in_the_loop_and_not_by_children)
{
	struct seen s = { .loop = loop_new() };
	int status = 0;
	sigset_t set;
	pid_t pid;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGTERM);
	cr_assert_eq(loop_signals(s.loop, &set, hear, &s), 0);
	kill(getpid(), SIGUSR1);
	loop_run(s.loop);
	cr_expect_eq(s.signo, SIGUSR1);
	pid = fork();
	cr_assert_geq(pid, 0);
	if (pid == 0) {
		loop_signals_reset();
		kill(getpid(), SIGTERM);
		_exit(0);
	}
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_expect(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM, "status %x",
		  (unsigned)status);
	loop_free(s.loop);
}
