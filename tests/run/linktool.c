/*
 * linktool -- link, pins and usb on whatever is on the USB bus, for link.sh: one
 * case per call, named by its first argument. Prints what was seen; exit status 0
 * when the case holds.
 *
 *	LINKTOOL_USB     path of the board, preset 1-1.2
 *	LINKTOOL_VBOARD  vboard, for `vboard ctl`
 */
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/finding.h"
#include "base/rng.h"
#include "link/ftdi_chip.h"
#include "link/link.h"
#include "link/pins.h"
#include "link/usb.h"

static struct link_where where = {
	.usb = "1-1.2",
	.port = 2,
	.line = { .baud = 115200, .bits = 8, .stop = 1, .parity = 'N' },
	.latency_ms = 2,
	.event_char = -1,
	.role = "console",
	.slot = 1,
};

static _Noreturn void fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static _Noreturn void fail(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
	exit(1);
}

static void must(int r, const char *what, const struct err *err)
{
	if (r < 0)
		fail("%s: %s %s", what, err_name(err->code), err->text);
}

static struct link *open_link(const char *spec)
{
	struct err err = { 0 };
	struct link *l = NULL;

	must(link_open(&l, spec, &where, &err), "open", &err);
	return l;
}

/* `vboard ctl ARGS` after ms, in a child; returns its pid. */
static pid_t control_after(int ms, const char *args)
{
	const char *vboard = getenv("LINKTOOL_VBOARD");
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

static void control_wait(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) < 0 || status)
		fail("vboard ctl failed");
}

/* Has it not ended yet? It stays to be waited for. */
static int control_runs(pid_t pid)
{
	siginfo_t ended = { 0 };

	return !waitid(P_PID, (id_t)pid, &ended, WEXITED | WNOHANG | WNOWAIT) && !ended.si_pid;
}

static uint8_t *noise(size_t n, uint64_t seed)
{
	struct rng r = { .state = seed };
	uint8_t *bytes = malloc(n + 1);

	for (size_t i = 0; bytes && i < n; i++)
		bytes[i] = (uint8_t)rng_next(&r);
	return bytes ? bytes : (fail("out of memory"), NULL);
}

/* Read n bytes before until_ms and compare. */
static void expect(struct link *l, const uint8_t *want, size_t n, int64_t until_ms)
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

/* echo BAUD BYTES [rtscts]: one write, while the board talks back */
static int echo(int argc, char **argv)
{
	struct err err = { 0 };
	struct link *l;
	size_t n;
	uint8_t *out;
	int64_t begun;

	where.line.baud = strtoll(argv[0], NULL, 10);
	where.line.rtscts = argc > 2;
	/* Each queued transfer then covers 16 ms in which a busy machine may let
	 * nobody run: without flow control the chip's FIFO alone holds 7 ms at 3 M. */
	where.latency_ms = 16;
	n = strtoul(argv[1], NULL, 10);
	out = noise(n, 7);
	l = open_link("ftdi");
	begun = clock_ms();
	must(link_write(l, out, n, begun + 60000, &err), "write", &err);
	printf("%zu bytes written in %lld ms\n", n, (long long)(clock_ms() - begun));
	expect(l, out, n, clock_ms() + 3000);
	printf("and came back after %lld ms\n", (long long)(clock_ms() - begun));
	must(link_alive(l, &err), "alive", &err);
	link_close(l);
	free(out);
	return 0;
}

/* timeouts N: deadlines at every place of a talk; nothing is lost */
static int timeouts(int argc, char **argv)
{
	long want = strtol(argv[0], NULL, 10), late = 0, empty = 0;
	size_t size = 1 << 20, sent = 0, seen = 0;
	struct rng r = { .state = 42 };
	uint8_t *out = noise(size, 9), got[600];
	struct err err = { 0 };
	struct link *l;

	(void)argc;
	where.latency_ms = 3;
	l = open_link("ftdi");
	while (late < want) {
		size_t n = 1 + rng_next(&r) % 300;
		int64_t until = clock_ms() + (int64_t)(rng_next(&r) % 4);
		int bytes;

		if (sent + n <= size && sent - seen < 1500) {
			must(link_write(l, out + sent, n, clock_ms() + 2000, &err), "write", &err);
			sent += n;
		}
		bytes = link_read(got, 1 + rng_next(&r) % sizeof(got), l, until, &err);
		must(bytes, "read", &err);
		late += bytes == 0;
		empty = bytes ? 0 : empty + 1;
		if (empty > 3000)
			fail("nothing came for 3000 deadlines");
		if (seen + (size_t)bytes > sent || memcmp(got, out + seen, (size_t)bytes))
			fail("bytes from %zu on are wrong", seen);
		seen += (size_t)bytes;
		if (seen == size)
			fail("not enough bytes for %ld deadlines", want);
	}
	expect(l, out + seen, sent - seen, clock_ms() + 3000);
	printf("%ld deadlines in %zu bytes\n", late, sent);
	link_close(l);
	free(out);
	return 0;
}

