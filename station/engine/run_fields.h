#ifndef STATION_ENGINE_RUN_FIELDS_H
#define STATION_ENGINE_RUN_FIELDS_H

#include <stddef.h>

/*
 * run_fields -- what a run's JSON holds: one table for each struct, in the
 * order in which the keys stand in the body. run_json.c writes by these tables
 * and run_parse.c reads by them, so that the two cannot disagree.
 *
 * The bytes of a body are hashed: with RUN_SCHEMA 1 shipped, rows are neither
 * moved, renamed nor removed. A new row makes a new schema. Until then a new row
 * is optional, so that records without it are read as they are.
 */
enum field_type {
	FIELD_TEXT,     /* const char * */
	FIELD_RAW_TEXT, /* const char *, not cleaned: its byte offsets are referred to */
	FIELD_ID,       /* char[37] */
	FIELD_INT64,    /* int64_t */
	FIELD_INT,      /* int */
	FIELD_SIZE,     /* size_t */
	FIELD_BOOL,     /* int, 0 or 1 */
	FIELD_VERDICT,  /* enum verdict, by its word; so the next ones */
	FIELD_BLAME,
	FIELD_MODE,
	FIELD_TYPE,      /* enum value_type */
	FIELD_OP,        /* enum limit_op */
	FIELD_JUDGEMENT, /* enum judgement */
	FIELD_NUM,       /* double, there when the int at `has` is not 0 */
	FIELD_VALUE,     /* of a struct measure, by its type */
};

struct field {
	const char *key; /* NULL ends a table */
	enum field_type type;
	size_t offset;
	size_t has;   /* FIELD_NUM */
	int optional; /* left out when NULL or 0, and then read as that */
};

extern const struct field run_fields[], step_fields[], attempt_fields[], measure_fields[];

/* Keys that hold the nested arrays; they stand after the fields. */
#define KEY_STEPS    "steps"
#define KEY_ATTEMPTS "attempts"
#define KEY_MEASURES "measures"

#endif /* STATION_ENGINE_RUN_FIELDS_H */
