/* links -- cases of byte channels, for link.sh: see on_bus.h */
#include <signal.h>

#include "on_bus.h"

/* echo BAUD BYTES [rtscts]: one write, while the board talks back */
static int echo(char **arg)
{
	struct err err = { 0 };
	struct link *l;
	size_t n;
	uint8_t *out;
	int64_t begun;

	where.line.baud = strtoll(arg[0], NULL, 10);
	where.line.rtscts = arg[2] != NULL;
	/* Each queued transfer then covers 16 ms in which a busy machine may let
	 * nobody run: without flow control the chip's FIFO alone holds 7 ms at 3 M. */
	where.latency_ms = 16;
	n = strtoul(arg[1], NULL, 10);
	out = noise(n, 7);
	l = open_link("ftdi");
	begun = clock_ms();
	must(link_write(l, out, n, begun + 60000, &err), "write", &err);
	printf("%zu bytes written in %lld ms\n", n, since(begun));
	expect_bytes(l, out, n, clock_ms() + 3000);
	printf("and came back after %lld ms\n", since(begun));
	must(link_alive(l, &err), "alive", &err);
	link_close(l);
	free(out);
	return 0;
}

/* timeouts N: deadlines at every place of a talk; nothing is lost */
static int timeouts(char **arg)
{
	long want = strtol(arg[0], NULL, 10), late = 0, empty = 0;
	size_t size = 1 << 20, sent = 0, seen = 0;
	struct rng r = { .state = 42 };
	uint8_t *out = noise(size, 9), got[600];
	struct err err = { 0 };
	struct link *l;

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
	expect_bytes(l, out + seen, sent - seen, clock_ms() + 3000);
	printf("%ld deadlines in %zu bytes\n", late, sent);
	link_close(l);
	free(out);
	return 0;
}

/* gone read|write|drop|tune|idle: the cable is pulled; ERR_GONE in time, and for good */
static int gone(char **arg)
{
	static uint8_t big[100000];
	const int after = 300, allowed = 1000;
	struct link *l = open_link("ftdi");
	pid_t pid = control_after(after, "unplug 1");
	int64_t begun = clock_ms(), until = begun + 20000, took;
	struct err err = { 0 };
	char byte;
	int r = 0;

	if (!strcmp(arg[0], "read"))
		r = link_read(&byte, 1, l, until, &err);
	else if (!strcmp(arg[0], "write"))
		r = link_write(l, big, sizeof(big), until, &err);
	else if (!strcmp(arg[0], "drop"))
		while (!r)
			r = link_drop(l, until, &err);
	else if (!strcmp(arg[0], "tune"))
		while (!r)
			r = link_tune(l, &where.line, 2, -1, until, &err);
	took = since(begun) - after;
	control_wait(pid);
	if (!strcmp(arg[0], "idle")) { /* nothing is under way when it goes */
		r = link_alive(l, &err);
		took = since(begun) - after;
	}
	if (r != ERR_GONE)
		fail("%s: %d: %s %s", arg[0], r, err_name(err.code), err.text);
	printf("%s, %lld ms after the order to pull\n", err.text, (long long)took);
	if (took > allowed)
		fail("more than %d ms", allowed);
	begun = clock_ms();
	if (link_read(&byte, 1, l, begun + 5000, &err) == 0 ||
	    link_write(l, "x", 1, begun + 5000, &err) != ERR_GONE ||
	    link_alive(l, &err) != ERR_GONE ||
	    link_tune(l, &where.line, 2, -1, begun + 5000, &err) != ERR_GONE)
		fail("calls after it do not say ERR_GONE");
	link_close(l);
	printf("and closed after %lld ms more\n", since(begun));
	if (since(begun) > allowed)
		fail("more than %d ms", allowed);
	return 0;
}

