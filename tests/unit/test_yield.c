#include <criterion/criterion.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "reports/yield.h"

TestSuite(yield, .timeout = 20);

/* --- data with known answers --- */

enum { MAX_ROWS = 64, FIELDS = 9 };

/* Splits a line of these files in place; a field in double quotes may hold commas. */
static int split(char *field[FIELDS], char *line)
{
	int n = 0;

	for (char *p = line; n < FIELDS;) {
		if (*p == '"') {
			field[n++] = ++p;
			p += strcspn(p, "\"");
			*p++ = '\0';
		} else {
			field[n++] = p;
		}
		p += strcspn(p, ",");
		if (!*p)
			break;
		*p++ = '\0';
	}
	return n;
}

static int64_t utc(const char *text)
{
	struct tm tm = { 0 };

	cr_assert(strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm), "%s", text);
	return (int64_t)timegm(&tm) * 1000;
}

static enum verdict outcome(const char *word)
{
	return strcmp(word, "ABORT") ? verdict_find(word) : VERDICT_ABORTED;
}

static size_t load_log(struct store_row *row, struct arena *a)
{
	char *text, *f[FIELDS], *save = NULL;
	struct err err = { 0 };
	size_t len, n = 0;

	cr_assert_eq(file_read(&text, &len, a, "tests/data/yield_runlog.csv", 1 << 16, &err), 0,
		     "%s", err.text);
	strtok_r(text, "\r\n", &save);
	for (char *line; (line = strtok_r(NULL, "\r\n", &save)); n++) {
		cr_assert_eq(split(f, line), 8);
		row[n] = (struct store_row){
			.open_seq = (int64_t)n + 1,
			.product = "P",
			.serial = f[1],
			.process = f[2],
			.started_ms = utc(f[3]),
			.verdict = outcome(f[4]),
			.mode = strcmp(f[7], "golden") ? MODE_PRODUCTION : MODE_GOLDEN,
			.counts = !!strcmp(f[7], "golden"),
		};
	}
	cr_assert_eq(n, 19);
	return n;
}

static const struct yield_process *find(const struct yield *y, const char *process)
{
	for (size_t i = 0; i < y->processes; i++)
		if (!strcmp(y->process[i].process, process))
			return &y->process[i];
	cr_assert_fail("no process %s", process);
	return NULL;
}

static int64_t statistic(const struct yield_process *p, const char *name)
{
	const struct {
		const char *name;
		int64_t n;
	} row[] = {
		{ "units", p->units },
		{ "first_pass", p->first_pass },
		{ "by_2nd", p->by_2nd },
		{ "by_3rd", p->by_3rd },
		{ "last_pass", p->last_pass },
		{ "ever_pass", p->ever_pass },
		{ "runs", p->runs },
		{ "report_pass", p->pass_runs },
		{ "first_fail", p->first_fail },
		{ "retested_after_first_fail", p->first_fail_retested },
		{ "retest1_pass", p->retest_pass },
		{ "fail_after_pass", p->fail_after_pass },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++)
		if (!strcmp(row[i].name, name))
			return row[i].n;
	cr_assert_fail("no statistic %s", name);
	return -1;
}

/* The file calls "count" what the policy calls "fail". */
static struct yield_policy policy_of(const char *params)
{
	struct yield_policy p = { 0 };

	p.aborted = strstr(params, "ABORT=count") ? YIELD_FAIL : YIELD_IGNORE;
	p.error = strstr(params, "ERROR=fail") ? YIELD_FAIL : YIELD_IGNORE;
	return p;
}

static void expect_log(char *f[FIELDS], const struct store_row *row, size_t n, struct arena *a)
{
	struct yield_policy policy = policy_of(f[2]);
	struct err err = { 0 };
	struct yield y;

	cr_assert_eq(yield_compute(&y, a, row, n, 0, 0, &policy, &err), 0, "%s", err.text);
	cr_expect_eq(statistic(find(&y, strstr(f[2], "=ICT") ? "ICT" : "FCT"), f[3]),
		     strtoll(f[4], NULL, 10), "%s: %s", f[2], f[3]);
}

