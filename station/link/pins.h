#ifndef STATION_LINK_PINS_H
#define STATION_LINK_PINS_H

#include <stdint.h>

#include "base/err.h"
#include "link/fixture.h"

/*
 * pins -- named output and input pins of a slot's FT4232H, driven through a
 * queue: calls only note what should happen, the first error is kept and
 * reported by pins_flush(), so that a strap sequence reads as a list.
 *
 * Ports A and B use MPSSE (their UART is then not available); any port can use
 * asynchronous bit-bang. Entering a mode makes no glitch: all inputs first,
 * then the level, then the direction. pins_close() releases every pin and puts
 * the port back into UART mode, also after errors.
 */
struct pins;

/* Signals that may be used are the fixture's. Opens a port when its first pin
 * is used, not before. lender lends a port that a link holds open: it is told
 * to let go and to take the port up again (NULL: none is lent). */
int pins_open(struct pins **out, const struct fixture *f, const struct fixture_slot *s,
	      struct err *err);

void pins_assert(struct pins *p, const char *signal);   /* to its active level */
void pins_deassert(struct pins *p, const char *signal); /* driven to the other level */
void pins_release(struct pins *p, const char *signal);  /* input: the board's pull decides */
void pins_wait(struct pins *p, int64_t ms);
/* Read a signal's logical state when the queue is run: 1 active. out must live
 * until pins_flush(). */
void pins_read(int *out, struct pins *p, const char *signal);

/* Run the queue. The first error of the queue or of running it: ERR_LACKS (no
 * such signal; MPSSE asked of C or D), ERR_GONE, ERR_IO, ERR_TIMEOUT. The queue
 * is empty afterwards. */
int pins_flush(struct pins *p, int64_t until_ms, struct err *err);

void pins_close(struct pins *p); /* NULL is fine */

#endif /* STATION_LINK_PINS_H */
