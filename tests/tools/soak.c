/*
 * soak -- many units through one supervisor process, as a front-end does it that
 * stays open all day: the plan is read again for each unit. Fails when open
 * descriptors or memory grow between an early and the last unit, or when a unit
 * does not pass.
 *
 * usage: soak CONF PLAN UNITS EARLY GROWTH_KB
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "station.h"

struct soak {
	struct station *st;
	const char *plan;
	long units, started, passed, ended;
};

static int open_files(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = -3; /* ".", ".." and the folder itself */

	while (d && readdir(d))
		n++;
	if (d)
		closedir(d);
	return n;
}

static long resident_kb(void)
{
	FILE *f = fopen("/proc/self/statm", "re");
	long pages = -1;

	if (!f || fscanf(f, "%*s %ld", &pages) != 1)
		pages = -1;
	if (f)
		fclose(f);
	return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

static void hear(void *payload, const struct event *e)
{
	struct soak *s = payload;

	if (e->slot < 0)
		return;
	s->ended++;
	if (e->type == EVENT_RUN_RECORDED && e->run->verdict == VERDICT_PASS)
		s->passed++;
	else
		fprintf(stderr, "soak: unit %s: %s %s\n", e->run->serial,
			verdict_word(e->run->verdict),
			e->run->first_fail ? e->run->first_fail : "");
}

/* A unit on each lane that is free. Returns 0, or -1 when one may not start. */
static int feed(struct soak *s, long upto)
{
	int lanes = s->st->fixture ? (int)s->st->fixture->slots : 1;

	for (int lane = 0; lane < lanes && s->started < upto; lane++) {
		struct station_unit u = { .mode = MODE_PRODUCTION };
		struct err err = { 0 };
		char serial[32];

		if (supervisor_run(s->st->supervisor, lane))
			continue;
		snprintf(serial, sizeof(serial), "SOAK-%05ld", s->started + 1);
		u.serial = serial;
		if (station_plan(&u.plan, s->st, s->plan, NULL, serial, &err) < 0 ||
		    station_start(s->st, lane, &u, &err) < 0) {
			fprintf(stderr, "soak: %s: %s\n", serial, err.text);
			return -1;
		}
		s->started++;
	}
	return 0;
}

static int run_until(struct soak *s, long upto)
{
	while (s->started < upto || station_busy(s->st)) {
		if (feed(s, upto) < 0)
			return -1;
		loop_turn(s->st->loop, clock_ns() + 100 * 1000000LL);
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct soak s = { 0 };
	struct event_reader reader = { 1u << EVENT_RUN_RECORDED | 1u << EVENT_NOT_RECORDED, hear,
				       &s };
	struct station_setup set = { .needs = STATION_FIXTURE | STATION_RECORD,
				     .reader = &reader,
				     .readers = 1 };
	struct findings f = { 0 };
	struct err err = { 0 };
	long early, growth, kb[2] = { 0 };
	int files[2] = { 0 }, bad;

	if (argc != 6) {
		fprintf(stderr, "usage: soak CONF PLAN UNITS EARLY GROWTH_KB\n");
		return 2;
	}
	set.conf = argv[1];
	s.plan = argv[2];
	s.units = strtol(argv[3], NULL, 10);
	early = strtol(argv[4], NULL, 10);
	growth = strtol(argv[5], NULL, 10);
	if (station_open(&s.st, &set, &f, &err) < 0) {
		finding_print(&f, stderr);
		fprintf(stderr, "soak: %s\n", err.text);
		return 3;
	}
	bad = run_until(&s, early);
	files[0] = open_files();
	kb[0] = resident_kb();
	bad = bad || run_until(&s, s.units);
	files[1] = open_files();
	kb[1] = resident_kb();
	station_close(s.st);
	finding_release(&f);
	printf("%ld of %ld units passed; descriptors %d, then %d; memory %ld kB, then %ld kB\n",
	       s.passed, s.ended, files[0], files[1], kb[0], kb[1]);
	return bad || s.passed != s.units || files[1] > files[0] || kb[1] - kb[0] > growth;
}