static void expect_wilson(char *f[FIELDS])
{
	long long x, n;
	double conf, lo, hi, want = strtod(f[4], NULL), tol = strtod(f[7], NULL);
	struct err err = { 0 };

	cr_assert_eq(sscanf(f[2], "x=%lld n=%lld conf=%lf", &x, &n, &conf), 3);
	cr_assert_eq(yield_wilson(&lo, &hi, x, n, conf, &err), 0, "%s", err.text);
	cr_expect_leq(fabs((strcmp(f[3], "wilson_lo") ? hi : lo) - want), tol, "%s: %s", f[2],
		      f[3]);
}

Test(yield, known_answers)
{
	struct store_row row[MAX_ROWS];
	char *text, *f[FIELDS], *save = NULL;
	struct arena a = { 0 };
	struct err err = { 0 };
	size_t len, n = load_log(row, &a), logs = 0, wilsons = 0;

	cr_assert_eq(file_read(&text, &len, &a, "tests/data/yield_expected.csv", 1 << 16, &err), 0);
	strtok_r(text, "\r\n", &save);
	for (char *line; (line = strtok_r(NULL, "\r\n", &save));) {
		cr_assert_eq(split(f, line), FIELDS, "%s", line);
		if (!strcmp(f[0], "yield.log")) {
			expect_log(f, row, n, &a);
			logs++;
		} else {
			expect_wilson(f);
			wilsons++;
		}
	}
	cr_expect_eq(logs, 72);
	cr_expect_geq(wilsons, 60);
	arena_free(&a);
}

/* --- Wilson --- */

Test(yield, wilson_refuses)
{
	struct err err = { 0 };
	double lo, hi;

	cr_expect_eq(yield_wilson(&lo, &hi, 0, 0, 0.95, &err), ERR_USAGE);
	cr_expect_eq(yield_wilson(&lo, &hi, -1, 5, 0.95, &err), ERR_USAGE);
	cr_expect_eq(yield_wilson(&lo, &hi, 6, 5, 0.95, &err), ERR_USAGE);
	cr_expect_eq(yield_wilson(&lo, &hi, 1, 5, 0, &err), ERR_USAGE);
	cr_expect_eq(yield_wilson(&lo, &hi, 1, 5, 1, &err), ERR_USAGE);
	cr_expect_eq(yield_wilson(&lo, &hi, 1, 5, NAN, &err), ERR_USAGE);
}

Test(yield, wilson_ends_and_order)
{
	static const int64_t n[] = { 1, 2, 7, 100, 1000000, 10000000, INT64_C(1) << 60 };
	struct err err = { 0 };
	double lo, hi;

	for (size_t i = 0; i < sizeof(n) / sizeof(*n); i++)
		for (int k = 0; k <= 4; k++) {
			int64_t x = n[i] / 4 * k + (k == 4 ? n[i] % 4 : 0);
			double p = (double)x / (double)n[i];

			cr_assert_eq(yield_wilson(&lo, &hi, x, n[i], 0.95, &err), 0);
			cr_expect(isfinite(lo) && isfinite(hi));
			cr_expect(0 <= lo && lo <= p && p <= hi && hi <= 1);
			cr_expect(x ? lo > 0 : lo == 0);
			cr_expect(x < n[i] ? hi < 1 : hi == 1);
		}
}

/* Exact coverage over a grid of true yields: 95 % on the mean, never far below. */
Test(yield, wilson_covers)
{
	static const int n[] = { 5, 20, 100, 500 };
	struct err err = { 0 };

	for (size_t i = 0; i < sizeof(n) / sizeof(*n); i++) {
		double sum = 0, least = 1;

		for (int k = 1; k < 100; k++) {
			double p = k / 100., covered = 0, lo, hi;

			for (int x = 0; x <= n[i]; x++) {
				cr_assert_eq(yield_wilson(&lo, &hi, x, n[i], 0.95, &err), 0);
				if (lo <= p && p <= hi)
					covered += exp(lgamma(n[i] + 1.) - lgamma(x + 1.) -
						       lgamma(n[i] - x + 1.) + x * log(p) +
						       (n[i] - x) * log(1 - p));
			}
			sum += covered;
			least = fmin(least, covered);
		}
		cr_expect(sum / 99 > 0.945 && sum / 99 < 0.965, "n %d: %g", n[i], sum / 99);
		cr_expect_gt(least, 0.82, "n %d: %g", n[i], least);
	}
}

