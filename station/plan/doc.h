#ifndef STATION_PLAN_DOC_H
#define STATION_PLAN_DOC_H

#include <stddef.h>

#include "base/err.h"
#include "base/sbuf.h"

/*
 * doc -- the tables of plans/README.md, printed from the rows that read plans,
 * fixtures, profiles and station.conf, so that text and program agree.
 */
struct plan_doc {
	const char *name; /* "step-keys" */
	void (*print)(struct sbuf *out);
};
extern const struct plan_doc plan_docs[]; /* ended by a row with no name */

/* One table as Markdown. 0, or -1: no such table. */
int plan_doc(struct sbuf *out, const char *name);

/* text with what stands between each "<!-- table NAME -->" and the next
 * "<!-- end -->" printed anew. ERR_PLAN: no such table, an end is missing, or a
 * table of ours stands nowhere. */
int plan_doc_update(struct sbuf *out, const char *text, struct err *err);

#endif /* STATION_PLAN_DOC_H */