/* churn SECONDS: open and close while the cable goes in and out; no hang, no other code */
static int churn(char **arg)
{
	int64_t until = clock_ms() + 1000 * strtol(arg[0], NULL, 10);
	int opened = 0, refused = 0;
	int64_t longest = 0;

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
			if (since(begun) > longest)
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

/* open CODE [SERIAL [PRODUCT]]: "OK", or the name of the error that must come within 1 s */
static int open_case(char **arg)
{
	struct err err = { 0 };
	struct link *l = NULL;
	int64_t begun = clock_ms();
	int r;

	where.serial = arg[1] && *arg[1] ? arg[1] : NULL;
	where.product = arg[1] ? arg[2] : NULL;
	r = link_open(&l, "ftdi", &where, &err);
	printf("%s %s, %lld ms\n", r ? err_name(err.code) : "OK", err.text, since(begun));
	link_close(l);
	return strcmp(r ? err_name(err.code) : "OK", arg[0]) || since(begun) > 1000;
}

/* busy: another process holds the board, on another port */
static int busy(char **arg)
{
	struct err err = { 0 };
	struct link *l = NULL;
	int fd[2], status, r;
	char byte;
	pid_t pid;

	(void)arg;
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

/* interface CODE WHAT...: the chip serves its host badly; one call at least says CODE, and
 * each ends in time */
static int interface(char **arg)
{
	static const char *const call[] = { "alive", "write", "read", "tune", "close", "open" };
	struct link *l = open_link("ftdi");
	char order[60], byte;
	int named = 0;

	snprintf(order, sizeof(order), "interface 1 %s %s", arg[1], arg[2] ? arg[2] : "");
	control_wait(control_after(0, order));
	for (int i = 0; i < 6; i++) {
		int64_t begun = clock_ms();
		struct err err = { 0 };
		int r = 0;

		switch (i) {
		case 0:
			r = link_alive(l, &err);
			break;
		case 1:
			r = link_write(l, "x", 1, begun + 1200, &err);
			break;
		case 2:
			r = link_read(&byte, 1, l, begun + 1200, &err);
			break;
		case 3:
			r = link_tune(l, &where.line, 2, -1, begun + 1200, &err);
			break;
		case 4:
			link_close(l);
			l = NULL;
			break;
		default:
			r = link_open(&l, "ftdi", &where, &err);
		}
		printf("%s: %s %s, %lld ms\n", call[i], r < 0 ? err_name(err.code) : "OK", err.text,
		       since(begun));
		named += i < 4 && r == (int)err_find(arg[0]);
		if (since(begun) > 3000)
			fail("longer than 3 s");
	}
	link_close(l);
	return !named;
}

/* deaf: a dead port is the interface's fault, not that of a board that talks on */
static int deaf(char **arg)
{
	struct link *l = open_link("ftdi");
	struct err err = { 0 };
	int r;

	(void)arg;
	control_wait(control_after(0, "interface 1 dead C"));
	r = link_drop(l, clock_ms() + 300, &err);
	printf("%s %s\n", err_name(err.code), err.text);
	if (r != ERR_IO)
		fail("%d, not ERR_IO", r);
	link_close(l);
	return 0;
}

/* handover: latency timer and event character are set, at open and by tune */
static int handover(char **arg)
{
	static const struct {
		const char *what;
		int latency, event; /* to tune, or 0: only the event character */
		int slow;           /* the answer waits for the latency timer */
	} row[] = {
		{ "latency 250 ms", 0, 0, 1 },
		{ "event character", 250, '\n', 0 },
		{ "another event character", 0, '#', 1 },
		{ "and back", 0, '\n', 0 },
		{ "latency 1 ms", 1, -1, 0 },
	};
	struct err err = { 0 };
	struct link *l;

	(void)arg;
	where.latency_ms = 250;
	l = open_link("ftdi");
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		int64_t t;

		if (row[i].latency)
			must(link_tune(l, &where.line, row[i].latency, row[i].event,
				       clock_ms() + 1000, &err),
			     "tune", &err);
		else if (row[i].event)
			must(link_event(l, row[i].event, &err), "event", &err);
		if (i)
			usleep(300000); /* transfers of the old setting run out */
		t = round_trip_ms(l, "ab\n");
		printf("%s: %lld ms\n", row[i].what, (long long)t);
		if (row[i].slow ? t < 100 : t > 90)
			fail("that was not set");
	}
	link_close(l);
	return 0;
}

/* tune N: a change of rate right behind a write spoils none of its bytes */
static int tune(char **arg)
{
	size_t n = strtoul(arg[0], NULL, 10);
	struct link_line slow = where.line;
	uint8_t *out = noise(n, 3);
	struct err err = { 0 };
	struct link *l = open_link("ftdi");
	int64_t begun = clock_ms();

	slow.baud = 1200;
	must(link_write(l, out, n, begun + 5000, &err), "write", &err);
	printf("write took %lld ms\n", since(begun));
	must(link_tune(l, &slow, 2, -1, begun + 5000, &err), "tune", &err);
	printf("with tune %lld ms\n", since(begun));
	if (since(begun) < (int64_t)n * 10000 / 115200)
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
static int held(char **arg)
{
	static uint8_t big[6000];
	struct err err = { 0 };
	struct link *l;
	int64_t begun;

	(void)arg;
	where.line.rtscts = 1;
	l = open_link("ftdi");
	begun = clock_ms();
	if (link_write(l, big, sizeof(big), begun + 400, &err) != ERR_TIMEOUT)
		fail("write: %s %s", err_name(err.code), err.text);
	printf("%s, %lld ms\n", err.text, since(begun));
	if (since(begun) > 1000)
		fail("later than its deadline");
	begun = clock_ms();
	if (link_tune(l, &where.line, 2, -1, begun + 200, &err) != ERR_TIMEOUT)
		fail("tune: %s %s", err_name(err.code), err.text);
	printf("%s, %lld ms\n", err.text, since(begun));
	must(link_alive(l, &err), "alive", &err);
	link_close(l);
	where.line.rtscts = 0;
	l = open_link("ftdi"); /* what was held up is gone, and no obstacle */
	link_close(l);
	return 0;
}

/* line: the board talks at another rate */
static int line(char **arg)
{
	struct err err = { 0 };
	struct link *l;
	uint8_t got[64];
	int r = 1;

	(void)arg;
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
static int drop(char **arg)
{
	struct err err = { 0 };
	struct link *l = open_link("ftdi");
	int64_t begun;
	uint8_t *out = noise(1000, 1), got[8];
	int r;

	(void)arg;
	must(link_write(l, out, 1000, clock_ms() + 1000, &err), "write", &err);
	begun = clock_ms();
	must(link_drop(l, begun + 1000, &err), "drop", &err);
	printf("dropped in %lld ms\n", since(begun));
	r = link_read(got, sizeof(got), l, clock_ms() + 50, &err);
	if (r)
		fail("%d after a drop", r);
	round_trip_ms(l, "later\n");
	link_close(l);
	free(out);
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

static int record(char **arg)
{
	char spec[300];

	snprintf(spec, sizeof(spec), "record:%s|ftdi", arg[0]);
	talk(open_link(spec));
	where.usb = "9-9"; /* no such place */
	snprintf(spec, sizeof(spec), "replay:%s", arg[0]);
	talk(open_link(spec));
	snprintf(spec, sizeof(spec), "replay:%s,speed=1", arg[0]);
	talk(open_link(spec));
	return 0;
}

int main(int argc, char **argv)
{
	static const struct bus_case cases[] = {
		{ "echo", 2, echo },
		{ "timeouts", 1, timeouts },
		{ "gone", 1, gone },
		{ "churn", 1, churn },
		{ "open", 1, open_case },
		{ "busy", 0, busy },
		{ "interface", 2, interface },
		{ "deaf", 0, deaf },
		{ "handover", 0, handover },
		{ "tune", 1, tune },
		{ "held", 0, held },
		{ "line", 0, line },
		{ "drop", 0, drop },
		{ "record", 1, record },
		{ NULL, 0, NULL },
	};

	return bus_main(cases, argc, argv);
}
