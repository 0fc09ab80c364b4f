/*
 * bench_store -- what a durable unit costs: begin, ten journalled steps with a
 * measurement each, commit; beside the bare price of the disk, a 4 KiB append
 * with fdatasync() on the same file system.
 *
 *   bench_store [FOLDER [UNITS]]     the folder of the record, preset "."
 *   bench_store FOLDER --trace       one unit, with marks on stderr between the
 *                                    calls, for strace
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hash.h"
#include "store/store.h"

enum { STEPS = 10 };

static int by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

struct figures {
	double p50, p90, p99, max, mean; /* microseconds */
};

static struct figures figures_of(int64_t *ns, size_t n)
{
	double sum = 0;

	qsort(ns, n, sizeof(*ns), by_size);
	for (size_t i = 0; i < n; i++)
		sum += (double)ns[i];
	return (struct figures){ (double)ns[n / 2] / 1e3, (double)ns[n * 9 / 10] / 1e3,
				 (double)ns[n * 99 / 100] / 1e3, (double)ns[n - 1] / 1e3,
				 sum / (double)n / 1e3 };
}

static void print(const char *name, const struct figures *f)
{
	printf("%-34s %8.0f %8.0f %8.0f %8.0f %8.0f\n", name, f->p50, f->p90, f->p99, f->max,
	       f->mean);
}

static struct figures bare_disk(const char *folder, size_t n)
{
	int64_t *ns = calloc(n, sizeof(*ns));
	char path[4200], page[4096];
	struct figures f;
	int fd;

	snprintf(path, sizeof(path), "%s/bench-append.tmp", folder);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || !ns) {
		perror(path);
		exit(1);
	}
	memset(page, 7, sizeof(page));
	for (size_t i = 0; i < n; i++) {
		int64_t start = clock_ns();

		if (write(fd, page, sizeof(page)) != sizeof(page) || fdatasync(fd)) {
			perror(path);
			exit(1);
		}
		ns[i] = clock_ns() - start;
	}
	close(fd);
	unlink(path);
	f = figures_of(ns, n);
	free(ns);
	return f;
}

static const struct step_driver driver = { .name = "bench" };

static void make_plan(struct plan *p, struct plan_step *step, char (*id)[16])
{
	static char sha[2][HASH_TEXT];
	uint8_t h[HASH_SIZE];

	*p = (struct plan){ .path = "plans/bench.ini",
			    .title = "bench",
			    .revision = "1",
			    .product = "BENCH",
			    .process = "FCT",
			    .variant = "",
			    .step = step,
			    .steps = STEPS,
			    .text = "[plan]\ntitle = bench\n",
			    .limits_json = "[]" };
	hash_bytes(h, p->text, strlen(p->text));
	p->sha256 = hash_print(sha[0], h);
	hash_bytes(h, p->limits_json, strlen(p->limits_json));
	p->limits_sha256 = hash_print(sha[1], h);
	for (int i = 0; i < STEPS; i++) {
		snprintf(id[i], sizeof(id[i]), "step%d", i);
		step[i] = (struct plan_step){
			.id = id[i], .title = id[i], .driver = &driver, .params = "{\"wait\":100}"
		};
	}
}

static void add_attempt(struct unit_run *r, size_t step)
{
	struct attempt *a = run_attempt_add(r, step);
	struct measure *m = run_measure_add(r, a);

	a->verdict = VERDICT_PASS;
	a->at_ms = (int64_t)step * 100;
	a->duration_ms = 97;
	a->limit_ms = 10000;
	*m = (struct measure){ .name = "rate",
			       .type = VALUE_NUM,
			       .unit = "Mbit/s",
			       .has = 1,
			       .num = 21.75 + (double)step,
			       .op = LIMIT_GE,
			       .has_lo = 1,
			       .lo = 18,
			       .expected = ">= 18 Mbit/s",
			       .result = JUDGED_PASS,
			       .from = "plans/bench.ini:17" };
}

static void must(int r, const struct err *err)
{
	if (r >= 0)
		return;
	fprintf(stderr, "bench_store: %s\n", err->text);
	exit(1);
}

