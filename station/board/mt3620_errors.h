#ifndef STATION_BOARD_MT3620_ERRORS_H
#define STATION_BOARD_MT3620_ERRORS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * mt3620_errors -- the MT3620's own error numbers of a recovery, category 39, by
 * name and blame, and what is made of a RecoveryError's data.
 *
 * source  Azure/azure-sphere-tools, ParseDeviceLog: recovery_error.yml (names);
 *         the blame is our choice
 */
struct mt3620_error {
	unsigned id;
	const char *name;
	enum err_code code;
	int slower; /* worth a second try at the low rate */
};

const struct mt3620_error *mt3620_error_find(unsigned id); /* or NULL */

/* The id in the data of a RecoveryError, or -1: undecoded. */
int mt3620_error_decode(const uint8_t *data, size_t n);

#endif /* STATION_BOARD_MT3620_ERRORS_H */
