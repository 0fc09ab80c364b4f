#ifndef STATION_STEP_LOOPBACK_H
#define STATION_STEP_LOOPBACK_H

#include <stddef.h>
#include <stdint.h>

#include "base/sbuf.h"

/*
 * loopback -- finds opens, shorts, stuck and swapped pins from what was read
 * while single pins were driven. Pure arithmetic: no board, no clock.
 *
 * One pin at a time is driven low, then high, and all are read; the others are
 * let go, so that two outputs never fight over a net. With one reading of the
 * pins at rest, N pins take 2 N + 1 transactions (LOOPBACK_READS).
 *
 * Pin j follows pin i when it reads low while i is driven low and high while i
 * is driven high: so pulls do not matter, nor a floating pin that keeps its level
 * between the two. One that picks up noise may follow by chance (1 in 4), and then
 * a short is told that is none, or an open pair (1 in 16) is not. On a good unit
 * each pin follows itself and its partner and nothing else.
 */
enum {
	LOOPBACK_PINS = 64,
	/* No reading has more faults: a rail for each pin, an open for each pair, a short
	 * or a swap for each two pairs. */
	LOOPBACK_FAULTS = 64 + 32 + 32 * 31 / 2,
};
#define LOOPBACK_READS(pins) (2 * (pins) + 1)

struct loopback_pair {
	int a, b; /* bit numbers, 0..63 */
};

struct loopback_reads { /* indexed by bit number of the driven pin */
	uint64_t rest;
	uint64_t low[LOOPBACK_PINS], high[LOOPBACK_PINS];
};

enum loopback_kind {
	LOOPBACK_OPEN,       /* a and b of a pair are not connected */
	LOOPBACK_ONE_WAY,    /* b follows a, a does not follow b: b cannot drive */
	LOOPBACK_SHORT,      /* two pins that are no pair are connected */
	LOOPBACK_SHORT_NETS, /* two whole pairs a-b and c-d are connected: any of their pins may be
			      */
	LOOPBACK_STUCK_LOW,  /* reads low even while driven high, or cannot be read */
	LOOPBACK_STUCK_HIGH,
	LOOPBACK_SWAPPED, /* pairs a-b and c-d are wired as a-d and c-b */
	LOOPBACK_KINDS
};

struct loopback_fault {
	enum loopback_kind kind;
	int pin[4]; /* as many as the kind has: 2, 2, 2, 4, 1, 1, 4 */
};

/* Returns the number of faults found, at most max of them in out; 0 only when
 * every pin of every pair did all that a good one does. The order is fixed. */
size_t loopback_find(struct loopback_fault *out, size_t max, const struct loopback_reads *r,
		     const struct loopback_pair *pair, size_t pairs);

/* "pins 4 and 5 are shorted", with names[bit]. */
void loopback_print(struct sbuf *out, const struct loopback_fault *f, const char *const *names);

#endif /* STATION_STEP_LOOPBACK_H */
