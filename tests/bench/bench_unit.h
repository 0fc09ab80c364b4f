#ifndef TESTS_BENCH_BENCH_UNIT_H
#define TESTS_BENCH_BENCH_UNIT_H

#include <string.h>

#include "tests/bench/bench.h"
#include "station.h"

/*
 * bench_unit -- a whole station in this process, with plans whose steps do
 * nothing: read from a file as any plan, then each step gets a driver of the
 * benchmark's own in place of `wait`, whose shortest wait is 1 ms.
 */
struct bench_station {
	struct station *st;
	struct event_reader reader;
	struct findings findings;
	unsigned long units;
	/* Of the last unit, clock in microseconds. */
	double start_us, started_us, first_step_us, last_step_us, ended_us, recorded_us, idle_us;
	enum verdict verdict;
	int passed; /* units, since it was set to 0 */
};

static int bench_run_nothing(struct step_ctx *ctx, const void *args, struct err *err)
{
	(void)ctx;
	(void)args;
	(void)err;
	return 0;
}

static int bench_run_measure(struct step_ctx *ctx, const void *args, struct err *err)
{
	(void)args;
	(void)err;
	step_measure(ctx, "waited", value_num(0.001, "s"), NULL, NULL);
	return 0;
}

static const struct step_measure_row bench_rows[] = {
	{ .name = "waited", .type = VALUE_NUM, .unit = "s" },
	{ .name = NULL },
};
static const struct step_driver bench_noop = { .name = "wait",
					       .measures = bench_rows,
					       .run = bench_run_nothing };
static const struct step_driver bench_measure = { .name = "wait",
						  .measures = bench_rows,
						  .run = bench_run_measure };

static inline void bench_hear(void *payload, const struct event *e)
{
	struct bench_station *b = payload;
	struct err err = { 0 };

	switch (e->type) {
	case EVENT_RUN_STARTED:
		b->started_us = now_us();
		break;
	case EVENT_STEP_STARTED:
		b->last_step_us = now_us();
		if (!e->step)
			b->first_step_us = b->last_step_us;
		break;
	case EVENT_STEP_ENDED:
		if (e->step + 1 == e->run->steps)
			b->ended_us = now_us();
		break;
	case EVENT_RUN_RECORDED:
		b->recorded_us = now_us();
		b->verdict = e->run->verdict;
		b->passed += b->verdict == VERDICT_PASS;
		must(store_shown(b->st->store, e->run, &err), "shown", &err);
		break;
	default:
		break;
	}
}

/* With ./station.conf. */
static inline void bench_station_open(struct bench_station *b)
{
	struct err err = { 0 };
	struct station_setup set = { .conf = "station.conf",
				     .needs = STATION_FIXTURE | STATION_RECORD,
				     .reader = &b->reader,
				     .readers = 1 };

	*b = (struct bench_station){ .reader = { UINT32_MAX, bench_hear, b } };
	must(station_open(&b->st, &set, &b->findings, &err), "station", &err);
}

static inline void bench_station_close(struct bench_station *b)
{
	station_close(b->st);
	finding_release(&b->findings);
}

static inline void bench_plan_write(const char *path, int steps, int limit)
{
	FILE *f = fopen(path, "we");

	if (!f)
		exit(1);
	fprintf(f, "[plan]\ntitle = bench\nrevision = 1\nboard = console\nproduct = BENCH\n"
		   "process = FCT\n");
	for (int i = 0; i < steps; i++)
		fprintf(f, "[step s%d]\nkind = wait\nfor = 1 ms\n%s", i,
			limit ? "limit waited = <= 10 s\n" : "");
	if (fclose(f))
		exit(1);
}

static inline const struct plan *bench_plan(struct bench_station *b, const char *path,
					    const struct step_driver *driver)
{
	struct arena *a = &b->st->arena;
	const struct plan *read;
	struct err err = { 0 };
	struct plan *p;

	must(station_plan(&read, b->st, path, "", "U", &err), path, &err);
	p = arena_new(a, struct plan);
	*p = *read;
	p->step = arena_alloc(a, p->steps * sizeof(*p->step));
	memcpy(p->step, read->step, p->steps * sizeof(*p->step));
	for (size_t i = 0; i < p->steps; i++)
		p->step[i].driver = driver;
	return p;
}

/* One unit from its start until its slot is free again. */
static inline void bench_unit_run(struct bench_station *b, const struct plan *p)
{
	char serial[32];
	struct station_unit u = { .plan = p, .serial = serial, .mode = MODE_PRODUCTION };
	struct err err = { 0 };

	snprintf(serial, sizeof(serial), "U%08lu", ++b->units);
	b->verdict = VERDICT_NONE;
	b->start_us = now_us();
	must(station_start(b->st, 0, &u, &err), "start", &err);
	station_wait(b->st);
	b->idle_us = now_us();
	if (b->verdict != VERDICT_PASS) {
		fprintf(stderr, "bench: a unit ended %s\n", verdict_word(b->verdict));
		exit(1);
	}
}

#endif /* TESTS_BENCH_BENCH_UNIT_H */
