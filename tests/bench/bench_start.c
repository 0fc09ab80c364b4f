/*
 * bench_start -- from exec of `station run` to its first step: to the
 * step_started event as a reader of --json sees it, and to the first word of
 * that step from the worker. Beside it: exec to end of /bin/true and of
 * `station --version`, which is the program with its libraries and no work.
 *
 *   bench_start STATION [RUNS]      in a folder of its own
 */
#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/bench.h"

extern char **environ;

/* Exec argv with its output in a pipe; returns the pipe, *pid. */
static int spawn(pid_t *pid, const char *const argv[])
{
	posix_spawn_file_actions_t files;
	int fds[2];

	if (pipe2(fds, O_CLOEXEC)) {
		perror("pipe");
		exit(1);
	}
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, fds[1], STDOUT_FILENO);
	posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	if (posix_spawn(pid, argv[0], &files, NULL, (char *const *)argv, environ)) {
		perror(argv[0]);
		exit(1);
	}
	posix_spawn_file_actions_destroy(&files);
	close(fds[1]);
	return fds[0];
}

static void finish(pid_t pid, int fd, const char *what)
{
	char rest[4096];
	int status;

	while (read(fd, rest, sizeof(rest)) > 0)
		;
	close(fd);
	if (waitpid(pid, &status, 0) < 0 || status) {
		fprintf(stderr, "bench_start: %s failed, status %x\n", what, (unsigned)status);
		exit(1);
	}
}

static void run_to_end(struct samples *s, const char *const argv[])
{
	double start = now_us();
	pid_t pid;
	int fd = spawn(&pid, argv);

	finish(pid, fd, argv[0]);
	sample(s, (now_us() - start) / 1e3);
}

static void run_to_step(struct samples *told, struct samples *runs, const char *const argv[])
{
	double start = now_us(), step = 0, word = 0;
	char seen[65536];
	size_t n = 0;
	pid_t pid;
	int fd = spawn(&pid, argv);

	while (!word && n < sizeof(seen) - 1) {
		ssize_t got = read(fd, seen + n, sizeof(seen) - 1 - n);
		double now = now_us();

		if (got <= 0)
			break;
		n += (size_t)got;
		seen[n] = '\0';
		if (!step && strstr(seen, "\"step_started\""))
			step = now;
		if (strstr(seen, "\"progress\""))
			word = now;
	}
	if (!step || !word) {
		fprintf(stderr, "bench_start: no step was seen in: %.300s\n", seen);
		exit(1);
	}
	sample(told, (step - start) / 1e3);
	sample(runs, (word - start) / 1e3);
	finish(pid, fd, "station run");
}

int main(int argc, char **argv)
{
	const char *const nothing[] = { "/bin/true", NULL };
	const char *const version[] = { argc > 1 ? argv[1] : "", "--version", NULL };
	const char *const run[] = { argc > 1 ? argv[1] : "",
				    "run",
				    "start.ini",
				    "--slot",
				    "1",
				    "--unit",
				    "VB-0001",
				    "--json",
				    NULL };
	struct samples t = { 0 }, v = { 0 }, told = { 0 }, runs = { 0 };
	int n = argc > 2 ? atoi(argv[2]) : 40;

	if (argc < 2)
		return 2;
	for (int i = 0; i < n; i++) { /* in turn, so that all see the same machine */
		run_to_end(&t, nothing);
		run_to_end(&v, version);
		run_to_step(&told, &runs, run);
	}
	row("start to first step_started event", &told, "ms", 20, "station --version, to its end",
	    &v);
	row("start to first step at work in its worker", &runs, "ms", 20, "/bin/true, to its end",
	    &t);
	note("from before exec: dynamic linking, settings, fixture of 4 slots, board profile, plan "
	     "of 10 steps, record");
	note("opened and its writer's mark set, hash of the program, open entry committed with "
	     "full sync, fork; an");
	note("existing record, warm page cache, read from a pipe");
	return 0;
}
