#ifndef STATION_BOARD_MT3620_PINS_H
#define STATION_BOARD_MT3620_PINS_H

#include "base/param.h"
#include "base/sbuf.h"

/*
 * mt3620_pins -- the pins of an MT3620, their banks, where they are on the headers
 * of the RDB 1.7, and which of them a test had better leave alone.
 *
 * A pin is named by its GPIO number, "59": what an application opens.
 *
 * source  mt3620.md 10
 */
enum { MT3620_PINS_MAX = 64 }; /* of one product: a bit each */

/* Why `name` is no pin to test with: 0 it is one; 1 better not; -1 it must not be.
 * ethernet: an ENC28J60 is fitted. rt: pins that a real-time application has. */
int mt3620_pin_check(struct sbuf *why, const char *name, int ethernet, const struct param_list *rt);

/* "59 (H1.3)": header and position; "12" where it is on no header. The text is lent. */
const char *mt3620_pin_title(const char *name);

/* Preset of a profile's pins: those on the headers of the RDB 1.7. */
#define MT3620_RDB_PINS                                                                            \
	"59, 0, 56, 1, 58, 2, 57, 3, 60, 4, 28, 26, 5, 29, 6, 27, 7, 30, 41, 43, 42, 44, "         \
	"66, 67, 68, 69, 70, 33, 38, 31, 36, 34, 39, 32, 37, 35, 40"

#endif /* STATION_BOARD_MT3620_PINS_H */
