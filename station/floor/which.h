#ifndef STATION_FLOOR_WHICH_H
#define STATION_FLOOR_WHICH_H

#include <stddef.h>
#include <stdint.h>

/*
 * which -- which slot gets this scan? A pure function of what is known of the slots;
 * the first line that fits decides:
 *
 *   the slot was chosen (barcode, or by hand)  its question, else its next unit
 *   a question for a scan is open at one slot  its answer
 *   ... at several, or a board has also just been plugged in elsewhere   ask
 *   one board has just been plugged in         its unit
 *   several have                               ask
 *   one slot is free                           its unit
 *   several are                                ask
 *
 * Where it asks, nothing starts and nothing is answered until somebody has chosen.
 */
struct which_slot {
	int free;        /* may take a unit: none runs there, none waits for its board */
	int64_t came_ms; /* its board was plugged in then and has no unit yet; 0: it was not */
	int chosen;
	int asks; /* a question that wants a scan is open there */
};

enum which_answer {
	WHICH_UNIT,   /* the scan is the next unit of the slot */
	WHICH_REPLY,  /* the scan answers the question of the slot */
	WHICH_ASK,    /* not clear */
	WHICH_TAKEN,  /* the slot that was chosen has a unit already */
	WHICH_NOWHERE /* no slot is free */
};

/* just_ms: how long a board counts as just plugged in. *slot: where it is one. */
enum which_answer which_slot(size_t *slot, const struct which_slot *s, size_t n, int64_t now_ms,
			     int64_t just_ms);

#endif /* STATION_FLOOR_WHICH_H */
