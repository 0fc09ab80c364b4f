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
 * Ports A and B can use MPSSE, any port asynchronous bit-bang; the fixture says
 * which. Entering a mode makes no glitch: all inputs first, then the level, then
 * the direction. Pins that are set one after the other change together, up to the
 * next wait, read or second change of one of them.
 *
 * A port may be a channel as well: a link and pins share the chip (ftdi_chip.h).
 * While one of its pins is driven the channel is deaf and its calls fail with
 * ERR_LACKS; when pins_flush() has run a queue after which none is driven, the
 * port is a UART with the channel's line again. A port without a channel stays in
 * its mode until pins_close(), since as a UART it would drive TXD, RTS# and DTR#.
 * pins_close() releases every pin and puts the ports back into UART mode, also
 * after errors.
 */
struct pins;

/* Signals that may be used are the fixture's. Takes the chip when its first pin
 * is used, not before. f and s are borrowed. */
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
 * such signal; MPSSE asked of C or D; MPSSE and bit-bang on one port), ERR_GONE,
 * ERR_IO, ERR_TIMEOUT (until_ms leaves no time for a wait), and those of
 * ftdi_chip_take(). The queue is empty afterwards. */
int pins_flush(struct pins *p, int64_t until_ms, struct err *err);

void pins_close(struct pins *p); /* NULL is fine */

#endif /* STATION_LINK_PINS_H */