/* gone read|write|idle|tune|drop|mpsse: the cable is pulled; ERR_GONE in time, and for good */
static int gone(int argc, char **argv)
{
	static uint8_t big[100000];
	const int after = 300, allowed = 1000;
	struct err err = { 0 };
	struct link *l;
	int64_t until, took;
	char byte;
	pid_t pid;
	int r = 0;

	(void)argc;
	l = open_link("ftdi");
	pid = control_after(after, "unplug 1");
	until = clock_ms() + 20000;
	if (!strcmp(argv[0], "read"))
		r = link_read(&byte, 1, l, until, &err);
	else if (!strcmp(argv[0], "write"))
		r = link_write(l, big, sizeof(big), until, &err);
	else if (!strcmp(argv[0], "drop"))
		while (!r)
			r = link_drop(l, until, &err);
	else if (!strcmp(argv[0], "tune"))
		while (!r)
			r = link_tune(l, &where.line, 2, -1, until, &err);
	else /* idle: nothing is under way when it goes */
		control_wait(pid), pid = 0, r = link_alive(l, &err);
	took = clock_ms() - (until - 20000) - after;
	if (pid)
		control_wait(pid);
	if (r != ERR_GONE)
		fail("%d: %s %s", r, err_name(err.code), err.text);
	printf("%s, %lld ms after the order to pull\n", err.text, (long long)took);
	if (took > allowed)
		fail("more than %d ms", allowed);
	took = clock_ms();
	if (link_read(&byte, 1, l, took + 5000, &err) == 0 ||
	    link_write(l, "x", 1, took + 5000, &err) != ERR_GONE ||
	    link_alive(l, &err) != ERR_GONE ||
	    link_tune(l, &where.line, 2, -1, took + 5000, &err) != ERR_GONE)
		fail("calls after it do not say ERR_GONE");
	link_close(l);
	printf("and closed after %lld ms more\n", (long long)(clock_ms() - took));
	if (clock_ms() - took > allowed)
		fail("more than %d ms", allowed);
	return 0;
}

/* churn SECONDS: open and close while the cable goes in and out; no hang, no other code */
static int churn(int argc, char **argv)
{
	int64_t until = clock_ms() + 1000 * strtol(argv[0], NULL, 10);
	int opened = 0, refused = 0;
	int64_t longest = 0;

	(void)argc;
	for (int i = 0; clock_ms() < until; i++) {
		char order[40];
		pid_t pid;

		snprintf(order, sizeof(order), "replug 1 %d", 5 + i % 20);
		pid = control_after(i % 25, order);
		/* The cable is out only for moments, late ones where programs start slowly. */
		for (int k = 0; k < 4 || control_runs(pid); k++) {
			struct err err = { 0 };
			struct link *l = NULL;
			int64_t begun = clock_ms();
			int r = link_open(&l, "ftdi", &where, &err);

			if (!r) {
				opened++;
				link_close(l);
			} else if (r == ERR_GONE || r == ERR_FIXTURE) {
				refused++;
			} else {
				fail("%s: %s", err_name(err.code), err.text);
			}
			if (clock_ms() - begun > longest)
				longest = clock_ms() - begun;
		}
		control_wait(pid);
		usleep(25000);
	}
	printf("%d opens, %d refused, the longest %lld ms\n", opened, refused, (long long)longest);
	if (!opened || !refused || longest > 1000)
		fail("want some of both, and none above 1 s");
	return 0;
}

