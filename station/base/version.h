#ifndef STATION_BASE_VERSION_H
#define STATION_BASE_VERSION_H

/*
 * version -- versions of operating systems, taken apart and compared part by
 * part, never as text and never as a number.
 *
 * Grammar, ASCII, whole text, no trimming:
 *   version = ["TP"] number 0*4("." number) [" Update " number]
 *   number  = 1 to 9 digits
 * " Update N" is one more part. A number of more than one digit may begin with
 * a zero only when it has two digits ("24.06").
 * Order: TP before all others, then part by part as numbers; a missing part is
 * lower than any; equal numbers written with unequal widths ("24.6", "24.06")
 * are unequal, the narrower first. (Order of TP and Update: LEARN applications
 * getosversion; widths and the rest are our choice.)
 * A text outside the grammar has no order and equals nothing.
 */
enum { VERSION_PARTS = 6 };

struct version {
	int tp;
	int parts;
	long part[VERSION_PARTS];
	int width[VERSION_PARTS];
};

int version_scan(struct version *out, const char *text);               /* 0, or -1 */
int version_compare(const struct version *a, const struct version *b); /* <0, 0, >0 */

#endif /* STATION_BASE_VERSION_H */
