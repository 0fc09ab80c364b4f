#include "base/clock.h"

#include <stdio.h>
#include <time.h>

static int64_t frozen = -1, frozen_wall = -1;

int64_t clock_ns(void)
{
	struct timespec t;

	if (frozen >= 0)
		return frozen * 1000000;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t clock_ms(void)
{
	return clock_ns() / 1000000;
}

int64_t clock_wall_ms(void)
{
	struct timespec t;

	if (frozen_wall >= 0)
		return frozen_wall;
	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int clock_left_ms(int64_t until_ms)
{
	const int day = 24 * 3600 * 1000;
	int64_t now = clock_ms();

	if (until_ms == CLOCK_NEVER)
		return -1;
	if (until_ms <= now)
		return 0;
	return until_ms - now > day ? day : (int)(until_ms - now);
}

void clock_freeze_ms(int64_t monotonic)
{
	frozen = monotonic;
}

void clock_freeze_wall_ms(int64_t wall)
{
	frozen_wall = wall;
}

const char *clock_print(char out[CLOCK_TEXT], int64_t wall_ms)
{
	int64_t s = wall_ms / 1000, ms = wall_ms % 1000;
	struct tm tm;
	time_t t;

	if (ms < 0) {
		ms += 1000;
		s--;
	}
	t = (time_t)s;
	if (!gmtime_r(&t, &tm) || tm.tm_year > 8099 || tm.tm_year < -1900)
		snprintf(out, CLOCK_TEXT, "time out of range");
	else
		snprintf(out, CLOCK_TEXT, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ",
			 (tm.tm_year + 1900) % 10000, (tm.tm_mon + 1) % 100, tm.tm_mday % 100,
			 tm.tm_hour % 100, tm.tm_min % 100, tm.tm_sec % 100, (int)ms);
	return out;
}
