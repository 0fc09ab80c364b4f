#ifndef TESTS_BENCH_BENCH_H
#define TESTS_BENCH_BENCH_H

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/err.h"

/*
 * bench -- what the benchmarks share: samples, and the rows of the table that
 * run.sh prints. A benchmark measures and prints; it never fails because
 * something was slow.
 *
 * A row says the best quartile and the median of its samples. On a machine that
 * does nothing else the two are close; on a busy one the quartile is nearer to
 * what the program costs. The reference is measured in the same run and its
 * best quartile is what the ratio is taken of.
 */
struct samples {
	double *v;
	size_t n, room;
	int more_is_better;
};

static inline void sample(struct samples *s, double v)
{
	if (s->n == s->room) {
		s->room = s->room ? 2 * s->room : 64;
		s->v = realloc(s->v, s->room * sizeof(*s->v));
		if (!s->v)
			abort();
	}
	s->v[s->n++] = v;
}

static inline int sample_order(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/* q 0..1 of the samples, sorted on the way. */
static inline double quantile(struct samples *s, double q)
{
	if (!s->n)
		return NAN;
	qsort(s->v, s->n, sizeof(*s->v), sample_order);
	return s->v[(size_t)(q * (double)(s->n - 1) + 0.5)];
}

static inline double best_quartile(struct samples *s)
{
	return quantile(s, s->more_is_better ? 0.75 : 0.25);
}

static inline void row_head(void)
{
	printf("%-44s %9s %9s %-7s  %-36s %9s %7s  %-10s %s\n", "figure", "best 1/4", "median",
	       "unit", "reference of the same run", "best 1/4", "ratio", "target", "met");
}

/* target NAN: none. reference NULL: none. */
static inline void row(const char *figure, struct samples *s, const char *unit, double target,
		       const char *reference, struct samples *r)
{
	double v = best_quartile(s), ref = r ? best_quartile(r) : NAN;
	char target_text[32] = "-", ref_text[32] = "-", ratio[32] = "-";
	const char *met = "-";

	if (!isnan(target)) {
		snprintf(target_text, sizeof(target_text), "%s %g",
			 s->more_is_better ? ">=" : "<=", target);
		met = (s->more_is_better ? v >= target : v <= target) ? "yes" : "NO";
	}
	if (r) {
		snprintf(ref_text, sizeof(ref_text), "%.4g", ref);
		snprintf(ratio, sizeof(ratio), "%.3g", v / ref);
	}
	printf("%-44s %9.4g %9.4g %-7s  %-36s %9s %7s  %-10s %s\n", figure, v, quantile(s, 0.5),
	       unit, reference ? reference : "-", ref_text, ratio, target_text, met);
	fflush(stdout);
}

/* What a figure includes: a line below the rows. */
static inline void note(const char *text)
{
	printf("    %s\n", text);
	fflush(stdout);
}

static inline double now_us(void)
{
	return (double)clock_ns() / 1e3;
}

static inline void must(int r, const char *what, const struct err *err)
{
	if (r >= 0)
		return;
	fprintf(stderr, "bench: %s: %s\n", what, err->text);
	exit(1);
}

/* Write a small file below the current folder. */
static inline void put_file(const char *path, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
static inline void put_file(const char *path, const char *fmt, ...)
{
	FILE *f = fopen(path, "we");
	va_list ap;

	if (!f) {
		perror(path);
		exit(1);
	}
	va_start(ap, fmt);
	vfprintf(f, fmt, ap);
	va_end(ap);
	if (fclose(f)) {
		perror(path);
		exit(1);
	}
}

#endif /* TESTS_BENCH_BENCH_H */
