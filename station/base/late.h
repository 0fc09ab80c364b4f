#ifndef STATION_BASE_LATE_H
#define STATION_BASE_LATE_H

#include <stdint.h>

/*
 * late -- how long this process did not run although it should have.
 *
 * A station that gets no processor, is stopped, or whose machine stands still misses what
 * a board says, and its deadlines pass all the same. A thread that sleeps for LATE_TICK_MS
 * again and again sees by the clock how much later it wakes: that is what every wait of
 * this process was late by. It does nothing else and takes no lock of the C library, so
 * that a fork beside it is safe; the child has no such thread.
 */
enum {
	LATE_TICK_MS = 20,
	LATE_SPAN_MS = 1000, /* the last moments, which a deadline that just passed lies in */
	LATE_PART = 4,       /* such a part of a time, from which on it says nothing (our choice) */
};

void late_watch(void); /* from here on; again is fine */

/* Milliseconds that were lost since from_ms of the monotonic clock, which lies behind
 * late_watch(). */
int64_t late_ms(int64_t from_ms);

/* Whether this process was late by a substantial part of the time since from_ms, or of
 * the last moments of it: then a deadline that passed says nothing about others. */
int late_much(int64_t *late, int64_t from_ms);

#endif /* STATION_BASE_LATE_H */