/* open CODE [SERIAL]: "OK", or the name of the error that must come within 1 s */
static int open_case(int argc, char **argv)
{
	struct err err = { 0 };
	struct link *l = NULL;
	int64_t begun = clock_ms();
	int r;

	where.serial = argc > 1 && *argv[1] ? argv[1] : NULL;
	where.product = argc > 2 ? argv[2] : NULL;
	r = link_open(&l, "ftdi", &where, &err);
	printf("%s %s, %lld ms\n", r ? err_name(err.code) : "OK", err.text,
	       (long long)(clock_ms() - begun));
	link_close(l);
	return strcmp(r ? err_name(err.code) : "OK", argv[0]) || clock_ms() - begun > 1000;
}

/* busy: another process holds the board, on another port */
static int busy(int argc, char **argv)
{
	struct err err = { 0 };
	struct link *l = NULL;
	int fd[2], status, r;
	char byte;
	pid_t pid;

	(void)argc;
	(void)argv;
	if (pipe(fd) < 0)
		fail("pipe");
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		where.port = 3;
		l = open_link("ftdi");
		_exit(write(fd[1], "x", 1) == 1 && pause() ? 1 : 1);
	}
	if (read(fd[0], &byte, 1) != 1)
		fail("the other process does not open it");
	r = link_open(&l, "ftdi", &where, &err);
	printf("%s\n", err.text);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	if (r != ERR_BUSY)
		fail("%d, not ERR_BUSY", r);
	usleep(100000);
	must(link_open(&l, "ftdi", &where, &err), "after it was killed", &err);
	link_close(l);
	return 0;
}

/* interface CODE WHAT...: the chip serves its host badly; each call ends in time */
static int interface(int argc, char **argv)
{
	const int allowed = 3000;
	struct link *l = open_link("ftdi");
	struct err err = { 0 };
	int codes[4], named = 0;
	int64_t longest = 0;
	char order[60], byte;

	snprintf(order, sizeof(order), "interface 1 %s %s", argv[1], argc > 2 ? argv[2] : "");
	control_wait(control_after(0, order));
	for (int i = 0; i < 4; i++) {
		int64_t begun = clock_ms();

		err = (struct err){ 0 };
		codes[i] = i == 0   ? link_alive(l, &err)
			   : i == 1 ? link_write(l, "x", 1, begun + 1200, &err)
			   : i == 2 ? link_read(&byte, 1, l, begun + 1200, &err)
				    : link_tune(l, &where.line, 2, -1, begun + 1200, &err);
		printf("%d: %s %s, %lld ms\n", i, codes[i] < 0 ? err_name(err.code) : "OK",
		       err.text, (long long)(clock_ms() - begun));
		named += codes[i] == (int)err_find(argv[0]);
		if (clock_ms() - begun > longest)
			longest = clock_ms() - begun;
	}
	byte = (char)named;
	named = (int)clock_ms();
	link_close(l);
	printf("closed in %d ms\n", (int)clock_ms() - named);
	if ((int)clock_ms() - named > allowed || longest > allowed)
		fail("longer than %d ms", allowed);
	l = NULL;
	named = (int)clock_ms();
	err = (struct err){ 0 };
	printf("open: %s", link_open(&l, "ftdi", &where, &err) ? err_name(err.code) : "OK");
	printf(" %s, %d ms\n", err.text, (int)clock_ms() - named);
	if ((int)clock_ms() - named > allowed)
		fail("longer than %d ms", allowed);
	link_close(l);
	return !byte;
}

/* deaf: a dead port is the interface's fault, not that of a board that talks on */
static int deaf(int argc, char **argv)
{
	struct link *l = open_link("ftdi");
	struct err err = { 0 };
	int r;

	(void)argc;
	(void)argv;
	control_wait(control_after(0, "interface 1 dead C"));
	r = link_drop(l, clock_ms() + 300, &err);
	printf("%s %s\n", err_name(err.code), err.text);
	if (r != ERR_IO)
		fail("%d, not ERR_IO", r);
	link_close(l);
	return 0;
}

static int64_t round_trip_ms(struct link *l, const char *text)
{
	int64_t begun = clock_ms();
	struct err err = { 0 };

	must(link_puts(l, text, begun + 2000, &err), "write", &err);
	expect(l, (const uint8_t *)text, strlen(text), begun + 2000);
	return clock_ms() - begun;
}

