#include <criterion/criterion.h>
#include <string.h>

#include "base/clock.h"
#include "floor/shift.h"
#include "store_make.h"

TestSuite(shift, .timeout = 60);

static const char *times[] = { "06:00", "14:00", "22:00" };
static const struct param_list three = { times, 3 };

static void zone(const char *tz)
{
	setenv("TZ", tz, 1);
	tzset();
}

static int64_t utc(int year, int month, int day, int hour, int minute)
{
	struct tm t = { .tm_year = year - 1900,
			.tm_mon = month - 1,
			.tm_mday = day,
			.tm_hour = hour,
			.tm_min = minute };

	return (int64_t)timegm(&t) * 1000;
}

static const struct {
	const char *tz;
	int at[5], from[5], until[5]; /* UTC */
	const char *name;
} when[] = {
	{ "UTC",
	  { 2026, 11, 29, 13, 59 },
	  { 2026, 11, 29, 6, 0 },
	  { 2026, 11, 29, 14, 0 },
	  "06:00" },
	{ "UTC",
	  { 2026, 11, 29, 14, 0 },
	  { 2026, 11, 29, 14, 0 },
	  { 2026, 11, 29, 22, 0 },
	  "14:00" },
	/* Over midnight, from both sides, and over the year's end. */
	{ "UTC",
	  { 2026, 11, 29, 23, 0 },
	  { 2026, 11, 29, 22, 0 },
	  { 2026, 11, 30, 6, 0 },
	  "22:00" },
	{ "UTC",
	  { 2026, 11, 30, 5, 59 },
	  { 2026, 11, 29, 22, 0 },
	  { 2026, 11, 30, 6, 0 },
	  "22:00" },
	{ "UTC", { 2027, 1, 1, 1, 0 }, { 2026, 12, 31, 22, 0 }, { 2027, 1, 1, 6, 0 }, "22:00" },
	/* Local time is two hours ahead in summer. */
	{ "CET-1CEST,M3.5.0,M10.5.0/3",
	  { 2026, 7, 1, 4, 30 },
	  { 2026, 7, 1, 4, 0 },
	  { 2026, 7, 1, 12, 0 },
	  "06:00" },
	/* The night of the change in spring has 7 hours, the one in autumn 9. */
	{ "CET-1CEST,M3.5.0,M10.5.0/3",
	  { 2026, 3, 29, 0, 30 },
	  { 2026, 3, 28, 21, 0 },
	  { 2026, 3, 29, 4, 0 },
	  "22:00" },
	{ "CET-1CEST,M3.5.0,M10.5.0/3",
	  { 2026, 10, 25, 2, 30 },
	  { 2026, 10, 24, 20, 0 },
	  { 2026, 10, 25, 5, 0 },
	  "22:00" },
	{ "NZST-12NZDT,M9.5.0,M4.1.0/3",
	  { 2026, 6, 1, 0, 0 },
	  { 2026, 5, 31, 18, 0 },
	  { 2026, 6, 1, 2, 0 },
	  "06:00" },
};

Test(shift, at)
{
	struct shift s;

	for (size_t i = 0; i < sizeof(when) / sizeof(when[0]); i++) {
		const int *a = when[i].at, *f = when[i].from, *u = when[i].until;

		zone(when[i].tz);
		shift_at(&s, &three, utc(a[0], a[1], a[2], a[3], a[4]));
		cr_expect_eq(s.from_ms, utc(f[0], f[1], f[2], f[3], f[4]), "row %zu: from", i);
		cr_expect_eq(s.until_ms, utc(u[0], u[1], u[2], u[3], u[4]), "row %zu: until", i);
		cr_expect_str_eq(s.name, when[i].name, "row %zu", i);
	}
	zone("UTC");
	shift_at(&s, NULL, utc(2026, 11, 29, 13, 0));
	cr_expect_eq(s.until_ms - s.from_ms, 86400000);
	shift_at(&s, &(struct param_list){ times, 1 }, utc(2026, 11, 29, 5, 0));
	cr_expect_eq(s.from_ms, utc(2026, 11, 28, 6, 0), "one shift is a day");
}

/* Shifts follow one another without gap through two years of changes of the clock. */
Test(shift, no_gap)
{
	struct shift s, next;
	int64_t at;

	zone("CET-1CEST,M3.5.0,M10.5.0/3");
	at = utc(2026, 1, 1, 0, 0);
	shift_at(&s, &three, at);
	for (int i = 0; i < 2200; i++) {
		shift_at(&next, &three, s.until_ms);
		cr_assert_eq(next.from_ms, s.until_ms);
		cr_assert_gt(next.until_ms, next.from_ms);
		shift_at(&next, &three, s.until_ms - 1);
		cr_assert_eq(next.from_ms, s.from_ms);
		shift_at(&s, &three, s.until_ms);
	}
}

