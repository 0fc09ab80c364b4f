#ifndef STATION_BASE_FINDING_H
#define STATION_BASE_FINDING_H

#include <stddef.h>
#include <stdio.h>

#include "base/arena.h"

/*
 * finding -- what a reader of INI files has to say about them: every mistake of
 * a run, each with its place, as compilers print them. Nothing stops at the first.
 *
 * Lines and columns count from 1; columns count characters, a tab is one. The
 * code of a finding is stable: editors and CI scripts rely on it. The table of
 * codes is finding.def: code, severity, what it means.
 */
struct place {
	const char *file; /* as the user named it; lives as long as the findings */
	int line, column; /* 0: the file as a whole */
};

enum severity { SEVERITY_ERROR, SEVERITY_WARNING };

enum finding_code {
#define FINDING(code, name, severity, help) FINDING_##code,
#include "base/finding.def"
#undef FINDING
	FINDING_END_
};

struct finding {
	struct place at;
	enum finding_code code;
	const char *message; /* one line: what is, what should be; no final stop */
	size_t file_order;   /* of the file's first mention, from 0 */
};

struct findings { /* ready when zeroed */
	struct arena arena;
	struct finding *list;
	size_t count, room;
	size_t errors, warnings; /* those that are counted only included */
	size_t files;
};

/* The message is copied, and cleaned as text_clean() does. The same code at the same place with the
 * same message is kept once. at->file is copied. After 100 errors the rest is counted only, and of
 * warnings no more than 100 are kept. */
void finding_add(struct findings *f, const struct place *at, enum finding_code code,
		 const char *fmt, ...) __attribute__((format(printf, 4, 5)));

void finding_sort(struct findings *f); /* file in order of first mention, line, column */

/* "file:line:column: error: message", or one JSON object per line with file,
 * line, column, severity, code, message. Sorts first. */
void finding_print(struct findings *f, FILE *out);
void finding_print_json(struct findings *f, FILE *out);

const char *finding_name(enum finding_code code); /* "unknown-key" */
const char *finding_help(enum finding_code code);
enum severity finding_severity(enum finding_code code);

void finding_release(struct findings *f);

#endif /* STATION_BASE_FINDING_H */
