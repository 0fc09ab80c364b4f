#include "base/late.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <time.h>

#include "base/clock.h"

/* Times at which the process was late, the newest over the oldest. Small ones are as good
 * as none, and what is overwritten lies long back. */
enum { KEPT = 4096, SMALL_MS = 2 };

static struct {
	_Atomic int64_t at, late;
} gap[KEPT];
static atomic_size_t gaps;

static void note(int64_t at, int64_t late)
{
	size_t n = atomic_load(&gaps);

	atomic_store(&gap[n % KEPT].at, at);
	atomic_store(&gap[n % KEPT].late, late);
	atomic_store(&gaps, n + 1);
}

static void *watch(void *ignored)
{
	const struct timespec tick = { .tv_nsec = LATE_TICK_MS * 1000000 };

	for (;;) {
		int64_t due = clock_ms() + LATE_TICK_MS, late;

		clock_nanosleep(CLOCK_MONOTONIC, 0, &tick, NULL);
		late = clock_ms() - due;
		if (late >= SMALL_MS)
			note(due + late, late);
	}
	return ignored;
}

void late_watch(void)
{
	static int runs;
	sigset_t all, was;
	pthread_t thread;

	if (runs)
		return;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &was); /* signals are for others */
	runs = !pthread_create(&thread, NULL, watch, NULL);
	pthread_sigmask(SIG_SETMASK, &was, NULL);
	if (runs)
		pthread_detach(thread);
}

int64_t late_ms(int64_t from_ms)
{
	size_t n = atomic_load(&gaps);
	int64_t sum = 0;

	for (size_t i = n; i > 0 && n - i < KEPT; i--) {
		int64_t at = atomic_load(&gap[(i - 1) % KEPT].at);
		int64_t late = atomic_load(&gap[(i - 1) % KEPT].late);

		if (at <= from_ms)
			break;
		sum += late < at - from_ms ? late : at - from_ms;
	}
	return sum;
}

int late_much(int64_t *late, int64_t from_ms)
{
	int64_t now = clock_ms(), last = now - LATE_SPAN_MS;

	*late = late_ms(from_ms);
	if (*late * LATE_PART >= now - from_ms && *late >= LATE_TICK_MS)
		return 1;
	if (last <= from_ms)
		return 0;
	*late = late_ms(last);
	return *late * LATE_PART >= LATE_SPAN_MS;
}
