#ifndef STATION_FLOOR_SHIFT_H
#define STATION_FLOOR_SHIFT_H

#include "base/param.h"
#include "store/store.h"

/*
 * shift -- how the shift stands: units tested, first-pass yield with its n, units per
 * hour, failing steps.
 *
 * Shifts begin at the local times of [shift] start (zone: TZ); one lasts until the
 * next begins, through changes of the clock as well. Figures count runs that count
 * for yield (default policy, see reports/README.md), by the start of the run:
 *   units         units with a counted run that started in the shift
 *   first         units whose first counted run ever started in the shift
 *   first_passed  those of them whose first counted run passed
 *   per hour      units whose counted run ended in the last 60 minutes of the shift, as a rate;
 *                 unknown before the shift is 10 minutes old
 */
struct shift {
	int64_t from_ms, until_ms; /* wall clock, UTC; until is not in it */
	char name[16];             /* "06:00" */
};

/* The shift at this moment. starts: as struct conf has them; without any the day is one shift. */
void shift_at(struct shift *out, const struct param_list *starts, int64_t wall_ms);

struct shift_step {
	const char *step; /* "gpio.shorts", or "gpio:ERR_TIMEOUT" */
	int64_t fails;    /* first runs that failed by it */
};

/* The figures of the shift at hand; the record is read on from where it was read last,
 * so that asking costs what is new. */
struct shift_count;
struct shift_count *shift_count_new(const struct param_list *starts);
void shift_count_free(struct shift_count *c);

struct shift_figures {
	struct shift shift;
	int64_t units, first, first_passed;
	double units_per_hour;         /* below 0: unknown */
	const struct shift_step *step; /* most first; lent until the next call */
	size_t steps;
};
int shift_figures(struct shift_figures *out, struct shift_count *c, struct store *s,
		  int64_t wall_ms, struct err *err);

#endif /* STATION_FLOOR_SHIFT_H */
