#ifndef STATION_CLI_PROGRESS_H
#define STATION_CLI_PROGRESS_H

#include "cli/out.h"
#include "engine/event.h"
#include "store/store.h"

/*
 * progress -- what `station run` shows while it runs and the table at its end.
 * On a terminal a block of lines, one for each slot, drawn again in place; in a
 * pipe one line for each thing that happens.
 */
struct progress;

/* out: NULL: shows nothing. err: for what went wrong. Both are borrowed. */
struct progress *progress_new(struct out *out, struct out *err);
void progress_free(struct progress *p);

/* Expected times from this plan's own history; its instructions. The plan is borrowed
 * and outlives the progress. */
void progress_plan(struct progress *p, struct store *s, const struct plan *plan);

void progress_hear(struct progress *p, const struct event *e);
void progress_draw(struct progress *p);       /* when something changed or time went by */
int64_t progress_next_ns(struct progress *p); /* when to draw again; CLOCK_NEVER */
int progress_told(const struct progress *p);  /* all that was heard is on its way */
void progress_end(struct progress *p);        /* the table */

#endif /* STATION_CLI_PROGRESS_H */