/* handover: latency timer and event character are set, at open and by tune */
static int handover(int argc, char **argv)
{
	struct err err = { 0 };
	struct link *l;
	int64_t t;

	(void)argc;
	(void)argv;
	where.latency_ms = 250;
	l = open_link("ftdi");
	t = round_trip_ms(l, "ab\n");
	printf("latency 250 ms: %lld ms\n", (long long)t);
	if (t < 100)
		fail("the latency timer was not set");
	must(link_tune(l, &where.line, 250, '\n', clock_ms() + 1000, &err), "tune", &err);
	usleep(300000); /* transfers of the old latency run out */
	t = round_trip_ms(l, "ab\n");
	printf("event character: %lld ms\n", (long long)t);
	if (t > 90)
		fail("the event character was not set");
	must(link_event(l, '#', &err), "event", &err);
	usleep(300000); /* it takes effect between packets */
	t = round_trip_ms(l, "ab\n");
	printf("another event character: %lld ms\n", (long long)t);
	if (t < 100)
		fail("the event character did not change");
	must(link_event(l, '\n', &err), "event", &err);
	t = round_trip_ms(l, "ab\n");
	printf("and back: %lld ms\n", (long long)t);
	if (t > 90)
		fail("the event character did not change back");
	must(link_tune(l, &where.line, 1, -1, clock_ms() + 1000, &err), "tune", &err);
	t = round_trip_ms(l, "ab\n");
	printf("latency 1 ms: %lld ms\n", (long long)t);
	if (t > 90)
		fail("the latency timer was not tuned");
	link_close(l);
	return 0;
}

/* tune N: a change of rate right behind a write spoils none of its bytes */
static int tune(int argc, char **argv)
{
	size_t n = strtoul(argv[0], NULL, 10);
	struct link_line slow = where.line;
	uint8_t *out = noise(n, 3);
	struct err err = { 0 };
	struct link *l = open_link("ftdi");
	int64_t begun = clock_ms();

	(void)argc;
	slow.baud = 1200;
	must(link_write(l, out, n, begun + 5000, &err), "write", &err);
	printf("write took %lld ms\n", (long long)(clock_ms() - begun));
	must(link_tune(l, &slow, 2, -1, begun + 5000, &err), "tune", &err);
	printf("with tune %lld ms\n", (long long)(clock_ms() - begun));
	if (clock_ms() - begun < (int64_t)n * 10000 / 115200)
		fail("faster than the wire");
	slow.baud = 2500000; /* the chip is off by 4 % there */
	if (link_tune(l, &slow, 2, -1, clock_ms() + 1000, &err) == 0)
		slow.baud = 0;
	printf("%s\n", err.text);
	link_close(l);
	free(out);
	control_wait(control_after(0, "get 1 heard"));
	return 0;
}

/* held: nobody drives CTS#, so that flow control holds everything up */
static int held(int argc, char **argv)
{
	static uint8_t big[6000];
	struct err err = { 0 };
	struct link *l;
	int64_t begun;

	(void)argc;
	(void)argv;
	where.line.rtscts = 1;
	l = open_link("ftdi");
	begun = clock_ms();
	if (link_write(l, big, sizeof(big), begun + 400, &err) != ERR_TIMEOUT)
		fail("write: %s %s", err_name(err.code), err.text);
	printf("%s, %lld ms\n", err.text, (long long)(clock_ms() - begun));
	if (clock_ms() - begun > 1000)
		fail("later than its deadline");
	begun = clock_ms();
	if (link_tune(l, &where.line, 2, -1, begun + 200, &err) != ERR_TIMEOUT)
		fail("tune: %s %s", err_name(err.code), err.text);
	printf("%s, %lld ms\n", err.text, (long long)(clock_ms() - begun));
	must(link_alive(l, &err), "alive", &err);
	link_close(l);
	where.line.rtscts = 0;
	l = open_link("ftdi"); /* what was held up is gone, and no obstacle */
	link_close(l);
	return 0;
}

/* line: the board talks at another rate */
static int line(int argc, char **argv)
{
	struct err err = { 0 };
	struct link *l;
	uint8_t got[64];
	int r = 1;

	(void)argc;
	(void)argv;
	where.line.baud = 57600;
	l = open_link("ftdi");
	must(link_write(l, "\x01\x02\x03\x04\xf0\xaa", 6, clock_ms() + 1000, &err), "write", &err);
	while (r > 0)
		r = link_read(got, sizeof(got), l, clock_ms() + 500, &err);
	printf("%s %s\n", err_name(err.code), err.text);
	if (r != ERR_LINE)
		fail("%d, not ERR_LINE", r);
	must(link_drop(l, clock_ms() + 1000, &err), "drop", &err);
	link_close(l);
	return 0;
}