/* --- population and policy --- */

static struct store_row row_of(const char *serial, int64_t started_ms, enum verdict v)
{
	return (struct store_row){ .product = "P",
				   .serial = serial,
				   .process = "FCT",
				   .started_ms = started_ms,
				   .verdict = v,
				   .counts = 1,
				   .first_fail = v == VERDICT_PASS ? NULL : "gpio#1.shorts" };
}

#define DAY    INT64_C(86400000)
#define MONDAY INT64_C(1767571200000) /* 2026-01-05T00:00:00Z */

static struct yield compute(struct arena *a, const struct store_row *row, size_t n, int64_t since,
			    int64_t until, struct yield_policy policy)
{
	struct err err = { 0 };
	struct yield y;

	cr_assert_eq(yield_compute(&y, a, row, n, since, until, &policy, &err), 0, "%s", err.text);
	return y;
}

/* Fails at 23:59:50 and passes at 00:00:40: a failing unit of Monday, none of Tuesday. */
Test(yield, midnight_makes_no_second_first_run)
{
	struct store_row row[] = { row_of("S4", MONDAY + DAY - 10000, VERDICT_FAIL),
				   row_of("S4", MONDAY + DAY + 40000, VERDICT_PASS) };
	struct arena a = { 0 };
	struct yield y = compute(&a, row, 2, MONDAY, MONDAY + DAY, yield_policy_default);

	cr_assert_eq(y.processes, 1);
	cr_expect_eq(y.process[0].units, 1);
	cr_expect_eq(y.process[0].first_pass, 0);
	cr_expect_eq(y.process[0].last_pass, 1, "later runs belong to the unit");
	cr_expect_eq(y.process[0].runs, 2);
	y = compute(&a, row, 2, MONDAY + DAY, MONDAY + 2 * DAY, yield_policy_default);
	cr_expect_eq(y.processes, 0, "nothing of Tuesday");
	arena_free(&a);
}

/* Days add up, whatever the log. */
Test(yield, periods_add_up)
{
	struct store_row row[MAX_ROWS];
	struct arena a = { 0 };
	size_t n = load_log(row, &a);
	struct yield all = compute(&a, row, n, 0, 0, yield_policy_default);
	int64_t units = 0, first = 0;

	for (int64_t d = -1; d < 3; d++) {
		struct yield y = compute(&a, row, n, MONDAY + d * DAY, MONDAY + (d + 1) * DAY,
					 yield_policy_default);

		for (size_t i = 0; i < y.processes; i++) {
			units += y.process[i].units;
			first += y.process[i].first_pass;
		}
	}
	cr_expect_eq(units, all.process[0].units + all.process[1].units);
	cr_expect_eq(first, all.process[0].first_pass + all.process[1].first_pass);
	arena_free(&a);
}

Test(yield, a_unit_that_fails_after_passing_waits)
{
	struct store_row row[] = { row_of("S7", MONDAY, VERDICT_PASS),
				   row_of("S7", MONDAY + 1, VERDICT_FAIL) };
	struct arena a = { 0 };
	struct yield y = compute(&a, row, 2, 0, 0, yield_policy_default);

	cr_expect_eq(y.process[0].first_pass, 1);
	cr_expect_eq(y.process[0].ever_pass, 1);
	cr_expect_eq(y.process[0].last_pass, 0);
	cr_expect_eq(y.process[0].waiting, 1);
	cr_expect_eq(y.process[0].fail_after_pass, 1);
	arena_free(&a);
}

Test(yield, only_production_counts)
{
	struct arena a = { 0 };

	for (int m = 0; m < MODE_END_; m++) {
		struct store_row row = row_of("S1", MONDAY, VERDICT_FAIL);
		struct yield y;

		row.mode = (enum run_mode)m;
		y = compute(&a, &row, 1, 0, 0, yield_policy_default);
		cr_expect_eq(y.processes, m == MODE_PRODUCTION, "%s", run_mode_word(row.mode));
	}
	arena_free(&a);
}

