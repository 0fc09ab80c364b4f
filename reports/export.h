#ifndef REPORTS_EXPORT_H
#define REPORTS_EXPORT_H

#include <stdint.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/err.h"
#include "engine/run.h"
#include "store/store.h"

/*
 * export -- many runs as JSON lines or as two CSV files. Runs come one at a
 * time, so memory stays flat whatever their number.
 *
 * JSON lines: each line is the run's JSON report (reports/schema/run.schema.json).
 * CSV (RFC 4180, CR LF): runs.csv, a row a run, and measurements.csv, a row for
 * each value of each attempt. Numbers have all their digits and a decimal point.
 * A text cell that begins with = + - @ ' a tab or CR gets a ' in front, so that
 * no spreadsheet takes it for a formula: a reader strips exactly one.
 */
enum export_format { EXPORT_JSONL, EXPORT_CSV, EXPORT_END_ };
const char *export_format_word(enum export_format f);              /* "jsonl" */
int export_format_find(enum export_format *out, const char *word); /* 0, or -1 */

/* Where the runs come from: 1 with the next one, lent until the next call; 0 at
 * the end; or a negative code. */
struct export_source {
	int (*next)(const struct unit_run **run, void *payload, struct err *err);
	void *payload;
};

struct export_form {    /* zeroed: plain RFC 4180 */
	char separator; /* of CSV; 0: a comma */
	int bom;        /* a UTF-8 mark in front of CSV, for Excel */
};

struct export_sum {
	int64_t runs, measures;
	int64_t first_seq, last_seq; /* least and greatest place in the chain; 0: no run */
};

/* To streams that stay the caller's. ERR_FILE when they cannot be written, or
 * the source's code; *sum counts what was written by then. */
int export_jsonl(struct export_sum *sum, FILE *out, const struct export_source *src,
		 struct err *err);
int export_csv(struct export_sum *sum, FILE *runs, FILE *measures, const struct export_source *src,
	       const struct export_form *form, struct err *err);

/* What the export is an extract of. */
struct export_origin {
	const char *station, *installation;
	int64_t head_seq;
	const char *head_hash;
	const struct store_note *decision; /* what was decided after runs, oldest first */
	size_t decisions;
};

/* Into folder: runs.jsonl, or runs.csv and measurements.csv; decisions.jsonl or
 * decisions.csv when there are any; then export.meta.json with format, schema version, origin,
 * range of sequences, counts, and size and SHA-256 of each file. Each file is whole or the old one,
 * and the meta file comes last. */
int export_save(struct export_sum *sum, const char *folder, enum export_format format,
		const struct export_form *form, const struct export_origin *origin,
		const struct export_source *src, struct err *err);

#endif /* REPORTS_EXPORT_H */
