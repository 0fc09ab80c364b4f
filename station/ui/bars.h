#ifndef STATION_UI_BARS_H
#define STATION_UI_BARS_H

#include "ui/ui.h"

/*
 * bars -- what stands above and below every view: who works with which plan, how the shift
 * and the record stand, and what the function keys do.
 */
void bars_status(const struct ui *u);      /* the first two lines */
void bars_keys(const struct ui *u, int y); /* while a dialogue is open: its keys */

#endif /* STATION_UI_BARS_H */
