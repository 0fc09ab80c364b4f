#ifndef STATION_LINK_FTDI_CHIP_H
#define STATION_LINK_FTDI_CHIP_H

#include "link/ftdi_port.h"

/*
 * ftdi_chip -- the FT4232H of one slot, shared by the links and pins of a
 * process.
 *
 * All four ports are claimed or none: a sibling left to another program or in
 * another mode can stop ours. The first taker opens, finds the device by its bus
 * and port path alone, verifies that it is the one that the fixture expects and
 * puts all ports in mode 00, which lets go of every pin that a killed process
 * left driven. The last one to give it back closes. Takers are of one thread,
 * after the fork; a child of the process has no chip.
 */
struct ftdi_chip;

struct ftdi_expected {
	const char *usb;     /* "1-1.2" */
	const char *serial;  /* NULL: any, but one must be programmed; "none": no EEPROM */
	const char *product; /* NULL: any */
};

/* ERR_FIXTURE: no device at the path, two, or one that is not as expected (the
 * text names both, and where the serial sits instead); ERR_BUSY: claimed by
 * ftdi_sio or another program; ERR_ACCESS; ERR_GONE: unplugged meanwhile, or
 * not yet given back by all since; ERR_IO. Ends within a few seconds also when
 * the chip answers nothing. */
int ftdi_chip_take(struct ftdi_chip **out, const struct ftdi_expected *e, struct err *err);
void ftdi_chip_give(struct ftdi_chip *c); /* NULL is fine */

/* Product and serial that the interface showed when this process opened it: data, not
 * escaped, "" where it has none, valid while the chip is open. -1: it is not open here. */
int ftdi_chip_seen(const char **product, const char **serial, const char *usb);

struct ftdi_port *ftdi_chip_port(struct ftdi_chip *c, int port); /* 0..3 */

#endif /* STATION_LINK_FTDI_CHIP_H */
