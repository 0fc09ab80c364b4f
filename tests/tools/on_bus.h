#ifndef TESTS_TOOLS_ON_BUS_H
#define TESTS_TOOLS_ON_BUS_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/rng.h"
#include "link/link.h"

/*
 * on_bus -- what the programs share that link.sh runs on whatever is on the USB bus: one case
 * for each call, named by the first argument. A case prints what was seen; exit status 0 when
 * it holds.
 *
 *	BOARD_USB   path of the board, preset 1-1.2
 *	VBOARD      the program, for `vboard ctl`
 */
struct bus_case {
	const char *name;
	int args; /* at least; behind the last one is a NULL */
	int (*run)(char **arg);
};

static struct link_where where = {
	.usb = "1-1.2",
	.port = 2,
	.line = { .baud = 115200, .bits = 8, .stop = 1, .parity = 'N' },
	.latency_ms = 2,
	.event_char = -1,
	.role = "console",
	.slot = 1,
};

static inline _Noreturn void fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static inline _Noreturn void fail(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
	exit(1);
}

static inline void must(int r, const char *what, const struct err *err)
{
	if (r < 0)
		fail("%s: %s %s", what, err_name(err->code), err->text);
}

static inline long long since(int64_t begun_ms)
{
	return clock_ms() - begun_ms;
}

static inline struct link *open_link(const char *spec)
{
	struct err err = { 0 };
	struct link *l = NULL;

	must(link_open(&l, spec, &where, &err), "open", &err);
	return l;
}

/* `vboard ctl ARGS` after ms, in a child; returns its pid. */
static inline pid_t control_after(int ms, const char *args)
{
	const char *vboard = getenv("VBOARD");
	char command[300];
	pid_t pid;

	snprintf(command, sizeof(command), "exec %s ctl %s", vboard ? vboard : "build/vboard",
		 args);
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		usleep((useconds_t)ms * 1000);
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	return pid;
}

static inline void control_wait(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) < 0 || status)
		fail("vboard ctl failed");
}

/* Has it not ended yet? It stays to be waited for. */
static inline int control_runs(pid_t pid)
{
	siginfo_t ended = { 0 };

	return !waitid(P_PID, (id_t)pid, &ended, WEXITED | WNOHANG | WNOWAIT) && !ended.si_pid;
}

static inline uint8_t *noise(size_t n, uint64_t seed)
{
	struct rng r = { .state = seed };
	uint8_t *bytes = malloc(n + 1);

	for (size_t i = 0; bytes && i < n; i++)
		bytes[i] = (uint8_t)rng_next(&r);
	return bytes ? bytes : (fail("out of memory"), NULL);
}

/* Read n bytes before until_ms and compare. */
static inline void expect_bytes(struct link *l, const uint8_t *want, size_t n, int64_t until_ms)
{
	uint8_t got[5000];
	struct err err = { 0 };

	for (size_t at = 0; at < n;) {
		int r = link_read(got, sizeof(got), l, until_ms, &err);

		must(r, "read", &err);
		if (r == 0)
			fail("%zu of %zu bytes came", at, n);
		if ((size_t)r > n - at || memcmp(got, want + at, (size_t)r))
			fail("bytes from %zu on are wrong", at);
		at += (size_t)r;
	}
}

static inline int64_t round_trip_ms(struct link *l, const char *text)
{
	int64_t begun = clock_ms();
	struct err err = { 0 };

	must(link_puts(l, text, begun + 2000, &err), "write", &err);
	expect_bytes(l, (const uint8_t *)text, strlen(text), begun + 2000);
	return clock_ms() - begun;
}

static inline int bus_main(const struct bus_case *cases, int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (getenv("BOARD_USB"))
		where.usb = getenv("BOARD_USB");
	for (const struct bus_case *k = cases; argc > 1 && k->name; k++)
		if (!strcmp(argv[1], k->name) && argc - 2 >= k->args)
			return k->run(argv + 2);
	fprintf(stderr, "usage: %s CASE [ARGS]; tests/run/link.sh has them all\n", argv[0]);
	return 2;
}

#endif /* TESTS_TOOLS_ON_BUS_H */
