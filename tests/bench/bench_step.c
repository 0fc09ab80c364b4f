/*
 * bench_step -- what the engine adds to a step that does nothing: a plan of 200
 * such steps through supervisor, worker and record, in one process with the
 * station's own face. Beside it: a message and its answer over the same kind of
 * socket between two processes.
 *
 *   bench_step [RUNS]      in a folder of its own
 */
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/bench.h"
#include "tests/bench/bench_unit.h"

enum { STEPS = 200, PINGS = 2000, BYTES = 64 };

static void ping_pong(struct samples *s)
{
	char m[BYTES] = { 0 };
	int fds[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds)) {
		perror("socketpair");
		exit(1);
	}
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		close(fds[0]);
		while (recv(fds[1], m, sizeof(m), 0) == BYTES)
			if (send(fds[1], m, sizeof(m), MSG_NOSIGNAL) != BYTES)
				break;
		_exit(0);
	}
	close(fds[1]);
	double start = now_us();
	for (int i = 0; i < PINGS; i++)
		if (send(fds[0], m, sizeof(m), MSG_NOSIGNAL) != BYTES ||
		    recv(fds[0], m, sizeof(m), 0) != BYTES)
			exit(1);
	sample(s, (now_us() - start) / PINGS);
	close(fds[0]);
	waitpid(pid, NULL, 0);
}

int main(int argc, char **argv)
{
	struct samples ping = { 0 }, step = { 0 }, all = { 0 }, measured = { 0 };
	int n = argc > 1 ? atoi(argv[1]) : 20;
	struct bench_station b;

	put_file("station.conf", "[station]\nid = B-STEP\ndata = var\n[reports]\nformats =\n");
	bench_station_open(&b);
	bench_plan_write("steps.ini", STEPS, 0);
	bench_plan_write("measured.ini", STEPS, 1);
	const struct plan *plain = bench_plan(&b, "steps.ini", &bench_noop);
	const struct plan *limited = bench_plan(&b, "measured.ini", &bench_measure);

	for (int i = 0; i < n; i++) {
		ping_pong(&ping);
		bench_unit_run(&b, plain);
		sample(&step, (b.last_step_us - b.first_step_us) / (STEPS - 1));
		sample(&all, (b.recorded_us - b.start_us) / STEPS);
		bench_unit_run(&b, limited);
		sample(&measured, (b.last_step_us - b.first_step_us) / (STEPS - 1));
	}
	row("no-op step, start to start", &step, "us", 50, "socketpair round trip, 2 processes",
	    &ping);
	row("no-op step, whole run / 200 steps", &all, "us", NAN,
	    "socketpair round trip, 2 processes", &ping);
	row("the same with one measure and its limit", &measured, "us", NAN,
	    "socketpair round trip, 2 processes", &ping);
	note("start to start: message to the worker and back, judging, the attempt before written "
	     "to the journal (survives the death");
	note("of the process; synced by timer), events. Whole run: also fork, open and close "
	     "committed with full sync,");
	note("body, chain and tables of all steps");
	bench_station_close(&b);
	return 0;
}
