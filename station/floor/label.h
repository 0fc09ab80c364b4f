#ifndef STATION_FLOOR_LABEL_H
#define STATION_FLOOR_LABEL_H

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "plan/plan.h"

/*
 * label -- what a scan says: the serial of a unit, and what else its label holds.
 *
 * A scanner gives bytes. What it puts around each scan is taken off first (prefix,
 * suffix, the AIM identifier of ISO/IEC 15424: "]d2"). The plan says how the rest
 * is read: as it is (plain), or as a GS1 element string, whose FNC1 stands as GS
 * (0x1D) or as the scanner is set up to send it, or written out with brackets,
 * "(01)04012345678901(21)AS26".
 *
 * Every mistake is one message with its place in the label. Text of a label is
 * printable UTF-8, so that it can be a serial; everything else is refused.
 */
enum label_aim { LABEL_AIM_STRIP, LABEL_AIM_YES, LABEL_AIM_NO };

struct label_rules {                 /* [scanner] of station.conf; zeroed: nothing is taken off */
	const char *prefix, *suffix; /* NULL or "": none */
	const char *fnc1;            /* what stands for FNC1 besides GS, such as "^"; or NULL */
	enum label_aim aim; /* STRIP: taken off when there; YES: must be there; NO: is text */
};

enum { LABEL_MAX = 16384, LABEL_FIELDS = 32 };

struct label_field {       /* of a GS1 label, in its order */
	const char *ai;    /* "01", "3103" */
	const char *title; /* "GTIN" */
	const char *value; /* "04012345678901"; "1.250" where the identifier tells decimals */
	size_t at;         /* byte of the value in the stripped label */
};

struct label {
	struct arena arena;         /* label_release() */
	const char *text;           /* the scan without prefix, suffix and identifier */
	size_t len, before;         /* before: bytes that were taken off in front of it */
	char aim[4];                /* "]d2", or "" */
	int gs1;                    /* read as element string */
	const char *serial;         /* 21; of a plain label all of it */
	const char *product;        /* 01, else 02, 240, 241; "" when the label has none */
	const char *revision, *lot; /* 20; 10; "" */
	struct label_field field[LABEL_FIELDS];
	size_t fields;
};

/* Read n bytes as `form` (PLAN_LABEL_PLAIN, PLAN_LABEL_GS1) wants them. rules NULL: as zeroed.
 * ERR_USAGE: it is none, and err says what is wrong, where, and what should be. */
int label_read(struct label *out, const struct label_rules *rules, enum plan_label form,
	       const char *bytes, size_t n, struct err *err);
void label_release(struct label *l); /* safe when zeroed */

/* Take off prefix, suffix and AIM identifier, where they are; the bytes of the identifier,
 * which then stand in front of *bytes: 3, or 0. */
size_t label_strip(const struct label_rules *rules, const char **bytes, size_t *n);
/* No line end and no key of a keyboard stands in it: it is not two scans, nor was a key pressed
 * with it. */
int label_is_one(const char *bytes, size_t n);

/* The same without a plan: GS1 when an identifier, a leading FNC1 or "(nn)" says so, else plain. */
enum plan_label label_guess(const struct label_rules *rules, const char *bytes, size_t n);

/* Does the text end in the check digits that `check` asks for? ERR_USAGE says which
 * were expected.
 *   gs1    last digit, mod 10, weights 3 and 1 (GS1 General Specifications 7.9); digits only
 *   luhn   last digit, ISO/IEC 7812-1 annex B; digits only
 *   mod97  last two digits, ISO/IEC 7064 MOD 97-10; digits and letters A-Z (A = 10 .. Z = 35) */
int label_check(enum plan_check_digit check, const char *text, struct err *err);

/* What the check digits of this text without them would be: "7"; "" where it has none. */
void label_check_digits(char out[3], enum plan_check_digit check, const char *text, size_t n);

/* The table of GS1 application identifiers, for tests and docs; ended by a row without ai. */
struct label_ai {
	const char *ai; /* "01"; "310n": n tells the decimals */
	const char *title;
	int min, max;     /* characters of the value */
	char kind;        /* 'N' digits, 'X' characters of GS1's set 82, 'Y' of its set 39 */
	int fixed;        /* of predefined length: no FNC1 need follow */
	const char *rule; /* "gtin", "date" ... or NULL */
};
extern const struct label_ai label_ais[];

#endif /* STATION_FLOOR_LABEL_H */
