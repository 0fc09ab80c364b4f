#ifndef STATION_FLOOR_SLOTMAP_H
#define STATION_FLOOR_SLOTMAP_H

#include "base/err.h"

/* slotmap -- which USB socket is which slot, changed in the fixture file: the value of
 * one `usb =` line is replaced, everything else, comments included, stays as it is. The
 * new text is linted before it takes the place of the old one, as a whole.
 * ERR_USAGE: no such slot, no path, or the path is another slot's; ERR_CONF: the slot's
 * line cannot be told, or the file would have errors; ERR_FILE. */
int slotmap_write(const char *fixture, const char *slot, const char *usb, struct err *err);

#endif /* STATION_FLOOR_SLOTMAP_H */
