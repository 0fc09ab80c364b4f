/*
 * bench_recovery -- a whole recovery of a virtual MT3620 at its real pace, with its
 * own times (erase, write, boot) at zero: what the station adds to what the line
 * takes. The reference is the time that the bytes of the images need on the wire,
 * requests, headers and answers included, one direction after the other, counted
 * as they were exchanged at 3 Mbit/s. Several boards at once are measured against
 * one board alone.
 *
 *   vboard -f WORLD -- bench_recovery IMAGES BOARDS [ROUNDS [BLOCK]]
 *                                                      boards at 1-1.1, 1-1.2 ...
 */
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "board/board.h"
#include "tests/bench/bench.h"

enum { RECOVERY_MS = 300000, BOARDS_MAX = 16, LATENCY_MS = 1, ACK = 6, PORT_D = 3 };

#define AT_ONCE 1.15 /* of the time of one */

static const struct {
	const char *block;
	double ratio; /* to the wire's time */
} targets[] = { { "128", 1.25 }, { "1024", 1.08 } };

struct result {
	double s, wire_s, cpu_s;
	int bad;
	char text[400];
};

static struct fixture_channel channel = {
	.role = "recovery",
	.link = "ftdi",
	.port = PORT_D,
	.line = { .baud = 115200, .bits = 8, .stop = 1, .parity = 'N' },
	.latency_ms = LATENCY_MS,
	.event_char = ACK,
};
static struct fixture_signal signals[] = {
	{ .name = "recovery", .port = PORT_D, .bit = 5 },
	{ .name = "reset", .port = PORT_D, .bit = 6, .active_low = 1 },
};

static double cpu_s(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void recover(struct result *out, const char *images, int number, const char *block)
{
	struct fixture_slot slot = { .name = "1", .number = number };
	struct fixture fixture = { .id = "FX-BENCH",
				   .slot = &slot,
				   .slots = 1,
				   .channel = &channel,
				   .channels = 1,
				   .signal = signals,
				   .signals = 2 };
	struct board_recovered done = { 0 };
	struct arena a = { 0 };
	struct findings f = { 0 };
	struct board_profile *profile;
	struct err err = { 0 };
	struct board *b = NULL;
	size_t at;
	int r;

	slot.usb = arena_printf(&a, "1-1.%d", number);
	r = board_profile_load(&profile, &a, NULL, "mt3620", &f, &err);
	if (r >= 0)
		r = param_set(profile->profile, param_find(profile->driver->params, "xmodem_block"),
			      block, &a, "", &at, &err);
	if (r >= 0)
		r = board_open(&b, profile, &fixture, &slot, NULL, NULL, &err);
	if (r >= 0)
		r = b->driver->ops.recover(&done, b, images, NULL, NULL, clock_ms() + RECOVERY_MS,
					   &err);
	board_close(b);
	*out = (struct result){ .s = done.images_s,
				.wire_s = done.images_wire_s,
				.cpu_s = cpu_s(),
				.bad = r < 0 || done.retries };
	snprintf(out->text, sizeof(out->text), "%s", r < 0 ? err.text : "blocks were sent again");
	arena_free(&a);
}

/* All boards at once, each in a process, as the station does it. */
static void at_once(struct samples *time, struct samples *wire, struct samples *cpu,
		    const char *images, int boards, const char *block)
{
	int ends[BOARDS_MAX];

	for (int i = 0; i < boards; i++) {
		int pair[2];

		if (pipe(pair) < 0)
			abort();
		fflush(NULL);
		if (!fork()) {
			struct result r = { 0 };

			recover(&r, images, i + 1, block);
			_exit(write(pair[1], &r, sizeof(r)) != sizeof(r));
		}
		close(pair[1]);
		ends[i] = pair[0];
	}
	for (int i = 0; i < boards; i++) {
		struct result r;

		if (read(ends[i], &r, sizeof(r)) != sizeof(r) || r.bad) {
			fprintf(stderr, "bench_recovery: board %d: %s\n", i + 1, r.text);
			exit(1);
		}
		close(ends[i]);
		sample(time, r.s);
		sample(wire, r.wire_s);
		sample(cpu, r.cpu_s);
	}
	while (wait(NULL) > 0)
		;
}

static struct samples times(struct samples *wire, const char *images, int boards, const char *block,
			    int rounds, double target, const char *reference, struct samples *one)
{
	struct samples time = { 0 }, cpu = { 0 };
	char figure[80], more[160];

	for (int i = 0; i < rounds; i++)
		at_once(&time, wire, &cpu, images, boards, block);
	one = one ? one : wire;
	snprintf(figure, sizeof(figure), "recovery, %d board%s, blocks of %s", boards,
		 boards > 1 ? "s at once" : "", block);
	row(figure, &time, "s", target * best_quartile(one), reference, one);
	snprintf(more, sizeof(more),
		 "median ratio to the wire's %.3f; the station's own processor time: %.2f s per "
		 "board",
		 quantile(&time, 0.5) / quantile(wire, 0.5), quantile(&cpu, 0.5));
	note(more);
	return time;
}

/* One board against the wire, then all against one. */
static void measure(const char *images, int boards, const char *block, int rounds, double target)
{
	struct samples wire = { 0 }, wires = { 0 };
	struct samples one = times(&wire, images, 1, block, rounds, target,
				   "its bytes on the wire at 3 Mbit/s", NULL);

	if (boards > 1)
		times(&wires, images, boards, block, 1, AT_ONCE, "one board alone", &one);
}

int main(int argc, char **argv)
{
	int boards = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 0;
	int rounds = argc > 3 ? (int)strtol(argv[3], NULL, 10) : 2;
	const char *block = argc > 4 ? argv[4] : "";

	if (boards < 1 || boards > BOARDS_MAX)
		return 2;
	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++)
		if (!*block || !strcmp(block, targets[i].block))
			measure(argv[1], boards, targets[i].block, rounds, targets[i].ratio);
	return 0;
}
