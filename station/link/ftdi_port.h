#ifndef STATION_LINK_FTDI_PORT_H
#define STATION_LINK_FTDI_PORT_H

#include <stddef.h>
#include <stdint.h>

#include <libusb.h>

#include "link/link.h"

/*
 * ftdi_port -- one port (interface) of an open FT4232H: its mode, its line, its
 * bytes. Links and pins share a port through ftdi_chip, which opens and closes it.
 *
 * libftdi1 opens and configures; bytes go by libusb transfers of our own,
 * because ftdi_read_data() loses what it holds when a transfer fails and
 * ftdi_write_data() tells no cause. A few IN transfers stay queued while the
 * port is read from or written to: the kernel then takes bytes while nobody
 * waits for them, a board may talk while it is written to, and a deadline
 * cancels nothing, so that nothing is lost there. On an idle port they run out
 * and the bus is quiet.
 *
 * After ERR_GONE the port is dead: every further call says so at once.
 */
struct ftdi_port;

enum ftdi_port_mode { FTDI_UART, FTDI_BITBANG, FTDI_MPSSE };

/* Open `interface` 0..3 of the device at `path` and address (a replug would
 * change it), claim it and put it in mode 00. Codes: ERR_BUSY, ERR_ACCESS,
 * ERR_GONE, ERR_IO. */
int ftdi_port_open(struct ftdi_port **out, const char *path, uint8_t address, int interface,
		   struct err *err);
/* Mode 00, then let go; ftdi_sio gets its port back. NULL is fine. */
void ftdi_port_close(struct ftdi_port *p);

char ftdi_port_letter(const struct ftdi_port *p); /* 'A'..'D' */
enum ftdi_port_mode ftdi_port_mode(const struct ftdi_port *p);
int ftdi_port_is_gone(const struct ftdi_port *p);

/* A channel that has the port as its UART, or NULL: one at a time. Its line is
 * restored whenever the port comes back from another mode. */
const char *ftdi_port_user(const struct ftdi_port *p);
int ftdi_port_attach(struct ftdi_port *p, const char *role, const struct link_line *line,
		     int latency_ms, int event_char, int64_t until_ms, struct err *err);
void ftdi_port_detach(struct ftdi_port *p);

/* Change the line after the last byte written has left the chip. Received bytes
 * are kept. Where the new line has no flow control, what it held up goes out first.
 * ERR_CONF: the chip cannot; ERR_TIMEOUT: flow control holds bytes up. */
int ftdi_port_tune(struct ftdi_port *p, const struct link_line *line, int latency_ms,
		   int event_char, int64_t until_ms, struct err *err);

/* Another event character, for a port that has one; the request is on its way when
 * this returns. A chip that refuses it has its latency timer still. */
int ftdi_port_event(struct ftdi_port *p, int event_char, struct err *err);

/* Leave UART mode for pins: all bits are inputs at first. ERR_LACKS: MPSSE
 * asked of C or D. In bit-bang mode nothing can be read by ftdi_port_read(). */
int ftdi_port_enter(struct ftdi_port *p, enum ftdi_port_mode mode, int64_t until_ms,
		    struct err *err);
/* Back into UART mode with the user's line; what came meanwhile is dropped. */
int ftdi_port_leave(struct ftdi_port *p, int64_t until_ms, struct err *err);
/* Bit-bang: which bits are outputs. */
int ftdi_port_direction(struct ftdi_port *p, uint8_t outputs, struct err *err);
/* Levels of the eight pins now, in any mode. */
int ftdi_port_levels(uint8_t *levels, struct ftdi_port *p, struct err *err);

/* As link_ops says of read, write, drop and alive. */
int ftdi_port_read(void *out, size_t size, struct ftdi_port *p, int64_t until_ms, struct err *err);
int ftdi_port_write(struct ftdi_port *p, const void *data, size_t size, int64_t until_ms,
		    struct err *err);
int ftdi_port_drop(struct ftdi_port *p, int64_t until_ms, struct err *err);
int ftdi_port_alive(struct ftdi_port *p, struct err *err);

#endif /* STATION_LINK_FTDI_PORT_H */