Test(yield, judged_runs)
{
	static const enum verdict v[] = { VERDICT_ABORTED, VERDICT_ERROR, VERDICT_INTERRUPTED,
					  VERDICT_NONE };
	struct yield_policy fail = { YIELD_FAIL, YIELD_FAIL, YIELD_FAIL, 0 }, none = { 0 };
	int passed;

	for (size_t i = 0; i < sizeof(v) / sizeof(*v); i++) {
		struct store_row row = row_of("S1", MONDAY, v[i]);

		row.counts = 0; /* the rule decides for these, not the mark */
		cr_expect_eq(yield_counts(&passed, &row, &yield_policy_default), 0);
		cr_expect_eq(yield_counts(&passed, &row, &fail), 1);
		cr_expect_eq(passed, 0);
		row.had_fail = 1;
		cr_expect_eq(yield_counts(&passed, &row, &yield_policy_default), 1);
		cr_expect_eq(passed, 0);
		cr_expect_eq(yield_counts(&passed, &row, &none), 0);
	}
}

Test(yield, a_retried_pass_can_fail)
{
	struct store_row row = row_of("S1", MONDAY, VERDICT_PASS);
	struct yield_policy strict = { .retried_fails = 1 };
	struct arena a = { 0 };
	struct yield y;

	row.retried = 1;
	y = compute(&a, &row, 1, 0, 0, yield_policy_default);
	cr_expect_eq(y.process[0].first_pass, 1);
	cr_expect_eq(y.process[0].retried, 1);
	cr_expect_eq(y.process[0].fpy_strict, 0);
	cr_expect_eq(y.process[0].fpy_lenient, 1);
	y = compute(&a, &row, 1, 0, 0, strict);
	cr_expect_eq(y.process[0].first_pass, 0);
	cr_expect_str_eq(y.process[0].cause[0].name, "(passed on a retry)");
	arena_free(&a);
}

Test(yield, pareto_of_first_failing_first_runs)
{
	struct store_row row[] = {
		row_of("A", MONDAY, VERDICT_FAIL),      row_of("B", MONDAY + 1, VERDICT_FAIL),
		row_of("B", MONDAY + 2, VERDICT_FAIL),  row_of("C", MONDAY + 3, VERDICT_FAIL),
		row_of("D", MONDAY + 4, VERDICT_ERROR),
	};
	struct arena a = { 0 };
	struct yield y;

	row[1].first_fail = "gpio#2.shorts";
	row[2].first_fail = "wifi#1.rate"; /* a second run: no cause */
	row[3].first_fail = "mac#1:ERR_TIMEOUT";
	row[4].first_fail = "wifi#2:ERR_PEER";
	y = compute(&a, row, 5, 0, 0, yield_policy_default);
	cr_assert_eq(y.process[0].causes, 2);
	cr_expect_str_eq(y.process[0].cause[0].name, "gpio.shorts");
	cr_expect_eq(y.process[0].cause[0].units, 2);
	cr_expect_str_eq(y.process[0].cause[1].name, "mac:ERR_TIMEOUT");
	cr_assert_eq(y.process[0].faults, 1);
	cr_expect_str_eq(y.process[0].fault[0].name, "wifi:ERR_PEER");
	cr_expect_eq(y.process[0].errors, 1);
	cr_expect_eq(y.process[0].units, 3);
	arena_free(&a);
}

/* An error after a failed attempt counts as not passed, and what decided it is
 * the station's: no cause beside those of the units. */
Test(yield, an_error_is_no_cause_of_a_unit)
{
	struct store_row row[] = {
		row_of("A", MONDAY, VERDICT_ERROR),
		row_of("B", MONDAY + 1, VERDICT_INTERRUPTED),
		row_of("C", MONDAY + 2, VERDICT_FAIL),
		row_of("D", MONDAY + 3, VERDICT_INTERRUPTED),
	};
	struct arena a = { 0 };
	struct yield y;

	row[0].first_fail = "wifi#2:ERR_PEER";
	row[1].first_fail = "wifi#1.rate";
	row[2].first_fail = "wifi#1.rate";
	row[3].first_fail = "wifi#2:ERR_PEER";
	for (size_t i = 0; i < 4; i++)
		row[i].had_fail = 1;
	y = compute(&a, row, 4, 0, 0, yield_policy_default);
	cr_assert_eq(y.process[0].causes, 3);
	cr_expect_str_eq(y.process[0].cause[0].name, "wifi.rate");
	cr_expect_eq(y.process[0].cause[0].units, 2);
	cr_expect_str_eq(y.process[0].cause[1].name, "(ERROR)");
	cr_expect_str_eq(y.process[0].cause[2].name, "(INTERRUPTED)");
	cr_assert_eq(y.process[0].faults, 1);
	cr_expect_str_eq(y.process[0].fault[0].name, "wifi:ERR_PEER");
	arena_free(&a);
}

