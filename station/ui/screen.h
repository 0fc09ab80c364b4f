#ifndef STATION_UI_SCREEN_H
#define STATION_UI_SCREEN_H

#include <stdint.h>

#include "base/err.h"

/*
 * screen -- the program around the ui: one thread, one poll() over the terminal, the
 * station's socket, signals and a timer. It draws at most 10 times a second, at once
 * after a key, and only when the terminal has taken what was drawn before. When it ends,
 * by whatever, the terminal is as it was; what runs goes on in the station.
 */
struct screen_setup {
	const char *socket;          /* of `station serve` */
	const char *self, *conf;     /* see client_open() */
	const char *log;             /* takes what libraries print */
	const char *prefix, *suffix; /* of the scanner, or NULL */
	int64_t gap_ms;              /* 0: preset */
	int ascii, bell;
};

/* Until the operator ends it (0), or a signal does (its number), or an error. */
int screen_run(const struct screen_setup *s, struct err *err);

#endif /* STATION_UI_SCREEN_H */
