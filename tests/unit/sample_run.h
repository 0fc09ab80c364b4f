#ifndef TESTS_UNIT_SAMPLE_RUN_H
#define TESTS_UNIT_SAMPLE_RUN_H

#include "base/sbuf.h"
#include "reports/report.h"

/*
 * sample_run -- runs made by hand, as a functional test of an MT3620 board
 * leaves them: one for each verdict of a run. The files in reports/examples
 * are made of them.
 */
enum sample {
	SAMPLE_PASS,  /* one value marginal, one step passed on its retry */
	SAMPLE_FAIL,  /* two pins shorted */
	SAMPLE_ERROR, /* throughput peer busy, twice */
	SAMPLE_ABORTED,
	SAMPLE_INTERRUPTED,
	SAMPLE_COUNT
};

extern const char *const sample_names[SAMPLE_COUNT]; /* "pass", "fail" ... */

void sample_run(struct unit_run *out, enum sample which); /* yours to run_release() */
void sample_history(struct report_history *out, struct arena *a, enum sample which);

/* The same run with this text wherever a unit, an operator or a file gave one. */
void sample_hostile(struct unit_run *out, enum sample which, const char *text);
extern const char *const sample_hostile_text[];
extern const size_t sample_hostile_texts;

/* The report of a sample, of a hostile one with text; in *out. */
void sample_report(struct sbuf *out, const char *writer, enum sample which);
void sample_report_hostile(struct sbuf *out, const char *writer, enum sample which,
			   const char *text);

/* Is the report equal to reports/examples/NAME.EXT? With STATION_GOLDEN=write in
 * the environment the file is written instead. 1 or 0. Also sample_emit()s it. */
int sample_golden(const struct report_writer *w, enum sample which, const struct sbuf *got);
/* Leave a copy in the folder $STATION_OUT for tests/run/reports.sh, if that is set. */
void sample_emit(const char *name, const char *extension, const struct sbuf *got);

#endif /* TESTS_UNIT_SAMPLE_RUN_H */
