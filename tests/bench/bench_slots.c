/*
 * bench_slots -- one slot and sixteen at once, with a plan that mostly waits:
 * two seconds of waits and small commands on the consoles of virtual boards.
 *
 *   vboard -f WORLD -- bench_slots PLAN SLOTS [ROUNDS]    in a folder with station.conf
 */
#include "tests/bench/bench.h"
#include "tests/bench/bench_unit.h"

static void run_slots(struct samples *s, struct bench_station *b, const struct plan *plan,
		      int slots)
{
	struct station_unit u = { .plan = plan, .mode = MODE_PRODUCTION };
	double start = now_us();
	struct err err = { 0 };
	char serial[32];

	b->passed = 0;
	u.serial = serial;
	for (int i = 0; i < slots; i++) {
		snprintf(serial, sizeof(serial), "U%08lu", ++b->units);
		must(station_start(b->st, i, &u, &err), "start", &err);
	}
	station_wait(b->st);
	sample(s, (now_us() - start) / 1e3);
	if (b->passed != slots) {
		fprintf(stderr, "bench_slots: %d of %d units passed\n", b->passed, slots);
		exit(1);
	}
}

int main(int argc, char **argv)
{
	int slots = argc > 2 ? atoi(argv[2]) : 0, rounds = argc > 3 ? atoi(argv[3]) : 4;
	struct samples warm = { 0 }, one = { 0 }, all = { 0 }, ratio = { 0 };
	struct bench_station b;
	const struct plan *plan;
	struct err err = { 0 };
	char name[64];

	if (slots < 1)
		return 2;
	bench_station_open(&b);
	must(station_plan(&plan, b.st, argv[1], "", "U", &err), argv[1], &err);
	run_slots(&warm, &b, plan, slots); /* the boards boot */
	for (int i = 0; i < rounds; i++) {
		run_slots(&one, &b, plan, 1);
		run_slots(&all, &b, plan, slots);
	}
	sample(&ratio, best_quartile(&all) / best_quartile(&one));
	snprintf(name, sizeof(name), "%d slots at once, to the last verdict", slots);
	row(name, &all, "ms", NAN, "one slot", &one);
	row("  times one slot", &ratio, "x", 1.1, NULL, NULL);
	note("from the first start to the last slot free; workers, boards opened, waits, console "
	     "commands, records;");
	note("vboard serves all boards from one process on the same cores; no reports");
	bench_station_close(&b);
	return 0;
}
