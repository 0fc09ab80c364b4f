/*
 * bench_memory -- memory of `station run` with sixteen slots at work, and of one
 * worker: resident (RSS) and with shared pages split among their users (PSS),
 * as the kernel counts them. Beside it: a process that does nothing.
 *
 *   vboard -f WORLD -- bench_memory STATION PLAN SLOTS    in a folder with station.conf
 *
 * The plan has a step "hold" that waits some seconds.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/bench.h"

enum { SLOTS_MAX = 64, HOLD_MS = 30000 };

/* "Rss" or "Pss" of a process in MB; 0: it is gone. */
static double memory_mb(pid_t pid, const char *what)
{
	char path[64], line[256];
	double kb = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", (int)pid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, what, strlen(what)) && line[strlen(what)] == ':')
			kb = strtod(line + strlen(what) + 1, NULL);
	if (f)
		fclose(f);
	return kb * 1024 / 1e6;
}

static int children(pid_t out[SLOTS_MAX], pid_t pid)
{
	char path[64];
	int n = 0, c;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)pid, (int)pid);
	f = fopen(path, "re");
	while (f && n < SLOTS_MAX && fscanf(f, "%d", &c) == 1)
		out[n++] = c;
	if (f)
		fclose(f);
	return n;
}

/* Until so many workers said a word in step "hold". */
static void wait_for_hold(int fd, int slots)
{
	int64_t until_ms = clock_ms() + HOLD_MS;
	char line[65536];
	size_t n = 0;
	int held = 0;

	while (held < slots) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		ssize_t got = poll(&p, 1, clock_left_ms(until_ms)) > 0
				      ? read(fd, line + n, sizeof(line) - 1 - n)
				      : 0;
		char *end;

		if (got <= 0) {
			fprintf(stderr, "bench_memory: %d of %d slots held\n", held, slots);
			exit(1);
		}
		n += (size_t)got;
		line[n] = '\0';
		while ((end = strchr(line, '\n'))) {
			*end = '\0';
			held += strstr(line, "\"progress\"") && strstr(line, "\"hold\"") &&
				strstr(line, "\"done\":0,");
			n -= (size_t)(end + 1 - line);
			memmove(line, end + 1, n + 1);
		}
	}
}

static pid_t start(int *fd, const char *const argv[])
{
	int fds[2];
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC))
		exit(1);
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		int nul = open("/dev/null", O_RDONLY | O_CLOEXEC);

		if (nul < 0 || dup2(nul, STDIN_FILENO) < 0 || dup2(fds[1], STDOUT_FILENO) < 0)
			_exit(127);
		execv(argv[0], (char *const *)argv);
		_exit(127);
	}
	close(fds[1]);
	*fd = fds[0];
	return pid;
}

int main(int argc, char **argv)
{
	struct samples rss = { 0 }, pss = { 0 }, wrss = { 0 }, wpss = { 0 }, nrss = { 0 },
		       npss = { 0 };
	int slots = argc > 3 ? atoi(argv[3]) : 0, n = 0, fd, status;
	const char *run[8 + 2 * SLOTS_MAX] = { 0 };
	char serial[SLOTS_MAX][16];
	const char *idle[] = { "/bin/sleep", "60", NULL };
	pid_t pid, nothing, child[SLOTS_MAX];
	char drop[4096];

	if (slots < 1 || slots > SLOTS_MAX)
		return 2;
	run[n++] = argv[1];
	run[n++] = "run";
	run[n++] = argv[2];
	run[n++] = "--all";
	run[n++] = "--json";
	for (int i = 0; i < slots; i++) {
		snprintf(serial[i], sizeof(serial[i]), "M%03d", i + 1);
		run[n++] = "--unit";
		run[n++] = serial[i];
	}
	nothing = start(&fd, idle);
	close(fd);
	pid = start(&fd, run);
	wait_for_hold(fd, slots);
	sample(&rss, memory_mb(pid, "Rss"));
	sample(&pss, memory_mb(pid, "Pss"));
	n = children(child, pid);
	for (int i = 0; i < n; i++) {
		sample(&wrss, memory_mb(child[i], "Rss"));
		sample(&wpss, memory_mb(child[i], "Pss"));
	}
	sample(&nrss, memory_mb(nothing, "Rss"));
	sample(&npss, memory_mb(nothing, "Pss"));
	kill(nothing, SIGKILL);
	waitpid(nothing, NULL, 0);
	while (read(fd, drop, sizeof(drop)) > 0)
		;
	if (waitpid(pid, &status, 0) < 0 || status || n != slots) {
		fprintf(stderr, "bench_memory: status %x, %d workers\n", (unsigned)status, n);
		return 1;
	}
	snprintf(drop, sizeof(drop), "supervisor with %d slots at work, RSS", slots);
	row(drop, &rss, "MB", 20, "sleep, RSS", &nrss);
	row("  its share (PSS)", &pss, "MB", NAN, "sleep, PSS", &npss);
	row("one worker with its board open, RSS", &wrss, "MB", NAN, "sleep, RSS", &nrss);
	row("  its share (PSS)", &wpss, "MB", NAN, "sleep, PSS", &npss);
	note("/proc/PID/smaps_rollup while all slots wait, after console commands; pages of shared "
	     "libraries are in RSS");
	return 0;
}
