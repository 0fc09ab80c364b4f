/* the end of a child, with and without descriptors of processes */
#include <criterion/criterion.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/proc.h"

TestSuite(proc, .timeout = 20);

static struct loop *loop;
static struct proc *watched;
static siginfo_t how;
static int ends, reaped;

static void ended(void *payload)
{
	ends++;
	cr_expect_eq(payload, &ends);
	reaped = proc_reap(watched, &how);
	watched = NULL;
}

/* As on a kernel before 5.3. */
static void without_pidfd(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_pidfd_open, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { .len = 4, .filter = code };

	cr_assert_eq(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
	cr_assert_eq(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0);
	cr_assert_eq(pidfd_open(getpid(), 0), -1);
	cr_assert_eq(errno, ENOSYS);
}

/* A child that ends with this status after so long, watched. */
static pid_t child(int status, int ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000L };
	pid_t pid = fork();

	if (pid == 0) {
		nanosleep(&t, NULL);
		_exit(status);
	}
	cr_assert_gt(pid, 0);
	watched = proc_watch(loop, pid, ended, &ends);
	return pid;
}

static void turn_until(const int *count, int n)
{
	int64_t until = clock_ms() + 10000;

	while (*count < n && clock_ms() < until)
		loop_turn(loop, clock_ns() + 50000000);
}

static void expect_reaped(pid_t pid)
{
	cr_expect_eq(waitpid(pid, NULL, WNOHANG), -1, "a zombie is left");
	cr_expect_eq(errno, ECHILD);
}

static void walk(void)
{
	pid_t pid;
	int64_t from;

	loop = loop_new();
	pid = child(7, 50);
	loop_turn(loop, clock_ns() + 1000000);
	cr_expect_eq(ends, 0, "told of an end that was none");
	turn_until(&ends, 1);
	cr_expect_eq(ends, 1);
	cr_expect_eq(reaped, 0);
	cr_expect_eq(how.si_code, CLD_EXITED);
	cr_expect_eq(how.si_status, 7);
	expect_reaped(pid);

	pid = child(0, 60000); /* killed, and reaped at once */
	proc_kill(watched);
	cr_expect_eq(proc_reap(watched, &how), 0);
	cr_expect_eq(how.si_code, CLD_KILLED);
	cr_expect_eq(how.si_status, SIGKILL);
	expect_reaped(pid);

	/* One that no signal ends, or so it looks: it is not waited for, and reaped later. */
	pid = child(0, 60000);
	from = clock_ms();
	cr_expect_eq(proc_reap(watched, &how), -1);
	cr_expect_geq(clock_ms() - from, PROC_REAP_MS / 2); /* counted rounds may be short */
	cr_expect_lt(clock_ms() - from, 10000, "it was waited for");
	cr_expect_eq(kill(pid, SIGKILL), 0);
	for (int i = 0; i < 500 && !kill(pid, 0); i++)
		loop_turn(loop, clock_ns() + 10000000);
	expect_reaped(pid);
	cr_expect_eq(ends, 1, "told of what was reaped already");

	pid = fork(); /* one that is not watched */
	if (pid == 0)
		for (;;)
			pause();
	cr_assert_gt(pid, 0);
	proc_end(pid);
	expect_reaped(pid);
	loop_free(loop);
}

Test(proc, with_descriptors)
{
	walk();
}

Test(proc, without_descriptors)
{
	without_pidfd();
	walk();
}

Test(proc, somebody_else_reaped_it)
{
	pid_t pid;

	loop = loop_new();
	pid = child(3, 0);
	cr_assert_eq(waitpid(pid, NULL, 0), pid);
	cr_expect_eq(proc_reap(watched, &how), 0);
	cr_expect_eq(how.si_pid, 0);
	loop_free(loop);
}