static void mark(int trace, const char *what)
{
	if (trace && write(STDERR_FILENO, what, strlen(what)) < 0)
		exit(1);
}

/* One unit. ns[0]: begin, ns[1]: the ten attempts, ns[2]: commit, ns[3]: all. */
static void one_unit(int64_t ns[4], struct store *s, const struct plan *p, size_t n, int trace)
{
	struct unit_run r;
	struct err err = { 0 };
	int64_t at[4];

	run_init(&r, p);
	r.serial = arena_printf(&r.arena, "B%08zu", n);
	r.slot = "1";
	r.started_ms = clock_wall_ms();
	at[0] = clock_ns();
	mark(trace, "MARK begin\n");
	must(store_begin(s, &r, &err), &err);
	at[1] = clock_ns();
	for (size_t i = 0; i < STEPS; i++) {
		add_attempt(&r, i);
		mark(trace, "MARK attempt\n");
		must(store_attempt(s, &r, i, 0, &err), &err);
	}
	if (trace) {
		mark(trace, "MARK sync\n");
		must(store_sync(s, &err), &err);
	}
	at[2] = clock_ns();
	run_conclude(&r, 0);
	mark(trace, "MARK commit\n");
	must(store_commit(s, &r, &err), &err);
	mark(trace, "MARK end\n");
	at[3] = clock_ns();
	ns[0] = at[1] - at[0];
	ns[1] = at[2] - at[1];
	ns[2] = at[3] - at[2];
	ns[3] = at[3] - at[0];
	run_release(&r);
}

static void drop(const char *path)
{
	static const char *const tails[] = { "", "-wal", "-shm", ".lock" };
	char name[4300];

	for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
		snprintf(name, sizeof(name), "%s%s", path, tails[i]);
		unlink(name);
	}
}

int main(int argc, char **argv)
{
	const char *folder = argc > 1 ? argv[1] : ".";
	int trace = argc > 2 && !strcmp(argv[2], "--trace");
	size_t n = trace ? 1 : argc > 2 ? strtoul(argv[2], NULL, 10) : 1000;
	static const char *const names[4] = { "begin (open entry, synced)",
					      "10 attempts (journal, not synced)",
					      "commit (whole run, synced)", "unit in all" };
	int64_t *ns[4], one[4], start;
	struct plan_step step[STEPS];
	char id[STEPS][16], path[4200];
	struct figures disk = { 0 }, all = { 0 };
	struct err err = { 0 };
	struct plan plan;
	struct store *s;
	double seconds;

	n = n ? n : 1;
	make_plan(&plan, step, id);
	snprintf(path, sizeof(path), "%s/bench-store.tmp", folder);
	drop(path);
	must(store_open(&s, path, STORE_WRITE, "BENCH", &err), &err);
	if (trace) {
		one_unit(one, s, &plan, 0, 1);
		store_close(s);
		drop(path);
		return 0;
	}
	disk = bare_disk(folder, 300);
	for (int k = 0; k < 4; k++)
		ns[k] = calloc(n, sizeof(*ns[k]));
	start = clock_ns();
	for (size_t i = 0; i < n; i++) {
		one_unit(one, s, &plan, i, 0);
		for (int k = 0; k < 4; k++)
			ns[k][i] = one[k];
	}
	seconds = (double)(clock_ns() - start) / 1e9;
	store_close(s);
	printf("%-34s %8s %8s %8s %8s %8s\n", "microseconds", "p50", "p90", "p99", "max", "mean");
	print("4 KiB append + fdatasync", &disk);
	for (int k = 0; k < 4; k++) {
		struct figures f = figures_of(ns[k], n);

		print(names[k], &f);
		all = f;
		free(ns[k]);
	}
	printf("%zu units of %d steps in %.2f s: %.0f units/s; a unit costs %.1f bare appends "
	       "(p50)\n",
	       n, STEPS, seconds, (double)n / seconds, all.p50 / disk.p50);
	drop(path);
	return 0;
}
