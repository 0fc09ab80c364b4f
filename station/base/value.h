#ifndef STATION_BASE_VALUE_H
#define STATION_BASE_VALUE_H

#include "base/sbuf.h"

/*
 * value -- one measured value, tagged with its type and unit. It goes unchanged
 * from the driver to the limit, the record, the reports and the screen.
 */
enum value_type {
	VALUE_NONE, /* nothing was measured */
	VALUE_NUM,
	VALUE_TEXT,
	VALUE_VERSION, /* text that limits compare part by part: 24.10 > 24.9 */
	VALUE_BOOL,
};

struct value {
	enum value_type type;
	union {
		double num;       /* finite; a driver that has no number reports none */
		const char *text; /* VALUE_TEXT and VALUE_VERSION */
		int yes;
	};
	const char *unit; /* "Mbit/s", "ms", of quantity.def; NULL for a bare value */
};

static inline struct value value_num(double x, const char *unit)
{
	return (struct value){ .type = VALUE_NUM, .num = x, .unit = unit };
}

static inline struct value value_text(const char *s)
{
	return (struct value){ .type = VALUE_TEXT, .text = s };
}

static inline struct value value_version(const char *s)
{
	return (struct value){ .type = VALUE_VERSION, .text = s };
}

static inline struct value value_bool(int yes)
{
	return (struct value){ .type = VALUE_BOOL, .yes = yes != 0 };
}

const char *value_type_word(enum value_type t);     /* "number", "text", "version", "yes/no" */
enum value_type value_type_find(const char *word);  /* VALUE_NONE: no such word */
void value_print(struct sbuf *out, struct value v); /* "18.25 Mbit/s", "yes", "24.06", "-";
						     * numbers in at most 6 significant digits
						     * unless more are needed to be whole */

#endif /* STATION_BASE_VALUE_H */