/* Causes sum up to the failing units; no policy raises FPY beyond the lenient one. */
Test(yield, random_logs)
{
	static const enum verdict v[] = { VERDICT_PASS, VERDICT_FAIL, VERDICT_ABORTED,
					  VERDICT_ERROR, VERDICT_INTERRUPTED };
	static const char *const serial[] = { "A", "B", "C", "D", "E", "F", "G", "H" };

	srand(7);
	for (int round = 0; round < 200; round++) {
		struct store_row row[40];
		struct arena a = { 0 };

		for (size_t i = 0; i < 40; i++) {
			row[i] = row_of(serial[rand() % 8], MONDAY + (int64_t)i * 1000,
					v[rand() % 5]);
			row[i].had_fail = rand() % 2;
			row[i].retried = rand() % 2;
		}
		for (int code = 0; code < 54; code++) {
			struct yield_policy p = { (enum yield_rule)(code % 3),
						  (enum yield_rule)(code / 3 % 3),
						  (enum yield_rule)(code / 9 % 3), code / 27 };
			struct yield y = compute(&a, row, 40, 0, 0, p);
			const struct yield_process *q = &y.process[0];
			int64_t causes = 0;

			for (size_t i = 0; i < q->causes; i++)
				causes += q->cause[i].units;
			cr_expect_eq(causes, q->first_fail);
			cr_expect_eq(q->first_pass + q->first_fail, q->units);
			cr_expect_eq(q->last_pass + q->waiting, q->units);
			cr_expect(q->first_pass <= q->by_2nd && q->by_2nd <= q->by_3rd &&
				  q->by_3rd <= q->ever_pass);
			cr_expect(q->fpy >= q->fpy_strict && q->fpy <= q->fpy_lenient);
		}
		arena_free(&a);
	}
}

Test(yield, nothing)
{
	struct arena a = { 0 };
	struct store_row row = row_of("S1", MONDAY, VERDICT_ERROR);
	struct yield y = compute(&a, NULL, 0, 0, 0, yield_policy_default);
	struct sbuf out = { 0 };

	cr_expect_eq(y.processes, 0);
	yield_print(&out, &y);
	cr_expect(strstr(sbuf_str(&out), "no unit"));
	sbuf_reset(&out);
	y = compute(&a, &row, 1, 0, 0, yield_policy_default); /* an error and no unit */
	cr_assert_eq(y.processes, 1);
	cr_expect(isnan(y.process[0].fpy));
	yield_print(&out, &y);
	cr_expect(strstr(sbuf_str(&out), "FPY n/a, no units"), "%s", sbuf_str(&out));
	cr_expect_null(strstr(sbuf_str(&out), "nan"));
	sbuf_release(&out);
	arena_free(&a);
}

/* --- output --- */

static struct yield log_yield(struct arena *a)
{
	struct store_row *row = arena_alloc(a, MAX_ROWS * sizeof(*row));
	size_t n = load_log(row, a);
	struct yield y;

	for (size_t i = 0; i < n; i++)
		if (row[i].verdict != VERDICT_PASS)
			row[i].first_fail = i % 3 ? "wifi#1.rate" : "power#1.rail_3v3";
	row[11].first_fail = "wifi#1:ERR_PEER";
	y = compute(a, row, n, MONDAY, MONDAY + 5 * DAY, yield_policy_default);
	y.head_seq = 20417;
	y.head_hash = "3f9a22c19bf29fcd291069113e701bbe121a45b73707e19ed34c3f266624669a";
	y.station = "ST-07";
	return y;
}

