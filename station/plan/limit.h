#ifndef STATION_PLAN_LIMIT_H
#define STATION_PLAN_LIMIT_H

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/finding.h"
#include "base/match.h"
#include "base/value.h"

/*
 * limit -- the only place where measurements are compared.
 *
 *   >= 18 Mbit/s, warn >= 22 Mbit/s      3.2 .. 3.4 V      <= 200      == yes
 *   one of 24.03, 24.06                  matches /^OK/     != 0
 *
 * Numbers compare as doubles in the measurement's own unit (the limit's numbers
 * are converted when the plan is read); `A .. B` includes both ends. Versions
 * compare part by part; a version outside the grammar is outside every limit
 * but `one of` and `==` with that exact text. Text compares as bytes.
 */
enum limit_op {
	LIMIT_NONE,
	LIMIT_GE,
	LIMIT_LE,
	LIMIT_GT,
	LIMIT_LT,
	LIMIT_EQ,
	LIMIT_NE,
	LIMIT_RANGE, /* lo .. hi */
	LIMIT_ONE_OF,
	LIMIT_MATCHES,
	LIMIT_END_
};

struct limit_test {
	enum limit_op op;
	double lo, hi;     /* numbers; GE GT: lo; LE LT: hi; EQ NE: both; RANGE: both */
	const char **text; /* EQ NE ONE_OF of text, version, yes/no; or bounds of versions */
	size_t texts;
	struct match *match; /* MATCHES; freed by limit_release() */
};

struct limit {
	const char *measure;  /* "rate", "mac_restart" (all of an indexed row) or "mac_restart.1" */
	enum value_type type; /* of the measurement */
	const char *unit;     /* of the measurement and of lo, hi; NULL: bare */
	struct limit_test test, warn; /* warn.op LIMIT_NONE: no marginal band */
	const char *text;             /* as written: ">= 18 Mbit/s, warn >= 22 Mbit/s" */
	const char *expected; /* test alone, in the measurement's unit, canonical: ">= 18 Mbit/s" */
	struct place from;    /* of the expression */
	int implied;          /* by a parameter of the step, not by a `limit` key */
};

enum judgement { JUDGED_NONE, JUDGED_PASS, JUDGED_FAIL, JUDGED_UNSET };

/* Read an expression for a measurement of this type and unit. Findings codes:
 * bad-limit, bad-unit, bad-pattern, out-of-range. ERR_PLAN; *at is the byte
 * offset in text and *code the finding's code. Lives in the arena. */
int limit_scan(struct limit *out, const char *text, enum value_type type, const char *unit,
	       struct arena *a, size_t *at, enum finding_code *code, struct err *err);

/* FAIL unless the value is there, of the limit's type, finite and inside.
 * *marginal is set when it passes and lies outside warn. JUDGED_UNSET for no
 * value. A pattern that costs too much is ERR_COSTLY in *cost, and not PASS. */
enum judgement limit_judge(int *marginal, const struct limit *l, const struct value *v,
			   enum err_code *cost);

const char *limit_op_word(enum limit_op op); /* ">=", "..", "one of" */
enum limit_op limit_op_find(const char *word);
int limit_judges(enum value_type type, enum limit_op op); /* does it take such a value? */
void limit_release(struct limit *l);

#endif /* STATION_PLAN_LIMIT_H */
