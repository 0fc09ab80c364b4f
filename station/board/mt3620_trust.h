#ifndef STATION_BOARD_MT3620_TRUST_H
#define STATION_BOARD_MT3620_TRUST_H

#include "base/err.h"

/* mt3620_trust -- whether a file can be what boards are verified by: PEM with one
 * certificate, of an authority, valid now. ERR_CONF says what it is instead. */
int mt3620_trust_check(const char *path, struct err *err);

#endif /* STATION_BOARD_MT3620_TRUST_H */
