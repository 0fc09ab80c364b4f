#ifndef STATION_UI_MESSAGE_H
#define STATION_UI_MESSAGE_H

#include "ui/ui.h"

/*
 * message -- the rows above the function keys: the last notice of the station, or what is more
 * urgent than it (no connection, no answer, nobody is logged in), or what a tile had no room for.
 */
/* For how long the station has said nothing, in ms; 0: not worth a word. */
int64_t message_silent_ms(const struct ui *u);
int message_calm_rows(void); /* of a station that is well; all by the size of the terminal */
int message_rows(const struct ui *u);
void message_draw(const struct ui *u, struct area a);

#endif /* STATION_UI_MESSAGE_H */
