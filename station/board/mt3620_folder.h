#ifndef STATION_BOARD_MT3620_FOLDER_H
#define STATION_BOARD_MT3620_FOLDER_H

#include "base/err.h"

/*
 * mt3620_folder -- where the socket lives by which libcurl enters the stack of a
 * board: a folder of mode 0700 in $TMPDIR or /tmp, so that no other user of the PC
 * reaches the board.
 *
 * Whoever makes one holds a lock on it until it ends, however it ends. A killed
 * process leaves its folder; the next mt3620_folder_make() of the same user finds
 * the lock free and clears it.
 */
struct mt3620_folder { /* unused: path empty, fd -1 */
	char path[80], socket[100];
	int fd; /* locked */
};

int mt3620_folder_make(struct mt3620_folder *f, struct err *err); /* ERR_FILE */
void mt3620_folder_drop(struct mt3620_folder *f);                 /* also what is in it */

#endif /* STATION_BOARD_MT3620_FOLDER_H */
