/* measure -- finds the row of a measurement by its name. */
#include "step/step.h"

#include <string.h>

/* "1", "2" ...: an index as step_measure_at() writes it. */
static int is_index(const char *s)
{
	size_t n = strspn(s, "0123456789");

	return n > 0 && n <= 6 && !s[n] && s[0] != '0';
}

const struct step_measure_row *step_measure_find(const struct step_driver *d, const char *name)
{
	const char *dot = strrchr(name, '.');
	size_t n = dot && is_index(dot + 1) ? (size_t)(dot - name) : 0;

	for (const struct step_measure_row *m = d->measures; m && m->name; m++) {
		if (!strcmp(m->name, name))
			return m;
		if (m->indexed && n && strlen(m->name) == n && !memcmp(m->name, name, n))
			return m;
	}
	return NULL;
}
