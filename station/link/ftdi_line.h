#ifndef STATION_LINK_FTDI_LINE_H
#define STATION_LINK_FTDI_LINE_H

#include <stddef.h>
#include <stdint.h>

#include "link/link.h"

/*
 * ftdi_line -- what an FT4232H makes of a baud rate and how it packs received
 * bytes. Pure functions; nothing here touches USB.
 */

/* The rate that the chip runs at when `baud` is asked of libftdi, in bit/s, or
 * 0 where it has none (below 183, above 12.6 M or in a gap of the divisors).
 * source  FTDI AN_120, libftdi src/ftdi.c: ftdi_convert_baudrate() */
double ftdi_rate(int64_t baud);

/* Is this a line that the chip can run? *rate is the real one (may be NULL).
 * ERR_CONF: baud off by more than 1 %, or bits, stop, parity that it has not. */
int ftdi_line_check(double *rate, const struct link_line *line, struct err *err);

/* The two status bytes before each packet.
 * source  Linux drivers/usb/serial/ftdi_sio.h */
enum { FTDI_CTS = 0x10, FTDI_DSR = 0x20, FTDI_RI = 0x40, FTDI_DCD = 0x80 }; /* byte 0 */
enum {                                                                      /* byte 1 */
       FTDI_OVERRUN = 0x02,
       FTDI_PARITY = 0x04,
       FTDI_FRAMING = 0x08,
       FTDI_BREAK = 0x10,
       FTDI_TEMT = 0x40, /* transmitter empty: the last bit is out */
};

/* What the packets of one transfer said beside their bytes. Keep one per port:
 * `line` of the last packet is needed by the next call. */
struct ftdi_packets {
	uint8_t modem, line; /* of the last packet */
	uint8_t errors;      /* FTDI_OVERRUN | FTDI_PARITY | FTDI_FRAMING of this transfer */
	size_t error_at;     /* bytes of this transfer that came before the damage */
	unsigned quiet;      /* packets without bytes since the last one with some */
	uint64_t count;      /* packets so far */
};

/* Take the status bytes out of a transfer of n bytes in packets of `packet`
 * bytes (512, at full speed 64). out holds n bytes and may be raw. Returns bytes
 * left. Errors count where a packet carries bytes, as in Linux
 * drivers/usb/serial/ftdi_sio.c: the chip repeats them while idle; an overrun
 * also counts at its first showing. A break is no damage: boards make one at
 * power-up; its NUL stays. */
size_t ftdi_strip(uint8_t *out, struct ftdi_packets *s, const uint8_t *raw, size_t n,
		  size_t packet);

/* "overrun, framing" of error bits; out holds 32 bytes. */
const char *ftdi_errors_text(char out[32], uint8_t errors);

#endif /* STATION_LINK_FTDI_LINE_H */
