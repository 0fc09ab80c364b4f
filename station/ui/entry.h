#ifndef STATION_UI_ENTRY_H
#define STATION_UI_ENTRY_H

#include <stddef.h>
#include <stdint.h>

#include "base/sbuf.h"

/*
 * entry -- lines that are typed or scanned into `station --plain`.
 *
 * A pipe gives lines, each as it is. A terminal gives single bytes and their times, so that a
 * scan is told from what a person has begun to type: whoever typed half a command and then
 * scans has not confirmed it by the scanner's line end. A line whose first character stood
 * alone and of which a part came scanner-fast is MIXED, and so is one in which a rub-out stands
 * by itself just behind what came so fast; of lines that come closer than the scanner's rhythm
 * behind each other, as a label with a line end in it, all are TWO. A line that came fast as a
 * whole is one: dictation and Braille displays send words at once.
 * Bytes that a terminal acts on (^C, ^D, ^Z, ^U ...) are text of a label as any other; alone,
 * with silence behind them, ^C and ^D leave.
 *
 * A state machine without a terminal or a clock, as ui/input: times are clock_ns().
 */
enum entry_what {
	ENTRY_LINE,  /* text, len: without its end */
	ENTRY_MIXED, /* typed and scanned: dropped */
	ENTRY_TWO,   /* several lines at once: dropped */
	ENTRY_LONG,  /* of `most` bytes or more: dropped */
	ENTRY_LEAVE, /* ^C or ^D */
	ENTRY_ECHO,  /* text, len: to be shown, on a terminal */
};

struct entry { /* set tty, most, hear, payload; the rest zeroed; entry_release() */
	int tty;
	size_t most;
	void (*hear)(void *payload, enum entry_what what, const char *text, size_t len);
	void *payload;

	struct sbuf line;
	int64_t last_ns;
	size_t run, first_run, longest; /* bytes that came fast behind each other */
	int later;                      /* the first run is over */
	int ended, two, lost, leave, torn;
	char end;
};

void entry_feed(struct entry *e, const char *bytes, size_t n, int64_t now_ns);
int64_t entry_due(const struct entry *e); /* of the next entry_tick(); INT64_MAX: none */
void entry_tick(struct entry *e, int64_t now_ns);
void entry_drop(struct entry *e); /* the line at hand */
void entry_release(struct entry *e);

#endif /* STATION_UI_ENTRY_H */
