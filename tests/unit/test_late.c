#include <criterion/criterion.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/late.h"

TestSuite(late, .timeout = 20);

static void rest(int ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

	while (nanosleep(&t, &t))
		;
}

/* A child that waits for a while, and is stopped for `stop_ms` of it. Its exit status is
 * what late_much() says. */
static int child(int wait_ms, int after_ms, int stop_ms)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		int64_t from, late;

		late_watch();
		late_watch();
		from = clock_ms();
		while (clock_ms() < from + wait_ms)
			rest(10);
		rest(2 * LATE_TICK_MS); /* until the watch has seen it */
		_exit(late_much(&late, from) ? late >= stop_ms / 2 ? 1 : 2 : 0);
	}
	rest(after_ms);
	kill(pid, SIGSTOP);
	rest(stop_ms);
	kill(pid, SIGCONT);
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

Test(late, stopped_over_the_deadline)
{
	cr_expect_eq(child(400, 100, 1000), 1);
}

Test(late, stopped_just_before_the_end_of_a_long_time)
{
	cr_expect_eq(child(3000, 2400, 500), 1);
}

Test(late, stopped_for_a_moment_long_ago)
{
	cr_expect_eq(child(3000, 300, 300), 0);
}

/* What lies before is not counted, and of a gap only what lies behind. */
Test(late, nothing_before)
{
	int64_t from = clock_ms();

	cr_expect_eq(late_ms(from), 0, "nobody watches yet");
	late_watch();
	cr_expect_eq(late_ms(clock_ms() + 60000), 0);
	rest(100);
	cr_expect_leq(late_ms(from), clock_ms() - from);
}
