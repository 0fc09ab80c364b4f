#include "floor/shift.h"

#include <stdlib.h>
#include <string.h>

enum { HOUR_MS = 3600000, KNOWN_MS = 600000, STEPS_MAX = 50 };

/* --- when --- */

static int shows(time_t at, const struct tm *want)
{
	struct tm is;

	localtime_r(&at, &is);
	return is.tm_hour == want->tm_hour && is.tm_min == want->tm_min;
}

/* The moment of "HH:MM" on the local day that is `days` from the one of t. In an hour that the
 * clock has twice it is the first (our choice): mktime() takes either, by what it was asked
 * before. In one that is left out it is as if the clock had not been changed. */
static int64_t moment(const struct tm *t, int days, const char *hhmm)
{
	static const time_t back[] = { 1800, 3600, 7200 }; /* as far as clocks are set back */
	const struct tm want = { .tm_year = t->tm_year,
				 .tm_mon = t->tm_mon,
				 .tm_mday = t->tm_mday + days,
				 .tm_hour = hhmm ? (hhmm[0] - '0') * 10 + hhmm[1] - '0' : 0,
				 .tm_min = hhmm ? (hhmm[3] - '0') * 10 + hhmm[4] - '0' : 0,
				 .tm_isdst = -1 };
	struct tm at = want;
	time_t r = mktime(&at);

	for (size_t i = 0; i < sizeof(back) / sizeof(back[0]); i++)
		if (shows(r - back[i], &want))
			return (int64_t)(r - back[i]) * 1000;
	return (int64_t)r * 1000;
}

void shift_at(struct shift *out, const struct param_list *starts, int64_t wall_ms)
{
	size_t n = starts && starts->count ? starts->count : 1;
	time_t now = (time_t)(wall_ms / 1000);
	struct tm local;

	*out = (struct shift){ .until_ms = INT64_MAX };
	localtime_r(&now, &local);
	for (int day = -1; day <= 2; day++)
		for (size_t i = 0; i < n; i++) {
			const char *hhmm = starts && starts->count ? starts->item[i] : NULL;
			int64_t at = moment(&local, day, hhmm);

			if (at > wall_ms) {
				out->until_ms = at < out->until_ms ? at : out->until_ms;
			} else if (at >= out->from_ms) {
				out->from_ms = at;
				snprintf(out->name, sizeof(out->name), "%s", hhmm ? hhmm : "00:00");
			}
		}
}

/* --- how many --- */

struct seen {                   /* a unit of the shift */
	int64_t unit, ended_ms; /* unit 0: free place */
};

struct shift_count {
	struct arena arena; /* of the shift at hand */
	const struct param_list *starts;
	struct shift shift;
	int64_t last; /* run_id that was read last */
	struct seen *seen;
	size_t room, units;
	int64_t first, first_passed;
	struct shift_step step[STEPS_MAX];
	size_t steps;
};

struct shift_count *shift_count_new(const struct param_list *starts)
{
	struct shift_count *c = calloc(1, sizeof(*c));

	if (!c)
		abort();
	c->starts = starts;
	return c;
}

static void begin(struct shift_count *c, const struct shift *s)
{
	const struct param_list *starts = c->starts;

	arena_free(&c->arena);
	free(c->seen);
	*c = (struct shift_count){ .starts = starts, .shift = *s };
}

void shift_count_free(struct shift_count *c)
{
	if (!c)
		return;
	arena_free(&c->arena);
	free(c->seen);
	free(c);
}

static struct seen *place_of(struct seen *seen, size_t room, int64_t unit)
{
	size_t i = (size_t)unit * 0x9e3779b97f4a7c15u % room;

	while (seen[i].unit && seen[i].unit != unit)
		i = (i + 1) % room;
	return &seen[i];
}

static void grow(struct shift_count *c)
{
	size_t room = c->room ? 2 * c->room : 64;
	struct seen *seen = calloc(room, sizeof(*seen));

	if (!seen)
		abort();
	for (size_t i = 0; i < c->room; i++)
		if (c->seen[i].unit)
			*place_of(seen, room, c->seen[i].unit) = c->seen[i];
	free(c->seen);
	c->seen = seen;
	c->room = room;
}

static void add_unit(struct shift_count *c, int64_t unit, int64_t ended_ms)
{
	struct seen *s;

	if (2 * (c->units + 1) > c->room)
		grow(c);
	s = place_of(c->seen, c->room, unit);
	c->units += !s->unit;
	s->unit = unit;
	s->ended_ms = ended_ms > s->ended_ms ? ended_ms : s->ended_ms;
}

/* "gpio#1.shorts" is "gpio.shorts", whatever attempt it was. */
static void add_fail(struct shift_count *c, const char *first_fail)
{
	size_t id = strcspn(first_fail, "#"), skip = id;
	const char *name;

	if (first_fail[skip] == '#')
		skip += 1 + strspn(first_fail + skip + 1, "0123456789");
	name = arena_printf(&c->arena, "%.*s%s", (int)id, first_fail, first_fail + skip);
	for (size_t i = 0; i < c->steps; i++)
		if (!strcmp(c->step[i].step, name)) {
			c->step[i].fails++;
			return;
		}
	if (c->steps < STEPS_MAX)
		c->step[c->steps++] = (struct shift_step){ name, 1 };
}

static void hear(void *payload, const struct store_tick *t)
{
	struct shift_count *c = payload;

	c->last = t->run_id > c->last ? t->run_id : c->last;
	if (!t->attempt || t->started_ms >= c->shift.until_ms)
		return;
	add_unit(c, t->unit, t->ended_ms);
	if (t->attempt != 1)
		return;
	c->first++;
	c->first_passed += t->verdict == VERDICT_PASS;
	if (t->verdict != VERDICT_PASS && t->first_fail)
		add_fail(c, t->first_fail);
}

static int by_fails(const void *a, const void *b)
{
	const struct shift_step *x = a, *y = b;

	if (x->fails != y->fails)
		return x->fails > y->fails ? -1 : 1;
	return strcmp(x->step, y->step);
}

static double per_hour(const struct shift_count *c, int64_t now_ms)
{
	int64_t window = now_ms - c->shift.from_ms, n = 0;

	if (window < KNOWN_MS)
		return -1;
	window = window > HOUR_MS ? HOUR_MS : window;
	for (size_t i = 0; i < c->room; i++)
		n += c->seen[i].unit && c->seen[i].ended_ms > now_ms - window &&
		     c->seen[i].ended_ms <= now_ms;
	return (double)n * HOUR_MS / (double)window;
}

int shift_figures(struct shift_figures *out, struct shift_count *c, struct store *s,
		  int64_t wall_ms, struct err *err)
{
	struct shift now;

	shift_at(&now, c->starts, wall_ms);
	if (now.from_ms != c->shift.from_ms || now.until_ms != c->shift.until_ms)
		begin(c, &now);
	if (store_ticks(s, c->last, c->shift.from_ms, hear, c, err) < 0)
		return err->code;
	qsort(c->step, c->steps, sizeof(c->step[0]), by_fails);
	*out = (struct shift_figures){ .shift = c->shift,
				       .units = (int64_t)c->units,
				       .first = c->first,
				       .first_passed = c->first_passed,
				       .units_per_hour = per_hour(c, wall_ms),
				       .step = c->step,
				       .steps = c->steps };
	return 0;
}
