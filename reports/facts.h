#ifndef REPORTS_FACTS_H
#define REPORTS_FACTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/sbuf.h"
#include "engine/run.h"

/*
 * facts -- what every report for people says about a run, worded once: who and
 * what was tested, with what, and why it ended as it did. The writers only
 * place it. Everything comes from the record.
 */
struct fact {
	const char *label, *value; /* value is never NULL or empty */
};
enum { FACTS_MAX = 16 };
struct facts {
	struct fact row[FACTS_MAX];
	size_t count;
};

void facts_unit(struct facts *out, struct arena *a, const struct unit_run *r);
void facts_test(struct facts *out, struct arena *a, const struct unit_run *r); /* when, where */
void facts_used(struct facts *out, struct arena *a, const struct unit_run *r); /* with what */
void facts_record(struct facts *out, struct arena *a, const struct unit_run *r);

/* What decided a run that did not pass, as its first_fail says. attempt and
 * measure may be NULL; step is NULL when no step is to blame. */
struct facts_cause {
	const struct step_run *step;
	const struct attempt *attempt;
	const struct measure *measure;
};
void facts_cause(struct facts_cause *out, const struct unit_run *r);

/* One sentence each, without a final stop: why the run has its verdict; what a
 * person can do about it, or NULL. */
const char *facts_why(struct arena *a, const struct unit_run *r);
const char *facts_todo(const struct unit_run *r);

/* "PASS, marginal", "no value", "not judged": the result of one measure in words. */
const char *facts_result(const struct measure *m, const struct attempt *at);

/* How many measures from number i on are one long series (NAME.1, NAME.2 ...) that nothing
 * judges, such as the hashes of an image set: paper names them once, JSON holds them
 * all. 0: none begins at i, or it has no more than FACTS_SERIES values. base: "NAME". */
enum { FACTS_SERIES = 6 };
size_t facts_series(const char **base, struct arena *a, const struct attempt *at, size_t i);
/* The result of one attempt or of a step that has none. */
const char *facts_step_result(const struct step_run *s);

/* Why a step was skipped, in words; an unknown rule as it is. The title of a step,
 * or "" when it says no more than its name. Not escaped. */
const char *facts_skip(struct arena *a, const struct step_run *s);
const char *facts_step_title(const struct step_run *s);

const char *facts_value(struct arena *a, const struct measure *m); /* without its unit */
const char *facts_limit(struct arena *a, const struct measure *m); /* ">= 18 Mbit/s, warn >= 22" */
const char *facts_time(struct arena *a,
		       int64_t wall_ms);             /* "2026-01-05 08:00:00 UTC"; 0: "unknown" */
const char *facts_span(struct arena *a, int64_t ms); /* "850 ms", "12.3 s", "2 min 05 s" */

/* Text that is safe to print whatever it holds: what is escaped already stays
 * as it is, control, invisible and malformed bytes become \xHH. NULL or empty: "-". */
const char *facts_safe(struct arena *a, const char *text);
/* The same, cut to at most max characters; "..." ends a text that was cut. */
const char *facts_cut(struct arena *a, const char *text, size_t max);
size_t facts_width(const char *text); /* in characters */

/* The last lines of what the unit said during an attempt, at most max_lines;
 * escaped line ends are taken as such. Returns their number. */
size_t facts_console(const char *line[], size_t max_lines, struct arena *a,
		     const struct unit_run *r, const struct attempt *at);

#endif /* REPORTS_FACTS_H */
