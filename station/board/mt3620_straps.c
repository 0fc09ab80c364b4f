/*
 * mt3620_straps -- RESET and RECOVERY of an MT3620, on port D of its interface.
 *
 * Both lines are pins 6 and 5 of the port whose UART is the recovery link. They
 * can be driven only in bit-bang mode, and the link is deaf then: so the time in
 * that mode is as short as the straps allow, and ends before the board's banner.
 * source  schematics of RDB 1.7 and FTINT 2.0; FT4232H pin functions
 */
#include "board/board_mt3620.h"

#include "base/clock.h"

enum {
	RELEASE_MS = 1000, /* longest time for letting go after a failure */
	LATENCY_MS = 1,
};

int mt3620_line(struct mt3620_board *m, int64_t baud, int rtscts, int64_t until_ms, struct err *err)
{
	/* The board answers a block of XMODEM by one byte, ACK, and sends nothing until
	 * the next block has come. The chip keeps a short packet back until its latency
	 * timer runs out (16 ms at power-up, 11 minutes for a set of images): ACK as
	 * event character hands it over at once, and the timer of 1 ms serves NAK and CAN.
	 * Between files xmodem.h says by which byte the next answer ends. AN232B-04 says of older
	 * chips that the event character does not act on the first byte of a packet; where that is
	 * so, 1 ms is what is left. */
	const int ack = 0x06;
	struct link_line line = {
		.baud = baud, .bits = 8, .stop = 1, .parity = 'N', .rtscts = rtscts
	};

	return link_tune(m->board->links[ROLE_RECOVERY], &line, LATENCY_MS, ack, until_ms, err);
}

int mt3620_pulse(struct mt3620_board *m, int recovery, int64_t until_ms, struct err *err)
{
	const struct mt3620_profile *p = m->profile;
	struct pins *pins = m->board->pins;
	struct err ignored = { 0 };
	int r;

	if (!pins)
		return err_set(err, ERR_LACKS, "the slot has no signals");
	if (recovery)
		pins_assert(pins, "recovery");
	else
		pins_deassert(pins, "recovery");
	pins_assert(pins, "reset");
	pins_wait(pins, p->reset_low_ms);
	/* Driven high, not let go: the board samples the strap some ms after RESET has
	 * risen, and its pull-up alone takes 12 ms. */
	pins_deassert(pins, "reset");
	pins_wait(pins, p->strap_hold_ms);
	pins_release(pins, "recovery");
	pins_release(pins, "reset");
	r = pins_flush(pins, until_ms, err);
	if (r < 0) {
		pins_release(pins, "recovery");
		pins_release(pins, "reset");
		pins_flush(pins, clock_ms() + RELEASE_MS, &ignored);
	}
	return r;
}

int mt3620_reset(struct mt3620_board *m, int recovery, int64_t until_ms, struct err *err)
{
	int r;

	if (m->service_ops)
		m->service_ops->forget(m);
	/* The port comes back from bit-bang with the line that it had before. */
	r = mt3620_line(m, MT_RATE_TEXT, 0, until_ms, err);
	if (r >= 0) /* the log of an earlier boot that nobody read is none of this one */
		r = link_drop(m->board->links[ROLE_RECOVERY], until_ms, err);
	if (r >= 0)
		r = m->pulse(m, recovery, until_ms, err);
	return r < 0 ? err_wrap(err, recovery ? "reset into recovery" : "reset") : 0;
}
