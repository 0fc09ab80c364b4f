/*
 * bench_units -- durable units per second on one slot: one after the other, each
 * ten steps with a measure and its limit, in a worker of its own, opened and
 * closed in the record with full sync. Beside it: the disk alone, 4 KiB
 * appended and fdatasync()ed, since a unit must wait for the disk twice.
 *
 *   bench_units [ROUNDS [UNITS]]      in a folder of its own
 *   bench_units --head                the head of the table
 */
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tests/bench/bench.h"
#include "tests/bench/bench_unit.h"

enum { STEPS = 10, APPENDS = 50 };

static void appends(struct samples *rate, struct samples *us)
{
	char page[4096];
	int fd = open("append.tmp", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	double begun = now_us();

	if (fd < 0) {
		perror("append.tmp");
		exit(1);
	}
	memset(page, 7, sizeof(page));
	for (int i = 0; i < APPENDS; i++) {
		double start = now_us();

		if (write(fd, page, sizeof(page)) != sizeof(page) || fdatasync(fd)) {
			perror("append.tmp");
			exit(1);
		}
		sample(us, now_us() - start);
	}
	sample(rate, APPENDS * 1e6 / (now_us() - begun));
	close(fd);
	unlink("append.tmp");
}

static double cpu_us(int who)
{
	struct rusage u;

	getrusage(who, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e6 +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

int main(int argc, char **argv)
{
	struct samples disk = { .more_is_better = 1 }, units = { .more_is_better = 1 };
	struct samples sync = { 0 }, begin = { 0 }, steps = { 0 }, commit = { 0 }, gone = { 0 };
	struct samples own = { 0 }, workers = { 0 };
	int rounds = argc > 1 ? atoi(argv[1]) : 20, n = argc > 2 ? atoi(argv[2]) : 50;
	struct bench_station b;

	if (argc > 1 && !strcmp(argv[1], "--head")) {
		row_head();
		return 0;
	}
	put_file("station.conf", "[station]\nid = B-UNITS\ndata = var\n[reports]\nformats =\n");
	bench_station_open(&b);
	bench_plan_write("unit.ini", STEPS, 1);
	const struct plan *plan = bench_plan(&b, "unit.ini", &bench_measure);

	for (int i = 0; i < rounds; i++) {
		double start;

		appends(&disk, &sync);
		start = now_us();
		double own_us = cpu_us(RUSAGE_SELF), workers_us = cpu_us(RUSAGE_CHILDREN);
		for (int k = 0; k < n; k++) {
			bench_unit_run(&b, plan);
			sample(&begin, b.started_us - b.start_us);
			sample(&steps, b.ended_us - b.started_us);
			sample(&commit, b.recorded_us - b.ended_us);
			sample(&gone, b.idle_us - b.recorded_us);
		}
		sample(&units, n * 1e6 / (now_us() - start));
		sample(&own, (cpu_us(RUSAGE_SELF) - own_us) / n);
		sample(&workers, (cpu_us(RUSAGE_CHILDREN) - workers_us) / n);
	}
	row("durable units of 10 steps, one slot", &units, "/s", 300, "4 KiB append + fdatasync",
	    &disk);
	row("  until the open entry is on the disk", &begin, "us", NAN, "one append + fdatasync",
	    &sync);
	row("  fork and ten steps, journalled", &steps, "us", NAN, "one append + fdatasync", &sync);
	row("  until the record is on the disk", &commit, "us", NAN, "one append + fdatasync",
	    &sync);
	row("  shown noted, worker gone, slot free", &gone, "us", NAN, "one append + fdatasync",
	    &sync);
	row("  processor time of the supervisor", &own, "us", NAN, NULL, NULL);
	row("  processor time of the worker", &workers, "us", NAN, NULL, NULL);
	note("supervisor, worker forked for each unit, judging, journal, chain, tables; verdict "
	     "noted as shown; no");
	note("reports; the next unit begins when the worker of the last one is gone");
	bench_station_close(&b);
	return 0;
}
