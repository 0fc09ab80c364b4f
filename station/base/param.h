#ifndef STATION_BASE_PARAM_H
#define STATION_BASE_PARAM_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/finding.h"
#include "base/ini.h"
#include "base/quantity.h"
#include "base/sbuf.h"

/*
 * param -- one key that a plan, a profile, a fixture, a virtual board or
 * station.conf may set.
 *
 * The row is the parser, the linter, the --help text and the manual page: each
 * is a loop over rows, so they cannot disagree.
 */
enum param_type {
	PARAM_TEXT,     /* const char * */
	PARAM_INT,      /* int64_t; decimal or 0x */
	PARAM_NUM,      /* double in the base unit of .dim; also rates, sizes, voltages ... */
	PARAM_BOOL,     /* int64_t 0 or 1; yes | no */
	PARAM_CHOICE,   /* const char *, one of .choices */
	PARAM_DURATION, /* int64_t milliseconds; a fraction of a millisecond is an error */
	PARAM_PATTERN,  /* struct match *; freed by param_release() */
	PARAM_VERSIONS, /* struct param_list of version texts, each checked */
	PARAM_LIST,     /* struct param_list: "a, b, c", no empty items, none twice */
	PARAM_PAIRS,    /* struct param_pairs: "0-59, P1.3-P1.4", no pin twice */
	PARAM_PATH,     /* const char *, made relative to the file that says it */
	PARAM_DATE,     /* const char * "2027-05-31", a day that exists */
	PARAM_ADDRESS, /* const char *, numeric IPv4 or IPv6 with port: "127.0.0.1:5201", "[::1]:80"
			*/
};

struct param_list {
	const char **item;
	size_t count;
};

struct param_pairs {
	struct param_pair {
		const char *a, *b;
	} * item;
	size_t count;
};

struct param {
	const char *name;
	enum param_type type;
	size_t offset;      /* of the field in the struct that is filled */
	enum dimension dim; /* PARAM_NUM */
	double min, max;    /* both ends included, in base units, ms for DURATION; 0, 0: any */
	const char *const *choices; /* PARAM_CHOICE, ended by NULL */
	const char *preset;         /* as written in a file; NULL: none */
	int optional;               /* no preset and may be left out; its field is then zero */
	int may_be_empty;           /* `key =` is allowed and reads as "" (TEXT) or none */
	const char *help;           /* one sentence */
};

/* Read text, as written in a file, into the field of `out` that the row names.
 * What needs memory lives in the arena. base is the path of the file that holds
 * text (for PARAM_PATH). ERR_PLAN; *at is the byte offset of what is wrong; the
 * error says what is and what should be. */
int param_set(void *out, const struct param *row, const char *text, struct arena *a,
	      const char *base, size_t *at, struct err *err);

/* Set every row that has a preset. Rows end with one that has no name. A preset
 * that does not parse is a programming error and ends the process. */
void param_presets(void *out, const struct param *rows, struct arena *a);

/* Read a section's keys by rows: presets, then each key that a row names
 * (marked used), a finding for each bad value (bad-value, out-of-range ...) and
 * for each row without preset that is missing and not optional (missing-key, at
 * the section). Keys no row names are left to param_unknown(). */
void param_read(void *out, const struct param *rows, struct ini_section *s, struct arena *a,
		struct findings *f);

/* A finding for each key of the section that is not marked used, with a
 * suggestion from the NULL-ended lists of rows. where: "[step wifi]". */
void param_unknown(const struct ini_section *s, const struct param *const *rows_lists,
		   struct findings *f);

void param_release(void *out, const struct param *rows); /* frees patterns; safe when zeroed */

const struct param *param_find(const struct param *rows, const char *name); /* or NULL */

/* "duration, 1 ms .. 10 min, preset 2 s" for help texts and manual pages. */
void param_describe(struct sbuf *out, const struct param *row);

/* The value as a file would say it: "250 ms", "18 Mbit/s", "a, b". */
void param_print(struct sbuf *out, const void *in, const struct param *row);

#endif /* STATION_BASE_PARAM_H */