/* Shifts that begin in the hour that the clock leaves out or has twice: whatever was asked
 * before, a moment has one shift, and each is followed by the next. */
Test(shift, begins_in_the_hour_of_the_change)
{
	static const char *odd[] = { "01:59", "02:00", "02:30", "03:00", "14:00" };
	static const int days[][3] = { { 2026, 3, 28 }, { 2026, 10, 24 } };
	static int64_t from[4][3 * 24 * 60];
	struct shift s, last = { 0 };

	zone("CET-1CEST,M3.5.0,M10.5.0/3");
	for (int round = 0; round < 8; round++) { /* all or one start; minutes on or back */
		const int *day = days[round & 1];
		const struct param_list starts = { round & 2 ? &odd[2] : odd, round & 2 ? 1 : 5 };
		int back = round >= 4;

		for (int i = 0; i < 3 * 24 * 60; i++) {
			int m = back ? 3 * 24 * 60 - 1 - i : i;
			int64_t at = utc(day[0], day[1], day[2], 0, m),
				*first = &from[round & 3][m];
			struct tm other = { .tm_year = 126,
					    .tm_mon = i % 2 ? 6 : 0,
					    .tm_mday = 1,
					    .tm_isdst = -1 };

			mktime(&other); /* which it remembers */
			shift_at(&s, &starts, at);
			cr_assert(s.from_ms <= at && at < s.until_ms, "%d: minute %d", round, m);
			if (back)
				cr_assert_eq(s.from_ms, *first, "%d: minute %d", round, m);
			else if (i)
				cr_assert(s.from_ms == last.from_ms ? s.until_ms == last.until_ms
								    : s.from_ms == last.until_ms,
					  "%d: minute %d", round, m);
			*first = s.from_ms;
			last = s;
		}
	}
}

static struct place_to_test t;
static struct store *s;
static struct err err;

static void run(const char *serial, enum verdict last, int64_t started_ms, enum run_mode mode)
{
	struct unit_run r;

	make_run(&r, t.plan, serial);
	r.started_ms = started_ms;
	r.mode = mode;
	r.counts = mode == MODE_PRODUCTION;
	cr_assert_eq(make_whole(s, &r, last, &err), 0, "%s", err.text);
	run_release(&r);
}

