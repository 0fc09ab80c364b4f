#ifndef STATION_CLI_TYPED_H
#define STATION_CLI_TYPED_H

#include "base/arena.h"
#include "floor/label.h"
#include "plan/plan.h"
#include "store/store.h"

/*
 * typed -- which unit a command line means: by its serial, or by its label.
 *
 * A decision must not reach another unit than the one that was named. Nothing tells there
 * whether a person or a scanner typed, so the text is judged by itself:
 *
 *   a scanner's mark is in it: prefix, suffix, AIM    a label, read as the plan reads labels
 *   identifier, FNC1; or brackets, "(21)12"
 *   it cannot be read as a label of another serial    a serial, never taken apart
 *   it can ("2112": (21)12), it is in the record      a serial
 *   and the other is not
 *
 * Whatever else it may be is refused, and both units are named.
 */
struct typed {
	const char *text;
	const struct plan_card *card; /* of the plan that the unit is tested by */
	const struct label_rules *rules;
	struct store *store;
};

/* *serial: as the label has it, in the arena. ERR_USAGE: which unit is not clear, or it is no
 * serial of this plan. */
int typed_unit(const char **serial, struct arena *a, const struct typed *t, struct err *err);

#endif /* STATION_CLI_TYPED_H */
