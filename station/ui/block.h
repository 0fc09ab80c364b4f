#ifndef STATION_UI_BLOCK_H
#define STATION_UI_BLOCK_H

#include "ui/draw.h"

/*
 * block -- words in block letters, for reading from far away: letters, digits, '%',
 * '?', '!', '-' and the German umlauts. Two fonts (5 x 7 and 3 x 5 pixels), scaled.
 */

/* Draw the word in the middle of the area, as large as it fits; rows used from a.y on, 0 when
 * it does not fit at all (nothing is drawn then). */
int block_draw(struct area a, enum style s, const char *word);
/* Rows that block_draw() would use. */
int block_height(struct area a, const char *word);

#endif /* STATION_UI_BLOCK_H */
