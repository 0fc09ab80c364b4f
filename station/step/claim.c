/* claim -- what a unit is must be its alone: the measure "unique" of the kinds that ask. */
#include "step/step.h"

#include <string.h>

int step_claim_all(struct step_ctx *ctx, const char *kind, const char *const *value, size_t n,
		   struct err *err)
{
	const char *note = NULL;
	char other[512];

	for (size_t i = 0; i < n; i++) {
		if (i && !strcmp(value[i], value[i - 1]))
			continue;
		if (step_claim(other, sizeof(other), ctx, kind, value[i], err) < 0)
			return err_wrap(err, "asking the records for %s", value[i]);
		if (*other && !note)
			note = arena_printf(step_arena(ctx), SAID("%s is also unit %s"), value[i],
					    other);
	}
	step_measure(ctx, "unique", value_bool(!note), NULL, note);
	return 0;
}
