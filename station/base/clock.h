#ifndef STATION_BASE_CLOCK_H
#define STATION_BASE_CLOCK_H

#include <stdint.h>

/*
 * clock -- the one source of time.
 *
 * Deadlines are points on the monotonic clock, in milliseconds (or nanoseconds
 * where wire time matters); a wait of several reads then ends when the whole
 * is due. Wall time is only ever printed or recorded, never waited on.
 */
#define CLOCK_NEVER INT64_MAX

int64_t clock_ms(void);      /* monotonic, from an arbitrary zero */
int64_t clock_ns(void);      /* the same clock */
int64_t clock_wall_ms(void); /* UTC since 1970 */

/* Milliseconds from now to until_ms for poll(): 0 once it is reached, -1 for
 * CLOCK_NEVER, never more than a day. */
int clock_left_ms(int64_t until_ms);

/* Tests: both clocks stand still at these points. */
void clock_freeze_ms(int64_t monotonic);
void clock_freeze_wall_ms(int64_t wall);

/* "2026-11-22T19:48:00.123Z" of a wall time; out holds CLOCK_TEXT bytes. */
enum { CLOCK_TEXT = 32 };
const char *clock_print(char out[CLOCK_TEXT], int64_t wall_ms);

#endif /* STATION_BASE_CLOCK_H */
