#ifndef REPORTS_REPORT_H
#define REPORTS_REPORT_H

#include "base/err.h"
#include "base/sbuf.h"
#include "engine/run.h"

/*
 * report -- a unit's report, written from its committed record and from nothing
 * else: the same record gives the same bytes.
 *
 * Adding a writer `foo` takes three things, and `make lint` says which one is
 * missing:
 *   1. reports/report_foo.c     a const struct report_writer report_foo
 *   2. reports/report.def       one line
 *   3. tests/unit/test_report_foo.c and a golden file for each verdict
 */
struct report_history { /* other runs of the same unit, oldest first; may be empty */
	struct report_past {
		const char *run;
		int64_t started_ms;
		enum verdict verdict;
		const char *first_fail; /* or NULL */
	} * past;
	size_t count;
};

struct report_writer {
	const char *name;      /* as in `formats = NAME` and --format NAME */
	const char *extension; /* "html" */
	const char *summary;   /* one line, no final stop */
	/* Append the whole report. ERR_INTERNAL when a library fails. */
	int (*write)(struct sbuf *out, const struct unit_run *r, const struct report_history *h,
		     struct err *err);
};

extern const struct report_writer *const report_table[];
extern const size_t report_table_size;
const struct report_writer *report_find(const char *name); /* or NULL */

/* folder/YYYY-MM-DD/SERIAL_PROCESS_RUN8.EXT: UTC day of the start, serial and
 * process made safe, first 8 characters of the run's UUID. */
const char *report_path(struct arena *a, const char *folder, const struct unit_run *r,
			const struct report_writer *w);

/* Write and save, replacing an older file whole. *path (in the arena) is set in
 * any case. ERR_FILE. */
int report_save(const char **path, struct arena *a, const char *folder,
		const struct report_writer *w, const struct unit_run *r,
		const struct report_history *h, struct err *err);

#endif /* REPORTS_REPORT_H */
