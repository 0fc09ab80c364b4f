#ifndef STATION_UI_SAID_H
#define STATION_UI_SAID_H

#include "base/sbuf.h"

/*
 * said -- a sentence of the station in the language of the one who reads it.
 *
 * The station says, logs and records each sentence once, in English. Its formats are rows of
 * the catalogue (msgctxt "station" in po/NAME.po): a sentence is traced back to the row that it
 * was made from, and what stood in the row's conversions is put into the same row of the other
 * language. So records of last year speak it too, and an engineer finds the words of the screen
 * in the log again.
 *
 *	unit AS1 passed at 10:30 already; pass it on
 *	unit %.60s passed at %s already; pass it on
 *	Einheit AS1 hat um 10:30 schon bestanden; weitergeben
 *
 * A value stays as it is: names, serials, what a unit or a line's system said. Only what
 * said_values.def says is a sentence or a word of the station is looked up as well. "before: after"
 * and "this; that" are read as two.
 *
 * A serial can be a sentence, and a unit can say one. So all ways to read a text are looked at,
 * and where two of them differ, it is not decided: the text stays English.
 */

/* In the language of lang_set(). Lent until 256 others were asked for, or to text itself. */
const char *said(const char *text);
/* The same, and a text that is a word of the station is looked up as well: "up", "recovery". */
const char *said_word(const char *text);
/* The same as said(), for what has a stable code: where no catalogue has the sentence, it stands
 * behind what its code means. code: "" or NULL where it has none. */
void said_of_code(struct sbuf *out, const char *text, const char *code);

/* --- for tests --- */
const char *said_row(unsigned i);       /* the English formats; NULL behind the last */
const char *said_kinds(unsigned i);     /* of its values */
const char *said_values_of(unsigned i); /* the formats in said_values.def; NULL behind the last */

#endif /* STATION_UI_SAID_H */
