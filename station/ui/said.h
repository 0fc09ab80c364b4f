#ifndef STATION_UI_SAID_H
#define STATION_UI_SAID_H

/*
 * said -- a sentence of the station in the language of the one who reads it.
 *
 * The station says, logs and records each sentence once, in English. Its formats are rows of
 * the catalogue (msgctxt "station" in po/NAME.po): a sentence is traced back to the row that it
 * was made from, and what stood in the row's conversions is put into the same row of the other
 * language. So records of last year speak it too, and an engineer finds the words of the screen
 * in the log again.
 *
 *	unit AS1 passed at 10:30 already; pass it on     "unit %.60s passed at %s already; pass it
 *on" Einheit AS1 hat um 10:30 schon bestanden; weitergeben
 *
 * A value with a blank may be a sentence itself, "before: after" and "this; that" are looked up
 * part by part; all else, and what no row fits, stays as it is: names, serials, texts of plans
 * and boards.
 */

/* In the language of lang_set(). Lent until 256 others were asked for, or to text itself. */
const char *said(const char *text);

/* --- for tests --- */
const char *said_row(unsigned i); /* the English formats; NULL behind the last */

#endif /* STATION_UI_SAID_H */