/* drop: what came is away, what comes later is there; a board that never stops */
static int drop(int argc, char **argv)
{
	struct err err = { 0 };
	struct link *l = open_link("ftdi");
	int64_t begun;
	uint8_t *out = noise(1000, 1), got[8];
	int r;

	(void)argc;
	(void)argv;
	must(link_write(l, out, 1000, clock_ms() + 1000, &err), "write", &err);
	begun = clock_ms();
	must(link_drop(l, begun + 1000, &err), "drop", &err);
	printf("dropped in %lld ms\n", (long long)(clock_ms() - begun));
	r = link_read(got, sizeof(got), l, clock_ms() + 50, &err);
	if (r)
		fail("%d after a drop", r);
	round_trip_ms(l, "later\n");
	link_close(l);
	free(out);
	return 0;
}

/* --- pins --- */

static struct fixture *fixture(struct arena *a, const char *path)
{
	struct findings f = { 0 };
	struct fixture *x;
	struct err err = { 0 };

	if (fixture_load(&x, a, path, &f, &err) < 0) {
		finding_print(&f, stdout);
		fail("%s", err.text);
	}
	finding_release(&f);
	x->slot[0].usb = where.usb;
	return x;
}

static int64_t soon(void)
{
	return clock_ms() + 2000;
}

/* Drive a signal both ways and see it at the pin that the board wires to it. */
static void pair(struct pins *p, const char *out, const char *in)
{
	struct err err = { 0 };
	int active = -1, passive = -1;

	pins_assert(p, out);
	pins_wait(p, 5);
	pins_read(&active, p, in);
	pins_deassert(p, out);
	pins_wait(p, 5);
	pins_read(&passive, p, in);
	must(pins_flush(p, soon(), &err), out, &err);
	printf("%s: asserted %d, deasserted %d\n", out, active, passive);
	if (active != 1 || passive != 0)
		fail("pins do not follow");
}

/* pins FIXTURE: bit-bang on C, MPSSE on A, and D while it is a channel */
static int pins(int argc, char **argv)
{
	struct arena a = { 0 };
	struct fixture *x = fixture(&a, argv[0]);
	struct err err = { 0 };
	struct link *l;
	struct pins *p;
	char byte;

	(void)argc;
	where.port = 3;
	l = open_link("ftdi");
	must(pins_open(&p, x, &x->slot[0], &err), "pins", &err);
	pair(p, "c6", "c7");
	pair(p, "a6", "a7");
	pair(p, "a4", "a5");
	round_trip_ms(l, "before\n");
	pair(p, "reset", "reset_seen");
	if (link_read(&byte, 1, l, clock_ms() + 10, &err) != ERR_LACKS)
		fail("a port that drives pins can be read from");
	printf("%s\n", err.text);
	pins_release(p, "reset");
	must(pins_flush(p, soon(), &err), "release", &err);
	round_trip_ms(l, "after\n");
	pins_assert(p, "nowhere");
	pins_assert(p, "reset");
	if (pins_flush(p, soon(), &err) != ERR_LACKS)
		fail("a signal that is not there");
	round_trip_ms(l, "still\n");
	pins_assert(p, "reset");
	must(pins_flush(p, soon(), &err), "reset", &err);
	pins_close(p);
	round_trip_ms(l, "closed\n");
	link_close(l);
	arena_free(&a);
	return 0;
}

static int seen(struct fixture *x)
{
	struct err err = { 0 };
	struct ftdi_chip *c;
	uint8_t levels;

	must(ftdi_chip_take(&c, &(struct ftdi_expected){ .usb = x->slot[0].usb }, &err), "take",
	     &err);
	must(ftdi_port_levels(&levels, ftdi_chip_port(c, 3), &err), "levels", &err);
	ftdi_chip_give(c);
	return levels >> 7 & 1;
}