Test(shift, figures)
{
	struct shift_count *c = shift_count_new(&three), *fresh;
	struct shift_figures f, g;
	int64_t from, now;

	zone("UTC");
	place_make(&t);
	cr_assert_eq(store_open(&s, t.path, STORE_WRITE, "ST-01", &err), 0, "%s", err.text);
	from = utc(2026, 11, 29, 6, 0);
	now = from + 2 * 3600000;
	cr_assert_eq(shift_figures(&f, c, s, now, &err), 0, "%s", err.text);
	cr_expect_eq(f.units, 0);
	cr_expect_eq(f.units_per_hour, 0);
	run("OLD", VERDICT_FAIL, from - 60000, MODE_PRODUCTION); /* the night shift's first run */
	run("A", VERDICT_PASS, from, MODE_PRODUCTION);
	run("B", VERDICT_FAIL, from + 60000, MODE_PRODUCTION);
	cr_assert_eq(shift_figures(&f, c, s, now, &err), 0);
	cr_expect_eq(f.units, 2);
	cr_expect_eq(f.first, 2);
	cr_expect_eq(f.first_passed, 1);
	run("B", VERDICT_PASS, from + 120000, MODE_PRODUCTION);
	run("OLD", VERDICT_PASS, from + 180000, MODE_PRODUCTION);
	run("E", VERDICT_PASS, from + 180000, MODE_ENGINEERING);
	run("G", VERDICT_FAIL, now - 1800000, MODE_PRODUCTION);
	run("H", VERDICT_ERROR, now - 900000, MODE_PRODUCTION); /* of the station: no counted run */
	cr_assert_eq(shift_figures(&f, c, s, now, &err), 0);
	cr_expect_eq(f.units, 4, "A, B, OLD, G: %lld", (long long)f.units);
	cr_expect_eq(f.first, 3, "A, B, G");
	cr_expect_eq(f.first_passed, 1);
	cr_expect_float_eq(f.units_per_hour, 1, 1e-9, "G alone ended in the last hour");
	cr_assert_eq(f.steps, 1);
	cr_expect_eq(f.step[0].fails, 2);
	cr_expect_null(strchr(f.step[0].step, '#'), "%s", f.step[0].step);
	/* Read on or read anew, the figures are the same. */
	fresh = shift_count_new(&three);
	cr_assert_eq(shift_figures(&g, fresh, s, now, &err), 0);
	cr_expect_eq(g.units, f.units);
	cr_expect_eq(g.first, f.first);
	cr_expect_eq(g.first_passed, f.first_passed);
	cr_expect_eq(g.steps, f.steps);
	cr_expect_eq(g.step[0].fails, f.step[0].fails);
	/* Young shift: unknown; the next shift begins at nothing. */
	cr_assert_eq(shift_figures(&g, fresh, s, from + 300000, &err), 0);
	cr_expect_lt(g.units_per_hour, 0);
	cr_assert_eq(shift_figures(&f, c, s, from + 8 * 3600000, &err), 0);
	cr_expect_eq(f.units, 0);
	cr_expect_str_eq(f.shift.name, "14:00");
	cr_assert_eq(shift_figures(&f, c, s, now, &err), 0);
	cr_expect_eq(f.units, 4);
	/* Of a clock that was wrong for a while: the next shift's. */
	run("Z", VERDICT_FAIL, from + 9 * 3600000, MODE_PRODUCTION);
	cr_assert_eq(shift_figures(&f, c, s, now, &err), 0);
	cr_expect_eq(f.units, 4);
	cr_expect_eq(f.first, 3);
	/* The step that fails most comes first. */
	t.plan = make_plan(&t.arena, 2);
	for (int i = 0; i < 3; i++)
		run((const char *const[]){ "I", "J", "K" }[i], VERDICT_FAIL, now - 60000,
		    MODE_PRODUCTION);
	cr_assert_eq(shift_figures(&g, c, s, now, &err), 0);
	cr_assert_eq(g.steps, 2);
	cr_expect_eq(g.step[0].fails, 3);
	cr_expect_eq(g.step[1].fails, 2);
	/* The clock was wrong for two runs: one is of the next shift, one of last week. What was
	 * before them counts still, read on or read anew. */
	run("NEXT", VERDICT_PASS, from + 8 * 3600000, MODE_PRODUCTION);
	run("PAST", VERDICT_PASS, from - 7 * INT64_C(86400000), MODE_PRODUCTION);
	shift_count_free(fresh);
	fresh = shift_count_new(&three);
	cr_assert_eq(shift_figures(&f, c, s, now, &err), 0);
	cr_assert_eq(shift_figures(&g, fresh, s, now, &err), 0);
	cr_expect_eq(f.units, 7, "%lld", (long long)f.units);
	cr_expect_eq(g.units, 7, "%lld", (long long)g.units);
	cr_expect_eq(g.first, 6);
	cr_expect_eq(g.first_passed, 1);
	cr_assert_eq(shift_figures(&g, fresh, s, from + 9 * 3600000, &err), 0);
	cr_expect_eq(g.units, 2);
	shift_count_free(c);
	shift_count_free(fresh);
	shift_count_free(NULL);
	store_close(s);
	place_drop(&t);
}

Test(shift, many_units)
{
	struct shift_count *c = shift_count_new(&three);
	struct shift_figures f;
	int64_t from;

	zone("UTC");
	place_make(&t);
	cr_assert_eq(store_open(&s, t.path, STORE_WRITE, "ST-01", &err), 0, "%s", err.text);
	from = utc(2026, 11, 29, 6, 0);
	for (int i = 0; i < 300; i++) {
		char serial[16];

		snprintf(serial, sizeof(serial), "U%d", i % 200);
		run(serial, i % 3 ? VERDICT_PASS : VERDICT_FAIL, from + i * 1000, MODE_PRODUCTION);
		if (i % 50 == 0)
			cr_assert_eq(shift_figures(&f, c, s, from + 900000, &err), 0);
	}
	cr_assert_eq(shift_figures(&f, c, s, from + 900000, &err), 0);
	cr_expect_eq(f.units, 200);
	cr_expect_eq(f.first, 200);
	cr_expect_eq(f.first_passed, 133);
	cr_expect_float_eq(f.units_per_hour, 800, 1e-9);
	shift_count_free(c);
	store_close(s);
	place_drop(&t);
}