static int same_as(const char *path, const struct sbuf *got)
{
	const char *mode = getenv("STATION_GOLDEN");
	struct arena a = { 0 };
	struct err err = { 0 };
	char *want;
	size_t len;
	int same;

	if (mode && !strcmp(mode, "write"))
		return !file_write(path, got->data, got->len, &err);
	same = !file_read(&want, &len, &a, path, 1 << 20, &err) && len == got->len &&
	       !memcmp(want, got->data, len);
	arena_free(&a);
	return same;
}

Test(yield, golden_text)
{
	struct arena a = { 0 };
	struct yield y = log_yield(&a);
	struct sbuf out = { 0 };

	yield_print(&out, &y);
	cr_expect(same_as("reports/examples/yield.txt", &out), "%s", sbuf_str(&out));
	cr_expect(strstr(sbuf_str(&out), "policy abort=judged"));
	cr_expect(strstr(sbuf_str(&out), "strict .. "));
	for (const char *p = sbuf_str(&out); *p;) {
		size_t n = strcspn(p, "\n");

		cr_expect_leq(n, 80, "%.*s", (int)n, p);
		p += n + (p[n] == '\n');
	}
	sbuf_release(&out);
	arena_free(&a);
}

Test(yield, golden_json)
{
	struct arena a = { 0 };
	struct yield y = log_yield(&a);
	struct sbuf out = { 0 };
	json_error_t e;
	json_t *j;

	yield_to_json(&out, &y);
	cr_expect(same_as("reports/examples/yield.json", &out), "%s", sbuf_str(&out));
	j = json_loadb(out.data, out.len, JSON_REJECT_DUPLICATES, &e);
	cr_assert(j, "%s", e.text);
	cr_expect_eq(json_array_size(json_object_get(j, "processes")), 2);
	json_decref(j);
	sbuf_release(&out);
	arena_free(&a);
}

/* Wide numbers and long names stay within 80 columns. */
Test(yield, wide_output)
{
	struct yield_cause cause[30];
	struct yield_process p = { .product = "a product with a very long name that goes on and on",
				   .process = "a process with a long name too",
				   .units = 12345678,
				   .runs = 23456789,
				   .first_pass = 12345600,
				   .last_pass = 12345650,
				   .retested = 1234567,
				   .retried = 1234567,
				   .first_fail_retested = 1234567,
				   .retest_pass = 1234500,
				   .errors = 1234567,
				   .aborted = 1234567,
				   .interrupted = 123456,
				   .fail_after_pass = 12345,
				   .waiting = 12345,
				   .fpy = 0.99,
				   .fpy_lo = 0.9899,
				   .fpy_hi = 0.9901,
				   .fpy_strict = 0.97,
				   .fpy_lenient = 0.995,
				   .cause = cause,
				   .causes = 30 };
	struct yield y = { .process = &p, .processes = 1, .station = "ST-07", .head_hash = "" };
	struct sbuf out = { 0 };

	for (size_t i = 0; i < 30; i++)
		cause[i] = (struct yield_cause){
			"a_step_with_a_long_name.and_a_measurement_with_a_long_name_too", 1000000
		};
	yield_print(&out, &y);
	for (const char *l = sbuf_str(&out); *l;) {
		size_t n = strcspn(l, "\n");

		cr_expect_leq(n, 80, "%.*s", (int)n, l);
		l += n + (l[n] == '\n');
	}
	cr_expect(strstr(sbuf_str(&out), "other (20 kinds)"));
	sbuf_release(&out);
}

/* Within the time limit of the suite, which is far above what it takes. */
Test(yield, many_rows)
{
	enum { N = 200000 };
	struct store_row *row = calloc(N, sizeof(*row));
	char(*serial)[16] = calloc(N, sizeof(*serial));
	struct arena a = { 0 };
	struct yield y;

	cr_assert(row && serial);
	for (int i = 0; i < N; i++) {
		snprintf(serial[i], sizeof(*serial), "S%07d", i);
		row[i] = row_of(serial[i], MONDAY + i, i % 50 ? VERDICT_PASS : VERDICT_FAIL);
	}
	y = compute(&a, row, N, 0, 0, yield_policy_default);
	cr_expect_eq(y.process[0].units, N);
	cr_expect_eq(y.process[0].first_fail, N / 50);
	arena_free(&a);
	free(serial);
	free(row);
}