/* killed FIXTURE: a process with driven pins is killed; the next one lets go of them */
static int killed(int argc, char **argv)
{
	struct arena a = { 0 };
	struct fixture *x = fixture(&a, argv[0]);
	struct err err = { 0 };
	int fd[2], status, low = -1;
	struct link *l;
	struct pins *p;
	char byte;
	pid_t pid;

	(void)argc;
	if (pipe(fd) < 0)
		fail("pipe");
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		where.port = 2;
		open_link("ftdi");
		must(pins_open(&p, x, &x->slot[0], &err), "pins", &err);
		pins_assert(p, "reset");
		pins_wait(p, 5);
		pins_read(&low, p, "reset_seen");
		must(pins_flush(p, soon(), &err), "reset", &err);
		byte = low == 1 ? 'y' : 'n';
		_exit(write(fd[1], &byte, 1) == 1 && pause() ? 1 : 1);
	}
	close(fd[1]);
	if (read(fd[0], &byte, 1) != 1 || byte != 'y')
		fail("the pin was not driven");
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	usleep(50000);
	if (!seen(x))
		fail("reset is still driven");
	arena_free(&a);
	where.port = 3;
	l = open_link("ftdi");
	round_trip_ms(l, "free\n");
	link_close(l);
	return 0;
}

/* list WANT: paths and serials of all FT4232H, by a child */
static int list(int argc, char **argv)
{
	struct arena a = { 0 };
	struct err err = { 0 };
	struct usb_list u;
	char all[1000] = "";

	(void)argc;
	must(usb_list(&u, &a, clock_ms() + 3000, &err), "list", &err);
	for (size_t i = 0; i < u.count; i++)
		snprintf(all + strlen(all), sizeof(all) - strlen(all), "%s%s=%s", i ? " " : "",
			 u.device[i].path,
			 u.device[i].problem ? u.device[i].problem : u.device[i].serial);
	printf("%s\n", all);
	arena_free(&a);
	return strcmp(all, argv[0]) != 0;
}

/* late: a chip that answers nothing; the list ends by its deadline, or names it */
static int late(int argc, char **argv)
{
	struct arena a = { 0 };
	struct err err = { 0 };
	struct usb_list u;
	int64_t begun;

	(void)argc;
	(void)argv;
	control_wait(control_after(0, "interface 1 mute"));
	begun = clock_ms();
	if (usb_list(&u, &a, begun + 100, &err) != ERR_DEADLINE)
		fail("%s %s", err_name(err.code), err.text);
	printf("%s, %lld ms\n", err.text, (long long)(clock_ms() - begun));
	if (clock_ms() - begun > 600)
		fail("later than its deadline");
	must(usb_list(&u, &a, clock_ms() + 3000, &err), "list", &err);
	if (u.count != 1 || !u.device[0].problem)
		fail("a mute device without a problem");
	printf("%s: %s\n", u.device[0].path, u.device[0].problem);
	arena_free(&a);
	return 0;
}

/* record FILE, then replay FILE: the same talk without the board */
static void talk(struct link *l)
{
	struct err err = { 0 };

	round_trip_ms(l, "one\n");
	must(link_drop(l, clock_ms() + 1000, &err), "drop", &err);
	round_trip_ms(l, "two \xff \"quoted\" \\ \r\n");
	link_close(l);
}

static int record(int argc, char **argv)
{
	char spec[300];

	(void)argc;
	snprintf(spec, sizeof(spec), "record:%s|ftdi", argv[0]);
	talk(open_link(spec));
	where.usb = "9-9"; /* no such place */
	snprintf(spec, sizeof(spec), "replay:%s", argv[0]);
	talk(open_link(spec));
	snprintf(spec, sizeof(spec), "replay:%s,speed=1", argv[0]);
	talk(open_link(spec));
	return 0;
}

static const struct {
	const char *name;
	int args;
	int (*run)(int argc, char **argv);
} cases[] = {
	{ "late", 0, late },         { "echo", 2, echo },           { "timeouts", 1, timeouts },
	{ "gone", 1, gone },         { "churn", 1, churn },         { "open", 1, open_case },
	{ "busy", 0, busy },         { "interface", 2, interface }, { "held", 0, held },
	{ "handover", 0, handover }, { "tune", 1, tune },           { "line", 0, line },
	{ "drop", 0, drop },         { "pins", 1, pins },           { "killed", 1, killed },
	{ "deaf", 0, deaf },         { "list", 1, list },           { "record", 1, record },
};

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (getenv("LINKTOOL_USB"))
		where.usb = getenv("LINKTOOL_USB");
	for (size_t i = 0; argc > 1 && i < sizeof(cases) / sizeof(cases[0]); i++)
		if (!strcmp(argv[1], cases[i].name) && argc - 2 >= cases[i].args)
			return cases[i].run(argc - 2, argv + 2);
	fprintf(stderr, "usage: linktool CASE [ARGS]; see tests/run/linktool.c\n");
	return 2;
}
