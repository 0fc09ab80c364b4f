#ifndef STATION_BASE_QUANTITY_H
#define STATION_BASE_QUANTITY_H

#include <stddef.h>

#include "base/err.h"
#include "base/sbuf.h"

/*
 * quantity -- numbers with units, in the C locale. A dimension has one base
 * unit in which values are held and compared; the table quantity.def lists all
 * units: name, dimension, factor to the base unit.
 */
enum dimension {
	DIM_NONE,    /* bare number, base unit "" */
	DIM_TIME,    /* base unit s;     ms s min h d us */
	DIM_RATE,    /* base unit bit/s; kbit/s Mbit/s Gbit/s */
	DIM_SIZE,    /* base unit B;     kB MB GB KiB MiB GiB */
	DIM_VOLTAGE, /* V; mV uV kV */
	DIM_CURRENT, /* A; mA uA */
	DIM_FREQ,    /* Hz; kHz MHz GHz */
	DIM_RATIO,   /* 1; % ppm */
	DIM_TEMP,    /* C */
	DIM_END_
};

/* Read "NUMBER [UNIT]", blanks around and between allowed, the whole text used.
 * Number: decimal with sign, point and exponent, or 0x and hex digits; never
 * inf, nan, a rounded-to-infinity or an overflowed value. Unit: required unless
 * dim is DIM_NONE (then refused); zero needs its unit too. ERR_PLAN; *at is the
 * byte offset of what is wrong and the text names the units of the dimension. */
int quantity_scan(double *out, const char *text, enum dimension dim, size_t *at, struct err *err);

/* The same, but any dimension; *unit is the unit's name in the table ("" if bare). */
int quantity_scan_any(double *out, enum dimension *dim, const char **unit, const char *text,
		      size_t *at, struct err *err);

int quantity_dimension(enum dimension *out, const char *unit); /* -1: no such unit */
double quantity_factor(const char *unit);                      /* base units in one; NAN: unknown */
const char *quantity_units(enum dimension dim);                /* "bit/s, kbit/s, Mbit/s, Gbit/s" */
const char *quantity_name(enum dimension dim);                 /* "data rate" */

/* x, in the base unit, as a file would say it: "250 ms", "18 Mbit/s"; the unit
 * that makes the text shortest. quantity_scan() reads the same x back (a ratio: but
 * for the last bit). */
void quantity_print(struct sbuf *out, double x, enum dimension dim);

#endif /* STATION_BASE_QUANTITY_H */
